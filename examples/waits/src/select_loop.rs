//! A loop takes messages and writes out what it has every 40 ms, or so it seems: its timer is made anew in each turn.
//!
//! As long as a message comes every few milliseconds, the timer never fires. Put right, the timer is older than the loop.

use std::time::Duration;

use goroscope_recorder::{FutureExt, region, spawn};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{Variant, runtime};

const MESSAGES: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(3);
const FLUSH: Duration = Duration::from_millis(40);

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let runtime = runtime(2)?;
    runtime.block_on(take_all(variant).traced())
}

async fn take_all(variant: Variant) -> anyhow::Result<()> {
    let (sender, messages) = mpsc::channel(16);
    spawn(send(sender));
    match variant {
        Variant::Before => spawn(timer_in_the_loop(messages)),
        Variant::After => spawn(timer_before_the_loop(messages)),
    }
    .await?;
    Ok(())
}

async fn send(messages: mpsc::Sender<u32>) {
    for message in 0..MESSAGES {
        sleep(BETWEEN).await;
        // It fails when nobody wants messages any more.
        let _ = messages.send(message).await;
    }
}

async fn timer_in_the_loop(mut messages: mpsc::Receiver<u32>) {
    let mut kept = Vec::new();
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => kept.push(message),
                None => return,
            },
            () = sleep(FLUSH) => flush(&mut kept),
        }
    }
}

async fn timer_before_the_loop(mut messages: mpsc::Receiver<u32>) {
    let mut kept = Vec::new();
    let mut timer = interval(FLUSH);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => kept.push(message),
                None => return,
            },
            _ = timer.tick() => flush(&mut kept),
        }
    }
}

/// Writes out what was kept.
fn flush(kept: &mut Vec<u32>) {
    let _flush = region("flush");
    kept.clear();
}
