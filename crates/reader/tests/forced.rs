//! Traces of a Go that is newer than this program: refused unless forced, and then read as the newest that is known.
//!
//! The newer traces are made of recorded ones: their headers are changed, and events of unknown numbers are written
//! between their events.

mod packed;
mod random;
mod support;

use std::collections::BTreeMap;

use goroscope_reader::{Diagnostic, Event, EventKind, Finished, OpenError, Reader, Severity};
use goroscope_wire::{Batch, BatchKind, Batches, HEADER_LEN, Item, MAX_BATCH_LEN, TimedEvents, Version, text};
use random::Random;

/// Unknown numbers with how many arguments they have.
const STRANGE: [(u8, usize); 6] = [(61, 2), (62, 0), (70, 4), (200, 1), (53, 5), (77, 3)];

fn read(file: &[u8]) -> (Vec<Event>, Finished) {
    let mut reader = Reader::forced(file).expect("a trace");
    let events = std::iter::from_fn(|| reader.next()).collect();
    (events, reader.finish())
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_batch(out: &mut Vec<u8>, batch: &Batch<'_>, data: &[u8]) {
    match batch.kind {
        BatchKind::Experimental(number) => out.extend([49, number]),
        BatchKind::Events | BatchKind::Strings | BatchKind::Stacks | BatchKind::CpuSamples | BatchKind::Sync => {
            out.push(1);
        }
    }
    for value in [batch.generation, batch.thread, batch.time, data.len() as u64] {
        varint(out, value);
    }
    out.extend_from_slice(data);
}

/// A trace with unknown events in it, one in `every` on average, and how many of each number.
fn with_strangers(file: &[u8], version: Version, every: u64) -> (Vec<u8>, BTreeMap<u8, Vec<[u64; 5]>>) {
    let mut random = Random(every);
    let mut out = b"go 1.28 trace\0\0\0".to_vec();
    let mut put: BTreeMap<u8, Vec<[u64; 5]>> = BTreeMap::new();
    for item in Batches::new(version, file, HEADER_LEN as u64) {
        let batch = match item.expect("whole") {
            Item::Batch(batch) => batch,
            Item::EndOfGeneration { .. } => {
                out.push(52);
                continue;
            }
        };
        if batch.kind != BatchKind::Events {
            put_batch(&mut out, &batch, batch.data);
            continue;
        }
        let mut data = Vec::new();
        let mut events = TimedEvents::new(version, batch.data, 0);
        let mut from = 0;
        while let Some(event) = events.next() {
            let event = event.expect("whole");
            let to = events.offset() as usize;
            let room = MAX_BATCH_LEN - data.len() - (batch.data.len() - from);
            if random.next().is_multiple_of(every) && event.dt > 2 && room > 60 {
                let (number, count) = STRANGE[random.next() as usize % STRANGE.len()];
                let mut args = [0; 5];
                for arg in args.iter_mut().take(count) {
                    *arg = random.next() >> (random.next() % 64);
                }
                data.push(number);
                varint(&mut data, 1);
                args.iter().take(count).for_each(|&arg| varint(&mut data, arg));
                put.entry(number).or_default().push(args);
                data.push(event.kind.byte());
                varint(&mut data, event.dt - 1);
                (0..event.kind.spec().args.len()).for_each(|arg| varint(&mut data, event.args[arg]));
            } else {
                data.extend_from_slice(&batch.data[from..to]);
            }
            from = to;
        }
        put_batch(&mut out, &batch, &data);
    }
    (out, put)
}

fn check(name: &str, version: Version, every: u64) {
    let file = packed::recorded(name);
    let (newer, put) = with_strangers(&file, version, every);
    assert_eq!(Reader::new(&newer).err(), Some(OpenError::NewVersion(28)), "{name}");
    let (all, _) = read(&file);
    let (events, finished) = read(&newer);
    let mut found: BTreeMap<u8, Vec<[u64; 5]>> = BTreeMap::new();
    let mut known = Vec::new();
    for event in events {
        match event.kind {
            EventKind::Unknown { number, args, .. } => found.entry(number).or_default().push(args),
            _ => known.push(event),
        }
    }
    for (number, args) in &mut found {
        args.sort_unstable();
        let mut expected = put.get(number).cloned().unwrap_or_default();
        expected.sort_unstable();
        assert_eq!(args.len(), expected.len(), "{name}, one in {every}: number of events {number}");
        assert!(*args == expected, "{name}, one in {every}: arguments of event {number}");
        assert_eq!(finished.counts[usize::from(*number)], args.len() as u64);
    }
    assert_eq!(found.len(), put.len(), "{name}");
    assert!(known == all, "{name}, one in {every}: the known events are others");
    assert!(finished.diagnostics.iter().all(|it| it.severity == Severity::Note), "{name}: {:?}", finished.diagnostics);
    assert_eq!(finished.diagnostics.len(), 1 + put.len(), "{name}: {:?}", finished.diagnostics);
}

#[test]
fn unknown_events_are_kept_and_known_ones_stay() {
    for name in ["mix-1.27", "crowd-1.27", "flight-1.27", "steps-1.27"] {
        // Of a number that is there once or twice more than one count can make sense.
        for every in [3, 20, 50] {
            check(name, Version::Go126, every);
        }
    }
}

/// What a text trace of Go 1.26 gives with another version in its header.
fn forced(minor: &str, trace: &str) -> String {
    let mut file = text::parse(trace).expect("the text is right");
    let header = format!("go 1.{minor} trace");
    file[..HEADER_LEN].fill(0);
    file[..header.len()].copy_from_slice(header.as_bytes());
    let dump = support::dump_with(Reader::forced(&file).expect("a trace"));
    format!("{}{}", dump.events, support::outcome(&dump.finished))
}

#[test]
fn one_unknown_event() {
    let trace = "Trace Go1.26\nGeneration 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\n\
                 GoStatus g=1 m=1 gstatus=Running\nBytes data=\"\\x3d\\x05\\x07\\x81\\x01\"\nHeapAlloc heapalloc_value=7\n\
                 GoBlock\n";
    assert_eq!(
        forced("99", trace),
        "     0 - - -        sync 1\n     1 m1 - -       p0: ? -> running\n     2 m1 p0 -      g1: ? -> running\n     \
         7 m1 p0 g1     event 61 [7, 129]\n     8 m1 p0 g1     HeapLive = 7\n     9 m1 p0 g1     g1: running -> \
         waiting\n     9 - - -        sync 2\ngeneration 1: complete, 4 events from 0\nNote: byte 0: the header says go \
         1.99, which is not known: read as go 1.26; 0 bytes lost\nNote: byte 56: event 61 is not known: 1 of them are \
         kept without a meaning; by what follows them, they have this many arguments: 2; 0 bytes lost\n"
    );
}

#[test]
fn a_table_of_an_unknown_kind() {
    let trace = "Trace Go1.26\nGeneration 1\nEventBatch m=1 time=100\nProcStatus p=0 pstatus=Running\n\
                 EventBatch m=- time=101\nBytes data=\"\\x3c\\x3b\\x02hello\\x04\\x00\\xff\\x00\"\n";
    let found = forced("28", trace);
    assert!(found.contains("a table of the unknown kind 60 is not read: 12 bytes"), "{found}");
    assert!(!found.contains("Loss"), "{found}");
}

#[test]
fn versions_between_those_that_are() {
    for (minor, version) in
        [(12, Version::Go111), (20, Version::Go119), (24, Version::Go123), (27, Version::Go126), (999, Version::Go126)]
    {
        let mut file = version.header().to_vec();
        let header = format!("go 1.{minor} trace");
        file[..HEADER_LEN].fill(0);
        file[..header.len()].copy_from_slice(header.as_bytes());
        assert_eq!(Reader::new(&file).err(), Some(OpenError::NewVersion(minor)));
        let reader = Reader::forced(&file).expect("read all the same");
        assert_eq!((reader.version(), reader.header_minor()), (version, minor));
    }
    assert_eq!(Reader::forced(b"go 1.10 trace\0\0\0").err(), Some(OpenError::OldVersion(10)));
    assert_eq!(Reader::forced(b"go 1.10 trails\0\0").err(), Some(OpenError::NotATrace));
}

/// Noise in a forced trace is damage as in any other.
#[test]
fn noise() {
    let mut random = Random(5);
    let file = packed::recorded("mix-1.27");
    for _ in 0..40 {
        let mut damaged = file.clone();
        damaged[6] = b'8';
        damaged[5] = b'2';
        for _ in 0..20 {
            let at = HEADER_LEN + random.next() as usize % (file.len() - HEADER_LEN);
            damaged[at] ^= 1 + (random.next() % 255) as u8;
        }
        let (events, finished) = read(&damaged);
        assert!(events.len() <= damaged.len());
        let lost: u64 = finished.diagnostics.iter().map(|it: &Diagnostic| it.lost_bytes).sum();
        assert!(lost <= damaged.len() as u64);
    }
}
