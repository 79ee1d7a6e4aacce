//! Profiles: those of go tool trace under its own flag, and our own in every form.

use crate::program::{Ended, Folder, packed, recorded};
use expect_test::{Expect, expect};
use goroscope_profile::{Profile, decode};
use std::fs;

/// The values of a profile in the order of their size: what is the same in whatever order they are written.
fn values(profile: &Profile) -> Vec<Vec<i64>> {
    let mut values: Vec<_> = profile.samples().map(|sample| sample.values.to_vec()).collect();
    values.sort();
    values
}

#[test]
fn the_flag_of_go_tool_trace() {
    let folder = Folder::new("the_flag_of_go_tool_trace");
    folder.write("trace.out", &recorded("mix-1.27.trace.zst"));
    folder.write("trace.zst", &packed("mix-1.27.trace.zst"));
    for kind in ["net", "sync", "syscall", "sched"] {
        let golden = decode(&packed(&format!("golden/mix-1.27.{kind}.pb.gz"))).expect("a profile");
        let with = |form: &str| form.replace("KIND", kind);
        for form in ["-pprof=KIND", "-pprof KIND", "--pprof=KIND", "-pprof=x -pprof=KIND", "-pprof=KIND -d=parsed"] {
            let form = with(form);
            for trace in [&["trace.out"][..], &["trace.zst"], &["prog.test", "trace.out"]] {
                let arguments: Vec<&str> = form.split(' ').chain(trace.iter().copied()).collect();
                let output = folder.command(&arguments).output().expect("the program ends");
                let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
                let profile = decode(&output.stdout).expect("a profile");
                assert_eq!(values(&profile), values(&golden), "{arguments:?}");
            }
        }
    }
}

/// What the program says to each of these arguments.
#[track_caller]
pub fn check(test: &str, runs: &[&[&str]], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    folder.write("empty.out", &recorded("late-1.27.trace.zst")[..16]);
    folder.write("cut.out", &recorded("mix-1.27.trace.zst")[..20_000]);
    let show = |arguments: &&[&str]| {
        let Ended { code, stdout, stderr } = folder.run_with(arguments, b"", &[("TZ", "UTC")]);
        let code = code.map_or("a signal".to_owned(), |code| code.to_string());
        format!("$ goroscope {}\n{stdout}{stderr}→ {code}\n\n", arguments.join(" "))
    };
    let found: Vec<String> = runs.iter().map(show).collect();
    expected.assert_eq(&found.concat());
}

#[test]
fn where_there_is_no_profile() {
    check(
        "where_there_is_no_profile",
        &[
            &["-pprof=heap", "missing.out"],
            &["-pprof=net", "missing.out"],
            &["-pprof=net", "empty.out"],
            &["-pprof=net", "info", "trace.out"],
            &["profile", "trace.out"],
            &["profile", "--kind", "heap", "trace.out"],
            &["profile", "--kind", "net", "--top", "--tree", "trace.out"],
            &["profile", "--kind", "net", "--by", "waker", "trace.out"],
            &["profile", "--kind", "net", "--rate", "0", "trace.out"],
            &["profile", "--kind", "net", "--labels", "proc", "trace.out"],
            &["profile", "--kind", "net", "--slowest", "3", "trace.out"],
            &["profile", "--kind", "net", "--slowest", "3%", "trace.out"],
            &["profile", "--kind", "net", "--focus", "(", "trace.out"],
            &["profile", "--kind", "net", "--sample-index", "bytes", "trace.out"],
            &["profile", "--kind", "net", "--peek", "nobody", "trace.out"],
            &["profile", "--kind", "net", "--name", "main.main", "trace.out"],
            &["profile", "--kind", "wall", "--mode", "compat", "trace.out"],
            &["profile", "--kind", "net", "--mode", "compat", "--func", "main", "trace.out"],
            &["profile", "--kind", "net", "--mode", "compat", "--name", "nobody", "trace.out"],
            &["profile", "--kind", "create", "--region", "x", "trace.out"],
            &["profile", "--kind", "net", "-o", "trace.out", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope -pprof=heap missing.out
            error: unknown pprof type heap, want one of: net, sync, syscall, sched
            → 1

            $ goroscope -pprof=net missing.out
            error: missing.out: no such file; is the path right, and has the program written its trace?
            → 1

            $ goroscope -pprof=net empty.out
            empty.out: the trace is damaged: 1 problem; what could be read is counted
            note: go tool trace stops before the damage, or refuses the trace: its numbers are others
            error: empty.out: no goroutine in this trace
            → 1

            $ goroscope -pprof=net info trace.out
            error: '-pprof' goes with a trace, not with a command: see 'goroscope profile'

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile trace.out
            error: the following required arguments were not provided:
              --kind <KIND>

            Usage: goroscope profile --kind KIND [FILTER] [VIEW] [--top|--peek REGEX|--tree|--traces|--list REGEX|--flame SVG|-o FILE|--folded|--longest[=N]|--json] TRACE

            For more information, try '--help'.
            → 2

            $ goroscope profile --kind heap trace.out
            error: "heap" is no kind of profile: use net, sync, syscall, syscall-block, sched, blocking, sleep, gc-assist, off-cpu, wall, create, cpu

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --top --tree trace.out
            error: the argument '--top' cannot be used with '--tree'

            Usage: goroscope profile --kind KIND [FILTER] [VIEW] [--top|--peek REGEX|--tree|--traces|--list REGEX|--flame SVG|-o FILE|--folded|--longest[=N]|--json] TRACE

            For more information, try '--help'.
            → 2

            $ goroscope profile --kind net --by waker trace.out
            error: --by waker is for --kind sched: other states have one stack only

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --rate 0 trace.out
            error: --rate 0: use a number from 1 to 100000

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --labels proc trace.out
            error: "proc" is no label: use goroutine, function, task or region

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --slowest 3 trace.out
            error: slowest=3: write a part such as 3%

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --slowest 3% trace.out
            error: slowest is about regions or tasks: name them with region or task

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --focus ( trace.out
            error: expression `(`: unclosed group

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --sample-index bytes trace.out
            error: --sample-index bytes: this profile has contentions, delay

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --peek nobody trace.out
            error: no function of this profile matches nobody
            → 1

            $ goroscope profile --kind net --name main.main trace.out
            error: --name goes with --mode compat; otherwise use --func

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind wall --mode compat trace.out
            error: go tool trace has no profile wall: --mode compat is for net, sync, syscall, sched

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --mode compat --func main trace.out
            error: --mode compat knows no filter but --name, and neither --by nor --labels

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net --mode compat --name nobody trace.out
            error: trace.out: no goroutine starts with nobody
            → 1

            $ goroscope profile --kind create --region x trace.out
            error: region does not apply to create, which knows only from, to, goroutine, func

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope profile --kind net -o trace.out trace.out
            error: trace.out: it is the trace that is read (trace.out); name another file
            → 1

        "#]],
    );
}

#[test]
fn forms() {
    check(
        "profile_forms",
        &[
            &["profile", "--kind", "sync", "trace.out"],
            &["profile", "--kind", "sync", "--mode", "compat", "--traces", "trace.out"],
            &["profile", "--kind", "syscall", "--func", "main", "--tree", "--unit", "us", "trace.out"],
            &["profile", "--kind", "syscall", "--func", "main", "--peek", "read$", "trace.out"],
            &["profile", "--kind", "sched", "--by", "waker", "--folded", "--to", "3ms", "trace.out"],
            &["profile", "--kind", "create", "--folded", "cut.out"],
            &["profile", "--kind", "sched", "--tags", "--unit", "ms", "trace.out"],
            &[
                "profile",
                "--kind",
                "sched",
                "--tagroot",
                "cause",
                "--tagleaf",
                "open",
                "--divide-by",
                "2",
                "--folded",
                "trace.out",
            ],
            &["profile", "--kind", "sleep", "--top", "--divide-by", "1000", "--tagroot", "reason", "trace.out"],
            &["profile", "--kind", "sleep", "--raw", "--taghide", "open", "trace.out"],
            &["profile", "--kind", "sleep", "--json", "--focus", "main", "trace.out"],
            &["profile", "--kind", "sync", "--list", "main.main$", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope profile --kind sync trace.out
            sync profile of an execution trace: waits for channels, select, mutexes and the like
            format go 1.26
            Type: delay
            Time: 2026-11-23 19:13:28 UTC
            Duration: 37.30ms, Total samples = 51.58ms (138.29%)
            Showing nodes accounting for 51.54ms, 99.93% of 51.58ms total
            Dropped 2 nodes (cum <= 0.26ms)
                  flat  flat%   sum%        cum   cum%
               28.62ms 55.49% 55.49%    28.62ms 55.49%  runtime.chanrecv1
               22.92ms 44.44% 99.93%    22.92ms 44.44%  [stack not in this trace]
                     0     0% 99.93%    14.31ms 27.73%  runtime.(*traceAdvancerState).start.func1
                     0     0% 99.93%    28.62ms 55.49%  runtime.(*wakeableSleep).sleep
                     0     0% 99.93%    14.32ms 27.75%  runtime.traceStartReadCPU.func1
            → 0

            $ goroscope profile --kind sync --mode compat --traces trace.out
            Type: delay
            -----------+-------------------------------------------------------
               34.43us   sync.(*WaitGroup).Wait
                         main.main
            -----------+-------------------------------------------------------
            → 0

            $ goroscope profile --kind syscall --func main --tree --unit us trace.out
            syscall profile of an execution trace: system calls
            format go 1.26
            filter: func=main
            Type: delay
            Time: 2026-11-23 19:13:28 UTC
            Duration: 37.30ms, Total samples = 20.35us (0.055%)
            Showing nodes accounting for 20.35us, 100% of 20.35us total
            ----------------------------------------------------------+-------------
                  flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   internal/poll.(*SysFile).destroy
               20.35us   100%   100%    20.35us   100%                | syscall.Close
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   os.(*file).close
                     0     0%   100%    20.35us   100%                | internal/poll.(*FD).Close
                                                       20.35us   100% |   internal/poll.(*FD).decref
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   internal/poll.(*FD).Close
                     0     0%   100%    20.35us   100%                | internal/poll.(*FD).decref
                                                       20.35us   100% |   internal/poll.(*FD).destroy
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   internal/poll.(*FD).decref
                     0     0%   100%    20.35us   100%                | internal/poll.(*FD).destroy
                                                       20.35us   100% |   internal/poll.(*SysFile).destroy
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   internal/poll.(*FD).destroy
                     0     0%   100%    20.35us   100%                | internal/poll.(*SysFile).destroy
                                                       20.35us   100% |   syscall.Close
            ----------------------------------------------------------+-------------
                     0     0%   100%    20.35us   100%                | main.main
                                                       20.35us   100% |   os.(*File).Close
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   main.main
                     0     0%   100%    20.35us   100%                | os.(*File).Close
                                                       20.35us   100% |   os.(*file).close
            ----------------------------------------------------------+-------------
                                                       20.35us   100% |   os.(*File).Close
                     0     0%   100%    20.35us   100%                | os.(*file).close
                                                       20.35us   100% |   internal/poll.(*FD).Close
            ----------------------------------------------------------+-------------
            → 0

            $ goroscope profile --kind syscall --func main --peek read$ trace.out
            error: no function of this profile matches read$
            → 1

            $ goroscope profile --kind sched --by waker --folded --to 3ms trace.out
            [stack not in this trace] 15374272
            main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked 3840
            main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked;runtime.StartTrace;runtime.(*traceAdvancerState).start 2784512
            main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked;runtime.StartTrace;runtime.traceStartReadCPU 2787136
            → 0

            $ goroscope profile --kind create --folded cut.out
            stack 105 (lost);stack 30 (lost) 3
            stack 123 (lost);stack 30 (lost) 2
            stack 141 (lost);stack 140 (lost) 1
            stack 171 (lost);stack 30 (lost) 2
            stack 192 (lost);stack 30 (lost) 2
            stack 215 (lost);stack 30 (lost) 3
            stack 219 (lost);stack 30 (lost) 6
            stack 223 (lost);stack 30 (lost) 6
            stack 44 (lost);string 238 (lost) 1
            stack 9 (lost);string 274 (lost) 1
            string 191 (lost) 1
            string 272 (lost) 1
            string 66 (lost);string 104 (lost);string 103 (lost);string 109 (lost);string 108 (lost);stack 30 (lost) 3
            string 66 (lost);string 104 (lost);string 103 (lost);string 121 (lost);string 104 (lost);string 177 (lost);string 104 (lost);string 176 (lost);string 325 (lost) 1
            string 66 (lost);string 104 (lost);string 103 (lost);string 121 (lost);string 108 (lost);stack 30 (lost) 1
            string 66 (lost);string 104 (lost);string 103 (lost);string 164 (lost);string 108 (lost);stack 30 (lost) 12
            string 66 (lost);string 104 (lost);string 103 (lost);string 187 (lost);string 108 (lost);stack 30 (lost) 4
            string 66 (lost);string 104 (lost);string 103 (lost);string 199 (lost);stack 41 (lost) 1
            string 66 (lost);string 104 (lost);string 103 (lost);string 199 (lost);string 108 (lost);stack 30 (lost) 2
            string 66 (lost);string 104 (lost);string 103 (lost);string 199 (lost);string 198 (lost);string 161 (lost);string 160 (lost);string 186 (lost);string 220 (lost);string 124 (lost) 4
            string 66 (lost);string 104 (lost);string 103 (lost);string 199 (lost);string 235 (lost) 1
            string 66 (lost);string 104 (lost);string 103 (lost);string 260 (lost);string 108 (lost);stack 30 (lost) 3
            string 66 (lost);string 104 (lost);string 103 (lost);string 287 (lost);stack 72 (lost) 1
            string 66 (lost);string 64 (lost);string 63 (lost);string 62 (lost);string 60 (lost);string 58 (lost);string 251 (lost);string 345 (lost) 1
            string 66 (lost);string 64 (lost);string 63 (lost);string 62 (lost);string 60 (lost);string 58 (lost);string 68 (lost);string 73 (lost) 1
            cut.out: the trace is damaged: 3 problems; what could be read is shown
            → 0

            $ goroscope profile --kind sched --tags --unit ms trace.out
             cause: Total 129.36ms of 129.36ms (  100%)
                    51.14ms (39.53%): before the trace
                    45.53ms (35.20%): created
                    14.35ms (11.10%): preempted
                    10.15ms ( 7.85%): syscall-return
                     8.18ms ( 6.33%): unblocked

             open: Total 51.14ms of 129.36ms (39.53%)
                   51.14ms (39.53%): start

            → 0

            $ goroscope profile --kind sched --tagroot cause --tagleaf open --divide-by 2 --folded trace.out
            before the trace;main.main.func2;[stack not in this trace];start 29290368
            before the trace;runtime.bgsweep;[stack not in this trace];start 10924736
            before the trace;runtime.gcBgMarkWorker;[stack not in this trace];start 10921792
            created;main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked;runtime.StartTrace;runtime.(*traceAdvancerState).start;runtime.(*traceAdvancerState).start.func1;<unknown> 22766144
            created;main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked;runtime.StartTrace;runtime.traceStartReadCPU;runtime.traceStartReadCPU.func1;<unknown> 22762176
            created;main.main;runtime/trace.Start;runtime/trace.(*traceMultiplexer).subscribeTraceStartWriter;runtime/trace.(*traceMultiplexer).addedSubscriber;runtime/trace.(*traceMultiplexer).startLocked;runtime/trace.(*traceMultiplexer).startLocked.func1;<unknown> 3840
            preempted;main.main.func2;sync/atomic.(*Bool).Load;runtime.asyncPreempt;runtime.asyncPreempt2;<unknown> 14354688
            syscall-return;[stack not in this trace];<unknown> 10148672
            unblocked;[stack not in this trace];<unknown> 247552
            unblocked;main.main;sync.(*WaitGroup).Wait;<unknown> 448
            unblocked;main.main;time.Sleep;<unknown> 3520
            unblocked;runtime.bgscavenge;[stack not in this trace];<unknown> 7932864
            → 0

            $ goroscope profile --kind sleep --top --divide-by 1000 --tagroot reason trace.out
            sleep profile of an execution trace: sleeping
            format go 1.26
            Type: delay
            Time: 2026-11-23 19:13:28 UTC
            Duration: 37.30ms, Total samples = 36.84us (98.77%)
            Showing nodes accounting for 36.84us, 100% of 36.84us total
                  flat  flat%   sum%        cum   cum%
               36.84us   100%   100%    36.84us   100%  time.Sleep
                     0     0%   100%    36.84us   100%  main.main
                     0     0%   100%    36.84us   100%  sleep
            → 0

            $ goroscope profile --kind sleep --raw --taghide open trace.out
            Comment: sleep profile of an execution trace: sleeping
            Comment: format go 1.26
            PeriodType: contentions count
            Period: 1
            Time: 2026-11-23 19:13:28.771854901 +0000 UTC
            Duration: 37.2
            Samples:
            contentions/count delay/nanoseconds[dflt]
                      1   22695680: 1 2 
                            reason:[sleep]
                      1   14141504: 1 3 
                            reason:[sleep]
            Locations
                 1: 0x47dd84 M=1 time.Sleep runtime/time.go:368:0 s=0
                 2: 0x4b09db M=1 main.main programs/late/main.go:65:0 s=0
                 3: 0x4b0a98 M=1 main.main programs/late/main.go:71:0 s=0
            Mappings
            1: 0x0/0x0/0x0   [FN][FL][LN]
            → 0

            $ goroscope profile --kind sleep --json --focus main trace.out
            {
              "answer": "profile",
              "version": 1,
              "trace": "trace.out",
              "filter": "",
              "kind": "sleep",
              "view": "top",
              "from": 0,
              "to": 37296768,
              "min": null,
              "types": [
                {
                  "kind": "contentions",
                  "unit": "count"
                },
                {
                  "kind": "delay",
                  "unit": "nanoseconds"
                }
              ],
              "type": 1,
              "total": [
                2,
                36837184
              ],
              "shown": [
                2,
                36837184
              ],
              "samples": 2,
              "stacks": 2,
              "comments": [
                "sleep profile of an execution trace: sleeping",
                "format go 1.26"
              ],
              "body": {
                "total": 2,
                "offset": 0,
                "rows": [
                  {
                    "name": "time.Sleep",
                    "file": "",
                    "line": 0,
                    "flat": [
                      2,
                      36837184
                    ],
                    "cum": [
                      2,
                      36837184
                    ]
                  },
                  {
                    "name": "main.main",
                    "file": "",
                    "line": 0,
                    "flat": [
                      0,
                      0
                    ],
                    "cum": [
                      2,
                      36837184
                    ]
                  }
                ]
              }
            }
            → 0

            $ goroscope profile --kind sync --list main.main$ trace.out
            Total: 51.58ms
            ROUTINE ======================== main.main in programs/late/main.go
                     0    34.43us (flat, cum) 0.067% of Total
             Error: no source of programs/late/main.go
            → 0

        "#]],
    );
}

/// What is written says what is printed.
#[test]
fn files() {
    let folder = Folder::new("profile_files");
    folder.write("trace.out", &recorded("mix-1.27.trace.zst"));
    let run = |arguments: &[&str]| {
        let ended = folder.run(&[&["profile", "--kind", "blocking", "trace.out"], arguments].concat(), b"");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        ended.stdout
    };
    let read = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    assert_eq!(run(&["--output", "all.pb.gz"]) + &run(&["-o", "some.pb.gz", "--focus", "chanrecv"]), "");
    let sum = |profile: &Profile| profile.samples().map(|sample| sample.values[1]).sum::<i64>();
    let (all, some) = (decode(&read("all.pb.gz")).expect("a profile"), decode(&read("some.pb.gz")).expect("a profile"));
    let weights: i64 = run(&["--folded"]).lines().filter_map(|line| line.rsplit_once(' ')?.1.parse::<i64>().ok()).sum();
    assert_eq!(sum(&all), weights);
    assert!(0 < sum(&some) && sum(&some) < sum(&all));
    run(&["--flame", "flame.svg"]);
    let picture = String::from_utf8(read("flame.svg")).expect("text");
    assert!(picture.starts_with("<svg") && picture.contains("runtime.chanrecv1"), "a picture");
}
