//! The numbers of a store, and the handles that count for it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::Bounds;
use super::handle::Lookups;
use super::lock::Reader;
use super::store::Store;

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

/// The numbers of a store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Look-ups that found a value.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// What changed.
    pub counts: Counts,
    /// Entries now.
    pub entries: usize,
    /// Bytes of everything held.
    pub bytes: usize,
    /// Of these, of keys and values as they are stored.
    pub payload: usize,
    /// Bytes of compressed values before and after, since the start.
    pub unpacked: u64,
    /// After.
    pub packed: u64,
    /// Threads that have it open.
    pub handles: usize,
    /// The bounds.
    pub bounds: Bounds,
}

/// The counters of the handles there are, and the sums of those that have gone.
#[derive(Debug, Default)]
pub(super) struct Totals {
    handles: Vec<Arc<Lookups>>,
    hits: u64,
    misses: u64,
    /// Of before the last reset.
    before: (u64, u64),
}

impl Totals {
    fn sum(&self) -> (u64, u64) {
        let sum = |of: fn(&Lookups) -> u64| self.handles.iter().map(|lookups| of(lookups)).sum::<u64>();
        let hits = self.hits + sum(|lookups| lookups.hits.load(Relaxed));
        (hits, self.misses + sum(|lookups| lookups.misses.load(Relaxed)))
    }
}

impl Store {
    /// The numbers.
    pub fn stats(&self) -> Stats {
        let ((hits, misses), handles) = {
            let lookups = self.lookups.lock();
            let (now, before) = (lookups.sum(), lookups.before);
            ((now.0.saturating_sub(before.0), now.1.saturating_sub(before.1)), lookups.handles.len())
        };
        let writer = self.writer.lock();
        Stats {
            hits,
            misses,
            counts: writer.counts,
            entries: writer.entries,
            bytes: writer.bytes(),
            payload: writer.payload,
            unpacked: self.unpacked.load(Relaxed),
            packed: self.packed.load(Relaxed),
            handles,
            bounds: writer.bounds,
        }
    }

    /// Starts the counters anew.
    pub fn reset_stats(&self) {
        {
            let mut lookups = self.lookups.lock();
            lookups.before = lookups.sum();
        }
        self.writer.lock().counts = Counts::default();
        self.unpacked.store(0, Relaxed);
        self.packed.store(0, Relaxed);
    }

    /// Notes what a compression has done.
    pub fn count_packed(&self, before: usize, after: usize) {
        self.unpacked.fetch_add(before as u64, Relaxed);
        self.packed.fetch_add(after as u64, Relaxed);
    }

    /// Adds a handle's marks and counters.
    pub(super) fn register(&self) -> (Reader, Arc<Lookups>) {
        let lookups = Arc::new(Lookups::default());
        self.lookups.lock().handles.push(Arc::clone(&lookups));
        (self.writer.lock().readers.add(), lookups)
    }

    pub(super) fn deregister(&self, reader: &Reader, lookups: &Arc<Lookups>) {
        self.writer.lock().readers.remove(reader);
        let mut all = self.lookups.lock();
        all.handles.retain(|other| !Arc::ptr_eq(other, lookups));
        all.hits += lookups.hits.load(Relaxed);
        all.misses += lookups.misses.load(Relaxed);
    }
}
