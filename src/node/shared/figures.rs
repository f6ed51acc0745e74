//! What is told of stores: the numbers of each, and which are open.

use std::sync::Arc;

use napi_derive::napi;

use crate::shared::{Opened, Store};

/// The numbers of a store, in the order of `lib/shared/stats.ts`.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(super) fn numbers(store: &Store) -> [f64; 19] {
    let stats = store.stats();
    let counts = stats.counts;
    let whole = [
        stats.hits,
        stats.misses,
        counts.sets,
        counts.replaced,
        counts.rejected,
        counts.evicted,
        counts.expired,
        counts.deleted,
        counts.cleared,
        stats.entries as u64,
        stats.bytes as u64,
        stats.payload as u64,
        stats.unpacked,
        stats.packed,
        stats.handles as u64,
        store.leases().len() as u64,
        stats.bounds.max_bytes as u64,
        stats.bounds.max_entries as u64,
        stats.bounds.max_entry_bytes as u64,
    ];
    whole.map(|number| if number == u64::MAX { f64::INFINITY } else { number as f64 })
}

/// A store that is open in this process, and its numbers.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeSharedFigures {
    pub name: String,
    /// In the order of `numbers`.
    pub numbers: Vec<f64>,
}

/// The stores that are open in this process, in whatever threads.
#[napi]
#[must_use]
pub fn shared_figures() -> Vec<NativeSharedFigures> {
    let figures = |opened: &Arc<Opened>| NativeSharedFigures {
        name: opened.name().to_owned(),
        numbers: numbers(&opened.store).to_vec(),
    };
    Opened::all().iter().map(figures).collect()
}

/// The names of the stores that are open in this process.
#[napi]
#[must_use]
pub fn shared_names() -> Vec<String> {
    Opened::names()
}
