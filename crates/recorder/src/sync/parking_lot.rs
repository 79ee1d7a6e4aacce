//! `parking_lot`'s locks with waits that are recorded: all that `lock_api` makes of a raw lock, over raw locks that tell.
//!
//! ```
//! use goroscope_recorder::sync::parking_lot::{Condvar, Mutex, RwLock};
//!
//! static COUNTER: Mutex<u32> = Mutex::new(41);
//! *COUNTER.lock() += 1;
//! let shared = RwLock::new(*COUNTER.lock());
//! assert_eq!(*shared.read(), 42);
//! let changed = Condvar::new();
//! assert!(!changed.notify_one());
//! ```
//!
//! These locks have no names, and it is not recorded how long they are held.

#![expect(unsafe_code, reason = "the traits of raw locks are unsafe; this hands every call on to the original")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lock_api::{RawMutex as _, RawRwLock as _};

pub use ::parking_lot::WaitTimeoutResult;

use crate::wait::{COND, Many, SYNC, Waiters};

/// As [`parking_lot::Mutex`].
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::sync::parking_lot::{Mutex, MutexGuard};
///
/// let pair = Mutex::new((1, 2));
/// let second = MutexGuard::map(pair.lock(), |pair| &mut pair.1);
/// assert!(*second == 2 && pair.try_lock_for(Duration::ZERO).is_none());
/// ```
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;
/// As [`parking_lot::MutexGuard`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{Mutex, MutexGuard};
///
/// let numbers = Mutex::new(vec![1, 2]);
/// let mut guard: MutexGuard<'_, Vec<i32>> = numbers.lock();
/// guard.push(3);
/// // Nobody else has the lock, but for a moment.
/// MutexGuard::unlocked(&mut guard, || numbers.lock().push(4));
/// assert_eq!(*guard, [1, 2, 3, 4]);
/// ```
pub type MutexGuard<'l, T> = lock_api::MutexGuard<'l, RawMutex, T>;
/// As [`parking_lot::MappedMutexGuard`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
///
/// let pair = Mutex::new((1, 2));
/// let mut first: MappedMutexGuard<'_, i32> = MutexGuard::map(pair.lock(), |pair| &mut pair.0);
/// *first += 1;
/// drop(first);
/// assert_eq!(pair.into_inner(), (2, 2));
/// ```
pub type MappedMutexGuard<'l, T> = lock_api::MappedMutexGuard<'l, RawMutex, T>;
/// As [`parking_lot::RwLock`], without upgradable reads.
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{RwLock, RwLockWriteGuard};
///
/// let lock = RwLock::new(41);
/// let mut guard = lock.write();
/// *guard += 1;
/// let guard = RwLockWriteGuard::downgrade(guard);
/// assert!(*guard == 42 && lock.try_write().is_none() && lock.try_read().is_some());
/// ```
pub type RwLock<T> = lock_api::RwLock<RawRwLock, T>;
/// As [`parking_lot::RwLockReadGuard`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{RwLock, RwLockReadGuard};
///
/// let lock = RwLock::new(42);
/// let guards: [RwLockReadGuard<'_, i32>; 2] = [lock.read(), lock.read()];
/// assert!(lock.try_write().is_none());
/// assert_eq!(guards.iter().map(|guard| **guard).sum::<i32>(), 84);
/// ```
pub type RwLockReadGuard<'l, T> = lock_api::RwLockReadGuard<'l, RawRwLock, T>;
/// As [`parking_lot::RwLockWriteGuard`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{RwLock, RwLockWriteGuard};
///
/// let lock = RwLock::new(41);
/// let mut guard: RwLockWriteGuard<'_, i32> = lock.write();
/// *guard += 1;
/// assert!(lock.try_read().is_none());
/// drop(guard);
/// assert_eq!(lock.into_inner(), 42);
/// ```
pub type RwLockWriteGuard<'l, T> = lock_api::RwLockWriteGuard<'l, RawRwLock, T>;

/// The raw lock of [`Mutex`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{Mutex, RawMutex};
///
/// let lock: lock_api::Mutex<RawMutex, i32> = Mutex::new(42);
/// assert_eq!(lock.into_inner(), 42);
/// ```
pub struct RawMutex {
    waiters: Waiters,
    inner: ::parking_lot::RawMutex,
}

impl RawMutex {
    /// Waits in `lock`, which says whether the lock is had then.
    #[cold]
    fn wait(&self, lock: impl FnOnce() -> bool) -> bool {
        let Some(entered) = self.waiters.enter() else { return lock() };
        // Whoever released it meanwhile did not know that somebody waits.
        if self.inner.try_lock() {
            drop(entered);
            self.waiters.take();
            return true;
        }
        let waiting = entered.wait(SYNC);
        let is_locked = lock();
        if is_locked {
            waiting.over_alone();
        }
        is_locked
    }
}

// SAFETY: it is locked exactly if the original is.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: Self = Self { waiters: Waiters::new(), inner: ::parking_lot::RawMutex::INIT };

    type GuardMarker = <::parking_lot::RawMutex as lock_api::RawMutex>::GuardMarker;

    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.wait(|| {
                self.inner.lock();
                true
            });
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        let is_locked = self.inner.try_lock();
        if is_locked {
            self.waiters.take();
        }
        is_locked
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.waiters.unlock(Many::One);
        // SAFETY: the caller has the lock.
        unsafe { self.inner.unlock() }
    }

    fn is_locked(&self) -> bool {
        self.inner.is_locked()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexFair for RawMutex {
    unsafe fn unlock_fair(&self) {
        self.waiters.unlock(Many::One);
        // SAFETY: the caller has the lock.
        unsafe { self.inner.unlock_fair() }
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.try_lock() || self.wait(|| self.inner.try_lock_for(timeout))
    }

    fn try_lock_until(&self, timeout: Instant) -> bool {
        self.try_lock() || self.wait(|| self.inner.try_lock_until(timeout))
    }
}

/// The raw lock of [`RwLock`].
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{RawRwLock, RwLock};
///
/// let lock: lock_api::RwLock<RawRwLock, i32> = RwLock::new(42);
/// assert_eq!(lock.into_inner(), 42);
/// ```
pub struct RawRwLock {
    readers: Waiters,
    writers: Waiters,
    inner: ::parking_lot::RawRwLock,
}

impl RawRwLock {
    #[cold]
    fn wait_to_read(&self, lock: impl FnOnce() -> bool) -> bool {
        let Some(entered) = self.readers.enter() else { return lock() };
        if self.inner.try_lock_shared() {
            return true;
        }
        let waiting = entered.wait(SYNC);
        let is_locked = lock();
        if is_locked {
            waiting.over();
        }
        is_locked
    }

    #[cold]
    fn wait_to_write(&self, lock: impl FnOnce() -> bool) -> bool {
        let Some(entered) = self.writers.enter() else { return lock() };
        if self.inner.try_lock_exclusive() {
            drop(entered);
            self.take();
            return true;
        }
        let waiting = entered.wait(SYNC);
        let is_locked = lock();
        if is_locked {
            waiting.over_alone();
            self.readers.take();
        }
        is_locked
    }

    /// The caller writes: neither readers nor writers go on because of those before it.
    fn take(&self) {
        self.readers.take();
        self.writers.take();
    }

    /// A writer is about to be done.
    fn unlock(&self) {
        self.readers.unlock(Many::All);
        self.writers.unlock(Many::One);
    }
}

// SAFETY: it is locked exactly as the original is.
unsafe impl lock_api::RawRwLock for RawRwLock {
    const INIT: Self = Self { readers: Waiters::new(), writers: Waiters::new(), inner: ::parking_lot::RawRwLock::INIT };

    type GuardMarker = <::parking_lot::RawRwLock as lock_api::RawRwLock>::GuardMarker;

    #[inline]
    fn lock_shared(&self) {
        if !self.try_lock_shared() {
            self.wait_to_read(|| {
                self.inner.lock_shared();
                true
            });
        }
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.inner.try_lock_shared()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.writers.unlock(Many::One);
        // SAFETY: the caller reads.
        unsafe { self.inner.unlock_shared() }
    }

    #[inline]
    fn lock_exclusive(&self) {
        if !self.try_lock_exclusive() {
            self.wait_to_write(|| {
                self.inner.lock_exclusive();
                true
            });
        }
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        let is_locked = self.inner.try_lock_exclusive();
        if is_locked {
            self.take();
        }
        is_locked
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        self.unlock();
        // SAFETY: the caller writes.
        unsafe { self.inner.unlock_exclusive() }
    }

    fn is_locked(&self) -> bool {
        self.inner.is_locked()
    }

    fn is_locked_exclusive(&self) -> bool {
        self.inner.is_locked_exclusive()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockFair for RawRwLock {
    unsafe fn unlock_shared_fair(&self) {
        self.writers.unlock(Many::One);
        // SAFETY: the caller reads.
        unsafe { self.inner.unlock_shared_fair() }
    }

    unsafe fn unlock_exclusive_fair(&self) {
        self.unlock();
        // SAFETY: the caller writes.
        unsafe { self.inner.unlock_exclusive_fair() }
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockDowngrade for RawRwLock {
    unsafe fn downgrade(&self) {
        self.readers.unlock(Many::All);
        // SAFETY: the caller writes.
        unsafe { self.inner.downgrade() }
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockTimed for RawRwLock {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        self.try_lock_shared() || self.wait_to_read(|| self.inner.try_lock_shared_for(timeout))
    }

    fn try_lock_shared_until(&self, timeout: Instant) -> bool {
        self.try_lock_shared() || self.wait_to_read(|| self.inner.try_lock_shared_until(timeout))
    }

    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        self.try_lock_exclusive() || self.wait_to_write(|| self.inner.try_lock_exclusive_for(timeout))
    }

    fn try_lock_exclusive_until(&self, timeout: Instant) -> bool {
        self.try_lock_exclusive() || self.wait_to_write(|| self.inner.try_lock_exclusive_until(timeout))
    }
}

/// As [`parking_lot::Condvar`], for the [`Mutex`] of this module.
///
/// The original knows its own locks only. So this one waits with a lock of its own, which a thread takes before it releases
/// that of the program, and which whoever notifies takes if somebody waits: nobody is notified before it sleeps.
///
/// ```
/// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
/// use goroscope_recorder::thread;
///
/// let (ready, changed) = (Mutex::new(false), Condvar::new());
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         *ready.lock() = true;
///         changed.notify_one();
///     });
///     let mut ready = ready.lock();
///     changed.wait_while(&mut ready, |ready| !*ready);
///     assert!(*ready);
/// });
/// ```
#[derive(Debug, Default)]
pub struct Condvar {
    /// Threads that sleep or are about to. Changed with the program's lock and the own one.
    sleepers: AtomicUsize,
    waiters: Waiters,
    lock: ::parking_lot::Mutex<()>,
    inner: ::parking_lot::Condvar,
}

impl Condvar {
    /// Nobody waits for it.
    ///
    /// ```
    /// use goroscope_recorder::sync::parking_lot::Condvar;
    ///
    /// static CHANGED: Condvar = Condvar::new();
    /// assert_eq!(CHANGED.notify_all(), 0);
    /// ```
    pub const fn new() -> Self {
        Self {
            sleepers: AtomicUsize::new(0),
            waiters: Waiters::new(),
            lock: ::parking_lot::const_mutex(()),
            inner: ::parking_lot::Condvar::new(),
        }
    }

    /// Releases the lock, waits to be notified and takes it again.
    ///
    /// ```
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (waits, changed) = (Mutex::new(false), Condvar::new());
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| {
    ///         let mut waits = waits.lock();
    ///         *waits = true;
    ///         changed.wait(&mut waits);
    ///         *waits
    ///     });
    ///     // The lock is free while it waits, and nobody wakes it for nothing.
    ///     while !*waits.lock() {
    ///         thread::yield_now();
    ///     }
    ///     *waits.lock() = false;
    ///     changed.notify_one();
    ///     assert!(!waiting.join().expect("no panic"));
    /// });
    /// ```
    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) {
        self.sleep(guard, |inner, own| {
            inner.wait(own);
            Woken::Notified
        });
    }

    /// As `wait`, but not longer than `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    ///
    /// let (lock, changed) = (Mutex::new(42), Condvar::new());
    /// let mut guard = lock.lock();
    /// assert!(changed.wait_for(&mut guard, Duration::from_millis(1)).timed_out());
    /// assert_eq!(*guard, 42);
    /// ```
    pub fn wait_for<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, timeout: Duration) -> WaitTimeoutResult {
        let mut result = None;
        self.sleep(guard, |inner, own| Woken::of(*result.insert(inner.wait_for(own, timeout))));
        self.result(result)
    }

    /// As `wait`, but not longer than until `timeout`.
    ///
    /// ```
    /// use std::time::Instant;
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    ///
    /// let (lock, changed) = (Mutex::new(42), Condvar::new());
    /// let mut guard = lock.lock();
    /// assert!(changed.wait_until(&mut guard, Instant::now()).timed_out());
    /// assert!(lock.try_lock().is_none());
    /// ```
    pub fn wait_until<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, timeout: Instant) -> WaitTimeoutResult {
        let mut result = None;
        self.sleep(guard, |inner, own| Woken::of(*result.insert(inner.wait_until(own, timeout))));
        self.result(result)
    }

    /// Waits until the condition does not hold any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (numbers, changed) = (Mutex::new(Vec::new()), Condvar::new());
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| {
    ///         let mut numbers = numbers.lock();
    ///         changed.wait_while(&mut numbers, |numbers| numbers.len() < 3);
    ///         numbers.iter().sum::<i32>()
    ///     });
    ///     for n in 1..=3 {
    ///         numbers.lock().push(n);
    ///         changed.notify_one();
    ///     }
    ///     assert_eq!(waiting.join().expect("no panic"), 6);
    /// });
    /// ```
    pub fn wait_while<T: ?Sized, F>(&self, guard: &mut MutexGuard<'_, T>, mut condition: F)
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// As `wait_while`, but not longer than `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    ///
    /// let (ready, changed) = (Mutex::new(true), Condvar::new());
    /// let mut guard = ready.lock();
    /// assert!(!changed.wait_while_for(&mut guard, |ready| !*ready, Duration::MAX).timed_out());
    /// *guard = false;
    /// assert!(changed.wait_while_for(&mut guard, |ready| !*ready, Duration::from_millis(1)).timed_out());
    /// ```
    pub fn wait_while_for<T: ?Sized, F>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: F,
        timeout: Duration,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        let end = Instant::now().checked_add(timeout);
        let mut result = None;
        while !result.is_some_and(|result: WaitTimeoutResult| result.timed_out()) && condition(guard) {
            result = Some(match end {
                Some(end) => self.wait_until(guard, end),
                None => self.wait_for(guard, timeout),
            });
        }
        self.result(result.filter(|result| !result.timed_out() || condition(guard)))
    }

    /// Lets one of those who wait go on; `false` if nobody waits.
    ///
    /// ```
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (lock, changed) = (Mutex::new(()), Condvar::new());
    /// assert!(!changed.notify_one());
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| changed.wait(&mut lock.lock()));
    ///     while !changed.notify_one() {
    ///         thread::yield_now();
    ///     }
    ///     waiting.join().expect("no panic");
    /// });
    /// ```
    pub fn notify_one(&self) -> bool {
        self.sleepers.load(Ordering::SeqCst) != 0 && {
            let _own = self.lock.lock();
            self.waiters.signal(Many::One);
            self.inner.notify_one()
        }
    }

    /// Lets all who wait go on; how many they are.
    ///
    /// ```
    /// use goroscope_recorder::sync::parking_lot::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (waiting, changed) = (Mutex::new(0), Condvar::new());
    /// thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| {
    ///             let mut waiting = waiting.lock();
    ///             *waiting += 1;
    ///             changed.wait(&mut waiting);
    ///         });
    ///     }
    ///     while *waiting.lock() != 2 {
    ///         thread::yield_now();
    ///     }
    ///     assert_eq!(changed.notify_all(), 2);
    /// });
    /// ```
    pub fn notify_all(&self) -> usize {
        if self.sleepers.load(Ordering::SeqCst) == 0 {
            return 0;
        }
        let _own = self.lock.lock();
        self.waiters.signal(Many::All);
        self.inner.notify_all()
    }

    fn sleep<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        sleep: impl FnOnce(&::parking_lot::Condvar, &mut ::parking_lot::MutexGuard<'_, ()>) -> Woken,
    ) {
        let mut own = self.lock.lock();
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        MutexGuard::unlocked(guard, || {
            let waiting = self.waiters.wait(COND);
            let woken = sleep(&self.inner, &mut own);
            if let Some(waiting) = waiting.filter(|_| woken == Woken::Notified) {
                waiting.over();
            }
            self.sleepers.fetch_sub(1, Ordering::SeqCst);
            // Not held while the program's lock is waited for: whoever has that may want to notify.
            drop(own);
        });
    }

    /// A result of not having waited, if there is none of having waited.
    fn result(&self, result: Option<WaitTimeoutResult>) -> WaitTimeoutResult {
        result.unwrap_or_else(|| {
            // There is no other way to make one: it is that of a wait whose condition does not hold to begin with.
            let mut own = self.lock.lock();
            self.inner.wait_while_for(&mut own, |()| false, Duration::ZERO)
        })
    }
}

/// Why a thread does not sleep any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    Notified,
    TimedOut,
}

impl Woken {
    fn of(result: WaitTimeoutResult) -> Self {
        if result.timed_out() { Self::TimedOut } else { Self::Notified }
    }
}
