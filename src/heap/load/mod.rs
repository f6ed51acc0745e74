//! Reading snapshots: of a file, by two threads, one for nodes and strings and one for edges; or of a stream, as it comes.
//!
//! Nothing that a snapshot claims is believed: memory is taken for what there is, or can be in a file of its length, and
//! every number is compared with what it counts or names. What is wrong is said with the byte at which it stands.

mod layout;
mod numbers;
mod parts;
#[cfg(any(test, fuzzing))]
pub(super) mod pieces;
mod section;
mod text;
mod walker;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::HeapError;
use super::snapshot::Snapshot;
use walker::{Task, Walker};

/// Bytes read in one go.
const PIECE: usize = 1 << 18;
/// Bytes that may have to wait for more: far longer than any record.
const MOST_WAITING: usize = 1 << 20;
/// Files from which a second thread is worth its start.
const PARALLEL: u64 = 1 << 20;

/// How far reading has come, and whether it is still wanted. Shared with whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    aborted: AtomicBool,
}

impl Progress {
    /// From 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let total = self.total.load(Relaxed);
        if total == 0 { 0.0 } else { (self.done.load(Relaxed) as f64 / total as f64).min(1.0) }
    }

    /// Ends what is under way, with [`HeapError::Aborted`].
    pub fn abort(&self) {
        self.aborted.store(true, Relaxed);
    }

    /// Whether it was ended.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.aborted.load(Relaxed)
    }

    pub(super) fn expect(&self, work: u64) {
        self.total.fetch_add(work, Relaxed);
    }

    /// Notes that so much was done.
    ///
    /// # Errors
    /// [`HeapError::Aborted`]
    pub(super) fn advance(&self, work: u64) -> Result<(), HeapError> {
        self.done.fetch_add(work, Relaxed);
        if self.is_aborted() { Err(HeapError::Aborted) } else { Ok(()) }
    }
}

/// Bytes that can be read at any place, by several threads.
trait Source: Sync {
    fn length(&self) -> u64;
    /// Reads some bytes from `offset` on; 0 at the end.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Source for (File, u64) {
    fn length(&self) -> u64 {
        self.1
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            #[cfg(unix)]
            let read = std::os::unix::fs::FileExt::read_at(&self.0, into, offset);
            #[cfg(windows)]
            let read = std::os::windows::fs::FileExt::seek_read(&self.0, into, offset);
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl Source for &[u8] {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

impl Snapshot {
    /// Reads a file.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn open(path: &Path, progress: &Progress) -> Result<Self, HeapError> {
        read(&open(path)?, PARALLEL, progress)
    }

    /// Reads the nodes of a file, and nothing else: there are no edges and no strings then. Takes half the time and a third
    /// of the memory; what is wrong with the rest may go unnoticed.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn open_nodes(path: &Path, progress: &Progress) -> Result<Self, HeapError> {
        let file = open(path)?;
        progress.expect(file.length());
        read_nodes(&file, progress)
    }

    /// As [`Snapshot::open_nodes`], of what is in memory.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn parse_nodes(bytes: &[u8]) -> Result<Self, HeapError> {
        read_nodes(&bytes, &Progress::default())
    }

    /// Reads what is in memory.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn parse(bytes: &[u8], progress: &Progress) -> Result<Self, HeapError> {
        read(&bytes, PARALLEL, progress)
    }
}

fn open(path: &Path) -> Result<(File, u64), HeapError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(HeapError::Io(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
    }
    Ok((file, metadata.len()))
}

fn read_nodes(source: &impl Source, progress: &Progress) -> Result<Snapshot, HeapError> {
    let length = source.length();
    let mut walker = Walker::new(Some(length));
    walker.task = Task::Nodes;
    let end = drive(source, 0, progress, &mut walker)?;
    check_end(source, end)?;
    walker.finish(length)
}

/// Reads with a second thread if there are at least so many bytes.
fn read(source: &impl Source, parallel: u64, progress: &Progress) -> Result<Snapshot, HeapError> {
    let length = source.length();
    progress.expect(length);
    let mut walker = Walker::new(Some(length));
    if length >= parallel {
        walker.task = Task::UpToNodes;
    }
    let at = drive(source, 0, progress, &mut walker)?;
    if !walker.is_done() {
        walker.task = Task::Everything;
        // Edges may have come before the nodes, though V8 writes them later.
        if walker.edges.is_none() {
            return read_in_parallel(source, at, progress, walker);
        }
        let end = drive(source, at, progress, &mut walker)?;
        check_end(source, end)?;
        return walker.finish(length);
    }
    check_end(source, at)?;
    walker.finish(length)
}

/// Goes on at the nodes: another thread passes over them, and reads the edges.
fn read_in_parallel(
    source: &impl Source,
    nodes: u64,
    progress: &Progress,
    mut walker: Walker,
) -> Result<Snapshot, HeapError> {
    let length = source.length();
    let Some(layout) = walker.layout.clone() else {
        return Err(HeapError::malformed(nodes, "\"nodes\" comes before \"snapshot\""));
    };
    walker.task = Task::AllButEdges;
    let ours = &Progress::default();
    std::thread::scope(|scope| {
        let other = scope.spawn(move || {
            let mut walker = Walker::of_edges(layout, length);
            let done = drive(source, nodes, ours, &mut walker);
            done.map(|_| walker.edges)
        });
        let done = drive(source, nodes, progress, &mut walker).and_then(|end| check_end(source, end));
        if done.is_err() {
            ours.abort();
        }
        let edges = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What is wrong with the part that comes first is said.
        match (done, edges) {
            // The other one was only told to end.
            (Err(error), Err(HeapError::Aborted)) => Err(error),
            (Err(HeapError::Truncated { .. }) | Ok(()), Err(error)) | (Err(error), _) => Err(error),
            (Ok(()), Ok(edges)) => {
                walker.edges = edges;
                walker.finish(length)
            }
        }
    })
}

/// Hands the bytes from `from` on to a walker until it is done or halts; where that is.
fn drive(
    source: &impl Source,
    mut from: u64,
    progress: &Progress,
    walker: &mut Walker,
) -> Result<u64, HeapError> {
    let mut buffer = vec![0; PIECE];
    let mut held = 0;
    while !walker.is_done() && !walker.take_halt() {
        if held == buffer.len() {
            if held >= MOST_WAITING {
                return Err(HeapError::malformed(
                    from,
                    format!("{} goes on without an end", walker.within()),
                ));
            }
            buffer.resize(2 * held, 0);
        }
        let read = source.read_at(&mut buffer[held..], from + held as u64)?;
        if read == 0 {
            return Err(HeapError::Truncated { length: from + held as u64, within: walker.within() });
        }
        held += read;
        progress.advance(read as u64)?;
        let used = walker.feed(&buffer[..held], from)?;
        buffer.copy_within(used..held, 0);
        held -= used;
        from += used as u64;
    }
    Ok(from)
}

/// Behind the object there is only white space.
fn check_end(source: &impl Source, mut from: u64) -> Result<(), HeapError> {
    let mut buffer = [0; 4096];
    loop {
        let read = source.read_at(&mut buffer, from)?;
        if read == 0 {
            return Ok(());
        }
        if let Some(at) = buffer[..read].iter().position(|&byte| !section::is_space(byte)) {
            let what = format!("there is {} behind the end", numbers::show(buffer[at]));
            return Err(HeapError::malformed(from + at as u64, what));
        }
        from += read as u64;
    }
}

/// Reads a snapshot that comes in pieces.
#[derive(Debug)]
pub struct Stream {
    walker: Walker,
    waiting: Vec<u8>,
    at: u64,
}

impl Default for Stream {
    fn default() -> Self {
        Self { walker: Walker::new(None), waiting: Vec::new(), at: 0 }
    }
}

impl Stream {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`HeapError`]; nothing more can be read then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), HeapError> {
        self.waiting.extend_from_slice(piece);
        let mut used = self.walker.feed(&self.waiting, self.at)?;
        if self.walker.is_done() {
            if let Some(at) = self.waiting[used..].iter().position(|&byte| !section::is_space(byte)) {
                let what = format!("there is {} behind the end", numbers::show(self.waiting[used + at]));
                return Err(HeapError::malformed(self.at + (used + at) as u64, what));
            }
            used = self.waiting.len();
        }
        self.waiting.drain(..used);
        self.at += used as u64;
        if self.waiting.len() > MOST_WAITING {
            let what = format!("{} goes on without an end", self.walker.within());
            return Err(HeapError::malformed(self.at, what));
        }
        Ok(())
    }

    /// The snapshot, when all pieces have come.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn finish(self) -> Result<Snapshot, HeapError> {
        self.walker.finish(self.at + self.waiting.len() as u64)
    }
}
