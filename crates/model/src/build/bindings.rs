//! Who is bound to whom at one point of the order: threads run goroutines and hold procs.
//!
//! What the lanes of threads and procs show follows from this alone.

use goroscope_reader::{GoState, ProcState};

use super::holder_log::Held;
use crate::{Class, GoIdx, ProcIdx, ThreadIdx};

/// What is known of a goroutine now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GoNow {
    pub state: GoState,
    /// The thread that runs it or waits in a system call for it.
    pub thread: ThreadIdx,
    /// Whether its system call has lost its proc.
    pub is_blocked: bool,
}

/// What is known of a proc now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcNow {
    pub state: ProcState,
    /// The thread that holds it.
    pub thread: ThreadIdx,
}

/// What is known of a thread now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadNow {
    pub go: GoIdx,
    pub proc: ProcIdx,
    /// Whether what it ran or held was lost, and nothing was seen since.
    is_lost: bool,
    /// Whether anything was seen of it since the last loss.
    pub is_known: bool,
}

/// The present state of all resources.
#[derive(Default)]
pub(crate) struct Bindings {
    pub gos: Vec<GoNow>,
    pub procs: Vec<ProcNow>,
    pub threads: Vec<ThreadNow>,
}

/// Nothing is known.
pub(crate) const UNKNOWN: Held = Held { class: Class::Unknown, go: GoIdx::NONE, other: u32::MAX };

impl GoNow {
    pub const UNDETERMINED: Self = Self { state: GoState::Undetermined, thread: ThreadIdx::NONE, is_blocked: false };
}

impl ProcNow {
    pub const UNDETERMINED: Self = Self { state: ProcState::Undetermined, thread: ThreadIdx::NONE };
}

impl ThreadNow {
    pub const UNBOUND: Self = Self { go: GoIdx::NONE, proc: ProcIdx::NONE, is_lost: false, is_known: false };
}

impl Bindings {
    /// The goroutine that a thread has, or `NONE`.
    pub fn go_of(&self, thread: ThreadIdx) -> GoIdx {
        if thread == ThreadIdx::NONE { GoIdx::NONE } else { self.threads[thread.index()].go }
    }

    /// The proc that a thread holds, or `NONE`.
    pub fn proc_of(&self, thread: ThreadIdx) -> ProcIdx {
        if thread == ThreadIdx::NONE { ProcIdx::NONE } else { self.threads[thread.index()].proc }
    }

    /// Whether the thread holds the proc for certain, and the lanes of both are known.
    #[inline]
    pub fn holds_for_certain(&self, thread: ThreadIdx, proc: ProcIdx) -> bool {
        let (Some(now), Some(held)) = (self.threads.get(thread.index()), self.procs.get(proc.index())) else {
            return false;
        };
        held.thread == thread && held.state == ProcState::Running && now.is_known && !now.is_lost
    }

    /// A goroutine that no thread has runs on a thread that has none.
    #[inline]
    pub fn start(&mut self, go: GoIdx, thread: ThreadIdx) {
        self.gos[go.index()] = GoNow { state: GoState::Running, thread, is_blocked: false };
        self.threads[thread.index()].go = go;
    }

    /// The goroutine that the thread runs goes over to a state in which no thread has it.
    #[inline]
    pub fn stop(&mut self, go: GoIdx, state: GoState, thread: ThreadIdx) {
        self.gos[go.index()] = GoNow { state, thread: ThreadIdx::NONE, is_blocked: false };
        self.threads[thread.index()].go = GoIdx::NONE;
    }

    /// The thread runs the goroutine, or waits in a system call for it.
    pub fn bind_go(&mut self, go: GoIdx, thread: ThreadIdx) {
        if thread == ThreadIdx::NONE {
            return;
        }
        let now = &mut self.threads[thread.index()];
        let before = std::mem::replace(&mut now.go, go);
        now.is_lost = false;
        if before != GoIdx::NONE {
            self.gos[before.index()].thread = ThreadIdx::NONE;
        }
        self.gos[go.index()].thread = thread;
    }

    /// No thread has the goroutine.
    pub fn unbind_go(&mut self, go: GoIdx) {
        let now = &mut self.gos[go.index()];
        let thread = std::mem::replace(&mut now.thread, ThreadIdx::NONE);
        now.is_blocked = false;
        if thread != ThreadIdx::NONE {
            self.threads[thread.index()].go = GoIdx::NONE;
        }
    }

    /// The thread holds the proc.
    pub fn bind_proc(&mut self, proc: ProcIdx, thread: ThreadIdx) {
        if thread == ThreadIdx::NONE {
            return;
        }
        let now = &mut self.threads[thread.index()];
        let before = std::mem::replace(&mut now.proc, proc);
        now.is_lost = false;
        if before != ProcIdx::NONE {
            self.procs[before.index()].thread = ThreadIdx::NONE;
        }
        self.procs[proc.index()].thread = thread;
    }

    /// Takes the proc from its thread, and says which that was.
    pub fn unbind_proc(&mut self, proc: ProcIdx) -> ThreadIdx {
        let thread = std::mem::replace(&mut self.procs[proc.index()].thread, ThreadIdx::NONE);
        if thread != ThreadIdx::NONE {
            self.threads[thread.index()].proc = ProcIdx::NONE;
        }
        thread
    }

    /// What the thread does is not known until something is bound to it.
    pub fn lose_thread(&mut self, thread: ThreadIdx) {
        if thread != ThreadIdx::NONE {
            self.threads[thread.index()].is_lost = true;
        }
    }

    /// What the lane of a thread shows.
    pub fn thread_shows(&self, thread: ThreadIdx) -> Held {
        let now = self.threads[thread.index()];
        let other = now.proc.0;
        let Some(go) = now.go.get() else {
            let class = match now.proc.get() {
                _ if now.is_lost => Class::Unknown,
                Some(_) => Class::Scheduler,
                None => Class::Idle,
            };
            return Held { class, go: GoIdx::NONE, other };
        };
        match self.running(go) {
            Some(Class::SyscallBlocked) => Held { class: Class::SyscallBlocked, go, other: u32::MAX },
            Some(class) => Held { class, go, other },
            None => Held { class: Class::Scheduler, go: GoIdx::NONE, other },
        }
    }

    /// What the lane of a proc shows.
    pub fn proc_shows(&self, proc: ProcIdx) -> Held {
        let now = self.procs[proc.index()];
        match now.state {
            ProcState::Undetermined => return UNKNOWN,
            ProcState::NotExist | ProcState::Idle => {
                return Held { class: Class::Idle, go: GoIdx::NONE, other: u32::MAX };
            }
            ProcState::Running => {}
        }
        let nobody = |class| Held { class, go: GoIdx::NONE, other: now.thread.0 };
        let Some(thread) = now.thread.get() else {
            // A damaged trace does not say who holds it.
            return nobody(Class::Unknown);
        };
        let thread_now = self.threads[thread.index()];
        let Some(go) = thread_now.go.get() else {
            return nobody(if thread_now.is_lost { Class::Unknown } else { Class::Scheduler });
        };
        match self.running(go) {
            // The thread has a new proc already, but has not returned from the call.
            Some(Class::SyscallBlocked) | None => nobody(Class::Scheduler),
            Some(class) => Held { class, go, other: thread.0 },
        }
    }

    /// What a goroutine that is bound to a thread does there.
    fn running(&self, go: GoIdx) -> Option<Class> {
        let now = self.gos[go.index()];
        match now.state {
            GoState::Running => Some(Class::Running),
            GoState::Syscall if now.is_blocked => Some(Class::SyscallBlocked),
            GoState::Syscall => Some(Class::Syscall),
            GoState::Undetermined | GoState::NotExist | GoState::Runnable | GoState::Waiting => None,
        }
    }
}
