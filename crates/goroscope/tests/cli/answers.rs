//! Commands that answer a question: their tables, CSV, JSON and filters.

use crate::program::{Folder, recorded};
use expect_test::{Expect, expect};

/// What these arguments print about a recorded trace.
#[track_caller]
fn check(test: &str, trace: &str, arguments: &[&str], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("trace.out", &recorded(trace));
    expected.assert_eq(&folder.show(&[arguments, &["trace.out"]].concat(), b""));
}

#[test]
fn events() {
    check(
        "events",
        "late-1.27.trace.zst",
        &["events", "--func", "^main", "--limit", "5"],
        &expect![[r#"
            $ goroscope events --func ^main --limit 5 trace.out
            Time  Goroutine  Start function   What           For  Proc  Thread  Kind
            0 ns  G1         main.main        running   220.7 µs  3     1480    state
            0 ns  G3         main.main.func2  runnable  251.3 µs                state
            0 ns  G5         main.main.func2  runnable  291.1 µs                state
            0 ns  G7         main.main.func2  runnable   2.90 ms                state
            0 ns  G6         main.main.func2  runnable   2.94 ms                state

            These are the first 5; more from 0 ns on: use --limit, --offset or --from
            → 0

        "#]],
    );
    check(
        "events_csv",
        "late-1.27.trace.zst",
        &["events", "--csv", "--kind", "task,log"],
        &expect![[r#"
        $ goroscope events --csv --kind task,log trace.out
        ts_ns,goroutine,function,text,dur_ns,cause,leaf,proc,thread,task,topic
        22919616,G1,main.main,task (name not in this trace) #1 ends,,,runtime/trace.(*Task).End,,,#1,task
        → 0

    "#]],
    );
    check(
        "events_json",
        "late-1.27.trace.zst",
        &["events", "--json", "--state", "waiting", "--min", "5ms", "--limit", "1"],
        &expect![[r#"
            $ goroscope events --json --state waiting --min 5ms --limit 1 trace.out
            {
              "answer": "events",
              "version": 1,
              "trace": "trace.out",
              "filter": "state=waiting min=5ms",
              "rows": [
                {
                  "ts": 0,
                  "topic": "state",
                  "text": "waiting: reason not in this trace",
                  "dur": 11034112,
                  "go": {
                    "key": "go:10",
                    "row": 10,
                    "id": 18,
                    "function": "runtime.bgscavenge"
                  },
                  "proc": null,
                  "thread": null,
                  "cause": null,
                  "task": null,
                  "stack": [],
                  "lane": "go:10"
                }
              ],
              "next": {
                "ts": 0,
                "skip": 1
              }
            }
            → 0

        "#]],
    );
    check(
        "events_of_nothing",
        "late-1.27.trace.zst",
        &["events", "--kind", "everything"],
        &expect![[r#"
        $ goroscope events --kind everything trace.out
        error: invalid value 'everything' for '--kind <KINDS>': no kind of event: use state, region, task, log, range or sample

        For more information, try '--help'.
        → 2

    "#]],
    );
}

#[test]
fn threads() {
    check(
        "threads",
        "late-1.27.trace.zst",
        &["threads", "--from", "5ms"],
        &expect![[r#"
            $ goroscope threads --from 5ms trace.out
            6 threads, which were there for 193.8 ms together and ran goroutines for 66.4 % of it

            System calls   Count     Total   Longest
            (no stack)         1  21.97 ms  21.97 ms
            syscall.Close      1  20.35 µs  20.35 µs

            Thread  First seen  Last seen  Busy         Running  GC worker   Runtime   Syscall  Blocked syscall  Scheduler      Idle  Syscalls   Longest  Most in
            1481       5.00 ms   37.30 ms  ██████████  32.29 ms          –         –         –                –    4.54 µs         –         0
            1482       5.00 ms   37.30 ms  ██████████  32.13 ms          –   2.82 µs         –                –   13.50 µs  149.8 µs         0
            1483       5.00 ms   37.30 ms  ██████████  32.09 ms    1.41 µs  15.94 µs         –                –   80.51 µs  106.2 µs         0
            1480       5.00 ms   37.30 ms  █████████▉  32.07 ms          –  15.81 µs  20.35 µs                –   22.21 µs  169.4 µs         1  20.35 µs  syscall.Close
            1479       5.00 ms   37.30 ms                     –          –         –         –                –          –  32.30 ms         0
            1478       5.00 ms   37.30 ms                     –          –         –         –         21.97 ms          –  10.33 ms         1  26.97 ms
            → 0

        "#]],
    );
    check(
        "threads_csv",
        "late-1.27.trace.zst",
        &["threads", "--csv"],
        &expect![[r#"
            $ goroscope threads --csv trace.out
            thread,name,start_ns,end_ns,busy,running_ns,running_gc_ns,running_runtime_ns,syscall_ns,syscall_blocked_ns,scheduler_ns,idle_ns,off_cpu_ns,syscalls,longest_syscall_ns,function
            1481,,249792,37296768,0.999837611577258,37040960,0,0,0,0,5824,192,,0,,
            1480,,0,37296768,0.9926024689324286,37005056,0,15808,81280,0,25216,169408,,3,58880,syscall.write
            1482,,2895808,37296768,0.9952243193213213,34233856,0,2816,0,0,14464,149824,,0,,
            1483,,2934080,37296768,0.9945373307233707,34157632,1408,15936,0,0,81344,106368,,0,,
            1479,,0,37296768,0,0,0,0,0,0,0,37296768,,0,,
            1478,,0,37296768,0,0,0,0,0,26970688,0,10326080,,1,26970688,
            → 0

        "#]],
    );
    check(
        "threads_func",
        "late-1.27.trace.zst",
        &["threads", "--func", "main"],
        &expect![[r#"
        $ goroscope threads --func main trace.out
        error: func does not apply to threads, which knows only from, to

        For more information, try 'goroscope --help'.
        → 2

    "#]],
    );
}

#[test]
fn filters_that_are_wrong() {
    check(
        "filter_regex",
        "late-1.27.trace.zst",
        &["threads", "--func", "("],
        &expect![[r#"
        $ goroscope threads --func ( trace.out
        error: func=(: no regular expression: unclosed group

        For more information, try 'goroscope --help'.
        → 2

    "#]],
    );
    check(
        "filter_times",
        "late-1.27.trace.zst",
        &["events", "--from", "2ms", "--to", "1ms"],
        &expect![[r#"
        $ goroscope events --from 2ms --to 1ms trace.out
        error: from is not before to

        For more information, try 'goroscope --help'.
        → 2

    "#]],
    );
    check(
        "filter_text",
        "late-1.27.trace.zst",
        &["events", "--filter", "colour=red"],
        &expect![[r#"
        $ goroscope events --filter colour=red trace.out
        error: colour is no key of a filter: use one of from, to, goroutine, func, state, reason, task, region, min, max

        For more information, try 'goroscope --help'.
        → 2

    "#]],
    );
    check(
        "filter_both",
        "late-1.27.trace.zst",
        &["events", "--filter", "from=1ms", "--to", "2ms"],
        &expect![[r#"
            $ goroscope events --filter from=1ms --to 2ms trace.out
            error: the argument '--filter <FILTER>' cannot be used with '--to <TIME>'

            Usage: goroscope events [FILTER] [--kind KINDS] [--limit N] [--offset N] [--json|--csv] TRACE

            For more information, try '--help'.
            → 2

        "#]],
    );
}

/// As CSV all rows come unless fewer are asked for.
#[test]
fn csv_is_whole() {
    let folder = Folder::new("csv_is_whole");
    folder.write("trace.out", &recorded("crowd-1.27.trace.zst"));
    let rows =
        |arguments: &[&str]| folder.run(&[arguments, &["--csv", "trace.out"]].concat(), b"").stdout.lines().count() - 1;
    assert!(rows(&["goroutines", "--list"]) > 2000);
    assert_eq!(rows(&["goroutines", "--list", "--limit", "7"]), 7);
}

/// Texts of the program cannot move the cursor.
#[test]
fn texts_are_printable() {
    let folder = Folder::new("texts_are_printable");
    folder.write("trace.out", &recorded("names-1.27.trace.zst"));
    for arguments in [&["profile", "--kind", "wall", "--labels", "task,region", "--traces"][..], &["tasks"], &["logs"]]
    {
        let printed = folder.run(&[arguments, &["trace.out"]].concat(), b"").stdout;
        assert!(!printed.contains(|c: char| c.is_control() && !"\n\t".contains(c)), "{arguments:?}");
    }
}
