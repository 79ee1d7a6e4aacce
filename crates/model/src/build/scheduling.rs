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
//! After a loss every lane is unknown from the last event before it. A goroutine that a whole generation after the loss
//! does not mention ended in the lost stretch: its lane ends with that stretch.

use goroscope_reader::{Event, GoState, ProcState};

use super::go_log::{GoLog, GoSpan};
use super::holder_log::{Held, HolderLog};
use super::id_map::IdMap;
use super::log::Backwards;
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

/// Which stack a goroutine's start function is read from: later ones are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RootSource {
    None,
    Executor,
    Transition,
    Creation,
}

/// What is known of a goroutine now.
#[derive(Clone, Copy, Debug)]
struct GoNow {
    state: GoState,
    /// The thread that runs it or waits in a system call for it.
    thread: ThreadIdx,
    /// Whether its system call has lost its proc.
    is_blocked: bool,
    source: RootSource,
    /// The stack that its start function is the root of.
    root: StackIdx,
}

#[derive(Clone, Copy, Debug)]
struct ProcNow {
    state: ProcState,
    thread: ThreadIdx,
}

#[derive(Clone, Copy, Debug)]
struct ThreadNow {
    go: GoIdx,
    proc: ProcIdx,
}

/// Goroutines, procs and threads, their spans so far and their bindings now.
#[derive(Default)]
pub(crate) struct Scheduling {
    pub goroutines: Vec<Goroutine>,
    pub procs: Vec<Proc>,
    pub threads: Vec<Thread>,
    pub go_log: GoLog,
    pub proc_log: HolderLog,
    pub thread_log: HolderLog,
    pub backwards: Backwards,
    gos_now: Vec<GoNow>,
    procs_now: Vec<ProcNow>,
    threads_now: Vec<ThreadNow>,
    go_ids: IdMap,
    proc_ids: IdMap,
    thread_ids: IdMap,
    /// Where the trace begins, or goes on after the last loss, ns.
    base: i64,
    /// After a loss: whether states were seen since.
    after_loss: AfterLoss,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum AfterLoss {
    #[default]
    Nothing,
    Silent,
    Seen,
}

impl Scheduling {
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
        match self.go(id).get() {
            Some(go) => go,
            None if id == GoId::NONE => GoIdx::NONE,
            None => {
                let go = self.add_go(id);
                self.go_log.push(go, self.base, Class::Unknown, GoSpan::EMPTY, &mut self.backwards);
                go
            }
        }
    }

    /// The proc of this id; unknown until a status says more if it was never seen.
    pub fn proc_or_unknown(&mut self, id: ProcId) -> ProcIdx {
        match self.proc(id).get() {
            Some(proc) => proc,
            None if id == ProcId::NONE => ProcIdx::NONE,
            None => {
                let proc = self.add_proc(id);
                self.proc_log.show(proc.0, self.base, UNKNOWN, &mut self.backwards);
                proc
            }
        }
    }

    /// The thread of this id; unknown from `ts` if it was never seen.
    pub fn thread_or_unknown(&mut self, id: ThreadId, ts: i64) -> ThreadIdx {
        let thread = self.thread_or_new(id);
        if thread != ThreadIdx::NONE && self.thread_log.spans.last_row(thread.0).is_none() {
            self.thread_log.show(thread.0, ts, UNKNOWN, &mut self.backwards);
        }
        thread
    }

    /// `ts` on the goroutine's own clock, which does not run backwards.
    pub fn go_time(&mut self, go: GoIdx, ts: i64) -> i64 {
        if go == GoIdx::NONE { ts } else { self.backwards.clamp(ts, self.go_log.spans.last_start(go.0)) }
    }

    /// A stack of the goroutine: its root is the start function unless a better stack says so.
    pub fn saw_stack(&mut self, go: GoIdx, stack: StackIdx, source: RootSource) {
        if stack == StackIdx(0) || go == GoIdx::NONE {
            return;
        }
        let now = &mut self.gos_now[go.index()];
        if now.source < source {
            now.source = source;
            now.root = stack;
        }
    }

    /// The stack whose root is the goroutine's start function, or row 0.
    pub fn root_stack(&self, go: GoIdx) -> StackIdx {
        self.gos_now[go.index()].root
    }

    /// A goroutine changes its state, or its state is seen.
    pub fn go_event(&mut self, event: &Event, id: GoId, transition: Transition) {
        let Transition { from, to, stack, .. } = transition;
        self.saw_state();
        let go = self.go_of_transition(id, from, event);
        let now = self.gos_now[go.index()];
        let source = if from == GoState::NotExist { RootSource::Creation } else { RootSource::Transition };
        self.saw_stack(go, stack, source);
        if now.state == to
            && (from == to || from == GoState::Undetermined)
            && self.go_log.spans.last_row(go.0).is_some()
        {
            if stack != StackIdx(0) {
                self.go_log.add_stack(go, stack);
            }
            return;
        }
        let at = self.since(from == GoState::Undetermined, self.go_log.spans.last_start(go.0), event.ts.0);

        let left = now.thread;
        self.unbind_go(go);
        self.gos_now[go.index()].state = to;
        let executor = self.thread_or_new(event.thread);
        if matches!(to, GoState::Running | GoState::Syscall) {
            self.bind_go(go, executor);
        }
        if to == GoState::NotExist {
            let end = self.go_log.spans.end(go.0, at, &mut self.backwards);
            self.goroutines[go.index()].ended = Some(end);
        } else {
            let (class, span) = self.go_span(go, event, transition, executor);
            self.go_log.push(go, at, class, span, &mut self.backwards);
            if from == GoState::NotExist {
                self.goroutines[go.index()].created = Some(self.go_log.spans.last_start(go.0));
            }
        }
        let status = from == GoState::Undetermined;
        self.refresh(left, status, event.ts.0);
        if executor != left && (self.gos_now[go.index()].thread == executor || self.is_new(executor)) {
            self.refresh(executor, status, event.ts.0);
        }
    }

    /// A proc changes its state, or its state is seen.
    pub fn proc_event(&mut self, event: &Event, id: ProcId, from: ProcState, to: ProcState) {
        self.saw_state();
        let proc = match self.proc(id).get() {
            Some(proc) => proc,
            None => self.add_proc(id),
        };
        let now = self.procs_now[proc.index()];
        if now.state == to && (from == to || from == ProcState::Undetermined) {
            return;
        }
        let status = from == ProcState::Undetermined;
        let left = self.unbind_proc(proc);
        self.procs_now[proc.index()].state = to;
        if to == ProcState::Running && event.thread != ThreadId::NONE {
            let thread = self.thread_or_new(event.thread);
            self.bind_proc(proc, thread, status);
        } else if let Some(left) = left.get() {
            self.call_lost_proc(left, event.ts.0);
        }
        let at = self.since(status, self.proc_log.spans.last_start(proc.0), event.ts.0);
        let held = if to == ProcState::Undetermined { UNKNOWN } else { self.proc_shows(proc) };
        self.proc_log.show(proc.0, at, held, &mut self.backwards);
        if left != self.procs_now[proc.index()].thread {
            self.refresh(left, status, event.ts.0);
        }
        self.refresh(self.procs_now[proc.index()].thread, status, event.ts.0);
    }

    /// What was known is lost from `from` on; the trace goes on at `to`.
    pub fn lost(&mut self, from: i64, to: i64) {
        for go in (0..self.gos_now.len() as u32).map(GoIdx) {
            let now = &mut self.gos_now[go.index()];
            now.thread = ThreadIdx::NONE;
            now.is_blocked = false;
            if now.state != GoState::NotExist && now.state != GoState::Undetermined {
                now.state = GoState::Undetermined;
                let at = from.max(self.go_log.spans.last_start(go.0));
                self.go_log.push(go, at, Class::Unknown, GoSpan::EMPTY, &mut self.backwards);
            }
        }
        for proc in 0..self.procs_now.len() as u32 {
            self.procs_now[proc as usize] = ProcNow { state: ProcState::Undetermined, thread: ThreadIdx::NONE };
            let at = from.max(self.proc_log.spans.last_start(proc));
            self.proc_log.show(proc, at, UNKNOWN, &mut self.backwards);
        }
        for thread in 0..self.threads_now.len() as u32 {
            self.threads_now[thread as usize] = ThreadNow { go: GoIdx::NONE, proc: ProcIdx::NONE };
            let at = from.max(self.thread_log.spans.last_start(thread));
            self.thread_log.show(thread, at, UNKNOWN, &mut self.backwards);
        }
        self.base = to;
        self.after_loss = AfterLoss::Silent;
    }

    /// A generation ended, or begins. If it was the first after a loss, goroutines that it did not mention were gone.
    pub fn sync(&mut self) {
        if self.after_loss != AfterLoss::Seen {
            return;
        }
        self.after_loss = AfterLoss::Nothing;
        for go in (0..self.gos_now.len() as u32).map(GoIdx) {
            if self.gos_now[go.index()].state == GoState::Undetermined {
                self.vanish(go, self.base);
            }
        }
    }

    /// The goroutine ended, nobody saw when: at `ts` at the latest.
    fn vanish(&mut self, go: GoIdx, ts: i64) {
        self.unbind_go(go);
        self.gos_now[go.index()].state = GoState::NotExist;
        let at = ts.max(self.go_log.spans.last_start(go.0));
        self.go_log.spans.end(go.0, at, &mut self.backwards);
    }

    /// Every lane has a span, even one of which a damaged trace tells nothing.
    pub fn fill_empty_lanes(&mut self) {
        for go in (0..self.goroutines.len() as u32).map(GoIdx) {
            if self.go_log.spans.last_row(go.0).is_none() {
                self.go_log.push(go, self.base, Class::Unknown, GoSpan::EMPTY, &mut self.backwards);
            }
        }
        for (log, count) in [(&mut self.proc_log, self.procs.len()), (&mut self.thread_log, self.threads.len())] {
            for lane in 0..count as u32 {
                if log.spans.last_row(lane).is_none() {
                    log.show(lane, self.base, UNKNOWN, &mut self.backwards);
                }
            }
        }
    }

    fn is_new(&self, thread: ThreadIdx) -> bool {
        thread != ThreadIdx::NONE && self.thread_log.spans.last_row(thread.0).is_none()
    }

    fn saw_state(&mut self) {
        if self.after_loss == AfterLoss::Silent {
            self.after_loss = AfterLoss::Seen;
        }
    }

    /// Which goroutine a transition concerns: a new one if it is created, or if the one with this id is gone.
    fn go_of_transition(&mut self, id: GoId, from: GoState, event: &Event) -> GoIdx {
        if let Some(go) = self.go(id).get() {
            match self.gos_now[go.index()].state {
                GoState::NotExist => {}
                GoState::Undetermined | GoState::Runnable | GoState::Running | GoState::Waiting | GoState::Syscall
                    if from != GoState::NotExist =>
                {
                    return go;
                }
                // Its end is missing. It ended before its id was used again, or in a lost stretch.
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

    /// What a goroutine shows after a transition.
    fn go_span(&mut self, go: GoIdx, event: &Event, transition: Transition, executor: ThreadIdx) -> (Class, GoSpan) {
        let Transition { from, to, reason, stack } = transition;
        // A status only says what is; whoever wrote it did not cause it.
        let is_status = from == GoState::Undetermined || from == to;
        let mut span = GoSpan { reason, stack, ..GoSpan::EMPTY };
        let class = match to {
            GoState::Undetermined | GoState::NotExist => Class::Unknown,
            GoState::Runnable | GoState::Waiting => {
                if !is_status && (to == GoState::Runnable || from == GoState::NotExist) {
                    span.cause = self.other_go(event, self.goroutines[go.index()].id);
                    span.proc = self.proc(event.proc);
                    span.thread = executor;
                    if span.cause != GoIdx::NONE || from == GoState::NotExist || event.go == GoId::NONE {
                        span.cause_stack = event.stack;
                        self.saw_stack(span.cause, event.stack, RootSource::Executor);
                    }
                }
                // Why it waits is a text; what that is drawn as is looked up once per text at the end.
                if to == GoState::Runnable { Class::Runnable } else { Class::WaitOther }
            }
            GoState::Running => {
                span.thread = executor;
                span.proc = self.proc_of(executor);
                Class::Running
            }
            GoState::Syscall => {
                span.thread = executor;
                span.proc = self.proc_of(executor);
                let now = &mut self.gos_now[go.index()];
                now.is_blocked = span.proc == ProcIdx::NONE;
                if now.is_blocked { Class::SyscallBlocked } else { Class::Syscall }
            }
        };
        (class, span)
    }

    /// The proc that a thread holds.
    fn proc_of(&self, thread: ThreadIdx) -> ProcIdx {
        if thread == ThreadIdx::NONE { ProcIdx::NONE } else { self.threads_now[thread.index()].proc }
    }

    /// A thread lost its proc: if it is in a system call, that is blocked from now on.
    fn call_lost_proc(&mut self, thread: ThreadIdx, ts: i64) {
        let Some(go) = self.threads_now[thread.index()].go.get() else { return };
        let now = &mut self.gos_now[go.index()];
        if now.state == GoState::Syscall && !now.is_blocked {
            now.is_blocked = true;
            let span = GoSpan { thread, ..GoSpan::EMPTY };
            self.go_log.push(go, ts, Class::SyscallBlocked, span, &mut self.backwards);
        }
    }

    /// When a state began that is seen at `ts`: where the trace begins if it was there all along, and if the lane says
    /// nothing else about the time since.
    fn since(&self, is_status: bool, last_start: i64, ts: i64) -> i64 {
        if is_status && last_start <= self.base { self.base } else { ts }
    }

    fn bind_go(&mut self, go: GoIdx, thread: ThreadIdx) {
        if thread == ThreadIdx::NONE {
            return;
        }
        let before = self.threads_now[thread.index()].go;
        if let Some(before) = before.get() {
            self.gos_now[before.index()].thread = ThreadIdx::NONE;
        }
        self.threads_now[thread.index()].go = go;
        self.gos_now[go.index()].thread = thread;
    }

    fn unbind_go(&mut self, go: GoIdx) {
        let now = &mut self.gos_now[go.index()];
        let thread = now.thread;
        now.thread = ThreadIdx::NONE;
        now.is_blocked = false;
        if thread != ThreadIdx::NONE {
            self.threads_now[thread.index()].go = GoIdx::NONE;
        }
    }

    fn bind_proc(&mut self, proc: ProcIdx, thread: ThreadIdx, is_status: bool) {
        let before = self.threads_now[thread.index()].proc;
        if let Some(before) = before.get() {
            self.procs_now[before.index()].thread = ThreadIdx::NONE;
        }
        self.threads_now[thread.index()].proc = proc;
        self.procs_now[proc.index()].thread = thread;
        // The status of a system call may stand before that of the proc that it holds.
        if is_status && let Some(go) = self.threads_now[thread.index()].go.get() {
            let now = &mut self.gos_now[go.index()];
            if now.state == GoState::Syscall && now.is_blocked && self.go_log.spans.last_start(go.0) <= self.base {
                now.is_blocked = false;
                self.go_log.set_call(go, Class::Syscall, proc);
            }
        }
    }

    /// Takes the proc from its thread, and says which that was.
    fn unbind_proc(&mut self, proc: ProcIdx) -> ThreadIdx {
        let thread = std::mem::replace(&mut self.procs_now[proc.index()].thread, ThreadIdx::NONE);
        if thread != ThreadIdx::NONE {
            self.threads_now[thread.index()].proc = ProcIdx::NONE;
        }
        thread
    }

    /// The lanes of a thread and of its proc show what is bound now.
    fn refresh(&mut self, thread: ThreadIdx, is_status: bool, ts: i64) {
        if thread == ThreadIdx::NONE {
            return;
        }
        let at = self.since(is_status, self.thread_log.spans.last_start(thread.0), ts);
        self.thread_log.show(thread.0, at, self.thread_shows(thread), &mut self.backwards);
        if let Some(proc) = self.threads_now[thread.index()].proc.get() {
            let at = self.since(is_status, self.proc_log.spans.last_start(proc.0), ts);
            self.proc_log.show(proc.0, at, self.proc_shows(proc), &mut self.backwards);
        }
    }

    fn thread_shows(&self, thread: ThreadIdx) -> Held {
        let now = self.threads_now[thread.index()];
        let Some(go) = now.go.get() else {
            let class = if now.proc == ProcIdx::NONE { Class::Idle } else { Class::Scheduler };
            return Held { class, go: GoIdx::NONE, other: now.proc.0 };
        };
        let go_now = self.gos_now[go.index()];
        if go_now.state == GoState::Running {
            Held { class: Class::Running, go, other: now.proc.0 }
        } else if go_now.is_blocked {
            Held { class: Class::SyscallBlocked, go, other: u32::MAX }
        } else {
            Held { class: Class::Syscall, go, other: now.proc.0 }
        }
    }

    fn proc_shows(&self, proc: ProcIdx) -> Held {
        let now = self.procs_now[proc.index()];
        let Some(thread) = now.thread.get() else {
            // Held by a thread that a damaged trace does not name.
            let class = if now.state == ProcState::Running { Class::Scheduler } else { Class::Idle };
            return Held { class, go: GoIdx::NONE, other: u32::MAX };
        };
        let other = thread.0;
        let Some(go) = self.threads_now[thread.index()].go.get() else {
            return Held { class: Class::Scheduler, go: GoIdx::NONE, other };
        };
        let go_now = self.gos_now[go.index()];
        if go_now.state == GoState::Running {
            Held { class: Class::Running, go, other }
        } else if go_now.is_blocked {
            // It has a new proc already, but has not returned from the call.
            Held { class: Class::Scheduler, go: GoIdx::NONE, other }
        } else {
            Held { class: Class::Syscall, go, other }
        }
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
        self.gos_now.push(GoNow {
            state: GoState::Undetermined,
            thread: ThreadIdx::NONE,
            is_blocked: false,
            source: RootSource::None,
            root: StackIdx(0),
        });
        self.go_log.spans.add_lane();
        self.go_ids.set(id.0, go.0);
        go
    }

    fn add_proc(&mut self, id: ProcId) -> ProcIdx {
        let proc = ProcIdx(self.procs.len() as u32);
        self.procs.push(Proc { id, has_ranges: false });
        self.procs_now.push(ProcNow { state: ProcState::Undetermined, thread: ThreadIdx::NONE });
        self.proc_log.spans.add_lane();
        self.proc_ids.set(id.0, proc.0);
        proc
    }

    fn thread_or_new(&mut self, id: ThreadId) -> ThreadIdx {
        let thread = self.thread(id);
        if thread != ThreadIdx::NONE || id == ThreadId::NONE {
            return thread;
        }
        let thread = ThreadIdx(self.threads.len() as u32);
        self.threads.push(Thread { id });
        self.threads_now.push(ThreadNow { go: GoIdx::NONE, proc: ProcIdx::NONE });
        self.thread_log.spans.add_lane();
        self.thread_ids.set(id.0, thread.0);
        thread
    }
}

const UNKNOWN: Held = Held { class: Class::Unknown, go: GoIdx::NONE, other: u32::MAX };
