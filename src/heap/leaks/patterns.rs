//! Which pattern of the catalogue growth is. By what collects and how it refers to what it collects first, since that is
//! what is to be changed; by what is collected where the container says nothing.

use super::super::{Age, Class, EdgeKind, NodeKind, Place, scripts};
use super::View;
use super::allocations::Contents;
use super::cluster::{Cluster, targets};
use super::known::{BUFFERS, LISTS_OF_LISTENERS, REQUESTS, SOCKETS, STREAMS, TIMERS};
use super::pattern::Pattern;
use super::words::Story;

/// The pattern of a cluster, and from 0 to 1 how sure it is.
pub(super) fn classify(
    view: &View<'_>,
    cluster: &Cluster,
    story: &Story,
    contents: &Contents,
) -> (Pattern, f64) {
    let facts = Facts::of(view, cluster, story, contents);
    facts.by_how_it_is_kept().or_else(|| facts.by_what_is_kept()).unwrap_or_else(|| facts.by_container())
}

/// What the decision is made on.
struct Facts<'a> {
    view: &'a View<'a>,
    cluster: &'a Cluster,
    story: &'a Story,
    contents: &'a Contents,
    container: String,
    member: String,
    member_kind: NodeKind,
    /// Objects of each kind for one member of the leading class.
    count: f64,
}

impl<'a> Facts<'a> {
    fn of(view: &'a View<'a>, cluster: &'a Cluster, story: &'a Story, contents: &'a Contents) -> Self {
        let typical = cluster.typical;
        Self {
            view,
            cluster,
            story,
            contents,
            container: view.class(cluster.container).to_owned(),
            member: cluster.class_name(view),
            member_kind: typical.map_or(NodeKind::Unknown, |member| view.graph.kind(member.node)),
            count: cluster.count.max(1) as f64,
        }
    }

    /// How many objects of some classes there are for each member.
    fn each(&self, names: &[&str]) -> f64 {
        self.contents.of(names).0 as f64 / self.count
    }

    /// Members that are functions, as a share of all.
    fn functions(&self) -> f64 {
        let functions = self.members(|node| self.view.graph.kind(node) == NodeKind::Closure);
        functions as f64 / self.cluster.members.len().max(1) as f64
    }

    fn members(&self, is: impl Fn(u32) -> bool) -> usize {
        self.cluster.members.iter().filter(|member| is(member.node)).count()
    }

    /// Whether one of the last references to the container has such a name.
    fn kept_in(&self, names: &[&str]) -> bool {
        self.story.labels.iter().rev().take(3).any(|label| names.contains(&label.as_str()))
    }

    fn by_how_it_is_kept(&self) -> Option<(Pattern, f64)> {
        let name = self.container.as_str();
        if self.member == "Listener" || name == "Listener" || self.is_emitters() {
            // What waits for an event by a promise of Node's is told as such.
            let pattern = if self.waits_for_event() { Pattern::Promises } else { Pattern::Listeners };
            return Some((pattern, 0.97));
        }
        if name == "TimersList" || name == "ImmediateList" || TIMERS.contains(&self.member.as_str()) {
            return Some((Pattern::Timers, 0.97));
        }
        if self.kept_in(&["_writableState", "_readableState"]) {
            return Some((Pattern::Streams, 0.9));
        }
        if name == "Promise" {
            // What waits for it hangs on it.
            return Some((Pattern::Promises, 0.95));
        }
        None
    }

    /// Whether the container is where an emitter, or an event target, has its listeners.
    fn is_emitters(&self) -> bool {
        let names = &LISTS_OF_LISTENERS[..6];
        // `_events`, or the list of one event in it; below a listener nothing is one.
        let labels = &self.story.labels;
        if labels.iter().rev().take(2).any(|label| names.contains(&label.as_str())) {
            return true;
        }
        // By other names only functions, or objects with one, are listeners.
        self.kept_in(LISTS_OF_LISTENERS) && self.functions() > 0.5
    }

    /// Whether the listeners are those of `events.once` or `events.on`, which settle a promise.
    fn waits_for_event(&self) -> bool {
        const OF_NODE: &[&str] = &["resolver", "errorListener", "eventHandler", "errorHandler"];
        let view = self.view;
        let is = |node: u32| {
            view.graph.kind(node) == NodeKind::Closure
                && OF_NODE.contains(&&*view.name(node))
                && view.place(node).is_some_and(|place| place.file == "node:events")
        };
        self.cluster.typical.is_some_and(|member| {
            is(member.node) || view.children().of_node(member.node).iter().any(|&inside| is(inside))
        })
    }

    fn by_what_is_kept(&self) -> Option<(Pattern, f64)> {
        if self.member_kind == NodeKind::Closure {
            // A function that settles a promise is what the promise waits for.
            let waiting = self.each(&["Promise"]) >= 0.9 && self.settles();
            return Some((if waiting { Pattern::Promises } else { Pattern::Closures }, 0.9));
        }
        let bytes = self.contents.bytes.max(1) as f64;
        let native = self.contents.native as f64 / bytes;
        // A request has a socket, a socket has streams; so the biggest thing first.
        if self.each(REQUESTS) >= 0.5 && self.is_nodes(REQUESTS) {
            return Some((Pattern::Requests, 0.95));
        }
        if self.each(SOCKETS) >= 0.5 && (SOCKETS.contains(&self.member.as_str()) || self.each(STREAMS) < 0.5)
        {
            return Some((Pattern::Sockets, 0.9));
        }
        if self.each(STREAMS) >= 0.5 {
            return Some((Pattern::Streams, 0.9));
        }
        if self.each(TIMERS) >= 0.5 {
            return Some((Pattern::Timers, 0.85));
        }
        if native > 0.5 && (self.each(BUFFERS) > 0.2 || native > 0.8) {
            return Some((Pattern::Native, 0.9));
        }
        let strings = self.contents.strings as f64 / bytes;
        // One that becomes longer and longer, or many that hold bigger ones; not records with a string in them.
        let joined = self.member_kind == NodeKind::ConcatenatedString && self.cluster.count < 8;
        if strings > 0.6 && (joined || self.contents.parents as f64 / bytes > 0.5) {
            return Some((Pattern::Strings, 0.9));
        }
        if self.member == "Promise" && self.each(&["Promise"]) >= 0.5 && !self.is_settled() {
            return Some((Pattern::Promises, 0.9));
        }
        if self.settlers() >= 0.9 && self.each(&["Promise"]) >= 0.5 {
            return Some((Pattern::Promises, 0.85));
        }
        None
    }

    /// Whether objects of a class with such a name are Node's or a package's own, and not a program's class of that name.
    fn is_nodes(&self, names: &[&str]) -> bool {
        let is_own = |class: &Class| {
            class.place.is_some_and(|(script, ..)| {
                self.view.scripts.name(script).is_some_and(|file| {
                    let place = Place { file: file.to_owned(), line: 1, column: 1, function: None };
                    self.view.is_programs(&place)
                })
            })
        };
        let present = |class: &&Class| {
            names.contains(&class.name.as_str())
                && self.contents.classes.iter().any(|(name, ..)| *name == class.name)
        };
        self.view.classes.list().iter().filter(present).any(|class| !is_own(class))
    }

    /// Whether the promises have their values: then they are a cache's.
    fn is_settled(&self) -> bool {
        let graph = self.view.graph;
        let promises = self.cluster.members.iter().filter(|member| self.view.class(member.node) == "Promise");
        let (mut settled, mut all) = (0, 0);
        for member in promises.take(200) {
            all += 1;
            // One that is pending refers to what waits for it, or to nothing.
            let waits = |to: u32| self.view.name(to).starts_with("system / PromiseReaction");
            let has = graph.edges(member.node).any(|edge| {
                let to = graph.to(edge);
                let is_value =
                    !matches!(graph.kind(to), NodeKind::ObjectShape | NodeKind::Hidden | NodeKind::Code);
                let from_prototype = graph.edge_kind(edge) == EdgeKind::Property;
                is_value && !from_prototype && !waits(to) && self.view.ages[to as usize] != Age::Old
            });
            settled += usize::from(has);
        }
        settled * 2 > all
    }

    /// Whether the functions kept are those that settle a promise.
    fn settles(&self) -> bool {
        let is = |node: u32| {
            self.view.graph.kind(node) == NodeKind::Closure
                && self.view.name(node).is_empty()
                && self.view.place(node).is_none()
        };
        self.members(is) * 2 > self.cluster.members.len()
    }

    /// Functions without a place, which settle promises, for each member.
    fn settlers(&self) -> f64 {
        // `{ resolve, reject }`, whatever else is in it.
        let has = |node: u32| {
            let graph = self.view.graph;
            graph.edges(node).any(|edge| {
                graph.edge_kind(edge) == EdgeKind::Property && {
                    let to = graph.to(edge);
                    graph.kind(to) == NodeKind::Closure
                        && self.view.ages[to as usize] != Age::Old
                        && self.view.place(to).is_none()
                }
            })
        };
        let class = self.cluster.typical.map(|member| self.view.classes.number_of(member.node));
        let alike = |node: u32| {
            Some(self.view.classes.number_of(node)) == class && self.view.graph.kind(node) == NodeKind::Object
        };
        self.members(|node| alike(node) && has(node)) as f64 / self.count
    }

    fn by_container(&self) -> (Pattern, f64) {
        let view = self.view;
        let container = self.cluster.container;
        let is_users = self.is_users_class();
        if self.cluster.chain {
            return (Pattern::Instances, 0.85);
        }
        if view.graph.kind(container) == NodeKind::Synthetic {
            return (Pattern::Unknown, 0.5);
        }
        let name = view.name(container);
        match &*name {
            "Array" if self.story.direct => (Pattern::ModuleArrays, 0.95),
            "Map" | "WeakMap" => (Pattern::UnboundedCache, 0.95),
            "Set" | "WeakSet" | "Array" if is_users => (Pattern::Instances, 0.8),
            "Set" | "WeakSet" | "Array" => (Pattern::UnboundedCache, 0.9),
            // The entries of many an LRU cache are a list as well.
            _ if self.refer_to_each_other() && !self.is_dictionary() => (Pattern::Instances, 0.8),
            _ if self.cluster.count >= 8 && view.graph.kind(container) == NodeKind::Object => {
                (Pattern::UnboundedCache, 0.85)
            }
            _ if self.contents.strings * 2 > self.contents.bytes => (Pattern::Strings, 0.7),
            _ if is_users => (Pattern::Instances, 0.7),
            _ => (Pattern::Unknown, 0.5),
        }
    }

    /// Whether the container has most members under keys of their own.
    fn is_dictionary(&self) -> bool {
        let direct = targets(self.view, self.cluster.container);
        let found = self.members(|node| direct.contains(&node));
        found >= 8 && found * 2 * self.cluster.containers.len() > self.cluster.members.len()
    }

    /// Whether members are elements of a linked list.
    fn refer_to_each_other(&self) -> bool {
        let graph = self.view.graph;
        self.cluster.typical.is_some_and(|member| {
            let class = self.view.classes.number_of(member.node);
            graph.kind(member.node) == NodeKind::Object
                && graph.edges(member.node).any(|edge| {
                    let to = graph.to(edge);
                    to != member.node
                        && self.view.classes.number_of(to) == class
                        && self.view.ages[to as usize] != Age::Old
                })
        })
    }

    /// Whether what is kept are instances of a class of somebody's.
    fn is_users_class(&self) -> bool {
        let Some(member) = self.cluster.typical else { return false };
        let class = self.view.classes.of_node(member.node);
        // The constructor of a plain object is V8's own.
        class.place.is_some_and(|(script, ..)| {
            self.view.scripts.name(script).is_some_and(|file| !scripts::is_runtimes(file))
        })
    }
}
