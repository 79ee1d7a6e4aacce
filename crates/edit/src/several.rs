//! Files that hold several traces: one trace is written, and whose ids are whose must be seen in it.

use goroscope_reader::{Event, EventKind, GoId, TaskId};

use crate::ids::{Renaming, renamed};

/// Ids of every trace but the first get this much more than those of the one before: none that a Go program counts up to.
const APART: u64 = 1 << 40;

/// Keeps the ids of the traces of a file apart.
#[derive(Debug, Default)]
pub struct Several {
    /// How many traces there are before the current one.
    before: u64,
}

impl Several {
    /// The event with ids that no other trace of the file has.
    pub fn apart(&mut self, event: &Event) -> Event {
        self.before += u64::from(event.kind == EventKind::AnotherTrace);
        if self.before == 0 { *event } else { renamed(event, self) }
    }

    fn id(&self, id: u64) -> u64 {
        id.wrapping_add(self.before.wrapping_mul(APART))
    }
}

impl Renaming for Several {
    fn go(&self, id: GoId) -> GoId {
        if id == GoId::NONE { id } else { GoId(self.id(id.0)) }
    }

    /// Task 0 is none, in every trace.
    fn task(&self, id: TaskId) -> TaskId {
        if id == TaskId::NONE || id == TaskId(0) { id } else { TaskId(self.id(id.0)) }
    }
}
