//! The events of one thread in one generation, one at a time.

use std::fmt;

use goroscope_wire::{Batch, RawEvent, TimedEvents, Version, WireError};

use crate::clock::Clock;
use crate::order::Record;
use crate::tally::Tally;

/// A thread's place in its batches.
#[derive(Debug)]
pub struct Cursor<'a> {
    /// Thread id as recorded.
    pub thread: u64,
    /// The thread's index in the order.
    pub index: u32,
    batches: std::vec::IntoIter<Batch<'a>>,
    events: TimedEvents<'a>,
    /// Where the current batch ends.
    end: u64,
    /// Time of the last event read, or of the batch; nanoseconds on the file's own clock.
    time: i64,
    event: RawEvent,
    /// Where `event` begins.
    offset: u64,
    version: Version,
    /// No event is more ticks than this after the one before.
    far: u64,
}

/// What a cursor found.
#[derive(Clone, Copy, Debug)]
pub enum Fetched {
    /// An event.
    Event,
    /// The rest of the batch cannot be read; the next fetch goes on behind it.
    Damage(Damage),
    /// Nothing more.
    End,
}

/// Events that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Damage {
    pub why: Unreadable,
    /// Where it is.
    pub offset: u64,
    /// Bytes from the beginning of the first of them to the end of the batch.
    pub bytes: u64,
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

impl<'a> Cursor<'a> {
    /// A cursor before the first event.
    pub fn new(thread: u64, index: u32, batches: Vec<Batch<'a>>, (version, far): (Version, u64)) -> Self {
        Self {
            thread,
            index,
            batches: batches.into_iter(),
            events: TimedEvents::new(version, &[], 0),
            end: 0,
            time: 0,
            event: RawEvent { kind: crate::EventType::ProcStop, dt: 0, args: [0; 4] },
            offset: 0,
            version,
            far,
        }
    }

    /// Time of the current event.
    #[inline]
    pub fn time(&self) -> i64 {
        self.time
    }

    /// The current event.
    #[inline]
    pub fn record(&self) -> Record {
        Record { kind: self.event.kind, time: self.time, args: self.event.args }
    }

    /// Where the current event begins and how long it is.
    pub fn place(&self) -> (u64, u64) {
        (self.offset, self.events.offset() - self.offset)
    }

    /// Time of the batch after the current one.
    #[cold]
    pub fn next_batch_time(&self, clock: Clock) -> Option<i64> {
        self.batches.as_slice().first().map(|batch| clock.nanoseconds(batch.time))
    }

    /// Goes to the next event.
    #[inline]
    pub fn fetch(&mut self, clock: Clock, tally: &mut Tally) -> Fetched {
        loop {
            let offset = self.events.offset();
            match self.events.next() {
                Some(Ok(event)) => {
                    if event.dt > self.far {
                        return self.end_batch(offset, event.dt);
                    }
                    self.time = self.time.wrapping_add(clock.nanoseconds(event.dt));
                    self.event = event;
                    self.offset = offset;
                    tally.add(event.kind, self.events.offset() - offset);
                    return Fetched::Event;
                }
                Some(Err(error)) => {
                    let why = Unreadable::Wire(error);
                    return Fetched::Damage(Damage { why, offset: error.offset, bytes: self.end - offset });
                }
                None => {
                    let Some(batch) = self.batches.next() else {
                        return Fetched::End;
                    };
                    self.events = TimedEvents::new(self.version, batch.data, batch.data_offset);
                    self.end = batch.data_offset + batch.data.len() as u64;
                    self.time = clock.nanoseconds(batch.time);
                }
            }
        }
    }

    /// Gives up the rest of the batch, whose clock cannot be right from the event at `offset` on.
    #[cold]
    fn end_batch(&mut self, offset: u64, ticks: u64) -> Fetched {
        self.events = TimedEvents::new(self.version, &[], self.end);
        Fetched::Damage(Damage { why: Unreadable::Clock(ticks), offset, bytes: self.end - offset })
    }
}
