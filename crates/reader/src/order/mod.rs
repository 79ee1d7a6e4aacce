//! The rules by which an event can happen now, must wait, or cannot be.
//!
//! Every event of a thread is tried in the thread's order. For each kind there is one function:
//!
//! 1. it looks whether the event has to wait: for a sequence number, a status, a stolen proc;
//! 2. it checks what must hold, changing nothing yet;
//! 3. it changes the states, wakes who waits for them, and puts out the event (some put out up to three).
//!
//! What [`advance`](Order::advance) refuses, or what nothing else can let happen, only occurs in a damaged trace:
//! [`force`](Order::force) makes the best of it.

#![expect(
    clippy::inline_always,
    reason = "what nearly every event runs through is one loop then, and events are made where they stay, not copied there"
)]

mod annotations;
mod assume;
mod force;
mod goroutines;
mod keep;
mod procs;
mod ranges;
mod rest;
mod settle;
mod syscalls;
mod told;

use assume::{Assumed, GcEvent, Range};
pub use force::Forced;
use keep::Had;
pub use settle::Begin;

use rustc_hash::FxHashMap;

use crate::decode::Record;
use crate::names::Names;
use crate::state::{NONE, Resources, Seq, UNKNOWN_PROC, UNKNOWN_THREAD};
use crate::waiters::{Wait, Waiters};
use crate::{
    Event, EventKind, EventType, GoId, GoState, Metric, ProcId, ProcState, StackIdx, StringIdx, TaskId, ThreadId, Ts,
};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It happened.
    Done,
    /// It can only happen after this has changed.
    Wait(Wait),
    /// It contradicts what happened before; nothing was changed.
    Refused(&'static str),
}

/// The executing context of an event: what is bound to the thread before it.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Index of the thread, or `NONE`.
    pub index: u32,
    pub thread: ThreadId,
    pub proc: ProcId,
    pub go: GoId,
    /// Whether an event that only a thread with a proc can write is refused on one without.
    pub needs_proc: bool,
}

/// Where events go, and the names that they need.
pub struct Output<'o> {
    pub names: &'o mut Names,
    pub events: &'o mut Vec<Event>,
    /// Time of the latest event.
    pub latest: Ts,
}

/// What is known at one point of the order.
#[derive(Debug, Default)]
pub struct Order {
    resources: Resources,
    tasks: FxHashMap<u64, Task>,
    gc: Gc,
    /// Number of the current generation in the order of the file, from 1.
    generation: u32,
    /// Whether resources may be seen here for the first time.
    first: bool,
    /// The clock's zero: nanoseconds on the file's own clock.
    pub zero: i64,
    pub waiters: Waiters,
    /// What threads had before damage, by their indexes.
    had: FxHashMap<u32, Had>,
    /// Regions that ended while another one was open inside them.
    pub misused_regions: u64,
    /// What is assumed of the begin of the generation, if that is not known.
    assumed: Option<Box<Assumed>>,
}

/// A user task that has begun.
#[derive(Clone, Copy, Debug)]
struct Task {
    parent: TaskId,
    name: StringIdx,
}

/// The mark phase of the garbage collector.
#[derive(Clone, Copy, Debug, Default)]
struct Gc {
    phase: GcPhase,
    /// Number of its last event.
    seq: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GcPhase {
    #[default]
    Undetermined,
    Off,
    On,
}

const NO_STACK: StackIdx = StackIdx(0);
const NO_STRING: StringIdx = StringIdx(0);

impl Order {
    /// Whether no generation has begun.
    pub fn is_empty(&self) -> bool {
        self.generation == 0
    }

    /// A generation begins. `is_fresh`: nothing of what was known before holds any longer.
    pub fn begin_generation(&mut self, is_fresh: bool, cursors: usize) {
        self.generation += 1;
        self.first = is_fresh;
        if is_fresh {
            self.resources = Resources::default();
            self.gc = Gc::default();
        }
        self.had.clear();
        self.waiters.reset(cursors);
    }

    /// Number of the current generation of the trace in the order of the file, from 1.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The index of a thread in the current generation; `NONE` for "no thread".
    pub fn thread_index(&mut self, id: u64) -> u32 {
        if id == UNKNOWN_THREAD.0 {
            self.doubt();
        }
        if id == ThreadId::NONE.0 { NONE } else { self.resources.thread_index(id) }
    }

    /// The proc and the goroutine that a thread has now.
    pub fn bound_to(&self, index: u32) -> (ProcId, GoId) {
        let thread = self.resources.threads.get(index as usize);
        thread.map_or((ProcId::NONE, GoId::NONE), |thread| (thread.proc, thread.go))
    }

    /// Lets `record` of the thread with index `thread` happen, if it can.
    #[inline(always)]
    pub fn advance(&mut self, thread: u32, record: &Record, out: &mut Output<'_>) -> Step {
        let cx = self.context(thread);
        // These are nearly all events of most traces, and part of the loop that calls this.
        match record.kind {
            EventType::GoStart => self.go_start(cx, record, out),
            EventType::GoStop => self.go_leave(cx, record, GoState::Runnable, out),
            EventType::GoBlock => self.go_leave(cx, record, GoState::Waiting, out),
            EventType::GoUnblock => self.go_unblock(cx, record, out),
            EventType::GoSyscallBegin => self.syscall_begin(cx, record, out),
            EventType::GoSyscallEnd => self.syscall_end(cx, record, out),
            _ => self.happen(cx, record, out),
        }
    }

    #[inline(never)]
    fn happen(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        match record.kind {
            EventType::ProcStart => self.proc_start(cx, record, out),
            EventType::ProcStop => self.proc_stop(cx, record, out),
            EventType::ProcSteal => self.proc_steal(cx, record, out),
            EventType::ProcStatus => self.proc_status(cx, record, out),
            EventType::GoCreate => self.go_create(cx, record, GoState::Runnable, out),
            EventType::GoCreateBlocked => self.go_create(cx, record, GoState::Waiting, out),
            EventType::GoCreateSyscall => self.go_create_syscall(cx, record, out),
            EventType::GoStart => self.go_start(cx, record, out),
            EventType::GoDestroy => self.go_destroy(cx, record, out),
            EventType::GoDestroySyscall => self.go_destroy_syscall(cx, record, out),
            EventType::GoStop => self.go_leave(cx, record, GoState::Runnable, out),
            EventType::GoBlock => self.go_leave(cx, record, GoState::Waiting, out),
            EventType::GoUnblock => self.go_unblock(cx, record, out),
            EventType::GoSwitch | EventType::GoSwitchDestroy => self.go_switch(cx, record, out),
            EventType::GoSyscallBegin => self.syscall_begin(cx, record, out),
            EventType::GoSyscallEnd => self.syscall_end(cx, record, out),
            EventType::GoSyscallEndBlocked => self.syscall_end_blocked(cx, record, out),
            EventType::GoStatus | EventType::GoStatusStack => self.go_status(cx, record, out),
            EventType::STWBegin => self.stop_begin(cx, record, out),
            EventType::STWEnd => self.stop_end(cx, record, out),
            EventType::GCActive => self.gc_active(cx, record, out),
            EventType::GCBegin => self.gc_begin(cx, record, out),
            EventType::GCEnd => self.gc_end(cx, record, out),
            EventType::GCSweepActive => self.sweep_active(cx, record, out),
            EventType::GCSweepBegin => self.sweep_begin(cx, record, out),
            EventType::GCSweepEnd => self.sweep_end(cx, record, out),
            EventType::GCMarkAssistActive => self.assist_active(cx, record, out),
            EventType::GCMarkAssistBegin => self.assist_begin(cx, record, out),
            EventType::GCMarkAssistEnd => self.assist_end(cx, record, out),
            EventType::UserTaskBegin => self.task_begin(cx, record, out),
            EventType::UserTaskEnd => self.task_end(cx, record, out),
            EventType::UserRegionBegin => self.region_begin(cx, record, out),
            EventType::UserRegionEnd => self.region_end(cx, record, out),
            EventType::UserLog => self.log(cx, record, out),
            EventType::GoLabel => self.label(cx, record, out),
            EventType::ProcsChange => self.gomaxprocs(cx, record, out),
            EventType::HeapAlloc => self.heap_metric(cx, record, Metric::HeapLive, out),
            EventType::HeapGoal => self.heap_metric(cx, record, Metric::HeapGoal, out),
            EventType::Span
            | EventType::SpanAlloc
            | EventType::SpanFree
            | EventType::HeapObject
            | EventType::HeapObjectAlloc
            | EventType::HeapObjectFree
            | EventType::GoroutineStack
            | EventType::GoroutineStackAlloc
            | EventType::GoroutineStackFree => self.experimental(cx, record, out),
            EventType::EventBatch
            | EventType::Stacks
            | EventType::Stack
            | EventType::Strings
            | EventType::String
            | EventType::CPUSamples
            | EventType::CPUSample
            | EventType::Frequency
            | EventType::ExperimentalBatch
            | EventType::Sync
            | EventType::ClockSnapshot
            | EventType::EndOfGeneration => Step::Refused("not an event of a thread"),
        }
    }

    /// What is bound to a thread now; the thread counts as seen from here on.
    #[inline]
    fn context(&mut self, index: u32) -> Context {
        match self.resources.threads.get_mut(index as usize) {
            Some(thread) => {
                thread.seen = true;
                Context { index, thread: thread.id, proc: thread.proc, go: thread.go, needs_proc: true }
            }
            None => Context { index, thread: ThreadId::NONE, proc: ProcId::NONE, go: GoId::NONE, needs_proc: true },
        }
    }

    /// Place `number` in the sequence of this generation.
    #[inline]
    fn seq(&self, number: u64) -> Seq {
        Seq { generation: self.generation, number }
    }

    /// The running goroutine of the context, or why it cannot do what a running goroutine does.
    #[inline]
    fn running(&self, cx: Context) -> Result<u32, &'static str> {
        let go = self.user(cx)?;
        match self.resources.gos[go as usize].state {
            GoState::Running => Ok(go),
            GoState::Undetermined | GoState::NotExist | GoState::Runnable | GoState::Waiting | GoState::Syscall => {
                Err("the thread's goroutine is not running")
            }
        }
    }

    /// The goroutine of a context that has everything: thread, proc and goroutine.
    #[inline]
    fn user(&self, cx: Context) -> Result<u32, &'static str> {
        cx.require_proc()?;
        self.bound(cx)
    }

    /// The goroutine of the context.
    #[inline]
    fn bound(&self, cx: Context) -> Result<u32, &'static str> {
        let thread = self.resources.threads.get(cx.index as usize).ok_or("no thread")?;
        self.resources.bound_go(thread).ok_or("the thread has no goroutine")
    }

    /// The index of the context's proc.
    #[inline]
    fn held_proc(&self, cx: Context) -> Result<u32, &'static str> {
        let thread = self.resources.threads.get(cx.index as usize).ok_or("no thread")?;
        if thread.proc_index == NONE { Err("the thread has no proc") } else { Ok(thread.proc_index) }
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the event is then made where it stays, and not copied there from the stack"
    )]
    fn put(&self, cx: Context, time: i64, stack: StackIdx, kind: EventKind, out: &mut Output<'_>) {
        let ts = self.ts(time);
        out.latest = out.latest.max(ts);
        out.events.push(Event { ts, thread: cx.thread, proc: cx.proc, go: cx.go, stack, kind });
    }

    /// A time of the file as one of the trace.
    #[inline]
    pub fn ts(&self, time: i64) -> Ts {
        Ts(time.wrapping_sub(self.zero))
    }
}

impl Context {
    #[inline]
    fn require_thread(self) -> Result<(), &'static str> {
        if self.index == NONE { Err("no thread") } else { Ok(()) }
    }

    #[inline]
    fn require_proc(self) -> Result<(), &'static str> {
        self.require_thread()?;
        // Of procs that are not known yet nothing holds either; both numbers are beyond those of procs.
        if self.needs_proc && self.proc >= UNKNOWN_PROC { Err("the thread has no proc") } else { Ok(()) }
    }
}

/// A goroutine's transition without reason and stack.
fn go_kind(go: GoId, from: GoState, to: GoState) -> EventKind {
    EventKind::Go { go, from, to, reason: NO_STRING, stack: NO_STACK }
}

/// A proc's transition.
fn proc_kind(proc: ProcId, from: ProcState, to: ProcState) -> EventKind {
    EventKind::Proc { proc, from, to }
}

/// Ends the function with `Step::Refused` if the requirement does not hold.
macro_rules! require {
    ($requirement:expr) => {
        match $requirement {
            Ok(value) => value,
            Err(why) => return Step::Refused(why),
        }
    };
}
use require;
