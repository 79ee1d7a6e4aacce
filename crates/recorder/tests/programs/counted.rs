//! What a program counts of itself.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Tasks and their polls.
#[derive(Clone, Debug, Default)]
pub struct Count {
    tasks: Arc<AtomicU64>,
    polls: Arc<AtomicU64>,
}

impl Count {
    /// Counts a task and each of its polls.
    pub fn task<F: Future>(&self, future: F) -> Counted<F> {
        self.tasks.fetch_add(1, Ordering::SeqCst);
        Counted { future: Box::pin(future), polls: Arc::clone(&self.polls) }
    }

    pub fn tasks(&self) -> u64 {
        self.tasks.load(Ordering::SeqCst)
    }

    pub fn polls(&self) -> u64 {
        self.polls.load(Ordering::SeqCst)
    }
}

/// A future that counts how often it is polled.
pub struct Counted<F> {
    future: Pin<Box<F>>,
    polls: Arc<AtomicU64>,
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        self.future.as_mut().poll(context)
    }
}

/// The least executor there is.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}
