//! What a look-up in a store outside V8's heap takes at the least, for `npm run bench -- shared`: an index, and text in
//! memory, both in huge pages where there are any. It has no locks, no order of use, no expiry and no bound, neither hashes
//! nor compares keys (their number says which they are), and makes each string straight from where the text lies. What is
//! left is what Node-API takes to read a key and make a string, and waiting for memory twice.
//!
//! Unsafe: calls of Node-API. Invariant: values are used during the call, and in the environment, that they come from.

#![expect(clippy::needless_pass_by_value, reason = "Node-API hands strings over")]

use std::cell::RefCell;
use std::ptr;

use memmap2::MmapMut;
use napi::bindgen_prelude::Object;
use napi::{Env, JsValue, sys};
use napi_derive::napi;

/// Bytes of a cell: the number of a key, and where its text begins, in words.
const CELL: usize = 8;
/// Bytes of the length of a text.
const HEAD: usize = 8;
/// Cache lines that are fetched before the length is known, and how many more of a long text once it is: as the store does.
const LINES: usize = 3;
const AHEAD: usize = 16;

struct Floor {
    cells: MmapMut,
    texts: MmapMut,
    used: usize,
    /// Bits of a position in the index.
    bits: u32,
}

thread_local! {
    static FLOOR: RefCell<Option<Floor>> = const { RefCell::new(None) };
}

impl Floor {
    fn new(entries: usize, bytes: usize) -> std::io::Result<Self> {
        let bits = (entries * 3 / 2).next_power_of_two().trailing_zeros();
        let map = |length| {
            let map = MmapMut::map_anon(length)?;
            #[cfg(target_os = "linux")]
            map.advise(memmap2::Advice::HugePage).ok();
            std::io::Result::Ok(map)
        };
        Ok(Self { cells: map(CELL << bits)?, texts: map(bytes)?, used: 0, bits })
    }

    /// Where the cell of a number is, or would be.
    fn cell(&self, number: u32) -> (usize, u64) {
        let cells = self.cells.as_chunks::<CELL>().0;
        let home = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits);
        let mut at = usize::try_from(home).unwrap_or(0);
        loop {
            let cell = u64::from_ne_bytes(cells[at]);
            if cell == 0 || cell >> 32 == u64::from(number) {
                return (at, cell);
            }
            at = (at + 1) & (cells.len() - 1);
        }
    }

    fn add(&mut self, number: u32, text: &[u8]) {
        let (at, _) = self.cell(number);
        let cell = u64::from(number) << 32 | (self.used / HEAD) as u64;
        self.cells.as_chunks_mut::<CELL>().0[at] = cell.to_ne_bytes();
        let start = self.used + HEAD;
        self.texts[self.used..start].copy_from_slice(&(text.len() as u64).to_ne_bytes());
        self.texts[start..start + text.len()].copy_from_slice(text);
        self.used = (start + text.len()).next_multiple_of(HEAD);
    }

    fn get(&self, number: u32) -> Option<&[u8]> {
        let (_, cell) = self.cell(number);
        if cell == 0 {
            return None;
        }
        let entry = &self.texts[(cell & 0xffff_ffff) as usize * HEAD..];
        fetch(entry, LINES);
        let (head, rest) = entry.split_first_chunk::<HEAD>()?;
        let text = rest.get(..usize::try_from(u64::from_ne_bytes(*head)).ok()?)?;
        if let Some(rest) = entry[..HEAD + text.len()].get(64 * LINES..) {
            fetch(rest, (rest.len() / 64).min(AHEAD));
        }
        Some(text)
    }
}

fn fetch(text: &[u8], lines: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in 0..lines {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: it reads nothing that the program could see, and faults at no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(text.as_ptr().wrapping_add(64 * line).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (text, lines);
}

/// Makes room for so many texts of so many bytes together.
///
/// # Errors
/// None is left.
#[napi]
pub fn open(entries: u32, bytes: i64) -> napi::Result<()> {
    let floor = Floor::new(entries as usize, usize::try_from(bytes).unwrap_or(0))?;
    FLOOR.set(Some(floor));
    Ok(())
}

/// Adds a text of ASCII.
#[napi]
pub fn add(key: String, text: String) {
    FLOOR.with_borrow_mut(|open| {
        if let Some(floor) = open {
            floor.add(number_of(key.bytes().map(u32::from)), text.as_bytes());
        }
    });
}

/// The number at the end of a key, `user:` before it.
fn number_of(units: impl Iterator<Item = u32>) -> u32 {
    units
        .skip("user:".len())
        .fold(0, |number, unit| number.wrapping_mul(10).wrapping_add(unit.wrapping_sub(48)))
}

/// The text of a key, `undefined` where there is none.
unsafe extern "C" fn get(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let (mut key, mut count) = (ptr::null_mut(), 1);
    // SAFETY: called by Node-API with its environment; there is room for one argument.
    unsafe {
        sys::napi_get_cb_info(env, info, &raw mut count, &raw mut key, ptr::null_mut(), ptr::null_mut());
    }
    let (mut units, mut length) = ([0_u16; 32], 0);
    // SAFETY: the value is of this call; no more code units are written than there is room for.
    unsafe {
        sys::napi_get_value_string_utf16(env, key, units.as_mut_ptr(), units.len(), &raw mut length);
    }
    let number = number_of(units[..length].iter().copied().map(u32::from));
    FLOOR.with_borrow(|open| {
        let text = open.as_ref().and_then(|floor| floor.get(number));
        let mut made = ptr::null_mut();
        if let Some(text) = text {
            let (start, length) = (text.as_ptr().cast(), text.len().cast_signed());
            // SAFETY: the text is copied.
            unsafe { sys::napi_create_string_latin1(env, start, length, &raw mut made) };
        }
        made
    })
}

/// # Errors
/// Node-API's.
#[napi(module_exports)]
pub fn exports(object: Object<'_>, env: Env) -> napi::Result<()> {
    let mut function = ptr::null_mut();
    let name = c"get";
    let length = name.count_bytes().cast_signed();
    // SAFETY: the environment is that of this call; there is no data.
    let made = unsafe {
        sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            length,
            Some(get),
            ptr::null_mut(),
            &raw mut function,
        )
    };
    napi::check_status!(made)?;
    // SAFETY: object and function are of this call.
    let set =
        unsafe { sys::napi_set_named_property(env.raw(), object.value().value, name.as_ptr(), function) };
    napi::check_status!(set)
}
