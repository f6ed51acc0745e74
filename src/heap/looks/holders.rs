//! Who holds the objects of a class, all of them together: each object is followed along the path that explains most, and
//! steps that are alike (the same edge, the same class) are one. A tree, with how many objects come through each place.
//!
//! Linear in nodes and edges, and in the number of objects times the depth of the tree, which is bounded.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::groups::retained;
use super::object::Link;
use super::{Looks, Object};
use crate::heap::ownership::{Bits, ROOT};
use crate::heap::{EdgeKind, Place};

/// Steps towards the root.
const DEEPEST: usize = 24;
/// Places in the tree.
const MOST: usize = 300;
/// Properties by which one may hold what is asked about, and not be a dictionary of it.
const KEYS: u32 = 8;

/// Who holds many objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What they are called together.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// The ones that retain most.
    pub largest: Vec<Object>,
    /// Where they are held, those with most objects first.
    pub held_by: Vec<Holder>,
    /// Objects that are held at other places.
    pub more: u64,
}

/// A place where objects are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The edge, in words.
    pub edge: String,
    /// The holders in words.
    pub label: String,
    /// How many different holders.
    pub holders: u64,
    /// How many of the objects that were asked about come through here.
    pub objects: u64,
    /// Whether the step leads through more of the holders themselves, as in a list.
    pub chain: bool,
    /// One of the holders.
    pub example: u32,
    /// Steps of that one from the global objects.
    pub distance: Option<u32>,
    /// Where that one's function or constructor stands.
    pub place: Option<Place>,
    /// Who holds them.
    pub held_by: Vec<Self>,
    /// Objects that are held at other places.
    pub more: u64,
}

/// Objects that have come the same way: each node with how many of the objects asked about it stands for.
type Crowd = Vec<(u32, u64)>;

/// What tells one step from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Way {
    kind: EdgeKind,
    /// 0 where edges differ by number or key only.
    name: u32,
    keyed: bool,
    storage: bool,
    class: u32,
    chain: bool,
}

/// With at most `width` places at each step, and as many of the largest objects.
#[must_use]
pub fn holders(looks: &Looks<'_>, name: &str, nodes: &[u32], width: usize) -> Holding {
    let graph = &looks.heap.snapshot.graph;
    let mut members = Bits::new(graph.node_count());
    let mut top = super::top::Top::new(width);
    for &node in nodes {
        members.set(node);
        top.offer(looks.heap.retained[node as usize], node);
    }
    let retained = retained(looks, |node| members.has(node).then_some(0), 1);
    let mut budget = MOST;
    let crowd: Crowd = nodes.iter().map(|&node| (node, 1)).collect();
    let (held_by, more) = level(looks, crowd, width.max(1), 0, &mut budget);
    Holding {
        name: name.to_owned(),
        count: nodes.len() as u64,
        size: nodes.iter().map(|&node| graph.self_size(node)).sum(),
        retained: retained.first().copied().unwrap_or(0),
        largest: top.into_list().into_iter().map(|node| looks.object(node)).collect(),
        held_by,
        more,
    }
}

fn level(
    looks: &Looks<'_>,
    crowd: Crowd,
    width: usize,
    depth: usize,
    budget: &mut usize,
) -> (Vec<Holder>, u64) {
    let total: u64 = crowd.iter().map(|&(_, count)| count).sum();
    if depth == DEEPEST || *budget == 0 {
        return (Vec::new(), total);
    }
    let graph = &looks.heap.snapshot.graph;
    let mut climber = Climber { looks, tops: HashMap::new() };
    let mut links: Vec<(Link, bool, u64)> = Vec::with_capacity(crowd.len());
    let mut unheld = 0;
    for (node, count) in crowd {
        match climber.climb(node) {
            Some((link, chain)) => links.push((link, chain, count)),
            None => unheld += count,
        }
    }
    drop(climber);
    let is_property = |link: Link| graph.edge_kind(link.outer) == EdgeKind::Property;
    // What holds many by properties is a dictionary: their names are no more than the keys of a map.
    let mut properties: HashMap<u32, u32> = HashMap::new();
    for &(link, ..) in links.iter().filter(|(link, ..)| is_property(*link)) {
        *properties.entry(link.from).or_default() += 1;
    }
    let is_keyed =
        |link: Link| properties.get(&link.from).is_some_and(|&count| count > KEYS) && is_property(link);
    let mut groups: HashMap<Way, (Link, HashMap<u32, u64>)> = HashMap::new();
    for (link, chain, count) in links {
        let way = way(looks, link, chain, is_keyed(link));
        let (_, froms) = groups.entry(way).or_insert_with(|| (link, HashMap::new()));
        *froms.entry(link.from).or_default() += count;
    }
    let mut list: Vec<(u64, Way, Link, HashMap<u32, u64>)> =
        groups.into_iter().map(|(way, (link, froms))| (froms.values().sum(), way, link, froms)).collect();
    list.sort_unstable_by_key(|&(objects, way, ..)| (Reverse(objects), way));
    let more = unheld + list.iter().skip(width).map(|(objects, ..)| objects).sum::<u64>();
    let mut held_by = Vec::new();
    for (objects, way, link, froms) in list.into_iter().take(width) {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        let mut crowd: Crowd = froms.into_iter().collect();
        crowd.sort_unstable_by_key(|&(node, count)| (Reverse(count), node));
        let example = crowd.first().map_or(link.from, |&(node, _)| node);
        let object = looks.object(example);
        let holders = crowd.len() as u64;
        // What comes through a corner of the tree is not followed further.
        let follow = if example == ROOT { Vec::new() } else { crowd };
        let (above, more) =
            level(looks, follow, if objects * 20 < total { 1 } else { width }, depth + 1, budget);
        held_by.push(Holder {
            edge: if way.keyed { "[key]".into() } else { link.words(looks, true) },
            label: if example == ROOT { "(root)".into() } else { object.label() },
            holders,
            objects,
            chain: way.chain,
            example: graph.id(example),
            distance: object.distance,
            place: object.place,
            held_by: above,
            more,
        });
    }
    (held_by, more)
}

fn way(looks: &Looks<'_>, link: Link, chain: bool, keyed: bool) -> Way {
    let graph = &looks.heap.snapshot.graph;
    let edge = if graph.edge_kind(link.inner) == EdgeKind::Context { link.inner } else { link.outer };
    let (kind, name) = (graph.edge_kind(edge), graph.edge_name(edge));
    let alike = kind.is_numbered() || (kind == EdgeKind::Internal && looks.is_number(name));
    Way {
        kind,
        name: if alike || keyed { 0 } else { name },
        keyed,
        storage: link.outer != link.inner,
        class: looks.classes().number_of(link.from),
        chain,
    }
}

/// Takes steps; of a list, or anything else that is made of its like, all in one.
struct Climber<'l, 'h> {
    looks: &'l Looks<'h>,
    /// For each node that was met in a chain, the step that leads out of it.
    tops: HashMap<u32, Option<Link>>,
}

impl Climber<'_, '_> {
    fn climb(&mut self, node: u32) -> Option<(Link, bool)> {
        let looks = self.looks;
        let classes = looks.classes();
        let first = looks.step(node)?;
        let graph = &looks.heap.snapshot.graph;
        let class = classes.number_of(node);
        let alike = |link: Link| {
            classes.number_of(link.from) == class
                && (graph.edge_kind(link.outer), graph.edge_name(link.outer))
                    == (graph.edge_kind(first.outer), graph.edge_name(first.outer))
                && !graph.edge_kind(link.outer).is_numbered()
        };
        if !alike(first) {
            return Some((first, false));
        }
        let mut passed = Vec::new();
        let mut link = Some(first);
        while let Some(now) = link.filter(|&link| alike(link)) {
            if let Some(&known) = self.tops.get(&now.from) {
                link = known;
                break;
            }
            passed.push(now.from);
            link = looks.step(now.from);
        }
        for node in passed {
            self.tops.insert(node, link);
        }
        // A chain that leads nowhere else is held by its first.
        Some((link.unwrap_or(first), true))
    }
}
