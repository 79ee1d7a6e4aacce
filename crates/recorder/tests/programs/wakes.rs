//! Polls of tasks that wait: who woke them, and where nobody had to.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use goroscope_recorder::{FutureExt, JoinSetExt, attach, spawn, spawn_local};
use tokio::runtime::Builder;
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinSet, LocalSet, yield_now};

use crate::harness::{Told, record};

/// Polls that nobody is known to have caused, and those that a future repeated, in a program of one thread.
#[derive(Debug, PartialEq)]
struct Polls {
    unheard: u64,
    repeated: u64,
}

/// The future is made where nobody else records.
fn check<F: Future<Output = ()>>(main: impl FnOnce() -> F, expected: &Polls) -> Told {
    let told = record(|| attach(&mut Builder::new_current_thread()).enable_all().build().unwrap().block_on(main()));
    let summary = told.summary;
    assert_eq!(Polls { unheard: summary.unheard_wakes, repeated: summary.repeated_polls }, *expected, "{summary:?}");
    assert_eq!((summary.repaired, summary.dropped), (0, 0));
    assert!(told.left.is_empty(), "{:?}", told.left);
    told
}

const ALL_HEARD: Polls = Polls { unheard: 0, repeated: 0 };

/// Waits so many times.
async fn turns(times: u32) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// Waits as often as it is told to go on.
async fn notified(notify: Arc<Notify>, times: u32) {
    for _ in 0..times {
        notify.notified().await;
    }
}

#[test]
fn what_needs_no_wake() {
    // The first poll, and those after letting others run.
    check(|| async { spawn(turns(5)).await.unwrap() }.traced(), &ALL_HEARD);
    // A task that wakes itself while it runs.
    let itself = async {
        let mut times = 0;
        std::future::poll_fn(|context| {
            times += 1;
            context.waker().wake_by_ref();
            if times < 5 { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
        })
        .await;
    };
    check(|| itself.traced(), &ALL_HEARD);
    // The budget of a poll is used up.
    let greedy = async {
        let (send, mut receive) = mpsc::unbounded_channel();
        (0..1000).for_each(|number| send.send(number).unwrap());
        drop(send);
        while receive.recv().await.is_some() {}
    };
    let told = check(|| async { spawn(greedy).await.unwrap() }.traced(), &ALL_HEARD);
    assert!(told.stops() > 0);
}

#[test]
fn wakes_by_way_of_others() {
    // A timer, a set of tasks, a task that is joined.
    let sets = async {
        let mut tasks = JoinSet::new();
        for nap in 0..5 {
            tasks.spawn_traced(async move { tokio::time::sleep(Duration::from_micros(nap * 100)).await });
        }
        while tasks.join_next().await.is_some() {}
        spawn(tokio::time::sleep(Duration::from_millis(1))).await.unwrap();
    };
    check(|| sets.traced(), &ALL_HEARD);
    // All of a set of local tasks is one future, which is traced, and they are tasks of their own.
    let local = async {
        let main = async {
            for _ in 0..5 {
                spawn_local(turns(3)).await.unwrap();
            }
        };
        LocalSet::new().run_until(main).await;
    };
    check(|| local.traced(), &ALL_HEARD);
}

#[test]
fn a_future_that_polls_all_that_it_waits_for() {
    // Each of the two is polled for the first time, and then when one of them was woken.
    let both = async { tokio::join!(turns(4).traced_as("short"), turns(10).traced_as("long")) };
    check(|| async { assert_eq!(both.await, ((), ())) }.traced(), &ALL_HEARD);
    let pair = async {
        let notify = Arc::new(Notify::new());
        let other = notified(Arc::clone(&notify), 5).traced_as("told");
        let telling = async {
            for _ in 0..5 {
                // Nobody tells the other one in every second turn.
                turns(2).await;
                notify.notify_one();
            }
        };
        tokio::join!(biased; other, telling)
    };
    let told =
        check(|| async { assert_eq!(pair.await, ((), ())) }.traced_as("pair"), &Polls { unheard: 0, repeated: 6 });
    let (pair, other) = (told.named("pair")[0], told.named("told")[0]);
    assert!(told.wakes.iter().filter(|wake| **wake == (pair, other)).count() == 11, "{:?}", told.wakes);
    // In a loop, too.
    let select = async {
        let mut endless = pin!(pending::<()>().traced_as("endless"));
        for _ in 0..5 {
            tokio::select! {
                biased;
                () = &mut endless => {}
                () = yield_now() => {}
            }
        }
    };
    let told = check(|| select.traced_as("select"), &Polls { unheard: 0, repeated: 9 });
    let (select, endless) = (told.named("select")[0], told.named("endless")[0]);
    // And it drops it.
    assert_eq!(told.wakes.iter().filter(|wake| **wake == (select, endless)).count(), 10);
}

#[test]
fn tasks_that_are_dropped() {
    // Nobody polls what is aborted; that it was is known only to the runtime.
    let aborted = async {
        let tasks: Vec<_> = (0..5).map(|_| spawn(pending::<()>())).collect();
        yield_now().await;
        for task in tasks {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
    };
    check(|| aborted.traced(), &ALL_HEARD);
    // Dropped by somebody who runs.
    let dropped = async {
        let mut waits = Box::pin(pending::<()>().traced_as("waits"));
        tokio::select! {
            biased;
            () = &mut waits => {}
            () = yield_now() => {}
        }
        yield_now().await;
    };
    let told = check(|| dropped.traced_as("drops"), &Polls { unheard: 0, repeated: 1 });
    let (drops, waits) = (told.named("drops")[0], told.named("waits")[0]);
    assert_eq!(told.wakes.iter().filter(|wake| **wake == (drops, waits)).count(), 2);
    // With its runtime.
    check(|| async { drop(spawn(pending::<()>())) }.traced(), &ALL_HEARD);
}

#[test]
fn wakes_that_cannot_be_known() {
    // What polls it is not traced: was it that, or the other one, that was woken?
    let unknown = async {
        let endless = pending::<()>().traced();
        tokio::select! {
            biased;
            () = endless => {}
            () = turns(3) => {}
        }
    };
    check(|| unknown, &Polls { unheard: 3, repeated: 0 });
    // A thread polls again without having been woken.
    let told = record(|| {
        goroscope_recorder::thread::spawn(|| {
            let mut endless = pin!(pending::<()>().traced());
            for _ in 0..4 {
                assert!(endless.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
        })
        .join()
        .unwrap();
    });
    assert_eq!((told.summary.unheard_wakes, told.summary.repeated_polls), (3, 0));
}
