//! The native half of plateau: bounded caches and memory diagnosis for Node.js.
//!
//! Everything outside [`mod@node`] is plain Rust: it knows neither JavaScript values nor Node-API
//! and is tested by `cargo test --no-default-features`. `node` converts between the two and may
//! import every other module; nothing imports it.
//!
//! A feature has one name, and lives under that name here, in `lib/`, `__test__/`, `bench/` and
//! `docs/design/`.

pub mod cache;
pub mod cli;
pub mod error;
pub mod heap;
pub mod keeper;
pub mod listeners;
pub mod memory;
pub mod policy;
pub mod shared;
pub mod time;

// Not in unit tests: without a Node process there is nobody to register the exports with or to call them.
#[cfg(all(feature = "node", not(test)))]
#[expect(unreachable_pub, reason = "what is `pub` in there is reached from JavaScript, not from Rust")]
mod node;

pub use error::{Error, ErrorCode, Result};

/// The version of this crate. The npm package carries the same one, and its loader refuses an addon
/// whose version differs from its own.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
