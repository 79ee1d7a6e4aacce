//! When threads had no processor although they ran something, as intervals of the lanes of threads and procs.
//!
//! A thread that runs nothing may as well sleep, so only what began while it ran a goroutine is shown. The row of an
//! interval is its number among the slices of all threads, thread by thread.

use crate::intervals::Interval;
use crate::{ClassKind, Lane, TileLabel, classes, states};
use goroscope_model::{Class, OffCpu, ProcIdx, ThreadIdx, Trace};
use std::ops::ControlFlow;

/// Whether anything is known of any thread.
pub(crate) fn is_known(trace: &Trace) -> bool {
    threads(trace).any(|thread| trace.off_cpu(thread).is_some())
}

/// Calls `visit` for every slice of a thread, or of those that ran a proc, that touches `[from, to)`, by begin, until it
/// breaks.
pub(crate) fn visit(
    trace: &Trace,
    lane: Lane,
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(Interval) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match lane {
        Lane::ThreadOff(thread) => {
            let before = threads(trace).take_while(|&other| other < thread);
            let row = before.map(|thread| count(trace, thread)).sum();
            of_thread(trace, (thread, row), None, (from, to), visit)
        }
        Lane::ProcOff(proc) => {
            let mut found = Vec::new();
            let mut row = 0;
            for thread in threads(trace) {
                let _ = of_thread(trace, (thread, row), Some(proc), (from, to), &mut |interval| {
                    found.push(interval);
                    ControlFlow::Continue(())
                });
                row += count(trace, thread);
            }
            found.sort_by_key(|interval| interval.start);
            found.into_iter().try_for_each(visit)
        }
        Lane::Gc
        | Lane::Stw
        | Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::Counter(_) => ControlFlow::Continue(()),
    }
}

/// The interval with this row, if it is on the lane.
pub(crate) fn with_row(trace: &Trace, lane: Lane, row: u32) -> Option<Interval> {
    let (thread, i) = place(trace, row)?;
    let slice = trace.off_cpu(thread)?.slices.get(i)?;
    let mut found = None;
    let _ = visit(trace, lane, slice.start, slice.end().max(slice.start.saturating_add(1)), &mut |interval| {
        found = (interval.row == row).then_some(interval);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// The thread whose slice has a row.
pub(crate) fn thread_of(trace: &Trace, row: u32) -> Option<ThreadIdx> {
    place(trace, row).map(|(thread, _)| thread)
}

/// The nearest intervals of the lane before and after one.
pub(crate) fn neighbours(trace: &Trace, lane: Lane, interval: &Interval) -> (Option<Interval>, Option<Interval>) {
    let mut next = None;
    let _ = visit(trace, lane, interval.start, i64::MAX, &mut |other| {
        let is_later = (other.start, other.row) > (interval.start, interval.row);
        next = is_later.then_some(other);
        if is_later { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // Backwards in stretches of which each is twice as long as the one before it.
    let (mut to, mut length) = (interval.start, interval.end.saturating_sub(interval.start).max(1 << 16));
    let mut before = None;
    while before.is_none() && to > trace.start() {
        let from = to.saturating_sub(length);
        let _ = visit(trace, lane, from, to, &mut |other| {
            if other.row != interval.row {
                before = Some(other);
            }
            ControlFlow::Continue(())
        });
        (to, length) = (from, length.saturating_mul(2));
    }
    (before, next)
}

/// How long in `[from, to)` a thread had been taken from its processor, ns.
pub(crate) fn preempted(trace: &Trace, thread: ThreadIdx, from: i64, to: i64) -> u64 {
    let Some(times) = trace.off_cpu(thread) else { return 0 };
    let rows = times.touching(from, to);
    let slices = times.slices.iter_from(rows.start).take(rows.len()).filter(|slice| slice.preempted);
    slices.map(|slice| slice.end().min(to).saturating_sub(slice.start.max(from)).max(0) as u64).sum()
}

/// What such an interval is called.
pub(crate) fn title(class: Class) -> &'static str {
    if class == Class::Preempted { "off the processor (preempted)" } else { "off the processor (slept)" }
}

fn threads(trace: &Trace) -> impl Iterator<Item = ThreadIdx> + use<> {
    (0..trace.threads().len() as u32).map(ThreadIdx)
}

fn count(trace: &Trace, thread: ThreadIdx) -> usize {
    trace.off_cpu(thread).map_or(0, |times| times.slices.len())
}

fn place(trace: &Trace, row: u32) -> Option<(ThreadIdx, usize)> {
    let mut row = row as usize;
    for thread in threads(trace) {
        let count = count(trace, thread);
        if row < count {
            return Some((thread, row));
        }
        row -= count;
    }
    None
}

/// The slices of a thread whose first has a row, only those within a proc if one is said. Spans and slices are both by
/// time, so one walk over both finds the span in which each slice began.
fn of_thread(
    trace: &Trace,
    (thread, first_row): (ThreadIdx, usize),
    proc: Option<ProcIdx>,
    (from, to): (i64, i64),
    visit: &mut dyn FnMut(Interval) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let (Some(times), Some(spans)) = (trace.off_cpu(thread), states::of(trace, Lane::Thread(thread))) else {
        return ControlFlow::Continue(());
    };
    let rows = times.touching(from, to);
    let Some(earliest) = times.slices.get(rows.start) else { return ControlFlow::Continue(()) };
    let first = spans.count_before(earliest.start.saturating_add(1)).saturating_sub(1);
    let mut walk = (first..).zip(spans.iter_from(first)).peekable();
    for (row, slice) in (first_row + rows.start..).zip(times.slices.iter_from(rows.start).take(rows.len())) {
        while walk.next_if(|(_, (_, end, _))| *end <= slice.start).is_some() {}
        let Some(&(i, (start, _, class))) = walk.peek() else { break };
        let runs = start <= slice.start && classes::kind(class) == ClassKind::Run;
        if runs && proc.is_none_or(|proc| trace.thread_span(thread, i).proc == proc) {
            visit(interval(&slice, row))?;
        }
    }
    ControlFlow::Continue(())
}

fn interval(slice: &OffCpu, row: usize) -> Interval {
    let class = if slice.preempted { Class::Preempted } else { Class::Slept };
    Interval { start: slice.start, end: slice.end(), class, row: row as u32, label: TileLabel::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::{Tile, tile};
    use crate::{fixtures, intervals, span_at, span_row};

    /// A worker that runs a task from 0 to 60 and from 100 to 160. Its thread slept from 20 to 25 and from 70 to 90, and
    /// had been preempted from 40 to 50 and from 150 to 160.
    fn trace() -> Trace {
        fixtures::read(
            r#"Trace Go1.25
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GoBlock reason_string="sync" at=1060
GoUnblock g=1 g_seq=1 at=1090
GoStart g=1 g_seq=2 at=1100
GoBlock reason_string="sync" at=1160
EventBatch m=- time=1000
Strings
String id=101 data="goroscope-recorder: recorder=goroscope-recorder 0.1.0"
String id=102 data="goroscope-recorder: series.off_cpu.1=/AcFAA8KARQUADwKAQ"
"#,
        )
    }

    #[test]
    fn only_what_began_while_something_ran_is_shown() {
        let trace = trace();
        let wanted = [(20, 25, Class::Slept, 0), (40, 50, Class::Preempted, 1), (150, 160, Class::Preempted, 3)];
        for lane in [Lane::ThreadOff(ThreadIdx(0)), Lane::ProcOff(ProcIdx(0))] {
            let found = intervals::collect(&trace, lane, i64::MIN, i64::MAX, usize::MAX);
            let found: Vec<_> = found.iter().map(|it| (it.start, it.end, it.class, it.row)).collect();
            assert_eq!(found, wanted, "{lane}");
            assert_eq!(intervals::collect(&trace, lane, 45, 46, 9).len(), 1, "{lane}");
            assert!(intervals::collect(&trace, lane, 50, 150, 9).is_empty(), "{lane}");
            let Tile::Exact(exact) = tile(&trace, lane, 0, 0) else { panic!("{lane}") };
            assert_eq!(exact.spans.len(), 3, "{lane}");
        }
    }

    #[test]
    fn one_in_full() {
        let trace = trace();
        let lane = Lane::ProcOff(ProcIdx(0));
        let span = span_at(&trace, lane, 45).unwrap();
        assert_eq!((span.row, span.title.as_str()), (1, "off the processor (preempted)"));
        assert_eq!(span.go.map(|go| go.id), Some(1));
        assert_eq!((span.prev.map(|it| it.row), span.next.map(|it| it.row)), (Some(0), Some(3)));
        assert_eq!(span_row(&trace, lane, 3).unwrap().prev.map(|it| it.row), Some(1));
        assert!(span_row(&trace, lane, 2).is_none(), "nothing ran then");
        assert!(span_row(&trace, lane, 4).is_none());
        assert!(span_at(&trace, lane, 30).is_none());
        let run = span_at(&trace, Lane::Proc(ProcIdx(0)), 30).unwrap();
        assert_eq!((run.off_cpu, run.preempted), (Some(15), Some(10)));
    }
}
