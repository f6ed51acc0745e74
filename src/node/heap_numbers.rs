//! What the snapshot engine knows of every object, in columns: for tests and benchmarks, not for users.

#![expect(clippy::needless_pass_by_value, reason = "Node-API hands strings over")]

use std::path::Path;

use napi::bindgen_prelude::{Float64Array, Uint32Array};
use napi_derive::napi;

use crate::heap::{Classes, Heap, Progress, Snapshot, UNREACHED};

/// A snapshot that was read and analysed, on the thread that asked.
#[napi]
#[derive(Debug)]
pub struct HeapNumbers(Heap);

/// What the objects of a class come to.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeClassTotals {
    /// Its constructor's script, line and column, if they are known, and its name; with commas between them.
    pub key: String,
    pub count: f64,
    pub size: f64,
    pub retained: f64,
    pub distance: f64,
}

#[napi]
impl HeapNumbers {
    /// Reads a file: nodes, edges, dominators, retained sizes and distances.
    #[napi(constructor)]
    pub fn new(path: String) -> napi::Result<Self> {
        let progress = Progress::default();
        let heap = Snapshot::open_any(Path::new(&path), &progress)
            .and_then(|snapshot| Heap::of(snapshot, &progress))
            .map_err(|error| napi::Error::from_reason(error.to_string()))?;
        Ok(Self(heap))
    }

    /// How many nodes and edges there are.
    #[napi]
    #[must_use]
    pub fn counts(&self) -> Vec<u32> {
        let graph = &self.0.snapshot.graph;
        [graph.node_count(), graph.edge_count()]
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
            .to_vec()
    }

    #[napi]
    #[must_use]
    pub fn ids(&self) -> Uint32Array {
        let graph = &self.0.snapshot.graph;
        graph.nodes().map(|node| graph.id(node)).collect::<Vec<_>>().into()
    }

    #[napi]
    #[must_use]
    pub fn sizes(&self) -> Float64Array {
        let graph = &self.0.snapshot.graph;
        graph.nodes().map(|node| graph.self_size(node) as f64).collect::<Vec<_>>().into()
    }

    #[napi]
    #[must_use]
    pub fn retained(&self) -> Float64Array {
        self.0.retained.iter().map(|&bytes| bytes as f64).collect::<Vec<_>>().into()
    }

    /// The immediate dominator of each node; the root's is the root.
    #[napi]
    #[must_use]
    pub fn dominators(&self) -> Uint32Array {
        let graph = &self.0.snapshot.graph;
        graph.nodes().map(|node| self.0.dominators.of_node(node)).collect::<Vec<_>>().into()
    }

    /// Steps from the global objects; infinite for what nothing reaches.
    #[napi]
    #[must_use]
    pub fn distances(&self) -> Float64Array {
        self.0.distances.iter().map(|&steps| distance(steps)).collect::<Vec<_>>().into()
    }

    /// What the objects of each class come to, but for classes of objects without a size.
    #[napi]
    #[must_use]
    pub fn classes(&self) -> Vec<NativeClassTotals> {
        let classes = Classes::of(&self.0.snapshot);
        let totals = classes.totals(&self.0);
        let key = |class: &crate::heap::Class| match class.place {
            Some((script, line, column)) => format!("{script},{line},{column},{}", class.name),
            None => format!(",{}", class.name),
        };
        let pairs = classes.list().iter().zip(totals).filter(|(_, totals)| totals.count > 0);
        pairs
            .map(|(class, totals)| NativeClassTotals {
                key: key(class),
                count: totals.count as f64,
                size: totals.size as f64,
                retained: totals.retained as f64,
                distance: distance(totals.distance),
            })
            .collect()
    }
}

fn distance(steps: u32) -> f64 {
    if steps == UNREACHED { f64::INFINITY } else { f64::from(steps) }
}
