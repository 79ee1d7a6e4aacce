//! User tasks: their types, each of them, and one with all that happened for it.
//!
//! Durations are by the clock of the trace. What goroutines did for a task is what they did while they took part in it
//! or in one below it, as a filter with `task` means it (`filter/scope.rs`).

mod list;
mod passing;
mod share;
mod story;
#[cfg(test)]
mod tests;
mod types;
mod wall;

use goroscope_model::{TaskIdx, Trace};

pub use self::list::{TaskQuery, TaskRow, TaskSort, Tasks, tasks};
pub use self::story::{Participant, StoryKind, StoryRow, TaskStory, task_story};
pub use self::types::{Background, TaskTypeRow, TaskTypeSort, TaskTypes, task_types};
pub use self::wall::WallShare;

/// The first task with this id.
pub fn find_task(trace: &Trace, id: u64) -> Option<TaskIdx> {
    trace.tasks().iter().position(|task| task.id.0 == id).map(|row| TaskIdx(row as u32))
}
