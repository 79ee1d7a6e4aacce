//! Tables beside the lanes: a trace in text form, and the rows that it becomes.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod support;

use expect_test::{Expect, expect};
use support::dump;

fn check(text: &str, expected: &Expect) {
    dump::check(text, dump::tables, expected);
}

/// Task 3 is the child of 2, whose begin is missing; 5 only ends; 4 only has a log; 3 ends twice.
#[test]
fn tasks_nest_and_may_begin_before_the_trace() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
UserTaskBegin task=3 parent_task=2 name_string="child" stack=[main.main] at=110
UserTaskBegin task=6 parent_task=3 name_string="child" at=115
UserLog task=3 key_string="k" value_string="v" at=120
UserLog task=4 key_string="k" value_string="w" at=121
UserLog task=0 key_string="k" value_string="background" at=122
UserTaskEnd task=3 at=130
UserTaskEnd task=5 at=140
UserTaskEnd task=3 at=150
UserTaskBegin task=7 name_string="child" at=160
"#,
        &expect![[r#"
            group "main.main": g1, peak 1, regions 0 deep
            task 2 "" ?..? depth 0 over [3]
            task 3 "child" 10..30 depth 1 under 2 over [6] g1
            task 6 "child" 15..? depth 2 under 3 g1
            task 4 "" ?..? depth 0
            task 5 "" ?..40 depth 0
            task 7 "child" 60..? depth 0 g1
            task type "": [2, 4, 5], peak 3
            task type "child": [3, 6, 7], peak 2
            log 20 "k" "v" g1 of task 3
            log 21 "k" "w" g1 of task 4
            log 22 "k" "background" g1
            0..60
        "#]],
    );
}

/// b and a began before the trace: a is around b, b around c. d never ends.
#[test]
fn regions_nest_also_around_the_trace() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
UserRegionBegin name_string="c" at=110
UserRegionEnd name_string="c" at=120
UserRegionEnd name_string="b" at=130
UserRegionEnd task=9 name_string="a" at=140
UserRegionBegin name_string="d" at=150
UserRegionBegin name_string="e" at=160
UserRegionEnd name_string="e" at=170
"#,
        &expect![[r#"
            group "": g1, peak 1, regions 3 deep
            task 9 "" ?..? depth 0
            task type "": [9], peak 1
            region "a" of g1 ?..40 depth 0 of task 9
            region "b" of g1 ?..30 depth 1
            region "c" of g1 10..20 depth 2
            region "d" of g1 50..? depth 0
            region "e" of g1 60..70 depth 1
            0..70
        "#]],
    );
}

/// The mark phase is on already, the sweep never ends, the assist began before the trace.
#[test]
fn ranges_have_scopes_and_may_be_cut() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GCActive gc_seq=1
GCMarkAssistActive g=1
GCMarkAssistEnd at=120
STWBegin kind_string="GC mark termination" stack=[runtime.stop; main.main] at=130
GCEnd gc_seq=2 at=140
STWEnd at=150
GCSweepBegin at=160
GCSweepEnd swept_value=8192 reclaimed_value=4096 at=170
GCSweepBegin at=180
GoBlock reason_string="select" at=190
"#,
        &expect![[r#"
            group "main.main": g1, peak 1, regions 0 deep
            range GcMark "GC concurrent mark phase" of all ?..40
            range Assist "GC mark assist" of g1 ?..20
            range StopTheWorld "stop-the-world (GC mark termination)" of g1 30..50 g1 [runtime.stop < main.main]
            range Sweep "GC incremental sweep" of p0 60..70 g1 swept 8192 reclaimed 4096
            range Sweep "GC incremental sweep" of p0 80..? g1
            0..90
        "#]],
    );
}

/// Threads write them on their own.
#[test]
fn metrics_are_sorted_by_time() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
ProcsChange procs_value=4 at=110
HeapAlloc heapalloc_value=100 at=120
HeapAlloc heapalloc_value=300 at=140
HeapGoal heapgoal_value=1000 at=150
EventBatch m=2 time=101
ProcStatus p=1 pstatus=Running
HeapAlloc heapalloc_value=200 at=130
"#,
        &expect![[r#"
            group "": g1, peak 1, regions 0 deep
            gomaxprocs 10: 4
            heap live 20: 100, 30: 200, 40: 300
            heap goal 50: 1000
            0..50
        "#]],
    );
}

/// The one that runs longest first; goroutine 4 is created after 2 ended, so two at once are the most.
#[test]
fn groups_are_by_start_function() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoCreate new_g=2 new_stack=[main.worker] at=110
GoCreate new_g=3 new_stack=[main.worker] at=111
GoBlock reason_string="sync" stack=[main.wait; main.main] at=112
GoStart g=2 g_seq=1 at=113
GoDestroy at=150
GoStart g=3 g_seq=1 at=151
GoCreate new_g=4 new_stack=[main.worker] at=160
UserRegionBegin name_string="r" at=165
GoDestroy at=200
GoStart g=4 g_seq=1 at=210
GoUnblock g=1 g_seq=1 at=220
"#,
        &expect![[r#"
            group "main.worker": g2 g3 g4, peak 2, regions 1 deep
            group "main.main": g1, peak 1, regions 0 deep
            region "r" of g3 65..? depth 0
            10 g1 wakes g2
            11 g1 wakes g3
            60 g3 wakes g4
            120 g4 wakes g1
            0..120
        "#]],
    );
}

/// A worker of the collector says at each start in which mode it works.
#[test]
fn labels_are_kept_with_their_times() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatusStack g=1 m=-1 gstatus=Waiting stack=[runtime.gopark; runtime.gcBgMarkWorker] at=101
GoUnblock g=1 g_seq=1 at=110
GoStart g=1 g_seq=2 at=120
GoLabel label_string="GC (dedicated)" at=121
GoBlock reason_string="system goroutine wait" stack=[runtime.gopark; runtime.gcBgMarkWorker] at=130
GoUnblock g=1 g_seq=3 at=140
GoStart g=1 g_seq=4 at=150
GoLabel label_string="GC (idle)" at=151
"#,
        &expect![[r#"
            group "runtime.gcBgMarkWorker": g1, peak 1, regions 0 deep
            label 21 "GC (dedicated)" g1
            label 51 "GC (idle)" g1
            0..51
        "#]],
    );
}

/// The sample stands before all statuses; thread 77 has no events of its own; goroutine 5 does not exist.
#[test]
fn samples_find_rows_that_come_later() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=120
GoStatus g=1 m=1 gstatus=Running
EventBatch m=- time=100
CPUSamples
CPUSample time=90 m=1 p=0 g=1 stack=[main.main]
CPUSample time=130 m=77 p=- g=5
CPUSample time=125 m=1 p=- g=0
"#,
        &expect![[r#"
            group "": g1, peak 1, regions 0 deep
            sample -10 g1 p0 m1 [main.main]
            sample 25 m1
            sample 30 m77
            -10..30
        "#]],
    );
}

/// With their arguments.
#[test]
fn experiments_are_kept() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
HeapObjectAlloc id=7 type=9 at=120
"#,
        &expect![[r#"
            experimental 20 HeapObjectAlloc [7, 9, 0]
            0..20
        "#]],
    );
}

/// The recorder's lines, one of which an event refers to; lines that make no sense are counted.
#[test]
fn notes_of_the_recorder() {
    check(
        r#"Trace Go1.25
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
UserLog key_string="k" value_string=9 at=110
GoBlock reason_string="sync" at=190
EventBatch m=- time=100
Strings
String id=1 data="goroscope-recorder: recorder=goroscope-recorder 0.1.0"
String id=2 data="goroscope-recorder: dropped=1"
String id=3 data="goroscope-recorder: thread.1=worker"
String id=4 data="goroscope-recorder: series.counter.depth=eAYFAQ"
String id=5 data="goroscope-recorder: series.counter.depth=no base64"
String id=6 data="goroscope-recorder: series.off_cpu.1=eAoBAgMA"
String id=7 data="goroscope-recorder: map.0=1000-2000 0 - /bin/app"
String id=8 data="goroscope-recorder: nothing"
String id=9 data="goroscope-recorder: logged=1"
Generation 2
EventBatch m=1 time=200
ProcStatus p=0 pstatus=Running
GoStatus g=1 gstatus=Waiting
EventBatch m=- time=100
Strings
String id=1 data="goroscope-recorder: dropped=2"
String id=2 data="goroscope-recorder: series.counter.depth=2AEI"
"#,
        &expect![[r#"
            group "": g1, peak 1, regions 0 deep
            Recording { facts: [("dropped", "2"), ("recorder", "goroscope-recorder 0.1.0")], threads: [(1, "worker")], maps: ["1000-2000 0 - /bin/app"] }
            counter "depth" 20: 3, 25: 2, 116: 4
            ThreadIdx(0) off 20..30 preempted true
            ThreadIdx(0) off 32..35 preempted false
            byte 0: 2 lines of goroscope-recorder about the recording make no sense
            log 10 "k" "goroscope-recorder: logged=1" g1
            0..102
        "#]],
    );
}
