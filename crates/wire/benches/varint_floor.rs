//! How many raw events one core decodes in a second: the floor under every reader of a trace.
//!
//! `cargo bench -p goroscope-wire -- trace.out`; without a file, on a synthetic trace.

#![expect(clippy::print_stdout, reason = "a bench reports by printing")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use goroscope_wire::{
    BatchKind, Batches, EventType, HEADER_LEN, Item, MAX_BATCH_LEN, RawEvent, TimedEvents, TraceWriter, Version,
    WireError, parse_header,
};

/// Passes over the file; the fastest counts.
const PASSES: usize = 15;

fn main() {
    // Cargo passes `--bench`.
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let (name, file) = match path {
        Some(path) => {
            let file = std::fs::read(&path).expect("the trace file is readable");
            (path, file)
        }
        None => ("synthetic".into(), synthetic()),
    };
    let version = parse_header(&file).expect("a trace of the v2 format");
    let mut fastest = Duration::MAX;
    let mut events = 0;
    for _ in 0..PASSES {
        let start = Instant::now();
        events = decode(version, black_box(&file)).expect("a whole trace");
        fastest = fastest.min(start.elapsed());
    }
    let per_event = fastest.as_secs_f64() * 1e9 / events as f64;
    println!(
        "varint_floor {name}: {events} events, {} bytes, {:.1} M events/s, {:.0} MB/s, {per_event:.2} ns/event",
        file.len(),
        1e3 / per_event,
        file.len() as f64 / fastest.as_secs_f64() / 1e6,
    );
}

/// Decodes every timed event and folds its numbers, so that none can be left out.
fn decode(version: Version, file: &[u8]) -> Result<u64, WireError> {
    let (mut events, mut sum) = (0, 0_u64);
    for item in Batches::new(version, file, HEADER_LEN as u64) {
        let Item::Batch(batch) = item? else { continue };
        if batch.kind != BatchKind::Events {
            continue;
        }
        let mut time = batch.time;
        let mut timed = TimedEvents::new(version, batch.data, batch.data_offset);
        let mut args = [0; 4];
        while let Some((kind, dt)) = timed.next_into(&mut args)? {
            time = time.wrapping_add(dt);
            let [a, b, c, d] = args;
            sum = sum.wrapping_add(time ^ a ^ b ^ c ^ d ^ u64::from(kind.byte()));
            events += 1;
        }
    }
    black_box(sum);
    Ok(events)
}

/// Eight million events of random kinds with numbers of random length: nothing for the branch predictor to learn, which
/// makes it two to four times slower than traces of real programs.
fn synthetic() -> Vec<u8> {
    const KINDS: [EventType; 8] = [
        EventType::GoStart,
        EventType::GoUnblock,
        EventType::GoBlock,
        EventType::GoStart,
        EventType::GoSyscallBegin,
        EventType::GoSyscallEnd,
        EventType::GoUnblock,
        EventType::GoStop,
    ];
    let mut writer = TraceWriter::new(Version::Go126);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = 8_000_000;
    while left > 0 {
        writer.batch(1, 7, 1, |batch| {
            while left > 0 && batch.len() < MAX_BATCH_LEN - 64 {
                // xorshift64: the same trace on every machine.
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let kind = KINDS[(random & 7) as usize];
                let dt = (random >> 8) & (if random & 8 == 0 { 0x7f } else { 0x3ff });
                let args = [(random >> 20) & 0xfff, (random >> 32) & 0x3ff, (random >> 44) & 0xff, 0];
                batch.event(RawEvent { kind, dt, args });
                left -= 1;
            }
        });
    }
    writer.end_of_generation();
    writer.into_bytes()
}
