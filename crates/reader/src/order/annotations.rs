//! What the program or an experiment notes: tasks, regions, logs, labels, metrics, experimental events.

use super::{Context, NO_STACK, Order, Output, Record, Step, Task, require};
use crate::{EventKind, Metric, StackIdx, StringIdx, TaskId};

impl Order {
    pub(super) fn task_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let id = record.args[0];
        if self.tasks.contains_key(&id) {
            return Step::Refused("a task with this id is active");
        }
        require!(self.user(cx));
        self.assume_new_task(id);
        self.put_task_begin(cx, record, out);
        Step::Done
    }

    pub(super) fn put_task_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) {
        let [id, parent, name, stack] = record.args;
        // Tasks without a parent are recorded with 0, which everywhere else is the background task.
        let parent = if parent == 0 { TaskId::NONE } else { TaskId(parent) };
        let name = out.names.string(name);
        let stack = out.names.stack(stack);
        self.tasks.insert(id, Task { parent, name });
        self.put(cx, record.time, stack, EventKind::TaskBegin { task: TaskId(id), parent, name }, out);
    }

    pub(super) fn task_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(self.user(cx));
        self.put_task_end(cx, record, out);
        Step::Done
    }

    pub(super) fn put_task_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) {
        let [id, stack, ..] = record.args;
        // A task may have begun before the trace, and may end more than once.
        let (parent, name) = match self.tasks.remove(&id) {
            Some(task) => (task.parent, task.name),
            None => (TaskId::NONE, super::NO_STRING),
        };
        let stack = out.names.stack(stack);
        self.put(cx, record.time, stack, EventKind::TaskEnd { task: TaskId(id), parent, name }, out);
    }

    pub(super) fn region_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let go = require!(self.user(cx));
        let (task, name, stack) = region(record, out);
        self.resources.open[go as usize].regions.begin(task, name);
        self.put(cx, record.time, stack, EventKind::RegionBegin { task, name }, out);
        Step::Done
    }

    pub(super) fn region_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let go = require!(self.user(cx));
        let (task, name, stack) = region(record, out);
        // Misuse by the program is no reason to lose the trace.
        self.misused_regions += u64::from(!self.resources.open[go as usize].regions.end(task, name));
        self.put(cx, record.time, stack, EventKind::RegionEnd { task, name }, out);
        Step::Done
    }

    pub(super) fn gomaxprocs(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(self.user(cx));
        self.put_metric(cx, record, Metric::Gomaxprocs, out);
        Step::Done
    }

    pub(super) fn heap_metric(&mut self, cx: Context, record: &Record, metric: Metric, out: &mut Output<'_>) -> Step {
        require!(cx.require_proc());
        self.put_metric(cx, record, metric, out);
        Step::Done
    }

    pub(super) fn put_metric(&self, cx: Context, record: &Record, metric: Metric, out: &mut Output<'_>) {
        // Only the event for GOMAXPROCS has a stack; elsewhere the argument is 0.
        let [value, stack, ..] = record.args;
        let stack = out.names.stack(stack);
        self.put(cx, record.time, stack, EventKind::Metric { metric, value }, out);
    }

    pub(super) fn label(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(self.user(cx));
        let label = out.names.string(record.args[0]);
        self.put(cx, record.time, NO_STACK, EventKind::Label { go: cx.go, label }, out);
        Step::Done
    }

    pub(super) fn log(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(self.user(cx));
        self.put_log(cx, record, out);
        Step::Done
    }

    pub(super) fn put_log(&self, cx: Context, record: &Record, out: &mut Output<'_>) {
        let [task, category, message, stack] = record.args;
        let (category, message) = (out.names.string(category), out.names.string(message));
        let stack = out.names.stack(stack);
        self.put(cx, record.time, stack, EventKind::Log { task: TaskId(task), category, message }, out);
    }

    pub(super) fn experimental(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(cx.require_thread());
        self.put_experimental(cx, record, out);
        Step::Done
    }

    pub(super) fn put_experimental(&self, cx: Context, record: &Record, out: &mut Output<'_>) {
        let [a, b, c, _] = record.args;
        let kind = EventKind::Experimental { event: record.kind, args: [a, b, c] };
        self.put(cx, record.time, NO_STACK, kind, out);
    }
}

/// Task, name and stack of a region.
fn region(record: &Record, out: &mut Output<'_>) -> (TaskId, StringIdx, StackIdx) {
    let [task, name, stack, _] = record.args;
    (TaskId(task), out.names.string(name), out.names.stack(stack))
}
