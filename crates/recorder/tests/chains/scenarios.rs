//! Tasks that wait in every way that tokio has, at chains of awaits that they know.
//!
//! An `.await` stands on the line of its `hop` or `wait`: that is how the chains are compared.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{Stream, StreamExt, stream};
use goroscope_recorder::attach;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Barrier, Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::{JoinSet, spawn_blocking, yield_now};
use tokio::time::{Instant, interval_at, sleep, sleep_until, timeout};

use crate::compared::check;
use crate::own::{Program, block, hop, leaf, wait};
use crate::told::record;

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

const NAP: Duration = Duration::from_micros(1500);

#[test]
fn several_workers() {
    run(|| attach(Builder::new_multi_thread().worker_threads(2)).enable_all().build().unwrap());
}

#[test]
fn one_thread() {
    run(|| attach(&mut Builder::new_current_thread()).enable_all().build().unwrap());
}

fn run(runtime: impl FnOnce() -> Runtime) {
    let program = Program::default();
    let told = record(|| {
        let runtime = runtime();
        let main = everything(program.clone());
        runtime.block_on(program.task("main", main));
    });
    check(&program, &told);
}

async fn everything(program: Program) {
    let mut set = JoinSet::new();
    for (name, task) in tasks(&program) {
        set.spawn(program.task(name, task));
    }
    while let Some(done) = wait("sync", set.join_next()).await {
        done.unwrap();
    }
}

fn tasks(program: &Program) -> Vec<(&'static str, Boxed)> {
    let mut tasks: Vec<(&'static str, Boxed)> = Vec::new();
    for depth in 1..=20 {
        let name: &'static str = format!("depth {depth}").leak();
        tasks.push((name, Box::pin(deep(depth))));
    }
    tasks.push(("timers", Box::pin(timers())));
    tasks.push(("in a row", Box::pin(in_a_row())));
    tasks.push(("at once", Box::pin(at_once())));
    tasks.push(("streams", Box::pin(streams())));
    tasks.push(("blocking", Box::pin(blocking())));
    tasks.extend(channels());
    tasks.extend(locks());
    tasks.extend(sockets());
    tasks.push(("joins", Box::pin(joins(program.clone()))));
    tasks
}

fn deep(depth: u32) -> Boxed {
    Box::pin(async move {
        match depth {
            1 => hop(link(link(link(nap())))).await,
            _ => hop(deep(depth - 1)).await,
        }
    })
}

async fn link<F: Future>(future: F) -> F::Output {
    hop(future).await
}

async fn nap() {
    wait("sleep", sleep(NAP)).await;
}

async fn timers() {
    hop(nap()).await;
    wait("sleep", sleep_until(Instant::now() + NAP)).await;
    let mut interval = interval_at(Instant::now() + NAP, NAP);
    for _ in 0..3 {
        wait("sleep", interval.tick()).await;
    }
    // A timeout that comes, of something that never does.
    let (_send, receive) = oneshot::channel::<()>();
    assert!(timeout(NAP, wait("chan receive", receive)).await.is_err());
    assert!(hop(timeout(NAP * 1000, link(nap()))).await.is_ok());
    wait("runtime.Gosched", yield_now()).await;
    hop(link(link(leaf("runtime.Gosched", yield_now())))).await;
}

/// Waits that follow each other in one poll.
async fn in_a_row() {
    let (send, mut receive) = mpsc::channel(1);
    let sending = async move {
        for n in 0..4 {
            sleep(NAP * 2).await;
            send.send(n).await.unwrap();
        }
    };
    let sending = tokio::spawn(sending);
    // A sleep is over in the poll in which it registered its waker again.
    wait("sleep", sleep(NAP)).await;
    wait("chan receive", receive.recv()).await;
    hop(nap()).await;
    hop(link(leaf("chan receive", receive.recv()))).await;
    // An interval keeps its waker.
    let mut interval = interval_at(Instant::now() + NAP, NAP);
    wait("sleep", interval.tick()).await;
    wait("chan receive", receive.recv()).await;
    wait("sleep", interval.tick()).await;
    wait("sync", sending).await.unwrap();
}

#[rustfmt::skip]
async fn at_once() {
    block(async { tokio::join!(link(nap()), nap()) }).await;
    let later = async {
        hop(nap()).await;
        wait("sleep", sleep(NAP * 2)).await;
    };
    block(async { tokio::join!(nap(), later) }).await;
    let (send, mut receive) = mpsc::channel::<()>(1);
    for _ in 0..3 {
        let got = async { wait("chan receive", receive.recv()).await };
        block(async { tokio::select! { _ = got => {} () = nap() => {} } }).await;
    }
    // What follows when one of them was ready, though the channel keeps the waker of the other one.
    send.send(()).await.unwrap();
    block(async { tokio::select! { biased; () = nap() => {} _ = receive.recv() => {} } }).await;
    hop(nap()).await;
    let got = async { wait("chan receive", receive.recv()).await };
    block(async { tokio::select! { biased; _ = got => {} () = std::future::ready(()) => {} } }).await;
    hop(nap()).await;
    hop(join_all((1..4).map(|n| leaf("sleep", sleep(NAP * n))))).await;
}

fn numbers() -> impl Stream<Item = u32> + Send {
    stream::unfold(0, |n| async move {
        wait("sleep", sleep(NAP)).await;
        (n < 3).then_some((n, n + 1))
    })
}

async fn streams() {
    let mut numbers = Box::pin(numbers());
    while let Some(n) = hop(numbers.next()).await {
        assert!(n < 3);
    }
}

async fn blocking() {
    wait("sync", spawn_blocking(|| std::thread::park_timeout(NAP))).await.unwrap();
    let path = std::env::temp_dir().join(format!("goroscope-chains-{}", std::process::id()));
    hop(link(leaf("sync", tokio::fs::write(&path, "written")))).await.unwrap();
    let read = hop(leaf("sync", tokio::fs::read_to_string(&path))).await.unwrap();
    assert_eq!(read, "written");
    wait("sync", tokio::fs::remove_file(&path)).await.unwrap();
}

fn channels() -> Vec<(&'static str, Boxed)> {
    let (to, mut from) = mpsc::channel(1);
    let (once, later) = oneshot::channel();
    let (tell, mut heard) = broadcast::channel(16);
    let (set, mut seen) = watch::channel(0);
    let (unbounded, mut without_bounds) = mpsc::unbounded_channel();
    let send: Boxed = Box::pin(async move {
        for n in 0..8 {
            wait("chan send", to.send(n)).await.unwrap();
        }
        hop(nap()).await;
        once.send(1).unwrap();
        hop(nap()).await;
        tell.send(2).unwrap();
        hop(nap()).await;
        set.send(3).unwrap();
        hop(nap()).await;
        unbounded.send(4).unwrap();
    });
    let receive: Boxed = Box::pin(async move {
        while let Some(n) = wait("chan receive", from.recv()).await {
            if n % 4 == 0 {
                hop(nap()).await;
            }
            if n == 7 {
                break;
            }
        }
        assert_eq!(wait("chan receive", later).await, Ok(1));
        assert_eq!(hop(link(leaf("chan receive", heard.recv()))).await, Ok(2));
        wait("chan receive", seen.changed()).await.unwrap();
        assert_eq!(hop(leaf("chan receive", without_bounds.recv())).await, Some(4));
    });
    vec![("send", send), ("receive", receive)]
}

fn locks() -> Vec<(&'static str, Boxed)> {
    let (lock, shared) = (Arc::new(Mutex::new(())), Arc::new(RwLock::new(())));
    let (free, told, all) = (Arc::new(Semaphore::new(1)), Arc::new(Notify::new()), Arc::new(Barrier::new(3)));
    let names = ["locks 1", "locks 2", "locks 3"];
    let one = |(at, name)| {
        let (lock, shared, free) = (Arc::clone(&lock), Arc::clone(&shared), Arc::clone(&free));
        let (told, all) = (Arc::clone(&told), Arc::clone(&all));
        let task: Boxed = Box::pin(async move {
            wait("sync", all.wait()).await;
            for _ in 0..3 {
                let held = wait("sync", lock.lock()).await;
                hop(nap()).await;
                drop(held);
                let held = hop(link(leaf("sync", shared.read()))).await;
                hop(nap()).await;
                drop(held);
                let held = wait("sync", shared.write()).await;
                hop(nap()).await;
                drop(held);
                let held = hop(link(leaf("sync", free.acquire()))).await.unwrap();
                hop(nap()).await;
                drop(held);
            }
            wait("sync", all.wait()).await;
            if at == 0 {
                hop(nap()).await;
                told.notify_one();
                told.notify_one();
                hop(nap()).await;
                told.notify_one();
            } else {
                wait("sync", told.notified()).await;
            }
        });
        (name, task)
    };
    (0..).zip(names).map(one).collect()
}

fn sockets() -> Vec<(&'static str, Boxed)> {
    let (address_to, address) = oneshot::channel();
    let (one, mut other) = UnixStream::pair().unwrap();
    let serve: Boxed = Box::pin(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        address_to.send(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = wait("network", listener.accept()).await.unwrap();
        let mut said = [0; 5];
        hop(link(leaf("network", peer.read_exact(&mut said)))).await.unwrap();
        hop(nap()).await;
        wait("network", peer.write_all(&said)).await.unwrap();
        let mut one = one;
        wait("network", one.read_exact(&mut said)).await.unwrap();
    });
    let ask: Boxed = Box::pin(async move {
        let address = wait("chan receive", address).await.unwrap();
        hop(nap()).await;
        let mut peer = wait("network", TcpStream::connect(address)).await.unwrap();
        hop(nap()).await;
        wait("network", peer.write_all(b"hello")).await.unwrap();
        let mut answer = [0; 5];
        hop(leaf("network", peer.read_exact(&mut answer))).await.unwrap();
        hop(nap()).await;
        wait("network", other.write_all(b"hello")).await.unwrap();
    });
    let datagrams: Boxed = Box::pin(async move {
        let one = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let sending = tokio::spawn(async move {
            sleep(NAP).await;
            one.send_to(b"hello", address).await
        });
        wait("network", other.recv_from(&mut [0; 5])).await.unwrap();
        wait("sync", sending).await.unwrap().unwrap();
    });
    vec![("serve", serve), ("ask", ask), ("datagrams", datagrams)]
}

async fn joins(program: Program) {
    let one = tokio::spawn(program.task("joined 1", nap()));
    wait("sync", one).await.unwrap();
    let mut set = JoinSet::new();
    for name in ["joined 2", "joined 3", "joined 4"] {
        set.spawn(program.task(name, link(nap())));
    }
    while let Some(joined) = hop(link(leaf("sync", set.join_next()))).await {
        joined.unwrap();
    }
}
