//! The kinds that do not count states: mark assists, CPU samples, creations.

use super::Options;
use super::subjects::Subjects;
use super::weights::{Frames, Inferred, Key, Open, Reason, Subject, Weight, Weights};
use crate::{Lane, Scope, intervals};
use goroscope_model::{Class, GoIdx, Sample, StackIdx, Trace};
use std::ops::ControlFlow;

/// What Go calls the wait of a goroutine that has to help the collector and finds nothing to do.
const ASSIST_WAIT: &str = "GC mark assist wait for work";

/// Adds up how long a goroutine helped the garbage collector.
///
/// A mark assist is a range, in which the goroutine may wait for work. Each wait counts for itself, with its own stack,
/// and the range with the stack of the allocation that caused it, less the waits in it: together they are the time that
/// assisting took.
pub(super) fn add_assists(scope: &Scope<'_>, subjects: &Subjects<'_>, go: GoIdx, weights: &mut Weights) {
    let trace = scope.trace();
    let Some(row) = trace.goroutines().get(go.index()) else { return };
    let filter = scope.filter();
    let passes = |ns: i64| filter.region.is_some() || filter.task.is_some() || filter.lasts(ns);
    let unknown = Frames::Unknown(row.function);
    let frames = |stack: StackIdx| if stack == StackIdx(0) { unknown } else { Frames::Stack(stack, 0) };
    let mut waits = Vec::new();
    let mut counted = None;
    let lane = trace.go_lane(go);
    scope.spans(go, |part| {
        if part.span.class != Class::WaitGc || trace.symbols().string(part.span.reason) != ASSIST_WAIT {
            return;
        }
        waits.push((part.from, part.to));
        if passes(part.span_end - part.span.start) {
            let mut key = Key::of(frames(part.span.stack), subjects.at(go, part.from));
            key.reason = Reason::Ours(ASSIST_WAIT);
            let is_end_known = part.number + 1 < lane.len() || row.ended.is_some();
            key.open = Open::of(true, is_end_known);
            weights.add(key, Weight { count: u64::from(counted != Some(part.number)), ns: part.ns() });
            counted = Some(part.number);
        }
    });
    if !row.has_ranges {
        return;
    }
    let mut counted = None;
    for &(from, to) in scope.stretches(go) {
        intervals::visit(trace, Lane::GoRanges(go), from, to, &mut |range| {
            if range.class == Class::Assist && passes(range.end - range.start) {
                let (start, end) = (range.start.max(from), range.end.min(to));
                let waited: u64 = waits.iter().map(|&wait| overlap(wait, (start, end))).sum();
                let row = trace.ranges().at(range.row as usize);
                let mut key = Key::of(frames(row.stack), subjects.at(go, start));
                key.reason = Reason::Recorded(row.name);
                key.open = Open::of(row.start.is_some(), row.end.is_some());
                key.inferred = Inferred::No;
                let ns = overlap((start, end), (from, to)).saturating_sub(waited);
                weights.add(key, Weight { count: u64::from(counted != Some(range.row)), ns });
                counted = Some(range.row);
            }
            ControlFlow::Continue(())
        });
    }
}

fn overlap(a: (i64, i64), b: (i64, i64)) -> u64 {
    a.1.min(b.1).saturating_sub(a.0.max(b.0)).max(0) as u64
}

/// Adds up the CPU samples of a goroutine.
pub(super) fn add_samples(
    scope: &Scope<'_>,
    options: &Options,
    subjects: &Subjects<'_>,
    go: GoIdx,
    weights: &mut Weights,
) {
    let trace = scope.trace();
    let (filter, window) = (scope.filter(), scope.filter().window(trace));
    // A sample is on the clock of its own buffer, which may be a little outside of what is known of its goroutine.
    let is_of_part = filter.region.is_some() || filter.task.is_some();
    let within = [window];
    let stretches = if is_of_part { scope.stretches(go) } else { &within };
    for &row in trace.go_samples(go) {
        let sample = trace.samples().at(row as usize);
        if stretches.iter().any(|&stretch| holds(trace, stretch, sample.ts)) {
            weights.add(sample_key(&sample, subjects.at(go, sample.ts)), sample_weight(scope.trace(), options));
        }
    }
}

/// Adds up the CPU samples of threads that had no goroutine: only if no goroutines are picked.
pub(super) fn add_other_samples(scope: &Scope<'_>, options: &Options, weights: &mut Weights) {
    let trace = scope.trace();
    let filter = scope.filter();
    let is_picked =
        !filter.goroutines.is_empty() || filter.func.is_some() || filter.task.is_some() || filter.region.is_some();
    if is_picked {
        return;
    }
    let window = filter.window(trace);
    for row in 0..trace.samples().len() {
        let sample = trace.samples().at(row);
        if sample.go == GoIdx::NONE && holds(trace, window, sample.ts) {
            let mut key = sample_key(&sample, Subject::NOBODY);
            key.has_no_goroutine = true;
            weights.add(key, sample_weight(scope.trace(), options));
        }
    }
}

fn sample_key(sample: &Sample, subject: Subject) -> Key {
    let frames = match sample.stack {
        StackIdx(0) => Frames::Unknown(subject.function),
        stack => Frames::Stack(stack, 0),
    };
    Key::of(frames, subject)
}

fn sample_weight(trace: &Trace, options: &Options) -> Weight {
    Weight { count: 1, ns: options.rate(trace).period() }
}

/// Adds the creation of a goroutine.
pub(super) fn add_creation(scope: &Scope<'_>, subjects: &Subjects<'_>, go: GoIdx, weights: &mut Weights) {
    let trace = scope.trace();
    let Some(row) = trace.goroutines().get(go.index()) else { return };
    let window = scope.filter().window(trace);
    if let Some(created) = row.created.filter(|&ts| holds(trace, window, ts)) {
        let start = if trace.go_lane(go).is_empty() { StackIdx(0) } else { trace.go_spans().get(go, 0).stack };
        let frames = Frames::New { start, creation: row.creation_stack };
        weights.add(Key::of(frames, subjects.at(go, created)), Weight { count: 1, ns: 0 });
    }
}

/// Whether a moment is in a stretch; the end is not, unless it is that of the trace.
fn holds(trace: &Trace, (from, to): (i64, i64), ts: i64) -> bool {
    from <= ts && (ts < to || (ts == to && to == trace.end()))
}
