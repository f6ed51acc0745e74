//! The bindings: the only module that knows Node-API, one file per feature.
//!
//! It converts, and decides nothing: JavaScript arguments have been validated by `lib/` before they
//! get here, and everything worth testing is in the plain Rust modules.

mod build_info;
mod cache;
mod cli;
mod error;
mod heap;
mod heap_numbers;
mod heap_redact;
mod isolates;
mod listeners;
mod memory;
mod memory_shapes;
mod raw;
mod recordings;
mod shared;
