//! Equal strings, and equal arrays of which everything can be seen.
//!
//! V8 names a string by its content, cut after 1024 characters: two are taken for equal when these and their sizes are.
//! What is in a buffer, and numbers among an array's elements, a snapshot does not say: an array is compared only where its
//! storage has no room for anything but the elements that are there. Linear in nodes, and in elements of arrays.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::collections::slot_size;
use super::{Hop, Looks};
use crate::heap::graph::{kind_of, to_of};
use crate::heap::{EdgeKind, NodeKind};

/// Elements of an array that is shown.
const SHOWN: usize = 5;

/// What is there more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// Bytes that would be saved were every string there once.
    pub string_bytes: u64,
    /// The same for arrays.
    pub array_bytes: u64,
    /// Different strings that are there more than once.
    pub string_groups: u64,
    /// The same for arrays.
    pub array_groups: u64,
    /// Those that waste most first.
    pub strings: Vec<Duplicate>,
    /// The same for arrays.
    pub arrays: Vec<Duplicate>,
}

/// Something that is there more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// What it is: the beginning of the text, or of the elements.
    pub content: String,
    /// How many there are.
    pub count: u64,
    /// Bytes of each.
    pub size: u64,
    /// Bytes of all but one.
    pub wasted: u64,
    /// One of them.
    pub example: u32,
    /// The path to that one that explains most.
    pub path: Vec<Hop>,
    /// Whether more of the text is there than can be compared.
    pub cut: bool,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    first: u32,
    count: u64,
    size: u64,
}

impl Group {
    const fn wasted(self) -> u64 {
        (self.count - 1) * self.size
    }
}

/// So many of each at most.
#[must_use]
pub fn duplicates(looks: &Looks<'_>, limit: usize) -> Duplicates {
    let strings = chosen(strings(looks));
    let arrays = chosen(arrays(looks));
    let sum = |groups: &[Group]| groups.iter().map(|group| group.wasted()).sum();
    let list = |groups: &[Group]| groups.iter().take(limit).map(|&group| show(looks, group)).collect();
    Duplicates {
        string_bytes: sum(&strings),
        array_bytes: sum(&arrays),
        string_groups: strings.len() as u64,
        array_groups: arrays.len() as u64,
        strings: list(&strings),
        arrays: list(&arrays),
    }
}

/// Those with more than one, the greatest waste first.
fn chosen(groups: impl Iterator<Item = Group>) -> Vec<Group> {
    let mut list: Vec<Group> = groups.filter(|group| group.count > 1 && group.size > 0).collect();
    list.sort_unstable_by_key(|group| (Reverse(group.wasted()), group.first));
    list
}

fn strings(looks: &Looks<'_>) -> impl Iterator<Item = Group> {
    let snapshot = &looks.heap.snapshot;
    let graph = &snapshot.graph;
    let all = || graph.nodes().filter(|&node| graph.kind(node) == NodeKind::String);
    // Most strings are there once: only the others get a group.
    let mut seen = crate::heap::ownership::Bits::new(snapshot.strings.len());
    let mut again = crate::heap::ownership::Bits::new(snapshot.strings.len());
    for node in all() {
        if !seen.set(graph.name(node)) {
            again.set(graph.name(node));
        }
    }
    let mut groups: HashMap<(u32, u64), Group> = HashMap::new();
    for node in all().filter(|&node| again.has(graph.name(node))) {
        let size = graph.self_size(node);
        let none = Group { first: node, count: 0, size };
        groups.entry((graph.name(node), size)).or_insert(none).count += 1;
    }
    groups.into_values()
}

fn arrays(looks: &Looks<'_>) -> impl Iterator<Item = Group> {
    let snapshot = &looks.heap.snapshot;
    let graph = &snapshot.graph;
    let slot = slot_size(graph);
    let state = RandomState::new();
    let mut groups: HashMap<(u64, u64, u32), Group> = HashMap::new();
    let Some(array) = snapshot.strings.find("Array") else { return groups.into_values() };
    for node in graph.nodes() {
        if graph.kind(node) != NodeKind::Object || graph.name(node) != array {
            continue;
        }
        let mut hasher = state.build_hasher();
        let mut count = 0;
        for (edge, &word) in graph.edges(node).zip(graph.words(node)) {
            if kind_of(word) != EdgeKind::Element {
                continue;
            }
            if graph.edge_name(edge) != count {
                // A hole, or a number.
                count = 0;
                break;
            }
            count += 1;
            let to = to_of(word);
            match graph.kind(to) {
                // By content: cut ones are different enough.
                NodeKind::String => hasher.write_u64(u64::from(graph.name(to)) << 1 | 1),
                _ => hasher.write_u64(u64::from(to) << 1),
            }
        }
        let size = graph.self_size(node);
        // Four words of the array itself, two of its storage's head.
        if count == 0 || size != u64::from(slot) * (6 + u64::from(count)) {
            continue;
        }
        let none = Group { first: node, count: 0, size };
        groups.entry((hasher.finish(), size, count)).or_insert(none).count += 1;
    }
    groups.into_values()
}

fn show(looks: &Looks<'_>, group: Group) -> Duplicate {
    /// Characters from which V8 cuts.
    const CUT: usize = 1024;
    let snapshot = &looks.heap.snapshot;
    let graph = &snapshot.graph;
    let node = group.first;
    let is_array = graph.kind(node) == NodeKind::Object;
    let content = if is_array {
        let elements = || graph.edges(node).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Element);
        let mut list: Vec<String> =
            elements().take(SHOWN).map(|edge| looks.object(graph.to(edge)).label()).collect();
        let more = elements().count().saturating_sub(SHOWN);
        if more > 0 {
            list.push(format!("and {more} more"));
        }
        format!("[{}]", list.join(", "))
    } else {
        looks.name(node)
    };
    Duplicate {
        content,
        count: group.count,
        size: group.size,
        wasted: group.wasted(),
        example: graph.id(node),
        path: looks.path(node),
        cut: !is_array && snapshot.strings.raw(graph.name(node)).len() >= CUT,
    }
}
