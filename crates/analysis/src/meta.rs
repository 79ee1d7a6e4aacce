//! What the page needs to know about the trace before it draws anything.

use crate::{ClassName, RecordingFacts, Words, class_names, recording};
use goroscope_model::{Diagnostic, LostTime, Severity, Trace};
use serde::Serialize;

/// Number of the interface in `docs/http-api.md`.
const API: u32 = 1;

/// The trace as a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceMeta {
    /// Number of the interface.
    pub api: u32,
    /// The header's version, such as `go 1.26`.
    pub format: String,
    /// First moment, ns.
    pub start: i64,
    /// Last moment, ns.
    pub end: i64,
    /// Wall-clock time, if recorded (Go 1.25 and later).
    pub wall: Option<Wall>,
    /// Bytes of the file, decompressed.
    pub bytes: u64,
    /// How much there is of everything.
    pub counts: Counts,
    /// GOMAXPROCS at the end of the trace, if recorded.
    pub gomaxprocs: Option<u64>,
    /// All classes by number.
    pub classes: &'static [ClassName],
    /// Lost stretches, ns.
    pub lost: Vec<(i64, i64)>,
    /// How much was lost in all.
    pub loss: Loss,
    /// Problems of the file.
    pub diagnostics: Vec<DiagnosticRow>,
    /// What things are called.
    pub words: &'static Words,
    /// How a Rust program was recorded; null for a Go trace.
    pub recording: Option<RecordingFacts>,
}

/// At trace time `ts` the wall clock was `sec` + `nsec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wall {
    /// Trace time, ns.
    pub ts: i64,
    /// Seconds since 1970.
    pub sec: u64,
    /// Nanoseconds into that second.
    pub nsec: u32,
}

/// How much was lost to damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Bytes of the file that could not be used.
    pub bytes: u64,
    /// Time in which something is not known, ns; what was lost twice counts once.
    pub time: i64,
    /// Losses of which nothing tells when they were.
    pub unknown_times: u64,
}

/// How much there is of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Ordered events.
    pub events: u64,
    /// Goroutines; an id that was used again counts again.
    pub goroutines: u64,
    /// Procs.
    pub procs: u64,
    /// Threads.
    pub threads: u64,
    /// Start functions.
    pub groups: u64,
    /// Generations of the file.
    pub generations: u64,
    /// Ranges of the runtime.
    pub ranges: u64,
    /// User tasks.
    pub tasks: u64,
    /// User regions.
    pub regions: u64,
    /// Log messages.
    pub logs: u64,
    /// CPU profile samples.
    pub samples: u64,
    /// Events of experiments.
    pub experimental: u64,
    /// Events of unknown numbers.
    pub unknown: u64,
}

/// A problem of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiagnosticRow {
    /// `note` (nothing is lost) or `loss`.
    pub severity: &'static str,
    /// Byte offset in the file, decompressed.
    pub offset: u64,
    /// Generation, if known.
    pub generation: Option<u64>,
    /// Thread, if it concerns one.
    pub thread: Option<u64>,
    /// Bytes that could not be used because of it.
    pub lost_bytes: u64,
    /// The time in which something is not known because of it: null for none.
    pub lost_time: Option<LostTimeRow>,
    /// What happened.
    pub message: String,
    /// The same with the position.
    pub text: String,
}

/// A time in which something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LostTimeRow {
    /// From and to, ns.
    Between(i64, i64),
    /// `unknown`: nothing tells when it was.
    Unknown(&'static str),
}

impl DiagnosticRow {
    /// A diagnostic as an answer.
    pub fn new(diagnostic: &Diagnostic) -> Self {
        Self {
            severity: match diagnostic.severity {
                Severity::Note => "note",
                Severity::Loss => "loss",
            },
            offset: diagnostic.offset,
            generation: diagnostic.generation,
            thread: diagnostic.thread,
            lost_bytes: diagnostic.lost_bytes,
            lost_time: match diagnostic.lost_time {
                LostTime::None => None,
                LostTime::Unknown => Some(LostTimeRow::Unknown("unknown")),
                LostTime::Between(from, to) => Some(LostTimeRow::Between(from.0, to.0)),
            },
            message: diagnostic.message.clone(),
            text: diagnostic.to_string(),
        }
    }
}

/// The trace as a whole.
pub fn overview_meta(trace: &Trace) -> TraceMeta {
    TraceMeta {
        api: API,
        format: format_name(trace),
        start: trace.start(),
        end: trace.end(),
        wall: wall(trace),
        bytes: trace.file_bytes(),
        counts: counts(trace),
        gomaxprocs: trace.metrics().gomaxprocs.last().map(|point| point.value),
        classes: class_names(trace),
        lost: trace.lost().to_vec(),
        loss: loss(trace),
        diagnostics: diagnostics(trace),
        words: Words::of(trace),
        recording: recording(trace),
    }
}

/// The version of the file's header.
pub(crate) fn format_name(trace: &Trace) -> String {
    format!("go 1.{}", trace.header_minor())
}

/// The first wall-clock time of the file.
pub(crate) fn wall(trace: &Trace) -> Option<Wall> {
    let clock = trace.generations().iter().find_map(|generation| generation.clock)?;
    Some(Wall { ts: clock.ts.0, sec: clock.wall_sec, nsec: clock.wall_nsec })
}

/// How much there is of everything.
pub(crate) fn counts(trace: &Trace) -> Counts {
    Counts {
        events: trace.ordered_events(),
        goroutines: trace.goroutines().len() as u64,
        procs: trace.procs().len() as u64,
        threads: trace.threads().len() as u64,
        groups: trace.groups().len() as u64,
        generations: trace.generations().len() as u64,
        ranges: trace.ranges().len() as u64,
        tasks: trace.tasks().len() as u64,
        regions: trace.regions().len() as u64,
        logs: trace.logs().len() as u64,
        samples: trace.samples().len() as u64,
        experimental: trace.experimental().len() as u64,
        unknown: trace.unknown_events().len() as u64,
    }
}

/// How much was lost to damage.
pub fn loss(trace: &Trace) -> Loss {
    Loss::of(trace.diagnostics(), trace.lost())
}

impl Loss {
    /// Of these problems, and these stretches of time, which do not overlap.
    pub fn of(diagnostics: &[Diagnostic], lost: &[(i64, i64)]) -> Self {
        Self {
            bytes: diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum(),
            time: lost.iter().map(|&(from, to)| to - from).sum(),
            unknown_times: diagnostics.iter().filter(|it| it.lost_time == LostTime::Unknown).count() as u64,
        }
    }
}

/// All problems of the file.
pub(crate) fn diagnostics(trace: &Trace) -> Vec<DiagnosticRow> {
    trace.diagnostics().iter().map(DiagnosticRow::new).collect()
}
