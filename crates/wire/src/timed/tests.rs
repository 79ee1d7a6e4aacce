//! Timed events of every kind and version, and what is not one.

use proptest::prelude::*;

use super::*;
use crate::{BatchWriter, Batches, EVENTS, HEADER_LEN, Item, TraceWriter, parse_header, text};

fn show(event: Result<RawEvent, WireError>) -> String {
    match event {
        Ok(RawEvent { kind, dt, args }) => format!("{} {dt} {args:?}", kind.name()),
        Err(error) => format!("{}: {error}", error.offset),
    }
}

/// The timed events in the only batch of a text.
fn check(text: &str, expected: &[&str]) {
    let file = text::parse(text).unwrap();
    let version = parse_header(&file).unwrap();
    let first = Batches::new(version, &file, HEADER_LEN as u64).next();
    let Some(Ok(Item::Batch(batch))) = first else { panic!("{first:?} in {text}") };
    let shown: Vec<_> = TimedEvents::new(version, batch.data, batch.data_offset).map(show).collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn events_and_arguments() {
    check(
        "Trace Go1.23
         EventBatch gen=1
         ProcStart dt=1 p=300 p_seq=2
         GoStart dt=0 g=18446744073709551615 g_seq=1
         UserLog dt=7 task=1 key_string=2 value_string=3 stack=4
         GoSwitch g=5 g_seq=6
         Span id=1 npages_value=2 kindclass=3",
        &[
            "ProcStart 1 [300, 2, 0, 0]",
            "GoStart 0 [18446744073709551615, 1, 0, 0]",
            "UserLog 7 [1, 2, 3, 4]",
            "GoSwitch 1 [5, 6, 0, 0]",
            "Span 1 [1, 2, 3, 0]",
        ],
    );
}

#[test]
fn nothing_follows_an_error() {
    let newer = "is newer than the version of the trace";
    let batch = "EventBatch gen=1\nGoDestroy\nGoSwitch g=1\nGoDestroy";
    check(&format!("Trace Go1.22\n{batch}"), &["GoDestroy 1 [0, 0, 0, 0]", &format!("23: GoSwitch (45) {newer}")]);
    check(
        &format!("Trace Go1.23\n{batch}"),
        &["GoDestroy 1 [0, 0, 0, 0]", "GoSwitch 1 [1, 0, 0, 0]", "GoDestroy 1 [0, 0, 0, 0]"],
    );
    check(
        "Trace Go1.22\nEventBatch gen=1\nGoDestroy\nStrings",
        &["GoDestroy 1 [0, 0, 0, 0]", "23: Strings (4) in a batch of another kind"],
    );
    check("Trace Go1.22\nEventBatch gen=1\nBytes data=\"\\xc8\"", &["21: unknown event number 200"]);
    check("Trace Go1.22\nEventBatch gen=1\nBytes data=\"\\x00\"", &["21: unknown event number 0"]);
    check("Trace Go1.22\nEventBatch gen=1 size=3\nGoStart g=1 g_seq=2", &["24: unexpected end of data"]);
    check(
        r#"Trace Go1.22
           EventBatch gen=1
           GoDestroy
           Bytes data="\x11\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff""#,
        &["GoDestroy 1 [0, 0, 0, 0]", "24: number does not fit 64 bits"],
    );
}

/// Any event that `version` knows, with numbers of any length.
fn any_event(version: Version) -> impl Strategy<Value = RawEvent> {
    let kinds: Vec<_> = EVENTS
        .iter()
        .filter(|spec| spec.since <= version && spec.has_delta())
        .filter(|spec| spec.class != EventClass::Table)
        .map(|spec| spec.event)
        .collect();
    let number = || (any::<u64>(), 0_u32..64).prop_map(|(value, shift)| value >> shift);
    let args = [number(), number(), number(), number()];
    (proptest::sample::select(kinds), number(), args).prop_map(|(kind, dt, mut args)| {
        args.iter_mut().skip(kind.spec().args.len()).for_each(|arg| *arg = 0);
        RawEvent { kind, dt, args }
    })
}

/// A version and events that it knows.
fn any_events() -> impl Strategy<Value = (Version, Vec<RawEvent>)> {
    proptest::sample::select(Version::V2.as_slice())
        .prop_flat_map(|version| (Just(version), proptest::collection::vec(any_event(version), 0..50)))
}

proptest! {
    #[test]
    fn written_events_read_back((version, events) in any_events()) {
        let mut writer = TraceWriter::new(version);
        writer.batch(1, 2, 3, |batch| events.iter().for_each(|&event| BatchWriter::event(batch, event)));
        let file = writer.into_bytes();
        let Some(Ok(Item::Batch(batch))) = Batches::new(version, &file, HEADER_LEN as u64).next() else {
            return Err(TestCaseError::fail("no batch"));
        };
        let read: Result<Vec<_>, _> = TimedEvents::new(version, batch.data, batch.data_offset).collect();
        prop_assert_eq!(read, Ok(events));

        let (printed, error) = text::print(&file);
        prop_assert_eq!(error, None);
        prop_assert_eq!(text::parse(&printed), Ok(file.clone()), "{}", printed);

        // A cut batch gives the events before the cut, then one error or none.
        for end in 0..batch.data.len() {
            let whole = TimedEvents::new(version, &batch.data[..end], 0);
            prop_assert!(whole.filter(Result::is_err).count() <= 1);
        }
    }

    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        for version in Version::V2 {
            let mut events = TimedEvents::new(version, &bytes, 10);
            let mut last = events.offset();
            while let Some(event) = events.next() {
                prop_assert!(events.offset() > last);
                last = events.offset();
                if let Err(error) = event {
                    prop_assert!((10..=10 + bytes.len() as u64).contains(&error.offset));
                }
            }
            prop_assert_eq!(events.offset(), 10 + bytes.len() as u64);
        }
    }
}
