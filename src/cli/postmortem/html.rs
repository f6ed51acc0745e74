//! A post-mortem as a page for a browser.

use std::fmt::Write;

use maud::{Markup, html};

use super::story::Column;
use super::text::{ending_words, growth_words};
use super::{Readings, Story};
use crate::cli::page::page;
use crate::cli::show::{self, is_finding, moment, whose};
use crate::memory::{bytes, duration};

pub(super) fn render(readings: &Readings) -> String {
    let Readings { stories, running, more, failures } = readings;
    let body = html! {
        p.quiet {
            (stories.len()) " shown, newest first; " (more) " more have ended; " (running) " still running."
        }
        @for failure in failures { p.bad { (failure) } }
        @for story in stories { (section(story)) }
    };
    page("plateau post-mortem", &body)
}

fn section(story: &Story) -> Markup {
    let Story { facts, death, .. } = story;
    let verdict = story.verdict.as_ref();
    html! {
        h2 { (whose(facts)) " " (facts.script) }
        table {
            tr { th { "ended" } td {
                span.bad[!death.ending.is_clean()] { (ending_words(death.ending)) } ", " (moment(death.at as f64))
                div { (death.why) }
            } }
            @if let Some((_, error)) = &story.state.thrown {
                tr { th { "error" } td { pre { (error) } } }
            }
            tr { th { "verdict" } td {
                span.bad[is_finding(verdict)] { (show::verdict(verdict)) }
                @if let Some(turned) = story.turned() { ", first so at " (moment(turned)) }
                @if let Some(verdict) = verdict {
                    div { (verdict.evidence) }
                    div { (verdict.next) }
                }
            } }
            @if let Some(seconds) = story.warning_time() {
                tr { th { "warned" } td {
                    (story.state.alarms) " alarms, the first " (duration(seconds)) " before the end"
                } }
            }
            @if !story.growth.is_empty() {
                tr { th { "grew" } td { @for growth in &story.growth { div { (growth_words(growth)) } } } }
            }
            @if story.changes.len() > 1 {
                tr { th { "changes" } td {
                    @for change in &story.changes { div { (moment(change.at as f64)) " " (change.kind.as_str()) } }
                } }
            }
            @for note in &story.notes {
                tr { th { (note.kind.as_str()) } td { div.quiet { (moment(note.at as f64)) } pre { (note.text) } } }
            }
            @if !story.problems.is_empty() {
                tr { th { "damage" } td {
                    @for (offset, what) in &story.problems { div.bad { "byte " (offset) ": " (what) } }
                    @if story.lost_records > 0 { div { (story.lost_records) " records are lost" } }
                } }
            }
            tr { th { "recorded" } td {
                (story.samples) " samples"
                @if let Some((first, last)) = story.first.zip(story.last) {
                    ", " (moment(first.at)) " to " (moment(last.at))
                }
                div.quiet {
                    (story.path.display()) " on " (facts.hostname) ", Node " (facts.node_version)
                    ", plateau " (facts.plateau_version) ", heap limit " (bytes(facts.heap_limit))
                }
            } }
        }
        (chart(&story.columns))
    }
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 24.0;

/// Floor over used heap, and resident memory, on one scale from zero.
fn chart(columns: &[Column]) -> Markup {
    let values = columns.iter().flat_map(|column| [column.floor, column.used, column.rss]);
    let highest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    let Some((first, last)) =
        columns.first().zip(columns.last()).filter(|_| columns.len() > 1 && highest > 0.0)
    else {
        return html! { p.quiet { "Too few samples for a chart." } };
    };
    let line = |value: fn(&Column) -> f64| path(columns, highest, value);
    html! {
        svg viewBox=(format!("0 0 {} {}", LEFT + WIDTH + 10.0, HEIGHT + BOTTOM + 20.0)) role="img"
            aria-label="Heap floor, used heap and resident memory over time" {
            @for share in [0.0, 0.5, 1.0] {
                @let y = 20.0 + HEIGHT * (1.0 - share);
                line.axis x1=(LEFT) x2=(LEFT + WIDTH) y1=(y) y2=(y) {}
                text x=(LEFT - 6.0) y=(y + 4.0) text-anchor="end" { (bytes(highest * share)) }
            }
            path.used d=(line(|column| column.used)) {}
            path.rss d=(line(|column| column.rss)) {}
            path.floor d=(line(|column| column.floor)) {}
            text x=(LEFT) y=(HEIGHT + BOTTOM + 14.0) { (moment(first.at)) }
            text x=(LEFT + WIDTH) y=(HEIGHT + BOTTOM + 14.0) text-anchor="end" { (moment(last.at)) }
            text.key-floor x=(LEFT) y="12" { "floor" }
            text.key-used x=(LEFT + 50.0) y="12" { "used heap" }
            text.key-rss x=(LEFT + 130.0) y="12" { "resident memory" }
        }
    }
}

/// A line through the known values; where none are known for a while it goes straight on.
fn path(columns: &[Column], highest: f64, value: fn(&Column) -> f64) -> String {
    let mut path = String::new();
    let step = WIDTH / (columns.len() - 1).max(1) as f64;
    for (index, value) in columns.iter().map(value).enumerate().filter(|(_, value)| value.is_finite()) {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let (x, y) = (LEFT + index as f64 * step, 20.0 + HEIGHT * (1.0 - (value / highest).clamp(0.0, 1.0)));
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    path
}
