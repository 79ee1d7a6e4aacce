//! Goroutine spans while they are being read: the common log and the columns that only goroutines have.

use super::log::{Backwards, Placement, SpanLog};
use crate::{Class, GoIdx, GoSpans, ProcIdx, StackIdx, StringIdx, ThreadIdx};

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

/// The spans of all goroutines in the order of events.
#[derive(Default)]
pub(crate) struct GoLog {
    pub spans: SpanLog,
    reason: Vec<StringIdx>,
    stack: Vec<StackIdx>,
    proc: Vec<ProcIdx>,
    thread: Vec<ThreadIdx>,
    cause: Vec<GoIdx>,
    cause_stack: Vec<StackIdx>,
}

impl GoLog {
    /// Begins a span.
    pub fn push(&mut self, go: GoIdx, ts: i64, class: Class, span: GoSpan, backwards: &mut Backwards) {
        // A goroutine that something mentions before its status is unknown for no time at all.
        if let Some(row) = self.spans.last_row(go.0)
            && self.spans.class(row) == Class::Unknown
            && self.spans.last_start(go.0) == ts
        {
            self.spans.set_class(row, class);
            self.set(row, span);
            return;
        }
        self.spans.push(go.0, ts, class, backwards);
        self.reason.push(span.reason);
        self.stack.push(span.stack);
        self.proc.push(span.proc);
        self.thread.push(span.thread);
        self.cause.push(span.cause);
        self.cause_stack.push(span.cause_stack);
    }

    fn set(&mut self, row: usize, span: GoSpan) {
        self.reason[row] = span.reason;
        self.stack[row] = span.stack;
        self.proc[row] = span.proc;
        self.thread[row] = span.thread;
        self.cause[row] = span.cause;
        self.cause_stack[row] = span.cause_stack;
    }

    /// Gives the goroutine's last span a stack if it has none.
    pub fn add_stack(&mut self, go: GoIdx, stack: StackIdx) {
        if let Some(row) = self.spans.last_row(go.0)
            && self.stack[row] == StackIdx(0)
        {
            self.stack[row] = stack;
        }
    }

    /// The goroutine's system call turns out to hold a proc, or to have lost it.
    pub fn set_call(&mut self, go: GoIdx, class: Class, proc: ProcIdx) {
        if let Some(row) = self.spans.last_row(go.0) {
            self.spans.set_class(row, class);
            self.proc[row] = proc;
        }
    }

    /// The columns in their final order, where each log row went, and the goroutine of each log row.
    pub fn place(self, end: i64, proc_order: Option<&[u32]>) -> (GoSpans, Placement, Vec<u32>) {
        let Self { spans, reason, stack, mut proc, thread, cause, cause_stack } = self;
        let placed = spans.place(end, None);
        let at = &placed.placement;
        let reason = at.column_of(reason, StringIdx(0));
        let stack = at.column_of(stack, StackIdx(0));
        if let Some(order) = proc_order {
            renumber(&mut proc, order);
        }
        let proc = at.column_of(proc, ProcIdx::NONE);
        let thread = at.column_of(thread, ThreadIdx::NONE);
        let cause = at.column_of(cause, GoIdx::NONE);
        let cause_stack = at.column_of(cause_stack, StackIdx(0));
        let (lanes, start, class) = (placed.lanes, placed.start, placed.class);
        let spans = GoSpans { lanes, start, class, reason, stack, proc, thread, cause, cause_stack };
        (spans, placed.placement, placed.lane_of)
    }
}

/// Gives procs their final numbers.
pub(crate) fn renumber(procs: &mut [ProcIdx], order: &[u32]) {
    for proc in procs {
        if proc.get().is_some() {
            proc.0 = order[proc.index()];
        }
    }
}
