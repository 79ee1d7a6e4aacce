//! The events of one thread in one generation, one at a time.

use crate::decode::{Block, Damage, Record};
use crate::supply::Supply;
use crate::tally::Tally;

/// A thread's place in its events.
#[derive(Debug)]
pub struct Cursor {
    /// Thread id as recorded.
    pub thread: u64,
    /// The thread's index in the order.
    pub index: u32,
    /// The cursor's number in its generation.
    number: u32,
    block: Block,
    /// The current event in the block.
    at: usize,
}

/// What a cursor found.
#[derive(Clone, Copy, Debug)]
pub enum Fetched {
    /// An event at this time.
    Event(i64),
    /// The rest of the batch cannot be read; the next fetch goes on behind it.
    Damage(Damage),
    /// Nothing more.
    End,
}

impl Cursor {
    /// A cursor before the first event.
    pub fn new(thread: u64, index: u32, number: u32) -> Self {
        Self { thread, index, number, block: Block::default(), at: 0 }
    }

    /// Time of the current event or, where there is none, of the one before it.
    #[inline]
    pub fn time(&self) -> i64 {
        self.record().map_or(self.block.time(), |record| record.time)
    }

    /// The current event.
    #[inline]
    pub fn record(&self) -> Option<&Record> {
        self.block.get(self.at)
    }

    /// Where an event of the cursor begins and how long it is.
    pub fn place(&self, record: &Record) -> (u64, u64) {
        self.block.place(record)
    }

    /// Goes to the next event if it is in the block; gives its time.
    #[inline]
    pub fn step(&mut self) -> Option<i64> {
        self.at += 1;
        self.record().map(|record| record.time)
    }

    /// Goes to the event behind the block; `events` counts those that come in.
    #[inline(never)]
    pub fn fetch_behind(&mut self, events: &mut u64, supply: &mut Supply<'_>, tally: &mut Tally) -> Fetched {
        if let Some(damage) = self.block.take_damage() {
            return Fetched::Damage(damage);
        }
        self.at = 0;
        supply.fill(self.number, &mut self.block, tally);
        *events += self.block.len() as u64;
        match self.record() {
            Some(record) => Fetched::Event(record.time),
            None => self.block.take_damage().map_or(Fetched::End, Fetched::Damage),
        }
    }
}
