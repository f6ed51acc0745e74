//! The layout of a black box: where things are in the file, and what the numbers in it mean.
//!
//! Little-endian throughout. `docs/design/recorder.md` describes the same for people; a change here that an older reader
//! would misread needs a new [`VERSION`].

/// The first eight bytes of every file; the control character keeps text editors and `cat` from taking it for text.
pub const MAGIC: [u8; 8] = *b"PLATEAU\x1a";
/// The version of the layout that this code writes, and the only one it reads.
pub const VERSION: u32 = 1;
/// What the name of every file ends in.
pub const EXTENSION: &str = "plateau";

/// The fixed part before the facts: magic, version, header bytes, file bytes, block bytes, blocks, facts bytes, checksum.
pub const FIXED_BYTES: usize = 40;
/// A page, the unit that the header is divided in.
pub const PAGE: usize = 4096;
/// Fixed part and facts; live words; two places for the newest verdict; the first leak.
pub const HEADER_BYTES: usize = 5 * PAGE;
/// The most that the facts may take.
pub const FACTS_BYTES: usize = PAGE - FIXED_BYTES;

/// The signal that ended the process: `milliseconds since the Unix epoch << 8 | signal`; 0 for none.
pub const ENDING_SIGNAL: usize = PAGE;
/// For each signal below [`SIGNALS`] when it was last received, in milliseconds since the Unix epoch.
pub const SEEN_SIGNALS: usize = PAGE + 8;
/// How many signals have a word.
pub const SIGNALS: usize = 64;
/// The signals that are watched, as a set of bits; those not in it leave no trace.
pub const WATCHED_SIGNALS: usize = PAGE + 520;
/// When the newest sample was written, in milliseconds since the Unix epoch.
pub const HEARTBEAT: usize = PAGE + 528;
/// How the isolate ended by its own account: `milliseconds << 8 | [end]`; written after [`EXIT_CODE`].
pub const EXIT: usize = PAGE + 536;
/// The exit code, as a sign-extended word.
pub const EXIT_CODE: usize = PAGE + 544;
/// When the first alarm was raised, in milliseconds since the Unix epoch; 0 for never.
pub const FIRST_ALARM: usize = PAGE + 552;
/// How many alarms were raised.
pub const ALARMS: usize = PAGE + 560;
/// Resident memory, in bytes, when a signal of an abort was received.
pub const RSS_AT_ABORT: usize = PAGE + 568;
/// Address space at that moment, in bytes.
pub const VIRTUAL_AT_ABORT: usize = PAGE + 576;
/// The newest uncaught error: a slot.
pub const THROWN: usize = PAGE + 640;
/// The most that slot takes, its head included.
pub const THROWN_BYTES: usize = 2048;
/// The newest verdict: two slots in turn, so that one of them is whole at any moment.
pub const VERDICTS: [usize; 2] = [2 * PAGE, 3 * PAGE];
/// The first verdict that was a leak: a slot.
pub const FIRST_LEAK: usize = 4 * PAGE;
/// Before the bytes of a slot: a counter (8; 0 for empty), their number (4), their checksum with the counter (4).
pub const SLOT_HEAD: usize = 16;

/// How an isolate may end by its own account.
pub mod end {
    /// The process exits with [`super::EXIT_CODE`].
    pub const EXIT: u64 = 1;
    /// The recorder was stopped, the process went on; or a worker ended.
    pub const STOPPED: u64 = 2;
}

/// The ring consists of blocks of this size, each of which can be read without the others.
pub const BLOCK: usize = 4096;
/// The first four bytes of a block in use.
pub const BLOCK_MAGIC: u32 = u32::from_le_bytes(*b"PBLK");
/// Before the records of a block: magic (4), checksum of what follows (4), number of the block (8), number of its first
/// record (8), milliseconds since the Unix epoch (8).
pub const BLOCK_HEAD: usize = 32;
/// Before the bytes of a record: kind (1; 0 for "no more"), their number (2), checksum (4).
pub const RECORD_HEAD: usize = 7;
/// The most bytes a record can have.
pub const RECORD_BYTES: usize = BLOCK - BLOCK_HEAD - RECORD_HEAD;

/// Kinds of records.
pub mod record {
    /// A sample, as the difference from the one before in the same block.
    pub const SAMPLE: u8 = 1;
    /// A verdict.
    pub const VERDICT: u8 = 2;
    /// A note: time (8), kind (1), text.
    pub const NOTE: u8 = 3;
}

/// The smallest file.
pub const MIN_BYTES: u64 = 64 * 1024;
/// The largest file.
pub const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The usual file.
pub const DEFAULT_BYTES: u64 = 4 * 1024 * 1024;

/// The checksum of a record: also of where it belongs, so that what an earlier round of the ring left is not taken for it.
#[must_use]
pub fn record_checksum(block: u64, offset: usize, kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&block.to_le_bytes());
    hasher.update(&(offset as u64).to_le_bytes());
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}

/// The checksum of a slot.
#[must_use]
pub fn slot_checksum(counter: u64, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&counter.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}
