//! Eviction order over slots and stamps: no keys, no values, no Node.
//!
//! A *slot* is a small integer that names an entry; a *stamp* is a positive integer, kept as `f64`, that
//! grows with every use. Both live in one array, two numbers a slot, so that what a hit touches is one
//! cache line: `hot[2 * slot]` is the stamp (0: the slot is free) and `hot[2 * slot + 1]` the deadline.
//! See `docs/design/cache.md`.

pub mod lru;
pub mod s3fifo;
mod sort;

/// Numbers per slot in the `hot` array: stamp, deadline.
pub const STRIDE: usize = 2;

/// A slot's number as it stands in plans and lists.
#[expect(clippy::cast_possible_truncation, reason = "the shell allows fewer than 2^27 slots")]
pub(crate) const fn slot_id(index: usize) -> u32 {
    index as u32
}

/// Where the stamps are.
pub trait Stamps {
    /// The stamp of a slot as the bits of its `f64`, which are in the same order as the numbers, as these are not
    /// negative; 0 when the slot is free.
    fn stamp(&self, slot: usize) -> u64;
}

/// The `hot` array of a [`BoundedCache`](crate::cache).
impl Stamps for [f64] {
    fn stamp(&self, slot: usize) -> u64 {
        self[slot * STRIDE].to_bits()
    }
}
