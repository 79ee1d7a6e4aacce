//! `-d=MODE`: the bytes of go tool trace, in whatever form it is asked for; damaged files as far as they go.

use crate::program::{Ended, Folder, gzip, packed, recorded, strange, unpacked};
use expect_test::{Expect, expect};
use std::collections::HashSet;
use std::io::Read;

/// What Go's tool prints.
fn golden(name: &str) -> String {
    String::from_utf8(unpacked(&packed(&format!("golden/{name}.zst")))).expect("text")
}

/// Runs the program where the local time is that of the goldens.
fn run(folder: &Folder, arguments: &[&str], input: &[u8]) -> Ended {
    folder.run_with(arguments, input, &[("TZ", "UTC")])
}

#[track_caller]
fn check(folder: &Folder, arguments: &[&str], input: &[u8], expected: &str) {
    let Ended { code, stdout, stderr } = run(folder, arguments, input);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    assert!(stdout == expected, "{arguments:?} print something else");
}

#[test]
fn every_mode_in_every_form() {
    let folder = Folder::new("every_mode_in_every_form");
    let trace = recorded("names-1.27.trace.zst");
    folder.write("trace.out", &trace);
    folder.write("trace.gz", &gzip(&trace));
    folder.write("trace.zst", &packed("names-1.27.trace.zst"));
    for mode in ["parsed", "wire", "footprint"] {
        let expected = golden(&format!("names-1.27.{mode}"));
        let with = |form: &str| form.replace("MODE", mode);
        for forms in ["-d=MODE", "-d MODE", "--d=MODE", "--d MODE", "-d=what -d=MODE", "-http=:0 -d=MODE"].map(with) {
            let flags: Vec<_> = forms.split(' ').collect();
            check(&folder, &[&flags[..], &["trace.out"]].concat(), b"", &expected);
            check(&folder, &[&flags[..], &["prog.test", "trace.out"]].concat(), b"", &expected);
        }
        let flag = with("-d=MODE");
        check(&folder, &["trace.out", &flag], b"", &expected);
        check(&folder, &[&flag, "trace.gz"], b"", &expected);
        check(&folder, &[&flag, "trace.zst"], b"", &expected);
        check(&folder, &[&flag, "-"], &trace, &expected);
    }
}

#[test]
fn a_long_listing() {
    let folder = Folder::new("a_long_listing");
    folder.write("trace.zst", &packed("pubsub-serial.trace.zst"));
    check(&folder, &["-d=parsed", "trace.zst"], b"", &golden("pubsub-serial.parsed"));
}

#[test]
fn a_reader_that_goes_away() {
    let folder = Folder::new("a_reader_that_goes_away");
    folder.write("trace.zst", &packed("pubsub-serial.trace.zst"));
    for mode in ["-d=parsed", "-d=wire"] {
        let mut child = folder.command(&[mode, "trace.zst"]).spawn().expect("the program starts");
        let mut pipe = child.stdout.take().expect("a pipe");
        let mut first = [0; 100];
        pipe.read_exact(&mut first).expect("a beginning");
        drop(pipe);
        let ended = child.wait_with_output().expect("the program ends");
        assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""), "{mode}");
    }
}

#[test]
fn wall_clocks_are_local() {
    let folder = Folder::new("wall_clocks_are_local");
    folder.write("trace.zst", &packed("late-1.27.trace.zst"));
    // A compiled time zone: nine hours and a half east of UTC, in the old and in the new half of the file.
    let half = [b"TZif2".as_slice(), &[0; 34], &[1, 0, 0, 0, 4], &34_200_i32.to_be_bytes(), b"\0\0ABC\0"].concat();
    folder.write("zone", &[&half[..], &half[..], b"\nABC-9:30\n"].concat());
    let zone = folder.path().join("zone");
    let zone = zone.to_str().expect("UTF-8");
    let mut walls = String::new();
    for zone in ["UTC", zone] {
        let listing = folder.run_with(&["-d=parsed", "trace.zst"], b"", &[("TZ", zone)]).stdout;
        let first = listing.lines().next().unwrap_or_default();
        walls += first.split_once("Wall=").map_or(first, |(_, wall)| wall);
        walls += "\n";
    }
    expect![[r#"
        2026-11-23T19:13:28.771996725Z
        2026-11-24T04:43:28.771996725+09:30
    "#]]
    .assert_eq(&walls);
}

#[test]
fn what_go_does_not_print() {
    let folder = Folder::new("what_go_does_not_print");
    folder.write("trace.zst", &packed("mix-1.19.trace.zst"));
    let beginning = |mode: &str| {
        let Ended { code, stdout, stderr } = run(&folder, &[mode, "trace.zst"], b"");
        let lines: Vec<_> = stdout.lines().take(24).collect();
        format!("$ goroscope {mode} trace.zst\n{}\n{stderr}→ {code:?}\n\n", lines.join("\n"))
    };
    expect![[r#"
        $ goroscope -d=wire trace.zst
        Batch p=1 ticks=311418798168
        ProcStart dt=4 thread=5
        GoStart dt=5135 g=6 seq=1
        HeapAlloc dt=40 mem=2760704
        HeapAlloc dt=148 mem=2768896
        HeapAlloc dt=107 mem=2777088
        HeapAlloc dt=101 mem=2785280
        HeapAlloc dt=112 mem=2793472
        HeapAlloc dt=1402 mem=2801664
        GoSysCall dt=115 stack=20
        HeapAlloc dt=1060 mem=2809856
        HeapAlloc dt=105 mem=2818048
        GoSysCall dt=167 stack=21
        HeapAlloc dt=243 mem=2826240
        GoSysCall dt=110 stack=22
        HeapAlloc dt=1642 mem=2834432
        GoSysCall dt=99 stack=22
        HeapAlloc dt=201 mem=2850816
        GoSysCall dt=90 stack=22
        HeapAlloc dt=542 mem=2859008
        GoSysCall dt=102 stack=22
        HeapAlloc dt=263 mem=2883584
        GoSysCall dt=101 stack=22
        HeapAlloc dt=408 mem=2891776
        → Some(0)

        $ goroscope -d=footprint trace.zst
        Event              Bytes  %       Count  %
        -                  -      -       -      -
        Stack              10195  37.06%  197    6.66%
        String             6922   25.17%  324    10.95%
        HeapAlloc          2383   8.66%   370    12.50%
        GoStartLocal       1786   6.49%   579    19.56%
        GoSched            1516   5.51%   374    12.64%
        ProcStart          737    2.68%   167    5.64%
        GoSysCall          518    1.88%   152    5.14%
        GoCreate           471    1.71%   68     2.30%
        GoUnblock          442    1.61%   71     2.40%
        ProcStop           377    1.37%   166    5.61%
        GoUnblockLocal     360    1.31%   89     3.01%
        UserRegion         252    0.92%   33     1.11%
        GoStart            189    0.69%   42     1.42%
        GoBlockSync        146    0.53%   43     1.45%
        GoEnd              138    0.50%   54     1.82%
        GoBlockRecv        134    0.49%   44     1.49%
        GoSleep            121    0.44%   37     1.25%
        GoPreempt          97     0.35%   23     0.78%
        Batch              97     0.35%   11     0.37%
        UserLog            96     0.35%   5      0.17%
        CPUSample          76     0.28%   5      0.17%
        GoBlock            61     0.22%   16     0.54%
        → Some(0)

    "#]]
    .assert_eq(&["-d=wire", "-d=footprint"].map(beginning).concat());
}

/// What is printed in each mode of a damaged file: how much of it is right, the problems and the exit code.
fn check_damage(test: &str, name: &str, damage: impl FnOnce(&mut Vec<u8>), expected: &Expect) {
    let folder = Folder::new(test);
    let mut file = recorded(&format!("{name}.trace.zst"));
    damage(&mut file);
    folder.write("trace.out", &file);
    folder.write("whole.out", &recorded(&format!("{name}.trace.zst")));
    let found = ["-d=parsed", "-d=wire", "-d=footprint"].map(|flag| {
        let whole = run(&folder, &[flag, "whole.out"], b"").stdout;
        let whole: HashSet<_> = whole.lines().collect();
        let Ended { code, stdout, stderr } = run(&folder, &[flag, "trace.out"], b"");
        let same = stdout.lines().filter(|line| whole.contains(line)).count();
        let all = stdout.lines().count();
        let shown = format!("{all} lines, {same} of them as without the damage");
        format!("$ goroscope {flag} trace.out\n{shown}\n{stderr}→ {code:?}\n\n")
    });
    expected.assert_eq(&found.concat());
}

#[test]
fn a_cut_file() {
    check_damage(
        "a_cut_file",
        "mix-1.27",
        |file| file.truncate(20_000),
        &expect![[r#"
            $ goroscope -d=parsed trace.out
            16107 lines, 4556 of them as without the damage
            trace.out: generation 1, byte 16: the texts of 344 strings and the frames of 85 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
            trace.out: generation 1, byte 10746: batch of 13575 bytes goes past the end of the file
            trace.out: generation 1, byte 20000: unexpected end of data; the rest of the stack table is lost
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=wire trace.out
            3459 lines, 3459 of them as without the damage
            trace.out: byte 20000: unexpected end of data; what follows is left out up to the next batch (174 bytes lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=footprint trace.out
            258 lines, 215 of them as without the damage
            trace.out: byte 20000: unexpected end of data; what follows is left out up to the next batch (174 bytes lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

        "#]],
    );
}

#[test]
fn a_hole_in_a_file() {
    check_damage(
        "a_hole_in_a_file",
        "mix-1.23",
        |file| file[9_000..9_100].fill(0xff),
        &expect![[r#"
            $ goroscope -d=parsed trace.out
            15700 lines, 15544 of them as without the damage
            trace.out: generation 1, byte 16: the texts of 0 strings and the frames of 5 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
            trace.out: generation 1, byte 8999: number does not fit 64 bits in the stack table; what follows is lost up to byte 9109 (110 bytes lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=wire trace.out
            2590 lines, 2590 of them as without the damage
            trace.out: byte 8999: number does not fit 64 bits; what follows is left out up to the next batch (11.38 kB lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=footprint trace.out
            258 lines, 220 of them as without the damage
            trace.out: byte 8999: number does not fit 64 bits; what follows is left out up to the next batch (11.38 kB lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

        "#]],
    );
}

#[test]
fn a_hole_in_a_file_of_the_old_format() {
    check_damage(
        "a_hole_in_a_file_of_the_old_format",
        "mix-1.21",
        |file| file[9_000..9_100].fill(0),
        &expect![[r#"
            $ goroscope -d=parsed trace.out
            16551 lines, 15811 of them as without the damage
            trace.out: byte 16: the texts of 8 strings and the frames of 0 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
            trace.out: byte 8976: String that cannot be; what follows is lost up to byte 9113 (137 bytes lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=wire trace.out
            3680 lines, 3678 of them as without the damage
            trace.out: byte 9003: unknown event number 0; what follows is left out up to the next batch (2.33 kB lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

            $ goroscope -d=footprint trace.out
            51 lines, 10 of them as without the damage
            trace.out: byte 9003: unknown event number 0; what follows is left out up to the next batch (2.33 kB lost)
            error: trace.out: the trace is damaged; what could be read was printed
            → Some(1)

        "#]],
    );
}

#[test]
fn damaged_packing() {
    let folder = Folder::new("damaged_packing");
    let whole = gzip(&recorded("mix-1.25.trace.zst"));
    folder.write("trace.gz", &whole[..whole.len() / 2]);
    let Ended { code, stdout, stderr } = run(&folder, &["-d=wire", "trace.gz"], b"");
    assert!(stdout.lines().count() > 1000, "the first half is printed");
    expect![[r#"
        trace.gz: byte 14923: unexpected end of data; what follows is left out up to the next batch (7 bytes lost)
        trace.gz: the gzip data is damaged or cut short, after 14.92 kB unpacked: incomplete deflate stream
        error: trace.gz: the trace is damaged; what could be read was printed
        → Some(1)"#]]
    .assert_eq(&format!("{stderr}→ {code:?}"));
}

/// Go's reader gives up in the middle; nothing is lost.
#[test]
fn misused_regions() {
    let folder = Folder::new("misused_regions");
    folder.write("trace.zst", &packed("misuse-1.27.trace.zst"));
    let Ended { code, stdout, stderr } = run(&folder, &["-d=parsed", "trace.zst"], b"");
    let before = golden("misuse-1.27.parsed");
    assert!(stdout.starts_with(&before) && stdout.len() > before.len());
    expect![[r#"
        trace.zst: generation 1, byte 16: regions that end while another one is open inside them, which go tool trace refuses and goroscope repair puts right: 1
        → Some(0)"#]]
    .assert_eq(&format!("{stderr}→ {code:?}"));
}

#[test]
fn mistakes() {
    let folder = Folder::new("mistakes");
    folder.write("trace.zst", &packed("late-1.27.trace.zst"));
    folder.write("header", b"go 1.26 trace\0\0\0");
    folder.write("new", b"go 1.99 trace\0\0\0");
    folder.write("text", b"some text");
    let runs: [&[&str]; 9] = [
        &["-d=frames", "trace.zst"],
        &["-d"],
        &["-d=parsed"],
        &["-d=parsed", "nowhere"],
        &["-d=parsed", "demo"],
        &["-d=", "info", "nowhere"],
        &["-d=parsed", "header"],
        &["-d=wire", "new"],
        &["-d=footprint", "text"],
    ];
    let found: String = runs.iter().map(|arguments| folder.show(arguments, b"")).collect();
    expect![[r#"
        $ goroscope -d=frames trace.zst
        error: invalid debug mode frames, want one of: parsed, wire, footprint
        → 1

        $ goroscope -d
        error: a value is required for '-d <MODE>' but none was supplied

        For more information, try '--help'.
        → 2

        $ goroscope -d=parsed
        error: no trace given: name a trace.out, - for standard input, or try 'goroscope demo'

        For more information, try 'goroscope --help'.
        → 2

        $ goroscope -d=parsed nowhere
        error: nowhere: no such file; is the path right, and has the program written its trace?
        → 1

        $ goroscope -d=parsed demo
        error: '-d' goes with a trace, not with a command

        For more information, try 'goroscope --help'.
        → 2

        $ goroscope -d= info nowhere
        error: nowhere: no such file; is the path right, and has the program written its trace?
        → 1

        $ goroscope -d=parsed header
        M=-1 P=-1 G=-1 Sync Time=1 N=1
        header: byte 16: nothing follows the header: tracing was never stopped, or the file was cut
        error: header: the trace is damaged; what could be read was printed
        → 1

        $ goroscope -d=wire new
        error: new: the header says go 1.99: written by Go 1.99 or a later one, in a format that this goroscope does not know; update goroscope, or try --force to read as much as it understands
        → 1

        $ goroscope -d=footprint text
        error: text: not an execution trace: it is text that begins with "some text"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
        → 1

    "#]].assert_eq(&found);
}

#[test]
fn traces_of_a_newer_go() {
    let folder = Folder::new("listings_of_a_newer_go");
    folder.write("newer.out", &strange());
    let mut seen = String::new();
    for mode in ["-d=parsed", "-d=wire", "-d=footprint"] {
        let refused = run(&folder, &[mode, "newer.out"], b"");
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{mode}");
        assert!(refused.stderr.contains("try --force"), "{mode}: {}", refused.stderr);
        let Ended { code, stdout, stderr } = run(&folder, &["--force", mode, "newer.out"], b"");
        assert_eq!(code, Some(0), "{mode}");
        let is_shown = |line: &&str| !line.ends_with("0      0.00%\n");
        seen += &stdout.split_inclusive('\n').filter(is_shown).collect::<String>();
        seen += &stderr;
    }
    expect![[r#"
        M=-1 P=-1 G=-1 Sync Time=1000000000 N=1 Trace=1010000000 Mono=100 Wall=1970-01-01T00:00:01.000000001Z
        M=7 P=-1 G=-1 StateTransition Time=1010000000 ProcID=0 Undetermined->Running Reason=""
        M=7 P=0 G=-1 StateTransition Time=1020000000 GoID=1 Undetermined->Running Reason=""
        M=7 P=0 G=1 Unknown Time=1070000000 Number=61 Args=[7 9]
        M=7 P=0 G=1 Metric Time=1080000000 Name="/memory/classes/heap/objects:bytes" Value=Value{Uint64(7)}
        M=7 P=0 G=1 Unknown Time=1100000000 Number=61 Args=[8 9]
        M=7 P=0 G=1 StateTransition Time=1110000000 GoID=1 Running->Waiting Reason=""
        M=-1 P=-1 G=-1 Sync Time=1110000001 N=2
        newer.out: byte 0: the header says go 1.28, which is not known: read as go 1.26
        newer.out: byte 30: event 61 is not known: 2 of them are kept without a meaning; by what follows them, they have this many arguments: 2
        EventBatch gen=1 m=7 time=100 size=24
        ProcStatus dt=1 p=0 pstatus=1
        GoStatus dt=1 g=1 m=7 gstatus=2
        Bytes
        	data="=\x05\a\t"
        HeapAlloc dt=1 heapalloc_value=7
        Bytes
        	data="=\x02\b\t"
        GoBlock dt=1 reason_string=0 stack=0
        EventBatch gen=1 m=18446744073709551615 time=100 size=8
        Sync
        Frequency freq=100
        ClockSnapshot dt=1 mono=100 sec=1 nsec=1
        EndOfGeneration
        newer.out: byte 0: the header says go 1.28, which is not known: read as go 1.26
        Event                Bytes  %       Count  %
        -                    -      -       -      -
        EventBatch           19     27.94%  2      16.67%
        <unknown (61)>       8      11.76%  2      16.67%
        GoStatus             5      7.35%   1      8.33%
        ClockSnapshot        5      7.35%   1      8.33%
        ProcStatus           4      5.88%   1      8.33%
        GoBlock              4      5.88%   1      8.33%
        HeapAlloc            3      4.41%   1      8.33%
        Frequency            2      2.94%   1      8.33%
        EndOfGeneration      1      1.47%   1      8.33%
        Sync                 1      1.47%   1      8.33%
        newer.out: byte 0: the header says go 1.28, which is not known: read as go 1.26
    "#]].assert_eq(&seen);
}

/// Go's tool refuses such a file: here is what it says of each trace, one behind the other.
#[test]
fn several_traces_in_a_file() {
    let folder = Folder::new("several_traces_in_a_file");
    for (first, second) in [("mix-1.19", "tasks-1.21"), ("tasks-1.21", "mix-1.22"), ("late-1.27", "mix-1.19")] {
        let files = [first, second].map(|name| recorded(&format!("{name}.trace.zst")));
        let joined = files.concat();
        for (mode, between) in [("-d=wire", ""), ("-d=footprint", "\n"), ("-d=parsed", "")] {
            let [a, b] = files.each_ref().map(|file| run(&folder, &[mode, "-"], file).stdout);
            let Ended { code, stdout, stderr } = run(&folder, &[mode, "-"], &joined);
            assert_eq!(code, Some(1), "{mode} {first} {second}");
            let place = format!("`tail -c +{}` of the file is that trace", files[0].len() + 1);
            assert!(stderr.contains(&place), "{mode} {first} {second}: {stderr}");
            assert_eq!(stderr.lines().count(), 2, "{mode} {first} {second}: {stderr}");
            if mode == "-d=parsed" {
                let is_same = stdout.lines().count() == a.lines().count() + b.lines().count();
                assert!(is_same && stdout.contains(" AnotherTrace "), "{mode} {first} {second}");
            } else {
                assert!(stdout == format!("{a}{between}{b}"), "{mode} {first} {second}");
            }
        }
    }
}
