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
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let sender = Sender::new(4);
    /// assert_eq!(sender.receiver_count(), 0);
    /// let mut receiver = sender.subscribe();
    /// sender.send("hello")?;
    /// assert_eq!(receiver.try_recv()?, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self { inner: original::Sender::new(capacity) }
    }

    /// Sends to all receivers that are there; how many they are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel(4);
    /// let another = sender.subscribe();
    /// assert_eq!(sender.send(42).unwrap(), 2);
    /// drop((receiver, another));
    /// // Nobody would get it: here it is again.
    /// assert_eq!(sender.send(43).unwrap_err().0, 43);
    /// ```
    pub fn send(&self, value: T) -> Result<usize, error::SendError<T>> {
        self.inner.send(value)
    }

    /// A receiver for what is sent from now on.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, mut first) = broadcast::channel(4);
    /// sender.send(1)?;
    /// let mut second = sender.subscribe();
    /// sender.send(2)?;
    /// assert_eq!((first.try_recv()?, first.try_recv()?), (1, 2));
    /// assert_eq!(second.try_recv()?, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { inner: self.inner.subscribe() }
    }

    /// A sender that keeps the channel open no longer.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel::<i32>(4);
    /// let weak = sender.downgrade();
    /// drop(sender);
    /// assert!(receiver.is_closed());
    /// # drop(weak);
    /// ```
    #[must_use = "the channel is closed where no other sender is left"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade() }
    }

    /// How many values some receiver has not received.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// sender.send(1)?;
    /// sender.send(2)?;
    /// assert_eq!(sender.len(), 2);
    /// receiver.try_recv()?;
    /// assert_eq!(sender.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// sender.send(42)?;
    /// assert!(!sender.is_empty());
    /// receiver.try_recv()?;
    /// assert!(sender.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How many receivers there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel::<i32>(4);
    /// let another = receiver.resubscribe();
    /// assert_eq!(sender.receiver_count(), 2);
    /// drop(another);
    /// assert_eq!(sender.receiver_count(), 1);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.inner.receiver_count()
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let (one, other) = (Sender::<i32>::new(4), Sender::new(4));
    /// assert!(one.same_channel(&one.clone()) && !one.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Waits until no receiver is left.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, receiver) = broadcast::channel::<i32>(4);
    /// tokio::spawn(async move { drop(receiver) });
    /// sender.closed().await;
    /// assert_eq!(sender.receiver_count(), 0);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn closed(&self) {
        self.inner.closed().await;
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let sender = Sender::<i32>::new(4);
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
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let sender = Sender::<i32>::new(4);
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
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// let weak = sender.downgrade();
    /// let again = weak.upgrade().ok_or("closed")?;
    /// drop(sender);
    /// again.send(42)?;
    /// assert_eq!(receiver.try_recv()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the sender is all that this makes"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.inner.upgrade().map(|inner| Sender { inner })
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let sender = Sender::<i32>::new(4);
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
    /// use goroscope_recorder::sync::tokio::broadcast::Sender;
    ///
    /// let sender = Sender::<i32>::new(4);
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
    /// How many values it has not received.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, first) = broadcast::channel(4);
    /// sender.send(1)?;
    /// let second = sender.subscribe();
    /// sender.send(2)?;
    /// assert_eq!((first.len(), second.len()), (2, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel(4);
    /// assert!(receiver.is_empty());
    /// sender.send(42)?;
    /// assert!(!receiver.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let ((_, one), (_, other)) = (broadcast::channel::<i32>(4), broadcast::channel(4));
    /// assert!(one.same_channel(&one.resubscribe()) && !one.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel::<i32>(4);
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
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel::<i32>(4);
    /// let weak = sender.downgrade();
    /// assert_eq!(receiver.sender_weak_count(), 1);
    /// drop(weak);
    /// assert_eq!(receiver.sender_weak_count(), 0);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }

    /// Whether no sender is left.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// sender.send(42)?;
    /// drop(sender);
    /// assert!(receiver.is_closed());
    /// // What was sent is still there.
    /// assert_eq!(receiver.try_recv()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }
}

impl<T: Clone> Receiver<T> {
    /// A receiver for what is sent from now on.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    ///
    /// let (sender, receiver) = broadcast::channel(4);
    /// sender.send(1)?;
    /// let mut later = receiver.resubscribe();
    /// sender.send(2)?;
    /// assert_eq!((receiver.len(), later.try_recv()?), (2, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the receiver is all that this makes"]
    pub fn resubscribe(&self) -> Self {
        Self { inner: self.inner.resubscribe() }
    }

    /// Waits for the next value.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::{self, error::RecvError};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = broadcast::channel(2);
    /// for n in 1..=3 {
    ///     sender.send(n).unwrap();
    /// }
    /// drop(sender);
    /// // There was room for two only.
    /// assert_eq!(receiver.recv().await, Err(RecvError::Lagged(1)));
    /// assert_eq!((receiver.recv().await, receiver.recv().await), (Ok(2), Ok(3)));
    /// assert_eq!(receiver.recv().await, Err(RecvError::Closed));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn recv(&mut self) -> Result<T, error::RecvError> {
        self.inner.recv().await
    }

    /// The next value, if it is there.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast::{self, error::TryRecvError};
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// sender.send(42)?;
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Ok(42));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        self.inner.try_recv()
    }

    /// As `recv`, on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::broadcast;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, mut receiver) = broadcast::channel(4);
    /// let receiving = thread::spawn(move || receiver.blocking_recv());
    /// sender.send(42)?;
    /// assert_eq!(receiving.join().expect("no panic")?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
