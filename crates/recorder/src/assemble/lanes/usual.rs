//! What happens nearly always: a poll of a task that is on no other's, on a thread that has its proc, begins or ends.
//!
//! Nothing has to be made possible then and nobody else is concerned, so it takes a question for the thread, one for the
//! task and an event. What comes out is what the long way would write; `tests` compare them.

use goroscope_wire::EventType;

use super::super::decode::Event;
use super::super::generation::StackKey;
use super::super::names::Names;
use super::super::reasons::Reason;
use super::{Entry, Go, GoState, Lanes, Mode, ProcKey, Thread};
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

/// As `Known`, of something with one number.
#[derive(Clone, Copy, Debug, Default)]
struct Single {
    generation: u64,
    id: u64,
    stack: u64,
    reason: Option<Reason>,
}

/// Stacks that were written lately, in places that their numbers say.
#[derive(Debug)]
pub struct RecentStacks {
    /// Where tasks wait at several stacks, or did.
    all: Box<[Known]>,
    /// By the number of the only one: nearly all are.
    singles: Box<[Single]>,
    /// Where tasks begin, by their sites.
    starts: Box<[Single]>,
}

/// A power of two.
const PLACES: usize = 512;

impl Default for RecentStacks {
    fn default() -> Self {
        let all = vec![Known::default(); PLACES].into_boxed_slice();
        let singles = vec![Single::default(); PLACES].into_boxed_slice();
        Self { all, starts: singles.clone(), singles }
    }
}

impl RecentStacks {
    fn place(&mut self, [first, others @ ..]: [u64; 4]) -> Option<&mut Known> {
        let [one, other, third] = others;
        self.all.get_mut((first ^ one.rotate_left(9) ^ other ^ third) as usize % PLACES)
    }
}

impl Lanes {
    /// Writes what a record tells, if that is as it usually is.
    #[inline]
    pub(super) fn apply_usual(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) -> bool {
        match event.head.kind {
            Kind::Start => self.start_usual(thread, time, &event.head),
            Kind::Block | Kind::Stop => self.pause_usual(thread, time, event, names),
            Kind::Wake => self.wake_usual(thread, time, &event.head, names),
            Kind::Create => self.create_usual(thread, time, event, names),
            Kind::Destroy => self.finish_usual(thread, time, event.head.a),
            _ => false,
        }
    }

    #[inline]
    fn start_usual(&mut self, thread: u64, time: u64, head: &Head) -> bool {
        let (Some(state), Some(go)) = (self.threads.get_mut(thread), self.gos.get_mut(head.a)) else { return false };
        let is_idle = state.stack.is_empty() && state.ending.is_none() && self.told_workers == self.workers;
        let Some(usual) = state.usual.filter(|_| is_idle && go.state == GoState::Runnable && go.thread.is_none())
        else {
            return false;
        };
        if (usual.runtime, usual.worker) != (head.b, head.small) {
            return false;
        }
        if state.proc != Some(usual.proc) {
            return state.proc.is_none() && self.start_with_proc(thread, time, head, usual.proc);
        }
        self.tally.polls += 1;
        go.seq += 1;
        go.state = GoState::Running;
        go.waits = [0; 4];
        go.thread = Some(thread);
        go.last = self.out.put(thread, time.max(go.last), EventType::GoStart, [head.a, go.seq, 0, 0]);
        go.polled = (go.kind == record::POLLED).then_some(time);
        state.stack.push(Entry { go: head.a, mode: Mode::Running });
        true
    }

    /// As `start_usual`, where all but the proc is there.
    fn start_with_proc(&mut self, thread: u64, time: u64, head: &Head, proc: usize) -> bool {
        if !self.is_free(proc) {
            return false;
        }
        self.start_proc(thread, time, proc);
        self.start_usual(thread, time, head)
    }

    #[inline]
    fn pause_usual(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) -> bool {
        let head = &event.head;
        // Whichever way it is written, the stack is.
        let (stack, reason) = match event.extra {
            None => self.single_stack(head.b, names),
            Some(_) => self.stack_and_reason(event.waits(), names),
        };
        let (kind, next, reason) = Self::pauses(head.kind, reason);
        let (Some(state), Some(go)) = (self.threads.get_mut(thread), self.gos.get_mut(head.a)) else { return false };
        // Polls are timed.
        if self.slow.limit.is_some() || !state.runs_only(head.a) || go.thread != Some(thread) {
            return false;
        }
        let text = self.out.reason(reason);
        go.last = self.out.put(thread, time.max(go.last), kind, [text, stack, 0, 0]);
        (go.thread, go.state, go.waits) = (None, next, event.waits());
        go.joins = reason == Reason::Join;
        state.stack.clear();
        if !state.is_hooked {
            self.release(thread, time);
        }
        true
    }

    #[inline]
    fn wake_usual(&mut self, thread: u64, time: u64, head: &Head, names: &mut Names) -> bool {
        if self.threads.get(thread).is_none_or(|state| state.ending.is_some()) {
            return false;
        }
        if self.sleeps(head.a) {
            let (stack, _) = self.single_stack(head.b, names);
            self.tally.wakes += 1;
            self.unblock(thread, time, head.a, stack);
        }
        true
    }

    /// By what runs on a thread, or by nobody on a thread that has a proc.
    fn create_usual(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) -> bool {
        let task = event.head.a;
        let Some(state) = self.threads.get(thread).filter(|state| state.ending.is_none()) else { return false };
        let top = state.stack.last();
        let can_create = state.proc.is_some() && top.is_none_or(|top| top.mode == Mode::Running);
        if !can_create || self.gos.contains_key(task) || self.over.contains(task) {
            return false;
        }
        let creator = top.and_then(|top| self.gos.get(top.go)).map_or(0, |creator| creator.last);
        let is_alone = top.is_none();
        let [from, kind] = event.more();
        let (stack, _) = self.single_stack(from, names);
        let start = self.start_of(event.head.b, names);
        self.tally.tasks += 1;
        self.tally.foreign += u64::from(kind == record::FOREIGN);
        let last = self.out.put(thread, time.max(creator), EventType::GoCreate, [task, start, stack, 0]);
        self.gos.insert(task, Go { last, kind, ..Go::new(event.head.b) });
        if is_alone {
            self.release_if_done(thread, time);
        }
        true
    }

    #[inline]
    fn finish_usual(&mut self, thread: u64, time: u64, task: u64) -> bool {
        let (Some(state), Some(go)) = (self.threads.get_mut(thread), self.gos.get(task)) else { return false };
        if self.slow.limit.is_some() || !state.runs_only(task) || go.thread != Some(thread) {
            return false;
        }
        state.ending = Some((task, time));
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

    /// As `stack_and_reason`, of addresses of one stack.
    #[inline]
    fn single_stack(&mut self, id: u64, names: &mut Names) -> (u64, Option<Reason>) {
        if id == 0 {
            return (0, None);
        }
        let generation = self.out.number;
        let place = self.recent.singles.get_mut(id as usize % PLACES);
        if let Some(known) = place
            && (known.generation, known.id) == (generation, id)
        {
            return (known.stack, known.reason);
        }
        let (stack, reason) = self.stack_and_reason([id, 0, 0, 0], names);
        if let Some(place) = self.recent.singles.get_mut(id as usize % PLACES).filter(|_| reason.is_some()) {
            *place = Single { generation, id, stack, reason };
        }
        (stack, reason)
    }

    /// The number of a stack in the file, and why a task waits there.
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

impl Lanes {
    /// The number of the stack in the file with which something begins that is made at a site.
    pub(super) fn start_of(&mut self, site: u64, names: &Names) -> u64 {
        let generation = self.out.number;
        let place = self.recent.starts.get_mut(site as usize % PLACES);
        if let Some(known) = place
            && (known.generation, known.id) == (generation, site)
        {
            return known.stack;
        }
        let stack = self.out.stack(StackKey::Site(site), names.site(site).as_ref());
        if let Some(place) = self.recent.starts.get_mut(site as usize % PLACES).filter(|_| stack != 0) {
            *place = Single { generation, id: site, stack, reason: None };
        }
        stack
    }
}

impl Thread {
    /// Whether a task is all that runs on it, as usual.
    #[inline]
    fn runs_only(&self, task: u64) -> bool {
        let is_only = matches!(*self.stack, [Entry { go, mode: Mode::Running }] if go == task);
        is_only && self.ending.is_none() && self.usual.is_some_and(|usual| self.proc == Some(usual.proc))
    }

    /// Procs have other rows now.
    pub(super) fn forget_proc(&mut self) {
        (self.proc, self.usual) = (None, None);
    }
}
