//! Channels with room for everything.

use std::fmt;
use std::task::{Context, Poll};

use ::tokio::sync::mpsc as original;

use super::Queue;
use super::error::{SendError, TryRecvError};
use crate::sync::tokio::block;
use crate::wait::CHAN_RECEIVE;

/// As [`tokio::sync::mpsc::unbounded_channel`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::mpsc::unbounded_channel();
/// sender.send(42)?;
/// assert_eq!(receiver.try_recv()?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    with(&Queue::default())
}

/// As `unbounded_channel`, with a counter of this name for how much is in the channel.
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::tokio::mpsc::named_unbounded_channel("jobs");
/// sender.send(42)?;
/// assert_eq!(receiver.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn named_unbounded_channel<T>(name: &'static str) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    with(&Queue::named(name))
}

fn with<T>(queue: &Queue) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (sender, receiver) = original::unbounded_channel();
    let receiver = UnboundedReceiver { inner: receiver, queue: queue.clone() };
    (UnboundedSender { inner: sender, queue: queue.clone() }, receiver)
}

/// As [`tokio::sync::mpsc::UnboundedSender`].
///
/// ```
/// use goroscope_recorder::sync::tokio::mpsc::{UnboundedSender, unbounded_channel};
///
/// let (sender, mut receiver) = unbounded_channel();
/// let another: UnboundedSender<i32> = sender.clone();
/// another.send(42)?;
/// assert!(another.same_channel(&sender));
/// assert_eq!(receiver.blocking_recv(), Some(42));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UnboundedSender<T> {
    inner: original::UnboundedSender<T>,
    queue: Queue,
}

/// As [`tokio::sync::mpsc::WeakUnboundedSender`].
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::tokio::mpsc::unbounded_channel::<i32>();
/// let weak = sender.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(sender);
/// assert!(weak.upgrade().is_none() && receiver.is_closed());
/// ```
pub struct WeakUnboundedSender<T> {
    inner: original::WeakUnboundedSender<T>,
    queue: Queue,
}

/// As [`tokio::sync::mpsc::UnboundedReceiver`].
///
/// ```
/// use goroscope_recorder::sync::tokio::mpsc::{UnboundedReceiver, unbounded_channel};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (sender, mut receiver): (_, UnboundedReceiver<i32>) = unbounded_channel();
/// sender.send(42).unwrap();
/// drop(sender);
/// assert_eq!((receiver.recv().await, receiver.recv().await), (Some(42), None));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnboundedReceiver<T> {
    inner: original::UnboundedReceiver<T>,
    queue: Queue,
}

impl<T> UnboundedSender<T> {
    /// Sends, which never waits.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, receiver) = mpsc::unbounded_channel();
    /// for n in 1..=1000 {
    ///     assert!(sender.send(n).is_ok());
    /// }
    /// assert_eq!(receiver.len(), 1000);
    /// drop(receiver);
    /// // Nobody would get it: here it is again.
    /// assert_eq!(sender.send(42).unwrap_err().0, 42);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        // Counted before somebody can receive it.
        self.queue.sent();
        let sent = self.inner.send(value);
        self.queue.received(usize::from(sent.is_err()));
        sent
    }

    /// Waits until nothing can be sent any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, receiver) = mpsc::unbounded_channel::<i32>();
    /// tokio::spawn(async move { drop(receiver) });
    /// sender.closed().await;
    /// assert!(sender.is_closed());
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel::<i32>();
    /// assert!(!sender.is_closed());
    /// receiver.close();
    /// assert!(sender.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Whether both are of one channel.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let ((one, _), (other, _)) = (mpsc::unbounded_channel::<i32>(), mpsc::unbounded_channel());
    /// assert!(one.same_channel(&one.clone()) && !one.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// A sender that keeps the channel open no longer.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::unbounded_channel::<i32>();
    /// let weak = sender.downgrade();
    /// drop(sender);
    /// assert_eq!(receiver.blocking_recv(), None);
    /// # drop(weak);
    /// ```
    #[must_use = "the channel is closed where no other sender is left"]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { inner: self.inner.downgrade(), queue: self.queue.clone() }
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::unbounded_channel::<i32>();
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
    /// let (sender, _receiver) = mpsc::unbounded_channel::<i32>();
    /// let weak = sender.downgrade();
    /// assert_eq!((sender.strong_count(), sender.weak_count()), (1, 1));
    /// # drop(weak);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.inner.weak_count()
    }
}

impl<T> WeakUnboundedSender<T> {
    /// A sender, if the channel is still open.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// let weak = sender.downgrade();
    /// let again = weak.upgrade().ok_or("closed")?;
    /// drop(sender);
    /// again.send(42)?;
    /// assert_eq!(receiver.try_recv()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the sender is all that this makes"]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        self.inner.upgrade().map(|inner| UnboundedSender { inner, queue: self.queue.clone() })
    }

    /// How many senders there are.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, _receiver) = mpsc::unbounded_channel::<i32>();
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
    /// let (sender, _receiver) = mpsc::unbounded_channel::<i32>();
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

impl<T> UnboundedReceiver<T> {
    /// Waits for something to receive; `None` if nothing comes any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// tokio::spawn(async move { sender.send(42) });
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// for n in 1..=3 {
    ///     sender.send(n).unwrap();
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// sender.send(42)?;
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// let receiving = thread::spawn(move || receiver.blocking_recv());
    /// assert!(sender.send(42).is_ok());
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// let sending = thread::spawn(move || (1..=3).try_for_each(|n| sender.send(n)));
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// sender.send(42)?;
    /// receiver.close();
    /// assert!(sender.send(43).is_err());
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
    /// let (sender, receiver) = mpsc::unbounded_channel::<i32>();
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
    /// let (sender, receiver) = mpsc::unbounded_channel();
    /// assert!(receiver.is_empty());
    /// sender.send(42)?;
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// sender.send(1)?;
    /// sender.send(2)?;
    /// assert_eq!(receiver.len(), 2);
    /// receiver.try_recv()?;
    /// assert_eq!(receiver.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// As `recv`, by hand.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use goroscope_recorder::sync::tokio::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(receiver.poll_recv(&mut context), Poll::Pending);
    /// sender.send(42)?;
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
    /// let (sender, mut receiver) = mpsc::unbounded_channel();
    /// let (mut context, mut received) = (Context::from_waker(Waker::noop()), Vec::new());
    /// assert_eq!(receiver.poll_recv_many(&mut context, &mut received, 10), Poll::Pending);
    /// sender.send(1)?;
    /// sender.send(2)?;
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
    /// let (sender, receiver) = mpsc::unbounded_channel::<i32>();
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
    /// let (sender, receiver) = mpsc::unbounded_channel::<i32>();
    /// let weak = sender.downgrade();
    /// assert_eq!(receiver.sender_weak_count(), 1);
    /// drop(weak);
    /// assert_eq!(receiver.sender_weak_count(), 0);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.inner.sender_weak_count()
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    /// What was not received is dropped, too.
    fn drop(&mut self) {
        if self.queue.0.is_some() {
            self.inner.close();
            while self.try_recv().is_ok() {}
        }
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), queue: self.queue.clone() }
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), queue: self.queue.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
