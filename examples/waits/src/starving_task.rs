//! A task compresses a large file on the only worker of a runtime, while eight others only want to answer.
//!
//! They can as soon as it is ready: it awaits nothing. Put right, it lets others run between its blocks.

use std::hint::black_box;

use goroscope_recorder::{FutureExt, spawn};
use tokio::task::yield_now;

use crate::{Variant, runtime};

const BLOCKS: u64 = 200;
const ROUNDS: u64 = 100_000;
const ANSWERS: usize = 8;
/// Times that each one that answers lets others run, as if it waited for its client.
const TURNS: usize = 10;

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let runtime = runtime(1)?;
    runtime.block_on(spawn_all(variant).traced())
}

async fn spawn_all(variant: Variant) -> anyhow::Result<()> {
    let compressing = spawn(compress(variant));
    let answering: Vec<_> = (0..ANSWERS).map(|_| spawn(answer())).collect();
    for answer in answering {
        answer.await?;
    }
    compressing.await?;
    Ok(())
}

async fn compress(variant: Variant) -> u64 {
    let mut sum = 1;
    for block in 0..BLOCKS {
        sum = compress_block(sum ^ block);
        match variant {
            Variant::Before => {}
            Variant::After => yield_now().await,
        }
    }
    sum
}

/// Some hundred microseconds of nothing but computing.
fn compress_block(seed: u64) -> u64 {
    (0..ROUNDS).fold(seed, |sum, round| black_box(sum.wrapping_mul(6_364_136_223_846_793_005).rotate_left(7) ^ round))
}

async fn answer() {
    for _ in 0..TURNS {
        yield_now().await;
    }
}
