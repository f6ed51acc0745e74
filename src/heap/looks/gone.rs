//! Objects of the embedder's that are not part of anything any more: elements that were taken out of a page, in snapshots
//! of Chrome's; in Node's, handles that nothing but their own object keeps. Linear in nodes and edges.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::groups::retained;
use super::{Hop, Looks, Object};
use crate::heap::detached as marks;
use crate::heap::graph::number;

/// The detached of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedNodes {
    /// Whether the snapshot says of anything whether it is detached.
    pub known: bool,
    /// How many are.
    pub count: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// By class, those that retain most first.
    pub classes: Vec<DetachedClass>,
}

/// Detached objects of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedClass {
    /// The class.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// The one that retains most.
    pub example: Object,
    /// The path to that one that explains most.
    pub path: Vec<Hop>,
}

/// With so many classes at most.
#[must_use]
pub fn detached(looks: &Looks<'_>, limit: usize) -> DetachedNodes {
    let heap = looks.heap;
    let graph = &heap.snapshot.graph;
    let Some(marks) = marks::detached(graph) else {
        return DetachedNodes { known: false, count: 0, retained: 0, classes: Vec::new() };
    };
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut groups: Vec<(&str, u32, u64, u64)> = Vec::new();
    let mut of: HashMap<u32, u32> = HashMap::new();
    for node in graph.nodes().filter(|&node| marks.has(node)) {
        let name = looks.classes().of_node(node).name.as_str();
        let group = *numbers.entry(name).or_insert_with(|| {
            groups.push((name, node, 0, 0));
            number(groups.len() - 1)
        });
        of.insert(node, group);
        let (_, example, count, size) = &mut groups[group as usize];
        *count += 1;
        *size += graph.self_size(node);
        if heap.retained[node as usize] > heap.retained[*example as usize] {
            *example = node;
        }
    }
    let sums = retained(looks, |node| of.get(&node).copied(), groups.len());
    let all = retained(looks, |node| of.contains_key(&node).then_some(0), 1);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&at| (Reverse(sums[at]), groups[at].0));
    let class = |at: usize| {
        let (name, example, count, size) = groups[at];
        DetachedClass {
            name: name.to_owned(),
            count,
            size,
            retained: sums[at],
            example: looks.object(example),
            path: looks.path(example),
        }
    };
    DetachedNodes {
        known: true,
        count: of.len() as u64,
        retained: all.first().copied().unwrap_or(0),
        classes: order.into_iter().take(limit).map(class).collect(),
    }
}
