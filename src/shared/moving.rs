//! Segments of a large store that lie in ordinary pages move to huge ones. A loop that fills a store is faster than the thread
//! that makes huge pages ready (`ahead.rs`), and goes on in ordinary ones; a look-up there takes a tenth longer, for as long
//! as the store lives. So the same thread moves what was left behind, one segment at a time, when the loop has ended.
//!
//! A segment keeps its number, so that no entry's place changes: its memory is copied, which takes the writer's lock for some
//! tenths of a millisecond, and the directory is told the new address. Readers wait for nothing but a look at their marks.

use std::sync::Arc;

use super::store::Store;
use super::words::{GIVES_HUGE, Words, move_words};
use super::writer::{Shards, Writer};

impl Store {
    /// Moves one segment to a huge page that is ready and that nobody needs more; whether it has.
    pub(super) fn move_to_huge_page(&self) -> bool {
        *GIVES_HUGE && self.writer.lock().move_to_huge_page(&self.shards)
    }
}

impl Writer {
    fn move_to_huge_page(&mut self, shards: &Shards) -> bool {
        // What somebody was still reading when it moved.
        self.unpin();
        let Some(number) = self.log.ordinary() else { return false };
        self.order_segments();
        // While the store grows, those that are ready are for what comes.
        if !self.ahead.is_ready() {
            return false;
        }
        let Some(words) = self.take_back() else { return false };
        self.move_segment(shards, number, words);
        true
    }

    /// Moves a segment to other memory of the same length, which counts as held from now on instead of what it had.
    fn move_segment(&mut self, shards: &Shards, number: usize, words: Words) {
        let words = Arc::new(words);
        let segment = self.log.segment(number);
        move_words(&segment.words.as_slice()[..segment.used], words.as_slice());
        self.directory.note(number, &words);
        // Whoever may have found the old address has given the lock back after this, and reads what it has pinned or nothing.
        for shard in shards {
            drop(shard.write(&mut self.readers));
        }
        if self.log.replace(number, words, &self.readers) {
            self.held += self.log.segment_bytes();
        }
    }
}

#[cfg(test)]
impl Store {
    /// Moves a segment that is not empty to other memory, if there are bytes for it.
    pub(super) fn move_any(&self, pick: usize) {
        let mut writer = self.writer.lock();
        let numbered = writer.log.segments.iter().enumerate();
        let used = numbered.filter(|(_, segment)| segment.as_ref().is_some_and(|segment| segment.used > 0));
        let used: Vec<usize> = used.map(|(number, _)| number).collect();
        let length = writer.log.length;
        if let Some(&number) = used.get(pick % used.len().max(1))
            && !writer.over(writer.log.segment_bytes())
            && let Some(words) = Words::new(length)
        {
            writer.move_segment(&self.shards, number, words);
        }
    }
}
