//! The text form: what Go prints stays as it is, the short form means what the documentation says.

use proptest::prelude::*;

use super::quote::{push_quoted, split_quoted};
use super::*;
use crate::{Batch, Batches, EVENTS, HEADER_LEN, Item, Version};

/// The short form means the long form.
fn check(short: &str, long: &str) {
    let file = parse(short).unwrap_or_else(|error| panic!("{error} in {short}"));
    let (printed, error) = print(&file);
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    assert_eq!(error, None, "{printed}");
    assert_eq!(lines(&printed), lines(long), "{short}");
    assert_eq!(parse(&printed).as_ref(), Ok(&file), "{printed}");
}

fn check_error(text: &str, expected: &str) {
    assert_eq!(parse(text).map_err(|error| error.to_string()), Err(expected.to_owned()), "{text}");
}

/// A literal as Go's `strconv.Quote` writes it.
fn check_quoted(bytes: &[u8], quoted: &str) {
    let mut text = Vec::new();
    push_quoted(&mut text, bytes);
    assert_eq!(String::from_utf8(text).as_deref(), Ok(quoted));
    assert_eq!(split_quoted(&format!("{} rest", &quoted[1..])), Ok((bytes.to_vec(), " rest")));
}

#[test]
fn literals() {
    check_quoted(b"", r#""""#);
    check_quoted(
        b"tab\tnl\ncr\r bel\x07 bs\x08 ff\x0c vt\x0b nul\0 esc\x1b del\x7f",
        r#""tab\tnl\ncr\r bel\a bs\b ff\f vt\v nul\x00 esc\x1b del\x7f""#,
    );
    check_quoted(b"q\"b\\'`#", r#""q\"b\\'`#""#);
    check_quoted(b"\xff\xc3a\xe6\x97", r#""\xff\xc3a\xe6\x97""#);
    check_quoted("héé日本🦀".as_bytes(), r#""héé日本🦀""#);
    check_quoted(
        "\u{a0}\u{ad}\u{301}e\u{301}\u{200b}\u{2028}\u{feff}\u{fffd}\u{e000}\u{e0001}\u{10ffff}".as_bytes(),
        "\"\\u00a0\\u00ad\u{301}e\u{301}\\u200b\\u2028\\ufeff\u{fffd}\\ue000\\U000e0001\\U0010ffff\"",
    );
    assert_eq!(split_quoted(r#"\101\377\u65e5""#), Ok((b"A\xff\xe6\x97\xa5".to_vec(), "")));
}

/// FNV-1a over one byte for each character above ASCII: whether `strconv.IsPrint` of Go 1.27.3 says that it is drawn.
#[test]
fn characters_are_drawn_as_in_go() {
    let mut hash = 0x811c_9dc5_u32;
    for char in '\u{80}'..=char::MAX {
        let mut text = Vec::new();
        push_quoted(&mut text, char.to_string().as_bytes());
        hash = (hash ^ u32::from(text[1] != b'\\')).wrapping_mul(0x0100_0193);
    }
    assert_eq!(hash, 0x3394_8b4d);
}

#[test]
fn the_short_form_of_the_documentation() {
    check(
        r#"
        Trace Go1.26
        Generation 1 freq=1000000000          # sync batch, tables and end of generation come by themselves
        EventBatch m=7 time=100
        ProcStatus p=0 pstatus=Running
        GoStatus   g=1 m=7 gstatus=Running
        GoBlock at=150 reason_string="chan receive" stack=[main.work main.go:12; main.main main.go:5]
        GoStart at=180 g=2 g_seq=1
        "#,
        r#"Trace Go1.26
        EventBatch gen=1 m=18446744073709551615 time=100 size=12
        Sync
        Frequency freq=1000000000
        ClockSnapshot dt=0 mono=100 sec=0 nsec=0
        EventBatch gen=1 m=7 time=100 size=17
        ProcStatus dt=1 p=0 pstatus=1
        GoStatus dt=1 g=1 m=7 gstatus=2
        GoBlock dt=48 reason_string=1 stack=1
        GoStart dt=30 g=2 g_seq=1
        EventBatch gen=1 m=18446744073709551615 time=100 size=50
        Strings
        String id=1
        data="chan receive"
        String id=2
        data="main.work"
        String id=3
        data="main.go"
        String id=4
        data="main.main"
        EventBatch gen=1 m=18446744073709551615 time=100 size=14
        Stacks
        Stack id=1 nframes=2
        pc=4096 func=2 file=3 line=12
        pc=4097 func=4 file=3 line=5
        EndOfGeneration"#,
    );
}

/// Go's own print of Go's own trace; see `testdata/README.md`.
#[test]
fn what_go_prints() {
    let file = include_bytes!("../../testdata/hello.trace");
    let golden = format!("Trace Go1.26\n{}", include_str!("../../testdata/hello.wire.txt"));
    assert_eq!(print(file), (golden.clone(), None));
    // Go pads batch sizes to ten bytes; otherwise the bytes are the same.
    let parsed = parse(&golden).unwrap();
    let minimal = |file| -> Vec<_> {
        Batches::new(Version::Go126, file, HEADER_LEN as u64)
            .map(|item| match item.unwrap() {
                Item::Batch(batch) => Some(Batch { offset: 0, data_offset: 0, ..batch }),
                Item::EndOfGeneration { .. } => None,
            })
            .collect()
    };
    assert_eq!(minimal(&parsed), minimal(file));
}

#[test]
fn every_event_is_a_line() {
    for spec in EVENTS {
        let arg = |(at, &(name, _)): (u64, &(&str, _))| format!(" {name}={}", at * 1000);
        let mut line = spec.name.to_owned();
        if spec.has_delta() {
            line.push_str(" dt=77");
        }
        line.extend((1..).zip(spec.args).map(arg));
        match line.as_str() {
            "Stack id=1000 nframes=2000" => line = "Stack id=1 nframes=1\npc=1 func=2 file=3 line=4".into(),
            "ExperimentalBatch exp=1000 gen=2000 m=3000 time=4000 size=5000" => {
                line = "ExperimentalBatch exp=255 gen=1 m=3000 time=4000\ndata=\"x\"".into();
            }
            "String id=1000" => line.push_str("\ndata=\"#\""),
            _ => {}
        }
        let text = format!("Trace Go1.26\n{line}\n");
        check(&text, &text);
    }
}

#[test]
fn generations_end_by_themselves() {
    check(
        r#"Trace Go1.23
        Generation 3 freq=5 time=2
        EventBatch m=1 time=9
        GoLabel label_string="a"
        EventBatch m=2 time=8
        GoLabel label_string="a"
        Generation 4 mono=1 sec=2 nsec=3
        EventBatch time=20
        EventBatch time=19
        GoLabel label_string="b""#,
        r#"Trace Go1.23
        EventBatch gen=3 m=18446744073709551615 time=2 size=2
        Frequency freq=5
        EventBatch gen=3 m=1 time=9 size=3
        GoLabel dt=1 label_string=1
        EventBatch gen=3 m=2 time=8 size=3
        GoLabel dt=1 label_string=1
        EventBatch gen=3 m=18446744073709551615 time=2 size=5
        Strings
        String id=1
        data="a"
        EventBatch gen=4 m=18446744073709551615 time=19 size=6
        Frequency freq=1000000000
        EventBatch gen=4 m=0 time=20 size=0
        EventBatch gen=4 m=0 time=19 size=3
        GoLabel dt=1 label_string=1
        EventBatch gen=4 m=18446744073709551615 time=19 size=5
        Strings
        String id=1
        data="b""#,
    );
}

#[test]
fn generations_without_directive() {
    check(
        r#"Trace Go1.26
        EventBatch
        GoLabel label_string="a"
        EventBatch gen=2 time=5
        GoLabel label_string="b"
        EndOfGeneration
        EventBatch
        GoLabel label_string="""#,
        r#"Trace Go1.26
        EventBatch gen=1 m=0 time=0 size=3
        GoLabel dt=1 label_string=1
        EventBatch gen=1 m=18446744073709551615 time=0 size=5
        Strings
        String id=1
        data="a"
        EventBatch gen=2 m=0 time=5 size=3
        GoLabel dt=1 label_string=1
        EventBatch gen=2 m=18446744073709551615 time=0 size=5
        Strings
        String id=1
        data="b"
        EndOfGeneration
        EventBatch gen=2 m=0 time=0 size=3
        GoLabel dt=1 label_string=0"#,
    );
    check(
        "Trace Go1.26\nGeneration 1 freq=1 time=0\nEndOfGeneration\nEndOfGeneration",
        "Trace Go1.26
        EventBatch gen=1 m=18446744073709551615 time=0 size=8
        Sync
        Frequency freq=1
        ClockSnapshot dt=0 mono=0 sec=0 nsec=0
        EndOfGeneration
        EndOfGeneration",
    );
}

#[test]
fn literals_keep_off_the_ids_of_the_text() {
    check(
        r#"Trace Go1.22
        EventBatch
        UserLog key_string="k" value_string="v" stack=[f a.go:1]
        GCBegin stack=[f a.go:1; main.F[go.shape.struct { A int; B int }] C:/b c.go:2 @0x10; g]
        GCBegin stack=[f a.go:1]
        GCBegin stack=[]
        EventBatch
        Strings
        String id=2 data="x"
        EventBatch
        Stacks
        Stack id=1
        pc=0x1000 func="x" file=0 line=3"#,
        r#"Trace Go1.22
        EventBatch gen=1 m=0 time=0 size=18
        UserLog dt=1 task=0 key_string=1 value_string=3 stack=2
        GCBegin dt=1 gc_seq=0 stack=3
        GCBegin dt=1 gc_seq=0 stack=2
        GCBegin dt=1 gc_seq=0 stack=0
        EventBatch gen=1 m=0 time=0 size=5
        Strings
        String id=2
        data="x"
        EventBatch gen=1 m=0 time=0 size=9
        Stacks
        Stack id=1 nframes=1
        pc=4096 func=9 file=0 line=3
        EventBatch gen=1 m=18446744073709551615 time=0 size=83
        Strings
        String id=1
        data="k"
        String id=3
        data="v"
        String id=4
        data="f"
        String id=5
        data="a.go"
        String id=6
        data="main.F[go.shape.struct { A int; B int }] C:/b"
        String id=7
        data="c.go"
        String id=8
        data="g"
        String id=9
        data="x"
        EventBatch gen=1 m=18446744073709551615 time=0 size=26
        Stacks
        Stack id=2 nframes=1
        pc=4097 func=4 file=5 line=1
        Stack id=3 nframes=3
        pc=4097 func=4 file=5 line=1
        pc=16 func=6 file=7 line=2
        pc=4098 func=8 file=0 line=0"#,
    );
}

#[test]
fn cuts_and_bytes() {
    let cut = "Trace Go1.26\nGeneration 1\nEventBatch\nGoLabel label_string=\"a\"\nCut drop=1";
    let file = parse(cut).unwrap();
    assert_eq!(file.last_chunk(), Some(&[0, 3, 39, 1]), "no table, no end, no last byte");
    check_error("Trace Go1.26\nCut\nEndOfGeneration", "line 3: nothing may follow `Cut`");
    check_error("Trace Go1.26\nCut drop=17", "line 2: there are only 16 bytes to drop");
    let raw = parse("Trace Go1.22\nBytes data=\"\\xffab\"").unwrap();
    assert_eq!(raw, [&Version::Go122.header(), &b"\xffab"[..]].concat());
}

#[test]
fn texts_that_are_not_traces() {
    check_error("", "line 1: empty text: `Trace Go1.NN` is due");
    check_error("\n# only this", "line 1: empty text: `Trace Go1.NN` is due");
    check_error("GoStart", "line 1: the first line is `Trace Go1.NN`");
    check_error("Trace Go1.24", "line 1: `Go1.24` is none of Go1.22, Go1.23, Go1.25, Go1.26");
    let checks = [
        ("Gostart g=1", "no event has the name `Gostart`"),
        ("GoStart g=1 p=2", "GoStart has no `p`"),
        ("GoStart g=1 g=2", "`g=` is there twice"),
        ("GoStart g=x1", "`x1` is not a number"),
        ("GoStart g=1x", "`1x` is not a number"),
        ("GoStart g=", "`` is not a number"),
        ("GoStart g=18446744073709551616", "`18446744073709551616` is not a number"),
        ("GoStart =1", "`=` without a key"),
        ("GoStart g", "`g` has no place here: arguments are `key=value`"),
        ("GoStart g=\"x\"", "`g` is not a string"),
        ("GoStart g=[f]", "`g` is not a stack"),
        ("GoStart at=1", "`at` without a batch"),
        ("GoStart at=1 dt=1", "`dt` and `at` together"),
        ("GoLabel label_string=\"x", "string without closing quote"),
        ("GoLabel label_string=\"\\xg0\"", "bad escape `g0` in a string: 2 digits are due"),
        ("GoLabel label_string=\"\\q\"", "unknown escape `\\q` in a string"),
        ("GoLabel label_string=\"\\ud800\"", "no character has number 0xd800"),
        ("GoLabel label_string=\"a\"b", "expected a space before `b`"),
        ("GCSweepBegin stack=[f", "stack without closing bracket"),
        ("GCSweepBegin stack=[f @x]", "`x` is not a pc"),
        ("GoStatus gstatus=Idle", "`Idle` is none of Runnable, Running, Syscall, Waiting"),
        ("ProcStatus pstatus=Waiting", "`Waiting` is none of Running, Idle, Syscall, SyscallAbandoned"),
        ("GoStop\npc=1", "GoStop has no line like this"),
        ("Stack\npc=1 g=2", "a frame has no `g`"),
        ("Generation", "`Generation` takes one number"),
        ("Generation x", "`x` is not a generation"),
        ("ExperimentalBatch exp=256", "`exp` is at most 255"),
        ("String data=1", "`data` is a string in double quotes"),
        ("Bytes", ""),
    ];
    for (line, message) in checks {
        let error = parse(&format!("Trace Go1.22\n\n{line}")).map_err(|error| error.message);
        assert_eq!(error.err().unwrap_or_default(), message, "{line}");
    }
    check_error(
        "Trace Go1.22\nEventBatch time=9\nGoDestroy at=8",
        "line 3: `at=8` is before the time 9 of the batch so far",
    );
    check_error("Trace Go1.22\npc=1", "line 2: Trace has no line like this");
}

/// Lines made of the words of the text form.
fn any_text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "Trace",
        "Go1.26",
        "Generation",
        "EventBatch",
        "GoBlock",
        "Stack",
        "String",
        "Cut",
        "Bytes",
        "ExperimentalBatch",
        "EndOfGeneration",
        "gen=",
        "m=",
        "time=",
        "size=",
        "at=",
        "dt=",
        "drop=",
        "data=",
        "stack=",
        "reason_string=",
        "pc=",
        "1",
        "-",
        "0x",
        "18446744073709551615",
        "\"",
        "\\",
        "x",
        "[",
        "]",
        ";",
        "f a.go:1",
        "@",
        "#",
        " ",
        "\n",
        "é",
    ]);
    proptest::collection::vec(word, 0..60).prop_map(|words| format!("Trace Go1.26\n{}", words.concat()))
}

proptest! {
    #[test]
    fn any_text_ends(text in any_text(), noise: String) {
        let _ = parse(&noise);
        if let Ok(file) = parse(&text) {
            let (printed, error) = print(&file);
            if error.is_none() {
                prop_assert_eq!(parse(&printed), Ok(file), "{}\n{}", text, printed);
            }
        }
    }

    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        for version in Version::V2 {
            let file = [version.header().as_slice(), &bytes].concat();
            let (printed, error) = print(&file);
            let end = error.map_or(file.len() as u64, |error| error.offset);
            prop_assert!(end <= file.len() as u64);
            prop_assert!(parse(&printed).is_ok(), "{}", printed);
        }
    }

    #[test]
    fn any_literal_reads_back(bytes: Vec<u8>, chars: String) {
        for bytes in [bytes, chars.into_bytes()] {
            let mut text = Vec::new();
            push_quoted(&mut text, &bytes);
            let text = String::from_utf8(text).expect("UTF-8");
            prop_assert!(!text.contains('\n'));
            prop_assert_eq!(split_quoted(&text[1..]), Ok((bytes, "")));
        }
    }
}
