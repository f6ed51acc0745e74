//! Choosing the positions at which the keys of a cache are read to hash them.
//!
//! Reading a whole key costs JavaScript 2 ns a character. But the keys of one cache are alike (`user:123:cart`), so a
//! few positions tell them apart, as in a perfect-hash generator (gperf; Cichelli, CACM 1980). A bad choice costs
//! time, never correctness. See `docs/design/cache.md`.
//!
//! A position ("probe") is `1` for the last character, `2` for the one before, `-1` for the first, `-2` for the second.

/// Positions further than this from both ends are not considered; keys may be cut to twice as many characters.
const REACH: i32 = 64;
/// At most this many characters of a key are read, and never fewer than [`MIN_PROBES`].
const MAX_PROBES: usize = 12;
const MIN_PROBES: usize = 3;
/// Positions compared with one another, the best by themselves.
const CANDIDATES: usize = 20;
/// Bits up to which a sample of 512 can be trusted: at 14, eight pairs are left to be told apart.
const TRUSTED: f64 = 14.0;
/// Positions that tell less than this many bits more are not worth reading once there are a few better ones.
const WORTHWHILE: f64 = 0.5;
/// Bits that are none: a sample shows no less.
const NOTHING: f64 = 0.05;
/// Bits a position counted from the start must tell more than one from the end, which is read faster.
const FROM_START: f64 = 0.25;
/// Where keys usually differ.
const DEFAULT: [i32; 4] = [1, 2, 3, 4];

/// A position, and what the sample shows there.
struct Column {
    probe: i32,
    /// Which symbol each key has there, numbered from 0.
    codes: Vec<u8>,
    /// What the position tells beside the length, in bits.
    bits: f64,
    /// At most this much beyond each single one of the positions chosen.
    beyond: f64,
    /// The keys in which it tells nothing new: a chosen position reads the same character, counted from the other end,
    /// or there is none, as the length says.
    covered: Vec<bool>,
}

/// Chooses the fewest positions that promise to tell `2^bits` keys apart, judging by `keys`, which must be different:
/// three to twelve. Greedy: the next is the one that tells most beyond those chosen before.
///
/// O(keys · (2 [`REACH`] + 20 · 12)): under a millisecond for 512 keys.
#[must_use]
pub fn choose_probes(keys: &[impl AsRef<[u16]>], bits: f64) -> Vec<i32> {
    let keys: Vec<&[u16]> = keys.iter().map(AsRef::as_ref).collect();
    let mut pairs = Pairs::new(keys.len());
    // The length is always hashed, so what it tells no position need tell again.
    let mut lengths = vec![0; keys.len()];
    let length_bits = pairs.entropy(&mut lengths, &codes_of(keys.iter().map(|key| key.len())), true);
    let mut columns = columns_of(&keys, &lengths, length_bits, &mut pairs);
    let mut chosen: Vec<i32> = Vec::new();
    let mut groups = lengths.clone();
    let mut total = length_bits;
    while chosen.len() < MAX_PROBES && !columns.is_empty() {
        let mut best = (0, 0.0, f64::NEG_INFINITY);
        for (at, column) in columns.iter().enumerate() {
            let news = news_of(column, &groups, total, &mut pairs);
            let score = if column.probe > 0 { news } else { news - FROM_START };
            if score > best.2 {
                best = (at, news, score);
            }
        }
        let (at, news, _) = best;
        let enough = chosen.len() >= MIN_PROBES;
        if news < NOTHING || (enough && (total >= bits || news < WORTHWHILE)) {
            break;
        }
        total += news;
        let column = columns.remove(at);
        chosen.push(column.probe);
        pairs.entropy(&mut groups, &column.codes, true);
        learn(&mut columns, &column, &keys, &lengths, &mut pairs);
    }
    for probe in DEFAULT {
        if chosen.len() < MIN_PROBES && !chosen.contains(&probe) {
            chosen.push(probe);
        }
    }
    chosen
}

/// The index a probe reads in a key, if it has one there.
fn index_of(probe: i32, length: usize) -> Option<usize> {
    let distance = probe.unsigned_abs() as usize;
    let index = if probe > 0 { length.checked_sub(distance)? } else { distance - 1 };
    (index < length).then_some(index)
}

/// The positions that tell most beside the length; among equals those nearest to an end, as the sort is stable.
fn columns_of(keys: &[&[u16]], lengths: &[u32], length_bits: f64, pairs: &mut Pairs) -> Vec<Column> {
    let longest = keys.iter().map(|key| key.len()).max().unwrap_or(0);
    let mut columns = Vec::new();
    for distance in (1..=REACH).take(longest) {
        for probe in [distance, -distance] {
            let symbol = |key: &[u16]| index_of(probe, key.len()).map(|index| key[index]);
            // As in a common prefix: not worth a count.
            if keys.iter().all(|key| symbol(key) == symbol(keys[0])) {
                continue;
            }
            let codes = codes_of(keys.iter().map(|key| symbol(key)));
            let bits = pairs.entropy(&mut lengths.to_vec(), &codes, false) - length_bits;
            if bits >= NOTHING {
                let covered = keys.iter().map(|key| symbol(key).is_none()).collect();
                columns.push(Column { probe, codes, bits, beyond: bits, covered });
            }
        }
    }
    columns.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    columns.truncate(CANDIDATES);
    columns
}

/// Numbers the symbols in the order they come; from the 256th on they are one.
fn codes_of<T: PartialEq>(symbols: impl Iterator<Item = T>) -> Vec<u8> {
    let mut seen: Vec<T> = Vec::new();
    symbols
        .map(|symbol| {
            let known = seen.iter().position(|other| *other == symbol);
            let code = known.unwrap_or_else(|| {
                if seen.len() < 255 {
                    seen.push(symbol);
                    return seen.len() - 1;
                }
                255
            });
            u8::try_from(code).unwrap_or(u8::MAX)
        })
        .collect()
}

/// What a position tells beyond those chosen: measured while the sample can show it, and a careful guess once all of
/// it is told apart.
fn news_of(column: &Column, groups: &[u32], total: f64, pairs: &mut Pairs) -> f64 {
    let joint = pairs.entropy(&mut groups.to_vec(), &column.codes, false);
    if joint <= TRUSTED {
        return joint - total;
    }
    let same = column.covered.iter().filter(|&&covered| covered).count();
    let share = 1.0 - same as f64 / column.covered.len() as f64;
    (TRUSTED - total).max(column.beyond.min(column.bits * share))
}

/// Notes what `chosen` leaves for the others to tell.
fn learn(columns: &mut [Column], chosen: &Column, keys: &[&[u16]], lengths: &[u32], pairs: &mut Pairs) {
    let mut alone = lengths.to_vec();
    let bits = pairs.entropy(&mut alone, &chosen.codes, true);
    for column in columns {
        let both = pairs.entropy(&mut alone.clone(), &column.codes, false);
        column.beyond = column.beyond.min(both - bits);
        for (covered, key) in column.covered.iter_mut().zip(keys) {
            let index = index_of(column.probe, key.len());
            if index.is_some() && index == index_of(chosen.probe, key.len()) {
                *covered = true;
            }
        }
    }
}

/// Counts how many keys share a group and a symbol.
struct Pairs {
    /// By group and symbol: the number of the new group (from 1) and how many keys it has.
    table: Vec<(u32, u32)>,
    touched: Vec<usize>,
}

impl Pairs {
    fn new(keys: usize) -> Self {
        Self { table: vec![(0, 0); (keys + 1) * 256], touched: Vec::new() }
    }

    /// Collision entropy of the groups split by `codes`: −log2 of the probability that two different keys share one.
    /// With `split`, the groups are left as split.
    fn entropy(&mut self, groups: &mut [u32], codes: &[u8], split: bool) -> f64 {
        let mut agreeing = 0_u32;
        for (group, &code) in groups.iter_mut().zip(codes) {
            let at = *group as usize * 256 + usize::from(code);
            let (number, count) = &mut self.table[at];
            if *count == 0 {
                *number = u32::try_from(self.touched.len()).unwrap_or(u32::MAX);
                self.touched.push(at);
            }
            agreeing += *count;
            *count += 1;
            if split {
                *group = *number;
            }
        }
        for at in self.touched.drain(..) {
            self.table[at] = (0, 0);
        }
        let pairs = (codes.len() * codes.len().saturating_sub(1)) as f64 / 2.0;
        -(f64::from(agreeing).max(0.5) / pairs).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(keys: impl IntoIterator<Item = String>) -> Vec<Vec<u16>> {
        keys.into_iter().map(|key| key.encode_utf16().collect()).collect()
    }

    /// How many of the keys share all their probed characters and their length with an earlier one.
    fn collisions(keys: &[Vec<u16>], probes: &[i32]) -> usize {
        let mut seen = std::collections::HashSet::new();
        let read = |key: &Vec<u16>| -> Vec<Option<u16>> {
            probes.iter().map(|&probe| index_of(probe, key.len()).map(|index| key[index])).collect()
        };
        keys.iter().filter(|key| !seen.insert((key.len(), read(key)))).count()
    }

    #[test]
    fn numbered_keys_need_their_digits_and_nothing_else() {
        let keys = utf16((0..512).map(|id| format!("user:{id}")));
        let probes = choose_probes(&keys, 14.0);
        assert_eq!(probes.len(), 3);
        assert!(probes.iter().all(|&probe| (1..=3).contains(&probe)), "{probes:?}");
        assert_eq!(collisions(&keys, &probes), 0);
    }

    #[test]
    fn a_number_in_the_middle_is_found() {
        let keys = utf16((0..512).map(|id| format!("/api/v1/users/{:04}/profile", id * 17)));
        let probes = choose_probes(&keys, 14.0);
        assert_eq!(collisions(&keys, &probes), 0);
        assert!(probes.iter().all(|&probe| (9..=12).contains(&probe)), "{probes:?}");
    }

    #[test]
    fn positions_from_the_start_are_taken_where_the_end_tells_nothing() {
        let keys = utf16((0..512).map(|id| format!("{id:03}:{}", "x".repeat(20 + id * 7 % 40))));
        let probes = choose_probes(&keys, 14.0);
        assert!(collisions(&keys, &probes) <= 8, "{probes:?}");
        assert!(probes.iter().any(|&probe| probe < 0), "{probes:?}");
    }

    #[test]
    fn there_are_three_to_twelve_whatever_the_keys() {
        let alike = utf16((0..100).map(|id| format!("{}{id}{}", "a".repeat(200), "b".repeat(200))));
        for keys in [utf16([]), utf16([String::new()]), alike, utf16((0..20).map(|id| "k".repeat(id)))] {
            for bits in [0.0, 14.0, 60.0] {
                let probes = choose_probes(&keys, bits);
                assert!((3..=12).contains(&probes.len()), "{probes:?}");
                assert!(probes.iter().all(|probe| (1..=REACH).contains(&probe.abs())));
            }
        }
    }
}
