//! What Rust does for `BoundedCache`: it looks at thousands of slots per call, where JavaScript would
//! look at them one by one. See `docs/design/cache.md`.

mod clock;
mod expiry;
mod index;
mod order;
mod probes;

pub use clock::{Clock, Word};
pub use expiry::{Sweep, sweep};
pub use index::{Placed, place, release};
pub use order::compact;
pub use probes::choose_probes;
