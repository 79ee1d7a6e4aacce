//! Tasks one by one, with what goroutines did for them.

use super::passing::{Passed, passing, region_counts};
use super::share::Parts;
use crate::class_time::ClassTime;
use crate::completeness::Completeness;
use crate::paging::{Order, Paging, Picking, Rank, SortKey};
use crate::refs::{GoRef, TaskRef};
use crate::search::Needle;
use crate::{Filter, FilterError, Lane, Subject, intervals};
use goroscope_model::{StringIdx, TaskIdx, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which tasks are listed, beside what the filter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Whether begin and end are in the trace.
    pub complete: Completeness,
    /// Only those whose type, or that of one of their regions, or a category or message of theirs contains this, in any
    /// case of letters.
    pub text: Option<String>,
    /// Which page.
    pub paging: Paging<TaskSort>,
}

/// A page of tasks. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tasks {
    /// Begin of the stretch that is asked about.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// How many tasks.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<TaskRow>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskRow {
    /// Its lane.
    pub key: Lane,
    /// Its id in the program.
    pub id: u64,
    /// Its type, or empty.
    pub name: String,
    /// Its parent, if it has one.
    pub parent: Option<TaskRef>,
    /// Nesting below its topmost ancestor, from 0.
    pub depth: u16,
    /// Begin.
    pub start: i64,
    /// End.
    pub end: i64,
    /// From begin to end by the clock of the trace.
    pub duration: u64,
    /// Whether begin and end are in the trace.
    pub complete: bool,
    /// The true begin is not in the trace.
    pub open_start: bool,
    /// The true end is not in the trace.
    pub open_end: bool,
    /// The goroutine that began it.
    pub go: Option<GoRef>,
    /// The goroutine that ended it.
    pub end_go: Option<GoRef>,
    /// How many goroutines take part in it or one below it.
    pub goroutines: usize,
    /// How many tasks have it as parent.
    pub subtasks: u64,
    /// How many regions it has itself.
    pub regions: u64,
    /// How many messages it has itself.
    pub logs: u64,
    /// How much of it is within the stretch.
    pub ns: u64,
    /// What these goroutines did in the meantime, within the stretch.
    pub time: ClassTime,
}

/// What tasks can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskSort {
    /// The begin.
    #[default]
    Start,
    /// The id.
    Id,
    /// The type.
    Name,
    /// The duration.
    Duration,
    /// How many goroutines take part.
    Goroutines,
    /// How many tasks are below it.
    Subtasks,
    /// How many regions it has.
    Regions,
    /// How many messages it has.
    Logs,
    /// Time running.
    Running,
    /// Time ready.
    Runnable,
    /// Time blocked, but for system calls.
    Waiting,
    /// Time in system calls, holding a proc.
    Syscall,
    /// Time in system calls that had lost their proc.
    SyscallBlocked,
}

impl SortKey for TaskSort {
    const ALL: &'static [(&'static str, Self, Order)] = &[
        ("start", Self::Start, Order::Ascending),
        ("id", Self::Id, Order::Ascending),
        ("name", Self::Name, Order::Ascending),
        ("duration", Self::Duration, Order::Descending),
        ("goroutines", Self::Goroutines, Order::Descending),
        ("subtasks", Self::Subtasks, Order::Descending),
        ("regions", Self::Regions, Order::Descending),
        ("logs", Self::Logs, Order::Descending),
        ("running", Self::Running, Order::Descending),
        ("runnable", Self::Runnable, Order::Descending),
        ("waiting", Self::Waiting, Order::Descending),
        ("syscall", Self::Syscall, Order::Descending),
        ("syscall_blocked", Self::SyscallBlocked, Order::Descending),
    ];
}

impl TaskSort {
    /// Whether it takes to know what goroutines did for each task.
    fn is_about_goroutines(self) -> bool {
        match self {
            Self::Goroutines
            | Self::Running
            | Self::Runnable
            | Self::Waiting
            | Self::Syscall
            | Self::SyscallBlocked => true,
            Self::Start | Self::Id | Self::Name | Self::Duration | Self::Subtasks | Self::Regions | Self::Logs => false,
        }
    }
}

/// A page of the tasks that pass.
pub fn tasks(trace: &Trace, filter: &Filter, query: &TaskQuery) -> Result<Tasks, FilterError> {
    Subject::Tasks.allows(filter)?;
    let (from, to) = filter.window(trace);
    let counts = region_counts(trace).0;
    let said = query.text.as_deref().map(|text| saying(trace, text));
    let is_listed = |passed: &Passed| {
        let row = &trace.tasks()[passed.task.index()];
        query.complete.has(row.start, row.end) && said.as_ref().is_none_or(|said| said[passed.task.index()])
    };
    let sort = query.paging.sort;
    let listed = || passing(trace, filter).filter(&is_listed);
    let parts = sort.is_about_goroutines().then(|| Parts::of(trace, listed().map(|passed| passed.task)));
    let mut picking = Picking::new(&query.paging);
    for passed in listed() {
        let share = |parts: &Parts<'_>| parts.share(passed.task, (from, to));
        picking.push(rank(trace, &passed, sort, &counts, || parts.as_ref().map(share)), passed.task);
    }
    let (total, page) = picking.into_page();
    let parts = parts.unwrap_or_else(|| Parts::of(trace, page.iter().copied()));
    let rows = page.into_iter().map(|task| row(trace, task, (from, to), &counts, &parts)).collect();
    Ok(Tasks { from, to, total, offset: query.paging.offset, rows })
}

/// Which tasks say this somewhere.
fn saying(trace: &Trace, text: &str) -> Vec<bool> {
    let needle = Needle::new(text);
    let mut known: BTreeMap<StringIdx, bool> = BTreeMap::new();
    let mut is_in =
        |string: StringIdx| *known.entry(string).or_insert_with(|| needle.is_in(trace.symbols().string(string)));
    let mut marks: Vec<bool> = trace.tasks().iter().map(|task| is_in(task.name)).collect();
    let mut mark = |task: TaskIdx, says: bool| {
        if let Some(mark) = marks.get_mut(task.index()) {
            *mark |= says;
        }
    };
    trace.regions().iter().for_each(|region| mark(region.task, is_in(region.name)));
    trace.logs().iter().for_each(|log| mark(log.task, is_in(log.category) || is_in(log.message)));
    marks
}

fn rank<'t>(
    trace: &'t Trace,
    passed: &Passed,
    sort: TaskSort,
    regions: &[u64],
    share: impl Fn() -> Option<(usize, ClassTime)>,
) -> Rank<'t> {
    let row = &trace.tasks()[passed.task.index()];
    let time = |of: fn(&ClassTime) -> u64| Rank::of(share().map_or(0, |(_, time)| of(&time)));
    match sort {
        TaskSort::Start => Rank::of(passed.start),
        TaskSort::Id => Rank::of(row.id.0),
        TaskSort::Name => Rank::Text(trace.symbols().string(row.name)),
        TaskSort::Duration => Rank::of(passed.end - passed.start),
        TaskSort::Goroutines => Rank::count(share().map_or(0, |(count, _)| count)),
        TaskSort::Subtasks => Rank::count(trace.task_children(passed.task).len()),
        TaskSort::Regions => Rank::of(regions[passed.task.index()]),
        TaskSort::Logs => Rank::count(trace.task_logs(passed.task).len()),
        TaskSort::Running => time(|time| time.running),
        TaskSort::Runnable => time(|time| time.runnable),
        TaskSort::Waiting => time(ClassTime::waiting),
        TaskSort::Syscall => time(|time| time.syscall),
        TaskSort::SyscallBlocked => time(|time| time.syscall_blocked),
    }
}

/// A task as a row; it must exist. `regions` are the counts of all tasks.
pub(super) fn row(trace: &Trace, task: TaskIdx, window: (i64, i64), regions: &[u64], parts: &Parts<'_>) -> TaskRow {
    let row = &trace.tasks()[task.index()];
    let interval = intervals::task(trace, task);
    let (goroutines, time) = parts.share(task, window);
    TaskRow {
        key: Lane::Task(task),
        id: row.id.0,
        name: trace.symbols().string(row.name).to_owned(),
        parent: TaskRef::new(trace, row.parent),
        depth: row.depth,
        start: interval.start,
        end: interval.end,
        duration: (interval.end - interval.start) as u64,
        complete: row.start.is_some() && row.end.is_some(),
        open_start: row.start.is_none(),
        open_end: row.end.is_none(),
        go: GoRef::new(trace, row.go),
        end_go: GoRef::new(trace, row.end_go),
        goroutines,
        subtasks: trace.task_children(task).len() as u64,
        regions: regions[task.index()],
        logs: trace.task_logs(task).len() as u64,
        ns: interval.time_within(window.0, window.1),
        time,
    }
}
