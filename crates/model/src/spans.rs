//! Spans: the states of goroutines, procs and threads as columns, one run of rows per lane.
//!
//! The spans of a lane tile its life: each ends where the next begins, the last at the lane's end.

use crate::{Class, GoIdx, ProcIdx, ThreadIdx};
use goroscope_reader::{StackIdx, StringIdx};

/// Where the spans of each lane stand: `start[i]..start[i + 1]` of the columns, and when each lane ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// First row of each lane, and one more for the end of the last.
    pub first: Vec<u32>,
    /// When each lane's last span ends, ns.
    pub end: Vec<i64>,
}

/// The common part of a lane's spans: what every picture and every sum needs.
#[derive(Clone, Copy, Debug)]
pub struct LaneSpans<'a> {
    /// Row number of the first span in its table.
    pub first_row: u32,
    /// When each span begins, ns, not decreasing.
    pub start: &'a [i64],
    /// Its class.
    pub class: &'a [Class],
    /// When the last span ends, ns.
    pub end: i64,
}

impl Lanes {
    /// The rows of a lane.
    pub fn rows(&self, lane: u32) -> std::ops::Range<usize> {
        self.first[lane as usize] as usize..self.first[lane as usize + 1] as usize
    }
}

impl<'a> LaneSpans<'a> {
    fn new(lanes: &Lanes, lane: u32, start: &'a [i64], class: &'a [Class]) -> Self {
        let rows = lanes.rows(lane);
        let first_row = rows.start as u32;
        Self { first_row, start: &start[rows.clone()], class: &class[rows], end: lanes.end[lane as usize] }
    }
}

impl GoSpans {
    /// The spans of a goroutine.
    pub fn lane(&self, go: GoIdx) -> LaneSpans<'_> {
        LaneSpans::new(&self.lanes, go.0, &self.start, &self.class)
    }
}

impl ProcSpans {
    /// The spans of a proc.
    pub fn lane(&self, proc: ProcIdx) -> LaneSpans<'_> {
        LaneSpans::new(&self.lanes, proc.0, &self.start, &self.class)
    }
}

impl ThreadSpans {
    /// The spans of a thread.
    pub fn lane(&self, thread: ThreadIdx) -> LaneSpans<'_> {
        LaneSpans::new(&self.lanes, thread.0, &self.start, &self.class)
    }
}

/// States of goroutines. All columns have one row per span.
#[derive(Clone, Debug, Default)]
pub struct GoSpans {
    /// Which rows belong to which [`GoIdx`].
    pub lanes: Lanes,
    /// When the span begins, ns.
    pub start: Vec<i64>,
    /// What is drawn.
    pub class: Vec<Class>,
    /// Reason of the transition into it, or the empty string.
    pub reason: Vec<StringIdx>,
    /// The goroutine's own stack at the transition into it, or row 0.
    pub stack: Vec<StackIdx>,
    /// The proc: where it runs; for runnable spans, where the waker ran.
    pub proc: Vec<ProcIdx>,
    /// The thread: where it runs or calls the system; for runnable spans, the waker's.
    pub thread: Vec<ThreadIdx>,
    /// Who made the transition if not the goroutine itself: its waker or creator. `NONE`: itself, or nobody (network poller, timer).
    pub cause: Vec<GoIdx>,
    /// The stack of whoever made the transition (event stack), or row 0. Only for runnable and waiting-at-creation spans.
    pub cause_stack: Vec<StackIdx>,
}

/// What each proc did.
#[derive(Clone, Debug, Default)]
pub struct ProcSpans {
    /// Which rows belong to which [`ProcIdx`].
    pub lanes: Lanes,
    /// When the span begins, ns.
    pub start: Vec<i64>,
    /// What is drawn.
    pub class: Vec<Class>,
    /// The goroutine, or `NONE`.
    pub go: Vec<GoIdx>,
    /// The thread that held the proc, or `NONE`.
    pub thread: Vec<ThreadIdx>,
}

/// What each thread did.
#[derive(Clone, Debug, Default)]
pub struct ThreadSpans {
    /// Which rows belong to which [`ThreadIdx`].
    pub lanes: Lanes,
    /// When the span begins, ns.
    pub start: Vec<i64>,
    /// What is drawn.
    pub class: Vec<Class>,
    /// The goroutine, or `NONE`.
    pub go: Vec<GoIdx>,
    /// The proc, or `NONE`.
    pub proc: Vec<ProcIdx>,
}
