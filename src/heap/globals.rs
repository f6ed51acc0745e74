//! The objects whose properties are global: one per context of V8's.

use super::kinds::{EdgeKind, NodeKind};
use super::ownership::ROOT;
use super::snapshot::Snapshot;

/// Those that the root of a snapshot shows: up to V8 13 it refers to them itself, from 14 on to their contexts.
pub(super) fn globals(snapshot: &Snapshot) -> Vec<u32> {
    let Snapshot { graph, strings, .. } = snapshot;
    let shown = graph.edges(ROOT).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Shortcut);
    let mut found = Vec::new();
    for node in shown.map(|edge| graph.to(edge)) {
        if graph.kind(node) != NodeKind::Hidden {
            found.push(node);
            continue;
        }
        let inside = graph.edges(node).map(|edge| graph.to(edge));
        found.extend(inside.filter(|&node| {
            graph.kind(node) == NodeKind::Object && is_global(strings.raw(graph.name(node)))
        }));
    }
    found
}

/// Whether an object's name is that of one whose properties are global.
pub(super) fn is_global(name: &[u8]) -> bool {
    name == b"global" || name.starts_with(b"global (")
}
