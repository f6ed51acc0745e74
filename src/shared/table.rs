//! The index of a shard: from the 32-bit tag of a key to the place of its entry. Open addressing with linear
//! probing, eight bytes a cell; a removal moves later cells back, so that there are no tombstones.
//!
//! The home of a tag is its share of the table (`tag · length / 2^32`), so the length may be any number, and the
//! table grows by half rather than to the double: its load is between a half and three quarters. `hashbrown`, with
//! five bytes a cell, needs a second look into the entry for every tag that it cannot tell apart in seven bits, and
//! the key's hash again, from a key that has left the caches, whenever it grows.

use std::sync::atomic::Ordering::Relaxed;

use super::fetch::fetch;
use super::words::Words;

const EMPTY: u64 = u64::MAX;
/// Cells of the smallest table.
const SMALLEST: usize = 16;

/// Cells are `tag << 32 | place`; no place is `u32::MAX`. They lie in memory of their own, which goes back to the system
/// when a table shrinks.
#[derive(Debug)]
pub(super) struct Table {
    cells: Cells,
    used: usize,
}

/// Words with their bits inverted, so that new memory is empty cells.
#[derive(Debug)]
struct Cells(Words);

impl Cells {
    fn new(length: usize) -> Option<Self> {
        Words::new(length).map(Self)
    }

    fn len(&self) -> usize {
        self.0.as_slice().len()
    }

    fn get(&self, at: usize) -> u64 {
        !self.0.as_slice()[at].load(Relaxed)
    }

    fn set(&mut self, at: usize, cell: u64) {
        self.0.as_slice()[at].store(!cell, Relaxed);
    }

    fn used(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.as_slice().iter().map(|word| !word.load(Relaxed)).filter(|&cell| cell != EMPTY)
    }
}

impl Table {
    pub(super) fn new() -> Self {
        Self { cells: Cells(Words::small(SMALLEST)), used: 0 }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        Words::cost(self.cells.len())
    }

    /// The place with this tag that `is` the one.
    #[inline]
    pub(super) fn find(&self, tag: u32, is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.position(tag, is).map(|at| place_of(self.cells.get(at)))
    }

    /// Has the cells fetched in which a tag is looked for first.
    pub(super) fn fetch(&self, tag: u32) {
        fetch(&self.cells.0.as_slice()[self.home(tag)..], 1);
    }

    /// Adds a place; the caller has made room.
    pub(super) fn insert(&mut self, tag: u32, place: u32) {
        debug_assert!(!self.is_full(), "room is made before");
        let mut at = self.home(tag);
        while self.cells.get(at) != EMPTY {
            at = self.after(at);
        }
        self.cells.set(at, cell(tag, place));
        self.used += 1;
    }

    /// Puts another place in that of one that is there.
    pub(super) fn replace(&mut self, tag: u32, place: u32, new: u32) {
        if let Some(at) = self.position(tag, |found| found == place) {
            self.cells.set(at, cell(tag, new));
        }
    }

    /// Removes a place that is there.
    pub(super) fn remove(&mut self, tag: u32, place: u32) {
        let Some(mut free) = self.position(tag, |found| found == place) else { return };
        self.used -= 1;
        let mut at = free;
        loop {
            at = self.after(at);
            if self.cells.get(at) == EMPTY {
                break;
            }
            // It may move into the free cell unless its home lies between the two, behind that.
            let home = self.home(tag_of(self.cells.get(at)));
            let between = if free <= at { free < home && home <= at } else { free < home || home <= at };
            if !between {
                self.cells.set(free, self.cells.get(at));
                free = at;
            }
        }
        self.cells.set(free, EMPTY);
    }

    /// Whether it must grow before the next insertion.
    pub(super) fn is_full(&self) -> bool {
        4 * (self.used + 1) > 3 * self.cells.len()
    }

    /// The length to grow to.
    pub(super) fn grown(&self) -> usize {
        self.cells.len() + self.cells.len() / 2
    }

    /// The length to shrink to, where much of it is empty.
    pub(super) fn shrunk(&self) -> Option<usize> {
        let fitting = (2 * self.used).max(SMALLEST);
        (self.cells.len() > 2 * fitting).then_some(fitting)
    }

    /// Moves everything into a table of another length; `false` where there is no memory for it.
    pub(super) fn resize(&mut self, length: usize) -> bool {
        let Some(cells) = Cells::new(length) else { return false };
        let old = std::mem::replace(&mut self.cells, cells);
        self.used = 0;
        for cell in old.used() {
            self.insert(tag_of(cell), place_of(cell));
        }
        true
    }

    /// All places.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.cells.used().map(|cell| (tag_of(cell), place_of(cell)))
    }

    #[inline]
    fn position(&self, tag: u32, mut is: impl FnMut(u32) -> bool) -> Option<usize> {
        let mut at = self.home(tag);
        loop {
            let cell = self.cells.get(at);
            if cell == EMPTY {
                return None;
            }
            if tag_of(cell) == tag && is(place_of(cell)) {
                return Some(at);
            }
            at = self.after(at);
        }
    }

    fn home(&self, tag: u32) -> usize {
        ((u64::from(tag) * self.cells.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.cells.len() { 0 } else { at + 1 }
    }
}

fn cell(tag: u32, place: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(place)
}

fn tag_of(cell: u64) -> u32 {
    (cell >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn place_of(cell: u64) -> u32 {
    cell as u32
}

#[cfg(test)]
mod tests {
    use super::super::rounds;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u32),
        Remove(usize),
        Replace(usize, u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        // Few homes, at the ends of the table too, so that runs are long and wrap around.
        let tag = prop_oneof![0_u32..4, (u32::MAX - 3)..=u32::MAX, any::<u32>()];
        prop_oneof![
            4 => tag.prop_map(Step::Insert),
            3 => any::<usize>().prop_map(Step::Remove),
            1 => (any::<usize>(), any::<u32>()).prop_map(|(which, new)| Step::Replace(which, new)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(256)))]

        #[test]
        fn it_is_a_map(steps in prop::collection::vec(step(), 0..300)) {
            let mut table = Table::new();
            let mut model: HashMap<u32, u32> = HashMap::new();
            let mut next = 0;
            for step in steps {
                let nth = |model: &HashMap<u32, u32>, which: usize| {
                    let mut all: Vec<_> = model.iter().map(|(&place, &tag)| (place, tag)).collect();
                    all.sort_unstable();
                    (!all.is_empty()).then(|| all[which % all.len()])
                };
                match step {
                    Step::Insert(tag) => {
                        if table.is_full() {
                            table.resize(table.grown());
                        }
                        table.insert(tag, next);
                        model.insert(next, tag);
                        next += 1;
                    }
                    Step::Remove(which) => {
                        if let Some((place, tag)) = nth(&model, which) {
                            table.remove(tag, place);
                            model.remove(&place);
                        }
                        if let Some(length) = table.shrunk() {
                            table.resize(length);
                        }
                    }
                    Step::Replace(which, new) => {
                        let new = new | 0x8000_0000;
                        if let Some((place, tag)) = nth(&model, which)
                            && new != u32::MAX && !model.contains_key(&new)
                        {
                            table.replace(tag, place, new);
                            model.remove(&place);
                            model.insert(new, tag);
                        }
                    }
                }
                prop_assert_eq!(table.len(), model.len());
                for (&place, &tag) in &model {
                    prop_assert_eq!(table.find(tag, |found| found == place), Some(place));
                }
                prop_assert_eq!(table.places().count(), model.len());
            }
        }
    }
}
