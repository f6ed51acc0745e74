//! What the system says about this process: one trait, one implementation per platform.
//!
//! Only sources that cost microseconds: everything here is read about once a second. `smaps_rollup`, which costs
//! milliseconds on a large heap, is not one of them.

#[cfg(any(target_os = "linux", test))]
mod cgroup;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod malloc;
#[cfg(windows)]
mod windows;

use std::time::{Duration, Instant};

use super::sample::Process;
use crate::shared::{Opened, mapped_bytes};

/// A platform's way to read the figures of the running process.
pub trait Source: Send {
    /// Reads them now. What cannot be read stays 0.
    fn read(&mut self) -> Process;
}

/// The folder of the control group whose memory limit binds, and its figures; `None` without a limit.
#[must_use]
pub fn cgroup() -> Option<(std::path::PathBuf, Process)> {
    #[cfg(target_os = "linux")]
    return cgroup::Cgroup::of_this_process().map(|group| {
        let mut figures = Process::default();
        group.read(&mut figures);
        (group.folder().to_path_buf(), figures)
    });
    #[cfg(not(target_os = "linux"))]
    None
}

/// The source of this platform.
#[must_use]
pub fn source() -> Box<dyn Source> {
    #[cfg(target_os = "linux")]
    return Box::new(linux::Linux::new());
    #[cfg(target_os = "macos")]
    return Box::new(macos::MacOs);
    #[cfg(windows)]
    return Box::new(windows::Windows);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    return Box::new(Nothing);
}

/// For platforms without an implementation.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
struct Nothing;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
impl Source for Nothing {
    fn read(&mut self) -> Process {
        Process::default()
    }
}

/// Bytes of shared caches that are not mapped by themselves.
fn shared_allocated() -> f64 {
    Opened::bytes_held().saturating_sub(mapped_bytes()) as f64
}

/// The newest figures, shared by all isolates of the process: read once, however many ask.
pub struct Shared {
    source: Box<dyn Source>,
    newest: Option<(Instant, Process)>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("newest", &self.newest).finish_non_exhaustive()
    }
}

impl Shared {
    /// Figures that `source` reads.
    #[must_use]
    pub fn new(source: Box<dyn Source>) -> Self {
        Self { source, newest: None }
    }

    /// The figures, read anew when those known are older than `age`.
    pub fn read(&mut self, age: Duration) -> Process {
        let now = Instant::now();
        match self.newest {
            Some((at, figures)) if now.saturating_duration_since(at) <= age => figures,
            _ => {
                let mut figures = self.source.read();
                figures.shared_mapped = mapped_bytes() as f64;
                // Where the source has not looked itself.
                if figures.malloc_used == 0.0 {
                    figures.shared_allocated = shared_allocated();
                }
                self.newest = Some((now, figures));
                figures
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(any(target_os = "linux", target_os = "macos", windows))]
    fn the_process_has_memory_time_and_descriptors() {
        let mut source = source();
        let figures = source.read();
        assert!(figures.rss > 500_000.0, "{figures:?}");
        assert!(figures.descriptors >= 3.0, "{figures:?}");
        assert!(figures.minor_faults > 0.0, "{figures:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_opened_and_touched_shows() {
        let mut source = source();
        let before = source.read();
        let files: Vec<_> = (0..50).map(|_| std::fs::File::open("/proc/self/stat").unwrap()).collect();
        let bytes = vec![1_u8; 64 << 20];
        let after = source.read();
        assert!((after.descriptors - before.descriptors - 50.0).abs() < 10.0, "{before:?} {after:?}");
        assert!(after.anonymous > 64e6, "{after:?}");
        assert!(after.anonymous <= after.rss);
        drop((files, bytes));
    }

    #[test]
    fn figures_are_read_once_for_all_who_ask_within_a_moment() {
        struct Counting(f64);
        impl Source for Counting {
            fn read(&mut self) -> Process {
                self.0 += 1.0;
                Process { rss: self.0, ..Process::default() }
            }
        }
        let mut shared = Shared::new(Box::new(Counting(0.0)));
        let first = shared.read(Duration::from_mins(1));
        assert_eq!(shared.read(Duration::from_mins(1)), first);
        std::thread::sleep(Duration::from_millis(2));
        assert_ne!(shared.read(Duration::ZERO), first);
    }
}
