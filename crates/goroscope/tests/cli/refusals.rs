//! Arguments that would have no effect are refused, and answers without rows say why there are none.

use crate::program::{Folder, recorded};
use expect_test::{Expect, expect};

#[track_caller]
fn check(test: &str, runs: &[&[&str]], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    let shown = |arguments: &&[&str]| folder.show(&[*arguments, &["trace.out"][..]].concat(), b"");
    expected.assert_eq(&runs.iter().map(shown).collect::<String>());
}

#[test]
fn what_would_have_no_effect() {
    check(
        "refusals",
        &[
            &["mmu", "--worst", "3"],
            &["mmu", "--view", "both"],
            &["mmu", "--assist", "maybe"],
            &["gc", "--sort", "nosuch"],
            &["goroutines", "--sort", "reason:nosuch"],
            &["goroutines", "--list", "--sort", "reason:nosuch"],
            &["events", "--from", "1h"],
            &["regions", "--from", "1h"],
            &["profile", "--kind", "sched", "--from", "1h"],
        ],
        &expect![[r#"
            $ goroscope mmu --worst 3 trace.out
            error: the following required arguments were not provided:
              --window <TIME>

            Usage: goroscope mmu [--view system|proc] [--window TIME] [--json|--csv] TRACE

            For more information, try '--help'.
            → 2

            $ goroscope mmu --view both trace.out
            error: --view: "both" is no choice: use one of system, proc

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope mmu --assist maybe trace.out
            error: --assist maybe: use on or off

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope gc --sort nosuch trace.out
            error: --table or --sort: "nosuch" is no choice: use one of number, start, duration, pause_ns, assist_ns, gc_share, heap_before

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope goroutines --sort reason:nosuch trace.out
            error: --sort reason:nosuch: nothing here waits for that, but for reason not in this trace, system goroutine wait, sleep, chan receive, GC background sweeper wait, sync

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope goroutines --list --sort reason:nosuch trace.out
            error: --sort reason:nosuch: nothing here waits for that, but for reason not in this trace, system goroutine wait, sleep, chan receive, GC background sweeper wait, sync

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope events --from 1h trace.out
            error: trace.out: nothing is there from 3600.0 s on: the trace ends at 37.30 ms
            → 1

            $ goroscope regions --from 1h trace.out
            error: trace.out: nothing is there from 3600.0 s on: the trace ends at 37.30 ms
            → 1

            $ goroscope profile --kind sched --from 1h trace.out
            error: trace.out: nothing is there from 3600.0 s on: the trace ends at 37.30 ms
            → 1

        "#]],
    );
}

#[test]
fn values_are_refused_before_the_trace_is_read() {
    let folder = Folder::new("refusals_early");
    let shown = folder.show(&["profile", "--kind", "sync", "--sample-index", "nosuch", "missing.out"], b"");
    expect![[r#"
        $ goroscope profile --kind sync --sample-index nosuch missing.out
        error: --sample-index nosuch: this profile has contentions, delay

        For more information, try 'goroscope --help'.
        → 2

    "#]]
    .assert_eq(&shown);
}

#[test]
fn why_there_are_no_rows() {
    check(
        "empty",
        &[
            &["goroutines", "--func", "nosuch"],
            &["regions", "--list", "--offset", "100000"],
            &["regions", "--list", "--limit", "0"],
            &["events", "--kind", "sample"],
            &["gc", "--table", "assists"],
        ],
        &expect![[r#"
            $ goroscope goroutines --func nosuch trace.out
            0 goroutines, there for 0 ns together: – running, – runnable, – waiting; none of 0 groups



            Nothing here passes the filter func=nosuch: leave a part of it out, or make it wider
            → 0

            $ goroscope regions --list --offset 100000 trace.out
            0 regions



            Nothing is left behind the first 100,000: use a smaller --offset
            → 0

            $ goroscope regions --list --limit 0 trace.out
            0 regions


            → 0

            $ goroscope events --kind sample trace.out


            There is nothing of the kind in this trace; goroscope info says what there is
            → 0

            $ goroscope gc --table assists trace.out
            0 cycles, 0 pauses by the collector, 0 ns together, 0 ns the longest
            workers: 0 ns dedicated, 0 ns fractional, 0 ns idle; 0 assists took 0 ns
            0.00 % of the time of all procs was taken from the program

            Stops of the world  Count     Total    Median      99 %   Longest
            start trace             1  37.70 µs  37.70 µs  37.70 µs  37.70 µs



            Nothing of the kind happened while the trace was recorded: record for longer
            → 0

        "#]],
    );
}

#[test]
fn events_in_pages() {
    check(
        "events_in_pages",
        &[
            &["events", "--limit", "6"],
            &["events", "--limit", "3", "--offset", "3"],
            &["events", "--limit", "2", "--offset", "4", "--csv"],
        ],
        &expect![[r#"
            $ goroscope events --limit 6 trace.out
            Time  Goroutine  Start function          What           For  Proc  Thread  Kind
            0 ns  G1         main.main               running   220.7 µs  3     1480    state
            0 ns  G3         main.main.func2         runnable  251.3 µs                state
            0 ns  G5         main.main.func2         runnable  291.1 µs                state
            0 ns  G7         main.main.func2         runnable   2.90 ms                state
            0 ns  G6         main.main.func2         runnable   2.94 ms                state
            0 ns  G51        runtime.gcBgMarkWorker  runnable  10.92 ms                state

            These are the first 6; more from 0 ns on: use --limit, --offset or --from
            → 0

            $ goroscope events --limit 3 --offset 3 trace.out
            Time  Goroutine  Start function          What           For  Kind
            0 ns  G7         main.main.func2         runnable   2.90 ms  state
            0 ns  G6         main.main.func2         runnable   2.94 ms  state
            0 ns  G51        runtime.gcBgMarkWorker  runnable  10.92 ms  state

            These are 4 to 6; more from 0 ns on: use --limit, --offset or --from
            → 0

            $ goroscope events --limit 2 --offset 4 --csv trace.out
            ts_ns,goroutine,function,text,dur_ns,cause,leaf,proc,thread,task,topic
            0,G6,main.main.func2,runnable,2935040,,,,,,state
            0,G51,runtime.gcBgMarkWorker,runnable,10921792,,,,,,state
            → 0

        "#]],
    );
}

/// The filters that the help of a command lists.
fn filters(folder: &Folder, command: &str) -> String {
    let help = folder.run(&[command, "--help"], b"").stdout;
    let filters = help.split("\nFilter:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let words =
        filters.lines().filter_map(|line| line.trim().strip_prefix("--")).filter_map(|line| line.split(' ').next());
    format!("{command}: {}\n", words.collect::<Vec<_>>().join(" "))
}

#[test]
fn help_lists_the_filters_that_count() {
    let folder = Folder::new("filters_in_help");
    let commands = [
        "events",
        "goroutine",
        "goroutines",
        "logs",
        "regions",
        "tasks",
        "gc",
        "latency",
        "mmu",
        "procs",
        "threads",
        "counters",
    ];
    let listed: String = commands.into_iter().map(|command| filters(&folder, command)).collect();
    expect![[r#"
        events: from to goroutine func state reason task region min max filter
        goroutine: 
        goroutines: from to goroutine func state reason task region min max filter
        logs: from to goroutine func task region min max filter
        regions: from to goroutine func task region min max filter
        tasks: from to goroutine func task min max filter
        gc: from to min max filter
        latency: from to goroutine func task region min max filter
        mmu: from to filter
        procs: from to min max filter
        threads: from to filter
        counters: from to filter
    "#]]
    .assert_eq(&listed);
}
