//! `plateau top`: all isolates that record into a directory, now; those in trouble first.

use std::thread;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use maud::html;
use serde_json::{Value, json};

use super::output::{Output, Tone, complain, harmless, print};
use super::page::page;
use super::show::{self, is_finding, whose};
use super::{CANNOT_JUDGE, FINDING, FINE, Top, postmortem};
use crate::memory::recorder::{RecordedIsolate, RecordedIsolates, Uneven};
use crate::memory::{bytes, duration};

const PACE: Duration = Duration::from_secs(1);
const HEADINGS: [&str; 11] =
    ["", "process", "verdict", "floor", "slope", "heap", "rss", "gc", "loop", "req/s", "up"];

pub(super) fn run(args: &Top, output: &Output) -> i32 {
    let live = output.terminal && !args.once && !output.json;
    if live {
        print("\x1b[2J");
    }
    loop {
        let reading = match read(args) {
            Ok(reading) => reading,
            Err(reason) => {
                complain(&format!("plateau: {}", harmless(&reason)));
                return CANNOT_JUDGE;
            }
        };
        if let Err(reason) = output.write_page(|| render_page(&reading)) {
            complain(&format!("plateau: {}", harmless(&reason)));
            return CANNOT_JUDGE;
        }
        if !live {
            let text =
                if output.json { format!("{:#}\n", render_json(&reading)) } else { render(&reading, output) };
            print(&text);
            return judge(&reading);
        }
        // Home, the table with each line cleared to its end, then the rest of the screen cleared: no flicker.
        let text = render(&reading, output).replace('\n', "\x1b[K\n");
        print(&format!("\x1b[H{text}\x1b[J"));
        thread::sleep(PACE);
    }
}

fn judge(reading: &RecordedIsolates) -> i32 {
    if reading.isolates.iter().any(|row| is_finding(row.verdict.as_ref()) || row.uneven.is_some()) {
        FINDING
    } else if reading.isolates.is_empty() {
        CANNOT_JUDGE
    } else {
        FINE
    }
}

fn read(args: &Top) -> Result<RecordedIsolates, String> {
    let directory = &args.directory;
    RecordedIsolates::read(directory).map_err(|error| format!("{}: {error}", directory.display()))
}

fn render(reading: &RecordedIsolates, output: &Output) -> String {
    let mut text = String::new();
    if reading.isolates.is_empty() {
        text.push_str(&output.paint(
            Tone::Quiet,
            "No process records here now: plateau postmortem shows those that have ended.",
        ));
        text.push('\n');
    } else {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(HEADINGS);
        for row in &reading.isolates {
            table.add_row(cells(row));
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for (index, line) in table.lines().enumerate() {
            let row = index.checked_sub(1).and_then(|index| reading.isolates.get(index));
            let line = line.trim_end();
            let painted = match row.map(RecordedIsolate::trouble) {
                None => output.paint(Tone::Quiet, line),
                Some(4..) => output.paint(Tone::Bad, line),
                Some(1..) => output.paint(Tone::Uneasy, line),
                Some(0) => line.to_owned(),
            };
            text.push_str(&painted);
            text.push('\n');
        }
    }
    for reason in reading.isolates.iter().filter_map(why_marked).chain(reading.failures.iter().cloned()) {
        text.push_str(&output.paint(Tone::Uneasy, &harmless(&reason)));
        text.push('\n');
    }
    text
}

/// Why a row is marked though its own verdict may be calm.
fn why_marked(row: &RecordedIsolate) -> Option<String> {
    let what = match row.uneven {
        Some(Uneven::Floor) => "its floor is far above that of its siblings",
        Some(Uneven::Slope) => "its floor grows much faster than that of its siblings",
        None if row.silent => "it has not written for some seconds: suspended, or stuck in the kernel",
        None => return None,
    };
    Some(format!("{} {}: {what}.", mark(row), whose(&row.facts)))
}

fn mark(row: &RecordedIsolate) -> &'static str {
    match row.trouble() {
        5 => "!!",
        4 => "!",
        2 => "?",
        _ => "",
    }
}

fn cells(row: &RecordedIsolate) -> [String; HEADINGS.len()] {
    let isolate = &row.sample.isolate;
    [
        mark(row).to_owned(),
        harmless(&whose(&row.facts)),
        show::verdict(row.verdict.as_ref()),
        if isolate.floor > 0.0 { bytes(isolate.floor) } else { "-".into() },
        row.slope.map_or_else(
            || "-".into(),
            |slope| format!("{}{}/s", if slope > 0.0 { "+" } else { "" }, bytes(slope)),
        ),
        bytes(isolate.heap_used),
        bytes(row.sample.process.rss),
        format!("{:.1} %", 100.0 * row.gc_share),
        if row.loop_delay >= 1000.0 {
            duration(row.loop_delay / 1000.0)
        } else {
            format!("{:.0} ms", row.loop_delay)
        },
        format!("{:.1}", row.request_rate),
        duration(row.uptime),
    ]
}

fn render_json(reading: &RecordedIsolates) -> Value {
    json!({
        "version": 1,
        "isolates": reading.isolates.iter().map(|row| json!({
            "file": row.path.to_string_lossy(),
            "pid": row.facts.pid,
            "thread": row.facts.thread,
            "name": row.facts.name,
            "script": row.facts.script,
            "hostname": row.facts.hostname,
            "verdict": row.verdict.as_ref().map(postmortem::verdict_json),
            "floor": row.sample.isolate.floor,
            "slope": row.slope,
            "heapUsed": row.sample.isolate.heap_used,
            "heapLimit": row.sample.isolate.heap_limit,
            "external": row.sample.isolate.external,
            "rss": row.sample.process.rss,
            "gcShare": row.gc_share,
            "loopDelay": row.loop_delay,
            "requestRate": row.request_rate,
            "uptime": row.uptime,
            "at": row.sample.at,
            "uneven": row.uneven.map(Uneven::as_str),
            "silent": row.silent,
        })).collect::<Vec<_>>(),
        "unreadable": reading.failures,
    })
}

fn render_page(reading: &RecordedIsolates) -> String {
    let body = html! {
        table {
            tr { @for heading in HEADINGS { th { (heading) } } }
            @for row in &reading.isolates {
                tr { @for cell in cells(row) { td.bad[row.trouble() >= 4] { (cell) } } }
            }
        }
        @for reason in reading.isolates.iter().filter_map(why_marked) { p { (reason) } }
        @for failure in &reading.failures { p.bad { (failure) } }
    };
    page("plateau top", &body)
}
