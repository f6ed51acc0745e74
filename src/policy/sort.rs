//! Sorting candidates by stamp: what most of an eviction's share of a plan goes into, so by radix rather than by
//! comparing, which takes four times as long where slots are used in random order.

use super::lru::Candidate;

/// A byte of a key is looked at in one pass: its table of counters costs little even for a plan of 250 slots.
const DIGIT: u32 = u8::BITS;
/// Passes above which comparing is faster.
const PASSES: u32 = 4;
/// Candidates up to which comparing is faster.
const FEW: usize = 24;

/// Sorts by stamp. Where stamp and slot fit one integer, as they usually do, those are sorted instead.
///
/// Stamps are whole numbers kept as the bits of an `f64`, so their differences are multiples of what the lowest
/// whole bit of the highest stamp is worth, and can be shifted down by that without a loss.
#[expect(clippy::cast_possible_truncation, reason = "the lower half of a key is a slot")]
pub(super) fn sort(bucket: &mut [Candidate], keys: &mut [Vec<u64>; 2]) {
    let low = bucket.iter().map(|candidate| candidate.stamp).min().unwrap_or(0);
    let high = bucket.iter().map(|candidate| candidate.stamp).max().unwrap_or(0);
    let shift = 1075_u64.saturating_sub(high >> 52).min(52);
    let width = (high - low) >> shift;
    if bucket.len() <= FEW || width > u64::from(u32::MAX) {
        bucket.sort_unstable_by_key(|candidate| candidate.stamp);
        return;
    }
    let [from, to] = keys;
    let key = |candidate: &Candidate| (candidate.stamp - low) >> shift << 32 | u64::from(candidate.slot);
    from.clear();
    from.extend(bucket.iter().map(key));
    to.resize(from.len(), 0);
    sort_keys(from, &mut to[..bucket.len()], u64::BITS - width.leading_zeros());
    for (candidate, key) in bucket.iter_mut().zip(from) {
        *candidate = Candidate { stamp: (*key >> 32 << shift) + low, slot: *key as u32 };
    }
}

/// Sorts by the upper half, of which `bits` are used; least significant digit first (Knuth, TAOCP 3, 5.2.5).
#[expect(clippy::cast_possible_truncation, reason = "the lowest byte is the digit")]
fn sort_keys(keys: &mut [u64], other: &mut [u64], bits: u32) {
    let passes = bits.div_ceil(DIGIT);
    if sort_turned(keys) {
        return;
    }
    if passes > PASSES {
        keys.sort_unstable();
        return;
    }
    let (mut from, mut to) = (&mut *keys, other);
    for pass in 0..passes {
        let digit = |key: u64| usize::from((key >> (32 + pass * DIGIT)) as u8);
        let mut ends = [0_u32; 1 << DIGIT];
        for &key in &*from {
            ends[digit(key)] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        for &key in &*from {
            let next = &mut ends[digit(key)];
            to[*next as usize] = key;
            *next += 1;
        }
        (from, to) = (to, from);
    }
    if passes % 2 == 1 {
        to.copy_from_slice(from);
    }
}

/// Sorts what is in order from some place on, round to that place: `true` if so. Where entries are evicted in the order in
/// which they came, each new one has the slot of an old one, and the slots stay so for ever.
fn sort_turned(keys: &mut [u64]) -> bool {
    let Some(highest) = keys.windows(2).position(|pair| pair[0] > pair[1]) else { return true };
    let turned = keys[highest + 1..].is_sorted() && keys.last() <= keys.first();
    if turned {
        keys.rotate_left(highest + 1);
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::super::slot_id;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorting_by_integers_is_sorting_by_stamps(
            from in prop_oneof![Just(1_u64), 1_u64..100, 1_u64 << 20..1 << 34, (1_u64 << 53) - 5000..(1 << 53) - 4000],
            steps in prop::collection::vec(prop_oneof![
                8 => 1_u64..4,
                2 => 1_u64..1_000,
                1 => 1_u64..5_000_000,
                1 => 1_u64..5_000_000_000,
            ], 1..120),
            rare in prop_oneof![Just(3_u64), Just(1_000), Just(5_000_000), Just(5_000_000_000)],
            seed in any::<usize>(),
            turned in any::<bool>(),
        ) {
            let mut stamp = from;
            let mut bucket = Vec::new();
            for (slot, step) in steps.iter().enumerate() {
                bucket.push(Candidate { stamp: (stamp as f64).to_bits(), slot: slot_id(slot) });
                stamp = (stamp + step.min(&rare)).min((1 << 53) - 1);
                if bucket.last().is_some_and(|last| last.stamp == (stamp as f64).to_bits()) {
                    break;
                }
            }
            let expected: Vec<(u64, u32)> = bucket.iter().map(|one| (one.stamp, one.slot)).collect();
            let count = bucket.len();
            if turned {
                bucket.rotate_left(seed % count);
            } else {
                for i in 0..count {
                    bucket.swap(i, seed.wrapping_mul(i + 7) % count);
                }
            }
            let mut keys = [vec![7; 3], vec![9; 500]];
            sort(&mut bucket, &mut keys);
            let sorted: Vec<(u64, u32)> = bucket.iter().map(|one| (one.stamp, one.slot)).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
