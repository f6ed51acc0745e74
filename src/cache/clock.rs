//! A clock that costs the reader one load.
//!
//! Reading the time costs 25 to 40 ns in JavaScript, more than the rest of a cache hit; remembering it for
//! the current turn of the event loop (what others do) makes time stand still while the loop is busy, which
//! is when a service is in trouble. Here the keeper writes the time into a shared word every `tick`, but
//! only while somebody reads it: a running clock has a *lease*, and when that ends the word becomes infinite, so
//! that no deadline is later and the next reader has to call [`Clock::start`] (a new lease, exact time). An idle process has no ticks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::keeper::{Keeper, Registration};
use crate::time::now_ms;

/// The word that readers load: `f64` bits of the time in milliseconds, infinite while the clock stands.
pub trait Word: Send + 'static {
    /// The shared memory.
    fn cell(&self) -> &AtomicU64;
}

impl Word for Arc<AtomicU64> {
    fn cell(&self) -> &AtomicU64 {
        self
    }
}

#[derive(Debug)]
struct Lease {
    tick: Duration,
    until: Instant,
}

/// A word kept at the current time by the keeper, on demand. Dropping it stops the writes for good.
#[derive(Debug)]
pub struct Clock {
    lease: Arc<Mutex<Lease>>,
    registration: Mutex<Option<Registration>>,
}

impl Clock {
    /// How long a clock runs after the last start: so an active reader calls about eight times a second.
    pub const LEASE: Duration = Duration::from_millis(128);

    /// A clock that stands until started. Where no thread can be had it stands for ever, and every read
    /// is a call.
    #[must_use]
    pub fn new(keeper: &'static Keeper, word: impl Word) -> Self {
        let lease = Arc::new(Mutex::new(Lease { tick: Duration::from_millis(1), until: Instant::now() }));
        let shared = Arc::clone(&lease);
        let registration = keeper.register(move || {
            let lease = shared.lock();
            if Instant::now() >= lease.until {
                word.cell().store(f64::INFINITY.to_bits(), Ordering::Relaxed);
                return None;
            }
            word.cell().store(now_ms().to_bits(), Ordering::Relaxed);
            Some(lease.tick)
        });
        Self { lease, registration: Mutex::new(registration) }
    }

    /// Starts the clock or prolongs its lease, with a tick of `tick_ms`, and returns the exact time.
    #[must_use]
    pub fn start(&self, tick_ms: f64) -> f64 {
        if let Some(registration) = &*self.registration.lock() {
            {
                let mut lease = self.lease.lock();
                lease.tick = Duration::from_secs_f64(tick_ms.clamp(1.0, 1e3) / 1e3);
                lease.until = Instant::now() + Self::LEASE.max(lease.tick * 8);
            }
            registration.wake();
        }
        now_ms()
    }

    /// Ends the writes for good: when this returns, the word's memory may be freed.
    pub fn stop(&self) {
        let registration = self.registration.lock().take();
        // Waits for a write under way.
        drop(registration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for(condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !condition() {
            assert!(Instant::now() < deadline, "did not happen");
            std::thread::yield_now();
        }
    }

    #[test]
    fn runs_while_leased_and_is_infinite_afterwards() {
        let keeper: &'static Keeper = Box::leak(Box::default());
        let word = Arc::new(AtomicU64::new(f64::INFINITY.to_bits()));
        let read = || f64::from_bits(word.load(Ordering::Relaxed));
        let clock = Clock::new(keeper, Arc::clone(&word));
        assert!(read().is_infinite());
        let started = clock.start(1.0);
        wait_for(|| read() > started && read().is_finite());
        wait_for(|| read().is_infinite());
        assert!(clock.start(1.0) >= started + Clock::LEASE.as_secs_f64() * 1e3);
        wait_for(|| read().is_finite());
        drop(clock);
        let last = word.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(10));
        assert_eq!(word.load(Ordering::Relaxed), last);
        assert_eq!(Arc::strong_count(&word), 1);
    }

    #[test]
    fn stopped_it_writes_no_more_though_it_is_started_and_still_knows_the_time() {
        let keeper: &'static Keeper = Box::leak(Box::default());
        let word = Arc::new(AtomicU64::new(f64::INFINITY.to_bits()));
        let clock = Clock::new(keeper, Arc::clone(&word));
        let started = clock.start(1.0);
        clock.stop();
        assert_eq!(Arc::strong_count(&word), 1);
        let last = word.load(Ordering::Relaxed);
        assert!(clock.start(1.0) >= started);
        std::thread::sleep(Duration::from_millis(10));
        assert_eq!(word.load(Ordering::Relaxed), last);
        clock.stop();
    }
}
