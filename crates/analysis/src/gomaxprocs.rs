//! How many procs there were when.

use crate::ClassKind;
use crate::classes;
use goroscope_model::{ProcIdx, Trace};
use serde::Serialize;

/// How many procs there are, at the end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProcCount {
    /// The number.
    pub value: u64,
    /// Whether the trace says so; otherwise it is the number of procs that were seen.
    pub known: bool,
}

/// From this moment on GOMAXPROCS is that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProcChange {
    /// When, ns.
    pub ts: i64,
    /// The number.
    pub value: u64,
}

/// GOMAXPROCS over time.
#[derive(Clone, Debug)]
pub(crate) struct Gomaxprocs {
    /// By time, each other than the one before; the first holds from the begin of the trace.
    changes: Vec<ProcChange>,
    is_known: bool,
}

impl Gomaxprocs {
    /// That of a trace.
    ///
    /// Old traces tell the number only when the world starts again. Until then it is taken to be that, or as many as the
    /// procs seen by then need.
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut changes: Vec<ProcChange> = Vec::new();
        for point in trace.metrics().gomaxprocs.iter() {
            let value = point.value.max(1);
            if changes.last().is_none_or(|last| last.value != value) {
                changes.push(ProcChange { ts: point.ts, value });
            }
        }
        let is_known = !changes.is_empty();
        let until = changes.first().map_or(i64::MAX, |first| first.ts);
        let seen = (0..trace.procs().len() as u32).map(ProcIdx).filter(|&proc| is_held_before(trace, proc, until));
        let seen = match trace.recording() {
            // Go counts its procs from 0. In Rust threads that are no workers have numbers far above these.
            None => seen.map(|proc| trace.procs()[proc.index()].id.0.saturating_add(1)).max().unwrap_or(1),
            Some(_) => (seen.count() as u64).max(1),
        };
        let start = trace.start();
        match changes.first_mut() {
            Some(first) if first.value >= seen => first.ts = start,
            Some(_) | None => changes.insert(0, ProcChange { ts: start, value: seen }),
        }
        Self { changes, is_known }
    }

    /// All changes, the first at the begin of the trace.
    pub(crate) fn changes(&self) -> &[ProcChange] {
        &self.changes
    }

    /// The changes within `[from, to)`, the first at `from`.
    pub(crate) fn within(&self, from: i64, to: i64) -> Vec<ProcChange> {
        let mut within = vec![ProcChange { ts: from, value: self.at(from) }];
        within.extend(self.changes.iter().filter(|change| from < change.ts && change.ts < to));
        within
    }

    /// How many at a moment.
    pub(crate) fn at(&self, ts: i64) -> u64 {
        let after = self.changes.partition_point(|change| change.ts <= ts);
        self.changes[after.saturating_sub(1)].value
    }

    /// How many until the end of a stretch.
    pub(crate) fn count(&self, to: i64) -> ProcCount {
        ProcCount { value: self.at(to.saturating_sub(1)), known: self.is_known }
    }
}

/// Whether a thread is seen to hold the proc before `until`, ns.
fn is_held_before(trace: &Trace, proc: ProcIdx, until: i64) -> bool {
    if until == i64::MAX {
        return true;
    }
    let time = trace.proc_time(proc, trace.start(), until.max(trace.start()));
    let held = [ClassKind::Run, ClassKind::Syscall].map(|kind| classes::sum_of_kind(&time, kind));
    held.iter().sum::<u64>() > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn check(recorder: &str, expected: ProcCount) {
        let text = r#"Trace Go1.25
Generation 1
EventBatch m=1 time=100
ProcStatus p=10001 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock reason_string="sync" at=260
EventBatch m=- time=100
Strings
String id=101 data="RECORDER"
"#;
        let trace = fixtures::read(&text.replace("RECORDER", recorder));
        assert_eq!(Gomaxprocs::of(&trace).count(i64::MAX), expected);
    }

    #[test]
    fn procs_are_counted_from_zero_unless_they_are_threads() {
        check("nothing", ProcCount { value: 10_002, known: false });
        check("goroscope-recorder: recorder=goroscope-recorder 0.1.0", ProcCount { value: 1, known: false });
    }
}
