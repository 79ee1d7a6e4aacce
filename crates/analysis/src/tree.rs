//! The lanes of the page: which there are, in which order, and what a group looks like while it is closed.

use crate::curves::{self, Curve, CurveIdx};
use crate::{ClassKind, Lane, Words, classes, lane, names, off_cpu};
use goroscope_model::{Class, GroupIdx, Proc, ProcIdx, TaskTypeIdx, ThreadIdx, Trace};
use serde::Serialize;

/// The lanes of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneTree {
    /// From top to bottom.
    pub sections: Vec<Section>,
}

/// A headed part of the page; it has lanes or groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// A word for programs.
    pub id: &'static str,
    /// A word for people.
    pub title: &'static str,
    /// Its lanes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lanes: Option<Vec<LaneRow>>,
    /// Its groups of lanes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupRow>>,
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneRow {
    /// The lane.
    pub key: Lane,
    /// Its name.
    pub label: String,
    /// Whether a thin lane for ranges belongs under it.
    pub ranges: bool,
    /// The thin lane for the time without a processor that belongs under it, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<Lane>,
    /// Of a value over time, its scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<CurveScale>,
}

/// The scale of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CurveScale {
    /// `bytes`, `ns`, or empty.
    pub unit: &'static str,
    /// The least value in the trace.
    pub least: i64,
    /// The largest value in the trace.
    pub most: i64,
}

/// A group of lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupRow {
    /// The lane that stands for its members together.
    pub key: Lane,
    /// Its name.
    pub label: String,
    /// Its members.
    pub count: u64,
    /// The most that lived at once.
    pub peak: u32,
    /// How many thin lanes for nested regions a member needs at most.
    pub depth: u16,
    /// Whether any member needs a thin lane for ranges.
    pub ranges: bool,
    /// Running time of all members, ns; not for tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<u64>,
}

/// The lanes of the page. Members of groups are asked for with [`crate::members`].
pub fn lane_tree(trace: &Trace) -> LaneTree {
    let is_off_known = off_cpu::is_known(trace);
    let proc = |(i, proc): (u32, &Proc)| LaneRow {
        off: is_off_known.then_some(Lane::ProcOff(ProcIdx(i))),
        ..row(trace, Lane::Proc(ProcIdx(i)), proc.has_ranges)
    };
    let thread = |thread: ThreadIdx| LaneRow {
        off: trace.off_cpu(thread).map(|_| Lane::ThreadOff(thread)),
        ..row(trace, Lane::Thread(thread), false)
    };
    let procs = (0..).zip(trace.procs()).map(proc).collect();
    let threads = (0..trace.threads().len() as u32).map(ThreadIdx).map(thread).collect();
    let counters = curves::all(trace).map(|(i, curve)| counter(trace, i, &curve)).collect();
    let goroutines = (0..trace.groups().len() as u32).map(|i| group(trace, GroupIdx(i))).collect();
    let tasks = (0..trace.task_types().len() as u32).map(|i| task_type(trace, TaskTypeIdx(i))).collect();
    let words = Words::of(trace);
    let mut sections = vec![
        of_lanes("counters", "Counters", counters),
        of_lanes("procs", words.procs_title, procs),
        of_lanes("threads", "Threads", threads),
        of_groups("goroutines", words.goroutines_title, goroutines),
        of_groups("tasks", words.user_tasks_title, tasks),
    ];
    // A Rust program has no runtime that stops the world.
    if trace.recording().is_none() {
        let runtime = [Lane::Gc, Lane::Stw].map(|lane| row(trace, lane, false)).to_vec();
        sections.insert(0, of_lanes("runtime", "Runtime", runtime));
    }
    LaneTree { sections }
}

fn of_lanes(id: &'static str, title: &'static str, lanes: Vec<LaneRow>) -> Section {
    Section { id, title, lanes: Some(lanes), groups: None }
}

fn of_groups(id: &'static str, title: &'static str, groups: Vec<GroupRow>) -> Section {
    Section { id, title, lanes: None, groups: Some(groups) }
}

fn row(trace: &Trace, lane: Lane, ranges: bool) -> LaneRow {
    LaneRow { key: lane, label: lane.label(trace), ranges, off: None, curve: None }
}

fn counter(trace: &Trace, idx: CurveIdx, curve: &Curve<'_>) -> LaneRow {
    let scale = |(least, most): (i64, i64)| CurveScale { unit: curve.unit(), least, most };
    LaneRow { curve: curve.range(trace).map(scale), ..row(trace, Lane::Counter(idx), false) }
}

fn group(trace: &Trace, idx: GroupIdx) -> GroupRow {
    let group = &trace.groups()[idx.index()];
    let mut time = [[0; Class::COUNT]];
    trace.group_cells(idx, trace.start(), (trace.end() - trace.start()).max(1), &mut time);
    GroupRow {
        key: Lane::Group(idx),
        label: names::group(trace, idx),
        count: group.members.len() as u64,
        peak: group.peak,
        depth: group.region_depth.min(lane::REGION_LANES),
        ranges: group.has_ranges,
        running: Some(classes::sum_of_kind(&time[0], ClassKind::Run)),
    }
}

fn task_type(trace: &Trace, idx: TaskTypeIdx) -> GroupRow {
    let kind = &trace.task_types()[idx.index()];
    GroupRow {
        key: Lane::TaskType(idx),
        label: names::task_type(trace, idx),
        count: kind.members.len() as u64,
        peak: kind.peak,
        depth: 0,
        ranges: false,
        running: None,
    }
}
