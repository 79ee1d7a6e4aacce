//! What happens nearly always: a poll of a task that is on no other's, on a thread that has its proc, begins or ends.
//!
//! Nothing has to be made possible then and nobody else is concerned, so it takes a question for the thread, one for the
//! task and an event. What comes out is what the long way would write; `tests` compare them.

use goroscope_wire::EventType;

use super::super::decode::Event;
use super::super::generation::StackKey;
use super::super::names::Names;
use super::super::reasons::Reason;
use super::{Entry, GoState, Lanes, Mode, ProcKey, Thread};
use crate::record::{self, Head, Kind};

/// How a thread's last poll got its proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    runtime: u64,
    worker: u16,
    /// The row of the worker's proc.
    proc: usize,
}

/// A stack that the generation has.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    generation: u64,
    addresses: [u64; 4],
    stack: u64,
    reason: Option<Reason>,
}

/// Stacks that were written lately, in places that their numbers say.
#[derive(Debug)]
pub struct RecentStacks(Box<[Known]>);

/// A power of two.
const PLACES: usize = 512;

impl Default for RecentStacks {
    fn default() -> Self {
        Self(vec![Known::default(); PLACES].into_boxed_slice())
    }
}

impl RecentStacks {
    fn place(&mut self, [first, others @ ..]: [u64; 4]) -> Option<&mut Known> {
        let [one, other, third] = others;
        self.0.get_mut((first ^ one.rotate_left(9) ^ other ^ third) as usize % PLACES)
    }
}

impl Lanes {
    /// Writes what a record tells, if that is as it usually is.
    #[inline]
    pub(super) fn apply_usual(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) -> bool {
        match event.head.kind {
            Kind::Start => self.start_usual(thread, time, &event.head),
            Kind::Block | Kind::Stop => self.pause_usual(thread, time, event, names),
            _ => false,
        }
    }

    fn start_usual(&mut self, thread: u64, time: u64, head: &Head) -> bool {
        let Some(state) = self.threads.get(thread) else { return false };
        let Some(usual) = state.usual.filter(|_| state.stack.is_empty() && state.ending.is_none()) else {
            return false;
        };
        if (usual.runtime, usual.worker) != (head.b, head.small) || self.told_workers != self.workers {
            return false;
        }
        let go = self.gos.get(head.a);
        if go.is_none_or(|go| go.state != GoState::Runnable || go.thread.is_some()) {
            return false;
        }
        match state.proc {
            Some(own) if own == usual.proc => {}
            None if self.is_free(usual.proc) => self.start_proc(thread, time, usual.proc),
            Some(_) | None => return false,
        }
        self.tally.polls += 1;
        if let Some(go) = self.gos.get_mut(head.a) {
            go.seq += 1;
            go.state = GoState::Running;
            go.waits = [0; 4];
            go.thread = Some(thread);
            go.last = self.out.put(thread, time.max(go.last), EventType::GoStart, [head.a, go.seq, 0, 0]);
            go.polled = (go.kind == record::POLLED).then_some(time);
        }
        if let Some(state) = self.threads.get_mut(thread) {
            state.stack.push(Entry { go: head.a, mode: Mode::Running });
        }
        true
    }

    fn pause_usual(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) -> bool {
        let head = &event.head;
        let Some(state) = self.threads.get(thread).filter(|state| state.ending.is_none()) else { return false };
        let is_only = *state.stack == [Entry { go: head.a, mode: Mode::Running }];
        let Some(usual) = state.usual.filter(|usual| is_only && state.proc == Some(usual.proc)) else { return false };
        let keeps_proc = state.is_hooked;
        // Polls are timed.
        if self.slow.limit.is_some() || self.gos.get(head.a).is_none_or(|go| go.thread != Some(thread)) {
            return false;
        }
        let waits = event.waits();
        let (stack, reason) = self.stack_and_reason(waits, names);
        let (kind, state, reason) = Self::pauses(head.kind, reason);
        let text = self.out.reason(reason);
        if let Some(go) = self.gos.get_mut(head.a) {
            go.last = self.out.put(thread, time.max(go.last), kind, [text, stack, 0, 0]);
            (go.thread, go.state, go.waits) = (None, state, waits);
            go.joins = reason == Reason::Join;
        }
        if let Some(state) = self.threads.get_mut(thread) {
            state.stack.clear();
            state.usual = Some(usual);
        }
        if !keeps_proc {
            self.release(thread, time);
        }
        true
    }

    /// The poll that began on the thread may be the first of many alike.
    pub(super) fn remember_usual(&mut self, thread: u64, head: &Head, wanted: Option<ProcKey>) {
        let procs = &self.procs;
        if let Some(state) = self.threads.get_mut(thread) {
            let own = state.proc.filter(|own| wanted.is_some() && procs.get(*own).map(|proc| proc.key) == wanted);
            state.usual = own.map(|proc| Usual { runtime: head.b, worker: head.small, proc });
        }
    }

    /// What a poll that ends with this record writes, and what its task is then.
    pub(super) fn pauses(kind: Kind, reason: Option<Reason>) -> (EventType, GoState, Reason) {
        let reason = reason.unwrap_or(Reason::Unspecified);
        let yields = matches!(reason, Reason::Yield | Reason::Preempted);
        match kind {
            // It would not be woken while it runs if it had to wait.
            Kind::Stop if !yields => (EventType::GoStop, GoState::Runnable, Reason::Yield),
            _ if yields => (EventType::GoStop, GoState::Runnable, reason),
            _ => (EventType::GoBlock, GoState::Waiting, reason),
        }
    }

    /// The number of a stack in the file, and why a task waits there.
    #[inline]
    pub(super) fn stack_and_reason(&mut self, addresses: [u64; 4], names: &mut Names) -> (u64, Option<Reason>) {
        if addresses == [0; 4] {
            return (0, None);
        }
        let generation = self.out.number;
        if let Some(known) = self.recent.place(addresses)
            && (known.generation, known.addresses) == (generation, addresses)
        {
            return (known.stack, known.reason);
        }
        let found = names.stack(addresses);
        let reason = found.map(|stack| stack.reason);
        let stack = self.out.stack(StackKey::Addresses(addresses), found);
        // What is not known now may be so later.
        if let Some(place) = self.recent.place(addresses).filter(|_| reason.is_some()) {
            *place = Known { generation, addresses, stack, reason };
        }
        (stack, reason)
    }
}

impl Thread {
    /// Procs have other rows now.
    pub(super) fn forget_proc(&mut self) {
        (self.proc, self.usual) = (None, None);
    }
}
