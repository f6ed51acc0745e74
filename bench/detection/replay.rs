//! Judges recorded series again: `cargo run --release --no-default-features --example replay -- <file or folder>...`
//!
//! A recording is what the runner beside this file writes with `--record`: a row per second. Prints one line per
//! recording, with each verdict that was told and the second it was.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use plateau::memory::Sampler;
use plateau::memory::sample::{Isolate, Process};
use plateau::memory::verdict::Kind;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let verbose = std::env::args().any(|argument| argument == "--trends");
    let mut files = Vec::new();
    for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        collect(Path::new(&argument), &mut files)?;
    }
    files.sort();
    let mut wrong = 0;
    for file in files {
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let text = |name: &str| recording[name].as_str().unwrap_or_default().to_owned();
        let (kind, name, place) = (text("kind"), text("name"), text("place"));
        let also = recording["alsoRight"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let places: Vec<&str> = also.chain([place.as_str()]).collect();
        let (told, sampler) = replay(&recording);
        let leak = told.iter().find(|(_, word)| word.starts_with("leak"));
        let right = match leak {
            Some((_, word)) => {
                kind == "leaking" && places.iter().any(|place| *word == format!("leak:{place}"))
            }
            None => kind != "leaking",
        };
        wrong += usize::from(!right);
        let story: Vec<String> = told.iter().map(|(second, word)| format!("{second:.0} {word}")).collect();
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

/// The verdicts told, with their seconds, and the sampler at the end.
fn replay(recording: &Value) -> (Vec<(f64, String)>, Sampler) {
    let columns: Vec<&str> =
        recording["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut sampler = Sampler::new(true);
    let mut told: Vec<(f64, String)> = Vec::new();
    let mut start = None;
    for (turn, row) in recording["rows"].as_array().into_iter().flatten().enumerate() {
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
        let at = get("at");
        let first = *start.get_or_insert(at);
        if sampler.look(at, isolate, process) {
            let verdict = sampler.verdict();
            let word = match (verdict.kind, verdict.place) {
                (Kind::Leak, Some(place)) => format!("leak:{}", place.as_str()),
                (kind, _) => kind.as_str().to_owned(),
            };
            told.push(((at - first) / 1000.0, word));
        }
    }
    (told, sampler)
}
