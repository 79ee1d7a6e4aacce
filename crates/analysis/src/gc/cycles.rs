//! The cycles of the collector: a concurrent mark phase each, with the stops that begin and end it.
//!
//! The runtime says that marking begins before it stops the world for it, and that it is over while the world is stopped
//! at its end; so a stop belongs to the cycle whose mark phase it touches. Marking may find that it was not done when the
//! world is stopped already, and go on: then a cycle has several stops at its end, of which the last is mark termination.

use super::effort::{Effort, Efforts};
use super::stops::{BareStop, Stop};
use super::trigger::Trigger;
use crate::gomaxprocs::Gomaxprocs;
use crate::refs::{FrameView, GoRef, frames};
use crate::{Lane, intervals, mmu};
use goroscope_model::{Class, Point, Range, RangeScope, Rows, Trace};
use serde::Serialize;

/// A cycle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cycle {
    /// Which of the trace, from 1.
    pub number: u64,
    /// Its lane.
    pub key: Lane,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// Whether it began before what is known.
    pub open_start: bool,
    /// Whether it ended after what is known.
    pub open_end: bool,
    /// How long it is known to have lasted, ns.
    pub duration: u64,
    /// What began it, if the trace says so.
    pub forced: Option<Trigger>,
    /// The goroutine that began it.
    pub go: Option<GoRef>,
    /// Where it did so.
    pub stack: Vec<FrameView>,
    /// Its phases, by time.
    pub phases: Vec<PhaseTime>,
    /// Its stops, by time.
    pub pauses: Vec<Stop>,
    /// How long they lasted, ns.
    pub pause_ns: u64,
    /// The longest of them, ns.
    pub longest_pause: u64,
    /// Live heap when it began, bytes.
    pub heap_before: Option<u64>,
    /// Most live heap until mark termination, bytes.
    pub heap_peak: Option<u64>,
    /// Live heap when mark termination began, bytes.
    pub heap_mark_end: Option<u64>,
    /// What was marked, bytes.
    pub heap_after: Option<u64>,
    /// The goal of the cycle, bytes.
    pub goal: Option<u64>,
    /// The goal that it set, bytes.
    pub next_goal: Option<u64>,
    /// What was done.
    #[serde(flatten)]
    pub effort: Effort,
    /// The share of all procs that was taken from the program, 0 to 1.
    pub gc_share: Option<f64>,
    /// The share of all procs on which idle workers ran.
    pub idle_share: f64,
}

/// A phase of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseTime {
    /// Which.
    pub phase: GcPhase,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
}

/// Phases of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GcPhase {
    /// The world is stopped; what the last cycle left is swept.
    SweepTermination,
    /// Marking, beside the program.
    Mark,
    /// The world is stopped; marking ends.
    MarkTermination,
    /// Sweeping, beside the program, until the next cycle begins.
    Sweep,
}

/// A cycle of which only its place is known.
#[derive(Clone, Debug)]
pub(super) struct BareCycle {
    pub start: i64,
    pub end: i64,
    /// When marking was over.
    marked: i64,
    mark: Range,
    phases: Vec<PhaseTime>,
    /// Its stops, as numbers of the list of stops.
    stops: Vec<usize>,
}

impl BareCycle {
    pub fn touches(&self, from: i64, to: i64) -> bool {
        self.start < to && self.end > from
    }
}

/// The cycles of a trace, by time. Tells stops to which they belong.
pub(super) fn cycles(trace: &Trace, stops: &mut [BareStop<'_>]) -> Vec<BareCycle> {
    let ranges = trace.ranges();
    let rows = trace.scope_ranges(RangeScope::Global).iter().map(|&row| ranges.at(row as usize));
    let mut marks: Vec<(i64, i64, Range)> = rows
        .filter(|range| range.class == Class::GcMark)
        .map(|range| {
            let (start, end) = intervals::of_range(trace, &range);
            (start, end, range)
        })
        .collect();
    marks.sort_by_key(|mark| (mark.0, mark.1));
    let mut next_stop = 0;
    let mut cycles: Vec<BareCycle> = Vec::with_capacity(marks.len());
    for (start, end, mark) in marks {
        let number = cycles.len();
        let mut of_cycle = Vec::new();
        while let Some(stop) = stops.get_mut(next_stop).filter(|stop| stop.start <= end) {
            if stop.end >= start && stop.is_gc() {
                stop.cycle = Some(number);
                of_cycle.push(next_stop);
            }
            next_stop += 1;
        }
        cycles.push(bare(stops, of_cycle, (start, end), mark));
    }
    let ends: Vec<i64> = cycles.iter().skip(1).map(|next| next.start).chain([trace.end()]).collect();
    for (cycle, until) in cycles.iter_mut().zip(ends) {
        if cycle.mark.end.is_some() && cycle.end < until {
            cycle.phases.push(PhaseTime { phase: GcPhase::Sweep, start: cycle.end, end: until });
        }
    }
    cycles
}

fn bare(stops: &[BareStop<'_>], of_cycle: Vec<usize>, (start, end): (i64, i64), mark: Range) -> BareCycle {
    let of_cause = |cause: &'static str| of_cycle.iter().map(|&i| &stops[i]).filter(move |stop| stop.cause == cause);
    let sweep = of_cause("GC sweep termination").next();
    let termination = of_cause("GC mark termination").next_back().filter(|stop| stop.end >= end);
    let mut phases = Vec::new();
    phases.extend(sweep.map(|stop| (GcPhase::SweepTermination, stop.start, stop.end)));
    let from = sweep.map_or(start, |stop| stop.end);
    let to = termination.map_or(end, |stop| stop.start);
    if from < to {
        phases.push((GcPhase::Mark, from, to));
    }
    phases.extend(termination.map(|stop| (GcPhase::MarkTermination, stop.start, stop.end)));
    BareCycle {
        start: sweep.map_or(start, |stop| stop.start.min(start)),
        end: termination.map_or(end, |stop| stop.end.max(end)),
        marked: end,
        mark,
        phases: phases.into_iter().map(|(phase, start, end)| PhaseTime { phase, start, end }).collect(),
        stops: of_cycle,
    }
}

/// Everything about the cycles that are wanted: each with its number, from 0.
pub(super) fn in_full(
    trace: &Trace,
    all: &[BareCycle],
    wanted: &[usize],
    stops: &[BareStop<'_>],
    efforts: &Efforts,
) -> Vec<Cycle> {
    let gomaxprocs = Gomaxprocs::of(trace);
    let sums = by_cycle(trace, all, efforts);
    let places: Vec<(i64, i64)> = wanted.iter().map(|&i| (all[i].start, all[i].end)).collect();
    let shares = mmu::taken(trace, &places);
    let full = |(&i, gc_share): (&usize, Option<f64>)| {
        let cycle = &all[i];
        let pauses: Vec<Stop> = cycle.stops.iter().map(|&stop| stops[stop].in_full(trace)).collect();
        let heap = Heap::of(trace, cycle);
        let capacity = gomaxprocs.at(cycle.start) as f64 * (cycle.end - cycle.start) as f64;
        Cycle {
            number: i as u64 + 1,
            key: Lane::Gc,
            start: cycle.start,
            end: cycle.end,
            open_start: cycle.mark.start.is_none(),
            open_end: cycle.mark.end.is_none(),
            duration: (cycle.end - cycle.start) as u64,
            forced: Trigger::of(trace, cycle.mark.stack),
            go: GoRef::new(trace, cycle.mark.go),
            stack: frames(trace, cycle.mark.stack),
            phases: cycle.phases.clone(),
            pause_ns: pauses.iter().map(|pause| pause.duration).sum(),
            longest_pause: pauses.iter().map(|pause| pause.duration).max().unwrap_or(0),
            pauses,
            heap_before: heap.before,
            heap_peak: heap.peak,
            heap_mark_end: heap.mark_end,
            heap_after: heap.after,
            goal: heap.goal,
            next_goal: heap.next_goal,
            effort: sums[i],
            gc_share,
            idle_share: if capacity > 0.0 { sums[i].idle_ns as f64 / capacity } else { 0.0 },
        }
    };
    wanted.iter().zip(shares).map(full).collect()
}

/// What was done for each cycle: assists that began in it, work while it lasted, sweeps that began from then to the next.
fn by_cycle(trace: &Trace, all: &[BareCycle], efforts: &Efforts) -> Vec<Effort> {
    let mut sums = vec![Effort::default(); all.len()];
    let last_before = |ts: i64| all.partition_point(|cycle| cycle.start <= ts).checked_sub(1);
    for assist in &efforts.assists {
        if let Some(i) = last_before(assist.start).filter(|&i| assist.start <= all[i].end) {
            sums[i].add_assist(assist);
        }
    }
    for work in &efforts.work {
        let first = all.partition_point(|cycle| cycle.end <= work.start);
        for (cycle, sum) in all[first..].iter().zip(&mut sums[first..]) {
            if cycle.start >= work.end {
                break;
            }
            sum.add_work(work, (cycle.start, cycle.end));
        }
    }
    for sweep in &efforts.sweeps {
        if let Some(i) = last_before(sweep.start) {
            sums[i].add_sweep(sweep);
        }
    }
    for (i, sum) in sums.iter_mut().enumerate() {
        let until = all.get(i + 1).map_or(trace.end(), |next| next.start);
        sum.sweeper_ns = efforts.sweeper(trace, all[i].end, until);
    }
    sums
}

/// What the heap was.
struct Heap {
    before: Option<u64>,
    peak: Option<u64>,
    mark_end: Option<u64>,
    after: Option<u64>,
    goal: Option<u64>,
    next_goal: Option<u64>,
}

impl Heap {
    fn of(trace: &Trace, cycle: &BareCycle) -> Self {
        let metrics = trace.metrics();
        let (live, goal) = (metrics.heap_live, metrics.heap_goal);
        let termination = cycle.phases.iter().find(|phase| phase.phase == GcPhase::MarkTermination);
        let mark_end = termination.map_or(cycle.end, |phase| phase.start);
        let before = last(live, i64::MIN, cycle.start);
        let inside = live.iter_from(live.partition_point(|point| point.ts < cycle.start));
        let most = inside.take_while(|point| point.ts <= mark_end).map(|point| point.value).max();
        Self {
            before,
            peak: most.max(before),
            mark_end: last(live, i64::MIN, mark_end),
            // Told while the world is stopped; it may be going on when its end is told.
            after: termination.and_then(|phase| last(live, phase.start, cycle.marked)),
            goal: last(goal, i64::MIN, mark_end),
            next_goal: termination.and_then(|phase| last(goal, phase.start, cycle.end)),
        }
    }
}

/// The last value after `from` and up to `to`.
fn last(points: Rows<'_, Point>, from: i64, to: i64) -> Option<u64> {
    let after = points.partition_point(|point| point.ts <= to);
    let point = points.get(after.checked_sub(1)?)?;
    (point.ts > from).then_some(point.value)
}
