//! Decodes the batches of one thread, a block of records at a time.
//!
//! The order of events jumps from thread to thread; decoding does not have to. In a loop of its own over one batch the
//! processor foresees most of what comes, because a thread does the same things again and again.

use std::fmt;

use goroscope_wire::{Batch, TimedEvents, Version, WireError};

use crate::EventType;
use crate::clock::Clock;
use crate::sense::Sense;
use crate::tally::Tally;

/// An event of a thread, its time and its ids as in the file.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Nanoseconds on the file's own clock.
    pub time: i64,
    pub args: [u64; 4],
    pub kind: EventType,
    /// How many bytes it has.
    len: u8,
    /// Where it begins in its batch.
    at: u32,
}

/// Nanoseconds that a batch goes on at most: until the next one, whose clock may be slightly different, or about as long
/// as a generation.
const SLACK: i64 = 10_000_000;
const NO_BATCH_BEHIND: i64 = 10_000_000_000;

/// How often it is asked what is steady around damage of a batch: each time may go through all of it.
const ASKS: usize = 8;

/// Fills the place of a record that is to come.
const NO_RECORD: Record = Record { time: 0, args: [0; 4], kind: EventType::ProcStop, len: 0, at: 0 };

/// Consecutive records of one batch, and what ends them.
#[derive(Debug, Default)]
pub struct Block {
    /// Places, of which the first `len` hold records.
    places: Vec<Record>,
    len: usize,
    /// Where the data of the batch begins in the file.
    data_offset: u64,
    /// Time of the last record or, before the first one, of the batch.
    time: i64,
    damage: Option<Damage>,
}

/// Events that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Damage {
    pub why: Unreadable,
    /// Where it is.
    pub offset: u64,
    /// Bytes from the beginning of the first of them to where the batch goes on, or to its end.
    pub bytes: u64,
    /// Where it goes on.
    pub goes_on: Option<u64>,
    pub steady: Steady,
    /// Time of what can be read next, or of the batch behind it; nanoseconds on the file's own clock.
    pub next_time: Option<i64>,
}

/// What a thread kept through at least as many bytes before and behind damage as were lost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steady {
    /// Whether its goroutine: up to and with the event that begins at this byte of the file.
    pub go: Option<u64>,
    /// Whether its proc.
    pub proc: bool,
}

/// Why events cannot be read.
#[derive(Clone, Copy, Debug)]
pub enum Unreadable {
    /// The format does not allow it.
    Wire(WireError),
    /// The clock goes on by so many ticks that it cannot be.
    Clock(u64),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(error) => error.fmt(f),
            Self::Clock(ticks) => write!(f, "event {ticks} ticks after the one before"),
        }
    }
}

impl Damage {
    /// What it is, and what it costs.
    pub fn message(&self) -> String {
        match self.goes_on {
            Some(place) => format!("{}; what follows is lost up to byte {place}", self.why),
            None => format!("{}; the rest of the batch is lost", self.why),
        }
    }
}

/// How the bytes of a generation are to be understood.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub version: Version,
    pub clock: Clock,
}

/// A thread's batches that are not decoded yet.
#[derive(Debug)]
pub struct Decoder<'a> {
    measure: Measure,
    batches: std::vec::IntoIter<Batch<'a>>,
    events: TimedEvents<'a>,
    /// The data of the current batch.
    data: &'a [u8],
    /// Where the data of the current batch begins and ends in the file.
    data_offset: u64,
    end: u64,
    /// Where the batch went on behind damage last, and how often it may still be asked what is steady there.
    resumed: usize,
    asks: usize,
    /// The time there.
    resumed_time: i64,
    /// Time of the last event read, or of the batch; nanoseconds on the file's own clock.
    time: i64,
}

impl Block {
    /// The record at `at`, if the block has as many.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&Record> {
        self.places.get(..self.len)?.get(at)
    }

    /// How many bytes the records have.
    pub fn bytes(&self) -> u64 {
        let first = self.get(0).map_or(0, |record| u64::from(record.at));
        let last = self.len.checked_sub(1).and_then(|last| self.get(last));
        last.map_or(0, |last| u64::from(last.at) + u64::from(last.len) - first)
    }

    /// Time of the last record or, before the first one, of the batch.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// For how many records it has room already.
    pub fn room(&self) -> usize {
        self.places.len()
    }

    /// Whether it was filled when there was nothing more.
    pub fn is_end(&self) -> bool {
        self.len == 0 && self.damage.is_none()
    }

    /// What stands behind the records, told once.
    pub fn take_damage(&mut self) -> Option<Damage> {
        self.damage.take()
    }

    /// Where a record begins in the file and how long it is.
    pub fn place(&self, record: &Record) -> (u64, u64) {
        (self.data_offset + u64::from(record.at), u64::from(record.len))
    }
}

impl<'a> Decoder<'a> {
    /// Before the first event of the batches.
    pub fn new(batches: Vec<Batch<'a>>, measure: Measure) -> Self {
        Self {
            measure,
            batches: batches.into_iter(),
            events: TimedEvents::new(measure.version, &[], 0),
            data: &[],
            data_offset: 0,
            end: 0,
            resumed: 0,
            asks: 0,
            resumed_time: 0,
            time: 0,
        }
    }

    /// Puts the next records, `most` of them at most, into `block`, in place of those that it holds; neither records nor
    /// damage at the end.
    pub fn fill(&mut self, block: &mut Block, most: usize, tally: &mut Tally) {
        block.len = 0;
        block.damage = None;
        while block.len == 0 && block.damage.is_none() {
            if self.events.offset() == self.end && !self.next_batch() {
                return;
            }
            self.decode(block, most, tally);
        }
    }

    fn next_batch(&mut self) -> bool {
        let Some(batch) = self.batches.next() else {
            return false;
        };
        self.events = TimedEvents::new(self.measure.version, batch.data, batch.data_offset);
        self.data = batch.data;
        self.data_offset = batch.data_offset;
        self.end = batch.data_offset + batch.data.len() as u64;
        self.resumed = 0;
        self.asks = ASKS;
        self.time = self.measure.clock.nanoseconds(batch.time);
        self.resumed_time = self.time;
        true
    }

    /// Decodes records of the current batch.
    fn decode(&mut self, block: &mut Block, most: usize, tally: &mut Tally) {
        let clock = self.measure.clock;
        let far = clock.far();
        // An event has at least two bytes.
        let most = ((self.end - self.events.offset()) / 2 + 1).min(most as u64) as usize;
        if block.places.len() < most {
            block.places.resize(most, NO_RECORD);
        }
        // Copies, which the compiler keeps in registers.
        let mut events = self.events.clone();
        let mut time = self.time;
        let mut offset = events.offset();
        let data_offset = self.data_offset;
        let mut len = 0;
        let mut damage = None;
        for place in block.places.iter_mut().take(most) {
            match events.next_into(&mut place.args) {
                Ok(Some((kind, dt))) if dt <= far => {
                    time = time.wrapping_add(clock.nanoseconds_between(dt));
                    let end = events.offset();
                    let bytes = end - offset;
                    place.time = time;
                    place.kind = kind;
                    place.len = bytes as u8;
                    place.at = (offset - data_offset) as u32;
                    tally.add(kind, bytes);
                    offset = end;
                    len += 1;
                }
                Ok(Some((_, dt))) => {
                    // The clock of the rest of the batch cannot be right either.
                    damage = Some((Unreadable::Clock(dt), offset));
                    break;
                }
                Err(error) => {
                    damage = Some((Unreadable::Wire(error), error.offset));
                    break;
                }
                Ok(None) => break,
            }
        }
        self.events = events;
        block.len = len;
        block.data_offset = self.data_offset;
        self.time = time;
        if let Some((why, at)) = damage {
            self.settle_time(offset);
            block.damage = Some(self.pass_damage(why, offset, at));
        }
        block.time = self.time;
    }

    /// If the events before `offset` go on later than what the thread wrote next, their clock is damaged, too: what follows
    /// counts from the last one that does not. All of them are looked at again, whatever the blocks are.
    #[cold]
    fn settle_time(&mut self, offset: u64) {
        let Some(latest) = self.next_batch_time().map(|next| next.saturating_add(SLACK)) else { return };
        if self.time <= latest {
            return;
        }
        let until = (offset - self.data_offset) as usize;
        let data = self.data.get(self.resumed..until).unwrap_or_default();
        let events = TimedEvents::new(self.measure.version, data, 0).map_while(Result::ok);
        let mut time = self.resumed_time;
        for event in events {
            let next = time.saturating_add(self.measure.clock.nanoseconds_between(event.dt));
            if next > latest {
                break;
            }
            time = next;
        }
        self.time = time;
    }

    /// When the thread's next batch begins.
    fn next_batch_time(&self) -> Option<i64> {
        self.batches.as_slice().first().map(|batch| self.measure.clock.nanoseconds(batch.time))
    }

    /// Goes on behind the event at `offset`, which cannot be read from `at` on.
    #[cold]
    fn pass_damage(&mut self, why: Unreadable, offset: u64, at: u64) -> Damage {
        let clock = self.measure.clock;
        let next_batch = self.next_batch_time();
        let from = (offset - self.data_offset) as usize;
        let sense = Sense::of(self.measure, self.data.get(..from).unwrap_or_default());
        let longest = next_batch.map_or(NO_BATCH_BEHIND, |next| next.saturating_sub(self.time).saturating_add(SLACK));
        let found = sense.next_place(self.data, from, longest);
        let next = found.unwrap_or(self.data.len());
        let data = self.data.get(next..).unwrap_or_default();
        let next_offset = self.data_offset + next as u64;
        let steady = if found.is_some() && self.asks > 0 { self.steady(from, next) } else { Steady::default() };
        self.asks = self.asks.saturating_sub(1);
        self.resumed = next;
        self.resumed_time = self.time;
        self.events = TimedEvents::new(self.measure.version, data, next_offset);
        let first = self.events.clone().next().and_then(Result::ok);
        let first = first.map(|event| self.time.saturating_add(clock.nanoseconds_between(event.dt)));
        Damage {
            why,
            offset: if found.is_some() && next_offset <= at { offset } else { at },
            bytes: next_offset - offset,
            goes_on: found.map(|_| next_offset),
            steady,
            next_time: first.or(next_batch),
        }
    }

    /// What the thread keeps around the bytes between two places of the batch.
    fn steady(&self, from: usize, to: usize) -> Steady {
        let lost = to - from;
        let events = |begin: usize, end: usize| {
            let data = self.data.get(begin..end).unwrap_or_default();
            let mut events = TimedEvents::new(self.measure.version, data, begin as u64);
            std::iter::from_fn(move || {
                let at = events.offset() as usize;
                let event = events.next()?.ok()?;
                Some((event.kind, at, events.offset() as usize))
            })
        };
        let changed_before = |is_change: fn(EventType) -> bool| {
            let ends = events(self.resumed, from).filter(|(kind, ..)| is_change(*kind)).map(|(.., end)| end);
            ends.last().unwrap_or(self.resumed)
        };
        let changes_at = |is_change: fn(EventType) -> bool| {
            events(to, self.data.len()).find(|(kind, ..)| is_change(*kind)).map_or(self.data.len(), |(_, at, _)| at)
        };
        let is_steady = |is_change: fn(EventType) -> bool| {
            let until = changes_at(is_change);
            (from - changed_before(is_change) >= lost && until - to >= lost).then_some(until)
        };
        Steady {
            go: is_steady(changes_goroutine).map(|until| self.data_offset + until as u64),
            proc: is_steady(changes_proc).is_some(),
        }
    }
}

/// Whether the thread has another goroutine than before, or none.
fn changes_goroutine(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::GoStart
            | EventType::GoStop
            | EventType::GoBlock
            | EventType::GoDestroy
            | EventType::GoDestroySyscall
            | EventType::GoSwitch
            | EventType::GoSwitchDestroy
            | EventType::GoCreateSyscall
            | EventType::GoSyscallEndBlocked
    )
}

/// Whether the thread has another proc than before, or none.
fn changes_proc(kind: EventType) -> bool {
    matches!(kind, EventType::ProcStart | EventType::ProcStop | EventType::GoSyscallEndBlocked)
}
