//! Writing: one sample a second, a verdict when it changes, notes; and, from any thread, how the isolate ends.
//!
//! No call fails, waits for more than stores to memory, or, but for the mark of an uncaught error, allocates: what does not
//! fit is cut.

#![expect(clippy::cast_possible_truncation, reason = "lengths of records, which fit in a block")]

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::bytes::shortened;
use super::create::create_file;
use super::facts::StartFacts;
use super::format::{self, BLOCK, BLOCK_HEAD, HEADER_BYTES, RECORD_BYTES, RECORD_HEAD, SLOT_HEAD, record};
use super::map::Map;
use super::retention::{self, Retention};
use super::sample_codec::Steps;
use super::{EndReason, NoteKind, header, signals, system, verdict_codec};
use crate::memory::sample::Sample;
use crate::memory::verdict::{Kind, Verdict};
use crate::{Error, Result};

/// How a recorder is to be set up.
#[derive(Debug, Clone)]
pub struct RecorderOptions {
    /// Size of the file: 64 KiB to 1 GiB, rounded down to whole blocks of 4 KiB. Default 4 MiB.
    pub bytes: u64,
    /// Whether to note which signals the process receives; see [`super::signals`]. Default no.
    pub signals: bool,
    /// Which files of dead processes stay. Default 32 files and 256 MiB.
    pub retention: Retention,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self { bytes: format::DEFAULT_BYTES, signals: false, retention: Retention::default() }
    }
}

/// A black box being written.
#[derive(Debug)]
pub struct Recorder {
    map: Arc<Map>,
    marks: Arc<Marks>,
    /// How many blocks the ring has.
    blocks: u64,
    /// The number of the block being written: the place of block `n` is `n % blocks`. 0 before the first.
    block: u64,
    /// Where in the block the next record goes.
    offset: usize,
    /// The number of the next record.
    record: u64,
    /// The sample before in this block.
    before: Steps,
    /// How many verdicts were written.
    verdicts: u64,
    leak_seen: bool,
    payload: Vec<u8>,
    watched: bool,
    _signals: Option<signals::Watch>,
}

impl Recorder {
    /// Makes a black box of `bytes` in `folder` with the default options; see [`Recorder::create_with`].
    ///
    /// # Errors
    ///
    /// As [`Recorder::create_with`].
    pub fn create(folder: &Path, bytes: u64, facts: &StartFacts) -> Result<Self> {
        Self::create_with(folder, &RecorderOptions { bytes, ..RecorderOptions::default() }, facts)
    }

    /// Makes a black box in `folder`, which is made where it is missing. Removes files of dead processes beyond the bound.
    ///
    /// # Errors
    ///
    /// `OutOfRange` for a size that is not offered, `Recorder` when the file cannot be made: no permission, no space, a
    /// folder that is a symbolic link or writable for everybody, a file system without memory maps.
    pub fn create_with(folder: &Path, options: &RecorderOptions, facts: &StartFacts) -> Result<Self> {
        if !(format::MIN_BYTES..=format::MAX_BYTES).contains(&options.bytes) {
            return Err(Error::out_of_range(format!(
                "the size of the black box must be from {} to {} bytes, got {}",
                format::MIN_BYTES,
                format::MAX_BYTES,
                options.bytes
            )));
        }
        retention::remove_old(folder, &options.retention);
        let blocks = (options.bytes - HEADER_BYTES as u64) / BLOCK as u64;
        let bytes = HEADER_BYTES as u64 + blocks * BLOCK as u64;
        let header = header::encode(facts, bytes, blocks);
        let (file, path) = create_file(folder, facts.pid, facts.thread, bytes, &header)?;
        let map = Map::new(file, path.clone(), bytes as usize).map_err(|error| {
            let _ = std::fs::remove_file(&path);
            Error::new(
                crate::ErrorCode::Recorder,
                format!("the black box cannot be mapped from {}: {error}", path.display()),
            )
        })?;
        let map = Arc::new(map);
        let watch = if options.signals { signals::Watch::start(&map) } else { None };
        Ok(Self {
            marks: Arc::new(Marks { map: Arc::clone(&map), lock: Mutex::new(0) }),
            map,
            blocks,
            block: 0,
            offset: BLOCK,
            record: 0,
            before: Steps::default(),
            verdicts: 0,
            leak_seen: false,
            payload: Vec::with_capacity(RECORD_BYTES),
            watched: watch.is_some(),
            _signals: watch,
        })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.map.path()
    }

    /// What marks the end from any thread, without waiting for a sample that is being written.
    #[must_use]
    pub fn marks(&self) -> Arc<Marks> {
        Arc::clone(&self.marks)
    }

    /// Writes a sample; meant for once a second. Typically 40 to 70 bytes, under 2 µs.
    pub fn write_sample(&mut self, sample: &Sample) {
        if self.watched {
            signals::refresh();
        }
        let now = Steps::of(sample);
        self.payload.clear();
        now.encode(&self.before, &mut self.payload);
        if !self.fits() {
            self.next_block();
            self.payload.clear();
            now.encode(&self.before, &mut self.payload);
        }
        self.append(record::SAMPLE);
        self.before = now;
        self.map.publish_word(format::HEARTBEAT, system::now_ms());
    }

    /// Writes a verdict, when it changes or when its numbers do: into the ring, and where it is found without it.
    pub fn write_verdict(&mut self, verdict: &Verdict) {
        self.payload.clear();
        verdict_codec::encode(verdict, &mut self.payload);
        self.verdicts += 1;
        let place = format::VERDICTS[usize::from(self.verdicts.is_multiple_of(2))];
        self.map.put_slot(place, self.verdicts, &self.payload);
        if verdict.kind == Kind::Leak && !self.leak_seen {
            self.leak_seen = true;
            self.map.put_slot(format::FIRST_LEAK, self.verdicts, &self.payload);
        }
        // The time at which it was written, before the verdict itself.
        self.payload.splice(0..0, system::now_ms().to_le_bytes());
        self.append_whole(record::VERDICT);
    }

    /// Writes a note. An alarm also counts as one.
    pub fn write_note(&mut self, kind: NoteKind, text: &str) {
        let now = system::now_ms();
        if kind == NoteKind::Alarm && self.map.count(format::ALARMS) == 0 {
            self.map.publish_word(format::FIRST_ALARM, now);
        }
        self.payload.clear();
        self.payload.extend_from_slice(&now.to_le_bytes());
        self.payload.push(kind as u8);
        self.payload.extend_from_slice(shortened(text, RECORD_BYTES - 9).as_bytes());
        self.append_whole(record::NOTE);
    }

    /// Says how the isolate ends; see [`Marks::end`].
    pub fn mark_end(&self, reason: &EndReason) {
        self.marks.end(reason);
    }

    fn fits(&self) -> bool {
        self.offset + RECORD_HEAD + self.payload.len() <= BLOCK
    }

    fn append_whole(&mut self, kind: u8) {
        if !self.fits() {
            self.next_block();
        }
        self.append(kind);
    }

    /// Writes the payload as a record. Its kind comes last: until then the block ends before it.
    fn append(&mut self, kind: u8) {
        if !self.fits() {
            return;
        }
        let start = self.block_start();
        let at = start + self.offset;
        let end = self.offset + RECORD_HEAD + self.payload.len();
        if end < BLOCK {
            self.map.publish(start + end, 0);
        }
        let checksum = format::record_checksum(self.block, self.offset, kind, &self.payload);
        self.map.put(at + RECORD_HEAD, &self.payload);
        self.map.put(at + 1, &(self.payload.len() as u16).to_le_bytes());
        self.map.put(at + 3, &checksum.to_le_bytes());
        self.map.publish(at, kind);
        self.offset = end;
        self.record += 1;
    }

    /// Goes on to the next block, which is the oldest: it is no block while its head is written.
    fn next_block(&mut self) {
        self.block += 1;
        self.offset = BLOCK_HEAD;
        self.before = Steps::default();
        let start = self.block_start();
        let mut head = [0; BLOCK_HEAD];
        head[8..16].copy_from_slice(&self.block.to_le_bytes());
        head[16..24].copy_from_slice(&self.record.to_le_bytes());
        head[24..32].copy_from_slice(&system::now_ms().to_le_bytes());
        let checksum = crc32fast::hash(&head[8..]);
        self.map.publish_word(start, 0);
        self.map.publish(start + BLOCK_HEAD, 0);
        self.map.put(start + 8, &head[8..]);
        self.map.publish_word(start, u64::from(format::BLOCK_MAGIC) | u64::from(checksum) << 32);
    }

    fn block_start(&self) -> usize {
        let place = (self.block % self.blocks) as usize;
        HEADER_BYTES + place * BLOCK
    }
}

/// The marks an isolate makes at its end, from whichever thread that is.
#[derive(Debug)]
pub struct Marks {
    map: Arc<Map>,
    /// How many errors were marked; and one mark at a time.
    lock: Mutex<u64>,
}

impl Marks {
    /// Says how the isolate ends. May be called more than once: an uncaught error first, then the exit it leads to. An
    /// error after which samples follow was survived, and is read as such.
    pub fn end(&self, reason: &EndReason) {
        let mut errors = self.lock.lock();
        let now = system::now_ms();
        match reason {
            EndReason::Exit { code } => {
                self.map.publish_word(format::EXIT_CODE, i64::from(*code).cast_unsigned());
                self.map.publish_word(format::EXIT, now << 8 | format::end::EXIT);
            }
            EndReason::Stopped => self.map.publish_word(format::EXIT, now << 8 | format::end::STOPPED),
            EndReason::Uncaught { message } => {
                *errors += 1;
                let text = shortened(message, format::THROWN_BYTES - SLOT_HEAD - 8);
                let payload: Vec<u8> = [&now.to_le_bytes(), text.as_bytes()].concat();
                self.map.put_slot(format::THROWN, *errors, &payload);
            }
        }
    }
}
