//! The trace: tables and the indexes over them, behind accessors.

mod contents;

use std::fmt;
use std::ops::Deref;

use goroscope_reader::Reader;

use self::contents::Contents;
use crate::build::{self, Builder, scope_key};
use crate::facts::Facts;
use crate::go_walk::GoWalk;
use crate::kinds::{self, ProcKind};
use crate::spans::holder_span;
use crate::storage::{Memory, SharedBytes, Storage};
use crate::zoom;
use crate::{
    Class, Counter, CounterIdx, Diagnostic, Experimental, ExperimentalBatch, Generation, GoId, GoIdx, GoSpans,
    Goroutine, Group, GroupIdx, HolderSpan, Label, LaneSpans, Log, Metrics, OffCpuTimes, OpenError, PreviewCells, Proc,
    ProcIdx, Range, RangeScope, ReadOptions, ReasonTime, Recording, Region, Rows, Sample, Symbols, Task, TaskIdx,
    TaskType, Thread, ThreadIdx, UnknownEvent, Version, Wakes,
};

/// A trace: immutable columns. Every query takes `&Trace` and may run beside others.
///
/// All times are ns since the start of the trace (`i64`); `start()..end()` covers every event.
pub struct Trace {
    contents: Contents,
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
    pub fn recognise(head: &[u8], options: ReadOptions) -> Result<Version, OpenError> {
        Reader::open(head, options).map(|reader| reader.version())
    }
    /// Reads a whole (decompressed) file into memory. `progress` is called every few thousand events.
    pub fn read(file: &[u8], progress: &mut dyn FnMut(Progress<'_>)) -> Result<Self, OpenError> {
        Self::read_into(file, ReadOptions::default(), Box::new(Memory::default()), progress)
    }
    /// The same, with a say in how, and with the columns in a storage of the caller's. The file is dropped as soon as its
    /// events were read. What the storage holds afterwards is the trace:
    /// [`Trace::of_bytes`] opens it again.
    pub fn read_into(
        file: impl Deref<Target = [u8]>,
        options: ReadOptions,
        storage: Box<dyn Storage>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Self, OpenError> {
        build::read(file, options, storage, progress)
    }
    /// The trace that a storage holds: all that was appended to it, and the tables behind. `None` if these bytes are not
    /// whole. That they are those which were written once is for the caller to make sure: others may give any answer.
    pub fn of_bytes(blocks: &SharedBytes, tables: &SharedBytes) -> Option<Self> {
        Some(Self { contents: Contents::of_bytes(blocks, tables)? })
    }
    /// Format version.
    pub fn version(&self) -> Version {
        self.facts().version
    }
    /// The `NN` of `go 1.NN trace` in the header: that of the version, unless the reading was forced.
    pub fn header_minor(&self) -> u16 {
        self.facts().header_minor
    }
    /// First moment, ns (usually 0; below it only if samples precede the first batch).
    pub fn start(&self) -> i64 {
        self.facts().start
    }
    /// Last moment, ns.
    pub fn end(&self) -> i64 {
        self.facts().end
    }
    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.facts().file_bytes
    }
    /// Raw records by event number (with framing and tables), how many and their bytes.
    pub fn event_counts(&self) -> &[u64; 256] {
        &self.facts().counts
    }
    /// Bytes by event number.
    pub fn event_bytes(&self) -> &[u64; 256] {
        &self.facts().bytes
    }
    /// Ordered events delivered by the reader.
    pub fn ordered_events(&self) -> u64 {
        self.facts().events
    }
    /// File's own clock (ns) at 0.
    pub fn clock_zero(&self) -> i64 {
        self.facts().clock_zero
    }
    /// Strings, frames, stacks.
    pub fn symbols(&self) -> &Symbols {
        &self.contents.symbols
    }
    /// Goroutines by `GoIdx`.
    pub fn goroutines(&self) -> &[Goroutine] {
        &self.contents.goroutines
    }
    /// All rows with this id, by life.
    pub fn find_goroutine(&self, id: GoId) -> Vec<GoIdx> {
        let gos = &self.contents.gos_by_id;
        let id_of = |go: &GoIdx| self.contents.goroutines[go.index()].id;
        let from = gos.partition_point(|go| id_of(go) < id);
        gos[from..].iter().copied().take_while(|go| id_of(go) == id).collect()
    }
    /// Groups by `GroupIdx`, largest running time first.
    pub fn groups(&self) -> &[Group] {
        &self.contents.groups
    }
    /// Procs by `ProcIdx`, ordered by id.
    pub fn procs(&self) -> &[Proc] {
        &self.contents.procs
    }
    /// Threads by `ThreadIdx`, ordered by first appearance.
    pub fn threads(&self) -> &[Thread] {
        &self.contents.threads
    }
    /// Goroutine spans in full.
    pub fn go_spans(&self) -> GoSpans<'_> {
        GoSpans { table: &self.contents.go_spans, procs: &self.contents.proc_rows }
    }
    /// How many spans procs have.
    pub fn proc_span_count(&self) -> usize {
        self.contents.proc_spans.rows()
    }
    /// How many spans threads have.
    pub fn thread_span_count(&self) -> usize {
        self.contents.thread_spans.rows()
    }
    /// Span `i` of a proc in full.
    pub fn proc_span(&self, proc: ProcIdx, i: usize) -> HolderSpan {
        let (start, class, go, thread) = holder_span(self.contents.proc(proc), i);
        HolderSpan { start, class, go, thread: ThreadIdx(thread), proc }
    }
    /// Calls `visit` with the number, begin, end and kind of some spans of a proc, by time.
    pub fn each_proc_kind(
        &self,
        proc: ProcIdx,
        spans: std::ops::Range<usize>,
        visit: impl FnMut(usize, i64, i64, ProcKind),
    ) {
        kinds::each(self.contents.proc(proc), spans, ProcKind::of, visit);
    }
    /// Span `i` of a thread in full.
    pub fn thread_span(&self, thread: ThreadIdx, i: usize) -> HolderSpan {
        let (start, class, go, proc) = holder_span(self.contents.thread_spans.lane(thread.0), i);
        let proc = self.contents.proc_rows.get(proc as usize).copied().unwrap_or(ProcIdx::NONE);
        HolderSpan { start, class, go, thread, proc }
    }
    /// The spans of one goroutine, proc or thread for drawing and summing: `go_lane(g)`, `proc_lane(p)`, `thread_lane(t)`.
    pub fn go_lane(&self, go: GoIdx) -> LaneSpans<'_> {
        LaneSpans::new(self.contents.go_spans.lane(go.0))
    }
    /// See `go_lane`.
    pub fn proc_lane(&self, proc: ProcIdx) -> LaneSpans<'_> {
        LaneSpans::new(self.contents.proc(proc))
    }
    /// See `go_lane`.
    pub fn thread_lane(&self, thread: ThreadIdx) -> LaneSpans<'_> {
        LaneSpans::new(self.contents.thread_spans.lane(thread.0))
    }
    /// Ranges in the order of events.
    pub fn ranges(&self) -> Rows<'_, Range> {
        self.contents.ranges.rows(&self.contents.proc_rows)
    }
    /// Metrics.
    pub fn metrics(&self) -> Metrics<'_> {
        let [gomaxprocs, heap_live, heap_goal] = &self.contents.metrics;
        Metrics { gomaxprocs: gomaxprocs.rows(&[]), heap_live: heap_live.rows(&[]), heap_goal: heap_goal.rows(&[]) }
    }
    /// What goroscope-recorder says of the recording; `None` if the trace is not one of a Rust program.
    pub fn recording(&self) -> Option<&Recording> {
        self.contents.heard.recording.as_ref()
    }
    /// How many counters there are.
    pub fn counters(&self) -> usize {
        self.contents.counters.len()
    }
    /// A counter, if there is one of this number; they stand by name.
    pub fn counter(&self, counter: CounterIdx) -> Option<Counter<'_>> {
        let name = self.contents.heard.counters.get(counter.index())?;
        Some(Counter::new(name, self.contents.counters.get(counter.index())?))
    }
    /// When a thread had no processor, if the kernel told.
    pub fn off_cpu(&self, thread: ThreadIdx) -> Option<OffCpuTimes<'_>> {
        let threads = &self.contents.off_cpu;
        let found = threads.binary_search_by_key(&thread, |&(it, _)| it).ok()?;
        Some(OffCpuTimes::new(&threads[found].1))
    }
    /// Tasks by `TaskIdx`, ordered by first appearance.
    pub fn tasks(&self) -> &[Task] {
        &self.contents.tasks.tasks
    }
    /// Task types by `TaskTypeIdx`.
    pub fn task_types(&self) -> &[TaskType] {
        &self.contents.tasks.types
    }
    /// Children of a task.
    pub fn task_children(&self, task: TaskIdx) -> &[TaskIdx] {
        self.contents.tasks.children.get(task.0)
    }
    /// Regions by `RegionIdx`, ordered by goroutine, then begin.
    pub fn regions(&self) -> Rows<'_, Region> {
        self.contents.regions.rows(&[])
    }
    /// Regions of a goroutine: rows of `regions()`, by begin.
    pub fn go_regions(&self, go: GoIdx) -> std::ops::Range<usize> {
        let first = &self.contents.first_region;
        match (first.get(go.index()), first.get(go.index() + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            (Some(_) | None, _) => 0..0,
        }
    }
    /// Logs by time.
    pub fn logs(&self) -> Rows<'_, Log> {
        self.contents.logs.rows(&[])
    }
    /// Rows of `logs()` of a goroutine, by time.
    pub fn go_logs(&self, go: GoIdx) -> &[u32] {
        self.contents.go_logs.get(go.0)
    }
    /// Rows of `logs()` of a task, by time.
    pub fn task_logs(&self, task: TaskIdx) -> &[u32] {
        self.contents.task_logs.get(task.0)
    }
    /// Labels in the order of events; those of a goroutine by time.
    pub fn labels(&self) -> Rows<'_, Label> {
        self.contents.labels.rows(&[])
    }
    /// CPU samples by time.
    pub fn samples(&self) -> Rows<'_, Sample> {
        self.contents.samples.rows(&self.contents.proc_rows)
    }
    /// Rows of `samples()` of a goroutine, proc, thread, by time.
    pub fn go_samples(&self, go: GoIdx) -> &[u32] {
        self.contents.go_samples.get(go.0)
    }
    /// See `go_samples`.
    pub fn proc_samples(&self, proc: ProcIdx) -> &[u32] {
        self.contents.proc_samples.get(proc.0)
    }
    /// See `go_samples`.
    pub fn thread_samples(&self, thread: ThreadIdx) -> &[u32] {
        self.contents.thread_samples.get(thread.0)
    }
    /// Rows of `ranges()` with this scope, by begin.
    pub fn scope_ranges(&self, scope: RangeScope) -> &[u32] {
        let scope = match scope {
            // Rows stand by the number of the proc's lane.
            RangeScope::Proc(proc) => match self.contents.proc_lanes.get(proc.index()) {
                Some(&lane) => RangeScope::Proc(ProcIdx(lane)),
                None => return &[],
            },
            RangeScope::Global | RangeScope::Go(_) => scope,
        };
        self.contents.ranges_by_scope.get(scope_key(scope, self.contents.goroutines.len() as u32))
    }
    /// All stop-the-world ranges: rows of `ranges()`, by begin.
    pub fn stw_ranges(&self) -> &[u32] {
        &self.contents.stops
    }
    /// What a goroutine woke or created, by time.
    pub fn wakes_by(&self, go: GoIdx) -> Wakes<'_> {
        Wakes { from: go, packed: self.contents.wakes.lane(go.0) }
    }
    /// Experimental events by order.
    pub fn experimental(&self) -> Rows<'_, Experimental> {
        self.contents.experimental.rows(&[])
    }
    /// Events of unknown numbers by order: only where the reading was forced.
    pub fn unknown_events(&self) -> Rows<'_, UnknownEvent> {
        self.contents.unknown.rows(&[])
    }
    /// Experimental batches.
    pub fn experimental_batches(&self) -> &[ExperimentalBatch] {
        &self.facts().batches
    }
    /// Generations.
    pub fn generations(&self) -> &[Generation] {
        &self.facts().generations
    }
    /// Lost stretches, ns.
    pub fn lost(&self) -> &[(i64, i64)] {
        &self.facts().lost
    }
    /// Problems of the file, the model's included.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.facts().diagnostics
    }
    /// Exact time of each class in `[from, to)` of a lane, ns: a search and a walk over 128 spans at most.
    pub fn go_time(&self, go: GoIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        zoom::time(self.contents.go_spans.lane(go.0), self.contents.go_zoom.lane(go.0), from, to)
    }
    /// The same by class and reason, added to `sums`: a walk over the spans in between.
    pub fn add_go_reasons(&self, go: GoIdx, from: i64, to: i64, sums: &mut Vec<ReasonTime>) {
        self.go_walk(go).add_reasons(from, to, sums);
    }
    /// Both for many stretches of one goroutine.
    pub fn go_walk(&self, go: GoIdx) -> GoWalk<'_> {
        GoWalk::new(self.contents.go_spans.lane(go.0), self.contents.go_zoom.lane(go.0))
    }
    /// See `go_time`.
    pub fn proc_time(&self, proc: ProcIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        zoom::time(self.contents.proc(proc), self.contents.proc_zoom(proc), from, to)
    }
    /// See `go_time`.
    pub fn thread_time(&self, thread: ThreadIdx, from: i64, to: i64) -> [u64; Class::COUNT] {
        let lane = self.contents.thread_spans.lane(thread.0);
        zoom::time(lane, self.contents.thread_zoom.lane(thread.0), from, to)
    }
    /// Goroutine-time (ns × goroutines) of each class in each of `cells` adjacent buckets of `width` ns from `from`,
    /// over all goroutines of a group; exact. Cheapest where `width` is a power of two and `from` a multiple of it.
    pub fn group_cells(&self, group: GroupIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        out.fill(zoom::NO_TIME);
        self.contents.add_group_cells(group, from, width, out);
    }
    /// The same over all goroutines.
    pub fn all_cells(&self, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        out.fill(zoom::NO_TIME);
        for group in 0..self.contents.groups.len() as u32 {
            self.contents.add_group_cells(GroupIdx(group), from, width, out);
        }
    }
    /// The same for one lane, with the number of spans that begin in each bucket.
    pub fn go_cells(&self, go: GoIdx, from: i64, width: i64, out: &mut [[u64; Class::COUNT]], begins: &mut [u32]) {
        let lane = self.contents.go_spans.lane(go.0);
        zoom::cells(lane, self.contents.go_zoom.lane(go.0), from, width, out, begins);
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
        zoom::cells(self.contents.proc(proc), self.contents.proc_zoom(proc), from, width, out, begins);
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
        let lane = self.contents.thread_spans.lane(t.0);
        zoom::cells(lane, self.contents.thread_zoom.lane(t.0), from, width, out, begins);
    }

    fn facts(&self) -> &Facts {
        &self.contents.facts
    }
}

impl fmt::Debug for Trace {
    /// Its size only: the columns would fill a book.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("version", &self.version())
            .field("end", &self.end())
            .field("events", &self.ordered_events())
            .field("goroutines", &self.goroutines().len())
            .finish_non_exhaustive()
    }
}
