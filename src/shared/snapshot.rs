//! Snapshots: the entries of a store in a file, for a warm restart.
//!
//! ```text
//! magic      8   "PLTSHR\0" and the version of the format, 1
//! codec      1 + n
//! made       8   milliseconds since the Unix epoch, f64
//! entries    …   the least recently used first; each:
//!                length of the key 4 (plus one, so that 0 ends the list), kinds 1, length of the value 4,
//!                time left 8 (milliseconds, f64, infinite for never), key, value
//! end        4   0
//! count      8   of entries
//! checksum   4   CRC-32 (ISO-HDLC) of all before it
//! ```
//!
//! All numbers are little-endian. A file is written beside its name, synced, and renamed, so that whoever reads it
//! sees a whole one; it is readable by its owner only. Reading checks the whole file before it stores anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::entry::{MAX_KEY_BYTES, MAX_VALUE_BYTES};
use super::{Handle, Key, Kind, Scanned, Store, Value};
use crate::time::now_ms;

const MAGIC: [u8; 8] = *b"PLTSHR\0\x01";
/// Entries copied out at a time: nobody else can change anything meanwhile.
const BATCH: usize = 128;

/// Why a snapshot was not made or not taken.
#[derive(Debug)]
pub enum SnapshotError {
    /// The system's reason.
    Io(io::Error),
    /// What is wrong with the file.
    Corrupt(&'static str),
    /// It was made with another codec.
    Codec(String),
}

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Corrupt("it ends too early");
        }
        Self::Io(error)
    }
}

impl std::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Corrupt(what) => write!(f, "{what}"),
            Self::Codec(codec) => write!(f, "it was made with codec '{codec}'"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// Bytes on their way, with their checksum.
struct Summed<T> {
    inner: T,
    sum: crc32fast::Hasher,
}

impl<T: Write> Summed<T> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<T: Read> Summed<T> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.sum.update(&bytes);
        Ok(bytes)
    }

    /// `length` more bytes. Grows as they come: a length from a file is not to be believed before.
    fn fill(&mut self, into: &mut Vec<u8>, length: usize) -> io::Result<()> {
        into.clear();
        if (&mut self.inner).take(length as u64).read_to_end(into)? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.sum.update(into);
        Ok(())
    }
}

/// Writes the entries of a store that have not expired; how many.
///
/// # Errors
/// The system's, and then there is no new file.
pub fn snapshot(store: &Store, codec: &str, path: &Path) -> Result<u64, SnapshotError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let partial: PathBuf = path.with_file_name(name);
    // Of an earlier attempt that was interrupted.
    let _ = fs::remove_file(&partial);
    let done = write(store, codec, &partial).and_then(|count| {
        fs::rename(&partial, path)?;
        Ok(count)
    });
    if done.is_err() {
        let _ = fs::remove_file(&partial);
    }
    done
}

fn write(store: &Store, codec: &str, path: &Path) -> Result<u64, SnapshotError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = BufWriter::with_capacity(1 << 18, options.open(path)?);
    let mut out = Summed { inner: file, sum: crc32fast::Hasher::new() };
    let now = now_ms();
    let codec = &codec.as_bytes()[..codec.len().min(255)];
    out.put(&MAGIC)?;
    out.put(&[u8::try_from(codec.len()).unwrap_or(u8::MAX)])?;
    out.put(codec)?;
    out.put(&now.to_le_bytes())?;
    let mut count = 0_u64;
    for slots in store.ranked().chunks(BATCH) {
        for entry in store.entries_of(slots, now) {
            write_entry(&mut out, &entry, now)?;
            count += 1;
        }
    }
    out.put(&0_u32.to_le_bytes())?;
    out.put(&count.to_le_bytes())?;
    let sum = out.sum.clone().finalize();
    out.put(&sum.to_le_bytes())?;
    let file = out.inner.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(count)
}

#[expect(clippy::cast_possible_truncation, reason = "lengths in the store are below 2^32")]
fn write_entry(out: &mut Summed<impl Write>, entry: &Scanned, now: f64) -> io::Result<()> {
    out.put(&(entry.key.len() as u32 + 1).to_le_bytes())?;
    out.put(&[entry.key_kind as u8 | (entry.value_kind as u8) << 4])?;
    out.put(&(entry.value.len() as u32).to_le_bytes())?;
    out.put(&(entry.deadline - now).to_le_bytes())?;
    out.put(&entry.key)?;
    out.put(&entry.value)
}

/// Stores the entries of a file, with the time that has passed since taken from their time to live; how many. What
/// is too large for the store now, or has expired, is left out. `compress` is asked to shorten each value.
///
/// # Errors
/// The system's, or what is wrong with the file: then nothing has been stored.
pub fn restore(
    handle: &mut Handle,
    codec: &str,
    path: &Path,
    compress: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<u64, SnapshotError> {
    let file = File::open(path)?;
    // Once to see that it is whole, once to store what it has.
    read(&file, codec, |_, _, _| {})?;
    let limit = handle.store().bounds().max_entry_bytes;
    let mut stored = 0;
    read(&file, codec, |key, value, deadline| {
        if key.bytes.len() + value.bytes.len() > limit || deadline <= now_ms() {
            return;
        }
        let short = compress(value.bytes);
        let value = match &short {
            Some(bytes) => Value { kind: value.kind, packed: true, bytes },
            None => value,
        };
        let store = std::sync::Arc::clone(handle.store());
        stored += u64::from(store.set(handle, key, value, deadline));
    })?;
    Ok(stored)
}

/// Reads a file from its start, and gives every entry to `each`.
fn read(
    mut file: &File,
    codec: &str,
    mut each: impl FnMut(Key<'_>, Value<'_>, f64),
) -> Result<(), SnapshotError> {
    file.rewind()?;
    let inner = BufReader::with_capacity(1 << 18, file);
    let mut from = Summed { inner, sum: crc32fast::Hasher::new() };
    if from.take::<8>()? != MAGIC {
        return Err(SnapshotError::Corrupt("it is no snapshot of a SharedCache, or of another version"));
    }
    let (mut key, mut value) = (Vec::new(), Vec::new());
    let [length] = from.take::<1>()?;
    from.fill(&mut key, usize::from(length))?;
    if key != codec.as_bytes() {
        return Err(SnapshotError::Codec(String::from_utf8_lossy(&key).escape_default().to_string()));
    }
    let made = f64::from_le_bytes(from.take()?);
    if !made.is_finite() {
        return Err(SnapshotError::Corrupt("its time is no time"));
    }
    let passed = (now_ms() - made).max(0.0);
    let mut count = 0_u64;
    while let Some(key_length) = u32::from_le_bytes(from.take()?).checked_sub(1) {
        let [kinds] = from.take::<1>()?;
        let value_length = u32::from_le_bytes(from.take()?) as usize;
        let left = f64::from_le_bytes(from.take()?);
        let kinds = (Kind::numbered(kinds & 15), Kind::numbered(kinds >> 4));
        let (Some(key_kind), Some(value_kind)) = kinds else {
            return Err(SnapshotError::Corrupt("an entry is of a kind that there is not"));
        };
        let key_length = key_length as usize;
        if key_length > MAX_KEY_BYTES || value_length > MAX_VALUE_BYTES || left.is_nan() {
            return Err(SnapshotError::Corrupt("an entry is larger than there can be"));
        }
        from.fill(&mut key, key_length)?;
        from.fill(&mut value, value_length)?;
        if !key_kind.fits(&key) || !value_kind.fits(&value) {
            return Err(SnapshotError::Corrupt("a text of it is no text"));
        }
        let deadline = if left == f64::INFINITY { left } else { now_ms() + left - passed };
        let value = Value { kind: value_kind, packed: false, bytes: &value };
        each(Key { kind: key_kind, bytes: &key }, value, deadline);
        count += 1;
    }
    if u64::from_le_bytes(from.take()?) != count {
        return Err(SnapshotError::Corrupt("entries are missing"));
    }
    let sum = from.sum.clone().finalize();
    if u32::from_le_bytes(from.take()?) != sum {
        return Err(SnapshotError::Corrupt("its checksum does not match"));
    }
    if from.inner.read(&mut [0])? != 0 {
        return Err(SnapshotError::Corrupt("it goes on after its end"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::model::{is_made, key, made, open, read, value};
    use super::super::{Handle, PolicyKind, compress, rounds};
    use super::*;

    fn filled() -> (Handle, Arc<Store>) {
        let mut handle = open(4 << 20, usize::MAX, PolicyKind::Lru);
        let store = Arc::clone(handle.store());
        for name in 0_u32..500 {
            let deadline = if name % 2 == 0 { f64::INFINITY } else { now_ms() + 1e6 };
            store.set(&mut handle, key(&name.to_le_bytes()), value(&made(name, 1, name as usize)), deadline);
        }
        (handle, store)
    }

    #[test]
    fn a_snapshot_holds_what_the_store_held_in_its_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache");
        let (mut handle, store) = filled();
        read(&mut handle, 7, true);
        store.settle(&mut handle);
        assert_eq!(snapshot(&store, "bytes", &path).expect("written"), 500);
        #[cfg(unix)]
        {
            let mode = fs::metadata(&path).expect("exists").permissions();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
        let mut other = open(4 << 20, usize::MAX, PolicyKind::Lru);
        let restored = restore(&mut other, "bytes", &path, compress).expect("read");
        assert_eq!(restored, 500);
        let ranks = |store: &Store| -> Vec<Vec<u8>> {
            store.entries_of(&store.ranked(), 0.0).into_iter().map(|entry| entry.key).collect()
        };
        assert_eq!(ranks(other.store()), ranks(&store));
        assert_eq!(ranks(&store).last().map(Vec::as_slice), Some(&7_u32.to_le_bytes()[..]));
        for name in 0..500 {
            assert!(read(&mut other, name, false).is_some_and(|bytes| is_made(name, &bytes)));
        }
        assert!(
            matches!(restore(&mut other, "json", &path, |_| None), Err(SnapshotError::Codec(codec)) if codec == "bytes")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(300)))]

        /// Every byte counts: a file with any of them changed, or cut anywhere, is refused, and nothing is stored.
        #[test]
        fn a_damaged_snapshot_is_refused_whole(at in any::<prop::sample::Index>(), mask in 1_u8.., cut: bool) {
            use std::sync::OnceLock;
            static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("cache");
            let whole = WHOLE.get_or_init(|| {
                snapshot(&filled().1, "bytes", &path).expect("written");
                fs::read(&path).expect("readable")
            });
            let mut bytes = whole.clone();
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= mask;
            }
            fs::write(&path, bytes).expect("writable");
            let mut handle = open(4 << 20, usize::MAX, PolicyKind::Lru);
            prop_assert!(restore(&mut handle, "bytes", &path, |_| None).is_err());
            prop_assert!(handle.store().is_empty());
        }
    }
}
