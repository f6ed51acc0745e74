//! A report as a page for a browser.

use maud::{Markup, html};

use super::report::{Block, Branch, Grid, Report};
use crate::cli::page::page;

/// Branches that are open at first, on the way that matters most.
const OPEN: usize = 6;

pub(super) fn render(report: &Report) -> String {
    let body = html! {
        p.quiet { (report.subject) }
        @for block in report.blocks.iter().chain(&report.more) { (show(block)) }
    };
    page(&report.title, &body)
}

fn show(block: &Block) -> Markup {
    match block {
        Block::Heading(text) => html! { h2 { (text) } },
        Block::Note(text) => html! { p.quiet { (text) } },
        Block::Table(grid) => table(grid),
        Block::Bars(bars) => chart(bars),
        Block::Tree(branches) => html! { div.tree { @for branch in branches { (tree(branch, 0)) } } },
    }
}

fn table(grid: &Grid) -> Markup {
    html! {
        table {
            tr { @for column in &grid.columns { th.number[column.is_number()] { (column.heading()) } } }
            @for row in &grid.rows {
                tr {
                    @for (index, cell) in row.cells.iter().enumerate() {
                        td.number[grid.columns.get(index).is_some_and(|column| column.is_number())] {
                            (cell)
                            @if index + 1 == row.cells.len() {
                                @for below in &row.below { div.quiet { (below) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tree(branch: &Branch, depth: usize) -> Markup {
    let words = html! {
        @if branch.strong { strong { (branch.text) } } @else { (branch.text) }
        @if !branch.aside.is_empty() { span.quiet { "  " (branch.aside) } }
    };
    if branch.branches.is_empty() {
        return html! { div.leaf { (words) } };
    }
    html! {
        details open[branch.strong && depth < OPEN] {
            summary { (words) }
            @for inner in &branch.branches { (tree(inner, depth + 1)) }
        }
    }
}

const WIDTH: f64 = 720.0;
const ROW: f64 = 22.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 130.0;

/// Horizontal bars, on one scale from zero.
fn chart(bars: &[(String, f64, String)]) -> Markup {
    let highest = bars.iter().map(|&(_, value, _)| value).fold(0.0, f64::max);
    if highest <= 0.0 {
        return html! {};
    }
    let height = ROW * bars.len() as f64;
    html! {
        svg viewBox=(format!("0 0 {} {}", LEFT + WIDTH + RIGHT, height)) role="img" aria-label="Bytes" {
            @for (index, (what, value, words)) in bars.iter().enumerate() {
                @let y = ROW * index as f64;
                @let length = (value / highest * WIDTH).max(1.0);
                text x=(LEFT - 8.0) y=(y + 15.0) text-anchor="end" { (short(what)) title { (what) } }
                rect.bar x=(LEFT) y=(y + 3.0) width=(format!("{length:.1}")) height=(ROW - 6.0) {}
                text x=(format!("{:.1}", LEFT + length + 6.0)) y=(y + 15.0) { (words) }
            }
        }
    }
}

/// What fits beside a bar.
fn short(text: &str) -> String {
    const MOST: usize = 34;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
