//! The trace: tables and the indexes over them, behind accessors.

use std::fmt;

use goroscope_reader::Reader;

use crate::build::{self, Builder, RangeTables, RegionTables, TaskTables, Wakes};
use crate::csr::RowsByKey;
use crate::population::Population;
use crate::zoom::{self, ZoomIndex};
use crate::{
    Class, Diagnostic, Experimental, ExperimentalBatch, Generation, GoId, GoIdx, GoSpans, Goroutine, Group, GroupIdx,
    LaneSpans, Log, Metrics, OpenError, PreviewCells, Proc, ProcIdx, ProcSpans, Range, RangeScope, Region, Sample,
    Symbols, Task, TaskIdx, TaskType, Thread, ThreadIdx, ThreadSpans, Version, Wake,
};

/// A trace: immutable columns. Every query takes `&Trace` and may run beside others.
///
/// All times are ns since the start of the trace (`i64`); `start()..end()` covers every event.
pub struct Trace {
    tables: Tables,
    indexes: Indexes,
}

/// How far the reading is.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// Bytes of the file consumed; all of them when only the indexes are still to be built.
    pub bytes: u64,
    /// Generations begun.
    pub generations: u64,
    pub(crate) builder: &'a Builder,
}

impl Progress<'_> {
    /// Events so far.
    pub fn events(&self) -> u64 {
        self.builder.events()
    }

    /// What goroutines did so far. Costs some hundred microseconds.
    pub fn preview(&self) -> PreviewCells {
        self.builder.preview()
    }
}

impl Trace {
    /// Whether a file that begins with these bytes (16 tell) is a trace that can be read.
    pub fn recognise(head: &[u8]) -> Result<Version, OpenError> {
        Reader::new(head).map(|reader| reader.version())
    }
    /// Reads a whole (decompressed) file. `progress` is called every few thousand events.
    pub fn read(file: &[u8], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Self, OpenError> {
        build::read(file, progress)
    }
    /// Format version.
    pub fn version(&self) -> Version {
        self.tables.version
    }
    /// First moment, ns (usually 0; below it only if samples precede the first batch).
    pub fn start(&self) -> i64 {
        self.tables.start
    }
    /// Last moment, ns.
    pub fn end(&self) -> i64 {
        self.tables.end
    }
    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.tables.file_bytes
    }
    /// Raw records by event number (with framing and tables), how many and their bytes.
    pub fn event_counts(&self) -> &[u64; 256] {
        &self.tables.counts
    }
    /// Bytes by event number.
    pub fn event_bytes(&self) -> &[u64; 256] {
        &self.tables.bytes
    }
    /// Ordered events delivered by the reader.
    pub fn ordered_events(&self) -> u64 {
        self.tables.events
    }
    /// File's own clock (ns) at 0.
    pub fn clock_zero(&self) -> i64 {
        self.tables.clock_zero
    }
    /// Strings, frames, stacks.
    pub fn symbols(&self) -> &Symbols {
        &self.tables.symbols
    }
    /// Goroutines by `GoIdx`.
    pub fn goroutines(&self) -> &[Goroutine] {
        &self.tables.goroutines
    }
    /// All rows with this id, by life.
    pub fn find_goroutine(&self, id: GoId) -> Vec<GoIdx> {
        let gos = &self.indexes.gos_by_id;
        let id_of = |go: &GoIdx| self.tables.goroutines[go.index()].id;
        let from = gos.partition_point(|go| id_of(go) < id);
        gos[from..].iter().copied().take_while(|go| id_of(go) == id).collect()
    }
    /// Groups by `GroupIdx`, largest running time first.
    pub fn groups(&self) -> &[Group] {
        &self.tables.groups
    }
    /// Procs by `ProcIdx`, ordered by id.
    pub fn procs(&self) -> &[Proc] {
        &self.tables.procs
    }
    /// Threads by `ThreadIdx`, ordered by first appearance.
    pub fn threads(&self) -> &[Thread] {
        &self.tables.threads
    }
    /// Goroutine spans.
    pub fn go_spans(&self) -> &GoSpans {
        &self.tables.go_spans
    }
    /// Proc spans.
    pub fn proc_spans(&self) -> &ProcSpans {
        &self.tables.proc_spans
    }
    /// Thread spans.
    pub fn thread_spans(&self) -> &ThreadSpans {
        &self.tables.thread_spans
    }
    /// The spans of one goroutine, proc or thread for drawing and summing: `go_lane(g)`, `proc_lane(p)`, `thread_lane(t)`.
    pub fn go_lane(&self, go: GoIdx) -> LaneSpans<'_> {
        self.tables.go_spans.lane(go)
    }
    /// See `go_lane`.
    pub fn proc_lane(&self, proc: ProcIdx) -> LaneSpans<'_> {
        self.tables.proc_spans.lane(proc)
    }
    /// See `go_lane`.
    pub fn thread_lane(&self, thread: ThreadIdx) -> LaneSpans<'_> {
        self.tables.thread_spans.lane(thread)
    }
    /// Ranges in order of begin.
    pub fn ranges(&self) -> &[Range] {
        &self.tables.ranges.rows
    }
    /// Metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.tables.metrics
    }
    /// Tasks by `TaskIdx`, ordered by first appearance.
    pub fn tasks(&self) -> &[Task] {
        &self.tables.tasks.tasks
    }
    /// Task types by `TaskTypeIdx`.
    pub fn task_types(&self) -> &[TaskType] {
        &self.tables.tasks.types
    }
    /// Children of a task.
    pub fn task_children(&self, task: TaskIdx) -> &[TaskIdx] {
        self.tables.tasks.children.get(task.0)
    }
    /// Regions by `RegionIdx`, ordered by goroutine, then begin.
    pub fn regions(&self) -> &[Region] {
        &self.tables.regions.rows
    }
    /// Regions of a goroutine: rows of `regions()`, by begin.
    pub fn go_regions(&self, go: GoIdx) -> std::ops::Range<usize> {
        let first = &self.tables.regions.first;
        match (first.get(go.index()), first.get(go.index() + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            (Some(_) | None, _) => 0..0,
        }
    }
    /// Logs by time.
    pub fn logs(&self) -> &[Log] {
        &self.tables.logs
    }
    /// Rows of `logs()` of a goroutine, by time.
    pub fn go_logs(&self, go: GoIdx) -> &[u32] {
        self.indexes.go_logs.get(go.0)
    }
    /// Rows of `logs()` of a task, by time.
    pub fn task_logs(&self, task: TaskIdx) -> &[u32] {
        self.indexes.task_logs.get(task.0)
    }
    /// CPU samples by time.
    pub fn samples(&self) -> &[Sample] {
        &self.tables.samples
    }
    /// Rows of `samples()` of a goroutine, proc, thread, by time.
    pub fn go_samples(&self, go: GoIdx) -> &[u32] {
        self.indexes.go_samples.get(go.0)
    }
    /// See `go_samples`.
    pub fn proc_samples(&self, proc: ProcIdx) -> &[u32] {
        self.indexes.proc_samples.get(proc.0)
    }
    /// See `go_samples`.
    pub fn thread_samples(&self, thread: ThreadIdx) -> &[u32] {
        self.indexes.thread_samples.get(thread.0)
    }
    /// Rows of `ranges()` with this scope, by begin.
    pub fn scope_ranges(&self, scope: RangeScope) -> &[u32] {
        let scope_of = |row: &u32| self.tables.ranges.rows[*row as usize].scope;
        let rows = &self.tables.ranges.by_scope;
        let from = rows.partition_point(|row| scope_of(row) < scope);
        let rows = &rows[from..];
        &rows[..rows.partition_point(|row| scope_of(row) == scope)]
    }
    /// All stop-the-world ranges: rows of `ranges()`, by begin.
    pub fn stw_ranges(&self) -> &[u32] {
        &self.tables.ranges.stops
    }
    /// What a goroutine woke or created, by time.
    pub fn wakes_by(&self, go: GoIdx) -> &[Wake] {
        self.indexes.wakes.by(go)
    }
    /// Experimental events by order.
    pub fn experimental(&self) -> &[Experimental] {
        &self.tables.experimental
    }
    /// Experimental batches.
    pub fn experimental_batches(&self) -> &[ExperimentalBatch] {
        &self.tables.batches
    }
    /// Generations.
    pub fn generations(&self) -> &[Generation] {
        &self.tables.generations
    }
    /// Lost stretches, ns.
    pub fn lost(&self) -> &[(i64, i64)] {
        &self.tables.lost
    }
    /// Problems of the file, the model's included.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.tables.diagnostics
    }
    /// Exact time of each class in `[from, to)` of a lane, ns: O(log n) by the zoom index.
    pub fn go_time(&self, go: GoIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        zoom::time(self.go_lane(go), self.indexes.go_zoom.lane(go.0), from, to)
    }
    /// See `go_time`.
    pub fn proc_time(&self, proc: ProcIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        zoom::time(self.proc_lane(proc), self.indexes.proc_zoom.lane(proc.0), from, to)
    }
    /// See `go_time`.
    pub fn thread_time(&self, thread: ThreadIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        zoom::time(self.thread_lane(thread), self.indexes.thread_zoom.lane(thread.0), from, to)
    }
    /// Goroutine-time (ns × goroutines) of each class in each of `cells` adjacent buckets of `width` ns from `from`,
    /// over all goroutines of a group; exact.
    pub fn group_cells(&self, group: GroupIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        out.fill(zoom::NO_TIME);
        self.add_group_cells(group, from, width, out);
    }
    /// The same over all goroutines.
    pub fn all_cells(&self, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        out.fill(zoom::NO_TIME);
        for group in 0..self.tables.groups.len() as u32 {
            self.add_group_cells(GroupIdx(group), from, width, out);
        }
    }
    /// The same for one lane, with the number of spans that begin in each bucket.
    pub fn go_cells(&self, go: GoIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]], begins: &mut [u32]) {
        zoom::cells(self.go_lane(go), self.indexes.go_zoom.lane(go.0), from, width, out, begins);
    }
    /// See `go_cells`.
    pub fn proc_cells(
        &self,
        proc: ProcIdx,
        from: i64,
        width: i64,
        out: &mut [[u64; Class::COUNT]],
        begins: &mut [u32],
    ) {
        zoom::cells(self.proc_lane(proc), self.indexes.proc_zoom.lane(proc.0), from, width, out, begins);
    }
    /// See `go_cells`.
    pub fn thread_cells(
        &self,
        t: ThreadIdx,
        from: i64,
        width: i64,
        out: &mut [[u64; Class::COUNT]],
        begins: &mut [u32],
    ) {
        zoom::cells(self.thread_lane(t), self.indexes.thread_zoom.lane(t.0), from, width, out, begins);
    }

    pub(crate) fn new(tables: Tables, indexes: Indexes) -> Self {
        Self { tables, indexes }
    }

    fn add_group_cells(&self, group: GroupIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        match *self.tables.groups[group.index()].members {
            // One goroutine's lane says it all.
            [go] => zoom::add_cells(self.go_lane(go), self.indexes.go_zoom.lane(go.0), from, width, out),
            _ => self.indexes.populations[group.index()].add_cells(from, width, out),
        }
    }
}

/// What a trace says.
#[derive(Debug)]
pub(crate) struct Tables {
    pub version: Version,
    pub file_bytes: u64,
    pub start: i64,
    pub end: i64,
    pub counts: Box<[u64; 256]>,
    pub bytes: Box<[u64; 256]>,
    pub events: u64,
    pub clock_zero: i64,
    pub symbols: Symbols,
    pub goroutines: Vec<Goroutine>,
    pub groups: Vec<Group>,
    pub procs: Vec<Proc>,
    pub threads: Vec<Thread>,
    pub go_spans: GoSpans,
    pub proc_spans: ProcSpans,
    pub thread_spans: ThreadSpans,
    pub ranges: RangeTables,
    pub metrics: Metrics,
    pub tasks: TaskTables,
    pub regions: RegionTables,
    pub logs: Vec<Log>,
    pub samples: Vec<Sample>,
    pub experimental: Vec<Experimental>,
    pub batches: Vec<ExperimentalBatch>,
    pub generations: Vec<Generation>,
    pub lost: Vec<(i64, i64)>,
    pub diagnostics: Vec<Diagnostic>,
}

/// What can be computed from it, and is because it is asked for often.
#[derive(Debug)]
pub(crate) struct Indexes {
    pub go_logs: RowsByKey,
    pub task_logs: RowsByKey,
    pub go_samples: RowsByKey,
    pub proc_samples: RowsByKey,
    pub thread_samples: RowsByKey,
    pub wakes: Wakes,
    pub gos_by_id: Vec<GoIdx>,
    pub go_zoom: ZoomIndex,
    pub proc_zoom: ZoomIndex,
    pub thread_zoom: ZoomIndex,
    /// By group.
    pub populations: Vec<Population>,
}

impl fmt::Debug for Trace {
    /// Its size only: the columns would fill a book.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("version", &self.tables.version)
            .field("end", &self.tables.end)
            .field("events", &self.tables.events)
            .field("goroutines", &self.tables.goroutines.len())
            .finish_non_exhaustive()
    }
}
