//! Sweeps, which are of a proc, by the goroutine that did them.
//!
//! A sweep counts for a goroutine that both began and ended it. Who ended it is not recorded: it is whom the proc runs
//! at that moment. One whose begin or end is not in the trace counts for the goroutine that the proc runs all through
//! what is known of it.

use crate::intervals::{self, Interval};
use crate::{Lane, states};
use goroscope_model::{GoIdx, LaneSpans, ProcIdx, RangeScope, Trace};

/// Calls `visit` with each range of a proc that a goroutine did, and that goroutine.
pub(crate) fn each_sweep(trace: &Trace, mut visit: impl FnMut(GoIdx, Interval)) {
    for proc in (0..trace.procs().len() as u32).map(ProcIdx) {
        let Some(spans) = states::of(trace, Lane::Proc(proc)) else { continue };
        let mut ends = Cursor { spans: &spans, at: 0 };
        for &row in trace.scope_ranges(RangeScope::Proc(proc)) {
            let interval = intervals::range(trace, row);
            let range = trace.ranges().at(row as usize);
            let number = match range.start {
                Some(_) => ends.ending_at(interval.end),
                // These stand before all others, wherever they end.
                None => spans.count_before(interval.end).checked_sub(1),
            };
            let Some(number) = number.filter(|&number| number < spans.len()) else { continue };
            let runs = trace.proc_span(proc, number).go;
            let is_whole = spans.start(number) <= interval.start;
            // Where one goroutine follows another at the very moment of the end, either may have ended it.
            let next = || (number + 1 < spans.len()).then(|| trace.proc_span(proc, number + 1));
            let follows = |go: GoIdx| next().is_some_and(|next| next.start == interval.end && next.go == go);
            match range.go.get() {
                Some(go) if runs == go || follows(go) => visit(go, interval),
                None if is_whole && runs != GoIdx::NONE => visit(runs, interval),
                Some(_) | None => {}
            }
        }
    }
}

/// The sweeps of one goroutine.
pub(crate) fn sweeps_of(trace: &Trace, go: GoIdx) -> Vec<Interval> {
    let mut found = Vec::new();
    each_sweep(trace, |by, interval| {
        if by == go {
            found.push(interval);
        }
    });
    found
}

/// Finds spans for times that do not decrease much, so that most are near the last.
struct Cursor<'s, 't> {
    spans: &'s LaneSpans<'t>,
    at: usize,
}

impl Cursor<'_, '_> {
    /// The span that holds just before `ts`.
    fn ending_at(&mut self, ts: i64) -> Option<usize> {
        if self.spans.start(self.at) >= ts {
            self.at = self.spans.count_before(ts).checked_sub(1)?;
        }
        let mut steps = 0;
        while self.spans.end_of(self.at) < ts && self.at + 1 < self.spans.len() {
            self.at += 1;
            steps += 1;
            if steps > 16 {
                self.at = self.spans.count_before(ts).checked_sub(1)?;
                steps = 0;
            }
        }
        Some(self.at)
    }
}
