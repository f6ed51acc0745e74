//! What the fuzz targets (`fuzz/`) do with their bytes. Their corpus goes through the same in an ordinary test.

use std::collections::HashSet;

use super::leaks::{self, Options};
use super::load::pieces::{Lengths, read_by_two, read_in_pieces};
use super::looks::{self, Looks};
use super::made::Made;
use super::ownership::{ROOT, owned_by_program};
use super::{
    Age, Classes, EdgeKind, Heap, HeapError, Ids, NodeKind, Paths, Progress, Redaction, Retainers, Scripts,
    Snapshot, accumulations, ages,
};

/// Names that mean something to the engine, and two that do not. `#` stands for the id of a node.
const NAMES: [&str; 28] = [
    "a",
    "b",
    "",
    "Object",
    "Map",
    "WeakMap",
    "(GC roots)",
    "(Global handles)",
    "(Handle scope)",
    "(Document DOM trees)",
    "system / NativeContext",
    "system / Context",
    "system / ExternalStringData",
    "sloppy_function_map",
    "(map descriptors)",
    "__proto__",
    "map",
    "shared",
    "script",
    "script_or_debug_info",
    "file:///a%20b.mjs",
    "<div id=\"a\">",
    "<a",
    "Detached <p class>",
    "1 / part of key (K @3) -> value (V @5) pair in WeakMap (table @#)",
    "2 / part of key (K @#) -> value (V @5) pair in WeakMap (table @7)",
    "\u{1f600}, '{x}'",
    "\"\\\n",
];

/// Reads bytes that may be a snapshot, in one piece and in many, and asks everything of it if it is one.
///
/// # Panics
/// Where the engine is wrong.
pub fn snapshot(bytes: &[u8]) {
    let whole = Snapshot::parse(bytes, &Progress::default());
    let first =
        bytes.iter().take(4096).fold(bytes.len() as u64, |sum, &byte| sum.rotate_left(7) ^ u64::from(byte));
    let pieces = read_in_pieces(bytes, Lengths::new(first));
    let by_two = read_by_two(bytes);
    drop(Snapshot::read_any(bytes, &Progress::default()));
    match (&whole, &by_two) {
        (Ok(whole), Ok(by_two)) => assert_same(whole, by_two),
        // With several mistakes another may be met first.
        (Err(_), Err(_)) => {}
        _ => panic!("by one thread {:?}, by two {:?}", whole.err(), by_two.err()),
    }
    match (&whole, &pieces) {
        (Ok(whole), Ok(pieces)) => assert_same(whole, pieces),
        (Err(whole), Err(pieces)) => {
            let (whole, pieces) = (whole.to_string(), pieces.to_string());
            // A stream cannot know that more is claimed than its length can hold.
            assert!(whole == pieces || whole.contains("can hold"), "whole: {whole}; in pieces: {pieces}");
        }
        _ => panic!("whole {:?}, in pieces {:?}", whole.err(), pieces.err()),
    }
    if let Ok(whole) = &whole {
        let nodes = Snapshot::parse_nodes(bytes).expect("a snapshot, so its nodes are those of one");
        assert_eq!(nodes.graph.node_count(), whole.graph.node_count());
        for node in whole.graph.nodes() {
            let of = |graph: &super::Graph| (graph.kind(node), graph.id(node), graph.self_size(node));
            assert_eq!(of(&nodes.graph), of(&whole.graph));
        }
    }
    match whole {
        Ok(whole) => everything(whole, &Ids::of(&pieces.unwrap_or_default())),
        Err(HeapError::TooLarge(what)) => assert!(!what.contains("memory"), "{what}"),
        Err(_) => {}
    }
}

/// Makes a graph of bytes, writes it down as V8 would, and asks everything of it.
///
/// # Panics
/// Where the engine is wrong.
pub fn graph(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let count = usize::from(bytes.next().unwrap_or(0));
    let mut made = Made::new();
    for _ in 0..count {
        let mut next = || bytes.next().unwrap_or(0);
        let (kind, name, size, flags) = (next(), usize::from(next()), next(), next());
        let size = if size > 250 { 1 << (8 + size % 40) } else { u64::from(size) };
        let node = made.add(NodeKind::ALL[usize::from(kind) % 16], &named(name, kind), size);
        made.nodes[node].detached = flags & 3;
        made.nodes[node].trace = u32::from(flags >> 6);
        if flags & 4 != 0 {
            made.locations.push((node, u32::from(flags >> 6), u32::from(flags >> 3 & 1), 0));
        }
    }
    let count = made.nodes.len();
    while let Some(from) = bytes.next() {
        let mut next = || bytes.next().unwrap_or(0);
        let (kind, name, to) = (EdgeKind::ALL[usize::from(next()) % 7], next(), next());
        let text = if kind.is_numbered() { name.to_string() } else { named(usize::from(name), to) };
        made.link(usize::from(from) % count, kind, &text, usize::from(to) % count);
    }
    let parse = |made: &Made| Snapshot::parse(made.json().as_bytes(), &Progress::default());
    let first = Made { nodes: made.nodes[..count.div_ceil(2)].to_vec(), ..Made::default() };
    let first = Ids::of(&parse(&Made { nodes: without_edges(first.nodes), ..first }).expect("well-formed"));
    everything(parse(&made).expect("well-formed"), &first);
}

fn named(name: usize, node: u8) -> String {
    NAMES[name % NAMES.len()].replace('#', &(2 * u32::from(node) + 1).to_string())
}

fn without_edges(mut nodes: Vec<super::made::MadeNode>) -> Vec<super::made::MadeNode> {
    for node in &mut nodes {
        node.edges.clear();
    }
    nodes
}

/// Whether both say the same.
fn assert_same(one: &Snapshot, other: &Snapshot) {
    assert_eq!(one.graph.node_count(), other.graph.node_count());
    assert_eq!(one.graph.edge_count(), other.graph.edge_count());
    assert_eq!(one.strings.len(), other.strings.len());
    for node in one.graph.nodes() {
        let of = |snapshot: &Snapshot| {
            let graph = &snapshot.graph;
            let place = snapshot.location(node);
            let (kind, name, size) = (graph.kind(node), graph.name(node), graph.self_size(node));
            (
                kind,
                name,
                graph.id(node),
                size,
                graph.edges(node),
                graph.trace(node),
                graph.detachedness(node),
                place,
            )
        };
        assert_eq!(of(one), of(other));
        for edge in one.graph.edges(node) {
            let of = |graph: &super::Graph| (graph.edge_kind(edge), graph.edge_name(edge), graph.to(edge));
            assert_eq!(of(&one.graph), of(&other.graph));
        }
    }
    for string in (0..).take(one.strings.len()) {
        assert_eq!(one.strings.raw(string), other.strings.raw(string));
    }
    assert_eq!(
        (&one.functions, &one.traces, &one.samples),
        (&other.functions, &other.traces, &other.samples)
    );
}

fn everything(snapshot: Snapshot, first: &Ids) {
    let total: u64 = snapshot.graph.nodes().map(|node| snapshot.graph.self_size(node)).sum();
    let heap = Heap::of(snapshot, &Progress::default()).expect("not aborted");
    let Snapshot { graph, strings, .. } = &heap.snapshot;
    assert_eq!(heap.retained[ROOT as usize], total, "the root keeps everything");
    let retainers = Retainers::of(graph);
    assert_dominated(&heap, &retainers);

    let classes = Classes::of(&heap.snapshot);
    let totals = classes.totals(&heap);
    assert_eq!(totals.iter().map(|totals| totals.size).sum::<u64>(), total);
    assert!(totals.iter().all(|totals| totals.retained <= total));

    let scripts = Scripts::of(&heap.snapshot);
    let paths = Paths::of(&heap.snapshot, &scripts);
    for node in graph.nodes() {
        drop(scripts.place(&heap.snapshot, node));
        drop(strings.text(graph.name(node)));
        let path = paths.to(graph, node);
        assert!(path.windows(2).all(|steps| steps[0].to == steps[1].from), "in one piece");
        assert!(
            path.first().is_none_or(|step| step.from == ROOT)
                && path.last().is_none_or(|step| step.to == node)
        );
    }

    looked_at(&heap);
    let mut copy = Vec::new();
    Redaction::of(&heap.snapshot).write(&heap.snapshot, &mut copy).expect("written to memory");
    let copy = Snapshot::parse(&copy, &Progress::default()).expect("what is written can be read");
    assert_eq!(copy.graph.edge_count(), graph.edge_count());
    let owners = heap.owners();
    for second in [None, Some(first)] {
        for before in [&Ids::of(&Snapshot::default()), first] {
            let found = leaks::compare(before, second, &heap, &Options::default(), &Progress::default());
            drop(found.expect("not aborted").to_json(&[]));
            let ages = ages(before, second, &heap);
            let found = accumulations(&heap, &ages, &retainers, &owners, &paths);
            let mut seen = HashSet::new();
            for one in &found {
                assert_eq!(ages[one.container as usize], Age::Old);
                assert_eq!(one.bytes, one.members.iter().map(|member| member.bytes).sum::<u64>());
                assert!(one.members.iter().all(|member| seen.insert(member.node)), "each hangs on one");
            }
        }
    }
}

/// Every look at one snapshot, and every question about it.
fn looked_at(heap: &Heap) {
    let looks = Looks::at(heap);
    let bounds = looks::Bounds { width: 80, beside: 3, away: 4, most: 100 };
    drop((looks::summary(&looks, 5), looks::largest(&looks, 5), looks::duplicates(&looks, 5)));
    drop((looks::closures(&looks, 5), looks::collections(&looks, 5), looks::detached(&looks, 5)));
    let nodes: Vec<u32> = heap.snapshot.graph.nodes().take(20).collect();
    for &node in &nodes {
        drop((looks::held(&looks, node, bounds), looks.path(node)));
    }
    drop(looks::holders(&looks, "some", &nodes, 80));
}

/// Whoever refers to a node is below what dominates it.
fn assert_dominated(heap: &Heap, retainers: &Retainers) {
    let Snapshot { graph, strings, .. } = &heap.snapshot;
    let owned = owned_by_program(graph, strings);
    for node in graph.nodes().filter(|&node| node != ROOT) {
        let dominator = heap.dominators.of_node(node);
        assert!(heap.retained[dominator as usize] >= heap.retained[node as usize]);
        for &from in retainers.of_node(node) {
            if owned.has(node) && !owned.has(from) && from != ROOT {
                continue;
            }
            let mut above = from;
            while above != dominator && above != ROOT {
                above = heap.dominators.of_node(above);
            }
            assert_eq!(above, dominator, "{from} keeps {node}, and is not below {dominator}");
        }
    }
}
