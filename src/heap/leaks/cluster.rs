//! Growth that is the same but for where it stands in a collection: a thousand users' lists that each grow are one leak.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::super::growth::Member;
use super::super::{EdgeKind, NodeKind, Step};
use super::View;
use super::refine::Growth;
use super::words::is_context;

/// Growth in places that are alike.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    /// What collects; of several, the one that collects most.
    pub(super) container: u32,
    /// How many such there are.
    pub(super) containers: u64,
    /// What is directly in them, most bytes first.
    pub(super) members: Vec<Member>,
    /// Whether members refer to each other in a chain.
    pub(super) chain: bool,
    /// All that survived there is under these.
    pub(super) tops: Vec<u32>,
    /// Members, of the class that has most of them, that survived.
    pub(super) count: u64,
    /// Objects that survived.
    pub(super) objects: u64,
    /// Bytes that survived.
    pub(super) bytes: u64,
    /// Bytes made after the second snapshot.
    pub(super) new_bytes: u64,
    /// Others that refer to all of it.
    pub(super) others: Vec<u32>,
}

impl Cluster {
    /// The member that stands for all: one of the class that has most bytes, of a size as most have.
    pub(super) fn typical(&self, view: &View<'_>) -> Option<Member> {
        let class = self.leading(view)?;
        let alike: Vec<&Member> =
            self.members.iter().filter(|member| view.classes.number_of(member.node) == class).collect();
        alike.get(alike.len() / 2).map(|&member| *member)
    }

    /// The class of most bytes of members.
    fn leading(&self, view: &View<'_>) -> Option<u32> {
        let mut bytes: HashMap<u32, u64> = HashMap::new();
        // Variables are kept by functions, which say more.
        let functions = self.members.iter().any(|member| view.graph.kind(member.node) == NodeKind::Closure);
        for member in self.members.iter().filter(|member| !functions || !is_context(view, member.node)) {
            *bytes.entry(view.classes.number_of(member.node)).or_default() += member.bytes.max(1);
        }
        bytes.into_iter().max_by_key(|&(class, bytes)| (bytes, std::cmp::Reverse(class))).map(|(class, _)| class)
    }

    /// Its name.
    pub(super) fn class_name(&self, view: &View<'_>) -> String {
        self.typical(view).map_or_else(String::new, |member| view.class(member.node).to_owned())
    }
}

/// Puts together what is alike, most bytes first.
pub(super) fn clusters(view: &View<'_>, growths: Vec<Growth>) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut by_signature: HashMap<u64, usize> = HashMap::new();
    for growth in growths {
        let signature = signature(view, growth.container);
        match by_signature.get(&signature) {
            Some(&at) => clusters[at].take(growth),
            None => {
                by_signature.insert(signature, clusters.len());
                clusters.push(Cluster {
                    container: growth.container,
                    containers: 1,
                    members: growth.members,
                    chain: growth.chain,
                    tops: growth.tops,
                    count: 0,
                    objects: growth.objects,
                    bytes: growth.bytes,
                    new_bytes: growth.new_bytes,
                    others: growth.others,
                });
            }
        }
    }
    for cluster in &mut clusters {
        cluster.members.sort_by_key(|member| (std::cmp::Reverse(member.bytes), member.node));
        let class = cluster.leading(view);
        let alike = |member: &&Member| Some(view.classes.number_of(member.node)) == class && member.count > 0;
        cluster.count = cluster.members.iter().filter(alike).count() as u64;
    }
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.bytes), cluster.container));
    clusters
}

impl Cluster {
    fn take(&mut self, growth: Growth) {
        self.containers += u64::from(growth.container != self.container);
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
fn signature(view: &View<'_>, container: u32) -> u64 {
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
