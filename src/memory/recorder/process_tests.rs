//! How real processes end, and what their black boxes say: each test starts this test program again as a child that plays
//! one [`Part`], and looks at its exit status and its file.
//!
//! Unsafe: calls of the C library on signals, in children made for them. Invariant: handlers only store to atomics, raise,
//! or end the process.

#![expect(clippy::unwrap_used, reason = "tests, in functions that are not themselves marked as such")]

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::memory::sample::{Isolate, Process, Sample};

const FOLDER: &str = "PLATEAU_TEST_FOLDER";
const PART: &str = "PLATEAU_TEST_PART";
const MIB: f64 = 1024.0 * 1024.0;

/// What a child does once it has a black box.
type Part = fn(&mut Recorder);

const PARTS: [(&str, Part); 11] = [
    ("wait", |_| {}),
    ("exit", |recorder| {
        recorder.mark_end(&EndReason::Exit { code: 3 });
        std::process::exit(3);
    }),
    ("throw", |recorder| {
        recorder.mark_end(&EndReason::Uncaught { message: "Error: boom".into() });
        recorder.mark_end(&EndReason::Exit { code: 1 });
        std::process::exit(1);
    }),
    ("abort", |_| std::process::abort()),
    ("abort-full", |recorder| {
        recorder.write_sample(&sample(190.0));
        std::process::abort();
    }),
    ("fault", |_| {
        // SAFETY: none: this is meant to fault.
        unsafe { std::ptr::read_volatile(std::hint::black_box(8 as *const u8)) };
    }),
    ("handler-ends", |_| {
        // Its own handler came after the recorder: it ends the process by itself.
        extern "C" fn end(_: i32) {
            // SAFETY: has no preconditions.
            unsafe { libc::_exit(7) };
        }
        set_handler(libc::SIGTERM, end as *const () as usize, 0);
    }),
    ("default-again", |_| {
        // As libuv does when the last listener is removed.
        set_handler(libc::SIGTERM, libc::SIG_IGN, 0);
        set_handler(libc::SIGTERM, libc::SIG_DFL, 0);
    }),
    ("stop", |recorder| {
        recorder.mark_end(&EndReason::Stopped);
    }),
    ("child", |_| {
        // What ends a child does not end its parent.
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        // SAFETY: takes numbers only.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGTERM));
    }),
    ("address-space", |recorder| {
        let limit = 4096.0 * MIB;
        let mut sample = sample(10.0);
        sample.process.virtual_bytes = limit - MIB;
        recorder.write_sample(&sample);
        std::process::abort();
    }),
];

/// Handlers that are there before the recorder.
const BEFORE: [(&str, fn()); 3] = [
    ("node-before", || {
        // As Node's own: reset on entry, and raised again.
        extern "C" fn again(signal: i32) {
            // SAFETY: has no preconditions.
            unsafe { libc::raise(signal) };
        }
        set_handler(libc::SIGTERM, again as *const () as usize, libc::SA_RESETHAND);
    }),
    ("handled-before", || {
        extern "C" fn handled(_: i32) {
            HANDLED.store(true, Ordering::SeqCst);
        }
        set_handler(libc::SIGTERM, handled as *const () as usize, libc::SA_RESTART);
    }),
    ("ignored-before", || set_handler(libc::SIGHUP, libc::SIG_IGN, 0)),
];

static HANDLED: AtomicBool = AtomicBool::new(false);

fn set_handler(signal: i32, handler: usize, flags: i32) {
    // SAFETY: all zeros is a valid disposition.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: a valid disposition.
    assert_eq!(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }, 0);
}

fn sample(heap: f64) -> Sample {
    let isolate = Isolate {
        turn: heap,
        heap_used: heap * MIB,
        heap_committed: heap * MIB,
        heap_limit: 400.0 * MIB,
        heap_young: 150.0 * MIB,
        ..Isolate::default()
    };
    Sample {
        at: system::now_ms() as f64,
        isolate,
        process: Process { rss: 1e9, ..Process::default() },
        all_isolates: 0.0,
    }
}

/// The child's side; does nothing when it is not one.
#[test]
fn child() {
    let (Ok(folder), Ok(part)) = (env::var(FOLDER), env::var(PART)) else { return };
    // SAFETY: has no preconditions. A child that its test forgot ends by this.
    unsafe { libc::alarm(20) };
    for (_, prepare) in BEFORE.iter().filter(|(name, _)| *name == part) {
        prepare();
    }
    let mut facts = StartFacts::of_process();
    if part == "address-space" {
        facts.address_limit = 4096.0 * MIB;
    }
    let options = RecorderOptions { bytes: format::MIN_BYTES, signals: true, ..RecorderOptions::default() };
    let mut recorder = Recorder::create_with(Path::new(&folder), &options, &facts).unwrap();
    recorder.write_sample(&sample(10.0));
    for (_, play) in PARTS.iter().filter(|(name, _)| *name == part) {
        play(&mut recorder);
    }
    recorder.write_sample(&sample(11.0));
    println!("\nready");
    loop {
        thread::sleep(Duration::from_millis(5));
        if HANDLED.load(Ordering::SeqCst) {
            recorder.mark_end(&EndReason::Exit { code: 0 });
            std::process::exit(0);
        }
    }
}

struct Played {
    status: ExitStatus,
    death: Death,
    recording: Recording,
}

/// Starts a child, sends it `signals` once it is ready, and reads what is left of it.
fn play(part: &str, signals: &[i32]) -> Played {
    let folder = TempDir::new().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "memory::recorder::process_tests::child", "--nocapture", "--test-threads=1"])
        .envs([(FOLDER, folder.path().to_str().unwrap()), (PART, part)])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    if !signals.is_empty() {
        let output = BufReader::new(child.stdout.take().unwrap());
        assert!(output.lines().any(|line| line.is_ok_and(|line| line == "ready")), "{part} is ready");
        let mut recording = open_only(&folder);
        assert_eq!(die(&mut recording).ending == Ending::Running, part != "stop", "{part} lives");
        for signal in signals {
            send(&child, *signal);
        }
    }
    let status = child.wait().unwrap();
    let mut recording = open_only(&folder);
    assert_eq!(recording.problems(), (vec![], 0));
    Played { status, death: die(&mut recording), recording }
}

fn send(child: &Child, signal: i32) {
    let pid = i32::try_from(child.id()).unwrap();
    // SAFETY: takes numbers only; the child has not been waited for, so the number is still its own.
    unsafe { libc::kill(pid, signal) };
    thread::sleep(Duration::from_millis(30));
}

fn open_only(folder: &TempDir) -> Recording {
    let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    Recording::open(&path).unwrap()
}

fn die(recording: &mut Recording) -> Death {
    let mut samples = LastSamples::default();
    recording.read(|record| {
        if let Record::Sample(sample) = record {
            samples.add(&sample);
        }
    });
    ending(recording, &samples)
}

#[test]
fn a_killed_process_leaves_its_samples_and_no_other_trace() {
    let Played { status, death, recording } = play("wait", &[libc::SIGKILL]);
    assert_eq!((status.signal(), death.ending), (Some(9), Ending::Killed), "{death:?}");
    assert!(recording.state.heartbeat > 0);
}

#[test]
fn signals_end_it_as_they_did_before_and_are_named() {
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT, libc::SIGABRT, libc::SIGUSR2] {
        let Played { status, death, .. } = play("wait", &[signal]);
        assert_eq!(status.signal(), Some(signal));
        assert_eq!(death.ending, Ending::Signal(u8::try_from(signal).unwrap()), "{death:?}");
    }
}

#[test]
fn exit_codes_and_uncaught_errors_are_told_as_the_process_told_them() {
    let Played { status, death, .. } = play("exit", &[]);
    assert_eq!((status.code(), death.ending), (Some(3), Ending::Exit(3)));
    let Played { status, death, .. } = play("throw", &[]);
    assert_eq!((status.code(), death.ending), (Some(1), Ending::Uncaught(1)));
    assert!(death.why.contains("Error: boom"), "{death:?}");
}

#[test]
fn an_abort_is_that_of_v8_when_its_heap_was_full() {
    let Played { status, death, .. } = play("abort", &[]);
    assert_eq!((status.signal(), death.ending), (Some(6), Ending::Signal(6)), "{death:?}");
    let Played { status, death, .. } = play("abort-full", &[]);
    assert_eq!((status.signal(), death.ending), (Some(6), Ending::HeapLimit), "{death:?}");
    let Played { status, death, .. } = play("address-space", &[]);
    assert_eq!((status.signal(), death.ending), (Some(6), Ending::AddressLimit), "{death:?}");
}

#[test]
fn a_fault_in_native_code_ends_it_by_its_own_signal() {
    let Played { status, death, .. } = play("fault", &[]);
    assert_eq!((status.signal(), death.ending), (Some(11), Ending::Signal(11)), "{death:?}");
}

#[test]
fn handlers_that_were_there_run_by_their_own_flags() {
    let Played { status, death, .. } = play("node-before", &[libc::SIGTERM]);
    assert_eq!((status.signal(), death.ending), (Some(15), Ending::Signal(15)), "{death:?}");
    let Played { status, death, recording } = play("handled-before", &[libc::SIGTERM]);
    assert_eq!((status.code(), death.ending), (Some(0), Ending::Exit(0)), "{death:?}");
    assert!(recording.state.seen_signals.iter().any(|seen| seen.signal == 15));
}

#[test]
fn handlers_that_come_later_are_left_alone_and_defaults_taken_again() {
    let Played { status, .. } = play("handler-ends", &[libc::SIGTERM]);
    assert_eq!(status.code(), Some(7));
    let Played { status, death, .. } = play("default-again", &[libc::SIGTERM]);
    assert_eq!((status.signal(), death.ending), (Some(15), Ending::Signal(15)), "{death:?}");
}

#[test]
fn what_is_ignored_stays_ignored() {
    let Played { status, death, .. } = play("ignored-before", &[libc::SIGHUP, libc::SIGKILL]);
    assert_eq!((status.signal(), death.ending), (Some(9), Ending::Killed), "{death:?}");
}

#[test]
fn the_signals_of_a_child_are_not_those_of_its_parent() {
    let Played { death, recording, .. } = play("child", &[libc::SIGKILL]);
    assert_eq!(death.ending, Ending::Killed, "{death:?}");
    assert_eq!(recording.state.seen_signals, []);
}

#[test]
fn a_recorder_that_was_stopped_says_nothing_of_the_process() {
    let Played { death, .. } = play("stop", &[libc::SIGKILL]);
    assert_eq!(death.ending, Ending::Stopped, "{death:?}");
}
