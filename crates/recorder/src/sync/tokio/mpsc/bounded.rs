//! Channels with room for so much.

use std::fmt;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::sync::mpsc as original;

use super::Queue;
use super::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
use crate::sync::tokio::block;
use crate::wait::{CHAN_RECEIVE, CHAN_SEND};

/// As [`tokio::sync::mpsc::channel`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::mpsc::channel(1);
/// sender.try_send(42)?;
/// assert!(sender.try_send(43).is_err());
/// assert_eq!(receiver.try_recv()?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    with(buffer, &Queue::default())
}

/// As `channel`, with a counter of this name for how much is in the channel.
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::tokio::mpsc::named_channel("jobs", 2);
/// sender.try_send(42)?;
/// assert_eq!(receiver.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn named_channel<T>(name: &'static str, buffer: usize) -> (Sender<T>, Receiver<T>) {
    with(buffer, &Queue::named(name))
}

#[track_caller]
fn with<T>(buffer: usize, queue: &Queue) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = original::channel(buffer);
    (Sender { inner: sender, queue: queue.clone() }, Receiver { inner: receiver, queue: queue.clone() })
}

/// As [`tokio::sync::mpsc::Sender`].
///
/// ```
/// use goroscope_recorder::sync::tokio::mpsc::{Sender, channel};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (sender, mut receiver) = channel(2);
/// let another: Sender<i32> = sender.clone();
/// sender.send(40).await.unwrap();
/// another.reserve().await.unwrap().send(2);
/// assert_eq!((another.capacity(), another.max_capacity()), (0, 2));
/// let mut received = Vec::new();
/// assert_eq!(receiver.recv_many(&mut received, 10).await, 2);
/// assert_eq!(received, [40, 2]);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Sender<T> {
    inner: original::Sender<T>,
    queue: Queue,
}

/// As [`tokio::sync::mpsc::WeakSender`].
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::tokio::mpsc::channel::<i32>(1);
/// let weak = sender.downgrade();
/// assert!(weak.upgrade().is_some_and(|strong| strong.same_channel(&sender)));
/// drop(sender);
/// assert!(weak.upgrade().is_none() && receiver.is_closed());
/// ```
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
    queue: Queue,
}

/// As [`tokio::sync::mpsc::Receiver`].
///
/// ```
/// use goroscope_recorder::sync::tokio::mpsc::{Receiver, channel, error::TryRecvError};
///
/// let (sender, mut receiver): (_, Receiver<i32>) = channel(1);
/// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
/// sender.blocking_send(42)?;
/// receiver.close();
/// assert!(sender.is_closed());
/// assert_eq!((receiver.blocking_recv(), receiver.blocking_recv()), (Some(42), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    queue: Queue,
}

/// As [`tokio::sync::mpsc::Permit`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::mpsc::channel(1);
/// let permit = sender.try_reserve()?;
/// assert!(sender.try_send(1).is_err());
/// permit.send(42);
/// assert_eq!(receiver.try_recv()?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the room is given back where the permit is dropped"]
pub struct Permit<'s, T> {
    inner: original::Permit<'s, T>,
    queue: &'s Queue,
}

/// As [`tokio::sync::mpsc::PermitIterator`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::mpsc::channel(3);
/// for (n, permit) in (1..).zip(sender.try_reserve_many(3)?) {
///     permit.send(n);
/// }
/// assert_eq!((receiver.try_recv()?, receiver.len()), (1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the room is given back where the permits are dropped"]
pub struct PermitIterator<'s, T> {
    inner: original::PermitIterator<'s, T>,
    queue: &'s Queue,
}

/// As [`tokio::sync::mpsc::OwnedPermit`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::mpsc::channel(1);
/// let permit = sender.try_reserve_owned().unwrap();
/// let sender = permit.send(42);
/// assert_eq!(receiver.try_recv()?, 42);
/// let sender = sender.try_reserve_owned().unwrap().release();
/// assert_eq!(sender.capacity(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the room is given back where the permit is dropped"]
pub struct OwnedPermit<T> {
    inner: original::OwnedPermit<T>,
    queue: Queue,
}

impl<T> Sender<T> {
    /// Waits for room and sends.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let sending = tokio::spawn(async move {
    ///     // There is room for one: the second one waits.
    ///     sender.send(1).await?;
    ///     sender.send(2).await
    /// });
    /// assert_eq!((receiver.recv().await, receiver.recv().await), (Some(1), Some(2)));
    /// assert!(sending.await.unwrap().is_ok());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        // Counted before somebody can receive it.
        match self.inner.reserve().await {
            Ok(permit) => {
                self.queue.sent();
                permit.send(value);
                Ok(())
            }
            Err(SendError(())) => Err(SendError(value)),
        }
    }

    /// As `send`, but waits no longer than this.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::tokio::mpsc::{self, error::SendTimeoutError};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let (sender, receiver) = mpsc::channel(1);
    /// assert_eq!(sender.send_timeout(1, Duration::MAX).await, Ok(()));
    /// assert_eq!(sender.send_timeout(2, Duration::from_millis(1)).await, Err(SendTimeoutError::Timeout(2)));
    /// drop(receiver);
    /// assert_eq!(sender.send_timeout(3, Duration::MAX).await, Err(SendTimeoutError::Closed(3)));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn send_timeout(&self, value: T, period: Duration) -> Result<(), SendTimeoutError<T>> {
        match ::tokio::time::timeout(period, self.inner.reserve()).await {
            Err(_) => Err(SendTimeoutError::Timeout(value)),
            Ok(Err(SendError(()))) => Err(SendTimeoutError::Closed(value)),
            Ok(Ok(permit)) => {
                self.queue.sent();
                permit.send(value);
                Ok(())
            }
        }
    }

    /// As `send`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let sending = thread::spawn(move || sender.blocking_send(1).and_then(|()| sender.blocking_send(2)));
    /// assert_eq!((receiver.blocking_recv(), receiver.blocking_recv()), (Some(1), Some(2)));
    /// assert!(sending.join().unwrap().is_ok());
    /// ```
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        block(CHAN_SEND, self.send(value))
    }

    /// Sends if there is room.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc::{self, error::TrySendError};
    ///
    /// let (sender, receiver) = mpsc::channel(1);
    /// assert_eq!(sender.try_send(1), Ok(()));
    /// assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
    /// drop(receiver);
    /// assert_eq!(sender.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.inner.try_reserve() {
            Ok(permit) => {
                self.queue.sent();
                permit.send(value);
                Ok(())
            }
            Err(TrySendError::Full(())) => Err(TrySendError::Full(value)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(value)),
        }
    }

    /// Waits until nothing can be sent any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel::<i32>(1);
    /// let closing = tokio::spawn(async move { receiver.close() });
    /// sender.closed().await;
    /// assert!(sender.is_closed());
    /// # closing.await.unwrap();
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn closed(&self) {
        self.inner.closed().await;
    }

    /// Whether nothing can be sent any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// assert!(!sender.is_closed());
    /// drop(receiver);
    /// assert!(sender.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Waits for room, and keeps it.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let permit = sender.reserve().await.unwrap();
    /// // The room is taken, though nothing is sent yet.
    /// assert!(sender.try_send(1).is_err());
    /// permit.send(42);
    /// assert_eq!(receiver.recv().await, Some(42));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        self.inner.reserve().await.map(|inner| Permit { inner, queue: &self.queue })
    }

    /// Waits for so much room, and keeps it.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, receiver) = mpsc::channel(3);
    /// let permits = sender.reserve_many(2).await.unwrap();
    /// assert_eq!(sender.capacity(), 1);
    /// permits.for_each(|permit| permit.send("hello"));
    /// assert_eq!(receiver.len(), 2);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn reserve_many(&self, many: usize) -> Result<PermitIterator<'_, T>, SendError<()>> {
        self.inner.reserve_many(many).await.map(|inner| PermitIterator { inner, queue: &self.queue })
    }

    /// As `reserve`, with a permit that is the sender.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let permit = sender.reserve_owned().await.unwrap();
    /// tokio::spawn(async move { permit.send(42) });
    /// assert_eq!((receiver.recv().await, receiver.recv().await), (Some(42), None));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, SendError<()>> {
        let Self { inner, queue } = self;
        inner.reserve_owned().await.map(|inner| OwnedPermit { inner, queue })
    }

    /// Keeps room, if there is some.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// let permit = sender.try_reserve()?;
    /// assert!(sender.try_reserve().is_err());
    /// drop(permit);
    /// assert!(sender.try_reserve().is_ok());
    /// # drop(receiver);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.inner.try_reserve().map(|inner| Permit { inner, queue: &self.queue })
    }

    /// Keeps so much room, if there is as much.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(3);
    /// assert!(sender.try_reserve_many(4).is_err());
    /// let permits = sender.try_reserve_many(3)?;
    /// permits.take(2).for_each(|permit| permit.send(42));
    /// // The third permit was dropped.
    /// assert_eq!((receiver.len(), sender.capacity()), (2, 1));
    /// # receiver.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_reserve_many(&self, many: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.inner.try_reserve_many(many).map(|inner| PermitIterator { inner, queue: &self.queue })
    }

    /// As `try_reserve`, with a permit that is the sender.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc::{self, error::TrySendError};
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let another = sender.clone();
    /// let permit = sender.try_reserve_owned().unwrap();
    /// let Err(TrySendError::Full(another)) = another.try_reserve_owned() else { panic!("there is no room") };
    /// permit.send(42);
    /// assert_eq!(receiver.try_recv(), Ok(42));
    /// assert!(another.try_reserve_owned().is_ok());
    /// ```
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        let Self { inner, queue } = self;
        match inner.try_reserve_owned() {
            Ok(inner) => Ok(OwnedPermit { inner, queue }),
            Err(TrySendError::Full(inner)) => Err(TrySendError::Full(Self { inner, queue })),
            Err(TrySendError::Closed(inner)) => Err(TrySendError::Closed(Self { inner, queue })),
        }
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let ((one, _), (other, _)) = (mpsc::channel::<i32>(1), mpsc::channel(1));
    /// assert!(one.same_channel(&one.clone()) && !one.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// How much room there is.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel(2);
    /// sender.try_send(42)?;
    /// assert_eq!(sender.capacity(), 1);
    /// # drop(receiver);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// How much room there is in an empty channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel(2);
    /// sender.try_send(42)?;
    /// assert_eq!(sender.max_capacity(), 2);
    /// # drop(receiver);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }

    /// A sender that keeps the channel open no longer.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel::<i32>(1);
    /// let weak = sender.downgrade();
    /// drop(sender);
    /// assert_eq!(receiver.blocking_recv(), None);
    /// # drop(weak);
    /// ```
    #[must_use = "the channel is closed where no other sender is left"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), queue: self.queue.clone() }
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::channel::<i32>(1);
    /// let another = sender.clone();
    /// assert_eq!(sender.strong_count(), 2);
    /// drop(another);
    /// assert_eq!(sender.strong_count(), 1);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// How many weak ones.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::channel::<i32>(1);
    /// let weak = sender.downgrade();
    /// assert_eq!((sender.strong_count(), sender.weak_count()), (1, 1));
    /// # drop(weak);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> WeakSender<T> {
    /// A sender, if the channel is still open.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let weak = sender.downgrade();
    /// let again = weak.upgrade().ok_or("closed")?;
    /// drop(sender);
    /// again.try_send(42)?;
    /// assert_eq!(receiver.try_recv()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the sender is all that this makes"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.inner.upgrade().map(|inner| Sender { inner, queue: self.queue.clone() })
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::channel::<i32>(1);
    /// let weak = sender.downgrade();
    /// assert_eq!(weak.strong_count(), 1);
    /// drop(sender);
    /// assert_eq!(weak.strong_count(), 0);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// How many weak ones.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::channel::<i32>(1);
    /// let weak = sender.downgrade();
    /// let another = weak.clone();
    /// assert_eq!(weak.weak_count(), 2);
    /// drop(another);
    /// assert_eq!(weak.weak_count(), 1);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> Receiver<T> {
    /// Waits for something to receive; `None` if nothing comes any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// tokio::spawn(async move { sender.send(42).await });
    /// assert_eq!(receiver.recv().await, Some(42));
    /// // The only sender is gone.
    /// assert_eq!(receiver.recv().await, None);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn recv(&mut self) -> Option<T> {
        let received = self.inner.recv().await;
        self.queue.received(usize::from(received.is_some()));
        received
    }

    /// Waits for something and receives what is there, at most so much; how much it was.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(3);
    /// for n in 1..=3 {
    ///     sender.send(n).await.unwrap();
    /// }
    /// let mut received = Vec::new();
    /// assert_eq!(receiver.recv_many(&mut received, 2).await, 2);
    /// assert_eq!(received, [1, 2]);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let many = self.inner.recv_many(buffer, limit).await;
        self.queue.received(many);
        many
    }

    /// Receives what is there.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc::{self, error::TryRecvError};
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// sender.try_send(42)?;
    /// assert_eq!(receiver.try_recv(), Ok(42));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let received = self.inner.try_recv();
        self.queue.received(usize::from(received.is_ok()));
        received
    }

    /// As `recv`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let receiving = thread::spawn(move || receiver.blocking_recv());
    /// assert!(sender.blocking_send(42).is_ok());
    /// assert_eq!(receiving.join().unwrap(), Some(42));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        block(CHAN_RECEIVE, self.recv())
    }

    /// As `recv_many`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let sending = thread::spawn(move || (1..=3).try_for_each(|n| sender.blocking_send(n)));
    /// let mut received = Vec::new();
    /// while receiver.blocking_recv_many(&mut received, 2) != 0 {}
    /// assert_eq!(received, [1, 2, 3]);
    /// assert!(sending.join().unwrap().is_ok());
    /// ```
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        block(CHAN_RECEIVE, self.recv_many(buffer, limit))
    }

    /// Nothing can be sent any more; what was sent can still be received.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// sender.try_send(42)?;
    /// receiver.close();
    /// assert!(sender.try_send(43).is_err());
    /// assert_eq!(receiver.try_recv()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// Whether nothing can be sent any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// assert!(!receiver.is_closed());
    /// drop(sender);
    /// assert!(receiver.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Whether there is nothing to receive now.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel(1);
    /// assert!(receiver.is_empty());
    /// sender.try_send(42)?;
    /// assert!(!receiver.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How much there is to receive.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// sender.try_send(1)?;
    /// sender.try_send(2)?;
    /// assert_eq!(receiver.len(), 2);
    /// receiver.try_recv()?;
    /// assert_eq!(receiver.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// How much room there is.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel(2);
    /// sender.try_send(42)?;
    /// assert_eq!(receiver.capacity(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// How much room there is in an empty channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel(2);
    /// sender.try_send(42)?;
    /// assert_eq!(receiver.max_capacity(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }

    /// As `recv`, by hand.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(receiver.poll_recv(&mut context), Poll::Pending);
    /// sender.try_send(42)?;
    /// assert_eq!(receiver.poll_recv(&mut context), Poll::Ready(Some(42)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let polled = self.inner.poll_recv(context);
        self.queue.received(usize::from(matches!(polled, Poll::Ready(Some(_)))));
        polled
    }

    /// As `recv_many`, by hand.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// let (mut context, mut received) = (Context::from_waker(Waker::noop()), Vec::new());
    /// assert_eq!(receiver.poll_recv_many(&mut context, &mut received, 10), Poll::Pending);
    /// sender.try_send(1)?;
    /// sender.try_send(2)?;
    /// assert_eq!(receiver.poll_recv_many(&mut context, &mut received, 10), Poll::Ready(2));
    /// assert_eq!(received, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_recv_many(&mut self, context: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let polled = self.inner.poll_recv_many(context, buffer, limit);
        if let Poll::Ready(many) = polled {
            self.queue.received(many);
        }
        polled
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// assert_eq!(receiver.sender_strong_count(), 1);
    /// drop(sender);
    /// assert_eq!(receiver.sender_strong_count(), 0);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.inner.sender_strong_count()
    }

    /// How many weak ones.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// let weak = sender.downgrade();
    /// assert_eq!(receiver.sender_weak_count(), 1);
    /// drop(weak);
    /// assert_eq!(receiver.sender_weak_count(), 0);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }
}

impl<T> Drop for Receiver<T> {
    /// What was not received is dropped, too.
    fn drop(&mut self) {
        if self.queue.0.is_some() {
            self.inner.close();
            while self.try_recv().is_ok() {}
        }
    }
}

impl<T> Permit<'_, T> {
    /// Sends into the room that was kept.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// let permit = sender.try_reserve()?;
    /// sender.try_send("first")?;
    /// permit.send("second");
    /// assert_eq!((receiver.try_recv()?, receiver.try_recv()?), ("first", "second"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(self, value: T) {
        self.queue.sent();
        self.inner.send(value);
    }
}

impl<'s, T> Iterator for PermitIterator<'s, T> {
    type Item = Permit<'s, T>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|inner| Permit { inner, queue: self.queue })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}

impl<T> std::iter::FusedIterator for PermitIterator<'_, T> {}

impl<T> OwnedPermit<T> {
    /// Sends into the room that was kept.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// let sender = sender.try_reserve_owned()?.send(1);
    /// // It is a sender as before.
    /// sender.try_send(2)?;
    /// assert_eq!((receiver.try_recv()?, receiver.try_recv()?), (1, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(self, value: T) -> Sender<T> {
        let Self { inner, queue } = self;
        queue.sent();
        Sender { inner: inner.send(value), queue }
    }

    /// Gives the room back.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel::<i32>(1);
    /// let permit = sender.try_reserve_owned()?;
    /// assert_eq!(receiver.capacity(), 0);
    /// let sender = permit.release();
    /// assert_eq!((receiver.capacity(), sender.is_closed()), (1, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn release(self) -> Sender<T> {
        let Self { inner, queue } = self;
        Sender { inner: inner.release(), queue }
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::channel::<i32>(2);
    /// let (one, other) = (sender.clone().try_reserve_owned()?, sender.try_reserve_owned()?);
    /// assert!(one.same_channel(&other));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let ((one, _of_one), (other, _of_other)) = (mpsc::channel::<i32>(1), mpsc::channel(1));
    /// let permit = one.clone().try_reserve_owned()?;
    /// assert!(permit.same_channel_as_sender(&one) && !permit.same_channel_as_sender(&other));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.inner.same_channel_as_sender(&sender.inner)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), queue: self.queue.clone() }
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), queue: self.queue.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
