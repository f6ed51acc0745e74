//! The isolates that record into a folder now, as `plateau top` and the dashboard list them: from the last minutes of their
//! black boxes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{MarkedEnd, Record, Recording, StartFacts, boxes_in, system};
use crate::memory::sample::Sample;
use crate::memory::verdict::{Kind, Verdict};

/// Blocks of 4 KiB that are read: ten minutes or more.
const BLOCKS: usize = 16;
/// How far back the slope of the floor looks.
const SLOPE_MS: f64 = 600_000.0;
/// Fewer collections than this make no slope.
const LEAST_FLOORS: usize = 4;
/// Without a sample for this long, the process is suspended or its machine is.
const SILENT_MS: f64 = 5_000.0;
/// What one isolate may differ from its siblings by before that means something.
const EVEN_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
const EVEN_SLOPE: f64 = 2048.0;

/// One isolate.
#[derive(Debug)]
pub struct RecordedIsolate {
    /// Its black box.
    pub path: PathBuf,
    /// Whose it is.
    pub facts: StartFacts,
    /// The newest.
    pub verdict: Option<Verdict>,
    /// The newest.
    pub sample: Sample,
    /// Bytes per second over the last ten minutes; `None` with too few collections.
    pub slope: Option<f64>,
    /// Share of the last minute spent collecting.
    pub gc_share: f64,
    /// Requests per second over the last ten.
    pub request_rate: f64,
    /// Of the event loop, in milliseconds; how long it has been blocked, when it is.
    pub loop_delay: f64,
    /// Seconds since the recorder started.
    pub uptime: f64,
    /// How it differs from its siblings.
    pub uneven: Option<Uneven>,
    /// Whether it has not written for some seconds.
    pub silent: bool,
}

/// In what one of several processes or threads of the same program stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uneven {
    /// Its floor is far above that of the others.
    Floor,
    /// Its floor grows much faster.
    Slope,
}

impl Uneven {
    /// As output has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Slope => "slope",
        }
    }
}

/// What a folder has.
#[derive(Debug, Default)]
pub struct RecordedIsolates {
    /// Those that record now, those in trouble first.
    pub isolates: Vec<RecordedIsolate>,
    /// Why the others could not be read.
    pub failures: Vec<String>,
}

impl RecordedIsolates {
    /// Looks at all black boxes of a folder, and reads those of the living: some 64 KiB of each.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        for path in boxes_in(folder)? {
            match RecordedIsolate::read(&path) {
                Ok(isolate) => found.isolates.extend(isolate),
                Err(error) => found.failures.push(error.message().to_owned()),
            }
        }
        mark_uneven(&mut found.isolates);
        found.isolates.sort_by(|a, b| {
            let slope = |isolate: &RecordedIsolate| isolate.slope.unwrap_or(0.0);
            b.trouble().cmp(&a.trouble()).then(slope(b).total_cmp(&slope(a))).then(a.path.cmp(&b.path))
        });
        Ok(found)
    }
}

impl RecordedIsolate {
    /// Reads the newest part of a black box; `None` when its writer has ended, or it has no sample yet.
    fn read(path: &Path) -> crate::Result<Option<Self>> {
        let mut recording = Recording::open(path)?;
        if !recording.written || matches!(recording.state.end, Some(MarkedEnd::Stopped { .. })) {
            return Ok(None);
        }
        let mut samples = Vec::new();
        recording.read_newest(BLOCKS, |record| {
            if let Record::Sample(sample) = record {
                samples.push(*sample);
            }
        });
        let now = system::now_ms() as f64;
        let silent = now - recording.state.heartbeat as f64 > SILENT_MS;
        let Some(sample) = samples.last().copied() else { return Ok(None) };
        Ok(Some(Self {
            path: path.to_path_buf(),
            uptime: (now - recording.facts.started) / 1000.0,
            facts: recording.facts,
            verdict: recording.state.verdict,
            slope: slope(&samples, sample.at - SLOPE_MS),
            gc_share: rate(&samples, 60_000.0, |isolate| isolate.major_ms + isolate.minor_ms) / 1000.0,
            request_rate: rate(&samples, 10_000.0, |isolate| isolate.requests),
            loop_delay: loop_delay(&samples),
            sample,
            uneven: None,
            silent,
        }))
    }

    /// The larger, the more it needs somebody to look.
    #[must_use]
    pub fn trouble(&self) -> u32 {
        match self.verdict.as_ref().map(|verdict| verdict.kind) {
            Some(Kind::Leak) => 5,
            _ if self.uneven.is_some() => 4,
            Some(Kind::GcPressure) => 3,
            _ if self.silent => 2,
            Some(Kind::Filling) => 1,
            _ => 0,
        }
    }
}

/// Growth per second of a counter over the last milliseconds.
fn rate(
    samples: &[Sample],
    milliseconds: f64,
    counter: impl Fn(&crate::memory::sample::Isolate) -> f64,
) -> f64 {
    let Some(last) = samples.last() else { return 0.0 };
    let Some(first) = samples.iter().find(|sample| sample.at >= last.at - milliseconds) else { return 0.0 };
    let seconds = (last.at - first.at) / 1000.0;
    if seconds <= 0.0 { 0.0 } else { ((counter(&last.isolate) - counter(&first.isolate)) / seconds).max(0.0) }
}

fn loop_delay(samples: &[Sample]) -> f64 {
    let Some(last) = samples.last() else { return 0.0 };
    let blocked_since = samples.iter().find(|sample| sample.isolate.turn >= last.isolate.turn);
    let blocked = blocked_since.map_or(0.0, |since| last.at - since.at);
    if blocked > 1_500.0 { blocked } else { last.isolate.loop_delay }
}

/// The median of the slopes between all pairs of floors (Theil, 1950), which one odd collection does not move.
fn slope(samples: &[Sample], from: f64) -> Option<f64> {
    let mut floors: Vec<(f64, f64)> = Vec::new();
    let mut majors = f64::NAN;
    for sample in samples.iter().filter(|sample| sample.at >= from && sample.isolate.floor > 0.0) {
        if sample.isolate.major.to_bits() != majors.to_bits() {
            majors = sample.isolate.major;
            floors.push((sample.at / 1000.0, sample.isolate.floor));
        }
    }
    if floors.len() < LEAST_FLOORS {
        return None;
    }
    // At most 60, so that a table of many processes stays cheap.
    let step = floors.len().div_ceil(60);
    let floors: Vec<_> = floors.into_iter().rev().step_by(step).collect();
    let mut slopes: Vec<f64> = floors
        .iter()
        .enumerate()
        .flat_map(|(index, later)| floors[index + 1..].iter().map(move |earlier| (later, earlier)))
        .filter(|(later, earlier)| later.0 > earlier.0)
        .map(|(later, earlier)| (later.1 - earlier.1) / (later.0 - earlier.0))
        .collect();
    median(&mut slopes)
}

/// The median, of an even number the lower one.
fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// Marks those that stand out among their siblings: processes of one script, threads of one process.
fn mark_uneven(rows: &mut [RecordedIsolate]) {
    let mut groups: BTreeMap<(String, String, u32), Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let facts = &row.facts;
        let process = if facts.thread == 0 { 0 } else { facts.pid };
        groups.entry((facts.hostname.clone(), facts.script.clone(), process)).or_default().push(index);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let mut floors: Vec<f64> = group.iter().map(|&index| rows[index].sample.isolate.floor).collect();
        let mut slopes: Vec<f64> = group.iter().filter_map(|&index| rows[index].slope).collect();
        let (floor, slope) = (median(&mut floors).unwrap_or(0.0), median(&mut slopes).unwrap_or(0.0));
        for index in group {
            let row = &mut rows[index];
            let steep = |own: f64| own > slope + EVEN_SLOPE.max(3.0 * slope.abs());
            row.uneven = if floor > 0.0 && row.sample.isolate.floor > 2.0 * floor + EVEN_BYTES {
                Some(Uneven::Floor)
            } else if row.slope.is_some_and(steep) {
                Some(Uneven::Slope)
            } else {
                None
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::sample::Isolate;

    fn samples(growth: f64) -> Vec<Sample> {
        (0..300)
            .map(|second| {
                let seconds = f64::from(second);
                let isolate = Isolate {
                    turn: seconds,
                    major: (seconds / 10.0).floor(),
                    floor: 20e6 + growth * (seconds / 10.0).floor() * 10.0,
                    requests: seconds * 50.0,
                    major_ms: seconds * 100.0,
                    loop_delay: 3.0,
                    ..Isolate::default()
                };
                Sample { at: seconds * 1000.0, isolate, ..Sample::default() }
            })
            .collect()
    }

    fn row(pid: u32, growth: f64) -> RecordedIsolate {
        let samples = samples(growth);
        RecordedIsolate {
            path: PathBuf::new(),
            facts: StartFacts { pid, script: "app.js".into(), ..StartFacts::default() },
            verdict: None,
            sample: *samples.last().unwrap(),
            slope: slope(&samples, 0.0),
            gc_share: 0.0,
            request_rate: 0.0,
            loop_delay: 0.0,
            uptime: 0.0,
            uneven: None,
            silent: false,
        }
    }

    #[test]
    fn rates_and_slopes_are_those_of_the_series() {
        let samples = samples(4096.0);
        assert!((rate(&samples, 10_000.0, |isolate| isolate.requests) - 50.0).abs() < 1e-6);
        assert!((rate(&samples, 60_000.0, |isolate| isolate.major_ms) - 100.0).abs() < 1e-6);
        assert!((slope(&samples, 0.0).unwrap() - 4096.0).abs() < 1e-6);
        assert_eq!(slope(&samples[..20], 0.0), None);
    }

    #[test]
    fn a_blocked_event_loop_shows_for_how_long() {
        let mut samples = samples(0.0);
        assert!((loop_delay(&samples) - 3.0).abs() < 1e-6);
        for sample in &mut samples[290..] {
            sample.isolate.turn = 289.0;
        }
        assert!((loop_delay(&samples) - 10_000.0).abs() < 1e-6);
    }

    #[test]
    fn the_one_that_grows_stands_out_among_its_siblings_and_the_others_do_not() {
        let mut rows: Vec<RecordedIsolate> =
            [0.0, 10.0, -5.0, 20_000.0].iter().zip(1..).map(|(growth, pid)| row(pid, *growth)).collect();
        mark_uneven(&mut rows);
        let uneven: Vec<_> = rows.iter().map(|row| row.uneven).collect();
        assert_eq!(uneven, [None, None, None, Some(Uneven::Slope)]);
        rows[1].sample.isolate.floor = 200e6;
        mark_uneven(&mut rows);
        assert_eq!(rows[1].uneven, Some(Uneven::Floor));
    }

    #[test]
    fn two_of_different_programs_are_not_compared() {
        let mut rows = vec![row(1, 0.0), row(2, 20_000.0)];
        rows[1].facts.script = "other.js".into();
        mark_uneven(&mut rows);
        assert!(rows.iter().all(|row| row.uneven.is_none()));
    }
}
