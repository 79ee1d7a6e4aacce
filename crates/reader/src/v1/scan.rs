//! The first way through the file: where each proc's batches are, the tables, the samples, the clock.

use std::ops::Range;

use goroscope_wire::v1::{Event, EventType, Record, Records, StackRecord};
use goroscope_wire::{HEADER_LEN, Version, WireError};
use rustc_hash::FxHashMap;

use super::Sinks;
use crate::{Diagnostic, LostTime};

/// The most ticks between a batch behind damage and the last one before: a day at the fastest clock there is.
const REACH: u64 = 1 << 43;

/// The most timer goroutines that are kept; the runtime has at most 64.
const MOST_TIMERS: usize = 64;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Scan {
    /// The procs in the order of their first batch.
    pub streams: Vec<Stream>,
    /// CPU samples by time.
    pub samples: Vec<Sample>,
    /// Ticks per second.
    pub frequency: Option<u64>,
    /// Goroutines that run timers.
    pub timers: Vec<u64>,
    /// Events of procs, and samples.
    pub events: u64,
    /// Whether all of the file could be read.
    pub is_whole: bool,
}

/// What one proc wrote.
#[derive(Debug)]
pub struct Stream {
    /// Which proc, or none.
    pub proc: Option<u32>,
    pub batches: Vec<Batch>,
}

/// A stretch of the file that one proc wrote.
#[derive(Clone, Debug)]
pub struct Batch {
    pub ticks: u64,
    /// Its records.
    pub bytes: Range<usize>,
}

/// A CPU sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub ticks: i64,
    pub go: u64,
    pub offset: u64,
}

/// What is being put together.
struct Scanner<'a> {
    scan: Scan,
    streams: FxHashMap<Option<u32>, usize>,
    /// The stream that writes now.
    current: Option<usize>,
    strings: Vec<(u64, &'a [u8])>,
    stacks: Vec<(StackRecord<'a>, u64)>,
    ticks: u64,
}

impl Scan {
    /// Goes through the file; strings and stacks go to the names.
    pub fn of(version: Version, file: &[u8], to: &mut Sinks<'_>) -> Self {
        let data = file.get(HEADER_LEN..).unwrap_or_default();
        let mut records = Records::new(version, data, HEADER_LEN as u64);
        let mut scanner = Scanner {
            scan: Self { is_whole: true, ..Self::default() },
            streams: FxHashMap::default(),
            current: None,
            strings: Vec::new(),
            stacks: Vec::new(),
            ticks: 0,
        };
        let mut orphans = 0;
        loop {
            let start = records.offset();
            let Some(record) = records.next() else { break };
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    scanner.end_batch(start);
                    scanner.current = None;
                    records.resume(scanner.ticks, REACH);
                    scanner.scan.is_whole = false;
                    to.log.push(unreadable(error, start, records.offset()));
                    continue;
                }
            };
            let end = records.offset();
            let number = usize::from(record.kind().byte());
            to.tally.counts[number] += 1;
            to.tally.bytes[number] += end - start;
            if !scanner.take(record, start, end) {
                orphans += end - start;
            }
        }
        scanner.end_batch(records.offset());
        if orphans > 0 {
            scanner.scan.is_whole = false;
            to.log.push(loss(HEADER_LEN as u64, orphans, "events before the first batch"));
        }
        scanner.name(to);
        scanner.scan.samples.sort_by_key(|sample| sample.ticks);
        scanner.scan
    }
}

impl<'a> Scanner<'a> {
    /// Takes in a record; `false` if it belongs to no batch.
    fn take(&mut self, record: Record<'a>, start: u64, end: u64) -> bool {
        match record {
            Record::Batch { proc, ticks } => {
                self.end_batch(start);
                self.ticks = ticks;
                let streams = &mut self.scan.streams;
                let index = *self.streams.entry(proc).or_insert_with(|| {
                    streams.push(Stream { proc, batches: Vec::new() });
                    streams.len() - 1
                });
                let begin = end as usize;
                streams[index].batches.push(Batch { ticks, bytes: begin..begin });
                self.current = Some(index);
            }
            Record::Frequency(frequency) => {
                if frequency > 0 {
                    self.scan.frequency.get_or_insert(frequency);
                }
            }
            Record::TimerGoroutine(go) => {
                if self.scan.timers.len() < MOST_TIMERS && !self.scan.timers.contains(&go) {
                    self.scan.timers.push(go);
                }
            }
            Record::String { id, bytes } => self.strings.push((id, bytes)),
            Record::Stack(stack) => self.stacks.push((stack, start)),
            Record::Event(Event { kind: EventType::CPUSample, args, .. }) => {
                self.scan.events += 1;
                self.scan.samples.push(Sample { ticks: args[0] as i64, go: args[2], offset: start });
            }
            Record::Event(_) if self.current.is_none() => return false,
            Record::Event(_) => self.scan.events += 1,
        }
        true
    }

    fn end_batch(&mut self, end: u64) {
        let stream = self.current.and_then(|index| self.scan.streams.get_mut(index));
        if let Some(batch) = stream.and_then(|stream| stream.batches.last_mut()) {
            batch.bytes.end = end as usize;
        }
    }

    /// Strings first: stacks refer to them, wherever they stand.
    fn name(&mut self, to: &mut Sinks<'_>) {
        to.names.expect_ids(self.strings.len() + 1, self.stacks.len() + 1);
        let mut twice = 0;
        for &(id, bytes) in &self.strings {
            twice += u64::from(!to.names.add_string(id, bytes));
        }
        let mut frames = Vec::new();
        for (stack, offset) in &self.stacks {
            match stack.read(&mut frames) {
                Ok(()) => twice += u64::from(!to.names.add_stack(stack.id, &frames)),
                Err(error) => {
                    self.scan.is_whole = false;
                    to.log.push(loss(*offset, 0, &error.to_string()));
                }
            }
        }
        if twice > 0 {
            let message = format!("{twice} ids of strings and stacks are taken; the first entry holds");
            to.log.push(loss(HEADER_LEN as u64, 0, &message));
        }
    }
}

fn unreadable(error: WireError, start: u64, end: u64) -> Diagnostic {
    let message = format!("{error}; what follows is lost up to the next batch");
    let lost_time = LostTime::Unknown;
    Diagnostic { offset: error.offset.clamp(start, end), lost_time, ..loss(start, end - start, &message) }
}

/// Something was lost at a place of the file.
pub fn loss(offset: u64, lost_bytes: u64, message: &str) -> Diagnostic {
    Diagnostic { lost_bytes, ..Diagnostic::loss(offset, message) }
}
