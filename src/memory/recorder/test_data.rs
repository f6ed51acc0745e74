//! Data for the tests of the recorder and of what reads it.

use tempfile::TempDir;

use super::*;
use crate::memory::sample::{Isolate, Process, Sample};
use crate::memory::verdict::{Kind, Place, Slope, Trend, Verdict};

/// A second of a service under load, with numbers that move as such numbers do.
pub(super) fn sample(second: u32) -> Sample {
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
            heap_young: 50_331_648.0,
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
            shared_allocated: 1e5,
            shared_mapped: second * 4096.0,
            cpu: (second * 437.0) / 1000.0,
            minor_faults: second * 31.0,
            descriptors: (40.0 + wobble * 4.0).round(),
            ..Process::default()
        },
        all_isolates: (33e6 + wobble * 9e6).round(),
    }
}

pub(super) fn verdict(kind: Kind) -> Verdict {
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
            signal: crate::memory::rings::Signal::Floor,
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

pub(super) fn recorder(folder: &TempDir, bytes: u64) -> Recorder {
    let facts =
        StartFacts { script: "/srv/app.js".to_owned(), name: "web".to_owned(), ..StartFacts::of_process() };
    Recorder::create(folder.path(), bytes, &facts).unwrap()
}

pub(super) fn read(path: &std::path::Path) -> (Recording, Vec<Record>) {
    let mut recording = Recording::open(path).unwrap();
    let mut records = Vec::new();
    recording.read(|record| records.push(record));
    (recording, records)
}

pub(super) fn samples(records: &[Record]) -> Vec<Sample> {
    records
        .iter()
        .filter_map(|record| if let Record::Sample(sample) = record { Some(**sample) } else { None })
        .collect()
}

/// A file with some of everything, as it is after its writer was killed.
pub(crate) fn file() -> Vec<u8> {
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
    std::fs::read(recorder.path()).unwrap()
}

/// Makes all checksums of a file right again, so that its contents are believed whatever they are.
pub(crate) fn seal(bytes: &mut [u8]) {
    let facts = u32::from_le_bytes(bytes[32..36].try_into().unwrap()) as usize;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..36]);
    hasher.update(&bytes[40..(40 + facts).min(format::PAGE)]);
    bytes[36..40].copy_from_slice(&hasher.finalize().to_le_bytes());
    for offset in [format::THROWN, format::VERDICTS[0], format::VERDICTS[1], format::FIRST_LEAK] {
        let counter = u64::from_le_bytes(bytes[offset..offset + 8].try_into().unwrap());
        let length = u32::from_le_bytes(bytes[offset + 8..offset + 12].try_into().unwrap()) as usize;
        let payload = &bytes[offset + 16..offset + 16 + length.min(2000)];
        let checksum = format::slot_checksum(counter, payload);
        bytes[offset + 12..offset + 16].copy_from_slice(&checksum.to_le_bytes());
    }
    for block in bytes[format::HEADER_BYTES..].chunks_exact_mut(format::BLOCK) {
        seal_block(block);
    }
}

fn seal_block(block: &mut [u8]) {
    let checksum = crc32fast::hash(&block[8..format::BLOCK_HEAD]);
    block[4..8].copy_from_slice(&checksum.to_le_bytes());
    let number = u64::from_le_bytes(block[8..16].try_into().unwrap());
    let mut at = format::BLOCK_HEAD;
    while at + format::RECORD_HEAD <= format::BLOCK && block[at] != 0 {
        let length = usize::from(u16::from_le_bytes([block[at + 1], block[at + 2]]));
        let end = at + format::RECORD_HEAD + length;
        let Some(payload) = block.get(at + format::RECORD_HEAD..end) else { return };
        let checksum = format::record_checksum(number, at, block[at], payload);
        block[at + 3..at + 7].copy_from_slice(&checksum.to_le_bytes());
        at = end;
    }
}
