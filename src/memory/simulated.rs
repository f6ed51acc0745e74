//! Tests of the verdict on simulated services, whose memory is known: leaks are found and placed, look-alikes are not.

use proptest::prelude::*;

use super::Sampler;
use super::sample::{Isolate, Process};
use super::verdict::{Kind, Place, Verdict};

const MIB: f64 = 1_048_576.0;

/// What a service is at a moment: bytes and counts besides its own.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    heap: f64,
    external: f64,
    native: f64,
    mapped: f64,
    descriptors: f64,
    handles: f64,
    rate: f64,
    gc_ms: f64,
    filling: bool,
    cache_bytes: f64,
    shared: f64,
}

/// Evenly distributed between -1 and 1, the same for each seed.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// A service watched for so many seconds, with a major collection every third; what was told, with its second.
fn watch(seconds: u32, seed: u64, service: impl Fn(f64) -> State) -> (Vec<(u32, Kind)>, Sampler) {
    let mut noise = Noise(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut sampler = Sampler::simulated(true);
    let mut told = vec![(0, Kind::NotEnoughData)];
    let (mut requests, mut floor, mut gc_ms) = (0.0, 0.0, 0.0);
    for second in 0..=seconds {
        let State {
            heap,
            external,
            native,
            mapped,
            descriptors,
            handles,
            rate,
            filling,
            cache_bytes,
            shared,
            gc_ms: each,
        } = service(f64::from(second));
        requests += rate;
        gc_ms += each;
        // The start of every service: code and modules, three quarters of it within ten seconds.
        let start = 6.0 * MIB * (1.0 - (-f64::from(second) / 8.0).exp());
        let survivors = 0.15 * MIB * noise.next();
        if second % 3 == 0 {
            floor = 8.0 * MIB + start + heap + survivors;
        }
        let garbage = MIB * f64::from(second % 3);
        let isolate = Isolate {
            turn: f64::from(second + 1),
            floor,
            floor_low: floor,
            floor_external: 2.0 * MIB + external,
            heap_used: floor + garbage,
            heap_committed: 1.3 * floor + 8.0 * MIB,
            heap_limit: 2048.0 * MIB,
            heap_young: 400.0 * MIB,
            external: 2.0 * MIB + external + 0.2 * garbage,
            major: f64::from(second / 3),
            minor: f64::from(second),
            major_ms: gc_ms,
            requests,
            handles: 10.0 + handles,
            cache_bytes,
            cache_filling: f64::from(u8::from(filling)),
            ..Isolate::default()
        };
        let malloc =
            isolate.external + 3.0 * MIB + native + 0.02 * shared + 0.3 * MIB * noise.next() + 0.5 * garbage;
        let process = Process {
            rss: isolate.heap_committed + malloc + 40.0 * MIB,
            anonymous: isolate.heap_committed + malloc + 10.0 * MIB + mapped + 0.98 * shared,
            malloc_used: malloc,
            malloc_held: malloc + 2.0 * MIB,
            shared_allocated: 0.02 * shared,
            // As segments: the last is not all touched.
            shared_mapped: (0.98 * shared / MIB).ceil() * MIB,
            descriptors: 25.0 + descriptors,
            cgroup_limit: 1024.0 * MIB,
            cgroup_used: isolate.heap_committed + malloc,
            ..Process::default()
        };
        if sampler.look(1000.0 * f64::from(second) + 1e12, isolate, process) {
            told.push((second, sampler.verdict().kind));
        }
    }
    (told, sampler)
}

fn leak_at(told: &[(u32, Kind)]) -> Option<u32> {
    told.iter().find(|(_, kind)| *kind == Kind::Leak).map(|(second, _)| *second)
}

fn never_accused(seconds: u32, seed: u64, service: impl Fn(f64) -> State) -> Verdict {
    let (told, sampler) = watch(seconds, seed, service);
    assert_eq!(leak_at(&told), None, "{told:?}: {:?}", sampler.verdict());
    sampler.verdict().clone()
}

fn found(seconds: u32, within: u32, place: Place, service: impl Fn(f64) -> State) -> Verdict {
    let (told, sampler) = watch(seconds, 7, service);
    let verdict = sampler.verdict().clone();
    let at = leak_at(&told);
    assert!(at.is_some_and(|at| at <= within), "{told:?}: {verdict:?}");
    assert_eq!((verdict.kind, verdict.place), (Kind::Leak, Some(place)), "{verdict:?}");
    verdict
}

#[test]
fn two_kilobytes_per_request_are_called_within_ninety_seconds_of_the_warm_up() {
    let verdict =
        found(120, 110, Place::Heap, |t| State { heap: 1_024_000.0 * t, rate: 500.0, ..State::default() });
    let slope = verdict.trend().and_then(|trend| trend.per_request).expect("requests were made");
    assert!((slope.value - 2048.0).abs() < 100.0 && slope.low > 1900.0 && slope.high < 2200.0, "{slope:?}");
    let onset = (verdict.onset.expect("of a leak") - 1e12) / 1000.0;
    assert!(onset < 30.0, "{onset}");
    let limit = verdict.seconds_to_cgroup_limit.expect("there is a limit");
    assert!((600.0..1100.0).contains(&limit), "{limit}");
    // Some 130 of the 1648 MiB that old objects may take are taken.
    let limit = verdict.seconds_to_heap_limit.expect("there is one");
    assert!((1500.0..1620.0).contains(&limit), "{limit}");
    assert!(verdict.evidence.contains("per request") && verdict.next.contains("snapshots"), "{verdict:?}");
}

#[test]
fn sixty_four_bytes_per_request_are_called_within_ten_minutes() {
    let verdict =
        found(620, 600, Place::Heap, |t| State { heap: 32_000.0 * t, rate: 500.0, ..State::default() });
    let slope = verdict.trend().and_then(|trend| trend.per_request).expect("requests were made");
    assert!((slope.value - 64.0).abs() < 8.0, "{slope:?}");
}

#[test]
fn every_place_is_told_from_the_others() {
    found(200, 150, Place::External, |t| State {
        external: 2e6 * t,
        heap: 2e4 * t,
        rate: 200.0,
        ..State::default()
    });
    found(200, 150, Place::Native, |t| State { native: 1e6 * t, rate: 200.0, ..State::default() });
    found(200, 150, Place::Descriptors, |t| State {
        descriptors: 2.0 * t,
        heap: 1e5 * t,
        rate: 200.0,
        ..State::default()
    });
    found(200, 150, Place::Handles, |t| State {
        handles: 5.0 * t,
        heap: 1e5 * t,
        rate: 200.0,
        ..State::default()
    });
}

#[test]
fn memory_that_an_add_on_maps_is_native_and_stays_told() {
    let (told, sampler) = watch(400, 5, |t| State {
        mapped: 1e6 * t.min(200.0),
        rate: if t < 200.0 { 300.0 } else { 0.0 },
        ..State::default()
    });
    assert_eq!(
        (sampler.verdict().kind, sampler.verdict().place),
        (Kind::Leak, Some(Place::Native)),
        "{told:?}"
    );
    assert_eq!(told.iter().filter(|(_, kind)| *kind == Kind::Leak).count(), 1, "{told:?}");
}

#[test]
fn a_leak_that_begins_late_is_found_and_dated() {
    let verdict = found(900, 800, Place::Heap, |t| State {
        heap: 4e5 * (t - 600.0).max(0.0),
        rate: 300.0,
        ..State::default()
    });
    let onset = (verdict.onset.expect("of a leak") - 1e12) / 1000.0;
    assert!((560.0..680.0).contains(&onset), "{onset}");
}

#[test]
fn a_slow_leak_of_days_is_found_in_hours() {
    found(4 * 3600, 4 * 3600, Place::Heap, |t| State { heap: 3_000.0 * t, rate: 50.0, ..State::default() });
}

#[test]
fn a_leak_stays_a_leak_when_traffic_stops_and_nothing_returns() {
    let (_, sampler) = watch(400, 3, |t| State {
        heap: 1e6 * t.min(150.0),
        rate: if t < 150.0 { 500.0 } else { 0.0 },
        ..State::default()
    });
    assert_eq!(sampler.verdict().kind, Kind::Leak);
}

#[test]
fn growth_that_ends_with_the_traffic_and_returns_was_load() {
    let (_, sampler) = watch(500, 3, |t| State {
        heap: if t < 150.0 { 1e6 * t } else { 0.0 },
        rate: if t < 150.0 { 500.0 } else { 0.0 },
        ..State::default()
    });
    assert_ne!(sampler.verdict().kind, Kind::Leak, "{:?}", sampler.verdict());
}

#[test]
fn collecting_without_pause_is_pressure() {
    let verdict = never_accused(200, 1, |_| State { gc_ms: 300.0, rate: 500.0, ..State::default() });
    assert_eq!(verdict.kind, Kind::GcPressure);
}

#[test]
fn a_known_cache_that_fills_is_filling() {
    let verdict =
        never_accused(300, 1, |t| State { heap: 2e5 * t, filling: true, rate: 500.0, ..State::default() });
    assert_eq!(verdict.kind, Kind::Filling);
    let sized = never_accused(300, 1, |t| State {
        heap: 2e5 * t,
        cache_bytes: 1.8e5 * t,
        rate: 500.0,
        ..State::default()
    });
    assert_eq!(sized.kind, Kind::Filling);
}

#[test]
fn a_shared_cache_that_fills_is_no_native_leak_and_hides_none() {
    let shared = |t: f64| (MIB * t).min(256.0 * MIB);
    let verdict = never_accused(600, 1, |t| State { shared: shared(t), rate: 500.0, ..State::default() });
    assert_eq!(verdict.kind, Kind::Healthy);
    let leaks = |t: f64| State { shared: shared(t), native: 3e5 * t, rate: 500.0, ..State::default() };
    found(300, 250, Place::Native, leaks);
}

#[test]
fn an_idle_process_is_healthy() {
    assert_eq!(never_accused(600, 1, |_| State::default()).kind, Kind::Healthy);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn level_services_are_healthy_for_hours(seed in any::<u64>()) {
        let verdict = never_accused(2 * 3600, seed, |_| State { rate: 500.0, ..State::default() });
        prop_assert_eq!(verdict.kind, Kind::Healthy);
    }

    #[test]
    fn what_fills_up_slower_and_slower_is_not_accused(seed in any::<u64>(), size in 2.0_f64..200.0, tau in 10.0_f64..45.0) {
        never_accused(900, seed, |t| State { heap: size * MIB * (1.0 - (-t / tau).exp()), rate: 500.0, ..State::default() });
    }

    #[test]
    fn a_time_to_live_of_a_minute_is_not_accused(seed in any::<u64>(), size in 2.0_f64..200.0) {
        never_accused(900, seed, |t| State { heap: size * MIB * (t / 60.0).min(1.0), rate: 500.0, ..State::default() });
    }

    #[test]
    fn steps_are_not_accused(seed in any::<u64>(), first in 60.0_f64..300.0, size in 5.0_f64..100.0) {
        never_accused(900, seed, |t| State {
            heap: MIB * size * (f64::from(u8::from(t > first)) + f64::from(u8::from(t > 2.0 * first))),
            rate: 500.0,
            ..State::default()
        });
    }

    #[test]
    fn memory_that_follows_the_traffic_is_not_accused(seed in any::<u64>(), period in 120.0_f64..3600.0) {
        let rate = move |t: f64| 300.0 + 250.0 * (t * std::f64::consts::TAU / period).sin();
        never_accused(3600, seed, |t| State { heap: 0.1 * MIB * rate(t), rate: rate(t), ..State::default() });
    }

    #[test]
    fn bursts_are_not_accused(seed in any::<u64>(), every in 40_u32..200, size in 5.0_f64..300.0) {
        never_accused(1200, seed, |t| {
            let burst = t % f64::from(every) < 15.0;
            State { external: if burst { size * MIB } else { 0.0 }, native: if burst { size * MIB } else { 0.0 },
                rate: if burst { 900.0 } else { 300.0 }, ..State::default() }
        });
    }

    #[test]
    fn steady_leaks_are_found_and_measured(seed in any::<u64>(), bytes in 200.0_f64..20_000.0, rate in 100.0_f64..2000.0) {
        let (told, sampler) = watch(320, seed, |t| State { heap: bytes * rate * t, rate, ..State::default() });
        prop_assert!(leak_at(&told).is_some(), "{:?}: {:?}", told, sampler.verdict());
        let slope = sampler.verdict().trend().and_then(|trend| trend.per_request).expect("requests were made");
        prop_assert!((slope.value / bytes - 1.0).abs() < 0.15, "{:?} instead of {}", slope, bytes);
    }
}
