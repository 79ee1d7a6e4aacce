//! Puts the events of one generation's threads into one order.
//!
//! The thread whose next event is earliest goes first, for as long as it stays the earliest. If its event must wait for
//! another thread, the others are tried in the order of their times, and the first one that can goes on.
//!
//! * With few threads this is done as Go's reader does it, step by step, because which of two equal times goes first
//!   depends on the steps. A cursor that waits is passed over until what it waits for has changed.
//! * With many, a waiting cursor is taken out of the heap and put back when it is woken, so that one that waits for
//!   long costs nothing. The order is the same but for equal times, so whoever needs those as well asks for the steps.
//!
//! If all cursors wait, the trace is damaged; the earliest event is forced.

use std::collections::BTreeSet;

use crate::cursor::{Cursor, Fetched};
use crate::diagnostic::Log;
use crate::frontier::{Entry, Frontier};
use crate::go_sort;
use crate::holes::Troubled;
use crate::order::{Forced, Order, Output, Step};
use crate::supply::Supply;
use crate::tally::Tally;
use crate::unknown::Strange;
use crate::waiters::Wait;
use crate::{Diagnostic, Event, EventKind, EventType, GoId, LostTime, ProcId, Severity, StackIdx, ThreadId};

/// The most threads that are always ordered step by step as Go's reader does: above, the steps take long where many wait.
const FEW: usize = 12;

/// The most threads that are ordered so if equal times are to be broken as Go does; no Go program has more of them unless
/// it asks for it.
const MANY: usize = 10_000;

/// Why an event is forced that could happen if another one did.
const NEVER_COMES: &str = "what it waits for never comes";

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

    pub fn event(self, order: &mut Order) -> Event {
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
pub struct Merge {
    generation: u64,
    cursors: Vec<Cursor>,
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
    /// How many batches could not be read to their ends.
    pub unreadable: usize,
    /// Whether states may be wrong because of damage before, so that a status that contradicts one is no new damage.
    pub heals: bool,
}

/// How equal times of more than [`FEW`] threads are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// As it comes.
    Any,
    /// As Go's reader does, step by step.
    AsGo,
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
pub struct Surroundings<'s, 'a> {
    pub order: &'s mut Order,
    pub out: Output<'s>,
    pub log: &'s mut Log,
    pub tally: &'s mut Tally,
    pub supply: &'s mut Supply<'a>,
    /// How many events are put out at a time.
    pub full: usize,
}

impl Merge {
    /// Begins at the first event of each cursor.
    pub fn new(
        generation: u64,
        cursors: Vec<Cursor>,
        mut samples: Vec<Aside>,
        around: &mut Surroundings<'_, '_>,
    ) -> Self {
        go_sort::sort_by_key(&mut samples, Aside::time);
        let mut merge = Self {
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
            unreadable: 0,
            heals: false,
        };
        for cursor in 0..merge.cursors.len() as u32 {
            if let Some(time) = merge.fetch(cursor, around) {
                merge.frontier.insert(Entry { time, cursor });
            }
        }
        merge
    }

    /// Says how equal times are ordered, before the first event is.
    pub fn break_ties(&mut self, ties: Ties) {
        self.parks &= ties == Ties::Any || self.cursors.len() > MANY;
    }

    /// Takes the same asides with rows in place of ids; gives back those that are among the events already.
    pub fn name_asides(&mut self, mut asides: Vec<Aside>) -> std::vec::IntoIter<Aside> {
        go_sort::sort_by_key(&mut asides, Aside::time);
        let rest = asides.split_off(asides.len().saturating_sub(self.samples.len()));
        self.samples = rest.into_iter().peekable();
        asides.into_iter()
    }

    /// Puts out some events; `false` if there are no more.
    pub fn fill(&mut self, around: &mut Surroundings<'_, '_>) -> bool {
        while around.out.events.len() < around.full {
            // Also when the last step lost a thread, which may be what others waited for.
            self.unpark(around);
            let first = self.frontier.entries().first().map(|entry| entry.time);
            let parked = self.parked.first().map(|&(time, _)| time);
            let earliest = first.into_iter().chain(parked).min();
            if let Some(sample) = self.samples.next_if(|sample| earliest.is_none_or(|time| sample.time() < time)) {
                let event = sample.event(around.order);
                around.out.latest = around.out.latest.max(event.ts);
                around.out.events.push(event);
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
    fn step(&mut self, around: &mut Surroundings<'_, '_>) {
        if !around.order.waiters.is_waiting(self.frontier.entries()[0].cursor) && self.run(around) {
            return;
        }
        if self.parks {
            return;
        }
        // A sorted heap is still one, so its places can be tried in the order of time.
        self.frontier.sort();
        let first = self.frontier.entries()[0].cursor;
        // Sorting may have put another one of the same time before the one that waits. Go's reader does not try it now,
        // and comes to it next.
        let is_passed_over = !around.order.waiters.is_waiting(first);
        for at in 1..self.frontier.entries().len() {
            let cursor = self.frontier.entries()[at].cursor;
            let next = self.frontier.entries().get(at + 1).map_or(i64::MAX, |entry| entry.time);
            let limit = if is_passed_over { i64::MIN } else { next };
            if !around.order.waiters.is_waiting(cursor) && self.run_at(at, cursor, limit, around) {
                return;
            }
        }
        if is_passed_over {
            // Here Go's reader gives up.
            self.run(around);
            return;
        }
        self.force(first, NEVER_COMES, around);
        self.go_on(0, first, around);
    }

    /// Lets events happen, always of the thread that is first; `false` if its next one must wait.
    fn run(&mut self, around: &mut Surroundings<'_, '_>) -> bool {
        let sample = self.samples.peek().map_or(i64::MAX, Aside::time);
        let limits = Limits { sample, full: around.full };
        let (cursor, pause) = run(&mut self.cursors, &mut self.frontier, around.order, &mut around.out, limits);
        let next = match pause {
            Pause::Turn(_) => return true,
            Pause::Next(time) => {
                self.unpark(around);
                Some(time)
            }
            Pause::EndOfBlock => {
                self.unpark(around);
                self.fetch_behind(cursor, around)
            }
            Pause::Wait(wait) => {
                around.order.waiters.wait(cursor, wait);
                let time = self.cursors[cursor as usize].time();
                if self.parks {
                    self.frontier.remove(0);
                    self.parked.insert((time, cursor));
                } else {
                    self.frontier.stay_first(time);
                }
                return false;
            }
            Pause::Refused(why) => {
                self.force(cursor, why, around);
                self.unpark(around);
                self.fetch(cursor, around)
            }
        };
        match next {
            Some(time) => self.frontier.update_of(cursor, time),
            None => self.frontier.remove_of(cursor),
        }
        true
    }

    /// Lets events of the cursor at `at` in the sorted frontier happen, up to a time: while all before it wait and it is
    /// not later than those after it; `false` if there were none, because it must wait.
    fn run_at(&mut self, at: usize, cursor: u32, limit: i64, around: &mut Surroundings<'_, '_>) -> bool {
        let first_event = around.out.events.len();
        let thread = &mut self.cursors[cursor as usize];
        match run_alone(thread, around.order, &mut around.out, (limit, around.full)) {
            Pause::Turn(time) | Pause::Next(time) => self.frontier.update(at, time),
            Pause::EndOfBlock => match self.fetch_behind(cursor, around) {
                Some(time) => self.frontier.update(at, time),
                None => self.frontier.remove(at),
            },
            Pause::Wait(wait) => {
                around.order.waiters.wait(cursor, wait);
                self.frontier.update(at, self.cursors[cursor as usize].time());
                return around.out.events.len() > first_event;
            }
            Pause::Refused(why) => {
                self.force(cursor, why, around);
                self.go_on(at, cursor, around);
            }
        }
        true
    }

    /// After the event of the cursor at `at` in the heap: to its next one.
    fn go_on(&mut self, at: usize, cursor: u32, around: &mut Surroundings<'_, '_>) {
        match self.fetch(cursor, around) {
            Some(time) => self.frontier.update(at, time),
            None => self.frontier.remove(at),
        }
    }

    /// Puts woken cursors back into the heap; whether there were any.
    #[inline]
    fn unpark(&mut self, around: &mut Surroundings<'_, '_>) -> bool {
        around.order.waiters.has_woken() && self.unpark_woken(around)
    }

    fn unpark_woken(&mut self, around: &mut Surroundings<'_, '_>) -> bool {
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
    fn force_parked(&mut self, around: &mut Surroundings<'_, '_>) {
        if let Some((_, cursor)) = self.parked.pop_first() {
            self.force(cursor, NEVER_COMES, around);
            if let Some(time) = self.fetch(cursor, around) {
                self.frontier.insert(Entry { time, cursor });
            }
        }
    }

    /// Time of the cursor's next event. Damage on the way is told.
    #[inline]
    fn fetch(&mut self, cursor: u32, around: &mut Surroundings<'_, '_>) -> Option<i64> {
        let thread = &mut self.cursors[cursor as usize];
        match thread.step() {
            Some(time) => Some(time),
            None => self.fetch_behind(cursor, around),
        }
    }

    /// As `fetch`, where the event is not decoded yet.
    #[cold]
    fn fetch_behind(&mut self, cursor: u32, around: &mut Surroundings<'_, '_>) -> Option<i64> {
        let thread = &mut self.cursors[cursor as usize];
        loop {
            match thread.fetch_behind(&mut self.events, around.supply, around.tally) {
                Fetched::Event(time) => return Some(time),
                Fetched::End => return None,
                Fetched::Damage(damage) => {
                    self.is_damaged = true;
                    self.unreadable += 1;
                    let diagnostic = Diagnostic {
                        severity: Severity::Loss,
                        offset: damage.offset,
                        generation: Some(self.generation),
                        thread: ThreadId(thread.thread).get(),
                        lost_bytes: damage.bytes,
                        lost_time: LostTime::Unknown,
                        message: damage.message(),
                    };
                    let from = around.order.ts(thread.time());
                    match damage.next_time.map(|to| around.order.ts(to).max(from)) {
                        Some(to) => {
                            let lost_time = LostTime::Between(from, to);
                            around.log.push(Diagnostic { lost_time, ..diagnostic });
                        }
                        None => around.log.push_open(diagnostic, from),
                    }
                    around.order.lose_events(thread.index, damage.steady, thread.time(), &mut around.out);
                }
            }
        }
    }

    /// Forces the cursor's event.
    #[cold]
    fn force(&mut self, cursor: u32, why: &'static str, around: &mut Surroundings<'_, '_>) {
        around.order.waiters.release(cursor);
        if around.order.begins_unknown() {
            // Nothing can be told from nothing: it is left to the order from the true state.
            around.order.doubt();
            return;
        }
        let thread = &self.cursors[cursor as usize];
        let Some(&record) = thread.record() else { return };
        let (offset, bytes) = thread.place(&record);
        let forced = around.order.force(thread.index, &record, offset, &mut around.out);
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
            let place = log.push(Diagnostic {
                severity: Severity::Loss,
                offset,
                generation: Some(self.generation),
                thread: ThreadId(thread.thread).get(),
                lost_bytes: dropped_bytes,
                lost_time: LostTime::None,
                message: format!(
                    "events that belong before those of this thread are lost: from {} on ({why}){}",
                    event.name(),
                    outcome(guessed, dropped)
                ),
            });
            self.troubled.push(Troubled { thread: thread.thread, offset, place });
        }
    }
}

/// What became of so many events that had to be forced, and of those that could not be kept.
fn outcome(guessed: u64, dropped: u64) -> String {
    let guessed = match guessed {
        0 => String::new(),
        1 => ", 1 stands where only its time puts it".to_owned(),
        _ => format!(", {guessed} stand where only their time puts them"),
    };
    let and = if guessed.is_empty() { "," } else { ", and" };
    let dropped = match dropped {
        0 => String::new(),
        1 => format!("{and} 1 is left out"),
        _ => format!("{and} {dropped} are left out"),
    };
    guessed + &dropped
}

/// What ends a run.
#[derive(Clone, Copy)]
struct Limits {
    /// Time of the next CPU sample.
    sample: i64,
    /// How many events there are to be.
    full: usize,
}

/// Why a thread does not go on.
enum Pause {
    /// Its next event has this time, and others are earlier.
    Turn(i64),
    /// Its next event has this time; others may have been woken.
    Next(i64),
    /// Its next event is not decoded yet.
    EndOfBlock,
    /// Its next event must wait.
    Wait(Wait),
    /// Its next event cannot be.
    Refused(&'static str),
}

/// Lets events happen, always of the thread that is first. If it ends with `Turn`, the frontier knows; otherwise what is
/// said is of that thread.
fn run(
    cursors: &mut [Cursor],
    frontier: &mut Frontier,
    order: &mut Order,
    out: &mut Output<'_>,
    Limits { sample, full }: Limits,
) -> (u32, Pause) {
    loop {
        let cursor = frontier.entries()[0].cursor;
        let limit = frontier.second_time().min(sample);
        // As long as it stays first, the heap need not know.
        let pause = run_alone(&mut cursors[cursor as usize], order, out, (limit, full));
        let Pause::Turn(time) = pause else { return (cursor, pause) };
        frontier.update(0, time);
        let first = frontier.entries()[0];
        if sample < first.time || order.waiters.is_waiting(first.cursor) {
            return (cursor, pause);
        }
    }
}

/// Lets events of one thread happen up to the time `limit`: the loop in which most of the work is done.
#[inline]
fn run_alone(thread: &mut Cursor, order: &mut Order, out: &mut Output<'_>, (limit, full): (i64, usize)) -> Pause {
    let index = thread.index;
    loop {
        let Some(record) = thread.record() else { return Pause::EndOfBlock };
        match order.advance(index, record, out) {
            Step::Done => {}
            Step::Wait(wait) => return Pause::Wait(wait),
            Step::Refused(why) => return Pause::Refused(why),
        }
        let Some(time) = thread.step() else { return Pause::EndOfBlock };
        if out.events.len() >= full || order.waiters.has_woken() {
            return Pause::Next(time);
        }
        if time > limit {
            return Pause::Turn(time);
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
