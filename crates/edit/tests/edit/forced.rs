//! Traces of a version that is not known: refused unless forced, and then written as the version they were read as.

use goroscope_edit::{
    Edited, Forced, MergeError, Mismatch, OpenError, Pseudonyms, ReadOptions, UnknownVersion, Version, Window,
    anonymize, cut, merge, repair,
};
use goroscope_reader::{EventKind, Reader};
use goroscope_wire::text;

use crate::recorded::{KNOWN, quietly, trace};

const ATTEMPT: ReadOptions = ReadOptions { unknown_version: UnknownVersion::Attempt };

/// Two events 61, which no version has, ten ticks apart.
const STRANGE: &str = "Trace Go1.26\nGeneration 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\n\
    GoStatus g=1 m=1 gstatus=Running\nBytes data=\"\\x3d\\x05\\x07\\x81\\x01\"\nHeapAlloc heapalloc_value=7 dt=5\n\
    Bytes data=\"\\x3d\\x05\\x08\\x81\\x01\"\nHeapAlloc heapalloc_value=9 dt=5\nGoBlock dt=5\n";

/// The file with another version in its header.
fn newer(mut file: Vec<u8>, minor: &str) -> Vec<u8> {
    file[..16].copy_from_slice(format!("go 1.{minor} trace\0\0\0").as_bytes());
    file
}

type Command = fn(&[u8], ReadOptions) -> Result<Edited, OpenError>;

const COMMANDS: [Command; 3] = [
    |file, options| quietly(|progress| repair(file, options, progress)),
    |file, options| quietly(|progress| anonymize(file, options, Pseudonyms::Counted, progress)),
    |file, options| {
        let window = Window { from: 1_000_000, to: i64::MAX };
        quietly(|progress| cut(file, options, window, progress)).map_err(|error| match error {
            goroscope_edit::CutError::Open(error) => error,
            goroscope_edit::CutError::Beyond { end } => panic!("the trace ends at {end}"),
        })
    },
];

#[test]
fn what_is_written_is_of_the_version_that_was_read() {
    for (name, minor, read_as) in [("flight-1.27", 28, Version::Go126), ("mix-1.23", 24, Version::Go123)] {
        let file = trace(name);
        let newer = newer(file.clone(), &minor.to_string());
        for command in COMMANDS {
            assert_eq!(command(&newer, KNOWN).err(), Some(OpenError::NewVersion(minor)), "{name}");
            let forced = command(&newer, ATTEMPT).expect("a trace");
            let plain = command(&file, ATTEMPT).expect("a trace");
            assert_eq!(forced.forced, Some(Forced { header_minor: minor, read_as }), "{name}");
            assert_eq!(plain.forced, None, "{name}");
            assert!(forced.bytes == plain.bytes && forced.bytes.starts_with(&read_as.header()), "{name}");
        }
    }
}

#[test]
fn snapshots_of_a_newer_version_are_joined() {
    let file = trace("flight-1.27");
    let newer = newer(file.clone(), "28");
    let merge = |files: &[&[u8]], options| quietly(|progress| merge(files, options, progress));
    let joined = merge(&[&newer, &newer], ATTEMPT).expect("one process");
    assert!(joined.edited.bytes == merge(&[&file, &file], KNOWN).expect("one process").edited.bytes);
    assert_eq!(joined.edited.forced, Some(Forced { header_minor: 28, read_as: Version::Go126 }));
    let refused = merge(&[&newer, &newer], KNOWN).err();
    assert_eq!(refused, Some(MergeError::Open(0, OpenError::NewVersion(28))));
    // Both are read as the same version, but one process writes only one header.
    let mixed = merge(&[&file, &newer], ATTEMPT).err();
    assert_eq!(mixed, Some(MergeError::Foreign(0, 1, Mismatch::Version(26, 28))));
}

fn check(edited: &Edited, unknown: u64) {
    assert_eq!((edited.counts.unknown, edited.counts.left_out, edited.counts.put_in), (unknown, 0, 0));
    let mut reader = Reader::new(&edited.bytes).expect("a trace");
    while let Some(event) = reader.next() {
        assert!(!matches!(event.kind, EventKind::Unknown { .. }), "{event:?}");
    }
    assert_eq!(reader.finish().diagnostics, []);
}

#[test]
fn unknown_events_are_left_out_and_counted() {
    let file = newer(text::parse(STRANGE).expect("the text is right"), "28");
    for command in &COMMANDS[..2] {
        check(&command(&file, ATTEMPT).expect("a trace"), 2);
    }
    check(&quietly(|progress| merge(&[&file, &file], ATTEMPT, progress)).expect("one process").edited, 2);
    // One tick is a nanosecond here. The first of the two is before the part.
    let part = quietly(|progress| cut(&file, ATTEMPT, Window { from: 8, to: i64::MAX }, progress)).expect("a part");
    check(&part, 1);
}

#[test]
fn tables_of_unknown_kinds_are_left_out_and_counted() {
    let table = "EventBatch m=- time=101\nBytes data=\"\\x3c\\x3b\\x02hello\\x04\\x00\\xff\\x00\"\n";
    let file = newer(text::parse(&format!("{STRANGE}{table}")).expect("the text is right"), "28");
    for command in &COMMANDS[..2] {
        let edited = command(&file, ATTEMPT).expect("a trace");
        assert_eq!(edited.unknown_tables, 1);
        check(&edited, 2);
    }
}
