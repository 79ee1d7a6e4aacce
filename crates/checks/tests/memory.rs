//! Memory is bounded by a multiple of the input, damaged or not: measured, allocation by allocation.
//!
//! One test only: what runs beside it would be counted as well.

mod packed;

use goroscope_checks::meter::{Meter, within};
use goroscope_checks::{columns, reading};
use goroscope_model::Trace;
use goroscope_reader::Reader;
use goroscope_wire::{HEADER_LEN, Version};

#[global_allocator]
static METER: Meter = Meter;

/// The dearest file so far, by what it takes for each of its bytes beside the fixed part.
#[derive(Default)]
struct Dearest {
    reading: (usize, String),
    model: (usize, String),
}

impl Dearest {
    fn check(&mut self, file: &[u8], what: &str) {
        let (_, took) = within(reading::MEMORY, file.len(), || {
            let mut reader = Reader::new(file).expect("the header is whole");
            while reader.next().is_some() {}
            reader.finish()
        });
        let rate = |took: usize, fixed: usize| took.saturating_sub(fixed) / file.len();
        let reading = rate(took, reading::MEMORY.fixed);
        if reading > self.reading.0 {
            self.reading = (reading, what.to_owned());
        }
        let (_, took) = within(columns::MEMORY, file.len(), || Trace::read(file, &mut |_| {}));
        let model = rate(took, columns::MEMORY.fixed);
        if model > self.model.0 {
            self.model = (model, what.to_owned());
        }
    }
}

/// Files made of the same few bytes again and again, each meant to cost more than it weighs.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let repeated = |version: Version, len: usize, part: &dyn Fn(u64) -> Vec<u8>| {
        let mut file = version.header().to_vec();
        let mut number = 0;
        while file.len() < len {
            file.extend(part(number));
            number += 1;
        }
        file
    };
    let varint = |mut number: u64| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let len = 300_000;
    let batch =
        |thread: u64, data: &[u8]| [&[1, 1], &*varint(thread), &[9], &*varint(data.len() as u64), data].concat();
    let v1 = |number: u64, kind: u8| [&[kind | 1 << 6, 0][..], &varint(number)].concat();
    vec![
        ("a thread in each batch", repeated(Version::Go126, len, &|i| batch(i, &[]))),
        (
            "a goroutine in each event",
            repeated(Version::Go126, len, &|i| {
                let events: Vec<u8> =
                    (0..6000).flat_map(|n| [&[25, 1], &*varint(i * 6000 + n), &[0, 4]].concat()).collect();
                batch(1, &events)
            }),
        ),
        (
            "a proc in each event",
            repeated(Version::Go126, len, &|i| {
                let events: Vec<u8> =
                    (0..6000).flat_map(|n| [&[13, 1], &*varint(i * 6000 + n), &[2]].concat()).collect();
                batch(1, &events)
            }),
        ),
        (
            "a task in each event",
            repeated(Version::Go126, len, &|i| {
                let events: Vec<u8> =
                    (0..6000).flat_map(|n| [&[40, 1], &*varint(i * 6000 + n), &[0, 0, 0]].concat()).collect();
                batch(1, &events)
            }),
        ),
        (
            "a thread that waits in each batch",
            repeated(Version::Go126, len, &|i| batch(i, &[&[16, 1], &*varint(i), &[9]].concat())),
        ),
        (
            "a generation in each batch",
            repeated(Version::Go126, len, &|i| [&[1], &*varint(i + 1), &[1, 9, 0]].concat()),
        ),
        (
            "an empty string in each entry",
            repeated(Version::Go126, len, &|i| {
                let entries: Vec<u8> =
                    (0..6000).flat_map(|n| [&[5], &*varint(i * 6000 + n + 1), &[0]].concat()).collect();
                batch(u64::MAX, &[&[4], &*entries].concat())
            }),
        ),
        (
            "a stack in each entry",
            repeated(Version::Go126, len, &|i| {
                let entries: Vec<u8> =
                    (0..6000).flat_map(|n| [&[3], &*varint(i * 6000 + n + 1), &[1, 9, 0, 0, 0]].concat()).collect();
                batch(u64::MAX, &[&[2], &*entries].concat())
            }),
        ),
        ("garbage that could be batches", repeated(Version::Go126, len, &|_| vec![1, 1, 1, 1, 1, 1, 9])),
        (
            "old: a goroutine in each record",
            repeated(Version::Go121, len, &|i| {
                if i == 0 { vec![0x41, 0, 1] } else { v1(i, 31) }
            }),
        ),
        ("old: a proc in each batch", repeated(Version::Go121, len, &|i| [&[0x41], &*varint(i), &[1]].concat())),
        ("old: a string in each record", repeated(Version::Go121, len, &|i| [&[37], &*varint(i + 1), &[0]].concat())),
    ]
}

#[test]
fn memory_is_bounded_by_a_multiple_of_the_input() {
    let mut dearest = Dearest::default();
    let recorded = packed::recorded();
    for (name, file) in &recorded {
        dearest.check(file, name);
        for part in 1..8 {
            let at = file.len() * part / 8;
            dearest.check(&file[..at.max(HEADER_LEN)], &format!("{name} cut at {at}"));
            let mut damaged = file.clone();
            damaged[at..].iter_mut().step_by(997).for_each(|byte| *byte ^= 0x81);
            dearest.check(&damaged, &format!("{name} damaged from {at}"));
        }
    }
    // Each with the one behind it in the list: now and then one of an older format.
    for pair in recorded.windows(2) {
        let [(one, first), (other, second)] = pair else { continue };
        let mut file = [&**first, &**second].concat();
        dearest.check(&file, &format!("{one} and {other}"));
        dearest.check(&file[..first.len() + second.len() / 2], &format!("{one} and half of {other}"));
        file[first.len() / 2..].iter_mut().step_by(997).for_each(|byte| *byte ^= 0x81);
        dearest.check(&file, &format!("{one} and {other}, damaged"));
    }
    for (what, file) in hostile() {
        dearest.check(&file, what);
    }
    let Dearest { reading: (reading, what), model: (model, of_what) } = dearest;
    println!("reading: {reading} bytes a byte for {what}; model: {model} for {of_what}");
    assert!(reading > 0 && model > 0, "it is measured");
}
