//! Lanes of goroutines, procs and threads: a trace in text form, and the columns that it becomes.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod support;

use expect_test::{Expect, expect};
use support::dump;

fn check(text: &str, expected: &Expect) {
    dump::check(text, dump::lanes, expected);
}

/// A status says what was so all along, also one that is written last. The proc's and thread's lanes too.
#[test]
fn states_begin_where_the_trace_does() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=140
GoStatus g=1 m=1 gstatus=Running at=150
GoStatus g=2 gstatus=Waiting at=160
GoUnblock g=2 g_seq=1 stack=[main.send; main.main] at=170
GoBlock reason_string="chan receive" stack=[main.recv; main.main] at=180
GoStart g=2 g_seq=2 at=190
EventBatch m=- time=100
GoStatusStack g=9 gstatus=Waiting stack=[runtime.gopark; runtime.bgsweep] at=200
"#,
        &expect![[r#"
            g1 main.main
                0 Running p0 m1
               80 WaitChannel "chan receive" [main.recv < main.main]
              100 end
            g2
                0 WaitOther
               70 Runnable p0 m1 by g1 [main.send < main.main]
               90 Running p0 m1
              100 end
            g9 runtime.bgsweep
                0 WaitOther [runtime.gopark < runtime.bgsweep]
              100 end
            p0: 0 Running g1 m1; 80 Scheduler m1; 90 Running g2 m1; 100 end
            m1: 0 Running g1 p0; 80 Scheduler p0; 90 Running g2 p0; 100 end
        "#]],
    );
}

/// Created, woken, preempted, and by nobody: only others are causes.
#[test]
fn whoever_makes_runnable_is_the_cause() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoCreate new_g=2 new_stack=[main.worker] stack=[main.spawn; main.main] at=110
GoStop reason_string="preempted" stack=[main.loop; main.main] at=120
GoStart g=2 g_seq=1 at=130
GoBlock reason_string="network" stack=[main.read; main.worker] at=140
GoUnblock g=2 g_seq=2 at=150
GoStart g=2 g_seq=3 at=160
GoDestroy at=170
GoStart g=1 g_seq=1 at=180
"#,
        &expect![[r#"
            g1 main.main
                0 Running p0 m1
               20 Runnable "preempted" [main.loop < main.main] p0 m1
               80 Running p0 m1
               80 end
            g2 main.worker created 10 ended 70 by g1 [main.spawn < main.main]
               10 Runnable [main.worker] p0 m1 by g1 [main.spawn < main.main]
               30 Running p0 m1
               40 WaitNetwork "network" [main.read < main.worker]
               50 Runnable p0 m1
               60 Running p0 m1
               70 end
            p0: 0 Running g1 m1; 20 Scheduler m1; 30 Running g2 m1; 40 Scheduler m1; 60 Running g2 m1; 70 Scheduler m1; 80 Running g1 m1; 80 end
            m1: 0 Running g1 p0; 20 Scheduler p0; 30 Running g2 p0; 40 Scheduler p0; 60 Running g2 p0; 70 Scheduler p0; 80 Running g1 p0; 80 end
        "#]],
    );
}

/// The steal is another thread's; the goroutine's thread goes on without a proc, and the proc with another thread.
#[test]
fn a_call_is_blocked_from_when_its_proc_is_taken() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoSyscallBegin p_seq=1 stack=[syscall.read; main.main] at=120
GoSyscallEnd at=130
GoSyscallBegin p_seq=2 stack=[syscall.read; main.main] at=140
GoSyscallEndBlocked at=200
EventBatch m=2 time=105
ProcSteal p=0 p_seq=3 m=1 at=160
ProcStart p=0 p_seq=4 at=170
GoStart g=1 g_seq=1 at=210
"#,
        &expect![[r#"
            g1 main.main
                0 Running p0 m1
               20 Syscall [syscall.read < main.main] p0 m1
               30 Running p0 m1
               40 Syscall [syscall.read < main.main] p0 m1
               60 SyscallBlocked m1
              100 Runnable m1
              110 Running p0 m2
              110 end
            p0: 0 Running g1 m1; 20 Syscall g1 m1; 30 Running g1 m1; 40 Syscall g1 m1; 60 Idle; 70 Scheduler m2; 110 Running g1 m2; 110 end
            m1: 0 Running g1 p0; 20 Syscall g1 p0; 30 Running g1 p0; 40 Syscall g1 p0; 60 SyscallBlocked g1; 100 Idle; 110 end
            m2: 60 Idle; 70 Scheduler p0; 110 Running g1 p0; 110 end
        "#]],
    );
}

/// The runtime's monitor only takes procs: it has a lane, on which nothing runs.
#[test]
fn a_thread_that_only_takes_procs_is_one() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoSyscallBegin p_seq=1 stack=[syscall.read; main.main] at=120
GoSyscallEndBlocked at=200
EventBatch m=2 time=105
ProcSteal p=0 p_seq=2 m=1 at=160
"#,
        &expect![[r#"
            g1 main.main
                0 Running p0 m1
               20 Syscall [syscall.read < main.main] p0 m1
               60 SyscallBlocked m1
              100 Runnable m1
              100 end
            p0: 0 Running g1 m1; 20 Syscall g1 m1; 60 Idle; 100 end
            m1: 0 Running g1 p0; 20 Syscall g1 p0; 60 SyscallBlocked g1; 100 Idle; 100 end
            m2: 60 Idle; 100 end
        "#]],
    );
}

/// Thread 1 loses its proc, gets one before the call returns: blocked until it does.
#[test]
fn a_new_proc_does_not_end_a_blocked_call() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoSyscallBegin p_seq=1 at=120
ProcStop at=130
ProcStart p=0 p_seq=2 at=150
GoSyscallEndBlocked at=160
GoStart g=1 g_seq=1 at=170
"#,
        &expect![[r#"
            g1
                0 Running p0 m1
               20 Syscall p0 m1
               30 SyscallBlocked m1
               60 Runnable p0 m1
               70 Running p0 m1
               70 end
            p0: 0 Running g1 m1; 20 Syscall g1 m1; 30 Idle; 50 Scheduler m1; 70 Running g1 m1; 70 end
            m1: 0 Running g1 p0; 20 Syscall g1 p0; 30 SyscallBlocked g1; 60 Scheduler p0; 70 Running g1 p0; 70 end
        "#]],
    );
}

/// A goroutine per callback from C, all with one id: a row per life.
#[test]
fn callbacks_use_an_id_again() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Idle at=110
GoCreateSyscall new_g=17 at=120
ProcStart p=0 p_seq=1 at=125
GoSyscallEndBlocked at=130
GoStart g=17 g_seq=1 at=140
GoSyscallBegin p_seq=2 stack=[main.callback; main.goCallback] at=150
GoDestroySyscall at=160
GoCreateSyscall new_g=17 at=170
GoDestroySyscall at=180
"#,
        &expect![[r#"
            g17 main.goCallback created 20 ended 60
               20 SyscallBlocked m1
               30 Runnable p0 m1
               40 Running p0 m1
               50 Syscall [main.callback < main.goCallback] p0 m1
               60 SyscallBlocked m1
               60 end
            g17b created 70 ended 80
               70 SyscallBlocked m1
               80 end
            p0: 0 Idle; 25 Scheduler m1; 40 Running g17 m1; 50 Syscall g17 m1; 60 Idle; 80 end
            m1: 10 Idle; 20 SyscallBlocked g17; 30 Scheduler p0; 40 Running g17 p0; 50 Syscall g17 p0; 60 SyscallBlocked g17; 60 Idle; 70 SyscallBlocked g17b; 80 Idle; 80 end
        "#]],
    );
}

/// A coroutine is handed the proc: runnable for no time, and no scheduler in between.
#[test]
fn a_switch_has_a_runnable_span_of_no_time() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoCreateBlocked new_g=2 new_stack=[iter.Pull.func1] stack=[iter.Pull; main.main] at=110
GoSwitch g=2 g_seq=1 at=120
GoSwitch g=1 g_seq=1 at=130
GoSwitchDestroy g=2 g_seq=2 at=140
"#,
        &expect![[r#"
            g1 main.main ended 40
                0 Running p0 m1
               20 WaitOther
               30 Runnable p0 m1 by g2
               30 Running p0 m1
               40 end
            g2 iter.Pull.func1 created 10 by g1 [iter.Pull < main.main]
               10 WaitOther [iter.Pull.func1] p0 m1 by g1 [iter.Pull < main.main]
               20 Runnable p0 m1 by g1
               20 Running p0 m1
               30 WaitOther
               40 Runnable p0 m1 by g1
               40 Running p0 m1
               40 end
            p0: 0 Running g1 m1; 20 Running g2 m1; 30 Running g1 m1; 40 Running g2 m1; 40 end
            m1: 0 Running g1 p0; 20 Running g2 p0; 30 Running g1 p0; 40 Running g2 p0; 40 end
        "#]],
    );
}

/// But a stack is kept if there was none; a proc that is new then begins then.
#[test]
fn same_states_of_later_generations_change_nothing() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoStatus g=2 gstatus=Waiting
Generation 2
EventBatch m=1 time=200
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
EventBatch m=2 time=220
ProcStatus p=1 pstatus=Idle
ProcStart p=1 p_seq=1 at=230
EventBatch m=- time=290
GoStatusStack g=2 gstatus=Waiting stack=[runtime.gopark; main.sleeper]
"#,
        &expect![[r#"
            g1
                0 Running p0 m1
              191 end
            g2 main.sleeper
                0 WaitOther [runtime.gopark < main.sleeper]
              191 end
            p0: 0 Running g1 m1; 191 end
            p1: 121 Idle; 130 Scheduler m2; 191 end
            m1: 0 Running g1 p0; 191 end
            m2: 121 Idle; 130 Scheduler p1; 191 end
        "#]],
    );
}

/// Goroutine 2 is unblocked after it blocked, but by an earlier clock.
#[test]
fn a_clock_that_runs_backwards_moves_only_its_lane() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=2 m=1 gstatus=Running
GoBlock reason_string="sync" at=150
EventBatch m=2 time=90
ProcStatus p=1 pstatus=Running
GoStatus g=1 m=2 gstatus=Running
GoUnblock g=2 g_seq=1 at=120
GoBlock at=125
GoStart g=2 g_seq=2 at=130
"#,
        &expect![[r#"
            g1
                0 Running p1 m2
               35 WaitOther
               60 end
            g2
                0 Running p0 m1
               60 WaitSync "sync"
               60 Runnable p1 m2 by g1
               60 Running p1 m2
               60 end
            p0: 0 Running g2 m1; 60 Scheduler m1; 60 end
            p1: 0 Running g1 m2; 35 Scheduler m2; 40 Running g2 m2; 60 end
            m2: 0 Running g1 p1; 35 Scheduler p1; 40 Running g2 p1; 60 end
            m1: 0 Running g2 p0; 60 Scheduler p0; 60 end
            byte 0: clocks of threads disagree: 2 times moved forward to keep a goroutine, proc or thread in order, by 30 ns at most
        "#]],
    );
}

/// By the start function of what runs.
#[test]
fn runtime_and_collector_have_their_own_running() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock reason_string="GC mark assist wait for work" stack=[main.f; main.main] at=110
GoStatus g=2 gstatus=Runnable
GoStart g=2 g_seq=1 at=120
GoBlock reason_string="system goroutine wait" stack=[runtime.gopark; runtime.gcBgMarkWorker] at=130
GoStatus g=3 gstatus=Runnable
GoStart g=3 g_seq=1 at=140
GoBlock reason_string="never heard of" stack=[runtime.gopark; runtime.bgsweep] at=150
GoStatus g=4 gstatus=Runnable
GoStart g=4 g_seq=1 at=160
GoBlock reason_string="sleep" stack=[time.Sleep; runtime.main] at=170
"#,
        &expect![[r#"
            g1 main.main
                0 Running p0 m1
               10 WaitGc "GC mark assist wait for work" [main.f < main.main]
               70 end
            g2 runtime.gcBgMarkWorker
                0 Runnable
               20 Running p0 m1
               30 WaitOther "system goroutine wait" [runtime.gopark < runtime.gcBgMarkWorker]
               70 end
            g3 runtime.bgsweep
                0 Runnable
               40 Running p0 m1
               50 WaitOther "never heard of" [runtime.gopark < runtime.bgsweep]
               70 end
            g4 runtime.main
                0 Runnable
               60 Running p0 m1
               70 WaitSleep "sleep" [time.Sleep < runtime.main]
               70 end
            p0: 0 Running g1 m1; 10 Scheduler m1; 20 RunningGc g2 m1; 30 Scheduler m1; 40 RunningRuntime g3 m1; 50 Scheduler m1; 60 Running g4 m1; 70 Scheduler m1; 70 end
            m1: 0 Running g1 p0; 10 Scheduler p0; 20 RunningGc g2 p0; 30 Scheduler p0; 40 RunningRuntime g3 p0; 50 Scheduler p0; 60 Running g4 p0; 70 Scheduler p0; 70 end
        "#]],
    );
}

/// Generation 2 is missing. Goroutine 2 is not in generation 3, so it is gone; 3 is known there only by its status.
#[test]
fn lost_stretches_are_unknown() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoStatus g=2 gstatus=Waiting
GoStatus g=3 gstatus=Waiting
UserRegionBegin name_string="r" at=150
Generation 3
EventBatch m=1 time=300
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock reason_string="sleep" at=310
EventBatch m=- time=390
GoStatus g=3 gstatus=Waiting
"#,
        &expect![[r#"
            g1
                0 Running p0 m1
               50 Unknown
              200 Running p0 m1
              210 WaitSleep "sleep"
              291 end
            g2
                0 WaitOther
               50 Unknown
              200 end
            g3
                0 WaitOther
               50 Unknown
              200 WaitOther
              291 end
            p0: 0 Running g1 m1; 50 Unknown; 200 Running g1 m1; 210 Scheduler m1; 291 end
            m1: 0 Running g1 p0; 50 Unknown; 200 Running g1 p0; 210 Scheduler p0; 291 end
            lost 50..200
        "#]],
    );
}

/// The file ends inside the generation: what everyone did after the last that is known of their threads is unknown, and
/// the time in which that is so is lost.
#[test]
fn nothing_is_certain_behind_a_cut() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoStatus g=3 m=- gstatus=Waiting
GoCreate at=110 new_g=4
EventBatch m=2 time=101
ProcStatus p=1 pstatus=Running
GoStatus g=2 m=2 gstatus=Running
HeapAlloc at=190 heapalloc_value=7
Cut
"#,
        &expect![[r#"
            g1
                0 Running p0 m1
               10 Unknown
               90 end
            g2
                0 Running p1 m2
               90 Unknown
               90 end
            g3
                0 WaitOther
               10 Unknown
               90 end
            g4 created 10 by g1
               10 Runnable p0 m1 by g1
               10 Unknown
               90 end
            p0: 0 Running g1 m1; 10 Unknown; 90 end
            p1: 0 Running g2 m2; 90 Unknown; 90 end
            m1: 0 Running g1 p0; 10 Unknown; 90 end
            m2: 0 Running g2 p1; 90 Unknown; 90 end
            lost 10..90
        "#]],
    );
}
