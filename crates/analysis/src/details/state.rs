//! A span of a goroutine, proc or thread in full.

use super::{Neighbour, SpanDetails, annotations, cause};
use crate::lane::Resource;
use crate::refs::{self, FrameView, GoRef, ProcRef, ThreadRef};
use crate::tile::state_label;
use crate::{ClassKind, Lane, TileLabel, class_names, classes, names, off_cpu, states};
use goroscope_model::{Class, GoIdx, LaneSpans, ProcIdx, StackIdx, ThreadIdx, Trace};

/// Span `i` of a goroutine, proc or thread.
pub(super) fn span(trace: &Trace, lane: Lane, spans: &LaneSpans<'_>, i: usize) -> SpanDetails {
    let row = spans.first_row + i as u32;
    let extent = (spans.start(i), spans.end_of(i));
    let mut details = SpanDetails::new(trace, lane, row, extent, spans.class(i), title(trace, lane, spans, i));
    details.prev = i.checked_sub(1).map(|before| neighbour(trace, lane, spans, before));
    details.next = (i + 1 < spans.len()).then(|| neighbour(trace, lane, spans, i + 1));
    details.open_start = i == 0 && extent.0 <= trace.start();
    details.open_end = i + 1 == spans.len() && extent.1 >= trace.end();
    let (go, proc, thread) = match lane.resource() {
        Some(Resource::Proc(proc)) => {
            let span = trace.proc_span(proc, i);
            (span.go, proc, span.thread)
        }
        Some(Resource::Thread(thread)) => {
            let span = trace.thread_span(thread, i);
            (span.go, span.proc, thread)
        }
        Some(Resource::Go(go)) => {
            let goroutine = &trace.goroutines()[go.index()];
            details.open_start = i == 0 && goroutine.created.is_none();
            details.open_end = i + 1 == spans.len() && goroutine.ended.is_none();
            let span = trace.go_spans().get(go, i);
            (go, span.proc, span.thread)
        }
        None => (GoIdx::NONE, ProcIdx::NONE, ThreadIdx::NONE),
    };
    details.go = GoRef::new(trace, go);
    details.proc = ProcRef::new(trace, proc);
    details.thread = ThreadRef::new(trace, thread);
    if classes::kind(spans.class(i)) == ClassKind::Run {
        details.off_cpu = trace.off_cpu(thread).map(|times| times.time(extent.0, extent.1));
        details.preempted = details.off_cpu.map(|_| off_cpu::preempted(trace, thread, extent.0, extent.1));
    }
    add_goroutine(trace, go, lane, spans, i, &mut details);
    details
}

/// Adds what the goroutine did: of a proc's or thread's span, what the goroutine that it ran did then.
fn add_goroutine(trace: &Trace, go: GoIdx, lane: Lane, spans: &LaneSpans<'_>, i: usize, details: &mut SpanDetails) {
    let Some(go_spans) = states::of(trace, Lane::Go(go)) else { return };
    let of_go = match lane.resource() {
        Some(Resource::Go(_)) => Some((*spans, i)),
        Some(Resource::Proc(_) | Resource::Thread(_)) | None => {
            states::at(&go_spans, details.start).map(|i| (go_spans, i))
        }
    };
    if let Some((spans, i)) = of_go {
        trace.symbols().string(trace.go_spans().get(go, i).reason).clone_into(&mut details.reason);
        details.stack = refs::frames(trace, stack_at(trace, go, &spans, i));
        details.end_stack = end_stack(trace, go, &spans, i);
        details.cause = cause::of_span(trace, go, &spans, i);
        details.woken_by = cause::woken_by(trace, go, &spans, i);
    }
    let effects = cause::effects(trace, go, details.start, details.end);
    (details.effects, details.effects_total, details.next_effect) = (effects.first, effects.total, effects.next);
    let regions = annotations::regions_around(trace, go, details.start, details.end);
    details.task = annotations::task_at(trace, &regions, details.start);
    details.regions = regions.iter().map(|&row| annotations::region_ref(trace, row)).collect();
    details.logs = annotations::logs_within(trace, trace.go_logs(go), details.start, details.end);
}

/// Where a goroutine stood when span `i` began: the stack of that transition, or, as it does not move while it does not
/// run, that of its last stop.
fn stack_at(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>, i: usize) -> StackIdx {
    let stack = |i: usize| trace.go_spans().get(go, i).stack;
    let mut at = i;
    while stack(at) == StackIdx(0) && at > 0 && classes::kind(spans.class(at - 1)) != ClassKind::Run {
        at -= 1;
    }
    stack(at)
}

/// Where a goroutine stood when span `i` ended.
fn end_stack(trace: &Trace, go: GoIdx, spans: &LaneSpans<'_>, i: usize) -> Vec<FrameView> {
    if i + 1 == spans.len() {
        return Vec::new();
    }
    refs::frames(trace, trace.go_spans().get(go, i + 1).stack)
}

fn neighbour(trace: &Trace, lane: Lane, spans: &LaneSpans<'_>, i: usize) -> Neighbour {
    Neighbour {
        row: spans.first_row + i as u32,
        start: spans.start(i),
        end: spans.end_of(i),
        class: spans.class(i),
        title: title(trace, lane, spans, i),
    }
}

/// What a person calls the span: what is written on it, or its state.
fn title(trace: &Trace, lane: Lane, spans: &LaneSpans<'_>, i: usize) -> String {
    let class: Class = spans.class(i);
    match state_label(trace, lane, i, class) {
        TileLabel::None => class_names(trace)[class as usize].state.to_owned(),
        TileLabel::Go(go) => names::go(trace, go),
        label @ (TileLabel::Text(_)
        | TileLabel::Reason(_)
        | TileLabel::State(_)
        | TileLabel::Task(_)
        | TileLabel::Log(_)
        | TileLabel::Leaf(_)) => label.text(trace),
    }
}
