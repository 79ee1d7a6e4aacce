//! `tokio::sync::broadcast` with blocking waits that are recorded.
//!
//! ```
//! use goroscope_recorder::sync::tokio::broadcast;
//!
//! let (sender, mut one) = broadcast::channel(4);
//! let mut other = sender.subscribe();
//! sender.send(42)?;
//! assert_eq!((one.blocking_recv(), other.try_recv()), (Ok(42), Ok(42)));
//! # Ok::<(), broadcast::error::SendError<i32>>(())
//! ```

use std::fmt;

use ::tokio::sync::broadcast as original;

pub use ::tokio::sync::broadcast::error;

use super::block;
use crate::wait::CHAN_RECEIVE;

/// As [`tokio::sync::broadcast::channel`].
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::tokio::broadcast::channel(4);
/// sender.send(42)?;
/// assert_eq!(receiver.len(), 1);
/// # Ok::<(), tokio::sync::broadcast::error::SendError<i32>>(())
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = original::channel(capacity);
    (Sender { inner: sender }, Receiver { inner: receiver })
}

/// As [`tokio::sync::broadcast::Sender`].
///
/// ```
/// use goroscope_recorder::sync::tokio::broadcast::Sender;
///
/// let sender = Sender::new(4);
/// let receivers = [sender.subscribe(), sender.subscribe()];
/// assert_eq!(sender.send(42).unwrap(), 2);
/// assert_eq!((sender.len(), sender.receiver_count()), (1, receivers.len()));
/// ```
pub struct Sender<T> {
    inner: original::Sender<T>,
}

/// As [`tokio::sync::broadcast::WeakSender`].
///
/// ```
/// use goroscope_recorder::sync::tokio::broadcast::Sender;
///
/// let sender = Sender::<i32>::new(4);
/// let weak = sender.downgrade();
/// assert_eq!((weak.strong_count(), weak.weak_count()), (1, 1));
/// assert!(weak.upgrade().is_some());
/// drop(sender);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
}

/// As [`tokio::sync::broadcast::Receiver`].
///
/// ```
/// use goroscope_recorder::sync::tokio::broadcast::{Sender, error::TryRecvError};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let sender = Sender::new(4);
/// let mut receiver = sender.subscribe();
/// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
/// sender.send(42).unwrap();
/// assert_eq!(receiver.recv().await, Ok(42));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Receiver<T> {
    inner: original::Receiver<T>,
}

impl<T> Sender<T> {
    /// As `channel`, without a receiver.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self { inner: original::Sender::new(capacity) }
    }

    /// Sends to all receivers that are there; how many they are.
    pub fn send(&self, value: T) -> Result<usize, error::SendError<T>> {
        self.inner.send(value)
    }

    /// A receiver for what is sent from now on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { inner: self.inner.subscribe() }
    }

    /// A sender that keeps the channel open no longer.
    #[must_use = "the channel is closed where no other sender is left"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade() }
    }

    /// How many values some receiver has not received.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.inner.receiver_count()
    }

    /// Whether both are of one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Waits until no receiver is left.
    pub async fn closed(&self) {
        self.inner.closed().await;
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
        self.inner.upgrade().map(|inner| Sender { inner })
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
    /// How many values it has not received.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Whether both are of one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// How many senders there are.
    pub fn sender_strong_count(&self) -> usize {
        self.inner.sender_strong_count()
    }

    /// How many weak ones.
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }

    /// Whether no sender is left.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }
}

impl<T: Clone> Receiver<T> {
    /// A receiver for what is sent from now on.
    #[must_use = "the receiver is all that this makes"]
    pub fn resubscribe(&self) -> Self {
        Self { inner: self.inner.resubscribe() }
    }

    /// Waits for the next value.
    pub async fn recv(&mut self) -> Result<T, error::RecvError> {
        self.inner.recv().await
    }

    /// The next value, if it is there.
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        self.inner.try_recv()
    }

    /// As `recv`, on a thread; panics in an asynchronous task.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, error::RecvError> {
        block(CHAN_RECEIVE, self.inner.recv())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
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
