//! `plateau heap <first> <second> [<third>]`: what has grown from one snapshot to another.

use std::path::{Path, PathBuf};

use super::args::How;
use super::report::{Block, Branch, Column, Grid, Report, Row};
use super::words::{count, percent};
use super::{ROWS, reading, write};
use crate::heap::leaks::{Comparison, Finding, Options, StepKind, Total, TraceStep, compare};
use crate::heap::{HeapError, Ids};
use crate::memory::bytes;

pub(super) fn run(files: &[PathBuf], how: &How) -> Result<(), String> {
    let Some((last, earlier)) = files.split_last() else { return Err("no file was given".into()) };
    let (mut ids, mut totals) = (Vec::new(), Vec::new());
    // One after the other: of the earlier ones little is kept.
    for file in earlier {
        let snapshot = reading::snapshot(file)?;
        totals.push(Total::of(&snapshot));
        ids.push(Ids::of(&snapshot));
    }
    let options = Options { limit: how.limit.map_or(ROWS, |limit| limit as usize), roots: Vec::new() };
    let (heap, total) = reading::heap_with(last, Total::of)?;
    totals.push(total);
    let found = reading::shown(last, "comparing", |progress| match ids.as_slice() {
        [first] => compare(first, None, &heap, &options, progress),
        [first, second, ..] => compare(first, Some(second), &heap, &options, progress),
        [] => Err(HeapError::Aborted),
    })?;
    let report = report(&found, &totals);
    let mut body = found.to_json(&totals);
    body["files"] = files.iter().map(|file| reading::name(file)).collect();
    let subject: Vec<String> = files.iter().map(|file| reading::name(file)).collect();
    write("compare", Path::new(&subject.join(" → ")), how, report, body)
}

fn report(found: &Comparison, totals: &[Total]) -> Report {
    let words = |total: &Total| format!("{} in {} objects", bytes(total.bytes as f64), count(total.objects));
    let heaps = totals.iter().map(words).collect::<Vec<_>>().join(" → ");
    let mut blocks = vec![
        Block::Note(heaps),
        Block::Note(format!(
            "{} have come and stayed{}; V8's own (code, hidden classes) besides: {}",
            bytes(found.grown_bytes as f64),
            if totals.len() > 2 { " until the last" } else { "" },
            bytes(found.noise_bytes as f64),
        )),
    ];
    if totals.len() == 2 {
        blocks.push(Block::Note(
            "Of two snapshots nobody knows what is only passing: a third, after the same load again, would tell.".into(),
        ));
    }
    if found.findings.is_empty() {
        blocks.push(Block::Heading("Nothing collects anywhere".into()));
    }
    for (at, finding) in found.findings.iter().enumerate() {
        blocks.push(Block::Heading(format!("{}. {}", at + 1, finding.title)));
        blocks.extend(about(finding, found.grown_bytes));
    }
    if !found.classes.is_empty() {
        let rows = found
            .classes
            .iter()
            .take(ROWS)
            .map(|class| Row::of([count(class.count), bytes(class.bytes as f64), class.name.clone()]));
        blocks.push(Block::Heading("Classes, by their growth".into()));
        blocks.push(Block::Table(Grid {
            columns: vec![Column::Number("objects"), Column::Number("self"), Column::Text("class")],
            rows: rows.collect(),
        }));
    }
    let drawn = found
        .findings
        .iter()
        .map(|finding| (finding.title.clone(), finding.bytes as f64, bytes(finding.bytes as f64)));
    let more = vec![Block::Heading("Growth by place".into()), Block::Bars(drawn.collect())];
    Report { title: "What has grown".into(), blocks, more, ..Report::default() }
}

fn about(finding: &Finding, whole: u64) -> Vec<Block> {
    let place = finding.places.first().map_or_else(String::new, |place| format!(", {place}"));
    let mut blocks = vec![Block::Note(format!(
        "{} ({:.0} % sure): {}, {} of all growth{place}",
        finding.pattern.as_str(),
        100.0 * finding.confidence,
        bytes(finding.bytes as f64),
        percent(finding.bytes, whole),
    ))];
    blocks.push(Block::Tree(branch(&finding.trace).into_iter().collect()));
    blocks.extend(finding.evidence.iter().map(|told| Block::Note(told.clone())));
    blocks.push(Block::Note(finding.fix.clone()));
    blocks
}

/// A trace, each step below the one before.
fn branch(trace: &[TraceStep]) -> Option<Branch> {
    let (step, rest) = trace.split_first()?;
    let text = match step.kind {
        StepKind::Start => step.node.clone(),
        StepKind::Growth => format!("{} {}", step.edge, step.node),
        _ => format!("{}: {}", step.edge, step.node),
    };
    let aside = step
        .place
        .as_ref()
        .filter(|place| !place.is_runtimes())
        .map_or_else(String::new, ToString::to_string);
    let strong = matches!(step.kind, StepKind::Growth);
    Some(Branch { text, aside, strong, branches: branch(rest).into_iter().collect() })
}
