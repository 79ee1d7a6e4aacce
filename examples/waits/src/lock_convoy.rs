//! Eight tasks share a cache behind a lock. Each asks a slow store for what is missing, while it holds the lock.
//!
//! So the others wait for the store, too, one after the other. Put right, nobody holds the lock while it waits for the
//! store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use goroscope_recorder::{FutureExt, JoinSetExt, spawn};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;

use crate::{Variant, runtime};

const CLIENTS: u32 = 8;
const QUESTIONS: u32 = 20;
/// How long the store takes.
const STORE: Duration = Duration::from_millis(2);

type Cache = Mutex<HashMap<u32, u32>>;

pub fn run(variant: Variant) -> anyhow::Result<()> {
    let runtime = runtime(2)?;
    runtime.block_on(ask_all(variant).traced());
    Ok(())
}

async fn ask_all(variant: Variant) {
    let cache = Arc::new(Cache::default());
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn_traced(ask(variant, client, Arc::clone(&cache)));
    }
    clients.join_all().await;
}

async fn ask(variant: Variant, client: u32, cache: Arc<Cache>) {
    for question in 0..QUESTIONS {
        let question = client * QUESTIONS + question;
        match variant {
            Variant::Before => holding(&cache, question).await,
            Variant::After => letting_go(&cache, question).await,
        };
    }
}

async fn holding(cache: &Cache, question: u32) -> u32 {
    let mut known = cache.lock().await;
    if let Some(answer) = known.get(&question) {
        return *answer;
    }
    let answer = ask_store(question).await;
    known.insert(question, answer);
    answer
}

async fn letting_go(cache: &Cache, question: u32) -> u32 {
    let known = cache.lock().await.get(&question).copied();
    if let Some(answer) = known {
        return answer;
    }
    let answer = ask_store(question).await;
    cache.lock().await.insert(question, answer);
    answer
}

/// Sends a question to the store and waits for its answer.
async fn ask_store(question: u32) -> u32 {
    let (reply, answer) = oneshot::channel();
    spawn(look_up(question, reply));
    answer.await.unwrap_or(0)
}

async fn look_up(question: u32, reply: oneshot::Sender<u32>) {
    tokio::time::sleep(STORE).await;
    // It fails when nobody wants the answer any more.
    let _ = reply.send(question + 1);
}
