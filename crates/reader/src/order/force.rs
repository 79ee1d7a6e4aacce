//! What to make of an event that cannot be, because something before it was lost or damaged.
//!
//! 1. The event is taken for true: what stands against it is changed to what must have been. Whoever else held the
//!    goroutine or proc loses it, and what was bound to the thread becomes undetermined.
//! 2. It happens by the ordinary rules, except that the thread need not hold a proc: one that lost events runs on
//!    without a known proc until it starts the next one.
//! 3. The state that it leaves was a guess, so it is put out as undetermined.
//!
//! An event that says nothing without its context, such as "the current goroutine blocks" on a thread of which no
//! goroutine is known, is dropped.

use super::rest::sorted;
use super::{Context, GcPhase, NO_STACK, Order, Output, Record, Step, go_kind, proc_kind};
use crate::state::{NONE, Open, ProcStatus, Seq, UNKNOWN_GO, UNKNOWN_PROC, go_state_from_wire};
use crate::waiters::Wait;
use crate::{Event, EventKind, EventType, GoId, GoState, Metric, ProcId, ProcState};

/// What became of a forced event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// It is in the output; only the proc is not known, which was told before.
    Kept,
    /// It is in the output, at a place and after a state that are guesses.
    Guessed,
    /// It is not in the output.
    Dropped,
}

impl Order {
    /// Lets `record`, which stands at `offset` of the file, happen as far as it makes sense.
    pub fn force(&mut self, thread: u32, record: &Record, offset: u64, out: &mut Output<'_>) -> Forced {
        if names_proc(record).is_some_and(|id| id >= UNKNOWN_PROC.0)
            || names_go(record).is_some_and(|id| id >= UNKNOWN_GO.0)
        {
            // No proc or goroutine has such a number, and to us it says that a thread has none.
            return Forced::Dropped;
        }
        let cx = self.context(thread);
        let has_go_again = self.keep(cx, record, offset, out);
        let cx = self.context(thread);
        if self.had.contains_key(&thread) && self.advance(thread, record, out) == Step::Done {
            return if has_go_again { Forced::Guessed } else { Forced::Kept };
        }
        let mut record = *record;
        if matches!(record.kind, EventType::GoSwitch | EventType::GoSwitchDestroy) {
            let is_to_itself = cx.go == GoId(record.args[0]);
            if self.bound(cx).is_err() || is_to_itself {
                // Who hands over is not known, but who runs from now on is.
                record.kind = EventType::GoStart;
            }
        }
        let left = self.bound(cx).map(|go| (cx.go, self.resources.gos[go as usize].state));
        let about = goroutine_of(&record).map(|id| (id, self.resources.go_index(id).map(|go| self.state_of(go))));
        let about_proc =
            proc_of(&record).map(|id| (id, self.resources.proc_index(id).map(|proc| self.proc_state(proc))));
        let is_guess = self.make_possible(cx, &record, out);
        let first = out.events.len();
        let cx = Context { needs_proc: false, ..self.context(thread) };
        if self.happen(cx, &record, out) != Step::Done && !self.put_without_context(cx, &record, out) {
            if let Some((id, told)) = about {
                self.take_back(id, told, record.time, out);
            }
            if let Some((id, told)) = about_proc {
                self.take_back_proc(id, told, record.time, out);
            }
            return Forced::Dropped;
        }
        if let Ok((go, left)) = left {
            // Where one event becomes several, that of the thread's goroutine need not be the first.
            let mut events = out.events.iter_mut().skip(first);
            guess_left(
                events.find(|event| leaves(event, go).is_some()).filter(|event| leaves(event, go) != Some(left)),
            );
        }
        if !is_guess {
            let is_lost = self.resources.threads.get(thread as usize).is_some_and(|thread| thread.lost);
            return if is_lost { Forced::Kept } else { Forced::Guessed };
        }
        guess_left(out.events.get_mut(first));
        Forced::Guessed
    }

    /// The state that was made for an event which did not happen after all is not known; the one last told is `told`.
    fn take_back(&mut self, id: u64, told: Option<GoState>, time: i64, out: &mut Output<'_>) {
        let Some(index) = self.resources.go_index(id) else { return };
        if Some(self.state_of(index)) == told {
            return;
        }
        self.take_go(index);
        self.resources.gos[index as usize].state = GoState::Undetermined;
        if let Some(told) = told.filter(|&told| told != GoState::Undetermined) {
            let cx = self.context(NONE);
            self.put(cx, time, NO_STACK, go_kind(GoId(id), told, GoState::Undetermined), out);
        }
    }

    /// The same for a proc.
    fn take_back_proc(&mut self, id: u64, told: Option<ProcState>, time: i64, out: &mut Output<'_>) {
        let Some(index) = self.resources.proc_index(id) else { return };
        if Some(self.proc_state(index)) == told {
            return;
        }
        self.take_proc(index);
        self.resources.procs[index as usize].status = ProcStatus::Undetermined;
        if let Some(told) = told.filter(|&told| told != ProcState::Undetermined) {
            let cx = self.context(NONE);
            self.put(cx, time, NO_STACK, proc_kind(ProcId(id), told, ProcState::Undetermined), out);
        }
    }

    fn state_of(&self, go: u32) -> GoState {
        self.resources.gos[go as usize].state
    }

    fn proc_state(&self, proc: u32) -> ProcState {
        self.resources.procs[proc as usize].status.state()
    }

    /// The thread's state is not known any longer, because events of it were lost.
    pub fn lose_thread(&mut self, thread: u32, time: i64, out: &mut Output<'_>) {
        self.lose_go_of(thread, time, out);
        self.lose_proc_of(thread, time, out);
        if let Some(thread) = self.resources.threads.get_mut(thread as usize) {
            thread.lost = true;
        }
    }

    /// Changes what stands against the event. Whether anything of its own goroutine or proc did.
    fn make_possible(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> bool {
        let [a, b, c, _] = record.args;
        match record.kind {
            EventType::ProcStart => {
                self.lose_proc_of(cx.index, record.time, out);
                self.set_proc(a, ProcStatus::Idle, b.wrapping_sub(1))
            }
            EventType::ProcStop => self.set_held(cx, ProcStatus::Running),
            EventType::ProcSteal => self.set_proc(a, ProcStatus::Abandoned, b.wrapping_sub(1)),
            EventType::ProcStatus => match ProcStatus::from_wire(b) {
                Some(status) => {
                    if status.state() == ProcState::Running && cx.proc != ProcId(a) {
                        self.lose_proc_of(cx.index, record.time, out);
                    }
                    self.set_proc(a, status, 0)
                }
                None => false,
            },
            EventType::GoStatus | EventType::GoStatusStack => match go_state_from_wire(c) {
                Some(state) => self.make_status_possible(cx, record, state, out),
                None => false,
            },
            EventType::GoCreate | EventType::GoCreateBlocked => {
                if self.running(Context { needs_proc: false, ..cx }).is_err() {
                    self.lose_go_of(cx.index, record.time, out);
                }
                self.clear_go(a)
            }
            EventType::GoCreateSyscall => {
                self.lose_go_of(cx.index, record.time, out);
                self.clear_go(a)
            }
            EventType::GoStart => {
                self.lose_go_of(cx.index, record.time, out);
                self.set_go(a, GoState::Runnable, b.wrapping_sub(1))
            }
            EventType::GoUnblock => self.set_go(a, GoState::Waiting, b.wrapping_sub(1)),
            EventType::GoSwitch | EventType::GoSwitchDestroy => {
                self.set_bound(cx, GoState::Running);
                self.set_go(a, GoState::Waiting, b.wrapping_sub(1))
            }
            EventType::GoDestroy | EventType::GoStop | EventType::GoBlock => self.set_bound(cx, GoState::Running),
            EventType::GoSyscallBegin => {
                if let Ok(proc) = self.held_proc(cx) {
                    self.resources.procs[proc as usize].seq = self.seq(a.wrapping_sub(1));
                }
                self.set_bound(cx, GoState::Running)
            }
            EventType::GoSyscallEnd | EventType::GoDestroySyscall => {
                self.set_held(cx, ProcStatus::Syscall);
                self.set_bound(cx, GoState::Syscall)
            }
            EventType::GoSyscallEndBlocked => {
                let proc = self.held_proc(cx).map(|proc| self.resources.procs[proc as usize].status);
                if proc == Ok(ProcStatus::Syscall) {
                    self.lose_proc_of(cx.index, record.time, out);
                }
                self.set_bound(cx, GoState::Syscall)
            }
            _ => self.make_range_possible(cx, record, out),
        }
    }

    /// The same for the begin, end and mention of ranges.
    fn make_range_possible(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> bool {
        let [a, ..] = record.args;
        let bound = self.bound(cx).ok().map(|go| go as usize);
        let held = self.held_proc(cx).ok().map(|proc| proc as usize);
        match record.kind {
            EventType::STWBegin => bound.is_some_and(|go| {
                self.resources.open[go].stops.clear();
                true
            }),
            EventType::STWEnd => bound.is_some_and(|go| {
                let stops = &mut self.resources.open[go].stops;
                if stops.is_empty() {
                    stops.push(out.names.fixed.stop);
                }
                true
            }),
            EventType::GCActive | EventType::GCBegin | EventType::GCEnd => {
                let is_end = record.kind == EventType::GCEnd || !self.first;
                let phase =
                    if is_end && record.kind != EventType::GCBegin { GcPhase::On } else { GcPhase::Undetermined };
                self.set_gc(phase, a.wrapping_sub(1));
                true
            }
            EventType::GCSweepActive => {
                let first = self.first;
                let proc = self.known_proc(a);
                self.resources.procs[proc as usize].sweeps = !first;
                true
            }
            EventType::GCSweepBegin | EventType::GCSweepEnd => held.is_some_and(|proc| {
                self.resources.procs[proc].sweeps = record.kind == EventType::GCSweepEnd;
                true
            }),
            EventType::GCMarkAssistActive => {
                let first = self.first;
                let go = self.known_go(a);
                self.resources.gos[go as usize].assists = !first;
                true
            }
            EventType::GCMarkAssistBegin | EventType::GCMarkAssistEnd => bound.is_some_and(|go| {
                self.resources.gos[go].assists = record.kind == EventType::GCMarkAssistEnd;
                true
            }),
            EventType::UserTaskBegin => self.tasks.remove(&a).is_some(),
            _ => false,
        }
    }

    fn make_status_possible(&mut self, cx: Context, record: &Record, state: GoState, out: &mut Output<'_>) -> bool {
        let [id, thread, ..] = record.args;
        let thread = match state {
            GoState::Running => cx.index,
            GoState::Syscall => self.thread_index(thread),
            GoState::Undetermined | GoState::NotExist | GoState::Runnable | GoState::Waiting => NONE,
        };
        if self.resources.threads.get(thread as usize).is_some_and(|thread| thread.go != GoId(id)) {
            self.lose_go_of(thread, record.time, out);
        }
        let is_guess = self.set_go(id, state, 0);
        if thread != NONE {
            let index = self.known_go(id);
            self.resources.bind_go(thread, index);
        }
        is_guess
    }

    /// Puts out what says something even if nothing is known of its thread; whether it does.
    fn put_without_context(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> bool {
        match record.kind {
            EventType::UserTaskBegin => self.put_task_begin(cx, record, out),
            EventType::UserTaskEnd => self.put_task_end(cx, record, out),
            EventType::UserLog => self.put_log(cx, record, out),
            EventType::ProcsChange => self.put_metric(cx, record, Metric::Gomaxprocs, out),
            EventType::HeapAlloc => self.put_metric(cx, record, Metric::HeapLive, out),
            EventType::HeapGoal => self.put_metric(cx, record, Metric::HeapGoal, out),
            _ => return false,
        }
        true
    }

    /// The index of a goroutine, which is made if need be.
    fn known_go(&mut self, id: u64) -> u32 {
        match self.resources.go_index(id) {
            Some(index) => index,
            None => self.resources.add_go(id, GoState::Undetermined, self.seq(0)),
        }
    }

    /// The index of a proc, which is made if need be.
    fn known_proc(&mut self, id: u64) -> u32 {
        match self.resources.proc_index(id) {
            Some(index) => index,
            None => self.resources.add_proc(id, ProcStatus::Undetermined, self.seq(0)),
        }
    }

    /// Takes a goroutine from whatever thread has it, to the given state and place; whether it was not there.
    fn set_go(&mut self, id: u64, state: GoState, number: u64) -> bool {
        let index = self.known_go(id);
        self.take_go(index);
        let seq = self.seq(number);
        let go = &mut self.resources.gos[index as usize];
        let is_guess = go.state != state || (go.seq != seq && number > 0);
        go.state = state;
        go.seq = seq;
        is_guess
    }

    /// Takes a proc from whatever thread has it, to the given status and place; whether it was not there.
    fn set_proc(&mut self, id: u64, status: ProcStatus, number: u64) -> bool {
        let index = self.known_proc(id);
        self.take_proc(index);
        let seq: Seq = self.seq(number);
        let proc = &mut self.resources.procs[index as usize];
        let is_guess = proc.status != status || (proc.seq != seq && number > 0);
        proc.status = status;
        proc.seq = seq;
        is_guess
    }

    /// The thread's goroutine, if it has one, is in this state; whether it was not.
    fn set_bound(&mut self, cx: Context, state: GoState) -> bool {
        let Ok(index) = self.bound(cx) else {
            return false;
        };
        std::mem::replace(&mut self.resources.gos[index as usize].state, state) != state
    }

    /// The thread's proc, if it has one, has this status; whether it had not.
    fn set_held(&mut self, cx: Context, status: ProcStatus) -> bool {
        let Ok(index) = self.held_proc(cx) else {
            return false;
        };
        std::mem::replace(&mut self.resources.procs[index as usize].status, status) != status
    }

    /// Makes sure that a goroutine does not exist; whether it did.
    fn clear_go(&mut self, id: u64) -> bool {
        let Some(index) = self.resources.go_index(id) else {
            return false;
        };
        self.take_go(index);
        self.resources.remove_go(index);
        true
    }

    /// Takes a goroutine from the thread that has it.
    pub(super) fn take_go(&mut self, index: u32) {
        let go = &self.resources.gos[index as usize];
        let thread = go.thread;
        if self.resources.threads.get(thread as usize).is_some_and(|thread| thread.go == go.id) {
            self.resources.unbind_go(thread);
        }
    }

    /// Takes a proc from the thread that has it.
    pub(super) fn take_proc(&mut self, index: u32) {
        if let Some(holder) = self.holder(index) {
            self.resources.unbind_proc(holder.index);
            self.waiters.wake(Wait::Holding(holder.index));
        }
    }

    /// What goroutine runs on the thread, and in which state that one is, is not known.
    fn lose_go_of(&mut self, thread: u32, time: i64, out: &mut Output<'_>) {
        let cx = self.context(thread);
        let Ok(index) = self.bound(cx) else {
            return;
        };
        let go = &mut self.resources.gos[index as usize];
        let from = std::mem::replace(&mut go.state, GoState::Undetermined);
        go.assists = false;
        self.resources.open[index as usize] = Open::default();
        self.resources.unbind_go(thread);
        self.waiters.wake(Wait::Go(cx.go.0));
        self.put(cx, time, NO_STACK, go_kind(cx.go, from, GoState::Undetermined), out);
    }

    /// What proc the thread holds, and what became of that one, is not known.
    fn lose_proc_of(&mut self, thread: u32, time: i64, out: &mut Output<'_>) {
        let cx = self.context(thread);
        let Ok(index) = self.held_proc(cx) else {
            return;
        };
        let proc = &mut self.resources.procs[index as usize];
        let from = std::mem::replace(&mut proc.status, ProcStatus::Undetermined).state();
        proc.sweeps = false;
        self.resources.unbind_proc(thread);
        self.waiters.wake(Wait::Proc(cx.proc.0));
        self.waiters.wake(Wait::Holding(thread));
        self.put(cx, time, NO_STACK, proc_kind(cx.proc, from, ProcState::Undetermined), out);
    }

    /// After a whole generation: what was not mentioned in it is not there any longer. Each generation mentions all.
    pub fn lose_unmentioned(&mut self, time: i64, out: &mut Output<'_>) {
        for index in sorted(self.resources.gos.iter().map(|go| go.id.0)) {
            let go = &self.resources.gos[index as usize];
            let (id, state) = (go.id, go.state);
            if id == GoId::NONE || go.seq.generation == self.generation {
                continue;
            }
            self.take_go(index);
            self.resources.remove_go(index);
            if state != GoState::Undetermined {
                let cx = self.context(NONE);
                self.put(cx, time, NO_STACK, go_kind(id, state, GoState::Undetermined), out);
            }
        }
    }
}

/// The goroutine whose state is made to fit the event.
fn goroutine_of(record: &Record) -> Option<u64> {
    let is_of_go = matches!(
        record.kind,
        EventType::GoStatus
            | EventType::GoStatusStack
            | EventType::GoStart
            | EventType::GoUnblock
            | EventType::GoSwitch
            | EventType::GoSwitchDestroy
    );
    is_of_go.then_some(record.args[0])
}

/// The proc whose status is made to fit the event.
fn proc_of(record: &Record) -> Option<u64> {
    let is_of_proc = matches!(record.kind, EventType::ProcStatus | EventType::ProcStart | EventType::ProcSteal);
    is_of_proc.then_some(record.args[0])
}

/// The proc that the event is about by its own words.
fn names_proc(record: &Record) -> Option<u64> {
    proc_of(record).or_else(|| (record.kind == EventType::GCSweepActive).then_some(record.args[0]))
}

/// The goroutine that the event is about by its own words.
fn names_go(record: &Record) -> Option<u64> {
    let is_of_go = matches!(
        record.kind,
        EventType::GoCreate | EventType::GoCreateBlocked | EventType::GoCreateSyscall | EventType::GCMarkAssistActive
    );
    goroutine_of(record).or_else(|| is_of_go.then_some(record.args[0]))
}

/// The state that this goroutine leaves with the event, if it is about it.
fn leaves(event: &Event, left: GoId) -> Option<GoState> {
    if let EventKind::Go { go, from, .. } = event.kind { (go == left).then_some(from) } else { None }
}

/// The state that the event leaves is not known.
fn guess_left(event: Option<&mut Event>) {
    match event.map(|event| &mut event.kind) {
        Some(EventKind::Go { from, .. }) if *from != GoState::NotExist => *from = GoState::Undetermined,
        Some(EventKind::Proc { from, .. }) => *from = ProcState::Undetermined,
        Some(_) | None => {}
    }
}
