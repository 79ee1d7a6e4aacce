//! Futures and wakers that are where one does not expect them.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use goroscope_recorder::{FutureExt, spawn};
use tokio::task::yield_now;

use crate::counting::Count;
use crate::stage::{Dice, Runs, Stage, dawdle, several, single};

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Polls so often, however that ends.
async fn polled(future: &mut Boxed, times: u64) -> Poll<()> {
    for _ in 0..times {
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if polled.is_ready() {
            return polled;
        }
        yield_now().await;
    }
    Poll::Pending
}

/// Lets others run so often.
fn turns(count: &Count, turns: u64) -> Boxed {
    let future = count.task(async move {
        for _ in 0..turns {
            yield_now().await;
        }
    });
    Box::pin(future.traced())
}

pub fn between_runtimes(stage: &Stage) {
    stage.record("moved", Runs::Plain, |count| {
        let mut dice = Dice::new();
        let runtimes = [several(2), several(1), single(), several(2)];
        let mut futures: VecDeque<Boxed> = (0..40 * stage.scale).map(|_| turns(count, 10)).collect();
        while let Some(mut future) = futures.pop_front() {
            let (runtime, times) = (&runtimes[dice.below(4) as usize], dice.below(3));
            // What polls it is not traced: a task of another would show that one as waiting.
            let (polled, future) = runtime.block_on(async move {
                let task = tokio::spawn(async move { (polled(&mut future, times).await, future) });
                task.await.unwrap()
            });
            match polled {
                // Some are dropped half way.
                Poll::Pending if dice.below(20) > 0 => futures.push_back(future),
                Poll::Pending | Poll::Ready(()) => {}
            }
        }
    });
}

/// Keeps a clone of its waker each time it is polled, and is ready at last.
struct Keeping {
    left: u64,
    kept: Arc<Mutex<Vec<Waker>>>,
}

impl Future for Keeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let waker = context.waker().clone();
        if self.left == 0 {
            self.kept.lock().unwrap().push(waker);
            return Poll::Ready(());
        }
        self.left -= 1;
        self.kept.lock().unwrap().push(waker);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

pub fn late_wakers(stage: &Stage) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    stage.record("late", Runs::Plain, |count| {
        let runtime = several(2);
        let stop = Arc::new(AtomicBool::new(false));
        // Wakes them again and again, whether their tasks are there or not.
        let waking = std::thread::spawn({
            let (kept, stop) = (Arc::clone(&kept), Arc::clone(&stop));
            move || {
                let mut dice = Dice::new();
                while !stop.load(Ordering::Relaxed) {
                    let some: Vec<Waker> = kept.lock().unwrap().iter().rev().take(8).cloned().collect();
                    some.iter().for_each(Waker::wake_by_ref);
                    some.into_iter().for_each(Waker::wake);
                    dawdle(&mut dice);
                }
            }
        });
        let main = async {
            for left in 0..50 * stage.scale {
                let tasks: Vec<_> =
                    (0..4).map(|_| spawn(count.task(Keeping { left: left % 8, kept: Arc::clone(&kept) }))).collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        runtime.block_on(count.task(main).traced());
        stop.store(true, Ordering::Relaxed);
        waking.join().unwrap();
        drop(runtime);
    });
    // After all is over.
    for waker in std::mem::take(&mut *kept.lock().unwrap()) {
        waker.wake();
    }
}

/// Waits so often until somebody says so and wakes it.
struct Waits {
    left: u64,
    asked: std::sync::mpsc::Sender<(Waker, Arc<AtomicBool>)>,
    said: Arc<AtomicBool>,
}

impl Future for Waits {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.said.swap(false, Ordering::SeqCst) {
            self.left -= 1;
        }
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.asked.send((context.waker().clone(), Arc::clone(&self.said))).unwrap();
        Poll::Pending
    }
}

pub fn foreign_wakers(stage: &Stage) {
    const WAITS: u64 = 50;
    let tasks = 20 * stage.scale;
    let summary = stage.record("foreign", Runs::Plain, |count| {
        let runtime = several(2);
        let (asked, wanted) = std::sync::mpsc::channel::<(Waker, Arc<AtomicBool>)>();
        // A thread that is not traced and knows of nothing but wakers.
        let waking = std::thread::spawn(move || {
            let mut dice = Dice::new();
            for (number, (waker, said)) in wanted.into_iter().enumerate() {
                dawdle(&mut dice);
                said.store(true, Ordering::SeqCst);
                if number % 2 == 0 { waker.wake() } else { waker.wake_by_ref() }
            }
        });
        let all: Vec<_> = (0..tasks)
            .map(|_| {
                let waits = Waits { left: WAITS, asked: asked.clone(), said: Arc::default() };
                runtime.spawn(count.task(waits).traced())
            })
            .collect();
        drop(asked);
        for task in all {
            runtime.block_on(task).unwrap();
        }
        waking.join().unwrap();
        // Each wait is one wake and one run.
        assert_eq!(count.runs(), tasks * (WAITS + 1));
    });
    assert_eq!(summary.unheard_wakes, 0);
}

/// A waker of the least executor there is.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Registers its waker where others find it.
struct Registers(Arc<Mutex<Option<Waker>>>);

impl Future for Registers {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        *self.0.lock().unwrap() = Some(context.waker().clone());
        Poll::Pending
    }
}

/// One thread polls, another drops, while a third wakes all the time.
pub fn dropped_elsewhere(stage: &Stage) {
    stage.record("dropped", Runs::Plain, |count| {
        let slot = Arc::new(Mutex::new(None::<Waker>));
        let stop = AtomicBool::new(false);
        let (send, receive) = std::sync::mpsc::channel::<Boxed>();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let waker = slot.lock().unwrap().clone();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                }
            });
            let dropping = scope.spawn(move || {
                let mut dice = Dice::new();
                for future in receive {
                    dawdle(&mut dice);
                    drop(future);
                }
            });
            let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
            let mut dice = Dice::new();
            for _ in 0..300 * stage.scale {
                let mut future: Boxed = Box::pin(count.task(Registers(Arc::clone(&slot))).traced());
                for _ in 0..dice.below(4) {
                    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                    dawdle(&mut dice);
                }
                send.send(future).unwrap();
            }
            drop(send);
            dropping.join().unwrap();
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// Futures that several tasks poll in turns, each with a waker of its own.
pub fn shared_by_several(stage: &Stage) {
    stage.record("shared", Runs::Nested, |count| {
        let runtime = several(2);
        let shared = Arc::new(tokio::sync::Mutex::new(None::<Boxed>));
        let main = async {
            for _ in 0..20 * stage.scale {
                *shared.lock().await = Some(turns(count, 6));
                let tasks: Vec<_> = (0..3)
                    .map(|_| {
                        let shared = Arc::clone(&shared);
                        spawn(count.task(async move {
                            loop {
                                let mut place = shared.lock().await;
                                let Some(future) = place.as_mut() else { return };
                                if polled(future, 1).await.is_ready() {
                                    *place = None;
                                }
                                drop(place);
                                yield_now().await;
                            }
                        }))
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        runtime.block_on(count.task(main).traced());
        drop(runtime);
    });
}
