//! `std::thread`'s ways to begin a thread, with tracing.
//!
//! A traced thread is shown as a goroutine that runs from its begin to its end, unless a traced task runs on it. That the
//! thread waits inside, for a lock or a system call, cannot be seen.

use std::io;
use std::thread::JoinHandle;

use crate::job::Job;
use crate::site::Site;

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
    #[expect(clippy::new_without_default, reason = "as that of the standard library")]
    pub fn new() -> Self {
        Self(std::thread::Builder::new())
    }

    /// The thread's name.
    #[must_use]
    pub fn name(self, name: String) -> Self {
        Self(self.0.name(name))
    }

    /// Bytes of its stack.
    #[must_use]
    pub fn stack_size(self, bytes: usize) -> Self {
        Self(self.0.stack_size(bytes))
    }

    /// Begins the thread.
    #[track_caller]
    pub fn spawn<F, T>(self, work: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let job = Job::new(Site::of::<F>());
        self.0.spawn(move || job.run(work))
    }
}
