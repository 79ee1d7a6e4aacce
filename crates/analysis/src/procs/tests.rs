//! Sums that must agree, and missed procs by another way.

use super::*;
use crate::{ClassKind, Lane, classes, fixtures, states};
use goroscope_model::{Class, GoIdx};

fn ask(trace: &Trace, filter: &str, cells: usize) -> Procs {
    let options = ProcsOptions { cells, page: OrderedPage { limit: 1000, ..OrderedPage::default() }, worst: 1000 };
    procs(trace, &Filter::parse(filter).unwrap(), &options).unwrap()
}

fn goroutines(trace: &Trace) -> impl Iterator<Item = GoIdx> + use<> {
    (0..trace.goroutines().len() as u32).map(GoIdx)
}

/// Time of all goroutines by kind.
fn of_goroutines(trace: &Trace, kind: ClassKind, from: i64, to: i64) -> u64 {
    goroutines(trace).map(|go| classes::sum_of_kind(&states::time(trace, Lane::Go(go), from, to), kind)).sum()
}

/// Cells add up to rows, rows to the total, the total to what goroutines ran; the queue to the time they could run.
#[track_caller]
fn check(trace: &Trace) {
    for (filter, cells) in [("", 1), ("", 7), ("", 64), ("", 4096), ("from=100ns to=900ns", 10)] {
        let found = ask(trace, filter, cells);
        assert!(found.cells <= cells);
        for row in &found.rows.rows {
            let ProcCells { running, running_gc, running_runtime, syscall, scheduler, idle, unknown } = &row.cells;
            let time = &row.time;
            for (cells, sum) in [
                (running, time.running),
                (running_gc, time.running_gc),
                (running_runtime, time.running_runtime),
                (syscall, time.syscall),
                (scheduler, time.scheduler),
                (idle, time.idle),
                (unknown, time.unknown),
            ] {
                assert_eq!(cells.len(), found.cells);
                assert_eq!(cells.iter().sum::<u64>(), sum, "{:?} {filter} {}", row.proc, found.cells);
            }
            let parts = time.busy() + time.syscall + time.scheduler + time.idle + time.unknown;
            assert_eq!((parts, time.lifetime), (time.lifetime, (row.end - row.start) as u64));
        }
        assert_eq!(found.total.busy(), of_goroutines(trace, ClassKind::Run, found.from, found.to));
        let ready = of_goroutines(trace, ClassKind::Ready, found.from, found.to) as f64;
        let over: f64 = (0..found.cells)
            .map(|i| {
                let from = found.from + i as i64 * found.width;
                found.over_time.runnable_mean[i] * ((from + found.width).min(found.to) - from) as f64
            })
            .sum();
        assert!((over - ready).abs() <= 1e-9 * ready + 1e-3, "{over}, not {ready}");
        let means = found.over_time.runnable_mean.iter().zip(&found.over_time.runnable_max);
        assert!(means.into_iter().all(|(mean, &max)| *mean <= max as f64 + 1e-9));
    }
}

#[test]
fn numbers_add_up() {
    check(&fixtures::request());
    for seed in 0..6 {
        check(&fixtures::random(seed, 4, 60, 2000));
    }
    for name in ["mix-1.19", "mix-1.22", "mix-1.27", "pubsub-serial", "flight-1.27", "callback-1.27"] {
        check(&fixtures::recorded(&format!("{name}.trace.zst")));
    }
}

/// Counts at a moment, asked of every lane.
fn counts(trace: &Trace, ts: i64) -> (u64, u64) {
    let at = |lane| {
        let spans = states::of(trace, lane)?;
        let i = states::at(&spans, ts)?;
        (ts < spans.end_of(i)).then(|| spans.class(i))
    };
    let runnable = goroutines(trace).filter(|&go| at(Lane::Go(go)) == Some(Class::Runnable)).count();
    let procs = (0..trace.procs().len() as u32).map(|proc| at(Lane::Proc(ProcIdx(proc))));
    let held = procs.flatten().filter(|class| !matches!(class, Class::Idle | Class::Unknown)).count();
    (runnable as u64, held as u64)
}

/// When procs were missed, by asking between all moments at which anything changes.
#[test]
fn missed_procs_by_another_way() {
    for seed in 0..8 {
        let trace = fixtures::random(seed, 4, 20, 400);
        let found = ask(&trace, "", 1);
        let gomaxprocs = Gomaxprocs::of(&trace);
        let mut moments = vec![trace.start(), trace.end()];
        for go in goroutines(&trace) {
            moments.extend(trace.go_lane(go).iter().map(|span| span.0));
        }
        for proc in (0..trace.procs().len() as u32).map(ProcIdx) {
            moments.extend(trace.proc_lane(proc).iter().map(|span| span.0));
        }
        moments.extend(gomaxprocs.changes().iter().map(|change| change.ts));
        moments.sort_unstable();
        moments.dedup();
        let (mut ns, mut missed, mut most) = (0, 0, 0);
        for pair in moments.windows(2) {
            let (runnable, held) = counts(&trace, pair[0]);
            let idle = gomaxprocs.at(pair[0]).saturating_sub(held);
            let here = (pair[1] - pair[0]) as u64;
            ns += if runnable.min(idle) > 0 { here } else { 0 };
            missed += here * runnable.min(idle);
            most = most.max(runnable);
        }
        assert_eq!((found.short.ns, found.short.missed), (ns, missed), "seed {seed}");
        assert_eq!(found.over_time.runnable_max, [most]);
        let rows = &found.short.rows;
        assert_eq!(rows.iter().map(|row| row.missed).sum::<u64>(), missed);
        assert_eq!(rows.iter().map(|row| row.duration).max().unwrap_or(0), found.short.longest);
        assert!(rows.windows(2).all(|pair| pair[0].missed >= pair[1].missed));
    }
}

/// A proc that loses its thread in a system call, is taken by another thread, and becomes idle twice.
#[test]
fn hands_are_counted() {
    let trace = fixtures::read(
        r"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
ProcsChange procs_value=1 at=1000
GoSyscallBegin p_seq=1 stack=[syscall.read] at=1100
GoSyscallEndBlocked at=1500
EventBatch m=2 time=1000
ProcSteal p=0 p_seq=2 m=1 at=1200
ProcStart p=0 p_seq=3 at=1210
ProcStop at=1300
ProcStart p=0 p_seq=4 at=1600
GoStart g=1 g_seq=1 at=1610
HeapAlloc heapalloc_value=1 at=1700
",
    );
    let found = ask(&trace, "", 1);
    let ProcTime { starts, stops, thread_changes, retakes, .. } = found.total;
    assert_eq!((starts, stops, thread_changes, retakes), (2, 2, 1, 1));
    // Ready from 500 to 610; the only proc was idle until 600.
    let rows: Vec<_> = found.short.rows.iter().map(|row| (row.start, row.end, row.missed)).collect();
    assert_eq!(rows, [(500, 600, 100)]);
}

#[test]
fn damaged_traces() {
    for seed in 0..16 {
        let trace = fixtures::damaged("mix-1.27.trace.zst", seed);
        let found = ask(&trace, "", 64);
        for row in &found.short.rows {
            assert!(trace.lost().iter().all(|&(from, to)| row.end <= from || to <= row.start), "{row:?}");
        }
    }
    let error = procs(&fixtures::request(), &Filter::parse("func=a").unwrap(), &ProcsOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "func does not apply to procs, which knows only from, to, min, max");
}
