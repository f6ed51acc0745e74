//! Whole snapshots, redacted.
