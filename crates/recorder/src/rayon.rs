//! Pools of `rayon`: their workers, and jobs as tasks of their own.
//!
//! ```
//! use goroscope_recorder::rayon;
//!
//! fn sum(numbers: &[u64]) -> u64 {
//!     if numbers.len() <= 1000 {
//!         return numbers.iter().sum();
//!     }
//!     let (left, right) = numbers.split_at(numbers.len() / 2);
//!     let (left, right) = rayon::join(|| sum(left), || sum(right));
//!     left + right
//! }
//!
//! let pool = rayon::attach(::rayon::ThreadPoolBuilder::new()).num_threads(2).build()?;
//! let numbers: Vec<u64> = (0..10_000).collect();
//! assert_eq!(rayon::install(&pool, || sum(&numbers)), 49_995_000);
//! # Ok::<(), ::rayon::ThreadPoolBuildError>(())
//! ```
//!
//! A job is created where `join`, `spawn` or `install` is called, starts on the worker that takes it, and is over there. It
//! may run in the middle of another one on the same worker, which then waits. Whoever waits for a job on another thread is
//! shown as waiting for "sync" until the end of that. Parallel iterators have no jobs that could be told: what
//! they do is a part of the job that they are called in, or is not shown if another worker takes it. [`job`] around what a
//! closure of theirs does makes that one.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use ::rayon::{ThreadPool, ThreadPoolBuilder};

use crate::job::Job;
use crate::local;
use crate::record::{Head, Kind};
use crate::site::Site;
use crate::switch;
use crate::wait::{Occasion, SYNC};

/// Lets a pool tell when its workers begin and end, and calls them `rayon-0` and so on.
///
/// This takes the builder's handlers for the start and the exit of workers, and their names. Names that are set after it count.
///
/// ```
/// let builder = ::rayon::ThreadPoolBuilder::new().num_threads(1);
/// let pool = goroscope_recorder::rayon::attach(builder).build()?;
/// let name = pool.install(|| std::thread::current().name().map(str::to_owned));
/// assert_eq!(name.as_deref(), Some("rayon-0"));
/// # Ok::<(), ::rayon::ThreadPoolBuildError>(())
/// ```
pub fn attach<S>(builder: ThreadPoolBuilder<S>) -> ThreadPoolBuilder<S> {
    builder
        .thread_name(|index| format!("rayon-{index}"))
        .start_handler(|_| tell(Kind::ThreadBegin))
        .exit_handler(|_| tell(Kind::ThreadEnd))
}

fn tell(kind: Kind) {
    if let Some(session) = switch::session() {
        local::with(session, |local| local.record(Head::new(kind, local.now())));
    }
}

/// As [`rayon::join`]; the second closure is a job, and the first one is what the caller does meanwhile.
///
/// ```
/// let (one, other) = goroscope_recorder::rayon::join(|| 40, || 2);
/// assert_eq!(one + other, 42);
/// ```
#[track_caller]
pub fn join<A, B, RA, RB>(first: A, second: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    let job = Job::new(Site::of::<B>());
    if ::rayon::current_thread_index().is_some() {
        return join_inside(first, job, second);
    }
    let whole = Job::new(Site::of::<A>());
    // The other half is nothing: it lets this thread wait, and a worker do all.
    wait_for(whole, |whole| ::rayon::join(whole, || ()).0, || join_inside(first, job, second))
}

/// By a worker.
fn join_inside<A, B, RA, RB>(first: A, job: Job, second: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    let other = Other::default();
    let results = ::rayon::join(
        || {
            let result = first();
            other.wait();
            result
        },
        || {
            other.has_begun.store(true, Ordering::Relaxed);
            job.run(|| {
                let _done = Done(|| other.release());
                second()
            })
        },
    );
    if let Some(occasion) = other.occasion.get() {
        occasion.over();
    }
    results
}

/// The job that is the other half.
#[derive(Debug, Default)]
struct Other {
    has_begun: AtomicBool,
    is_done: AtomicBool,
    occasion: OnceLock<Occasion>,
}

impl Other {
    /// The caller is done and waits for the other half, if another worker took that. If not, it does that now itself.
    fn wait(&self) {
        if self.has_begun.load(Ordering::Relaxed)
            && !self.is_done.load(Ordering::Acquire)
            && let Some(occasion) = Occasion::wait(SYNC)
        {
            // Nobody else sets it.
            let _ = self.occasion.set(occasion);
        }
    }

    fn release(&self) {
        self.is_done.store(true, Ordering::Release);
        if let Some(occasion) = self.occasion.get() {
            occasion.release();
        }
    }
}

/// Does something where it is dropped: at the end of a job, also if that panics.
struct Done<F: FnMut()>(F);

impl<F: FnMut()> Drop for Done<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The caller, outside of the pool, waits until a worker has done something as a job.
fn wait_for<R>(
    job: Job,
    hand_over: impl FnOnce(Box<dyn FnOnce() -> R + Send + '_>) -> R,
    work: impl FnOnce() -> R + Send,
) -> R {
    let occasion = Occasion::wait(SYNC);
    let waited_for = occasion.as_ref();
    let result = hand_over(Box::new(move || {
        job.run(|| {
            let _done = Done(|| {
                if let Some(occasion) = waited_for {
                    occasion.release();
                }
            });
            work()
        })
    }));
    if let Some(occasion) = &occasion {
        occasion.over();
    }
    result
}

/// As [`ThreadPool::install`]: what it does is a job, for which the caller waits, unless that is a worker of the pool.
///
/// ```
/// let pool = ::rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
/// assert_eq!(goroscope_recorder::rayon::install(&pool, || 42), 42);
/// # Ok::<(), ::rayon::ThreadPoolBuildError>(())
/// ```
#[track_caller]
pub fn install<F, R>(pool: &ThreadPool, work: F) -> R
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    let job = Job::new(Site::of::<F>());
    if pool.current_thread_index().is_some() {
        return job.run(work);
    }
    wait_for(job, |whole| pool.install(whole), work)
}

/// As [`rayon::spawn`]: a job in the pool of the caller.
///
/// ```
/// let (sender, receiver) = std::sync::mpsc::channel();
/// goroscope_recorder::rayon::spawn(move || sender.send(42).unwrap());
/// assert_eq!(receiver.recv(), Ok(42));
/// ```
#[track_caller]
pub fn spawn<F>(work: F)
where
    F: FnOnce() + Send + 'static,
{
    let job = Job::new(Site::of::<F>());
    ::rayon::spawn(move || job.run(work));
}

/// Does something here and now, as a job of its own: what a parallel iterator calls, on whatever worker that is.
///
/// The job around it, if there is one, waits meanwhile.
///
/// ```
/// use rayon::prelude::*;
/// use goroscope_recorder::rayon::job;
///
/// let numbers: Vec<u64> = (0..10_000).collect();
/// let sums = numbers.par_chunks(1000).map(|chunk| job(|| chunk.iter().sum::<u64>()));
/// assert_eq!(sums.sum::<u64>(), 49_995_000);
/// ```
#[track_caller]
pub fn job<F, R>(work: F) -> R
where
    F: FnOnce() -> R,
{
    Job::new(Site::of::<F>()).run(work)
}

/// As [`rayon::scope`]: the caller waits until all jobs are done.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// let sum = AtomicU32::new(0);
/// goroscope_recorder::rayon::scope(|scope| {
///     for number in 1..=8 {
///         let sum = &sum;
///         scope.spawn(move |_| _ = sum.fetch_add(number, Ordering::Relaxed));
///     }
/// });
/// assert_eq!(sum.into_inner(), 36);
/// ```
#[track_caller]
pub fn scope<'scope, F, R>(work: F) -> R
where
    F: FnOnce(Scope<'_, 'scope>) -> R + Send,
    R: Send,
{
    if ::rayon::current_thread_index().is_some() {
        return scope_inside(work);
    }
    let whole = Job::new(Site::of::<F>());
    wait_for(whole, |whole| ::rayon::join(whole, || ()).0, || scope_inside(work))
}

/// By a worker.
fn scope_inside<'scope, F, R>(work: F) -> R
where
    F: FnOnce(Scope<'_, 'scope>) -> R + Send,
    R: Send,
{
    let open = Arc::new(Open::default());
    let result = ::rayon::scope(|scope| {
        let result = work(Scope { scope, open: &open });
        if open.jobs.load(Ordering::Acquire) > 0
            && let Some(occasion) = Occasion::wait(SYNC)
        {
            // Nobody else sets it.
            let _ = open.occasion.set(occasion);
        }
        result
    });
    if let Some(occasion) = open.occasion.get() {
        occasion.over();
    }
    result
}

/// Jobs that are not done, and who waits for them.
#[derive(Debug, Default)]
struct Open {
    jobs: AtomicUsize,
    occasion: OnceLock<Occasion>,
}

impl Open {
    /// A job is done. The last one lets the scope go on.
    fn close_one(&self) {
        if self.jobs.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(occasion) = self.occasion.get()
        {
            occasion.release();
        }
    }
}

/// As [`rayon::Scope`], for jobs that are traced; jobs get one to begin others.
///
/// ```
/// use std::sync::Mutex;
/// use goroscope_recorder::rayon;
///
/// let names = Mutex::new(Vec::new());
/// rayon::scope(|scope| {
///     let names = &names;
///     scope.spawn(move |scope| {
///         names.lock().unwrap().push("outer");
///         scope.spawn(move |_| names.lock().unwrap().push("inner"));
///     });
/// });
/// assert_eq!(names.into_inner().unwrap(), ["outer", "inner"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s, 'scope> {
    scope: &'s ::rayon::Scope<'scope>,
    open: &'s Arc<Open>,
}

impl<'scope> Scope<'_, 'scope> {
    /// Begins a job that is done before the scope is.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use goroscope_recorder::rayon;
    ///
    /// let sum = AtomicU64::new(0);
    /// rayon::scope(|scope| {
    ///     for n in 1..=3 {
    ///         let sum = &sum;
    ///         scope.spawn(move |_| drop(sum.fetch_add(n, Ordering::Relaxed)));
    ///     }
    /// });
    /// assert_eq!(sum.into_inner(), 6);
    /// ```
    #[track_caller]
    pub fn spawn<F>(self, work: F)
    where
        F: FnOnce(Scope<'_, 'scope>) + Send + 'scope,
    {
        let job = Job::new(Site::of::<F>());
        let open = Arc::clone(self.open);
        open.jobs.fetch_add(1, Ordering::Relaxed);
        self.scope.spawn(move |scope| {
            job.run(|| {
                let _done = Done(|| open.close_one());
                work(Scope { scope, open: &open });
            });
        });
    }
}
