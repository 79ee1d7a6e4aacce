//! Where tasks wait, why, and who wakes them.

use std::future::Future;
use std::time::Duration;

use goroscope_recorder::{FutureExt, attach, spawn};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{Mutex, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::harness::{Told, record};

const NAP: Duration = Duration::from_millis(2);

fn run<F: Future + Send + 'static>(main: F) -> Told
where
    F::Output: Send,
{
    record(|| {
        let runtime = attach(&mut Builder::new_current_thread()).enable_all().build().unwrap();
        runtime.block_on(main.traced_as("main"));
    })
}

/// The first wait of the task `main`: reason and functions.
fn first_wait(told: &Told) -> (&str, &[String]) {
    let main = told.named("main")[0];
    let (_, reason, stack) = told.waits.iter().find(|(go, ..)| *go == main).unwrap();
    (reason, stack)
}

fn check<F: Future + Send + 'static>(main: F, reason: &str)
where
    F::Output: Send,
{
    let told = run(main);
    let (waits, stack) = first_wait(&told);
    assert_eq!(waits, reason, "{stack:#?}");
    assert!(!stack.is_empty());
    let is_own = |function: &String| function.contains("goroscope_recorder::");
    assert!(!stack.iter().any(is_own), "{stack:#?}");
}

#[test]
fn sleep_and_yield() {
    check(async { sleep(NAP).await }, "sleep");
    check(async { tokio::time::interval_at(tokio::time::Instant::now() + NAP, NAP).tick().await }, "sleep");
    check(async { tokio::task::yield_now().await }, "runtime.Gosched");
}

#[test]
fn channels() {
    check(
        async {
            let (send, mut receive) = mpsc::channel(1);
            spawn(async move { send.send(1).await });
            receive.recv().await
        },
        "chan receive",
    );
    check(
        async {
            let (send, mut receive) = mpsc::channel(1);
            send.try_send(1).unwrap();
            spawn(async move { while receive.recv().await.is_some() {} });
            send.send(2).await
        },
        "chan send",
    );
    check(
        async {
            let (send, mut receive) = mpsc::unbounded_channel();
            spawn(async move { send.send(1) });
            receive.recv().await
        },
        "chan receive",
    );
    check(
        async {
            let (send, receive) = oneshot::channel();
            spawn(async move { send.send(1) });
            receive.await
        },
        "chan receive",
    );
    check(
        async {
            let (send, mut receive) = broadcast::channel(1);
            spawn(async move { send.send(1) });
            receive.recv().await
        },
        "chan receive",
    );
    check(
        async {
            let (send, mut receive) = watch::channel(0);
            spawn(async move { send.send(1) });
            receive.changed().await
        },
        "chan receive",
    );
}

#[test]
fn locks_and_joins() {
    check(
        async {
            let lock = std::sync::Arc::new(Mutex::new(()));
            let held = std::sync::Arc::clone(&lock).lock_owned().await;
            spawn(async move { drop(held) });
            drop(lock.lock().await);
        },
        "sync",
    );
    check(
        async {
            let free = std::sync::Arc::new(Semaphore::new(0));
            spawn({
                let free = std::sync::Arc::clone(&free);
                async move { free.add_permits(1) }
            });
            drop(free.acquire_owned().await.unwrap());
        },
        "sync",
    );
    check(async { spawn(async {}).await }, "sync");
}

#[test]
fn network() {
    check(
        async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            spawn(async move { TcpStream::connect(address).await.unwrap().write_all(b"hello").await });
            let (mut peer, _) = listener.accept().await.unwrap();
            peer.read_to_end(&mut Vec::new()).await.unwrap();
        },
        "network",
    );
}

#[test]
fn several_at_once() {
    check(
        async {
            let (_send, mut receive) = mpsc::channel::<()>(1);
            tokio::select! {
                () = sleep(NAP) => {}
                _ = receive.recv() => {}
            }
        },
        "select",
    );
    // A timeout is not one of several: what is limited is waited for.
    check(
        async {
            let (_send, mut receive) = mpsc::channel::<()>(1);
            timeout(NAP, receive.recv()).await.is_err()
        },
        "chan receive",
    );
}

async fn outer() {
    middle().await;
}

async fn middle() {
    inner().await;
}

async fn inner() {
    sleep(NAP).await;
    std::hint::black_box(());
}

#[test]
fn the_whole_chain() {
    let told = run(outer());
    let (reason, stack) = first_wait(&told);
    assert_eq!(reason, "sleep");
    // Debug information of lines only has no names for async functions, but there is one frame for each.
    let of_this_file = stack.iter().filter(|function| function.contains("stacks")).count();
    assert_eq!(of_this_file, 3, "{stack:#?}");
    assert!(stack.iter().any(|function| function.contains("sleep")), "{stack:#?}");
}

#[test]
fn a_wake_has_a_waker() {
    let told = record(|| {
        let runtime = attach(&mut Builder::new_current_thread()).enable_all().build().unwrap();
        let main = async {
            let (send, receive) = oneshot::channel();
            let receiver = tokio::spawn(async { receive.await.unwrap() }.traced_as("receiver"));
            tokio::task::yield_now().await;
            tokio::spawn(async { send.send(7).unwrap() }.traced_as("sender"));
            receiver.await.unwrap();
        };
        runtime.block_on(main.traced_as("main"));
    });
    let [main, receiver, sender] = ["main", "receiver", "sender"].map(|name| told.named(name)[0]);
    // The receiver ends, which is what wakes the one that joins it.
    assert_eq!(told.wakes, [(sender, receiver), (receiver, main)]);
}
