//! The times of goroutines within stretches of their lives, on all cores.

use super::sweeps::each_sweep;
use super::times::GoTimes;
use crate::intervals::{self, Interval};
use crate::{ClassKind, Filter, Lane, classes, names, states};
use goroscope_model::{Class, GoIdx, RangeScope, ReasonTime, Trace, each_in_parallel};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Work is cut into so many parts, so that no core is left with the last large one.
const PARTS: usize = 128;

/// A goroutine, the stretches of its life that are meant, in order, and the group that they count for.
#[derive(Clone, Debug)]
pub(super) struct Piece<'s> {
    pub(super) go: GoIdx,
    pub(super) group: usize,
    pub(super) stretches: Cow<'s, [(i64, i64)]>,
}

impl Piece<'_> {
    /// How long the stretches are together, ns.
    pub(super) fn lifetime(&self) -> i64 {
        self.stretches.iter().map(|(from, to)| to - from).sum()
    }
}

/// What a goroutine did within its stretches.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) go: GoIdx,
    pub(super) group: usize,
    /// When it is first seen within the stretches, ns.
    pub(super) start: i64,
    /// When it is last seen.
    pub(super) end: i64,
    pub(super) times: GoTimes,
    /// Its waits.
    pub(super) blocked: Vec<ReasonTime>,
}

/// What goroutines did; those that have no span of a state and reason that pass are left out.
pub(super) fn lives(trace: &Trace, filter: &Filter, pieces: &[Piece<'_>]) -> Vec<Life> {
    let mut sweeps: BTreeMap<GoIdx, Vec<Interval>> = BTreeMap::new();
    each_sweep(trace, |go, interval| sweeps.entry(go).or_default().push(interval));
    let none = Vec::new();
    let part = pieces.len().div_ceil(PARTS).max(1);
    let of_part = |number: usize| {
        let pieces = pieces.iter().skip(number * part).take(part);
        let sweeps = |go: GoIdx| sweeps.get(&go).unwrap_or(&none);
        pieces.filter_map(|piece| life(trace, filter, piece, sweeps(piece.go))).collect::<Vec<_>>()
    };
    each_in_parallel(pieces.len().div_ceil(part), of_part).concat()
}

fn life(trace: &Trace, filter: &Filter, piece: &Piece<'_>, sweeps: &[Interval]) -> Option<Life> {
    let (&(start, _), &(_, end)) = (piece.stretches.first()?, piece.stretches.last()?);
    let mut times = GoTimes::default();
    let mut sums = Vec::new();
    let has_to_pass = !filter.states.is_all() || filter.reason.is_some();
    let mut walk = trace.go_walk(piece.go);
    let mut time = [0; Class::COUNT];
    for &(from, to) in &*piece.stretches {
        let part = walk.time(from, to);
        if has_to_pass || classes::sum_of_kind(&part, ClassKind::Wait) > 0 {
            walk.add_reasons(from, to, &mut sums);
        }
        for (sum, ns) in time.iter_mut().zip(part) {
            *sum += ns;
        }
    }
    times.add_classes(&time);
    if has_to_pass && !sums.iter().any(|sum| passes(trace, filter, sum)) {
        return None;
    }
    let mut add_range = |interval: &Interval| {
        // Stretches are in order and do not overlap, and there may be as many of them as of ranges.
        let first = piece.stretches.partition_point(|&(_, to)| to <= interval.start);
        let touched = piece.stretches[first..].iter().take_while(|(from, _)| *from < interval.end);
        times.add_range(interval.class, touched.map(|&(from, to)| interval.time_within(from, to)).sum());
    };
    for &row in trace.scope_ranges(RangeScope::Go(piece.go)) {
        add_range(&intervals::range(trace, row));
    }
    sweeps.iter().for_each(add_range);
    times.samples = samples(trace, filter, piece);
    sums.retain(|sum| classes::kind(sum.class) == ClassKind::Wait && sum.ns > 0);
    Some(Life { go: piece.go, group: piece.group, start, end, times, blocked: sums })
}

/// Whether there are such spans that last, of a state and a reason that the filter lets pass.
fn passes(trace: &Trace, filter: &Filter, sum: &ReasonTime) -> bool {
    let matches = |pattern: &crate::Pattern| pattern.matches(names::reason(trace, sum.reason));
    sum.ns > 0 && filter.states.has(sum.class) && filter.reason.as_ref().is_none_or(matches)
}

/// Samples within the stretches; of a whole life all, as their clock may be a little off.
fn samples(trace: &Trace, filter: &Filter, piece: &Piece<'_>) -> u64 {
    let rows = trace.go_samples(piece.go);
    let before = |ts: i64| rows.partition_point(|&row| trace.samples().at(row as usize).ts < ts);
    let within = |from: i64, to: i64| (before(to).max(before(from)) - before(from)) as u64;
    if rows.is_empty() {
        0
    } else if filter.task.is_none() && filter.region.is_none() && matches!(piece.stretches, Cow::Borrowed(_)) {
        let count = |ts: Option<i64>, open: usize| ts.map_or(open, before);
        (count(filter.to, rows.len()) - count(filter.from, 0)) as u64
    } else {
        piece.stretches.iter().map(|&(from, to)| within(from, to)).sum()
    }
}

/// From the creation of a goroutine until it first ran, ns; `None` if either is not in the trace.
pub(crate) fn first_run(trace: &Trace, go: GoIdx) -> Option<i64> {
    let created = trace.goroutines().get(go.index())?.created?;
    let spans = states::of(trace, Lane::Go(go))?;
    let (first, ..) = spans.iter().find(|&(_, _, class)| class == Class::Running)?;
    Some(first - created)
}
