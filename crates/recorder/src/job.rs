//! Closures that run once, as a task each: threads and the jobs of thread pools.

use crate::record::JOB;
use crate::site::Site;
use crate::switch;
use crate::task::Task;

/// A closure's task. One that is dropped without having run was created and is over.
#[derive(Debug)]
pub struct Job(Task);

impl Job {
    /// A task that is created here and now.
    pub fn new(site: Site) -> Self {
        Self(Task::new(site, JOB))
    }

    /// Runs the closure as the task.
    pub fn run<R>(self, work: impl FnOnce() -> R) -> R {
        let top = 0_usize;
        let top = std::ptr::from_ref(std::hint::black_box(&top)).expose_provenance();
        let running = switch::session().and_then(|session| self.0.enter(session, top));
        let result = work();
        drop(running);
        result
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // Of one that ran nothing more is told: it is over already.
        if let Some(session) = switch::session() {
            let top = 0_usize;
            drop(self.0.enter_to_drop(session, std::ptr::from_ref(&top).expose_provenance()));
        }
    }
}
