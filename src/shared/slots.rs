//! The slots: what is known of an entry besides its bytes. A slot's number stays the same for as long as the entry
//! is there, wherever its bytes move: policies and iterators go by it.
//!
//! Slots come in chunks that never move. Whoever has the writer's lock writes to them: readers note which slots they
//! used, and say so now and then (`handle.rs`).

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::sync::AtomicU64;
use super::words::Words;
use crate::policy::Stamps;
use crate::policy::s3fifo::Uses;

/// Uses that are counted at most.
const MOST_USES: u64 = 3;

/// No slot.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Chunk {
    /// LRU: when it was used last, as the bits of a whole `f64`. S3-FIFO: uses, plus one. 0: the slot is free.
    hot: Words,
    /// Where the entry lies; of a free slot, the next free one of the chunk. Two a word: the writer alone has to do with
    /// them.
    places: Words,
}

/// All chunks; clones see the same slots.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// `None` where it was released.
    chunks: Vec<Option<Arc<Chunk>>>,
    bits: u32,
}

impl Slots {
    /// None yet, in chunks of `2^bits`.
    pub(super) fn new(bits: u32) -> Self {
        Self { chunks: Vec::new(), bits }
    }

    /// Slots of the chunks there are.
    pub(super) fn capacity(&self) -> usize {
        self.chunks.iter().flatten().count() << self.bits
    }

    /// One more than the highest slot there may be.
    pub(super) fn end(&self) -> usize {
        self.chunks.len() << self.bits
    }

    /// Whether the chunk of this slot is there.
    pub(super) fn has(&self, slot: u32) -> bool {
        self.chunks.get((slot >> self.bits) as usize).is_some_and(Option::is_some)
    }

    /// Bytes that a chunk takes.
    pub(super) fn chunk_bytes(&self) -> usize {
        Words::cost(1 << self.bits) + Words::cost(1 << self.bits >> 1)
    }

    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// None again, in chunks of the same size.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.bits)
    }

    pub(super) fn hot(&self, slot: u32) -> u64 {
        self.hot_word(slot).load(Relaxed)
    }

    pub(super) fn set_hot(&self, slot: u32, hot: u64) {
        self.hot_word(slot).store(hot, Relaxed);
    }

    /// Counts a use.
    pub(super) fn count(&self, slot: u32) {
        let word = self.hot_word(slot);
        let hot = word.load(Relaxed);
        if hot <= MOST_USES {
            word.store(hot + 1, Relaxed);
        }
    }

    pub(super) fn place(&self, slot: u32) -> u32 {
        let (chunk, at) = self.split(slot);
        place_at(&chunk.places, at)
    }

    pub(super) fn set_place(&self, slot: u32, place: u32) {
        let (chunk, at) = self.split(slot);
        set_place_at(&chunk.places, at, place);
    }

    fn hot_word(&self, slot: u32) -> &AtomicU64 {
        let (chunk, at) = self.split(slot);
        &chunk.hot.as_slice()[at]
    }

    fn split(&self, slot: u32) -> (&Chunk, usize) {
        match &self.chunks[(slot >> self.bits) as usize] {
            Some(chunk) => (chunk, slot as usize & ((1 << self.bits) - 1)),
            None => unreachable!("chunks are released when none of their slots is in use"),
        }
    }
}

/// Which slots are free: a list per chunk, so that the lowest chunks fill up first, and the highest empty and can go.
#[derive(Debug, Default)]
pub(super) struct FreeSlots {
    chunks: Vec<FreeList>,
    /// No chunk below has a free slot.
    lowest: usize,
    free: usize,
}

#[derive(Debug, Clone, Copy)]
struct FreeList {
    first: u32,
    count: u32,
}

impl FreeSlots {
    pub(super) fn is_empty(&self) -> bool {
        self.free == 0
    }

    /// Adds a chunk of free slots; `false` where there is no memory for it.
    pub(super) fn grow(&mut self, slots: &mut Slots) -> bool {
        let length = 1_u32 << slots.bits;
        let (Some(hot), Some(places)) = (Words::new(length as usize), Words::new(length as usize / 2)) else {
            return false;
        };
        let number = slots.chunks.iter().position(Option::is_none).unwrap_or_else(|| {
            slots.chunks.push(None);
            self.chunks.push(FreeList { first: NONE, count: 0 });
            slots.chunks.len() - 1
        });
        let first = slots_before(number, slots.bits);
        let next = |at: u32| if at + 1 == length { NONE } else { first + at + 1 };
        for at in 0..length {
            set_place_at(&places, at as usize, next(at));
        }
        slots.chunks[number] = Some(Arc::new(Chunk { hot, places }));
        self.chunks[number] = FreeList { first, count: length };
        self.free += length as usize;
        self.lowest = self.lowest.min(number);
        true
    }

    /// A free slot, of which there is one.
    pub(super) fn take(&mut self, slots: &Slots) -> u32 {
        while self.chunks[self.lowest].count == 0 {
            self.lowest += 1;
        }
        let list = &mut self.chunks[self.lowest];
        let slot = list.first;
        *list = FreeList { first: slots.place(slot), count: list.count - 1 };
        self.free -= 1;
        slot
    }

    /// Takes a slot back. `true` where all slots of its chunk are free now, and there are enough others.
    pub(super) fn give(&mut self, slots: &Slots, slot: u32) -> bool {
        let number = (slot >> slots.bits) as usize;
        let list = &mut self.chunks[number];
        slots.set_place(slot, list.first);
        *list = FreeList { first: slot, count: list.count + 1 };
        self.free += 1;
        self.lowest = self.lowest.min(number);
        let length = 1_usize << slots.bits;
        list.count as usize == length && self.free >= length + length / 2
    }

    /// Releases the chunk of a slot, all of whose slots are free.
    pub(super) fn release(&mut self, slots: &mut Slots, slot: u32) {
        let number = (slot >> slots.bits) as usize;
        slots.chunks[number] = None;
        self.chunks[number] = FreeList { first: NONE, count: 0 };
        self.free -= 1 << slots.bits;
        while slots.chunks.last().is_some_and(Option::is_none) {
            slots.chunks.pop();
            self.chunks.pop();
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half a word is meant")]
fn place_at(places: &Words, at: usize) -> u32 {
    (places.as_slice()[at / 2].load(Relaxed) >> (32 * (at % 2))) as u32
}

fn set_place_at(places: &Words, at: usize, place: u32) {
    let word = &places.as_slice()[at / 2];
    let shift = 32 * (at % 2);
    let other = word.load(Relaxed) & !(u64::from(u32::MAX) << shift);
    word.store(other | u64::from(place) << shift, Relaxed);
}

#[expect(clippy::cast_possible_truncation, reason = "slots are numbered with 32 bits")]
fn slots_before(chunk: usize, bits: u32) -> u32 {
    (chunk << bits) as u32
}

impl Stamps for Slots {
    #[expect(clippy::cast_possible_truncation, reason = "slots are numbered with 32 bits")]
    fn stamp(&self, slot: usize) -> u64 {
        let slot = slot as u32;
        if self.has(slot) { self.hot(slot) } else { 0 }
    }
}

impl Uses for Slots {
    #[expect(clippy::cast_possible_truncation, reason = "at most three")]
    fn uses(&self, slot: u32) -> u32 {
        self.hot(slot).saturating_sub(1) as u32
    }

    fn set_uses(&self, slot: u32, uses: u32) {
        self.set_hot(slot, u64::from(uses) + 1);
    }
}
