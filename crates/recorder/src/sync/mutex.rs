//! Locks for one at a time.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{LockResult, Owners, TryLockResult, map, tried, try_map, wait_for};
use crate::hold::{Held, Place};
use crate::wait::Waiters;

/// As [`std::sync::Mutex`], with waits that are recorded.
///
/// ```
/// use goroscope_recorder::sync::Mutex;
///
/// static COUNTER: Mutex<u32> = Mutex::new(41);
/// *COUNTER.lock().unwrap() += 1;
/// assert_eq!(*COUNTER.try_lock().unwrap(), 42);
/// ```
pub struct Mutex<T: ?Sized> {
    place: Place,
    waiters: Waiters,
    inner: std::sync::Mutex<T>,
}

/// As [`std::sync::MutexGuard`].
///
/// ```
/// use goroscope_recorder::sync::{Mutex, MutexGuard};
///
/// let numbers = Mutex::new(vec![1, 2]);
/// let mut guard: MutexGuard<'_, Vec<i32>> = numbers.lock().unwrap();
/// guard.push(3);
/// assert!(numbers.try_lock().is_err());
/// drop(guard);
/// assert_eq!(numbers.into_inner().unwrap(), [1, 2, 3]);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct MutexGuard<'l, T: ?Sized> {
    // Dropped in this order.
    pub(super) held: Held<'l>,
    pub(super) inner: std::sync::MutexGuard<'l, T>,
    pub(super) mutex: &'l Mutex<T>,
}

impl<T> Mutex<T> {
    /// An open lock, called after the place of the call.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self::named("", value)
    }

    /// An open lock with a name, under which the trace has how long it is held.
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self { place: Place::named(name), waiters: Waiters::new(), inner: std::sync::Mutex::new(value) }
    }

    /// What it holds.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock and takes it.
    #[inline]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match tried(self.inner.try_lock()) {
            Some(locked) => {
                self.waiters.take();
                map(locked, |inner| self.guard(inner))
            }
            None => self.wait(),
        }
    }

    #[cold]
    fn wait(&self) -> LockResult<MutexGuard<'_, T>> {
        let locked = wait_for(&self.waiters, Owners::One, || tried(self.inner.try_lock()), || self.inner.lock());
        map(locked, |inner| self.guard(inner))
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        try_map(self.inner.try_lock(), |inner| {
            self.waiters.take();
            self.guard(inner)
        })
    }

    /// A guard for whoever had the lock, waited for something else without it, and has it again.
    pub(super) fn guard_again<'l>(&'l self, inner: std::sync::MutexGuard<'l, T>) -> MutexGuard<'l, T> {
        self.waiters.take();
        self.guard(inner)
    }

    #[inline]
    fn guard<'l>(&'l self, inner: std::sync::MutexGuard<'l, T>) -> MutexGuard<'l, T> {
        MutexGuard { held: Held::new(&self.place, &self.waiters), inner, mutex: self }
    }

    /// Whether somebody panicked while it was locked.
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that.
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// What it holds.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
