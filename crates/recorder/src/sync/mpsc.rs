//! `std::sync::mpsc` with waits that are recorded.
//!
//! ```
//! use goroscope_recorder::sync::mpsc;
//! use goroscope_recorder::thread;
//!
//! let (sender, receiver) = mpsc::sync_channel(1);
//! let sending = thread::spawn(move || (1..=3).try_for_each(|n| sender.send(n)));
//! assert_eq!(receiver.iter().sum::<i32>(), 6);
//! assert!(sending.join().unwrap().is_ok());
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc as original;
use std::time::Duration;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

use crate::wait::{CHAN_RECEIVE, CHAN_SEND, Many, Waiters};

/// Who waits at either end of a channel.
struct Ends {
    /// For something to receive: one, as there is one receiver.
    receiver: Waiters,
    /// For room to send.
    senders: Waiters,
    /// Senders that are there.
    count: AtomicUsize,
}

impl Ends {
    fn new() -> Arc<Self> {
        Arc::new(Self { receiver: Waiters::new(), senders: Waiters::new(), count: AtomicUsize::new(1) })
    }

    fn add(self: &Arc<Self>) -> Arc<Self> {
        self.count.fetch_add(1, Ordering::Relaxed);
        Arc::clone(self)
    }

    /// A sender is about to go. The last one lets the receiver go on.
    fn remove(&self) {
        if self.count.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.receiver.signal(Many::One);
        }
    }
}

/// As [`std::sync::mpsc::channel`].
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::mpsc::channel();
/// sender.send(42)?;
/// assert_eq!(receiver.recv()?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (ends, (sender, receiver)) = (Ends::new(), original::channel());
    (Sender { ends: Arc::clone(&ends), inner: sender }, Receiver { ends, inner: receiver })
}

/// As [`std::sync::mpsc::sync_channel`].
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::mpsc::sync_channel(1);
/// sender.send(42)?;
/// assert!(sender.try_send(43).is_err());
/// assert_eq!(receiver.recv()?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (ends, (sender, receiver)) = (Ends::new(), original::sync_channel(bound));
    (SyncSender { ends: Arc::clone(&ends), inner: sender }, Receiver { ends, inner: receiver })
}

/// As [`std::sync::mpsc::Sender`].
///
/// ```
/// use goroscope_recorder::sync::mpsc::{Sender, channel};
///
/// let (sender, receiver) = channel();
/// let another: Sender<i32> = sender.clone();
/// drop(sender);
/// another.send(42)?;
/// drop(another);
/// assert_eq!(receiver.into_iter().collect::<Vec<_>>(), [42]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sender<T> {
    ends: Arc<Ends>,
    inner: original::Sender<T>,
}

/// As [`std::sync::mpsc::SyncSender`].
///
/// ```
/// use goroscope_recorder::sync::mpsc::{SyncSender, sync_channel};
///
/// let (sender, receiver) = sync_channel(2);
/// let another: SyncSender<i32> = sender.clone();
/// sender.send(40)?;
/// another.try_send(2)?;
/// assert_eq!(receiver.try_iter().sum::<i32>(), 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SyncSender<T> {
    ends: Arc<Ends>,
    inner: original::SyncSender<T>,
}

/// As [`std::sync::mpsc::Receiver`].
///
/// ```
/// use std::time::Duration;
/// use goroscope_recorder::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
///
/// let (sender, receiver): (_, Receiver<i32>) = channel();
/// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
/// assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
/// drop(sender);
/// assert!(receiver.recv().is_err());
/// ```
pub struct Receiver<T> {
    ends: Arc<Ends>,
    inner: original::Receiver<T>,
}

impl<T> Sender<T> {
    /// Sends, which never waits.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// for n in 1..=1000 {
    ///     assert!(sender.send(n).is_ok());
    /// }
    /// assert_eq!(receiver.recv(), Ok(1));
    /// drop(receiver);
    /// // Nobody would get it: here it is again.
    /// assert_eq!(sender.send(42).unwrap_err().0, 42);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        // Told before it is sent: then the receiver may be gone already.
        self.ends.receiver.signal(Many::One);
        self.inner.send(value)
    }
}

impl<T> SyncSender<T> {
    /// Waits for room and sends.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, receiver) = mpsc::sync_channel(0);
    /// // There is no room: each waits until the other one takes it.
    /// let sending = thread::spawn(move || sender.send(1).and_then(|()| sender.send(2)));
    /// assert_eq!((receiver.recv()?, receiver.recv()?), (1, 2));
    /// sending.join().expect("no panic")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let sent = self.try_send(value);
        let Some(value) = without_room(sent)? else { return Ok(()) };
        let Some(entered) = self.ends.senders.enter() else { return self.inner.send(value) };
        // Whoever made room meanwhile did not know that somebody waits.
        let sent = self.inner.try_send(value);
        let Some(value) = without_room(sent)? else { return Ok(()) };
        let waiting = entered.wait(CHAN_SEND);
        // In a channel without room of its own the receiver may wait, too.
        self.ends.receiver.signal(Many::One);
        let sent = self.inner.send(value);
        waiting.over_with_one();
        sent
    }

    /// Sends if there is room.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc::{self, TrySendError};
    ///
    /// let (sender, receiver) = mpsc::sync_channel(1);
    /// sender.try_send(1)?;
    /// assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
    /// drop(receiver);
    /// assert_eq!(sender.try_send(3), Err(TrySendError::Disconnected(3)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.ends.receiver.signal(Many::One);
        let sent = self.inner.try_send(value);
        if sent.is_ok() {
            self.ends.senders.overtake();
        }
        sent
    }
}

/// The value that could not be sent because there was no room.
fn without_room<T>(sent: Result<(), TrySendError<T>>) -> Result<Option<T>, SendError<T>> {
    match sent {
        Ok(()) => Ok(None),
        Err(TrySendError::Full(value)) => Ok(Some(value)),
        Err(TrySendError::Disconnected(value)) => Err(SendError(value)),
    }
}

impl<T> Receiver<T> {
    /// Waits for something to receive.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc::{self, RecvError};
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let sending = thread::spawn(move || sender.send(42));
    /// assert_eq!(receiver.recv(), Ok(42));
    /// assert_eq!(receiver.recv(), Err(RecvError));
    /// assert!(sending.join().unwrap().is_ok());
    /// ```
    pub fn recv(&self) -> Result<T, RecvError> {
        match self.wait_with(|| self.inner.recv().map_err(|RecvError| TryRecvError::Disconnected)) {
            Ok(value) => Ok(value),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => Err(RecvError),
        }
    }

    /// As `recv`, but not much longer than `period`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use goroscope_recorder::sync::mpsc::{self, RecvTimeoutError};
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    /// sender.send(42)?;
    /// drop(sender);
    /// assert_eq!(receiver.recv_timeout(Duration::MAX), Ok(42));
    /// assert_eq!(receiver.recv_timeout(Duration::MAX), Err(RecvTimeoutError::Disconnected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recv_timeout(&self, period: Duration) -> Result<T, RecvTimeoutError> {
        let received = self.wait_with(|| {
            self.inner.recv_timeout(period).map_err(|error| match error {
                RecvTimeoutError::Timeout => TryRecvError::Empty,
                RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
            })
        });
        received.map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    fn wait_with(&self, receive: impl FnOnce() -> Result<T, TryRecvError>) -> Result<T, TryRecvError> {
        match self.try_recv() {
            Err(TryRecvError::Empty) => {}
            received => return received,
        }
        let Some(entered) = self.ends.receiver.enter() else { return receive() };
        // Whoever sent something meanwhile did not know that somebody waits.
        match self.inner.try_recv() {
            Err(TryRecvError::Empty) => {}
            received => return received,
        }
        let waiting = entered.wait(CHAN_RECEIVE);
        let received = receive();
        if !matches!(received, Err(TryRecvError::Empty)) {
            waiting.over();
        }
        received
    }

    /// Receives what is there.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc::{self, TryRecvError};
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// sender.send(42)?;
    /// assert_eq!(receiver.try_recv(), Ok(42));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        // Told before there is room: then a sender may be gone already.
        let released = self.ends.senders.signal(Many::One);
        let received = self.inner.try_recv();
        if released > 0 && received.is_err() {
            self.ends.senders.retract();
        }
        received
    }

    /// Receives until no sender is left.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let sending = thread::spawn(move || (1..=3).try_for_each(|n| sender.send(n)));
    /// assert_eq!(receiver.iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// assert!(sending.join().unwrap().is_ok());
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// Receives what is there until nothing is.
    ///
    /// ```
    /// use goroscope_recorder::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// sender.send(1)?;
    /// sender.send(2)?;
    /// assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1, 2]);
    /// // It does not wait for what comes later.
    /// sender.send(3)?;
    /// assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }
}

/// What [`Receiver::iter`] gives.
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::mpsc::channel();
/// sender.send(42)?;
/// drop(sender);
/// assert_eq!(receiver.iter().next(), Some(42));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Iter<'r, T> {
    receiver: &'r Receiver<T>,
}

/// What [`Receiver::try_iter`] gives.
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::mpsc::channel::<i32>();
/// assert_eq!(receiver.try_iter().next(), None);
/// # drop(sender);
/// ```
#[derive(Debug)]
pub struct TryIter<'r, T> {
    receiver: &'r Receiver<T>,
}

/// A [`Receiver`] as an iterator.
///
/// ```
/// let (sender, receiver) = goroscope_recorder::sync::mpsc::channel();
/// sender.send(42)?;
/// drop(sender);
/// assert_eq!(receiver.into_iter().sum::<i32>(), 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<'r, T> IntoIterator for &'r Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'r, T>;

    fn into_iter(self) -> Iter<'r, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { ends: self.ends.add(), inner: self.inner.clone() }
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        Self { ends: self.ends.add(), inner: self.inner.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.ends.remove();
    }
}

impl<T> Drop for SyncSender<T> {
    fn drop(&mut self) {
        self.ends.remove();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.ends.senders.signal(Many::All);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
