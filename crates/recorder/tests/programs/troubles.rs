//! Tasks that panic, are aborted or lose their runtime; threads; jobs that block.

use std::time::Duration;

use goroscope_recorder::{FutureExt, attach, block_in_place, spawn, spawn_blocking, thread};
use tokio::runtime::{Builder, Runtime};

use crate::counted::Count;
use crate::harness::record;

fn several() -> Runtime {
    attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap()
}

/// Panics without a message on the terminal.
fn give_up() {
    std::panic::resume_unwind(Box::new("no more"));
}

#[test]
fn panics_and_aborts() {
    let count = Count::default();
    let told = record(|| {
        let main = async {
            let mut tasks = Vec::new();
            for number in 0..50 {
                let task = spawn(count.task(async move {
                    tokio::time::sleep(Duration::from_micros(number * 10)).await;
                    if number % 5 == 0 {
                        give_up();
                    }
                    tokio::time::sleep(Duration::from_secs(1000)).await;
                }));
                tasks.push(task);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
            for task in &tasks {
                task.abort();
            }
            let mut panics = 0;
            for task in tasks {
                panics += u32::from(task.await.unwrap_err().is_panic());
            }
            panics
        };
        let panics = several().block_on(count.task(main).traced());
        assert!(panics <= 10);
    });
    assert_eq!((told.created(), told.finished()), (51, 51));
    assert!(told.left.is_empty());
    assert_eq!(told.summary.repaired, 0);
    // A task that is aborted runs once more, to be dropped.
    assert!(told.polls() >= count.polls() && told.polls() <= count.polls() + 50);
}

#[test]
fn a_runtime_is_dropped_while_its_tasks_are_busy() {
    let told = record(|| {
        let runtime = several();
        for _ in 0..20 {
            runtime.spawn(
                async {
                    loop {
                        tokio::time::sleep(Duration::from_micros(50)).await;
                        tokio::task::yield_now().await;
                    }
                }
                .traced(),
            );
        }
        runtime.block_on(async { tokio::time::sleep(Duration::from_millis(3)).await }.traced());
        drop(runtime);
    });
    assert_eq!((told.created(), told.finished()), (21, 21));
    assert!(told.left.is_empty());
}

#[test]
fn a_runtime_is_left_behind() {
    let told = record(|| {
        let runtime = several();
        let (kept, is_over) = std::sync::mpsc::channel::<()>();
        runtime.spawn(async move {
            let _kept = kept;
            std::future::pending::<()>().traced_as("forever").await;
        });
        runtime.block_on(tokio::task::yield_now().traced());
        runtime.shutdown_background();
        // The task is dropped when a worker comes to it, which must not be in the recording of another test.
        assert!(is_over.recv().is_err());
    });
    assert_eq!(told.named("forever").len(), 1);
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn jobs_that_block() {
    let told = record(|| {
        let main = async {
            let jobs: Vec<_> = (0..30).map(|number| spawn_blocking(move || number)).collect();
            let mut sum = 0;
            for job in jobs {
                sum += job.await.unwrap();
            }
            sum
        };
        assert_eq!(several().block_on(main.traced_as("main")), 435);
    });
    assert_eq!((told.created(), told.finished()), (31, 31));
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn tasks_that_block_their_workers() {
    let told = record(|| {
        let main = async {
            let tasks: Vec<_> = (0..20)
                .map(|number| {
                    spawn(async move {
                        tokio::task::yield_now().await;
                        let inner = block_in_place(|| {
                            let task = spawn(async move { number });
                            tokio::runtime::Handle::current().block_on(task.traced()).unwrap()
                        });
                        // Without a word to the recorder, too.
                        tokio::task::block_in_place(std::thread::yield_now);
                        tokio::task::yield_now().await;
                        inner
                    })
                })
                .collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        };
        assert_eq!(several().block_on(main.traced()), 190);
    });
    assert_eq!((told.created(), told.finished()), (61, 61));
    assert!(told.count("Running", "Syscall") >= 20);
    assert!(told.left.is_empty());
}

#[test]
fn threads_with_and_without_runtimes() {
    let told = record(|| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                thread::Builder::new()
                    .name(format!("number {number}"))
                    .spawn(move || {
                        if number % 2 == 0 {
                            return number;
                        }
                        let runtime = attach(&mut Builder::new_current_thread()).enable_all().build().unwrap();
                        runtime.block_on(
                            async move {
                                tokio::time::sleep(Duration::from_micros(100)).await;
                                spawn(async move { number }).await.unwrap()
                            }
                            .traced(),
                        )
                    })
                    .unwrap()
            })
            .collect();
        let sum: i32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(sum, 28);
        thread::spawn(give_up).join().unwrap_err();
    });
    assert_eq!((told.created(), told.finished()), (17, 17));
    assert_eq!(told.summary.repaired, 0);
    let bytes = String::from_utf8_lossy(&told.bytes);
    assert!(bytes.contains("=number 3"), "the names of threads are in the file");
}

#[test]
fn futures_that_are_never_polled() {
    let told = record(|| drop(async {}.traced_as("never")));
    assert_eq!((told.created(), told.finished(), told.named("never").len()), (1, 1, 1));
}
