//! Batches of experiments, also of those that no Go so far has.

use goroscope_edit::{Edited, Pseudonyms, ReadOptions, UnknownVersion, Window, anonymize, cut, merge, repair};
use goroscope_reader::Reader;
use goroscope_wire::{HEADER_LEN, TraceWriter, Version};

use crate::recorded::{KNOWN, quietly, trace};

/// A batch: its experiment, generation and bytes.
type Batch = (u8, u64, Vec<u8>);

/// A trace of two generations, each of which begins with batches of these experiments.
fn file(experiments: &[u8]) -> Vec<u8> {
    let plain = trace("flight-1.27");
    let finished = Reader::new(&plain).expect("a trace").finish();
    let mut file = plain.clone();
    for generation in finished.generations.iter().rev() {
        let mut writer = TraceWriter::new(Version::Go126);
        for &experiment in experiments {
            let bytes = format!("\x02{experiment} in generation {}", generation.number);
            let time = (generation.start.0 + finished.clock_zero) as u64 / 64;
            writer.experimental(experiment, generation.number, 7, time, bytes.as_bytes());
        }
        let at = generation.offset as usize;
        file.splice(at..at, writer.into_bytes().split_off(HEADER_LEN));
    }
    file
}

/// Those of a trace; its generations are numbered from 1.
fn batches(file: &[u8]) -> Vec<Batch> {
    let finished = Reader::new(file).expect("a trace").finish();
    assert_eq!(finished.diagnostics, []);
    let first = finished.generations[0].number;
    let batch = |batch: &goroscope_reader::ExperimentalBatch| {
        assert_eq!(batch.thread.0, 7);
        let at = batch.offset as usize;
        (batch.experiment, batch.generation - first + 1, file[at..at + batch.bytes as usize].to_vec())
    };
    finished.experimental.iter().map(batch).collect()
}

fn check(edited: &Edited, expected: &[Batch], left_out: u64) {
    assert_eq!(batches(&edited.bytes), expected);
    assert_eq!((edited.experimental, edited.experimental_left_out), (expected.len() as u64, left_out));
}

#[test]
fn unknown_experiments_are_copied() {
    let file = file(&[1, 2, 200]);
    let expected = batches(&file);
    assert_eq!(expected.len(), 6);
    check(&quietly(|progress| repair(&file, KNOWN, progress)).expect("a trace"), &expected, 0);
    check(&quietly(|progress| merge(&[&file, &file], KNOWN, progress)).expect("one process").edited, &expected, 0);
    let window = Window { from: i64::MIN, to: i64::MAX };
    check(&quietly(|progress| cut(&file, KNOWN, window, progress)).expect("a part"), &expected, 0);
}

#[test]
fn of_a_part_its_generations_are_copied_and_allocations_from_the_start_on() {
    let file = file(&[1, 2]);
    let all = batches(&file);
    let second = Reader::new(&file).expect("a trace").finish().generations[1].start.0;
    let part = |from, to| quietly(|progress| cut(&file, KNOWN, Window { from, to }, progress)).expect("a part");
    check(&part(i64::MIN, second - 1_000), &all[..2], 0);
    let moved = |batch: &Batch| (batch.0, 1, batch.2.clone());
    check(&part(second + 1_000_000, i64::MAX), &[moved(&all[0]), moved(&all[2]), moved(&all[3])], 0);
}

#[test]
fn anonymous_traces_have_none() {
    let edited = quietly(|progress| anonymize(&file(&[1, 2]), KNOWN, Pseudonyms::Counted, progress));
    check(&edited.expect("a trace"), &[], 4);
}

#[test]
fn a_number_that_may_be_wrong_is_not_kept() {
    let known = |file: &[u8]| batches(file).into_iter().filter(|batch| batch.0 == 1).collect::<Vec<_>>();
    // Go's reader would take the bytes of number 0 for events.
    let zero = file(&[0, 1]);
    check(&quietly(|progress| repair(&zero, KNOWN, progress)).expect("a trace"), &known(&zero), 2);
    let whole = file(&[1, 2]);
    let cut = &whole[..whole.len() - 40];
    let edited = quietly(|progress| repair(cut, KNOWN, progress)).expect("a trace");
    check(&edited, &known(&whole), 2);
    let mut newer = whole.clone();
    newer[..HEADER_LEN].copy_from_slice(b"go 1.28 trace\0\0\0");
    let attempt = ReadOptions { unknown_version: UnknownVersion::Attempt };
    check(&quietly(|progress| repair(&newer, attempt, progress)).expect("a trace"), &known(&whole), 2);
}
