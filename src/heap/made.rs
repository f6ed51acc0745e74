//! Snapshots made for tests: written as V8 writes them.

use std::fmt::Write;

use super::{EdgeKind, NodeKind};

/// A node to be: kind, name, id, bytes.
#[derive(Debug, Clone)]
pub(crate) struct MadeNode {
    pub(crate) kind: NodeKind,
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) size: u64,
    /// Which allocation made it.
    pub(crate) trace: u32,
    /// As [`super::Graph::detachedness`].
    pub(crate) detached: u8,
    /// Kind, name or number, and the node it leads to.
    pub(crate) edges: Vec<(EdgeKind, String, usize)>,
}

/// A snapshot to be. Its first node is the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    pub(crate) nodes: Vec<MadeNode>,
    /// Node, script, line, column.
    pub(crate) locations: Vec<(usize, u32, u32, u32)>,
}

impl Made {
    /// One with a root.
    pub(crate) fn new() -> Self {
        let mut made = Self::default();
        made.add(NodeKind::Synthetic, "", 0);
        made
    }

    /// Adds a node, and returns its number.
    pub(crate) fn add(&mut self, kind: NodeKind, name: &str, size: u64) -> usize {
        let id = 2 * u32::try_from(self.nodes.len()).expect("few") + 1;
        self.nodes.push(MadeNode {
            kind,
            name: name.to_owned(),
            id,
            size,
            trace: 0,
            detached: 0,
            edges: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// Adds an edge; `name` is a number where the kind has numbers.
    pub(crate) fn link(&mut self, from: usize, kind: EdgeKind, name: &str, to: usize) {
        self.nodes[from].edges.push((kind, name.to_owned(), to));
    }

    /// The file.
    pub(crate) fn json(&self) -> String {
        let mut strings: Vec<String> = vec!["<dummy>".into()];
        let mut numbers = std::collections::HashMap::new();
        let mut string = |text: &str| -> usize {
            *numbers.entry(text.to_owned()).or_insert_with(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            })
        };
        let (mut nodes, mut edges) = (String::new(), String::new());
        for node in &self.nodes {
            let comma = if nodes.is_empty() { "" } else { "\n," };
            let (name, id, size, count) = (string(&node.name), node.id, node.size, node.edges.len());
            let kind = node.kind as u8;
            write!(nodes, "{comma}{kind},{name},{id},{size},{count},{},{}", node.trace, node.detached)
                .expect("a string");
            for (kind, name, to) in &node.edges {
                let comma = if edges.is_empty() { "" } else { "\n," };
                let name = if kind.is_numbered() { name.parse().expect("a number") } else { string(name) };
                write!(edges, "{comma}{},{name},{}", *kind as u8, 7 * to).expect("a string");
            }
        }
        let kinds: Vec<&str> = NodeKind::ALL[..16].iter().map(|kind| kind.as_str()).collect();
        let edge_kinds: Vec<&str> = EdgeKind::ALL[..7].iter().map(|kind| kind.as_str()).collect();
        let meta = serde_json::json!({
            "node_fields": ["type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness"],
            "node_types": [kinds, "string", "number", "number", "number", "number", "number"],
            "edge_fields": ["type", "name_or_index", "to_node"],
            "edge_types": [edge_kinds, "string_or_number", "node"],
            "location_fields": ["object_index", "script_id", "line", "column"],
        });
        let edge_count: usize = self.nodes.iter().map(|node| node.edges.len()).sum();
        let locations: Vec<String> = self
            .locations
            .iter()
            .map(|(node, script, line, column)| format!("{},{script},{line},{column}", 7 * node))
            .collect();
        format!(
            "{{\"snapshot\":{{\"meta\":{meta},\"node_count\":{},\"edge_count\":{edge_count},\"trace_function_count\":0}},\n\
             \"nodes\":[{nodes}\n],\n\"edges\":[{edges}\n],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\
             \"samples\":[],\n\"locations\":[{}],\n\"strings\":{}}}",
            self.nodes.len(),
            locations.join("\n,"),
            serde_json::to_string(&strings).expect("strings"),
        )
    }
}
