//! Where a generation begins: everybody's state, because each generation can be read without those before it.
//!
//! Who runs is told on the thread that runs it, before anything else of that thread. The others are told on no thread;
//! their sequence numbers make readers wait for that.

use std::time::Duration;

use goroscope_wire::{EventType, NO_THREAD, Version};

use super::super::generation::StackKey;
use super::super::names::Names;
use super::procs::OWN;
use super::{GoState, Lanes, Mode};

/// In `ProcStatus`.
const RUNNING: u64 = 1;
const IDLE: u64 = 2;

impl Lanes {
    /// Begins a generation.
    pub(super) fn open(&mut self, time: u64, wall: Duration, names: &mut Names) {
        self.is_open = true;
        self.told_workers = 0;
        self.forget_procs();
        self.out.begin(time, wall);
        let (generation, start) = (self.out.number, self.out.start);
        for proc in &mut self.procs {
            (proc.seq, proc.told) = (0, generation);
            let (thread, status) = proc.holder.map_or((NO_THREAD, IDLE), |thread| (thread, RUNNING));
            proc.last = self.out.put(thread, start, EventType::ProcStatus, [proc.number, status, 0, 0]);
        }
        let mut ids: Vec<u64> = self.gos.keys().collect();
        ids.sort_unstable();
        for id in ids {
            let Some(go) = self.gos.get_mut(id) else { continue };
            go.seq = 0;
            let thread = match go.state {
                GoState::Running | GoState::Syscall => go.thread.unwrap_or(NO_THREAD),
                GoState::Runnable | GoState::Waiting => NO_THREAD,
            };
            let key = StackKey::Standing(go.site, go.waits);
            let stack = if self.version >= Version::Go123 {
                self.out.stack(key, names.standing(go.site, go.waits).as_ref())
            } else {
                0
            };
            let kind = if stack == 0 { EventType::GoStatus } else { EventType::GoStatusStack };
            go.last = self.out.put(thread, start, kind, [id, thread, go.state as u64, stack]);
        }
        self.out.opened();
    }

    /// Go's tools before 1.25 refuse a generation without events. One that goes for every other reader is that a proc
    /// is idle, which no thread ever has.
    pub(super) fn tell_nothing(&mut self) {
        if self.version < Version::Go125 {
            self.out.put(NO_THREAD, self.out.start, EventType::ProcStatus, [OWN, IDLE, 0, 0]);
        }
    }

    /// Whether the innermost of the thread runs.
    pub(super) fn is_running(&self, thread: u64) -> bool {
        self.top(thread).is_some_and(|entry| entry.mode == Mode::Running)
    }
}
