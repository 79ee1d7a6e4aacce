//! A thread reads lines and hands each to a task through a channel with room for one.
//!
//! So nearly every line costs a wake and a poll, and the thread sleeps until there is room again. Put right, it hands over
//! a hundred at a time.

use goroscope_recorder::{FutureExt, spawn, thread};
use tokio::sync::mpsc;

use crate::{Variant, runtime};

const LINES: u64 = 4000;
/// Lines at a time, put right.
const BATCH: usize = 100;

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let runtime = runtime(1)?;
    let at_a_time = match variant {
        Variant::Before => 1,
        Variant::After => BATCH,
    };
    let (sender, lines) = mpsc::channel(1);
    let reader = thread::spawn(move || read(at_a_time, &sender));
    let counted = runtime.block_on(count(lines).traced());
    let read = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))?;
    anyhow::ensure!(counted? == read, "lines were lost");
    Ok(())
}

fn read(at_a_time: usize, to: &mpsc::Sender<Vec<u64>>) -> u64 {
    let lines: Vec<u64> = (0..LINES).collect();
    for lines in lines.chunks(at_a_time) {
        if to.blocking_send(lines.to_vec()).is_err() {
            break;
        }
    }
    LINES
}

/// Spawned, so that it runs on a worker.
async fn count(lines: mpsc::Receiver<Vec<u64>>) -> anyhow::Result<u64> {
    Ok(spawn(count_lines(lines)).await?)
}

async fn count_lines(mut lines: mpsc::Receiver<Vec<u64>>) -> u64 {
    let mut count = 0;
    while let Some(lines) = lines.recv().await {
        count += lines.len() as u64;
    }
    count
}
