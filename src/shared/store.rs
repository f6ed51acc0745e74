//! The store: look-ups, changes and the numbers about it. Keys and values are bytes here; what they mean is decided
//! on the JavaScript side, a kind tells it what they were.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::directory::Directory;
use super::entry::{Head, Key, Kind, Value};
use super::handle::Handle;
use super::lock::Guarded;
use super::pinned::Pinned;
use super::policy::{Policy, PolicyKind};
use super::removal::Removal;
use super::shard::{Entry, Shard};
use super::slots::Slots;
use super::stats::Totals;
use super::sync::{AtomicU64, Mutex, MutexGuard};
use super::words::WORD;
use super::writer::{Put, Writer, shard_of};
use super::{Bounds, Leases, pack};
use crate::time::now_ms;

const MIB: usize = 1024 * 1024;
/// Shards at most. With sixteen times as many as threads that look something up, two of them rarely want the same.
const MOST_SHARDS: usize = 64;
/// Bytes of the largest segment, and of the smallest.
const SEGMENT: (usize, usize) = (512, 2 * MIB);
/// A segment is about this share of the store, as 1 / SHARE.
const SHARE: usize = 64;

/// What a store is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// The bounds.
    pub bounds: Bounds,
    /// Who leaves when there is no room.
    pub policy: PolicyKind,
}

/// A value that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<'a> {
    /// Its bytes, unpacked.
    pub bytes: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// When it expires, in milliseconds since the Unix epoch; infinite for never.
    pub deadline: f64,
}

/// See the top of this file.
#[derive(Debug)]
pub struct Store {
    pub(super) shards: Box<[Guarded<Shard>]>,
    pub(super) writer: Mutex<Writer>,
    hasher: RandomState,
    pub(super) lookups: Mutex<Totals>,
    pub(super) unpacked: AtomicU64,
    pub(super) packed: AtomicU64,
    leases: Leases,
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new(options: StoreOptions) -> Self {
        let bounds = options.bounds;
        let length = previous_power(bounds.max_bytes / SHARE).clamp(SEGMENT.0, SEGMENT.1) / WORD;
        let slots = Slots::new((bounds.max_bytes / SHARE / 12).max(1).ilog2().clamp(4, 14));
        let count = previous_power(bounds.max_bytes / MIB).clamp(1, MOST_SHARDS);
        let directory = Directory::new();
        let shard = || Guarded::new(Shard::new(length.trailing_zeros(), directory.clone()));
        let shards: Box<[Guarded<Shard>]> = (0..count).map(|_| shard()).collect();
        let policy = Policy::new(options.policy, bounds.max_entries);
        let writer = Writer::new(bounds, policy, slots, length, &shards, directory);
        Self {
            shards,
            writer: Mutex::new(writer),
            hasher: RandomState::new(),
            lookups: Mutex::new(Totals::default()),
            unpacked: AtomicU64::new(0),
            packed: AtomicU64::new(0),
            leases: Leases::default(),
        }
    }

    /// Reads the value of a key, where it lies. `touch` says whether that counts as a use. No lock is held meanwhile, and
    /// nobody waits for `read`, which may take as long as a garbage collection; the memory of the value is not used for
    /// others until it is done.
    #[inline]
    pub fn get<R>(
        &self,
        handle: &mut Handle,
        key: Key<'_>,
        touch: bool,
        read: impl FnOnce(Found<'_>) -> R,
    ) -> Option<R> {
        self.get_tagged(handle, self.tag(key), key, touch, read)
    }

    #[expect(clippy::inline_always, reason = "as of `Shard::find`")]
    #[inline(always)]
    pub(super) fn get_tagged<R>(
        &self,
        handle: &mut Handle,
        tag: u32,
        key: Key<'_>,
        touch: bool,
        read: impl FnOnce(Found<'_>) -> R,
    ) -> Option<R> {
        let found = Pinned::find(self.shard(tag).read(handle.reading(self)), tag, key)?;
        let Head { deadline, value_kind: kind, packed, slot, .. } = found.head;
        if is_over(deadline) {
            return None;
        }
        let read = found.value(|bytes| {
            if packed {
                let bytes = pack::unpack(bytes)?;
                return Some(read(Found { bytes: &bytes, kind, deadline }));
            }
            Some(read(Found { bytes, kind, deadline }))
        });
        drop(found);
        if touch {
            handle.use_later(slot);
        }
        read
    }

    /// When a key's entry expires; infinite for never, `None` where there is none.
    pub fn deadline(&self, handle: &mut Handle, key: Key<'_>) -> Option<f64> {
        let tag = self.tag(key);
        let deadline = self.shard(tag).read(handle.reading(self)).find(tag, key)?.head.deadline;
        (!is_over(deadline)).then_some(deadline)
    }

    /// Stores a value; `false` where there was no memory to be had, and then the old value is still there.
    pub fn set(&self, handle: &mut Handle, key: Key<'_>, value: Value<'_>, deadline: f64) -> bool {
        self.set_tagged(handle, &self.put(key, value, deadline))
    }

    pub(super) fn set_tagged(&self, handle: &mut Handle, put: &Put<'_>) -> bool {
        self.leases.break_off(put.key);
        self.write(handle).put(&self.shards, put, handle.uses(self))
    }

    /// Stores what was loaded under a lease, and ends the lease; `false` where the lease had ended before, and then
    /// nothing is stored. Without a value only the lease ends.
    pub fn finish(
        &self,
        handle: &mut Handle,
        key: Key<'_>,
        token: u64,
        value: Option<(Value<'_>, f64)>,
    ) -> bool {
        let put = value.map(|(value, deadline)| self.put(key, value, deadline));
        self.leases.finish(key, token, || {
            if let Some(put) = put {
                self.write(handle).put(&self.shards, &put, handle.uses(self));
            }
        })
    }

    /// Who loads what.
    pub fn leases(&self) -> &Leases {
        &self.leases
    }

    /// Changes a value depending on what it is. `decide` is given it, unpacked, with its deadline, or `None`; it
    /// returns the new one with its deadline, or `None` to leave everything as it is. Nobody else changes anything
    /// meanwhile. Whether a value was stored.
    pub fn change(
        &self,
        handle: &mut Handle,
        key: Key<'_>,
        decide: impl FnOnce(Option<(Kind, &[u8], f64)>) -> Option<(Kind, bool, Vec<u8>, f64)>,
    ) -> bool {
        let tag = self.tag(key);
        self.leases.break_off(key);
        let mut writer = self.write(handle);
        let old = self.read(&writer, tag, key);
        let seen = old.as_ref().map(|(head, bytes)| (head.value_kind, bytes.as_slice(), head.deadline));
        let Some((kind, packed, bytes, deadline)) = decide(seen) else { return false };
        let value = Value { kind, packed, bytes: &bytes };
        writer.put(&self.shards, &Put { tag, key, value, deadline }, handle.uses(self))
    }

    /// Removes a key's entry; whether there was one that had not expired.
    pub fn delete(&self, key: Key<'_>) -> bool {
        self.leases.break_off(key);
        self.remove(&mut self.writer.lock(), key)
    }

    /// Removes a key's entry and returns its value, unpacked.
    pub fn take(&self, key: Key<'_>) -> Option<(Kind, Vec<u8>)> {
        self.leases.break_off(key);
        let mut writer = self.writer.lock();
        let (head, bytes) = self.read(&writer, self.tag(key), key)?;
        self.remove(&mut writer, key);
        Some((head.value_kind, bytes))
    }

    fn remove(&self, writer: &mut Writer, key: Key<'_>) -> bool {
        let tag = self.tag(key);
        let found = self.shard(tag).look(&writer.readers).find(tag, key);
        let Some(Entry { place, head, .. }) = found else { return false };
        let over = is_over(head.deadline);
        writer.remove(&self.shards, place, &head, if over { Removal::Expired } else { Removal::Deleted });
        !over
    }

    /// Head and unpacked value of a key, with the writer's lock held.
    fn read(&self, writer: &Writer, tag: u32, key: Key<'_>) -> Option<(Head, Vec<u8>)> {
        let shard = self.shard(tag).look(&writer.readers);
        let Entry { head, words, .. } = shard.find(tag, key)?;
        let mut bytes = Vec::new();
        let range = head.read_value(words, &mut bytes);
        if is_over(head.deadline) {
            return None;
        }
        if head.packed {
            Some((head, pack::unpack(&bytes[range])?))
        } else {
            Some((head, bytes[range].to_vec()))
        }
    }

    /// Removes everything, and returns the memory.
    pub fn clear(&self) {
        self.leases.break_all();
        self.writer.lock().clear(&self.shards);
    }

    /// Removes what has expired, a segment at a time, so that nobody waits for long; how many.
    pub fn purge(&self) -> u64 {
        let now = now_ms();
        let mut from = Some(0);
        let mut purged = 0;
        while let Some(next) = from {
            let mut writer = self.writer.lock();
            let before = writer.counts.expired;
            from = writer.purge(&self.shards, next, now);
            purged += writer.counts.expired - before;
        }
        purged
    }

    /// When [`Store::purge`] may find something next; infinite for never.
    pub fn earliest(&self) -> f64 {
        self.writer.lock().earliest()
    }

    /// Changes the bounds, and evicts what is over them; `false` where that many bytes do not hold even nothing.
    pub fn resize(&self, handle: &mut Handle, bounds: Bounds) -> bool {
        let mut writer = self.write(handle);
        writer.bounds = bounds;
        writer.policy.set_limit(bounds.max_entries);
        while writer.entries > bounds.max_entries && writer.evict(&self.shards) {}
        writer.make_room(&self.shards, 0)
    }

    /// The bounds now.
    pub fn bounds(&self) -> Bounds {
        self.writer.lock().bounds
    }

    /// Entries now, expired ones that have not been noticed among them.
    pub fn len(&self) -> usize {
        self.writer.lock().entries
    }

    /// Bytes of everything held.
    pub fn bytes(&self) -> usize {
        self.writer.lock().bytes()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Checks everything against everything; for tests.
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), String> {
        let writer: MutexGuard<'_, Writer> = self.writer.lock();
        writer.validate(&self.shards)
    }

    /// Notes the uses that a handle has kept for later: for whoever asks for the order of uses next.
    pub fn settle(&self, handle: &mut Handle) {
        drop(self.write(handle));
    }

    /// Notes what a handle has used, if nobody else is writing; whether it has.
    pub(super) fn try_settle(&self, uses: &mut Vec<u32>) -> bool {
        let Some(mut writer) = self.writer.try_lock() else { return false };
        note(&mut writer, uses);
        true
    }

    /// The writer, who knows of all uses by this handle.
    fn write(&self, handle: &mut Handle) -> MutexGuard<'_, Writer> {
        let mut writer = self.writer.lock();
        note(&mut writer, handle.uses(self));
        writer
    }

    fn put<'a>(&self, key: Key<'a>, value: Value<'a>, deadline: f64) -> Put<'a> {
        Put { tag: self.tag(key), key, value, deadline }
    }

    pub(super) fn shard(&self, tag: u32) -> &Guarded<Shard> {
        shard_of(&self.shards, tag)
    }

    /// 32 bits of a keyed hash: who chooses the keys cannot choose where they collide.
    pub(super) fn tag(&self, key: Key<'_>) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(key.bytes);
        // The same bytes of different kinds are different keys; that their tags differ in a known way helps nobody.
        (hasher.finish() >> 32) as u32 ^ (key.kind as u32).wrapping_mul(0x9e37_79b9)
    }
}

/// Notes uses in their order. Entries may have gone meanwhile, and others have their slots: those are used instead.
fn note(writer: &mut Writer, uses: &mut Vec<u32>) {
    // Nothing here waits for anything else, so that the processor fetches many of them at a time.
    uses.retain(|&slot| writer.slots.has(slot) && writer.slots.hot(slot) != 0);
    for slot in uses.drain(..) {
        writer.used(slot);
    }
}

/// Whether a deadline has passed. Asks for the time only where there is one.
fn is_over(deadline: f64) -> bool {
    deadline < f64::INFINITY && deadline <= now_ms()
}

fn previous_power(number: usize) -> usize {
    1 << number.max(1).ilog2()
}
