//! The locks and atomics of the store, in one place so that a test can put a model checker's in theirs:
//! `RUSTFLAGS="--cfg shuttle" cargo test --no-default-features shared::model` runs random schedules of them.

#[cfg(not(shuttle))]
pub(super) use parking_lot::{Mutex, MutexGuard, RwLock};
#[cfg(not(shuttle))]
pub(super) use std::sync::atomic::AtomicU64;

#[cfg(shuttle)]
pub(super) use self::checked::{Mutex, MutexGuard, RwLock};
#[cfg(shuttle)]
pub(super) use shuttle::sync::atomic::AtomicU64;

/// The model checker's locks behind the names and signatures of `parking_lot`'s.
#[cfg(shuttle)]
mod checked {
    pub(in crate::shared) use shuttle::sync::MutexGuard;
    use shuttle::sync::{RwLockReadGuard, RwLockWriteGuard};

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

    #[derive(Debug)]
    pub(in crate::shared) struct RwLock<T>(shuttle::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(in crate::shared) fn new(value: T) -> Self {
            Self(shuttle::sync::RwLock::new(value))
        }

        pub(in crate::shared) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
        }

        pub(in crate::shared) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}
