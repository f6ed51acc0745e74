//! Verdicts in sentences: why, and what to do next. The diagnostic tree is in `docs/design/memory.md`.

use std::fmt::Write;

use super::verdict::{Kind, Place, Slope, Trend, Verdict};

/// What sentences need besides the verdict.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) seconds: f64,
    pub(super) gc_share: f64,
    pub(super) kept_pages: bool,
    pub(super) exact: bool,
}

/// Writes both sentences.
pub(super) fn explain(verdict: &mut Verdict, facts: &Facts) {
    verdict.evidence = evidence(verdict, facts);
    verdict.next = next(verdict).into();
}

fn evidence(verdict: &Verdict, facts: &Facts) -> String {
    let heap = verdict.trends.iter().find(|trend| trend.place == Place::Heap);
    let mut text = match (verdict.kind, verdict.trend()) {
        (Kind::NotEnoughData, _) => {
            format!(
                "{} of samples, with so few collections, are too little to judge.",
                duration(facts.seconds)
            )
        }
        (Kind::WarmingUp, Some(trend)) => {
            format!("Growth after the start is still slowing: {}.", describe(trend))
        }
        (Kind::WarmingUp, None) => {
            format!(
                "The process has been watched for {}; what grows this early says nothing yet.",
                duration(facts.seconds)
            )
        }
        (Kind::Filling, Some(trend)) => {
            format!("Growth that slows or is that of a known bounded cache: {}.", describe(trend))
        }
        (Kind::Leak, Some(trend)) => format!("Steady growth: {}.", describe(trend)),
        (Kind::GcPressure, _) => {
            let share = 100.0 * facts.gc_share;
            format!(
                "{share:.0} % of the last minute went into garbage collection, and the floor does not grow."
            )
        }
        _ => match heap {
            Some(trend) => format!(
                "The heap floor is level: {} to {} over {} and {} points.",
                bytes(trend.from),
                bytes(trend.to),
                duration(trend.seconds),
                trend.points
            ),
            None => "Nothing grows; the heap has not even needed enough major collections to draw its floor."
                .into(),
        },
    };
    if let Some(heap) = heap
        && verdict.kind == Kind::GcPressure
    {
        let _ = write!(text, " The floor is at {}.", bytes(heap.to));
    }
    if facts.kept_pages {
        text.push_str(" The heap has shrunk but resident memory has not: V8 or the allocator keeps the pages, which is no leak.");
    }
    if !facts.exact {
        text.push_str(" This runtime does not tell the heap after a collection: the lowest use of the heap stands for it.");
    }
    text
}

/// `the heap floor rose from 12.0 MiB to 34.5 MiB in 95 s (31 points, p < 0.001): 250 KiB/s, 512 bytes per request`.
fn describe(trend: &Trend) -> String {
    let level = |value: f64| if trend.place.in_bytes() { bytes(value) } else { format!("{value:.0}") };
    let mut text = format!(
        "{} rose from {} to {} in {} ({} points, p {})",
        noun(trend.place),
        level(trend.from),
        level(trend.to),
        duration(trend.seconds),
        trend.points,
        if trend.p < 0.001 { "< 0.001".into() } else { format!("= {:.3}", trend.p) },
    );
    let _ = write!(text, ", {} per second", amount(trend.place, trend.per_second));
    if let Some(slope) = trend.per_request {
        let _ = write!(text, ", {} per request", amount(trend.place, slope));
    }
    text
}

const fn noun(place: Place) -> &'static str {
    match place {
        Place::Heap => "the heap floor",
        Place::External => "memory of buffers",
        Place::Native => "memory that is neither heap nor buffers",
        Place::Descriptors => "the number of open descriptors",
        Place::Handles => "the number of timers, sockets and other active resources",
    }
}

fn amount(place: Place, slope: Slope) -> String {
    if place.in_bytes() {
        format!("{} ({} to {})", bytes(slope.value), bytes(slope.low), bytes(slope.high))
    } else {
        format!("{:.3} ({:.3} to {:.3})", slope.value, slope.low, slope.high)
    }
}

/// Bytes for people: `512 bytes`, `1.5 KiB`, `34.5 MiB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    let size = value.abs();
    match size {
        size if size < 1024.0 => format!("{value:.0} bytes"),
        size if size < 1_048_576.0 => format!("{:.1} KiB", value / 1024.0),
        size if size < 1_073_741_824.0 => format!("{:.1} MiB", value / 1_048_576.0),
        _ => format!("{:.2} GiB", value / 1_073_741_824.0),
    }
}

/// A stretch of time for people: `95 s`, `12 min`, `3.5 h`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        seconds if seconds < 172_800.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

const fn next(verdict: &Verdict) -> &'static str {
    match (verdict.kind, verdict.place) {
        (Kind::Leak, Some(Place::Heap)) => {
            "Take three heap snapshots under this load and look at what was made between the first two and is in the third; \
             listenerReport() and scopeReport() name the call sites of listeners and scopes that accumulate."
        }
        (Kind::Leak, Some(Place::External)) => {
            "Look for Buffers, ArrayBuffers and streams that are kept: slices keep their whole parent, and streams that were \
             not destroyed keep their chunks."
        }
        (Kind::Leak, Some(Place::Native)) => {
            "Look at native add-ons and at worker threads, zlib and crypto objects that are not closed; a heap profiler for \
             malloc, such as heaptrack or jemalloc's, names the caller."
        }
        (Kind::Leak, Some(Place::Descriptors)) => {
            "List /proc/<pid>/fd twice: files and sockets that stay were opened and, on some path, not closed; inspectAgents() \
             and request scopes help."
        }
        (Kind::Leak, Some(Place::Handles)) => {
            "Count process.getActiveResourcesInfo() by type: timers that are never cleared belong in a request scope."
        }
        (Kind::Filling, _) => "Wait until it is full; if it has no bound, this becomes a leak.",
        (Kind::GcPressure, _) => {
            "Allocate less on the hot path, or give the heap more room (--max-old-space-size, --max-semi-space-size)."
        }
        (Kind::NotEnoughData | Kind::WarmingUp, _) => "Wait, with traffic.",
        _ => "Nothing to do.",
    }
}
