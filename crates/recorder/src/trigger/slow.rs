//! Polls that take too long.
//!
//! The assembler knows which task is polled since when, without anything more to do for the threads that are recorded. It
//! looks a hundred times a second, and tells of each poll once.

use std::sync::mpsc;
use std::time::Duration;

use super::{Taker, Trigger};
use crate::recorder::RecordError;
use crate::snapshot::{Request, Watch};

/// What the thread is told.
#[derive(Debug)]
pub enum Notice {
    /// There is a cause, in words.
    Slow(String),
    /// The trigger is over.
    Over,
}

pub fn trigger(taker: Taker, limit: Duration) -> Result<Trigger, RecordError> {
    let (sender, notices) = mpsc::channel();
    let limit = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    let watch = Watch { limit, notices: sender.clone() };
    taker.snapshots.requests.send(Request::Watch(watch)).map_err(|_| RecordError::Over)?;
    let work = move || {
        while let Ok(Notice::Slow(cause)) = notices.recv() {
            taker.take(&cause);
        }
    };
    // The thread may be over already.
    Trigger::with_thread(work, move || drop(sender.send(Notice::Over)))
}
