//! Memory for entries: a run of 64-bit words that any thread may read and write, one word at a time.
//!
//! Every word is an atomic; what keeps an entry from changing while it is read are the locks of the shards.
//!
//! Unsafe, twice. Page-mapped memory is seen as a slice of atomics: the mapping is private and anonymous, at least as long
//! as the slice from where that starts, aligned to pages, zeroed by the system, lives as long as the `Words` that owns it,
//! and nothing reaches it except through that slice, or by its address as `directory.rs` allows. And entries are copied out
//! and in as plain bytes, in one go: a long one takes half as long as word by word, or less (measured in
//! `docs/design/shared.md`). Invariant: whoever copies out holds the lock of the shard or that of the writer, or has the entry
//! pinned; whoever copies in holds the writer's, and the shard's too where the entry can be found, and nobody has it pinned.

use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use memmap2::{MmapMut, MmapRaw};

use super::sync::AtomicU64;

/// Bytes in a word.
pub(super) const WORD: usize = 8;
/// Bytes of a page.
const PAGE: usize = 4096;
/// Bytes from which memory is mapped, so that releasing it returns it to the system at once.
const MAPPED: usize = 64 * 1024;

/// Bytes of a huge page.
pub(super) const HUGE: usize = 2 * 1024 * 1024;
/// Whether there are such pages to be had here.
pub(super) const HAS_HUGE: bool = cfg!(all(target_os = "linux", not(any(miri, shuttle))));

/// Whether the system gives huge pages of this size to whoever asks for them.
pub(super) static GIVES_HUGE: LazyLock<bool> = LazyLock::new(|| {
    let said = |name: &str| std::fs::read_to_string(format!("/sys/kernel/mm/transparent_hugepage/{name}"));
    HAS_HUGE
        && said("enabled").is_ok_and(|modes| !modes.contains("[never]"))
        && said("hpage_pmd_size").is_ok_and(|size| size.trim() == HUGE.to_string())
});

/// Bytes that are mapped, of all stores: `malloc` knows nothing of them.
static MAPPED_NOW: AtomicUsize = AtomicUsize::new(0);

/// Bytes that the stores of this process have mapped.
#[must_use]
pub fn mapped_bytes() -> usize {
    MAPPED_NOW.load(Relaxed)
}

/// Copies words out. The caller holds a lock that keeps them from being written (see the top of this file).
pub(super) fn copy_words(words: &[AtomicU64], out: &mut [u8]) {
    #[cfg(any(shuttle, target_endian = "big"))]
    for (word, chunk) in words.iter().zip(out.as_chunks_mut::<WORD>().0) {
        *chunk = word.load(Relaxed).to_le_bytes();
    }
    #[cfg(not(any(shuttle, target_endian = "big")))]
    {
        let length = out.len().min(size_of_val(words));
        // SAFETY: nobody writes these words meanwhile, by the invariant at the top of this file; they are as many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), length) };
        out[..length].copy_from_slice(bytes);
    }
}

/// Copies bytes into words, `at` bytes after their start. The caller holds the locks that it takes to write (see the top of
/// this file).
pub(super) fn copy_bytes(bytes: &[u8], words: &[AtomicU64], at: usize) {
    assert!(at + bytes.len() <= size_of_val(words), "an entry is written to where it has room");
    #[cfg(any(shuttle, target_endian = "big"))]
    for (at, &byte) in (at..).zip(bytes) {
        let (word, shift) = (&words[at / WORD], 8 * (at % WORD));
        word.store(word.load(Relaxed) & !(0xff << shift) | u64::from(byte) << shift, Relaxed);
    }
    #[cfg(not(any(shuttle, target_endian = "big")))]
    {
        let to = words.as_ptr().cast::<u8>().cast_mut().wrapping_add(at);
        // SAFETY: there is room, as was just asserted; atomics may be written to through a shared reference; nobody reads or
        // writes them meanwhile, by the invariant at the top of this file, and the bytes are nobody's memory of entries.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
    }
}

/// Copies words to as many others. The caller holds the locks that it takes to read the ones and write the others (see the
/// top of this file).
pub(super) fn move_words(from: &[AtomicU64], to: &[AtomicU64]) {
    let length = from.len().min(to.len());
    #[cfg(shuttle)]
    for (from, to) in from.iter().zip(&to[..length]) {
        to.store(from.load(Relaxed), Relaxed);
    }
    #[cfg(not(shuttle))]
    {
        let to = to.as_ptr().cast_mut().cast::<u64>();
        // SAFETY: as in `copy_bytes`; these are words of segments too, so the two might overlap, which `copy` allows.
        unsafe { std::ptr::copy(from.as_ptr().cast::<u64>(), to, length) };
    }
}

/// A run of words, zero at first.
#[derive(Debug)]
pub(super) enum Words {
    Allocated(Box<[AtomicU64]>),
    /// From so many bytes on in the mapping.
    Mapped {
        map: MmapRaw,
        skip: usize,
        length: usize,
    },
}

impl Words {
    /// A few, which need no mapping.
    pub(super) fn small(length: usize) -> Self {
        Self::Allocated((0..length).map(|_| AtomicU64::new(0)).collect())
    }

    /// `None` where the system has no memory left to map.
    pub(super) fn new(length: usize) -> Option<Self> {
        if length * WORD < MAPPED || cfg!(any(miri, shuttle)) {
            return Some(Self::small(length));
        }
        let map = MmapMut::map_anon(length * WORD).ok()?;
        MAPPED_NOW.fetch_add(Self::cost(length), Relaxed);
        Some(Self::Mapped { map: MmapRaw::from(map), skip: 0, length })
    }

    /// A huge page's words, in one if the system has one to give: then each entry in it is found without looking up where
    /// its page of 4 KB is, which in a store of gigabytes took longer than reading the entry. It may move other memory out
    /// of the way first, so that this takes milliseconds now and then: not for the thread that writes. `None` where it has
    /// no memory left to map.
    pub(super) fn huge() -> Option<Self> {
        // What is before and after the page is never touched, and so takes no memory.
        let mut map = MmapMut::map_anon(2 * HUGE).ok()?;
        // Where it has none, these are ordinary pages.
        #[cfg(target_os = "linux")]
        map.advise(memmap2::Advice::HugePage).ok();
        let skip = map.as_ptr().align_offset(HUGE);
        for page in map[skip..skip + HUGE].chunks_mut(PAGE) {
            page[0] = 0;
        }
        MAPPED_NOW.fetch_add(HUGE, Relaxed);
        Some(Self::Mapped { map: MmapRaw::from(map), skip, length: HUGE / WORD })
    }

    /// Whether they are a huge page's.
    pub(super) fn is_huge(&self) -> bool {
        matches!(self, Self::Mapped { map, .. } if map.len() > HUGE)
    }

    pub(super) fn as_slice(&self) -> &[AtomicU64] {
        match self {
            Self::Allocated(words) => words,
            Self::Mapped { map, skip, length } => {
                #[expect(clippy::cast_ptr_alignment, reason = "a mapping starts at a page")]
                let start = map.as_ptr().wrapping_add(*skip).cast::<AtomicU64>();
                // SAFETY: the invariant at the top of this file.
                unsafe { std::slice::from_raw_parts(start, *length) }
            }
        }
    }

    /// Where they lie.
    pub(super) fn addresses(&self) -> Range<usize> {
        let range = self.as_slice().as_ptr_range();
        range.start.addr()..range.end.addr()
    }

    /// Bytes of memory that this many words take.
    pub(super) fn cost(length: usize) -> usize {
        /// Of the allocator's own bookkeeping.
        const HEADER: usize = 16;
        let bytes = length * WORD;
        if bytes < MAPPED { bytes + HEADER } else { bytes.next_multiple_of(PAGE) }
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        if let Self::Mapped { length, .. } = self {
            MAPPED_NOW.fetch_sub(Self::cost(*length), Relaxed);
        }
    }
}
