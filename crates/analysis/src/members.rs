//! The rows of an opened group, a page at a time, and where a given lane stands among them.

use crate::{ClassKind, Lane, classes, intervals, lane, names, states};
use goroscope_model::{GoIdx, GroupIdx, TaskIdx, TaskTypeIdx, Trace};
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

/// The order of a group's members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// By id, ascending.
    #[default]
    Id,
    /// By begin, earliest first.
    Start,
    /// By running time, most first; tasks as by duration.
    Running,
    /// By duration, longest first.
    Duration,
}

/// The text does not name an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSort;

impl fmt::Display for UnknownSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an order: use id, start, running or duration")
    }
}

impl std::error::Error for UnknownSort {}

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        match text {
            "id" => Ok(Self::Id),
            "start" => Ok(Self::Start),
            "running" => Ok(Self::Running),
            "duration" => Ok(Self::Duration),
            _ => Err(UnknownSort),
        }
    }
}

/// A page of a group's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Members {
    /// Rows of the whole group.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<Member>,
}

/// A row: a goroutine of a group or a task of a task type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its lane.
    pub key: Lane,
    /// `G17`, or `request #3`.
    pub label: String,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// How many thin lanes for nested regions it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<u16>,
    /// Whether it needs a thin lane for ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<bool>,
    /// Tasks: how deep it is below the task of the group's own type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indent: Option<u32>,
}

/// Where a lane stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Its group or task type.
    pub group: Lane,
    /// Its row in that group.
    pub offset: usize,
    /// Its name.
    pub label: String,
}

/// A page of the rows of a group or task type; `None` for other lanes.
pub fn members(trace: &Trace, lane: Lane, offset: usize, limit: usize, sort: Sort) -> Option<Members> {
    if !lane.exists(trace) {
        return None;
    }
    if let Lane::Group(group) = lane {
        let all = sorted_goroutines(trace, group, sort);
        let rows = all.iter().skip(offset).take(limit).map(|&go| goroutine(trace, go)).collect();
        return Some(Members { total: all.len(), offset, rows });
    }
    if let Lane::TaskType(kind) = lane {
        let all = sorted_tasks(trace, kind, sort);
        let rows = all.iter().skip(offset).take(limit).map(|&(task, indent)| task_row(trace, task, indent)).collect();
        return Some(Members { total: all.len(), offset, rows });
    }
    None
}

/// Where a goroutine, one of its thin lanes, or a task stands in its group; `None` for other lanes.
pub fn locate(trace: &Trace, lane: Lane, sort: Sort) -> Option<Location> {
    if !lane.exists(trace) {
        return None;
    }
    match lane {
        Lane::Go(go) | Lane::Regions(go, _) | Lane::GoRanges(go) => {
            let group = trace.goroutines()[go.index()].group;
            let offset = sorted_goroutines(trace, group, sort).iter().position(|&member| member == go)?;
            Some(Location { group: Lane::Group(group), offset, label: names::go(trace, go) })
        }
        Lane::Task(task) => {
            let kind = trace.tasks()[task.index()].kind;
            let offset = sorted_tasks(trace, kind, sort).iter().position(|&(member, _)| member == task)?;
            Some(Location { group: Lane::TaskType(kind), offset, label: names::task(trace, task) })
        }
        Lane::Gc
        | Lane::Stw
        | Lane::All
        | Lane::Proc(_)
        | Lane::Thread(_)
        | Lane::Group(_)
        | Lane::TaskType(_)
        | Lane::ProcRanges(_)
        | Lane::ProcOff(_)
        | Lane::ThreadOff(_)
        | Lane::Counter(_) => None,
    }
}

fn sorted_goroutines(trace: &Trace, group: GroupIdx, sort: Sort) -> Vec<GoIdx> {
    let Some(group) = trace.groups().get(group.index()) else { return Vec::new() };
    let mut members = group.members.clone();
    let life = |go: GoIdx| states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)).unwrap_or_default();
    match sort {
        Sort::Id => members.sort_by_key(|&go| (trace.goroutines()[go.index()].id, go)),
        Sort::Start => members.sort_by_cached_key(|&go| (life(go).0, go)),
        Sort::Running => members.sort_by_cached_key(|&go| (Reverse(running(trace, go)), go)),
        Sort::Duration => members.sort_by_cached_key(|&go| (Reverse(life(go).1 - life(go).0), go)),
    }
    members
}

fn running(trace: &Trace, go: GoIdx) -> u64 {
    classes::sum_of_kind(&states::time(trace, Lane::Go(go), trace.start(), trace.end()), ClassKind::Run)
}

/// The tasks of a type in order, each followed by its descendants of whatever type, with their depth below it.
///
/// A task below another of the same type stands only there.
fn sorted_tasks(trace: &Trace, kind: TaskTypeIdx, sort: Sort) -> Vec<(TaskIdx, u32)> {
    let Some(kind) = trace.task_types().get(kind.index()) else { return Vec::new() };
    let mut seen = vec![false; trace.tasks().len()];
    let mut families: Vec<Vec<(TaskIdx, u32)>> = Vec::new();
    for &member in &kind.members {
        let mut family = Vec::new();
        let mut open = vec![(member, 0)];
        while let Some((task, indent)) = open.pop() {
            if std::mem::replace(&mut seen[task.index()], true) {
                continue;
            }
            family.push((task, indent));
            open.extend(trace.task_children(task).iter().rev().map(|&child| (child, indent + 1)));
        }
        if !family.is_empty() {
            families.push(family);
        }
    }
    let duration = |task: TaskIdx| {
        let task = intervals::task(trace, task);
        task.end - task.start
    };
    let head = |family: &Vec<(TaskIdx, u32)>| family[0].0;
    match sort {
        Sort::Id => families.sort_by_key(|family| (trace.tasks()[head(family).index()].id, head(family))),
        Sort::Start => families.sort_by_key(|family| (intervals::task(trace, head(family)).start, head(family))),
        Sort::Running | Sort::Duration => {
            families.sort_by_key(|family| (Reverse(duration(head(family))), head(family)));
        }
    }
    families.concat()
}

fn goroutine(trace: &Trace, go: GoIdx) -> Member {
    let row = &trace.goroutines()[go.index()];
    let (start, end) =
        states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)).unwrap_or((trace.start(), trace.end()));
    Member {
        key: Lane::Go(go),
        label: names::go_short(trace, go),
        start,
        end,
        depth: Some(row.region_depth.min(lane::REGION_LANES)),
        ranges: Some(row.has_ranges),
        indent: None,
    }
}

fn task_row(trace: &Trace, task: TaskIdx, indent: u32) -> Member {
    let interval = intervals::task(trace, task);
    Member {
        key: Lane::Task(task),
        label: names::task(trace, task),
        start: interval.start,
        end: interval.end,
        depth: None,
        ranges: None,
        indent: Some(indent),
    }
}
