//! What the dashboard knows of other processes: from their black boxes, read on a thread of Node's pool.

use std::path::PathBuf;

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use crate::memory::recorder::{RecordedIsolate, RecordedIsolates, Uneven};

/// Reads the black boxes of a folder.
#[derive(Debug)]
pub struct ReadRecordings {
    folder: PathBuf,
    most: usize,
}

impl Task for ReadRecordings {
    type Output = Vec<NativeRecordedIsolate>;
    type JsValue = Vec<NativeRecordedIsolate>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let found = RecordedIsolates::read(&self.folder)
            .map_err(|error| napi::Error::from_reason(format!("{}: {error}", self.folder.display())))?;
        Ok(found.isolates.into_iter().take(self.most).map(NativeRecordedIsolate::from).collect())
    }

    fn resolve(&mut self, _env: Env, isolates: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(isolates)
    }
}

/// The isolates that record into a folder now, at most `most`, those in trouble first.
#[napi(ts_return_type = "Promise<NativeRecordedIsolate[]>")]
#[must_use]
pub fn recorded_isolates(folder: String, most: u32) -> AsyncTask<ReadRecordings> {
    AsyncTask::new(ReadRecordings { folder: folder.into(), most: most as usize })
}

/// One of them.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeRecordedIsolate {
    pub pid: u32,
    pub thread: u32,
    pub running: bool,
    pub at: f64,
    pub verdict: String,
    pub place: Option<String>,
    pub floor: f64,
    pub per_second: Option<f64>,
    pub rss: f64,
    pub gc_share: f64,
    pub loop_delay: f64,
    pub uneven: Option<String>,
}

impl From<RecordedIsolate> for NativeRecordedIsolate {
    fn from(isolate: RecordedIsolate) -> Self {
        let verdict = isolate.verdict.as_ref();
        Self {
            pid: isolate.facts.pid,
            thread: isolate.facts.thread,
            running: !isolate.silent,
            at: isolate.sample.at,
            verdict: verdict.map_or("not-enough-data", |verdict| verdict.kind.as_str()).to_owned(),
            place: verdict.and_then(|verdict| verdict.place).map(|place| place.as_str().to_owned()),
            floor: isolate.sample.isolate.floor,
            per_second: verdict.and_then(|verdict| verdict.trend()).map(|trend| trend.per_second.value),
            rss: isolate.sample.process.rss,
            gc_share: isolate.gc_share,
            loop_delay: isolate.loop_delay,
            uneven: isolate.uneven.map(Uneven::as_str).map(str::to_owned),
        }
    }
}
