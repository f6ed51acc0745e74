//! Judges recorded series again: `cargo run --release --no-default-features --example replay -- <file or folder>...`
//!
//! A recording is what the runner beside this file writes with `--record`: a row per second. Prints one line per
//! recording, with each verdict that was told and the second it was. `--trends` prints what it rests on; `--hours=200`
//! makes as many hours of the healthy recordings, by chance, and says how many of them are accused.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plateau::memory::Sampler;
use plateau::memory::sample::{Isolate, Process, Sample};
use plateau::memory::verdict::Kind;
use serde_json::Value;

/// Seconds of a recording that are its start, and are played once.
const SETTLED: usize = 75;

fn main() -> Result<(), Box<dyn Error>> {
    let verbose = std::env::args().any(|argument| argument == "--trends");
    let mut files = Vec::new();
    for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        collect(Path::new(&argument), &mut files)?;
    }
    files.sort();
    let seeds = std::env::args().find_map(|argument| argument.strip_prefix("--hours=")?.parse().ok());
    let mut healthy = Vec::new();
    let mut wrong = 0;
    for file in files {
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let text = |name: &str| recording[name].as_str().unwrap_or_default().to_owned();
        let (kind, name, place) = (text("kind"), text("name"), text("place"));
        let also = recording["alsoRight"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let places: Vec<&str> = also.chain([place.as_str()]).collect();
        let (told, sampler) = replay(samples(&recording));
        let leak = told.iter().find(|(_, word, _)| word.starts_with("leak"));
        let right = match leak {
            Some((_, word, _)) => {
                kind == "leaking" && places.iter().any(|place| *word == format!("leak:{place}"))
            }
            None => kind != "leaking",
        };
        wrong += usize::from(!right);
        let recorded = samples(&recording);
        if kind == "healthy" && recorded.len() > 2 * SETTLED {
            healthy.push((name.clone(), recorded));
        }
        let story: Vec<String> = told.iter().map(|(second, word, _)| format!("{second:.0} {word}")).collect();
        println!("{} {kind} {name} ({place}): {}", if right { "   " } else { "!! " }, story.join(", "));
        if verbose {
            for trend in &sampler.verdict().trends {
                println!(
                    "        {:11} {} {:.0}→{:.0} in {:.0} s, {} points, p {:.4}, decay {:.2}, per request {:.1}",
                    trend.place.as_str(),
                    if trend.growing { "GROWS" } else { "-" },
                    trend.from,
                    trend.to,
                    trend.seconds,
                    trend.points,
                    trend.p,
                    trend.decay,
                    trend.per_request.map_or(0.0, |slope| slope.value),
                );
            }
            println!("        {}", sampler.verdict().evidence);
        }
    }
    println!("{wrong} wrong");
    if let Some(seeds) = seeds.filter(|_| !healthy.is_empty()) {
        println!("{} of {seeds} hours accused", hours(&healthy, seeds));
    }
    Ok(())
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), into)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "json") {
        into.push(path.to_path_buf());
    }
    Ok(())
}

/// The rows of a recording as samples.
fn samples(recording: &Value) -> Vec<Sample> {
    let columns: Vec<&str> =
        recording["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rows = recording["rows"].as_array().into_iter().flatten().enumerate();
    rows.map(|(turn, row)| {
        let get = |name: &str| {
            let column = columns.iter().position(|column| *column == name);
            column.and_then(|column| row[column].as_f64()).unwrap_or(0.0)
        };
        let isolate = Isolate {
            turn: turn as f64,
            floor: get("floor"),
            floor_low: get("floorLow"),
            floor_external: get("floorExternal"),
            heap_used: get("heapUsed"),
            heap_committed: get("heapCommitted"),
            heap_limit: 4e9,
            external: get("external"),
            major: get("majors"),
            minor: get("minors"),
            major_ms: get("majorMs"),
            minor_ms: get("minorMs"),
            requests: get("requests"),
            handles: get("handles"),
            timers: get("timers"),
            cache_bytes: get("cacheBytes"),
            cache_entries: get("cacheEntries"),
            cache_filling: get("cacheFilling"),
            ..Isolate::default()
        };
        let process = Process {
            rss: get("rss"),
            anonymous: get("anonymous"),
            malloc_used: get("mallocUsed"),
            malloc_held: get("mallocUsed"),
            descriptors: get("descriptors"),
            ..Process::default()
        };
        Sample { at: get("at"), isolate, process, all_isolates: 0.0 }
    })
    .collect()
}

/// The verdicts told, with their seconds, and the sampler at the end.
fn replay(recorded: impl IntoIterator<Item = Sample>) -> (Vec<(f64, String, String)>, Sampler) {
    let mut sampler = Sampler::simulated(true);
    let mut told: Vec<(f64, String, String)> = Vec::new();
    let mut start = None;
    for Sample { at, isolate, process, .. } in recorded {
        let first = *start.get_or_insert(at);
        if sampler.look(at, isolate, process) {
            let verdict = sampler.verdict();
            let word = match (verdict.kind, verdict.place) {
                (Kind::Leak, Some(place)) => format!("leak:{}", place.as_str()),
                (kind, _) => kind.as_str().to_owned(),
            };
            told.push(((at - first) / 1000.0, word, verdict.evidence.clone()));
        }
    }
    (told, sampler)
}

/// An hour made of a recording: pieces of it, taken by chance, one after the other. Levels are those recorded; counters go
/// on. What was level in the recording is level in the hour, with its noise, its jumps and its ties between signals.
fn hour(recorded: &[Sample], seed: u32) -> Vec<Sample> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    let settled = &recorded[SETTLED.min(recorded.len() / 2)..];
    let mut hour: Vec<Sample> = recorded[..recorded.len() - settled.len()].to_vec();
    while hour.len() < 3600 {
        let length = 10 + random(50);
        let from = random(settled.len().saturating_sub(length).max(1));
        let piece = &settled[from..(from + length).min(settled.len())];
        for pair in piece.windows(2) {
            let (then, mut now) = (&pair[0], pair[1]);
            let Some(last) = hour.last().copied() else { break };
            now.at = last.at + 1000.0;
            let on = |last: f64, then: f64, now: f64| last + (now - then).max(0.0);
            now.isolate.turn = last.isolate.turn + 1.0;
            now.isolate.major = on(last.isolate.major, then.isolate.major, now.isolate.major);
            now.isolate.minor = on(last.isolate.minor, then.isolate.minor, now.isolate.minor);
            now.isolate.major_ms = on(last.isolate.major_ms, then.isolate.major_ms, now.isolate.major_ms);
            now.isolate.minor_ms = on(last.isolate.minor_ms, then.isolate.minor_ms, now.isolate.minor_ms);
            now.isolate.requests = on(last.isolate.requests, then.isolate.requests, now.isolate.requests);
            hour.push(now);
        }
    }
    hour
}

/// Hours of every healthy recording: how many of them are accused.
fn hours(recordings: &[(String, Vec<Sample>)], seeds: u32) -> usize {
    let mut accused = 0;
    for seed in 0..seeds {
        let (name, recorded) = &recordings[seed as usize % recordings.len()];
        let (told, _) = replay(hour(recorded, seed));
        if let Some((second, word, why)) = told.iter().find(|(_, word, _)| word.starts_with("leak")) {
            accused += 1;
            println!("!!  hour {seed} of {name}: {word} at {second:.0} s: {why}");
        }
    }
    accused
}
