//! Bindings of the memory sampler: what JavaScript asks for now and then. Each second's figures go through shared memory.
//!
//! Unsafe, once: the words of a board are memory of a JavaScript `SharedArrayBuffer` that the keeper thread reads and
//! writes. Invariant: they outlive every access, because [`MemoryWatch`] holds a strong reference to the array, and the
//! keeper's task ends (which waits for a run under way) before that reference does: in `stop`, in the drop, or in the
//! environment's cleanup hook. Where none of them runs (`process.exit`, a fatal error), no memory of the isolate is
//! freed before the process has ended.

#![expect(clippy::needless_pass_by_value, reason = "Node-API hands strings over")]

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
use super::memory_shapes::{NativeSample, NativeVerdict, RecorderFacts, row};
use crate::ErrorCode;
use crate::keeper::{Keeper, Registration};
use crate::memory::Sampler;
use crate::memory::board::{self, WORDS};
use crate::memory::process::{Shared, source};
use crate::memory::recorder::{EndReason, Marks, NoteKind, Recorder, RecorderOptions, StartFacts};
use crate::memory::sample::Process;
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
        let mut recorder = Recorder::create_with(Path::new(&folder), &options, &facts)?;
        let path = recorder.path().to_string_lossy().into_owned();
        *self.watch.marks.lock() = Some(recorder.marks());
        let mut sampler = self.watch.sampler.lock();
        // A program that dies within a second has a sample too.
        if let Some(sample) = sampler.newest() {
            recorder.write_sample(sample);
        }
        sampler.recorder = Some(recorder);
        drop(sampler);
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

    /// The history of the last `seconds`, oldest first, in rows of numbers: the end of the bucket, the
    /// seconds it spans, its requests, and lowest, highest and newest value of each signal, `NaN` for none.
    #[napi]
    #[must_use]
    pub fn history(&self, seconds: f64, resolution: f64) -> Float64Array {
        let buckets = self.watch.sampler.lock().rings().last(seconds, resolution);
        let rows: Vec<f64> = buckets.iter().flat_map(row).collect();
        Float64Array::new(rows)
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
