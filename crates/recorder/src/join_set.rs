//! tokio's sets of tasks, with tracing.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet, LocalSet};

use crate::job::Job;
use crate::site::Site;
use crate::traced::Traced;

/// The ways of a [`JoinSet`] to begin a task, traced; they have the arguments and results of those without `_traced`.
///
/// ```
/// use goroscope_recorder::JoinSetExt;
/// use tokio::task::JoinSet;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut tasks = JoinSet::new();
/// tasks.spawn_traced(async { 40 });
/// tasks.spawn_blocking_traced(|| 2);
/// assert_eq!(tasks.join_all().await.iter().sum::<i32>(), 42);
/// # }
/// ```
pub trait JoinSetExt<T> {
    /// As [`JoinSet::spawn`].
    ///
    /// ```
    /// use goroscope_recorder::JoinSetExt;
    /// use tokio::task::JoinSet;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut tasks = JoinSet::new();
    /// tasks.spawn_traced(std::future::pending::<()>()).abort();
    /// let Some(Err(error)) = tasks.join_next().await else { panic!("it has no end of its own") };
    /// assert!(error.is_cancelled());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    fn spawn_traced<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// As [`JoinSet::spawn_on`].
    ///
    /// ```
    /// use goroscope_recorder::JoinSetExt;
    /// use tokio::task::JoinSet;
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let mut tasks = JoinSet::new();
    /// tasks.spawn_traced_on(async { 42 }, runtime.handle());
    /// assert_eq!(runtime.block_on(tasks.join_all()), [42]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    fn spawn_traced_on<F>(&mut self, future: F, runtime: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send;

    /// As [`JoinSet::spawn_local`].
    ///
    /// ```
    /// use goroscope_recorder::JoinSetExt;
    /// use tokio::task::{JoinSet, LocalSet};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut tasks, local) = (JoinSet::new(), LocalSet::new());
    /// let all = async move {
    ///     tasks.spawn_local_traced(async { 42 });
    ///     tasks.join_all().await
    /// };
    /// assert_eq!(local.run_until(all).await, [42]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a `LocalSet`.
    #[track_caller]
    fn spawn_local_traced<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static;

    /// As [`JoinSet::spawn_local_on`].
    ///
    /// ```
    /// use goroscope_recorder::JoinSetExt;
    /// use tokio::task::{JoinSet, LocalSet};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut tasks, local) = (JoinSet::new(), LocalSet::new());
    /// tasks.spawn_local_traced_on(async { 42 }, &local);
    /// assert_eq!(local.run_until(tasks.join_all()).await, [42]);
    /// # }
    /// ```
    #[track_caller]
    fn spawn_local_traced_on<F>(&mut self, future: F, tasks: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static;

    /// As [`JoinSet::spawn_blocking`].
    ///
    /// ```
    /// use goroscope_recorder::JoinSetExt;
    /// use tokio::task::JoinSet;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut tasks = JoinSet::new();
    /// tasks.spawn_blocking_traced(|| std::thread::current().id());
    /// assert_ne!(tasks.join_all().await, [std::thread::current().id()]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    fn spawn_blocking_traced<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send;
}

impl<T: 'static> JoinSetExt<T> for JoinSet<T> {
    #[track_caller]
    fn spawn_traced<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.spawn(Traced::at(Site::of::<F>(), future))
    }

    #[track_caller]
    fn spawn_traced_on<F>(&mut self, future: F, runtime: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.spawn_on(Traced::at(Site::of::<F>(), future), runtime)
    }

    #[track_caller]
    fn spawn_local_traced<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.spawn_local(Traced::at(Site::of::<F>(), future))
    }

    #[track_caller]
    fn spawn_local_traced_on<F>(&mut self, future: F, tasks: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.spawn_local_on(Traced::at(Site::of::<F>(), future), tasks)
    }

    #[track_caller]
    fn spawn_blocking_traced<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        let job = Job::new(Site::of::<F>());
        self.spawn_blocking(move || job.run(work))
    }
}
