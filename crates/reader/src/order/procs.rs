//! Procs: status, start, stop and steal.

use super::{Context, NO_STACK, Order, Output, Record, Step, proc_kind, require};
use crate::state::{NONE, ProcStatus, UNKNOWN_PROC};
use crate::waiters::Wait;
use crate::{GoId, ProcId, ProcState, ThreadId};

impl Order {
    pub(super) fn proc_status(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, status, ..] = record.args;
        let Some(mut status) = ProcStatus::from_wire(status) else {
            return Step::Refused("unknown status");
        };
        let seq = self.seq(0);
        let mut shown_in = cx;
        let (index, from) = match self.resources.proc_index(id) {
            None if self.assumed.is_some() => return self.proc_status_at_begin(cx, record, status, out),
            None if id >= UNKNOWN_PROC.0 => return Step::Refused("no proc has this number"),
            None => {
                let from = if self.first { ProcState::Undetermined } else { ProcState::NotExist };
                (self.resources.add_proc(id, status, seq), from)
            }
            Some(index) => {
                let known = self.resources.procs[index as usize].status;
                if status == ProcStatus::Abandoned && known == ProcStatus::Syscall {
                    // Nothing is lost: we know the thread. It is another one than the one that says so.
                    shown_in = require!(self.holder(index).ok_or("no thread holds the proc that is to be stolen"));
                    status = ProcStatus::Syscall;
                } else if status != known && known != ProcStatus::Undetermined {
                    return Step::Refused("the proc has another status");
                }
                let proc = &mut self.resources.procs[index as usize];
                proc.seq = seq;
                proc.status = status;
                (index, known.state())
            }
        };
        let is_bound_here = shown_in.index == cx.index && matches!(status, ProcStatus::Running | ProcStatus::Syscall);
        if is_bound_here && cx.index != NONE {
            // Two threads can say so only in a damaged trace; the last one is right, and no proc has two.
            self.take_proc(index);
            self.resources.bind_proc(cx.index, index);
        }
        self.waiters.wake(Wait::Proc(id));
        let kind = proc_kind(ProcId(id), from, status.state());
        self.put(shown_in, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn proc_start(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, number, ..] = record.args;
        let seq = self.seq(number);
        let Some(index) = self.resources.proc_index(id) else {
            return Step::Wait(Wait::Proc(id));
        };
        let proc = &self.resources.procs[index as usize];
        if proc.status != ProcStatus::Idle || !seq.follows(proc.seq) {
            return Step::Wait(Wait::Proc(id));
        }
        if cx.proc != ProcId::NONE && !self.assume_proc(cx.index, ProcId::NONE) {
            // It was in a system call and its proc is about to be stolen.
            return Step::Wait(Wait::Holding(cx.index));
        }
        require!(cx.require_thread());
        let proc = &mut self.resources.procs[index as usize];
        proc.status = ProcStatus::Running;
        proc.seq = seq;
        self.resources.bind_proc(cx.index, index);
        self.waiters.wake(Wait::Proc(id));
        let kind = proc_kind(ProcId(id), ProcState::Idle, ProcState::Running);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn proc_stop(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let index = require!(self.held_proc(cx));
        let proc = &mut self.resources.procs[index as usize];
        if !matches!(proc.status, ProcStatus::Running | ProcStatus::Syscall) {
            return Step::Refused("the thread's proc is not running");
        }
        proc.status = ProcStatus::Idle;
        self.resources.unbind_proc(cx.index);
        self.waiters.wake(Wait::Proc(cx.proc.0));
        let kind = proc_kind(cx.proc, ProcState::Running, ProcState::Idle);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn proc_steal(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [id, number, victim, ..] = record.args;
        let seq = self.seq(number);
        let Some(index) = self.resources.proc_index(id) else {
            return Step::Wait(Wait::Proc(id));
        };
        let proc = &self.resources.procs[index as usize];
        let status = proc.status;
        if !matches!(status, ProcStatus::Syscall | ProcStatus::Abandoned) || !seq.follows(proc.seq) {
            return Step::Wait(Wait::Proc(id));
        }
        require!(cx.require_thread());
        if status == ProcStatus::Syscall {
            self.assume_victim(victim, index);
            let victim = require!(self.seen_thread(victim).ok_or("the proc is stolen from an unknown thread"));
            if self.resources.threads[victim as usize].proc != ProcId(id) {
                return Step::Refused("the proc is stolen from a thread that does not hold it");
            }
            self.resources.unbind_proc(victim);
            self.waiters.wake(Wait::Holding(victim));
        }
        let proc = &mut self.resources.procs[index as usize];
        proc.status = ProcStatus::Idle;
        proc.seq = seq;
        self.waiters.wake(Wait::Proc(id));
        let kind = proc_kind(ProcId(id), status.state(), ProcState::Idle);
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    /// The context of the thread that holds a proc.
    pub(super) fn holder(&self, index: u32) -> Option<Context> {
        let proc = &self.resources.procs[index as usize];
        let thread = self.resources.threads.get(proc.thread as usize)?;
        (thread.proc == proc.id).then_some(Context {
            index: proc.thread,
            thread: thread.id,
            proc: thread.proc,
            go: thread.go,
            needs_proc: true,
        })
    }

    /// The index of a thread of which something was seen.
    pub(super) fn seen_thread(&mut self, id: u64) -> Option<u32> {
        if id == ThreadId::NONE.0 {
            return None;
        }
        let index = self.resources.thread_index(id);
        self.resources.threads[index as usize].seen.then_some(index)
    }

    /// The goroutine of the thread with this index.
    pub(super) fn go_of(&self, index: u32) -> GoId {
        self.resources.threads[index as usize].go
    }
}
