//! One generation of the file after another: batches by thread, the tables of what they use, the clock.

use std::rc::Rc;
use std::time::Duration;

use goroscope_wire::{
    BatchWriter, EventType, MAX_BATCH_LEN, MAX_FRAMES, MAX_STRING_LEN, NOTE_PREFIX, RawClock, RawFrame, RawSample,
    StringEntry, TraceWriter, Version,
};
use rustc_hash::FxHashMap;

use super::names::Stack;
use super::reasons::Reason;
use super::table::Table;
use crate::text::fitting;

/// Nanoseconds of a tick: polls are shorter than Go's 64, and a delta of up to two microseconds still takes one byte.
const TICK: u64 = 16;

/// Room that an event may need: its number, the time and four arguments, ten bytes each.
const LONGEST_EVENT: usize = 51;

/// Bytes of most samples.
#[cfg(feature = "perf")]
const SAMPLE: usize = 16;

/// The generations that are made, without the header of a file, and the current one.
#[derive(Debug)]
pub struct Generations {
    writer: TraceWriter,
    version: Version,
    /// From 1; 0 before the first one.
    pub number: u64,
    /// When the current generation began, ns.
    pub start: u64,
    /// Bytes of the current generation, without its tables.
    bytes: usize,
    /// Those of them that say how things stood where it began.
    opening: usize,
    streams: Table<Stream>,
    /// In the order of their first events.
    threads: Vec<u64>,
    strings: FxHashMap<Rc<str>, u64>,
    texts: Vec<Rc<str>>,
    /// The texts of reasons, by reason; 0 for those that were not needed.
    reasons: [u64; Reason::COUNT],
    stack_ids: FxHashMap<StackKey, u64>,
    stacks: Vec<Rc<Stack>>,
    /// Where threads ran, in ticks.
    samples: Vec<RawSample>,
    /// The clocks of the last generation.
    wall: Duration,
}

/// What a stack is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StackKey {
    /// Where a task waits, or what called.
    Addresses([u64; 4]),
    /// Where something is made.
    Site(u64),
    /// Where something stands that was made at a site and waits at addresses.
    Standing(u64, [u64; 4]),
    /// Where a thread ran, by a number that stands for the addresses.
    #[cfg(feature = "perf")]
    Sampled(u64),
}

/// A thread's events that are not in the file yet.
#[derive(Debug, Default)]
struct Stream {
    batch: BatchWriter,
    /// Of the batch, in ticks.
    start: u64,
    /// Of the last event, in ticks.
    last: u64,
}

impl Generations {
    /// Nothing of this version yet.
    pub fn new(version: Version) -> Self {
        let mut writer = TraceWriter::new(version);
        // Whoever takes the generations begins files with it.
        writer.take();
        Self {
            writer,
            version,
            number: 0,
            start: 0,
            bytes: 0,
            opening: 0,
            streams: Table::default(),
            threads: Vec::new(),
            strings: FxHashMap::default(),
            texts: Vec::new(),
            reasons: [0; Reason::COUNT],
            stack_ids: FxHashMap::default(),
            stacks: Vec::new(),
            samples: Vec::new(),
            wall: Duration::ZERO,
        }
    }

    /// Begins a generation, with the wall clock at its start.
    pub fn begin(&mut self, start: u64, wall: Duration) {
        self.number += 1;
        // Clocks must go on from generation to generation, also if somebody sets one back.
        let start = if self.number > 1 { start.max(self.start + TICK) } else { start };
        self.wall = wall.max(self.wall + Duration::from_nanos(1));
        self.start = start;
        self.bytes = 0;
        self.opening = 0;
        let time = start / TICK;
        let clock = RawClock { time, mono: start, sec: self.wall.as_secs(), nsec: u64::from(self.wall.subsec_nanos()) };
        self.writer.sync(self.number, time, 1_000_000_000 / TICK, clock);
    }

    /// Where the generation began is told.
    pub fn opened(&mut self) {
        self.opening = self.bytes;
    }

    /// Whether the generation has no event.
    pub fn is_empty(&self) -> bool {
        self.threads.is_empty()
    }

    /// Whether what happened takes more than this, and not less than to begin another generation.
    pub fn is_larger_than(&self, bytes: usize) -> bool {
        self.bytes - self.opening >= bytes.max(self.opening)
    }

    /// Writes an event of a thread, or of none. A thread's clock only goes on; the time that was written is returned.
    #[inline]
    pub fn put(&mut self, thread: u64, time: u64, kind: EventType, args: [u64; 4]) -> u64 {
        let args = args.get(..kind.spec().args.len()).unwrap_or(&args);
        self.put_args(thread, time, kind, args)
    }

    /// As `put`, with just the arguments that the kind has.
    fn put_args(&mut self, thread: u64, time: u64, kind: EventType, args: &[u64]) -> u64 {
        let stream = self.streams.get_or_insert_with(thread, || {
            self.threads.push(thread);
            Stream { last: self.start / TICK, ..Stream::default() }
        });
        let ticks = (time / TICK).max(stream.last);
        if stream.batch.len() + LONGEST_EVENT > MAX_BATCH_LEN {
            self.writer.take_batch(self.number, thread, stream.start, &mut stream.batch);
        }
        if stream.batch.is_empty() {
            (stream.start, stream.last) = (ticks, ticks);
        }
        let before = stream.batch.len();
        stream.batch.put(kind, ticks - stream.last, args);
        stream.last = ticks;
        self.bytes += stream.batch.len() - before;
        ticks * TICK
    }

    /// Adds where a thread ran at a time, ns; its other numbers are as in the file.
    #[cfg(feature = "perf")]
    pub fn sample(&mut self, sample: RawSample) {
        self.samples.push(RawSample { time: sample.time.max(self.start) / TICK, ..sample });
        self.bytes += SAMPLE;
    }

    /// The number of a text in this generation.
    pub fn text(&mut self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        if let Some(&id) = self.strings.get(text) {
            return id;
        }
        let text: Rc<str> = fitting(text, MAX_STRING_LEN).into();
        // A long text may be there already, in the form that fits.
        if let Some(&id) = self.strings.get(&text) {
            return id;
        }
        self.texts.push(Rc::clone(&text));
        let id = self.texts.len() as u64;
        self.strings.insert(text, id);
        id
    }

    /// The number of a reason's text in this generation.
    pub fn reason(&mut self, reason: Reason) -> u64 {
        match self.reasons.get(reason as usize) {
            Some(&id) if id != 0 => id,
            _ => {
                let id = self.text(reason.text());
                if let Some(place) = self.reasons.get_mut(reason as usize) {
                    *place = id;
                }
                id
            }
        }
    }

    /// The number of a stack that this generation has already.
    #[cfg(feature = "perf")]
    pub fn known_stack(&self, key: StackKey) -> Option<u64> {
        self.stack_ids.get(&key).copied()
    }

    /// The number of a stack in this generation; 0 for none.
    pub fn stack(&mut self, key: StackKey, stack: Option<&Rc<Stack>>) -> u64 {
        if let Some(&id) = self.stack_ids.get(&key) {
            return id;
        }
        let Some(stack) = stack.filter(|stack| !stack.frames.is_empty()) else { return 0 };
        self.stacks.push(Rc::clone(stack));
        let id = self.stacks.len() as u64;
        self.stack_ids.insert(key, id);
        id
    }

    /// Ends the generation with lines for readers that know us, and gives all bytes since the last one's end.
    pub fn end(&mut self, notes: &str) -> Vec<u8> {
        let (number, time) = (self.number, self.start / TICK);
        for thread in self.threads.drain(..) {
            if let Some(mut stream) = self.streams.remove(thread)
                && !stream.batch.is_empty()
            {
                self.writer.take_batch(number, thread, stream.start, &mut stream.batch);
            }
        }
        for line in notes.lines() {
            self.text(&format!("{NOTE_PREFIX}{line}"));
        }
        let stacks = std::mem::take(&mut self.stacks);
        let mut frames = Vec::new();
        for stack in &stacks {
            let raw = stack.frames.iter().take(MAX_FRAMES).map(|frame| RawFrame {
                pc: frame.pc,
                function: self.text(&frame.function),
                file: self.text(&frame.file),
                line: frame.line,
            });
            frames.push(raw.collect::<Vec<_>>());
        }
        let strings = (1..).zip(&self.texts).map(|(id, text)| StringEntry { id, bytes: text.as_bytes() });
        self.writer.strings(number, time, strings);
        self.writer.stacks(number, time, (1..).zip(frames.iter().map(Vec::as_slice)));
        self.writer.cpu_samples(number, time, self.samples.drain(..));
        if self.version >= Version::Go126 {
            self.writer.end_of_generation();
        }
        self.strings.clear();
        self.texts.clear();
        self.reasons = [0; Reason::COUNT];
        self.stack_ids.clear();
        self.writer.take()
    }
}
