//! A trace, or a window of it, read a second time and written.

use goroscope_reader::{
    ClockSnapshot, Diagnostic, Event, EventKind, Generation, OpenError, ReadOptions, Reader, Severity, Symbols, Version,
};

use crate::Progress;
use crate::encode::{Beginning, Clocks, Counts, Encoder, Naming, Setup, Trust};
use crate::recording::Recording;
use crate::several::Several;
use crate::survey::{Survey, Window};

/// A trace that was made of another one.
#[derive(Debug)]
pub struct Edited {
    /// The file.
    pub bytes: Vec<u8>,
    /// The version in the header of the input, if it is not known, and the one that it was read as.
    pub forced: Option<Forced>,
    /// What became of the events.
    pub counts: Counts,
    /// Batches of experiments that are in the output.
    pub experimental: u64,
    /// Batches of experiments that were left out.
    pub experimental_left_out: u64,
    /// Tables of unknown kinds, which were left out.
    pub unknown_tables: u64,
    /// Problems of the input.
    pub diagnostics: Vec<Diagnostic>,
    /// Times of which whole generations are missing, in nanoseconds since the input's start.
    pub holes: Vec<Window>,
    /// Times of generations of which parts are missing.
    pub incomplete: Vec<Window>,
    /// The part of the input that is in the output, in nanoseconds since the input's start.
    pub window: Window,
}

/// A version that is not known, and the one that was taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forced {
    /// The `NN` of `go 1.NN trace` in the header.
    pub header_minor: u16,
    /// What the file was read as.
    pub read_as: Version,
}

/// What to write.
pub(crate) struct Plan<'p> {
    pub options: ReadOptions,
    pub window: Window,
    pub naming: Box<dyn Naming>,
    pub experiments: Experiments,
    pub survey: &'p Survey,
}

/// What to do with batches of experiments, whose bytes nothing here understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Experiments {
    /// They are copied.
    Keep,
    /// They are left out.
    Drop,
}

/// How far the writing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Only the state is kept.
    Before,
    /// Events are written.
    During,
    /// Nothing but samples is still to come.
    After,
}

/// The experiment that writes down allocations, the only one that any Go so far has.
const ALLOC_FREE: u8 = 1;

/// The number that stands for none; Go's reader takes the bytes of such a batch for events.
const NO_EXPERIMENT: u8 = 0;

/// The edges of a window are rounded outwards to ticks of the usual clock, 64 ns, which can be written in all clocks.
const TICK: i64 = 64;

/// Reads `file` a second time and writes what the plan says.
pub(crate) fn rewrite(file: &[u8], plan: Plan<'_>, progress: &mut Progress<'_>) -> Result<Edited, OpenError> {
    let mut reader = Reader::open(file, plan.options)?;
    // The reader knows the clock's zero with the first event.
    let mut next = reader.next();
    let mut writing = Writing::new(file, &reader, plan);
    while let Some(event) = next {
        if writing.number.is_multiple_of(65_536) {
            progress.report(reader.position());
        }
        if !writing.take(&event, &reader) {
            break;
        }
        writing.number += 1;
        next = reader.next();
    }
    Ok(writing.finish(&reader))
}

/// The state of a rewriting.
struct Writing<'p> {
    file: &'p [u8],
    forced: Option<Forced>,
    version: Version,
    window: Window,
    survey: &'p Survey,
    experiments: Experiments,
    /// Whether the file is what its header says, all of it.
    is_sound: bool,
    encoder: Encoder,
    several: Several,
    /// The clock's zero of the output: that of the first trace.
    zero: i64,
    phase: Phase,
    /// Which of the survey's epochs it is.
    epoch: usize,
    /// Whether generations are missing before the next one.
    follows_gap: bool,
    generation: Option<Generation>,
    /// Number of the event, counted from 0.
    number: u64,
    early_samples: Vec<Event>,
    copied: usize,
    kept: u64,
    left_out: u64,
}

impl<'p> Writing<'p> {
    fn new(file: &'p [u8], reader: &Reader<'_>, plan: Plan<'p>) -> Self {
        let Plan { options: _, window, naming, experiments, survey } = plan;
        let zero = reader.clock_zero();
        let version = output_version(&survey.versions, survey.clocks.is_some());
        let is_damaged = survey.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss);
        let is_old = reader.version().is_v1();
        let trust = match (is_damaged, is_old) {
            (true, _) => Trust::None,
            (false, true) => Trust::Threadless,
            (false, false) => Trust::Sound,
        };
        let from = match window.from {
            i64::MIN => i64::MIN,
            from => from - from.saturating_add(zero).rem_euclid(TICK),
        };
        let to = match window.to {
            i64::MAX => i64::MAX,
            to => to.saturating_add((-to.saturating_add(zero)).rem_euclid(TICK)),
        };
        let setup = Setup {
            version,
            naming,
            has_usual_clock: survey.has_usual_clock,
            clocks: survey.clocks,
            recording: within(survey, Window { from, to }, zero),
            zero,
            trust,
            is_old,
        };
        let read_as = reader.version();
        let forced =
            (reader.header_minor() != read_as.minor()).then(|| Forced { header_minor: reader.header_minor(), read_as });
        Self {
            file,
            forced,
            version,
            window: Window { from, to },
            survey,
            experiments,
            is_sound: !is_damaged && forced.is_none(),
            encoder: Encoder::new(setup, &survey.epochs[0]),
            several: Several::default(),
            zero,
            phase: Phase::Before,
            epoch: 0,
            follows_gap: false,
            generation: None,
            number: 0,
            early_samples: Vec::new(),
            copied: 0,
            kept: 0,
            left_out: 0,
        }
    }

    /// Takes the next event; `false` if nothing is to come any more.
    fn take(&mut self, event: &Event, reader: &Reader<'_>) -> bool {
        let event = &self.several.apart(event);
        let symbols = reader.symbols();
        match event.kind {
            EventKind::Lost | EventKind::AnotherTrace => {
                self.epoch = (self.epoch + 1).min(self.survey.epochs.len() - 1);
                let epoch = &self.survey.epochs[self.epoch];
                if event.kind == EventKind::AnotherTrace {
                    self.encoder.begin_trace(reader.current_version().is_v1(), symbols);
                } else {
                    self.encoder.lost(epoch, symbols);
                }
                self.follows_gap = true;
            }
            EventKind::Sync { sync } => {
                if self.phase == Phase::After && event.ts.0 > self.window.to {
                    return false;
                }
                if let Some(&generation) = reader.generations().get(sync as usize - 1) {
                    self.sync(generation, reader);
                }
            }
            EventKind::Sample => self.sample(event, symbols),
            EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::RangeBegin { .. }
            | EventKind::RangeActive { .. }
            | EventKind::RangeEnd { .. }
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. }
            | EventKind::Go { .. }
            | EventKind::Proc { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => {
                if self.phase == Phase::Before && self.survey.first == Some(self.number) {
                    self.begin(reader);
                    self.end_if_over(self.number);
                }
                if self.phase != Phase::After {
                    self.encoder.event(event, symbols);
                }
            }
        }
        self.end_if_over(self.number + 1);
        true
    }

    /// Whether the event with this number and all behind it are behind the window.
    fn end_if_over(&mut self, next: u64) {
        let is_over = self.has_end() && self.survey.last.is_none_or(|last| next > last);
        if is_over && self.phase == Phase::During {
            self.phase = Phase::After;
        }
    }

    fn has_end(&self) -> bool {
        self.window.to != i64::MAX
    }

    /// A generation begins.
    fn sync(&mut self, generation: Generation, reader: &Reader<'_>) {
        let beginning = beginning(&generation, self.zero);
        self.generation = Some(generation);
        if self.phase == Phase::During {
            self.encoder.next_generation(beginning, reader.symbols());
        } else if self.phase == Phase::Before && self.window.from == i64::MIN {
            self.begin(reader);
        }
        if self.follows_gap && self.phase != Phase::After {
            let epoch = &self.survey.epochs[self.epoch];
            self.encoder.resume(epoch, generation.start.0, reader.symbols());
        }
        self.follows_gap = false;
        if self.phase == Phase::During {
            self.copy_experiments(reader);
        }
    }

    /// The output begins.
    fn begin(&mut self, reader: &Reader<'_>) {
        let Some(generation) = &self.generation else { return };
        let beginning = beginning(generation, self.zero);
        self.encoder.begin(beginning, (self.window.from, self.window.to), reader.symbols());
        self.phase = Phase::During;
        for sample in std::mem::take(&mut self.early_samples) {
            self.encoder.event(&sample, reader.symbols());
        }
        self.copy_experiments(reader);
    }

    fn copy_experiments(&mut self, reader: &Reader<'_>) {
        let batches = reader.experimental().get(self.copied..).unwrap_or_default();
        self.copied += batches.len();
        let current = self.generation.map(|generation| generation.number);
        for batch in batches {
            // What was allocated before the part is told nowhere else. Of others it is not known what it is told for.
            if batch.experiment != ALLOC_FREE && Some(batch.generation) != current {
                continue;
            }
            let offset = batch.offset as usize;
            match self.file.get(offset..offset + batch.bytes as usize) {
                Some(bytes) if self.keeps(batch.experiment) => {
                    self.encoder.experimental(batch.experiment, batch.thread.0, bytes);
                    self.kept += 1;
                }
                Some(_) | None => self.left_out += 1,
            }
        }
    }

    /// Some of Go's tools end with a panic at experiments that they do not know. Whoever has a trace with one has a Go
    /// that knows it; but where something is damaged it may be the number, and another version promises other readers.
    fn keeps(&self, experiment: u8) -> bool {
        let is_known = experiment == ALLOC_FREE || (experiment != NO_EXPERIMENT && self.is_sound);
        self.experiments == Experiments::Keep && self.version >= Version::Go123 && is_known
    }

    fn sample(&mut self, event: &Event, symbols: &Symbols) {
        if !self.window.contains(event.ts.0) {
            return;
        }
        if self.phase == Phase::Before {
            self.early_samples.push(*event);
        } else {
            self.encoder.event(event, symbols);
        }
    }

    fn finish(self, reader: &Reader<'_>) -> Edited {
        // Where something is damaged, the latest time may be wrong; then the output ends with the last event in it.
        let is_whole = self.survey.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Loss);
        let end = match (self.has_end(), is_whole) {
            (_, true) => self.window.to.min(self.survey.end),
            (true, false) => self.window.to.min(self.survey.latest),
            (false, false) => i64::MIN,
        };
        let (bytes, counts) = self.encoder.finish(end, reader.symbols());
        let window = Window { from: self.window.from.max(0), to: self.window.to.min(self.survey.latest) };
        Edited {
            bytes,
            forced: self.forced,
            counts,
            experimental: self.kept,
            experimental_left_out: self.left_out,
            unknown_tables: reader.unknown_tables(),
            diagnostics: self.survey.diagnostics.clone(),
            holes: self.survey.holes.clone(),
            incomplete: self.survey.incomplete.clone(),
            window,
        }
    }
}

/// What is said of the recording in the window; `zero` is where the trace begins on the file's own clock.
fn within(survey: &Survey, window: Window, zero: i64) -> Option<Recording> {
    let mut recording = survey.recording.clone()?;
    let is_whole = window.from <= 0 && window.to >= survey.end && !survey.goes_on;
    if !is_whole {
        let from = if window.from <= 0 { i64::MIN } else { window.from.saturating_add(zero) };
        recording.cut(Window { from, to: window.to.saturating_add(zero) });
    }
    Some(recording)
}

/// The version to write: that of the input, the newest of several. The format of Go 1.23 is the newest that does without the clocks that
/// traces of older formats, and badly damaged ones, do not have.
fn output_version(inputs: &[Version], has_clocks: bool) -> Version {
    let newest = inputs.iter().max().copied().unwrap_or(Version::Go123);
    let least = if inputs.iter().any(|version| version.is_v1()) { Version::Go123 } else { newest };
    match newest.max(least) {
        input @ (Version::Go122 | Version::Go123) => input,
        input @ (Version::Go125 | Version::Go126) if has_clocks => input,
        Version::Go111 | Version::Go119 | Version::Go121 | Version::Go125 | Version::Go126 => Version::Go123,
    }
}

fn beginning(generation: &Generation, zero: i64) -> Beginning {
    Beginning { start: generation.start.0, clocks: generation.clock.map(|clock| Clocks::of(clock, zero)) }
}

impl Clocks {
    /// As a generation has them.
    pub(crate) fn of(clock: ClockSnapshot, zero: i64) -> Self {
        Self {
            time: clock.ts.0.saturating_add(zero),
            mono: clock.mono,
            wall: u128::from(clock.wall_sec) * 1_000_000_000 + u128::from(clock.wall_nsec),
        }
    }
}
