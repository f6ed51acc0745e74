//! The functions of an open store, each a [`Method`].

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::sys;

use super::together::{get_together, set_together};
use super::{Local, compressed, deadline, figures, read_key, read_value, to_js, value_of, whole};
use crate::node::raw::{Call, Method, Value as Js, define};
use crate::shared::{Asked, Bounds, Handle, Key, Kind, Opened, Store, TOGETHER, Value, Waiter};
use crate::time::now_ms;

/// What `set` and its relatives answer.
const STORED: f64 = 1.0;
/// Nothing was stored: the condition did not hold, or there was no memory to be had.
const NOT_STORED: f64 = 0.0;
/// The value is no string and no bytes.
const NO_VALUE: f64 = -2.0;
/// Key and value are larger than an entry may be.
const TOO_LARGE: f64 = -3.0;

macro_rules! methods {
    ($($(#[$doc:meta])* $type:ident $name:literal => |$call:ident, $local:ident, $arguments:pat_param| $body:expr;)+) => {
        $(
            $(#[$doc])*
            struct $type;

            impl Method for $type {
                type State = Local;
                const NAME: &'static std::ffi::CStr = $name;

                fn call<'c>($call: &'c Call, $local: &mut Local, $arguments: [Js<'c>; 4]) -> Js<'c> {
                    $body
                }
            }
        )+

        /// Makes all functions.
        ///
        /// # Safety
        /// As of [`define`].
        pub(super) unsafe fn define_all(
            env: sys::napi_env,
            object: sys::napi_value,
            state: &Rc<RefCell<Option<Local>>>,
        ) -> napi::Result<()> {
            $(
                // SAFETY: the caller's.
                unsafe { define::<$type>(env, object, state) }?;
            )+
            // SAFETY: the caller's.
            unsafe { define::<Close>(env, object, state) }
        }
    };
}

methods! {
    /// The value of a key, `undefined` where there is none.
    Get c"get" => |call, local, [key, ..]| get(call, local, key, true);
    /// The same without counting it as a use.
    Peek c"peek" => |call, local, [key, ..]| get(call, local, key, false);
    /// Milliseconds that a key's entry has left, infinite for no end; -1 where there is none.
    Left c"left" => |call, local, [key, ..]| {
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        let left = local.opened.store.deadline(&mut local.handle, key).map_or(-1.0, |deadline| (deadline - now_ms()).max(0.0));
        call.number(left)
    };
    /// Stores a value with a time to live.
    Set c"set" => |call, local, [key, value, ttl, _]| set(call, local, key, value, ttl);
    /// Stores a value with a time to live if there is none.
    SetIfAbsent c"setIfAbsent" => |call, local, [key, value, ttl, _]| {
        change(call, local, key, value, ttl, |old| old.is_none())
    };
    /// Stores the second value if the first is there; `undefined` as the first stands for none. Neither is changed.
    CompareAndSet c"compareAndSet" => |call, local, [key, expected, value, ttl]| {
        let expected = if call.is_undefined(expected) {
            None
        } else {
            let Some((kind, bytes)) = read_value(call, expected, &mut local.value) else {
                return call.number(NO_VALUE);
            };
            Some((kind, bytes.to_vec()))
        };
        let expected = expected.as_ref().map(|(kind, bytes)| (*kind, bytes.as_slice()));
        change(call, local, key, value, ttl, |old| old == expected)
    };
    /// Adds to a number that is stored as text; its time to live stays, a new one has that given. `undefined` where
    /// the value is no whole number, or the sum too large for one.
    Incr c"incr" => |call, local, [key, by, ttl, _]| {
        let (Some(by), Some(ttl)) = (call.to_number(by), call.to_number(ttl)) else { return call.undefined() };
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        match add(&local.opened.store, &mut local.handle, key, by, ttl) {
            Some(sum) => call.number(sum),
            None => call.undefined(),
        }
    };
    /// Removes a key's entry; whether there was one.
    Delete c"delete" => |call, local, [key, ..]| {
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        call.boolean(local.opened.store.delete(key))
    };
    /// Removes a key's entry and returns its value.
    Take c"take" => |call, local, [key, ..]| {
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        let taken = local.opened.store.take(key);
        local.handle.count(taken.is_some());
        taken.map_or_else(|| call.undefined(), |(kind, bytes)| to_js(call, kind, &bytes))
    };
    /// The values of an array of keys.
    GetMany c"getMany" => |call, local, [keys, ..]| {
        let keys = call.elements(keys);
        let values: Vec<Js<'_>> = keys.chunks(TOGETHER).flat_map(|keys| get_together(call, local, keys)).collect();
        call.array(values.into_iter())
    };
    /// Stores an array of keys and values in turns, each with the time to live; -1, or the number of the first that
    /// cannot be stored, and then none is.
    SetMany c"setMany" => |call, local, [pairs, ttl, ..]| {
        let Some(ttl) = call.to_number(ttl) else { return call.undefined() };
        let refused = set_together(call, local, &call.elements(pairs), deadline(ttl));
        call.number(refused.map_or(-1.0, |number| number as f64))
    };
    /// The entries of up to so many slots from one on: where to go on (-1 at the end), then keys, or with the third
    /// argument, keys and values in turns.
    Scan c"scan" => |call, local, [from, count, values, _]| {
        let number = |value| call.to_number(value).map_or(0, |number| u32::try_from(whole(number)).unwrap_or(u32::MAX));
        let values = number(values) != 0;
        let (entries, next) = local.opened.store.scan(number(from), number(count), now_ms(), values);
        let mut answer = vec![call.number(next.map_or(-1.0, f64::from))];
        for entry in entries {
            answer.push(to_js(call, entry.key_kind, &entry.key));
            if values {
                answer.push(to_js(call, entry.value_kind, &entry.value));
            }
        }
        call.array(answer.into_iter())
    };
    /// Notes the uses that this thread has kept for later.
    Settle c"settle" => |call, local, _| {
        local.opened.store.settle(&mut local.handle);
        call.undefined()
    };
    /// All entries, the first to be evicted first: key, value and milliseconds left, in turns.
    Dump c"dump" => |call, local, _| {
        let now = now_ms();
        let mut answer = Vec::new();
        local.opened.store.settle(&mut local.handle);
        for slots in local.opened.store.ranked().chunks(256) {
            for entry in local.opened.store.entries_of(slots, now) {
                answer.push(to_js(call, entry.key_kind, &entry.key));
                answer.push(to_js(call, entry.value_kind, &entry.value));
                answer.push(call.number(entry.deadline - now));
            }
        }
        call.array(answer.into_iter())
    };
    /// Asks for the lease of a key for so many milliseconds: its token, or minus the milliseconds for which another has it.
    Lease c"lease" => |call, local, [key, milliseconds, ..]| {
        let Some(milliseconds) = call.to_number(milliseconds) else { return call.undefined() };
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        let now = now_ms();
        let waiter: Arc<dyn Waiter> = local.ended.clone();
        match local.opened.store.leases().ask(key, local.id, now + milliseconds, now, &waiter) {
            Asked::Yours(token) => call.number(token as f64),
            Asked::Taken(until) => call.number(-(until - now).max(1.0)),
        }
    };
    /// Ends a lease, and stores what was loaded, unless it is `undefined`. Answers as `set`.
    Finish c"finish" => |call, local, [key, token, value, ttl]| {
        let (Some(token), Some(ttl)) = (call.to_number(token), call.to_number(ttl)) else { return call.undefined() };
        let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
        let store = &local.opened.store;
        let token = whole(token) as u64;
        if call.is_undefined(value) {
            store.finish(&mut local.handle, key, token, None);
            return call.number(NOT_STORED);
        }
        let read = read_value(call, value, &mut local.value);
        let Some((kind, bytes)) = read.filter(|(_, bytes)| key.bytes.len() + bytes.len() <= limit(&local.opened)) else {
            store.finish(&mut local.handle, key, token, None);
            return call.number(if read.is_none() { NO_VALUE } else { TOO_LARGE });
        };
        let short = compressed(&local.opened, bytes);
        let value = value_of(kind, bytes, short.as_deref());
        let stored = store.finish(&mut local.handle, key, token, Some((value, deadline(ttl))));
        local.value.trim();
        call.number(if stored { STORED } else { NOT_STORED })
    };
    /// The keys whose leases have ended since the last call.
    Ended c"ended" => |call, local, _| {
        let keys = std::mem::take(&mut *local.ended.keys.lock());
        let keys: Vec<Js<'_>> = keys.iter().map(|key| to_js(call, key.kind, &key.bytes)).collect();
        call.array(keys.into_iter())
    };
    /// Removes everything.
    Clear c"clear" => |call, local, _| {
        local.opened.store.clear();
        call.undefined()
    };
    /// Removes what has expired; how many.
    Purge c"purge" => |call, local, _| call.number(local.opened.store.purge() as f64);
    /// Changes the bounds: bytes, entries, bytes per entry. Whether the store fits into them.
    Resize c"resize" => |call, local, [bytes, entries, entry_bytes, _]| {
        let number = |value| call.to_number(value).map_or(usize::MAX, whole);
        let bounds = Bounds {
            max_bytes: number(bytes),
            max_entries: number(entries),
            max_entry_bytes: number(entry_bytes),
        };
        call.boolean(local.opened.store.resize(&mut local.handle, bounds))
    };
    /// The entries now.
    Size c"size" => |call, local, _| call.number(local.opened.store.len() as f64);
    /// See `NativeSharedStats` in `lib/native/binding.ts` for the order.
    Numbers c"numbers" => |call, local, _| {
        call.array(figures::numbers(&local.opened.store).map(|number| call.number(number)).into_iter())
    };
    /// What the store was opened with: codec, time to live, policy, and bytes from which it compresses.
    Settings c"settings" => |call, local, _| {
        let settings = &local.opened.settings;
        let from = if settings.compress_from == usize::MAX { f64::INFINITY } else { settings.compress_from as f64 };
        let policy = settings.options.policy.as_str();
        let values = [
            call.utf8(settings.codec.as_bytes()),
            call.number(settings.ttl),
            call.latin1(policy.as_bytes()),
            call.number(from),
        ];
        call.array(values.into_iter())
    };
    /// Starts the counters anew.
    ResetStats c"resetStats" => |call, local, _| {
        local.opened.store.reset_stats();
        call.undefined()
    };
    /// What is wrong with the store, `undefined` for nothing; for tests.
    Validate c"validate" => |call, local, _| {
        local.opened.store.validate().map_or_else(|what| call.utf8(what.as_bytes()), |()| call.undefined())
    };
}

/// Bytes of key and value that an entry may have.
pub(super) fn limit(opened: &Opened) -> usize {
    opened.store.bounds().max_entry_bytes
}

fn get<'c>(call: &'c Call, local: &mut Local, key: Js<'c>, counts: bool) -> Js<'c> {
    let Local { handle, opened, key: text, .. } = local;
    let Some(key) = read_key(call, key, text) else { return call.null() };
    let found = opened.store.get(handle, key, counts, |found| to_js(call, found.kind, found.bytes));
    if counts {
        handle.count(found.is_some());
    }
    found.unwrap_or_else(|| call.undefined())
}

fn set<'c>(call: &'c Call, local: &mut Local, key: Js<'c>, value: Js<'c>, ttl: Js<'c>) -> Js<'c> {
    write(call, local, key, value, ttl, |store, handle, key, value, deadline| {
        store.set(handle, key, value, deadline)
    })
}

/// Stores a value if the one that is there allows it.
fn change<'c>(
    call: &'c Call,
    local: &mut Local,
    key: Js<'c>,
    value: Js<'c>,
    ttl: Js<'c>,
    allowed: impl FnOnce(Option<(Kind, &[u8])>) -> bool,
) -> Js<'c> {
    write(call, local, key, value, ttl, |store, handle, key, value, deadline| {
        store.change(handle, key, |old| {
            let new = || (value.kind, value.packed, value.bytes.to_vec(), deadline);
            allowed(old.map(|(kind, bytes, _)| (kind, bytes))).then(new)
        })
    })
}

/// Reads key, value and time to live, and hands them to `store`, which says whether it has stored them.
fn write<'c>(
    call: &'c Call,
    local: &mut Local,
    key: Js<'c>,
    value: Js<'c>,
    ttl: Js<'c>,
    store: impl FnOnce(&Store, &mut Handle, Key<'_>, Value<'_>, f64) -> bool,
) -> Js<'c> {
    let Some(key) = read_key(call, key, &mut local.key) else { return call.null() };
    let read = read_value(call, value, &mut local.value);
    let (Some((kind, bytes)), Some(ttl)) = (read, call.to_number(ttl)) else { return call.number(NO_VALUE) };
    if key.bytes.len() + bytes.len() > limit(&local.opened) {
        return call.number(TOO_LARGE);
    }
    let short = compressed(&local.opened, bytes);
    let value = value_of(kind, bytes, short.as_deref());
    let stored = store(&local.opened.store, &mut local.handle, key, value, deadline(ttl));
    local.value.trim();
    call.number(if stored { STORED } else { NOT_STORED })
}

/// Adds to a number; `None` where there is none, or the sum is not exact.
fn add(store: &Store, handle: &mut Handle, key: Key<'_>, by: f64, ttl: f64) -> Option<f64> {
    /// Up to here every whole number is itself.
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let mut sum = None;
    store.change(handle, key, |old| {
        let number = match old {
            None => 0.0,
            Some((_, bytes, _)) => std::str::from_utf8(bytes).ok()?.parse::<i64>().ok()? as f64,
        };
        let added = number + by;
        if added.abs() > EXACT || number.abs() > EXACT {
            return None;
        }
        sum = Some(added);
        let until = old.map_or_else(|| deadline(ttl), |(_, _, deadline)| deadline);
        Some((Kind::Latin1, false, format!("{added}").into_bytes(), until))
    });
    sum
}

/// Ends this thread's access: every other function answers `undefined` from then on.
struct Close;

impl Method for Close {
    type State = Local;
    const NAME: &'static std::ffi::CStr = c"release";

    fn call<'c>(call: &'c Call, _: &mut Local, _: [Js<'c>; 4]) -> Js<'c> {
        call.undefined()
    }

    fn after(state: &mut Option<Local>) {
        *state = None;
    }
}
