//! What is taken for granted of the begin of a generation that is ordered before the one before it is done.
//!
//! Such a generation begins with nothing known: no goroutine, no proc, and threads of which it is unknown what they
//! have. Each generation tells the state of everything before it does anything with it, so the rules get along:
//!
//! 1. Where a rule asks for something that is not known yet, it assumes what an undamaged trace would have there, notes
//!    that, and goes on with it as with what it knows. Nothing is assumed twice.
//! 2. What nothing sensible can be assumed of is refused like anything that cannot be.
//! 3. When the state at the begin is known, every note is compared with it (`crates/reader/src/order/settle.rs`). If one
//!    is wrong, or anything was refused, nothing of it is used.
//!
//! So each answer that a rule gave is the one that it gives with the true state, and the order is the same.

use rustc_hash::FxHashMap;

use super::{Context, Order, Output, Record, Step, proc_kind};
use crate::state::{NONE, ProcStatus, Resources, UNKNOWN_GO, UNKNOWN_PROC, UNKNOWN_THREAD};
use crate::waiters::{Wait, Waiters};
use crate::{EventKind, GoId, GoState, ProcId, ThreadId};

/// What is assumed of the begin of a generation.
#[derive(Debug, Default)]
pub struct Assumed {
    /// By index, what threads have.
    pub threads: FxHashMap<u32, Has>,
    /// Goroutines that are there, and their states.
    pub gos: FxHashMap<u64, GoState>,
    /// Procs that are there, and their statuses.
    pub procs: FxHashMap<u64, ProcStatus>,
    /// Goroutines that are not there.
    pub created: Vec<u64>,
    /// Tasks that are not active.
    pub tasks: Vec<u64>,
    /// Goroutines that assist or do not.
    pub assists: FxHashMap<u64, Range>,
    /// Procs that sweep or do not.
    pub sweeps: FxHashMap<u64, Range>,
    /// Goroutines that have stopped the world, once, or have not.
    pub stops: FxHashMap<u64, Range>,
    /// The first event of the garbage collector that is possible then, and its number.
    pub gc: Option<(GcEvent, u64)>,
    /// Whether something happened of which nothing can be said before the state is known.
    pub is_in_doubt: bool,
}

/// What a thread is assumed to have, `None` as long as nothing is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Has {
    pub proc: Option<ProcId>,
    pub go: Option<GoId>,
}

/// Whether a range is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    Open,
    Closed,
}

/// An event of the garbage collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcEvent {
    Active,
    Begin,
    End,
}

impl Order {
    /// The begin of the generation with this number in the order of the file, of which nothing is known.
    pub fn unknown(generation: u32, zero: i64, cursors: usize) -> Self {
        let mut waiters = Waiters::default();
        waiters.reset(cursors);
        let mut resources = Resources::default();
        resources.threads_begin_unknown = true;
        Self { resources, generation, zero, waiters, assumed: Some(Box::default()), ..Self::default() }
    }

    /// Whether the begin of the generation is not known.
    pub fn begins_unknown(&self) -> bool {
        self.assumed.is_some()
    }

    /// Whether what is assumed may still be so.
    pub fn is_in_doubt(&self) -> bool {
        self.assumed.as_ref().is_some_and(|assumed| assumed.is_in_doubt)
    }

    /// Something happens of which nothing can be said before the state at the begin is known.
    #[cold]
    pub fn doubt(&mut self) {
        if let Some(assumed) = &mut self.assumed {
            assumed.is_in_doubt = true;
        }
    }

    /// Nothing more is assumed: makes what is ready to be compared.
    pub fn sort_assumed(&mut self) {
        if let Some(assumed) = &mut self.assumed {
            assumed.created.sort_unstable();
        }
    }

    /// Lets a thread of which that is unknown have had this goroutine, or none; whether it is unknown.
    pub(super) fn assume_go(&mut self, thread: u32, go: GoId) -> bool {
        let Some(assumed) = &mut self.assumed else { return false };
        let Some(it) = self.resources.threads.get_mut(thread as usize).filter(|it| it.go == UNKNOWN_GO) else {
            return false;
        };
        it.go = go;
        assumed.threads.entry(thread).or_default().go = Some(go);
        true
    }

    /// The same for its proc.
    pub(super) fn assume_proc(&mut self, thread: u32, proc: ProcId) -> bool {
        let Some(assumed) = &mut self.assumed else { return false };
        let Some(it) = self.resources.threads.get_mut(thread as usize).filter(|it| it.proc == UNKNOWN_PROC) else {
            return false;
        };
        it.proc = proc;
        assumed.threads.entry(thread).or_default().proc = Some(proc);
        true
    }

    /// A goroutine is created: it was not there.
    pub(super) fn assume_new(&mut self, go: u64) {
        let Some(assumed) = &mut self.assumed else { return };
        assumed.created.push(go);
        // A second life of an id is one too many to keep apart.
        assumed.is_in_doubt |= assumed.gos.contains_key(&go);
    }

    /// A task begins: it was not active.
    pub(super) fn assume_new_task(&mut self, task: u64) {
        if let Some(assumed) = &mut self.assumed {
            assumed.tasks.push(task);
        }
    }

    /// The status of a goroutine of which nothing is known yet.
    pub(super) fn go_status_at_begin(
        &mut self,
        cx: Context,
        record: &Record,
        state: GoState,
        out: &mut Output<'_>,
    ) -> Step {
        const UNCLEAR: Step = Step::Refused("what the goroutine is bound to is not clear");
        let [id, thread, _, stack] = record.args;
        let mut shown_in = cx;
        let bind_to = match state {
            GoState::Running => Some(cx.index),
            GoState::Syscall if thread == cx.thread.0 => Some(cx.index),
            GoState::Syscall if thread == ThreadId::NONE.0 || cx.proc == UNKNOWN_PROC => return UNCLEAR,
            GoState::Syscall => {
                (shown_in.thread, shown_in.go) = (ThreadId(thread), GoId(id));
                Some(self.thread_index(thread))
            }
            GoState::Runnable | GoState::Waiting | GoState::Undetermined | GoState::NotExist => None,
        };
        if bind_to.is_some_and(|thread| !self.assume_go(thread, GoId(id))) {
            return UNCLEAR;
        }
        let Some(assumed) = &mut self.assumed else { return UNCLEAR };
        if assumed.gos.insert(id, state).is_some() || id >= UNKNOWN_GO.0 {
            return UNCLEAR;
        }
        let index = self.resources.add_go(id, state, self.seq(0));
        if let Some(thread) = bind_to {
            self.resources.threads[thread as usize].seen = true;
            self.resources.bind_go(thread, index);
        }
        self.waiters.wake(Wait::Go(id));
        let stack = out.names.stack(stack);
        let kind = EventKind::Go { go: GoId(id), from: state, to: state, reason: super::NO_STRING, stack };
        self.put(shown_in, record.time, stack, kind, out);
        Step::Done
    }

    /// The status of a proc of which nothing is known yet.
    pub(super) fn proc_status_at_begin(
        &mut self,
        cx: Context,
        record: &Record,
        status: ProcStatus,
        out: &mut Output<'_>,
    ) -> Step {
        const UNCLEAR: Step = Step::Refused("what holds the proc is not clear");
        let id = record.args[0];
        let mut shown_in = cx;
        let (before, bind_to) = match status {
            ProcStatus::Running | ProcStatus::Syscall => (status, Some(cx.index)),
            // It is about to be stolen, and from whom is known then.
            ProcStatus::Abandoned => {
                shown_in.thread = UNKNOWN_THREAD;
                (ProcStatus::Syscall, None)
            }
            ProcStatus::Idle | ProcStatus::Undetermined => (status, None),
        };
        if bind_to.is_some_and(|thread| !self.assume_proc(thread, ProcId(id))) || id >= UNKNOWN_PROC.0 {
            return UNCLEAR;
        }
        let Some(assumed) = &mut self.assumed else { return UNCLEAR };
        assumed.procs.insert(id, before);
        let index = self.resources.add_proc(id, before, self.seq(0));
        if let Some(thread) = bind_to {
            self.resources.bind_proc(thread, index);
        }
        self.waiters.wake(Wait::Proc(id));
        let kind = proc_kind(ProcId(id), before.state(), before.state());
        self.put(shown_in, record.time, super::NO_STACK, kind, out);
        Step::Done
    }

    /// A proc is stolen from `victim`: if nobody is known to hold it, that thread did.
    pub(super) fn assume_victim(&mut self, victim: u64, index: u32) {
        if self.assumed.is_none() || victim == ThreadId::NONE.0 || self.resources.procs[index as usize].thread != NONE {
            return;
        }
        let thread = self.thread_index(victim);
        let has = self.assumed.as_ref().and_then(|assumed| assumed.threads.get(&thread)).copied().unwrap_or_default();
        let go = self.resources.threads[thread as usize].go;
        // The status of the proc was shown with the goroutine that the thread has at the begin.
        let has_same_go = go == UNKNOWN_GO || has.go == Some(go);
        if has_same_go && self.assume_proc(thread, self.resources.procs[index as usize].id) {
            self.resources.threads[thread as usize].seen = true;
            self.resources.bind_proc(thread, index);
        }
    }

    /// A goroutine's assisting begins, goes on or ends, and so it was before.
    pub(super) fn assume_assist(&mut self, index: u32, before: Range) {
        let Some(assumed) = &mut self.assumed else { return };
        let go = &mut self.resources.gos[index as usize];
        if assumed.gos.contains_key(&go.id.0) {
            assumed.assists.entry(go.id.0).or_insert_with(|| {
                go.assists = before == Range::Open;
                before
            });
        }
    }

    /// The same for a proc's sweeping.
    pub(super) fn assume_sweep(&mut self, index: u32, before: Range) {
        let Some(assumed) = &mut self.assumed else { return };
        let proc = &mut self.resources.procs[index as usize];
        if assumed.procs.contains_key(&proc.id.0) {
            assumed.sweeps.entry(proc.id.0).or_insert_with(|| {
                proc.sweeps = before == Range::Open;
                before
            });
        }
    }

    /// The same for stops of the world. Names are not compared yet, so there can be one at a time.
    pub(super) fn assume_stop(&mut self, index: u32, before: Range) {
        let Some(assumed) = &mut self.assumed else { return };
        let go = self.resources.gos[index as usize].id.0;
        let stops = &mut self.resources.open[index as usize].stops;
        if assumed.gos.contains_key(&go) {
            assumed.stops.entry(go).or_insert_with(|| {
                if before == Range::Open {
                    stops.push(super::NO_STRING);
                }
                before
            });
        }
        assumed.is_in_doubt |= before == Range::Closed && !stops.is_empty();
    }

    /// The first event of the garbage collector is possible.
    pub(super) fn assume_gc(&mut self, cx: Context, event: GcEvent, number: u64) {
        let has_user = self.user_of_gc(cx).is_ok();
        let Some(assumed) = &mut self.assumed else { return };
        if assumed.gc.is_none() {
            assumed.gc = Some((event, number));
            assumed.is_in_doubt |= !has_user;
        }
    }
}
