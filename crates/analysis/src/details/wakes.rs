//! Who ended a goroutine's waits, and whose waits it ended: by the time that was waited until then.

use super::CauseKind;
use crate::refs::{self, FrameView, GoRef};
use crate::{ClassKind, classes};
use goroscope_model::{Class, GoIdx, StackIdx, Trace, each_in_parallel};
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
        WakeCount {
            kind,
            go: GoRef::new(trace, go),
            count: self.count,
            waited: self.waited,
            longest: self.longest,
            longest_ts: self.longest_ts,
            stacks: self.stacks.len(),
            stack: most.map_or_else(Vec::new, |(&stack, _)| refs::frames(trace, stack)),
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

/// Calls `visit` for every wait of a goroutine that was followed by its being ready to run.
fn each_wait(trace: &Trace, go: GoIdx, mut visit: impl FnMut(&Wait)) {
    let mut before: Option<(i64, Class)> = None;
    for span in trace.go_spans().iter_from(go, 0) {
        if let Some((start, class)) = before
            && classes::kind(class) == ClassKind::Wait
            && span.class == Class::Runnable
        {
            let kind = match (span.cause.get(), class) {
                (Some(_), _) => CauseKind::Unblock,
                (None, Class::WaitNetwork) => CauseKind::Network,
                (None, _) => CauseKind::TimerOrRuntime,
            };
            visit(&Wait { start, end: span.start, kind, by: span.cause, stack: span.cause_stack });
        }
        before = Some((span.start, span.class));
    }
}

/// Who ended the waits of a goroutine.
pub(super) fn woken_by(trace: &Trace, go: GoIdx) -> Wakes {
    let mut by: BTreeMap<(CauseKind, GoIdx), Waits> = BTreeMap::new();
    each_wait(trace, go, |wait| by.entry((wait.kind, wait.by)).or_default().add(wait));
    most(trace, by.into_iter().collect())
}

/// Whose waits a goroutine ended. Those whom it ever woke are looked through, on all cores.
pub(super) fn woke(trace: &Trace, go: GoIdx) -> Wakes {
    let woken: BTreeSet<GoIdx> =
        trace.wakes_by(go).iter().filter(|wake| !wake.is_creation).map(|wake| wake.to).collect();
    let woken: Vec<GoIdx> = woken.into_iter().collect();
    let of = |number: usize| {
        let mut waits = Waits::default();
        each_wait(trace, woken[number], |wait| {
            if wait.by == go {
                waits.add(wait);
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
