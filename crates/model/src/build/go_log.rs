//! Goroutine spans while they are being read, and who woke or created whom.

use super::backwards::Backwards;
use crate::lanes::{Directory, Kind, LaneWriter, Raw};
use crate::preview::Preview;
use crate::rows::{class_of, row};
use crate::spans::{GO_COLUMNS, GO_ENTRY};
use crate::storage::Arena;
use crate::zoom::ZoomIndex;
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
    fn raw(self, start: i64, class: Class) -> Raw<GO_ENTRY, GO_COLUMNS> {
        let Self { reason, stack, proc, thread, cause, cause_stack } = self;
        Raw {
            start,
            entry: [class as u32, reason.0, stack.0, cause_stack.0],
            more: [row(proc.0) as u32, row(thread.0) as u32, row(cause.0) as u32],
        }
    }
}

/// The spans of all goroutines, and their wakes.
pub(crate) struct GoLog {
    spans: LaneWriter<GO_ENTRY, GO_COLUMNS>,
    /// By who wakes: whom.
    wakes: LaneWriter<1, 1>,
    /// A picture of the spans.
    preview: Preview,
}

impl GoLog {
    /// Nothing yet.
    pub fn new(arena: &Arena) -> Self {
        Self {
            spans: LaneWriter::new(Kind::States, arena),
            wakes: LaneWriter::new(Kind::Moments, arena),
            preview: Preview::default(),
        }
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
        let mut start = ts;
        let before = self.spans.state(go.0).map(|state| class_of(state.into()));
        if let Some(before) = before {
            let last_start = self.spans.last_start(go.0);
            start = backwards.clamp(ts, last_start);
            // A goroutine that something mentions before its status is unknown for no time at all.
            if before == Class::Unknown && last_start == ts {
                self.spans.change_last(go.0, |last| *last = context.raw(ts, class));
                self.preview.change(start, Some(before), Some(class));
                self.wake(context.cause, go, start, false);
                return;
            }
        }
        self.spans.push(go.0, context.raw(start, class));
        self.preview.change(start, before, Some(class));
        // Only a creation comes before everything else.
        self.wake(context.cause, go, start, before.is_none());
    }

    #[inline]
    fn wake(&mut self, from: GoIdx, to: GoIdx, ts: i64, is_creation: bool) {
        // In a damaged trace, one that has ended can be named as the cause of something later.
        if from != GoIdx::NONE && !self.wakes.has_ended(from.0) {
            let start = ts.max(self.wakes.last_start(from.0));
            let entry = [u32::from(is_creation)];
            self.wakes.push(from.0, Raw { start, entry, more: [row(to.0) as u32] });
        }
    }

    /// Ends a goroutine's life, and says when it does.
    pub fn end(&mut self, go: GoIdx, ts: i64, backwards: &mut Backwards) -> i64 {
        let end = backwards.clamp(ts, self.spans.last_start(go.0));
        if let Some(state) = self.spans.state(go.0) {
            self.preview.change(end, Some(class_of(state.into())), None);
        }
        self.spans.end(go.0, end);
        self.wakes.end(go.0, end);
        end
    }

    /// A picture of all spans up to `end`, where those end that did not yet.
    pub fn preview(&self, end: i64) -> PreviewCells {
        self.preview.cells(end)
    }

    /// Gives the goroutine's last span a stack if it has none.
    pub fn add_stack(&mut self, go: GoIdx, stack: StackIdx) {
        self.spans.change_last(go.0, |last| {
            if last.entry[2] == 0 {
                last.entry[2] = stack.0;
            }
        });
    }

    /// The goroutine's system call turns out to hold a proc.
    pub fn set_call(&mut self, go: GoIdx, class: Class, proc: ProcIdx) {
        let Self { spans, preview, .. } = self;
        spans.change_last(go.0, |last| {
            preview.change(last.start, Some(class_of(last.entry[0].into())), Some(class));
            last.entry[0] = class as u32;
            last.more[0] = row(proc.0) as u32;
        });
    }

    /// Packs what is left: where the spans and the wakes are, and the sums of the spans.
    pub fn finish(self, end: i64) -> (Directory, ZoomIndex, Directory) {
        let (spans, zoom) = self.spans.finish(end, &[], |_| {});
        let (wakes, _) = self.wakes.finish(end, &[], |_| {});
        (spans, zoom, wakes)
    }
}
