//! What has grown in each place, deep down: by class, and by the functions that made it, where allocations were tracked.

use std::collections::HashMap;

use super::super::growth::{NONE, is_noise};
use super::super::ownership::ROOT;
use super::super::{Age, NodeKind, Place};
use super::cluster::Cluster;
use super::inside::functions_of;
use super::pattern::Pattern;
use super::words::Story;
use super::{PlaceIs, View};

/// Of each cluster, what survived in it.
pub(super) struct Allocations {
    contents: Vec<Contents>,
}

/// What survived in one place.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// By class: objects, bytes.
    pub(super) classes: Vec<(String, u64, u64)>,
    /// Bytes outside V8's heap.
    pub(super) native: u64,
    /// Bytes of strings.
    pub(super) strings: u64,
    /// Bytes of strings that are there because a part of them is.
    pub(super) parents: u64,
    /// By the function that made them: bytes.
    pub(super) frames: Vec<(Frame, u64)>,
    /// Bytes of all.
    pub(super) bytes: u64,
}

/// A function that allocated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) place: Place,
    /// How far from the allocation.
    pub(super) depth: usize,
}

impl Contents {
    /// Objects of the classes, and their bytes.
    pub(super) fn of(&self, names: &[&str]) -> (u64, u64) {
        let found = self.classes.iter().filter(|(name, ..)| names.contains(&name.as_str()));
        found.fold((0, 0), |(count, bytes), one| (count + one.1, bytes + one.2))
    }
}

impl Allocations {
    /// Of all clusters. Linear in nodes.
    pub(super) fn of(view: &View<'_>, clusters: &[Cluster]) -> Self {
        let mut by_top: HashMap<u32, u32> = HashMap::new();
        for (number, cluster) in (0_u32..).zip(clusters) {
            by_top.extend(cluster.tops.iter().map(|&top| (top, number)));
        }
        let mut which = vec![NONE; view.graph.node_count()];
        let mut sums = vec![Sums::default(); clusters.len()];
        let tracks = view.heap.snapshot.traces.iter().zip(0_u32..).map(|(trace, at)| (trace.id, at));
        let tracks: HashMap<u32, u32> = tracks.collect();
        for &node in view.heap.dominators.order() {
            if node == ROOT {
                continue;
            }
            let inherited = which[view.dominator(node) as usize];
            let cluster = by_top.get(&node).copied().unwrap_or(inherited);
            which[node as usize] = cluster;
            if cluster == NONE || view.ages[node as usize] != Age::Survivor || is_noise(view.graph, node) {
                continue;
            }
            sums[cluster as usize].add(view, node, tracks.get(&view.graph.trace(node)).copied());
        }
        let contents = sums.into_iter().map(|sums| sums.contents(view)).collect();
        Self { contents }
    }

    /// What survived in a cluster.
    pub(super) fn contents(&self, cluster: usize) -> &Contents {
        &self.contents[cluster]
    }

    /// The places that explain a cluster, the best first, and what that is.
    pub(super) fn places(
        &self,
        view: &View<'_>,
        cluster: &Cluster,
        story: &Story,
        pattern: Pattern,
        at: usize,
    ) -> (Vec<Place>, PlaceIs) {
        let mut places: Vec<(Place, PlaceIs)> = Vec::new();
        let contents = self.contents(at);
        let typical = cluster.typical;
        // Of listeners and timers the function says which it is.
        if matches!(pattern, Pattern::Listeners | Pattern::Timers | Pattern::Closures)
            && let Some(member) = typical
        {
            let kept = functions_of(view, member.node).into_iter().take(2);
            places.extend(kept.map(|place| (place, PlaceIs::Function)));
        }
        // Who made it, and in the file that holds it, before others: a package that leaks is called by a program that does not.
        let mut frames: Vec<&(Frame, u64)> = contents.frames.iter().collect();
        frames.sort_by_key(|(frame, bytes)| {
            let here = story.file.as_ref() == Some(&frame.place.file);
            let rank = if here && !frame.place.is_runtimes() {
                0
            } else if view.is_programs(&frame.place) {
                1
            } else {
                2
            };
            (rank, std::cmp::Reverse(*bytes), frame.depth)
        });
        let made = frames.iter().filter(|(frame, _)| !frame.place.is_runtimes());
        places.extend(made.map(|(frame, _)| (frame.place.clone(), PlaceIs::Allocated)));
        if let Some(member) = typical {
            let kept = functions_of(view, member.node).into_iter().take(2);
            places.extend(kept.map(|place| (place, PlaceIs::Function)));
            let is = if view.graph.kind(member.node) == NodeKind::Closure {
                PlaceIs::Function
            } else {
                PlaceIs::Constructor
            };
            places.extend(view.place(member.node).map(|place| (place, is)));
        }
        for step in story.steps.iter().rev() {
            places.extend(step.place.clone().map(|place| (place, PlaceIs::Holder)));
        }
        for &node in story.nodes.iter().rev() {
            places.extend(view.place(node).map(|place| (place, PlaceIs::Holder)));
        }
        places.retain(|(place, _)| !place.is_runtimes());
        let mut kept: Vec<(Place, PlaceIs)> = Vec::new();
        for one in places {
            if !kept.iter().any(|(place, _)| place.file == one.0.file && place.line == one.0.line) {
                kept.push(one);
            }
        }
        kept.truncate(8);
        let is = kept.first().map_or(PlaceIs::Holder, |&(_, is)| is);
        (kept.into_iter().map(|(place, _)| place).collect(), is)
    }
}

#[derive(Debug, Clone, Default)]
struct Sums {
    classes: HashMap<u32, (u64, u64)>,
    traces: HashMap<u32, u64>,
    native: u64,
    strings: u64,
    parents: u64,
    bytes: u64,
}

impl Sums {
    fn add(&mut self, view: &View<'_>, node: u32, trace: Option<u32>) {
        let size = view.graph.self_size(node);
        let class = self.classes.entry(view.classes.number_of(node)).or_default();
        class.0 += 1;
        class.1 += size;
        self.bytes += size;
        let kind = view.graph.kind(node);
        if kind == NodeKind::Native {
            self.native += size;
        } else if kind.is_string() {
            self.strings += size;
            if view.graph.kind(view.dominator(node)) == NodeKind::SlicedString {
                self.parents += size;
            }
        }
        if let Some(trace) = trace {
            *self.traces.entry(trace).or_default() += size;
        }
    }

    fn contents(self, view: &View<'_>) -> Contents {
        let mut by_name: HashMap<&str, (u64, u64)> = HashMap::new();
        for (class, (count, bytes)) in self.classes {
            let sum = by_name.entry(&view.classes.list()[class as usize].name).or_default();
            sum.0 += count;
            sum.1 += bytes;
        }
        let mut classes: Vec<(String, u64, u64)> =
            by_name.into_iter().map(|(name, (count, bytes))| (name.to_owned(), count, bytes)).collect();
        classes.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        Contents {
            classes,
            native: self.native,
            strings: self.strings,
            parents: self.parents,
            frames: frames(view, &self.traces),
            bytes: self.bytes,
        }
    }
}

/// The functions on the stacks by which objects were made: each with the bytes made in it or by what it called.
fn frames(view: &View<'_>, traces: &HashMap<u32, u64>) -> Vec<(Frame, u64)> {
    /// Deeper than any stack that V8 records.
    const DEEPEST: usize = 256;
    let snapshot = &view.heap.snapshot;
    let mut by_function: HashMap<u32, (u64, usize)> = HashMap::new();
    for (&trace, &bytes) in traces {
        let (mut at, mut depth) = (trace, 0);
        let mut seen = Vec::new();
        while let Some(trace) = snapshot.traces.get(at as usize).filter(|_| depth < DEEPEST) {
            if !seen.contains(&trace.function) {
                seen.push(trace.function);
                let sum = by_function.entry(trace.function).or_insert((0, depth));
                sum.0 += bytes;
                sum.1 = sum.1.min(depth);
            }
            at = trace.parent;
            depth += 1;
        }
    }
    let mut frames: Vec<(Frame, u64)> = by_function
        .into_iter()
        .filter_map(|(function, (bytes, depth))| {
            let function = snapshot.functions.get(function as usize)?;
            let file = super::super::scripts::path_of(&snapshot.strings.text(function.script_name));
            if file.is_empty() || function.line == u32::MAX {
                return None;
            }
            let name = snapshot.strings.text(function.name).into_owned();
            let place = Place {
                file,
                line: function.line + 1,
                column: function.column.saturating_add(1),
                function: Some(name).filter(|name| !name.is_empty()),
            };
            Some((Frame { place, depth }, bytes))
        })
        .collect();
    frames.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.depth.cmp(&b.0.depth)));
    frames.truncate(40);
    frames
}
