//! System calls by thread: how many, which, and the longest.
//!
//! A call that loses its proc is two spans of its goroutine, but one call. Only goroutines that called the system at all
//! are walked over.

use crate::refs::GoRef;
use crate::{ClassKind, Lane, classes, names, states};
use goroscope_model::{Class, GoIdx, GoSpan, StackIdx, ThreadIdx, Trace, each_in_parallel};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Goroutines that are looked at in one go.
const CHUNK: usize = 64;

/// System calls with one function at the leaf of their stacks. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallFunction {
    /// The function; empty if there is no stack.
    pub function: String,
    /// How many calls.
    pub count: u64,
    /// How long they lasted within the stretch.
    pub ns: u64,
    /// The longest within the stretch.
    pub longest: u64,
}

/// The longest system call of a thread. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LongestCall {
    /// The lane of the goroutine.
    pub key: Lane,
    /// The goroutine.
    pub go: Option<GoRef>,
    /// The function at the leaf of its stack; empty if there is none.
    pub function: String,
    /// Begin, which may be before the stretch.
    pub start: i64,
    /// End, which may be after it.
    pub end: i64,
    /// How long.
    pub duration: u64,
}

/// The calls of a thread. Times are those within the stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    pub count: u64,
    pub ns: u64,
    longest: Option<Call>,
    by_stack: BTreeMap<StackIdx, Sum>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u64,
    ns: u64,
    longest: u64,
}

#[derive(Clone, Copy, Debug)]
struct Call {
    go: GoIdx,
    thread: ThreadIdx,
    stack: StackIdx,
    start: i64,
    end: i64,
}

impl Calls {
    fn push(&mut self, call: Call, ns: u64) {
        self.count += 1;
        self.ns += ns;
        self.keep_longest(call);
        let sum = self.by_stack.entry(call.stack).or_default();
        *sum = Sum { count: sum.count + 1, ns: sum.ns + ns, longest: sum.longest.max(ns) };
    }

    /// Of equal ones the earliest.
    fn keep_longest(&mut self, call: Call) {
        let rank = |call: &Call| (call.end - call.start, Reverse(call.start), Reverse(call.go));
        if self.longest.is_none_or(|longest| rank(&call) > rank(&longest)) {
            self.longest = Some(call);
        }
    }

    pub fn add(&mut self, other: Self) {
        self.count += other.count;
        self.ns += other.ns;
        if let Some(call) = other.longest {
            self.keep_longest(call);
        }
        for (stack, theirs) in other.by_stack {
            let sum = self.by_stack.entry(stack).or_default();
            *sum = Sum {
                count: sum.count + theirs.count,
                ns: sum.ns + theirs.ns,
                longest: sum.longest.max(theirs.longest),
            };
        }
    }

    /// The longest.
    pub fn longest(&self, trace: &Trace) -> Option<LongestCall> {
        self.longest.map(|call| LongestCall {
            key: Lane::Go(call.go),
            go: GoRef::new(trace, call.go),
            function: names::leaf(trace, call.stack).to_owned(),
            start: call.start,
            end: call.end,
            duration: (call.end - call.start) as u64,
        })
    }

    /// The functions, those that took most first.
    pub fn functions(&self, trace: &Trace, limit: usize) -> Vec<CallFunction> {
        let mut by_function: BTreeMap<&str, Sum> = BTreeMap::new();
        for (&stack, sum) in &self.by_stack {
            let all = by_function.entry(names::leaf(trace, stack)).or_default();
            *all = Sum { count: all.count + sum.count, ns: all.ns + sum.ns, longest: all.longest.max(sum.longest) };
        }
        let mut rows: Vec<CallFunction> = by_function
            .into_iter()
            .map(|(function, sum)| CallFunction {
                function: function.to_owned(),
                count: sum.count,
                ns: sum.ns,
                longest: sum.longest,
            })
            .collect();
        rows.sort_by_key(|row| Reverse(row.ns));
        rows.truncate(limit);
        rows
    }
}

/// The calls that touch `[from, to)`, by thread.
pub(super) fn by_thread(trace: &Trace, from: i64, to: i64) -> BTreeMap<ThreadIdx, Calls> {
    let callers: Vec<GoIdx> = (0..trace.goroutines().len() as u32)
        .map(GoIdx)
        .filter(|&go| {
            let time = states::time(trace, Lane::Go(go), from, to);
            classes::sum_of_kind(&time, ClassKind::Syscall) > 0
        })
        .collect();
    let chunks: Vec<&[GoIdx]> = callers.chunks(CHUNK).collect();
    let found = each_in_parallel(chunks.len(), |i| {
        let mut calls: BTreeMap<ThreadIdx, Calls> = BTreeMap::new();
        for &go in chunks[i] {
            of_goroutine(trace, go, (from, to), |call, ns| calls.entry(call.thread).or_default().push(call, ns));
        }
        calls
    });
    let mut all: BTreeMap<ThreadIdx, Calls> = BTreeMap::new();
    for (thread, calls) in found.into_iter().flatten() {
        all.entry(thread).or_default().add(calls);
    }
    all
}

/// Calls `visit` with every system call of a goroutine that touches a stretch, and how long it lasted within.
fn of_goroutine(trace: &Trace, go: GoIdx, (from, to): (i64, i64), mut visit: impl FnMut(Call, u64)) {
    let lane = trace.go_lane(go);
    let touching = states::touching(&lane, from, to);
    // The begin of a call that has lost its proc since is one span before.
    let first = touching.start.saturating_sub(1);
    let spans = trace.go_spans().iter_from(go, first);
    let ends = lane.iter_from(first).map(|(_, end, _)| end);
    let mut open: Option<Call> = None;
    let mut close = |call: Option<Call>| {
        let Some(call) = call else { return };
        let ns = (call.end.min(to) - call.start.max(from)).max(0) as u64;
        if ns > 0 {
            visit(call, ns);
        }
    };
    for (span, end) in spans.zip(ends).take_while(|(span, _)| span.start < to) {
        let GoSpan { class, thread, stack, start, .. } = span;
        match (class, &mut open) {
            (Class::SyscallBlocked, Some(call)) if call.thread == thread => call.end = end,
            (Class::Syscall | Class::SyscallBlocked, _) => {
                close(open.replace(Call { go, thread, stack, start, end }));
            }
            _ => close(open.take()),
        }
    }
    close(open);
}
