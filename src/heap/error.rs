//! Why a snapshot could not be read, and where.

use std::fmt;
use std::io;

/// What went wrong.
#[derive(Debug)]
pub enum HeapError {
    /// The system's reason.
    Io(io::Error),
    /// It is no heap snapshot, or a damaged one.
    Malformed {
        /// The byte of the input at which that shows.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// It ends too early.
    Truncated {
        /// Its length in bytes.
        length: u64,
        /// What was being read.
        within: &'static str,
    },
    /// It has more of something than this engine can number.
    TooLarge(String),
    /// Whoever asked for it has changed their mind.
    Aborted,
}

impl HeapError {
    pub(super) fn malformed(offset: u64, what: impl Into<String>) -> Self {
        Self::Malformed { offset, what: what.into() }
    }
}

impl From<io::Error> for HeapError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Malformed { offset, what } => write!(f, "not a heap snapshot: byte {offset}: {what}"),
            Self::Truncated { length, within } => {
                write!(f, "the heap snapshot is cut: it ends after {length} bytes, within {within}")
            }
            Self::TooLarge(what) => write!(f, "the heap snapshot is too large: {what}"),
            Self::Aborted => f.write_str("reading the heap snapshot was aborted"),
        }
    }
}

impl std::error::Error for HeapError {}
