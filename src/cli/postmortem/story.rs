//! What a black box tells, gathered: bounded, however long the recording.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::memory::recorder::{Death, LastSamples, NoteKind, Record, Recording, StartFacts, State, ending};
use crate::memory::sample::Sample;
use crate::memory::verdict::{Kind, Place, Verdict};

/// Columns of a chart.
pub(in crate::cli) const COLUMNS: usize = 240;
const MAX_CHANGES: usize = 100;
const MAX_NOTES: usize = 20;

/// A column of the chart: the lowest floor, the highest of the rest. `NaN` where there was nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Column {
    /// Its start, in milliseconds since the Unix epoch.
    pub(in crate::cli) at: f64,
    pub(in crate::cli) floor: f64,
    pub(in crate::cli) used: f64,
    pub(in crate::cli) external: f64,
    pub(in crate::cli) rss: f64,
}

/// A verdict that differs from the one before it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Change {
    pub(in crate::cli) at: u64,
    pub(in crate::cli) kind: Kind,
    pub(in crate::cli) place: Option<Place>,
}

/// How something moved, from the verdict or, without one, from first to last sample.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Growth {
    pub(in crate::cli) place: Place,
    pub(in crate::cli) from: f64,
    pub(in crate::cli) to: f64,
    pub(in crate::cli) seconds: f64,
    pub(in crate::cli) per_second: f64,
    pub(in crate::cli) per_request: Option<f64>,
    /// Whether the verdict says that it grows steadily.
    pub(in crate::cli) steady: bool,
}

/// A note.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Note {
    pub(in crate::cli) at: u64,
    pub(in crate::cli) kind: NoteKind,
    pub(in crate::cli) text: String,
}

/// All that is told of one isolate.
#[derive(Debug)]
pub(in crate::cli) struct Story {
    pub(in crate::cli) path: PathBuf,
    pub(in crate::cli) facts: StartFacts,
    pub(in crate::cli) state: State,
    pub(in crate::cli) death: Death,
    pub(in crate::cli) samples: u64,
    pub(in crate::cli) first: Option<Sample>,
    pub(in crate::cli) last: Option<Sample>,
    pub(in crate::cli) columns: Vec<Column>,
    pub(in crate::cli) changes: VecDeque<Change>,
    pub(in crate::cli) verdict: Option<Verdict>,
    pub(in crate::cli) growth: Vec<Growth>,
    pub(in crate::cli) notes: VecDeque<Note>,
    pub(in crate::cli) problems: Vec<(u64, String)>,
    pub(in crate::cli) more_problems: u64,
    pub(in crate::cli) lost_records: u64,
}

impl Story {
    /// Reads a black box, of which the last `hours` before the end are shown.
    ///
    /// # Errors
    ///
    /// When it cannot be read at all.
    pub(in crate::cli) fn read(path: &Path, hours: Option<f64>) -> crate::Result<Self> {
        let mut recording = Recording::open(path)?;
        let mut gathered = Gathered::default();
        recording.read(|record| gathered.take(record));
        let lost_records = recording.lost_records;
        let end = gathered.ends.last.map_or(0.0, |sample| sample.at);
        let from =
            gathered.first.map_or(0.0, |sample| sample.at).max(end - hours.unwrap_or(1e9) * 3_600_000.0);
        let mut chart = Chart::new(from, end);
        recording.read(|record| {
            if let Record::Sample(sample) = record {
                chart.take(&sample);
            }
        });
        let (problems, more_problems) = recording.problems();
        let problems = problems.into_iter().map(|(offset, what)| (offset, what.to_owned())).collect();
        let verdict = recording.state.verdict.clone().or(gathered.verdict);
        let growth = growth(verdict.as_ref(), &chart, gathered.ends.last.as_ref());
        Ok(Self {
            path: path.to_path_buf(),
            death: ending(&recording, &gathered.ends),
            samples: gathered.samples,
            first: chart.first,
            last: gathered.ends.last,
            columns: chart.finish(),
            changes: gathered.changes,
            verdict,
            growth,
            notes: gathered.notes,
            problems,
            more_problems,
            lost_records,
            facts: recording.facts,
            state: recording.state,
        })
    }

    /// When the newest verdict first was what it is, as far back as is known.
    pub(in crate::cli) fn turned(&self) -> Option<f64> {
        let verdict = self.verdict.as_ref()?;
        if verdict.kind == Kind::Leak {
            return self.state.first_leak.as_ref().map(|first| first.since).or(Some(verdict.since));
        }
        Some(verdict.since)
    }

    /// Seconds from the first alarm to the end.
    pub(in crate::cli) fn warning_time(&self) -> Option<f64> {
        let alarm = self.state.first_alarm?;
        Some(self.death.at.saturating_sub(alarm) as f64 / 1000.0)
    }
}

#[derive(Default)]
struct Gathered {
    first: Option<Sample>,
    ends: LastSamples,
    samples: u64,
    verdict: Option<Verdict>,
    changes: VecDeque<Change>,
    notes: VecDeque<Note>,
}

impl Gathered {
    fn take(&mut self, record: Record) {
        match record {
            Record::Sample(sample) => {
                self.first.get_or_insert(*sample);
                self.ends.add(&sample);
                self.samples += 1;
            }
            Record::Verdict { at, verdict } => {
                let told = self.verdict.as_ref().map(|before| (before.kind, before.place));
                if told != Some((verdict.kind, verdict.place)) {
                    push(
                        &mut self.changes,
                        MAX_CHANGES,
                        Change { at, kind: verdict.kind, place: verdict.place },
                    );
                }
                self.verdict = Some(*verdict);
            }
            Record::Note { at, kind, text } => {
                // Of what is written again and again, as the largest caches are, the newest counts.
                if matches!(kind, NoteKind::Caches | NoteKind::Listeners | NoteKind::Gc) {
                    self.notes.retain(|note| note.kind != kind);
                }
                push(&mut self.notes, MAX_NOTES, Note { at, kind, text });
            }
        }
    }
}

fn push<T>(queue: &mut VecDeque<T>, most: usize, item: T) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(item);
}

/// Columns of equal time.
struct Chart {
    from: f64,
    width: f64,
    first: Option<Sample>,
    first_with_floor: Option<Sample>,
    columns: Vec<Column>,
}

impl Chart {
    fn new(from: f64, end: f64) -> Self {
        // Not narrower than a second: between two samples there would be nothing.
        let width = ((end - from) / COLUMNS as f64).max(1000.0);
        Self { from, width, first: None, first_with_floor: None, columns: Vec::with_capacity(COLUMNS) }
    }

    fn take(&mut self, sample: &Sample) {
        if sample.at < self.from {
            return;
        }
        self.first.get_or_insert(*sample);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is cut")]
        let place = (((sample.at - self.from) / self.width) as usize).min(COLUMNS - 1);
        while self.columns.len() <= place {
            let at = self.from + self.columns.len() as f64 * self.width;
            let none = f64::NAN;
            self.columns.push(Column { at, floor: none, used: none, external: none, rss: none });
        }
        let column = &mut self.columns[place];
        let isolate = &sample.isolate;
        // Before the first collection there is no floor.
        if isolate.floor > 0.0 {
            column.floor = column.floor.min(isolate.floor);
            self.first_with_floor.get_or_insert(*sample);
        }
        column.used = column.used.max(isolate.heap_used);
        column.external = column.external.max(isolate.external);
        column.rss = column.rss.max(sample.process.rss);
    }

    fn finish(self) -> Vec<Column> {
        self.columns
    }
}

fn growth(verdict: Option<&Verdict>, chart: &Chart, last: Option<&Sample>) -> Vec<Growth> {
    let mut growth: Vec<Growth> = verdict
        .into_iter()
        .flat_map(|verdict| &verdict.trends)
        .filter(|trend| trend.growing)
        .map(|trend| Growth {
            place: trend.place,
            from: trend.from,
            to: trend.to,
            seconds: trend.seconds,
            per_second: trend.per_second.value,
            per_request: trend.per_request.map(|slope| slope.value),
            steady: true,
        })
        .collect();
    if let (true, Some(first), Some(last)) = (growth.is_empty(), &chart.first, last) {
        growth = between(first, chart.first_with_floor.as_ref(), last);
    }
    growth.sort_by(|a, b| {
        b.place.in_bytes().cmp(&a.place.in_bytes()).then(b.per_second.total_cmp(&a.per_second))
    });
    growth
}

/// What is more at the end than at the start, without saying that it was a trend.
fn between(first: &Sample, first_with_floor: Option<&Sample>, last: &Sample) -> Vec<Growth> {
    let native = |sample: &Sample| (sample.process.anonymous - sample.all_isolates).max(0.0);
    let mut growth: Vec<Growth> = [
        difference(Place::External, first, last, |sample| sample.isolate.external),
        difference(Place::Native, first, last, native),
        difference(Place::Descriptors, first, last, |sample| sample.process.descriptors),
        difference(Place::Handles, first, last, |sample| sample.isolate.handles),
    ]
    .into_iter()
    .flatten()
    .collect();
    // Before the first collection there is no floor to compare with.
    growth.extend(
        first_with_floor
            .and_then(|first| difference(Place::Heap, first, last, |sample| sample.isolate.floor)),
    );
    growth
}

fn difference(place: Place, first: &Sample, last: &Sample, value: impl Fn(&Sample) -> f64) -> Option<Growth> {
    let (from, to) = (value(first), value(last));
    let seconds = (last.at - first.at) / 1000.0;
    // What every program gains and loses from moment to moment is no growth.
    let noise = (0.05 * from).max(if place.in_bytes() { 1024.0 * 1024.0 } else { 10.0 });
    let requests = last.isolate.requests - first.isolate.requests;
    (to - from > noise && seconds > 0.0).then(|| Growth {
        place,
        from,
        to,
        seconds,
        per_second: (to - from) / seconds,
        per_request: (requests > 0.0).then(|| (to - from) / requests),
        steady: false,
    })
}
