//! `plateau postmortem`: how processes ended, from their black boxes.

mod html;
mod json;
mod story;
mod text;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::output::{Output, complain, harmless, print};
use super::{CANNOT_JUDGE, FINDING, FINE, Postmortem, show};
use crate::memory::recorder::{Ending, LastSamples, Recording, boxes_in, ending};

pub(super) use json::verdict as verdict_json;
use story::Story;

/// What could be read, and what could not.
struct Readings {
    stories: Vec<Story>,
    running: usize,
    /// Of the dead, those beyond the limit.
    more: usize,
    failures: Vec<String>,
}

pub(super) fn run(args: &Postmortem, output: &Output) -> i32 {
    let readings = match read(args) {
        Ok(readings) => readings,
        Err(reason) => {
            complain(&format!("plateau: {}", harmless(&reason)));
            return CANNOT_JUDGE;
        }
    };
    if output.json {
        print(&format!("{}\n", json::render(&readings)));
    } else {
        print(&text::render(&readings, output));
    }
    if let Err(reason) = output.write_page(|| html::render(&readings)) {
        complain(&format!("plateau: {}", harmless(&reason)));
        return CANNOT_JUDGE;
    }
    judge(&readings)
}

fn judge(readings: &Readings) -> i32 {
    let Readings { stories, running, failures, .. } = readings;
    let finding = |story: &Story| !story.death.ending.is_clean() || show::is_finding(story.verdict.as_ref());
    if stories.iter().any(finding) {
        FINDING
    } else if (stories.is_empty() && *running == 0) || !failures.is_empty() {
        CANNOT_JUDGE
    } else {
        FINE
    }
}

fn read(args: &Postmortem) -> Result<Readings, String> {
    let path = &args.path;
    let data = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if !data.is_dir() {
        let story = Story::read(path, args.hours).map_err(|error| error.message().to_owned())?;
        return Ok(Readings { stories: vec![story], running: 0, more: 0, failures: Vec::new() });
    }
    let paths = boxes_in(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut readings = Readings { stories: Vec::new(), running: 0, more: 0, failures: Vec::new() };
    for path in deaths(&paths, &mut readings) {
        if readings.stories.len() == args.limit {
            readings.more += 1;
            continue;
        }
        match Story::read(&path, args.hours) {
            // It has ended meanwhile, or another has come in its place: the first look counts.
            Ok(story) => readings.stories.push(story),
            Err(error) => readings.failures.push(error.message().to_owned()),
        }
    }
    Ok(readings)
}

/// The black boxes of the dead by the time of their death, the newest first; of one process its main thread first.
fn deaths(paths: &[PathBuf], readings: &mut Readings) -> Vec<PathBuf> {
    let mut dead: Vec<Dead> = Vec::new();
    for path in paths {
        match Dead::glance(path) {
            Ok(Some(one)) => dead.push(one),
            Ok(None) => readings.running += 1,
            Err(reason) => readings.failures.push(reason),
        }
    }
    let mut latest: HashMap<(u32, u64), u64> = HashMap::new();
    for one in &dead {
        let at = latest.entry(one.process).or_default();
        *at = one.at.max(*at);
    }
    dead.sort_by_key(|one| {
        (Reverse(latest.get(&one.process).copied()), one.process, one.thread, Reverse(one.at))
    });
    dead.into_iter().map(|one| one.path).collect()
}

/// What it takes to put the dead in order.
struct Dead {
    at: u64,
    process: (u32, u64),
    thread: u32,
    path: PathBuf,
}

impl Dead {
    /// Looks at the header of a black box only; `None` when its writer lives.
    fn glance(path: &Path) -> Result<Option<Self>, String> {
        let recording = Recording::open(path).map_err(|error| error.message().to_owned())?;
        let death = ending(&recording, &LastSamples::default());
        let facts = &recording.facts;
        Ok((death.ending != Ending::Running).then(|| Self {
            at: death.at,
            process: (facts.pid, facts.process_start),
            thread: facts.thread,
            path: path.to_path_buf(),
        }))
    }
}

#[cfg(test)]
mod tests;
