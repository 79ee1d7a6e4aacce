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
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    ///
    /// static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    /// NAMES.lock().unwrap().push("gopher");
    /// assert_eq!(*NAMES.lock().unwrap(), ["gopher"]);
    /// ```
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self::named("", value)
    }

    /// An open lock with a name, under which the trace has how long it is held.
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    /// use goroscope_recorder::{Holds, Recorder, Ring, thread};
    ///
    /// static ACCOUNTS: Mutex<u32> = Mutex::named("accounts", 0);
    ///
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// thread::spawn(|| *ACCOUNTS.lock().unwrap() += 1).join().expect("no panic");
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("accounts held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self { place: Place::named(name), waiters: Waiters::new(), inner: std::sync::Mutex::new(value) }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    ///
    /// let name = Mutex::new("gopher".to_owned());
    /// assert_eq!(name.into_inner().unwrap(), "gopher");
    /// ```
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock and takes it.
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    /// use goroscope_recorder::thread;
    ///
    /// let sum = Mutex::new(0);
    /// thread::scope(|scope| {
    ///     for n in 1..=3 {
    ///         let sum = &sum;
    ///         scope.spawn(move || *sum.lock().unwrap() += n);
    ///     }
    /// });
    /// assert_eq!(*sum.lock().unwrap(), 6);
    /// ```
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
    ///
    /// ```
    /// use goroscope_recorder::sync::{Mutex, TryLockError};
    ///
    /// let lock = Mutex::new(42);
    /// let guard = lock.try_lock().unwrap();
    /// assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
    /// drop(guard);
    /// assert!(lock.try_lock().is_ok());
    /// ```
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
    ///
    /// ```
    /// use goroscope_recorder::sync::{Arc, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let lock = Arc::new(Mutex::new(42));
    /// let locked = Arc::clone(&lock);
    /// let panicking = thread::spawn(move || {
    ///     let _guard = locked.lock();
    ///     panic!("of all things");
    /// });
    /// assert!(panicking.join().is_err());
    /// assert!(lock.is_poisoned() && lock.lock().is_err());
    /// ```
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that.
    ///
    /// ```
    /// use std::panic::{AssertUnwindSafe, catch_unwind};
    /// use goroscope_recorder::sync::Mutex;
    ///
    /// let lock = Mutex::new(42);
    /// let panicking = catch_unwind(AssertUnwindSafe(|| {
    ///     let _guard = lock.lock();
    ///     panic!("of all things");
    /// }));
    /// assert!(panicking.is_err() && lock.lock().is_err());
    /// lock.clear_poison();
    /// assert_eq!(*lock.lock().unwrap(), 42);
    /// ```
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::Mutex;
    ///
    /// let mut lock = Mutex::new(41);
    /// // Nobody else can have it.
    /// *lock.get_mut().unwrap() += 1;
    /// assert_eq!(lock.into_inner().unwrap(), 42);
    /// ```
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
