//! Whether one signal leaks: what its points of some minutes or hours say.
//!
//! A rise counts when it is no chance (Mann–Kendall), when it matters (a budget in bytes and in shares of the level), when
//! it lasts (the less it is, the longer), when it is *even* (it goes on in every part of the time, as a leak does, and a
//! start, a filling cache, a step do not), and when the traffic does not explain it.

use super::rings::Signal;
use super::stats::{Point, Rise, median, newest_stretch, rise};
use super::verdict::{Place, Trend};

/// One bucket of a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Observation {
    /// Seconds since the first sample.
    pub(super) seconds: f64,
    /// The floor of the signal.
    pub(super) level: f64,
    /// Requests received since the first sample.
    pub(super) requests: f64,
    /// Requests per second.
    pub(super) rate: f64,
}

/// Growth that is less than all of this is left alone.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// In the signal's unit.
    rise: f64,
    /// As a share of the level at the start.
    share: f64,
    /// Growth by so much is judged after [`SHORTEST`]; growth by less, later.
    swift: f64,
}

const MIB: f64 = 1_048_576.0;

const fn budget(place: Place) -> Budget {
    match place {
        Place::Heap => Budget { rise: 1.2 * MIB, share: 0.03, swift: 16.0 * MIB },
        Place::External => Budget { rise: 2.0 * MIB, share: 0.03, swift: 16.0 * MIB },
        Place::Native => Budget { rise: 4.0 * MIB, share: 0.05, swift: 24.0 * MIB },
        Place::Descriptors => Budget { rise: 24.0, share: 0.2, swift: 100.0 },
        Place::Handles => Budget { rise: 48.0, share: 0.2, swift: 200.0 },
    }
}

/// Fewest points and seconds that are judged, and after how many even the slightest growth is.
const LEAST_POINTS: usize = 6;
const SHORTEST: f64 = 55.0;
const LONGEST: f64 = 240.0;
/// Chance of a rise without trend, in one test. Many are made: the other conditions are there for that.
pub(super) const CHANCE: f64 = 0.005;
/// The lower end of the slope's interval, as a share of the slope: below it the noise is too great to tell.
const CLEAR: f64 = 0.6;
/// Parts in which growth has to go on, and how many of the steps between them have to be this share of their mean.
const PARTS: usize = 6;
const STEPS: usize = 4;
const STEP: f64 = 0.25;
/// Below this the second half grows so much less than the first that the growth may end by itself.
const DECAY: f64 = 0.6;
/// Traffic that varies by less explains nothing (standard deviation by mean).
const STEADY: f64 = 0.04;
/// Twice the requests take no more than so many times the memory that they take in proportion.
const SLACK: f64 = 2.0;
/// A coefficient this many standard errors above 0 is there.
const CERTAIN: f64 = 4.0;

/// The trend of a signal, judged by its newest stretch or, where growth comes in steps, by all its points.
pub(super) fn trend(place: Place, signal: Signal, points: &[Observation]) -> Option<Trend> {
    let line: Vec<Point> = points.iter().map(|point| Point { x: point.seconds, y: point.level }).collect();
    let cut = newest_stretch(&line, LEAST_POINTS);
    let newest = judge(place, signal, &points[cut..]);
    if cut == 0 || newest.as_ref().is_some_and(|trend| trend.growing) {
        return newest;
    }
    match judge(place, signal, points) {
        Some(whole) if whole.growing || newest.is_none() => Some(whole),
        _ => newest,
    }
}

fn judge(place: Place, signal: Signal, points: &[Observation]) -> Option<Trend> {
    let (first, last) = (points.first()?, points.last()?);
    let by_time: Vec<Point> = points.iter().map(|point| Point { x: point.seconds, y: point.level }).collect();
    let Rise { slope, p } = rise(&by_time)?;
    let seconds = last.seconds - first.seconds;
    let requests = last.requests - first.requests;
    let by_requests: Vec<Point> =
        points.iter().map(|point| Point { x: point.requests, y: point.level }).collect();
    let per_request =
        if requests > points.len() as f64 { rise(&by_requests).map(|rise| rise.slope) } else { None };
    // Levels of the line through the middle, so that one odd point at an end does not decide.
    let middle = median(points.iter().map(|point| point.level - slope.value * point.seconds));
    let (from, to) = (middle + slope.value * first.seconds, middle + slope.value * last.seconds);
    let time = evenness(&by_time);
    let load = if per_request.is_some() { evenness(&by_requests) } else { Evenness::default() };
    let better = if load.is_even() && !time.is_even() { load } else { time };
    let budget = budget(place);
    let matters = to - from >= budget.rise && to - from >= budget.share * from.abs();
    let lasts = points.len() >= LEAST_POINTS && seconds >= needed(to - from, budget.swift);
    let growing = p < CHANCE
        && slope.low > CLEAR * slope.value
        && matters
        && lasts
        && better.is_even()
        && !explained_by_traffic(points, from, to - from);
    Some(Trend {
        place,
        signal,
        growing,
        from,
        to,
        seconds,
        points: u32::try_from(points.len()).unwrap_or(u32::MAX),
        per_second: slope,
        per_request,
        p,
        decay: better.decay,
        onset: first.seconds,
    })
}

/// Whether the signal rose by more than matters, decaying or not, and with less than this probability by chance.
pub(super) fn has_risen(trend: &Trend, chance: f64) -> bool {
    let budget = budget(trend.place);
    let rise = trend.to - trend.from;
    trend.p < chance
        && trend.per_second.low > 0.0
        && rise >= budget.rise
        && rise >= budget.share * trend.from.abs()
}

/// The seconds that growth of this size has to last.
fn needed(growth: f64, swift: f64) -> f64 {
    (SHORTEST * swift / growth.max(1.0)).clamp(SHORTEST, LONGEST)
}

/// How evenly growth is spread over the parts of a series.
#[derive(Debug, Clone, Copy)]
struct Evenness {
    steps: usize,
    goes_on: bool,
    decay: f64,
}

/// Where there are too few points to tell.
impl Default for Evenness {
    fn default() -> Self {
        Self { steps: 0, goes_on: false, decay: f64::NAN }
    }
}

impl Evenness {
    fn is_even(self) -> bool {
        self.steps >= STEPS && self.goes_on && self.decay >= DECAY
    }
}

fn evenness(points: &[Point]) -> Evenness {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Evenness::default() };
    let length = last.x - first.x;
    if length <= 0.0 {
        return Evenness::default();
    }
    let mut parts: [Vec<f64>; PARTS] = Default::default();
    for point in points {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to PARTS")]
        let part = ((point.x - first.x) / length * PARTS as f64) as usize;
        parts[part.min(PARTS - 1)].push(point.y);
    }
    let levels: Vec<f64> =
        parts.into_iter().filter(|part| !part.is_empty()).map(|part| median(part.into_iter())).collect();
    // A part without a collection says nothing; with two of them nothing is said about evenness.
    if levels.len() < PARTS - 1 {
        return Evenness::default();
    }
    let steps: Vec<f64> = levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = (levels[levels.len() - 1] - levels[0]) / steps.len() as f64;
    if mean <= 0.0 {
        return Evenness::default();
    }
    let missing = PARTS - levels.len();
    let newest: f64 = steps[steps.len() - 2..].iter().sum();
    Evenness {
        steps: missing + steps.iter().filter(|&&step| step >= STEP * mean).count(),
        goes_on: newest >= mean,
        decay: decay(points),
    }
}

/// The slope of the second half as a share of the first half's.
fn decay(points: &[Point]) -> f64 {
    let middle = f64::midpoint(points[0].x, points[points.len() - 1].x);
    let cut = points.partition_point(|point| point.x < middle);
    let slope = |part: &[Point]| rise(part).map(|rise| rise.slope.value);
    match (slope(&points[..cut]), slope(&points[cut..])) {
        (Some(first), Some(second)) if first > 0.0 => (second / first).clamp(0.0, 10.0),
        (_, Some(second)) if second > 0.0 => 10.0,
        (Some(_), Some(_)) => 0.0,
        // Too few points in a half to say anything.
        _ => 1.0,
    }
}

/// Whether the level follows the traffic: it rises by no more than what serves requests can, or, with the traffic taken
/// into account (least squares of the level on time and on the rate of requests), nothing certain is left for time.
fn explained_by_traffic(points: &[Observation], from: f64, growth: f64) -> bool {
    let third = points.len() / 3;
    let before = median(points[..third].iter().map(|point| point.rate));
    let after = median(points[points.len() - third..].iter().map(|point| point.rate));
    let busier = (after - before) / before.max(f64::MIN_POSITIVE);
    if busier > 0.0 && growth <= SLACK * busier * from.abs() {
        return true;
    }
    let n = points.len() as f64;
    let mean = |of: fn(&Observation) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (time, rate, level) = (mean(|p| p.seconds), mean(|p| p.rate), mean(|p| p.level));
    let sum = |of: &dyn Fn(f64, f64, f64) -> f64| -> f64 {
        points.iter().map(|p| of(p.seconds - time, p.rate - rate, p.level - level)).sum()
    };
    let (tt, rr, tr) = (sum(&|t, _, _| t * t), sum(&|_, r, _| r * r), sum(&|t, r, _| t * r));
    // Steady traffic explains nothing; and traffic that only rises, but by less than the level does, neither.
    if rate <= 0.0 || (rr / n).sqrt() < STEADY * rate || tr > 0.9 * (tt * rr).sqrt() {
        return false;
    }
    let (ty, ry, yy) = (sum(&|t, _, y| t * y), sum(&|_, r, y| r * y), sum(&|_, _, y| y * y));
    let determinant = tt * rr - tr * tr;
    if determinant <= 1e-9 * tt * rr {
        return true;
    }
    let by_time = (ty * rr - ry * tr) / determinant;
    let by_rate = (ry * tt - ty * tr) / determinant;
    let left = (yy - by_time * ty - by_rate * ry).max(0.0) / (n - 3.0).max(1.0);
    let error = (left * rr / determinant).sqrt();
    let seconds = points[points.len() - 1].seconds - points[0].seconds;
    by_time < CERTAIN * error || by_time * seconds < 0.5 * growth
}
