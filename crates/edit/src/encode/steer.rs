//! Brings goroutines, procs and threads to a state that is known while the way there is not.
//!
//! The format has no event for "it was lost", so the way is made of those it has: what has to leave its thread blocks,
//! with a reason that says why, and comes back when it is seen again. A goroutine that runs nowhere and has to change
//! its state gets a thread that does not exist for no time at all, and a proc that is idle, or lent for that moment.

use goroscope_reader::{GoId, GoState, ProcId, ProcState, StackIdx, Symbols};

use super::ops::{At, Reason, With};
use super::state::{Go, NONE, Proc, ProcStatus};
use super::{Encoder, Trust};

/// The thread on which goroutines change their state that run on none.
const NOWHERE: u64 = 1 << 32;

/// A proc that a thread got for a moment.
#[derive(Clone, Copy, Debug)]
struct Lent {
    proc: u64,
    owner: u64,
}

impl Encoder {
    /// Brings a goroutine to `state`, on the thread of `at` and with `proc` if it is bound there.
    pub(super) fn settle_go(&mut self, at: At, id: GoId, state: GoState, proc: ProcId, symbols: &Symbols) {
        let id = id.0;
        if state == GoState::NotExist {
            self.bring_to_end(at, id, symbols);
            return;
        }
        let is_new = !self.state.gos.contains_key(&id);
        if is_new && self.is_first() {
            self.insert_go(id, state, at.thread);
        } else if is_new {
            self.bring_to_life(at, id, symbols);
        }
        match state {
            GoState::Undetermined | GoState::NotExist => {}
            GoState::Runnable => self.make_runnable(at, id, symbols),
            GoState::Waiting => self.make_waiting(at, id, symbols),
            GoState::Running => self.make_running(at, id, proc, symbols),
            GoState::Syscall => self.make_syscall(at, id, proc, symbols),
        }
    }

    /// What became of the goroutine was lost.
    pub(super) fn lose_go(&mut self, at: At, id: GoId, symbols: &Symbols) {
        let Some(go) = self.state.gos.get(&id.0) else { return };
        if go.thread != NONE {
            self.free_of_go(At { thread: go.thread, ..at }, GoState::Waiting, symbols);
        }
    }

    /// What became of the proc was lost.
    pub(super) fn lose_proc(&mut self, at: At, id: ProcId, symbols: &Symbols) {
        if let Some(proc) = self.state.procs.get(&id.0).filter(|proc| proc.thread != NONE) {
            let at = At { thread: proc.thread, ..at };
            if proc.sweeps {
                self.counts.put_in += u64::from(self.sweep_end(at, (0, 0), symbols));
            }
            self.stop_held(at, symbols);
        }
    }

    /// Everything was lost from now on. What `stays` tells will be seen again; the others end.
    pub(super) fn lose_all(&mut self, time: i64, stays: impl Fn(u64) -> bool, symbols: &Symbols) {
        for id in self.state.go_ids() {
            let at = At { thread: NONE, time };
            if stays(id) {
                self.lose_go(at, GoId(id), symbols);
            } else {
                self.bring_to_end(at, id, symbols);
            }
        }
        for id in self.state.proc_ids() {
            self.lose_proc(At { thread: NONE, time }, ProcId(id), symbols);
        }
    }

    /// Brings a proc to `state`, held by the thread of `at` if it runs.
    pub(super) fn settle_proc(&mut self, at: At, id: ProcId, state: ProcState, symbols: &Symbols) {
        let is_new = !self.state.procs.contains_key(&id.0);
        self.state.procs.entry(id.0).or_insert(Proc::new(ProcStatus::Idle, NONE));
        if is_new {
            let thread = self.state.thread(at.thread);
            if state == ProcState::Running && at.thread != NONE && thread.proc == NONE {
                // Readers take a proc that they see for the first time as they see it.
                let in_call = self.state.go_in(at.thread, GoState::Syscall).is_some();
                let status = if in_call { ProcStatus::Held } else { ProcStatus::Running };
                self.state.bind_proc(at.thread, id.0, status);
            }
        }
        match state {
            ProcState::Running => self.give_proc(at, id.0, symbols),
            ProcState::Idle => self.lose_proc(at, id, symbols),
            ProcState::Undetermined | ProcState::NotExist => {}
        }
    }

    /// Sees to it that the thread of `at` runs the goroutine with the proc, as far as both are known.
    pub(super) fn bring_user(&mut self, at: At, go: GoId, proc: ProcId, symbols: &Symbols) {
        if at.thread != NONE && go != GoId::NONE {
            self.settle_go(at, go, GoState::Running, proc, symbols);
        }
    }

    /// Gives the thread this proc.
    pub(super) fn give_proc(&mut self, at: At, id: u64, symbols: &Symbols) {
        if at.thread == NONE || id == NONE || self.state.thread(at.thread).proc == id {
            return;
        }
        self.stop_held(at, symbols);
        let holder = self.state.procs.entry(id).or_insert(Proc::new(ProcStatus::Idle, NONE)).thread;
        if holder != NONE {
            self.stop_held(At { thread: holder, ..at }, symbols);
        }
        self.counts.put_in += u64::from(self.proc_start(at, id, symbols));
    }

    fn stop_held(&mut self, at: At, symbols: &Symbols) {
        self.counts.put_in += u64::from(self.proc_stop(at, symbols));
    }

    /// Takes its goroutine from the thread, which then is in `state`: waiting if possible.
    fn free_of_go(&mut self, at: At, state: GoState, symbols: &Symbols) {
        let with = With { stack: StackIdx(0), symbols };
        match self.state.go_state(self.state.thread(at.thread).go) {
            GoState::Running => {
                let lent = self.lend(at, symbols);
                self.end_ranges(at, symbols);
                self.counts.put_in += u64::from(self.go_leave(at, state, Reason::Lost, with));
                self.take_back(at, lent, symbols);
            }
            GoState::Syscall => {
                if !self.syscall_end_blocked(at, symbols) {
                    self.stop_held(at, symbols);
                    self.syscall_end_blocked(at, symbols);
                }
                self.counts.put_in += 1;
            }
            GoState::Undetermined | GoState::NotExist | GoState::Runnable | GoState::Waiting => {}
        }
    }

    /// Ends what the thread's goroutine began and will never be seen to end.
    pub(super) fn end_ranges(&mut self, at: At, symbols: &Symbols) {
        self.counts.put_in += u64::from(self.assist_end(at, symbols));
        while self.stop_end(at, symbols) {
            self.counts.put_in += 1;
        }
    }

    /// The thread's goroutine is about to end. What it began must have ended before, but of a damaged trace that is lost.
    pub(super) fn end_ranges_of_dying(&mut self, at: At, id: GoId, symbols: &Symbols) {
        let is_open = self.state.gos.get(&id.0).is_some_and(|go| go.assists || !go.stops.is_empty());
        if self.trust != Trust::None || !is_open || self.state.thread(at.thread).go != id.0 {
            return;
        }
        if self.state.go_state(id.0) == GoState::Syscall {
            // Ranges end where it runs.
            let proc = ProcId(self.state.thread(at.thread).proc);
            self.settle_go(at, id, GoState::Running, proc, symbols);
            self.end_ranges(at, symbols);
            self.settle_go(at, id, GoState::Syscall, proc, symbols);
        } else {
            self.end_ranges(at, symbols);
        }
    }

    fn make_runnable(&mut self, at: At, id: u64, symbols: &Symbols) {
        let Some(go) = self.state.gos.get(&id) else { return };
        let thread = go.thread;
        if thread != NONE {
            self.free_of_go(At { thread, ..at }, GoState::Runnable, symbols);
        }
        let with = With { stack: StackIdx(0), symbols };
        self.counts.put_in += u64::from(self.go_unblock(At { thread: NONE, ..at }, id, with));
    }

    fn make_waiting(&mut self, at: At, id: u64, symbols: &Symbols) {
        match self.state.go_state(id) {
            GoState::Waiting | GoState::NotExist | GoState::Undetermined => {}
            GoState::Running => self.lose_go(at, GoId(id), symbols),
            GoState::Runnable | GoState::Syscall => {
                self.make_runnable(at, id, symbols);
                self.pass_through(at, id, GoState::Waiting, symbols);
            }
        }
    }

    fn make_running(&mut self, at: At, id: u64, proc: ProcId, symbols: &Symbols) {
        if at.thread == NONE {
            return;
        }
        let go = self.state.gos.get(&id);
        if !go.is_some_and(|go| go.state == GoState::Running && go.thread == at.thread) {
            self.make_runnable(at, id, symbols);
            self.free_of_go(at, GoState::Waiting, symbols);
        }
        if proc == ProcId::NONE {
            // Which one is not known, and readers want one.
            if self.state.thread(at.thread).proc == NONE {
                self.lend(at, symbols);
            }
        } else {
            self.give_proc(at, proc.0, symbols);
        }
        self.counts.put_in += u64::from(self.go_start(at, id, symbols));
    }

    fn make_syscall(&mut self, at: At, id: u64, proc: ProcId, symbols: &Symbols) {
        let at = if at.thread == NONE { At { thread: self.make_up_thread(), ..at } } else { at };
        let go = self.state.gos.get(&id);
        if go.is_some_and(|go| go.state == GoState::Syscall && go.thread == at.thread) {
            return;
        }
        self.make_running(at, id, proc, symbols);
        let begun = self.syscall_begin(at, With { stack: StackIdx(0), symbols });
        self.counts.put_in += u64::from(begun);
        if proc == ProcId::NONE {
            self.stop_held(at, symbols);
        }
    }

    fn bring_to_end(&mut self, at: At, id: u64, symbols: &Symbols) {
        if !self.state.gos.contains_key(&id) {
            return;
        }
        if !self.writes {
            self.forget_go(id);
            return;
        }
        if self.state.go_state(id) != GoState::Running {
            self.make_runnable(at, id, symbols);
            self.pass_through(at, id, GoState::NotExist, symbols);
        } else if let Some(go) = self.state.gos.get(&id) {
            self.free_of_go(At { thread: go.thread, ..at }, GoState::NotExist, symbols);
        }
    }

    fn forget_go(&mut self, id: u64) {
        let thread = self.state.gos.get(&id).map_or(NONE, |go| go.thread);
        if thread == NONE {
            self.state.gos.remove(&id);
        } else {
            self.state.unbind_go(thread, GoState::NotExist);
        }
    }

    /// Creates a goroutine of which nothing is known but that it exists.
    fn bring_to_life(&mut self, at: At, id: u64, symbols: &Symbols) {
        if !self.writes {
            self.state.gos.insert(id, Go::new(GoState::Runnable, NONE));
            return;
        }
        let at = At { thread: NOWHERE, ..at };
        let lent = self.lend(at, symbols);
        let with = With { stack: StackIdx(0), symbols };
        self.counts.put_in += u64::from(self.go_create(at, id, (GoState::Runnable, StackIdx(0)), with));
        self.take_back(at, lent, symbols);
    }

    /// Lets a runnable goroutine run for no time, which leaves it in `state`.
    fn pass_through(&mut self, at: At, id: u64, state: GoState, symbols: &Symbols) {
        let at = At { thread: NOWHERE, ..at };
        let lent = self.lend(at, symbols);
        let with = With { stack: StackIdx(0), symbols };
        self.counts.put_in += u64::from(self.go_start(at, id, symbols));
        if state == GoState::NotExist {
            self.end_ranges(at, symbols);
        }
        self.counts.put_in += u64::from(self.go_leave(at, state, Reason::Lost, with));
        self.take_back(at, lent, symbols);
    }

    /// Gives the thread a proc if it has none: an idle one, or else one of another thread.
    fn lend(&mut self, at: At, symbols: &Symbols) -> Option<Lent> {
        if self.state.thread(at.thread).proc != NONE {
            return None;
        }
        let ids = self.state.proc_ids();
        let status = |id: &u64| self.state.procs.get(id).map(|proc| proc.status);
        let proc =
            [ProcStatus::Idle, ProcStatus::Abandoned, ProcStatus::Running, ProcStatus::Syscall, ProcStatus::Held]
                .into_iter()
                .find_map(|wanted| ids.iter().copied().find(|id| status(id) == Some(wanted)))
                .unwrap_or_else(|| {
                    self.state.procs.insert(0, Proc::new(ProcStatus::Idle, NONE));
                    0
                });
        let owner = self.state.procs.get(&proc).map_or(NONE, |proc| proc.thread);
        if owner != NONE {
            self.stop_held(At { thread: owner, ..at }, symbols);
        }
        self.counts.put_in += u64::from(self.proc_start(at, proc, symbols));
        Some(Lent { proc, owner })
    }

    fn take_back(&mut self, at: At, lent: Option<Lent>, symbols: &Symbols) {
        let Some(Lent { proc, owner }) = lent else { return };
        self.stop_held(at, symbols);
        if owner != NONE {
            self.counts.put_in += u64::from(self.proc_start(At { thread: owner, ..at }, proc, symbols));
        }
    }
}
