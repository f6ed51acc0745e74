//! Opening a black box to read it: a regular file, never followed through a link, and whether its writer lives.

#[cfg(unix)]
use std::fs::TryLockError;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::facts::StartFacts;
use super::system;

/// Opens a file for reading.
///
/// # Errors
///
/// When there is none, it may not be read, is a symbolic link or no regular file.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    // Not to hang at a named pipe, whose opening waits for a writer.
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC,
    );
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(file)
}

/// Whether the writer still has the file open: neither its process nor its recorder has ended.
pub(super) fn is_written(file: &File, path: &Path, facts: &StartFacts) -> bool {
    let same_processes = !facts.boot.is_empty()
        && facts.boot == system::boot()
        && !facts.pid_namespace.is_empty()
        && facts.pid_namespace == system::pid_namespace();
    let process_lives = || system::process_start(facts.pid) == Some(facts.process_start);
    match is_locked(file, path) {
        // The lock could have outlived the process in a child that it forked.
        Some(true) => !same_processes || process_lives(),
        Some(false) => false,
        None => same_processes && process_lives(),
    }
}

/// Whether somebody holds the writer's lock; `None` where locks are unknown.
#[cfg(unix)]
fn is_locked(file: &File, _path: &Path) -> Option<bool> {
    match file.try_lock_shared() {
        Ok(()) => {
            let _ = file.unlock();
            Some(false)
        }
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// Whether somebody has it open for writing, and lets no one else.
#[cfg(windows)]
fn is_locked(_file: &File, path: &Path) -> Option<bool> {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    match OpenOptions::new().write(true).open(path) {
        Ok(_) => Some(false),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Some(true),
        Err(_) => None,
    }
}
