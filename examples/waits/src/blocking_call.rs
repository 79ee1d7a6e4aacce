//! Twenty requests ask a database whose driver blocks the thread that calls it, on a runtime with two workers.
//!
//! So two are answered at a time. Put right, the driver is called on the pool for blocking work.

use std::sync::mpsc;
use std::time::Duration;

use goroscope_recorder::{FutureExt, JoinSetExt, region, spawn_blocking};
use tokio::task::JoinSet;

use crate::{Variant, runtime};

const REQUESTS: u32 = 20;
/// How long the database takes.
const DATABASE: Duration = Duration::from_millis(10);

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let runtime = runtime(2)?;
    runtime.block_on(answer_all(variant).traced());
    Ok(())
}

async fn answer_all(variant: Variant) {
    let mut requests = JoinSet::new();
    for request in 0..REQUESTS {
        requests.spawn_traced(answer(variant, request));
    }
    requests.join_all().await;
}

async fn answer(variant: Variant, request: u32) -> u32 {
    match variant {
        Variant::Before => query(request),
        Variant::After => spawn_blocking(move || query(request)).await.unwrap_or(0),
    }
}

/// What a driver without async does: its thread sleeps until the answer is there.
fn query(request: u32) -> u32 {
    let _query = region("query");
    let (_sender, receiver) = mpsc::channel::<u32>();
    receiver.recv_timeout(DATABASE).unwrap_or(request + 1)
}
