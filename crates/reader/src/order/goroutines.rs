//! Goroutines: status, creation, start, stop, block, unblock, switch and end.

use super::{Context, NO_STACK, Order, Output, Record, Step, go_kind, require};
use crate::state::{NONE, UNKNOWN_GO, go_state_from_wire};
use crate::waiters::Wait;
use crate::{EventKind, EventType, GoId, GoState, ThreadId};

impl Order {
    pub(super) fn go_status(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, thread, status, stack] = record.args;
        let Some(state) = go_state_from_wire(status) else {
            return Step::Refused("unknown status");
        };
        let known = self.resources.go_index(id);
        match known {
            Some(index) => {
                let known = self.resources.gos[index as usize].state;
                if known != state && known != GoState::Undetermined {
                    return Step::Refused("the goroutine has another status");
                }
            }
            None if self.assumed.is_some() => return self.go_status_at_begin(cx, record, state, out),
            None if id >= UNKNOWN_GO.0 => return Step::Refused("no goroutine has this number"),
            None if !self.first => return Step::Refused("the goroutine is new and was not created"),
            None => {}
        }
        let mut shown_in = cx;
        let mut bind_to = None;
        if state == GoState::Running {
            bind_to = Some(cx.index);
        } else if state == GoState::Syscall {
            if thread == ThreadId::NONE.0 {
                return Step::Refused("the goroutine is in a system call on no thread");
            }
            if thread == cx.thread.0 {
                if !self.first && cx.go != GoId(id) {
                    return Step::Refused("the thread of the system call has another goroutine");
                }
                bind_to = Some(cx.index);
            } else {
                shown_in.thread = ThreadId(thread);
                if self.assumed.is_some() {
                    self.doubt();
                }
                match self.seen_thread(thread) {
                    Some(index) if self.go_of(index) != GoId(id) => {
                        return Step::Refused("the thread of the system call has another goroutine");
                    }
                    Some(_) => shown_in.go = GoId(id),
                    // It sits in the system call since before the trace; this binds it.
                    None => bind_to = Some(self.thread_index(thread)),
                }
            }
        }
        let seq = self.seq(0);
        let (index, from) = match known {
            Some(index) => {
                let go = &mut self.resources.gos[index as usize];
                go.seq = seq;
                (index, std::mem::replace(&mut go.state, state))
            }
            None => (self.resources.add_go(id, state, seq), GoState::Undetermined),
        };
        if let Some(thread) = bind_to
            && thread != NONE
        {
            self.resources.threads[thread as usize].seen = true;
            // Two threads can have it only in a damaged trace; the last one is right.
            self.take_go(index);
            self.resources.bind_go(thread, index);
        }
        self.waiters.wake(Wait::Go(id));
        let stack = out.names.stack(stack);
        let kind = EventKind::Go { go: GoId(id), from, to: state, reason: super::NO_STRING, stack };
        self.put(shown_in, record.time, stack, kind, out);
        Step::Done
    }

    pub(super) fn go_create(&mut self, cx: Context, record: &Record, state: GoState, out: &mut Output<'_>) -> Step {
        let [id, new_stack, stack, ..] = record.args;
        require!(cx.require_proc());
        if cx.go != GoId::NONE && !self.assume_go(cx.index, GoId::NONE) && self.bound(cx).is_ok() {
            require!(self.running(cx));
        }
        require!(self.nobody_has(id));
        self.assume_new(id);
        self.resources.add_go(id, state, self.seq(0));
        self.waiters.wake(Wait::Go(id));
        let stack = out.names.stack(stack);
        let new_stack = out.names.stack(new_stack);
        let kind = EventKind::Go {
            go: GoId(id),
            from: GoState::NotExist,
            to: state,
            reason: super::NO_STRING,
            stack: new_stack,
        };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    /// Whether a goroutine can be created with this id, or why not.
    pub(super) fn nobody_has(&mut self, id: u64) -> Result<(), &'static str> {
        if id >= UNKNOWN_GO.0 {
            // It would be taken for none where a thread has it.
            Err("no goroutine has this number")
        } else if self.resources.go_index(id).is_some() {
            Err("a goroutine with this id exists")
        } else {
            Ok(())
        }
    }

    #[inline(always)]
    pub(super) fn go_start(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, number, ..] = record.args;
        let seq = self.seq(number);
        let Some(index) = self.resources.go_index(id) else {
            return Step::Wait(Wait::Go(id));
        };
        let go = &self.resources.gos[index as usize];
        if go.state != GoState::Runnable || !seq.follows(go.seq) {
            return Step::Wait(Wait::Go(id));
        }
        require!(cx.require_proc());
        if cx.go != GoId::NONE && !self.assume_go(cx.index, GoId::NONE) {
            return Step::Refused("the thread has a goroutine already");
        }
        let go = &mut self.resources.gos[index as usize];
        go.state = GoState::Running;
        go.seq = seq;
        self.resources.bind_go(cx.index, index);
        self.waiters.wake(Wait::Go(id));
        let kind = go_kind(GoId(id), GoState::Runnable, GoState::Running);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn go_destroy(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let index = require!(self.running(cx));
        self.resources.remove_go(index);
        self.resources.unbind_go(cx.index);
        self.waiters.wake(Wait::Go(cx.go.0));
        let kind = go_kind(cx.go, GoState::Running, GoState::NotExist);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    /// The running goroutine stops or blocks.
    #[inline(always)]
    pub(super) fn go_leave(&mut self, cx: Context, record: &Record, state: GoState, out: &mut Output<'_>) -> Step {
        let [reason, stack, ..] = record.args;
        let index = require!(self.running(cx));
        self.resources.gos[index as usize].state = state;
        self.resources.unbind_go(cx.index);
        self.waiters.wake(Wait::Go(cx.go.0));
        let reason = out.names.string(reason);
        let stack = out.names.stack(stack);
        let kind = EventKind::Go { go: cx.go, from: GoState::Running, to: state, reason, stack };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    #[inline(always)]
    pub(super) fn go_unblock(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, number, stack, ..] = record.args;
        let seq = self.seq(number);
        let Some(index) = self.resources.go_index(id) else {
            return Step::Wait(Wait::Go(id));
        };
        let go = &mut self.resources.gos[index as usize];
        if go.state != GoState::Waiting || !seq.follows(go.seq) {
            return Step::Wait(Wait::Go(id));
        }
        go.state = GoState::Runnable;
        go.seq = seq;
        self.waiters.wake(Wait::Go(id));
        let stack = out.names.stack(stack);
        self.put(cx, record.time, stack, go_kind(GoId(id), GoState::Waiting, GoState::Runnable), out);
        Step::Done
    }

    /// A coroutine hands over: the next one is unblocked, the current one blocks or ends, the next one starts.
    pub(super) fn go_switch(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, number, ..] = record.args;
        let seq = self.seq(number);
        let current = require!(self.running(cx));
        let Some(next) = self.resources.go_index(id) else {
            return Step::Wait(Wait::Go(id));
        };
        let go = &self.resources.gos[next as usize];
        if go.state != GoState::Waiting || !seq.follows(go.seq) {
            return Step::Wait(Wait::Go(id));
        }
        self.switch(cx, record, current, next, out);
        Step::Done
    }

    /// Hands over from goroutine `current` to `next`, both indexes.
    pub(super) fn switch(&mut self, cx: Context, record: &Record, current: u32, next: u32, out: &mut Output<'_>) {
        let id = GoId(record.args[0]);
        let seq = self.seq(record.args[1]);
        self.put(cx, record.time, NO_STACK, go_kind(id, GoState::Waiting, GoState::Runnable), out);
        let left = if record.kind == EventType::GoSwitchDestroy {
            self.resources.remove_go(current);
            GoState::NotExist
        } else {
            self.resources.gos[current as usize].state = GoState::Waiting;
            GoState::Waiting
        };
        self.put(cx, record.time, NO_STACK, go_kind(cx.go, GoState::Running, left), out);
        let go = &mut self.resources.gos[next as usize];
        go.state = GoState::Running;
        go.seq = seq;
        self.resources.bind_go(cx.index, next);
        let between = Context { go: GoId::NONE, ..cx };
        self.put(between, record.time, NO_STACK, go_kind(id, GoState::Runnable, GoState::Running), out);
        self.waiters.wake(Wait::Go(cx.go.0));
        self.waiters.wake(Wait::Go(id.0));
    }
}
