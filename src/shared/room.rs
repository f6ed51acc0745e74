//! Room for what is about to be stored: nothing grows before there are bytes for it, and where there are none, an empty
//! segment is given back, one with holes is cleaned, or entries are evicted.

use std::sync::Arc;

use super::lock::Guarded;
use super::log::End;
use super::shard::{Place, Shard};
use super::words::Words;
use super::writer::{Large, Shards, Writer};

/// Entries of more than this share of a segment, as 1 / LARGE, get memory of their own: a segment's end would waste it.
const LARGE: usize = 8;
/// Segments that only cleaning may fill: what it moves must have somewhere to go.
const RESERVE: usize = 1;
/// The share of holes, in percent, from which a segment is worth cleaning. While there is none, entries are evicted.
/// More holes mean less copying and fewer entries.
const HOLES: usize = 20;

impl Writer {
    pub(super) fn make_table_room(&mut self, shards: &Shards, shard: &Guarded<Shard>) -> bool {
        let table = &shard.look(&self.readers).table;
        if !table.is_full() {
            return true;
        }
        let length = table.grown();
        // Old and new exist together for a moment.
        if !self.make_room(shards, Words::cost(length)) {
            return false;
        }
        let mut guard = shard.write(&mut self.readers);
        self.held -= guard.table.bytes();
        let grown = guard.table.resize(length);
        self.held += guard.table.bytes();
        grown
    }

    pub(super) fn make_slot(&mut self, shards: &Shards) -> bool {
        if !self.free.is_empty() {
            return true;
        }
        if !self.make_room(shards, self.chunk_cost()) {
            return false;
        }
        // Making room may have freed a slot.
        if self.free.is_empty() {
            if !self.free.grow(&mut self.slots) {
                return false;
            }
            self.policy.resize(self.slots.end());
            self.held += self.chunk_cost();
        }
        true
    }

    pub(super) fn chunk_cost(&self) -> usize {
        self.slots.chunk_bytes() + size_of::<usize>()
    }

    pub(super) fn make_place(&mut self, shards: &Shards, words: usize, deadline: f64) -> Option<Place> {
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
            let segments = &mut shard.write(&mut self.readers).segments;
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
                shard.write(&mut self.readers).segments[number] = None;
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
}
