//! What one thread has of a store: a mark, counters and a list of uses of its own, so that look-ups of different threads
//! write to no memory in common.
//!
//! Which entries were used, looked up or overwritten, is noted for the policy later, many at a time, as each is a write to
//! memory that is in no cache: before the thread's own next write, so that the order of uses is exact within a thread, and
//! at every 64th look-up. (Caffeine buffers reads for the same reason.)

use std::sync::Arc;
use std::sync::atomic::AtomicU64 as Counter;
use std::sync::atomic::Ordering::Relaxed;

use super::lock::Reader;
use super::store::Store;

/// Uses after which they are noted, if nobody else is writing.
const SOME: usize = 64;
/// Uses after which they are noted in any case.
const MANY: usize = 256;

/// Hits and misses of one handle: written by its thread alone, in cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Lookups {
    pub(super) hits: Counter,
    pub(super) misses: Counter,
}

/// A thread's access to a store.
#[derive(Debug)]
pub struct Handle {
    store: Arc<Store>,
    reader: Reader,
    lookups: Arc<Lookups>,
    /// Slots of entries used, the oldest use first.
    uses: Vec<u32>,
}

impl Handle {
    /// Access to a store.
    #[must_use]
    pub fn new(store: Arc<Store>) -> Self {
        let (reader, lookups) = store.register();
        Self { store, reader, lookups, uses: Vec::with_capacity(MANY) }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Counts a look-up.
    pub fn count(&self, hit: bool) {
        let counter = if hit { &self.lookups.hits } else { &self.lookups.misses };
        // Nobody else writes it.
        counter.store(counter.load(Relaxed) + 1, Relaxed);
    }

    /// What it takes to read: only of its own store.
    pub(super) fn reading(&mut self, store: &Store) -> &mut Reader {
        self.check(store);
        &mut self.reader
    }

    /// Uses that have not been noted yet.
    pub(super) fn uses(&mut self, store: &Store) -> &mut Vec<u32> {
        self.check(store);
        &mut self.uses
    }

    /// Remembers a use.
    pub(super) fn use_later(&mut self, slot: u32) {
        self.uses.push(slot);
        if self.uses.len().is_multiple_of(SOME)
            && !self.store.try_settle(&mut self.uses)
            && self.uses.len() >= MANY
        {
            let store = Arc::clone(&self.store);
            store.settle(self);
        }
    }

    fn check(&self, store: &Store) {
        assert!(std::ptr::eq(&raw const *self.store, store), "a handle is used with its own store");
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.store.deregister(&self.reader, &self.lookups);
    }
}
