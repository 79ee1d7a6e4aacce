//! What must hold for every trace, good or damaged.

#![allow(dead_code, reason = "each test uses its own part")]

pub mod dump;

use goroscope_model::{Class, GoIdx, LaneSpans, ProcIdx, RangeScope, ThreadIdx, Trace};

/// Reads a trace from memory.
pub fn read(file: &[u8]) -> Trace {
    // The picture so far is asked for as often as it can be: no file may break it.
    Trace::read(file, &mut |progress| drop(progress.preview())).expect("a trace")
}

/// Every invariant that holds whatever the file says.
pub fn check_always(trace: &Trace) {
    check_lanes(trace);
    check_tables(trace);
    check_sums(trace);
}

/// Running time of goroutines and of procs, which are equal if the clocks of threads agree.
pub fn running(trace: &Trace) -> (u64, u64) {
    let gos = gos(trace).map(|go| trace.go_time(go, i64::MIN / 2, i64::MAX / 2)[Class::Running as usize]).sum();
    let procs = procs(trace).map(|proc| {
        let time = trace.proc_time(proc, i64::MIN / 2, i64::MAX / 2);
        [Class::Running, Class::RunningGc, Class::RunningRuntime].map(|class| time[class as usize]).iter().sum::<u64>()
    });
    (gos, procs.sum())
}

/// Running time of threads.
pub fn running_threads(trace: &Trace) -> u64 {
    let threads = (0..trace.threads().len() as u32).map(|thread| {
        let time = trace.thread_time(ThreadIdx(thread), i64::MIN / 2, i64::MAX / 2);
        [Class::Running, Class::RunningGc, Class::RunningRuntime].map(|class| time[class as usize]).iter().sum::<u64>()
    });
    threads.sum()
}

/// Whether any clock had to be moved.
pub fn clocks_disagree(trace: &Trace) -> bool {
    trace.diagnostics().iter().any(|diagnostic| diagnostic.message.starts_with("clocks of threads disagree"))
}

fn gos(trace: &Trace) -> impl Iterator<Item = GoIdx> {
    (0..trace.goroutines().len() as u32).map(GoIdx)
}

fn procs(trace: &Trace) -> impl Iterator<Item = ProcIdx> {
    (0..trace.procs().len() as u32).map(ProcIdx)
}

/// The spans of a lane tile its life, within the trace.
fn check_lanes(trace: &Trace) {
    let go_lanes = gos(trace).map(|go| (format!("go {go:?}"), trace.go_lane(go)));
    let proc_lanes = procs(trace).map(|proc| (format!("{proc:?}"), trace.proc_lane(proc)));
    let threads = (0..trace.threads().len() as u32).map(ThreadIdx);
    let thread_lanes = threads.map(|thread| (format!("{thread:?}"), trace.thread_lane(thread)));
    let mut rows = [0, 0, 0];
    for (kind, lanes) in [go_lanes.collect::<Vec<_>>(), proc_lanes.collect(), thread_lanes.collect()].iter().enumerate()
    {
        for (name, lane) in lanes {
            assert_eq!(lane.first_row as usize, rows[kind], "{name}: lanes follow each other");
            rows[kind] += lane.start.len();
            check_lane(trace, name, *lane);
        }
    }
    let spans = trace.go_spans();
    for column in [spans.reason.len(), spans.stack.len(), spans.proc.len(), spans.thread.len(), spans.cause.len()] {
        assert_eq!(column, rows[0]);
    }
    assert_eq!([spans.start.len(), trace.proc_spans().start.len(), trace.thread_spans().start.len()], rows);
}

fn check_lane(trace: &Trace, name: &str, lane: LaneSpans<'_>) {
    assert!(!lane.start.is_empty(), "{name}: a lane has a span");
    assert_eq!(lane.start.len(), lane.class.len(), "{name}");
    assert!(lane.start.is_sorted(), "{name}: time runs forward");
    assert!(lane.start[lane.start.len() - 1] <= lane.end, "{name}: the last span ends after it begins");
    assert!(lane.start[0] >= trace.start() && lane.end <= trace.end(), "{name}: within the trace");
}

/// Rows that tables name exist, orders are what the documentation says.
fn check_tables(trace: &Trace) {
    let gos = trace.goroutines();
    let exists = |go: GoIdx| go == GoIdx::NONE || go.index() < gos.len();
    assert!(trace.procs().is_sorted_by_key(|proc| proc.id));
    for (i, group) in trace.groups().iter().enumerate() {
        assert!(group.peak >= 1 && group.peak as usize <= group.members.len());
        for member in &group.members {
            assert_eq!(gos[member.index()].group.index(), i);
            assert_eq!(gos[member.index()].function, group.function);
        }
    }
    for (i, goroutine) in gos.iter().enumerate() {
        let go = GoIdx(i as u32);
        assert!(trace.find_goroutine(goroutine.id).contains(&go));
        assert!(exists(goroutine.creator));
        let lane = trace.go_lane(go);
        assert!(goroutine.created.is_none_or(|created| created == lane.start[0]), "{goroutine:?}");
        assert!(goroutine.ended.is_none_or(|ended| ended == lane.end), "{goroutine:?}");
        let regions = &trace.regions()[trace.go_regions(go)];
        assert!(regions.iter().all(|region| region.go == go));
        assert_eq!(regions.iter().map(|region| region.depth + 1).max().unwrap_or(0), goroutine.region_depth);
        let has_ranges = !trace.scope_ranges(RangeScope::Go(go)).is_empty();
        assert_eq!(has_ranges, goroutine.has_ranges);
        assert!(trace.wakes_by(go).is_sorted_by_key(|wake| wake.ts));
        for wake in trace.wakes_by(go) {
            let lane = trace.go_lane(wake.to);
            let row = (wake.span - lane.first_row) as usize;
            assert_eq!(trace.go_spans().cause[wake.span as usize], go);
            assert_eq!(lane.start[row], wake.ts);
        }
        for &row in trace.go_logs(go) {
            assert_eq!(trace.logs()[row as usize].go, go);
        }
        for &row in trace.go_samples(go) {
            assert_eq!(trace.samples()[row as usize].go, go);
        }
    }
    assert!(trace.ranges().is_sorted_by_key(|range| range.start));
    assert!(trace.logs().is_sorted_by_key(|log| log.ts));
    assert!(trace.samples().is_sorted_by_key(|sample| sample.ts));
    for range in trace.ranges() {
        assert!(range.start.zip(range.end).is_none_or(|(start, end)| start <= end), "{range:?}");
        assert!(exists(range.go));
    }
    for region in trace.regions() {
        assert!(region.start.zip(region.end).is_none_or(|(start, end)| start <= end), "{region:?}");
    }
    let metrics = trace.metrics();
    for series in [&metrics.gomaxprocs, &metrics.heap_live, &metrics.heap_goal] {
        assert!(series.ts.is_sorted());
        assert_eq!(series.ts.len(), series.value.len());
    }
    for (i, task) in trace.tasks().iter().enumerate() {
        assert!(task.start.zip(task.end).is_none_or(|(start, end)| start <= end), "{task:?}");
        let depth = task.parent.get().map_or(0, |parent| trace.tasks()[parent.index()].depth + 1);
        assert_eq!(task.depth, depth, "{task:?}");
        assert!(trace.task_types()[task.kind.index()].members.iter().any(|member| member.index() == i));
    }
}

/// Sums of a group are those of its members; sums of cells are those of the whole.
fn check_sums(trace: &Trace) {
    const CELLS: usize = 37;
    let (from, to) = (trace.start() - 5, trace.end() + 5);
    let width = (to - from) / CELLS as i64 + 1;
    let whole = (from, from + width * CELLS as i64);
    let mut all = vec![[0; Class::COUNT]; CELLS];
    trace.all_cells(from, width, &mut all);
    let mut members = vec![[0; Class::COUNT]; CELLS];
    for go in gos(trace) {
        let mut cells = vec![[7; Class::COUNT]; CELLS];
        let mut begins = vec![0; CELLS];
        trace.go_cells(go, from, width, &mut cells, &mut begins);
        let lane = trace.go_lane(go);
        assert_eq!(begins.iter().sum::<u32>() as usize, lane.start.len());
        let time = trace.go_time(go, whole.0, whole.1);
        assert_eq!(time.iter().sum::<u64>() as i64, lane.end - lane.start[0], "states of {go:?} are its life");
        for class in 0..Class::COUNT {
            assert_eq!(cells.iter().map(|cell| cell[class]).sum::<u64>(), time[class]);
        }
        for (sum, cell) in members.iter_mut().zip(&cells) {
            for (sum, time) in sum.iter_mut().zip(cell) {
                *sum += time;
            }
        }
    }
    assert_eq!(all, members, "all goroutines are the sum of all goroutines");
}
