//! The clock of samples and deadlines. What is compared between processes goes by the wall clock (`recorder::system`).

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch that never step back: the wall clock is read once, at the start.
#[must_use]
pub fn now_ms() -> f64 {
    static ORIGIN: OnceLock<(Instant, f64)> = OnceLock::new();
    let (start, offset) = ORIGIN.get_or_init(|| {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), epoch.as_secs_f64() * 1e3)
    });
    offset + start.elapsed().as_secs_f64() * 1e3
}
