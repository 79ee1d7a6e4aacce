//! Signals.
//!
//! The handler writes a byte to a socket, which is all that it may do, and a thread that reads there takes the snapshot.

#![expect(unsafe_code, reason = "a handler of a signal may not do much, which the compiler cannot check")]

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::{Taker, Trigger};
use crate::recorder::RecordError;

pub fn trigger(taker: Taker, signal: i32) -> Result<Trigger, RecordError> {
    if signal_hook_registry::FORBIDDEN.contains(&signal) {
        return Err(RecordError::Signal(io::ErrorKind::InvalidInput.into()));
    }
    let (mut received, sender) = UnixStream::pair().map_err(RecordError::Signal)?;
    sender.set_nonblocking(true).map_err(RecordError::Signal)?;
    let sender = Arc::new(sender);
    let of_handler = Arc::clone(&sender);
    // SAFETY: writing to a socket is one system call, which a handler may make; it does not allocate, lock or panic. Errno
    // is kept by the caller. If the socket is full, there are enough bytes in it already.
    let registered = unsafe { signal_hook_registry::register(signal, move || drop((&*of_handler).write(&[1]))) };
    let registered = registered.map_err(RecordError::Signal)?;
    let stop = move || {
        signal_hook_registry::unregister(registered);
        // Without the other end there is nothing to shut.
        let _ = sender.shutdown(Shutdown::Both);
    };
    let cause = format!("signal {signal}");
    let work = move || {
        // Signals that came while a snapshot was taken are one more.
        let mut bytes = [0; 64];
        while received.read(&mut bytes).is_ok_and(|len| len > 0) {
            taker.take(&cause);
        }
    };
    Trigger::with_thread(work, stop)
}
