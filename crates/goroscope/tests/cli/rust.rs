//! Traces of goroscope-recorder: what is said of the recording, and in which words.

use crate::program::Folder;
use expect_test::{Expect, expect};

/// Two tasks on one worker, a counter, slices off the processor; the last lines hold.
const TRACE: &str = r#"Trace Go1.25
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running
GoCreate new_g=1 new_stack=[app::main main.rs:3] at=2000
GoStart g=1 g_seq=1 at=2500
UserTaskBegin task=1 name_string="request" at=3000
GoCreate new_g=2 new_stack=[app::serve main.rs:9] at=3500
GoBlock reason_string="chan receive" stack=[tokio::sync::mpsc::recv a.rs:1; app::main main.rs:4] at=5000
GoStart g=2 g_seq=1 at=5500
GoUnblock g=1 g_seq=2 at=8000
GoDestroy at=9000
GoStart g=1 g_seq=3 at=9500
UserTaskEnd task=1 at=9800
GoDestroy at=10000
EventBatch m=- time=1000
Strings
String id=1001 data="goroscope-recorder: recorder=goroscope-recorder 0.1.0"
String id=1002 data="goroscope-recorder: clock=time stamp counter"
String id=1003 data="goroscope-recorder: stacks=none"
String id=1004 data="goroscope-recorder: frame_pointers=absent"
String id=1005 data="goroscope-recorder: tasks=2"
String id=1006 data="goroscope-recorder: untraced_tasks=3"
String id=1007 data="goroscope-recorder: dropped=4"
String id=1008 data="goroscope-recorder: polls=3"
String id=1009 data="goroscope-recorder: unheard_wakes=1"
String id=1010 data="goroscope-recorder: thread.1=tokio-rt-worker"
String id=1011 data="goroscope-recorder: program=/srv/app"
String id=1012 data="goroscope-recorder: pid=77"
String id=1013 data="goroscope-recorder: mood=\x1b[31mred"
String id=1014 data="goroscope-recorder: series.counter.tokio.main.global_queue=0A8GyAYB"
String id=1015 data="goroscope-recorder: series.off_cpu.1=oB/QDwE"
"#;

#[track_caller]
fn check(test: &str, runs: &[&[&str]], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("app.trace", &goroscope_wire::text::parse(TRACE).expect("a trace"));
    let shown: Vec<String> =
        runs.iter().map(|arguments| folder.show(&[arguments, &["app.trace"][..]].concat(), b"")).collect();
    expected.assert_eq(&shown.concat());
}

#[test]
fn info() {
    check(
        "rust_info",
        &[&["info"]],
        &expect![[r#"
        $ goroscope info app.trace
        app.trace
          format        go 1.25 (written by goroscope-recorder 0.1.0)
          size          914 bytes (914 bytes), unpacked
          duration      9.00 µs
          started       1970-01-01 00:00:00.000000000 UTC

        recording
          program         /srv/app, process 77
          clock           time stamp counter
          stacks          none were taken, the program has no frame pointers
          tasks           2 traced, at least 3 not traced
          polls           3, 1 of them without a known wake
          left out        4 records for want of memory
          counters        1
          mood            ·[31mred
          thread 1        tokio-rt-worker
          ! 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
          ! 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
          ! no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
          ! 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace

        contains
          events                     14
          tasks                       2
          functions                   2
          workers                     1
          threads                     1
          generations                 1
          ranges                      0
          user tasks                  1
          regions                     0
          logs                        0
          CPU samples                 0
          experimental                0

        records by kind                   count          bytes    share
          String                             22            726   80.8 %
          EventBatch                          5             67    7.5 %
          Stack                               3             29    3.2 %
          GoStart                             3             15    1.7 %
          GoCreate                            2             12    1.3 %
          UserTaskBegin                       1              7    0.8 %
          Frequency                           1              6    0.7 %
          GoDestroy                           2              6    0.7 %
          GoUnblock                           1              6    0.7 %
          ClockSnapshot                       1              6    0.7 %
          GoBlock                             1              5    0.6 %
          UserTaskEnd                         1              5    0.6 %
          ProcStatus                          1              4    0.4 %
          Strings                             2              2    0.2 %
          Stacks                              1              1    0.1 %
          Sync                                1              1    0.1 %

        problems: none
        app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
        app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
        app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
        app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
        → 0

    "#]],
    );
}

#[test]
fn answers() {
    check(
        "rust_answers",
        &[
            &["goroutines"],
            &["goroutines", "--list"],
            &["events", "--limit", "6"],
            &["threads"],
            &["procs"],
            &["latency"],
            &["tasks"],
        ],
        &expect![[r#"
            $ goroscope goroutines app.trace
            2 tasks, there for 13.50 µs together: 48.1 % running, 29.6 % runnable, 22.2 % waiting; all 2 groups

            Spawned as  Count  Of running  Lifetime   Polled  Runnable  Waiting  Most for      Lifetime p50      p99      max
            app::serve      1  █████▍       5.50 µs  3.50 µs   2.00 µs        –                     5.50 µs  5.50 µs  5.50 µs
            app::main       1  ████▋        8.00 µs  3.00 µs   2.00 µs  3.00 µs  chan receive       8.00 µs  8.00 µs  8.00 µs
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope goroutines --list app.trace
            2 tasks, there for 13.50 µs together: 48.1 % running, 29.6 % runnable, 22.2 % waiting; all 2 tasks

            Task  Spawned as  Created    Ended  First run after  Lifetime   Polled  Runnable  Waiting  Most for
            T2    app::serve  2.50 µs  8.00 µs          2.00 µs   5.50 µs  3.50 µs   2.00 µs        –
            T1    app::main   1.00 µs  9.00 µs           500 ns   8.00 µs  3.00 µs   2.00 µs  3.00 µs  chan receive
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope events --limit 6 app.trace
               Time  Task  Spawned as  What                             For  By  At                       Worker  Thread  User task  Kind
            1.00 µs  T1    app::main   created, runnable             500 ns      app::main                0       1                  state
            1.50 µs  T1    app::main   running                      2.50 µs                               0       1                  state
            2.00 µs  T1    app::main   user task request #1 begins  6.80 µs                                               #1         task
            2.50 µs  T2    app::serve  created, runnable            2.00 µs  T1  app::serve               0       1                  state
            4.00 µs  T1    app::main   waiting: chan receive        3.00 µs      tokio::sync::mpsc::recv                             state
            4.50 µs  T2    app::serve  running                      3.50 µs                               0       1                  state

            These are the first 6; more from 7.00 µs on: use --limit, --offset or --from
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope threads app.trace
            1 thread, which were there for 9.00 µs together and ran tasks for 72.2 % of it

            Thread  Name             First seen  Last seen  Busy       Polled  Blocking  Scheduler  Idle  Off processor  Calls
            1       tokio-rt-worker        0 ns    9.00 µs  ███████▎  6.50 µs         –    2.50 µs     –        2.00 µs      0
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope procs app.trace
            1 worker seen, the trace does not say how many there are, which ran tasks for 72.2 % of the time
            0 times tasks could run while workers were idle: for 0 ns, in which these could have run for 0 ns

            Over time                                                                            Most
            workers held       ████████████████████████████████████████████████████████████████  1.0
            workers busy                 ▃█████████████████▃  ▁████████████████████████▆   ▆███  1.0
            ready tasks, mean         ███▆      ▃██████████████                 ▃██████████▃     1.0
            ready tasks, most         ████      ███████████████                 ████████████     1.0



            Worker  First seen  Last seen  Busy      Over time                                                          Polled  Blocking  Scheduler  Idle  Starts  Stops  Thread changes
                 0        0 ns    9.00 µs  ███████▎            ▃█████████████████▃  ▁████████████████████████▆   ▆██▇  6.50 µs         –    2.50 µs     –       0      0               0
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope latency app.trace
            3 waits of tasks that could run: 4.00 µs together, half up to 1.50 µs, 99 % up to 2.00 µs, the longest 2.00 µs; 0 more did not begin or end in the trace

            Cause    Waits    Total     Mean   Median     90 %     99 %   99.9 %  Longest
            created      2  2.50 µs  1.25 µs   500 ns  2.00 µs  2.00 µs  2.00 µs  2.00 µs
            woken        1  1.50 µs  1.50 µs  1.50 µs  1.50 µs  1.50 µs  1.50 µs  1.50 µs

            At least    Below  Waits    Total  Share of waits
              256 ns   512 ns      1   500 ns  ███▍
              512 ns  1.02 µs      0        –
             1.02 µs  2.05 µs      2  3.50 µs  ██████▋

            Longest waits     From       To  Task  Function    Cause    By
                  2.00 µs  2.50 µs  4.50 µs  T2    app::serve  created  T1 app::main
                  1.50 µs  7.00 µs  8.50 µs  T1    app::main   woken    T2 app::serve
                   500 ns  1.00 µs  1.50 µs  T1    app::main   created

            Spawned as  Waits    Total     Mean   Median     90 %     99 %   99.9 %  Longest  Open  Open for  1 ns … 1 s
            app::serve      1  2.00 µs  2.00 µs  2.00 µs  2.00 µs  2.00 µs  2.00 µs  2.00 µs     0         –            █
            app::main       2  2.00 µs  1.00 µs   500 ns  1.50 µs  1.50 µs  1.50 µs  1.50 µs     0         –          █ █
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope tasks app.trace
            1 user task of 1 type; of no user task: 0 regions, 0 messages

            Type     User tasks  Complete  Open    Total  Peak      Min     Mean      p50      p90      p95      p99      Max  Histogram  Subtasks  Regions  Logs
            request           1         1     0  6.80 µs     1  6.80 µs  6.80 µs  6.80 µs  6.80 µs  6.80 µs  6.80 µs  6.80 µs  █                 0        0     0
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

        "#]],
    );
}

#[test]
fn counters() {
    check(
        "rust_counters",
        &[&["counters"], &["counters", "--csv", "--from", "2us"]],
        &expect![[r#"
        $ goroscope counters app.trace
        1 counter

        Counter                  Values  Least  Mean   Most  Last  Over time
        tokio.main.global_queue       2  2      2.105  3     2        █████▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
        app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
        app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
        app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
        app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
        → 0

        $ goroscope counters --csv --from 2us app.trace
        name,unit,points,min,mean,max,last
        tokio.main.global_queue,,0,2,2,2,2
        app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
        app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
        app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
        app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
        → 0

    "#]],
    );
}

#[test]
fn there_is_no_collector() {
    check(
        "rust_gc",
        &[&["gc"], &["mmu"]],
        &expect![[r#"
        $ goroscope gc app.trace
        app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
        app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
        app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
        app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
        error: app.trace: a Rust program, which has no garbage collector
        → 1

        $ goroscope mmu app.trace
        app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
        app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
        app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
        app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
        error: app.trace: a Rust program, which has no garbage collector
        → 1

    "#]],
    );
}

/// What `info` says of the recording in a trace, without warnings, and what its counters are.
fn told(folder: &Folder, name: &str) -> String {
    let info = folder.run(&["info", name], b"").stdout;
    let part = info.split("\n\n").find(|part| part.starts_with("recording")).unwrap_or_default();
    let facts: Vec<_> = part.lines().filter(|line| !line.starts_with("  !")).collect();
    facts.join("\n") + "\n" + &folder.run(&["counters", name], b"").stdout
}

/// What the trace that a command makes of it says.
#[track_caller]
fn check_edited(test: &str, arguments: &[&str], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("app.trace", &goroscope_wire::text::parse(TRACE).expect("a trace"));
    let ended = folder.run(&[arguments, &["app.trace", "edited.trace"][..]].concat(), b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let edited = told(&folder, "edited.trace");
    if matches!(arguments, ["repair" | "merge", ..]) {
        assert_eq!(edited, told(&folder, "app.trace"));
    }
    expected.assert_eq(&edited);
}

#[test]
fn what_is_made_of_it() {
    let whole = expect![[r#"
        recording
          program         /srv/app, process 77
          clock           time stamp counter
          stacks          none were taken, the program has no frame pointers
          tasks           2 traced, at least 3 not traced
          polls           3, 1 of them without a known wake
          left out        4 records for want of memory
          counters        1
          mood            ·[31mred
          thread 1        tokio-rt-worker
        1 counter

        Counter                  Values  Least  Mean   Most  Last  Over time
        tokio.main.global_queue       2  2      2.105  3     2        █████▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
    "#]];
    check_edited("rust_repaired", &["repair"], &whole);
    check_edited("rust_merged", &["merge", "app.trace"], &whole);
    check_edited(
        "rust_cut",
        &["cut", "--from", "3us", "--to", "7us"],
        &expect![[r#"
            recording
              program         /srv/app, process 77
              clock           time stamp counter
              stacks          none were taken, the program has no frame pointers
              tasks           2 traced, at least 3 not traced
              polls           3, 1 of them without a known wake
              left out        4 records for want of memory
              counters        1
              mood            ·[31mred
              numbers         of the whole recording
              thread 1        tokio-rt-worker
            1 counter

            Counter                  Values  Least  Mean  Most  Last  Over time
            tokio.main.global_queue       1  2      2     2     2     ███████████████████████████████████████████████████████████████
        "#]],
    );
    check_edited(
        "rust_anonymous",
        &["anonymize"],
        &expect![[r#"
            recording
              program         program1
              clock           time stamp counter
              stacks          none were taken, the program has no frame pointers
              tasks           2 traced, at least 3 not traced
              polls           3, 1 of them without a known wake
              left out        4 records for want of memory
              counters        1
              thread 1        tokio-rt-worker
            1 counter

            Counter                      Values  Least  Mean   Most  Last  Over time
            tokio.runtime1.global_queue       2  2      2.105  3     2        █████▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
        "#]],
    );
}

/// Tables count as the program's function what it waits through; all else has whole stacks.
#[test]
fn functions_of_the_program() {
    check(
        "rust_functions",
        &[
            &["profile", "--kind", "blocking"],
            &["profile", "--kind", "blocking", "--focus", "mpsc::recv", "--csv"],
            &["profile", "--kind", "blocking", "--whole-stacks"],
            &["profile", "--kind", "blocking", "--hide", "app"],
            &["profile", "--kind", "blocking", "--folded"],
            &["profile", "--kind", "blocking", "--longest", "--csv"],
            &["profile", "--kind", "blocking", "--longest", "--whole-stacks"],
        ],
        &expect![[r#"
            $ goroscope profile --kind blocking app.trace
            blocking profile of an execution trace: all waits
            format go 1.25
            Type: delay
            Duration: 9us, Total samples = 3us (33.33%)
            Showing nodes accounting for 3us, 100% of 3us total
                  flat  flat%   sum%        cum   cum%
                   3us   100%   100%        3us   100%  app::main
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --focus mpsc::recv --csv app.trace
            function,file,line,type,unit,flat,cum
            app::main,,,contentions,count,1,1
            app::main,,,delay,nanoseconds,3000,3000
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --whole-stacks app.trace
            blocking profile of an execution trace: all waits
            format go 1.25
            Type: delay
            Duration: 9us, Total samples = 3us (33.33%)
            Showing nodes accounting for 3us, 100% of 3us total
                  flat  flat%   sum%        cum   cum%
                   3us   100%   100%        3us   100%  tokio::sync::mpsc::recv
                     0     0%   100%        3us   100%  app::main
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --hide app app.trace
            blocking profile of an execution trace: all waits
            format go 1.25
            Type: delay
            Duration: 9us, Total samples = 3us (33.33%)
            Active filters:
               hide=app
            Showing nodes accounting for 3us, 100% of 3us total
                  flat  flat%   sum%        cum   cum%
                   3us   100%   100%        3us   100%  tokio::sync::mpsc::recv
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --folded app.trace
            app::main;tokio::sync::mpsc::recv 3000
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --longest --csv app.trace
            goroutine,function,state,reason,start_ns,end_ns,duration_ns,leaf,own
            1,app::main,channel,chan receive,4000,7000,3000,tokio::sync::mpsc::recv,app::main
            app.trace: 4 records were dropped, as there was no memory for them: what happened meanwhile is missing or made up; give the recording more with Builder::memory
            app.trace: 3 of 5 tasks were not traced (60.0 %): use goroscope_recorder::spawn, or .traced()
            app.trace: no stacks were taken, so nothing tells where and why tasks wait: the program has no frame pointers and no unwind tables; build it with -C force-frame-pointers=yes
            app.trace: 1 of 3 polls came without a known wake (33.3 %): who woke these tasks is not in the trace
            → 0

            $ goroscope profile --kind blocking --longest --whole-stacks app.trace
            error: --whole-stacks does not apply to --longest, which lists what is counted one by one

            For more information, try 'goroscope --help'.
            → 2

        "#]],
    );
}
