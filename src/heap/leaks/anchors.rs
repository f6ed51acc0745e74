//! Where a trace begins, and what modules export by which names.

use super::super::globals::is_global;
use super::super::ownership::ROOT;
use super::super::{EdgeKind, NodeKind};
use super::View;
use super::parts::{Part, is_context};
use super::text::clipped;

/// Where a trace begins.
pub(super) enum Anchor {
    Module(String),
    Global,
    Node(u32),
}

/// From where on a path says something: behind the last variable of a module, or the last property of the global object or
/// of `process`; else behind the last function's variable.
pub(super) fn start(view: &View<'_>, parts: &[Part], container: u32) -> (usize, Anchor) {
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
        if view.class(part.to) == "process" || is_global(view.class(part.to).as_bytes()) {
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
pub(super) fn anchor(view: &View<'_>, part: &Part) -> Option<Anchor> {
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
    if is_global(name.as_bytes()) {
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
pub(super) fn is_module(view: &View<'_>, context: u32) -> bool {
    let previous = view.heap.snapshot.strings.find("previous");
    let graph = view.graph;
    let outer = graph
        .edges(context)
        .find(|&edge| graph.edge_kind(edge) == EdgeKind::Internal && Some(graph.edge_name(edge)) == previous);
    outer.is_none_or(|edge| view.name(graph.to(edge)).starts_with("system / NativeContext"))
}

/// The script whose variables these are.
pub(super) fn file_of(view: &View<'_>, context: u32, function: u32) -> Option<String> {
    let of = |node: u32| (view.graph.kind(node) == NodeKind::Closure).then(|| view.place(node)).flatten();
    let place = of(function)
        .or_else(|| view.retainers.of_node(context).iter().take(256).find_map(|&holder| of(holder)))?;
    Some(place.file)
}

/// The name by which a module exports what is in a cell, and the variables of that module: its table of exports has names,
/// each with its cell behind it.
pub(super) fn export(view: &View<'_>, cell: u32) -> Option<(String, Option<u32>)> {
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
pub(super) fn key_of(view: &View<'_>, table: u32, value: u32) -> Option<u32> {
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
