//! Entries that are stored together: read from JavaScript once, and only then stored, as all of them must fit.

use std::ops::Range;

use super::methods::limit;
use super::{Local, compressed, read_key, read_value, value_of};
use crate::node::raw::{Call, Value as Js};
use crate::shared::{Key, Kind, TOGETHER, Value};

/// Bytes of keys and values, one after the other.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    entries: Vec<[(Kind, Range<usize>); 2]>,
}

impl Batch {
    /// Reads keys and values in turns.
    ///
    /// # Errors
    /// The number of the first that cannot be stored.
    pub(super) fn read(call: &Call, local: &mut Local, pairs: &[Js<'_>]) -> Result<Self, usize> {
        let limit = limit(&local.opened);
        let mut batch = Self::default();
        for (number, [key, value]) in pairs.as_chunks::<2>().0.iter().enumerate() {
            let read = read_key(call, *key, &mut local.key).map(|key| (key.kind, batch.keep(key.bytes)));
            let key = read.ok_or(number)?;
            let read = read_value(call, *value, &mut local.value);
            let (kind, bytes) = read.filter(|(_, bytes)| key.1.len() + bytes.len() <= limit).ok_or(number)?;
            let value = (kind, batch.keep(bytes));
            batch.entries.push([key, value]);
        }
        local.value.trim();
        Ok(batch)
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// Stores all of them.
    pub(super) fn store(&self, local: &mut Local, deadline: f64) {
        let Local { handle, opened, .. } = local;
        for entries in self.entries.chunks(TOGETHER) {
            let short: Vec<Option<Vec<u8>>> = entries
                .iter()
                .map(|[_, (_, value)]| compressed(opened, &self.bytes[value.clone()]))
                .collect();
            let entries: Vec<(Key<'_>, Value<'_>)> = entries
                .iter()
                .zip(&short)
                .map(|([(key_kind, key), (kind, value)], short)| {
                    let key = Key { kind: *key_kind, bytes: &self.bytes[key.clone()] };
                    (key, value_of(*kind, &self.bytes[value.clone()], short.as_deref()))
                })
                .collect();
            opened.store.set_together(handle, &entries, deadline);
        }
    }
}
