//! Goroutine spans while they are being read, and who woke or created whom.

use super::backwards::Backwards;
use crate::lanes::{Ending, LaneWriter, MomentWriter, Packed, Raw};
use crate::preview::{NO_STATE, Preview};
use crate::rows::row;
use crate::spans::{GO_COLUMNS, GO_ENTRY};
use crate::storage::Arena;
use crate::{Class, GoIdx, PreviewCells, ProcIdx, StackIdx, StringIdx, ThreadIdx};

/// What a goroutine span says beside its time and class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub reason: StringIdx,
    pub stack: StackIdx,
    pub proc: ProcIdx,
    pub thread: ThreadIdx,
    pub cause: GoIdx,
    pub cause_stack: StackIdx,
}

impl Context {
    /// Nothing.
    pub const EMPTY: Self = Self {
        reason: StringIdx(0),
        stack: StackIdx(0),
        proc: ProcIdx::NONE,
        thread: ThreadIdx::NONE,
        cause: GoIdx::NONE,
        cause_stack: StackIdx(0),
    };

    #[inline]
    fn fill_in(self, span: &mut Raw<GO_ENTRY, GO_COLUMNS>, start: i64, class: Class) {
        let Self { reason, stack, proc, thread, cause, cause_stack } = self;
        span.start = start;
        span.entry = [class as u32, reason.0, stack.0, cause_stack.0];
        span.more = [row(proc.0) as u32, row(thread.0) as u32, row(cause.0) as u32];
    }
}

/// The spans of all goroutines, and their wakes.
pub(crate) struct GoLog {
    spans: LaneWriter<GO_ENTRY, GO_COLUMNS>,
    /// By who wakes: whom.
    wakes: MomentWriter<1, 1>,
    /// A picture of the spans.
    preview: Preview,
}

impl GoLog {
    /// Nothing yet.
    pub fn new(arena: &Arena) -> Self {
        Self { spans: LaneWriter::new(arena), wakes: MomentWriter::new(arena), preview: Preview::default() }
    }

    /// Adds a goroutine without spans.
    pub fn add_lane(&mut self) {
        self.spans.add_lane();
        self.wakes.add_lane();
    }

    /// Whether the goroutine has no span yet.
    pub fn is_empty(&self, go: GoIdx) -> bool {
        self.spans.rows(go.0) == 0
    }

    /// When the goroutine's last span began; `i64::MIN` if it has none.
    #[inline]
    pub fn last_start(&self, go: GoIdx) -> i64 {
        self.spans.last_start(go.0)
    }

    /// Whether the goroutine shows nothing else than that it is unknown.
    pub fn is_unknown(&self, go: GoIdx) -> bool {
        self.spans.state(go.0).is_none_or(|state| state == Class::Unknown as u32)
    }

    /// Begins a span.
    #[inline]
    pub fn push(&mut self, go: GoIdx, ts: i64, class: Class, context: Context, backwards: &mut Backwards) {
        let (before, last_start) = match self.spans.last(go.0) {
            Some(last) => (last.state(), last.start),
            None => (NO_STATE, ts),
        };
        let start = backwards.clamp(ts, last_start);
        self.preview.change(start, before, class as u32);
        // A goroutine that something mentions before its status is unknown for no time at all.
        let is_over = before == Class::Unknown as u32 && last_start == ts;
        match self.spans.last_mut(go.0).filter(|_| is_over) {
            Some(last) => context.fill_in(last, start, class),
            None => context.fill_in(self.spans.next(go.0), start, class),
        }
        if context.cause != GoIdx::NONE {
            // Only a creation comes before everything else.
            self.wake(context.cause, go, start, before == NO_STATE);
        }
    }

    #[inline]
    fn wake(&mut self, from: GoIdx, to: GoIdx, ts: i64, is_creation: bool) {
        // In a damaged trace, one that has ended can be named as the cause of something later.
        if !self.spans.has_ended(from.0) {
            let entry = [u32::from(is_creation)];
            self.wakes.push(from.0, Raw { start: ts, entry, more: [row(to.0) as u32] });
        }
    }

    /// Ends a goroutine's life, and says when it does.
    pub fn end(&mut self, go: GoIdx, ts: i64, backwards: &mut Backwards) -> i64 {
        let end = backwards.clamp(ts, self.spans.last_start(go.0));
        if let Some(state) = self.spans.state(go.0) {
            self.preview.change(end, state, NO_STATE);
        }
        self.spans.end(go.0, end);
        self.wakes.end(go.0);
        end
    }

    /// A picture of all spans up to `end`, where those end that did not yet.
    pub fn preview(&self, end: i64) -> PreviewCells {
        self.preview.cells(end)
    }

    /// Gives the goroutine's last span a stack if it has none.
    pub fn add_stack(&mut self, go: GoIdx, stack: StackIdx) {
        if let Some(last) = self.spans.last_mut(go.0).filter(|last| last.entry[2] == 0) {
            last.entry[2] = stack.0;
        }
    }

    /// The goroutine's system call turns out to hold a proc.
    pub fn set_call(&mut self, go: GoIdx, class: Class, proc: ProcIdx) {
        let Self { spans, preview, .. } = self;
        if let Some(last) = spans.last_mut(go.0) {
            preview.change(last.start, last.state(), class as u32);
            last.entry[0] = class as u32;
            last.more[0] = row(proc.0) as u32;
        }
    }

    /// Packs what is left of the spans and the wakes.
    pub fn end_all(self, end: i64) -> (Packed<Ending<GO_ENTRY, GO_COLUMNS>>, Packed<Ending<1, 1>>) {
        let wakes = self.wakes.end_all(self.spans.ends(), end);
        (self.spans.end_all(end), wakes)
    }
}
