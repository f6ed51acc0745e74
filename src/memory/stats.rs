//! Robust statistics of short series: whether one rises, by how much, and where it began to.
//!
//! - Slope: the median of the slopes between all pairs (P. K. Sen, "Estimates of the regression coefficient based on
//!   Kendall's tau", JASA 63 (1968)): a third of the points may be anything.
//! - Trend: Mann–Kendall (H. B. Mann, Econometrica 13 (1945)), with the variance corrected for autocorrelation
//!   (K. H. Hamed, A. R. Rao, "A modified Mann-Kendall trend test for autocorrelated data", J. Hydrology 204 (1998)):
//!   floors of neighbouring collections resemble each other, and the plain test takes that for a trend.
//!
//! All is quadratic in the number of points, of which callers pass some hundred at most.

use super::verdict::Slope;

/// 97.5 % of the normal distribution.
const Z_INTERVAL: f64 = 1.96;

/// A point: where, and how high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The result of the two tests together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rise {
    pub(super) slope: Slope,
    /// One-sided probability of such a rise, or a greater one, without trend.
    pub(super) p: f64,
}

/// Slope and significance of at least three points, whose `x` never falls. Points of equal `x` form no pair.
pub(super) fn rise(points: &[Point]) -> Option<Rise> {
    if points.len() < 3 {
        return None;
    }
    let mut slopes = slopes(points);
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let value = quantile(&slopes, 0.5);
    let (score, variance) = kendall(points);
    let variance = variance * inflation(points, value);
    let deviation = variance.sqrt();
    let p = if deviation == 0.0 { 1.0 } else { 1.0 - normal((score - score.signum()) / deviation) };
    // Sen's interval: as many ranks from the middle as the score deviates.
    let half = Z_INTERVAL * deviation / slopes.len() as f64 / 2.0;
    let slope = Slope { value, low: quantile(&slopes, 0.5 - half), high: quantile(&slopes, 0.5 + half) };
    Some(Rise { slope, p })
}

fn slopes(points: &[Point]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, a) in points.iter().enumerate() {
        slopes.extend(points[i + 1..].iter().filter(|b| b.x > a.x).map(|b| (b.y - a.y) / (b.x - a.x)));
    }
    slopes
}

/// The score of Mann and Kendall, and its variance, ties corrected.
fn kendall(points: &[Point]) -> (f64, f64) {
    let mut score = 0.0;
    for (i, a) in points.iter().enumerate() {
        for b in &points[i + 1..] {
            score += f64::from(i8::from(b.y > a.y) - i8::from(b.y < a.y));
        }
    }
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut levels: Vec<f64> = points.iter().map(|point| point.y).collect();
    levels.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::float_cmp, reason = "ties are equal values")]
    let ties: f64 = levels.chunk_by(|a, b| a == b).map(|tied| spread(tied.len() as f64)).sum();
    (score, (spread(points.len() as f64) - ties) / 18.0)
}

/// By how much autocorrelation raises the variance of the score: Hamed and Rao's equation 8, on the ranks of what the
/// slope leaves, with the correlations that are significant. Never below 1, so that no alarm comes of it.
fn inflation(points: &[Point], slope: f64) -> f64 {
    let n = points.len();
    let rest: Vec<f64> = points.iter().map(|point| point.y - slope * point.x).collect();
    let ranks = ranks(&rest);
    let mean = ranks.iter().sum::<f64>() / n as f64;
    let total: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    if total == 0.0 {
        return 1.0;
    }
    let count = n as f64;
    let significant = Z_INTERVAL / count.sqrt();
    let mut sum = 0.0;
    for lag in 1..=(n / 4) {
        let products = ranks.iter().zip(&ranks[lag..]).map(|(a, b)| (a - mean) * (b - mean));
        let correlation = products.sum::<f64>() / total;
        if correlation < significant {
            break;
        }
        let left = count - lag as f64;
        sum += left * (left - 1.0) * (left - 2.0) * correlation;
    }
    1.0 + 2.0 * sum / (count * (count - 1.0) * (count - 2.0))
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    #[expect(clippy::float_cmp, reason = "ties are equal values")]
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = from as f64 + (tied.len() - 1) as f64 / 2.0;
        for &index in tied {
            ranks[index] = rank;
        }
        from += tied.len();
    }
    ranks
}

/// The value below which `share` of the sorted `values` lie, between two of them by their distance.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let at = share.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the slice")]
    let below = at.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    values[below] + (values[above] - values[below]) * (at - at.floor())
}

/// The median; NAN of nothing.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// The normal distribution function (M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 26.2.17; the
/// error is below 1e-7).
pub(super) fn normal(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - normal(-z);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = series.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    1.0 - (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt() * sum
}

/// What a straight line leaves, squared and summed (least squares).
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Sums {
    fn with(self, point: Point) -> Self {
        let Point { x, y } = point;
        Self {
            n: self.n + 1.0,
            x: self.x + x,
            y: self.y + y,
            xx: self.xx + x * x,
            xy: self.xy + x * y,
            yy: self.yy + y * y,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            x: self.x - other.x,
            y: self.y - other.y,
            xx: self.xx - other.xx,
            xy: self.xy - other.xy,
            yy: self.yy - other.yy,
        }
    }

    fn left_over(self) -> f64 {
        let xx = self.xx - self.x * self.x / self.n;
        let xy = self.xy - self.x * self.y / self.n;
        let yy = self.yy - self.y * self.y / self.n;
        (if xx > 0.0 { yy - xy * xy / xx } else { yy }).max(0.0)
    }
}

/// Where the newest stretch that one straight line describes begins: 0, or after the last jump or bend.
///
/// Binary segmentation (A. J. Scott, M. Knott, Biometrics 30 (1974)), always going on with the newer part: the series is
/// cut where two lines leave least, if they leave much less than one does (an F test, strict because the best of many
/// cuts is tested). No part has fewer than `least` points.
pub(super) fn newest_stretch(points: &[Point], least: usize) -> usize {
    /// For three more parameters: far beyond 0.001 for the lengths used here.
    const F: f64 = 14.0;
    /// And the second line has to explain so much of what one line leaves.
    const SHARE: f64 = 0.5;
    let mut start = 0;
    loop {
        let part = &points[start..];
        if part.len() < 2 * least.max(3) {
            return start;
        }
        // Relative to the middle, so that sums of squares keep their digits.
        let (x, y) = (part[part.len() / 2].x, part[part.len() / 2].y);
        let centred = |point: &Point| Point { x: point.x - x, y: point.y - y };
        let all = part.iter().fold(Sums::default(), |sums, point| sums.with(centred(point)));
        let mut left = Sums::default();
        let mut best = (f64::INFINITY, 0);
        for (cut, point) in part.iter().enumerate() {
            if cut >= least && part.len() - cut >= least {
                let rest = left.left_over() + all.without(left).left_over();
                if rest < best.0 {
                    best = (rest, cut);
                }
            }
            left = left.with(centred(point));
        }
        let (rest, cut) = best;
        let whole = all.left_over();
        let freedom = part.len() as f64 - 5.0;
        let gain = (whole - rest) / 3.0 / (rest / freedom).max(f64::MIN_POSITIVE);
        // A fit that is perfect to rounding errors needs no second line.
        let exact = whole <= 1e-9 * all.yy;
        if cut == 0 || exact || gain < F || whole - rest < SHARE * whole {
            return start;
        }
        start += cut;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: impl IntoIterator<Item = f64>) -> Vec<Point> {
        values.into_iter().enumerate().map(|(i, y)| Point { x: i as f64, y }).collect()
    }

    /// Evenly distributed noise between -1 and 1, the same in each run.
    fn noise(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed.wrapping_mul(2_654_435_769).wrapping_add(1);
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        }
    }

    #[test]
    fn the_normal_distribution_is_the_one_of_the_tables() {
        for (z, p) in [(0.0, 0.5), (1.0, 0.841_345), (1.96, 0.975_002), (3.0, 0.998_650), (-1.0, 0.158_655)] {
            assert!((normal(z) - p).abs() < 1e-5, "{z}: {}", normal(z));
        }
    }

    #[test]
    fn a_slope_is_found_though_a_fifth_of_the_points_are_wild() {
        let mut random = noise(1);
        let points =
            series((0..40).map(|i| 3.0 * f64::from(i) + random() + if i % 5 == 0 { 500.0 } else { 0.0 }));
        let rise = rise(&points).unwrap();
        assert!((rise.slope.value - 3.0).abs() < 0.5 && rise.p < 1e-3, "{rise:?}");
        assert!(rise.slope.low < 3.0 && rise.slope.high > 3.0, "{rise:?}");
    }

    #[test]
    fn autocorrelated_wandering_is_accused_far_less_often_than_by_the_plain_test() {
        let (mut plain, mut corrected) = (0, 0);
        for seed in 0..400 {
            let mut random = noise(seed);
            let mut level = 0.0;
            let points = series((0..60).map(|_| {
                level = 0.8 * level + random();
                level
            }));
            let (score, variance) = kendall(&points);
            plain += i32::from(1.0 - normal((score - 1.0) / variance.sqrt()) < 0.01);
            corrected += i32::from(rise(&points).unwrap().p < 0.01);
        }
        assert!(corrected * 3 < plain, "{corrected} of 400 instead of {plain}");
        assert!(corrected < 32, "{corrected} of 400");
    }

    #[test]
    fn white_noise_rises_as_often_as_it_says() {
        let found = (0..1000)
            .filter(|&seed| {
                let mut random = noise(seed);
                rise(&series((0..30).map(|_| random()))).unwrap().p < 0.05
            })
            .count();
        assert!((15..=75).contains(&found), "{found} of 1000");
    }

    #[test]
    fn the_newest_stretch_begins_after_a_jump_or_a_bend() {
        let mut random = noise(3);
        let jump = series((0..60).map(|i| if i < 40 { 10.0 } else { 50.0 } + random()));
        assert!((38..=42).contains(&newest_stretch(&jump, 6)), "{}", newest_stretch(&jump, 6));
        let bend = series((0..60).map(|i| 2.0 * f64::from(i.min(30)) + random()));
        assert!((24..=36).contains(&newest_stretch(&bend, 6)), "{}", newest_stretch(&bend, 6));
        let line = series((0..60).map(|i| 2.0 * f64::from(i) + random()));
        assert_eq!(newest_stretch(&line, 6), 0);
        let flat = series((0..60).map(|_| random()));
        assert_eq!(newest_stretch(&flat, 6), 0);
        assert_eq!(newest_stretch(&series((0..60).map(f64::from)), 6), 0);
    }

    proptest! {
        #[test]
        fn any_points_have_an_ordered_interval(ys in prop::collection::vec(-1e9_f64..1e9, 3..80)) {
            let points = series(ys);
            if let Some(Rise { slope, p }) = rise(&points) {
                prop_assert!(slope.low <= slope.value && slope.value <= slope.high);
                prop_assert!((0.0..=1.0).contains(&p));
            }
            prop_assert!(newest_stretch(&points, 5) < points.len());
        }

        #[test]
        fn the_slope_scales_with_the_levels_and_does_not_shift(
            ys in prop::collection::vec(0_i32..1000, 5..40), factor in 1_i32..50, shift in -1000_i32..1000
        ) {
            let plain = rise(&series(ys.iter().copied().map(f64::from))).unwrap();
            let moved = rise(&series(ys.iter().map(|y| f64::from(y * factor + shift)))).unwrap();
            prop_assert!((moved.slope.value - plain.slope.value * f64::from(factor)).abs() < 1e-6);
        }
    }
}
