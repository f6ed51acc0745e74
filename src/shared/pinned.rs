//! A value that is read where it lies, after the lock of its shard has been given back: whoever makes a string of it may wait
//! for a garbage collection, and no writer should wait for that. Copied out under the lock instead, a value of 4 KB was first
//! waited for here, and then its string's memory there, one after the other: a sixth longer.
//!
//! Unsafe: memory is read that a lock once led to. Invariant: the entry is pinned (`lock.rs`), and memory of an entry that is
//! pinned is neither written to nor given back. It is written to where a value is overwritten in place, which asks for pins
//! first, with the shard closed (`writer.rs`), and where a segment is filled anew, which like its being given back comes after
//! the last of its entries has left the tables, and after asking for pins then (`log.rs`). Large entries have memory of their
//! own, which is held here.

use std::sync::Arc;

use super::entry::{Head, Key};
use super::fetch::{LINE, fetch};
use super::lock::{Pin, Reading};
use super::shard::{Entry, LINES, Shard};
use super::sync::AtomicU64;
use super::words::{WORD, Words};

/// Cache lines of a long value that are fetched in advance, besides those of any: as many as processors fetch at a time.
const AHEAD: usize = 16;

/// See the top of this file.
#[derive(Debug)]
pub(super) struct Pinned<'a> {
    pub(super) head: Head,
    entry: *const [AtomicU64],
    /// Kept for as long as this is.
    _memory: (Option<Arc<Words>>, Pin<'a>),
}

impl<'a> Pinned<'a> {
    /// The entry with this key.
    #[expect(clippy::inline_always, reason = "as of `Shard::find`")]
    #[inline(always)]
    pub(super) fn find(shard: Reading<'a, Shard>, tag: u32, key: Key<'_>) -> Option<Self> {
        let Entry { place, head, words } = shard.find(tag, key)?;
        let entry = &words[..head.words()];
        if let Some(rest) = entry.get(LINES * LINE / WORD..) {
            // Until the string's memory is there, the processor would wait for nothing else: a twentieth of a look-up.
            fetch(rest, (size_of_val(rest) / LINE).min(AHEAD));
        }
        let entry = std::ptr::from_ref(entry);
        Some(Self { head, entry, _memory: (shard.large(place), shard.pin(entry.addr())) })
    }

    /// Hands out the bytes of the value, as they are stored.
    #[inline]
    pub(super) fn value<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: the entry is pinned, and so nobody writes to or gives back its memory (the top of this file).
        let entry = unsafe { &*self.entry };
        #[cfg(any(shuttle, target_endian = "big"))]
        {
            let mut bytes = Vec::new();
            let range = self.head.read_value(entry, &mut bytes);
            read(&bytes[range])
        }
        #[cfg(not(any(shuttle, target_endian = "big")))]
        {
            // SAFETY: as above: nobody writes these words, so that they may be read as bytes.
            let bytes =
                unsafe { std::slice::from_raw_parts(entry.as_ptr().cast::<u8>(), size_of_val(entry)) };
            let start = self.head.value_at();
            read(&bytes[start..start + self.head.value_length])
        }
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::super::model::{key, made, open, value};
    use super::super::{Handle, PolicyKind, Store, rounds};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// What others do while somebody reads.
    #[derive(Debug, Clone)]
    enum Step {
        /// Stores values of this length under as many names from this one on.
        Set {
            from: u32,
            count: u32,
            length: usize,
        },
        Delete(u32),
        /// Moves a segment elsewhere.
        Move(usize),
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        let name = 0_u32..200;
        prop_oneof![
            4 => (name.clone(), 0_u32..300, 0_usize..600)
                .prop_map(|(from, count, length)| Step::Set { from, count, length }),
            3 => (name.clone(), Just(1), 0_usize..4000).prop_map(|(from, count, length)| Step::Set { from, count, length }),
            2 => name.prop_map(Step::Delete),
            4 => (0_usize..100).prop_map(Step::Move),
            1 => Just(Step::Clear),
        ]
    }

    fn set(store: &Store, handle: &mut Handle, name: u32, bytes: &[u8]) -> bool {
        store.set(handle, key(&name.to_le_bytes()), value(bytes), f64::INFINITY)
    }

    fn play(store: &Store, handle: &mut Handle, steps: &[Step], round: u32) -> Result<(), TestCaseError> {
        for step in steps {
            match *step {
                Step::Set { from, count, length } => {
                    for name in from..from + count {
                        prop_assert!(set(store, handle, name, &made(name, round, length)));
                    }
                }
                Step::Delete(name) => drop(store.delete(key(&name.to_le_bytes()))),
                Step::Move(pick) => store.move_any(pick),
                Step::Clear => store.clear(),
            }
            store.validate().map_err(TestCaseError::fail)?;
        }
        Ok(())
    }

    fn another(handle: &Handle) -> Handle {
        Handle::new(Arc::clone(handle.store()))
    }

    fn is_pinned(store: &Store) -> bool {
        store.writer.lock().log.has_pinned()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(200)))]

        /// What two threads read stays as it is, whatever a third one does, and then its memory serves others.
        #[test]
        fn what_is_being_read_stays_as_it_is(
            max_bytes in 40_000_usize..200_000,
            lengths in (0_usize..700, 0_usize..5000),
            before in prop::collection::vec(step(), 0..4),
            during in prop::collection::vec(step(), 1..6),
            s3fifo: bool,
        ) {
            let policy = if s3fifo { PolicyKind::S3Fifo } else { PolicyKind::Lru };
            let mut writing = open(max_bytes, usize::MAX, policy);
            let (mut one, mut other) = (another(&writing), another(&writing));
            let store = Arc::clone(writing.store());
            play(&store, &mut writing, &before, 1)?;
            let expected = [made(7, 2, lengths.0), made(8, 2, lengths.1)];
            prop_assert!(set(&store, &mut writing, 7, &expected[0]));
            let evicted = store.stats().counts.evicted;
            prop_assert!(set(&store, &mut writing, 8, &expected[1]));
            if store.stats().counts.evicted > evicted {
                // Under S3-FIFO what came last may go first.
                prop_assume!(store.deadline(&mut one, key(&7_u32.to_le_bytes())).is_some());
            }
            let all = store.get(&mut one, key(&7_u32.to_le_bytes()), true, |first| {
                store.get(&mut other, key(&8_u32.to_le_bytes()), true, |second| {
                    for step in &during {
                        play(&store, &mut writing, std::slice::from_ref(step), 3)?;
                        prop_assert_eq!(first.bytes, &expected[0][..]);
                        prop_assert_eq!(second.bytes, &expected[1][..]);
                    }
                    Ok(())
                })
            });
            prop_assert!(matches!(all, Some(Some(Ok(())))), "{all:?}");
            // Nobody reads any more: a turnover gives back what was kept.
            play(&store, &mut writing, &[Step::Set { from: 0, count: 900, length: 500 }], 4)?;
            prop_assert!(!is_pinned(&store));
        }
    }

    /// A value that is being read is not overwritten where it lies, and one that is not, is.
    #[test]
    fn a_value_of_the_same_length_goes_elsewhere_while_the_old_one_is_read() {
        let mut writing = open(1 << 20, usize::MAX, PolicyKind::Lru);
        let mut reading = another(&writing);
        let store = Arc::clone(writing.store());
        let place = |name: u32| {
            let writer = store.writer.lock();
            let slots = 0..u32::try_from(writer.slots.end()).expect("few");
            let at = slots.filter(|&slot| writer.slots.hot(slot) != 0).map(|slot| writer.at(slot));
            let mine = |place: u32| writer.words_of(place)[2].load(std::sync::atomic::Ordering::Relaxed);
            at.map(|(place, _)| place).find(|&place| mine(place) & 0xffff_ffff == u64::from(name))
        };
        for length in [100, 20_000] {
            let [first, second, third] = [1, 2, 3].map(|round| made(5, round, length));
            assert!(set(&store, &mut writing, 5, &first));
            let before = place(5);
            assert!(set(&store, &mut writing, 5, &second));
            assert_eq!(place(5), before, "nobody reads it");
            let read = store.get(&mut reading, key(&5_u32.to_le_bytes()), true, |found| {
                assert!(set(&store, &mut writing, 5, &third));
                assert_ne!(place(5), before);
                found.bytes.to_vec()
            });
            assert_eq!(read, Some(second));
            let read = store.get(&mut reading, key(&5_u32.to_le_bytes()), true, |found| found.bytes.to_vec());
            assert_eq!(read, Some(third));
            store.validate().expect("all is counted");
        }
    }

    /// Reads one name after the other, each while those before are being read, and then does what is left to do.
    fn read_all(store: &Store, readers: &mut [Handle], names: &[u32], then: &mut dyn FnMut(&mut [Handle])) {
        let (Some((reader, readers)), Some((name, names))) = (readers.split_first_mut(), names.split_first())
        else {
            return then(readers);
        };
        let expected = made(*name, 1, 400);
        let same = store.get(reader, key(&name.to_le_bytes()), false, |found| {
            read_all(store, readers, names, then);
            found.bytes == expected
        });
        assert_eq!(same, Some(true));
    }

    /// Writes one name after the other and reads each; whether a write was refused before there was nobody left to read.
    fn write_and_read(store: &Store, writing: &mut Handle, readers: &mut [Handle], name: u32) -> bool {
        let Some((reader, readers)) = readers.split_first_mut() else { return false };
        if !set(store, writing, name, &made(name, 2, 400)) {
            return true;
        }
        store
            .get(reader, key(&name.to_le_bytes()), false, |_| {
                write_and_read(store, writing, readers, name + 1)
            })
            .expect("just written")
    }

    /// Writes go on while each entry that there was room for is being read, until nobody lets go of what is new either:
    /// then they are refused, and nobody waits.
    #[test]
    fn everything_may_be_read_at_once() {
        let mut writing = open(256 << 10, usize::MAX, PolicyKind::Lru);
        let store = Arc::clone(writing.store());
        for name in 0..1500 {
            assert!(set(&store, &mut writing, name, &made(name, 1, 400)));
        }
        let mut readers: Vec<Handle> = (0..800).map(|_| another(&writing)).collect();
        let is_there =
            |name: &u32| store.get(&mut readers[0], key(&name.to_le_bytes()), false, |_| ()).is_some();
        let names: Vec<u32> = (0_u32..1500).filter(is_there).collect();
        assert!(names.len() + 100 < readers.len(), "each is read by somebody, and some have nothing to do");
        read_all(&store, &mut readers, &names, &mut |idle| {
            for name in 5000..8000 {
                assert!(set(&store, &mut writing, name, &made(name, 2, 400)), "the reserve serves");
            }
            store.validate().expect("within the bound");
            assert!(is_pinned(&store));
            assert!(write_and_read(&store, &mut writing, idle, 8000), "there was room left");
            store.validate().expect("a refused write changes nothing");
        });
        for name in 9000..12_000 {
            assert!(set(&store, &mut writing, name, &made(name, 3, 400)));
        }
        store.validate().expect("as before");
        assert!(!is_pinned(&store));
    }
}
