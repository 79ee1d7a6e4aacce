//! Profiles as rows: states one by one, and functions for programs.

use crate::profiles::check;
use crate::program::{Folder, recorded};
use expect_test::expect;

/// What is counted one by one, in the three forms; what has no say in it is refused.
#[test]
fn the_longest() {
    let of = |form: &'static [&'static str]| [&["profile", "--kind"][..], form, &["trace.out"]].concat();
    let runs = [
        of(&["sync", "--longest"]),
        of(&["wall", "--longest=4", "--func", "main", "--json"]),
        of(&["sched", "--longest", "--csv", "--to", "3ms", "--by", "waker"]),
        of(&["off-cpu", "--longest=3", "--ignore", "runtime", "--tagfocus", "open=end"]),
        of(&["syscall", "--longest=0"]),
        of(&["net", "--longest", "--focus", "nobody"]),
        of(&["cpu", "--longest"]),
        of(&["sync", "--longest=many"]),
        of(&["sync", "--longest", "--top"]),
        of(&["sync", "--longest", "--tagroot", "reason"]),
        of(&["sync", "--longest", "--mode", "compat"]),
    ];
    let runs: Vec<&[&str]> = runs.iter().map(Vec::as_slice).collect();
    check(
        "the_longest",
        &runs,
        &expect![[r#"
            $ goroscope profile --kind sync --longest trace.out
            4 that last 51.58 ms together

            Goroutine  Function                                   State       Reason           Begin       End  Duration  In                         Called by
            12                                                    other_wait  sync              0 ns  22.92 ms  22.92 ms  [stack not in this trace]
            19         runtime.traceStartReadCPU.func1            channel     chan receive  22.98 ms  37.30 ms  14.32 ms  runtime.chanrecv1
            20         runtime.(*traceAdvancerState).start.func1  channel     chan receive  22.99 ms  37.30 ms  14.31 ms  runtime.chanrecv1
            1          main.main                                  sync        sync          37.12 ms  37.15 ms  34.43 µs  sync.(*WaitGroup).Wait     main.main
            → 0

            $ goroscope profile --kind wall --longest=4 --func main --json trace.out
            {
              "answer": "longest",
              "version": 1,
              "trace": "trace.out",
              "filter": "func=main",
              "total": 38,
              "ns": 222963072,
              "offset": 0,
              "rows": [
                {
                  "key": "go:11",
                  "go": {
                    "key": "go:11",
                    "row": 11,
                    "id": 4,
                    "function": "main.main.func2"
                  },
                  "class": 2,
                  "state": "runnable",
                  "reason": "",
                  "inferred": null,
                  "leaf": {
                    "name": "[stack not in this trace]",
                    "file": "",
                    "line": 0
                  },
                  "own": null,
                  "start": 0,
                  "end": 22916096,
                  "duration": 22916096
                },
                {
                  "key": "go:0",
                  "go": {
                    "key": "go:0",
                    "row": 0,
                    "id": 1,
                    "function": "main.main"
                  },
                  "class": 7,
                  "state": "sleep",
                  "reason": "sleep",
                  "inferred": null,
                  "leaf": {
                    "name": "time.Sleep",
                    "file": "runtime/time.go",
                    "line": 368
                  },
                  "own": {
                    "name": "main.main",
                    "file": "programs/late/main.go",
                    "line": 65
                  },
                  "start": 220736,
                  "end": 22916416,
                  "duration": 22695680
                },
                {
                  "key": "go:4",
                  "go": {
                    "key": "go:4",
                    "row": 4,
                    "id": 3,
                    "function": "main.main.func2"
                  },
                  "class": 1,
                  "state": "running",
                  "reason": "",
                  "inferred": null,
                  "leaf": {
                    "name": "main.main.func2",
                    "file": "",
                    "line": 0
                  },
                  "own": null,
                  "start": 251264,
                  "end": 22912384,
                  "duration": 22661120
                },
                {
                  "key": "go:5",
                  "go": {
                    "key": "go:5",
                    "row": 5,
                    "id": 5,
                    "function": "main.main.func2"
                  },
                  "class": 1,
                  "state": "running",
                  "reason": "",
                  "inferred": null,
                  "leaf": {
                    "name": "main.main.func2",
                    "file": "",
                    "line": 0
                  },
                  "own": null,
                  "start": 291136,
                  "end": 22912512,
                  "duration": 22621376
                }
              ]
            }
            → 0

            $ goroscope profile --kind sched --longest --csv --to 3ms --by waker trace.out
            goroutine,function,state,reason,start_ns,end_ns,duration_ns,leaf,own
            51,runtime.gcBgMarkWorker,runnable,,0,10921792,3000000,[stack not in this trace],
            17,runtime.bgsweep,runnable,,0,10924736,3000000,[stack not in this trace],
            4,main.main.func2,runnable,,0,22916096,3000000,[stack not in this trace],
            6,main.main.func2,runnable,,0,2935040,2935040,[stack not in this trace],
            7,main.main.func2,runnable,,0,2896832,2896832,[stack not in this trace],
            19,runtime.traceStartReadCPU.func1,runnable,,212864,22975040,2787136,runtime.traceStartReadCPU,main.main
            20,runtime.(*traceAdvancerState).start.func1,runnable,,215488,22981632,2784512,runtime.(*traceAdvancerState).start,main.main
            5,main.main.func2,runnable,,0,291136,291136,[stack not in this trace],
            3,main.main.func2,runnable,,0,251264,251264,[stack not in this trace],
            21,runtime/trace.(*traceMultiplexer).startLocked.func1,runnable,,219008,222848,3840,runtime/trace.(*traceMultiplexer).startLocked,main.main
            → 0

            $ goroscope profile --kind off-cpu --longest=3 --ignore runtime --tagfocus open=end trace.out
            nothing that this profile counts
            → 0

            $ goroscope profile --kind syscall --longest=0 trace.out
            4 that last 27.05 ms together
            → 0

            $ goroscope profile --kind net --longest --focus nobody trace.out
            nothing that this profile counts
            → 0

            $ goroscope profile --kind cpu --longest trace.out
            error: --kind cpu counts no states, which --longest could list

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind sync --longest=many trace.out
            error: invalid value 'many' for '--longest[=<N>]': no number of rows: write --longest=20

            For more information, try '--help'.
            → 2

            $ goroscope profile --kind sync --longest --top trace.out
            error: the argument '--longest[=<N>]' cannot be used with '--top'

            Usage: goroscope profile --kind KIND [FILTER] [VIEW] [--top|--peek REGEX|--tree|--traces|--list REGEX|--flame SVG|-o FILE|--folded|--longest[=N]|--json] TRACE

            For more information, try '--help'.
            → 2

            $ goroscope profile --kind sync --longest --tagroot reason trace.out
            error: --tagroot does not apply to --longest, which lists what is counted one by one

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind sync --longest --mode compat trace.out
            error: --mode compat does not apply to --longest, which lists what is counted one by one

            For more information, try 'goroscope --help'.
            → 2

        "#]],
    );
}

/// The lines of `--csv` are the rows of `--json`.
#[test]
fn functions_as_lines() {
    let folder = Folder::new("functions_as_lines");
    folder.write("trace.out", &recorded("mix-1.27.trace.zst"));
    let shown = |form: &str| folder.run(&["profile", "--kind", "wall", form, "trace.out"], b"").stdout;
    let json: serde_json::Value = serde_json::from_str(&shown("--json")).expect("JSON");
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let (rows, types) = (list(&json["body"]["rows"]), list(&json["types"]));
    let mut expected = vec!["function,file,line,type,unit,flat,cum".to_owned()];
    for row in &rows {
        for (number, of) in types.iter().enumerate() {
            let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
            let line = row["line"].as_i64().filter(|line| *line != 0).map(|line| line.to_string()).unwrap_or_default();
            let values = [&row["flat"][number], &row["cum"][number]].map(serde_json::Value::to_string);
            let cells = [text(&row["name"]), text(&row["file"]), line, text(&of["kind"]), text(&of["unit"])];
            expected.push(cells.into_iter().chain(values).collect::<Vec<_>>().join(","));
        }
    }
    assert!(rows.len() > 20 && types.len() == 2);
    // None of these names has a comma or a quotation mark.
    assert_eq!(shown("--csv").lines().collect::<Vec<_>>(), expected);
}
