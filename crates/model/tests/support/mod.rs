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
    check_kinds(trace);
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
        let mut stretches: Vec<_> = lanes.iter().map(|(_, lane)| (lane.first_row as usize, lane.len())).collect();
        stretches.sort_unstable();
        for (first, len) in stretches {
            assert_eq!(first, rows[kind], "rows of lanes follow each other");
            rows[kind] += len;
        }
        for (name, lane) in lanes {
            check_lane(trace, name, *lane);
        }
    }
    assert_eq!([trace.go_spans().len(), trace.proc_span_count(), trace.thread_span_count()], rows);
}

fn check_lane(trace: &Trace, name: &str, lane: LaneSpans<'_>) {
    assert!(!lane.is_empty(), "{name}: a lane has a span");
    let mut now = lane.begin();
    for (i, (start, end, class)) in lane.iter().enumerate() {
        assert_eq!((lane.start(i), lane.end_of(i), lane.class(i)), (start, end, class), "{name}");
        assert_eq!(start, now, "{name}: spans follow each other");
        assert!(start <= end, "{name}: time runs forward");
        now = end;
        let before = lane.count_before(start);
        assert!(
            before <= i && lane.start(before) == start && (before == 0 || lane.start(before - 1) < start),
            "{name}"
        );
    }
    assert_eq!(now, lane.end, "{name}: the last span ends with the lane");
    assert_eq!(lane.count_before(i64::MAX), lane.len());
    assert!(lane.begin() >= trace.start() && lane.end <= trace.end(), "{name}: within the trace");
}

/// What is taken out of whole blocks is what is taken out span by span.
fn check_kinds(trace: &Trace) {
    let spans = trace.go_spans();
    for go in gos(trace) {
        let all: Vec<_> = spans.iter_from(go, 0).collect();
        let lane = trace.go_lane(go);
        let n = all.len();
        let wanted: Vec<_> =
            all.iter().enumerate().map(|(i, span)| (i, span.start, lane.end_of(i), span.class, span.reason)).collect();
        for part in [0..n, 1..n + 1, n / 2..n / 2 + 1, n / 3..n / 3 + 200, n..n + 9] {
            let mut found = Vec::new();
            spans.each_kind(go, part.clone(), |i, start, end, kind| {
                found.push((i, start, end, kind.class, kind.reason));
            });
            assert_eq!(found, wanted.get(part.start..part.end.min(n)).unwrap_or_default(), "{go:?} {part:?}");
        }
        let mut causes: Vec<_> = all.iter().map(|span| span.cause).collect();
        causes.sort_unstable();
        causes.dedup();
        for cause in causes.into_iter().chain([go]).filter(|&cause| cause != GoIdx::NONE) {
            let mut found = Vec::new();
            spans.with_cause(go, cause, |i| found.push(i));
            assert_eq!(found, (0..n).filter(|&i| all[i].cause == cause).collect::<Vec<_>>(), "{go:?} {cause:?}");
        }
    }
    for proc in procs(trace) {
        let lane = trace.proc_lane(proc);
        let mut count = 0;
        trace.each_proc_kind(proc, 0..usize::MAX, |i, start, end, kind| {
            let span = trace.proc_span(proc, i);
            assert_eq!((i, start, end), (count, span.start, lane.end_of(i)));
            assert_eq!((kind.class, kind.thread), (span.class, span.thread));
            count += 1;
        });
        assert_eq!(count, lane.len());
    }
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
        assert!(goroutine.created.is_none_or(|created| created == lane.begin()), "{goroutine:?}");
        assert!(goroutine.ended.is_none_or(|ended| ended == lane.end), "{goroutine:?}");
        let regions: Vec<_> = trace.go_regions(go).map(|row| trace.regions().at(row)).collect();
        assert!(regions.iter().all(|region| region.go == go));
        assert_eq!(regions.iter().map(|region| region.depth + 1).max().unwrap_or(0), goroutine.region_depth);
        let has_ranges = !trace.scope_ranges(RangeScope::Go(go)).is_empty();
        assert_eq!(has_ranges, goroutine.has_ranges);
        assert!(trace.wakes_by(go).iter().is_sorted_by_key(|wake| wake.ts));
        for wake in trace.wakes_by(go).iter() {
            assert!(trace.go_spans().iter_from(wake.to, 0).any(|span| span.cause == go && span.start <= wake.ts));
        }
        for &row in trace.go_logs(go) {
            assert_eq!(trace.logs().at(row as usize).go, go);
        }
        for &row in trace.go_samples(go) {
            assert_eq!(trace.samples().at(row as usize).go, go);
        }
    }
    assert!(trace.logs().iter().is_sorted_by_key(|log| log.ts));
    assert!(trace.samples().iter().is_sorted_by_key(|sample| sample.ts));
    for range in trace.ranges().iter() {
        assert!(range.start.zip(range.end).is_none_or(|(start, end)| start <= end), "{range:?}");
        assert!(exists(range.go));
    }
    for region in trace.regions().iter() {
        assert!(region.start.zip(region.end).is_none_or(|(start, end)| start <= end), "{region:?}");
    }
    let metrics = trace.metrics();
    for series in [metrics.gomaxprocs, metrics.heap_live, metrics.heap_goal] {
        assert!(series.iter().is_sorted_by_key(|point| point.ts));
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
    let (from, to) = (trace.start() - 5, trace.end() + 5);
    let width = (to - from) / CELLS as i64 + 1;
    check_sums_in(trace, from, width);
    // Cells as tiles have them.
    let width = (width as u64 * 2).next_power_of_two() as i64;
    check_sums_in(trace, from.div_euclid(width) * width, width);
}

/// How many cells are summed.
const CELLS: usize = 37;

fn check_sums_in(trace: &Trace, from: i64, width: i64) {
    let whole = (from, from + width * CELLS as i64);
    let mut all = vec![[0; Class::COUNT]; CELLS];
    trace.all_cells(from, width, &mut all);
    let mut members = vec![[0; Class::COUNT]; CELLS];
    for go in gos(trace) {
        let mut cells = vec![[7; Class::COUNT]; CELLS];
        let mut begins = vec![0; CELLS];
        trace.go_cells(go, from, width, &mut cells, &mut begins);
        let lane = trace.go_lane(go);
        assert_eq!(begins.iter().sum::<u32>() as usize, lane.len());
        let time = trace.go_time(go, whole.0, whole.1);
        assert_eq!(time.iter().sum::<u64>() as i64, lane.end - lane.begin(), "states of {go:?} are its life");
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
