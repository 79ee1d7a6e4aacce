//! Every wait of goroutines that could run: how long, and why they could.

use super::{ReadyCause, group_of};
use crate::tally::Tally;
use crate::top::Smallest;
use crate::{Scope, states};
use goroscope_model::{Class, GoIdx, GoKind, GroupIdx, Trace, each_in_parallel};
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
pub(super) struct GroupWaits {
    /// Durations by cause, ns.
    durations: [Tally; CAUSES],
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
            found.groups.values_mut().flat_map(|group| &mut group.durations).for_each(Tally::shrink);
            (found.groups, found.worst.into_sorted())
        });
        let mut groups: BTreeMap<GroupIdx, GroupWaits> = BTreeMap::new();
        let mut ranks = Smallest::new(worst);
        for (of_chunk, worst) in found {
            for (group, waits) in of_chunk {
                groups.entry(group).or_default().add(&waits);
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
    pub fn all(&self) -> Tally {
        joined(self.groups.values().flat_map(|group| &group.durations))
    }

    /// The durations by cause, each with how often it occurs; of those that occur.
    pub fn by_cause(&self) -> Vec<(ReadyCause, Vec<(u64, u64)>)> {
        let of = |cause: ReadyCause| {
            let durations = joined(self.groups.values().map(|group| &group.durations[cause as usize]));
            (cause, durations.into_sorted())
        };
        CAUSE.into_iter().map(of).filter(|(_, durations)| !durations.is_empty()).collect()
    }
}

/// All of several.
fn joined<'t>(parts: impl Iterator<Item = &'t Tally>) -> Tally {
    let mut all = Tally::EMPTY;
    parts.for_each(|part| all.append(part));
    all
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

impl Default for GroupWaits {
    fn default() -> Self {
        Self { durations: [Tally::EMPTY; CAUSES], open: 0, open_ns: 0 }
    }
}

impl GroupWaits {
    /// The durations for whatever cause.
    pub fn all(&self) -> Tally {
        joined(self.durations.iter())
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.durations.iter_mut().zip(&other.durations) {
            mine.append(theirs);
        }
        self.open += other.open;
        self.open_ns += other.open_ns;
    }
}

/// A wait of which it is not known yet how it ended.
struct Pending {
    number: usize,
    start: i64,
    end: i64,
    cause: Option<ReadyCause>,
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
        let filter = self.scope.filter();
        // With a task or region, the least and the most are about that.
        let is_any_length = filter.task.is_some() || filter.region.is_some();
        let group = group_of(trace, go);
        let known = self.groups.remove(&group);
        let mut has_waits = known.is_some();
        let mut waits = known.unwrap_or_default();
        for &(from, to) in stretches {
            let touching = states::touching(&lane, from, to);
            let mut before: Option<GoKind> = None;
            // A wait, until it is known what came next.
            let mut pending: Option<Pending> = None;
            let mut add = |wait: Pending, next: Option<Class>| {
                has_waits = true;
                let ns = wait.end - wait.start;
                match wait.cause {
                    Some(cause) if next == Some(Class::Running) => {
                        waits.durations[cause as usize].push(ns as u64);
                        self.worst.push((Reverse(ns), wait.start, go, wait.number, cause as usize));
                    }
                    Some(_) | None => {
                        waits.open += 1;
                        waits.open_ns += ns as u64;
                    }
                }
            };
            // One before, which tells why a goroutine could run, and one behind, which tells whether it did.
            let seen = touching.start.saturating_sub(1)..touching.end.saturating_add(1);
            trace.go_spans().each_kind(go, seen, |number, start, end, kind| {
                if let Some(wait) = pending.take() {
                    add(wait, Some(kind.class));
                }
                if kind.class == Class::Runnable
                    && number < touching.end
                    && from <= start
                    && start < to
                    && start < end
                    && (is_any_length || filter.lasts(end - start))
                {
                    let cause = cause(trace, go, before, kind);
                    pending = Some(Pending { number, start, end, cause });
                }
                before = Some(kind);
            });
            if let Some(wait) = pending {
                add(wait, None);
            }
        }
        if has_waits {
            self.groups.insert(group, waits);
        }
    }
}

/// Why a goroutine could run; `None` if it could before the trace, or what is not lost of it, began.
fn cause(trace: &Trace, go: GoIdx, before: Option<GoKind>, kind: GoKind) -> Option<ReadyCause> {
    let Some(before) = before else {
        return trace.goroutines()[go.index()].created.map(|_| ReadyCause::Created);
    };
    match before.class {
        Class::Unknown => None,
        Class::Running if trace.symbols().string(kind.reason) == "preempted" => Some(ReadyCause::Preempted),
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
