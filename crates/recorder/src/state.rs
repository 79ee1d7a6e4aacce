//! What a task does, in one word that its poller and its wakers change together.
//!
//! ```text
//!             begin              end
//!  Runnable ─────────► Running ───────► Waiting
//!     ▲ ▲                 │ wake           │ wake
//!     │ │        end      ▼                │
//!     │ └────────────── Woken              │
//!     └────────────────────────────────────┘
//! ```
//!
//! Every change that a trace shows gets the next sequence number of the task in the same step: the numbers are the order
//! in which things happened to it, whichever threads recorded them and whatever their clocks say.
//! A wake that changes nothing (the task is runnable, or runs and was woken already) gets none.
//!
//! Sessions tell recordings apart. A task that was not announced in the current one is as good as not traced.

use crate::atomics::{AtomicU64, Ordering};

/// Which recording of the process, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session(pub u16);

/// Position of a change among those of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seq(pub u64);

/// How a poll without a result ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The task waits to be woken.
    Waits,
    /// It was woken meanwhile, and will be polled again.
    Woken,
}

/// What a wake does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The task was waiting and is runnable now.
    Runs(Seq),
    /// It runs, and will be polled again.
    Again,
    /// It was woken already.
    Already,
    /// It is over, or the recording does not know it.
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    Runnable = 1,
    Running = 2,
    Woken = 3,
    Waiting = 4,
    Done = 5,
}

/// The word: phase, session and the number of the last change.
#[derive(Debug)]
pub struct TaskState(AtomicU64);

const SESSION_SHIFT: u32 = 8;
const SEQ_SHIFT: u32 = 24;

/// Sequence numbers are cut to the bits that records have for them.
const SEQ_MASK: u64 = (1 << 40) - 1;

#[derive(Clone, Copy)]
struct Word(u64);

impl Word {
    fn new(phase: Phase, session: Session, seq: u64) -> Self {
        Self(phase as u64 | u64::from(session.0) << SESSION_SHIFT | (seq & SEQ_MASK) << SEQ_SHIFT)
    }

    fn is(self, phase: Phase) -> bool {
        self.0 & 0xff == phase as u64
    }

    fn session(self) -> Session {
        Session((self.0 >> SESSION_SHIFT) as u16)
    }

    fn seq(self) -> u64 {
        self.0 >> SEQ_SHIFT
    }

    /// The next change, to this phase.
    fn next(self, phase: Phase) -> Self {
        Self::new(phase, self.session(), self.seq() + 1)
    }
}

impl Word {
    /// Of a task that is woken while it runs, which is no change of its own.
    fn woken(self) -> Self {
        Self::new(Phase::Woken, self.session(), self.seq())
    }
}

impl TaskState {
    /// A task that no recording knows.
    pub fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    fn load(&self) -> Word {
        Word(self.0.load(Ordering::Acquire))
    }

    fn store(&self, word: Word) -> Seq {
        self.0.store(word.0, Ordering::Release);
        Seq(word.seq())
    }

    fn exchange(&self, old: Word, new: Word) -> Option<Seq> {
        let exchanged = self.0.compare_exchange(old.0, new.0, Ordering::AcqRel, Ordering::Acquire);
        exchanged.ok().map(|_| Seq(new.seq()))
    }

    /// Makes the task known to a recording, as runnable; `None` if it is known. Only for its owner, between polls.
    pub fn announce(&self, session: Session) -> Option<Seq> {
        let word = self.load();
        (word.session() != session).then(|| self.store(Word::new(Phase::Runnable, session, word.seq() + 1)))
    }

    /// The task is polled. Only for its owner.
    pub fn begin(&self, session: Session) -> Option<Seq> {
        loop {
            let word = self.load();
            if word.session() != session || word.is(Phase::Done) {
                return None;
            }
            let running = word.next(Phase::Running);
            if word.is(Phase::Runnable) {
                // Wakes leave a runnable task alone, so nobody else can change the word.
                return Some(self.store(running));
            }
            // Whoever woke it did not go through one of our wakers, or is about to.
            if let Some(seq) = self.exchange(word, running) {
                return Some(seq);
            }
        }
    }

    /// The poll ended without a result. Only for its owner.
    pub fn pause(&self, session: Session) -> Option<(Pause, Seq)> {
        let word = self.load();
        if word.session() != session {
            return None;
        }
        if word.is(Phase::Running)
            && let Some(seq) = self.exchange(word, word.next(Phase::Waiting))
        {
            return Some((Pause::Waits, seq));
        }
        let word = self.load();
        word.is(Phase::Woken).then(|| (Pause::Woken, self.store(word.next(Phase::Runnable))))
    }

    /// So many changes happened while it ran, which its thread told of. Only for its owner, while it runs.
    pub fn skip(&self, session: Session, changes: u64) {
        loop {
            let word = self.load();
            if word.session() != session {
                return;
            }
            // Wakes change the phase meanwhile, and nothing else.
            if self.exchange(word, Word(word.0.wrapping_add(changes << SEQ_SHIFT))).is_some() {
                return;
            }
        }
    }

    /// The task is over: it returned, panicked or was dropped. Only for its owner, while it runs.
    pub fn finish(&self, session: Session) -> Option<Seq> {
        loop {
            let word = self.load();
            if word.session() != session || word.is(Phase::Done) {
                return None;
            }
            // Somebody may wake it at the same time, which must not be the last change.
            if let Some(seq) = self.exchange(word, word.next(Phase::Done)) {
                return Some(seq);
            }
        }
    }

    /// Whether the run that began with this change goes on.
    pub fn is_in(&self, begun: Seq) -> bool {
        let word = self.load();
        Seq(word.seq()) == begun && (word.is(Phase::Running) || word.is(Phase::Woken))
    }

    /// Whether a wake is worth telling: it changes something, or came to nothing.
    pub fn minds_wakes(&self, session: Session) -> bool {
        let word = self.load();
        word.session() == session && !word.is(Phase::Done)
    }

    /// Somebody wakes the task.
    pub fn wake(&self, session: Session) -> Woken {
        loop {
            let word = self.load();
            if word.session() != session || word.is(Phase::Done) {
                return Woken::Never;
            }
            if word.is(Phase::Waiting) {
                if let Some(seq) = self.exchange(word, word.next(Phase::Runnable)) {
                    return Woken::Runs(seq);
                }
            } else if word.is(Phase::Running) {
                if self.exchange(word, word.woken()).is_some() {
                    return Woken::Again;
                }
            } else {
                return Woken::Already;
            }
        }
    }

    /// As `wake`, by somebody who cannot record that: a task that waits stays as it is until it is polled.
    pub fn wake_unheard(&self, session: Session) {
        loop {
            let word = self.load();
            if word.session() != session || !word.is(Phase::Running) || self.exchange(word, word.woken()).is_some() {
                return;
            }
        }
    }
}
