//! Bindings of the snapshot engine: reading and comparing on threads of Node's pool.

use std::path::PathBuf;
use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer};
use napi::{Env, Task};
use napi_derive::napi;
use parking_lot::Mutex;

use crate::heap::leaks::{self, Options, Total};
use crate::heap::looks::{Asked, Looks, Name};
use crate::heap::{Heap, HeapError, Ids, Progress, Snapshot, Stream};

/// A snapshot on its way through the engine.
#[napi]
#[derive(Debug)]
pub struct HeapSource {
    progress: Arc<Progress>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    /// Not read, or used up.
    Nothing,
    /// Being read from pieces.
    Stream(Box<Stream>),
    /// Read.
    Whole(Box<Snapshot>, Total),
    /// Of one that is only compared with: which objects there were.
    Ids(Ids, Total),
}

#[napi]
impl HeapSource {
    /// One that is not read yet.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self { progress: Arc::default(), state: Arc::new(Mutex::new(State::Nothing)) }
    }

    /// Ends what is being done with it.
    #[napi]
    pub fn abort(&self) {
        self.progress.abort();
    }

    /// How far reading it is, from 0 to 1.
    #[napi]
    #[must_use]
    pub fn share(&self) -> f64 {
        self.progress.share()
    }

    /// Reads a file.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn open(&self, path: String, ids_only: bool) -> AsyncTask<HeapWork> {
        self.work(Work::Open(path.into(), ids_only))
    }

    /// Takes the next piece of one that comes in pieces.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn push(&self, piece: Buffer) -> AsyncTask<HeapWork> {
        self.work(Work::Push(piece))
    }

    /// All pieces have come.
    #[napi(ts_return_type = "Promise<void>")]
    #[must_use]
    pub fn finish(&self, ids_only: bool) -> AsyncTask<HeapWork> {
        self.work(Work::Finish(ids_only))
    }

    fn work(&self, work: Work) -> AsyncTask<HeapWork> {
        let (progress, state) = (Arc::clone(&self.progress), Arc::clone(&self.state));
        AsyncTask::new(HeapWork { progress, state, work })
    }
}

enum Work {
    Open(PathBuf, bool),
    Push(Buffer),
    Finish(bool),
}

/// Work on one snapshot.
#[expect(missing_debug_implementations, reason = "holds a Buffer of Node's")]
pub struct HeapWork {
    progress: Arc<Progress>,
    state: Arc<Mutex<State>>,
    work: Work,
}

impl Task for HeapWork {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<()> {
        let mut state = self.state.lock();
        let done = match &self.work {
            Work::Open(path, true) => {
                Snapshot::open_nodes(path, &self.progress).map(|snapshot| read(snapshot, true))
            }
            Work::Open(path, false) => {
                Snapshot::open(path, &self.progress).map(|snapshot| read(snapshot, false))
            }
            Work::Push(piece) => {
                if matches!(*state, State::Nothing) {
                    *state = State::Stream(Box::default());
                }
                match &mut *state {
                    State::Stream(_) if self.progress.is_aborted() => {
                        *state = State::Nothing;
                        Err(HeapError::Aborted)
                    }
                    State::Stream(stream) => {
                        stream.push(piece).map(|()| std::mem::replace(&mut *state, State::Nothing))
                    }
                    _ => return Err(napi::Error::from_reason("the snapshot has been read")),
                }
            }
            Work::Finish(ids_only) => match std::mem::replace(&mut *state, State::Nothing) {
                State::Stream(stream) => stream.finish().map(|snapshot| read(snapshot, *ids_only)),
                _ => Stream::default().finish().map(|snapshot| read(snapshot, *ids_only)),
            },
        };
        *state = done.map_err(reason)?;
        Ok(())
    }

    fn resolve(&mut self, _env: Env, (): ()) -> napi::Result<()> {
        Ok(())
    }
}

fn read(snapshot: Snapshot, ids_only: bool) -> State {
    let total = Total::of(&snapshot);
    if ids_only { State::Ids(Ids::of(&snapshot), total) } else { State::Whole(Box::new(snapshot), total) }
}

fn reason(error: HeapError) -> napi::Error {
    match error {
        // What the system says, by its code, as Node says it.
        HeapError::Io(error) => napi::Error::from_reason(format!("io: {error}")),
        HeapError::Aborted => napi::Error::from_reason("aborted"),
        error => napi::Error::from_reason(error.to_string()),
    }
}

/// Compares snapshots.
pub struct CompareHeaps {
    earlier: Vec<Arc<Mutex<State>>>,
    last: Arc<Mutex<State>>,
    progress: Arc<Progress>,
    options: Options,
}

impl Task for CompareHeaps {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        let mut totals = Vec::new();
        let mut ids = Vec::new();
        for state in &self.earlier {
            if let State::Ids(found, total) = std::mem::replace(&mut *state.lock(), State::Nothing) {
                ids.push(found);
                totals.push(total);
            }
        }
        let State::Whole(last, total) = std::mem::replace(&mut *self.last.lock(), State::Nothing) else {
            return Err(napi::Error::from_reason("the last snapshot has not been read"));
        };
        totals.push(total);
        let first =
            ids.first().ok_or_else(|| napi::Error::from_reason("the first snapshot has not been read"))?;
        let heap = Heap::of(*last, &self.progress).map_err(reason)?;
        let found =
            leaks::compare(first, ids.get(1), &heap, &self.options, &self.progress).map_err(reason)?;
        Ok(found.to_json(&totals).to_string())
    }

    fn resolve(&mut self, _env: Env, json: String) -> napi::Result<String> {
        Ok(json)
    }
}

/// Compares one or two earlier snapshots with the last; the answer is JSON. All are used up.
#[napi(ts_return_type = "Promise<string>")]
#[must_use]
pub fn compare_heaps(
    earlier: Vec<&HeapSource>,
    last: &HeapSource,
    limit: u32,
    roots: Vec<String>,
) -> AsyncTask<CompareHeaps> {
    AsyncTask::new(CompareHeaps {
        earlier: earlier.into_iter().map(|source| Arc::clone(&source.state)).collect(),
        last: Arc::clone(&last.state),
        progress: Arc::clone(&last.progress),
        options: Options { limit: limit as usize, roots },
    })
}

/// Looks at a snapshot.
pub struct AnalyzeHeap {
    state: Arc<Mutex<State>>,
    progress: Arc<Progress>,
    asked: Asked,
}

impl Task for AnalyzeHeap {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        let State::Whole(snapshot, _) = std::mem::replace(&mut *self.state.lock(), State::Nothing) else {
            return Err(napi::Error::from_reason("the snapshot has not been read"));
        };
        let heap = Heap::of(*snapshot, &self.progress).map_err(reason)?;
        let answer = self.asked.answer(&Looks::at(&heap)).map_err(napi::Error::from_reason)?;
        Ok(answer.to_string())
    }

    fn resolve(&mut self, _env: Env, json: String) -> napi::Result<String> {
        Ok(json)
    }
}

/// Looks at a snapshot, which is used up; the answer is JSON.
#[napi(ts_return_type = "Promise<string>")]
#[must_use]
pub fn analyze_heap(
    source: &HeapSource,
    looks: Vec<String>,
    rows: u32,
    query: Option<String>,
    retainers: Option<String>,
) -> AsyncTask<AnalyzeHeap> {
    let looks = looks.into_iter().filter_map(|name| Name::named(&name)).collect();
    AsyncTask::new(AnalyzeHeap {
        state: Arc::clone(&source.state),
        progress: Arc::clone(&source.progress),
        asked: Asked { looks, rows: rows as usize, query, retainers },
    })
}

/// What is wrong with a query; nothing where it can be understood.
#[napi]
#[must_use]
pub fn check_heap_query(query: String) -> Option<String> {
    let asked = Asked { query: Some(query), ..Asked::default() };
    asked.check().err().map(|error| error.to_string())
}
