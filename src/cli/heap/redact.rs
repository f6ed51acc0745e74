//! `plateau heap redact`: a copy of a snapshot without the contents of strings.

use std::path::Path;

use super::reading;
use crate::cli::output::complain;
use crate::heap::{Copying, Redaction};

pub(super) fn run(file: &Path, copy: &Path, overwrite: bool) -> Result<(), String> {
    if !overwrite && copy.symlink_metadata().is_ok() {
        // Before a big file is read.
        return Err(format!("{} is there already: --overwrite replaces it", copy.display()));
    }
    let snapshot = reading::snapshot(file)?;
    let gzip = copy.extension().is_some_and(|extension| extension == "gz");
    Redaction::of(&snapshot)
        .write_file(&snapshot, copy, Copying { overwrite, gzip })
        .map_err(|error| format!("{} cannot be written: {error}", copy.display()))?;
    complain(&format!("{} has names, sizes and references, and no contents of strings", copy.display()));
    Ok(())
}
