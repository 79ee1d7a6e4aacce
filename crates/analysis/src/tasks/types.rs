//! The types of tasks, with how long theirs last.

use super::passing::{passing, region_counts};
use crate::durations::{Durations, Latency, LatencyBucket};
use crate::paging::{Order, Paging, Picking, Rank, SortKey};
use crate::{Filter, FilterError, Lane, Pattern, Subject, TaskChoice};
use goroscope_model::{TaskIdx, TaskTypeIdx, Trace, most_at_once};
use serde::Serialize;
use std::collections::BTreeMap;

/// A page of the types of tasks. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskTypes {
    /// Begin of the stretch that is asked about.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// How many types.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// How many tasks, of all types.
    pub tasks: u64,
    /// The page.
    pub rows: Vec<TaskTypeRow>,
    /// What has no task.
    pub background: Background,
}

/// Regions and messages of the whole trace that have no task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Background {
    /// How many regions.
    pub regions: u64,
    /// How many messages.
    pub logs: u64,
}

/// A type of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskTypeRow {
    /// Its lane.
    pub key: Lane,
    /// Its name; empty for tasks whose begin is not in the trace and whose end does not tell.
    pub name: String,
    /// The filter that passes them.
    pub filter: Option<String>,
    /// Begin of the first.
    pub start: i64,
    /// End of the last.
    pub end: i64,
    /// How many.
    pub count: u64,
    /// How many begin and end in the trace.
    pub complete: u64,
    /// How many do not.
    pub incomplete: u64,
    /// How long the complete ones last.
    pub latency: Option<Latency>,
    /// The same as a histogram.
    pub histogram: Vec<LatencyBucket>,
    /// Time from begin to end of all of them, within the stretch.
    pub ns: u64,
    /// The most that were open at once.
    pub peak: u32,
    /// How many tasks have one of them as parent.
    pub subtasks: u64,
    /// How many regions are theirs.
    pub regions: u64,
    /// How many messages are theirs.
    pub logs: u64,
}

/// What the types of tasks can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskTypeSort {
    /// Time from begin to end of all.
    #[default]
    Ns,
    /// How many.
    Count,
    /// How many whose begin or end is not in the trace.
    Incomplete,
    /// The mean duration.
    Mean,
    /// The median duration.
    P50,
    /// The duration that 99 of a hundred do not exceed.
    P99,
    /// The longest.
    Max,
    /// The most at once.
    Peak,
    /// The name.
    Name,
}

impl SortKey for TaskTypeSort {
    const ALL: &'static [(&'static str, Self, Order)] = &[
        ("ns", Self::Ns, Order::Descending),
        ("count", Self::Count, Order::Descending),
        ("incomplete", Self::Incomplete, Order::Descending),
        ("mean", Self::Mean, Order::Descending),
        ("p50", Self::P50, Order::Descending),
        ("p99", Self::P99, Order::Descending),
        ("max", Self::Max, Order::Descending),
        ("peak", Self::Peak, Order::Descending),
        ("name", Self::Name, Order::Ascending),
    ];
}

#[derive(Default)]
struct Sums {
    /// From when to when each is open within the stretch.
    open: Vec<(i64, i64)>,
    first: i64,
    last: i64,
    incomplete: u64,
    durations: Durations,
    ns: u64,
    subtasks: u64,
    regions: u64,
    logs: u64,
}

/// A page of the types of the tasks that a filter lets pass.
pub fn task_types(trace: &Trace, filter: &Filter, paging: &Paging<TaskTypeSort>) -> Result<TaskTypes, FilterError> {
    Subject::Tasks.allows(filter)?;
    let (from, to) = filter.window(trace);
    let window = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
    let (regions, background_regions) = region_counts(trace);
    let mut types: BTreeMap<TaskTypeIdx, Sums> = BTreeMap::new();
    for passed in passing(trace, filter) {
        let row = &trace.tasks()[passed.task.index()];
        let none = || Sums { first: i64::MAX, last: i64::MIN, ..Sums::default() };
        let sums = types.entry(row.kind).or_insert_with(none);
        if row.start.is_some() && row.end.is_some() {
            sums.durations.push((passed.end - passed.start) as u64);
        } else {
            sums.incomplete += 1;
        }
        // What begins at the very end of the trace is open with those whose end is not in it.
        let end = row.end.map_or(i64::MAX, |_| passed.end);
        sums.open.push((passed.start.max(window.0), end.min(window.1)));
        sums.first = sums.first.min(passed.start);
        sums.last = sums.last.max(passed.end);
        sums.ns += passed.ns;
        sums.subtasks += trace.task_children(passed.task).len() as u64;
        sums.regions += regions[passed.task.index()];
        sums.logs += trace.task_logs(passed.task).len() as u64;
    }
    let rows: Vec<TaskTypeRow> = types.into_iter().map(|(kind, sums)| row(trace, filter, kind, sums)).collect();
    let tasks = rows.iter().map(|row| row.count).sum();
    let mut picking = Picking::new(paging);
    for (number, row) in rows.iter().enumerate() {
        picking.push(rank(row, paging.sort), number);
    }
    let (total, page) = picking.into_page();
    let rows = page.into_iter().map(|number| rows[number].clone()).collect();
    let of_tasks = |task: u32| trace.task_logs(TaskIdx(task)).len() as u64;
    let logs = trace.logs().len() as u64 - (0..trace.tasks().len() as u32).map(of_tasks).sum::<u64>();
    let background = Background { regions: background_regions, logs };
    Ok(TaskTypes { from, to, total, offset: paging.offset, tasks, rows, background })
}

fn row(trace: &Trace, filter: &Filter, kind: TaskTypeIdx, sums: Sums) -> TaskTypeRow {
    let Sums { open, first, last, incomplete, durations, ns, subtasks, regions, logs } = sums;
    let name = trace.task_types().get(kind.index()).map_or("", |kind| trace.symbols().string(kind.name));
    let complete = durations.len() as u64;
    let (latency, histogram) = durations.finish();
    let chosen = Pattern::exactly(name).ok().map(TaskChoice::Type);
    TaskTypeRow {
        key: Lane::TaskType(kind),
        name: name.to_owned(),
        filter: chosen.map(|task| Filter { task: Some(task), ..filter.clone() }.to_string()),
        start: first,
        end: last,
        count: complete + incomplete,
        complete,
        incomplete,
        latency,
        histogram,
        ns,
        peak: most_at_once(open.into_iter()),
        subtasks,
        regions,
        logs,
    }
}

fn rank(row: &TaskTypeRow, sort: TaskTypeSort) -> Rank<'_> {
    let latency =
        |of: fn(&Latency) -> u64| Rank::of(row.latency.as_ref().map_or(-1, |latency| i128::from(of(latency))));
    match sort {
        TaskTypeSort::Ns => Rank::of(row.ns),
        TaskTypeSort::Count => Rank::of(row.count),
        TaskTypeSort::Incomplete => Rank::of(row.incomplete),
        TaskTypeSort::Mean => latency(|latency| latency.mean),
        TaskTypeSort::P50 => latency(|latency| latency.p50),
        TaskTypeSort::P99 => latency(|latency| latency.p99),
        TaskTypeSort::Max => latency(|latency| latency.max),
        TaskTypeSort::Peak => Rank::of(row.peak),
        TaskTypeSort::Name => Rank::Text(&row.name),
    }
}
