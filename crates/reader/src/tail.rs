//! The end of a trace that was cut off: until when something is known of each thread.
//!
//! A thread writes its events into a buffer of its own, and the file gets them when that is full. Where a program
//! crashed, or the file was cut, the last events of every thread are missing, up to thousands of them, and the threads'
//! stories end at different times. What they did after is not known, although the trace goes on with others.

use rustc_hash::FxHashMap;

use crate::order::{Order, Output};
use crate::{Event, EventKind, GoId, ProcId, ThreadId, Ts};

/// When something was last heard of everyone, in the last generation.
#[derive(Debug)]
pub struct Tail {
    start: Ts,
    latest: Ts,
    threads: FxHashMap<u64, Ts>,
    gos: FxHashMap<u64, Ts>,
    procs: FxHashMap<u64, Ts>,
}

impl Tail {
    /// Of a generation that begins at `start`.
    pub fn new(start: Ts) -> Self {
        Self {
            start,
            latest: start,
            threads: FxHashMap::default(),
            gos: FxHashMap::default(),
            procs: FxHashMap::default(),
        }
    }

    /// Hears of an event.
    pub fn hear(&mut self, event: &Event) {
        self.latest = self.latest.max(event.ts);
        let later = |map: &mut FxHashMap<u64, Ts>, id: u64| {
            let last = map.entry(id).or_insert(event.ts);
            *last = (*last).max(event.ts);
        };
        // A sample is taken by whoever interrupts the thread: it says nothing of the thread's buffer.
        if event.thread != ThreadId::NONE && event.kind != EventKind::Sample {
            later(&mut self.threads, event.thread.0);
        }
        if let EventKind::Go { go: GoId(go), .. } = event.kind {
            later(&mut self.gos, go);
        } else if let EventKind::Proc { proc: ProcId(proc), .. } = event.kind {
            later(&mut self.procs, proc);
        }
    }

    /// Until when what a thread did is known.
    pub fn of_thread(&self, thread: ThreadId) -> Ts {
        self.threads.get(&thread.0).copied().unwrap_or(self.start)
    }

    /// When a goroutine last changed, but not before `least`.
    pub fn of_go(&self, go: GoId, least: Ts) -> Ts {
        self.gos.get(&go.0).copied().unwrap_or(least).max(least)
    }

    /// When a proc last changed, but not before `least`.
    pub fn of_proc(&self, proc: ProcId, least: Ts) -> Ts {
        self.procs.get(&proc.0).copied().unwrap_or(least).max(least)
    }

    /// Nothing more comes: puts out that everyone's state is unknown from when on. The time that is uncertain in all.
    pub fn end(&self, order: &mut Order, out: &mut Output<'_>) -> Option<(Ts, Ts)> {
        let from = order.lose_rest(self, out)?;
        (from < self.latest).then_some((from, self.latest))
    }
}
