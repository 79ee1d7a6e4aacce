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

/// Tasks of runtimes at one moment.
#[cfg(all(feature = "tokio", not(tokio_unstable)))]
#[derive(Clone, Copy, Debug)]
pub struct Alive {
    pub tasks: u64,
    /// Threads that poll them.
    pub workers: u64,
    /// Futures that had ended when these were counted, or a little earlier.
    pub ended: u64,
    /// How many of them had a while before.
    pub ended_before: u64,
}

/// Tasks that are not traced, at least.
#[cfg(all(feature = "tokio", not(tokio_unstable)))]
pub fn untraced(alive: Alive) -> u64 {
    at_least(alive, BEGUN.0.load(Ordering::Relaxed))
}

/// A runtime has a task for a little longer than its future lives. A worker is at one task at a time, so there are no more
/// of these than workers, nor than futures that ended lately; all others that began are traced tasks, or were none.
#[cfg(all(feature = "tokio", not(tokio_unstable)))]
fn at_least(alive: Alive, begun: u64) -> u64 {
    let Alive { tasks, workers, ended, ended_before } = alive;
    let traced = begun.saturating_sub(ended);
    let ending = workers.min(ended.saturating_sub(ended_before));
    tasks.saturating_sub(traced + ending)
}

#[cfg(all(test, feature = "tokio", not(tokio_unstable)))]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_are_about_to_end_are_traced() {
        let check = |tasks: u64, [begun, ended, ended_before]: [u64; 3], expected: u64| {
            let alive = Alive { tasks, workers: 2, ended, ended_before };
            assert_eq!(at_least(alive, begun), expected, "{alive:?}");
        };
        check(10, [7, 0, 0], 3);
        check(10, [17, 10, 10], 3);
        // Those that ended lately may still be there, one for each worker.
        check(10, [17, 10, 9], 2);
        check(10, [17, 10, 0], 1);
        check(4, [1000, 997, 900], 0);
    }
}
