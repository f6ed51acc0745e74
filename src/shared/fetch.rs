//! Asking the processor for memory before it is needed.
//!
//! Unsafe: an instruction that the language has no safe name for. Invariant: none is needed, as it reads nothing that the
//! program could see, and faults at no address.

use super::sync::AtomicU64;

/// Bytes that processors move at a time, on most of them.
pub(super) const LINE: usize = 64;

/// Has so many cache lines fetched, from the start of `words` on, all at the same time.
#[inline]
pub(super) fn fetch(words: &[AtomicU64], lines: usize) {
    for line in 0..lines {
        hint(words.as_ptr().cast::<u8>().wrapping_add(LINE * line));
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
fn hint(at: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: see the top of this file.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
fn hint(at: *const u8) {
    // SAFETY: see the top of this file.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{at}]", at = in(reg) at, options(readonly, nostack, preserves_flags));
    }
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn hint(_: *const u8) {}
