//! What one object keeps: functions, and its biggest parts.

use super::super::graph::{kind_of, to_of};
use super::super::growth::is_storage;
use super::super::{EdgeKind, NodeKind, Place};
use super::View;
use super::parts::{Part, is_context};
use super::words::label;

/// Where the functions stand that only an object keeps, those next to it first; the runtime's own left out.
pub(super) fn functions_of(view: &View<'_>, node: u32) -> Vec<Place> {
    /// More than any listener or timer has around it.
    const MOST: usize = 400;
    let (mut places, mut open, mut at) = (Vec::new(), vec![node], 0);
    while let Some(&next) = open.get(at).filter(|_| at < MOST) {
        at += 1;
        if view.graph.kind(next) == NodeKind::Closure {
            places.extend(view.place(next).filter(|place| !place.is_runtimes()));
        }
        // One list may be followed by another of the same.
        let inside = view.children().of_node(next).iter();
        open.extend(inside.filter(|&&to| {
            view.classes.number_of(to) != view.classes.number_of(node)
                || view.graph.kind(to) == NodeKind::Closure
        }));
    }
    places
}

/// What an object refers to that nothing else does, biggest first: the name of the reference, what it is, bytes.
pub(super) fn parts_of(view: &View<'_>, node: u32) -> Vec<(String, u32, u64)> {
    let graph = view.graph;
    let mut found = Vec::new();
    let mut open = vec![(node, 0)];
    while let Some((at, depth)) = open.pop() {
        for (edge, &word) in graph.edges(at).zip(graph.words(at)) {
            let to = to_of(word);
            if kind_of(word) == EdgeKind::Weak || view.dominator(to) != at && view.dominator(to) != node {
                continue;
            }
            if depth < 3 && (is_context(view, to) || is_storage(graph, to)) {
                open.push((to, depth + 1));
            } else if !matches!(
                graph.kind(to),
                NodeKind::Code | NodeKind::ObjectShape | NodeKind::Number | NodeKind::Hidden
            ) && view.classes.number_of(to) != view.classes.number_of(node)
            {
                let part = Part {
                    from: at,
                    edge,
                    to,
                    context: None,
                    stored: (at != node).then_some(at),
                    cell: None,
                };
                let (words, _, name) = label(view, &part);
                found.push((name.unwrap_or(words), to, view.heap.retained[to as usize]));
            }
        }
    }
    found.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    found.dedup_by_key(|part| part.1);
    found
}
