//! Bytes that become a graph, written down as a snapshot: well-formed always, and asked everything.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| plateau::heap::fuzzed::graph(bytes));
