//! Where the pages of `go tool trace` leave something out or tell something else: a trace by hand for each, with what is
//! right. `docs/go-tool-trace.md` has all of them, and those of the tests beside each answer.

#![expect(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use expect_test::{Expect, expect};
use goroscope_analysis::profile::{Kind, Options, profile};
use goroscope_analysis::{
    Filter, LatencyOptions, ListQuery, MmuOptions, Order, Page, Paging, RegionQuery, StopsThatCount, ThreadIdx,
    ThreadsOptions, Trace, goroutines, latency, mmu, overview, regions, threads,
};
use goroscope_model::Class;
use std::fmt::Write as _;

fn read(text: &str) -> Trace {
    let file = goroscope_wire::text::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Trace::read(&file, &mut |_| {}).expect("a trace")
}

/// What every goroutine did, times that are not 0 only.
#[track_caller]
fn check_goroutines(text: &str, expected: &Expect) {
    let page = Page { offset: 0, limit: 100 };
    let sort = "id".parse().expect("a column");
    let query = ListQuery { membership: None, sort, order: Order::Ascending, page };
    let mut found = String::new();
    for row in goroutines(&read(text), &Filter::default(), &query).expect("no filter").rows {
        let times = &row.times;
        let _ = write!(found, "G{} {}: {}", row.goroutine.id, row.goroutine.function, times.lifetime);
        for (name, ns) in [
            ("running", times.running),
            ("runnable", times.runnable),
            ("waiting", times.waiting),
            ("syscall", times.syscall),
            ("blocked", times.syscall_blocked),
            ("assist", times.assist),
        ] {
            if ns > 0 {
                let _ = write!(found, ", {name} {ns}");
            }
        }
        found.push('\n');
    }
    expected.assert_eq(&found);
}

/// The stacks of a profile from the root, with their labels and values.
#[track_caller]
fn check_profile(text: &str, kind: &str, filter: &str, expected: &Expect) {
    let options = Options::new(Kind::parse(kind).expect("a kind"));
    let made = profile(&read(text), &Filter::parse(filter).expect("a filter"), &options).expect("a profile");
    let mut lines: Vec<String> = Vec::new();
    for sample in made.samples() {
        let name = |location| made.text(made.functions()[made.lines(location)[0].function.row()].name);
        let stack: Vec<&str> = made.stack(sample.stack).iter().rev().map(|&location| name(location)).collect();
        lines.push(format!("{} {:?}\n", stack.join(";"), sample.values));
    }
    lines.sort();
    expected.assert_eq(&lines.concat());
}

/// Which goroutine a call belongs to that has not ended is kept by proc in Go: when the first of two ends that have lost
/// the same proc, it forgets the second, which then is not blocked at all.
#[test]
fn two_calls_that_lose_one_proc() {
    check_goroutines(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
GoCreate new_g=2 new_stack=[main.second] stack=[main.main] at=105
GoSyscallBegin p_seq=1 stack=[syscall.Read; main.main] at=110
GoSyscallEndBlocked at=150
EventBatch m=2 time=100
ProcSteal p=0 p_seq=2 m=1 at=120
ProcStart p=0 p_seq=3 at=121
GoStart g=2 g_seq=1 at=130
GoSyscallBegin p_seq=4 stack=[syscall.Read; main.second] at=140
GoSyscallEndBlocked at=190
EventBatch m=3 time=100
ProcSteal p=0 p_seq=5 m=2 at=160
HeapAlloc heapalloc_value=1 at=200
"#,
        &expect![[r#"
            G1 main.main: 100, running 10, runnable 50, syscall 10, blocked 30
            G2 main.second: 95, running 10, runnable 35, syscall 20, blocked 30
        "#]],
    );
}

/// Two goroutines in system calls without a proc when the trace begins: each has its own time, and both are blocked.
#[test]
fn calls_without_a_proc() {
    check_goroutines(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
HeapAlloc heapalloc_value=1 at=200
EventBatch m=2 time=100
GoStatusStack g=2 m=2 gstatus=Syscall stack=[syscall.Read; main.one] at=105
GoSyscallEndBlocked at=130
EventBatch m=3 time=100
GoStatusStack g=3 m=3 gstatus=Syscall stack=[syscall.Read; main.two] at=106
GoSyscallEndBlocked at=170
"#,
        &expect![[r#"
            G1 : 100, running 100
            G2 main.one: 100, runnable 70, blocked 30
            G3 main.two: 100, runnable 30, blocked 70
        "#]],
    );
}

/// A goroutine without a name, and one of the runtime, end inside of their regions: in Go these never end.
#[test]
fn regions_end_with_any_goroutine() {
    let trace = read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=7 m=1 gstatus=Running at=100
UserRegionBegin task=0 name_string="nameless" at=110
GoDestroy at=120
GoCreate new_g=8 new_stack=[runtime.worker] stack=[runtime.start] at=125
GoStart g=8 g_seq=1 at=130
UserRegionBegin task=0 name_string="of the runtime" stack=[runtime.worker] at=140
GoDestroy at=160
HeapAlloc heapalloc_value=1 at=200
"#,
    );
    let query = RegionQuery { paging: Paging::default(), ..RegionQuery::default() };
    let mut found = String::new();
    for row in regions(&trace, &Filter::default(), &query).expect("no filter").rows {
        let _ = writeln!(found, "{} {}..{} open at the end: {}", row.name, row.start, row.end, row.open_end);
    }
    expect![[r#"
        nameless 10..20 open at the end: true
        of the runtime 40..60 open at the end: true
    "#]]
    .assert_eq(&found);
}

const WAITS: &str = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=105
GoStatus g=3 m=-1 gstatus=Waiting at=106
GoUnblock g=3 g_seq=1 stack=[main.main] at=107
GoBlock reason_string="forever" stack=[main.main] at=110
GoStart g=3 g_seq=2 at=112
GoBlock reason_string="sync" at=120
GoStart g=2 g_seq=1 at=130
GoBlock reason_string="system goroutine wait" stack=[main.worker] at=140
GoUnblock g=2 g_seq=2 at=150
GoStart g=2 g_seq=3 at=151
GoBlock reason_string="GC weak to strong wait" stack=[main.other; main.worker] at=160
HeapAlloc heapalloc_value=1 at=200
"#;

/// Waits that are in no profile of Go, and whose end is not in the trace.
#[test]
fn every_wait_is_in_a_profile() {
    check_profile(
        WAITS,
        "blocking",
        "",
        &expect![[r#"
        [stack not in this trace] [1, 7]
        [stack not in this trace] [1, 80]
        main.main [1, 90]
        main.worker [1, 10]
        main.worker;main.other [1, 40]
    "#]],
    );
}

/// On its page of goroutines without a name, Go's links lead to the profile of all goroutines.
#[test]
fn the_nameless_are_a_group() {
    check_profile(
        WAITS,
        "sync",
        "func=^$",
        &expect![[r#"
        [stack not in this trace] [1, 80]
    "#]],
    );
    check_profile(WAITS, "sync", "func=worker", &expect![[""]]);
}

/// Go draws no arrow of what a goroutine on proc 0 wakes, for its number means "none".
#[test]
fn who_wakes_on_proc_0() {
    let trace = read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
GoStatus g=2 m=-1 gstatus=Waiting at=105
GoUnblock g=2 g_seq=1 stack=[main.main] at=110
HeapAlloc heapalloc_value=1 at=200
EventBatch m=2 time=100
ProcStatus p=1 pstatus=Running at=100
GoStart g=2 g_seq=2 at=150
"#,
    );
    let found = latency(&trace, &Filter::default(), &LatencyOptions::default()).expect("no filter");
    let worst = &found.worst[0];
    let by = worst.by.as_ref().map(|go| go.id);
    let proc = worst.proc.as_ref().map(|proc| proc.id);
    assert_eq!((worst.duration, by, proc), (40, Some(1), Some(0)));
}

/// Go's counters begin at 0 and grow as goroutines are mentioned, have no waiting ones, count system calls as running,
/// threads in them never, and do not show GOMAXPROCS.
#[test]
fn counters_are_right_from_the_begin() {
    let trace = read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1024
ProcStatus p=0 pstatus=Running at=1024
GoStatus g=1 m=1 gstatus=Running at=1024
ProcsChange procs_value=3 at=1024
GoSyscallBegin p_seq=1 stack=[syscall.Read; main.main] at=1088
GoSyscallEnd at=1152
GoStatus g=2 m=-1 gstatus=Waiting at=1216
GoStatus g=3 m=-1 gstatus=Runnable at=1216
HeapAlloc heapalloc_value=1 at=1280
"#,
    );
    let found = overview(&trace, 4);
    assert_eq!(found.width, 64);
    assert_eq!(found.running, [1.0, 0.0, 1.0, 1.0]);
    assert_eq!(found.syscall, [0.0, 1.0, 0.0, 0.0]);
    assert_eq!((found.waiting, found.runnable), (vec![1.0; 4], vec![1.0; 4]));
    assert_eq!(found.gomaxprocs, [Some(3.0); 4]);
    let found = threads(&trace, &Filter::default(), &ThreadsOptions::default()).expect("no filter");
    let time = found.rows[0].time;
    assert_eq!((time.running, time.syscall, time.syscalls), (192, 64, 1));
}

/// A system call that lost its proc is on no lane of Go's from then on; here it goes on on its thread.
#[test]
fn a_blocked_call_is_on_its_thread() {
    let trace = read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
GoSyscallBegin p_seq=1 stack=[syscall.Read; main.main] at=110
GoSyscallEndBlocked at=170
EventBatch m=2 time=100
ProcSteal p=0 p_seq=2 m=1 at=130
HeapAlloc heapalloc_value=1 at=200
"#,
    );
    let first = trace.thread_lane(ThreadIdx(0));
    let spans: Vec<(i64, i64, Class)> = first.iter().collect();
    assert_eq!(
        spans[..3],
        [(0, 10, Class::Running), (10, 30, Class::Syscall), (30, 70, Class::SyscallBlocked)],
        "{spans:?}"
    );
}

/// What Go gives up on: an assist of a goroutine that has no proc. Its curve also begins at another window whenever
/// something else counts.
#[test]
fn an_assist_without_a_proc_and_the_ends_of_the_curve() {
    let trace = read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
ProcsChange procs_value=1 at=100
GoStatus g=2 m=-1 gstatus=Waiting at=105
GCMarkAssistActive g=2 at=106
GoUnblock g=2 g_seq=1 at=120
GCMarkAssistBegin stack=[main.main] at=130
GCMarkAssistEnd at=150
HeapAlloc heapalloc_value=1 at=1100
"#,
    );
    for (assist, stw) in [(true, StopsThatCount::Gc), (false, StopsThatCount::None)] {
        let options = MmuOptions { points: 3, shortest: Some(10), assist, stw, ..MmuOptions::default() };
        let found = mmu(&trace, &Filter::default(), &options).expect("no filter");
        let curve: Vec<(i64, Option<f64>)> = found.curve.iter().map(|point| (point.window, point.mmu)).collect();
        let expected = if assist { [Some(0.0), Some(0.8), Some(0.98)] } else { [Some(1.0); 3] };
        assert_eq!(curve, [(10, expected[0]), (100, expected[1]), (1000, expected[2])]);
    }
}
