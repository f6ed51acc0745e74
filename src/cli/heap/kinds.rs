//! Reports of what is looked at kind by kind: what is there twice, functions, collections, what is detached.

use super::report::{Block, Column, Grid, Report, Row};
use super::words::{self, count, path};
use crate::heap::looks::{Bucket, Closures, Collections, DetachedNodes, Duplicate, Duplicates, Variable};
use crate::memory::bytes;

pub(super) fn duplicates(found: &Duplicates) -> Report {
    let grid = |list: &[Duplicate], what: &'static str| {
        let row = |one: &Duplicate| {
            let cut = if one.cut { " (V8 shows the beginning only: they may differ after it)" } else { "" };
            let mut row = Row::of([
                bytes(one.wasted as f64),
                count(one.count),
                bytes(one.size as f64),
                format!("@{}", one.example),
                format!("{}{cut}", one.content),
            ]);
            row.below = vec![path(&one.path)];
            row.below.retain(|line| !line.is_empty());
            row
        };
        Grid {
            columns: vec![
                Column::Number("wasted"),
                Column::Number("copies"),
                Column::Number("each"),
                Column::Number("for example"),
                Column::Text(what),
            ],
            rows: list.iter().map(row).collect(),
        }
    };
    let mut blocks = Vec::new();
    for (list, groups, wasted, name, column) in [
        (&found.strings, found.string_groups, found.string_bytes, "Strings", "string"),
        (&found.arrays, found.array_groups, found.array_bytes, "Arrays", "array"),
    ] {
        blocks.push(Block::Heading(format!(
            "{name} that are there more than once: {}, of which the copies take {}",
            count(groups),
            bytes(wasted as f64)
        )));
        if !list.is_empty() {
            blocks.push(Block::Table(grid(list, column)));
        }
    }
    blocks.push(Block::Note(
        "What is in a buffer a snapshot does not say; of arrays, those with numbers or holes are not compared.".into(),
    ));
    Report { title: "Duplicates".into(), blocks, ..Report::default() }
}

pub(super) fn closures(found: &Closures) -> Report {
    let rows = found.list.iter().map(|site| {
        let mut row = Row::of([
            bytes(site.retained as f64),
            count(site.count),
            bytes(site.size as f64),
            format!("@{}", site.example),
            if site.name.is_empty() { "(anonymous)".into() } else { site.name.clone() },
            words::place(site.place.as_ref()),
        ]);
        let held = |variable: &Variable| {
            let value = &variable.value;
            format!("{}: {} ({})", variable.name, words::label(value), bytes(value.retained as f64))
        };
        if !site.variables.is_empty() {
            let list: Vec<String> = site.variables.iter().map(held).collect();
            row.below.push(format!("variables {}", list.join(", ")));
        }
        row
    });
    let grid = Grid {
        columns: vec![
            Column::Number("retained"),
            Column::Number("functions"),
            Column::Number("self"),
            Column::Number("for example"),
            Column::Text("function"),
            Column::Text("place"),
        ],
        rows: rows.collect(),
    };
    let note = format!(
        "{} functions from {} places, {}",
        count(found.count),
        count(found.sites),
        bytes(found.size as f64)
    );
    let blocks = vec![Block::Note(note), Block::Table(grid)];
    Report { title: "Functions by place".into(), blocks, ..Report::default() }
}

pub(super) fn collections(found: &Collections) -> Report {
    let mut blocks = Vec::new();
    for spread in found.spreads.iter().filter(|spread| spread.count > 0) {
        blocks.push(Block::Heading(format!(
            "{}: {} with {} entries, {}{}",
            words::collections(spread.kind),
            count(spread.count),
            count(spread.entries),
            bytes(spread.size as f64),
            if spread.empty_size > 0 {
                format!(", of which {} are those that are empty", bytes(spread.empty_size as f64))
            } else {
                String::new()
            }
        )));
        let bar = |bucket: &Bucket| {
            let range = match (bucket.from, bucket.to) {
                (0, _) => "empty".to_owned(),
                (from, u64::MAX) => format!("{} and more", count(from)),
                (from, to) if from == to => count(from),
                (from, to) => format!("{} to {}", count(from), count(to)),
            };
            let words = format!("{}, {}", count(bucket.count), bytes(bucket.size as f64));
            (range, bucket.count as f64, words)
        };
        blocks.push(Block::Bars(spread.buckets.iter().map(bar).collect()));
    }
    let rows = found.biggest.iter().map(|one| {
        let mut row = Row::of([
            format!("{}{}", if one.exact { "" } else { "up to " }, count(one.entries)),
            bytes(one.object.retained as f64),
            bytes(one.object.size as f64),
            format!("@{}", one.object.id),
            words::label(&one.object),
            one.of.clone().unwrap_or_default(),
        ]);
        row.below = vec![path(&one.path)];
        row.below.retain(|line| !line.is_empty());
        row
    });
    blocks.push(Block::Heading("The biggest".into()));
    blocks.push(Block::Table(Grid {
        columns: vec![
            Column::Number("entries"),
            Column::Number("retained"),
            Column::Number("self"),
            Column::Number("id"),
            Column::Text("object"),
            Column::Text("mostly of"),
        ],
        rows: rows.collect(),
    }));
    Report { title: "Collections".into(), blocks, ..Report::default() }
}

pub(super) fn detached(found: &DetachedNodes) -> Report {
    let title = "Detached objects".to_owned();
    if !found.known {
        let note = "The snapshot does not say what is detached: those of pages do, and those of newer versions of Node.";
        return Report { title, blocks: vec![Block::Note(note.into())], ..Report::default() };
    }
    let rows = found.classes.iter().map(|class| {
        let mut row = Row::of([
            class.name.clone(),
            count(class.count),
            bytes(class.size as f64),
            bytes(class.retained as f64),
            format!("@{}", class.example.id),
        ]);
        row.below = vec![path(&class.path)];
        row.below.retain(|line| !line.is_empty());
        row
    });
    let grid = Grid {
        columns: vec![
            Column::Text("class"),
            Column::Number("objects"),
            Column::Number("self"),
            Column::Number("retained"),
            Column::Number("for example"),
        ],
        rows: rows.collect(),
    };
    let note = format!("{} objects, which retain {}", count(found.count), bytes(found.retained as f64));
    Report { title, blocks: vec![Block::Note(note), Block::Table(grid)], ..Report::default() }
}
