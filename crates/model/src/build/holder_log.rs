//! Spans of procs and threads while they are being read.
//!
//! Both show who is bound to whom, so both are derived: after every event that binds or unbinds, what the lane should
//! show is computed, and written if it is not what the lane shows already.

use super::log::{Backwards, Scatter, SpanLog};
use crate::{Class, GoIdx, Lanes};

/// What a proc or thread shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub class: Class,
    pub go: GoIdx,
    /// The thread of a proc, the proc of a thread.
    pub other: u32,
}

/// The spans of all procs or of all threads in the order of events.
#[derive(Default)]
pub(crate) struct HolderLog {
    pub spans: SpanLog,
    go: Vec<u32>,
    other: Vec<u32>,
}

impl HolderLog {
    /// Whether the lane says nothing yet of the time since `base`, except perhaps which proc and thread belong together:
    /// the status of what ran there may still come.
    pub fn is_open_before(&self, lane: u32, base: i64) -> bool {
        let is_open = |row| matches!(self.spans.class(row), Class::Unknown | Class::Scheduler);
        self.spans.last_start(lane) <= base && self.spans.last_row(lane).is_none_or(is_open)
    }

    /// The lane shows `held` from `ts` on.
    pub fn show(&mut self, lane: u32, ts: i64, held: Held, backwards: &mut Backwards) {
        if let Some(row) = self.spans.last_row(lane) {
            let shown = Held { class: self.spans.class(row), go: GoIdx(self.go[row]), other: self.other[row] };
            if shown == held {
                return;
            }
            // Between two goroutines of a coroutine switch, and before the status of a goroutine at the start of the
            // trace, the lane has none for no time at all.
            if shown.go == GoIdx::NONE && self.spans.last_start(lane) == ts {
                self.spans.set_class(row, held.class);
                self.go[row] = held.go.0;
                self.other[row] = held.other;
                return;
            }
        }
        self.spans.push(lane, ts, held.class, backwards);
        self.go.push(held.go.0);
        self.other.push(held.other);
    }

    /// The columns in their final order.
    pub fn place(self, end: i64, order: Option<&[u32]>) -> HolderColumns {
        let placed = self.spans.place(end, order);
        let mut scatter = Scatter::new(placed.row, placed.lane);
        let start = scatter.column(&placed.start, 0);
        drop(placed.start);
        let class = scatter.column(&placed.class, Class::Unknown);
        let go = scatter.words(self.go).into_iter().map(GoIdx).collect();
        let other = scatter.words(self.other);
        HolderColumns { lanes: placed.lanes, start, class, go, other }
    }
}

/// The columns of proc or thread spans.
pub(crate) struct HolderColumns {
    pub lanes: Lanes,
    pub start: Vec<i64>,
    pub class: Vec<Class>,
    pub go: Vec<GoIdx>,
    pub other: Vec<u32>,
}
