//! Plain objects, told apart by their properties: what many have, and in that order, is given a name like `{id, name}`,
//! and an object is of the largest such set that it has all of. As in Chrome's developer tools.

use std::collections::{HashMap, HashSet};

use super::classes::is_plain;
use super::graph::{Graph, number};
use super::kinds::EdgeKind;
use super::strings::Strings;

/// Characters of a name beyond which properties are left out, but for the first.
const LONGEST: usize = 120;
/// Objects that must begin alike: this many, and one of so many plain objects.
const LEAST: u64 = 2;
const SHARE: u64 = 1000;
/// Numbers from here on stand for interfaces, below for strings.
const INTERFACES: u32 = 1 << 31;

/// The interfaces of a snapshot.
#[derive(Debug, Default)]
pub(super) struct Interfaces {
    names: Vec<String>,
    /// By node, for those that have one.
    of: HashMap<u32, u32>,
}

/// Properties that many objects begin with.
#[derive(Debug)]
struct Candidate {
    name: String,
    properties: Vec<u32>,
    count: u64,
}

impl Interfaces {
    pub(super) fn of(graph: &Graph, strings: &Strings) -> Self {
        let object = strings.find("Object");
        let proto = strings.find("__proto__");
        let plain = || graph.nodes().filter(|&node| is_plain(graph, object, node));
        let mut reader = Reader { graph, proto, buffer: Vec::new() };

        // Objects with the same properties in the same order are the same as far as this goes.
        let mut shapes: HashMap<Box<[u32]>, u32> = HashMap::new();
        let mut counts: Vec<u64> = Vec::new();
        let mut shape_of: Vec<(u32, u32)> = Vec::new();
        for node in plain() {
            let properties = reader.properties(node);
            let shape = shapes.get(properties).copied().unwrap_or_else(|| {
                counts.push(0);
                let shape = number(counts.len() - 1);
                shapes.insert(properties.into(), shape);
                shape
            });
            counts[shape as usize] += 1;
            shape_of.push((node, shape));
        }
        let mut by_number: Vec<&[u32]> = vec![&[]; counts.len()];
        for (properties, &shape) in &shapes {
            by_number[shape as usize] = properties;
        }

        let candidates = candidates(&by_number, &counts, proto, strings, shape_of.len() as u64);
        let chosen: Vec<Option<u32>> = choose(&by_number, &candidates);
        let of = shape_of
            .into_iter()
            .filter_map(|(node, shape)| Some((node, INTERFACES + chosen[shape as usize]?)))
            .collect();
        Self { names: candidates.into_iter().map(|candidate| candidate.name).collect(), of }
    }

    /// The number of a node's interface, for [`Interfaces::name`].
    pub(super) fn of_node(&self, node: u32) -> Option<u32> {
        self.of.get(&node).copied()
    }

    /// The name of an interface; `None` for the number of a string.
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        let index = number.checked_sub(INTERFACES)?;
        self.names.get(index as usize).map(String::as_str)
    }
}

/// Reads the names of properties.
struct Reader<'g> {
    graph: &'g Graph,
    proto: Option<u32>,
    buffer: Vec<u32>,
}

impl Reader<'_> {
    /// Numbers of strings; without `__proto__`, which never names anything.
    fn properties(&mut self, node: u32) -> &[u32] {
        let graph = self.graph;
        self.buffer.clear();
        let names = graph.edges(node).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Property);
        self.buffer.extend(names.map(|edge| graph.edge_name(edge)).filter(|&name| Some(name) != self.proto));
        &self.buffer
    }
}

fn candidates(
    shapes: &[&[u32]],
    counts: &[u64],
    proto: Option<u32>,
    strings: &Strings,
    objects: u64,
) -> Vec<Candidate> {
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for (properties, &count) in shapes.iter().zip(counts) {
        debug_assert!(properties.iter().all(|&name| Some(name) != proto), "left out when they were read");
        let (name, taken) = named(properties, strings);
        if taken == 0 {
            continue;
        }
        let at = *by_name.entry(name).or_insert_with_key(|name| {
            let properties = properties[..taken].to_vec();
            candidates.push(Candidate { name: name.clone(), properties, count: 0 });
            candidates.len() - 1
        });
        candidates[at].count += count;
    }
    // Those that are met first stay first where counts are equal.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.count));
    // At least so many, or more than so great a share: compared without a fraction.
    candidates.retain(|candidate| candidate.count >= LEAST && candidate.count * SHARE >= objects);
    candidates
}

/// The name of an interface with as many of these properties as it has room for, and how many.
fn named(properties: &[u32], strings: &Strings) -> (String, usize) {
    let mut name = String::from("{");
    let mut length = 1;
    let mut taken = 0;
    for &property in properties {
        let text = quoted(&strings.text(property));
        // JavaScript counts in UTF-16.
        let more = text.encode_utf16().count();
        if length > 1 && length + more > LONGEST {
            break;
        }
        if length > 1 {
            name.push_str(", ");
            length += 2;
        }
        name.push_str(&text);
        length += more;
        taken += 1;
    }
    name.push('}');
    (name, taken)
}

/// A property's name, in quotes where it could be taken for something else.
fn quoted(name: &str) -> String {
    if name.contains([',', '\'', '"', '{', '}']) {
        serde_json::to_string(name).unwrap_or_else(|_| name.to_owned())
    } else {
        name.to_owned()
    }
}

/// For each shape the candidate with the most properties that it has all of; of several, the one more have.
fn choose(shapes: &[&[u32]], candidates: &[Candidate]) -> Vec<Option<u32>> {
    // A candidate is looked at where the rarest of its properties is.
    let mut uses: HashMap<u32, u32> = HashMap::new();
    for candidate in candidates {
        for &property in &candidate.properties {
            *uses.entry(property).or_default() += 1;
        }
    }
    let mut by_property: HashMap<u32, Vec<u32>> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if let Some(&rarest) = candidate.properties.iter().min_by_key(|property| uses[property]) {
            by_property.entry(rarest).or_default().push(number(index));
        }
    }
    let mut has = HashSet::new();
    shapes
        .iter()
        .map(|properties| {
            has.clear();
            has.extend(properties.iter().copied());
            let mut best: Option<(usize, u32)> = None;
            for candidate in properties.iter().filter_map(|property| by_property.get(property)).flatten() {
                let wanted = &candidates[*candidate as usize].properties;
                let better = best.is_none_or(|(most, index)| {
                    wanted.len() > most || (wanted.len() == most && *candidate < index)
                });
                if better && wanted.iter().all(|property| has.contains(property)) {
                    best = Some((wanted.len(), *candidate));
                }
            }
            best.map(|(_, candidate)| candidate)
        })
        .collect()
}
