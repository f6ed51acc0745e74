//! Which class each object is of, and what all objects of a class come to, by the rules of Chrome's developer tools: objects
//! by the name and place of their constructors, plain objects by the properties that many of them have, everything else
//! by what it is.

use std::collections::HashMap;

use super::detached::detached;
use super::graph::{Graph, number};
use super::interfaces::Interfaces;
use super::kinds::NodeKind;
use super::snapshot::Snapshot;
use super::{Heap, UNREACHED};

/// A class of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its constructor's script, line and column, from 0, where that is known.
    pub place: Option<(u32, u32, u32)>,
    /// Whether its objects are a program's, and not storage or code of V8's.
    pub kind: NodeKind,
}

/// The classes of a snapshot.
#[derive(Debug)]
pub struct Classes {
    list: Vec<Class>,
    of: Vec<u32>,
}

/// What all objects of a class come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Objects, but those without a size of their own.
    pub count: u64,
    /// Bytes of the objects themselves.
    pub size: u64,
    /// Bytes that would be freed with all of them: those of one within another are counted once.
    pub retained: u64,
    /// Steps from the global objects to the nearest.
    pub distance: u32,
}

impl Classes {
    /// The classes of a snapshot. Linear in nodes and in the properties of plain objects.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { graph, strings, .. } = snapshot;
        let interfaces = Interfaces::of(graph, strings);
        let detached = detached(graph);
        let mut classes = Self { list: Vec::new(), of: vec![0; graph.node_count()] };
        let mut by_name: HashMap<(NodeKind, u32, bool), u32> = HashMap::new();
        let mut by_text: HashMap<String, u32> = HashMap::new();
        let mut by_place: HashMap<(u32, u32, u32, u32), u32> = HashMap::new();
        let mut locations = snapshot.locations.iter().peekable();
        for node in graph.nodes() {
            while locations.next_if(|location| location.node < node).is_some() {}
            let kind = graph.kind(node);
            // What names its class: for most objects the number of a string, as looking at it would take long.
            let (group, name) = match kind {
                NodeKind::Object => {
                    (NodeKind::Object, interfaces.of_node(node).unwrap_or_else(|| graph.name(node)))
                }
                NodeKind::Native => (NodeKind::Object, graph.name(node)),
                other => (other, 0),
            };
            let is_detached = detached.as_ref().is_some_and(|detached| detached.has(node));
            let class = *by_name.entry((group, name, is_detached)).or_insert_with(|| {
                let text = match group {
                    NodeKind::Object if is_detached => {
                        without_attributes(&format!("Detached {}", strings.text(name)))
                    }
                    NodeKind::Object => interfaces
                        .name(name)
                        .map_or_else(|| without_attributes(&strings.text(name)), str::to_owned),
                    other => class_name(other),
                };
                *by_text.entry(text).or_insert_with_key(|text| {
                    classes.list.push(Class { name: text.clone(), place: None, kind });
                    number(classes.list.len() - 1)
                })
            });
            let place = locations.peek().filter(|location| location.node == node && kind == NodeKind::Object);
            classes.of[node as usize] = place.map_or(class, |location| {
                let place = (location.script, location.line, location.column);
                *by_place.entry((class, place.0, place.1, place.2)).or_insert_with(|| {
                    let name = classes.list[class as usize].name.clone();
                    classes.list.push(Class { name, place: Some(place), kind });
                    number(classes.list.len() - 1)
                })
            });
        }
        classes
    }

    /// All classes.
    #[must_use]
    pub fn list(&self) -> &[Class] {
        &self.list
    }

    /// The number of a node's class.
    #[must_use]
    pub fn number_of(&self, node: u32) -> u32 {
        self.of[node as usize]
    }

    /// The class of a node.
    #[must_use]
    pub fn of_node(&self, node: u32) -> &Class {
        &self.list[self.of[node as usize] as usize]
    }

    /// What the objects of each class come to.
    #[must_use]
    pub fn totals(&self, heap: &Heap) -> Vec<Totals> {
        let graph = &heap.snapshot.graph;
        let none = Totals { count: 0, size: 0, retained: 0, distance: UNREACHED };
        let mut totals = vec![none; self.list.len()];
        for node in graph.nodes() {
            let size = graph.self_size(node);
            if size > 0 {
                let totals = &mut totals[self.of[node as usize] as usize];
                totals.count += 1;
                totals.size += size;
                totals.distance = totals.distance.min(heap.distances[node as usize]);
            }
        }
        let children = heap.dominators.children();
        // Depth first, with the classes on the way down: what is within another of its class is in that one's.
        let mut above = vec![0_u32; self.list.len()];
        let mut open = vec![(0_u32, false)];
        while let Some((node, left)) = open.pop() {
            let class = self.of[node as usize] as usize;
            let counts = graph.self_size(node) > 0;
            if left {
                above[class] -= 1;
                continue;
            }
            if counts && above[class] == 0 {
                totals[class].retained += heap.retained[node as usize];
            }
            let children = children.of_node(node);
            if children.is_empty() {
                continue;
            }
            if counts {
                above[class] += 1;
                open.push((node, true));
            }
            open.extend(children.iter().map(|&child| (child, false)));
        }
        totals
    }
}

/// What the objects of a kind are called together.
fn class_name(kind: NodeKind) -> String {
    match kind {
        NodeKind::Hidden => "(system)".into(),
        NodeKind::Code => "(compiled code)".into(),
        NodeKind::Closure => "Function".into(),
        NodeKind::RegExp => "RegExp".into(),
        other => format!("({})", other.as_str()),
    }
}

/// The name of an element without its attributes: `<div id="a">` is a `<div>`.
fn without_attributes(name: &str) -> String {
    let from = if name.starts_with("Detached <") { 10 } else { 0 };
    if from == 0 && !name.starts_with('<') {
        return name.to_owned();
    }
    match name[from..].find(' ') {
        Some(at) => format!("{}>", &name[..from + at]),
        None => name.to_owned(),
    }
}

/// Whether a node is an object that was written down as `{…}`.
pub(super) fn is_plain(graph: &Graph, object: Option<u32>, node: u32) -> bool {
    graph.kind(node) == NodeKind::Object && Some(graph.name(node)) == object
}
