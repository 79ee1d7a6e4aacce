//! Where Go's tool is wrong about goroutines: a trace for each case, with the right numbers.

use super::{list, times};
use crate::goroutines::GoTimes;
use crate::{Page, fixtures, goroutine};
use expect_test::{Expect, expect};
use goroscope_model::GoIdx;
use std::fmt::Write as _;

/// `G2 main.worker: lifetime 40, running 30, …` of every goroutine, times that are not 0 only.
fn check(trace: &str, expected: &Expect) {
    let trace = fixtures::read(trace);
    let mut found = String::new();
    for row in list(&trace, "", None).rows {
        write!(found, "G{} {}", row.goroutine.id, row.goroutine.function).unwrap();
        let shown = |times: &GoTimes| {
            let of = times::COLUMNS.iter().map(|(name, read)| (*name, read(times)));
            of.filter(|(_, ns)| *ns > 0).map(|(name, ns)| format!("{name} {ns}")).collect::<Vec<_>>().join(", ")
        };
        write!(found, ": {}", shown(&row.times)).unwrap();
        for blocked in &row.blocked {
            write!(found, ", {:?} {}", blocked.reason, blocked.ns).unwrap();
        }
        let end = row.ended.map_or_else(|| "not ended".to_owned(), |ended| format!("ended {ended}"));
        writeln!(found, "; {end}").unwrap();
    }
    expected.assert_eq(&found);
}

/// The status of the third goroutine is written at the end of a generation, later than what the second does in the next.
/// Go moves all of that behind the status, event by event: the second then runs for a nanosecond.
#[test]
fn a_late_status_squeezes_nothing() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=110
GoBlock reason_string="sync" stack=[main.main] at=120
EventBatch m=-1 time=100
GoStatus g=3 m=-1 gstatus=Waiting at=900
Generation 2
EventBatch m=1 time=200
ProcStatus p=0 pstatus=Running at=200
GoStatus g=2 m=-1 gstatus=Runnable at=201
GoStart g=2 g_seq=1 at=210
GoBlock reason_string="sync" stack=[main.worker] at=700
HeapAlloc heapalloc_value=1 at=1000
"#,
        &expect![[r#"
            G1 main.main: lifetime 900, running 20, waiting 880, sync 880, "sync" 880; not ended
            G2 main.worker: lifetime 890, running 490, runnable 100, waiting 300, sync 300, "sync" 300; not ended
            G3 : lifetime 900, waiting 900, other_wait 900, "reason not in this trace" 900; not ended
        "#]],
    );
}

/// Go counts all of the call as a system call, and what was blocked again as scheduler wait.
#[test]
fn a_blocked_call_that_does_not_end() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoSyscallBegin p_seq=1 stack=[syscall.Read; main.main] at=110
EventBatch m=2 time=100
ProcSteal p=0 p_seq=2 m=1 at=130
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G1 main.main: lifetime 100, running 10, syscall 20, syscall_blocked 70; not ended
        "#]],
    );
}

/// It has no proc: it is blocked, if nothing says when that began. For Go it is not.
#[test]
fn a_call_that_was_blocked_when_the_trace_began() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
GoStatusStack g=1 m=1 gstatus=Syscall stack=[syscall.Read; main.reader] at=110
GoSyscallEndBlocked at=150
EventBatch m=2 time=100
ProcStatus p=0 pstatus=Running at=100
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G1 main.reader: lifetime 100, runnable 50, syscall_blocked 50; not ended
        "#]],
    );
}

/// For Go it ended where it began to wait.
#[test]
fn who_waits_for_ever_has_not_ended() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoBlock reason_string="forever" stack=[main.main] at=120
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G1 main.main: lifetime 100, running 20, waiting 80, other_wait 80, "forever" 80; not ended
        "#]],
    );
}

/// For Go there is one goroutine, with what the last one did.
#[test]
fn an_id_that_is_used_again_is_another_goroutine() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
GoCreateSyscall new_g=17 at=100
ProcStatus p=0 pstatus=Idle at=101
ProcStart p=0 p_seq=1 at=105
GoSyscallEndBlocked at=110
GoStart g=17 g_seq=1 at=120
GoSyscallBegin p_seq=2 stack=[main.callback] at=150
GoDestroySyscall at=160
EventBatch m=2 time=170
GoCreateSyscall new_g=17 at=170
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G17 main.callback: lifetime 60, running 30, runnable 10, syscall 10, syscall_blocked 10; ended 60
            G17 : lifetime 30, syscall_blocked 30; not ended
        "#]],
    );
}

/// For Go the first goroutine sweeps until it ends, as nothing on it ends the sweep.
#[test]
fn a_sweep_that_changes_goroutines_is_of_none() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=105
GCSweepBegin stack=[runtime.mallocgc] at=110
GCSweepEnd swept_value=1 reclaimed_value=1 at=115
GCSweepBegin stack=[runtime.mallocgc] at=120
GoStop reason_string="preempted" stack=[main.main] at=130
GoStart g=2 g_seq=1 at=130
GCSweepEnd swept_value=1 reclaimed_value=1 at=150
GCSweepBegin stack=[runtime.mallocgc] at=160
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G1 main.main: lifetime 100, running 30, runnable 70, sweep 5; not ended
            G2 main.worker: lifetime 95, running 70, runnable 25, sweep 40; not ended
        "#]],
    );
}

/// A reason of a wait that began before the trace is said not to be there, and a goroutine that never ran has no latency.
#[test]
fn what_is_not_in_the_trace_is_said_so() {
    let trace = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
GoStatus g=3 m=-1 gstatus=Waiting at=103
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=105
GoUnblock g=3 g_seq=1 stack=[main.main] at=140
HeapAlloc heapalloc_value=1 at=200
"#;
    check(
        trace,
        &expect![[r#"
        G1 main.main: lifetime 100, running 100; not ended
        G2 main.worker: lifetime 95, runnable 95; not ended
        G3 : lifetime 100, runnable 60, waiting 40, other_wait 40, "reason not in this trace" 40; not ended
    "#]],
    );
    let trace = fixtures::read(trace);
    let never_run = goroutine(&trace, fixtures::go(&trace, 2), Page::default()).unwrap();
    assert_eq!((never_run.created, never_run.first_run), (Some(5), None));
    let woken = goroutine(&trace, GoIdx(fixtures::go(&trace, 3).0), Page::default()).unwrap();
    let by = &woken.woken_by[0];
    assert_eq!((by.go.as_ref().map(|go| go.id), by.waited, by.longest_ts), (Some(1), 40, 0));
}
