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
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(1);
    /// let permit = permits.try_acquire().unwrap();
    /// assert!(permits.try_acquire().is_err());
    /// # drop(permit);
    /// ```
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Self { place: Place::named(""), inner: ::tokio::sync::Semaphore::new(permits) }
    }

    /// As `new`, where a constant is needed.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// static PERMITS: Semaphore = Semaphore::const_new(3);
    /// assert_eq!(PERMITS.available_permits(), 3);
    /// ```
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Self::named("", permits)
    }

    /// So many permits with a name, under which the trace has how long each is held.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    /// use goroscope_recorder::{FutureExt, Holds, Recorder, Ring};
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::named("connections", 10);
    ///
    /// let recording = Recorder::builder().lock_holds(Holds::Recorded).start_ring(Ring::default())?;
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { drop(CONNECTIONS.acquire().await) }.traced());
    /// let mut trace = Vec::new();
    /// recording.snapshot_writer(&mut trace)?;
    /// assert!(String::from_utf8_lossy(&trace).contains("connections held"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub const fn named(name: &'static str, permits: usize) -> Self {
        Self { place: Place::named(name), inner: ::tokio::sync::Semaphore::const_new(permits) }
    }

    /// How many there are to have.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// let two = permits.try_acquire_many(2).unwrap();
    /// assert_eq!(permits.available_permits(), 1);
    /// drop(two);
    /// assert_eq!(permits.available_permits(), 3);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.inner.available_permits()
    }

    /// So many more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Semaphore::new(0);
    /// let (permit, ()) = tokio::join!(permits.acquire(), async { permits.add_permits(1) });
    /// assert_eq!(permit.unwrap().num_permits(), 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_permits(&self, many: usize) {
        self.inner.add_permits(many);
    }

    /// So many less, or as many as there are to have; how many it was.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// assert_eq!((permits.forget_permits(2), permits.available_permits()), (2, 1));
    /// assert_eq!((permits.forget_permits(2), permits.available_permits()), (1, 0));
    /// ```
    pub fn forget_permits(&self, many: usize) -> usize {
        self.inner.forget_permits(many)
    }

    /// Waits for a permit.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Semaphore::new(1);
    /// let permit = permits.acquire().await.unwrap();
    /// let (second, ()) = tokio::join!(permits.acquire(), async { drop(permit) });
    /// assert_eq!(second.unwrap().num_permits(), 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.permit(self.inner.acquire().await)
    }

    /// Waits for so many permits.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Semaphore::new(3);
    /// let two = permits.acquire_many(2).await.unwrap();
    /// assert_eq!((two.num_permits(), permits.available_permits()), (2, 1));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.permit(self.inner.acquire_many(many).await)
    }

    /// A permit, if there is one.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::{Semaphore, TryAcquireError};
    ///
    /// let permits = Semaphore::new(1);
    /// let permit = permits.try_acquire().unwrap();
    /// assert!(matches!(permits.try_acquire(), Err(TryAcquireError::NoPermits)));
    /// drop(permit);
    /// permits.close();
    /// assert!(matches!(permits.try_acquire(), Err(TryAcquireError::Closed)));
    /// ```
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permit(self.inner.try_acquire())
    }

    /// So many permits, if there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// assert!(permits.try_acquire_many(4).is_err());
    /// assert_eq!(permits.try_acquire_many(3).unwrap().num_permits(), 3);
    /// ```
    pub fn try_acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permit(self.inner.try_acquire_many(many))
    }

    /// As `acquire`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    /// use goroscope_recorder::thread;
    ///
    /// let permits = Semaphore::new(0);
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| permits.blocking_acquire().is_ok());
    ///     permits.add_permits(1);
    ///     assert!(waiting.join().expect("no panic"));
    /// });
    /// ```
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        block(SYNC, self.acquire())
    }

    /// As `acquire_many`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    /// use goroscope_recorder::thread;
    ///
    /// let permits = Semaphore::new(1);
    /// thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| permits.blocking_acquire_many(3).map(|permit| permit.num_permits()));
    ///     permits.add_permits(2);
    ///     assert_eq!(waiting.join().expect("no panic").ok(), Some(3));
    /// });
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many(&self, many: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        block(SYNC, self.acquire_many(many))
    }

    /// As `acquire`, with a permit that keeps this alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Arc::new(Semaphore::new(1));
    /// let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
    /// // The permit goes to another task.
    /// tokio::spawn(async move { drop(permit) }).await.unwrap();
    /// assert_eq!(permits.available_permits(), 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.acquire_many_owned(1).await
    }

    /// As `acquire_many`, with a permit that keeps this alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Arc::new(Semaphore::new(3));
    /// let two = Arc::clone(&permits).acquire_many_owned(2).await.unwrap();
    /// assert_eq!((two.num_permits(), permits.available_permits()), (2, 1));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        let inner = extended(&self).inner.acquire_many(many).await?;
        Ok(self.owned(inner))
    }

    /// As `try_acquire`, with a permit that keeps this alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(1));
    /// let permit = Arc::clone(&permits).try_acquire_owned().unwrap();
    /// assert!(Arc::clone(&permits).try_acquire_owned().is_err());
    /// # drop(permit);
    /// ```
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As `try_acquire_many`, with a permit that keeps this alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(3));
    /// assert!(Arc::clone(&permits).try_acquire_many_owned(4).is_err());
    /// assert_eq!(permits.try_acquire_many_owned(3).unwrap().num_permits(), 3);
    /// ```
    pub fn try_acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let inner = extended(&self).inner.try_acquire_many(many)?;
        Ok(self.owned(inner))
    }

    /// As `acquire_owned`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    /// use goroscope_recorder::thread;
    ///
    /// let permits = Arc::new(Semaphore::new(0));
    /// let waited_for = Arc::clone(&permits);
    /// let waiting = thread::spawn(move || waited_for.blocking_acquire_owned().is_ok());
    /// permits.add_permits(1);
    /// assert!(waiting.join().expect("no panic"));
    /// ```
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        block(SYNC, self.acquire_owned())
    }

    /// As `acquire_many_owned`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    /// use goroscope_recorder::thread;
    ///
    /// let permits = Arc::new(Semaphore::new(1));
    /// let waited_for = Arc::clone(&permits);
    /// let waiting = thread::spawn(move || waited_for.blocking_acquire_many_owned(3).map(|three| three.num_permits()));
    /// permits.add_permits(2);
    /// assert_eq!(waiting.join().expect("no panic").ok(), Some(3));
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many_owned(self: Arc<Self>, many: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        block(SYNC, self.acquire_many_owned(many))
    }

    /// Nobody gets a permit any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let permits = Semaphore::new(0);
    /// // Who waits already does not get one, either.
    /// let (waited, ()) = tokio::join!(permits.acquire(), async { permits.close() });
    /// assert!(waited.is_err());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.inner.close();
    }

    /// Whether `close` was called.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(1);
    /// assert!(!permits.is_closed());
    /// permits.close();
    /// assert!(permits.is_closed());
    /// ```
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
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(2);
    /// permits.try_acquire().unwrap().forget();
    /// assert_eq!(permits.available_permits(), 1);
    /// ```
    pub fn forget(self) {
        let Self { hold, inner, .. } = self;
        drop(hold);
        inner.forget();
    }

    /// It is the permits of both; panics if the other one is of another semaphore.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// let mut permit = permits.try_acquire().unwrap();
    /// permit.merge(permits.try_acquire_many(2).unwrap());
    /// assert_eq!(permit.num_permits(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let Self { hold, inner, .. } = other;
        drop(hold);
        self.inner.merge(inner);
    }

    /// So many of its permits, if it has them.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// let mut permit = permits.try_acquire_many(3).unwrap();
    /// assert!(permit.split(4).is_none());
    /// drop(permit.split(1));
    /// assert_eq!((permit.num_permits(), permits.available_permits()), (2, 1));
    /// ```
    pub fn split(&mut self, many: usize) -> Option<Self> {
        let inner = self.inner.split(many)?;
        Some(Self { hold: Hold::begin(&self.semaphore.place), inner, semaphore: self.semaphore })
    }

    /// The semaphore.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(2);
    /// let permit = permits.try_acquire().unwrap();
    /// assert_eq!(permit.semaphore().available_permits(), 1);
    /// ```
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }

    /// How many it is.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Semaphore::new(3);
    /// let (one, two) = (permits.try_acquire().unwrap(), permits.try_acquire_many(2).unwrap());
    /// assert_eq!((one.num_permits(), two.num_permits()), (1, 2));
    /// ```
    pub fn num_permits(&self) -> usize {
        self.inner.num_permits()
    }
}

impl OwnedSemaphorePermit {
    /// It is never given back.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(2));
    /// Arc::clone(&permits).try_acquire_owned().unwrap().forget();
    /// assert_eq!(permits.available_permits(), 1);
    /// ```
    pub fn forget(self) {
        let Self { hold, inner, semaphore } = self;
        drop(hold);
        inner.forget();
        drop(semaphore);
    }

    /// It is the permits of both; panics if the other one is of another semaphore.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(3));
    /// let mut permit = Arc::clone(&permits).try_acquire_owned().unwrap();
    /// permit.merge(permits.try_acquire_many_owned(2).unwrap());
    /// assert_eq!(permit.num_permits(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let Self { hold, inner, semaphore } = other;
        drop(hold);
        self.inner.merge(inner);
        drop(semaphore);
    }

    /// So many of its permits, if it has them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(3));
    /// let mut permit = Arc::clone(&permits).try_acquire_many_owned(3).unwrap();
    /// assert!(permit.split(4).is_none());
    /// drop(permit.split(1));
    /// assert_eq!((permit.num_permits(), permits.available_permits()), (2, 1));
    /// ```
    pub fn split(&mut self, many: usize) -> Option<Self> {
        let inner = self.inner.split(many)?;
        Some(Arc::clone(&self.semaphore).owned(inner))
    }

    /// The semaphore.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permit = Arc::new(Semaphore::new(2)).try_acquire_owned().unwrap();
    /// assert_eq!(permit.semaphore().available_permits(), 1);
    /// ```
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// How many it is.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use goroscope_recorder::sync::tokio::Semaphore;
    ///
    /// let permits = Arc::new(Semaphore::new(3));
    /// let two = permits.try_acquire_many_owned(2).unwrap();
    /// assert_eq!(two.num_permits(), 2);
    /// ```
    pub fn num_permits(&self) -> usize {
        self.inner.num_permits()
    }
}
