//! Permits, of which there are so many.

use std::sync::Arc;

use super::owned::extended;
use super::{AcquireError, TryAcquireError, block};
use crate::hold::{Hold, Place};
use crate::wait::SYNC;

/// As [`tokio::sync::Semaphore`], with holding times and blocking waits that are recorded.
///
/// ```
/// use goroscope_recorder::sync::tokio::Semaphore;
///
/// static PERMITS: Semaphore = Semaphore::named("permits", 2);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let permit = PERMITS.acquire().await.unwrap();
/// assert_eq!(PERMITS.available_permits(), 1);
/// drop(permit);
/// # });
/// let both = PERMITS.blocking_acquire_many(2).unwrap();
/// assert!(PERMITS.try_acquire().is_err());
/// # drop(both);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Semaphore {
    place: Place,
    inner: ::tokio::sync::Semaphore,
}

/// As [`tokio::sync::SemaphorePermit`].
///
/// ```
/// use goroscope_recorder::sync::tokio::Semaphore;
///
/// let permits = Semaphore::new(3);
/// let mut permit = permits.try_acquire_many(3).unwrap();
/// let part = permit.split(1).unwrap();
/// assert_eq!((permit.num_permits(), part.num_permits()), (2, 1));
/// permit.merge(part);
/// permit.forget();
/// assert_eq!(permits.available_permits(), 0);
/// ```
#[derive(Debug)]
#[must_use = "a permit is given back where it is dropped"]
pub struct SemaphorePermit<'s> {
    // Dropped in this order.
    hold: Hold,
    inner: ::tokio::sync::SemaphorePermit<'s>,
    semaphore: &'s Semaphore,
}

/// As [`tokio::sync::OwnedSemaphorePermit`].
///
/// ```
/// use std::sync::Arc;
/// use goroscope_recorder::sync::tokio::Semaphore;
///
/// let permits = Arc::new(Semaphore::new(1));
/// let permit = Arc::clone(&permits).try_acquire_owned().unwrap();
/// assert!(Arc::ptr_eq(permit.semaphore(), &permits));
/// drop(permit);
/// assert_eq!(permits.available_permits(), 1);
/// ```
#[derive(Debug)]
#[must_use = "a permit is given back where it is dropped"]
pub struct OwnedSemaphorePermit {
    hold: Hold,
    inner: ::tokio::sync::SemaphorePermit<'static>,
    semaphore: Arc<Semaphore>,
}

impl Semaphore {
    /// The most permits there can be.
    pub const MAX_PERMITS: usize = ::tokio::sync::Semaphore::MAX_PERMITS;

    /// So many permits, called after the place of the call.
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Self { place: Place::named(""), inner: ::tokio::sync::Semaphore::new(permits) }
    }

    /// As `new`, where a constant is needed.
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Self::named("", permits)
    }

    /// So many permits with a name, under which the trace has how long each is held.
    #[track_caller]
    pub const fn named(name: &'static str, permits: usize) -> Self {
        Self { place: Place::named(name), inner: ::tokio::sync::Semaphore::const_new(permits) }
    }

    /// How many there are to have.
    pub fn available_permits(&self) -> usize {
        self.inner.available_permits()
    }

    /// So many more.
    pub fn add_permits(&self, many: usize) {
        self.inner.add_permits(many);
    }

    /// So many less, or as many as there are to have; how many it was.
    pub fn forget_permits(&self, many: usize) -> usize {
        self.inner.forget_permits(many)
    }

    /// Waits for a permit.
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.permit(self.inner.acquire().await)
    }

    /// Waits for so many permits.
    pub async fn acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.permit(self.inner.acquire_many(many).await)
    }

    /// A permit, if there is one.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permit(self.inner.try_acquire())
    }

    /// So many permits, if there are.
    pub fn try_acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permit(self.inner.try_acquire_many(many))
    }

    /// As `acquire`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        block(SYNC, self.acquire())
    }

    /// As `acquire_many`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        block(SYNC, self.acquire_many(many))
    }

    /// As `acquire`, with a permit that keeps this alive.
    pub async fn acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.acquire_many_owned(1).await
    }

    /// As `acquire_many`, with a permit that keeps this alive.
    pub async fn acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        let inner = extended(&self).inner.acquire_many(many).await?;
        Ok(self.owned(inner))
    }

    /// As `try_acquire`, with a permit that keeps this alive.
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As `try_acquire_many`, with a permit that keeps this alive.
    pub fn try_acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let inner = extended(&self).inner.try_acquire_many(many)?;
        Ok(self.owned(inner))
    }

    /// As `acquire_owned`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        block(SYNC, self.acquire_owned())
    }

    /// As `acquire_many_owned`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        block(SYNC, self.acquire_many_owned(many))
    }

    /// Nobody gets a permit any more.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Whether `close` was called.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn permit<'s, E>(&'s self, inner: Result<::tokio::sync::SemaphorePermit<'s>, E>) -> Result<SemaphorePermit<'s>, E> {
        inner.map(|inner| SemaphorePermit { hold: Hold::begin(&self.place), inner, semaphore: self })
    }

    fn owned(self: Arc<Self>, inner: ::tokio::sync::SemaphorePermit<'static>) -> OwnedSemaphorePermit {
        OwnedSemaphorePermit { hold: Hold::begin(&self.place), inner, semaphore: self }
    }
}

impl SemaphorePermit<'_> {
    /// It is never given back.
    pub fn forget(self) {
        let Self { hold, inner, .. } = self;
        drop(hold);
        inner.forget();
    }

    /// It is the permits of both; panics if the other one is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let Self { hold, inner, .. } = other;
        drop(hold);
        self.inner.merge(inner);
    }

    /// So many of its permits, if it has them.
    pub fn split(&mut self, many: usize) -> Option<Self> {
        let inner = self.inner.split(many)?;
        Some(Self { hold: Hold::begin(&self.semaphore.place), inner, semaphore: self.semaphore })
    }

    /// The semaphore.
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }

    /// How many it is.
    pub fn num_permits(&self) -> usize {
        self.inner.num_permits()
    }
}

impl OwnedSemaphorePermit {
    /// It is never given back.
    pub fn forget(self) {
        let Self { hold, inner, semaphore } = self;
        drop(hold);
        inner.forget();
        drop(semaphore);
    }

    /// It is the permits of both; panics if the other one is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let Self { hold, inner, semaphore } = other;
        drop(hold);
        self.inner.merge(inner);
        drop(semaphore);
    }

    /// So many of its permits, if it has them.
    pub fn split(&mut self, many: usize) -> Option<Self> {
        let inner = self.inner.split(many)?;
        Some(Arc::clone(&self.semaphore).owned(inner))
    }

    /// The semaphore.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// How many it is.
    pub fn num_permits(&self) -> usize {
        self.inner.num_permits()
    }
}
