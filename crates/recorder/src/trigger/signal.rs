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
    let (of_handler, process) = (Arc::clone(&sender), std::process::id());
    let handler = move || {
        // A child has the handler, too, and the parent's socket.
        if std::process::id() == process {
            // If the socket is full, there are enough bytes in it already.
            let _ = (&*of_handler).write(&[1]);
        }
    };
    // SAFETY: asking for the process and writing to a socket are one system call each, which a handler may make; none of
    // that allocates, locks or panics. Errno is kept by the caller.
    let registered = unsafe { signal_hook_registry::register(signal, handler) };
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
        loop {
            match received.read(&mut bytes) {
                Ok(1..) => taker.take(&cause),
                // Other signals may have handlers, too.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return,
            }
        }
    };
    Trigger::with_thread(work, stop)
}
