//! Work of uneven size on several cores. Pure functions only; a panic goes to the caller.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{ScopedJoinHandle, available_parallelism, scope};

/// How many threads work is spread over; 0: as many as there are cores.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// From now on spreads work over this many threads, whatever the number of cores; `None` is as many as there are cores.
///
/// This concerns the whole process and how fast it is, never an answer.
pub fn use_threads(count: Option<NonZero<usize>>) {
    THREADS.store(count.map_or(0, NonZero::get), Ordering::Relaxed);
}

/// How many threads to spread work over.
pub(crate) fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => available_parallelism().map_or(1, NonZero::get),
        count => count,
    }
}

/// Calls `job` with `0..count` on all cores, and gives the answers in that order. Put large jobs first.
pub fn each<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = threads().min(count);
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

/// Calls all of these, side by side if there are cores for it.
pub(crate) fn all<A: Send, B: Send, C: Send, D>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
    c: impl FnOnce() -> C + Send,
    d: impl FnOnce() -> D,
) -> (A, B, C, D) {
    if threads() <= 1 {
        return (a(), b(), c(), d());
    }
    scope(|threads| {
        let (a, b, c) = (threads.spawn(a), threads.spawn(b), threads.spawn(c));
        let d = d();
        (finish(a), finish(b), finish(c), d)
    })
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
        for count in [0, 1, 2, 1000] {
            assert_eq!(each(count, |i| i * 2), (0..count).map(|i| i * 2).collect::<Vec<_>>());
        }
    }
}
