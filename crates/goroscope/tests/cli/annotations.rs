//! `goroscope tasks`, `regions` and `logs`: the same numbers for people, as CSV and as JSON.

use crate::program::{Folder, recorded};
use expect_test::{Expect, expect};
use serde_json::Value;

const TRACE: &str = "trace.out";

fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write(TRACE, &recorded("tasks-1.25.trace.zst"));
    folder
}

fn check(test: &str, arguments: &[&str], expected: &Expect) {
    let arguments: Vec<&str> = arguments.iter().copied().chain([TRACE]).collect();
    expected.assert_eq(&folder(test).show(&arguments, b""));
}

#[test]
fn types_of_tasks() {
    check(
        "types_of_tasks",
        &["tasks", "--sort", "count"],
        &expect![[r#"
        $ goroscope tasks --sort count trace.out
        139 tasks of 12 types; of no task: 12 regions, 1 message

        Type             Tasks  Complete  Open     Total  Peak       Min      Mean       p50       p90       p95       p99       Max  Histogram  Subtasks  Regions  Logs
        request             60        60     0  17.59 ms    14  37.12 µs  293.2 µs  286.9 µs  419.7 µs  433.1 µs  439.0 µs  439.0 µs  ▁ ▁▂▇▇█          60      180    60
        store               60        60     0  631.5 µs     1  10.43 µs  10.52 µs  10.50 µs  10.62 µs  10.69 µs  10.88 µs  10.88 µs  █                 0       60    60
        garbage              4         4     0  209.3 ms     4  52.20 ms  52.31 ms  52.21 ms  52.64 ms  52.64 ms  52.64 ms  52.64 ms  █                 0        8     0
        child                3         3     0   6.81 ms     3   1.30 ms   2.27 ms   2.22 ms   3.29 ms   3.29 ms   3.29 ms   3.29 ms  ███               3        3     0
        grandchild           3         3     0  191.7 µs     1  17.79 µs  63.89 µs  21.38 µs  152.5 µs  152.5 µs  152.5 µs  152.5 µs  █   ▄             0        3     3
        never ends           3         0     3  163.4 ms     3                                                                                          0        0     3
                             1         0     1  72.26 µs     1                                                                                          1        0     1
        child of early       1         1     0    192 ns     1    192 ns    192 ns    192 ns    192 ns    192 ns    192 ns    192 ns  █                 0        0     0
        family               1         1     0   3.30 ms     1   3.30 ms   3.30 ms   3.30 ms   3.30 ms   3.30 ms   3.30 ms   3.30 ms  █                 3        0     0
        ends twice           1         1     0    576 ns     1    576 ns    576 ns    576 ns    576 ns    576 ns    576 ns    576 ns  █                 0        2     1
        same name            1         1     0    896 ns     1    896 ns    896 ns    896 ns    896 ns    896 ns    896 ns    896 ns  █                 0        1     1
        open at the end      1         0     1   1.18 ms     1                                                                                          0        2     0
        → 0

    "#]],
    );
}

#[test]
fn the_slowest_tasks() {
    check(
        "the_slowest_tasks",
        &["tasks", "--list", "--task", "child", "--sort", "duration"],
        &expect![[r#"
        $ goroscope tasks --list --task child --sort duration trace.out
        7 tasks

        Task  Type            Parent          Start       End  Duration  Begun by  Ended by  Goroutines  Subtasks  Regions  Logs   Running  Runnable   Channel    Sleep   Syscall
        124   child           family #123   2.12 ms   5.41 ms   3.29 ms  G27       G27                2         1        1     0  14.02 µs   4.03 µs  21.95 µs  3.26 ms   8.96 µs
        126   child           family #123   2.13 ms   4.35 ms   2.22 ms  G26       G26                2         1        1     0  18.18 µs   4.80 µs  27.14 µs  2.18 ms   9.98 µs
        125   child           family #123   2.13 ms   3.43 ms   1.30 ms  G25       G25                2         1        1     0  27.90 µs  19.58 µs  159.8 µs  1.11 ms  137.1 µs
        127   grandchild      child #125    3.27 ms   3.42 ms  152.5 µs  G6        G6                 1         0        1     1  15.42 µs         –         –        –  137.1 µs
        128   grandchild      child #126    4.32 ms   4.35 ms  21.38 µs  G28       G28                1         0        1     1  11.39 µs         –         –        –   9.98 µs
        129   grandchild      child #124    5.39 ms   5.41 ms  17.79 µs  G7        G7                 1         0        1     1   8.83 µs         –         –        –   8.96 µs
        2     child of early  #1           71.94 µs  72.13 µs    192 ns  G1        G1                 1         0        0     0    192 ns         –         –        –         –
        → 0

    "#]],
    );
}

#[test]
fn one_task() {
    let id = family();
    check(
        "one_task",
        &["tasks", "--id", &id.to_string()],
        &expect![[r#"
        $ goroscope tasks --id 123 trace.out
        Task "family" #123 lasts 3.30 ms, from 2.11 ms to 5.41 ms

        Where its time went

        State          Reason            Time   Share
        Sleep          sleep          3.04 ms  92.2 %  █████████▎
        System call                  156.0 µs   4.7 %  ▌
        Running                      64.96 µs   2.0 %  ▎
        Runnable                     28.61 µs   0.9 %  ▏
        Channel        chan receive   4.16 µs   0.1 %
        Mutex or sync  sync           4.16 µs   0.1 %

        Goroutines that take part: 7

        Goroutine  Function                From       To   Running  Runnable   Channel     Sync    Sleep   Syscall  Waits
        G1         main.main            2.11 ms  5.41 ms   4.86 µs    192 ns         –  3.29 ms        –         –  sync 3.29 ms
        G27        main.family.func1    2.12 ms  5.41 ms   5.18 µs   4.03 µs  21.95 µs        –  3.26 ms         –  sleep 3.26 ms, chan receive 21.95 µs
        G26        main.family.func1    2.13 ms  4.35 ms   6.78 µs   4.80 µs  27.14 µs        –  2.18 ms         –  sleep 2.18 ms, chan receive 27.14 µs
        G25        main.family.func1    2.13 ms  3.43 ms  12.48 µs  19.58 µs  159.8 µs        –  1.11 ms         –  sleep 1.11 ms, chan receive 159.8 µs
        G6         main.family.func1.1  3.27 ms  3.42 ms  15.42 µs         –         –        –        –  137.1 µs
        G28        main.family.func1.1  4.32 ms  4.35 ms  11.39 µs         –         –        –        –   9.98 µs
        G7         main.family.func1.1  5.39 ms  5.41 ms   8.83 µs         –         –        –        –   8.96 µs

        Tasks, regions and messages: 16

          Start     Since  Duration  Goroutine  What                            Place
        2.11 ms             3.30 ms  G1         task "family" #123              main.family:132
        2.12 ms   7.68 µs   3.29 ms  G27          task "child" #124             main.family.func1:139
        2.12 ms    256 ns   3.29 ms  G27            region "child"              main.family.func1:141
        2.13 ms   7.04 µs   1.30 ms  G25          task "child" #125             main.family.func1:139
        2.13 ms    256 ns   1.30 ms  G25            region "child"              main.family.func1:141
        2.13 ms   1.15 µs   2.22 ms  G26          task "child" #126             main.family.func1:139
        2.13 ms    192 ns   2.22 ms  G26            region "child"              main.family.func1:141
        3.27 ms   1.14 ms  152.5 µs  G6             task "grandchild" #127      main.family.func1.1:145
        3.27 ms   1.60 µs            G6               log "without a category"  main.family.func1.1:146
        3.27 ms    704 ns  147.3 µs  G6               region "file"             main.family.func1.1:147
        4.32 ms  897.1 µs  21.38 µs  G28            task "grandchild" #128      main.family.func1.1:145
        4.33 ms   1.28 µs            G28              log "without a category"  main.family.func1.1:146
        4.33 ms    256 ns  19.52 µs  G28              region "file"             main.family.func1.1:147
        5.39 ms   1.04 ms  17.79 µs  G7             task "grandchild" #129      main.family.func1.1:145
        5.39 ms   1.47 µs            G7               log "without a category"  main.family.func1.1:146
        5.39 ms    384 ns  15.74 µs  G7               region "file"             main.family.func1.1:147
        → 0

    "#]],
    );
}

/// The id of the task with children.
fn family() -> u64 {
    let json = folder("family").run(&["tasks", "--list", "--task", "family", "--json", TRACE], b"").stdout;
    let answer: Value = serde_json::from_str(&json).expect("JSON");
    answer["rows"][0]["id"].as_u64().expect("an id")
}

#[test]
fn types_of_regions() {
    check(
        "types_of_regions",
        &["regions", "--limit", "6"],
        &expect![[r#"
        $ goroscope regions --limit 6 trace.out
        271 regions of 14 types, of which 1 to 6 are shown

        Type             Begun at                Regions  Complete  Open  Goroutines     Total      Self       Min      Mean       p50       p90       p95       p99       Max  Histogram   Running  Runnable   Channel      Sync    Sleep   GC wait  Other wait
        allocate         main.garbage.func1:212        4         4     0           4  131.5 ms  131.5 ms  32.12 ms  32.88 ms  32.54 ms  34.09 ms  34.09 ms  34.09 ms  34.09 ms  █          17.89 ms  26.93 ms   5.38 µs  86.05 ms        –  540.3 µs    95.36 µs
        collect          main.garbage.func1:222        4         4     0           4  77.74 ms  77.74 ms  18.12 ms  19.44 ms  19.65 ms  20.09 ms  20.09 ms  20.09 ms  20.09 ms  █           3.94 ms  48.01 ms         –  10.03 ms        –  15.77 ms           –
        child            main.family.func1:141         3         3     0           3   6.81 ms   6.81 ms   1.30 ms   2.27 ms   2.22 ms   3.29 ms   3.29 ms   3.29 ms   3.29 ms  ███        23.23 µs  28.42 µs  208.9 µs         –  6.55 ms         –           –
        nested           main.nested:192              12        12     0           1   3.33 ms  514.6 µs  40.45 µs  277.9 µs  245.8 µs  474.0 µs  514.6 µs  514.6 µs  514.6 µs  ▃▃▃███      3.33 ms         –         –         –        –         –           –
        work             main.parse:109               60        60     0           4   1.21 ms   1.21 ms  20.16 µs  20.19 µs  20.16 µs  20.22 µs  20.22 µs  20.80 µs  20.80 µs  █           1.21 ms         –         –         –        –         –           –
        open at the end  main.main:46                  1         0     1           1   1.17 ms   1.17 ms                                                                                   24.19 µs  16.64 µs  10.50 µs         –  1.12 ms         –           –
        → 0

    "#]],
    );
}

#[test]
fn regions_of_a_place() {
    check(
        "regions_of_a_place",
        &["regions", "--list", "--region", "nested", "--sort", "duration", "--limit", "3"],
        &expect![[r#"
            $ goroscope regions --list --region nested --sort duration --limit 3 trace.out
            12 regions, of which 1 to 3 are shown

            Type    Begun at         Goroutine    Start      End  Duration  Depth      Self   Running
            nested  main.nested:192  G1         6.57 ms  7.09 ms  514.6 µs      0  40.58 µs  514.6 µs
            nested  main.nested:192  G1         6.59 ms  7.07 ms  474.0 µs      1  40.58 µs  474.0 µs
            nested  main.nested:192  G1         6.61 ms  7.05 ms  433.4 µs      2  40.51 µs  433.4 µs
            → 0

        "#]],
    );
}

#[test]
fn messages() {
    check(
        "messages",
        &["logs", "--category", "late"],
        &expect![[r#"
        $ goroscope logs --category late trace.out
        2 messages

            Time  Goroutine  Task             Category  Message                             Place
        71.55 µs  G1         #1               late      a task that began before the trace  main.main:33
         5.41 ms  G1         ends twice #130  late      after the end                       main.unusual:165
        → 0

    "#]],
    );
}

#[test]
fn mistakes() {
    for (test, arguments, expected) in [
        (
            "mistake_sort",
            &["tasks", "--sort", "size"][..],
            expect![[r#"
            $ goroscope tasks --sort size trace.out
            error: --sort size: use one of ns, count, incomplete, mean, p50, p99, max, peak, name

            For more information, try 'goroscope --help'.
            → 2

        "#]],
        ),
        (
            "mistake_order",
            &["regions", "--order", "up"],
            expect![[r#"
            $ goroscope regions --order up trace.out
            error: --order up: use one of asc, desc

            For more information, try 'goroscope --help'.
            → 2

        "#]],
        ),
        (
            "mistake_id",
            &["tasks", "--id", "7777777"],
            expect![[r#"
            $ goroscope tasks --id 7777777 trace.out
            error: no task has the id 7777777 in this trace
            → 1

        "#]],
        ),
        (
            "mistake_key",
            &["logs", "--state", "running"],
            expect![[r#"
            $ goroscope logs --state running trace.out
            error: state does not apply to logs, which knows only from, to, goroutine, func, task, region

            For more information, try 'goroscope --help'.
            → 2

        "#]],
        ),
        (
            "mistake_filter",
            &["tasks", "--id", "1", "--from", "1ms"],
            expect![[r#"
            $ goroscope tasks --id 1 --from 1ms trace.out
            error: --id is one task, whatever a filter says

            For more information, try 'goroscope --help'.
            → 2

        "#]],
        ),
    ] {
        check(test, arguments, &expected);
    }
}

/// Every number of the CSV stands in the JSON under the same name, row by row.
#[test]
fn all_forms_say_the_same() {
    let folder = folder("all_forms_say_the_same");
    let fields = [
        (&["tasks"][..], &[("count", "/count"), ("total_ns", "/ns"), ("p99_ns", "/latency/p99")][..]),
        (&["tasks", "--list"], &[("duration_ns", "/duration"), ("running_ns", "/time/running"), ("logs", "/logs")]),
        (&["regions"], &[("count", "/count"), ("self_ns", "/self_ns"), ("sync_ns", "/time/sync")]),
        (&["regions", "--list"], &[("start_ns", "/start"), ("self_ns", "/self_ns"), ("depth", "/depth")]),
        (&["logs"], &[("ts_ns", "/ts"), ("message", "/message")]),
        (&["tasks", "--id", "1"], &[("start_ns", "/start"), ("depth", "/depth")]),
    ];
    for (command, fields) in fields {
        let run = |form: &str| {
            let arguments: Vec<&str> = command.iter().copied().chain([form, "--limit", "100", TRACE]).collect();
            folder.run(&arguments, b"").stdout
        };
        let (csv, json) = (run("--csv"), run("--json"));
        let answer: Value = serde_json::from_str(&json).expect("JSON");
        let rows = answer["rows"].as_array().expect("rows");
        let mut lines = csv.lines();
        let names: Vec<&str> = lines.next().expect("names").split(',').collect();
        assert_eq!(lines.clone().count(), rows.len(), "{command:?}");
        assert!(!rows.is_empty(), "{command:?}");
        for (line, row) in lines.zip(rows) {
            let cells: Vec<&str> = line.split(',').collect();
            for (name, path) in fields {
                let at = names.iter().position(|known| known == name).expect("a column");
                let wanted = match row.pointer(path) {
                    Some(Value::String(text)) => text.clone(),
                    Some(value) => value.to_string(),
                    None => String::new(),
                };
                assert_eq!(cells[at], wanted, "{command:?} {name} {line}");
            }
        }
    }
}
