//! `plateau heap`: looks at heap snapshots, each shown as text, JSON, a page or Markdown. Documented in `docs/heap.md`.

mod args;
mod build;
mod compare;
mod html;
mod kinds;
mod markdown;
mod reading;
mod redact;
mod report;
mod text;
mod trees;
mod words;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::output::{Output, complain, harmless, print_all};
use super::{CANNOT_JUDGE, FINE};
use crate::heap::looks::query::{Query, QueryError};
use crate::heap::looks::{self, Bounds, Looks, Subject, json};

pub(in crate::cli) use args::Heap as Arguments;
use args::{How, Look, One};
use report::Report;

/// Rows of a table, unless `--limit` says it.
const ROWS: usize = 20;
/// Holders at each step of a tree, unless `--limit` says it.
const WIDTH: usize = 5;
/// Of an object's holders, on the terminal, and where there is more room.
const SHORT: Bounds = Bounds { width: WIDTH, beside: 2, away: 2, most: 60 };
const LONG: Bounds = Bounds { width: WIDTH, beside: WIDTH, away: 8, most: 400 };
/// Of the default look: largest objects, and those with their holders on the page.
const FEW: usize = 8;

pub(super) fn run(args: &Arguments) -> i32 {
    let result = match &args.look {
        None => files(&args.files, &args.how),
        Some(Look::Summary(one)) => show(one, "summary", |looks, rows| {
            let found = looks::summary(looks, rows);
            Ok((build::summary(&found), json::summary(&found)))
        }),
        Some(Look::Largest(one)) => show(one, "largest", |looks, rows| {
            let found = looks::largest(looks, rows);
            Ok((build::largest(&found), json::largest(&found)))
        }),
        Some(Look::Retainers { subject, one }) => retainers(subject, one),
        Some(Look::Duplicates(one)) => show(one, "duplicates", |looks, rows| {
            let found = looks::duplicates(looks, rows);
            Ok((kinds::duplicates(&found), json::duplicates(&found)))
        }),
        Some(Look::Closures(one)) => show(one, "closures", |looks, rows| {
            let found = looks::closures(looks, rows);
            Ok((kinds::closures(&found), json::closures(&found)))
        }),
        Some(Look::Collections(one)) => show(one, "collections", |looks, rows| {
            let found = looks::collections(looks, rows);
            Ok((kinds::collections(&found), json::collections(&found)))
        }),
        Some(Look::Detached(one)) => show(one, "detached", |looks, rows| {
            let found = looks::detached(looks, rows);
            Ok((kinds::detached(&found), json::detached(&found)))
        }),
        Some(Look::Query { query, one }) => ask(query, one),
        Some(Look::Redact { file, copy, overwrite }) => redact::run(file, copy, *overwrite),
    };
    match result {
        Ok(()) => FINE,
        Err(reason) => {
            complain(&format!("plateau: {}", reason.lines().map(harmless).collect::<Vec<_>>().join("\n")));
            CANNOT_JUDGE
        }
    }
}

/// Without a look: of one file what is in it, of several what has grown.
fn files(files: &[PathBuf], how: &How) -> Result<(), String> {
    if let [file] = files {
        return overview(file, how);
    }
    compare::run(files, how)
}

fn overview(file: &Path, how: &How) -> Result<(), String> {
    let heap = reading::heap(file)?;
    let looks = Looks::at(&heap);
    let rows = how.limit.map(|limit| limit as usize);
    let summary = looks::summary(&looks, rows.unwrap_or(ROWS));
    let largest = looks::largest(&looks, rows.unwrap_or(FEW));
    let trees = if how.format.html.is_some() {
        let nodes: std::collections::HashMap<u32, u32> = {
            let graph = &heap.snapshot.graph;
            let wanted: Vec<u32> = largest.objects.iter().take(FEW).map(|large| large.object.id).collect();
            graph
                .nodes()
                .filter(|&node| wanted.contains(&graph.id(node)))
                .map(|node| (graph.id(node), node))
                .collect()
        };
        let of = |large: &looks::Large| {
            let node = *nodes.get(&large.object.id)?;
            let held = looks::held(&looks, node, LONG);
            let title = format!("Who holds {} @{}", words::label(&large.object), large.object.id);
            Some((title, trees::tree(&held)))
        };
        largest.objects.iter().take(FEW).filter_map(of).collect()
    } else {
        Vec::new()
    };
    let body = serde_json::json!({ "summary": json::summary(&summary), "largest": json::largest(&largest) });
    let report = build::overview(build::summary(&summary), build::largest(&largest), trees);
    write("overview", file, how, report, body)
}

fn retainers(subject: &str, one: &One) -> Result<(), String> {
    let heap = reading::heap(&one.file)?;
    let looks = Looks::at(&heap);
    let width = one.how.limit.map_or(WIDTH, |limit| limit as usize);
    let subject =
        Subject::find(&looks, subject).map_err(|error| format!("{}: {error}", reading::name(&one.file)))?;
    let (report, body) = match subject {
        Subject::Object(node) => {
            let found = looks::held(&looks, node, Bounds { width, ..LONG });
            let report = if one.how.format.html.is_some() {
                trees::held(&found)
            } else {
                trees::held(&looks::held(&looks, node, Bounds { width, ..SHORT }))
            };
            (report, json::held(&found))
        }
        Subject::Class(name, nodes) => {
            let found = looks::holders(&looks, &name, &nodes, width);
            (trees::holding(&found), json::holding(&found))
        }
    };
    write("retainers", &one.file, &one.how, report, body)
}

fn ask(text: &str, one: &One) -> Result<(), String> {
    // Before a big file is read.
    let query = Query::parse(text).map_err(|error| point_at(text, &error))?;
    show(one, "query", |looks, rows| {
        let found = query.run(looks, rows);
        Ok((build::query(&found, text), json::query(&found, text)))
    })
}

/// The error, and below it where it is.
fn point_at(text: &str, error: &QueryError) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{error}\n  {line}\n  {}^", " ".repeat(error.at))
}

fn show(
    one: &One,
    name: &str,
    look: impl FnOnce(&Looks<'_>, usize) -> Result<(Report, Value), String>,
) -> Result<(), String> {
    let heap = reading::heap(&one.file)?;
    let rows = one.how.limit.map_or(ROWS, |limit| limit as usize);
    let (report, body) = look(&Looks::at(&heap), rows)?;
    write(name, &one.file, &one.how, report, body)
}

/// Shows a look in the way that was asked for.
fn write(name: &str, file: &Path, how: &How, mut report: Report, body: Value) -> Result<(), String> {
    let output = Output::new(&how.format);
    report.subject = reading::name(file);
    let text = if output.json {
        json::document(name, &report.subject, body)
    } else if how.markdown {
        markdown::render(&report)
    } else {
        text::render(&report, &output)
    };
    output.write_page(|| html::render(&report))?;
    print_all(&text).map_err(|error| format!("the standard output cannot be written: {error}"))
}
