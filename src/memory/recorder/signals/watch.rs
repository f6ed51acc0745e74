//! Which black boxes are told of signals, and the handlers' installation.
//!
//! Unsafe: `sigaction` with dispositions that the system has given, or made from those; see the top of [`super`].

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use libc::sigaction;
use parking_lot::Mutex;

use super::handler::{BOXES, CHAINED, PROCESS, RUNNING, USED, disposition, on_signal, place};
use crate::memory::recorder::format;
use crate::memory::recorder::map::Map;

/// The signals whose default ends the process and that something other than a debugger sends.
const WATCHED: [c_int; 13] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGSEGV,
    libc::SIGUSR2,
    libc::SIGTERM,
    libc::SIGXCPU,
    libc::SIGSYS,
];

/// The dispositions that the handler stands before, and how many [`Watch`]es there are.
struct Installed {
    watches: usize,
    before: [Option<sigaction>; format::SIGNALS],
}
static INSTALLED: Mutex<Installed> = Mutex::new(Installed { watches: 0, before: [None; format::SIGNALS] });

/// A black box that is told of signals for as long as this lives.
#[derive(Debug)]
pub(in crate::memory::recorder) struct Watch {
    place: usize,
    map: Arc<Map>,
}

impl Watch {
    /// Enters the black box, and installs the handlers for the first one.
    pub(in crate::memory::recorder) fn start(map: &Arc<Map>) -> Option<Self> {
        let word = ptr::from_ref(map.word(format::ENDING_SIGNAL)?).cast_mut();
        let mut installed = INSTALLED.lock();
        let place = BOXES.iter().position(|place| place.load(SeqCst).is_null())?;
        BOXES[place].store(word, SeqCst);
        USED.fetch_max(place + 1, SeqCst);
        installed.watches += 1;
        installed.install();
        let watched = installed.bits();
        map.publish_word(format::WATCHED_SIGNALS, watched);
        Some(Self { place, map: Arc::clone(map) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut installed = INSTALLED.lock();
        BOXES[self.place].store(ptr::null_mut(), SeqCst);
        // A handler that took the pointer before may still store through it.
        while RUNNING.load(SeqCst) > 0 {
            thread::yield_now();
        }
        installed.watches -= 1;
        if installed.watches == 0 {
            installed.uninstall();
        }
        self.map.publish_word(format::WATCHED_SIGNALS, 0);
    }
}

/// Puts the handler back where someone has set the default again. Costs a system call per signal, some 2 µs in all.
pub fn refresh() {
    if let Some(mut installed) = INSTALLED.try_lock()
        && installed.watches > 0
    {
        installed.install();
    }
}

impl Installed {
    /// Stands before the default, and, the first time, before any handler.
    fn install(&mut self) {
        // SAFETY: has no preconditions.
        PROCESS.store(unsafe { libc::getpid() }, SeqCst);
        for signal in WATCHED {
            let Some(now) = disposition(signal) else { continue };
            let place = place(signal);
            let first = self.before[place].is_none();
            if now.sa_sigaction == libc::SIG_DFL
                || (first && !is_ours(&now) && now.sa_sigaction != libc::SIG_IGN)
            {
                self.before[place] = stand_before(signal, &now);
            }
        }
    }

    /// Gives back what was there, unless someone has come after.
    fn uninstall(&mut self) {
        for signal in WATCHED {
            let Some(before) = self.before[place(signal)].take() else { continue };
            if disposition(signal).is_some_and(|now| is_ours(&now)) {
                // SAFETY: `before` is a disposition that the system has given for this signal.
                unsafe { sigaction(signal, &raw const before, ptr::null_mut()) };
            }
        }
    }

    fn bits(&self) -> u64 {
        WATCHED
            .iter()
            .filter(|&&signal| self.before[place(signal)].is_some())
            .fold(0, |bits, &signal| bits | 1 << place(signal))
    }
}

/// Installs the handler where `now` is, and returns what it really replaced.
fn stand_before(signal: c_int, now: &sigaction) -> Option<sigaction> {
    chain(signal, now);
    let mut own = *now;
    own.sa_sigaction = own_handler();
    // What interrupts system calls without the handler has to do so with it, and the other way round.
    own.sa_flags =
        (now.sa_flags & (libc::SA_RESTART | libc::SA_NODEFER)) | libc::SA_SIGINFO | libc::SA_ONSTACK;
    let mut replaced = MaybeUninit::<sigaction>::uninit();
    // SAFETY: `own` is a valid disposition made from one that the system has given.
    if unsafe { sigaction(signal, &raw const own, replaced.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the call succeeded, so it has written the replaced disposition.
    let replaced = unsafe { replaced.assume_init() };
    if replaced.sa_sigaction == libc::SIG_IGN {
        // SAFETY: as the system has given it.
        unsafe { sigaction(signal, &raw const replaced, ptr::null_mut()) };
        return None;
    }
    chain(signal, &replaced);
    Some(replaced)
}

fn chain(signal: c_int, before: &sigaction) {
    let chained = &CHAINED[place(signal)];
    chained.flags.store(before.sa_flags, SeqCst);
    chained.handler.store(before.sa_sigaction, SeqCst);
}

fn own_handler() -> usize {
    on_signal as *const () as usize
}

fn is_ours(disposition: &sigaction) -> bool {
    disposition.sa_sigaction == own_handler()
}
