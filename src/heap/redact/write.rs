//! Writes a snapshot in V8's format, from what is known of it.

use std::io::{self, Write};

use super::super::graph::Graph;
use super::super::{EdgeKind, NodeKind, Snapshot};
use super::{Redaction, Use};

/// Bytes that are collected before they are written.
const PIECE: usize = 1 << 18;
/// Element numbers that may be left out before they are taken for keys.
const SPARE: u32 = 1024;

/// Numbers of the texts that are written, each when it is first used.
struct Table<'r> {
    redaction: &'r Redaction,
    /// What is written, in order.
    entries: Vec<(u32, Use)>,
    /// By the number of the original; `u32::MAX` where it has not been needed yet.
    names: Vec<u32>,
    values: Vec<u32>,
}

impl Table<'_> {
    fn number(&mut self, index: u32, used: Use) -> u32 {
        // Functions on allocation stacks may name what is not there.
        if index as usize >= self.names.len() {
            return 0;
        }
        // A name that does not stay is written like the value.
        let used = if self.redaction.stays(index) { used } else { Use::Value };
        let known = if used == Use::Name { &mut self.names } else { &mut self.values };
        let known = &mut known[index as usize];
        if *known == u32::MAX {
            *known = super::super::graph::number(self.entries.len());
            self.entries.push((index, used));
        }
        *known
    }
}

struct Out<'w, W> {
    to: &'w mut W,
    buffer: Vec<u8>,
}

impl<W: Write> Out<'_, W> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.buffer.extend_from_slice(text.as_bytes());
        self.flush_at(PIECE)
    }

    fn number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            let digit = (number % 10) as u8;
            digits[at] = b'0' + digit;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.buffer.extend_from_slice(&digits[at..]);
    }

    /// A line of an array; `first` has no comma.
    fn record(&mut self, first: bool, numbers: &[u64]) -> io::Result<()> {
        self.buffer.extend_from_slice(if first { b"" } else { b"," });
        for (index, &number) in numbers.iter().enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            self.number(number);
        }
        self.buffer.push(b'\n');
        self.flush_at(PIECE)
    }

    fn flush_at(&mut self, length: usize) -> io::Result<()> {
        if self.buffer.len() >= length {
            self.to.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

pub(super) fn write(snapshot: &Snapshot, redaction: &Redaction, to: &mut impl Write) -> io::Result<()> {
    let graph = &snapshot.graph;
    let count = snapshot.strings.len();
    let mut table =
        Table { redaction, entries: Vec::new(), names: vec![u32::MAX; count], values: vec![u32::MAX; count] };
    let mut out = Out { to, buffer: Vec::with_capacity(2 * PIECE) };
    out.text(&format!("{{\"snapshot\":{},\n\"nodes\":[", head(snapshot)))?;
    for node in graph.nodes() {
        let kind = graph.kind(node);
        let name = table.number(graph.name(node), Use::of(kind));
        let numbers = [
            kind as u64,
            name.into(),
            graph.id(node).into(),
            graph.self_size(node),
            graph.edges(node).len() as u64,
            graph.trace(node).into(),
            graph.detachedness(node).into(),
        ];
        out.record(node == 0, &numbers)?;
    }
    out.text("],\n\"edges\":[")?;
    for node in graph.nodes() {
        edges(graph, node, &mut table, &mut out)?;
    }
    out.text("],\n\"trace_function_infos\":[")?;
    for (index, function) in snapshot.functions.iter().enumerate() {
        let (name, script) =
            (table.number(function.name, Use::Name), table.number(function.script_name, Use::Name));
        out.record(
            index == 0,
            &[0, name.into(), script.into(), 0, function.line.into(), function.column.into()],
        )?;
    }
    out.text("],\n\"trace_tree\":")?;
    traces(snapshot, &mut out)?;
    out.text(",\n\"samples\":[")?;
    for (index, sample) in snapshot.samples.iter().enumerate() {
        out.record(index == 0, &[sample.timestamp_us, sample.last_id.into()])?;
    }
    out.text("],\n\"locations\":[")?;
    for (index, at) in snapshot.locations.iter().enumerate() {
        let object = 7 * u64::from(at.node);
        out.record(index == 0, &[object, at.script.into(), at.line.into(), at.column.into()])?;
    }
    out.text("],\n\"strings\":[")?;
    for (index, &(original, used)) in table.entries.iter().enumerate() {
        let text = serde_json::to_string(&redaction.text(snapshot, original, used))?;
        out.text(if index == 0 { "" } else { ",\n" })?;
        out.text(&text)?;
    }
    out.text("]}\n")?;
    out.flush_at(1)?;
    to.flush()
}

fn head(snapshot: &Snapshot) -> String {
    let kinds: Vec<&str> = NodeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    // The last is the engine's own.
    let edge_kinds: Vec<&str> = EdgeKind::ALL[..7].iter().map(|kind| kind.as_str()).collect();
    serde_json::json!({
        "meta": {
            "node_fields": ["type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness"],
            "node_types": [kinds, "string", "number", "number", "number", "number", "number"],
            "edge_fields": ["type", "name_or_index", "to_node"],
            "edge_types": [edge_kinds, "string_or_number", "node"],
            "trace_function_info_fields": ["function_id", "name", "script_name", "script_id", "line", "column"],
            "trace_node_fields": ["id", "function_info_index", "count", "size", "children"],
            "sample_fields": ["timestamp_us", "last_assigned_id"],
            "location_fields": ["object_index", "script_id", "line", "column"],
        },
        "node_count": snapshot.graph.node_count(),
        "edge_count": snapshot.graph.edge_count(),
        "trace_function_count": snapshot.functions.len(),
        "extra_native_bytes": snapshot.extra_native_bytes,
    })
    .to_string()
}

fn edges(graph: &Graph, node: u32, table: &mut Table<'_>, out: &mut Out<'_, impl Write>) -> io::Result<()> {
    let first_of_all = graph.edges(node).start == 0;
    // Numbers of elements with large gaps are keys of an object that is used as a map.
    let elements = || graph.edges(node).filter(|&edge| graph.edge_kind(edge) == EdgeKind::Element);
    let highest = elements().map(|edge| graph.edge_name(edge)).max().unwrap_or(0);
    let sparse = highest > SPARE && u64::from(highest) > 4 * elements().count() as u64;
    let mut ordinal = 0;
    for (index, edge) in graph.edges(node).enumerate() {
        let kind = match graph.edge_kind(edge) {
            EdgeKind::Ephemeron => EdgeKind::Internal,
            kind => kind,
        };
        let name = match kind {
            EdgeKind::Element if sparse => {
                ordinal += 1;
                ordinal - 1
            }
            kind if kind.is_numbered() => graph.edge_name(edge),
            _ => table.number(graph.edge_name(edge), Use::Name),
        };
        let to = 7 * u64::from(graph.to(edge));
        out.record(first_of_all && index == 0, &[kind as u64, name.into(), to])?;
    }
    Ok(())
}

/// The tree of allocation stacks, each followed by the list of those that it called.
fn traces(snapshot: &Snapshot, out: &mut Out<'_, impl Write>) -> io::Result<()> {
    let traces = &snapshot.traces;
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); traces.len()];
    let mut roots = Vec::new();
    for (index, trace) in traces.iter().enumerate() {
        match children.get_mut(trace.parent as usize) {
            Some(list) => list.push(index),
            None => roots.push(index),
        }
    }
    out.text("[")?;
    // Lists that have been begun, and how far each is.
    let mut open: Vec<(&[usize], usize)> = vec![(&roots, 0)];
    while let Some((list, at)) = open.last_mut() {
        let Some(&index) = list.get(*at) else {
            out.text("]")?;
            open.pop();
            continue;
        };
        let trace = &traces[index];
        if *at > 0 {
            out.text(",")?;
        }
        *at += 1;
        for number in [u64::from(trace.id), trace.function.into(), trace.count, trace.size] {
            out.number(number);
            out.text(",")?;
        }
        out.text("[")?;
        open.push((&children[index], 0));
    }
    Ok(())
}
