//! What is known of goroutines, procs and threads at one point of the order.

use rustc_hash::FxHashMap;

use crate::regions::Regions;
use crate::{GoId, GoState, ProcId, ProcState, StringIdx, ThreadId};

/// No index.
pub const NONE: u32 = u32::MAX;

/// What is bound to a thread before that is known: in a generation that is ordered before the one before it is done.
pub const UNKNOWN_GO: GoId = GoId(u64::MAX - 1);
/// The same for its proc.
pub const UNKNOWN_PROC: ProcId = ProcId(u64::MAX - 1);
/// The thread that holds a proc there.
pub const UNKNOWN_THREAD: ThreadId = ThreadId(u64::MAX - 1);

/// A place in the sequence of a goroutine's or proc's events. Numbers begin again in each generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seq {
    /// Which generation, counted in the order of the file.
    pub generation: u32,
    /// Place in the generation; 0 is the status or the creation.
    pub number: u64,
}

impl Seq {
    /// Whether nothing is between `before` and this.
    #[inline]
    pub fn follows(self, before: Self) -> bool {
        self.generation == before.generation && self.number == before.number.wrapping_add(1)
    }
}

/// What of a goroutine nearly every event looks at.
#[derive(Clone, Copy, Debug)]
pub struct Go {
    /// Its id; `GoId::NONE` if the slot is free.
    pub id: GoId,
    pub state: GoState,
    pub seq: Seq,
    /// Index of the thread that was last bound to it, or `NONE`.
    pub thread: u32,
    /// Whether it helps the garbage collector mark.
    pub assists: bool,
}

/// What of a goroutine few events look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Names of the stops of the world that it began and did not end.
    pub stops: Vec<StringIdx>,
    /// Its open regions.
    pub regions: Regions,
}

/// What a proc does, as far as the order of events depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcStatus {
    /// Lost.
    Undetermined,
    /// Held by a thread that runs Go code.
    Running,
    /// Held by none.
    Idle,
    /// Held by a thread in a system call; may be stolen.
    Syscall,
    /// As `Syscall`, and the thread is not known.
    Abandoned,
}

impl ProcStatus {
    /// The status with this number on the wire.
    pub fn from_wire(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Running),
            2 => Some(Self::Idle),
            3 => Some(Self::Syscall),
            4 => Some(Self::Abandoned),
            _ => None,
        }
    }

    /// The state that is shown for it.
    pub fn state(self) -> ProcState {
        match self {
            Self::Undetermined => ProcState::Undetermined,
            Self::Running | Self::Syscall => ProcState::Running,
            Self::Idle | Self::Abandoned => ProcState::Idle,
        }
    }
}

/// The goroutine state with this number on the wire.
pub fn go_state_from_wire(number: u64) -> Option<GoState> {
    match number {
        1 => Some(GoState::Runnable),
        2 => Some(GoState::Running),
        3 => Some(GoState::Syscall),
        4 => Some(GoState::Waiting),
        _ => None,
    }
}

/// A proc.
#[derive(Clone, Copy, Debug)]
pub struct Proc {
    pub id: ProcId,
    pub status: ProcStatus,
    pub seq: Seq,
    /// Index of the thread that was last bound to it, or `NONE`.
    pub thread: u32,
    /// Whether it sweeps.
    pub sweeps: bool,
}

/// A thread and what is bound to it.
///
/// In this order, so that what changes often, `go`, does not lie beside what is read together: reading two fields at
/// once waits for a write of one of them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Thread {
    pub go: GoId,
    /// Index of `go`.
    pub go_index: u32,
    /// Index of `proc`.
    pub proc_index: u32,
    pub id: ThreadId,
    pub proc: ProcId,
    /// Whether an event of it or about it was tried yet.
    pub seen: bool,
    /// Whether events of it were lost since it last got a proc.
    pub lost: bool,
}

/// Where goroutines with these ids were found last. Ids are given out one after another, so that those in use at a time
/// have places of their own.
#[derive(Debug)]
struct Recent(Box<[u32; Recent::PLACES]>);

impl Recent {
    const PLACES: usize = 4096;

    #[inline]
    fn get(&self, id: u64) -> u32 {
        self.0[id as usize % Self::PLACES]
    }

    #[inline]
    fn set(&mut self, id: u64, index: u32) {
        self.0[id as usize % Self::PLACES] = index;
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self(Box::new([NONE; Self::PLACES]))
    }
}

/// All goroutines, procs and threads that are known.
#[derive(Debug, Default)]
pub struct Resources {
    pub gos: Vec<Go>,
    /// Of each of `gos` what it has begun and not ended.
    pub open: Vec<Open>,
    free_gos: Vec<u32>,
    go_indexes: FxHashMap<u64, u32>,
    recent: Recent,
    pub procs: Vec<Proc>,
    proc_indexes: FxHashMap<u64, u32>,
    pub threads: Vec<Thread>,
    thread_indexes: FxHashMap<u64, u32>,
    /// Whether it is unknown what threads have at the begin.
    pub threads_begin_unknown: bool,
}

impl Resources {
    /// The index of a goroutine that exists.
    #[inline]
    pub fn go_index(&mut self, go: u64) -> Option<u32> {
        let index = self.recent.get(go);
        // A free slot has no id.
        if self.gos.get(index as usize).is_some_and(|found| found.id.0 == go) && go != GoId::NONE.0 {
            return Some(index);
        }
        self.find_go(go)
    }

    fn find_go(&mut self, go: u64) -> Option<u32> {
        let index = self.go_indexes.get(&go).copied()?;
        self.recent.set(go, index);
        Some(index)
    }

    /// A goroutine that exists.
    pub fn go(&self, id: u64) -> Option<&Go> {
        self.gos.get(*self.go_indexes.get(&id)? as usize)
    }

    /// What a goroutine that exists has begun and not ended.
    pub fn open_of(&self, id: u64) -> Option<&Open> {
        self.open.get(*self.go_indexes.get(&id)? as usize)
    }

    /// A thread of which something is known.
    pub fn thread(&self, id: u64) -> Option<&Thread> {
        self.threads.get(*self.thread_indexes.get(&id)? as usize)
    }

    /// The goroutine bound to a thread, unless it is gone.
    #[inline]
    pub fn bound_go(&self, thread: &Thread) -> Option<u32> {
        let go = self.gos.get(thread.go_index as usize)?;
        (go.id == thread.go && thread.go != GoId::NONE).then_some(thread.go_index)
    }

    /// Adds a goroutine that does not exist.
    pub fn add_go(&mut self, id: u64, state: GoState, seq: Seq) -> u32 {
        let go = Go { id: GoId(id), state, seq, thread: NONE, assists: false };
        let index = if let Some(index) = self.free_gos.pop() {
            self.gos[index as usize] = go;
            index
        } else {
            self.gos.push(go);
            self.open.push(Open::default());
            self.gos.len() as u32 - 1
        };
        self.recent.set(id, index);
        self.go_indexes.insert(id, index);
        index
    }

    /// Takes out a goroutine.
    pub fn remove_go(&mut self, index: u32) {
        let go = &mut self.gos[index as usize];
        self.go_indexes.remove(&go.id.0);
        go.id = GoId::NONE;
        self.open[index as usize] = Open::default();
        self.free_gos.push(index);
    }

    /// The index of a proc.
    #[inline]
    pub fn proc_index(&self, proc: u64) -> Option<u32> {
        self.proc_indexes.get(&proc).copied()
    }

    /// Adds a proc that is not known.
    pub fn add_proc(&mut self, id: u64, status: ProcStatus, seq: Seq) -> u32 {
        let index = self.procs.len() as u32;
        self.procs.push(Proc { id: ProcId(id), status, seq, thread: NONE, sweeps: false });
        self.proc_indexes.insert(id, index);
        index
    }

    /// The index of a thread, which is made if need be.
    pub fn thread_index(&mut self, id: u64) -> u32 {
        let (go, proc) =
            if self.threads_begin_unknown { (UNKNOWN_GO, UNKNOWN_PROC) } else { (GoId::NONE, ProcId::NONE) };
        *self.thread_indexes.entry(id).or_insert_with(|| {
            self.threads.push(Thread {
                id: ThreadId(id),
                seen: false,
                go,
                go_index: NONE,
                proc,
                proc_index: NONE,
                lost: false,
            });
            self.threads.len() as u32 - 1
        })
    }

    /// Binds a goroutine to a thread.
    #[inline]
    pub fn bind_go(&mut self, thread: u32, index: u32) {
        let go = &mut self.gos[index as usize];
        go.thread = thread;
        let thread = &mut self.threads[thread as usize];
        thread.go = go.id;
        thread.go_index = index;
    }

    /// Leaves a thread without goroutine.
    #[inline]
    pub fn unbind_go(&mut self, thread: u32) {
        let thread = &mut self.threads[thread as usize];
        thread.go = GoId::NONE;
        thread.go_index = NONE;
    }

    /// Binds a proc to a thread.
    #[inline]
    pub fn bind_proc(&mut self, thread: u32, index: u32) {
        let proc = &mut self.procs[index as usize];
        proc.thread = thread;
        let thread = &mut self.threads[thread as usize];
        thread.proc = proc.id;
        thread.proc_index = index;
        thread.lost = false;
    }

    /// Leaves a thread without proc.
    #[inline]
    pub fn unbind_proc(&mut self, thread: u32) {
        let thread = &mut self.threads[thread as usize];
        thread.proc = ProcId::NONE;
        thread.proc_index = NONE;
    }
}
