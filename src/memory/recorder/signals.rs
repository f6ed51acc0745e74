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
//! `getpid`, `clock_gettime`, `sigpending`, `sigismember`, `open`, `read`, `close`, `sysconf`) and atomics; it does not allocate, lock or panic, and leaves
//! `errno` as it was. It reaches black boxes through [`BOXES`]; before one is unmapped, its place is emptied and handlers
//! under way ([`RUNNING`]) are waited for. The chained disposition is set before the handler is installed. The library that
//! contains the handler is not unloaded: whoever starts a recorder from an addon pins it.

#[cfg(unix)]
pub(super) use unix::Watch;
#[cfg(unix)]
pub use unix::refresh;

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

#[cfg(unix)]
mod unix {
    use std::ffi::{c_int, c_void};
    use std::mem::{self, MaybeUninit};
    use std::ptr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use libc::{sigaction, siginfo_t};
    use parking_lot::Mutex;

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

    /// How many black boxes of one process can be told of a signal; with more, the later ones are not.
    const MAX_BOXES: usize = 1024;

    /// The words at [`format::ENDING_SIGNAL`] of the open black boxes; those of the single signals follow.
    static BOXES: [AtomicPtr<AtomicU64>; MAX_BOXES] = [const { AtomicPtr::new(ptr::null_mut()) }; MAX_BOXES];
    /// No place at or after this one was ever used.
    static USED: AtomicUsize = AtomicUsize::new(0);
    /// Handlers that may hold a pointer out of [`BOXES`].
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    /// The process the handlers were installed in; a fork of it shares the black boxes until it executes a program.
    static PROCESS: AtomicI32 = AtomicI32::new(0);

    /// What was to happen at a signal before.
    struct Chained {
        handler: AtomicUsize,
        flags: AtomicI32,
    }
    static CHAINED: [Chained; format::SIGNALS] =
        [const { Chained { handler: AtomicUsize::new(libc::SIG_DFL), flags: AtomicI32::new(0) } };
            format::SIGNALS];

    /// The dispositions that the handler stands before, and how many [`Watch`]es there are.
    struct Installed {
        watches: usize,
        before: [Option<sigaction>; format::SIGNALS],
    }
    static INSTALLED: Mutex<Installed> =
        Mutex::new(Installed { watches: 0, before: [None; format::SIGNALS] });

    /// A black box that is told of signals for as long as this lives.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        place: usize,
        map: Arc<Map>,
    }

    impl Watch {
        /// Enters the black box, and installs the handlers for the first one.
        pub(in super::super) fn start(map: &Arc<Map>) -> Option<Self> {
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

    fn place(signal: c_int) -> usize {
        usize::try_from(signal).map_or(0, |signal| signal.min(format::SIGNALS - 1))
    }

    fn own_handler() -> usize {
        on_signal as *const () as usize
    }

    fn is_ours(disposition: &sigaction) -> bool {
        disposition.sa_sigaction == own_handler()
    }

    fn disposition(signal: c_int) -> Option<sigaction> {
        let mut now = MaybeUninit::<sigaction>::uninit();
        // SAFETY: only asks, and writes to `now`.
        if unsafe { sigaction(signal, ptr::null(), now.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: the call succeeded.
        Some(unsafe { now.assume_init() })
    }

    fn set_default(signal: c_int) {
        // SAFETY: all zeros is the default disposition with an empty mask.
        let mut default = unsafe { mem::zeroed::<sigaction>() };
        default.sa_sigaction = libc::SIG_DFL;
        // SAFETY: a valid disposition.
        unsafe { sigaction(signal, &raw const default, ptr::null_mut()) };
    }

    extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
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
            let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) =
                unsafe { mem::transmute(handler) };
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
            number
                .checked_mul(10)?
                .checked_add(u64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?))
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
}
