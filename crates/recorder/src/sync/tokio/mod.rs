//! `tokio::sync` with more of it recorded: a program changes its `use`, and nothing else.
//!
//! ```
//! use goroscope_recorder::sync::tokio::{Mutex, mpsc};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let sum = Mutex::named("sum", 0);
//! let (sender, mut receiver) = mpsc::named_channel("numbers", 4);
//! for n in 1..4 {
//!     sender.send(n).await.unwrap();
//! }
//! drop(sender);
//! while let Some(n) = receiver.recv().await {
//!     *sum.lock().await += n;
//! }
//! assert_eq!(sum.into_inner(), 6);
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where traced tasks wait for tokio's own locks and channels, and who lets them go on, is recorded without any of this.
//! What is here tells more:
//!
//! * [`Builder::lock_holds`](crate::Builder::lock_holds) also records how long these locks and permits are held, by the
//!   names that `named` gives them.
//! * A thread in `blocking_lock`, `blocking_recv` and the like waits, with its stack, until whoever lets it go on.
//! * The length of a queue is a counter, if the channel has a name.
//!
//! Everything is left to the original, which each type holds inside. Owned guards are for `'static` values. What there is
//! nothing to tell of is here as it is.

pub mod broadcast;
pub mod mpsc;
mod mutex;
pub mod oneshot;
mod owned;
mod rw_lock;
mod semaphore;

use std::future::Future;

pub use ::tokio::sync::{
    AcquireError, Barrier, BarrierWaitResult, Notify, OnceCell, SetError, SetOnce, SetOnceError, TryAcquireError,
    TryLockError, futures, watch,
};

pub use self::mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use self::rw_lock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};
pub use self::semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use crate::thread;

/// Waits on the thread, for this reason; panics in an asynchronous task, as the original.
#[track_caller]
fn block<F: Future>(reason: u16, future: F) -> F::Output {
    // Whether one may block here is known to tokio only.
    drop(::tokio::sync::Mutex::const_new(()).blocking_lock());
    thread::block_on_for(reason, future)
}

/// What a guard gives access to, and how it is shown: as the original.
macro_rules! shown_as_inner {
    ([$($generics:tt)*] $guard:ty => $target:ident) => {
        impl<$($generics)*> std::ops::Deref for $guard {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.inner
            }
        }

        impl<$($generics)*> std::fmt::Debug for $guard
        where
            $target: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl<$($generics)*> std::fmt::Display for $guard
        where
            $target: std::fmt::Display,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
    (mut [$($generics:tt)*] $guard:ty => $target:ident) => {
        shown_as_inner!([$($generics)*] $guard => $target);

        impl<$($generics)*> std::ops::DerefMut for $guard {
            fn deref_mut(&mut self) -> &mut $target {
                &mut self.inner
            }
        }
    };
}

use shown_as_inner;
