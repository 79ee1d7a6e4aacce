//! Bytes of the v1 format and the records they are.

use proptest::prelude::*;

use super::*;
use crate::push_varint;
use crate::v1::EVENTS;

/// The first byte of a record with this number and these two bits.
const fn first(number: u8, counted: u8) -> u8 {
    counted << 6 | number
}

/// Lists what is read from `bytes`, up to the first error.
fn listed(version: Version, bytes: &[u8]) -> Vec<String> {
    let mut records = Records::new(version, bytes, 100);
    let mut list = Vec::new();
    while let Some(record) = records.next() {
        match record {
            Ok(Record::Stack(stack)) => {
                let mut frames = Vec::new();
                let read = stack.read(&mut frames).map_err(|error| (error.kind, error.offset));
                list.push(format!("stack {} {:?}", stack.id, read.map(|()| frames)));
            }
            Ok(Record::Event(event)) => {
                let Event { kind, dt, args, stack, text } = event;
                let text = String::from_utf8_lossy(text);
                list.push(format!("{} dt={dt} {args:?} stack={stack} {text:?}", kind.name()));
            }
            Ok(record) => list.push(format!("{record:?}")),
            Err(error) => {
                list.push(format!("{:?} at {} value {}", error.kind, error.offset, error.value));
                break;
            }
        }
    }
    list
}

fn check(bytes: &[u8], expected: &[&str]) {
    assert_eq!(listed(Version::Go121, bytes), expected, "{bytes:02x?}");
}

#[test]
fn records() {
    check(&[0x41, 3, 0x85, 1], &["Batch { proc: Some(3), ticks: 133 }"]);
    let none = [0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 7];
    check(&none, &["Batch { proc: None, ticks: 7 }"]);
    check(&[2, 9], &["Frequency(9)"]);
    check(&[35, 0], &["TimerGoroutine(0)"]);
    check(&[37, 4, 2, b'a', b'b'], &["String { id: 4, bytes: [97, 98] }"]);
    check(&[0xc3, 6, 5, 1, 10, 11, 12, 13], &["stack 5 Ok([RawFrame { pc: 10, function: 11, file: 12, line: 13 }])"]);
    // As many arguments as the two bits say, or as many bytes as the next number does.
    check(&[6, 1], &["ProcStop dt=1 [0, 0, 0] stack=0 \"\""]);
    check(&[first(20, 1), 1, 2], &["GoBlock dt=1 [0, 0, 0] stack=2 \"\""]);
    check(&[first(14, 2), 1, 2, 3], &["GoStart dt=1 [2, 3, 0] stack=0 \"\""]);
    check(&[first(21, 3), 4, 1, 2, 3, 4], &["GoUnblock dt=1 [2, 3, 0] stack=4 \"\""]);
    check(&[first(48, 3), 4, 1, 2, 3, 4, 2, b'h', b'i'], &["UserLog dt=1 [2, 3, 0] stack=4 \"hi\""]);
    check(&[first(49, 3), 5, 1, 2, 3, 4, 5], &["CPUSample dt=1 [2, 3, 4] stack=5 \"\""]);
}

/// A batch with a record whose text fills it, as the runtime writes it, and what stands behind it.
fn filled(buffer: usize, record: &[u8], behind: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x41, 3, 0x85, 0x85, 0x85, 1];
    bytes.extend(record);
    let room = buffer - bytes.len();
    push_varint(&mut bytes, room as u64);
    bytes.resize(buffer, b'x');
    bytes.extend(behind);
    bytes
}

/// A text that is longer than a buffer is cut, to three bytes less than is said.
#[test]
fn long_texts_end_with_their_buffer() {
    let log = [first(48, 3), 4, 1, 2, 3, 4];
    let string = [37, 4];
    let batch = [0x41, 2, 0x86, 0x85, 0x85, 1, 6, 1];
    let no_proc = [0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0x86, 0x85, 1, 6, 1];
    let frequency = [2, 0xa8, 0xd6, 0xb9, 0x07, 35, 1];
    for (buffer, record, behind) in [
        (64_488, &log[..], &batch[..]),
        (65_008, &log, &batch),
        (64_488, &log, &no_proc),
        (64_488, &log, &frequency),
        (64_488, &string, &batch),
        (65_008, &string, &frequency),
        (64_488, &log, &[]),
    ] {
        let bytes = filled(buffer, record, behind);
        let mut records = Records::new(Version::Go121, &bytes, 0);
        let mut text = None;
        let mut rest = Vec::new();
        while let Some(record) = records.next() {
            match record.unwrap_or_else(|error| panic!("{error} of {record:?} {behind:?}")) {
                Record::String { bytes, .. } | Record::Event(Event { kind: EventType::UserLog, text: bytes, .. }) => {
                    assert!(bytes.iter().all(|&byte| byte == b'x'));
                    text = Some((bytes.len(), records.offset()));
                }
                record => rest.push(record.kind()),
            }
        }
        assert_eq!(text, Some((buffer - 6 - record.len() - 3, buffer as u64)), "{behind:?}");
        let expected: &[_] = match behind.first() {
            None => &[EventType::Batch],
            Some(2) => &[EventType::Batch, EventType::Frequency, EventType::TimerGoroutine],
            Some(_) => &[EventType::Batch, EventType::Batch, EventType::ProcStop],
        };
        assert_eq!(rest, expected, "{behind:?}");
    }
}

/// Texts of such a length that are whole stay whole, whatever their last characters are.
#[test]
fn long_texts_that_fit() {
    for end in ["A1b", "AAA", "xA\u{fc}", "A\u{6f22}", "\u{2}ab", "   "] {
        let mut bytes = vec![0x41, 3, 0x85, 1, 37, 4];
        push_varint(&mut bytes, 64_450);
        bytes.resize(bytes.len() + 64_450 - end.len(), b'x');
        bytes.extend(end.as_bytes());
        bytes.extend([0x41, 2, 0x86, 1]);
        let mut records = Records::new(Version::Go121, &bytes, 0);
        let lens: Vec<_> = std::iter::from_fn(|| {
            let record = records.next()?.expect("a record");
            Some((record.kind(), if let Record::String { bytes, .. } = record { bytes.len() } else { 0 }))
        })
        .collect();
        assert_eq!(lens, [(EventType::Batch, 0), (EventType::String, 64_450), (EventType::Batch, 0)], "{end}");
    }
}

#[test]
fn broken_records() {
    check(&[0], &["UnknownEvent at 100 value 0"]);
    check(&[50], &["UnknownEvent at 100 value 50"]);
    check(&[first(6, 1), 1, 2], &["WrongArguments at 100 value 6"]);
    check(&[first(21, 3), 5, 1, 2, 3, 4, 5], &["WrongArguments at 100 value 21"]);
    check(&[first(21, 3), 3, 1, 2, 3], &["UnexpectedEnd at 105 value 0"]);
    check(&[0x41, 0xff, 0xff, 0xff, 0xff, 0x0f, 1], &["WrongArguments at 100 value 1"]);
    check(&[1, 3, 4], &["WrongArguments at 100 value 1"]);
    check(&[37, 1, 0xc1, 0x84, 0x3d], &["RecordTooLong at 102 value 1000001"]);
    check(&[0xc3, 5, 5, 1, 10, 11, 12], &["stack 5 Err((UnexpectedEnd, 107))"]);
    check(&[0xc3, 7, 5, 1, 10, 11, 12, 13, 14], &["stack 5 Err((WrongArguments, 108))"]);
    assert_eq!(listed(Version::Go111, &[first(49, 3), 5, 1, 2, 3, 4, 5]), ["UnknownEvent at 100 value 49"]);
}

#[test]
fn the_table_is_in_order() {
    for (number, spec) in (1_u8..).zip(EVENTS) {
        assert_eq!((spec.event.byte(), spec.event.name()), (number, spec.name));
        assert_eq!(EventType::from_byte(number), Some(spec.event));
        assert!(spec.since.is_v1() && spec.args.len() <= 4, "{}", spec.name);
    }
}

#[test]
fn finds_the_batch_behind_damage() {
    // A byte like a batch's, whose time is too far, and then a batch.
    let bytes = [0, 0x41, 0x41, 9, 0x41, 3, 0x85, 1, 6, 1];
    let mut records = Records::new(Version::Go121, &bytes, 100);
    assert!(records.next().is_some_and(|record| record.is_err()));
    records.resume(130, 10);
    assert_eq!(records.offset(), 104);
    assert!(matches!(records.next(), Some(Ok(Record::Batch { proc: Some(3), ticks: 133 }))));
    records.resume(0, 0);
    assert_eq!(records.offset(), 110);
    assert!(records.next().is_none());
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut records = Records::new(Version::Go119, &bytes, 0);
        let mut steps = 0;
        while let Some(record) = records.next() {
            steps += 1;
            prop_assert!(steps <= bytes.len());
            if let Ok(Record::Stack(stack)) = record {
                let _ = stack.read(&mut Vec::new());
            }
            if record.is_err() {
                let before = records.offset();
                records.resume(1000, 1 << 20);
                prop_assert!(records.offset() > before);
            }
        }
        prop_assert_eq!(records.offset(), bytes.len() as u64);
    }
}
