//! Events per second from the bytes of a trace to ordered events: on one thread, with a second one that decodes ahead,
//! and with more that order generations ahead.
//!
//! `cargo bench -p goroscope-reader --bench read_events_per_second -- trace.out …`
//!
//! Without arguments it makes a trace of its own: threads that hand goroutines to each other.
#![expect(clippy::print_stdout, reason = "a program")]

use std::num::NonZero;
use std::time::Instant;

use goroscope_reader::{OpenError, ReadAhead, ReadOptions, Reader, read_ahead};
use goroscope_wire::{EventType, RawClock, RawEvent, TraceWriter, Version};

/// How often each trace is read; the best time counts.
const ROUNDS: usize = 5;

/// How many threads read it.
const THREADS: [usize; 4] = [1, 2, 3, 4];

/// Events that are taken at a time.
const BATCH: usize = 512;

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if paths.is_empty() {
        for threads in [1, 4, 64, 4096] {
            measure(&format!("{threads} threads"), &made(threads, 1_000_000));
        }
    }
    for path in paths {
        match std::fs::read(&path) {
            Ok(file) => measure(&path, &file),
            Err(error) => println!("{path}: {error}"),
        }
    }
}

fn measure(name: &str, file: &[u8]) {
    for threads in THREADS {
        let way = match threads {
            1 => "one thread".to_owned(),
            2 => "decoded ahead".to_owned(),
            _ => format!("side by side on {threads} threads"),
        };
        let mut best = f64::INFINITY;
        let mut events = 0;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let Ok(taken) = take_all(file, threads) else {
                println!("{name}: not a trace");
                return;
            };
            events = taken;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let (rate, throughput) = (events as f64 / best / 1e6, file.len() as f64 / best / 1e6);
        println!("{name}, {way}: {events} events, {rate:.1} M events/s, {throughput:.0} MB/s, {:.1} ms", best * 1e3);
    }
}

/// Takes all events of a file; gives their number.
fn take_all(file: &[u8], threads: usize) -> Result<usize, OpenError> {
    let threads = NonZero::new(threads).unwrap_or(NonZero::<usize>::MIN);
    read_ahead(file, ReadOptions::default(), ReadAhead::on(threads), take)
}

fn take(mut reader: Reader<'_>) -> usize {
    let (mut events, mut batch) = (0, Vec::new());
    while reader.fill(&mut batch, BATCH) {
        events += std::hint::black_box(&batch).len();
    }
    events
}

/// A trace in which every thread runs a goroutine of its own that is unblocked by the thread before it.
fn made(threads: u64, events: u64) -> Vec<u8> {
    let mut writer = TraceWriter::new(Version::Go126);
    writer.sync(1, 0, 1_000_000_000, RawClock { time: 0, mono: 0, sec: 0, nsec: 0 });
    let rounds = events / threads / 4;
    for thread in 0..threads {
        let mut time = 0;
        let mut round = 0;
        while round < rounds {
            let base = time;
            writer.batch(1, thread + 1, base, |batch| {
                let mut at = base;
                let mut event = |at_time: u64, kind, args: [u64; 4]| {
                    batch.event(RawEvent { kind, dt: at_time - at, args });
                    at = at_time;
                };
                if round == 0 {
                    event(1, EventType::ProcStatus, [thread, 1, 0, 0]);
                    event(2, EventType::GoStatus, [thread + 1, u64::MAX, 4, 0]);
                }
                for _ in 0..2000.min(rounds - round) {
                    let base = (round + 1) * 1000 + thread % 97;
                    let other = (thread + 1) % threads + 1;
                    event(base, EventType::GoUnblock, [other, 2 * round + 1, 0, 0]);
                    event(base + 300, EventType::GoStart, [thread + 1, 2 * round + 2, 0, 0]);
                    event(base + 500, EventType::HeapAlloc, [round * 64, 0, 0, 0]);
                    event(base + 600, EventType::GoBlock, [0, 0, 0, 0]);
                    round += 1;
                    time = base + 600;
                }
            });
        }
    }
    writer.end_of_generation();
    writer.into_bytes()
}
