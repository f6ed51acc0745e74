//! What changes the store: one writer at a time, under one lock. It owns the log, the slots, the policy and the count
//! of bytes; it takes the lock of a shard only to enter, move or remove one entry of it.
//!
//! One lock for all writers costs little, as a write that crosses from JavaScript takes longer outside it than inside
//! (measured in `docs/design/shared.md`), and buys what shards with budgets of their own cannot give: exact LRU over
//! the whole store, and memory that goes to whichever keys need it.

use std::sync::Arc;

use super::Bounds;
use super::ahead::Ahead;
use super::directory::Directory;
use super::entry::{Head, Key, Value};
use super::lock::{Guarded, Readers};
use super::log::Log;
use super::policy::Policy;
use super::shard::{Entry, Place, Shard};
use super::slots::{FreeSlots, Slots};
use super::stats::Counts;
use super::sync::AtomicU64;
use super::words::Words;

/// A large entry, in memory of its own.
#[derive(Debug)]
pub(super) struct Large {
    pub(super) words: Arc<Words>,
    pub(super) deadline: f64,
}

/// See the top of this file.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) log: Log,
    pub(super) slots: Slots,
    pub(super) policy: Policy,
    pub(super) bounds: Bounds,
    pub(super) counts: Counts,
    pub(super) entries: usize,
    /// Bytes of keys and values, as they are stored.
    pub(super) payload: usize,
    /// Bytes of everything, the policy's excepted.
    pub(super) held: usize,
    pub(super) free: FreeSlots,
    /// Who reads the shards. Whoever can borrow it has the writer's lock.
    pub(super) readers: Readers,
    /// Segments that are being made ready: their bytes are held.
    pub(super) ahead: Ahead,
    /// The list that the shards have.
    pub(super) directory: Directory,
    /// The newest stamp.
    clock: u64,
    pub(super) large: Vec<Option<Large>>,
    pub(super) free_large: Vec<usize>,
    pub(super) bits: u32,
}

pub(super) type Shards = [Guarded<Shard>];

/// The shard in which a tag is. Their number is a power of two.
pub(super) fn shard_of(shards: &Shards, tag: u32) -> &Guarded<Shard> {
    &shards[tag as usize & (shards.len() - 1)]
}

/// What is to be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put<'a> {
    pub(super) tag: u32,
    pub(super) key: Key<'a>,
    pub(super) value: Value<'a>,
    pub(super) deadline: f64,
}

impl Writer {
    pub(super) fn new(
        bounds: Bounds,
        policy: Policy,
        slots: Slots,
        length: usize,
        shards: &Shards,
        directory: Directory,
    ) -> Self {
        let readers = Readers::default();
        Self {
            log: Log::new(length),
            slots,
            policy,
            bounds,
            counts: Counts::default(),
            entries: 0,
            payload: 0,
            held: Self::least(shards, &readers, &directory),
            free: FreeSlots::default(),
            readers,
            directory,
            ahead: Ahead::default(),
            clock: 0,
            large: Vec::new(),
            free_large: Vec::new(),
            bits: length.trailing_zeros(),
        }
    }

    /// What [`Writer::held`] should be, counted afresh; for tests.
    pub(super) fn recount(&self, shards: usize, tables: usize) -> usize {
        let segments = self.log.segments.iter().flatten().count() + self.ahead.count();
        let segments = segments * self.log.segment_bytes() + self.directory.bytes();
        let chunk = self.slots.chunk_bytes();
        let slots = (self.slots.capacity() >> self.slots.bits()) * (chunk + size_of::<usize>());
        let large = self.large.iter().flatten().map(|large| Words::cost(large.words.as_slice().len()));
        let large: usize = large.map(|bytes| bytes + size_of::<Large>()).sum();
        size_of::<Self>() + shards * size_of::<Guarded<Shard>>() + tables + segments + slots + large
    }

    /// The memory at a packed place.
    pub(super) fn words_of(&self, place: u32) -> WordsAt {
        self.words(Place::unpack(place, self.bits))
    }

    /// Bytes of an empty store.
    pub(super) fn least(shards: &Shards, readers: &Readers, directory: &Directory) -> usize {
        let of = |shard: &Guarded<Shard>| size_of::<Guarded<Shard>>() + shard.look(readers).table.bytes();
        size_of::<Self>() + directory.bytes() + shards.iter().map(of).sum::<usize>()
    }

    /// All bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.held + self.policy.bytes()
    }

    pub(super) fn over(&self, need: usize) -> bool {
        self.bytes() + need > self.bounds.max_bytes
    }

    /// Stores a value; `false` where there is no memory for it. Then nothing has changed but what was evicted. A use that
    /// is to be noted later is added to `uses`.
    pub(super) fn put(&mut self, shards: &Shards, put: &Put<'_>, uses: &mut Vec<u32>) -> bool {
        let head = Head::new(0, put.tag, put.key, put.value, put.deadline);
        let words = head.words();
        let shard = shard_of(shards, put.tag);
        self.counts.sets += 1;
        match shard.look(&self.readers).find(put.tag, put.key).map(|Entry { place, head, .. }| (place, head))
        {
            Some((place, old)) if old.words() == words && self.overwrite(shard, place, old, put) => {
                // Its slot is in no cache, and giving the lock back would wait for it: noted as a look-up is (`handle.rs`).
                uses.push(old.slot);
                return true;
            }
            None if self.entries >= self.bounds.max_entries => {
                self.evict(shards);
            }
            _ => {}
        }
        // Memory for the entry comes last: what makes room for the others may move or evict anything.
        let ready = self.make_table_room(shards, shard) && self.make_slot(shards);
        let Some(place) = ready.then(|| self.make_place(shards, words, put.deadline)).flatten() else {
            self.counts.sets -= 1;
            self.counts.rejected += 1;
            return false;
        };
        let found = shard.look(&self.readers).find(put.tag, put.key);
        let found = found.map(|Entry { place, head, .. }| (place, head));
        let slot = found.map_or_else(|| self.free.take(&self.slots), |(_, old)| old.slot);
        let head = Head { slot, ..head };
        head.write(&self.words(place), put.key.bytes, put.value.bytes);
        self.payload += head.key_length + head.value_length;
        let packed = place.pack(self.bits);
        let mut guard = shard.write(&mut self.readers);
        if let Place::Large(number) = place
            && let Some(Some(large)) = self.large.get(number)
        {
            guard.large.insert(number, Arc::clone(&large.words));
        }
        if let Some((old, _)) = found {
            guard.table.replace(put.tag, old, packed);
        } else {
            guard.table.insert(put.tag, packed);
        }
        self.slots.set_place(slot, packed);
        if let Some((old, old_head)) = found {
            if let Place::Large(number) = Place::unpack(old, self.bits) {
                guard.large.remove(&number);
            }
            drop(guard);
            self.counts.replaced += 1;
            self.payload -= old_head.key_length + old_head.value_length;
            self.died(old, old_head.words());
            self.used(slot);
        } else {
            drop(guard);
            self.entries += 1;
            let stamp = self.stamp();
            self.policy.inserted(&self.slots, slot, stamp, put.tag);
        }
        // What the policy notes may have grown.
        self.make_room(shards, 0);
        true
    }

    /// The next stamp: a whole number below 2^53, as the policies expect.
    fn stamp(&mut self) -> u64 {
        self.clock += 1;
        (self.clock as f64).to_bits()
    }

    /// Notes that an entry was used.
    pub(super) fn used(&mut self, slot: u32) {
        let stamp = self.stamp();
        self.policy.used(&self.slots, slot, stamp);
    }

    /// A value of the same size: written where the old one was, unless somebody still reads that.
    fn overwrite(&mut self, shard: &Guarded<Shard>, place: u32, old: Head, put: &Put<'_>) -> bool {
        let head = Head::new(old.slot, put.tag, put.key, put.value, put.deadline);
        let guard = shard.write(&mut self.readers);
        let Some(words) = guard.at(put.tag, place) else { unreachable!("what is overwritten was found") };
        if guard.is_pinned(words.as_ptr().addr()) {
            return false;
        }
        head.write(words, put.key.bytes, put.value.bytes);
        drop(guard);
        match Place::unpack(place, self.bits) {
            Place::Segment { number, .. } => {
                let segment = self.log.segment(number);
                segment.earliest = segment.earliest.min(put.deadline);
            }
            Place::Large(number) => {
                if let Some(large) = &mut self.large[number] {
                    large.deadline = put.deadline;
                }
            }
        }
        self.payload = self.payload + head.value_length - old.value_length;
        self.counts.replaced += 1;
        true
    }

    /// Where a slot's entry lies, and its head.
    pub(super) fn at(&self, slot: u32) -> (u32, Head) {
        let place = self.slots.place(slot);
        let at = Place::unpack(place, self.bits);
        (place, Head::read(&self.words(at)))
    }

    /// The memory at a place, as the writer knows it.
    pub(super) fn words(&self, place: Place) -> WordsAt {
        let (words, offset) = match place {
            Place::Segment { number, offset } => {
                (self.log.segments[number].as_ref().map(|segment| &segment.words), offset)
            }
            Place::Large(number) => (self.large[number].as_ref().map(|large| &large.words), 0),
        };
        match words {
            Some(words) => WordsAt { words: Arc::clone(words), offset },
            None => unreachable!("an entry that lives lies in memory that is held"),
        }
    }
}

/// Memory from a place on, held.
#[derive(Debug)]
pub(super) struct WordsAt {
    words: Arc<Words>,
    offset: usize,
}

impl std::ops::Deref for WordsAt {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        &self.words.as_slice()[self.offset..]
    }
}
