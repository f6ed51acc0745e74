//! Exact LRU from stamps: which slots to evict next, in order, without a linked list.
//!
//! The hit path writes `stamp[slot] = ++clock` and nothing else. When room is needed, a *plan* says which
//! slots to evict: every slot whose stamp is at most a threshold, sorted by stamp. The consumer skips a
//! planned slot whose stamp has changed since.
//!
//! **This is exact LRU.** Stamps only grow, so a slot left out of the plan (its stamp was above the
//! threshold when it was looked at) is above it for ever, and a planned slot with its old stamp is older
//! than all of them. It does not matter *when* each slot was looked at: so a generation of plans may be
//! collected a few thousand slots at a time while the previous generation is still being consumed, and a
//! cache of millions of entries never stops to sort them all.
//!
//! The threshold is a quantile of a sample of the stamps: any threshold keeps the order exact, a good one
//! keeps the cost level. The next generation takes the stamps above the current one's threshold, as those below
//! will have been handed out by then; that they are evicted or used again is the consumer's part. A generation's slots fall into buckets by stamp, each sorted only when it
//! is reached.

use super::sort::sort;
use super::{Stamps, slot_id};

/// Slots per call above which a generation is collected in steps: about 0.1 ms of scanning.
const STEP: usize = 1 << 16;
/// A generation takes this fraction of the slots, as 1 / FRACTION. Larger plans cost less scanning per
/// eviction and more sorting, and go stale: measured flat between 1/3 and 1/6.
const FRACTION: usize = 4;
/// Stamps sampled to find the threshold: the quantile is then within about 4 points of what is meant, and
/// finding it costs a tenth of sorting the plan of a small cache.
const SAMPLE: usize = 128;
/// Caches up to this size are planned whole: crossing into Rust costs more than sorting the rest.
const SMALL: usize = 128;
/// Slots noted at a time while one bucket is collected: two pages, that stay in the first cache.
const NOTED: usize = 2048;
/// Slots aimed at per bucket, so that sorting one takes well under a millisecond.
const BUCKET: usize = 4096;

#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// As the bits of its `f64`.
    pub(super) stamp: u64,
    pub(super) slot: u32,
}

/// Memory for the next generation, so that a plan allocates nothing.
#[derive(Debug, Default)]
struct Spare {
    sample: Vec<u64>,
    /// Two copies of a bucket, while it is sorted.
    keys: [Vec<u64>; 2],
    noted: Vec<u32>,
    buckets: Vec<Vec<Candidate>>,
}

/// Candidates with stamps above `low` and up to `threshold`, in buckets of growing stamps.
#[derive(Debug)]
struct Generation {
    low: u64,
    threshold: u64,
    /// The lowest stamp sampled, or `low`: where the buckets begin.
    first: u64,
    buckets: Vec<Vec<Candidate>>,
    /// Next slot to look at while the generation is being collected.
    scanned: usize,
    /// The bucket being handed out, and how far.
    bucket: usize,
    taken: usize,
}

impl Generation {
    /// One of stamps above `low`; 0 for all.
    fn begin(
        hot: &(impl Stamps + ?Sized),
        used: usize,
        low: u64,
        fraction: usize,
        spare: &mut Spare,
    ) -> Self {
        let sample = &mut spare.sample;
        sample.clear();
        // All of them need no threshold.
        let sampled = if fraction == 1 || used <= SMALL { 0 } else { used };
        let stride = used.div_ceil(SAMPLE).max(1);
        sample.extend((0..sampled).step_by(stride).map(|slot| hot.stamp(slot)).filter(|&stamp| stamp > 0));
        let nth = sample.len() / fraction;
        sample.retain(|&stamp| stamp > low);
        let (first, threshold) = match sample.iter().min() {
            Some(&first) if nth < sample.len() => (first, *sample.select_nth_unstable(nth).1),
            // So few, or all so old, that there is no telling: all of them, in one bucket.
            _ => (low, u64::MAX),
        };
        let count = if threshold == u64::MAX { 1 } else { (used / fraction).div_ceil(BUCKET).max(1) };
        Self {
            low,
            threshold,
            first,
            buckets: (0..count).map(|_| spare.buckets.pop().unwrap_or_default()).collect(),
            scanned: 0,
            bucket: 0,
            taken: 0,
        }
    }

    /// Looks at up to `budget` more slots; `true` once all below `used` have been seen.
    fn collect(
        &mut self,
        hot: &(impl Stamps + ?Sized),
        used: usize,
        budget: usize,
        spare: &mut Spare,
    ) -> bool {
        // `used` may have shrunk since the last step.
        self.scanned = self.scanned.min(used);
        let end = used.min(self.scanned.saturating_add(budget));
        let (first, low, threshold) = (self.first, self.low, self.threshold);
        // What is not above `low`, a free slot's 0 for one, is wrapped to the top by the subtraction.
        let width = threshold - low;
        let planned = |stamp: u64| stamp.wrapping_sub(low).wrapping_sub(1) < width;
        if let [bucket] = &mut self.buckets[..] {
            // Every slot is noted and one in four stays: no branch to predict, which would cost more.
            let noted = &mut spare.noted;
            noted.resize(NOTED + 1, 0);
            for begin in (self.scanned..end).step_by(NOTED) {
                let mut count = 0;
                for slot in begin..end.min(begin + NOTED) {
                    noted[count] = slot_id(slot);
                    count += usize::from(planned(hot.stamp(slot)));
                }
                let candidate = |&slot: &u32| Candidate { stamp: hot.stamp(slot as usize), slot };
                bucket.extend(noted[..count].iter().map(candidate));
            }
        } else {
            let last = self.buckets.len() - 1;
            for slot in self.scanned..end {
                let stamp = hot.stamp(slot);
                if planned(stamp) {
                    let bucket = bucket_of(stamp, first, threshold, last);
                    self.buckets[bucket].push(Candidate { stamp, slot: slot_id(slot) });
                }
            }
        }
        self.scanned = end;
        end == used
    }

    /// The buckets back, for the next one.
    fn recycle(mut self, spare: &mut Spare) {
        self.buckets.iter_mut().for_each(Vec::clear);
        // Those handed out were given back already.
        spare.buckets.extend(self.buckets.into_iter().filter(|bucket| bucket.capacity() > 0));
    }

    /// Writes the next pairs in order; 0 when the generation is used up.
    fn take(&mut self, slots: &mut [u32], stamps: &mut [f64], spare: &mut Spare) -> usize {
        let room = slots.len().min(stamps.len());
        let mut written = 0;
        while written < room && self.bucket < self.buckets.len() {
            let bucket = &mut self.buckets[self.bucket];
            if self.taken == 0 {
                sort(bucket, &mut spare.keys);
            }
            let end = bucket.len().min(self.taken + room - written);
            for candidate in &bucket[self.taken..end] {
                slots[written] = candidate.slot;
                stamps[written] = f64::from_bits(candidate.stamp);
                written += 1;
            }
            self.taken = end;
            if end == bucket.len() {
                let mut done = std::mem::take(bucket);
                done.clear();
                spare.buckets.push(done);
                self.bucket += 1;
                self.taken = 0;
            }
        }
        written
    }
}

/// Buckets of equal width between two stamps; monotonic, which is all that order needs.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is not negative, and the index is capped"
)]
fn bucket_of(stamp: u64, low: u64, high: u64, last: usize) -> usize {
    let (stamp, low, high) = (f64::from_bits(stamp), f64::from_bits(low), f64::from_bits(high));
    let share = (stamp - low).max(0.0) / (high - low + 1.0);
    ((share * (last + 1) as f64) as usize).min(last)
}

/// Hands out the least recently used slots, oldest first, a batch at a time.
///
/// Holds at most two generations, 16 bytes for about half of the slots; nothing before its first plan.
#[derive(Debug)]
pub struct LruPlanner {
    current: Option<Generation>,
    next: Option<Generation>,
    spare: Spare,
    fraction: usize,
}

impl Default for LruPlanner {
    fn default() -> Self {
        Self::with_fraction(FRACTION)
    }
}

impl LruPlanner {
    /// A planner with no plan yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A planner whose plans take this fraction of the slots, as 1 / `fraction`: with a larger one they take less memory,
    /// and more slots are looked at for each that is evicted.
    #[must_use]
    pub fn with_fraction(fraction: usize) -> Self {
        Self { current: None, next: None, spare: Spare::default(), fraction }
    }

    /// Bytes of memory that its plans take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |buckets: &[Vec<Candidate>]| {
            buckets.iter().map(Vec::capacity).sum::<usize>() * size_of::<Candidate>()
        };
        let generations = [&self.current, &self.next];
        generations.into_iter().flatten().map(|generation| of(&generation.buckets)).sum::<usize>()
            + of(&self.spare.buckets)
            + 8 * self.spare.sample.capacity()
            + 8 * self.spare.keys.iter().map(Vec::capacity).sum::<usize>()
            + 4 * self.spare.noted.capacity()
    }

    /// Gives back the memory that it keeps for later plans.
    pub fn trim(&mut self) {
        self.spare = Spare::default();
    }

    /// Forgets its plans. Needed when slots have been renumbered; a stamp that changed needs no call.
    pub fn reset(&mut self) {
        *self = Self::with_fraction(self.fraction);
    }

    /// Writes the next (slot, stamp) pairs to evict, least recently used first, and returns how many.
    ///
    /// The caller must skip pairs whose stamp is no longer the slot's. Returns 0 only when no slot below
    /// `used` holds an entry. One call looks at a bounded number of slots (about 65,000, or four times
    /// what it hands out) and sorts one bucket, except where the next generation was not ready in time.
    ///
    /// A generation that is begun takes all slots if they are to be planned `whole`: the fewest looks where nearly
    /// everything is evicted as planned.
    pub fn refill(
        &mut self,
        hot: &(impl Stamps + ?Sized),
        used: usize,
        whole: bool,
        slots: &mut [u32],
        stamps: &mut [f64],
    ) -> usize {
        let fraction = if whole { 1 } else { self.fraction };
        loop {
            if let Some(current) = &mut self.current {
                let written = current.take(slots, stamps, &mut self.spare);
                if written > 0 {
                    self.prepare(hot, used, written);
                    return written;
                }
            }
            if let Some(done) = self.current.take() {
                done.recycle(&mut self.spare);
            }
            let spare = &mut self.spare;
            let prepared = self.next.take();
            let fresh = prepared.is_none();
            let mut next = prepared.unwrap_or_else(|| Generation::begin(hot, used, 0, fraction, spare));
            next.collect(hot, used, usize::MAX, spare);
            if next.buckets.iter().all(Vec::is_empty) {
                next.recycle(spare);
                // What was prepared has all been used again, or removed, meanwhile. One begun just now finds at
                // least the oldest that it sampled, or, without a sample, whatever there is.
                if fresh {
                    return 0;
                }
            } else {
                self.current = Some(next);
            }
        }
    }

    /// Large caches collect the next generation while this one is consumed: each batch handed out pays
    /// for looking at enough slots that the next is complete when this one ends.
    fn prepare(&mut self, hot: &(impl Stamps + ?Sized), used: usize, written: usize) {
        let Some(current) = &self.current else { return };
        if used <= STEP || current.threshold == u64::MAX {
            return;
        }
        // Twice the fair share, as some planned slots are skipped and the batch count is estimated.
        let budget = (2 * self.fraction * written).min(STEP);
        let (spare, fraction) = (&mut self.spare, self.fraction);
        let next =
            self.next.get_or_insert_with(|| Generation::begin(hot, used, current.threshold, fraction, spare));
        next.collect(hot, used, budget, &mut self.spare);
    }
}

/// Writes all live slots below `used` into `slots`, most recently used first, and returns how many.
pub fn by_recency(hot: &(impl Stamps + ?Sized), used: usize, slots: &mut [u32]) -> usize {
    let mut live: Vec<Candidate> = (0..used)
        .map(|slot| Candidate { stamp: hot.stamp(slot), slot: slot_id(slot) })
        .filter(|candidate| candidate.stamp > 0)
        .collect();
    live.sort_unstable_by_key(|candidate| std::cmp::Reverse(candidate.stamp));
    for (out, candidate) in slots.iter_mut().zip(&live) {
        *out = candidate.slot;
    }
    live.len().min(slots.len())
}

#[cfg(test)]
mod tests {
    use super::super::STRIDE;
    use super::*;
    use proptest::prelude::*;

    /// A cache of slots driven by stamps and plans, beside a list that is LRU by definition.
    struct Model {
        hot: Vec<f64>,
        order: Vec<usize>,
        clock: f64,
        whole: bool,
        planner: LruPlanner,
        slots: Vec<u32>,
        stamps: Vec<f64>,
        at: usize,
        len: usize,
    }

    impl Model {
        fn new(capacity: usize, batch: usize) -> Self {
            let mut model = Self {
                hot: vec![0.0; capacity * STRIDE],
                order: Vec::new(),
                clock: 0.0,
                whole: false,
                planner: LruPlanner::new(),
                slots: vec![0; batch],
                stamps: vec![0.0; batch],
                at: 0,
                len: 0,
            };
            for slot in 0..capacity {
                model.touch(slot);
            }
            model
        }

        fn used(&self) -> usize {
            self.hot.len() / STRIDE
        }

        fn touch(&mut self, slot: usize) {
            self.order.retain(|&other| other != slot);
            self.order.push(slot);
            self.clock += 1.0;
            self.hot[slot * STRIDE] = self.clock;
        }

        fn free(&mut self, slot: usize) {
            self.order.retain(|&other| other != slot);
            self.hot[slot * STRIDE] = 0.0;
        }

        fn evict(&mut self) -> Option<usize> {
            loop {
                while self.at < self.len {
                    let (slot, stamp) = (self.slots[self.at] as usize, self.stamps[self.at]);
                    self.at += 1;
                    #[expect(clippy::float_cmp, reason = "stamps are integers")]
                    if self.hot[slot * STRIDE] == stamp {
                        self.free(slot);
                        return Some(slot);
                    }
                }
                self.len = self.planner.refill(
                    self.hot.as_slice(),
                    self.used(),
                    self.whole,
                    &mut self.slots,
                    &mut self.stamps,
                );
                self.at = 0;
                if self.len == 0 {
                    return None;
                }
            }
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Touch(usize),
        Free(usize),
        Evict { refill: bool, whole: bool },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (0..10_000usize).prop_map(Step::Touch),
            1 => (0..10_000usize).prop_map(Step::Free),
            4 => any::<(bool, bool)>().prop_map(|(refill, whole)| Step::Evict { refill, whole }),
        ];
        prop::collection::vec(step, 1..400)
    }

    proptest! {
        #[test]
        fn evicts_exactly_the_least_recently_used(
            capacity in 1..300usize,
            batch in 1..40usize,
            steps in steps(),
        ) {
            let mut model = Model::new(capacity, batch);
            for step in steps {
                match step {
                    Step::Touch(slot) => model.touch(slot % capacity),
                    Step::Free(slot) => model.free(slot % capacity),
                    Step::Evict { refill, whole } => {
                        model.whole = whole;
                        let expected = model.order.first().copied();
                        prop_assert_eq!(model.evict(), expected);
                        // What a full cache does: the new entry takes the slot.
                        if let (true, Some(slot)) = (refill, expected) {
                            model.touch(slot);
                        }
                    }
                }
            }
            let mut slots = vec![0; capacity];
            let count = by_recency(model.hot.as_slice(), capacity, &mut slots);
            let newest_first: Vec<u32> = model.order.iter().rev().map(|&slot| slot_id(slot)).collect();
            prop_assert_eq!(&slots[..count], &newest_first[..]);
        }
    }

    #[test]
    fn a_generation_collected_in_steps_stays_exact_while_entries_are_used() {
        // Large enough that the next generation is collected while the current one is consumed.
        let capacity = 3 * STEP;
        let mut hot = vec![0.0; capacity * STRIDE];
        let mut clock = 0.0;
        let mut touch = |hot: &mut [f64], slot: usize| {
            clock += 1.0;
            hot[slot * STRIDE] = clock;
            clock
        };
        for slot in 0..capacity {
            touch(&mut hot, slot * 7919 % capacity);
        }
        let (mut slots, mut stamps) = (vec![0; 2048], vec![0.0; 2048]);
        let mut planner = LruPlanner::new();
        let mut random = 12345u64;
        let mut evicted = 0;
        let mut oldest = 0.0;
        while evicted < 2 * capacity {
            let count = planner.refill(hot.as_slice(), capacity, false, &mut slots, &mut stamps);
            assert!(count > 0);
            for (&slot, &stamp) in slots[..count].iter().zip(&stamps) {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                touch(&mut hot, usize::try_from(random >> 33).unwrap() % capacity);
                #[expect(clippy::float_cmp, reason = "stamps are integers")]
                if hot[slot as usize * STRIDE] == stamp {
                    // Exact LRU evicts stamps in strictly growing order, and never passes over one.
                    assert!(stamp > oldest);
                    oldest = stamp;
                    touch(&mut hot, slot as usize);
                    evicted += 1;
                }
            }
            if evicted % 64 == 0 {
                let youngest_allowed = oldest;
                assert!(hot.chunks_exact(STRIDE).all(|pair| pair[0] > youngest_allowed));
            }
        }
    }

    #[test]
    fn what_one_generation_hands_out_the_next_does_not() {
        let capacity = 3 * STEP;
        let mut hot: Vec<f64> = (1..=capacity).flat_map(|stamp| [stamp as f64, 0.0]).collect();
        let (mut slots, mut stamps) = (vec![0; 2048], vec![0.0; 2048]);
        let mut planner = LruPlanner::new();
        let (mut handed, mut evicted) = (0, 0);
        while evicted < 3 * capacity {
            let count = planner.refill(hot.as_slice(), capacity, false, &mut slots, &mut stamps);
            handed += count;
            for (&slot, &stamp) in slots[..count].iter().zip(&stamps) {
                #[expect(clippy::float_cmp, reason = "stamps are integers")]
                if hot[slot as usize * STRIDE] == stamp {
                    evicted += 1;
                    hot[slot as usize * STRIDE] = (capacity + evicted) as f64;
                }
            }
        }
        assert_eq!(handed, evicted);
    }
}
