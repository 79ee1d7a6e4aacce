//! Traces made of traces: what the commands write, what they say, and what they refuse.

use crate::program::{Folder, gzip, packed, recorded, strange};
use expect_test::expect;
use goroscope_model::{Severity, Trace};
use std::fs;

/// The events of a trace without losses.
fn sound(bytes: &[u8]) -> u64 {
    let trace = Trace::read(bytes, &mut |_| {}).expect("a trace");
    let losses: Vec<_> = trace.diagnostics().iter().filter(|found| found.severity == Severity::Loss).collect();
    assert!(losses.is_empty(), "{losses:?}");
    goroscope_analysis::info(&trace).counts.events
}

#[test]
fn cut() {
    let folder = Folder::new("cut");
    folder.write("t.trace.gz", &gzip(&recorded("mix-1.27.trace.zst")));
    folder.write("old.trace.zst", &packed("mix-1.21.trace.zst"));
    let seen = [
        folder.show(&["cut", "--from", "10ms", "--to", "20ms", "t.trace.gz", "part.out"], b""),
        folder.show(&["cut", "--quiet", "--from", "0.07s", "t.trace.gz", "end.out"], b""),
        folder.show(&["cut", "--to", "1ms", "old.trace.zst", "new.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope cut --from 10ms --to 20ms t.trace.gz part.out
        note: 10.00 ms to 20.00 ms: 109 events, 2.83 kB
        → 0

        $ goroscope cut --quiet --from 0.07s t.trace.gz end.out
        → 0

        $ goroscope cut --to 1ms old.trace.zst new.out
        note: 0 ns to 1.00 ms: 361 events, 5.92 kB
        → 0

    "#]]
    .assert_eq(&seen);
    for part in ["part.out", "end.out", "new.out"] {
        let bytes = fs::read(folder.path().join(part)).expect("the part");
        assert!(sound(&bytes) > 10, "{part}");
        assert!(bytes.starts_with(if part == "new.out" { b"go 1.23 trace\0\0\0" } else { b"go 1.26 trace\0\0\0" }));
    }
    let whole = sound(&recorded("mix-1.27.trace.zst"));
    assert!(sound(&fs::read(folder.path().join("part.out")).expect("the part")) < whole);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("a file")).collect();
    assert_eq!(left.len(), 5, "only inputs and outputs are left: {left:?}");
}

#[test]
fn a_part_through_pipes() {
    let folder = Folder::new("pipes");
    let trace = packed("coro-1.27.trace.zst");
    let mut command = folder.command(&["cut", "--from", "1ms", "-", "-"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut pipe, &trace).expect("a pipe");
    drop(pipe);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(sound(&output.stdout) > 10);
}

#[test]
fn what_cannot_be_cut() {
    let folder = Folder::new("cut-mistakes");
    folder.write("t.out", &recorded("coro-1.27.trace.zst"));
    fs::hard_link(folder.path().join("t.out"), folder.path().join("same.out")).expect("a link");
    let seen = [
        folder.show(&["cut", "t.out", "x.out"], b""),
        folder.show(&["cut", "--from", "620", "t.out", "x.out"], b""),
        folder.show(&["cut", "--from", "5ms", "--to", "2ms", "t.out", "x.out"], b""),
        folder.show(&["cut", "--from", "1h", "t.out", "x.out"], b""),
        folder.show(&["cut", "--from", "1ms", "t.out", "t.out"], b""),
        folder.show(&["cut", "--from", "1ms", "t.out", "same.out"], b""),
        folder.show(&["cut", "--from", "1ms", "t.out", "no/x.out"], b""),
        folder.show(&["cut", "--from", "1ms", "t.out", "."], b""),
        folder.show(&["cut", "--from", "1ms", "missing.out", "x.out"], b""),
        folder.show(&["cut", "--from", "1ms", "-", "x.out"], b"package main\n"),
        folder.show(&["cut", "--from", "1ms", "-", "x.out"], b"go 1.28 trace\0\0\0"),
    ]
    .concat();
    expect![[r#"
        $ goroscope cut t.out x.out
        error: which part: --from, --to or both

        For more information, try 'goroscope --help'.
        → 2

        $ goroscope cut --from 620 t.out x.out
        error: invalid value '620' for '--from <TIME>': "620" has no unit: ns, us, ms, s, m or h

        For more information, try '--help'.
        → 2

        $ goroscope cut --from 5ms --to 2ms t.out x.out
        error: --from is not before --to

        For more information, try 'goroscope --help'.
        → 2

        $ goroscope cut --from 1h t.out x.out
        error: t.out: nothing happens from 3600.0 s on: the trace ends at 5.80 ms
        → 1

        $ goroscope cut --from 1ms t.out t.out
        error: t.out: it is the trace that is read (t.out); name another file
        → 1

        $ goroscope cut --from 1ms t.out same.out
        error: same.out: it is the trace that is read (t.out); name another file
        → 1

        $ goroscope cut --from 1ms t.out no/x.out
        error: no/x.out: there is no folder no
        → 1

        $ goroscope cut --from 1ms t.out .
        error: .: it is a folder; name a file in it
        → 1

        $ goroscope cut --from 1ms missing.out x.out
        error: missing.out: no such file; is the path right, and has the program written its trace?
        → 1

        $ goroscope cut --from 1ms - x.out
        error: standard input: not an execution trace: it is text that begins with "package main"; record a trace with runtime/trace, go test -trace=trace.out or /debug/pprof/trace
        → 1

        $ goroscope cut --from 1ms - x.out
        error: standard input: the header says go 1.28: written by Go 1.28 or a later one, in a format that this goroscope does not know; update goroscope, or try --force to read as much as it understands
        → 1

    "#]]
    .assert_eq(&seen);
    assert!(!folder.path().join("x.out").exists());
    assert_eq!(fs::read(folder.path().join("t.out")).expect("the input"), recorded("coro-1.27.trace.zst"));
}

#[test]
fn merge() {
    let folder = Folder::new("merge");
    let whole = recorded("flight-1.27.trace.zst");
    folder.write("whole.out", &whole);
    folder.write("cut.out", &whole[..whole.len() - 100]);
    folder.write("other.out", &recorded("mix-1.27.trace.zst"));
    folder.write("old.out", &recorded("mix-1.21.trace.zst"));
    let seen = [
        folder.show(&["merge", "whole.out", "cut.out", "all.out"], b""),
        folder.show(&["merge", "whole.out", "other.out", "no.out"], b""),
        folder.show(&["merge", "whole.out", "old.out", "no.out"], b""),
        folder.show(&["merge", "whole.out", "whole.out"], b""),
        folder.show(&["merge", "-", "-", "no.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope merge whole.out cut.out all.out
        note: whole.out: 2 generations
        note: cut.out: 0 generations
        note: 6,067 events, 31.42 kB; 2 generations in several files
        → 0

        $ goroscope merge whole.out other.out no.out
        error: whole.out and other.out are not of one process: generation 3 of one begins before generation 1 of the other
        → 1

        $ goroscope merge whole.out old.out no.out
        error: old.out: a trace in the format of Go 1.21 is always whole: there is nothing to merge it with
        → 1

        $ goroscope merge whole.out whole.out
        error: 3 values required by '<FILE> <FILE> <FILE>...'; only 2 were provided

        Usage: goroscope merge TRACE TRACE... OUTPUT

        For more information, try '--help'.
        → 2

        $ goroscope merge - - no.out
        error: standard input can be read only once

        For more information, try 'goroscope --help'.
        → 2

    "#]]
    .assert_eq(&seen);
    assert_eq!(sound(&fs::read(folder.path().join("all.out")).expect("the merged one")), sound(&whole));
    assert!(!folder.path().join("no.out").exists());
}

#[test]
fn anonymize() {
    let folder = Folder::new("anonymize");
    folder.write("t.out", &recorded("allocfree-1.27.trace.zst"));
    let seen = [
        folder.show(&["anonymize", "t.out", "plain.out"], b""),
        folder.show(&["anonymize", "--key", "of ours", "t.out", "keyed.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope anonymize t.out plain.out
        note: 2 experimental batches are left out: they may contain names
        → 0

        $ goroscope anonymize --key of ours t.out keyed.out
        note: 2 experimental batches are left out: they may contain names
        → 0

    "#]]
    .assert_eq(&seen);
    for name in ["plain.out", "keyed.out"] {
        let bytes = fs::read(folder.path().join(name)).expect("the anonymous one");
        sound(&bytes);
        assert!(!bytes.windows(9).any(|window| window == b"main.main"), "{name}");
        assert!(bytes.windows(8).any(|window| window == b"runtime."), "{name}");
    }
}

#[test]
fn repair() {
    let folder = Folder::new("repair");
    let whole = recorded("mix-1.27.trace.zst");
    folder.write("whole.out", &whole);
    folder.write("cut.out", &whole[..whole.len() * 2 / 3]);
    let mut holes = whole.clone();
    holes[5000..5400].fill(0);
    folder.write("holes.out", &holes);
    let seen = [
        folder.show(&["repair", "whole.out", "a.out"], b""),
        folder.show(&["repair", "cut.out", "b.out"], b""),
        folder.show(&["repair", "--quiet", "holes.out", "c.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope repair whole.out a.out
        note: nothing was wrong: all 2,279 events are written
        → 0

        $ goroscope repair cut.out b.out
        cut.out: 3 problems
          generation 1, byte 16: the texts of 356 strings and the frames of 35 stacks are missing: the tables with them, at the end of a generation, are lost or damaged
          generation 1, byte 10746: batch of 13575 bytes goes past the end of the file
          generation 1, byte 22106: unexpected end of data; the rest of the stack table is lost
        kept: 2,279 events
        lost: 0 bytes (0.0 %) that could not be read
        lost: parts of 77.47 ms from 0 ns on
        → 0

        $ goroscope repair --quiet holes.out c.out
        holes.out: 4 problems
          generation 1, thread 1362, byte 3233: events that belong before those of this thread are lost: from ProcStart on (what it waits for never comes), 1 stands where only its time puts it
          generation 1, thread 1361, byte 3398: events that belong before those of this thread are lost: from ProcStart on (what it waits for never comes), 1 stands where only its time puts it
          generation 1, thread 1360, byte 5001: unknown event number 0; what follows is lost up to byte 5403
          generation 1, thread 1360, byte 5411: events that belong before those of this thread are lost: from GCSweepBegin on (the thread has no proc), 164 are left out
        kept: 1,973 events
        lost: 1.25 kB (3.8 %) that could not be read
        lost: parts of 77.61 ms from 0 ns on
        75 events left out: what is known contradicts them
        8 events put in, to get from what was known before to what was seen behind
        → 0

    "#]]
    .assert_eq(&seen);
    let events = ["a.out", "b.out", "c.out"].map(|name| sound(&fs::read(folder.path().join(name)).expect("repaired")));
    assert!(events.iter().all(|&events| events > 500), "{events:?}");
}

#[test]
fn traces_of_a_newer_go() {
    let folder = Folder::new("newer");
    folder.write("newer.out", &strange());
    let seen = [
        folder.show(&["repair", "newer.out", "no.out"], b""),
        folder.show(&["repair", "--force", "newer.out", "a.out"], b""),
        folder.show(&["anonymize", "--force", "newer.out", "b.out"], b""),
        folder.show(&["cut", "--force", "--to", "1s", "newer.out", "c.out"], b""),
        folder.show(&["merge", "--force", "newer.out", "newer.out", "d.out"], b""),
        folder.show(&["merge", "--force", "--quiet", "newer.out", "a.out", "no.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope repair newer.out no.out
        error: newer.out: the header says go 1.28: written by Go 1.28 or a later one, in a format that this goroscope does not know; update goroscope, or try --force to read as much as it understands
        → 1

        $ goroscope repair --force newer.out a.out
        newer.out: 2 problems
          byte 0: the header says go 1.28, which is not known: read as go 1.26
          byte 30: event 61 is not known: 2 of them are kept without a meaning; by what follows them, they have this many arguments: 2
        kept: 4 events
        lost: 0 bytes (0.0 %) that could not be read
        lost: 2 events that no known version has
        → 0

        $ goroscope anonymize --force newer.out b.out
        the header says go 1.28, which is not known: read as go 1.26; left out: 2 events that no known version has
        → 0

        $ goroscope cut --force --to 1s newer.out c.out
        the header says go 1.28, which is not known: read as go 1.26; left out: 2 events that no known version has
        note: 0 ns to 110.0 ms: 4 events, 81 bytes
        → 0

        $ goroscope merge --force newer.out newer.out d.out
        the header says go 1.28, which is not known: read as go 1.26; left out: 2 events that no known version has
        note: newer.out: 1 generation
        note: newer.out: 0 generations
        note: 4 events, 81 bytes; 1 generation in several files
        → 0

        $ goroscope merge --force --quiet newer.out a.out no.out
        error: newer.out and a.out are not of one process: their formats are those of Go 1.28 and Go 1.26
        → 1

    "#]].assert_eq(&seen);
    for name in ["a.out", "b.out", "c.out", "d.out"] {
        let bytes = fs::read(folder.path().join(name)).expect("the output");
        assert!(bytes.starts_with(b"go 1.26 trace\0\0\0"), "{name}");
        sound(&bytes);
    }
    assert!(!folder.path().join("no.out").exists());
}

#[test]
fn texts_that_are_too_long() {
    let folder = Folder::new("texts");
    let mut file = recorded("mix-1.21.trace.zst");
    let message = "two words, and ünïcödé".as_bytes();
    let at = file.windows(message.len()).position(|window| window == message).expect("a logged message");
    // Its length comes before it, here 2,000 in groups of seven bits.
    file.splice(at - 1..at + message.len(), [&[0x50 | 0x80, 15][..], &[b'x'; 2000]].concat());
    folder.write("old.out", &file);
    let seen = [
        folder.show(&["repair", "old.out", "a.out"], b""),
        folder.show(&["cut", "--from", "1us", "old.out", "b.out"], b""),
        folder.show(&["anonymize", "old.out", "c.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope repair old.out a.out
        note: nothing was wrong: all 1,912 events are written
        1 text is cut to the 1,024 bytes that the format allows
        → 0

        $ goroscope cut --from 1us old.out b.out
        1 text is cut to the 1,024 bytes that the format allows
        note: 960 ns to 83.09 ms: 1,905 events, 29.31 kB
        → 0

        $ goroscope anonymize old.out c.out
        → 0

    "#]]
    .assert_eq(&seen);
    for name in ["a.out", "b.out", "c.out"] {
        sound(&fs::read(folder.path().join(name)).expect("the output"));
    }
}

#[test]
fn traces_without_events() {
    let folder = Folder::new("without_events");
    for (name, header) in [("new.out", b"go 1.26 trace\0\0\0"), ("old.out", b"go 1.19 trace\0\0\0")] {
        folder.write(name, header);
    }
    let seen = [
        folder.show(&["repair", "new.out", "a.out"], b""),
        folder.show(&["repair", "old.out", "b.out"], b""),
        folder.show(&["anonymize", "new.out", "c.out"], b""),
        folder.show(&["cut", "--to", "5ms", "new.out", "no.out"], b""),
        folder.show(&["cut", "--from", "5ms", "new.out", "no.out"], b""),
        folder.show(&["merge", "new.out", "new.out", "no.out"], b""),
    ]
    .concat();
    expect![[r#"
        $ goroscope repair new.out a.out
        new.out: 1 problem
          byte 16: nothing follows the header: tracing was never stopped, or the file was cut
        kept: 0 events
        lost: 0 bytes (0.0 %) that could not be read
        nothing is left: the output is a trace without events
        → 0

        $ goroscope repair old.out b.out
        old.out: 1 problem
          byte 16: no frequency of the clock: 64 ns per tick are assumed
        kept: 0 events
        lost: 0 bytes (0.0 %) that could not be read
        nothing is left: the output is a trace without events
        → 0

        $ goroscope anonymize new.out c.out
        new.out: the trace is damaged: 1 problem; what could be read is written
        → 0

        $ goroscope cut --to 5ms new.out no.out
        error: new.out: nothing happens in it
        → 1

        $ goroscope cut --from 5ms new.out no.out
        error: new.out: nothing happens from 5.00 ms on: the trace ends at 0 ns
        → 1

        $ goroscope merge new.out new.out no.out
        error: new.out: there is no generation in it
        → 1

    "#]]
    .assert_eq(&seen);
    for name in ["a.out", "b.out", "c.out"] {
        sound(&fs::read(folder.path().join(name)).expect("the output"));
    }
    assert!(!folder.path().join("no.out").exists());
}
