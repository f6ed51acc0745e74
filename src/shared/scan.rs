//! All entries of a store, a few at a time.

use super::entry::Kind;
use super::pack;
use super::policy::by_stamp;
use super::store::Store;
use super::writer::Writer;

/// One entry of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    /// What the key is.
    pub key_kind: Kind,
    /// Its bytes.
    pub key: Vec<u8>,
    /// What the value is.
    pub value_kind: Kind,
    /// Its bytes, unpacked.
    pub value: Vec<u8>,
    /// When it expires; infinite for never.
    pub deadline: f64,
}

impl Store {
    /// The entries of up to `count` slots from `from` on, and where to go on; `None` at the end. An entry that is
    /// there throughout is met exactly once, whatever happens to others meanwhile.
    pub fn scan(&self, from: u32, count: u32, now: f64, values: bool) -> (Vec<Scanned>, Option<u32>) {
        let writer = self.writer.lock();
        let last = u32::try_from(writer.slots.end()).unwrap_or(u32::MAX);
        let end = last.min(from.saturating_add(count));
        let found = (from..end).filter_map(|slot| Self::scanned(&writer, slot, now, values)).collect();
        (found, (end < last).then_some(end))
    }

    /// All slots, the first to be evicted first.
    pub fn ranked(&self) -> Vec<u32> {
        let writer = self.writer.lock();
        if let Some(ranked) = writer.policy.by_rank() {
            return ranked;
        }
        // Stamps can be read, and sorted, while others write.
        let slots = writer.slots.clone();
        drop(writer);
        by_stamp(&slots)
    }

    /// The entries of these slots, where they still have one.
    pub fn entries_of(&self, slots: &[u32], now: f64) -> Vec<Scanned> {
        let writer = self.writer.lock();
        slots.iter().filter_map(|&slot| Self::scanned(&writer, slot, now, true)).collect()
    }

    fn scanned(writer: &Writer, slot: u32, now: f64, values: bool) -> Option<Scanned> {
        if !writer.slots.has(slot) || writer.slots.hot(slot) == 0 {
            return None;
        }
        let (place, head) = writer.at(slot);
        if head.deadline <= now {
            return None;
        }
        let mut both = Vec::new();
        head.read_both(&writer.words_of(place), &mut both);
        both.truncate(head.key_length + head.value_length);
        let mut value = both.split_off(head.key_length);
        if !values {
            value = Vec::new();
        } else if head.packed {
            value = pack::unpack(&value)?;
        }
        Some(Scanned {
            key_kind: head.key_kind,
            key: both,
            value_kind: head.value_kind,
            value,
            deadline: head.deadline,
        })
    }
}
