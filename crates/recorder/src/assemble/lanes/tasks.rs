//! What tasks do: created, started, paused, woken, over; and what else runs on their threads.

use goroscope_wire::EventType;

use super::super::names::Names;
use super::super::reasons::Reason;
use super::{Entry, Go, GoState, Lanes, Mode, ProcKey};
use crate::record::{self, Head, Kind};

impl Go {
    /// One that is made at a site.
    pub(super) fn new(site: u64) -> Self {
        Self {
            state: GoState::Runnable,
            seq: 0,
            last: 0,
            thread: None,
            site,
            waits: [0; 4],
            joins: false,
            kind: 0,
            polled: None,
            regions: Vec::new(),
        }
    }
}

impl Lanes {
    pub(super) fn create(&mut self, thread: u64, time: u64, go: u64, site: u64, stack: u64, names: &Names) {
        if self.gos.contains_key(go) || self.over.contains(go) {
            self.tally.repaired += 1;
            return;
        }
        let start = self.start_of(site, names);
        self.make(thread, time, go, site, [start, stack]);
    }

    /// A goroutine that begins with a stack, created by whatever runs on the thread, at another stack.
    pub(super) fn make(&mut self, thread: u64, time: u64, go: u64, site: u64, [start, stack]: [u64; 2]) {
        self.run_top(thread, time);
        self.ensure_proc(thread, time, None);
        self.tally.tasks += 1;
        self.gos.insert(go, Go::new(site));
        // Not earlier than what its creator did before.
        let time = self.top(thread).and_then(|top| self.gos.get(top.go)).map_or(time, |creator| time.max(creator.last));
        self.put_go(thread, time, go, EventType::GoCreate, [go, start, stack, 0]);
        self.release_if_done(thread, time);
    }

    /// A task is polled, or dropped.
    pub(super) fn start(&mut self, thread: u64, time: u64, head: &Head, proc: Option<ProcKey>) {
        let go = head.a;
        if let Some(other) = self.gos.get(go).and_then(|go| go.thread) {
            self.settle(other);
        }
        match self.gos.get(go).map(|known| (known.state, known.thread)) {
            None if self.over.contains(go) => {
                // What is known of it came in the wrong order, because something was lost.
                self.tally.repaired += 1;
                return;
            }
            None => {
                self.tally.repaired += 1;
                self.make(thread, time, go, 0, [0, 0]);
            }
            Some((_, Some(other))) => {
                // It runs already: the end of that was lost.
                self.tally.repaired += 1;
                self.uncover(other, time, go);
                self.stop_top(other, time);
                self.resume(other, time);
            }
            Some((_, None)) => {}
        }
        self.rouse(thread, time, head);
        self.suspend(thread, time);
        self.ensure_proc(thread, time, proc);
        if self.gos.get(go).is_some_and(|go| go.state == GoState::Waiting) {
            let is_dropped = head.kind == Kind::Drop;
            self.tally.unheard += u64::from(!is_dropped && self.kind(go) != Some(record::FOREIGN));
            self.unblock(thread, time, go, 0);
        }
        self.tally.polls += 1;
        self.run(thread, time, go);
        if let Some(go) = self.gos.get_mut(go) {
            go.polled = (go.kind == record::POLLED).then_some(time);
        }
        if let Some(state) = self.threads.get_mut(thread) {
            state.stack.push(Entry { go, mode: Mode::Running });
        }
        self.tell_workers(thread, time);
    }

    /// What runs on the thread wakes a task that waits, if it polls that again or drops it.
    ///
    /// A future polls all that it waits for together, whichever was woken, and nobody needs a wake to drop something. What
    /// is no future does not poll in vain: somebody woke the task then.
    fn rouse(&mut self, thread: u64, time: u64, head: &Head) {
        let is_waiting = self.gos.get(head.a).is_some_and(|go| go.state == GoState::Waiting);
        let Some(top) = self.top(thread).filter(|top| is_waiting && top.mode == Mode::Running) else { return };
        let is_future = matches!(self.kind(top.go), Some(record::POLLED | record::FOREIGN));
        let is_polled = head.kind == Kind::Start;
        if is_polled && !is_future {
            return;
        }
        self.tally.repeated += u64::from(is_polled);
        self.unblock(thread, time, head.a, 0);
    }

    fn kind(&self, go: u64) -> Option<u64> {
        self.gos.get(go).map(|go| go.kind)
    }

    /// A poll ended: the task waits, or others may run first.
    pub(super) fn pause(&mut self, thread: u64, time: u64, head: &Head, reason: Option<Reason>, stack: u64) {
        let go = head.a;
        if !self.uncover(thread, time, go) {
            return;
        }
        let (kind, state, reason) = Self::pauses(head.kind, reason);
        let text = self.out.reason(reason);
        self.put_go(thread, time, go, kind, [text, stack, 0, 0]);
        self.pop(thread, state);
        if let Some(go) = self.gos.get_mut(go) {
            go.joins = reason == Reason::Join;
        }
        self.resume(thread, time);
    }

    /// A task is over. That is written with the thread's next record, which may be the wake of the one that joins it.
    pub(super) fn finish(&mut self, thread: u64, time: u64, go: u64) {
        if self.uncover(thread, time, go)
            && let Some(state) = self.threads.get_mut(thread)
        {
            state.ending = Some((go, time));
        }
    }

    pub(super) fn end(&mut self, thread: u64, time: u64, go: u64) {
        while self.gos.get(go).is_some_and(|go| !go.regions.is_empty()) {
            self.end_region(thread, time, go);
        }
        let last = self.gos.remove(go).map_or(0, |go| go.last);
        self.out.put(thread, time.max(last), EventType::GoDestroy, [0; 4]);
        self.over.insert(go);
        if let Some(state) = self.threads.get_mut(thread) {
            state.stack.pop();
        }
        self.resume(thread, time);
    }

    /// Ends the task that is over on the thread, if there is one.
    pub(super) fn settle(&mut self, thread: u64) {
        if let Some((go, ended)) = self.threads.get_mut(thread).and_then(|thread| thread.ending.take()) {
            self.end(thread, ended, go);
        }
    }

    pub(super) fn wake(&mut self, thread: u64, time: u64, go: u64, stack: u64) {
        if self.sleeps(go) {
            self.tally.wakes += 1;
            self.unblock(thread, time, go, stack);
        }
    }

    /// Whether a wake would make it runnable.
    pub(super) fn sleeps(&self, go: u64) -> bool {
        self.gos.get(go).is_some_and(|go| go.state == GoState::Waiting && go.thread.is_none())
    }

    pub(super) fn park(&mut self, thread: u64, time: u64) {
        self.suspend(thread, time);
        self.release(thread, time);
        if let Some(state) = self.threads.get_mut(thread) {
            state.is_hooked = true;
        }
    }

    pub(super) fn unpark(&mut self, thread: u64, time: u64, proc: Option<ProcKey>) {
        if let Some(state) = self.threads.get_mut(thread) {
            state.is_hooked = true;
        }
        if !self.is_running(thread) && proc.is_some() {
            self.ensure_proc(thread, time, proc);
        }
        self.resume(thread, time);
    }

    /// Nothing runs on the thread any more.
    pub(super) fn leave(&mut self, thread: u64, time: u64) {
        self.settle(thread);
        while self.top(thread).is_some() {
            self.tally.repaired += 1;
            self.stop_top(thread, time);
        }
        self.release(thread, time);
    }

    pub(super) fn begin_blocking(&mut self, thread: u64, time: u64, stack: u64) {
        let Some(top) = self.top(thread).filter(|top| top.mode == Mode::Running) else { return };
        let Some(seq) = self.next_proc_seq(thread) else { return };
        self.put_go(thread, time, top.go, EventType::GoSyscallBegin, [seq, stack, 0, 0]);
        if let Some(go) = self.gos.get_mut(top.go) {
            // What blocks and says so is no poll that takes too long.
            go.polled = None;
        }
        self.set_top(thread, Mode::Syscall, GoState::Syscall);
        self.release(thread, time);
    }

    pub(super) fn end_blocking(&mut self, thread: u64, time: u64) {
        if self.top(thread).is_some_and(|top| top.mode == Mode::Syscall) {
            self.run_top(thread, time);
        }
    }

    /// The innermost does not run while something else does.
    fn suspend(&mut self, thread: u64, time: u64) {
        let Some(top) = self.top(thread) else { return };
        match top.mode {
            Mode::Running => {
                let reason = self.out.reason(Reason::Unspecified);
                self.put_go(thread, time, top.go, EventType::GoBlock, [reason, 0, 0, 0]);
                self.set_top(thread, Mode::Suspended, GoState::Waiting);
            }
            Mode::Syscall => {
                self.put_go(thread, time, top.go, EventType::GoSyscallEndBlocked, [0; 4]);
                self.set_top(thread, Mode::Suspended, GoState::Runnable);
            }
            Mode::Suspended | Mode::Waiting => {}
        }
    }

    /// The innermost goes on, if something within it ran; a thread on which nothing runs lets go of its proc.
    fn resume(&mut self, thread: u64, time: u64) {
        if self.top(thread).is_some_and(|top| top.mode == Mode::Suspended) {
            self.run_top(thread, time);
        }
        self.release_if_done(thread, time);
    }

    /// The innermost runs, if there is one.
    pub(super) fn run_top(&mut self, thread: u64, time: u64) {
        let Some(top) = self.top(thread).filter(|top| top.mode != Mode::Running) else { return };
        if top.mode == Mode::Syscall {
            self.put_go(thread, time, top.go, EventType::GoSyscallEndBlocked, [0; 4]);
        } else if self.gos.get(top.go).is_some_and(|go| go.state == GoState::Waiting) {
            self.unblock(thread, time, top.go, 0);
        }
        self.ensure_proc(thread, time, None);
        self.run(thread, time, top.go);
        self.set_top(thread, Mode::Running, GoState::Running);
    }

    /// Makes a task the innermost of its thread and lets it run; `false` if it does not run there at all.
    pub(super) fn uncover(&mut self, thread: u64, time: u64, go: u64) -> bool {
        if self.gos.get(go).is_none_or(|go| go.thread != Some(thread)) {
            self.tally.repaired += 1;
            return false;
        }
        while self.top(thread).is_some_and(|top| top.go != go) {
            self.tally.repaired += 1;
            self.stop_top(thread, time);
        }
        self.run_top(thread, time);
        true
    }

    /// The innermost does not run on the thread any more, and nobody said why.
    fn stop_top(&mut self, thread: u64, time: u64) {
        let Some(top) = self.top(thread) else { return };
        match top.mode {
            Mode::Running => {
                let reason = self.out.reason(Reason::Yield);
                self.put_go(thread, time, top.go, EventType::GoStop, [reason, 0, 0, 0]);
                self.pop(thread, GoState::Runnable);
            }
            Mode::Syscall => {
                self.put_go(thread, time, top.go, EventType::GoSyscallEndBlocked, [0; 4]);
                self.pop(thread, GoState::Runnable);
            }
            Mode::Suspended | Mode::Waiting => {
                let state = self.gos.get(top.go).map_or(GoState::Waiting, |go| go.state);
                self.pop(thread, state);
            }
        }
    }

    pub(super) fn unblock(&mut self, thread: u64, time: u64, go: u64, stack: u64) {
        let Some(known) = self.gos.get_mut(go) else { return };
        known.seq += 1;
        known.state = GoState::Runnable;
        known.joins = false;
        known.last = self.out.put(thread, time.max(known.last), EventType::GoUnblock, [go, known.seq, stack, 0]);
    }

    pub(super) fn run(&mut self, thread: u64, time: u64, go: u64) {
        let Some(known) = self.gos.get_mut(go) else { return };
        known.seq += 1;
        known.state = GoState::Running;
        known.waits = [0; 4];
        known.thread = Some(thread);
        known.last = self.out.put(thread, time.max(known.last), EventType::GoStart, [go, known.seq, 0, 0]);
    }

    pub(super) fn set_top(&mut self, thread: u64, mode: Mode, state: GoState) {
        let top = self.threads.get_mut(thread).and_then(|thread| thread.stack.last_mut());
        if let Some(top) = top {
            top.mode = mode;
            if let Some(go) = self.gos.get_mut(top.go) {
                go.state = state;
            }
        }
    }

    pub(super) fn pop(&mut self, thread: u64, state: GoState) {
        let top = self.threads.get_mut(thread).and_then(|thread| thread.stack.pop());
        if let Some(go) = top.and_then(|top| self.gos.get_mut(top.go)) {
            (go.thread, go.state) = (None, state);
        }
    }

    /// How many workers there are, once something runs that can tell.
    fn tell_workers(&mut self, thread: u64, time: u64) {
        if self.told_workers != self.workers {
            self.told_workers = self.workers;
            self.out.put(thread, time, EventType::ProcsChange, [self.told_workers, 0, 0, 0]);
        }
    }
}
