//! The ledger of listeners: from how many are live at each call site, look after look, to a verdict.
//!
//! JavaScript counts and attributes (it alone sees the listeners) and hands all counts over about once a second, in
//! one call. See `docs/design/listeners.md`.

mod history;
mod ledger;
mod trend;

pub use ledger::{Ledger, Verdict};
