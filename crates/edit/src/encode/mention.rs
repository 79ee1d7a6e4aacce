//! The states that a generation must say of what it mentions, before anything else about it.
//!
//! What a thread has is said on that thread, anything else on the thread whose event concerns it. What no event concerns
//! is said at the generation's end, by no thread.

use goroscope_reader::{EventType, GoState, StackIdx, StringIdx, Symbols, Version};

use super::Encoder;
use super::ops::{At, With};
use super::state::{NONE, ProcStatus};

impl Encoder {
    /// Whether the state of something last mentioned in this generation must be written.
    pub(super) fn is_due(&self, mentioned: u64) -> bool {
        self.writes && mentioned != self.sink.generation
    }

    /// Writes what a thread has, unless the generation says so already.
    pub(super) fn mention_thread(&mut self, at: At, symbols: &Symbols) {
        let thread = self.state.thread(at.thread);
        // Nothing that the thread had at first can have changed before.
        let at = if self.is_first() { self.elsewhere(at.thread, at.time) } else { at };
        if thread.proc != NONE {
            self.mention_held_proc(at, thread.proc);
        }
        if thread.go != NONE {
            self.mention_bound_go(at, thread.go, symbols);
        }
    }

    fn mention_held_proc(&mut self, at: At, id: u64) {
        let Some(proc) = self.state.procs.get_mut(&id) else { return };
        if proc.status == ProcStatus::Held {
            proc.status = ProcStatus::Syscall;
        }
        let proc = *proc;
        if self.is_due(proc.mentioned) {
            let status = if proc.status == ProcStatus::Syscall { 3 } else { 1 };
            self.put(at, EventType::ProcStatus, &[id, status]);
            self.note_proc(id, at);
        }
    }

    fn mention_bound_go(&mut self, at: At, id: u64, symbols: &Symbols) {
        let Some(go) = self.state.gos.get(&id) else { return };
        if self.is_due(go.mentioned) {
            let status = if go.state == GoState::Syscall { 3 } else { 2 };
            self.put(at, EventType::GoStatus, &[id, at.thread, status]);
            self.note_go(id, at);
        }
        // A stop of the world has no event that says that it goes on, so it begins again.
        let owes = self.writes && self.state.gos.get(&id).is_some_and(|go| go.owes_stops);
        if owes && self.is_user(at.thread) {
            let stops = self.state.gos.get_mut(&id).map(|go| {
                go.owes_stops = false;
                go.stops.clone()
            });
            for name in stops.into_iter().flatten() {
                let why = self.stop_reason(name, symbols);
                self.put(at, EventType::STWBegin, &[why, 0]);
            }
        }
    }

    pub(super) fn stop_reason(&mut self, name: StringIdx, symbols: &Symbols) -> u64 {
        let text = symbols.string(name);
        let why = text.strip_prefix("stop-the-world (").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        if self.writes { self.sink.part(name, why) } else { 0 }
    }

    /// After the state of a goroutine was written.
    fn note_go(&mut self, id: u64, at: At) {
        let (generation, first) = (self.sink.generation, self.is_first());
        let Some(go) = self.state.gos.get_mut(&id) else { return };
        go.mentioned = generation;
        go.seq = 0;
        if go.assists && first {
            go.assist_mentioned = generation;
            self.put(at, EventType::GCMarkAssistActive, &[id]);
        }
    }

    fn note_proc(&mut self, id: u64, at: At) {
        let (generation, first) = (self.sink.generation, self.is_first());
        let Some(proc) = self.state.procs.get_mut(&id) else { return };
        proc.mentioned = generation;
        proc.seq = 0;
        if proc.sweeps && first {
            proc.sweep_mentioned = generation;
            self.put(at, EventType::GCSweepActive, &[id]);
        }
    }

    /// Writes the state of a goroutine, unless the generation says it already.
    pub(super) fn mention_go(&mut self, at: At, id: u64, symbols: &Symbols) {
        let Some(go) = self.state.gos.get(&id) else { return };
        if !self.is_due(go.mentioned) {
            return;
        }
        if go.thread != NONE {
            let at = self.elsewhere(go.thread, at.time);
            self.mention_thread(at, symbols);
            return;
        }
        let status = if go.state == GoState::Waiting { 4 } else { 1 };
        self.put(at, EventType::GoStatus, &[id, NONE, status]);
        self.note_go(id, at);
    }

    /// Writes the state of a proc, unless the generation says it already.
    pub(super) fn mention_proc(&mut self, at: At, id: u64, symbols: &Symbols) {
        let Some(proc) = self.state.procs.get(&id) else { return };
        if !self.is_due(proc.mentioned) {
            return;
        }
        if proc.thread != NONE {
            let at = self.elsewhere(proc.thread, at.time);
            self.mention_thread(at, symbols);
            return;
        }
        let status = if proc.status == ProcStatus::Abandoned { 4 } else { 2 };
        self.put(at, EventType::ProcStatus, &[id, status]);
        self.note_proc(id, at);
    }

    /// A place on another thread, whose own events to come may be earlier.
    pub(super) fn elsewhere(&self, thread: u64, time: i64) -> At {
        At { thread, time: if self.sink.has_written(thread) { time } else { self.sink.start.min(time) } }
    }

    /// Whether the thread has a proc and a goroutine, as most events need.
    pub(super) fn is_user(&self, thread: u64) -> bool {
        let thread = self.state.thread(thread);
        thread.go != NONE && thread.proc != NONE
    }

    /// Writes the states that the generation has not mentioned, at its end.
    pub(super) fn mention_rest(&mut self, time: i64, symbols: &Symbols) {
        let nowhere = At { thread: NONE, time };
        for id in self.state.proc_ids() {
            self.mention_proc(nowhere, id, symbols);
        }
        for id in self.state.go_ids() {
            self.mention_go_at_end(nowhere, id, symbols);
        }
    }

    fn mention_go_at_end(&mut self, nowhere: At, id: u64, symbols: &Symbols) {
        let Some(go) = self.state.gos.get(&id) else { return };
        if !self.is_due(go.mentioned) {
            return;
        }
        let (state, thread, stack) = (go.state, go.thread, go.stack);
        // A thread in a system call without a proc is silent, and may never have said anything.
        let is_silent = state == GoState::Syscall && self.state.thread(thread).proc == NONE;
        if thread != NONE && !is_silent {
            self.mention_thread(self.elsewhere(thread, nowhere.time), symbols);
            return;
        }
        let status = match state {
            GoState::Waiting => 4,
            GoState::Syscall => 3,
            GoState::Running | GoState::Runnable | GoState::Undetermined | GoState::NotExist => 1,
        };
        // A state that is first told in a later generation has a stack of that one, which has not been read yet.
        let is_known = stack != StackIdx(0) && stack.index() < symbols.stack_count();
        if is_known && self.sink.version() >= Version::Go123 {
            let stack = self.stack_id(With { stack, symbols });
            self.put(nowhere, EventType::GoStatusStack, &[id, thread, status, stack]);
        } else {
            self.put(nowhere, EventType::GoStatus, &[id, thread, status]);
        }
        self.note_go(id, nowhere);
    }
}
