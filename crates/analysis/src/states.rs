//! Lanes whose spans tile their life: goroutines, procs and threads, seen alike.

use crate::Lane;
use crate::lane::Resource;
use goroscope_model::{Class, LaneSpans, Trace};
use std::ops::Range;

/// The spans of a goroutine, proc or thread; `None` for other lanes and for those that are not in the trace.
pub(crate) fn of(trace: &Trace, lane: Lane) -> Option<LaneSpans<'_>> {
    if !lane.exists(trace) {
        return None;
    }
    lane.resource().map(|resource| match resource {
        Resource::Go(go) => trace.go_lane(go),
        Resource::Proc(proc) => trace.proc_lane(proc),
        Resource::Thread(thread) => trace.thread_lane(thread),
    })
}

/// The spans that touch `[from, to)`. One without duration touches the moment where it is.
pub(crate) fn touching(spans: &LaneSpans<'_>, from: i64, to: i64) -> Range<usize> {
    if from >= to {
        return 0..0;
    }
    let inside = spans.count_before(from);
    let after = spans.count_before(to).max(inside);
    let first = match inside.checked_sub(1) {
        Some(before) if spans.end_of(before) > from => before,
        Some(_) | None => inside,
    };
    first..after
}

/// The span at a moment: of those that begin there the last, as the others have no duration.
pub(crate) fn at(spans: &LaneSpans<'_>, ts: i64) -> Option<usize> {
    let i = ts.checked_add(1).map_or(spans.len(), |next| spans.count_before(next)).checked_sub(1)?;
    let end = spans.end_of(i);
    let last_moment = ts == end && i + 1 == spans.len();
    if ts < end || ts == spans.start(i) || last_moment { Some(i) } else { None }
}

/// When a lane begins and ends, if it has spans.
pub(crate) fn life(spans: &LaneSpans<'_>) -> Option<(i64, i64)> {
    (!spans.is_empty()).then(|| (spans.begin(), spans.end))
}

/// The exact time of each class of a goroutine, proc or thread in `[from, to)`, ns; nothing for other lanes.
pub(crate) fn time(trace: &Trace, lane: Lane, from: i64, to: i64) -> [u64; Class::COUNT] {
    let (from, to) = (from.max(trace.start()), to.min(trace.end()));
    if from >= to || !lane.exists(trace) {
        return [0; Class::COUNT];
    }
    match lane.resource() {
        Some(Resource::Go(go)) => trace.go_time(go, from, to),
        Some(Resource::Proc(proc)) => trace.proc_time(proc, from, to),
        Some(Resource::Thread(thread)) => trace.thread_time(thread, from, to),
        None => [0; Class::COUNT],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use goroscope_model::Class;

    /// A goroutine that runs from 10, is ready at 20 for no time at all, runs on, waits from 30, and is seen until 40.
    fn trace() -> (Trace, Lane) {
        let trace = fixtures::read(
            r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=110
GoBlock reason_string="sync" stack=[main.main] at=120
GoStart g=2 g_seq=1 at=120
GoBlock reason_string="sync" stack=[main.worker] at=130
HeapAlloc heapalloc_value=1 at=140
"#,
        );
        let go = fixtures::go(&trace, 2);
        (trace, Lane::Go(go))
    }

    #[test]
    fn touching_takes_in_what_has_no_duration_and_leaves_out_what_ended() {
        let (trace, lane) = trace();
        let spans = of(&trace, lane).unwrap();
        let all: Vec<_> = spans.iter().collect();
        assert_eq!(all, [(10, 20, Class::Runnable), (20, 30, Class::Running), (30, 40, Class::WaitSync)]);
        for (from, to, wanted) in [
            (0, 10, 0..0),
            (0, 11, 0..1),
            (10, 20, 0..1),
            (19, 20, 0..1),
            (19, 21, 0..2),
            (20, 21, 1..2),
            (21, 30, 1..2),
            (30, 31, 2..3),
            (39, 99, 2..3),
            (40, 99, 3..3),
            (25, 5, 0..0),
            (i64::MIN, i64::MAX, 0..3),
        ] {
            assert_eq!(touching(&spans, from, to), wanted, "[{from}, {to})");
        }
    }

    #[test]
    fn the_span_at_a_moment() {
        let (trace, lane) = trace();
        let spans = of(&trace, lane).unwrap();
        for (ts, wanted) in [
            (9, None),
            (10, Some(0)),
            (19, Some(0)),
            (20, Some(1)),
            (39, Some(2)),
            (40, Some(2)),
            (41, None),
            (i64::MAX, None),
        ] {
            assert_eq!(at(&spans, ts), wanted, "{ts}");
        }
    }
}
