//! Lanes of separate intervals: ranges of the runtime, regions and tasks, seen alike.
//!
//! They are sorted by begin, and those of one goroutine nest. To find what touches a stretch of time, all that begin
//! within it are taken, and before it we look back for what is still open. Those whose begin is not in the trace come
//! first in their table; they are few and always looked at.
//!
//! An interval whose begin or end is not in the trace is drawn as far as it is known to hold: to the nearest lost
//! stretch, or to the end of its goroutine or of the trace.

use crate::{Lane, TileLabel, off_cpu, states};
use goroscope_model::{Class, GoIdx, RangeScope, Region, TaskIdx, Trace};
use std::ops::ControlFlow;

/// How many ranges are looked back at for one that is still open. Ranges of one kind on one resource exclude each
/// other, so an open one hides behind those nested in it, and the runtime nests at most a few.
const LOOK_BACK: usize = 1024;

/// An interval, clipped to the trace and to its goroutine's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Begin, ns.
    pub(crate) start: i64,
    /// End, ns; not before the begin.
    pub(crate) end: i64,
    /// What is drawn.
    pub(crate) class: Class,
    /// Row of the table it is from: ranges, regions, tasks or slices off the processor.
    pub(crate) row: u32,
    /// Its name.
    pub(crate) label: TileLabel,
}

impl Interval {
    /// Whether it touches `[from, to)`; one without duration touches the moment where it is.
    pub(crate) fn touches(&self, from: i64, to: i64) -> bool {
        self.start < to && (self.end > from || self.start >= from)
    }

    /// Whether it holds at a moment; the end is not part of it, unless it has no duration.
    pub(crate) fn holds_at(&self, ts: i64) -> bool {
        self.start <= ts && (ts < self.end || ts == self.start)
    }

    /// How long it lasts within `[from, to)`, ns.
    pub(crate) fn time_within(&self, from: i64, to: i64) -> u64 {
        self.end.min(to).checked_sub(self.start.max(from)).map_or(0, |time| time.max(0) as u64)
    }
}

/// Whether the lane is one of intervals.
pub(crate) fn has(lane: Lane) -> bool {
    match lane {
        Lane::Gc
        | Lane::Stw
        | Lane::TaskType(_)
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_) => true,
        Lane::All | Lane::Proc(_) | Lane::Thread(_) | Lane::Go(_) | Lane::Group(_) | Lane::Counter(_) => false,
    }
}

/// Calls `visit` for every interval of the lane that touches `[from, to)`, by begin, until it breaks.
pub(crate) fn visit(trace: &Trace, lane: Lane, from: i64, to: i64, visit: &mut dyn FnMut(Interval) -> ControlFlow<()>) {
    if !lane.exists(trace) || from >= to {
        return;
    }
    let _ = match lane {
        Lane::Gc => ranges(trace, trace.scope_ranges(RangeScope::Global), from, to, visit),
        Lane::Stw => ranges(trace, trace.stw_ranges(), from, to, visit),
        Lane::GoRanges(go) => ranges(trace, trace.scope_ranges(RangeScope::Go(go)), from, to, visit),
        Lane::ProcRanges(proc) => ranges(trace, trace.scope_ranges(RangeScope::Proc(proc)), from, to, visit),
        Lane::Regions(go, depth) => regions(trace, go, depth, from, to, visit),
        Lane::Task(row) => one(task(trace, row), from, to, visit),
        Lane::TaskType(kind) => trace.task_types()[kind.index()]
            .members
            .iter()
            .take_while(|&&row| trace.tasks()[row.index()].start < Some(to))
            .try_for_each(|&row| one(task(trace, row), from, to, visit)),
        Lane::ProcOff(_) | Lane::ThreadOff(_) => off_cpu::visit(trace, lane, from, to, visit),
        Lane::All | Lane::Proc(_) | Lane::Thread(_) | Lane::Go(_) | Lane::Group(_) | Lane::Counter(_) => {
            ControlFlow::Continue(())
        }
    };
}

/// All intervals of the lane that touch `[from, to)`, at most `limit`.
pub(crate) fn collect(trace: &Trace, lane: Lane, from: i64, to: i64, limit: usize) -> Vec<Interval> {
    let mut found = Vec::new();
    visit(trace, lane, from, to, &mut |interval| {
        if found.len() == limit {
            return ControlFlow::Break(());
        }
        found.push(interval);
        ControlFlow::Continue(())
    });
    found
}

/// The innermost interval of the lane at a moment.
pub(crate) fn at(trace: &Trace, lane: Lane, ts: i64) -> Option<Interval> {
    let mut found = None;
    visit(trace, lane, ts, ts.saturating_add(1), &mut |interval| {
        if interval.holds_at(ts) {
            found = Some(interval);
        }
        ControlFlow::Continue(())
    });
    found
}

fn one(interval: Interval, from: i64, to: i64, visit: &mut dyn FnMut(Interval) -> ControlFlow<()>) -> ControlFlow<()> {
    if interval.touches(from, to) { visit(interval) } else { ControlFlow::Continue(()) }
}

fn ranges(
    trace: &Trace,
    rows: &[u32],
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(Interval) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let begin = |row: &u32| trace.ranges().at(*row as usize).start;
    let open = rows.partition_point(|row| begin(row).is_none());
    let inside = rows.partition_point(|row| begin(row) < Some(from)).max(open);
    let mut before: Vec<Interval> = rows[..open].iter().map(|&row| range(trace, row)).collect();
    before.extend(rows[inside.saturating_sub(LOOK_BACK).max(open)..inside].iter().map(|&row| range(trace, row)));
    let within = rows[inside..].iter().take_while(|row| begin(row) < Some(to)).map(|&row| range(trace, row));
    in_order(before, within, from, to, visit)
}

/// Visits the intervals of both that touch `[from, to)`, by begin. `within` is in that order already.
fn in_order(
    mut before: Vec<Interval>,
    within: impl Iterator<Item = Interval>,
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(Interval) -> ControlFlow<()>,
) -> ControlFlow<()> {
    before.retain(|interval| interval.touches(from, to));
    before.sort_by_key(|interval| interval.start);
    let mut before = before.into_iter().peekable();
    for interval in within {
        while let Some(earlier) = before.next_if(|earlier| earlier.start <= interval.start) {
            visit(earlier)?;
        }
        visit(interval)?;
    }
    before.try_for_each(visit)
}

/// A range as an interval.
pub(crate) fn range(trace: &Trace, row: u32) -> Interval {
    let range = trace.ranges().at(row as usize);
    let (start, end) = of_range(trace, &range);
    Interval { start, end, class: range.class, row, label: TileLabel::Text(range.name) }
}

/// From when to when a range is known to hold.
pub(crate) fn of_range(trace: &Trace, range: &goroscope_model::Range) -> (i64, i64) {
    if let (Some(start), Some(end)) = (range.start, range.end) {
        return (start, end.max(start));
    }
    let life = match range.scope {
        RangeScope::Go(go) => life(trace, go),
        RangeScope::Global | RangeScope::Proc(_) => (trace.start(), trace.end()),
    };
    as_far_as_known(trace, (range.start, range.end), life)
}

/// Whether a stop of the world of this name is the collector's.
pub(crate) fn is_gc_stop(name: &str) -> bool {
    name.contains("GC")
}

fn regions(
    trace: &Trace,
    go: GoIdx,
    depth: u16,
    from: i64,
    to: i64,
    visit: &mut dyn FnMut(Interval) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let rows = trace.go_regions(go);
    let all = trace.regions();
    let at = |i: usize| all.at(rows.start + i);
    let interval = |i: usize| region(trace, (rows.start + i) as u32);
    let point = |holds: &dyn Fn(Option<i64>) -> bool| partition(rows.len(), |i| holds(at(i).start));
    let open = point(&|start| start.is_none());
    let inside = point(&|start| start < Some(from)).max(open);
    let mut before: Vec<Interval> = (0..open).filter(|&i| at(i).depth == depth).map(interval).collect();
    // Regions nest: the one of our depth that is still open can only hide behind deeper ones.
    let last = (open..inside).rev().find(|&i| at(i).depth <= depth);
    before.extend(last.filter(|&i| at(i).depth == depth).map(interval));
    let within = (inside..rows.len()).take_while(|&i| at(i).start < Some(to)).filter(|&i| at(i).depth == depth);
    in_order(before, within.map(interval), from, to, visit)
}

/// How many of `0..count`, from the first, have a property that later ones lack.
pub(crate) fn partition(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// A region as an interval. One that never ends holds at most as long as the region around it, and until the next.
pub(crate) fn region(trace: &Trace, row: u32) -> Interval {
    let region = trace.regions().at(row as usize);
    let (start, mut end) = as_far_as_known(trace, (region.start, region.end), life(trace, region.go));
    if region.end.is_none() {
        let rows = trace.go_regions(region.go);
        let is_around = |it: &Region| it.depth < region.depth && it.end.is_none_or(|end| end >= start);
        let around = (rows.start..row as usize).rev().map(|i| trace.regions().at(i)).find(is_around);
        let next = (row as usize + 1..rows.end).map(|i| trace.regions().at(i)).find(|it| it.depth <= region.depth);
        let until = [around.and_then(|around| around.end), next.and_then(|next| next.start)];
        end = until.into_iter().flatten().fold(end, i64::min).max(start);
    }
    Interval { start, end, class: Class::Region, row, label: TileLabel::Text(region.name) }
}

/// From when to when something is known to hold: where its begin or end is missing, from or to the nearest lost stretch,
/// or as long as that lives which it belongs to.
pub(crate) fn as_far_as_known(
    trace: &Trace,
    (start, end): (Option<i64>, Option<i64>),
    (first, last): (i64, i64),
) -> (i64, i64) {
    let after_loss = |ts: i64| trace.lost().iter().rev().map(|lost| lost.1).find(|&to| to <= ts);
    let before_loss = |ts: i64| trace.lost().iter().map(|lost| lost.0).find(|&from| from >= ts);
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) => (start, end),
        (None, Some(end)) => (after_loss(end).map_or(first, |to| to.max(first)), end),
        (Some(start), None) => (start, before_loss(start).map_or(last, |from| from.min(last))),
        (None, None) => (first, last),
    };
    (start, end.max(start))
}

/// A task as an interval. The row must exist.
pub(crate) fn task(trace: &Trace, row: TaskIdx) -> Interval {
    let task = &trace.tasks()[row.index()];
    let start = task.start.unwrap_or_else(|| trace.start());
    let end = task.end.unwrap_or_else(|| trace.end()).max(start);
    Interval { start, end, class: Class::Task, row: row.0, label: TileLabel::Task(row) }
}

/// When a goroutine begins and ends, as far as the trace shows it.
pub(crate) fn life(trace: &Trace, go: GoIdx) -> (i64, i64) {
    states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)).unwrap_or((trace.start(), trace.end()))
}
