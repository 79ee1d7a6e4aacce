//! tokio's ways to begin something, with tracing: the same names, arguments and results as in `tokio::task`.

use std::future::Future;

use tokio::task::JoinHandle;

use crate::job::Job;
use crate::local;
use crate::record::{Head, Kind};
use crate::site::Site;
use crate::switch;
use crate::traced::Traced;

/// As [`tokio::spawn`], traced.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tokio::task::JoinError> {
/// let answer = goroscope_recorder::spawn(async { 42 });
/// assert_eq!(answer.await?, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Outside of a runtime, as `tokio::spawn`.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(Traced::at(Site::of::<F>(), future))
}

/// As [`tokio::task::spawn_local`], traced.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tokio::task::JoinError> {
/// let tasks = tokio::task::LocalSet::new();
/// let answer = tasks.run_until(async { goroscope_recorder::spawn_local(async { 42 }).await }).await?;
/// assert_eq!(answer, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Outside of a `LocalSet`, as tokio's.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    tokio::task::spawn_local(Traced::at(Site::of::<F>(), future))
}

/// As [`tokio::task::spawn_blocking`], traced: runnable while it is in the queue of the pool, running from then on.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tokio::task::JoinError> {
/// let answer = goroscope_recorder::spawn_blocking(|| 42);
/// assert_eq!(answer.await?, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Outside of a runtime, as tokio's.
#[track_caller]
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let job = Job::new(Site::of::<F>());
    tokio::task::spawn_blocking(move || job.run(work))
}

/// As [`tokio::task::block_in_place`], traced: until `work` returns, the task is shown as blocking its thread.
///
/// ```
/// # #[tokio::main(flavor = "multi_thread", worker_threads = 1)]
/// # async fn main() -> Result<(), tokio::task::JoinError> {
/// let task = goroscope_recorder::spawn(async { goroscope_recorder::block_in_place(|| 42) });
/// assert_eq!(task.await?, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// On a current-thread runtime, as tokio's.
#[track_caller]
pub fn block_in_place<F, R>(work: F) -> R
where
    F: FnOnce() -> R,
{
    let _blocking = Blocking::begin();
    tokio::task::block_in_place(work)
}

/// The task blocks its thread until this is dropped.
struct Blocking;

impl Blocking {
    fn begin() -> Self {
        if let Some(session) = switch::session() {
            local::with(session, |local| {
                let stack = local.stack();
                local.record(Head { b: stack, ..Head::new(Kind::BlockingBegin, local.now()) });
            });
        }
        Self
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        if let Some(session) = switch::session() {
            local::with(session, |local| local.record(Head::new(Kind::BlockingEnd, local.now())));
        }
    }
}
