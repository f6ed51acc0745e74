//! The path that explains best why something is alive: the cheapest way to it from the root, where what a programmer knows
//! (globals, variables, properties, elements) costs little and what only V8 knows (code, hidden classes, handles) much.
//!
//! Dijkstra's algorithm over small whole costs, so with one list for each cost (Dial 1969); linear in nodes and edges.

use super::graph::{Graph, kind_of, to_of};
use super::kinds::{EdgeKind, NodeKind};
use super::ownership::{Bits, ROOT, keeps};
use super::scripts::{Scripts, is_runtimes};
use super::snapshot::Snapshot;
use super::strings::Strings;

/// No edge leads there.
const NONE: u32 = u32::MAX;
/// No edge costs more.
const DEAREST: usize = 63;
/// What a function of the runtime's costs besides: what a program holds explains more than what Node knows of it.
const RUNTIMES: usize = 8;

/// For each node the last edge of its path.
#[derive(Debug)]
pub struct Paths {
    last: Vec<u32>,
}

/// One step of a path: an edge, and the node it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The edge.
    pub edge: u32,
    /// From here.
    pub from: u32,
    /// To here.
    pub to: u32,
}

/// Numbers of the strings that name what costs more than usual.
struct Names {
    dear: Vec<(u32, usize)>,
}

impl Names {
    fn of(strings: &Strings) -> Self {
        // What names an edge, and what it costs besides.
        let dear = [
            ("__proto__", 8),
            ("prototype", 6),
            ("constructor", 6),
            ("map", 30),
            ("feedback_cell", 24),
            ("code", 24),
            ("shared", 24),
            ("native_context", 30),
            ("scope_info", 30),
            ("dependent_code", 30),
            ("initial_map", 24),
        ];
        let mut dear: Vec<(u32, usize)> =
            dear.into_iter().filter_map(|(name, cost)| Some((strings.find(name)?, cost))).collect();
        dear.sort_unstable();
        Self { dear }
    }

    fn cost(&self, name: u32) -> usize {
        self.dear.binary_search_by_key(&name, |&(name, _)| name).map_or(0, |at| self.dear[at].1)
    }
}

/// What entering at one of V8's groups of roots costs: its own handles are there for the moment only.
fn root_cost(name: &[u8]) -> usize {
    match name {
        b"(GC roots)" => 0,
        b"(Global handles)" | b"(Extensions)" => 4,
        b"(Eternal handles)" | b"(Strong roots)" => 8,
        b"(Stack roots)" | b"(Handle scope)" => 30,
        _ => 16,
    }
}

impl Paths {
    /// The best paths to everything.
    #[must_use]
    pub fn of(snapshot: &Snapshot, scripts: &Scripts) -> Self {
        let Snapshot { graph, strings, .. } = snapshot;
        let foreign = runtimes(snapshot, scripts);
        let names = Names::of(strings);
        let count = graph.node_count();
        let mut costs = vec![u32::MAX; count];
        let mut last = vec![NONE; count];
        // What is reached at each cost, in turn: nothing costs more than the dearest edge beyond what is looked at.
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); DEAREST + 1];
        costs[ROOT as usize] = 0;
        lists[0].push(ROOT);
        let (mut now, mut waiting) = (0_u32, 1_usize);
        while waiting > 0 {
            let slot = now as usize % lists.len();
            // Including what is found at no cost meanwhile.
            while let Some(node) = lists[slot].pop() {
                waiting -= 1;
                if costs[node as usize] != now {
                    continue;
                }
                for (edge, &word) in graph.edges(node).zip(graph.words(node)) {
                    let to = to_of(word);
                    let Some(mut cost) = cost(graph, strings, &names, node, edge, word) else { continue };
                    if foreign.has(to) {
                        cost += RUNTIMES;
                    }
                    let sum = now + u32::try_from(cost).unwrap_or(u32::MAX);
                    if sum < costs[to as usize] {
                        costs[to as usize] = sum;
                        last[to as usize] = edge;
                        let slot = sum as usize % lists.len();
                        lists[slot].push(to);
                        waiting += 1;
                    }
                }
            }
            now += 1;
        }
        Self { last }
    }

    /// The last edge of the path to a node; `None` for the root and for what no path leads to.
    #[must_use]
    pub fn last(&self, node: u32) -> Option<u32> {
        Some(self.last[node as usize]).filter(|&edge| edge != NONE && node != ROOT)
    }

    /// The path to a node, from the root on; empty for the root and for what no path leads to.
    #[must_use]
    pub fn to(&self, graph: &Graph, node: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = node;
        while self.last[at as usize] != NONE && at != ROOT {
            let edge = self.last[at as usize];
            let from = graph.from(edge);
            steps.push(Step { edge, from, to: at });
            at = from;
        }
        steps.reverse();
        steps
    }
}

/// The functions that are the runtime's own.
fn runtimes(snapshot: &Snapshot, scripts: &Scripts) -> Bits {
    let mut found = Bits::new(snapshot.graph.node_count());
    for location in &snapshot.locations {
        if snapshot.graph.kind(location.node) == NodeKind::Closure
            && scripts.name(location.script).is_some_and(is_runtimes)
        {
            found.set(location.node);
        }
    }
    found
}

/// What following an edge costs; `None` where it keeps nothing.
fn cost(graph: &Graph, strings: &Strings, names: &Names, node: u32, edge: u32, word: u32) -> Option<usize> {
    let (kind, to) = (kind_of(word), to_of(word));
    if node == ROOT {
        return match kind {
            EdgeKind::Shortcut => Some(0),
            EdgeKind::Weak => None,
            _ => Some(root_cost(strings.raw(graph.name(to)))),
        };
    }
    if !keeps(kind) {
        return None;
    }
    if graph.kind(node) == NodeKind::Synthetic && graph.kind(to) == NodeKind::Synthetic {
        return Some(root_cost(strings.raw(graph.name(to))));
    }
    let edge_cost = match kind {
        EdgeKind::Context | EdgeKind::Element => 1,
        EdgeKind::Property => 1 + names.cost(graph.edge_name(edge)),
        EdgeKind::Hidden => 3,
        _ => 2 + names.cost(graph.edge_name(edge)),
    };
    let node_cost = match graph.kind(to) {
        NodeKind::Code => 12,
        NodeKind::ObjectShape => 20,
        NodeKind::Hidden | NodeKind::Synthetic => 8,
        NodeKind::Native => 4,
        _ => 0,
    };
    Some(edge_cost + node_cost)
}

#[cfg(test)]
mod tests {
    use super::super::Progress;
    use super::super::made::Made;
    use super::*;

    #[test]
    fn what_a_programmer_knows_is_preferred_to_what_is_short() {
        let mut made = Made::new();
        let roots = made.add(NodeKind::Synthetic, "(GC roots)", 0);
        let handles = made.add(NodeKind::Synthetic, "(Handle scope)", 0);
        let global = made.add(NodeKind::Object, "global", 8);
        let context = made.add(NodeKind::Object, "system / Context", 8);
        let map = made.add(NodeKind::Object, "Map", 8);
        made.link(0, EdgeKind::Element, "1", roots);
        made.link(0, EdgeKind::Shortcut, "global", global);
        made.link(roots, EdgeKind::Element, "1", handles);
        made.link(handles, EdgeKind::Element, "1", map);
        made.link(global, EdgeKind::Property, "run", context);
        made.link(context, EdgeKind::Context, "cache", map);
        made.link(map, EdgeKind::Weak, "none", global);
        let snapshot = Snapshot::parse(made.json().as_bytes(), &Progress::default()).expect("well-formed");
        let paths = Paths::of(&snapshot, &Scripts::of(&snapshot));
        let nodes = |node: usize| -> Vec<u32> {
            paths.to(&snapshot.graph, super::super::graph::number(node)).iter().map(|step| step.to).collect()
        };
        let numbers = |list: [usize; 3]| list.map(super::super::graph::number).to_vec();
        assert_eq!(nodes(map), numbers([global, context, map]));
        assert_eq!(nodes(0), Vec::<u32>::new());
    }
}
