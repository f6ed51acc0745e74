//! Many keys at a time. What is waited for in a single look-up, the cell of the table and then the entry, is fetched for
//! all of them at the same time (group prefetching: Chen, Ailamaki, Gibbons, Mowry: "Improving Hash Join Performance through
//! Prefetching", ICDE 2004, §4). Everything else is as one after the other: nobody waits for the locks of a whole group.

use super::entry::{Key, Value};
use super::handle::Handle;
use super::store::{Found, Store};
use super::writer::Put;

/// Keys at most: as many as processors fetch for at a time, and a few more.
pub const TOGETHER: usize = 32;

impl Store {
    /// As [`Store::get`], of up to [`TOGETHER`] keys, and counted. What `read` makes of each in their order, `None` for those
    /// that are not found or are `None`.
    pub fn get_together<R>(
        &self,
        handle: &mut Handle,
        keys: &[Option<Key<'_>>],
        mut read: impl FnMut(Found<'_>) -> R,
    ) -> Vec<Option<R>> {
        let tags = self.fetched(handle, keys.iter().copied());
        let each = tags.iter().zip(keys).map(|(&tag, key)| {
            let key = (*key)?;
            let found = self.get_tagged(handle, tag, key, true, &mut read);
            handle.count(found.is_some());
            found
        });
        each.collect()
    }

    /// As [`Store::set`], of up to [`TOGETHER`] entries.
    pub fn set_together(&self, handle: &mut Handle, entries: &[(Key<'_>, Value<'_>)], deadline: f64) {
        let tags = self.fetched(handle, entries.iter().map(|(key, _)| Some(*key)));
        for (&tag, &(key, value)) in tags.iter().zip(entries) {
            self.set_tagged(handle, &Put { tag, key, value, deadline });
        }
    }

    /// The tags of keys whose memory is on its way.
    fn fetched<'k>(
        &self,
        handle: &mut Handle,
        keys: impl ExactSizeIterator<Item = Option<Key<'k>>>,
    ) -> [u32; TOGETHER] {
        let count = keys.len();
        let mut tags = [0; TOGETHER];
        for (tag, key) in tags[..count].iter_mut().zip(keys) {
            *tag = key.map_or(0, |key| self.tag(key));
            self.shard(*tag).read(handle.reading(self)).table.fetch(*tag);
        }
        for &tag in &tags[..count] {
            self.shard(tag).read(handle.reading(self)).fetch(tag);
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{key, made, open, read, value};
    use super::super::{PolicyKind, rounds};
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(200)))]

        /// Keys that are looked up together are as if looked up one after the other.
        #[test]
        fn together_is_one_after_the_other(names in prop::collection::vec(prop::option::of(0_u32..60), 0..TOGETHER)) {
            let stores = [(); 2].map(|()| open(1 << 20, 1000, PolicyKind::Lru));
            let [mut one, mut other] = stores;
            for handle in [&mut one, &mut other] {
                let store = Arc::clone(handle.store());
                for name in 0_u32..40 {
                    // Some have expired.
                    let deadline = if name % 7 == 0 { 1.0 } else { f64::INFINITY };
                    let bytes = made(name, 1, 20 * usize::try_from(name).expect("small"));
                    store.set(handle, key(&name.to_le_bytes()), value(&bytes), deadline);
                }
            }
            let expected: Vec<_> =
                names.iter().map(|name| name.and_then(|name| read(&mut one, name, true))).collect();
            let bytes: Vec<_> = names.iter().map(|name| name.map(u32::to_le_bytes)).collect();
            let keys: Vec<_> = bytes.iter().map(|bytes| bytes.as_ref().map(|bytes| key(bytes))).collect();
            let store = Arc::clone(other.store());
            let found = store.get_together(&mut other, &keys, |found| found.bytes.to_vec());
            prop_assert_eq!(found, expected);
            let order = |handle: &mut Handle| {
                let store = Arc::clone(handle.store());
                store.settle(handle);
                store.ranked()
            };
            prop_assert_eq!(order(&mut one), order(&mut other));
        }

        /// Entries that are stored together are as if stored one after the other.
        #[test]
        fn stored_together_is_one_after_the_other(
            batches in prop::collection::vec(prop::collection::vec((0_u32..60, 0_usize..90), 0..TOGETHER), 1..6),
            max_entries in 1_usize..50,
            s3fifo: bool,
        ) {
            let policy = if s3fifo { PolicyKind::S3Fifo } else { PolicyKind::Lru };
            let [mut one, mut other] = [(); 2].map(|()| open(1 << 20, max_entries, policy));
            let stores = [&one, &other].map(|handle| Arc::clone(handle.store()));
            for (round, batch) in (0_u32..).zip(batches) {
                let made: Vec<_> =
                    batch.iter().map(|&(name, length)| (name.to_le_bytes(), made(name, round, length))).collect();
                for (name, bytes) in &made {
                    stores[0].set(&mut one, key(name), value(bytes), f64::INFINITY);
                }
                let entries: Vec<_> = made.iter().map(|(name, bytes)| (key(name), value(bytes))).collect();
                stores[1].set_together(&mut other, &entries, f64::INFINITY);
                stores[1].validate().map_err(TestCaseError::fail)?;
            }
            stores[0].settle(&mut one);
            stores[1].settle(&mut other);
            let held = |store: &Store| -> Vec<_> {
                store.entries_of(&store.ranked(), 0.0).into_iter().map(|entry| (entry.key, entry.value)).collect()
            };
            prop_assert_eq!(held(&stores[0]), held(&stores[1]));
        }
    }
}
