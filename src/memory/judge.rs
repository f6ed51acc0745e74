//! From the history of an isolate to a verdict, without memory of earlier verdicts: the same history gives the same one.

use super::rings::{Bucket, Rings, Signal};
use super::trend::{CHANCE, Observation, has_risen, trend};
use super::verdict::{Kind, Place, Trend, Verdict};
use super::words;

/// What the history does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Now {
    /// When the first sample was taken; milliseconds since the Unix epoch.
    pub started: f64,
    /// When the newest was.
    pub at: f64,
    /// The bytes of old objects at which V8 gives up.
    pub heap_room: f64,
    /// The memory limit of the control group, 0 for none.
    pub cgroup_limit: f64,
    /// What the control group uses.
    pub cgroup_used: f64,
    /// Whether a known bounded cache grows and is not full.
    pub cache_filling: bool,
    /// Whether the floor is exact. Without it, the lowest use of the heap has to do.
    pub exact: bool,
}

/// Seconds after the start that are never judged: modules load, code is compiled, pools fill.
const WARM_UP: f64 = 20.0;
/// Seconds after the start before which nothing is called healthy.
const SETTLED: f64 = 75.0;
/// Seconds after the start up to which slowing growth is the start's.
const YOUNG: f64 = 300.0;
/// How far back the trends of now reach, in seconds. Sixty points are enough, and cost a millisecond.
const SHORT: f64 = 600.0;
/// How far back the others do, and from which age on.
const LONG: [(f64, f64); 2] = [(7_200.0, 900.0), (86_400.0, 10_800.0)];
/// Bytes by which memory has to grow that neither heaps, buffers nor `malloc` explain.
const MUCH_UNEXPLAINED: f64 = 16e6;
/// The share of time in collections that is pressure, over the last minute.
const PRESSURE: f64 = 0.12;
/// The share of the heap limit the floor must not come near to.
const NEARLY_FULL: f64 = 0.85;

/// The verdict on this history, and on what [`long_trends`] has found in it.
#[must_use]
pub fn judge(rings: &Rings, now: &Now, long: &[Trend]) -> Verdict {
    let trends = trends(rings, now, long);
    let seconds = (now.at - now.started) / 1000.0;
    let recent = rings.last(SHORT, SHORT / 60.0);
    let share = gc_share(rings);
    let caches = cache_growth(&recent);
    let mut verdict = Verdict { since: now.at, trends, ..Verdict::default() };
    let leaks: Vec<Trend> = verdict.trends.iter().filter(|trend| trend.growing).copied().collect();
    let known = |trend: &Trend| {
        trend.place == Place::Heap
            && (caches >= 0.5 * (trend.to - trend.from) || (caches == 0.0 && now.cache_filling))
    };
    if let Some(worst) = worst(leaks.iter().filter(|trend| !known(trend))) {
        verdict.kind = Kind::Leak;
        verdict.place = Some(worst.place);
        verdict.onset = Some(worst.onset);
        verdict.confidence = confidence(&worst);
    } else if let Some(filling) = worst(leaks.iter()) {
        verdict.kind = Kind::Filling;
        verdict.place = Some(filling.place);
        verdict.confidence = confidence(&filling);
    } else if verdict.trends.is_empty() || seconds < WARM_UP {
        verdict.kind = Kind::NotEnoughData;
    } else if share >= PRESSURE || floor_share(&recent, now) >= NEARLY_FULL {
        verdict.kind = Kind::GcPressure;
        verdict.confidence = (share / PRESSURE / 2.0).clamp(0.5, 1.0);
    } else if seconds < SETTLED {
        verdict.kind = Kind::WarmingUp;
        verdict.confidence = 0.5;
    } else if verdict.trends.iter().any(undecided) || unseen(&verdict.trends, rings) {
        verdict.kind = Kind::NotEnoughData;
    } else if let Some(rising) = worst(verdict.trends.iter().filter(|trend| rises_on(trend, seconds))) {
        verdict.kind = if seconds < YOUNG { Kind::WarmingUp } else { Kind::Filling };
        verdict.place = Some(rising.place);
        verdict.confidence = 0.5;
    } else {
        verdict.kind = Kind::Healthy;
        verdict.confidence = (seconds / 300.0).clamp(0.3, 1.0);
    }
    limits(&mut verdict, &recent, now);
    words::explain(
        &mut verdict,
        &words::Facts { seconds, gc_share: share, kept_pages: kept_pages(&recent), exact: now.exact },
    );
    verdict
}

/// The trends of the last ten minutes, and those of `long` where only they grow: one per place.
fn trends(rings: &Rings, now: &Now, long: &[Trend]) -> Vec<Trend> {
    let age = (now.at - now.started) / 1000.0;
    let resolution = if age < SHORT / 2.0 { SHORT / 120.0 } else { SHORT / 60.0 };
    let mut found = trends_of(SHORT, resolution, rings, now);
    prefer_growing(&mut found, long.iter().copied());
    found
}

/// Adds the trends of places that are not there, and those that grow where the one that is there does not.
fn prefer_growing(found: &mut Vec<Trend>, others: impl IntoIterator<Item = Trend>) {
    for trend in others {
        match found.iter_mut().find(|known| known.place == trend.place) {
            None => found.push(trend),
            Some(known) if trend.growing && !known.growing => *known = trend,
            Some(_) => {}
        }
    }
}

/// The trends of hours, which are judged more rarely: they move slowly.
#[must_use]
pub fn long_trends(rings: &Rings, now: &Now) -> Vec<Trend> {
    let age = (now.at - now.started) / 1000.0;
    let mut found: Vec<Trend> = Vec::new();
    for (length, after) in LONG {
        if age < after {
            break;
        }
        prefer_growing(&mut found, trends_of(length, length / 60.0, rings, now));
    }
    found
}

fn trends_of(seconds: f64, resolution: f64, rings: &Rings, now: &Now) -> Vec<Trend> {
    let buckets = rings.last(seconds, resolution);
    let dated = |trend: Trend| Trend { onset: now.started + 1000.0 * trend.onset, ..trend };
    Place::ALL.into_iter().filter_map(|place| trend_in(place, &buckets, now).map(dated)).collect()
}

fn trend_in(place: Place, buckets: &[Bucket], now: &Now) -> Option<Trend> {
    let of = |signal: Signal| trend(place, signal, &observe(buckets, signal, now));
    let usual = of(Signal::of(place, now.exact));
    if place != Place::Native || usual.as_ref().is_some_and(|trend| trend.growing) {
        return usual;
    }
    // What the allocator maps and keeps moves in large steps: only much of it counts.
    let rest = of(Signal::Unexplained)
        .map(|rest| Trend { growing: rest.growing && rest.to - rest.from >= MUCH_UNEXPLAINED, ..rest });
    rest.filter(|rest| rest.growing || usual.is_none()).or(usual)
}

/// The observations of one signal after the warm-up.
fn observe(buckets: &[Bucket], signal: Signal, now: &Now) -> Vec<Observation> {
    let mut requests = 0.0;
    let mut before = f64::NAN;
    let mut points = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        requests += f64::from(bucket.requests);
        let seconds = (bucket.at - now.started) / 1000.0;
        // A bucket that is not complete, the oldest or the newest, tells no rate.
        let rate = f64::from(bucket.requests) / (seconds - before).max(1.0);
        before = seconds;
        let level = f64::from(bucket.get(signal).min);
        if seconds >= WARM_UP && !level.is_nan() {
            let rate = if rate.is_nan() { 0.0 } else { rate };
            points.push(Observation { seconds, level, requests, rate });
        }
    }
    points
}

/// Whether it has risen, in too few points to tell how.
fn undecided(trend: &Trend) -> bool {
    has_risen(trend, 0.05) && trend.decay.is_nan()
}

/// Whether it rises, though not as a leak does: slowing, or not yet for certain. In a young process that may be chance.
fn rises_on(trend: &Trend, seconds: f64) -> bool {
    let chance = if seconds < YOUNG { 0.05 } else { CHANCE };
    has_risen(trend, chance) && trend.decay > 0.1
}

/// Whether requests come and the heap has not been collected often enough to know its floor.
fn unseen(trends: &[Trend], rings: &Rings) -> bool {
    const FEW: u32 = 5;
    let known = trends.iter().any(|trend| trend.place == Place::Heap && trend.points >= FEW);
    let requests: f64 = rings.last(60.0, 60.0).iter().map(|bucket| f64::from(bucket.requests)).sum();
    !known && requests > 100.0
}

/// The trend that explains most: what runs out first, then what is the cause of other growth, then the fastest.
fn worst<'a>(trends: impl Iterator<Item = &'a Trend>) -> Option<Trend> {
    /// Bytes that a handle or descriptor is at most the cause of: itself, and a request that it keeps.
    const HELD: f64 = 128.0 * 1024.0;
    let trends: Vec<&Trend> = trends.collect();
    let bytes = trends
        .iter()
        .filter(|trend| trend.place.in_bytes())
        .map(|trend| trend.per_second.value)
        .fold(0.0, f64::max);
    let rank = |trend: &Trend| match trend.place {
        _ if bytes > HELD * trend.per_second.value => 0,
        Place::Descriptors => 2,
        Place::Handles => 1,
        _ => 0,
    };
    trends
        .into_iter()
        .max_by(|a, b| rank(a).cmp(&rank(b)).then(a.per_second.value.total_cmp(&b.per_second.value)))
        .copied()
}

fn confidence(trend: &Trend) -> f64 {
    let spread =
        (trend.per_second.high - trend.per_second.low) / trend.per_second.value.max(f64::MIN_POSITIVE);
    (1.0 - trend.p - 0.15 * spread).clamp(0.5, 0.99)
}

fn gc_share(rings: &Rings) -> f64 {
    /// Of a few seconds, one collection is a large share.
    const FEW: u32 = 20;
    let (share, seconds) = rings.mean(Signal::GcShare, 60.0);
    if seconds < FEW { 0.0 } else { share }
}

fn newest(buckets: &[Bucket], signal: Signal) -> Option<f64> {
    buckets.iter().rev().map(|bucket| f64::from(bucket.get(signal).last)).find(|value| !value.is_nan())
}

fn oldest(buckets: &[Bucket], signal: Signal) -> Option<f64> {
    buckets.iter().map(|bucket| f64::from(bucket.get(signal).last)).find(|value| !value.is_nan())
}

fn floor_share(buckets: &[Bucket], now: &Now) -> f64 {
    let floor = newest(buckets, Signal::Floor);
    floor.filter(|_| now.heap_room > 0.0).map_or(0.0, |floor| floor / now.heap_room)
}

/// By how many bytes the named caches have grown.
fn cache_growth(buckets: &[Bucket]) -> f64 {
    match (oldest(buckets, Signal::Caches), newest(buckets, Signal::Caches)) {
        (Some(then), Some(now)) => (now - then).max(0.0),
        _ => 0.0,
    }
}

/// Whether the heap fell much while resident memory stayed.
fn kept_pages(buckets: &[Bucket]) -> bool {
    let highest = |signal| buckets.iter().map(|bucket| bucket.get(signal).max).fold(f32::NAN, f32::max);
    let (Some(used), Some(rss)) = (newest(buckets, Signal::Floor), newest(buckets, Signal::Rss)) else {
        return false;
    };
    let peak = f64::from(highest(Signal::Floor));
    used < 0.5 * peak && peak - used > 32e6 && rss > 0.9 * f64::from(highest(Signal::Rss))
}

/// How long it can go on.
fn limits(verdict: &mut Verdict, buckets: &[Bucket], now: &Now) {
    if verdict.kind != Kind::Leak {
        return;
    }
    let growing = |place: Place| {
        verdict
            .trends
            .iter()
            .find(|trend| trend.place == place && trend.growing)
            .map(|trend| trend.per_second.value)
    };
    let bytes: f64 = Place::ALL.into_iter().filter(|place| place.in_bytes()).filter_map(growing).sum();
    let floor = newest(buckets, Signal::Floor);
    if let (Some(slope), Some(floor)) = (growing(Place::Heap), floor)
        && now.heap_room > 0.0
    {
        verdict.seconds_to_heap_limit = Some(((now.heap_room - floor) / slope).max(0.0));
    }
    if bytes > 0.0 && now.cgroup_limit > 0.0 {
        verdict.seconds_to_cgroup_limit = Some(((now.cgroup_limit - now.cgroup_used) / bytes).max(0.0));
    }
}
