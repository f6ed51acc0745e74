//! Watching the floor of the garbage collector's sawtooth: samples, the verdict on them, and the black box.
//!
//! See `docs/design/memory.md`.

pub mod board;
mod judge;
mod mood;
pub mod process;
pub mod recorder;
pub mod rings;
pub mod sample;
mod sampler;
#[cfg(test)]
mod simulated;
mod stats;
mod trend;
pub mod verdict;
mod words;

pub use judge::{Now, judge, long_trends};
pub use mood::{Level, Mood};
pub use sampler::Sampler;
pub use words::{bytes, duration};
