//! One task with all that happened for it: the tasks below it, regions and messages on one timeline, and what the
//! goroutines that took part did meanwhile.
//!
//! Rows stand by begin. Each but the first stands in another:
//!
//! * a region or a message in the innermost region of its own task that its goroutine is in, else in its task;
//! * a task in the innermost region of its parent that its goroutine is in, else in its parent.

use super::list::{self, TaskRow};
use super::passing::region_counts;
use super::share::{Parts, family, time_of};
use super::wall::{self, WallShare};
use crate::class_time::ClassTime;
use crate::refs::{self, FrameView, GoRef, TaskRef};
use crate::select::{ReasonShare, Reasons};
use crate::{Lane, intervals, regions};
use goroscope_model::{GoIdx, StackIdx, StringIdx, TaskIdx, Trace};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most goroutines of one answer.
const PARTICIPANTS: usize = 100;

/// One task. Times in ns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskStory {
    /// The task.
    pub task: TaskRow,
    /// Where its time went, largest first; adds up to its duration.
    pub wall: Vec<WallShare>,
    /// How many goroutines take part.
    pub goroutines_total: usize,
    /// Those that take part longest: the first 100.
    pub goroutines: Vec<Participant>,
    /// How many rows.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<StoryRow>,
}

/// A goroutine that takes part in a task or one below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// Which.
    pub go: Option<GoRef>,
    /// When it first takes part.
    pub start: i64,
    /// When it last does.
    pub end: i64,
    /// In how many stretches it takes part.
    pub parts: usize,
    /// What it did in these.
    pub time: ClassTime,
    /// Why it waited, longest first.
    pub reasons: Vec<ReasonShare>,
}

/// What a row of a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoryKind {
    /// The task itself or one below it.
    Task,
    /// A region.
    Region,
    /// A message.
    Log,
}

/// Something that happened for a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryRow {
    /// Its number among all rows.
    pub row: usize,
    /// What it is.
    pub kind: StoryKind,
    /// Nesting, from 0: the task itself.
    pub depth: u32,
    /// The number of the row that it stands in.
    pub parent: Option<usize>,
    /// The lane on which it is.
    pub key: Lane,
    /// Type of the task or region, text of the message.
    pub name: String,
    /// Category of the message, else empty.
    pub category: String,
    /// The task itself, or that whose region or message it is.
    pub task: Option<TaskRef>,
    /// The goroutine, if the trace tells.
    pub go: Option<GoRef>,
    /// Begin.
    pub start: i64,
    /// End; of a message the same.
    pub end: i64,
    /// The true begin is not in the trace.
    pub open_start: bool,
    /// The true end is not in the trace.
    pub open_end: bool,
    /// Time since the last begin, end or message before it.
    pub since: Option<i64>,
    /// Where the program stood at the begin.
    pub stack: Vec<FrameView>,
}

/// A row before it is told. Sorted by time; of what begins together, what is around comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    start: i64,
    kind: StoryKind,
    /// Of the task below others, of the region in others.
    depth: u16,
    /// Row of the tasks, regions or logs.
    row: u32,
    end: i64,
    go: GoIdx,
    task: TaskIdx,
}

/// One task with a page of what happened for it; `None` if it is not in the trace.
pub fn task_story(trace: &Trace, task: TaskIdx, offset: usize, limit: usize) -> Option<TaskStory> {
    trace.tasks().get(task.index())?;
    let everything = (i64::MIN, i64::MAX);
    let parts = Parts::of(trace, std::iter::once(task));
    let stretches = parts.stretches(task);
    let row = list::row(trace, task, everything, &region_counts(trace).0, &parts);
    let items = items(trace, task);
    let places = nested(trace, &items);
    let moments = Moments::of(&items);
    let rows = (offset.min(items.len())..offset.saturating_add(limit).min(items.len()))
        .map(|number| story_row(trace, &items, number, places[number], &moments))
        .collect();
    Some(TaskStory {
        wall: wall::wall(trace, (row.start, row.end), &stretches),
        task: row,
        goroutines_total: stretches.len(),
        goroutines: participants(trace, &stretches),
        total: items.len(),
        offset,
        rows,
    })
}

/// All that happened for a task, the task itself first.
fn items(trace: &Trace, task: TaskIdx) -> Vec<Item> {
    let family = family(trace, task);
    let mut items = Vec::new();
    for &member in &family {
        let (row, interval) = (&trace.tasks()[member.index()], intervals::task(trace, member));
        items.push(Item {
            start: interval.start,
            kind: StoryKind::Task,
            depth: row.depth,
            row: member.0,
            end: interval.end,
            go: row.go,
            task: member,
        });
        for &log in trace.task_logs(member) {
            let row = trace.logs().at(log as usize);
            let (start, kind) = (row.ts, StoryKind::Log);
            items.push(Item { start, kind, depth: 0, row: log, end: start, go: row.go, task: member });
        }
    }
    for go in (0..trace.goroutines().len() as u32).map(GoIdx).filter(|&go| !trace.go_regions(go).is_empty()) {
        regions::walk(trace, go, (i64::MIN, i64::MAX), &mut |placed| {
            let task = placed.region.task;
            if family.contains(&task) {
                let regions::Placed { row, start, end, .. } = *placed;
                let (kind, depth) = (StoryKind::Region, placed.region.depth);
                items.push(Item { start, kind, depth, row, end, go, task });
            }
        });
    }
    items.sort_unstable();
    // What is told of a task may begin before it: that it stands in it does not change.
    if let Some(at) = items.iter().position(|item| item.kind == StoryKind::Task && item.task == task) {
        items[..=at].rotate_right(1);
    }
    items
}

/// In which row each stands, and how deep. A row without one in front of it stands in the task itself.
fn nested(trace: &Trace, items: &[Item]) -> Vec<(Option<usize>, u32)> {
    let mut tasks: BTreeMap<TaskIdx, usize> = BTreeMap::new();
    for (number, item) in items.iter().enumerate().filter(|(_, item)| item.kind == StoryKind::Task) {
        tasks.insert(item.task, number);
    }
    let mut open: BTreeMap<GoIdx, Vec<usize>> = BTreeMap::new();
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let of_go = open.entry(item.go).or_default();
        let is_over = |other: &mut usize| {
            let other = &items[*other];
            other.end < item.start || (item.kind == StoryKind::Region && other.depth >= item.depth)
        };
        while of_go.pop_if(is_over).is_some() {}
        let owner = match item.kind {
            StoryKind::Task => trace.tasks()[item.task.index()].parent,
            StoryKind::Region | StoryKind::Log => item.task,
        };
        let region = of_go.iter().rev().copied().find(|&region| items[region].task == owner);
        let around = region.or_else(|| tasks.get(&owner).copied());
        parents.push(if number == 0 { None } else { Some(around.unwrap_or(0)) });
        if item.kind == StoryKind::Region {
            of_go.push(number);
        }
    }
    depths(&parents)
}

/// How deep each row stands. What is told of a task before its begin stands in a row that comes later.
fn depths(parents: &[Option<usize>]) -> Vec<(Option<usize>, u32)> {
    let mut depths: Vec<Option<u32>> = vec![None; parents.len()];
    for number in 0..parents.len() {
        let mut path = Vec::new();
        let mut at = Some(number);
        while let Some(row) = at.filter(|&row| depths[row].is_none()) {
            path.push(row);
            at = parents[row];
        }
        let first = at.and_then(|row| depths[row]).map_or(0, |depth| depth + 1);
        for (depth, row) in (first..).zip(path.into_iter().rev()) {
            depths[row] = Some(depth);
        }
    }
    parents.iter().zip(depths).map(|(&parent, depth)| (parent, depth.unwrap_or(0))).collect()
}

/// When something begins, ends or is said.
struct Moments {
    all: Vec<i64>,
    ends: Vec<i64>,
}

impl Moments {
    fn of(items: &[Item]) -> Self {
        let mut ends: Vec<i64> = items.iter().map(|item| item.end).collect();
        let mut all: Vec<i64> = items.iter().map(|item| item.start).chain(ends.iter().copied()).collect();
        ends.sort_unstable();
        all.sort_unstable();
        Self { all, ends }
    }

    /// How long before a row the last thing before it was.
    fn since(&self, items: &[Item], number: usize) -> Option<i64> {
        let Item { start, end, .. } = items[number];
        let before = self.all.partition_point(|&ts| ts < start).checked_sub(1)?;
        let follows_row = number.checked_sub(1).is_some_and(|before| items[before].start == start);
        let follows_end = end != start && self.ends.binary_search(&start).is_ok();
        Some(if follows_row || follows_end { 0 } else { start - self.all[before] })
    }
}

fn story_row(
    trace: &Trace,
    items: &[Item],
    number: usize,
    (parent, depth): (Option<usize>, u32),
    moments: &Moments,
) -> StoryRow {
    let item = items[number];
    let told = told(trace, &item);
    StoryRow {
        row: number,
        kind: item.kind,
        depth,
        parent,
        key: told.key,
        name: trace.symbols().string(told.name).to_owned(),
        category: trace.symbols().string(told.category).to_owned(),
        task: TaskRef::new(trace, item.task),
        go: GoRef::new(trace, item.go),
        start: item.start,
        end: item.end,
        open_start: told.open_start,
        open_end: told.open_end,
        since: moments.since(items, number),
        stack: refs::frames(trace, told.stack),
    }
}

/// What the tables say of a row.
struct Told {
    key: Lane,
    name: StringIdx,
    category: StringIdx,
    open_start: bool,
    open_end: bool,
    stack: StackIdx,
}

fn told(trace: &Trace, item: &Item) -> Told {
    match item.kind {
        StoryKind::Task => {
            let row = &trace.tasks()[item.row as usize];
            let (open_start, open_end) = (row.start.is_none(), row.end.is_none());
            let (name, stack) = (row.name, row.stack);
            Told { key: Lane::Task(item.task), name, category: StringIdx(0), open_start, open_end, stack }
        }
        StoryKind::Region => {
            let row = trace.regions().at(item.row as usize);
            let (open_start, open_end) = (row.start.is_none(), row.end.is_none());
            let key = Lane::Regions(row.go, row.depth);
            Told { key, name: row.name, category: StringIdx(0), open_start, open_end, stack: row.stack }
        }
        StoryKind::Log => {
            let row = trace.logs().at(item.row as usize);
            let key = row.go.get().map_or(Lane::Task(item.task), Lane::Go);
            let (name, category, stack) = (row.message, row.category, row.stack);
            Told { key, name, category, open_start: false, open_end: false, stack }
        }
    }
}

/// The goroutines that take part, those that do longest first.
fn participants(trace: &Trace, stretches: &BTreeMap<GoIdx, Vec<(i64, i64)>>) -> Vec<Participant> {
    let time = |go: GoIdx| time_of(trace, go, &stretches[&go], (i64::MIN, i64::MAX));
    let mut found: Vec<(GoIdx, ClassTime)> = stretches.keys().map(|&go| (go, time(go))).collect();
    found.sort_by_key(|(go, time)| (Reverse(time.total()), *go));
    let participant = |(go, time): (GoIdx, ClassTime)| {
        let of_go = &stretches[&go];
        let mut reasons = Reasons::default();
        for &(from, to) in of_go {
            reasons.add(trace, go, from, to);
        }
        Participant {
            go: GoRef::new(trace, go),
            start: of_go.first().map_or(0, |part| part.0),
            end: of_go.last().map_or(0, |part| part.1),
            parts: of_go.len(),
            time,
            reasons: reasons.into_rows(trace),
        }
    };
    found.into_iter().take(PARTICIPANTS).map(participant).collect()
}
