//! Maps, sets, arrays, and objects used as dictionaries: how many there are of which size, and the biggest.
//!
//! A snapshot does not say how many entries there are. Those that hold an object or a string leave an edge each, from
//! which they are counted. Where there is none (numbers alone) the room in the table stands for them, and `exact` is
//! false. Linear in nodes and in the edges of collections.

use std::collections::HashSet;

use super::top::Top;
use super::{Hop, Looks, Object};
use crate::heap::graph::{Graph, kind_of, to_of};
use crate::heap::{EdgeKind, NodeKind};

/// Sizes below which a bucket ends.
const BOUNDS: [u64; 8] = [1, 2, 8, 64, 512, 4096, 65_536, u64::MAX];
/// Properties from which an object is looked at as a dictionary.
const DICTIONARY: u64 = 20;
/// Words of an object, of an array, map or set, and of the head of their storage.
const BODY: u64 = 4;
const HEAD: u64 = 2;

/// The collections of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collections {
    /// How many of each kind there are, by size.
    pub spreads: Vec<Spread>,
    /// Those with most entries first.
    pub biggest: Vec<Collection>,
}

/// What holds entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionKind {
    /// A `Map`.
    Map,
    /// A `Set`.
    Set,
    /// An array.
    Array,
    /// An object whose properties are kept in a hash table.
    Dictionary,
}

impl CollectionKind {
    /// All.
    pub const ALL: [Self; 4] = [Self::Map, Self::Set, Self::Array, Self::Dictionary];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Set => "set",
            Self::Array => "array",
            Self::Dictionary => "dictionary",
        }
    }
}

/// Collections of a kind, by size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// What they are.
    pub kind: CollectionKind,
    /// How many.
    pub count: u64,
    /// Their entries together.
    pub entries: u64,
    /// Their own bytes, with their storage.
    pub size: u64,
    /// Own bytes of those that are empty.
    pub empty_size: u64,
    /// By number of entries, without those of which there are none.
    pub buckets: Vec<Bucket>,
}

/// Collections with about as many entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Entries from here on.
    pub from: u64,
    /// To here; `u64::MAX` for all above.
    pub to: u64,
    /// Collections.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
}

/// A big collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// What it is.
    pub kind: CollectionKind,
    /// The object.
    pub object: Object,
    /// Its entries.
    pub entries: u64,
    /// Whether they were counted, and not taken from the room there is.
    pub exact: bool,
    /// The class of most of its entries' values.
    pub of: Option<String>,
    /// The path to it that explains most.
    pub path: Vec<Hop>,
}

/// With so many big ones at most.
#[must_use]
pub fn collections(looks: &Looks<'_>, limit: usize) -> Collections {
    let graph = &looks.heap.snapshot.graph;
    let reader = Reader::new(looks);
    let mut sums = CollectionKind::ALL.map(|kind| Spread {
        kind,
        count: 0,
        entries: 0,
        size: 0,
        empty_size: 0,
        buckets: BOUNDS
            .iter()
            .scan(0, |from, &end| {
                let bucket = Bucket { from: *from, to: end.saturating_sub(1), count: 0, size: 0 };
                *from = end;
                Some(bucket)
            })
            .collect(),
    });
    let mut top = Top::new(limit);
    for node in graph.nodes() {
        let Some((kind, entries, _)) = reader.read(node) else { continue };
        let size = graph.self_size(node);
        let sum = &mut sums[kind as usize];
        sum.count += 1;
        sum.entries += entries;
        sum.size += size;
        if entries == 0 {
            sum.empty_size += size;
        }
        let bucket = &mut sum.buckets[BOUNDS.partition_point(|&end| end <= entries)];
        bucket.count += 1;
        bucket.size += size;
        top.offer((entries, looks.heap.retained[node as usize]), node);
    }
    for sum in &mut sums {
        sum.buckets.retain(|bucket| bucket.count > 0);
        if let Some(last) = sum.buckets.last_mut().filter(|last| last.to == u64::MAX - 1) {
            last.to = u64::MAX;
        }
    }
    let biggest = top.into_list().into_iter().filter_map(|node| {
        let (kind, entries, exact) = reader.read(node)?;
        let of = reader.values(looks, node);
        Some(Collection { kind, object: looks.object(node), entries, exact, of, path: looks.path(node) })
    });
    Collections { biggest: biggest.collect(), spreads: sums.to_vec() }
}

/// Bytes of a pointer: eight, or four where V8 compresses them.
pub(super) fn slot_size(graph: &Graph) -> u32 {
    let is_odd =
        |node: u32| graph.kind(node) == NodeKind::Closure && !graph.self_size(node).is_multiple_of(8);
    if graph.nodes().any(is_odd) { 4 } else { 8 }
}

struct Reader<'g> {
    graph: &'g Graph,
    slot: u64,
    map: Option<u32>,
    set: Option<u32>,
    array: Option<u32>,
    table: Option<u32>,
    properties: Option<u32>,
    proto: Option<u32>,
    elements: Option<u32>,
    strings: &'g crate::heap::Strings,
}

impl<'g> Reader<'g> {
    fn new(looks: &Looks<'g>) -> Self {
        let snapshot = &looks.heap.snapshot;
        let strings = &snapshot.strings;
        Self {
            graph: &snapshot.graph,
            slot: u64::from(slot_size(&snapshot.graph)),
            map: strings.find("Map"),
            set: strings.find("Set"),
            array: strings.find("Array"),
            table: strings.find("table"),
            properties: strings.find("properties"),
            proto: strings.find("__proto__"),
            elements: strings.find("elements"),
            strings,
        }
    }

    /// What collection a node is, how many entries it has, and whether they were counted.
    fn read(&self, node: u32) -> Option<(CollectionKind, u64, bool)> {
        let graph = self.graph;
        if graph.kind(node) != NodeKind::Object {
            return None;
        }
        let name = Some(graph.name(node));
        if name == self.array {
            return self.array(node);
        }
        let table = self.storage(node, self.table);
        match table {
            // With subclasses of Map and Set, which have the same table.
            Some(table) if name == self.map => Some(self.table(node, table, CollectionKind::Map)),
            Some(table) if name == self.set => Some(self.table(node, table, CollectionKind::Set)),
            Some(_) => None,
            None => self.dictionary(node),
        }
    }

    fn array(&self, node: u32) -> Option<(CollectionKind, u64, bool)> {
        let graph = self.graph;
        // The prototype is an array, too.
        let has_methods = || graph.edges(node).len() > 30 && self.properties(node) > DICTIONARY;
        let elements =
            graph.words(node).iter().filter(|&&word| kind_of(word) == EdgeKind::Element).count() as u64;
        if elements > 0 {
            return Some((CollectionKind::Array, elements, true));
        }
        if has_methods() {
            return None;
        }
        let room = self.room(node, self.storage(node, self.elements));
        Some((CollectionKind::Array, room, room == 0))
    }

    /// Slots of a storage, whose size may have been added to its owner's.
    fn room(&self, node: u32, storage: Option<u32>) -> u64 {
        let Some(storage) = storage else { return 0 };
        let own = self.graph.self_size(storage) / self.slot;
        if own > 0 {
            return own.saturating_sub(HEAD);
        }
        (self.graph.self_size(node) / self.slot).saturating_sub(BODY + HEAD)
    }

    /// The table of a map or set: three numbers, buckets, then entries for twice as many, of three words or two.
    fn table(&self, node: u32, table: u32, kind: CollectionKind) -> (CollectionKind, u64, bool) {
        let graph = self.graph;
        let words = if kind == CollectionKind::Map { 3 } else { 2 };
        let room = self.room(node, Some(table));
        let buckets = room.saturating_sub(3) / (1 + 2 * words);
        let first = 3 + buckets;
        let mut seen: HashSet<u64> = HashSet::new();
        let (mut last, mut count) = (u64::MAX, 0_u64);
        for (edge, &word) in graph.edges(table).zip(graph.words(table)) {
            let index = match kind_of(word) {
                EdgeKind::Internal => self.index(graph.edge_name(edge)),
                EdgeKind::Hidden | EdgeKind::Element => Some(u64::from(graph.edge_name(edge))),
                _ => None,
            };
            let Some(index) = index.and_then(|index| index.checked_sub(first)) else { continue };
            // In order, as a rule: then the set stays empty.
            let entry = index / words;
            if entry == last || (last != u64::MAX && entry < last && !seen.insert(entry)) {
                continue;
            }
            last = entry;
            count += 1;
        }
        let few = if 2 * buckets <= 4 { 0 } else { buckets };
        if count == 0 { (kind, few, room == 0) } else { (kind, count, true) }
    }

    fn dictionary(&self, node: u32) -> Option<(CollectionKind, u64, bool)> {
        let storage = self.storage(node, self.properties)?;
        // Other storage of properties is hidden.
        if self.graph.kind(storage) != NodeKind::Array {
            return None;
        }
        let count = self.properties(node);
        (count >= DICTIONARY).then_some((CollectionKind::Dictionary, count, true))
    }

    fn properties(&self, node: u32) -> u64 {
        let graph = self.graph;
        let edges = graph.edges(node).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Property);
        edges.filter(|&edge| Some(graph.edge_name(edge)) != self.proto).count() as u64
    }

    fn storage(&self, node: u32, name: Option<u32>) -> Option<u32> {
        let graph = self.graph;
        // Behind the elements of an array.
        let edge = graph.edges(node).rev().find(|&edge| {
            graph.edge_kind(edge) == EdgeKind::Internal && Some(graph.edge_name(edge)) == name
        })?;
        Some(graph.to(edge))
    }

    fn index(&self, name: u32) -> Option<u64> {
        let raw = self.strings.raw(name);
        std::str::from_utf8(raw).ok()?.parse().ok()
    }

    /// The class of most values, by a look at some of them.
    fn values(&self, looks: &Looks<'_>, node: u32) -> Option<String> {
        const SOME: usize = 1000;
        let graph = self.graph;
        let from = self.storage(node, self.table).unwrap_or(node);
        let mut counts: std::collections::HashMap<u32, u32> = std::collections::HashMap::new();
        for (edge, &word) in graph.edges(from).zip(graph.words(from)).take(SOME) {
            let is_entry = match kind_of(word) {
                EdgeKind::Element => true,
                EdgeKind::Property => Some(graph.edge_name(edge)) != self.proto,
                EdgeKind::Internal => self.index(graph.edge_name(edge)).is_some(),
                _ => false,
            };
            let to = to_of(word);
            if is_entry && !matches!(graph.kind(to), NodeKind::Hidden | NodeKind::Array) {
                // Keys of a map are strings, as a rule: values say more.
                let weight = if graph.kind(to).is_string() { 1 } else { 2 };
                *counts.entry(looks.classes().number_of(to)).or_default() += weight;
            }
        }
        let best = counts.into_iter().max_by_key(|&(class, count)| (count, std::cmp::Reverse(class)))?;
        Some(super::object::cut(&looks.classes().list()[best.0 as usize].name))
    }
}
