//! The records of all threads in one order.
//!
//! 1. Of the threads whose next record can come next, the one whose record is the earliest goes first.
//! 2. A record about a task can come next if its sequence number follows the task's last one. Otherwise its thread waits
//!    until it does: a thread may change the state of a task, and lose the processor before it has written that down.
//! 3. The numbers were given in the order in which things happened, and a thread writes in that order, too. So the
//!    threads cannot all wait for each other, unless records were dropped. Then a thread that waited long enough goes on
//!    without: what is missing is made up for in `lanes`.
//!
//! Any beginning of this order is a cut at which nothing is seen before its cause, and so a generation may end anywhere.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use rustc_hash::FxHashMap;

use super::decode::Event;
use crate::record::{Head, Kind};

/// Records of a thread that are not in order yet.
#[derive(Debug)]
pub struct Stream {
    pub thread: u64,
    pub events: VecDeque<Event>,
    /// For how many calls it has been waiting.
    waited: u32,
}

/// The streams, and how far every task has come.
#[derive(Debug, Default)]
pub struct Order {
    streams: Vec<Stream>,
    /// The next sequence number of each task.
    next: FxHashMap<u64, u64>,
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
    /// Not at all: there was loss, or nothing comes any more.
    None,
}

/// Whether a record can come next.
enum Turn {
    Now,
    Later,
    /// Its place in the order has passed.
    Never,
}

impl Order {
    /// A thread's stream, by its position.
    pub fn add(&mut self, thread: u64) {
        self.streams.push(Stream { thread, events: VecDeque::new(), waited: 0 });
    }

    /// The stream of a thread.
    pub fn stream(&mut self, thread: u64) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.thread == thread)
    }

    /// Forgets a thread without records; `false` if it has some.
    pub fn remove(&mut self, thread: u64) -> bool {
        let at = self.streams.iter().position(|stream| stream.thread == thread && stream.events.is_empty());
        at.map(|at| self.streams.swap_remove(at)).is_some()
    }

    /// Gives the records up to `horizon`, on the raw clock, in their order to `apply`, with their threads.
    pub fn advance(&mut self, horizon: u64, patience: Patience, mut apply: impl FnMut(u64, Event)) {
        let mut ready: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        let mut waiting: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        ready.extend((0..self.streams.len()).filter_map(|at| self.head(at, horizon)));
        loop {
            let mut next = ready.pop();
            while let Some(Reverse((_, at))) = next {
                let Some(event) = self.streams.get(at).and_then(|stream| stream.events.front()) else {
                    next = ready.pop();
                    continue;
                };
                let task = event.head.a;
                match Self::turn(&mut self.next, &event.head) {
                    Turn::Later => {
                        waiting.entry(task).or_default().push(at);
                        next = ready.pop();
                        continue;
                    }
                    Turn::Never => {
                        self.late += 1;
                        self.pop(at);
                    }
                    Turn::Now => {
                        if let Some((thread, event)) = self.pop(at) {
                            if !waiting.is_empty() && is_numbered(event.head.kind) {
                                let woken = waiting.remove(&task).into_iter().flatten();
                                ready.extend(woken.filter_map(|at| self.head(at, horizon)));
                            }
                            apply(thread, event);
                        }
                    }
                }
                // A thread goes on as long as none of the others comes before it.
                next = match (self.head(at, horizon), ready.peek()) {
                    (Some(head), Some(other)) if *other > head => {
                        ready.push(head);
                        ready.pop()
                    }
                    (None, _) => ready.pop(),
                    (head, _) => head,
                };
            }
            // What waits now waits for something that no stream has.
            let mut stuck: Vec<usize> = waiting.values().flatten().copied().collect();
            stuck.sort_unstable();
            let overdue = stuck.iter().copied().filter(|&at| self.is_overdue(at, patience));
            let Some(Reverse((_, first))) = overdue.filter_map(|at| self.head(at, horizon)).max() else {
                for (at, stream) in self.streams.iter_mut().enumerate() {
                    stream.waited = if stuck.binary_search(&at).is_ok() { stream.waited + 1 } else { 0 };
                }
                return;
            };
            self.gaps += 1;
            if let Some(event) = self.streams.get(first).and_then(|stream| stream.events.front()) {
                let (task, seq) = (event.head.a, event.head.long);
                self.next.insert(task, seq);
                let woken = waiting.remove(&task).into_iter().flatten();
                ready.extend(woken.filter_map(|at| self.head(at, horizon)));
            }
        }
    }

    /// The time of a stream's next record, if it is not behind the horizon.
    fn head(&self, at: usize, horizon: u64) -> Option<Reverse<(u64, usize)>> {
        let time = self.streams.get(at)?.events.front()?.head.time;
        (time <= horizon).then_some(Reverse((time, at)))
    }

    fn pop(&mut self, at: usize) -> Option<(u64, Event)> {
        let stream = self.streams.get_mut(at)?;
        Some((stream.thread, stream.events.pop_front()?))
    }

    fn is_overdue(&self, at: usize, patience: Patience) -> bool {
        match patience {
            Patience::None => true,
            Patience::Calls(calls) => self.streams.get(at).is_some_and(|stream| stream.waited >= calls),
        }
    }

    /// Whether the record can come next; if so, it has.
    fn turn(next: &mut FxHashMap<u64, u64>, head: &Head) -> Turn {
        let (task, seq) = (head.a, head.long);
        if !is_numbered(head.kind) {
            return Turn::Now;
        }
        if head.kind == Kind::Create {
            next.insert(task, seq + 1);
            return Turn::Now;
        }
        let Some(expected) = next.get_mut(&task) else { return Turn::Later };
        match seq.cmp(expected) {
            Ordering::Less => Turn::Never,
            Ordering::Greater => Turn::Later,
            Ordering::Equal => {
                *expected = seq + 1;
                if head.kind == Kind::Destroy {
                    next.remove(&task);
                }
                Turn::Now
            }
        }
    }
}

/// Whether records of this kind carry the sequence number of a task.
fn is_numbered(kind: Kind) -> bool {
    matches!(kind, Kind::Create | Kind::Start | Kind::Block | Kind::Stop | Kind::Destroy | Kind::Wake)
}

#[cfg(test)]
mod tests;
