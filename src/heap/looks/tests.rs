//! Looks at small made-up heaps: what each finds is what was put there.

use crate::heap::made::Made;
use crate::heap::{EdgeKind, Heap, NodeKind, Progress, Snapshot};

use super::query::Query;
use super::*;

fn heap(made: &Made) -> Heap {
    let snapshot = Snapshot::parse(made.json().as_bytes(), &Progress::default()).expect("well-formed");
    Heap::of(snapshot, &Progress::default()).expect("not aborted")
}

/// A service: `global.cache` is a map of sessions, each with a name of its own, all with one country and equal tags; a
/// function of a module keeps a list through its variables.
fn service(sessions: usize) -> Made {
    let mut made = Made::new();
    let global = made.add(NodeKind::Object, "global", 40);
    made.link(0, EdgeKind::Shortcut, "1", global);
    let map = made.add(NodeKind::Object, "Map", 32);
    let table = made.add(NodeKind::Array, "", 16 + 8 * (3 + 7 * 8));
    made.link(global, EdgeKind::Property, "cache", map);
    made.link(map, EdgeKind::Internal, "table", table);
    for index in 0..sessions {
        let key = made.add(NodeKind::String, &format!("key{index}"), 24);
        let session = made.add(NodeKind::Object, "Session", 56);
        let country = made.add(NodeKind::String, "Germany", 32);
        made.link(table, EdgeKind::Internal, &(11 + 3 * index).to_string(), key);
        made.link(table, EdgeKind::Internal, &(12 + 3 * index).to_string(), session);
        made.link(session, EdgeKind::Property, "country", country);
        let tags = made.add(NodeKind::Object, "Array", 32);
        let elements = made.add(NodeKind::Array, "(object elements)", 32);
        made.link(session, EdgeKind::Property, "tags", tags);
        made.link(tags, EdgeKind::Element, "0", country);
        made.link(tags, EdgeKind::Element, "1", map);
        made.link(tags, EdgeKind::Internal, "elements", elements);
    }
    let run = made.add(NodeKind::Closure, "run", 64);
    let context = made.add(NodeKind::Object, "system / Context", 40);
    let outer = made.add(NodeKind::Object, "system / Context", 40);
    let list = made.add(NodeKind::Object, "List", 24);
    made.link(global, EdgeKind::Property, "run", run);
    made.link(run, EdgeKind::Internal, "context", context);
    made.link(context, EdgeKind::Internal, "previous", outer);
    made.link(context, EdgeKind::Context, "list", list);
    made.link(outer, EdgeKind::Context, "bus", global);
    let mut end = list;
    for index in 0..50 {
        let node = made.add(NodeKind::Object, "Item", 1000 + index);
        made.link(end, EdgeKind::Property, if end == list { "head" } else { "next" }, node);
        end = node;
    }
    made.locations.push((run, 7, 41, 6));
    made
}

#[test]
fn a_summary_has_every_byte_once() {
    let heap = heap(&service(8));
    let found = summary(&Looks::at(&heap), 100);
    let all: u64 = found.parts.iter().map(|part| part.bytes).sum();
    assert_eq!(all, found.bytes);
    assert_eq!(found.bytes, heap.retained[0]);
    let session = found.classes.iter().find(|class| class.name == "Session").expect("it is there");
    assert_eq!((session.count, session.size, session.distance), (8, 8 * 56, Some(4)));
    let listed: u64 = found.classes.iter().chain(&found.own).map(|class| class.size).sum();
    assert_eq!(listed, found.bytes);
    let short = summary(&Looks::at(&heap), 2);
    assert_eq!((short.classes.len(), short.more_classes), (2, found.classes.len() as u64 - 2));
}

#[test]
fn the_largest_are_not_within_one_another() {
    let heap = heap(&service(8));
    let found = largest(&Looks::at(&heap), 10);
    let labels: Vec<String> = found.objects.iter().map(|large| large.object.label()).collect();
    // The first item of the list, the map with its sessions; variables, the function and the global object are passed.
    assert_eq!(labels, ["Item", "Map"]);
    assert!(found.objects[0].object.retained > 50_000, "{labels:?}");
    assert_eq!(found.objects[1].shares[0].class, "Map");
    assert_eq!(found.objects[1].keeps, 1 + 1 + 8 * 5);
    let path: Vec<&str> = found.objects[1].path.iter().map(|hop| hop.edge.as_str()).collect();
    assert_eq!(path, ["", ".cache"]);
    let sum: u64 = found.objects.iter().map(|large| large.object.retained).sum();
    assert!(sum <= found.bytes);
}

#[test]
fn what_is_global_is_passed_behind_its_context_too() {
    let mut made = Made::new();
    // As since V8 14.
    let context = made.add(NodeKind::Hidden, "system / NativeContext", 16);
    made.link(0, EdgeKind::Shortcut, "2", context);
    let global = made.add(NodeKind::Object, "global (global*)", 40);
    made.link(context, EdgeKind::Internal, "10", global);
    for name in ["Registry", "Sessions", "Jobs"] {
        let own = made.add(NodeKind::Object, name, 1000);
        made.link(global, EdgeKind::Property, name, own);
    }
    let heap = heap(&made);
    let labels: Vec<String> =
        largest(&Looks::at(&heap), 10).objects.iter().map(|large| large.object.label()).collect();
    assert_eq!(labels, ["Registry", "Sessions", "Jobs"]);
}

#[test]
fn holders_of_a_class_are_counted_together() {
    let heap = heap(&service(8));
    let looks = Looks::at(&heap);
    let Ok(Subject::Class(name, nodes)) = Subject::find(&looks, "Session") else { panic!("a class") };
    let found = holders(&looks, &name, &nodes, 5);
    assert_eq!((found.count, found.size, found.held_by.len(), found.more), (8, 8 * 56, 1, 0));
    let map = &found.held_by[0];
    assert_eq!((map.edge.as_str(), map.label.as_str(), map.holders, map.objects), ("entry", "Map", 1, 8));
    assert_eq!((map.held_by[0].edge.as_str(), map.held_by[0].label.as_str()), (".cache", "global"));
}

#[test]
fn the_keys_of_a_dictionary_are_one_step() {
    let mut made = service(0);
    let dictionary = made.add(NodeKind::Object, "Object", 24);
    made.link(1, EdgeKind::Property, "byToken", dictionary);
    for index in 0..20 {
        let user = made.add(NodeKind::Object, "User", 24);
        made.link(dictionary, EdgeKind::Property, &format!("token{index}"), user);
    }
    let heap = heap(&made);
    let looks = Looks::at(&heap);
    let Ok(Subject::Class(name, nodes)) = Subject::find(&looks, "User") else { panic!("a class") };
    let found = holders(&looks, &name, &nodes, 5);
    assert_eq!((found.held_by.len(), found.more), (1, 0));
    assert_eq!((found.held_by[0].edge.as_str(), found.held_by[0].objects), ("[key]", 20));
    assert_eq!(found.held_by[0].held_by[0].edge, ".byToken");
}

#[test]
fn a_list_is_one_step() {
    let heap = heap(&service(1));
    let looks = Looks::at(&heap);
    let Ok(Subject::Class(name, nodes)) = Subject::find(&looks, "Item") else { panic!("a class") };
    let found = holders(&looks, &name, &nodes, 5);
    let chain = &found.held_by[0];
    assert!(chain.chain && chain.objects == 49 && chain.label == "List", "{found:?}");
    assert_eq!(chain.held_by[0].edge, "variable list");
}

#[test]
fn holders_of_an_object_lead_to_the_root() {
    let heap = heap(&service(2));
    let looks = Looks::at(&heap);
    let Ok(Subject::Class(_, nodes)) = Subject::find(&looks, "Session") else { panic!("a class") };
    let bounds = Bounds { width: 3, beside: 2, away: 3, most: 50 };
    let id = heap.snapshot.graph.id(nodes[0]);
    assert_eq!(Subject::find(&looks, &format!("@{id}")), Ok(Subject::Object(nodes[0])));
    let found = held(&looks, nodes[0], bounds);
    let mut at = &found.held_by;
    let mut labels = Vec::new();
    while let Some(first) = at.first() {
        assert!(first.on_path);
        labels.push(first.object.label());
        if first.held_by.is_empty() {
            assert_eq!(first.state, State::Root);
        }
        at = &first.held_by;
    }
    assert_eq!(labels, ["(array)", "Map", "global", "(root)"]);
    // Only the array holds the session; the map is held by tags, too.
    assert_eq!(found.held_by.len(), 1);
    let map = &found.held_by[0].held_by[0];
    assert!(map.held_by.iter().any(|other| other.object.label() == "Array" && !other.on_path));
}

#[test]
fn what_there_is_none_of_is_said_with_what_is_like_it() {
    let heap = heap(&service(1));
    let looks = Looks::at(&heap);
    let fails = |text: &str| Subject::find(&looks, text).expect_err("none");
    assert_eq!(fails("session"), "there is no class session in the snapshot; did you mean Session?");
    assert_eq!(fails("@4000000"), "there is no object @4000000 in the snapshot");
    assert_eq!(fails("@x"), "@x is no object: an id is a number, such as @1234");
    assert!(fails("Nothing").contains("plateau heap summary"));
}

#[test]
fn equal_strings_and_arrays_are_found() {
    let mut made = service(8);
    // As long as V8 shows, so perhaps longer.
    for _ in 0..2 {
        let text = made.add(NodeKind::String, &"x".repeat(1024), 5000);
        made.link(1, EdgeKind::Element, "7", text);
    }
    let heap = heap(&made);
    let found = duplicates(&Looks::at(&heap), 10);
    assert_eq!((found.string_groups, found.string_bytes), (2, 7 * 32 + 5000));
    let first = &found.strings[0];
    assert!(first.cut && first.count == 2 && first.wasted == 5000);
    let second = &found.strings[1];
    assert_eq!((second.content.as_str(), second.count, second.size, second.cut), ("Germany", 8, 32, false));
    // Storage with exactly two words for two elements.
    assert_eq!((found.array_groups, found.array_bytes), (1, 7 * 64));
    assert_eq!(found.arrays[0].content, "[\"Germany\", Map]");
}

#[test]
fn arrays_with_room_for_what_cannot_be_seen_are_not_compared() {
    let mut made = Made::new();
    let global = made.add(NodeKind::Object, "global", 8);
    made.link(0, EdgeKind::Shortcut, "1", global);
    for index in 0..4 {
        let array = made.add(NodeKind::Object, "Array", 32);
        // One more word than there are elements: a number, perhaps.
        let elements = made.add(NodeKind::Array, "(object elements)", 32);
        made.link(global, EdgeKind::Element, &index.to_string(), array);
        made.link(array, EdgeKind::Element, "0", global);
        made.link(array, EdgeKind::Internal, "elements", elements);
    }
    let heap = heap(&made);
    assert_eq!(duplicates(&Looks::at(&heap), 10).array_groups, 0);
}

#[test]
fn functions_are_told_apart_by_their_places() {
    let heap = heap(&service(1));
    let found = closures(&Looks::at(&heap), 10);
    assert_eq!((found.count, found.sites), (1, 1));
    let site = &found.list[0];
    assert_eq!((site.name.as_str(), site.count, site.size), ("run", 1, 64));
    assert!(site.context_retained > 50_000);
    let names: Vec<&str> = site.variables.iter().map(|variable| variable.name.as_str()).collect();
    // Of the call, and not of the module around it.
    assert_eq!(names, ["list"]);
}

#[test]
fn entries_of_collections_are_counted() {
    let mut made = service(5);
    let numbers = made.add(NodeKind::Object, "Set", 32);
    let table = made.add(NodeKind::Array, "", 16 + 8 * (3 + 5 * 16));
    made.link(1, EdgeKind::Property, "numbers", numbers);
    made.link(numbers, EdgeKind::Internal, "table", table);
    let dictionary = made.add(NodeKind::Object, "Object", 32);
    let storage = made.add(NodeKind::Array, "(object properties)", 800);
    made.link(1, EdgeKind::Property, "byName", dictionary);
    for index in 0..30 {
        made.link(dictionary, EdgeKind::Property, &format!("k{index}"), 1);
    }
    made.link(dictionary, EdgeKind::Internal, "properties", storage);
    let heap = heap(&made);
    let found = collections(&Looks::at(&heap), 10);
    let by_kind: Vec<(&str, u64, u64)> =
        found.spreads.iter().map(|spread| (spread.kind.as_str(), spread.count, spread.entries)).collect();
    assert_eq!(by_kind, [("map", 1, 5), ("set", 1, 16), ("array", 5, 10), ("dictionary", 1, 30)]);
    let biggest: Vec<(&str, u64, bool)> =
        found.biggest.iter().take(3).map(|one| (one.kind.as_str(), one.entries, one.exact)).collect();
    assert_eq!(biggest, [("dictionary", 30, true), ("set", 16, false), ("map", 5, true)]);
    assert_eq!(found.biggest[2].of.as_deref(), Some("Session"));
}

#[test]
fn a_query_finds_what_a_filter_by_hand_finds() {
    let heap = heap(&service(8));
    let looks = Looks::at(&heap);
    let graph = &heap.snapshot.graph;
    let ids = |text: &str| -> Vec<u32> {
        let query = Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        query.run(&looks, 1000).objects.iter().map(|object| object.id).collect()
    };
    let by_hand = |test: &dyn Fn(u32) -> bool| -> Vec<u32> {
        graph.nodes().filter(|&node| test(node)).map(|node| graph.id(node)).collect()
    };
    let name = |node: u32| heap.snapshot.strings.text(graph.name(node)).into_owned();
    assert_eq!(ids("class = 'Session' sort by id asc"), by_hand(&|node| name(node) == "Session"));
    assert_eq!(
        ids("(name ~ \"key?\" or name ~ 'err') and not name = 'key3' sort id asc"),
        by_hand(&|node| name(node) == "Germany"
            || name(node).contains("err")
            || (name(node).starts_with("key") && name(node) != "key3"))
        .into_iter()
        .filter(|&id| ids("name = 'Germany'").iter().all(|&other| other != id))
        .collect::<Vec<_>>()
    );
    assert_eq!(ids("self >= 1KB and self<1.04KB sort self limit 3").len(), 3);
    assert_eq!(ids("kind = \"closure\" and location ~ ':42'").len(), 1);
    assert_eq!(ids("id = @3"), ids("id = 3"));
    assert_eq!(ids("edges > 5 and distance = 1").len(), 0);
    let sorted = ids("sort retained limit 2");
    assert_eq!(sorted[0], graph.id(0));
    let all = Query::parse("class = 'Item'").expect("a query").run(&looks, 1);
    assert_eq!((all.count, all.objects.len()), (50, 1));
    // Items are within one another.
    assert_eq!(all.retained, all.size);
}

#[test]
fn a_query_that_is_none_says_where() {
    for (text, at, what) in [
        ("class", 5, "a comparison after class (= != < <= > >= ~ !~) expected, got the end"),
        ("class = Session", 8, "a text in quotes for class expected, got Session"),
        (
            "size > 1",
            0,
            "one of class, name, kind, location, self, retained, distance, edges, id expected, got size",
        ),
        ("self ~ 1", 5, "self is a number: ~ is for texts"),
        ("class > 'a'", 6, "class is a text: > is for numbers"),
        ("self > 1XB", 7, "1XB is no number; one looks like 100, 1.5MB, 64KiB or @1234"),
        ("self > 1 self", 9, "and, or, sort, limit or the end expected, got self"),
        ("(self > 1", 9, "and, or or a closing parenthesis expected, got the end"),
        ("name = 'a", 7, "the text that begins with ' has no end"),
        ("self > 1 sort by class", 17, "class is a text: sort by self, retained, distance, edges or id"),
        ("self > 1 limit x", 15, "a number up to 100000 expected, got x"),
        ("self % 1", 5, "'%' means nothing here"),
    ] {
        let error = Query::parse(text).expect_err(text);
        assert_eq!((error.at, error.what.as_str()), (at, what), "{text}");
    }
    let deep = format!("{}self > 1{}", "(".repeat(100), ")".repeat(100));
    assert!(Query::parse(&deep).expect_err("deep").what.contains("more than 40"));
    assert!(Query::parse(&"not ".repeat(200)).expect_err("deep").what.contains("more than 40"));
    assert!(Query::parse(&"self > 1 and ".repeat(500)).expect_err("long").what.contains("at most 500 words"));
}
