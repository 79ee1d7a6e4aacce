//! Small programs that wait for the wrong thing: what each does, what its trace shows and what to change about it.
//!
//! Each is a module with two variants, before and after that change, and has a page in `docs/recorder/`.
//! [`record`] runs one of them; the tests check in the trace what the page claims.

mod blocking_call;
mod held_lock;
mod lock_convoy;
mod select_loop;
mod starving_task;
mod threads_and_tasks;
mod uneven_chunks;

use std::io::Write;
use std::time::{Duration, Instant};

use goroscope_recorder::{Holds, Recorder, Summary, attach};
use tokio::runtime::{Builder, Runtime};

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Example {
    /// Tasks queue up for a lock that is held while something else is awaited.
    LockConvoy,
    /// Calls that block their thread keep the workers from all other tasks.
    BlockingCall,
    /// A task that computes without an await keeps its worker from all other tasks.
    StarvingTask,
    /// A timer that each turn of a select loop makes anew never fires.
    SelectLoop,
    /// A thread feeds a task one item at a time, and wakes it for each.
    ThreadsAndTasks,
    /// Threads wait for a lock that another one holds while it sends something.
    HeldLock,
    /// One worker of a pool has nearly all the work, and the other one waits.
    UnevenChunks,
}

/// With the mistake, or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Variant {
    /// With.
    Before,
    /// Without.
    After,
}

/// Runs the program and records that; the trace goes to `output`. Says how long the program took, too.
///
/// Only one recording can be on in a process.
pub fn record(
    example: Example,
    variant: Variant,
    output: impl Write + Send + 'static,
) -> anyhow::Result<(Duration, Summary)> {
    record_with(Recorder::builder(), example, variant, output)
}

/// As [`record`], with other settings.
pub fn record_with(
    settings: goroscope_recorder::Builder,
    example: Example,
    variant: Variant,
    output: impl Write + Send + 'static,
) -> anyhow::Result<(Duration, Summary)> {
    let recording = settings.lock_holds(Holds::Recorded).start_writer(output)?;
    let begin = Instant::now();
    match example {
        Example::LockConvoy => lock_convoy::run(variant),
        Example::BlockingCall => blocking_call::run(variant),
        Example::StarvingTask => starving_task::run(variant),
        Example::SelectLoop => select_loop::run(variant),
        Example::ThreadsAndTasks => threads_and_tasks::run(variant),
        Example::HeldLock => held_lock::run(variant),
        Example::UnevenChunks => uneven_chunks::run(variant),
    }?;
    let took = begin.elapsed();
    Ok((took, recording.stop()?))
}

/// A runtime that tells the recorder when its workers sleep.
fn runtime(workers: usize) -> std::io::Result<Runtime> {
    attach(Builder::new_multi_thread().worker_threads(workers).enable_all()).build()
}
