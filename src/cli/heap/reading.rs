//! Reads snapshots for a command, and shows how far it is.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::output::complain_inline;
use crate::heap::{Heap, HeapError, Progress, Snapshot};

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_millis(700);
const PACE: Duration = Duration::from_millis(100);

/// Reads and analyses; what is wrong is said with the file's name.
pub(super) fn heap(path: &Path) -> Result<Heap, String> {
    heap_with(path, |_| ()).map(|(heap, ())| heap)
}

/// Reads and analyses, and looks at it in between, when sizes are still V8's own.
pub(super) fn heap_with<T: Send>(
    path: &Path,
    look: impl FnOnce(&Snapshot) -> T + Send,
) -> Result<(Heap, T), String> {
    shown(path, "reading", |progress| {
        let snapshot = read(path, progress)?;
        let seen = look(&snapshot);
        Ok((Heap::of(snapshot, progress)?, seen))
    })
}

/// Only reads.
pub(super) fn snapshot(path: &Path) -> Result<Snapshot, String> {
    shown(path, "reading", |progress| read(path, progress))
}

/// How a file is called in messages.
pub(super) fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".into() } else { path.display().to_string() }
}

fn read(path: &Path, progress: &Progress) -> Result<Snapshot, HeapError> {
    if path.as_os_str() == "-" {
        return Snapshot::read_any(io::stdin().lock(), progress);
    }
    Snapshot::open_any(path, progress)
}

/// Does the work, with a line on the terminal that says how far it is.
pub(super) fn shown<T: Send>(
    path: &Path,
    doing: &str,
    work: impl FnOnce(&Progress) -> Result<T, HeapError> + Send,
) -> Result<T, String> {
    let progress = Progress::default();
    let done = AtomicBool::new(false);
    let result = if io::stderr().is_terminal() {
        thread::scope(|scope| {
            scope.spawn(|| show(path, doing, &progress, &done));
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&progress)));
            done.store(true, Ordering::Release);
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    } else {
        work(&progress)
    };
    result.map_err(|error| format!("{}: {error}", name(path)))
}

fn show(path: &Path, doing: &str, progress: &Progress, done: &AtomicBool) {
    let begin = Instant::now();
    let mut shown = false;
    while !done.load(Ordering::Acquire) {
        thread::sleep(PACE);
        if begin.elapsed() > PATIENCE {
            let line = format!("{doing} {}: {:.0} %", name(path), 100.0 * progress.share());
            complain_inline(&line);
            shown = true;
        }
    }
    if shown {
        complain_inline("");
    }
}
