//! Events whose numbers the table does not have: in traces of a Go that is newer than it.
//!
//! Where an event ends depends on how many arguments it has, and of an unknown one that is not written anywhere. But what
//! follows it is known as a rule, and bytes that are read from a wrong place soon make no sense: a number that no event
//! of a thread has, a clock that stands still, a status that there is not. So the count is found out:
//!
//! 1. At each of the first unknown events of a number, every count from none to five is tried on the two dozen events
//!    behind it, and gets points for each that makes sense. The right count gets the most nearly every time.
//! 2. The count with the most points in the whole file is taken for the number. At a single event another one is only
//!    taken if what follows makes no sense otherwise.
//!
//! A batch of no thread that begins with an unknown number is a table of an unknown kind, unless it can be read as events
//! and most of these are known.

use crate::varint::Cursor;
use crate::{
    ArgKind, Batch, BatchKind, Batches, EventClass, HEADER_LEN, Item, NO_THREAD, RawEvent, TimedEvents, Version,
    WireErrorKind,
};

/// The most arguments that an unknown event is taken to have.
pub const MAX_UNKNOWN_ARGS: usize = 5;

/// How many events behind an unknown one are looked at.
const OUTLOOK: i64 = 24;

/// Points of an event that makes sense, and the most of all together.
const SENSE: i64 = 4;
const MOST: i64 = OUTLOOK * SENSE;

/// At how many events of each number the counts are tried.
const TRIED: u32 = 256;

/// How many other unknown events may be among those that are looked at, if their counts are not known yet.
const NESTED: u32 = 1;

/// An event of an unknown number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownEvent {
    /// Its number on the wire.
    pub number: u8,
    /// How many arguments it is taken to have.
    pub count: u8,
    /// Its arguments; those it does not have are zero.
    pub args: [u64; MAX_UNKNOWN_ARGS],
    /// Its time in ticks.
    pub time: u64,
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
    /// Its bytes.
    pub bytes: u64,
}

/// What a batch with unknown events consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Events that are known, or bytes that are no events, as a batch of their own.
    Known(Batch<'a>),
    /// An event that is not.
    Unknown(UnknownEvent),
}

/// Where an event or a table of an unknown number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub number: u8,
    pub offset: u64,
    pub bytes: u64,
}

/// How many arguments unknown events have, as far as the file tells.
#[derive(Clone, Debug)]
pub struct Guesses {
    version: Version,
    numbers: Vec<Points>,
    /// Whether an experiment was on, which has events of its own.
    has_experiment: bool,
    /// Where batches with unknown events begin.
    batches: Vec<u64>,
}

/// The points of each count for one number.
#[derive(Clone, Copy, Debug, Default)]
struct Points {
    tried: u32,
    of_count: [i64; MAX_UNKNOWN_ARGS + 1],
}

impl Points {
    /// One of those that have the most points.
    fn best(&self) -> Option<u8> {
        (self.tried > 0).then(|| best(&self.of_count))
    }
}

/// The first of the counts with the most points.
fn best(points: &[i64]) -> u8 {
    let most = points.iter().copied().max().unwrap_or(0);
    points.iter().position(|&it| it == most).unwrap_or(0) as u8
}

impl Guesses {
    /// Goes through a file whose header was read as that of `version`.
    pub fn learn(version: Version, file: &[u8]) -> Self {
        let has_experiment = whole_batches(version, file).any(|batch| matches!(batch.kind, BatchKind::Experimental(_)));
        let numbers = vec![Points::default(); 256];
        let mut guesses = Self { version, numbers, has_experiment, batches: Vec::new() };
        for batch in whole_batches(version, file).filter(|batch| batch.kind == BatchKind::Events) {
            guesses.learn_from(&batch);
        }
        guesses
    }

    /// Whether a batch has unknown events.
    pub fn concern(&self, batch: &Batch<'_>) -> bool {
        self.batches.binary_search(&batch.offset).is_ok()
    }

    /// The number of a table of an unknown kind.
    pub fn table_number(&self, batch: &Batch<'_>) -> Option<u8> {
        let first = *batch.data.first().filter(|_| batch.thread == NO_THREAD && self.concern(batch))?;
        if !self.begins_strangely(batch) {
            return None;
        }
        let (mut known, mut unknown) = (0_usize, 0_usize);
        for part in self.parts(batch) {
            match part {
                Part::Known(batch) => {
                    let mut events = TimedEvents::new(self.version, batch.data, batch.data_offset);
                    let Ok(count) = events.try_fold(0_usize, |count, event| event.map(|_| count.saturating_add(1)))
                    else {
                        return Some(first);
                    };
                    known = known.saturating_add(count);
                }
                Part::Unknown(_) => unknown = unknown.saturating_add(1),
            }
        }
        (known < unknown).then_some(first)
    }

    /// Takes a batch apart at its unknown events.
    pub fn parts<'a>(&self, batch: &Batch<'a>) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut known = Cursor::new(batch.data, batch.data_offset);
        let mut cursor = known;
        let (mut begin, mut time) = (batch.time, batch.time);
        loop {
            match self.step(cursor) {
                Step::Known(event, next) => {
                    time = time.wrapping_add(event.dt);
                    cursor = next;
                }
                Step::Unknown(number) => {
                    let Some((event, next)) = self.read(cursor, number, time) else { break };
                    let len = cursor.offset().saturating_sub(known.offset());
                    push_known(&mut parts, batch, known, len, begin);
                    time = event.time;
                    begin = time;
                    cursor = next;
                    known = next;
                    parts.push(Part::Unknown(event));
                }
                Step::Broken | Step::End => break,
            }
        }
        push_known(&mut parts, batch, known, known.rest().len() as u64, begin);
        parts
    }

    /// What of the file is an event or a table of an unknown number, in the order of the file.
    pub(crate) fn stretches(&self, file: &[u8]) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        for batch in whole_batches(self.version, file).filter(|batch| self.concern(batch)) {
            if let Some(number) = self.table_number(&batch) {
                stretches.push(Stretch { number, offset: batch.data_offset, bytes: batch.data.len() as u64 });
                continue;
            }
            for part in self.parts(&batch) {
                if let Part::Unknown(UnknownEvent { number, offset, bytes, .. }) = part {
                    stretches.push(Stretch { number, offset, bytes });
                }
            }
        }
        stretches
    }

    fn begins_strangely(&self, batch: &Batch<'_>) -> bool {
        batch.thread == NO_THREAD && matches!(self.step(Cursor::new(batch.data, 0)), Step::Unknown(_))
    }

    fn learn_from(&mut self, batch: &Batch<'_>) {
        if self.begins_strangely(batch) {
            // It may be a table, from which nothing can be learnt about events.
            self.batches.push(batch.offset);
            return;
        }
        let mut cursor = Cursor::new(batch.data, batch.data_offset);
        let mut is_listed = false;
        loop {
            match self.step(cursor) {
                Step::Known(_, next) => cursor = next,
                Step::Unknown(number) => {
                    if !is_listed {
                        is_listed = true;
                        self.batches.push(batch.offset);
                    }
                    let points = self.points(cursor, number, NESTED);
                    let Some(known) = self.numbers.get_mut(usize::from(number)) else { return };
                    // Where no count makes sense, nothing is learnt: these may be no events at all.
                    if known.tried < TRIED && points.iter().any(|&it| it > 0) {
                        known.tried = known.tried.saturating_add(1);
                        for (sum, points) in known.of_count.iter_mut().zip(points) {
                            *sum = sum.saturating_add(points);
                        }
                    }
                    match self.read(cursor, number, 0) {
                        Some((_, next)) => cursor = next,
                        None => return,
                    }
                }
                Step::Broken | Step::End => return,
            }
        }
    }

    /// The unknown event at `cursor`, and what is behind it.
    fn read<'a>(&self, cursor: Cursor<'a>, number: u8, time: u64) -> Option<(UnknownEvent, Cursor<'a>)> {
        let usual = self.numbers.get(usize::from(number)).and_then(Points::best);
        let count = match usual {
            Some(count) if self.outlook(skipped(cursor, count)?, (number, count), NESTED) > 0 => count,
            Some(_) | None => {
                let points = self.points(cursor, number, NESTED);
                if points.iter().all(|&points| points <= 0) {
                    return None;
                }
                best(&points)
            }
        };
        let mut next = cursor;
        next.byte().ok()?;
        let time = time.wrapping_add(next.varint().ok()?);
        let mut args = [0; MAX_UNKNOWN_ARGS];
        for arg in args.iter_mut().take(usize::from(count)) {
            *arg = next.varint().ok()?;
        }
        let offset = cursor.offset();
        let bytes = next.offset().saturating_sub(offset);
        Some((UnknownEvent { number, count, args, time, offset, bytes }, next))
    }

    /// The points of each count at the unknown event at `cursor`.
    fn points(&self, cursor: Cursor<'_>, number: u8, nested: u32) -> [i64; MAX_UNKNOWN_ARGS + 1] {
        let mut points = [-MOST; MAX_UNKNOWN_ARGS + 1];
        for (count, points) in (0..).zip(points.iter_mut()) {
            if let Some(next) = skipped(cursor, count) {
                *points = self.outlook(next, (number, count), nested);
            }
        }
        points
    }

    /// How much sense the events from `cursor` on make: at most `MOST`, and less than nothing if they
    /// cannot be. Events of the assumed number have the assumed count.
    fn outlook(&self, cursor: Cursor<'_>, assumed: (u8, u8), nested: u32) -> i64 {
        let mut cursor = cursor;
        let mut points = 0_i64;
        for seen in 0..OUTLOOK {
            match self.step(cursor) {
                Step::Known(event, next) => {
                    points = points.saturating_add(self.sense(&event));
                    cursor = next;
                }
                Step::Unknown(number) => {
                    let known = self.numbers.get(usize::from(number));
                    let usual = if number == assumed.0 { Some(assumed.1) } else { known.and_then(Points::best) };
                    match usual.map(|count| skipped(cursor, count)) {
                        Some(Some(next)) => cursor = next,
                        Some(None) => return -MOST,
                        None if nested == 0 => return points,
                        None => {
                            let rest =
                                self.points(cursor, number, nested.saturating_sub(1)).into_iter().max().unwrap_or(0);
                            return points.saturating_add(rest).saturating_sub(2 * SENSE).min(MOST);
                        }
                    }
                }
                Step::Broken => return -MOST,
                // The end of the batch is where it should be.
                Step::End => return points.saturating_add(OUTLOOK.saturating_sub(seen).saturating_mul(SENSE)),
            }
        }
        points
    }

    /// How much sense an event makes: the clock of a thread never stands still, and statuses are few.
    fn sense(&self, event: &RawEvent) -> i64 {
        let spec = event.kind.spec();
        let args_make_sense = spec.args.iter().zip(event.args).all(|((_, kind), value)| match kind {
            ArgKind::Status => (1..=4).contains(&value),
            ArgKind::Proc | ArgKind::Stack | ArgKind::String => value < 1 << 32,
            ArgKind::Value | ArgKind::Tick | ArgKind::Go | ArgKind::Thread | ArgKind::Task | ArgKind::Seq => true,
        });
        let is_stray = spec.class == EventClass::Experiment && !self.has_experiment;
        if event.dt == 0 || event.dt >= 1 << 40 || !args_make_sense || is_stray { -MOST / 4 } else { SENSE }
    }

    fn step<'a>(&self, cursor: Cursor<'a>) -> Step<'a> {
        let mut events = TimedEvents::new(self.version, cursor.rest(), cursor.offset());
        match events.next() {
            None => Step::End,
            Some(Ok(event)) => {
                let len = events.offset().saturating_sub(cursor.offset());
                let mut next = cursor;
                match next.bytes(len as usize) {
                    Ok(_) => Step::Known(event, next),
                    Err(_) => Step::Broken,
                }
            }
            Some(Err(error)) if error.kind == WireErrorKind::UnknownEvent => Step::Unknown(error.value as u8),
            Some(Err(_)) => Step::Broken,
        }
    }
}

/// What stands at a place.
enum Step<'a> {
    Known(RawEvent, Cursor<'a>),
    Unknown(u8),
    Broken,
    End,
}

/// Behind an event of an unknown number with this many arguments.
fn skipped(cursor: Cursor<'_>, count: u8) -> Option<Cursor<'_>> {
    let mut next = cursor;
    next.byte().ok()?;
    // The time delta comes before the arguments.
    for _ in 0..=count {
        next.varint().ok()?;
    }
    Some(next)
}

/// The batches of a file, past damage.
fn whole_batches(version: Version, file: &[u8]) -> impl Iterator<Item = Batch<'_>> {
    let mut batches = Batches::surveyed(version, file, HEADER_LEN as u64);
    std::iter::from_fn(move || {
        loop {
            match batches.next()? {
                Ok(Item::Batch(batch)) => return Some(batch),
                Ok(Item::EndOfGeneration { .. }) => {}
                Err(_) => {
                    batches.resync(None)?;
                }
            }
        }
    })
}

fn push_known<'a>(parts: &mut Vec<Part<'a>>, batch: &Batch<'a>, from: Cursor<'a>, len: u64, time: u64) {
    if let Some(data) = from.rest().get(..len as usize).filter(|data| !data.is_empty()) {
        parts.push(Part::Known(Batch { data, data_offset: from.offset(), time, ..*batch }));
    }
}

#[cfg(test)]
mod tests;
