//! The file in memory: what is stored here is in the page cache at once and survives any death of the process.
//!
//! Unsafe: the memory is shared with readers in other processes and with signal handlers, so it is never borrowed as a
//! Rust reference; all goes through the raw pointer. Invariants: `memory` is mapped for as long as a [`Map`] lives, and
//! [`Map::at`] yields a pointer only to ranges inside it. Bytes ([`Map::put`]) are written by one thread at a time per
//! region, which [`super::Recorder`]'s `&mut self` and the lock of its marks ensure; words are atomic. The disk space was
//! reserved when the file was made, and only plateau writes such files, so that no page can fail to be there (SIGBUS).

#![expect(clippy::cast_possible_truncation, reason = "slots are smaller than a page")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use memmap2::{MmapOptions, MmapRaw};

use super::format::slot_checksum;

/// A black box's file, mapped for writing.
#[derive(Debug)]
pub(super) struct Map {
    memory: MmapRaw,
    path: PathBuf,
    /// Holds the lock that says "alive".
    _file: File,
}

impl Map {
    /// Maps the first `bytes` of `file`, which must be at least as long.
    pub(super) fn new(file: File, path: PathBuf, bytes: usize) -> std::io::Result<Self> {
        let memory = MmapOptions::new().len(bytes).map_raw(&file)?;
        Ok(Self { memory, path, _file: file })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies `bytes` to `offset`; nothing where they would not fit.
    pub(super) fn put(&self, offset: usize, bytes: &[u8]) {
        let Some(target) = self.at(offset, bytes.len()) else { return };
        // SAFETY: `target` is valid for `bytes.len()` bytes, and `bytes` is no part of the map, which is never borrowed.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) };
    }

    /// Stores one byte after all that was stored before.
    pub(super) fn publish(&self, offset: usize, byte: u8) {
        let Some(target) = self.at(offset, 1) else { return };
        // SAFETY: `target` is valid for a byte, and no other access to it at the same time is not atomic.
        unsafe { AtomicU8::from_ptr(target) }.store(byte, Ordering::Release);
    }

    /// Stores one word after all that was stored before.
    pub(super) fn publish_word(&self, offset: usize, word: u64) {
        if let Some(target) = self.word(offset) {
            target.store(word.to_le(), Ordering::Release);
        }
    }

    /// Adds one to a word and returns what it was.
    pub(super) fn count(&self, offset: usize) -> u64 {
        self.word(offset).map_or(0, |word| {
            let before = u64::from_le(word.load(Ordering::Relaxed));
            word.store(before.wrapping_add(1).to_le(), Ordering::Release);
            before
        })
    }

    /// The word at `offset`, which must be a multiple of eight.
    pub(super) fn word(&self, offset: usize) -> Option<&AtomicU64> {
        if !offset.is_multiple_of(8) {
            return None;
        }
        let target = self.at(offset, 8)?;
        // SAFETY: valid for eight bytes for as long as `self` is borrowed; aligned, since the map starts at a page; and
        // words are accessed atomically only.
        #[expect(clippy::cast_ptr_alignment, reason = "a multiple of eight from the start of a page")]
        Some(unsafe { AtomicU64::from_ptr(target.cast::<u64>()) })
    }

    /// Fills a slot: it is empty while this goes on, and whole afterwards.
    pub(super) fn put_slot(&self, offset: usize, counter: u64, payload: &[u8]) {
        self.publish_word(offset, 0);
        self.put(offset + 16, payload);
        self.put(offset + 8, &(payload.len() as u32).to_le_bytes());
        self.put(offset + 12, &slot_checksum(counter, payload).to_le_bytes());
        self.publish_word(offset, counter);
    }

    fn at(&self, offset: usize, bytes: usize) -> Option<*mut u8> {
        if offset.checked_add(bytes)? > self.memory.len() {
            return None;
        }
        // SAFETY: `offset` is inside the mapping.
        Some(unsafe { self.memory.as_mut_ptr().add(offset) })
    }
}
