//! The objects that keep most: from the root down the dominator tree, past whatever keeps what it keeps through one other
//! (the global object, modules, variables, a wrapper), so that no two that are listed are within one another.
//!
//! Linear in nodes: what is below the objects that are listed is passed over once.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::{Hop, Looks, Object};
use crate::heap::NodeKind;
use crate::heap::globals::globals;
use crate::heap::ownership::ROOT;

/// Of so many parts of what an object keeps, one other may keep all but one: then that other is listed.
const PASS: u64 = 4;
/// Classes that are named of what an object keeps.
const SHARES: usize = 3;

/// The objects that keep most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Largest {
    /// Bytes of the whole heap.
    pub bytes: u64,
    /// Those that retain most first.
    pub objects: Vec<Large>,
}

/// An object that keeps much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Large {
    /// The object.
    pub object: Object,
    /// Objects that would be freed with it, itself among them.
    pub keeps: u64,
    /// What most of those bytes are.
    pub shares: Vec<Share>,
    /// The path to it that explains most.
    pub path: Vec<Hop>,
}

/// Objects of a class among those that another keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The class.
    pub class: String,
    /// Objects.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
}

/// So many at most.
#[must_use]
pub fn largest(looks: &Looks<'_>, limit: usize) -> Largest {
    let heap = looks.heap;
    let children = looks.children();
    let retained = |node: u32| heap.retained[node as usize];
    let mut open: BinaryHeap<(u64, Reverse<u32>)> = BinaryHeap::from([(retained(ROOT), Reverse(ROOT))]);
    let globals = globals(&looks.heap.snapshot);
    let mut objects = Vec::new();
    while objects.len() < limit
        && let Some((bytes, Reverse(node))) = open.pop()
    {
        if bytes == 0 {
            break;
        }
        let children = children.of_node(node);
        let heaviest = children.iter().copied().max_by_key(|&child| (retained(child), Reverse(child)));
        // In a list each keeps the rest: its first stands for it.
        let in_one = heaviest.is_some_and(|child| {
            retained(child) >= bytes - bytes / PASS
                && looks.classes().number_of(child) != looks.classes().number_of(node)
        });
        if passes(looks, node) || globals.contains(&node) || (in_one && !is_holder(looks, node)) {
            // Nothing smaller than what is there already can come into the list, so this does not grow without need.
            open.extend(children.iter().map(|&child| (retained(child), Reverse(child))));
        } else {
            objects.push(large(looks, node));
        }
    }
    Largest { bytes: retained(ROOT), objects }
}

/// What is no object of the program's, but leads to some.
fn passes(looks: &Looks<'_>, node: u32) -> bool {
    let graph = &looks.heap.snapshot.graph;
    match graph.kind(node) {
        NodeKind::Synthetic | NodeKind::Hidden | NodeKind::Code | NodeKind::ObjectShape | NodeKind::Array => {
            true
        }
        NodeKind::Object => looks.is_context(node),
        _ => false,
    }
}

/// What is named rather than the one thing in it.
fn is_holder(looks: &Looks<'_>, node: u32) -> bool {
    let graph = &looks.heap.snapshot.graph;
    let name = looks.heap.snapshot.strings.raw(graph.name(node));
    let is_buffer = name.ends_with(b"Buffer") || name.ends_with(b"Array");
    graph.kind(node) == NodeKind::Object && (is_buffer || matches!(name, b"Map" | b"Set" | b"WeakMap"))
}

fn large(looks: &Looks<'_>, node: u32) -> Large {
    let graph = &looks.heap.snapshot.graph;
    let (children, classes) = (looks.children(), looks.classes());
    let mut by_class: HashMap<u32, (u64, u64)> = HashMap::new();
    let mut keeps = 0;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        keeps += 1;
        let (count, size) = by_class.entry(classes.number_of(node)).or_default();
        *count += 1;
        *size += graph.self_size(node);
        open.extend(children.of_node(node));
    }
    // Classes of one name with different constructors are one here.
    let mut by_name: HashMap<&str, (u64, u64)> = HashMap::new();
    for (class, (count, size)) in by_class {
        let sums = by_name.entry(&classes.list()[class as usize].name).or_default();
        sums.0 += count;
        sums.1 += size;
    }
    let mut shares: Vec<Share> = by_name
        .into_iter()
        .map(|(class, (count, size))| Share { class: super::object::cut(class), count, size })
        .filter(|share| share.size > 0)
        .collect();
    shares.sort_by(|a, b| (b.size, &a.class).cmp(&(a.size, &b.class)));
    shares.truncate(SHARES);
    Large { object: looks.object(node), keeps, shares, path: looks.path(node) }
}
