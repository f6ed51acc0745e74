//! Bindings of the memory sampler: what JavaScript asks for now and then. Each second's figures go through shared memory.
//!
//! Unsafe, once: the words of a board are memory of a JavaScript `SharedArrayBuffer` that the keeper thread reads and
//! writes. Invariant: they outlive every access, because [`MemoryWatch`] holds a strong reference to the array, and the
//! keeper's task ends (which waits for a run under way) before that reference does: in `stop`, in the drop, or in the
//! environment's cleanup hook. Where none of them runs (`process.exit`, a fatal error), no memory of the isolate is
//! freed before the process has ended.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{Float64Array, retain_current_module_for_unload_safety};
use napi_derive::napi;
use parking_lot::Mutex;

use super::isolates;
use crate::ErrorCode;
use crate::keeper::{Keeper, Registration};
use crate::memory::Sampler;
use crate::memory::board::{self, WORDS};
use crate::memory::process::{Shared, source};
use crate::memory::recorder::{EndReason, Marks, NoteKind, Recorder, RecorderOptions, StartFacts};
use crate::memory::rings::{Bucket, Signal};
use crate::memory::sample::Process;
use crate::memory::verdict::{Slope, Trend, Verdict};
use crate::time::now_ms;

/// Between two looks.
const PACE: Duration = Duration::from_secs(1);
/// Figures of the process that are no older serve all its isolates.
const FRESH: Duration = Duration::from_millis(500);

static PROCESS: LazyLock<Mutex<Shared>> = LazyLock::new(|| Mutex::new(Shared::new(source())));

fn process() -> Process {
    PROCESS.lock().read(FRESH)
}

struct Board(*const [AtomicU64; WORDS]);

// SAFETY: the pointer is only used for atomic accesses, and is valid until the task that owns it has been dropped (see
// the invariant at the top of this file).
unsafe impl Send for Board {}

impl Board {
    fn words(&self) -> &[AtomicU64; WORDS] {
        // SAFETY: valid for as long as `self` lives, by the same invariant; aligned because it is the start of a
        // `Float64Array`.
        unsafe { &*self.0 }
    }
}

/// The part that the cleanup hook has to reach.
#[derive(Debug)]
struct Watch {
    sampler: Arc<Mutex<Sampler>>,
    registration: Mutex<Option<Registration>>,
    /// How the end is marked in the black box, until it was.
    marks: Mutex<Option<Arc<Marks>>>,
}

impl Watch {
    /// Ends the looks: when this returns, the board's memory may be freed.
    fn stop(&self) {
        isolates::leave(&self.sampler);
        let registration = self.registration.lock().take();
        drop(registration);
        if let Some(marks) = self.marks.lock().take() {
            marks.end(&EndReason::Stopped);
        }
        self.sampler.lock().recorder = None;
    }
}

thread_local! {
    /// The samplers of this thread's environment, where it has its cleanup hook: one for all, since hooks are not freed
    /// before the environment is.
    static WATCHES: RefCell<Option<Vec<Weak<Watch>>>> = const { RefCell::new(None) };
}

/// Has `watch` stopped when the environment of this thread ends.
fn stop_with_environment(env: Env, watch: &Arc<Watch>) -> napi::Result<()> {
    let hooked = WATCHES.with_borrow(Option::is_some);
    if !hooked {
        env.add_env_cleanup_hook((), |()| {
            for watch in WATCHES.take().into_iter().flatten() {
                if let Some(watch) = watch.upgrade() {
                    watch.stop();
                }
            }
        })?;
    }
    WATCHES.with_borrow_mut(|watches| {
        let watches = watches.get_or_insert_default();
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Arc::downgrade(watch));
    });
    Ok(())
}

/// The sampler of one isolate.
#[napi]
pub struct MemoryWatch {
    // Dropped in this order: first the task, then the memory that it reads.
    watch: Arc<Watch>,
    _memory: Float64Array,
}

impl std::fmt::Debug for MemoryWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryWatch").field("watch", &self.watch).finish_non_exhaustive()
    }
}

#[napi]
impl MemoryWatch {
    /// `memory` must be a `Float64Array` over a `SharedArrayBuffer`, of at least [`WORDS`] elements; `thread` is Node's
    /// number of the thread.
    #[napi(constructor)]
    pub fn new(env: Env, mut memory: Float64Array, exact: bool, thread: u32) -> napi::Result<Self> {
        // The keeper thread runs this addon's code for as long as the process lives.
        retain_current_module_for_unload_safety();
        if memory.len() < WORDS {
            return Err(napi::Error::from_reason(format!("a board has {WORDS} words")));
        }
        // SAFETY: nobody else has the array in this call, and the slice is gone at the end of this line.
        let board = Board(unsafe { memory.as_mut() }.as_mut_ptr().cast::<[AtomicU64; WORDS]>());
        let sampler = Arc::new(Mutex::new(Sampler::new(exact)));
        isolates::join(thread, &sampler);
        let shared = Arc::clone(&sampler);
        let registration = Keeper::global().register(move || {
            let words = board.words();
            let figures = process();
            let mut sampler = shared.lock();
            sampler.look(now_ms(), board::read(words), figures);
            board::publish(words, sampler.told(), (figures.cgroup_limit, figures.cgroup_used));
            Some(PACE)
        });
        if let Some(registration) = &registration {
            registration.wake();
        }
        let watch =
            Arc::new(Watch { sampler, registration: Mutex::new(registration), marks: Mutex::new(None) });
        stop_with_environment(env, &watch)?;
        Ok(Self { watch, _memory: memory })
    }

    /// Ends the looks. What was seen can still be asked for.
    #[napi]
    pub fn stop(&self) {
        self.watch.stop();
    }

    /// Begins to record into a new file of `bytes` in `folder`, and returns its path.
    #[napi]
    pub fn record(
        &self,
        folder: String,
        bytes: f64,
        facts: RecorderFacts,
    ) -> napi::Result<String, ErrorCode> {
        let facts = StartFacts {
            thread: facts.thread,
            name: facts.name,
            node_version: facts.node_version,
            script: facts.script,
            heap_limit: facts.heap_limit,
            ..StartFacts::of_process()
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked by the shell")]
        let bytes = bytes as u64;
        let options = RecorderOptions { bytes, signals: true, ..RecorderOptions::default() };
        let recorder = Recorder::create_with(Path::new(&folder), &options, &facts)?;
        let path = recorder.path().to_string_lossy().into_owned();
        *self.watch.marks.lock() = Some(recorder.marks());
        self.watch.sampler.lock().recorder = Some(recorder);
        Ok(path)
    }

    /// Writes a note into the black box: `kind` is the number of a [`NoteKind`].
    #[napi]
    pub fn note(&self, kind: u32, text: String) {
        let kind = NoteKind::ALL.get(kind as usize).copied().unwrap_or(NoteKind::Info);
        if let Some(recorder) = &mut self.watch.sampler.lock().recorder {
            recorder.write_note(kind, &text);
        }
    }

    /// Notes in the black box that the process exits with `code`.
    #[napi]
    pub fn exits(&self, code: i32) {
        if let Some(marks) = self.watch.marks.lock().take() {
            marks.end(&EndReason::Exit { code });
        }
    }

    /// Notes in the black box that nobody caught an error.
    #[napi]
    pub fn uncaught(&self, message: String) {
        if let Some(marks) = &*self.watch.marks.lock() {
            marks.end(&EndReason::Uncaught { message });
        }
    }

    /// The newest sample, or null before the first.
    #[napi]
    #[must_use]
    pub fn sample(&self) -> Option<NativeSample> {
        NativeSample::newest(&self.watch.sampler.lock())
    }

    /// The verdict that is told.
    #[napi]
    #[must_use]
    pub fn verdict(&self) -> NativeVerdict {
        let sampler = self.watch.sampler.lock();
        NativeVerdict::from(sampler.verdict())
    }

    /// The history of the last `seconds`, oldest first, in rows of [`COLUMNS`] numbers: the end of the bucket, the
    /// seconds it spans, its requests, and lowest, highest and newest value of each signal, `NaN` for none.
    #[napi]
    #[must_use]
    pub fn history(&self, seconds: f64, resolution: f64) -> Float64Array {
        let buckets = self.watch.sampler.lock().rings().last(seconds, resolution);
        let rows: Vec<f64> = buckets.iter().flat_map(row).collect();
        Float64Array::new(rows)
    }
}

/// What only JavaScript knows of a black box's process.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
pub struct RecorderFacts {
    /// The thread's number, 0 for the main one.
    pub thread: u32,
    /// Its name or role.
    pub name: String,
    /// As in `process.version`.
    pub node_version: String,
    /// As in `process.argv[1]`.
    pub script: String,
    /// Where V8 gives up, in bytes.
    pub heap_limit: f64,
}

/// Numbers per row of a history.
pub const COLUMNS: usize = 3 + 3 * SHOWN.len();

/// What a row shows, in this order. `lib/memory/read.ts` knows it too.
const SHOWN: [Signal; 9] = [
    Signal::Floor,
    Signal::Used,
    Signal::External,
    Signal::Malloc,
    Signal::Rss,
    Signal::Descriptors,
    Signal::Handles,
    Signal::LoopDelay,
    Signal::GcShare,
];

fn row(bucket: &Bucket) -> [f64; COLUMNS] {
    let mut row = [0.0; COLUMNS];
    row[..3].copy_from_slice(&[bucket.at, f64::from(bucket.samples), f64::from(bucket.requests)]);
    for (place, signal) in row[3..].chunks_exact_mut(3).zip(SHOWN) {
        let seen = bucket.get(signal);
        place.copy_from_slice(&[f64::from(seen.min), f64::from(seen.max), f64::from(seen.last)]);
    }
    row
}

/// [`crate::memory::sample::Sample`] for JavaScript, which gives it its public shape.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeSample {
    pub at: f64,
    pub floor: f64,
    pub heap_used: f64,
    pub heap_committed: f64,
    pub heap_limit: f64,
    pub external: f64,
    pub array_buffers: f64,
    pub external_floor: f64,
    pub native: f64,
    pub malloc_used: f64,
    pub rss: f64,
    pub anonymous: f64,
    pub cpu: f64,
    pub descriptors: f64,
    pub minor_faults: f64,
    pub major_faults: f64,
    pub cgroup_limit: f64,
    pub cgroup_used: f64,
    pub cgroup_max_events: f64,
    pub cgroup_oom_kills: f64,
    pub major: f64,
    pub minor: f64,
    pub major_ms: f64,
    pub minor_ms: f64,
    pub gc_share: f64,
    pub loop_delay: f64,
    pub loop_utilization: f64,
    pub requests: f64,
    pub request_rate: f64,
    pub handles: f64,
    pub timers: f64,
    pub cache_bytes: f64,
    pub cache_entries: f64,
}

impl NativeSample {
    /// The newest sample, where there is one.
    pub(super) fn newest(sampler: &Sampler) -> Option<Self> {
        let sample = sampler.newest()?;
        let (gc_share, request_rate) = sampler.pace();
        let (isolate, process) = (sample.isolate, sample.process);
        Some(Self {
            at: sample.at,
            floor: isolate.floor,
            heap_used: isolate.heap_used,
            heap_committed: isolate.heap_committed,
            heap_limit: isolate.heap_limit,
            external: isolate.external,
            array_buffers: isolate.array_buffers,
            external_floor: isolate.floor_external,
            native: (process.anonymous - sample.all_isolates).max(0.0),
            malloc_used: process.malloc_used,
            rss: process.rss,
            anonymous: process.anonymous,
            cpu: process.cpu,
            descriptors: process.descriptors,
            minor_faults: process.minor_faults,
            major_faults: process.major_faults,
            cgroup_limit: process.cgroup_limit,
            cgroup_used: process.cgroup_used,
            cgroup_max_events: process.cgroup_max_events,
            cgroup_oom_kills: process.cgroup_oom_kills,
            major: isolate.major,
            minor: isolate.minor,
            major_ms: isolate.major_ms,
            minor_ms: isolate.minor_ms,
            gc_share,
            loop_delay: isolate.loop_delay,
            loop_utilization: isolate.loop_utilization,
            requests: isolate.requests,
            request_rate,
            handles: isolate.handles,
            timers: isolate.timers,
            cache_bytes: isolate.cache_bytes,
            cache_entries: isolate.cache_entries,
        })
    }
}

/// [`Slope`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeSlope {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl From<Slope> for NativeSlope {
    fn from(Slope { value, low, high }: Slope) -> Self {
        Self { value, low, high }
    }
}

/// [`Trend`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeTrend {
    pub place: &'static str,
    pub growing: bool,
    pub from: f64,
    pub to: f64,
    pub seconds: f64,
    pub points: u32,
    pub per_second: NativeSlope,
    pub per_request: Option<NativeSlope>,
    pub p: f64,
    pub decay: f64,
}

impl From<&Trend> for NativeTrend {
    fn from(trend: &Trend) -> Self {
        Self {
            place: trend.place.as_str(),
            growing: trend.growing,
            from: trend.from,
            to: trend.to,
            seconds: trend.seconds,
            points: trend.points,
            per_second: trend.per_second.into(),
            per_request: trend.per_request.map(Into::into),
            p: trend.p,
            decay: trend.decay,
        }
    }
}

/// [`Verdict`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeVerdict {
    pub verdict: &'static str,
    pub place: Option<&'static str>,
    pub since: f64,
    pub onset: Option<f64>,
    pub confidence: f64,
    pub per_second: Option<NativeSlope>,
    pub per_request: Option<NativeSlope>,
    pub seconds_to_heap_limit: Option<f64>,
    pub seconds_to_cgroup_limit: Option<f64>,
    pub evidence: String,
    pub next: String,
    pub trends: Vec<NativeTrend>,
}

impl From<&Verdict> for NativeVerdict {
    fn from(verdict: &Verdict) -> Self {
        let trend = verdict.trend();
        Self {
            verdict: verdict.kind.as_str(),
            place: verdict.place.map(crate::memory::verdict::Place::as_str),
            since: verdict.since,
            onset: verdict.onset,
            confidence: verdict.confidence,
            per_second: trend.map(|trend| trend.per_second.into()),
            per_request: trend.and_then(|trend| trend.per_request).map(Into::into),
            seconds_to_heap_limit: verdict.seconds_to_heap_limit,
            seconds_to_cgroup_limit: verdict.seconds_to_cgroup_limit,
            evidence: verdict.evidence.clone(),
            next: verdict.next.clone(),
            trends: verdict.trends.iter().map(Into::into).collect(),
        }
    }
}

/// Asks V8 for a major collection in its own time: says that `bytes` of external memory came, and went.
///
/// V8 answers growth of external memory beyond a limit (64 MiB since the last collection) by starting to mark, little by
/// little and on other threads. More than half of the heap limit would be answered by a collection at once.
#[napi]
pub fn ask_for_collection(env: Env, bytes: f64) -> napi::Result<()> {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let bytes = bytes as i64;
    env.adjust_external_memory(bytes)?;
    env.adjust_external_memory(-bytes)?;
    Ok(())
}
