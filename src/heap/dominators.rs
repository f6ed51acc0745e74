//! The dominator tree, and with it what would be freed if an object were: Semi-NCA (Georgiadis, "Linear-Time Algorithms
//! for Dominators and Related Problems", Princeton 2005, section 2.3), without recursion.
//!
//! Vertices are numbered in the order of a depth-first search from the root, and kept by those numbers. Objects that only
//! weak references lead to, and those that lead to one another alone, hang directly on the root, as in Chrome's developer
//! tools.

use super::graph::{Graph, kind_of, number, to_of};
use super::kinds::EdgeKind;
use super::ownership::{Bits, ROOT, keeps, own, program_roots};
use super::retainers::Retainers;
use super::strings::Strings;
use super::{HeapError, Progress};

/// Not a vertex.
const NONE: u32 = u32::MAX;
/// Vertices between two looks at whether anybody still wants to know.
const PACE: u32 = 1 << 18;

/// The dominator tree, by node.
#[derive(Debug)]
pub struct Dominators {
    /// The immediate dominator of each node; the root's is the root.
    parents: Vec<u32>,
    /// The nodes, dominators before what they dominate.
    order: Vec<u32>,
}

/// What each node dominates immediately, in their order.
#[derive(Debug)]
pub struct Children {
    first: Vec<u32>,
    list: Vec<u32>,
}

impl Children {
    /// Of a node.
    #[must_use]
    pub fn of_node(&self, node: u32) -> &[u32] {
        &self.list[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// A depth-first search.
#[derive(Debug)]
pub(super) struct Search {
    /// The number of each node.
    numbers: Vec<u32>,
    /// The node of each number.
    nodes: Vec<u32>,
    /// The number from which each was found.
    parents: Vec<u32>,
}

/// A vertex whose edges are being followed.
struct Open {
    vertex: u32,
    edge: u32,
    end: u32,
    /// From which nothing of the program's is kept: it is not the program's itself, nor the root.
    foreign: bool,
}

impl Search {
    /// From the root; and what belongs to the program, as [`owned_by_program`](super::ownership) says it, which a search that
    /// begins with the global objects comes by.
    pub(super) fn of(
        graph: &Graph,
        strings: &Strings,
        progress: &Progress,
    ) -> Result<(Self, Bits), HeapError> {
        let count = graph.node_count();
        let mut search = Self {
            numbers: vec![NONE; count],
            nodes: Vec::with_capacity(count),
            parents: Vec::with_capacity(count),
        };
        let root = search.add(ROOT, 0);
        let mut aside = Vec::new();
        for to in program_roots(graph, strings) {
            // Should the root be one of its own, all is the program's.
            if to == ROOT {
                aside.push(ROOT);
            }
            search.descend(graph, to, root, &mut Side::Program(&mut aside), progress)?;
        }
        let mut owned = Bits::new(count);
        for &node in &search.nodes[1..] {
            owned.set(node);
        }
        own(graph, &mut owned, aside);
        for &word in graph.words(ROOT) {
            let kind = kind_of(word);
            if keeps(kind) || kind == EdgeKind::Shortcut {
                search.descend(graph, to_of(word), root, &mut Side::Any(&owned), progress)?;
            }
        }
        Ok((search, owned))
    }

    /// Adds what only weak references lead to, with all that it keeps, and then what is left, each by itself.
    pub(super) fn add_unreachable(
        &mut self,
        graph: &Graph,
        owned: &Bits,
        retainers: &Retainers,
        progress: &Progress,
    ) -> Result<(), HeapError> {
        if self.nodes.len() == graph.node_count() {
            return Ok(());
        }
        for node in graph.nodes() {
            if self.numbers[node as usize] == NONE && counted(owned, retainers, node).next().is_none() {
                self.descend(graph, node, 0, &mut Side::Any(owned), progress)?;
            }
        }
        for node in graph.nodes() {
            if self.numbers[node as usize] == NONE {
                self.add(node, 0);
            }
        }
        Ok(())
    }

    fn add(&mut self, node: u32, parent: u32) -> u32 {
        let vertex = number(self.nodes.len());
        self.numbers[node as usize] = vertex;
        self.nodes.push(node);
        self.parents.push(parent);
        vertex
    }

    /// Adds a node that was found from a vertex, and all that is found from there.
    fn descend(
        &mut self,
        graph: &Graph,
        from: u32,
        parent: u32,
        side: &mut Side<'_>,
        progress: &Progress,
    ) -> Result<(), HeapError> {
        if self.numbers[from as usize] != NONE {
            return Ok(());
        }
        let open = |vertex: u32, node: u32, side: &Side<'_>| {
            let edges = graph.edges(node);
            let foreign = matches!(side, Side::Any(owned) if !owned.has(node));
            Open { vertex, edge: edges.start, end: edges.end, foreign }
        };
        let mut stack = vec![open(self.add(from, parent), from, side)];
        while let Some(top) = stack.last_mut() {
            if top.edge == top.end {
                stack.pop();
                continue;
            }
            let word = graph.edges[top.edge as usize];
            top.edge += 1;
            let (kind, to) = (kind_of(word), to_of(word));
            if !keeps(kind) || to == ROOT {
                if let Side::Program(aside) = side
                    && kind != EdgeKind::Weak
                {
                    aside.push(to);
                }
                continue;
            }
            if self.numbers[to as usize] != NONE {
                continue;
            }
            if top.foreign
                && let Side::Any(owned) = side
                && owned.has(to)
            {
                continue;
            }
            let vertex = self.add(to, top.vertex);
            if vertex.is_multiple_of(PACE) {
                progress.advance(0)?;
            }
            let next = open(vertex, to, side);
            if next.edge < next.end {
                stack.push(next);
            }
        }
        Ok(())
    }
}

/// Where a search is.
enum Side<'s> {
    /// Within what belongs to the program: what edges that keep nothing lead to is put aside, as it belongs to it, too.
    Program(&'s mut Vec<u32>),
    /// Anywhere, when it is known what belongs to the program.
    Any(&'s Bits),
}

/// The nodes whose edges count when it is asked what keeps a node.
fn counted<'r>(owned: &'r Bits, retainers: &'r Retainers, node: u32) -> impl Iterator<Item = u32> + 'r {
    let is_owned = owned.has(node);
    retainers.of_node(node).iter().copied().filter(move |&from| !is_owned || owned.has(from) || from == ROOT)
}

/// What a vertex is linked to, and the least semidominator on the way there.
#[derive(Debug, Clone, Copy)]
struct Link {
    ancestor: u32,
    label: u32,
}

impl Dominators {
    /// The tree, of a search that has found everything.
    pub(super) fn of(
        search: Search,
        owned: &Bits,
        retainers: &Retainers,
        progress: &Progress,
    ) -> Result<Self, HeapError> {
        let Search { mut numbers, nodes, parents } = search;
        let count = nodes.len();
        let mut semi = vec![0_u32; count];
        let mut links: Vec<Link> =
            parents.iter().map(|&parent| Link { ancestor: parent, label: 0 }).collect();
        let mut path = Vec::new();
        for vertex in (1..number(count)).rev() {
            if vertex.is_multiple_of(PACE) {
                progress.advance(0)?;
            }
            let node = nodes[vertex as usize];
            let mut least = parents[vertex as usize];
            let from = retainers.of_node(node);
            // Where one alone keeps it, it was found from there.
            if from.len() > 1 && least > 0 {
                let is_owned = owned.has(node);
                for &other in from {
                    if is_owned && !owned.has(other) && other != ROOT {
                        continue;
                    }
                    let other = numbers[other as usize];
                    let label =
                        if other <= vertex { other } else { evaluate(&mut links, &mut path, other, vertex) };
                    least = least.min(label);
                }
            }
            semi[vertex as usize] = least;
            links[vertex as usize].label = least;
        }
        drop(links);
        let mut dominators = parents;
        for vertex in 1..count {
            let mut dominator = dominators[vertex];
            while dominator > semi[vertex] {
                dominator = dominators[dominator as usize];
            }
            dominators[vertex] = dominator;
        }
        // Back to nodes, in the memory of their numbers.
        for (vertex, &dominator) in dominators.iter().enumerate() {
            numbers[nodes[vertex] as usize] = nodes[dominator as usize];
        }
        Ok(Self { parents: numbers, order: nodes })
    }

    /// What dominates a node: the nearest that every path from the root goes through. The root's is itself.
    #[must_use]
    pub fn of_node(&self, node: u32) -> u32 {
        self.parents[node as usize]
    }

    /// All nodes, dominators before what they dominate.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// What each node dominates immediately.
    #[must_use]
    pub fn children(&self) -> Children {
        let nodes = self.parents.len();
        let mut first = vec![0_u32; nodes + 2];
        for &node in &self.order[1..] {
            first[self.parents[node as usize] as usize + 2] += 1;
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut list = vec![0_u32; nodes - 1];
        for node in (0..number(nodes)).filter(|&node| node != ROOT) {
            let place = &mut first[self.parents[node as usize] as usize + 1];
            list[*place as usize] = node;
            *place += 1;
        }
        first.truncate(nodes + 1);
        Children { first, list }
    }

    /// Bytes that would be freed with each node.
    #[must_use]
    pub fn retained(&self, graph: &Graph) -> Vec<u64> {
        let mut sizes: Vec<u64> = graph.nodes().map(|node| graph.self_size(node)).collect();
        for &node in self.order[1..].iter().rev() {
            sizes[self.parents[node as usize] as usize] += sizes[node as usize];
        }
        sizes
    }
}

/// The least semidominator on the way from a vertex up to what is not linked yet, which is up to `current`.
#[inline]
fn evaluate(links: &mut [Link], path: &mut Vec<u32>, vertex: u32, current: u32) -> u32 {
    let mut at = vertex;
    while links[at as usize].ancestor > current {
        path.push(at);
        at = links[at as usize].ancestor;
    }
    let Link { ancestor, mut label } = links[at as usize];
    while let Some(below) = path.pop() {
        label = label.min(links[below as usize].label);
        links[below as usize] = Link { ancestor, label };
    }
    label
}
