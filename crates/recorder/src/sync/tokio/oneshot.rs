//! `tokio::sync::oneshot` with blocking waits that are recorded.
//!
//! ```
//! use goroscope_recorder::sync::tokio::oneshot;
//! use goroscope_recorder::thread;
//!
//! let (sender, receiver) = oneshot::channel();
//! let receiving = thread::spawn(move || receiver.blocking_recv());
//! sender.send(42).unwrap();
//! assert_eq!(receiving.join().unwrap(), Ok(42));
//! ```

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::tokio::sync::oneshot as original;

pub use ::tokio::sync::oneshot::{Sender, error};

use super::block;
use crate::wait::CHAN_RECEIVE;

/// As [`tokio::sync::oneshot::channel`].
///
/// ```
/// let (sender, mut receiver) = goroscope_recorder::sync::tokio::oneshot::channel();
/// sender.send(42).unwrap();
/// assert_eq!(receiver.try_recv(), Ok(42));
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = original::channel();
    (sender, Receiver { inner: receiver })
}

/// As [`tokio::sync::oneshot::Receiver`].
///
/// ```
/// use goroscope_recorder::sync::tokio::oneshot::{Receiver, channel};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (sender, receiver): (_, Receiver<i32>) = channel();
/// sender.send(42).unwrap();
/// assert_eq!(receiver.await, Ok(42));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Receiver<T> {
    inner: original::Receiver<T>,
}

impl<T> Receiver<T> {
    /// Nothing can be sent any more; what was sent can still be received.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::oneshot;
    ///
    /// let (sender, mut receiver) = oneshot::channel();
    /// receiver.close();
    /// assert!(sender.is_closed());
    /// // Nobody would get it: here it is again.
    /// assert_eq!(sender.send(42), Err(42));
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// Whether there is nothing to receive any more.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::oneshot;
    ///
    /// let (sender, mut receiver) = oneshot::channel();
    /// sender.send(42).unwrap();
    /// assert!(!receiver.is_terminated());
    /// assert_eq!(receiver.try_recv(), Ok(42));
    /// assert!(receiver.is_terminated());
    /// ```
    pub fn is_terminated(&self) -> bool {
        self.inner.is_terminated()
    }

    /// Whether there is nothing to receive now.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::oneshot;
    ///
    /// let (sender, receiver) = oneshot::channel();
    /// assert!(receiver.is_empty());
    /// sender.send(42).unwrap();
    /// assert!(!receiver.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Receives what is there.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::oneshot::{self, error::TryRecvError};
    ///
    /// let (sender, mut receiver) = oneshot::channel::<i32>();
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        self.inner.try_recv()
    }

    /// Waits for it on a thread; panics in an asynchronous task.
    ///
    /// ```
    /// use goroscope_recorder::sync::tokio::oneshot;
    /// use goroscope_recorder::thread;
    ///
    /// let (sender, receiver) = oneshot::channel();
    /// let sending = thread::spawn(|| sender.send(42));
    /// assert_eq!(receiver.blocking_recv(), Ok(42));
    /// assert_eq!(sending.join().unwrap(), Ok(()));
    /// ```
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, error::RecvError> {
        block(CHAN_RECEIVE, self.inner)
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, error::RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.inner).poll(context)
    }
}
