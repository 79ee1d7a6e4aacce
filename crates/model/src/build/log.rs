//! Spans while they are being read: one log for all lanes of a kind, in the order of events.
//!
//! A span is written once, at the end of the log, and ends where the next of its lane begins. Afterwards [`Placement`]
//! says where each goes when every lane's spans stand together, and the columns are moved one by one, so that at no
//! time more than one column exists twice.

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
        self.lanes.push(Lane { row: NONE, start: i64::MIN, end: i64::MAX });
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

    /// Changes the class of a log row.
    pub fn set_class(&mut self, row: usize, class: Class) {
        self.class[row] = class;
    }

    /// Begins a span at the end of the log.
    pub fn push(&mut self, lane: u32, ts: i64, class: Class, backwards: &mut Backwards) {
        let state = &mut self.lanes[lane as usize];
        let start = backwards.clamp(ts, state.start);
        state.row = self.lane.len() as u32;
        state.start = start;
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

    /// Takes the log apart: the lanes, where each row goes, and the two columns, in place. Lanes that did not end do so
    /// at `end`. `order[i]` is the final number of lane `i`; without it they stay as they are.
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
        drop(lanes);
        let mut next = first.clone();
        let lane_of = lane.clone();
        for place in &mut lane {
            let at = &mut next[*place as usize];
            *place = *at;
            *at += 1;
        }
        let placement = Placement(lane);
        let start = placement.column_of(start, 0);
        let class = placement.column_of(class, Class::Unknown);
        Placed { lanes: Lanes { first, end: ends }, start, class, placement, lane_of }
    }
}

/// A log taken apart.
pub(crate) struct Placed {
    pub lanes: Lanes,
    pub start: Vec<i64>,
    pub class: Vec<Class>,
    pub placement: Placement,
    /// The lane of each log row.
    pub lane_of: Vec<u32>,
}

/// The final row of each log row.
pub(crate) struct Placement(pub Vec<u32>);

impl Placement {
    /// A column in its final order; the log's is freed.
    #[expect(clippy::needless_pass_by_value, reason = "frees it before the next column is made")]
    pub fn column_of<T: Copy>(&self, log: Vec<T>, fill: T) -> Vec<T> {
        let mut column = vec![fill; log.len()];
        for (&value, &place) in log.iter().zip(&self.0) {
            column[place as usize] = value;
        }
        column
    }
}
