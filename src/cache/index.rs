//! Entering slots into a hash index anew: what `lib/cache/key-index.ts` does one by one, for all of them.

use crate::policy::{STRIDE, slot_id};

/// What one call of [`place`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// How many slots found their group full and were written to `spilled`.
    pub spilled: usize,
    /// Where to go on: `used` when all have been looked at.
    pub next: usize,
}

/// Enters the live slots of `from..used` into `table`, each in one of the four words of its group, until `spilled` is
/// full. `spills` counts per group what did not fit, up to 255. The lengths of `table` and `hashes` are powers of two; a word is the
/// slot in the bits that number the hashes, and the hash in those above. The lowest two bits of a hash become those of the
/// place that was found.
pub fn place(
    hashes: &mut [i32],
    hot: &[f64],
    (from, used): (usize, usize),
    table: &mut [i32],
    spills: &mut [u8],
    spilled: &mut [u32],
) -> Placed {
    let home_mask = table.len() - 1;
    let tag_mask = !(slot_id(hashes.len()).wrapping_sub(1));
    let mut count = 0;
    for slot in from..used {
        if hot[slot * STRIDE] == 0.0 {
            continue;
        }
        let hash = hashes[slot].cast_unsigned();
        let home = hash as usize & home_mask;
        let free = (0..4).map(|place| home ^ place).find(|&at| table[at] == 0);
        if let Some(at) = free {
            table[at] = (hash & tag_mask | slot_id(slot)).cast_signed();
            hashes[slot] = (hash & !3 | slot_id(at & 3)).cast_signed();
            continue;
        }
        if count == spilled.len() {
            return Placed { spilled: count, next: slot };
        }
        spilled[count] = slot_id(slot);
        count += 1;
        let group = &mut spills[home >> 2];
        *group = group.saturating_add(1);
    }
    Placed { spilled: count, next: used }
}

/// Frees slots: takes them out of `table`, and resets their stamp and deadline. Those that are not in their group are
/// written to `left`, for the shell to take out of its maps; how many is returned. `left` is as long as `slots`.
pub fn release(slots: &[u32], hashes: &[i32], hot: &mut [f64], table: &mut [i32], left: &mut [u32]) -> usize {
    let home_mask = table.len() - 1;
    let slot_mask = slot_id(hashes.len()).wrapping_sub(1);
    let mut count = 0;
    for &slot in slots {
        let at = slot as usize;
        hot[at * STRIDE] = 0.0;
        hot[at * STRIDE + 1] = f64::INFINITY;
        let place = hashes[at].cast_unsigned() as usize & home_mask;
        if table[place].cast_unsigned() & slot_mask == slot {
            table[place] = 0;
        } else {
            left[count] = slot;
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every live slot is in its group or among the spilled, once, and a group that spilled is full.
        #[test]
        fn every_live_slot_has_one_place(
            hashes in prop::collection::vec(prop_oneof![any::<i32>(), 0..64_i32], 1..200),
            free in prop::collection::vec(any::<bool>(), 200),
            room in 1..20_usize,
        ) {
            let used = hashes.len();
            let mut hashes = hashes;
            hashes.resize(256, 0);
            let given = hashes.clone();
            let hot: Vec<f64> = (0..used).flat_map(|slot| [if slot == 0 || free[slot] { 0.0 } else { 1.0 }, 0.0]).collect();
            let mut table = vec![0; 512];
            let mut spills = vec![0; 128];
            let mut all = Vec::new();
            let mut from = 0;
            loop {
                let mut spilled = vec![0; room];
                let done = place(&mut hashes, &hot, (from, used), &mut table, &mut spills, &mut spilled);
                all.extend_from_slice(&spilled[..done.spilled]);
                from = done.next;
                if from == used {
                    break;
                }
            }
            let mut seen: Vec<u32> = all.clone();
            for (at, &word) in table.iter().enumerate().filter(|&(_, &word)| word != 0) {
                let slot = word.cast_unsigned() & 255;
                let hash = hashes[slot as usize].cast_unsigned();
                prop_assert_eq!(word.cast_unsigned() & !255, hash & !255);
                prop_assert_eq!(at, hash as usize & 511);
                prop_assert_eq!(hash & !3, given[slot as usize].cast_unsigned() & !3);
                seen.push(slot);
            }
            for &slot in &all {
                let group = (hashes[slot as usize].cast_unsigned() as usize & 511) >> 2;
                prop_assert!(table[group * 4..group * 4 + 4].iter().all(|&word| word != 0));
                prop_assert!(spills[group] > 0);
            }
            prop_assert_eq!(spills.iter().map(|&count| usize::from(count)).sum::<usize>(), all.len());
            // Released again, the table is empty and the others are handed back.
            let live: Vec<u32> = (0..used).filter(|&slot| hot[slot * STRIDE] != 0.0).map(slot_id).collect();
            let mut left = vec![0; live.len()];
            let count = release(&live, &hashes, &mut hot.clone(), &mut table, &mut left);
            left.truncate(count);
            prop_assert!(table.iter().all(|&word| word == 0));
            prop_assert_eq!(left, all);
            seen.sort_unstable();
            prop_assert_eq!(seen, live);
        }
    }
}
