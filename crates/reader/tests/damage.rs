//! Damage anywhere: the reader ends, never panics, loses no more than there is, and says what.

use goroscope_reader::{Event, Finished, Reader, Severity, Ts};
use goroscope_wire::{HEADER_LEN, text};

/// Three generations with tables, samples, an experiment, calls, steals, switches and tasks.
const TRACE: &str = include_str!("all_kinds.txt");

const MANY_THREADS: &str = include_str!("../testdata/20-many-threads-wait.trace.txt");

/// Reads a file; at most so many events that a reader that does not end is found out.
fn read(file: &[u8]) -> (Vec<Event>, Finished) {
    let mut reader = Reader::new(file).expect("the header is whole");
    let mut events = Vec::new();
    while let Some(event) = reader.next() {
        events.push(event);
        assert!(events.len() <= 3 * file.len(), "more events than bytes");
    }
    assert_eq!(reader.position(), file.len() as u64);
    (events, reader.finish())
}

/// What holds for any file with a header.
fn check(file: &[u8], what: &str) -> Finished {
    let (events, finished) = read(file);
    let len = file.len() as u64;
    let lost: u64 = finished.diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
    assert!(lost <= len, "{what}: {lost} bytes lost of {len}");
    assert!(finished.diagnostics.iter().all(|diagnostic| diagnostic.offset <= len), "{what}");
    assert!(finished.symbols.string_count() < file.len() + 100, "{what}");
    // Every row that an event names is there.
    for event in &events {
        assert!(event.stack.index() < finished.symbols.stack_count(), "{what}: {event:?}");
    }
    finished
}

fn trace() -> Vec<u8> {
    text::parse(TRACE).expect("the text is right")
}

/// The trace of all kinds, and one with so many threads that waiting ones are parked.
fn traces() -> [Vec<u8>; 2] {
    let (_, many) = MANY_THREADS.split_once("-- trace --").expect("has a trace");
    let (many, _) = many.split_once("-- events --").expect("has an expectation");
    [trace(), text::parse(many).expect("the text is right")]
}

#[test]
fn whole() {
    let finished = check(&trace(), "whole");
    assert!(finished.diagnostics.is_empty(), "{:?}", finished.diagnostics);
    assert!(finished.generations.iter().all(|generation| generation.complete));
}

#[test]
fn cut_at_every_byte() {
    let file = trace();
    let mut unnoticed = Vec::new();
    for len in HEADER_LEN + 1..file.len() {
        let finished = check(&file[..len], &format!("cut at {len}"));
        if finished.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Loss) {
            unnoticed.push(len as u64);
        }
    }
    // Between two generations nothing tells that there were more.
    let generations = check(&file, "whole").generations;
    let begins: Vec<_> = generations.iter().skip(1).map(|generation| generation.offset).collect();
    assert_eq!(unnoticed, begins);
}

#[test]
fn every_byte_flipped() {
    for file in traces() {
        for at in HEADER_LEN..file.len() {
            for bits in [0x01, 0x80, 0xff, 0x10] {
                let mut damaged = file.clone();
                damaged[at] ^= bits;
                check(&damaged, &format!("byte {at} with {bits:#x}"));
            }
        }
    }
}

#[test]
fn bytes_lost_anywhere() {
    for file in traces() {
        for at in HEADER_LEN..file.len() {
            for count in [1, 20, 300] {
                let end = (at + count).min(file.len());
                let damaged = [&file[..at], &file[end..]].concat();
                check(&damaged, &format!("without bytes {at} to {end}"));
            }
        }
    }
}

#[test]
fn nothing_but_a_header() {
    let (events, finished) = read(&trace()[..HEADER_LEN]);
    assert_eq!(events.len(), 1, "the sync at the end");
    assert!(finished.generations.is_empty());
}

#[test]
fn noise_behind_the_header() {
    let mut file = trace()[..HEADER_LEN].to_vec();
    let mut state = 1_u64;
    for _ in 0..100_000 {
        // The constants are Knuth's for MMIX.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        file.push((state >> 56) as u8);
    }
    check(&file, "noise");
}

#[test]
fn times_beyond_what_can_be_counted() {
    let text = "Trace Go1.26

Generation 1 freq=1000000000 sec=1700000000
EventBatch m=1 time=0
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running

Generation 2 freq=1000000000 sec=1700000001
EventBatch m=1 time=18446744073709551000
ProcStatus at=18446744073709551001 p=0 pstatus=Running
GoStatus at=18446744073709551002 g=1 m=1 gstatus=Running
GoStop at=18446744073709551500 reason_string=\"preempted\"
";
    let file = text::parse(text).expect("the text is right");
    // Three of them: each begins behind the end of the one before.
    for file in [file.clone(), file.repeat(3)] {
        let (events, finished) = read(&file);
        let times: Vec<_> = events.iter().map(|event| event.ts).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(times.first() == Some(&Ts(0)), "{times:?}");
        assert!(finished.generations.iter().all(|generation| generation.events > 0), "{finished:?}");
    }
}
