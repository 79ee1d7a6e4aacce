//! What tasks do and what is done to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use goroscope_recorder::{FutureExt, block_in_place, region, spawn, spawn_blocking, spawn_local, thread};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, yield_now};
use tokio::time::sleep;

use crate::counting::Count;
use crate::stage::{Dice, Runs, Stage, give_up, several, single};

fn micros(dice: &mut Dice, most: u64) -> Duration {
    Duration::from_micros(dice.below(most))
}

pub fn aborts(stage: &Stage) {
    let aborted = AtomicU64::new(0);
    stage.record("aborts", Runs::Plain, |count| {
        let mut dice = Dice::new();
        let main = async {
            let tasks: Vec<_> = (0..200 * stage.scale)
                .map(|_| {
                    let nap = micros(&mut dice, 500);
                    spawn(count.task(async move {
                        loop {
                            sleep(nap).await;
                            yield_now().await;
                        }
                    }))
                })
                .collect();
            for task in tasks {
                if dice.below(4) == 0 {
                    sleep(micros(&mut dice, 200)).await;
                }
                task.abort();
                aborted.fetch_add(u64::from(task.await.unwrap_err().is_cancelled()), Ordering::SeqCst);
            }
        };
        several(2).block_on(count.task(main).traced());
    });
    assert_eq!(aborted.load(Ordering::SeqCst), 200 * stage.scale);
}

/// Gives up when it is dropped.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            give_up();
        }
    }
}

pub fn panics(stage: &Stage) {
    stage.record("panics", Runs::Plain, |count| {
        let mut dice = Dice::new();
        let runtime = several(2);
        let main = async {
            let mut tasks = Vec::new();
            let all = 100 * stage.scale;
            for _ in 0..all {
                let nap = micros(&mut dice, 300);
                tasks.push(spawn(count.task(async move {
                    let _region = region("before");
                    sleep(nap).await;
                    give_up();
                })));
                tasks.push(spawn_blocking(count.job(give_up)));
            }
            // Their drops panic, too, as they return.
            for _ in 0..all {
                tasks.push(spawn(count.task(async {
                    let _fragile = Fragile;
                    yield_now().await;
                })));
            }
            let mut panics = 0;
            for task in tasks {
                panics += u64::from(task.await.unwrap_err().is_panic());
            }
            assert_eq!(panics, 3 * all);
        };
        runtime.block_on(count.task(main).traced());
        for _ in 0..10 {
            thread::spawn(count.job(give_up)).join().unwrap_err();
        }
        drop(runtime);
        assert_eq!(count.panics(), 300 * stage.scale + 10);
    });
}

pub fn blocking(stage: &Stage) {
    stage.record("blocking", Runs::Nested, |count| {
        let main = async {
            let mut tasks = Vec::new();
            for number in 0..60 * stage.scale {
                let (inner, outer) = (count.clone(), count.clone());
                tasks.push(spawn(outer.task(async move {
                    yield_now().await;
                    let found = block_in_place(|| {
                        let task = spawn(inner.task(async move { number }));
                        tokio::runtime::Handle::current().block_on(inner.task(task).traced()).unwrap()
                    });
                    // Without a word to the recorder, too.
                    tokio::task::block_in_place(std::thread::yield_now);
                    yield_now().await;
                    block_in_place(|| block_in_place(std::thread::yield_now));
                    found
                })));
                tasks.push(spawn_blocking(count.job(move || {
                    std::thread::yield_now();
                    number
                })));
            }
            for task in tasks {
                task.await.unwrap();
            }
        };
        several(2).block_on(count.task(main).traced());
    });
}

pub fn runtime_dropped_while_busy(stage: &Stage) {
    stage.record("busy", Runs::Plain, |count| {
        let mut dice = Dice::new();
        for _ in 0..5 * stage.scale {
            let runtime = several(2);
            for _ in 0..20 {
                let nap = micros(&mut dice, 100);
                let task = count.task(async move {
                    loop {
                        sleep(nap).await;
                        yield_now().await;
                    }
                });
                runtime.spawn(task.traced());
                let _within = runtime.enter();
                drop(spawn_blocking(count.job(std::thread::yield_now)));
            }
            let nap = micros(&mut dice, 3000);
            runtime.block_on(count.task(async move { sleep(nap).await }).traced());
            drop(runtime);
        }
    });
}

/// Naps and a ping-pong.
async fn work(count: Count, turns: u64) {
    let naps = (0..20).map(|number| {
        spawn(count.task(async move {
            for _ in 0..5 {
                sleep(Duration::from_micros(100 + 20 * number)).await;
            }
        }))
    });
    let mut tasks: Vec<_> = naps.collect();
    let (serve, mut served) = mpsc::channel(1);
    let (answer, mut answers) = mpsc::channel(1);
    tasks.push(spawn(count.task(async move {
        while let Some(ball) = served.recv().await {
            answer.send(ball).await.unwrap();
        }
    })));
    tasks.push(spawn(count.task(async move {
        for ball in 0..turns {
            serve.send(ball).await.unwrap();
            assert_eq!(answers.recv().await, Some(ball));
            yield_now().await;
        }
    })));
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn two_runtimes(stage: &Stage) {
    let summary = stage.record("two", Runs::Plain, |count| {
        let (one, other) = (several(2), several(1));
        let (send, mut receive) = mpsc::channel(4);
        let sender = one.spawn(
            count
                .task(async move {
                    for number in 0..200_u32 {
                        send.send(number).await.unwrap();
                    }
                })
                .traced_as("sender"),
        );
        let receiver =
            other.spawn(count.task(async move { while receive.recv().await.is_some() {} }).traced_as("receiver"));
        one.block_on(count.task(work(count.clone(), 100 * stage.scale)).traced());
        other.block_on(count.task(work(count.clone(), 100 * stage.scale)).traced());
        one.block_on(count.task(async move { sender.await.unwrap() }).traced());
        other.block_on(count.task(async move { receiver.await.unwrap() }).traced());
    });
    // Whoever is held up between telling us and telling the executor may wake what has gone on by then, once more.
    assert!(summary.unheard_wakes * 50 < summary.polls, "{summary:?}");
}

/// More of them than there are numbers below those of threads.
pub fn many_runtimes(stage: &Stage) {
    stage.record("many", Runs::Plain, |count| {
        for _ in 0..12 + stage.scale {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
            runtime.block_on(count.task(async { spawn(count.task(yield_now())).await.unwrap() }).traced());
        }
        for _ in 0..11_000 {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(count.task(async {}).traced());
        }
        thread::spawn(count.job(|| ())).join().unwrap();
    });
}

pub fn local_set(stage: &Stage) {
    stage.record("local", Runs::Plain, |count| {
        let (tasks, runtime) = (LocalSet::new(), single());
        let main = async {
            let locals: Vec<_> = (0..50 * stage.scale)
                .map(|nap| {
                    let shared = std::rc::Rc::new(nap);
                    spawn_local(count.task(async move {
                        sleep(Duration::from_micros(*shared * 10)).await;
                        yield_now().await;
                        drop(shared);
                    }))
                })
                .collect();
            for (number, local) in locals.into_iter().enumerate() {
                if number % 7 == 0 {
                    local.abort();
                }
                assert!(local.await.is_ok() || number % 7 == 0);
            }
            // One that is dropped with the set.
            drop(spawn_local(count.task(std::future::pending::<()>())));
        };
        tasks.block_on(&runtime, count.task(main).traced());
        drop(tasks);
    });
}

/// A task in a task in a task, of which some are dropped before they are done.
async fn deep(count: Count, depth: u64) {
    if depth == 0 {
        sleep(Duration::from_micros(50)).await;
        return;
    }
    let inner = |depth| Box::pin(count.task(deep(count.clone(), depth))).traced();
    tokio::join!(inner(depth - 1), async {
        yield_now().await;
        inner(depth / 2).await;
    });
    tokio::select! {
        () = inner(depth - 1) => {}
        () = yield_now() => {}
    }
    drop(inner(0));
}

pub fn nested(stage: &Stage) {
    stage.record("nested", Runs::Nested, |count| {
        let runtime = several(2);
        for _ in 0..stage.scale {
            let main = async {
                let tasks: Vec<_> = (0..4).map(|_| spawn(count.task(deep(count.clone(), 4)))).collect();
                for task in tasks {
                    task.await.unwrap();
                }
            };
            runtime.block_on(count.task(main).traced());
        }
        drop(runtime);
    });
}

pub fn a_million(stage: &Stage) {
    // As a test a tenth of them does.
    let all = if stage.scale > 1 { 1_000_000 } else { 20_000 };
    let builder = stage.builder().memory(1 << 30);
    stage.record_with(builder, "million", Runs::Plain, |count| {
        let begun = Arc::new(AtomicU64::new(0));
        let main = async {
            for _ in 0..all / 1000 {
                let tasks: Vec<_> = (0..1000)
                    .map(|_| {
                        let begun = Arc::clone(&begun);
                        spawn(count.task(async move {
                            begun.fetch_add(1, Ordering::Relaxed);
                            yield_now().await;
                        }))
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        several(2).block_on(count.task(main).traced());
        assert_eq!(begun.load(Ordering::Relaxed), all);
    });
}
