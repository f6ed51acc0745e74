//! Which signals the process received, noted in the black box by the handler itself: a process that a signal ends has no
//! other moment to say so.
//!
//! On request a handler is put before whatever was to happen at a signal. It stores the time in every open black box and
//! goes on to what was there: the default (restored, and the signal raised again, so that the process ends by that signal
//! with that exit status), or the handler that was there, by its own flags. A signal that is ignored stays ignored, since
//! children inherit that. libuv sets the default when the last `process.on('SIGTERM')` is removed; [`refresh`] puts the
//! handler back then. It never replaces a handler that came after it: that one may call this one.
//!
//! Unsafe: signal handlers. Invariants: the handler calls only what POSIX lists as async-signal-safe (`sigaction`, `raise`,
//! `getpid`, `clock_gettime`, `sigpending`, `sigismember`, `open`, `read`, `close`, `sysconf`) and atomics; it does not
//! allocate, lock or panic, and leaves `errno` as it was. It reaches black boxes through `BOXES`; before one is unmapped,
//! its place is emptied and handlers under way (`RUNNING`) are waited for. The chained disposition is set before the
//! handler is installed. The library that contains the handler is not unloaded: whoever starts a recorder from an addon
//! pins it.

#[cfg(unix)]
mod handler;
#[cfg(unix)]
mod watch;

#[cfg(unix)]
pub(super) use watch::Watch;
#[cfg(unix)]
pub use watch::refresh;

#[cfg(not(unix))]
pub(super) use other::Watch;
#[cfg(not(unix))]
pub use other::refresh;

/// The name of a signal, as far as its number is the same on all systems that matter; otherwise its number.
#[must_use]
pub fn name(signal: u8) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        #[cfg(target_os = "macos")]
        10 => "SIGBUS",
        #[cfg(not(target_os = "macos"))]
        7 => "SIGBUS",
        #[cfg(target_os = "macos")]
        12 => "SIGSYS",
        #[cfg(not(target_os = "macos"))]
        31 => "SIGSYS",
        #[cfg(target_os = "macos")]
        31 => "SIGUSR2",
        #[cfg(not(target_os = "macos"))]
        12 => "SIGUSR2",
        24 => "SIGXCPU",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

#[cfg(not(unix))]
mod other {
    use std::sync::Arc;

    use crate::memory::recorder::map::Map;

    /// There are no signals here.
    #[derive(Debug)]
    pub(in super::super) struct Watch;

    impl Watch {
        /// Watches nothing.
        pub(in super::super) fn start(_map: &Arc<Map>) -> Option<Self> {
            None
        }
    }

    /// Does nothing.
    pub fn refresh() {}
}
