//! Where in a structure growth really is. What is above new objects is not always what collects them: a list is replaced
//! by a longer copy, and what grows is inside the copy; a linked list grows at the end of its last element, and what
//! collects them is the head of the list.

use std::collections::HashMap;

use super::super::growth::{Accumulation, Member, is_noise, is_storage};
use super::super::ownership::ROOT;
use super::super::{Age, NodeKind};
use super::View;

/// Growth in one place.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    /// What collects.
    pub(super) container: u32,
    /// What is directly in it, most bytes first.
    pub(super) members: Vec<Member>,
    /// Whether its members refer to each other in a chain.
    pub(super) chain: bool,
    /// The topmost new objects: all that survived there is under these.
    pub(super) tops: Vec<u32>,
    /// Objects that survived.
    pub(super) objects: u64,
    /// Bytes that survived.
    pub(super) bytes: u64,
    /// Bytes made after the second snapshot.
    pub(super) new_bytes: u64,
    /// Old objects that refer to all of it, besides the container.
    pub(super) others: Vec<u32>,
}

/// So many of the same class, one behind the other, are a list.
const CHAIN: usize = 8;

pub(super) fn refine(view: &View<'_>, found: Accumulation) -> Vec<Growth> {
    // What is a big part of all is a story of its own: a module has many variables.
    let total = found.bytes;
    let (big, rest): (Vec<Member>, Vec<Member>) =
        found.members.into_iter().partition(|member| member.bytes * 10 > total);
    let mut growths: Vec<Growth> =
        big.into_iter().map(|member| Growth::of(found.container, &found.others, vec![member])).collect();
    if !rest.is_empty() {
        growths.push(Growth::of(found.container, &found.others, rest));
    }
    for growth in &mut growths {
        let first = growth.members[0];
        if first.bytes * 5 > growth.bytes * 4 && first.count >= CHAIN as u64 {
            descend(view, growth, first.node);
        }
        climb(view, growth);
    }
    growths
}

impl Growth {
    fn of(container: u32, others: &[u32], members: Vec<Member>) -> Self {
        Self {
            container,
            chain: false,
            tops: members.iter().map(|member| member.node).collect(),
            objects: members.iter().map(|member| member.count).sum(),
            bytes: members.iter().map(|member| member.bytes).sum(),
            new_bytes: members.iter().map(|member| member.new_bytes).sum(),
            others: others.to_vec(),
            members,
        }
    }
}

/// Follows the one object in which nearly all is, to where it branches.
fn descend(view: &View<'_>, growth: &mut Growth, top: u32) {
    let inside = Inside::of(view, top);
    let (mut at, mut chain) = (top, vec![top]);
    let mut holders = Vec::new();
    loop {
        let children = inside.children(at);
        let Some(&(next, bytes)) = children.first() else { break };
        if bytes * 5 <= inside.bytes(at) * 4 {
            break;
        }
        if !is_storage(view.graph, next) {
            let same = chain.last().is_some_and(|&last| same_class(view, last, next));
            if !same {
                if chain.len() >= CHAIN {
                    break;
                }
                holders.append(&mut chain);
            }
            chain.push(next);
        }
        at = next;
    }
    if chain.len() >= CHAIN {
        growth.chain = true;
        // What the first hangs on: if that is the top itself, what it was found in.
        if let Some(&holder) = holders.last() {
            growth.container = holder;
        }
        growth.members = links(&inside, &chain);
        return;
    }
    let container = if is_storage(view.graph, at) { chain.last().copied().unwrap_or(top) } else { at };
    // Through storage, as that is not anybody's own.
    let mut members = Vec::new();
    let mut open = vec![at];
    while let Some(node) = open.pop() {
        for (child, bytes) in inside.children(node) {
            if is_storage(view.graph, child) {
                open.push(child);
            } else if bytes > 0 {
                members.push(Member { node: child, bytes, count: inside.count(child), new_bytes: 0 });
            }
        }
    }
    // One object with a few parts is not a collection: then what it is in tells more.
    if members.len() < CHAIN {
        return;
    }
    members.sort_by_key(|member| (std::cmp::Reverse(member.bytes), member.node));
    growth.container = container;
    growth.members = members;
}

/// The elements of a chain, each with what is its own.
fn links(inside: &Inside, chain: &[u32]) -> Vec<Member> {
    let rests = chain.iter().skip(1).map(|&next| (inside.bytes(next), inside.count(next))).chain([(0, 0)]);
    let members = chain.iter().zip(rests).map(|(&node, (bytes, count))| Member {
        node,
        bytes: inside.bytes(node) - bytes,
        count: inside.count(node) - count,
        new_bytes: 0,
    });
    members.filter(|member| member.count > 0).collect()
}

/// From an element at the end of a list to whose list it is.
fn climb(view: &View<'_>, growth: &mut Growth) {
    /// Longer lists than any that anybody has.
    const MOST: usize = 50_000_000;
    let Some(first) = growth.members.first() else { return };
    if growth.container == ROOT || !same_class(view, growth.container, first.node) {
        return;
    }
    let (mut at, mut steps) = (growth.container, 0);
    while at != ROOT && steps < MOST && (same_class(view, at, growth.container) || is_storage(view.graph, at))
    {
        at = view.dominator(at);
        steps += 1;
    }
    if at != ROOT && view.graph.kind(at) != NodeKind::Synthetic {
        growth.others.push(growth.container);
        growth.container = at;
        growth.chain = true;
    }
}

fn same_class(view: &View<'_>, one: u32, other: u32) -> bool {
    view.graph.kind(one) == NodeKind::Object && view.classes.number_of(one) == view.classes.number_of(other)
}

/// What survived below an object.
struct Inside {
    /// By object: bytes and objects, itself included.
    sums: HashMap<u32, (u64, u64)>,
    children: HashMap<u32, Vec<(u32, u64)>>,
}

impl Inside {
    fn of(view: &View<'_>, top: u32) -> Self {
        // All that the top dominates, each behind its dominator.
        let dominated = view.children();
        let mut sums: HashMap<u32, (u64, u64)> = HashMap::new();
        let (mut order, mut open) = (Vec::new(), vec![top]);
        while let Some(node) = open.pop() {
            let counted = view.ages[node as usize] == Age::Survivor && !is_noise(view.graph, node);
            sums.insert(node, if counted { (view.graph.self_size(node), 1) } else { (0, 0) });
            order.push(node);
            open.extend_from_slice(dominated.of_node(node));
        }
        let mut children: HashMap<u32, Vec<(u32, u64)>> = HashMap::new();
        for &node in order.iter().skip(1).rev() {
            let (bytes, count) = sums[&node];
            let above = view.dominator(node);
            if let Some(sum) = sums.get_mut(&above) {
                sum.0 += bytes;
                sum.1 += count;
            }
            children.entry(above).or_default().push((node, bytes));
        }
        for children in children.values_mut() {
            children.sort_by_key(|&(node, bytes)| (std::cmp::Reverse(bytes), node));
        }
        Self { sums, children }
    }

    fn bytes(&self, node: u32) -> u64 {
        self.sums.get(&node).map_or(0, |sum| sum.0)
    }

    fn count(&self, node: u32) -> u64 {
        self.sums.get(&node).map_or(0, |sum| sum.1)
    }

    /// Those that an object dominates directly, most bytes first.
    fn children(&self, node: u32) -> Vec<(u32, u64)> {
        self.children.get(&node).cloned().unwrap_or_default()
    }
}
