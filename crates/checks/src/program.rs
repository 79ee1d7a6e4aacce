//! A program that is played step by step, and what a trace of it holds.
//!
//! Each byte of the input is a choice: which thread goes on, and what it does next among the things that it can do then.
//! So every input is a valid trace, and a small change of the input is a small change of the trace. The clock never
//! shows the same time twice, so there is one right order of the events.

use std::collections::BTreeMap;

use goroscope_wire::EventType::{
    self, GCBegin, GCEnd, GCMarkAssistBegin, GCMarkAssistEnd, GCSweepBegin, GCSweepEnd, GoBlock, GoCreate,
    GoCreateBlocked, GoCreateSyscall, GoDestroy, GoDestroySyscall, GoLabel, GoStart, GoStatus, GoStop, GoSwitch,
    GoSwitchDestroy, GoSyscallBegin, GoSyscallEnd, GoSyscallEndBlocked, GoUnblock, HeapAlloc, HeapGoal, ProcStart,
    ProcStatus, ProcSteal, ProcStop, ProcsChange, STWBegin, STWEnd, SpanAlloc, UserLog, UserRegionBegin, UserRegionEnd,
    UserTaskBegin, UserTaskEnd,
};
use goroscope_wire::{
    NO_THREAD, RawClock, RawEvent, RawFrame, RawSample, SizeStyle, StringEntry, TraceWriter, Version,
};

/// Bytes as choices; past the end every choice is the first one.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a>(&'a [u8]);

/// A trace before it is written.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Of the format.
    pub version: Version,
    /// How batch sizes are written.
    pub sizes: SizeStyle,
    /// In order.
    pub generations: Vec<Generation>,
    /// Nanoseconds that each goroutine ran, by id.
    pub ran: BTreeMap<u64, u64>,
}

/// A generation before it is written.
#[derive(Clone, Debug)]
pub struct Generation {
    /// From 1.
    pub number: u64,
    /// When it begins, in ticks.
    pub time: u64,
    /// Ticks per second; a damaged one may have none.
    pub frequency: Option<u64>,
    /// Batches of threads, in the order of the file.
    pub batches: Vec<Batch>,
    /// CPU samples.
    pub samples: Vec<RawSample>,
    /// Whether the string table is there.
    pub has_strings: bool,
    /// Whether the stack table is there.
    pub has_stacks: bool,
    /// Whether its end is marked, if the version has a mark.
    pub has_end: bool,
}

/// A batch of events before it is written.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Whose.
    pub thread: u64,
    /// Time that the first event counts from, in ticks.
    pub time: u64,
    /// Its events.
    pub events: Vec<RawEvent>,
}

/// The strings of every generation; ids count from 1.
const STRINGS: [&str; 9] =
    ["main.work", "main.go", "main.main", "chan receive", "sleep", "network", "GC sweep termination", "task", "ключ"];

/// Reasons to block among them.
const REASONS: [u64; 4] = [4, 5, 6, 0];

/// Number of stacks; ids count from 1.
const STACKS: u64 = 3;

impl Choices<'_> {
    /// The bytes as choices.
    pub fn new(bytes: &[u8]) -> Choices<'_> {
        Choices(bytes)
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// One of `count` things.
    pub fn pick(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// Whether all bytes were taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Recording {
    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = TraceWriter::with_sizes(self.version, self.sizes);
        let frame = |pc, line| RawFrame { pc, function: 1, file: 2, line };
        let frames =
            [vec![frame(16, 7)], vec![frame(16, 7), frame(32, 9)], vec![RawFrame { function: 3, ..frame(48, 1) }]];
        for generation in &self.generations {
            let Generation { number, time, .. } = *generation;
            for batch in &generation.batches {
                writer.batch(number, batch.thread, batch.time, |data| {
                    batch.events.iter().for_each(|&event| data.event(event));
                });
            }
            if let Some(frequency) = generation.frequency {
                let clock = RawClock { time, mono: time, sec: 1_700_000_000, nsec: 5 };
                writer.sync(number, time, frequency, clock);
            }
            if generation.has_strings {
                let entries = (1..).zip(STRINGS).map(|(id, text)| StringEntry { id, bytes: text.as_bytes() });
                writer.strings(number, time, entries);
            }
            if generation.has_stacks {
                writer.stacks(number, time, (1..=STACKS).zip(&frames).map(|(id, frames)| (id, frames.as_slice())));
            }
            writer.cpu_samples(number, time, generation.samples.iter().copied());
            if generation.has_end && self.version >= Version::Go126 {
                writer.end_of_generation();
            }
        }
        writer.into_bytes()
    }

    /// Raw events of threads.
    pub fn event_count(&self) -> usize {
        let batches = self.generations.iter().flat_map(|generation| &generation.batches);
        batches.map(|batch| batch.events.len()).sum()
    }
}

/// Plays a program.
pub fn play(choices: &mut Choices<'_>) -> Recording {
    let mut program = Program::new(choices);
    let generations = 1 + choices.pick(3);
    let mut recording = Recording {
        version: program.version,
        sizes: if choices.pick(2) == 0 { SizeStyle::Minimal } else { SizeStyle::Padded },
        generations: Vec::new(),
        ran: BTreeMap::new(),
    };
    for number in 1..=generations as u64 {
        let last = number == generations as u64;
        let steps = if last { usize::MAX } else { 2 * choices.pick(256) };
        recording.generations.push(program.generation(number, steps, choices));
    }
    let now = program.latest;
    for go in &mut program.gos {
        go.ran += go.since.map_or(0, |since| now - since);
        recording.ran.insert(go.id, go.ran * program.tick);
    }
    recording
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Runnable,
    Running,
    Syscall,
    Dead,
}

#[derive(Debug)]
struct Go {
    id: u64,
    state: State,
    /// The number of its last start or unblocking in the generation; `None` before it was mentioned there.
    seq: Option<u64>,
    /// Since when it runs.
    since: Option<u64>,
    /// Ticks that it ran before.
    ran: u64,
    /// Tasks of its open regions.
    regions: Vec<u64>,
}

#[derive(Debug, Default)]
struct Proc {
    seq: Option<u64>,
    is_held: bool,
}

#[derive(Debug)]
struct Thread {
    proc: Option<usize>,
    go: Option<usize>,
    batch: Batch,
    /// When it wrote last.
    wrote: u64,
}

#[derive(Debug)]
struct Program {
    version: Version,
    /// Nanoseconds of a tick.
    tick: u64,
    clock: u64,
    /// When something was written last.
    latest: u64,
    threads: Vec<Thread>,
    procs: Vec<Proc>,
    gos: Vec<Go>,
    tasks: u64,
    /// Number of the last event of the garbage collector, and whether it marks.
    gc: (u64, bool),
    batches: Vec<Batch>,
    samples: Vec<RawSample>,
}

impl Program {
    fn new(choices: &mut Choices<'_>) -> Self {
        let version = Version::V2[choices.pick(4)];
        let tick = [1, 64][choices.pick(2)];
        let mut threads = Vec::new();
        for _ in 0..=choices.pick(5) {
            threads.push(Thread {
                proc: None,
                go: None,
                batch: Batch { thread: 100 + threads.len() as u64, time: 0, events: Vec::new() },
                wrote: 0,
            });
        }
        let procs = (0..=choices.pick(4)).map(|_| Proc::default()).collect();
        let states = [State::Waiting, State::Runnable];
        let gos = (1..=1 + choices.pick(6) as u64).map(|id| Go {
            id,
            state: states[id as usize % 2],
            seq: None,
            since: None,
            ran: 0,
            regions: Vec::new(),
        });
        Self {
            version,
            tick,
            clock: 1_000_000,
            latest: 1_000_000,
            threads,
            procs,
            gos: gos.collect(),
            tasks: 0,
            gc: (0, false),
            batches: Vec::new(),
            samples: Vec::new(),
        }
    }

    fn generation(&mut self, number: u64, steps: usize, choices: &mut Choices<'_>) -> Generation {
        let time = self.clock;
        self.gos.iter_mut().for_each(|go| go.seq = None);
        self.procs.iter_mut().for_each(|proc| proc.seq = None);
        for thread in 0..self.threads.len() {
            self.tell(thread);
        }
        for _ in 0..steps {
            if choices.is_empty() {
                break;
            }
            self.step(choices);
        }
        self.tell_rest();
        for thread in 0..self.threads.len() {
            self.flush(thread);
        }
        Generation {
            number,
            time,
            frequency: Some(1_000_000_000 / self.tick),
            batches: std::mem::take(&mut self.batches),
            samples: std::mem::take(&mut self.samples),
            has_strings: true,
            has_stacks: true,
            has_end: true,
        }
    }

    /// At the beginning of a generation a thread says what it holds.
    fn tell(&mut self, thread: usize) {
        let Thread { proc, go, .. } = self.threads[thread];
        let calls = go.is_some_and(|go| self.gos[go].state == State::Syscall);
        if let Some(proc) = proc {
            self.procs[proc].seq = Some(0);
            self.emit(thread, ProcStatus, [proc as u64, if calls { 3 } else { 1 }, 0, 0]);
        }
        if let Some(go) = go {
            self.gos[go].seq = Some(0);
            let state = if calls { 3 } else { 2 };
            self.emit(thread, GoStatus, [self.gos[go].id, self.threads[thread].batch.thread, state, 0]);
        }
    }

    /// At the end of a generation the runtime mentions everything that was not.
    fn tell_rest(&mut self) {
        for proc in 0..self.procs.len() {
            if self.procs[proc].seq.is_none() {
                self.procs[proc].seq = Some(0);
                self.emit(0, ProcStatus, [proc as u64, 2, 0, 0]);
            }
        }
        for go in 0..self.gos.len() {
            let Go { id, state, seq, .. } = self.gos[go];
            if seq.is_none() && state != State::Dead {
                self.gos[go].seq = Some(0);
                self.emit(0, GoStatus, [id, NO_THREAD, if state == State::Runnable { 1 } else { 4 }, 0]);
            }
        }
    }

    /// A thread does something.
    fn step(&mut self, choices: &mut Choices<'_>) {
        let thread = choices.pick(self.threads.len());
        let choice = choices.byte();
        self.clock += u64::from(choice >> 5) * 7;
        let what = choice & 31;
        match (self.threads[thread].proc, self.threads[thread].go) {
            _ if what == 31 => self.flush(thread),
            _ if what == 30 => self.sample(thread),
            (None, None) => self.without_proc(thread, what, choices),
            (Some(proc), None) => self.schedule(thread, proc, what, choices),
            (proc, Some(go)) if self.gos[go].state == State::Syscall => self.call(thread, proc, go, what),
            (_, Some(go)) => self.run(thread, go, what, choices),
        }
    }

    fn without_proc(&mut self, thread: usize, what: u8, choices: &mut Choices<'_>) {
        match what {
            0..24 => {
                let proc = choices.pick(self.procs.len());
                if !self.procs[proc].is_held {
                    self.start_proc(thread, proc);
                }
            }
            24..28 => self.steal(thread, choices),
            _ => {
                let go = self.create(State::Syscall);
                self.threads[thread].go = Some(go);
                self.emit(thread, GoCreateSyscall, [self.gos[go].id, 0, 0, 0]);
            }
        }
    }

    fn schedule(&mut self, thread: usize, proc: usize, what: u8, choices: &mut Choices<'_>) {
        match what {
            0..18 => {
                let go = choices.pick(self.gos.len());
                if self.gos[go].state == State::Runnable {
                    let seq = self.next_go(thread, go);
                    self.emit(thread, GoStart, [self.gos[go].id, seq, 0, 0]);
                    self.begin_run(thread, go);
                }
            }
            18..24 => self.unblock(thread, choices),
            24..27 => self.steal(thread, choices),
            _ => {
                self.emit(thread, ProcStop, [0; 4]);
                self.procs[proc].is_held = false;
                self.threads[thread].proc = None;
            }
        }
    }

    /// In a system call.
    fn call(&mut self, thread: usize, proc: Option<usize>, go: usize, what: u8) {
        match (proc, what) {
            (Some(_), _) => {
                self.emit(thread, GoSyscallEnd, [0; 4]);
                self.begin_run(thread, go);
            }
            (None, 0..20) => {
                self.emit(thread, GoSyscallEndBlocked, [0; 4]);
                self.gos[go].state = State::Runnable;
                self.threads[thread].go = None;
            }
            (None, _) => {
                self.emit(thread, GoDestroySyscall, [0; 4]);
                self.gos[go].state = State::Dead;
                self.threads[thread].go = None;
            }
        }
    }

    fn run(&mut self, thread: usize, go: usize, what: u8, choices: &mut Choices<'_>) {
        let stack = 1 + u64::from(what) % STACKS;
        match what {
            0 => {
                let new = self.create(State::Runnable);
                self.emit(thread, GoCreate, [self.gos[new].id, 1, stack, 0]);
            }
            1 if self.version >= Version::Go123 => {
                let new = self.create(State::Waiting);
                self.emit(thread, GoCreateBlocked, [self.gos[new].id, 3, stack, 0]);
            }
            1..5 => {
                self.emit(thread, GoBlock, [REASONS[usize::from(what) % REASONS.len()], stack, 0, 0]);
                self.end_run(thread, go, State::Waiting);
            }
            5 | 6 => {
                self.emit(thread, GoStop, [4, stack, 0, 0]);
                self.end_run(thread, go, State::Runnable);
            }
            7 => {
                self.emit(thread, GoDestroy, [0; 4]);
                self.end_run(thread, go, State::Dead);
            }
            8..12 => self.unblock(thread, choices),
            12..15 => {
                if let Some(proc) = self.threads[thread].proc {
                    let seq = self.next_proc(thread, proc);
                    self.emit(thread, GoSyscallBegin, [seq, stack, 0, 0]);
                    self.end_run(thread, go, State::Syscall);
                    self.threads[thread].go = Some(go);
                }
            }
            15 => {
                self.emit(thread, STWBegin, [7, stack, 0, 0]);
                self.emit(thread, STWEnd, [0; 4]);
            }
            16 => self.collect(thread, stack),
            17 => {
                self.emit(thread, GCSweepBegin, [stack, 0, 0, 0]);
                self.emit(thread, GCSweepEnd, [8192, 4096, 0, 0]);
            }
            18 => {
                self.emit(thread, GCMarkAssistBegin, [stack, 0, 0, 0]);
                self.emit(thread, GCMarkAssistEnd, [0; 4]);
            }
            19 => self.emit(thread, HeapAlloc, [1 << 20, 0, 0, 0]),
            20 => self.emit(thread, GoLabel, [8, 0, 0, 0]),
            21 => {
                self.tasks += 1;
                self.emit(thread, UserTaskBegin, [self.tasks, self.tasks / 2, 8, stack]);
            }
            22 => self.emit(thread, UserTaskEnd, [1 + u64::from(choices.byte()), stack, 0, 0]),
            23 => {
                let task = u64::from(choices.byte());
                self.gos[go].regions.push(task);
                self.emit(thread, UserRegionBegin, [task, 8, stack, 0]);
            }
            24 => {
                if let Some(task) = self.gos[go].regions.pop() {
                    self.emit(thread, UserRegionEnd, [task, 8, stack, 0]);
                }
            }
            25 => self.emit(thread, UserLog, [u64::from(choices.byte()), 9, 8, stack]),
            26 => self.emit(thread, ProcsChange, [self.procs.len() as u64, stack, 0, 0]),
            27 if self.version >= Version::Go123 => self.emit(thread, SpanAlloc, [u64::from(choices.byte()), 1, 2, 0]),
            28 | 29 if self.version >= Version::Go123 => self.switch(thread, go, what == 29, choices),
            _ => self.emit(thread, HeapGoal, [4 << 20, 0, 0, 0]),
        }
    }

    /// Hands over to a coroutine.
    fn switch(&mut self, thread: usize, go: usize, ends: bool, choices: &mut Choices<'_>) {
        let next = choices.pick(self.gos.len());
        if self.gos[next].state == State::Waiting {
            let seq = self.next_go(thread, next);
            let kind = if ends { GoSwitchDestroy } else { GoSwitch };
            self.emit(thread, kind, [self.gos[next].id, seq, 0, 0]);
            self.end_run(thread, go, if ends { State::Dead } else { State::Waiting });
            self.begin_run(thread, next);
        }
    }

    fn collect(&mut self, thread: usize, stack: u64) {
        let (seq, marks) = self.gc;
        self.gc = (seq + 1, !marks);
        if marks {
            self.emit(thread, GCEnd, [seq + 1, 0, 0, 0]);
        } else {
            self.emit(thread, GCBegin, [seq + 1, stack, 0, 0]);
        }
    }

    fn start_proc(&mut self, thread: usize, proc: usize) {
        let seq = self.next_proc(thread, proc);
        self.emit(thread, ProcStart, [proc as u64, seq, 0, 0]);
        self.procs[proc].is_held = true;
        self.threads[thread].proc = Some(proc);
    }

    /// Takes the proc of a thread in a system call.
    fn steal(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let victim = choices.pick(self.threads.len());
        let Thread { proc: Some(proc), go: Some(go), .. } = self.threads[victim] else { return };
        if self.gos[go].state == State::Syscall {
            let seq = self.next_proc(thread, proc);
            self.emit(thread, ProcSteal, [proc as u64, seq, self.threads[victim].batch.thread, 0]);
            self.procs[proc].is_held = false;
            self.threads[victim].proc = None;
        }
    }

    fn unblock(&mut self, thread: usize, choices: &mut Choices<'_>) {
        let go = choices.pick(self.gos.len());
        if self.gos[go].state == State::Waiting {
            let seq = self.next_go(thread, go);
            self.emit(thread, GoUnblock, [self.gos[go].id, seq, 2, 0]);
            self.gos[go].state = State::Runnable;
        }
    }

    fn create(&mut self, state: State) -> usize {
        let id = self.gos.len() as u64 + 1;
        self.gos.push(Go { id, state, seq: Some(0), since: None, ran: 0, regions: Vec::new() });
        self.gos.len() - 1
    }

    fn begin_run(&mut self, thread: usize, go: usize) {
        self.gos[go].state = State::Running;
        self.gos[go].since = Some(self.clock);
        self.threads[thread].go = Some(go);
    }

    fn end_run(&mut self, thread: usize, go: usize, state: State) {
        let now = self.clock;
        let go = &mut self.gos[go];
        go.ran += go.since.take().map_or(0, |since| now - since);
        go.state = state;
        self.threads[thread].go = None;
    }

    /// The number of a goroutine's next start or unblocking; a thread first says what state it has, if nobody did.
    fn next_go(&mut self, thread: usize, go: usize) -> u64 {
        if self.gos[go].seq.is_none() {
            let state = if self.gos[go].state == State::Runnable { 1 } else { 4 };
            self.emit(thread, GoStatus, [self.gos[go].id, NO_THREAD, state, 0]);
        }
        let seq = self.gos[go].seq.map_or(1, |seq| seq + 1);
        self.gos[go].seq = Some(seq);
        seq
    }

    fn next_proc(&mut self, thread: usize, proc: usize) -> u64 {
        if self.procs[proc].seq.is_none() {
            self.emit(thread, ProcStatus, [proc as u64, 2, 0, 0]);
        }
        let seq = self.procs[proc].seq.map_or(1, |seq| seq + 1);
        self.procs[proc].seq = Some(seq);
        seq
    }

    fn emit(&mut self, thread: usize, kind: EventType, args: [u64; 4]) {
        self.clock += 1;
        let Thread { batch, wrote, .. } = &mut self.threads[thread];
        if batch.events.is_empty() {
            // It counts from the moment before; the runtime takes a new buffer for the event that it is about to write.
            batch.time = self.clock - 1;
            *wrote = batch.time;
        }
        batch.events.push(RawEvent { kind, dt: self.clock - *wrote, args });
        *wrote = self.clock;
        self.latest = self.clock;
    }

    fn flush(&mut self, thread: usize) {
        let batch = &mut self.threads[thread].batch;
        let empty = Batch { events: Vec::new(), ..*batch };
        let full = std::mem::replace(batch, empty);
        if !full.events.is_empty() {
            self.batches.push(full);
        }
    }

    fn sample(&mut self, thread: usize) {
        self.clock += 1;
        self.latest = self.clock;
        let Thread { proc, go, ref batch, .. } = self.threads[thread];
        self.samples.push(RawSample {
            time: self.clock,
            thread: batch.thread,
            proc: proc.map_or(u64::MAX, |proc| proc as u64),
            go: go.map_or(0, |go| self.gos[go].id),
            stack: 2,
        });
    }
}
