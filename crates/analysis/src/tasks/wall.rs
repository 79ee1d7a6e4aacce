//! Where the time of a task went, moment by moment.
//!
//! The goroutines of a task work side by side, so what they did adds up to more than the task lasted, and most of it
//! was waiting for each other. What somebody waits for who waits for the task is, at each moment, what the goroutine did
//! that was furthest on: if any ran, the task made progress. So the states are ranked, and each moment of the task counts
//! for the first of them that one of its goroutines is in:
//!
//! 1. running;
//! 2. in a system call;
//! 3. runnable: it only lacked a proc;
//! 4. waiting for something outside: network, sleep, the garbage collector, or what is not known to be another goroutine;
//! 5. waiting for another goroutine: channel, select, sync. Where that one takes part in the task, its own state ranks
//!    before, so what is left are waits for goroutines that do not.
//!
//! The spans of all goroutines are merged by time, so that memory is needed for each goroutine, not for each span.

use crate::{classes, names, states};
use goroscope_model::{Class, GoIdx, StringIdx, Trace};
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How long a task was in one state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WallShare {
    /// The class; `None`: no goroutine took part in the task.
    #[serde(serialize_with = "class_number")]
    pub class: Option<Class>,
    /// Why it waited, in Go's words; empty if it did not.
    pub reason: String,
    /// How long, ns.
    pub ns: u64,
    /// Of the task's duration.
    pub share: f64,
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn class_number<S: Serializer>(class: &Option<Class>, serializer: S) -> Result<S::Ok, S::Error> {
    match class {
        Some(class) => classes::class_number(class, serializer),
        None => serializer.serialize_none(),
    }
}

/// The ranks of what goroutines do, first to last.
const RANKS: [Class; 12] = [
    Class::Running,
    Class::Syscall,
    Class::SyscallBlocked,
    Class::Runnable,
    Class::WaitNetwork,
    Class::WaitSleep,
    Class::WaitGc,
    Class::WaitOther,
    Class::WaitChannel,
    Class::WaitSelect,
    Class::WaitSync,
    Class::Unknown,
];

fn rank(class: Class) -> usize {
    RANKS.iter().position(|&ranked| ranked == class).unwrap_or(RANKS.len())
}

/// What a goroutine does: the rank of its state, the state, and why.
type Doing = (usize, Class, StringIdx);

/// Where the time from `start` to `end` went, largest first, if these goroutines took part in these stretches. The parts
/// add up to it.
pub(super) fn wall(
    trace: &Trace,
    (start, end): (i64, i64),
    stretches: &BTreeMap<GoIdx, Vec<(i64, i64)>>,
) -> Vec<WallShare> {
    let mut sums: BTreeMap<Option<Doing>, u64> = BTreeMap::new();
    let mut lanes: Vec<_> = stretches.iter().map(|(&go, of_go)| changes(trace, go, of_go, (start, end))).collect();
    // The next change of each lane; what each lane does until then.
    let mut next = BinaryHeap::new();
    let mut pending: Vec<Option<Doing>> = vec![None; lanes.len()];
    for (lane, changes) in lanes.iter_mut().enumerate() {
        if let Some((ts, doing)) = changes.next() {
            next.push(Reverse((ts, lane)));
            pending[lane] = doing;
        }
    }
    let mut current: Vec<Option<Doing>> = vec![None; lanes.len()];
    let mut counts: BTreeMap<Doing, usize> = BTreeMap::new();
    let mut at = start;
    while let Some(Reverse((ts, lane))) = next.pop() {
        if ts > at {
            *sums.entry(counts.keys().next().copied()).or_default() += (ts - at) as u64;
            at = ts;
        }
        if let Some(before) = std::mem::replace(&mut current[lane], pending[lane])
            && let Some(count) = counts.get_mut(&before)
        {
            *count -= 1;
            if *count == 0 {
                counts.remove(&before);
            }
        }
        if let Some(doing) = current[lane] {
            *counts.entry(doing).or_default() += 1;
        }
        if let Some((ts, doing)) = lanes[lane].next() {
            next.push(Reverse((ts, lane)));
            pending[lane] = doing;
        }
    }
    if end > at {
        *sums.entry(counts.keys().next().copied()).or_default() += (end - at) as u64;
    }
    rows(trace, sums, (end - start) as u64)
}

/// What a goroutine does from when on, in the stretches in which it takes part: nothing behind each.
fn changes<'t>(
    trace: &'t Trace,
    go: GoIdx,
    stretches: &'t [(i64, i64)],
    (start, end): (i64, i64),
) -> impl Iterator<Item = (i64, Option<Doing>)> + use<'t> {
    let clipped = stretches.iter().map(move |&(from, to)| (from.max(start), to.min(end)));
    clipped.filter(|(from, to)| from < to).flat_map(move |(from, to)| {
        let lane = trace.go_lane(go);
        let touching = states::touching(&lane, from, to);
        let spans = trace.go_spans().iter_from(go, touching.start).take(touching.len());
        let doing = move |class: Class, reason: StringIdx| match classes::kind(class) {
            crate::ClassKind::Wait => (rank(class), class, reason),
            _ => (rank(class), class, StringIdx(0)),
        };
        let changes = spans.map(move |span| (span.start.max(from), Some(doing(span.class, span.reason))));
        changes.chain([(to, None)])
    })
}

fn rows(trace: &Trace, sums: BTreeMap<Option<Doing>, u64>, duration: u64) -> Vec<WallShare> {
    let reason = |class: Class, reason: StringIdx| match classes::kind(class) {
        crate::ClassKind::Wait => names::reason(trace, reason).to_owned(),
        _ => String::new(),
    };
    let row = |(doing, ns): (Option<Doing>, u64)| WallShare {
        class: doing.map(|(_, class, _)| class),
        reason: doing.map_or_else(String::new, |(_, class, why)| reason(class, why)),
        ns,
        share: ns as f64 / duration as f64,
    };
    let mut rows: Vec<WallShare> = sums.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.ns));
    rows
}
