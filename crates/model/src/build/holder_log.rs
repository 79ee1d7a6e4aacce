//! Spans of procs and threads while they are being read.
//!
//! Both show who is bound to whom, so both are derived: after every event that binds or unbinds, what the lane should
//! show is computed, and written if it is not what the lane shows already.
//!
//! What a running goroutine is drawn as depends on its start function, which may become known only while it runs. So
//! that is looked up when the span is over; the few that are not known even then are looked up when all is read.

use super::backwards::Backwards;
use super::naming::Naming;
use crate::lanes::{Directory, Kind, LaneWriter, Raw};
use crate::rows::{row, row_of};
use crate::spans::{HOLDER_COLUMNS, HOLDER_ENTRY};
use crate::storage::Arena;
use crate::zoom::ZoomIndex;
use crate::{Class, GoIdx};

/// What a proc or thread shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub class: Class,
    pub go: GoIdx,
    /// The thread of a proc, the proc of a thread.
    pub other: u32,
}

impl Held {
    #[inline]
    fn raw(self, start: i64) -> Raw<HOLDER_ENTRY, HOLDER_COLUMNS> {
        Raw { start, entry: [self.class as u32, row(self.other) as u32], more: [row(self.go.0) as u32] }
    }

    #[inline]
    fn is(self, raw: &Raw<HOLDER_ENTRY, HOLDER_COLUMNS>) -> bool {
        self.raw(raw.start).entry == raw.entry && row(self.go.0) as u32 == raw.more[0]
    }
}

/// The spans of all procs or of all threads.
pub(crate) struct HolderLog {
    spans: LaneWriter<HOLDER_ENTRY, HOLDER_COLUMNS>,
    /// Lane and number of spans whose goroutine had no name when they were over.
    nameless: Vec<(u32, u32)>,
}

impl HolderLog {
    /// Nothing yet.
    pub fn new(arena: &Arena) -> Self {
        Self { spans: LaneWriter::new(Kind::States, arena), nameless: Vec::new() }
    }

    /// Adds a lane without spans.
    pub fn add_lane(&mut self) {
        self.spans.add_lane();
    }

    /// Whether the lane has no span yet.
    pub fn is_empty(&self, lane: u32) -> bool {
        self.spans.rows(lane) == 0
    }

    /// When the lane's last span began; `i64::MIN` if it has none.
    pub fn last_start(&self, lane: u32) -> i64 {
        self.spans.last_start(lane)
    }

    /// Whether the lane says nothing yet of the time since `base`, except perhaps which proc and thread belong together:
    /// the status of what ran there may still come.
    pub fn is_open_before(&self, lane: u32, base: i64) -> bool {
        let is_open = |raw: &Raw<HOLDER_ENTRY, HOLDER_COLUMNS>| {
            raw.entry[0] == Class::Unknown as u32 || raw.entry[0] == Class::Scheduler as u32
        };
        self.spans.last_start(lane) <= base && self.spans.last(lane).is_none_or(is_open)
    }

    /// The lane shows `held` from `ts` on.
    #[inline]
    pub fn show(&mut self, lane: u32, ts: i64, held: Held, naming: &Naming, backwards: &mut Backwards) {
        let mut start = ts;
        if let Some(last) = self.spans.last(lane) {
            if held.is(last) {
                return;
            }
            // Between two goroutines of a coroutine switch, and before the status of a goroutine at the start of the
            // trace, the lane has none for no time at all.
            if last.more[0] == 0 && last.start == ts {
                self.spans.change_last(lane, |last| *last = held.raw(ts));
                return;
            }
            start = backwards.clamp(ts, last.start);
            if last.entry[0] == Class::Running as u32 && !self.name_last(lane, naming) {
                self.nameless.push((lane, self.spans.rows(lane) - 1));
            }
        }
        self.spans.push(lane, held.raw(start));
    }

    /// Says what the last span of a lane runs; whether that is known.
    #[inline]
    fn name_last(&mut self, lane: u32, naming: &Naming) -> bool {
        let mut is_known = true;
        self.spans.change_last(lane, |last| is_known = name(last, naming));
        is_known
    }

    /// Packs what is left: where the spans are, and their sums.
    pub fn finish(mut self, end: i64, naming: &Naming) -> (Directory, ZoomIndex) {
        for lane in 0..self.spans.lanes() as u32 {
            self.name_last(lane, naming);
        }
        self.spans.finish(end, &self.nameless, |raw| {
            name(raw, naming);
        })
    }
}

/// Tells a span that runs a goroutine of the runtime from one that runs the program's; whether that is known.
#[inline]
fn name(raw: &mut Raw<HOLDER_ENTRY, HOLDER_COLUMNS>, naming: &Naming) -> bool {
    if raw.entry[0] != Class::Running as u32 {
        return true;
    }
    match naming.running_class(GoIdx(row_of(raw.more[0].into()))) {
        Some(class) => {
            raw.entry[0] = class as u32;
            true
        }
        None => false,
    }
}
