//! Threads that wait for one another: who waits, and who lets whom go on.
//!
//! The waiting itself is left to the lock or channel that is wrapped. Beside it there is a count of those that wait, at
//! which whoever releases something looks: one relaxed load, if nobody does.
//!
//! ```text
//!  who waits                          who releases
//!  ─────────                          ────────────
//!  count += 1
//!  record Wait ─ task, stack
//!  wait for the original …            count is not 0: record Release ─ number, stack; leave the number
//!  … and have it                      release the original
//!  count -= 1, take a number
//!  record GoOn ─ task, number
//! ```
//!
//! The number is left before the original is released, so that whoever has it then finds the number of the one that had
//! it before. That no one took a number is told, too (`Dismiss`): a lock was taken by somebody who did not wait for it. The
//! assembler puts the two halves together.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::left::{Lasting, Left, Release};
use crate::local::{self, Because};
use crate::record::{Head, Kind};
use crate::state::Session;
use crate::switch;

/// Reasons for waiting, as records hold them: for a lock or the like, …
pub const SYNC: u16 = 0;
/// … for room in a channel, …
pub const CHAN_SEND: u16 = 1;
/// … for something in a channel, …
pub const CHAN_RECEIVE: u16 = 2;
/// … for a condition.
pub const COND: u16 = 3;

/// How many may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    One,
    All,
}

/// Those who wait for one thing.
#[derive(Debug)]
pub struct Waiters {
    count: AtomicUsize,
    /// The thread that released last, as `local::here` tells.
    last: AtomicU64,
    left: Mutex<Left>,
}

impl Waiters {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self { count: AtomicUsize::new(0), last: AtomicU64::new(0), left: Mutex::new(Left::new()) }
    }

    /// The caller waits from now on; `None` if that is not recorded.
    pub fn wait(&self, reason: u16) -> Option<Waiting<'_>> {
        self.enter().map(|entered| entered.wait(reason))
    }

    /// The caller is about to wait, which must be its next record; `None` if that is not recorded.
    ///
    /// Whoever releases something knows of it from here on. If the caller released something itself before it waits, two
    /// could each seem to have waited for the other one's release.
    pub fn enter(&self) -> Option<Entered<'_>> {
        let session = switch::session()?;
        let since = local::with(session, |local| local.running.last().map(|_| local.now())).flatten()?;
        let mut left = self.left();
        let entry = left.enter();
        self.count.store(left.present(), Ordering::Relaxed);
        drop(left);
        Some(Entered { waiters: self, session, since, entry })
    }

    /// A lock is about to be released. Only the last release counts.
    #[inline]
    pub fn unlock(&self, many: Many) {
        self.last.store(local::here(), Ordering::Relaxed);
        if self.count.load(Ordering::Relaxed) != 0 {
            self.release(many, Lasting::UntilNext);
        }
    }

    /// Something is about to be sent, or told, to those who wait. Each of these lets somebody go on; how many do.
    #[inline]
    pub fn signal(&self, many: Many) -> usize {
        self.last.store(local::here(), Ordering::Relaxed);
        if self.count.load(Ordering::Relaxed) == 0 { 0 } else { self.release(many, Lasting::UntilTaken) }
    }

    /// The last of what was signalled did not come about.
    #[cold]
    pub fn retract(&self) {
        if let Some(session) = switch::session() {
            let release = self.left().of(session).newest();
            tell_dismissed(session, release.as_slice());
        }
    }

    /// The caller has the lock, for itself, without having waited: nobody goes on because of those who had it before.
    #[inline]
    pub fn take(&self) {
        if self.count.load(Ordering::Relaxed) != 0 {
            self.dismiss();
        }
    }

    /// The caller has something without having waited: one of those who were let go on for it does not.
    #[inline]
    pub fn overtake(&self) {
        if self.count.load(Ordering::Relaxed) != 0
            && let Some(session) = switch::session()
        {
            let release = self.left().of(session).oldest();
            tell_dismissed(session, release.as_slice());
        }
    }

    /// What was left lets nobody go on.
    #[cold]
    pub fn dismiss(&self) {
        if let Some(session) = switch::session() {
            let void = self.left().of(session).void();
            tell_dismissed(session, &void);
        }
    }

    #[cold]
    fn release(&self, many: Many, lasting: Lasting) -> usize {
        let Some(session) = switch::session() else { return 0 };
        let released = local::with(session, |local| {
            let (now, stack) = (local.now(), local.stack());
            let mut left = self.left();
            let left_now = left.of(session);
            let void = match lasting {
                Lasting::UntilNext => left_now.void(),
                Lasting::UntilTaken => Vec::new(),
            };
            let waiting = left_now.waiting();
            let new = match many {
                Many::One => waiting.min(1),
                Many::All => waiting,
            };
            let first = local.next_releases(new as u64);
            let numbers = first..first + new as u64;
            numbers.clone().for_each(|number| left_now.add(number, lasting));
            drop(left);
            for number in numbers {
                local.record(Head { a: number, b: stack, ..Head::new(Kind::Release, now) });
            }
            (void, new)
        });
        let (void, new) = released.unwrap_or_default();
        tell_dismissed(session, &void);
        new
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell_dismissed(session: Session, releases: &[Release]) {
    if !releases.is_empty() {
        local::with(session, |local| {
            for number in releases.iter().map(|release| release.number) {
                local.record(Head { a: number, ..Head::new(Kind::Dismiss, local.now()) });
            }
        });
    }
}

impl Default for Waiters {
    fn default() -> Self {
        Self::new()
    }
}

/// Somebody who is counted as waiting, until this is dropped.
#[derive(Debug)]
pub struct Entered<'w> {
    waiters: &'w Waiters,
    session: Session,
    since: u64,
    entry: u64,
}

impl<'w> Entered<'w> {
    /// The caller waits from when it entered.
    pub fn wait(self, reason: u16) -> Waiting<'w> {
        let task = local::with(self.session, |local| local.begin_wait(reason, self.since)).flatten();
        Waiting { task, reason, entered: self }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut left = self.waiters.left();
        let spare = left.leave(self.entry);
        self.waiters.count.store(left.present(), Ordering::Relaxed);
        drop(left);
        tell_dismissed(self.session, &spare);
    }
}

/// Somebody who waits, until this is dropped.
#[derive(Debug)]
pub struct Waiting<'w> {
    task: Option<u64>,
    reason: u16,
    entered: Entered<'w>,
}

impl Waiting<'_> {
    /// What was waited for is there.
    pub fn over(mut self) {
        self.end(Left::take);
    }

    /// Something is there that was meant for one, perhaps another one.
    pub fn over_with_one(mut self) {
        if self.end(Left::take).is_some_and(|because| !matches!(because, Because::Release(_))) {
            // Then somebody else does not have what it was let go on for.
            self.entered.waiters.overtake();
        }
    }

    /// It is there, and nobody else can have it.
    pub fn over_alone(self) {
        let (waiters, session) = (self.entered.waiters, self.entered.session);
        self.over();
        let void = waiters.left().of(session).void();
        tell_dismissed(session, &void);
    }

    /// What it goes on because of.
    fn end(&mut self, take: impl FnOnce(&mut Left, u64) -> Option<u64>) -> Option<Because> {
        let task = self.task.take()?;
        let (waiters, session) = (self.entered.waiters, self.entered.session);
        let number = take(waiters.left().of(session), self.entered.entry);
        let because = number.map_or_else(|| self.by_last(), Because::Release);
        local::with(session, |local| local.end_wait(task, because));
        Some(because)
    }

    /// Who released last did so in the moment in which the caller began to wait, and did not know of it.
    fn by_last(&self) -> Because {
        let here = self.entered.waiters.last.load(Ordering::Relaxed);
        match local::thread_of(here, self.entered.session) {
            // A condition may let somebody go on without a reason.
            Some(thread) if self.reason != COND => Because::Thread(thread),
            Some(_) | None => Because::Unknown,
        }
    }
}

impl Drop for Waiting<'_> {
    /// The wait was in vain: nobody let it go on.
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            local::with(self.entered.session, |local| local.end_wait(task, Because::Nobody));
        }
    }
}

/// One thread's wait for something that happens once.
#[derive(Debug)]
pub struct Occasion {
    session: Session,
    task: u64,
    /// The release, or 0.
    release: AtomicU64,
}

impl Occasion {
    /// The caller waits from now on; `None` if that is not recorded.
    pub fn wait(reason: u16) -> Option<Self> {
        let session = switch::session()?;
        let task = local::with(session, |local| local.begin_wait(reason, local.now())).flatten()?;
        Some(Self { session, task, release: AtomicU64::new(0) })
    }

    /// The caller lets it go on. Only the first one does.
    pub fn release(&self) {
        let Some(session) = switch::session().filter(|session| *session == self.session) else { return };
        local::with(session, |local| {
            let (now, number) = (local.now(), local.next_releases(1));
            let is_first = self.release.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed).is_ok();
            if is_first {
                let stack = local.stack();
                local.record(Head { a: number, b: stack, ..Head::new(Kind::Release, now) });
            }
        });
    }

    /// The one that waited goes on.
    pub fn over(&self) {
        // Whoever comes later lets nobody go on.
        let release = match self.release.compare_exchange(0, u64::MAX, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => Because::Unknown,
            Err(number) => Because::Release(number),
        };
        local::with(self.session, |local| local.end_wait(self.task, release));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::{Recorder, thread};

    #[test]
    fn who_releases_in_the_moment_in_which_somebody_begins_to_wait() {
        let recording = Recorder::builder().start_writer(io::sink()).unwrap();
        let waiters = Waiters::new();
        let (released, may_wait) = channel();
        let (waited, may_end) = channel();
        let waiters = &waiters;
        thread::scope(|scope| {
            scope.spawn(move || {
                // Nobody is counted yet.
                waiters.unlock(Many::One);
                released.send(()).unwrap();
                may_end.recv().unwrap();
            });
            scope.spawn(move || {
                may_wait.recv().unwrap();
                waiters.wait(SYNC).unwrap().over();
                waited.send(()).unwrap();
            });
        });
        let summary = recording.stop().unwrap();
        assert_eq!((summary.wakes, summary.unheard_wakes, summary.repaired), (1, 0, 0));
    }
}
