//! The ledger: a history per call site in two resolutions, and the verdict.

use super::history::{History, WINDOWS, Window};
use super::trend::rises;

/// The length of a window, in milliseconds: of the fine history, and of the coarse one, whose floor forgives what comes
/// and goes within a few seconds.
const FINE: f64 = 1000.0;
const COARSE: f64 = 8000.0;
/// Listeners by which the floor must have risen, and the share of its height.
const LEAST_RISE: f32 = 8.0;
const LEAST_SHARE: f32 = 0.1;
/// The share of what was added meanwhile that must have stayed: sites where nearly all go again do not leak, however
/// their number sways.
const LEAST_KEPT: f32 = 0.05;
/// A peak worth a word, and how far above the floor it is.
const LEAST_PEAK: f32 = 32.0;
const BURST: f32 = 3.0;

/// What the numbers of a call site say. The values are those that JavaScript gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// As many go as come.
    Stable = 0,
    /// The floor rises from window to window.
    Growing = 1,
    /// There were many more a moment ago, and they went.
    Burst = 2,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    fine: History,
    coarse: History,
}

/// All call sites of one JavaScript thread. About 250 bytes each.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: Vec<Row>,
    /// In which windows the last look was.
    fine: f64,
    coarse: f64,
}

impl Ledger {
    /// Takes one look at all call sites: how many listeners are `live` at each and how many were ever `added`, at
    /// `now` in milliseconds of a clock that does not go back. Writes the verdict on each and its floor: the least that
    /// was live in the last coarse window, or since it is known. O(sites); the arrays are equally long.
    pub fn look(&mut self, now: f64, live: &[f64], added: &[f64], verdicts: &mut [u8], floors: &mut [f64]) {
        let fine = windows_between(&mut self.fine, now, FINE);
        let coarse = windows_between(&mut self.coarse, now, COARSE);
        if self.rows.len() < live.len() {
            self.rows.resize(live.len(), Row::default());
        }
        let counts = live.iter().zip(added);
        let results = verdicts.iter_mut().zip(floors);
        for ((row, (&live, &added)), (verdict, floor)) in self.rows.iter_mut().zip(counts).zip(results) {
            row.fine.close(fine);
            row.coarse.close(coarse);
            #[expect(clippy::cast_possible_truncation, reason = "24 bits are plenty to compare counts by")]
            let (live, added) = (live as f32, added as f32);
            row.fine.look(live, added);
            row.coarse.look(live, added);
            *verdict = row.verdict() as u8;
            *floor = f64::from(row.floor());
        }
    }

    /// Forgets the history of one site: its place is given to another.
    pub fn forget(&mut self, site: usize) {
        if let Some(row) = self.rows.get_mut(site) {
            *row = Row::default();
        }
    }
}

/// How many windows of `length` have ended between the look before, whose window `last` is, and `now`.
fn windows_between(last: &mut f64, now: f64, length: f64) -> usize {
    let current = (now / length).floor();
    let ended = if *last == 0.0 { 0.0 } else { (current - *last).clamp(0.0, WINDOWS as f64) };
    *last = current;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 8")]
    let ended = ended as usize;
    ended
}

impl Row {
    fn verdict(&self) -> Verdict {
        if grows(&self.coarse) || (grows(&self.fine) && self.new_height()) {
            Verdict::Growing
        } else if self.burst() {
            Verdict::Burst
        } else {
            Verdict::Stable
        }
    }

    /// Whether the floor is higher than in all the coarse windows: what rises for a few seconds after a dip, does not
    /// leak.
    fn new_height(&self) -> bool {
        let highest = self.coarse.windows().map(|window| window.floor).fold(f32::NEG_INFINITY, f32::max);
        self.fine.windows().last().is_some_and(|window| window.floor >= highest + LEAST_RISE)
    }

    fn burst(&self) -> bool {
        let Some(last) = self.fine.windows().last() else { return false };
        let peak = self.fine.windows().map(|window| window.peak).fold(0.0, f32::max);
        peak >= LEAST_PEAK && peak >= BURST * last.floor.max(1.0)
    }

    fn floor(&self) -> f32 {
        let known = self.fine.windows().map(|window| window.floor).fold(f32::INFINITY, f32::min);
        if known == f32::INFINITY { 0.0 } else { known }
    }
}

fn grows(history: &History) -> bool {
    let mut floors = [0.0; WINDOWS];
    let mut length = 0;
    for (place, window) in floors.iter_mut().zip(history.windows()) {
        *place = window.floor;
        length += 1;
    }
    let (Some(first), Some(last)) = (history.windows().next(), history.windows().last()) else {
        return false;
    };
    rises(&floors[..length]) && matters(first, last)
}

fn matters(first: Window, last: Window) -> bool {
    let rise = last.floor - first.floor;
    rise >= LEAST_RISE && rise >= LEAST_SHARE * first.floor && rise >= LEAST_KEPT * (last.added - first.added)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The verdict after each second of `live(second)` with `rate` additions per second.
    fn verdicts(seconds: u32, rate: f64, live: impl Fn(u32) -> f64) -> Vec<u8> {
        let mut ledger = Ledger::default();
        (1..=seconds)
            .map(|second| {
                let (mut verdict, mut floor) = ([9], [0.0]);
                let added = [rate * f64::from(second)];
                ledger.look(1000.0 * f64::from(second), &[live(second)], &added, &mut verdict, &mut floor);
                verdict[0]
            })
            .collect()
    }

    const STABLE: u8 = Verdict::Stable as u8;
    const GROWING: u8 = Verdict::Growing as u8;
    const BURST: u8 = Verdict::Burst as u8;

    #[test]
    fn a_leak_is_seen_within_seconds_and_for_as_long_as_it_lasts() {
        let seen = verdicts(120, 10.0, |second| 10.0 * f64::from(second));
        assert!(seen[..6].iter().all(|&verdict| verdict == STABLE), "{seen:?}");
        assert!(seen[8..].iter().all(|&verdict| verdict == GROWING), "{seen:?}");
    }

    #[test]
    fn a_slow_leak_beside_much_traffic_is_seen_by_the_coarse_windows() {
        // Of 20 a second two stay; the others sway between 0 and 30.
        let seen = verdicts(200, 20.0, |second| 2.0 * f64::from(second) + f64::from(second * 7 % 31));
        assert_eq!(seen.last(), Some(&GROWING));
    }

    #[test]
    fn a_leak_that_begins_late_is_seen_within_seconds_too() {
        let seen = verdicts(300, 50.0, |second| 40.0 + 50.0 * f64::from(second.saturating_sub(200)));
        assert!(seen[..200].iter().all(|&verdict| verdict == STABLE), "{seen:?}");
        assert!(seen[212..].iter().all(|&verdict| verdict == GROWING), "{seen:?}");
    }

    #[test]
    fn what_fills_up_and_stays_is_stable_again() {
        let seen = verdicts(200, 1.0, |second| f64::from(second.min(20)) * 50.0);
        assert!(seen.contains(&GROWING));
        assert_eq!(seen.last(), Some(&STABLE));
    }

    #[test]
    fn traffic_that_sways_is_not_a_leak() {
        let seen = verdicts(600, 200.0, |second| 100.0 + f64::from(second * 37 % 41));
        assert!(seen.iter().all(|&verdict| verdict == STABLE), "{seen:?}");
    }

    #[test]
    fn a_peak_that_goes_again_is_a_burst_and_then_nothing() {
        let seen = verdicts(60, 5.0, |second| if (20..23).contains(&second) { 400.0 } else { 5.0 });
        assert!(seen[..18].iter().all(|&verdict| verdict == STABLE));
        assert_eq!(seen[25], BURST);
        assert_eq!(seen.last(), Some(&STABLE));
    }

    #[test]
    fn a_pause_without_looks_counts_as_no_change() {
        let mut ledger = Ledger::default();
        let (mut verdict, mut floor) = ([0], [0.0]);
        for (second, live) in [(1, 10.0), (2, 20.0), (3, 30.0), (1000, 31.0), (1001, 32.0)] {
            ledger.look(1000.0 * f64::from(second), &[live], &[live], &mut verdict, &mut floor);
        }
        assert_eq!((verdict, floor), ([STABLE], [30.0]));
    }

    #[test]
    fn a_place_that_is_given_away_starts_anew() {
        let mut ledger = Ledger::default();
        let (mut verdict, mut floor) = ([0], [0.0]);
        for second in 1..20 {
            let live = [20.0 * f64::from(second)];
            ledger.look(1000.0 * f64::from(second), &live, &live, &mut verdict, &mut floor);
        }
        assert_eq!(verdict, [GROWING]);
        ledger.forget(0);
        ledger.forget(100);
        ledger.look(20_000.0, &[3.0], &[3.0], &mut verdict, &mut floor);
        assert_eq!((verdict, floor), ([STABLE], [0.0]));
    }

    proptest! {
        #[test]
        fn any_numbers_give_a_verdict(
            looks in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..60)
        ) {
            let mut ledger = Ledger::default();
            let (mut verdict, mut floor) = ([0], [0.0]);
            for (now, live, added) in looks {
                ledger.look(now, &[live], &[added], &mut verdict, &mut floor);
                prop_assert!(verdict[0] <= 2);
            }
        }

        #[test]
        fn a_number_that_never_exceeds_what_it_was_does_not_grow(
            start in 0_u32..10_000, steps in prop::collection::vec(0_u32..50, 10..100)
        ) {
            let mut live = start;
            let series: Vec<f64> = steps.iter().map(|step| { live = live.saturating_sub(*step); f64::from(live) }).collect();
            let length = u32::try_from(series.len()).expect("at most 100");
            let seen = verdicts(length, 10.0, |second| series[second as usize - 1]);
            prop_assert!(!seen.contains(&GROWING));
        }

        #[test]
        fn a_leak_of_half_of_what_comes_is_always_found(rate in 4_u32..2000, noise in 0_u32..40) {
            let sway = |second: u32| f64::from(noise.min(rate / 2)) * f64::from(second * 13 % 7) / 7.0;
            let seen = verdicts(120, f64::from(rate), |second| f64::from(rate) / 2.0 * f64::from(second) + sway(second));
            prop_assert_eq!(seen.last(), Some(&GROWING));
        }
    }
}
