//! Goroutine and proc events to spans of goroutines, procs and threads.
//!
//! One event changes one goroutine or one proc. What it means for the lanes follows in three steps:
//!
//! 1. Bind and unbind: which thread runs which goroutine and holds which proc.
//! 2. The goroutine whose state is new begins a span. A goroutine in a system call also begins one when its proc is
//!    taken, although its state stays.
//! 3. The thread and the proc that are concerned show what they are bound to now.
//!
//! A state that is seen for the first time (`Undetermined` before it) is one that the resource had all along: its span
//! begins where the trace does, or where it goes on after a loss, however late the event that says so was written.
//!
//! After a loss every lane is unknown from the last event before it. A goroutine that stays unknown through a whole
//! generation is gone, because every generation mentions all there are: its lane ends where the trace went on.

use goroscope_reader::{Event, GoState, ProcState};

use super::backwards::Backwards;
use super::bindings::{Bindings, GoNow, ProcNow, ThreadNow, UNKNOWN};
use super::go_log::{Context, GoLog};
use super::holder_log::{Held, HolderLog, Stint};
use super::id_map::IdMap;
use super::naming::{Naming, RootSource};
use crate::storage::Arena;
use crate::{
    Class, GoId, GoIdx, Goroutine, GroupIdx, Proc, ProcId, ProcIdx, StackIdx, StringIdx, Thread, ThreadId, ThreadIdx,
};

/// A goroutine's transition, without its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    pub from: GoState,
    pub to: GoState,
    pub reason: StringIdx,
    pub stack: StackIdx,
}

/// Goroutines, procs and threads, their spans so far and their bindings now.
pub(crate) struct Scheduling {
    pub goroutines: Vec<Goroutine>,
    pub procs: Vec<Proc>,
    pub threads: Vec<Thread>,
    pub go_log: GoLog,
    pub proc_log: HolderLog,
    pub thread_log: HolderLog,
    pub backwards: Backwards,
    pub naming: Naming,
    /// Where packed spans and rows go.
    pub arena: Arena,
    now: Bindings,
    go_ids: IdMap,
    proc_ids: IdMap,
    thread_ids: IdMap,
    /// Where the trace begins, or goes on after the last loss, ns.
    base: i64,
    /// The first goroutine of the trace, if there are several traces in the file.
    first_of_trace: u32,
    /// What was seen since the last loss: only that can be lost.
    known_gos: Vec<GoIdx>,
    known_procs: Vec<ProcIdx>,
    known_threads: Vec<ThreadIdx>,
    /// Goroutines whose state was lost since the last sync, and those between the two before that.
    unknown: Vec<GoIdx>,
    long_unknown: Vec<GoIdx>,
}

impl Scheduling {
    /// Nothing yet.
    pub fn new(arena: Arena) -> Self {
        Self {
            goroutines: Vec::new(),
            procs: Vec::new(),
            threads: Vec::new(),
            go_log: GoLog::new(&arena),
            proc_log: HolderLog::new(&arena),
            thread_log: HolderLog::new(&arena),
            backwards: Backwards::default(),
            naming: Naming::default(),
            arena,
            now: Bindings::default(),
            go_ids: IdMap::default(),
            proc_ids: IdMap::default(),
            thread_ids: IdMap::default(),
            base: 0,
            first_of_trace: 0,
            known_gos: Vec::new(),
            known_procs: Vec::new(),
            known_threads: Vec::new(),
            unknown: Vec::new(),
            long_unknown: Vec::new(),
        }
    }

    /// The goroutine that has this id now, or had it last, or `NONE`.
    #[inline]
    pub fn go(&mut self, id: GoId) -> GoIdx {
        GoIdx(self.go_ids.get(id.0))
    }

    /// The proc of this id, or `NONE`.
    #[inline]
    pub fn proc(&mut self, id: ProcId) -> ProcIdx {
        ProcIdx(self.proc_ids.get(id.0))
    }

    /// The thread of this id, or `NONE`.
    #[inline]
    pub fn thread(&mut self, id: ThreadId) -> ThreadIdx {
        ThreadIdx(self.thread_ids.get(id.0))
    }

    /// The goroutine of this id; unknown until a status says more if it was never seen.
    pub fn go_or_unknown(&mut self, id: GoId) -> GoIdx {
        let mut go = self.go(id);
        if go == GoIdx::NONE && id != GoId::NONE {
            go = self.add_go(id);
            self.push_unknown(go, self.base);
        }
        go
    }

    /// The proc of this id; unknown until a status says more if it was never seen.
    pub fn proc_or_unknown(&mut self, id: ProcId) -> ProcIdx {
        let mut proc = self.proc(id);
        if proc == ProcIdx::NONE && id != ProcId::NONE {
            proc = self.add_proc(id);
            self.show_on_proc(proc, self.base, UNKNOWN);
        }
        proc
    }

    /// The thread of this id; unknown from `ts` if it was never seen.
    pub fn thread_or_unknown(&mut self, id: ThreadId, ts: i64) -> ThreadIdx {
        let thread = self.thread_or_new(id);
        if self.is_new(thread) {
            self.show_on_thread(thread, ts, UNKNOWN);
        }
        thread
    }

    /// `ts` on the goroutine's own clock, which does not run backwards.
    pub fn go_time(&mut self, go: GoIdx, ts: i64) -> i64 {
        if go == GoIdx::NONE { ts } else { self.backwards.clamp(ts, self.go_log.last_start(go)) }
    }

    /// A stack of the goroutine, whose root may be its start function.
    #[inline]
    pub fn saw_stack(&mut self, go: GoIdx, stack: StackIdx, source: RootSource) {
        self.naming.saw_stack(go, stack, source);
    }

    /// A goroutine changes its state, or its state is seen.
    #[inline]
    pub fn go_event(&mut self, event: &Event, id: GoId, transition: Transition) {
        if !self.go_takes_turn(event, id, transition) {
            self.go_event_at_length(event, id, transition);
        }
    }

    fn go_event_at_length(&mut self, event: &Event, id: GoId, transition: Transition) {
        let Transition { from, to, stack, .. } = transition;
        let go = self.go_of_transition(id, from, event);
        let now = self.now.gos[go.index()];
        let source = if from == GoState::NotExist { RootSource::Creation } else { RootSource::Transition };
        self.saw_stack(go, stack, source);
        let is_seen_again = now.state == to && (from == to || from == GoState::Undetermined);
        if is_seen_again && !self.go_log.is_empty(go) {
            if stack != StackIdx(0) {
                self.go_log.add_stack(go, stack);
            }
            return;
        }
        let executor = self.thread_or_new(event.thread);
        let is_status = from == GoState::Undetermined;
        let at = if is_status && self.was_so_before(go, to, executor) { self.base } else { event.ts.0 };

        let left = now.thread;
        self.now.unbind_go(go);
        self.now.gos[go.index()].state = to;
        if now.state == GoState::Undetermined {
            self.known_gos.push(go);
        }
        match to {
            GoState::NotExist => {
                let end = self.go_log.end(go, at, &mut self.backwards);
                self.goroutines[go.index()].ended = Some(end);
            }
            GoState::Running | GoState::Syscall => {
                self.now.bind_go(go, executor);
                self.begin_span(go, at, event, transition, executor);
            }
            GoState::Undetermined => {
                self.unknown.push(go);
                self.now.lose_thread(left);
                self.begin_span(go, at, event, transition, executor);
            }
            GoState::Runnable | GoState::Waiting => self.begin_span(go, at, event, transition, executor),
        }
        self.refresh(left, is_status, event.ts.0);
        if executor != left && (self.now.gos[go.index()].thread == executor || self.is_new(executor)) {
            self.refresh(executor, is_status, event.ts.0);
        }
    }

    /// Most transitions are one of three: a thread with a proc begins to run a goroutine that was ready, is done with the
    /// one that it runs, or makes another one ready. They take a short way to what the steps for all transitions come to;
    /// `false` if it is none of them.
    #[inline]
    fn go_takes_turn(&mut self, event: &Event, id: GoId, transition: Transition) -> bool {
        let Transition { from, to, reason, stack } = transition;
        let (go, executor, ts) = (self.go(id), self.thread(event.thread), event.ts.0);
        let Some(&now) = self.now.gos.get(go.index()).filter(|now| now.state == from) else { return false };
        let Some(at) = self.now.threads.get(executor.index()) else { return false };
        let (proc, running) = (at.proc, at.go);
        if !self.now.holds_for_certain(executor, proc) {
            return false;
        }
        match (from, to) {
            (GoState::Runnable, GoState::Running) if running == GoIdx::NONE => {
                self.saw_stack(go, stack, RootSource::Transition);
                self.now.start(go, executor);
                let context = Context { reason, stack, thread: executor, proc, ..Context::EMPTY };
                self.go_log.push(go, ts, Class::Running, context, &mut self.backwards);
                self.show_turn(executor, proc, ts, Class::Running, go);
            }
            (GoState::Running, GoState::Waiting) if now.thread == executor => {
                self.saw_stack(go, stack, RootSource::Transition);
                self.now.stop(go, to, executor);
                let context = Context { reason, stack, ..Context::EMPTY };
                let class = self.naming.lexicon.wait_class(reason);
                self.go_log.push(go, ts, class, context, &mut self.backwards);
                self.show_turn(executor, proc, ts, Class::Scheduler, GoIdx::NONE);
            }
            (GoState::Running, GoState::Runnable) if now.thread == executor => {
                self.saw_stack(go, stack, RootSource::Transition);
                self.now.stop(go, to, executor);
                self.make_ready(go, event, id, transition, executor);
                self.show_turn(executor, proc, ts, Class::Scheduler, GoIdx::NONE);
            }
            (GoState::Waiting, GoState::Runnable) if now.thread == ThreadIdx::NONE => {
                self.saw_stack(go, stack, RootSource::Transition);
                self.now.gos[go.index()].state = to;
                self.make_ready(go, event, id, transition, executor);
            }
            _ => return false,
        }
        true
    }

    /// The goroutine is runnable from now on.
    #[inline]
    fn make_ready(&mut self, go: GoIdx, event: &Event, id: GoId, transition: Transition, executor: ThreadIdx) {
        let mut span = Context { reason: transition.reason, stack: transition.stack, ..Context::EMPTY };
        self.set_cause(&mut span, event, id, executor);
        self.go_log.push(go, event.ts.0, Class::Runnable, span, &mut self.backwards);
    }

    /// The lanes of a thread and of the proc that it holds show what it does with it.
    #[inline]
    fn show_turn(&mut self, thread: ThreadIdx, proc: ProcIdx, ts: i64, class: Class, go: GoIdx) {
        let stint = Stint { thread, proc, ts, class, go };
        HolderLog::show_turn(&mut self.thread_log, &mut self.proc_log, stint, &self.naming, &mut self.backwards);
    }

    /// A proc changes its state, or its state is seen.
    pub fn proc_event(&mut self, event: &Event, id: ProcId, from: ProcState, to: ProcState) {
        let proc = match self.proc(id).get() {
            Some(proc) => proc,
            None => self.add_proc(id),
        };
        let now = self.now.procs[proc.index()];
        if now.state == to && (from == to || from == ProcState::Undetermined) {
            return;
        }
        let is_status = from == ProcState::Undetermined;
        let left = self.now.unbind_proc(proc);
        self.now.procs[proc.index()].state = to;
        if now.state == ProcState::Undetermined {
            self.known_procs.push(proc);
        }
        let executor = self.thread_or_new(event.thread);
        let mut thread = ThreadIdx::NONE;
        match to {
            ProcState::Running => {
                thread = executor;
                self.now.bind_proc(proc, thread);
                if is_status {
                    self.call_has_proc(thread, proc);
                }
            }
            ProcState::Undetermined => {
                self.now.lose_thread(left);
                self.call_lost_proc(left, event.ts.0);
            }
            ProcState::NotExist | ProcState::Idle => self.call_lost_proc(left, event.ts.0),
        }
        self.show_proc(proc, is_status, event.ts.0);
        self.refresh(left, is_status, event.ts.0);
        if thread != left {
            self.refresh(thread, is_status, event.ts.0);
        }
        // The runtime's monitor takes procs from others and never has one itself: it is a thread all the same.
        if self.is_new(executor) {
            self.refresh(executor, false, event.ts.0);
        }
    }

    /// What was known is lost from `from` on; the trace goes on at `to`.
    pub fn lost(&mut self, from: i64, to: i64) {
        for go in std::mem::take(&mut self.known_gos) {
            match self.now.gos[go.index()].state {
                GoState::NotExist | GoState::Undetermined => {}
                GoState::Runnable | GoState::Running | GoState::Waiting | GoState::Syscall => {
                    let at = from.max(self.go_log.last_start(go));
                    self.push_unknown(go, at);
                    self.now.gos[go.index()] = GoNow::UNDETERMINED;
                    self.unknown.push(go);
                }
            }
        }
        for proc in std::mem::take(&mut self.known_procs) {
            self.now.procs[proc.index()] = ProcNow::UNDETERMINED;
            let at = from.max(self.proc_log.last_start(proc.0));
            self.show_on_proc(proc, at, UNKNOWN);
        }
        for thread in std::mem::take(&mut self.known_threads) {
            self.now.threads[thread.index()] = ThreadNow::UNBOUND;
            let at = from.max(self.thread_log.last_start(thread.0));
            self.show_on_thread(thread, at, UNKNOWN);
        }
        self.base = to;
    }

    /// The trace ends at `at`, and another one follows: its goroutines are others, and their ends are not known.
    pub fn end_trace(&mut self, at: i64) {
        for go in (self.first_of_trace..self.goroutines.len() as u32).map(GoIdx) {
            if self.go_log.is_empty(go) {
                self.push_unknown(go, self.base);
            }
            if self.now.gos[go.index()].state != GoState::NotExist {
                self.vanish(go, at);
            }
        }
        self.first_of_trace = self.goroutines.len() as u32;
        self.go_ids.clear();
    }

    /// A generation ended, or begins: goroutines that stayed unknown all through it are gone.
    pub fn sync(&mut self) {
        let now_long = std::mem::take(&mut self.unknown);
        for go in std::mem::replace(&mut self.long_unknown, now_long) {
            if self.now.gos[go.index()].state == GoState::Undetermined {
                self.vanish(go, self.base);
            }
        }
    }

    /// Gives lanes of which a damaged trace tells nothing a span that says so. When all is read.
    pub fn fill_empty_lanes(&mut self) {
        for go in (0..self.goroutines.len() as u32).map(GoIdx) {
            if self.go_log.is_empty(go) {
                self.push_unknown(go, self.base);
            }
        }
        for proc in (0..self.procs.len() as u32).map(ProcIdx) {
            if self.proc_log.is_empty(proc.0) {
                self.show_on_proc(proc, self.base, UNKNOWN);
            }
        }
        for thread in (0..self.threads.len() as u32).map(ThreadIdx) {
            if self.thread_log.is_empty(thread.0) {
                self.show_on_thread(thread, self.base, UNKNOWN);
            }
        }
    }

    fn push_unknown(&mut self, go: GoIdx, at: i64) {
        self.go_log.push(go, at, Class::Unknown, Context::EMPTY, &mut self.backwards);
    }

    fn show_on_proc(&mut self, proc: ProcIdx, at: i64, held: Held) {
        self.proc_log.show(proc.0, at, held, &self.naming, &mut self.backwards);
    }

    fn show_on_thread(&mut self, thread: ThreadIdx, at: i64, held: Held) {
        self.thread_log.show(thread.0, at, held, &self.naming, &mut self.backwards);
    }

    /// The goroutine ended, nobody saw when: at `ts` at the latest.
    fn vanish(&mut self, go: GoIdx, ts: i64) {
        self.now.unbind_go(go);
        self.now.gos[go.index()].state = GoState::NotExist;
        let at = ts.max(self.go_log.last_start(go));
        self.go_log.end(go, at, &mut self.backwards);
    }

    /// Which goroutine a transition concerns: a new one if it is created, or if the one with this id is gone.
    fn go_of_transition(&mut self, id: GoId, from: GoState, event: &Event) -> GoIdx {
        if let Some(go) = self.go(id).get() {
            match self.now.gos[go.index()].state {
                GoState::NotExist => {}
                GoState::Undetermined | GoState::Runnable | GoState::Running | GoState::Waiting | GoState::Syscall
                    if from != GoState::NotExist =>
                {
                    return go;
                }
                // Its end is missing. It ended in a lost stretch, or before its id was used again.
                GoState::Undetermined => self.vanish(go, self.base),
                GoState::Runnable | GoState::Running | GoState::Waiting | GoState::Syscall => {
                    self.vanish(go, event.ts.0);
                }
            }
        }
        let creator = if from == GoState::NotExist { self.other_go(event, id) } else { GoIdx::NONE };
        let go = self.add_go(id);
        if from == GoState::NotExist {
            let row = &mut self.goroutines[go.index()];
            row.creator = creator;
            row.creation_stack = event.stack;
        }
        go
    }

    /// The goroutine that executed the event, if it is not the one that the event is about.
    fn other_go(&mut self, event: &Event, about: GoId) -> GoIdx {
        if event.go == about { GoIdx::NONE } else { self.go(event.go) }
    }

    /// Whether a state that is seen for the first time can be that since the trace began or went on: nothing else is
    /// known of the time since, neither of the goroutine nor of the thread that it would have occupied.
    fn was_so_before(&self, go: GoIdx, state: GoState, executor: ThreadIdx) -> bool {
        let is_unknown = self.go_log.is_unknown(go);
        let is_alone = match state {
            GoState::Running | GoState::Syscall => {
                executor == ThreadIdx::NONE || self.thread_log.is_open_before(executor.0, self.base)
            }
            GoState::Undetermined | GoState::NotExist | GoState::Runnable | GoState::Waiting => true,
        };
        is_unknown && is_alone && self.go_log.last_start(go) <= self.base
    }

    /// Begins what the goroutine shows after a transition.
    fn begin_span(&mut self, go: GoIdx, at: i64, event: &Event, transition: Transition, executor: ThreadIdx) {
        let Transition { from, to, reason, stack } = transition;
        let mut span = Context { reason, stack, ..Context::EMPTY };
        let class = match to {
            GoState::Undetermined | GoState::NotExist => Class::Unknown,
            // A status only says what is; whoever wrote it did not cause it.
            GoState::Runnable => {
                if from != GoState::Undetermined && from != to {
                    self.set_cause(&mut span, event, self.goroutines[go.index()].id, executor);
                }
                Class::Runnable
            }
            GoState::Waiting => {
                if from == GoState::NotExist {
                    self.set_cause(&mut span, event, self.goroutines[go.index()].id, executor);
                }
                self.naming.lexicon.wait_class(reason)
            }
            GoState::Running => {
                span.thread = executor;
                span.proc = self.now.proc_of(executor);
                Class::Running
            }
            GoState::Syscall => {
                span.thread = executor;
                span.proc = self.now.proc_of(executor);
                let is_blocked = span.proc == ProcIdx::NONE;
                self.now.gos[go.index()].is_blocked = is_blocked;
                if is_blocked { Class::SyscallBlocked } else { Class::Syscall }
            }
        };
        self.go_log.push(go, at, class, span, &mut self.backwards);
        if from == GoState::NotExist {
            self.goroutines[go.index()].created = Some(self.go_log.last_start(go));
        }
    }

    /// Says who made the goroutine of this id runnable, or created it.
    #[inline]
    fn set_cause(&mut self, span: &mut Context, event: &Event, about: GoId, executor: ThreadIdx) {
        span.proc = self.proc(event.proc);
        span.thread = executor;
        if event.go != about {
            span.cause = self.go(event.go);
            span.cause_stack = event.stack;
            self.saw_stack(span.cause, event.stack, RootSource::Executor);
        }
    }

    /// A thread lost its proc: if it is in a system call, that is blocked from now on.
    fn call_lost_proc(&mut self, thread: ThreadIdx, ts: i64) {
        let Some(go) = self.now.go_of(thread).get() else { return };
        let now = &mut self.now.gos[go.index()];
        if now.state == GoState::Syscall && !now.is_blocked {
            now.is_blocked = true;
            let span = Context { thread, ..Context::EMPTY };
            self.go_log.push(go, ts, Class::SyscallBlocked, span, &mut self.backwards);
        }
    }

    /// The status of a system call may stand before that of the proc that it holds.
    fn call_has_proc(&mut self, thread: ThreadIdx, proc: ProcIdx) {
        let Some(go) = self.now.go_of(thread).get() else { return };
        let now = &mut self.now.gos[go.index()];
        if now.state == GoState::Syscall && now.is_blocked && self.go_log.last_start(go) <= self.base {
            now.is_blocked = false;
            self.go_log.set_call(go, Class::Syscall, proc);
        }
    }

    /// The lanes of a thread and of its proc show what is bound now.
    fn refresh(&mut self, thread: ThreadIdx, is_status: bool, ts: i64) {
        if thread == ThreadIdx::NONE {
            return;
        }
        let now = &mut self.now.threads[thread.index()];
        if !now.is_known {
            now.is_known = true;
            self.known_threads.push(thread);
        }
        let was_so = is_status && self.thread_log.is_open_before(thread.0, self.base);
        let at = if was_so { self.base } else { ts };
        self.show_on_thread(thread, at, self.now.thread_shows(thread));
        if let Some(proc) = self.now.proc_of(thread).get() {
            self.show_proc(proc, is_status, ts);
        }
    }

    fn show_proc(&mut self, proc: ProcIdx, is_status: bool, ts: i64) {
        let was_so = is_status && self.proc_log.is_open_before(proc.0, self.base);
        let at = if was_so { self.base } else { ts };
        self.show_on_proc(proc, at, self.now.proc_shows(proc));
    }

    fn is_new(&self, thread: ThreadIdx) -> bool {
        thread != ThreadIdx::NONE && self.thread_log.is_empty(thread.0)
    }

    fn add_go(&mut self, id: GoId) -> GoIdx {
        let go = GoIdx(self.goroutines.len() as u32);
        self.goroutines.push(Goroutine {
            id,
            function: StringIdx(0),
            group: GroupIdx::NONE,
            created: None,
            ended: None,
            creator: GoIdx::NONE,
            creation_stack: StackIdx(0),
            label: StringIdx(0),
            region_depth: 0,
            has_ranges: false,
        });
        self.now.gos.push(GoNow::UNDETERMINED);
        self.naming.add();
        self.go_log.add_lane();
        self.go_ids.set(id.0, go.0);
        go
    }

    fn add_proc(&mut self, id: ProcId) -> ProcIdx {
        let proc = ProcIdx(self.procs.len() as u32);
        self.procs.push(Proc { id, has_ranges: false });
        self.now.procs.push(ProcNow::UNDETERMINED);
        self.proc_log.add_lane();
        self.proc_ids.set(id.0, proc.0);
        proc
    }

    /// The thread of this id, added without a span if it was never seen.
    #[inline]
    fn thread_or_new(&mut self, id: ThreadId) -> ThreadIdx {
        let thread = self.thread(id);
        if thread != ThreadIdx::NONE || id == ThreadId::NONE { thread } else { self.add_thread(id) }
    }

    #[cold]
    fn add_thread(&mut self, id: ThreadId) -> ThreadIdx {
        let thread = ThreadIdx(self.threads.len() as u32);
        self.threads.push(Thread { id });
        self.now.threads.push(ThreadNow::UNBOUND);
        self.thread_log.add_lane();
        self.thread_ids.set(id.0, thread.0);
        thread
    }
}
