//! Events with other ids of goroutines and tasks.

use goroscope_reader::{Event, EventKind, GoId, Scope, TaskId};

/// What ids become.
pub trait Renaming {
    /// Of a goroutine.
    fn go(&self, id: GoId) -> GoId;
    /// Of a task.
    fn task(&self, id: TaskId) -> TaskId;
}

/// The event with what its ids become.
pub fn renamed(event: &Event, names: &impl Renaming) -> Event {
    let mut event = Event { go: names.go(event.go), ..*event };
    match &mut event.kind {
        EventKind::Go { go, .. } | EventKind::Label { go, .. } => *go = names.go(*go),
        EventKind::RangeBegin { scope, .. }
        | EventKind::RangeActive { scope, .. }
        | EventKind::RangeEnd { scope, .. } => {
            if let Scope::Go(go) = scope {
                *go = names.go(*go);
            }
        }
        EventKind::TaskBegin { task, parent, .. } | EventKind::TaskEnd { task, parent, .. } => {
            *task = names.task(*task);
            *parent = names.task(*parent);
        }
        EventKind::RegionBegin { task, .. } | EventKind::RegionEnd { task, .. } | EventKind::Log { task, .. } => {
            *task = names.task(*task);
        }
        EventKind::Sync { .. }
        | EventKind::Lost
        | EventKind::AnotherTrace
        | EventKind::Metric { .. }
        | EventKind::Sample
        | EventKind::Proc { .. }
        | EventKind::Unknown { .. }
        | EventKind::Experimental { .. } => {}
    }
    event
}
