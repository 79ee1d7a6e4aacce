//! Brings the events of all procs into one order.
//!
//! 1. The next event of each proc is either ready, because the goroutine it is about is in the right state, or waits for
//!    that state.
//! 2. Of those that are ready the earliest happens. The state it leaves wakes the earliest of those that wait for it.
//! 3. If none is ready, the trace contradicts itself. Then all is done once more, and who has waited for longer than
//!    clocks can differ waits no longer: otherwise all that its proc did later would come at the end.
//!
//! Which of two equal times comes first follows from the heap, which is that of Go's reader. Even so Go's order depends
//! on chance, because it begins with the procs in any order; here that is the order of the file.
//!
//! An end of a system call is written when the goroutine runs again but says when it really was. Once all is in order,
//! these events are merged into the others by that time.
//!
//! Each event is put aside and woken a bounded number of times on average, so the whole is linear but for the heap.

use std::collections::{BTreeSet, VecDeque};

use goroscope_wire::v1::{Event, EventType, Record, Records};
use goroscope_wire::{HEADER_LEN, Version};
use rustc_hash::FxHashMap;

use super::scan::{Batch, Sample, Scan, loss};
use super::state::{Need, Rule, States};
use crate::diagnostic::Log;
use crate::frontier::{Entry, Frontier};
use crate::{Diagnostic, Severity};

/// No trace is longer: times further apart are damaged.
const FAR_SECONDS: u64 = 30 * 24 * 60 * 60;

/// By what part of a second the clocks of two processors can differ in a damaged trace.
const PATIENCE: u64 = 1000;

/// An event in its order.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// When, in ticks.
    pub ticks: i64,
    /// Where it is in the file.
    pub offset: u64,
    /// The goroutine of its proc, or the one it is about; 0 is none.
    pub go: u64,
    /// Index of the proc; one past the last for samples.
    pub stream: u32,
    /// What became of it, if it is the begin of a system call.
    pub call: Call,
}

/// Whether a system call blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// It keeps its proc, or is none.
    Returns,
    /// A sample was taken of its goroutine before anything else was told of it; nothing says yet that it blocks.
    Sampled,
    /// Its proc was taken away.
    Blocks,
    /// The same, behind a sample.
    SampledAndBlocks,
}

/// Events in order.
#[derive(Debug)]
pub struct Merged {
    rows: Vec<Row>,
    /// Rows handed out.
    taken: usize,
    /// The latest time among them.
    latest: i64,
    /// Ends of system calls by time, with the number of rows written before each.
    exits: VecDeque<(Row, usize)>,
    /// Whether no event contradicted those before it.
    pub is_consistent: bool,
}

impl Merged {
    /// Time of the first event, in ticks.
    pub fn first_time(&self) -> Option<i64> {
        let exit = self.exits.front().map(|(row, _)| row.ticks);
        self.rows.first().map(|row| row.ticks).into_iter().chain(exit).min()
    }

    /// Events not handed out yet.
    pub fn left(&self) -> usize {
        self.rows.len() - self.taken + self.exits.len()
    }

    /// The next event.
    pub fn next(&mut self) -> Option<Row> {
        let row = self.rows.get(self.taken).copied();
        if let Some(&(exit, before)) = self.exits.front() {
            // Times may run backwards; what was first in the order stays first.
            let is_next = row.is_none_or(|row| (exit.ticks, before) <= (row.ticks.max(self.latest), self.taken));
            if is_next {
                self.exits.pop_front();
                return Some(exit);
            }
        }
        let row = row?;
        self.taken += 1;
        self.latest = self.latest.max(row.ticks);
        Some(row)
    }
}

/// Where a proc is in its batches, and its next event.
struct Cursor<'a> {
    batches: std::vec::IntoIter<Batch>,
    records: Records<'a>,
    ticks: i64,
    /// The goroutine that runs on the proc, or 0.
    go: u64,
    next: Next<'a>,
    /// Row of the event before, if that was the begin of a system call.
    call: Option<usize>,
}

/// An event that has not happened yet.
#[derive(Clone, Copy)]
struct Next<'a> {
    event: Event<'a>,
    offset: u64,
    go: u64,
    rule: Option<Rule>,
}

/// What the rows are made with.
struct Merge<'a> {
    version: Version,
    file: &'a [u8],
    cursors: Vec<Cursor<'a>>,
    states: States,
    /// The cursors that are ready; the samples are one past the last.
    ready: Frontier,
    /// Those that wait, by what for, and by time.
    waiting: BTreeSet<(Need, i64, u32)>,
    waiting_by_time: BTreeSet<(i64, u32)>,
    samples: std::iter::Peekable<std::vec::IntoIter<Sample>>,
    rows: Vec<Row>,
    exits: Vec<(Row, usize)>,
    /// When each goroutine's system call began to block.
    blocked: FxHashMap<u64, i64>,
    /// Row of each goroutine's latest system call, as long as samples are to come.
    calls: FxHashMap<u64, usize>,
    /// A time in the middle of the trace, and how far from it events can be.
    middle: i64,
    far: u64,
    /// How many ticks an event waits.
    patience: i64,
    forced: Trouble,
    stray: Trouble,
    distant: Trouble,
}

/// Events that contradict others.
#[derive(Default)]
struct Trouble {
    count: u64,
    bytes: u64,
    first: u64,
}

impl Trouble {
    fn add(&mut self, offset: u64, bytes: u64) {
        if self.count == 0 {
            self.first = offset;
        }
        self.count += 1;
        self.bytes += bytes;
    }

    fn report(&self, severity: Severity, message: &str, log: &mut Log) {
        if self.count > 0 {
            let message = format!("{message}: {}", self.count);
            log.push(Diagnostic { severity, ..loss(self.first, self.bytes, &message) });
        }
    }
}

/// Orders the events that a scan found.
pub fn merge(version: Version, file: &[u8], scan: &Scan, frequency: u64, log: &mut Log) -> Merged {
    let mut merge = Merge::of(version, file, scan, frequency, i64::MAX);
    merge.run();
    if merge.forced.count > 0 {
        merge = Merge::of(version, file, scan, frequency, (frequency / PATIENCE) as i64);
        merge.run();
    }
    merge.forced.report(Severity::Loss, "events that do not fit what was before, placed by time only", log);
    merge.stray.report(Severity::Loss, "ends of system calls before their begins, placed where they were written", log);
    merge.distant.report(Severity::Loss, "events with times that are far from all others are lost", log);
    let mut exits = merge.exits;
    exits.sort_by_key(|&(row, _)| row.ticks);
    Merged {
        rows: merge.rows,
        taken: 0,
        latest: i64::MIN,
        exits: exits.into(),
        is_consistent: merge.forced.count == 0 && merge.stray.count == 0 && merge.distant.count == 0,
    }
}

/// Whether the events can have happened in some order.
pub fn fits_together(version: Version, file: &[u8], scan: &Scan, frequency: u64) -> bool {
    let mut merge = Merge::of(version, file, scan, frequency, i64::MAX);
    merge.run();
    merge.forced.count == 0 && merge.distant.count == 0
}

impl<'a> Merge<'a> {
    fn of(version: Version, file: &'a [u8], scan: &Scan, frequency: u64, patience: i64) -> Self {
        let mut batch_ticks: Vec<u64> =
            scan.streams.iter().flat_map(|stream| &stream.batches).map(|batch| batch.ticks).collect();
        let half = batch_ticks.len() / 2;
        let middle = if batch_ticks.is_empty() { 0 } else { *batch_ticks.select_nth_unstable(half).1 };
        let events = usize::try_from(scan.events).unwrap_or_default();
        let cursors = scan.streams.iter().map(|stream| Cursor {
            batches: stream.batches.clone().into_iter(),
            records: Records::new(version, &[], 0),
            ticks: 0,
            go: 0,
            next: Next {
                event: Event { kind: EventType::FutileWakeup, dt: 0, args: [0; 3], stack: 0, text: &[] },
                offset: 0,
                go: 0,
                rule: None,
            },
            call: None,
        });
        Self {
            version,
            file,
            cursors: cursors.collect(),
            states: States::default(),
            ready: Frontier::default(),
            waiting: BTreeSet::new(),
            waiting_by_time: BTreeSet::new(),
            samples: scan.samples.clone().into_iter().peekable(),
            rows: Vec::with_capacity(events),
            exits: Vec::new(),
            blocked: FxHashMap::default(),
            calls: FxHashMap::default(),
            middle: middle as i64,
            far: frequency.saturating_mul(FAR_SECONDS),
            patience,
            forced: Trouble::default(),
            stray: Trouble::default(),
            distant: Trouble::default(),
        }
    }

    fn run(&mut self) {
        let samples = self.cursors.len() as u32;
        for index in 0..samples {
            self.fetch_and_place(index);
        }
        self.place_samples();
        loop {
            let mut first = self.ready.entries().first().copied();
            let longest = self.waiting_by_time.first().map_or(i64::MAX, |&(ticks, _)| ticks);
            if first.is_some_and(|first| first.time.saturating_sub(self.patience) > longest) {
                first = None;
            } else if first.is_some() {
                self.ready.remove(0);
            }
            let index = match first {
                Some(Entry { cursor, .. }) if cursor == samples => {
                    self.add_sample();
                    self.place_samples();
                    continue;
                }
                Some(Entry { cursor, .. }) if !self.is_ready(cursor) => {
                    self.place(cursor);
                    continue;
                }
                Some(Entry { cursor, .. }) => cursor,
                None => match self.waiting_by_time.pop_first() {
                    Some((ticks, index)) => {
                        if let Some(rule) = self.cursors[index as usize].next.rule {
                            self.waiting.remove(&(rule.need, ticks, index));
                        }
                        self.forced.add(self.cursors[index as usize].next.offset, 0);
                        index
                    }
                    None => break,
                },
            };
            self.happen(index);
            self.fetch_and_place(index);
        }
    }

    fn is_ready(&self, index: u32) -> bool {
        self.cursors[index as usize].next.rule.is_none_or(|rule| self.states.is(rule.need))
    }

    /// Puts a cursor to those that are ready or to those that wait.
    fn place(&mut self, index: u32) {
        let cursor = &self.cursors[index as usize];
        let ticks = cursor.ticks;
        match cursor.next.rule {
            Some(rule) if !self.states.is(rule.need) => {
                self.waiting.insert((rule.need, ticks, index));
                self.waiting_by_time.insert((ticks, index));
            }
            Some(_) | None => self.ready.insert(Entry { time: ticks, cursor: index }),
        }
    }

    fn fetch_and_place(&mut self, index: u32) {
        if self.fetch(index) {
            self.place(index);
        }
    }

    /// The next event of a cursor happens.
    fn happen(&mut self, index: u32) {
        let cursor = &mut self.cursors[index as usize];
        let Next { event, offset, go, rule } = cursor.next;
        let mut row = Row { ticks: cursor.ticks, offset, go, stream: index, call: Call::Returns };
        let call = cursor.call.take();
        if event.kind == EventType::GoSysCall {
            self.cursors[index as usize].call = Some(self.rows.len());
            if self.samples.peek().is_some() {
                self.calls.insert(go, self.rows.len());
            }
        } else if event.kind == EventType::GoSysBlock {
            if let Some(call) = call.and_then(|call| self.rows.get_mut(call)).filter(|call| call.go == go) {
                call.call = match call.call {
                    Call::Returns | Call::Blocks => Call::Blocks,
                    Call::Sampled | Call::SampledAndBlocks => Call::SampledAndBlocks,
                };
            }
            self.blocked.insert(go, row.ticks);
        } else if event.kind == EventType::GoInSyscall {
            self.blocked.insert(go, row.ticks);
        }
        if let Some(rule) = rule {
            let (status, number) = self.states.apply(rule);
            self.wake(Need { status, number: Some(number), ..rule.need });
            self.wake(Need { status, number: None, ..rule.need });
        }
        if let Some(real) = real_end(&event) {
            if let Some(&begin) = self.blocked.get(&go)
                && begin <= real
            {
                row.ticks = real.min(row.ticks);
                self.exits.push((row, self.rows.len()));
                return;
            }
            self.stray.add(offset, 0);
        }
        self.rows.push(row);
    }

    /// The earliest of those that wait for exactly this is ready. The others stay: one of them at most can happen next.
    fn wake(&mut self, need: Need) {
        let first = self.waiting.range((need, i64::MIN, 0)..=(need, i64::MAX, u32::MAX)).next().copied();
        if let Some((need, ticks, index)) = first {
            self.waiting.remove(&(need, ticks, index));
            self.waiting_by_time.remove(&(ticks, index));
            self.ready.insert(Entry { time: ticks, cursor: index });
        }
    }

    fn place_samples(&mut self) {
        if let Some(sample) = self.samples.peek() {
            self.ready.insert(Entry { time: sample.ticks, cursor: self.cursors.len() as u32 });
        }
    }

    fn add_sample(&mut self) {
        if let Some(sample) = self.samples.next() {
            let stream = self.cursors.len() as u32;
            if let Some(call) = self.calls.remove(&sample.go).and_then(|call| self.rows.get_mut(call))
                && call.call == Call::Returns
            {
                call.call = Call::Sampled;
            }
            let Sample { ticks, offset, go } = sample;
            self.rows.push(Row { ticks, offset, go, stream, call: Call::Returns });
        }
    }

    /// Reads the next event of a cursor; `false` if there is none.
    fn fetch(&mut self, index: u32) -> bool {
        let cursor = &mut self.cursors[index as usize];
        loop {
            let offset = cursor.records.offset();
            match cursor.records.next() {
                Some(Ok(Record::Event(event))) => {
                    if matches!(event.kind, EventType::CPUSample | EventType::FutileWakeup) {
                        // The one has a time of its own, and nobody needs the other.
                        continue;
                    }
                    let ticks = cursor.ticks.wrapping_add(event.dt as i64);
                    if ticks.abs_diff(self.middle) > self.far {
                        self.distant.add(offset, cursor.records.offset() - offset);
                        continue;
                    }
                    cursor.ticks = ticks;
                    let go = context(&event, &mut cursor.go);
                    cursor.next = Next { event, offset, go, rule: Rule::of(event.kind, go, event.args) };
                    return true;
                }
                Some(Ok(_)) => {}
                // The scan told of the error.
                Some(Err(_)) | None => match cursor.batches.next() {
                    Some(batch) => {
                        let data = self.file.get(batch.bytes.clone()).unwrap_or_default();
                        cursor.records = Records::new(self.version, data, batch.bytes.start as u64);
                        cursor.ticks = batch.ticks as i64;
                    }
                    None => return false,
                },
            }
        }
    }
}

/// Reads an event again.
pub fn event_at(version: Version, file: &[u8], offset: u64) -> Option<Event<'_>> {
    let data = file.get(usize::try_from(offset).ok()?..)?;
    match Records::new(version, data, offset.max(HEADER_LEN as u64)).next()? {
        Ok(Record::Event(event)) => Some(event),
        Ok(_) | Err(_) => None,
    }
}

/// The goroutine of an event, and after it `running` is the one on the proc.
fn context(event: &Event<'_>, running: &mut u64) -> u64 {
    let before = *running;
    if matches!(event.kind, EventType::GoStart | EventType::GoStartLocal | EventType::GoStartLabel) {
        *running = event.args[0];
        event.args[0]
    } else if matches!(
        event.kind,
        EventType::GoSysExit | EventType::GoSysExitLocal | EventType::GoWaiting | EventType::GoInSyscall
    ) {
        event.args[0]
    } else {
        if leaves(event.kind) {
            *running = 0;
        }
        before
    }
}

/// Whether the goroutine does not run on the proc after this.
fn leaves(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::GoEnd
            | EventType::GoStop
            | EventType::GoSched
            | EventType::GoPreempt
            | EventType::GoSleep
            | EventType::GoBlock
            | EventType::GoBlockSend
            | EventType::GoBlockRecv
            | EventType::GoBlockSelect
            | EventType::GoBlockSync
            | EventType::GoBlockCond
            | EventType::GoBlockNet
            | EventType::GoBlockGC
            | EventType::GoSysBlock
    )
}

/// When a system call really ended, if that was written.
fn real_end(event: &Event<'_>) -> Option<i64> {
    let is_local = event.kind == EventType::GoSysExitLocal;
    let real = if is_local { event.args[1] } else { event.args[2] };
    let is_end = is_local || event.kind == EventType::GoSysExit;
    (is_end && real != 0).then_some(real as i64)
}
