//! What grows between snapshots, as a programmer would say it: which pattern, how much, held by what, made where.
//!
//! [`compare`] takes what [`accumulations`](super::accumulations) finds, looks where in a structure the growth really is
//! ([`refine`]), puts together what is alike ([`cluster`]), tells which pattern of the catalogue it is ([`patterns`]), and
//! says so ([`words`], [`advice`]).

mod advice;
mod allocations;
mod cluster;
mod json;
mod patterns;
mod refine;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::OnceLock;

use super::growth::is_noise;
use super::{
    Age, Children, Classes, Graph, HeapError, Ids, NodeKind, Owners, Paths, Place, Progress, Retainers,
    Scripts, Snapshot,
};
use super::{Heap, accumulations, ages};
use allocations::Allocations;
use cluster::Cluster;
pub use patterns::Pattern;
pub use words::{StepKind, TraceStep, line};

/// What a comparison is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Findings at most.
    pub limit: usize,
    /// Folders that are the program's own. Without any, all is that is not in `node_modules`.
    pub roots: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: 20, roots: Vec::new() }
    }
}

/// What a snapshot comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// Objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, bytes outside V8's heap.
    pub native_bytes: u64,
}

impl Total {
    /// Of a snapshot. Linear in its nodes.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let graph = &snapshot.graph;
        let mut total = Self {
            objects: graph.node_count() as u64,
            bytes: snapshot.extra_native_bytes,
            native_bytes: snapshot.extra_native_bytes,
        };
        for node in graph.nodes() {
            let size = graph.self_size(node);
            total.bytes += size;
            if graph.kind(node) == NodeKind::Native {
                total.native_bytes += size;
            }
        }
        total
    }
}

/// All that has grown.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Bytes that survived, of all but V8's own.
    pub grown_bytes: u64,
    /// Bytes that survived of V8's own: code, hidden classes, feedback.
    pub noise_bytes: u64,
    /// By place, most bytes first.
    pub findings: Vec<Finding>,
    /// By class, most bytes first.
    pub classes: Vec<ClassGrowth>,
}

/// Growth of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassGrowth {
    /// Its name.
    pub name: String,
    /// Objects that survived.
    pub count: u64,
    /// Their own bytes.
    pub bytes: u64,
}

/// Growth in one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which pattern it is.
    pub pattern: Pattern,
    /// In one line.
    pub title: String,
    /// From 0 to 1: how sure the pattern is.
    pub confidence: f64,
    /// Objects directly in the container that survived.
    pub count: u64,
    /// Bytes that survived there.
    pub bytes: u64,
    /// Bytes made there after the second snapshot.
    pub new_bytes: u64,
    /// The class of most of what is directly in the container.
    pub class_name: String,
    /// What holds it.
    pub container: String,
    /// From a root to what has grown.
    pub trace: Vec<TraceStep>,
    /// The file with the variable at which the trace begins.
    pub file: Option<String>,
    /// The places that explain it, best first.
    pub places: Vec<Place>,
    /// What the first of them is.
    pub place_is: PlaceIs,
    /// In sentences.
    pub evidence: Vec<String>,
    /// What to do.
    pub fix: String,
}

/// What a place has to do with growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceIs {
    /// Its function made most of it.
    Allocated,
    /// It is the function that is kept.
    Function,
    /// It is the constructor of what is kept.
    Constructor,
    /// What holds it is a variable or property of its function or object.
    Holder,
}

impl PlaceIs {
    /// The name in the JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::Function => "function",
            Self::Constructor => "constructor",
            Self::Holder => "holder",
        }
    }
}

/// All that is known of the last snapshot, for the modules here.
pub(super) struct View<'h> {
    heap: &'h Heap,
    graph: &'h Graph,
    ages: Vec<Age>,
    retainers: Retainers,
    owners: Owners,
    classes: Classes,
    paths: Paths,
    scripts: Scripts,
    roots: Vec<String>,
    children: OnceLock<Children>,
}

impl View<'_> {
    fn name(&self, node: u32) -> std::borrow::Cow<'_, str> {
        self.heap.snapshot.strings.text(self.graph.name(node))
    }

    fn class(&self, node: u32) -> &str {
        &self.classes.of_node(node).name
    }

    fn place(&self, node: u32) -> Option<Place> {
        self.scripts.place(&self.heap.snapshot, node)
    }

    /// Whether a place is the program's own, rather than a package's or the runtime's.
    fn is_programs(&self, place: &Place) -> bool {
        place.is_programs()
            && (self.roots.is_empty() || self.roots.iter().any(|root| place.file.starts_with(root.as_str())))
    }

    /// Whom each object dominates directly.
    fn children(&self) -> &Children {
        self.children.get_or_init(|| self.heap.dominators.children())
    }

    fn dominator(&self, node: u32) -> u32 {
        self.heap.dominators.of_node(node)
    }
}

/// Compares snapshots: what was not in the first, was in the second if there is one, and is in the last. Linear in nodes
/// and edges of the last.
///
/// # Errors
/// [`HeapError::Aborted`]
pub fn compare(
    first: &Ids,
    second: Option<&Ids>,
    last: &Heap,
    options: &Options,
    progress: &Progress,
) -> Result<Comparison, HeapError> {
    let graph = &last.snapshot.graph;
    let view = std::thread::scope(|scope| {
        let paths = scope.spawn(|| {
            let scripts = Scripts::of(&last.snapshot);
            (Paths::of(&last.snapshot, &scripts), scripts)
        });
        let classes = scope.spawn(|| Classes::of(&last.snapshot));
        let retainers = Retainers::of(graph);
        let ages = ages(first, second, last);
        let owners = last.owners();
        let (paths, scripts) = joined(paths.join());
        View {
            heap: last,
            graph,
            ages,
            retainers,
            owners,
            classes: joined(classes.join()),
            paths,
            scripts,
            roots: options.roots.clone(),
            children: OnceLock::new(),
        }
    });
    progress.advance(0)?;
    let (grown_bytes, noise_bytes, classes) = totals(&view);
    let found = accumulations(last, &view.ages, &view.retainers, &view.owners, &view.paths);
    progress.advance(0)?;
    /// Enough for any program; what is smaller than so many others explains nothing.
    const MOST: usize = 50_000;
    let growths = found.into_iter().take(MOST).flat_map(|one| refine::refine(&view, one)).collect();
    let mut clusters = cluster::clusters(&view, growths);
    // What comes to less than this in one place explains nothing. Not before what is alike is put together.
    let floor = (grown_bytes / 200).max(1024);
    clusters.retain(|cluster| cluster.bytes >= floor);
    progress.advance(0)?;
    let allocations = Allocations::of(&view, &clusters);
    let findings = clusters
        .iter()
        .enumerate()
        .take(options.limit)
        .map(|(at, cluster)| finding(&view, cluster, &allocations, at, second.is_some()))
        .collect();
    Ok(Comparison { grown_bytes, noise_bytes, findings, classes })
}

fn joined<T>(result: std::thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Bytes that survived, V8's own among them, and by class.
fn totals(view: &View<'_>) -> (u64, u64, Vec<ClassGrowth>) {
    let (mut grown, mut noise) = (0, 0);
    let mut by_class: HashMap<&str, (u64, u64)> = HashMap::new();
    for node in view.graph.nodes().filter(|&node| view.ages[node as usize] == Age::Survivor) {
        let size = view.graph.self_size(node);
        if is_noise(view.graph, node) {
            noise += size;
            continue;
        }
        grown += size;
        if size > 0 {
            let class = by_class.entry(view.class(node)).or_default();
            class.0 += 1;
            class.1 += size;
        }
    }
    let mut classes: Vec<ClassGrowth> = by_class
        .into_iter()
        .map(|(name, (count, bytes))| ClassGrowth { name: name.to_owned(), count, bytes })
        .collect();
    classes.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    classes.truncate(100);
    (grown, noise, classes)
}

fn finding(view: &View<'_>, cluster: &Cluster, allocations: &Allocations, at: usize, three: bool) -> Finding {
    let story = words::story(view, cluster);
    let contents = allocations.contents(at);
    let (pattern, confidence) = patterns::classify(view, cluster, &story, contents);
    // Growth that is the same from round to round is a leak's; with two snapshots nobody knows.
    let steady = if three && cluster.bytes > 0 {
        let ratio = cluster.new_bytes as f64 / cluster.bytes as f64;
        if ratio < 1.0 { 0.5 + ratio / 2.0 } else { 1.0 }
    } else {
        0.8
    };
    let (places, place_is) = allocations.places(view, cluster, &story, pattern, at);
    let told = advice::Told { view, cluster, story: &story, contents, pattern };
    Finding {
        pattern,
        title: told.title(),
        confidence: (confidence * steady * 100.0).round() / 100.0,
        count: cluster.count,
        bytes: cluster.bytes,
        new_bytes: cluster.new_bytes,
        class_name: cluster.class_name(view),
        container: story.container.clone(),
        evidence: told.evidence(three),
        fix: told.fix(),
        file: story.file.clone(),
        trace: story.steps,
        places,
        place_is,
    }
}
