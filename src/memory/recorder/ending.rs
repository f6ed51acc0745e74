//! How a process ended, from what its black box holds and what the system still knows.
//!
//! What the process said itself counts most (an exit code), then what its signal handlers saw, then what can be inferred: a
//! process that left no trace was killed by SIGKILL or with its machine, and the limits it was near say why. See "How it
//! ended" in `docs/design/recorder.md`.

use std::path::Path;

use super::facts::StartFacts;
use super::reader::Recording;
use super::signals::name;
use super::state::{MarkedEnd, State};
use super::system;
use crate::memory::sample::Sample;
use crate::memory::words::{bytes, duration};

/// How a process or isolate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It did not.
    Running,
    /// It exited, with this code.
    Exit(i32),
    /// Nobody caught an error; it exited with this code.
    Uncaught(i32),
    /// The recorder was stopped or its worker ended; the process went on.
    Stopped,
    /// A signal ended it, by its number.
    Signal(u8),
    /// V8 found no room in its heap.
    HeapLimit,
    /// The memory limit of its control group.
    CgroupLimit,
    /// The limit of its address space.
    AddressLimit,
    /// The machine was restarted.
    MachineRestarted,
    /// It left no trace: SIGKILL, or the machine lost power.
    Killed,
    /// Signals were not watched, so that any could have ended it.
    Unknown,
}

impl Ending {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Exit(_) => "exit",
            Self::Uncaught(_) => "uncaught-error",
            Self::Stopped => "stopped",
            Self::Signal(_) => "signal",
            Self::HeapLimit => "heap-limit",
            Self::CgroupLimit => "cgroup-limit",
            Self::AddressLimit => "address-space-limit",
            Self::MachineRestarted => "machine-restarted",
            Self::Killed => "killed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it ended as it was meant to, or has not ended.
    #[must_use]
    pub const fn is_clean(self) -> bool {
        matches!(self, Self::Running | Self::Exit(0) | Self::Stopped)
    }
}

/// How it ended, and why that is thought.
#[derive(Debug, Clone, PartialEq)]
pub struct Death {
    /// How.
    pub ending: Ending,
    /// When, in milliseconds since the Unix epoch: to the millisecond where the process could note it, otherwise the last
    /// sign of life.
    pub at: u64,
    /// Whether it was inferred from how much memory was used, rather than noted.
    pub inferred: bool,
    /// One sentence.
    pub why: String,
}

/// The samples that tell of the end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LastSamples {
    /// The newest one.
    pub last: Option<Sample>,
    /// The one before it.
    before: Option<Sample>,
    /// The newest one at which JavaScript had published something new: later ones show old figures of the isolate.
    pub published: Option<Sample>,
    /// The one of those before it.
    published_before: Option<Sample>,
    /// Resident memory that was neither heap nor buffers, at its lowest in the last minute or two. What JavaScript
    /// published is up to a second older than the rest of a sample; in a heap that fills fast it is too little.
    other: Minimum,
}

/// The lowest value of the last [`Minimum::SPAN`] to twice as many.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Minimum {
    now: Option<f64>,
    before: Option<f64>,
    count: u32,
}

impl Minimum {
    const SPAN: u32 = 60;

    fn add(&mut self, value: f64) {
        if self.count == Self::SPAN {
            *self = Self { now: None, before: self.now, count: 0 };
        }
        self.count += 1;
        self.now = Some(self.now.map_or(value, |now| now.min(value)));
    }

    fn get(&self) -> Option<f64> {
        [self.now, self.before].into_iter().flatten().reduce(f64::min)
    }
}

impl LastSamples {
    /// Takes the next sample.
    pub fn add(&mut self, sample: &Sample) {
        if self.last.is_none_or(|last| last.isolate.turn < sample.isolate.turn) {
            self.published_before = self.published.replace(*sample);
        }
        self.before = self.last.replace(*sample);
        self.other.add(sample.process.rss - sample.isolate.heap_committed - sample.isolate.external);
    }
}

impl LastSamples {
    /// Bytes per second by which the heap grew between the two newest samples that JavaScript published.
    fn pace(&self) -> f64 {
        let (Some(now), Some(then)) = (self.published, self.published_before) else { return 0.0 };
        let kept = |sample: &Sample| sample.isolate.heap_used.max(sample.isolate.floor);
        (kept(&now) - kept(&then)).max(0.0) / ((now.at - then.at) / 1000.0).max(0.5)
    }
}

/// How long a heap may have grown unseen at most.
const UNSEEN_SECONDS: f64 = 3.0;
/// A sign of life this long before the end belongs to it.
const AT_ONCE_MS: u64 = 5_000;
/// From this share of a limit on a process is near it.
const NEAR: f64 = 0.85;
/// As for heaps, whose newest known use is up to a second old, and of which V8 cannot use the last part: pages that are
/// not full.
const NEAR_IN_HEAP: f64 = 0.7;
/// Signals by which a process gives up itself: `abort`, and the instructions that V8 stops with.
const ABORTS: [u8; 3] = [6, 5, 4];

/// Says how the process ended.
#[must_use]
pub fn ending(recording: &Recording, samples: &LastSamples) -> Death {
    let Recording { facts, state, .. } = recording;
    let seen = |ending, inferred, why: String| Death { ending, at: last_sign(state, facts), inferred, why };
    if let Some(MarkedEnd::Stopped { at }) = state.end {
        // V8 ends a worker that has filled its heap, not the process.
        if let Some(why) = heap_was_full(facts, state, samples, at).filter(|_| facts.thread != 0) {
            let why = format!("{why}: V8 seems to have ended the worker.");
            return Death { ending: Ending::HeapLimit, at, inferred: true, why };
        }
        let why = "Its recorder was stopped, or its worker ended, while the process went on.".into();
        return Death { ending: Ending::Stopped, at, inferred: false, why };
    }
    if recording.written {
        return seen(Ending::Running, false, "The process is running.".into());
    }
    let signal = state.ending_signal;
    if let Some(MarkedEnd::Exit { at, code }) = state.end
        && signal.is_none_or(|signal| signal.at < at)
    {
        return exited(facts, state, samples, at, code);
    }
    if let Some(signal) = signal {
        let (ending, why) = by_signal(signal.signal, facts, state, samples);
        let inferred = !matches!(ending, Ending::Signal(_));
        return Death { ending, at: signal.at, inferred, why };
    }
    if !facts.boot.is_empty() && facts.hostname == system::hostname() && facts.boot != system::boot() {
        return seen(Ending::MachineRestarted, true, "The machine was restarted while it ran.".into());
    }
    let (ending, inferred, why) = without_trace(facts, state, samples);
    seen(ending, inferred, why)
}

/// The last moment the process is known to have lived.
fn last_sign(state: &State, facts: &StartFacts) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let started = facts.started as u64;
    state.heartbeat.max(started)
}

fn exited(facts: &StartFacts, state: &State, samples: &LastSamples, at: u64, code: i32) -> Death {
    let thrown = state.thrown.as_ref().filter(|(when, _)| code != 0 && at.saturating_sub(*when) < AT_ONCE_MS);
    let (ending, why) = match thrown {
        Some((_, message)) => {
            let memory =
                near_address_limit(facts, state, samples).map_or_else(String::new, |why| format!(" {why}."));
            let first = first_line(message);
            let why = format!("Nobody caught an error: {first}. It exited with code {code}.{memory}");
            (Ending::Uncaught(code), why)
        }
        None => (Ending::Exit(code), format!("It exited by itself with code {code}.")),
    };
    Death { ending, at, inferred: false, why }
}

/// What the error says, without the stack.
fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

fn by_signal(signal: u8, facts: &StartFacts, state: &State, samples: &LastSamples) -> (Ending, String) {
    let name = name(signal);
    let aborted = ABORTS.contains(&signal);
    if let Some(why) =
        near_address_limit(facts, state, samples).filter(|_| aborted || matches!(signal, 7 | 10 | 11))
    {
        return (Ending::AddressLimit, format!("{why}, and ended by {name}."));
    }
    if let Some(why) = heap_was_full(facts, state, samples, 0).filter(|_| aborted) {
        return (Ending::HeapLimit, format!("{why}: V8 gave up and aborted ({name})."));
    }
    let what = match signal {
        _ if aborted => "It aborted: a fatal error of V8, of Node or of a native add-on",
        7 | 8 | 10 | 11 => "It crashed in native code",
        _ => "It was told to end, and had no handler that did",
    };
    let thrown = state.thrown.as_ref().map_or_else(String::new, |(_, message)| {
        format!(" Nobody had caught an error before: {}.", first_line(message))
    });
    (Ending::Signal(signal), format!("{what} ({name}).{thrown}"))
}

fn without_trace(facts: &StartFacts, state: &State, samples: &LastSamples) -> (Ending, bool, String) {
    if let Some((certain, why)) = cgroup_was_full(facts, samples) {
        return (Ending::CgroupLimit, !certain, why);
    }
    if let Some(why) = near_address_limit(facts, state, samples) {
        return (Ending::AddressLimit, true, format!("{why}, and ended without a trace."));
    }
    if state.watched_signals == 0 {
        if let Some(why) = heap_was_full(facts, state, samples, 0) {
            return (
                Ending::HeapLimit,
                true,
                format!("{why}; signals were not watched, so this is a guess."),
            );
        }
        let why = "It left no trace, and signals were not watched: any could have ended it.".into();
        return (Ending::Unknown, true, why);
    }
    let mut why =
        "It was killed by SIGKILL, or the machine lost power: nothing else ends a process without a trace."
            .to_owned();
    let asked =
        state.seen_signals.iter().filter(|seen| matches!(seen.signal, 1 | 2 | 15)).max_by_key(|seen| seen.at);
    if let Some(asked) = asked {
        let seconds = state.heartbeat.saturating_sub(asked.at) as f64 / 1000.0;
        let name = name(asked.signal);
        why =
            format!("{why} {} before its last sample it had been asked to end ({name}).", duration(seconds));
    }
    if facts.boot == system::boot()
        && system::machine_oom_kills().is_some_and(|kills| kills > facts.machine_oom_kills)
    {
        why.push_str(" Since it started, this machine's kernel has killed a process for want of memory: it may have been this one.");
    }
    (Ending::Killed, true, why)
}

/// Whether the control group was the reason, whether that is certain, and why.
fn cgroup_was_full(facts: &StartFacts, samples: &LastSamples) -> Option<(bool, String)> {
    let process = samples.last?.process;
    let before = process.cgroup_oom_kills.max(facts.cgroup_oom_kills);
    let limit = if process.cgroup_limit > 0.0 { process.cgroup_limit } else { facts.cgroup_limit };
    if limit <= 0.0 {
        return None;
    }
    let used = format!("{} of {}", bytes(process.cgroup_used), bytes(limit));
    // The group may be gone, and another be in its place.
    let folder = Path::new(&facts.cgroup);
    let same = facts.boot == system::boot() && system::file_id(folder) == Some(facts.cgroup_id);
    let kills = same.then(|| system::oom_kills(folder)).flatten();
    if kills.is_some_and(|kills| kills > before) {
        let why = format!(
            "The kernel has killed a process of its control group for want of memory since its last sample, which used {used}."
        );
        return Some((true, why));
    }
    // A group that says it killed nobody did not kill this one.
    let grown = samples.before.map_or(0.0, |before| process.cgroup_used - before.process.cgroup_used);
    let near = process.cgroup_used + grown.max(0.0) >= NEAR * limit && kills.is_none();
    near.then(|| (false, format!("It was killed without a trace when its control group used {used}.")))
}

fn near_address_limit(facts: &StartFacts, state: &State, samples: &LastSamples) -> Option<String> {
    let last = samples.last.map_or(0.0, |sample| sample.process.virtual_bytes);
    let used = last.max(state.virtual_at_abort as f64);
    (facts.address_limit > 0.0 && used >= NEAR * facts.address_limit).then(|| {
        format!(
            "It used {} of the {} that its address space may have (ulimit -v)",
            bytes(used),
            bytes(facts.address_limit)
        )
    })
}

/// Whether the heap was near its limit, and why that is thought.
///
/// `at` is when the isolate ended, where that is known, else 0: a heap that grew fast went on growing until then.
fn heap_was_full(facts: &StartFacts, state: &State, samples: &LastSamples, at: u64) -> Option<String> {
    let published = samples.published?;
    let limit =
        if published.isolate.heap_limit > 0.0 { published.isolate.heap_limit } else { facts.heap_limit };
    if limit <= 0.0 {
        return None;
    }
    // The limit that V8 tells includes the young generation; the old one fails before.
    let (young, old) = (published.isolate.heap_young, published.isolate.room());
    let known = published.isolate.heap_used.max(published.isolate.floor);
    // JavaScript does not get to publish while the heap fills in one go: then what the process grew by is heap.
    let other = samples.other.get().unwrap_or(f64::INFINITY) + published.isolate.external;
    // What JavaScript published is up to a second older than the sample.
    let since =
        if at == 0 { 0.0 } else { ((at as f64 - published.at) / 1000.0 + 1.0).clamp(0.0, UNSEEN_SECONDS) };
    let used = (known + samples.pace() * since).max(state.rss_at_abort as f64 - other);
    (used >= NEAR_IN_HEAP * old).then(|| {
        let (used, limit, young) = (bytes(used), bytes(limit), bytes(young));
        format!(
            "Its heap was at some {used}; the limit is {limit}, of which {young} are for young objects only"
        )
    })
}
