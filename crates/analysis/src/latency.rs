//! Scheduling latency: how long goroutines that could run waited until they ran.
//!
//! Every wait is looked at, goroutine by goroutine on all cores; percentiles are those of all waits, not of a sample.
//! Which durations there are and how often is all that is kept of them.

#[cfg(test)]
mod tests;
mod waits;

use self::waits::Waits;
use crate::choice::choice;
use crate::pages::{OrderedPage, Paged};
use crate::paging::Order;
use crate::refs::{GoRef, ProcRef};
use crate::spread::{Spread, SpreadBucket, histogram};
use crate::{Filter, FilterError, Lane, Scope, Subject, names};
use goroscope_model::{GroupIdx, Trace};
use serde::Serialize;

choice! {
    /// How groups are sorted.
    pub enum LatencySort {
        /// By the sum of waits.
        Total = "ns" | "total",
        /// By how many there are.
        Count = "count",
        /// By the median.
        P50 = "p50",
        /// By the 90th percentile.
        P90 = "p90",
        /// By the 99th percentile.
        P99 = "p99",
        /// By the 99.9th percentile.
        P999 = "p99_9",
        /// By the longest.
        Max = "max",
        /// By the mean.
        Mean = "mean",
        /// By the start function.
        Name = "label" | "name",
    }
}

choice! {
    /// Why a goroutine could run.
    pub enum ReadyCause {
        /// It was created.
        Created = "created",
        /// Somebody or something woke it.
        Unblocked = "unblocked",
        /// It had run for too long.
        Preempted = "preempted",
        /// It let others go first.
        Yielded = "yielded",
        /// It came back from a system call that had lost its proc.
        Syscall = "syscall",
        /// The trace does not say.
        Unknown = "unknown",
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencyOptions {
    /// How groups are sorted.
    pub sort: LatencySort,
    /// Which groups are listed.
    pub page: OrderedPage,
    /// How many of the worst waits are listed.
    pub worst: usize,
}

/// The most waits that are listed.
pub const MAX_WORST_WAITS: usize = 1000;

impl Default for LatencyOptions {
    fn default() -> Self {
        Self { sort: LatencySort::Total, page: OrderedPage::default(), worst: 10 }
    }
}

/// Scheduling latency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchedLatency {
    /// Begin of the stretch, ns.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// All waits.
    pub total: LatencySum,
    /// By cause; those that occur.
    pub causes: Vec<CauseLatency>,
    /// All waits by powers of two.
    pub histogram: Vec<SpreadBucket>,
    /// By start function.
    pub groups: Paged<GroupLatency>,
    /// The longest.
    pub worst: Vec<WorstWait>,
}

/// Waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LatencySum {
    /// Those that begin and end in the trace.
    #[serde(flatten)]
    pub waits: Spread,
    /// How many more there are of which the trace does not show the begin or the end.
    pub open: u64,
    /// How long these lasted at least, ns.
    pub open_ns: u64,
}

/// Waits for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CauseLatency {
    /// The cause.
    pub cause: ReadyCause,
    /// The waits.
    #[serde(flatten)]
    pub waits: Spread,
}

/// Waits of the goroutines with one start function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupLatency {
    /// Their lane.
    pub key: Lane,
    /// Their start function.
    pub label: String,
    /// The waits.
    #[serde(flatten)]
    pub sum: LatencySum,
    /// By powers of two.
    pub histogram: Vec<SpreadBucket>,
}

/// One of the longest waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstWait {
    /// The goroutine's lane.
    pub key: Lane,
    /// The goroutine.
    pub go: Option<GoRef>,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// How long, ns.
    pub duration: u64,
    /// Why it could run.
    pub cause: ReadyCause,
    /// The reason that was recorded, or empty.
    pub reason: String,
    /// Who made it so, if it was another.
    pub by: Option<GoRef>,
    /// On which proc that ran.
    pub proc: Option<ProcRef>,
}

/// How long goroutines waited to run: the waits that begin in what the filter means.
pub fn latency(trace: &Trace, filter: &Filter, options: &LatencyOptions) -> Result<SchedLatency, FilterError> {
    Subject::Latency.allows(filter)?;
    let (from, to) = filter.window(trace);
    let waits = Waits::of(&Scope::of(trace, filter), options.worst.min(MAX_WORST_WAITS));
    let total = waits.all().into_sorted();
    let groups = waits.groups.iter().map(|(&group, of_group)| {
        let durations = of_group.all().into_sorted();
        GroupLatency {
            key: Lane::Group(group),
            label: names::group(trace, group),
            histogram: histogram(&durations),
            sum: LatencySum { waits: Spread::of(&durations), open: of_group.open, open_ns: of_group.open_ns },
        }
    });
    let groups = sorted(groups.collect(), options);
    let of_cause =
        |(cause, durations): (ReadyCause, Vec<(u64, u64)>)| CauseLatency { cause, waits: Spread::of(&durations) };
    let causes = waits.by_cause().into_iter().map(of_cause).collect();
    let (open, open_ns) = waits.groups.values().fold((0, 0), |sum, one| (sum.0 + one.open, sum.1 + one.open_ns));
    Ok(SchedLatency {
        from,
        to,
        histogram: histogram(&total),
        total: LatencySum { waits: Spread::of(&total), open, open_ns },
        causes,
        groups,
        worst: waits.worst.into_iter().map(|wait| worst(trace, wait)).collect(),
    })
}

fn sorted(rows: Vec<GroupLatency>, options: &LatencyOptions) -> Paged<GroupLatency> {
    let usual = match options.sort {
        LatencySort::Name => Order::Ascending,
        LatencySort::Total
        | LatencySort::Count
        | LatencySort::P50
        | LatencySort::P90
        | LatencySort::P99
        | LatencySort::P999
        | LatencySort::Max
        | LatencySort::Mean => Order::Descending,
    };
    let number = |row: &GroupLatency| {
        let waits = &row.sum.waits;
        match options.sort {
            LatencySort::Total => waits.ns,
            LatencySort::Count => waits.count,
            LatencySort::P50 => waits.p50,
            LatencySort::P90 => waits.p90,
            LatencySort::P99 => waits.p99,
            LatencySort::P999 => waits.p99_9,
            LatencySort::Max => waits.max,
            LatencySort::Mean | LatencySort::Name => 0,
        }
    };
    Paged::of(rows, &options.page, usual, |a, b| match options.sort {
        LatencySort::Name => a.label.cmp(&b.label),
        LatencySort::Mean => a.sum.waits.mean.total_cmp(&b.sum.waits.mean),
        _ => number(a).cmp(&number(b)),
    })
}

fn worst(trace: &Trace, wait: waits::Wait) -> WorstWait {
    let span = trace.go_spans().get(wait.go, wait.number);
    WorstWait {
        key: Lane::Go(wait.go),
        go: GoRef::new(trace, wait.go),
        start: wait.start,
        end: wait.end,
        duration: (wait.end - wait.start) as u64,
        cause: wait.cause,
        reason: trace.symbols().string(span.reason).to_owned(),
        by: GoRef::new(trace, span.cause),
        proc: ProcRef::new(trace, span.proc),
    }
}

/// The group of a goroutine.
fn group_of(trace: &Trace, go: goroscope_model::GoIdx) -> GroupIdx {
    trace.goroutines()[go.index()].group
}
