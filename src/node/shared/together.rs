//! Many keys, or entries, in one call.

use std::ops::Range;

use super::methods::limit;
use super::{Local, compressed, read_key, read_value, to_js, value_of};
use crate::node::raw::{Call, Text, Value as Js};
use crate::shared::{Key, Kind, MAX_KEY_BYTES, TOGETHER, Value};

/// The values of up to [`TOGETHER`] keys.
pub(super) fn get_together<'c>(call: &'c Call, local: &mut Local, keys: &[Js<'c>]) -> Vec<Js<'c>> {
    /// Bytes that the buffer of a key may keep.
    const KEPT: usize = 4096;
    let Local { handle, opened, keys: texts, .. } = local;
    texts.resize_with(TOGETHER, Text::default);
    let keys: Vec<Option<Key<'_>>> =
        keys.iter().zip(texts.iter_mut()).map(|(&key, text)| read_key(call, key, text)).collect();
    let found = opened.store.get_together(handle, &keys, |found| to_js(call, found.kind, found.bytes));
    let each = found.into_iter().zip(&keys);
    let none = |key: &Option<Key<'_>>| if key.is_none() { call.null() } else { call.undefined() };
    let values = each.map(|(found, key)| found.unwrap_or_else(|| none(key))).collect();
    for text in texts {
        text.keep(KEPT);
    }
    values
}

/// Stores keys and values in turns; or the number of the first that cannot be stored, and then none is.
pub(super) fn set_together(call: &Call, local: &mut Local, pairs: &[Js<'_>], deadline: f64) -> Option<usize> {
    let pairs = pairs.as_chunks::<2>().0;
    let refused = pairs.iter().position(|pair| !fits(call, local, *pair));
    if refused.is_some() {
        return refused;
    }
    let mut batch = Batch::default();
    for pair in pairs {
        batch.add(call, local, *pair);
        if batch.is_full() {
            batch.store(local, deadline);
        }
    }
    batch.store(local, deadline);
    local.value.trim();
    None
}

/// Whether an entry can be stored.
fn fits(call: &Call, local: &mut Local, [key, value]: [Js<'_>; 2]) -> bool {
    let limit = limit(&local.opened);
    // A code unit takes two bytes at most, so that most strings need not be read for this.
    if let (Some(key), Some(value)) = (call.text_length(key), call.text_length(value))
        && 2 * key <= MAX_KEY_BYTES
        && 2 * (key + value) <= limit
    {
        return true;
    }
    let key = read_key(call, key, &mut local.key).map(|key| key.bytes.len());
    let value = read_value(call, value, &mut local.value).map(|(_, bytes)| bytes.len());
    key.zip(value).is_some_and(|(key, value)| key + value <= limit)
}

/// Entries that are stored next.
#[derive(Default)]
struct Batch {
    /// Keys and values, one after the other.
    bytes: Vec<u8>,
    entries: Vec<[(Kind, Range<usize>); 2]>,
}

impl Batch {
    /// Whether it has as many entries as are stored together, or more bytes than should be held twice.
    fn is_full(&self) -> bool {
        const MOST: usize = 64 * 1024;
        self.entries.len() == TOGETHER || self.bytes.len() >= MOST
    }

    /// Adds an entry that fits.
    fn add(&mut self, call: &Call, local: &mut Local, [key, value]: [Js<'_>; 2]) {
        let key = read_key(call, key, &mut local.key).map(|key| (key.kind, self.keep(key.bytes)));
        let value = read_value(call, value, &mut local.value).map(|(kind, bytes)| (kind, self.keep(bytes)));
        self.entries.extend(key.zip(value).map(|(key, value)| [key, value]));
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// Stores what it has, and is empty.
    fn store(&mut self, local: &mut Local, deadline: f64) {
        let Local { handle, opened, .. } = local;
        let bytes = |range: &Range<usize>| &self.bytes[range.clone()];
        let short: Vec<Option<Vec<u8>>> =
            self.entries.iter().map(|[_, (_, value)]| compressed(opened, bytes(value))).collect();
        let entries: Vec<(Key<'_>, Value<'_>)> = self
            .entries
            .iter()
            .zip(&short)
            .map(|([(key_kind, key), (kind, value)], short)| {
                let key = Key { kind: *key_kind, bytes: bytes(key) };
                (key, value_of(*kind, bytes(value), short.as_deref()))
            })
            .collect();
        opened.store.set_together(handle, &entries, deadline);
        self.entries.clear();
        self.bytes.clear();
    }
}
