//! What this addon is: the first thing the loader asks, and what a bug report should quote.

use napi_derive::napi;

/// How the addon was compiled.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct BuildInfo {
    /// The Rust target triple, such as `x86_64-unknown-linux-gnu`.
    pub target: &'static str,
    /// `true` for an unoptimised build, whose timings mean nothing.
    pub debug: bool,
}

/// The version the addon was compiled as. `lib/native/load.ts` compares it with the package's own, so
/// that a stale local build or a mismatched platform package is reported instead of misbehaving.
#[napi]
#[must_use]
pub fn version() -> &'static str {
    crate::VERSION
}

/// How the addon was compiled.
#[napi]
#[must_use]
pub fn build_info() -> BuildInfo {
    BuildInfo { target: env!("PLATEAU_TARGET"), debug: cfg!(debug_assertions) }
}
