//! A post-mortem for programs. Bytes, seconds, and milliseconds since the Unix epoch; unknown numbers are `null`.

use serde_json::{Value, json};

use super::{Readings, Story};
use crate::memory::recorder::Ending;
use crate::memory::recorder::signals;
use crate::memory::verdict::{Place, Slope, Trend, Verdict};

pub(super) fn render(readings: &Readings) -> String {
    let value = json!({
        "version": 1,
        "processes": readings.stories.iter().map(story).collect::<Vec<_>>(),
        "running": readings.running,
        "more": readings.more,
        "unreadable": readings.failures,
    });
    format!("{value:#}")
}

fn story(story: &Story) -> Value {
    let Story { facts, state, .. } = story;
    json!({
        "file": story.path.to_string_lossy(),
        "pid": facts.pid,
        "thread": facts.thread,
        "name": facts.name,
        "script": facts.script,
        "hostname": facts.hostname,
        "nodeVersion": facts.node_version,
        "plateauVersion": facts.plateau_version,
        "started": facts.started,
        "limits": {
            "heap": facts.heap_limit,
            "cgroup": positive(facts.cgroup_limit),
            "addressSpace": positive(facts.address_limit),
        },
        "ending": ending(story),
        "signalsSeen": state.seen_signals.iter()
            .map(|seen| json!({ "signal": signals::name(seen.signal), "at": seen.at })).collect::<Vec<_>>(),
        "verdict": story.verdict.as_ref().map(verdict),
        "turned": story.turned(),
        "firstAlarm": state.first_alarm,
        "alarms": state.alarms,
        "secondsFromFirstAlarm": story.warning_time(),
        "changes": story.changes.iter().map(|change| json!({
            "at": change.at,
            "verdict": change.kind.as_str(),
            "place": change.place.map(Place::as_str),
        })).collect::<Vec<_>>(),
        "growth": story.growth.iter().map(|growth| json!({
            "place": growth.place.as_str(),
            "from": growth.from,
            "to": growth.to,
            "seconds": growth.seconds,
            "perSecond": growth.per_second,
            "perRequest": growth.per_request,
            "steady": growth.steady,
        })).collect::<Vec<_>>(),
        "notes": story.notes.iter().map(|note| json!({
            "at": note.at, "kind": note.kind.as_str(), "text": note.text,
        })).collect::<Vec<_>>(),
        "samples": {
            "count": story.samples,
            "first": story.first.map(|sample| sample.at),
            "last": story.last.map(|sample| sample.at),
            "heartbeat": state.heartbeat,
            "columns": story.columns.iter().map(|column| json!({
                "at": column.at, "floor": column.floor, "used": column.used,
                "external": column.external, "rss": column.rss,
            })).collect::<Vec<_>>(),
        },
        "problems": story.problems.iter()
            .map(|(offset, what)| json!({ "offset": offset, "what": what })).collect::<Vec<_>>(),
        "moreProblems": story.more_problems,
        "lostRecords": story.lost_records,
    })
}

fn ending(story: &Story) -> Value {
    let death = &story.death;
    let (code, signal) = match death.ending {
        Ending::Exit(code) | Ending::Uncaught(code) => (Some(code), None),
        Ending::Signal(signal) => (None, Some(signal)),
        _ => (None, story.state.ending_signal.map(|received| received.signal)),
    };
    json!({
        "kind": death.ending.as_str(),
        "code": code,
        "signal": signal.map(signals::name),
        "error": story.state.thrown.as_ref().map(|(_, message)| message),
        "at": death.at,
        "inferred": death.inferred,
        "why": death.why,
    })
}

pub(in crate::cli) fn verdict(verdict: &Verdict) -> Value {
    json!({
        "verdict": verdict.kind.as_str(),
        "place": verdict.place.map(Place::as_str),
        "since": verdict.since,
        "onset": verdict.onset,
        "confidence": verdict.confidence,
        "secondsToHeapLimit": verdict.seconds_to_heap_limit,
        "secondsToCgroupLimit": verdict.seconds_to_cgroup_limit,
        "evidence": verdict.evidence,
        "next": verdict.next,
        "trends": verdict.trends.iter().map(trend).collect::<Vec<_>>(),
    })
}

fn trend(trend: &Trend) -> Value {
    json!({
        "place": trend.place.as_str(),
        "growing": trend.growing,
        "from": trend.from,
        "to": trend.to,
        "seconds": trend.seconds,
        "points": trend.points,
        "perSecond": slope(&trend.per_second),
        "perRequest": trend.per_request.as_ref().map(slope),
        "p": trend.p,
        "decay": trend.decay,
    })
}

fn slope(slope: &Slope) -> Value {
    json!({ "value": slope.value, "low": slope.low, "high": slope.high })
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0).then_some(value)
}
