//! Whole files to a model.
//!
//! Only what `Trace` promises to its callers is checked, with plain loops in place of its indexes.

use goroscope_model::{Class, GoIdx, GroupIdx, LaneSpans, ProcIdx, ThreadIdx, Trace};

use crate::meter::{Bound, within};

/// What building a model may take, the model and the reading included.
///
/// The dearest bytes known are those of threads and procs without events, which are the reader's, and statuses of
/// goroutines: six of them are a row, a lane, a span and an id to be found by, 55 bytes for each byte of the file.
///
/// The fixed part are the cells of the preview, tables that find ids, and batches of events between reader and builder,
/// which are as large as the file makes them: up to ten of 720 KB.
pub const MEMORY: Bound = Bound { per_byte: 256, fixed: 4 << 20 };

/// Cells of the windows that are summed.
const CELLS: usize = 13;

/// A file, whatever its version.
pub fn any(file: &[u8]) {
    let (trace, _) = within(MEMORY, file.len(), || Trace::read(file, &mut |_| {}));
    if let Ok(trace) = trace {
        check(file, &trace);
    }
}

/// What holds for the trace in this file.
pub fn check(file: &[u8], trace: &Trace) {
    assert_eq!(trace.file_bytes(), file.len() as u64);
    assert!(trace.start() <= trace.end());
    assert!(trace.lost().iter().all(|&(from, to)| from <= to), "{:?}", trace.lost());
    check_lanes(trace);
    check_groups(trace);
    check_tables(trace);
}

/// The spans of each lane tile its life, and sums over any window are those of its spans.
fn check_lanes(trace: &Trace) {
    for go in rows(trace.goroutines().len()).map(GoIdx) {
        let lane = trace.go_lane(go);
        check_lane(trace, lane);
        for (from, to) in windows(trace, lane) {
            assert_eq!(trace.go_time(go, from, to), summed(lane, from, to), "{go:?} from {from} to {to}");
        }
        let row = trace.goroutines()[go.index()];
        assert!(row.created.is_none_or(|created| lane.begin() == created), "{row:?}");
        assert!(row.ended.is_none_or(|ended| ended == lane.end), "{row:?}");
        assert!(trace.find_goroutine(row.id).contains(&go));
        check_cells(trace, lane, |from, width, cells, begins| trace.go_cells(go, from, width, cells, begins));
    }
    for proc in rows(trace.procs().len()).map(ProcIdx) {
        let lane = trace.proc_lane(proc);
        check_lane(trace, lane);
        for (from, to) in windows(trace, lane) {
            assert_eq!(trace.proc_time(proc, from, to), summed(lane, from, to), "{proc:?} from {from} to {to}");
        }
        check_cells(trace, lane, |from, width, cells, begins| trace.proc_cells(proc, from, width, cells, begins));
    }
    for thread in rows(trace.threads().len()).map(ThreadIdx) {
        let lane = trace.thread_lane(thread);
        check_lane(trace, lane);
        for (from, to) in windows(trace, lane) {
            assert_eq!(trace.thread_time(thread, from, to), summed(lane, from, to), "{thread:?} from {from} to {to}");
        }
        check_cells(trace, lane, |from, width, cells, begins| trace.thread_cells(thread, from, width, cells, begins));
    }
}

fn check_lane(trace: &Trace, lane: LaneSpans<'_>) {
    assert!(!lane.is_empty(), "a lane has a span");
    let first = lane.begin();
    let mut now = first;
    for (i, (start, end, class)) in lane.iter().enumerate() {
        assert_eq!((start, end, class), (lane.start(i), lane.end_of(i), lane.class(i)));
        assert!(start == now && start <= end, "time runs forward");
        now = end;
    }
    assert_eq!(now, lane.end);
    assert!(first >= trace.start() && lane.end <= trace.end(), "within the trace");
    let whole: u64 = summed(lane, i64::MIN, i64::MAX).iter().sum();
    assert_eq!(whole, first.abs_diff(lane.end), "states tile the life");
}

/// Some windows, chosen by what is there: around, inside, beside, empty, from the middle of a span to that of another.
fn windows(trace: &Trace, lane: LaneSpans<'_>) -> [(i64, i64); 5] {
    let at = |part: usize| lane.start(lane.len() * part / 4);
    let (middle, far) = (midpoint(at(1), at(2)), midpoint(at(3), lane.end));
    [
        (trace.start().saturating_sub(5), trace.end().saturating_add(5)),
        (at(1), at(3)),
        (middle, far),
        (far, far),
        (lane.end, trace.end()),
    ]
}

fn midpoint(a: i64, b: i64) -> i64 {
    a + ((i128::from(b) - i128::from(a)) / 2) as i64
}

/// The time of each class in a window, span by span.
fn summed(lane: LaneSpans<'_>, from: i64, to: i64) -> [u64; Class::COUNT] {
    let mut sums = [0; Class::COUNT];
    for (start, end, class) in lane.iter() {
        let (start, end) = (start.max(from), end.min(to));
        if start < end {
            sums[class as usize] += start.abs_diff(end);
        }
    }
    sums
}

/// Cells hold what windows hold.
fn check_cells(trace: &Trace, lane: LaneSpans<'_>, fill: impl Fn(i64, i64, &mut [[u64; Class::COUNT]], &mut [u32])) {
    let Some((from, width)) = grid(trace) else { return };
    let (mut cells, mut begins) = ([[7; Class::COUNT]; CELLS], [7; CELLS]);
    fill(from, width, &mut cells, &mut begins);
    for (i, (cell, begin)) in cells.iter().zip(begins).enumerate() {
        let (from, to) = (from + width * i as i64, from + width * (i as i64 + 1));
        assert_eq!(*cell, summed(lane, from, to), "cell {i} of {width} ns");
        let count = lane.iter().filter(|&(start, ..)| from <= start && start < to).count();
        assert_eq!(begin as usize, count, "spans that begin in cell {i}");
    }
}

/// Begin and width of cells that cover the trace, if it is not longer than any machine was ever up.
fn grid(trace: &Trace) -> Option<(i64, i64)> {
    let length = trace.end().checked_sub(trace.start()).filter(|&length| length < i64::MAX / 4)?;
    let from = trace.start().checked_sub(3).filter(|&from| from.checked_add(2 * length).is_some())?;
    Some((from, length / (CELLS as i64 - 1) + 1))
}

/// The cells of a group are those of its members, and the cells of all those of the groups.
fn check_groups(trace: &Trace) {
    let mut grouped = vec![false; trace.goroutines().len()];
    for group in trace.groups() {
        assert!(!group.members.is_empty());
        for member in &group.members {
            assert!(!std::mem::replace(&mut grouped[member.index()], true), "a member of one group only");
            assert_eq!(trace.goroutines()[member.index()].function, group.function);
        }
    }
    assert!(grouped.into_iter().all(|is_grouped| is_grouped), "every goroutine has a group");
    let Some((from, width)) = grid(trace) else { return };
    check_group_cells(trace, from, width);
    // Cells as tiles have them: powers of two wide, and where those are.
    let width = (width as u64).next_power_of_two() as i64;
    check_group_cells(trace, from.div_euclid(width) * width, width);
}

fn check_group_cells(trace: &Trace, from: i64, width: i64) {
    let mut sum = [[0; Class::COUNT]; CELLS];
    for (group, row) in (0..).map(GroupIdx).zip(trace.groups()) {
        let mut cells = [[7; Class::COUNT]; CELLS];
        trace.group_cells(group, from, width, &mut cells);
        for (i, (cell, sum)) in cells.iter().zip(&mut sum).enumerate() {
            let (from, to) = (from + width * i as i64, from + width * (i as i64 + 1));
            let members = row.members.iter().map(|&go| summed(trace.go_lane(go), from, to));
            let members = members.fold([0; Class::COUNT], |sum, time| plus(&sum, &time));
            assert_eq!(*cell, members, "cell {i} of {group:?}");
            *sum = plus(sum, cell);
        }
    }
    let mut all = [[7; Class::COUNT]; CELLS];
    trace.all_cells(from, width, &mut all);
    assert_eq!(all, sum, "all goroutines are those of the groups");
}

fn plus(a: &[u64; Class::COUNT], b: &[u64; Class::COUNT]) -> [u64; Class::COUNT] {
    std::array::from_fn(|class| a[class] + b[class])
}

/// Tables are sorted as they say, and name rows that exist.
fn check_tables(trace: &Trace) {
    let exists = |go: GoIdx| go.get().is_none_or(|go| go.index() < trace.goroutines().len());
    assert!(trace.ranges().iter().all(|range| exists(range.go)));
    assert!(trace.ranges().iter().all(|range| range.start.zip(range.end).is_none_or(|(start, end)| start <= end)));
    assert!(trace.regions().iter().all(|region| region.start.zip(region.end).is_none_or(|(start, end)| start <= end)));
    assert!(trace.tasks().iter().all(|task| task.start.zip(task.end).is_none_or(|(start, end)| start <= end)));
    assert!(trace.logs().iter().is_sorted_by_key(|log| log.ts) && trace.logs().iter().all(|log| exists(log.go)));
    assert!(trace.labels().iter().all(|label| exists(label.go)));
    assert!(trace.samples().iter().is_sorted_by_key(|sample| sample.ts));
    assert!(trace.samples().iter().all(|sample| exists(sample.go)));
    let metrics = trace.metrics();
    for series in [metrics.gomaxprocs, metrics.heap_live, metrics.heap_goal] {
        assert!(series.iter().is_sorted_by_key(|point| point.ts));
    }
    let spans = trace.go_spans();
    for go in rows(trace.goroutines().len()).map(GoIdx) {
        for wake in trace.wakes_by(go).iter() {
            let mut of_woken = spans.iter_from(wake.to, 0);
            assert!(of_woken.any(|span| span.cause == go && span.start <= wake.ts), "who woke it");
        }
    }
    for task in trace.tasks() {
        let depth = task.parent.get().map_or(0, |parent| trace.tasks()[parent.index()].depth + 1);
        assert_eq!(task.depth, depth, "{task:?}");
    }
}

fn rows(count: usize) -> std::ops::Range<u32> {
    0..count as u32
}
