//! As `program`, for the format of Go 1.11 to 1.21: procs write, and a trace has no generations.

use goroscope_wire::Version;
use goroscope_wire::v1::EventType::{
    self, GCDone, GCMarkAssistDone, GCMarkAssistStart, GCStart, GCSweepDone, GCSweepStart, GoBlock, GoBlockNet,
    GoBlockRecv, GoBlockSend, GoCreate, GoEnd, GoSched, GoSleep, GoStart, GoStartLocal, GoSysBlock, GoSysCall,
    GoSysExit, GoUnblock, GoUnblockLocal, GoWaiting, Gomaxprocs, HeapAlloc, ProcStart, ProcStop, STWDone, STWStart,
    UserLog, UserRegion, UserTaskCreate, UserTaskEnd,
};

use crate::program::Choices;

/// Number of stacks; ids count from 1.
const STACKS: u64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Runnable,
    Running,
    Calling,
    Dead,
}

#[derive(Debug)]
struct Go {
    state: State,
    /// Number of its last event that has one; the local ones count as well.
    seq: u64,
    /// The proc of that event: another one says the number, the same one need not.
    proc: Option<usize>,
}

#[derive(Debug, Default)]
struct Proc {
    is_held: bool,
    go: Option<usize>,
    batch: Vec<u8>,
    /// When it wrote last.
    wrote: u64,
}

#[derive(Debug)]
struct Program {
    clock: u64,
    procs: Vec<Proc>,
    gos: Vec<Go>,
    tasks: u64,
    collects: bool,
    collections: u64,
    file: Vec<u8>,
}

/// Plays a program; the file.
pub fn play(choices: &mut Choices<'_>) -> Vec<u8> {
    let version = [Version::Go111, Version::Go119, Version::Go121][choices.pick(3)];
    let mut program = Program {
        clock: 1_000_000,
        procs: (0..=choices.pick(4)).map(|_| Proc::default()).collect(),
        gos: Vec::new(),
        tasks: 0,
        collects: false,
        collections: 0,
        file: version.header().to_vec(),
    };
    program.begin(choices);
    while !choices.is_empty() {
        program.step(choices);
    }
    for proc in 0..program.procs.len() {
        program.flush(proc);
    }
    program.tables();
    program.file
}

impl Program {
    /// Tracing begins on the first proc: it tells of the goroutines that there are.
    fn begin(&mut self, choices: &mut Choices<'_>) {
        self.emit(0, ProcStart, &[7]);
        self.procs[0].is_held = true;
        for waits in [false, true, false, true].into_iter().take(1 + choices.pick(4)) {
            let go = self.create(0, 1);
            if waits {
                self.emit(0, GoWaiting, &[go as u64 + 1]);
                self.gos[go].state = State::Waiting;
                self.gos[go].seq = 1;
            }
        }
        self.emit(0, Gomaxprocs, &[self.procs.len() as u64, 1]);
        self.start(0, 0);
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        let proc = choices.pick(self.procs.len());
        let choice = choices.byte();
        self.clock += u64::from(choice >> 5) * 9;
        let what = choice & 31;
        match (self.procs[proc].is_held, self.procs[proc].go) {
            _ if what == 31 => self.flush(proc),
            (false, _) => {
                self.emit(proc, ProcStart, &[u64::from(what)]);
                self.procs[proc].is_held = true;
            }
            (true, None) => self.schedule(proc, what, choices),
            (true, Some(go)) => self.run(proc, go, what, choices),
        }
    }

    fn schedule(&mut self, proc: usize, what: u8, choices: &mut Choices<'_>) {
        let go = choices.pick(self.gos.len());
        match (what, self.gos[go].state) {
            (0..20, State::Runnable) => self.start(proc, go),
            (_, State::Waiting) => self.unblock(proc, go),
            (_, State::Calling) => {
                // The call returned before there was a proc to write it.
                let returned = self.clock;
                self.clock += 1;
                let row = &mut self.gos[go];
                row.state = State::Runnable;
                row.seq += 1;
                row.proc = Some(proc);
                let seq = row.seq;
                self.emit(proc, GoSysExit, &[go as u64 + 1, seq, returned]);
            }
            (28.., _) => {
                self.emit(proc, ProcStop, &[]);
                self.procs[proc].is_held = false;
            }
            (_, State::Runnable | State::Running | State::Dead) => {}
        }
    }

    fn run(&mut self, proc: usize, go: usize, what: u8, choices: &mut Choices<'_>) {
        let stack = 1 + u64::from(what) % STACKS;
        match what {
            0..3 => {
                self.create(proc, stack);
            }
            3..8 => {
                let kinds = [GoBlock, GoBlockSend, GoBlockRecv, GoBlockNet, GoSleep];
                self.emit(proc, kinds[usize::from(what) - 3], &[stack]);
                self.leave(proc, go, State::Waiting);
            }
            8 => {
                self.emit(proc, GoSched, &[stack]);
                self.leave(proc, go, State::Runnable);
            }
            9 => {
                self.emit(proc, GoEnd, &[]);
                self.leave(proc, go, State::Dead);
            }
            10..14 => {
                let other = choices.pick(self.gos.len());
                if self.gos[other].state == State::Waiting {
                    self.unblock(proc, other);
                }
            }
            14 | 15 => self.emit(proc, GoSysCall, &[stack]),
            16 | 17 => {
                self.emit(proc, GoSysCall, &[stack]);
                self.emit(proc, GoSysBlock, &[]);
                self.leave(proc, go, State::Calling);
            }
            18 => {
                self.emit(proc, STWStart, &[1]);
                self.emit(proc, STWDone, &[]);
            }
            19 if self.collects => {
                self.emit(proc, GCDone, &[]);
                self.collects = false;
            }
            19 => {
                self.emit(proc, GCStart, &[self.collections, stack]);
                self.collections += 1;
                self.collects = true;
            }
            20 => {
                self.emit(proc, GCSweepStart, &[stack]);
                self.emit(proc, GCSweepDone, &[8192, 0]);
            }
            21 => {
                self.emit(proc, GCMarkAssistStart, &[stack]);
                self.emit(proc, GCMarkAssistDone, &[]);
            }
            22 => {
                self.tasks += 1;
                self.emit(proc, UserTaskCreate, &[self.tasks, self.tasks / 2, 1, stack]);
            }
            23 => self.emit(proc, UserTaskEnd, &[1 + u64::from(choices.byte()), stack]),
            24 => {
                for mode in [0, 1] {
                    self.emit(proc, UserRegion, &[self.tasks, mode, 2, stack]);
                }
            }
            25 => {
                self.emit(proc, UserLog, &[self.tasks, 2, stack]);
                self.procs[proc].batch.extend([2, b'h', b'i']);
            }
            _ => self.emit(proc, HeapAlloc, &[1 << 20]),
        }
    }

    fn create(&mut self, proc: usize, stack: u64) -> usize {
        let go = self.gos.len();
        self.gos.push(Go { state: State::Runnable, seq: 0, proc: Some(proc) });
        self.emit(proc, GoCreate, &[go as u64 + 1, 2, stack]);
        go
    }

    fn start(&mut self, proc: usize, go: usize) {
        self.numbered(proc, go, GoStartLocal, GoStart, &[]);
        self.gos[go].state = State::Running;
        self.procs[proc].go = Some(go);
    }

    fn unblock(&mut self, proc: usize, go: usize) {
        self.numbered(proc, go, GoUnblockLocal, GoUnblock, &[3]);
        self.gos[go].state = State::Runnable;
    }

    fn leave(&mut self, proc: usize, go: usize, state: State) {
        self.gos[go].state = state;
        self.procs[proc].go = None;
    }

    /// An event about a goroutine, in the form that the runtime chooses.
    fn numbered(&mut self, proc: usize, go: usize, local: EventType, other: EventType, rest: &[u64]) {
        self.gos[go].seq += 1;
        let (id, seq) = (go as u64 + 1, self.gos[go].seq);
        if self.gos[go].proc == Some(proc) {
            self.emit(proc, local, &[&[id], rest].concat());
        } else {
            self.gos[go].proc = Some(proc);
            self.emit(proc, other, &[&[id, seq], rest].concat());
        }
    }

    fn emit(&mut self, proc: usize, kind: EventType, args: &[u64]) {
        self.clock += 1;
        let Proc { batch, wrote, .. } = &mut self.procs[proc];
        if batch.is_empty() {
            push(batch, EventType::Batch.byte() | 1 << 6, &[proc as u64, self.clock]);
            *wrote = self.clock;
        }
        let dt = self.clock - *wrote;
        *wrote = self.clock;
        if args.len() < 3 {
            push(batch, kind.byte() | (args.len() as u8) << 6, &[dt]);
            numbers(batch, args);
        } else {
            let mut inside = Vec::new();
            numbers(&mut inside, &[&[dt], args].concat());
            push(batch, kind.byte() | 3 << 6, &[inside.len() as u64]);
            batch.extend(inside);
        }
    }

    fn flush(&mut self, proc: usize) {
        self.file.append(&mut self.procs[proc].batch);
    }

    /// Strings, stacks and the frequency stand behind all batches.
    fn tables(&mut self) {
        let file = &mut self.file;
        for (id, text) in [(1, "one"), (2, "two"), (3, "main.go")] {
            push(file, EventType::String.byte(), &[id, text.len() as u64]);
            file.extend(text.as_bytes());
        }
        for id in 1..=STACKS {
            let mut frames = Vec::new();
            numbers(&mut frames, &[id, 1, 16 * id, 1, 3, id]);
            push(file, EventType::Stack.byte() | 3 << 6, &[frames.len() as u64]);
            file.extend(frames);
        }
        push(file, EventType::Frequency.byte(), &[1_000_000_000]);
    }
}

/// A byte and numbers.
fn push(bytes: &mut Vec<u8>, first: u8, rest: &[u64]) {
    bytes.push(first);
    numbers(bytes, rest);
}

/// Seven bits a byte, the lowest first.
fn numbers(bytes: &mut Vec<u8>, values: &[u64]) {
    for &value in values {
        let mut rest = value;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
}
