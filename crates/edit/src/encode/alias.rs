//! New ids where those that were recorded would contradict each other.
//!
//! Goroutines and tasks whose ids are used a second time, where the order of the two is not certain:
//!
//! Sequence numbers begin again with each goroutine, and readers do not wait for one to end before another one with its
//! id begins: they go by the times. Those of a damaged trace may contradict the order that could be made of it, so
//! there, and only there, the second one gets an id that no other has.
//!
//! Threads of the old format, which says only which one a proc was started on: if that seems to go on while a goroutine
//! is in a system call on it, another thread does, whose id was not recorded. Where the start of a proc was lost, so was
//! its thread, and until the next start it gets one that no other has.

use goroscope_reader::{Event, EventKind, GoId, GoState, ProcId, ProcState, Symbols, TaskId, ThreadId};
use rustc_hash::FxHashMap;

use super::ops::At;
use super::state::NONE;
use super::{Encoder, Trust};
use crate::ids::{Renaming, renamed};

/// Ids from here on are not recorded by anyone.
const FIRST_NEW: u64 = 1 << 32;

/// What is recorded of the thread of an event: itself, or the proc that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Recorded {
    Thread(ThreadId),
    Proc(ProcId),
}

/// The new ids that hold now.
#[derive(Debug, Default)]
pub struct Aliases {
    gos: FxHashMap<GoId, GoId>,
    tasks: FxHashMap<TaskId, TaskId>,
    threads: FxHashMap<Recorded, ThreadId>,
    given: u64,
}

impl Aliases {
    /// Another trace begins, whose ids are others'.
    pub fn forget(&mut self) {
        *self = Self { given: self.given, ..Self::default() };
    }

    fn next(&mut self) -> u64 {
        self.given += 1;
        FIRST_NEW + self.given
    }
}

impl Renaming for Aliases {
    fn go(&self, id: GoId) -> GoId {
        self.gos.get(&id).copied().unwrap_or(id)
    }

    fn task(&self, id: TaskId) -> TaskId {
        self.tasks.get(&id).copied().unwrap_or(id)
    }
}

impl Encoder {
    /// The event with the ids that hold in the output.
    pub(super) fn renamed(&mut self, event: &Event, symbols: &Symbols) -> Event {
        match self.trust {
            Trust::Sound => *event,
            Trust::Threadless => self.on_free_thread(event, symbols),
            Trust::None => {
                let event = self.on_free_thread(event, symbols);
                self.renamed_resources(&event, symbols)
            }
        }
    }

    /// The event on a thread that it can happen on.
    fn on_free_thread(&mut self, event: &Event, symbols: &Symbols) -> Event {
        if !self.is_old {
            return *event;
        }
        let recorded = match event.thread {
            ThreadId::NONE if !happens_on_a_thread(event) => return *event,
            ThreadId::NONE => Recorded::Proc(event.proc),
            thread => Recorded::Thread(thread),
        };
        let known = self.aliases.threads.get(&recorded).copied();
        let mut thread = match (known, recorded) {
            (Some(thread), _) | (None, Recorded::Thread(thread)) => thread,
            (None, Recorded::Proc(_)) => self.rename_thread(recorded),
        };
        match event.kind {
            EventKind::Go { from: GoState::Runnable, to: GoState::Running, .. }
                if self.state.go_in(thread.0, GoState::Syscall).is_some() =>
            {
                let busy = At { thread: thread.0, ..self.at(event) };
                thread = self.rename_thread(recorded);
                self.flush(symbols);
                self.give_proc(At { thread: thread.0, ..busy }, self.state.thread(busy.thread).proc, symbols);
            }
            EventKind::Proc { from: ProcState::Idle, to: ProcState::Running, .. }
                if event.thread != ThreadId::NONE && self.state.thread(event.thread.0).go == NONE =>
            {
                self.aliases.threads.remove(&recorded);
                thread = event.thread;
            }
            _ => {}
        }
        Event { thread, ..*event }
    }

    /// Gives a thread an id that no other has.
    fn rename_thread(&mut self, recorded: Recorded) -> ThreadId {
        let thread = ThreadId(self.make_up_thread());
        self.aliases.threads.insert(recorded, thread);
        thread
    }

    fn renamed_resources(&mut self, event: &Event, symbols: &Symbols) -> Event {
        match event.kind {
            EventKind::Go { go, from: GoState::NotExist, .. } => self.begin_go(event, go, symbols),
            EventKind::Go { go, .. } => self.see_go(go),
            EventKind::TaskBegin { task, .. } => self.begin_task(task),
            _ => {}
        }
        self.see_go(event.go);
        renamed(event, &self.aliases)
    }

    fn begin_go(&mut self, event: &Event, id: GoId, symbols: &Symbols) {
        let old = self.aliases.go(id);
        let exists = self.state.gos.contains_key(&old.0);
        if exists {
            // Its end is missing.
            self.flush(symbols);
            self.settle_go(self.at(event), old, GoState::NotExist, event.proc, symbols);
        }
        if exists || self.state.ended_gos.contains(&old.0) {
            let new = GoId(self.aliases.next());
            self.aliases.gos.insert(id, new);
        }
    }

    /// A goroutine that ended does something after all.
    fn see_go(&mut self, id: GoId) {
        let old = self.aliases.go(id);
        if !self.state.gos.contains_key(&old.0) && self.state.ended_gos.contains(&old.0) {
            let new = GoId(self.aliases.next());
            self.aliases.gos.insert(id, new);
        }
    }

    fn begin_task(&mut self, id: TaskId) {
        let old = self.aliases.task(id);
        if self.state.tasks.contains(&old.0) || self.state.ended_tasks.contains(&old.0) {
            let new = TaskId(self.aliases.next());
            self.aliases.tasks.insert(id, new);
        }
    }
}

/// Whether the event needs a thread, and says which proc it has.
fn happens_on_a_thread(event: &Event) -> bool {
    let is_state = match event.kind {
        EventKind::Sync { .. }
        | EventKind::Lost
        | EventKind::AnotherTrace
        | EventKind::Sample
        | EventKind::RangeActive { .. } => true,
        EventKind::Go { from, to, .. } => from == to || from == GoState::Undetermined || to == GoState::Undetermined,
        EventKind::Proc { from, .. } => from == ProcState::Undetermined,
        EventKind::Metric { .. }
        | EventKind::Label { .. }
        | EventKind::RangeBegin { .. }
        | EventKind::RangeEnd { .. }
        | EventKind::TaskBegin { .. }
        | EventKind::TaskEnd { .. }
        | EventKind::RegionBegin { .. }
        | EventKind::RegionEnd { .. }
        | EventKind::Log { .. }
        | EventKind::Unknown { .. }
        | EventKind::Experimental { .. } => false,
    };
    event.proc != ProcId::NONE && !is_state
}
