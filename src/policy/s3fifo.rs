//! S3-FIFO over slots (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO Queues are All You Need for Cache Eviction", SOSP 2023,
//! §4): new entries queue in a small FIFO (a tenth), those used twice move to the main FIFO, the others leave a
//! ghost; an entry whose ghost is found goes to the main queue at once. Main gives another round for each use
//! counted, up to three.
//!
//! The queues are linked lists over slots, touched on insertion and eviction alone; a use only counts, where the
//! caller keeps the counts ([`Uses`]). The same rules as `lib/cache/s3-fifo.ts`, which serves the cache of objects.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasherDefault;

/// Share of the cache that is the small queue, as in the paper: one in so many.
const SMALL_SHARE: usize = 10;
/// Uses from which an entry leaves the small queue for the main one.
const PROMOTE: u32 = 2;
/// No slot.
const NONE: u32 = u32::MAX;
/// Ghosts kept where only bytes are a bound, though there are fewer entries: the cache may have only just begun to fill.
const FEW_GHOSTS: usize = 64;

/// How often each slot was used since it was last asked about.
pub trait Uses {
    /// Uses counted, capped at 3.
    fn uses(&self, slot: u32) -> u32;
    /// Sets the count.
    fn set_uses(&self, slot: u32, uses: u32);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Free,
    Small,
    Main,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    next: u32,
    previous: u32,
    print: u32,
    place: Place,
}

#[derive(Debug)]
struct Queue {
    head: u32,
    tail: u32,
    count: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self { head: NONE, tail: NONE, count: 0 }
    }
}

/// The queues and the ghosts: 16 bytes a slot, and about 14 a ghost, of which there are fewer than entries.
#[derive(Debug, Default)]
pub struct S3Fifo {
    links: Vec<Link>,
    small: Queue,
    main: Queue,
    ghosts: Ghosts,
    /// Whether anything has been evicted yet.
    evicted: bool,
    /// The most entries there may be, as far as that is known.
    limit: usize,
}

impl S3Fifo {
    /// For a cache of at most `limit` entries; `usize::MAX` where bytes are its only bound.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    /// Changes the bound.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// From now on slots are below `capacity`.
    pub fn resize(&mut self, capacity: usize) {
        let free = Link { next: NONE, previous: NONE, print: 0, place: Place::Free };
        self.links.reserve_exact(capacity.saturating_sub(self.links.len()));
        self.links.resize(capacity, free);
        self.links.shrink_to_fit();
    }

    /// An entry was added, in a slot below the capacity, whose key has this fingerprint. Until the first eviction what the small queue has no room
    /// for goes to the main one, as in the authors' simulator: the first keys would otherwise be evicted as soon as
    /// the cache is full.
    pub fn inserted(&mut self, slot: u32, print: u32) {
        self.links[slot as usize].print = print;
        let filling = !self.evicted && self.small.count >= self.limit / SMALL_SHARE;
        let place = if self.ghosts.take(print) || filling { Place::Main } else { Place::Small };
        self.push(place, slot);
    }

    /// An entry left, whoever removed it.
    pub fn removed(&mut self, slot: u32) {
        self.unlink(slot);
        self.links[slot as usize].place = Place::Free;
    }

    /// Chooses whom to evict, and leaves a ghost of it where the paper does; the caller removes it. `None` when there
    /// is nobody.
    pub fn victim(&mut self, hot: &impl Uses) -> Option<u32> {
        self.evicted = true;
        // The queues' shares are of what the cache holds when full: of its limit, or less if bytes are the limit.
        let size = self.small.count + self.main.count;
        let full = self.limit.min(size);
        let main_share = full - full / SMALL_SHARE;
        loop {
            let from_main = self.main.count > main_share || self.small.count == 0;
            let slot = if from_main { self.main.head } else { self.small.head };
            if slot == NONE {
                return None;
            }
            let uses = hot.uses(slot);
            if from_main {
                if uses == 0 {
                    return Some(slot);
                }
                self.unlink(slot);
                self.push(Place::Main, slot);
                hot.set_uses(slot, uses - 1);
            } else if uses >= PROMOTE {
                self.unlink(slot);
                self.push(Place::Main, slot);
                hot.set_uses(slot, 0);
            } else {
                let ghosts = if self.limit == usize::MAX { size.max(FEW_GHOSTS) } else { self.limit };
                self.ghosts.add(self.links[slot as usize].print, ghosts - ghosts / SMALL_SHARE);
                return Some(slot);
            }
        }
    }

    /// Slots from the first to be evicted to the last, as far as the queues can tell.
    pub fn by_rank(&self) -> impl Iterator<Item = u32> + '_ {
        self.walk(&self.small).chain(self.walk(&self.main))
    }

    /// Bytes of memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.links.capacity() * size_of::<Link>() + self.ghosts.bytes()
    }

    /// Checks that the queues hold exactly these slots; for tests.
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self, live: &[u32]) -> Result<(), String> {
        let mut queued: Vec<u32> = self.by_rank().collect();
        queued.sort_unstable();
        let mut live = live.to_vec();
        live.sort_unstable();
        if queued != live || queued.len() != self.small.count + self.main.count {
            return Err(format!("{} slots are queued, {} live", queued.len(), live.len()));
        }
        Ok(())
    }

    fn walk(&self, queue: &Queue) -> impl Iterator<Item = u32> + '_ {
        let exists = |slot: u32| (slot != NONE).then_some(slot);
        std::iter::successors(exists(queue.head), move |&slot| exists(self.links[slot as usize].next))
    }

    fn push(&mut self, place: Place, slot: u32) {
        let queue = if place == Place::Main { &mut self.main } else { &mut self.small };
        let previous = std::mem::replace(&mut queue.tail, slot);
        queue.count += 1;
        if previous == NONE {
            queue.head = slot;
        } else {
            self.links[previous as usize].next = slot;
        }
        let link = &mut self.links[slot as usize];
        *link = Link { next: NONE, previous, place, print: link.print };
    }

    fn unlink(&mut self, slot: u32) {
        let Link { next, previous, place, .. } = self.links[slot as usize];
        let queue = if place == Place::Main { &mut self.main } else { &mut self.small };
        queue.count -= 1;
        if previous == NONE {
            queue.head = next;
        } else {
            self.links[previous as usize].next = next;
        }
        if next == NONE {
            queue.tail = previous;
        } else {
            self.links[next as usize].previous = previous;
        }
    }
}

/// Fingerprints are random already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u32(&mut self, print: u32) {
        self.0 = u64::from(print).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Which keys were evicted lately: a FIFO of fingerprints. Two keys with one fingerprint are taken for each other,
/// which costs a place in the wrong queue.
#[derive(Debug, Default)]
struct Ghosts {
    prints: HashSet<u32, BuildHasherDefault<AsIs>>,
    /// In the order of their eviction, those found since then among them.
    order: VecDeque<u32>,
}

impl Ghosts {
    fn add(&mut self, print: u32, limit: usize) {
        self.prints.insert(print);
        self.order.push_back(print);
        while self.prints.len() > limit || self.order.len() > limit + limit / 2 {
            let Some(oldest) = self.order.pop_front() else { break };
            self.prints.remove(&oldest);
        }
        if self.order.capacity() > 4 * limit {
            self.order.shrink_to(2 * limit);
            self.prints.shrink_to(limit);
        }
    }

    fn take(&mut self, print: u32) -> bool {
        self.prints.remove(&print)
    }

    fn bytes(&self) -> usize {
        // Five bytes a bucket, of which seven eighths are used at most.
        self.prints.capacity() * 8 / 7 * 5 + self.order.capacity() * size_of::<u32>()
    }
}
