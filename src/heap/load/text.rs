//! The array of strings, and whatever else is JSON with strings in it.

use super::super::HeapError;
use super::super::strings::Strings;
use super::numbers::show;
use super::section::{Fed, is_space};

/// Reads an array of strings into [`Strings`].
#[derive(Debug, Default)]
pub(super) struct StringArray {
    pub(super) strings: Strings,
    state: State,
    /// Where the string that is being read begins.
    begin: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Before the opening bracket.
    #[default]
    Start,
    /// After it: a string, or the end.
    First,
    /// After a comma: a string.
    Next,
    /// After a string: a comma, or the end.
    After,
    /// In a string.
    Inside,
    /// In a string, after a backslash.
    Escape,
}

impl StringArray {
    pub(super) fn feed(&mut self, bytes: &[u8], at: u64) -> Result<Fed, HeapError> {
        let mut from = 0;
        while from < bytes.len() {
            let byte = bytes[from];
            match self.state {
                State::Inside => {
                    let rest = &bytes[from..];
                    let Some(end) = memchr::memchr2(b'"', b'\\', rest) else {
                        self.strings.extend(rest);
                        return Ok(Fed::More(bytes.len()));
                    };
                    from += end + 1;
                    if rest[end] == b'"' {
                        self.strings.extend(&rest[..end]);
                        self.end()?;
                    } else {
                        self.strings.extend(&rest[..=end]);
                        self.state = State::Escape;
                    }
                    continue;
                }
                State::Escape => {
                    self.strings.extend(&bytes[from..=from]);
                    self.state = State::Inside;
                }
                _ if is_space(byte) => {}
                State::Start if byte == b'[' => self.state = State::First,
                State::First | State::Next if byte == b'"' => {
                    self.begin = at + from as u64;
                    self.state = State::Inside;
                }
                State::After if byte == b',' => self.state = State::Next,
                State::First | State::After if byte == b']' => {
                    self.strings.shrink();
                    return Ok(Fed::Done(from + 1));
                }
                _ => {
                    let what = format!("the array of strings goes on with {}", show(byte));
                    return Err(HeapError::malformed(at + from as u64, what));
                }
            }
            from += 1;
        }
        Ok(Fed::More(bytes.len()))
    }

    fn end(&mut self) -> Result<(), HeapError> {
        self.state = State::After;
        let text = self.strings.end();
        if !text.is_ascii()
            && let Err(error) = std::str::from_utf8(text)
        {
            let offset = self.begin + 1 + error.valid_up_to() as u64;
            return Err(HeapError::malformed(offset, "a string is not UTF-8"));
        }
        if self.strings.len() > u32::MAX as usize {
            return Err(HeapError::TooLarge("it has more than 4,294,967,295 strings".into()));
        }
        Ok(())
    }
}

/// Passes over one JSON value, and keeps its bytes where asked to.
#[derive(Debug)]
pub(super) struct Value {
    /// Its bytes, up to so many.
    kept: Option<(Vec<u8>, usize)>,
    depth: usize,
    begun: bool,
    in_string: bool,
    escaped: bool,
}

impl Value {
    pub(super) fn skip() -> Self {
        Self { kept: None, depth: 0, begun: false, in_string: false, escaped: false }
    }

    /// Keeps the value, which may have so many bytes.
    pub(super) fn keep(most: usize) -> Self {
        Self { kept: Some((Vec::new(), most)), ..Self::skip() }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.kept.map(|(bytes, _)| bytes).unwrap_or_default()
    }

    pub(super) fn feed(&mut self, bytes: &[u8], at: u64) -> Result<Fed, HeapError> {
        let fed = self.advance(bytes, at)?;
        if let Some((kept, most)) = &mut self.kept {
            let (Fed::More(length) | Fed::Done(length)) = fed;
            if kept.len() + length > *most {
                return Err(HeapError::malformed(at, format!("a part is longer than {most} bytes")));
            }
            kept.extend_from_slice(&bytes[..length]);
        }
        Ok(fed)
    }

    fn advance(&mut self, bytes: &[u8], at: u64) -> Result<Fed, HeapError> {
        let mut from = 0;
        while from < bytes.len() {
            if self.in_string {
                if std::mem::take(&mut self.escaped) {
                    from += 1;
                    continue;
                }
                let Some(end) = memchr::memchr2(b'"', b'\\', &bytes[from..]) else { break };
                from += end + 1;
                if bytes[from - 1] == b'\\' {
                    self.escaped = true;
                } else {
                    self.in_string = false;
                    if self.depth == 0 {
                        return Ok(Fed::Done(from));
                    }
                }
                continue;
            }
            let byte = bytes[from];
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.begun = true;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    self.begun = true;
                }
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Ok(Fed::Done(from + 1)),
                // A number or a word ends before what follows it.
                b',' | b'}' | b']' if self.depth == 0 && self.begun => return Ok(Fed::Done(from)),
                b',' | b'}' | b']' if self.depth == 0 => {
                    let what = format!("a value expected, got {}", show(byte));
                    return Err(HeapError::malformed(at + from as u64, what));
                }
                _ if is_space(byte) => {}
                _ => self.begun = true,
            }
            from += 1;
        }
        Ok(Fed::More(bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces<'t>(text: &'t [u8], cuts: &[usize]) -> Vec<&'t [u8]> {
        let mut rest = text;
        let mut pieces = Vec::new();
        for &cut in cuts {
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = more;
        }
        pieces.push(rest);
        pieces
    }

    proptest! {
        #[test]
        fn strings_are_read_however_they_are_cut(
            list in prop::collection::vec(any::<String>(), 0..20),
            pretty: bool,
            cuts in prop::collection::vec(0_usize..30, 0..20),
        ) {
            let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
            let text = write(&list).expect("an array") + "!";
            let mut array = StringArray::default();
            let mut at = 0;
            let mut ended = None;
            for piece in pieces(text.as_bytes(), &cuts) {
                if ended.is_none() && let Fed::Done(length) = array.feed(piece, at).expect("well-formed") {
                    ended = Some(at + length as u64);
                }
                at += piece.len() as u64;
            }
            prop_assert_eq!(ended, Some(text.len() as u64 - 1));
            let read: Vec<String> =
                (0..).take(array.strings.len()).map(|index| array.strings.text(index).into_owned()).collect();
            prop_assert_eq!(read, list);
        }

        #[test]
        fn values_are_passed_over_however_they_are_cut(
            numbers in prop::collection::vec(any::<u32>(), 0..5),
            texts in prop::collection::vec(any::<String>(), 0..5),
            kind in 0..5,
            cuts in prop::collection::vec(0_usize..30, 0..20),
        ) {
            let value = match kind {
                0 => serde_json::json!({ "a": [numbers, { "b]": texts }], "c": null }),
                1 => serde_json::json!(texts.concat()),
                2 => serde_json::json!(numbers.first()),
                3 => serde_json::json!(true),
                _ => serde_json::json!([[], {}, [[1.5e9, -2]]]),
            };
            let json = value.to_string();
            let text = format!("{json},");
            let mut skipped = Value::keep(1 << 20);
            let mut at = 0;
            let mut ended = None;
            for piece in pieces(text.as_bytes(), &cuts) {
                if ended.is_none() && let Fed::Done(length) = skipped.feed(piece, at).expect("well-formed") {
                    ended = Some(at + length as u64);
                }
                at += piece.len() as u64;
            }
            prop_assert_eq!(ended, Some(json.len() as u64));
            prop_assert_eq!(skipped.into_bytes(), json.into_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_found() {
        let mut array = StringArray::default();
        let error = array.feed(b"[\"ab\",\"c\xff\"]", 100).expect_err("not UTF-8");
        assert_eq!(error.to_string(), "not a heap snapshot: byte 108: a string is not UTF-8");
    }
}
