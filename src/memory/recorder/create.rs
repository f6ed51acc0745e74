//! Making the file: only its owner can read it, nothing is followed or overwritten, its space is reserved.
//!
//! Unsafe, once: a call of the C library with a descriptor that is open for as long as the call takes.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::format::EXTENSION;
use super::system;
use crate::{Error, ErrorCode, Result};

/// A new file of exactly `bytes`, all zero but for `header`, locked, whose name says whose it is.
pub(super) fn create_file(
    folder: &Path,
    pid: u32,
    thread: u32,
    bytes: u64,
    header: &[u8],
) -> Result<(File, PathBuf)> {
    if system::file_size_limit().is_some_and(|limit| limit < bytes) {
        return Err(failure(folder, "the process may not write files of that size (ulimit -f)"));
    }
    make_folder(folder).map_err(|error| failure(folder, &error.to_string()))?;
    let (file, path) = open_new(folder, pid, thread).map_err(|error| failure(folder, &error.to_string()))?;
    fill(&file, bytes, header).map_err(|error| {
        // Half a file is of no use to anyone.
        let _ = fs::remove_file(&path);
        failure(folder, &error.to_string())
    })?;
    Ok((file, path))
}

fn failure(folder: &Path, reason: &str) -> Error {
    Error::new(
        ErrorCode::Recorder,
        format!("the black box cannot be written in {}: {reason}", folder.display()),
    )
}

/// The folder, which must be a real one; made for this user alone where there is none.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let facts = fs::symlink_metadata(folder)?;
    if facts.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Whoever may write the folder could put another file in the place of this one.
        if facts.mode() & 0o002 != 0 && facts.mode() & 0o1000 == 0 {
            return Err(io::Error::other("everybody may write the folder"));
        }
    }
    Ok(())
}

/// A file that did not exist, `<pid>-<thread>-<milliseconds>.plateau`.
fn open_new(folder: &Path, pid: u32, thread: u32) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC);
    }
    #[cfg(windows)]
    {
        // Others may read, none may write: that this fails tells readers that the writer lives.
        const FILE_SHARE_READ: u32 = 1;
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, FILE_SHARE_READ);
    }
    let mut time = system::now_ms();
    for _ in 0..16 {
        let path = folder.join(format!("{pid}-{thread}-{time}.{EXTENSION}"));
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            // Two in one millisecond, or the clock went back.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => time += 1,
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("all names that were tried exist"))
}

fn fill(mut file: &File, bytes: u64, header: &[u8]) -> io::Result<()> {
    // Where locks are unknown (some network file systems) readers go by the process's number.
    #[cfg(unix)]
    let _ = file.try_lock();
    // Before the space: from its first byte on, the file can be told for plateau's, and be removed when it is left behind.
    io::Write::write_all(&mut file, header)?;
    reserve(file, bytes)
}

/// Has the file system set the space aside, so that a store to the map cannot fail for want of it.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let length = i64::try_from(bytes).map_err(io::Error::other)?;
        // SAFETY: the descriptor is open, and the call changes nothing but the file.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, length) } {
            0 => return Ok(()),
            libc::EOPNOTSUPP | libc::EINVAL | libc::ENOSYS => {}
            code => return Err(io::Error::from_raw_os_error(code)),
        }
    }
    write_zeros(file, bytes)
}

/// The slow way, which every file system knows.
fn write_zeros(mut file: &File, bytes: u64) -> io::Result<()> {
    const CHUNK: usize = 256 * 1024;
    let mut left = bytes.saturating_sub(file.metadata()?.len());
    let zeros = vec![0; CHUNK];
    io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
    while left > 0 {
        let chunk = left.min(CHUNK as u64);
        #[expect(clippy::cast_possible_truncation, reason = "at most CHUNK")]
        io::Write::write_all(&mut file, &zeros[..chunk as usize])?;
        left -= chunk;
    }
    Ok(())
}
