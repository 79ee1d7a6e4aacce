//! What goroutines, procs and threads do in the file: from records in their order to events that every reader accepts.
//!
//! | in the program | in the file |
//! | --- | --- |
//! | task, job, thread | goroutine |
//! | worker of a runtime | proc, from 0, a block of numbers for each runtime |
//! | another thread, while it runs something | a proc of its own, from 10,000 |
//! | operating system's thread | thread |
//! | a task that is polled within another | the outer one waits, without a reason, until the inner one's poll ends |
//! | a task that was never told of, or is polled without a wake that was heard | it is created, or woken, just before |
//! | a task that another one polls again while it waits, as `join!` does | the other one wakes it just before |
//! | a thread that waits for a lock or the like | what runs on it waits, and the thread has no proc of its own meanwhile |
//! | a task that is dropped | it is woken, runs while it is dropped, and is over |
//!
//! Nothing here trusts a record: what cannot be, because others were dropped, is made possible first. Whatever comes in, a
//! valid file comes out; `tests` feed it with nonsense.

mod notes;
mod procs;
mod slow;
mod status;
mod tasks;
mod usual;
mod waits;

use std::rc::Rc;
use std::time::Duration;

#[cfg(feature = "perf")]
use goroscope_wire::RawSample;
use goroscope_wire::{EventType, Version};
use rustc_hash::{FxHashMap, FxHashSet};

use self::slow::Slow;
use self::usual::{RecentStacks, Usual};
use super::decode::Event;
use super::generation::Generations;
use super::names::Names;
use super::numbers::Numbers;
use super::table::Table;
use crate::record::{FOREIGN, Kind, NO_WORKER};

/// All states, and the file that they are written to.
#[derive(Debug)]
pub struct Lanes {
    pub out: Generations,
    version: Version,
    is_open: bool,
    gos: Table<Go>,
    procs: Vec<Proc>,
    proc_of: FxHashMap<ProcKey, usize>,
    runtimes: FxHashMap<u64, Runtime>,
    /// The number of the next worker's proc.
    next_worker: u64,
    workers: u64,
    /// How many workers the generation knows of.
    told_workers: u64,
    threads: Table<Thread>,
    recent: RecentStacks,
    /// Goroutines that are over, of this generation: nothing orders another one's begin behind one's end.
    over: Numbers,
    /// User tasks that have begun and not ended.
    tasks: FxHashSet<u64>,
    pub tally: Tally,
    pub slow: Slow,
}

/// What was written, and what could not be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub tasks: u64,
    pub polls: u64,
    pub wakes: u64,
    /// Polls of waiting tasks without a wake that was heard.
    pub unheard: u64,
    /// Polls of waiting tasks by tasks around them, which need no wake.
    pub repeated: u64,
    /// Tasks that nobody traced.
    pub foreign: u64,
    /// Annotations outside of everything traced.
    pub outside: u64,
    /// Records that could not be, and were made possible or left out.
    pub repaired: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GoState {
    Runnable = 1,
    Running = 2,
    Syscall = 3,
    Waiting = 4,
}

#[derive(Debug)]
struct Go {
    state: GoState,
    /// In this generation.
    seq: u64,
    /// Of its last event, ns.
    last: u64,
    /// The thread that has it on its stack.
    thread: Option<u64>,
    /// Where it was made.
    site: u64,
    /// Where it waits, or waited before it was woken; zeros if it does not.
    waits: [u64; 4],
    /// It waits for another task to end.
    joins: bool,
    /// What it is.
    kind: u64,
    /// Since when it is polled, ns, unless nobody has to know any more.
    polled: Option<u64>,
    /// Open ones: task, name, and how that was called where it began, as it must be where it ends.
    regions: Vec<(u64, u64, Rc<str>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ProcKey {
    Worker { runtime: u64, index: u16 },
    Thread(u64),
}

#[derive(Debug)]
struct Proc {
    number: u64,
    key: ProcKey,
    holder: Option<u64>,
    /// In this generation.
    seq: u64,
    last: u64,
    /// The generation in which its state was told.
    told: u64,
}

#[derive(Clone, Copy, Debug)]
struct Runtime {
    first: u64,
    workers: u64,
    /// A thread of the program drives it, and is its only worker.
    is_driven: bool,
}

#[derive(Debug, Default)]
struct Thread {
    proc: Option<usize>,
    /// What runs on it, innermost last.
    stack: Vec<Entry>,
    /// It tells when it sleeps, so it may keep its proc until then.
    is_hooked: bool,
    usual: Option<Usual>,
    /// A task that is over, but may still wake the one that joins it; and when it was.
    ending: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    go: u64,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Running,
    /// It blocks its thread.
    Syscall,
    /// Something within it runs, or its thread sleeps.
    Suspended,
    /// Its thread waits for a lock or the like. It goes on when it says so, whatever else runs on the thread until then.
    Waiting,
}

impl Lanes {
    /// Nothing happened yet.
    pub fn new(version: Version) -> Self {
        Self {
            out: Generations::new(version),
            version,
            is_open: false,
            gos: Table::default(),
            procs: Vec::new(),
            proc_of: FxHashMap::default(),
            runtimes: FxHashMap::default(),
            next_worker: 0,
            workers: 0,
            told_workers: 0,
            threads: Table::default(),
            recent: RecentStacks::default(),
            over: Numbers::default(),
            tasks: FxHashSet::default(),
            tally: Tally::default(),
            slow: Slow::default(),
        }
    }

    /// Writes what a record of a thread tells; `wall` is the wall clock at `time`, ns on the monotonic clock.
    pub fn apply(&mut self, thread: u64, time: u64, wall: Duration, event: &Event, names: &mut Names) {
        if !self.is_open {
            self.open(time, wall, names);
        }
        if !self.apply_usual(thread, time, event, names) {
            self.apply_slowly(thread, time, event, names);
        }
    }

    /// As `apply`, whatever the record is, in an open generation.
    fn apply_slowly(&mut self, thread: u64, time: u64, event: &Event, names: &mut Names) {
        let head = &event.head;
        let has_ending = self.threads.get_or_insert_with(thread, Thread::default).ending.is_some();
        if has_ending {
            let is_joined = head.kind == Kind::Wake && self.gos.get(head.a).is_some_and(|go| go.joins);
            if is_joined {
                self.wake(thread, time, head.a, 0);
            }
            self.settle(thread);
            if is_joined {
                return;
            }
        }
        match head.kind {
            Kind::Runtime => self.meet_runtime(head.a, head.b, head.small),
            Kind::Create => {
                let stack = self.stack([event.more()[0], 0, 0, 0], names);
                self.create(thread, time, head.a, head.b, stack, names);
                if let Some(go) = self.gos.get_mut(head.a) {
                    let [_, kind] = event.more();
                    go.kind = kind;
                    self.tally.foreign += u64::from(kind == FOREIGN);
                }
            }
            Kind::Start | Kind::Drop => {
                let proc = self.wanted(head.b, head.small);
                self.start(thread, time, head, proc);
                self.remember_usual(thread, head, proc);
            }
            Kind::Block | Kind::Stop => {
                self.end_poll(thread, time, head.a, names);
                let waits = event.waits();
                let (stack, reason) = self.stack_and_reason(waits, names);
                self.pause(thread, time, head, reason, stack);
                if let Some(go) = self.gos.get_mut(head.a).filter(|go| go.thread.is_none()) {
                    go.waits = waits;
                }
            }
            Kind::Destroy => {
                self.end_poll(thread, time, head.a, names);
                self.finish(thread, time, head.a);
            }
            Kind::Wake => {
                if self.sleeps(head.a) {
                    let stack = self.stack([head.b, 0, 0, 0], names);
                    self.wake(thread, time, head.a, stack);
                }
            }
            Kind::Wait => {
                let stack = self.stack([head.b, 0, 0, 0], names);
                self.begin_wait(thread, time, head, stack);
            }
            Kind::Released => {
                let stack = self.stack([head.b, 0, 0, 0], names);
                self.let_go_on(thread, time, head.a, stack);
            }
            Kind::GoOn => self.go_on(thread, time, head),
            Kind::Park => self.park(thread, time),
            Kind::Unpark => {
                let proc = self.wanted(head.a, head.small);
                self.unpark(thread, time, proc);
            }
            Kind::ThreadEnd => self.leave(thread, time),
            Kind::BlockingBegin => {
                let stack = self.stack([head.b, 0, 0, 0], names);
                self.begin_blocking(thread, time, stack);
            }
            Kind::BlockingEnd => self.end_blocking(thread, time),
            Kind::TaskBegin | Kind::TaskEnd | Kind::RegionBegin | Kind::RegionEnd | Kind::Log => {
                self.annotate(thread, time, event, names);
            }
            // That a thread is there is told by its log, counters and samples have no lane, of releases `order` knew
            // what they are, the others belong to the records after them.
            Kind::ThreadBegin
            | Kind::Count
            | Kind::Sample
            | Kind::Release
            | Kind::Dismiss
            | Kind::With
            | Kind::Also
            | Kind::Inline
            | Kind::Text
            | Kind::Stack
            | Kind::Site => {}
        }
    }

    /// A thread runs at a time, ns, where the stack says.
    #[cfg(feature = "perf")]
    pub fn sample(&mut self, thread: u64, time: u64, stack: u64) {
        let state = self.threads.get(thread);
        let top = state.and_then(|state| state.stack.last()).filter(|top| top.mode != Mode::Suspended);
        let proc = state.and_then(|state| state.proc).and_then(|proc| self.procs.get(proc));
        let (proc, go) = (proc.map_or(u64::MAX, |proc| proc.number), top.map_or(0, |top| top.go));
        self.out.sample(RawSample { time, thread, proc, go, stack });
    }

    /// A thread is over.
    pub fn end_thread(&mut self, thread: u64, time: u64, wall: Duration, names: &mut Names) {
        let is_busy = |thread: &Thread| thread.proc.is_some() || !thread.stack.is_empty() || thread.ending.is_some();
        if self.threads.get(thread).is_some_and(is_busy) {
            if !self.is_open {
                self.open(time, wall, names);
            }
            self.leave(thread, time);
        }
        self.threads.remove(thread);
    }

    /// Begins a generation although nothing happened.
    pub fn open_empty(&mut self, time: u64, wall: Duration, names: &mut Names) {
        self.open(time, wall, names);
    }

    /// Whether something happened since the last generation ended.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Ends the generation and gives its bytes.
    pub fn close(&mut self, note: &str) -> Vec<u8> {
        let ending = self.threads.iter().filter(|(_, thread)| thread.ending.is_some());
        let mut ending: Vec<u64> = ending.map(|(thread, _)| thread).collect();
        ending.sort_unstable();
        for thread in ending {
            self.settle(thread);
        }
        if self.out.is_empty() {
            self.tell_nothing();
        }
        self.is_open = false;
        self.over.clear();
        self.out.end(note)
    }

    /// The number of a stack in the file.
    fn stack(&mut self, ids: [u64; 4], names: &mut Names) -> u64 {
        self.stack_and_reason(ids, names).0
    }

    /// Writes an event about a goroutine, which is not earlier than the one before.
    fn put_go(&mut self, thread: u64, time: u64, go: u64, kind: EventType, args: [u64; 4]) {
        match self.gos.get_mut(go) {
            Some(go) => go.last = self.out.put(thread, time.max(go.last), kind, args),
            None => {
                self.out.put(thread, time, kind, args);
            }
        }
    }

    /// The innermost that runs on a thread.
    fn top(&self, thread: u64) -> Option<Entry> {
        self.threads.get(thread)?.stack.last().copied()
    }

    /// What a thread that runs a task of a runtime as this worker is called.
    fn wanted(&self, runtime: u64, worker: u16) -> Option<ProcKey> {
        let is_driven = self.runtimes.get(&runtime).is_some_and(|runtime| runtime.is_driven);
        match worker {
            NO_WORKER if is_driven => Some(ProcKey::Worker { runtime, index: 0 }),
            NO_WORKER => None,
            index => Some(ProcKey::Worker { runtime, index }),
        }
    }
}

#[cfg(test)]
mod tests;
