//! Something that happened, as it is told.

use super::EventTopic;
use super::gather::{Found, What};
use crate::refs::{self, FrameView, GoRef, ProcRef, TaskRef, ThreadRef};
use crate::{ClassKind, Lane, Words, classes, intervals, names};
use goroscope_model::{Class, GoIdx, ProcIdx, RangeScope, StackIdx, TaskIdx, ThreadIdx, Trace};
use serde::Serialize;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// When, ns.
    pub ts: i64,
    /// What it is about.
    pub topic: EventTopic,
    /// What happened, for people: `waiting: chan receive`, `region "parse" begins`.
    pub text: String,
    /// How long what begins lasts, ns, as far as the trace shows it.
    pub dur: Option<u64>,
    /// The goroutine that it happened to, or that did it.
    pub go: Option<GoRef>,
    /// The proc: where the goroutine runs, or where whoever woke it ran.
    pub proc: Option<ProcRef>,
    /// The thread, likewise.
    pub thread: Option<ThreadRef>,
    /// Who woke or created the goroutine.
    pub cause: Option<GoRef>,
    /// The task that it belongs to.
    pub task: Option<TaskRef>,
    /// The stack: the goroutine's own, or for one that was woken or created, that of the one who did it.
    pub stack: Vec<FrameView>,
    /// The lane where it can be seen.
    pub lane: Lane,
}

/// The row, if what was found is in the trace.
pub(super) fn of(trace: &Trace, found: &Found) -> Option<EventRow> {
    let ts = found.ts;
    match found.what {
        What::State(go, number) => state(trace, ts, go, number as usize),
        What::GoEnd(go) => {
            Some(EventRow { go: GoRef::new(trace, go), ..row(ts, EventTopic::State, "ends", Lane::Go(go)) })
        }
        What::RegionBegin(row) => Some(region(trace, ts, row, Edge::Begin)),
        What::RegionEnd(row) => Some(region(trace, ts, row, Edge::End)),
        What::TaskBegin(task) => self::task(trace, ts, task, Edge::Begin),
        What::TaskEnd(task) => self::task(trace, ts, task, Edge::End),
        What::RangeBegin(row) => Some(range(trace, ts, row, Edge::Begin)),
        What::RangeEnd(row) => Some(range(trace, ts, row, Edge::End)),
        What::Log(at) => {
            let log = trace.logs().at(at as usize);
            let strings = trace.symbols();
            let (category, message) = (strings.string(log.category), strings.string(log.message));
            let text = if category.is_empty() { message.to_owned() } else { format!("{category}: {message}") };
            let lane = log.go.get().map_or(Lane::All, Lane::Go);
            Some(EventRow {
                go: GoRef::new(trace, log.go),
                task: TaskRef::new(trace, log.task),
                stack: refs::frames(trace, log.stack),
                ..row(ts, EventTopic::Log, &text, lane)
            })
        }
        What::Sample(at) => {
            let sample = trace.samples().at(at as usize);
            let lane = sample.go.get().map(Lane::Go).or(sample.thread.get().map(Lane::Thread)).unwrap_or(Lane::All);
            Some(EventRow {
                go: GoRef::new(trace, sample.go),
                proc: ProcRef::new(trace, sample.proc),
                thread: ThreadRef::new(trace, sample.thread),
                stack: refs::frames(trace, sample.stack),
                ..row(ts, EventTopic::Sample, "CPU sample", lane)
            })
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Begin,
    End,
}

impl Edge {
    fn verb(self) -> &'static str {
        match self {
            Self::Begin => "begins",
            Self::End => "ends",
        }
    }

    /// How long that lasts which begins.
    fn dur(self, interval: &intervals::Interval) -> Option<u64> {
        (self == Self::Begin).then(|| (interval.end - interval.start) as u64)
    }

    fn stack(self, begin: StackIdx, end: StackIdx) -> StackIdx {
        if self == Self::Begin { begin } else { end }
    }
}

fn row(ts: i64, topic: EventTopic, text: &str, lane: Lane) -> EventRow {
    EventRow {
        ts,
        topic,
        text: text.to_owned(),
        dur: None,
        go: None,
        proc: None,
        thread: None,
        cause: None,
        task: None,
        stack: Vec::new(),
        lane,
    }
}

fn state(trace: &Trace, ts: i64, go: GoIdx, number: usize) -> Option<EventRow> {
    let lane = trace.go_lane(go);
    let span = trace.go_spans().get(go, number);
    let is_creation = number == 0 && trace.goroutines().get(go.index())?.created.is_some();
    let text = state_text(span.class, names::reason(trace, span.reason), is_creation);
    let caused = span.cause.get().is_some();
    let stack = if caused && span.cause_stack != StackIdx(0) { span.cause_stack } else { span.stack };
    Some(EventRow {
        dur: Some((lane.end_of(number) - span.start) as u64),
        go: GoRef::new(trace, go),
        proc: ProcRef::new(trace, span.proc),
        thread: ThreadRef::new(trace, span.thread),
        cause: GoRef::new(trace, span.cause),
        stack: refs::frames(trace, stack),
        ..row(ts, EventTopic::State, &text, Lane::Go(go))
    })
}

fn state_text(class: Class, reason: &str, is_creation: bool) -> String {
    let state = classes::class_name(class).state;
    match classes::kind(class) {
        _ if is_creation => format!("created, {state}"),
        ClassKind::Wait => format!("{state}: {reason}"),
        ClassKind::Run
        | ClassKind::Ready
        | ClassKind::Syscall
        | ClassKind::Idle
        | ClassKind::Range
        | ClassKind::User
        | ClassKind::Off
        | ClassKind::Value
        | ClassKind::Unknown => state.to_owned(),
    }
}

fn region(trace: &Trace, ts: i64, at: u32, edge: Edge) -> EventRow {
    let region = trace.regions().at(at as usize);
    let text = format!("region {:?} {}", trace.symbols().string(region.name), edge.verb());
    EventRow {
        dur: edge.dur(&intervals::region(trace, at)),
        go: GoRef::new(trace, region.go),
        task: TaskRef::new(trace, region.task),
        stack: refs::frames(trace, edge.stack(region.stack, region.end_stack)),
        ..row(ts, EventTopic::Region, &text, Lane::Regions(region.go, region.depth))
    }
}

fn task(trace: &Trace, ts: i64, task: TaskIdx, edge: Edge) -> Option<EventRow> {
    let found = trace.tasks().get(task.index())?;
    let text = format!("{} {} {}", Words::of(trace).user_task, names::task(trace, task), edge.verb());
    let go = if edge == Edge::Begin { found.go } else { found.end_go };
    Some(EventRow {
        dur: edge.dur(&intervals::task(trace, task)),
        go: GoRef::new(trace, go),
        task: TaskRef::new(trace, task),
        stack: refs::frames(trace, edge.stack(found.stack, found.end_stack)),
        ..row(ts, EventTopic::Task, &text, Lane::Task(task))
    })
}

fn range(trace: &Trace, ts: i64, at: u32, edge: Edge) -> EventRow {
    let range = trace.ranges().at(at as usize);
    let (lane, proc) = match range.scope {
        RangeScope::Global => (Lane::Gc, ProcIdx::NONE),
        RangeScope::Go(go) => (Lane::GoRanges(go), ProcIdx::NONE),
        RangeScope::Proc(proc) => (Lane::ProcRanges(proc), proc),
    };
    let go = if let RangeScope::Go(go) = range.scope { go } else { range.go };
    let swept = range.sweep.filter(|_| edge == Edge::End);
    let swept = swept.map(|(swept, reclaimed)| format!(", {swept} bytes swept, {reclaimed} reclaimed"));
    let text =
        format!("{} {}{}", trace.symbols().string(range.name), edge.verb(), swept.as_deref().unwrap_or_default());
    EventRow {
        dur: edge.dur(&intervals::range(trace, at)),
        go: GoRef::new(trace, go),
        proc: ProcRef::new(trace, proc),
        thread: ThreadRef::new(trace, ThreadIdx::NONE),
        stack: refs::frames(trace, edge.stack(range.stack, StackIdx(0))),
        ..row(ts, EventTopic::Range, &text, lane)
    }
}
