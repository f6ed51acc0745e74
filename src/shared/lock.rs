//! The lock of a shard, for data that is read far more often than written: readers write to no memory that others write
//! to, so that threads on different processors do not wait for each other's caches.
//!
//! Each reader has a mark of its own, in which it says what it is reading. A writer says that it writes, and waits until
//! no mark says that it is read; a reader that finds somebody writing takes its mark back and waits. (The idea of Linux's
//! `brlock`.) What two readers of a `RwLock` cost each other is in `docs/design/shared.md`.
//!
//! A reader may give the lock back and keep what it has found, by its address: a [`Pin`]. Nobody waits for that; who wants to
//! overwrite the memory there, or give it back, asks [`Readers::have_pinned`] and does something else. (Michael: "Hazard
//! Pointers: Safe Memory Reclamation for Lock-Free Objects", IEEE TPDS 2004.) Whoever has written to what led there, and so
//! waited for its readers, sees all pins of before, and there are no new ones once nothing leads there any more.
//!
//! Unsafe: the data is in an `UnsafeCell`. Invariant: it is only written by [`Guarded::write`] and its kin, which borrow
//! the [`Readers`] exclusively, so one at a time, and with no mark that names it, of those that [`Readers`] lists; and it
//! is only read by [`Guarded::read`], after its mark was seen to be set while nobody wrote, by a reader that is listed
//! there, or by [`Guarded::look`], which borrows the [`Readers`]. There is one `Readers` for all the data of a store, and
//! a [`Reader`] is only used with the store that it was made with (`Handle` asserts that).

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::sync::{AtomicBool, AtomicUsize, pause};

/// Data that is read under marks.
#[derive(Debug)]
pub(super) struct Guarded<T> {
    writing: AtomicBool,
    data: UnsafeCell<T>,
}

// SAFETY: readers on several threads share `&T`, one writer at a time has `&mut T`, never both: see the invariant above.
unsafe impl<T: Send + Sync> Sync for Guarded<T> {}

/// What a reader is reading. In a cache line of its own.
#[derive(Debug)]
#[repr(align(128))]
struct Mark {
    /// The address of a [`Guarded`], or 0.
    reading: AtomicUsize,
    /// The address of what it has pinned, or 0.
    pinned: AtomicUsize,
}

/// Somebody who reads, one thing at a time.
#[derive(Debug)]
pub(super) struct Reader(Arc<Mark>);

/// All readers of a store.
#[derive(Debug, Default)]
pub(super) struct Readers(Vec<Arc<Mark>>);

impl Readers {
    pub(super) fn add(&mut self) -> Reader {
        let mark = Arc::new(Mark { reading: AtomicUsize::new(0), pinned: AtomicUsize::new(0) });
        self.0.push(Arc::clone(&mark));
        Reader(mark)
    }

    pub(super) fn remove(&mut self, reader: &Reader) {
        self.0.retain(|mark| !Arc::ptr_eq(mark, &reader.0));
    }

    /// Whether somebody has pinned one of these addresses.
    pub(super) fn have_pinned(&self, addresses: &Range<usize>) -> bool {
        self.0.iter().any(|mark| addresses.contains(&mark.pinned.load(Acquire)))
    }
}

impl<T> Guarded<T> {
    pub(super) fn new(data: T) -> Self {
        Self { writing: AtomicBool::new(false), data: UnsafeCell::new(data) }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Reads; waits while somebody writes.
    pub(super) fn read<'a>(&'a self, reader: &'a mut Reader) -> Reading<'a, T> {
        let mark = &*reader.0;
        loop {
            // Both this and the writer's are in one order: either it sees this mark, or this thread sees it writing.
            mark.reading.store(self.address(), SeqCst);
            if !self.writing.load(SeqCst) {
                break;
            }
            mark.reading.store(0, Release);
            wait_while(|| self.writing.load(Acquire));
        }
        Reading { guarded: self, mark }
    }

    /// Reads, by whoever may write.
    pub(super) fn look<'a>(&'a self, _: &'a Readers) -> &'a T {
        // SAFETY: writing borrows the readers exclusively (the invariant at the top of this file).
        unsafe { &*self.data.get() }
    }

    /// Writes, when nobody reads any more.
    pub(super) fn write<'a>(&'a self, readers: &'a mut Readers) -> Writing<'a, T> {
        self.close();
        self.wait_for(readers);
        Writing { guarded: self, readers }
    }

    /// Writes to all of them at one time, as others see it.
    pub(super) fn write_all(all: &[Self], readers: &mut Readers, mut change: impl FnMut(&mut T)) {
        all.iter().for_each(Self::close);
        let readers = &*readers;
        let mut guards: Vec<_> = all.iter().map(|guarded| Writing { guarded, readers }).collect();
        for one in all {
            one.wait_for(readers);
        }
        for guard in &mut guards {
            change(guard);
        }
    }

    fn close(&self) {
        self.writing.store(true, SeqCst);
    }

    fn open(&self) {
        self.writing.store(false, Release);
    }

    fn wait_for(&self, readers: &Readers) {
        for mark in &readers.0 {
            wait_while(|| mark.reading.load(SeqCst) == self.address());
        }
    }
}

/// Spins, then lets others run, then sleeps: what is waited for takes less than a microsecond, unless its thread does not
/// run.
fn wait_while(busy: impl Fn() -> bool) {
    let mut round = 0;
    while busy() {
        pause(round);
        round += 1;
    }
}

/// Data that is being read. It has no reference to the data itself, which would have to be valid for as long as a function
/// takes that this is given to, and so after the lock has been given back.
#[derive(Debug)]
pub(super) struct Reading<'a, T> {
    guarded: &'a Guarded<T>,
    mark: &'a Mark,
}

impl<'a, T> Reading<'a, T> {
    /// Gives the lock back, and pins what lies at an address.
    pub(super) fn pin(self, address: usize) -> Pin<'a> {
        let mark = self.mark;
        // Whoever sees the mark taken back, which follows, sees this as well.
        mark.pinned.store(address, Relaxed);
        Pin(mark)
    }
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the mark is set, and nobody writes (the invariant at the top of this file).
        unsafe { &*self.guarded.data.get() }
    }
}

impl<T> Drop for Reading<'_, T> {
    fn drop(&mut self) {
        self.mark.reading.store(0, Release);
    }
}

/// An address that is pinned.
#[derive(Debug)]
pub(super) struct Pin<'a>(&'a Mark);

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.0.pinned.store(0, Release);
    }
}

/// Data that is being written.
#[derive(Debug)]
pub(super) struct Writing<'a, T> {
    guarded: &'a Guarded<T>,
    readers: &'a Readers,
}

impl<T> Writing<'_, T> {
    /// Whether somebody has pinned this address. While this exists nobody else does, if only what is in this data leads there.
    pub(super) fn is_pinned(&self, address: usize) -> bool {
        self.readers.have_pinned(&(address..address + 1))
    }
}

impl<T> Deref for Writing<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: nobody else reads or writes while this exists (the invariant at the top of this file).
        unsafe { &*self.guarded.data.get() }
    }
}

impl<T> DerefMut for Writing<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { &mut *self.guarded.data.get() }
    }
}

impl<T> Drop for Writing<'_, T> {
    fn drop(&mut self) {
        self.guarded.open();
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::super::rounds;
    use super::*;
    use parking_lot::Mutex;
    use std::thread;

    /// What is read is never half of a change, of one or of all.
    #[test]
    fn a_reader_sees_all_of_a_change_or_nothing() {
        let all: Vec<_> = (0..3).map(|_| Guarded::new([0_u64; 8])).collect();
        let readers = Mutex::new(Readers::default());
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for reader in 0..3 {
                let (all, readers, done) = (&all, &readers, &done);
                scope.spawn(move || {
                    let mut mine = readers.lock().add();
                    let mut last = 0;
                    while !done.load(Relaxed) {
                        let data = all[reader].read(&mut mine);
                        assert!(data.iter().all(|&number| number == data[0]), "{:?}", *data);
                        assert!(data[0] >= last);
                        last = data[0];
                    }
                    readers.lock().remove(&mine);
                });
            }
            for round in 1..u64::from(rounds(20_000)) {
                let mut readers = readers.lock();
                let one = &all[usize::try_from(round % 3).expect("small")];
                if round % 50 == 0 {
                    Guarded::write_all(&all, &mut readers, |data| data.fill(round));
                } else {
                    one.write(&mut readers).iter_mut().for_each(|number| *number = round);
                    assert_eq!(one.look(&readers)[7], round);
                }
            }
            done.store(true, Relaxed);
        });
        assert!(readers.lock().0.is_empty());
    }
}
