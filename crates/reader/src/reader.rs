//! Reads a file from generation to generation and hands out its events.

use goroscope_wire::{HEADER_LEN, HeaderError, parse_header};

use crate::diagnostic::Log;
use crate::framing::{Framing, Pieces};
use crate::merge::{Merge, Surroundings};
use crate::names::Names;
use crate::order::{Order, Output};
use crate::tally::Tally;
use crate::v1::{Conversion, Sinks};
use crate::{
    ClockSnapshot, Diagnostic, Event, EventKind, ExperimentalBatch, GoId, ProcId, Severity, StackIdx, Symbols,
    ThreadId, Ts, Version, generation,
};

/// Why a file cannot be opened as a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The first bytes are not a trace header.
    NotATrace,
    /// A trace of Go 1.5 to 1.10, by the number in its header.
    OldVersion(u16),
    /// A trace of a Go newer than this program knows.
    NewVersion(u16),
}

/// One generation of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Its number in the file.
    pub number: u64,
    /// Byte offset of its first batch.
    pub offset: u64,
    /// Bytes of its batches.
    pub bytes: u64,
    /// Events in thread batches.
    pub events: u64,
    /// Its smallest batch time.
    pub start: Ts,
    /// Ticks of its clock per second, from the file or assumed.
    pub frequency: u64,
    /// Wall clock at a known trace time, if recorded.
    pub clock: Option<ClockSnapshot>,
    /// Whether all of it was read.
    pub complete: bool,
}

/// What is left when all events were taken.
#[derive(Debug)]
pub struct Finished {
    /// Strings, frames, stacks.
    pub symbols: Symbols,
    /// The generations.
    pub generations: Vec<Generation>,
    /// Problems of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Experimental batches.
    pub experimental: Vec<ExperimentalBatch>,
    /// Raw records of each number in the file, whose names `Version::record_name` knows: how many.
    pub counts: Box<[u64; 256]>,
    /// Raw records of each number in the file: their bytes.
    pub bytes: Box<[u64; 256]>,
    /// The clock's zero: trace start in the file's own nanoseconds.
    pub clock_zero: i64,
}

/// A trace being read: an iterator of events in logical order.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a [u8],
    version: Version,
    framing: Framing<'a>,
    /// A trace of the format before, which is read in another way.
    old: Option<Box<Conversion<'a>>>,
    order: Order,
    names: Names,
    log: Log,
    tally: Tally,
    /// The generation being ordered.
    merge: Option<Merge<'a>>,
    /// Events that were ordered, of which `taken` were handed out.
    ready: Vec<Event>,
    taken: usize,
    /// Time of the latest event.
    latest: Ts,
    syncs: u32,
    /// Ticks per second of the generation before.
    frequency: Option<u64>,
    generations: Vec<Generation>,
    experimental: Vec<ExperimentalBatch>,
    /// Whether something was lost since the last generation that was read completely.
    is_unsure: bool,
    is_done: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header.
    pub fn new(bytes: &'a [u8]) -> Result<Self, OpenError> {
        let version = parse_header(bytes).map_err(|error| match error {
            HeaderError::NotATrace => OpenError::NotATrace,
            HeaderError::Old(minor) => OpenError::OldVersion(minor),
            HeaderError::New(minor) => OpenError::NewVersion(minor),
        })?;
        Ok(Self {
            file: bytes,
            version,
            framing: Framing::new(version, bytes),
            old: version.is_v1().then(|| Box::new(Conversion::new(version, bytes))),
            order: Order::default(),
            names: Names::default(),
            log: Log::default(),
            tally: Tally::default(),
            merge: None,
            ready: Vec::new(),
            taken: 0,
            latest: Ts(i64::MIN),
            syncs: 0,
            frequency: None,
            generations: Vec::new(),
            experimental: Vec::new(),
            is_unsure: false,
            is_done: false,
        })
    }

    /// The format version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Strings, frames and stacks known so far: at least those of every event delivered.
    pub fn symbols(&self) -> &Symbols {
        self.names.symbols()
    }

    /// The generations begun so far; of the last one, what is known only at its end is not counted yet.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The clock's zero: trace start in the file's own nanoseconds; right once an event was delivered.
    pub fn clock_zero(&self) -> i64 {
        self.order.zero
    }

    /// Whether the runtime runs timers on this goroutine; `GoId::NONE` are the procs themselves. Only traces of Go 1.11
    /// to 1.21 say so, and only Go's own tool makes something of it: a row of its own for what timers wake.
    pub fn is_timer(&self, go: GoId) -> bool {
        self.old.as_ref().is_some_and(|old| old.is_timer(go))
    }

    /// The experimental batches of the generations begun so far.
    pub fn experimental(&self) -> &[ExperimentalBatch] {
        &self.experimental
    }

    /// Bytes of the file consumed so far, for a progress bar.
    pub fn position(&self) -> u64 {
        if self.is_done {
            return self.file.len() as u64;
        }
        if let Some(old) = &self.old {
            return old.position();
        }
        let counted = HEADER_LEN as u64 + self.tally.bytes.iter().sum::<u64>();
        counted.min(self.file.len() as u64)
    }

    /// The next event in logical order.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "callers need no trait to take events, and it is one method")]
    pub fn next(&mut self) -> Option<Event> {
        if self.taken == self.ready.len() {
            self.refill();
        }
        let event = self.ready.get(self.taken).copied()?;
        self.taken += 1;
        Some(event)
    }

    /// What is left when all events were taken. Events that were not are read and dropped.
    pub fn finish(mut self) -> Finished {
        while self.next().is_some() {}
        Finished {
            symbols: self.names.into_symbols(),
            generations: self.generations,
            diagnostics: self.log.finish(self.file.len() as u64),
            experimental: self.experimental,
            counts: self.tally.counts,
            bytes: self.tally.bytes,
            clock_zero: self.order.zero,
        }
    }

    /// Puts the next events into `ready`; none only at the end.
    fn refill(&mut self) {
        self.ready.clear();
        self.taken = 0;
        while self.ready.is_empty() && !self.is_done {
            if self.old.is_some() {
                self.convert_some();
                continue;
            }
            match self.merge.take() {
                Some(merge) => self.order_some(merge),
                None => match self.framing.next(&mut self.log, &mut self.tally) {
                    Some(pieces) => self.begin_generation(pieces),
                    None => self.end(),
                },
            }
        }
        for event in &self.ready {
            self.latest = self.latest.max(event.ts);
        }
    }

    /// As `order_some`, and all that is before it, for a trace of the old format.
    fn convert_some(&mut self) {
        let Some(old) = &mut self.old else { return };
        let mut sinks =
            Sinks { names: &mut self.names, log: &mut self.log, tally: &mut self.tally, events: &mut self.ready };
        if self.generations.is_empty() {
            match old.begin(&mut sinks) {
                Some(generation) => {
                    self.generations.push(generation);
                    self.syncs += 1;
                    self.ready.push(outside(Ts(-1), EventKind::Sync { sync: self.syncs }));
                }
                None => self.end(),
            }
        } else if !old.fill(&mut sinks) {
            self.report_lost_names();
            self.end();
        }
    }

    /// Says at the end of the file which ids were not in its tables.
    fn report_lost_names(&mut self) {
        let lost = self.names.lost();
        let Some(generation) = self.generations.last_mut() else { return };
        if lost.strings > 0 || lost.stacks > 0 {
            generation.complete = false;
            self.log.push(Diagnostic {
                severity: Severity::Loss,
                offset: generation.offset,
                generation: None,
                thread: None,
                lost_bytes: 0,
                message: missing_from_tables(lost.strings, lost.stacks),
            });
        }
    }

    fn order_some(&mut self, mut merge: Merge<'a>) {
        let mut around = Surroundings {
            order: &mut self.order,
            out: Output { names: &mut self.names, events: &mut self.ready },
            log: &mut self.log,
            tally: &mut self.tally,
        };
        if merge.fill(&mut around) {
            self.merge = Some(merge);
        } else {
            self.end_generation(&merge);
        }
    }

    fn begin_generation(&mut self, mut pieces: Pieces<'a>) {
        let timing = generation::timing(self.version, &pieces, self.frequency, &mut self.log, &mut self.tally);
        self.frequency = Some(timing.frequency);
        pieces.settle_times(timing.clock.far(), &mut self.log);
        let start = timing.clock.nanoseconds(pieces.start);
        let is_first = self.generations.is_empty();
        if is_first {
            self.order.zero = start;
        }
        let has_tables = generation::tables(&pieces, &mut self.names, &mut self.log, &mut self.tally);
        let samples = generation::samples(&pieces, timing.clock, &mut self.names, &mut self.log, &mut self.tally);
        self.experimental.extend(generation::experimental(&pieces));
        self.order.begin_generation(is_first || pieces.follows_gap, pieces.threads.len());
        let cursors = generation::cursors((self.version, timing.clock.far()), &mut pieces, &mut self.order);

        let ts = self.order.ts(start);
        if pieces.follows_gap {
            self.ready.push(outside(ts, EventKind::Lost));
        }
        self.syncs += 1;
        self.ready.push(outside(ts, EventKind::Sync { sync: self.syncs }));
        self.generations.push(Generation {
            number: pieces.number,
            offset: pieces.offset,
            bytes: pieces.bytes,
            events: 0,
            start: ts,
            frequency: timing.frequency,
            clock: timing.snapshot.map(|clock| ClockSnapshot {
                ts: self.order.ts(timing.clock.nanoseconds(clock.time)),
                mono: clock.mono,
                wall_sec: clock.sec,
                wall_nsec: clock.nsec as u32,
            }),
            complete: pieces.is_complete && timing.is_complete && has_tables,
        });
        let mut around = Surroundings {
            order: &mut self.order,
            out: Output { names: &mut self.names, events: &mut self.ready },
            log: &mut self.log,
            tally: &mut self.tally,
        };
        let basis = (timing.clock, pieces.number);
        let mut merge = Merge::new(basis, cursors, samples, &mut around);
        merge.heals = self.is_unsure;
        self.merge = Some(merge);
    }

    fn end_generation(&mut self, merge: &Merge<'a>) {
        let lost = self.names.lost();
        let misused = std::mem::take(&mut self.order.misused_regions);
        let Some(generation) = self.generations.last_mut() else {
            return;
        };
        generation.events = merge.events;
        generation.complete &= !merge.is_damaged;
        let mut tell = |severity, message| {
            self.log.push(Diagnostic {
                severity,
                offset: generation.offset,
                generation: Some(generation.number),
                thread: None,
                lost_bytes: 0,
                message,
            });
        };
        if lost.strings > 0 || lost.stacks > 0 {
            generation.complete = false;
            tell(Severity::Loss, missing_from_tables(lost.strings, lost.stacks));
        }
        if misused > 0 {
            tell(Severity::Note, format!("{misused} regions ended while another one was open inside them"));
        }
        let is_complete = generation.complete;
        if is_complete && self.is_unsure {
            let time = self.ready.last().map_or(self.latest, |event| event.ts).0.wrapping_add(self.order.zero);
            self.order.lose_unmentioned(time, &mut Output { names: &mut self.names, events: &mut self.ready });
        }
        self.is_unsure = !is_complete;
        self.names.end_generation();
    }

    /// The end of the file is a sync, too.
    fn end(&mut self) {
        self.is_done = true;
        self.syncs += 1;
        if self.generations.is_empty() && self.log.is_empty() {
            self.log.push(Diagnostic {
                severity: Severity::Loss,
                offset: HEADER_LEN as u64,
                generation: None,
                thread: None,
                lost_bytes: 0,
                message: "nothing follows the header: tracing was never stopped, or the file was cut".into(),
            });
        }
        let ts = if self.generations.is_empty() { Ts(0) } else { self.latest };
        self.ready.push(outside(ts, EventKind::Sync { sync: self.syncs }));
    }
}

/// An event of no thread.
fn outside(ts: Ts, kind: EventKind) -> Event {
    Event { ts, thread: ThreadId::NONE, proc: ProcId::NONE, go: GoId::NONE, stack: StackIdx(0), kind }
}

fn missing_from_tables(strings: u64, stacks: u64) -> String {
    format!(
        "the texts of {strings} strings and the frames of {stacks} stacks are missing: the tables with them, at the end of \
         a generation, are lost or damaged"
    )
}
