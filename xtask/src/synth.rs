//! A synthetic trace: valid, seeded, as large as asked, so that the benches run on any machine without Go.
//!
//! Four threads, each with its proc and its own goroutines, play producers and consumers: a goroutine runs for some
//! microseconds, wakes another of its thread, now and then enters a system call, and blocks on a channel, a mutex,
//! the network or a sleep. Every tenth generation holds a GC cycle with two stop-the-world ranges.
//! No event needs another thread, so any order of the threads is legal.

use crate::say;
use anyhow::{Context, Result};
use goroscope_wire::{EventType, NO_THREAD, RawClock, RawEvent, RawFrame, StringEntry, TraceWriter, Version};
use std::path::Path;

const THREADS: u64 = 4;
const GOROUTINES_PER_THREAD: u64 = 250;
const EVENTS_PER_GENERATION: u64 = 500_000;
const BATCH_BYTES: usize = 60_000;
const FREQUENCY: u64 = 15_625_000;
const RUNNING: u64 = 2;
const WAITING: u64 = 4;

/// Strings of every generation: id − 1 is the index.
const STRINGS: &[&str] = &[
    "chan receive",
    "sync",
    "network",
    "sleep",
    "select",
    "GC mark termination",
    "GC sweep termination",
    "main.worker",
    "main.consume",
    "main.serve",
    "main.refresh",
    "runtime.chanrecv1",
    "/src/bus/main.go",
    "sync.(*Mutex).Lock",
    "net.(*conn).Read",
];
/// Start function of each kind of goroutine, and the string id of the reason it waits for.
const KINDS: [(u64, u64); 4] = [(8, 1), (9, 2), (10, 3), (11, 4)];

/// Writes a trace of about `events` events.
pub fn write(path: &Path, events: u64) -> Result<()> {
    let bytes = trace(events);
    std::fs::write(path, &bytes).with_context(|| format!("write {}", path.display()))?;
    say(&format!("{}: {} bytes, about {events} events", path.display(), bytes.len()));
    Ok(())
}

/// A trace of about `events` events.
pub fn trace(events: u64) -> Vec<u8> {
    let mut writer = TraceWriter::new(Version::Go126);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut clock = 1_000_000;
    let generations = events.div_ceil(EVENTS_PER_GENERATION).max(1);
    let mut running = [0; THREADS as usize];
    for generation in 1..=generations {
        let share = events.div_ceil(generations);
        let time = RawClock { time: clock, mono: clock * 64, sec: 1_790_000_000 + clock / FREQUENCY, nsec: 0 };
        writer.sync(generation, clock, FREQUENCY, time);
        let mut end = clock;
        for (thread, running) in (0..).zip(&mut running) {
            let mut stream = Stream::new(generation, thread, clock);
            stream.play(&mut writer, &mut random, share / THREADS, running);
            end = end.max(stream.clock);
        }
        tables(&mut writer, generation, clock);
        writer.end_of_generation();
        clock = end + 1;
    }
    writer.into_bytes()
}

fn tables(writer: &mut TraceWriter, generation: u64, time: u64) {
    let frame = |pc, function, line| RawFrame { pc, function, file: 13, line };
    let stacks = [
        vec![frame(0x1000, 12, 40), frame(0x1100, 8, 12)],
        vec![frame(0x2000, 14, 70), frame(0x2100, 9, 22)],
        vec![frame(0x3000, 15, 90), frame(0x3100, 10, 32)],
        vec![frame(0x4100, 11, 42)],
    ];
    let strings = STRINGS.iter().zip(1..).map(|(text, id)| StringEntry { id, bytes: text.as_bytes() });
    writer.strings(generation, time, strings);
    writer.stacks(generation, time, stacks.iter().zip(1..).map(|(frames, id)| (id, frames.as_slice())));
}

/// One thread's events of one generation.
struct Stream {
    generation: u64,
    thread: u64,
    clock: u64,
    pending: u64,
    events: Vec<RawEvent>,
    bytes: usize,
    batch_clock: u64,
}

impl Stream {
    fn new(generation: u64, thread: u64, clock: u64) -> Self {
        Self { generation, thread, clock, pending: 1 + thread, events: Vec::new(), bytes: 0, batch_clock: clock }
    }

    /// Plays about `events` events: each goroutine wakes another of its thread and blocks. `running` is the one that
    /// runs, kept from generation to generation.
    fn play(&mut self, writer: &mut TraceWriter, random: &mut Random, events: u64, running: &mut u64) {
        let first = 1 + self.thread * GOROUTINES_PER_THREAD;
        let mut sequence = vec![0; GOROUTINES_PER_THREAD as usize];
        let mut written = 0;
        self.event(EventType::ProcStatus, [self.thread, 1, 0, 0]);
        for member in 0..GOROUTINES_PER_THREAD {
            let status = if member == *running { RUNNING } else { WAITING };
            let thread = if status == RUNNING { self.os_thread() } else { NO_THREAD };
            let stack = 1 + member % KINDS.len() as u64;
            self.event(EventType::GoStatusStack, [first + member, thread, status, stack]);
        }
        if self.thread == 0 && self.generation == 1 {
            self.event(EventType::ProcsChange, [THREADS, 1, 0, 0]);
        }
        let collects = self.thread == 0 && self.generation % 10 == 1;
        if collects {
            self.collect_begin(random);
        }
        while written < events {
            self.advance(random.up_to(400));
            if random.up_to(20) == 0 {
                self.event(EventType::HeapAlloc, [4_000_000 + random.up_to(12_000_000), 0, 0, 0]);
                written += 1;
            }
            let next = random.up_to(GOROUTINES_PER_THREAD);
            if next == *running {
                continue;
            }
            let (_, reason) = KINDS[(*running % 4) as usize];
            self.wake_and_block(first, *running, next, reason, &mut sequence, random);
            written += 3;
            *running = next;
            if self.bytes > BATCH_BYTES {
                self.flush(writer);
            }
        }
        if collects {
            self.event(EventType::GCEnd, [self.collections() + 1, 0, 0, 0]);
        }
        self.flush(writer);
    }

    fn wake_and_block(
        &mut self,
        first: u64,
        from: u64,
        to: u64,
        reason: u64,
        sequence: &mut [u64],
        random: &mut Random,
    ) {
        let stack = 1 + from % KINDS.len() as u64;
        sequence[to as usize] += 1;
        self.event(EventType::GoUnblock, [first + to, sequence[to as usize], stack, 0]);
        self.advance(1 + random.up_to(60));
        self.event(EventType::GoBlock, [reason, stack, 0, 0]);
        self.advance(1 + random.up_to(20));
        sequence[to as usize] += 1;
        self.event(EventType::GoStart, [first + to, sequence[to as usize], 0, 0]);
    }

    /// Two events each of two stop-the-world ranges, with the begin of a GC cycle between them.
    fn collect_begin(&mut self, random: &mut Random) {
        self.event(EventType::STWBegin, [7, 1, 0, 0]);
        self.advance(100 + random.up_to(900));
        self.event(EventType::STWEnd, [0; 4]);
        self.event(EventType::GCBegin, [self.collections(), 1, 0, 0]);
        self.event(EventType::HeapGoal, [16_000_000, 0, 0, 0]);
    }

    /// Sequence number of this generation's GC begin; its end has the next.
    fn collections(&self) -> u64 {
        1 + 2 * (self.generation / 10)
    }

    fn os_thread(&self) -> u64 {
        1000 + self.thread
    }

    fn advance(&mut self, ticks: u64) {
        self.pending += ticks;
    }

    fn event(&mut self, kind: EventType, args: [u64; 4]) {
        let dt = self.pending.max(1);
        self.clock += dt;
        self.pending = 0;
        self.bytes += 12;
        self.events.push(RawEvent { kind, dt, args });
    }

    fn flush(&mut self, writer: &mut TraceWriter) {
        let events = std::mem::take(&mut self.events);
        writer.batch(self.generation, self.os_thread(), self.batch_clock, |batch| {
            for event in events {
                batch.event(event);
            }
        });
        self.batch_clock = self.clock;
        self.bytes = 0;
    }
}

/// A small seeded generator of random numbers (xorshift64*).
struct Random(u64);

impl Random {
    /// A number below `bound`.
    fn up_to(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}
