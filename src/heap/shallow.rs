//! Sizes as a program knows them: storage that only one object has (elements, property tables, hidden parts) counts as
//! part of that object, as in Chrome's developer tools.

use super::graph::{Graph, kind_of, to_of};
use super::kinds::{EdgeKind, NodeKind};
use super::ownership::{ROOT, is_document_root};
use super::strings::Strings;

/// Nobody has been found.
const NOBODY: u32 = u32::MAX;
/// More than one.
const SEVERAL: u32 = u32::MAX - 1;

/// Who owns each node; the node itself, unless it is storage of one other.
#[derive(Debug)]
pub struct Owners(Vec<u32>);

impl Owners {
    /// The owner of a node; `None` where it is storage of several, or of nobody's.
    #[must_use]
    pub fn of_node(&self, node: u32) -> Option<u32> {
        Some(self.0[node as usize]).filter(|&owner| owner < SEVERAL)
    }

    /// Everybody owns itself.
    pub(super) fn nobodys(graph: &Graph) -> Self {
        Self(graph.nodes().collect())
    }
}

/// `None` where nothing is to be moved: the snapshot was taken with V8's internals shown.
pub(super) fn owners(graph: &Graph, strings: &Strings) -> Option<Owners> {
    let has_program = graph.words(ROOT).iter().any(|&word| {
        let to = to_of(word);
        graph.kind(to) != NodeKind::Synthetic || is_document_root(graph, strings, to)
    });
    if !has_program {
        return None;
    }
    let external = strings.find("system / ExternalStringData");
    let is_storage = |node: u32| match graph.kind(node) {
        NodeKind::Hidden | NodeKind::Array => true,
        NodeKind::Native => Some(graph.name(node)) == external,
        _ => false,
    };
    let mut owners: Vec<u32> =
        graph.nodes().map(|node| if is_storage(node) { NOBODY } else { node }).collect();
    let mut open = Vec::new();
    // Whoever owns itself, in order, each followed by the storage that it leads to.
    for node in graph.nodes() {
        if owners[node as usize] != node {
            continue;
        }
        open.push(node);
        while let Some(node) = open.pop() {
            let owner = owners[node as usize];
            for &word in graph.words(node) {
                let to = to_of(word);
                let now = owners[to as usize];
                if now == to || now == owner || now == SEVERAL || kind_of(word) == EdgeKind::Weak {
                    continue;
                }
                owners[to as usize] = if now == NOBODY { owner } else { SEVERAL };
                open.push(to);
            }
        }
    }
    Some(Owners(owners))
}

/// Moves the sizes to the owners.
pub(super) fn move_sizes(graph: &mut Graph, owners: &Owners) {
    for (node, &owner) in graph.nodes().zip(&owners.0) {
        if owner == node || owner >= SEVERAL || owner == ROOT || graph.kind(owner) == NodeKind::Synthetic {
            continue;
        }
        let size = graph.self_size(node);
        graph.set_self_size(node, 0);
        graph.set_self_size(owner, graph.self_size(owner) + size);
    }
}
