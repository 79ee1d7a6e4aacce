//! Who holds which proc.
//!
//! Go has it that what runs has a proc, and that a proc has one thread. Workers are procs. A worker that blocks its thread
//! hands itself on to another thread, which may say so before the first one is done: then that one keeps the proc if it
//! runs something, and the other takes a proc of its own for as long.

use goroscope_wire::EventType;

use super::{Lanes, Proc, ProcKey, Runtime, Thread};

/// The number before that of the first thread's own proc.
pub(super) const OWN: u64 = 10_000;

/// Where the numbers of workers go on behind those of threads, for programs that make one runtime after the other.
const MORE: u64 = 1 << 32;

/// In `ProcStatus`.
const IDLE: u64 = 2;

impl Lanes {
    /// A runtime has so many workers.
    pub(super) fn meet_runtime(&mut self, runtime: u64, workers: u64, is_driven: u16) {
        if self.runtimes.contains_key(&runtime) {
            return;
        }
        // Worker numbers have 16 bits, and so has the room for them.
        let workers = workers.min(u64::from(u16::MAX));
        let first = self.take_workers(workers);
        self.runtimes.insert(runtime, Runtime { first, workers, is_driven: is_driven != 0 });
    }

    /// Sees to it that the thread has a proc: the one that is asked for if it can be, or else its own.
    pub(super) fn ensure_proc(&mut self, thread: u64, time: u64, wanted: Option<ProcKey>) {
        let held = self.threads.get(thread).and_then(|thread| thread.proc);
        if wanted.is_some() && held.and_then(|held| self.procs.get(held)).map(|proc| proc.key) == wanted {
            return;
        }
        let wanted = wanted.map(|key| self.proc(key));
        if held.is_some() && (wanted.is_none() || wanted == held) {
            return;
        }
        let wanted = wanted.filter(|&proc| self.is_free(proc) || self.steal(proc, time));
        if held.is_some() {
            if wanted.is_none() {
                return;
            }
            self.release(thread, time);
        }
        let proc = wanted.unwrap_or_else(|| self.proc(ProcKey::Thread(thread)));
        self.start_proc(thread, time, proc);
    }

    /// Takes the proc from the thread, if it has one.
    pub(super) fn release(&mut self, thread: u64, time: u64) {
        if let Some(held) = self.unbind_proc(thread) {
            let time = time.max(self.procs.get(held).map_or(0, |proc| proc.last));
            let written = self.out.put(thread, time, EventType::ProcStop, [0; 4]);
            self.touch(held, written);
        }
    }

    /// Takes the proc from the thread if it is the thread's own.
    pub(super) fn release_own(&mut self, thread: u64, time: u64) {
        let proc = self.threads.get(thread).and_then(|thread| thread.proc).and_then(|proc| self.procs.get(proc));
        if proc.is_some_and(|proc| !proc.is_worker()) {
            self.release(thread, time);
        }
    }

    /// As `release`, but a worker that will say when it sleeps keeps its proc.
    pub(super) fn release_if_done(&mut self, thread: u64, time: u64) {
        let Some(state) = self.threads.get(thread) else { return };
        let is_worker = state.proc.and_then(|proc| self.procs.get(proc)).is_some_and(Proc::is_worker);
        if state.stack.is_empty() && !(is_worker && state.is_hooked) {
            self.release(thread, time);
        }
    }

    /// Forgets the own procs of threads that are over, between generations: there may be any number of them.
    pub(super) fn forget_procs(&mut self) {
        let threads = &self.threads;
        let is_over = |proc: &Proc| matches!(proc.key, ProcKey::Thread(thread) if !threads.contains_key(thread));
        if !self.procs.iter().any(is_over) {
            return;
        }
        self.procs.retain(|proc| !is_over(proc));
        self.proc_of = self.procs.iter().enumerate().map(|(row, proc)| (proc.key, row)).collect();
        self.threads.values_mut().for_each(Thread::forget_proc);
        for (row, proc) in self.procs.iter().enumerate() {
            if let Some(thread) = proc.holder.and_then(|holder| self.threads.get_mut(holder)) {
                thread.proc = Some(row);
            }
        }
    }

    /// The row of a proc.
    fn proc(&mut self, key: ProcKey) -> usize {
        if let Some(&row) = self.proc_of.get(&key) {
            return row;
        }
        let number = match key {
            ProcKey::Thread(thread) => OWN + thread,
            ProcKey::Worker { runtime, index } => match self.runtimes.get(&runtime) {
                Some(known) if u64::from(index) < known.workers => known.first + u64::from(index),
                Some(_) | None => self.take_workers(1),
            },
        };
        let row = self.procs.len();
        self.procs.push(Proc { number, key, holder: None, seq: 0, last: 0, told: 0 });
        self.proc_of.insert(key, row);
        row
    }

    /// The first of so many numbers for workers.
    fn take_workers(&mut self, workers: u64) -> u64 {
        if self.next_worker <= OWN && self.next_worker + workers > OWN {
            self.next_worker = MORE;
        }
        let first = self.next_worker;
        self.next_worker += workers;
        self.workers += workers;
        first
    }

    pub(super) fn is_free(&self, proc: usize) -> bool {
        self.procs.get(proc).is_some_and(|proc| proc.holder.is_none())
    }

    /// Takes a proc from a thread that runs nothing.
    fn steal(&mut self, proc: usize, time: u64) -> bool {
        let Some(holder) = self.procs.get(proc).and_then(|proc| proc.holder) else { return false };
        let is_idle = self.threads.get(holder).is_some_and(|thread| thread.stack.is_empty() && thread.ending.is_none());
        if is_idle {
            self.release(holder, time);
        }
        is_idle
    }

    pub(super) fn start_proc(&mut self, thread: u64, time: u64, row: usize) {
        let generation = self.out.number;
        let Some(proc) = self.procs.get_mut(row) else { return };
        let time = time.max(proc.last);
        if proc.told != generation {
            (proc.told, proc.seq) = (generation, 0);
            self.out.put(thread, time, EventType::ProcStatus, [proc.number, IDLE, 0, 0]);
        }
        proc.seq += 1;
        proc.holder = Some(thread);
        let written = self.out.put(thread, time, EventType::ProcStart, [proc.number, proc.seq, 0, 0]);
        self.touch(row, written);
        self.threads.get_or_insert_with(thread, Thread::default).proc = Some(row);
    }

    /// The thread has no proc any more.
    fn unbind_proc(&mut self, thread: u64) -> Option<usize> {
        let held = self.threads.get_mut(thread)?.proc.take()?;
        self.procs.get_mut(held)?.holder = None;
        Some(held)
    }

    fn touch(&mut self, row: usize, time: u64) {
        if let Some(proc) = self.procs.get_mut(row) {
            proc.last = time;
        }
    }

    /// The next sequence number of the thread's proc.
    pub(super) fn next_proc_seq(&mut self, thread: u64) -> Option<u64> {
        let held = self.threads.get(thread)?.proc?;
        let proc = self.procs.get_mut(held)?;
        proc.seq += 1;
        Some(proc.seq)
    }
}

impl Proc {
    fn is_worker(&self) -> bool {
        matches!(self.key, ProcKey::Worker { .. })
    }
}
