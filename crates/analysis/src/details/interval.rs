//! A range, region or task in full.

use super::{Neighbour, SpanDetails, annotations, cause};
use crate::intervals::{self, Interval};
use crate::refs::{self, GoRef, ProcRef, TaskRef, ThreadRef};
use crate::{Lane, TileLabel, names, off_cpu, states};
use goroscope_model::{GoIdx, RangeScope, RegionIdx, StackIdx, TaskIdx, Trace};

/// The interval with this row, if it is on the lane.
pub(super) fn with_row(trace: &Trace, lane: Lane, row: u32) -> Option<Interval> {
    let of_ranges = |rows: &[u32]| rows.contains(&row).then(|| intervals::range(trace, row));
    match lane {
        Lane::Gc => of_ranges(trace.scope_ranges(RangeScope::Global)),
        Lane::Stw => of_ranges(trace.stw_ranges()),
        Lane::GoRanges(go) => of_ranges(trace.scope_ranges(RangeScope::Go(go))),
        Lane::ProcRanges(proc) => of_ranges(trace.scope_ranges(RangeScope::Proc(proc))),
        Lane::Regions(go, depth) => {
            let region = trace.regions().get(row as usize)?;
            (region.go == go && region.depth == depth).then(|| intervals::region(trace, row))
        }
        Lane::Task(task) => (task.0 == row).then(|| intervals::task(trace, task)),
        Lane::ProcOff(_) | Lane::ThreadOff(_) => off_cpu::with_row(trace, lane, row),
        Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Counter(_) => None,
    }
}

/// An interval of the lane in full.
pub(super) fn span(trace: &Trace, lane: Lane, interval: &Interval) -> SpanDetails {
    let extent = (interval.start, interval.end);
    let title = title(trace, interval);
    let mut details = SpanDetails::new(trace, lane, interval.row, extent, interval.class, title);
    match lane {
        Lane::Gc | Lane::Stw | Lane::GoRanges(_) | Lane::ProcRanges(_) => add_range(trace, interval.row, &mut details),
        Lane::Regions(..) => add_region(trace, RegionIdx(interval.row), &mut details),
        Lane::Task(task) => add_task(trace, task, &mut details),
        Lane::ProcOff(_) | Lane::ThreadOff(_) => add_thread(trace, interval, &mut details),
        Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Counter(_) => {}
    }
    (details.prev, details.next) = neighbours(trace, lane, interval);
    details
}

/// Its name; where it has none, what it is.
fn title(trace: &Trace, interval: &Interval) -> String {
    match interval.label {
        TileLabel::None => off_cpu::title(interval.class).to_owned(),
        label => label.text(trace),
    }
}

/// Adds the thread, and what it ran when it lost its processor.
fn add_thread(trace: &Trace, interval: &Interval, details: &mut SpanDetails) {
    let Some(thread) = off_cpu::thread_of(trace, interval.row) else { return };
    details.thread = ThreadRef::new(trace, thread);
    let Some(spans) = states::of(trace, Lane::Thread(thread)) else { return };
    if let Some(i) = states::at(&spans, interval.start) {
        let span = trace.thread_span(thread, i);
        (details.go, details.proc) = (GoRef::new(trace, span.go), ProcRef::new(trace, span.proc));
    }
}

fn add_range(trace: &Trace, row: u32, details: &mut SpanDetails) {
    let range = trace.ranges().at(row as usize);
    details.open_start = range.start.is_none();
    details.open_end = range.end.is_none();
    details.go = GoRef::new(trace, range.go);
    details.proc = match range.scope {
        RangeScope::Proc(proc) => ProcRef::new(trace, proc),
        RangeScope::Global | RangeScope::Go(_) => None,
    };
    details.stack = refs::frames(trace, range.stack);
    if let Some((swept, reclaimed)) = range.sweep {
        details.values.push(("swept bytes".to_owned(), swept.to_string()));
        details.values.push(("reclaimed bytes".to_owned(), reclaimed.to_string()));
    }
}

fn add_region(trace: &Trace, row: RegionIdx, details: &mut SpanDetails) {
    let region = trace.regions().at(row.index());
    details.open_start = region.start.is_none();
    details.open_end = region.end.is_none();
    add_context(trace, region.go, details);
    details.task = TaskRef::new(trace, region.task);
    add_stacks(trace, region.stack, region.end_stack, details);
    details.logs = annotations::logs_within(trace, trace.go_logs(region.go), details.start, details.end);
    details.regions.retain(|other| (other.depth, other.start, other.end) != (region.depth, details.start, details.end));
}

fn add_task(trace: &Trace, row: TaskIdx, details: &mut SpanDetails) {
    let task = &trace.tasks()[row.index()];
    details.open_start = task.start.is_none();
    details.open_end = task.end.is_none();
    details.go = GoRef::new(trace, task.go);
    details.task = TaskRef::new(trace, row);
    add_stacks(trace, task.stack, task.end_stack, details);
    details.logs = annotations::logs_within(trace, trace.task_logs(row), details.start, details.end);
    if task.parent.get().is_some() {
        details.values.push(("parent".to_owned(), names::task(trace, task.parent)));
    }
    if task.end_go.get().is_some() && task.end_go != task.go {
        details.values.push(("ended by".to_owned(), names::go(trace, task.end_go)));
    }
    let children = trace.task_children(row).len();
    if children > 0 {
        details.values.push(("children".to_owned(), children.to_string()));
    }
}

/// Adds the goroutine, whom it woke, and the regions around.
fn add_context(trace: &Trace, go: GoIdx, details: &mut SpanDetails) {
    details.go = GoRef::new(trace, go);
    let effects = cause::effects(trace, go, details.start, details.end);
    (details.effects, details.effects_total, details.next_effect) = (effects.first, effects.total, effects.next);
    let regions = annotations::regions_around(trace, go, details.start, details.end);
    details.regions = regions.iter().map(|&row| annotations::region_ref(trace, row)).collect();
}

fn add_stacks(trace: &Trace, begin: StackIdx, end: StackIdx, details: &mut SpanDetails) {
    details.stack = refs::frames(trace, begin);
    details.end_stack = refs::frames(trace, end);
}

/// The intervals before and after on the same lane.
fn neighbours(trace: &Trace, lane: Lane, interval: &Interval) -> (Option<Neighbour>, Option<Neighbour>) {
    let of_ranges = |rows: &[u32]| {
        let Some(i) = rows.iter().position(|&row| row == interval.row) else { return (None, None) };
        let neighbour = |i: usize| rows.get(i).map(|&row| neighbour(trace, &intervals::range(trace, row)));
        (i.checked_sub(1).and_then(neighbour), neighbour(i + 1))
    };
    match lane {
        Lane::Gc => of_ranges(trace.scope_ranges(RangeScope::Global)),
        Lane::Stw => of_ranges(trace.stw_ranges()),
        Lane::GoRanges(go) => of_ranges(trace.scope_ranges(RangeScope::Go(go))),
        Lane::ProcRanges(proc) => of_ranges(trace.scope_ranges(RangeScope::Proc(proc))),
        Lane::Regions(go, depth) => {
            let rows = trace.go_regions(go);
            let of_depth = |&row: &usize| trace.regions().at(row).depth == depth;
            let neighbour = |row: usize| neighbour(trace, &intervals::region(trace, row as u32));
            let row = (interval.row as usize).clamp(rows.start, rows.end);
            let before = (rows.start..row).rev().find(of_depth).map(neighbour);
            (before, (row + 1..rows.end).find(of_depth).map(neighbour))
        }
        Lane::ProcOff(_) | Lane::ThreadOff(_) => {
            let (before, after) = off_cpu::neighbours(trace, lane, interval);
            let neighbour = |interval: Option<Interval>| interval.map(|interval| neighbour(trace, &interval));
            (neighbour(before), neighbour(after))
        }
        Lane::Task(_)
        | Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Counter(_) => (None, None),
    }
}

fn neighbour(trace: &Trace, interval: &Interval) -> Neighbour {
    Neighbour {
        row: interval.row,
        start: interval.start,
        end: interval.end,
        class: interval.class,
        title: title(trace, interval),
    }
}
