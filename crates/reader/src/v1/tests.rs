//! Small traces, record by record, and the events they become.

use goroscope_wire::v1::EventType::{self, *};

use super::*;
use crate::listing::GoEvents;
use crate::{Diagnostic, EventKind, Reader};

/// A batch: its proc, and its events with their time deltas and arguments, the stack included.
type Batch<'t> = (u64, &'t [(EventType, u64, &'t [u64])]);

/// The bytes of a trace whose clock ticks every nanosecond. Every batch begins at tick 100.
fn file(batches: &[Batch<'_>]) -> Vec<u8> {
    let mut file = Version::Go121.header().to_vec();
    for (id, text) in [(1, "one"), (2, "two")] {
        push(&mut file, String.byte(), &[id, text.len() as u64]);
        file.extend(text.as_bytes());
    }
    for &(proc, events) in batches {
        push(&mut file, Batch.byte() | 1 << 6, &[proc, 100]);
        for &(kind, dt, args) in events {
            let mut numbers = Vec::new();
            push(&mut numbers, dt as u8, args);
            push(&mut file, kind.byte() | 3 << 6, &[numbers.len() as u64]);
            file.extend(numbers);
            if kind == UserLog {
                file.extend([2, b'h', b'i']);
            }
        }
    }
    push(&mut file, Frequency.byte(), &[1_000_000_000]);
    file
}

/// A byte and numbers.
fn push(bytes: &mut Vec<u8>, first: u8, numbers: &[u64]) {
    bytes.push(first);
    for &number in numbers {
        let mut rest = number;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
}

/// Time, thread, proc and goroutine of each event, and what happened in few words; then the diagnostics.
fn listed(file: &[u8]) -> Vec<std::string::String> {
    let mut reader = Reader::new(file).expect("a header");
    let mut lines = Vec::new();
    while let Some(event) = reader.next() {
        let [thread, proc, go] = [event.thread.0, event.proc.0, event.go.0].map(|id| id as i64);
        let text = |row| reader.symbols().string(row);
        let what = match event.kind {
            EventKind::Go { go, from, to, reason, .. } => format!("g{} {from:?}>{to:?} {}", go.0, text(reason)),
            EventKind::Proc { proc, from, to } => format!("p{} {from:?}>{to:?}", proc.0),
            EventKind::RangeBegin { name, .. } => format!("begin {}", text(name)),
            EventKind::RangeEnd { name, .. } => format!("end {}", text(name)),
            EventKind::TaskBegin { parent, name, .. } => format!("task of {} {}", parent.0 as i64, text(name)),
            EventKind::TaskEnd { parent, name, .. } => format!("end of task of {} {}", parent.0 as i64, text(name)),
            EventKind::Log { category, message, .. } => format!("log {} {}", text(category), text(message)),
            EventKind::Label { label, .. } => format!("label {}", text(label)),
            kind @ (EventKind::Sync { .. }
            | EventKind::Lost
            | EventKind::AnotherTrace
            | EventKind::Metric { .. }
            | EventKind::Sample
            | EventKind::RangeActive { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Experimental { .. }
            | EventKind::Unknown { .. }) => format!("{kind:?}"),
        };
        lines.push(format!("{} m{thread} p{proc} g{go}: {}", event.ts.0, what.trim_end()));
    }
    let finished = reader.finish();
    lines.extend(finished.diagnostics.iter().map(Diagnostic::to_string));
    lines
}

/// The events after those that every trace here begins with, without the syncs.
fn check(batches: &[Batch<'_>], expected: &[&str]) {
    let lines = listed(&file(batches));
    let lines: Vec<_> = lines.iter().filter(|line| !line.contains("Sync")).collect();
    assert_eq!(lines, expected);
}

/// Goroutine 1 runs on proc 0, which thread 7 holds, and goroutine 2 is runnable.
const BEGIN: [(EventType, u64, &[u64]); 5] = [
    (GoCreate, 0, &[1, 0, 0]),
    (GoCreate, 0, &[2, 0, 0]),
    (ProcStart, 0, &[7]),
    (GoStart, 0, &[1, 1]),
    (Gomaxprocs, 0, &[2, 0]),
];

const BEGUN: [&str; 4] = [
    "0 m7 p-1 g-1: p0 Undetermined>Running",
    "0 m7 p0 g-1: g1 Undetermined>Running",
    "0 m-1 p-1 g-1: g2 Undetermined>Runnable",
    "0 m7 p0 g1: Metric { metric: Gomaxprocs, value: 2 }",
];

fn check_after_begin(after: &[(EventType, u64, &[u64])], others: &[Batch<'_>], expected: &[&str]) {
    let first = [&BEGIN, after].concat();
    let batches = [&[(0, first.as_slice())], others].concat();
    check(&batches, &[&BEGUN, expected].concat());
}

#[test]
fn what_was_before_the_trace() {
    check(
        &[(
            0,
            &[
                (GoCreate, 0, &[3, 0, 0]),
                (GoWaiting, 1, &[3]),
                (GoCreate, 1, &[4, 0, 0]),
                (GoInSyscall, 1, &[4]),
                (GoCreate, 1, &[9, 0, 0]),
                (GoCreate, 1, &[5, 0, 0]),
                (Gomaxprocs, 1, &[4, 0]),
            ],
        )],
        &[
            "1 m-1 p0 g-1: g3 Undetermined>Waiting",
            "3 m-1 p0 g-1: g4 Undetermined>Syscall",
            "6 m-1 p-1 g-1: g5 Undetermined>Runnable",
            "6 m-1 p-1 g-1: g9 Undetermined>Runnable",
            "6 m-1 p0 g-1: Metric { metric: Gomaxprocs, value: 4 }",
        ],
    );
}

#[test]
fn calls_that_block_and_that_do_not() {
    check_after_begin(
        &[
            (GoSysCall, 5, &[0]),
            (GoSysCall, 5, &[0]),
            (GoSysBlock, 5, &[]),
            (ProcStop, 0, &[]),
            // It ended at tick 120, and runs again at 130.
            (GoSysExit, 15, &[1, 2, 120]),
            (ProcStart, 0, &[8]),
            (GoStart, 0, &[1, 3]),
        ],
        &[],
        &[
            "5 m7 p0 g1: g1 Running>Syscall",
            "6 m7 p0 g1: g1 Syscall>Running",
            "10 m7 p0 g1: g1 Running>Syscall",
            "15 m7 p0 g-1: p0 Running>Idle",
            "20 m-1 p-1 g1: g1 Syscall>Runnable",
            "30 m8 p-1 g-1: p0 Idle>Running",
            "30 m8 p0 g-1: g1 Runnable>Running",
        ],
    );
}

#[test]
fn states_decide_before_times() {
    // Proc 1 says that goroutine 2 starts again before proc 0 says that it was woken: clocks differ.
    check_after_begin(
        &[(GoUnblock, 20, &[2, 2, 0])],
        &[(
            1,
            &[
                (ProcStart, 1, &[8]),
                (GoStart, 1, &[2, 1]),
                (GoBlockRecv, 1, &[0]),
                (GoStart, 1, &[2, 3]),
                (GoEnd, 30, &[]),
            ],
        )],
        &[
            "1 m8 p-1 g-1: p1 Undetermined>Running",
            "2 m8 p1 g-1: g2 Runnable>Running",
            "3 m8 p1 g2: g2 Running>Waiting chan receive",
            "20 m7 p0 g1: g2 Waiting>Runnable",
            "4 m8 p1 g-1: g2 Runnable>Running",
            "34 m8 p1 g2: g2 Running>NotExist",
        ],
    );
}

#[test]
fn ranges_and_annotations() {
    check_after_begin(
        &[
            (STWStart, 1, &[9]),
            (STWDone, 1, &[]),
            (GCStart, 1, &[0, 0]),
            (GCDone, 1, &[]),
            (UserTaskCreate, 1, &[5, 0, 1, 0]),
            (UserLog, 1, &[5, 2, 0]),
            (UserTaskEnd, 1, &[5, 0]),
            (UserTaskEnd, 1, &[6, 0]),
            (GoStop, 1, &[0]),
            (GoStartLabel, 1, &[2, 1, 2]),
        ],
        &[],
        &[
            "1 m7 p0 g1: begin stop-the-world (GOMAXPROCS)",
            "2 m7 p0 g1: end stop-the-world (GOMAXPROCS)",
            "3 m7 p0 g1: begin GC concurrent mark phase",
            "4 m7 p0 g1: end GC concurrent mark phase",
            "5 m7 p0 g1: task of -1 one",
            "6 m7 p0 g1: log two hi",
            "7 m7 p0 g1: end of task of -1 one",
            "8 m7 p0 g1: end of task of -1",
            "9 m7 p0 g1: g1 Running>Waiting forever",
            "10 m7 p0 g-1: g2 Runnable>Running",
            "10 m7 p0 g2: label two",
        ],
    );
}

#[test]
fn samples_stand_where_their_time_is() {
    check_after_begin(
        &[(GoSched, 50, &[0]), (CPUSample, 0, &[110, 0, 1, 0]), (CPUSample, 0, &[105, u64::MAX, 0, 0])],
        &[],
        &["5 m-1 p-1 g-1: Sample", "10 m-1 p0 g1: Sample", "50 m7 p0 g1: g1 Running>Runnable runtime.Gosched"],
    );
}

#[test]
fn what_contradicts_itself_happens_anyway() {
    check_after_begin(
        &[(GoUnblock, 5, &[77, 9, 0]), (GoSysExit, 5, &[2, 1, 4]), (GoSched, 5, &[0])],
        &[],
        &[
            "5 m7 p0 g1: g77 Undetermined>Runnable",
            "10 m-1 p-1 g2: g2 Undetermined>Runnable",
            "15 m7 p0 g1: g1 Running>Runnable runtime.Gosched",
            "byte 57: events that do not fit what was before, placed by time only: 2",
            "byte 57: events that do not fit the state of their goroutine or proc: 2",
            "byte 63: ends of system calls before their begins, placed where they were written: 1",
        ],
    );
}

/// A number that says "none" elsewhere, and the one before it, name no goroutine.
#[test]
fn numbers_of_no_goroutine() {
    const NONE: u64 = u64::MAX;
    check_after_begin(
        &[
            (GoCreate, 5, &[NONE, 0, 0]),
            (GoUnblock, 5, &[NONE - 1, 9, 0]),
            (GoSysExit, 5, &[NONE, 1, 4]),
            (GoSched, 5, &[0]),
            (GoStart, 5, &[NONE - 1, 1]),
            (HeapAlloc, 5, &[30]),
            (GoSched, 5, &[0]),
        ],
        &[],
        &[
            "20 m7 p0 g1: g1 Running>Runnable runtime.Gosched",
            "30 m7 p0 g-1: Metric { metric: HeapLive, value: 30 }",
            "byte 57: events that do not fit the state of their goroutine or proc: 5",
            "byte 72: events that do not fit what was before, placed by time only: 3",
            "byte 87: ends of system calls before their begins, placed where they were written: 1",
        ],
    );
}

/// The begin of a call that blocks is lost: it is told of all the same.
#[test]
fn a_call_that_blocks_without_a_begin() {
    check_after_begin(
        &[(GoSysBlock, 5, &[])],
        &[],
        &[
            "5 m7 p0 g1: g1 Undetermined>Syscall",
            "byte 57: events that do not fit the state of their goroutine or proc: 1",
        ],
    );
}

/// A sample between the begin of a call and the moment when its proc is taken: the call blocks, but not for Go's reader.
#[test]
fn a_call_that_blocks_behind_a_sample() {
    let calls = |sampled: &[u64]| {
        let after: Vec<(EventType, u64, &[u64])> =
            vec![(GoSysCall, 5, &[0]), (GoSysBlock, 50, &[]), (ProcStop, 1, &[]), (CPUSample, 0, sampled)];
        file(&[(0, &[&BEGIN[..], &after].concat())])
    };
    for (sampled, goes_on) in [([130, 0, 1, 0], true), ([160, 0, 1, 0], false), ([130, 0, 2, 0], false)] {
        let file = calls(&sampled);
        let lines = listed(&file);
        assert!(!lines.iter().any(|line| line.contains("Syscall>Running")), "{lines:?}");
        let mut events = GoEvents::new(Reader::new(&file).expect("a header"));
        let mut found = Vec::new();
        while let Some((time, event)) = events.next() {
            if let EventKind::Go { from, to, .. } = event.kind
                && [from, to].contains(&crate::GoState::Syscall)
            {
                found.push(format!("{time} {from:?}>{to:?}"));
            }
        }
        let expected: &[_] = if goes_on { &["5 Running>Syscall", "6 Syscall>Running"] } else { &["5 Running>Syscall"] };
        assert_eq!(found, expected, "{sampled:?}");
    }
}

#[test]
fn nothing_but_a_header() {
    for version in [Version::Go111, Version::Go119, Version::Go121] {
        let lines = listed(&version.header());
        let expected =
            ["0 m-1 p-1 g-1: Sync { sync: 1 }", "byte 16: no frequency of the clock: 64 ns per tick are assumed"];
        assert_eq!(lines, expected);
    }
}

#[test]
fn regions_that_do_not_nest_are_noted() {
    let region = |mode, name| [0, mode, name, 0];
    let regions = [region(0, 1), region(0, 2), region(1, 1)];
    let records: Vec<(EventType, u64, &[u64])> = regions.iter().map(|args| (UserRegion, 1, &args[..])).collect();
    let file = file(&[(0, &[&BEGIN[..], &records].concat())]);
    let diagnostics = Reader::new(&file).expect("a header").finish().diagnostics;
    let found: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["byte 16: regions that end while another one is open inside them, which go tool trace refuses and \
        goroscope repair puts right: 1"]
    );
}

/// Programs do not use the number of a task twice.
#[test]
fn a_task_that_begins_twice() {
    let create = |task| [task, 0, 1, 0];
    for (second, problems) in [(5, 1), (6, 0)] {
        let tasks = [create(5), create(second)];
        let records: Vec<(EventType, u64, &[u64])> = tasks.iter().map(|args| (UserTaskCreate, 1, &args[..])).collect();
        let file = file(&[(0, &[&BEGIN[..], &records].concat())]);
        let diagnostics = Reader::new(&file).expect("a header").finish().diagnostics;
        let found: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
        let expected = ["byte 64: tasks that begin again while they go on: 1"];
        assert_eq!(found, expected[..problems]);
    }
}

/// A trace that begins with a batch, as all do that Go writes.
fn begun() -> Vec<u8> {
    let mut bytes = file(&[(0, &BEGIN)]);
    drop(bytes.drain(16..28));
    bytes
}

/// A trace in which a program logs a text.
fn logging(text: &[u8]) -> Vec<u8> {
    let mut bytes = begun();
    let frequency = bytes.len() - 6;
    let mut record = Vec::new();
    push(&mut record, UserLog.byte() | 3 << 6, &[4, 1, 0, 0, 0, text.len() as u64]);
    record.extend(text);
    bytes.splice(frequency..frequency, record);
    bytes
}

/// The frequency stands behind all events; what looks like another one is a part of something that was damaged.
#[test]
fn of_two_frequencies_the_last_one_holds() {
    let events = [(GoSched, 10, &[0][..]), (GoStartLocal, 10, &[1])].repeat(12);
    let mut whole = file(&[(0, &[&BEGIN[..], &events].concat())]);
    let place = whole.len() - 6 - 20 * 4;
    for id in 3..9 {
        push(&mut whole, String.byte(), &[id, 9]);
        whole.extend(b"main.main");
    }
    let mut damaged = whole.clone();
    damaged.splice(place..place, [2, 97]);
    let mut expected = listed(&whole);
    let found = listed(&damaged);
    expected.push(found.last().cloned().unwrap_or_default());
    assert_eq!(found, expected);
    assert!(found.last().is_some_and(|line| line.contains("Frequency that cannot be")), "{found:?}");
}

/// What follows a text that filled a buffer of the runtime, which then said that it wrote three bytes more, is read.
#[test]
fn a_text_that_was_cut_to_its_buffer() {
    for (buffer, has_batch_behind) in [(64_488, true), (65_008, true), (64_488, false)] {
        let mut file = file(&[(0, &BEGIN), (1, &[])]);
        let frequency = file.split_off(file.len() - 6);
        let begin = file.len() - 3;
        push(&mut file, UserLog.byte() | 3 << 6, &[4, 1, 0, 2, 0]);
        let room = buffer - (file.len() - begin);
        push(&mut file, room as u8 & 0x7f | 0x80, &[room as u64 >> 7]);
        file.resize(begin + buffer, b'x');
        if has_batch_behind {
            push(&mut file, Batch.byte() | 1 << 6, &[0, (1 << 31) + 100]);
            push(&mut file, UserLog.byte() | 3 << 6, &[4, 1, 0, 1, 0, 2]);
            file.extend(b"hi");
        }
        file.extend(frequency);
        let lines = listed(&file);
        let logs = lines.iter().filter_map(|line| line.split_once(": log "));
        let texts: Vec<_> = logs.map(|(_, log)| (&log[..6], log.len())).collect();
        let long = ("two xx", "two ".len() + room - 3);
        let expected: &[_] = if has_batch_behind { &[long, ("one hi", 6)] } else { &[long] };
        assert_eq!(texts, expected, "{buffer}");
        let notes: Vec<_> = lines.iter().filter(|line| line.starts_with("byte ")).collect();
        assert!(matches!(notes[..], [note] if note.contains("three bytes more")), "{notes:?}");
    }
}

/// Where the traces of a file begin, and how many problems it has.
fn begins(file: &[u8]) -> (Vec<u64>, usize) {
    let finished = Reader::new(file).expect("a header").finish();
    (finished.traces.iter().map(|trace| trace.offset).collect(), finished.diagnostics.len())
}

#[test]
fn a_text_may_say_what_a_header_says() {
    let other = begun();
    let header = Version::Go121.header();
    for text in [&header[..], &[&header[..], b" and so on"].concat(), &other, &[&other[..], b"!"].concat()] {
        let logging = logging(text);
        assert_eq!(begins(&logging), (vec![0], 0), "{text:?}");
        let len = logging.len() as u64;
        assert_eq!(begins(&[&logging[..], &other, &logging].concat()), (vec![0, len, len + other.len() as u64], 2));
    }
}

#[test]
fn a_header_in_a_text_that_was_cut() {
    let other = begun();
    let whole = logging(&b"something that is longer than what follows ".repeat(9));
    let begin = whole.len() - 6 - 9 * 43;
    for cut in [begin - 1, begin, begin + 1, begin + 40, begin + 300, whole.len() - 7, whole.len() - 3] {
        let (found, problems) = begins(&[&whole[..cut], &other].concat());
        assert_eq!(found, [0, cut as u64], "cut at {cut} of {}", whole.len());
        assert!(problems > 1, "cut at {cut}");
    }
}

#[test]
fn a_header_behind_damage() {
    let other = begun();
    let mut damaged = logging(&Version::Go121.header());
    damaged[40..44].fill(0);
    assert_eq!(begins(&damaged).0, [0], "a text of which nothing follows");
    assert_eq!(begins(&[&damaged[..], &other].concat()).0, [0, damaged.len() as u64]);
}

/// However many headers there are, in texts of texts, each byte is looked at a few times only.
#[test]
fn many_headers_in_many_texts() {
    let mut nested = begun();
    for _ in 0..12 {
        nested = logging(&[&nested[..], b"!", &nested].concat());
    }
    assert_eq!(begins(&nested), (vec![0], 0));
    nested.push(0);
    assert!(begins(&nested).0.len() > 1, "damaged, it is what it looks like");
}
