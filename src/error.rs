//! The one error type of the crate: a stable code and a message for people.
//!
//! The code is what callers match on and is part of the public contract: it reaches JavaScript as
//! `error.code`. The message says what was given and what is accepted, and may change.

use std::fmt;

/// Shorthand for results that fail with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as a stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An argument has a value that is never acceptable, whatever the state.
    InvalidArgument,
    /// A number lies outside what the structure it is meant for can hold.
    OutOfRange,
    /// The black box of the memory sampler cannot be written where it was asked for.
    Recorder,
    /// A file is not a black box, or not one that can be read.
    NotARecording,
    /// A shared cache of this name is open with other options.
    SharedConflict,
    /// A shared cache of this name is not open, and cannot be made without a bound.
    SharedNotOpen,
    /// A snapshot cannot be written or read.
    Snapshot,
    /// A file is not a snapshot, or not a whole one.
    NotASnapshot,
    /// An invariant of plateau itself does not hold: a bug, never the caller's fault.
    Internal,
}

impl ErrorCode {
    /// The name JavaScript sees in `error.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "PLATEAU_INVALID_ARGUMENT",
            Self::OutOfRange => "PLATEAU_OUT_OF_RANGE",
            Self::Recorder => "PLATEAU_RECORDER",
            Self::NotARecording => "PLATEAU_NOT_A_RECORDING",
            Self::SharedConflict => "PLATEAU_SHARED_CONFLICT",
            Self::SharedNotOpen => "PLATEAU_SHARED_NOT_OPEN",
            Self::Snapshot => "PLATEAU_SNAPSHOT",
            Self::NotASnapshot => "PLATEAU_NOT_A_SNAPSHOT",
            Self::Internal => "PLATEAU_INTERNAL",
        }
    }
}

/// A failure: one [`ErrorCode`] and one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    message: String,
}

impl Error {
    /// An error with the given code and message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Short for [`ErrorCode::InvalidArgument`].
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message)
    }

    /// Short for [`ErrorCode::OutOfRange`].
    pub fn out_of_range(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::OutOfRange, message)
    }

    /// Short for [`ErrorCode::Internal`].
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }

    /// The stable name of the failure.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence, without the code.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_the_code_before_the_message() {
        let error = Error::out_of_range("capacity must be at most 10, got 11");
        assert_eq!(error.to_string(), "PLATEAU_OUT_OF_RANGE: capacity must be at most 10, got 11");
        assert_eq!(error.message(), "capacity must be at most 10, got 11");
    }

    #[test]
    fn every_code_is_a_distinct_plateau_name() {
        let codes = [
            ErrorCode::InvalidArgument,
            ErrorCode::OutOfRange,
            ErrorCode::Recorder,
            ErrorCode::NotARecording,
            ErrorCode::SharedConflict,
            ErrorCode::SharedNotOpen,
            ErrorCode::Snapshot,
            ErrorCode::NotASnapshot,
            ErrorCode::Internal,
        ];
        let names: std::collections::HashSet<_> = codes.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), codes.len());
        assert!(names.iter().all(|name| name.starts_with("PLATEAU_")));
    }
}
