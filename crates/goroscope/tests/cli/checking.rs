//! `goroscope check-file` and `--force`: verdicts and exit codes.

use crate::program::{Folder, packed, recorded, strange};
use expect_test::{Expect, expect};

/// Runs `goroscope check-file` on each file, with these arguments.
fn check(test: &str, arguments: &[&str], files: &[(&str, &[u8])], expected: &Expect) {
    let folder = Folder::new(test);
    let mut found = String::new();
    for (name, bytes) in files {
        folder.write(name, bytes);
        found += &folder.show(&[&["check-file"], arguments, &[name]].concat(), b"");
    }
    expected.assert_eq(&found);
}

/// The trace with another version in its header, and an event that no version has.
fn newer() -> Vec<u8> {
    let mut bytes = recorded("late-1.27.trace.zst");
    bytes[..16].copy_from_slice(b"go 1.28 trace\0\0\0");
    bytes
}

#[test]
fn whole_traces() {
    check(
        "whole_traces",
        &[],
        &[("late.zst", &packed("late-1.27.trace.zst")), ("mix", &recorded("mix-1.19.trace.zst"))],
        &expect![[r#"
            $ goroscope check-file late.zst
            late.zst: go 1.26, 4.04 kB: valid
            problems: none
            lost: nothing
            rules: kept by all 124 events
            → 0

            $ goroscope check-file mix
            mix: go 1.19, 27.51 kB: valid
            problems: none
            lost: nothing
            rules: kept by all 2,571 events
            clock: contradicts the order once, by 1 ns at most (event 173); threads have clocks of their own
            → 0

        "#]],
    );
}

#[test]
fn damaged_traces() {
    let late = recorded("late-1.27.trace.zst");
    let steps = recorded("steps-1.23.trace.zst");
    let mut zeros = steps.clone();
    zeros[17_000..17_100].fill(0);
    let mut foreign = steps;
    foreign.splice(18_264..18_264, b"http: panic serving 127.0.0.1\n".repeat(3));
    let joined = [late.as_slice(), &recorded("mix-1.19.trace.zst")].concat();
    check(
        "damaged_traces",
        &[],
        &[
            ("cut", &late[..1500]),
            ("zeros", &zeros),
            ("foreign", &foreign),
            ("joined", &joined),
            ("empty", b""),
            ("text", b"hello"),
        ],
        &expect![[r#"
            $ goroscope check-file cut
            cut: go 1.26, 1.50 kB: damaged
            problems: 3
              loss: generation 2, byte 16: the texts of 69 strings and the frames of 8 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
              loss: generation 2, byte 865: batch of 871 bytes goes past the end of the file
              loss: generation 2, byte 1500: unexpected end of data; the rest of the stack table is lost
            lost: neither bytes nor time, but what the problems say
            rules: broken 8 times by 124 events
              event 5, thread 1480, 22208 ns: a frame of the stack has no function, address or line (stack)
              event 14, thread 1480, 77568 ns: a frame of the stack has no function, address or line (stack)
              event 22, thread 1480, 92160 ns: a frame of the stack has no function, address or line (stack)
              event 28, thread 1480, 152448 ns: a frame of the stack has no function, address or line (stack)
              event 41, thread 1483, 10780736 ns: a frame of the stack has no function, address or line (stack)
              event 53, thread 1482, 18834496 ns: a frame of the stack has no function, address or line (stack)
              event 72, thread 1480, 22834816 ns: a frame of the stack has no function, address or line (stack)
              event 76, thread 1480, 22845760 ns: a frame of the stack has no function, address or line (stack)
            → 3

            $ goroscope check-file zeros
            zeros: go 1.23, 48.23 kB: damaged
            problems: 2
              loss: generation 3, byte 12986: the texts of 5 strings and the frames of 0 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
              loss: generation 3, byte 17011: unknown event number 0 in the string table; what follows is lost up to byte 17125 (114 bytes lost)
            lost: 114 bytes (0.2 %)
            rules: kept by all 2,472 events
            clock: contradicts the order 24 times, by 24.31 ms at most (event 2228); threads have clocks of their own
            → 3

            $ goroscope check-file foreign
            foreign: go 1.23, 48.31 kB: damaged
            problems: 1
              loss: generation 4, byte 18264: expected a batch, found byte 104 (90 bytes and an unknown time lost)
            lost: 90 bytes (0.2 %), an unknown time
            rules: kept by all 2,472 events
            clock: contradicts the order 24 times, by 24.31 ms at most (event 2228); threads have clocks of their own
            → 3

            $ goroscope check-file joined
            joined: go 1.26, 31.55 kB: damaged
            problems: 1
              loss: byte 4044: another trace begins here (go 1.19), of another program as far as can be told: it is shown behind a gap of unknown length, and its goroutines as others; `tail -c +4045` of the file is that trace, `head -c 4044` what is before it (1.00 ms lost)
            lost: 1.00 ms
            rules: broken once by 2,695 events
              event 124, 38296768 ns: another trace begins (known)
            clock: contradicts the order once, by 1 ns at most (event 297); threads have clocks of their own
            → 3

            $ goroscope check-file empty
            error: empty: not an execution trace: the file is empty; a program that ends without trace.Stop may leave such a file
            → 1

            $ goroscope check-file text
            error: text: not an execution trace: it is text that begins with "hello"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
            → 1

        "#]],
    );
}

#[test]
fn json() {
    let late = recorded("late-1.27.trace.zst");
    check(
        "check_json",
        &["--json"],
        &[("cut", &late[..1700])],
        &expect![[r#"
        $ goroscope check-file --json cut
        {
          "schema": 1,
          "name": "cut",
          "format": "go 1.26",
          "read_as": "go 1.26",
          "bytes": 1700,
          "verdict": "damaged",
          "packing_problem": null,
          "loss": {
            "bytes": 0,
            "time": 0,
            "unknown_times": 0
          },
          "lost": [],
          "diagnostics": [
            {
              "severity": "loss",
              "offset": 16,
              "generation": 2,
              "thread": null,
              "lost_bytes": 0,
              "lost_time": null,
              "message": "the texts of 81 strings and the frames of 2 stacks are missing: the tables with them, at the end of a generation, are lost or damaged",
              "text": "generation 2, byte 16: the texts of 81 strings and the frames of 2 stacks are missing: the tables with them, at the end of a generation, are lost or damaged"
            },
            {
              "severity": "loss",
              "offset": 865,
              "generation": 2,
              "thread": null,
              "lost_bytes": 0,
              "lost_time": null,
              "message": "batch of 871 bytes goes past the end of the file",
              "text": "generation 2, byte 865: batch of 871 bytes goes past the end of the file"
            },
            {
              "severity": "loss",
              "offset": 1700,
              "generation": 2,
              "thread": null,
              "lost_bytes": 0,
              "lost_time": null,
              "message": "unexpected end of data; the rest of the stack table is lost",
              "text": "generation 2, byte 1700: unexpected end of data; the rest of the stack table is lost"
            }
          ],
          "validator": {
            "events": 124,
            "violations": 2,
            "first": [
              {
                "event": 28,
                "ts": 152448,
                "thread": 1480,
                "rule": "stack",
                "message": "a frame of the stack has no function, address or line",
                "text": "event 28, thread 1480, 152448 ns: a frame of the stack has no function, address or line (stack)"
              },
              {
                "event": 41,
                "ts": 10780736,
                "thread": 1483,
                "rule": "stack",
                "message": "a frame of the stack has no function, address or line",
                "text": "event 41, thread 1483, 10780736 ns: a frame of the stack has no function, address or line (stack)"
              }
            ],
            "clock_steps": {
              "count": 0,
              "worst": 0,
              "event": null
            },
            "misused_regions": 0
          }
        }
        → 3

    "#]],
    );
}

#[test]
fn newer_versions() {
    let bytes = newer();
    check(
        "refused",
        &[],
        &[("newer", &bytes)],
        &expect![[r#"
        $ goroscope check-file newer
        error: newer: the header says go 1.28: written by Go 1.28 or a later one, in a format that this goroscope does not know; update goroscope, or try --force to read as much as it understands
        → 1

    "#]],
    );
    check(
        "forced",
        &["--force"],
        &[("newer", &bytes)],
        &expect![[r#"
        $ goroscope check-file --force newer
        newer: go 1.28, read as go 1.26, 4.04 kB: valid
        problems: 1
          note: byte 0: the header says go 1.28, which is not known: read as go 1.26
        lost: nothing
        rules: kept by all 124 events
        → 0

    "#]],
    );
    let mut between = bytes.clone();
    between[..16].copy_from_slice(b"go 1.24 trace\0\0\0");
    check(
        "between",
        &[],
        &[("between", &between)],
        &expect![[r#"
        $ goroscope check-file between
        error: between: the header says go 1.24, which no release of Go writes: it may be damaged; try --force to read the file as go 1.23
        → 1

    "#]],
    );
}

#[test]
fn unknown_events() {
    let bytes = strange();
    check(
        "unknown_check",
        &["--force"],
        &[("newer", &bytes)],
        &expect![[r#"
            $ goroscope check-file --force newer
            newer: go 1.28, read as go 1.26, 68 bytes: valid
            problems: 2
              note: byte 0: the header says go 1.28, which is not known: read as go 1.26
              note: byte 30: event 61 is not known: 2 of them are kept without a meaning; by what follows them, they have this many arguments: 2
            lost: nothing
            rules: kept by all 8 events
            → 0

        "#]],
    );
    let folder = Folder::new("unknown_info");
    folder.write("newer", &bytes);
    let info = folder.run(&["info", "--force", "newer"], b"");
    let lines: Vec<&str> =
        info.stdout.lines().map(str::trim).filter(|line| line.contains("event") || line.contains("known")).collect();
    expect![[r#"
        format        go 1.28 (not known)
        events                      8
        unknown                     2
        event 61                            2              8   15.4 %
        note: byte 0: the header says go 1.28, which is not known: read as go 1.26
        note: byte 30: event 61 is not known: 2 of them are kept without a meaning; by what follows them, they have this many arguments: 2
        "#]].assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn regions_that_do_not_nest() {
    check(
        "regions_that_do_not_nest",
        &[],
        &[("misuse.zst", &packed("misuse-1.27.trace.zst"))],
        &expect![[r#"
        $ goroscope check-file misuse.zst
        misuse.zst: go 1.26, 3.22 kB: valid, but go tool trace refuses it
        problems: 1
          note: generation 1, byte 16: regions that end while another one is open inside them, which go tool trace refuses and goroscope repair puts right: 1
        lost: nothing
        rules: kept by all 68 events
        go tool trace: refuses the file (misuse of region), for 1 region that ends while another one is open inside, as a rule by a mistake of the program; goroscope repair makes a trace that it opens
        → 0

    "#]],
    );
    let folder = Folder::new("regions_put_right");
    folder.write("misuse.zst", &packed("misuse-1.27.trace.zst"));
    let count = |name: &str| {
        let json = folder.run(&["check-file", "--json", name], b"").stdout;
        let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        answer["validator"]["misused_regions"].as_u64()
    };
    assert_eq!(count("misuse.zst"), Some(1));
    assert_eq!(folder.run(&["repair", "misuse.zst", "right.out"], b"").code, Some(0));
    assert_eq!(count("right.out"), Some(0));
}
