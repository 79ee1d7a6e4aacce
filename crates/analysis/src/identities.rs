//! Numbers that must agree: the same quantity by different ways, on random and on recorded traces.

use crate::{
    CELLS, ClassKind, Lane, Page, SearchQuery, Sort, classes, fixtures, goroutine, info, lane_tree, members, overview,
    overview_meta, search, select, span_at, span_row, states, tile,
};
use goroscope_model::{Class, GoIdx, GroupIdx, ProcIdx, TaskTypeIdx, ThreadIdx, Trace};

fn sum(time: &[u64; Class::COUNT]) -> u64 {
    time.iter().sum()
}

fn goroutines(trace: &Trace) -> impl Iterator<Item = GoIdx> + use<> {
    (0..trace.goroutines().len() as u32).map(GoIdx)
}

/// Time by class of a selection.
fn selected(trace: &Trace, from: i64, to: i64, lanes: &[Lane]) -> [u64; Class::COUNT] {
    let selection = select(trace, from, to, lanes);
    let mut time = [0; Class::COUNT];
    for row in &selection.time {
        time[row.class as usize] = row.ns;
    }
    assert_eq!(sum(&time), selection.lane_time);
    let waits: u64 = selection.reasons.iter().map(|reason| reason.ns).sum();
    assert_eq!(waits, classes::sum_of_kind(&time, ClassKind::Wait), "the reasons of waits sum to the waits");
    time
}

/// The states of a goroutine sum to its life; its details, the zoom index and a selection agree.
fn lives(trace: &Trace) {
    let mut of_all = [0; Class::COUNT];
    for go in goroutines(trace) {
        let details = goroutine(trace, go, Page::default()).unwrap();
        let mut time = [0; Class::COUNT];
        for row in &details.time {
            time[row.class as usize] = row.ns;
            of_all[row.class as usize] += row.ns;
        }
        assert_eq!(sum(&time) as i64, details.lifetime, "{go:?}");
        assert_eq!(time, states::time(trace, Lane::Go(go), trace.start(), trace.end()), "{go:?}");
        assert_eq!(details.spans as u64, details.time.iter().map(|row| row.spans).sum::<u64>());
    }
    assert_eq!(of_all, selected(trace, trace.start(), trace.end(), &[Lane::All]));
    let groups: Vec<Lane> = (0..trace.groups().len() as u32).map(|i| Lane::Group(GroupIdx(i))).collect();
    assert_eq!(of_all, selected(trace, trace.start(), trace.end(), &groups));
    let mut twice = groups.clone();
    twice.extend(goroutines(trace).map(Lane::Go));
    assert_eq!(of_all, selected(trace, i64::MIN, i64::MAX, &twice));
}

/// As much runs on the procs as goroutines run, in every stretch of time.
fn procs_run_what_goroutines_run(trace: &Trace) {
    let procs: Vec<Lane> = (0..trace.procs().len() as u32).map(|i| Lane::Proc(ProcIdx(i))).collect();
    let threads: Vec<Lane> = (0..trace.threads().len() as u32).map(|i| Lane::Thread(ThreadIdx(i))).collect();
    for (from, to) in stretches(trace) {
        let [goroutines, procs, threads] = [&[Lane::All][..], &procs, &threads]
            .map(|lanes| classes::sum_of_kind(&selected(trace, from, to, lanes), ClassKind::Run));
        assert_eq!(goroutines, procs, "[{from}, {to})");
        assert_eq!(goroutines, threads, "[{from}, {to})");
    }
}

fn stretches(trace: &Trace) -> Vec<(i64, i64)> {
    let mut random = fixtures::Random::new(trace.ordered_events());
    let length = (trace.end() - trace.start()) as usize;
    let mut moment = || trace.start() + random.below(length) as i64;
    let mut stretches = vec![(trace.start(), trace.end())];
    stretches.extend((0..10).map(|_| (moment(), moment())).map(|(a, b)| (a.min(b), a.max(b))));
    stretches
}

/// Sums in a stretch by the zoom index of each goroutine, of all, and of groups are the same.
fn stretches_add_up(trace: &Trace) {
    for (from, to) in stretches(trace).into_iter().filter(|(from, to)| from < to) {
        let mut cells = [[0; Class::COUNT]];
        trace.all_cells(from, to - from, &mut cells);
        assert_eq!(cells[0], selected(trace, from, to, &[Lane::All]), "[{from}, {to})");
    }
}

/// The overview's means times the buckets are the sums.
fn the_overview_adds_up(trace: &Trace) {
    let time = selected(trace, trace.start(), trace.end(), &[Lane::All]);
    for cells in [1, 3, 64, 1200] {
        let overview = overview(trace, cells);
        assert!(overview.cells <= cells);
        let kinds = [
            (ClassKind::Run, &overview.running),
            (ClassKind::Ready, &overview.runnable),
            (ClassKind::Wait, &overview.waiting),
            (ClassKind::Syscall, &overview.syscall),
        ];
        for (kind, means) in kinds {
            assert_eq!(means.len(), overview.cells);
            let end = |cell: i64| (overview.from + (cell + 1) * overview.width).min(trace.end());
            let width = |cell: i64| end(cell) - (overview.from + cell * overview.width);
            let total: f64 = (0..).zip(means).map(|(cell, mean)| mean * width(cell) as f64).sum();
            let wanted = classes::sum_of_kind(&time, kind) as f64;
            assert!((total - wanted).abs() <= 1e-6 * wanted + 1.0, "{kind:?} in {cells}: {total}, not {wanted}");
        }
    }
}

/// The tree, its groups' pages and the counts speak of the same rows, and every row is found where it is.
fn rows_are_where_they_are_said_to_be(trace: &Trace) {
    let tree = lane_tree(trace);
    let groups =
        |id: &str| tree.sections.iter().find(|section| section.id == id).and_then(|s| s.groups.clone()).unwrap();
    let mut seen = 0;
    for group in groups("goroutines") {
        for sort in [Sort::Id, Sort::Start, Sort::Running, Sort::Duration] {
            let page = members(trace, group.key, 0, usize::MAX, sort).unwrap();
            assert_eq!(page.total as u64, group.count);
            for (offset, row) in page.rows.iter().enumerate().step_by(7) {
                let location = crate::locate(trace, row.key, sort).unwrap();
                assert_eq!((location.group, location.offset), (group.key, offset));
            }
            let later = members(trace, group.key, 2, 3, sort).unwrap();
            assert_eq!(later.rows, page.rows.into_iter().skip(2).take(3).collect::<Vec<_>>());
        }
        seen += group.count;
    }
    assert_eq!(seen, trace.goroutines().len() as u64);
    for (i, kind) in (0..).zip(groups("tasks")) {
        assert_eq!(kind.key, Lane::TaskType(TaskTypeIdx(i)));
        for sort in [Sort::Id, Sort::Start, Sort::Duration] {
            let page = members(trace, kind.key, 0, usize::MAX, sort).unwrap();
            let keys: Vec<Lane> = page.rows.iter().map(|row| row.key).collect();
            for &task in &trace.task_types()[i as usize].members {
                let location = crate::locate(trace, Lane::Task(task), sort).unwrap();
                assert_eq!(keys[location.offset], Lane::Task(task), "{sort:?}");
            }
            let mut distinct = keys.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), keys.len(), "no task stands twice");
        }
    }
    assert_eq!(overview_meta(trace).counts, info(trace).counts);
}

/// Every question that the page can ask of a place has an answer that is not a panic.
fn everything_can_be_asked(trace: &Trace) {
    let mut random = fixtures::Random::new(trace.file_bytes());
    for lane in fixtures::lanes(trace) {
        for level in [0, 8, 13, 18, 24, 31] {
            let tiles = ((trace.end() >> level) / CELLS as i64 + 1) as usize;
            tile(trace, lane, level, random.below(tiles) as i64);
        }
        let ts = random.below(trace.end().max(1) as usize) as i64;
        let Some(span) = span_at(trace, lane, ts) else { continue };
        assert!(span.start <= ts && ts <= span.end, "{lane} at {ts}");
        assert_eq!(span_row(trace, lane, span.row), Some(span));
    }
    let query = SearchQuery { text: "r".to_owned(), kinds: Vec::new(), offset: 0, limit: 50 };
    search(trace, &query);
}

/// The records of the file are the whole file but its header.
fn bytes_add_up(trace: &Trace) {
    assert_eq!(info(trace).events.iter().map(|event| event.bytes).sum::<u64>() + 16, trace.file_bytes());
}

#[track_caller]
fn check(trace: &Trace) {
    bytes_add_up(trace);
    assert!(trace.go_spans().len() > 10);
    everything_can_be_asked(trace);
    lives(trace);
    procs_run_what_goroutines_run(trace);
    stretches_add_up(trace);
    the_overview_adds_up(trace);
    rows_are_where_they_are_said_to_be(trace);
}

#[test]
fn random_traces() {
    check(&fixtures::random(11, 1, 3, 500));
    check(&fixtures::random(12, 4, 60, 8_000));
    check(&fixtures::random(13, 9, 1000, 8_000));
    check(&fixtures::request());
}

#[test]
fn recorded_traces() {
    for name in ["mix-1.22", "mix-1.26", "pubsub-concurrent", "flight-1.27", "callback-1.27", "coro-1.23"] {
        check(&fixtures::recorded(&format!("{name}.trace.zst")));
    }
}

#[test]
fn damaged_traces() {
    for name in ["mix-1.22", "mix-1.27", "flight-1.25", "crowd-1.27"] {
        for seed in 0..16 {
            let trace = fixtures::damaged(&format!("{name}.trace.zst"), seed);
            everything_can_be_asked(&trace);
            lives(&trace);
            stretches_add_up(&trace);
            the_overview_adds_up(&trace);
            rows_are_where_they_are_said_to_be(&trace);
        }
    }
}
