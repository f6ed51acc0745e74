//! Linux: `/proc/self` and the control groups.
//!
//! Unsafe: three calls of the C library without memory of ours in them, except `getrlimit`, which fills a structure on
//! the stack. Invariant: none is kept.

use std::fs::File;
use std::os::linux::fs::MetadataExt;
use std::os::unix::fs::FileExt;

use super::super::sample::Process;
use super::Source;
use super::cgroup::Cgroup;
#[cfg(target_env = "gnu")]
use super::malloc::Malloc;

/// Looks between two counts of descriptors on kernels that do not tell their number: then each has to be listed.
const LISTING_EVERY: u32 = 5;

pub(super) struct Linux {
    statm: Option<File>,
    stat: Option<File>,
    cgroup: Option<Cgroup>,
    #[cfg(target_env = "gnu")]
    malloc: Malloc,
    page: f64,
    ticks: f64,
    looks: u32,
    descriptors: f64,
}

impl Linux {
    pub(super) fn new() -> Self {
        Self {
            statm: File::open("/proc/self/statm").ok(),
            stat: File::open("/proc/self/stat").ok(),
            cgroup: Cgroup::of_this_process(),
            #[cfg(target_env = "gnu")]
            malloc: Malloc::new(),
            page: setting(libc::_SC_PAGESIZE, 4096.0),
            ticks: setting(libc::_SC_CLK_TCK, 100.0),
            looks: 0,
            descriptors: 0.0,
        }
    }

    /// The kernel tells the number as the size of the directory since Linux 6.2.
    fn count_descriptors(&mut self) -> f64 {
        let told = std::fs::metadata("/proc/self/fd").map_or(0, |data| data.st_size());
        if told > 0 {
            self.descriptors = told as f64;
        } else if self.looks % LISTING_EVERY == 1 {
            // Less the one that is open for listing them.
            self.descriptors = std::fs::read_dir("/proc/self/fd")
                .map_or(0.0, |list| (list.count().saturating_sub(1)) as f64);
        }
        self.descriptors
    }
}

impl Source for Linux {
    fn read(&mut self) -> Process {
        self.looks = self.looks.wrapping_add(1);
        let mut figures = Process { address_limit: address_limit(), ..Process::default() };
        let mut buffer = [0; 1024];
        if let Some(text) = self.statm.as_ref().and_then(|file| read_from_start(file, &mut buffer)) {
            let mut pages = text.split_ascii_whitespace().map(|word| word.parse().unwrap_or(0.0) * self.page);
            figures.virtual_bytes = pages.next().unwrap_or(0.0);
            figures.rss = pages.next().unwrap_or(0.0);
            figures.anonymous = (figures.rss - pages.next().unwrap_or(0.0)).max(0.0);
        }
        if let Some(text) = self.stat.as_ref().and_then(|file| read_from_start(file, &mut buffer)) {
            // The name, in parentheses, may contain anything. After it, field 3 is the first.
            let fields = text.rfind(')').map_or("", |end| &text[end + 1..]);
            let field = |number: usize| -> f64 {
                fields
                    .split_ascii_whitespace()
                    .nth(number - 3)
                    .and_then(|word| word.parse().ok())
                    .unwrap_or(0.0)
            };
            figures.minor_faults = field(10);
            figures.major_faults = field(12);
            figures.cpu = (field(14) + field(15)) / self.ticks;
        }
        figures.descriptors = self.count_descriptors();
        if let Some(cgroup) = &self.cgroup {
            cgroup.read(&mut figures);
        }
        #[cfg(target_env = "gnu")]
        self.malloc.read(&mut figures);
        figures
    }
}

/// Reads a file of `/proc` again from its start: it is made anew each time.
fn read_from_start<'b>(file: &File, buffer: &'b mut [u8]) -> Option<&'b str> {
    let length = file.read_at(buffer, 0).ok()?;
    std::str::from_utf8(&buffer[..length]).ok()
}

fn setting(name: libc::c_int, otherwise: f64) -> f64 {
    // SAFETY: takes and gives numbers only.
    let value = unsafe { libc::sysconf(name) };
    if value > 0 { value as f64 } else { otherwise }
}

/// What `ulimit -v` allows, or 0.
fn address_limit() -> f64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid structure for the length of the call.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) } != 0;
    if failed || limit.rlim_cur == libc::RLIM_INFINITY { 0.0 } else { limit.rlim_cur as f64 }
}
