//! The store behind `SharedCache`: bytes outside V8's heap, seen by every thread of the process, with a bound on
//! everything it holds. See `docs/design/shared.md`.
//!
//! Reading marks one shard as read; changing anything takes the writer's lock first and then, one at a time, those of
//! the shards concerned. No lock is ever held while JavaScript runs, so a worker that is terminated leaves none behind.

mod ahead;
mod cleaning;
mod directory;
mod entry;
mod fetch;
mod handle;
mod lease;
mod lock;
mod log;
mod moving;
mod pack;
mod pinned;
mod policy;
mod registry;
mod removal;
mod room;
mod scan;
mod shard;
mod slots;
mod snapshot;
mod stats;
mod store;
mod sweep;
mod sync;
mod table;
mod together;
mod validate;
mod words;
mod writer;

#[cfg(test)]
mod model;
#[cfg(test)]
mod threads;

/// How often a test does something: under `miri`, which takes thousands of times as long, a hundredth.
#[cfg(test)]
const fn rounds(usual: u32) -> u32 {
    if cfg!(miri) { usual / 100 + 1 } else { usual }
}

/// The value compressed, where that makes it shorter by an eighth.
#[must_use]
pub fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    pack::pack(bytes)
}

pub use entry::{Key, Kind, MAX_KEY_BYTES, MAX_VALUE_BYTES, Value};
pub use handle::Handle;
pub use lease::{Asked, Leases, OwnedKey, Waiter};
pub use policy::PolicyKind;
pub use registry::{OpenError, Opened, Settings, Wanted};
pub use scan::Scanned;
pub use snapshot::{SnapshotError, restore, snapshot};
pub use stats::{Counts, Stats};
pub use store::{Found, Store, StoreOptions};
pub use sweep::expires;
pub use together::TOGETHER;
pub use words::mapped_bytes;

/// The bounds of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of everything: entries, index, slots, holes.
    pub max_bytes: usize,
    /// Entries.
    pub max_entries: usize,
    /// Bytes of key and value of one entry, as stored.
    pub max_entry_bytes: usize,
}
