//! What each thread has to record with.
//!
//! Everything here runs inside the program that is recorded: it takes no lock, allocates nothing and makes no system call,
//! but for the first record of a thread and a chunk in a burst. It does not panic, and where something cannot be recorded
//! it counts that.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::chunk::{Reader, Slot, Writer};
use crate::clock::Clock;
use crate::hold::Holds;
use crate::pool::Pool;
use crate::record::{BY_THREAD, Head, IN_VAIN, Kind, Long, MAX_STACK};
use crate::registered::{Clones, MAX_WAITS, Waits};
use crate::site::Site;
use crate::state::{Seq, Session};
use crate::switch;
use crate::walk::{Walk, Walker};

/// What the threads of a recording share.
#[derive(Debug)]
pub struct Shared {
    pub session: Session,
    pub clock: Clock,
    pub pool: Pool,
    pub walker: Walker,
    #[cfg(feature = "tokio")]
    pub runtimes: crate::runtime::Runtimes,
    pub holds: Holds,
    #[cfg(feature = "perf")]
    pub perf: crate::perf::Perf,
    /// Threads that the assembler has not met.
    arrivals: Mutex<Vec<Arrival>>,
    numbers: AtomicU64,
    /// What threads did for whose records there was no memory at all.
    pub homeless: AtomicU64,
}

/// A thread's log and the end of it to read from.
#[derive(Debug)]
pub struct Arrival {
    pub log: Arc<ThreadLog>,
    pub reader: Reader,
    /// What the kernel tells of the thread.
    #[cfg(feature = "perf")]
    pub ring: Option<crate::perf::Ring>,
}

/// What is known of a thread beside its records.
#[derive(Debug)]
pub struct ThreadLog {
    /// From 1, in the order of their first records.
    pub number: u64,
    pub name: Option<String>,
    /// Records that there was no room for.
    pub dropped: AtomicU64,
    /// Wakes of tasks that were woken already.
    pub superfluous_wakes: AtomicU64,
    /// The thread is over and records no more.
    pub has_ended: AtomicBool,
}

impl Shared {
    /// For a recording that begins.
    pub fn new(session: Session, clock: Clock, pool: Pool, walker: Walker, holds: Holds) -> Self {
        Self {
            session,
            clock,
            pool,
            walker,
            #[cfg(feature = "tokio")]
            runtimes: crate::runtime::Runtimes::default(),
            holds,
            #[cfg(feature = "perf")]
            perf: crate::perf::Perf::default(),
            arrivals: Mutex::new(Vec::new()),
            numbers: AtomicU64::new(1),
            homeless: AtomicU64::new(0),
        }
    }

    /// With what the kernel is asked for.
    #[cfg(feature = "perf")]
    pub fn with_perf(self, perf: crate::perf::Perf) -> Self {
        Self { perf, ..self }
    }

    /// The threads that recorded for the first time since this was asked.
    pub fn arrivals(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A task, thread or job that runs on this thread.
#[derive(Clone, Copy, Debug)]
pub struct Current {
    pub task: u64,
    /// Sequence number of its begin.
    begun: u64,
    /// Changes since then, which its thread told of.
    pub changes: u64,
    /// Address of a place in the frame that runs it: stacks are looked at up to there.
    pub top: usize,
    /// Where it registered wakers.
    waits: Waits,
}

impl Current {
    /// A task that begins to run.
    pub fn new(task: u64, Seq(begun): Seq, top: usize) -> Self {
        Self { task, begun, changes: 0, top, waits: Waits::default() }
    }
}

/// Why a wait on a thread is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    Release(u64),
    Thread(u64),
    /// Nobody: its time was over.
    Nobody,
    Unknown,
}

/// A thread's own.
#[derive(Debug)]
pub struct Local {
    session: Session,
    clock: Clock,
    shared: Arc<Shared>,
    log: Arc<ThreadLog>,
    writer: Writer,
    walk: Walk,
    /// Where stacks are put together.
    addresses: Box<[u64; MAX_STACK]>,
    known: Known,
    /// What runs on the thread, innermost last.
    pub running: Vec<Current>,
    /// The runtime that was told of last.
    pub runtime: u64,
    /// Spans of `tracing`.
    #[cfg(feature = "tracing")]
    pub spans: crate::spans::Spans,
    /// How many runtimes had been forgotten when it was met.
    #[cfg(feature = "tokio")]
    forgotten: u64,
    /// How many releases the thread has numbered.
    releases: u64,
}

thread_local! {
    static LOCAL: RefCell<Option<Box<Local>>> = const { RefCell::new(None) };
    static HERE: Cell<u64> = const { Cell::new(0) };
}

/// Which thread of which recording this is, in one word; 0 if it never recorded.
#[inline]
pub fn here() -> u64 {
    HERE.get()
}

/// The number of a thread that `here` told, if that was in this session.
pub fn thread_of(here: u64, session: Session) -> Option<u64> {
    let number = here & THREAD_MASK;
    (number != 0 && here >> THREAD_BITS == u64::from(session.0)).then_some(number)
}

const THREAD_BITS: u32 = 48;
const THREAD_MASK: u64 = (1 << THREAD_BITS) - 1;

/// Does something with the thread's log; `None` if it has none, or is using it already.
#[inline]
pub fn with<R>(session: Session, work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    let worked = LOCAL.try_with(|local| {
        let mut local = local.try_borrow_mut().ok()?;
        match &mut *local {
            Some(local) if local.session == session => Some(work(local)),
            other => {
                *other = Some(arrive(session)?);
                other.as_mut().map(|local| work(local))
            }
        }
    });
    worked.ok().flatten()
}

/// The thread records for the first time in the session.
#[cold]
fn arrive(session: Session) -> Option<Box<Local>> {
    let shared = switch::shared(session)?;
    let Some(chunk) = shared.pool.take() else {
        shared.homeless.fetch_add(1, Ordering::Relaxed);
        return None;
    };
    let (writer, reader) = Writer::new(chunk);
    let log = Arc::new(ThreadLog {
        number: shared.numbers.fetch_add(1, Ordering::Relaxed),
        name: std::thread::current().name().map(str::to_owned),
        dropped: AtomicU64::new(0),
        superfluous_wakes: AtomicU64::new(0),
        has_ended: AtomicBool::new(false),
    });
    HERE.set(u64::from(session.0) << THREAD_BITS | log.number & THREAD_MASK);
    let arrival = Arrival {
        log: Arc::clone(&log),
        reader,
        #[cfg(feature = "perf")]
        ring: shared.perf.ring(),
    };
    shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
    let walk = shared.walker.walk();
    let clock = shared.clock;
    // Room for what is polled within each other, so that hardly any poll allocates.
    let running = Vec::with_capacity(16);
    Some(Box::new(Local {
        session,
        clock,
        shared,
        log,
        writer,
        walk,
        addresses: Box::new([0; MAX_STACK]),
        known: Known::new(),
        running,
        runtime: 0,
        #[cfg(feature = "tracing")]
        spans: crate::spans::Spans::default(),
        #[cfg(feature = "tokio")]
        forgotten: 0,
        releases: 0,
    }))
}

impl Drop for Local {
    fn drop(&mut self) {
        self.log.has_ended.store(true, Ordering::Release);
    }
}

impl Local {
    /// The raw clock.
    #[inline]
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Writes slots that belong together.
    #[inline]
    pub fn write(&mut self, slots: &[Slot]) -> bool {
        let Self { writer, shared, log, .. } = self;
        let is_written = writer.push(slots, || shared.pool.take());
        if !is_written {
            count(&log.dropped);
        }
        is_written
    }

    /// Somebody on this thread woke a task that was woken already.
    #[inline]
    pub fn count_superfluous_wake(&self) {
        count(&self.log.superfluous_wakes);
    }

    /// The runtimes that are known.
    #[cfg(feature = "tokio")]
    pub fn runtimes(&self) -> &crate::runtime::Runtimes {
        &self.shared.runtimes
    }

    /// Whether this runtime is the one that was told of last, and has not been forgotten since; from now on it is not.
    #[cfg(feature = "tokio")]
    pub fn has_met(&mut self, runtime: u64) -> bool {
        let forgotten = self.shared.runtimes.forgotten();
        let is_met = self.runtime == runtime && self.forgotten == forgotten;
        self.forgotten = forgotten;
        is_met
    }

    /// Writes a record that is complete in itself.
    #[inline]
    pub fn record(&mut self, head: Head) {
        let Self { writer, shared, log, .. } = self;
        if !writer.push_one(&head.slot(), || shared.pool.take()) {
            count(&log.dropped);
        }
    }

    /// Writes a record with two arguments more than it has room for.
    pub fn record_with(&mut self, more: [u64; 2], head: Head) {
        let [a, b] = more;
        self.write(&[Head { a, b, ..Head::new(Kind::With, head.time) }.slot(), head.slot()]);
    }

    /// The stack of the caller within what runs on the thread; 0 if nothing does or stacks cannot be walked.
    #[inline]
    pub fn stack(&mut self) -> u64 {
        let Self { running, walk, shared, addresses, .. } = self;
        let Some(current) = running.last() else { return 0 };
        let len = walk.addresses(&shared.walker, current.top, &mut addresses[..]);
        let addresses = addresses.get(..len).unwrap_or(&[]);
        if addresses.is_empty() {
            return 0;
        }
        let id = mixed(addresses);
        if !self.known.has(id) {
            self.define_stack(id, len);
        }
        id
    }

    /// The task that runs registers a waker; the place of the clone, if it has one.
    pub fn wait(&mut self, task: u64, clones: &Clones) -> Option<usize> {
        self.running.last().filter(|current| current.task == task)?;
        let stack = self.stack();
        let current = self.running.last_mut().filter(|_| stack != 0)?;
        let clone = clones.add(current.begun);
        current.waits.add(stack, clone);
        clone
    }

    /// A clone that the current poll of a task made is dropped.
    pub fn unwait(&mut self, task: u64, clone: usize) {
        if let Some(current) = self.running.last_mut().filter(|current| current.task == task) {
            current.waits.remove(clone);
        }
    }

    /// Writes that the task waits, or goes on soon, at the places where it registered wakers.
    #[inline]
    pub fn record_pause(&mut self, head: Head) {
        let waits = self.running.last().map_or([0; MAX_WAITS], |current| current.waits.stacks());
        let [last, others @ ..] = waits;
        let head = Head { b: last, ..head };
        if others == [0; MAX_WAITS - 1] {
            return self.record(head);
        }
        let also = others.map(|stack| Head { a: stack, ..Head::new(Kind::Also, head.time) }.slot());
        let [one, two, three] = also;
        self.write(&[one, two, three, head.slot()]);
    }

    /// The task that runs begins to wait on its thread, and nobody can wake it but by a release.
    ///
    /// The task, if there is one.
    pub fn begin_wait(&mut self, reason: u16, since: u64) -> Option<u64> {
        let stack = self.stack();
        let current = self.running.last_mut()?;
        current.changes += 1;
        let (task, seq) = (current.task, current.begun + current.changes);
        self.record(Head { small: reason, long: seq, a: task, b: stack, ..Head::new(Kind::Wait, since) });
        Some(task)
    }

    /// It goes on because of a release, which has its number in between; or of another thread, which did not know that
    /// somebody waits; or because it does not wait any longer; or for a reason that is not known.
    pub fn end_wait(&mut self, task: u64, because: Because) {
        let now = self.now();
        let Some(current) = self.running.last_mut().filter(|current| current.task == task) else { return };
        current.changes += 1 + u64::from(matches!(because, Because::Release(_)));
        let seq = current.begun + current.changes;
        let b = match because {
            Because::Release(number) => number,
            Because::Thread(number) => BY_THREAD | number,
            Because::Nobody => IN_VAIN,
            Because::Unknown => 0,
        };
        self.record(Head { long: seq, a: task, b, ..Head::new(Kind::GoOn, now) });
    }

    /// The first of so many numbers for releases, which no others of the recording have.
    pub fn next_releases(&mut self, many: u64) -> u64 {
        let first = self.releases + 1;
        self.releases += many;
        self.log.number << 40 | first
    }

    /// Writes what the stack is that was looked at last.
    #[cold]
    fn define_stack(&mut self, id: u64, len: usize) {
        let head = Head { a: id, ..Head::new(Kind::Stack, self.now()) };
        let long = Long::addresses(head, self.addresses.get(..len).unwrap_or(&[]));
        if self.write(long.slots()) {
            self.known.add(id);
        }
    }

    /// The number of a site.
    pub fn site(&mut self, site: Site) -> u64 {
        let id = site.id();
        if !self.known.has(id) {
            let head = Head { a: id, b: u64::from(site.location.line()), ..Head::new(Kind::Site, self.now()) };
            if self.write(Long::texts(head, &[site.location.file(), site.name]).slots()) {
                self.known.add(id);
            }
        }
        id
    }

    /// The number of a text that comes again and again.
    pub fn text(&mut self, text: &str) -> u64 {
        let mut id = text.len() as u64;
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            id = mixed(&[id, u64::from_le_bytes(word)]);
        }
        self.define_text(id, || text)
    }

    /// The number of a text that belongs to something at these addresses; it is only made where it must be written.
    pub fn text_of(&mut self, addresses: &[u64], text: impl FnOnce() -> String) -> u64 {
        self.define_text(mixed(addresses), text)
    }

    fn define_text<T: AsRef<str>>(&mut self, id: u64, text: impl FnOnce() -> T) -> u64 {
        if !self.known.has(id) {
            let head = Head { a: id, ..Head::new(Kind::Text, self.now()) };
            if self.write(Long::texts(head, &[text().as_ref()]).slots()) {
                self.known.add(id);
            }
        }
        id
    }
}

/// One more, where only this thread counts.
fn count(tally: &AtomicU64) {
    tally.store(tally.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// A number that stands for these; never 0. Different ones have different numbers, as far as 64 bits can tell.
pub fn mixed(words: &[u64]) -> u64 {
    let (pairs, rest) = words.as_chunks::<2>();
    let mut state = words.len() as u64;
    for pair in pairs {
        state = folded(state, *pair);
    }
    for &word in rest {
        state = folded(state, [word, 0]);
    }
    state.max(1)
}

/// A 128-bit product folded in two, of which both halves depend on all bits.
#[inline]
fn folded(state: u64, [first, second]: [u64; 2]) -> u64 {
    let product = u128::from(state ^ first ^ 0x9e37_79b9_7f4a_7c15) * u128::from(second ^ 0xa0c1_34a7_1c8f_0b3d);
    (product >> 64) as u64 ^ product as u64 ^ state.rotate_left(23)
}

/// Which definitions the thread has written lately; those that it forgot are written again.
#[derive(Debug)]
struct Known {
    ids: Box<[u64]>,
}

impl Known {
    /// A power of two: 8 KiB.
    const PLACES: usize = 1024;

    fn new() -> Self {
        Self { ids: vec![0; Self::PLACES].into_boxed_slice() }
    }

    #[inline]
    fn has(&self, id: u64) -> bool {
        self.ids.get(id as usize % Self::PLACES) == Some(&id)
    }

    fn add(&mut self, id: u64) {
        if let Some(place) = self.ids.get_mut(id as usize % Self::PLACES) {
            *place = id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_stacks_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for first in 0..100_u64 {
            for second in 0..100_u64 {
                seen.insert(mixed(&[0x5555_0000_0000 + first * 4, 0x5555_0000_1000 + second]));
            }
            seen.insert(mixed(&[first]));
        }
        assert_eq!(seen.len(), 10_100);
    }
}
