//! The minimum mutator utilisation: of all windows of a length, the least share of the procs that a program had for
//! itself, how the shares are distributed, and where the worst windows are.
//!
//! `mmu/activity.rs` makes the utilisation over time of what the collector did; `mmu/windows.rs` says how the least is
//! found among millions of windows, exactly, and where the method comes from.

pub(crate) mod activity;
mod steps;
#[cfg(test)]
mod tests;
mod windows;

use self::activity::Series;
use self::steps::ONE;
use self::windows::Windows;
use crate::choice::choice;
use crate::gomaxprocs::{Gomaxprocs, ProcCount};
use crate::refs::ProcRef;
use crate::{Filter, FilterError, Lane, Subject};
use goroscope_model::{Trace, each_in_parallel};
use serde::Serialize;

choice! {
    /// Of what the utilisation is.
    pub enum View {
        /// Of all procs together.
        System = "system",
        /// Of each proc by itself.
        Proc = "proc",
    }
}

choice! {
    /// Which stops of the world count.
    pub enum StopsThatCount {
        /// Those of the collector.
        Gc = "gc",
        /// All.
        All = "all",
        /// None.
        None = "none",
    }
}

/// What counts as taken from the program, and what is asked.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MmuOptions {
    /// Of what.
    pub view: View,
    /// Which stops.
    pub stw: StopsThatCount,
    /// Whether background workers count.
    pub background: bool,
    /// Whether mark assists count.
    pub assist: bool,
    /// Whether sweeps count.
    pub sweep: bool,
    /// Whether the percentiles of the curve are wanted, which cost more than the rest.
    pub percentiles: bool,
    /// How many windows the curve has.
    pub points: usize,
    /// The shortest, ns.
    pub shortest: Option<i64>,
    /// The longest, ns.
    pub longest: Option<i64>,
    /// The window of which the worst are asked for, ns.
    pub window: Option<i64>,
    /// How many.
    pub worst: usize,
}

/// The most points of a curve.
pub const MAX_POINTS: usize = 1000;
/// The most windows that are listed.
pub const MAX_WORST_WINDOWS: usize = 100;
/// The shortest window of a curve unless another is asked for, ns.
const SHORTEST: i64 = 1000;

impl Default for MmuOptions {
    fn default() -> Self {
        Self {
            view: View::System,
            stw: StopsThatCount::Gc,
            background: true,
            assist: true,
            sweep: false,
            percentiles: false,
            points: 100,
            shortest: None,
            longest: None,
            window: None,
            worst: 10,
        }
    }
}

/// The minimum mutator utilisation of a stretch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mmu {
    /// Begin of the stretch, ns.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// How much of it is lost, ns: no window reaches into that.
    pub lost: u64,
    /// Of what.
    pub view: View,
    /// Which stops count.
    pub stw: StopsThatCount,
    /// Whether background workers do.
    pub background: bool,
    /// Whether mark assists do.
    pub assist: bool,
    /// Whether sweeps do.
    pub sweep: bool,
    /// How many procs there are at the end.
    pub gomaxprocs: ProcCount,
    /// The mean utilisation, 0 to 1; null if nothing of the stretch is known.
    pub mean: Option<f64>,
    /// How often the utilisation changes.
    pub changes: u64,
    /// By window.
    pub curve: Vec<MmuPoint>,
    /// The worst windows of one length, if they were asked for.
    pub worst: Option<WorstWindows>,
}

/// The utilisation in windows of one length, 0 to 1; null if the trace is shorter, and the percentiles unless they were
/// asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MmuPoint {
    /// The length, ns.
    pub window: i64,
    /// The least.
    pub mmu: Option<f64>,
    /// What 99.9 % of the windows reach.
    pub p99_9: Option<f64>,
    /// What 99 % reach.
    pub p99: Option<f64>,
    /// What 95 % reach.
    pub p95: Option<f64>,
}

/// The worst windows of one length, none overlapping another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstWindows {
    /// The length, ns.
    pub window: i64,
    /// The windows, the worst first.
    pub rows: Vec<WorstWindow>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WorstWindow {
    /// The lane to go to.
    pub key: Lane,
    /// The proc, if it is one's.
    pub proc: Option<ProcRef>,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// The utilisation, 0 to 1.
    pub utilisation: f64,
}

/// The minimum mutator utilisation within `from` and `to`, the only keys that this answer knows.
pub fn mmu(trace: &Trace, filter: &Filter, options: &MmuOptions) -> Result<Mmu, FilterError> {
    Subject::Mmu.allows(filter)?;
    let (from, to) = filter.window(trace);
    let series = activity::series(trace, options, (from, to));
    let lengths = lengths(&series, options);
    let curve = each_in_parallel(lengths.len(), |i| point(&series, lengths[i], options));
    Ok(Mmu {
        from,
        to,
        lost: lost(trace, from, to),
        view: options.view,
        stw: options.stw,
        background: options.background,
        assist: options.assist,
        sweep: options.sweep,
        gomaxprocs: Gomaxprocs::of(trace).count(to),
        mean: mean(&series),
        changes: series.iter().map(|one| one.steps.len() as u64 - 1).sum(),
        curve,
        worst: options.window.map(|window| worst(trace, &series, window, options.worst)),
    })
}

/// The share of all procs that the collector took in a stretch, 0 to 1: as [`mmu`] counts it without being asked otherwise.
pub(crate) fn taken(trace: &Trace, stretches: &[(i64, i64)]) -> Vec<Option<f64>> {
    let all = activity::series(trace, &MmuOptions::default(), (trace.start(), trace.end()));
    let share = |&(from, to): &(i64, i64)| {
        let (mut sum, mut ns) = (0, 0);
        for one in &all {
            let (from, to) = (from.max(one.steps.first()), to.min(one.steps.last()));
            if from < to {
                let sum_to = |ts| one.steps.sum_to(ts, one.steps.step_at(ts, 0, one.steps.len()));
                sum += sum_to(to) - sum_to(from);
                ns += to - from;
            }
        }
        (ns > 0).then(|| 1.0 - utilisation(sum as f64, ns))
    };
    stretches.iter().map(share).collect()
}

/// How much of a stretch is lost, ns.
pub(crate) fn lost(trace: &Trace, from: i64, to: i64) -> u64 {
    let parts = union(trace.lost().to_vec());
    parts.iter().map(|&(start, end)| (end.min(to) - start.max(from)).max(0) as u64).sum()
}

/// Stretches as those of their union, in order; those without duration are left out.
pub(crate) fn union(mut parts: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    parts.retain(|(start, end)| start < end);
    parts.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(parts.len());
    for (from, to) in parts {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}

/// The windows of the curve: each longer than the one before by the same factor, as far as nanoseconds allow.
fn lengths(series: &[Series], options: &MmuOptions) -> Vec<i64> {
    let whole = series.iter().map(|one| one.steps.duration()).max().unwrap_or(0);
    let longest = options.longest.unwrap_or(whole).max(1);
    let shortest = options.shortest.unwrap_or(SHORTEST).clamp(1, longest);
    let (low, high) = ((shortest as f64).ln(), (longest as f64).ln());
    let last = options.points.saturating_sub(1).max(1);
    let mut lengths: Vec<i64> = (0..options.points.min(MAX_POINTS))
        .map(|i| match i {
            0 => shortest,
            i if i == last => longest,
            i => ((low + (high - low) * i as f64 / last as f64).exp().round() as i64).clamp(shortest, longest),
        })
        .collect();
    lengths.dedup();
    lengths
}

fn point(series: &[Series], window: i64, options: &MmuOptions) -> MmuPoint {
    let all: Vec<Windows<'_>> = series.iter().filter_map(|one| Windows::new(&one.steps, window)).collect();
    let least = |windows: &Windows<'_>| {
        let (lo, hi) = windows.begins();
        windows.least(lo, hi)
    };
    let mmu = all.iter().map(least).min().map(|least| utilisation(least as f64, window));
    if !options.percentiles {
        return MmuPoint { window, mmu, p99_9: None, p99: None, p95: None };
    }
    let reached = windows::quantiles(&all, [1.0 - 0.999, 1.0 - 0.99, 1.0 - 0.95]);
    let [p99_9, p99, p95] = reached.map_or([mmu; 3], |found| found.map(|g| Some(utilisation(g, window))));
    MmuPoint { window, mmu, p99_9, p99, p95 }
}

fn mean(series: &[Series]) -> Option<f64> {
    let ns: i64 = series.iter().map(|one| one.steps.duration()).sum();
    (ns > 0).then(|| utilisation(series.iter().map(|one| one.steps.total()).sum::<i128>() as f64, ns))
}

fn utilisation(sum: f64, ns: i64) -> f64 {
    (sum / ONE as f64 / ns as f64).clamp(0.0, 1.0)
}

fn worst(trace: &Trace, series: &[Series], window: i64, count: usize) -> WorstWindows {
    let fit: Vec<(&Series, Windows<'_>)> =
        series.iter().filter_map(|one| Some((one, Windows::new(&one.steps, window)?))).collect();
    let all: Vec<Windows<'_>> = fit.iter().map(|(_, windows)| *windows).collect();
    let row = |(number, start, g): (usize, i64, i128)| {
        let proc = fit[number].0.proc;
        WorstWindow {
            key: if proc.get().is_some() { Lane::Proc(proc) } else { Lane::Gc },
            proc: ProcRef::new(trace, proc),
            start,
            end: start + window,
            utilisation: utilisation(g as f64, window),
        }
    };
    let found = windows::worst(&all, count.min(MAX_WORST_WINDOWS));
    WorstWindows { window, rows: found.into_iter().map(row).collect() }
}
