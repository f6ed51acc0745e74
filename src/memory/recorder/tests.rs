//! What is written can be read again; what is made, and what is removed.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::test_data::{read, recorder, sample, samples, verdict};
use super::*;
use crate::ErrorCode;
use crate::memory::verdict::{Kind, Verdict};

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
fn four_mebibytes_hold_eight_hours_at_one_sample_a_second_though_every_number_moves() {
    let folder = TempDir::new().unwrap();
    let mut recorder = recorder(&folder, format::DEFAULT_BYTES);
    for second in 0..60_000 {
        let mut restless = sample(second);
        // Megabytes up and down where the usual sample stands still.
        let swing = (f64::from(second) * 2.3).sin() * 4e6;
        for number in [
            &mut restless.isolate.floor,
            &mut restless.isolate.floor_low,
            &mut restless.isolate.floor_external,
            &mut restless.isolate.heap_committed,
            &mut restless.isolate.cache_bytes,
            &mut restless.process.virtual_bytes,
            &mut restless.process.malloc_held,
            &mut restless.process.cgroup_used,
        ] {
            *number = (*number + 5e6 + swing).round();
        }
        restless.isolate.handles += f64::from(second % 3);
        restless.isolate.timers += f64::from(second % 2);
        restless.isolate.loop_utilization = f64::from(second % 100) / 100.0;
        restless.isolate.major += f64::from(second);
        restless.isolate.major_ms += f64::from(second) * 7.125;
        restless.process.major_faults += f64::from(second);
        restless.process.cgroup_max_events += f64::from(second);
        recorder.write_sample(&restless);
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
