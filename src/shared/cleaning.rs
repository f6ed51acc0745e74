//! Cleaning and expiry: what walks through segments, entry by entry.

use std::sync::Arc;

use super::entry::Head;
use super::log::End;
use super::removal::Removal;
use super::shard::Place;
use super::words::move_words;
use super::writer::{Shards, Writer, shard_of};

impl Writer {
    /// Moves what lives in a segment to the old end, and what has expired out; whether all of it. Not where the reserve is
    /// being read by somebody, or was used up for segments that are.
    pub(super) fn clean(&mut self, shards: &Shards, number: usize) -> bool {
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
            let Some(to) = self.log.append(End::Old, length, head.deadline, &self.readers) else {
                self.log.died(number, 1, &self.readers);
                return false;
            };
            let to = Place::Segment { number: to.0, offset: to.1 };
            let target = self.words(to);
            move_words(&words[offset - length..offset], &target);
            self.counts.moved += (length * size_of::<u64>()) as u64;
            let to = to.pack(self.bits);
            let shard = shard_of(shards, head.tag);
            shard.write(&mut self.readers).table.replace(head.tag, place, to);
            self.slots.set_place(head.slot, to);
            self.log.segment(number).live -= length;
        }
        self.log.died(number, 1, &self.readers);
        true
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
        self.log.died(number, 1, &self.readers);
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
}
