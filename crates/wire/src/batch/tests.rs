//! Framing: what the pieces of a text's bytes are, and where reading goes on after damage.

use proptest::prelude::*;

use super::*;
use crate::{HEADER_LEN, RawEvent, SizeStyle, TraceWriter, parse_header, text};

fn show(item: Result<Item<'_>, WireError>) -> String {
    match item {
        Ok(Item::EndOfGeneration { offset }) => format!("{offset}: end"),
        Ok(Item::Batch(batch)) => {
            let Batch { generation, thread, time, kind, data, offset, data_offset } = batch;
            let len = data.len();
            format!("{offset}: {kind:?} gen={generation} m={thread} time={time} {len} bytes at {data_offset}")
        }
        Err(error) => format!("{}: {error}", error.offset),
    }
}

/// The pieces of a text's bytes; after an error, `resync` with this hint.
fn check(text: &str, hint: Option<u64>, expected: &[&str]) {
    let file = text::parse(text).unwrap();
    let batches = Batches::new(parse_header(&file).unwrap(), &file, HEADER_LEN as u64);
    check_pieces(batches, hint, expected);
}

/// The pieces of a file that begins with these bytes and goes on with batches that each hold an event, after a look at
/// all of it. The batches are of these generations.
fn check_survey(sizes: SizeStyle, begin: &[u8], generations: &[u64], expected: &[&str]) {
    let mut writer = TraceWriter::with_sizes(Version::Go122, sizes);
    writer.raw().extend_from_slice(begin);
    for (&generation, time) in generations.iter().zip(1_000_000..) {
        let event = RawEvent { kind: EventType::GoDestroy, dt: 1, args: [0; 4] };
        writer.batch(generation, 7, time, |batch| batch.event(event));
    }
    let file = writer.into_bytes();
    check_pieces(Batches::surveyed(Version::Go122, &file, HEADER_LEN as u64), None, expected);
}

fn check_pieces(mut batches: Batches<'_>, hint: Option<u64>, expected: &[&str]) {
    let mut shown = Vec::new();
    loop {
        match batches.next() {
            Some(Err(error)) => {
                shown.push(show(Err(error)));
                assert!(batches.next().is_none(), "an error ends the items");
                match batches.resync(hint) {
                    Some(at) => shown.push(format!("on at {at}")),
                    None => break,
                }
            }
            Some(item) => shown.push(show(item)),
            None => break,
        }
    }
    assert_eq!(shown, expected);
}

#[test]
fn kinds_of_batches() {
    check(
        "Trace Go1.26
         Generation 3 time=1
         EventBatch m=7 time=2
         GoStop reason_string=\"preempted\" stack=[main.main]
         EventBatch m=8 time=3
         ExperimentalBatch exp=1 m=9 time=4 data=\"abc\"
         EventBatch m=- time=5
         CPUSamples
         CPUSample time=6 m=7 p=0 g=1 stack=0",
        None,
        &[
            "16: Sync gen=3 m=18446744073709551615 time=1 12 bytes at 30",
            "42: Events gen=3 m=7 time=2 4 bytes at 47",
            "51: Events gen=3 m=8 time=3 0 bytes at 56",
            "56: Experimental(1) gen=3 m=9 time=4 3 bytes at 62",
            "65: CpuSamples gen=3 m=18446744073709551615 time=5 7 bytes at 79",
            "86: Strings gen=3 m=18446744073709551615 time=1 25 bytes at 100",
            "125: Stacks gen=3 m=18446744073709551615 time=1 9 bytes at 139",
            "148: end",
        ],
    );
    check(
        "Trace Go1.22
         EventBatch gen=1 m=- time=0
         Frequency freq=15625000",
        None,
        &["16: Sync gen=1 m=18446744073709551615 time=0 5 bytes at 30"],
    );
}

#[test]
fn versions_have_their_own_framing() {
    let sync = "EventBatch gen=1\nSync\nEventBatch gen=1\nFrequency freq=1";
    check(
        &format!("Trace Go1.23\n{sync}"),
        None,
        &["16: Events gen=1 m=0 time=0 1 bytes at 21", "22: Sync gen=1 m=0 time=0 2 bytes at 27"],
    );
    check(
        &format!("Trace Go1.25\n{sync}"),
        None,
        &["16: Sync gen=1 m=0 time=0 1 bytes at 21", "22: Events gen=1 m=0 time=0 2 bytes at 27"],
    );
    check("Trace Go1.25\nEndOfGeneration", None, &["16: EndOfGeneration (52) is newer than the version of the trace"]);
    check(
        "Trace Go1.22\nExperimentalBatch exp=1 gen=1 data=\"x\"",
        None,
        &["16: ExperimentalBatch (49) is newer than the version of the trace"],
    );
}

#[test]
fn damage_is_stepped_over() {
    check(
        r#"Trace Go1.22
           EventBatch gen=1 m=1 time=5 size=2
           GoStop
           Bytes data="\x01\x00junk\xff\xff"
           EventBatch gen=1 m=2 time=6
           GoDestroy
           EventBatch gen=2 m=3 time=7
           GoDestroy"#,
        Some(1),
        &[
            "16: Events gen=1 m=1 time=5 2 bytes at 21",
            "23: expected a batch, found byte 0",
            "on at 33",
            "33: Events gen=1 m=2 time=6 2 bytes at 38",
            "40: Events gen=2 m=3 time=7 2 bytes at 45",
        ],
    );
    let far = "Trace Go1.22\nBytes data=\"\\x00\"\nEventBatch gen=40\nGoDestroy";
    let error = "16: expected a batch, found byte 0";
    for hint in [None, Some(1), Some(39), Some(40)] {
        check(far, hint, &[error, "on at 17", "17: Events gen=40 m=0 time=0 2 bytes at 22"]);
    }
    check(far, Some(41), &[error]);
}

#[test]
fn a_wrong_size_does_not_lead_astray() {
    // The size ends the first batch inside its first event, where the arguments look like a batch of generation 9.
    check(
        "Trace Go1.22
         EventBatch gen=1 m=1 time=1000000 size=2
         GoCreate dt=5 new_g=1 new_stack=9 stack=3
         ProcStop dt=2
         GoDestroy dt=3
         EventBatch gen=1 m=2 time=1000001
         GoDestroy",
        Some(1),
        &[
            "16: Events gen=1 m=1 time=1000000 2 bytes at 23",
            "25: stray batch of generation 9, unlike those around it",
            "on at 32",
            "32: Events gen=1 m=2 time=1000001 2 bytes at 39",
        ],
    );
}

/// Two batches as bytes inside of an event batch look like them, of generations 16 and 17.
const ACCIDENTAL: [u8; 14] = [1, 16, 1, 5, 2, 17, 0, 1, 17, 2, 6, 2, 17, 0];

#[test]
fn accidental_batches_are_told_from_those_of_the_rest() {
    check_survey(
        SizeStyle::Padded,
        &ACCIDENTAL,
        &[2, 2, 3],
        &[
            "16: stray batch of generation 16, unlike those around it",
            "on at 30",
            "30: Events gen=2 m=7 time=1000000 2 bytes at 46",
            "48: Events gen=2 m=7 time=1000001 2 bytes at 64",
            "66: Events gen=3 m=7 time=1000002 2 bytes at 82",
        ],
    );
    check_survey(
        SizeStyle::Minimal,
        &[&[0], &ACCIDENTAL[..]].concat(),
        &[2, 2, 3, 3],
        &[
            "16: expected a batch, found byte 0",
            "on at 31",
            "31: Events gen=2 m=7 time=1000000 2 bytes at 38",
            "40: Events gen=2 m=7 time=1000001 2 bytes at 47",
            "49: Events gen=3 m=7 time=1000002 2 bytes at 56",
            "58: Events gen=3 m=7 time=1000003 2 bytes at 65",
        ],
    );
}

#[test]
fn few_batches_of_minimal_sizes_are_read_whatever_they_are() {
    check_survey(
        SizeStyle::Minimal,
        &[],
        &[1, 5],
        &["16: Events gen=1 m=7 time=1000000 2 bytes at 23", "25: Events gen=5 m=7 time=1000001 2 bytes at 32"],
    );
}

#[test]
fn where_nothing_is_like_a_trace_nothing_is_found() {
    check_survey(
        SizeStyle::Minimal,
        &[&[0], &ACCIDENTAL[..], &[0]].concat(),
        &[],
        &["16: expected a batch, found byte 0"],
    );
}

#[test]
fn one_batch_does_not_say_of_which_generation_those_behind_damage_are() {
    let mut writer = TraceWriter::with_sizes(Version::Go122, SizeStyle::Padded);
    let event = RawEvent { kind: EventType::GoDestroy, dt: 1, args: [0; 4] };
    for (generation, time) in [(1, 100), (1, 101), (9, 102)] {
        writer.batch(generation, 7, time, |batch| batch.event(event));
    }
    writer.raw().push(0);
    for (generation, time) in [(2, 103), (2, 104)] {
        writer.batch(generation, 7, time, |batch| batch.event(event));
    }
    let file = writer.into_bytes();
    check_pieces(
        Batches::surveyed(Version::Go122, &file, HEADER_LEN as u64),
        Some(9),
        &[
            "16: Events gen=1 m=7 time=100 2 bytes at 30",
            "32: Events gen=1 m=7 time=101 2 bytes at 46",
            "48: Events gen=9 m=7 time=102 2 bytes at 62",
            "64: expected a batch, found byte 0",
            "on at 65",
            "65: Events gen=2 m=7 time=103 2 bytes at 79",
            "81: Events gen=2 m=7 time=104 2 bytes at 95",
        ],
    );
}

#[test]
fn sizes_that_cannot_be() {
    check("Trace Go1.22\nEventBatch gen=1 size=65537", None, &["20: batch of 65537 bytes is larger than 65536"]);
    check(
        "Trace Go1.22\nEventBatch gen=1 size=-",
        None,
        &["20: batch of 18446744073709551615 bytes is larger than 65536"],
    );
    check(
        "Trace Go1.22\nEventBatch gen=1 size=9\nGoDestroy",
        None,
        &["16: batch of 9 bytes goes past the end of the file"],
    );
    check("Trace Go1.22\nEventBatch gen=1\nCut drop=2", None, &["19: unexpected end of data"]);
}

#[test]
fn a_cut_batch_keeps_what_is_there() {
    let file = text::parse("Trace Go1.22\nEventBatch gen=1 size=9\nGoDestroy").unwrap();
    let mut batches = Batches::new(Version::Go122, &file, HEADER_LEN as u64);
    assert_eq!(batches.cut_batch(), None, "nothing is known to be cut before it is read");
    assert!(batches.next().unwrap().is_err());
    assert_eq!(batches.cut_batch().map(|batch| (batch.data, batch.data_offset)), Some((&[17, 1][..], 21)));
}

proptest! {
    #[test]
    fn any_bytes_end(bytes: Vec<u8>, hint: Option<u8>, start: u8, surveyed: bool) {
        for version in Version::ALL {
            let begin = if surveyed { Batches::surveyed } else { Batches::new };
            let mut batches = begin(version, &bytes, u64::from(start));
            let mut steps = 0;
            loop {
                while batches.next().is_some() {
                    steps += 1;
                }
                let _ = batches.cut_batch();
                let before = batches.position();
                match batches.resync(hint.map(u64::from)) {
                    Some(at) => prop_assert!(at >= before && at < bytes.len() as u64),
                    None => break,
                }
                steps += 1;
                prop_assert!(steps < 4 * bytes.len() + 4, "every step goes forward");
            }
            prop_assert_eq!(batches.position(), bytes.len() as u64);
        }
    }
}
