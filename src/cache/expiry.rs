//! Finding expired entries by scanning their deadlines.
//!
//! A scan of a flat array costs under a nanosecond a slot and nothing per write, where a timer, a heap
//! or a wheel costs tens of nanoseconds on every `set`. Scans are rare: the shell calls only when the
//! earliest deadline it knows of has passed.

use crate::policy::{STRIDE, slot_id};

/// What one call of [`sweep`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweep {
    /// How many expired slots were written.
    pub found: usize,
    /// Where to go on: `used` when the scan is complete.
    pub next: usize,
    /// The earliest deadline among the live slots that were looked at and have not expired.
    pub earliest: f64,
}

/// Collects slots in `from..used` whose deadline is at most `now`, until `slots` is full or `limit` slots
/// were looked at. Free slots (stamp 0) must have an infinite deadline.
pub fn sweep(hot: &[f64], used: usize, from: usize, limit: usize, now: f64, slots: &mut [u32]) -> Sweep {
    let end = used.min(from.saturating_add(limit));
    let mut found = 0;
    let mut earliest = f64::INFINITY;
    let mut at = from;
    while at < end {
        let deadline = hot[at * STRIDE + 1];
        if deadline <= now {
            if found == slots.len() {
                break;
            }
            slots[found] = slot_id(at);
            found += 1;
        } else if deadline < earliest {
            earliest = deadline;
        }
        at += 1;
    }
    Sweep { found, next: at.max(from), earliest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hot(deadlines: &[f64]) -> Vec<f64> {
        deadlines.iter().enumerate().flat_map(|(slot, &deadline)| [slot as f64 + 1.0, deadline]).collect()
    }

    #[test]
    fn collects_what_has_expired_and_reports_the_earliest_of_the_rest() {
        let hot = hot(&[10.0, 99.0, 5.0, f64::INFINITY, 50.0]);
        let mut slots = [0; 8];
        let result = sweep(&hot, 5, 0, usize::MAX, 10.0, &mut slots);
        assert_eq!(result, Sweep { found: 2, next: 5, earliest: 50.0 });
        assert_eq!(slots[..2], [0, 2]);
    }

    #[test]
    fn a_full_buffer_or_the_limit_stops_the_scan_where_the_next_call_goes_on() {
        let hot = hot(&[1.0, 2.0, 3.0, 4.0]);
        let mut slots = [0; 2];
        assert_eq!(
            sweep(&hot, 4, 0, usize::MAX, 9.0, &mut slots),
            Sweep { found: 2, next: 2, earliest: f64::INFINITY }
        );
        assert_eq!(sweep(&hot, 4, 2, 1, 9.0, &mut slots).next, 3);
        assert_eq!(
            sweep(&hot, 4, 3, 1, 9.0, &mut slots),
            Sweep { found: 1, next: 4, earliest: f64::INFINITY }
        );
        assert_eq!(slots[0], 3);
    }
}
