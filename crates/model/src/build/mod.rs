//! Events in logical order to a [`Trace`].
//!
//! [`Builder::push`] takes the events one by one: spans and rows of tables go to the storage as soon as a block of them
//! is full, and nothing of an event is kept besides. [`Builder::finish`] packs what is left, looks up what names mean, and
//! builds the directories and sums, which stand behind the blocks.

mod backwards;
mod bindings;
mod finish;
mod go_log;
mod groups;
mod holder_log;
mod id_map;
mod lexicon;
mod metrics;
mod naming;
mod peak;
mod ranges;
mod recording;
mod regions;
mod samples;
mod scheduling;
mod tasks;

use std::num::NonZero;
use std::ops::Deref;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::scope;

use goroscope_reader::{Event, EventKind, Finished, ReadAhead, Reader, read_ahead};

pub(crate) use self::finish::scope_key;
use self::lexicon::{Lexicon, Told};
use self::metrics::MetricLog;
use self::naming::RootSource;
pub use self::peak::most_at_once;
use self::ranges::Ranges;
use self::regions::Regions;
use self::samples::Samples;
use self::scheduling::{Scheduling, Transition};
pub(crate) use self::tasks::TaskTables;
use self::tasks::Tasks;
use crate::parallel;
use crate::storage::{Arena, Storage};
use crate::table::TableWriter;
use crate::{
    Experimental, Label, Log, OpenError, Point, PreviewCells, Progress, ReadOptions, Trace, UnknownEvent, Version,
};

/// Events in a batch, which is also how often progress is reported.
const BATCH: usize = 1 << 13;
/// Batches that the reader may be ahead.
const BATCHES_AHEAD: usize = 8;
/// Threads that are busy with building: this one, and those that pack have as much to do as two.
const BUILDERS: usize = 3;
/// Bytes of events that are ordered ahead, if there are threads for it.
const BYTES_AHEAD: usize = 64 << 20;

/// A trace being built.
pub(crate) struct Builder {
    scheduling: Scheduling,
    ranges: Ranges,
    tasks: Tasks,
    regions: Regions,
    metrics: MetricLog,
    samples: Samples,
    logs: Vec<Log>,
    labels: TableWriter<Label>,
    experimental: TableWriter<Experimental>,
    unknown: TableWriter<UnknownEvent>,
    events: u64,
    /// The time of the earliest event, if that is before 0: a sample, as a rule.
    start: i64,
    /// The time of the latest event.
    end: i64,
}

/// What is known of the file beside its events.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub version: Version,
    pub header_minor: u16,
    pub bytes: u64,
}

/// Events on their way from the reader to the builder.
struct Batch {
    events: Vec<Event>,
    /// What they name for the first time.
    news: Lexicon,
    /// Bytes of the file read so far.
    bytes: u64,
    /// Generations begun so far.
    generations: u64,
}

/// Reads a whole file, and gives it back before columns are put in order. One thread reads events, this one builds from
/// them, some batches behind, and those of the tables pack. Where there are more cores, others read ahead.
pub(crate) fn read(
    file: impl Deref<Target = [u8]>,
    options: ReadOptions,
    storage: Box<dyn Storage>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Trace, OpenError> {
    let bytes: &[u8] = &file;
    let file_bytes = bytes.len() as u64;
    let mut builder = Builder::new(Arena::new(storage));
    let (source, finished) = scope(|threads| {
        let (sender, batches) = sync_channel::<Batch>(BATCHES_AHEAD);
        // Batches that were built from come back: fresh memory costs more than it holds.
        let (giver, taker) = channel::<Vec<Event>>();
        let reading = threads.spawn(move || {
            read_ahead(bytes, options, readers(), |reader| hand_out(reader, file_bytes, &taker, sender))
        });
        let mut so_far = 0;
        for Batch { events, news, bytes, generations } in batches {
            builder.learn(news);
            for event in &events {
                builder.push(event);
            }
            let _ = giver.send(events);
            so_far = generations;
            progress(Progress { bytes, generations, builder: &builder });
        }
        let read = parallel::finish(reading);
        if read.is_ok() {
            progress(Progress { bytes: file_bytes, generations: so_far, builder: &builder });
        }
        read
    })?;
    drop(file);
    Ok(builder.finish(source, finished))
}

/// How many threads read: those that building leaves, because it takes longer.
fn readers() -> ReadAhead {
    let threads = NonZero::new(parallel::threads().saturating_sub(BUILDERS)).unwrap_or(NonZero::<usize>::MIN);
    ReadAhead { threads: threads.min(ReadAhead::MOST_THREADS), bytes: BYTES_AHEAD }
}

/// Sends all events to the builder, and gives what is left.
fn hand_out(
    mut reader: Reader<'_>,
    file_bytes: u64,
    used: &Receiver<Vec<Event>>,
    batches: SyncSender<Batch>,
) -> (Source, Finished) {
    let source = Source { version: reader.version(), header_minor: reader.header_minor(), bytes: file_bytes };
    let mut told = Told::default();
    loop {
        let mut events = used.try_recv().unwrap_or_default();
        events.clear();
        reader.fill(&mut events, BATCH);
        let (bytes, generations) = (reader.position(), reader.generations().len() as u64);
        let batch = Batch { news: told.news(reader.symbols()), bytes, generations, events };
        if batch.events.is_empty() || batches.send(batch).is_err() {
            // The end; or the builder is gone, which only a panic can bring about.
            break;
        }
    }
    drop(batches);
    (source, reader.finish())
}

impl Builder {
    fn new(arena: Arena) -> Self {
        Self {
            scheduling: Scheduling::new(arena),
            ranges: Ranges::default(),
            tasks: Tasks::default(),
            regions: Regions::default(),
            metrics: MetricLog::default(),
            samples: Samples::default(),
            logs: Vec::new(),
            labels: TableWriter::default(),
            experimental: TableWriter::default(),
            unknown: TableWriter::default(),
            events: 0,
            start: 0,
            end: 0,
        }
    }

    /// Takes what strings and stacks mean that later events name.
    fn learn(&mut self, news: Lexicon) {
        self.scheduling.naming.lexicon.learn(news);
    }

    /// Takes the next event.
    pub fn push(&mut self, event: &Event) {
        self.events += 1;
        let before = self.end;
        self.end = self.end.max(event.ts.0);
        self.start = self.start.min(event.ts.0);
        let scheduling = &mut self.scheduling;
        match event.kind {
            EventKind::Sync { .. } => scheduling.sync(),
            EventKind::Lost => self.lose(before, event.ts.0.max(before)),
            EventKind::AnotherTrace => self.begin_trace(before, event.ts.0.max(before)),
            EventKind::Metric { metric, value } => {
                self.metrics.push(metric, Point { ts: event.ts.0, value }, &scheduling.arena);
            }
            EventKind::Label { go, label } => {
                if let Some(go) = scheduling.go_or_unknown(go).get() {
                    scheduling.goroutines[go.index()].label = label;
                    let ts = scheduling.go_time(go, event.ts.0);
                    self.labels.push(&Label { ts, go, label }, &scheduling.arena);
                }
            }
            EventKind::Sample => self.samples.push(event, scheduling),
            EventKind::RangeBegin { scope, name } => self.ranges.begin(event, scope, name, scheduling),
            EventKind::RangeActive { scope, name } => self.ranges.active(scope, name, scheduling),
            EventKind::RangeEnd { scope, name, sweep } => self.ranges.end(event, scope, name, sweep, scheduling),
            EventKind::TaskBegin { task, parent, name } => self.tasks.begin(event, task, parent, name, scheduling),
            EventKind::TaskEnd { task, parent, name } => self.tasks.end(event, task, parent, name, scheduling),
            EventKind::RegionBegin { task, name } => {
                self.regions.begin(event, task, name, &mut self.tasks, scheduling);
            }
            EventKind::RegionEnd { task, name } => self.regions.end(event, task, name, &mut self.tasks, scheduling),
            EventKind::Log { task, category, message } => {
                let go = scheduling.go(event.go);
                scheduling.saw_stack(go, event.stack, RootSource::Executor);
                let task = self.tasks.find_or_add(task);
                let ts = scheduling.go_time(go, event.ts.0);
                self.logs.push(Log { ts, go, task, category, message, stack: event.stack });
            }
            EventKind::Go { go, from, to, reason, stack } => {
                scheduling.go_event(event, go, Transition { from, to, reason, stack });
            }
            EventKind::Proc { proc, from, to } => scheduling.proc_event(event, proc, from, to),
            EventKind::Experimental { event: number, args } => {
                let thread = scheduling.thread_or_unknown(event.thread, event.ts.0);
                let row = Experimental { ts: event.ts.0, thread, event: number, args };
                self.experimental.push(&row, &scheduling.arena);
            }
            EventKind::Unknown { number, count, args } => {
                let thread = scheduling.thread_or_unknown(event.thread, event.ts.0);
                let row = UnknownEvent { ts: event.ts.0, thread, number, count, args };
                self.unknown.push(&row, &scheduling.arena);
            }
        }
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// A picture of the goroutines so far.
    pub fn preview(&self) -> PreviewCells {
        self.scheduling.go_log.preview(self.end)
    }

    /// Another trace begins behind the one that ended at `from`. Nothing goes on, and ids are of others now.
    fn begin_trace(&mut self, from: i64, to: i64) {
        self.samples.resolve(&mut self.scheduling);
        self.scheduling.end_trace(from);
        self.tasks.forget_ids();
        self.lose(from, to);
    }

    fn lose(&mut self, from: i64, to: i64) {
        self.scheduling.lost(from, to);
        self.ranges.lost(&self.scheduling.arena);
        self.regions.lost();
    }
}
