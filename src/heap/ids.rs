//! Which objects there are in a snapshot: a bit for each id, as V8 counts its objects by odd ids, one after the other. The
//! ids of what is outside of V8's heap are even, look random, and stand in a list.

use super::Snapshot;

/// Bits that may be spent on each object: beyond that they stand in the list, too.
const MOST_BITS: usize = 64;

/// See the top of this file.
#[derive(Debug)]
pub struct Ids {
    /// Of odd ids, by their halves.
    bits: Vec<u64>,
    /// All others, in order.
    list: Vec<u32>,
}

impl Ids {
    /// Of a snapshot. Linear in its nodes, but for those outside of V8's heap, which are sorted.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let graph = &snapshot.graph;
        Self::from_ids(graph.nodes().map(|node| graph.id(node)))
    }

    fn from_ids(ids: impl ExactSizeIterator<Item = u32> + Clone) -> Self {
        let highest = ids.clone().filter(|id| id % 2 == 1).max().unwrap_or(0);
        let words = highest as usize / 2 / 64 + 1;
        let dense = words * 64 <= ids.len().saturating_mul(MOST_BITS).max(1 << 20);
        let mut found = Self { bits: vec![0; if dense { words } else { 0 }], list: Vec::new() };
        for id in ids {
            match found.bits.get_mut(id as usize / 2 / 64) {
                Some(word) if id % 2 == 1 => *word |= 1 << (id / 2 % 64),
                _ => found.list.push(id),
            }
        }
        found.list.sort_unstable();
        found
    }

    /// Whether there is an object with this id.
    pub(super) fn has(&self, id: u32) -> bool {
        match self.bits.get(id as usize / 2 / 64) {
            Some(word) if id % 2 == 1 => word >> (id / 2 % 64) & 1 != 0,
            _ => self.list.binary_search(&id).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_there_is_found(
            near in prop::collection::vec(0_u32..2000, 0..200), far in prop::collection::vec(any::<u32>(), 0..20),
            others in prop::collection::vec(any::<u32>(), 0..20), scattered: bool,
        ) {
            let mut ids = near.clone();
            ids.extend(if scattered { &far } else { &near });
            let found = Ids::from_ids(ids.iter().copied());
            for id in near.into_iter().chain(far).chain(others).chain(0..2100) {
                prop_assert_eq!(found.has(id), ids.contains(&id), "{}", id);
            }
        }
    }
}
