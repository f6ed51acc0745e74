//! Tests of the store beside a model that is a list: the same operations, the same answers.

#![expect(clippy::cast_possible_truncation, reason = "lengths and names are small")]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

pub(super) fn bounds(max_bytes: usize, max_entries: usize) -> Bounds {
    Bounds { max_bytes, max_entries, max_entry_bytes: max_bytes / 4 }
}

pub(super) fn open(max_bytes: usize, max_entries: usize, policy: PolicyKind) -> Handle {
    let options = StoreOptions { bounds: bounds(max_bytes, max_entries), policy };
    Handle::new(Arc::new(Store::new(options)))
}

pub(super) fn key(name: &[u8]) -> Key<'_> {
    Key { kind: Kind::Bytes, bytes: name }
}

pub(super) fn value(bytes: &[u8]) -> Value<'_> {
    Value { kind: Kind::Bytes, packed: false, bytes }
}

/// A value that says whose it is, of about this length.
pub(super) fn made(name: u32, round: u32, length: usize) -> Vec<u8> {
    let mut bytes = [name.to_le_bytes(), round.to_le_bytes()].concat();
    bytes.extend((0..length).map(|at| (at as u32).wrapping_mul(round ^ name).to_le_bytes()[1]));
    bytes
}

pub(super) fn is_made(name: u32, bytes: &[u8]) -> bool {
    let round = u32::from_le_bytes(bytes[4..8].try_into().expect("as it was made"));
    bytes == made(name, round, bytes.len() - 8)
}

#[derive(Debug, Clone)]
enum Step {
    Get(u32),
    Peek(u32),
    Set(u32, usize),
    Delete(u32),
    Take(u32),
    Change(u32, usize),
    Move(usize),
    Clear,
}

fn steps(keys: u32, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let name = 0..keys;
    let step = prop_oneof![
        30 => name.clone().prop_map(Step::Get),
        5 => name.clone().prop_map(Step::Peek),
        40 => (name.clone(), 0..longest).prop_map(|(name, length)| Step::Set(name, length)),
        10 => name.clone().prop_map(Step::Delete),
        5 => name.clone().prop_map(Step::Take),
        2 => (0_usize..100).prop_map(Step::Move),
        9 => (name, 0..longest).prop_map(|(name, length)| Step::Change(name, length)),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 1..400)
}

/// A list, the least recently used first.
#[derive(Debug, Default)]
struct Model(Vec<(u32, Vec<u8>)>);

impl Model {
    fn position(&self, name: u32) -> Option<usize> {
        self.0.iter().position(|(other, _)| *other == name)
    }

    fn touch(&mut self, name: u32) -> Option<Vec<u8>> {
        let entry = self.0.remove(self.position(name)?);
        self.0.push(entry.clone());
        Some(entry.1)
    }

    fn set(&mut self, name: u32, bytes: Vec<u8>, max_entries: usize) {
        match self.position(name) {
            Some(at) => drop(self.0.remove(at)),
            None if self.0.len() >= max_entries => drop(self.0.remove(0)),
            None => {}
        }
        self.0.push((name, bytes));
    }
}

pub(super) fn read(handle: &mut Handle, name: u32, touch: bool) -> Option<Vec<u8>> {
    let store = Arc::clone(handle.store());
    store.get(handle, key(&name.to_le_bytes()), touch, |found| found.bytes.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(rounds(200)))]

    /// With room in bytes, entries are the bound: exact LRU, whatever is compared.
    #[test]
    fn it_is_an_exact_lru_cache(steps in steps(40, 60), max_entries in 1_usize..30) {
        let mut handle = open(1 << 20, max_entries, PolicyKind::Lru);
        let store = Arc::clone(handle.store());
        let mut model = Model::default();
        for (round, step) in (0_u32..).zip(steps) {
            match step {
                Step::Get(name) => prop_assert_eq!(read(&mut handle, name, true), model.touch(name)),
                Step::Peek(name) => {
                    let expected = model.position(name).map(|at| model.0[at].1.clone());
                    prop_assert_eq!(read(&mut handle, name, false), expected);
                }
                Step::Set(name, length) => {
                    let bytes = made(name, round, length);
                    prop_assert!(store.set(&mut handle, key(&name.to_le_bytes()), value(&bytes), f64::INFINITY));
                    model.set(name, bytes, max_entries);
                }
                Step::Delete(name) => {
                    let there = model.position(name);
                    prop_assert_eq!(store.delete(key(&name.to_le_bytes())), there.is_some());
                    there.map(|at| model.0.remove(at));
                }
                Step::Take(name) => {
                    let expected = model.position(name).map(|at| model.0.remove(at).1);
                    prop_assert_eq!(store.take(key(&name.to_le_bytes())).map(|(_, bytes)| bytes), expected);
                }
                Step::Change(name, length) => {
                    let bytes = made(name, round, length);
                    let expected = model.position(name).map(|at| model.0[at].1.clone());
                    let mut seen = None;
                    store.change(&mut handle, key(&name.to_le_bytes()), |old| {
                        seen = old.map(|(_, bytes, _)| bytes.to_vec());
                        seen.is_some().then(|| (Kind::Bytes, false, bytes.clone(), f64::INFINITY))
                    });
                    prop_assert_eq!(&seen, &expected);
                    if expected.is_some() {
                        model.set(name, bytes, max_entries);
                    }
                }
                Step::Move(pick) => store.move_any(pick),
                Step::Clear => {
                    store.clear();
                    model.0.clear();
                }
            }
            prop_assert_eq!(store.len(), model.0.len());
            store.validate().map_err(TestCaseError::fail)?;
        }
        store.settle(&mut handle);
        let order: Vec<u32> = store.entries_of(&store.ranked(), 0.0).iter()
            .map(|entry| u32::from_le_bytes(entry.key[..].try_into().expect("four bytes"))).collect();
        prop_assert_eq!(order, model.0.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    /// With bytes the bound, what is found is what was stored, and the bound holds after every step.
    #[test]
    fn bytes_are_bounded_and_values_whole(
        steps in steps(400, 900),
        max_bytes in 16_384_usize..65_536,
        s3fifo: bool,
    ) {
        let policy = if s3fifo { PolicyKind::S3Fifo } else { PolicyKind::Lru };
        let mut handle = open(max_bytes, usize::MAX, policy);
        let store = Arc::clone(handle.store());
        let mut written = std::collections::HashMap::new();
        for (round, step) in (0_u32..).zip(steps) {
            match step {
                Step::Get(name) | Step::Peek(name) => {
                    if let Some(bytes) = read(&mut handle, name, true) {
                        prop_assert_eq!(Some(&bytes), written.get(&name));
                    }
                }
                Step::Set(name, length) | Step::Change(name, length) => {
                    let bytes = made(name, round, length);
                    prop_assert!(store.set(&mut handle, key(&name.to_le_bytes()), value(&bytes), f64::INFINITY));
                    let found = read(&mut handle, name, false);
                    prop_assert_eq!(found.as_ref(), Some(&bytes));
                    written.insert(name, bytes);
                }
                Step::Delete(name) | Step::Take(name) => {
                    store.delete(key(&name.to_le_bytes()));
                    written.remove(&name);
                    prop_assert_eq!(read(&mut handle, name, false), None);
                }
                Step::Move(pick) => store.move_any(pick),
                Step::Clear => {
                    store.clear();
                    written.clear();
                }
            }
            store.validate().map_err(TestCaseError::fail)?;
        }
    }
}

/// Writes more than fits several times over, with sizes that change; each time the bytes are used, but for some per
/// entry and a share of holes.
fn churn(policy: PolicyKind, per_entry: usize, least: f64) {
    let max_bytes = 8 << 20;
    let mut handle = open(max_bytes, usize::MAX, policy);
    let store = Arc::clone(handle.store());
    for (phase, longest) in [100, 4_000, 30, 1_500, 20_000].into_iter().enumerate() {
        let mut bytes = 0;
        let mut round = 0_u32;
        while bytes < 4 * max_bytes {
            round += 1;
            let name = round.wrapping_mul(2_654_435_761) % 3_000_017 + 10_000_000 * phase as u32;
            let made = made(name, round, name as usize % longest);
            bytes += made.len() + per_entry;
            assert!(store.set(&mut handle, key(&name.to_le_bytes()), value(&made), f64::INFINITY));
        }
        store.validate().expect("consistent");
        let stats = store.stats();
        let used = (stats.payload + per_entry * stats.entries) as f64 / max_bytes as f64;
        assert!(used > least, "{longest}: {used}, {stats:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours")]
fn memory_serves_whatever_sizes_come() {
    churn(PolicyKind::Lru, 56, 0.86);
    // Its main queue keeps entries of all phases, so slots of the fullest one stay in use here and there.
    churn(PolicyKind::S3Fifo, 84, 0.65);
}

#[test]
fn what_expires_is_gone_and_its_memory_free() {
    let mut handle = open(1 << 20, usize::MAX, PolicyKind::Lru);
    let store = Arc::clone(handle.store());
    let now = crate::time::now_ms();
    for name in 0_u32..2_000 {
        let deadline = if name % 3 == 0 { f64::INFINITY } else { now - 1.0 };
        let bytes = made(name, 1, if name % 100 == 0 { 5_000 } else { 50 });
        assert!(store.set(&mut handle, key(&name.to_le_bytes()), value(&bytes), deadline));
    }
    assert_eq!(read(&mut handle, 1, true), None);
    assert!(read(&mut handle, 3, true).is_some());
    let before = store.len();
    let purged = store.purge();
    assert_eq!(store.len() as u64, before as u64 - purged);
    assert_eq!(store.len(), 667);
    assert!(store.earliest().is_infinite());
    store.validate().expect("consistent");
}

#[test]
#[cfg_attr(miri, ignore = "takes an hour")]
fn a_smaller_bound_takes_effect_at_once() {
    let mut handle = open(4 << 20, usize::MAX, PolicyKind::Lru);
    let store = Arc::clone(handle.store());
    for name in 0_u32..20_000 {
        assert!(store.set(&mut handle, key(&name.to_le_bytes()), value(&made(name, 1, 80)), f64::INFINITY));
    }
    assert!(store.resize(&mut handle, bounds(1 << 20, 5_000)));
    store.validate().expect("consistent");
    assert!(store.len() <= 5_000 && store.len() > 3_000, "{}", store.len());
    assert!(read(&mut handle, 19_999, true).is_some());
    store.clear();
    assert!(store.stats().bytes < 100_000, "{:?}", store.stats());
    store.validate().expect("consistent");
}

#[test]
fn a_scan_meets_every_entry_that_stays_once() {
    let mut handle = open(4 << 20, usize::MAX, PolicyKind::Lru);
    let store = Arc::clone(handle.store());
    let names = rounds(3_000);
    for name in 0..names {
        store.set(&mut handle, key(&name.to_le_bytes()), value(&made(name, 1, 80)), f64::INFINITY);
    }
    let (mut from, mut met) = (Some(0), Vec::new());
    let mut other = names;
    while let Some(next) = from {
        let (entries, on) = store.scan(next, 100, 0.0, true);
        for entry in entries {
            let name = u32::from_le_bytes(entry.key[..].try_into().expect("four bytes"));
            assert!(is_made(name, &entry.value));
            met.push(name);
        }
        from = on;
        // What comes and goes meanwhile, and moves the rest about.
        for _ in 0..rounds(50) {
            store.set(&mut handle, key(&other.to_le_bytes()), value(&made(other, 1, 300)), f64::INFINITY);
            store.delete(key(&other.to_le_bytes()));
            other += 1;
        }
    }
    met.retain(|name| *name < names);
    met.sort_unstable();
    assert_eq!(met, (0..names).collect::<Vec<_>>());
}
