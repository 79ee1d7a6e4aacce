//! `std::thread`'s ways to begin a thread, with tracing.
//!
//! A traced thread is shown as a goroutine that runs from its begin to its end, unless a traced task runs on it or it waits
//! for something of [`sync`](crate::sync). That it waits for other things inside, such as a system call, cannot be seen.
//!
//! What the standard library has beside it is here under its own name, as it is: a program changes its `use`, and nothing
//! else.
//!
//! ```
//! use goroscope_recorder::thread;
//!
//! let names = ["one", "two"].map(|name| {
//!     let builder = thread::Builder::new().name(name.to_owned());
//!     builder.spawn(|| thread::current().name().map(str::to_owned)).expect("there is a thread")
//! });
//! assert_eq!(names.map(|thread| thread.join().expect("no panic").expect("a name")), ["one", "two"]);
//! ```

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
pub use std::thread::{
    AccessError, JoinHandle, LocalKey, Result, ScopedJoinHandle, Thread, ThreadId, available_parallelism, current,
    panicking, park, park_timeout, sleep, yield_now,
};

use crate::job::Job;
use crate::site::Site;
use crate::wait::{Occasion, SYNC};

/// As [`std::thread::spawn`], traced.
///
/// ```
/// let answer = goroscope_recorder::thread::spawn(|| 42);
/// assert_eq!(answer.join().expect("no panic"), 42);
/// ```
#[track_caller]
pub fn spawn<F, T>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let job = Job::new(Site::of::<F>());
    std::thread::spawn(move || job.run(work))
}

/// As [`std::thread::Builder`], for traced threads.
///
/// ```
/// use goroscope_recorder::thread::Builder;
///
/// let thread = Builder::new().name("counter".to_owned()).spawn(|| 42)?;
/// assert_eq!(thread.join().expect("no panic"), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Builder(std::thread::Builder);

impl Builder {
    /// Nothing set yet.
    ///
    /// ```
    /// use goroscope_recorder::thread::Builder;
    ///
    /// let thread = Builder::new().spawn(|| std::thread::current().name().map(str::to_owned))?;
    /// assert_eq!(thread.join().expect("no panic"), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(clippy::new_without_default, reason = "as that of the standard library")]
    pub fn new() -> Self {
        Self(std::thread::Builder::new())
    }

    /// The thread's name.
    ///
    /// ```
    /// use goroscope_recorder::thread::Builder;
    ///
    /// let thread = Builder::new().name("worker".to_owned()).spawn(|| ())?;
    /// assert_eq!(thread.thread().name(), Some("worker"));
    /// # thread.join().expect("no panic");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn name(self, name: String) -> Self {
        Self(self.0.name(name))
    }

    /// Bytes of its stack.
    ///
    /// ```
    /// use goroscope_recorder::thread::Builder;
    ///
    /// // The array alone is more than a thread has if nothing is said.
    /// let thread = Builder::new().stack_size(16 << 20).spawn(|| {
    ///     let mut large = [0_u8; 4 << 20];
    ///     std::hint::black_box(&mut large).fill(1);
    ///     large.iter().map(|byte| u32::from(*byte)).sum::<u32>()
    /// })?;
    /// assert_eq!(thread.join().expect("no panic"), 4 << 20);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn stack_size(self, bytes: usize) -> Self {
        Self(self.0.stack_size(bytes))
    }

    /// Begins the thread.
    ///
    /// ```
    /// use goroscope_recorder::Recorder;
    /// use goroscope_recorder::thread::Builder;
    ///
    /// let recording = Recorder::builder().start_writer(std::io::sink())?;
    /// Builder::new().spawn(|| ())?.join().expect("no panic");
    /// assert_eq!(recording.stop()?.tasks, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn spawn<F, T>(self, work: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let job = Job::new(Site::of::<F>());
        self.0.spawn(move || job.run(work))
    }

    /// Begins a thread that is over before the scope is.
    ///
    /// ```
    /// use goroscope_recorder::thread::{Builder, scope};
    ///
    /// let numbers = [1, 2, 3];
    /// let sum = scope(|scope| {
    ///     let summing = Builder::new().name("summing".to_owned()).spawn_scoped(scope, || numbers.iter().sum::<i32>())?;
    ///     Ok::<_, std::io::Error>(summing.join().expect("no panic"))
    /// })?;
    /// assert_eq!(sum, 6);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        work: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let job = Job::new(Site::of::<F>());
        self.0.spawn_scoped(&scope.0, move || job.run(work))
    }
}

/// As [`std::thread::scope`], for traced threads.
///
/// ```
/// let mut numbers = vec![1, 2, 3];
/// let sum = goroscope_recorder::thread::scope(|scope| {
///     let sum = scope.spawn(|| numbers.iter().sum::<i32>());
///     sum.join().expect("no panic")
/// });
/// numbers.push(sum);
/// assert_eq!(numbers, [1, 2, 3, 6]);
/// ```
pub fn scope<'env, F, T>(work: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    std::thread::scope(|scope| work(Scope::of(scope)))
}

/// As [`std::thread::Scope`], for traced threads; threads of the scope may begin others.
///
/// ```
/// let answer = goroscope_recorder::thread::scope(|scope| {
///     let outer = scope.spawn(|| scope.spawn(|| 42).join());
///     outer.join().expect("no panic").expect("no panic")
/// });
/// assert_eq!(answer, 42);
/// ```
#[derive(Debug)]
#[repr(transparent)]
pub struct Scope<'scope, 'env: 'scope>(std::thread::Scope<'scope, 'env>);

impl<'scope, 'env> Scope<'scope, 'env> {
    /// The original as this, for as long as that is there: only so can it be handed on to the scope's own threads.
    #[expect(unsafe_code, reason = "a reference to the original is one to this")]
    fn of(scope: &'scope std::thread::Scope<'scope, 'env>) -> &'scope Self {
        // SAFETY: this has the layout of the original, and the reference the same lifetime.
        unsafe { &*std::ptr::from_ref(scope).cast() }
    }

    /// Begins a thread that is over before the scope is.
    ///
    /// ```
    /// let mut numbers = [1, 2, 3, 4];
    /// let (left, right) = numbers.split_at_mut(2);
    /// goroscope_recorder::thread::scope(|scope| {
    ///     scope.spawn(|| left.reverse());
    ///     scope.spawn(|| right.reverse());
    /// });
    /// assert_eq!(numbers, [2, 1, 4, 3]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the operating system has no thread to give, as the standard library's.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, work: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let job = Job::new(Site::of::<F>());
        self.0.spawn(move || job.run(work))
    }
}

/// Waits on this thread until a future is ready, as tokio's `blocking_recv`, `blocking_lock` and so on do for some.
///
/// What runs on the thread is shown as waiting for "sync", until it is woken by whoever wakes the future.
/// If the future is [`traced`](crate::FutureExt::traced), that is a task of its own, which has the stack of awaits.
///
/// ```
/// use goroscope_recorder::thread;
///
/// # #[cfg(feature = "tokio")] {
/// let (sender, receiver) = tokio::sync::oneshot::channel();
/// let receiving = thread::spawn(|| thread::block_on(receiver));
/// sender.send(42).unwrap();
/// assert_eq!(receiving.join().unwrap(), Ok(42));
/// # }
/// ```
///
/// It is for threads. In an asynchronous task it would block a worker, which may be the one that is waited for.
pub fn block_on<F: Future>(future: F) -> F::Output {
    block_on_for(SYNC, future)
}

/// As `block_on`, for this reason.
pub(crate) fn block_on_for<F: Future>(reason: u16, future: F) -> F::Output {
    let mut future = pin!(future);
    let sleeper = Arc::new(Sleeper::default());
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        sleeper.sleep(reason);
    }
}

/// A thread that waits for a future.
#[derive(Debug)]
struct Sleeper {
    thread: Thread,
    is_woken: AtomicBool,
    occasion: Mutex<Option<Arc<Occasion>>>,
}

impl Default for Sleeper {
    /// The caller.
    fn default() -> Self {
        Self { thread: current(), is_woken: AtomicBool::new(false), occasion: Mutex::new(None) }
    }
}

impl Sleeper {
    fn sleep(&self, reason: u16) {
        if self.is_woken.swap(false, Ordering::Acquire) {
            return;
        }
        let occasion = Occasion::wait(reason).map(Arc::new);
        self.set(occasion.clone());
        while !self.is_woken.swap(false, Ordering::Acquire) {
            park();
        }
        self.set(None);
        if let Some(occasion) = occasion {
            occasion.over();
        }
    }

    fn set(&self, occasion: Option<Arc<Occasion>>) -> Option<Arc<Occasion>> {
        std::mem::replace(&mut *self.occasion.lock().unwrap_or_else(PoisonError::into_inner), occasion)
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(occasion) = self.set(None) {
            occasion.release();
        }
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
