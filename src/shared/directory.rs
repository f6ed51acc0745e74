//! Where the segments of a store lie, for whoever looks something up: one list for all shards, small enough to stay in the
//! processor's first caches. (With a list in each shard, of pointers to what knew the address, a look-up in a store of
//! gigabytes waited for two more lines of memory.)
//!
//! Unsafe: memory is reached by its address. Invariant, kept by the writer (`room.rs`): an address is noted before an entry
//! of that segment is entered in any table, and the memory is held until no table has one. Entries are entered and removed
//! under the locks of their shards, so whoever has found a place in a table, and still holds that lock, may follow it. When a
//! segment moves (`moving.rs`), its old memory is held until everybody has given back the lock under which it may have been
//! found.

use std::sync::Arc;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::sync::AtomicU64;
use super::words::Words;

/// Numbers of the smallest list.
const SMALLEST: usize = 16;

/// The addresses of segments by their numbers. A clone is the same list.
#[derive(Debug, Clone)]
pub(super) struct Directory(Arc<[AtomicPtr<AtomicU64>]>);

impl Directory {
    pub(super) fn new() -> Self {
        Self::of(SMALLEST)
    }

    fn of(length: usize) -> Self {
        Self((0..length).map(|_| AtomicPtr::default()).collect())
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    /// Whether it has this number.
    pub(super) fn has(&self, number: usize) -> bool {
        number < self.0.len()
    }

    /// Bytes that it takes when it has been grown to have this number as well.
    pub(super) fn grown_bytes(&self, number: usize) -> usize {
        self.grown_length(number) * size_of::<AtomicPtr<AtomicU64>>()
    }

    fn grown_length(&self, number: usize) -> usize {
        (number + 1).next_power_of_two().max(2 * self.0.len())
    }

    /// The same addresses, with room for this number as well.
    pub(super) fn grown(&self, number: usize) -> Self {
        let grown = Self::of(self.grown_length(number));
        for (from, to) in self.0.iter().zip(&*grown.0) {
            to.store(from.load(Relaxed), Relaxed);
        }
        grown
    }

    /// Notes where a segment lies. The caller holds its memory until no table has an entry of it. Whoever follows the address
    /// sees what has been written there until now, also where it was another one before.
    pub(super) fn note(&self, number: usize, words: &Words) {
        self.0[number].store(words.as_slice().as_ptr().cast_mut(), Release);
    }

    /// The words of a segment from `offset` on; it has `length` of them, as all have.
    ///
    /// # Safety
    /// The caller has found an entry there in the table of a shard, and holds that shard's lock, or the writer's, for as long
    /// as it uses what is returned.
    #[inline]
    pub(super) unsafe fn words(&self, number: usize, offset: usize, length: usize) -> &[AtomicU64] {
        let start = self.0[number].load(Acquire);
        debug_assert!(!start.is_null(), "a segment in which something was found has been noted");
        // SAFETY: the segment has been noted, and is held, as an entry of it is in a table (the invariant at the top of this
        // file and the caller's promise).
        let words = unsafe { std::slice::from_raw_parts(start, length) };
        &words[offset..]
    }
}
