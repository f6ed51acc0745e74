//! What the records of a snapshot become.

use super::super::HeapError;
use super::super::graph::{Graph, MOST_NODES, NodeRecord, number};
use super::super::kinds::{EdgeKind, NodeKind};
use super::super::snapshot::{Function, Location, Sample, Trace};
use super::layout::{EdgeLayout, FunctionLayout, LocationLayout, NodeLayout, SampleLayout, TraceLayout};
use super::numbers::{Cursor, Number, Record, show};

/// Bytes of all nodes at most, so that no sum of sizes overflows, and each is exact in JavaScript.
const MOST_BYTES: u64 = 1 << 53;

/// The largest of something, and where it stands: checked when it is known how many there are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Highest {
    value: u64,
    offset: u64,
    seen: bool,
}

impl Highest {
    #[inline]
    fn note(&mut self, value: u64, offset: u64) {
        if value >= self.value {
            *self = Self { value, offset, seen: true };
        }
    }

    /// Fails unless all were below `count`.
    pub(super) fn check(self, count: usize, what: &str) -> Result<(), HeapError> {
        if self.seen && self.value >= count as u64 {
            let what = format!("{what} {} of {count}", self.value);
            return Err(HeapError::malformed(self.offset, what));
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Nodes {
    layout: NodeLayout,
    pub(super) graph: Graph,
    /// Edges of the nodes so far.
    pub(super) edges: u32,
    /// Bytes of the nodes so far.
    bytes: u64,
    pub(super) names: Highest,
}

impl Nodes {
    pub(super) fn new(layout: NodeLayout) -> Self {
        Self { layout, graph: Graph::default(), edges: 0, bytes: 0, names: Highest::default() }
    }

    #[inline]
    pub(super) fn take(&mut self, record: &Record, offset: u64) -> Result<(), HeapError> {
        let layout = &self.layout;
        let (name, id, edges) = (record[layout.name], record[layout.id], record[layout.edge_count]);
        let small = |value: u64, what: &str| {
            u32::try_from(value)
                .map_err(|_| HeapError::malformed(offset, format!("{what} of a node is {value}")))
        };
        let edges = small(edges, "edge_count")?;
        let kind = usize::try_from(record[layout.kind]).ok().and_then(|kind| layout.kinds.get(kind));
        let kind = kind.copied().unwrap_or(NodeKind::Unknown);
        let record = NodeRecord {
            kind,
            name: small(name, "name")?,
            id: small(id, "id")?,
            size: record[layout.self_size],
            edges,
            trace: layout.trace.map_or(Ok(0), |at| small(record[at], "trace_node_id"))?,
            detached: layout.detachedness.map_or(0, |at| u8::try_from(record[at]).unwrap_or(0)),
        };
        self.names.note(name, offset);
        self.bytes = self.bytes.saturating_add(record.size);
        if self.bytes > MOST_BYTES {
            let what = format!("the nodes up to here have more than {MOST_BYTES} bytes");
            return Err(HeapError::malformed(offset, what));
        }
        if self.graph.node_count() >= MOST_NODES {
            return Err(HeapError::TooLarge(format!("it has more than {MOST_NODES} nodes")));
        }
        self.graph.push_node(&record, self.edges);
        self.edges = self
            .edges
            .checked_add(record.edges)
            .ok_or_else(|| HeapError::TooLarge("it has more than 4,294,967,295 edges".into()))?;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Edges {
    layout: EdgeLayout,
    /// Numbers per node: edges name the place of the first.
    node_fields: u64,
    pub(super) graph: Graph,
    pub(super) targets: Highest,
    pub(super) names: Highest,
}

impl Edges {
    pub(super) fn new(layout: EdgeLayout, node_fields: usize) -> Self {
        Self {
            layout,
            node_fields: node_fields as u64,
            graph: Graph::default(),
            targets: Highest::default(),
            names: Highest::default(),
        }
    }

    #[inline]
    pub(super) fn take(&mut self, record: &Record, offset: u64) -> Result<(), HeapError> {
        let layout = &self.layout;
        let (kind, name, place) = (record[layout.kind], record[layout.name], record[layout.to]);
        let to = match self.node_fields {
            // Division by a constant is a multiplication.
            6 => node_at::<6>(place),
            7 => node_at::<7>(place),
            fields => place.is_multiple_of(fields).then(|| place / fields),
        };
        let Some(to) = to else {
            let what = format!("to_node {place} of an edge is no multiple of {}", self.node_fields);
            return Err(HeapError::malformed(offset, what));
        };
        let kind = usize::try_from(kind).ok().and_then(|kind| layout.kinds.get(kind)).copied();
        let kind = kind.unwrap_or(EdgeKind::Internal);
        self.targets.note(to, offset);
        if !kind.is_numbered() {
            self.names.note(name, offset);
        }
        let Ok(name) = u32::try_from(name) else {
            return Err(HeapError::malformed(offset, format!("name_or_index of an edge is {name}")));
        };
        if to >= MOST_NODES as u64 {
            return Err(HeapError::malformed(offset, format!("to_node of an edge is {place}")));
        }
        if self.graph.edge_count() >= u32::MAX as usize {
            return Err(HeapError::TooLarge("it has more than 4,294,967,295 edges".into()));
        }
        #[expect(clippy::cast_possible_truncation, reason = "compared above")]
        self.graph.push_edge(kind, name, to as u32);
        Ok(())
    }
}

#[inline]
fn node_at<const FIELDS: u64>(place: u64) -> Option<u64> {
    place.is_multiple_of(FIELDS).then_some(place / FIELDS)
}

/// Where objects and functions come from. `fields` are the numbers per node.
pub(super) fn location(layout: &LocationLayout, fields: usize, record: &Record) -> Option<Location> {
    let place = record[layout.object];
    let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    place.is_multiple_of(fields as u64).then(|| Location {
        node: small(place / fields as u64),
        script: small(record[layout.script]),
        line: small(record[layout.line]),
        column: small(record[layout.column]),
    })
}

pub(super) fn function(layout: &FunctionLayout, record: &Record) -> Function {
    let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Function {
        name: small(record[layout.name]),
        script_name: small(record[layout.script_name]),
        line: small(record[layout.line]),
        column: small(record[layout.column]),
    }
}

pub(super) fn sample(layout: &SampleLayout, record: &Record) -> Sample {
    Sample {
        timestamp_us: record[layout.timestamp],
        last_id: u32::try_from(record[layout.last_id]).unwrap_or(u32::MAX),
    }
}

/// Reads the tree of allocation stacks: records whose children are a list of such records, in brackets.
pub(super) fn traces(layout: &TraceLayout, bytes: &[u8], offset: u64) -> Result<Vec<Trace>, HeapError> {
    /// A list of records that has been begun.
    struct Open {
        field: usize,
        record: Record,
        /// The trace that the list belongs to.
        parent: u32,
        /// Where the record's own trace stands.
        own: u32,
    }
    let mut cursor = Cursor { bytes, at: 0 };
    let mut traces: Vec<Trace> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let wrong = |at: usize, what: String| Err(HeapError::malformed(offset + at as u64, what));
    loop {
        let Some(byte) = cursor.peek() else {
            return wrong(cursor.at, "the tree of allocations is cut".into());
        };
        match byte {
            b'[' => {
                let parent = match open.last() {
                    None if traces.is_empty() => u32::MAX,
                    Some(list) if list.field == layout.children => list.own,
                    _ => {
                        return wrong(
                            cursor.at,
                            "the tree of allocations has a list where none belongs".into(),
                        );
                    }
                };
                cursor.at += 1;
                open.push(Open { field: 0, record: [0; _], parent, own: 0 });
            }
            b']' => {
                cursor.at += 1;
                if open.pop().is_some_and(|list| list.field != 0) {
                    return wrong(cursor.at, "a record in the tree of allocations is incomplete".into());
                }
                let Some(list) = open.last_mut() else { return Ok(traces) };
                list.field = (list.field + 1) % layout.fields;
            }
            b',' => cursor.at += 1,
            _ => {
                let value = match cursor.number() {
                    Number::Is(value) => value,
                    Number::Not(other) => {
                        return wrong(cursor.at, format!("the tree of allocations has {}", show(other)));
                    }
                    Number::Short | Number::TooLarge => {
                        return wrong(cursor.at, "the tree of allocations has a number that is none".into());
                    }
                };
                let Some(list) = open.last_mut().filter(|list| list.field != layout.children) else {
                    return wrong(
                        cursor.at,
                        "the tree of allocations has a number where a list belongs".into(),
                    );
                };
                if list.field == 0 {
                    list.own = number(traces.len());
                    let parent = list.parent;
                    traces.push(Trace { id: 0, function: 0, count: 0, size: 0, parent });
                }
                list.record[list.field] = value;
                let small = |at: usize| u32::try_from(list.record[at]).unwrap_or(u32::MAX);
                let trace = &mut traces[list.own as usize];
                (trace.id, trace.function) = (small(layout.id), small(layout.function));
                (trace.count, trace.size) = (list.record[layout.count], list.record[layout.size]);
                list.field = (list.field + 1) % layout.fields;
                if list.field == 0 {
                    list.record = [0; _];
                }
            }
        }
    }
}
