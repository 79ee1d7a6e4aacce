//! Ordered events of an execution trace to immutable columns.

mod class;
mod ids;
mod spans;
mod tables;

pub use class::Class;
pub use goroscope_reader::{
    ClockSnapshot, Diagnostic, EventType, ExperimentalBatch, Frame, FrameIdx, Generation, GoId, OpenError, ProcId,
    Severity, StackIdx, StringIdx, Symbols, TaskId, ThreadId, Ts, Version,
};
pub use ids::{GoIdx, GroupIdx, ProcIdx, RegionIdx, TaskIdx, TaskTypeIdx, ThreadIdx};
pub use spans::{GoSpans, LaneSpans, Lanes, ProcSpans, ThreadSpans};
pub use tables::{
    Experimental, Goroutine, Group, Log, Metrics, Proc, Range, RangeScope, Region, Sample, Series, Task, TaskType,
    Thread, Wake,
};

/// A trace: immutable columns. Every query takes `&Trace` and may run beside others.
///
/// All times are ns since the start of the trace (`i64`); `start()..end()` covers every event.
/// The model helper makes the fields private with accessors of these exact names and types.
#[derive(Debug)]
pub struct Trace {}

/// How far the reading is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes of the file consumed.
    pub bytes: u64,
    /// Events so far.
    pub events: u64,
}

#[expect(unused_variables, reason = "stub: signatures are the contract")]
impl Trace {
    /// Reads a whole (decompressed) file. `progress` is called every few thousand events.
    pub fn read(file: &[u8], progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        todo!()
    }
    /// Format version.
    pub fn version(&self) -> Version {
        todo!()
    }
    /// First moment, ns (usually 0; below it only if samples precede the first batch).
    pub fn start(&self) -> i64 {
        todo!()
    }
    /// Last moment, ns.
    pub fn end(&self) -> i64 {
        todo!()
    }
    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        todo!()
    }
    /// Raw records by event number (with framing and tables), how many and their bytes.
    pub fn event_counts(&self) -> &[u64; 256] {
        todo!()
    }
    /// Bytes by event number.
    pub fn event_bytes(&self) -> &[u64; 256] {
        todo!()
    }
    /// Ordered events delivered by the reader.
    pub fn ordered_events(&self) -> u64 {
        todo!()
    }
    /// File's own clock (ns) at 0.
    pub fn clock_zero(&self) -> i64 {
        todo!()
    }
    /// Strings, frames, stacks.
    pub fn symbols(&self) -> &Symbols {
        todo!()
    }
    /// Goroutines by `GoIdx`.
    pub fn goroutines(&self) -> &[Goroutine] {
        todo!()
    }
    /// All rows with this id, by life.
    pub fn find_goroutine(&self, id: GoId) -> Vec<GoIdx> {
        todo!()
    }
    /// Groups by `GroupIdx`, largest running time first.
    pub fn groups(&self) -> &[Group] {
        todo!()
    }
    /// Procs by `ProcIdx`, ordered by id.
    pub fn procs(&self) -> &[Proc] {
        todo!()
    }
    /// Threads by `ThreadIdx`, ordered by first appearance.
    pub fn threads(&self) -> &[Thread] {
        todo!()
    }
    /// Goroutine spans.
    pub fn go_spans(&self) -> &GoSpans {
        todo!()
    }
    /// Proc spans.
    pub fn proc_spans(&self) -> &ProcSpans {
        todo!()
    }
    /// Thread spans.
    pub fn thread_spans(&self) -> &ThreadSpans {
        todo!()
    }
    /// The spans of one goroutine, proc or thread for drawing and summing: `go_lane(g)`, `proc_lane(p)`, `thread_lane(t)`.
    pub fn go_lane(&self, go: GoIdx) -> LaneSpans<'_> {
        todo!()
    }
    /// See `go_lane`.
    pub fn proc_lane(&self, proc: ProcIdx) -> LaneSpans<'_> {
        todo!()
    }
    /// See `go_lane`.
    pub fn thread_lane(&self, thread: ThreadIdx) -> LaneSpans<'_> {
        todo!()
    }
    /// Ranges in order of begin.
    pub fn ranges(&self) -> &[Range] {
        todo!()
    }
    /// Metrics.
    pub fn metrics(&self) -> &Metrics {
        todo!()
    }
    /// Tasks by `TaskIdx`, ordered by first appearance.
    pub fn tasks(&self) -> &[Task] {
        todo!()
    }
    /// Task types by `TaskTypeIdx`.
    pub fn task_types(&self) -> &[TaskType] {
        todo!()
    }
    /// Children of a task.
    pub fn task_children(&self, task: TaskIdx) -> &[TaskIdx] {
        todo!()
    }
    /// Regions by `RegionIdx`, ordered by goroutine, then begin.
    pub fn regions(&self) -> &[Region] {
        todo!()
    }
    /// Regions of a goroutine: rows of `regions()`, by begin.
    pub fn go_regions(&self, go: GoIdx) -> std::ops::Range<usize> {
        todo!()
    }
    /// Logs by time.
    pub fn logs(&self) -> &[Log] {
        todo!()
    }
    /// Rows of `logs()` of a goroutine, by time.
    pub fn go_logs(&self, go: GoIdx) -> &[u32] {
        todo!()
    }
    /// Rows of `logs()` of a task, by time.
    pub fn task_logs(&self, task: TaskIdx) -> &[u32] {
        todo!()
    }
    /// CPU samples by time.
    pub fn samples(&self) -> &[Sample] {
        todo!()
    }
    /// Rows of `samples()` of a goroutine, proc, thread, by time.
    pub fn go_samples(&self, go: GoIdx) -> &[u32] {
        todo!()
    }
    /// See `go_samples`.
    pub fn proc_samples(&self, proc: ProcIdx) -> &[u32] {
        todo!()
    }
    /// See `go_samples`.
    pub fn thread_samples(&self, thread: ThreadIdx) -> &[u32] {
        todo!()
    }
    /// Rows of `ranges()` with this scope, by begin.
    pub fn scope_ranges(&self, scope: RangeScope) -> &[u32] {
        todo!()
    }
    /// All stop-the-world ranges: rows of `ranges()`, by begin.
    pub fn stw_ranges(&self) -> &[u32] {
        todo!()
    }
    /// What a goroutine woke or created, by time.
    pub fn wakes_by(&self, go: GoIdx) -> &[Wake] {
        todo!()
    }
    /// Experimental events by order.
    pub fn experimental(&self) -> &[Experimental] {
        todo!()
    }
    /// Experimental batches.
    pub fn experimental_batches(&self) -> &[ExperimentalBatch] {
        todo!()
    }
    /// Generations.
    pub fn generations(&self) -> &[Generation] {
        todo!()
    }
    /// Lost stretches, ns.
    pub fn lost(&self) -> &[(i64, i64)] {
        todo!()
    }
    /// Problems of the file, the model's included.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        todo!()
    }
    /// Exact time of each class in `[from, to)` of a lane, ns: O(log n + 256) by the zoom index.
    pub fn go_time(&self, go: GoIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        todo!()
    }
    /// See `go_time`.
    pub fn proc_time(&self, proc: ProcIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        todo!()
    }
    /// See `go_time`.
    pub fn thread_time(&self, thread: ThreadIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        todo!()
    }
    /// Goroutine-time (ns × goroutines) of each class in each of `cells` adjacent buckets of `width` ns from `from`,
    /// over all goroutines of a group; exact.
    pub fn group_cells(&self, group: GroupIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        todo!()
    }
    /// The same over all goroutines.
    pub fn all_cells(&self, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        todo!()
    }
    /// The same for one lane, with the number of spans that begin in each bucket.
    pub fn go_cells(&self, go: GoIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]], begins: &mut [u32]) {
        todo!()
    }
    /// See `go_cells`.
    pub fn proc_cells(&self, proc: ProcIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]], begins: &mut [u32]) {
        todo!()
    }
    /// See `go_cells`.
    pub fn thread_cells(&self, t: ThreadIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]], begins: &mut [u32]) {
        todo!()
    }
}
