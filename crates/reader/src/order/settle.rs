//! Compares what was assumed of the begin of a generation with what it is, and goes on from the one to the other.
//!
//! 1. [`Order::agrees_with`] looks at every note of `crates/reader/src/order/assume.rs`. What was not asked for can be
//!    anything, but must be consistent: what a thread has knows that it is there.
//! 2. [`Order::settled`] adds what the generation did not mention yet as it was before. From there on nothing is unknown,
//!    so that a generation can be settled in its middle as well as at its end.
//! 3. [`Begin`] is what the events need that were put out before: who had what at the begin, and what was open.

use rustc_hash::FxHashMap;

use super::assume::{GcEvent, Range};
use super::{GcPhase, Order};
use crate::state::{NONE, Open, Proc, ProcStatus, Thread, UNKNOWN_GO, UNKNOWN_PROC};
use crate::{GoId, GoState, ProcId, ThreadId};

/// The begin of a generation, as far as its events depend on it.
#[derive(Debug, Default)]
pub struct Begin {
    threads: FxHashMap<ThreadId, (ProcId, GoId)>,
    holders: FxHashMap<ProcId, ThreadId>,
    /// What goroutines have begun and not ended.
    pub open: FxHashMap<GoId, Open>,
}

impl Begin {
    /// Proc and goroutine of a thread.
    pub fn of_thread(&self, thread: ThreadId) -> (ProcId, GoId) {
        self.threads.get(&thread).copied().unwrap_or((ProcId::NONE, GoId::NONE))
    }

    /// The thread that holds a proc.
    pub fn holder(&self, proc: ProcId) -> ThreadId {
        self.holders.get(&proc).copied().unwrap_or(ThreadId::NONE)
    }
}

impl Order {
    /// Whether all that is assumed of the begin of this generation is so at the end of the one before.
    pub fn agrees_with(&self, before: &Self) -> bool {
        let Some(assumed) = &self.assumed else { return false };
        let follows = self.generation == before.generation + 1 && self.zero == before.zero;
        follows
            && !assumed.is_in_doubt
            && before.is_consistent()
            && self.agrees_on_threads(before)
            && self.agrees_on_gos(before)
            && self.agrees_on_procs(before)
            && self.agrees_on_ranges(before)
            && self.agrees_on_unknown_threads(before)
    }

    /// Whether threads and what they have know each other, and no thread is in trouble.
    fn is_consistent(&self) -> bool {
        let resources = &self.resources;
        resources.threads.iter().zip(0..).all(|(thread, index)| {
            let has_go = resources.gos.get(thread.go_index as usize).is_some_and(|go| {
                let knows = go.id == thread.go && go.thread == index;
                knows && matches!(go.state, GoState::Running | GoState::Syscall)
            });
            let has_proc = resources.procs.get(thread.proc_index as usize).is_some_and(|proc| {
                let knows = proc.id == thread.proc && proc.thread == index;
                knows && matches!(proc.status, ProcStatus::Running | ProcStatus::Syscall)
            });
            !thread.lost && (thread.go == GoId::NONE || has_go) && (thread.proc == ProcId::NONE || has_proc)
        })
    }

    fn agrees_on_threads(&self, before: &Self) -> bool {
        self.assumed.iter().flat_map(|assumed| &assumed.threads).all(|(&index, has)| {
            let id = self.resources.threads[index as usize].id;
            let thread = before.resources.thread(id.0);
            let is_seen = thread.is_some_and(|thread| thread.seen);
            let (go, proc) = thread.map_or((GoId::NONE, ProcId::NONE), |thread| (thread.go, thread.proc));
            has.go.is_none_or(|it| it == go && (is_seen || go == GoId::NONE))
                && has.proc.is_none_or(|it| it == proc && (is_seen || proc == ProcId::NONE))
        })
    }

    fn agrees_on_gos(&self, before: &Self) -> bool {
        let Some(assumed) = &self.assumed else { return false };
        let has_state = |(&id, &state)| before.resources.go(id).is_some_and(|go| go.state == state);
        let is_created = |id: u64| assumed.created.binary_search(&id).is_ok();
        assumed.gos.iter().all(has_state) && !before.resources.gos.iter().any(|go| is_created(go.id.0))
    }

    fn agrees_on_procs(&self, before: &Self) -> bool {
        self.assumed.iter().flat_map(|assumed| &assumed.procs).all(|(&id, &status)| {
            let known = before.resources.proc_index(id).map(|index| before.resources.procs[index as usize]);
            let is_held = |proc: &Proc| before.has_thread(proc);
            known.is_some_and(|proc| proc.status == status && (status != ProcStatus::Syscall || is_held(&proc)))
        })
    }

    fn has_thread(&self, proc: &Proc) -> bool {
        self.resources.threads.get(proc.thread as usize).is_some_and(|thread| thread.proc == proc.id)
    }

    fn agrees_on_ranges(&self, before: &Self) -> bool {
        let Some(assumed) = &self.assumed else { return false };
        let is = |range: Range, is_open: bool| (range == Range::Open) == is_open;
        let assist = |(&id, &range): (&u64, &Range)| before.resources.go(id).is_some_and(|go| is(range, go.assists));
        let sweep = |(&id, &range): (&u64, &Range)| {
            let index = before.resources.proc_index(id);
            index.is_some_and(|index| is(range, before.resources.procs[index as usize].sweeps))
        };
        let stop = |(&id, &range): (&u64, &Range)| {
            before.resources.open_of(id).is_some_and(|open| open.stops.len() == usize::from(range == Range::Open))
        };
        let gc = assumed.gc.is_none_or(|(event, number)| {
            let is_on = before.gc.phase == GcPhase::On;
            before.gc.phase == GcPhase::Undetermined
                || (number == before.gc.seq.wrapping_add(1) && is_on == (event != GcEvent::Begin))
        });
        gc && assumed.assists.iter().all(assist)
            && assumed.sweeps.iter().all(sweep)
            && assumed.stops.iter().all(stop)
            && !assumed.tasks.iter().any(|task| before.tasks.contains_key(task))
    }

    /// Whether threads that are still unknown can get what they had.
    fn agrees_on_unknown_threads(&self, before: &Self) -> bool {
        let Some(assumed) = &self.assumed else { return false };
        before.resources.threads.iter().all(|thread| {
            let here = self.resources.thread(thread.id.0);
            let go_is_unknown = here.is_none_or(|here| here.go == UNKNOWN_GO);
            let proc_is_unknown = here.is_none_or(|here| here.proc == UNKNOWN_PROC);
            let proc = self.resources.proc_index(thread.proc.0).filter(|_| assumed.procs.contains_key(&thread.proc.0));
            // A proc that is mentioned already is bound to whoever holds it, unless it is to be stolen from that one.
            let proc_fits = proc.is_none_or(|proc| self.is_to_be_stolen(proc) == proc_is_unknown);
            proc_fits && !(go_is_unknown && assumed.gos.contains_key(&thread.go.0))
        })
    }

    /// Whether a proc is held by a thread that is not known yet.
    fn is_to_be_stolen(&self, proc: u32) -> bool {
        let proc = &self.resources.procs[proc as usize];
        proc.status == ProcStatus::Syscall && proc.thread == NONE
    }

    /// This generation behind the one before, with which it agrees.
    pub fn settled(mut self, before: Self) -> (Self, Begin) {
        let assumed = self.assumed.take().unwrap_or_default();
        let mut begin = Begin::default();
        // Where each thread of before is now.
        let mut places = Vec::with_capacity(before.resources.threads.len());
        for thread in &before.resources.threads {
            begin.threads.insert(thread.id, (thread.proc, thread.go));
            if thread.proc != ProcId::NONE {
                begin.holders.insert(thread.proc, thread.id);
            }
            places.push(self.resources.thread_index(thread.id.0));
        }
        for (index, go) in before.resources.gos.iter().enumerate().filter(|(_, go)| go.id != GoId::NONE) {
            let open = &before.resources.open[index];
            if *open != Open::default() {
                begin.open.insert(go.id, open.clone());
            }
            let is_mentioned = assumed.gos.contains_key(&go.id.0);
            if !is_mentioned {
                let place = self.resources.add_go(go.id.0, go.state, go.seq);
                self.resources.gos[place as usize].assists = go.assists;
            } else if !assumed.assists.contains_key(&go.id.0)
                && let Some(place) = self.resources.go_index(go.id.0)
            {
                self.resources.gos[place as usize].assists = go.assists;
            }
        }
        for proc in &before.resources.procs {
            let place = self.resources.proc_index(proc.id.0);
            let place = place.unwrap_or_else(|| self.resources.add_proc(proc.id.0, proc.status, proc.seq));
            if !assumed.sweeps.contains_key(&proc.id.0) {
                self.resources.procs[place as usize].sweeps = proc.sweeps;
            }
        }
        for (thread, &place) in before.resources.threads.iter().zip(&places) {
            self.settle_thread(thread, place);
        }
        self.resources.threads_begin_unknown = false;
        for thread in 0..self.resources.threads.len() as u32 {
            self.settle_new_thread(thread);
        }
        // What is open comes back when the events that were put out are told.
        self.resources.open.fill(Open::default());
        self.tasks = before.tasks;
        self.misused_regions = before.misused_regions;
        if assumed.gc.is_none() {
            self.gc = before.gc;
        }
        (self, begin)
    }

    /// Gives a thread at `place` what it had before, as far as it was unknown until now.
    fn settle_thread(&mut self, before: &Thread, place: u32) {
        let resources = &mut self.resources;
        resources.threads[place as usize].seen |= before.seen;
        let Thread { go, proc, .. } = resources.threads[place as usize];
        if go == UNKNOWN_GO {
            resources.unbind_go(place);
            if let Some(index) = resources.go_index(before.go.0) {
                resources.bind_go(place, index);
            }
        }
        if proc == UNKNOWN_PROC {
            resources.unbind_proc(place);
            if let Some(index) = resources.proc_index(before.proc.0) {
                resources.bind_proc(place, index);
            }
        }
    }

    /// A thread that was not there before had nothing.
    fn settle_new_thread(&mut self, place: u32) {
        let Thread { go, proc, .. } = self.resources.threads[place as usize];
        if go == UNKNOWN_GO {
            self.resources.unbind_go(place);
        }
        if proc == UNKNOWN_PROC {
            self.resources.unbind_proc(place);
        }
    }

    /// Puts back what goroutines have begun and not ended, now that all events are told.
    pub fn reopen(&mut self, mut open: FxHashMap<GoId, Open>) {
        for (go, place) in self.resources.gos.iter().zip(&mut self.resources.open) {
            *place = open.remove(&go.id).unwrap_or_default();
        }
    }
}
