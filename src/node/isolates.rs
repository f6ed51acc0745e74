//! The samplers of all threads of this process, so that one of them can show them all.
//!
//! Only what they know is shared: the memory that a sampler reads stays the business of its own thread.

use std::sync::{Arc, Weak};

use napi_derive::napi;
use parking_lot::Mutex;

use super::memory_shapes::{NativeSample, NativeVerdict};
use crate::memory::Sampler;

/// Node's number of the thread, and its sampler.
type Member = (u32, Weak<Mutex<Sampler>>);

static RUNNING: Mutex<Vec<Member>> = Mutex::new(Vec::new());

/// Lists the sampler of a thread until it leaves or is dropped.
pub(super) fn join(thread: u32, sampler: &Arc<Mutex<Sampler>>) {
    let mut running = RUNNING.lock();
    // A thread whose environment was torn down has not left.
    running.retain(|(_, each)| each.strong_count() > 0);
    running.push((thread, Arc::downgrade(sampler)));
}

/// The opposite; leaving twice is fine.
pub(super) fn leave(sampler: &Arc<Mutex<Sampler>>) {
    RUNNING.lock().retain(|(_, each)| !std::ptr::eq(each.as_ptr(), Arc::as_ptr(sampler)));
}

/// What the samplers of all threads of this process know now, in the order in which they started.
#[napi]
#[must_use]
pub fn memory_isolates() -> Vec<NativeIsolate> {
    let running = RUNNING.lock().clone();
    let isolate = |(thread, sampler): &Member| {
        let sampler = sampler.upgrade()?;
        let sampler = sampler.lock();
        let sample = NativeSample::newest(&sampler)?;
        Some(NativeIsolate { thread: *thread, sample, verdict: sampler.verdict().into() })
    };
    running.iter().filter_map(isolate).collect()
}

/// One isolate of this process.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeIsolate {
    pub thread: u32,
    pub sample: NativeSample,
    pub verdict: NativeVerdict,
}
