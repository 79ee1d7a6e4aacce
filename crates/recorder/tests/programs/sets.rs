//! Tasks that are begun in sets, and threads in scopes.

use std::sync::atomic::{AtomicU64, Ordering};

use goroscope_recorder::{FutureExt, JoinSetExt, attach, thread};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet, yield_now};

use crate::harness::record;

#[test]
fn a_set_of_tasks() {
    let told = record(|| {
        let runtime = attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap();
        let main = async {
            let mut tasks = JoinSet::new();
            let handle = tokio::runtime::Handle::current();
            for number in 0..10_u64 {
                tasks.spawn_traced(async move {
                    yield_now().await;
                    number
                });
                tasks.spawn_traced_on(async move { number }, &handle);
                tasks.spawn_blocking_traced(move || number);
            }
            let aborted = tasks.spawn_traced(std::future::pending());
            aborted.abort();
            let mut sum = 0;
            while let Some(joined) = tasks.join_next().await {
                sum += joined.unwrap_or(1000);
            }
            assert_eq!(sum, 3 * 45 + 1000);
        };
        runtime.block_on(main.traced());
    });
    assert!(told.left.is_empty(), "{:?}", told.left);
    assert_eq!((told.created(), told.finished()), (32, 32));
    assert_eq!(told.named("programs::sets::a_set_of_tasks").len(), 31, "{:?}", told.names);
    // Called by its type: it is not a block of this function.
    assert_eq!(told.named("core::future::pending::Pending").len(), 1, "{:?}", told.names);
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn a_set_of_local_tasks() {
    let told = record(|| {
        let runtime = attach(&mut Builder::new_current_thread()).enable_all().build().unwrap();
        let (local, mut tasks) = (LocalSet::new(), JoinSet::new());
        tasks.spawn_local_traced_on(async { 1 }, &local);
        let main = async {
            for _ in 0..10 {
                tasks.spawn_local_traced(async {
                    yield_now().await;
                    1
                });
            }
            assert_eq!(tasks.join_all().await.len(), 11);
        };
        local.block_on(&runtime, main.traced());
    });
    assert!(told.left.is_empty(), "{:?}", told.left);
    assert_eq!((told.created(), told.finished()), (12, 12));
    assert_eq!(told.summary.repaired, 0);
}

#[test]
fn threads_of_a_scope() {
    let told = record(|| {
        let counter = AtomicU64::new(0);
        let joined = thread::scope(|scope| {
            let count = || counter.fetch_add(1, Ordering::Relaxed);
            for _ in 0..20 {
                scope.spawn(count);
            }
            let outer = scope.spawn(move || scope.spawn(count).join().is_ok());
            let panics = scope.spawn(|| std::panic::resume_unwind(Box::new("over")));
            (outer.join().unwrap(), panics.join().is_err())
        });
        assert_eq!((counter.into_inner(), joined), (21, (true, true)));
    });
    assert!(told.left.is_empty(), "{:?}", told.left);
    assert_eq!((told.created(), told.polls(), told.finished()), (23, 23, 23));
    assert_eq!(told.summary.repaired, 0);
}
