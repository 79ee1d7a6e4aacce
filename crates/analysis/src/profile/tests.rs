//! Profiles as text: a line for each sample, its stack from the root on, its labels, its values.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use super::*;
use crate::{Lane, fixtures, states};
use expect_test::{Expect, expect};
use goroscope_model::Class;
use goroscope_profile::LabelValue;
use std::fmt::Write as _;

fn text(profile: &Profile) -> String {
    let name = |location| {
        let line = profile.lines(location)[0];
        profile.text(profile.functions()[line.function.row()].name).to_owned()
    };
    let mut lines = Vec::new();
    for sample in profile.samples() {
        let mut line =
            profile.stack(sample.stack).iter().rev().map(|&location| name(location)).collect::<Vec<_>>().join(";");
        for label in profile.labels(sample.labels) {
            let value = match label.value {
                LabelValue::Text(text) => profile.text(text).to_owned(),
                LabelValue::Number(number, _) => number.to_string(),
            };
            write!(line, " {}={value:?}", profile.text(label.key)).unwrap();
        }
        for value in sample.values {
            write!(line, " {value}").unwrap();
        }
        lines.push(line + "\n");
    }
    lines.sort();
    lines.concat()
}

fn options(kind: &str) -> Options {
    Options::new(Kind::parse(kind).unwrap())
}

fn made(trace: &Trace, options: &Options, filter: &str) -> Profile {
    profile(trace, &Filter::parse(filter).unwrap(), options).unwrap()
}

/// The sum of the last value over all samples.
fn total(profile: &Profile) -> i64 {
    profile.samples().filter_map(|sample| sample.values.last()).sum()
}

#[track_caller]
fn check(trace: &Trace, kind: &str, filter: &str, expected: &Expect) {
    expected.assert_eq(&text(&made(trace, &options(kind), filter)));
}

#[test]
fn single_states() {
    let trace = fixtures::request();
    check(
        &trace,
        "net",
        "",
        &expect![[r#"
        main.serve;internal/poll.runtime_pollWait reason="network" 1 100
        main.serve;internal/poll.runtime_pollWait reason="network" open="start" inferred="stack" 1 500
    "#]],
    );
    check(
        &trace,
        "sync",
        "",
        &expect![[r#"
        main.main;runtime.chanrecv1 reason="chan receive" 1 150
    "#]],
    );
    check(
        &trace,
        "syscall",
        "",
        &expect![[r#"
        main.main;syscall.Write 1 100
    "#]],
    );
    check(
        &trace,
        "sched",
        "",
        &expect![[r#"
        main.main;main.worker cause="created" 1 150
        main.main;runtime.chanrecv1 cause="unblocked" 1 250
        main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 10
        main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 50
    "#]],
    );
    check(
        &trace,
        "blocking",
        "",
        &expect![[r#"
        main.main;runtime.chanrecv1 reason="chan receive" 1 150
        main.serve;internal/poll.runtime_pollWait reason="network" 1 100
        main.serve;internal/poll.runtime_pollWait reason="network" open="start" inferred="stack" 1 500
        main.serve;time.Sleep reason="sleep" open="end" 1 150
    "#]],
    );
    check(
        &trace,
        "sleep",
        "",
        &expect![[r#"
        main.serve;time.Sleep reason="sleep" open="end" 1 150
    "#]],
    );
    check(
        &trace,
        "gc-assist",
        "",
        &expect![[r#"
        main.main;runtime.mallocgc reason="GC mark assist" 1 20
    "#]],
    );
}

#[test]
fn many_states_and_events() {
    let trace = fixtures::request();
    check(
        &trace,
        "off-cpu",
        "",
        &expect![[r#"
        main.main;main.worker cause="created" 1 150
        main.main;runtime.chanrecv1 cause="unblocked" 1 250
        main.main;runtime.chanrecv1 reason="chan receive" 1 150
        main.main;syscall.Write 1 100
        main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 10
        main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 50
        main.serve;internal/poll.runtime_pollWait reason="network" 1 100
        main.serve;internal/poll.runtime_pollWait reason="network" open="start" inferred="stack" 1 500
        main.serve;time.Sleep reason="sleep" open="end" 1 150
    "#]],
    );
    check(
        &trace,
        "wall",
        "",
        &expect![[r#"
            [channel];main.main;runtime.chanrecv1 reason="chan receive" 1 150
            [network];main.serve;internal/poll.runtime_pollWait reason="network" 1 100
            [network];main.serve;internal/poll.runtime_pollWait reason="network" open="start" inferred="stack" 1 500
            [runnable];main.main;main.worker cause="created" 1 150
            [runnable];main.main;runtime.chanrecv1 cause="unblocked" 1 250
            [runnable];main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 10
            [runnable];main.serve;internal/poll.runtime_pollWait cause="unblocked" 1 50
            [running];main.main 1 100
            [running];main.main 2 320
            [running];main.serve 2 110
            [running];main.worker 1 250
            [sleep];main.serve;time.Sleep reason="sleep" open="end" 1 150
            [syscall];main.main;syscall.Write 1 100
        "#]],
    );
    check(
        &trace,
        "create",
        "",
        &expect![[r#"
        main.main;main.worker 1
    "#]],
    );
    check(
        &trace,
        "cpu",
        "",
        &expect![[r#"
        main.worker;main.encode 1 10000000
    "#]],
    );
}

const CREATED: &str = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GoCreate new_g=2 new_stack=[main.worker w.go:5] stack=[main.spawn m.go:9; main.main m.go:3] at=1100
GoBlock reason_string="sleep" stack=[time.Sleep s.go:1; main.main m.go:4] at=1900
GoStart g=2 g_seq=1 at=2000
GoStop reason_string="preempted" stack=[main.work w.go:8; main.worker w.go:6] at=2100
GoStart g=2 g_seq=2 at=2150
GoStop reason_string="runtime.Gosched" stack=[runtime.Gosched p.go:1; main.worker w.go:7] at=2200
GoStart g=2 g_seq=3 at=2220
"#;

/// A goroutine is created, and waits for 900 ns to run for the first time. `go tool trace` counts nothing of it.
#[test]
fn the_first_run_is_waited_for() {
    let trace = fixtures::read(CREATED);
    check(
        &trace,
        "sched",
        "",
        &expect![[r#"
        main.main;main.spawn;main.worker cause="created" 1 900
        main.worker;main.work cause="preempted" 1 50
        main.worker;runtime.Gosched cause="yield" 1 20
    "#]],
    );
    let by_waker = Options { stack_of: StackOf::Waker, ..options("sched") };
    expect![[r#"
        main.main;main.spawn cause="created" 1 900
        main.worker;main.work cause="preempted" 1 50
        main.worker;runtime.Gosched cause="yield" 1 20
    "#]]
    .assert_eq(&text(&made(&trace, &by_waker, "")));
    check_go(
        &trace_file(CREATED),
        GoKind::Sched,
        &expect![[r#"
        main.worker;main.work 1 50
        main.worker;runtime.Gosched 1 20
    "#]],
    );
}

const LATE: &str = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GoStatusStack g=3 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.chanrecv c.go:7; runtime.chanrecv1 c.go:2; main.old m.go:70] at=1010
GoUnblock g=3 g_seq=1 stack=[runtime.chansend1 c.go:5; main.main m.go:8] at=1300
GoStatus g=4 m=-1 gstatus=Waiting at=1350
GoUnblock g=4 g_seq=1 stack=[sync.(*Mutex).Unlock x.go:5; main.main m.go:9] at=1400
GoBlock reason_string="network" stack=[internal/poll.runtime_pollWait n.go:1; main.main m.go:10] at=1500
GoStart g=3 g_seq=2 at=1600
GoSyscallBegin p_seq=1 stack=[syscall.Read s.go:1; main.old m.go:71] at=1700
GoSyscallEnd at=1750
GoBlock reason_string="chan receive" stack=[runtime.chanrecv1 c.go:2; main.old m.go:70] at=1800
HeapAlloc heapalloc_value=1 at=2500
"#;

fn trace_file(text: &str) -> Vec<u8> {
    goroscope_wire::text::parse(text).unwrap()
}

#[track_caller]
fn check_go(file: &[u8], kind: GoKind, expected: &Expect) {
    let reader = goroscope_reader::Reader::new(file).unwrap();
    expected.assert_eq(&text(&go_profile(reader, kind, None).profile.unwrap()));
}

/// What waits at either end of the trace counts as far as it is seen; a reason that is not recorded is told by the stack
/// of the goroutine or of its waker. `go tool trace` counts neither.
#[test]
fn open_ends_and_unknown_reasons() {
    let trace = fixtures::read(LATE);
    check(
        &trace,
        "net",
        "",
        &expect![[r#"
        main.main;internal/poll.runtime_pollWait reason="network" open="end" 1 1000
    "#]],
    );
    check(
        &trace,
        "sync",
        "",
        &expect![[r#"
        [stack not in this trace] reason="sync" open="start" inferred="waker" 1 400
        main.old;runtime.chanrecv1 reason="chan receive" open="end" 1 700
        main.old;runtime.chanrecv1 reason="chan receive" open="start" inferred="stack" 1 300
    "#]],
    );
    check(
        &trace,
        "sched",
        "",
        &expect![[r#"
            [stack not in this trace] cause="unblocked" open="end" 1 1100
            main.old;runtime.chanrecv1 cause="unblocked" 1 300
        "#]],
    );
    check(
        &trace,
        "blocking",
        "from=100ns to=1us min=300ns",
        &expect![[r#"
        [stack not in this trace] reason="sync" open="start" inferred="waker" 1 300
        main.main;internal/poll.runtime_pollWait reason="network" open="end" 1 500
        main.old;runtime.chanrecv1 reason="chan receive" open="end" 1 200
        main.old;runtime.chanrecv1 reason="chan receive" open="start" inferred="stack" 1 200
    "#]],
    );
    let file = trace_file(LATE);
    check_go(&file, GoKind::Net, &expect![[r#""#]]);
    check_go(&file, GoKind::Sync, &expect![[r#""#]]);
    check_go(&file, GoKind::Sched, &expect![[r#""#]]);
    check_go(
        &file,
        GoKind::Syscall,
        &expect![[r#"
        main.old;syscall.Read 1 50
    "#]],
    );
}

/// A goroutine that waits all the time for a channel may do so forever, as the channel may be nil: the stack is the same.
/// An empty select has a stack of its own, and a wait that ends was for a channel.
#[test]
fn waits_that_may_be_forever() {
    let trace = fixtures::read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GoStatusStack g=3 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.chanrecv c.go:7; runtime.chanrecv2 c.go:3; main.ranges m.go:70] at=1010
GoStatusStack g=4 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.chansend c.go:7; runtime.chansend1 c.go:2; main.sends m.go:70] at=1020
GoStatusStack g=5 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.block s.go:7; main.blocks m.go:70] at=1030
GoStatusStack g=6 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.chanrecv c.go:7; runtime.chanrecv1 c.go:2; main.receives m.go:70] at=1040
GoStatusStack g=7 m=-1 gstatus=Waiting stack=[runtime.gopark p.go:1; runtime.selectgo s.go:7; main.selects m.go:70] at=1050
GoUnblock g=6 g_seq=1 stack=[runtime.chansend1 c.go:5; main.main m.go:8] at=1300
HeapAlloc heapalloc_value=1 at=2000
"#,
    );
    check(
        &trace,
        "blocking",
        "",
        &expect![[r#"
        main.blocks;runtime.block reason="forever" open="both" inferred="stack" 1 1000
        main.ranges;runtime.chanrecv2 reason="chan receive or forever" open="both" inferred="stack" 1 1000
        main.receives;runtime.chanrecv1 reason="chan receive" open="start" inferred="stack" 1 300
        main.selects;runtime.selectgo reason="select" open="both" inferred="stack" 1 1000
        main.sends;runtime.chansend1 reason="chan send or forever" open="both" inferred="stack" 1 1000
    "#]],
    );
    check(
        &trace,
        "sync",
        "",
        &expect![[r#"
        main.ranges;runtime.chanrecv2 reason="chan receive or forever" open="both" inferred="stack" 1 1000
        main.receives;runtime.chanrecv1 reason="chan receive" open="start" inferred="stack" 1 300
        main.selects;runtime.selectgo reason="select" open="both" inferred="stack" 1 1000
        main.sends;runtime.chansend1 reason="chan send or forever" open="both" inferred="stack" 1 1000
    "#]],
    );
}

/// A call that loses its proc is counted once, with all of its time; what comes after the loss is its own kind.
#[test]
fn a_call_that_loses_its_proc() {
    let trace = fixtures::read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GoSyscallBegin p_seq=1 stack=[syscall.Read s.go:1; main.main m.go:3] at=1100
GoSyscallEndBlocked at=1700
EventBatch m=2 time=1150
ProcSteal p=0 p_seq=2 m=1 at=1200
ProcStart p=0 p_seq=3 at=1300
GoStart g=1 g_seq=1 at=1800
"#,
    );
    check(
        &trace,
        "syscall",
        "",
        &expect![[r#"
        main.main;syscall.Read 1 600
    "#]],
    );
    check(&trace, "syscall", "min=601ns", &expect![[r#""#]]);
    check(
        &trace,
        "syscall",
        "min=600ns from=150ns to=400ns",
        &expect![[r#"
        main.main;syscall.Read 1 250
    "#]],
    );
    check(
        &trace,
        "off-cpu",
        "from=100ns to=700ns",
        &expect![[r#"
        main.main;syscall.Read 1 600
    "#]],
    );
    check(
        &trace,
        "syscall-block",
        "",
        &expect![[r#"
        main.main;syscall.Read 1 500
    "#]],
    );
    check(
        &trace,
        "sched",
        "",
        &expect![[r#"
        main.main;syscall.Read cause="syscall-return" 1 100
    "#]],
    );
}

/// A mark assist counts without the wait in it, which counts for itself.
#[test]
fn assists_and_their_waits() {
    let trace = fixtures::read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GCMarkAssistBegin stack=[runtime.mallocgc m.go:1; main.alloc a.go:3] at=1100
GoBlock reason_string="GC mark assist wait for work" stack=[runtime.gcParkAssist g.go:2; main.alloc a.go:3] at=1200
GoUnblock g=1 g_seq=1 at=1500
GoStart g=1 g_seq=2 at=1600
GCMarkAssistEnd at=1700
"#,
    );
    check(
        &trace,
        "gc-assist",
        "",
        &expect![[r#"
        main.alloc;runtime.gcParkAssist reason="GC mark assist wait for work" 1 300
        main.alloc;runtime.mallocgc reason="GC mark assist" 1 300
    "#]],
    );
    check(
        &trace,
        "gc-assist",
        "from=300ns to=650ns",
        &expect![[r#"
        main.alloc;runtime.gcParkAssist reason="GC mark assist wait for work" 1 200
        main.alloc;runtime.mallocgc reason="GC mark assist" 1 150
    "#]],
    );
}

#[test]
fn labels_on_demand() {
    let trace = fixtures::request();
    let labels = LabelKey::parse_list("goroutine,function,task,region").unwrap();
    expect![[r#"
        [runnable];main.main;main.worker cause="created" goroutine="2" function="main.worker" 1 150
        [running];main.worker goroutine="2" function="main.worker" 1 60
        [running];main.worker goroutine="2" function="main.worker" task="request #1" 0 60
        [running];main.worker goroutine="2" function="main.worker" task="request #1" region="encode" 0 40
        [running];main.worker goroutine="2" function="main.worker" task="request #1" region="write" 0 90
    "#]]
    .assert_eq(&text(&made(&trace, &Options { labels, ..options("wall") }, "goroutine=2")));
    assert!(LabelKey::parse_list("proc").is_err());
}

/// How long a sample of the CPU stands for, and what is said of that.
#[test]
fn samples_stand_for_time() {
    const TOLD: &str = r#"Trace Go1.25
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock reason_string="sync" at=190
EventBatch m=-1 time=100
CPUSamples
CPUSample time=150 m=1 p=0 g=1 stack=[main.work main.go:7]
EventBatch m=- time=100
Strings
String id=1 data="goroscope-recorder: recorder=goroscope-recorder 0.1.0"
String id=2 data="goroscope-recorder: perf=PERF"
"#;
    let check = |perf: &str, rate: Option<u32>, expected: i64, comment: &str| {
        let trace = fixtures::read(&TOLD.replace("PERF", perf));
        let options = Options { rate: rate.and_then(Rate::new), ..options("cpu") };
        let profile = made(&trace, &options, "");
        assert_eq!((total(&profile), profile.header().period), (expected, expected), "{perf}");
        let mut comments = profile.header().comments.iter().map(|&comment| profile.text(comment));
        assert_eq!(comments.next_back(), Some(comment));
    };
    let on = "on, samples at 97 Hz of all processor time (7 taken, callers by unwind tables), switches, 0 lost";
    check(on, None, 10_309_278, "the CPU was sampled 97 times per second of running, as the trace says");
    check(on, Some(97), 10_309_278, "the CPU was sampled 97 times per second of running, as the trace says");
    check(on, Some(1000), 1_000_000, "1000 samples per second are assumed, although the trace says 97");
    let unknown = "the trace does not say how often the CPU was sampled: 100 samples per second are assumed";
    for silent in ["off", "on, switches, 0 lost", "on, samples at 0 Hz of nothing", "refused: samples at 7 Hz"] {
        check(silent, None, 10_000_000, unknown);
    }
}

#[test]
fn keys_that_mean_nothing() {
    let trace = fixtures::request();
    let refusal = |kind: &str, filter: &str| {
        profile(&trace, &Filter::parse(filter).unwrap(), &options(kind)).unwrap_err().to_string()
    };
    expect!["state does not apply to cpu, which knows only from, to, goroutine, func, task, region"]
        .assert_eq(&refusal("cpu", "state=running"));
    expect!["min does not apply to cpu, which knows only from, to, goroutine, func, task, region"]
        .assert_eq(&refusal("cpu", "min=1ms"));
    expect!["region does not apply to create, which knows only from, to, goroutine, func"]
        .assert_eq(&refusal("create", "region=x"));
}

fn traces() -> Vec<Trace> {
    let recorded = ["mix-1.22", "mix-1.27", "late-1.27", "callback-1.27", "mix-1.19"];
    let recorded = recorded.map(|name| fixtures::recorded(&format!("{name}.trace.zst")));
    let damaged = (0..6).map(|seed| fixtures::damaged("mix-1.27.trace.zst", seed));
    let random = (0..10).map(|seed| fixtures::random(seed, 3, 8, 300));
    random.chain(damaged).chain(recorded).chain([fixtures::request()]).collect()
}

/// A profile's total is what the goroutines' times in these states sum up to, but for waits whose class a stack tells.
#[test]
fn totals_are_those_of_the_states() {
    for trace in traces() {
        let mut time = [0; Class::COUNT];
        for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
            for (sum, ns) in time.iter_mut().zip(states::time(&trace, Lane::Go(go), trace.start(), trace.end())) {
                *sum += ns;
            }
        }
        for kind in ["net", "sync", "syscall", "syscall-block", "sched", "blocking", "sleep", "off-cpu", "wall"] {
            let profile = made(&trace, &options(kind), "");
            let is_inferred = |sample: &goroscope_profile::Sample<'_>| {
                profile.labels(sample.labels).iter().any(|label| profile.text(label.key) == "inferred")
            };
            let told: i64 = profile.samples().filter(is_inferred).filter_map(|sample| sample.values.last()).sum();
            let kind = Kind::parse(kind).unwrap();
            let is_class = matches!(kind, Kind::Net | Kind::Sync | Kind::Sleep);
            let expected: u64 =
                Class::ALL.iter().filter(|class| kind.has(**class)).map(|class| time[*class as usize]).sum();
            assert_eq!(total(&profile) - if is_class { told } else { 0 }, expected as i64, "{kind:?}");
        }
        assert_eq!(total(&made(&trace, &options("cpu"), "")), trace.samples().len() as i64 * 10_000_000);
        let created = trace.goroutines().iter().filter(|go| go.created.is_some()).count();
        assert_eq!(total(&made(&trace, &options("create"), "")), created as i64);
    }
}

/// Two halves of the time are the whole, and no filter makes more of a profile.
#[test]
fn parts_and_the_whole() {
    for trace in traces() {
        let middle = i64::midpoint(trace.start(), trace.end());
        for name in Kind::names() {
            let (kind, whole) = (options(name), total(&made(&trace, &options(name), "")));
            let half = |from, to| total(&profile(&trace, &Filter { from, to, ..Filter::default() }, &kind).unwrap());
            assert_eq!(half(None, Some(middle)) + half(Some(middle), None), whole, "{name}");
            for filter in ["func=main", "goroutine=1", "region=.", "task=.", "state=waiting", "reason=chan", "min=1us"]
            {
                if let Ok(part) = profile(&trace, &Filter::parse(filter).unwrap(), &kind) {
                    assert!(total(&part) <= whole, "{name} {filter}");
                }
            }
            let labels = LabelKey::parse_list("goroutine,function,task,region").unwrap();
            assert_eq!(total(&made(&trace, &Options { labels, ..kind }, "")), whole, "{name} with labels");
        }
    }
}

/// What is written is what was made.
#[test]
fn files_say_the_same() {
    for trace in [fixtures::request(), fixtures::recorded("mix-1.27.trace.zst")] {
        for name in Kind::names() {
            let profile = made(&trace, &options(name), "");
            let again = goroscope_profile::decode(&encode(&profile)).unwrap();
            assert_eq!(text(&again), text(&profile), "{name}");
        }
    }
}
