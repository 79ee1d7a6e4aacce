//! How many traced futures are alive, whether something is recorded or not.
//!
//! Runtimes tell how many tasks they have; those that this does not account for are not traced.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that many threads change, each in a cache line of its own.
#[derive(Debug)]
#[repr(align(64))]
struct Shared(AtomicU64);

static BEGUN: Shared = Shared(AtomicU64::new(0));
static ENDED: Shared = Shared(AtomicU64::new(0));

/// What a traced future is to the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not polled yet, or not while something was recorded: it may be a task.
    Unknown,
    /// A task.
    Task,
    /// Something within a task or outside of all of them.
    Other,
}

impl Place {
    /// Of a future that is made now.
    pub fn new() -> Self {
        BEGUN.0.fetch_add(1, Ordering::Relaxed);
        Self::Unknown
    }

    /// The future is not a task.
    pub fn set_other(&mut self) {
        if *self != Self::Other {
            *self = Self::Other;
            ENDED.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Those that have ended until now.
#[cfg(feature = "tokio")]
pub fn ended() -> u64 {
    ENDED.0.load(Ordering::Relaxed)
}

/// Tasks that are not traced, at least: of so many that are alive now, if so many futures had ended before these were
/// counted.
///
/// A runtime has a task for a little longer than its future lives, so futures that ended in between count as alive.
#[cfg(all(feature = "tokio", not(tokio_unstable)))]
pub fn untraced(alive: u64, ended: u64) -> u64 {
    let begun = BEGUN.0.load(Ordering::Relaxed);
    alive.saturating_sub(begun.saturating_sub(ended))
}
