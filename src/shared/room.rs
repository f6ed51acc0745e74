//! Room for what is about to be stored: nothing grows before there are bytes for it, and where there are none, an empty
//! segment is given back, one with holes is cleaned, or entries are evicted.

use std::sync::Arc;

use super::ahead::Ahead;
use super::lock::Guarded;
use super::log::End;
use super::shard::{Place, Shard};
use super::words::Words;
use super::writer::{Large, Shards, Writer};

/// Entries of more than this share of a segment, as 1 / LARGE, get memory of their own: a segment's end would waste it.
const LARGE: usize = 8;
/// Segments that only cleaning may fill: what it moves must have somewhere to go.
const RESERVE: usize = 1;
/// Segments up to which none is made ready in advance.
const FEW: usize = 4;
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
            self.log.close(End::New, &self.readers);
            self.make_segment(shards)?;
        }
        let (number, offset) = self.log.append(End::New, words, deadline, &self.readers)?;
        Some(Place::Segment { number, offset })
    }

    /// Sees to it that there is an empty segment besides the reserve.
    fn make_segment(&mut self, shards: &Shards) -> Option<()> {
        while self.log.empty.len() <= RESERVE {
            let more = self.add_segment(shards) || self.unpin() || self.free_some(shards);
            if !more {
                return None;
            }
        }
        Some(())
    }

    /// Adds a segment, one that was ordered if possible, if there are bytes for it; an order is over in any case.
    fn add_segment(&mut self, shards: &Shards) -> bool {
        let made = self.take_back();
        let cost = self.log.segment_bytes();
        let number = self.log.next();
        let grows = !self.directory.has(number);
        // Old and new list exist together for a moment.
        if self.over(cost + if grows { self.directory.grown_bytes(number) } else { 0 }) {
            return false;
        }
        let Some(words) = made.or_else(|| Words::new(self.log.length)).map(Arc::new) else { return false };
        if grows {
            self.held -= self.directory.bytes();
            self.directory = self.directory.grown(number);
            self.held += self.directory.bytes();
            for shard in shards {
                shard.write(&mut self.readers).directory = self.directory.clone();
            }
        }
        self.held += cost;
        self.directory.note(number, &words);
        self.log.add(words);
        self.order_segments();
        true
    }

    /// Has the segments after this one made ready, unless the store holds as little as most do.
    pub(super) fn order_segments(&mut self) {
        if !Ahead::makes(self.log.length) || self.log.segments.len() < FEW {
            return;
        }
        let cost = self.log.segment_bytes();
        while !self.over(cost) && self.ahead.order() {
            self.held += cost;
        }
    }

    /// A segment that was ordered, if one is ready. There is one order less in any case, and its bytes are not held.
    pub(super) fn take_back(&mut self) -> Option<Words> {
        if self.ahead.count() == 0 {
            return None;
        }
        self.held -= self.log.segment_bytes();
        self.ahead.take()
    }

    /// Sees to it that so many bytes more can be held.
    pub(super) fn make_room(&mut self, shards: &Shards, need: usize) -> bool {
        while self.over(need) {
            if self.ahead.count() > 0 {
                drop(self.take_back());
            } else if self.log.empty.len() > RESERVE {
                self.release_segment();
            } else if !self.unpin() && !self.free_some(shards) {
                return false;
            }
        }
        true
    }

    /// Gives up segments that somebody was still reading when the last entry left; whether there were any.
    pub(super) fn unpin(&mut self) -> bool {
        let given_up = self.log.unpin(&self.readers);
        self.held -= given_up * self.log.segment_bytes();
        given_up > 0
    }

    fn release_segment(&mut self) {
        // Nobody can find anything in it, so nobody follows the address that the directory still has of it.
        if self.log.release() {
            self.held -= self.log.segment_bytes();
        }
    }

    /// One step towards an empty segment: cleans one that is worth it, else evicts. `false` when nothing is left.
    fn free_some(&mut self, shards: &Shards) -> bool {
        if let Some((number, live)) = self.log.emptiest()
            && live * 100 <= self.log.length * (100 - HOLES)
            && self.clean(shards, number)
        {
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
        self.log.close(End::New, &self.readers);
        self.log.close(End::Old, &self.readers);
        self.log.empty.len() > before
    }
}
