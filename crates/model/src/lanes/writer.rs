//! Spans while they are being read.
//!
//! The last span of a lane that has not ended is kept here, so that what is learnt of it later can be added. When the
//! next one begins, it goes on to be packed. So whoever makes spans looks at one line of memory for each lane.

use super::directory::Packed;
use super::packing::{Kind, NOTHING, Raw};
use super::stream::{Ending, Stream};
use crate::storage::Arena;

/// What is known of a lane while it grows.
#[derive(Debug)]
#[repr(align(64))]
struct Lane<const E: usize, const X: usize> {
    /// The last span. Its state is `NOTHING` if the lane has none, or has ended.
    last: Raw<E, X>,
    /// How many there are.
    rows: u32,
    /// When the lane ended, or `i64::MAX`.
    end: i64,
}

/// The spans of all lanes of a kind, with `X` columns beside begin and entry.
#[derive(Debug)]
pub(crate) struct LaneWriter<const E: usize, const X: usize> {
    lanes: Vec<Lane<E, X>>,
    stream: Stream<E, X>,
}

impl<const E: usize, const X: usize> LaneWriter<E, X> {
    /// No lanes; packed spans go to the arena.
    pub fn new(arena: &Arena) -> Self {
        Self { lanes: Vec::new(), stream: Stream::new(Kind::States, arena) }
    }

    /// Adds a lane without spans.
    pub fn add_lane(&mut self) {
        self.lanes.push(Lane { last: Raw { start: i64::MIN, ..Raw::END }, rows: 0, end: i64::MAX });
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// How many spans a lane has.
    #[inline]
    pub fn rows(&self, lane: u32) -> u32 {
        self.lanes[lane as usize].rows
    }

    /// Whether the lane has ended for good: nothing can be added any longer.
    #[inline]
    pub fn has_ended(&self, lane: u32) -> bool {
        self.lanes[lane as usize].end != i64::MAX
    }

    /// When each lane ended, if it did.
    pub fn ends(&self) -> impl Iterator<Item = Option<i64>> {
        self.lanes.iter().map(|lane| (lane.end != i64::MAX).then_some(lane.end))
    }

    /// When the last span of a lane began; `i64::MIN` if it has none.
    #[inline]
    pub fn last_start(&self, lane: u32) -> i64 {
        self.lanes[lane as usize].last.start
    }

    /// The first number of the entry of the last span of a lane that has not ended.
    #[inline]
    pub fn state(&self, lane: u32) -> Option<u32> {
        let state = self.lanes[lane as usize].last.state();
        (state != NOTHING).then_some(state)
    }

    /// The last span of a lane that has not ended.
    #[inline]
    pub fn last(&self, lane: u32) -> Option<&Raw<E, X>> {
        let lane = &self.lanes[lane as usize];
        (lane.last.state() != NOTHING).then_some(&lane.last)
    }

    /// The same, to be changed; its begin stays.
    #[inline]
    pub fn last_mut(&mut self, lane: u32) -> Option<&mut Raw<E, X>> {
        let last = &mut self.lanes[lane as usize].last;
        if last.state() == NOTHING { None } else { Some(last) }
    }

    /// The place of a span that begins, not before the last one, which goes on to be packed.
    ///
    /// It is filled in there: a span that is made elsewhere and copied waits for the processor to put together what was
    /// written in pieces.
    #[inline]
    pub fn next(&mut self, lane: u32) -> &mut Raw<E, X> {
        let it = &mut self.lanes[lane as usize];
        if it.last.state() != NOTHING {
            self.stream.push(lane, &it.last);
        }
        it.rows += 1;
        &mut it.last
    }

    /// Ends a lane for good.
    pub fn end(&mut self, lane: u32, ts: i64) {
        let it = &mut self.lanes[lane as usize];
        it.end = ts;
        if it.last.state() != NOTHING {
            self.stream.push(lane, &it.last);
            self.stream.end(lane);
            it.last = Raw { start: it.last.start, ..Raw::END };
        }
    }

    /// Packs what is left. Lanes that did not end do so at `end`.
    pub fn end_all(mut self, end: i64) -> Packed<Ending<E, X>> {
        for (lane, it) in (0..).zip(&mut self.lanes) {
            if it.end == i64::MAX {
                it.end = end.max(it.last.start);
            }
            if it.last.state() != NOTHING {
                self.stream.push(lane, &it.last);
            }
        }
        let ends = self.lanes.iter().map(|lane| lane.end).collect();
        Packed { packing: self.stream.end_all(), ends }
    }
}
