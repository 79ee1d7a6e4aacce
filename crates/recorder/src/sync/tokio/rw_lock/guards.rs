//! Guards of locks for many who read or one who writes.

use std::sync::Arc;

use ::tokio::sync as original;

use super::super::shown_as_inner;
use super::RwLock;
use crate::hold::Hold;

/// As [`tokio::sync::RwLockReadGuard`].
///
/// ```
/// use goroscope_recorder::sync::tokio::{RwLock, RwLockReadGuard};
///
/// let pair = RwLock::new((1, "two"));
/// let second = RwLockReadGuard::map(pair.try_read().unwrap(), |pair| pair.1);
/// assert_eq!(&*second, "two");
/// assert!(RwLockReadGuard::try_map(pair.try_read().unwrap(), |_| None::<&i32>).is_err());
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct RwLockReadGuard<'l, T: ?Sized> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockReadGuard<'l, T>,
}

/// As [`tokio::sync::OwnedRwLockReadGuard`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::{OwnedRwLockReadGuard, RwLock};
///
/// let pair = Arc::new(RwLock::new((1, "two")));
/// let guard: OwnedRwLockReadGuard<(i32, &str)> = Arc::clone(&pair).try_read_owned().unwrap();
/// let first: OwnedRwLockReadGuard<(i32, &str), i32> = OwnedRwLockReadGuard::map(guard, |pair| &pair.0);
/// assert_eq!(*first, 1);
/// assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&first), &pair));
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct OwnedRwLockReadGuard<T: ?Sized + 'static, U: ?Sized + 'static = T> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockReadGuard<'static, U>,
    pub(super) lock: Arc<RwLock<T>>,
}

/// As [`tokio::sync::RwLockWriteGuard`].
///
/// ```
/// use goroscope_recorder::sync::tokio::{RwLock, RwLockWriteGuard};
///
/// let number = RwLock::new(41);
/// let mut guard: RwLockWriteGuard<'_, i32> = number.try_write().unwrap();
/// *guard += 1;
/// let guard = guard.downgrade();
/// assert_eq!(*guard + *number.try_read().unwrap(), 84);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct RwLockWriteGuard<'l, T: ?Sized> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockWriteGuard<'l, T>,
}

/// As [`tokio::sync::OwnedRwLockWriteGuard`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
///
/// let number = Arc::new(RwLock::new(41));
/// let mut guard: OwnedRwLockWriteGuard<i32> = Arc::clone(&number).try_write_owned().unwrap();
/// *guard += 1;
/// assert_eq!(*guard.downgrade(), 42);
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized + 'static> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockWriteGuard<'static, T>,
    pub(super) lock: Arc<RwLock<T>>,
}

/// As [`tokio::sync::RwLockMappedWriteGuard`].
///
/// ```
/// use goroscope_recorder::sync::tokio::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
///
/// let pair = RwLock::new((1, 2));
/// let mut first: RwLockMappedWriteGuard<'_, i32> =
///     RwLockWriteGuard::map(pair.try_write().unwrap(), |pair| &mut pair.0);
/// *first += 1;
/// drop(first);
/// assert_eq!(pair.into_inner(), (2, 2));
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct RwLockMappedWriteGuard<'l, T: ?Sized> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockMappedWriteGuard<'l, T>,
}

/// As [`tokio::sync::OwnedRwLockMappedWriteGuard`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
///
/// let pair = Arc::new(RwLock::new((1, 2)));
/// let guard = Arc::clone(&pair).try_write_owned().unwrap();
/// let mut first: OwnedRwLockMappedWriteGuard<(i32, i32), i32> =
///     OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.0);
/// *first += 1;
/// drop(first);
/// assert_eq!(*pair.try_read().unwrap(), (2, 2));
/// ```
#[must_use = "the lock is released where its guard is dropped"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized + 'static, U: ?Sized + 'static = T> {
    // Dropped in this order.
    pub(super) hold: Hold,
    pub(super) inner: original::RwLockMappedWriteGuard<'static, U>,
    pub(super) lock: Arc<RwLock<T>>,
}

impl<'l, T: ?Sized> RwLockReadGuard<'l, T> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockReadGuard};
    ///
    /// let pair = RwLock::new((1, "two"));
    /// let first = RwLockReadGuard::map(pair.try_read().unwrap(), |pair| &pair.0);
    /// // The whole is locked to read.
    /// assert!(*first == 1 && pair.try_write().is_err());
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockReadGuard { hold, inner: original::RwLockReadGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockReadGuard};
    ///
    /// let numbers = RwLock::new(vec![1, 2]);
    /// let guard = RwLockReadGuard::try_map(numbers.try_read().unwrap(), |numbers| numbers.get(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// let second = RwLockReadGuard::try_map(guard, |numbers| numbers.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> Option<&U>) -> Result<RwLockReadGuard<'l, U>, Self> {
        let Self { hold, inner } = this;
        match original::RwLockReadGuard::try_map(inner, part) {
            Ok(inner) => Ok(RwLockReadGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner }),
        }
    }
}

impl<T: ?Sized + 'static, U: ?Sized + 'static> OwnedRwLockReadGuard<T, U> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockReadGuard, RwLock};
    ///
    /// let pair = Arc::new(RwLock::new((1, "two")));
    /// let second = OwnedRwLockReadGuard::map(Arc::clone(&pair).try_read_owned().unwrap(), |pair| pair.1);
    /// // The whole is locked to read.
    /// assert!(&*second == "two" && pair.try_write().is_err());
    /// ```
    pub fn map<V: ?Sized>(this: Self, part: impl FnOnce(&U) -> &V) -> OwnedRwLockReadGuard<T, V> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockReadGuard { hold, inner: original::RwLockReadGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockReadGuard, RwLock};
    ///
    /// let guard = Arc::new(RwLock::new(vec![1, 2])).try_read_owned().unwrap();
    /// let guard = OwnedRwLockReadGuard::try_map(guard, |numbers| numbers.get(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// let second = OwnedRwLockReadGuard::try_map(guard, |numbers| numbers.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<V: ?Sized>(
        this: Self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<OwnedRwLockReadGuard<T, V>, Self> {
        let Self { hold, inner, lock } = this;
        match original::RwLockReadGuard::try_map(inner, part) {
            Ok(inner) => Ok(OwnedRwLockReadGuard { hold, inner, lock }),
            Err(inner) => Err(Self { hold, inner, lock }),
        }
    }

    /// The lock.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockReadGuard, RwLock};
    ///
    /// let guard = Arc::new(RwLock::new(42)).try_read_owned().unwrap();
    /// let lock = Arc::clone(OwnedRwLockReadGuard::rwlock(&guard));
    /// assert!(lock.try_write().is_err());
    /// drop(guard);
    /// assert!(lock.try_write().is_ok());
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<'l, T: ?Sized> RwLockWriteGuard<'l, T> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockWriteGuard};
    ///
    /// let pair = RwLock::new((41, "two"));
    /// *RwLockWriteGuard::map(pair.try_write().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(pair.into_inner(), (42, "two"));
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockWriteGuard};
    ///
    /// let numbers = RwLock::new(vec![1, 2]);
    /// let guard = RwLockWriteGuard::try_map(numbers.try_write().unwrap(), |numbers| numbers.get_mut(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// *RwLockWriteGuard::try_map(guard, |numbers| numbers.get_mut(1)).unwrap() += 1;
    /// assert_eq!(numbers.into_inner(), [1, 3]);
    /// ```
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'l, U>, Self> {
        let Self { hold, inner } = this;
        match original::RwLockWriteGuard::try_map(inner, part) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner }),
        }
    }

    /// A guard that reads a part of what is locked; others may read, too.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockWriteGuard};
    ///
    /// let pair = RwLock::new((41, "two"));
    /// let mut guard = pair.try_write().unwrap();
    /// guard.0 += 1;
    /// let first = RwLockWriteGuard::downgrade_map(guard, |pair| &pair.0);
    /// assert_eq!(*first, pair.try_read().unwrap().0);
    /// ```
    pub fn downgrade_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockReadGuard { hold, inner: original::RwLockWriteGuard::downgrade_map(inner, part) }
    }

    /// As `downgrade_map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockWriteGuard};
    ///
    /// let numbers = RwLock::new(vec![1, 2]);
    /// let guard = numbers.try_write().unwrap();
    /// let guard = RwLockWriteGuard::try_downgrade_map(guard, |numbers| numbers.get(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// assert!(numbers.try_read().is_err());
    /// let second = RwLockWriteGuard::try_downgrade_map(guard, |numbers| numbers.get(1)).unwrap();
    /// assert!(*second == 2 && numbers.try_read().is_ok());
    /// ```
    pub fn try_downgrade_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<RwLockReadGuard<'l, U>, Self> {
        let Self { hold, inner } = this;
        match original::RwLockWriteGuard::try_downgrade_map(inner, part) {
            Ok(inner) => Ok(RwLockReadGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner }),
        }
    }

    /// The guard as one for a part, which is all of it.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    ///
    /// let (number, pair) = (RwLock::new(41), RwLock::new((1, 2)));
    /// let guards: [RwLockMappedWriteGuard<'_, i32>; 2] = [
    ///     RwLockWriteGuard::into_mapped(number.try_write().unwrap()),
    ///     RwLockWriteGuard::map(pair.try_write().unwrap(), |pair| &mut pair.0),
    /// ];
    /// guards.into_iter().for_each(|mut guard| *guard += 1);
    /// assert_eq!((number.into_inner(), pair.into_inner()), (42, (2, 2)));
    /// ```
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'l, T> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::into_mapped(inner) }
    }

    /// A guard that reads; others may read, too.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let names = RwLock::new(vec!["gopher"]);
    /// let mut writing = names.try_write().unwrap();
    /// writing.push("crab");
    /// let reading = writing.downgrade();
    /// assert!(names.try_read().is_ok() && names.try_write().is_err());
    /// assert_eq!(*reading, ["gopher", "crab"]);
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'l, T> {
        let Self { hold, inner } = self;
        RwLockReadGuard { hold, inner: inner.downgrade() }
    }
}

impl<T: ?Sized + 'static> OwnedRwLockWriteGuard<T> {
    /// A guard for a part of what is locked.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let pair = Arc::new(RwLock::new((41, "two")));
    /// *OwnedRwLockWriteGuard::map(Arc::clone(&pair).try_write_owned().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(*pair.try_read().unwrap(), (42, "two"));
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> OwnedRwLockMappedWriteGuard<T, U> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let guard = Arc::new(RwLock::new(vec![1, 2])).try_write_owned().unwrap();
    /// let guard = OwnedRwLockWriteGuard::try_map(guard, |numbers| numbers.get_mut(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// let second = OwnedRwLockWriteGuard::try_map(guard, |numbers| numbers.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self> {
        let Self { hold, inner, lock } = this;
        match original::RwLockWriteGuard::try_map(inner, part) {
            Ok(inner) => Ok(OwnedRwLockMappedWriteGuard { hold, inner, lock }),
            Err(inner) => Err(Self { hold, inner, lock }),
        }
    }

    /// A guard that reads a part of what is locked; others may read, too.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let pair = Arc::new(RwLock::new((41, "two")));
    /// let mut guard = Arc::clone(&pair).try_write_owned().unwrap();
    /// guard.0 += 1;
    /// let first = OwnedRwLockWriteGuard::downgrade_map(guard, |pair| &pair.0);
    /// assert_eq!(*first, pair.try_read().unwrap().0);
    /// ```
    pub fn downgrade_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> OwnedRwLockReadGuard<T, U> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockReadGuard { hold, inner: original::RwLockWriteGuard::downgrade_map(inner, part), lock }
    }

    /// As `downgrade_map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let numbers = Arc::new(RwLock::new(vec![1, 2]));
    /// let guard = Arc::clone(&numbers).try_write_owned().unwrap();
    /// let guard = OwnedRwLockWriteGuard::try_downgrade_map(guard, |numbers| numbers.get(7)).unwrap_err();
    /// // There is no such part: the lock is held as before.
    /// assert!(numbers.try_read().is_err());
    /// let second = OwnedRwLockWriteGuard::try_downgrade_map(guard, |numbers| numbers.get(1)).unwrap();
    /// assert!(*second == 2 && numbers.try_read().is_ok());
    /// ```
    pub fn try_downgrade_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self> {
        let Self { hold, inner, lock } = this;
        match original::RwLockWriteGuard::try_downgrade_map(inner, part) {
            Ok(inner) => Ok(OwnedRwLockReadGuard { hold, inner, lock }),
            Err(inner) => Err(Self { hold, inner, lock }),
        }
    }

    /// The guard as one for a part, which is all of it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    ///
    /// let number = Arc::new(RwLock::new(41));
    /// let guard = Arc::clone(&number).try_write_owned().unwrap();
    /// let mut guard: OwnedRwLockMappedWriteGuard<i32> = OwnedRwLockWriteGuard::into_mapped(guard);
    /// *guard += 1;
    /// drop(guard);
    /// assert_eq!(*number.try_read().unwrap(), 42);
    /// ```
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::into_mapped(inner), lock }
    }

    /// A guard that reads; others may read, too.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::RwLock;
    ///
    /// let names = Arc::new(RwLock::new(vec!["gopher"]));
    /// let mut writing = Arc::clone(&names).try_write_owned().unwrap();
    /// writing.push("crab");
    /// let reading = writing.downgrade();
    /// assert!(names.try_read().is_ok() && names.try_write().is_err());
    /// assert_eq!(*reading, ["gopher", "crab"]);
    /// ```
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        let Self { hold, inner, lock } = self;
        OwnedRwLockReadGuard { hold, inner: inner.downgrade(), lock }
    }

    /// The lock.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let guard = Arc::new(RwLock::new(42)).try_write_owned().unwrap();
    /// let lock = Arc::clone(OwnedRwLockWriteGuard::rwlock(&guard));
    /// assert!(lock.try_read().is_err());
    /// drop(guard);
    /// assert_eq!(*lock.try_read().unwrap(), 42);
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<'l, T: ?Sized> RwLockMappedWriteGuard<'l, T> {
    /// A guard for a part of the part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    ///
    /// let nested = RwLock::new((1, ("two", 41)));
    /// let second = RwLockWriteGuard::map(nested.try_write().unwrap(), |nested| &mut nested.1);
    /// *RwLockMappedWriteGuard::map(second, |second| &mut second.1) += 1;
    /// assert_eq!(nested.into_inner(), (1, ("two", 42)));
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockMappedWriteGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    ///
    /// let nested = RwLock::new((1, vec![2, 3]));
    /// let numbers = RwLockWriteGuard::map(nested.try_write().unwrap(), |nested| &mut nested.1);
    /// let numbers = RwLockMappedWriteGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    /// let last = RwLockMappedWriteGuard::try_map(numbers, |numbers| numbers.last_mut()).unwrap();
    /// assert_eq!(*last, 3);
    /// ```
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'l, U>, Self> {
        let Self { hold, inner } = this;
        match original::RwLockMappedWriteGuard::try_map(inner, part) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { hold, inner }),
            Err(inner) => Err(Self { hold, inner }),
        }
    }
}

impl<T: ?Sized + 'static, U: ?Sized + 'static> OwnedRwLockMappedWriteGuard<T, U> {
    /// A guard for a part of the part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    ///
    /// let nested = Arc::new(RwLock::new((1, ("two", 41))));
    /// let second = OwnedRwLockWriteGuard::map(Arc::clone(&nested).try_write_owned().unwrap(), |nested| &mut nested.1);
    /// *OwnedRwLockMappedWriteGuard::map(second, |second| &mut second.1) += 1;
    /// assert_eq!(nested.try_read().unwrap().1, ("two", 42));
    /// ```
    pub fn map<V: ?Sized>(this: Self, part: impl FnOnce(&mut U) -> &mut V) -> OwnedRwLockMappedWriteGuard<T, V> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockMappedWriteGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    ///
    /// let nested = Arc::new(RwLock::new((1, vec![2, 3])));
    /// let numbers = OwnedRwLockWriteGuard::map(nested.try_write_owned().unwrap(), |nested| &mut nested.1);
    /// let numbers = OwnedRwLockMappedWriteGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    /// let last = OwnedRwLockMappedWriteGuard::try_map(numbers, |numbers| numbers.last_mut()).unwrap();
    /// assert_eq!(*last, 3);
    /// ```
    pub fn try_map<V: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self> {
        let Self { hold, inner, lock } = this;
        match original::RwLockMappedWriteGuard::try_map(inner, part) {
            Ok(inner) => Ok(OwnedRwLockMappedWriteGuard { hold, inner, lock }),
            Err(inner) => Err(Self { hold, inner, lock }),
        }
    }

    /// The lock.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::{OwnedRwLockMappedWriteGuard, OwnedRwLockWriteGuard, RwLock};
    ///
    /// let pair = Arc::new(RwLock::new((1, "two")));
    /// let first = OwnedRwLockWriteGuard::map(Arc::clone(&pair).try_write_owned().unwrap(), |pair| &mut pair.0);
    /// assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&first), &pair));
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

shown_as_inner!(['l, T: ?Sized] RwLockReadGuard<'l, T> => T);
shown_as_inner!([T: ?Sized + 'static, U: ?Sized + 'static] OwnedRwLockReadGuard<T, U> => U);
shown_as_inner!(mut ['l, T: ?Sized] RwLockWriteGuard<'l, T> => T);
shown_as_inner!(mut [T: ?Sized + 'static] OwnedRwLockWriteGuard<T> => T);
shown_as_inner!(mut ['l, T: ?Sized] RwLockMappedWriteGuard<'l, T> => T);
shown_as_inner!(mut [T: ?Sized + 'static, U: ?Sized + 'static] OwnedRwLockMappedWriteGuard<T, U> => U);
