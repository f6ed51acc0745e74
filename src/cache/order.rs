//! Compacting the log of insertions: what `lib/cache/order-log.ts` does one by one, for all of it.

/// Moves the live entries of the first `end` places of `log` to its beginning, in their order, and returns how many there
/// are. An entry, a slot, is live if `positions` says that the slot stands there; slot 0 stands nowhere. Without a branch:
/// which entries are live is what no processor predicts.
pub fn compact(log: &mut [i32], end: usize, positions: &mut [i32]) -> usize {
    let mut live = 0;
    for at in 0..end {
        let slot = log[at];
        let position = &mut positions[slot.cast_unsigned() as usize];
        let stands = *position == place(at);
        *position = if stands { place(live) } else { *position };
        log[live] = slot;
        live += usize::from(stands);
    }
    live
}

#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "places are below 2^28")]
fn place(at: usize) -> i32 {
    at as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_last_entry_of_each_slot_stays_and_knows_its_place(
            log in prop::collection::vec(0..40i32, 0..200),
            gone in prop::collection::vec(any::<bool>(), 40),
        ) {
            let mut positions = vec![-1; 40];
            for (at, &slot) in log.iter().enumerate() {
                if slot != 0 && !gone[slot.cast_unsigned() as usize] {
                    positions[slot.cast_unsigned() as usize] = place(at);
                }
            }
            let stands = |(at, &slot): (usize, &i32)| {
                (positions[slot.cast_unsigned() as usize] == place(at)).then_some(slot)
            };
            let expected: Vec<i32> = log.iter().enumerate().filter_map(stands).collect();
            let mut compacted = log.clone();
            let live = compact(&mut compacted, log.len(), &mut positions);
            prop_assert_eq!(&compacted[..live], &expected[..]);
            for (slot, &position) in positions.iter().enumerate() {
                let found = expected.iter().position(|&other| other.cast_unsigned() as usize == slot);
                prop_assert_eq!(position, found.map_or(-1, place));
            }
        }
    }
}
