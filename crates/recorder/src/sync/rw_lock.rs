//! Locks for several that read or one that writes.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{LockResult, Owners, TryLockResult, map, tried, try_map, wait_for};
use crate::hold::{Hold, Place};
use crate::wait::{Many, Waiters};

/// As [`std::sync::RwLock`], with waits that are recorded.
///
/// Those who wait for readers to be done go on because of the last one of them.
///
/// ```
/// use goroscope_recorder::sync::RwLock;
///
/// let numbers = RwLock::new(vec![1, 2]);
/// numbers.write().unwrap().push(3);
/// let (one, other) = (numbers.read().unwrap(), numbers.read().unwrap());
/// assert_eq!(one.len() + other.len(), 6);
/// ```
pub struct RwLock<T: ?Sized> {
    place: Place,
    readers: Waiters,
    writers: Waiters,
    inner: std::sync::RwLock<T>,
}

/// As [`std::sync::RwLockReadGuard`].
///
/// ```
/// use goroscope_recorder::sync::{RwLock, RwLockReadGuard};
///
/// let lock = RwLock::new(42);
/// let guard: RwLockReadGuard<'_, i32> = lock.read().unwrap();
/// assert!(*guard == 42 && lock.try_write().is_err());
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct RwLockReadGuard<'l, T: ?Sized> {
    // Dropped in this order.
    _reading: Reading<'l>,
    inner: std::sync::RwLockReadGuard<'l, T>,
}

/// As [`std::sync::RwLockWriteGuard`].
///
/// ```
/// use goroscope_recorder::sync::{RwLock, RwLockWriteGuard};
///
/// let lock = RwLock::new(41);
/// let mut guard: RwLockWriteGuard<'_, i32> = lock.write().unwrap();
/// *guard += 1;
/// let guard = RwLockWriteGuard::downgrade(guard);
/// assert_eq!(*guard + *lock.read().unwrap(), 84);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct RwLockWriteGuard<'l, T: ?Sized> {
    // Dropped in this order.
    writing: Writing<'l>,
    inner: std::sync::RwLockWriteGuard<'l, T>,
    lock: &'l RwLock<T>,
}

struct Reading<'l> {
    _hold: Hold,
    writers: &'l Waiters,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.writers.unlock(Many::One);
    }
}

struct Writing<'l> {
    _hold: Hold,
    readers: &'l Waiters,
    writers: &'l Waiters,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.readers.unlock(Many::All);
        self.writers.unlock(Many::One);
    }
}

impl<T> RwLock<T> {
    /// An open lock, called after the place of the call.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// static NAMES: RwLock<Vec<&str>> = RwLock::new(Vec::new());
    /// NAMES.write().unwrap().push("gopher");
    /// assert_eq!(*NAMES.read().unwrap(), ["gopher"]);
    /// ```
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self::named("", value)
    }

    /// An open lock with a name, under which the trace has how long it is held.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    /// use goroscope_recorder::{Holds, Recorder, Ring, thread};
    ///
    /// static ROUTES: RwLock<u32> = RwLock::named("routes", 0);
    ///
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// thread::spawn(|| *ROUTES.write().unwrap() += 1).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("routes held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self {
            place: Place::named(name),
            readers: Waiters::new(),
            writers: Waiters::new(),
            inner: std::sync::RwLock::new(value),
        }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let name = RwLock::new("gopher".to_owned());
    /// assert_eq!(name.into_inner().unwrap(), "gopher");
    /// ```
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until nobody writes, and keeps it so.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    /// use goroscope_recorder::thread;
    ///
    /// let number = RwLock::new(42);
    /// let reading = number.read().unwrap();
    /// // Others may read meanwhile.
    /// let other = thread::scope(|scope| scope.spawn(|| *number.read().unwrap()).join().expect("no panic"));
    /// assert_eq!(*reading, other);
    /// ```
    #[inline]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        match tried(self.inner.try_read()) {
            Some(locked) => map(locked, |inner| self.read_guard(inner)),
            None => self.wait_to_read(),
        }
    }

    #[cold]
    fn wait_to_read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let locked = wait_for(&self.readers, Owners::Many, || tried(self.inner.try_read()), || self.inner.read());
        map(locked, |inner| self.read_guard(inner))
    }

    /// Reads, if nobody writes.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let number = RwLock::new(42);
    /// let writing = number.write().unwrap();
    /// assert!(number.try_read().is_err());
    /// drop(writing);
    /// assert_eq!(*number.try_read().unwrap(), 42);
    /// ```
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        try_map(self.inner.try_read(), |inner| self.read_guard(inner))
    }

    /// Waits until nobody else has the lock, and takes it.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    /// use goroscope_recorder::thread;
    ///
    /// let sum = RwLock::new(0);
    /// thread::scope(|scope| {
    ///     for n in 1..=3 {
    ///         let sum = &sum;
    ///         scope.spawn(move || *sum.write().unwrap() += n);
    ///     }
    /// });
    /// assert_eq!(*sum.read().unwrap(), 6);
    /// ```
    #[inline]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        match tried(self.inner.try_write()) {
            Some(locked) => {
                self.writers.take();
                map(locked, |inner| self.write_guard(inner))
            }
            None => self.wait_to_write(),
        }
    }

    #[cold]
    fn wait_to_write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let locked = wait_for(&self.writers, Owners::One, || tried(self.inner.try_write()), || self.inner.write());
        map(locked, |inner| self.write_guard(inner))
    }

    /// Writes, if nobody else has the lock.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let number = RwLock::new(41);
    /// let reading = number.read().unwrap();
    /// assert!(number.try_write().is_err());
    /// drop(reading);
    /// *number.try_write().unwrap() += 1;
    /// assert_eq!(number.into_inner().unwrap(), 42);
    /// ```
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        try_map(self.inner.try_write(), |inner| {
            self.writers.take();
            self.write_guard(inner)
        })
    }

    fn read_guard<'l>(&'l self, inner: std::sync::RwLockReadGuard<'l, T>) -> RwLockReadGuard<'l, T> {
        RwLockReadGuard { _reading: Reading { _hold: Hold::begin(&self.place), writers: &self.writers }, inner }
    }

    fn write_guard<'l>(&'l self, inner: std::sync::RwLockWriteGuard<'l, T>) -> RwLockWriteGuard<'l, T> {
        // The readers that the last writer let go on do not go on after all.
        self.readers.take();
        let (readers, writers) = (&self.readers, &self.writers);
        RwLockWriteGuard { writing: Writing { _hold: Hold::begin(&self.place), readers, writers }, inner, lock: self }
    }

    /// Whether somebody panicked while writing.
    ///
    /// ```
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let lock = RwLock::new(42);
    /// let reading = catch_unwind(AssertUnwindSafe(|| {
    ///     let _guard = lock.read();
    ///     panic!("of all things");
    /// }));
    /// assert!(reading.is_err() && !lock.is_poisoned());
    /// let writing = catch_unwind(AssertUnwindSafe(|| {
    ///     let _guard = lock.write();
    ///     panic!("of all things");
    /// }));
    /// assert!(writing.is_err() && lock.is_poisoned());
    /// ```
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that.
    ///
    /// ```
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let lock = RwLock::new(42);
    /// let writing = catch_unwind(AssertUnwindSafe(|| {
    ///     let _guard = lock.write();
    ///     panic!("of all things");
    /// }));
    /// assert!(writing.is_err() && lock.read().is_err());
    /// lock.clear_poison();
    /// assert_eq!(*lock.read().unwrap(), 42);
    /// ```
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::RwLock;
    ///
    /// let mut lock = RwLock::new(41);
    /// // Nobody else can have it.
    /// *lock.get_mut().unwrap() += 1;
    /// assert_eq!(lock.into_inner().unwrap(), 42);
    /// ```
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<'l, T: ?Sized> RwLockWriteGuard<'l, T> {
    /// Goes on reading, without letting anybody write in between.
    ///
    /// ```
    /// use goroscope_recorder::sync::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(vec![1]);
    /// let mut writing = lock.write().unwrap();
    /// writing.push(2);
    /// let reading = RwLockWriteGuard::downgrade(writing);
    /// assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    /// assert_eq!(*reading, [1, 2]);
    /// ```
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'l, T> {
        let Self { writing, inner, lock } = guard;
        // This lets the other readers go on, and no writer: what was left for one is void with the next release.
        drop(writing);
        lock.read_guard(std::sync::RwLockWriteGuard::downgrade(inner))
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

macro_rules! looks_like_what_it_guards {
    ($($guard:ident)*) => {
        $(impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.inner
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        })*
    };
}

looks_like_what_it_guards! { RwLockReadGuard RwLockWriteGuard }

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
