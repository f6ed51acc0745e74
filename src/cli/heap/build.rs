//! From what a look finds to a report.

use super::report::{Block, Branch, Column, Grid, Report, Row};
use super::words::{self, count, path, percent, steps};
use crate::heap::looks::query::Found;
use crate::heap::looks::{Category, ClassRow, Large, Largest, Object, Summary};
use crate::memory::bytes;

/// Classes that are drawn.
const DRAWN: usize = 10;

pub(super) fn summary(found: &Summary) -> Report {
    let mut blocks = vec![Block::Note(format!(
        "{} objects, {} references, {}{}",
        count(found.objects),
        count(found.references),
        bytes(found.bytes as f64),
        if found.extra_native_bytes > 0 {
            format!(
                ", and {} of native memory that no object stands for",
                bytes(found.extra_native_bytes as f64)
            )
        } else {
            String::new()
        }
    ))];
    let bars = found.parts.iter().filter(|part| part.bytes > 0).map(|part| {
        let size = bytes(part.bytes as f64);
        let words = format!("{size}, {}, {} of them", percent(part.bytes, found.bytes), count(part.count));
        (category(part.category).to_owned(), part.bytes as f64, words)
    });
    blocks.push(Block::Bars(bars.collect()));
    blocks.push(Block::Heading("Classes, by what their objects retain".into()));
    blocks.push(Block::Table(classes(&found.classes, found.bytes)));
    if found.more_classes > 0 {
        blocks
            .push(Block::Note(format!("and {} more classes: --limit shows more", count(found.more_classes))));
    }
    if !found.own.is_empty() {
        blocks.push(Block::Heading("V8's own".into()));
        blocks.push(Block::Table(classes(&found.own, found.bytes)));
    }
    let drawn = found
        .classes
        .iter()
        .take(DRAWN)
        .map(|class| (class.name.clone(), class.retained as f64, bytes(class.retained as f64)));
    let more = vec![Block::Heading("Classes that retain most".into()), Block::Bars(drawn.collect())];
    Report { title: "Heap summary".into(), blocks, more, ..Report::default() }
}

const fn category(category: Category) -> &'static str {
    match category {
        Category::Objects => "objects and their storage",
        Category::Strings => "strings",
        Category::Functions => "functions",
        Category::Native => "native and buffers",
        Category::Code => "code",
        Category::System => "V8's own",
    }
}

fn classes(list: &[ClassRow], all: u64) -> Grid {
    let row = |class: &ClassRow| {
        Row::of([
            class.name.clone(),
            count(class.count),
            bytes(class.size as f64),
            bytes(class.retained as f64),
            percent(class.retained, all),
            steps(class.distance),
            words::place(class.place.as_ref()),
        ])
    };
    Grid {
        columns: vec![
            Column::Text("class"),
            Column::Number("objects"),
            Column::Number("self"),
            Column::Number("retained"),
            Column::Number("share"),
            Column::Number("distance"),
            Column::Text("constructor"),
        ],
        rows: list.iter().map(row).collect(),
    }
}

pub(super) fn largest(found: &Largest) -> Report {
    let row = |large: &Large| {
        let shares = large
            .shares
            .iter()
            .map(|share| format!("{} × {} ({})", count(share.count), share.class, bytes(share.size as f64)));
        let mut row = Row::of([
            words::label(&large.object),
            format!("@{}", large.object.id),
            bytes(large.object.retained as f64),
            percent(large.object.retained, found.bytes),
            bytes(large.object.size as f64),
            count(large.keeps),
        ]);
        row.below = vec![path(&large.path), format!("keeps {}", shares.collect::<Vec<_>>().join(", "))];
        row.below.retain(|line| !line.is_empty());
        row
    };
    let grid = Grid {
        columns: vec![
            Column::Text("object"),
            Column::Number("id"),
            Column::Number("retained"),
            Column::Number("share"),
            Column::Number("self"),
            Column::Number("keeps objects"),
        ],
        rows: found.objects.iter().map(row).collect(),
    };
    let drawn = found.objects.iter().map(|large| {
        let label = format!("{} @{}", words::label(&large.object), large.object.id);
        (label, large.object.retained as f64, bytes(large.object.retained as f64))
    });
    Report {
        title: "Largest objects".into(),
        more: vec![Block::Bars(drawn.take(DRAWN).collect())],
        blocks: vec![
            Block::Note("By what would be freed with each; none of them is within another.".into()),
            Block::Table(grid),
        ],
        ..Report::default()
    }
}

pub(super) fn query(found: &Found, text: &str) -> Report {
    let note = format!(
        "{} objects, {} of their own; they retain {}",
        count(found.count),
        bytes(found.size as f64),
        bytes(found.retained as f64)
    );
    let mut blocks = vec![Block::Note(note)];
    if !found.objects.is_empty() {
        blocks.push(Block::Table(objects(&found.objects)));
    }
    Report { title: format!("Query: {text}"), blocks, ..Report::default() }
}

/// A table of objects.
pub(super) fn objects(list: &[Object]) -> Grid {
    let row = |object: &Object| {
        Row::of([
            format!("@{}", object.id),
            bytes(object.retained as f64),
            bytes(object.size as f64),
            steps(object.distance),
            count(object.edges),
            words::label(object),
            words::place(object.place.as_ref()),
        ])
    };
    Grid {
        columns: vec![
            Column::Number("id"),
            Column::Number("retained"),
            Column::Number("self"),
            Column::Number("distance"),
            Column::Number("edges"),
            Column::Text("object"),
            Column::Text("place"),
        ],
        rows: list.iter().map(row).collect(),
    }
}

/// Both of the default look.
pub(super) fn overview(summary: Report, largest: Report, trees: Vec<(String, Branch)>) -> Report {
    let mut blocks = summary.blocks;
    blocks.push(Block::Heading(largest.title));
    blocks.extend(largest.blocks);
    let mut more = summary.more;
    for (title, tree) in trees {
        more.push(Block::Heading(title));
        more.push(Block::Tree(vec![tree]));
    }
    Report { title: "Heap snapshot".into(), blocks, more, ..Report::default() }
}
