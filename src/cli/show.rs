//! Times, slopes and names as people read them, the same in text and pages.

use std::time::{Duration, SystemTime};

use crate::memory::bytes;
use crate::memory::recorder::StartFacts;
use crate::memory::verdict::{Kind, Place, Verdict};

/// A moment: `2026-11-21 20:15:00Z`.
#[must_use]
pub(super) fn moment(milliseconds: f64) -> String {
    // Beyond the year 9999 it is damage, not time.
    const LATEST: f64 = 253_402_300_799_000.0;
    if !(0.0..=LATEST).contains(&milliseconds) {
        return "an impossible time".to_owned();
    }
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs_f64((milliseconds / 1000.0).floor());
    humantime::format_rfc3339_seconds(time).to_string().replace('T', " ")
}

/// An amount of what a place is measured in.
#[must_use]
pub(super) fn amount(place: Place, value: f64) -> String {
    if place.in_bytes() { bytes(value) } else { format!("{value:.1}") }
}

/// What grows.
#[must_use]
pub(super) const fn noun(place: Place) -> &'static str {
    match place {
        Place::Heap => "heap floor",
        Place::External => "buffers",
        Place::Native => "native memory",
        Place::Descriptors => "open descriptors",
        Place::Handles => "active handles",
    }
}

/// `leak (heap)`.
#[must_use]
pub(super) fn verdict(verdict: Option<&Verdict>) -> String {
    match verdict {
        None => "none yet".to_owned(),
        Some(Verdict { kind, place: Some(place), .. }) => format!("{} ({})", kind.as_str(), place.as_str()),
        Some(Verdict { kind, .. }) => kind.as_str().to_owned(),
    }
}

/// Whether a verdict is a finding.
#[must_use]
pub(super) fn is_finding(verdict: Option<&Verdict>) -> bool {
    verdict.is_some_and(|verdict| matches!(verdict.kind, Kind::Leak | Kind::GcPressure))
}

/// Whose black box it is: `4711 web`, `4711/3 worker 3`.
#[must_use]
pub(super) fn whose(facts: &StartFacts) -> String {
    let mut text = facts.pid.to_string();
    if facts.thread != 0 {
        text.push('/');
        text.push_str(&facts.thread.to_string());
    }
    if !facts.name.is_empty() {
        text.push(' ');
        text.push_str(&facts.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_universal_time_and_damage_is_none() {
        assert_eq!(moment(1_795_292_100_500.0), "2026-11-21 20:15:00Z");
        for damage in [f64::NAN, -1.0, 1e300, f64::INFINITY] {
            assert_eq!(moment(damage), "an impossible time");
        }
    }
}
