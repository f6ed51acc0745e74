//! Paths without what is V8's own between a program's objects.

use super::super::growth::is_storage;
use super::super::ownership::ROOT;
use super::super::{NodeKind, Step};
use super::View;

/// A reference between two objects of a program's, whatever of V8's is between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) from: u32,
    pub(super) edge: u32,
    pub(super) to: u32,
    /// The variables among which it is one.
    pub(super) context: Option<u32>,
    /// Through the storage of the object before.
    pub(super) stored: Option<u32>,
    /// From a module's variables to what it imports or exports: the cell that modules share.
    pub(super) cell: Option<u32>,
}

/// A path without what is V8's own between the objects.
pub(super) fn parts(view: &View<'_>, path: &[Step]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut from, mut context, mut stored, mut cell) = (ROOT, None, None, None);
    // What refers to a proxy refers to what is behind it.
    let mut proxied = None;
    for step in path {
        let to = step.to;
        if view.graph.kind(to) == NodeKind::Synthetic {
            from = to;
        } else if is_context(view, to) {
            context = Some(to);
        } else if view.graph.kind(to) == NodeKind::Hidden && view.name(to) == "system / JSProxy" {
            proxied = proxied.or(Some((step.edge, context.filter(|&context| context == step.from))));
        } else if is_storage(view.graph, to) {
            if view.name(to) == "system / Cell" {
                cell = Some(to);
            }
            stored = Some(to);
        } else {
            let direct = (step.edge, context.filter(|&context| context == step.from));
            let (edge, variable) = proxied.take().unwrap_or(direct);
            parts.push(Part { from, edge, to, context: variable, stored: stored.take(), cell: cell.take() });
            (from, context) = (to, None);
        }
    }
    parts
}

pub(super) fn is_context(view: &View<'_>, node: u32) -> bool {
    view.graph.kind(node) == NodeKind::Object && view.name(node) == "system / Context"
}
