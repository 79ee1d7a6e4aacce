//! Cycles and stops by hand, and sums of recorded traces that must agree.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use super::*;
use crate::{fixtures, workers};
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn ask(trace: &Trace, filter: &str, table: &str) -> Gc {
    let page = OrderedPage { limit: 1000, ..OrderedPage::default() };
    gc(trace, &Filter::parse(filter).unwrap(), GcTable::parse(Some(table), None).unwrap(), &page).unwrap()
}

/// Cycles and stops of a trace, a line each.
#[track_caller]
fn check(text: &str, expected: &Expect) {
    let trace = fixtures::read(text);
    let mut found = String::new();
    for cycle in ask(&trace, "", "cycles").cycles.rows {
        let Cycle { number, start, end, open_start, open_end, forced, .. } = cycle;
        let _ = writeln!(found, "cycle {number} {start}..{end} open {open_start} {open_end} by {forced:?}");
        for PhaseTime { phase, start, end } in &cycle.phases {
            let _ = writeln!(found, "  {phase:?} {start}..{end}");
        }
        for Stop { cause, start, end, .. } in &cycle.pauses {
            let _ = writeln!(found, "  pause {start}..{end} {cause}");
        }
        let Cycle { heap_before, heap_peak, heap_mark_end, heap_after, goal, next_goal, .. } = cycle;
        let heap = [heap_before, heap_peak, heap_mark_end, heap_after, goal, next_goal];
        let _ = writeln!(found, "  heap {heap:?}");
        let _ = writeln!(found, "  {:?} of the procs {:?}", cycle.effort, cycle.gc_share);
    }
    for Stop { cause, start, end, gc, cycle, .. } in ask(&trace, "", "stops").stops.rows {
        let _ = writeln!(found, "stop {start}..{end} {cause}, gc {gc}, of cycle {cycle:?}");
    }
    expected.assert_eq(&found);
}

/// Marking begins before the world is stopped and ends while it is; it goes on once when it seemed done. A dedicated
/// worker on one of two procs, an assist that waits meanwhile, sweeps up to the next cycle, which does not end.
#[test]
fn a_cycle() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
ProcsChange procs_value=2 at=1000
HeapGoal heapgoal_value=4000 at=1001
HeapAlloc heapalloc_value=3900 at=1050
GCBegin gc_seq=1 stack=[runtime.mallocgc malloc.go:1; main.main main.go:1] at=1100
STWBegin kind_string="GC sweep termination" stack=[runtime.mallocgc malloc.go:1; main.main main.go:1] at=1110
STWEnd at=1120
HeapAlloc heapalloc_value=4300 at=1150
GCMarkAssistBegin stack=[runtime.mallocgc] at=1160
GoBlock reason_string="GC mark assist wait for work" stack=[runtime.mallocgc] at=1180
GoStart g=1 g_seq=2 at=1220
GCMarkAssistEnd at=1230
HeapAlloc heapalloc_value=4200 at=1240
STWBegin kind_string="GC mark termination" stack=[runtime.gcMarkDone] at=1250
STWEnd at=1260
STWBegin kind_string="GC mark termination" stack=[runtime.gcMarkDone] at=1400
HeapAlloc heapalloc_value=2000 at=1405
HeapGoal heapgoal_value=4100 at=1406
GCEnd gc_seq=2 at=1410
STWEnd at=1420
GCSweepBegin stack=[runtime.mallocgc] at=1500
GCSweepEnd swept_value=8192 reclaimed_value=4096 at=1530
STWBegin kind_string="read mem stats" stack=[runtime.ReadMemStats; main.main] at=1600
STWEnd at=1640
GCBegin gc_seq=3 stack=[runtime.GC mgc.go:1; main.main main.go:1] at=1700
STWBegin kind_string="GC sweep termination" stack=[runtime.GC mgc.go:1; main.main main.go:1] at=1710
STWEnd at=1730
EventBatch m=2 time=1000
ProcStatus p=1 pstatus=Running at=1005
GoStatusStack g=2 m=-1 gstatus=Waiting stack=[runtime.gopark; runtime.gcBgMarkWorker] at=1006
GoUnblock g=2 g_seq=1 at=1130
GoStart g=2 g_seq=2 at=1140
GoLabel label_string="GC (dedicated)" at=1141
GoUnblock g=1 g_seq=1 stack=[runtime.gcBgMarkWorker] at=1200
GoBlock reason_string="system goroutine wait" stack=[runtime.gcBgMarkWorker] at=1240
"#,
        &expect![[r#"
            cycle 1 100..420 open false false by Some(Heap)
              SweepTermination 110..120
              Mark 120..400
              MarkTermination 400..420
              Sweep 420..700
              pause 110..120 GC sweep termination
              pause 250..260 GC mark termination
              pause 400..420 GC mark termination
              heap [Some(3900), Some(4300), Some(4200), Some(2000), Some(4000), Some(4100)]
              Effort { assists: 1, assist_ns: 70, assist_running_ns: 30, dedicated_ns: 100, fractional_ns: 0, idle_ns: 0, unlabelled_ns: 0, sweeps: 1, sweep_ns: 30, swept_bytes: 8192, reclaimed_bytes: 4096, sweeper_ns: 0 } of the procs Some(0.328125)
            cycle 2 700..730 open false true by Some(Call)
              SweepTermination 710..730
              pause 710..730 GC sweep termination
              heap [Some(2000), Some(2000), Some(2000), None, Some(4100), None]
              Effort { assists: 0, assist_ns: 0, assist_running_ns: 0, dedicated_ns: 0, fractional_ns: 0, idle_ns: 0, unlabelled_ns: 0, sweeps: 0, sweep_ns: 0, swept_bytes: 0, reclaimed_bytes: 0, sweeper_ns: 0 } of the procs Some(0.6666666666666667)
            stop 110..120 GC sweep termination, gc true, of cycle Some(1)
            stop 250..260 GC mark termination, gc true, of cycle Some(1)
            stop 400..420 GC mark termination, gc true, of cycle Some(1)
            stop 600..640 read mem stats, gc false, of cycle None
            stop 710..730 GC sweep termination, gc true, of cycle Some(2)
        "#]],
    );
}

/// Found in the middle, and an end without a begin.
#[test]
fn a_cycle_that_began_before() {
    check(
        r#"Trace Go1.26
Generation 4
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GCActive gc_seq=7 at=1010
STWBegin kind_string="GC mark termination" stack=[runtime.gcMarkDone] at=1250
GCEnd gc_seq=8 at=1260
STWEnd at=1270
HeapAlloc heapalloc_value=1 at=1300
"#,
        &expect![[r#"
            cycle 1 0..270 open true false by None
              Mark 0..250
              MarkTermination 250..270
              Sweep 270..300
              pause 250..270 GC mark termination
              heap [None, None, None, None, None, None]
              Effort { assists: 0, assist_ns: 0, assist_running_ns: 0, dedicated_ns: 0, fractional_ns: 0, idle_ns: 0, unlabelled_ns: 0, sweeps: 0, sweep_ns: 0, swept_bytes: 0, reclaimed_bytes: 0, sweeper_ns: 0 } of the procs Some(0.07407407407407407)
            stop 250..270 GC mark termination, gc true, of cycle Some(1)
        "#]],
    );
}

#[test]
fn triggers() {
    for (stack, wanted) in [
        ("runtime.mallocgcSmallScanNoHeaderSC2; runtime.mallocgc; main.main", Some(Trigger::Heap)),
        ("runtime.GC; main.main", Some(Trigger::Call)),
        ("runtime.GC; runtime/debug.FreeOSMemory; main.main", Some(Trigger::FreeMemory)),
        ("runtime.forcegchelper", Some(Trigger::Periodic)),
        ("main.main", None),
    ] {
        let text = format!(
            "Trace Go1.26\nGeneration 1\nEventBatch m=1 time=1000\nProcStatus p=0 pstatus=Running\n\
             GoStatus g=1 m=1 gstatus=Running\nGCBegin gc_seq=1 stack=[{stack}]\nHeapAlloc heapalloc_value=1\n"
        );
        let cycles = ask(&fixtures::read(&text), "", "cycles").cycles.rows;
        assert_eq!(cycles[0].forced, wanted, "{stack}");
    }
}

/// Sums over the cycles and what the utilisation says are the same, by two ways.
#[test]
fn sums_agree() {
    for name in ["mix-1.19", "mix-1.21", "mix-1.22", "mix-1.25", "mix-1.27", "steps-1.27", "flight-1.27"] {
        let trace = fixtures::recorded(&format!("{name}.trace.zst"));
        let found = ask(&trace, "", "cycles");
        let stops = ask(&trace, "", "stops").stops.rows;
        assert_eq!(found.causes.iter().map(|cause| cause.count).sum::<u64>(), found.total.stops, "{name}");
        assert_eq!(stops.iter().map(|stop| stop.duration).sum::<u64>(), found.total.stop_ns);
        let of_cycles = |part: fn(&Cycle) -> u64| found.cycles.rows.iter().map(part).sum::<u64>();
        assert!(of_cycles(|cycle| cycle.pause_ns) <= found.total.pause_ns);
        let labelled = |cycle: &Cycle| {
            let Effort { dedicated_ns, fractional_ns, idle_ns, unlabelled_ns, .. } = cycle.effort;
            dedicated_ns + fractional_ns + idle_ns + unlabelled_ns
        };
        // The worker that ends a cycle runs on for a while.
        let all: u64 = workers::work(&trace).iter().map(|work| (work.end - work.start) as u64).sum();
        let Effort { dedicated_ns, fractional_ns, idle_ns, unlabelled_ns, .. } = found.total.effort;
        assert_eq!(dedicated_ns + fractional_ns + idle_ns + unlabelled_ns, all, "{name}");
        assert!(of_cycles(labelled) <= all, "{name}");
        for cycle in &found.cycles.rows {
            let phases: Vec<_> = cycle.phases.iter().map(|phase| (phase.start, phase.end)).collect();
            assert!(phases.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{name}: {phases:?}");
            assert!(cycle.gc_share.is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
        let assists = ask(&trace, "", "assists").assists.rows;
        assert_eq!(assists.iter().map(|row| row.ns).sum::<u64>(), found.total.effort.assist_ns);
    }
}

/// What is listed is what touches the stretch and lasts so long; pages are parts of the whole.
#[test]
fn pages_and_filters() {
    let trace = fixtures::recorded("mix-1.27.trace.zst");
    let all = ask(&trace, "", "stops").stops.rows;
    let part = |filter: &str, page: &OrderedPage, sort: StopSort| {
        gc(&trace, &Filter::parse(filter).unwrap(), GcTable::Stops(sort), page).unwrap().stops
    };
    let page = part("", &OrderedPage { offset: 1, limit: 2, order: None }, StopSort::Start);
    assert_eq!((page.total, page.offset, &page.rows[..]), (all.len(), 1, &all[1..3]));
    let longest = part("", &OrderedPage::default(), StopSort::Duration).rows[0].duration;
    assert_eq!(Some(longest), all.iter().map(|stop| stop.duration).max());
    let long = part(&format!("min={longest}ns"), &OrderedPage::default(), StopSort::Start);
    assert!(long.rows.iter().all(|stop| stop.duration >= longest) && !long.rows.is_empty());
    let (from, to) = (all[1].start, all[1].end);
    let there = part(&format!("from={from}ns to={to}ns"), &OrderedPage::default(), StopSort::Start);
    assert_eq!(there.rows, [all[1].clone()]);
    let nothing =
        gc(&trace, &Filter::parse("func=main").unwrap(), GcTable::Stops(StopSort::Start), &OrderedPage::default());
    assert_eq!(nothing.unwrap_err().to_string(), "func does not apply to gc, which knows only from, to, min, max");
    let wrong = GcTable::parse(Some("stops"), Some("heap")).unwrap_err().to_string();
    assert_eq!(wrong, "\"heap\" is no choice: use one of start, duration, cause");
}

#[test]
fn damaged_traces_have_answers() {
    for name in ["mix-1.22", "mix-1.27", "flight-1.25"] {
        for seed in 0..16 {
            let trace = fixtures::damaged(&format!("{name}.trace.zst"), seed);
            for table in ["cycles", "stops", "assists"] {
                ask(&trace, "", table);
            }
        }
    }
}
