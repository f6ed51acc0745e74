//! Whatever state a file is in, what can be read is, and nothing is invented.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::test_data::{file, read, sample, samples};
use super::*;
use crate::ErrorCode;

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
