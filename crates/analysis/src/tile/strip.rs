//! Tiles that hold many spans: the true share of each class in each cell.

use super::window::Window;
use super::{CELLS, MarkKind, StripTile, Tile, marks, shares};
use crate::intervals::{self, Interval};
use crate::{Lane, overview};
use goroscope_model::{Class, Trace};
use std::ops::ControlFlow;

/// Sums over the cells of a tile.
struct Cells {
    /// Time of each class, ns; for many members their sum.
    time: Vec<[u64; Class::COUNT]>,
    /// Spans that begin.
    begins: Vec<u32>,
    /// The most members that lived at once; 1 for a lane of one.
    peak: u32,
}

/// The strip of a lane, or an empty tile.
pub(super) fn build(trace: &Trace, lane: Lane, window: &Window) -> Tile {
    let cells = cells(trace, lane, window);
    let strip = draw(trace, lane, window, &cells);
    let is_empty = strip.classes.is_empty()
        && [&strip.transitions, &strip.logs, &strip.samples]
            .iter()
            .all(|counts| counts.iter().all(|&count| count == 0));
    if is_empty { Tile::Empty } else { Tile::Strip(strip) }
}

fn cells(trace: &Trace, lane: Lane, window: &Window) -> Cells {
    let mut cells = Cells { time: vec![[0; Class::COUNT]; CELLS], begins: vec![0; CELLS], peak: 1 };
    let grid = window.grid();
    let Cells { time, begins, peak } = &mut cells;
    let time_there = &mut time[grid.first..grid.first + grid.count];
    let begins_there = &mut begins[grid.first..grid.first + grid.count];
    match lane {
        Lane::Go(go) => trace.go_cells(go, grid.from, grid.width, time_there, begins_there),
        Lane::Proc(proc) => trace.proc_cells(proc, grid.from, grid.width, time_there, begins_there),
        Lane::Thread(thread) => trace.thread_cells(thread, grid.from, grid.width, time_there, begins_there),
        Lane::Group(group) => {
            if let [only] = trace.groups()[group.index()].members.as_slice() {
                trace.go_cells(*only, grid.from, grid.width, time_there, begins_there);
            } else {
                trace.group_cells(group, grid.from, grid.width, time_there);
                *peak = trace.groups()[group.index()].peak;
            }
        }
        Lane::All => {
            trace.all_cells(grid.from, grid.width, time_there);
            *peak = overview::peak(trace);
        }
        Lane::TaskType(kind) => {
            overlapping(trace, lane, window, &mut cells);
            cells.peak = trace.task_types()[kind.index()].peak;
        }
        Lane::Gc
        | Lane::Stw
        | Lane::Task(_)
        | Lane::Regions(..)
        | Lane::GoRanges(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_) => nested(trace, lane, window, &mut cells),
        Lane::Counter(_) => {}
    }
    cells
}

/// Sums intervals that may overlap without nesting: each counts in full.
///
/// The first and last cell of each are added to at once; of those between, only the ends are noted and summed after.
fn overlapping(trace: &Trace, lane: Lane, window: &Window, cells: &mut Cells) {
    let mut steps = [0_i64; CELLS + 1];
    intervals::visit(trace, lane, window.from, window.to, &mut |interval| {
        begin(&interval, window, cells);
        let (start, end) = (interval.start.max(window.from), interval.end.min(window.to));
        if start < end {
            let (first, last) = (window.cell(start), window.cell(end - 1));
            add(start, end.min(window.bounds(first).1), interval.class, window, cells);
            if first < last {
                add(window.bounds(last).0, end, interval.class, window, cells);
                steps[first + 1] += 1;
                steps[last] -= 1;
            }
        }
        ControlFlow::Continue(())
    });
    let mut covering = 0;
    for cell in window.cells() {
        covering += steps[cell];
        let (start, end) = window.bounds(cell);
        cells.time[cell][Class::Task as usize] += covering as u64 * (end - start) as u64;
    }
}

/// Sums intervals that nest: at each moment the innermost counts.
///
/// Intervals come by begin. The stack holds those that are open, innermost last; `now` is the moment up to which all
/// time is accounted for.
fn nested(trace: &Trace, lane: Lane, window: &Window, cells: &mut Cells) {
    let mut open: Vec<Interval> = Vec::new();
    let mut now = window.from;
    intervals::visit(trace, lane, window.from, window.to, &mut |interval| {
        begin(&interval, window, cells);
        account(&mut open, &mut now, interval.start, window, cells);
        open.push(interval);
        ControlFlow::Continue(())
    });
    account(&mut open, &mut now, window.to, window, cells);
}

/// Accounts for all time up to `until` with the intervals that are open, and closes those that end.
fn account(open: &mut Vec<Interval>, now: &mut i64, until: i64, window: &Window, cells: &mut Cells) {
    while let Some(&innermost) = open.last() {
        let end = innermost.end.min(until);
        add(*now, end, innermost.class, window, cells);
        *now = end.max(*now);
        if innermost.end > until {
            break;
        }
        open.pop();
    }
    *now = until.max(*now);
}

/// Counts the begin of an interval in its cell.
fn begin(interval: &Interval, window: &Window, cells: &mut Cells) {
    if interval.start >= window.from && interval.start < window.to {
        cells.begins[window.cell(interval.start)] += 1;
    }
}

/// Adds the time from `start` to `end` to the cells it covers.
fn add(start: i64, end: i64, class: Class, window: &Window, cells: &mut Cells) {
    let (start, end) = (start.max(window.from), end.min(window.to));
    if start >= end {
        return;
    }
    for cell in window.cell(start)..=window.cell(end - 1) {
        let (cell_start, cell_end) = window.bounds(cell);
        cells.time[cell][class as usize] += (end.min(cell_end) - start.max(cell_start)) as u64;
    }
}

fn draw(trace: &Trace, lane: Lane, window: &Window, cells: &Cells) -> StripTile {
    let whole = window.width() as u128 * u128::from(cells.peak.max(1));
    let present = present(&cells.time[window.cells()]);
    let mut classes: Vec<_> = present.iter().map(|&class| (class, Box::new([0; CELLS]))).collect();
    let mut transitions = Box::new([0; CELLS]);
    let (mut time, mut shares) = ([0; Class::COUNT], [0; Class::COUNT]);
    let (time, shares) = (&mut time[..present.len()], &mut shares[..present.len()]);
    for cell in window.cells() {
        transitions[cell] = log2_of_count(cells.begins[cell]);
        for (ns, &class) in time.iter_mut().zip(&present) {
            *ns = cells.time[cell][class as usize];
        }
        shares::of(time, whole, shares);
        for ((_, plane), &share) in classes.iter_mut().zip(&*shares) {
            plane[cell] = share;
        }
    }
    let (mut logs, mut samples) = (Box::new([0_u8; CELLS]), Box::new([0_u8; CELLS]));
    marks::visit(trace, lane, window.from, window.to, &mut |mark| {
        let counts = match mark.kind {
            MarkKind::Log => &mut logs,
            MarkKind::Sample => &mut samples,
        };
        let count = &mut counts[window.cell(mark.ts)];
        *count = count.saturating_add(1);
        ControlFlow::Continue(())
    });
    StripTile { classes, transitions, logs, samples }
}

/// The classes that any of the cells has, ascending.
fn present(cells: &[[u64; Class::COUNT]]) -> Vec<Class> {
    let mut any = [0; Class::COUNT];
    for cell in cells {
        for (any, ns) in any.iter_mut().zip(cell) {
            *any |= ns;
        }
    }
    Class::ALL.into_iter().filter(|&class| any[class as usize] > 0).collect()
}

/// ⌈log2(1 + n)⌉
fn log2_of_count(n: u32) -> u8 {
    (u32::BITS - n.leading_zeros()) as u8
}
