//! How answers point at goroutines, procs, threads, tasks and frames: enough to show and to follow them.

use crate::Lane;
use crate::own::{first_marking, first_own};
use goroscope_model::{GoIdx, ProcIdx, StackIdx, TaskIdx, ThreadIdx, Trace};
use serde::Serialize;

/// A goroutine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoRef {
    /// Its lane.
    pub key: Lane,
    /// Its row.
    pub row: u32,
    /// Its id in the program.
    pub id: u64,
    /// Its start function, or empty.
    pub function: String,
}

impl GoRef {
    /// The goroutine, if it is in the trace.
    pub(crate) fn new(trace: &Trace, go: GoIdx) -> Option<Self> {
        let goroutine = trace.goroutines().get(go.index())?;
        Some(Self {
            key: Lane::Go(go),
            row: go.0,
            id: goroutine.id.0,
            function: trace.symbols().string(goroutine.function).to_owned(),
        })
    }
}

/// A proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProcRef {
    /// Its lane.
    pub key: Lane,
    /// Its row.
    pub row: u32,
    /// Its id in the program.
    pub id: u64,
}

impl ProcRef {
    /// The proc, if it is in the trace.
    pub(crate) fn new(trace: &Trace, proc: ProcIdx) -> Option<Self> {
        let row = trace.procs().get(proc.index())?;
        Some(Self { key: Lane::Proc(proc), row: proc.0, id: row.id.0 })
    }
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadRef {
    /// Its lane.
    pub key: Lane,
    /// Its row.
    pub row: u32,
    /// Its id in the operating system.
    pub id: u64,
}

impl ThreadRef {
    /// The thread, if it is in the trace.
    pub(crate) fn new(trace: &Trace, thread: ThreadIdx) -> Option<Self> {
        let row = trace.threads().get(thread.index())?;
        Some(Self { key: Lane::Thread(thread), row: thread.0, id: row.id.0 })
    }
}

/// A user task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskRef {
    /// Its lane.
    pub key: Lane,
    /// Its id in the program.
    pub id: u64,
    /// Its type, or empty.
    pub name: String,
}

impl TaskRef {
    /// The task, if it is in the trace; the background task is none.
    pub(crate) fn new(trace: &Trace, task: TaskIdx) -> Option<Self> {
        let row = trace.tasks().get(task.index())?;
        Some(Self { key: Lane::Task(task), id: row.id.0, name: trace.symbols().string(row.name).to_owned() })
    }
}

/// A call frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrameView {
    /// Function, with its package.
    pub function: String,
    /// Source file.
    pub file: String,
    /// Line, from 1; 0 is unknown.
    pub line: u32,
}

/// The first frame that is the program's own; the innermost one if none is.
pub fn own_frame(stack: &[FrameView]) -> Option<&FrameView> {
    stack.get(first_own(stack.iter().map(|frame| (frame.function.as_str(), frame.file.as_str()))))
}

/// The frame where the program marked what has this stack.
pub fn marking_frame(stack: &[FrameView]) -> Option<&FrameView> {
    stack.get(first_marking(&stack.iter().map(|frame| (frame.function.as_str(), frame.file.as_str())))?)
}

/// The frames of a stack, leaf first.
pub(crate) fn frames(trace: &Trace, stack: StackIdx) -> Vec<FrameView> {
    let symbols = trace.symbols();
    symbols
        .stack(stack)
        .iter()
        .map(|&frame| {
            let frame = symbols.frame(frame);
            FrameView {
                function: symbols.string(frame.function).to_owned(),
                file: symbols.string(frame.file).to_owned(),
                line: frame.line,
            }
        })
        .collect()
}
