//! The history: three rings of buckets, each coarser and longer than the one before, of fixed size.
//!
//! A bucket keeps the lowest, the highest and the newest value of each signal, so that the floor survives when seconds
//! become minutes. A bucket is 152 bytes; all three rings together are 420 KB per isolate when full, which they are
//! after a day.

use std::collections::VecDeque;

use super::verdict::Place;

/// What is kept of each sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Signal {
    /// Old and large-object space after a major collection; only where there was one.
    Floor,
    /// The heap in use, garbage included.
    Used,
    /// Memory outside the heap that its objects keep.
    External,
    /// What `malloc` has given out and no buffer explains.
    Malloc,
    /// Anonymous memory that neither heaps, buffers nor `malloc` explain.
    Unexplained,
    /// Resident memory.
    Rss,
    /// Open descriptors.
    Descriptors,
    /// Active resources of the event loop.
    Handles,
    /// Delay of the event loop, in milliseconds.
    LoopDelay,
    /// Share of time in collections.
    GcShare,
    /// Bytes of named caches.
    Caches,
}

impl Signal {
    /// The usual one for a place; `exact` says whether floors are known.
    #[must_use]
    pub const fn of(place: Place, exact: bool) -> Self {
        match place {
            Place::Heap if exact => Self::Floor,
            Place::Heap => Self::Used,
            Place::External => Self::External,
            Place::Native => Self::Malloc,
            Place::Descriptors => Self::Descriptors,
            Place::Handles => Self::Handles,
        }
    }
}

/// How many signals there are.
pub const SIGNALS: usize = Signal::Caches as usize + 1;

/// One value of every signal; `NAN` for what was not seen.
pub type Values = [f32; SIGNALS];

/// Lowest, highest and newest; all `NAN` where nothing was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    /// The lowest.
    pub min: f32,
    /// The highest.
    pub max: f32,
    /// The newest.
    pub last: f32,
}

impl Extremes {
    const NONE: Self = Self { min: f32::NAN, max: f32::NAN, last: f32::NAN };

    fn add(&mut self, value: f32) {
        if !value.is_nan() {
            // `min` and `max` of a number and NAN are the number.
            *self = Self { min: self.min.min(value), max: self.max.max(value), last: value };
        }
    }

    fn merge(&mut self, later: Self) {
        if !later.last.is_nan() {
            let (min, max) = (self.min.min(later.min), self.max.max(later.max));
            *self = Self { min, max, last: later.last };
        }
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Its newest sample; milliseconds since the Unix epoch.
    pub at: f64,
    /// The requests received in it.
    pub requests: f32,
    /// Samples in it.
    pub samples: u32,
    /// By [`Signal`].
    pub signals: [Extremes; SIGNALS],
}

impl Bucket {
    fn of(at: f64, requests: f32, values: &Values) -> Self {
        let mut signals = [Extremes::NONE; SIGNALS];
        for (extremes, &value) in signals.iter_mut().zip(values) {
            extremes.add(value);
        }
        Self { at, requests, samples: 1, signals }
    }

    /// The extremes of one signal.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Extremes {
        self.signals[signal as usize]
    }

    /// Takes a later bucket into this one.
    pub fn merge(&mut self, later: &Self) {
        self.at = later.at;
        self.requests += later.requests;
        self.samples += later.samples;
        for (extremes, &later) in self.signals.iter_mut().zip(&later.signals) {
            extremes.merge(later);
        }
    }
}

/// The seconds of a bucket and the number of buckets, ring by ring: ten minutes, two hours, a day.
const RINGS: [(f64, usize); 3] = [(1.0, 600), (10.0, 720), (60.0, 1440)];

#[derive(Debug)]
struct Ring {
    milliseconds: f64,
    length: usize,
    buckets: VecDeque<Bucket>,
}

impl Ring {
    fn add(&mut self, bucket: &Bucket) {
        let number = |at: f64| (at / self.milliseconds).floor();
        match self.buckets.back_mut() {
            // A clock that went back does not open a new bucket.
            Some(newest) if number(bucket.at) <= number(newest.at) => newest.merge(bucket),
            _ => {
                if self.buckets.len() == self.length {
                    self.buckets.pop_front();
                }
                self.buckets.push_back(*bucket);
            }
        }
    }
}

/// The history of one isolate.
#[derive(Debug)]
pub struct Rings {
    rings: [Ring; RINGS.len()],
}

impl Default for Rings {
    fn default() -> Self {
        Self {
            rings: RINGS.map(|(seconds, length)| Ring {
                milliseconds: 1000.0 * seconds,
                length,
                buckets: VecDeque::new(),
            }),
        }
    }
}

impl Rings {
    /// Adds a sample taken `at` (milliseconds), with the requests received since the one before.
    pub fn add(&mut self, at: f64, requests: f32, values: &Values) {
        let bucket = Bucket::of(at, requests, values);
        for ring in &mut self.rings {
            ring.add(&bucket);
        }
    }

    /// The last `seconds`, oldest first, from the finest ring that reaches back so far, in buckets of at least
    /// `resolution` seconds.
    #[must_use]
    pub fn last(&self, seconds: f64, resolution: f64) -> Vec<Bucket> {
        let reaches = |ring: &&Ring| ring.milliseconds * ring.length as f64 >= 1000.0 * seconds;
        let ring = self.rings.iter().find(reaches).unwrap_or(&self.rings[RINGS.len() - 1]);
        let Some(newest) = ring.buckets.back() else { return Vec::new() };
        let from = newest.at - 1000.0 * seconds;
        let step = 1000.0 * resolution.max(ring.milliseconds / 1000.0);
        let mut merged: Vec<Bucket> = Vec::new();
        for bucket in ring.buckets.iter().filter(|bucket| bucket.at > from) {
            match merged.last_mut() {
                Some(last) if (last.at / step).floor() >= (bucket.at / step).floor() => last.merge(bucket),
                _ => merged.push(*bucket),
            }
        }
        merged
    }

    /// The mean of the newest values of a signal in the last `seconds`, and how many there were; 0 of none.
    #[must_use]
    pub fn mean(&self, signal: Signal, seconds: f64) -> (f64, u32) {
        let buckets = self.last(seconds, 1.0);
        let values = buckets.iter().map(|bucket| bucket.get(signal).last).filter(|value| !value.is_nan());
        let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + f64::from(value), count + 1));
        (sum / f64::from(count.max(1)), count)
    }

    /// The bytes held now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rings.iter().map(|ring| ring.buckets.capacity() * size_of::<Bucket>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(floor: f32) -> Values {
        let mut values = [1.0; SIGNALS];
        values[Signal::Floor as usize] = floor;
        values
    }

    #[test]
    fn a_day_of_samples_is_kept_in_under_a_megabyte() {
        let mut rings = Rings::default();
        for second in 0..100_000_u32 {
            rings.add(1000.0 * f64::from(second), 2.0, &values(1.0));
        }
        assert!(rings.bytes() < 1_000_000, "{}", rings.bytes());
        let day = rings.last(86_400.0, 60.0);
        assert_eq!(day.len(), 1440);
        assert!(
            (day.iter().map(|bucket| f64::from(bucket.requests)).sum::<f64>() - 2.0 * 86_400.0).abs() < 200.0
        );
        assert_eq!(rings.last(600.0, 1.0).len(), 600);
        assert_eq!(rings.last(600.0, 10.0).len(), 60);
    }

    #[test]
    fn the_floor_survives_when_seconds_become_minutes() {
        let mut rings = Rings::default();
        for second in 0..7200_u32 {
            rings.add(1000.0 * f64::from(second), 0.0, &values(if second == 5 { 3.0 } else { 9.0 }));
        }
        let oldest = rings.last(86_400.0, 60.0)[0];
        assert_eq!(oldest.get(Signal::Floor), Extremes { min: 3.0, max: 9.0, last: 9.0 });
    }

    #[test]
    fn what_was_not_seen_does_not_count() {
        let mut rings = Rings::default();
        rings.add(1000.0, 0.0, &values(f32::NAN));
        assert!(rings.last(10.0, 10.0)[0].get(Signal::Floor).min.is_nan());
        rings.add(1001.0, 0.0, &values(4.0));
        rings.add(1002.0, 0.0, &values(f32::NAN));
        assert_eq!(rings.last(10.0, 10.0)[0].get(Signal::Floor), Extremes { min: 4.0, max: 4.0, last: 4.0 });
    }

    proptest! {
        #[test]
        fn any_times_and_values_keep_their_extremes(
            samples in prop::collection::vec((0.0_f64..1e6, 0.0_f32..100.0), 1..300)
        ) {
            let mut rings = Rings::default();
            for &(at, floor) in &samples {
                rings.add(at, 1.0, &values(floor));
            }
            let all = rings.last(86_400.0, 86_400.0);
            let low = all.iter().map(|bucket| bucket.get(Signal::Floor).min).fold(f32::NAN, f32::min);
            let high = all.iter().map(|bucket| bucket.get(Signal::Floor).max).fold(f32::NAN, f32::max);
            let expected = samples.iter().map(|&(_, floor)| floor);
            prop_assert_eq!(low.to_bits(), expected.clone().fold(f32::NAN, f32::min).to_bits());
            prop_assert_eq!(high.to_bits(), expected.fold(f32::NAN, f32::max).to_bits());
            prop_assert_eq!(all.iter().map(|bucket| bucket.samples).sum::<u32>() as usize, samples.len());
        }
    }
}
