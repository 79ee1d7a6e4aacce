//! Events in logical order to a [`Trace`].
//!
//! [`Builder::push`] takes the events one by one and writes logs: spans in the order of events, rows of tables. Nothing
//! of an event is kept besides. [`Builder::finish`] turns the logs into columns that stand lane by lane, looks up what
//! names mean, and builds the indexes; each log is freed as soon as its columns stand.

mod bindings;
mod finish;
mod go_log;
mod groups;
mod holder_log;
mod id_map;
mod log;
mod metrics;
mod peak;
mod ranges;
mod regions;
mod samples;
mod scheduling;
mod tasks;
mod wakes;

use std::sync::mpsc::sync_channel;
use std::thread::scope;

use goroscope_reader::{Event, EventKind, Reader};

use self::metrics::MetricLog;
pub(crate) use self::ranges::RangeTables;
use self::ranges::Ranges;
pub(crate) use self::regions::RegionTables;
use self::regions::Regions;
use self::samples::Samples;
use self::scheduling::{RootSource, Scheduling, Transition};
pub(crate) use self::tasks::TaskTables;
use self::tasks::Tasks;
pub(crate) use self::wakes::Wakes;
use crate::parallel;
use crate::{Experimental, Log, OpenError, Progress, ReadOptions, Trace, UnknownEvent, Version};

/// Events in a batch, which is also how often progress is reported.
const BATCH: usize = 1 << 11;
/// Batches that the reader may be ahead.
const BATCHES_AHEAD: usize = 4;

/// A trace being built.
#[derive(Default)]
pub(crate) struct Builder {
    scheduling: Scheduling,
    ranges: Ranges,
    tasks: Tasks,
    regions: Regions,
    metrics: MetricLog,
    samples: Samples,
    logs: Vec<Log>,
    experimental: Vec<Experimental>,
    unknown: Vec<UnknownEvent>,
    events: u64,
    /// The time of the earliest event, if that is before 0: a sample, as a rule.
    start: i64,
    /// The time of the latest event.
    end: i64,
}

/// What is known of the file beside its events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub version: Version,
    pub header_minor: u16,
    pub bytes: u64,
}

/// Reads a whole file. One thread reads events, this one builds from them, a batch behind.
pub(crate) fn read(file: &[u8], options: ReadOptions, progress: &mut dyn FnMut(Progress)) -> Result<Trace, OpenError> {
    let mut reader = Reader::open(file, options)?;
    let source = Source { version: reader.version(), header_minor: reader.header_minor(), bytes: file.len() as u64 };
    let mut builder = Builder::default();
    let finished = scope(|threads| {
        let (sender, batches) = sync_channel::<(Vec<Event>, u64)>(BATCHES_AHEAD);
        let reading = threads.spawn(move || {
            while let Some(batch) = next_batch(&mut reader) {
                if sender.send((batch, reader.position())).is_err() {
                    // The builder is gone, which only a panic can bring about.
                    break;
                }
            }
            drop(sender);
            reader.finish()
        });
        for (batch, bytes) in batches {
            for event in &batch {
                builder.push(event);
            }
            progress(Progress { bytes, events: builder.events });
        }
        parallel::finish(reading)
    });
    progress(Progress { bytes: source.bytes, events: builder.events });
    Ok(builder.finish(source, finished))
}

/// The next events, or `None` if there are no more.
fn next_batch(reader: &mut Reader<'_>) -> Option<Vec<Event>> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH {
        let Some(event) = reader.next() else { break };
        batch.push(event);
    }
    (!batch.is_empty()).then_some(batch)
}

impl Builder {
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
            EventKind::Metric { metric, value } => self.metrics.push(metric, event.ts.0, value),
            EventKind::Label { go, label } => {
                if let Some(go) = scheduling.go_or_unknown(go).get() {
                    scheduling.goroutines[go.index()].label = label;
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
                self.experimental.push(Experimental { ts: event.ts.0, thread, event: number, args });
            }
            EventKind::Unknown { number, count, args } => {
                let thread = scheduling.thread_or_unknown(event.thread, event.ts.0);
                self.unknown.push(UnknownEvent { ts: event.ts.0, thread, number, count, args });
            }
        }
    }

    fn lose(&mut self, from: i64, to: i64) {
        self.scheduling.lost(from, to);
        self.ranges.lost();
        self.regions.lost();
    }
}
