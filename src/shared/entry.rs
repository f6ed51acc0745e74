//! How an entry lies in memory: two words of header, a third where it expires, then key and value without a gap,
//! filled up to a word.
//!
//! ```text
//! word 0   slot 32 | length of the value 32
//! word 1   tag of the key 32 | length of the key 17 | flags 15
//! word 2   deadline, the bits of an f64            (where the flag says so)
//! …        key and value, and whatever was there before up to the end of the word
//! ```

use std::sync::atomic::Ordering::Relaxed;

use super::sync::AtomicU64;
use super::words::{WORD, copy_bytes, copy_words};

/// Bytes of the longest key: 64 KiB.
pub const MAX_KEY_BYTES: usize = 65_536;
/// Bytes of the longest value.
pub const MAX_VALUE_BYTES: usize = u32::MAX as usize;

const KEY_LENGTH: u32 = 32;
const KEY_KIND: u32 = 49;
const VALUE_KIND: u32 = 51;
const PACKED: u64 = 1 << 54;
const DEADLINE: u64 = 1 << 55;
/// What of word 1 is the key's: all that must be equal where keys are.
const KEY_MASK: u64 = (1 << VALUE_KIND) - 1;

/// What the bytes of a key or a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A string whose UTF-16 code units are all below 256, a byte each.
    Latin1 = 0,
    /// Any other string, little-endian UTF-16, which keeps lone surrogates apart.
    Utf16 = 1,
    /// Bytes.
    Bytes = 2,
    /// A string without lone surrogates, where that is shorter than UTF-16. Never a key.
    Utf8 = 3,
}

impl Kind {
    /// The kind with this number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        [Self::Latin1, Self::Utf16, Self::Bytes, Self::Utf8].get(usize::from(number)).copied()
    }

    /// Whether the bytes can be of this kind.
    #[must_use]
    pub fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::Latin1 | Self::Bytes => true,
            Self::Utf16 => bytes.len().is_multiple_of(2),
            Self::Utf8 => std::str::from_utf8(bytes).is_ok(),
        }
    }

    fn of(bits: u64) -> Self {
        [Self::Latin1, Self::Utf16, Self::Bytes, Self::Utf8][(bits & 3) as usize]
    }
}

/// A key, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// `Latin1` wherever it can be: keys of different kinds are different keys.
    pub kind: Kind,
    /// At most [`MAX_KEY_BYTES`].
    pub bytes: &'a [u8],
}

/// A value, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// What the bytes are when unpacked.
    pub kind: Kind,
    /// Whether they are compressed.
    pub packed: bool,
    /// As they are stored.
    pub bytes: &'a [u8],
}

/// The header of an entry, without its first word's slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head {
    pub(super) slot: u32,
    pub(super) tag: u32,
    pub(super) key_length: usize,
    pub(super) value_length: usize,
    pub(super) key_kind: Kind,
    pub(super) value_kind: Kind,
    pub(super) packed: bool,
    /// Milliseconds since the Unix epoch; infinite for never.
    pub(super) deadline: f64,
}

impl Head {
    #[inline]
    pub(super) fn read(words: &[AtomicU64]) -> Self {
        let (first, second) = (words[0].load(Relaxed), words[1].load(Relaxed));
        let expires = second & DEADLINE != 0;
        let deadline = if expires { f64::from_bits(words[2].load(Relaxed)) } else { f64::INFINITY };
        Self {
            slot: low(first),
            tag: low(second),
            key_length: (second >> KEY_LENGTH) as usize & 0x1_ffff,
            value_length: (first >> 32) as usize,
            key_kind: Kind::of(second >> KEY_KIND),
            value_kind: Kind::of(second >> VALUE_KIND),
            packed: second & PACKED != 0,
            deadline,
        }
    }

    /// The head of what is about to be stored.
    pub(super) fn new(slot: u32, tag: u32, key: Key<'_>, value: Value<'_>, deadline: f64) -> Self {
        Self {
            slot,
            tag,
            key_length: key.bytes.len(),
            value_length: value.bytes.len(),
            key_kind: key.kind,
            value_kind: value.kind,
            packed: value.packed,
            deadline,
        }
    }

    fn header_words(&self) -> usize {
        if self.deadline < f64::INFINITY { 3 } else { 2 }
    }

    /// Words of the whole entry.
    pub(super) fn words(&self) -> usize {
        self.header_words() + (self.key_length + self.value_length).div_ceil(WORD)
    }

    /// Writes the whole entry. `words` begin where it lies. The locks that it takes are held.
    pub(super) fn write(&self, words: &[AtomicU64], key: &[u8], value: &[u8]) {
        words[0].store(u64::from(self.slot) | (self.value_length as u64) << 32, Relaxed);
        let mut second =
            key_bits(self.tag, key.len(), self.key_kind) | (self.value_kind as u64) << VALUE_KIND;
        if self.packed {
            second |= PACKED;
        }
        if self.deadline < f64::INFINITY {
            second |= DEADLINE;
            words[2].store(self.deadline.to_bits(), Relaxed);
        }
        words[1].store(second, Relaxed);
        let rest = &words[self.header_words()..];
        copy_bytes(key, rest, 0);
        copy_bytes(value, rest, key.len());
    }

    /// Copies the value into `out`, which grows where it is too small, and returns where it lies in there.
    pub(super) fn read_value(&self, words: &[AtomicU64], out: &mut Vec<u8>) -> std::ops::Range<usize> {
        let from = self.key_length % WORD;
        copy(&words[self.header_words() + self.key_length / WORD..], from + self.value_length, out);
        from..from + self.value_length
    }

    /// Where the value's bytes begin, in bytes from the start of the entry.
    #[inline]
    pub(super) fn value_at(&self) -> usize {
        self.header_words() * WORD + self.key_length
    }

    /// Copies key and value, one after the other.
    pub(super) fn read_both(&self, words: &[AtomicU64], out: &mut Vec<u8>) {
        copy(&words[self.header_words()..], self.key_length + self.value_length, out);
    }
}

/// Whether the entry at `words` has this key.
#[inline]
pub(super) fn has_key(words: &[AtomicU64], tag: u32, key: Key<'_>) -> bool {
    let second = words[1].load(Relaxed);
    if second & KEY_MASK != key_bits(tag, key.bytes.len(), key.kind) {
        return false;
    }
    let words = &words[if second & DEADLINE == 0 { 2 } else { 3 }..];
    let (chunks, tail) = key.bytes.as_chunks::<WORD>();
    let same = |(chunk, word): (&[u8; WORD], &AtomicU64)| u64::from_le_bytes(*chunk) == word.load(Relaxed);
    chunks.iter().zip(words).all(same)
        && (tail.is_empty() || {
            let mask = (1 << (8 * tail.len())) - 1;
            words[chunks.len()].load(Relaxed) & mask == last_word(key.bytes, tail)
        })
}

fn key_bits(tag: u32, length: usize, kind: Kind) -> u64 {
    u64::from(tag) | (length as u64) << KEY_LENGTH | (kind as u64) << KEY_KIND
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
const fn low(word: u64) -> u32 {
    word as u32
}

/// The tail of some bytes, fewer than a word, as a word. It is taken out of the last eight bytes where there are as many:
/// copying so few of them somewhere, to read them as a word, would be waited for.
#[inline]
fn last_word(bytes: &[u8], tail: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<WORD>() {
        return u64::from_le_bytes(*last) >> (8 * (WORD - tail.len()));
    }
    tail.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Copies so many bytes into `out`, which grows where it is too small. The shard's lock is held.
fn copy(words: &[AtomicU64], bytes: usize, out: &mut Vec<u8>) {
    let needed = bytes.next_multiple_of(WORD);
    if out.len() < needed {
        out.resize(needed, 0);
    }
    copy_words(&words[..needed / WORD], &mut out[..needed]);
}

#[cfg(test)]
mod tests {
    use super::super::rounds;
    use super::*;
    use proptest::prelude::*;

    fn kinds() -> impl Strategy<Value = Kind> {
        prop_oneof![Just(Kind::Latin1), Just(Kind::Utf16), Just(Kind::Bytes), Just(Kind::Utf8)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(256)))]

        #[test]
        fn what_is_written_is_read(
            slot: u32,
            tag: u32,
            key in prop::collection::vec(any::<u8>(), 0..40),
            value in prop::collection::vec(any::<u8>(), 0..90),
            kinds in (kinds(), kinds()),
            packed: bool,
            deadline in prop_oneof![Just(f64::INFINITY), 0.0..1e15],
        ) {
            let key = Key { kind: kinds.0, bytes: &key };
            let value = Value { kind: kinds.1, packed, bytes: &value };
            let head = Head::new(slot, tag, key, value, deadline);
            let words: Vec<AtomicU64> = (0..head.words()).map(|_| AtomicU64::new(u64::MAX)).collect();
            head.write(&words, key.bytes, value.bytes);
            prop_assert_eq!(Head::read(&words), head);
            let mut out = Vec::new();
            let range = head.read_value(&words, &mut out);
            prop_assert_eq!(&out[range], value.bytes);
            prop_assert!(has_key(&words, tag, key));
            prop_assert!(!has_key(&words, tag.wrapping_add(1), key));
            let mut other = key.bytes.to_vec();
            if let Some(last) = other.last_mut() {
                *last ^= 1;
                let other = Key { kind: key.kind, bytes: &other };
                prop_assert!(!has_key(&words, tag, other));
            }
            other.push(7);
            let longer = Key { kind: key.kind, bytes: &other };
            prop_assert!(!has_key(&words, tag, longer));
        }
    }
}
