//! Who leaves when there is no room: the policies of `crate::policy`, as the store uses them.

use std::collections::VecDeque;

use super::slots::Slots;
use crate::policy::Stamps;
use crate::policy::lru::LruPlanner;
use crate::policy::s3fifo::S3Fifo;

/// Plans take this fraction of the slots, as 1 / FRACTION: two bytes an entry, as they count towards the bound.
const FRACTION: usize = 16;
/// Victims planned at a time.
const BATCH: usize = 64;

/// Which entry is evicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// The least recently used, exactly.
    Lru,
    /// S3-FIFO (SOSP 2023).
    S3Fifo,
}

impl PolicyKind {
    /// Its name, as JavaScript has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lru => "lru",
            Self::S3Fifo => "s3-fifo",
        }
    }

    /// The policy of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Lru, Self::S3Fifo].into_iter().find(|kind| kind.as_str() == name)
    }
}

#[derive(Debug)]
pub(super) enum Policy {
    Lru { planner: Box<LruPlanner>, plan: VecDeque<(u32, u64)>, bytes: usize },
    S3Fifo(Box<S3Fifo>),
}

impl Policy {
    pub(super) fn new(kind: PolicyKind, max_entries: usize) -> Self {
        match kind {
            PolicyKind::Lru => {
                let planner = Box::new(LruPlanner::with_fraction(FRACTION));
                Self::Lru { planner, plan: VecDeque::new(), bytes: 0 }
            }
            PolicyKind::S3Fifo => Self::S3Fifo(Box::new(S3Fifo::new(max_entries))),
        }
    }

    /// Notes a use.
    pub(super) fn used(&self, slots: &Slots, slot: u32, stamp: u64) {
        match self {
            Self::Lru { .. } => slots.set_hot(slot, stamp),
            Self::S3Fifo(_) => slots.count(slot),
        }
    }

    pub(super) fn inserted(&mut self, slots: &Slots, slot: u32, stamp: u64, print: u32) {
        match self {
            Self::Lru { .. } => slots.set_hot(slot, stamp),
            Self::S3Fifo(queues) => {
                slots.set_hot(slot, 1);
                queues.inserted(slot, print);
            }
        }
    }

    /// From now on slots are below this.
    pub(super) fn resize(&mut self, slots: usize) {
        if let Self::S3Fifo(queues) = self {
            queues.resize(slots);
        }
    }

    pub(super) fn removed(&mut self, slot: u32) {
        if let Self::S3Fifo(queues) = self {
            queues.removed(slot);
        }
    }

    pub(super) fn set_limit(&mut self, max_entries: usize) {
        if let Self::S3Fifo(queues) = self {
            queues.set_limit(max_entries);
        }
    }

    /// The slot to evict next, of so many.
    pub(super) fn victim(&mut self, slots: &Slots, entries: usize) -> Option<u32> {
        /// Bytes per entry, and besides, that plans take at most without being given back.
        const KEPT: (usize, usize) = (12, 32 * 1024);
        let (planner, plan, bytes) = match self {
            Self::S3Fifo(queues) => return queues.victim(slots),
            Self::Lru { planner, plan, bytes } => (planner, plan, bytes),
        };
        loop {
            while let Some((slot, stamp)) = plan.pop_front() {
                if slots.stamp(slot as usize) == stamp {
                    return Some(slot);
                }
            }
            let (mut victims, mut stamps) = ([0; BATCH], [0.0; BATCH]);
            let count = planner.refill(slots, slots.end(), false, &mut victims, &mut stamps);
            if planner.bytes() > KEPT.0 * entries + KEPT.1 {
                planner.trim();
            }
            *bytes = planner.bytes();
            if count == 0 {
                return None;
            }
            plan.extend(
                victims[..count].iter().copied().zip(stamps[..count].iter().map(|s: &f64| s.to_bits())),
            );
        }
    }

    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Lru { plan, bytes, .. } => bytes + plan.capacity() * size_of::<(u32, u64)>(),
            Self::S3Fifo(queues) => queues.bytes(),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Lru { planner, plan, bytes } => {
                planner.reset();
                (*plan, *bytes) = (VecDeque::new(), 0);
            }
            Self::S3Fifo(queues) => queues.clear(),
        }
    }

    /// Checks that it knows exactly these slots; for tests.
    pub(super) fn validate(&self, live: &[u32]) -> Result<(), String> {
        match self {
            Self::Lru { .. } => Ok(()),
            Self::S3Fifo(queues) => queues.validate(live),
        }
    }

    /// Slots from the first to be evicted to the last; `None` where the stamps say it, see [`by_stamp`].
    pub(super) fn by_rank(&self) -> Option<Vec<u32>> {
        match self {
            Self::S3Fifo(queues) => Some(queues.by_rank().collect()),
            Self::Lru { .. } => None,
        }
    }
}

/// Slots in use, the least recently used first.
pub(super) fn by_stamp(slots: &Slots) -> Vec<u32> {
    let mut order = vec![0; slots.capacity()];
    let count = crate::policy::lru::by_recency(slots, slots.end(), &mut order);
    order.truncate(count);
    order.reverse();
    order
}
