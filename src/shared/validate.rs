//! Checks of the whole store, for tests: everything that is known twice must agree.

use super::entry::Head;
use super::shard::Place;
use super::writer::{Shards, Writer};
use crate::policy::Stamps;

impl Writer {
    /// What is wrong, if anything.
    pub(super) fn validate(&self, shards: &Shards) -> Result<(), String> {
        let guards: Vec<_> = shards.iter().map(|shard| shard.look(&self.readers)).collect();
        let mut live = Vec::new();
        let mut payload = 0;
        let mut alive = vec![0; self.log.segments.len()];
        for (index, &shard) in guards.iter().enumerate() {
            for (tag, place, words) in shard.entries() {
                let head = Head::read(words);
                let here = format!("entry of slot {} at {place:#x}", head.slot);
                if head.tag != tag || tag as usize & (shards.len() - 1) != index {
                    return Err(format!(
                        "{here}: tag {tag:#x} in shard {index}, {:#x} in its head",
                        head.tag
                    ));
                }
                if self.slots.place(head.slot) != place || self.slots.hot(head.slot) == 0 {
                    return Err(format!("{here}: its slot says {:#x}", self.slots.place(head.slot)));
                }
                if let Place::Segment { number, .. } = Place::unpack(place, self.bits) {
                    alive[number] += head.words();
                    let earliest =
                        self.log.segments[number].as_ref().map_or(f64::NAN, |segment| segment.earliest);
                    if head.deadline < earliest {
                        return Err(format!("{here}: expires before its segment may"));
                    }
                }
                payload += head.key_length + head.value_length;
                live.push(head.slot);
            }
        }
        for (number, segment) in self.log.segments.iter().enumerate() {
            let said = segment.as_ref().map_or(0, |segment| segment.live);
            if said != alive[number] {
                return Err(format!("segment {number}: {said} words live, {} found", alive[number]));
            }
        }
        if (live.len(), payload) != (self.entries, self.payload) {
            return Err(format!(
                "{} entries of {payload} bytes, {} of {} counted",
                live.len(),
                self.entries,
                self.payload
            ));
        }
        let held = self.recount(shards.len(), guards.iter().map(|guard| guard.table.bytes()).sum());
        if held != self.held {
            return Err(format!("{held} bytes held, {} counted", self.held));
        }
        if self.bytes() > self.bounds.max_bytes {
            return Err(format!("{} bytes held, {} allowed", self.bytes(), self.bounds.max_bytes));
        }
        let hot = (0..self.slots.end()).filter(|&slot| self.slots.stamp(slot) != 0).count();
        if hot != live.len() {
            return Err(format!("{hot} slots are in use, {} found", live.len()));
        }
        self.policy.validate(&live)
    }
}
