//! The catalogue of leaks.

use serde::Serialize;

/// A kind of leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// A Map, object, Set or array of records that only grows.
    UnboundedCache,
    /// Listeners that are never removed.
    Listeners,
    /// Functions kept, each with the variables of the call that made it.
    Closures,
    /// Timers that are never cleared.
    Timers,
    /// Promises that never settle.
    Promises,
    /// Streams that are neither read to their end nor destroyed.
    Streams,
    /// Requests and responses kept.
    Requests,
    /// Sockets and agents kept.
    Sockets,
    /// An array at the top of a module to which is only pushed.
    ModuleArrays,
    /// Memory outside V8's heap.
    Native,
    /// Strings that hold bigger ones.
    Strings,
    /// Instances of a class.
    Instances,
    /// None of the others.
    Unknown,
}

impl Pattern {
    /// Its name in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnboundedCache => "unbounded-cache",
            Self::Listeners => "listeners",
            Self::Closures => "closures",
            Self::Timers => "timers",
            Self::Promises => "promises",
            Self::Streams => "streams",
            Self::Requests => "requests",
            Self::Sockets => "sockets",
            Self::ModuleArrays => "module-arrays",
            Self::Native => "native",
            Self::Strings => "strings",
            Self::Instances => "instances",
            Self::Unknown => "unknown",
        }
    }
}
