//! The path to growth, in words that a Node developer knows.

use serde::Serialize;

use super::super::graph::{kind_of, to_of};
use super::super::growth::{is_storage, link};
use super::super::ownership::ROOT;
use super::super::{EdgeKind, NodeKind, Place, Step};
use super::View;
use super::cluster::Cluster;

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

/// A reference between two objects of a program's, whatever of V8's is between.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: u32,
    edge: u32,
    to: u32,
    /// The variables among which it is one.
    context: Option<u32>,
    /// Through the storage of the object before.
    stored: Option<u32>,
    /// From a module's variables to what it imports or exports: the cell that modules share.
    cell: Option<u32>,
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

/// Where a trace begins.
enum Anchor {
    Module(String),
    Global,
    Node(u32),
}

/// From where on a path says something: behind the last variable of a module, or the last property of the global object or
/// of `process`; else behind the last function's variable.
fn start(view: &View<'_>, parts: &[Part], container: u32) -> (usize, Anchor) {
    /// Longer than this nobody reads.
    const MOST: usize = 9;
    let last = parts.last().map_or(ROOT, |part| part.to);
    if is_context(view, container)
        && is_module(view, container)
        && let Some(file) = file_of(view, container, last)
    {
        return (parts.len(), Anchor::Module(file));
    }
    let from = parts.len().saturating_sub(MOST);
    for (at, part) in parts.iter().enumerate().skip(from).rev() {
        // Everybody knows these, and nobody cares by which of the runtime's variables.
        if matches!(view.class(part.to), "process" | "global") {
            return (at + 1, Anchor::Node(part.to));
        }
        if let Some(anchor) = anchor(view, part) {
            return (at, anchor);
        }
    }
    let variable = parts.iter().rposition(|part| part.context.is_some());
    let at = variable.unwrap_or_else(|| parts.len().saturating_sub(4)).max(from);
    let node = parts.get(at).map_or(container, |part| part.from);
    (at, Anchor::Node(node))
}

/// What a reference is a variable or an export of.
fn anchor(view: &View<'_>, part: &Part) -> Option<Anchor> {
    if let Some(context) = part.context.filter(|&context| is_module(view, context)) {
        return file_of(view, context, part.from).map(Anchor::Module);
    }
    if let Some(cell) = part.cell {
        let exporter = export(view, cell).and_then(|(_, variables)| file_of(view, variables?, variables?));
        let of = |node| view.place(node).map(|place| place.file);
        // Of a function its own module rather than the one that imports it.
        let function = (view.graph.kind(part.to) == NodeKind::Closure).then(|| of(part.to)).flatten();
        return exporter.or(function).or_else(|| of(part.from)).map(Anchor::Module);
    }
    if view.graph.kind(part.from) != NodeKind::Object || view.graph.edge_kind(part.edge) != EdgeKind::Property
    {
        return None;
    }
    let name = view.name(part.from);
    if name.starts_with("global") {
        return Some(Anchor::Global);
    }
    let strings = &view.heap.snapshot.strings;
    if name == "Module" && strings.raw(view.graph.edge_name(part.edge)) == b"exports" {
        let file = view.graph.edges(part.from).find(|&edge| {
            view.graph.edge_kind(edge) == EdgeKind::Property
                && strings.raw(view.graph.edge_name(edge)) == b"filename"
        })?;
        let file = view.graph.to(file);
        return view.graph.kind(file).is_string().then(|| Anchor::Module(view.name(file).into_owned()));
    }
    None
}

/// Whether variables are a module's: outside of them there is only what is global.
fn is_module(view: &View<'_>, context: u32) -> bool {
    let previous = view.heap.snapshot.strings.find("previous");
    let graph = view.graph;
    let outer = graph
        .edges(context)
        .find(|&edge| graph.edge_kind(edge) == EdgeKind::Internal && Some(graph.edge_name(edge)) == previous);
    outer.is_none_or(|edge| view.name(graph.to(edge)).starts_with("system / NativeContext"))
}

/// The script whose variables these are.
fn file_of(view: &View<'_>, context: u32, function: u32) -> Option<String> {
    let of = |node: u32| (view.graph.kind(node) == NodeKind::Closure).then(|| view.place(node)).flatten();
    let place = of(function)
        .or_else(|| view.retainers.of_node(context).iter().take(256).find_map(|&holder| of(holder)))?;
    Some(place.file)
}

/// A path without what is V8's own between the objects.
fn parts(view: &View<'_>, path: &[Step]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut from, mut context, mut stored, mut cell) = (ROOT, None, None, None);
    for step in path {
        let to = step.to;
        if view.graph.kind(to) == NodeKind::Synthetic {
            from = to;
        } else if is_context(view, to) {
            context = Some(to);
        } else if is_storage(view.graph, to) {
            if view.name(to) == "system / Cell" {
                cell = Some(to);
            }
            stored = Some(to);
        } else {
            let variable = context.filter(|&context| context == step.from);
            parts.push(Part {
                from,
                edge: step.edge,
                to,
                context: variable,
                stored: stored.take(),
                cell: cell.take(),
            });
            (from, context) = (to, None);
        }
    }
    parts
}

pub(super) fn is_context(view: &View<'_>, node: u32) -> bool {
    view.graph.kind(node) == NodeKind::Object && view.name(node) == "system / Context"
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
fn label(view: &View<'_>, part: &Part) -> (String, StepKind, Option<String>) {
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

/// The name by which a module exports what is in a cell, and the variables of that module: its table of exports has names,
/// each with its cell behind it.
fn export(view: &View<'_>, cell: u32) -> Option<(String, Option<u32>)> {
    let graph = view.graph;
    view.retainers.of_node(cell).iter().filter(|&&table| graph.kind(table) == NodeKind::Array).find_map(
        |&table| {
            let edge = graph.edges(table).find(|&edge| graph.to(edge) == cell)?;
            let name = key_of(view, table, edge).filter(|&key| graph.kind(key).is_string())?;
            let modules = view.retainers.of_node(table).iter();
            let module = modules.copied().find(|&module| view.name(module) == "system / SourceTextModule")?;
            let variables =
                view.retainers.of_node(module).iter().copied().find(|&holder| is_context(view, holder));
            Some((clipped(&view.name(name), 60), variables))
        },
    )
}

/// What is before a value in a table of V8's, which numbers its edges, by hidden ones or by numbers for names.
fn key_of(view: &View<'_>, table: u32, value: u32) -> Option<u32> {
    let graph = view.graph;
    let place = |edge: u32| -> Option<u32> {
        if graph.edge_kind(edge).is_numbered() {
            return Some(graph.edge_name(edge));
        }
        view.heap.snapshot.strings.text(graph.edge_name(edge)).parse().ok()
    };
    let before = place(value)?.checked_sub(1)?;
    graph.edges(table).find(|&edge| place(edge) == Some(before)).map(|edge| graph.to(edge))
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

/// Where the functions stand that only an object keeps, those next to it first; the runtime's own left out.
pub(super) fn functions_of(view: &View<'_>, node: u32) -> Vec<Place> {
    /// More than any listener or timer has around it.
    const MOST: usize = 400;
    let (mut places, mut open, mut at) = (Vec::new(), vec![node], 0);
    while let Some(&next) = open.get(at).filter(|_| at < MOST) {
        at += 1;
        if view.graph.kind(next) == NodeKind::Closure {
            places.extend(view.place(next).filter(|place| !place.is_runtimes()));
        }
        // One list may be followed by another of the same.
        let inside = view.children().of_node(next).iter();
        open.extend(inside.filter(|&&to| {
            view.classes.number_of(to) != view.classes.number_of(node)
                || view.graph.kind(to) == NodeKind::Closure
        }));
    }
    places
}

/// What an object refers to that nothing else does, biggest first: the name of the reference, what it is, bytes.
pub(super) fn parts_of(view: &View<'_>, node: u32) -> Vec<(String, u32, u64)> {
    let graph = view.graph;
    let mut found = Vec::new();
    let mut open = vec![(node, 0)];
    while let Some((at, depth)) = open.pop() {
        for (edge, &word) in graph.edges(at).zip(graph.words(at)) {
            let to = to_of(word);
            if kind_of(word) == EdgeKind::Weak || view.dominator(to) != at && view.dominator(to) != node {
                continue;
            }
            if depth < 3 && (is_context(view, to) || is_storage(graph, to)) {
                open.push((to, depth + 1));
            } else if !matches!(
                graph.kind(to),
                NodeKind::Code | NodeKind::ObjectShape | NodeKind::Number | NodeKind::Hidden
            ) && view.classes.number_of(to) != view.classes.number_of(node)
            {
                let part = Part {
                    from: at,
                    edge,
                    to,
                    context: None,
                    stored: (at != node).then_some(at),
                    cell: None,
                };
                let (words, _, name) = label(view, &part);
                found.push((name.unwrap_or(words), to, view.heap.retained[to as usize]));
            }
        }
    }
    found.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    found.dedup_by_key(|part| part.1);
    found
}

/// The last two parts of a path: what tells a file from another without taking a line.
pub(super) fn short(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    if file.starts_with("node:") {
        return file.to_owned();
    }
    if let Some(at) = parts.iter().rposition(|&part| part == "node_modules") {
        return parts[at + 1..].join("/");
    }
    parts.last().map_or_else(String::new, |&last| last.to_owned())
}

/// The beginning of a text, in one line.
pub(super) fn clipped(text: &str, most: usize) -> String {
    let mut clipped: String =
        text.chars().take(most).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(most).is_some() {
        clipped.push('…');
    }
    clipped
}

/// A number as people write it.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as people write them.
pub(super) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes < 1_000.0 => format!("{bytes:.0} B"),
        _ if bytes < 100_000.0 => format!("{:.1} kB", bytes / 1e3),
        _ if bytes < 1e6 => format!("{:.0} kB", bytes / 1e3),
        _ if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}
