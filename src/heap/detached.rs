//! Objects of the embedder's (elements of a page in Chrome, handles in Node) that are not part of anything any more: V8
//! says it of some, and what these alone lead to is detached like them.

use super::graph::{Graph, kind_of, to_of};
use super::kinds::{EdgeKind, NodeKind};
use super::ownership::Bits;

const ATTACHED: u8 = 1;
const DETACHED: u8 = 2;

/// The nodes that are detached; `None` where V8 says it of none.
pub(super) fn detached(graph: &Graph) -> Option<Bits> {
    if graph.nodes().all(|node| graph.detachedness(node) == 0) {
        return None;
    }
    let count = graph.node_count();
    let mut search = Search {
        graph,
        visited: Bits::new(count),
        attached: Vec::new(),
        detached: Vec::new(),
        found: Bits::new(count),
    };
    for node in graph.nodes() {
        let state = graph.detachedness(node);
        if state != 0 {
            search.reach(node, state);
        }
    }
    while let Some(node) = search.attached.pop() {
        search.follow(node, ATTACHED);
    }
    while let Some(node) = search.detached.pop() {
        search.follow(node, DETACHED);
    }
    Some(search.found)
}

struct Search<'g> {
    graph: &'g Graph,
    visited: Bits,
    attached: Vec<u32>,
    detached: Vec<u32>,
    found: Bits,
}

impl Search<'_> {
    fn reach(&mut self, node: u32, state: u8) {
        // Not through JavaScript: every object of the embedder's knows its own state.
        if !self.visited.set(node) || self.graph.kind(node) != NodeKind::Native {
            return;
        }
        match state {
            ATTACHED => self.attached.push(node),
            DETACHED => {
                self.found.set(node);
                self.detached.push(node);
            }
            _ => {}
        }
    }

    fn follow(&mut self, node: u32, state: u8) {
        for &word in self.graph.words(node) {
            if !matches!(kind_of(word), EdgeKind::Hidden | EdgeKind::Weak) {
                self.reach(to_of(word), state);
            }
        }
    }
}
