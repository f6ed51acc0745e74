//! Expired entries are removed though nobody asks for them: the keeper looks at all stores once a second, as long as
//! one of them has an entry that will expire.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Opened;
use crate::keeper::{Keeper, Registration};
use crate::time::now_ms;

/// Between two looks, and so how long an expired entry is held at most.
const PACE: Duration = Duration::from_secs(1);

static AWAKE: AtomicBool = AtomicBool::new(false);
static TASK: LazyLock<Option<Registration>> = LazyLock::new(|| Keeper::global().register(look));

/// Something that expires was stored.
pub fn expires() {
    if !AWAKE.load(Ordering::Relaxed)
        && !AWAKE.swap(true, Ordering::Relaxed)
        && let Some(task) = &*TASK
    {
        task.wake();
    }
}

fn look() -> Option<Duration> {
    // Before the look: what is stored during it wakes the keeper again.
    AWAKE.store(false, Ordering::Relaxed);
    let mut more = false;
    for opened in Opened::all() {
        if opened.store.earliest() <= now_ms() {
            opened.store.purge();
        }
        more |= opened.store.earliest() < f64::INFINITY;
    }
    if more {
        AWAKE.store(true, Ordering::Relaxed);
    }
    more.then_some(PACE)
}
