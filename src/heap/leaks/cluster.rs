//! Growth that is the same but for where it stands in a collection: a thousand users' lists that each grow are one leak.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::super::graph::to_of;
use super::super::growth::{Member, is_storage, link};
use super::super::{EdgeKind, NodeKind, Step};
use super::View;
use super::parts::is_context;
use super::refine::Growth;

/// Growth in places that are alike.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    /// What collects; of several, the one that collects most.
    pub(super) container: u32,
    /// All such.
    pub(super) containers: HashSet<u32>,
    /// What is directly in them, most bytes first.
    pub(super) members: Vec<Member>,
    /// Whether members refer to each other in a chain.
    pub(super) chain: bool,
    /// All that survived there is under these.
    pub(super) tops: Vec<u32>,
    /// Members that are what the typical one is, and survived.
    pub(super) count: u64,
    /// Objects that survived.
    pub(super) objects: u64,
    /// Bytes that survived.
    pub(super) bytes: u64,
    /// Bytes made after the second snapshot.
    pub(super) new_bytes: u64,
    /// Others that refer to all of it.
    pub(super) others: Vec<u32>,
    /// The member that stands for all: one of what most are, of a size as most have.
    pub(super) typical: Option<Member>,
}

impl Cluster {
    /// The class of the typical member.
    pub(super) fn class_name(&self, view: &View<'_>) -> String {
        self.typical.map_or_else(String::new, |member| view.class(member.node).to_owned())
    }

    /// Finds what most members are, by bytes; how many there are, and one of a size as most have.
    fn summarise(&mut self, view: &View<'_>) {
        self.members.sort_by_key(|member| (std::cmp::Reverse(member.bytes), member.node));
        // What the container itself refers to says more than what also hangs there: variables are kept by functions.
        let direct = targets(view, self.container);
        let weight = |members: &mut dyn Iterator<Item = &Member>| {
            members.map(|member| member.bytes.max(1)).sum::<u64>()
        };
        let all = weight(&mut self.members.iter());
        let near = weight(&mut self.members.iter().filter(|member| direct.contains(&member.node)));
        let functions = self.members.iter().any(|member| view.graph.kind(member.node) == NodeKind::Closure);
        let counts = |member: &&Member| {
            if near * 4 > all {
                direct.contains(&member.node)
            } else {
                !functions || !is_context(view, member.node)
            }
        };
        let mut bytes: HashMap<u64, u64> = HashMap::new();
        for member in self.members.iter().filter(counts) {
            *bytes.entry(sort(view, member.node)).or_default() += member.bytes.max(1);
        }
        let leading = bytes.into_iter().max_by_key(|&(sort, bytes)| (bytes, sort)).map(|(sort, _)| sort);
        let alike: Vec<Member> = self
            .members
            .iter()
            .filter(counts)
            .filter(|member| member.count > 0 && Some(sort(view, member.node)) == leading)
            .copied()
            .collect();
        self.typical = alike.get(alike.len() / 2).copied();
        self.count = alike.len() as u64;
    }
}

/// What an object refers to, itself or by its storage.
pub(super) fn targets(view: &View<'_>, container: u32) -> HashSet<u32> {
    let graph = view.graph;
    let mut found = HashSet::new();
    for to in graph.words(container).iter().map(|&word| to_of(word)) {
        found.insert(to);
        if is_storage(graph, to) && view.owners.of_node(to) == Some(container) {
            found.extend(graph.words(to).iter().map(|&word| to_of(word)));
        }
    }
    found
}

/// What an object is: its class, and of a function also where it stands.
fn sort(view: &View<'_>, node: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    view.classes.number_of(node).hash(&mut hasher);
    if view.graph.kind(node) == NodeKind::Closure {
        let location = view.heap.snapshot.location(node);
        (view.graph.name(node), location.map(|at| (at.script, at.line, at.column))).hash(&mut hasher);
    }
    hasher.finish()
}

/// Puts together what is alike, most bytes first.
pub(super) fn clusters(view: &View<'_>, growths: Vec<Growth>) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut by_signature: HashMap<u64, usize> = HashMap::new();
    for growth in growths {
        let signature = signature(view, &growth);
        if let Some(&at) = by_signature.get(&signature) {
            clusters[at].take(growth);
            continue;
        }
        by_signature.insert(signature, clusters.len());
        clusters.push(Cluster {
            container: growth.container,
            containers: HashSet::from([growth.container]),
            members: growth.members,
            chain: growth.chain,
            tops: growth.tops,
            count: 0,
            objects: growth.objects,
            bytes: growth.bytes,
            new_bytes: growth.new_bytes,
            others: growth.others,
            typical: None,
        });
    }
    for cluster in &mut clusters {
        cluster.summarise(view);
    }
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.bytes), cluster.container));
    clusters
}

impl Cluster {
    fn take(&mut self, growth: Growth) {
        self.containers.insert(growth.container);
        self.members.extend(growth.members);
        self.chain |= growth.chain;
        self.tops.extend(growth.tops);
        self.objects += growth.objects;
        self.bytes += growth.bytes;
        self.new_bytes += growth.new_bytes;
        self.others.extend(growth.others);
    }
}

/// The way to a container, without what only says which of many it is.
fn signature(view: &View<'_>, growth: &Growth) -> u64 {
    let container = growth.container;
    let mut hasher = DefaultHasher::new();
    let mut last = None;
    for step in view.paths.to(view.graph, container) {
        let label = label(view, step);
        let class = match view.graph.kind(step.to) {
            NodeKind::Object => view.classes.number_of(step.to),
            // Functions all have one class, and storage has none.
            _ => view.graph.name(step.to),
        };
        // Along a list every element is as good as any.
        if last != Some((label, class)) {
            (label, class).hash(&mut hasher);
        }
        last = Some((label, class));
    }
    // Two variables of one module are not alike.
    if is_context(view, container)
        && let Some((edge, _)) = link(view.graph, &view.owners, container, growth.members[0].node)
    {
        view.graph.edge_name(edge).hash(&mut hasher);
    }
    hasher.finish()
}

fn label(view: &View<'_>, step: Step) -> (EdgeKind, u32) {
    /// More properties than anybody writes out: their names are keys.
    const KEYS: usize = 24;
    let kind = view.graph.edge_kind(step.edge);
    if kind.is_numbered() {
        return (kind, 0);
    }
    let is_dictionary = kind == EdgeKind::Property
        && view.graph.kind(step.from) == NodeKind::Object
        && view.graph.edges(step.from).len() > KEYS;
    (kind, if is_dictionary { 0 } else { view.graph.edge_name(step.edge) })
}
