//! What is in a snapshot, by class. Linear in nodes and edges, and in the number of classes times its logarithm.

use std::cmp::Reverse;

use super::Looks;
use super::object::distance;
use crate::heap::{NodeKind, Place};

/// What is in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Objects, of all kinds.
    pub objects: u64,
    /// References.
    pub references: u64,
    /// Bytes of all objects.
    pub bytes: u64,
    /// Memory outside the heap that no object stands for.
    pub extra_native_bytes: u64,
    /// The bytes by what they are, in the order of [`Category::ALL`].
    pub parts: Vec<Part>,
    /// Classes of the program's objects, those that retain most first.
    pub classes: Vec<ClassRow>,
    /// Program's classes that are not listed.
    pub more_classes: u64,
    /// What is V8's own, the same way: code, hidden classes, storage of no single object.
    pub own: Vec<ClassRow>,
}

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Objects, with the storage of their properties and elements.
    Objects,
    /// Text.
    Strings,
    /// Functions.
    Functions,
    /// Memory outside the heap: buffers, and the embedder's own.
    Native,
    /// Compiled code, and what belongs to it.
    Code,
    /// Hidden classes, storage of no single object, and whatever else is V8's own.
    System,
}

impl Category {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Objects, Self::Strings, Self::Functions, Self::Native, Self::Code, Self::System];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Strings => "strings",
            Self::Functions => "functions",
            Self::Native => "native",
            Self::Code => "code",
            Self::System => "system",
        }
    }

    /// That of a kind.
    #[must_use]
    pub const fn of(kind: NodeKind) -> Self {
        match kind {
            kind if kind.is_string() => Self::Strings,
            NodeKind::Closure => Self::Functions,
            NodeKind::Native => Self::Native,
            NodeKind::Code => Self::Code,
            NodeKind::Hidden
            | NodeKind::Array
            | NodeKind::ObjectShape
            | NodeKind::Synthetic
            | NodeKind::Unknown => Self::System,
            _ => Self::Objects,
        }
    }
}

/// A part of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What they are.
    pub category: Category,
    /// Objects.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What all objects of a class come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRow {
    /// The class.
    pub name: String,
    /// Its constructor's place.
    pub place: Option<Place>,
    /// Objects.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// Steps from the global objects to the nearest; `None` for what these do not reach.
    pub distance: Option<u32>,
}

/// With so many classes at most.
#[must_use]
pub fn summary(looks: &Looks<'_>, limit: usize) -> Summary {
    let heap = looks.heap;
    let graph = &heap.snapshot.graph;
    let mut parts = Category::ALL.map(|category| Part { category, count: 0, bytes: 0 });
    let mut bytes = 0;
    for node in graph.nodes() {
        let part = &mut parts[Category::of(graph.kind(node)) as usize];
        let size = graph.self_size(node);
        bytes += size;
        part.count += 1;
        part.bytes += size;
    }
    let classes = looks.classes();
    let totals = classes.totals(heap);
    let mut program = Vec::new();
    let mut own = Vec::new();
    for (class, totals) in classes.list().iter().zip(totals).filter(|(_, totals)| totals.count > 0) {
        let rows = if matches!(Category::of(class.kind), Category::System | Category::Code) {
            &mut own
        } else {
            &mut program
        };
        rows.push((class, totals));
    }
    let more_classes = program.len().saturating_sub(limit) as u64;
    let rows = |mut list: Vec<(&crate::heap::Class, crate::heap::Totals)>| -> Vec<ClassRow> {
        list.sort_by_key(|(class, totals)| (Reverse((totals.retained, totals.size)), class.name.as_str()));
        let row = |(class, totals): (&crate::heap::Class, crate::heap::Totals)| ClassRow {
            name: class.name.clone(),
            place: class.place.and_then(|(script, line, column)| {
                let file = looks.scripts().name(script)?.to_owned();
                Some(Place { file, line: line + 1, column: column + 1, function: None })
            }),
            count: totals.count,
            size: totals.size,
            retained: totals.retained,
            distance: distance(totals.distance),
        };
        list.into_iter().take(limit).map(row).collect()
    };
    Summary {
        objects: graph.node_count() as u64,
        references: graph.edge_count() as u64,
        bytes,
        extra_native_bytes: heap.snapshot.extra_native_bytes,
        parts: parts.to_vec(),
        classes: rows(program),
        more_classes,
        own: rows(own),
    }
}
