//! Bytes that may be a snapshot: read in one piece and in many, and asked everything.

#![no_main]

use cap::Cap;
use libfuzzer_sys::fuzz_target;

/// Far more than anything as small as an input needs, and far less than what a false claim would have it take.
const MOST: usize = 512 << 20;

#[global_allocator]
static MEMORY: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

fuzz_target!(|bytes: &[u8]| {
    // Not before: what the fuzzer itself has is its own affair.
    MEMORY.set_limit(MEMORY.allocated() + MOST).expect("more than is allocated");
    plateau::heap::fuzzed::snapshot(bytes);
});
