//! How many steps each object is from the global objects; and, beyond those, from the root. Rules of Chrome's developer
//! tools.

use std::collections::{HashMap, HashSet};

use super::graph::{Graph, kind_of, to_of};
use super::kinds::{EdgeKind, NodeKind};
use super::ownership::{Bits, ROOT, is_document_root};
use super::strings::Strings;

/// Added to the distance of what only the system reaches.
pub const SYSTEM: u32 = 100_000_000;
/// Of what nothing reaches.
pub const UNREACHED: u32 = u32::MAX;

/// The distance of each node.
#[must_use]
pub(super) fn distances(graph: &Graph, strings: &Strings) -> Vec<u32> {
    let mut search = Search::new(graph, strings);
    for &word in graph.words(ROOT) {
        let to = to_of(word);
        if graph.kind(to) != NodeKind::Synthetic || is_document_root(graph, strings, to) {
            search.distances[to as usize] = 1;
            search.open.push(to);
        }
    }
    let reached = !search.open.is_empty();
    search.run();
    search.distances[ROOT as usize] = if reached { SYSTEM } else { 0 };
    search.open = vec![ROOT];
    search.run();
    search.distances
}

struct Search<'g> {
    graph: &'g Graph,
    distances: Vec<u32>,
    open: Vec<u32>,
    native_context: Option<u32>,
    sloppy_map: Option<u32>,
    descriptors: Option<u32>,
    /// The few nodes with edges that are not followed: a look at a bit of each, instead of at its name.
    special: Bits,
    /// The names in `pairs`.
    paired: Bits,
    /// What an entry of a weak map is called, without its place: the same for the table's edge and the key's.
    pairs: HashMap<u32, u32>,
    /// Pairs of which one edge has been met.
    half: HashSet<u32>,
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, strings: &Strings) -> Self {
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        let mut pairs = HashMap::new();
        for name in strings.containing(b" pair in WeakMap (table @") {
            let text = strings.raw(name);
            let Some(at) = memchr::memmem::find(text, b" / part of key (") else { continue };
            if at > 0 && text[..at].iter().all(u8::is_ascii_digit) {
                let next = super::graph::number(numbers.len());
                pairs.insert(name, *numbers.entry(&text[at..]).or_insert(next));
            }
        }
        let mut paired = Bits::new(strings.len());
        for &name in pairs.keys() {
            paired.set(name);
        }
        let native_context = strings.find("system / NativeContext");
        let descriptors = strings.find("(map descriptors)");
        let mut special = Bits::new(graph.node_count());
        for node in graph.nodes() {
            let name = Some(graph.name(node));
            if name == native_context || name == descriptors {
                special.set(node);
            }
        }
        Self {
            graph,
            distances: vec![UNREACHED; graph.node_count()],
            open: Vec::new(),
            native_context,
            sloppy_map: strings.find("sloppy_function_map"),
            descriptors,
            special,
            paired,
            pairs,
            half: HashSet::new(),
        }
    }

    fn run(&mut self) {
        let graph = self.graph;
        let mut at = 0;
        while at < self.open.len() {
            let node = self.open[at];
            at += 1;
            let next = self.distances[node as usize] + 1;
            let special = self.special.has(node);
            let is = |kind: NodeKind, name: Option<u32>| {
                special && graph.kind(node) == kind && Some(graph.name(node)) == name
            };
            let descriptors = is(NodeKind::Array, self.descriptors);
            let context = is(NodeKind::Hidden, self.native_context);
            for (edge, &word) in graph.edges(node).zip(graph.words(node)) {
                let (kind, to) = (kind_of(word), to_of(word));
                if self.distances[to as usize] != UNREACHED || kind == EdgeKind::Weak {
                    continue;
                }
                if descriptors {
                    // Maps share descriptors: whose they are is not known, so nothing is told by the way through them.
                    let index = graph.edge_name(edge);
                    if kind.is_numbered() && index >= 2 && index % 3 == 1 {
                        continue;
                    }
                }
                if context && !kind.is_numbered() && Some(graph.edge_name(edge)) == self.sloppy_map {
                    continue;
                }
                // A value of a weak map is as far as the farther one of table and key: the second edge counts.
                if matches!(kind, EdgeKind::Internal | EdgeKind::Ephemeron)
                    && self.paired.has(graph.edge_name(edge))
                    && let Some(&pair) = self.pairs.get(&graph.edge_name(edge))
                    && !self.half.remove(&pair)
                {
                    self.half.insert(pair);
                    continue;
                }
                self.distances[to as usize] = next;
                self.open.push(to);
            }
        }
        self.open.clear();
    }
}
