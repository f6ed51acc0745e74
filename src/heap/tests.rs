//! Whole snapshots: read in one piece, in many, and damaged; dominators and sizes beside their definitions.

#![expect(clippy::cast_possible_truncation, reason = "graphs of tests are small")]

use proptest::prelude::*;

use super::made::Made;
use super::*;

fn parse(text: &str) -> Result<Snapshot, HeapError> {
    Snapshot::parse(text.as_bytes(), &Progress::default())
}

fn streamed(text: &[u8], cuts: &[usize]) -> Result<Snapshot, HeapError> {
    let mut stream = Stream::default();
    let mut rest = text;
    for &cut in cuts {
        let (piece, more) = rest.split_at(cut.min(rest.len()));
        stream.push(piece)?;
        rest = more;
    }
    stream.push(rest)?;
    stream.finish()
}

/// Everything that a snapshot says, to be compared.
fn content(snapshot: &Snapshot) -> Vec<String> {
    let Snapshot { graph, strings, .. } = snapshot;
    let edge = |edge: u32| {
        let name = match graph.edge_kind(edge) {
            kind if kind.is_numbered() => graph.edge_name(edge).to_string(),
            _ => strings.text(graph.edge_name(edge)).into_owned(),
        };
        format!("{} {name} -> {}", graph.edge_kind(edge).as_str(), graph.to(edge))
    };
    let node = |node: u32| {
        let edges: Vec<String> = graph.edges(node).map(edge).collect();
        let name = strings.text(graph.name(node));
        let (kind, id, size) = (graph.kind(node).as_str(), graph.id(node), graph.self_size(node));
        format!("{kind} {name} @{id} {size} {:?} {edges:?}", snapshot.location(node))
    };
    graph.nodes().map(node).collect()
}

/// Any graph, connected or not.
fn graphs() -> impl Strategy<Value = Made> {
    let kind = prop_oneof![
        6 => Just(NodeKind::Object), 2 => Just(NodeKind::Array), 2 => Just(NodeKind::Hidden),
        1 => Just(NodeKind::Closure), 1 => Just(NodeKind::Native), 1 => Just(NodeKind::Synthetic), 1 => Just(NodeKind::String),
    ];
    let node = (kind, "[a-zé\"\\\\€]{0,4}", prop_oneof![Just(0_u64), 1_u64..2000, Just(5_000_000_000)]);
    let edge = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..7, 0_u32..30);
    (prop::collection::vec(node, 0..40), prop::collection::vec(edge, 0..120)).prop_map(|(nodes, edges)| {
        let mut made = Made::new();
        for (kind, name, size) in nodes {
            made.add(kind, &name, size);
        }
        for (from, to, kind, name) in edges {
            let kind = EdgeKind::ALL[kind as usize];
            // The root has a few more than others, so that not everything is out of reach.
            let count = made.nodes.len();
            let from = from.index(count + 3) % count;
            made.link(from, kind, &name.to_string(), to.index(count));
        }
        made.locations = (0..made.nodes.len()).step_by(3).map(|node| (node, 7, node as u32, 1)).collect();
        made
    })
}

/// Whether an edge keeps its target, by the words of `ownership.rs`.
fn keeps(graph: &Graph, owned: &[bool], from: u32, edge: u32) -> bool {
    let (kind, to) = (graph.edge_kind(edge), graph.to(edge));
    if from == to || matches!(kind, EdgeKind::Weak | EdgeKind::Ephemeron) {
        return false;
    }
    from == 0 || (kind != EdgeKind::Shortcut && (owned[from as usize] || !owned[to as usize]))
}

fn reach(graph: &Graph, from: &[u32], mut follow: impl FnMut(u32, u32) -> bool) -> Vec<bool> {
    let mut reached = vec![false; graph.node_count()];
    let mut open = from.to_vec();
    for &node in from {
        reached[node as usize] = true;
    }
    while let Some(node) = open.pop() {
        for edge in graph.edges(node) {
            let to = graph.to(edge);
            if follow(node, edge) && !reached[to as usize] {
                reached[to as usize] = true;
                open.push(to);
            }
        }
    }
    reached
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_is_read_in_one_piece_or_many(
        made in graphs(), cuts in prop::collection::vec(0_usize..300, 0..40),
    ) {
        let text = made.json();
        let whole = parse(&text).expect("well-formed");
        prop_assert_eq!(content(&whole), content(&streamed(text.as_bytes(), &cuts).expect("well-formed")));
        for (node, expected) in whole.graph.nodes().zip(&made.nodes) {
            prop_assert_eq!(whole.graph.kind(node), expected.kind);
            prop_assert_eq!(whole.strings.text(whole.graph.name(node)), expected.name.as_str());
            prop_assert_eq!(whole.graph.self_size(node), expected.size);
            let edges: Vec<usize> = whole.graph.edges(node).map(|edge| whole.graph.to(edge) as usize).collect();
            prop_assert_eq!(edges, expected.edges.iter().map(|edge| edge.2).collect::<Vec<_>>());
            prop_assert!(whole.graph.edges(node).all(|edge| whole.graph.from(edge) == node));
        }
    }

    /// Wherever it is cut or changed, it is refused, or it still is a snapshot.
    #[test]
    fn a_damaged_snapshot_is_refused_or_one(
        made in graphs(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut: bool,
        cuts in prop::collection::vec(0_usize..300, 0..10),
    ) {
        let mut text = made.json().into_bytes();
        let at = at.index(text.len());
        if cut { text.truncate(at) } else { text[at] = byte }
        let whole = Snapshot::parse(&text, &Progress::default());
        let pieces = streamed(&text, &cuts);
        if cut {
            prop_assert!(whole.is_err());
        }
        match (whole, pieces) {
            (Ok(whole), Ok(pieces)) => {
                prop_assert_eq!(content(&whole), content(&pieces));
                drop(Heap::of(whole, &Progress::default()));
            }
            (Err(whole), Err(pieces)) => {
                // A stream cannot know that more is claimed than its length can hold.
                prop_assume!(!whole.to_string().contains("can hold"));
                prop_assert_eq!(whole.to_string(), pieces.to_string());
            }
            (whole, pieces) => prop_assert!(false, "{whole:?} {pieces:?}"),
        }
    }

    #[test]
    fn dominators_are_what_every_path_goes_through(made in graphs()) {
        let heap = Heap::of(parse(&made.json()).expect("well-formed"), &Progress::default()).expect("not aborted");
        let graph = &heap.snapshot.graph;
        let globals: Vec<u32> = graph.edges(0).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Shortcut)
            .map(|edge| graph.to(edge)).collect();
        let owned = reach(graph, &globals, |_, edge| graph.edge_kind(edge) != EdgeKind::Weak);
        let kept = |from: u32, edge: u32| keeps(graph, &owned, from, edge);
        // What nothing keeps hangs on the root, and what is not reached from there either.
        let mut entries: Vec<u32> = graph.nodes().filter(|&node| {
            node == 0 || !graph.nodes().any(|from| graph.edges(from).any(|edge| graph.to(edge) == node && kept(from, edge)))
        }).collect();
        let reached = reach(graph, &entries, kept);
        entries.extend(graph.nodes().filter(|&node| !reached[node as usize]));
        let mut order = heap.dominators.order().to_vec();
        order.sort_unstable();
        prop_assert_eq!(order, graph.nodes().collect::<Vec<_>>());
        for node in graph.nodes().filter(|&node| node != 0) {
            let dominator = heap.dominators.of_node(node);
            // Of all nodes without which it cannot be reached, the one that none of the others needs.
            let needed: Vec<u32> = graph.nodes().filter(|&without| without != node).filter(|&without| {
                let entries: Vec<u32> =
                    entries.iter().copied().filter(|&entry| entry != without && without != 0).collect();
                let reached = reach(graph, &entries, |from, edge| graph.to(edge) != without && kept(from, edge));
                !reached[node as usize]
            }).collect();
            prop_assert!(needed.contains(&dominator), "{node}: {dominator} of {needed:?}");
            for &other in needed.iter().filter(|&&other| other != dominator) {
                let mut above = dominator;
                while above != other && above != 0 {
                    above = heap.dominators.of_node(above);
                }
                prop_assert_eq!(above, other, "{} is not above {}", other, dominator);
            }
        }
        let total: u64 = graph.nodes().map(|node| graph.self_size(node)).sum();
        prop_assert_eq!(heap.retained[0], total);
        let expected: u64 = made.nodes.iter().map(|node| node.size).sum();
        prop_assert_eq!(total, expected);
    }
}

#[test]
fn errors_say_where() {
    let good = Made::new().json();
    let at = |text: &str| good.find(text).expect("it is there");
    let fails = |text: &str| parse(text).expect_err("refused").to_string();
    assert_eq!(fails(""), "the heap snapshot is cut: it ends after 0 bytes, within the top level");
    assert_eq!(fails("[]"), "not a heap snapshot: byte 0: it does not begin with an object, got '['");
    assert_eq!(fails("{\"a\":1}"), "not a heap snapshot: byte 7: it has no \"snapshot\"");
    let begin = at("\"nodes\":[") + 9;
    let bad = good.replace("\"nodes\":[", "\"nodes\":[x");
    assert_eq!(
        fails(&bad),
        format!("not a heap snapshot: byte {begin}: a number in \"nodes\" expected, got 'x'")
    );
    let claim = good.replace("\"node_count\":1", "\"node_count\":1000000000");
    assert!(fails(&claim).contains("1000000000 records are claimed"), "{}", fails(&claim));
    let one_more = good.replace("\"node_count\":1", "\"node_count\":2");
    assert!(fails(&one_more).ends_with("2 nodes are claimed, 1 are there"), "{}", fails(&one_more));
    let mut made = Made::new();
    made.link(0, EdgeKind::Element, "5", 3);
    let text = made.json();
    let edge = text.find("\"edges\":[").expect("it is there") + 9;
    assert_eq!(fails(&text), format!("not a heap snapshot: byte {edge}: an edge leads to node 3 of 1"));
    assert!(fails(&format!("{good}x")).ends_with("there is 'x' behind the end"));
}

/// What the fuzzer has found to be different inside, among it all that ever went wrong.
#[test]
fn corpus_replays() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let replay = |name: &str, run: fn(&[u8])| {
        let mut count = 0;
        for entry in std::fs::read_dir(corpus.join(name)).expect("it is in the repository") {
            run(&std::fs::read(entry.expect("readable").path()).expect("readable"));
            count += 1;
        }
        assert!(count > 50, "{count} in {name}");
    };
    replay("snapshot", fuzzed::snapshot);
    replay("graph", fuzzed::graph);
}
