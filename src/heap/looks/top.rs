//! The first few of many, without sorting the others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keeps what has the greatest keys; of equal keys, what has the smaller number.
#[derive(Debug)]
pub(super) struct Top<K: Ord> {
    most: usize,
    heap: BinaryHeap<Reverse<(K, Reverse<u32>)>>,
}

impl<K: Ord> Top<K> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new() }
    }

    pub(super) fn offer(&mut self, key: K, what: u32) {
        let one = Reverse((key, Reverse(what)));
        if self.heap.len() < self.most {
            self.heap.push(one);
        } else if let Some(mut least) = self.heap.peek_mut()
            && one < *least
        {
            *least = one;
        }
    }

    /// The numbers, those with the greatest keys first.
    pub(super) fn into_list(self) -> Vec<u32> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse((_, Reverse(what)))| what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_are_those_that_sorting_puts_first(
            keys in prop::collection::vec(0_u8..20, 0..60), most in 0_usize..20,
        ) {
            let mut top = Top::new(most);
            let mut all: Vec<(Reverse<u8>, u32)> = Vec::new();
            for (what, &key) in (0..).zip(&keys) {
                top.offer(key, what);
                all.push((Reverse(key), what));
            }
            all.sort_unstable();
            let expected: Vec<u32> = all.into_iter().take(most).map(|(_, what)| what).collect();
            prop_assert_eq!(top.into_list(), expected);
        }
    }
}
