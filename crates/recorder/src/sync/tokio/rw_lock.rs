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
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let names = RwLock::new(vec!["gopher"]);
    /// names.try_write().unwrap().push("crab");
    /// assert_eq!(names.into_inner(), ["gopher", "crab"]);
    /// ```
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::new(value) }
    }

    /// As `new`, for at most so many readers at once.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let number = RwLock::with_max_readers(42, 2);
    /// let guards = [number.try_read().unwrap(), number.try_read().unwrap()];
    /// assert!(number.try_read().is_err());
    /// # drop(guards);
    /// ```
    #[track_caller]
    pub fn with_max_readers(value: T, most: u32) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::with_max_readers(value, most) }
    }

    /// As `new`, where a constant is needed.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// static NAMES: RwLock<Vec<&str>> = RwLock::const_new(Vec::new());
    /// NAMES.blocking_write().push("gopher");
    /// assert_eq!(*NAMES.blocking_read(), ["gopher"]);
    /// ```
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self::named("", value)
    }

    /// As `with_max_readers`, where a constant is needed.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// static NUMBER: RwLock<u32> = RwLock::const_with_max_readers(42, 1);
    /// let guard = NUMBER.try_read().unwrap();
    /// assert!(NUMBER.try_read().is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub const fn const_with_max_readers(value: T, most: u32) -> Self {
        Self { place: Place::named(""), inner: original::RwLock::const_with_max_readers(value, most) }
    }

    /// An open lock with a name, under which the trace has how long it is held.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    /// use goroscope_recorder::{FutureExt, Holds, Recorder, Ring};
    ///
    /// static ROUTES: RwLock<u32> = RwLock::named("routes", 0);
    ///
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { *ROUTES.write().await += 1 }.traced());
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("routes held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self { place: Place::named(name), inner: original::RwLock::const_new(value) }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let name = RwLock::new("gopher".to_owned());
    /// assert_eq!(name.into_inner(), "gopher");
    /// ```
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits for the lock and takes it to read.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let number = RwLock::new(42);
    /// // Both at the same time.
    /// let (one, other) = (number.read().await, number.read().await);
    /// assert_eq!(*one + *other, 84);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        self.reads(self.inner.read().await)
    }

    /// As `read`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    /// use goroscope_recorder::thread;
    ///
    /// let number = RwLock::new(42);
    /// let reading = number.blocking_read();
    /// let other = thread::scope(|scope| scope.spawn(|| *number.blocking_read()).join().expect("no panic"));
    /// assert_eq!(*reading, other);
    /// ```
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        block(SYNC, self.read())
    }

    /// Takes the lock to read if that can be had.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let number = RwLock::new(42);
    /// let writing = number.try_write().unwrap();
    /// assert!(number.try_read().is_err());
    /// drop(writing);
    /// assert_eq!(*number.try_read().unwrap(), 42);
    /// ```
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.inner.try_read().map(|inner| self.reads(inner))
    }

    fn reads<'l>(&'l self, inner: original::RwLockReadGuard<'l, T>) -> RwLockReadGuard<'l, T> {
        RwLockReadGuard { hold: Hold::begin(&self.place), inner }
    }

    /// Waits for the lock and takes it to write.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::JoinSetExt;
    /// use goroscope_recorder::sync::tokio::RwLock;
    /// use tokio::task::JoinSet;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sum, mut tasks) = (Arc::new(RwLock::new(0)), JoinSet::new());
    /// for n in 1..=3 {
    ///     let sum = Arc::clone(&sum);
    ///     tasks.spawn_traced(async move { *sum.write().await += n });
    /// }
    /// tasks.join_all().await;
    /// assert_eq!(*sum.read().await, 6);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.writes(self.inner.write().await)
    }

    /// As `write`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    /// use goroscope_recorder::thread;
    ///
    /// let sum = RwLock::new(0);
    /// thread::scope(|scope| {
    ///     for n in 1..=3 {
    ///         let sum = &sum;
    ///         scope.spawn(move || *sum.blocking_write() += n);
    ///     }
    /// });
    /// assert_eq!(sum.into_inner(), 6);
    /// ```
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        block(SYNC, self.write())
    }

    /// Takes the lock to write if that can be had.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let number = RwLock::new(41);
    /// let reading = number.try_read().unwrap();
    /// assert!(number.try_write().is_err());
    /// drop(reading);
    /// *number.try_write().unwrap() += 1;
    /// assert_eq!(number.into_inner(), 42);
    /// ```
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.inner.try_write().map(|inner| self.writes(inner))
    }

    fn writes<'l>(&'l self, inner: original::RwLockWriteGuard<'l, T>) -> RwLockWriteGuard<'l, T> {
        RwLockWriteGuard { hold: Hold::begin(&self.place), inner }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let mut lock = RwLock::new(41);
    /// // Nobody else can have it.
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.into_inner(), 42);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }
}

impl<T: ?Sized + 'static> RwLock<T> {
    /// As `read`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let number = Arc::new(RwLock::new(42));
    /// let guard = Arc::clone(&number).read_owned().await;
    /// // The guard goes to another task.
    /// let other = tokio::spawn(async move { *guard }).await.unwrap();
    /// assert_eq!(other, *number.read().await);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        let inner = extended(&self).inner.read().await;
        OwnedRwLockReadGuard { hold: Hold::begin(&self.place), inner, lock: self }
    }

    /// As `try_read`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let number = Arc::new(RwLock::new(42));
    /// let writing = number.try_write().unwrap();
    /// assert!(Arc::clone(&number).try_read_owned().is_err());
    /// drop(writing);
    /// assert_eq!(*number.try_read_owned().unwrap(), 42);
    /// ```
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let inner = extended(&self).inner.try_read()?;
        Ok(OwnedRwLockReadGuard { hold: Hold::begin(&self.place), inner, lock: self })
    }

    /// As `write`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let number = Arc::new(RwLock::new(41));
    /// let mut guard = Arc::clone(&number).write_owned().await;
    /// // The guard goes to another task.
    /// tokio::spawn(async move { *guard += 1 }).await.unwrap();
    /// assert_eq!(*number.read().await, 42);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        let inner = extended(&self).inner.write().await;
        OwnedRwLockWriteGuard { hold: Hold::begin(&self.place), inner, lock: self }
    }

    /// As `try_write`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let number = Arc::new(RwLock::new(41));
    /// let reading = number.try_read().unwrap();
    /// assert!(Arc::clone(&number).try_write_owned().is_err());
    /// drop(reading);
    /// *Arc::clone(&number).try_write_owned().unwrap() += 1;
    /// assert_eq!(*number.try_read().unwrap(), 42);
    /// ```
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
