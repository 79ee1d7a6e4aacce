//! The end of a trace of the old format that was cut off: until when something is known of each proc.
//!
//! As in the newer format (`crate::tail`), only that here procs write, not threads: what runs on a proc is known until the
//! proc's last event, everything else until the first of the procs that run falls silent.

use std::collections::BTreeMap;

use crate::{Event, EventKind, GoId, GoState, ProcId, ProcState, StackIdx, StringIdx, ThreadId, Ts};

/// When something was last heard of everyone.
#[derive(Debug, Default)]
pub struct Tail {
    /// When each proc wrote last, and what it did.
    procs: BTreeMap<u64, (Ts, ProcState)>,
    /// What each goroutine did since when, and on which proc.
    gos: BTreeMap<u64, (Ts, GoState, ProcId)>,
}

impl Tail {
    /// Hears of an event.
    pub fn hear(&mut self, event: &Event) {
        if let Some(proc) = event.proc.get() {
            let (last, _) = self.procs.entry(proc).or_insert((event.ts, ProcState::Undetermined));
            *last = (*last).max(event.ts);
        }
        if let EventKind::Proc { proc: ProcId(proc), to, .. } = event.kind {
            self.procs.insert(proc, (event.ts, to));
        } else if let EventKind::Go { go: GoId(go), to: GoState::NotExist, .. } = event.kind {
            self.gos.remove(&go);
        } else if let EventKind::Go { go: GoId(go), to, .. } = event.kind {
            let proc = if to == GoState::Running { event.proc } else { ProcId::NONE };
            self.gos.insert(go, (event.ts, to, proc));
        }
    }

    /// Nothing more comes: appends from when on whose state is not known. The time that is uncertain in all.
    pub fn end(&self, latest: Ts, out: &mut Vec<Event>) -> Option<(Ts, Ts)> {
        let running = self.procs.values().filter(|(_, state)| *state == ProcState::Running);
        let silent = running.map(|(last, _)| *last).min()?;
        for (&go, &(since, from, proc)) in &self.gos {
            let until = proc.get().and_then(|proc| self.procs.get(&proc)).map_or(silent, |(last, _)| *last);
            if from != GoState::Undetermined {
                let (reason, stack) = (StringIdx(0), StackIdx(0));
                let kind = EventKind::Go { go: GoId(go), from, to: GoState::Undetermined, reason, stack };
                out.push(lost(until.max(since), kind));
            }
        }
        for (&proc, &(last, from)) in &self.procs {
            let until = if from == ProcState::Running { last } else { last.max(silent) };
            if from != ProcState::Undetermined {
                out.push(lost(until, EventKind::Proc { proc: ProcId(proc), from, to: ProcState::Undetermined }));
            }
        }
        (silent < latest).then_some((silent, latest))
    }
}

fn lost(ts: Ts, kind: EventKind) -> Event {
    Event { ts, thread: ThreadId::NONE, proc: ProcId::NONE, go: GoId::NONE, stack: StackIdx(0), kind }
}
