//! Writes a redacted copy into a file, which only its owner can read. It is there when it is whole, and else not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::Snapshot;
use super::Redaction;

/// How a copy is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copying {
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    /// Whether it is compressed by gzip.
    pub gzip: bool,
}

impl Redaction {
    /// Writes the copy into a file.
    ///
    /// # Errors
    /// Of writing; [`io::ErrorKind::AlreadyExists`] where there is a file that may not be replaced.
    pub fn write_file(&self, snapshot: &Snapshot, path: &Path, how: Copying) -> io::Result<()> {
        if !how.overwrite && path.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"));
        }
        let beside = Unfinished::beside(path)?;
        let file = beside.create()?;
        let mut file = self.write_into(snapshot, file, how.gzip)?;
        file.flush()?;
        file.sync_data()?;
        drop(file);
        beside.become_file(path, how.overwrite)
    }

    fn write_into(&self, snapshot: &Snapshot, file: File, gzip: bool) -> io::Result<File> {
        let mut to = BufWriter::with_capacity(1 << 18, file);
        if gzip {
            let mut packed = flate2::write::GzEncoder::new(to, flate2::Compression::new(4));
            self.write(snapshot, &mut packed)?;
            to = packed.finish()?;
        } else {
            self.write(snapshot, &mut to)?;
        }
        to.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// A file that goes away unless it becomes what it was made for.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file"))?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!(".{}.{}-{number}.tmp", name.to_string_lossy(), std::process::id());
        Ok(Self(path.with_file_name(name)))
    }

    fn create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0)
    }

    fn become_file(self, path: &Path, overwrite: bool) -> io::Result<()> {
        if overwrite {
            return fs::rename(&self.0, path);
        }
        // A link is not made where there is a file by now; where there are no links, the time between is short.
        match fs::hard_link(&self.0, path) {
            Err(error)
                if error.kind() != io::ErrorKind::AlreadyExists && path.symlink_metadata().is_err() =>
            {
                fs::rename(&self.0, path)
            }
            other => other,
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
