//! Ordered events of an execution trace to immutable columns.
//!
//! # What is here
//!
//! * [`Trace`]: everything known of a trace. Built once by [`Trace::read`], then only read.
//! * Spans: the states of goroutines, procs and threads lane by lane ([`LaneSpans`], [`GoSpans`]).
//! * Tables: resources, ranges, metrics, tasks, regions, logs, samples.
//! * [`Recording`]: what goroscope-recorder says of a Rust program's trace, with [`Counter`] and [`OffCpuTimes`].
//! * [`Storage`]: where packed columns go while a trace is being read, so that they can be kept in a file.
//! * Exact sums over any window, of one lane or of a group (`go_time`, `group_cells` and the like).
//!
//! # What is not here
//!
//! Answers to questions (`goroscope-analysis`), and anything of bytes (`goroscope-reader`).
//!
//! # Time
//!
//! The clock is what threads wrote; the order of events is another thing, and wins. Where one goroutine, proc or thread
//! would go backwards in time, its span begins when the one before it began, and a diagnostic counts that. No other lane
//! moves.

mod build;
mod class;
mod csr;
mod facts;
mod go_walk;
mod ids;
mod kinds;
mod lanes;
mod packed;
mod parallel;
mod population;
mod preview;
mod reasons;
mod recording;
mod rows;
mod rules;
mod sections;
mod series;
mod spans;
mod storage;
mod table;
mod tables;
mod trace;
mod zoom;

pub use build::most_at_once;
pub use class::Class;
pub use go_walk::GoWalk;
pub use goroscope_reader::{
    ClockSnapshot, Diagnostic, EventType, ExperimentalBatch, Frame, FrameIdx, Generation, GoId, LostTime, OpenError,
    ProcId, ReadOptions, Severity, StackIdx, StringIdx, Symbols, TaskId, ThreadId, Ts, UnknownVersion, Version,
};
pub use ids::{CounterIdx, GoIdx, GroupIdx, ProcIdx, RegionIdx, TaskIdx, TaskTypeIdx, ThreadIdx};
pub use kinds::{GoKind, ProcKind};
pub use parallel::{each as each_in_parallel, use_threads};
pub use preview::PreviewCells;
pub use reasons::ReasonTime;
pub use recording::Recording;
pub use series::{Counter, CounterPoint, OffCpu, OffCpuTimes};
pub use spans::{GoSpan, GoSpans, HolderSpan, LaneSpans, Wake, Wakes};
pub use storage::{Memory, SharedBytes, Storage};
pub use table::Rows;
pub use tables::{
    Experimental, Goroutine, Group, Label, Log, Metrics, Point, Proc, Range, RangeScope, Region, Sample, Task,
    TaskType, Thread, UnknownEvent,
};
pub use trace::{Progress, Trace};
