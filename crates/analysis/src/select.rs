//! Sums over lanes and a stretch of time: the share of each state, the reasons of waits, who ran most.

use crate::curves::{Curve, CurveIdx};
use crate::top::Smallest;
use crate::{ClassKind, CounterRow, Lane, classes, counters, intervals, names, states};
use goroscope_model::{Class, GoIdx, StringIdx, Trace};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How many lanes are named as those that ran most.
const TOP: usize = 10;

/// Sums over lanes in `[from, to)`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// Begin, ns.
    pub from: i64,
    /// End, ns.
    pub to: i64,
    /// From begin to end, ns.
    pub dur: i64,
    /// How many lanes, groups counted by their members.
    pub lanes: usize,
    /// How long these lanes existed within the stretch together, ns.
    pub lane_time: u64,
    /// Time in each class, in the order of the classes.
    pub time: Vec<ClassShare>,
    /// Why goroutines waited, longest first.
    pub reasons: Vec<ReasonShare>,
    /// The goroutines, procs and threads with most running time.
    pub top: Vec<LaneRunning>,
    /// How the counters among the lanes went.
    pub counters: Vec<CounterRow>,
}

/// Time in a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassShare {
    /// The class.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time, ns.
    pub ns: u64,
    /// Of the time that the lanes existed.
    pub share: f64,
}

/// Time that goroutines waited for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonShare {
    /// The reason, in Go's words.
    pub reason: String,
    /// The class of these waits.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time within the stretch, ns.
    pub ns: u64,
    /// Waits that lasted within the stretch, if only for a part.
    pub spans: u64,
}

/// Running time of a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneRunning {
    /// The lane.
    pub lane: Lane,
    /// Its name.
    pub label: String,
    /// Always running.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
    /// Time, ns.
    pub ns: u64,
}

/// Sums over lanes in `[from, to)`. A lane that is named twice counts once, one that does not exist not at all.
///
/// Groups and `all` stand for their goroutines, task types for their tasks.
pub fn select(trace: &Trace, from: i64, to: i64, lanes: &[Lane]) -> Selection {
    let counters = curves(trace, from, to, lanes);
    let lanes = distinct(trace, lanes);
    let mut time = [0; Class::COUNT];
    let mut lane_time = 0;
    let mut reasons = Reasons::default();
    let mut top = Smallest::new(TOP);
    for &lane in &lanes {
        if intervals::has(lane) {
            for (sum, ns) in time.iter_mut().zip(covered(trace, lane, from, to)) {
                *sum += ns;
            }
            lane_time += existence(trace, lane, from, to);
            continue;
        }
        let of_lane = states::time(trace, lane, from, to);
        for (sum, ns) in time.iter_mut().zip(of_lane) {
            *sum += ns;
        }
        lane_time += of_lane.iter().sum::<u64>();
        let running = classes::sum_of_kind(&of_lane, ClassKind::Run);
        if running > 0 {
            top.push((Reverse(running), lane));
        }
        if let Lane::Go(go) = lane
            && classes::sum_of_kind(&of_lane, ClassKind::Wait) > 0
        {
            reasons.add(trace, go, from, to);
        }
    }
    Selection {
        from,
        to,
        dur: to.saturating_sub(from).max(0),
        lanes: lanes.len(),
        lane_time,
        time: shares(&time, lane_time),
        reasons: reasons.into_rows(trace),
        top: top.into_sorted().into_iter().map(|(Reverse(ns), lane)| running_row(trace, lane, ns)).collect(),
        counters,
    }
}

/// The counters among the lanes, each once.
fn curves(trace: &Trace, from: i64, to: i64, lanes: &[Lane]) -> Vec<CounterRow> {
    let curve = |lane: &Lane| if let Lane::Counter(curve) = *lane { Some(curve) } else { None };
    let chosen: BTreeSet<CurveIdx> = lanes.iter().filter_map(curve).collect();
    let chosen = chosen.into_iter().filter_map(|curve| Curve::of(trace, curve));
    chosen.map(|curve| counters::brief(&curve, from, to)).collect()
}

/// The lanes, groups replaced by their members, each once, in a fixed order.
fn distinct(trace: &Trace, lanes: &[Lane]) -> Vec<Lane> {
    let mut goroutines = vec![false; trace.goroutines().len()];
    let mut others = BTreeSet::new();
    for &lane in lanes.iter().filter(|lane| lane.exists(trace)) {
        match lane {
            Lane::All => goroutines.fill(true),
            Lane::Group(group) => {
                for &go in &trace.groups()[group.index()].members {
                    goroutines[go.index()] = true;
                }
            }
            Lane::Go(go) => goroutines[go.index()] = true,
            Lane::TaskType(kind) => {
                others.extend(trace.task_types()[kind.index()].members.iter().map(|&task| Lane::Task(task)));
            }
            Lane::Gc
            | Lane::Stw
            | Lane::Proc(_)
            | Lane::Thread(_)
            | Lane::Task(_)
            | Lane::Regions(..)
            | Lane::GoRanges(_)
            | Lane::ProcRanges(_)
            | Lane::ProcOff(_)
            | Lane::ThreadOff(_) => {
                others.insert(lane);
            }
            // A value is no state, so it has no share of the time.
            Lane::Counter(_) => {}
        }
    }
    let goroutines = (0..).zip(goroutines).filter(|(_, chosen)| *chosen).map(|(i, _)| Lane::Go(GoIdx(i)));
    goroutines.chain(others).collect()
}

/// Time of each class in a lane of intervals; where they nest, that of the outermost.
fn covered(trace: &Trace, lane: Lane, from: i64, to: i64) -> [u64; Class::COUNT] {
    let mut time = [0; Class::COUNT];
    let mut until = from;
    intervals::visit(trace, lane, from, to, &mut |interval| {
        time[interval.class as usize] += interval.time_within(until, to);
        until = until.max(interval.end);
        ControlFlow::Continue(())
    });
    time
}

/// How long a lane of intervals existed in `[from, to)`: as long as that which it is about.
fn existence(trace: &Trace, lane: Lane, from: i64, to: i64) -> u64 {
    let (first, last) = match lane {
        Lane::Regions(go, _) | Lane::GoRanges(go) => life(trace, Lane::Go(go)),
        Lane::ProcRanges(proc) | Lane::ProcOff(proc) => life(trace, Lane::Proc(proc)),
        Lane::ThreadOff(thread) => life(trace, Lane::Thread(thread)),
        Lane::Task(task) => {
            let task = intervals::task(trace, task);
            (task.start, task.end)
        }
        Lane::Gc
        | Lane::Stw
        | Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Go(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::Counter(_) => (trace.start(), trace.end()),
    };
    last.min(to).saturating_sub(first.max(from)).max(0) as u64
}

fn life(trace: &Trace, lane: Lane) -> (i64, i64) {
    states::of(trace, lane).and_then(|spans| states::life(&spans)).unwrap_or((0, 0))
}

fn shares(time: &[u64; Class::COUNT], lane_time: u64) -> Vec<ClassShare> {
    classes::CLASSES
        .iter()
        .zip(time)
        .filter(|(_, ns)| **ns > 0)
        .map(|(name, &ns)| ClassShare { class: name.class, ns, share: ns as f64 / lane_time as f64 })
        .collect()
}

fn running_row(trace: &Trace, lane: Lane, ns: u64) -> LaneRunning {
    LaneRunning { lane, label: lane.label(trace), class: Class::Running, ns }
}

/// Time and number of waits by class and reason.
#[derive(Default)]
pub(crate) struct Reasons {
    sums: BTreeMap<(Class, StringIdx), (u64, u64)>,
    /// The sums of the reason last seen, not yet in `sums`: waits of a goroutine repeat their reason.
    last: Option<((Class, StringIdx), (u64, u64))>,
}

impl Reasons {
    /// Adds the waits of a goroutine within `[from, to)`.
    pub(crate) fn add(&mut self, trace: &Trace, go: GoIdx, from: i64, to: i64) {
        let Some(spans) = states::of(trace, Lane::Go(go)) else { return };
        let touching = states::touching(&spans, from, to);
        let ends = spans.iter_from(touching.start).map(|(_, end, _)| end);
        for (span, end) in trace.go_spans().iter_from(go, touching.start).zip(ends).take(touching.len()) {
            if classes::kind(span.class) == ClassKind::Wait {
                let ns = end.min(to) - span.start.max(from);
                self.one((span.class, span.reason), ns.max(0) as u64);
            }
        }
    }

    fn one(&mut self, key: (Class, StringIdx), ns: u64) {
        match &mut self.last {
            Some((last, sums)) if *last == key => {
                sums.0 += ns;
                sums.1 += 1;
            }
            Some(_) | None => {
                self.flush();
                self.last = Some((key, (ns, 1)));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((key, (ns, spans))) = self.last.take() {
            let sums = self.sums.entry(key).or_default();
            sums.0 += ns;
            sums.1 += spans;
        }
    }

    /// The reasons, longest first.
    pub(crate) fn into_rows(mut self, trace: &Trace) -> Vec<ReasonShare> {
        self.flush();
        let row = |((class, reason), (ns, spans)): ((Class, StringIdx), (u64, u64))| ReasonShare {
            reason: names::reason(trace, reason).to_owned(),
            class,
            ns,
            spans,
        };
        let mut rows: Vec<ReasonShare> = self.sums.into_iter().map(row).collect();
        rows.sort_by_key(|row| Reverse(row.ns));
        rows
    }
}
