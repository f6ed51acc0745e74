//! The path to growth, in words that a Node developer knows.

use serde::Serialize;

use super::super::growth::link;
use super::super::{EdgeKind, NodeKind, Place};
use super::View;
use super::anchors::{Anchor, export, key_of, start};
use super::cluster::Cluster;
use super::parts::{Part, is_context, parts};
use super::text::{clipped, grouped, short, size};

/// An object on the way from a root to what has grown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// How the object before refers to it: `variable bus`, `.data`, `[3]`.
    pub edge: String,
    /// What kind of reference that is.
    pub kind: StepKind,
    /// The name of the variable or property, where it has one.
    pub name: Option<String>,
    /// What it is: `EventEmitter`, `function handler`.
    pub node: String,
    /// Its id, 0 for a module.
    pub id: u32,
    /// Where it stands, if it is a function, or where its constructor does.
    pub place: Option<Place>,
}

/// A kind of reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Where a trace begins.
    Start,
    /// A variable of a module or a function.
    Variable,
    /// A property of an object.
    Property,
    /// An element of an array, or an entry of a map or set.
    Element,
    /// Something of V8's or Node's.
    Internal,
    /// From the container to what has grown.
    Growth,
}

/// A trace, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) steps: Vec<TraceStep>,
    /// What collects.
    pub(super) container: String,
    /// What the references on the way are called, from where the trace begins, V8's own storage left out.
    pub(super) labels: Vec<String>,
    /// The objects to which they lead.
    pub(super) nodes: Vec<u32>,
    /// The variable or property that refers to the container.
    pub(super) holder: Option<String>,
    /// The module where the trace begins.
    pub(super) file: Option<String>,
    /// Whether the container is itself a variable of a module, or a property of the global object.
    pub(super) direct: bool,
}

/// Tells of a cluster.
pub(super) fn story(view: &View<'_>, cluster: &Cluster) -> Story {
    let parts = parts(view, &view.paths.to(view.graph, cluster.container));
    let (start, anchor) = start(view, &parts, cluster.container);
    let mut steps = Vec::new();
    let mut file = None;
    match anchor {
        Anchor::Module(name) => {
            steps.push(begin(format!("module {}", short(&name)), None));
            file = Some(name);
        }
        Anchor::Global => steps.push(begin("global".to_owned(), None)),
        Anchor::Node(node) => {
            let place = view.place(node);
            file = place.as_ref().map(|place| place.file.clone());
            steps.push(TraceStep { id: view.graph.id(node), ..begin(thing(view, node), place) });
        }
    }
    for part in &parts[start..] {
        steps.push(step(view, part));
    }
    let holder =
        steps.iter().rev().filter(|step| step.kind != StepKind::Element).find_map(|step| step.name.clone());
    let told = &parts[start..];
    let labels = told.iter().map(|part| label(view, part).2.unwrap_or_default()).collect();
    let container = match view.graph.kind(cluster.container) {
        NodeKind::Synthetic => "open handles".to_owned(),
        _ => thing(view, cluster.container),
    };
    if let Some(member) = cluster.typical {
        steps.push(growth_step(view, cluster, member.node));
    }
    Story {
        steps,
        container,
        labels,
        nodes: told.iter().map(|part| part.to).collect(),
        holder,
        file,
        direct: parts.len() == start + 1
            && matches!(parts.last(), Some(part) if part.context.is_some() || part.cell.is_some()),
    }
}

/// A trace in one line.
#[must_use]
pub fn line(steps: &[TraceStep]) -> String {
    let words = |step: &TraceStep| {
        let named = |place: &&Place| place.function.is_some() || place.is_programs();
        let place = step.place.as_ref().filter(named);
        let place =
            place.map_or_else(String::new, |place| format!(" @ {}:{}", short(&place.file), place.line));
        match step.kind {
            StepKind::Start => format!("{}{place}", step.node),
            StepKind::Growth => format!("{} {}{place}", step.edge, step.node),
            _ => format!("{} ({}){place}", step.edge, step.node),
        }
    };
    steps.iter().map(words).collect::<Vec<_>>().join(" → ")
}

fn begin(node: String, place: Option<Place>) -> TraceStep {
    TraceStep { edge: String::new(), kind: StepKind::Start, name: None, node, id: 0, place }
}

fn step(view: &View<'_>, part: &Part) -> TraceStep {
    let (edge, kind, name) = label(view, part);
    let place = view.place(part.to);
    TraceStep { edge, kind, name, node: thing(view, part.to), id: view.graph.id(part.to), place }
}

/// How one object refers to another: in words, what kind of reference it is, and its name.
pub(super) fn label(view: &View<'_>, part: &Part) -> (String, StepKind, Option<String>) {
    let graph = view.graph;
    let text = || view.heap.snapshot.strings.text(graph.edge_name(part.edge)).into_owned();
    match graph.edge_kind(part.edge) {
        EdgeKind::Context => (format!("variable {}", text()), StepKind::Variable, Some(text())),
        EdgeKind::Property => {
            let name = text();
            match name.strip_prefix("<symbol ").and_then(|name| name.strip_suffix('>')) {
                Some(symbol) => (format!("[{symbol}]"), StepKind::Property, Some(symbol.to_owned())),
                None => (property(&name), StepKind::Property, Some(name)),
            }
        }
        EdgeKind::Element => (format!("[{}]", graph.edge_name(part.edge)), StepKind::Element, None),
        _ if part.cell.is_some() => {
            let name = part.cell.and_then(|cell| export(view, cell)).map(|(name, _)| name);
            let name = name.or_else(|| named(view, part.to));
            let words = name.as_ref().map_or_else(|| "import".to_owned(), |name| format!("export {name}"));
            (words, StepKind::Variable, name)
        }
        EdgeKind::Shortcut => ("global".to_owned(), StepKind::Internal, None),
        _ if part.stored.is_some() => {
            let (words, key) = entry(view, part);
            (words, StepKind::Element, key)
        }
        EdgeKind::Hidden => ("internal field".to_owned(), StepKind::Internal, None),
        _ => {
            let name = text();
            let words = match name.as_str() {
                "bound_this" => "bound this",
                "bound_function" => "bound function",
                "home_object" => "methods of",
                "reactions_or_result" => "waits for it",
                name if name.bytes().all(|byte| byte.is_ascii_digit()) => "handle",
                name => name,
            };
            (words.to_owned(), StepKind::Internal, None)
        }
    }
}

/// The name of a function.
fn named(view: &View<'_>, node: u32) -> Option<String> {
    (view.graph.kind(node) == NodeKind::Closure)
        .then(|| view.name(node).into_owned())
        .filter(|name| !name.is_empty())
}

/// A property as it would be written.
fn property(name: &str) -> String {
    let is_identifier = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_alphanumeric() || "_$#".contains(letter));
    if is_identifier { format!(".{name}") } else { format!("[\"{}\"]", clipped(name, 40)) }
}

/// An entry of a map or a set, in words, and its key if that is a string: in their tables a value is behind its key.
fn entry(view: &View<'_>, part: &Part) -> (String, Option<String>) {
    let graph = view.graph;
    let is_map = matches!(&*view.name(part.from), "Map" | "WeakMap");
    let key = part.stored.filter(|_| is_map).and_then(|storage| {
        let key = key_of(view, storage, part.edge)?;
        graph.kind(key).is_string().then(|| clipped(&view.name(key), 40))
    });
    (key.as_ref().map_or_else(|| "entry".to_owned(), |key| format!("entry \"{key}\"")), key)
}

/// What an object is.
pub(super) fn thing(view: &View<'_>, node: u32) -> String {
    match view.graph.kind(node) {
        NodeKind::Closure => {
            let name = view.name(node);
            if name.is_empty() { "function".to_owned() } else { format!("function {}", clipped(&name, 60)) }
        }
        NodeKind::String => format!("string \"{}\"", clipped(&view.name(node), 30)),
        NodeKind::ConcatenatedString => "concatenated string".to_owned(),
        NodeKind::SlicedString => "sliced string".to_owned(),
        NodeKind::Synthetic => view.name(node).trim_matches(['(', ')']).to_owned(),
        NodeKind::Object if is_context(view, node) => "variables".to_owned(),
        _ => clipped(view.class(node), 80),
    }
}

/// The step from the container to what has grown.
fn growth_step(view: &View<'_>, cluster: &Cluster, member: u32) -> TraceStep {
    let reference = link(view.graph, &view.owners, cluster.container, member);
    let named = reference.and_then(|(edge, storage)| {
        let part =
            Part { from: cluster.container, edge, to: member, context: None, stored: storage, cell: None };
        let (words, kind, name) = label(view, &part);
        // One of many properties is a key, and no name.
        let is_name = cluster.count <= 1 || kind == StepKind::Variable;
        name.filter(|_| is_name).map(|name| (words, name))
    });
    if let Some((edge, name)) = &named
        && cluster.count <= 1
    {
        let node = format!("{}, {} more", what_of(view, member), size(cluster.bytes));
        let (name, id) = (Some(name.clone()), view.graph.id(member));
        return TraceStep {
            edge: edge.clone(),
            kind: StepKind::Growth,
            name,
            node,
            id,
            place: view.place(member),
        };
    }
    let chain = if cluster.chain { ", in a chain" } else { "" };
    let each = cluster.bytes / cluster.count.max(1);
    let node = format!("{}, {} each{chain}", what_of(view, member), size(each));
    TraceStep {
        edge: format!("{} more", grouped(cluster.count)),
        kind: StepKind::Growth,
        name: named.map(|(_, name)| name).or_else(|| first_link(view, cluster, member)),
        node,
        id: view.graph.id(member),
        place: view.place(member),
    }
}

/// The property by which a list begins: of its head, or of its owner, that leads to an element.
fn first_link(view: &View<'_>, cluster: &Cluster, member: u32) -> Option<String> {
    let graph = view.graph;
    let leads = |&edge: &u32| {
        graph.edge_kind(edge) == EdgeKind::Property
            && view.classes.number_of(graph.to(edge)) == view.classes.number_of(member)
    };
    let edge =
        graph.edges(cluster.container).find(leads).filter(|_| graph.kind(member) == NodeKind::Object)?;
    let is_list = cluster.chain || graph.edges(member).any(|edge| leads(&edge));
    is_list.then(|| view.heap.snapshot.strings.text(graph.edge_name(edge)).into_owned())
}

/// What one of many objects is: without the text of a string.
pub(super) fn what_of(view: &View<'_>, member: u32) -> String {
    match view.graph.kind(member) {
        NodeKind::String => "string".to_owned(),
        NodeKind::Closure if view.name(member).is_empty() => "anonymous function".to_owned(),
        _ => thing(view, member),
    }
}
