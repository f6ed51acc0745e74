//! What changes the store: one writer at a time, under one lock. It owns the log, the slots, the policy and the count
//! of bytes; it takes the lock of a shard only to enter, move or remove one entry of it.
//!
//! One lock for all writers costs little, as a write that crosses from JavaScript takes longer outside it than inside
//! (measured in `docs/design/shared.md`), and buys what shards with budgets of their own cannot give: exact LRU over
//! the whole store, and memory that goes to whichever keys need it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::Bounds;
use super::entry::{Head, Key, Value};
use super::log::{End, Log};
use super::policy::Policy;
use super::shard::{Place, Shard};
use super::slots::{FreeSlots, Slots};
use super::sync::{AtomicU64, RwLock};
use super::words::Words;

/// Entries of more than this share of a segment, as 1 / LARGE, get memory of their own: a segment's end would waste it.
const LARGE: usize = 8;
/// Segments that only cleaning may fill: what it moves must have somewhere to go.
const RESERVE: usize = 1;
/// The share of holes, in percent, from which a segment is worth cleaning. While there is none, entries are evicted.
/// More holes mean less copying and fewer entries.
const HOLES: usize = 20;

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

/// What has happened since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Values stored.
    pub sets: u64,
    /// Of these, in place of another.
    pub replaced: u64,
    /// Values refused though they are within the limit: there was no memory to be had.
    pub rejected: u64,
    /// Entries removed for want of room.
    pub evicted: u64,
    /// Entries removed after their time to live.
    pub expired: u64,
    /// Entries removed by name.
    pub deleted: u64,
    /// Entries removed all together.
    pub cleared: u64,
    /// Bytes copied by cleaning.
    pub moved: u64,
}

/// A large entry, in memory of its own.
#[derive(Debug)]
struct Large {
    words: Arc<Words>,
    deadline: f64,
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
    free: FreeSlots,
    /// Hits and misses of before the last reset.
    pub(super) reads_before: (u64, u64),
    large: Vec<Option<Large>>,
    free_large: Vec<usize>,
    bits: u32,
}

pub(super) type Shards = [RwLock<Shard>];

/// What is to be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put<'a> {
    pub(super) tag: u32,
    pub(super) key: Key<'a>,
    pub(super) value: Value<'a>,
    pub(super) deadline: f64,
    pub(super) stamp: u64,
}

impl Writer {
    pub(super) fn new(bounds: Bounds, policy: Policy, slots: Slots, length: usize, shards: &Shards) -> Self {
        Self {
            log: Log::new(length),
            slots,
            policy,
            bounds,
            counts: Counts::default(),
            entries: 0,
            payload: 0,
            held: Self::least(shards),
            free: FreeSlots::default(),
            reads_before: (0, 0),
            large: Vec::new(),
            free_large: Vec::new(),
            bits: length.trailing_zeros(),
        }
    }

    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// What [`Writer::held`] should be, counted afresh; for tests.
    pub(super) fn recount(&self, shards: usize, tables: usize) -> usize {
        let pointers = shards * size_of::<usize>();
        let segments = self.log.segments.iter().flatten().count() * (self.log.segment_bytes() + pointers);
        let chunk = self.slots.chunk_bytes();
        let slots = (self.slots.capacity() >> self.slots.bits()) * (chunk + pointers);
        let large = self.large.iter().flatten().map(|large| Words::cost(large.words.as_slice().len()));
        let large: usize = large.map(|bytes| bytes + size_of::<Large>()).sum();
        size_of::<Self>() + shards * size_of::<RwLock<Shard>>() + tables + segments + slots + large
    }

    /// The memory at a packed place.
    pub(super) fn words_of(&self, place: u32) -> WordsAt {
        self.words(Place::unpack(place, self.bits))
    }

    /// Bytes of an empty store.
    fn least(shards: &Shards) -> usize {
        let of = |shard: &RwLock<Shard>| size_of::<RwLock<Shard>>() + shard.read().table.bytes();
        size_of::<Self>() + shards.iter().map(of).sum::<usize>()
    }

    /// All bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.held + self.policy.bytes()
    }

    fn over(&self, need: usize) -> bool {
        self.bytes() + need > self.bounds.max_bytes
    }

    fn segment_cost(&self, shards: &Shards) -> usize {
        // Each shard has a pointer to it.
        self.log.segment_bytes() + shards.len() * size_of::<usize>()
    }

    /// Stores a value; `false` where there is no memory for it. Then nothing has changed but what was evicted.
    pub(super) fn put(&mut self, shards: &Shards, put: &Put<'_>) -> bool {
        let head = Head::new(0, put.tag, put.key, put.value, put.deadline);
        let words = head.words();
        let shard = &shards[put.tag as usize & (shards.len() - 1)];
        self.counts.sets += 1;
        let found = shard.read().find(put.tag, put.key);
        match found {
            Some((place, old)) if old.words() == words => {
                self.overwrite(shard, place, old, put);
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
        let found = shard.read().find(put.tag, put.key);
        let slot = found.map_or_else(|| self.free.take(&self.slots), |(_, old)| old.slot);
        let head = Head { slot, ..head };
        head.write(&self.words(place), put.key.bytes, put.value.bytes);
        self.payload += head.key_length + head.value_length;
        let packed = place.pack(self.bits);
        let mut guard = shard.write();
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
            self.policy.used(&self.slots, slot, put.stamp);
        } else {
            drop(guard);
            self.entries += 1;
            self.policy.inserted(&self.slots, slot, put.stamp, put.tag);
        }
        // What the policy notes may have grown.
        self.make_room(shards, 0);
        true
    }

    /// A value of the same size: written where the old one was.
    fn overwrite(&mut self, shard: &RwLock<Shard>, place: u32, old: Head, put: &Put<'_>) {
        let head = Head::new(old.slot, put.tag, put.key, put.value, put.deadline);
        let guard = shard.write();
        head.write(guard.words(place), put.key.bytes, put.value.bytes);
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
        self.policy.used(&self.slots, old.slot, put.stamp);
    }

    /// Removes an entry that is there.
    pub(super) fn remove(&mut self, shards: &Shards, place: u32, head: &Head, why: Removal) {
        let shard = &shards[head.tag as usize & (shards.len() - 1)];
        let mut guard = shard.write();
        guard.table.remove(head.tag, place);
        if let Place::Large(number) = Place::unpack(place, self.bits) {
            guard.large.remove(&number);
        }
        if let Some(length) = guard.table.shrunk() {
            self.held -= guard.table.bytes();
            guard.table.resize(length);
            self.held += guard.table.bytes();
        }
        // With the lock held: a reader that has found the entry may be about to stamp it.
        self.slots.set_hot(head.slot, 0);
        drop(guard);
        self.policy.removed(head.slot);
        if self.free.give(&self.slots, head.slot) {
            self.free.release(&mut self.slots, head.slot);
            self.policy.resize(self.slots.end());
            self.share_slots(shards);
            self.held -= self.chunk_cost(shards);
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
    fn died(&mut self, place: u32, words: usize) {
        match Place::unpack(place, self.bits) {
            Place::Segment { number, .. } => self.log.died(number, words),
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

    fn make_table_room(&mut self, shards: &Shards, shard: &RwLock<Shard>) -> bool {
        let grown = {
            let guard = shard.read();
            guard.table.is_full().then(|| guard.table.grown())
        };
        let Some(length) = grown else { return true };
        // Old and new exist together for a moment.
        if !self.make_room(shards, Words::cost(length)) {
            return false;
        }
        let mut guard = shard.write();
        self.held -= guard.table.bytes();
        let grown = guard.table.resize(length);
        self.held += guard.table.bytes();
        grown
    }

    fn make_slot(&mut self, shards: &Shards) -> bool {
        if !self.free.is_empty() {
            return true;
        }
        if !self.make_room(shards, self.chunk_cost(shards)) {
            return false;
        }
        // Making room may have freed a slot.
        if self.free.is_empty() {
            if !self.free.grow(&mut self.slots) {
                return false;
            }
            self.policy.resize(self.slots.end());
            self.share_slots(shards);
            self.held += self.chunk_cost(shards);
        }
        true
    }

    fn share_slots(&self, shards: &Shards) {
        for shard in shards {
            shard.write().slots.follow(&self.slots);
        }
    }

    fn chunk_cost(&self, shards: &Shards) -> usize {
        self.slots.chunk_bytes() + shards.len() * size_of::<usize>()
    }

    fn make_place(&mut self, shards: &Shards, words: usize, deadline: f64) -> Option<Place> {
        if words > self.log.length / LARGE {
            let cost = Words::cost(words) + size_of::<Large>();
            if !self.make_room(shards, cost) {
                return None;
            }
            let large = Large { words: Arc::new(Words::new(words)?), deadline };
            self.held += cost;
            let number = self.free_large.pop().unwrap_or_else(|| {
                self.large.push(None);
                self.large.len() - 1
            });
            self.large[number] = Some(large);
            return Some(Place::Large(number));
        }
        if !self.log.fits(End::New, words) {
            // What was the end may be cleaned now.
            self.log.close(End::New);
            self.make_segment(shards)?;
        }
        let (number, offset) = self.log.append(End::New, words, deadline)?;
        Some(Place::Segment { number, offset })
    }

    /// Sees to it that there is an empty segment besides the reserve.
    fn make_segment(&mut self, shards: &Shards) -> Option<()> {
        while self.log.empty.len() <= RESERVE {
            let added = !self.over(self.segment_cost(shards)) && self.add_segment(shards);
            if !added && !self.free_some(shards) {
                return None;
            }
        }
        Some(())
    }

    fn add_segment(&mut self, shards: &Shards) -> bool {
        let Some(words) = Words::new(self.log.length) else { return false };
        let words = Arc::new(words);
        self.held += self.segment_cost(shards);
        let number = self.log.add(Arc::clone(&words));
        for shard in shards {
            let segments = &mut shard.write().segments;
            segments.resize(segments.len().max(number + 1), None);
            segments[number] = Some(Arc::clone(&words));
        }
        true
    }

    /// Sees to it that so many bytes more can be held.
    pub(super) fn make_room(&mut self, shards: &Shards, need: usize) -> bool {
        while self.over(need) {
            if self.log.empty.len() > RESERVE {
                self.release_segment(shards);
            } else if !self.free_some(shards) {
                return false;
            }
        }
        true
    }

    fn release_segment(&mut self, shards: &Shards) {
        if let Some(number) = self.log.release() {
            for shard in shards {
                shard.write().segments[number] = None;
            }
            self.held -= self.segment_cost(shards);
        }
    }

    /// One step towards an empty segment: cleans one that is worth it, else evicts. `false` when nothing is left.
    fn free_some(&mut self, shards: &Shards) -> bool {
        if let Some((number, live)) = self.log.emptiest()
            && live * 100 <= self.log.length * (100 - HOLES)
        {
            self.clean(shards, number);
            return true;
        }
        // Several at a time, as looking for a segment to clean costs more than an eviction.
        let enough = self.payload.saturating_sub(self.log.segment_bytes() / 16);
        let before = self.entries;
        while self.evict(shards) && self.payload > enough {}
        if self.entries < before {
            return true;
        }
        // Empty: the ends have nothing in them either.
        let before = self.log.empty.len();
        self.log.close(End::New);
        self.log.close(End::Old);
        self.log.empty.len() > before
    }

    /// Moves what lives in a segment to the old end, and what has expired out.
    fn clean(&mut self, shards: &Shards, number: usize) {
        let now = crate::time::now_ms();
        let segment = self.log.segment(number);
        let (words, used) = (Arc::clone(&segment.words), segment.used);
        // So that it does not count as empty before the end of this.
        segment.live += 1;
        let words = words.as_slice();
        let mut offset = 0;
        while offset < used {
            let head = Head::read(&words[offset..]);
            let length = head.words();
            let place = Place::Segment { number, offset }.pack(self.bits);
            offset += length;
            if !self.lives(&head, place) {
                continue;
            }
            if head.deadline <= now {
                self.remove(shards, place, &head, Removal::Expired);
                continue;
            }
            let Some(to) = self.log.append(End::Old, length, head.deadline) else {
                // The reserve is never empty here; were it, the rest would stay where it is.
                self.log.died(number, 1);
                return;
            };
            let to = Place::Segment { number: to.0, offset: to.1 };
            let target = self.words(to);
            for (from, to) in words[offset - length..offset].iter().zip(&*target) {
                to.store(from.load(Relaxed), Relaxed);
            }
            self.counts.moved += (length * size_of::<u64>()) as u64;
            let to = to.pack(self.bits);
            shards[head.tag as usize & (shards.len() - 1)].write().table.replace(head.tag, place, to);
            self.slots.set_place(head.slot, to);
            self.log.segment(number).live -= length;
        }
        self.log.died(number, 1);
    }

    /// Whether the entry that lies there is one that can be found.
    pub(super) fn lives(&self, head: &Head, place: u32) -> bool {
        self.slots.has(head.slot) && self.slots.hot(head.slot) != 0 && self.slots.place(head.slot) == place
    }

    /// Removes what has expired by `now` in one segment, or among the large entries, from `from` on; where to go on.
    pub(super) fn purge(&mut self, shards: &Shards, from: usize, now: f64) -> Option<usize> {
        let due = |number: usize| {
            let segment = self.log.segments[number].as_ref();
            segment.is_some_and(|segment| segment.used > 0 && segment.earliest <= now)
        };
        let Some(number) = (from..self.log.segments.len()).find(|&number| due(number)) else {
            self.purge_large(shards, now);
            return None;
        };
        let segment = self.log.segment(number);
        let (words, used) = (Arc::clone(&segment.words), segment.used);
        segment.live += 1;
        let (mut offset, mut earliest) = (0, f64::INFINITY);
        while offset < used {
            let head = Head::read(&words.as_slice()[offset..]);
            let place = Place::Segment { number, offset }.pack(self.bits);
            offset += head.words();
            if !self.lives(&head, place) {
                continue;
            }
            if head.deadline <= now {
                self.remove(shards, place, &head, Removal::Expired);
            } else {
                earliest = earliest.min(head.deadline);
            }
        }
        self.log.segment(number).earliest = earliest;
        // Takes back the one added above, and sees whether the segment is empty now.
        self.log.died(number, 1);
        Some(number + 1)
    }

    fn purge_large(&mut self, shards: &Shards, now: f64) {
        for number in 0..self.large.len() {
            let Some(Some(large)) = self.large.get(number) else { continue };
            if large.deadline <= now {
                let head = Head::read(large.words.as_slice());
                self.remove(shards, Place::Large(number).pack(self.bits), &head, Removal::Expired);
            }
        }
    }

    /// The earliest time at which something may expire; infinite for never.
    pub(super) fn earliest(&self) -> f64 {
        let segments = self.log.segments.iter().flatten().map(|segment| segment.earliest);
        let large = self.large.iter().flatten().map(|large| large.deadline);
        segments.chain(large).fold(f64::INFINITY, f64::min)
    }

    /// Removes everything, and returns all memory but that of an empty store.
    pub(super) fn clear(&mut self, shards: &Shards) {
        // All shards at once: from here on nobody reads anything.
        let mut guards: Vec<_> = shards.iter().map(RwLock::write).collect();
        let bits = self.bits;
        let slots = self.slots.emptied();
        for guard in &mut guards {
            **guard = Shard::new(slots.clone(), bits);
        }
        drop(guards);
        self.slots = slots;
        self.counts.cleared += self.entries as u64;
        self.log.clear();
        self.policy.clear();
        self.large = Vec::new();
        self.free_large = Vec::new();
        (self.entries, self.payload, self.free) = (0, 0, FreeSlots::default());
        self.held = Self::least(shards);
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
