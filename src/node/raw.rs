//! Functions made with Node-API itself, for calls on a hot path: a `#[napi]` method costs 250 ns, one of these 25.
//!
//! The unsafe code here keeps one invariant: a [`Value`] is used only during the call, and in the environment, that it
//! came from. Values are handed out by [`Call`] alone, which lives as long as the call; the memory that a function was
//! made with is counted (`Rc`), and each function gives its share back when it is finalized.

use std::cell::RefCell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use napi::sys;

/// Arguments that a function may have at most.
const MOST: usize = 4;

/// A JavaScript value during a call.
#[derive(Debug, Clone, Copy)]
pub struct Value<'call>(sys::napi_value, PhantomData<&'call ()>);

/// A call under way.
#[derive(Debug)]
pub struct Call {
    env: sys::napi_env,
}

/// What a function does. Its state is dropped when the environment ends or nobody can call it any more.
pub trait Method {
    /// The state of all functions of an object.
    type State: 'static;

    /// Its name.
    const NAME: &'static std::ffi::CStr;

    /// Called with as many arguments as were given, `undefined` for the rest.
    fn call<'c>(call: &'c Call, state: &mut Self::State, arguments: [Value<'c>; MOST]) -> Value<'c>;

    /// Called afterwards; may end the state.
    fn after(_state: &mut Option<Self::State>) {}
}

/// A string as it was read: Latin-1 where it can be.
#[derive(Debug, Default)]
pub struct Text {
    wide: Vec<u16>,
    /// As long as the longest string so far, so that nothing is cleared for the next.
    bytes: Vec<u8>,
    /// Bytes of the last one read.
    length: usize,
}

/// How the characters of a [`Text`] lie in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// A byte each.
    Latin1,
    /// UTF-16, little-endian.
    Utf16,
}

impl Text {
    /// Gives back what a large string has taken: a mebibyte and more.
    pub fn trim(&mut self) {
        self.keep(1 << 20);
    }

    /// Gives back what it has, if that is more than so many bytes.
    pub fn keep(&mut self, most: usize) {
        if self.bytes.capacity() + 2 * self.wide.capacity() > most {
            *self = Self::default();
        }
    }

    /// Its bytes; what they are, says [`Call::read_text`].
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The code units of a string that is not Latin-1.
    #[must_use]
    pub fn wide(&self) -> &[u16] {
        &self.wide
    }

    /// Has these bytes instead.
    pub fn replace(&mut self, bytes: &[u8]) {
        self.length = bytes.len();
        room(&mut self.bytes, self.length).copy_from_slice(bytes);
    }
}

impl Call {
    fn made(&self, make: impl FnOnce(sys::napi_env, *mut sys::napi_value) -> sys::napi_status) -> Value<'_> {
        let mut value = ptr::null_mut();
        if make(self.env, &raw mut value) == sys::Status::napi_ok {
            return Value(value, PhantomData);
        }
        // Out of memory, or an exception is pending: JavaScript will not see the value.
        Value(ptr::null_mut(), PhantomData)
    }

    /// `undefined`
    #[must_use]
    pub fn undefined(&self) -> Value<'_> {
        // SAFETY: the environment is that of this call, and the result a local.
        self.made(|env, result| unsafe { sys::napi_get_undefined(env, result) })
    }

    /// `null`
    #[must_use]
    pub fn null(&self) -> Value<'_> {
        // SAFETY: as in `undefined`.
        self.made(|env, result| unsafe { sys::napi_get_null(env, result) })
    }

    /// A boolean.
    #[must_use]
    pub fn boolean(&self, value: bool) -> Value<'_> {
        // SAFETY: as in `undefined`.
        self.made(|env, result| unsafe { sys::napi_get_boolean(env, value, result) })
    }

    /// A number.
    #[must_use]
    pub fn number(&self, value: f64) -> Value<'_> {
        // SAFETY: as in `undefined`.
        self.made(|env, result| unsafe { sys::napi_create_double(env, value, result) })
    }

    /// A string of code units below 256.
    #[must_use]
    pub fn latin1(&self, bytes: &[u8]) -> Value<'_> {
        let (start, length) = (bytes.as_ptr().cast(), bytes.len().cast_signed());
        // SAFETY: as in `undefined`; the bytes are copied.
        self.made(|env, result| unsafe { sys::napi_create_string_latin1(env, start, length, result) })
    }

    /// A string.
    #[must_use]
    pub fn utf8(&self, text: &[u8]) -> Value<'_> {
        let (start, length) = (text.as_ptr().cast(), text.len().cast_signed());
        // SAFETY: as in `latin1`.
        self.made(|env, result| unsafe { sys::napi_create_string_utf8(env, start, length, result) })
    }

    /// A string of UTF-16, little-endian; lone surrogates are kept.
    #[must_use]
    pub fn utf16(&self, bytes: &[u8]) -> Value<'_> {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        let (start, length) = (units.as_ptr(), units.len().cast_signed());
        // SAFETY: as in `latin1`.
        self.made(|env, result| unsafe { sys::napi_create_string_utf16(env, start, length, result) })
    }

    /// A `Buffer` with a copy of the bytes.
    #[must_use]
    pub fn buffer(&self, bytes: &[u8]) -> Value<'_> {
        let (start, length) = (bytes.as_ptr().cast(), bytes.len());
        let mut data = ptr::null_mut();
        // SAFETY: as in `latin1`; where the copy lies is not used.
        self.made(|env, result| unsafe {
            sys::napi_create_buffer_copy(env, length, start, &raw mut data, result)
        })
    }

    /// An array of these values.
    #[must_use]
    pub fn array<'c>(&'c self, values: impl ExactSizeIterator<Item = Value<'c>>) -> Value<'c> {
        let length = values.len();
        // SAFETY: as in `undefined`.
        let array =
            self.made(|env, result| unsafe { sys::napi_create_array_with_length(env, length, result) });
        for (index, value) in (0..).zip(values) {
            // SAFETY: array and value are of this call.
            unsafe { sys::napi_set_element(self.env, array.0, index, value.0) };
        }
        array
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements<'c>(&'c self, array: Value<'c>) -> Vec<Value<'c>> {
        let mut length = 0;
        // SAFETY: the value is of this call, the result a local; what is no array leaves it 0.
        unsafe { sys::napi_get_array_length(self.env, array.0, &raw mut length) };
        // SAFETY: as in `undefined`; the array is of this call.
        (0..length)
            .map(|at| self.made(|env, out| unsafe { sys::napi_get_element(env, array.0, at, out) }))
            .collect()
    }

    /// The number that a value is.
    #[must_use]
    pub fn to_number(&self, value: Value<'_>) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: the value is of this call, the result a local.
        let status = unsafe { sys::napi_get_value_double(self.env, value.0, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    /// Whether a value is `undefined`.
    #[must_use]
    pub fn is_undefined(&self, value: Value<'_>) -> bool {
        let mut kind = 0;
        // SAFETY: the value is of this call, the result a local.
        unsafe { sys::napi_typeof(self.env, value.0, &raw mut kind) };
        kind == sys::ValueType::napi_undefined
    }

    /// The code units of a string; `None` where the value is none.
    #[must_use]
    pub fn text_length(&self, value: Value<'_>) -> Option<usize> {
        let mut length = 0;
        // SAFETY: the value is of this call; without memory to write to, only the length is told.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.env, value.0, ptr::null_mut(), 0, &raw mut length)
        };
        (status == sys::Status::napi_ok).then_some(length)
    }

    /// Reads a string; `None` where the value is none.
    pub fn read_text(&self, value: Value<'_>, text: &mut Text) -> Option<Encoding> {
        /// Code units that are read without asking for the length first.
        const SHORT: usize = 256;
        let Text { wide, bytes, length: bytes_read } = text;
        if wide.len() < SHORT {
            wide.resize(SHORT, 0);
        }
        let mut length = 0;
        let mut read = |wide: &mut [u16]| {
            let (start, room) = (wide.as_mut_ptr(), wide.len());
            // SAFETY: as many code units as there is room for are written, with the terminating zero.
            let status =
                unsafe { sys::napi_get_value_string_utf16(self.env, value.0, start, room, &raw mut length) };
            (status == sys::Status::napi_ok).then_some(length)
        };
        let mut units = read(wide)?;
        if units + 1 >= wide.len() {
            wide.resize(self.text_length(value)? + 2, 0);
            units = read(wide)?;
        }
        *bytes_read = units;
        if narrow(&wide[..units], room(bytes, units)) {
            return Some(Encoding::Latin1);
        }
        wide.truncate(units);
        *bytes_read = 2 * units;
        for (unit, bytes) in wide.iter().zip(room(bytes, 2 * units).as_chunks_mut::<2>().0) {
            *bytes = unit.to_le_bytes();
        }
        Some(Encoding::Utf16)
    }

    /// The bytes of a `Uint8Array`, which must not be over shared memory; `None` where the value is none.
    #[must_use]
    pub fn bytes<'c>(&'c self, value: Value<'c>) -> Option<&'c [u8]> {
        let (mut kind, mut length, mut data) = (-1, 0, ptr::null_mut());
        // SAFETY: the value is of this call, the results are locals.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env,
                value.0,
                &raw mut kind,
                &raw mut length,
                &raw mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return None;
        }
        if data.is_null() {
            return Some(&[]);
        }
        // SAFETY: JavaScript does not run during the call, so nobody writes to, detaches or frees this memory.
        Some(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) })
    }

    fn fail(&self) {
        // SAFETY: both strings end with a zero.
        unsafe {
            sys::napi_throw_error(self.env, c"PLATEAU_INTERNAL".as_ptr(), c"a bug in plateau".as_ptr())
        };
    }
}

/// The first so many bytes of a buffer, which grows where it is too small.
fn room(bytes: &mut Vec<u8>, length: usize) -> &mut [u8] {
    if bytes.len() < length {
        bytes.resize(length, 0);
    }
    &mut bytes[..length]
}

/// Code units as bytes, as many; `false` where one of them is above 255, and then the bytes are of no use.
fn narrow(wide: &[u16], bytes: &mut [u8]) -> bool {
    /// Code units that are narrowed at a time.
    const LANES: usize = 32;
    /// Code units up to which it is one by one: V8 has just written them in pieces, and reading several pieces at a time
    /// is waited for until they have arrived in memory.
    const FEW: usize = 64;
    let (some, rest) = if wide.len() > FEW { wide.as_chunks::<LANES>() } else { (&[][..], wide) };
    let (bytes, last) = bytes.split_at_mut(LANES * some.len());
    let mut all = [0; LANES];
    for (from, to) in some.iter().zip(bytes.as_chunks_mut::<LANES>().0) {
        narrow_some(from, to);
        for (all, unit) in all.iter_mut().zip(from) {
            *all |= unit;
        }
    }
    narrow_some(rest, last);
    all.iter().chain(rest).fold(0, |all, unit| all | unit) < 256
}

#[inline]
fn narrow_some(from: &[u16], to: &mut [u8]) {
    for (unit, byte) in from.iter().zip(to) {
        #[expect(clippy::cast_possible_truncation, reason = "of no use where it truncates")]
        let low = *unit as u8;
        *byte = low;
    }
}

/// A function as a property of `object`.
///
/// # Errors
/// Node-API's.
///
/// # Safety
/// `env` and `object` must be those of a call under way.
pub unsafe fn define<M: Method>(
    env: sys::napi_env,
    object: sys::napi_value,
    state: &Rc<RefCell<Option<M::State>>>,
) -> napi::Result<()> {
    let data = Rc::into_raw(Rc::clone(state)).cast_mut().cast::<c_void>();
    let mut function = ptr::null_mut();
    let length = M::NAME.count_bytes().cast_signed();
    let name = M::NAME.as_ptr();
    // SAFETY: the environment is the caller's; the data lives until the finalizer below.
    let made =
        unsafe { sys::napi_create_function(env, name, length, Some(enter::<M>), data, &raw mut function) };
    napi::check_status!(made)?;
    // SAFETY: as above; the finalizer takes back what `into_raw` gave.
    let watched = unsafe {
        sys::napi_add_finalizer(env, function, data, Some(give_back::<M>), ptr::null_mut(), ptr::null_mut())
    };
    napi::check_status!(watched)?;
    // SAFETY: as above.
    let set = unsafe { sys::napi_set_named_property(env, object, name, function) };
    napi::check_status!(set)
}

/// Where Node-API calls a function.
unsafe extern "C" fn enter<M: Method>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let mut arguments = [ptr::null_mut(); MOST];
    let mut count = MOST;
    let mut data = ptr::null_mut();
    // SAFETY: called by Node-API with its environment; missing arguments are filled with `undefined`.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut data,
        )
    };
    let call = Call { env };
    // SAFETY: the data that the function was made with, which its finalizer has not given back while it is called.
    let state = unsafe { &*data.cast::<RefCell<Option<M::State>>>() };
    let done = catch_unwind(AssertUnwindSafe(|| {
        // Free: no call runs JavaScript, so none begins during another. `None` after the end.
        let mut state = state.borrow_mut();
        let arguments = arguments.map(|value| Value(value, PhantomData));
        let answer =
            state.as_mut().map_or_else(|| call.undefined(), |state| M::call(&call, state, arguments)).0;
        M::after(&mut state);
        answer
    }));
    done.unwrap_or_else(|_| {
        call.fail();
        ptr::null_mut()
    })
}

unsafe extern "C" fn give_back<M: Method>(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: from `Rc::into_raw` in `define`, once.
    drop(unsafe { Rc::from_raw(data.cast::<RefCell<Option<M::State>>>()) });
}
