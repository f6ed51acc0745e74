//! Windows: the process's memory counters, handle count and times.
//!
//! Unsafe: calls of the system that fill structures on the stack, whose sizes are passed along. Invariant: none is kept.

use std::mem::{size_of, zeroed};

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::ProcessStatus::{
    GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS, PROCESS_MEMORY_COUNTERS_EX,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessHandleCount, GetProcessTimes};

use super::super::sample::Process;
use super::Source;

/// In a second there are so many of the units in which Windows counts time.
const TICKS: f64 = 1e7;

pub(super) struct Windows;

impl Source for Windows {
    fn read(&mut self) -> Process {
        let mut figures = Process::default();
        if let Some(memory) = memory() {
            figures.rss = memory.WorkingSetSize as f64;
            figures.anonymous = memory.PrivateUsage as f64;
            figures.minor_faults = f64::from(memory.PageFaultCount);
        }
        figures.cpu = processor_time();
        figures.descriptors = handles();
        figures
    }
}

fn memory() -> Option<PROCESS_MEMORY_COUNTERS_EX> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut counters: PROCESS_MEMORY_COUNTERS_EX = unsafe { zeroed() };
    let size = u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS_EX>()).ok()?;
    counters.cb = size;
    let place = (&raw mut counters).cast::<PROCESS_MEMORY_COUNTERS>();
    // SAFETY: the handle is the constant for the process itself.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: `counters` is valid and of that size for the length of the call.
    let filled = unsafe { GetProcessMemoryInfo(this, place, size) };
    (filled != 0).then_some(counters)
}

fn handles() -> f64 {
    let mut count = 0;
    // SAFETY: the handle is the constant for the process itself.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: `count` is valid for the length of the call.
    if unsafe { GetProcessHandleCount(this, &raw mut count) } == 0 { 0.0 } else { f64::from(count) }
}

fn processor_time() -> f64 {
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let (mut created, mut ended, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle is the constant for the process itself.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: all four are valid for the length of the call.
    let filled =
        unsafe { GetProcessTimes(this, &raw mut created, &raw mut ended, &raw mut kernel, &raw mut user) };
    if filled == 0 { 0.0 } else { (ticks(kernel) + ticks(user)) / TICKS }
}

fn ticks(time: FILETIME) -> f64 {
    f64::from(time.dwHighDateTime) * 4_294_967_296.0 + f64::from(time.dwLowDateTime)
}
