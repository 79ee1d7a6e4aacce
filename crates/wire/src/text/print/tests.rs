//! What is printed of records of both formats, and where it goes on behind damage.

use proptest::prelude::*;

use super::*;
use crate::text::parse;
use crate::{HEADER_LEN, WireErrorKind};

/// All that is printed of a file, with `! error at offset, on at offset` where a record cannot be read.
fn printed(file: &[u8]) -> String {
    let mut printer = Printer::new(file).expect("a header");
    let mut text = Vec::new();
    while let Some(printed) = printer.next(&mut text) {
        if let Err(error) = printed {
            text.extend_from_slice(format!("! {error} at {}, on at {}\n", error.offset, printer.offset()).as_bytes());
        }
    }
    String::from_utf8(text).expect("UTF-8")
}

/// Prints what `trace` describes, after `damage` was done to its bytes.
fn check(trace: &str, damage: impl FnOnce(&mut Vec<u8>), expected: &str) {
    let mut file = parse(trace).unwrap_or_else(|error| panic!("{error} in {trace}"));
    damage(&mut file);
    assert_eq!(printed(&file), expected);
}

/// Prints records of the v1 format.
fn check_old(records: &[u8], expected: &str) {
    let file = [Version::Go121.header().as_slice(), records].concat();
    assert_eq!(printed(&file), expected);
}

const TWO_BATCHES: &str = "
    Trace Go1.22
    EventBatch m=1 time=1000
    ProcStop
    GoDestroy
    ProcStop
    EventBatch m=2 time=1000
    GoDestroy
    ";

#[test]
fn behind_a_broken_record_the_next_batch_follows() {
    check(
        TWO_BATCHES,
        |file| file[HEADER_LEN + 8] = 0xee,
        "EventBatch gen=1 m=1 time=1000 size=6\n\
         ProcStop dt=1\n\
         ! unknown event number 238 at 24, on at 28\n\
         EventBatch gen=1 m=2 time=1000 size=2\n\
         GoDestroy dt=1\n",
    );
    // The last batch may be followed by anything.
    check(
        TWO_BATCHES,
        |file| file.extend_from_slice(b"tail"),
        "EventBatch gen=1 m=1 time=1000 size=6\n\
         ProcStop dt=1\n\
         GoDestroy dt=1\n\
         ProcStop dt=1\n\
         EventBatch gen=1 m=2 time=1000 size=2\n\
         GoDestroy dt=1\n\
         ! unknown event number 116 at 36, on at 40\n",
    );
}

#[test]
fn behind_a_broken_header_a_batch_is_looked_for() {
    check(
        TWO_BATCHES,
        |file| file[HEADER_LEN] = 0,
        "! unknown event number 0 at 16, on at 28\n\
         EventBatch gen=1 m=2 time=1000 size=2\n\
         GoDestroy dt=1\n",
    );
    // Another trace behind the first.
    let mut twice = parse(TWO_BATCHES).expect("a trace");
    twice.extend(parse("Trace Go1.22\nEventBatch m=7 time=9\nGoDestroy").expect("a trace"));
    let text = printed(&twice);
    assert!(
        text.ends_with(
            "! unknown event number 103 at 36, on at 52\nEventBatch gen=1 m=7 time=9 size=2\nGoDestroy dt=1\n"
        ),
        "{text}"
    );
}

#[test]
fn no_record_reaches_into_the_next_batch() {
    let strings =
        "Trace Go1.22\nEventBatch time=9\nStrings\nString id=1 data=\"abc\"\nEventBatch m=2 time=9\nGoDestroy";
    let [header, next] = ["EventBatch gen=1 m=0 time=9 size=7", "EventBatch gen=1 m=2 time=9 size=2\nGoDestroy dt=1"];
    check(
        strings,
        |file| file[24] = 5,
        &format!("{header}\nStrings\n! unexpected end of data at 28, on at 28\n{next}\n"),
    );
    // A size that is too small is not followed.
    let smaller = header.replace('7', "4");
    check(strings, |file| file[20] = 4, &format!("{smaller}\nStrings\nString id=1\n\tdata=\"abc\"\n{next}\n"));
}

#[test]
fn a_cut_record_is_not_printed() {
    check(
        TWO_BATCHES,
        |file| file.truncate(file.len() - 1),
        "EventBatch gen=1 m=1 time=1000 size=6\n\
         ProcStop dt=1\n\
         GoDestroy dt=1\n\
         ProcStop dt=1\n\
         EventBatch gen=1 m=2 time=1000 size=2\n\
         ! unexpected end of data at 35, on at 35\n",
    );
    check(
        "Trace Go1.22\nStack nframes=-",
        |_| {},
        "! stack of 18446744073709551615 frames has more than 128 at 18, on at 28\n",
    );
    check(
        "Trace Go1.22\nGoSwitch g=1",
        |_| {},
        "! GoSwitch (45) is newer than the version of the trace at 16, on at 20\n",
    );
}

#[test]
fn records_of_the_v1_format() {
    check_old(
        &[0x41, 3, 0x85, 1, 0xce, 3, 12, 18, 3, 0xf0, 4, 3, 1, 27, 9, 2, b'h', 0xff],
        "Batch p=3 ticks=133\nGoStart dt=12 g=18 seq=3\nUserLog dt=3 task=1 key=27 stack=9\n\tdata=\"h\\xff\"\n",
    );
    check_old(
        &[
            0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 7, 2, 9, 35, 4, 37, 4, 2, b'a', b'b', 37, 5,
            0,
        ],
        "Batch p=18446744073709551615 ticks=7\nFrequency freq=9\nTimerGoroutine g=4\n\
         String id=4\n\tdata=\"ab\"\nString id=5\n",
    );
    check_old(
        &[0xc3, 6, 5, 1, 10, 11, 12, 13, 6, 1, 0x54, 1, 2, 0xed, 5, 1, 2, 3, 4, 5],
        "Stack id=5 nframes=1\n\tpc=10 func=11 file=12 line=13\nProcStop dt=1\nGoBlock dt=1 stack=2\n\
         UserTaskCreate dt=1 task=2 parent=3 name=4 stack=5\n",
    );
    check_old(
        &[0x41, 3, 7, 0, 9, 9, 0x41, 4, 8, 6, 1],
        "Batch p=3 ticks=7\n! unknown event number 0 at 19, on at 22\nBatch p=4 ticks=8\nProcStop dt=1\n",
    );
}

#[test]
fn print_stops_at_damage() {
    let (text, error) = print(&parse("Trace Go1.22\nEventBatch\nGoDestroy\nGoStart g=-").unwrap()[..34]);
    assert_eq!(text, "Trace Go1.22\nEventBatch gen=1 m=0 time=0 size=15\nGoDestroy dt=1\n");
    assert_eq!(error.map(|error| (error.kind, error.offset)), Some((WireErrorKind::UnexpectedEnd, 34)));
    assert_eq!(print(b"go 1.21 trace\0\0\0"), ("Trace Go1.21\n".into(), None));
    let (text, error) = print(b"go 1.21 trails\0\0");
    assert_eq!((text.as_str(), error.map(|error| error.kind)), ("", Some(WireErrorKind::BadHeader)));
}

#[test]
fn numbers() {
    for value in [0, 9, 10, 99, 1_234_567_890, u64::MAX - 1, u64::MAX] {
        let mut text = Vec::new();
        push_number(&mut text, value);
        assert_eq!(text, value.to_string().into_bytes());
    }
}

proptest! {
    #[test]
    fn any_bytes_come_to_an_end(bytes: Vec<u8>) {
        for version in Version::ALL {
            let file = [version.header().as_slice(), &bytes].concat();
            let mut printer = Printer::new(&file).expect("a header");
            let mut text = Vec::new();
            let mut last = printer.offset();
            while printer.next(&mut text).is_some() {
                prop_assert!(printer.offset() > last, "it goes on");
                last = printer.offset();
            }
            prop_assert_eq!(last, file.len() as u64);
        }
    }
}

#[test]
fn records_of_unknown_numbers_are_bytes() {
    // The table of an unknown kind and the events come back as they were.
    let text = "Trace Go1.26\nEventBatch gen=1 m=7 time=100\nProcStatus p=0 pstatus=Running\n\
        Bytes data=\"\\x3d\\x05\\x07\\x81\\x01\"\nHeapAlloc heapalloc_value=7 dt=5\n\
        Bytes data=\"\\x3d\\x05\\x08\\x81\\x01\"\nHeapAlloc heapalloc_value=9 dt=5\nGoBlock dt=5\n\
        EventBatch gen=1 m=- time=100\nBytes data=\"\\x3e\\x01\\x01\\x01\"";
    let known = parse(text).expect("the text is right");
    let mut newer = known.clone();
    newer[..HEADER_LEN].copy_from_slice(b"go 1.28 trace\0\0\0");
    assert_eq!(Printer::new(&newer).err(), Some(HeaderError::New(28)));
    let mut printer = Printer::as_version(&newer, Version::Go126);
    let mut listed = b"Trace Go1.26\n".to_vec();
    while let Some(record) = printer.next(&mut listed) {
        assert_eq!(record, Ok(()));
    }
    let listed = String::from_utf8(listed).expect("UTF-8");
    assert_eq!(listed.matches("Bytes\n\tdata=").count(), 3, "{listed}");
    assert_eq!(parse(&listed), Ok(known));
    let sizes: Vec<_> =
        crate::RecordSizes::as_version(&newer, Version::Go126).map(|size| size.expect("a record")).collect();
    let unknown: Vec<_> =
        sizes.iter().filter(|size| size.number > 0x3c).map(|size| (size.number, size.bytes)).collect();
    assert_eq!(unknown, [(0x3d, 5), (0x3d, 5), (0x3e, 4)]);
}
