//! `std::sync` with waits that are recorded: a program changes its `use`, and nothing else.
//!
//! ```
//! use goroscope_recorder::sync::{Arc, Mutex};
//! use goroscope_recorder::thread;
//!
//! let sum = Arc::new(Mutex::new(0));
//! let threads: Vec<_> = (0..4).map(|n| {
//!     let sum = Arc::clone(&sum);
//!     thread::spawn(move || *sum.lock().unwrap() += n)
//! }).collect();
//! for thread in threads {
//!     thread.join().unwrap();
//! }
//! assert_eq!(*sum.lock().unwrap(), 6);
//! ```
//!
//! Where a traced thread, job or task waits here, the trace has it as waiting, with its stack, until whoever released the
//! lock or sent something did so, with the stack of that. A lock that is free costs two relaxed loads and a store more than the
//! original, and its wait is no event. What is not traced can use all of this, too, and is not recorded.
//!
//! What the standard library has beside it is here under its own name, as it is. The locks and channels of tokio are in
//! `tokio`, those of `parking_lot` in the module of that name, with the features of these names.

mod condvar;
pub mod mpsc;
mod mutex;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
mod rw_lock;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use std::sync::atomic;
pub use std::sync::{
    Arc, Barrier, BarrierWaitResult, LazyLock, LockResult, Once, OnceLock, OnceState, PoisonError, TryLockError,
    TryLockResult, WaitTimeoutResult, Weak,
};

pub use self::condvar::Condvar;
pub use self::mutex::{Mutex, MutexGuard};
pub use self::rw_lock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::wait::{SYNC, Waiters};

/// How many have a lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owners {
    One,
    Many,
}

/// Waits in `lock` for one that was not free, if it is not free by now.
#[cold]
fn wait_for<G>(waiters: &Waiters, owners: Owners, try_lock: impl FnOnce() -> Option<G>, lock: impl FnOnce() -> G) -> G {
    let Some(entered) = waiters.enter() else { return lock() };
    // Whoever released it meanwhile did not know that somebody waits.
    if let Some(locked) = try_lock() {
        drop(entered);
        if owners == Owners::One {
            waiters.take();
        }
        return locked;
    }
    let waiting = entered.wait(SYNC);
    let locked = lock();
    match owners {
        Owners::One => waiting.over_alone(),
        Owners::Many => waiting.over(),
    }
    locked
}

/// What becomes of a lock that may be poisoned.
fn map<G, H>(result: LockResult<G>, make: impl FnOnce(G) -> H) -> LockResult<H> {
    match result {
        Ok(guard) => Ok(make(guard)),
        Err(poisoned) => Err(PoisonError::new(make(poisoned.into_inner()))),
    }
}

/// As `map`, of a lock that may be taken.
fn try_map<G, H>(result: TryLockResult<G>, make: impl FnOnce(G) -> H) -> TryLockResult<H> {
    match result {
        Ok(guard) => Ok(make(guard)),
        Err(TryLockError::Poisoned(poisoned)) => {
            Err(TryLockError::Poisoned(PoisonError::new(make(poisoned.into_inner()))))
        }
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}

/// A lock that was tried: had, poisoned or not, or not.
fn tried<G>(result: TryLockResult<G>) -> Option<LockResult<G>> {
    match result {
        Ok(guard) => Some(Ok(guard)),
        Err(TryLockError::Poisoned(poisoned)) => Some(Err(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}
