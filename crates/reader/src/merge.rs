//! Puts the events of one generation's threads into one order.
//!
//! The thread whose next event is earliest goes first, for as long as it stays the earliest. If its event must wait for
//! another thread, the others are tried in the order of their times, and the first one that can goes on.
//!
//! * With few threads this is done as Go's reader does it, step by step, because which of two equal times goes first
//!   depends on the steps. A cursor that waits is passed over until what it waits for has changed.
//! * With many, a waiting cursor is taken out of the heap and put back when it is woken, so that one that waits for
//!   long costs nothing. The order is the same but for equal times.
//!
//! If all cursors wait, the trace is damaged; the earliest event is forced.

use std::collections::BTreeSet;

use crate::clock::Clock;
use crate::cursor::{Cursor, Fetched};
use crate::diagnostic::Log;
use crate::frontier::{Entry, Frontier};
use crate::holes::Troubled;
use crate::order::{Forced, Order, Output, Step};
use crate::tally::Tally;
use crate::unknown::Strange;
use crate::{Diagnostic, Event, EventKind, EventType, GoId, LostTime, ProcId, Severity, StackIdx, ThreadId};

/// The most threads that are ordered step by step as Go's reader does: above, its sort is not stable.
const FEW: usize = 12;

/// Why an event is forced that could happen if another one did.
const NEVER_COMES: &str = "what it waits for never comes";

/// Events that are put out at a time.
const FULL: usize = 512;

/// What comes between the events by its time alone.
#[derive(Clone, Copy, Debug)]
pub enum Aside {
    /// A CPU profile sample.
    Sample(Sample),
    /// An event of an unknown number.
    Strange(Strange),
}

impl Aside {
    fn time(&self) -> i64 {
        match self {
            Self::Sample(sample) => sample.time,
            Self::Strange(strange) => strange.time,
        }
    }

    fn event(self, order: &mut Order) -> Event {
        match self {
            Self::Sample(sample) => sample_event(sample, order),
            Self::Strange(strange) => strange.event(order),
        }
    }
}

/// A CPU profile sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Nanoseconds on the file's own clock.
    pub time: i64,
    pub thread: ThreadId,
    pub proc: ProcId,
    pub go: GoId,
    pub stack: StackIdx,
}

/// A generation being ordered.
#[derive(Debug)]
pub struct Merge<'a> {
    clock: Clock,
    generation: u64,
    cursors: Vec<Cursor<'a>>,
    frontier: Frontier,
    /// Cursors that wait, by time; only if there are many.
    parked: BTreeSet<(i64, u32)>,
    parks: bool,
    samples: std::iter::Peekable<std::vec::IntoIter<Aside>>,
    /// Events of each cursor that could not be placed by the rules.
    trouble: Vec<Option<Trouble>>,
    /// The threads with such events, when all are placed.
    pub troubled: Vec<Troubled>,
    /// Events read.
    pub events: u64,
    /// Whether bytes of it could not be read or events not be placed.
    pub is_damaged: bool,
    /// Whether states may be wrong because of damage before, so that a status that contradicts one is no new damage.
    pub heals: bool,
}

/// Events of a thread that had to be forced.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    /// The first of them, where it is, and why.
    event: EventType,
    offset: u64,
    why: &'static str,
    guessed: u64,
    dropped: u64,
    dropped_bytes: u64,
}

/// What ordering needs besides the order itself.
pub struct Surroundings<'s> {
    pub order: &'s mut Order,
    pub out: Output<'s>,
    pub log: &'s mut Log,
    pub tally: &'s mut Tally,
}

impl<'a> Merge<'a> {
    /// Begins at the first event of each cursor.
    pub fn new(
        (clock, generation): (Clock, u64),
        cursors: Vec<Cursor<'a>>,
        mut samples: Vec<Aside>,
        around: &mut Surroundings<'_>,
    ) -> Self {
        samples.sort_by_key(Aside::time);
        let mut merge = Self {
            clock,
            generation,
            frontier: Frontier::default(),
            parked: BTreeSet::new(),
            parks: cursors.len() > FEW,
            samples: samples.into_iter().peekable(),
            trouble: vec![None; cursors.len()],
            cursors,
            troubled: Vec::new(),
            events: 0,
            is_damaged: false,
            heals: false,
        };
        for cursor in 0..merge.cursors.len() as u32 {
            if let Some(time) = merge.fetch(cursor, around) {
                merge.frontier.insert(Entry { time, cursor });
            }
        }
        merge
    }

    /// Puts out some events; `false` if there are no more.
    pub fn fill(&mut self, around: &mut Surroundings<'_>) -> bool {
        while around.out.events.len() < FULL {
            // Also when the last step lost a thread, which may be what others waited for.
            self.unpark(around);
            let first = self.frontier.entries().first().map(|entry| entry.time);
            let parked = self.parked.first().map(|&(time, _)| time);
            let earliest = first.into_iter().chain(parked).min();
            if let Some(sample) = self.samples.next_if(|sample| earliest.is_none_or(|time| sample.time() < time)) {
                around.out.events.push(sample.event(around.order));
                continue;
            }
            match (first, earliest) {
                (_, None) => {
                    self.report(around.log);
                    return false;
                }
                (None, Some(_)) => self.force_parked(around),
                (Some(_), Some(_)) => self.step(around),
            }
        }
        true
    }

    /// Lets one or more events happen.
    fn step(&mut self, around: &mut Surroundings<'_>) {
        let first = self.frontier.entries()[0].cursor;
        if !around.order.waiters.is_waiting(first) && self.run(first, around) {
            return;
        }
        if self.parks {
            return;
        }
        // A sorted heap is still one, so its places can be tried in the order of time.
        self.frontier.sort();
        for at in 1..self.frontier.entries().len() {
            let cursor = self.frontier.entries()[at].cursor;
            if !around.order.waiters.is_waiting(cursor) && self.attempt(cursor, around) {
                self.go_on(at, cursor, around);
                return;
            }
        }
        self.force(first, NEVER_COMES, around);
        self.go_on(0, first, around);
    }

    /// Lets events of the first cursor happen while it stays first; `false` if its next one must wait.
    fn run(&mut self, cursor: u32, around: &mut Surroundings<'_>) -> bool {
        let sample = self.samples.peek().map_or(i64::MAX, Aside::time);
        let limit = self.frontier.second_time().min(sample);
        loop {
            if !self.attempt(cursor, around) {
                if self.parks {
                    self.frontier.remove(0);
                    self.parked.insert((self.cursors[cursor as usize].time(), cursor));
                }
                return false;
            }
            let is_changed = self.unpark(around);
            let Some(time) = self.fetch(cursor, around) else {
                self.frontier.remove_of(cursor);
                return true;
            };
            if is_changed || time > limit || around.out.events.len() >= FULL {
                self.frontier.update_of(cursor, time);
                return true;
            }
            self.frontier.stay_first(time);
        }
    }

    /// Whether the cursor's event happened; otherwise it waits.
    fn attempt(&mut self, cursor: u32, around: &mut Surroundings<'_>) -> bool {
        let thread = &self.cursors[cursor as usize];
        match around.order.advance(thread.index, &thread.record(), &mut around.out) {
            Step::Done => true,
            Step::Wait(wait) => {
                around.order.waiters.wait(cursor, wait);
                false
            }
            Step::Refused(why) => {
                self.force(cursor, why, around);
                true
            }
        }
    }

    /// After the event of the cursor at `at` in the heap: to its next one.
    fn go_on(&mut self, at: usize, cursor: u32, around: &mut Surroundings<'_>) {
        match self.fetch(cursor, around) {
            Some(time) => self.frontier.update(at, time),
            None => self.frontier.remove(at),
        }
    }

    /// Puts woken cursors back into the heap; whether there were any.
    fn unpark(&mut self, around: &mut Surroundings<'_>) -> bool {
        let mut any = false;
        while let Some(cursor) = around.order.waiters.take_woken() {
            let time = self.cursors[cursor as usize].time();
            if self.parked.remove(&(time, cursor)) {
                self.frontier.insert(Entry { time, cursor });
                any = true;
            }
        }
        any
    }

    /// Forces the earliest of the parked cursors, when there are no others.
    fn force_parked(&mut self, around: &mut Surroundings<'_>) {
        if let Some((_, cursor)) = self.parked.pop_first() {
            self.force(cursor, NEVER_COMES, around);
            if let Some(time) = self.fetch(cursor, around) {
                self.frontier.insert(Entry { time, cursor });
            }
        }
    }

    /// Time of the cursor's next event. Damage on the way is told.
    fn fetch(&mut self, cursor: u32, around: &mut Surroundings<'_>) -> Option<i64> {
        let thread = &mut self.cursors[cursor as usize];
        loop {
            match thread.fetch(self.clock, around.tally) {
                Fetched::Event => {
                    self.events += 1;
                    return Some(thread.time());
                }
                Fetched::End => return None,
                Fetched::Damage(damage) => {
                    self.is_damaged = true;
                    let diagnostic = Diagnostic {
                        severity: Severity::Loss,
                        offset: damage.offset,
                        generation: Some(self.generation),
                        thread: ThreadId(thread.thread).get(),
                        lost_bytes: damage.bytes,
                        lost_time: LostTime::Unknown,
                        message: format!("{}; the rest of the batch is lost", damage.why),
                    };
                    let from = around.order.ts(thread.time());
                    match thread.next_batch_time(self.clock).map(|to| around.order.ts(to).max(from)) {
                        Some(to) => {
                            let lost_time = LostTime::Between(from, to);
                            around.log.push(Diagnostic { lost_time, ..diagnostic });
                        }
                        None => around.log.push_open(diagnostic, from),
                    }
                    around.order.lose_thread(thread.index, thread.time(), &mut around.out);
                }
            }
        }
    }

    /// Forces the cursor's event.
    #[cold]
    fn force(&mut self, cursor: u32, why: &'static str, around: &mut Surroundings<'_>) {
        around.order.waiters.release(cursor);
        let thread = &self.cursors[cursor as usize];
        let record = thread.record();
        let (offset, bytes) = thread.place();
        let forced = around.order.force(thread.index, &record, &mut around.out);
        let is_healed = self.heals && forced == Forced::Guessed && is_status(record.kind);
        if forced == Forced::Kept || is_healed {
            return;
        }
        self.is_damaged = true;
        let trouble = self.trouble[cursor as usize].get_or_insert(Trouble {
            event: record.kind,
            offset,
            why,
            guessed: 0,
            dropped: 0,
            dropped_bytes: 0,
        });
        match forced {
            Forced::Kept | Forced::Guessed => trouble.guessed += 1,
            Forced::Dropped => {
                trouble.dropped += 1;
                trouble.dropped_bytes += bytes;
            }
        }
    }

    /// Tells of the events that had to be forced, once for each thread.
    fn report(&mut self, log: &mut Log) {
        for (thread, trouble) in self.cursors.iter().zip(&mut self.trouble) {
            let Some(trouble) = trouble.take() else {
                continue;
            };
            let Trouble { event, offset, why, guessed, dropped, dropped_bytes } = trouble;
            self.troubled.push(Troubled { thread: thread.thread, offset });
            log.push(Diagnostic {
                severity: Severity::Loss,
                offset,
                generation: Some(self.generation),
                thread: ThreadId(thread.thread).get(),
                lost_bytes: dropped_bytes,
                lost_time: LostTime::None,
                message: format!(
                    "events that belong before those of this thread are lost: from {} on ({why}), {guessed} stand where \
                     only their time puts them, and {dropped} are left out",
                    event.name()
                ),
            });
        }
    }
}

fn is_status(kind: EventType) -> bool {
    matches!(kind, EventType::GoStatus | EventType::GoStatusStack | EventType::ProcStatus)
}

fn sample_event(sample: Sample, order: &Order) -> Event {
    let Sample { time, thread, proc, go, stack } = sample;
    Event { ts: order.ts(time), thread, proc, go, stack, kind: EventKind::Sample }
}
