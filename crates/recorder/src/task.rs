//! Tasks: what is traced as one goroutine, whatever it is in the program.
//!
//! A future that is polled, a closure that runs on a thread of a pool, a thread: each is created, runs for a while or
//! several times, and is over.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::local::{self, Current, Local};
use crate::record::{Head, Kind, NO_WORKER};
use crate::registered::Clones;
use crate::runtime;
use crate::site::Site;
use crate::state::{Pause, Seq, Session, TaskState, Woken};
use crate::switch;

/// A task.
#[derive(Debug)]
pub struct Task {
    /// Unique in the process; the number of the goroutine.
    pub id: u64,
    site: Site,
    /// As in its record.
    kind: u64,
    state: TaskState,
    /// The runtime that polls it, as far as that is known.
    runtime: AtomicU64,
}

impl Task {
    /// A task that is created now, if the process is being recorded, or else when it first runs.
    pub fn new(site: Site, kind: u64) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let task = Self { id, site, kind, state: TaskState::new(), runtime: AtomicU64::new(runtime::UNKNOWN) };
        if let Some(session) = switch::session() {
            local::with(session, |local| task.announce(session, local));
        }
        task
    }

    /// Tells that the task exists, if that was not told yet.
    fn announce(&self, session: Session, local: &mut Local) {
        let Some(Seq(seq)) = self.state.announce(session) else { return };
        let stack = local.stack();
        let site = local.site(self.site);
        let head = Head { long: seq, a: self.id, b: site, ..Head::new(Kind::Create, local.now()) };
        local.record_with([stack, self.kind], head);
    }

    /// The task runs on this thread from now on; `top` is the address of a variable of the caller.
    ///
    /// `None` if it is not recorded.
    #[inline]
    pub fn enter(&self, session: Session, top: usize) -> Option<Running<'_>> {
        self.begin(Kind::Start, session, top).map(|is_outermost| self.running(session, is_outermost))
    }

    /// As `enter`, because the task is dropped.
    pub fn enter_to_drop(&self, session: Session, top: usize) -> Option<Running<'_>> {
        self.begin(Kind::Drop, session, top).map(|is_outermost| self.running(session, is_outermost))
    }

    #[inline]
    fn running(&self, session: Session, is_outermost: bool) -> Running<'_> {
        Running { task: self, session, is_outermost, end: End::Over }
    }

    /// As `enter`, with a record of this kind, for somebody who calls `leave`; whether nothing else ran on the thread
    /// before.
    #[inline]
    pub fn begin(&self, kind: Kind, session: Session, top: usize) -> Option<bool> {
        let is_outermost = local::with(session, |local| {
            let begun = self.state.begin(session).or_else(|| {
                self.announce(session, local);
                self.state.begin(session)
            })?;
            let Seq(seq) = begun;
            let runtime = self.runtime(local);
            let worker = runtime::worker().unwrap_or(NO_WORKER);
            let head = Head { small: worker, long: seq, a: self.id, b: runtime, ..Head::new(kind, local.now()) };
            local.record(head);
            let is_outermost = local.running.is_empty();
            local.running.push(Current::new(self.id, begun, top));
            Some(is_outermost)
        });
        is_outermost.flatten()
    }

    /// The task that began to run does not any more, and what ran before goes on.
    #[inline]
    pub fn leave(&self, session: Session, end: End) {
        // Nobody reads what is written after the end, and in a child that was forked it must not be.
        if switch::session() != Some(session) {
            return;
        }
        local::with(session, |local| {
            #[cfg(feature = "tracing")]
            if !local.has_no_spans() {
                match end {
                    End::Pending => local.pause_spans(self.id),
                    End::Over => local.finish_spans(self.id),
                }
            }
            // The time is taken before the state changes: whatever happens after the change is later.
            let now = local.now();
            self.skip_changes(session, local);
            let head = |kind, Seq(seq)| Head { long: seq, a: self.id, ..Head::new(kind, now) };
            match end {
                End::Pending => match self.state.pause(session) {
                    Some((Pause::Waits, seq)) => local.record_pause(head(Kind::Block, seq)),
                    Some((Pause::Woken, seq)) => local.record_pause(head(Kind::Stop, seq)),
                    None => {}
                },
                End::Over => {
                    if let Some(seq) = self.state.finish(session) {
                        local.record(head(Kind::Destroy, seq));
                    }
                }
            }
            local.running.pop();
        });
    }

    /// The task that runs is over, although its run is not.
    #[cfg(all(feature = "tokio", tokio_unstable))]
    pub fn finish(&self, session: Session) {
        local::with(session, |local| {
            #[cfg(feature = "tracing")]
            local.finish_spans(self.id);
            let now = local.now();
            self.skip_changes(session, local);
            if let Some(Seq(seq)) = self.state.finish(session) {
                local.record(Head { long: seq, a: self.id, ..Head::new(Kind::Destroy, now) });
            }
        });
    }

    /// Numbers that went to waits of the run are used up.
    #[inline]
    fn skip_changes(&self, session: Session, local: &mut Local) {
        let changes = local.running.last_mut().map_or(0, |current| std::mem::take(&mut current.changes));
        if changes != 0 {
            self.state.skip(session, changes);
        }
    }

    /// The runtime that polls the task: the one around its first poll.
    #[inline]
    fn runtime(&self, local: &mut Local) -> u64 {
        match self.runtime.load(Ordering::Relaxed) {
            runtime::UNKNOWN => {
                let runtime = runtime::tell(local);
                self.runtime.store(runtime, Ordering::Relaxed);
                runtime
            }
            runtime => {
                if runtime != local.runtime && runtime != runtime::NONE {
                    runtime::tell(local);
                }
                runtime
            }
        }
    }

    /// Somebody wakes the task.
    #[inline]
    pub fn wake(&self) {
        let Some(session) = switch::session() else { return };
        if !self.state.minds_wakes(session) {
            return;
        }
        let heard = local::with(session, |local| match self.state.wake(session) {
            Woken::Runs(Seq(seq)) => {
                let stack = local.stack();
                local.record(Head { long: seq, a: self.id, b: stack, ..Head::new(Kind::Wake, local.now()) });
            }
            Woken::Already => local.count_superfluous_wake(),
            Woken::Again | Woken::Never => {}
        });
        // A thread that is about to end, or for which there is no memory, has no place for a record. A change with a number
        // that nobody wrote down would be waited for.
        if heard.is_none() {
            self.state.wake_unheard(session);
        }
    }

    /// The task registers a waker with something; the place of the clone among the task's, if it has one.
    #[inline]
    pub fn wait(&self, clones: &Clones) -> Option<usize> {
        let session = switch::session()?;
        local::with(session, |local| local.wait(self.id, clones)).flatten()
    }

    /// A clone of the task's waker is dropped, which was made in this poll.
    #[inline]
    pub fn unwait(&self, poll: u64, clone: usize) {
        // Most clones are dropped by those who register another one, and those are of an earlier poll.
        if self.state.is_in(Seq(poll))
            && let Some(session) = switch::session()
        {
            local::with(session, |local| local.unwait(self.id, clone));
        }
    }
}

/// How a run of a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It returned, panicked or was dropped.
    Over,
    /// It is polled again later.
    Pending,
}

/// A task that runs on this thread, until this is dropped.
#[derive(Debug)]
pub struct Running<'t> {
    task: &'t Task,
    session: Session,
    is_outermost: bool,
    end: End,
}

impl Running<'_> {
    /// Whether nothing else ran on the thread before.
    pub fn is_outermost(&self) -> bool {
        self.is_outermost
    }

    /// The run ends here, in this way; without being told it ends with the task.
    #[inline]
    pub fn end(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Running<'_> {
    #[inline]
    fn drop(&mut self) {
        self.task.leave(self.session, self.end);
    }
}
