//! Who refers to whom, backwards.

use super::graph::{Graph, kind_of, number, to_of};
use super::kinds::EdgeKind;
use super::ownership::{ROOT, keeps};

/// For each node the nodes with an edge to it that keeps it, one for each such edge.
#[derive(Debug, Default)]
pub struct Retainers {
    first: Vec<u32>,
    from: Vec<u32>,
}

impl Retainers {
    /// Of a whole graph. Linear in its edges.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let nodes = graph.node_count();
        // Counted two places ahead, so that filling, one place ahead, leaves each where it belongs.
        let mut first = vec![0_u32; nodes + 2];
        each_edge(graph, |_, to| first[to as usize + 2] += 1);
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut from = vec![0_u32; sum as usize];
        each_edge(graph, |node, to| {
            let place = &mut first[to as usize + 1];
            from[*place as usize] = node;
            *place += 1;
        });
        first.truncate(nodes + 1);
        Self { first, from }
    }

    /// The nodes that keep a node.
    #[must_use]
    pub fn of_node(&self, node: u32) -> &[u32] {
        &self.from[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// Calls back with every edge that keeps what it leads to, but for those from a node to itself.
#[inline]
fn each_edge(graph: &Graph, mut call: impl FnMut(u32, u32)) {
    for node in 0..number(graph.node_count()) {
        for &word in graph.words(node) {
            let (kind, to) = (kind_of(word), to_of(word));
            let kept = keeps(kind) || (node == ROOT && kind == EdgeKind::Shortcut);
            if kept && to != node {
                call(node, to);
            }
        }
    }
}
