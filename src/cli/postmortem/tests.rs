//! A file may say anything: whoever can write the folder can make one. It is shown, whatever it says, and nothing else
//! happens.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::cli::Format;
use crate::memory::recorder::test_data::{file, seal};

fn readings(bytes: &[u8]) -> Option<Readings> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.plateau");
    fs::write(&path, bytes).unwrap();
    let story = Story::read(&path, None).ok()?;
    Some(Readings { stories: vec![story], running: 0, more: 0, failures: Vec::new() })
}

fn output() -> Output {
    Output::new(&Format { json: false, html: None, no_color: true })
}

#[test]
fn the_story_of_a_killed_process_has_its_verdict_growth_and_notes() {
    let readings = readings(&file()).unwrap();
    let text = text::render(&readings, &output());
    for expected in [
        "verdict  filling",
        "heap floor from 19.1 MiB to 40.1 MiB in 90 s: 1.0 KiB per second, 1.0 KiB per request",
        "12 collections",
        "floor of the heap after collections",
        "Error: boom",
    ] {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }
    let page = html::render(&readings);
    assert!(page.contains("Error: boom") && page.contains("<path class=\"floor\" d=\"M"), "{page}");
    let json: serde_json::Value = serde_json::from_str(&json::render(&readings)).unwrap();
    assert_eq!(json["processes"][0]["verdict"]["trends"][0]["place"], "heap");
    assert_eq!(json["processes"][0]["growth"][0]["perRequest"], 1024.5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_says_is_shown_without_a_panic_and_without_control_characters(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..200),
        near_start in prop::collection::vec((0..600_usize, any::<u8>()), 0..20),
    ) {
        static WHOLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(file);
        let mut bytes = WHOLE.clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (at, value) in near_start {
            // The facts and words, which random places seldom hit.
            bytes[40 + at] = value;
            bytes[4096 + at] = value;
        }
        seal(&mut bytes);
        if let Some(readings) = readings(&bytes) {
            let text = text::render(&readings, &output());
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
            let page = html::render(&readings);
            prop_assert!(page.starts_with("<!DOCTYPE html>"));
            serde_json::from_str::<serde_json::Value>(&json::render(&readings)).unwrap();
        }
    }
}
