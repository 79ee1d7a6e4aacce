//! Ordered events of an execution trace to immutable columns.
//!
//! # What is here
//!
//! * [`Trace`]: everything known of a trace. Built once by [`Trace::read`], then only read.
//! * Spans: the states of goroutines, procs and threads as columns ([`GoSpans`], [`ProcSpans`], [`ThreadSpans`]).
//! * Tables: resources, ranges, metrics, tasks, regions, logs, samples.
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
mod ids;
mod parallel;
mod population;
mod rules;
mod spans;
mod tables;
mod trace;
mod zoom;

pub use class::Class;
pub use goroscope_reader::{
    ClockSnapshot, Diagnostic, EventType, ExperimentalBatch, Frame, FrameIdx, Generation, GoId, OpenError, ProcId,
    Severity, StackIdx, StringIdx, Symbols, TaskId, ThreadId, Ts, Version,
};
pub use ids::{GoIdx, GroupIdx, ProcIdx, RegionIdx, TaskIdx, TaskTypeIdx, ThreadIdx};
pub use parallel::use_threads;
pub use spans::{GoSpans, LaneSpans, Lanes, ProcSpans, ThreadSpans};
pub use tables::{
    Experimental, Goroutine, Group, Log, Metrics, Proc, Range, RangeScope, Region, Sample, Series, Task, TaskType,
    Thread, Wake,
};
pub use trace::{Progress, Trace};
