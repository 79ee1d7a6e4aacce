//! What can be in a damaged file, learnt from the most of it.
//!
//! Where a batch of this format ends stands nowhere, and records have few bytes. Behind a damaged byte the next record can
//! begin anywhere, and whatever stands at a wrong place is as a rule a record too, of other numbers. What tells the two
//! apart is that the right ones make sense, two dozen in a row:
//!
//! 1. the clock goes on by no more than the time until the proc's next batch;
//! 2. stacks are in the table, and goroutines are not far above those that were created;
//! 3. a batch has a time of this trace.
//!
//! Times of batches can be damaged too. Those of one proc only increase: most of them do, and the others are not trusted.

use std::collections::BTreeMap;

use goroscope_wire::Version;
use goroscope_wire::v1::{Event, EventType, Record, Records};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Part;
use super::scan::{Batch, Pass, Scan};
use crate::clock::USUAL_FREQUENCY;

/// How many records behind a place are looked at, and how many are enough if then comes more damage, or the end.
const PROBED: usize = 24;
const FEW: usize = 10;

/// How many of them may refer to something that is not in a table.
const DOUBTS: usize = 6;

/// By how many times the slack a trace whose end is missing can go on behind its last batch, at least.
const MORE: u64 = 1000;

/// Ticks per second that a clock can have.
const FREQUENCIES: std::ops::RangeInclusive<u64> = 10_000..=10_000_000_000;

/// Seconds between a batch and any other of a trace, at most.
const LONE_SECONDS: u64 = 60 * 60;

/// The least bytes of a heap, but for none.
const LEAST_HEAP: u64 = 4096;

/// Shorter texts stand anywhere.
const LEAST_TEXT: usize = 2;

/// The most bytes of a text that are looked at.
const TEXT: usize = 64;

/// Of this many stacks all but one have to be in the table for it to be whole.
const STACKS: u64 = 10;

/// As many events do not refer to the same stack by accident.
const OFTEN: u64 = 4;

/// Goroutines above the greatest usual one that can have been created where nothing can be read.
const MORE_GOS: u64 = 1 << 20;

/// Procs there can be, as far as nothing says it.
const MOST_PROCS: u64 = 1 << 12;

/// The most bytes of a batch's header.
const MOST_HEADER: u64 = 21;

/// Entries of tables that follow the frequency where no batch does, and that say as much as many events do.
const ENTRIES: usize = 3;

/// The most timer goroutines there are.
const MOST_TIMERS: usize = 64;

/// What of a record cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// When it was, or what it is.
    All,
    /// What it is about.
    Meaning,
    /// Only a text, or the entry of a table that it refers to.
    Table,
}

/// What can be.
#[derive(Debug)]
pub struct Sense<'a> {
    version: Version,
    file: &'a [u8],
    /// Where the records begin.
    first: usize,
    /// The ticks per second that are written as they should be.
    pub frequency: Option<u64>,
    /// The table, if it is whole.
    stacks: Option<FxHashSet<u64>>,
    most_go: u64,
    most_procs: u64,
    /// The batches whose times cannot be, by the places of their first records.
    distrusted: FxHashSet<u64>,
    /// The others, with their times.
    trusted: Vec<(u64, u64)>,
    /// The same by proc.
    of_proc: BTreeMap<Option<u32>, Vec<(u64, u64)>>,
    /// From when to when batches begin.
    begin: u64,
    end: u64,
    /// How much later than that something can be.
    slack: u64,
}

/// How much earlier a batch can begin than the events before it end, in ticks: clocks of processors differ.
pub fn slack(frequency: u64) -> u64 {
    frequency / 100
}

impl<'a> Sense<'a> {
    /// Learns from what the first way through the file found, damaged places passed over up to the next batch.
    pub fn of(part: &Part<'a>, pass: &Pass<'a>) -> Self {
        let mut sense = Self {
            version: part.version,
            file: part.file,
            first: part.begin as usize,
            frequency: None,
            stacks: None,
            most_go: u64::MAX,
            most_procs: MOST_PROCS,
            distrusted: FxHashSet::default(),
            trusted: Vec::new(),
            of_proc: BTreeMap::new(),
            begin: 0,
            end: u64::MAX,
            slack: slack(USUAL_FREQUENCY),
        };
        sense.learn_times(pass);
        sense.learn_frequency(&pass.scan);
        sense.learn_ids(pass);
        sense
    }

    /// Batches that follow others are believed before those that were found behind damage.
    fn learn_times(&mut self, pass: &Pass<'a>) {
        let streams = &pass.scan.streams;
        let is_found = |batch: &Batch| pass.found.contains(&(batch.bytes.start as u64));
        let all = || streams.iter().flat_map(|stream| &stream.batches);
        let has_firm = all().any(|batch| !is_found(batch));
        let is_firm = |batch: &&Batch| !has_firm || !is_found(batch);
        let mut times: Vec<u64> = streams
            .iter()
            .flat_map(|stream| increasing(stream.batches.iter().filter(is_firm)))
            .map(|(_, ticks)| ticks)
            .collect();
        times.sort_unstable();
        let lone = lone_times(&times);
        times.retain(|ticks| !lone.contains(ticks));
        let (Some(&begin), Some(&end)) = (times.first(), times.last()) else { return };
        let more = (end - begin).max(self.slack * MORE);
        let range = begin.saturating_sub(more)..=end.saturating_add(more);
        for stream in streams {
            let headers = increasing(stream.batches.iter().filter(|batch| range.contains(&batch.ticks)));
            self.trusted.extend_from_slice(&headers);
            self.of_proc.insert(stream.proc, headers);
        }
        self.trusted.sort_unstable();
        let places: FxHashSet<u64> = self.trusted.iter().map(|&(place, _)| place).collect();
        self.distrusted = all().map(|batch| batch.bytes.start as u64).filter(|place| !places.contains(place)).collect();
        let times = || self.trusted.iter().map(|&(_, ticks)| ticks);
        self.begin = times().min().unwrap_or(begin);
        self.end = times().max().unwrap_or(end);
    }

    /// The frequency stands behind the last event, before the goroutines of timers and the tables. These are the
    /// last of all, so that nothing can be later, unless the end of the file is missing.
    fn learn_frequency(&mut self, scan: &Scan) {
        let of_scan = scan.frequency.filter(|frequency| FREQUENCIES.contains(frequency));
        let places = (self.first..self.file.len()).rev();
        let found =
            places.filter(|&place| self.file.get(place) == Some(&EventType::Frequency.byte())).find_map(|place| {
                let mut records = Records::new(self.version, self.file.get(place..)?, place as u64);
                let Some(Ok(Record::Frequency(frequency))) = records.next() else { return None };
                let mut next = records.next();
                for _ in 0..MOST_TIMERS {
                    if matches!(next, Some(Ok(Record::TimerGoroutine(_)))) {
                        next = records.next();
                    }
                }
                let is_last = match next {
                    Some(Ok(Record::Batch { ticks, .. })) => (self.begin..=self.end).contains(&ticks),
                    Some(Ok(Record::String { .. } | Record::Stack(_))) => (0..ENTRIES)
                        .all(|_| matches!(records.next(), None | Some(Ok(Record::String { .. } | Record::Stack(_))))),
                    None => of_scan == Some(frequency),
                    Some(Ok(_) | Err(_)) => false,
                };
                (is_last && FREQUENCIES.contains(&frequency)).then_some(frequency)
            });
        self.frequency = found.or(of_scan.filter(|_| scan.is_whole));
        self.slack = slack(self.frequency.unwrap_or(USUAL_FREQUENCY));
        let more = if found.is_some() { 0 } else { (self.end - self.begin).max(self.slack * MORE) };
        self.end = self.end.saturating_add(more).saturating_add(self.slack);
    }

    fn learn_ids(&mut self, pass: &Pass<'a>) {
        let mut frames = Vec::new();
        let entries = pass.stacks.iter().filter(|(stack, _)| stack.read(&mut frames).is_ok());
        let table: FxHashSet<u64> = entries.map(|(stack, _)| stack.id).collect();
        let (mut known, mut unknown) = (0_u64, FxHashMap::<u64, u64>::default());
        let (mut created, mut procs) = (Vec::new(), None);
        for batch in pass.scan.streams.iter().flat_map(|stream| &stream.batches) {
            let data = self.file.get(batch.bytes.clone()).unwrap_or_default();
            let mut records = Records::new(self.version, data, batch.bytes.start as u64);
            while let Some(Ok(record)) = records.next() {
                let Record::Event(Event { kind, args, stack, .. }) = record else { continue };
                if stack != 0 && table.contains(&stack) {
                    known += 1;
                } else if stack != 0 {
                    *unknown.entry(stack).or_default() += 1;
                }
                match kind {
                    EventType::GoCreate => created.push(args[0]),
                    EventType::Gomaxprocs if args[0] <= MOST_PROCS => procs = procs.max(Some(args[0])),
                    _ => {}
                }
            }
        }
        // What many events refer to was in the table and is lost: numbers of a wrong place are hardly ever the same.
        let mut table = table;
        let greatest = table.iter().copied().max().unwrap_or(0).saturating_add(STACKS);
        unknown.retain(|&id, count| {
            let is_lost = *count >= OFTEN && id <= greatest;
            if is_lost {
                table.insert(id);
            }
            !is_lost
        });
        let doubtful: u64 = unknown.values().sum();
        self.stacks = (known > STACKS && doubtful < known / STACKS).then_some(table);
        created.sort_unstable();
        if let Some(usual) = created.get(created.len() * 7 / 8) {
            self.most_go = usual.saturating_mul(4).saturating_add(MORE_GOS);
        }
        let busy = pass.scan.streams.iter().filter(|stream| stream.batches.len() > 1).filter_map(|stream| stream.proc);
        if let Some(most) = procs {
            self.most_procs = busy.map(|proc| u64::from(proc) + 1).fold(most, u64::max);
        }
    }

    /// Whether the time of the batch whose records begin there can be.
    pub fn trusts(&self, records: u64) -> bool {
        !self.distrusted.contains(&records)
    }

    /// The time of the last batch before a place whose time can be.
    pub fn time_near(&self, place: u64) -> u64 {
        let next = self.trusted.partition_point(|&(records, _)| records <= place);
        self.trusted.get(next.saturating_sub(1)).map_or(self.begin, |&(_, ticks)| ticks)
    }

    /// How many ticks the events of a batch can be apart: until the proc's next one.
    pub fn span(&self, proc: Option<u32>, ticks: u64, header: u64) -> u64 {
        let next = self.of_proc.get(&proc).and_then(|headers| {
            let next = headers.partition_point(|&(records, _)| records <= header + MOST_HEADER);
            headers.get(next)
        });
        let end = next.map_or(self.end, |&(_, next)| next.saturating_add(self.slack));
        end.saturating_sub(ticks)
    }

    /// What of a record cannot be; events of its batch can be `span` ticks apart.
    pub fn misfit(&self, record: &Record<'_>, span: u64) -> Option<Misfit> {
        match record {
            Record::Batch { proc, ticks } => {
                let is_in_time = (self.begin.saturating_sub(self.slack)..=self.end).contains(ticks);
                let is_proc = proc.is_none_or(|proc| u64::from(proc) < self.most_procs);
                (!is_in_time || !is_proc).then_some(Misfit::All)
            }
            Record::Frequency(frequency) => (self.frequency != Some(*frequency)).then_some(Misfit::All),
            Record::TimerGoroutine(go) => (*go > self.most_go).then_some(Misfit::All),
            Record::String { bytes, .. } => (!is_text(bytes)).then_some(Misfit::Table),
            Record::Stack(stack) => (!stack.can_be()).then_some(Misfit::All),
            Record::Event(event) => self.misfit_of_event(event, span),
        }
    }

    fn misfit_of_event(&self, event: &Event<'_>, span: u64) -> Option<Misfit> {
        let Event { kind, dt, args, stack, text } = event;
        if *dt > span {
            return Some(Misfit::All);
        }
        let can_be = match kind {
            EventType::GoCreate
            | EventType::GoStart
            | EventType::GoStartLabel
            | EventType::GoUnblock
            | EventType::GoSysExit => {
                args[0] <= self.most_go && (*kind == EventType::GoCreate || u32::try_from(args[1]).is_ok())
            }
            EventType::GoStartLocal
            | EventType::GoUnblockLocal
            | EventType::GoSysExitLocal
            | EventType::GoWaiting
            | EventType::GoInSyscall => args[0] <= self.most_go,
            EventType::Gomaxprocs => args[0] <= MOST_PROCS,
            EventType::UserRegion => args[1] <= 1,
            EventType::HeapAlloc | EventType::HeapGoal => args[0] == 0 || args[0] >= LEAST_HEAP,
            _ => true,
        };
        if !can_be {
            return Some(Misfit::Meaning);
        }
        let is_known = |id: u64| id == 0 || self.stacks.as_ref().is_none_or(|stacks| stacks.contains(&id));
        let new_stack = if *kind == EventType::GoCreate { args[1] } else { 0 };
        (!is_known(*stack) || !is_known(new_stack) || !is_text(text)).then_some(Misfit::Table)
    }

    /// Whether the records from a place on make sense.
    pub fn leads_on(&self, place: u64, span: u64) -> bool {
        let Some(data) = self.file.get(place as usize..) else { return false };
        let mut records = Records::new(self.version, data, place);
        let mut span = span;
        let mut has_batch = false;
        let mut doubts = 0;
        let mut entries = 0;
        for seen in 0..PROBED {
            let start = records.offset();
            match records.next() {
                Some(Ok(record)) if self.is_credible(&record, span, seen, &mut doubts) => {
                    if let Record::Batch { proc, ticks } = record {
                        span = self.span(proc, ticks, start);
                        has_batch = true;
                    }
                    entries += usize::from(is_entry(&record));
                }
                Some(Ok(_)) => return seen >= FEW || entries >= ENTRIES,
                Some(Err(_)) => return seen >= FEW || entries >= ENTRIES || (has_batch && seen > 1),
                None => return seen >= FEW || entries > 1 || (has_batch && seen > 1),
            }
        }
        true
    }

    /// Whether a record makes sense; of those behind the first some may refer to something that there is not.
    fn is_credible(&self, record: &Record<'_>, span: u64, seen: usize, doubts: &mut usize) -> bool {
        match self.misfit(record, span) {
            None => true,
            Some(Misfit::Table) => {
                *doubts += 1;
                seen > 0 && *doubts <= DOUBTS
            }
            Some(Misfit::All | Misfit::Meaning) => false,
        }
    }

    /// The next place behind `start` from which on records make sense, or the end of the file.
    pub fn next_place(&self, start: u64, span: u64) -> u64 {
        let end = self.file.len() as u64;
        (start + 1..end).find(|&place| self.leads_on(place, span)).unwrap_or(end)
    }
}

/// The first place behind `start` and before `end` from which on entries of tables follow each other, several or up to the
/// end of the file.
pub fn next_entries(version: Version, file: &[u8], start: u64, end: u64) -> Option<u64> {
    (start + 1..end).find(|&place| {
        let mut records = Records::new(version, file.get(place as usize..).unwrap_or_default(), place);
        for seen in 0..ENTRIES {
            match records.next() {
                Some(Ok(record)) if is_entry(&record) => {}
                Some(Ok(_) | Err(_)) => return false,
                None => return seen > 1,
            }
        }
        true
    })
}

/// Whether a record is an entry of a table, and hardly anything else: what stands at a wrong place is mostly an event.
fn is_entry(record: &Record<'_>) -> bool {
    match record {
        Record::String { bytes, .. } => bytes.len() > LEAST_TEXT && is_text(bytes),
        Record::Stack(stack) => stack.can_be(),
        Record::Batch { .. } | Record::Frequency(_) | Record::TimerGoroutine(_) | Record::Event(_) => false,
    }
}

/// The times that have no other within an hour, if most have: batches of one trace follow each other.
pub fn lone_times(sorted: &[u64]) -> Vec<u64> {
    let is_far = |at: usize, other: Option<usize>| {
        let other = other.and_then(|other| sorted.get(other));
        other.is_none_or(|other| sorted[at].abs_diff(*other) > USUAL_FREQUENCY * LONE_SECONDS)
    };
    let is_lone = |&at: &usize| is_far(at, at.checked_sub(1)) && is_far(at, Some(at + 1));
    let lone: Vec<u64> = (0..sorted.len()).filter(is_lone).map(|at| sorted[at]).collect();
    if lone.len() * 2 < sorted.len() { lone } else { Vec::new() }
}

/// The longest row of batches, in the order of the file, whose times increase.
fn increasing<'b>(batches: impl Iterator<Item = &'b Batch>) -> Vec<(u64, u64)> {
    let headers: Vec<(u64, u64)> = batches.map(|batch| (batch.bytes.start as u64, batch.ticks)).collect();
    // `tails` are, by length, the batches with the least time that end a row of that length.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(headers.len());
    for (index, &(_, ticks)) in headers.iter().enumerate() {
        let len = tails.partition_point(|&tail| headers[tail].1 <= ticks);
        before.push(len.checked_sub(1).map(|len| tails[len]));
        if len == tails.len() {
            tails.push(index);
        } else {
            tails[len] = index;
        }
    }
    let mut row = Vec::with_capacity(tails.len());
    let mut at = tails.last().copied();
    while let Some(index) = at {
        row.push(headers[index]);
        at = before[index];
    }
    row.reverse();
    row
}

/// Whether bytes begin as a text.
fn is_text(bytes: &[u8]) -> bool {
    let begin = bytes.get(..TEXT).unwrap_or(bytes);
    let is_utf8 = std::str::from_utf8(begin).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && !begin.iter().any(|&byte| byte < b'\t')
}
