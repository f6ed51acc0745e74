//! Bindings of the cache: eviction plans, expiry sweeps and the shared clock. Batches only: nothing here is
//! called once per `get` or `set`.
//!
//! Unsafe, twice. Arrays that a call writes to are borrowed for the call only: JavaScript waits for it, and
//! the shell never passes one array as two arguments. And the clock's word is memory of a JavaScript
//! `SharedArrayBuffer` that the keeper thread writes. Invariant: the word outlives every write, because
//! [`CacheClock`] holds a strong reference to the array, and the keeper's task ends (which waits for a run
//! under way) before that reference does: in the drop, or, where an environment is torn down without
//! running finalizers (Deno's workers), in its cleanup hook. Where neither runs (`process.exit`, a fatal
//! error), no memory of the isolate is freed before the process has ended.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};

use napi::Env;
use napi::bindgen_prelude::{
    Float64Array, Float64ArraySlice, Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice, Utf16String,
    retain_current_module_for_unload_safety,
};
use napi_derive::napi;

use crate::cache::{self, Clock, Word, compact, place, release, sweep};
use crate::keeper::Keeper;
use crate::policy::{lru, slot_id};
use crate::time::now_ms;

/// Hands out the slots to evict, least recently used first.
#[napi]
#[derive(Debug, Default)]
pub struct LruPlanner {
    planner: lru::LruPlanner,
}

#[napi]
impl LruPlanner {
    /// A planner without plans.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the next pairs into `slots` and `stamps` and returns how many; 0 when no entry is left. A plan that is
    /// begun takes all slots if `whole`.
    #[napi]
    pub fn refill(
        &mut self,
        hot: &[f64],
        used: u32,
        whole: bool,
        mut slots: Uint32ArraySlice<'_>,
        mut stamps: Float64ArraySlice<'_>,
    ) -> u32 {
        // SAFETY: exclusive for the length of this call (see the top of this file).
        let slots = unsafe { slots.as_mut() };
        // SAFETY: as above, and another array.
        let stamps = unsafe { stamps.as_mut() };
        slot_id(self.planner.refill(hot, used as usize, whole, slots, stamps))
    }

    /// Forgets the plans made, after slots were renumbered.
    #[napi]
    pub fn reset(&mut self) {
        self.planner.reset();
    }
}

/// Writes the live slots, most recently used first, and returns how many.
#[napi]
pub fn slots_by_recency(hot: &[f64], used: u32, mut slots: Uint32ArraySlice<'_>) -> u32 {
    // SAFETY: exclusive for the length of this call (see the top of this file).
    slot_id(lru::by_recency(hot, used as usize, unsafe { slots.as_mut() }))
}

/// Collects expired slots from `from` on. `result` receives where to go on and the earliest deadline seen;
/// the number of slots found is returned.
#[napi]
pub fn sweep_expired(
    hot: &[f64],
    used: u32,
    from: u32,
    limit: u32,
    now: f64,
    mut slots: Uint32ArraySlice<'_>,
    mut result: Float64ArraySlice<'_>,
) -> u32 {
    // SAFETY: exclusive for the length of this call (see the top of this file).
    let slots = unsafe { slots.as_mut() };
    // SAFETY: as above, and another array.
    let result = unsafe { result.as_mut() };
    let done = sweep(hot, used as usize, from as usize, limit as usize, now, slots);
    result[0] = done.next as f64;
    result[1] = done.earliest;
    slot_id(done.found)
}

/// Enters the live slots from `from` on into `table`, until all are entered or `spilled` is full. `spilled` receives
/// where to go on and then the slots whose group was full; how many those are is returned.
#[napi]
pub fn place_slots(
    mut hashes: Int32ArraySlice<'_>,
    hot: &[f64],
    from: u32,
    used: u32,
    mut table: Int32ArraySlice<'_>,
    mut spills: Uint8ArraySlice<'_>,
    mut spilled: Uint32ArraySlice<'_>,
) -> u32 {
    // SAFETY: exclusive for the length of this call (see the top of this file).
    let hashes = unsafe { hashes.as_mut() };
    // SAFETY: as above, and another array.
    let table = unsafe { table.as_mut() };
    // SAFETY: as above, and a third.
    let spills = unsafe { spills.as_mut() };
    // SAFETY: as above, and a fourth.
    let Some((next, spilled)) = (unsafe { spilled.as_mut() }).split_first_mut() else { return 0 };
    let range = (from as usize, used as usize);
    let done = place(hashes, hot, range, table, spills, spilled);
    *next = slot_id(done.next);
    slot_id(done.spilled)
}

/// Frees the first `count` of `slots` in `hot` and `table`. `left` receives those that are not in the table; how many is
/// returned.
#[napi]
pub fn release_slots(
    slots: &[u32],
    count: u32,
    hashes: &[i32],
    mut hot: Float64ArraySlice<'_>,
    mut table: Int32ArraySlice<'_>,
    mut left: Uint32ArraySlice<'_>,
) -> u32 {
    // SAFETY: exclusive for the length of this call (see the top of this file).
    let hot = unsafe { hot.as_mut() };
    // SAFETY: as above, and another array.
    let table = unsafe { table.as_mut() };
    // SAFETY: as above, and a third.
    let left = unsafe { left.as_mut() };
    slot_id(release(&slots[..count as usize], hashes, hot, table, left))
}

/// Moves the live ones of the first `end` places of `log` to its beginning, in their order; how many is returned.
#[napi]
pub fn compact_log(mut log: Int32ArraySlice<'_>, end: u32, mut positions: Int32ArraySlice<'_>) -> u32 {
    // SAFETY: exclusive for the length of this call (see the top of this file).
    let log = unsafe { log.as_mut() };
    // SAFETY: as above, and another array.
    let positions = unsafe { positions.as_mut() };
    slot_id(compact(log, end as usize, positions))
}

/// The positions at which to read keys like these, which are different, to tell `2^bits` of them apart.
#[napi]
#[must_use]
pub fn choose_probes(keys: Vec<Utf16String>, bits: f64) -> Vec<i32> {
    let keys: Vec<Vec<u16>> = keys.into_iter().map(|key| key.to_vec()).collect();
    cache::choose_probes(&keys, bits)
}

/// Milliseconds since the Unix epoch, monotonic.
#[napi]
#[must_use]
pub fn clock_now() -> f64 {
    now_ms()
}

struct SharedWord(*const AtomicU64);

// SAFETY: the pointer is only used for atomic stores, and is valid until the task that owns it has been
// dropped (see the invariant at the top of this file).
unsafe impl Send for SharedWord {}

impl Word for SharedWord {
    fn cell(&self) -> &AtomicU64 {
        // SAFETY: valid for as long as `self` lives, by the same invariant; 8-byte aligned because it is
        // the start of a `Float64Array`.
        unsafe { &*self.0 }
    }
}

/// A shared word that the keeper keeps at the current time while it is leased.
#[napi]
pub struct CacheClock {
    // Dropped in this order: first the task (nobody else holds the clock), then the memory it writes to.
    clock: Arc<Clock>,
    _memory: Float64Array,
}

#[napi]
impl CacheClock {
    /// `memory` must be a `Float64Array` over a `SharedArrayBuffer`, of at least one element.
    #[napi(constructor)]
    pub fn new(env: Env, mut memory: Float64Array) -> napi::Result<Self> {
        // The keeper thread runs this addon's code for as long as the process lives: an addon that only a
        // worker has loaded must not be unloaded with it, as Windows and macOS would.
        retain_current_module_for_unload_safety();
        // SAFETY: nobody else has the array in this call, and the slice is gone at the end of this line.
        let word = SharedWord(unsafe { memory.as_mut() }.as_mut_ptr().cast::<AtomicU64>());
        let clock = Arc::new(Clock::new(Keeper::global(), word));
        env.add_env_cleanup_hook(Arc::downgrade(&clock), |clock: Weak<Clock>| {
            if let Some(clock) = clock.upgrade() {
                clock.stop();
            }
        })?;
        Ok(Self { clock, _memory: memory })
    }

    /// Starts the clock, or prolongs its lease, with a tick in milliseconds; returns the exact time.
    #[napi]
    #[must_use]
    pub fn start(&self, tick: f64) -> f64 {
        self.clock.start(tick)
    }
}
