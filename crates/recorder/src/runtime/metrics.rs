//! What runtimes tell of themselves: tasks that are alive, and tasks that wait in the common queue.
//!
//! A runtime becomes known when one of its threads says so or a traced task first runs on it. Nobody is told when it is
//! over, and to know it keeps its memory: one that had no tasks for a while is forgotten. If it was only idle, it becomes
//! known once more with its next new task.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;

/// Samples without a task after which a runtime is forgotten.
const IDLE_SAMPLES: u32 = 100;

/// The runtimes of the process that are known.
#[derive(Debug, Default)]
pub struct Runtimes {
    known: Mutex<Vec<Known>>,
    /// How many were forgotten.
    forgotten: AtomicU64,
}

#[derive(Debug)]
struct Known {
    number: u64,
    name: String,
    handle: Handle,
    idle: u32,
}

/// A runtime at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    pub name: String,
    pub global_queue: i64,
    pub alive_tasks: i64,
}

impl Runtimes {
    /// How many were forgotten: if the number changes, those that are used may have to be met again.
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    /// A runtime is used.
    pub fn meet(&self, number: u64, handle: &Handle) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.iter_mut().find(|known| known.number == number) {
            known.idle = 0;
            return;
        }
        let mut name = handle.name().map_or_else(|| number.to_string(), str::to_owned);
        if known.iter().any(|known| known.name == name) {
            name = format!("{name}-{number}");
        }
        known.push(Known { number, name, handle: handle.clone(), idle: 0 });
    }

    /// Nobody asks any more: to know a runtime keeps its memory, and what it has open.
    pub fn forget_all(&self) {
        let known = std::mem::take(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner));
        self.forgotten.fetch_add(known.len() as u64, Ordering::Relaxed);
    }

    /// How many tasks all that are known have now, and how many threads for them; `None` if none is known.
    #[cfg(not(tokio_unstable))]
    pub fn alive(&self) -> Option<(u64, u64)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |(tasks, workers), known: &Known| {
            let metrics = known.handle.metrics();
            (tasks + metrics.num_alive_tasks() as u64, workers + metrics.num_workers() as u64)
        };
        (!known.is_empty()).then(|| known.iter().fold((0, 0), sum))
    }

    /// All that are known, now.
    pub fn sample(&self) -> Vec<Sampled> {
        let mut over = Vec::new();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let sampled = known.iter_mut().map(|known| {
            let metrics = known.handle.metrics();
            let (global_queue, alive_tasks) = (metrics.global_queue_depth() as i64, metrics.num_alive_tasks() as i64);
            known.idle = if global_queue + alive_tasks > 0 { 0 } else { known.idle + 1 };
            Sampled { name: known.name.clone(), global_queue, alive_tasks }
        });
        let sampled = sampled.collect();
        over.extend(known.extract_if(.., |known| known.idle >= IDLE_SAMPLES));
        drop(known);
        // What ends with a handle ends where nobody waits for it.
        self.forgotten.fetch_add(over.len() as u64, Ordering::Relaxed);
        sampled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_let_go_of() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let runtimes = Runtimes::default();
        runtimes.meet(1, runtime.handle());
        assert_eq!((runtimes.sample().len(), runtimes.forgotten()), (1, 0));
        runtimes.forget_all();
        assert_eq!((runtimes.sample().len(), runtimes.forgotten()), (0, 1));
        // Whoever uses it then is heard once more.
        runtimes.meet(1, runtime.handle());
        assert_eq!(runtimes.sample().len(), 1);
    }
}
