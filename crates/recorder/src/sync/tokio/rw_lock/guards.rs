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
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockReadGuard { hold, inner: original::RwLockReadGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
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
    pub fn map<V: ?Sized>(this: Self, part: impl FnOnce(&U) -> &V) -> OwnedRwLockReadGuard<T, V> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockReadGuard { hold, inner: original::RwLockReadGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
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
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<'l, T: ?Sized> RwLockWriteGuard<'l, T> {
    /// A guard for a part of what is locked.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
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
    pub fn downgrade_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockReadGuard { hold, inner: original::RwLockWriteGuard::downgrade_map(inner, part) }
    }

    /// As `downgrade_map`, if there is that part.
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
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'l, T> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::into_mapped(inner) }
    }

    /// A guard that reads; others may read, too.
    pub fn downgrade(self) -> RwLockReadGuard<'l, T> {
        let Self { hold, inner } = self;
        RwLockReadGuard { hold, inner: inner.downgrade() }
    }
}

impl<T: ?Sized + 'static> OwnedRwLockWriteGuard<T> {
    /// A guard for a part of what is locked.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> OwnedRwLockMappedWriteGuard<T, U> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
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
    pub fn downgrade_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> OwnedRwLockReadGuard<T, U> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockReadGuard { hold, inner: original::RwLockWriteGuard::downgrade_map(inner, part), lock }
    }

    /// As `downgrade_map`, if there is that part.
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
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockWriteGuard::into_mapped(inner), lock }
    }

    /// A guard that reads; others may read, too.
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        let Self { hold, inner, lock } = self;
        OwnedRwLockReadGuard { hold, inner: inner.downgrade(), lock }
    }

    /// The lock.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<'l, T: ?Sized> RwLockMappedWriteGuard<'l, T> {
    /// A guard for a part of the part.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'l, U> {
        let Self { hold, inner } = this;
        RwLockMappedWriteGuard { hold, inner: original::RwLockMappedWriteGuard::map(inner, part) }
    }

    /// As `map`, if there is that part.
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
    pub fn map<V: ?Sized>(this: Self, part: impl FnOnce(&mut U) -> &mut V) -> OwnedRwLockMappedWriteGuard<T, V> {
        let Self { hold, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { hold, inner: original::RwLockMappedWriteGuard::map(inner, part), lock }
    }

    /// As `map`, if there is that part.
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
