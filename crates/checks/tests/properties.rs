//! What must hold for any file, on played programs: whole, damaged, and with batches in any order.

mod packed;

use std::collections::BTreeMap;

use goroscope_checks::nearly_valid;
use goroscope_checks::program::{Choices, play};
use goroscope_reader::{Event, Reader, Severity, StringIdx};
use goroscope_wire::{Batches, HEADER_LEN, Item, NO_THREAD, parse_header, v1};

/// Numbers without a pattern, the same on every run; the constants are Knuth's for MMIX.
struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.byte()).collect()
    }
}

#[test]
fn whole_programs_are_read_whole_in_any_order_of_batches() {
    let mut random = Random(1);
    let mut events = 0;
    for round in 0..400 {
        let bytes = random.bytes(40 + round * 4);
        let recording = play(&mut Choices::new(&bytes));
        nearly_valid::whole(&recording, random.byte());
        events += recording.event_count();
    }
    assert!(events > 50_000, "{events} events: programs do something");
}

#[test]
fn whole_and_damaged_programs_of_the_old_format_keep_what_holds_for_any_file() {
    let mut random = Random(3);
    for round in 0..600 {
        let mut bytes = random.bytes(40 + round * 2);
        if round % 2 == 0 {
            bytes[0] = 0; // No damage.
        }
        nearly_valid::v1(&bytes);
    }
}

#[test]
fn damaged_programs_keep_what_holds_for_any_file() {
    let mut random = Random(2);
    for round in 0..400 {
        let mut bytes = random.bytes(60 + round * 2);
        bytes[0] |= 1; // Some damage.
        nearly_valid::any(&bytes);
    }
}

/// The pieces of a file behind its header, each with the thread or proc whose batch it is; those of nobody stay where
/// they are. Pieces of different runs may not change places.
type Piece<'f> = (Option<u64>, u32, &'f [u8]);

fn pieces(file: &[u8]) -> Vec<Piece<'_>> {
    let version = parse_header(file).expect("a header");
    let mut found = Vec::new();
    let mut run = 0;
    let mut push = |owner: Option<u64>, from: u64, to: u64| {
        run += u32::from(owner.is_none());
        found.push((owner, run, &file[from as usize..to as usize]));
        run += u32::from(owner.is_none());
    };
    if version.is_v1() {
        let mut records = v1::Records::new(version, &file[HEADER_LEN..], HEADER_LEN as u64);
        let (mut owner, mut from, mut at) = (None, HEADER_LEN as u64, HEADER_LEN as u64);
        while let Some(record) = records.next() {
            if let v1::Record::Batch { proc, .. } = record.expect("a whole file") {
                push(owner, from, at);
                (owner, from) = (proc.map(u64::from), at);
            }
            at = records.offset();
        }
        push(None, from, file.len() as u64);
    } else {
        let mut batches = Batches::new(version, file, HEADER_LEN as u64);
        let (mut from, mut generation) = (HEADER_LEN as u64, 0);
        while let Some(item) = batches.next() {
            let owner = match item.expect("a whole file") {
                Item::Batch(batch) => {
                    let follows = std::mem::replace(&mut generation, batch.generation) == batch.generation;
                    Some(batch.thread).filter(|&thread| thread != NO_THREAD && follows)
                }
                Item::EndOfGeneration { .. } => None,
            };
            push(owner, from, batches.position());
            from = batches.position();
        }
    }
    found
}

/// The file with all batches of one thread behind each other, between those that are nobody's.
fn gathered(file: &[u8]) -> Vec<u8> {
    let mut runs: BTreeMap<u32, Vec<Piece<'_>>> = BTreeMap::new();
    for piece in pieces(file) {
        runs.entry(piece.1).or_default().push(piece);
    }
    let mut out = file[..HEADER_LEN].to_vec();
    for run in runs.values_mut() {
        run.sort_by_key(|&(owner, ..)| std::cmp::Reverse(owner));
        for (.., bytes) in run {
            out.extend_from_slice(bytes);
        }
    }
    out
}

/// The events of a file, with texts and frames in place of their rows.
fn told(file: &[u8]) -> Vec<String> {
    let mut reader = Reader::new(file).expect("a header");
    let events: Vec<Event> = std::iter::from_fn(|| reader.next()).collect();
    let finished = reader.finish();
    let loses = finished.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss);
    assert!(!loses, "{:?}", finished.diagnostics);
    let symbols = finished.symbols;
    let with_texts = |event: &Event| {
        let shown = format!("{event:?}");
        let mut parts = shown.split("StringIdx(");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (row, rest) = part.split_once(')').expect("a row ends");
            out.push_str(symbols.string(StringIdx(row.parse().expect("a number"))));
            out.push_str(rest);
        }
        let pcs = symbols.stack(event.stack).iter().map(|&frame| symbols.frame(frame).pc);
        format!("{out} {:?}", pcs.collect::<Vec<_>>())
    };
    events.iter().map(with_texts).collect()
}

#[test]
fn recorded_traces_do_not_depend_on_how_batches_of_threads_follow_each_other() {
    let mut different = 0;
    for (name, file) in packed::recorded() {
        let other = gathered(&file);
        assert_eq!(file.len(), other.len(), "{name}");
        different += u32::from(file != other);
        let (events, others) = (told(&file), told(&other));
        let first = events.iter().zip(&others).find(|(event, other)| event != other);
        assert_eq!((first, events.len()), (None, others.len()), "{name}");
    }
    assert!(different >= 5, "{different} files had batches in another order");
}
