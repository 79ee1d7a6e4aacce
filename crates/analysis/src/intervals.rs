//! Lanes of separate intervals: ranges of the runtime, regions and tasks, seen alike.
//!
//! They are sorted by begin, and those of one goroutine nest. To find what touches a stretch of time, all that begin
//! within it are taken, and before it we look back for what is still open.

use crate::{Lane, TileLabel, states};
use goroscope_model::{Class, GoIdx, RangeScope, TaskIdx, Trace};
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
    /// Row of the table it is from: ranges, regions or tasks.
    pub(crate) row: u32,
    /// Its name.
    pub(crate) label: TileLabel,
}

impl Interval {
    /// Whether it touches `[from, to)`; one without duration touches the moment where it is.
    fn touches(&self, from: i64, to: i64) -> bool {
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
        | Lane::ProcRanges(_) => true,
        Lane::All | Lane::Proc(_) | Lane::Thread(_) | Lane::Go(_) | Lane::Group(_) => false,
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
            .map(|&row| task(trace, row))
            .take_while(|task| task.start < to)
            .try_for_each(|task| one(task, from, to, visit)),
        Lane::All | Lane::Proc(_) | Lane::Thread(_) | Lane::Go(_) | Lane::Group(_) => ControlFlow::Continue(()),
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
    let begins_before = |row: &u32, ts: i64| range(trace, *row).start < ts;
    let inside = rows.partition_point(|row| begins_before(row, from));
    for &row in &rows[inside.saturating_sub(LOOK_BACK)..inside] {
        one(range(trace, row), from, to, visit)?;
    }
    for &row in rows[inside..].iter().take_while(|row| begins_before(row, to)) {
        visit(range(trace, row))?;
    }
    ControlFlow::Continue(())
}

/// A range as an interval.
pub(crate) fn range(trace: &Trace, row: u32) -> Interval {
    let range = &trace.ranges()[row as usize];
    let (first, last) = match range.scope {
        RangeScope::Go(go) => life(trace, go),
        RangeScope::Global | RangeScope::Proc(_) => (trace.start(), trace.end()),
    };
    let start = range.start.unwrap_or(first);
    let end = range.end.unwrap_or(last).max(start);
    Interval { start, end, class: range.class, row, label: TileLabel::Text(range.name) }
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
    let all = &trace.regions()[rows.clone()];
    let (first, _) = life(trace, go);
    let begins_before = |start: Option<i64>, ts: i64| start.unwrap_or(first) < ts;
    let inside = all.partition_point(|region| begins_before(region.start, from));
    // Regions nest: the one of our depth that is still open can only hide behind deeper ones.
    let before = (0..inside).rev().find(|&i| all[i].depth <= depth);
    if let Some(i) = before.filter(|&i| all[i].depth == depth) {
        one(region(trace, (rows.start + i) as u32), from, to, visit)?;
    }
    for (i, row) in all.iter().enumerate().skip(inside).take_while(|(_, row)| begins_before(row.start, to)) {
        if row.depth == depth {
            visit(region(trace, (rows.start + i) as u32))?;
        }
    }
    ControlFlow::Continue(())
}

/// A region as an interval.
pub(crate) fn region(trace: &Trace, row: u32) -> Interval {
    let region = &trace.regions()[row as usize];
    let (first, last) = life(trace, region.go);
    let start = region.start.unwrap_or(first);
    let end = region.end.unwrap_or(last).max(start);
    Interval { start, end, class: Class::Region, row, label: TileLabel::Text(region.name) }
}

/// A task as an interval. The row must exist.
pub(crate) fn task(trace: &Trace, row: TaskIdx) -> Interval {
    let task = &trace.tasks()[row.index()];
    let start = task.start.unwrap_or_else(|| trace.start());
    let end = task.end.unwrap_or_else(|| trace.end()).max(start);
    Interval { start, end, class: Class::Task, row: row.0, label: TileLabel::Task(row) }
}

/// When a goroutine begins and ends, as far as the trace shows it.
fn life(trace: &Trace, go: GoIdx) -> (i64, i64) {
    states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)).unwrap_or((trace.start(), trace.end()))
}
