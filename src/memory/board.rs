//! The words that JavaScript and the keeper share for one isolate: JavaScript writes what only it can see, and may read
//! what the keeper found, without a call in either direction.
//!
//! Every word is an `f64`. The order is known twice, here and in `lib/memory/board.ts`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::sample::Isolate;

/// Words of a board.
pub const WORDS: usize = 32;

/// Where the keeper writes how often what is told has changed.
const TOLD: usize = 28;
/// What the control group allows and uses.
const CGROUP_LIMIT: usize = 29;
const CGROUP_USED: usize = 30;

/// Reads what JavaScript has published.
///
/// The words are not one moment's: JavaScript may be writing. They are figures that move slowly, of which each is
/// whole, and [`Isolate::turn`] is written last.
#[must_use]
pub fn read(words: &[AtomicU64; WORDS]) -> Isolate {
    let turn = f64::from_bits(words[0].load(Ordering::Acquire));
    let word = |index: usize| {
        let value = f64::from_bits(words[index].load(Ordering::Relaxed));
        if value.is_finite() { value } else { 0.0 }
    };
    Isolate {
        turn,
        floor: word(1),
        floor_low: word(2),
        floor_external: word(3),
        heap_used: word(4),
        heap_committed: word(5),
        heap_limit: word(6),
        external: word(7),
        array_buffers: word(8),
        major: word(9),
        minor: word(10),
        major_ms: word(11),
        minor_ms: word(12),
        loop_delay: word(13),
        loop_utilization: word(14),
        requests: word(15),
        handles: word(16),
        timers: word(17),
        cache_bytes: word(18),
        cache_entries: word(19),
        cache_filling: word(20),
        heap_young: word(21),
    }
}

/// Publishes what JavaScript looks at each second.
pub fn publish(words: &[AtomicU64; WORDS], told: u32, cgroup: (f64, f64)) {
    let write = |index: usize, value: f64| words[index].store(value.to_bits(), Ordering::Relaxed);
    write(TOLD, f64::from(told));
    write(CGROUP_LIMIT, cgroup.0);
    write(CGROUP_USED, cgroup.1);
}
