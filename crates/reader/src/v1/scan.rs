//! The way through the file: where each proc's batches are, the tables, the samples, the clock.
//!
//! A file in which something cannot be, or that contradicts itself, is gone through again, with a sense for what can be
//! (`super::sense`): what makes no sense is left out then, and a batch goes on behind it.

use std::ops::Range;

use goroscope_wire::v1::{Event, EventType, Record, Records, StackRecord};
use goroscope_wire::{Version, WireError, WireErrorKind, push_varint};
use rustc_hash::{FxHashMap, FxHashSet};

use super::merge::fits_together;
use super::sense::{self, Misfit, Sense};
use super::{Part, Sinks};
use crate::clock::USUAL_FREQUENCY;
use crate::tally::Tally;
use crate::{Diagnostic, LostTime};

/// The most timer goroutines that are kept; the runtime has at most 64.
const MOST_TIMERS: usize = 64;

/// Bytes of a batch from which on it is full, or nearly: what follows damage there may be of another proc, whose header
/// is lost.
const FULL: u64 = 64_000;

/// Bytes of a text from which on the runtime may have said that it wrote more of it.
const LONG_TEXT: usize = 64_000;

/// What a file holds.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug)]
pub struct Stream {
    /// Which proc, or none.
    pub proc: Option<u32>,
    pub batches: Vec<Batch>,
}

/// A stretch of the file that one proc wrote: a batch, or what is between two damaged places of it.
#[derive(Clone, Debug)]
pub struct Batch {
    pub ticks: u64,
    /// Its records.
    pub bytes: Range<usize>,
    /// The time of its last event.
    pub last: u64,
}

/// A CPU sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub ticks: i64,
    pub go: u64,
    pub offset: u64,
}

/// One way through the file.
pub struct Pass<'a> {
    version: Version,
    file: &'a [u8],
    /// Where the records begin.
    first: u64,
    pub scan: Scan,
    streams: FxHashMap<Option<u32>, usize>,
    /// The stream that writes now.
    current: Option<usize>,
    strings: Vec<(u64, &'a [u8])>,
    pub stacks: Vec<(StackRecord<'a>, u64)>,
    /// The greatest id of a stack that an event has.
    greatest_stack: u64,
    /// Where the current batch begins, from when on, and how many ticks its events can be apart.
    begin: u64,
    ticks: u64,
    span: u64,
    /// The batches that were found behind damage, by the places of their first records.
    pub found: FxHashSet<u64>,
    /// Whether the last record is cut off by the end of the file, and nothing else was wrong.
    is_only_cut: bool,
    /// Bytes of events that belong to no batch.
    orphans: u64,
    /// Whether it says two frequencies.
    is_torn: bool,
    /// Texts that end before the end that is said of them, and the last one's place.
    cut_texts: u64,
    cut_text: u64,
    tally: Tally,
    diagnostics: Vec<Diagnostic>,
}

impl Scan {
    /// Goes through the file; strings and stacks go to the names.
    pub fn of(part: &Part<'_>, to: &mut Sinks<'_>) -> Self {
        let &Part { version, file, .. } = part;
        let mut pass = Pass::new(part);
        pass.go(None);
        let frequency = pass.scan.frequency.unwrap_or(USUAL_FREQUENCY);
        if pass.is_damaged() || (pass.is_odd() && !fits_together(version, file, &pass.scan, frequency)) {
            let sense = Sense::of(part, &pass);
            pass = Pass::new(part);
            pass.go(Some(&sense));
        }
        pass.finish(to)
    }
}

impl<'a> Pass<'a> {
    fn new(part: &Part<'a>) -> Self {
        Self {
            version: part.version,
            file: part.file,
            first: part.begin,
            scan: Scan { is_whole: true, ..Scan::default() },
            streams: FxHashMap::default(),
            current: None,
            strings: Vec::new(),
            stacks: Vec::new(),
            greatest_stack: 0,
            begin: 0,
            ticks: 0,
            span: u64::MAX,
            found: FxHashSet::default(),
            is_only_cut: false,
            orphans: 0,
            is_torn: false,
            cut_texts: 0,
            cut_text: 0,
            tally: Tally::default(),
            diagnostics: Vec::new(),
        }
    }

    fn go(&mut self, sense: Option<&Sense<'_>>) {
        let mut records = self.records(self.first);
        let mut resumed = u64::MAX;
        loop {
            let start = records.offset();
            let Some(record) = records.next() else { break };
            let is_cut = matches!(record, Err(WireError { kind: WireErrorKind::UnexpectedEnd, .. }));
            let end = records.offset();
            let (misfit, message) = match (record, sense) {
                (Ok(record), None) => {
                    if start == resumed {
                        self.found.insert(end);
                    }
                    self.take(record, start, end, sense);
                    continue;
                }
                (Ok(record), Some(sense)) => match sense.misfit(&record, self.span) {
                    Some(misfit) if misfit == Misfit::Table && sense.leads_on(end, self.span) => {
                        self.take(record, start, end, Some(sense));
                        continue;
                    }
                    Some(misfit) => (Some((misfit, record)), format!("{} that cannot be", record.kind().name())),
                    None => {
                        self.take(record, start, end, Some(sense));
                        continue;
                    }
                },
                (Err(error), _) => (None, error.to_string()),
            };
            self.end_batch(start);
            self.is_only_cut = self.scan.is_whole;
            self.scan.is_whole = false;
            let next = match (sense, misfit) {
                // Its time can be: only what it says is wrong.
                (Some(sense), Some((Misfit::Meaning | Misfit::Table, Record::Event(event))))
                    if sense.leads_on(end, self.span) =>
                {
                    self.ticks = self.ticks.wrapping_add(event.dt);
                    end
                }
                (Some(sense), _) => sense.next_place(start, self.span),
                (None, _) => {
                    records.resume(0, u64::MAX);
                    let batch = records.offset();
                    // The rest of the tables tells what can be, so it is not passed over.
                    sense::next_entries(self.version, self.file, start, batch).unwrap_or(batch)
                }
            };
            self.is_only_cut &= is_cut && next == self.file.len() as u64;
            resumed = next;
            if sense.is_some() && start - self.begin < FULL {
                self.go_on(next);
            } else {
                self.current = None;
            }
            let message = format!("{message}; what follows is lost up to byte {next}");
            self.diagnostics.push(Diagnostic { lost_time: LostTime::Unknown, ..loss(start, next - start, &message) });
            records = self.records(next);
        }
        self.end_batch(records.offset());
    }

    /// The records from there on.
    fn records(&self, offset: u64) -> Records<'a> {
        Records::new(self.version, self.file.get(offset as usize..).unwrap_or_default(), offset)
    }

    /// Takes in a record.
    fn take(&mut self, record: Record<'a>, start: u64, end: u64, sense: Option<&Sense<'_>>) {
        let number = usize::from(record.kind().byte());
        self.tally.counts[number] += 1;
        self.tally.bytes[number] += end - start;
        match record {
            Record::Batch { proc, ticks } => {
                self.end_batch(start);
                self.begin_batch(proc, ticks, start, end, sense);
            }
            Record::Frequency(frequency) => {
                if frequency > 0 && sense.is_none_or(|sense| sense.frequency == Some(frequency)) {
                    self.is_torn |= *self.scan.frequency.get_or_insert(frequency) != frequency;
                }
            }
            Record::TimerGoroutine(go) => {
                if self.scan.timers.len() < MOST_TIMERS && !self.scan.timers.contains(&go) {
                    self.scan.timers.push(go);
                }
            }
            Record::String { id, bytes } => {
                self.see_text(bytes, start, end);
                self.strings.push((id, bytes));
            }
            Record::Stack(stack) => self.stacks.push((stack, start)),
            Record::Event(Event { kind: EventType::CPUSample, args, .. }) => {
                self.scan.events += 1;
                self.scan.samples.push(Sample { ticks: args[0] as i64, go: args[2], offset: start });
            }
            Record::Event(_) if self.current.is_none() => self.orphans += end - start,
            Record::Event(event) => {
                self.see_text(event.text, start, end);
                self.ticks = self.ticks.wrapping_add(event.dt);
                self.greatest_stack = self.greatest_stack.max(event.stack);
                self.scan.events += 1;
            }
        }
    }

    /// Counts a text, at the end of a record, that is not as long as the record says.
    #[inline]
    fn see_text(&mut self, text: &[u8], start: u64, end: u64) {
        if text.len() < LONG_TEXT {
            return;
        }
        let mut said = Vec::new();
        push_varint(&mut said, text.len() as u64);
        let before = self.file.get(start as usize..end as usize - text.len()).unwrap_or_default();
        if !before.ends_with(&said) {
            self.cut_texts += 1;
            self.cut_text = start;
        }
    }

    fn begin_batch(&mut self, proc: Option<u32>, ticks: u64, start: u64, end: u64, sense: Option<&Sense<'_>>) {
        let streams = &mut self.scan.streams;
        let index = *self.streams.entry(proc).or_insert_with(|| {
            streams.push(Stream { proc, batches: Vec::new() });
            streams.len() - 1
        });
        let mut ticks = ticks;
        if let Some(sense) = sense {
            if !sense.trusts(end) {
                // A proc begins a batch when the one before is full.
                let before = streams.get(index).and_then(|stream| stream.batches.last());
                ticks = before.map_or_else(|| sense.time_near(start), |before| before.last);
                let message = "time of the batch cannot be: taken for that of the end of the one before";
                self.diagnostics.push(loss(start, 0, message));
                self.scan.is_whole = false;
            }
            self.span = sense.span(proc, ticks, start);
        }
        (self.begin, self.ticks) = (start, ticks);
        self.current = Some(index);
        self.go_on(end);
    }

    /// The current batch goes on at a place.
    fn go_on(&mut self, at: u64) {
        let ticks = self.ticks;
        if let Some(stream) = self.current.and_then(|index| self.scan.streams.get_mut(index)) {
            stream.batches.push(Batch { ticks, bytes: at as usize..at as usize, last: ticks });
        }
    }

    fn end_batch(&mut self, end: u64) {
        let stream = self.current.and_then(|index| self.scan.streams.get_mut(index));
        if let Some(batch) = stream.and_then(|stream| stream.batches.last_mut()) {
            batch.bytes.end = end as usize;
            batch.last = self.ticks;
        }
    }

    /// Whether something in the file cannot be: then it is damaged.
    fn is_damaged(&self) -> bool {
        let mut times: Vec<u64> =
            self.scan.streams.iter().flat_map(|stream| &stream.batches).map(|batch| batch.ticks).collect();
        times.sort_unstable();
        !(self.scan.is_whole || self.is_only_cut)
            || self.is_torn
            || self.orphans > 0
            || !sense::lone_times(&times).is_empty()
    }

    /// Whether something is as it usually is not: a batch goes on after the next one of its proc began, or an event has a
    /// stack that is in no table. That happens in sound files too, of programs that were profiled; there everything fits.
    fn is_odd(&self) -> bool {
        let greatest_stack = self.stacks.iter().map(|(stack, _)| stack.id).max();
        let slack = sense::slack(self.scan.frequency.unwrap_or(USUAL_FREQUENCY));
        let is_late =
            |(batch, next): (&Batch, &Batch)| batch.last < batch.ticks || batch.last > next.ticks.saturating_add(slack);
        let mut streams = self.scan.streams.iter();
        greatest_stack.is_some_and(|greatest| greatest < self.greatest_stack)
            || streams.any(|stream| stream.batches.iter().zip(stream.batches.iter().skip(1)).any(is_late))
    }

    /// Hands on what was found.
    fn finish(mut self, to: &mut Sinks<'_>) -> Scan {
        to.tally.add_all(&self.tally);
        for diagnostic in std::mem::take(&mut self.diagnostics) {
            to.log.push(diagnostic);
        }
        if self.cut_texts > 0 {
            let message = format!(
                "texts that are longer than a buffer of the runtime, of which it says that it wrote three bytes more \
                 than it did, so that go tool trace cannot read on; goroscope repair puts it right: {}",
                self.cut_texts
            );
            to.log.push(Diagnostic::note(self.cut_text, message));
        }
        if self.orphans > 0 {
            self.scan.is_whole = false;
            let message = "events of which no batch says who wrote them";
            to.log.push(loss(self.first, self.orphans, message));
        }
        self.name(to);
        self.scan.samples.sort_by_key(|sample| sample.ticks);
        self.scan
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
            to.log.push(loss(self.first, 0, &message));
        }
    }
}

/// Something was lost at a place of the file.
pub fn loss(offset: u64, lost_bytes: u64, message: &str) -> Diagnostic {
    Diagnostic { lost_bytes, ..Diagnostic::loss(offset, message) }
}
