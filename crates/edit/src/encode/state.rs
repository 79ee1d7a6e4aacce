//! What a reader of the output knows of goroutines, procs and threads: the encoder's copy of its rules' state.

use goroscope_reader::{GoState, StackIdx, StringIdx, TaskId};
use rustc_hash::{FxHashMap, FxHashSet};

/// No goroutine, proc or thread.
pub const NONE: u64 = u64::MAX;

/// A goroutine that exists.
#[derive(Clone, Debug)]
pub struct Go {
    pub state: GoState,
    /// The thread it is bound to while running or in a system call.
    pub thread: u64,
    /// Place in its sequence of the generation `mentioned`.
    pub seq: u64,
    /// The generation of the output in which it was last mentioned; its state must be written anew in each.
    pub mentioned: u64,
    /// Where it waits, as far as known.
    pub stack: StackIdx,
    pub assists: bool,
    /// The generation in which it was last written that it assists.
    pub assist_mentioned: u64,
    /// Names of the stops of the world it has begun.
    pub stops: Vec<StringIdx>,
    /// Whether these began before the output did, and were not written yet.
    pub owes_stops: bool,
    /// Its regions that began in the output, innermost last.
    pub regions: Vec<(TaskId, StringIdx)>,
}

impl Go {
    pub fn new(state: GoState, thread: u64) -> Self {
        Self {
            state,
            thread,
            seq: 0,
            mentioned: 0,
            stack: StackIdx(0),
            assists: false,
            assist_mentioned: 0,
            stops: Vec::new(),
            owes_stops: false,
            regions: Vec::new(),
        }
    }
}

/// What a proc does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcStatus {
    Idle,
    Running,
    Syscall,
    /// Held by none since the goroutine ended in whose system call it was; may be taken.
    Abandoned,
    /// Held by a thread in a system call since before the output began: `Running` or `Syscall`, which of them only its
    /// next event tells.
    Held,
}

/// A proc.
#[derive(Clone, Copy, Debug)]
pub struct Proc {
    pub status: ProcStatus,
    /// The thread that holds it.
    pub thread: u64,
    /// The thread that had it when it was abandoned.
    pub left_by: u64,
    pub seq: u64,
    pub mentioned: u64,
    pub sweeps: bool,
    pub sweep_mentioned: u64,
}

impl Proc {
    pub fn new(status: ProcStatus, thread: u64) -> Self {
        Self { status, thread, left_by: NONE, seq: 0, mentioned: 0, sweeps: false, sweep_mentioned: 0 }
    }
}

/// What a thread has.
#[derive(Clone, Copy, Debug)]
pub struct Thread {
    pub go: u64,
    pub proc: u64,
}

impl Thread {
    const FREE: Self = Self { go: NONE, proc: NONE };
}

/// Everything at one point of the order.
#[derive(Debug, Default)]
pub struct State {
    pub gos: FxHashMap<u64, Go>,
    pub procs: FxHashMap<u64, Proc>,
    threads: FxHashMap<u64, Thread>,
    pub tasks: FxHashSet<u64>,
    /// Goroutines and tasks that ended in this generation: their ids may be used again, and readers do not wait.
    pub ended_gos: FxHashSet<u64>,
    pub ended_tasks: FxHashSet<u64>,
    /// Whether the garbage collector marks.
    pub marks: bool,
    /// Number of its last event in the output; not of a generation.
    pub mark_seq: u64,
}

impl State {
    pub fn thread(&self, thread: u64) -> Thread {
        self.threads.get(&thread).copied().unwrap_or(Thread::FREE)
    }

    fn thread_mut(&mut self, thread: u64) -> &mut Thread {
        self.threads.entry(thread).or_insert(Thread::FREE)
    }

    pub fn go_state(&self, go: u64) -> GoState {
        self.gos.get(&go).map_or(GoState::NotExist, |go| go.state)
    }

    /// The goroutine of a thread, if it is in this state.
    pub fn go_in(&self, thread: u64, state: GoState) -> Option<u64> {
        let go = self.thread(thread).go;
        (go != NONE && self.go_state(go) == state).then_some(go)
    }

    /// Gives a thread a goroutine, which it enters `state` on.
    pub fn bind_go(&mut self, thread: u64, go: u64, state: GoState) {
        if let Some(go) = self.gos.get_mut(&go) {
            go.state = state;
            go.thread = thread;
        }
        self.thread_mut(thread).go = go;
    }

    /// Takes the goroutine of a thread away, which leaves it in `state`.
    pub fn unbind_go(&mut self, thread: u64, state: GoState) {
        let go = std::mem::replace(&mut self.thread_mut(thread).go, NONE);
        if state == GoState::NotExist {
            self.gos.remove(&go);
            self.ended_gos.insert(go);
        } else if let Some(go) = self.gos.get_mut(&go) {
            go.state = state;
            go.thread = NONE;
        }
    }

    pub fn bind_proc(&mut self, thread: u64, proc: u64, status: ProcStatus) {
        if let Some(proc) = self.procs.get_mut(&proc) {
            proc.status = status;
            proc.thread = thread;
        }
        self.thread_mut(thread).proc = proc;
    }

    /// Takes its proc from a thread, which leaves it in `status`.
    pub fn unbind_proc(&mut self, thread: u64, status: ProcStatus) {
        let proc = std::mem::replace(&mut self.thread_mut(thread).proc, NONE);
        if let Some(proc) = self.procs.get_mut(&proc) {
            proc.status = status;
            proc.thread = NONE;
            proc.left_by = thread;
        }
    }

    /// Goroutines in the order of their ids, so that the output is the same each time.
    pub fn go_ids(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.gos.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Procs in the order of their ids.
    pub fn proc_ids(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.procs.keys().copied().collect();
        ids.sort_unstable();
        ids
    }
}
