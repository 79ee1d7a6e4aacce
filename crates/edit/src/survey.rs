//! A first reading of a trace: what was so from its start on, which a trace tells only bit by bit, and where a window is.
//!
//! The state of a resource is written where the first event concerns it, or at the end of the generation. To write a
//! part of a trace, or to write it in another way, all of them must be known before the first event.

use goroscope_reader::{
    Diagnostic, Event, EventKind, GoId, GoState, OpenError, ProcId, ProcState, ReadOptions, Reader, Scope, StackIdx,
    ThreadId, Version,
};
use rustc_hash::FxHashSet;

use crate::Progress;
use crate::encode::Clocks;
use crate::recording::Recording;
use crate::several::Several;

/// What is known from the start of the trace on, or from behind missing generations on.
#[derive(Clone, Debug, Default)]
pub struct Epoch {
    /// Goroutines that exist, with their state, thread and stack.
    pub gos: Vec<(GoId, GoState, ThreadId, StackIdx)>,
    /// Procs, with their state and thread.
    pub procs: Vec<(ProcId, ProcState, ThreadId)>,
    /// Goroutines that assist the garbage collector.
    pub assists: FxHashSet<GoId>,
    /// Procs that sweep.
    pub sweeps: Vec<ProcId>,
    /// Whether the garbage collector marks.
    pub marks: bool,
}

/// What of an epoch was mentioned.
#[derive(Debug, Default)]
struct Mentioned {
    gos: FxHashSet<GoId>,
    procs: FxHashSet<ProcId>,
    assists: FxHashSet<GoId>,
    sweeps: FxHashSet<ProcId>,
    marks: bool,
}

/// A part of a trace, in nanoseconds since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From here on.
    pub from: i64,
    /// To here.
    pub to: i64,
}

impl Window {
    /// All of it.
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    /// Whether the time is in it.
    pub fn contains(self, ts: i64) -> bool {
        (self.from..=self.to).contains(&ts)
    }
}

/// Ticks per second of the clock that most systems have.
const USUAL_FREQUENCY: u64 = 1_000_000_000 / 64;

/// What the first reading found.
#[derive(Debug)]
pub struct Survey {
    /// The versions of the traces in the file.
    pub versions: Vec<Version>,
    /// Whether all of it has the clock that most systems have.
    pub has_usual_clock: bool,
    /// One, and one more behind each gap of whole generations and with each other trace.
    pub epochs: Vec<Epoch>,
    /// Number, counted from 0, of the first event that is in the window or behind its start.
    pub first: Option<u64>,
    /// Number of the last event that is in the window.
    pub last: Option<u64>,
    /// Time of the latest event in which something happened.
    pub latest: i64,
    /// Time of the latest event of all: states are told after the last thing that happened.
    pub end: i64,
    /// Whether there are events behind the window that were not looked at.
    pub goes_on: bool,
    /// What goroscope-recorder says of its recording.
    pub recording: Option<Recording>,
    /// Clocks of some generation, on the file's own clock.
    pub clocks: Option<Clocks>,
    /// Problems of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Times of which whole generations are missing.
    pub holes: Vec<Window>,
    /// Times of generations of which parts are missing.
    pub incomplete: Vec<Window>,
}

impl Survey {
    /// Reads the trace as far as the window needs it, or all of it.
    pub fn of(
        file: &[u8],
        options: ReadOptions,
        window: Window,
        progress: &mut Progress<'_>,
    ) -> Result<Self, OpenError> {
        let mut reader = Reader::open(file, options)?;
        let mut survey = Self {
            versions: Vec::new(),
            has_usual_clock: false,
            epochs: vec![Epoch::default()],
            first: None,
            last: None,
            latest: 0,
            end: 0,
            goes_on: false,
            recording: None,
            clocks: None,
            diagnostics: Vec::new(),
            holes: Vec::new(),
            incomplete: Vec::new(),
        };
        let mut mentioned = Mentioned::default();
        let mut number = 0;
        let mut several = Several::default();
        while let Some(event) = reader.next() {
            let event = several.apart(&event);
            match event.kind {
                EventKind::Lost | EventKind::AnotherTrace => {
                    survey.epochs.push(Epoch::default());
                    survey.holes.push(Window { from: survey.latest, to: event.ts.0.max(survey.latest) });
                    mentioned = Mentioned::default();
                }
                EventKind::Sync { .. } => {
                    if survey.first.is_some() && event.ts.0 > window.to {
                        survey.goes_on = true;
                        break;
                    }
                    progress.report(reader.position());
                }
                _ if number % 65_536 == 0 => progress.report(reader.position()),
                _ => {}
            }
            if let Some(epoch) = survey.epochs.last_mut() {
                mentioned.note(&event, epoch);
            }
            if !matches!(event.kind, EventKind::Sync { .. } | EventKind::Lost | EventKind::AnotherTrace) {
                survey.end = survey.end.max(event.ts.0);
            }
            if is_change(&event) {
                survey.latest = survey.latest.max(event.ts.0);
                if survey.first.is_none() && event.ts.0 >= window.from {
                    survey.first = Some(number);
                }
                if event.ts.0 <= window.to {
                    survey.last = Some(number);
                }
            }
            number += 1;
        }
        // Also of a window: what is behind it may make events before it look sound that are not.
        let finished = reader.finish();
        let clock = finished.generations.iter().find_map(|generation| generation.clock);
        survey.has_usual_clock = finished.generations.iter().all(|generation| generation.frequency == USUAL_FREQUENCY);
        survey.clocks = clock.map(|clock| Clocks::of(clock, finished.clock_zero));
        survey.versions = finished.traces.iter().map(|trace| trace.version).collect();
        survey.diagnostics = finished.diagnostics;
        survey.recording = Recording::of(&finished.notes);
        let generations = &finished.generations;
        for (at, generation) in generations.iter().enumerate().filter(|(_, generation)| !generation.complete) {
            let end = generations.get(at + 1).map_or(survey.latest, |next| next.start.0.min(survey.latest));
            survey.incomplete.push(Window { from: generation.start.0, to: end.max(generation.start.0) });
        }
        Ok(survey)
    }
}

/// Whether something happens: not only a state is mentioned, or a sample taken.
pub fn is_change(event: &Event) -> bool {
    match event.kind {
        EventKind::Sync { .. }
        | EventKind::Lost
        | EventKind::AnotherTrace
        | EventKind::Sample
        | EventKind::RangeActive { .. } => false,
        EventKind::Go { from, to, .. } => from != to && from != GoState::Undetermined,
        EventKind::Proc { from, to, .. } => {
            from != to && !matches!(from, ProcState::Undetermined | ProcState::NotExist)
        }
        EventKind::Metric { .. }
        | EventKind::Label { .. }
        | EventKind::RangeBegin { .. }
        | EventKind::RangeEnd { .. }
        | EventKind::TaskBegin { .. }
        | EventKind::TaskEnd { .. }
        | EventKind::RegionBegin { .. }
        | EventKind::RegionEnd { .. }
        | EventKind::Log { .. }
        | EventKind::Unknown { .. }
        | EventKind::Experimental { .. } => true,
    }
}

impl Mentioned {
    /// What is mentioned for the first time, and not because it begins, was so all along.
    fn note(&mut self, event: &Event, epoch: &mut Epoch) {
        match event.kind {
            EventKind::Go { go, from, to, stack, .. } => {
                if self.gos.insert(go) && from == GoState::Undetermined && to != GoState::NotExist {
                    epoch.gos.push((go, to, event.thread, stack));
                }
            }
            EventKind::Proc { proc, from, to } => {
                if self.procs.insert(proc) && from == ProcState::Undetermined {
                    epoch.procs.push((proc, to, event.thread));
                }
            }
            EventKind::RangeBegin { scope, .. } => {
                self.range(scope);
            }
            EventKind::RangeActive { scope, .. } => {
                if self.range(scope) {
                    match scope {
                        Scope::Global => epoch.marks = true,
                        Scope::Go(go) => {
                            epoch.assists.insert(go);
                        }
                        Scope::Proc(proc) => epoch.sweeps.push(proc),
                    }
                }
            }
            EventKind::RangeEnd { scope, .. } => {
                let is_first = self.range(scope);
                epoch.marks |= is_first && scope == Scope::Global;
            }
            EventKind::Sync { .. }
            | EventKind::Lost
            | EventKind::AnotherTrace
            | EventKind::Metric { .. }
            | EventKind::Label { .. }
            | EventKind::Sample
            | EventKind::TaskBegin { .. }
            | EventKind::TaskEnd { .. }
            | EventKind::RegionBegin { .. }
            | EventKind::RegionEnd { .. }
            | EventKind::Log { .. }
            | EventKind::Unknown { .. }
            | EventKind::Experimental { .. } => {}
        }
    }

    /// Whether a range with this scope is mentioned for the first time.
    fn range(&mut self, scope: Scope) -> bool {
        match scope {
            Scope::Global => !std::mem::replace(&mut self.marks, true),
            Scope::Go(go) => self.assists.insert(go),
            Scope::Proc(proc) => self.sweeps.insert(proc),
        }
    }
}
