//! The keeper: one background thread per process for everything plateau does outside the event loop, and a second for what
//! may take long.
//!
//! It runs registered tasks when they are due and parks on a condition variable otherwise: an idle process
//! has no wake-ups from it. A task is a closure that says when it wants to run next. It runs under its own
//! lock, so that [`Registration`]'s drop returns only when the task is not running and never will again:
//! whatever memory it uses may be freed then. A panic ends the task, not the thread.
//!
//! The thread starts with the first task, is never joined and holds nothing that keeps Node alive.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// Runs once; `Some(pause)` asks to run again after that long, `None` to sleep until woken.
type Task = Box<dyn FnMut() -> Option<Duration> + Send>;

struct Entry {
    id: u64,
    due: Option<Instant>,
    task: Arc<Mutex<Option<Task>>>,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    next_id: u64,
    started: bool,
}

/// The thread's shared half.
pub struct Keeper {
    name: &'static str,
    state: Mutex<State>,
    changed: Condvar,
}

impl Default for Keeper {
    fn default() -> Self {
        Self::named("plateau-keeper")
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("tasks", &self.tasks()).finish_non_exhaustive()
    }
}

/// A task's place with the keeper; dropping it ends the task and waits for a run under way.
#[derive(Debug)]
pub struct Registration {
    keeper: &'static Keeper,
    id: u64,
}

impl Keeper {
    /// The process's keeper.
    pub fn global() -> &'static Self {
        static KEEPER: OnceLock<Keeper> = OnceLock::new();
        KEEPER.get_or_init(Self::default)
    }

    /// Another one, with a thread of its own, for what the system may take its time for: everything else goes on.
    pub fn patient() -> &'static Self {
        static KEEPER: OnceLock<Keeper> = OnceLock::new();
        KEEPER.get_or_init(|| Self::named("plateau-memory"))
    }

    fn named(name: &'static str) -> Self {
        Self { name, state: Mutex::default(), changed: Condvar::default() }
    }

    /// Adds a task, asleep until its first [`Registration::wake`]. `None` when no thread can be had.
    pub fn register(
        &'static self,
        task: impl FnMut() -> Option<Duration> + Send + 'static,
    ) -> Option<Registration> {
        let mut state = self.state.lock();
        if !state.started {
            let spawned = thread::Builder::new()
                .name(self.name.into())
                .stack_size(256 * 1024)
                .spawn(move || self.run());
            state.started = spawned.is_ok();
            if !state.started {
                return None;
            }
        }
        let id = state.next_id;
        state.next_id += 1;
        state.entries.push(Entry { id, due: None, task: Arc::new(Mutex::new(Some(Box::new(task)))) });
        Some(Registration { keeper: self, id })
    }

    /// Tasks registered now.
    pub fn tasks(&self) -> usize {
        self.state.lock().entries.len()
    }

    fn run(&self) {
        let mut state = self.state.lock();
        loop {
            let soonest = state.entries.iter().filter_map(|entry| Some((entry.due?, entry.id))).min();
            let Some((due, id)) = soonest else {
                self.changed.wait(&mut state);
                continue;
            };
            if due > Instant::now() {
                self.changed.wait_until(&mut state, due);
                continue;
            }
            let Some(entry) = state.entries.iter_mut().find(|entry| entry.id == id) else { continue };
            // Cleared before the run, so that a wake-up during it is not lost.
            entry.due = None;
            let task = Arc::clone(&entry.task);
            let pause = MutexGuard::unlocked(&mut state, || {
                let mut task = task.lock();
                let pause = task.as_mut().map(|run| catch_unwind(AssertUnwindSafe(run)));
                if matches!(pause, Some(Err(_))) {
                    *task = None;
                }
                pause.and_then(Result::ok).flatten()
            });
            if let Some(pause) = pause {
                Self::schedule(&mut state, id, pause);
            }
        }
    }

    fn schedule(state: &mut State, id: u64, pause: Duration) {
        if let Some(entry) = state.entries.iter_mut().find(|entry| entry.id == id) {
            let due = Instant::now() + pause;
            entry.due = Some(entry.due.map_or(due, |already| already.min(due)));
        }
    }
}

impl Registration {
    /// Makes the task due now. Costs a lock and, when the keeper is parked, one futex call.
    pub fn wake(&self) {
        let mut state = self.keeper.state.lock();
        Keeper::schedule(&mut state, self.id, Duration::ZERO);
        drop(state);
        self.keeper.changed.notify_one();
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = self.keeper.state.lock();
        let Some(at) = state.entries.iter().position(|entry| entry.id == self.id) else { return };
        let entry = state.entries.swap_remove(at);
        drop(state);
        // Waits for a run under way; afterwards the keeper finds nothing to run.
        *entry.task.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    fn keeper() -> &'static Keeper {
        Box::leak(Box::default())
    }

    #[test]
    fn a_task_sleeps_until_woken_and_runs_again_when_it_asks_to() {
        let (sent, received) = mpsc::channel();
        let mut runs = 0;
        let registration = keeper()
            .register(move || {
                runs += 1;
                sent.send(runs).unwrap();
                (runs < 3).then_some(Duration::from_millis(1))
            })
            .unwrap();
        assert!(received.recv_timeout(Duration::from_millis(20)).is_err());
        registration.wake();
        assert_eq!(received.recv().unwrap(), 1);
        assert_eq!(received.recv().unwrap(), 2);
        assert_eq!(received.recv().unwrap(), 3);
        assert!(received.recv_timeout(Duration::from_millis(20)).is_err());
    }

    #[test]
    fn after_the_drop_a_task_does_not_run_and_what_it_held_is_gone() {
        let keeper = keeper();
        let held = Arc::new(AtomicUsize::new(0));
        let inside = Arc::clone(&held);
        let registration = keeper
            .register(move || {
                inside.fetch_add(1, Ordering::Relaxed);
                Some(Duration::ZERO)
            })
            .unwrap();
        registration.wake();
        while held.load(Ordering::Relaxed) < 10 {
            thread::yield_now();
        }
        drop(registration);
        let runs = held.load(Ordering::Relaxed);
        assert_eq!(keeper.tasks(), 0);
        thread::sleep(Duration::from_millis(5));
        assert_eq!(held.load(Ordering::Relaxed), runs);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn a_panicking_task_does_not_take_the_others_down() {
        let keeper = keeper();
        let bad = keeper.register(|| panic!("on purpose")).unwrap();
        let (sent, received) = mpsc::channel();
        let good = keeper
            .register(move || {
                sent.send(()).unwrap();
                None
            })
            .unwrap();
        bad.wake();
        good.wake();
        received.recv().unwrap();
        bad.wake();
        good.wake();
        received.recv().unwrap();
    }
}
