//! One thing in full: a span of any lane, a goroutine's life.

mod annotations;
mod cause;
mod curve;
mod goroutine;
mod interval;
mod state;
mod wakes;

#[cfg(test)]
mod tests;

pub use annotations::{LogLine, RegionRef};
pub use cause::{Cause, CauseKind, Effect};
pub use curve::CurveValue;
pub use goroutine::{Child, GoroutineDetails, RangeTime, ReasonSpans, StateTime, goroutine};
pub use wakes::WakeCount;

use crate::curves::Curve;
use crate::refs::{FrameView, GoRef, ProcRef, TaskRef, ThreadRef};
use crate::{Lane, class_name, classes, intervals, states};
use goroscope_model::{Class, Trace};
use serde::Serialize;

/// A span and everything around it. Absent parts are `None` or empty. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpanDetails {
    /// The lane.
    pub lane: Lane,
    /// Its name.
    pub lane_label: String,
    /// The span's row in its table, for [`span_row`].
    pub row: u32,
    /// Begin; the trace's or goroutine's own where the true one is not in the trace.
    pub start: i64,
    /// End; likewise.
    pub end: i64,
    /// Duration.
    pub dur: i64,
    /// What is drawn.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// The state in a word, coarser than the class.
    pub state: &'static str,
    /// Why, in Go's words, or empty.
    pub reason: String,
    /// What a person calls this span.
    pub title: String,
    /// Whether it began before the trace.
    pub open_start: bool,
    /// Whether it ended after the trace.
    pub open_end: bool,
    /// The goroutine: whose span it is, who ran, who began the range or task.
    pub go: Option<GoRef>,
    /// The proc: where it ran; of a runnable span, where the waker ran.
    pub proc: Option<ProcRef>,
    /// The thread: likewise.
    pub thread: Option<ThreadRef>,
    /// Where the goroutine stood at the begin.
    pub stack: Vec<FrameView>,
    /// Where it stood at the end.
    pub end_stack: Vec<FrameView>,
    /// Who brought the goroutine into this state, where it was not the goroutine itself.
    pub cause: Option<Cause>,
    /// Who ended this wait.
    pub woken_by: Option<Cause>,
    /// Whom the goroutine woke or created during the span: the first 50.
    pub effects: Vec<Effect>,
    /// How many there are.
    pub effects_total: usize,
    /// The first that it woke or created at or after the begin.
    pub next_effect: Option<Effect>,
    /// The span before it on this lane.
    pub prev: Option<Neighbour>,
    /// The span after it on this lane.
    pub next: Option<Neighbour>,
    /// Regions of the goroutine that touch the span: the first 50.
    pub regions: Vec<RegionRef>,
    /// The task it is part of.
    pub task: Option<TaskRef>,
    /// Log messages of the goroutine during the span, or of the task: the first 50.
    pub logs: Vec<LogLine>,
    /// Of a span of running, for how long its thread had no processor, ns, as far as the kernel told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_cpu: Option<u64>,
    /// Of this, for how long it had been taken from the processor and did not wait for something, ns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preempted: Option<u64>,
    /// Of a value over time, which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<CurveValue>,
    /// Other facts as name and value.
    pub values: Vec<(String, String)>,
}

/// The span before or after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// Its row, for [`span_row`].
    pub row: u32,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// What is drawn.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// What a person calls it.
    pub title: String,
}

impl SpanDetails {
    /// A span of which only the extent and the title are known yet.
    fn new(trace: &Trace, lane: Lane, row: u32, (start, end): (i64, i64), class: Class, title: String) -> Self {
        Self {
            lane,
            lane_label: lane.label(trace),
            row,
            start,
            end,
            dur: end - start,
            class,
            state: class_name(class).state,
            reason: String::new(),
            title,
            open_start: false,
            open_end: false,
            go: None,
            proc: None,
            thread: None,
            stack: Vec::new(),
            end_stack: Vec::new(),
            cause: None,
            woken_by: None,
            effects: Vec::new(),
            effects_total: 0,
            next_effect: None,
            prev: None,
            next: None,
            regions: Vec::new(),
            task: None,
            logs: Vec::new(),
            off_cpu: None,
            preempted: None,
            value: None,
            values: Vec::new(),
        }
    }
}

/// The span of a lane at a moment; `None` if there is none. Lanes that stand for many have no spans.
pub fn span_at(trace: &Trace, lane: Lane, ts: i64) -> Option<SpanDetails> {
    if !lane.exists(trace) {
        return None;
    }
    if let Some(spans) = states::of(trace, lane) {
        return Some(state::span(trace, lane, &spans, states::at(&spans, ts)?));
    }
    match lane {
        Lane::All | Lane::Group(_) | Lane::TaskType(_) => None,
        Lane::Gc
        | Lane::Stw
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_) => Some(interval::span(trace, lane, &intervals::at(trace, lane, ts)?)),
        Lane::Counter(curve) => curve::at(trace, lane, &Curve::of(trace, curve)?, ts),
    }
}

/// The span of a lane with this row; `None` if the lane has no such row.
pub fn span_row(trace: &Trace, lane: Lane, row: u32) -> Option<SpanDetails> {
    if !lane.exists(trace) {
        return None;
    }
    if let Some(spans) = states::of(trace, lane) {
        let i = row.checked_sub(spans.first_row)? as usize;
        return if i < spans.len() { Some(state::span(trace, lane, &spans, i)) } else { None };
    }
    if let Lane::Counter(curve) = lane {
        return curve::row(trace, lane, &Curve::of(trace, curve)?, row as usize);
    }
    Some(interval::span(trace, lane, &interval::with_row(trace, lane, row)?))
}
