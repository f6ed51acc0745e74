//! A copy of a snapshot without what a program's strings say, so that it can be shown to somebody else: names of classes,
//! functions, variables, files and properties stay, since no pattern could be named without them.
//!
//! The copy is written anew from what was understood of the original (`write.rs`), so nothing gets into it that was not
//! looked at. Which texts stay is decided here, by how they are used; what a name looks like, in `names.rs`. A text that
//! does not stay becomes `redacted:17#5`: its length, and a number, so that equal texts still are equal. All is linear in
//! the snapshot. For users: `docs/heap.md`.

mod file;
mod names;
mod uses;
mod write;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;

use super::ownership::Bits;
use super::{NodeKind, Snapshot};

pub use file::Copying;

/// What becomes of each text.
#[derive(Debug)]
pub struct Redaction {
    /// Those that stay where they are names.
    kept: Bits,
    /// Those that are values somewhere: there they do not stay.
    values: Bits,
    /// What some names become that stay in part, such as a script's without its query.
    changed: HashMap<u32, String>,
    /// Of weak maps' entries, the text without what is user data.
    pairs: HashMap<u32, String>,
    /// What a caller wants instead of a text, by its number.
    replaced: HashMap<u32, String>,
}

/// How a text is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// As the name of something.
    Name,
    /// As a value of the program's.
    Value,
}

impl Use {
    /// That of the names of nodes.
    const fn of(kind: NodeKind) -> Self {
        match kind {
            NodeKind::String
            | NodeKind::ConcatenatedString
            | NodeKind::SlicedString
            | NodeKind::Symbol
            | NodeKind::RegExp
            | NodeKind::Number
            | NodeKind::BigInt
            | NodeKind::Unknown => Self::Value,
            _ => Self::Name,
        }
    }
}

impl Redaction {
    /// Decides for all texts of a snapshot. Linear in it.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        uses::decide(snapshot)
    }

    /// The texts that do not stay, or not everywhere, by their numbers; `from` and `most` say which part of them.
    pub fn removed<'r>(
        &'r self,
        snapshot: &'r Snapshot,
        from: u32,
        most: usize,
    ) -> impl Iterator<Item = (u32, std::borrow::Cow<'r, str>)> + 'r {
        let strings = &snapshot.strings;
        let count = super::graph::number(strings.len());
        (from..count)
            .filter(|&index| {
                !names::is_constant(strings.raw(index)) && (self.values.has(index) || !self.kept.has(index))
            })
            .take(most)
            .map(|index| (index, strings.text(index)))
    }

    /// Has a text of the caller's written instead of one that does not stay.
    pub fn replace(&mut self, index: u32, text: String) {
        self.replaced.insert(index, text);
    }

    /// Writes the copy.
    ///
    /// # Errors
    /// Of writing.
    pub fn write(&self, snapshot: &Snapshot, to: &mut impl io::Write) -> io::Result<()> {
        write::write(snapshot, self, to)
    }

    /// Whether a text stays where it is a name, or a part of it.
    fn stays(&self, index: u32) -> bool {
        self.kept.has(index) || self.changed.contains_key(&index) || self.pairs.contains_key(&index)
    }

    /// What a text becomes where it is used so.
    fn text(&self, snapshot: &Snapshot, index: u32, used: Use) -> String {
        let strings = &snapshot.strings;
        if names::is_constant(strings.raw(index)) {
            return strings.text(index).into_owned();
        }
        if used == Use::Name {
            if let Some(text) = self.pairs.get(&index).or_else(|| self.changed.get(&index)) {
                return text.clone();
            }
            if self.kept.has(index) {
                return strings.text(index).into_owned();
            }
        }
        if let Some(text) = self.replaced.get(&index) {
            return text.clone();
        }
        let length = strings.text(index).encode_utf16().count();
        format!("redacted:{length}#{index}")
    }
}
