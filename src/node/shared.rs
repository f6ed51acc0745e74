//! Bindings of the shared store: an object of functions per thread that has it open. Keys and values become bytes
//! here, and bytes values; everything else is decided in `crate::shared`, and by `lib/shared/`, which has checked the
//! arguments.
//!
//! What a function answers besides its result: `null` where the key is no string and no bytes, or too long.

#![expect(clippy::needless_pass_by_value, reason = "Node-API hands strings over")]

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use napi::bindgen_prelude::{AsyncTask, Function, Object, retain_current_module_for_unload_safety};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, JsValue, Task};
use napi_derive::napi;
use parking_lot::Mutex;

use super::raw::{Call, Encoding, Text, Value as Js};
use crate::shared::{
    self, Handle, Key, Kind, MAX_KEY_BYTES, OpenError, Opened, OwnedKey, PolicyKind, SnapshotError, Value,
    Waiter, Wanted,
};
use crate::time::now_ms;
use crate::{Error, ErrorCode};

mod figures;
mod methods;
mod together;

/// A call without arguments that wakes the thread's event loop, if that is still there, without keeping it.
type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true, 1>;

/// Options of a store as JavaScript has checked them; what is not there is left to the store.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
pub struct NativeSharedOptions {
    pub max_bytes: Option<f64>,
    pub max_entries: Option<f64>,
    pub max_entry_bytes: Option<f64>,
    pub policy: Option<String>,
    pub codec: Option<String>,
    pub ttl: Option<f64>,
    pub compress_from: Option<f64>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and infinity becomes the largest number"
)]
fn whole(number: f64) -> usize {
    number as usize
}

impl From<NativeSharedOptions> for Wanted {
    fn from(options: NativeSharedOptions) -> Self {
        Self {
            max_bytes: options.max_bytes.map(whole),
            max_entries: options.max_entries.map(whole),
            max_entry_bytes: options.max_entry_bytes.map(whole),
            policy: options.policy.as_deref().and_then(PolicyKind::named),
            codec: options.codec,
            ttl: options.ttl,
            compress_from: options.compress_from.map(whole),
        }
    }
}

/// Which leases have ended that this thread waits for; wakes it for the first.
#[derive(Default)]
struct Ended {
    keys: Mutex<Vec<OwnedKey>>,
    wake: Mutex<Option<Wake>>,
}

impl std::fmt::Debug for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ended").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Waiter for Ended {
    fn ended(&self, key: &OwnedKey) {
        let first = {
            let mut keys = self.keys.lock();
            keys.push(key.clone());
            keys.len() == 1
        };
        if first && let Some(wake) = &*self.wake.lock() {
            // The queue may be full: then it is about to wake anyway.
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// What a thread has of a store.
#[derive(Debug)]
pub struct Local {
    handle: Handle,
    opened: Arc<Opened>,
    id: u64,
    ended: Arc<Ended>,
    key: Text,
    /// Of keys that are looked up together.
    keys: Vec<Text>,
    value: Text,
}

impl Drop for Local {
    fn drop(&mut self) {
        *self.ended.wake.lock() = None;
        self.opened.store.leases().leave(self.id);
    }
}

/// A key in the thread's buffer, if it is one.
#[expect(clippy::inline_always, reason = "as of `Shard::find`")]
#[inline(always)]
fn read_key<'k>(call: &'k Call, from: Js<'k>, text: &'k mut Text) -> Option<Key<'k>> {
    let encoding = call.read_text(from, text);
    if encoding.is_some() && text.bytes().len() > MAX_KEY_BYTES {
        text.trim();
        return None;
    }
    let key = match encoding {
        Some(Encoding::Latin1) => Key { kind: Kind::Latin1, bytes: text.bytes() },
        Some(Encoding::Utf16) => Key { kind: Kind::Utf16, bytes: text.bytes() },
        None => Key { kind: Kind::Bytes, bytes: call.bytes(from)? },
    };
    (key.bytes.len() <= MAX_KEY_BYTES).then_some(key)
}

/// What a value is in bytes: in the thread's buffer, or where JavaScript has them.
fn read_value<'v>(call: &'v Call, from: Js<'v>, text: &'v mut Text) -> Option<(Kind, &'v [u8])> {
    match call.read_text(from, text) {
        Some(Encoding::Latin1) => Some((Kind::Latin1, text.bytes())),
        Some(Encoding::Utf16) => {
            // UTF-8 is shorter for most texts, but cannot say lone surrogates.
            if let Ok(utf8) = String::from_utf16(text.wide())
                && utf8.len() < text.bytes().len()
            {
                text.replace(utf8.as_bytes());
                return Some((Kind::Utf8, text.bytes()));
            }
            Some((Kind::Utf16, text.bytes()))
        }
        None => Some((Kind::Bytes, call.bytes(from)?)),
    }
}

fn to_js<'c>(call: &'c Call, kind: Kind, bytes: &[u8]) -> Js<'c> {
    match kind {
        Kind::Latin1 => call.latin1(bytes),
        Kind::Utf8 => call.utf8(bytes),
        Kind::Utf16 => call.utf16(bytes),
        Kind::Bytes => call.buffer(bytes),
    }
}

/// When what is stored now with this time to live expires.
fn deadline(ttl: f64) -> f64 {
    if ttl == f64::INFINITY {
        return ttl;
    }
    shared::expires();
    now_ms() + ttl
}

/// The bytes to store: compressed where the store compresses and it pays.
fn compressed(opened: &Opened, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < opened.settings.compress_from {
        return None;
    }
    let short = shared::compress(bytes);
    opened.store.count_packed(bytes.len(), short.as_ref().map_or(bytes.len(), Vec::len));
    short
}

/// The value to store, of bytes that may have been compressed.
fn value_of<'v>(kind: Kind, bytes: &'v [u8], short: Option<&'v [u8]>) -> Value<'v> {
    Value { kind, packed: short.is_some(), bytes: short.unwrap_or(bytes) }
}

fn open_error(name: &str, error: OpenError) -> Error {
    match error {
        OpenError::NotOpen => Error::new(
            ErrorCode::SharedNotOpen,
            format!("maxBytes must be given by the first who opens the cache '{name}', got undefined"),
        ),
        OpenError::Conflict { option, open, wanted } => Error::new(
            ErrorCode::SharedConflict,
            format!(
                "{option} must be {open}, with which the cache '{name}' is open in this process, got {wanted}"
            ),
        ),
    }
}

/// Opens a store, and returns an object with its functions (`NativeShared` in `lib/native/binding.ts`). `wake` is
/// called, at most once at a time, when a lease has ended that this thread waits for.
///
/// # Errors
/// `PLATEAU_SHARED_CONFLICT`, `PLATEAU_SHARED_NOT_OPEN`
#[napi]
pub fn open_shared<'env>(
    env: &'env Env,
    name: String,
    options: NativeSharedOptions,
    wake: Function<'env, (), ()>,
) -> napi::Result<Object<'env>, ErrorCode> {
    static IDS: AtomicU64 = AtomicU64::new(1);
    // The keeper runs this addon's code for as long as the process lives.
    retain_current_module_for_unload_safety();
    let opened = Opened::open(&name, &options.into()).map_err(|error| open_error(&name, error))?;
    let made = make(env, opened, IDS.fetch_add(1, Ordering::Relaxed), &wake);
    made.map_err(|error| napi::Error::new(ErrorCode::Internal, error.reason.clone()))
}

fn make<'env>(
    env: &'env Env,
    opened: Arc<Opened>,
    id: u64,
    wake: &Function<'env, (), ()>,
) -> napi::Result<Object<'env>> {
    let builder = wake.build_threadsafe_function::<()>().weak::<true>().callee_handled::<false>();
    let wake: Wake = builder.max_queue_size::<1>().build()?;
    let ended = Arc::new(Ended { keys: Mutex::default(), wake: Mutex::new(Some(wake)) });
    let handle = Handle::new(Arc::clone(&opened.store));
    let local =
        Local { handle, opened, id, ended, key: Text::default(), keys: Vec::new(), value: Text::default() };
    let state = Rc::new(RefCell::new(Some(local)));
    // Where an environment ends without finalizers (Deno's workers), leases and memory go here.
    env.add_env_cleanup_hook(Rc::downgrade(&state), |state: Weak<RefCell<Option<Local>>>| {
        if let Some(state) = state.upgrade() {
            drop(state.borrow_mut().take());
        }
    })?;
    let object = Object::new(env)?;
    // SAFETY: environment and object are of this call.
    unsafe { methods::define_all(env.raw(), object.value().value, &state) }?;
    Ok(object)
}

/// Writes or reads a snapshot on a thread of Node's pool.
#[derive(Debug)]
pub struct SnapshotTask {
    opened: Arc<Opened>,
    path: PathBuf,
    restore: bool,
}

impl Task for SnapshotTask {
    type Output = u64;
    type JsValue = f64;

    fn compute(&mut self) -> napi::Result<u64> {
        let Self { opened, path, restore } = self;
        let codec = &opened.settings.codec;
        let done = if *restore {
            let mut handle = Handle::new(Arc::clone(&opened.store));
            shared::restore(&mut handle, codec, path, |bytes| compressed(opened, bytes))
        } else {
            shared::snapshot(&opened.store, codec, path)
        };
        // The code travels in the text, as a task's error has none of its own.
        done.map_err(|error| {
            let code = match error {
                SnapshotError::Io(_) => ErrorCode::Snapshot,
                SnapshotError::Corrupt(_) | SnapshotError::Codec(_) => ErrorCode::NotASnapshot,
            };
            napi::Error::from_reason(format!("{} {}: {error}", code.as_str(), path.display()))
        })
    }

    fn resolve(&mut self, _env: Env, count: u64) -> napi::Result<f64> {
        shared::expires();
        Ok(count as f64)
    }
}

/// Writes the entries of an open store to a file, or stores those of a file. How many they were.
///
/// # Errors
/// `PLATEAU_SHARED_NOT_OPEN`
#[napi(ts_return_type = "Promise<number>")]
pub fn shared_snapshot(
    name: String,
    path: String,
    restore: bool,
) -> napi::Result<AsyncTask<SnapshotTask>, ErrorCode> {
    let opened = Opened::open(&name, &Wanted::default()).map_err(|error| open_error(&name, error))?;
    Ok(AsyncTask::new(SnapshotTask { opened, path: path.into(), restore }))
}
