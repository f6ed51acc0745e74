//! Functions by where they stand in the source: how many of each there are, what they keep, and which variables of the
//! calls that made them. Linear in nodes.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::groups::retained;
use super::{Looks, Object};
use crate::heap::graph::number;
use crate::heap::{EdgeKind, NodeKind, Place};

/// Variables that are shown of each.
const VARIABLES: usize = 8;
/// Contexts within one another that are looked at.
const CONTEXTS: usize = 8;

/// The functions of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closures {
    /// How many there are.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Different places where they stand.
    pub sites: u64,
    /// Those of which the functions retain most first.
    pub list: Vec<Site>,
}

/// A place in a source, and the functions from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The function's name; empty where it has none.
    pub name: String,
    /// The place, where it is known.
    pub place: Option<Place>,
    /// How many functions.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// The one that retains most.
    pub example: u32,
    /// Bytes that would be freed with the variables of that one.
    pub context_retained: u64,
    /// The variables that it sees, of calls, not of modules: those that retain most first.
    pub variables: Vec<Variable>,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: Object,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    example: u32,
    count: u64,
    size: u64,
}

/// With so many places at most.
#[must_use]
pub fn closures(looks: &Looks<'_>, limit: usize) -> Closures {
    let heap = looks.heap;
    let snapshot = &heap.snapshot;
    let graph = &snapshot.graph;
    let mut numbers: HashMap<(u32, u32, u32, u32), u32> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut of: HashMap<u32, u32> = HashMap::new();
    let mut locations = snapshot.locations.iter().peekable();
    for node in graph.nodes() {
        while locations.next_if(|location| location.node < node).is_some() {}
        if graph.kind(node) != NodeKind::Closure {
            continue;
        }
        let here = locations.peek().filter(|location| location.node == node);
        let key = here.map_or((u32::MAX, 0, 0, graph.name(node)), |at| {
            (at.script, at.line, at.column, graph.name(node))
        });
        let group = *numbers.entry(key).or_insert_with(|| {
            groups.push(Group { example: node, count: 0, size: 0 });
            number(groups.len() - 1)
        });
        of.insert(node, group);
        let group = &mut groups[group as usize];
        group.count += 1;
        group.size += graph.self_size(node);
        if heap.retained[node as usize] > heap.retained[group.example as usize] {
            group.example = node;
        }
    }
    let sums = retained(looks, |node| of.get(&node).copied(), groups.len());
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_unstable_by_key(|&at| (Reverse((sums[at], groups[at].count)), groups[at].example));
    let list = order.into_iter().take(limit).map(|at| site(looks, groups[at], sums[at])).collect();
    Closures {
        count: groups.iter().map(|group| group.count).sum(),
        size: groups.iter().map(|group| group.size).sum(),
        sites: groups.len() as u64,
        list,
    }
}

fn site(looks: &Looks<'_>, group: Group, retained: u64) -> Site {
    let heap = looks.heap;
    let node = group.example;
    let mut variables = Vec::new();
    let mut context = internal(looks, node, "context");
    let context_retained = context.map_or(0, |context| heap.retained[context as usize]);
    for _ in 0..CONTEXTS {
        let Some(now) = context.filter(|&now| looks.is_context(now)) else { break };
        let previous = internal(looks, now, "previous");
        // The outermost is the module's or the script's, which every function in it sees.
        let is_outermost = previous.is_none_or(|before| !looks.is_context(before));
        if is_outermost && !variables.is_empty() {
            break;
        }
        let graph = &heap.snapshot.graph;
        let edges = graph.edges(now).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Context);
        variables.extend(edges.map(|edge| (graph.edge_name(edge), graph.to(edge))));
        context = previous;
    }
    variables.sort_by_key(|&(_, value)| Reverse(heap.retained[value as usize]));
    let variable = |&(name, value): &(u32, u32)| Variable {
        name: super::object::cut(&heap.snapshot.strings.text(name)),
        value: looks.object(value),
    };
    Site {
        name: looks.name(node),
        place: looks.scripts().place(&heap.snapshot, node),
        count: group.count,
        size: group.size,
        retained,
        example: heap.snapshot.graph.id(node),
        context_retained,
        variables: variables.iter().take(VARIABLES).map(variable).collect(),
    }
}

/// What a node's internal edge of this name leads to.
pub(super) fn internal(looks: &Looks<'_>, node: u32, name: &str) -> Option<u32> {
    let snapshot = &looks.heap.snapshot;
    let graph = &snapshot.graph;
    let is = |&edge: &u32| {
        graph.edge_kind(edge) == EdgeKind::Internal
            && snapshot.strings.raw(graph.edge_name(edge)) == name.as_bytes()
    };
    graph.edges(node).find(is).map(|edge| graph.to(edge))
}
