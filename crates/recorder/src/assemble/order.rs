//! The records of all threads in one order.
//!
//! 1. Of the threads whose next record can come next, the one whose record is the earliest goes first.
//! 2. A record about a task can come next if its sequence number follows the task's last one. Otherwise its thread waits
//!    until it does: a thread may change the state of a task, and lose the processor before it has written that down.
//! 3. The numbers were given in the order in which things happened, and a thread writes in that order, too. So the
//!    threads cannot all wait for each other, unless records were dropped. Then a thread that waited long enough goes on
//!    without: what is missing is made up for in `lanes`.
//!
//! A release of a lock or the like does not know whom it lets go on. That one claims it, by the number of the release and
//! with a sequence number; until then the thread of the release waits. Nobody claims a release in vain: it is dismissed.
//!
//! Any beginning of this order is a cut at which nothing is seen before its cause, and so a generation may end anywhere.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::decode::Event;
use super::stream::Stream;
use super::table::Table;
use crate::record::{Head, Kind};

/// The streams, and how far every task has come.
#[derive(Debug, Default)]
pub struct Order {
    streams: Vec<Stream>,
    /// Where the stream of a thread is.
    places: FxHashMap<u64, usize>,
    /// The next sequence number of each task.
    next: Table<u64>,
    /// Whom releases let go on, as far as that is known.
    claims: FxHashMap<u64, Claim>,
    /// Records that came too late to be of use.
    pub late: u64,
    /// How often a thread went on although something was missing.
    pub gaps: u64,
}

/// How long to wait for what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// For so many calls.
    Calls(u32),
    /// Longer than this call, which does not count.
    More,
    /// Not at all: there was loss, or nothing comes any more.
    None,
    /// Nobody claims a release any more, but what is missing was about to be written, and all behind it stays out.
    End,
}

/// Whom a release let go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Of {
        task: u64,
        seq: u64,
    },
    Nobody,
    /// Its thread did not wait any longer to hear that.
    TooLate,
}

/// For how many calls a thread waits to hear whom its release let go on. It is not worth more: all that the thread did
/// since is kept in memory meanwhile.
const CLAIM_PATIENCE: u32 = 20;

/// Sets a release's number apart from a task's.
const RELEASE: u64 = 1 << 63;

/// Whether a record can come next.
enum Turn {
    Now,
    Later,
    /// Its place in the order has passed.
    Never,
    /// It tells nothing.
    Empty,
}

/// Which threads can go on, and which wait for others.
#[derive(Debug, Default)]
struct Queue {
    /// By the times of their next records, the earliest first.
    ready: BinaryHeap<Reverse<(u64, usize)>>,
    /// By what they wait for.
    waiting: FxHashMap<u64, Vec<usize>>,
}

impl Queue {
    /// Up to which time and position a thread comes before those that can go on, and before the horizon.
    fn limit(&self, horizon: u64) -> (u64, usize) {
        let first = self.ready.peek().map_or((u64::MAX, usize::MAX), |Reverse(first)| *first);
        first.min((horizon, usize::MAX))
    }
}

impl Order {
    /// A thread's stream, by its position.
    pub fn add(&mut self, thread: u64) {
        self.places.insert(thread, self.streams.len());
        self.streams.push(Stream::new(thread));
    }

    /// The stream of a thread.
    pub fn stream(&mut self, thread: u64) -> Option<&mut Stream> {
        self.streams.get_mut(*self.places.get(&thread)?)
    }

    /// What a thread has just told, which may say whom a release of another one let go on.
    pub fn heed(&mut self, head: &Head) {
        match head.kind {
            Kind::GoOn => {
                if let Some(release) = head.release() {
                    let claim = Claim::Of { task: head.a, seq: head.long.wrapping_sub(1) };
                    self.claims.entry(release).or_insert(claim);
                }
            }
            Kind::Dismiss if self.claims.remove(&head.a).is_none() => {
                self.claims.insert(head.a, Claim::Nobody);
            }
            _ => {}
        }
    }

    /// Forgets a thread without records; `false` if it has some.
    pub fn remove(&mut self, thread: u64) -> bool {
        let Some(&at) = self.places.get(&thread) else { return false };
        if self.streams.get(at).is_none_or(|stream| stream.head().is_some()) {
            return false;
        }
        self.streams.swap_remove(at);
        self.places.remove(&thread);
        if let Some(moved) = self.streams.get(at) {
            self.places.insert(moved.thread, at);
        }
        true
    }

    /// Gives the records up to `horizon`, on the raw clock, in their order to `apply`, with their threads.
    pub fn advance(&mut self, horizon: u64, patience: Patience, mut apply: impl FnMut(u64, &Event)) {
        let mut queue = Queue::default();
        queue.ready.extend((0..self.streams.len()).filter_map(|at| self.head(at, horizon)));
        loop {
            while let Some(Reverse((_, at))) = queue.ready.pop() {
                self.follow(at, horizon, &mut queue, &mut apply);
            }
            // What waits now waits for something that no stream has.
            let mut stuck: Vec<usize> = queue.waiting.values().flatten().copied().collect();
            stuck.sort_unstable();
            let overdue = stuck.iter().copied().filter(|&at| self.is_overdue(at, patience));
            let Some(Reverse((_, first))) = overdue.filter_map(|at| self.head(at, horizon)).max() else {
                if patience == Patience::None {
                    // Whatever was lost, nothing is waited for any more.
                    self.claims.clear();
                }
                let counted = u32::from(patience != Patience::More);
                for (at, stream) in self.streams.iter_mut().enumerate() {
                    stream.waited = if stuck.binary_search(&at).is_ok() { stream.waited + counted } else { 0 };
                }
                return;
            };
            if let Some(head) = self.streams.get(first).and_then(Stream::head) {
                let (task, seq, key) = (head.a, head.long, waited_for(head));
                if head.kind == Kind::Release {
                    self.claims.insert(task, Claim::TooLate);
                } else {
                    self.gaps += 1;
                    self.next.insert(task, seq);
                }
                self.wake(key, horizon, &mut queue);
            }
        }
    }

    /// Gives a thread's records as long as they can come next and none of the other threads comes before them.
    fn follow(&mut self, at: usize, horizon: u64, queue: &mut Queue, apply: &mut impl FnMut(u64, &Event)) {
        let mut limit = queue.limit(horizon);
        while let Some(stream) = self.streams.get_mut(at)
            && let Some(head) = stream.head_mut()
        {
            if (head.time, at) > limit {
                if head.time <= horizon {
                    queue.ready.push(Reverse((head.time, at)));
                }
                return;
            }
            if matches!(head.kind, Kind::Release | Kind::GoOn) {
                resolve(&mut self.claims, &mut self.next, head);
            }
            match Self::turn(&mut self.next, head) {
                Turn::Later => {
                    queue.waiting.entry(waited_for(head)).or_default().push(at);
                    return;
                }
                Turn::Empty => {}
                Turn::Never => self.late += 1,
                Turn::Now => {
                    if let Some(release) = head.release() {
                        self.claims.remove(&release);
                    }
                    let (is_numbered, task) = (is_numbered(head.kind), head.a);
                    if let Some(event) = stream.event() {
                        apply(stream.thread, event);
                    }
                    if is_numbered && !queue.waiting.is_empty() {
                        self.wake(task, horizon, queue);
                        limit = queue.limit(horizon);
                    }
                }
            }
            if let Some(stream) = self.streams.get_mut(at) {
                stream.advance();
            }
        }
    }

    /// What waited for this can be looked at again.
    fn wake(&self, key: u64, horizon: u64, queue: &mut Queue) {
        let woken = queue.waiting.remove(&key).into_iter().flatten();
        queue.ready.extend(woken.filter_map(|at| self.head(at, horizon)));
    }

    /// The time of a stream's next record, if it is not behind the horizon.
    #[inline]
    fn head(&self, at: usize, horizon: u64) -> Option<Reverse<(u64, usize)>> {
        let time = self.streams.get(at)?.head()?.time;
        (time <= horizon).then_some(Reverse((time, at)))
    }

    fn is_overdue(&self, at: usize, patience: Patience) -> bool {
        let Some(stream) = self.streams.get(at) else { return false };
        let is_release = stream.head().is_some_and(|head| head.kind == Kind::Release);
        match patience {
            Patience::None => true,
            Patience::More => false,
            Patience::End => is_release,
            Patience::Calls(calls) => stream.waited >= if is_release { calls.min(CLAIM_PATIENCE) } else { calls },
        }
    }

    /// Whether the record can come next; if so, it has.
    fn turn(next: &mut Table<u64>, head: &Head) -> Turn {
        match head.kind {
            Kind::Release => return Turn::Later,
            Kind::Dismiss => return Turn::Empty,
            _ => {}
        }
        let (task, seq) = (head.a, head.long);
        if !is_numbered(head.kind) {
            return Turn::Now;
        }
        // No task has the number that readers take for none.
        if task == u64::MAX {
            return Turn::Never;
        }
        if head.kind == Kind::Create {
            next.insert(task, seq + 1);
            return Turn::Now;
        }
        let Some(expected) = next.get_mut(task) else { return Turn::Later };
        match seq.cmp(expected) {
            Ordering::Less => Turn::Never,
            Ordering::Greater => Turn::Later,
            Ordering::Equal => {
                *expected = seq + 1;
                if head.kind == Kind::Destroy {
                    next.remove(task);
                }
                Turn::Now
            }
        }
    }
}

/// Writes into a release whom it let go on, if that is known.
fn resolve(claims: &mut FxHashMap<u64, Claim>, next: &mut Table<u64>, head: &mut Head) {
    if head.kind == Kind::GoOn {
        // The release that it claims may have been given up: then it is missing in the sequence, and nothing else.
        let is_missing = claims.get(&head.b) == Some(&Claim::TooLate);
        let next = next.get_mut(head.a).filter(|next| is_missing && **next + 1 == head.long);
        if let Some(next) = next {
            *next += 1;
        }
        return;
    }
    match claims.get(&head.a) {
        Some(&Claim::Of { task, seq }) => {
            claims.remove(&head.a);
            *head = Head { kind: Kind::Released, a: task, long: seq, ..*head };
        }
        Some(Claim::Nobody) => {
            claims.remove(&head.a);
            head.kind = Kind::Dismiss;
        }
        Some(Claim::TooLate) => head.kind = Kind::Dismiss,
        None => {}
    }
}

/// Whether records of this kind carry the sequence number of a task.
fn is_numbered(kind: Kind) -> bool {
    let is_of_poll =
        matches!(kind, Kind::Create | Kind::Start | Kind::Drop | Kind::Block | Kind::Stop | Kind::Destroy | Kind::Wake);
    is_of_poll || matches!(kind, Kind::Wait | Kind::GoOn | Kind::Released)
}

/// What a record waits for: its turn among those of a task, or that a release is claimed.
fn waited_for(head: &Head) -> u64 {
    if head.kind == Kind::Release { head.a | RELEASE } else { head.a }
}

#[cfg(test)]
mod tests;
