//! Moments at which procs were idle while goroutines could run, and how many could.
//!
//! 1. Time is cut into slices, of which a few at a time are looked at, so that memory does not grow with the trace.
//! 2. Of each slice, one per core, all begins and ends of what counts are gathered: goroutines that can run, procs that
//!    are held, stops of the world, what is lost. Each is one number, the time above what happens, so that sorting by
//!    time is quick, the more so as a slice fits into a cache.
//! 3. One walk over them knows all counts at every moment.

use super::Buckets;
use crate::gomaxprocs::Gomaxprocs;
use crate::top::Smallest;
use crate::{Filter, Lane, intervals, mmu, states};
use goroscope_model::{Class, GoIdx, ProcIdx, Trace, each_in_parallel};
use serde::Serialize;
use std::cmp::Reverse;

/// Spans of goroutines in the slices that are looked at in one go, about.
const BATCH: usize = 2 << 20;
/// Of how many slices these are at most.
const SLICES: usize = 16;
/// Spans of each goroutine that make a slice worth while, as every goroutine is sought in every slice.
const SPANS_PER_GOROUTINE: usize = 64;
/// The longest slice, ns: its times leave room for what happens.
const LONGEST: u64 = 1 << 56;

/// Moments at which fewer procs were held than there are, while goroutines could run. Times in ns.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Short {
    /// How many such moments.
    pub count: u64,
    /// How long they lasted.
    pub ns: u64,
    /// How long of it the world was stopped.
    pub stopped_ns: u64,
    /// What procs could have run meanwhile: time × the lesser of idle procs and ready goroutines.
    pub missed: u64,
    /// The longest.
    pub longest: u64,
    /// Those at which most was missed.
    pub rows: Vec<ShortMoment>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShortMoment {
    /// The lane to go to.
    pub key: Lane,
    /// Begin.
    pub start: i64,
    /// End.
    pub end: i64,
    /// How long, ns.
    pub duration: u64,
    /// How long of it the world was stopped, ns.
    pub stopped_ns: u64,
    /// What procs could have run meanwhile, ns.
    pub missed: u64,
    /// Mean number of goroutines that could run.
    pub runnable: f64,
    /// The most of them.
    pub runnable_max: u64,
    /// Mean number of idle procs.
    pub idle: f64,
    /// The most of them.
    pub idle_max: u64,
}

/// Goroutines that could run, by bucket.
pub(super) struct Queue {
    pub mean: Vec<f64>,
    pub max: Vec<u64>,
}

/// What begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    /// A goroutine can run.
    Runnable,
    /// A proc is held.
    Held,
    /// The world is stopped.
    Stopped,
    /// Something is lost.
    Lost,
}

impl Edge {
    const ALL: [Self; 4] = [Self::Runnable, Self::Held, Self::Stopped, Self::Lost];
    const COUNT: usize = Self::ALL.len();
}

/// What begins and ends in a slice of time: of each the time since the slice's begin, which edge, and whether it begins.
struct Edges {
    from: i64,
    to: i64,
    all: Vec<u64>,
}

impl Edges {
    /// How far the time is moved to the left: two bits for the edge, one for begin or end.
    const TIME: u32 = 3;

    /// Adds what is between `start` and `end`, as far as that is in the slice.
    #[inline]
    fn push(&mut self, start: i64, end: i64, edge: Edge) {
        let (start, end) = (start.max(self.from), end.min(self.to));
        let since = |ts: i64| (ts.wrapping_sub(self.from) as u64) << Self::TIME | (edge as u64) << 1;
        self.all.extend([since(start) | 1, since(end)]);
    }

    /// One of them: when, what, and by how much there is more of it.
    #[inline]
    fn unpack(&self, packed: u64) -> (i64, Edge, i64) {
        let edge = Edge::ALL[(packed >> 1) as usize % Edge::COUNT];
        let by = if packed & 1 == 1 { 1 } else { -1 };
        (self.from + (packed >> Self::TIME) as i64, edge, by)
    }
}

pub(super) fn short(
    trace: &Trace,
    filter: &Filter,
    buckets: &Buckets,
    gomaxprocs: &Gomaxprocs,
    worst: usize,
) -> (Short, Queue) {
    let mut walk = Walk::new(filter, buckets, gomaxprocs, worst);
    let spans = (trace.goroutines().len() * SPANS_PER_GOROUTINE).clamp(BATCH / SLICES, BATCH / 2);
    let slices = trace.go_spans().len() / spans + 1;
    let length = buckets.ns_in_all().div_ceil(slices as u64).clamp(1, LONGEST);
    let slices = buckets.ns_in_all().div_ceil(length) as usize;
    let begin = |slice: usize| buckets.from + (slice as u64 * length).min(buckets.ns_in_all()) as i64;
    let lost = mmu::union(trace.lost().to_vec());
    for first in (0..slices).step_by(BATCH / spans) {
        let in_batch = (slices - first).min(BATCH / spans);
        let batch = each_in_parallel(in_batch, |i| edges(trace, &lost, begin(first + i), begin(first + i + 1)));
        for edges in batch {
            let mut changes = gomaxprocs.within(edges.from, edges.to);
            changes.sort_unstable_by_key(|change| (change.ts, change.value));
            let mut changes = changes.into_iter().peekable();
            for &packed in &edges.all {
                let (ts, edge, by) = edges.unpack(packed);
                while let Some(change) = changes.next_if(|change| change.ts <= ts) {
                    walk.advance(change.ts);
                    walk.procs = procs(change.value);
                }
                walk.advance(ts);
                walk.counts[edge as usize] += by;
            }
            for change in changes {
                walk.advance(change.ts);
                walk.procs = procs(change.value);
            }
        }
    }
    walk.finish()
}

fn procs(count: u64) -> i64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// All that begins or ends within `[from, to)`, by time; what reaches beyond begins or ends there.
fn edges(trace: &Trace, lost: &[(i64, i64)], from: i64, to: i64) -> Edges {
    let mut edges = Edges { from, to, all: Vec::new() };
    for go in (0..trace.goroutines().len()).map(|go| GoIdx(go as u32)) {
        let touching = states::touching(&trace.go_lane(go), from, to);
        trace.go_spans().each_kind(go, touching, |_, start, end, kind| {
            if kind.class == Class::Runnable && start < end {
                edges.push(start, end, Edge::Runnable);
            }
        });
    }
    for proc in (0..trace.procs().len()).map(|proc| ProcIdx(proc as u32)) {
        let touching = states::touching(&trace.proc_lane(proc), from, to);
        // One that is held on is not let go in between.
        let mut held: Option<(i64, i64)> = None;
        trace.each_proc_kind(proc, touching, |_, start, end, kind| {
            if matches!(kind.class, Class::Idle | Class::Unknown) || start >= end {
                return;
            }
            match &mut held {
                Some(held) if held.1 == start => held.1 = end,
                _ => {
                    if let Some((start, end)) = held.replace((start, end)) {
                        edges.push(start, end, Edge::Held);
                    }
                }
            }
        });
        if let Some((start, end)) = held {
            edges.push(start, end, Edge::Held);
        }
    }
    let stops = trace.stw_ranges().iter().map(|&row| intervals::of_range(trace, &trace.ranges().at(row as usize)));
    let stretches = stops.map(|stretch| (stretch, Edge::Stopped));
    for ((start, end), edge) in stretches.chain(lost.iter().map(|&stretch| (stretch, Edge::Lost))) {
        if start.max(from) < end.min(to) {
            edges.push(start, end, edge);
        }
    }
    edges.all.sort_unstable();
    edges
}

/// The counts now, and what was found so far.
struct Walk<'a> {
    filter: &'a Filter,
    buckets: &'a Buckets,
    at: i64,
    /// Of each edge, how many.
    counts: [i64; Edge::COUNT],
    procs: i64,
    /// The bucket that was counted in last, and where it ends.
    bucket: (usize, i64),
    open: Option<Open>,
    found: Short,
    worst: Smallest<(Reverse<u64>, i64, OpenRow)>,
    sums: Vec<u64>,
    max: Vec<u64>,
}

/// A moment that is not over, or its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OpenRow {
    end: i64,
    stopped_ns: u64,
    runnable: u64,
    runnable_max: u64,
    idle: u64,
    idle_max: u64,
}

struct Open {
    start: i64,
    missed: u64,
    row: OpenRow,
}

impl<'a> Walk<'a> {
    fn new(filter: &'a Filter, buckets: &'a Buckets, gomaxprocs: &Gomaxprocs, worst: usize) -> Self {
        Self {
            filter,
            buckets,
            at: buckets.from,
            counts: [0; Edge::COUNT],
            bucket: (0, i64::MIN),
            procs: i64::try_from(gomaxprocs.at(buckets.from)).unwrap_or(i64::MAX),
            open: None,
            found: Short::default(),
            worst: Smallest::new(worst),
            sums: vec![0; buckets.count],
            max: vec![0; buckets.count],
        }
    }

    /// Until `ts`, all is as it is now.
    fn advance(&mut self, ts: i64) {
        let ns = ts - self.at;
        if ns <= 0 {
            return;
        }
        let [runnable, held, stopped, lost] = self.counts;
        self.count_runnable(runnable.max(0) as u64, ts);
        let idle = self.procs - held;
        if lost > 0 || runnable <= 0 || idle <= 0 {
            self.close();
        } else {
            let (ns, runnable, idle) = (ns as u64, runnable as u64, idle as u64);
            let empty = OpenRow { end: ts, stopped_ns: 0, runnable: 0, runnable_max: 0, idle: 0, idle_max: 0 };
            let open = self.open.get_or_insert(Open { start: self.at, missed: 0, row: empty });
            open.missed += ns * runnable.min(idle);
            let row = &mut open.row;
            row.end = ts;
            row.stopped_ns += if stopped > 0 { ns } else { 0 };
            row.runnable += ns * runnable;
            row.idle += ns * idle;
            row.runnable_max = row.runnable_max.max(runnable);
            row.idle_max = row.idle_max.max(idle);
        }
        self.at = ts;
    }

    fn count_runnable(&mut self, runnable: u64, until: i64) {
        let mut from = self.at;
        while runnable > 0 && from < until {
            if from >= self.bucket.1 {
                let bucket = self.buckets.of(from);
                self.bucket = (bucket, self.buckets.bounds(bucket).1);
            }
            let (bucket, end) = self.bucket;
            let to = end.min(until);
            if to <= from {
                break;
            }
            self.sums[bucket] += runnable * (to - from) as u64;
            self.max[bucket] = self.max[bucket].max(runnable);
            from = to;
        }
    }

    fn close(&mut self) {
        let Some(Open { start, missed, row }) = self.open.take() else { return };
        let ns = row.end - start;
        if !self.filter.lasts(ns) {
            return;
        }
        self.found.count += 1;
        self.found.ns += ns as u64;
        self.found.stopped_ns += row.stopped_ns;
        self.found.missed += missed;
        self.found.longest = self.found.longest.max(ns as u64);
        self.worst.push((Reverse(missed), start, row));
    }

    fn finish(mut self) -> (Short, Queue) {
        self.advance(self.buckets.to);
        self.close();
        let moment = |(Reverse(missed), start, row): (Reverse<u64>, i64, OpenRow)| {
            let ns = (row.end - start) as f64;
            ShortMoment {
                key: Lane::All,
                start,
                end: row.end,
                duration: (row.end - start) as u64,
                stopped_ns: row.stopped_ns,
                missed,
                runnable: row.runnable as f64 / ns,
                runnable_max: row.runnable_max,
                idle: row.idle as f64 / ns,
                idle_max: row.idle_max,
            }
        };
        let rows = self.worst.into_sorted().into_iter().map(moment).collect();
        let mean = self.sums.iter().enumerate().map(|(i, &sum)| sum as f64 / self.buckets.ns(i)).collect();
        (Short { rows, ..self.found }, Queue { mean, max: self.max })
    }
}
