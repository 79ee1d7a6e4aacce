//! Ranges: the mark phase, sweeping, mark assists, stops of the world. As in [`super::ops`].

use goroscope_reader::{EventType, StringIdx, Symbols};

use super::Encoder;
use super::ops::{At, With};
use super::state::NONE;

impl Encoder {
    /// The mark phase is found to go on.
    pub(super) fn mark_active(&mut self, at: At, symbols: &Symbols) -> bool {
        if !self.state.marks || !self.is_user(at.thread) {
            return false;
        }
        // In the first generation it was said at the start.
        if self.is_first() {
            return true;
        }
        self.mention_thread(at, symbols);
        self.state.mark_seq += 1;
        self.put(at, EventType::GCActive, &[self.state.mark_seq]);
        true
    }

    /// The output begins while the garbage collector marks.
    pub(super) fn mark_from_start(&mut self, time: i64) {
        self.state.mark_seq = 1;
        self.put(At { thread: NONE, time }, EventType::GCActive, &[1]);
    }

    pub(super) fn mark_begin(&mut self, at: At, with: With<'_>) -> bool {
        if self.state.marks || !self.is_user(at.thread) {
            return false;
        }
        self.state.marks = true;
        self.state.mark_seq += 1;
        let stack = self.stack_id(with);
        self.note(at, EventType::GCBegin, &[self.state.mark_seq, stack], with.symbols)
    }

    pub(super) fn mark_end(&mut self, at: At, symbols: &Symbols) -> bool {
        if !self.state.marks || !self.is_user(at.thread) {
            return false;
        }
        self.state.marks = false;
        self.state.mark_seq += 1;
        self.note(at, EventType::GCEnd, &[self.state.mark_seq], symbols)
    }

    pub(super) fn sweep_begin(&mut self, at: At, with: With<'_>) -> bool {
        let proc = self.state.thread(at.thread).proc;
        if self.state.procs.get(&proc).is_none_or(|proc| proc.sweeps) {
            return false;
        }
        let stack = self.stack_id(with);
        self.note_of_proc(at, EventType::GCSweepBegin, &[stack], with.symbols);
        self.set_sweeps(proc, true);
        true
    }

    pub(super) fn sweep_end(&mut self, at: At, bytes: (u64, u64), symbols: &Symbols) -> bool {
        let proc = self.state.thread(at.thread).proc;
        if !self.state.procs.get(&proc).is_some_and(|proc| proc.sweeps) {
            return false;
        }
        self.note_of_proc(at, EventType::GCSweepEnd, &[bytes.0, bytes.1], symbols);
        self.set_sweeps(proc, false);
        true
    }

    fn set_sweeps(&mut self, id: u64, sweeps: bool) {
        let generation = self.sink.generation;
        if let Some(proc) = self.state.procs.get_mut(&id) {
            proc.sweeps = sweeps;
            proc.sweep_mentioned = generation;
        }
    }

    /// A proc is found to sweep.
    pub(super) fn sweep_active(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        if !self.state.procs.get(&id).is_some_and(|proc| proc.sweeps) {
            return false;
        }
        self.mention_proc(at, id, symbols);
        let is_due = self.state.procs.get(&id).is_some_and(|proc| self.is_due(proc.sweep_mentioned));
        if is_due {
            self.put(at, EventType::GCSweepActive, &[id]);
            self.set_sweeps(id, true);
        }
        true
    }

    pub(super) fn assist_begin(&mut self, at: At, with: With<'_>) -> bool {
        let go = self.state.thread(at.thread).go;
        if !self.is_user(at.thread) || self.state.gos.get(&go).is_none_or(|go| go.assists) {
            return false;
        }
        let stack = self.stack_id(with);
        self.note(at, EventType::GCMarkAssistBegin, &[stack], with.symbols);
        self.set_assists(go, true);
        true
    }

    pub(super) fn assist_end(&mut self, at: At, symbols: &Symbols) -> bool {
        let go = self.state.thread(at.thread).go;
        if !self.is_user(at.thread) || !self.state.gos.get(&go).is_some_and(|go| go.assists) {
            return false;
        }
        self.note(at, EventType::GCMarkAssistEnd, &[], symbols);
        self.set_assists(go, false);
        true
    }

    fn set_assists(&mut self, id: u64, assists: bool) {
        let generation = self.sink.generation;
        if let Some(go) = self.state.gos.get_mut(&id) {
            go.assists = assists;
            go.assist_mentioned = generation;
        }
    }

    /// A goroutine is found to assist.
    pub(super) fn assist_active(&mut self, at: At, id: u64, symbols: &Symbols) -> bool {
        if !self.state.gos.get(&id).is_some_and(|go| go.assists) {
            return false;
        }
        self.mention_go(at, id, symbols);
        let is_due = self.state.gos.get(&id).is_some_and(|go| self.is_due(go.assist_mentioned));
        if is_due {
            self.put(at, EventType::GCMarkAssistActive, &[id]);
            self.set_assists(id, true);
        }
        true
    }

    pub(super) fn stop_begin(&mut self, at: At, name: StringIdx, with: With<'_>) -> bool {
        let go = self.state.thread(at.thread).go;
        if !self.is_user(at.thread) || self.state.gos.get(&go).is_none_or(|go| go.stops.contains(&name)) {
            return false;
        }
        self.mention_thread(at, with.symbols);
        let (why, stack) = (self.stop_reason(name, with.symbols), self.stack_id(with));
        self.put(at, EventType::STWBegin, &[why, stack]);
        if let Some(go) = self.state.gos.get_mut(&go) {
            go.stops.push(name);
        }
        true
    }

    pub(super) fn stop_end(&mut self, at: At, symbols: &Symbols) -> bool {
        let go = self.state.thread(at.thread).go;
        if !self.is_user(at.thread) || self.state.gos.get(&go).is_none_or(|go| go.stops.is_empty()) {
            return false;
        }
        self.note(at, EventType::STWEnd, &[], symbols);
        if let Some(go) = self.state.gos.get_mut(&go) {
            go.stops.swap_remove(0);
        }
        true
    }
}
