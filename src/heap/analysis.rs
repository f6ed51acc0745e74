//! A snapshot with what has to be known of every object: who dominates it, what it retains, how far it is.

use std::sync::mpsc;

use super::distances::distances;
use super::dominators::{Dominators, Search};
use super::ownership::mark_ephemerons;
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
        // Who refers to whom is found first, since dominators wait for it.
        let (found, retainers) = mpsc::channel();
        let (dominators, (owners, distances)) = std::thread::scope(|scope| {
            let other = scope.spawn(move || {
                drop(found.send(Retainers::of(graph)));
                (owners(graph, strings), distances(graph, strings))
            });
            let dominators = Search::of(graph, strings, progress).and_then(|(mut search, owned)| {
                let Ok(retainers) = retainers.recv() else { return Err(HeapError::Aborted) };
                search.add_unreachable(graph, &owned, &retainers, progress)?;
                Dominators::of(search, &owned, &retainers, progress)
            });
            // Where it has panicked, so does this.
            (dominators, joined(other.join()))
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
