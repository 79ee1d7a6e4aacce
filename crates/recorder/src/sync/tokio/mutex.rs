//! Locks for one at a time.

use std::fmt;
use std::sync::Arc;

use super::owned::extended;
use super::{TryLockError, block, shown_as_inner};
use crate::hold::{Hold, Place};
use crate::wait::SYNC;

/// As [`tokio::sync::Mutex`], with holding times and blocking waits that are recorded.
///
/// ```
/// use goroscope_recorder::sync::tokio::Mutex;
///
/// static COUNTER: Mutex<u32> = Mutex::const_new(41);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// *COUNTER.lock().await += 1;
/// assert_eq!(*COUNTER.try_lock().unwrap(), 42);
/// # });
/// assert_eq!(*COUNTER.blocking_lock(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Mutex<T: ?Sized> {
    place: Place,
    inner: ::tokio::sync::Mutex<T>,
}

/// As [`tokio::sync::MutexGuard`].
///
/// ```
/// use goroscope_recorder::sync::tokio::{Mutex, MutexGuard};
///
/// let pair = Mutex::new((1, 2));
/// let guard = pair.try_lock().unwrap();
/// assert!(MutexGuard::mutex(&guard).try_lock().is_err());
/// let first = MutexGuard::map(guard, |pair| &mut pair.0);
/// assert_eq!(*first, 1);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct MutexGuard<'l, T: ?Sized> {
    // Dropped in this order.
    hold: Hold,
    inner: ::tokio::sync::MutexGuard<'l, T>,
    mutex: &'l Mutex<T>,
}

/// As [`tokio::sync::OwnedMutexGuard`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::{Mutex, OwnedMutexGuard};
///
/// let numbers = Arc::new(Mutex::new(vec![1, 2]));
/// let mut guard: OwnedMutexGuard<Vec<i32>> = Arc::clone(&numbers).try_lock_owned().unwrap();
/// guard.push(3);
/// assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &numbers));
/// drop(guard);
/// assert_eq!(*numbers.try_lock().unwrap(), [1, 2, 3]);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct OwnedMutexGuard<T: ?Sized + 'static> {
    hold: Hold,
    inner: ::tokio::sync::MutexGuard<'static, T>,
    mutex: Arc<Mutex<T>>,
}

/// As [`tokio::sync::MappedMutexGuard`].
///
/// ```
/// use goroscope_recorder::sync::tokio::{MappedMutexGuard, Mutex, MutexGuard};
///
/// let numbers = Mutex::new(vec![1, 2]);
/// let first = MutexGuard::try_map(numbers.try_lock().unwrap(), |numbers| numbers.first_mut()).unwrap();
/// let mut first: MappedMutexGuard<'_, i32> = MappedMutexGuard::map(first, |first| first);
/// *first += 1;
/// drop(first);
/// assert!(MutexGuard::try_map(numbers.try_lock().unwrap(), |numbers| numbers.get_mut(2)).is_err());
/// assert_eq!(numbers.into_inner(), [2, 2]);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct MappedMutexGuard<'l, T: ?Sized> {
    hold: Hold,
    inner: ::tokio::sync::MappedMutexGuard<'l, T>,
}

/// As [`tokio::sync::OwnedMappedMutexGuard`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
///
/// let pair = Arc::new(Mutex::new((1, "two")));
/// let guard = Arc::clone(&pair).try_lock_owned().unwrap();
/// let second: OwnedMappedMutexGuard<(i32, &str), &str> = OwnedMutexGuard::map(guard, |pair| &mut pair.1);
/// assert_eq!(*second, "two");
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct OwnedMappedMutexGuard<T: ?Sized + 'static, U: ?Sized + 'static = T> {
    hold: Hold,
    inner: ::tokio::sync::MappedMutexGuard<'static, U>,
    mutex: Arc<Mutex<T>>,
}

impl<T> Mutex<T> {
    /// An open lock, called after the place of the call.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let names = Mutex::new(vec!["gopher"]);
    /// names.try_lock().unwrap().push("crab");
    /// assert_eq!(names.into_inner(), ["gopher", "crab"]);
    /// ```
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { place: Place::named(""), inner: ::tokio::sync::Mutex::new(value) }
    }

    /// As `new`, where a constant is needed.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// static NAMES: Mutex<Vec<&str>> = Mutex::const_new(Vec::new());
    /// NAMES.blocking_lock().push("gopher");
    /// assert_eq!(*NAMES.blocking_lock(), ["gopher"]);
    /// ```
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self::named("", value)
    }

    /// An open lock with a name, under which the trace has how long it is held.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    /// use goroscope_recorder::{FutureExt, Holds, Recorder, Ring};
    ///
    /// static ACCOUNTS: Mutex<u32> = Mutex::named("accounts", 0);
    ///
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { *ACCOUNTS.lock().await += 1 }.traced());
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("accounts held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub const fn named(name: &'static str, value: T) -> Self {
        Self { place: Place::named(name), inner: ::tokio::sync::Mutex::const_new(value) }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let name = Mutex::new("gopher".to_owned());
    /// assert_eq!(name.into_inner(), "gopher");
    /// ```
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock and takes it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::JoinSetExt;
    /// use goroscope_recorder::sync::tokio::Mutex;
    /// use tokio::task::JoinSet;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sum, mut tasks) = (Arc::new(Mutex::new(0)), JoinSet::new());
    /// for n in 1..=3 {
    ///     let sum = Arc::clone(&sum);
    ///     tasks.spawn_traced(async move { *sum.lock().await += n });
    /// }
    /// tasks.join_all().await;
    /// assert_eq!(*sum.lock().await, 6);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        self.guard(self.inner.lock().await)
    }

    /// As `lock`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    /// use goroscope_recorder::thread;
    ///
    /// let sum = Mutex::new(0);
    /// thread::scope(|scope| {
    ///     for n in 1..=3 {
    ///         let sum = &sum;
    ///         scope.spawn(move || *sum.blocking_lock() += n);
    ///     }
    /// });
    /// assert_eq!(sum.into_inner(), 6);
    /// ```
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        block(SYNC, self.lock())
    }

    /// Takes the lock if it is free.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let lock = Mutex::new(42);
    /// let guard = lock.try_lock().unwrap();
    /// assert!(lock.try_lock().is_err());
    /// drop(guard);
    /// assert!(lock.try_lock().is_ok());
    /// ```
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.inner.try_lock().map(|inner| self.guard(inner))
    }

    fn guard<'l>(&'l self, inner: ::tokio::sync::MutexGuard<'l, T>) -> MutexGuard<'l, T> {
        MutexGuard { hold: Hold::begin(&self.place), inner, mutex: self }
    }

    /// What it holds.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let mut lock = Mutex::new(41);
    /// // Nobody else can have it.
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.into_inner(), 42);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }
}

impl<T: ?Sized + 'static> Mutex<T> {
    /// As `lock`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let lock = Arc::new(Mutex::new(41));
    /// let mut guard = Arc::clone(&lock).lock_owned().await;
    /// // The guard goes to another task.
    /// tokio::spawn(async move { *guard += 1 }).await.unwrap();
    /// assert_eq!(*lock.lock().await, 42);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let inner = extended(&self).inner.lock().await;
        self.owned(inner)
    }

    /// As `blocking_lock`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let guard = Arc::new(Mutex::new(42)).blocking_lock_owned();
    /// // Nothing else keeps the lock.
    /// assert_eq!(*guard, 42);
    /// ```
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        block(SYNC, self.lock_owned())
    }

    /// As `try_lock`, with a guard that keeps the lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Mutex;
    ///
    /// let lock = Arc::new(Mutex::new(42));
    /// let guard = Arc::clone(&lock).try_lock_owned().unwrap();
    /// assert!(Arc::clone(&lock).try_lock_owned().is_err());
    /// drop(guard);
    /// assert!(lock.try_lock_owned().is_ok());
    /// ```
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let inner = extended(&self).inner.try_lock()?;
        Ok(self.owned(inner))
    }

    fn owned(self: Arc<Self>, inner: ::tokio::sync::MutexGuard<'static, T>) -> OwnedMutexGuard<T> {
        OwnedMutexGuard { hold: Hold::begin(&self.place), inner, mutex: self }
    }
}

impl<'l, T: ?Sized> MutexGuard<'l, T> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{Mutex, MutexGuard};
    ///
    /// let pair = Mutex::new((41, "two"));
    /// *MutexGuard::map(pair.try_lock().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(pair.into_inner(), (42, "two"));
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> MappedMutexGuard<'l, U> {
        let Self { hold, inner, .. } = this;
        MappedMutexGuard { hold, inner: ::tokio::sync::MutexGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{Mutex, MutexGuard};
    ///
    /// let numbers = Mutex::new(vec![1, 2]);
    /// let guard = MutexGuard::try_map(numbers.try_lock().unwrap(), |numbers| numbers.get_mut(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// let second = MutexGuard::try_map(guard, |numbers| numbers.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'l, U>, Self> {
        let Self { hold, inner, mutex } = this;
        match ::tokio::sync::MutexGuard::try_map(inner, part) {
            Ok(inner) => Ok(MappedMutexGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner, mutex }),
        }
    }

    /// The lock.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{Mutex, MutexGuard};
    ///
    /// let lock = Mutex::new(42);
    /// let guard = lock.try_lock().unwrap();
    /// assert!(std::ptr::eq(MutexGuard::mutex(&guard), &lock));
    /// ```
    pub fn mutex(this: &Self) -> &'l Mutex<T> {
        this.mutex
    }
}

impl<T: ?Sized + 'static> OwnedMutexGuard<T> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{Mutex, OwnedMutexGuard};
    ///
    /// let pair = Arc::new(Mutex::new((41, "two")));
    /// *OwnedMutexGuard::map(Arc::clone(&pair).try_lock_owned().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(*pair.try_lock().unwrap(), (42, "two"));
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> OwnedMappedMutexGuard<T, U> {
        let Self { hold, inner, mutex } = this;
        OwnedMappedMutexGuard { hold, inner: ::tokio::sync::MutexGuard::map(inner, part), mutex }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{Mutex, OwnedMutexGuard};
    ///
    /// let guard = Arc::new(Mutex::new(vec![1, 2])).try_lock_owned().unwrap();
    /// let guard = OwnedMutexGuard::try_map(guard, |numbers| numbers.get_mut(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// let second = OwnedMutexGuard::try_map(guard, |numbers| numbers.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<OwnedMappedMutexGuard<T, U>, Self> {
        let Self { hold, inner, mutex } = this;
        match ::tokio::sync::MutexGuard::try_map(inner, part) {
            Ok(inner) => Ok(OwnedMappedMutexGuard { hold, inner, mutex }),
            Err(inner) => Err(Self { hold, inner, mutex }),
        }
    }

    /// The lock.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{Mutex, OwnedMutexGuard};
    ///
    /// let guard = Arc::new(Mutex::new(42)).try_lock_owned().unwrap();
    /// let lock = Arc::clone(OwnedMutexGuard::mutex(&guard));
    /// assert!(lock.try_lock().is_err());
    /// drop(guard);
    /// assert_eq!(*lock.try_lock().unwrap(), 42);
    /// ```
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.mutex
    }
}

impl<'l, T: ?Sized> MappedMutexGuard<'l, T> {
    /// A guard for a part of the part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{MappedMutexGuard, Mutex, MutexGuard};
    ///
    /// let nested = Mutex::new((1, ("two", 41)));
    /// let second = MutexGuard::map(nested.try_lock().unwrap(), |nested| &mut nested.1);
    /// *MappedMutexGuard::map(second, |second| &mut second.1) += 1;
    /// assert_eq!(nested.into_inner(), (1, ("two", 42)));
    /// ```
    pub fn map<U>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> MappedMutexGuard<'l, U> {
        let Self { hold, inner } = this;
        MappedMutexGuard { hold, inner: ::tokio::sync::MappedMutexGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{MappedMutexGuard, Mutex, MutexGuard};
    ///
    /// let nested = Mutex::new((1, vec![2, 3]));
    /// let numbers = MutexGuard::map(nested.try_lock().unwrap(), |nested| &mut nested.1);
    /// let numbers = MappedMutexGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    /// let last = MappedMutexGuard::try_map(numbers, |numbers| numbers.last_mut()).unwrap();
    /// assert_eq!(*last, 3);
    /// ```
    pub fn try_map<U>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'l, U>, Self> {
        let Self { hold, inner } = this;
        match ::tokio::sync::MappedMutexGuard::try_map(inner, part) {
            Ok(inner) => Ok(MappedMutexGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner }),
        }
    }
}

impl<T: ?Sized + 'static, U: ?Sized + 'static> OwnedMappedMutexGuard<T, U> {
    /// A guard for a part of the part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    ///
    /// let nested = Arc::new(Mutex::new((1, ("two", 41))));
    /// let second = OwnedMutexGuard::map(Arc::clone(&nested).try_lock_owned().unwrap(), |nested| &mut nested.1);
    /// *OwnedMappedMutexGuard::map(second, |second| &mut second.1) += 1;
    /// assert_eq!(nested.try_lock().unwrap().1, ("two", 42));
    /// ```
    pub fn map<S>(this: Self, part: impl FnOnce(&mut U) -> &mut S) -> OwnedMappedMutexGuard<T, S> {
        let Self { hold, inner, mutex } = this;
        OwnedMappedMutexGuard { hold, inner: ::tokio::sync::MappedMutexGuard::map(inner, part), mutex }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    ///
    /// let nested = Arc::new(Mutex::new((1, vec![2, 3])));
    /// let numbers = OwnedMutexGuard::map(nested.try_lock_owned().unwrap(), |nested| &mut nested.1);
    /// let numbers = OwnedMappedMutexGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    /// let last = OwnedMappedMutexGuard::try_map(numbers, |numbers| numbers.last_mut()).unwrap();
    /// assert_eq!(*last, 3);
    /// ```
    pub fn try_map<S>(
        this: Self,
        part: impl FnOnce(&mut U) -> Option<&mut S>,
    ) -> Result<OwnedMappedMutexGuard<T, S>, Self> {
        let Self { hold, inner, mutex } = this;
        match ::tokio::sync::MappedMutexGuard::try_map(inner, part) {
            Ok(inner) => Ok(OwnedMappedMutexGuard { hold, inner, mutex }),
            Err(inner) => Err(Self { hold, inner, mutex }),
        }
    }
}

shown_as_inner!(mut ['l, T: ?Sized] MutexGuard<'l, T> => T);
shown_as_inner!(mut [T: ?Sized + 'static] OwnedMutexGuard<T> => T);
shown_as_inner!(mut ['l, T: ?Sized] MappedMutexGuard<'l, T> => T);
shown_as_inner!(mut [T: ?Sized + 'static, U: ?Sized + 'static] OwnedMappedMutexGuard<T, U> => U);

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
