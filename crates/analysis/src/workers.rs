//! When mark workers of the garbage collector ran, and in which mode.
//!
//! A worker says its mode right after it starts, and works in it until it stops. Between two marks, and when it is made,
//! a worker runs a few instructions without a mode. One that runs already when the trace begins, or goes on after a loss,
//! does not say it again.

use goroscope_model::{Class, GoIdx, Trace};

/// In which mode a worker works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It has its proc for itself until marking ends.
    Dedicated,
    /// It shares its proc with the program.
    Fractional,
    /// It takes a proc that has nothing else to do.
    Idle,
    /// It began before what is known.
    Unlabelled,
}

/// A stretch in which a worker ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// The worker.
    pub go: GoIdx,
    /// Which of its spans.
    pub span: usize,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// Its mode.
    pub mode: Mode,
}

/// All stretches in which workers ran in a mode, worker by worker, by time.
pub(crate) fn work(trace: &Trace) -> Vec<Work> {
    let mut labels: Vec<(GoIdx, i64, Option<Mode>)> =
        trace.labels().iter().map(|label| (label.go, label.ts, mode(trace.symbols().string(label.label)))).collect();
    labels.sort_by_key(|&(go, ts, _)| (go, ts));
    let mut found = Vec::new();
    for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
        let from = labels.partition_point(|label| label.0 < go);
        let of_go = &labels[from..from + labels[from..].partition_point(|label| label.0 == go)];
        if of_go.is_empty() && trace.symbols().string(trace.goroutines()[go.index()].function) != WORKER {
            continue;
        }
        of_worker(trace, go, of_go, &mut found);
    }
    found
}

/// Where workers start.
const WORKER: &str = "runtime.gcBgMarkWorker";

fn of_worker(trace: &Trace, go: GoIdx, labels: &[(GoIdx, i64, Option<Mode>)], found: &mut Vec<Work>) {
    let lane = trace.go_lane(go);
    let is_worker = trace.symbols().string(trace.goroutines()[go.index()].function) == WORKER;
    let was_there = trace.goroutines()[go.index()].created.is_none();
    let mut labels = labels.iter().peekable();
    let mut is_seen = !was_there;
    for (span, (start, end, class)) in lane.iter().enumerate() {
        let mut mode = (!is_seen && is_worker).then_some(Mode::Unlabelled);
        while let Some(label) = labels.next_if(|label| label.1 < end) {
            if label.1 >= start {
                mode = label.2;
            }
        }
        is_seen = class != Class::Unknown;
        if let (Class::Running, Some(mode)) = (class, mode)
            && start < end
        {
            found.push(Work { go, span, start, end, mode });
        }
    }
}

fn mode(label: &str) -> Option<Mode> {
    match label {
        "GC (dedicated)" => Some(Mode::Dedicated),
        "GC (fractional)" => Some(Mode::Fractional),
        "GC (idle)" => Some(Mode::Idle),
        // A mode of tomorrow takes its proc from the program, as far as anybody knows.
        _ if label.starts_with("GC ") => Some(Mode::Unlabelled),
        _ => None,
    }
}
