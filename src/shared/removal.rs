//! How entries leave: one at a time, or all together.

use super::directory::Directory;
use super::entry::Head;
use super::lock::Guarded;
use super::shard::{Place, Shard};
use super::slots::FreeSlots;
use super::words::Words;
use super::writer::{Large, Shards, Writer, shard_of};

/// Why an entry left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// For want of room.
    Evicted,
    /// Its time to live had passed.
    Expired,
    /// By name.
    Deleted,
}

impl Writer {
    /// Removes an entry that is there.
    pub(super) fn remove(&mut self, shards: &Shards, place: u32, head: &Head, why: Removal) {
        let shard = shard_of(shards, head.tag);
        let mut guard = shard.write(&mut self.readers);
        guard.table.remove(head.tag, place);
        if let Place::Large(number) = Place::unpack(place, self.bits) {
            guard.large.remove(&number);
        }
        if let Some(length) = guard.table.shrunk() {
            self.held -= guard.table.bytes();
            guard.table.resize(length);
            self.held += guard.table.bytes();
        }
        drop(guard);
        self.slots.set_hot(head.slot, 0);
        self.policy.removed(head.slot);
        if self.free.give(&self.slots, head.slot) {
            self.free.release(&mut self.slots, head.slot);
            self.policy.resize(self.slots.end());
            self.held -= self.chunk_cost();
        }
        self.entries -= 1;
        self.payload -= head.key_length + head.value_length;
        self.died(place, head.words());
        match why {
            Removal::Evicted => self.counts.evicted += 1,
            Removal::Expired => self.counts.expired += 1,
            Removal::Deleted => self.counts.deleted += 1,
        }
    }

    /// Gives back the memory of an entry that nobody can find any more.
    pub(super) fn died(&mut self, place: u32, words: usize) {
        match Place::unpack(place, self.bits) {
            Place::Segment { number, .. } => self.log.died(number, words, &self.readers),
            Place::Large(number) => {
                self.large[number] = None;
                self.free_large.push(number);
                self.held -= Words::cost(words) + size_of::<Large>();
            }
        }
    }

    /// Evicts the entry that the policy names; `false` when there is none.
    pub(super) fn evict(&mut self, shards: &Shards) -> bool {
        let Some(slot) = self.policy.victim(&self.slots, self.entries) else { return false };
        let (place, head) = self.at(slot);
        self.remove(shards, place, &head, Removal::Evicted);
        true
    }

    /// Removes everything, and returns all memory but that of an empty store, and of values that others are reading.
    pub(super) fn clear(&mut self, shards: &Shards) {
        // All shards at once: nobody finds one entry and misses another.
        let bits = self.bits;
        let nothing = Directory::new();
        Guarded::write_all(shards, &mut self.readers, |shard| *shard = Shard::new(bits, nothing.clone()));
        self.slots = self.slots.emptied();
        self.counts.cleared += self.entries as u64;
        self.ahead.clear();
        self.policy.clear();
        self.large = Vec::new();
        self.free_large = Vec::new();
        (self.entries, self.payload, self.free) = (0, 0, FreeSlots::default());
        self.directory = nothing;
        let left = self.log.clear(&self.readers) * self.log.segment_bytes();
        self.held = Self::least(shards, &self.readers, &self.directory) + left;
    }
}
