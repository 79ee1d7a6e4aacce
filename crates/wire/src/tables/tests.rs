//! Table batches: entries, and what is not one.

use std::fmt::Debug;

use proptest::prelude::*;

use super::*;
use crate::{BatchKind, Batches, HEADER_LEN, Item, NO_THREAD, parse_header, text};

fn show<T: Debug>(entry: Result<T, WireError>) -> String {
    match entry {
        Ok(entry) => format!("{entry:?}"),
        Err(error) => format!("{}: {error}", error.offset),
    }
}

/// Every entry of a table batch, shown.
fn entries(version: Version, batch: &Batch<'_>) -> Vec<String> {
    match batch.kind {
        BatchKind::Strings => strings(batch)
            .map(|entry| show(entry.map(|entry| (entry.id, String::from_utf8_lossy(entry.bytes)))))
            .collect(),
        BatchKind::Stacks => {
            let (mut stacks, mut frames, mut shown) = (Stacks::new(batch), Vec::new(), Vec::new());
            while let Some(id) = stacks.next(&mut frames) {
                let frames = frames.iter().map(|f| [f.pc, f.function, f.file, f.line]);
                shown.push(show(id.map(|id| (id, frames.collect::<Vec<_>>()))));
            }
            shown
        }
        BatchKind::CpuSamples => {
            cpu_samples(batch).map(|sample| show(sample.map(|s| [s.time, s.thread, s.proc, s.go, s.stack]))).collect()
        }
        BatchKind::Sync => vec![show(
            sync(version, batch)
                .map(|sync| (sync.frequency, sync.clock.map(|clock| [clock.time, clock.mono, clock.sec, clock.nsec]))),
        )],
        BatchKind::Events | BatchKind::Experimental(_) => vec![format!("{:?}", batch.kind)],
    }
}

/// The entries of all batches of a text.
fn check(text: &str, expected: &[&str]) {
    let file = text::parse(text).unwrap();
    let version = parse_header(&file).unwrap();
    let mut shown = Vec::new();
    for item in Batches::new(version, &file, HEADER_LEN as u64) {
        if let Item::Batch(batch) = item.unwrap() {
            shown.extend(entries(version, &batch));
        }
    }
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn tables() {
    check(
        r#"Trace Go1.22
           EventBatch gen=1
           Strings
           String id=1 data="chan receive"
           String id=2 data="\xff"
           String id=3
           EventBatch gen=1
           Stacks
           Stack id=1
             pc=1 func=2 file=3 line=4
             pc=5 func=6 file=7 line=8
           Stack id=2
           EventBatch gen=1
           CPUSamples
           CPUSample time=1 m=2 p=- g=4 stack=5
           EventBatch gen=1
           Strings"#,
        &[
            r#"(1, "chan receive")"#,
            r#"(2, "�")"#,
            r#"(3, "")"#,
            "(1, [[1, 2, 3, 4], [5, 6, 7, 8]])",
            "(2, [])",
            "[1, 2, 18446744073709551615, 4, 5]",
        ],
    );
}

#[test]
fn clocks() {
    check("Trace Go1.22\nGeneration 1 freq=15625000 time=9", &["(Some(15625000), None)"]);
    check(
        "Trace Go1.26\nGeneration 1 freq=15625000 time=9 mono=3 sec=4 nsec=5",
        &["(Some(15625000), Some([9, 3, 4, 5]))"],
    );
    check("Trace Go1.25\nEventBatch gen=1 time=9\nSync\nClockSnapshot dt=2 mono=3", &["(None, Some([11, 3, 0, 0]))"]);
    check("Trace Go1.25\nEventBatch gen=1\nSync", &["(None, None)"]);
    let twice = "Frequency freq=1\nFrequency freq=1";
    check(&format!("Trace Go1.22\nEventBatch gen=1\n{twice}"), &["23: second Frequency in a sync batch"]);
    check(
        "Trace Go1.25\nEventBatch gen=1\nSync\nClockSnapshot\nClockSnapshot",
        &["27: second ClockSnapshot in a sync batch"],
    );
    check(
        "Trace Go1.22\nEventBatch gen=1\nFrequency freq=1\nClockSnapshot",
        &["23: ClockSnapshot (51) in a batch of another kind"],
    );
}

#[test]
fn broken_tables() {
    let strings = |rest: &str| format!("Trace Go1.22\nEventBatch gen=1\nStrings\n{rest}");
    check(&strings("Stack id=1"), &["22: Stack (3) in a batch of another kind"]);
    check(&strings("Bytes data=\"\\xff\""), &["22: unknown event number 255"]);
    check(
        &strings("String id=1 data=\"a\"\nBytes data=\"\\x05\\x02\\x81\\x08\""),
        &[r#"(1, "a")"#, "28: string of 1025 bytes has more than 1024"],
    );
    check(&strings("Bytes data=\"\\x05\\x02\\x03ab\""), &["25: unexpected end of data"]);
    let stacks = |rest: &str| format!("Trace Go1.22\nEventBatch gen=1\nStacks\n{rest}");
    check(&stacks("Stack id=1 nframes=129"), &["24: stack of 129 frames has more than 128"]);
    check(&stacks("Stack id=1 nframes=-"), &["24: stack of 18446744073709551615 frames has more than 128"]);
    check(&stacks("Stack id=1 nframes=2\npc=1 func=2 file=3 line=4"), &["29: unexpected end of data"]);
}

proptest! {
    #[test]
    fn any_bytes_end(header in 0_u8..60, data: Vec<u8>) {
        let data = [&[header], data.as_slice()].concat();
        for version in Version::V2 {
            for kind in [BatchKind::Strings, BatchKind::Stacks, BatchKind::CpuSamples, BatchKind::Sync] {
                let (thread, data) = (NO_THREAD, data.as_slice());
                let batch =
                    Batch { generation: 1, thread, time: 0, kind, data, offset: 16, data_offset: 32 };
                prop_assert!(entries(version, &batch).len() <= data.len());
            }
        }
    }
}
