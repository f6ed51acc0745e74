//! Whole snapshots, redacted: everything is there but what strings say.

use proptest::prelude::*;

use super::*;
use crate::heap::made::Made;
use crate::heap::{EdgeKind, Progress};

fn parse(bytes: &[u8]) -> Snapshot {
    Snapshot::parse(bytes, &Progress::default()).expect("well-formed")
}

fn copy(made: &Made) -> (Snapshot, String) {
    let snapshot = parse(made.json().as_bytes());
    let mut bytes = Vec::new();
    Redaction::of(&snapshot).write(&snapshot, &mut bytes).expect("written to memory");
    (parse(&bytes), String::from_utf8(bytes).expect("text"))
}

/// A program: a class's instances, a dictionary, a function with a variable, listeners, a weak map.
fn program() -> Made {
    let mut made = Made::new();
    let global = made.add(NodeKind::Object, "global", 40);
    made.link(0, EdgeKind::Shortcut, "1", global);
    let pool = made.add(NodeKind::Code, "(constant pool)", 40);
    made.link(global, EdgeKind::Internal, "code", pool);
    let script = made.add(NodeKind::Code, "file:///app/server.mjs?token=tokenOfScript", 40);
    made.link(pool, EdgeKind::Internal, "script", script);
    for text in ["cache", "onlyInSource", "orderPlaced", "literalValue"] {
        let text = made.add(NodeKind::String, text, 24);
        made.link(pool, EdgeKind::Hidden, "3", text);
    }
    let shape = made.add(NodeKind::ObjectShape, "system / Map", 40);
    let class = made.add(NodeKind::Closure, "Session", 40);
    made.link(global, EdgeKind::Internal, "class", class);
    let named = made.add(NodeKind::Object, "secretClassName", 40);
    made.link(global, EdgeKind::Internal, "named", named);
    for index in 0..10 {
        let session = made.add(NodeKind::Object, "Session", 40);
        let secret = made.add(NodeKind::String, &format!("secretValue{index}"), 40);
        made.link(global, EdgeKind::Element, &index.to_string(), session);
        made.link(session, EdgeKind::Property, "owner", secret);
        made.link(session, EdgeKind::Property, "fromJson", secret);
        made.link(session, EdgeKind::Internal, "map", shape);
    }
    let dictionary = made.add(NodeKind::Object, "Object", 40);
    let table = made.add(NodeKind::Array, "(object properties)", 40);
    made.link(global, EdgeKind::Property, "cache", dictionary);
    made.link(dictionary, EdgeKind::Internal, "properties", table);
    for key in ["alice@example.com", "secretKey", "onlyInSource"] {
        made.link(dictionary, EdgeKind::Property, key, global);
    }
    made.link(dictionary, EdgeKind::Element, "4155551234", global);
    let events = made.add(NodeKind::Object, "Object", 40);
    made.link(global, EdgeKind::Property, "_events", events);
    made.link(events, EdgeKind::Internal, "properties", table);
    for name in ["data", "orderPlaced", "secretEvent"] {
        made.link(events, EdgeKind::Property, name, global);
    }
    let run = made.add(NodeKind::Closure, "handleRequest", 40);
    let context = made.add(NodeKind::Object, "system / Context", 40);
    made.link(global, EdgeKind::Property, "handler", run);
    made.link(run, EdgeKind::Internal, "context", context);
    made.link(context, EdgeKind::Context, "sessionsById", dictionary);
    made.link(run, EdgeKind::Property, "handleRequest", global);
    let node = made.add(NodeKind::Native, "<input value=\"secretAttribute\">", 40);
    made.link(global, EdgeKind::Internal, "native", node);
    let weak = made.add(NodeKind::String, "secretOfWeakMap", 40);
    let id = made.nodes[weak].id;
    let name =
        format!("7 / part of key (Key @3) -> value (secretOfWeakMap @{id}) pair in WeakMap (table @5)");
    made.link(global, EdgeKind::Internal, &name, weak);
    for (kind, text) in
        [(NodeKind::Symbol, "secretSymbol"), (NodeKind::RegExp, "secretRegExp"), (NodeKind::Number, "4711.5")]
    {
        let value = made.add(kind, text, 24);
        made.link(global, EdgeKind::Property, "<symbol secretSymbol>", value);
    }
    made
}

#[test]
fn what_a_program_holds_is_gone_and_what_it_is_made_of_stays() {
    let (_, text) = copy(&program());
    for gone in
        ["secret", "alice", "4155551234", "4711", "tokenOfScript", "literalValue", "onlyInSource", "example"]
    {
        assert!(!text.contains(gone), "{gone} is there");
    }
    for stays in [
        "Session",
        "owner",
        "fromJson",
        "cache",
        "handleRequest",
        "sessionsById",
        "file:///app/server.mjs",
        "_events",
        "\"data\"",
        "orderPlaced",
        "<input>",
        "(object properties)",
        "system / Context",
        "global",
    ] {
        assert!(text.contains(stays), "{stays} is not there");
    }
    // Its length, in place of the text.
    assert!(text.contains("\"redacted:12#"), "of secretValue0");
    assert!(text.contains("7 / part of key (@3) -> value (@"), "of a weak map's entry");
}

#[test]
fn equal_texts_stay_equal_and_can_be_given_others() {
    let mut made = Made::new();
    for text in ["one", "two", "one"] {
        made.add(NodeKind::String, text, 24);
    }
    let (redacted, _) = copy(&made);
    let name = |node: u32| redacted.graph.name(node);
    assert_eq!(name(1), name(3));
    assert_ne!(name(1), name(2));
    let snapshot = parse(made.json().as_bytes());
    let mut redaction = Redaction::of(&snapshot);
    let texts: Vec<(u32, String)> =
        redaction.removed(&snapshot, 0, 10).map(|(index, text)| (index, text.into_owned())).collect();
    assert_eq!(texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    redaction.replace(texts[0].0, "a \"number\"".into());
    let mut bytes = Vec::new();
    redaction.write(&snapshot, &mut bytes).expect("written to memory");
    let changed = parse(&bytes);
    assert_eq!(changed.strings.text(changed.graph.name(1)), "a \"number\"");
}

#[test]
fn a_file_is_there_when_it_is_whole_and_only_for_its_owner() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("copy.heapsnapshot");
    let snapshot = parse(program().json().as_bytes());
    let redaction = Redaction::of(&snapshot);
    let write = |how: Copying| redaction.write_file(&snapshot, &path, how);
    write(Copying::default()).expect("written");
    let error = write(Copying::default()).expect_err("it is there");
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    write(Copying { overwrite: true, gzip: true }).expect("replaced");
    let copy = Snapshot::open_any(&path, &Progress::default()).expect("well-formed");
    assert_eq!(copy.graph.node_count(), snapshot.graph.node_count());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left over");
}

fn graphs() -> impl Strategy<Value = Made> {
    let kinds = prop::sample::select(&NodeKind::ALL[..16]);
    let node = (kinds, "[a-zé\"\\\\€😀]{0,12}", prop_oneof![Just(0_u64), 1_u64..2000, Just(5_000_000_000)]);
    let edge = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..7, any::<u32>());
    (prop::collection::vec(node, 0..30), prop::collection::vec(edge, 0..80)).prop_map(|(nodes, edges)| {
        let mut made = Made::new();
        for (kind, name, size) in nodes {
            made.add(kind, &name, size);
        }
        for (from, to, kind, name) in edges {
            let (count, kind) = (made.nodes.len(), EdgeKind::ALL[kind as usize]);
            made.link(from.index(count), kind, &name.to_string(), to.index(count));
        }
        made.locations = (0..made.nodes.len()).step_by(3).map(|node| (node, 7, 1, 1)).collect();
        made
    })
}

proptest! {
    #[test]
    fn the_graph_stays_as_it_is(made in graphs()) {
        let original = parse(made.json().as_bytes());
        let (redacted, _) = copy(&made);
        let (before, after) = (&original.graph, &redacted.graph);
        prop_assert_eq!(before.node_count(), after.node_count());
        prop_assert_eq!(&original.locations, &redacted.locations);
        for node in before.nodes() {
            prop_assert_eq!(before.kind(node), after.kind(node));
            prop_assert_eq!(before.id(node), after.id(node));
            prop_assert_eq!(before.self_size(node), after.self_size(node));
            prop_assert_eq!(before.edges(node), after.edges(node));
            if Use::of(before.kind(node)) == Use::Value {
                let text = original.strings.text(before.name(node));
                let shown = redacted.strings.text(after.name(node));
                prop_assert!(text.is_empty() || names::is_constant(text.as_bytes()) || shown.starts_with("redacted:"));
            }
        }
        for edge in 0..crate::heap::graph::number(before.edge_count()) {
            prop_assert_eq!(before.edge_kind(edge), after.edge_kind(edge));
            prop_assert_eq!(before.to(edge), after.to(edge));
        }
    }
}
