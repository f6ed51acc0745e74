//! What a finding is called, what speaks for it, and what to do about it.

use super::super::NodeKind;
use super::View;
use super::allocations::Contents;
use super::cluster::Cluster;
use super::inside::parts_of;
use super::known::{LISTS_OF_LISTENERS, NODES_LISTS, REQUESTS};
use super::pattern::Pattern;
use super::text::{clipped, grouped, short, size};
use super::words::{Story, thing, what_of};

/// Everything there is to tell.
pub(super) struct Told<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) cluster: &'a Cluster,
    pub(super) story: &'a Story,
    pub(super) contents: &'a Contents,
    pub(super) pattern: Pattern,
}

impl Told<'_> {
    /// In one line.
    pub(super) fn title(&self) -> String {
        let count = grouped(self.cluster.count);
        let what = self.what();
        let holder = self.holder();
        if self.view.graph.kind(self.cluster.container) == NodeKind::Synthetic {
            return format!("{count} more {what}, which are open and so keep themselves");
        }
        if self.cluster.count <= 1
            && let Some(name) = self.story.steps.last().and_then(|step| step.name.as_ref())
        {
            let more = size(self.cluster.bytes);
            let file =
                self.story.file.as_ref().map_or_else(String::new, |file| format!(" in {}", short(file)));
            return format!("{} {}{file} keeps {more} more", self.single(), clipped(name, 40));
        }
        match self.pattern {
            Pattern::Listeners => {
                let event = self.event().map_or_else(String::new, |event| format!(" of '{event}'"));
                format!("{count} more listeners{event} on {holder}")
            }
            Pattern::Timers => format!("{count} more timers that are never cleared"),
            Pattern::Promises => {
                format!("{count} more {what} wait on {holder} for a promise that does not settle")
            }
            Pattern::Closures => {
                format!("{holder} keeps {count} more functions, with the variables around them")
            }
            Pattern::Native => format!("{holder} keeps {count} more {what}, most of it outside V8's heap"),
            Pattern::Strings => format!("{holder} keeps {count} more strings, with others behind them"),
            _ if self.cluster.containers.len() > 1 => {
                let containers = grouped(self.cluster.containers.len() as u64);
                format!("{containers} objects such as {holder} keep {count} more {what}")
            }
            _ => format!("{holder} keeps {count} more {what}"),
        }
    }

    /// What holds it: `Map cache in server.js`.
    fn holder(&self) -> String {
        let emitter = if self.pattern == Pattern::Listeners { self.emitter() } else { None };
        let mut text = emitter.unwrap_or_else(|| match &self.story.holder {
            Some(name) => format!("{} {}", self.story.container, clipped(name, 40)),
            None => self.story.container.clone(),
        });
        if let Some(file) = &self.story.file {
            text = format!("{text} in {}", short(file));
        }
        text
    }

    /// What a single thing is that keeps growing.
    fn single(&self) -> String {
        self.cluster.typical.map_or_else(String::new, |member| match self.view.graph.kind(member.node) {
            kind if kind.is_string() => "string".to_owned(),
            NodeKind::Closure => "function".to_owned(),
            _ => thing(self.view, member.node),
        })
    }

    /// What is kept, in one or two words.
    fn what(&self) -> String {
        self.cluster.typical.map_or_else(
            || "objects".to_owned(),
            |member| match self.view.graph.kind(member.node) {
                NodeKind::Object => format!("{} objects", clipped(self.view.class(member.node), 60)),
                NodeKind::Closure => "functions".to_owned(),
                NodeKind::Native => format!("{} (native)", clipped(self.view.class(member.node), 60)),
                kind if kind.is_string() => "strings".to_owned(),
                _ => what_of(self.view, member.node),
            },
        )
    }

    /// The emitter whose listeners these are, with the variable that it is.
    fn emitter(&self) -> Option<String> {
        let at = self.list_of_listeners()?;
        let Some(before) = at.checked_sub(1) else {
            // A variable of such a name is no emitter's.
            let is_nodes = NODES_LISTS.contains(&self.story.labels[at].as_str());
            return self.story.steps.first().filter(|_| is_nodes).map(|step| step.node.clone());
        };
        let node = *self.story.nodes.get(before)?;
        let name = self.story.labels.get(before).filter(|label| !label.is_empty());
        let thing = thing(self.view, node);
        Some(name.map_or_else(|| thing.clone(), |name| format!("{thing} {name}")))
    }

    /// Which of the labels is where an emitter or event target has its listeners.
    fn list_of_listeners(&self) -> Option<usize> {
        let among =
            |names: &[&str]| self.story.labels.iter().rposition(|label| names.contains(&label.as_str()));
        among(NODES_LISTS).or_else(|| among(LISTS_OF_LISTENERS))
    }

    /// The event, where it is one.
    fn event(&self) -> Option<&str> {
        let at = self.list_of_listeners()?;
        self.story.labels.get(at + 1).map(String::as_str).filter(|event| !event.is_empty())
    }

    /// In sentences.
    pub(super) fn evidence(&self, three: bool) -> Vec<String> {
        let cluster = self.cluster;
        let mut told = Vec::new();
        let objects = grouped(cluster.objects);
        let mut first = if three {
            format!(
                "{} in {objects} objects were made between the first two snapshots and are still there in the third",
                size(cluster.bytes)
            )
        } else {
            format!("{} in {objects} objects are new in the last snapshot", size(cluster.bytes))
        };
        if three && cluster.new_bytes > 0 {
            first = format!("{first}; {} more came after the second", size(cluster.new_bytes));
        }
        told.push(first + ".");
        if let Some(member) = cluster.typical {
            let parts: Vec<String> = parts_of(self.view, member.node, member.bytes / 20)
                .into_iter()
                .take(4)
                .map(|(name, node, bytes)| {
                    let what = if self.view.graph.kind(node).is_string() {
                        "string".into()
                    } else {
                        thing(self.view, node)
                    };
                    format!("{} ({what}, {})", clipped(&name, 40), size(bytes))
                })
                .collect();
            if !parts.is_empty() {
                told.push(format!(
                    "A typical {} keeps {}.",
                    what_of(self.view, member.node),
                    parts.join(", ")
                ));
            }
        }
        let (requests, bytes) = self.contents.of(REQUESTS);
        if requests * 2 >= cluster.count && self.pattern != Pattern::Requests {
            told.push(format!(
                "Among it are {} requests and responses ({}).",
                grouped(requests),
                size(bytes)
            ));
        }
        if self.contents.native > 0 {
            told.push(format!("{} of it is outside V8's heap.", size(self.contents.native)));
        }
        let others: Vec<String> = cluster
            .others
            .iter()
            .filter(|&&other| matches!(self.view.graph.kind(other), NodeKind::Object | NodeKind::Closure))
            .take(3)
            .map(|&other| thing(self.view, other))
            .collect();
        if !others.is_empty() && !cluster.chain {
            told.push(format!("Also held by {}.", others.join(", ")));
        }
        told
    }

    /// What to do.
    pub(super) fn fix(&self) -> String {
        if let Some(cache) = self.bounded() {
            return format!(
                "{cache} can have a bound: while it fills, this is no leak. See what it holds and may hold (`size`, `maxEntries`, \
                 `max`), and lower the bound if that is too much. Where it is full, or has none but a time to live, bound \
                 what its entries keep, or their number."
            );
        }
        let text = match self.pattern {
            Pattern::UnboundedCache => {
                "Give it a bound: plateau's `new BoundedCache({ maxEntries, ttl })` has a Map's methods. If entries belong \
                 to an object's lifetime, delete them when it ends, or use `WeakCache`."
            }
            Pattern::Listeners => {
                "Remove each listener when what it serves ends: `const events = trackListeners(emitter, { until: res })` and \
                 add it there, or `emitter.off(…)`, or `{ signal }`, or `once`."
            }
            Pattern::Closures => {
                "Remove each function from where it is kept when it is done, and let it refer only to what it needs. With \
                 plateau: `createScope({ until: res })` and `scope.defer(fn)`."
            }
            Pattern::Timers => {
                "Clear each timer when what it serves ends: `createScope({ until: res })` and `scope.setInterval(…)`, or \
                 `clearInterval`/`clearTimeout` on `close`."
            }
            Pattern::Promises => {
                "Let each wait end: with a timeout or a signal (`scope.waitFor(emitter, event, { timeout })`), and do not \
                 `Promise.race` against a promise that outlives the request."
            }
            Pattern::Streams => {
                "Destroy each stream on every path, errors and early returns included: `pipeline(…)`, or \
                 `createScope({ until: res })` and `scope.stream(…)`."
            }
            Pattern::Requests => {
                "Keep what you need of a request (id, URL, time), never the request or response: plateau's `BoundedLog` \
                 copies fields into a ring of fixed size."
            }
            Pattern::Sockets => {
                "Remove each socket when it closes, use one Agent for all requests, and end connections that do not \
                 answer: `superviseWebSockets` does for WebSockets."
            }
            Pattern::ModuleArrays => {
                "Give it a bound: plateau's `new BoundedLog({ maxEntries })` keeps the last ones; or shift the oldest out."
            }
            Pattern::Native => {
                "Bound it by bytes, not by entries: `new BoundedCache({ maxBytes })`, or `SharedCache`; and copy what you keep \
                 of a big Buffer, as a slice keeps all of it."
            }
            Pattern::Strings => {
                "Copy what you keep of a big string (`Buffer.from(part).toString()`, or JSON), since a slice keeps all of it; \
                 and write logs to a stream instead of joining them."
            }
            Pattern::Instances => {
                "Find who should let go of each instance, and do so when its use ends: delete it from its registry, unlink it \
                 from its list; or hold it weakly (`WeakCache`)."
            }
            Pattern::Unknown => "Follow the trace: the first object on it that is yours is where to let go.",
        };
        text.to_owned()
    }

    /// The class of the bounded cache that holds it, by its name: numbers such as a bound are in no snapshot.
    fn bounded(&self) -> Option<&str> {
        /// Of plateau, lru-cache, quick-lru, `lru_map` and @isaacs/ttlcache.
        const CLASSES: &[&str] =
            &["BoundedCache", "BoundedLog", "LRUCache", "QuickLRU", "LRUMap", "TTLCache"];
        let mut held = self.story.nodes.iter().map(|&node| self.view.class(node));
        held.find(|class| CLASSES.contains(class))
    }
}
