//! What has a value at every moment and so a lane with a curve: the counters of a Rust program and its recorder, and of
//! Go's metrics those that the runtime told.
//!
//! A value holds until the next one. Where there is none, before the first, and where a goal of the heap says that there
//! is no limit, a curve has a gap.

use crate::overview::UNLIMITED_GOAL;
use goroscope_model::{Counter, CounterIdx, CounterPoint, Point, Rows, Trace};
use std::ops::Range;

/// Which curve of a trace: its counters by name, then its metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurveIdx(pub u32);

/// A value over time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Curve<'a> {
    /// A counter.
    Counter(Counter<'a>),
    /// A metric of the format.
    Metric { name: &'static str, unit: &'static str, points: Rows<'a, Point> },
}

/// The curves of a trace, by their number.
pub(crate) fn all(trace: &Trace) -> impl Iterator<Item = (CurveIdx, Curve<'_>)> {
    let counters = (0..trace.counters() as u32).filter_map(|i| trace.counter(CounterIdx(i))).map(Curve::Counter);
    (0..).map(CurveIdx).zip(counters.chain(metrics(trace)))
}

/// The metrics that are worth a lane. That of the number of procs is one only where it changes.
fn metrics(trace: &Trace) -> impl Iterator<Item = Curve<'_>> {
    let metrics = trace.metrics();
    let heap = [("Heap", metrics.heap_live), ("Heap goal", metrics.heap_goal)].map(|(name, points)| Curve::Metric {
        name,
        unit: "bytes",
        points,
    });
    let procs = Curve::Metric { name: "GOMAXPROCS", unit: "", points: metrics.gomaxprocs };
    let changes = procs.extremes(0..procs.len()).is_some_and(|(least, most)| least < most);
    // A Rust program has no such runtime.
    let is_go = trace.recording().is_none();
    heap.into_iter().chain(changes.then_some(procs)).filter(move |curve| is_go && curve.len() > 0)
}

impl<'a> Curve<'a> {
    /// The curve of this number, if the trace has it.
    pub fn of(trace: &'a Trace, curve: CurveIdx) -> Option<Self> {
        all(trace).nth(curve.0 as usize).map(|(_, curve)| curve)
    }

    /// What it is called.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Counter(counter) => counter.name,
            Self::Metric { name, .. } => name,
        }
    }

    /// `bytes`, `ns`, or empty.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Counter(counter) if counter.name.ends_with("_bytes") => "bytes",
            Self::Counter(counter) if counter.name.ends_with("_ns") => "ns",
            Self::Counter(_) => "",
            Self::Metric { unit, .. } => unit,
        }
    }

    /// How many points it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Counter(counter) => counter.points.len(),
            Self::Metric { points, .. } => points.len(),
        }
    }

    /// A point: from when on, and the value.
    pub fn at(&self, point: usize) -> Option<(i64, Option<i64>)> {
        match self {
            Self::Counter(counter) => counter.points.get(point).map(of_counter),
            Self::Metric { points, .. } => points.get(point).map(of_metric),
        }
    }

    /// The points from one on.
    pub fn iter_from(&self, first: usize) -> Box<dyn Iterator<Item = (i64, Option<i64>)> + 'a> {
        match self {
            Self::Counter(counter) => Box::new(counter.points.iter_from(first).map(of_counter)),
            Self::Metric { points, .. } => Box::new(points.iter_from(first).map(of_metric)),
        }
    }

    /// How many points are before a moment.
    pub fn count_before(&self, ts: i64) -> usize {
        match self {
            Self::Counter(counter) => counter.count_before(ts),
            Self::Metric { points, .. } => points.partition_point(|point| point.ts < ts),
        }
    }

    /// The point that holds at a moment; `None` before the first.
    pub fn holding(&self, ts: i64) -> Option<usize> {
        ts.checked_add(1).map_or(self.len(), |next| self.count_before(next)).checked_sub(1)
    }

    /// The value at a moment.
    pub fn value_at(&self, ts: i64) -> Option<i64> {
        self.at(self.holding(ts)?)?.1
    }

    /// The least and the largest value of some points.
    pub fn extremes(&self, rows: Range<usize>) -> Option<(i64, i64)> {
        match self {
            Self::Counter(counter) => counter.extremes(rows),
            Self::Metric { .. } => {
                let values = self.iter_from(rows.start).take(rows.len()).filter_map(|(_, value)| value);
                values.map(|value| (value, value)).reduce(wider)
            }
        }
    }

    /// The least and the largest value in the trace.
    pub fn range(&self, trace: &Trace) -> Option<(i64, i64)> {
        self.within(trace.start(), trace.end().saturating_add(1))
    }

    /// The least and the largest value in `[from, to)`, the one that holds at the begin included.
    pub fn within(&self, from: i64, to: i64) -> Option<(i64, i64)> {
        let told = self.extremes(self.count_before(from)..self.count_before(to).max(self.count_before(from)));
        let held = self.value_at(from).map(|value| (value, value));
        told.into_iter().chain(held).reduce(wider)
    }
}

fn of_counter(point: CounterPoint) -> (i64, Option<i64>) {
    (point.ts, Some(point.value))
}

fn of_metric(point: Point) -> (i64, Option<i64>) {
    (point.ts, i64::try_from(point.value).ok().filter(|_| point.value < UNLIMITED_GOAL))
}

fn wider(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}
