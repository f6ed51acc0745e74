//! The binding of redaction: a snapshot comes in pieces, a file goes out. What strings say is in the memory of this process
//! alone, where it was before.

use std::path::PathBuf;
use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer};
use napi::{Env, Task};
use napi_derive::napi;
use parking_lot::Mutex;

use crate::heap::{Copying, Redaction, Snapshot, Stream};

/// A snapshot on its way into a redacted copy.
#[napi]
#[derive(Debug)]
pub struct HeapRedactor {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    Reading(Box<Stream>),
    Ready(Box<Ready>),
    Gone,
}

#[derive(Debug)]
struct Ready {
    snapshot: Snapshot,
    redaction: Redaction,
    /// Texts that the caller has been asked about last, and where to go on.
    asked: Vec<u32>,
    next: u32,
}

#[napi]
impl HeapRedactor {
    /// One that has nothing yet.
    #[napi(constructor)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "made by JavaScript alone")]
    pub fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State::Reading(Box::default()))) }
    }

    /// Takes the next piece.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn push(&self, piece: Buffer) -> AsyncTask<RedactWork> {
        self.work(Work::Push(piece))
    }

    /// All pieces have come: decides what stays.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn finish(&self) -> AsyncTask<RedactWork> {
        self.work(Work::Finish)
    }

    /// The next texts that do not stay, at most `most`; none when all have been told.
    #[napi]
    #[must_use]
    pub fn removed(&self, most: u32) -> Vec<String> {
        let State::Ready(ready) = &mut *self.state.lock() else { return Vec::new() };
        let found: Vec<(u32, String)> = ready
            .redaction
            .removed(&ready.snapshot, ready.next, most as usize)
            .map(|(index, text)| (index, text.into_owned()))
            .collect();
        ready.next = found.last().map_or(u32::MAX, |&(index, _)| index.saturating_add(1));
        let (asked, texts) = found.into_iter().unzip();
        ready.asked = asked;
        texts
    }

    /// What is to be written instead of those that were told last.
    #[napi]
    pub fn replace(&self, texts: Vec<String>) {
        if let State::Ready(ready) = &mut *self.state.lock() {
            for (index, text) in std::mem::take(&mut ready.asked).into_iter().zip(texts) {
                ready.redaction.replace(index, text);
            }
        }
    }

    /// Writes the copy into a file, which is there when it is whole.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn write(&self, path: String, overwrite: bool, gzip: bool) -> AsyncTask<RedactWork> {
        self.work(Work::Write(path.into(), Copying { overwrite, gzip }))
    }

    fn work(&self, work: Work) -> AsyncTask<RedactWork> {
        AsyncTask::new(RedactWork { state: Arc::clone(&self.state), work })
    }
}

enum Work {
    Push(Buffer),
    Finish,
    Write(PathBuf, Copying),
}

/// A part of the way.
#[expect(missing_debug_implementations, reason = "holds a Buffer of Node's")]
pub struct RedactWork {
    state: Arc<Mutex<State>>,
    work: Work,
}

impl Task for RedactWork {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<()> {
        let mut state = self.state.lock();
        match (&self.work, &mut *state) {
            (Work::Push(piece), State::Reading(stream)) => stream.push(piece).map_err(reason),
            (Work::Finish, State::Reading(stream)) => {
                let snapshot = std::mem::take(&mut **stream).finish().map_err(reason)?;
                let redaction = Redaction::of(&snapshot);
                *state = State::Ready(Box::new(Ready { snapshot, redaction, asked: Vec::new(), next: 0 }));
                Ok(())
            }
            (Work::Write(path, how), State::Ready(ready)) => {
                let done = ready.redaction.write_file(&ready.snapshot, path, *how).map_err(reason);
                // Nothing of it stays in memory.
                *state = State::Gone;
                done
            }
            _ => Err(napi::Error::from_reason("the snapshot is not at this point")),
        }
    }

    fn resolve(&mut self, _env: Env, (): ()) -> napi::Result<()> {
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn reason(error: impl ToString) -> napi::Error {
    napi::Error::from_reason(error.to_string())
}
