//! The objects of a heap and what refers to what, in columns: 17 bytes a node and 8 an edge, with little besides.

use std::collections::HashMap;
use std::ops::Range;

use super::kinds::{EdgeKind, NodeKind};

/// Nodes at most: three bits of an edge's word say what it is.
pub(super) const MOST_NODES: usize = 1 << TO_BITS;
const TO_BITS: u32 = 29;
const TO_MASK: u32 = (1 << TO_BITS) - 1;
/// Stands for a size in [`Graph::large`].
const LARGE: u32 = u32::MAX;

/// Nodes are numbered as they stand in the snapshot, 0 being the root. Edges are numbered alike; those of a node are
/// neighbours.
#[derive(Debug, Default)]
pub struct Graph {
    kinds: Vec<u8>,
    names: Vec<u32>,
    ids: Vec<u32>,
    sizes: Vec<u32>,
    /// Sizes that do not fit.
    large: HashMap<u32, u64>,
    /// The first edge of each node; one more at the end.
    pub(super) first_edges: Vec<u32>,
    /// Where allocations were tracked: which. Else empty.
    traces: Vec<u32>,
    /// What a snapshot of Chrome's says of nodes and the document: 1 attached, 2 detached. Else empty.
    detached: Vec<u8>,
    /// The kind of each edge, and the node it leads to.
    pub(super) edges: Vec<u32>,
    edge_names: Vec<u32>,
}

/// What is known of a node when it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeRecord {
    pub(super) kind: NodeKind,
    pub(super) name: u32,
    pub(super) id: u32,
    pub(super) size: u64,
    pub(super) edges: u32,
    pub(super) trace: u32,
    pub(super) detached: u8,
}

impl Graph {
    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.kinds.len()
    }

    /// How many edges there are.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> Range<u32> {
        0..number(self.node_count())
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, node: u32) -> NodeKind {
        NodeKind::numbered(self.kinds[node as usize])
    }

    /// The number of its name among the strings.
    #[must_use]
    pub fn name(&self, node: u32) -> u32 {
        self.names[node as usize]
    }

    /// The number by which V8 knows an object for as long as it lives, in every snapshot.
    #[must_use]
    pub fn id(&self, node: u32) -> u32 {
        self.ids[node as usize]
    }

    /// Bytes of the object itself.
    #[must_use]
    pub fn self_size(&self, node: u32) -> u64 {
        match self.sizes[node as usize] {
            LARGE => self.large.get(&node).copied().unwrap_or(u64::from(LARGE)),
            size => u64::from(size),
        }
    }

    /// Which allocation made it, where that was tracked; else 0.
    #[must_use]
    pub fn trace(&self, node: u32) -> u32 {
        self.traces.get(node as usize).copied().unwrap_or(0)
    }

    /// What Chrome says of a node and the document: 0 nothing, 1 attached, 2 detached.
    #[must_use]
    pub fn detachedness(&self, node: u32) -> u8 {
        self.detached.get(node as usize).copied().unwrap_or(0)
    }

    /// The edges from a node.
    #[must_use]
    pub fn edges(&self, node: u32) -> Range<u32> {
        self.first_edges[node as usize]..self.first_edges[node as usize + 1]
    }

    /// The words of a node's edges, for [`kind_of`] and [`to_of`].
    #[inline]
    pub(super) fn words(&self, node: u32) -> &[u32] {
        &self.edges[self.first_edges[node as usize] as usize..self.first_edges[node as usize + 1] as usize]
    }

    /// What an edge is.
    #[must_use]
    pub fn edge_kind(&self, edge: u32) -> EdgeKind {
        kind_of(self.edges[edge as usize])
    }

    /// The node that an edge leads to.
    #[must_use]
    pub fn to(&self, edge: u32) -> u32 {
        to_of(self.edges[edge as usize])
    }

    /// The node that an edge comes from. Logarithmic in the number of nodes.
    #[must_use]
    pub fn from(&self, edge: u32) -> u32 {
        number(self.first_edges.partition_point(|&first| first <= edge)) - 1
    }

    /// The number of an edge's name among the strings, or its number where [`EdgeKind::is_numbered`].
    #[must_use]
    pub fn edge_name(&self, edge: u32) -> u32 {
        self.edge_names[edge as usize]
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        let words = [&self.names, &self.ids, &self.sizes, &self.first_edges, &self.traces, &self.edges];
        let words: usize = words.into_iter().map(Vec::capacity).sum();
        self.kinds.capacity() + self.detached.capacity() + 4 * (words + self.edge_names.capacity())
    }

    pub(super) fn reserve_nodes(&mut self, count: usize) -> bool {
        let words = [&mut self.names, &mut self.ids, &mut self.sizes, &mut self.first_edges];
        words.into_iter().all(|column| column.try_reserve_exact(count + 1).is_ok())
            && self.kinds.try_reserve_exact(count).is_ok()
    }

    pub(super) fn reserve_edges(&mut self, count: usize) -> bool {
        self.edges.try_reserve_exact(count).is_ok() && self.edge_names.try_reserve_exact(count).is_ok()
    }

    /// Adds a node; `first_edge` is where its edges begin.
    pub(super) fn push_node(&mut self, record: &NodeRecord, first_edge: u32) {
        let node = self.kinds.len();
        self.kinds.push(record.kind as u8);
        self.names.push(record.name);
        self.ids.push(record.id);
        self.first_edges.push(first_edge);
        self.sizes.push(0);
        self.set_self_size(number(node), record.size);
        if record.trace != 0 {
            self.traces.resize(node + 1, 0);
            self.traces[node] = record.trace;
        }
        if record.detached != 0 {
            self.detached.resize(node + 1, 0);
            self.detached[node] = record.detached;
        }
    }

    pub(super) fn set_self_size(&mut self, node: u32, size: u64) {
        let small = u32::try_from(size).ok().filter(|&size| size != LARGE);
        if self.sizes[node as usize] == LARGE {
            self.large.remove(&node);
        }
        self.sizes[node as usize] = small.unwrap_or_else(|| {
            self.large.insert(node, size);
            LARGE
        });
    }

    pub(super) fn set_kind(&mut self, edge: u32, kind: EdgeKind) {
        let word = &mut self.edges[edge as usize];
        *word = to_of(*word) | (kind as u32) << TO_BITS;
    }

    pub(super) fn push_edge(&mut self, kind: EdgeKind, name: u32, to: u32) {
        self.edges.push(to | (kind as u32) << TO_BITS);
        self.edge_names.push(name);
    }

    /// Takes over the edges of another.
    pub(super) fn take_edges(&mut self, other: Self) {
        self.edges = other.edges;
        self.edge_names = other.edge_names;
    }

    /// No node has an edge.
    pub(super) fn forget_edges(&mut self) {
        self.first_edges.fill(0);
    }

    /// All nodes are there; their edges end here.
    pub(super) fn finish_nodes(&mut self, end: u32) {
        self.first_edges.push(end);
    }
}

/// What an edge's word says it is.
pub(super) fn kind_of(word: u32) -> EdgeKind {
    EdgeKind::numbered((word >> TO_BITS) as u8)
}

/// The node that an edge's word leads to.
pub(super) fn to_of(word: u32) -> u32 {
    word & TO_MASK
}

/// A number of a node or an edge; there are no more of them than fit.
#[expect(clippy::cast_possible_truncation, reason = "counts are checked when a snapshot is read")]
pub(super) fn number(index: usize) -> u32 {
    index as u32
}
