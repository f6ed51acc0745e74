//! The black box: the last hours of an isolate in a file that is readable after any kind of death.
//!
//! A [`Recorder`] writes into a file of fixed size that is mapped into memory: what it stored is in the kernel's page cache
//! at once, so no flush is needed to survive SIGKILL, the out-of-memory killer or V8's fatal error (a crash of the machine
//! may lose what was not yet on the disk). The file is a ring of blocks that can be read without each other, each a
//! sequence of records with checksums. See `docs/design/recorder.md`.

mod bytes;
mod create;
mod ending;
mod facts;
pub mod format;
mod header;
mod isolates;
mod map;
mod open;
mod reader;
mod retention;
mod sample_codec;
pub mod signals;
mod state;
pub mod system;
mod verdict_codec;
mod writer;

pub use ending::{Death, Ending, LastSamples, ending};
pub use facts::StartFacts;
pub use isolates::{RecordedIsolate, RecordedIsolates, Uneven};
pub use reader::{Record, Recording};
pub use retention::{Retention, boxes_in};
pub use state::{MarkedEnd, Received, State};
pub use writer::{Marks, Recorder, RecorderOptions};

/// How an isolate ends, by its own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndReason {
    /// The process exits: by `process.exit`, or because nothing is left to do.
    Exit {
        /// Its exit code.
        code: i32,
    },
    /// Nobody caught an error; an exit follows, unless a handler prevents it.
    Uncaught {
        /// What the error says.
        message: String,
    },
    /// The sampler was stopped, or the worker ended, while the process goes on.
    Stopped,
}

/// What a note is about. The numbers are those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NoteKind {
    /// Anything else.
    Info = 0,
    /// A leak is confirmed.
    Alarm = 1,
    /// Memory runs short.
    Pressure = 2,
    /// What the collector did.
    Gc = 3,
    /// The largest caches.
    Caches = 4,
    /// The call sites with the most listeners.
    Listeners = 5,
    /// An error.
    Error = 6,
}

impl NoteKind {
    /// All of them, by number.
    pub const ALL: [Self; 7] =
        [Self::Info, Self::Alarm, Self::Pressure, Self::Gc, Self::Caches, Self::Listeners, Self::Error];

    /// The word for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Alarm => "alarm",
            Self::Pressure => "pressure",
            Self::Gc => "gc",
            Self::Caches => "caches",
            Self::Listeners => "listeners",
            Self::Error => "error",
        }
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(all(test, unix))]
mod process_tests;
#[cfg(test)]
pub(crate) mod test_data;
#[cfg(test)]
mod tests;
