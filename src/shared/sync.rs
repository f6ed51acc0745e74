//! The lock of the writer, and the atomics of the store, in one place so that a test can put a model checker's in theirs:
//! `RUSTFLAGS="--cfg shuttle" cargo test --no-default-features shared::model` runs random schedules of them.

#[cfg(not(shuttle))]
pub(super) use parking_lot::{Mutex, MutexGuard};
#[cfg(not(shuttle))]
pub(super) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

#[cfg(shuttle)]
pub(super) use self::checked::{Mutex, MutexGuard};
#[cfg(shuttle)]
pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

/// Lets time pass for somebody who waits, the `round`th time.
#[cfg(not(shuttle))]
pub(super) fn pause(round: u32) {
    match round {
        0..64 => std::hint::spin_loop(),
        64..1024 => std::thread::yield_now(),
        _ => std::thread::sleep(std::time::Duration::from_micros(100)),
    }
}

#[cfg(shuttle)]
pub(super) fn pause(_: u32) {
    shuttle::thread::yield_now();
}

/// The model checker's locks behind the names and signatures of `parking_lot`'s.
#[cfg(shuttle)]
mod checked {
    pub(in crate::shared) use shuttle::sync::MutexGuard;

    #[derive(Debug)]
    pub(in crate::shared) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(in crate::shared) fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(in crate::shared) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }

        pub(in crate::shared) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            self.0.try_lock().ok()
        }
    }
}
