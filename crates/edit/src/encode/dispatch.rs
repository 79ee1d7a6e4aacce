//! Which events of the format an ordered event is.
//!
//! Mostly one each. A switch of coroutines is three ordered events and one of the format, and the end of a callback from
//! C that still has a proc is two, so such are collected.
//! An event that cannot happen in the state that a reader of the output has is tried again after that state was
//! steered to what the event says it was; if it still cannot, it is left out and only its result is kept.

use goroscope_reader::{
    Event, EventKind, GoId, GoState, Metric, ProcId, ProcState, Scope, StackIdx, StringIdx, Symbols,
};

use super::ops::{At, Reason, With};
use super::sink::LONGEST;
use super::state::NONE;
use super::{Beginning, Encoder};
use crate::EventType;
use crate::ids::Renaming as _;
use crate::survey::Epoch;

/// A goroutine's transition.
#[derive(Clone, Copy, Debug)]
struct Transition {
    go: GoId,
    from: GoState,
    to: GoState,
    reason: StringIdx,
    stack: StackIdx,
}

impl Encoder {
    /// The next event, in logical order. Syncs and lost generations are told with other functions.
    pub fn event(&mut self, event: &Event, symbols: &Symbols) {
        self.taken += 1;
        self.split_if_long(event, symbols);
        let event = self.renamed(event, symbols);
        self.pending.push(event);
        while !self.pending.is_empty() {
            let at = self.at(&self.pending[0]);
            let is_one = match whole(&self.pending) {
                Found::Perhaps => return,
                Found::No => {
                    let first = self.pending.remove(0);
                    self.one(&first, symbols);
                    continue;
                }
                Found::Switch { next, left } => {
                    if left == GoState::NotExist {
                        self.end_ranges_of_dying(at, self.pending[1].go, symbols);
                    }
                    self.go_switch(at, next.0, left, symbols)
                }
                Found::End { go } => {
                    self.end_ranges_of_dying(at, go, symbols);
                    self.state.thread(at.thread).go == go.0 && self.go_destroy_syscall(at, symbols)
                }
            };
            let parts = std::mem::take(&mut self.pending);
            if is_one {
                self.latest = self.latest.max(at.time);
                self.counts.kept += parts.len() as u64;
            } else {
                for event in &parts {
                    self.one(event, symbols);
                }
            }
        }
    }

    /// Whole generations are missing; `epoch` is what is known from then on, seen from `start` on.
    pub fn lost(&mut self, epoch: &Epoch, symbols: &Symbols) {
        self.flush(symbols);
        let time = self.latest.clamp(self.bounds.0, self.bounds.1);
        let stays: rustc_hash::FxHashSet<u64> = epoch.gos.iter().map(|go| self.aliases.go(go.0).0).collect();
        if self.state.marks != epoch.marks {
            self.set_marks(time, epoch.marks, symbols);
        }
        self.lose_all(time, |id| stays.contains(&id), symbols);
    }

    /// Another trace begins: whatever there is ends, and what follows is others'.
    pub fn begin_trace(&mut self, is_old: bool, symbols: &Symbols) {
        self.lost(&Epoch::default(), symbols);
        self.aliases.forget();
        self.is_old = is_old;
    }

    /// The generation behind missing ones has begun: what is known to have been so from its start on.
    pub fn resume(&mut self, epoch: &Epoch, start: i64, symbols: &Symbols) {
        let time = self.within(start);
        for &(id, state, thread) in &epoch.procs {
            if state == ProcState::Idle || self.state.thread(thread.0).proc == NONE {
                self.settle_proc(At { thread: thread.0, time }, id, state, symbols);
            }
        }
        for &(id, state, thread, stack) in &epoch.gos {
            let id = self.aliases.go(id);
            let proc = ProcId(self.state.thread(thread.0).proc);
            let is_taken = thread.get().is_some() && self.state.thread(thread.0).go != NONE;
            let is_bound = matches!(state, GoState::Running | GoState::Syscall);
            let state = if is_bound && is_taken { GoState::Runnable } else { state };
            self.settle_go(At { thread: thread.0, time }, id, state, proc, symbols);
            if let Some(go) = self.state.gos.get_mut(&id.0) {
                go.stack = stack;
            }
        }
    }

    /// Brings the garbage collector to what it is said to do.
    fn set_marks(&mut self, time: i64, marks: bool, symbols: &Symbols) {
        let threads: Vec<u64> =
            self.state.go_ids().iter().filter_map(|id| self.state.gos.get(id)).map(|go| go.thread).collect();
        let Some(thread) = threads.into_iter().find(|&thread| thread != NONE && self.is_user(thread)) else {
            return;
        };
        let at = At { thread, time };
        let done =
            if marks { self.mark_begin(at, With { stack: StackIdx(0), symbols }) } else { self.mark_end(at, symbols) };
        self.counts.put_in += u64::from(done);
    }

    /// A trace of the old format is one generation however long it is; here it becomes several.
    fn split_if_long(&mut self, event: &Event, symbols: &Symbols) {
        let time = self.at(event).time;
        if self.is_old && self.writes && time.saturating_sub(self.sink.start) > LONGEST {
            let generation = Beginning { start: time.saturating_sub(self.zero), clocks: None };
            self.next_generation(generation, symbols);
        }
    }

    /// Writes what is pending.
    pub(super) fn flush(&mut self, symbols: &Symbols) {
        for event in std::mem::take(&mut self.pending) {
            self.one(&event, symbols);
        }
    }

    fn one(&mut self, event: &Event, symbols: &Symbols) {
        self.latest = self.latest.max(self.time(event.ts.0));
        let kept = match event.kind {
            EventKind::Sync { .. } | EventKind::Lost | EventKind::AnotherTrace => return,
            EventKind::Go { go, from, to, reason, stack } => {
                self.go_event(event, Transition { go, from, to, reason, stack }, symbols)
            }
            EventKind::Proc { proc, from, to } => self.proc_event(event, proc, (from, to), symbols),
            EventKind::Sample => {
                self.sample(event, symbols);
                true
            }
            // No version that can be written has it.
            EventKind::Unknown { .. } => {
                self.counts.unknown += 1;
                return;
            }
            EventKind::Experimental { event: kind, args } => self.note_of_thread(self.at(event), kind, &args, symbols),
            EventKind::RangeActive { scope, .. } => {
                self.range_active(event, scope, symbols);
                true
            }
            EventKind::Metric { metric: Metric::HeapLive | Metric::HeapGoal, .. }
            | EventKind::RangeBegin { scope: Scope::Proc(_), .. }
            | EventKind::RangeEnd { scope: Scope::Proc(_), .. } => self.of_proc(event, symbols),
            EventKind::Metric { metric: Metric::Gomaxprocs, .. }
            | EventKind::Label { .. }
            | EventKind::RangeBegin { scope: Scope::Global | Scope::Go(_), .. }
            | EventKind::RangeEnd { scope: Scope::Global | Scope::Go(_), .. }
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. } => self.of_user(event, symbols),
        };
        if kept {
            self.counts.kept += 1;
        } else {
            self.counts.left_out += 1;
        }
    }

    /// An event that a running goroutine writes.
    fn of_user(&mut self, event: &Event, symbols: &Symbols) -> bool {
        let at = self.at(event);
        let thread = self.state.thread(at.thread);
        let is_as_said = thread.go == event.go.0 && (thread.proc == event.proc.0 || event.proc == ProcId::NONE);
        if !is_as_said || !self.is_user(at.thread) {
            self.bring_user(at, event.go, event.proc, symbols);
            if self.state.thread(at.thread).go != event.go.0 {
                return false;
            }
        }
        let with = With { stack: event.stack, symbols };
        match event.kind {
            EventKind::Metric { metric: Metric::Gomaxprocs, value } => self.gomaxprocs(at, value, with),
            EventKind::Label { label, .. } => self.label(at, label, symbols),
            EventKind::RangeBegin { scope: Scope::Global, .. } => self.mark_begin(at, with),
            EventKind::RangeEnd { scope: Scope::Global, .. } => self.mark_end(at, symbols),
            EventKind::RangeBegin { name, .. } if is_assist(name, symbols) => self.assist_begin(at, with),
            EventKind::RangeEnd { name, .. } if is_assist(name, symbols) => self.assist_end(at, symbols),
            EventKind::RangeBegin { name, .. } => self.stop_begin(at, name, with),
            EventKind::RangeEnd { .. } => self.stop_end(at, symbols),
            EventKind::TaskBegin { task, parent, name } => self.task_begin(at, task.0, (parent.0, name), with),
            EventKind::TaskEnd { task, .. } => self.task_end(at, task.0, with),
            EventKind::RegionBegin { task, name } => self.region_begin(at, (task, name), with),
            EventKind::RegionEnd { task, name } => self.region_end(at, (task, name), with),
            EventKind::Log { task, category, message } => self.log(at, task.0, (category, message), with),
            EventKind::Sync { .. }
            | EventKind::Lost
            | EventKind::AnotherTrace
            | EventKind::Metric { .. }
            | EventKind::Sample
            | EventKind::RangeActive { .. }
            | EventKind::Go { .. }
            | EventKind::Proc { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => false,
        }
    }

    /// An event that a thread with a proc writes.
    fn of_proc(&mut self, event: &Event, symbols: &Symbols) -> bool {
        let at = self.at(event);
        if event.proc != ProcId::NONE {
            self.give_proc(at, event.proc.0, symbols);
        }
        let with = With { stack: event.stack, symbols };
        match event.kind {
            EventKind::Metric { metric: Metric::HeapLive, value } => {
                self.note_of_proc(at, EventType::HeapAlloc, &[value], symbols)
            }
            EventKind::Metric { metric: Metric::HeapGoal, value } => {
                self.note_of_proc(at, EventType::HeapGoal, &[value], symbols)
            }
            EventKind::RangeBegin { .. } => self.sweep_begin(at, with),
            EventKind::RangeEnd { sweep, .. } => self.sweep_end(at, sweep.unwrap_or((0, 0)), symbols),
            EventKind::Sync { .. }
            | EventKind::Lost
            | EventKind::AnotherTrace
            | EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::Sample
            | EventKind::RangeActive { .. }
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. }
            | EventKind::Go { .. }
            | EventKind::Proc { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => false,
        }
    }

    fn range_active(&mut self, event: &Event, scope: Scope, symbols: &Symbols) {
        let at = self.at(event);
        match scope {
            Scope::Global => self.mark_active(at, symbols),
            Scope::Go(go) => self.assist_active(at, go.0, symbols),
            Scope::Proc(proc) => self.sweep_active(at, proc.0, symbols),
        };
    }

    fn sample(&mut self, event: &Event, symbols: &Symbols) {
        if self.writes {
            let at = self.at(event);
            let stack = self.sink.stack(event.stack, symbols);
            self.sink.sample(at.time, (event.thread.0, event.proc.0, event.go.0), stack);
        }
    }

    fn go_event(&mut self, event: &Event, change: Transition, symbols: &Symbols) -> bool {
        let at = self.at(event);
        let Transition { go, from, to, .. } = change;
        if to == GoState::Undetermined {
            self.lose_go(at, go, symbols);
            return true;
        }
        let is_status = from == to || from == GoState::Undetermined;
        if is_status {
            self.go_status(at, event, change, symbols);
            return true;
        }
        if self.go_change(at, event, change, symbols) {
            return true;
        }
        self.prepare(at, event, change, symbols);
        if self.go_change(at, event, change, symbols) {
            return true;
        }
        self.settle_go(at, go, to, event.proc, symbols);
        false
    }

    fn go_status(&mut self, at: At, event: &Event, change: Transition, symbols: &Symbols) {
        let known = self.state.gos.get(&change.go.0).map(|go| (go.state, go.thread));
        let is_bound = matches!(change.to, GoState::Running | GoState::Syscall);
        let is_known = known.is_some_and(|(state, thread)| {
            state == change.to && (!is_bound || at.thread == NONE || thread == at.thread)
        });
        if !is_known {
            self.settle_go(at, change.go, change.to, event.proc, symbols);
        }
        if change.stack != StackIdx(0)
            && let Some(go) = self.state.gos.get_mut(&change.go.0)
        {
            go.stack = change.stack;
        }
    }

    /// Writes the transition, if it can happen.
    fn go_change(&mut self, at: At, event: &Event, change: Transition, symbols: &Symbols) -> bool {
        let Transition { go, from, to, reason, stack } = change;
        let with = With { stack: event.stack, symbols };
        let is_current = self.state.thread(at.thread).go == go.0;
        if to == GoState::NotExist {
            self.end_ranges_of_dying(at, go, symbols);
        }
        match (from, to) {
            (GoState::NotExist, GoState::Runnable | GoState::Waiting) => self.go_create(at, go.0, (to, stack), with),
            (GoState::NotExist, GoState::Syscall) => self.go_create_syscall(at, go.0, symbols),
            (GoState::Runnable, GoState::Running) => {
                let has_proc = self.state.thread(at.thread).proc == event.proc.0 || event.proc == ProcId::NONE;
                has_proc && self.go_start(at, go.0, symbols)
            }
            (GoState::Running, GoState::Runnable | GoState::Waiting | GoState::NotExist) => {
                is_current && self.go_leave(at, to, Reason::Recorded(reason), With { stack, ..with })
            }
            (GoState::Running, GoState::Syscall) => is_current && self.syscall_begin(at, With { stack, ..with }),
            (GoState::Waiting, GoState::Runnable) => self.go_unblock(at, go.0, with),
            (GoState::Syscall, GoState::Running) => is_current && self.syscall_end(at, symbols),
            (GoState::Syscall, GoState::Runnable) => {
                // In the old format the thread is not known.
                let thread = self.state.gos.get(&go.0).map_or(NONE, |go| go.thread);
                let is_here = at.thread == NONE || at.thread == thread;
                is_here && self.syscall_end_blocked(At { thread, ..at }, symbols)
            }
            (GoState::Syscall, GoState::NotExist) => is_current && self.go_destroy_syscall(at, symbols),
            (
                GoState::Undetermined
                | GoState::NotExist
                | GoState::Runnable
                | GoState::Running
                | GoState::Waiting
                | GoState::Syscall,
                _,
            ) => false,
        }
    }

    /// Brings everything to where the transition can happen.
    fn prepare(&mut self, at: At, event: &Event, change: Transition, symbols: &Symbols) {
        let Transition { go, from, to, .. } = change;
        match from {
            GoState::NotExist => {
                self.settle_go(at, go, GoState::NotExist, event.proc, symbols);
                if to == GoState::Syscall {
                    let other = GoId(self.state.thread(at.thread).go);
                    self.lose_go(at, other, symbols);
                } else {
                    self.give_proc(at, event.proc.0, symbols);
                    self.bring_user(at, event.go, event.proc, symbols);
                }
            }
            GoState::Runnable => {
                let other = GoId(self.state.thread(at.thread).go);
                self.lose_go(at, other, symbols);
                self.give_proc(at, event.proc.0, symbols);
                self.settle_go(at, go, from, event.proc, symbols);
            }
            GoState::Undetermined | GoState::Running | GoState::Waiting => {
                self.settle_go(at, go, from, event.proc, symbols);
            }
            GoState::Syscall => {
                let thread = self.state.gos.get(&go.0).map_or(at.thread, |go| go.thread);
                let at = if at.thread == NONE { At { thread, ..at } } else { at };
                if to == GoState::Running {
                    self.settle_go(at, go, GoState::Running, event.proc, symbols);
                    self.settle_go(at, go, GoState::Syscall, event.proc, symbols);
                } else {
                    self.settle_go(at, go, GoState::Syscall, ProcId::NONE, symbols);
                    self.lose_proc_in_call(at, symbols);
                }
            }
        }
    }

    /// A call that ends without the thread's proc lost it before.
    fn lose_proc_in_call(&mut self, at: At, symbols: &Symbols) {
        let proc = ProcId(self.state.thread(at.thread).proc);
        if self.state.go_in(at.thread, GoState::Syscall).is_some() {
            self.lose_proc(at, proc, symbols);
        }
    }

    fn proc_event(&mut self, event: &Event, id: ProcId, (from, to): (ProcState, ProcState), symbols: &Symbols) -> bool {
        let at = self.at(event);
        let is_status = from == to || matches!(from, ProcState::Undetermined | ProcState::NotExist);
        match to {
            ProcState::Undetermined | ProcState::NotExist => self.lose_proc(at, id, symbols),
            ProcState::Running | ProcState::Idle if is_status => self.proc_status(at, id, to, symbols),
            ProcState::Running => {
                if !self.proc_start(at, id.0, symbols) {
                    self.settle_proc(at, id, to, symbols);
                    return self.state.thread(at.thread).proc == id.0;
                }
            }
            ProcState::Idle => {
                let holder = self.state.procs.get(&id.0).map_or(NONE, |proc| proc.thread);
                let done =
                    if holder == at.thread { self.proc_stop(at, symbols) } else { self.proc_steal(at, id.0, symbols) };
                if !done {
                    self.settle_proc(at, id, to, symbols);
                }
            }
        }
        true
    }

    fn proc_status(&mut self, at: At, id: ProcId, to: ProcState, symbols: &Symbols) {
        let holder = self.state.procs.get(&id.0).map(|proc| proc.thread);
        if to == ProcState::Idle && self.proc_take(at, id.0, symbols) {
            return;
        }
        let is_known = match to {
            ProcState::Running => holder == Some(at.thread) && at.thread != NONE,
            ProcState::Idle => holder == Some(NONE),
            ProcState::Undetermined | ProcState::NotExist => true,
        };
        if !is_known {
            self.settle_proc(at, id, to, symbols);
        }
    }
}

/// Whether a goroutine's range is a mark assist; the others are stops of the world.
fn is_assist(name: StringIdx, symbols: &Symbols) -> bool {
    symbols.string(name) == "GC mark assist"
}

/// Whether the events that are collected are one of the format.
enum Found {
    No,
    /// They can be the beginning of one.
    Perhaps,
    /// A switch of coroutines.
    Switch {
        next: GoId,
        left: GoState,
    },
    /// The end of a goroutine in a system call, which takes the proc away.
    End {
        go: GoId,
    },
}

/// What `events` are together.
fn whole(events: &[Event]) -> Found {
    let [first, rest @ ..] = events else { return Found::Perhaps };
    match first.kind {
        EventKind::Go { go: next, from: GoState::Waiting, to: GoState::Runnable, .. } => switch(first, next, rest),
        EventKind::Proc { proc, from: ProcState::Running, to: ProcState::Idle } if proc == first.proc => {
            end(first, rest)
        }
        _ => Found::No,
    }
}

/// The next goroutine is unblocked, the current one waits without a reason or ends, the next one starts: all at once.
fn switch(first: &Event, next: GoId, rest: &[Event]) -> Found {
    if first.stack != StackIdx(0) || first.go == GoId::NONE {
        return Found::No;
    }
    let [second, rest @ ..] = rest else { return Found::Perhaps };
    let EventKind::Go { go, from: GoState::Running, to: left, reason: StringIdx(0), stack: StackIdx(0) } = second.kind
    else {
        return Found::No;
    };
    let leaves = matches!(left, GoState::Waiting | GoState::NotExist);
    if !is_beside(second, first) || go != first.go || second.go != first.go || !leaves {
        return Found::No;
    }
    let [third, ..] = rest else { return Found::Perhaps };
    match third.kind {
        EventKind::Go { go, from: GoState::Runnable, to: GoState::Running, .. }
            if is_beside(third, first) && go == next && third.go == GoId::NONE =>
        {
            Found::Switch { next, left }
        }
        _ => Found::No,
    }
}

/// The proc goes, and with it the goroutine.
fn end(first: &Event, rest: &[Event]) -> Found {
    if first.go == GoId::NONE {
        return Found::No;
    }
    let [second, ..] = rest else { return Found::Perhaps };
    match second.kind {
        EventKind::Go { go, from: GoState::Syscall, to: GoState::NotExist, .. }
            if is_beside(second, first) && go == first.go =>
        {
            Found::End { go }
        }
        _ => Found::No,
    }
}

/// Whether both were written by one thread at once.
fn is_beside(event: &Event, first: &Event) -> bool {
    event.ts == first.ts && event.thread == first.thread && event.proc == first.proc
}
