//! `goroscope info`: as text and as JSON, from files and pipes, packed and plain.

use crate::program::{Folder, gzip, packed, recorded};
use expect_test::{Expect, expect};

fn check(test: &str, name: &str, bytes: &[u8], expected: &Expect) {
    let folder = Folder::new(test);
    folder.write(name, bytes);
    expected.assert_eq(&folder.show(&["info", name], b""));
}

#[test]
fn a_small_trace() {
    check(
        "a_small_trace",
        "trace.out",
        &recorded("late-1.27.trace.zst"),
        &expect![[r#"
            $ goroscope info trace.out
            trace.out
              format        go 1.26 (written by Go 1.26 and 1.27)
              size          4.04 kB (4,044 bytes), unpacked
              duration      37.30 ms
              started       2026-11-23 19:13:28.771854901 UTC
              GOMAXPROCS    4

            contains
              events                    124
              goroutines                 22
              functions                  11
              procs                       4
              threads                     6
              generations                 1
              ranges                      1
              tasks                       1
              regions                     0
              logs                        0
              CPU samples                 0
              experimental                0

            records by kind                   count          bytes    share
              String                             97          2,250   55.9 %
              Stack                              29            870   21.6 %
              EventBatch                         10            232    5.8 %
              GoStatus                           14            126    3.1 %
              GoStart                            27            108    2.7 %
              HeapAlloc                          14             88    2.2 %
              GoStatusStack                       5             76    1.9 %
              GoStop                              8             48    1.2 %
              GoUnblock                           8             40    1.0 %
              GoBlock                             9             37    0.9 %
              GoDestroy                          10             22    0.5 %
              ProcStatus                          4             18    0.4 %
              ClockSnapshot                       1             18    0.4 %
              ProcStart                           4             17    0.4 %
              GoCreate                            3             15    0.4 %
              GoSyscallBegin                      3             13    0.3 %
              ProcsChange                         2              8    0.2 %
              GoSyscallEnd                        3              8    0.2 %
              ProcStop                            3              6    0.1 %
              HeapGoal                            1              6    0.1 %
              Frequency                           1              5    0.1 %
              STWBegin                            1              4    0.1 %
              UserTaskEnd                         1              4    0.1 %
              STWEnd                              1              3    0.1 %
              GoSyscallEndBlocked                 1              2    0.0 %
              Stacks                              1              1    0.0 %
              Strings                             1              1    0.0 %
              Sync                                1              1    0.0 %
              EndOfGeneration                     1              1    0.0 %

            problems: none
            → 0

        "#]],
    );
}

#[test]
fn an_older_one_with_experiments() {
    check(
        "an_older_one_with_experiments",
        "trace.zst",
        &packed("allocfree-1.23.trace.zst"),
        &expect![[r#"
            $ goroscope info trace.zst
            trace.zst
              format        go 1.23 (written by Go 1.23 and 1.24)
              size          7.39 kB (7,392 bytes), unpacked
              duration      5.87 ms
              started       not recorded (Go 1.25 and newer do)
              GOMAXPROCS    4

            contains
              events                  1,041
              goroutines                 19
              functions                  12
              procs                       4
              threads                     3
              generations                 1
              ranges                      1
              tasks                       0
              regions                     0
              logs                        0
              CPU samples                 0
              experimental              393

            records by kind                   count          bytes    share
              String                             79          1,633   26.6 %
              HeapObject                        202          1,154   18.8 %
              Stack                              33            762   12.4 %
              GoSwitch                          170            680   11.1 %
              HeapObjectAlloc                   110            662   10.8 %
              Span                               63            338    5.5 %
              EventBatch                          7            175    2.9 %
              ProcStart                          16             88    1.4 %
              GoStart                            16             69    1.1 %
              GoStatusStack                       4             60    1.0 %
              GoBlock                            14             58    0.9 %
              ExperimentalBatch                   2             58    0.9 %
              GoUnblock                          11             55    0.9 %
              GoCreateBlocked                     8             40    0.7 %
              ProcStop                           16             37    0.6 %
              SpanAlloc                           6             34    0.6 %
              GoSwitchDestroy                     8             32    0.5 %
              HeapAlloc                           5             30    0.5 %
              GoroutineStack                      6             29    0.5 %
              GoroutineStackAlloc                 6             28    0.5 %
              GoCreate                            5             25    0.4 %
              GoStatus                            2             21    0.3 %
              ProcStatus                          4             16    0.3 %
              ProcsChange                         2              9    0.1 %
              GoSyscallBegin                      2              8    0.1 %
              GoSyscallEnd                        2              6    0.1 %
              HeapGoal                            1              6    0.1 %
              Frequency                           1              5    0.1 %
              GoDestroy                           2              4    0.1 %
              STWBegin                            1              4    0.1 %
              STWEnd                              1              3    0.0 %
              Stacks                              1              1    0.0 %
              Strings                             1              1    0.0 %
              experiment 1: 2 batches, 1.25 kB

            problems: none
            → 0

        "#]],
    );
}

#[test]
fn a_damaged_one() {
    let trace = recorded("late-1.27.trace.zst");
    check(
        "a_damaged_one",
        "cut",
        &trace[..trace.len() / 2],
        &expect![[r#"
            $ goroscope info cut
            cut
              format        go 1.26 (written by Go 1.26 and 1.27)
              size          2.02 kB (2,022 bytes), unpacked
              duration      37.30 ms
              started       2026-11-23 19:13:28.771854901 UTC
              GOMAXPROCS    4
              lost          9 bytes (0.4 %)

            contains
              events                    124
              goroutines                 22
              functions                  11
              procs                       4
              threads                     6
              generations                 1
              ranges                      1
              tasks                       1
              regions                     0
              logs                        0
              CPU samples                 0
              experimental                0

            records by kind                   count          bytes    share
              Stack                              29            870   43.4 %
              EventBatch                         10            232   11.6 %
              String                             14            229   11.4 %
              GoStatus                           14            126    6.3 %
              GoStart                            27            108    5.4 %
              HeapAlloc                          14             88    4.4 %
              GoStatusStack                       5             76    3.8 %
              GoStop                              8             48    2.4 %
              GoUnblock                           8             40    2.0 %
              GoBlock                             9             37    1.8 %
              GoDestroy                          10             22    1.1 %
              ProcStatus                          4             18    0.9 %
              ClockSnapshot                       1             18    0.9 %
              ProcStart                           4             17    0.8 %
              GoCreate                            3             15    0.7 %
              GoSyscallBegin                      3             13    0.6 %
              ProcsChange                         2              8    0.4 %
              GoSyscallEnd                        3              8    0.4 %
              ProcStop                            3              6    0.3 %
              HeapGoal                            1              6    0.3 %
              Frequency                           1              5    0.2 %
              STWBegin                            1              4    0.2 %
              UserTaskEnd                         1              4    0.2 %
              STWEnd                              1              3    0.1 %
              GoSyscallEndBlocked                 1              2    0.1 %
              Stacks                              1              1    0.0 %
              Strings                             1              1    0.0 %
              Sync                                1              1    0.0 %

            problems: 3
              loss: generation 2, byte 16: the texts of 78 strings and the frames of 0 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
              loss: generation 2, byte 1764: batch of 2251 bytes goes past the end of the file
              loss: generation 2, byte 2013: unexpected end of data; the rest of the string table is lost (9 bytes lost)
            cut: the trace is damaged: 3 problems, lost: 9 bytes (0.4 %); what could be read is shown
            → 0

        "#]],
    );
}

#[test]
fn a_damaged_packing() {
    let packed = gzip(&recorded("late-1.27.trace.zst"));
    check(
        "a_damaged_packing",
        "cut.gz",
        &packed[..packed.len() * 3 / 4],
        &expect![[r#"
            $ goroscope info cut.gz
            cut.gz
              format        go 1.26 (written by Go 1.26 and 1.27)
              size          2.70 kB (2,703 bytes), unpacked
              duration      37.30 ms
              started       2026-11-23 19:13:28.771854901 UTC
              GOMAXPROCS    4
              lost          21 bytes (0.8 %)

            contains
              events                    124
              goroutines                 22
              functions                  11
              procs                       4
              threads                     6
              generations                 1
              ranges                      1
              tasks                       1
              regions                     0
              logs                        0
              CPU samples                 0
              experimental                0

            records by kind                   count          bytes    share
              String                             40            910   33.9 %
              Stack                              29            870   32.4 %
              EventBatch                         10            232    8.6 %
              GoStatus                           14            126    4.7 %
              GoStart                            27            108    4.0 %
              HeapAlloc                          14             88    3.3 %
              GoStatusStack                       5             76    2.8 %
              GoStop                              8             48    1.8 %
              GoUnblock                           8             40    1.5 %
              GoBlock                             9             37    1.4 %
              GoDestroy                          10             22    0.8 %
              ProcStatus                          4             18    0.7 %
              ClockSnapshot                       1             18    0.7 %
              ProcStart                           4             17    0.6 %
              GoCreate                            3             15    0.6 %
              GoSyscallBegin                      3             13    0.5 %
              ProcsChange                         2              8    0.3 %
              GoSyscallEnd                        3              8    0.3 %
              ProcStop                            3              6    0.2 %
              HeapGoal                            1              6    0.2 %
              Frequency                           1              5    0.2 %
              STWBegin                            1              4    0.1 %
              UserTaskEnd                         1              4    0.1 %
              STWEnd                              1              3    0.1 %
              GoSyscallEndBlocked                 1              2    0.1 %
              Stacks                              1              1    0.0 %
              Strings                             1              1    0.0 %
              Sync                                1              1    0.0 %

            problems: 4
              the gzip data is damaged or cut short, after 2.70 kB unpacked: incomplete deflate stream
              loss: generation 2, byte 16: the texts of 57 strings and the frames of 0 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
              loss: generation 2, byte 1764: batch of 2251 bytes goes past the end of the file
              loss: generation 2, byte 2682: unexpected end of data; the rest of the string table is lost (21 bytes lost)
            cut.gz: the trace is damaged: 4 problems, lost: 21 bytes (0.8 %); what could be read is shown
            → 0

        "#]],
    );
}

#[test]
fn json() {
    let folder = Folder::new("json");
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    expect![[r#"
        $ goroscope info --json trace.out
        {
          "name": "trace.out",
          "format": "go 1.26",
          "start": 0,
          "end": 37296768,
          "duration": 37296768,
          "wall": {
            "ts": 141824,
            "sec": 1795461208,
            "nsec": 771996725
          },
          "bytes": 4044,
          "counts": {
            "events": 124,
            "goroutines": 22,
            "procs": 4,
            "threads": 6,
            "groups": 11,
            "generations": 1,
            "ranges": 1,
            "tasks": 1,
            "regions": 0,
            "logs": 0,
            "samples": 0,
            "experimental": 0,
            "unknown": 0
          },
          "gomaxprocs": 4,
          "events": [
            {
              "number": 5,
              "name": "String",
              "count": 97,
              "bytes": 2250
            },
            {
              "number": 3,
              "name": "Stack",
              "count": 29,
              "bytes": 870
            },
            {
              "number": 1,
              "name": "EventBatch",
              "count": 10,
              "bytes": 232
            },
            {
              "number": 25,
              "name": "GoStatus",
              "count": 14,
              "bytes": 126
            },
            {
              "number": 16,
              "name": "GoStart",
              "count": 27,
              "bytes": 108
            },
            {
              "number": 37,
              "name": "HeapAlloc",
              "count": 14,
              "bytes": 88
            },
            {
              "number": 48,
              "name": "GoStatusStack",
              "count": 5,
              "bytes": 76
            },
            {
              "number": 19,
              "name": "GoStop",
              "count": 8,
              "bytes": 48
            },
            {
              "number": 21,
              "name": "GoUnblock",
              "count": 8,
              "bytes": 40
            },
            {
              "number": 20,
              "name": "GoBlock",
              "count": 9,
              "bytes": 37
            },
            {
              "number": 17,
              "name": "GoDestroy",
              "count": 10,
              "bytes": 22
            },
            {
              "number": 13,
              "name": "ProcStatus",
              "count": 4,
              "bytes": 18
            },
            {
              "number": 51,
              "name": "ClockSnapshot",
              "count": 1,
              "bytes": 18
            },
            {
              "number": 10,
              "name": "ProcStart",
              "count": 4,
              "bytes": 17
            },
            {
              "number": 14,
              "name": "GoCreate",
              "count": 3,
              "bytes": 15
            },
            {
              "number": 22,
              "name": "GoSyscallBegin",
              "count": 3,
              "bytes": 13
            },
            {
              "number": 9,
              "name": "ProcsChange",
              "count": 2,
              "bytes": 8
            },
            {
              "number": 23,
              "name": "GoSyscallEnd",
              "count": 3,
              "bytes": 8
            },
            {
              "number": 11,
              "name": "ProcStop",
              "count": 3,
              "bytes": 6
            },
            {
              "number": 38,
              "name": "HeapGoal",
              "count": 1,
              "bytes": 6
            },
            {
              "number": 8,
              "name": "Frequency",
              "count": 1,
              "bytes": 5
            },
            {
              "number": 26,
              "name": "STWBegin",
              "count": 1,
              "bytes": 4
            },
            {
              "number": 41,
              "name": "UserTaskEnd",
              "count": 1,
              "bytes": 4
            },
            {
              "number": 27,
              "name": "STWEnd",
              "count": 1,
              "bytes": 3
            },
            {
              "number": 24,
              "name": "GoSyscallEndBlocked",
              "count": 1,
              "bytes": 2
            },
            {
              "number": 2,
              "name": "Stacks",
              "count": 1,
              "bytes": 1
            },
            {
              "number": 4,
              "name": "Strings",
              "count": 1,
              "bytes": 1
            },
            {
              "number": 50,
              "name": "Sync",
              "count": 1,
              "bytes": 1
            },
            {
              "number": 52,
              "name": "EndOfGeneration",
              "count": 1,
              "bytes": 1
            }
          ],
          "generations": [
            {
              "number": 2,
              "offset": 16,
              "bytes": 4028,
              "events": 122,
              "start": 0,
              "wall": {
                "ts": 141824,
                "sec": 1795461208,
                "nsec": 771996725
              },
              "complete": true
            }
          ],
          "experiments": [],
          "lost": 0,
          "loss": {
            "bytes": 0,
            "time": 0,
            "unknown_times": 0
          },
          "diagnostics": [],
          "recording": null,
          "packing_problem": null
        }
        → 0

    "#]]
    .assert_eq(&folder.show(&["info", "--json", "trace.out"], b""));
}

#[test]
fn packing_and_pipes_change_nothing() {
    let folder = Folder::new("packing_and_pipes_change_nothing");
    let trace = recorded("mix-1.27.trace.zst");
    let files = [("plain", trace.clone()), ("gzip", gzip(&trace)), ("zstd", packed("mix-1.27.trace.zst"))];
    let answer = |name: &str, input: &[u8]| {
        let ended = folder.run(&["info", "--json", name], input);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        let mut json: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        json.as_object_mut().expect("an object").remove("name").expect("a name")
    };
    let strip = |name: &str, input: &[u8]| {
        let ended = folder.run(&["info", "--json", name], input);
        let mut json: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        json.as_object_mut().expect("an object").remove("name");
        json
    };
    folder.write("plain", &files[0].1);
    let expected = strip("plain", b"");
    for (name, bytes) in &files {
        folder.write(name, bytes);
        assert_eq!(answer(name, b""), *name);
        assert_eq!(answer("-", bytes), "standard input");
        assert_eq!(strip(name, b""), expected, "{name}");
        assert_eq!(strip("-", bytes), expected, "{name} through a pipe");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new("a_reader_that_goes_away");
    folder.write("trace.out", &recorded("late-1.27.trace.zst"));
    let mut child = folder.command(&["info", "trace.out"]).spawn().expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}
