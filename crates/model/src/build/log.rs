//! Spans while they are being read: one log for all lanes of a kind, in the order of events.
//!
//! A span is written once, at the end of the log, and ends where the next of its lane begins. Afterwards [`Placed`] says
//! where each goes when every lane's spans stand together, and [`Scatter`] moves the columns one by one, so that at no
//! time more than one exists twice.

use crate::csr::offsets;
use crate::{Class, Lanes};

const NONE: u32 = u32::MAX;

/// Times at which the clock of a resource would have run backwards.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backwards {
    /// How often.
    pub count: u64,
    /// The largest step, ns.
    pub largest: u64,
}

impl Backwards {
    /// `ts`, but not before `earliest`.
    pub fn clamp(&mut self, ts: i64, earliest: i64) -> i64 {
        if ts >= earliest {
            return ts;
        }
        self.count += 1;
        self.largest = self.largest.max(earliest.abs_diff(ts));
        earliest
    }
}

/// What is known of a lane while it grows.
#[derive(Clone, Copy, Debug)]
struct Lane {
    /// Log row of its last span.
    row: u32,
    /// When that began, ns.
    start: i64,
    /// When the lane ended, or `i64::MAX`.
    end: i64,
    /// The class of its last span.
    class: Class,
}

/// The spans of all lanes of a kind: the columns that all kinds have.
#[derive(Debug, Default)]
pub(crate) struct SpanLog {
    lanes: Vec<Lane>,
    lane: Vec<u32>,
    start: Vec<i64>,
    class: Vec<Class>,
}

impl SpanLog {
    /// Adds a lane without spans.
    pub fn add_lane(&mut self) {
        self.lanes.push(Lane { row: NONE, start: i64::MIN, end: i64::MAX, class: Class::Unknown });
    }

    /// Log row of the lane's last span.
    pub fn last_row(&self, lane: u32) -> Option<usize> {
        let row = self.lanes[lane as usize].row;
        (row != NONE).then_some(row as usize)
    }

    /// When the lane's last span began; `i64::MIN` if it has none.
    pub fn last_start(&self, lane: u32) -> i64 {
        self.lanes[lane as usize].start
    }

    /// The class of a log row.
    pub fn class(&self, row: usize) -> Class {
        self.class[row]
    }

    /// Changes the class of the log row of a lane's last span.
    pub fn set_class(&mut self, row: usize, class: Class) {
        self.class[row] = class;
        self.lanes[self.lane[row] as usize].class = class;
    }

    /// The class of the lane's last span, if it has one that did not end.
    pub fn last_class(&self, lane: u32) -> Option<Class> {
        let Lane { row, end, class, .. } = self.lanes[lane as usize];
        (row != NONE && end == i64::MAX).then_some(class)
    }

    /// Begins a span at the end of the log.
    pub fn push(&mut self, lane: u32, ts: i64, class: Class, backwards: &mut Backwards) {
        let state = &mut self.lanes[lane as usize];
        let start = backwards.clamp(ts, state.start);
        state.row = self.lane.len() as u32;
        state.start = start;
        state.class = class;
        self.lane.push(lane);
        self.start.push(start);
        self.class.push(class);
    }

    /// Ends a lane, and says when it does.
    pub fn end(&mut self, lane: u32, ts: i64, backwards: &mut Backwards) -> i64 {
        let state = &mut self.lanes[lane as usize];
        state.end = backwards.clamp(ts, state.start);
        state.end
    }

    /// Takes the log apart. Lanes that did not end do so at `end`. `order[i]` is the final number of lane `i`; without
    /// it they stay as they are.
    pub fn place(self, end: i64, order: Option<&[u32]>) -> Placed {
        let number = |lane: u32| order.map_or(lane, |order| order[lane as usize]);
        let Self { lanes, mut lane, start, class } = self;
        if order.is_some() {
            for lane in &mut lane {
                *lane = number(*lane);
            }
        }
        let (first, _) = offsets(lanes.len(), lane.iter().copied());
        let mut ends = vec![0; lanes.len()];
        for (i, lane) in lanes.iter().enumerate() {
            ends[number(i as u32) as usize] = if lane.end == i64::MAX { end.max(lane.start) } else { lane.end };
        }
        let mut next = first.clone();
        let row_of_next = |&lane: &u32| {
            let next = &mut next[lane as usize];
            let row = *next;
            *next += 1;
            row
        };
        let row = lane.iter().map(row_of_next).collect();
        Placed { lanes: Lanes { first, end: ends }, row, lane, start, class }
    }
}

/// A log taken apart. The columns are still in the order of events.
pub(crate) struct Placed {
    pub lanes: Lanes,
    /// The final row of each log row.
    pub row: Vec<u32>,
    /// The final lane of each log row.
    pub lane: Vec<u32>,
    pub start: Vec<i64>,
    pub class: Vec<Class>,
}

/// Brings columns into their final order. A column's old memory serves the next one: fresh memory is what costs most.
pub(crate) struct Scatter {
    row: Vec<u32>,
    spare: Vec<u32>,
}

impl Scatter {
    /// `row[i]` is the final row of log row `i`. `spare` is any column that is not needed any longer.
    pub fn new(row: Vec<u32>, spare: Vec<u32>) -> Self {
        Self { row, spare }
    }

    /// A column of 32 bits.
    pub fn words(&mut self, log: Vec<u32>) -> Vec<u32> {
        let mut column = std::mem::take(&mut self.spare);
        column.resize(log.len(), 0);
        self.fill(&log, &mut column);
        self.spare = log;
        column.shrink_to_fit();
        column
    }

    /// Any other column.
    pub fn column<T: Copy>(&self, log: &[T], fill: T) -> Vec<T> {
        let mut column = vec![fill; log.len()];
        self.fill(log, &mut column);
        column
    }

    fn fill<T: Copy>(&self, log: &[T], column: &mut [T]) {
        for (&value, &row) in log.iter().zip(&self.row) {
            column[row as usize] = value;
        }
    }
}
