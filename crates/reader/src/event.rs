//! What the reader delivers: ordered events with strings and stacks resolved to rows that hold for the whole trace.

use crate::{GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId, Ts};
use goroscope_wire::EventType;

/// One event in logical order.
///
/// `thread`, `proc` and `go` are the executing context *before* the event; `stack` is the executor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, by the raw clock of the thread that wrote it. Never adjusted, so it may run backwards between threads.
    pub ts: Ts,
    /// The thread that executed, or [`ThreadId::NONE`].
    pub thread: ThreadId,
    /// The proc it held, or [`ProcId::NONE`].
    pub proc: ProcId,
    /// The goroutine it ran, or [`GoId::NONE`].
    pub go: GoId,
    /// The executor's stack, or row 0.
    pub stack: StackIdx,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A generation begins (or, as the very last event, the trace ends). `sync` counts from 1.
    Sync {
        /// Number of this sync.
        sync: u32,
    },
    /// Whole generations of the trace are missing before this event: every state is unknown from here until it is seen
    /// again. Where less was lost, the resources concerned get a transition to `Undetermined` instead.
    Lost,
    /// What follows is of another trace that stands behind the one before in the file, and as far as can be told of
    /// another program: no goroutine, proc, thread, task or region goes on, ids begin anew, and so do clocks.
    AnotherTrace,
    /// A metric has a new value.
    Metric {
        /// Which.
        metric: Metric,
        /// Threads or bytes.
        value: u64,
    },
    /// A goroutine is labelled (only GC worker modes today).
    Label {
        /// The goroutine.
        go: GoId,
        /// The text.
        label: StringIdx,
    },
    /// A CPU profile sample; its context is what the signal handler saw.
    Sample,
    /// A range begins.
    RangeBegin {
        /// On what.
        scope: Scope,
        /// Its name, such as `stop-the-world (GC mark termination)`.
        name: StringIdx,
    },
    /// A range is found to be active; it began earlier.
    RangeActive {
        /// On what.
        scope: Scope,
        /// Its name.
        name: StringIdx,
    },
    /// A range ends.
    RangeEnd {
        /// On what.
        scope: Scope,
        /// Its name.
        name: StringIdx,
        /// Bytes swept and reclaimed, for sweep ranges.
        sweep: Option<(u64, u64)>,
    },
    /// A user task begins.
    TaskBegin {
        /// The task.
        task: TaskId,
        /// Its parent, or [`TaskId::NONE`].
        parent: TaskId,
        /// Its type.
        name: StringIdx,
    },
    /// A user task ends.
    TaskEnd {
        /// The task.
        task: TaskId,
        /// Its parent as remembered from its beginning, or [`TaskId::NONE`].
        parent: TaskId,
        /// Its type as remembered from its beginning, or the empty string.
        name: StringIdx,
    },
    /// A user region begins on the executing goroutine.
    RegionBegin {
        /// Its task.
        task: TaskId,
        /// Its type.
        name: StringIdx,
    },
    /// A user region ends on the executing goroutine.
    RegionEnd {
        /// Its task.
        task: TaskId,
        /// Its type.
        name: StringIdx,
    },
    /// A log message.
    Log {
        /// Its task.
        task: TaskId,
        /// Its category.
        category: StringIdx,
        /// Its text.
        message: StringIdx,
    },
    /// A goroutine changes its state, or is seen again in the one it has (`from == to`).
    ///
    /// Only in a damaged trace: `to` is `Undetermined` where what became of it was lost, and `from` is where the state
    /// it leaves can only be guessed; and an id can begin a new life, with `from` as `NotExist`, where the end of the one
    /// before was lost. Otherwise `from` is the `to` of the goroutine's event before.
    Go {
        /// The goroutine.
        go: GoId,
        /// The state it leaves.
        from: GoState,
        /// The state it enters.
        to: GoState,
        /// Why, or the empty string.
        reason: StringIdx,
        /// Its own stack: where it blocked, or the start of a new goroutine; or row 0.
        stack: StackIdx,
    },
    /// A proc changes its state, or is seen again in the one it has. `Undetermined` is as for goroutines.
    Proc {
        /// The proc.
        proc: ProcId,
        /// The state it leaves.
        from: ProcState,
        /// The state it enters.
        to: ProcState,
    },
    /// An event of an experiment, as recorded.
    Experimental {
        /// Which.
        event: EventType,
        /// Its arguments in wire order; unused ones are 0.
        args: [u64; 3],
    },
    /// An event of a number that this version does not know, in a trace that was read although it is newer.
    Unknown {
        /// Its number.
        number: u8,
        /// How many arguments it has, as far as what follows it tells.
        count: u8,
        /// Its arguments in wire order; unused ones are 0.
        args: [u64; 5],
    },
}

/// A value over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// `/sched/gomaxprocs:threads`
    Gomaxprocs,
    /// `/memory/classes/heap/objects:bytes`
    HeapLive,
    /// `/gc/heap/goal:bytes`
    HeapGoal,
}

/// What a range belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The whole program.
    Global,
    /// A goroutine; [`GoId::NONE`] where a trace of Go 1.11 to 1.21 does not say on which one a range is.
    Go(GoId),
    /// A proc.
    Proc(ProcId),
}

/// The states of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoState {
    /// Not yet known, or lost.
    Undetermined,
    /// Before its creation, after its end.
    NotExist,
    /// Ready to run, waiting for a proc.
    Runnable,
    /// Running on a proc.
    Running,
    /// Blocked inside the runtime.
    Waiting,
    /// In a system call or C code.
    Syscall,
}

/// The states of a proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProcState {
    /// Not yet known, or lost.
    Undetermined,
    /// Before its creation.
    NotExist,
    /// Held by a thread.
    Running,
    /// Held by none.
    Idle,
}
