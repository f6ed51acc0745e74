//! Verdicts as bytes. They come seldom, so numbers stay as they are; only the texts and the number of trends are bounded.

#![expect(clippy::cast_possible_truncation, reason = "a number that was cut to fit")]

use super::bytes::{Cursor, put_f64, put_text};
use crate::memory::rings::Signal;
use crate::memory::verdict::{Kind, Place, Slope, Trend, Verdict};

/// What stands for "none" where a place would be.
const NO_PLACE: u8 = u8::MAX;
const EVIDENCE_BYTES: usize = 1200;
const NEXT_BYTES: usize = 800;
const MAX_TRENDS: usize = 8;

/// Appends a verdict; at most 3.1 KB.
pub(super) fn encode(verdict: &Verdict, out: &mut Vec<u8>) {
    out.push(verdict.kind as u8);
    out.push(verdict.place.map_or(NO_PLACE, |place| place as u8));
    put_f64(out, verdict.since);
    put_optional(out, verdict.onset);
    put_f64(out, verdict.confidence);
    put_optional(out, verdict.seconds_to_heap_limit);
    put_optional(out, verdict.seconds_to_cgroup_limit);
    put_text(out, &verdict.evidence, EVIDENCE_BYTES);
    put_text(out, &verdict.next, NEXT_BYTES);
    let trends = &verdict.trends[..verdict.trends.len().min(MAX_TRENDS)];
    out.push(trends.len() as u8);
    for trend in trends {
        put_trend(out, trend);
    }
}

/// The verdict that [`encode`] made `bytes` of.
#[must_use]
pub(super) fn decode(bytes: &[u8]) -> Option<Verdict> {
    let mut cursor = Cursor::new(bytes);
    let kind = *Kind::ALL.get(usize::from(cursor.u8()?))?;
    let place = match cursor.u8()? {
        NO_PLACE => None,
        number => Some(*Place::ALL.get(usize::from(number))?),
    };
    let mut verdict = Verdict {
        kind,
        place,
        since: cursor.f64()?,
        onset: optional(cursor.f64()?),
        confidence: cursor.f64()?,
        seconds_to_heap_limit: optional(cursor.f64()?),
        seconds_to_cgroup_limit: optional(cursor.f64()?),
        evidence: cursor.text()?,
        next: cursor.text()?,
        trends: Vec::new(),
    };
    for _ in 0..cursor.u8()? {
        verdict.trends.push(trend(&mut cursor)?);
    }
    cursor.is_empty().then_some(verdict)
}

fn put_trend(out: &mut Vec<u8>, trend: &Trend) {
    out.push(trend.place as u8);
    out.push(u8::from(trend.growing));
    out.extend_from_slice(&trend.points.to_le_bytes());
    for value in [trend.from, trend.to, trend.seconds, trend.p, trend.decay, trend.onset] {
        put_f64(out, value);
    }
    put_slope(out, Some(trend.per_second));
    put_slope(out, trend.per_request);
}

fn trend(cursor: &mut Cursor<'_>) -> Option<Trend> {
    let place = *Place::ALL.get(usize::from(cursor.u8()?))?;
    Some(Trend {
        place,
        signal: Signal::of(place, true),
        growing: cursor.u8()? == 1,
        points: cursor.u32()?,
        from: cursor.f64()?,
        to: cursor.f64()?,
        seconds: cursor.f64()?,
        p: cursor.f64()?,
        decay: cursor.f64()?,
        onset: cursor.f64()?,
        per_second: slope(cursor)?,
        per_request: Some(slope(cursor)?).filter(|slope| !slope.value.is_nan()),
    })
}

fn put_slope(out: &mut Vec<u8>, slope: Option<Slope>) {
    let slope = slope.unwrap_or(Slope { value: f64::NAN, low: 0.0, high: 0.0 });
    put_f64(out, slope.value);
    put_f64(out, slope.low);
    put_f64(out, slope.high);
}

fn slope(cursor: &mut Cursor<'_>) -> Option<Slope> {
    Some(Slope { value: cursor.f64()?, low: cursor.f64()?, high: cursor.f64()? })
}

fn put_optional(out: &mut Vec<u8>, value: Option<f64>) {
    put_f64(out, value.unwrap_or(f64::NAN));
}

fn optional(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}
