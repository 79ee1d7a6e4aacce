//! What a program counts of itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// Tasks, jobs and threads, and how often they ran.
#[derive(Clone, Debug, Default)]
pub struct Count(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    tasks: AtomicU64,
    /// A task that is dropped runs once more for that.
    runs: AtomicU64,
    ended: AtomicU64,
    panics: AtomicU64,
}

impl Count {
    /// Counts a task, to be traced as it is.
    pub fn task<F: Future>(&self, future: F) -> Counted<F> {
        self.0.tasks.fetch_add(1, Ordering::SeqCst);
        Counted { future: Box::pin(future), count: self.clone(), progress: Progress::Pending }
    }

    /// Counts a closure that runs once, or is dropped.
    pub fn job<W: FnOnce() -> R, R>(&self, work: W) -> impl FnOnce() -> R + use<W, R> {
        self.0.tasks.fetch_add(1, Ordering::SeqCst);
        let ending = Ending(self.clone());
        move || {
            let _ending = ending;
            work()
        }
    }

    pub fn tasks(&self) -> u64 {
        self.0.tasks.load(Ordering::SeqCst)
    }

    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::SeqCst)
    }

    pub fn ended(&self) -> u64 {
        self.0.ended.load(Ordering::SeqCst)
    }

    pub fn panics(&self) -> u64 {
        self.0.panics.load(Ordering::SeqCst)
    }
}

/// The one run of a job, over when it is dropped.
struct Ending(Count);

impl Drop for Ending {
    fn drop(&mut self) {
        let numbers = &self.0.0;
        numbers.runs.fetch_add(1, Ordering::SeqCst);
        numbers.ended.fetch_add(1, Ordering::SeqCst);
        if std::thread::panicking() {
            numbers.panics.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A future that counts how often it runs.
pub struct Counted<F> {
    future: Pin<Box<F>>,
    count: Count,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Pending,
    Polled,
    Ready,
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.count.0.runs.fetch_add(1, Ordering::SeqCst);
        self.progress = Progress::Polled;
        let polled = self.future.as_mut().poll(context);
        self.progress = if polled.is_ready() { Progress::Ready } else { Progress::Pending };
        if polled.is_ready() {
            self.count.0.ended.fetch_add(1, Ordering::SeqCst);
        }
        polled
    }
}

impl<F> Drop for Counted<F> {
    fn drop(&mut self) {
        let numbers = &self.count.0;
        match self.progress {
            Progress::Ready => return,
            Progress::Polled => numbers.panics.fetch_add(1, Ordering::SeqCst),
            Progress::Pending => numbers.runs.fetch_add(1, Ordering::SeqCst),
        };
        numbers.ended.fetch_add(1, Ordering::SeqCst);
    }
}
