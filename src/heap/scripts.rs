//! Where code comes from. A snapshot numbers scripts; their names are found at the functions of each.

use std::collections::HashMap;
use std::fmt;

use super::graph::Graph;
use super::kinds::{EdgeKind, NodeKind};
use super::snapshot::Snapshot;

/// The names of a snapshot's scripts.
#[derive(Debug, Default)]
pub struct Scripts {
    names: HashMap<u32, String>,
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// A path, or what V8 calls the script: `node:events`.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// The function that is there, where it has a name.
    pub function: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Place {
    /// Whether it is in Node itself.
    #[must_use]
    pub fn is_runtimes(&self) -> bool {
        is_runtimes(&self.file)
    }

    /// Whether it is in a package that the program uses.
    #[must_use]
    pub fn is_dependencys(&self) -> bool {
        self.file.contains("/node_modules/") || self.file.contains("\\node_modules\\")
    }

    /// Whether it is in the program itself.
    #[must_use]
    pub fn is_programs(&self) -> bool {
        !self.is_runtimes() && !self.is_dependencys() && !self.file.is_empty()
    }
}

/// Whether a script is Node's, Deno's, or V8's own.
pub(super) fn is_runtimes(file: &str) -> bool {
    ["node:", "ext:", "extensions::", "native ", "v8/"].iter().any(|prefix| file.starts_with(prefix))
        || file == "evalmachine.<anonymous>"
}

impl Scripts {
    /// Of a snapshot. Linear in its functions.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { graph, strings, .. } = snapshot;
        let mut names: HashMap<u32, String> = HashMap::new();
        let shared = strings.find("shared");
        // What V8 calls the edge has changed.
        let script = [strings.find("script"), strings.find("script_or_debug_info")];
        for location in &snapshot.locations {
            if graph.kind(location.node) != NodeKind::Closure || names.contains_key(&location.script) {
                continue;
            }
            let found = named(graph, location.node, &[shared])
                .and_then(|shared| named(graph, shared, &script))
                .filter(|&script| graph.kind(script) == NodeKind::Code)
                .map(|script| strings.text(graph.name(script)))
                .filter(|name| !name.is_empty());
            if let Some(name) = found {
                names.insert(location.script, path_of(&name));
            }
        }
        Self { names }
    }

    /// The name of a script, if it is known.
    #[must_use]
    pub fn name(&self, script: u32) -> Option<&str> {
        self.names.get(&script).map(String::as_str)
    }

    /// Where the function that a node is stands, or the constructor of the object.
    #[must_use]
    pub fn place(&self, snapshot: &Snapshot, node: u32) -> Option<Place> {
        let location = snapshot.location(node)?;
        let file = self.names.get(&location.script)?.clone();
        let function = (snapshot.graph.kind(node) == NodeKind::Closure)
            .then(|| snapshot.strings.text(snapshot.graph.name(node)).into_owned())
            .filter(|name| !name.is_empty());
        Some(Place { file, line: location.line + 1, column: location.column + 1, function })
    }
}

/// What a node's edge with one of these names leads to.
fn named(graph: &Graph, node: u32, names: &[Option<u32>]) -> Option<u32> {
    let is = |&edge: &u32| {
        graph.edge_kind(edge) == EdgeKind::Internal && names.contains(&Some(graph.edge_name(edge)))
    };
    graph.edges(node).find(is).map(|edge| graph.to(edge))
}

/// The path that a `file:` URL stands for; anything else as it is.
pub(super) fn path_of(name: &str) -> String {
    let Some(path) = name.strip_prefix("file://") else { return name.to_owned() };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let digits = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &more[2..] } else { more };
    }
    let path = String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned());
    // Of Windows: /C:/folder.
    let drive = path.as_bytes().get(1..3).is_some_and(|at| at[0].is_ascii_alphabetic() && at[1] == b':');
    if drive { path[1..].to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_files_are_paths() {
        for (name, path) in [
            ("file:///app/server.mjs", "/app/server.mjs"),
            ("file:///app/caf%C3%A9%20bar.mjs", "/app/café bar.mjs"),
            ("file:///C:/app/server.mjs", "C:/app/server.mjs"),
            ("/app/server.js", "/app/server.js"),
            ("node:events", "node:events"),
            ("file:///a%zz", "/a%zz"),
        ] {
            assert_eq!(path_of(name), path);
        }
    }
}
