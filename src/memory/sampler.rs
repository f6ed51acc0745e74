//! One isolate's sampler: each look goes into the rings and the black box, and now and then a verdict is made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

use super::judge::{Now, judge, long_trends};
use super::mood::{Level, Mood};
use super::recorder::Recorder;
use super::rings::{Rings, SIGNALS, Signal, Values};
use super::sample::{Isolate, Process, Sample};
use super::verdict::{Trend, Verdict};

/// A verdict is made at every so-manieth look.
const JUDGE_EVERY: u64 = 5;
/// The trends of hours are judged so much more rarely.
const LONG_EVERY: u64 = 60;
/// Milliseconds between two looks.
const PACE: f64 = 1000.0;
/// The verdict is recorded when it changes, and at every so-manieth look, since its numbers do.
const RECORD_EVERY: u64 = 60;
/// Where collections are not told of, this many looks stand for the time between two.
const INEXACT_LOOKS: u32 = 10;

/// What the isolates of a process hold, each: heap and external memory.
type AllHeld = Arc<Mutex<Vec<Held>>>;

/// Those of this process.
static HELD: LazyLock<AllHeld> = LazyLock::new(AllHeld::default);

#[derive(Debug, Clone, Copy)]
struct Held {
    id: u64,
    heap: f64,
    external: f64,
}

/// The lowest value of a signal between two major collections. What objects of the heap keep outside it goes with
/// them, some of it a little later: until there was a collection, growth says nothing.
#[derive(Debug, Clone, Copy)]
struct Lowest {
    value: f64,
    looks: u32,
}

impl Default for Lowest {
    fn default() -> Self {
        Self { value: f64::NAN, looks: 0 }
    }
}

impl Lowest {
    /// Takes a value seen before the end of this interval, if there is one; at its end, tells the lowest.
    fn take(&mut self, value: f64, ends: bool) -> f64 {
        self.value = self.value.min(value);
        self.looks += 1;
        if ends { std::mem::take(self).value } else { f64::NAN }
    }
}

/// Looks of one isolate, in order.
#[derive(Debug)]
pub struct Sampler {
    id: u64,
    all_held: AllHeld,
    rings: Rings,
    mood: Mood,
    /// The trends of hours, as they were judged last.
    long: Vec<Trend>,
    started: f64,
    newest: Option<Sample>,
    looks: u64,
    told: u32,
    /// When JavaScript was last seen to have published; milliseconds.
    fresh: f64,
    external: Lowest,
    malloc: Lowest,
    unexplained: Lowest,
    exact: bool,
    /// The black box, where there is one: every sample goes into it, and every verdict that is told.
    pub recorder: Option<Recorder>,
}

impl Sampler {
    /// A sampler that has not looked yet. `exact` says whether floors are those of collections; otherwise they are the
    /// lowest use of the heap.
    #[must_use]
    pub fn new(exact: bool) -> Self {
        Self::beside(Arc::clone(&HELD), exact)
    }

    /// The sampler of the only isolate of a simulated process: others that run at the same time are no part of it.
    #[must_use]
    pub fn simulated(exact: bool) -> Self {
        Self::beside(AllHeld::default(), exact)
    }

    fn beside(all_held: AllHeld, exact: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        all_held.lock().push(Held { id, heap: 0.0, external: 0.0 });
        Self {
            id,
            all_held,
            rings: Rings::default(),
            mood: Mood::default(),
            long: Vec::new(),
            started: 0.0,
            newest: None,
            looks: 0,
            told: 0,
            fresh: f64::INFINITY,
            external: Lowest::default(),
            malloc: Lowest::default(),
            unexplained: Lowest::default(),
            exact,
            recorder: None,
        }
    }

    /// Takes a look made `at` (milliseconds, never going back). Returns whether what is told has changed.
    pub fn look(&mut self, at: f64, isolate: Isolate, process: Process) -> bool {
        let (heaps, externals) = self.hold(&isolate);
        let sample = Sample { at, isolate, process, all_isolates: heaps + externals };
        if let Some(recorder) = &mut self.recorder {
            recorder.write_sample(&sample);
        }
        let before = self.newest.replace(sample);
        let Some(before) = before else {
            self.started = at;
            return false;
        };
        let requests = (isolate.requests - before.isolate.requests).max(0.0);
        let values = self.values(&sample, &before, heaps, externals);
        #[expect(clippy::cast_possible_truncation, reason = "24 bits are plenty to compare by")]
        let requests = requests as f32;
        self.rings.add(at, requests, &values);
        self.looks += 1;
        if !self.looks.is_multiple_of(JUDGE_EVERY) {
            return false;
        }
        let now = self.now(&sample);
        if self.looks.is_multiple_of(LONG_EVERY) {
            self.long = long_trends(&self.rings, &now);
        }
        let verdict = judge(&self.rings, &now, &self.long);
        let rings = &self.rings;
        let changed = self.mood.take(verdict, at, |trend| level(rings, trend.signal));
        self.told = self.told.wrapping_add(u32::from(changed));
        if let Some(recorder) = &mut self.recorder
            && (changed || self.looks.is_multiple_of(RECORD_EVERY))
        {
            recorder.write_verdict(self.mood.told());
        }
        changed
    }

    fn now(&self, sample: &Sample) -> Now {
        Now {
            started: self.started,
            at: sample.at,
            heap_room: sample.isolate.room(),
            cgroup_limit: sample.process.cgroup_limit,
            cgroup_used: sample.process.cgroup_used,
            cache_filling: sample.isolate.cache_filling > 0.0,
            exact: self.exact,
        }
    }

    /// Notes what this isolate holds, and returns what all of them do: heaps and external memory.
    fn hold(&self, isolate: &Isolate) -> (f64, f64) {
        let mut held = self.all_held.lock();
        if let Some(own) = held.iter_mut().find(|held| held.id == self.id) {
            own.heap = isolate.heap_committed;
            own.external = isolate.external;
        }
        held.iter().fold((0.0, 0.0), |(heap, external), held| (heap + held.heap, external + held.external))
    }

    fn values(&mut self, sample: &Sample, before: &Sample, heaps: f64, externals: f64) -> Values {
        const NONE: f64 = f64::NAN;
        let Sample { isolate, process, .. } = sample;
        // A blocked event loop publishes nothing: then only the process is known.
        let fresh = isolate.turn > before.isolate.turn;
        let collected = fresh && isolate.major > before.isolate.major;
        let ends = if self.exact { collected } else { fresh && self.external.looks >= INEXACT_LOOKS };
        let when = |condition: bool, value: f64| if condition { value } else { NONE };
        let seconds = ((sample.at - before.at) / 1000.0).max(0.001);
        let collecting =
            isolate.major_ms + isolate.minor_ms - before.isolate.major_ms - before.isolate.minor_ms;
        // `malloc` is not asked at every look: an old answer says nothing about this interval.
        #[expect(clippy::float_cmp, reason = "the very same number")]
        let asked = process.malloc_used > 0.0 && process.malloc_used != before.process.malloc_used;
        let malloc = self
            .malloc
            .take(when(fresh && asked, process.malloc_used - externals - process.shared_allocated), ends);
        // Without glibc `malloc` tells nothing.
        let known = process.malloc_held.max(externals + process.shared_allocated) + process.shared_mapped;
        let rest = (process.anonymous - heaps - known).max(0.0);
        let unexplained = self.unexplained.take(when(fresh && process.anonymous > 0.0, rest), ends);
        let external = isolate.external.min(when(collected, isolate.floor_external));
        let external = self.external.take(when(fresh, external), ends);
        let mut values = [f32::NAN; SIGNALS];
        let mut set = |signal: Signal, value: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "24 bits are plenty to compare by")]
            let value = value as f32;
            values[signal as usize] = value;
        };
        set(Signal::Floor, when(collected && isolate.floor_low > 0.0, isolate.floor_low));
        set(Signal::Used, when(fresh, isolate.heap_used));
        set(Signal::External, external);
        set(Signal::Malloc, malloc);
        set(Signal::Unexplained, unexplained);
        set(Signal::Rss, process.rss);
        set(Signal::Descriptors, when(process.descriptors > 0.0, process.descriptors));
        set(Signal::Handles, when(fresh, isolate.handles));
        if fresh {
            self.fresh = sample.at;
        }
        // JavaScript's second and the keeper's are not the same: one look without news is no delay.
        let blocked = sample.at - self.fresh - PACE;
        set(Signal::LoopDelay, if fresh { isolate.loop_delay } else { when(blocked > PACE, blocked) });
        set(Signal::GcShare, when(fresh, (collecting / 1000.0 / seconds).clamp(0.0, 1.0)));
        set(Signal::Caches, when(fresh, isolate.cache_bytes));
        values
    }

    /// The newest sample.
    #[must_use]
    pub fn newest(&self) -> Option<&Sample> {
        self.newest.as_ref()
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        self.mood.told()
    }

    /// How often what is told has changed.
    #[must_use]
    pub fn told(&self) -> u32 {
        self.told
    }

    /// The history.
    #[must_use]
    pub fn rings(&self) -> &Rings {
        &self.rings
    }

    /// Share of the last minute spent in collections, and requests per second of the last ten.
    #[must_use]
    pub fn pace(&self) -> (f64, f64) {
        (self.rings.mean(Signal::GcShare, 60.0).0, rate(&self.rings, 10.0))
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.all_held.lock().retain(|held| held.id != self.id);
    }
}

/// Requests per second of the last `seconds`.
fn rate(rings: &Rings, seconds: f64) -> f64 {
    let buckets = rings.last(seconds, 1.0);
    let requests: f64 = buckets.iter().map(|bucket| f64::from(bucket.requests)).sum();
    let samples: u32 = buckets.iter().map(|bucket| bucket.samples).sum();
    if samples == 0 { 0.0 } else { requests / f64::from(samples) }
}

/// Where a signal is now: the lowest of the last half minute, or the newest known.
fn level(rings: &Rings, signal: Signal) -> Level {
    let lately = rings.last(30.0, 1.0);
    let lowest = lately.iter().map(|bucket| bucket.get(signal).min).fold(f32::NAN, f32::min);
    let level = if lowest.is_nan() {
        let all = rings.last(600.0, 5.0);
        all.iter()
            .rev()
            .map(|bucket| bucket.get(signal).last)
            .find(|value| !value.is_nan())
            .unwrap_or(f32::NAN)
    } else {
        lowest
    };
    Level { level: f64::from(level), rate: rate(rings, 15.0) }
}
