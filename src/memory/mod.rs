//! Watching the floor of the garbage collector's sawtooth: samples, the verdict on them, and the black box.
//!
//! See `docs/design/memory.md`.

pub mod process;
pub mod sample;
pub mod verdict;
