//! Files written and read back, tables larger than a batch among them.

use proptest::prelude::*;

use super::*;
use crate::{Batch, Batches, HEADER_LEN, Item, Stacks, cpu_samples, parse_header, strings, text};

/// Reads a file of whole batches.
fn batches(file: &[u8]) -> Vec<Batch<'_>> {
    let version = parse_header(file).unwrap();
    Batches::new(version, file, HEADER_LEN as u64)
        .filter_map(|item| match item.unwrap() {
            Item::Batch(batch) => Some(batch),
            Item::EndOfGeneration { .. } => None,
        })
        .collect()
}

/// Writes a file in both size styles: what is read from it is the same, the padding apart.
fn check(fill: impl Fn(&mut TraceWriter), expected: &str) {
    let write = |sizes| {
        let mut writer = TraceWriter::with_sizes(Version::Go126, sizes);
        fill(&mut writer);
        writer.into_bytes()
    };
    let [minimal, padded] = [SizeStyle::Minimal, SizeStyle::Padded].map(write);
    assert_eq!(text::print(&minimal), (expected.to_owned(), None));
    assert_eq!(text::print(&padded), (expected.to_owned(), None));
    let batches = batches(&minimal).len();
    assert_eq!(padded.len() - minimal.len(), 9 * batches, "ten bytes instead of one");
}

#[test]
fn sizes_are_minimal_or_padded() {
    check(
        |writer| {
            writer.batch(1, 2, 3, |batch| {
                batch.event(RawEvent { kind: EventType::GoStart, dt: 4, args: [5, 6, 7, 8] });
            });
            writer.experimental(1, 1, 2, 3, b"xyz");
            let clock = RawClock { time: 9, mono: 1, sec: 2, nsec: 3 };
            writer.sync(1, 3, 1_000_000_000, clock);
            writer.end_of_generation();
        },
        concat!(
            "Trace Go1.26\n",
            "EventBatch gen=1 m=2 time=3 size=4\n",
            "GoStart dt=4 g=5 g_seq=6\n",
            "ExperimentalBatch exp=1 gen=1 m=2 time=3\n",
            "\tdata=\"xyz\"\n",
            "EventBatch gen=1 m=18446744073709551615 time=3 size=12\n",
            "Sync\n",
            "Frequency freq=1000000000\n",
            "ClockSnapshot dt=6 mono=1 sec=2 nsec=3\n",
            "EndOfGeneration\n",
        ),
    );
}

#[test]
fn large_tables_take_several_batches() {
    let text = [b'x'; 1000];
    let frames = [RawFrame { pc: u64::MAX, function: 1, file: 2, line: 3 }; 128];
    let sample = RawSample { time: 1 << 60, thread: u64::MAX, proc: u64::MAX, go: 1, stack: 2 };
    let mut writer = TraceWriter::new(Version::Go123);
    writer.strings(1, 0, (1..=200).map(|id| StringEntry { id, bytes: &text }));
    writer.stacks(1, 0, (1..=100).map(|id| (id, frames.as_slice())));
    writer.cpu_samples(1, 0, std::iter::repeat_n(sample, 5000));
    writer.strings(1, 0, []);
    let file = writer.into_bytes();

    let batches = batches(&file);
    assert!(batches.iter().all(|batch| batch.data.len() <= MAX_BATCH_LEN));
    let kinds: Vec<_> = batches.iter().map(|batch| format!("{:?}", batch.kind)).collect();
    let expected = "Strings Strings Strings Strings Stacks Stacks Stacks CpuSamples CpuSamples CpuSamples";
    assert_eq!(kinds.join(" "), expected);

    let ids: Vec<_> = batches[..4].iter().flat_map(strings).map(|entry| entry.unwrap().id).collect();
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
    let mut read = (0, Vec::new());
    for batch in &batches[4..7] {
        let mut stacks = Stacks::new(batch);
        while let Some(id) = stacks.next(&mut read.1) {
            read.0 += 1;
            assert_eq!((id, read.1.as_slice()), (Ok(read.0), frames.as_slice()));
        }
    }
    assert_eq!(read.0, 100);
    let samples: Vec<_> = batches[7..].iter().flat_map(cpu_samples).collect();
    assert_eq!(samples, vec![Ok(sample); 5000]);
}

#[test]
fn a_file_can_be_taken_in_pieces() {
    let clock = RawClock { time: 9, mono: 1, sec: 2, nsec: 3 };
    let mut writer = TraceWriter::new(Version::Go125);
    let mut pieces = Vec::new();
    for generation in 1..4 {
        writer.sync(generation, 3, 1_000_000_000, clock);
        pieces.extend(writer.take());
        assert_eq!(writer.bytes(), []);
    }
    let mut whole = TraceWriter::new(Version::Go125);
    (1..4).for_each(|generation| whole.sync(generation, 3, 1_000_000_000, clock));
    assert_eq!(pieces, whole.into_bytes());
}

proptest! {
    /// Whatever their lengths, numbers follow each other as they would alone.
    #[test]
    fn numbers_of_an_event_follow_each_other(
        byte in any::<u8>(),
        numbers in proptest::array::uniform5((any::<u64>(), 0_u32..64)),
    ) {
        let Some(kind) = EventType::from_byte(byte) else { return Ok(()) };
        let [dt, args @ ..] = numbers.map(|(number, shift)| number >> shift);
        let mut expected = vec![0xff, kind.byte()];
        push_varint(&mut expected, dt);
        args.iter().take(kind.spec().args.len()).for_each(|arg| push_varint(&mut expected, *arg));
        let mut batch = BatchWriter { bytes: vec![0xff] };
        batch.event(RawEvent { kind, dt, args });
        prop_assert_eq!(batch.bytes, expected);
    }
}
