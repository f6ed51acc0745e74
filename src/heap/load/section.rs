//! How the parts of a snapshot are read: each takes bytes as they come, a file's in large pieces or a stream's in small
//! ones, and says how many it has understood.

/// What became of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fed {
    /// So many have been read, and the rest is to be given again with more behind it.
    More(usize),
    /// So many have been read, and with them the part has ended.
    Done(usize),
}

/// JSON's white space.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}
