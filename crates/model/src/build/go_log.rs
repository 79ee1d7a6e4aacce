//! Goroutine spans while they are being read: the common log and the columns that only goroutines have.

use super::log::{Backwards, Scatter, SpanLog};
use super::wakes::Wakes;
use crate::preview::Preview;
use crate::{Class, GoIdx, GoSpans, PreviewCells, ProcIdx, StackIdx, StringIdx, ThreadIdx};

/// What a goroutine span says beside its time and class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GoSpan {
    pub reason: StringIdx,
    pub stack: StackIdx,
    pub proc: ProcIdx,
    pub thread: ThreadIdx,
    pub cause: GoIdx,
    pub cause_stack: StackIdx,
}

impl GoSpan {
    /// Nothing.
    pub const EMPTY: Self = Self {
        reason: StringIdx(0),
        stack: StackIdx(0),
        proc: ProcIdx::NONE,
        thread: ThreadIdx::NONE,
        cause: GoIdx::NONE,
        cause_stack: StackIdx(0),
    };
}

/// The spans of all goroutines in the order of events. Rows of other tables stand as bare numbers, so that columns can
/// take over each other's memory.
#[derive(Default)]
pub(crate) struct GoLog {
    pub spans: SpanLog,
    reason: Vec<u32>,
    stack: Vec<u32>,
    proc: Vec<u32>,
    thread: Vec<u32>,
    cause: Vec<u32>,
    cause_stack: Vec<u32>,
    /// A picture of the spans.
    preview: Preview,
}

impl GoLog {
    /// Begins a span.
    pub fn push(&mut self, go: GoIdx, ts: i64, class: Class, span: GoSpan, backwards: &mut Backwards) {
        // A goroutine that something mentions before its status is unknown for no time at all.
        if let Some(row) = self.spans.last_row(go.0)
            && self.spans.class(row) == Class::Unknown
            && self.spans.last_start(go.0) == ts
        {
            self.preview.change(ts, Some(Class::Unknown), Some(class));
            self.spans.set_class(row, class);
            self.set(row, span);
            return;
        }
        let before = self.spans.last_class(go.0);
        self.spans.push(go.0, ts, class, backwards);
        self.preview.change(self.spans.last_start(go.0), before, Some(class));
        self.reason.push(span.reason.0);
        self.stack.push(span.stack.0);
        self.proc.push(span.proc.0);
        self.thread.push(span.thread.0);
        self.cause.push(span.cause.0);
        self.cause_stack.push(span.cause_stack.0);
    }

    /// Ends the goroutine, and says when it does.
    pub fn end(&mut self, go: GoIdx, ts: i64, backwards: &mut Backwards) -> i64 {
        let last = self.spans.last_class(go.0);
        let end = self.spans.end(go.0, ts, backwards);
        self.preview.change(end, last, None);
        end
    }

    /// A picture of all spans up to `end`, where those end that did not yet.
    pub fn preview(&self, end: i64) -> PreviewCells {
        self.preview.cells(end)
    }

    fn set(&mut self, row: usize, span: GoSpan) {
        self.reason[row] = span.reason.0;
        self.stack[row] = span.stack.0;
        self.proc[row] = span.proc.0;
        self.thread[row] = span.thread.0;
        self.cause[row] = span.cause.0;
        self.cause_stack[row] = span.cause_stack.0;
    }

    /// Gives the goroutine's last span a stack if it has none.
    pub fn add_stack(&mut self, go: GoIdx, stack: StackIdx) {
        if let Some(row) = self.spans.last_row(go.0)
            && self.stack[row] == 0
        {
            self.stack[row] = stack.0;
        }
    }

    /// The goroutine's system call turns out to hold a proc, or to have lost it.
    pub fn set_call(&mut self, go: GoIdx, class: Class, proc: ProcIdx) {
        if let Some(row) = self.spans.last_row(go.0) {
            self.preview.change(self.spans.last_start(go.0), self.spans.last_class(go.0), Some(class));
            self.spans.set_class(row, class);
            self.proc[row] = proc.0;
        }
    }

    /// The columns in their final order, and who woke or created whom.
    pub fn place(self, end: i64, proc_order: Option<&[u32]>) -> (GoSpans, Wakes) {
        let Self { spans, reason, stack, mut proc, thread, cause, cause_stack, preview: _ } = self;
        let placed = spans.place(end, None);
        let wakes = Wakes::new(&placed, &cause);
        if let Some(order) = proc_order {
            renumber(&mut proc, order);
        }
        let mut scatter = Scatter::new(placed.row, placed.lane);
        let start = scatter.column(&placed.start, 0);
        drop(placed.start);
        let class = scatter.column(&placed.class, Class::Unknown);
        let spans = GoSpans {
            lanes: placed.lanes,
            start,
            class,
            reason: scatter.words(reason).into_iter().map(StringIdx).collect(),
            stack: scatter.words(stack).into_iter().map(StackIdx).collect(),
            proc: scatter.words(proc).into_iter().map(ProcIdx).collect(),
            thread: scatter.words(thread).into_iter().map(ThreadIdx).collect(),
            cause: scatter.words(cause).into_iter().map(GoIdx).collect(),
            cause_stack: scatter.words(cause_stack).into_iter().map(StackIdx).collect(),
        };
        (spans, wakes)
    }
}

/// Gives procs their final numbers.
pub(crate) fn renumber(procs: &mut [u32], order: &[u32]) {
    for proc in procs {
        if *proc != ProcIdx::NONE.0 {
            *proc = order[*proc as usize];
        }
    }
}
