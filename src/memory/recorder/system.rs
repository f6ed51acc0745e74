//! What the recorder asks the system: the time, who this process is, what it may use. Best effort; on systems without
//! `/proc` most of it is unknown, and JavaScript fills in what it knows.

#![expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit in 64 bits")]

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
#[must_use]
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// When the process was started, in clock ticks since boot; `None` when there is no such process, or no `/proc`.
#[must_use]
pub fn process_start(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, which may have spaces and parentheses itself.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // A dead process whose parent has not asked for its status is still there.
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// The machine's name.
#[must_use]
pub fn hostname() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map_or_else(String::new, |name| name.trim().to_owned())
}

/// What changes with each start of the machine; empty where it is not known.
#[must_use]
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| String::new(), |id| id.trim().to_owned())
}

/// The namespace that the process numbers of this process belong to; empty where there is none.
#[must_use]
pub fn pid_namespace() -> String {
    fs::read_link("/proc/self/ns/pid")
        .map_or_else(|_| String::new(), |link| link.to_string_lossy().into_owned())
}

/// The limit of the address space in bytes; 0 for none.
#[must_use]
pub fn address_limit() -> f64 {
    limit("Max address space").map_or(0.0, |bytes| bytes as f64)
}

/// The largest file the process may write; beyond it there is not an error but a signal that ends the process.
#[must_use]
pub fn file_size_limit() -> Option<u64> {
    limit("Max file size")
}

fn limit(name: &str) -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// How many processes of a control group were killed for want of memory; `None` when it does not say or is gone.
#[must_use]
pub fn oom_kills(folder: &Path) -> Option<f64> {
    let events = fs::read_to_string(folder.join("memory.events"))
        .or_else(|_| fs::read_to_string(folder.join("memory.oom_control")))
        .ok()?;
    events.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// How many processes of the machine were killed for want of memory since its start.
#[must_use]
pub fn machine_oom_kills() -> Option<f64> {
    let counts = fs::read_to_string("/proc/vmstat").ok()?;
    counts.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// What tells a folder from a later one of the same name.
#[must_use]
pub fn file_id(path: &Path) -> Option<f64> {
    #[cfg(unix)]
    {
        let data = fs::metadata(path).ok()?;
        Some(std::os::unix::fs::MetadataExt::ino(&data) as f64)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
