//! Files of records that no program wrote: what the assembler makes of anything.
//!
//! The bytes are choices. Most of them let tasks do what tasks do, with records as they would be, so that the assembler
//! gets far; others lose a record, write one twice, at another time or on another thread, or put in slots of nonsense.

use std::time::Duration;

use goroscope_wire::Version;

use super::lanes::Lanes;
use super::names::Names;
use super::order::{Order, Patience};
use crate::chunk::Slot;
use crate::record::{Head, Kind, Long, NO_WORKER};

/// Threads that record.
const THREADS: usize = 5;

/// Tasks at a time.
const TASKS: usize = 8;

/// By how much clocks of threads disagree at most, ns.
const SKEW: u64 = 1 << 20;

/// Generations of a file at most: each begins with the states of everything.
const GENERATIONS: usize = 24;

/// The file that comes out if the bytes are what happens.
pub fn play(bytes: &[u8]) -> Vec<u8> {
    let mut choices = Choices(bytes);
    let version = [Version::Go122, Version::Go125, Version::Go126][choices.below(3)];
    let mut player = Player::new(version);
    while !choices.0.is_empty() {
        player.step(&mut choices);
    }
    player.finish()
}

/// Bytes that are used up; zeros behind their end.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    Runnable,
    Running(usize),
    Waiting,
}

/// A task as it would know itself.
#[derive(Clone, Copy, Debug)]
struct Task {
    id: u64,
    seq: u64,
    state: State,
}

struct Player {
    version: Version,
    tasks: [Task; TASKS],
    next_id: u64,
    time: u64,
    threads: [Vec<Slot>; THREADS],
    /// Threads that are over are followed by others in their places.
    numbers: [u64; THREADS],
    order: Order,
    names: Names,
    lanes: Lanes,
    file: Vec<u8>,
    generations: usize,
}

impl Player {
    fn new(version: Version) -> Self {
        let mut order = Order::default();
        let numbers = [1, 2, 3, 4, 5];
        for thread in numbers {
            order.add(thread);
        }
        Self {
            version,
            tasks: [Task { id: 0, seq: 0, state: State::None }; TASKS],
            next_id: 1,
            time: 1_000_000,
            threads: Default::default(),
            numbers,
            order,
            names: Names::default(),
            lanes: Lanes::new(version),
            file: version.header().to_vec(),
            generations: 0,
        }
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        let (what, thread) = (choices.byte(), choices.below(THREADS));
        self.time += u64::from(choices.byte()) * 16;
        match what % 32 {
            0..=17 => self.act(thread, choices),
            18 => self.define(thread, choices),
            19 => self.record(thread, Head { small: 0, ..self.head(Kind::Park) }),
            20 => {
                let head =
                    Head { small: choices.below(3) as u16, a: choices.below(3) as u64, ..self.head(Kind::Unpark) };
                self.record(thread, head);
            }
            21 => self.record(thread, self.head([Kind::ThreadBegin, Kind::ThreadEnd][choices.below(2)])),
            22 => self.record(thread, self.head([Kind::BlockingBegin, Kind::BlockingEnd][choices.below(2)])),
            23 | 24 => self.annotate(thread, choices),
            25 => self.runtime_of(thread, choices),
            26 => self.nonsense(thread, choices),
            // The last record of the thread is lost, or there twice.
            27 => drop(self.threads[thread].pop()),
            28 => self.threads[thread].extend(self.threads[thread].last().copied()),
            29 => self.end_thread(thread),
            30 => self.round([Patience::None, Patience::Calls(2)][choices.below(2)]),
            _ => {
                self.round(Patience::Calls(2));
                self.close();
            }
        }
    }

    fn head(&self, kind: Kind) -> Head {
        Head::new(kind, self.time)
    }

    fn record(&mut self, thread: usize, head: Head) {
        self.write(thread, &[head.slot()]);
    }

    fn write(&mut self, thread: usize, slots: &[Slot]) {
        self.threads[thread].extend(slots);
    }

    /// A task does what comes next.
    fn act(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let at = choices.below(TASKS);
        let how = choices.byte();
        let mut task = self.tasks[at];
        task.seq += 1;
        let stack = u64::from(how >> 4);
        let head = |kind| Head { long: task.seq, a: task.id, b: stack, ..Head::new(kind, self.time) };
        let (head, on, state) = match task.state {
            State::None => {
                task = Task { id: self.next_id, seq: 1, state: State::None };
                self.next_id += 1;
                let with = Head { a: stack, ..self.head(Kind::With) };
                self.record(thread, with);
                let site = u64::from(how % 4);
                (Head { long: 1, a: task.id, b: site, ..self.head(Kind::Create) }, thread, State::Runnable)
            }
            State::Runnable => {
                let small = if how % 4 == 3 { NO_WORKER } else { u16::from(how % 4) };
                (Head { small, b: u64::from(how / 4 % 3), ..head(Kind::Start) }, thread, State::Running(thread))
            }
            State::Running(on) => match how % 8 {
                0..=3 => (head(Kind::Block), on, State::Waiting),
                4 | 5 => (head(Kind::Stop), on, State::Runnable),
                6 => {
                    self.record(on, Head { a: stack + 1, ..self.head(Kind::Also) });
                    (Head { long: task.seq, a: task.id, b: stack, ..self.head(Kind::Block) }, on, State::Waiting)
                }
                _ => (head(Kind::Destroy), on, State::None),
            },
            State::Waiting if how % 16 == 15 => (head(Kind::Start), thread, State::Running(thread)),
            State::Waiting if how % 16 == 14 => (head(Kind::Drop), thread, State::Running(thread)),
            State::Waiting => (head(Kind::Wake), thread, State::Runnable),
        };
        task.state = state;
        self.tasks[at] = task;
        self.record(on, head);
    }

    /// Says what numbers stand for. No address is one of this program: that would take its debug information to pieces.
    fn define(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let id = choices.below(16) as u64;
        let text = "name of something ".repeat(choices.below(80));
        let long = match choices.below(3) {
            0 => Long::texts(Head { a: id, ..self.head(Kind::Text) }, &[&text]),
            1 => Long::texts(Head { a: id, b: id, ..self.head(Kind::Site) }, &["src/main.rs", &text]),
            _ => {
                let addresses: Vec<u64> = (0..choices.below(70)).map(|_| u64::from(choices.byte())).collect();
                Long::addresses(Head { a: id, ..self.head(Kind::Stack) }, &addresses)
            }
        };
        self.write(thread, long.slots());
    }

    fn annotate(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let (task, name) = (choices.below(4) as u64, choices.below(16) as u64);
        let kinds = [Kind::RegionBegin, Kind::RegionEnd, Kind::TaskBegin, Kind::TaskEnd, Kind::Log];
        let kind = kinds[choices.below(5)];
        // The numbers of tasks that begin are never those of others.
        self.next_id += 1;
        let task = if kind == Kind::TaskBegin { self.next_id } else { task };
        let head = Head { a: task, b: name, ..self.head(kind) };
        if head.kind == Kind::Log {
            let text = "ä".repeat(choices.below(200));
            self.write(thread, Long::texts(self.head(Kind::Inline), &[&text]).slots());
        }
        self.write(thread, &[Head { a: name, ..self.head(Kind::With) }.slot(), head.slot()]);
    }

    fn runtime_of(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let workers = [1, 2, 3, 5000, u64::MAX][choices.below(5)];
        let small = choices.below(2) as u16;
        let head = Head { small, a: choices.below(3) as u64, b: workers, ..self.head(Kind::Runtime) };
        self.record(thread, head);
    }

    fn nonsense(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let mut slot = [choices.word(), choices.word(), choices.word(), choices.word()];
        if Head::of_slot(slot).is_some_and(|head| head.kind == Kind::Stack) {
            slot[1] ^= 0xff;
        }
        slot[0] = self.time - slot[0] % SKEW.min(self.time);
        self.write(thread, &[slot]);
    }

    /// The assembler takes what there is.
    fn round(&mut self, patience: Patience) {
        let Self { order, names, lanes, threads, numbers, .. } = self;
        for (slots, &number) in threads.iter_mut().zip(numbers.iter()) {
            let Some(stream) = order.stream(number) else { continue };
            stream.fill(|all| all.append(slots), names, |_| {});
        }
        let now = self.time;
        let horizon = if patience == Patience::None { u64::MAX } else { self.time };
        order.advance(horizon, patience, |thread, event| {
            // What was nonsense before it was read as a record may have any time.
            let time = event.head.time.clamp(now.saturating_sub(SKEW), now);
            lanes.apply(thread, time, wall(time), event, names);
        });
    }

    fn end_thread(&mut self, thread: usize) {
        self.round(Patience::Calls(2));
        let number = self.numbers[thread];
        if self.order.remove(number) {
            self.lanes.end_thread(number, self.time, wall(self.time), &mut self.names);
            self.numbers[thread] = number + THREADS as u64;
            self.order.add(self.numbers[thread]);
        }
    }

    fn close(&mut self) {
        if self.lanes.is_open() && self.generations < GENERATIONS {
            self.generations += 1;
            self.file.extend(self.lanes.close("note=of nobody"));
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.round(Patience::None);
        self.generations = 0;
        if !self.lanes.is_open() && self.file.len() == self.version.header().len() {
            self.lanes.open_empty(self.time, wall(self.time), &mut self.names);
        }
        self.close();
        self.file
    }
}

/// The wall clock: it is set back now and then.
fn wall(time: u64) -> Duration {
    Duration::from_nanos((1 << 60) + time % (1 << 20) * 1000)
}

#[cfg(test)]
mod tests {
    use goroscope_reader::{Reader, Validator};

    use super::*;

    #[test]
    fn nothing_is_a_file_too() {
        for bytes in [&[][..], &[1], &[2, 31, 0, 0]] {
            let file = play(bytes);
            let mut reader = Reader::new(&file).unwrap();
            let mut validator = Validator::default();
            while let Some(event) = reader.next() {
                validator.push(&event);
            }
            let finished = reader.finish();
            assert!(finished.diagnostics.is_empty() && validator.finish(&finished).is_valid());
        }
    }
}
