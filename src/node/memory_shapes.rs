//! What the sampler tells, in shapes that JavaScript takes.

use napi_derive::napi;

use crate::memory::Sampler;
use crate::memory::rings::{Bucket, Signal};
use crate::memory::verdict::{Slope, Trend, Verdict};

/// What only JavaScript knows of a black box's process.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
pub struct RecorderFacts {
    /// The thread's number, 0 for the main one.
    pub thread: u32,
    /// Its name or role.
    pub name: String,
    /// As in `process.version`.
    pub node_version: String,
    /// As in `process.argv[1]`.
    pub script: String,
    /// Where V8 gives up, in bytes.
    pub heap_limit: f64,
}

/// Numbers per row of a history.
pub(super) const COLUMNS: usize = 3 + 3 * SHOWN.len();

/// What a row shows, in this order. `lib/memory/read.ts` knows it too.
const SHOWN: [Signal; 9] = [
    Signal::Floor,
    Signal::Used,
    Signal::External,
    Signal::Malloc,
    Signal::Rss,
    Signal::Descriptors,
    Signal::Handles,
    Signal::LoopDelay,
    Signal::GcShare,
];

pub(super) fn row(bucket: &Bucket) -> [f64; COLUMNS] {
    let mut row = [0.0; COLUMNS];
    row[..3].copy_from_slice(&[bucket.at, f64::from(bucket.samples), f64::from(bucket.requests)]);
    for (place, signal) in row[3..].chunks_exact_mut(3).zip(SHOWN) {
        let seen = bucket.get(signal);
        place.copy_from_slice(&[f64::from(seen.min), f64::from(seen.max), f64::from(seen.last)]);
    }
    row
}

/// [`crate::memory::sample::Sample`] for JavaScript, which gives it its public shape.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeSample {
    pub at: f64,
    pub floor: f64,
    pub heap_used: f64,
    pub heap_committed: f64,
    pub heap_limit: f64,
    pub external: f64,
    pub array_buffers: f64,
    pub external_floor: f64,
    pub native: f64,
    pub malloc_used: f64,
    pub shared_bytes: f64,
    pub rss: f64,
    pub anonymous: f64,
    pub cpu: f64,
    pub descriptors: f64,
    pub minor_faults: f64,
    pub major_faults: f64,
    pub cgroup_limit: f64,
    pub cgroup_used: f64,
    pub cgroup_max_events: f64,
    pub cgroup_oom_kills: f64,
    pub major: f64,
    pub minor: f64,
    pub major_ms: f64,
    pub minor_ms: f64,
    pub gc_share: f64,
    pub loop_delay: f64,
    pub loop_utilization: f64,
    pub requests: f64,
    pub request_rate: f64,
    pub handles: f64,
    pub timers: f64,
    pub cache_bytes: f64,
    pub cache_entries: f64,
}

impl NativeSample {
    /// The newest sample, where there is one.
    pub(super) fn newest(sampler: &Sampler) -> Option<Self> {
        let sample = sampler.newest()?;
        let (gc_share, request_rate) = sampler.pace();
        let (isolate, process) = (sample.isolate, sample.process);
        Some(Self {
            at: sample.at,
            floor: isolate.floor,
            heap_used: isolate.heap_used,
            heap_committed: isolate.heap_committed,
            heap_limit: isolate.heap_limit,
            external: isolate.external,
            array_buffers: isolate.array_buffers,
            external_floor: isolate.floor_external,
            native: (process.anonymous - sample.all_isolates).max(0.0),
            malloc_used: process.malloc_used,
            shared_bytes: process.shared_allocated + process.shared_mapped,
            rss: process.rss,
            anonymous: process.anonymous,
            cpu: process.cpu,
            descriptors: process.descriptors,
            minor_faults: process.minor_faults,
            major_faults: process.major_faults,
            cgroup_limit: process.cgroup_limit,
            cgroup_used: process.cgroup_used,
            cgroup_max_events: process.cgroup_max_events,
            cgroup_oom_kills: process.cgroup_oom_kills,
            major: isolate.major,
            minor: isolate.minor,
            major_ms: isolate.major_ms,
            minor_ms: isolate.minor_ms,
            gc_share,
            loop_delay: isolate.loop_delay,
            loop_utilization: isolate.loop_utilization,
            requests: isolate.requests,
            request_rate,
            handles: isolate.handles,
            timers: isolate.timers,
            cache_bytes: isolate.cache_bytes,
            cache_entries: isolate.cache_entries,
        })
    }
}

/// [`Slope`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeSlope {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl From<Slope> for NativeSlope {
    fn from(Slope { value, low, high }: Slope) -> Self {
        Self { value, low, high }
    }
}

/// [`Trend`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeTrend {
    pub place: &'static str,
    pub growing: bool,
    pub from: f64,
    pub to: f64,
    pub seconds: f64,
    pub points: u32,
    pub per_second: NativeSlope,
    pub per_request: Option<NativeSlope>,
    pub p: f64,
    pub decay: f64,
}

impl From<&Trend> for NativeTrend {
    fn from(trend: &Trend) -> Self {
        Self {
            place: trend.place.as_str(),
            growing: trend.growing,
            from: trend.from,
            to: trend.to,
            seconds: trend.seconds,
            points: trend.points,
            per_second: trend.per_second.into(),
            per_request: trend.per_request.map(Into::into),
            p: trend.p,
            decay: trend.decay,
        }
    }
}

/// [`Verdict`] for JavaScript.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeVerdict {
    pub verdict: &'static str,
    pub place: Option<&'static str>,
    pub since: f64,
    pub onset: Option<f64>,
    pub confidence: f64,
    pub per_second: Option<NativeSlope>,
    pub per_request: Option<NativeSlope>,
    pub seconds_to_heap_limit: Option<f64>,
    pub seconds_to_cgroup_limit: Option<f64>,
    pub evidence: String,
    pub next: String,
    pub trends: Vec<NativeTrend>,
}

impl From<&Verdict> for NativeVerdict {
    fn from(verdict: &Verdict) -> Self {
        let trend = verdict.trend();
        Self {
            verdict: verdict.kind.as_str(),
            place: verdict.place.map(crate::memory::verdict::Place::as_str),
            since: verdict.since,
            onset: verdict.onset,
            confidence: verdict.confidence,
            per_second: trend.map(|trend| trend.per_second.into()),
            per_request: trend.and_then(|trend| trend.per_request).map(Into::into),
            seconds_to_heap_limit: verdict.seconds_to_heap_limit,
            seconds_to_cgroup_limit: verdict.seconds_to_cgroup_limit,
            evidence: verdict.evidence.clone(),
            next: verdict.next.clone(),
            trends: verdict.trends.iter().map(Into::into).collect(),
        }
    }
}
