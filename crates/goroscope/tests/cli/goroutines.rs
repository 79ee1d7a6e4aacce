//! `goroscope goroutines` and `goroscope goroutine`: tables, CSV and JSON, and mistakes.

use crate::program::{Folder, packed};
use expect_test::{Expect, expect};

fn check(test: &str, arguments: &[&str], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("trace.zst", &packed("late-1.27.trace.zst"));
    expected.assert_eq(&folder.show(arguments, b""));
}

#[test]
fn groups_by_start_function() {
    check(
        "groups_by_start_function",
        &["goroutines", "trace.zst"],
        &expect![[r#"
        $ goroscope goroutines trace.zst
        22 goroutines, there for 761.7 ms together: 18.7 % running, 17.0 % runnable, 60.8 % waiting; all 11 groups

        Start function                                       Count  Of running  Lifetime   Running  Runnable   Waiting  Most for                     Syscall  Blocked syscall       STW  Lifetime p50       p99       max
        main.main.func2                                          5  ██████████  185.7 ms  142.0 ms  43.65 ms         –                                     –                –         –      37.12 ms  37.15 ms  37.15 ms
        main.main                                                1              37.30 ms  400.8 µs   3.97 µs  36.87 ms  sleep                       20.35 µs                –  37.70 µs      37.30 ms  37.30 ms  37.30 ms
        runtime.bgsweep                                          1              37.30 ms  15.94 µs  10.92 ms  26.36 ms  GC background sweeper wait         –                –         –      37.30 ms  37.30 ms  37.30 ms
        runtime.(*traceAdvancerState).start.func1                1              37.08 ms   9.79 µs  22.77 ms  14.31 ms  chan receive                       –                –         –      37.08 ms  37.08 ms  37.08 ms
        (function not in this trace)                             5              129.1 ms   8.96 µs  10.40 ms  91.70 ms  reason not in this trace           –         26.97 ms         –      22.99 ms  37.12 ms  37.12 ms
        runtime/trace.(*traceMultiplexer).startLocked.func1      1              37.08 ms   6.46 µs   3.84 µs  37.01 ms  system goroutine wait       60.93 µs                –         –      37.08 ms  37.08 ms  37.08 ms
        runtime.traceStartReadCPU.func1                          1              37.08 ms   6.02 µs  22.76 ms  14.32 ms  chan receive                       –                –         –      37.08 ms  37.08 ms  37.08 ms
        runtime.bgscavenge                                       1              37.30 ms   2.82 µs   7.93 ms  29.36 ms  system goroutine wait              –                –         –      37.30 ms  37.30 ms  37.30 ms
        runtime.gcBgMarkWorker                                   4              149.2 ms   1.41 µs  10.92 ms  138.3 ms  reason not in this trace           –                –         –      37.30 ms  37.30 ms  37.30 ms
        runtime.forcegchelper                                    1              37.30 ms         –         –  37.30 ms  reason not in this trace           –                –         –      37.30 ms  37.30 ms  37.30 ms
        runtime.runFinalizers                                    1              37.30 ms         –         –  37.30 ms  reason not in this trace           –                –         –      37.30 ms  37.30 ms  37.30 ms
        → 0

    "#]],
    );
}

#[test]
fn groups_by_an_expression_as_csv() {
    check(
        "groups_by_an_expression_as_csv",
        &["goroutines", "--group", r"regex=^[a-z]+", "--csv", "trace.zst"],
        &expect![[r#"
            $ goroscope goroutines --group regex=^[a-z]+ --csv trace.zst
            group,file,lane,start_ns,end_ns,count,running_share,lifetime_ns,running_ns,runnable_ns,waiting_ns,syscall_ns,syscall_blocked_ns,unknown_ns,network_ns,channel_ns,sync_ns,select_ns,sleep_ns,gc_wait_ns,other_wait_ns,assist_ns,sweep_ns,stw_ns,other_range_ns,samples,blocked_ns_by_reason,lifetime_p50_ns,lifetime_p90_ns,lifetime_p99_ns,lifetime_max_ns,running_p50_ns,running_p90_ns,running_p99_ns,running_max_ns,runnable_p50_ns,runnable_p90_ns,runnable_p99_ns,runnable_max_ns
            main,,go:5,0,37124736,6,0.9996392872351704,222963072,142422080,43649024,36871616,20352,0,0,0,0,34432,0,36837184,0,0,0,0,37696,0,0,sleep=36837184;sync=34432,37124736,37296768,37296768,37296768,24038144,36732864,36732864,36732864,2912192,22916672,22916672,22916672
            runtime,,go:9,0,37296768,11,0.0002978238643612195,409617088,42432,75311552,334202176,60928,0,0,0,28621056,0,0,0,26356096,279225024,0,0,0,0,0,reason not in this trace=197517952;system goroutine wait=81707072;chan receive=28621056;GC background sweeper wait=26356096,37296768,37296768,37296768,37296768,1408,9792,15936,15936,3840,22762176,22766144,22766144
            (no match),,go:16,0,37124288,5,0.00006288890046843247,129079104,8960,10396224,91703232,0,26970688,0,0,0,0,0,0,0,91703232,0,0,0,0,0,reason not in this trace=91703232,22993664,37124288,37124288,37124288,1216,4928,4928,4928,67328,10148672,10148672,10148672
            → 0

        "#]],
    );
}

#[test]
fn members_of_a_group() {
    check(
        "members_of_a_group",
        &["goroutines", "--group", "regex=^[a-z]+", "--of", "main", "--sort", "start", "--limit", "3", "trace.zst"],
        &expect![[r#"
            $ goroscope goroutines --group regex=^[a-z]+ --of main --sort start --limit 3 trace.zst
            6 goroutines, there for 223.0 ms together: 63.9 % running, 19.6 % runnable, 16.5 % waiting; goroutines 1 to 3 of 6

            Goroutine  Start function      Ended  Lifetime   Running  Runnable   Waiting  Most for   Syscall       STW
            G1         main.main                  37.30 ms  400.8 µs   3.97 µs  36.87 ms  sleep     20.35 µs  37.70 µs
            G3         main.main.func2  37.12 ms  37.12 ms  32.78 ms   4.34 ms         –                   –         –
            G5         main.main.func2  37.12 ms  37.12 ms  36.73 ms  391.9 µs         –                   –         –
            → 0

        "#]],
    );
}

#[test]
fn a_list_as_csv() {
    check(
        "a_list_as_csv",
        &["goroutines", "--list", "--sort", "id", "--limit", "2", "--offset", "1", "--csv", "trace.zst"],
        &expect![[r#"
            $ goroscope goroutines --list --sort id --limit 2 --offset 1 --csv trace.zst
            id,lane,function,created_ns,ended_ns,start_ns,end_ns,first_run_ns,lifetime_ns,running_ns,runnable_ns,waiting_ns,syscall_ns,syscall_blocked_ns,unknown_ns,network_ns,channel_ns,sync_ns,select_ns,sleep_ns,gc_wait_ns,other_wait_ns,assist_ns,sweep_ns,stw_ns,other_range_ns,samples,blocked_ns_by_reason
            2,go:17,runtime.forcegchelper,,,0,37296768,,37296768,0,0,37296768,0,0,0,0,0,0,0,0,0,37296768,0,0,0,0,0,reason not in this trace=37296768
            3,go:4,main.main.func2,,37118720,0,37118720,,37118720,32780288,4338432,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
            → 0

        "#]],
    );
}

#[test]
fn groups_as_json() {
    check(
        "groups_as_json",
        &["goroutines", "--group", "creation", "--limit", "1", "--from", "1ms", "--json", "trace.zst"],
        &expect![[r#"
            $ goroscope goroutines --group creation --limit 1 --from 1ms --json trace.zst
            {
              "answer": "groups",
              "version": 1,
              "trace": "trace.zst",
              "filter": "from=1ms",
              "from": 1000000,
              "to": 37296768,
              "group": "creation",
              "total": 4,
              "offset": 0,
              "sort": "running",
              "order": "desc",
              "sum": {
                "count": 22,
                "lifetime": 740306624,
                "running": 140788672,
                "runnable": 122238912,
                "waiting": 451288000,
                "syscall": 20352,
                "syscall_blocked": 25970688,
                "unknown": 0,
                "network": 0,
                "channel": 28621056,
                "sync": 34432,
                "select": 0,
                "sleep": 36057920,
                "gc_wait": 26356096,
                "other_wait": 360218496,
                "assist": 0,
                "sweep": 0,
                "stw": 0,
                "other_range": 0,
                "samples": 0,
                "blocked": [
                  {
                    "reason": "reason not in this trace",
                    "class": 9,
                    "ns": 279221184,
                    "spans": 10
                  },
                  {
                    "reason": "system goroutine wait",
                    "class": 9,
                    "ns": 80997312,
                    "spans": 3
                  },
                  {
                    "reason": "sleep",
                    "class": 7,
                    "ns": 36057920,
                    "spans": 2
                  },
                  {
                    "reason": "chan receive",
                    "class": 4,
                    "ns": 28621056,
                    "spans": 2
                  },
                  {
                    "reason": "GC background sweeper wait",
                    "class": 8,
                    "ns": 26356096,
                    "spans": 1
                  },
                  {
                    "reason": "sync",
                    "class": 5,
                    "ns": 34432,
                    "spans": 1
                  }
                ]
              },
              "rows": [
                {
                  "name": "",
                  "label": "(creation not in this trace)",
                  "file": "",
                  "key": "go:5",
                  "start": 1000000,
                  "end": 37124736,
                  "count": 19,
                  "lifetime": 631416320,
                  "running": 140772864,
                  "runnable": 78282240,
                  "waiting": 386370176,
                  "syscall": 20352,
                  "syscall_blocked": 25970688,
                  "unknown": 0,
                  "network": 0,
                  "channel": 0,
                  "sync": 34432,
                  "select": 0,
                  "sleep": 36057920,
                  "gc_wait": 26356096,
                  "other_wait": 323921728,
                  "assist": 0,
                  "sweep": 0,
                  "stw": 0,
                  "other_range": 0,
                  "samples": 0,
                  "blocked": [
                    {
                      "reason": "reason not in this trace",
                      "class": 9,
                      "ns": 279221184,
                      "spans": 10
                    },
                    {
                      "reason": "system goroutine wait",
                      "class": 9,
                      "ns": 44700544,
                      "spans": 2
                    },
                    {
                      "reason": "sleep",
                      "class": 7,
                      "ns": 36057920,
                      "spans": 2
                    },
                    {
                      "reason": "GC background sweeper wait",
                      "class": 8,
                      "ns": 26356096,
                      "spans": 1
                    },
                    {
                      "reason": "sync",
                      "class": 5,
                      "ns": 34432,
                      "spans": 1
                    }
                  ],
                  "running_share": 0.9998877182391492,
                  "distribution": {
                    "lifetime": {
                      "p50": 36152768,
                      "p90": 36296768,
                      "p99": 36296768,
                      "max": 36296768
                    },
                    "running": {
                      "p50": 1984,
                      "p90": 34233856,
                      "p99": 36024000,
                      "max": 36024000
                    },
                    "runnable": {
                      "p50": 68288,
                      "p90": 12085888,
                      "p99": 21916672,
                      "max": 21916672
                    }
                  },
                  "histogram": [
                    {
                      "from": 15850000,
                      "to": 25120000,
                      "count": 4
                    },
                    {
                      "from": 25120000,
                      "to": 39810000,
                      "count": 15
                    }
                  ]
                }
              ]
            }
            → 0

        "#]],
    );
}

#[test]
fn one_in_full() {
    check(
        "one_in_full",
        &["goroutine", "G1", "trace.zst"],
        &expect![[r#"
            $ goroscope goroutine G1 trace.zst
            G1 main.main (go:0)
              created       before the trace
              first run     not known
              ended         not in the trace
              lifetime      37.30 ms
                            37.70 µs in 1 × stop-the-world (start trace)
                            3 created goroutines

            State          For        Time  Spans       p50       p90       p99   Longest        At
            Running               400.8 µs      5  25.47 µs  220.7 µs  220.7 µs  220.7 µs      0 ns
            Runnable               3.97 µs      3   1.15 µs   2.37 µs   2.37 µs   2.37 µs  37.11 ms
            Mutex or sync         34.43 µs      1  34.43 µs  34.43 µs  34.43 µs  34.43 µs  37.12 ms
            Sleep                 36.84 ms      2  14.14 ms  22.70 ms  22.70 ms  22.70 ms  220.7 µs
            System call           20.35 µs      1  20.35 µs  20.35 µs  20.35 µs  20.35 µs  22.94 ms
            of these       sleep  36.84 ms      2  14.14 ms  22.70 ms  22.70 ms  22.70 ms  220.7 µs
            of these       sync   34.43 µs      1  34.43 µs  34.43 µs  34.43 µs  34.43 µs  37.12 ms

            Ended its waits       Waited  Waits   Longest        At  Mostly from
            timer or runtime    36.84 ms      2  22.70 ms  220.7 µs
            G4 main.main.func2  34.43 µs      1  34.43 µs  37.12 ms  main.main.func1.1:30

            Waited for it    Waited  Waits   Longest    At  Mostly from
            G9             22.93 ms      1  22.93 ms  0 ns  main.main:69
            G10            22.93 ms      1  22.93 ms  0 ns  main.main:69
            G11            22.93 ms      1  22.93 ms  0 ns  main.main:69
            G12            22.92 ms      1  22.92 ms  0 ns  main.main:68
            → 0

        "#]],
    );
    check(
        "one_in_full_as_csv",
        &["goroutine", "1", "--csv", "trace.zst"],
        &expect![[r#"
        $ goroscope goroutine 1 --csv trace.zst
        lane,state,reason,time_ns,spans,p50_ns,p90_ns,p99_ns,longest_ns,longest_at_ns
        go:0,running,,400832,5,25472,220736,220736,220736,0
        go:0,runnable,,3968,3,1152,2368,2368,2368,37111616
        go:0,sync,,34432,1,34432,34432,34432,34432,37118144
        go:0,sleep,,36837184,2,14141504,22695680,22695680,22695680,220736
        go:0,syscall,,20352,1,20352,20352,20352,20352,22943040
        go:0,sleep,sleep,36837184,2,14141504,22695680,22695680,22695680,220736
        go:0,sync,sync,34432,1,34432,34432,34432,34432,37118144
        → 0

    "#]],
    );
}

#[test]
fn mistakes() {
    for (test, arguments) in [
        ("mistakes_group", vec!["goroutines", "--group", "name", "trace.zst"]),
        ("mistakes_of", vec!["goroutines", "--of", "main", "trace.zst"]),
        ("mistakes_list", vec!["goroutines", "--list", "--group", "func", "trace.zst"]),
        ("mistakes_sort", vec!["goroutines", "--list", "--sort", "lifetime.p99", "trace.zst"]),
        ("mistakes_order", vec!["goroutines", "--order", "up", "trace.zst"]),
        ("mistakes_id", vec!["goroutine", "main", "trace.zst"]),
        ("mistakes_none", vec!["goroutine", "4711", "trace.zst"]),
        ("mistakes_filter", vec!["goroutine", "1", "--from", "1ms", "trace.zst"]),
    ] {
        let folder = Folder::new(test);
        folder.write("trace.zst", &packed("late-1.27.trace.zst"));
        let shown = folder.show(&arguments, b"");
        assert!(!shown.contains("\n→ 0") && !shown.contains("panicked"), "{shown}");
    }
}
