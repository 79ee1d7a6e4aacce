//! A child that was forked has the memory of its parent's recording, but none of the threads: in it, recording is off.
//!
//! Whoever forks holds the locks of the process meanwhile, so that no thread that the child lacks can hold them. Nothing
//! of the recording is used in the child, and it may begin one of its own.

#![expect(unsafe_code, reason = "only the C library knows of forks")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::{MutexGuard, Once};

use crate::assemble::hold_resolving;
use crate::switch::{self, Held};

thread_local! {
    /// The locks, from before a fork until after it. Without a destructor, the place is there as long as the thread is.
    static HELD: Cell<Option<ManuallyDrop<Locks>>> = const { Cell::new(None) };
}

struct Locks {
    recording: Held,
    resolving: MutexGuard<'static, ()>,
}

/// Sees to it from now on.
pub fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| {
        // SAFETY: the functions are there as long as the program is, and keep to what is allowed around a fork: they take
        // locks before it, and give them up on the same thread on either side. If there is no memory for that, forks are
        // as they were.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

extern "C" fn before() {
    let (resolving, recording) = (hold_resolving(), switch::hold());
    HELD.set(Some(ManuallyDrop::new(Locks { recording, resolving })));
}

extern "C" fn in_parent() {
    drop(HELD.take().map(ManuallyDrop::into_inner));
}

extern "C" fn in_child() {
    if let Some(held) = HELD.take() {
        let Locks { recording, resolving } = ManuallyDrop::into_inner(held);
        recording.abandon();
        drop(resolving);
    }
}
