//! Counters, and what the file says of the process and the recording.

use std::sync::Arc;

use goroscope_recorder::{Counter, FutureExt, Ring, attach, counter, spawn};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

use crate::harness::{in_turn, read, record, record_with, usual};

#[test]
fn counters_of_the_program() {
    static DEPTH: Counter = Counter::new("depth");
    let told = record(|| {
        for at in 0..1000_i64 {
            counter!("squares", at * at);
        }
        DEPTH.add(5);
        DEPTH.add(-7);
        std::thread::spawn(|| DEPTH.add(1)).join().unwrap();
        DEPTH.set(40);
        counter!("too large", u64::MAX);
    });
    let values = |name| told.counter(name).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!(values("squares"), (0..1000).map(|at| at * at).collect::<Vec<_>>());
    assert_eq!(values("depth"), [5, -2, -1, 40]);
    assert_eq!(values("too large"), [i64::MAX]);
    assert_eq!((told.summary.repaired, told.summary.outside_annotations), (0, 0));
}

#[test]
fn counters_outlive_generations() {
    let told = record_with(usual().generation_bytes(1), || {
        counter!("constant", 7);
        for at in 0..100 {
            counter!("steps", at);
        }
    });
    let constant = told.counter("constant");
    assert_eq!(constant.len() as u64, told.generations);
    assert!(told.generations > 10 && constant.iter().all(|(_, value)| *value == 7));
    let mut steps: Vec<_> = told.counter("steps").into_iter().map(|(_, value)| value).collect();
    steps.dedup();
    assert_eq!(steps, (0..100).collect::<Vec<_>>());
}

#[test]
fn runtimes_are_asked() {
    const WAITING: usize = 30;
    in_turn(|| {
        let recording = usual().start_ring(Ring::default()).unwrap();
        let runtime = attach(Builder::new_multi_thread().worker_threads(1).name("app")).enable_all().build().unwrap();
        let stop = Arc::new(Semaphore::new(0));
        let mut tasks = Vec::new();
        for at in 0..WAITING {
            let stop = Arc::clone(&stop);
            let waits = async move { stop.acquire().await.is_err() };
            // A third of them is not traced.
            tasks.push(if at % 3 == 0 { runtime.spawn(waits) } else { runtime.spawn(waits.traced()) });
        }
        let told = loop {
            let mut bytes = Vec::new();
            recording.snapshot_writer(&mut bytes).unwrap();
            let told = read(bytes);
            if told.counter("tokio.app.alive_tasks").iter().any(|(_, value)| *value == WAITING as i64) {
                break told;
            }
        };
        assert_eq!(told.counter("tokio.app.alive_tasks").len(), told.counter("tokio.app.global_queue").len());
        assert_eq!(told.note("untraced_tasks"), Some("10"));
        stop.close();
        for task in tasks {
            assert!(runtime.block_on(task).unwrap());
        }
        assert_eq!(recording.stop().unwrap().untraced_tasks, Some(10));
    });
}

/// A program may be over before its runtimes are asked for their counters a second time.
#[test]
fn tasks_that_nobody_traced_are_seen_soon() {
    const WAITING: usize = 12;
    let is_seen_before_the_counter_tells = || {
        let recording = usual().start_ring(Ring::default()).unwrap();
        let runtime = attach(Builder::new_multi_thread().worker_threads(1).name("short")).build().unwrap();
        runtime.block_on(async {}.traced());
        let snapshot = || {
            let mut bytes = Vec::new();
            recording.snapshot_writer(&mut bytes).unwrap();
            read(bytes)
        };
        while snapshot().counter("tokio.short.alive_tasks").is_empty() {}
        let tasks: Vec<_> = (0..WAITING).map(|_| runtime.spawn(std::future::pending::<()>())).collect();
        let told = loop {
            let told = snapshot();
            if told.note("untraced_tasks") == Some("12") {
                break told;
            }
        };
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        told.counter("tokio.short.alive_tasks").iter().all(|(_, value)| *value < WAITING as i64)
    };
    in_turn(|| assert!((0..20).any(|_| is_seen_before_the_counter_tells())));
}

#[test]
fn wakes_that_change_nothing() {
    let told = record(|| {
        let runtime = attach(&mut Builder::new_current_thread()).build().unwrap();
        let main = async {
            let task = spawn(async {
                std::future::poll_fn(|context| {
                    // The first one counts: it will be polled again. The others change nothing.
                    (0..4).for_each(|_| context.waker().wake_by_ref());
                    std::task::Poll::<()>::Pending
                })
                .await;
            });
            tokio::task::yield_now().await;
            task.abort();
            task.await.unwrap_err();
        };
        runtime.block_on(main.traced());
    });
    assert!(told.summary.superfluous_wakes >= 3, "{:?}", told.summary);
    assert_eq!(told.note("superfluous_wakes"), Some(told.summary.superfluous_wakes.to_string().as_str()));
}

#[test]
fn what_was_recorded() {
    let told = record(|| {
        let runtime = attach(&mut Builder::new_current_thread()).build().unwrap();
        runtime.block_on(async { spawn(async {}).await.unwrap() }.traced());
    });
    assert_eq!(told.note("tasks"), Some("2"));
    assert_eq!(told.note("pid"), Some(std::process::id().to_string().as_str()));
    assert_eq!(told.note("program"), Some(std::env::current_exe().unwrap().to_str().unwrap()));
    assert!(matches!(told.note("frame_pointers"), Some("works" | "absent")), "{:?}", told.notes);
}
