//! The next segments of a large store, made ready by a thread of its own: in huge pages, which the system may have to make
//! room for first, and touched, so that the thread that writes waits for neither. When nobody needs them any more at once,
//! what was written to ordinary pages meanwhile moves to huge ones (`moving.rs`).

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use parking_lot::Mutex;

use super::Opened;
use super::words::{HAS_HUGE, HUGE, WORD, Words};
use crate::keeper::{Keeper, Registration};

/// Segments ordered at a time: enough for somebody who fills a store as fast as JavaScript can.
const MOST: usize = 3;
/// Between two segments that move: a few hundred MiB a second.
const PACE: Duration = Duration::from_millis(5);

/// What a store has ordered.
#[derive(Debug, Default)]
pub(super) struct Ahead(Arc<Mutex<Orders>>);

#[derive(Debug, Default)]
struct Orders {
    wanted: usize,
    made: Vec<Words>,
    /// How often these are in the queue: as often as segments are wanted, or were until somebody could no longer wait.
    queued: usize,
}

static QUEUE: Mutex<Vec<Arc<Mutex<Orders>>>> = Mutex::new(Vec::new());
static TASK: LazyLock<Option<Registration>> = LazyLock::new(|| {
    Keeper::patient().register(|| {
        make_all();
        move_some()
    })
});

impl Orders {
    fn count(&self) -> usize {
        self.wanted + self.made.len()
    }
}

impl Ahead {
    /// Whether segments of so many words can be ordered.
    pub(super) fn makes(words: usize) -> bool {
        HAS_HUGE && words * WORD == HUGE
    }

    /// Segments ordered, made or not.
    pub(super) fn count(&self) -> usize {
        self.0.lock().count()
    }

    /// Orders one more, unless that are enough, or there is nobody to make it.
    pub(super) fn order(&self) -> bool {
        let Some(task) = &*TASK else { return false };
        let mut orders = self.0.lock();
        if orders.count() >= MOST {
            return false;
        }
        orders.wanted += 1;
        if orders.queued < orders.wanted {
            orders.queued += 1;
            QUEUE.lock().push(Arc::clone(&self.0));
            task.wake();
        }
        true
    }

    /// Whether some are ready, and all that were ordered.
    pub(super) fn is_ready(&self) -> bool {
        let orders = self.0.lock();
        orders.wanted == 0 && !orders.made.is_empty()
    }

    /// One that was ordered, if one is ready. There is one order less in any case.
    pub(super) fn take(&self) -> Option<Words> {
        let mut orders = self.0.lock();
        let made = orders.made.pop();
        if made.is_none() {
            orders.wanted = orders.wanted.saturating_sub(1);
        }
        made
    }

    /// Ends all orders.
    pub(super) fn clear(&self) {
        let mut orders = self.0.lock();
        orders.wanted = 0;
        orders.made.clear();
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // Whoever makes them holds them as well.
        self.clear();
    }
}

fn make_all() {
    loop {
        // The guard ends with this line: nobody waits for what follows.
        let Some(ahead) = QUEUE.lock().pop() else { return };
        let wanted = {
            let mut orders = ahead.lock();
            orders.queued -= 1;
            orders.wanted > 0
        };
        let made = if wanted { Words::huge() } else { None };
        let mut orders = ahead.lock();
        if orders.wanted > 0
            && let Some(words) = made
        {
            orders.wanted -= 1;
            orders.made.push(words);
        }
    }
}

/// Moves a segment of each store, where there is one to move; when to go on.
fn move_some() -> Option<Duration> {
    let stores = Opened::all();
    let moved = stores.iter().filter(|opened| opened.store.move_to_huge_page()).count();
    (moved > 0).then_some(PACE)
}

#[cfg(all(test, target_os = "linux", not(any(miri, shuttle))))]
mod tests {
    use super::super::model::{key, open, value};
    use super::super::words::GIVES_HUGE;
    use super::super::{Handle, Opened, PolicyKind, Store, Wanted};
    use super::*;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    const MIB: usize = 1 << 20;

    /// Fills a store with some 64 KiB at a time until its log has so many segments.
    fn fill(handle: &mut Handle, segments: usize) {
        let bytes = vec![7; 64 << 10];
        let store = Arc::clone(handle.store());
        for number in 0_u32.. {
            if store.writer.lock().log.segments.len() >= segments {
                break;
            }
            assert!(store.set(handle, key(&number.to_le_bytes()), value(&bytes), f64::INFINITY));
        }
    }

    fn wait_until_made(store: &Store) {
        let begun = Instant::now();
        while store.writer.lock().ahead.0.lock().made.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody makes it");
            sleep(Duration::from_millis(1));
        }
    }

    fn ordered(store: &Store) -> usize {
        store.writer.lock().ahead.count()
    }

    fn huge(store: &Store) -> usize {
        store.writer.lock().log.segments.iter().flatten().filter(|segment| segment.words.is_huge()).count()
    }

    #[test]
    fn a_store_that_grows_has_its_segments_made_in_advance_and_counted() {
        let mut handle = open(256 * MIB, usize::MAX, PolicyKind::Lru);
        let store = Arc::clone(handle.store());
        fill(&mut handle, 3);
        assert_eq!(ordered(&store), 0, "small stores order nothing");
        fill(&mut handle, 4);
        assert_eq!(ordered(&store), MOST);
        store.validate().expect("ordered bytes are counted");
        wait_until_made(&store);
        store.validate().expect("made ones too");
        fill(&mut handle, 5);
        assert_eq!(huge(&store), 1);
        store.validate().expect("taken ones once");
        let before = store.bytes();
        store.clear();
        assert_eq!(ordered(&store), 0);
        assert!(store.bytes() < before / 10);
        store.validate().expect("nothing is left");
    }

    /// What was written to ordinary pages, as no other were ready, moves, also while it is being read. (Not where the system
    /// gives no huge pages.)
    #[test]
    fn what_lies_in_ordinary_pages_moves_to_huge_ones() {
        if !*GIVES_HUGE {
            return;
        }
        let wanted = Wanted { max_bytes: Some(256 * MIB), ..Wanted::default() };
        let opened = Opened::open("ahead", &wanted).expect("the name is this test's");
        let store = &opened.store;
        let mut handle = Handle::new(Arc::clone(store));
        fill(&mut handle, 3);
        let ordinary = || store.writer.lock().log.ordinary().is_some();
        assert!(ordinary(), "the first few are");
        fill(&mut handle, 60);
        let held = || {
            let writer = store.writer.lock();
            writer.bytes() - writer.ahead.count() * HUGE
        };
        let before = held();
        let bytes = vec![7; 64 << 10];
        let read = store.get(&mut handle, key(&0_u32.to_le_bytes()), true, |found| {
            let begun = Instant::now();
            while ordinary() {
                assert!(begun.elapsed() < Duration::from_secs(20), "nobody moves them");
                sleep(Duration::from_millis(1));
            }
            found.bytes == bytes
        });
        assert_eq!(read, Some(true));
        store.move_to_huge_page();
        assert!(!store.writer.lock().log.has_pinned(), "nobody reads what has moved any more");
        assert_eq!(held(), before);
        store.validate().expect("all is where it was");
        for number in 0..u32::try_from(store.len()).expect("few") {
            let same = store.get(&mut handle, key(&number.to_le_bytes()), true, |found| found.bytes == bytes);
            assert_eq!(same, Some(true), "{number}");
        }
    }

    #[test]
    fn what_is_ordered_gives_way_to_entries() {
        let mut handle = open(128 * MIB, usize::MAX, PolicyKind::Lru);
        let store = Arc::clone(handle.store());
        let bytes = vec![7; 100 << 10];
        for number in 0_u32..2000 {
            assert!(store.set(&mut handle, key(&number.to_le_bytes()), value(&bytes), f64::INFINITY));
            assert!(store.bytes() <= 128 * MIB);
        }
        store.validate().expect("full");
        assert_eq!(ordered(&store), 0, "there is no room for one more");
        assert!(store.writer.lock().payload > 110 * MIB);
    }
}
