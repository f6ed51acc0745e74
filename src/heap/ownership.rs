//! Which edges keep what they lead to, as Chrome's developer tools see it: the base of dominators and retained sizes.
//!
//! An edge does not keep its target where it is weak; a shortcut of any node but the root; from a weak map's table to a
//! value, which is the key's; or where it leads from what only the system or a debugger holds to what belongs to the
//! program, that is, to what can be reached from the global objects.

use super::graph::{Graph, kind_of, to_of};
use super::kinds::EdgeKind;
use super::strings::Strings;

/// The root of every snapshot.
pub(super) const ROOT: u32 = 0;

/// One bit for each node.
#[derive(Debug, Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn new(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    #[inline]
    pub(super) fn has(&self, index: u32) -> bool {
        self.0[index as usize / 64] >> (index % 64) & 1 != 0
    }

    /// Sets a bit, and returns whether it was not set before.
    #[inline]
    pub(super) fn set(&mut self, index: u32) -> bool {
        let word = &mut self.0[index as usize / 64];
        let before = *word;
        *word |= 1 << (index % 64);
        before != *word
    }
}

/// Marks the edges from weak maps to values, which V8 names after table, key and value: `2 / part of key (Key @5) ->
/// value (Value @7) pair in WeakMap (table @3)`. Both the table and the key have one; the table's becomes
/// [`EdgeKind::Ephemeron`].
pub(super) fn mark_ephemerons(graph: &mut Graph, strings: &Strings) {
    const IN_TABLE: &[u8] = b" pair in WeakMap (table @";
    const SLOTS: u32 = 1 << 16;
    let found = strings.containing(IN_TABLE);
    if found.is_empty() {
        return;
    }
    let mut names = Bits::new(strings.len());
    let tables: std::collections::HashMap<u32, u32> = found
        .into_iter()
        .filter_map(|name| Some((name, table_of(strings.raw(name))?)))
        .inspect(|&(name, _)| {
            names.set(name);
        })
        .collect();
    let holders: std::collections::HashSet<u32> = tables.values().copied().collect();
    // One in many nodes is a table: told first by a few bits of its id, which is quicker than asking the set.
    let slot = |id: u32| id / 2 % SLOTS;
    let mut slots = Bits::new(SLOTS as usize);
    for &id in &holders {
        slots.set(slot(id));
    }
    for node in graph.nodes() {
        let id = graph.id(node);
        if !slots.has(slot(id)) || !holders.contains(&id) {
            continue;
        }
        for edge in graph.edges(node) {
            if graph.edge_kind(edge) == EdgeKind::Internal
                && names.has(graph.edge_name(edge))
                && tables.get(&graph.edge_name(edge)) == Some(&id)
            {
                graph.set_kind(edge, EdgeKind::Ephemeron);
            }
        }
    }
}

/// The table that such a name names.
fn table_of(name: &[u8]) -> Option<u32> {
    let name = std::str::from_utf8(name).ok()?;
    let (number, rest) = name.split_once(" / part of key (")?;
    let (_, table) = rest.rsplit_once(" pair in WeakMap (table @")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let table = table.strip_suffix(')')?;
    (digits(number) && digits(table) && rest.contains(") -> value (")).then(|| table.parse().ok())?
}

/// Whether an edge from anything but the root keeps what it leads to, leaving aside whose that is.
#[inline]
pub(super) fn keeps(kind: EdgeKind) -> bool {
    !matches!(kind, EdgeKind::Weak | EdgeKind::Shortcut | EdgeKind::Ephemeron)
}

/// The global objects, and what else a program has from the start.
pub(super) fn program_roots(graph: &Graph, strings: &Strings) -> Vec<u32> {
    let enters = |&edge: &u32| match graph.edge_kind(edge) {
        EdgeKind::Shortcut => true,
        EdgeKind::Element => is_document_root(graph, strings, graph.to(edge)),
        _ => false,
    };
    graph.edges(ROOT).filter(enters).map(|edge| graph.to(edge)).collect()
}

/// What belongs to the program: everything that can be reached from its roots without weak edges.
#[cfg(any(test, fuzzing))]
pub(super) fn owned_by_program(graph: &Graph, strings: &Strings) -> Bits {
    let mut owned = Bits::new(graph.node_count());
    own(graph, &mut owned, program_roots(graph, strings));
    owned
}

/// Adds these, and everything that can be reached from them without weak edges and was not there before.
pub(super) fn own(graph: &Graph, owned: &mut Bits, mut open: Vec<u32>) {
    open.retain(|&node| owned.set(node));
    while let Some(node) = open.pop() {
        for &word in graph.words(node) {
            let to = to_of(word);
            if kind_of(word) != EdgeKind::Weak && owned.set(to) {
                open.push(to);
            }
        }
    }
}

/// Where Chrome keeps the trees of documents.
pub(super) fn is_document_root(graph: &Graph, strings: &Strings, node: u32) -> bool {
    graph.kind(node) == super::NodeKind::Synthetic && strings.raw(graph.name(node)) == b"(Document DOM trees)"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_by_their_names() {
        let name = b"2 / part of key (Key (a) @5) -> value (Value @7) pair in WeakMap (table @31)";
        assert_eq!(table_of(name), Some(31));
        for other in [
            "2 / part of key (Key @5) -> value (V @7) pair in WeakMap (table @x)",
            "x / part of key (K) -> value (V) pair in WeakMap (table @3)",
            "a pair in WeakMap (table @3)",
        ] {
            assert_eq!(table_of(other.as_bytes()), None, "{other}");
        }
    }
}
