//! Who ended a goroutine's waits, and whose waits it ended: by the time that was waited until then.

use super::CauseKind;
use crate::own::first_own;
use crate::refs::{self, FrameView, GoRef};
use crate::{ClassKind, classes};
use goroscope_model::{Class, GoIdx, GoSpan, StackIdx, Trace, each_in_parallel};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The most wakers, and woken, of one answer.
const LIMIT: usize = 10;

/// Waits of one goroutine that another, or none, ended. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WakeCount {
    /// How they ended.
    pub kind: CauseKind,
    /// The other; `None` where no goroutine did it.
    pub go: Option<GoRef>,
    /// How many.
    pub count: u64,
    /// How long these waits were together.
    pub waited: u64,
    /// The longest of them.
    pub longest: u64,
    /// Its begin.
    pub longest_ts: i64,
    /// At how many places the wakers stood.
    pub stacks: usize,
    /// Where they stood when they ended the largest part of `waited`.
    pub stack: Vec<FrameView>,
    /// Which frame of it is the first that is the program's own; the innermost one if none is.
    pub own: usize,
}

/// The wakers, or the woken, of a goroutine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wakes {
    /// How many there are.
    pub(super) total: usize,
    /// Those with the most waited time.
    pub(super) first: Vec<WakeCount>,
}

/// Waits with something in common.
#[derive(Clone, Debug, Default)]
struct Waits {
    count: u64,
    waited: u64,
    longest: u64,
    longest_ts: i64,
    stacks: BTreeMap<StackIdx, u64>,
}

impl Waits {
    fn add(&mut self, wait: &Wait) {
        let ns = (wait.end - wait.start) as u64;
        if self.count == 0 || ns > self.longest {
            (self.longest, self.longest_ts) = (ns, wait.start);
        }
        self.count += 1;
        self.waited += ns;
        *self.stacks.entry(wait.stack).or_default() += ns;
    }

    fn row(&self, trace: &Trace, kind: CauseKind, go: GoIdx) -> WakeCount {
        let most = self.stacks.iter().max_by_key(|&(stack, ns)| (ns, Reverse(stack)));
        let stack = most.map_or_else(Vec::new, |(&stack, _)| refs::frames(trace, stack));
        WakeCount {
            kind,
            go: GoRef::new(trace, go),
            count: self.count,
            waited: self.waited,
            longest: self.longest,
            longest_ts: self.longest_ts,
            stacks: self.stacks.len(),
            own: first_own(stack.iter().map(|frame| (frame.function.as_str(), frame.file.as_str()))),
            stack,
        }
    }
}

/// A wait that ended.
struct Wait {
    start: i64,
    end: i64,
    kind: CauseKind,
    by: GoIdx,
    stack: StackIdx,
}

/// The wait between a span and the next, if that is one that was followed by being ready to run.
fn wait(before: &GoSpan, span: &GoSpan) -> Option<Wait> {
    if classes::kind(before.class) != ClassKind::Wait || span.class != Class::Runnable {
        return None;
    }
    let kind = match (span.cause.get(), before.class) {
        (Some(_), _) => CauseKind::Unblock,
        (None, Class::WaitNetwork) => CauseKind::Network,
        (None, _) => CauseKind::TimerOrRuntime,
    };
    Some(Wait { start: before.start, end: span.start, kind, by: span.cause, stack: span.cause_stack })
}

/// Who ended the waits of a goroutine.
pub(super) fn woken_by(trace: &Trace, go: GoIdx) -> Wakes {
    let mut by: BTreeMap<(CauseKind, GoIdx), Waits> = BTreeMap::new();
    let mut spans = trace.go_spans().iter_from(go, 0);
    if let Some(mut before) = spans.next() {
        for span in spans {
            if let Some(wait) = wait(&before, &span) {
                by.entry((wait.kind, wait.by)).or_default().add(&wait);
            }
            before = span;
        }
    }
    most(trace, by.into_iter().collect())
}

/// Whose waits a goroutine ended. Those whom it ever woke are looked through, on all cores.
pub(super) fn woke(trace: &Trace, go: GoIdx) -> Wakes {
    let woken: BTreeSet<GoIdx> =
        trace.wakes_by(go).iter().filter(|wake| !wake.is_creation).map(|wake| wake.to).collect();
    let woken: Vec<GoIdx> = woken.into_iter().collect();
    let of = |number: usize| {
        let mut waits = Waits::default();
        let spans = trace.go_spans();
        spans.with_cause(woken[number], go, |i| {
            let mut pair = spans.iter_from(woken[number], i.saturating_sub(1));
            if i > 0
                && let (Some(before), Some(span)) = (pair.next(), pair.next())
                && let Some(wait) = wait(&before, &span)
            {
                waits.add(&wait);
            }
        });
        ((CauseKind::Unblock, woken[number]), waits)
    };
    let mut waits = each_in_parallel(woken.len(), of);
    waits.retain(|(_, waits)| waits.count > 0);
    most(trace, waits)
}

/// Those with the most waited time.
fn most(trace: &Trace, mut waits: Vec<((CauseKind, GoIdx), Waits)>) -> Wakes {
    waits.sort_by_key(|(who, waits)| (Reverse(waits.waited), Reverse(waits.count), *who));
    let row = |((kind, go), waits): &((CauseKind, GoIdx), Waits)| waits.row(trace, *kind, *go);
    Wakes { total: waits.len(), first: waits.iter().take(LIMIT).map(row).collect() }
}
