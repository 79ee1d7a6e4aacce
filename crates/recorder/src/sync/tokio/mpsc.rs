//! `tokio::sync::mpsc` with blocking waits and the lengths of queues that are recorded.
//!
//! ```
//! use goroscope_recorder::sync::tokio::mpsc;
//! use goroscope_recorder::thread;
//!
//! // The trace has a counter `numbers`: how many are in the channel.
//! let (sender, mut receiver) = mpsc::named_channel("numbers", 1);
//! let sending = thread::spawn(move || (1..=3).try_for_each(|n| sender.blocking_send(n)));
//! assert_eq!(std::iter::from_fn(|| receiver.blocking_recv()).sum::<i32>(), 6);
//! assert!(sending.join().unwrap().is_ok());
//! ```

mod bounded;
mod unbounded;

use std::sync::Arc;

pub use ::tokio::sync::mpsc::error;

pub use self::bounded::{OwnedPermit, Permit, PermitIterator, Receiver, Sender, WeakSender, channel, named_channel};
pub use self::unbounded::{
    UnboundedReceiver, UnboundedSender, WeakUnboundedSender, named_unbounded_channel, unbounded_channel,
};
use crate::Counter;

/// How long the queue is, if somebody asked for that.
#[derive(Clone, Debug, Default)]
struct Queue(Option<Arc<Counter>>);

impl Queue {
    fn named(name: &'static str) -> Self {
        Self(Some(Arc::new(Counter::new(name))))
    }

    fn sent(&self) {
        if let Some(counter) = &self.0 {
            counter.add(1);
        }
    }

    fn received(&self, many: usize) {
        if let Some(counter) = self.0.as_ref().filter(|_| many != 0) {
            counter.add(-(many as i64));
        }
    }
}
