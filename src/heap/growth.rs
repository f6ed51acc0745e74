//! What has grown between snapshots, and where it hangs.
//!
//! Objects keep their ids, so what is in the second snapshot, was not in the first and still is in the third has been made
//! between the first two and has outlived whatever it was made for (the three-snapshot technique). Its bytes are counted
//! where they hang: at the nearest object that was there before, under which new objects are kept by nothing else.

use std::collections::HashMap;

use super::graph::{Graph, kind_of, to_of};
use super::kinds::{EdgeKind, NodeKind};
use super::ownership::ROOT;
use super::paths::Paths;
use super::retainers::Retainers;
use super::shallow::Owners;
use super::{Heap, Ids, Snapshot};

/// Not a node.
pub(super) const NONE: u32 = u32::MAX;

/// When an object of the last snapshot was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Age {
    /// Before the first snapshot.
    Old,
    /// Between the first and the second.
    Survivor,
    /// After the second.
    New,
}

/// When each object was made. Without a second snapshot what was not in the first is a survivor. What is outside of V8's
/// heap has another id in every snapshot, and is as old as what keeps it.
#[must_use]
pub fn ages(first: &Ids, second: Option<&Ids>, last: &Heap) -> Vec<Age> {
    let graph = &last.snapshot.graph;
    let mut ages = vec![Age::Old; graph.node_count()];
    for &node in &last.dominators.order()[1..] {
        let id = graph.id(node);
        let dominator = last.dominators.of_node(node);
        ages[node as usize] = if first.has(id) {
            Age::Old
        } else if graph.kind(node) == NodeKind::Native && graph.kind(dominator) != NodeKind::Synthetic {
            ages[dominator as usize]
        } else if second.is_none_or(|second| second.has(id)) {
            Age::Survivor
        } else {
            Age::New
        };
    }
    ages
}

/// New objects that hang on one old one.
#[derive(Debug, Clone)]
pub struct Accumulation {
    /// The old object on which they hang: the one of a program's that refers to them, where there is one.
    pub container: u32,
    /// Others that refer to all of them, too.
    pub others: Vec<u32>,
    /// The new objects that it refers to, those that keep most first.
    pub members: Vec<Member>,
    /// Objects that survived, of all that hangs there.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of what was made after the second snapshot.
    pub new_bytes: u64,
}

/// A new object directly under an old one, with what only it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The object.
    pub node: u32,
    /// Bytes that survived.
    pub bytes: u64,
    /// Objects that survived.
    pub count: u64,
    /// Bytes made after the second snapshot.
    pub new_bytes: u64,
}

/// Whether something is V8's storage of another object, or of its own doing.
pub(super) fn is_storage(graph: &Graph, node: u32) -> bool {
    matches!(graph.kind(node), NodeKind::Array | NodeKind::Hidden)
}

/// Whether growth of it is V8's own: compiled code, hidden classes, feedback.
pub(super) fn is_noise(graph: &Graph, node: u32) -> bool {
    matches!(graph.kind(node), NodeKind::Code | NodeKind::ObjectShape | NodeKind::Hidden)
}

/// Where new objects hang, the most bytes first.
#[must_use]
pub fn accumulations(
    heap: &Heap,
    ages: &[Age],
    retainers: &Retainers,
    owners: &Owners,
    paths: &Paths,
) -> Vec<Accumulation> {
    let graph = &heap.snapshot.graph;
    let regions = Regions::of(heap, ages);
    let mut by_container: HashMap<u32, Vec<Member>> = HashMap::new();
    for (&top, &(container, member)) in &regions.members {
        debug_assert_eq!(member.node, top, "kept by itself");
        if member.count > 0 || member.new_bytes > 0 {
            by_container.entry(container).or_default().push(member);
        }
    }
    let holders = Holders { graph, ages, retainers, owners };
    let mut found = Vec::new();
    for (dominator, members) in by_container {
        // Who refers to each, among what was there before.
        let mut groups: HashMap<Vec<u32>, Vec<Member>> = HashMap::new();
        for member in members {
            let mut holders = holders.of(member.node);
            if holders.is_empty() {
                // Only other new objects refer to it, several of them.
                holders.push(crossing(graph, ages, owners, paths, member.node).unwrap_or(dominator));
            }
            groups.entry(holders).or_default().push(member);
        }
        for (holders, mut members) in groups {
            members.sort_by_key(|member| (std::cmp::Reverse((member.bytes, member.new_bytes)), member.node));
            let (container, others) = chosen(&heap.snapshot, &holders);
            found.push(Accumulation {
                container,
                others,
                count: members.iter().map(|member| member.count).sum(),
                bytes: members.iter().map(|member| member.bytes).sum(),
                new_bytes: members.iter().map(|member| member.new_bytes).sum(),
                members,
            });
        }
    }
    found.sort_by_key(|one| (std::cmp::Reverse((one.bytes, one.new_bytes)), one.container));
    found
}

/// The last old object on the best path to a new one.
fn crossing(graph: &Graph, ages: &[Age], owners: &Owners, paths: &Paths, node: u32) -> Option<u32> {
    let is_old = |node: u32| ages[node as usize] == Age::Old;
    let steps = paths.to(graph, node);
    let from = steps.iter().rev().map(|step| step.from).find(|&from| {
        is_old(from) && !(is_storage(graph, from) && owners.of_node(from).is_none_or(|owner| owner == from))
    })?;
    let owner = owners.of_node(from).filter(|&owner| is_old(owner)).unwrap_or(from);
    (graph.kind(owner) != NodeKind::Synthetic).then_some(owner)
}

/// New objects by the topmost that keeps them.
struct Regions {
    /// By the topmost: the old object that dominates it, and what it keeps.
    members: HashMap<u32, (u32, Member)>,
}

impl Regions {
    fn of(heap: &Heap, ages: &[Age]) -> Self {
        let graph = &heap.snapshot.graph;
        let mut members: HashMap<u32, (u32, Member)> = HashMap::new();
        // The topmost of each new object; of storage directly under an old object, nothing: what is in it is as good as in
        // that object.
        let mut tops = vec![NONE; graph.node_count()];
        // The old object above storage.
        let mut above: HashMap<u32, u32> = HashMap::new();
        for &node in &heap.dominators.order()[1..] {
            if ages[node as usize] == Age::Old {
                continue;
            }
            let dominator = heap.dominators.of_node(node);
            let old = if ages[dominator as usize] == Age::Old {
                Some(dominator)
            } else {
                above.get(&dominator).copied()
            };
            let top = match old {
                Some(old) if is_storage(graph, node) => {
                    above.insert(node, old);
                    continue;
                }
                Some(old) => {
                    let member = Member { node, bytes: 0, count: 0, new_bytes: 0 };
                    members.insert(node, (old, member));
                    node
                }
                None => tops[dominator as usize],
            };
            tops[node as usize] = top;
            if is_noise(graph, node) {
                continue;
            }
            if let Some((_, member)) = members.get_mut(&top) {
                let size = graph.self_size(node);
                if ages[node as usize] == Age::Survivor {
                    member.count += 1;
                    member.bytes += size;
                } else {
                    member.new_bytes += size;
                }
            }
        }
        Self { members }
    }
}

/// Looks for old objects that refer to new ones.
struct Holders<'h> {
    graph: &'h Graph,
    ages: &'h [Age],
    retainers: &'h Retainers,
    owners: &'h Owners,
}

impl Holders<'_> {
    /// The old objects that refer to a new one, directly or by their storage; in their order, each once.
    fn of(&self, node: u32) -> Vec<u32> {
        /// Objects looked at: whoever has more holders than this is shared by so many that none explains it.
        const MOST: usize = 64;
        let mut holders = Vec::new();
        for &retainer in self.retainers.of_node(node).iter().take(MOST) {
            if let Some(holder) = self.owner(retainer)
                && self.ages[holder as usize] == Age::Old
                && !holders.contains(&holder)
            {
                holders.push(holder);
            }
        }
        holders.sort_unstable();
        holders
    }

    /// Whose storage a node is; the node itself if it is none.
    fn owner(&self, node: u32) -> Option<u32> {
        let owner = self.owners.of_node(node);
        if owner == Some(node) || (owner.is_none() && !is_storage(self.graph, node)) {
            return Some(node);
        }
        owner
    }
}

/// Of several holders the one that says most to a programmer, and the others.
fn chosen(snapshot: &Snapshot, holders: &[u32]) -> (u32, Vec<u32>) {
    let graph = &snapshot.graph;
    let rank = |node: u32| {
        let name = snapshot.strings.raw(graph.name(node));
        match (graph.kind(node), name) {
            (NodeKind::Object, b"Map" | b"Set" | b"Array") => 0,
            (NodeKind::Object, name) if name.starts_with(b"system / ") => 3,
            (NodeKind::Object, b"WeakMap" | b"WeakSet") => 4,
            (NodeKind::Object, _) => 1,
            (NodeKind::Closure, _) => 2,
            (NodeKind::Native, _) => 5,
            _ => 6,
        }
    };
    let best = holders.iter().copied().min_by_key(|&holder| rank(holder)).unwrap_or(ROOT);
    (best, holders.iter().copied().filter(|&holder| holder != best).collect())
}

/// The edge by which a holder, or its storage, refers to a node, and the storage in between.
pub(super) fn link(graph: &Graph, owners: &Owners, holder: u32, node: u32) -> Option<(u32, Option<u32>)> {
    let direct = |from: u32| {
        let edges = graph.edges(from).zip(graph.words(from));
        edges
            .filter(|&(_, &word)| to_of(word) == node && kind_of(word) != EdgeKind::Weak)
            .map(|(edge, _)| edge)
            .next()
    };
    if let Some(edge) = direct(holder) {
        return Some((edge, None));
    }
    let storage = graph
        .words(holder)
        .iter()
        .map(|&word| to_of(word))
        .filter(|&to| is_storage(graph, to) && owners.of_node(to) == Some(holder));
    storage.into_iter().find_map(|storage| direct(storage).map(|edge| (edge, Some(storage))))
}
