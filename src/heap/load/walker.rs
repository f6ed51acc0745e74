//! The top level of a snapshot: one JSON object, whose members are the parts. Takes bytes as they come.

mod begin;
mod finish;

use super::super::HeapError;
use super::super::snapshot::{Function, Location, Sample, Trace};
use super::layout::Layout;
use super::numbers::{Records, show};
use super::parts::{self, Edges, Nodes};
use super::section::{Fed, is_space};
use super::text::{StringArray, Value};

/// Bytes of a member's name, at most.
const MOST_KEY: usize = 256;

/// Reads all of a snapshot, or what it is told to.
#[derive(Debug)]
pub(super) struct Walker {
    state: State,
    current: Part,
    key: Vec<u8>,
    /// Where the current part begins.
    begin: u64,
    pub(super) layout: Option<Layout>,
    /// Bytes of the whole input, where that is known.
    length: Option<u64>,
    pub(super) task: Task,
    halted: bool,
    pub(super) nodes: Option<Nodes>,
    pub(super) edges: Option<Edges>,
    /// There were edges, which somebody else reads.
    passed_edges: bool,
    strings: Option<StringArray>,
    locations: Vec<Location>,
    functions: Vec<Function>,
    traces: Vec<Trace>,
    samples: Vec<Sample>,
}

/// What is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Everything,
    /// Everything, with a halt where the nodes begin.
    UpToNodes,
    /// Somebody else reads the edges.
    AllButEdges,
    /// Only those.
    Edges,
    /// Only the nodes.
    Nodes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the opening brace.
    Start,
    /// A member's name, or the end.
    Key,
    /// In a member's name.
    InKey,
    Colon,
    /// At a member's value: what it is has not been begun.
    Begin,
    /// In a member's value.
    Inside,
    /// A comma, or the end.
    After,
    End,
}

#[derive(Debug)]
enum Part {
    None,
    Meta(Value),
    Nodes(Records, Box<Nodes>),
    Edges(Records, Box<Edges>),
    Locations(Records),
    Functions(Records),
    Traces(Value),
    Samples(Records),
    Strings(StringArray),
    Skip(Value),
    /// An array with no strings and no arrays in it, of which only the end is of interest.
    Numbers,
}

impl Walker {
    pub(super) fn new(length: Option<u64>) -> Self {
        Self {
            state: State::Start,
            current: Part::None,
            key: Vec::new(),
            begin: 0,
            layout: None,
            length,
            task: Task::Everything,
            halted: false,
            nodes: None,
            edges: None,
            passed_edges: false,
            strings: None,
            locations: Vec::new(),
            functions: Vec::new(),
            traces: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// Reads the edges of a snapshot of which the nodes come next: `key` is its name.
    pub(super) fn of_edges(layout: Layout, length: u64) -> Self {
        Self {
            state: State::Begin,
            key: b"nodes".to_vec(),
            layout: Some(layout),
            task: Task::Edges,
            ..Self::new(Some(length))
        }
    }

    /// Whether it has halted where the nodes begin.
    pub(super) fn take_halt(&mut self) -> bool {
        std::mem::take(&mut self.halted)
    }

    /// Whether there is nothing more to read.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::End || (self.task == Task::Edges && self.edges.is_some())
    }

    /// What is being read.
    pub(super) fn within(&self) -> &'static str {
        match &self.current {
            Part::None | Part::Skip(_) | Part::Numbers => "the top level",
            Part::Meta(_) => "\"snapshot\"",
            Part::Nodes(records, _)
            | Part::Edges(records, _)
            | Part::Locations(records)
            | Part::Functions(records)
            | Part::Samples(records) => records.within(),
            Part::Traces(_) => "\"trace_tree\"",
            Part::Strings(_) => "\"strings\"",
        }
    }

    /// Reads what it can of `bytes`, which begin at the offset `at`, and returns how many.
    pub(super) fn feed(&mut self, bytes: &[u8], at: u64) -> Result<usize, HeapError> {
        let mut from = 0;
        while from < bytes.len() && !self.is_done() {
            let byte = bytes[from];
            let offset = at + from as u64;
            match self.state {
                State::Inside => match self.inside(&bytes[from..], offset)? {
                    Fed::More(length) => return Ok(from + length),
                    Fed::Done(length) => {
                        from += length;
                        self.finish_part()?;
                        self.state = State::After;
                    }
                },
                State::InKey => {
                    let rest = &bytes[from..];
                    let end = memchr::memchr(b'"', rest);
                    let begin = offset - self.key.len() as u64;
                    self.key.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
                    if self.key.len() > MOST_KEY {
                        return Err(HeapError::malformed(begin, "a name at the top level is too long"));
                    }
                    let Some(end) = end else { return Ok(bytes.len()) };
                    from += end + 1;
                    self.state = State::Colon;
                }
                _ if is_space(byte) => from += 1,
                State::Begin => {
                    self.begin(offset)?;
                    self.state = State::Inside;
                }
                State::Start if byte == b'{' => {
                    from += 1;
                    self.state = State::Key;
                }
                State::Key if byte == b'"' => {
                    from += 1;
                    self.key.clear();
                    self.state = State::InKey;
                }
                State::Colon if byte == b':' => {
                    from += 1;
                    self.state = State::Begin;
                    if self.task == Task::UpToNodes && self.key == b"nodes" {
                        self.halted = true;
                        return Ok(from);
                    }
                }
                State::After if byte == b',' => {
                    from += 1;
                    self.state = State::Key;
                }
                State::After if byte == b'}' => {
                    from += 1;
                    self.state = State::End;
                }
                _ => {
                    let what = match self.state {
                        State::Start => "it does not begin with an object",
                        State::Key => "a name expected",
                        State::Colon => "a colon expected",
                        _ => "a comma or the end of the object expected",
                    };
                    return Err(HeapError::malformed(offset, format!("{what}, got {}", show(byte))));
                }
            }
        }
        Ok(from)
    }

    fn inside(&mut self, bytes: &[u8], at: u64) -> Result<Fed, HeapError> {
        let layout = self.layout.as_ref();
        let fields = layout.map_or(1, |layout| layout.node.fields);
        match &mut self.current {
            Part::None => Ok(Fed::Done(0)),
            Part::Meta(value) | Part::Traces(value) | Part::Skip(value) => value.feed(bytes, at),
            Part::Nodes(records, nodes) => {
                records.feed(bytes, at, |record, offset| nodes.take(record, offset))
            }
            Part::Edges(records, edges) => {
                records.feed(bytes, at, |record, offset| edges.take(record, offset))
            }
            Part::Locations(records) => records.feed(bytes, at, |record, _| {
                let layout = layout.and_then(|layout| layout.location.as_ref());
                self.locations.extend(layout.and_then(|layout| parts::location(layout, fields, record)));
                Ok(())
            }),
            Part::Functions(records) => records.feed(bytes, at, |record, _| {
                let layout = layout.and_then(|layout| layout.function.as_ref());
                self.functions.extend(layout.map(|layout| parts::function(layout, record)));
                Ok(())
            }),
            Part::Samples(records) => records.feed(bytes, at, |record, _| {
                let layout = layout.and_then(|layout| layout.sample.as_ref());
                self.samples.extend(layout.map(|layout| parts::sample(layout, record)));
                Ok(())
            }),
            Part::Strings(array) => array.feed(bytes, at),
            Part::Numbers => {
                Ok(memchr::memchr(b']', bytes).map_or(Fed::More(bytes.len()), |end| Fed::Done(end + 1)))
            }
        }
    }

    fn finish_part(&mut self) -> Result<(), HeapError> {
        match std::mem::replace(&mut self.current, Part::None) {
            Part::Meta(value) => self.layout = Some(Layout::read(&value.into_bytes(), self.begin)?),
            Part::Nodes(_, nodes) => self.nodes = Some(*nodes),
            Part::Edges(_, edges) => self.edges = Some(*edges),
            Part::Strings(array) => self.strings = Some(array),
            Part::Traces(value) => {
                if let Some(layout) = self.layout.as_ref().and_then(|layout| layout.trace.as_ref()) {
                    let bytes = value.into_bytes();
                    // An empty list where nothing was tracked.
                    let empty = bytes.iter().all(|&byte| is_space(byte) || matches!(byte, b'[' | b']'));
                    self.traces = if empty { Vec::new() } else { parts::traces(layout, &bytes, self.begin)? };
                }
            }
            Part::None
            | Part::Locations(_)
            | Part::Functions(_)
            | Part::Samples(_)
            | Part::Skip(_)
            | Part::Numbers => {}
        }
        Ok(())
    }
}
