//! Arrays of numbers, by far the largest part of a snapshot: records of as many numbers as the snapshot's `meta` says.
//!
//! Eight bytes are looked at in one go: where the digits end is found by their bits, and up to eight of them become a
//! number by three multiplications, without a branch that the length of a number could mislead.

use super::super::HeapError;
use super::section::{Fed, is_space};

/// Fields of a record at most.
pub(super) const MOST_FIELDS: usize = 12;
/// Bytes of a number and what separates it from the next, in what V8 writes: 20 digits, a newline and a comma.
const LONGEST: usize = 24;

/// Powers of ten.
const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// A record, the fields of `meta` in their order.
pub(super) type Record = [u64; MOST_FIELDS];

/// Reads records until the array ends.
#[derive(Debug)]
pub(super) struct Records {
    fields: usize,
    within: &'static str,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the opening bracket.
    Start,
    /// After it: a record, or the end.
    First,
    /// After a record: a comma, or the end.
    After,
}

/// Up to eight digits at the start of a word, and how many.
#[inline]
fn digits(word: u64) -> (u64, usize) {
    let nibbles = word ^ 0x3030_3030_3030_3030;
    // The upper bit of each byte that is no digit.
    let others = (nibbles.wrapping_add(0x7676_7676_7676_7676) | nibbles) & 0x8080_8080_8080_8080;
    // A byte after the first other one may be wrong by a carry, but only that one matters.
    let count = (others.trailing_zeros() / 8) as usize;
    if count == 0 {
        return (0, 0);
    }
    let mut pairs = nibbles << (64 - 8 * count);
    pairs = pairs.wrapping_mul(10).wrapping_add(pairs >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    (low.wrapping_add(high) >> 32, count)
}

impl Records {
    /// `within` names the array in errors.
    pub(super) fn new(fields: usize, within: &'static str) -> Self {
        debug_assert!((1..=MOST_FIELDS).contains(&fields), "checked by the layout");
        Self { fields, within, state: State::Start }
    }

    pub(super) fn within(&self) -> &'static str {
        self.within
    }

    /// Hands all whole records in `bytes`, which begin at the offset `at` of the input, to `take`, with the offset of each.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        at: u64,
        mut take: impl FnMut(&Record, u64) -> Result<(), HeapError>,
    ) -> Result<Fed, HeapError> {
        let mut from = 0;
        loop {
            if self.state == State::After {
                from = match self.fields {
                    3 => fast::<3>(bytes, from, at, &mut take)?,
                    4 => fast::<4>(bytes, from, at, &mut take)?,
                    6 => fast::<6>(bytes, from, at, &mut take)?,
                    7 => fast::<7>(bytes, from, at, &mut take)?,
                    _ => from,
                };
            }
            match self.step(bytes, from, at, &mut take)? {
                Step::On(to) => from = to,
                Step::Ended(to) => return Ok(Fed::Done(to)),
                Step::Short => return Ok(Fed::More(from)),
            }
        }
    }

    /// One record, or the end, whatever white space there is.
    fn step(
        &mut self,
        bytes: &[u8],
        from: usize,
        at: u64,
        take: &mut impl FnMut(&Record, u64) -> Result<(), HeapError>,
    ) -> Result<Step, HeapError> {
        let mut cursor = Cursor { bytes, at: from };
        let wrong = |at_byte: usize, what: String| Err(HeapError::malformed(at + at_byte as u64, what));
        let Some(first) = cursor.peek() else { return Ok(Step::Short) };
        match (self.state, first) {
            (State::Start, b'[') => {
                self.state = State::First;
                return Ok(Step::On(cursor.at + 1));
            }
            (State::First | State::After, b']') => return Ok(Step::Ended(cursor.at + 1)),
            (State::First, _) => {}
            (State::After, b',') => cursor.at += 1,
            (State::Start | State::After, other) => {
                let expected = if self.state == State::Start { "an array" } else { "a comma or the end" };
                return wrong(
                    cursor.at,
                    format!("{expected} of {} expected, got {}", self.within, show(other)),
                );
            }
        }
        if cursor.peek().is_none() {
            return Ok(Step::Short);
        }
        let offset = at + cursor.at as u64;
        let mut record = [0; MOST_FIELDS];
        for (field, value) in record[..self.fields].iter_mut().enumerate() {
            if field > 0 {
                match cursor.peek() {
                    None => return Ok(Step::Short),
                    Some(b',') => cursor.at += 1,
                    Some(other) => {
                        let what =
                            format!("a comma in a record of {} expected, got {}", self.within, show(other));
                        return wrong(cursor.at, what);
                    }
                }
            }
            *value = match cursor.number() {
                Number::Is(value) => value,
                Number::Short => return Ok(Step::Short),
                Number::TooLarge => {
                    return wrong(cursor.at, format!("a number in {} is too large", self.within));
                }
                Number::Not(other) => {
                    return wrong(
                        cursor.at,
                        format!("a number in {} expected, got {}", self.within, show(other)),
                    );
                }
            };
        }
        self.state = State::After;
        take(&record, offset)?;
        Ok(Step::On(cursor.at))
    }
}

enum Step {
    On(usize),
    Ended(usize),
    Short,
}

/// Records as V8 writes them, while there are enough bytes; where to go on. Begins and ends after a record.
#[inline]
fn fast<const FIELDS: usize>(
    bytes: &[u8],
    mut from: usize,
    at: u64,
    take: &mut impl FnMut(&Record, u64) -> Result<(), HeapError>,
) -> Result<usize, HeapError> {
    let mut record = [0; MOST_FIELDS];
    while from + FIELDS * LONGEST + 2 <= bytes.len() {
        // What V8 puts between records.
        let mut pos = match bytes[from] {
            b'\n' if bytes[from + 1] == b',' => from + 2,
            b',' => from + 1,
            _ => return Ok(from),
        };
        let begin = pos;
        for (field, value) in record[..FIELDS].iter_mut().enumerate() {
            if field > 0 {
                if bytes[pos] != b',' {
                    return Ok(from);
                }
                pos += 1;
            }
            let (number, count) = digits(word(bytes, pos));
            pos += count;
            *value = number;
            if count == 8 {
                let (rest, more) = digits(word(bytes, pos));
                if more > 0 {
                    if more == 8 {
                        // As long as numbers of a snapshot never are; whatever it is, the slow way finds out.
                        return Ok(from);
                    }
                    *value = number * POWERS[more] + rest;
                    pos += more;
                }
            } else if count == 0 {
                return Ok(from);
            }
        }
        take(&record, at + begin as u64)?;
        from = pos;
    }
    Ok(from)
}

#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk::<8>().map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// A byte for an error message.
pub(super) fn show(byte: u8) -> String {
    if byte.is_ascii_graphic() { format!("'{}'", byte as char) } else { format!("byte {byte:#04x}") }
}

/// One number of a kind that may be cut off by the end of the bytes.
pub(super) enum Number {
    Is(u64),
    Short,
    TooLarge,
    Not(u8),
}

/// Reads byte by byte.
pub(super) struct Cursor<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
}

impl Cursor<'_> {
    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !is_space(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// A number without sign or fraction; the cursor is behind it, or at what is wrong.
    pub(super) fn number(&mut self) -> Number {
        let Some(first) = self.peek() else { return Number::Short };
        if !first.is_ascii_digit() {
            return Number::Not(first);
        }
        let mut value = 0_u64;
        let mut at = self.at;
        while let Some(digit) = self.bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            let next = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0')));
            let Some(next) = next else { return Number::TooLarge };
            value = next;
            at += 1;
        }
        // The end of what there is may be in the middle of it.
        if at == self.bytes.len() {
            return Number::Short;
        }
        self.at = at;
        Number::Is(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = Result<(Vec<Vec<u64>>, usize), String>;

    /// Feeds the bytes in pieces of these lengths.
    fn read(text: &[u8], fields: usize, cuts: &[usize]) -> Read {
        let mut records = Records::new(fields, "test");
        let mut found = Vec::new();
        let (mut kept, mut at): (Vec<u8>, usize) = (Vec::new(), 0);
        let mut cuts = cuts.iter().copied().chain(std::iter::repeat(usize::MAX));
        let mut rest = text;
        loop {
            let (piece, more) = rest.split_at(cuts.next().unwrap_or(1).max(1).min(rest.len()));
            rest = more;
            kept.extend_from_slice(piece);
            let fed = records.feed(&kept, at as u64, |record, offset| {
                assert!(text[usize::try_from(offset).expect("small")].is_ascii_digit());
                found.push(record[..fields].to_vec());
                Ok(())
            });
            match fed.map_err(|error| error.to_string())? {
                Fed::Done(to) => return Ok((found, at + to)),
                Fed::More(to) => {
                    at += to;
                    kept.drain(..to);
                    if rest.is_empty() {
                        return Err("short".into());
                    }
                }
            }
        }
    }

    #[test]
    fn digits_of_all_lengths() {
        for text in ["0,......", "7,......", "42\n,....", "1234567,", "12345678", "99999999", "90000000"] {
            let expected: String = text.chars().take_while(char::is_ascii_digit).collect();
            let bytes: [u8; 8] = text.as_bytes().try_into().expect("eight bytes");
            let (value, count) = digits(u64::from_le_bytes(bytes));
            assert_eq!((value.to_string(), count), (expected.clone(), expected.len()), "{text}");
        }
        for other in [b'/', b':', b' ', b'\n', b'-', 0, 0x7f, 0x80, 0xff] {
            assert_eq!(digits(u64::from_le_bytes([other, b'1', b'2', b'3', b'4', b'5', b'6', b'7'])), (0, 0));
            assert_eq!(digits(u64::from_le_bytes([b'8', other, 0xff, b'0', b'4', b'5', b'6', b'7'])), (8, 1));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_however_it_is_cut(
            fields in 1_usize..9,
            numbers in prop::collection::vec(prop_oneof![
                4 => 0_u64..1000, 2 => any::<u32>().prop_map(u64::from), 1 => any::<u64>(), 1 => Just(10_000_000),
            ], 0..400),
            as_v8: bool,
            cuts in prop::collection::vec(1_usize..200, 0..40),
        ) {
            let expected: Vec<Vec<u64>> = numbers.chunks_exact(fields).map(<[u64]>::to_vec).collect();
            let rows: Vec<String> = expected.iter().map(|record| {
                let row: Vec<String> = record.iter().map(ToString::to_string).collect();
                row.join(if as_v8 { "," } else { " ,\t" })
            }).collect();
            let text = if as_v8 { format!("[{}\n]", rows.join("\n,")) } else { format!(" [ {} ]", rows.join(" , ")) };
            prop_assert_eq!(read(text.as_bytes(), fields, &cuts), Ok((expected, text.len())));
        }

        #[test]
        fn what_is_no_array_of_records_is_an_error(text in "[\\[\\]0-9,\\- .a\n]{0,40}", cuts in prop::collection::vec(1_usize..9, 0..9)) {
            let outcome = read(text.as_bytes(), 3, &cuts);
            let whole = serde_json::Deserializer::from_str(&text).into_iter::<Vec<u64>>().next();
            match (outcome, whole) {
                (Ok((records, _)), whole) => {
                    // What JSON refuses besides: leading zeros.
                    if let Some(Ok(numbers)) = whole {
                        prop_assert_eq!(records.concat(), numbers);
                    } else {
                        prop_assert!(text.contains('0'));
                    }
                }
                (Err(_), Some(Ok(numbers))) => prop_assert!(numbers.len() % 3 != 0),
                (Err(_), _) => {}
            }
        }
    }
}
