//! What Go's tool says otherwise of a trace of Go 1.11 to 1.21.
//!
//! Its reader was made for an old viewer, which had extra rows for what is done in the name of others, and keeps their
//! numbers; our events name the proc that executed. It takes the goroutine or proc that an event is about for the one
//! that executed it. The first `GOMAXPROCS` it leaves out. A system call blocks for it if the next thing that is told of
//! the goroutine says so, and a CPU sample is told of a goroutine, too: then the call ends at once, whatever comes behind.

use std::collections::HashSet;

use crate::{
    Event, EventKind, GoId, GoState, Metric, ProcId, Reader, Scope, StackIdx, StringIdx, TaskId, ThreadId, Ts,
};

const TIMERS: ProcId = ProcId(1_000_001);
const NETWORK: ProcId = ProcId(1_000_002);
const SYSCALLS: ProcId = ProcId(1_000_003);
const COLLECTOR: ProcId = ProcId(1_000_004);

/// What has to be remembered for it.
#[derive(Debug, Default)]
pub struct OldWords {
    /// Goroutines that wait for the network.
    network: HashSet<GoId>,
    tasks: HashSet<TaskId>,
    has_begun: bool,
}

impl OldWords {
    /// Makes an event what Go's reader says of it; `false` if it does not.
    pub fn translate(&mut self, event: &mut Event, reader: &Reader<'_>) -> bool {
        match &mut event.kind {
            EventKind::Metric { metric: Metric::Gomaxprocs, .. } => {
                return std::mem::replace(&mut self.has_begun, true);
            }
            EventKind::RangeBegin { scope: Scope::Global, .. } => on(event, COLLECTOR),
            EventKind::Proc { proc, .. } => event.proc = *proc,
            EventKind::TaskBegin { task, .. } => {
                self.tasks.insert(*task);
            }
            EventKind::TaskEnd { task, parent, .. } if self.tasks.remove(task) && *parent == TaskId::NONE => {
                *parent = TaskId(0);
            }
            &mut EventKind::Go { go, from, to, reason, .. } => self.go(event, reader, (go, from, to, reason)),
            _ => {}
        }
        true
    }

    /// What Go's reader puts in behind an event that was translated.
    pub fn put_in(event: &Event, reader: &Reader<'_>) -> Option<Event> {
        let EventKind::Go { go, from: GoState::Running, to: GoState::Syscall, .. } = event.kind else { return None };
        let (ts, nothing) = (Ts(event.ts.0.saturating_add(1)), StackIdx(0));
        let kind =
            EventKind::Go { go, from: GoState::Syscall, to: GoState::Running, reason: StringIdx(0), stack: nothing };
        reader.is_sampled_call(event.ts, go).then_some(Event { ts, stack: nothing, kind, ..*event })
    }

    fn go(&mut self, event: &mut Event, reader: &Reader<'_>, about: (GoId, GoState, GoState, StringIdx)) {
        let (go, from, to, reason) = about;
        match (from, to) {
            (GoState::Undetermined, GoState::Waiting | GoState::Syscall | GoState::Running)
            | (GoState::Runnable, GoState::Running) => event.go = go,
            (GoState::Syscall, GoState::Runnable) => on(event, SYSCALLS),
            (GoState::Running, GoState::Waiting) if reader.symbols().string(reason) == "network" => {
                self.network.insert(go);
            }
            (GoState::Waiting, GoState::Runnable) => {
                if self.network.remove(&go) {
                    on(event, NETWORK);
                } else if reader.is_timer(event.go) {
                    on(event, TIMERS);
                }
            }
            _ => {}
        }
    }
}

fn on(event: &mut Event, proc: ProcId) {
    event.proc = proc;
    event.thread = ThreadId::NONE;
}
