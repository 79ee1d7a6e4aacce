//! What part of its procs a program has for itself, over time.
//!
//! 1. On each proc: when sweeps, mark assists and background workers ran there, as separate stretches. However many
//!    overlap, a proc is taken once.
//! 2. When the world was stopped, and how many procs there were.
//! 3. Both as steps, for all procs together or for each; cut where something is lost, because nothing is known of it.

use super::steps::{ONE, Steps};
use super::{MmuOptions, StopsThatCount, View};
use crate::gomaxprocs::Gomaxprocs;
use crate::workers::{self, Mode};
use crate::{intervals, states};
use goroscope_model::{Class, GoIdx, ProcIdx, RangeScope, Trace};
use std::ops::Range;

/// A function of time, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// The proc; `NONE` for all together.
    pub proc: ProcIdx,
    /// The share that is the program's.
    pub steps: Steps,
}

/// When collection took what.
struct Activity {
    /// By proc: stretches, sorted, none touching another.
    taken: Vec<Vec<(i64, i64)>>,
    /// The same of the world.
    stopped: Vec<(i64, i64)>,
}

/// The share of the program within `[from, to)`.
pub(super) fn series(trace: &Trace, options: &MmuOptions, (from, to): (i64, i64)) -> Vec<Series> {
    let activity = Activity::of(trace, options, (from, to));
    let gomaxprocs = Gomaxprocs::of(trace);
    let known = known(trace, from, to);
    match options.view {
        View::System => {
            let system = activity.system(&gomaxprocs, from);
            known
                .into_iter()
                .filter_map(|part| Some(Series { proc: ProcIdx::NONE, steps: cut(&system, part)? }))
                .collect()
        }
        View::Proc => activity.procs(trace, &gomaxprocs, &known, (from, to)),
    }
}

/// The parts of a stretch of which nothing is lost.
fn known(trace: &Trace, from: i64, to: i64) -> Vec<Range<i64>> {
    let lost = super::union(trace.lost().to_vec());
    let mut parts = Vec::new();
    let mut begin = from;
    for (lost_from, lost_to) in lost {
        parts.push(begin..lost_from.min(to));
        begin = begin.max(lost_to);
    }
    parts.push(begin..to);
    parts.retain(|part| part.start < part.end);
    parts
}

/// The part of a function.
fn cut(steps: &[(i64, i64)], part: Range<i64>) -> Option<Steps> {
    let inside = steps.partition_point(|step| step.0 <= part.start);
    let first = steps.get(inside.checked_sub(1)?)?;
    Steps::new(std::iter::once((part.start, first.1)).chain(steps[inside..].iter().copied()), part.end)
}

impl Activity {
    fn of(trace: &Trace, options: &MmuOptions, (from, to): (i64, i64)) -> Self {
        let mut taken: Vec<Vec<(i64, i64)>> = vec![Vec::new(); trace.procs().len()];
        let mut stopped = Vec::new();
        let mut take = |proc: ProcIdx, start: i64, end: i64| {
            let (start, end) = (start.max(from), end.min(to));
            if let Some(taken) = taken.get_mut(proc.index())
                && start < end
            {
                taken.push((start, end));
            }
        };
        for range in trace.ranges().iter() {
            let (start, end) = intervals::of_range(trace, &range);
            match (range.class, range.scope) {
                (Class::Sweep, RangeScope::Proc(proc)) if options.sweep => take(proc, start, end),
                (Class::Assist, RangeScope::Go(go)) if options.assist => {
                    running(trace, go, start, end, &mut take);
                }
                (Class::StopTheWorld, _) => {
                    let counts = match options.stw {
                        StopsThatCount::Gc => intervals::is_gc_stop(trace.symbols().string(range.name)),
                        StopsThatCount::All => true,
                        StopsThatCount::None => false,
                    };
                    if counts && start.max(from) < end.min(to) {
                        stopped.push((start.max(from), end.min(to)));
                    }
                }
                _ => {}
            }
        }
        if options.background {
            for work in workers::work(trace) {
                let counts = match (work.mode, options.view) {
                    // An idle one takes a proc that has nothing to do. A dedicated one sends all goroutines away first, so
                    // that none of them waits for this proc.
                    (Mode::Idle, _) | (Mode::Dedicated, View::Proc) => false,
                    (Mode::Dedicated | Mode::Fractional | Mode::Unlabelled, _) => true,
                };
                if counts {
                    take(trace.go_spans().get(work.go, work.span).proc, work.start, work.end);
                }
            }
        }
        Self { taken: taken.into_iter().map(super::union).collect(), stopped: super::union(stopped) }
    }

    /// All procs together: from when on which share.
    fn system(&self, gomaxprocs: &Gomaxprocs, from: i64) -> Vec<(i64, i64)> {
        enum Change {
            Proc(i64),
            World(i64),
            Procs(u64),
        }
        let mut changes: Vec<(i64, Change)> = Vec::new();
        for &(start, end) in self.taken.iter().flatten() {
            changes.extend([(start, Change::Proc(1)), (end, Change::Proc(-1))]);
        }
        for &(start, end) in &self.stopped {
            changes.extend([(start, Change::World(1)), (end, Change::World(-1))]);
        }
        changes.extend(gomaxprocs.changes().iter().map(|change| (change.ts.max(from), Change::Procs(change.value))));
        changes.sort_by_key(|change| change.0);
        let (mut taken, mut stopped, mut procs) = (0_i64, 0_i64, gomaxprocs.at(from));
        let mut steps: Vec<(i64, i64)> = vec![(from, ONE)];
        for (ts, change) in changes {
            match change {
                Change::Proc(by) => taken += by,
                Change::World(by) => stopped += by,
                Change::Procs(count) => procs = count,
            }
            let count = i64::try_from(procs).unwrap_or(i64::MAX).clamp(1, 1 << 20);
            let value = if stopped > 0 { 0 } else { ONE * (count - taken.min(count)) / count };
            match steps.last_mut() {
                Some(last) if last.0 == ts => last.1 = value,
                Some(_) | None => steps.push((ts, value)),
            }
        }
        steps
    }

    /// Each proc by itself, while it exists.
    fn procs(
        &self,
        trace: &Trace,
        gomaxprocs: &Gomaxprocs,
        known: &[Range<i64>],
        (from, to): (i64, i64),
    ) -> Vec<Series> {
        let mut found = Vec::new();
        for (proc, row) in (0..).map(ProcIdx).zip(trace.procs()) {
            let mut busy = self.taken[proc.index()].clone();
            busy.extend(&self.stopped);
            let mut steps = vec![(from, ONE)];
            for (start, end) in super::union(busy) {
                steps.extend([(start, 0), (end, ONE)]);
            }
            let mut exists: Vec<(i64, i64)> = Vec::new();
            let changes = gomaxprocs.within(from, to);
            let ends = changes.iter().skip(1).map(|change| change.ts).chain([to]);
            exists.extend(
                changes.iter().zip(ends).filter(|(change, _)| row.id.0 < change.value).map(|(c, end)| (c.ts, end)),
            );
            for (start, end) in super::union(exists) {
                for part in known {
                    let part = part.start.max(start)..part.end.min(end);
                    if part.start < part.end
                        && let Some(steps) = cut(&steps, part)
                    {
                        found.push(Series { proc, steps });
                    }
                }
            }
        }
        found
    }
}

/// Calls `visit` with each stretch of `[start, end)` in which a goroutine is on a proc.
pub(crate) fn running(trace: &Trace, go: GoIdx, start: i64, end: i64, mut visit: impl FnMut(ProcIdx, i64, i64)) {
    let lane = trace.go_lane(go);
    let touching = states::touching(&lane, start, end);
    let spans = trace.go_spans().iter_from(go, touching.start);
    let ends = lane.iter_from(touching.start).map(|(_, end, _)| end);
    for (span, span_end) in spans.zip(ends).take(touching.len()) {
        if matches!(span.class, Class::Running | Class::Syscall) {
            visit(span.proc, span.start.max(start), span_end.min(end));
        }
    }
}
