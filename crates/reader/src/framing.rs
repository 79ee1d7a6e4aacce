//! Cuts the file into generations: which batches belong together, and what to do with those that do not fit.
//!
//! A generation ends at its end mark (from 1.26), before the first batch of the next one, and at the end of the file.
//! A single batch with another number between batches of one generation is taken for one of them with a damaged header.
//! A batch that is there twice is read once. Behind the header of another trace that was appended, its generations follow
//! if they can belong to the same run of the program; otherwise they are not of this trace, which ends there. Generations
//! that stand out of order are read in that of their numbers.

mod frequency;
mod joined;
mod repeats;
mod sorted;

use std::ops::Range;

use goroscope_wire::{Batch, BatchKind, Batches, HEADER_LEN, Item, NO_THREAD, Version, WireError};
use rustc_hash::FxHashMap;

pub use self::joined::{UNKNOWN, how_to_cut, left_out, name};
use self::repeats::Repeats;
use self::sorted::sorted_runs;
use crate::diagnostic::{Log, Place};
use crate::entries::table_in;
use crate::tally::Tally;
use crate::{Diagnostic, EventType, LostTime, ThreadId};

/// How many minutes the distance is that counts as far among the times of a generation.
const MINUTES_IN_FAR: u64 = 24 * 60;

/// The batches of one generation.
#[derive(Debug)]
pub struct Pieces<'a> {
    /// The version of the trace that it is of.
    pub version: Version,
    /// Its number in the file.
    pub number: u64,
    /// Where its first batch begins.
    pub offset: u64,
    /// Bytes of its batches, headers and end mark.
    pub bytes: u64,
    /// The smallest time of a batch, in ticks.
    pub start: u64,
    /// The greatest.
    latest: u64,
    /// Event batches by thread, threads in the order in which they appear.
    pub threads: Vec<ThreadBatches<'a>>,
    thread_places: FxHashMap<u64, usize>,
    /// Kind and thread of the batch that was added last.
    last: Option<(BatchKind, u64)>,
    pub strings: Vec<Batch<'a>>,
    pub stacks: Vec<Batch<'a>>,
    pub samples: Vec<Batch<'a>>,
    pub syncs: Vec<Batch<'a>>,
    pub experimental: Vec<Batch<'a>>,
    /// Whether nothing of it is known to be missing.
    pub is_complete: bool,
    /// Whether whole generations are missing before it.
    pub follows_gap: bool,
    /// What was said of that.
    pub gap: Option<Place>,
    /// Where bytes of it, or before it, are not batches, and what was said of them.
    pub holes: Vec<(Place, Range<u64>)>,
    /// Whether nothing of the same trace follows, and nothing says that it is whole.
    pub is_last: bool,
    /// What was said of its end, if the file ends inside it.
    pub cut: Option<Place>,
}

/// The event batches of a thread, in the order of the file.
#[derive(Clone, Debug)]
pub struct ThreadBatches<'a> {
    pub thread: u64,
    pub batches: Vec<Batch<'a>>,
}

/// The file as a sequence of generations.
#[derive(Clone, Debug)]
pub struct Framing<'a> {
    version: Version,
    file: &'a [u8],
    batches: Batches<'a>,
    /// An item that was read and belongs to the next generation.
    spilled: Option<Batch<'a>>,
    /// Whether the spilled batch is cut off by the end of the file.
    is_cut: bool,
    /// What was said of that, or of the bytes before the generation that begins next.
    cut: Option<Place>,
    holes: Vec<(Place, Range<u64>)>,
    /// What was said of another trace that begins with the next generation.
    gap: Option<Place>,
    /// Number of the generation before.
    last: Option<u64>,
    /// The latest time of a batch, in ticks.
    latest: u64,
    repeats: Repeats<'a>,
    /// The generations behind the first place where some are missing, if there was one, in order.
    later: Option<Vec<u64>>,
    /// Whether the header of another trace was passed, whose first generation comes next.
    begins_anew: bool,
    /// Where the header of a trace stands that this one cannot go on with.
    pub next_trace: Option<u64>,
    /// Where the generations to come stand, the last one first, if they are not in the order of the file.
    runs: Vec<Range<u64>>,
    /// Whether it was not asked yet if they are.
    may_sort: bool,
}

impl<'a> Framing<'a> {
    /// The generations behind the header at a place of the file.
    pub fn new(version: Version, file: &'a [u8], header: u64) -> Self {
        let data = header + HEADER_LEN as u64;
        let batches =
            if version.is_v1() { Batches::new(version, file, data) } else { Batches::surveyed(version, file, data) };
        Self {
            version,
            file,
            batches,
            spilled: None,
            is_cut: false,
            cut: None,
            holes: Vec::new(),
            gap: None,
            last: None,
            latest: 0,
            repeats: Repeats::of(file),
            later: None,
            begins_anew: false,
            next_trace: None,
            runs: Vec::new(),
            may_sort: true,
        }
    }

    /// The next generation.
    pub fn next(&mut self, log: &mut Log, tally: &mut Tally) -> Option<Pieces<'a>> {
        let first = loop {
            if let Some(batch) = self.spilled.take() {
                if self.sort(&batch, log) {
                    continue;
                }
                break batch;
            }
            match self.next_item()? {
                Ok(Item::Batch(batch)) if self.repeats.is_repeated(&batch) => {
                    repeats::tell(&batch, self.last, log);
                }
                Ok(Item::Batch(batch)) => {
                    let first = self.settle_first(batch, log);
                    if !self.sort(&first, log) {
                        break first;
                    }
                }
                Ok(Item::EndOfGeneration { offset }) => {
                    tally.add(EventType::EndOfGeneration, 1);
                    log.push(note(offset, self.last, "end of a generation without batches"));
                }
                Err(error) => self.recover(error, None, log),
            }
        };
        self.repeats.begin_generation();
        self.repeats.add(&first);
        let mut pieces = Pieces::begin(self.version, first);
        if let Some(last) = self.last.filter(|&last| !is_next(last, pieces.number)) {
            pieces.follows_gap = true;
            self.tell_gap(last, &mut pieces, log);
        }
        if std::mem::take(&mut self.begins_anew) {
            pieces.follows_gap = true;
            pieces.gap = pieces.gap.or(self.gap.take());
        }
        pieces.is_complete = !self.is_cut;
        pieces.cut = self.cut.take();
        pieces.holes = std::mem::take(&mut self.holes);
        self.collect(&mut pieces, log, tally);
        pieces.count(tally);
        self.last = Some(pieces.number);
        self.latest = self.latest.max(pieces.latest);
        Some(pieces)
    }

    /// Reads what belongs to the generation that has begun.
    fn collect(&mut self, pieces: &mut Pieces<'a>, log: &mut Log, tally: &mut Tally) {
        loop {
            match self.next_item() {
                None => {
                    pieces.is_last = true;
                    if self.version >= Version::Go126 && pieces.is_complete {
                        pieces.is_complete = false;
                        let message = "file ends inside the generation";
                        pieces.cut = Some(log.push(loss(self.file.len() as u64, pieces.number, message)));
                    }
                    return;
                }
                Some(Ok(Item::EndOfGeneration { .. })) => {
                    tally.add(EventType::EndOfGeneration, 1);
                    pieces.bytes += 1;
                    return;
                }
                Some(Ok(Item::Batch(batch))) if self.repeats.is_repeated(&batch) => {
                    repeats::tell(&batch, Some(pieces.number), log);
                }
                Some(Ok(Item::Batch(batch))) if batch.generation == pieces.number => {
                    self.repeats.add(&batch);
                    pieces.add(batch);
                }
                Some(Ok(Item::Batch(batch))) => {
                    if self.is_stray(&batch, pieces.number) {
                        let message = format!("batch claims to be of generation {}", batch.generation);
                        log.push(note(batch.offset, Some(pieces.number), message));
                        pieces.add(batch);
                        continue;
                    }
                    if self.version >= Version::Go126 {
                        log.push(note(batch.offset, Some(pieces.number), "end of the generation is not marked"));
                    }
                    self.spilled = Some(batch);
                    return;
                }
                Some(Err(error)) => {
                    self.recover(error, Some(pieces), log);
                    if self.begins_anew || self.next_trace.is_some() {
                        pieces.is_last = true;
                        pieces.is_complete &= self.version < Version::Go126;
                        return;
                    }
                    if self.spilled.is_some() {
                        // For the version that marks ends, the mark is missing as well.
                        pieces.is_complete &= self.version < Version::Go126;
                        return;
                    }
                    pieces.is_complete = false;
                }
            }
        }
    }

    /// The next item in the order in which generations are read.
    fn next_item(&mut self) -> Option<Result<Item<'a>, WireError>> {
        loop {
            if let Some(item) = self.batches.next() {
                return Some(item);
            }
            let run = self.runs.pop()?;
            let until = self.file.get(..run.end as usize).unwrap_or(self.file);
            self.batches = Batches::new(self.version, until, run.start);
        }
    }

    /// If the generation that begins with `first` is not the next one: lets those from it on be read in the order of their
    /// numbers, if they are not. Whether what was read of it is to be read again.
    fn sort(&mut self, first: &Batch<'a>, log: &mut Log) -> bool {
        let is_expected = self.last.map_or(first.generation <= 1, |last| is_next(last, first.generation));
        if is_expected || self.is_cut || !std::mem::take(&mut self.may_sort) {
            return false;
        }
        let Some(mut runs) = sorted_runs(self.version, self.file, first, self.last) else { return false };
        let message = "generations stand out of order from here on: they are read in the order of their numbers";
        log.push(note(first.offset, Some(first.generation), message));
        runs.reverse();
        self.runs = runs;
        self.batches = Batches::new(self.version, self.file, self.file.len() as u64);
        true
    }

    /// Says that a generation does not follow the one before it in the file.
    fn tell_gap(&mut self, last: u64, pieces: &mut Pieces<'a>, log: &mut Log) {
        let number = pieces.number;
        if number <= last {
            let message = format!("generation {number} follows {last}: out of order, or the begin of another trace");
            pieces.gap = Some(log.push(loss(pieces.offset, number, message)));
            return;
        }
        let later = self.later.get_or_insert_with(|| later_generations(self.batches.clone()));
        let (first, end) = (last.saturating_add(1), number);
        let before = |limit: u64| later.partition_point(|&it| it < limit) as u64;
        let behind = before(end) - before(first);
        if behind == end - first {
            let message = format!("generation {number} follows {last}: those between stand behind it");
            log.push(loss(pieces.offset, number, message));
        } else {
            let message = format!("generations between {last} and {number} are missing");
            pieces.gap = Some(log.push(loss(pieces.offset, number, message)));
        }
    }

    /// What comes next, repeated batches apart.
    fn peek(&self) -> Option<Result<Item<'a>, WireError>> {
        self.batches.clone().find(|item| !matches!(item, Ok(Item::Batch(batch)) if self.repeats.is_repeated(batch)))
    }

    /// Whether a batch of another generation than the current one stands among batches of the current one.
    fn is_stray(&self, batch: &Batch<'a>, current: u64) -> bool {
        match self.peek() {
            Some(Ok(Item::Batch(next))) => next.generation == current && next.generation != batch.generation,
            Some(Ok(Item::EndOfGeneration { .. }) | Err(_)) | None => !is_next(current, batch.generation),
        }
    }

    /// The first batch of a generation, its number corrected if it fits neither before nor after.
    fn settle_first(&self, batch: Batch<'a>, log: &mut Log) -> Batch<'a> {
        let follows = |number| self.last.is_none_or(|last| is_next(last, number));
        if let Some(Ok(Item::Batch(next))) = self.peek()
            && next.generation != batch.generation
            && !is_next(batch.generation, next.generation)
            && follows(next.generation)
        {
            let message = format!("batch claims to be of generation {}", batch.generation);
            log.push(note(batch.offset, Some(next.generation), message));
            return Batch { generation: next.generation, ..batch };
        }
        batch
    }

    /// Goes on behind a place that is not a batch. The batch before it may have swallowed some if its size is wrong.
    fn recover(&mut self, error: WireError, mut pieces: Option<&mut Pieces<'a>>, log: &mut Log) {
        let at = self.batches.position();
        let end = self.file.len() as u64;
        let number = pieces.as_ref().map(|pieces| pieces.number).or(self.last);
        let start = pieces.as_ref().map(|pieces| pieces.start);
        let cut = self.batches.cut_batch().filter(|cut| can_follow(number, start, cut));
        if goroscope_wire::find_header(self.file, at as usize, at as usize + 1).is_some() {
            // Nothing is damaged, and there may be very many traces: batches are not looked for in all of them.
            self.pass_header(at, None, pieces, log);
            return;
        }
        // If what stands there can be a batch that the end of the file cuts off, the batch before it has its size.
        let swallowed = if cut.is_none() { pieces.as_deref_mut().and_then(Pieces::last_batch) } else { None };
        // Only a batch that ends here: one that was cut before would be searched again and again.
        let swallowed = swallowed.filter(|last| last.data_offset + last.data.len() as u64 == at);
        let from = swallowed.map(|last| last.data_offset).filter(|&data| data < at).unwrap_or(at + 1);
        let mut batches = self.batches.again(from);
        let hint = number.or(cut.map(|cut| cut.generation));
        // Bytes inside a cut batch easily look like small batches; those behind a wrong size lead to the file's end.
        let mut found = batches.resync(hint);
        if found == Some(at) {
            // What stands there looks like a batch, but was not to be read as one.
            batches = self.batches.again(at + 1);
            found = batches.resync(hint);
        }
        let found = found.filter(|_| cut.is_none_or(|cut| leads_to_the_end(batches.clone(), &cut)));
        let limit = found.unwrap_or(end);
        if let Some(header) = goroscope_wire::find_header(self.file, from.min(at) as usize, limit as usize) {
            self.pass_header(header as u64, cut, pieces, log);
            return;
        }
        self.batches = if found.is_some() { batches } else { self.batches.again(end) };

        let mut diagnostic = Diagnostic { generation: number, ..Diagnostic::loss(at, error.to_string()) };
        match (found, pieces, cut) {
            (Some(found), Some(pieces), _) if found < at => {
                diagnostic.message = "size of the batch is wrong".into();
                diagnostic.offset = pieces.cut_last_batch(found);
            }
            (Some(found), mut pieces, _) => {
                if pieces.as_deref_mut().is_some_and(|pieces| pieces.add_table(self.file, at..found)) {
                    diagnostic.message = format!("{error}; what stands there is read as a table");
                    log.push(diagnostic);
                    return;
                }
                diagnostic.lost_bytes = found - at;
                diagnostic.lost_time = LostTime::Unknown;
                let hole = (log.push(diagnostic), at..found);
                pieces.map_or(&mut self.holes, |pieces| &mut pieces.holes).push(hole);
                return;
            }
            (None, Some(pieces), Some(batch)) if batch.generation == pieces.number => {
                diagnostic.thread = ThreadId(batch.thread).get();
                // Tables come when all events of the generation are written.
                if batch.kind == BatchKind::Events {
                    diagnostic.lost_time = LostTime::Unknown;
                }
                pieces.add(batch);
                pieces.cut = Some(log.push(diagnostic));
                return;
            }
            (None, _, Some(batch)) if number.is_none_or(|number| is_next(number, batch.generation)) => {
                diagnostic.generation = Some(batch.generation);
                diagnostic.thread = ThreadId(batch.thread).get();
                diagnostic.lost_time = LostTime::Unknown;
                self.spilled = Some(batch);
                self.is_cut = true;
                self.cut = Some(log.push(diagnostic));
                return;
            }
            (None, _, _) => {
                diagnostic.lost_bytes = end - at;
                diagnostic.lost_time = LostTime::Unknown;
            }
        }
        log.push(diagnostic);
    }
}

impl<'a> Pieces<'a> {
    fn begin(version: Version, batch: Batch<'a>) -> Self {
        let mut pieces = Self {
            version,
            number: batch.generation,
            offset: batch.offset,
            bytes: 0,
            start: batch.time,
            latest: batch.time,
            threads: Vec::new(),
            thread_places: FxHashMap::default(),
            last: None,
            strings: Vec::new(),
            stacks: Vec::new(),
            samples: Vec::new(),
            syncs: Vec::new(),
            experimental: Vec::new(),
            is_complete: true,
            follows_gap: false,
            gap: None,
            holes: Vec::new(),
            is_last: false,
            cut: None,
        };
        pieces.add(batch);
        pieces
    }

    /// Adds a table whose header is lost, if that is what these bytes of the file are.
    fn add_table(&mut self, file: &'a [u8], bytes: Range<u64>) -> bool {
        let data = file.get(bytes.start as usize..bytes.end as usize).unwrap_or_default();
        let Some((kind, place)) = table_in(data) else { return false };
        let data_offset = bytes.start + place as u64;
        let (generation, time) = (self.number, self.start);
        let data = data.get(place..).unwrap_or_default();
        self.add(Batch { generation, thread: NO_THREAD, time, kind, data, offset: bytes.start, data_offset });
        true
    }

    fn add(&mut self, batch: Batch<'a>) {
        let mut batch = batch;
        if batch.kind == BatchKind::Events && batch.thread == NO_THREAD {
            // Only a table is of no thread: the byte that says which one is damaged.
            batch.kind = table_in(batch.data).map_or(batch.kind, |(kind, _)| kind);
        }
        self.bytes += batch.data_offset - batch.offset + batch.data.len() as u64;
        // A time of 0 is not one, to Go's reader: the next batch replaces it.
        if self.start == 0 || batch.time < self.start {
            self.start = batch.time;
        }
        self.latest = self.latest.max(batch.time);
        self.last = Some((batch.kind, batch.thread));
        self.list(batch.kind, batch.thread).push(batch);
    }

    /// The batch that was added last.
    fn last_batch(&mut self) -> Option<&mut Batch<'a>> {
        let (kind, thread) = self.last?;
        self.list(kind, thread).last_mut()
    }

    /// Lets the batch that was added last end at `end`; gives its place.
    fn cut_last_batch(&mut self, end: u64) -> u64 {
        let Some(last) = self.last_batch() else {
            return end;
        };
        let len = last.data.len().min(end.saturating_sub(last.data_offset) as usize);
        let cut = last.data.len() - len;
        last.data = &last.data[..len];
        let offset = last.offset;
        self.bytes -= cut as u64;
        offset
    }

    /// The list that batches of this kind and thread are in.
    fn list(&mut self, kind: BatchKind, thread: u64) -> &mut Vec<Batch<'a>> {
        match kind {
            BatchKind::Strings => &mut self.strings,
            BatchKind::Stacks => &mut self.stacks,
            BatchKind::CpuSamples => &mut self.samples,
            BatchKind::Sync => &mut self.syncs,
            BatchKind::Experimental(_) => &mut self.experimental,
            BatchKind::Events => {
                let place = *self.thread_places.entry(thread).or_insert(self.threads.len());
                if place == self.threads.len() {
                    self.threads.push(ThreadBatches { thread, batches: Vec::new() });
                }
                &mut self.threads[place].batches
            }
        }
    }

    /// Corrects the times of batches whose bytes were damaged: they are further than `far` ticks from most others, or
    /// stand alone, with a minute or more between them and any other.
    ///
    /// Such a batch gets the time of the one before it of the same thread, or that of most.
    pub fn settle_times(&mut self, far: u64, log: &mut Log) {
        let tables = [&self.strings, &self.stacks, &self.samples, &self.syncs, &self.experimental];
        let lists = self.threads.iter().map(|thread| &thread.batches);
        let mut times: Vec<u64> = tables.into_iter().chain(lists).flatten().map(|batch| batch.time).collect();
        times.sort_unstable();
        let usual = times[times.len() / 2];
        let lone = lone_times(&times, far / MINUTES_IN_FAR);
        let is_wrong = |time: u64| time.abs_diff(usual) > far || lone.contains(&time);
        if !times.iter().any(|&time| is_wrong(time)) {
            return;
        }
        self.start = times.into_iter().find(|&time| !is_wrong(time)).unwrap_or(usual);
        let Self { threads, strings, stacks, samples, syncs, experimental, .. } = self;
        let tables = [strings, stacks, samples, syncs, experimental];
        for list in tables.into_iter().chain(threads.iter_mut().map(|thread| &mut thread.batches)) {
            let mut before = usual;
            for batch in list {
                if is_wrong(batch.time) {
                    batch.time = before;
                    let thread = ThreadId(batch.thread).get();
                    let message = "time of the batch is far from all others: taken for that of the batch before";
                    log.push(Diagnostic { thread, ..loss(batch.offset, self.number, message) });
                }
                before = batch.time;
            }
        }
    }

    fn count(&self, tally: &mut Tally) {
        let tables = [&self.strings, &self.stacks, &self.samples, &self.syncs, &self.experimental];
        let threads = self.threads.iter().map(|thread| &thread.batches);
        for batch in tables.into_iter().chain(threads).flatten() {
            tally.add_batch(batch);
        }
    }
}

/// Whether a batch can be the next one of the generation `number`, or the first of the one after it.
fn can_follow(number: Option<u64>, start: Option<u64>, batch: &Batch<'_>) -> bool {
    let of_generation = number.is_none_or(|number| batch.generation == number || is_next(number, batch.generation));
    of_generation && start.is_none_or(|start| is_near(start, batch.time))
}

/// The generations of all batches up to the next damage, in order, each once.
fn later_generations(batches: Batches<'_>) -> Vec<u64> {
    let of_batch = |item| if let Item::Batch(batch) = item { Some(batch.generation) } else { None };
    let mut generations: Vec<u64> = batches.map_while(Result::ok).filter_map(of_batch).collect();
    generations.sort_unstable();
    generations.dedup();
    generations
}

/// Whether everything up to the end of the file can be batches behind `cut`, two at least.
fn leads_to_the_end(mut batches: Batches<'_>, cut: &Batch<'_>) -> bool {
    let fits = |batch: &Batch<'_>| can_follow(Some(cut.generation), Some(cut.time), batch);
    let mut count = 0;
    while let Some(item) = batches.next() {
        match item {
            Ok(Item::Batch(batch)) if fits(&batch) => count += 1,
            Ok(Item::Batch(_)) => return false,
            Ok(Item::EndOfGeneration { .. }) => {}
            Err(_) => return count > 1 && batches.cut_batch().is_some_and(|last| fits(&last)),
        }
    }
    count > 1
}

/// Whether two times can be of one trace: clocks count from the start of the machine or from farther back, while
/// numbers that are no times are mostly small.
fn is_near(a: u64, b: u64) -> bool {
    a / 4 <= b && b / 4 <= a
}

/// The times that have no other within `near` ticks. A generation lasts about a second, and of less than four batches
/// none is told from the others.
fn lone_times(sorted: &[u64], near: u64) -> Vec<u64> {
    if sorted.len() < 4 {
        return Vec::new();
    }
    let alone = |at: usize| {
        let after_last = at.checked_sub(1).is_none_or(|last| sorted[at] - sorted[last] > near);
        after_last && sorted.get(at + 1).is_none_or(|next| next - sorted[at] > near)
    };
    (0..sorted.len()).filter(|&at| alone(at)).map(|at| sorted[at]).collect()
}

/// Whether `number` is the generation after `last`. At its greatest value the counter goes on with 4.
fn is_next(last: u64, number: u64) -> bool {
    let wraps = last == u64::MAX || last == u64::from(u32::MAX);
    last.checked_add(1) == Some(number) || (wraps && number == 4)
}

fn note(offset: u64, generation: Option<u64>, message: impl Into<String>) -> Diagnostic {
    Diagnostic { generation, ..Diagnostic::note(offset, message) }
}

fn loss(offset: u64, generation: u64, message: impl Into<String>) -> Diagnostic {
    Diagnostic { generation: Some(generation), ..Diagnostic::loss(offset, message) }
}
