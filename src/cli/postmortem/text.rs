//! A post-mortem for the terminal.

use std::fmt::Write;

use rasciigraph::{Config, plot_many};

use super::story::{Column, Growth};
use super::{Readings, Story};
use crate::cli::output::{Output, Tone, harmless};
use crate::cli::show::{self, amount, is_finding, moment, noun, whose};
use crate::memory::recorder::Ending;
use crate::memory::{bytes, duration};

const MIB: f64 = 1024.0 * 1024.0;
const CHART_HEIGHT: u32 = 7;
/// Changes of the verdict that are shown, the newest.
const CHANGES: usize = 6;
/// Lines of a note that are shown.
const NOTE_LINES: usize = 6;

pub(super) fn render(readings: &Readings, output: &Output) -> String {
    let mut text = String::new();
    for story in &readings.stories {
        let _ = render_story(&mut text, story, output);
    }
    let mut rest = Vec::new();
    if readings.stories.is_empty() {
        rest.push("No process has ended here.".to_owned());
    }
    if readings.more > 0 {
        rest.push(format!("{} more have ended: --limit shows more.", readings.more));
    }
    if readings.running > 0 {
        rest.push(format!("{} still running: plateau top shows them.", readings.running));
    }
    for line in rest {
        let _ = writeln!(text, "{}", output.paint(Tone::Quiet, &line));
    }
    for failure in &readings.failures {
        let _ = writeln!(text, "{}", output.paint(Tone::Uneasy, &harmless(failure)));
    }
    text
}

fn render_story(text: &mut String, story: &Story, output: &Output) -> std::fmt::Result {
    let Story { facts, death, .. } = story;
    let title = format!("{}  {}", whose(facts), facts.script);
    writeln!(text, "{}", output.paint(Tone::Strong, &harmless(title.trim_end())))?;
    let where_from = format!(
        "{} on {}, Node {}, plateau {}",
        story.path.display(),
        facts.hostname,
        facts.node_version,
        facts.plateau_version
    );
    writeln!(text, "{}", output.paint(Tone::Quiet, &harmless(&where_from)))?;
    let tone = if death.ending.is_clean() { Tone::Strong } else { Tone::Bad };
    let how = format!("{}, {}", ending_words(death.ending), moment(death.at as f64));
    line(text, output, "ended", &output.paint(tone, &how))?;
    line(text, output, "", &harmless(&death.why))?;
    if let Some((_, error)) = &story.state.thrown {
        for (index, row) in error.lines().take(NOTE_LINES).enumerate() {
            line(text, output, if index == 0 { "error" } else { "" }, &harmless(row))?;
        }
    }
    verdict_lines(text, story, output)?;
    growth_lines(text, story, output)?;
    charts(text, story, output)?;
    for note in &story.notes {
        let label = note.kind.as_str();
        let mut lines = note.text.lines();
        line(
            text,
            output,
            label,
            &format!("{}  {}", moment(note.at as f64), harmless(lines.next().unwrap_or(""))),
        )?;
        for more in lines.by_ref().take(NOTE_LINES - 1) {
            line(text, output, "", &harmless(more))?;
        }
        let left = lines.count();
        if left > 0 {
            line(
                text,
                output,
                "",
                &output.paint(Tone::Quiet, &format!("and {left} more lines: --json has them")),
            )?;
        }
    }
    problem_lines(text, story, output)?;
    writeln!(text)
}

fn verdict_lines(text: &mut String, story: &Story, output: &Output) -> std::fmt::Result {
    let verdict = story.verdict.as_ref();
    let mut what = show::verdict(verdict);
    if is_finding(verdict) {
        what = output.paint(Tone::Bad, &what);
    }
    if let Some(turned) = story.turned() {
        let before = (story.death.at as f64 - turned) / 1000.0;
        let _ =
            write!(what, ", first so at {}, {} before the end", moment(turned), duration(before.max(0.0)));
    }
    line(text, output, "verdict", &what)?;
    if let Some(verdict) = verdict {
        line(text, output, "", &harmless(&verdict.evidence))?;
        line(text, output, "next", &harmless(&verdict.next))?;
    }
    if let Some(seconds) = story.warning_time() {
        let alarms = story.state.alarms;
        let many = if alarms == 1 { "one alarm".to_owned() } else { format!("{alarms} alarms") };
        line(text, output, "warned", &format!("{many}, the first {} before the end", duration(seconds)))?;
    }
    if story.changes.len() > 1 {
        let earlier = story.changes.len().saturating_sub(CHANGES);
        for (index, change) in story.changes.iter().skip(earlier).enumerate() {
            let what = format!("{}  {}", moment(change.at as f64), change.kind.as_str());
            line(text, output, if index == 0 { "changes" } else { "" }, &what)?;
        }
    }
    Ok(())
}

fn growth_lines(text: &mut String, story: &Story, output: &Output) -> std::fmt::Result {
    let shown = story.growth.iter().filter(|growth| growth.steady || growth.place.in_bytes()).take(5);
    for (index, growth) in shown.enumerate() {
        line(text, output, if index == 0 { "grew" } else { "" }, &growth_words(growth))?;
    }
    Ok(())
}

/// `heap floor from 10 MiB to 30 MiB in 95 s: 210 KiB per second, 1.2 KiB per request`.
pub(super) fn growth_words(growth: &Growth) -> String {
    let Growth { place, from, to, seconds, per_second, per_request, steady } = growth;
    let mut words = format!(
        "{} from {} to {} in {}: {} per second",
        noun(*place),
        amount(*place, *from),
        amount(*place, *to),
        duration(*seconds),
        amount(*place, *per_second)
    );
    if let Some(per_request) = per_request {
        let _ = write!(words, ", {} per request", amount(*place, *per_request));
    }
    if !steady {
        words.push_str(" (first to last sample; no trend was found)");
    }
    words
}

pub(super) fn ending_words(ending: Ending) -> String {
    match ending {
        Ending::Running => "still running".into(),
        Ending::Exit(code) => format!("exit with code {code}"),
        Ending::Uncaught(code) => format!("uncaught error, exit with code {code}"),
        Ending::Stopped => "recording stopped".into(),
        Ending::Signal(signal) => crate::memory::recorder::signals::name(signal),
        Ending::HeapLimit => "V8 out of memory".into(),
        Ending::CgroupLimit => "killed at the memory limit of its container (control group)".into(),
        Ending::AddressLimit => "out of address space".into(),
        Ending::MachineRestarted => "the machine restarted".into(),
        Ending::Killed => "killed (SIGKILL or power loss)".into(),
        Ending::Unknown => "unknown".into(),
    }
}

fn charts(text: &mut String, story: &Story, output: &Output) -> std::fmt::Result {
    let Some((first, last)) = story.first.zip(story.last) else {
        return line(text, output, "samples", "none");
    };
    let span = duration((last.at - first.at) / 1000.0);
    let count = story.samples;
    line(text, output, "samples", &format!("{count}, {} to {} ({span})", moment(first.at), moment(last.at)))?;
    chart(text, story, output, "floor of the heap after collections, MiB", |column| column.floor)?;
    chart(text, story, output, "resident memory of the process, MiB", |column| column.rss)
}

fn chart(
    text: &mut String,
    story: &Story,
    output: &Output,
    caption: &str,
    value: impl Fn(&Column) -> f64,
) -> std::fmt::Result {
    let values = without_gaps(story.columns.iter().map(value));
    if values.len() < 2 {
        return Ok(());
    }
    // The axis takes about a dozen characters.
    let width = u32::try_from(output.width.saturating_sub(14).clamp(20, 100)).unwrap_or(80);
    let config =
        Config::default().with_height(CHART_HEIGHT).with_width(width).with_caption(caption.to_owned());
    writeln!(text, "{}\n", plot_many(vec![values], config).trim_end())
}

/// In MiB; between two known values the first one goes on, before the first there is none.
fn without_gaps(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut before = f64::NAN;
    values
        .map(|value| {
            if value.is_finite() {
                before = value / MIB;
            }
            before
        })
        .filter(|value| value.is_finite())
        .collect()
}

fn problem_lines(text: &mut String, story: &Story, output: &Output) -> std::fmt::Result {
    for (index, (offset, what)) in story.problems.iter().enumerate() {
        let what = output.paint(Tone::Uneasy, &format!("byte {offset}: {what}"));
        line(text, output, if index == 0 { "damage" } else { "" }, &what)?;
    }
    if story.more_problems > 0 {
        line(text, output, "", &format!("and {} more places", story.more_problems))?;
    }
    if story.lost_records > 0 {
        line(
            text,
            output,
            "",
            &format!("{} records are lost between those that could be read", story.lost_records),
        )?;
    }
    let limit = story.last.map_or(story.facts.heap_limit, |last| last.isolate.heap_limit);
    if limit > 0.0 {
        line(text, output, "limits", &format!("heap {}{}", bytes(limit), other_limits(story)))?;
    }
    Ok(())
}

fn other_limits(story: &Story) -> String {
    let mut text = String::new();
    if story.facts.cgroup_limit > 0.0 {
        let _ = write!(text, ", container {}", bytes(story.facts.cgroup_limit));
    }
    if story.facts.address_limit > 0.0 {
        let _ = write!(text, ", address space {}", bytes(story.facts.address_limit));
    }
    text
}

fn line(text: &mut String, output: &Output, label: &str, what: &str) -> std::fmt::Result {
    let label = output.paint(Tone::Quiet, &format!("{label:>9}"));
    writeln!(text, "{label}  {what}")
}
