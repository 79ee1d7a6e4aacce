//! Threads: many of them, their ends, and recordings that come and go while they work.

use std::cell::RefCell;
use std::fs::File;
use std::future::Future;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Waker;
use std::time::Duration;

use goroscope_recorder::{FutureExt, log, region, spawn, task, thread};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::yield_now;

use crate::counting::Count;
use crate::stage::{Memory, Runs, Stage, keep_checked, several, single};

pub fn a_thousand(stage: &Stage) {
    let all = if stage.scale > 1 { 1000 } else { 200 };
    stage.record("threads", Runs::Nested, |count| {
        let meeting = Arc::new(std::sync::Barrier::new(all));
        let (send, mut receive) = unbounded_channel();
        let threads: Vec<_> = (0..all)
            .map(|number| {
                let (own, meeting, send) = (count.clone(), Arc::clone(&meeting), send.clone());
                let work = count.job(move || {
                    // All of them are there at the same time.
                    meeting.wait();
                    let _region = region("work");
                    if number % 10 == 0 {
                        single().block_on(own.task(yield_now()).traced());
                    }
                    send.send(number).unwrap();
                });
                thread::Builder::new().stack_size(256 << 10).name(format!("number {number}")).spawn(work).unwrap()
            })
            .collect();
        drop(send);
        let main = async { while receive.recv().await.is_some() {} };
        single().block_on(count.task(main).traced());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A disk that takes nothing until the sender is gone.
struct Disk(File, mpsc::Receiver<()>);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.1.recv();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Thousands of threads are over, and one has much to say, before the assembler comes to any of it.
pub fn while_the_disk_waits(stage: &Stage) {
    let (wait, told) = mpsc::channel();
    let count = Count::default();
    let disk = Disk(File::create(stage.path("disk")).unwrap(), told);
    let recording = stage.builder().memory(1 << 30).start_writer(disk).unwrap();
    let talking = thread::spawn(count.job(|| (0..100_000).for_each(|_| log("turn", "over"))));
    for _ in 0..4000 * stage.scale.min(5) {
        thread::spawn(count.job(|| ())).join().unwrap();
    }
    talking.join().unwrap();
    drop(wait);
    let summary = recording.stop().unwrap();
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
    assert_eq!((summary.tasks, summary.polls), (count.tasks(), count.runs()), "{count:?} {summary:?}");
    Stage::expect("disk", &[("created", count.tasks()), ("finished", count.ended()), ("left", 0)]);
}

/// Uses the recorder when its thread is over, before or after the recorder's own part of the thread is gone.
struct Last {
    count: Count,
    waker: Option<Waker>,
}

impl Drop for Last {
    fn drop(&mut self) {
        log("last", "words");
        drop(task("last").region("will"));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        // Tasks that begin now may be recorded or not; they must not harm those that are.
        let waker = Waker::noop();
        let mut future = Box::pin(yield_now().traced());
        let _ = future.as_mut().poll(&mut std::task::Context::from_waker(waker));
        drop(future);
        drop(self.count.clone());
    }
}

thread_local! {
    static BEFORE: RefCell<Option<Last>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Hands its waker to whoever asks.
struct Hands(mpsc::Sender<Waker>, Arc<AtomicBool>);

impl Future for Hands {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if self.1.load(Ordering::SeqCst) {
            return std::task::Poll::Ready(());
        }
        self.0.send(context.waker().clone()).unwrap();
        std::task::Poll::Pending
    }
}

pub fn local_destructors(stage: &Stage) {
    let count = Count::default();
    let recording = stage.builder().start(&stage.path("destructors")).unwrap();
    let runtime = several(1);
    for round in 0..40 * stage.scale {
        let (send, wakers) = mpsc::channel();
        let done = Arc::new(AtomicBool::new(false));
        let waits = runtime.spawn(count.task(Hands(send, Arc::clone(&done))).traced_as("waits"));
        let waker = wakers.recv().unwrap();
        let ending = {
            let count = count.clone();
            move || {
                // Destructors run in the order of first use; which of them comes before the recorder's differs.
                let mut waker = Some(waker);
                let last = |waker| Some(Last { count: count.clone(), waker });
                if round % 2 == 0 {
                    BEFORE.set(last(waker.take()));
                }
                log("first", "words");
                if round % 2 == 1 {
                    AFTER.set(last(None));
                }
                done.store(true, Ordering::SeqCst);
                waker
            }
        };
        let left = thread::spawn(ending).join().unwrap();
        if let Some(waker) = left {
            waker.wake();
        }
        runtime.block_on(waits).unwrap();
    }
    drop(runtime);
    let summary = recording.stop().unwrap();
    assert_eq!((summary.dropped, summary.repaired), (0, 0), "{summary:?}");
    assert!(summary.tasks >= 80 * stage.scale, "{summary:?}");
    Stage::expect("destructors", &[("left", 0)]);
}

/// Ends what works until it is told to, also where something is wrong.
struct Stopping(Arc<AtomicBool>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub fn restarts(stage: &Stage) {
    let (times, kept) = if stage.scale > 1 { (1000, 50) } else { (30, 10) };
    let runtime = several(2);
    let (stop, turns) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let stopping = Stopping(Arc::clone(&stop));
    let mut tasks = Vec::new();
    for number in 0..10_u64 {
        let (stop, turns) = (Arc::clone(&stop), Arc::clone(&turns));
        tasks.push(
            runtime.spawn(
                async move {
                    while !stop.load(Ordering::Relaxed) {
                        let _region = region("turn");
                        let part = task("part");
                        match number % 4 {
                            0 => tokio::time::sleep(Duration::from_micros(300)).await,
                            1 => tokio::time::sleep(Duration::from_micros(100)).await,
                            2 => spawn(yield_now()).await.unwrap(),
                            _ => thread::spawn(|| ()).join().unwrap(),
                        }
                        part.log("turn", "over");
                        turns.fetch_add(1, Ordering::Relaxed);
                    }
                }
                .traced(),
            ),
        );
    }
    for number in 0..times {
        let memory = Memory::default();
        let recording = stage.builder().start_writer(memory.clone()).unwrap();
        // Some recordings see nothing, some a little.
        let until = turns.load(Ordering::Relaxed) + number % 5 * 3;
        while turns.load(Ordering::Relaxed) < until {
            std::thread::yield_now();
        }
        let summary = recording.stop().unwrap();
        // On a busy machine the assembler may come too late.
        assert!(summary.repaired == 0 || summary.dropped > 0, "{number}: {summary:?}");
        let bytes = memory.take();
        if number % kept == 0 {
            keep_checked(&stage.path(&format!("restart-{number:04}")), &bytes);
        } else if let Err(trouble) = crate::files::read(&bytes) {
            std::fs::write(stage.path(&format!("restart-{number:04}")), &bytes).unwrap();
            panic!("recording {number}: {trouble}");
        }
    }
    drop(stopping);
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
}
