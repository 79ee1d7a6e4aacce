//! What a thread still has behind damage, although the events that would tell are lost.
//!
//! A few bytes of a batch are lost, and with them what the thread ran and which proc it held: both could have changed in
//! them. Mostly they did not. It is taken to be so
//!
//! 1. if the thread kept the one or the other through at least as many bytes before and behind the damage as were lost
//!    (the decoder looks at that);
//! 2. when the first event comes that cannot be otherwise, such as the end of a system call on a thread without a
//!    goroutine, and nobody else was heard of having it until then;
//! 3. unless the event says by its sequence number that it was another proc.
//!
//! Whatever says later that it was otherwise is believed, as for all that is forced.

use super::{Context, NO_STACK, Order, Output, Record, go_kind, proc_kind};
use crate::decode::Steady;
use crate::state::{ProcStatus, Seq};
use crate::waiters::Wait;
use crate::{EventType, GoId, GoState, ProcId, ProcState};

/// How many system calls can begin in the bytes that are lost.
const MOST_CALLS: u64 = 64;

/// What a thread had before damage.
#[derive(Clone, Copy, Debug)]
pub struct Had {
    go: Option<(u32, GoId, Seq)>,
    /// Up to which byte of the file it ran the goroutine.
    until: u64,
    proc: Option<(u32, ProcId, Seq)>,
}

impl Order {
    /// Events of the thread are lost. It may have kept what was `steady` around them.
    pub fn lose_events(&mut self, thread: u32, steady: Steady, time: i64, out: &mut Output<'_>) {
        let cx = self.context(thread);
        let earlier = self.had.remove(&thread);
        let go = self.bound(cx).map(|go| (go, cx.go, self.resources.gos[go as usize].seq)).ok();
        let proc = self.held_proc(cx).map(|proc| (proc, cx.proc, self.resources.procs[proc as usize].seq)).ok();
        // Damage behind damage: what was not needed between is as it was.
        let had = Had {
            go: go.or(earlier.and_then(|had| had.go)).filter(|_| steady.go.is_some()),
            until: steady.go.unwrap_or_default(),
            proc: proc.or(earlier.and_then(|had| had.proc)).filter(|_| steady.proc),
        };
        self.lose_thread(thread, time, out);
        self.had.insert(thread, had);
    }

    /// Gives back to a thread without them what it had before damage, if the event at `offset` needs it. Whether a
    /// goroutine is what it got.
    pub(super) fn keep(&mut self, cx: Context, record: &Record, offset: u64, out: &mut Output<'_>) -> bool {
        let Some(had) = self.had.get(&cx.index).copied() else { return false };
        if cx.proc == ProcId::NONE {
            self.keep_proc(cx, record, had, out);
        }
        cx.go == GoId::NONE
            && self.had.contains_key(&cx.index)
            && needs_goroutine(record.kind)
            && offset <= had.until
            && self.keep_go(cx.index, record, had, out)
    }

    fn keep_proc(&mut self, cx: Context, record: &Record, had: Had, out: &mut Output<'_>) {
        let Some((index, id, seq)) = had.proc else { return };
        let is_other = record.kind == EventType::GoSyscallBegin
            && !(1..=MOST_CALLS).contains(&record.args[0].wrapping_sub(seq.number));
        let proc = &mut self.resources.procs[index as usize];
        let is_free = proc.status == ProcStatus::Undetermined && proc.seq == seq;
        if is_other {
            // Then it ran something else meanwhile, too.
            self.had.remove(&cx.index);
            return;
        }
        if record.kind == EventType::ProcStart || !is_free {
            return;
        }
        proc.status = ProcStatus::Running;
        self.resources.bind_proc(cx.index, index);
        self.waiters.wake(Wait::Proc(id.0));
        self.put(cx, record.time, NO_STACK, proc_kind(id, ProcState::Undetermined, ProcState::Running), out);
    }

    fn keep_go(&mut self, thread: u32, record: &Record, had: Had, out: &mut Output<'_>) -> bool {
        let Some((index, id, seq)) = had.go else { return false };
        if let Some(had) = self.had.get_mut(&thread) {
            had.go = None;
        }
        let go = &mut self.resources.gos[index as usize];
        if go.id != id || go.state != GoState::Undetermined || go.seq != seq {
            return false;
        }
        let in_call = matches!(
            record.kind,
            EventType::GoSyscallEnd | EventType::GoSyscallEndBlocked | EventType::GoDestroySyscall
        );
        go.state = if in_call { GoState::Syscall } else { GoState::Running };
        let state = go.state;
        self.resources.bind_go(thread, index);
        self.waiters.wake(Wait::Go(id.0));
        let cx = Context { go: GoId::NONE, ..self.context(thread) };
        self.put(cx, record.time, NO_STACK, go_kind(id, GoState::Undetermined, state), out);
        true
    }
}

/// Whether an event says nothing without the goroutine of its thread.
fn needs_goroutine(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::GoDestroy
            | EventType::GoStop
            | EventType::GoBlock
            | EventType::GoSyscallBegin
            | EventType::GoSyscallEnd
            | EventType::GoSyscallEndBlocked
            | EventType::GoDestroySyscall
            | EventType::STWBegin
            | EventType::STWEnd
            | EventType::GCMarkAssistBegin
            | EventType::GCMarkAssistEnd
            | EventType::UserRegionBegin
            | EventType::UserRegionEnd
    )
}
