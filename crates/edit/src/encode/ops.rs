//! The events that can be written: each checks that a reader will take it, changes the state, and is written.
//!
//! `false`, and nothing is changed or written, where the rules of the format do not allow the event. Before an event,
//! the states of what it concerns are written if the generation has not mentioned them yet.
//!
//! As long as the output has not begun, the same functions keep the state and write nothing.

use goroscope_reader::{EventType, GoState, StackIdx, StringIdx, Symbols, Version};

use super::Encoder;
use super::sink::Role;
use super::state::{Go, NONE, Proc, ProcStatus};

/// Where and when: a thread and nanoseconds on the file's own clock.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub thread: u64,
    pub time: i64,
}

/// Why a goroutine leaves its thread.
#[derive(Clone, Copy, Debug)]
pub enum Reason {
    /// As recorded.
    Recorded(StringIdx),
    /// What it does from then on was lost.
    Lost,
}

/// What an event is about besides its place: a stack to write with it and the symbols.
#[derive(Clone, Copy)]
pub struct With<'s> {
    pub stack: StackIdx,
    pub symbols: &'s Symbols,
}

impl Encoder {
    pub(super) fn put(&mut self, at: At, kind: EventType, args: &[u64]) {
        if self.writes {
            let mut all = [0; 4];
            for (to, &from) in all.iter_mut().zip(args) {
                *to = from;
            }
            self.sink.put(at.thread, at.time, kind, all);
        }
    }

    pub(super) fn stack_id(&mut self, with: With<'_>) -> u64 {
        if self.writes { self.sink.stack(with.stack, with.symbols) } else { 0 }
    }

    pub(super) fn string_id(&mut self, string: StringIdx, role: Role, symbols: &Symbols) -> u64 {
        if self.writes { self.sink.string(string, role, symbols) } else { 0 }
    }

    fn next_go_seq(&mut self, id: u64) -> u64 {
        self.state.gos.get_mut(&id).map_or(0, |go| {
            go.seq += 1;
            go.seq
        })
    }

    fn next_proc_seq(&mut self, id: u64) -> u64 {
        self.state.procs.get_mut(&id).map_or(0, |proc| {
            proc.seq += 1;
            proc.seq
        })
    }

    pub(super) fn proc_start(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        let status = self.state.procs.get(&id).map(|proc| proc.status);
        let is_free = matches!(status, Some(ProcStatus::Idle | ProcStatus::Abandoned));
        if !is_free || at.thread == NONE || self.state.thread(at.thread).proc != NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.proc_take(at, id, symbols);
        self.mention_proc(at, id, symbols);
        let seq = self.next_proc_seq(id);
        self.put(at, EventType::ProcStart, &[id, seq]);
        self.state.bind_proc(at.thread, id, ProcStatus::Running);
        true
    }

    /// Takes a proc that was left behind in a system call; `false` if it was not.
    pub(super) fn proc_take(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        let is_abandoned = self.state.procs.get(&id).is_some_and(|proc| proc.status == ProcStatus::Abandoned);
        if !is_abandoned || at.thread == NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.mention_proc(at, id, symbols);
        let seq = self.next_proc_seq(id);
        // A reader may see this before the end of the goroutine, if clocks differ; then it asks for the thread.
        let left_by = self.state.procs.get(&id).map_or(NONE, |proc| proc.left_by);
        self.put(at, EventType::ProcSteal, &[id, seq, left_by]);
        if let Some(proc) = self.state.procs.get_mut(&id) {
            proc.status = ProcStatus::Idle;
        }
        true
    }

    pub(super) fn proc_stop(&mut self, at: At, symbols: &Symbols) -> bool {
        if self.state.thread(at.thread).proc == NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, EventType::ProcStop, &[]);
        self.state.unbind_proc(at.thread, ProcStatus::Idle);
        true
    }

    /// Takes a proc from the thread that holds it during a system call.
    pub(super) fn proc_steal(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        let Some(&Proc { status, thread: victim, .. }) = self.state.procs.get(&id) else { return false };
        let in_call = matches!(status, ProcStatus::Syscall | ProcStatus::Held);
        if !in_call || victim == NONE || at.thread == NONE || victim == at.thread {
            return false;
        }
        self.mention_thread(at, symbols);
        if status == ProcStatus::Held || self.state.procs.get(&id).is_some_and(|proc| self.is_due(proc.mentioned)) {
            self.mention_thread(self.elsewhere(victim, at.time), symbols);
        }
        let seq = self.next_proc_seq(id);
        self.put(at, EventType::ProcSteal, &[id, seq, victim]);
        self.state.unbind_proc(victim, ProcStatus::Idle);
        true
    }

    /// Creates a goroutine; `with` is the creator's stack.
    pub(super) fn go_create(&mut self, at: At, id: u64, new: (GoState, StackIdx), with: With<'_>) -> bool {
        let (state, new_stack) = new;
        let thread = self.state.thread(at.thread);
        let is_running = thread.go == NONE || self.state.go_state(thread.go) == GoState::Running;
        if thread.proc == NONE || !is_running || self.state.gos.contains_key(&id) {
            return false;
        }
        let kind = match state {
            GoState::Runnable => EventType::GoCreate,
            GoState::Waiting if self.sink.version() >= Version::Go123 => EventType::GoCreateBlocked,
            GoState::Waiting | GoState::Undetermined | GoState::NotExist | GoState::Running | GoState::Syscall => {
                return false;
            }
        };
        self.mention_thread(at, with.symbols);
        let new_stack = self.stack_id(With { stack: new_stack, ..with });
        let stack = self.stack_id(with);
        self.put(at, kind, &[id, new_stack, stack]);
        self.add_go(id, Go::new(state, NONE));
        true
    }

    fn add_go(&mut self, id: u64, mut go: Go) {
        go.mentioned = self.sink.generation;
        self.state.gos.insert(id, go);
    }

    /// Creates a goroutine for a callback from C.
    pub(super) fn go_create_syscall(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        if at.thread == NONE || self.state.thread(at.thread).go != NONE || self.state.gos.contains_key(&id) {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, EventType::GoCreateSyscall, &[id]);
        self.add_go(id, Go::new(GoState::Syscall, at.thread));
        self.state.bind_go(at.thread, id, GoState::Syscall);
        true
    }

    pub(super) fn go_start(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        let thread = self.state.thread(at.thread);
        if self.state.go_state(id) != GoState::Runnable || thread.proc == NONE || thread.go != NONE {
            return false;
        }
        self.mention_thread(at, symbols);
        self.mention_go(at, id, symbols);
        let seq = self.next_go_seq(id);
        self.put(at, EventType::GoStart, &[id, seq]);
        self.state.bind_go(at.thread, id, GoState::Running);
        true
    }

    /// The thread's running goroutine stops, blocks or ends.
    pub(super) fn go_leave(&mut self, at: At, to: GoState, reason: Reason, with: With<'_>) -> bool {
        let Some(go) = self.state.go_in(at.thread, GoState::Running).filter(|_| self.is_user(at.thread)) else {
            return false;
        };
        let kind = match to {
            GoState::Runnable => EventType::GoStop,
            GoState::Waiting => EventType::GoBlock,
            GoState::NotExist => EventType::GoDestroy,
            GoState::Undetermined | GoState::Running | GoState::Syscall => return false,
        };
        self.mention_thread(at, with.symbols);
        if to == GoState::NotExist {
            self.put(at, kind, &[]);
        } else {
            let reason = match reason {
                Reason::Recorded(reason) => self.string_id(reason, Role::Reason, with.symbols),
                Reason::Lost if self.writes => self.sink.lost_reason(),
                Reason::Lost => 0,
            };
            let stack = self.stack_id(with);
            self.put(at, kind, &[reason, stack]);
        }
        self.state.unbind_go(at.thread, to);
        if let Some(go) = self.state.gos.get_mut(&go) {
            go.stack = with.stack;
        }
        true
    }

    pub(super) fn go_unblock(&mut self, at: At, id: u64, with: With<'_>) -> bool {
        if self.state.go_state(id) != GoState::Waiting {
            return false;
        }
        self.mention_thread(at, with.symbols);
        self.mention_go(at, id, with.symbols);
        let seq = self.next_go_seq(id);
        let stack = self.stack_id(with);
        self.put(at, EventType::GoUnblock, &[id, seq, stack]);
        if let Some(go) = self.state.gos.get_mut(&id) {
            go.state = GoState::Runnable;
            go.stack = StackIdx(0);
        }
        true
    }

    /// The thread's goroutine hands over to `next`, and waits or ends.
    pub(super) fn go_switch(&mut self, at: At, next: u64, left: GoState, symbols: &Symbols) -> bool {
        let is_running = self.state.go_in(at.thread, GoState::Running).is_some() && self.is_user(at.thread);
        if !is_running || self.state.go_state(next) != GoState::Waiting || self.sink.version() < Version::Go123 {
            return false;
        }
        self.mention_thread(at, symbols);
        self.mention_go(at, next, symbols);
        let seq = self.next_go_seq(next);
        let kind = if left == GoState::NotExist { EventType::GoSwitchDestroy } else { EventType::GoSwitch };
        self.put(at, kind, &[next, seq]);
        let current = self.state.thread(at.thread).go;
        self.state.unbind_go(at.thread, left);
        if let Some(current) = self.state.gos.get_mut(&current) {
            current.stack = StackIdx(0);
        }
        self.state.bind_go(at.thread, next, GoState::Running);
        true
    }

    pub(super) fn syscall_begin(&mut self, at: At, with: With<'_>) -> bool {
        let Some(go) = self.state.go_in(at.thread, GoState::Running).filter(|_| self.is_user(at.thread)) else {
            return false;
        };
        self.mention_thread(at, with.symbols);
        let proc = self.state.thread(at.thread).proc;
        let seq = self.next_proc_seq(proc);
        let stack = self.stack_id(with);
        self.put(at, EventType::GoSyscallBegin, &[seq, stack]);
        self.state.bind_go(at.thread, go, GoState::Syscall);
        self.state.bind_proc(at.thread, proc, ProcStatus::Syscall);
        if let Some(go) = self.state.gos.get_mut(&go) {
            go.stack = with.stack;
        }
        true
    }

    pub(super) fn syscall_end(&mut self, at: At, symbols: &Symbols) -> bool {
        let Some(go) = self.state.go_in(at.thread, GoState::Syscall) else { return false };
        let proc = self.state.thread(at.thread).proc;
        let status = self.state.procs.get(&proc).map(|proc| proc.status);
        if !matches!(status, Some(ProcStatus::Syscall | ProcStatus::Held)) {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, EventType::GoSyscallEnd, &[]);
        self.state.bind_go(at.thread, go, GoState::Running);
        self.state.bind_proc(at.thread, proc, ProcStatus::Running);
        true
    }

    pub(super) fn syscall_end_blocked(&mut self, at: At, symbols: &Symbols) -> bool {
        if self.state.go_in(at.thread, GoState::Syscall).is_none() {
            return false;
        }
        let proc = self.state.thread(at.thread).proc;
        if let Some(proc) = self.state.procs.get_mut(&proc) {
            match proc.status {
                ProcStatus::Held => proc.status = ProcStatus::Running,
                ProcStatus::Syscall => return false,
                ProcStatus::Idle | ProcStatus::Running | ProcStatus::Abandoned => {}
            }
        }
        self.mention_thread(at, symbols);
        self.put(at, EventType::GoSyscallEndBlocked, &[]);
        self.state.unbind_go(at.thread, GoState::Runnable);
        true
    }

    /// The goroutine of a callback from C ends; readers take the thread's proc away with it.
    pub(super) fn go_destroy_syscall(&mut self, at: At, symbols: &Symbols) -> bool {
        let proc = self.state.thread(at.thread).proc;
        let status = self.state.procs.get(&proc).map(|proc| proc.status);
        let in_call = matches!(status, None | Some(ProcStatus::Syscall | ProcStatus::Held));
        if self.state.go_in(at.thread, GoState::Syscall).is_none() || !in_call {
            return false;
        }
        self.mention_thread(at, symbols);
        self.put(at, EventType::GoDestroySyscall, &[]);
        if proc != NONE {
            self.state.unbind_proc(at.thread, ProcStatus::Abandoned);
        }
        self.state.unbind_go(at.thread, GoState::NotExist);
        true
    }
}
