//! Every wait of goroutines that could run: how long, and why they could.

use super::{ReadyCause, group_of};
use crate::top::Smallest;
use crate::{Scope, states};
use goroscope_model::{Class, GoIdx, GoSpan, GroupIdx, Trace, each_in_parallel};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Goroutines that are looked at in one go.
const CHUNK: usize = 64;
/// How many causes there are.
const CAUSES: usize = ReadyCause::NAMES.len();

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub go: GoIdx,
    /// Which of its spans.
    pub number: usize,
    pub start: i64,
    pub end: i64,
    pub cause: ReadyCause,
}

/// The waits of a group.
#[derive(Default)]
pub(super) struct GroupWaits {
    /// Durations by cause, ns.
    durations: [Vec<u64>; CAUSES],
    pub open: u64,
    pub open_ns: u64,
}

/// All waits.
pub(super) struct Waits {
    pub groups: BTreeMap<GroupIdx, GroupWaits>,
    /// The longest, the longest first.
    pub worst: Vec<Wait>,
}

/// The longest first, then the earliest.
type Rank = (Reverse<i64>, i64, GoIdx, usize, usize);

impl Waits {
    /// Those that begin in what is meant.
    pub fn of(scope: &Scope<'_>, worst: usize) -> Self {
        let goroutines: Vec<(GoIdx, &[(i64, i64)])> = scope.goroutines().collect();
        let chunks: Vec<_> = goroutines.chunks(CHUNK).collect();
        let found = each_in_parallel(chunks.len(), |i| {
            let mut found = Finder::new(scope, worst);
            for &(go, stretches) in chunks[i] {
                found.look_at(go, stretches);
            }
            (found.groups, found.worst.into_sorted())
        });
        let mut groups: BTreeMap<GroupIdx, GroupWaits> = BTreeMap::new();
        let mut ranks = Smallest::new(worst);
        for (of_chunk, worst) in found {
            for (group, waits) in of_chunk {
                groups.entry(group).or_default().add(waits);
            }
            for rank in worst {
                ranks.push(rank);
            }
        }
        let wait = |(Reverse(ns), start, go, number, cause): Rank| Wait {
            go,
            number,
            start,
            end: start + ns,
            cause: CAUSE[cause],
        };
        Self { groups, worst: ranks.into_sorted().into_iter().map(wait).collect() }
    }

    /// The durations of all.
    pub fn all(&self) -> Vec<u64> {
        self.groups.values().flat_map(|group| group.durations.iter().flatten()).copied().collect()
    }

    /// The durations by cause; of those that occur.
    pub fn by_cause(&self) -> Vec<(ReadyCause, Vec<u64>)> {
        let of = |cause: ReadyCause| {
            let durations = self.groups.values().flat_map(|group| &group.durations[cause as usize]);
            (cause, durations.copied().collect::<Vec<u64>>())
        };
        CAUSE.into_iter().map(of).filter(|(_, durations)| !durations.is_empty()).collect()
    }
}

/// All causes, by number.
const CAUSE: [ReadyCause; CAUSES] = [
    ReadyCause::Created,
    ReadyCause::Unblocked,
    ReadyCause::Preempted,
    ReadyCause::Yielded,
    ReadyCause::Syscall,
    ReadyCause::Unknown,
];

impl GroupWaits {
    /// The durations for whatever cause.
    pub fn all(&self) -> Vec<u64> {
        self.durations.iter().flatten().copied().collect()
    }

    fn add(&mut self, other: Self) {
        for (mine, theirs) in self.durations.iter_mut().zip(other.durations) {
            if mine.is_empty() {
                *mine = theirs;
            } else {
                mine.extend(theirs);
            }
        }
        self.open += other.open;
        self.open_ns += other.open_ns;
    }
}

struct Finder<'s, 't> {
    scope: &'s Scope<'t>,
    groups: BTreeMap<GroupIdx, GroupWaits>,
    worst: Smallest<Rank>,
}

impl<'s, 't> Finder<'s, 't> {
    fn new(scope: &'s Scope<'t>, worst: usize) -> Self {
        Self { scope, groups: BTreeMap::new(), worst: Smallest::new(worst) }
    }

    /// The waits of a goroutine that begin in one of these stretches.
    fn look_at(&mut self, go: GoIdx, stretches: &[(i64, i64)]) {
        let trace = self.scope.trace();
        let lane = trace.go_lane(go);
        for &(from, to) in stretches {
            let touching = states::touching(&lane, from, to);
            // One before, which tells why a goroutine could run.
            let first = touching.start.saturating_sub(1);
            let spans = trace.go_spans().iter_from(go, first);
            let mut ends = lane.iter_from(first).map(|(_, end, _)| end);
            let mut before: Option<GoSpan> = None;
            let mut spans = (first..).zip(spans).peekable();
            while let Some((number, span)) = spans.next() {
                let end = ends.next().unwrap_or(lane.end);
                if number >= touching.end {
                    break;
                }
                if span.class == Class::Runnable && from <= span.start && span.start < to && span.start < end {
                    let next = spans.peek().map(|(_, next)| next.class);
                    self.add(go, number, (before, span, next), end);
                }
                before = Some(span);
            }
        }
    }

    fn add(
        &mut self,
        go: GoIdx,
        number: usize,
        (before, span, next): (Option<GoSpan>, GoSpan, Option<Class>),
        end: i64,
    ) {
        let trace = self.scope.trace();
        let ns = end - span.start;
        let filter = self.scope.filter();
        // With a task or region, the least and the most are about that.
        if filter.task.is_none() && filter.region.is_none() && !filter.lasts(ns) {
            return;
        }
        let waits = self.groups.entry(group_of(trace, go)).or_default();
        let cause = cause(trace, go, before, span);
        let is_open = next != Some(Class::Running) || cause.is_none();
        if is_open {
            waits.open += 1;
            waits.open_ns += ns as u64;
        } else if let Some(cause) = cause {
            waits.durations[cause as usize].push(ns as u64);
            self.worst.push((Reverse(ns), span.start, go, number, cause as usize));
        }
    }
}

/// Why a goroutine could run; `None` if it could before the trace, or what is not lost of it, began.
fn cause(trace: &Trace, go: GoIdx, before: Option<GoSpan>, span: GoSpan) -> Option<ReadyCause> {
    let Some(before) = before else {
        return trace.goroutines()[go.index()].created.map(|_| ReadyCause::Created);
    };
    match before.class {
        Class::Unknown => None,
        Class::Running if trace.symbols().string(span.reason) == "preempted" => Some(ReadyCause::Preempted),
        Class::Running => Some(ReadyCause::Yielded),
        Class::Syscall | Class::SyscallBlocked => Some(ReadyCause::Syscall),
        Class::WaitNetwork
        | Class::WaitChannel
        | Class::WaitSync
        | Class::WaitSelect
        | Class::WaitSleep
        | Class::WaitGc
        | Class::WaitOther => Some(ReadyCause::Unblocked),
        _ => Some(ReadyCause::Unknown),
    }
}
