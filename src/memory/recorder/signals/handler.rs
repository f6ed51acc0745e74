//! What runs when a signal comes: it notes the time in every open black box and goes on to what was to happen before.
//!
//! Unsafe: the invariants are at the top of [`super`]. Everything here that [`on_signal`] reaches is async-signal-safe.

use std::ffi::{c_int, c_void};
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, AtomicUsize};

use libc::{sigaction, siginfo_t};

use crate::memory::recorder::format;

/// How many black boxes of one process can be told of a signal; with more, the later ones are not.
pub(super) const MAX_BOXES: usize = 1024;

/// The words at [`format::ENDING_SIGNAL`] of the open black boxes; those of the single signals follow.
pub(super) static BOXES: [AtomicPtr<AtomicU64>; MAX_BOXES] =
    [const { AtomicPtr::new(ptr::null_mut()) }; MAX_BOXES];
/// No place at or after this one was ever used.
pub(super) static USED: AtomicUsize = AtomicUsize::new(0);
/// Handlers that may hold a pointer out of [`BOXES`].
pub(super) static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// The process the handlers were installed in; a fork of it shares the black boxes until it executes a program.
pub(super) static PROCESS: AtomicI32 = AtomicI32::new(0);

/// What was to happen at a signal before.
pub(super) struct Chained {
    pub(super) handler: AtomicUsize,
    pub(super) flags: AtomicI32,
}
pub(super) static CHAINED: [Chained; format::SIGNALS] =
    [const { Chained { handler: AtomicUsize::new(libc::SIG_DFL), flags: AtomicI32::new(0) } };
        format::SIGNALS];

/// The handler.
pub(super) extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = errno();
    // SAFETY: the thread's own `errno`.
    let before = unsafe { *errno };
    let chained = &CHAINED[place(signal)];
    let handler = chained.handler.load(SeqCst);
    note(signal, handler == libc::SIG_DFL);
    match handler {
        libc::SIG_DFL => by_default(signal, info),
        libc::SIG_IGN => {}
        handler => by_handler(signal, handler, chained.flags.load(SeqCst), info, context),
    }
    // SAFETY: as above.
    unsafe { *errno = before };
}

/// Ends the process by the signal, once the handler has returned and unblocks it.
fn by_default(signal: c_int, info: *const siginfo_t) {
    set_default(signal);
    // An instruction that faulted faults again, and leaves a core that says where; a signal that was sent has to be
    // sent again. So has that of a breakpoint, which would go on behind it.
    if signal == libc::SIGTRAP || !is_fault(info) {
        // SAFETY: has no preconditions.
        unsafe { libc::raise(signal) };
    }
}

/// Whether the processor reports the signal rather than a process.
fn is_fault(info: *const siginfo_t) -> bool {
    // SAFETY: the kernel passes a valid one, or none.
    let Some(info) = (unsafe { info.as_ref() }) else { return false };
    // Codes of senders are zero or less on Linux and from 0x10001 on macOS.
    matches!(info.si_signo, libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL)
        && (1..0x1_0000).contains(&info.si_code)
}

fn by_handler(signal: c_int, handler: usize, flags: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // The kernel would have done this before calling it.
    if flags & libc::SA_RESETHAND != 0 {
        set_default(signal);
    }
    if flags & libc::SA_SIGINFO != 0 {
        // SAFETY: with this flag the disposition is a function of this type, and gets what the kernel passed.
        let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = unsafe { mem::transmute(handler) };
        handler(signal, info, context);
    } else {
        // SAFETY: without it, of this type.
        let handler: extern "C" fn(c_int) = unsafe { mem::transmute(handler) };
        handler(signal);
    }
    let default = disposition(signal).is_some_and(|now| now.sa_sigaction == libc::SIG_DFL);
    if default && (is_pending(signal) || is_fault(info)) {
        // As Node's own handlers do: it tidied up and raised the signal again, or lets the instruction fault again.
        note(signal, true);
    } else if !default && is_fault(info) {
        // A trap of WebAssembly, which V8 makes an exception.
        forget(signal);
    }
}

fn is_pending(signal: c_int) -> bool {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: writes to `set`.
    if unsafe { libc::sigpending(set.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: the call before succeeded.
    unsafe { libc::sigismember(set.as_ptr(), signal) == 1 }
}

/// Stores the signal and the time in every black box.
fn note(signal: c_int, ending: bool) {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: writes to `time`; has no other preconditions.
    if unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, time.as_mut_ptr()) } != 0 {
        return;
    }
    // SAFETY: the call succeeded.
    let time = unsafe { time.assume_init() };
    #[expect(clippy::cast_sign_loss, reason = "the time is after 1970")]
    let milliseconds = time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000;
    // V8 aborts when its heap is full, allocators when they get nothing: what the process used then says which it was.
    let memory = matches!(signal, libc::SIGABRT | libc::SIGTRAP | libc::SIGILL).then(memory).flatten();
    each_box(|word| {
        seen(word, signal).store(milliseconds.to_le(), SeqCst);
        if let Some((address_space, resident)) = memory {
            at(word, format::VIRTUAL_AT_ABORT).store(address_space.to_le(), SeqCst);
            at(word, format::RSS_AT_ABORT).store(resident.to_le(), SeqCst);
        }
        if ending {
            word.store((milliseconds << 8 | place(signal) as u64).to_le(), SeqCst);
        }
    });
}

fn forget(signal: c_int) {
    each_box(|word| seen(word, signal).store(0, SeqCst));
}

fn seen(ending: &AtomicU64, signal: c_int) -> &AtomicU64 {
    at(ending, format::SEEN_SIGNALS + 8 * place(signal))
}

/// The word at `offset` of the file, a constant of the layout.
fn at(ending: &AtomicU64, offset: usize) -> &AtomicU64 {
    // SAFETY: all words that have a name are in the page that begins with that of the ending signal.
    let word = unsafe { ptr::from_ref(ending).add((offset - format::ENDING_SIGNAL) / 8) };
    // SAFETY: as above, and words are accessed atomically only.
    unsafe { &*word }
}

/// Address space and resident memory in bytes, where `/proc` says.
fn memory() -> Option<(u64, u64)> {
    let mut text = [0_u8; 64];
    // SAFETY: the path ends with a zero.
    let file = unsafe { libc::open(c"/proc/self/statm".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return None;
    }
    // SAFETY: `text` has that many bytes.
    let count = unsafe { libc::read(file, text.as_mut_ptr().cast(), text.len()) };
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    // SAFETY: has no preconditions.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    let mut numbers = text.get(..usize::try_from(count).ok()?)?.split(|byte| *byte == b' ').map(number);
    Some((numbers.next()??.checked_mul(page)?, numbers.next()??.checked_mul(page)?))
}

/// A decimal number, without what the standard library's parser could do beside.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?))
    })
}

fn each_box(visit: impl Fn(&AtomicU64)) {
    // SAFETY: has no preconditions.
    if unsafe { libc::getpid() } != PROCESS.load(SeqCst) {
        return;
    }
    RUNNING.fetch_add(1, SeqCst);
    for place in &BOXES[..USED.load(SeqCst).min(MAX_BOXES)] {
        // SAFETY: mapped until its place is empty and `RUNNING` is 0.
        if let Some(word) = unsafe { place.load(SeqCst).as_ref() } {
            visit(word);
        }
    }
    RUNNING.fetch_sub(1, SeqCst);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn errno() -> *mut c_int {
    #[cfg(target_os = "android")]
    use libc::__errno as location;
    #[cfg(target_os = "linux")]
    use libc::__errno_location as location;
    // SAFETY: has no preconditions.
    unsafe { location() }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn errno() -> *mut c_int {
    // SAFETY: has no preconditions.
    unsafe { libc::__error() }
}

pub(super) fn place(signal: c_int) -> usize {
    usize::try_from(signal).map_or(0, |signal| signal.min(format::SIGNALS - 1))
}

pub(super) fn disposition(signal: c_int) -> Option<sigaction> {
    let mut now = MaybeUninit::<sigaction>::uninit();
    // SAFETY: only asks, and writes to `now`.
    if unsafe { sigaction(signal, ptr::null(), now.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the call succeeded.
    Some(unsafe { now.assume_init() })
}

pub(super) fn set_default(signal: c_int) {
    // SAFETY: all zeros is the default disposition with an empty mask.
    let mut default = unsafe { mem::zeroed::<sigaction>() };
    default.sa_sigaction = libc::SIG_DFL;
    // SAFETY: a valid disposition.
    unsafe { sigaction(signal, &raw const default, ptr::null_mut()) };
}
