//! Locks for many who read or one who writes.

mod guards;

use std::fmt;
use std::sync::Arc;

use ::tokio::sync as original;

pub use self::guards::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockWriteGuard,
};
use super::owned::extended;
use super::{TryLockError, block};
use crate::hold::{Hold, Place};
use crate::wait::SYNC;

/// As [`tokio::sync::RwLock`], with holding times and blocking waits that are recorded.
///
/// ```
/// use goroscope_recorder::sync::tokio::RwLock;
///
/// static NUMBER: RwLock<u32> = RwLock::const_new(41);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// *NUMBER.write().await += 1;
/// let (one, other) = (NUMBER.read().await, NUMBER.try_read().unwrap());
/// assert_eq!(*one + *other, 84);
/// assert!(NUMBER.try_write().is_err());
/// # });
/// assert_eq!(*NUMBER.blocking_read(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RwLock<T: ?Sized> {
    place: Place,
    inner: original::RwLock<T>,
}

impl<T> RwLock<T> {
    /// An open lock, called after the place of the call.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::new(value) }
    }

    /// As `new`, for at most so many readers at once.
    #[track_caller]
    pub fn with_max_readers(value: T, most: u32) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::with_max_readers(value, most) }
    }

    /// As `new`, where a constant is needed.
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self::named("", value)
    }

    /// As `with_max_readers`, where a constant is needed.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, most: u32) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::const_with_max_readers(value, most) }
    }

    /// An open lock with a name, under which the trace has how long it is held.
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self { place: Place::named(name), inner: original::RwLock::const_new(value) }
    }

    /// What it holds.
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits for the lock and takes it to read.
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        self.reads(self.inner.read().await)
    }

    /// As `read`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        block(SYNC, self.read())
    }

    /// Takes the lock to read if that can be had.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.inner.try_read().map(|inner| self.reads(inner))
    }

    fn reads<'l>(&'l self, inner: original::RwLockReadGuard<'l, T>) -> RwLockReadGuard<'l, T> {
        RwLockReadGuard { hold: Hold::begin(&self.place), inner }
    }

    /// Waits for the lock and takes it to write.
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.writes(self.inner.write().await)
    }

    /// As `write`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        block(SYNC, self.write())
    }

    /// Takes the lock to write if that can be had.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.inner.try_write().map(|inner| self.writes(inner))
    }

    fn writes<'l>(&'l self, inner: original::RwLockWriteGuard<'l, T>) -> RwLockWriteGuard<'l, T> {
        RwLockWriteGuard { hold: Hold::begin(&self.place), inner }
    }

    /// What it holds.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }
}

impl<T: ?Sized + 'static> RwLock<T> {
    /// As `read`, with a guard that keeps the lock alive.
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        let inner = extended(&self).inner.read().await;
        OwnedRwLockReadGuard { hold: Hold::begin(&self.place), inner, lock: self }
    }

    /// As `try_read`, with a guard that keeps the lock alive.
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let inner = extended(&self).inner.try_read()?;
        Ok(OwnedRwLockReadGuard { hold: Hold::begin(&self.place), inner, lock: self })
    }

    /// As `write`, with a guard that keeps the lock alive.
    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        let inner = extended(&self).inner.write().await;
        OwnedRwLockWriteGuard { hold: Hold::begin(&self.place), inner, lock: self }
    }

    /// As `try_write`, with a guard that keeps the lock alive.
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let inner = extended(&self).inner.try_write()?;
        Ok(OwnedRwLockWriteGuard { hold: Hold::begin(&self.place), inner, lock: self })
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
