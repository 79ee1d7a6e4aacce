//! What one operation costs, on one worker: a yield, a way there and back, a task, a lock that is held.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::{Mutex, mpsc};

use crate::clocks::{Whose, processor};
use crate::tracer::{Tracer, spawn};

const ROUNDS: u32 = 100_000;
const RUNS: usize = 3;

/// Prints a line for every operation; the best of a few runs.
pub fn run(tracer: Tracer) -> Result<()> {
    let all = processor(Whose::Process);
    let best = tracer.run(1, async {
        let mut best = [Duration::MAX; 4];
        for _ in 0..RUNS {
            let runs =
                [timed(yields()).await, timed(ping_pong()).await, timed(spawning()).await, timed(locking()).await];
            for (best, run) in best.iter_mut().zip(runs) {
                *best = run.min(*best);
            }
        }
        best
    })?;
    for (name, time) in ["yield", "wake", "spawn", "lock"].iter().zip(best) {
        println!("{name} {:.1}", time.as_nanos() as f64 / f64::from(ROUNDS));
    }
    // What was written behind the back of the worker counts, too: all of it, until nothing is left to be done.
    let all = processor(Whose::Process).saturating_sub(all);
    println!("process {:.1}", all.as_nanos() as f64 / f64::from(ROUNDS) / RUNS as f64);
    Ok(())
}

/// Processor time of this thread, which is the only worker.
async fn timed(work: impl Future<Output = ()> + Send + 'static) -> Duration {
    let begin = processor(Whose::Thread);
    work.await;
    processor(Whose::Thread).saturating_sub(begin)
}

/// A poll and a wake each.
async fn yields() {
    for _ in 0..ROUNDS {
        tokio::task::yield_now().await;
    }
}

/// Two polls and two wakes each.
async fn ping_pong() {
    let (serve, mut served) = mpsc::channel(1);
    let (answer, mut answers) = mpsc::channel(1);
    let other = spawn(async move {
        while let Some(ball) = served.recv().await {
            if answer.send(ball).await.is_err() {
                break;
            }
        }
    });
    for ball in 0..ROUNDS {
        if serve.send(ball).await.is_err() {
            break;
        }
        answers.recv().await;
    }
    drop(serve);
    let _ = other.await;
}

/// A task that does nothing, and its end.
async fn spawning() {
    for _ in 0..ROUNDS {
        let _ = spawn(async {}).await;
    }
}

/// Two tasks that take turns with a lock, as each lets the other run while it holds it.
async fn locking() {
    let lock = Arc::new(Mutex::new(0_u64));
    let tasks = [(); 2].map(|()| {
        let lock = Arc::clone(&lock);
        spawn(async move {
            for _ in 0..ROUNDS / 2 {
                let mut count = lock.lock().await;
                tokio::task::yield_now().await;
                *count += 1;
            }
        })
    });
    for task in tasks {
        let _ = task.await;
    }
}
