//! How the texts of a snapshot are used, and which of them stay as names.
//!
//! Names of nodes stay where they look like a class's, and objects' if code has them, too; those of scripts as paths, those
//! of variables always. The name of a property stays where it is plain ([`names::is_plain`]) and
//!
//! - one of V8's, Node's or its events ([`names::is_known`]), or
//! - the name of a function, a class or a variable, too, or
//! - in the constants of the program's code, and some object has it that is no dictionary, or holds listeners, or
//! - on [`ALIKE`] objects of one hidden class that are no dictionaries and have more than one property.
//!
//! So a key of an object that is used as a map does not stay: it is in a hash table of properties, or on few objects, and
//! as a rule not in the code.

use std::collections::{HashMap, HashSet};

use super::super::globals::{globals, is_global};
use super::super::graph::Graph;
use super::super::ownership::Bits;
use super::super::strings::Strings;
use super::super::{EdgeKind, NodeKind, Snapshot};
use super::{Redaction, Use, names};

/// Objects with one hidden class, from which their properties are taken for a form.
const ALIKE: u32 = 8;
/// Properties from which an object is taken for a dictionary, however it is stored.
const MANY: usize = 64;

pub(super) fn decide(snapshot: &Snapshot) -> Redaction {
    let mut uses = Uses::new(snapshot);
    uses.name_nodes();
    uses.name_edges();
    uses.name_functions();
    uses.name_properties();
    uses.redaction
}

struct Uses<'s> {
    graph: &'s Graph,
    strings: &'s Strings,
    snapshot: &'s Snapshot,
    redaction: Redaction,
    /// Texts in the constants of code, as they stand in the snapshot: those that are looked for need no escapes.
    source: HashSet<&'s [u8]>,
    globals: HashSet<u32>,
    properties: Option<u32>,
    map: Option<u32>,
}

impl<'s> Uses<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        let Snapshot { graph, strings, .. } = snapshot;
        let redaction = Redaction {
            kept: Bits::new(strings.len()),
            values: Bits::new(strings.len()),
            changed: HashMap::new(),
            pairs: HashMap::new(),
            replaced: HashMap::new(),
        };
        Self {
            graph,
            strings,
            snapshot,
            redaction,
            source: HashSet::new(),
            globals: globals(snapshot).into_iter().collect(),
            properties: strings.find("properties"),
            map: strings.find("map"),
        }
    }

    fn keep(&mut self, index: u32) {
        if (index as usize) < self.strings.len() {
            self.redaction.kept.set(index);
        }
    }

    fn keep_class(&mut self, index: u32) {
        if self.redaction.kept.has(index) || self.redaction.changed.contains_key(&index) {
            return;
        }
        let text = self.strings.text(index);
        if names::is_class(&text) {
            self.keep(index);
        } else if let Some(part) = names::part_of_class(&text) {
            self.redaction.changed.insert(index, part);
        }
    }

    fn keep_script(&mut self, index: u32) {
        if (index as usize) < self.strings.len() {
            let text = self.strings.text(index);
            let path = names::script(&text);
            if path == text {
                self.keep(index);
            } else {
                self.redaction.changed.insert(index, path);
            }
        }
    }

    fn name_nodes(&mut self) {
        let graph = self.graph;
        let script = [self.strings.find("script"), self.strings.find("script_or_debug_info")];
        let mut seen = Bits::new(self.strings.len());
        for node in graph.nodes() {
            let (kind, name) = (graph.kind(node), graph.name(node));
            if Use::of(kind) == Use::Value {
                self.redaction.values.set(name);
            } else if kind != NodeKind::Object && seen.set(name) {
                self.keep_class(name);
            }
            if Use::of(kind) == Use::Value || kind == NodeKind::Object {
                continue;
            }
            let raw = self.strings.raw(name);
            let has_constants = raw == b"(constant pool)"
                || raw.ends_with(b"ObjectBoilerplateDescription")
                || raw.ends_with(b"ClassBoilerplate");
            if !has_constants && kind != NodeKind::Code {
                continue;
            }
            for edge in graph.edges(node) {
                let to = graph.to(edge);
                if graph.edge_kind(edge) == EdgeKind::Internal
                    && script.contains(&Some(graph.edge_name(edge)))
                {
                    self.keep_script(graph.name(to));
                }
                if has_constants && graph.kind(to) == NodeKind::String {
                    self.source.insert(self.strings.raw(graph.name(to)));
                }
            }
        }
        // Objects are called after their constructors, which code names; but also what a program wants them called.
        for node in graph.nodes().filter(|&node| graph.kind(node) == NodeKind::Object) {
            let name = graph.name(node);
            if seen.set(name) {
                let text = self.strings.text(name);
                if names::is_engines(&text) || names::is_known(&text) || self.is_source(&text) {
                    self.keep_class(name);
                } else if let Some(part) = names::part_of_class(&text) {
                    self.redaction.changed.insert(name, part);
                }
            }
        }
    }

    /// All edges but properties.
    fn name_edges(&mut self) {
        let graph = self.graph;
        let mut seen = Bits::new(self.strings.len());
        let mut ids: Option<HashSet<u32>> = None;
        for node in graph.nodes() {
            for edge in graph.edges(node) {
                let kind = graph.edge_kind(edge);
                if kind.is_numbered() || kind == EdgeKind::Property || !seen.set(graph.edge_name(edge)) {
                    continue;
                }
                let name = graph.edge_name(edge);
                if kind == EdgeKind::Context {
                    // Variables are called what the source calls them.
                    self.keep(name);
                } else if memchr::memmem::find(self.strings.raw(name), b" pair in WeakMap (").is_some() {
                    let ids = ids.get_or_insert_with(|| graph.nodes().map(|node| graph.id(node)).collect());
                    let text =
                        pair(&self.strings.text(name), graph.id(graph.to(edge)), |id| ids.contains(&id));
                    self.redaction.pairs.insert(name, text);
                } else {
                    self.keep_class(name);
                }
            }
        }
    }

    /// Those on allocation stacks.
    fn name_functions(&mut self) {
        for function in &self.snapshot.functions {
            if (function.name as usize) < self.strings.len() {
                self.keep_class(function.name);
            }
            self.keep_script(function.script_name);
        }
    }

    fn name_properties(&mut self) {
        let graph = self.graph;
        let listeners = self.listeners();
        // How many objects have each hidden class.
        let mut alike: HashMap<u32, u32> = HashMap::new();
        for node in graph.nodes().filter(|&node| graph.kind(node) == NodeKind::Object) {
            if let Some(shape) = self.shape(node) {
                *alike.entry(shape).or_default() += 1;
            }
        }
        let mut decided = Bits::new(self.strings.len());
        let mut asked: [Bits; 4] = std::array::from_fn(|_| Bits::new(self.strings.len()));
        for node in graph.nodes() {
            let mut is_form = None;
            for edge in graph.edges(node) {
                let name = graph.edge_name(edge);
                if graph.edge_kind(edge) != EdgeKind::Property || decided.has(name) {
                    continue;
                }
                let (is_dictionary, has_form) = *is_form.get_or_insert_with(|| {
                    let shape = self.shape(node).and_then(|shape| alike.get(&shape));
                    let is_dictionary = self.is_dictionary(node);
                    let has_form = !is_dictionary
                        && shape.is_some_and(|&count| count >= ALIKE)
                        && self.has_several(node);
                    (is_dictionary, has_form)
                });
                let of_source = !is_dictionary || listeners.contains(&node);
                // The same question again has the same answer.
                let asked = &mut asked[usize::from(of_source) + 2 * usize::from(has_form)];
                if asked.set(name) && self.stays(name, of_source, has_form) {
                    decided.set(name);
                    self.keep(name);
                }
            }
        }
    }

    /// Whether the name of a property stays, seen from an object where the source's names count or that has a form.
    fn stays(&self, index: u32, of_source: bool, has_form: bool) -> bool {
        if self.redaction.kept.has(index) {
            return true;
        }
        let text = self.strings.text(index);
        if let Some(description) = text.strip_prefix("<symbol ").and_then(|text| text.strip_suffix('>')) {
            return names::is_symbol(description, |name| of_source && self.is_source(name));
        }
        let plain = ["get ", "set "].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
        if names::is_known(plain) {
            return true;
        }
        names::is_plain(plain) && (has_form || (of_source && self.is_source(plain)))
    }

    fn is_source(&self, text: &str) -> bool {
        self.source.contains(text.as_bytes())
    }

    /// Whether an object's properties are in a hash table, or so many that they may as well be.
    fn is_dictionary(&self, node: u32) -> bool {
        let graph = self.graph;
        // Functions and what is global are not what keys are put on.
        let is_global = || is_global(self.strings.raw(graph.name(node)));
        if graph.kind(node) != NodeKind::Object || self.globals.contains(&node) || is_global() {
            return false;
        }
        let mut count = 0;
        graph.edges(node).any(|edge| match graph.edge_kind(edge) {
            EdgeKind::Property => {
                count += 1;
                count >= MANY
            }
            EdgeKind::Internal => {
                Some(graph.edge_name(edge)) == self.properties
                    && graph.kind(graph.to(edge)) == NodeKind::Array
            }
            _ => false,
        })
    }

    /// Whether an object has more than one property: one alone may be a key.
    fn has_several(&self, node: u32) -> bool {
        let graph = self.graph;
        let is = |edge: u32| {
            graph.edge_kind(edge) == EdgeKind::Property
                && self.strings.raw(graph.edge_name(edge)) != b"__proto__"
        };
        graph.edges(node).filter(|&edge| is(edge)).nth(1).is_some()
    }

    fn shape(&self, node: u32) -> Option<u32> {
        let graph = self.graph;
        let mut edges = graph.edges(node).rev();
        let is = |&edge: &u32| {
            graph.edge_kind(edge) == EdgeKind::Internal && Some(graph.edge_name(edge)) == self.map
        };
        edges.find(is).map(|edge| graph.to(edge))
    }

    /// The objects in which emitters keep their listeners, by the names of events.
    fn listeners(&self) -> HashSet<u32> {
        let graph = self.graph;
        let Some(events) = self.strings.find("_events") else { return HashSet::new() };
        let edges = graph.nodes().flat_map(|node| graph.edges(node));
        edges
            .filter(|&edge| graph.edge_kind(edge) == EdgeKind::Property && graph.edge_name(edge) == events)
            .map(|edge| graph.to(edge))
            .collect()
    }
}

/// What V8 calls an entry of a weak map, with ids alone: the names in it may be texts. `value` is the id of the value.
fn pair(text: &str, value: u32, is_id: impl Fn(u32) -> bool) -> String {
    let number: String = text.chars().take_while(char::is_ascii_digit).take(10).collect();
    let id = |part: Option<&str>| -> Option<u32> {
        let digits: String = part?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|&id| is_id(id))
    };
    // The key's id stands before the value; a name with the same words in it can at most lead to another id.
    let key = id(text.split_once(") -> value (").and_then(|(key, _)| key.rsplit_once('@')).map(|(_, id)| id));
    let table = id(text.rsplit_once("(table @").map(|(_, id)| id));
    format!(
        "{number} / part of key (@{}) -> value (@{value}) pair in WeakMap (table @{})",
        key.unwrap_or(0),
        table.unwrap_or(0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_weak_maps_lose_their_names() {
        let text = "12 / part of key (Key @5) -> value (my secret @7) pair in WeakMap (table @31)";
        assert_eq!(
            pair(text, 7, |_| true),
            "12 / part of key (@5) -> value (@7) pair in WeakMap (table @31)"
        );
        let hostile = "12 / part of key (x @5551234) -> value (secret @7) pair in WeakMap (table @31)";
        assert!(!pair(hostile, 7, |id| id < 100).contains("555"));
    }
}
