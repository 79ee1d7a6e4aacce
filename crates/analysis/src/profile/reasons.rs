//! Why a goroutine waits that waited when it was first seen: the trace says that it waits, not for what.
//!
//! Its own stack tells, if it was recorded (from Go 1.23 on, unless the goroutine is woken first): what it called to wait
//! is a function of the runtime that is called for one reason only. Otherwise the stack of whoever woke it tells.

use goroscope_model::{Class, StackIdx, Symbols};

/// A reason in Go's words, and its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) reason: &'static str,
    pub(super) class: Class,
    /// How many frames at the leaf are the runtime's way from what was called to where it waits: traces do not record
    /// them where a goroutine begins to wait.
    pub(super) inner: usize,
}

/// A function, and what a stack with it tells.
type Rule = (&'static str, &'static str, Class);

/// What is called to wait.
const CALLED: &[Rule] = &[
    ("internal/poll.runtime_pollWait", "network", Class::WaitNetwork),
    ("runtime.chanrecv1", "chan receive", Class::WaitChannel),
    ("runtime.chanrecv2", "chan receive", Class::WaitChannel),
    ("runtime.chansend1", "chan send", Class::WaitChannel),
    ("runtime.selectgo", "select", Class::WaitSelect),
    ("runtime.block", "forever", Class::WaitOther),
    ("sync.runtime_notifyListWait", "sync.(*Cond).Wait", Class::WaitSync),
    ("sync.runtime_Semacquire", "sync", Class::WaitSync),
    ("sync.runtime_SemacquireMutex", "sync", Class::WaitSync),
    ("sync.runtime_SemacquireRWMutex", "sync", Class::WaitSync),
    ("sync.runtime_SemacquireRWMutexR", "sync", Class::WaitSync),
    ("sync.runtime_SemacquireWaitGroup", "sync", Class::WaitSync),
    ("internal/sync.runtime_SemacquireMutex", "sync", Class::WaitSync),
    ("internal/poll.runtime_Semacquire", "sync", Class::WaitSync),
    ("time.Sleep", "sleep", Class::WaitSleep),
    ("runtime.gcParkAssist", "GC mark assist wait for work", Class::WaitGc),
    ("runtime.bgsweep", "GC background sweeper wait", Class::WaitGc),
];

/// What waits for a channel that is nil call as well, and that wait never ends: Go's word for it is `forever`. Unless the
/// wait ends, the stack does not tell one from the other.
const UNLESS_ENDED: &[(&str, &str)] =
    &[("chan receive", "chan receive or forever"), ("chan send", "chan send or forever")];

/// What is called to wake: by whom it can only be the other half of a pair. A goroutine in a `select` is woken by the same
/// functions as one that waits for a single channel.
const WAKING: &[Rule] = &[
    ("runtime.chansend1", "chan receive", Class::WaitChannel),
    ("runtime.chanrecv1", "chan send", Class::WaitChannel),
    ("runtime.chanrecv2", "chan send", Class::WaitChannel),
    ("runtime.closechan", "chan receive", Class::WaitChannel),
    ("sync.(*Mutex).Unlock", "sync", Class::WaitSync),
    ("internal/sync.(*Mutex).Unlock", "sync", Class::WaitSync),
    ("sync.(*RWMutex).Unlock", "sync", Class::WaitSync),
    ("sync.(*RWMutex).RUnlock", "sync", Class::WaitSync),
    ("sync.(*WaitGroup).Add", "sync", Class::WaitSync),
    ("sync.(*WaitGroup).Done", "sync", Class::WaitSync),
    ("sync.(*Cond).Signal", "sync.(*Cond).Wait", Class::WaitSync),
    ("sync.(*Cond).Broadcast", "sync.(*Cond).Wait", Class::WaitSync),
    ("sync.runtime_Semrelease", "sync", Class::WaitSync),
    ("internal/sync.runtime_Semrelease", "sync", Class::WaitSync),
];

/// How far from the leaf the functions of the tables are looked for.
const DEPTH: usize = 12;

/// What the stack of a waiting goroutine tells.
pub(super) fn of_own(symbols: &Symbols, stack: StackIdx) -> Option<Told> {
    find(CALLED, symbols, stack)
}

/// What is known if the wait does not end in the trace.
pub(super) fn unless_ended(told: Told) -> Told {
    let found = UNLESS_ENDED.iter().find(|(reason, _)| *reason == told.reason);
    Told { reason: found.map_or(told.reason, |&(_, reason)| reason), ..told }
}

/// What the stack of whoever woke it tells.
pub(super) fn of_waker(symbols: &Symbols, stack: StackIdx) -> Option<Told> {
    Some(Told { inner: 0, ..find(WAKING, symbols, stack)? })
}

fn find(rules: &[Rule], symbols: &Symbols, stack: StackIdx) -> Option<Told> {
    symbols.stack(stack).iter().take(DEPTH).enumerate().find_map(|(inner, &frame)| {
        let function = symbols.string(symbols.frame(frame).function);
        let &(_, reason, class) = rules.iter().find(|(name, ..)| *name == function)?;
        Some(Told { reason, class, inner })
    })
}
