//! Where the input ends: whether all of it is there and fits together.

use super::super::super::HeapError;
use super::super::super::snapshot::Snapshot;
use super::super::layout::Layout;
use super::super::parts::Nodes;
use super::{State, Task, Walker};

impl Walker {
    /// All that was read, checked. `length` are the bytes there were.
    pub(in crate::heap::load) fn finish(mut self, length: u64) -> Result<Snapshot, HeapError> {
        if self.state != State::End {
            return Err(HeapError::Truncated { length, within: self.within() });
        }
        let missing = |name: &str| HeapError::malformed(length, format!("it has no \"{name}\""));
        let layout = self.layout.take().ok_or_else(|| missing("snapshot"))?;
        let nodes = self.nodes.take().ok_or_else(|| missing("nodes"))?;
        if self.task == Task::Nodes {
            return only_nodes(&layout, nodes, length);
        }
        let edges = self.edges.take().ok_or_else(|| missing("edges"))?;
        let strings = self.strings.take().ok_or_else(|| missing("strings"))?.strings;
        let (node_count, edge_count) = (nodes.graph.node_count(), edges.graph.edge_count());
        let wrong = differ(length, "nodes", layout.nodes, node_count)
            .or_else(|| differ(length, "edges", layout.edges, edge_count))
            .or_else(|| differ(length, "edges of all nodes", u64::from(nodes.edges), edge_count))
            .or_else(|| (node_count == 0).then(|| HeapError::malformed(length, "it has no nodes")));
        if let Some(error) = wrong {
            return Err(error);
        }
        nodes.names.check(strings.len(), "a node is named by string")?;
        edges.names.check(strings.len(), "an edge is named by string")?;
        edges.targets.check(node_count, "an edge leads to node")?;
        let mut graph = nodes.graph;
        graph.finish_nodes(nodes.edges);
        graph.take_edges(edges.graph);
        self.locations.retain(|location| (location.node as usize) < node_count);
        self.locations.sort_unstable_by_key(|location| location.node);
        self.locations.dedup_by_key(|location| location.node);
        Ok(Snapshot {
            graph,
            strings,
            locations: self.locations,
            functions: self.functions,
            traces: self.traces,
            samples: self.samples,
            extra_native_bytes: layout.extra_native_bytes,
        })
    }
}

fn differ(length: u64, what: &str, claimed: u64, found: usize) -> Option<HeapError> {
    (claimed != found as u64)
        .then(|| HeapError::malformed(length, format!("{claimed} {what} are claimed, {found} are there")))
}

/// A snapshot without edges and strings.
fn only_nodes(layout: &Layout, nodes: Nodes, length: u64) -> Result<Snapshot, HeapError> {
    if let Some(error) = differ(length, "nodes", layout.nodes, nodes.graph.node_count()) {
        return Err(error);
    }
    let mut graph = nodes.graph;
    graph.finish_nodes(nodes.edges);
    graph.forget_edges();
    Ok(Snapshot { graph, extra_native_bytes: layout.extra_native_bytes, ..Snapshot::default() })
}
