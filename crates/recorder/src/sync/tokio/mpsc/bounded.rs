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
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        block(CHAN_SEND, self.send(value))
    }

    /// Sends if there is room.
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
    pub async fn closed(&self) {
        self.inner.closed().await;
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Waits for room, and keeps it.
    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        self.inner.reserve().await.map(|inner| Permit { inner, queue: &self.queue })
    }

    /// Waits for so much room, and keeps it.
    pub async fn reserve_many(&self, many: usize) -> Result<PermitIterator<'_, T>, SendError<()>> {
        self.inner.reserve_many(many).await.map(|inner| PermitIterator { inner, queue: &self.queue })
    }

    /// As `reserve`, with a permit that is the sender.
    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, SendError<()>> {
        let Self { inner, queue } = self;
        inner.reserve_owned().await.map(|inner| OwnedPermit { inner, queue })
    }

    /// Keeps room, if there is some.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.inner.try_reserve().map(|inner| Permit { inner, queue: &self.queue })
    }

    /// Keeps so much room, if there is as much.
    pub fn try_reserve_many(&self, many: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.inner.try_reserve_many(many).map(|inner| PermitIterator { inner, queue: &self.queue })
    }

    /// As `try_reserve`, with a permit that is the sender.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        let Self { inner, queue } = self;
        match inner.try_reserve_owned() {
            Ok(inner) => Ok(OwnedPermit { inner, queue }),
            Err(TrySendError::Full(inner)) => Err(TrySendError::Full(Self { inner, queue })),
            Err(TrySendError::Closed(inner)) => Err(TrySendError::Closed(Self { inner, queue })),
        }
    }

    /// Whether both are of one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// How much room there is.
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// How much room there is in an empty channel.
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }

    /// A sender that keeps the channel open no longer.
    #[must_use = "the channel is closed where no other sender is left"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), queue: self.queue.clone() }
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// How many weak ones.
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> WeakSender<T> {
    /// A sender, if the channel is still open.
    #[must_use = "the sender is all that this makes"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.inner.upgrade().map(|inner| Sender { inner, queue: self.queue.clone() })
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.inner.strong_count()
    }

    /// How many weak ones.
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> Receiver<T> {
    /// Waits for something to receive; `None` if nothing comes any more.
    pub async fn recv(&mut self) -> Option<T> {
        let received = self.inner.recv().await;
        self.queue.received(usize::from(received.is_some()));
        received
    }

    /// Waits for something and receives what is there, at most so much; how much it was.
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let many = self.inner.recv_many(buffer, limit).await;
        self.queue.received(many);
        many
    }

    /// Receives what is there.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let received = self.inner.try_recv();
        self.queue.received(usize::from(received.is_ok()));
        received
    }

    /// As `recv`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        block(CHAN_RECEIVE, self.recv())
    }

    /// As `recv_many`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        block(CHAN_RECEIVE, self.recv_many(buffer, limit))
    }

    /// Nothing can be sent any more; what was sent can still be received.
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Whether there is nothing to receive now.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How much there is to receive.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// How much room there is.
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// How much room there is in an empty channel.
    pub fn max_capacity(&self) -> usize {
        self.inner.max_capacity()
    }

    /// As `recv`, by hand.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let polled = self.inner.poll_recv(context);
        self.queue.received(usize::from(matches!(polled, Poll::Ready(Some(_)))));
        polled
    }

    /// As `recv_many`, by hand.
    pub fn poll_recv_many(&mut self, context: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let polled = self.inner.poll_recv_many(context, buffer, limit);
        if let Poll::Ready(many) = polled {
            self.queue.received(many);
        }
        polled
    }

    /// How many senders there are.
    pub fn sender_strong_count(&self) -> usize {
        self.inner.sender_strong_count()
    }

    /// How many weak ones.
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
    pub fn send(self, value: T) -> Sender<T> {
        let Self { inner, queue } = self;
        queue.sent();
        Sender { inner: inner.send(value), queue }
    }

    /// Gives the room back.
    pub fn release(self) -> Sender<T> {
        let Self { inner, queue } = self;
        Sender { inner: inner.release(), queue }
    }

    /// Whether both are of one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Whether both are of one channel.
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
