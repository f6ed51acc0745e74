//! What glibc's `malloc` has given out: the memory of native code, without what fragmentation keeps.
//!
//! `mallinfo2` walks the free lists of each arena under that arena's lock, so a process with many free pieces pays for
//! it, on whatever thread wants memory meanwhile. It is timed: the longer it takes, the rarer it is asked, and above a
//! bound not at all.
//!
//! Unsafe: a function of the C library is looked up by name, since only glibc 2.33 and later have it, and called.
//! Invariant: the name stands for that function, with that signature, in every glibc.

use std::mem::transmute;
use std::time::{Duration, Instant};

use super::super::sample::Process;

/// The share of time it may take is one to this.
const RARITY: u32 = 5_000;
const LEAST_PAUSE: Duration = Duration::from_secs(5);
/// Who may have to wait that long for memory is better off without the figure.
const TOO_LONG: Duration = Duration::from_millis(5);

type Mallinfo2 = extern "C" fn() -> libc::mallinfo2;

pub(super) struct Malloc {
    function: Option<Mallinfo2>,
    due: Instant,
    used: f64,
    held: f64,
    shared: f64,
}

impl Malloc {
    pub(super) fn new() -> Self {
        // SAFETY: the name is a C string; the answer is not used here but as below.
        let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr()) };
        let function = (!address.is_null()).then(|| {
            // SAFETY: not null, and glibc's function of that name has this signature (`malloc.h`).
            unsafe { transmute::<*mut libc::c_void, Mallinfo2>(address) }
        });
        Self { function, due: Instant::now(), used: 0.0, held: 0.0, shared: 0.0 }
    }

    pub(super) fn read(&mut self, figures: &mut Process) {
        if let Some(function) = self.function
            && Instant::now() >= self.due
        {
            let start = Instant::now();
            let info = function();
            let took = start.elapsed();
            self.due = start + (took * RARITY).max(LEAST_PAUSE);
            self.used = info.uordblks as f64 + info.hblkhd as f64;
            self.held = info.arena as f64 + info.hblkhd as f64;
            // At the same moment, as one is subtracted from the other.
            self.shared = super::shared_allocated();
            if took > TOO_LONG {
                self.function = None;
                (self.used, self.held, self.shared) = (0.0, 0.0, 0.0);
            }
        }
        figures.malloc_used = self.used;
        figures.malloc_held = self.held;
        figures.shared_allocated = self.shared;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str =
        "memory::process::malloc::tests::what_malloc_gives_out_is_counted_and_what_it_got_back_is_not";
    /// Set where the test runs by itself.
    const ALONE: &str = "PLATEAU_TEST_ALONE";

    #[test]
    fn what_malloc_gives_out_is_counted_and_what_it_got_back_is_not() {
        // In a process of its own: other tests take and give back as much at the same time.
        if std::env::var_os(ALONE).is_none() {
            let program = std::env::current_exe().expect("it runs");
            let mut alone = std::process::Command::new(program);
            let output = alone.args(["--exact", NAME]).env(ALONE, "1").output().expect("it runs again");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let read = || {
            let mut figures = Process::default();
            Malloc::new().read(&mut figures);
            figures.malloc_used
        };
        let before = read();
        if before == 0.0 {
            return; // an older glibc, or musl
        }
        let bytes: Vec<Box<[u8; 4096]>> = (0..50_000).map(|_| Box::new([1; 4096])).collect();
        let during = read();
        drop(bytes);
        let after = read();
        assert!(during - before > 190e6, "{before} {during}");
        assert!(after - before < 10e6, "{before} {after}");
    }
}
