//! Ordered events to a valid trace in the format of Go 1.22 and later.
//!
//! ```text
//!  events ──► dispatch ──► ops ──► sink ──► bytes
//!               │  ▲        │
//!               ▼  │        ▼
//!              steer      state
//! ```
//!
//! 1. [`dispatch`] takes the events in their logical order and says which event of the format each is.
//! 2. [`ops`] has a function for each of those. It compares it with the [`state`] that a reader of the output will have
//!    then, and refuses what the rules of the format do not allow.
//! 3. Only for a damaged trace, for one of the old format, and behind a gap there is something to refuse. [`steer`]
//!    then brings goroutines, procs and threads to where the event can happen, with as few other events as it takes.
//! 4. [`sink`] collects the events by thread, and at the end of a generation the tables with what it used.
//!
//! So whatever is put in, what comes out is a trace that readers accept: nothing is written that [`ops`] did not check.
//! Sequence numbers are counted anew, times stay what they were, and the state of each resource is written where the
//! generation first concerns it, as Go's runtime does it, or at its end.

mod alias;
mod dispatch;
mod mention;
mod notes;
mod ops;
mod ranges;
mod sink;
mod state;
mod steer;

use goroscope_reader::{Event, GoState, ProcState, Symbols, Version};

pub use sink::{AsRecorded, Clocks, Naming, Role};

use crate::recording::Recording;
use crate::survey::Epoch;
use alias::Aliases;
use ops::At;
use sink::Sink;
use state::{Go, NONE, Proc, ProcStatus, State, Thread};

/// Nanoseconds of a tick of the usual clock.
const TICK: i64 = 64;

/// States that ends of generations may tell however few events there are.
const FREE_STATES: u64 = 1_000_000;

/// What became of the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that are in the output.
    pub kept: u64,
    /// Events that could not be expressed.
    pub left_out: u64,
    /// Events that no known version has, which are left out too.
    pub unknown: u64,
    /// Events that were not in the input and connect what is.
    pub put_in: u64,
    /// Texts that are longer than the format allows, of which only the beginning is in the output.
    pub shortened: u64,
    /// Frames of stacks that were left out, because damage took their address or line.
    pub frames_left_out: u64,
}

/// Writes a trace.
pub struct Encoder {
    sink: Sink,
    state: State,
    counts: Counts,
    /// Whether the output has begun; before, only the state is kept.
    writes: bool,
    trust: Trust,
    /// Whether threads are known only as those that procs were started on.
    is_old: bool,
    /// What is added to the times of events: their file's own clock.
    zero: i64,
    /// Times that no event is written before and after.
    bounds: (i64, i64),
    /// Events that may be parts of one: see `dispatch`.
    pending: Vec<Event>,
    aliases: Aliases,
    /// The time of the latest event, on the file's own clock.
    latest: i64,
    /// Events that were taken, those included that only mention states.
    taken: u64,
    /// States of goroutines that ends of generations told, at most.
    told_states: u64,
    /// Threads that were made up for goroutines in system calls on unknown ones.
    made_up_threads: u64,
}

/// How a trace is to be written.
pub struct Setup {
    /// The version of the output.
    pub version: Version,
    /// What texts become.
    pub naming: Box<dyn Naming>,
    /// Whether all of the input has the clock that most systems have, of 64 ns.
    pub has_usual_clock: bool,
    /// The clocks of some generation.
    pub clocks: Option<Clocks>,
    /// The zero of the events' times on the file's own clock.
    pub zero: i64,
    /// What goroscope-recorder says of the recording.
    pub recording: Option<Recording>,
    /// What is known of the input.
    pub trust: Trust,
    /// Whether the input is of the format before Go 1.22.
    pub is_old: bool,
}

/// How far the order and the times of the events go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As in any trace that a reader accepts.
    Sound,
    /// The same, but threads are guesses: a trace of the old format.
    Threadless,
    /// Not at all.
    None,
}

impl Encoder {
    /// One that keeps the state from `epoch` on and has not begun to write.
    pub fn new(setup: Setup, epoch: &Epoch) -> Self {
        let tick = if setup.has_usual_clock { TICK } else { 1 };
        let mut sink = Sink::new(setup.version, setup.naming, (tick, setup.clocks), setup.trust);
        sink.record(setup.recording);
        let mut encoder = Self {
            sink,
            state: State::default(),
            counts: Counts::default(),
            writes: false,
            trust: setup.trust,
            is_old: setup.is_old,
            zero: setup.zero,
            bounds: (i64::MIN, i64::MAX),
            pending: Vec::new(),
            aliases: Aliases::default(),
            latest: i64::MIN,
            taken: 0,
            told_states: 0,
            made_up_threads: 0,
        };
        encoder.assume(epoch);
        encoder
    }

    /// Takes over what is known to have been so before the first event.
    fn assume(&mut self, epoch: &Epoch) {
        for &(id, state, thread) in &epoch.procs {
            let is_held = state == ProcState::Running
                && thread.get().is_some_and(|thread| self.state.thread(thread).proc == NONE);
            self.state.procs.insert(id.0, Proc::new(ProcStatus::Idle, NONE));
            if is_held {
                self.state.bind_proc(thread.0, id.0, ProcStatus::Running);
            }
        }
        for &(id, state, thread, stack) in &epoch.gos {
            self.insert_go(id.0, state, thread.0);
            if let Some(go) = self.state.gos.get_mut(&id.0) {
                go.stack = stack;
                go.assists = epoch.assists.contains(&id);
            }
        }
        for id in &epoch.sweeps {
            if let Some(proc) = self.state.procs.get_mut(&id.0) {
                proc.sweeps = true;
            }
        }
        self.state.marks = epoch.marks;
    }

    /// A goroutine that exists since before the output; `thread` or a made-up one if it is bound.
    fn insert_go(&mut self, id: u64, state: GoState, thread: u64) {
        let bound = matches!(state, GoState::Running | GoState::Syscall);
        let thread = match state {
            GoState::Syscall if thread == NONE => self.make_up_thread(),
            _ => thread,
        };
        let Thread { go, proc } = self.state.thread(thread);
        // Go's viewer ends with a panic when a goroutine stops that was found running without a proc.
        let is_free = thread != NONE && go == NONE && (state == GoState::Syscall || proc != NONE);
        let unbound = if bound { GoState::Runnable } else { state };
        self.state.gos.insert(id, Go::new(unbound, NONE));
        if bound && is_free {
            self.state.bind_go(thread, id, state);
            // Whether the proc is in the call too, or one that it has got since, is not known until it is written.
            let is_written = self.writes && self.state.procs.get(&proc).is_some_and(|it| !self.is_due(it.mentioned));
            if state == GoState::Syscall && proc != NONE && !is_written {
                self.state.bind_proc(thread, proc, ProcStatus::Held);
            }
        }
    }

    /// Whether states that are unknown can still be said to have been so all along.
    fn is_first(&self) -> bool {
        !self.writes || self.sink.generation == 1
    }

    /// Begins to write at `start` with what is known then; no event is written before `start` or after `end`.
    pub fn begin(&mut self, generation: Beginning, (start, end): (i64, i64), symbols: &Symbols) {
        self.flush(symbols);
        self.writes = true;
        self.bounds = (self.time(start), self.time(end));
        self.counts = Counts::default();
        for id in self.state.go_ids() {
            if let Some(go) = self.state.gos.get_mut(&id) {
                go.regions.clear();
                go.owes_stops = !go.stops.is_empty();
            }
        }
        self.state.tasks.clear();
        self.state.mark_seq = 0;
        let start = generation.start.max(start);
        self.begin_generation(Beginning { start, ..generation });
        if self.state.marks {
            self.mark_from_start(self.sink.start);
        }
    }

    /// A generation ends and the next one begins.
    pub fn next_generation(&mut self, generation: Beginning, symbols: &Symbols) {
        self.flush(symbols);
        // Each generation tells of everything that exists. Of a file that has many and says nothing in them, the output
        // would be of any size: from some number on, they become one.
        let states = self.told_states + self.state.gos.len() as u64;
        if self.writes && states <= 4 * self.taken + FREE_STATES {
            self.told_states = states;
            let end = self.sink.latest;
            let next = self.time(generation.start);
            self.end_generation(end, next, symbols);
            self.begin_generation(generation);
        }
    }

    fn begin_generation(&mut self, generation: Beginning) {
        self.state.ended_gos.clear();
        self.state.ended_tasks.clear();
        let start = self.time(generation.start).clamp(self.bounds.0, self.bounds.1);
        self.sink.begin(start, generation.clocks);
    }

    /// At `time`; what is said by the side of events is that before `next`.
    fn end_generation(&mut self, time: i64, next: i64, symbols: &Symbols) {
        self.mention_rest(time, symbols);
        self.sink.end(next);
    }

    /// Adds a batch of an experiment to the generation.
    pub fn experimental(&mut self, experiment: u8, thread: u64, bytes: &[u8]) {
        if self.writes {
            self.sink.experimental(experiment, thread, bytes);
        }
    }

    /// Ends the file, at `end` at least.
    pub fn finish(mut self, end: i64, symbols: &Symbols) -> (Vec<u8>, Counts) {
        self.flush(symbols);
        if !self.writes {
            // Readers refuse a trace without a generation.
            self.begin(Beginning { start: 0, clocks: None }, (i64::MIN, i64::MAX), symbols);
        }
        let end = self.sink.latest.max(self.time(end).min(self.bounds.1));
        if end.saturating_sub(self.sink.start) > sink::LONGEST && self.is_old {
            let start = end.saturating_sub(self.zero);
            self.next_generation(Beginning { start, clocks: None }, symbols);
        }
        self.end_generation(end, i64::MAX, symbols);
        self.counts.shortened = self.sink.shortened();
        self.counts.frames_left_out = self.sink.frames_left_out();
        (self.sink.into_bytes(), self.counts)
    }

    /// A time of the trace on its file's own clock.
    fn time(&self, ts: i64) -> i64 {
        ts.saturating_add(self.zero)
    }

    /// Where an event is written.
    fn at(&self, event: &Event) -> At {
        At { thread: event.thread.0, time: self.within(event.ts.0) }
    }

    /// A time of the trace where it may be written.
    fn within(&self, ts: i64) -> i64 {
        self.time(ts).clamp(self.bounds.0, self.bounds.1)
    }

    fn make_up_thread(&mut self) -> u64 {
        self.made_up_threads += 1;
        // No operating system has thread ids of more than 32 bits.
        (1 << 32) + self.made_up_threads
    }
}

/// A generation that begins.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// Its start, a time of the trace.
    pub start: i64,
    /// Its clocks.
    pub clocks: Option<Clocks>,
}
