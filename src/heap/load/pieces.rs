//! Snapshots in pieces of any length, for tests and fuzz targets.

use std::io;

use super::super::{HeapError, Progress, Snapshot};
use super::{Source, Stream};

/// Lengths that look random, and are the same for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Lengths(u64);

impl Lengths {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// From 1 to 64, mostly short ones.
    pub(crate) fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bits = (self.0 >> 32) as usize;
        1 + (bits >> 8) % (1 << (bits % 7))
    }
}

/// Bytes of which each read gives only a few.
struct Dribbling<'b>(&'b [u8]);

impl Source for Dribbling<'_> {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let most = Lengths::new(offset.wrapping_mul(0x9e37_79b9_7f4a_7c15)).next() * 4;
        let length = into.len().min(most);
        self.0.read_at(&mut into[..length], offset)
    }
}

/// Reads as from a large file: by two threads, a few bytes at a time.
pub(crate) fn read_by_two(bytes: &[u8]) -> Result<Snapshot, HeapError> {
    super::read(&Dribbling(bytes), 0, &Progress::default())
}

/// Reads as from a stream.
pub(crate) fn read_in_pieces(bytes: &[u8], mut lengths: Lengths) -> Result<Snapshot, HeapError> {
    let mut stream = Stream::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(lengths.next().min(rest.len()));
        stream.push(piece)?;
        rest = more;
    }
    stream.finish()
}
