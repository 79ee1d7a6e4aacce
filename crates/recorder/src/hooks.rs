//! What a runtime tells of its threads: when they begin, sleep, go on and end.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Builder;

#[cfg(tokio_unstable)]
use crate::foreign;
use crate::local::{self, Local};
use crate::record::{Head, Kind, NO_WORKER};
use crate::runtime;
use crate::switch;

/// The program's own functions for the events of a runtime's threads.
///
/// A tokio runtime has room for one function of each kind, and [`attach`] takes it. These are called from there.
///
/// ```
/// use goroscope_recorder::{Hooks, attach_with};
///
/// let hooks = Hooks::default().on_thread_start(|| {});
/// let runtime = attach_with(&mut tokio::runtime::Builder::new_multi_thread(), hooks).build()?;
/// # drop(runtime);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Hooks {
    start: Option<Hook>,
    stop: Option<Hook>,
    park: Option<Hook>,
    unpark: Option<Hook>,
    #[cfg(tokio_unstable)]
    task_spawn: Option<TaskHook>,
    #[cfg(tokio_unstable)]
    task_terminate: Option<TaskHook>,
    #[cfg(tokio_unstable)]
    before_poll: Option<TaskHook>,
    #[cfg(tokio_unstable)]
    after_poll: Option<TaskHook>,
}

type Hook = Arc<dyn Fn() + Send + Sync>;

#[cfg(tokio_unstable)]
type TaskHook = Arc<dyn Fn(&tokio::runtime::TaskMeta<'_>) + Send + Sync>;

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl Hooks {
    /// Called as [`Builder::on_thread_start`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let workers = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&workers);
    /// let hooks = Hooks::default().on_thread_start(move || drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// drop(attach_with(tokio::runtime::Builder::new_multi_thread().worker_threads(2), hooks).build()?);
    /// assert_eq!(workers.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_thread_start(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.start = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_thread_stop`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let gone = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&gone);
    /// let hooks = Hooks::default().on_thread_stop(move || drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// let runtime = attach_with(tokio::runtime::Builder::new_multi_thread().worker_threads(2), hooks).build()?;
    /// assert_eq!(gone.load(Ordering::Relaxed), 0);
    /// drop(runtime);
    /// assert_eq!(gone.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_thread_stop(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.stop = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_thread_park`] says.
    ///
    /// ```
    /// use std::sync::Mutex;
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let (sender, receiver) = tokio::sync::oneshot::channel();
    /// let sender = Mutex::new(Some(sender));
    /// let hooks = Hooks::default().on_thread_park(move || {
    ///     // Called where the runtime has nothing to do.
    ///     if let Some(sender) = sender.lock().unwrap().take() {
    ///         sender.send(42).unwrap();
    ///     }
    /// });
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// assert_eq!(runtime.block_on(receiver)?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_thread_park(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.park = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_thread_unpark`] says.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::sync::{Arc, Mutex};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let (sender, receiver) = tokio::sync::oneshot::channel();
    /// let (sender, goes_on) = (Mutex::new(Some(sender)), Arc::new(AtomicBool::new(false)));
    /// let told = Arc::clone(&goes_on);
    /// let hooks = Hooks::default()
    ///     .on_thread_park(move || drop(sender.lock().unwrap().take()))
    ///     .on_thread_unpark(move || told.store(true, Ordering::Relaxed));
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// assert!(runtime.block_on(receiver as tokio::sync::oneshot::Receiver<()>).is_err());
    /// assert!(goes_on.load(Ordering::Relaxed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_thread_unpark(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.unpark = Some(Arc::new(hook));
        self
    }
}

#[cfg(tokio_unstable)]
impl Hooks {
    /// Called as [`Builder::on_task_spawn`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let spawned = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&spawned);
    /// let hooks = Hooks::default().on_task_spawn(move |_| drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// runtime.block_on(async { tokio::spawn(async {}).await })?;
    /// assert_eq!(spawned.load(Ordering::Relaxed), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_task_spawn(mut self, hook: impl Fn(&tokio::runtime::TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.task_spawn = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_task_terminate`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let over = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&over);
    /// let hooks = Hooks::default().on_task_terminate(move |_| drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// runtime.block_on(async { tokio::spawn(async {}).await })?;
    /// assert_eq!(over.load(Ordering::Relaxed), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_task_terminate(mut self, hook: impl Fn(&tokio::runtime::TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.task_terminate = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_before_task_poll`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let polls = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&polls);
    /// let hooks = Hooks::default().on_before_task_poll(move |_| drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// runtime.block_on(async { tokio::spawn(tokio::task::yield_now()).await })?;
    /// assert_eq!(polls.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_before_task_poll(mut self, hook: impl Fn(&tokio::runtime::TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.before_poll = Some(Arc::new(hook));
        self
    }

    /// Called as [`Builder::on_after_task_poll`] says.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use goroscope_recorder::{Hooks, attach_with};
    ///
    /// let polls = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&polls);
    /// let hooks = Hooks::default().on_after_task_poll(move |_| drop(counted.fetch_add(1, Ordering::Relaxed)));
    /// let runtime = attach_with(&mut tokio::runtime::Builder::new_current_thread(), hooks).build()?;
    /// runtime.block_on(async { tokio::spawn(tokio::task::yield_now()).await })?;
    /// assert_eq!(polls.load(Ordering::Relaxed), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_after_task_poll(mut self, hook: impl Fn(&tokio::runtime::TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.after_poll = Some(Arc::new(hook));
        self
    }
}

/// Records when the threads of the runtime are idle.
///
/// Without it, a worker is shown as idle whenever it polls no traced task.
///
/// ```
/// let runtime = goroscope_recorder::attach(&mut tokio::runtime::Builder::new_multi_thread()).build()?;
/// # drop(runtime);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn attach(builder: &mut Builder) -> &mut Builder {
    attach_with(builder, Hooks::default())
}

/// As [`attach`], for a program that has functions of its own for these events.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use goroscope_recorder::{Hooks, Recorder, attach_with};
///
/// let recording = Recorder::builder().start_writer(std::io::sink())?;
/// let own = Arc::new(AtomicUsize::new(0));
/// let counted = Arc::clone(&own);
/// let hooks = Hooks::default().on_thread_start(move || drop(counted.fetch_add(1, Ordering::Relaxed)));
/// drop(attach_with(tokio::runtime::Builder::new_multi_thread().worker_threads(2), hooks).build()?);
/// // Both are told: the program and the recorder.
/// assert_eq!((own.load(Ordering::Relaxed), recording.stop()?.threads), (2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn attach_with(builder: &mut Builder, hooks: Hooks) -> &mut Builder {
    #[cfg(tokio_unstable)]
    attach_tasks(builder, &hooks);
    let Hooks { start, stop, park, unpark, .. } = hooks;
    builder
        .on_thread_start(move || {
            record(|local| {
                runtime::tell(local);
                Head::new(Kind::ThreadBegin, local.now())
            });
            call(start.as_ref());
        })
        .on_thread_stop(move || {
            call(stop.as_ref());
            record(|local| Head::new(Kind::ThreadEnd, local.now()));
        })
        .on_thread_park(move || {
            call(park.as_ref());
            record(|local| Head::new(Kind::Park, local.now()));
        })
        .on_thread_unpark(move || {
            record(|local| {
                let runtime = if local.runtime == runtime::NONE { runtime::tell(local) } else { local.runtime };
                let worker = runtime::worker().unwrap_or(NO_WORKER);
                Head { small: worker, a: runtime, ..Head::new(Kind::Unpark, local.now()) }
            });
            call(unpark.as_ref());
        })
}

/// What only tokio's unstable hooks tell.
#[cfg(tokio_unstable)]
fn attach_tasks(builder: &mut Builder, hooks: &Hooks) {
    let Hooks { task_spawn, task_terminate, before_poll, after_poll, .. } = hooks.clone();
    builder
        .on_task_spawn(move |meta| {
            foreign::spawned(meta);
            call_with(task_spawn.as_ref(), meta);
        })
        .on_task_terminate(move |meta| {
            call_with(task_terminate.as_ref(), meta);
            foreign::over(meta);
        })
        .on_before_task_poll(move |meta| {
            foreign::begin(meta);
            call_with(before_poll.as_ref(), meta);
        })
        .on_after_task_poll(move |meta| {
            call_with(after_poll.as_ref(), meta);
            foreign::end(meta);
        });
}

#[cfg(tokio_unstable)]
fn call_with(hook: Option<&TaskHook>, meta: &tokio::runtime::TaskMeta<'_>) {
    if let Some(hook) = hook {
        hook(meta);
    }
}

fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}

fn record(head: impl FnOnce(&mut Local) -> Head) {
    if let Some(session) = switch::session() {
        local::with(session, |local| {
            let head = head(local);
            local.record(head);
        });
    }
}
