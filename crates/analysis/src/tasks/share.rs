//! What goroutines did for tasks.

use crate::class_time::ClassTime;
use crate::filter;
use goroscope_model::{GoIdx, TaskIdx, Trace};
use std::collections::{BTreeMap, BTreeSet};

/// From when to when goroutines take part in tasks.
#[derive(Debug)]
pub(super) struct Parts<'t> {
    trace: &'t Trace,
    /// By task; a task that nobody takes part in has none.
    by_task: BTreeMap<TaskIdx, Vec<(GoIdx, i64, i64)>>,
}

impl<'t> Parts<'t> {
    /// Those of these tasks and all below them.
    pub(super) fn of(trace: &'t Trace, tasks: impl Iterator<Item = TaskIdx>) -> Self {
        let mut marks = vec![false; trace.tasks().len()];
        tasks.for_each(|task| marks[task.index()] = true);
        let marks = filter::with_children(trace, marks);
        let mut by_task: BTreeMap<TaskIdx, Vec<(GoIdx, i64, i64)>> = BTreeMap::new();
        for ((go, task), (from, to)) in filter::participation(trace, |task| marks.get(task.index()) == Some(&true)) {
            by_task.entry(task).or_default().push((go, from, to));
        }
        Self { trace, by_task }
    }

    /// When each goroutine takes part in a task or one below it: stretches in order, none touching another.
    pub(super) fn stretches(&self, task: TaskIdx) -> BTreeMap<GoIdx, Vec<(i64, i64)>> {
        let mut stretches: BTreeMap<GoIdx, Vec<(i64, i64)>> = BTreeMap::new();
        for task in family(self.trace, task) {
            for &(go, from, to) in self.by_task.get(&task).into_iter().flatten() {
                stretches.entry(go).or_default().push((from, to));
            }
        }
        for of_go in stretches.values_mut() {
            *of_go = filter::union(std::mem::take(of_go));
        }
        stretches
    }

    /// How many goroutines take part in a task, and what they did in the meantime, within a window.
    pub(super) fn share(&self, task: TaskIdx, window: (i64, i64)) -> (usize, ClassTime) {
        let stretches = self.stretches(task);
        let mut time = ClassTime::default();
        for (&go, of_go) in &stretches {
            time.add(&time_of(self.trace, go, of_go, window));
        }
        (stretches.len(), time)
    }
}

/// What a goroutine did in these stretches, within a window.
pub(super) fn time_of(trace: &Trace, go: GoIdx, stretches: &[(i64, i64)], window: (i64, i64)) -> ClassTime {
    if let &[(from, to)] = stretches {
        let (from, to) = (from.max(window.0), to.min(window.1));
        return ClassTime::of(&trace.go_time(go, from, to.max(from)));
    }
    let mut time = ClassTime::default();
    let mut walk = trace.go_walk(go);
    for &(from, to) in stretches {
        let (from, to) = (from.max(window.0), to.min(window.1));
        if from < to {
            time.add(&ClassTime::of(&walk.time(from, to)));
        }
    }
    time
}

/// A task and all below it.
pub(super) fn family(trace: &Trace, task: TaskIdx) -> BTreeSet<TaskIdx> {
    let mut family = BTreeSet::from([task]);
    let mut open = vec![task];
    while let Some(task) = open.pop() {
        open.extend(trace.task_children(task).iter().copied().filter(|&child| family.insert(child)));
    }
    family
}
