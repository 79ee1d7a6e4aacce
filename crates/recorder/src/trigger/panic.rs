//! Panics.
//!
//! A hook cannot be taken out again, as others may have been set over it: it stays and does nothing.

use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Taker, Trigger};
use crate::recorder::RecordError;

pub fn trigger(taker: Taker) -> Result<Trigger, RecordError> {
    if std::thread::panicking() {
        return Err(RecordError::Panicking);
    }
    let is_on = Arc::new(AtomicBool::new(true));
    let hook_is_on = Arc::clone(&is_on);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if hook_is_on.load(Ordering::Acquire) {
            taker.take(&cause(panic));
        }
        before(panic);
    }));
    Ok(Trigger { stop: Some(Box::new(move || is_on.store(false, Ordering::Release))), thread: None })
}

fn cause(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("something that is no text");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    match panic.location() {
        Some(place) => format!("panic of thread {thread} at {place}: {message}"),
        None => format!("panic of thread {thread}: {message}"),
    }
}
