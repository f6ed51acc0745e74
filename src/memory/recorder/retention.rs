//! How many black boxes of the dead stay: the newest, up to a number and a sum of bytes.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::format::{self, EXTENSION, PAGE};
use super::{header, open};

/// The bound on files of dead processes in a folder. The newest of them stays whatever its size.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Files.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { files: 32, bytes: 256 * 1024 * 1024 }
    }
}

/// So that a folder of something else entirely does not delay a start.
const MAX_LOOKED_AT: usize = 10_000;

struct Dead {
    path: PathBuf,
    newest: u64,
    bytes: u64,
}

/// The files in a folder that are black boxes by their name, in the order of it.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn boxes_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
        .take(MAX_LOOKED_AT)
        .collect();
    paths.sort();
    Ok(paths)
}

/// Removes the oldest black boxes of the dead beyond the bound. Touches nothing that is not one, or whose writer lives.
pub(super) fn remove_old(folder: &Path, bound: &Retention) {
    let Ok(paths) = boxes_in(folder) else { return };
    let mut dead: Vec<Dead> = paths.into_iter().filter_map(|path| examine(path).ok().flatten()).collect();
    dead.sort_by_key(|file| std::cmp::Reverse(file.newest));
    let mut sum = 0;
    for (place, file) in dead.iter().enumerate() {
        sum += file.bytes;
        if place > 0 && (place >= bound.files || sum > bound.bytes) {
            let _ = fs::remove_file(&file.path);
        }
    }
}

/// The file, if it is a black box whose writer is dead.
fn examine(path: PathBuf) -> io::Result<Option<Dead>> {
    let mut file = open::open(&path)?;
    let bytes = file.metadata()?.len();
    let mut page = Vec::with_capacity(PAGE);
    (&file).take(PAGE as u64).read_to_end(&mut page)?;
    let Ok(first) = header::decode(&page, bytes) else { return Ok(None) };
    if open::is_written(&file, &path, &first.facts) {
        return Ok(None);
    }
    let mut heartbeat = [0; 8];
    file.seek(SeekFrom::Start(format::HEARTBEAT as u64))?;
    // A file that was left before its first sample goes by its start.
    let newest = file.read_exact(&mut heartbeat).map_or(0, |()| u64::from_le_bytes(heartbeat));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let started = first.facts.started as u64;
    Ok(Some(Dead { path, newest: newest.max(started), bytes }))
}
