//! The strings of a snapshot, as they stand in it: between their quotes, with JSON's escapes. Equal strings have equal
//! bytes there, and most are never shown.

use std::borrow::Cow;

/// All strings, one after the other.
#[derive(Debug, Default)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Ends,
}

/// Where each ends; four bytes where that is enough.
#[derive(Debug)]
enum Ends {
    Short(Vec<u32>),
    Long(Vec<u64>),
}

impl Default for Ends {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Strings {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.ends {
            Ends::Short(ends) => ends.len(),
            Ends::Long(ends) => ends.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A string as it stands in the snapshot; empty where there is none of that number.
    #[must_use]
    pub fn raw(&self, index: u32) -> &[u8] {
        let index = index as usize;
        let end = |index: usize| match &self.ends {
            Ends::Short(ends) => ends.get(index).map(|&end| end as usize),
            Ends::Long(ends) => ends.get(index).and_then(|&end| usize::try_from(end).ok()),
        };
        let begin = if index == 0 { Some(0) } else { end(index - 1) };
        match (begin, end(index)) {
            (Some(begin), Some(end)) => &self.bytes[begin..end],
            _ => &[],
        }
    }

    /// A string for people: without escapes, and with U+FFFD for surrogates that stand alone.
    #[must_use]
    pub fn text(&self, index: u32) -> Cow<'_, str> {
        unescape(self.raw(index))
    }

    /// The numbers of all strings with this text in them, which must need no escapes.
    pub(super) fn containing(&self, text: &[u8]) -> Vec<u32> {
        let finder = memchr::memmem::Finder::new(text);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = finder.find(&self.bytes[from..]) {
            let begin = from + at;
            let index = self.at(begin);
            let end = self.raw(index).as_ptr_range().end as usize - self.bytes.as_ptr() as usize;
            // Not where it goes on into the next one.
            if begin + text.len() <= end {
                found.push(index);
                from = end;
            } else {
                from = begin + 1;
            }
        }
        found
    }

    /// The number of the string with this text, which must need no escapes. Linear in their number.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        (0..self.len()).map(index).find(|&index| self.raw(index) == text.as_bytes())
    }

    /// The string in which a byte lies.
    fn at(&self, position: usize) -> u32 {
        index(match &self.ends {
            Ends::Short(ends) => ends.partition_point(|&end| end as usize <= position),
            Ends::Long(ends) => ends.partition_point(|&end| end <= position as u64),
        })
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        let ends = match &self.ends {
            Ends::Short(ends) => 4 * ends.capacity(),
            Ends::Long(ends) => 8 * ends.capacity(),
        };
        self.bytes.capacity() + ends
    }

    /// Adds to the string that is being read.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Ends the string that is being read, and returns its bytes.
    pub(super) fn end(&mut self) -> &[u8] {
        let begin = match &self.ends {
            Ends::Short(ends) => ends.last().map_or(0, |&end| end as usize),
            Ends::Long(ends) => ends.last().map_or(0, |&end| usize::try_from(end).unwrap_or(usize::MAX)),
        };
        let end = self.bytes.len();
        if let Ends::Short(ends) = &mut self.ends {
            if let Ok(end) = u32::try_from(end) {
                ends.push(end);
                return &self.bytes[begin..];
            }
            self.ends = Ends::Long(ends.iter().map(|&end| u64::from(end)).collect());
        }
        if let Ends::Long(ends) = &mut self.ends {
            ends.push(end as u64);
        }
        &self.bytes[begin..]
    }

    /// Gives back memory that was taken ahead.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        match &mut self.ends {
            Ends::Short(ends) => ends.shrink_to_fit(),
            Ends::Long(ends) => ends.shrink_to_fit(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a snapshot names its strings with 32 bits: checked when it is read"
)]
fn index(index: usize) -> u32 {
    index as u32
}

/// The text of what stands between the quotes of a JSON string.
fn unescape(raw: &[u8]) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw) else { return String::from_utf8_lossy(raw) };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut next = Some(first);
    while let Some(at) = next {
        text.push_str(&String::from_utf8_lossy(&rest[..at]));
        let (read, length) = escape(&rest[at..]);
        text.push(read);
        rest = &rest[at + length..];
        next = memchr::memchr(b'\\', rest);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    Cow::Owned(text)
}

/// The character that an escape stands for, and its length. What is none stands for itself.
fn escape(bytes: &[u8]) -> (char, usize) {
    let unit = |from: usize| -> Option<u32> {
        let digits = bytes.get(from..from + 4)?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let simple = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let Some(first) = unit(2) else { return ('\\', 1) };
            if let Some(character) = char::from_u32(first) {
                return (character, 6);
            }
            if first < 0xdc00 && bytes.get(6..8) == Some(b"\\u") {
                let second = unit(8).filter(|unit| (0xdc00..0xe000).contains(unit));
                if let Some(second) = second {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
                }
            }
            return (char::REPLACEMENT_CHARACTER, 6);
        }
        Some(&other) if other.is_ascii() => other as char,
        _ => return ('\\', 1),
    };
    (simple, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_what_json_says() {
        for (raw, text) in [
            (r"plain", "plain"),
            (r#"a\nb\t\"q\"\\ \/"#, "a\nb\t\"q\"\\ /"),
            (r"\u0041\u00e9\u20ac", "Aé€"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d alone", "\u{fffd} alone"),
            (r"\ude00", "\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\u00", "\\u00"),
            (r"end\", "end\\"),
        ] {
            assert_eq!(unescape(raw.as_bytes()), text, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_json_escapes_is_unescaped(text in any::<String>()) {
            let json = serde_json::to_string(&text).expect("a string");
            prop_assert_eq!(unescape(&json.as_bytes()[1..json.len() - 1]), text);
        }

        #[test]
        fn strings_are_found_by_what_is_in_them(list in prop::collection::vec("[ab]{0,5}", 0..30), part in "[ab]{1,3}") {
            let mut strings = Strings::default();
            for text in &list {
                strings.extend(text.as_bytes());
                assert_eq!(strings.end(), text.as_bytes());
            }
            let expected: Vec<u32> =
                (0..).zip(&list).filter(|(_, text)| text.contains(&part)).map(|(index, _)| index).collect();
            prop_assert_eq!(strings.containing(part.as_bytes()), expected);
            for (index, text) in (0..).zip(&list) {
                prop_assert_eq!(strings.raw(index), text.as_bytes());
            }
            prop_assert_eq!(strings.raw(index(list.len())), b"");
        }
    }
}
