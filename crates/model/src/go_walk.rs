//! What one goroutine did in many stretches of its life, for the price of one walk over its spans.
//!
//! [`Trace::go_time`](crate::Trace::go_time) opens two blocks for each stretch that is asked for. A goroutine that serves
//! a hundred thousand requests has a hundred thousand stretches, most of them in the block of the one before. So here
//! the blocks at both ends stay open, with the sums up to where the last question ended. Any order of questions is
//! right; ascending ones are cheap.

use std::fmt;

use crate::Class;
use crate::kinds::OpenBlock;
use crate::lanes::PackedLane;
use crate::reasons::{self, ReasonTime};
use crate::zoom::{LaneSums, NO_TIME, Times, Until};

/// The spans of a goroutine, to be asked for many stretches.
pub struct GoWalk<'t> {
    lane: PackedLane<'t>,
    sums: Option<LaneSums<'t>>,
    begin: Until,
    end: Until,
    reasons: Option<Box<OpenBlock>>,
}

impl<'t> GoWalk<'t> {
    pub(crate) fn new(lane: PackedLane<'t>, sums: Option<LaneSums<'t>>) -> Self {
        Self { lane, sums, begin: Until::default(), end: Until::default(), reasons: None }
    }

    /// Exact time of each class in `[from, to)`, ns.
    pub fn time(&mut self, from: i64, to: i64) -> [u64; Class::COUNT] {
        if from >= to {
            return NO_TIME;
        }
        let before: Times = self.begin.time(self.lane, self.sums, from);
        let mut time = self.end.time(self.lane, self.sums, to);
        for (time, before) in time.iter_mut().zip(&before) {
            *time = time.wrapping_sub(*before);
        }
        time
    }

    /// The same by class and reason, added to `sums`.
    pub fn add_reasons(&mut self, from: i64, to: i64, sums: &mut Vec<ReasonTime>) {
        reasons::add(self.lane, self.reasons.get_or_insert_default(), from, to, sums);
    }
}

impl fmt::Debug for GoWalk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoWalk").field("lane", &self.lane).finish_non_exhaustive()
    }
}
