//! Task events to user tasks, and tasks to task types.
//!
//! A task that something names before its begin was seen (a parent, a region, a log, an end) began before the trace:
//! it gets a row without a start. A task whose begin comes later fills its row.

use goroscope_reader::{Event, TaskId};
use rustc_hash::FxHashMap;

use super::naming::RootSource;
use super::scheduling::Scheduling;
use crate::csr::RowsByKey;
use crate::{GoIdx, StackIdx, StringIdx, Task, TaskIdx, TaskType, TaskTypeIdx};

/// Tasks so far.
#[derive(Default)]
pub(crate) struct Tasks {
    pub rows: Vec<Task>,
    ids: FxHashMap<TaskId, TaskIdx>,
}

impl Tasks {
    /// The row of a task; `NONE` for none and for the background task.
    pub fn find_or_add(&mut self, id: TaskId) -> TaskIdx {
        if id == TaskId::NONE || id == TaskId(0) {
            return TaskIdx::NONE;
        }
        match self.ids.get(&id) {
            Some(&task) => task,
            None => self.add(id),
        }
    }

    /// A task begins.
    pub fn begin(&mut self, event: &Event, id: TaskId, parent: TaskId, name: StringIdx, scheduling: &mut Scheduling) {
        let parent = self.find_or_add(parent);
        let mut task = self.find_or_add(id);
        let Some(row) = self.rows.get(task.index()) else { return };
        if row.start.is_some() || row.end.is_some() {
            // The id is used again.
            task = self.add(id);
        }
        let go = scheduling.go(event.go);
        scheduling.saw_stack(go, event.stack, RootSource::Executor);
        let row = &mut self.rows[task.index()];
        row.name = name;
        row.parent = parent;
        row.start = Some(scheduling.go_time(go, event.ts.0));
        row.go = go;
        row.stack = event.stack;
    }

    /// A task ends. The first end counts.
    pub fn end(&mut self, event: &Event, id: TaskId, parent: TaskId, name: StringIdx, scheduling: &mut Scheduling) {
        let task = self.find_or_add(id);
        let parent = self.find_or_add(parent);
        let Some(row) = self.rows.get_mut(task.index()) else { return };
        if row.end.is_some() {
            return;
        }
        let go = scheduling.go(event.go);
        scheduling.saw_stack(go, event.stack, RootSource::Executor);
        let ts = scheduling.go_time(go, event.ts.0);
        row.end = Some(row.start.map_or(ts, |start| scheduling.backwards.clamp(ts, start)));
        row.end_go = go;
        row.end_stack = event.stack;
        if row.start.is_none() {
            row.name = name;
            row.parent = parent;
        }
    }

    /// Another trace begins: its ids are of other tasks. Those that are open have no known end.
    pub fn forget_ids(&mut self) {
        self.ids = FxHashMap::default();
    }

    fn add(&mut self, id: TaskId) -> TaskIdx {
        let task = TaskIdx(self.rows.len() as u32);
        self.rows.push(Task {
            id,
            name: StringIdx(0),
            kind: TaskTypeIdx::NONE,
            parent: TaskIdx::NONE,
            depth: 0,
            start: None,
            end: None,
            go: GoIdx::NONE,
            stack: StackIdx(0),
            end_go: GoIdx::NONE,
            end_stack: StackIdx(0),
        });
        self.ids.insert(id, task);
        task
    }

    /// All tasks, with their types and depths.
    pub fn finish(self) -> Vec<Task> {
        let mut tasks = self.rows;
        set_depths(&mut tasks);
        types(&mut tasks);
        tasks
    }
}

/// Tasks with what follows from them.
#[derive(Debug)]
pub(crate) struct TaskTables {
    pub tasks: Vec<Task>,
    pub types: Vec<TaskType>,
    /// Rows of `tasks` by parent, by start.
    pub children: RowsByKey<TaskIdx>,
}

impl TaskTables {
    /// What follows from tasks.
    pub fn new(mut tasks: Vec<Task>) -> Self {
        let types = types(&mut tasks);
        let mut children = RowsByKey::new(tasks.len(), tasks.iter().map(|task| task.parent.0));
        children.sort_by_key(|row| tasks[row as usize].start);
        Self { tasks, types, children: children.map(TaskIdx) }
    }
}

/// Says how deep each task is below its topmost ancestor. Ancestors that form a circle are cut.
fn set_depths(tasks: &mut [Task]) {
    const UNKNOWN: u32 = u32::MAX;
    const ON_PATH: u32 = u32::MAX - 1;
    let mut depths = vec![UNKNOWN; tasks.len()];
    let mut path = Vec::new();
    for task in 0..tasks.len() {
        let mut at = task;
        while depths[at] == UNKNOWN {
            depths[at] = ON_PATH;
            path.push(at);
            match tasks[at].parent.get() {
                Some(parent) if depths[parent.index()] == ON_PATH => tasks[at].parent = TaskIdx::NONE,
                Some(parent) => at = parent.index(),
                None => {}
            }
        }
        while let Some(at) = path.pop() {
            depths[at] = tasks[at].parent.get().map_or(0, |parent| depths[parent.index()] + 1);
            tasks[at].depth = u16::try_from(depths[at]).unwrap_or(u16::MAX);
        }
    }
}

/// Task types in order of their first task, and the type of each task.
fn types(tasks: &mut [Task]) -> Vec<TaskType> {
    let mut types: Vec<TaskType> = Vec::new();
    let mut by_name = FxHashMap::default();
    for (i, task) in tasks.iter_mut().enumerate() {
        let kind = *by_name.entry(task.name).or_insert_with(|| {
            types.push(TaskType { name: task.name, members: Vec::new(), peak: 0 });
            TaskTypeIdx(types.len() as u32 - 1)
        });
        task.kind = kind;
        types[kind.index()].members.push(TaskIdx(i as u32));
    }
    for kind in &mut types {
        kind.members.sort_by_key(|member| tasks[member.index()].start);
        kind.peak = super::peak::most_at_once(kind.members.iter().map(|member| {
            let task = &tasks[member.index()];
            (task.start.unwrap_or(i64::MIN), task.end.unwrap_or(i64::MAX))
        }));
    }
    types
}
