//! What one thread has of a store: a share of the stamps and counters of its own, so that look-ups of different
//! threads write to no common memory but the lock of their shard and the stamp of their entry.

use std::sync::Arc;
use std::sync::atomic::AtomicU64 as Counter;
use std::sync::atomic::Ordering::Relaxed;

use super::store::Store;

/// Stamps taken at a time.
const BLOCK: u64 = 32;
/// How far behind the newest stamp one may be. Threads take turns rarely, so the order between uses by different
/// threads is that of time to within so many uses; that of one thread's uses is exact.
const BEHIND: u64 = 128;
/// By how much a stamp may be lower than the newest.
pub(super) const LATE: u64 = BEHIND + BLOCK;

/// Hits and misses of one handle: written by its thread alone.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) hits: Counter,
    pub(super) misses: Counter,
}

/// A thread's access to a store.
#[derive(Debug)]
pub struct Handle {
    store: Arc<Store>,
    reads: Arc<Reads>,
    next: u64,
    end: u64,
    /// Where values are copied to; grows to the largest value read, and is given back after one of over a mebibyte.
    pub buffer: Vec<u8>,
}

impl Handle {
    /// Access to a store.
    #[must_use]
    pub fn new(store: Arc<Store>) -> Self {
        let reads = store.add_reader();
        Self { store, reads, next: 0, end: 0, buffer: Vec::new() }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The next stamp.
    pub fn stamp(&mut self) -> u64 {
        let newest = self.store.newest_stamp();
        if self.next == self.end || newest > self.end + BEHIND {
            self.next = self.store.take_stamps(BLOCK);
            self.end = self.next + BLOCK;
        }
        self.next += 1;
        // A whole number below 2^53, as the policies expect.
        (self.next as f64).to_bits()
    }

    /// Counts a look-up.
    pub fn count(&self, hit: bool) {
        let counter = if hit { &self.reads.hits } else { &self.reads.misses };
        // Nobody else writes it.
        counter.store(counter.load(Relaxed) + 1, Relaxed);
    }

    /// Gives back a buffer that one large value has made large.
    pub fn trim(&mut self) {
        const LARGE: usize = 1 << 20;
        if self.buffer.capacity() > LARGE {
            self.buffer = Vec::new();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.store.remove_reader(&self.reads);
    }
}
