//! Bindings of the listener ledger: one call per look at all call sites, about once a second.
//!
//! Unsafe: arrays that a call writes to are borrowed for the call only. JavaScript waits for it, and the shell never
//! passes one array as two arguments.

use napi::bindgen_prelude::{Float64ArraySlice, Uint8ArraySlice};
use napi_derive::napi;

use crate::listeners::Ledger;

/// What the call sites of one thread had live, look after look.
#[napi]
#[derive(Debug, Default)]
pub struct ListenerLedger {
    ledger: Ledger,
}

#[napi]
impl ListenerLedger {
    /// A ledger without entries.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one look at the first `used` sites at `now`, in milliseconds; writes a verdict and a floor for each.
    #[napi]
    pub fn look(
        &mut self,
        now: f64,
        used: u32,
        live: &[f64],
        added: &[f64],
        mut verdicts: Uint8ArraySlice<'_>,
        mut floors: Float64ArraySlice<'_>,
    ) {
        let used = used as usize;
        // SAFETY: exclusive for the length of this call (see the top of this file).
        let verdicts = unsafe { verdicts.as_mut() };
        // SAFETY: as above, and another array.
        let floors = unsafe { floors.as_mut() };
        self.ledger.look(now, &live[..used], &added[..used], &mut verdicts[..used], &mut floors[..used]);
    }

    /// Forgets the history of one site, whose place is given to another.
    #[napi]
    pub fn forget(&mut self, site: u32) {
        self.ledger.forget(site as usize);
    }
}
