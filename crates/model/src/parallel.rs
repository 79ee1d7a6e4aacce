//! Work on several cores: two jobs at once, or many of uneven size. Pure functions only; a panic goes to the caller.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{ScopedJoinHandle, available_parallelism, scope};

/// Does both at once.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    scope(|threads| {
        let there = threads.spawn(there);
        let here = here();
        (here, finish(there))
    })
}

/// How many cores there are.
pub(crate) fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Calls `job` with `0..count` on all cores, and gives the answers in that order. Put large jobs first.
pub(crate) fn each<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = cores().min(count);
    if cores <= 1 {
        return (0..count).map(job).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return done;
            }
            done.push((i, job(i)));
        }
    };
    let mut answers: Vec<(usize, T)> = scope(|threads| {
        let others: Vec<_> = (1..cores).map(|_| threads.spawn(work)).collect();
        let mut answers = work();
        for other in others {
            answers.extend(finish(other));
        }
        answers
    });
    answers.sort_unstable_by_key(|&(i, _)| i);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Waits for a thread.
pub(crate) fn finish<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(answer) => answer,
        Err(panic) => resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_order() {
        assert_eq!(both(|| 1, || 2), (1, 2));
        for count in [0, 1, 2, 1000] {
            assert_eq!(each(count, |i| i * 2), (0..count).map(|i| i * 2).collect::<Vec<_>>());
        }
    }
}
