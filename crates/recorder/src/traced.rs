//! Futures that are traced, on any executor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::futures::Place;
use crate::record::POLLED;
use crate::runtime;
use crate::site::Site;
use crate::switch;
use crate::task::{End, Task};
use crate::waker::Wakers;

pin_project! {
    /// A future whose polls, waits and wakes are recorded as those of one task.
    ///
    /// Made by [`FutureExt::traced`]. When it is dropped before it is finished, it is dropped as a part of the task.
    ///
    /// ```
    /// use goroscope_recorder::{FutureExt, Recorder, Traced};
    ///
    /// let recording = Recorder::builder().start_writer(std::io::sink())?;
    /// let future: Traced<std::future::Ready<i32>> = std::future::ready(42).traced();
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.block_on(future), 42);
    /// // Dropped without having been polled: a task, too.
    /// drop(std::future::ready(42).traced());
    /// assert_eq!(recording.stop()?.tasks, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Traced<F> {
        #[pin]
        future: Option<F>,
        task: Arc<Task>,
        wakers: Wakers,
        state: Progress,
        place: Place,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.place.set_other();
            if *this.state == Progress::Finished {
                return;
            }
            if let Some(session) = switch::session() {
                let top = 0_usize;
                let _running = this.task.enter_to_drop(session, std::ptr::from_ref(&top).expose_provenance());
                this.future.set(None);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Unfinished,
    Finished,
}

impl<F> Traced<F> {
    /// A future as a task that is created here and now.
    pub(crate) fn at(site: Site, future: F) -> Self {
        let task = Arc::new(Task::new(site, POLLED));
        #[cfg(all(feature = "tokio", tokio_unstable))]
        if switch::session().is_some() {
            crate::foreign::made();
        }
        Self { future: Some(future), task, wakers: Wakers::default(), state: Progress::Unfinished, place: Place::new() }
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        // It is emptied when it is finished.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        // A place in this frame: the stacks of what is polled end here.
        let top = 0_usize;
        let top = std::ptr::from_ref(std::hint::black_box(&top)).expose_provenance();
        let running = switch::session().and_then(|session| this.task.enter(session, top));
        let Some(running) = running else {
            let polled = future.poll(context);
            if polled.is_ready() {
                *this.state = Progress::Finished;
            }
            return polled;
        };
        #[cfg(all(feature = "tokio", tokio_unstable))]
        crate::foreign::polled();
        if *this.place == Place::Unknown {
            if running.is_outermost() && runtime::is_in_task() {
                *this.place = Place::Task;
            } else {
                this.place.set_other();
                #[cfg(all(feature = "tokio", tokio_unstable))]
                crate::foreign::used();
            }
        }
        // A future that panics is finished, too; the guard says so while it is unwound.
        *this.state = Progress::Finished;
        let waker = this.wakers.for_poll(this.task, context.waker());
        let polled = future.poll(&mut Context::from_waker(waker.waker()));
        match &polled {
            Poll::Ready(_) => {
                // What the future still holds ends as a part of the task.
                this.future.set(None);
                running.end(End::Over);
            }
            Poll::Pending => {
                *this.state = Progress::Unfinished;
                running.end(End::Pending);
            }
        }
        polled
    }
}

/// Tracing for every future.
///
/// ```
/// use goroscope_recorder::{FutureExt, Recorder};
///
/// let recording = Recorder::builder().start_writer(std::io::sink())?;
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let both = async { tokio::join!(async { 40 }.traced(), async { 2 }.traced_as("two")) };
/// assert_eq!(runtime.block_on(both.traced()), (40, 2));
/// assert_eq!(recording.stop()?.tasks, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait FutureExt: Future + Sized {
    /// Records this future as a task of its own, called after its type and the place of this call.
    ///
    /// ```
    /// use goroscope_recorder::FutureExt;
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.block_on(async { 40 + 2 }.traced()), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    fn traced(self) -> Traced<Self> {
        Traced::at(Site::of::<Self>(), self)
    }

    /// Records this future as a task of its own with a name.
    ///
    /// ```
    /// use goroscope_recorder::FutureExt;
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.block_on(async { 40 + 2 }.traced_as("the answer")), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    fn traced_as(self, name: &'static str) -> Traced<Self> {
        Traced::at(Site::named(name), self)
    }
}

impl<F: Future> FutureExt for F {}
