//! The binding of the command line: `npx plateau` runs the same code as the stand-alone binary.

use std::panic::catch_unwind;

use napi_derive::napi;

use crate::cli;

/// Runs a command, given without the name of the program, and returns its exit code. Blocks until it is done: a table
/// that is kept up to date, until a signal ends the process.
#[napi]
#[must_use]
pub fn cli_run(args: Vec<String>) -> i32 {
    catch_unwind(|| cli::run(args)).unwrap_or(cli::CANNOT_JUDGE)
}
