//! From verdicts, one after the other, to the one that is told: no flicker, and what was found stays found until it is
//! seen to have gone.

use super::verdict::{Kind, Trend, Verdict};

/// How often in a row the same has to be found before it is told: judged every five seconds.
const LEAK_AFTER: u32 = 3;
const OTHER_AFTER: u32 = 2;
/// A leak is over when its signal has lost this share of what it had grown by,
const RETURNED: f64 = 0.5;
/// or has not grown for so many seconds though there was traffic.
const LEVEL: f64 = 150.0;

/// What is told, and since when.
#[derive(Debug, Default)]
pub struct Mood {
    told: Verdict,
    /// What was found lately instead, and how often.
    found: (Kind, u32),
    /// The growth that was told of as a leak, as it was seen last.
    growth: Option<Growth>,
}

#[derive(Debug, Clone, Copy)]
struct Growth {
    trend: Trend,
    /// When it was last seen to grow; milliseconds.
    seen: f64,
    /// Requests per second while it grew.
    rate: f64,
}

/// What the newest samples say about a leak that was told of.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    /// The signal of the leak now.
    pub level: f64,
    /// Requests per second now.
    pub rate: f64,
}

/// Requests per second while it grew; 0 where it has nothing to do with requests.
fn rate_of(trend: &Trend) -> f64 {
    trend
        .per_request
        .filter(|slope| slope.value > 0.0)
        .map_or(0.0, |slope| trend.per_second.value / slope.value)
}

impl Mood {
    /// The verdict that is told.
    #[must_use]
    pub fn told(&self) -> &Verdict {
        &self.told
    }

    /// Takes a verdict made `at`; `level` says where the signal of a trend is now. Returns whether what is told has
    /// changed in kind or place.
    pub fn take(&mut self, found: Verdict, at: f64, level: impl Fn(&Trend) -> Level) -> bool {
        let same =
            found.kind == self.told.kind && (found.kind != Kind::Leak || found.place == self.told.place);
        if found.kind == Kind::Leak
            && let Some(trend) = found.trend().copied()
        {
            self.growth = Some(Growth { trend, seen: at, rate: rate_of(&trend) });
        }
        if same {
            self.found = (found.kind, 0);
            let onset = self.told.onset;
            self.told = Verdict { since: self.told.since, ..found };
            if let (Some(first), Some(now)) = (onset, self.told.onset) {
                // The horizon moves on; the beginning that was seen first is the better one.
                self.told.onset = Some(first.min(now));
            }
            return false;
        }
        if self.told.kind == Kind::Leak && found.kind != Kind::Leak && self.still_there(at, &level) {
            return false;
        }
        self.found =
            if self.found.0 == found.kind { (found.kind, self.found.1 + 1) } else { (found.kind, 1) };
        let needed = match (self.told.kind, found.kind) {
            (Kind::NotEnoughData, Kind::WarmingUp) => 1,
            (_, Kind::Leak) => LEAK_AFTER,
            _ => OTHER_AFTER,
        };
        if self.found.1 < needed {
            return false;
        }
        if found.kind != Kind::Leak {
            self.growth = None;
        }
        self.found = (found.kind, 0);
        self.told = Verdict { since: at, ..found };
        true
    }

    fn still_there(&self, at: f64, level: &impl Fn(&Trend) -> Level) -> bool {
        let Some(Growth { trend, seen, rate }) = self.growth else { return false };
        let now = level(&trend);
        if !now.level.is_nan() && now.level < trend.to - RETURNED * (trend.to - trend.from) {
            return false;
        }
        // Without the traffic that caused it, that it does not grow says nothing.
        let quiet = rate > 0.5 && now.rate < 0.2 * rate;
        quiet || (at - seen) / 1000.0 < LEVEL
    }
}

#[cfg(test)]
mod tests {
    use super::super::rings::Signal;
    use super::super::verdict::{Place, Slope};
    use super::*;

    fn leak() -> Verdict {
        let trend = Trend {
            place: Place::Heap,
            signal: Signal::Floor,
            growing: true,
            from: 10.0,
            to: 50.0,
            seconds: 60.0,
            points: 20,
            per_second: Slope { value: 100.0, low: 90.0, high: 110.0 },
            per_request: Some(Slope { value: 1.0, low: 0.9, high: 1.1 }),
            p: 0.0,
            decay: 1.0,
            onset: 5.0,
        };
        Verdict {
            kind: Kind::Leak,
            place: Some(Place::Heap),
            onset: Some(5.0),
            trends: vec![trend],
            ..Verdict::default()
        }
    }

    fn healthy() -> Verdict {
        Verdict { kind: Kind::Healthy, ..Verdict::default() }
    }

    fn told(verdicts: impl IntoIterator<Item = (Verdict, f64, f64)>) -> Vec<Kind> {
        let mut mood = Mood::default();
        let each = verdicts.into_iter().enumerate().map(|(i, (verdict, level, rate))| {
            mood.take(verdict, 5000.0 * i as f64, |_| Level { level, rate });
            mood.told().kind
        });
        each.collect()
    }

    #[test]
    fn one_finding_is_not_told_and_three_in_a_row_are() {
        let kinds = told((0..8).map(|i| (if i == 3 || i > 4 { leak() } else { healthy() }, 50.0, 1.0)));
        assert_eq!(kinds[1..7], [Kind::Healthy; 6]);
        assert_eq!(kinds[7], Kind::Leak);
    }

    #[test]
    fn a_leak_stays_told_when_the_traffic_stops_and_the_floor_does_not_return() {
        let kinds =
            told((0..100).map(|i| if i < 5 { (leak(), 50.0, 100.0) } else { (healthy(), 49.0, 0.0) }));
        assert_eq!(kinds[99], Kind::Leak);
    }

    #[test]
    fn it_is_taken_back_when_the_floor_returns_or_stays_level_under_traffic() {
        let returned =
            told((0..10).map(|i| if i < 5 { (leak(), 50.0, 100.0) } else { (healthy(), 12.0, 0.0) }));
        assert_eq!(returned[9], Kind::Healthy);
        let level =
            told((0..60).map(|i| if i < 5 { (leak(), 50.0, 100.0) } else { (healthy(), 50.0, 90.0) }));
        assert_eq!((level[20], level[59]), (Kind::Leak, Kind::Healthy));
    }
}
