//! What the header of a black box says beside the facts: signals, the end, alarms, the newest verdict.

#![expect(clippy::cast_possible_truncation, reason = "words are taken apart here")]

use super::bytes::Cursor;
use super::format::{self, PAGE, SIGNALS, SLOT_HEAD};
use super::verdict_codec;
use crate::memory::verdict::Verdict;

/// A signal and when it came, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Its number.
    pub signal: u8,
    /// When.
    pub at: u64,
}

/// How the isolate ended by its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkedEnd {
    /// The process exited.
    Exit {
        /// When.
        at: u64,
        /// The exit code.
        code: i32,
    },
    /// The recorder was stopped.
    Stopped {
        /// When.
        at: u64,
    },
}

/// The header's words and slots. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The signal that ended the process, if it came to that.
    pub ending_signal: Option<Received>,
    /// When each signal was last received, and whether it ended the process or not.
    pub seen_signals: Vec<Received>,
    /// The signals that were watched, as a set of bits.
    pub watched_signals: u64,
    /// When the newest sample was written; 0 before the first.
    pub heartbeat: u64,
    /// How the isolate ended, if it could say so.
    pub end: Option<MarkedEnd>,
    /// The newest uncaught error, and when.
    pub thrown: Option<(u64, String)>,
    /// When the first alarm was raised.
    pub first_alarm: Option<u64>,
    /// How many alarms were raised.
    pub alarms: u64,
    /// The newest verdict.
    pub verdict: Option<Verdict>,
    /// The first verdict that was a leak.
    pub first_leak: Option<Verdict>,
    /// Resident memory when the process aborted; 0 where it did not, or is not known.
    pub rss_at_abort: u64,
    /// Address space at that moment.
    pub virtual_at_abort: u64,
}

/// Reads the state out of a header, of which less may be there than there should be. What is damaged is left out, and told
/// to `problem` with its offset.
pub(super) fn decode(header: &[u8], mut problem: impl FnMut(usize, &str)) -> State {
    let word = |offset| word(header, offset);
    let received = |signal: usize, at| Received { signal: signal as u8, at };
    let ending = word(format::ENDING_SIGNAL);
    let code = word(format::EXIT_CODE).cast_signed() as i32;
    let exit = word(format::EXIT);
    let mut slot = |offset: usize, bytes: usize| match slot(header, offset, bytes) {
        Slot::Whole(counter, payload) => Some((counter, payload)),
        Slot::Empty => None,
        Slot::Damaged => {
            problem(offset, "what is kept here is damaged");
            None
        }
    };
    let thrown = slot(format::THROWN, format::THROWN_BYTES).and_then(|(_, payload)| {
        let mut cursor = Cursor::new(payload);
        Some((cursor.u64()?, cursor.rest_as_text()))
    });
    let newest = format::VERDICTS
        .map(|offset| slot(offset, PAGE))
        .into_iter()
        .flatten()
        .max_by_key(|(counter, _)| *counter);
    let first_leak = slot(format::FIRST_LEAK, PAGE);
    State {
        ending_signal: (ending & 0xff != 0).then(|| received((ending & 0xff) as usize, ending >> 8)),
        seen_signals: (0..SIGNALS)
            .map(|signal| received(signal, word(format::SEEN_SIGNALS + 8 * signal)))
            .filter(|received| received.at != 0)
            .collect(),
        watched_signals: word(format::WATCHED_SIGNALS),
        heartbeat: word(format::HEARTBEAT),
        end: match exit & 0xff {
            format::end::EXIT => Some(MarkedEnd::Exit { at: exit >> 8, code }),
            format::end::STOPPED => Some(MarkedEnd::Stopped { at: exit >> 8 }),
            _ => None,
        },
        thrown,
        first_alarm: Some(word(format::FIRST_ALARM)).filter(|at| *at != 0),
        alarms: word(format::ALARMS),
        verdict: newest.and_then(|(_, payload)| verdict_codec::decode(payload)),
        first_leak: first_leak.and_then(|(_, payload)| verdict_codec::decode(payload)),
        rss_at_abort: word(format::RSS_AT_ABORT),
        virtual_at_abort: word(format::VIRTUAL_AT_ABORT),
    }
}

enum Slot<'a> {
    Empty,
    Whole(u64, &'a [u8]),
    Damaged,
}

fn slot(header: &[u8], offset: usize, bytes: usize) -> Slot<'_> {
    let counter = word(header, offset);
    if counter == 0 {
        return Slot::Empty;
    }
    whole(header, offset, bytes, counter).map_or(Slot::Damaged, |payload| Slot::Whole(counter, payload))
}

fn whole(header: &[u8], offset: usize, bytes: usize, counter: u64) -> Option<&[u8]> {
    let mut cursor = Cursor::new(header.get(offset + 8..)?);
    let length = cursor.u32()? as usize;
    let checksum = cursor.u32()?;
    if length > bytes - SLOT_HEAD {
        return None;
    }
    cursor.take(length).filter(|payload| format::slot_checksum(counter, payload) == checksum)
}

fn word(header: &[u8], offset: usize) -> u64 {
    header.get(offset..).and_then(|bytes| Cursor::new(bytes).u64()).unwrap_or(0)
}
