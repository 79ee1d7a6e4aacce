//! Spans of procs and threads while they are being read.
//!
//! Both show who is bound to whom, so both are derived: after every event that binds or unbinds, what the lane should
//! show is computed, and written if it is not what the lane shows already.
//!
//! What a running goroutine is drawn as depends on its start function, which may become known only while it runs. So
//! that is looked up when the span is over; the few that are not known even then are looked up when all is read.

use super::backwards::Backwards;
use super::naming::Naming;
use crate::lanes::{Ending, LaneWriter, Packed, Packing, Raw};
use crate::rows::{row, row_of};
use crate::spans::{HOLDER_COLUMNS, HOLDER_ENTRY};
use crate::storage::Arena;
use crate::{Class, GoIdx, ProcIdx, ThreadIdx};

/// What a proc or thread shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub class: Class,
    pub go: GoIdx,
    /// The thread of a proc, the proc of a thread.
    pub other: u32,
}

/// What a thread does from a moment on with the proc that it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stint {
    pub thread: ThreadIdx,
    pub proc: ProcIdx,
    pub ts: i64,
    pub class: Class,
    pub go: GoIdx,
}

impl Held {
    #[inline]
    fn entry(self) -> [u32; HOLDER_ENTRY] {
        [self.class as u32, row(self.other) as u32]
    }

    #[inline]
    fn fill_in(self, span: &mut Raw<HOLDER_ENTRY, HOLDER_COLUMNS>, start: i64) {
        span.start = start;
        span.entry = self.entry();
        span.more = [row(self.go.0) as u32];
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
        Self { spans: LaneWriter::new(arena), nameless: Vec::new() }
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
        if let Some(last) = self.spans.last_mut(lane) {
            if last.entry == held.entry() && last.more[0] == row(held.go.0) as u32 {
                return;
            }
            // Between two goroutines of a coroutine switch, and before the status of a goroutine at the start of the
            // trace, the lane has none for no time at all.
            if last.more[0] == 0 && last.start == ts {
                held.fill_in(last, ts);
                return;
            }
            start = backwards.clamp(ts, last.start);
            if !name(last, naming) {
                self.nameless.push((lane, self.spans.rows(lane) - 1));
            }
        }
        held.fill_in(self.spans.next(lane), start);
    }

    /// The lanes of a thread and of the proc that it holds show what it does with it. As a rule both showed the same
    /// before, so that one look says what is to be done with both.
    #[inline]
    pub fn show_turn(threads: &mut Self, procs: &mut Self, stint: Stint, naming: &Naming, backwards: &mut Backwards) {
        let Stint { thread, proc, ts, class, go } = stint;
        let (by_thread, by_proc) = (Held { class, go, other: proc.0 }, Held { class, go, other: thread.0 });
        let both = threads.spans.last_mut(thread.0).zip(procs.spans.last_mut(proc.0));
        let alike = both.filter(|(of_thread, of_proc)| {
            of_thread.start == of_proc.start
                && of_thread.entry[0] == of_proc.entry[0]
                && of_thread.more == of_proc.more
                && of_thread.entry[1] == row(proc.0) as u32
                && of_proc.entry[1] == row(thread.0) as u32
        });
        let is_new = |last: &Raw<HOLDER_ENTRY, HOLDER_COLUMNS>| {
            last.entry[0] != class as u32 && last.start != ts && last.more[0] != row(go.0) as u32
        };
        let Some((of_thread, of_proc)) = alike.filter(|(last, _)| is_new(last)) else {
            threads.show(thread.0, ts, by_thread, naming, backwards);
            procs.show(proc.0, ts, by_proc, naming, backwards);
            return;
        };
        let start = backwards.clamp(ts, of_thread.start);
        backwards.clamp(ts, of_proc.start);
        if name(of_thread, naming) {
            if of_proc.entry[0] != of_thread.entry[0] {
                of_proc.entry[0] = of_thread.entry[0];
            }
        } else {
            threads.nameless.push((thread.0, threads.spans.rows(thread.0) - 1));
            procs.nameless.push((proc.0, procs.spans.rows(proc.0) - 1));
        }
        by_thread.fill_in(threads.spans.next(thread.0), start);
        by_proc.fill_in(procs.spans.next(proc.0), start);
    }

    /// Packs what is left.
    pub fn end_all(mut self, end: i64, naming: &Naming) -> HolderEnd {
        for lane in 0..self.spans.lanes() as u32 {
            if let Some(last) = self.spans.last_mut(lane) {
                name(last, naming);
            }
        }
        HolderEnd { spans: self.spans.end_all(end), nameless: self.nameless }
    }
}

/// Spans of which the last ones are being packed.
pub(crate) struct HolderEnd {
    spans: Packed<Ending<HOLDER_ENTRY, HOLDER_COLUMNS>>,
    nameless: Vec<(u32, u32)>,
}

impl HolderEnd {
    /// Waits until all are packed.
    pub fn wait(self) -> HolderSpans {
        HolderSpans { spans: self.spans.wait(), nameless: self.nameless }
    }
}

/// Spans that are all packed.
pub(crate) struct HolderSpans {
    spans: Packed<Box<Packing<HOLDER_ENTRY, HOLDER_COLUMNS>>>,
    nameless: Vec<(u32, u32)>,
}

impl HolderSpans {
    /// Says of the spans that had no name what they are called now. The blocks of all tables must be written.
    pub fn name(mut self, naming: &Naming) -> Packed<Box<Packing<HOLDER_ENTRY, HOLDER_COLUMNS>>> {
        self.spans.change(&self.nameless, |raw| {
            name(raw, naming);
        });
        self.spans
    }
}

/// Tells a span that runs a goroutine of the runtime from one that runs the program's; whether that is known.
#[inline]
fn name(raw: &mut Raw<HOLDER_ENTRY, HOLDER_COLUMNS>, naming: &Naming) -> bool {
    if raw.entry[0] != Class::Running as u32 {
        return true;
    }
    match naming.running_class(GoIdx(row_of(raw.more[0].into()))) {
        Some(Class::Running) => true,
        Some(class) => {
            raw.entry[0] = class as u32;
            true
        }
        None => false,
    }
}
