//! The tables beside the spans: resources, ranges, metrics, tasks, regions, logs, samples.
//!
//! `Option<i64>` times: `None` is "not in this trace": it began before or ends after it, or in a stretch that was lost.
//! A region or range of a goroutine whose end is unknown lasts at most as long as the goroutine.

use crate::table::Rows;
use crate::{Class, GoIdx, GroupIdx, ProcIdx, TaskIdx, TaskTypeIdx, ThreadIdx};
use goroscope_reader::{EventType, GoId, ProcId, StackIdx, StringIdx, TaskId, ThreadId};

/// One goroutine's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goroutine {
    /// Its id.
    pub id: GoId,
    /// Start function, or the empty string if no stack of it was ever seen.
    pub function: StringIdx,
    /// Its group.
    pub group: GroupIdx,
    /// When it was created, ns; `None` if it existed before the trace.
    pub created: Option<i64>,
    /// When it ended, ns; `None` if it outlived the trace, or ended in a stretch that was lost. Its lane ends in any case.
    pub ended: Option<i64>,
    /// Its creator, or `NONE`.
    pub creator: GoIdx,
    /// The creator's stack at the creation, or row 0.
    pub creation_stack: StackIdx,
    /// GC worker mode or another label last seen, or the empty string.
    pub label: StringIdx,
    /// How deep its regions nest; 0 if it has none.
    pub region_depth: u16,
    /// Whether it has ranges (mark assist, stop-the-world).
    pub has_ranges: bool,
}

/// Goroutines with the same start function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The start function, or the empty string.
    pub function: StringIdx,
    /// Members, by first appearance.
    pub members: Vec<GoIdx>,
    /// The most that lived at once.
    pub peak: u32,
    /// Deepest nesting of regions among its members.
    pub region_depth: u16,
    /// Whether any member has ranges.
    pub has_ranges: bool,
}

/// One proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proc {
    /// Its id.
    pub id: ProcId,
    /// Whether it has ranges (sweep).
    pub has_ranges: bool,
}

/// One thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its operating system id.
    pub id: ThreadId,
}

/// Whose a range is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RangeScope {
    /// The program's.
    Global,
    /// A goroutine's.
    Go(GoIdx),
    /// A proc's.
    Proc(ProcIdx),
}

/// A named interval of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Whose.
    pub scope: RangeScope,
    /// Its name.
    pub name: StringIdx,
    /// What is drawn.
    pub class: Class,
    /// Begin, ns.
    pub start: Option<i64>,
    /// End, ns.
    pub end: Option<i64>,
    /// The goroutine that executed its begin, or `NONE`.
    pub go: GoIdx,
    /// Stack at its begin, or row 0.
    pub stack: StackIdx,
    /// Bytes swept and reclaimed, for a sweep that ended.
    pub sweep: Option<(u64, u64)>,
}

/// From `ts` on a metric is `value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When, ns.
    pub ts: i64,
    /// Threads or bytes.
    pub value: u64,
}

/// The three metrics of the format, each by time.
#[derive(Clone, Copy, Debug)]
pub struct Metrics<'a> {
    /// Threads.
    pub gomaxprocs: Rows<'a, Point>,
    /// Bytes.
    pub heap_live: Rows<'a, Point>,
    /// Bytes.
    pub heap_goal: Rows<'a, Point>,
}

/// A user task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its type.
    pub name: StringIdx,
    /// The type's row.
    pub kind: TaskTypeIdx,
    /// Its parent, or `NONE`.
    pub parent: TaskIdx,
    /// Nesting below its topmost ancestor.
    pub depth: u16,
    /// Begin, ns.
    pub start: Option<i64>,
    /// End, ns.
    pub end: Option<i64>,
    /// The goroutine that began it, or `NONE`.
    pub go: GoIdx,
    /// Stack at its begin, or row 0.
    pub stack: StackIdx,
    /// The goroutine that ended it, or `NONE`.
    pub end_go: GoIdx,
    /// Stack at its end, or row 0.
    pub end_stack: StackIdx,
}

/// Tasks with the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskType {
    /// The name.
    pub name: StringIdx,
    /// Its tasks, by start; those that began before the trace first.
    pub members: Vec<TaskIdx>,
    /// The most that were active at once.
    pub peak: u32,
}

/// A user region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The goroutine.
    pub go: GoIdx,
    /// The task, or `NONE` for the background task.
    pub task: TaskIdx,
    /// Its type.
    pub name: StringIdx,
    /// Nesting on its goroutine, from 0.
    pub depth: u16,
    /// Begin, ns.
    pub start: Option<i64>,
    /// End, ns.
    pub end: Option<i64>,
    /// Stack at its begin, or row 0.
    pub stack: StackIdx,
    /// Stack at its end, or row 0.
    pub end_stack: StackIdx,
}

/// A log message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// When, ns.
    pub ts: i64,
    /// The goroutine, or `NONE`.
    pub go: GoIdx,
    /// The task, or `NONE` for the background task.
    pub task: TaskIdx,
    /// Its category.
    pub category: StringIdx,
    /// Its text.
    pub message: StringIdx,
    /// Stack, or row 0.
    pub stack: StackIdx,
}

/// A CPU profile sample; what the signal handler saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When, ns.
    pub ts: i64,
    /// The goroutine, or `NONE`.
    pub go: GoIdx,
    /// The proc, or `NONE`.
    pub proc: ProcIdx,
    /// The thread, or `NONE`.
    pub thread: ThreadIdx,
    /// Stack, or row 0.
    pub stack: StackIdx,
}

/// A goroutine got a label: a GC worker says in which mode it works until it stops running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// When, ns, on the goroutine's own clock.
    pub ts: i64,
    /// The goroutine.
    pub go: GoIdx,
    /// The label.
    pub label: StringIdx,
}

/// An event of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experimental {
    /// When, ns.
    pub ts: i64,
    /// The thread.
    pub thread: ThreadIdx,
    /// Which.
    pub event: EventType,
    /// Its arguments.
    pub args: [u64; 3],
}

/// An event of a number that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownEvent {
    /// When, ns.
    pub ts: i64,
    /// The thread.
    pub thread: ThreadIdx,
    /// Its number on the wire.
    pub number: u8,
    /// How many arguments it has, as far as what follows it tells.
    pub count: u8,
    /// Its arguments; unused ones are 0.
    pub args: [u64; 5],
}
