//! Heap snapshots: reading them, who keeps what alive, what it costs, and what has grown. Plain Rust, usable without
//! Node. See `docs/design/heap.md`.

mod analysis;
mod classes;
mod detached;
mod distances;
mod dominators;
mod error;
mod globals;
mod graph;
mod growth;
mod ids;
mod interfaces;
mod kinds;
pub mod leaks;
mod load;
pub mod looks;
mod ownership;
mod packed;
mod paths;
mod redact;
mod retainers;
mod scripts;
mod shallow;
mod snapshot;
mod strings;

#[cfg(any(test, fuzzing))]
pub mod fuzzed;
#[cfg(any(test, fuzzing))]
mod made;
#[cfg(test)]
mod tests;

pub use analysis::Heap;
pub use classes::{Class, Classes, Totals};
pub use distances::{SYSTEM, UNREACHED};
pub use dominators::{Children, Dominators};
pub use error::HeapError;
pub use graph::Graph;
pub use growth::{Accumulation, Age, Member, accumulations, ages};
pub use ids::Ids;
pub use kinds::{EdgeKind, NodeKind};
pub use load::{Progress, Stream};
pub use paths::{Paths, Step};
pub use redact::{Copying, Redaction};
pub use retainers::Retainers;
pub use scripts::{Place, Scripts};
pub use shallow::Owners;
pub use snapshot::{Function, Location, Sample, Snapshot, Trace};
pub use strings::Strings;
