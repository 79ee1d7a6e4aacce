//! Tasks that nobody traces, with tokio's unstable hooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use goroscope_recorder::{FutureExt, Hooks, attach, attach_with, spawn};
use tokio::runtime::Builder;

use crate::harness::{Told, record};

async fn turns() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

fn check(told: &Told, foreign: u64, all: u64) {
    assert!(told.left.is_empty(), "{:?}", told.left);
    assert_eq!((told.created(), told.finished()), (all, all), "{:?}", told.names);
    assert_eq!((told.summary.untraced_tasks, told.note("hooks")), (Some(foreign), Some("unstable")));
    assert_eq!((told.summary.unheard_wakes, told.summary.repaired), (0, 0));
}

#[test]
fn polls_of_tasks_that_others_spawn() {
    let told = record(|| {
        let runtime = attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap();
        runtime.block_on(
            async {
                for _ in 0..5 {
                    tokio::spawn(turns()).await.unwrap();
                    spawn(turns()).await.unwrap();
                    tokio::spawn(turns().traced()).await.unwrap();
                    let endless = tokio::spawn(std::future::pending::<()>());
                    tokio::task::yield_now().await;
                    endless.abort();
                    endless.await.unwrap_err();
                }
            }
            .traced(),
        );
    });
    check(&told, 10, 21);
    assert_eq!(told.named("task@foreign.rs:").len(), 10);
}

#[test]
fn what_is_left_when_a_runtime_is_dropped_and_hooks_of_the_program() {
    let calls = Arc::new(AtomicU64::new(0));
    let told = record(|| {
        let count = |by| {
            let calls = Arc::clone(&calls);
            move |_: &tokio::runtime::TaskMeta<'_>| drop(calls.fetch_add(by, Ordering::Relaxed).to_string())
        };
        let hooks = Hooks::default().on_task_spawn(count(1)).on_task_terminate(count(100));
        let hooks = hooks.on_before_task_poll(count(10_000)).on_after_task_poll(count(1_000_000));
        let runtime = attach_with(&mut Builder::new_current_thread(), hooks).build().unwrap();
        for _ in 0..3 {
            runtime.spawn(std::future::pending::<()>());
        }
        runtime.spawn(async { panic!("a foreign task") });
        runtime.block_on(turns());
    });
    check(&told, 4, 4);
    assert_eq!(calls.load(Ordering::Relaxed), 4_040_404);
}

#[test]
fn tasks_that_are_older_than_the_recording() {
    let runtime = attach(&mut Builder::new_current_thread()).build().unwrap();
    let (foreign, traced) = (runtime.spawn(turns()), runtime.spawn(turns().traced()));
    let told = record(|| {
        runtime.block_on(async {
            foreign.await.unwrap();
            traced.await.unwrap();
        });
    });
    check(&told, 1, 2);
}
