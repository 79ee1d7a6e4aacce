//! Lanes whose spans tile their life: goroutines, procs and threads, seen alike.

use crate::Lane;
use goroscope_model::{Class, LaneSpans, Trace};
use std::ops::Range;

/// The spans of a goroutine, proc or thread; `None` for other lanes and for those that are not in the trace.
pub(crate) fn of(trace: &Trace, lane: Lane) -> Option<LaneSpans<'_>> {
    if !lane.exists(trace) {
        return None;
    }
    match lane {
        Lane::Go(go) => Some(trace.go_lane(go)),
        Lane::Proc(proc) => Some(trace.proc_lane(proc)),
        Lane::Thread(thread) => Some(trace.thread_lane(thread)),
        Lane::Gc
        | Lane::Stw
        | Lane::All
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_) => None,
    }
}

/// When span `i` of a lane ends: where the next begins, or with the lane.
pub(crate) fn end_of(spans: &LaneSpans<'_>, i: usize) -> i64 {
    spans.start.get(i + 1).copied().unwrap_or(spans.end)
}

/// The spans that touch `[from, to)`. One without duration touches the moment where it is.
pub(crate) fn touching(spans: &LaneSpans<'_>, from: i64, to: i64) -> Range<usize> {
    if from >= to {
        return 0..0;
    }
    let inside = spans.start.partition_point(|&start| start < from);
    let after = spans.start.partition_point(|&start| start < to).max(inside);
    let first = match inside.checked_sub(1) {
        Some(before) if end_of(spans, before) > from => before,
        Some(_) | None => inside,
    };
    first..after
}

/// The span at a moment: of those that begin there the last, as the others have no duration.
pub(crate) fn at(spans: &LaneSpans<'_>, ts: i64) -> Option<usize> {
    let i = spans.start.partition_point(|&start| start <= ts).checked_sub(1)?;
    let end = end_of(spans, i);
    let last_moment = ts == end && i + 1 == spans.start.len();
    if ts < end || ts == spans.start[i] || last_moment { Some(i) } else { None }
}

/// When a lane begins and ends, if it has spans.
pub(crate) fn life(spans: &LaneSpans<'_>) -> Option<(i64, i64)> {
    spans.start.first().map(|&start| (start, spans.end))
}

/// The exact time of each class of a goroutine, proc or thread in `[from, to)`, ns; nothing for other lanes.
pub(crate) fn time(trace: &Trace, lane: Lane, from: i64, to: i64) -> [u64; Class::COUNT] {
    let (from, to) = (from.max(trace.start()), to.min(trace.end()));
    if from >= to || !lane.exists(trace) {
        return [0; Class::COUNT];
    }
    match lane {
        Lane::Go(go) => trace.go_time(go, from, to),
        Lane::Proc(proc) => trace.proc_time(proc, from, to),
        Lane::Thread(thread) => trace.thread_time(thread, from, to),
        Lane::Gc
        | Lane::Stw
        | Lane::All
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_) => [0; Class::COUNT],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &[i64] = &[10, 20, 20, 30];
    const CLASS: &[Class] = &[Class::Running, Class::Runnable, Class::Running, Class::Idle];

    fn spans() -> LaneSpans<'static> {
        LaneSpans { first_row: 0, start: START, class: CLASS, end: 40 }
    }

    #[test]
    fn touching_takes_in_what_has_no_duration_and_leaves_out_what_ended() {
        for (from, to, wanted) in [
            (0, 10, 0..0),
            (0, 11, 0..1),
            (10, 20, 0..1),
            (19, 20, 0..1),
            (19, 21, 0..3),
            (20, 21, 1..3),
            (21, 30, 2..3),
            (30, 31, 3..4),
            (39, 99, 3..4),
            (40, 99, 4..4),
            (25, 5, 0..0),
            (i64::MIN, i64::MAX, 0..4),
        ] {
            let touching = touching(&spans(), from, to);
            assert_eq!(touching, wanted, "[{from}, {to})");
        }
    }

    #[test]
    fn the_span_at_a_moment() {
        for (ts, wanted) in
            [(9, None), (10, Some(0)), (19, Some(0)), (20, Some(2)), (39, Some(3)), (40, Some(3)), (41, None)]
        {
            assert_eq!(at(&spans(), ts), wanted, "{ts}");
        }
    }
}
