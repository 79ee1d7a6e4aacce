//! What is in the file: the answer behind `goroscope info`.

use crate::meta::{self, Counts, DiagnosticRow, Loss, Wall};
use crate::{RecordingFacts, recording};
use goroscope_model::{Generation, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is in the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Info {
    /// The header's version, such as `go 1.26`.
    pub format: String,
    /// First moment, ns.
    pub start: i64,
    /// Last moment, ns.
    pub end: i64,
    /// From the first to the last moment, ns.
    pub duration: i64,
    /// Wall-clock time, if recorded (Go 1.25 and later).
    pub wall: Option<Wall>,
    /// Bytes of the file, decompressed.
    pub bytes: u64,
    /// How much there is of everything.
    pub counts: Counts,
    /// GOMAXPROCS at the end of the trace, if recorded.
    pub gomaxprocs: Option<u64>,
    /// Raw records of the file by kind, framing and tables included; most bytes first.
    pub events: Vec<EventCount>,
    /// The generations in the order of the file.
    pub generations: Vec<GenerationRow>,
    /// Batches of experiments.
    pub experiments: Vec<ExperimentCount>,
    /// Time in lost stretches, ns.
    pub lost: i64,
    /// How much was lost in all.
    pub loss: Loss,
    /// Problems of the file.
    pub diagnostics: Vec<DiagnosticRow>,
    /// How a Rust program was recorded; null for a Go trace.
    pub recording: Option<RecordingFacts>,
}

/// How often a kind of record is in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventCount {
    /// Its number on the wire.
    pub number: u8,
    /// Its name, or `event 77` for one that this version does not know.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A generation of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GenerationRow {
    /// Its number in the file.
    pub number: u64,
    /// Byte offset of its first batch.
    pub offset: u64,
    /// Bytes of its batches.
    pub bytes: u64,
    /// Events in its thread batches.
    pub events: u64,
    /// Its smallest time, ns.
    pub start: i64,
    /// Its wall-clock time, if recorded.
    pub wall: Option<Wall>,
    /// Whether all of it was read.
    pub complete: bool,
}

/// The batches of one experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExperimentCount {
    /// Number of the experiment.
    pub experiment: u8,
    /// Its batches.
    pub batches: u64,
    /// Bytes of their data.
    pub bytes: u64,
}

/// What is in the file.
pub fn info(trace: &Trace) -> Info {
    Info {
        format: meta::format_name(trace),
        start: trace.start(),
        end: trace.end(),
        duration: trace.end() - trace.start(),
        wall: meta::wall(trace),
        bytes: trace.file_bytes(),
        counts: meta::counts(trace),
        gomaxprocs: trace.metrics().gomaxprocs.last().map(|point| point.value),
        events: events(trace),
        generations: trace.generations().iter().map(generation).collect(),
        experiments: experiments(trace),
        lost: meta::loss(trace).time,
        loss: meta::loss(trace),
        diagnostics: meta::diagnostics(trace),
        recording: recording(trace),
    }
}

fn events(trace: &Trace) -> Vec<EventCount> {
    let mut events: Vec<EventCount> = (0..=u8::MAX)
        .zip(trace.event_counts())
        .zip(trace.event_bytes())
        .filter(|((_, count), _)| **count > 0)
        .map(|((number, &count), &bytes)| EventCount {
            number,
            name: trace.version().record_name(number).map_or_else(|| format!("event {number}"), str::to_owned),
            count,
            bytes,
        })
        .collect();
    events.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.number.cmp(&b.number)));
    events
}

fn generation(generation: &Generation) -> GenerationRow {
    GenerationRow {
        number: generation.number,
        offset: generation.offset,
        bytes: generation.bytes,
        events: generation.events,
        start: generation.start.0,
        wall: generation.clock.map(|clock| Wall { ts: clock.ts.0, sec: clock.wall_sec, nsec: clock.wall_nsec }),
        complete: generation.complete,
    }
}

fn experiments(trace: &Trace) -> Vec<ExperimentCount> {
    let mut by_number: BTreeMap<u8, (u64, u64)> = BTreeMap::new();
    for batch in trace.experimental_batches() {
        let (batches, bytes) = by_number.entry(batch.experiment).or_default();
        *batches += 1;
        *bytes += u64::from(batch.bytes);
    }
    by_number.into_iter().map(|(experiment, (batches, bytes))| ExperimentCount { experiment, batches, bytes }).collect()
}
