//! A shard: what is needed to find and read an entry, under one lock (`lock.rs`).
//!
//! A shard is read by look-ups, and written only by whoever holds the writer's lock (`store.rs`), one at a time and
//! briefly: to enter, move or remove one entry of it. An entry's bytes are written before it is entered and never change
//! afterwards, except under that lock.
//!
//! Unsafe: the directory is followed to an entry. Invariant: a place is only looked at here while it is in this table, by
//! somebody who has borrowed the shard, so holds its lock or the writer's (`lock.rs`).

use std::collections::HashMap;
use std::sync::Arc;

use super::directory::Directory;
use super::entry::{Head, Key, has_key};
use super::fetch::fetch;
use super::sync::AtomicU64;
use super::table::Table;
use super::words::Words;

/// The bit of a place that says: an entry too large for a segment, in memory of its own.
const LARGE: u32 = 1 << 31;

/// What the lock protects.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) table: Table,
    /// Where segments lie; the same in every shard.
    pub(super) directory: Directory,
    /// The large entries of this shard.
    pub(super) large: HashMap<usize, Arc<Words>>,
    /// A segment has `2^bits` words.
    bits: u32,
}

/// An entry that was found.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) place: u32,
    pub(super) head: Head,
    /// The memory from it on.
    pub(super) words: &'a [AtomicU64],
}

/// Cache lines of an entry that are fetched together, before it is known how long it is. A small value lies in them, and
/// would else be waited for after the key: a fifth of a look-up.
pub(super) const LINES: usize = 3;

/// Where an entry lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Segment { number: usize, offset: usize },
    Large(usize),
}

impl Place {
    #[expect(clippy::cast_possible_truncation, reason = "the bound on bytes keeps places below 2^31")]
    pub(super) fn pack(self, bits: u32) -> u32 {
        match self {
            Self::Segment { number, offset } => (number << bits | offset) as u32,
            Self::Large(number) => LARGE | number as u32,
        }
    }

    pub(super) fn unpack(place: u32, bits: u32) -> Self {
        if place & LARGE != 0 {
            return Self::Large((place & !LARGE) as usize);
        }
        Self::Segment { number: (place >> bits) as usize, offset: place as usize & ((1 << bits) - 1) }
    }
}

impl Shard {
    pub(super) fn new(bits: u32, directory: Directory) -> Self {
        Self { table: Table::new(), directory, large: HashMap::new(), bits }
    }

    /// The memory from an entry on, which is in the table.
    #[inline]
    fn words(&self, place: u32) -> &[AtomicU64] {
        match Place::unpack(place, self.bits) {
            // SAFETY: the entry is in the table, and stays there while the shard is borrowed (the top of this file).
            Place::Segment { number, offset } => unsafe {
                self.directory.words(number, offset, 1 << self.bits)
            },
            Place::Large(number) => self.words_of_large(number),
        }
    }

    /// What keeps an entry's memory besides its segment: that of a large one.
    #[inline]
    pub(super) fn large(&self, place: u32) -> Option<Arc<Words>> {
        match Place::unpack(place, self.bits) {
            Place::Segment { .. } => None,
            Place::Large(number) => self.large.get(&number).cloned(),
        }
    }

    #[cold]
    fn words_of_large(&self, number: usize) -> &[AtomicU64] {
        match self.large.get(&number) {
            Some(words) => words.as_slice(),
            None => unreachable!("an entry that is in the table lies in memory that is held"),
        }
    }

    /// The memory from the entry on that is in the table with this tag and place.
    pub(super) fn at(&self, tag: u32, place: u32) -> Option<&[AtomicU64]> {
        self.table.find(tag, |found| found == place).map(|place| self.words(place))
    }

    /// All entries: tag, place, and the memory from each on.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u32, &[AtomicU64])> {
        self.table.places().map(|(tag, place)| (tag, place, self.words(place)))
    }

    /// Has the entry fetched that has this tag; another is of no use, and rare.
    pub(super) fn fetch(&self, tag: u32) {
        if let Some(place) = self.table.find(tag, |_| true) {
            fetch(self.words(place), LINES);
        }
    }

    /// The entry with this key.
    #[expect(
        clippy::inline_always,
        reason = "a look-up that returns what it found in memory waits for it: 5 ns of 150"
    )]
    #[inline(always)]
    pub(super) fn find(&self, tag: u32, key: Key<'_>) -> Option<Entry<'_>> {
        let mut found: &[AtomicU64] = &[];
        let place = self.table.find(tag, |place| {
            found = self.words(place);
            fetch(found, LINES);
            has_key(found, tag, key)
        })?;
        Some(Entry { place, head: Head::read(found), words: found })
    }
}
