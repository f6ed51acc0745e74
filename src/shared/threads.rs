//! Tests of the store by several threads: whatever one of them finds is what was written for that key.

use std::sync::Arc;

use super::model::{bounds, is_made, key, made, read, value};
use super::*;

#[test]
#[cfg(not(shuttle))]
fn threads_read_only_what_was_written() {
    let options = StoreOptions { bounds: bounds(2 << 20, 20_000), policy: PolicyKind::Lru };
    let store = Arc::new(Store::new(options));
    std::thread::scope(|scope| {
        for thread in 0_u32..4 {
            let store = Arc::clone(&store);
            scope.spawn(move || run(&mut Handle::new(store), thread, rounds(60_000), (3_000, 700)));
        }
    });
    store.validate().expect("consistent");
    assert_eq!(store.stats().handles, 0);
}

/// Random operations on few keys, so that threads meet, with values up to a length, and now and then a large one.
fn run(handle: &mut Handle, thread: u32, rounds: u32, (names, longest): (u32, usize)) {
    let store = Arc::clone(handle.store());
    let mut random = thread.wrapping_mul(0x9e37_79b9) | 1;
    for round in 0..rounds {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let name = (random >> 8) % names;
        match random >> 28 {
            0..=8 => {
                if let Some(bytes) = read(handle, name, true) {
                    assert!(is_made(name, &bytes), "{name}: {bytes:?}");
                }
            }
            9..=12 => {
                let length = (random >> 4) as usize % if round % 50 == 0 { 40 * longest } else { longest };
                let bytes = made(name, round ^ thread << 20, length);
                store.set(handle, key(&name.to_le_bytes()), value(&bytes), f64::INFINITY);
            }
            13 => drop(store.delete(key(&name.to_le_bytes()))),
            14 => {
                if let Some((_, bytes)) = store.take(key(&name.to_le_bytes())) {
                    assert!(is_made(name, &bytes), "{name}: {bytes:?}");
                }
            }
            _ if round % 1_000 == 0 => store.clear(),
            _ if round % 2 == 0 => store.move_any(random as usize),
            _ => drop(store.scan(random % 4_000, 20, 0.0, true)),
        }
    }
}

/// Random schedules of three threads over a store so small that every write cleans or evicts, and then with so few keys that
/// values are overwritten and their segments filled anew while somebody reads them.
#[test]
#[cfg(shuttle)]
fn schedules_are_all_alike() {
    for names in [3_000, 8] {
        let longest = if names > 100 { 700 } else { 20 };
        shuttle::check_random(
            move || {
                let options = StoreOptions { bounds: bounds(16 << 10, 40), policy: PolicyKind::Lru };
                let store = Arc::new(Store::new(options));
                let threads: Vec<_> = (0_u32..3)
                    .map(|thread| {
                        let store = Arc::clone(&store);
                        shuttle::thread::spawn(move || {
                            run(&mut Handle::new(store), thread, 120, (names, longest))
                        })
                    })
                    .collect();
                for thread in threads {
                    thread.join().expect("no thread fails");
                }
                store.validate().expect("consistent");
            },
            1_000,
        );
    }
}
