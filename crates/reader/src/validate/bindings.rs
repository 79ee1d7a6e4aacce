//! States of goroutines and procs and the threads that they are bound to, as the events told them.

use rustc_hash::FxHashMap;

use super::Rule;
use crate::{GoId, GoState, ProcId, ProcState, ThreadId};

/// Broken rules: almost always none.
pub type Broken = Vec<(Rule, String)>;

/// Who is in which state, and where.
#[derive(Debug, Default)]
pub struct Bindings {
    gos: FxHashMap<GoId, Bound<GoState>>,
    procs: FxHashMap<ProcId, Bound<ProcState>>,
    threads: FxHashMap<ThreadId, Held>,
    /// Whether threads are those that procs were started on, which no longer need be the ones that hold them.
    ///
    /// Until Go 1.21 a thread that comes back from a system call may take its proc from another one that is in a call
    /// with it, and no start tells that the proc has changed hands. Only there is the end of a call told without a
    /// thread, and one always is where that happens, before anything else on the proc.
    are_guesses: bool,
}

/// A state, and the thread that it is bound to, as far as there is one and it was told.
#[derive(Clone, Copy, Debug)]
struct Bound<S> {
    state: S,
    thread: ThreadId,
}

/// What a thread has.
#[derive(Clone, Copy, Debug)]
struct Held {
    go: GoId,
    proc: ProcId,
}

const NOTHING: Held = Held { go: GoId::NONE, proc: ProcId::NONE };

impl Bindings {
    /// A goroutine changes its state in an event of this thread.
    pub fn go(&mut self, thread: ThreadId, go: GoId, from: GoState, to: GoState) -> Broken {
        let mut broken = Broken::new();
        self.are_guesses |= (from, to) == (GoState::Syscall, GoState::Runnable) && thread == ThreadId::NONE;
        let known = self.gos.get(&go).copied();
        let is_new = matches!(from, GoState::Undetermined | GoState::NotExist);
        match known {
            Some(known) if known.state != from => {
                broken.push((Rule::State, format!("goroutine {} leaves {from:?}, but was {:?}", go.0, known.state)));
            }
            None if !is_new => {
                broken.push((Rule::State, format!("goroutine {} leaves {from:?}, but was never seen", go.0)));
            }
            Some(_) | None => {}
        }
        let before = known.map_or(ThreadId::NONE, |known| known.thread);
        let mut now = ThreadId::NONE;
        if matches!(to, GoState::Running | GoState::Syscall) {
            now = thread;
            let other = self.threads.get(&thread).map_or(GoId::NONE, |held| held.go);
            if thread != ThreadId::NONE && other != GoId::NONE && other != go {
                let message = format!("goroutine {} runs on a thread that has goroutine {}", go.0, other.0);
                broken.push((Rule::Thread, message));
            }
            if before != ThreadId::NONE && before != now && now != ThreadId::NONE {
                let message = format!("goroutine {} goes on, but was on thread {}", go.0, before.0);
                broken.push((Rule::Thread, message));
            }
        }
        if before != ThreadId::NONE && before != now {
            let held = self.threads.entry(before).or_insert(NOTHING);
            if held.go == go {
                held.go = GoId::NONE;
            } else {
                let message = format!("goroutine {} stops on thread {}, which does not have it", go.0, before.0);
                broken.push((Rule::Thread, message));
            }
        }
        if now != ThreadId::NONE {
            self.threads.entry(now).or_insert(NOTHING).go = go;
        }
        self.forgive(&mut broken);
        if to == GoState::NotExist {
            self.gos.remove(&go);
        } else {
            self.gos.insert(go, Bound { state: to, thread: now });
        }
        broken
    }

    /// A proc changes its state in an event of this thread.
    pub fn proc(&mut self, thread: ThreadId, proc: ProcId, from: ProcState, to: ProcState) -> Broken {
        let mut broken = Broken::new();
        let known = self.procs.get(&proc).copied();
        let is_new = matches!(from, ProcState::Undetermined | ProcState::NotExist);
        match known {
            Some(known) if known.state != from => {
                broken.push((Rule::State, format!("proc {} leaves {from:?}, but was {:?}", proc.0, known.state)));
            }
            None if !is_new => {
                broken.push((Rule::State, format!("proc {} leaves {from:?}, but was never seen", proc.0)));
            }
            Some(_) | None => {}
        }
        let before = known.map_or(ThreadId::NONE, |known| known.thread);
        let mut now = ThreadId::NONE;
        if to == ProcState::Running {
            now = thread;
            let other = self.threads.get(&thread).map_or(ProcId::NONE, |held| held.proc);
            if thread != ThreadId::NONE && other != ProcId::NONE && other != proc {
                let message = format!("proc {} runs on a thread that has proc {}", proc.0, other.0);
                broken.push((Rule::Thread, message));
            }
        }
        if before != ThreadId::NONE && before != now {
            let held = self.threads.entry(before).or_insert(NOTHING);
            if held.proc == proc {
                held.proc = ProcId::NONE;
            } else {
                let message = format!("proc {} stops on thread {}, which does not have it", proc.0, before.0);
                broken.push((Rule::Thread, message));
            }
        }
        if now != ThreadId::NONE {
            self.threads.entry(now).or_insert(NOTHING).proc = proc;
        }
        self.forgive(&mut broken);
        self.procs.insert(proc, Bound { state: to, thread: now });
        broken
    }

    /// Drops what is said of threads where they are guesses.
    fn forgive(&self, broken: &mut Broken) {
        if self.are_guesses {
            broken.retain(|(rule, _)| *rule != Rule::Thread);
        }
    }
}
