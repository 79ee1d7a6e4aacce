//! Reads a file from generation to generation and hands out its events.

mod backlog;
mod traces;

use goroscope_wire::{HEADER_LEN, HeaderError, parse_header};

use self::backlog::Backlog;
use crate::clock::Clock;
use crate::decode::Measure;
use crate::diagnostic::{Log, Place};
use crate::framing::{Framing, Pieces};
use crate::holes::Holes;
use crate::merge::{Aside, Merge, Surroundings, Ties};
use crate::missing::Missing;
use crate::names::Names;
use crate::order::{Order, Output};
use crate::regions;
use crate::side_by_side;
use crate::supply::Supply;
use crate::tail::Tail;
use crate::tally::Tally;
use crate::unknown::Strangers;
use crate::v1::{Conversion, Sinks};
use crate::{
    ClockSnapshot, Diagnostic, Event, EventKind, ExperimentalBatch, GoId, LostTime, OpenError, ProcId, ReadOptions,
    StackIdx, Symbols, ThreadId, Ts, UnknownVersion, Version, generation,
};

use traces::Traces;

/// How many events are ordered at a time, if nobody says: few enough that they stay near the processor.
const FULL: usize = 512;

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

/// Where a trace begins in a file that may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStart {
    /// Byte offset of its header.
    pub offset: u64,
    /// The format version that it is read as.
    pub version: Version,
}

/// What is left when all events were taken.
#[derive(Debug)]
pub struct Finished {
    /// Strings, frames, stacks.
    pub symbols: Symbols,
    /// What goroscope-recorder says of its recording, in the order of the file: texts that nothing refers to, without
    /// `NOTE_PREFIX`, with which each begins. They come from the file, so they may say anything.
    pub notes: Vec<Box<str>>,
    /// The generations.
    pub generations: Vec<Generation>,
    /// Problems of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The times in which something is not known because of the problems: in order, none touching the next.
    pub lost: Vec<(Ts, Ts)>,
    /// Experimental batches.
    pub experimental: Vec<ExperimentalBatch>,
    /// Raw records of each number in the file, whose names `Version::record_name` knows: how many. Of several traces only
    /// those in the format of the first, v1 or v2.
    pub counts: Box<[u64; 256]>,
    /// Raw records of each number in the file: their bytes.
    pub bytes: Box<[u64; 256]>,
    /// The clock's zero: trace start in the file's own nanoseconds; that of the first trace, if there are several.
    pub clock_zero: i64,
    /// The traces in the file that events came from: one, unless others were appended to it.
    pub traces: Vec<TraceStart>,
}

/// A trace being read: an iterator of events in logical order.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a [u8],
    /// That of the first trace.
    version: Version,
    header_minor: u16,
    traces: Traces<'a>,
    /// Events of unknown numbers, if the version is not known.
    strangers: Option<Box<Strangers>>,
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
    /// The generations behind it on other threads.
    ahead: Option<side_by_side::Ahead<'a>>,
    /// What was ordered there of the generation at hand and is not told yet.
    told_later: Option<Box<Backlog>>,
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
    /// Where bytes of the generation being ordered are no batches.
    holes: Holes,
    /// Its batches, if nothing else of it is known to be damaged.
    missing: Option<Missing<'a>>,
    /// If nothing says that the generation being ordered is whole: until when something is known of whom, whether the
    /// file certainly ends inside it, and what was said of that.
    tail: Option<(Tail, bool, Option<Place>)>,
    /// Whether something was lost since the last generation that was read completely.
    is_unsure: bool,
    /// How equal times of many threads are ordered.
    ties: Ties,
    is_done: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header, which must be that of a known version.
    pub fn new(bytes: &'a [u8]) -> Result<Self, OpenError> {
        Self::open(bytes, ReadOptions::default())
    }

    /// Reads the header. A trace of a Go that is newer than this program is read as the newest that is known.
    pub fn forced(bytes: &'a [u8]) -> Result<Self, OpenError> {
        Self::open(bytes, ReadOptions { unknown_version: UnknownVersion::Attempt })
    }

    /// Reads the header.
    pub fn open(bytes: &'a [u8], options: ReadOptions) -> Result<Self, OpenError> {
        Self::with_threads(bytes, options, Supply::Here(Vec::new()), None)
    }

    /// As `open`, with other threads that decode and order ahead.
    pub(crate) fn with_threads(
        bytes: &'a [u8],
        options: ReadOptions,
        supply: Supply<'a>,
        ahead: Option<side_by_side::Ahead<'a>>,
    ) -> Result<Self, OpenError> {
        let mut log = Log::default();
        let mut traces = Traces::of(bytes);
        let mut strangers = None;
        let mut header_minor = None;
        let version = match (parse_header(bytes), options.unknown_version) {
            (Ok(version), _) => version,
            (Err(HeaderError::NotATrace), _) => return Err(OpenError::NotATrace),
            (Err(HeaderError::Old(minor)), _) => return Err(OpenError::OldVersion(minor)),
            (Err(HeaderError::New(minor)), UnknownVersion::Refuse) => return Err(OpenError::NewVersion(minor)),
            (Err(HeaderError::New(minor)), UnknownVersion::Attempt) => {
                let version = Version::nearest(minor);
                log.push(forced_version(minor, version));
                strangers = (!version.is_v1()).then(|| Box::new(Strangers::of(version, bytes)));
                header_minor = Some(minor);
                version
            }
        };
        Ok(Self {
            file: bytes,
            version,
            header_minor: header_minor.unwrap_or(version.minor()),
            strangers,
            framing: Framing::new(version, bytes, 0),
            old: traces.conversion(version, 0, 0),
            traces,
            order: Order::default(),
            names: Names::default(),
            log,
            tally: Tally::default(),
            supply,
            merge: None,
            ahead,
            told_later: None,
            ready: Vec::new(),
            taken: 0,
            full: FULL,
            latest: Ts(i64::MIN),
            syncs: 0,
            frequency: None,
            generations: Vec::new(),
            experimental: Vec::new(),
            holes: Holes::default(),
            missing: None,
            tail: None,
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

    /// The format version that the file is read as.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The `NN` of `go 1.NN trace` in the header: that of the version, unless the reading is forced.
    pub fn header_minor(&self) -> u16 {
        self.header_minor
    }

    /// Strings, frames and stacks known so far: at least those of every event delivered.
    pub fn symbols(&self) -> &Symbols {
        self.names.symbols()
    }

    /// The generations begun so far; of the last one, what is known only at its end is not counted yet.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The clock's zero: trace start in the file's own nanoseconds; right once an event was delivered. If the file holds
    /// several traces, it is that of the one whose event was delivered last: another clock, and where that begins on the
    /// timeline.
    pub fn clock_zero(&self) -> i64 {
        self.order.zero
    }

    /// Whether the runtime runs timers on this goroutine; `GoId::NONE` are the procs themselves. Only traces of Go 1.11
    /// to 1.21 say so, and only Go's own tool makes something of it: a row of its own for what timers wake.
    pub fn is_timer(&self, go: GoId) -> bool {
        self.old.as_ref().is_some_and(|old| old.is_timer(go))
    }

    /// Whether a goroutine's system call of a trace of Go 1.11 to 1.21, begun then, blocks and was sampled before: to Go's
    /// reader it ends at once.
    pub(crate) fn is_sampled_call(&self, ts: Ts, go: GoId) -> bool {
        self.old.as_ref().is_some_and(|old| old.is_sampled_call(ts, go))
    }

    /// The experimental batches of the generations begun so far.
    pub fn experimental(&self) -> &[ExperimentalBatch] {
        &self.experimental
    }

    /// How many tables of unknown kinds the generations begun so far have.
    pub fn unknown_tables(&self) -> u64 {
        self.strangers.as_ref().map_or(0, |strangers| strangers.tables)
    }

    /// Bytes of the file consumed so far, for a progress bar.
    pub fn position(&self) -> u64 {
        if self.is_done {
            return self.file.len() as u64;
        }
        let begin = self.traces.begin();
        let told = self.told_later.as_ref().map_or(0, |backlog| backlog.bytes);
        let position = match &self.old {
            Some(old) => old.position(),
            None => begin + HEADER_LEN as u64 + self.tally.bytes.iter().sum::<u64>() + self.supply.uncounted() + told,
        };
        position.clamp(self.traces.passed, self.file.len() as u64)
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
        let lost = self.log.take_lost();
        let clock_zero = self.first_zero();
        self.traces.count(&mut self.tally);
        let Tally { counts, bytes } = self.traces.counted(self.version);
        let (symbols, notes) = self.names.finish();
        Finished {
            symbols,
            notes,
            generations: self.generations,
            diagnostics: self.log.finish(self.file.len() as u64),
            lost,
            experimental: self.experimental,
            counts,
            bytes,
            clock_zero,
            traces: self.traces.starts,
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
            if self.told_later.is_some() {
                self.tell_some();
                continue;
            }
            match self.merge.take() {
                Some(merge) => self.order_some(merge),
                None => match self.framing.next(&mut self.log, &mut self.tally) {
                    Some(pieces) => self.begin_generation(pieces),
                    None => self.end_trace(self.framing.next_trace),
                },
            }
        }
        if let Some((tail, ..)) = &mut self.tail {
            self.ready.iter().for_each(|event| tail.hear(event));
        }
    }

    /// As `order_some`, and all that is before it, for a trace of the old format.
    fn convert_some(&mut self) {
        let Some(old) = &mut self.old else { return };
        let mut sinks =
            Sinks { names: &mut self.names, log: &mut self.log, tally: &mut self.tally, events: &mut self.ready };
        if !old.has_begun() {
            let base = old.base();
            match old.begin(&mut sinks) {
                Some(generation) => {
                    self.generations.push(generation);
                    self.order.zero = base.wrapping_neg();
                    self.tell_of_trace(Ts(base));
                    self.syncs += 1;
                    self.ready.push(outside(Ts(base.wrapping_sub(1)), EventKind::Sync { sync: self.syncs }));
                }
                None => self.end_old_trace(),
            }
        } else if !old.fill(&mut sinks) {
            self.report_lost_names();
            self.end_old_trace();
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
            let message = missing_from_tables(lost.strings, lost.stacks);
            self.log.push(Diagnostic::loss(generation.offset, message));
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
        let before = self.frequency.or_else(|| self.framing.frequency_of_most(&pieces));
        let timing = generation::timing(pieces.version, &pieces, before, &mut self.log, &mut self.tally);
        self.frequency = Some(timing.frequency);
        pieces.settle_times(timing.clock.far(), &mut self.log);
        let start = timing.clock.nanoseconds(pieces.start);
        let is_first = self.order.is_empty();
        if is_first {
            self.order.zero = start.wrapping_sub(self.traces.base);
        }
        self.holes = Holes::of(&pieces, timing.clock);
        self.missing = if self.is_unsure { None } else { Missing::of(&pieces, timing.clock) };
        let has_tables = generation::tables(&pieces, &mut self.names, &mut self.log, &mut self.tally);
        let samples = generation::samples(&pieces, timing.clock, &mut self.names, &mut self.log, &mut self.tally);
        let mut asides: Vec<_> = samples.into_iter().map(Aside::Sample).collect();
        if let Some(strangers) = self.strangers.as_mut().filter(|_| self.traces.starts.len() == 1) {
            let strange = strangers.take_out(&mut pieces, timing.clock, &mut self.log, &mut self.tally);
            asides.extend(strange.into_iter().map(Aside::Strange));
        }
        self.experimental.extend(generation::experimental(&pieces));
        let ordered = self.ordered_ahead(&pieces);
        let ts = self.order.ts(start);
        self.log.close(ts);
        if let Some(gap) = pieces.gap.filter(|_| self.latest < ts) {
            self.log.set_lost_time(gap, LostTime::Between(self.latest, ts));
        }
        // Stacks come when all threads have written their last events of the generation.
        if pieces.is_last && pieces.stacks.is_empty() {
            self.tail = Some((Tail::new(ts), !pieces.is_complete, pieces.cut));
        }
        self.tell_of_trace(ts);
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
        self.latest = self.latest.max(ts);
        if let Some(ordered) = ordered {
            self.take_over(*ordered, asides);
        } else {
            let is_fresh = is_first || pieces.follows_gap;
            self.begin_order(pieces, timing.clock, is_fresh, asides);
        }
        if let Some(ahead) = self.ahead.as_mut().filter(|_| self.strangers.is_none()) {
            let clock = (self.order.zero, self.frequency);
            ahead.give_away(&self.framing, self.order.generation(), clock, self.ties);
        }
    }

    /// Begins to order a generation from the state that is known.
    fn begin_order(&mut self, mut pieces: Pieces<'a>, clock: Clock, is_fresh: bool, asides: Vec<Aside>) {
        self.order.begin_generation(is_fresh, pieces.threads.len());
        let measure = Measure { version: pieces.version, clock };
        let (cursors, decoders) = generation::cursors(measure, &mut pieces, &mut self.order);
        self.supply.begin(decoders);
        let mut around = Surroundings {
            order: &mut self.order,
            out: Output { names: &mut self.names, events: &mut self.ready, latest: self.latest },
            log: &mut self.log,
            tally: &mut self.tally,
            supply: &mut self.supply,
            full: self.full,
        };
        let mut merge = Merge::new(pieces.number, cursors, asides, &mut around);
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
        let (offset, number) = (generation.offset, Some(generation.number));
        if lost.strings > 0 || lost.stacks > 0 {
            generation.complete = false;
            let told = Diagnostic::loss(offset, missing_from_tables(lost.strings, lost.stacks));
            self.log.push(Diagnostic { generation: number, ..told });
        }
        if misused > 0 {
            self.log.push(Diagnostic { generation: number, ..Diagnostic::note(offset, regions::misuse(misused)) });
        }
        std::mem::take(&mut self.holes).settle(&merge.troubled, self.order.zero, &mut self.log);
        if let Some(missing) = self.missing.take().filter(|_| merge.unreadable == 0) {
            missing.settle(&merge.troubled, self.order.zero, &mut self.log);
        }
        let names_lost = lost.strings > 0 || lost.stacks > 0;
        self.end_tail(names_lost);
        let is_complete = self.generations.last().is_some_and(|generation| generation.complete);
        if is_complete && self.is_unsure {
            let time = self.ready.last().map_or(self.latest, |event| event.ts).0.wrapping_add(self.order.zero);
            let mut out = Output { names: &mut self.names, events: &mut self.ready, latest: self.latest };
            self.order.lose_unmentioned(time, &mut out);
            self.latest = out.latest;
        }
        if !is_complete {
            self.order.lose_gc();
        }
        self.is_unsure = !is_complete;
        self.names.end_generation();
    }

    /// The events of the generation are through. If its end is missing, so are the last events of its threads.
    fn end_tail(&mut self, names_lost: bool) {
        let Some((mut tail, _, place)) = self.tail.take().filter(|(_, is_cut, _)| *is_cut || names_lost) else {
            return;
        };
        self.ready.iter().for_each(|event| tail.hear(event));
        let mut out = Output { names: &mut self.names, events: &mut self.ready, latest: self.latest };
        let uncertain = tail.end(&mut self.order, &mut out);
        self.latest = out.latest;
        if let (Some((from, to)), Some(place)) = (uncertain, place) {
            self.log.set_lost_time(place, LostTime::Between(from, to));
        }
    }

    /// The end of the file is a sync, too.
    fn end(&mut self) {
        self.is_done = true;
        self.log.close(self.latest);
        if let Some(strangers) = &self.strangers {
            strangers.report(&mut self.log);
        }
        self.syncs += 1;
        if self.generations.is_empty() && self.log.is_empty() {
            let message = "nothing follows the header: tracing was never stopped, or the file was cut";
            self.log.push(Diagnostic::loss(HEADER_LEN as u64, message));
        }
        let ts = if self.generations.is_empty() { Ts(0) } else { self.latest };
        self.ready.push(outside(ts, EventKind::Sync { sync: self.syncs }));
    }
}

/// That the version in the header is not known, and what is made of it.
fn forced_version(minor: u16, version: Version) -> Diagnostic {
    Diagnostic::note(0, format!("the header says go 1.{minor}, which is not known: read as go 1.{}", version.minor()))
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
