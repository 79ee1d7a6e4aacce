//! What the program says when it cannot do what it is asked, and with which exit code.

use crate::program::{Folder, gzip, recorded};
use expect_test::{Expect, expect};

/// Runs `goroscope info FILE` for each file with these bytes.
fn check_files(test: &str, files: &[(&str, &[u8])], expected: &Expect) {
    let folder = Folder::new(test);
    let mut found = String::new();
    for (name, bytes) in files {
        folder.write(name, bytes);
        found += &folder.show(&["info", name], b"");
    }
    expected.assert_eq(&found);
}

/// Runs the program with each of these arguments in a folder without a trace.
fn check_arguments(test: &str, runs: &[&[&str]], expected: &Expect) {
    let folder = Folder::new(test);
    let found: String = runs.iter().map(|arguments| folder.show(arguments, b"")).collect();
    expected.assert_eq(&found);
}

#[test]
fn files_that_are_no_traces() {
    let trace = recorded("late-1.27.trace.zst");
    check_files(
        "files_that_are_no_traces",
        &[
            ("empty", b""),
            ("short", b"go 1.2"),
            ("notfound", b"404 page not found\n"),
            ("page", b"<!DOCTYPE html>\n<html>"),
            ("chrome.json", b"{\"traceEvents\":[]}"),
            ("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
            ("noise", b"\x00\x01\x02\x03\x04\x05\x06\x07"),
            ("cpu.pprof", &gzip(b"\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04")),
            ("trace.gz.gz", &gzip(&gzip(&trace))),
            ("trace.gz", &gzip(&trace)[..12]),
        ],
        &expect![[r#"
            $ goroscope info empty
            error: empty: not an execution trace: the file is empty; a program that ends without trace.Stop may leave such a file
            → 1

            $ goroscope info short
            error: short: not an execution trace: it ends after 6 bytes, within the header; copy or record it again
            → 1

            $ goroscope info notfound
            error: notfound: not an execution trace: it is text that begins with "404 page not found"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            → 1

            $ goroscope info page
            error: page: not an execution trace: it is an HTML page; download the file itself
            → 1

            $ goroscope info chrome.json
            error: chrome.json: not an execution trace: it is JSON; only the binary traces that Go records are read
            → 1

            $ goroscope info program
            error: program: not an execution trace: it is a program; name the trace that it recorded
            → 1

            $ goroscope info noise
            error: noise: not an execution trace: it begins with none of the headers that Go writes; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            → 1

            $ goroscope info cpu.pprof
            error: cpu.pprof: not an execution trace: it is a pprof profile; open it with go tool pprof
            → 1

            $ goroscope info trace.gz.gz
            error: trace.gz.gz: not an execution trace: it is packed twice; unpack it once
            → 1

            $ goroscope info trace.gz
            error: trace.gz: the gzip data is damaged or cut short, after 0 bytes unpacked: incomplete deflate stream; pack or copy it again
            → 1

        "#]],
    );
}

#[test]
fn versions_that_are_not_read() {
    check_files(
        "versions_that_are_not_read",
        &[
            ("go1.5", b"go 1.5 trace\0\0\0\0"),
            ("go1.10", b"go 1.10 trace\0\0\0"),
            ("go1.99", b"go 1.99 trace\0\0\0"),
            ("almost", b"go 1.26 trails\0\0"),
        ],
        &expect![[r#"
            $ goroscope info go1.5
            error: go1.5: the header says go 1.5: written by Go 1.5 or 1.6, in a format older than that of Go 1.11, which is the oldest that goroscope reads; record it with a newer Go, or use the go tool trace of that release
            → 1

            $ goroscope info go1.10
            error: go1.10: the header says go 1.10: written by Go 1.10, in a format older than that of Go 1.11, which is the oldest that goroscope reads; record it with a newer Go, or use the go tool trace of that release
            → 1

            $ goroscope info go1.99
            error: go1.99: the header says go 1.99: written by Go 1.99 or a later one, in a format that this goroscope does not know; update goroscope, or try --force to read as much as it understands
            → 1

            $ goroscope info almost
            error: almost: not an execution trace: it begins with none of the headers that Go writes; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            → 1

        "#]],
    );
}

#[test]
fn places_without_a_file() {
    check_arguments(
        "places_without_a_file",
        &[&["trace.out"], &["info", "trace.out"], &["info", "."], &["prog.test", "trace.out"]],
        &expect![[r#"
            $ goroscope trace.out
            error: trace.out: no such file; is the path right, and has the program written its trace?
            → 1

            $ goroscope info trace.out
            error: trace.out: no such file; is the path right, and has the program written its trace?
            → 1

            $ goroscope info .
            error: .: it is a folder; name the trace file in it
            → 1

            $ goroscope prog.test trace.out
            note: prog.test is not needed and ignored: traces name their functions
            error: trace.out: no such file; is the path right, and has the program written its trace?
            → 1

        "#]],
    );
}

#[test]
fn arguments() {
    check_arguments(
        "arguments",
        &[
            &[],
            &["inof", "trace.out"],
            &["dmo"],
            &["a", "b", "c"],
            &["--frobnicate", "trace.out"],
            &["info"],
            &["trace.out", "info", "trace.out"],
            &["demo", "parallel"],
            &["-http=6060", "trace.out"],
            &["-http", "localhost:x", "trace.out"],
            &["--listen", "::1:80", "trace.out"],
        ],
        &expect![[r#"
            $ goroscope 
            error: no trace given: name a trace.out, - for standard input, or try 'goroscope demo'

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope inof trace.out
            error: unrecognized subcommand 'inof', and no file of this name

              tip: a similar subcommand exists: 'info'

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope dmo
            error: unrecognized subcommand 'dmo', and no file of this name

              tip: a similar subcommand exists: 'demo'

            For more information, try 'goroscope --help'.
            → 2

            $ goroscope a b c
            error: unexpected value 'c' for '[TRACE]...' found; no more were expected

            Usage: goroscope [OPTIONS] [BINARY] TRACE
                   goroscope [OPTIONS] demo [serial|concurrent]
                   goroscope info [--json] TRACE
                   goroscope check-file [--json] TRACE
                   goroscope profile --kind KIND [OPTIONS] TRACE
                   goroscope cut|merge|anonymize|repair|symbolize TRACE... OUTPUT

            For more information, try '--help'.
            → 2

            $ goroscope --frobnicate trace.out
            error: unexpected argument '--frobnicate' found

              tip: to pass '--frobnicate' as a value, use '-- --frobnicate'

            Usage: goroscope [OPTIONS] [BINARY] TRACE
                   goroscope [OPTIONS] demo [serial|concurrent]
                   goroscope info [--json] TRACE
                   goroscope check-file [--json] TRACE
                   goroscope profile --kind KIND [OPTIONS] TRACE
                   goroscope cut|merge|anonymize|repair|symbolize TRACE... OUTPUT

            For more information, try '--help'.
            → 2

            $ goroscope info
            error: the following required arguments were not provided:
              <TRACE>

            Usage: goroscope info [--json] TRACE

            For more information, try '--help'.
            → 2

            $ goroscope trace.out info trace.out
            error: unexpected value 'trace.out' for '[TRACE]...' found; no more were expected

            Usage: goroscope [OPTIONS] [BINARY] TRACE
                   goroscope [OPTIONS] demo [serial|concurrent]
                   goroscope info [--json] TRACE
                   goroscope check-file [--json] TRACE
                   goroscope profile --kind KIND [OPTIONS] TRACE
                   goroscope cut|merge|anonymize|repair|symbolize TRACE... OUTPUT

            For more information, try '--help'.
            → 2

            $ goroscope demo parallel
            error: invalid value 'parallel' for '[WHICH]'
              [possible values: serial, concurrent]

            For more information, try '--help'.
            → 2

            $ goroscope -http=6060 trace.out
            error: invalid value '6060' for '--listen <ADDR>': missing port: write host:port or :port, for example localhost:6060 or :6060

            For more information, try '--help'.
            → 2

            $ goroscope -http localhost:x trace.out
            error: invalid value 'localhost:x' for '--listen <ADDR>': the port is not a number from 0 to 65535

            For more information, try '--help'.
            → 2

            $ goroscope --listen ::1:80 trace.out
            error: invalid value '::1:80' for '--listen <ADDR>': an IPv6 address needs brackets, for example [::1]:6060

            For more information, try '--help'.
            → 2

        "#]],
    );
}

#[test]
fn help_and_version() {
    let folder = Folder::new("help_and_version");
    expect![[r#"
        $ goroscope --help
        Reads execution traces and shows what a concurrent program did, and why it waited

        Usage: goroscope [OPTIONS] [BINARY] TRACE
               goroscope [OPTIONS] demo [serial|concurrent]
               goroscope info [--json] TRACE
               goroscope check-file [--json] TRACE
               goroscope profile --kind KIND [OPTIONS] TRACE
               goroscope cut|merge|anonymize|repair|symbolize TRACE... OUTPUT

        Commands:
          demo        Show an example: records a pub/sub server that writes to its subscribers one by one, then one that writes to all at once, and opens both
          info        Print what is in a trace: format, duration, counts, kinds of events, problems
          check-file  Check a trace: what is damaged, how much is lost, and whether its events keep the rules; ends with 0 if all is well, with 1 if it cannot be read as a trace, with 3 if it can but is damaged or breaks rules
          events      What happened, in order: states of goroutines, regions, tasks, logs, ranges of the runtime, samples
          goroutine   One goroutine in full: what it did, who created it, who blocked it and whom it blocked
          goroutines  What goroutines did, in groups or one by one: running, ready to run, waiting and for what
          logs        What the program logged into the trace
          regions     The regions that the program marked, by type: how many, how long, what their goroutines did inside
          tasks       The tasks that the program marked, by type: how many and how long; or one of them and where its time went
          profile     Profiles: stacks with how often and how long goroutines waited there, were ready, in system calls, created, …
          gc          What the garbage collector did: cycles, pauses, heap sizes, cost; and every stop of the world
          latency     How long goroutines that could run waited until they ran
          mmu         Minimum mutator utilisation: how little the collector left of the procs at worst
          procs       What each proc did, and whether it was idle while goroutines could run
          threads     What each thread did: running Go code, in system calls, idle
          counters    Values over time that a Rust program or its recorder told: queues, memory, counters of its own
          cut         Write a part of a trace as a trace
          merge       Join snapshots that the flight recorder of one process wrote
          anonymize   Replace the names and texts of the program by others
          symbolize   Name the functions of a Rust program's trace that was recorded with addresses only
          repair      Write what is left of a damaged trace as a trace that other tools open
          help        Print this message or the help of the given subcommand(s)

        Arguments:
          [TRACE]...  The trace: a file, or - for standard input; plain or packed with gzip or zstd. A program before it is accepted, as by go tool trace, and ignored

        Options:
          -d <MODE>              Print what is in the file instead, as go tool trace does. MODE is one of: parsed, the ordered events; wire, the records as they stand in the file; footprint, what the kinds of records take
              --pprof <TYPE>     Write a profile for go tool pprof to standard output instead, with the numbers of go tool trace. TYPE is one of: net, sync, syscall, sched; see also the command profile
          -q, --quiet            Print only errors, damage and the URL
              --force            Read a trace of a Go that is newer than this program as if it were of the newest known; events that are not known are shown as such, printed as Unknown by -d=parsed and as Bytes by -d=wire, and left out where a trace is written
              --no-progress      Do not show how far the reading is
              --index-dir <DIR>  Keep columns of the trace in this folder, so that it opens at once the next time; otherwise those of larger traces are kept in your cache folder
              --no-index         Neither use nor write an index of the trace
              --no-browser       Do not open a browser
              --listen <ADDR>    Listen on host:port, or on localhost for :port; also -http=ADDR, as for go tool trace. An address that others can reach shows the trace to whoever has the URL [alias: --http]
          -h, --help             Print help
          -V, --version          Print version

        Examples:
          goroscope trace.out                     read a trace and show it in the browser
          goroscope trace.out.gz                  the same for one packed with gzip or zstd
          curl -s HOST/debug/pprof/trace | goroscope -
          goroscope demo                          record an example and look at it
          goroscope info --json trace.out         what is in the file, for programs
          goroscope -d=parsed trace.out           every event in order, as go tool trace prints them
          goroscope -pprof=sync trace.out >sync.pb.gz
                                                  where goroutines waited, for go tool pprof
          goroscope profile --kind sched --func worker --flame sched.svg trace.out
                                                  where workers were ready and had to wait for a proc
          goroscope check-file trace.out          is it whole, and does it make sense?
          goroscope cut --from 620ms --to 640ms trace.out part.out
                                                  a smaller trace

        Exit codes:
          0  all is well; also if a damaged trace was read as far as it goes, with a summary on standard error
          1  the file, the trace or the address is at fault; with -d also if a part of the trace could not be printed
          2  the arguments are
          3  check-file could read the trace, but it is damaged or breaks rules
          Ctrl-C ends with 0 once the URL is printed, and with 130 before.
        → 0

    "#]].assert_eq(&folder.show(&["--help"], b""));
    let version = folder.run(&["--version"], b"");
    let expected = format!("goroscope {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.code, version.stdout, version.stderr), (Some(0), expected, String::new()));
}

#[test]
fn an_address_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = Folder::new("an_address_that_is_taken");
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    let ended = folder.run(&["trace.out", "--no-browser", "--listen", &address], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    let start = format!(
        "error: cannot serve the trace (choose another address with --listen, or none for a free port): \
         cannot listen on {address}: "
    );
    assert!(ended.stderr.starts_with(&start), "{}", ended.stderr);
}

#[test]
fn values_that_make_no_sense() {
    check_arguments(
        "values_that_make_no_sense",
        &[
            &["cut", "--from", "-1ms", "a", "b"],
            &["cut", "--from=-1ms", "a", "b"],
            &["cut", "--from", "--to", "5ms", "a", "b"],
            &["anonymize", "--key", "", "a", "b"],
        ],
        &expect![[r#"
            $ goroscope cut --from -1ms a b
            error: invalid value '-1ms' for '--from <TIME>': nothing is before the start of the trace

            For more information, try '--help'.
            → 2

            $ goroscope cut --from=-1ms a b
            error: invalid value '-1ms' for '--from <TIME>': nothing is before the start of the trace

            For more information, try '--help'.
            → 2

            $ goroscope cut --from --to 5ms a b
            error: invalid value '--to' for '--from <TIME>': not a duration: try 620ms or 1.5s

            For more information, try '--help'.
            → 2

            $ goroscope anonymize --key  a b
            error: invalid value '' for '--key <TEXT>': an empty key is no secret: leave --key out to have names counted

            For more information, try '--help'.
            → 2

        "#]],
    );
}

#[test]
fn something_before_the_header() {
    let trace = recorded("late-1.27.trace.zst");
    let behind = |junk: &[u8]| [junk, &trace].concat();
    check_files(
        "something_before_the_header",
        &[
            ("mark", &behind(b"\xef\xbb\xbf")),
            ("line", &behind(b"\n")),
            ("http", &behind(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")),
            ("line.gz", &gzip(&behind(b"\n"))),
        ],
        &expect![[r#"
            $ goroscope info mark
            error: mark: not an execution trace: a header stands at byte 3, behind something that is no part of the trace; `tail -c +4` of the file is the trace without it
            → 1

            $ goroscope info line
            error: line: not an execution trace: a header stands at byte 1, behind something that is no part of the trace; `tail -c +2` of the file is the trace without it
            → 1

            $ goroscope info http
            error: http: not an execution trace: a header stands at byte 59, behind something that is no part of the trace; `tail -c +60` of the file is the trace without it
            → 1

            $ goroscope info line.gz
            error: line.gz: not an execution trace: a header stands at byte 1, behind something that is no part of the trace; `tail -c +2` of the unpacked file is the trace without it
            → 1

        "#]],
    );
}

#[test]
fn commands_list_the_options_that_concern_them() {
    let folder = Folder::new("options");
    let mut found = String::new();
    for command in ["info", "check-file", "cut", "merge", "anonymize", "repair"] {
        let help = folder.run(&[command, "--help"], b"").stdout;
        let options = help.lines().filter_map(|line| line.trim_start().strip_prefix('-').map(|_| line.trim_start()));
        let names: Vec<_> = options.filter_map(|line| line.split("  ").next()).collect();
        found += &[command, ": ", &names.join(" | "), "\n"].concat();
    }
    expect![[r#"
        info: --json | -q, --quiet | --force | --no-progress | --index-dir <DIR> | --no-index | -h, --help
        check-file: --json | -q, --quiet | --force | --no-progress | -h, --help
        cut: --from <TIME> | --to <TIME> | -q, --quiet | --force | --no-progress | -h, --help
        merge: -q, --quiet | --force | --no-progress | -h, --help
        anonymize: --key <TEXT> | -q, --quiet | --force | --no-progress | -h, --help
        repair: -q, --quiet | --force | --no-progress | -h, --help
    "#]]
    .assert_eq(&found);
}

#[test]
fn options_stand_below_their_headings() {
    let folder = Folder::new("headings");
    let mut found = String::new();
    for command in ["events", "goroutines", "tasks", "regions", "logs", "gc", "latency", "mmu", "procs", "threads"] {
        let help = folder.run(&[command, "--help"], b"").stdout;
        let names = |heading: &str| {
            let below = help.split("\n\n").find_map(|part| part.strip_prefix(heading)).unwrap_or_default();
            let names: Vec<_> = below.lines().filter_map(|line| line.trim_start().split("  ").next()).collect();
            names.join(" ").trim_start().to_owned()
        };
        found += &[command, ": ", &names("Arguments:"), " | ", &names("Output:"), "\n"].concat();
    }
    expect![[r#"
        events: <TRACE> | --json --csv
        goroutines: <TRACE> | --json --csv
        tasks: <TRACE> | --json --csv
        regions: <TRACE> | --json --csv
        logs: <TRACE> | --json --csv
        gc: <TRACE> | --json --csv
        latency: <TRACE> | --json --csv
        mmu: <TRACE> | --json --csv
        procs: <TRACE> | --json --csv
        threads: <TRACE> | --json --csv
    "#]]
    .assert_eq(&found);
}
