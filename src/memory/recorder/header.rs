//! The first page of a black box: what it is, how large, whose.

#![expect(clippy::cast_possible_truncation, reason = "constants, and lengths that were cut to fit")]

use super::bytes::Cursor;
use super::facts::StartFacts;
use super::format::{self, BLOCK, FIXED_BYTES, HEADER_BYTES};
use crate::{Error, ErrorCode, Result};

/// What the first page says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FirstPage {
    /// What the whole file has.
    pub(super) bytes: u64,
    /// Blocks in the ring.
    pub(super) blocks: u64,
    /// Whose it is; empty where they are damaged.
    pub(super) facts: StartFacts,
    /// Whether page and facts are as they were written.
    pub(super) intact: bool,
}

/// The first page as bytes, without the zeros at its end.
pub(super) fn encode(facts: &StartFacts, bytes: u64, blocks: u64) -> Vec<u8> {
    let facts = facts.encode();
    let mut page = Vec::with_capacity(format::PAGE);
    page.extend_from_slice(&format::MAGIC);
    page.extend_from_slice(&format::VERSION.to_le_bytes());
    page.extend_from_slice(&(HEADER_BYTES as u32).to_le_bytes());
    page.extend_from_slice(&bytes.to_le_bytes());
    page.extend_from_slice(&(BLOCK as u32).to_le_bytes());
    page.extend_from_slice(&(blocks as u32).to_le_bytes());
    page.extend_from_slice(&(facts.len() as u32).to_le_bytes());
    page.extend_from_slice(&checksum(&page, &facts).to_le_bytes());
    page.extend_from_slice(&facts);
    page
}

/// Reads a first page of a file that has `actual` bytes.
///
/// # Errors
///
/// `NotARecording` when it is something else, of another version, or has no room for a block.
pub(super) fn decode(page: &[u8], actual: u64) -> Result<FirstPage> {
    let foreign = |reason: String| Error::new(ErrorCode::NotARecording, reason);
    let Some(fixed) = page.get(..FIXED_BYTES) else {
        return Err(foreign(format!("it ends at byte {actual}, before the end of its header")));
    };
    if fixed[..8] != format::MAGIC {
        return Err(foreign("its first 8 bytes are not those of a black box".to_owned()));
    }
    let mut cursor = Cursor::new(&fixed[8..]);
    let short = || foreign("its header is too short".to_owned());
    let version = cursor.u32().ok_or_else(short)?;
    if version != format::VERSION {
        let known = format::VERSION;
        return Err(foreign(format!(
            "byte 8: its format has version {version}, this plateau reads version {known}"
        )));
    }
    let header_bytes = cursor.u32().ok_or_else(short)?;
    let bytes = cursor.u64().ok_or_else(short)?;
    let block_bytes = cursor.u32().ok_or_else(short)?;
    let blocks = cursor.u32().ok_or_else(short)?;
    let facts_bytes = cursor.u32().ok_or_else(short)?;
    let expected = cursor.u32().ok_or_else(short)?;
    let facts = page.get(FIXED_BYTES..).unwrap_or_default();
    let facts = &facts[..facts.len().min(facts_bytes as usize)];
    let intact = checksum(&fixed[..FIXED_BYTES - 4], facts) == expected;
    let shape = (header_bytes as usize, block_bytes as usize) == (HEADER_BYTES, BLOCK)
        && bytes == HEADER_BYTES as u64 + u64::from(blocks) * BLOCK as u64
        && (1..=format::MAX_BYTES / BLOCK as u64).contains(&u64::from(blocks));
    // A header that lies about the shape of the file is damaged; the file's length then says how many blocks there may be.
    let blocks =
        if shape { u64::from(blocks) } else { actual.saturating_sub(HEADER_BYTES as u64) / BLOCK as u64 };
    let facts = if intact { StartFacts::decode(facts) } else { StartFacts::default() };
    Ok(FirstPage { bytes: if shape { bytes } else { actual }, blocks, facts, intact: intact && shape })
}

fn checksum(fixed: &[u8], facts: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(fixed);
    hasher.update(facts);
    hasher.finalize()
}
