//! Conditions.

use std::time::Duration;

use super::{LockResult, MutexGuard, WaitTimeoutResult, map};
use crate::wait::{COND, Many, Waiters, Waiting};

/// As [`std::sync::Condvar`], for the [`Mutex`](super::Mutex) of this module, with waits that are recorded.
///
/// A wait ends where somebody notifies; from then on until it has the lock again the thread is shown as runnable.
///
/// ```
/// use goroscope_recorder::sync::{Condvar, Mutex};
/// use goroscope_recorder::thread;
///
/// let (ready, changed) = (Mutex::new(false), Condvar::new());
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         *ready.lock().unwrap() = true;
///         changed.notify_one();
///     });
///     let ready = changed.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap();
///     assert!(*ready);
/// });
/// ```
#[derive(Debug)]
pub struct Condvar {
    waiters: Waiters,
    inner: std::sync::Condvar,
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl Condvar {
    /// Nobody waits for it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    ///
    /// static NEVER: Condvar = Condvar::new();
    /// let lock = Mutex::new(42);
    /// let (guard, waited) = NEVER.wait_timeout_while(lock.lock().unwrap(), Duration::ZERO, |_| true).unwrap();
    /// assert!(*guard == 42 && waited.timed_out());
    /// ```
    pub const fn new() -> Self {
        Self { waiters: Waiters::new(), inner: std::sync::Condvar::new() }
    }

    /// Releases the lock, waits to be notified and takes it again.
    ///
    /// ```
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (ready, changed) = (Mutex::new(false), Condvar::new());
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| {
    ///         let mut ready = ready.lock().unwrap();
    ///         // It may be woken for nothing.
    ///         while !*ready {
    ///             ready = changed.wait(ready).unwrap();
    ///         }
    ///         *ready
    ///     });
    ///     *ready.lock().unwrap() = true;
    ///     changed.notify_one();
    ///     assert!(waiting.join().expect("no panic"));
    /// });
    /// ```
    pub fn wait<'l, T>(&self, guard: MutexGuard<'l, T>) -> LockResult<MutexGuard<'l, T>> {
        let MutexGuard { held, inner, mutex } = guard;
        // The lock itself is still held, so that nobody can notify without knowing who waits.
        drop(held);
        let waiting = self.waiters.wait(COND);
        let locked = self.inner.wait(inner);
        if let Some(waiting) = waiting {
            waiting.over();
        }
        map(locked, |inner| mutex.guard_again(inner))
    }

    /// Waits until the condition does not hold any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (numbers, changed) = (Mutex::new(Vec::new()), Condvar::new());
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| {
    ///         let numbers = changed.wait_while(numbers.lock().unwrap(), |numbers| numbers.len() < 3).unwrap();
    ///         numbers.iter().sum::<i32>()
    ///     });
    ///     for n in 1..=3 {
    ///         numbers.lock().unwrap().push(n);
    ///         changed.notify_one();
    ///     }
    ///     assert_eq!(waiting.join().expect("no panic"), 6);
    /// });
    /// ```
    pub fn wait_while<'l, T, F>(&self, mut guard: MutexGuard<'l, T>, mut condition: F) -> LockResult<MutexGuard<'l, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As `wait`, but not much longer than `period`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    ///
    /// let (lock, changed) = (Mutex::new(42), Condvar::new());
    /// let mut guard = lock.lock().unwrap();
    /// loop {
    ///     let (again, waited) = changed.wait_timeout(guard, Duration::from_millis(1)).unwrap();
    ///     guard = again;
    ///     if waited.timed_out() {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(*guard, 42);
    /// ```
    pub fn wait_timeout<'l, T>(
        &self,
        guard: MutexGuard<'l, T>,
        period: Duration,
    ) -> LockResult<(MutexGuard<'l, T>, WaitTimeoutResult)> {
        let MutexGuard { held, inner, mutex } = guard;
        drop(held);
        let waiting = self.waiters.wait(COND);
        let locked = self.inner.wait_timeout(inner, period);
        let has_timed_out = match &locked {
            Ok((_, result)) => result.timed_out(),
            Err(poisoned) => poisoned.get_ref().1.timed_out(),
        };
        if let Some(waiting) = waiting.filter(|_| !has_timed_out) {
            waiting.over();
        }
        map(locked, |(inner, result)| (mutex.guard_again(inner), result))
    }

    /// As `wait_while`, but not much longer than `period`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    ///
    /// let (ready, changed) = (Mutex::new(true), Condvar::new());
    /// let guard = ready.lock().unwrap();
    /// let (mut guard, waited) = changed.wait_timeout_while(guard, Duration::MAX, |ready| !*ready).unwrap();
    /// assert!(!waited.timed_out());
    /// *guard = false;
    /// let (_, waited) = changed.wait_timeout_while(guard, Duration::from_millis(1), |ready| !*ready).unwrap();
    /// assert!(waited.timed_out());
    /// ```
    pub fn wait_timeout_while<'l, T, F>(
        &self,
        guard: MutexGuard<'l, T>,
        period: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'l, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let MutexGuard { held, inner, mutex } = guard;
        let (mut held, mut waiting) = (Some(held), None::<Waiting<'_>>);
        // The condition is looked at with the lock, before each wait and after it.
        let locked = self.inner.wait_timeout_while(inner, period, |value| {
            if let Some(waiting) = waiting.take() {
                waiting.over();
            }
            let waits = condition(value);
            if waits {
                held = None;
                waiting = self.waiters.wait(COND);
            }
            waits
        });
        drop((held, waiting));
        map(locked, |(inner, result)| (mutex.guard_again(inner), result))
    }

    /// Lets one of those who wait go on.
    ///
    /// ```
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (permits, changed) = (Mutex::new(0), Condvar::new());
    /// thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| *changed.wait_while(permits.lock().unwrap(), |permits| *permits == 0).unwrap() -= 1);
    ///     }
    ///     for _ in 0..2 {
    ///         *permits.lock().unwrap() += 1;
    ///         changed.notify_one();
    ///     }
    /// });
    /// assert_eq!(permits.into_inner().unwrap(), 0);
    /// ```
    pub fn notify_one(&self) {
        self.waiters.signal(Many::One);
        self.inner.notify_one();
    }

    /// Lets all who wait go on.
    ///
    /// ```
    /// use goroscope_recorder::sync::{Condvar, Mutex};
    /// use goroscope_recorder::thread;
    ///
    /// let (open, changed) = (Mutex::new(false), Condvar::new());
    /// thread::scope(|scope| {
    ///     let waiting = [(); 2].map(|()| {
    ///         scope.spawn(|| *changed.wait_while(open.lock().unwrap(), |open| !*open).unwrap())
    ///     });
    ///     *open.lock().unwrap() = true;
    ///     changed.notify_all();
    ///     assert_eq!(waiting.map(|waiting| waiting.join().expect("no panic")), [true, true]);
    /// });
    /// ```
    pub fn notify_all(&self) {
        self.waiters.signal(Many::All);
        self.inner.notify_all();
    }
}
