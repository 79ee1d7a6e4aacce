//! Events that were put out before the begin of their generation was known, as they are with it.
//!
//! What the rules only put out, and nothing depends on, is filled in here: rows for ids, who had what at the begin, and
//! what tasks, regions and stops of the world that were begun before were called.

use super::settle::Begin;
use super::{Order, Task};
use crate::names::Names;
use crate::state::{UNKNOWN_GO, UNKNOWN_PROC, UNKNOWN_THREAD};
use crate::{Event, EventKind, GoState, Scope, StackIdx, StringIdx, TaskId};

impl Order {
    /// Makes the event what it is with its generation's begin and names; they must be told in their order.
    #[inline]
    pub fn tell(&mut self, event: &mut Event, begin: &mut Begin, names: &mut Names) {
        if event.proc == UNKNOWN_PROC || event.go == UNKNOWN_GO || event.thread == UNKNOWN_THREAD {
            fill_in_context(event, begin);
        }
        let string = |names: &mut Names, id: &mut StringIdx| *id = names.string(u64::from(id.0));
        let stack = |names: &mut Names, id: &mut StackIdx| *id = names.stack(u64::from(id.0));
        // In the order of the rules, because an id that is in no table gets the next row.
        match &mut event.kind {
            EventKind::Go { go, to, reason, stack: of_go, .. } => {
                string(names, reason);
                stack(names, &mut event.stack);
                stack(names, of_go);
                if *to == GoState::NotExist && !begin.open.is_empty() {
                    begin.open.remove(go);
                }
                return;
            }
            EventKind::Proc { .. } | EventKind::Metric { .. } => {}
            EventKind::RangeBegin { scope, name } | EventKind::RangeActive { scope, name } => {
                if !takes_fixed_name(*scope, name, names)
                    && let Scope::Go(go) = *scope
                {
                    string(names, name);
                    *name = names.stop(*name);
                    begin.open.entry(go).or_default().stops.push(*name);
                }
            }
            EventKind::RangeEnd { scope, name, .. } => {
                let is_stop = !takes_fixed_name(*scope, name, names);
                let open = begin.open.get_mut(&event.go).filter(|open| is_stop && !open.stops.is_empty());
                if let Some(open) = open {
                    *name = open.stops.swap_remove(0);
                }
            }
            EventKind::TaskBegin { task: TaskId(id), parent, name } => {
                string(names, name);
                self.tasks.insert(*id, Task { parent: *parent, name: *name });
            }
            EventKind::TaskEnd { task: TaskId(id), parent, name } => {
                let task = self.tasks.remove(id).unwrap_or(Task { parent: TaskId::NONE, name: super::NO_STRING });
                (*parent, *name) = (task.parent, task.name);
            }
            EventKind::RegionBegin { task, name } => {
                string(names, name);
                begin.open.entry(event.go).or_default().regions.begin(*task, *name);
            }
            EventKind::RegionEnd { task, name } => {
                string(names, name);
                let is_right = begin.open.entry(event.go).or_default().regions.end(*task, *name);
                self.misused_regions += u64::from(!is_right);
            }
            EventKind::Log { category, message, .. } => {
                string(names, category);
                string(names, message);
            }
            EventKind::Label { label, .. } => string(names, label),
            EventKind::Sync { .. }
            | EventKind::Lost
            | EventKind::AnotherTrace
            | EventKind::Sample
            | EventKind::Experimental { .. }
            | EventKind::Unknown { .. } => return,
        }
        stack(names, &mut event.stack);
    }
}

/// Who had what at the begin.
#[cold]
fn fill_in_context(event: &mut Event, begin: &Begin) {
    if event.thread == UNKNOWN_THREAD
        && let EventKind::Proc { proc, .. } = event.kind
    {
        event.thread = begin.holder(proc);
        (event.proc, event.go) = (UNKNOWN_PROC, UNKNOWN_GO);
    }
    let (proc, go) = begin.of_thread(event.thread);
    if event.proc == UNKNOWN_PROC {
        event.proc = proc;
    }
    if event.go == UNKNOWN_GO {
        event.go = go;
    }
}

/// Puts the row of a fixed name in place of what stands for it; whether the range has one.
fn takes_fixed_name(scope: Scope, name: &mut StringIdx, names: &Names) -> bool {
    let fixed = match scope {
        Scope::Global => names.fixed.mark,
        Scope::Proc(_) => names.fixed.sweep,
        Scope::Go(_) if Names::is_assist(*name) => names.fixed.assist,
        Scope::Go(_) => return false,
    };
    *name = fixed;
    true
}
