//! The log: entries are appended to segments, in the order in which they are written. What is removed leaves a hole;
//! a segment with many holes is *cleaned*: what still lives in it is appended elsewhere, and the segment is empty.
//!
//! So any free byte serves an entry of any size, whatever sizes came before: there are no size classes that could
//! run short, and no holes that are too small (Rumble, Kejriwal, Ousterhout: "Log-structured Memory for DRAM-based
//! Storage", FAST 2014). What it costs is copying, and a share of the memory that is holes at any time.
//!
//! What is written anew and what cleaning moves go to different segments: entries of like age tend to leave together,
//! and then a segment is found empty and nothing has to be copied (FAST 2014, §6.2).

use std::sync::Arc;

use super::lock::Readers;
use super::words::Words;

/// Of a segment that is being filled or has been.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) words: Arc<Words>,
    /// Words appended, from the start on.
    pub(super) used: usize,
    /// Words of entries that live.
    pub(super) live: usize,
    /// Not later than the earliest deadline in it.
    pub(super) earliest: f64,
}

impl Segment {
    /// With nothing in it.
    fn empty(words: Arc<Words>) -> Self {
        Self { words, used: 0, live: 0, earliest: f64::INFINITY }
    }

    /// Whether somebody still reads something of it.
    fn is_read(&self, readers: &Readers) -> bool {
        readers.have_pinned(&self.words.addresses())
    }
}

/// The two ends of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// What is written anew.
    New,
    /// What cleaning moves.
    Old,
}

/// All segments.
#[derive(Debug)]
pub(super) struct Log {
    /// Words per segment, a power of two.
    pub(super) length: usize,
    pub(super) segments: Vec<Option<Segment>>,
    /// Segments with nothing in them.
    pub(super) empty: Vec<usize>,
    /// Segments with nothing in them, of which somebody still reads something (`lock.rs`), among them what others had before
    /// they moved.
    pinned: Vec<usize>,
    /// Numbers that no segment has.
    released: Vec<usize>,
    ends: [Option<usize>; 2],
}

impl Log {
    pub(super) fn new(length: usize) -> Self {
        let (segments, empty, pinned, released) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { length, segments, empty, pinned, released, ends: [None; 2] }
    }

    /// Bytes that a segment takes.
    pub(super) fn segment_bytes(&self) -> usize {
        Words::cost(self.length)
    }

    pub(super) fn segment(&mut self, number: usize) -> &mut Segment {
        match &mut self.segments[number] {
            Some(segment) => segment,
            None => unreachable!("only segments that are held are asked for"),
        }
    }

    /// A place for so many words at this end, from what is held: the current segment, else an empty one.
    pub(super) fn append(
        &mut self,
        end: End,
        words: usize,
        deadline: f64,
        readers: &Readers,
    ) -> Option<(usize, usize)> {
        let number = match self.ends[end as usize] {
            Some(number) if self.has_room(number, words) => number,
            _ => {
                self.close(end, readers);
                let number = self.empty.pop()?;
                self.ends[end as usize] = Some(number);
                number
            }
        };
        let segment = self.segment(number);
        let offset = segment.used;
        segment.used += words;
        segment.live += words;
        segment.earliest = segment.earliest.min(deadline);
        Some((number, offset))
    }

    /// Whether the current segment at this end has room for so many words.
    pub(super) fn fits(&self, end: End, words: usize) -> bool {
        self.ends[end as usize].is_some_and(|number| self.has_room(number, words))
    }

    fn has_room(&self, number: usize, words: usize) -> bool {
        self.segments[number].as_ref().is_some_and(|segment| segment.used + words <= self.length)
    }

    /// The number that the next segment will have.
    pub(super) fn next(&self) -> usize {
        self.released.last().copied().unwrap_or(self.segments.len())
    }

    /// Adds an empty segment, under the next number.
    pub(super) fn add(&mut self, words: Arc<Words>) {
        let number = self.add_number();
        self.segments[number] = Some(Segment::empty(words));
        self.empty.push(number);
    }

    fn add_number(&mut self) -> usize {
        let number = self.next();
        if self.released.pop().is_none() {
            self.segments.push(None);
        }
        number
    }

    /// A segment in ordinary pages that is in use, and that nothing is appended to any more.
    pub(super) fn ordinary(&self) -> Option<usize> {
        self.segments.iter().enumerate().position(|(number, segment)| {
            let ordinary =
                segment.as_ref().is_some_and(|segment| segment.live > 0 && !segment.words.is_huge());
            ordinary && !self.ends.contains(&Some(number))
        })
    }

    /// Gives a segment other memory, with the same in it. Whether somebody still reads what it had: then that is kept, under
    /// the next number, as what waits to be given up.
    pub(super) fn replace(&mut self, number: usize, words: Arc<Words>, readers: &Readers) -> bool {
        let old = Segment::empty(std::mem::replace(&mut self.segment(number).words, words));
        let read = old.is_read(readers);
        if read {
            let number = self.add_number();
            self.segments[number] = Some(old);
            self.pinned.push(number);
        }
        read
    }

    /// Gives up an empty segment, if there is one.
    pub(super) fn release(&mut self) -> bool {
        let Some(number) = self.empty.pop() else { return false };
        self.give_up(number);
        true
    }

    fn give_up(&mut self, number: usize) {
        self.segments[number] = None;
        self.released.push(number);
    }

    /// Notes that words of a segment are a hole now. What was there can no longer be found.
    pub(super) fn died(&mut self, number: usize, words: usize, readers: &Readers) {
        let is_end = self.ends.contains(&Some(number));
        let segment = self.segment(number);
        segment.live -= words;
        if segment.live == 0 && !is_end {
            self.emptied(number, readers);
        }
    }

    /// Makes a segment in which nothing lives an empty one, or, where somebody still reads it, one that waits to be given up.
    fn emptied(&mut self, number: usize, readers: &Readers) {
        let segment = self.segment(number);
        (segment.used, segment.live, segment.earliest) = (0, 0, f64::INFINITY);
        if segment.is_read(readers) { &mut self.pinned } else { &mut self.empty }.push(number);
    }

    /// Whether there are segments that somebody still reads, though nothing lives in them.
    #[cfg(test)]
    pub(super) fn has_pinned(&self) -> bool {
        !self.pinned.is_empty()
    }

    /// Gives up those that nobody reads any more; how many.
    pub(super) fn unpin(&mut self, readers: &Readers) -> usize {
        let mut given_up = 0;
        for number in std::mem::take(&mut self.pinned) {
            if self.segment(number).is_read(readers) {
                self.pinned.push(number);
            } else {
                self.give_up(number);
                given_up += 1;
            }
        }
        given_up
    }

    /// The segment in which the least lives, besides the ends and the empty ones.
    pub(super) fn emptiest(&self) -> Option<(usize, usize)> {
        let numbered = self.segments.iter().enumerate();
        numbered
            .filter(|(number, _)| !self.ends.contains(&Some(*number)))
            .filter_map(|(number, segment)| segment.as_ref().map(|segment| (number, segment)))
            .filter(|(_, segment)| segment.used > 0)
            .map(|(number, segment)| (number, segment.live))
            .min_by_key(|&(_, live)| live)
    }

    /// Ends the segment at this end: what comes next goes to another one.
    pub(super) fn close(&mut self, end: End, readers: &Readers) {
        if let Some(number) = self.ends[end as usize].take()
            && self.segment(number).live == 0
        {
            self.emptied(number, readers);
        }
    }

    /// Gives up everything that nobody reads any more; how many segments that leaves. Nothing can be found.
    pub(super) fn clear(&mut self, readers: &Readers) -> usize {
        let mut left = Self::new(self.length);
        for (number, segment) in std::mem::take(&mut self.segments).into_iter().enumerate() {
            let read = segment.filter(|segment| segment.is_read(readers));
            if read.is_some() { &mut left.pinned } else { &mut left.released }.push(number);
            left.segments.push(read.map(|segment| Segment::empty(segment.words)));
        }
        // The lowest numbers are used first.
        left.released.reverse();
        *self = if left.pinned.is_empty() { Self::new(self.length) } else { left };
        self.pinned.len()
    }
}
