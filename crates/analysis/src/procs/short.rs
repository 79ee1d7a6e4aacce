//! Moments at which procs were idle while goroutines could run, and how many could.
//!
//! 1. Time is cut into slices with a few million spans each, so that memory does not grow with the trace.
//! 2. In a slice, all begins and ends of what counts are gathered on all cores: goroutines that can run, procs that are
//!    held, stops of the world, what is lost. They are sorted by time.
//! 3. One walk over them knows all counts at every moment.

use super::Buckets;
use crate::gomaxprocs::Gomaxprocs;
use crate::top::Smallest;
use crate::{Filter, Lane, intervals, mmu, states};
use goroscope_model::{Class, GoIdx, ProcIdx, Trace, each_in_parallel};
use serde::Serialize;
use std::cmp::Reverse;

/// Spans of goroutines in a slice, about.
const SLICE: usize = 2 << 20;
/// Goroutines that are looked at in one go.
const CHUNK: usize = 256;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    /// A goroutine can run, or no longer waits for that.
    Runnable(i8),
    /// A proc is held, or no longer.
    Held(i8),
    /// The world stops or goes on.
    Stopped(i8),
    /// Something is lost, or known again.
    Lost(i8),
    /// From now on there are that many procs.
    Procs(u32),
}

pub(super) fn short(
    trace: &Trace,
    filter: &Filter,
    buckets: &Buckets,
    gomaxprocs: &Gomaxprocs,
    worst: usize,
) -> (Short, Queue) {
    let mut walk = Walk::new(filter, buckets, gomaxprocs, worst);
    let slices = trace.go_spans().len() / SLICE + 1;
    let length = buckets.ns_in_all().div_ceil(slices as u64).max(1) as i64;
    let mut from = buckets.from;
    while from < buckets.to {
        let to = (from + length).min(buckets.to);
        let mut edges = edges(trace, from, to);
        let count = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        edges.extend(gomaxprocs.within(from, to).iter().map(|change| (change.ts, Edge::Procs(count(change.value)))));
        edges.sort_unstable();
        for (ts, edge) in edges {
            walk.advance(ts);
            walk.apply(edge);
        }
        from = to;
    }
    walk.finish()
}

/// All that begins or ends within `[from, to)`; what reaches beyond begins or ends there.
fn edges(trace: &Trace, from: i64, to: i64) -> Vec<(i64, Edge)> {
    let goroutines = trace.goroutines().len();
    let mut all: Vec<(i64, Edge)> = each_in_parallel(goroutines.div_ceil(CHUNK), |i| {
        let mut edges = Vec::new();
        for go in (i * CHUNK..((i + 1) * CHUNK).min(goroutines)).map(|go| GoIdx(go as u32)) {
            let lane = trace.go_lane(go);
            let touching = states::touching(&lane, from, to);
            for (start, end, class) in lane.iter_from(touching.start).take(touching.len()) {
                if class == Class::Runnable && start < end {
                    edges.push((start.max(from), Edge::Runnable(1)));
                    edges.push((end.min(to), Edge::Runnable(-1)));
                }
            }
        }
        edges
    })
    .concat();
    let of_procs = each_in_parallel(trace.procs().len(), |i| {
        let lane = trace.proc_lane(ProcIdx(i as u32));
        let touching = states::touching(&lane, from, to);
        let mut edges: Vec<(i64, Edge)> = Vec::new();
        for (start, end, class) in lane.iter_from(touching.start).take(touching.len()) {
            if matches!(class, Class::Idle | Class::Unknown) || start >= end {
                continue;
            }
            // One that is held on is not let go in between.
            if edges.last() == Some(&(start, Edge::Held(-1))) {
                edges.pop();
            } else {
                edges.push((start.max(from), Edge::Held(1)));
            }
            edges.push((end.min(to), Edge::Held(-1)));
        }
        edges
    });
    all.extend(of_procs.into_iter().flatten());
    let mut stretch = |start: i64, end: i64, edge: fn(i8) -> Edge| {
        let (start, end) = (start.max(from), end.min(to));
        if start < end {
            all.extend([(start, edge(1)), (end, edge(-1))]);
        }
    };
    for &row in trace.stw_ranges() {
        let (start, end) = intervals::of_range(trace, &trace.ranges().at(row as usize));
        stretch(start, end, Edge::Stopped);
    }
    for (start, end) in mmu::union(trace.lost().to_vec()) {
        stretch(start, end, Edge::Lost);
    }
    all
}

/// The counts now, and what was found so far.
struct Walk<'a> {
    filter: &'a Filter,
    buckets: &'a Buckets,
    at: i64,
    runnable: i64,
    held: i64,
    stopped: i64,
    lost: i64,
    procs: i64,
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
            runnable: 0,
            held: 0,
            stopped: 0,
            lost: 0,
            procs: i64::try_from(gomaxprocs.at(buckets.from)).unwrap_or(i64::MAX),
            open: None,
            found: Short::default(),
            worst: Smallest::new(worst),
            sums: vec![0; buckets.count],
            max: vec![0; buckets.count],
        }
    }

    fn apply(&mut self, edge: Edge) {
        match edge {
            Edge::Runnable(by) => self.runnable += i64::from(by),
            Edge::Held(by) => self.held += i64::from(by),
            Edge::Stopped(by) => self.stopped += i64::from(by),
            Edge::Lost(by) => self.lost += i64::from(by),
            Edge::Procs(count) => self.procs = i64::from(count),
        }
    }

    /// Until `ts`, all is as it is now.
    fn advance(&mut self, ts: i64) {
        let ns = ts - self.at;
        if ns <= 0 {
            return;
        }
        self.count_runnable(ts);
        let idle = self.procs - self.held;
        if self.lost > 0 || self.runnable <= 0 || idle <= 0 {
            self.close();
        } else {
            let (ns, runnable, idle) = (ns as u64, self.runnable as u64, idle as u64);
            let empty = OpenRow { end: ts, stopped_ns: 0, runnable: 0, runnable_max: 0, idle: 0, idle_max: 0 };
            let open = self.open.get_or_insert(Open { start: self.at, missed: 0, row: empty });
            open.missed += ns * runnable.min(idle);
            let row = &mut open.row;
            row.end = ts;
            row.stopped_ns += if self.stopped > 0 { ns } else { 0 };
            row.runnable += ns * runnable;
            row.idle += ns * idle;
            row.runnable_max = row.runnable_max.max(runnable);
            row.idle_max = row.idle_max.max(idle);
        }
        self.at = ts;
    }

    fn count_runnable(&mut self, until: i64) {
        let runnable = self.runnable.max(0) as u64;
        let mut from = self.at;
        while runnable > 0 && from < until {
            let bucket = self.buckets.of(from);
            let to = self.buckets.bounds(bucket).1.min(until);
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
