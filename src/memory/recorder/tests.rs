//! What is written can be read again, in whatever state the file is.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::ErrorCode;
use crate::memory::sample::{Isolate, Process, Sample};
use crate::memory::verdict::{Kind, Place, Slope, Trend, Verdict};

/// A second of a service under load, with numbers that move as such numbers do.
fn sample(second: u32) -> Sample {
    let second = f64::from(second);
    let wobble = (second * 1.7).sin();
    Sample {
        at: 1_790_000_000_000.0 + second * 1000.0,
        isolate: Isolate {
            turn: second,
            floor: 20e6 + (second / 20.0).floor() * 40_960.0,
            floor_external: 2e6,
            heap_used: (30e6 + wobble * 9e6).round(),
            heap_committed: 52_428_800.0,
            heap_limit: 4_345_298_944.0,
            external: (3e6 + wobble * 4e5).round(),
            array_buffers: (1e6 + wobble * 3e5).round(),
            major: (second / 20.0).floor(),
            minor: second * 3.0,
            major_ms: (second / 20.0).floor() * 3.125,
            minor_ms: second * 2.25,
            loop_delay: ((11.5 + wobble) * 1000.0).round() / 1000.0,
            loop_utilization: 0.4321,
            requests: second * 500.0,
            handles: 40.0,
            timers: 7.0,
            cache_bytes: second * 512.0,
            cache_entries: second,
            ..Isolate::default()
        },
        process: Process {
            rss: (90e6 + wobble * 5e6).round(),
            anonymous: (60e6 + wobble * 5e6).round(),
            virtual_bytes: 1.1e9,
            malloc_used: (8e6 + wobble * 1e5).round(),
            malloc_held: 9e6,
            cpu: (second * 437.0) / 1000.0,
            minor_faults: second * 31.0,
            descriptors: (40.0 + wobble * 4.0).round(),
            ..Process::default()
        },
        all_isolates: (33e6 + wobble * 9e6).round(),
    }
}

fn verdict(kind: Kind) -> Verdict {
    let slope = Slope { value: 1024.5, low: 900.0, high: 1100.0 };
    Verdict {
        kind,
        place: (kind == Kind::Leak).then_some(Place::Heap),
        since: 1_790_000_100_000.0,
        onset: Some(1_790_000_050_000.0),
        confidence: 0.97,
        seconds_to_heap_limit: Some(3600.0),
        seconds_to_cgroup_limit: None,
        evidence: "the floor rose from 20 MB to 42 MB in 90 s".to_owned(),
        next: "take three snapshots".to_owned(),
        trends: vec![Trend {
            place: Place::Heap,
            growing: true,
            from: 20e6,
            to: 42e6,
            seconds: 90.0,
            points: 18,
            per_second: slope,
            per_request: Some(slope),
            p: 0.001,
            decay: 1.02,
            onset: 1_790_000_050_000.0,
        }],
    }
}

fn recorder(folder: &TempDir, bytes: u64) -> Recorder {
    let facts =
        StartFacts { script: "/srv/app.js".to_owned(), name: "web".to_owned(), ..StartFacts::of_process() };
    Recorder::create(folder.path(), bytes, &facts).unwrap()
}

fn read(path: &std::path::Path) -> (Recording, Vec<Record>) {
    let mut recording = Recording::open(path).unwrap();
    let mut records = Vec::new();
    recording.read(|record| records.push(record));
    (recording, records)
}

fn samples(records: &[Record]) -> Vec<Sample> {
    records
        .iter()
        .filter_map(|record| if let Record::Sample(sample) = record { Some(**sample) } else { None })
        .collect()
}

#[test]
fn what_was_written_is_read_again_with_facts_verdicts_and_notes() {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::MIN_BYTES);
    recorder.write_sample(&sample(0));
    recorder.write_verdict(&verdict(Kind::Healthy));
    recorder.write_note(NoteKind::Alarm, "leak in the heap");
    recorder.write_verdict(&verdict(Kind::Leak));
    recorder.write_sample(&sample(1));
    recorder.mark_end(&EndReason::Uncaught { message: "Error: boom".to_owned() });
    recorder.mark_end(&EndReason::Exit { code: -7 });
    let path = recorder.path().to_path_buf();
    drop(recorder);

    let (recording, records) = read(&path);
    assert_eq!(recording.problems(), (vec![], 0));
    assert!(!recording.written);
    assert_eq!(recording.facts.pid, std::process::id());
    assert_eq!((recording.facts.script.as_str(), recording.facts.name.as_str()), ("/srv/app.js", "web"));
    assert_eq!(samples(&records), [sample(0), sample(1)]);
    let kinds: Vec<_> = records
        .iter()
        .map(|record| match record {
            Record::Sample(_) => "sample",
            Record::Verdict { verdict, .. } => verdict.kind.as_str(),
            Record::Note { text, .. } => text,
        })
        .collect();
    assert_eq!(kinds, ["sample", "healthy", "leak in the heap", "leak", "sample"]);
    let State { end, thrown, alarms, first_alarm, verdict: newest, first_leak, .. } = &recording.state;
    assert!(matches!(end, Some(MarkedEnd::Exit { code: -7, .. })));
    assert_eq!(thrown.as_ref().map(|(_, message)| message.as_str()), Some("Error: boom"));
    assert_eq!((*alarms, first_alarm.is_some()), (1, true));
    assert_eq!(newest.as_ref(), Some(&verdict(Kind::Leak)));
    assert_eq!(first_leak.as_ref(), Some(&verdict(Kind::Leak)));
}

#[test]
fn a_recorder_that_lives_is_told_from_one_that_ended() {
    let folder = TempDir::new().unwrap();
    let recorder = recorder(&folder, format::MIN_BYTES);
    let path = recorder.path().to_path_buf();
    assert!(Recording::open(&path).unwrap().written);
    drop(recorder);
    assert!(!Recording::open(&path).unwrap().written);
}

#[test]
fn the_ring_keeps_the_newest_and_says_what_it_holds_in_order() {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::MIN_BYTES);
    let total = 20_000;
    for second in 0..total {
        recorder.write_sample(&sample(second));
    }
    let (recording, records) = read(recorder.path());
    let read = samples(&records);
    assert_eq!(recording.lost_records, 0);
    assert_eq!(recording.problems(), (vec![], 0));
    let first = total - u32::try_from(read.len()).unwrap();
    assert!(first > 0 && read.len() > 500, "{} samples are left", read.len());
    for (sample_read, second) in read.iter().zip(first..) {
        assert_eq!(*sample_read, sample(second));
    }
}

#[test]
fn four_mebibytes_hold_eight_hours_of_a_busy_service_at_one_sample_a_second() {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::DEFAULT_BYTES);
    for second in 0..100_000 {
        recorder.write_sample(&sample(second));
    }
    let (_, records) = read(recorder.path());
    assert!(records.len() > 8 * 3600, "only {} s", records.len());
}

#[test]
fn texts_without_end_are_cut_and_numbers_without_sense_kept_out() {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::MIN_BYTES);
    let endless = "ü".repeat(100_000);
    recorder.write_note(NoteKind::Caches, &endless);
    recorder.write_verdict(&Verdict {
        evidence: endless.clone(),
        next: endless.clone(),
        trends: vec![verdict(Kind::Leak).trends[0]; 500],
        ..verdict(Kind::Leak)
    });
    recorder.mark_end(&EndReason::Uncaught { message: endless });
    let mut odd = sample(1);
    odd.process.rss = f64::NAN;
    odd.process.cpu = f64::INFINITY;
    odd.isolate.requests = -1e300;
    recorder.write_sample(&odd);
    recorder.write_sample(&sample(2));
    let (recording, records) = read(recorder.path());
    assert_eq!(recording.problems(), (vec![], 0));
    assert_eq!(records.len(), 4);
    let samples = samples(&records);
    assert!(samples[0].process.rss.abs() < 1.0 && samples[0].process.cpu.is_finite());
    assert_eq!(samples[1], sample(2));
    assert!(recording.state.thrown.is_some_and(|(_, message)| message.len() > 1000));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_and_links_are_refused() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("a/b");
    let recorder = Recorder::create(&folder, format::MIN_BYTES, &StartFacts::of_process()).unwrap();
    assert_eq!(fs::metadata(recorder.path()).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert!(fs::metadata(recorder.path()).unwrap().blocks() * 512 >= format::MIN_BYTES, "space is reserved");
    let link = parent.path().join("link");
    symlink(&folder, &link).unwrap();
    let error = Recorder::create(&link, format::MIN_BYTES, &StartFacts::of_process()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Recorder);
    assert!(error.message().contains("symbolic link"), "{error}");
    let link = parent.path().join("link.plateau");
    symlink(recorder.path(), &link).unwrap();
    assert_eq!(Recording::open(&link).unwrap_err().code(), ErrorCode::NotARecording);
}

#[test]
fn sizes_that_are_not_offered_and_folders_that_cannot_be_are_errors() {
    let folder = TempDir::new().unwrap();
    for bytes in [0, format::MIN_BYTES - 1, format::MAX_BYTES + 1] {
        let error = Recorder::create(folder.path(), bytes, &StartFacts::default()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::OutOfRange);
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Recorder::create(&file, format::MIN_BYTES, &StartFacts::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Recorder);
}

#[test]
fn old_files_of_the_dead_are_removed_but_nothing_else() {
    let folder = TempDir::new().unwrap();
    let alive = recorder(&folder, format::MIN_BYTES);
    let dead: Vec<PathBuf> = (0..6)
        .map(|second| {
            let mut recorder = recorder(&folder, format::MIN_BYTES);
            recorder.write_sample(&sample(second));
            std::thread::sleep(std::time::Duration::from_millis(2));
            recorder.path().to_path_buf()
        })
        .collect();
    let foreign = folder.path().join("photo.plateau");
    fs::write(&foreign, vec![7; 100_000]).unwrap();
    let options = RecorderOptions {
        bytes: format::MIN_BYTES,
        retention: Retention { files: 2, bytes: u64::MAX },
        ..RecorderOptions::default()
    };
    let next = Recorder::create_with(folder.path(), &options, &StartFacts::of_process()).unwrap();
    let left: Vec<bool> = dead.iter().map(|path| path.exists()).collect();
    assert_eq!(left, [false, false, false, false, true, true]);
    assert!(alive.path().exists() && foreign.exists() && next.path().exists());
    let options = RecorderOptions { retention: Retention { files: 9, bytes: 1 }, ..options };
    let _one_more = Recorder::create_with(folder.path(), &options, &StartFacts::of_process()).unwrap();
    assert!(!dead[4].exists() && dead[5].exists(), "the newest stays whatever its size");
}

#[test]
fn files_of_something_else_say_what_they_are_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.plateau");
    let expectations: [(&[u8], &str); 4] = [
        (b"", "ends at byte 0"),
        (b"PLATEAU", "ends at byte 7"),
        (&[b'x'; 5000], "not those of a black box"),
        (b"PLATEAU\x1a\x09\0\0\0                                    ", "version 9"),
    ];
    for (content, expected) in expectations {
        fs::write(&path, content).unwrap();
        let error = Recording::open(&path).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotARecording);
        assert!(error.message().contains(expected), "{error}");
    }
    assert!(Recording::open(folder.path()).is_err(), "a folder is no black box");
    assert!(Recording::open(&folder.path().join("none")).is_err());
}

/// A file with some of everything, as it is after its writer was killed.
fn file() -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::MIN_BYTES);
    for second in 0..2_000 {
        recorder.write_sample(&sample(second));
        if second % 50 == 0 {
            recorder.write_verdict(&verdict(Kind::ALL[second as usize / 50 % Kind::ALL.len()]));
            recorder.write_note(NoteKind::Gc, "12 collections");
        }
    }
    recorder.mark_end(&EndReason::Uncaught { message: "Error: boom".to_owned() });
    fs::read(recorder.path()).unwrap()
}

#[test]
fn of_a_truncated_file_the_part_that_is_there_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.plateau");
    let whole = file();
    let length = whole.len() - 4 * format::BLOCK - 1234;
    fs::write(&path, &whole[..length]).unwrap();
    let (recording, records) = read(&path);
    assert!(samples(&records).len() > 300);
    assert!(
        recording
            .problems()
            .0
            .iter()
            .any(|(offset, what)| *offset == length as u64 && what.contains("ends here"))
    );
}

#[test]
fn a_damaged_block_costs_its_own_records_only_and_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.plateau");
    let mut bytes = file();
    fs::write(&path, &bytes).unwrap();
    let before = read(&path).1.len();
    let offset = format::HEADER_BYTES + 3 * format::BLOCK + 2000;
    bytes[offset] ^= 0x40;
    fs::write(&path, &bytes).unwrap();
    let (recording, records) = read(&path);
    let lost = before - records.len();
    assert!(lost > 0 && lost < 100, "{lost} records are lost");
    assert_eq!(recording.lost_records, lost as u64);
    let (problems, more) = recording.problems();
    assert_eq!((problems.len(), more), (1, 0));
    assert!(problems[0].0 <= offset as u64 && problems[0].0 > (offset - 200) as u64, "{problems:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_the_reader_fail_or_invent_samples(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
        burst in (any::<prop::sample::Index>(), 0..9000usize, any::<u8>()),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        static WHOLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(file);
        let mut bytes = WHOLE.clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let from = burst.0.index(bytes.len());
        let to = (from + burst.1).min(bytes.len());
        bytes[from..to].fill(burst.2);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(WHOLE.len()));
        }
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("x.plateau");
        fs::write(&path, &bytes).unwrap();
        if let Ok(mut recording) = Recording::open(&path) {
            let mut last = -1.0;
            recording.read(|record| if let Record::Sample(read) = record {
                let second = (read.at - sample(0).at) / 1000.0;
                assert!(second > last, "samples come in order");
                last = second;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2000")]
                let expected = sample(second as u32);
                assert_eq!(*read, expected, "a sample is one that was written");
            });
        }
    }

    #[test]
    fn any_sample_comes_back_to_within_half_a_step(
        values in prop::collection::vec(-9e15..9e15, 37),
        before in prop::collection::vec(-9e15..9e15, 37),
    ) {
        let make = |values: &[f64]| {
            let mut sample = sample(0);
            sample.at = values[0].abs();
            sample.process.rss = values[1];
            sample.isolate.floor = values[2];
            sample.isolate.major_ms = values[3] / 1e6;
            sample.isolate.loop_utilization = values[4] / 9e15;
            sample.process.address_limit = values[5];
            sample
        };
        let (before, now) = (sample_codec::Steps::of(&make(&before)), make(&values));
        let mut bytes = Vec::new();
        sample_codec::Steps::of(&now).encode(&before, &mut bytes);
        let read = sample_codec::Steps::decode(&before, &bytes).unwrap().sample();
        prop_assert!((read.at - now.at).abs() <= 1.0);
        prop_assert!((read.process.rss - now.process.rss).abs() <= 1.0);
        prop_assert!((read.isolate.floor - now.isolate.floor).abs() <= 1.0);
        prop_assert!((read.isolate.major_ms - now.isolate.major_ms).abs() <= 0.002);
        prop_assert!((read.isolate.loop_utilization - now.isolate.loop_utilization).abs() <= 0.0001);
        prop_assert!((read.process.address_limit - now.process.address_limit).abs() <= 1.0);
    }
}
