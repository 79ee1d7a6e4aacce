//! Reads a file from generation to generation and hands out its events.

use goroscope_wire::{HEADER_LEN, HeaderError, parse_header};

use crate::decode::Measure;
use crate::diagnostic::Log;
use crate::framing::{Framing, Pieces};
use crate::merge::{Merge, Surroundings, Ties};
use crate::names::Names;
use crate::order::{Order, Output};
use crate::supply::{self, Supply};
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

/// How many events are ordered at a time, if nobody says: few enough that they stay near the processor.
const FULL: usize = 512;

impl From<HeaderError> for OpenError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::NotATrace => Self::NotATrace,
            HeaderError::Old(minor) => Self::OldVersion(minor),
            HeaderError::New(minor) => Self::NewVersion(minor),
        }
    }
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
    supply: Supply<'a>,
    /// The generation being ordered.
    merge: Option<Merge>,
    /// Events that were ordered, of which `taken` were handed out.
    ready: Vec<Event>,
    taken: usize,
    /// How many events are ordered at a time.
    full: usize,
    /// Time of the latest event.
    latest: Ts,
    syncs: u32,
    /// Ticks per second of the generation before.
    frequency: Option<u64>,
    generations: Vec<Generation>,
    experimental: Vec<ExperimentalBatch>,
    /// Whether something was lost since the last generation that was read completely.
    is_unsure: bool,
    /// How equal times of many threads are ordered.
    ties: Ties,
    is_done: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header.
    pub fn new(bytes: &'a [u8]) -> Result<Self, OpenError> {
        Self::with_supply(bytes, Supply::Here(Vec::new()))
    }

    fn with_supply(bytes: &'a [u8], supply: Supply<'a>) -> Result<Self, OpenError> {
        let version = parse_header(bytes)?;
        Ok(Self {
            file: bytes,
            version,
            framing: Framing::new(version, bytes),
            old: version.is_v1().then(|| Box::new(Conversion::new(version, bytes))),
            order: Order::default(),
            names: Names::default(),
            log: Log::default(),
            tally: Tally::default(),
            supply,
            merge: None,
            ready: Vec::new(),
            taken: 0,
            full: FULL,
            latest: Ts(i64::MIN),
            syncs: 0,
            frequency: None,
            generations: Vec::new(),
            experimental: Vec::new(),
            is_unsure: false,
            ties: Ties::Any,
            is_done: false,
        })
    }

    /// Orders what happens at equal times on more than a dozen threads as Go's reader does, too. That costs time where
    /// many threads wait for each other, and is for comparing with what Go's tools print; call it before the first event.
    pub fn break_ties_as_go(&mut self) {
        self.ties = Ties::AsGo;
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

    /// Bytes of the file consumed so far, for a progress bar.
    pub fn position(&self) -> u64 {
        if self.is_done {
            return self.file.len() as u64;
        }
        if let Some(old) = &self.old {
            return old.position();
        }
        let counted = HEADER_LEN as u64 + self.tally.bytes.iter().sum::<u64>() + self.supply.uncounted();
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

    /// Puts the next events in logical order in place of what `events` holds; `false` if there are no more.
    ///
    /// There are about `count` of them, and fewer where a generation ends; in traces of Go 1.11 to 1.21 as many as it
    /// takes. This is the fastest way to all events, because none is copied. Each goes either to `next` or to `fill`.
    pub fn fill(&mut self, events: &mut Vec<Event>, count: usize) -> bool {
        if self.taken < self.ready.len() {
            events.clear();
            events.extend_from_slice(&self.ready[self.taken..]);
            self.taken = self.ready.len();
            return true;
        }
        self.full = count.max(1);
        std::mem::swap(&mut self.ready, events);
        self.refill();
        std::mem::swap(&mut self.ready, events);
        self.ready.clear();
        self.full = FULL;
        !events.is_empty()
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
        for event in &self.ready {
            self.latest = self.latest.max(event.ts);
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

    fn order_some(&mut self, mut merge: Merge) {
        let mut around = Surroundings {
            order: &mut self.order,
            out: Output { names: &mut self.names, events: &mut self.ready, latest: self.latest },
            log: &mut self.log,
            tally: &mut self.tally,
            supply: &mut self.supply,
            full: self.full,
        };
        let goes_on = merge.fill(&mut around);
        self.latest = around.out.latest;
        if goes_on {
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
        let measure = Measure { version: self.version, clock: timing.clock };
        let (cursors, decoders) = generation::cursors(measure, &mut pieces, &mut self.order);
        self.supply.begin(decoders);

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
            out: Output { names: &mut self.names, events: &mut self.ready, latest: self.latest.max(ts) },
            log: &mut self.log,
            tally: &mut self.tally,
            supply: &mut self.supply,
            full: self.full,
        };
        let mut merge = Merge::new(pieces.number, cursors, samples, &mut around);
        self.latest = around.out.latest;
        merge.break_ties(self.ties);
        merge.heals = self.is_unsure;
        self.merge = Some(merge);
    }

    fn end_generation(&mut self, merge: &Merge) {
        self.supply.end(&mut self.tally);
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
            let mut out = Output { names: &mut self.names, events: &mut self.ready, latest: self.latest };
            self.order.lose_unmentioned(time, &mut out);
            self.latest = out.latest;
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

/// Reads a trace with a second thread, which decodes what `read` is about to take: events come faster, and are the same.
///
/// Where no thread can be had, the reader does without.
pub fn read_ahead<'a, T>(bytes: &'a [u8], read: impl FnOnce(Reader<'a>) -> T) -> Result<T, OpenError> {
    std::thread::scope(|scope| {
        let (supply, worker) = supply::connection();
        let worker = std::thread::Builder::new().name("decoder".into()).spawn_scoped(scope, || worker.run());
        let supply = if worker.is_ok() { supply } else { Supply::Here(Vec::new()) };
        Ok(read(Reader::with_supply(bytes, supply)?))
    })
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
