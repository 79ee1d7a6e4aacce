//! What becomes of everything when the trace is cut off: each state holds only as long as somebody still told of it.

use super::{NO_STACK, Order, Output, go_kind, proc_kind};
use crate::state::{NONE, ProcStatus};
use crate::tail::Tail;
use crate::{GoId, GoState, ProcState, Ts};

impl Order {
    /// Loses every state from when on it is not certain.
    ///
    /// 1. What is bound to a thread: from the thread's last event.
    /// 2. What is not: from the moment when the first of the threads that hold a proc falls silent. From then on it may
    ///    have woken any goroutine. That moment is given back; without such a thread all rest and nothing more is lost.
    pub fn lose_rest(&mut self, tail: &Tail, out: &mut Output<'_>) -> Option<Ts> {
        let mut silent: Option<Ts> = None;
        for index in sorted(self.resources.threads.iter().map(|thread| thread.id.0)) {
            let thread = self.resources.threads[index as usize];
            let known = tail.of_thread(thread.id);
            if thread.proc_index != NONE {
                silent = Some(silent.map_or(known, |silent| silent.min(known)));
            }
            self.lose_thread(index, self.file_time(known), out);
        }
        let silent = silent?;
        let nobody = self.context(NONE);
        for index in sorted(self.resources.gos.iter().map(|go| go.id.0)) {
            let go = &mut self.resources.gos[index as usize];
            if go.id == GoId::NONE || go.state == GoState::Undetermined {
                continue;
            }
            let (id, state) = (go.id, std::mem::replace(&mut go.state, GoState::Undetermined));
            let time = self.file_time(tail.of_go(id, silent));
            self.put(nobody, time, NO_STACK, go_kind(id, state, GoState::Undetermined), out);
        }
        for index in sorted(self.resources.procs.iter().map(|proc| proc.id.0)) {
            let proc = &mut self.resources.procs[index as usize];
            let (id, status) = (proc.id, std::mem::replace(&mut proc.status, ProcStatus::Undetermined));
            if status != ProcStatus::Undetermined {
                let time = self.file_time(tail.of_proc(id, silent));
                self.put(nobody, time, NO_STACK, proc_kind(id, status.state(), ProcState::Undetermined), out);
            }
        }
        Some(silent)
    }

    /// A time of the trace on the file's own clock.
    fn file_time(&self, ts: Ts) -> i64 {
        ts.0.wrapping_add(self.zero)
    }
}

/// Indexes in the order of what is at them: the order of the indexes themselves depends on how the file was read.
pub fn sorted(ids: impl Iterator<Item = u64>) -> Vec<u32> {
    let mut indexes: Vec<(u64, u32)> = ids.zip(0..).collect();
    indexes.sort_unstable();
    indexes.into_iter().map(|(_, index)| index).collect()
}
