//! A snapshot as it was read.

use super::graph::Graph;
use super::strings::Strings;

/// Everything a snapshot says.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Objects and references.
    pub graph: Graph,
    /// Their names, and the contents of strings.
    pub strings: Strings,
    /// Where functions, and objects by their constructors, come from; by node.
    pub locations: Vec<Location>,
    /// Functions that have allocated something, where that was tracked.
    pub functions: Vec<Function>,
    /// The stacks on which they did, each the number of another.
    pub traces: Vec<Trace>,
    /// What was the newest object when.
    pub samples: Vec<Sample>,
    /// Memory outside the heap that no node stands for.
    pub extra_native_bytes: u64,
}

/// Where a function, or the constructor of an object, stands in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Whose.
    pub node: u32,
    /// V8's number of the script.
    pub script: u32,
    /// From 0.
    pub line: u32,
    /// From 0.
    pub column: u32,
}

/// A function on an allocation stack. Names are numbers of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: u32,
    /// Its script's.
    pub script_name: u32,
    /// From 0, or `u32::MAX`.
    pub line: u32,
    /// From 0, or `u32::MAX`.
    pub column: u32,
}

/// One place on an allocation stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// What nodes name it by.
    pub id: u32,
    /// Its function, as a number of [`Snapshot::functions`].
    pub function: u32,
    /// Objects allocated there.
    pub count: u64,
    /// Their bytes.
    pub size: u64,
    /// Its caller, as a number of [`Snapshot::traces`]; `u32::MAX` for none.
    pub parent: u32,
}

/// What was the newest object at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Microseconds since the start of tracking.
    pub timestamp_us: u64,
    /// The id.
    pub last_id: u32,
}

impl Snapshot {
    /// Where a node comes from, if it is known.
    #[must_use]
    pub fn location(&self, node: u32) -> Option<Location> {
        let at = self.locations.binary_search_by_key(&node, |location| location.node).ok()?;
        Some(self.locations[at])
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.graph.memory()
            + self.strings.memory()
            + size_of::<Location>() * self.locations.capacity()
            + size_of::<Function>() * self.functions.capacity()
            + size_of::<Trace>() * self.traces.capacity()
            + size_of::<Sample>() * self.samples.capacity()
    }
}
