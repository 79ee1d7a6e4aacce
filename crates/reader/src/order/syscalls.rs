//! System calls, and goroutines that exist only for a callback from C.

use super::{Context, NO_STACK, Order, Output, Record, Step, go_kind, proc_kind, require};
use crate::state::ProcStatus;
use crate::waiters::Wait;
use crate::{EventKind, GoId, GoState, ProcId, ProcState};

impl Order {
    #[inline(always)]
    pub(super) fn syscall_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [number, stack, ..] = record.args;
        let seq = self.seq(number);
        let go = require!(self.running(cx));
        if let Ok(proc) = self.held_proc(cx) {
            let proc = &mut self.resources.procs[proc as usize];
            // The number is there so that a steal cannot be taken for that of another call; it need not be waited for.
            if !seq.follows(proc.seq) {
                return Step::Refused("the thread's proc is at another place in its sequence");
            }
            proc.status = ProcStatus::Syscall;
            proc.seq = seq;
        }
        self.resources.gos[go as usize].state = GoState::Syscall;
        self.waiters.wake(Wait::Go(cx.go.0));
        self.waiters.wake(Wait::Proc(cx.proc.0));
        let stack = out.names.stack(stack);
        let kind =
            EventKind::Go { go: cx.go, from: GoState::Running, to: GoState::Syscall, reason: super::NO_STRING, stack };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    #[inline(always)]
    pub(super) fn syscall_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        require!(cx.require_proc());
        let go = require!(self.in_syscall(cx));
        if let Ok(proc) = self.held_proc(cx) {
            let proc = &mut self.resources.procs[proc as usize];
            if proc.status != ProcStatus::Syscall {
                return Step::Refused("the thread's proc is not in a system call");
            }
            proc.status = ProcStatus::Running;
        }
        self.resources.gos[go as usize].state = GoState::Running;
        self.waiters.wake(Wait::Go(cx.go.0));
        self.waiters.wake(Wait::Proc(cx.proc.0));
        self.put(cx, record.time, NO_STACK, go_kind(cx.go, GoState::Syscall, GoState::Running), out);
        Step::Done
    }

    pub(super) fn syscall_end_blocked(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        // The event itself says that the proc is lost during the call, so that must come first. A proc that the thread
        // has got since then is not in a system call.
        self.assume_proc(cx.index, ProcId::NONE);
        if let Ok(proc) = self.held_proc(cx)
            && self.resources.procs[proc as usize].status == ProcStatus::Syscall
        {
            return Step::Wait(Wait::Proc(cx.proc.0));
        }
        let go = require!(self.in_syscall(cx));
        self.resources.gos[go as usize].state = GoState::Runnable;
        self.resources.unbind_go(cx.index);
        self.waiters.wake(Wait::Go(cx.go.0));
        self.put(cx, record.time, NO_STACK, go_kind(cx.go, GoState::Syscall, GoState::Runnable), out);
        Step::Done
    }

    pub(super) fn go_create_syscall(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let id = record.args[0];
        require!(cx.require_thread());
        if cx.go != GoId::NONE && !self.assume_go(cx.index, GoId::NONE) {
            return Step::Refused("the thread has a goroutine already");
        }
        require!(self.nobody_has(id));
        self.assume_new(id);
        let go = self.resources.add_go(id, GoState::Syscall, self.seq(0));
        self.resources.bind_go(cx.index, go);
        self.waiters.wake(Wait::Go(id));
        let kind = go_kind(GoId(id), GoState::NotExist, GoState::Syscall);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn go_destroy_syscall(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let go = require!(self.in_syscall(cx));
        self.assume_proc(cx.index, ProcId::NONE);
        if let Ok(proc) = self.held_proc(cx) {
            // The system may give the thread's id to another thread, so it cannot keep the proc.
            let proc = &mut self.resources.procs[proc as usize];
            if proc.status != ProcStatus::Syscall {
                return Step::Refused("the thread's proc is not in a system call");
            }
            proc.status = ProcStatus::Abandoned;
            self.lose_proc_in_syscall(cx, record.time, out);
        }
        self.resources.remove_go(go);
        self.resources.unbind_go(cx.index);
        self.waiters.wake(Wait::Go(cx.go.0));
        self.put(cx, record.time, NO_STACK, go_kind(cx.go, GoState::Syscall, GoState::NotExist), out);
        Step::Done
    }

    /// Shows that the thread's proc is gone, as if the thread had stolen it from itself.
    pub(super) fn lose_proc_in_syscall(&mut self, cx: Context, time: i64, out: &mut Output<'_>) {
        self.resources.unbind_proc(cx.index);
        self.waiters.wake(Wait::Proc(cx.proc.0));
        self.waiters.wake(Wait::Holding(cx.index));
        self.put(cx, time, NO_STACK, proc_kind(cx.proc, ProcState::Running, ProcState::Idle), out);
    }

    /// The goroutine of the context, which must be in a system call.
    fn in_syscall(&self, cx: Context) -> Result<u32, &'static str> {
        let go = self.bound(cx)?;
        if self.resources.gos[go as usize].state == GoState::Syscall {
            Ok(go)
        } else {
            Err("the thread's goroutine is not in a system call")
        }
    }
}
