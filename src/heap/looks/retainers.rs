//! Who holds an object: a tree from it up to the root. The path that explains most is whole and comes first; beside it,
//! a few others at each object, some steps away from it. Linear in nodes and edges, for what has to be known of all; the tree
//! itself is bounded.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Hop, Looks, Object};
use crate::heap::graph::to_of;
use crate::heap::ownership::{ROOT, keeps};
use crate::heap::{EdgeKind, NodeKind};

/// Steps along the path that explains most.
const LONGEST: u32 = 150;

/// How large a tree becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Holders that are shown of each object on the path that explains most.
    pub width: usize,
    /// Of each object beside it.
    pub beside: usize,
    /// Steps away from that path.
    pub away: u32,
    /// Objects in the tree.
    pub most: usize,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One object.
    Object(u32),
    /// All of a class.
    Class(String, Vec<u32>),
}

impl Subject {
    /// `@123` is an object, anything else a class.
    ///
    /// # Errors
    /// A sentence for people, where there is none such.
    pub fn find(looks: &Looks<'_>, text: &str) -> Result<Self, String> {
        let graph = &looks.heap.snapshot.graph;
        if let Some(id) = text.strip_prefix('@') {
            let wanted: u32 =
                id.parse().map_err(|_| format!("{text} is no object: an id is a number, such as @1234"))?;
            let node = graph.nodes().find(|&node| graph.id(node) == wanted);
            return node
                .map(Self::Object)
                .ok_or_else(|| format!("there is no object {text} in the snapshot"));
        }
        let classes = looks.classes();
        let named: Vec<bool> = classes.list().iter().map(|class| class.name == text).collect();
        let nodes: Vec<u32> = graph.nodes().filter(|&node| named[classes.number_of(node) as usize]).collect();
        if nodes.is_empty() {
            return Err(unknown_class(looks, text));
        }
        Ok(Self::Class(text.to_owned(), nodes))
    }
}

/// Says which classes could have been meant.
fn unknown_class(looks: &Looks<'_>, text: &str) -> String {
    let wanted = text.to_lowercase();
    let mut like: Vec<&str> = looks
        .classes()
        .list()
        .iter()
        .map(|class| class.name.as_str())
        .filter(|name| name.to_lowercase().contains(&wanted))
        .collect();
    like.sort_unstable_by_key(|name| (name.len(), *name));
    like.dedup();
    like.truncate(5);
    let hint = if like.is_empty() {
        "plateau heap summary lists the classes; an object is given as @id".to_owned()
    } else {
        format!("did you mean {}?", like.join(", "))
    };
    format!("there is no class {text} in the snapshot; {hint}")
}

/// Who holds an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The object.
    pub object: Object,
    /// The path to it that explains most, from the root on.
    pub path: Vec<Hop>,
    /// Who holds it, those that explain most first.
    pub held_by: Vec<Retainer>,
    /// Others that are not shown.
    pub more: u64,
}

/// Who holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retainer {
    /// The edge to what it holds, in words.
    pub edge: String,
    /// The holder.
    pub object: Object,
    /// Whether the path that explains most goes through it.
    pub on_path: bool,
    /// Whether its own holders are shown.
    pub state: State,
    /// Who holds it in turn.
    pub held_by: Vec<Self>,
    /// Others that are not shown.
    pub more: u64,
}

/// Whether somebody's holders are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They are.
    Shown,
    /// It is a root: nobody holds it.
    Root,
    /// It is elsewhere in the tree, with its holders.
    Elsewhere,
    /// They would go beyond the bounds of the tree.
    TooDeep,
}

impl State {
    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Root => "root",
            Self::Elsewhere => "elsewhere",
            Self::TooDeep => "too-deep",
        }
    }
}

/// An entry of the tree under construction.
struct Entry {
    node: u32,
    edge: Option<u32>,
    /// Steps along the path, or away from it.
    depth: u32,
    on_path: bool,
    state: State,
    held_by: Vec<usize>,
    more: u64,
}

/// The tree above an object.
#[must_use]
pub fn held(looks: &Looks<'_>, node: u32, bounds: Bounds) -> Held {
    let mut tree = Tree::new(looks, node, bounds);
    tree.grow();
    let (held_by, more) = (tree.list(0), tree.entries[0].more);
    Held { object: looks.object(node), path: looks.path(node), held_by, more }
}

struct Tree<'l, 'h> {
    looks: &'l Looks<'h>,
    bounds: Bounds,
    entries: Vec<Entry>,
    /// Nodes that have their place in the tree.
    placed: HashSet<u32>,
    /// For each node of the path the edge to the next, towards the object.
    path: HashMap<u32, u32>,
}

impl<'l, 'h> Tree<'l, 'h> {
    fn new(looks: &'l Looks<'h>, node: u32, bounds: Bounds) -> Self {
        let graph = &looks.heap.snapshot.graph;
        let path = looks.paths().to(graph, node).iter().map(|step| (step.from, step.edge)).collect();
        let subject = Entry {
            node,
            edge: None,
            depth: 0,
            on_path: true,
            state: State::Shown,
            held_by: Vec::new(),
            more: 0,
        };
        Self { looks, bounds, entries: vec![subject], placed: HashSet::from([node]), path }
    }

    fn grow(&mut self) {
        let mut open = VecDeque::from([0_usize]);
        while let Some(at) = open.pop_front() {
            let (node, depth, on_path) =
                (self.entries[at].node, self.entries[at].depth, self.entries[at].on_path);
            if node == ROOT {
                self.entries[at].state = State::Root;
                continue;
            }
            let full = self.entries.len() >= self.bounds.most;
            let too_deep = if on_path { depth >= LONGEST } else { full || depth >= self.bounds.away };
            if too_deep {
                self.entries[at].state = State::TooDeep;
                continue;
            }
            let width = if on_path { self.bounds.width } else { self.bounds.beside };
            let width = if full { 1 } else { width.max(1) };
            let mut found = self.holders(node, width);
            if found.is_empty() {
                self.entries[at].state = State::Root;
                continue;
            }
            self.entries[at].more = found.len().saturating_sub(width) as u64;
            found.truncate(width);
            for (from, edge, next_on_path) in found {
                let next_on_path = next_on_path && on_path;
                // A node of the path belongs to the path.
                let elsewhere = !next_on_path && self.path.contains_key(&from) || !self.placed.insert(from);
                let entry = Entry {
                    node: from,
                    edge,
                    depth: if on_path && !next_on_path { 1 } else { depth + 1 },
                    on_path: next_on_path,
                    state: if elsewhere { State::Elsewhere } else { State::Shown },
                    held_by: Vec::new(),
                    more: 0,
                };
                let index = self.entries.len();
                self.entries.push(entry);
                self.entries[at].held_by.push(index);
                if !elsewhere {
                    open.push_back(index);
                }
            }
        }
    }

    /// Who holds a node, each once, by which edge, and whether on the path; those that explain most first.
    fn holders(&self, node: u32, width: usize) -> Vec<(u32, Option<u32>, bool)> {
        let heap = self.looks.heap;
        let graph = &heap.snapshot.graph;
        let mut froms = self.looks.retainers().of_node(node).to_vec();
        froms.sort_unstable();
        froms.dedup();
        let is_storage = |from: u32| matches!(graph.kind(from), NodeKind::Array | NodeKind::Hidden);
        let mut ranked: Vec<(u32, u8, u32, bool)> = froms
            .iter()
            .filter_map(|&from| {
                let on_path = self.path.get(&from).is_some_and(|&edge| graph.to(edge) == node);
                // Storage of one that is in the list itself.
                if !on_path && is_storage(from) && froms.binary_search(&heap.dominators.of_node(from)).is_ok()
                {
                    return None;
                }
                let rank = match graph.kind(from) {
                    _ if on_path => 0,
                    NodeKind::Object | NodeKind::Closure => 1,
                    NodeKind::Native => 2,
                    NodeKind::Array | NodeKind::Hidden => 3,
                    _ => 4,
                };
                Some((heap.distances[from as usize], rank, from, on_path))
            })
            .collect();
        let key = |&(distance, rank, from, on_path): &(u32, u8, u32, bool)| (!on_path, rank, distance, from);
        // Whoever has a million holders: only the first few are put in order.
        if ranked.len() > width {
            ranked.select_nth_unstable_by_key(width, key);
            let (first, rest) = ranked.split_at_mut(width);
            debug_assert!(!rest.is_empty());
            first.sort_unstable_by_key(key);
        } else {
            ranked.sort_unstable_by_key(key);
        }
        ranked
            .into_iter()
            .enumerate()
            // The rest is only counted.
            .map(|(index, (_, _, from, on_path))| {
                let edge = if on_path { self.path.get(&from).copied() } else { None };
                let find = || if index < width { self.edge(from, node) } else { None };
                (from, edge.or_else(find), on_path)
            })
            .collect()
    }

    /// The edge from one to another that says most.
    fn edge(&self, from: u32, to: u32) -> Option<u32> {
        let graph = &self.looks.heap.snapshot.graph;
        let edges = graph.edges(from).zip(graph.words(from)).filter(|&(_, &word)| to_of(word) == to);
        let kinds = edges.map(|(edge, _)| (graph.edge_kind(edge), edge));
        kinds
            .filter(|&(kind, _)| keeps(kind) || (from == ROOT && kind == EdgeKind::Shortcut))
            .min_by_key(|&(kind, edge)| (matches!(kind, EdgeKind::Internal | EdgeKind::Hidden), edge))
            .map(|(_, edge)| edge)
    }

    fn list(&self, at: usize) -> Vec<Retainer> {
        self.entries[at].held_by.iter().map(|&index| self.retainer(index)).collect()
    }

    fn retainer(&self, index: usize) -> Retainer {
        let entry = &self.entries[index];
        Retainer {
            edge: entry.edge.map_or_else(String::new, |edge| self.looks.edge(edge)),
            object: self.looks.object(entry.node),
            on_path: entry.on_path,
            state: entry.state,
            held_by: self.list(index),
            more: entry.more,
        }
    }
}
