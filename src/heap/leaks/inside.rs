//! What one object keeps: functions, and its biggest parts.

use std::collections::HashSet;

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
        // One list may be followed by another of the same. What is never looked at is not kept either.
        let inside = view.children().of_node(next).iter().filter(|&&to| {
            view.classes.number_of(to) != view.classes.number_of(node)
                || view.graph.kind(to) == NodeKind::Closure
        });
        open.extend(inside.take(MOST - open.len().min(MOST)));
    }
    places
}

/// What an object refers to that nothing else does and that is bigger than `least` bytes, biggest first: the name of
/// the reference, what it is, bytes.
///
/// Every object is looked into once, and few are: a file may claim a thousand references from each of a thousand
/// lists to the next.
pub(super) fn parts_of(view: &View<'_>, node: u32, least: u64) -> Vec<(String, u32, u64)> {
    /// The contexts and lists next to an object.
    const MOST: usize = 40;
    let graph = view.graph;
    let mut found: Vec<(u32, u64, Part)> = Vec::new();
    let mut seen = HashSet::from([node]);
    let (mut open, mut at) = (vec![(node, 0)], 0);
    while let Some(&(from, depth)) = open.get(at) {
        at += 1;
        for (edge, &word) in graph.edges(from).zip(graph.words(from)) {
            let to = to_of(word);
            let bytes = view.heap.retained[to as usize];
            if bytes <= least
                || kind_of(word) == EdgeKind::Weak
                || view.dominator(to) != from && view.dominator(to) != node
                || !seen.insert(to)
            {
                continue;
            }
            if depth < 3 && open.len() < MOST && (is_context(view, to) || is_storage(graph, to)) {
                open.push((to, depth + 1));
            } else if !matches!(
                graph.kind(to),
                NodeKind::Code | NodeKind::ObjectShape | NodeKind::Number | NodeKind::Hidden
            ) && view.classes.number_of(to) != view.classes.number_of(node)
            {
                let part = Part {
                    from,
                    edge,
                    to,
                    context: None,
                    stored: (from != node).then_some(from),
                    cell: None,
                };
                found.push((to, bytes, part));
            }
        }
    }
    found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    found
        .into_iter()
        .map(|(to, bytes, part)| {
            let (words, _, name) = label(view, &part);
            (name.unwrap_or(words), to, bytes)
        })
        .collect()
}
