//! macOS: the task's own accounts, and the list of its descriptors.
//!
//! Unsafe: calls of the C library that fill structures on the stack, whose sizes are passed along. Invariant: none is
//! kept.

use std::mem::{size_of, zeroed};

use super::super::sample::Process;
use super::Source;

pub(super) struct MacOs;

impl Source for MacOs {
    fn read(&mut self) -> Process {
        let mut figures = Process::default();
        if let Some(info) = task_info() {
            figures.rss = info.pti_resident_size as f64;
            figures.virtual_bytes = info.pti_virtual_size as f64;
            figures.major_faults = f64::from(info.pti_pageins);
            figures.minor_faults = f64::from(info.pti_faults);
        }
        if let Some(usage) = usage() {
            // The footprint is what counts against limits: anonymous memory, compressed or not.
            figures.anonymous = usage.ri_phys_footprint as f64;
        }
        figures.cpu = processor_time();
        figures.descriptors = descriptors();
        figures
    }
}

fn task_info() -> Option<libc::proc_taskinfo> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut info: libc::proc_taskinfo = unsafe { zeroed() };
    let size = libc::c_int::try_from(size_of::<libc::proc_taskinfo>()).ok()?;
    // SAFETY: `info` is valid and of that size for the length of the call.
    let written = unsafe {
        libc::proc_pidinfo(
            std::process::id().cast_signed(),
            libc::PROC_PIDTASKINFO,
            0,
            (&raw mut info).cast(),
            size,
        )
    };
    (written == size).then_some(info)
}

fn usage() -> Option<libc::rusage_info_v2> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut usage: libc::rusage_info_v2 = unsafe { zeroed() };
    // SAFETY: `usage` is valid for the length of the call, and of the kind that is asked for.
    let failed = unsafe {
        libc::proc_pid_rusage(std::process::id().cast_signed(), libc::RUSAGE_INFO_V2, (&raw mut usage).cast())
    };
    (failed == 0).then_some(usage)
}

fn processor_time() -> f64 {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { zeroed() };
    // SAFETY: `usage` is valid for the length of the call.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) } != 0 {
        return 0.0;
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + f64::from(time.tv_usec) / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

fn descriptors() -> f64 {
    // Less the one that is open for listing them.
    std::fs::read_dir("/dev/fd").map_or(0.0, |list| list.count().saturating_sub(1) as f64)
}
