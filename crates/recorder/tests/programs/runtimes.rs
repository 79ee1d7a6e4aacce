//! Tasks on all kinds of runtimes: as many, polled as often, woken as often as they were.

use std::time::Duration;

use goroscope_recorder::{FutureExt, attach, spawn, spawn_local};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::counted::{Count, block_on};
use crate::harness::{Told, in_turn, record, record_now, usual};

fn several(workers: usize) -> Runtime {
    attach(Builder::new_multi_thread().worker_threads(workers)).enable_all().build().unwrap()
}

fn single() -> Runtime {
    attach(&mut Builder::new_current_thread()).enable_all().build().unwrap()
}

/// A few naps, a ping-pong, and letting others run.
async fn work(count: Count) {
    let naps = (0..20).map(|_| {
        spawn(count.task(async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_micros(200)).await;
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
        for ball in 0..50 {
            serve.send(ball).await.unwrap();
            assert_eq!(answers.recv().await, Some(ball));
            tokio::task::yield_now().await;
        }
    })));
    for task in tasks {
        task.await.unwrap();
    }
}

/// All wakes were heard.
fn check(count: &Count, told: &Told) {
    check_polls(count, told);
    assert_eq!(told.summary.unheard_wakes, 0);
}

/// Everything that was begun has ended, and was polled as often as it was.
fn check_polls(count: &Count, told: &Told) {
    assert_eq!(told.created(), count.tasks(), "tasks");
    assert_eq!(told.finished(), count.tasks(), "tasks that are over");
    assert_eq!(told.polls(), count.polls(), "polls");
    // A poll that is not the first of its task has a reason.
    assert_eq!(told.wakes() + told.stops(), count.polls() - count.tasks(), "wakes");
    assert_eq!(told.summary.wakes + told.summary.unheard_wakes, told.wakes());
    assert!(told.left.is_empty(), "{:?}", told.left);
    let summary = told.summary;
    assert_eq!((summary.tasks, summary.polls), (count.tasks(), count.polls()));
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
}

#[test]
fn several_workers() {
    let count = Count::default();
    let told = record(|| several(2).block_on(count.task(work(count.clone())).traced()));
    check(&count, &told);
    // The two workers have the first procs, the thread of the program one of its own.
    let procs: Vec<u64> = told.procs.keys().copied().collect();
    assert!(procs.contains(&0) && procs.contains(&1) && procs.iter().any(|&proc| proc > 10_000), "{procs:?}");
    assert_eq!(told.workers, 2);
}

#[test]
fn the_only_thread() {
    let count = Count::default();
    let told = record(|| single().block_on(count.task(work(count.clone())).traced()));
    check(&count, &told);
    assert_eq!(told.workers, 1);
    assert_eq!(told.summary.threads, 1);
}

#[test]
fn a_runtime_that_tells_nothing_of_its_threads() {
    let count = Count::default();
    let told = record(|| {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(count.task(work(count.clone())).traced());
    });
    check(&count, &told);
    assert_eq!(told.workers, 2);
}

#[test]
fn tasks_that_cannot_leave_their_thread() {
    let count = Count::default();
    let told = record(|| {
        let (tasks, runtime) = (LocalSet::new(), single());
        let main = async {
            let locals: Vec<_> = (0..10)
                .map(|nap| spawn_local(count.task(tokio::time::sleep(Duration::from_micros(nap * 50)))))
                .collect();
            for local in locals {
                local.await.unwrap();
            }
        };
        tasks.block_on(&runtime, count.task(main).traced());
    });
    // The set polls its main future also when it was woken for one of the others.
    check_polls(&count, &told);
}

#[test]
fn two_runtimes_and_a_channel_between_them() {
    let count = Count::default();
    let told = record(|| {
        let (one, other) = (several(1), several(2));
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
        let receiver = other.spawn(
            count
                .task(async move {
                    let mut sum = 0;
                    while let Some(number) = receive.recv().await {
                        sum += number;
                    }
                    sum
                })
                .traced_as("receiver"),
        );
        assert_eq!(block_on(receiver).unwrap(), 199 * 100);
        block_on(sender).unwrap();
    });
    check(&count, &told);
    assert_eq!(told.workers, 3);
    assert_eq!(told.named("sender").len(), 1);
    let (sender, receiver) = (told.named("sender")[0], told.named("receiver")[0]);
    assert!(told.wakes.contains(&(sender, receiver)), "{:?}", told.wakes);
}

#[test]
fn another_executor() {
    let count = Count::default();
    let told = record(|| {
        let (send, mut receive) = mpsc::channel(1);
        let thread = std::thread::spawn({
            let count = count.clone();
            move || {
                let main = async move {
                    for number in 0..100 {
                        send.send(number).await.unwrap();
                    }
                };
                block_on(count.task(main).traced());
            }
        });
        let main = async { while receive.recv().await.is_some() {} };
        block_on(count.task(main).traced());
        thread.join().unwrap();
    });
    // This one may be woken by an unpark that was meant for the poll before.
    assert_eq!((told.created(), told.finished(), told.polls()), (2, 2, count.polls()));
}

#[test]
fn ten_thousand_tasks() {
    let count = Count::default();
    let told = record(|| {
        let main = async {
            let tasks: Vec<_> =
                (0..10_000).map(|_| spawn(count.task(tokio::time::sleep(Duration::from_millis(5))))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        };
        several(2).block_on(count.task(main).traced());
    });
    check(&count, &told);
    assert_eq!(count.tasks(), 10_001);
}

#[test]
fn futures_within_a_task() {
    let count = Count::default();
    let told = record(|| {
        let main = async {
            let nap = |micros| count.task(tokio::time::sleep(Duration::from_micros(micros))).traced();
            tokio::join!(nap(100), nap(300), nap(200));
        };
        single().block_on(count.task(main).traced());
    });
    assert_eq!((told.created(), told.finished()), (4, 4));
    assert_eq!(told.summary.polls, count.polls());
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn a_task_that_is_older_than_the_recording() {
    in_turn(|| {
        let runtime = several(1);
        let (send, mut receive) = mpsc::channel(1);
        let task = runtime.spawn(async move { while receive.recv().await.is_some() {} }.traced_as("old"));
        for _ in 0..2 {
            let told = record_now(usual(), || {
                block_on(send.send(1)).unwrap();
                // What was sent is received when there is room again.
                drop(block_on(send.reserve()).unwrap());
            });
            assert_eq!(told.named("old").len(), 1, "{:?}", told.names);
            assert_eq!(told.finished(), 0);
        }
        drop(send);
        block_on(task).unwrap();
    });
}
