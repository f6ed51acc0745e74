//! What is told of small programs, made up edge by edge as V8 writes them.

use super::super::made::Made;
use super::super::{EdgeKind, Heap, Ids, NodeKind, Progress, Snapshot};
use super::{Comparison, Finding, Options, Pattern, compare, line};

/// A program: a module with variables, held by a function that the global object refers to.
struct Program {
    made: Made,
    module: usize,
    roots: usize,
    /// Ids of nodes made so far, of which there were how many at the first and second snapshot.
    until: [usize; 2],
}

impl Program {
    fn new() -> Self {
        let mut made = Made::new();
        let roots = made.add(NodeKind::Synthetic, "(GC roots)", 0);
        let global = made.add(NodeKind::Object, "global", 8);
        let native = made.add(NodeKind::Object, "system / NativeContext", 8);
        let main = made.add(NodeKind::Closure, "main", 64);
        let shared = made.add(NodeKind::Code, "main", 8);
        let script = made.add(NodeKind::Code, "/app/server.js", 8);
        let module = made.add(NodeKind::Object, "system / Context", 8);
        made.link(0, EdgeKind::Element, "1", roots);
        made.link(0, EdgeKind::Shortcut, "global", global);
        made.link(global, EdgeKind::Property, "main", main);
        made.link(main, EdgeKind::Internal, "shared", shared);
        made.link(shared, EdgeKind::Internal, "script", script);
        made.link(main, EdgeKind::Internal, "context", module);
        made.link(module, EdgeKind::Internal, "previous", native);
        made.locations.push((main, 1, 9, 4));
        Self { made, module, roots, until: [0, 0] }
    }

    fn variable(&mut self, name: &str, kind: NodeKind, class: &str) -> usize {
        let node = self.made.add(kind, class, 16);
        self.made.link(self.module, EdgeKind::Context, name, node);
        node
    }

    fn property(&mut self, of: usize, name: &str, kind: NodeKind, class: &str, size: u64) -> usize {
        let node = self.made.add(kind, class, size);
        self.made.link(of, EdgeKind::Property, name, node);
        node
    }

    /// A round of ten requests, each of which does something.
    fn round(&mut self, mut request: impl FnMut(&mut Made)) {
        for _ in 0..10 {
            request(&mut self.made);
        }
    }

    /// Three snapshots, after three rounds.
    fn three(mut self, mut request: impl FnMut(&mut Made)) -> Comparison {
        self.round(&mut request);
        self.until[0] = self.made.nodes.len();
        self.round(&mut request);
        self.until[1] = self.made.nodes.len();
        self.round(&mut request);
        let ids = |until: usize| {
            // Those before are what was there: ids are given in turn.
            let mut earlier = self.made.clone();
            earlier.nodes.truncate(until);
            earlier.locations.clear();
            for node in &mut earlier.nodes {
                node.edges.retain(|&(_, _, to)| to < until);
            }
            Ids::of(&parse(&earlier))
        };
        let (first, second) = (ids(self.until[0]), ids(self.until[1]));
        assert!(self.roots > 0);
        let heap = Heap::of(parse(&self.made), &Progress::default()).expect("small");
        compare(&first, Some(&second), &heap, &Options::default(), &Progress::default()).expect("small")
    }
}

fn parse(made: &Made) -> Snapshot {
    Snapshot::parse(made.json().as_bytes(), &Progress::default()).expect("well-formed")
}

/// The one thing that has grown.
fn one(comparison: &Comparison) -> &Finding {
    assert_eq!(comparison.findings.len(), 1, "{:?}", titles(comparison));
    &comparison.findings[0]
}

fn titles(comparison: &Comparison) -> Vec<&str> {
    comparison.findings.iter().map(|finding| finding.title.as_str()).collect()
}

#[test]
fn a_map_by_its_variable() {
    let mut program = Program::new();
    let cache = program.variable("cache", NodeKind::Object, "Map");
    let table = program.made.add(NodeKind::Array, "", 0);
    program.made.link(cache, EdgeKind::Internal, "table", table);
    let mut entry = 0;
    let found = program.three(|made| {
        let key = made.add(NodeKind::String, &format!("key {entry}"), 32);
        let value = made.add(NodeKind::Object, "Session", 300);
        made.link(table, EdgeKind::Internal, &(3 * entry).to_string(), key);
        made.link(table, EdgeKind::Internal, &(3 * entry + 1).to_string(), value);
        entry += 1;
    });
    let finding = one(&found);
    assert_eq!(finding.pattern, Pattern::UnboundedCache);
    assert_eq!((finding.count, finding.bytes, finding.new_bytes), (10, 3320, 3320));
    assert_eq!(finding.title, "Map cache in server.js keeps 10 more Session objects");
    assert_eq!(line(&finding.trace), "module server.js → variable cache (Map) → 10 more Session, 332 B each");
    assert_eq!(finding.file.as_deref(), Some("/app/server.js"));
    assert_eq!((found.grown_bytes, found.noise_bytes), (3320, 0));
}

#[test]
fn listeners_by_their_emitter_and_event() {
    let mut program = Program::new();
    let bus = program.variable("bus", NodeKind::Object, "EventEmitter");
    let events = program.property(bus, "_events", NodeKind::Object, "Object", 16);
    let list = program.property(events, "data", NodeKind::Object, "Array", 16);
    let mut at = 0;
    let found = program.three(|made| {
        let listener = made.add(NodeKind::Closure, "onData", 64);
        let variables = made.add(NodeKind::Object, "system / Context", 32);
        let response = made.add(NodeKind::Object, "ServerResponse", 500);
        made.link(list, EdgeKind::Element, &at.to_string(), listener);
        made.link(listener, EdgeKind::Internal, "context", variables);
        made.link(variables, EdgeKind::Context, "res", response);
        made.locations.push((listener, 1, 41, 2));
        at += 1;
    });
    let finding = one(&found);
    // By how it is kept: what is kept are responses.
    assert_eq!(finding.pattern, Pattern::Listeners);
    assert_eq!(finding.title, "10 more listeners of 'data' on EventEmitter bus in server.js");
    assert!(
        finding.evidence.iter().any(|told| told.contains("res (ServerResponse, 500 B)")),
        "{:?}",
        finding.evidence
    );
    assert!(
        finding.evidence.iter().any(|told| told.contains("10 requests and responses")),
        "{:?}",
        finding.evidence
    );
}

#[test]
fn a_thousand_references_to_the_same_are_looked_at_once() {
    let mut program = Program::new();
    let cache = program.variable("cache", NodeKind::Object, "Array");
    let mut at = 0;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Item", 100);
        made.link(cache, EdgeKind::Element, &at.to_string(), item);
        // One list in another, and each named a thousand times by the one around it: 10^9 ways in.
        let mut around = item;
        for _ in 0..3 {
            let list = made.add(NodeKind::Array, "", 50);
            for edge in 0..1000 {
                made.link(around, EdgeKind::Internal, &edge.to_string(), list);
            }
            around = list;
        }
        let value = made.add(NodeKind::String, "text", 1000);
        for edge in 0..1000 {
            made.link(around, EdgeKind::Internal, &edge.to_string(), value);
        }
        at += 1;
    });
    let finding = one(&found);
    let told = &finding.evidence[1];
    assert_eq!(told.matches("1.0 kB").count() + told.matches("1,000 B").count(), 1, "{:?}", finding.evidence);
}

#[test]
fn a_list_that_is_replaced_by_a_longer_copy() {
    let program = Program::new();
    let module = program.module;
    let mut items: Vec<usize> = Vec::new();
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Event", 200);
        items.push(item);
        // The variable refers to the newest copy only.
        made.nodes[module].edges.retain(|(kind, ..)| *kind != EdgeKind::Context);
        let copy = made.add(NodeKind::Object, "Array", 16);
        made.link(module, EdgeKind::Context, "events", copy);
        for (at, &item) in items.iter().enumerate() {
            made.link(copy, EdgeKind::Element, &at.to_string(), item);
        }
    });
    let finding = one(&found);
    assert_eq!(finding.pattern, Pattern::ModuleArrays);
    assert_eq!((finding.count, finding.container.as_str()), (10, "Array"));
    assert!(finding.title.starts_with("Array events in server.js keeps 10 more Event"), "{}", finding.title);
}

#[test]
fn a_chain_by_whose_it_is() {
    let mut program = Program::new();
    let history = program.variable("history", NodeKind::Object, "History");
    let mut last: Option<usize> = None;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Visit", 200);
        match last {
            Some(last) => made.link(last, EdgeKind::Property, "next", item),
            None => made.link(history, EdgeKind::Property, "head", item),
        }
        last = Some(item);
    });
    let finding = one(&found);
    assert_eq!(finding.pattern, Pattern::Instances);
    assert_eq!(finding.container, "History");
    assert_eq!(finding.trace.last().and_then(|step| step.name.as_deref()), Some("head"));
}

#[test]
fn what_is_behind_a_proxy_is_its_variables() {
    let mut program = Program::new();
    let proxy = program.variable("state", NodeKind::Hidden, "system / JSProxy");
    let state = program.made.add(NodeKind::Object, "Object", 32);
    program.made.link(proxy, EdgeKind::Hidden, "1", state);
    let list = program.property(state, "visits", NodeKind::Object, "Array", 16);
    let mut at = 0;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Visit", 200);
        made.link(list, EdgeKind::Element, &at.to_string(), item);
        at += 1;
    });
    let finding = one(&found);
    assert!(finding.title.starts_with("Array visits in server.js keeps 10 more Visit"), "{}", finding.title);
    assert_eq!(finding.trace[1].edge, "variable state");
}

#[test]
fn listeners_of_somebodys_own_emitter() {
    let mut program = Program::new();
    let hooks = program.variable("hooks", NodeKind::Object, "Hooks");
    let listeners = program.property(hooks, "listeners", NodeKind::Object, "Object", 16);
    let list = program.property(listeners, "exit", NodeKind::Object, "Array", 16);
    let mut at = 0;
    let found = program.three(|made| {
        let listener = made.add(NodeKind::Closure, "onExit", 200);
        made.link(list, EdgeKind::Element, &at.to_string(), listener);
        made.locations.push((listener, 1, 41, 2));
        at += 1;
    });
    assert_eq!(one(&found).title, "10 more listeners of 'exit' on Hooks hooks in server.js");
}

#[test]
fn a_list_of_which_each_has_a_key_is_a_cache() {
    let mut program = Program::new();
    let items = program.variable("items", NodeKind::Object, "Object");
    let mut last: Option<usize> = None;
    let mut at = 0;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Entry", 200);
        made.link(items, EdgeKind::Property, &format!("page{at}"), item);
        if let Some(last) = last {
            made.link(last, EdgeKind::Property, "next", item);
            made.link(item, EdgeKind::Property, "prev", last);
        }
        last = Some(item);
        at += 1;
    });
    assert_eq!(one(&found).pattern, Pattern::UnboundedCache);
}

#[test]
fn many_of_a_kind_are_one_finding() {
    let mut program = Program::new();
    let users = program.variable("users", NodeKind::Object, "Object");
    let lists: Vec<usize> = (0..40)
        .map(|user| program.property(users, &format!("user{user}"), NodeKind::Object, "Array", 16))
        .collect();
    let mut at = 0;
    let found = program.three(|made| {
        for _ in 0..8 {
            let item = made.add(NodeKind::Object, "Order", 100);
            made.link(lists[at % 40], EdgeKind::Element, &(at / 40).to_string(), item);
            at += 1;
        }
    });
    let finding = one(&found);
    assert_eq!((finding.count, finding.bytes), (80, 8000));
    assert!(finding.title.starts_with("40 objects such as Array "), "{}", finding.title);
}

#[test]
fn slices_that_hold_big_parents_are_strings_and_buffers_are_native() {
    let mut program = Program::new();
    let ids = program.variable("ids", NodeKind::Object, "Set");
    let files = program.variable("files", NodeKind::Object, "Array");
    let table = program.made.add(NodeKind::Array, "", 0);
    program.made.link(ids, EdgeKind::Internal, "table", table);
    let mut at = 0;
    let found = program.three(|made| {
        let slice = made.add(NodeKind::SlicedString, "", 32);
        let parent = made.add(NodeKind::String, "a long text", 2000);
        made.link(table, EdgeKind::Internal, &at.to_string(), slice);
        made.link(slice, EdgeKind::Internal, "parent", parent);
        let buffer = made.add(NodeKind::Object, "Buffer", 96);
        let store = made.add(NodeKind::Native, "system / JSArrayBufferData", 4096);
        made.link(files, EdgeKind::Element, &at.to_string(), buffer);
        made.link(buffer, EdgeKind::Internal, "backing_store", store);
        at += 1;
    });
    let patterns: Vec<Pattern> = found.findings.iter().map(|finding| finding.pattern).collect();
    assert_eq!(patterns, [Pattern::Native, Pattern::Strings], "{:?}", titles(&found));
}

#[test]
fn what_comes_and_goes_is_nothing() {
    let mut program = Program::new();
    let ring = program.variable("ring", NodeKind::Object, "Array");
    let mut at = 0;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Entry", 500);
        // Only the last eight are kept; the others are collected.
        let place = (at % 8).to_string();
        for (_, _, old) in made.nodes[ring].edges.clone() {
            if made.nodes[ring].edges.contains(&(EdgeKind::Element, place.clone(), old)) {
                made.nodes[old].size = 0;
            }
        }
        made.nodes[ring].edges.retain(|(_, name, _)| *name != place);
        made.link(ring, EdgeKind::Element, &place, item);
        at += 1;
    });
    assert!(found.findings.is_empty(), "{:?}", titles(&found));
}

#[test]
fn the_json_is_what_the_types_say() {
    let mut program = Program::new();
    let cache = program.variable("cache", NodeKind::Object, "Array");
    let mut at = 0;
    let found = program.three(|made| {
        let item = made.add(NodeKind::Object, "Row", 500);
        made.link(cache, EdgeKind::Element, &at.to_string(), item);
        at += 1;
    });
    let json = found.to_json(&[]);
    let finding = &json["findings"][0];
    assert_eq!(finding["pattern"], "module-arrays");
    assert_eq!(finding["trace"][1]["kind"], "variable");
    assert_eq!(finding["trace"][1]["name"], "cache");
    assert_eq!(finding["path"], "module server.js → variable cache (Array) → 10 more Row, 500 B each");
    assert_eq!(json["schema"], 1);
}
