//! What is said of one object, and of the edges that lead to it.

use super::Looks;
use crate::heap::ownership::ROOT;
use crate::heap::{EdgeKind, NodeKind, Place, SYSTEM, Snapshot};

/// Characters of a string that are shown.
const SHOWN: usize = 80;

/// Steps of a path that are shown at its begin, and at least at its end.
const ENDS: usize = 24;
/// Steps that are looked at: in a list of a million there are as many.
const FARTHEST: usize = 10_000;
/// Storage within storage, and calls within calls.
const DEEPEST: u32 = 16;

/// An object of a snapshot, in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// V8's number of it.
    pub id: u32,
    /// What it is.
    pub kind: NodeKind,
    /// Its class.
    pub class: String,
    /// A function's name, the beginning of a string, what V8 calls anything else.
    pub name: String,
    /// Bytes of the object itself.
    pub size: u64,
    /// Bytes that would be freed with it.
    pub retained: u64,
    /// Steps from the global objects; `None` for what these do not reach.
    pub distance: Option<u32>,
    /// References from it.
    pub edges: u64,
    /// Where a function stands, or an object's constructor.
    pub place: Option<Place>,
}

/// A step of a path: an edge, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The edge in words: `.list`, `[3]`, `variable bus`.
    pub edge: String,
    /// The object there in words.
    pub label: String,
    /// Its id.
    pub id: u32,
    /// Where a function stands.
    pub place: Option<Place>,
}

impl Object {
    /// In a few words: `Map`, `function handler`, `"some text"`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind {
            NodeKind::Closure if self.name.is_empty() => "function".into(),
            NodeKind::Closure => format!("function {}", self.name),
            NodeKind::String => format!("\"{}\"", self.name),
            NodeKind::RegExp => format!("/{}/", self.name),
            NodeKind::Object | NodeKind::Native if self.name == "system / Context" => "variables".into(),
            NodeKind::Object | NodeKind::Native => self.class.clone(),
            NodeKind::Synthetic if self.name.is_empty() => "(root)".into(),
            _ if self.name.is_empty() => format!("({})", self.kind.as_str()),
            _ => self.name.clone(),
        }
    }
}

/// Steps as they are shown: those that only the system knows are no steps.
pub(super) fn distance(steps: u32) -> Option<u32> {
    Some(steps).filter(|&steps| steps < SYSTEM)
}

/// Text that is not longer than is shown.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

impl Looks<'_> {
    /// What is said of an object.
    #[must_use]
    pub fn object(&self, node: u32) -> Object {
        let graph = &self.heap.snapshot.graph;
        let index = node as usize;
        Object {
            id: graph.id(node),
            kind: graph.kind(node),
            class: cut(&self.classes().of_node(node).name),
            name: self.name(node),
            size: graph.self_size(node),
            retained: self.heap.retained[index],
            distance: distance(self.heap.distances[index]),
            edges: graph.edges(node).len() as u64,
            place: self.scripts().place(&self.heap.snapshot, node),
        }
    }

    /// What V8 calls a node, or the beginning of a string.
    pub(super) fn name(&self, node: u32) -> String {
        cut(&self.heap.snapshot.strings.text(self.heap.snapshot.graph.name(node)))
    }

    /// An edge in words.
    #[must_use]
    pub fn edge(&self, edge: u32) -> String {
        let graph = &self.heap.snapshot.graph;
        let name = || cut(&self.heap.snapshot.strings.text(graph.edge_name(edge)));
        match graph.edge_kind(edge) {
            EdgeKind::Property => property(&name()),
            EdgeKind::Element => format!("[{}]", graph.edge_name(edge)),
            EdgeKind::Context => format!("variable {}", name()),
            EdgeKind::Shortcut => name(),
            EdgeKind::Hidden => format!("(hidden {})", graph.edge_name(edge)),
            EdgeKind::Internal | EdgeKind::Ephemeron => format!("({})", name()),
            EdgeKind::Weak => format!("weak {}", name()),
        }
    }

    /// The same for edges that differ by their number only: `[…]`, `(…)`.
    #[must_use]
    pub fn edge_group(&self, edge: u32) -> String {
        let graph = &self.heap.snapshot.graph;
        match graph.edge_kind(edge) {
            EdgeKind::Element => "[…]".into(),
            EdgeKind::Hidden => "(…)".into(),
            EdgeKind::Internal if self.is_number(graph.edge_name(edge)) => "(…)".into(),
            _ => self.edge(edge),
        }
    }

    /// Whether a string is a number: a place in V8's storage.
    pub(super) fn is_number(&self, name: u32) -> bool {
        let raw = self.heap.snapshot.strings.raw(name);
        !raw.is_empty() && raw.iter().all(u8::is_ascii_digit)
    }

    /// The path to an object that explains most. What V8 stores elements, entries
    /// and variables in is no step of its own, and of a very long one the middle is left out.
    #[must_use]
    pub fn path(&self, node: u32) -> Vec<Hop> {
        let mut links = Vec::new();
        let mut at = node;
        while let Some(link) = self.step(at).filter(|_| links.len() < FARTHEST) {
            links.push((link, at));
            at = link.from;
        }
        links.reverse();
        let left_out = (links.len().saturating_sub(2 * ENDS) / ENDS) * ENDS;
        let show = |&(link, to): &(Link, u32)| self.hop(link.words(self, false), to);
        if left_out == 0 {
            return links.iter().map(show).collect();
        }
        let label = format!("… {left_out} more …");
        let gap = Hop { edge: String::new(), label, id: 0, place: None };
        let (first, rest) = links.split_at(ENDS);
        let last = &rest[left_out..];
        first.iter().map(show).chain([gap]).chain(last.iter().map(show)).collect()
    }

    fn hop(&self, edge: String, to: u32) -> Hop {
        let object = self.object(to);
        let place = object.place.clone().filter(|_| object.kind == NodeKind::Closure);
        Hop { edge, label: object.label(), id: object.id, place }
    }

    /// Whether a node is V8's storage of a call's variables.
    pub(super) fn is_context(&self, node: u32) -> bool {
        let Snapshot { graph, strings, .. } = &self.heap.snapshot;
        graph.kind(node) == NodeKind::Object && strings.raw(graph.name(node)) == b"system / Context"
    }

    /// The last step of the path to an object: from whom, over which edges.
    pub(super) fn step(&self, node: u32) -> Option<Link> {
        let graph = &self.heap.snapshot.graph;
        let inner = self.paths().last(node)?;
        let (mut from, mut outer) = (graph.from(inner), inner);
        for _ in 0..DEEPEST {
            if !matches!(graph.kind(from), NodeKind::Array | NodeKind::Hidden) && !self.is_context(from) {
                break;
            }
            match self.paths().last(from) {
                Some(edge) => (from, outer) = (graph.from(edge), edge),
                None => break,
            }
        }
        Some(Link { from, outer, inner })
    }
}

/// How an object is referred to by another: by an edge, or through the storage between two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: u32,
    /// From the object.
    pub(super) outer: u32,
    /// To the other.
    pub(super) inner: u32,
}

impl Link {
    /// In words; `group`: without what tells one element from another.
    pub(super) fn words(self, looks: &Looks<'_>, group: bool) -> String {
        let word = |edge: u32| if group { looks.edge_group(edge) } else { looks.edge(edge) };
        let graph = &looks.heap.snapshot.graph;
        if self.from == ROOT {
            // What V8 calls its roots says nothing.
            return String::new();
        }
        if self.outer == self.inner || graph.edge_kind(self.inner) == EdgeKind::Context {
            return word(self.inner);
        }
        match looks.edge(self.outer).as_str() {
            "(table)" => "entry".into(),
            "(elements)" => "[…]".into(),
            "(properties)" => word(self.inner),
            other => other.to_owned(),
        }
    }
}

/// How a property is written.
fn property(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '<' | '>' | ' ' | '.');
    if !name.is_empty() && name.chars().all(plain) {
        format!(".{name}")
    } else {
        format!("[{}]", serde_json::to_string(name).unwrap_or_default())
    }
}
