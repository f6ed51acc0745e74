//! A snapshot with what has to be known of every object: who dominates it, what it retains, how far it is.

use super::distances::distances;
use super::dominators::{Dominators, Search};
use super::ownership::{mark_ephemerons, owned_by_program};
use super::retainers::Retainers;
use super::shallow::{Owners, move_sizes, owners};
use super::snapshot::Snapshot;
use super::{HeapError, Progress};

/// See the top of this file.
#[derive(Debug)]
pub struct Heap {
    /// The snapshot, with sizes as a program knows them.
    pub snapshot: Snapshot,
    /// Who dominates whom.
    pub dominators: Dominators,
    /// Bytes that would be freed with each node.
    pub retained: Vec<u64>,
    /// Steps from the global objects.
    pub distances: Vec<u32>,
}

impl Heap {
    /// Analyses a snapshot, on two threads.
    ///
    /// # Errors
    /// [`HeapError::Aborted`]
    pub fn of(mut snapshot: Snapshot, progress: &Progress) -> Result<Self, HeapError> {
        mark_ephemerons(&mut snapshot.graph, &snapshot.strings);
        let Snapshot { graph, strings, .. } = &snapshot;
        let (dominators, (owners, distances)) = std::thread::scope(|scope| {
            let retainers = scope.spawn(|| Retainers::of(graph));
            let owned = owned_by_program(graph, strings);
            let search = Search::of(graph, &owned, progress);
            let retainers = joined(retainers.join());
            let rest = scope.spawn(|| (owners(graph, strings), distances(graph, strings)));
            let dominators = search.and_then(|mut search| {
                search.add_unreachable(graph, &owned, &retainers, progress)?;
                Dominators::of(search, &owned, &retainers, progress)
            });
            (dominators, joined(rest.join()))
        });
        let dominators = dominators?;
        if let Some(owners) = owners {
            move_sizes(&mut snapshot.graph, &owners);
        }
        let retained = dominators.retained(&snapshot.graph);
        Ok(Self { snapshot, dominators, retained, distances })
    }
}

impl Heap {
    /// Whose storage each node is. Linear in nodes and edges.
    #[must_use]
    pub fn owners(&self) -> Owners {
        let Snapshot { graph, strings, .. } = &self.snapshot;
        owners(graph, strings).unwrap_or_else(|| Owners::nobodys(graph))
    }
}

fn joined<T>(result: std::thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
