//! Which tasks pass a filter.

use crate::{Filter, filter, intervals};
use goroscope_model::{GoIdx, TaskIdx, Trace};
use std::collections::BTreeMap;

/// A task that passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) task: TaskIdx,
    /// Begin, ns.
    pub(super) start: i64,
    /// End, ns.
    pub(super) end: i64,
    /// How much of it is within the stretch that is asked about, ns.
    pub(super) ns: u64,
}

/// The tasks that pass, in the order of the trace.
pub(super) fn passing<'t>(trace: &'t Trace, filter: &Filter) -> impl Iterator<Item = Passed> + use<'t> {
    let (from, to) = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
    let chosen = filter.task.as_ref().map(|choice| filter::chosen_tasks(trace, choice));
    let mentioned = mentioned(trace, filter);
    let filter = filter.clone();
    (0..trace.tasks().len() as u32).map(TaskIdx).filter_map(move |task| {
        let is_marked = |marks: &Option<Vec<bool>>| marks.as_ref().is_none_or(|marks| marks[task.index()]);
        let interval = intervals::task(trace, task);
        let passes = is_marked(&chosen)
            && is_marked(&mentioned)
            && interval.touches(from, to)
            && filter.lasts(interval.end - interval.start);
        let ns = interval.time_within(from, to);
        passes.then_some(Passed { task, start: interval.start, end: interval.end, ns })
    })
}

/// Whether each task is begun, ended or mentioned by a goroutine that passes; `None` if all do.
fn mentioned(trace: &Trace, filter: &Filter) -> Option<Vec<bool>> {
    if filter.goroutines.is_empty() && filter.func.is_none() {
        return None;
    }
    let mut known: BTreeMap<GoIdx, bool> = BTreeMap::new();
    let mut is_named = |go: GoIdx| *known.entry(go).or_insert_with(|| filter::is_named(trace, filter, go));
    let mut marks: Vec<bool> =
        trace.tasks().iter().map(|task| is_named(task.go) || task.end.is_some() && is_named(task.end_go)).collect();
    let mut mark = |task: TaskIdx| {
        if let Some(mark) = marks.get_mut(task.index()) {
            *mark = true;
        }
    };
    for go in (0..trace.goroutines().len() as u32).map(GoIdx).filter(|&go| is_named(go)) {
        let rows = trace.go_regions(go);
        trace.regions().iter_from(rows.start).take(rows.len()).for_each(|region| mark(region.task));
        trace.go_logs(go).iter().for_each(|&row| mark(trace.logs().at(row as usize).task));
    }
    Some(marks)
}

/// How many regions each task has.
pub(super) fn region_counts(trace: &Trace) -> (Vec<u64>, u64) {
    let mut counts = vec![0; trace.tasks().len()];
    let mut background = 0;
    for region in trace.regions().iter() {
        *counts.get_mut(region.task.index()).unwrap_or(&mut background) += 1;
    }
    (counts, background)
}
