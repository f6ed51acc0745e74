//! Looks at one snapshot: what is in it, what is large, who holds what, what is there twice, and a question of one's own.
//!
//! Each look is a function from [`Looks`] to a plain struct, and says in its own file what it costs: linear in nodes and
//! edges, but for sorting, and with lists as long as they were asked for. Documented for users in `docs/heap.md`.

mod asked;
mod closures;
mod collections;
mod duplicates;
mod gone;
mod groups;
mod holders;
pub(crate) mod json;
mod largest;
mod object;
pub mod query;
mod retainers;
mod summary;
mod top;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use super::{Children, Classes, Heap, Paths, Retainers, Scripts};

pub use asked::{Asked, Name};
pub use closures::{Closures, Site, Variable, closures};
pub use collections::{Bucket, Collection, CollectionKind, Collections, Spread, collections};
pub use duplicates::{Duplicate, Duplicates, duplicates};
pub use gone::{DetachedClass, DetachedNodes, detached};
pub use holders::{Holder, Holding, holders};
pub use largest::{Large, Largest, Share, largest};
pub use object::{Hop, Object};
pub use retainers::{Bounds, Held, Retainer, State, Subject, held};
pub use summary::{Category, ClassRow, Part, Summary, summary};

/// A snapshot to be looked at. What several looks need is made when it is first needed, and kept.
#[derive(Debug)]
pub struct Looks<'h> {
    /// The snapshot.
    pub heap: &'h Heap,
    classes: OnceCell<Classes>,
    scripts: OnceCell<Scripts>,
    retainers: OnceCell<Retainers>,
    paths: OnceCell<Paths>,
    children: OnceCell<Children>,
}

impl<'h> Looks<'h> {
    /// Looks at a snapshot.
    #[must_use]
    pub fn at(heap: &'h Heap) -> Self {
        Self {
            heap,
            classes: OnceCell::new(),
            scripts: OnceCell::new(),
            retainers: OnceCell::new(),
            paths: OnceCell::new(),
            children: OnceCell::new(),
        }
    }

    /// The class of each object.
    pub fn classes(&self) -> &Classes {
        self.classes.get_or_init(|| Classes::of(&self.heap.snapshot))
    }

    /// The names of scripts.
    pub fn scripts(&self) -> &Scripts {
        self.scripts.get_or_init(|| Scripts::of(&self.heap.snapshot))
    }

    /// Who refers to whom, backwards.
    pub fn retainers(&self) -> &Retainers {
        self.retainers.get_or_init(|| Retainers::of(&self.heap.snapshot.graph))
    }

    /// The path to each object that explains most.
    pub fn paths(&self) -> &Paths {
        self.paths.get_or_init(|| Paths::of(&self.heap.snapshot, self.scripts()))
    }

    /// What each object dominates.
    pub fn children(&self) -> &Children {
        self.children.get_or_init(|| self.heap.dominators.children())
    }
}
