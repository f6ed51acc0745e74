//! Reading a black box, of a dead process or of a living one, whole or damaged: whatever can be read is, and what cannot is
//! listed with its place. Needs 24 bytes of memory per block of 4 KiB, whatever the file says of itself.

#![expect(clippy::cast_possible_truncation, reason = "fewer blocks than fit in 1 GiB")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::bytes::Cursor;
use super::facts::StartFacts;
use super::format::{self, BLOCK, BLOCK_HEAD, HEADER_BYTES, RECORD_HEAD, record};
use super::sample_codec::Steps;
use super::state::{self, State};
use super::{NoteKind, header, open, verdict_codec};
use crate::memory::sample::Sample;
use crate::memory::verdict::Verdict;
use crate::{Error, ErrorCode, Result};

/// One thing that was recorded. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A sample.
    Sample(Box<Sample>),
    /// A verdict.
    Verdict {
        /// When it was written.
        at: u64,
        /// What it says.
        verdict: Box<Verdict>,
    },
    /// A note.
    Note {
        /// When it was written.
        at: u64,
        /// What it is about.
        kind: NoteKind,
        /// What it says.
        text: String,
    },
}

/// Where a block is, and what is in it.
#[derive(Debug, Clone, Copy)]
struct Block {
    number: u64,
    place: u32,
    first_record: u64,
}

/// What is kept of the problems; the others are counted.
const MAX_PROBLEMS: usize = 50;

/// A black box opened for reading.
#[derive(Debug)]
pub struct Recording {
    file: File,
    path: PathBuf,
    /// Whose it is.
    pub facts: StartFacts,
    /// What its header says.
    pub state: State,
    /// Whether it is still being written.
    pub written: bool,
    /// How many records are known to be missing between those that can be read.
    pub lost_records: u64,
    blocks: Vec<Block>,
    problems: BTreeMap<u64, String>,
    more_problems: u64,
}

impl Recording {
    /// Opens a black box.
    ///
    /// # Errors
    ///
    /// `NotARecording` when the file cannot be read, or is none, or one of another version.
    pub fn open(path: &Path) -> Result<Self> {
        let unreadable = |reason: &dyn std::fmt::Display| {
            Error::new(
                ErrorCode::NotARecording,
                format!("{} is not a readable black box: {reason}", path.display()),
            )
        };
        let mut file = open::open(path).map_err(|error| unreadable(&error))?;
        let actual = file.metadata().map_err(|error| unreadable(&error))?.len();
        let mut head = Vec::with_capacity(HEADER_BYTES);
        (&mut file).take(HEADER_BYTES as u64).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        let first = header::decode(&head[..head.len().min(format::PAGE)], actual)
            .map_err(|error| unreadable(&error.message()))?;
        let mut recording = Self {
            written: first.intact && open::is_written(&file, path, &first.facts),
            file,
            path: path.to_path_buf(),
            facts: first.facts,
            state: State::default(),
            lost_records: 0,
            blocks: Vec::new(),
            problems: BTreeMap::new(),
            more_problems: 0,
        };
        if !first.intact {
            recording.problem(0, "the header is damaged: whose black box this is cannot be told");
        }
        if actual < first.bytes {
            recording
                .problem(actual, &format!("the file ends here, {} bytes too early", first.bytes - actual));
        }
        let mut damaged: Vec<(u64, String)> = Vec::new();
        recording.state = state::decode(&head, |offset, what| damaged.push((offset as u64, what.to_owned())));
        // A living writer may be at it.
        if !recording.written {
            for (offset, what) in &damaged {
                recording.problem(*offset, what);
            }
        }
        let blocks = first.blocks.min(actual.saturating_sub(HEADER_BYTES as u64).div_ceil(BLOCK as u64));
        recording.find_blocks(blocks, first.blocks);
        Ok(recording)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What could not be read so far: the offset in the file and what is wrong there; and how many more problems there are.
    #[must_use]
    pub fn problems(&self) -> (Vec<(u64, &str)>, u64) {
        (self.problems.iter().map(|(offset, what)| (*offset, what.as_str())).collect(), self.more_problems)
    }

    /// Reads everything, oldest first.
    pub fn read(&mut self, visit: impl FnMut(Record)) {
        self.read_from(0, visit);
    }

    /// Reads the newest `blocks` blocks of 4 KiB, oldest first: each holds a minute or more of samples.
    pub fn read_newest(&mut self, blocks: usize, visit: impl FnMut(Record)) {
        self.read_from(self.blocks.len().saturating_sub(blocks), visit);
    }

    fn read_from(&mut self, from: usize, mut visit: impl FnMut(Record)) {
        self.lost_records = 0;
        let mut expected = None;
        let mut bytes = [0; BLOCK];
        for index in from..self.blocks.len() {
            let block = self.blocks[index];
            let offset = offset_of(block.place);
            if let Err(error) = self.read_at(offset, &mut bytes) {
                self.problem(offset, &error.to_string());
                continue;
            }
            if head_of(&bytes, block.place).ok().flatten().is_none_or(|now| now.number != block.number) {
                // A living writer has come round to it.
                continue;
            }
            let lost = block.first_record.saturating_sub(expected.unwrap_or(block.first_record));
            self.lost_records = self.lost_records.saturating_add(lost);
            let newest = index + 1 == self.blocks.len();
            let read = self.read_block(&bytes, block, newest, &mut visit);
            expected = Some(block.first_record.saturating_add(read));
        }
    }

    /// Reads the records of a block up to the first that is damaged, and returns how many those are.
    fn read_block(
        &mut self,
        bytes: &[u8; BLOCK],
        block: Block,
        newest: bool,
        visit: &mut impl FnMut(Record),
    ) -> u64 {
        let mut before = Steps::default();
        let mut read = 0;
        let mut at = BLOCK_HEAD;
        while at + RECORD_HEAD <= BLOCK && bytes[at] != 0 {
            let Some(payload) = payload_of(bytes, block.number, at) else {
                // The end of what a living writer has written need not have reached this reader yet.
                if !(newest && self.written) {
                    self.problem(
                        offset_of(block.place) + at as u64,
                        "a record is damaged; the rest of its block is lost",
                    );
                }
                return read;
            };
            if let Some(record) = decode(bytes[at], payload, &mut before) {
                visit(record);
            } else {
                self.problem(offset_of(block.place) + at as u64, "a record of a kind that is not known");
            }
            read += 1;
            at += RECORD_HEAD + payload.len();
        }
        read
    }

    fn find_blocks(&mut self, readable: u64, blocks: u64) {
        let mut head = [0; BLOCK_HEAD];
        for place in 0..readable as u32 {
            let offset = offset_of(place);
            let found = self.read_at(offset, &mut head).map_err(|error| error.to_string());
            match found.and_then(|()| head_of(&head, place)) {
                Ok(Some(block)) if block.number % blocks == u64::from(place) => self.blocks.push(block),
                Ok(None) => {}
                Ok(Some(_)) => self.problem(offset, "a block is not where it belongs"),
                // A living writer may be at it.
                Err(_) if self.written => {}
                Err(what) => self.problem(offset, &what),
            }
        }
        self.blocks.sort_unstable_by_key(|block| block.number);
    }

    /// Fills `bytes` from `offset`, with zeros behind the end of the file.
    fn read_at(&mut self, offset: u64, mut bytes: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        while !bytes.is_empty() {
            match self.file.read(bytes)? {
                0 => {
                    bytes.fill(0);
                    break;
                }
                count => bytes = &mut bytes[count..],
            }
        }
        Ok(())
    }

    fn problem(&mut self, offset: u64, what: &str) {
        if self.problems.contains_key(&offset) {
            return;
        }
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.insert(offset, what.to_owned());
        } else {
            self.more_problems += 1;
        }
    }
}

fn offset_of(place: u32) -> u64 {
    HEADER_BYTES as u64 + u64::from(place) * BLOCK as u64
}

/// The head of a block; `None` when it is not in use.
fn head_of(bytes: &[u8], place: u32) -> std::result::Result<Option<Block>, String> {
    let short = || "the head of a block is not all there".to_owned();
    let mut cursor = Cursor::new(bytes.get(..BLOCK_HEAD).ok_or_else(short)?);
    let magic = cursor.u32().ok_or_else(short)?;
    let checksum = cursor.u32().ok_or_else(short)?;
    if magic == 0 && checksum == 0 {
        return Ok(None);
    }
    if magic != format::BLOCK_MAGIC || checksum != crc32fast::hash(&bytes[8..BLOCK_HEAD]) {
        return Err("the head of a block is damaged; its records are lost".to_owned());
    }
    let number = cursor.u64().ok_or_else(short)?;
    let first_record = cursor.u64().ok_or_else(short)?;
    Ok(Some(Block { number, place, first_record }))
}

/// The bytes of the record at `at`, if they are those that were written.
fn payload_of(block: &[u8; BLOCK], number: u64, at: usize) -> Option<&[u8]> {
    let mut cursor = Cursor::new(&block[at..]);
    let kind = cursor.u8()?;
    let length = cursor.u16()?;
    let checksum = cursor.u32()?;
    let payload = cursor.take(usize::from(length))?;
    (format::record_checksum(number, at, kind, payload) == checksum).then_some(payload)
}

fn decode(kind: u8, payload: &[u8], before: &mut Steps) -> Option<Record> {
    let mut cursor = Cursor::new(payload);
    match kind {
        record::SAMPLE => {
            *before = Steps::decode(before, payload)?;
            Some(Record::Sample(Box::new(before.sample())))
        }
        record::VERDICT => {
            let at = cursor.u64()?;
            Some(Record::Verdict { at, verdict: Box::new(verdict_codec::decode(&payload[8..])?) })
        }
        record::NOTE => {
            let at = cursor.u64()?;
            let kind = *NoteKind::ALL.get(usize::from(cursor.u8()?)).unwrap_or(&NoteKind::Info);
            Some(Record::Note { at, kind, text: cursor.rest_as_text() })
        }
        _ => None,
    }
}
