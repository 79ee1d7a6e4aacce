//! What a filter means in a trace: of which goroutines, and of each between which times.
//!
//! 1. Goroutines that `goroutine` or `func` leave out are not there.
//! 2. The others are there for their life, as far as it is between `from` and `to`.
//! 3. With `task`, only while they take part in such a task or one below it: from the first to the last time that
//!    something of the goroutine names it (its begin or end, a region, a log), and of the goroutine that began it until
//!    it ends, if it does that before it takes up another.
//! 4. With `region`, only inside such regions, those of such tasks if `task` is there as well.
//! 5. `min` and `max` are about regions if `region` is there, else about tasks if `task` is; otherwise they are for what
//!    the answer lists.
//!
//! `state` and `reason` are about spans, which [`Scope::spans`] walks over.

use super::{Filter, TaskChoice};
use crate::{Lane, intervals, names, regions, states};
use goroscope_model::{Class, GoIdx, GoSpan, StringIdx, TaskIdx, Trace};
use std::collections::BTreeMap;

/// What a filter means in a trace.
#[derive(Debug)]
pub struct Scope<'t> {
    trace: &'t Trace,
    filter: Filter,
    /// The stretches of each goroutine, in order, none touching another.
    stretches: BTreeMap<GoIdx, Vec<(i64, i64)>>,
}

/// A part of a span that a filter lets pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The goroutine.
    pub go: GoIdx,
    /// Which of its spans.
    pub number: usize,
    /// The span, whose begin may be before `from`.
    pub span: GoSpan,
    /// When the whole span ends, ns.
    pub span_end: i64,
    /// Begin of the part, ns.
    pub from: i64,
    /// End of the part, ns.
    pub to: i64,
}

impl Stretch {
    /// How long the part lasts, ns.
    pub fn ns(&self) -> u64 {
        (self.to - self.from) as u64
    }
}

impl<'t> Scope<'t> {
    /// What the filter means in the trace.
    pub fn of(trace: &'t Trace, filter: &Filter) -> Self {
        let window = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
        let tasks = meant_tasks(trace, filter);
        let inner = match (&filter.region, &tasks) {
            (Some(_), _) => Some(in_regions(trace, filter, tasks.as_deref())),
            (None, Some(tasks)) => Some(in_tasks(trace, tasks)),
            (None, None) => None,
        };
        let mut stretches = BTreeMap::new();
        for go in (0..trace.goroutines().len() as u32).map(GoIdx).filter(|&go| is_named(trace, filter, go)) {
            let Some(life) = states::of(trace, Lane::Go(go)).and_then(|spans| states::life(&spans)) else { continue };
            let bounds = (life.0.max(window.0), life.1.min(window.1));
            // A life without duration is one, if it lies in the window.
            if bounds.0 > bounds.1 || (bounds.0 == bounds.1 && life.0 != life.1) {
                continue;
            }
            let of_go = match &inner {
                None => vec![bounds],
                Some(inner) => inner.get(&go).map_or_else(Vec::new, |parts| clipped(parts, bounds)),
            };
            if !of_go.is_empty() {
                stretches.insert(go, of_go);
            }
        }
        Self { trace, filter: filter.clone(), stretches }
    }

    /// The trace.
    pub fn trace(&self) -> &'t Trace {
        self.trace
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The goroutines by row, each with the stretches of time that are meant, in order.
    pub fn goroutines(&self) -> impl Iterator<Item = (GoIdx, &[(i64, i64)])> {
        self.stretches.iter().map(|(&go, stretches)| (go, stretches.as_slice()))
    }

    /// The stretches of one goroutine; none if it is not meant.
    pub fn stretches(&self, go: GoIdx) -> &[(i64, i64)] {
        self.stretches.get(&go).map_or(&[], Vec::as_slice)
    }

    /// Whether no goroutine is left out, nor any part of a life but by time.
    pub(crate) fn is_all_goroutines(&self) -> bool {
        let filter = &self.filter;
        filter.goroutines.is_empty() && filter.func.is_none() && filter.task.is_none() && filter.region.is_none()
    }

    /// Whether nothing is left out at all.
    pub(crate) fn is_everything(&self) -> bool {
        self.filter.is_everything()
    }

    /// Says which spans are of a state and reason that pass.
    pub(crate) fn passing(&self) -> Passing<'_, 't> {
        Passing { scope: self, reasons: BTreeMap::new() }
    }

    /// Calls `visit` for every part of a goroutine's spans that is meant, by time: inside its stretches, of a state and
    /// reason that pass. A span that is cut by a stretch's end comes once for each. Spans without duration are left out.
    pub fn spans(&self, go: GoIdx, mut visit: impl FnMut(Stretch)) {
        let mut passes = self.passing();
        let Some(lane) = states::of(self.trace, Lane::Go(go)) else { return };
        for &(from, to) in self.stretches(go) {
            let touching = states::touching(&lane, from, to);
            let spans = self.trace.go_spans().iter_from(go, touching.start);
            let ends = lane.iter_from(touching.start).map(|(_, end, _)| end);
            for (number, (span, span_end)) in touching.zip(spans.zip(ends)) {
                let (part_from, part_to) = (span.start.max(from), span_end.min(to));
                if part_from < part_to && passes.has(span.class, span.reason) {
                    visit(Stretch { go, number, span, span_end, from: part_from, to: part_to });
                }
            }
        }
    }
}

/// Which spans pass, with what was said of each reason before.
#[derive(Debug)]
pub(crate) struct Passing<'s, 't> {
    scope: &'s Scope<'t>,
    reasons: BTreeMap<StringIdx, bool>,
}

impl Passing<'_, '_> {
    pub(crate) fn has(&mut self, class: Class, reason: StringIdx) -> bool {
        self.scope.filter.states.has(class)
            && self.scope.filter.reason.as_ref().is_none_or(|pattern| {
                let matches = || pattern.matches(names::reason(self.scope.trace, reason));
                *self.reasons.entry(reason).or_insert_with(matches)
            })
    }
}

/// Whether `goroutine` and `func` let a goroutine pass.
pub(crate) fn is_named(trace: &Trace, filter: &Filter, go: GoIdx) -> bool {
    let Some(row) = trace.goroutines().get(go.index()) else { return false };
    let id = row.id;
    (filter.goroutines.is_empty() || filter.goroutines.contains(&id))
        && filter.func.as_ref().is_none_or(|func| func.matches(names::function(trace, go)))
}

/// Whether each task, or one above it, is meant; `None` if all are.
pub(crate) fn meant_tasks(trace: &Trace, filter: &Filter) -> Option<Vec<bool>> {
    let mut chosen = chosen_tasks(trace, filter.task.as_ref()?);
    // With `region`, durations are about regions.
    if filter.region.is_none() {
        for (task, is_chosen) in (0..).map(TaskIdx).zip(&mut chosen) {
            let interval = intervals::task(trace, task);
            *is_chosen = *is_chosen && filter.lasts(interval.end - interval.start);
        }
    }
    Some(with_children(trace, chosen))
}

/// Whether each task is one of those chosen.
pub(crate) fn chosen_tasks(trace: &Trace, choice: &TaskChoice) -> Vec<bool> {
    let is_chosen = |row: &goroscope_model::Task| match choice {
        TaskChoice::Id(id) => row.id.0 == *id,
        TaskChoice::Type(pattern) => pattern.matches(trace.symbols().string(row.name)),
    };
    trace.tasks().iter().map(is_chosen).collect()
}

/// Marks the tasks below those that are marked.
pub(crate) fn with_children(trace: &Trace, mut marked: Vec<bool>) -> Vec<bool> {
    let mut open: Vec<TaskIdx> = (0..).map(TaskIdx).zip(&marked).filter(|(_, m)| **m).map(|(task, _)| task).collect();
    while let Some(task) = open.pop() {
        for &child in trace.task_children(task) {
            if !std::mem::replace(&mut marked[child.index()], true) {
                open.push(child);
            }
        }
    }
    marked
}

/// Where each goroutine is inside a region that is meant.
fn in_regions(trace: &Trace, filter: &Filter, tasks: Option<&[bool]>) -> BTreeMap<GoIdx, Vec<(i64, i64)>> {
    let mut found: BTreeMap<GoIdx, Vec<(i64, i64)>> = BTreeMap::new();
    regions_meant(trace, filter, tasks, |go, part| found.entry(go).or_default().push(part));
    for parts in found.values_mut() {
        *parts = union(std::mem::take(parts));
    }
    found
}

/// Calls `found` with begin and end of every region that is meant, whatever its goroutine and time. `tasks` says of each
/// task whether it, or one above it, is meant.
pub(super) fn regions_meant(
    trace: &Trace,
    filter: &Filter,
    tasks: Option<&[bool]>,
    mut found: impl FnMut(GoIdx, (i64, i64)),
) {
    let mut named: BTreeMap<StringIdx, bool> = BTreeMap::new();
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        regions::walk(trace, go, (i64::MIN, i64::MAX), &mut |placed| {
            let region = &placed.region;
            let is_of_task = tasks.is_none_or(|tasks| tasks.get(region.task.index()) == Some(&true));
            let name = || filter.region.as_ref().is_none_or(|name| name.matches(trace.symbols().string(region.name)));
            if is_of_task && *named.entry(region.name).or_insert_with(name) && filter.lasts(placed.end - placed.start) {
                found(go, (placed.start, placed.end));
            }
        });
    }
}

/// Where each goroutine takes part in a task that is meant.
fn in_tasks(trace: &Trace, meant: &[bool]) -> BTreeMap<GoIdx, Vec<(i64, i64)>> {
    let parts = participation(trace, |task| meant.get(task.index()) == Some(&true));
    let mut found: BTreeMap<GoIdx, Vec<(i64, i64)>> = BTreeMap::new();
    for ((go, _), part) in parts {
        found.entry(go).or_default().push(part);
    }
    for parts in found.values_mut() {
        *parts = union(std::mem::take(parts));
    }
    found
}

/// From when to when each goroutine takes part in each task that is asked for: see the top of this file.
pub(crate) fn participation(
    trace: &Trace,
    is_meant: impl Fn(TaskIdx) -> bool,
) -> BTreeMap<(GoIdx, TaskIdx), (i64, i64)> {
    let mut parts: BTreeMap<(GoIdx, TaskIdx), (i64, i64)> = BTreeMap::new();
    let mut mention = |go: GoIdx, task: TaskIdx, from: i64, to: i64| {
        if go.get().is_some() && task.get().is_some() && is_meant(task) {
            let part = parts.entry((go, task)).or_insert((from, to));
            *part = (part.0.min(from), part.1.max(to));
        }
    };
    for (task, row) in (0..).map(TaskIdx).zip(trace.tasks()) {
        let interval = intervals::task(trace, task);
        mention(row.go, task, interval.start, interval.start);
        if row.end.is_some() {
            mention(row.end_go, task, interval.end, interval.end);
        }
    }
    let regions = trace.regions();
    for row in 0..regions.len() as u32 {
        let region = regions.at(row as usize);
        let interval = intervals::region(trace, row);
        mention(region.go, region.task, interval.start, interval.end);
    }
    let logs = trace.logs();
    for log in (0..logs.len()).map(|row| logs.at(row)) {
        mention(log.go, log.task, log.ts, log.ts);
    }
    hold_until_the_end(trace, &mut parts);
    parts
}

/// The goroutine that began a task takes part in it until it ends, or until that goroutine begins another one that is
/// not below it: one that does one request after the other does not work for the first for ever.
fn hold_until_the_end(trace: &Trace, parts: &mut BTreeMap<(GoIdx, TaskIdx), (i64, i64)>) {
    let mut begun: BTreeMap<GoIdx, Vec<(i64, TaskIdx)>> = BTreeMap::new();
    for (task, row) in (0..).map(TaskIdx).zip(trace.tasks()) {
        if row.go.get().is_some() {
            begun.entry(row.go).or_default().push((intervals::task(trace, task).start, task));
        }
    }
    for (go, mut tasks) in begun {
        tasks.sort_unstable();
        // Each is below the one before it.
        let mut open: Vec<TaskIdx> = Vec::new();
        let mut hold = |task: TaskIdx, until: i64| {
            if let Some(part) = parts.get_mut(&(go, task)) {
                part.1 = part.1.max(until.min(intervals::task(trace, task).end));
            }
        };
        for (start, task) in tasks {
            while let Some(done) = open.pop_if(|last| !is_below(trace, task, *last)) {
                hold(done, start);
            }
            open.push(task);
        }
        for task in open {
            hold(task, i64::MAX);
        }
    }
}

/// Whether a task is below another.
fn is_below(trace: &Trace, task: TaskIdx, ancestor: TaskIdx) -> bool {
    let mut at = task;
    // Parents are begun before their children, but damaged files may say otherwise: no longer than there are tasks.
    for _ in 0..=trace.tasks().len() {
        match trace.tasks().get(at.index()).and_then(|row| row.parent.get()) {
            Some(parent) if parent == ancestor => return true,
            Some(parent) => at = parent,
            None => return false,
        }
    }
    false
}

/// The parts of sorted stretches within bounds.
fn clipped(parts: &[(i64, i64)], (from, to): (i64, i64)) -> Vec<(i64, i64)> {
    let clip = |&(start, end): &(i64, i64)| (start.max(from), end.min(to));
    parts.iter().map(clip).filter(|(start, end)| start < end).collect()
}

/// Stretches as those of their union, in order.
pub(crate) fn union(mut parts: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    parts.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(parts.len());
    for (from, to) in parts {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}
