//! Against a second computation that shares no code with the first: every moment at which a window can be worst is
//! tried, and what the collector does at a moment is asked of the ranges and spans one by one.

use super::activity::series;
use super::steps::Steps;
use super::windows::{self, Windows};
use super::*;
use crate::fixtures::{self, Random};
use goroscope_model::{Class, GoIdx, ProcIdx, RangeScope};

/// A step function in floating-point numbers: from when on which value, and where it ends.
struct Plain {
    at: Vec<i64>,
    value: Vec<f64>,
}

impl Plain {
    /// The sum over a stretch, step by step.
    fn sum(&self, from: i64, to: i64) -> f64 {
        let part = |i: usize| (self.at[i + 1].min(to) - self.at[i].max(from)).max(0) as f64 * self.value[i];
        (0..self.value.len()).map(part).sum()
    }

    fn ends(&self) -> (i64, i64) {
        (self.at[0], self.at[self.value.len()])
    }

    /// The moments at which a window that begins there may be worst, by time.
    fn moments(&self, window: i64) -> Vec<i64> {
        let (first, last) = self.ends();
        let mut moments: Vec<i64> = self.at.iter().flat_map(|&ts| [ts, ts - window]).collect();
        moments.retain(|&ts| first <= ts && ts + window <= last);
        moments.extend([first, last - window]);
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}

/// Begin and mean of a window of each of these functions that is worst.
fn least(all: &[Plain], window: i64) -> Option<f64> {
    let fit = all.iter().filter(|one| one.ends().1 - one.ends().0 >= window);
    fit.flat_map(|one| one.moments(window).into_iter().map(move |ts| one.sum(ts, ts + window) / window as f64))
        .min_by(f64::total_cmp)
}

/// What share of all windows has a mean of at most `value`.
fn share_up_to(all: &[Plain], window: i64, value: f64) -> f64 {
    let (mut below, mut ns) = (0.0, 0.0);
    for one in all.iter().filter(|one| one.ends().1 - one.ends().0 >= window) {
        for pair in one.moments(window).windows(2) {
            let [low, high] = [pair[0], pair[1]].map(|ts| one.sum(ts, ts + window) / window as f64);
            let (low, high, here) = (low.min(high), low.max(high), (pair[1] - pair[0]) as f64);
            ns += here;
            below += if high <= value {
                here
            } else if low > value {
                0.0
            } else {
                here * (value - low) / (high - low)
            };
        }
    }
    below / ns
}

#[track_caller]
fn near(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() <= 1e-9, "{what}: {found}, not {wanted}");
}

/// All that is said of windows of a length, against trying them all.
#[track_caller]
fn check(steps: &[Steps], plain: &[Plain], window: i64) {
    let all: Vec<Windows<'_>> = steps.iter().filter_map(|one| Windows::new(one, window)).collect();
    let wanted = least(plain, window);
    assert_eq!(all.is_empty(), wanted.is_none(), "window {window}");
    let Some(wanted) = wanted else { return };
    let found = all.iter().map(|windows| windows.least(windows.begins().0, windows.begins().1)).min().unwrap();
    near(utilisation(found as f64, window), wanted, &format!("window {window}"));
    let shares = [0.0005, 0.01, 0.05, 0.5, 0.9, 1.0];
    for (share, g) in shares.into_iter().zip(windows::quantiles(&all, shares).into_iter().flatten()) {
        let value = g / ONE as f64 / window as f64;
        let (before, after) = (share_up_to(plain, window, value - 1e-9), share_up_to(plain, window, value + 1e-9));
        assert!(
            before <= share + 1e-9 && share <= after + 1e-9,
            "window {window}: {share} at {value}: {before}, {after}"
        );
    }
    let worst = windows::worst(&all, 5);
    near(utilisation(worst[0].2 as f64, window), wanted, "the worst of the worst");
    for (i, &(number, start, g)) in worst.iter().enumerate() {
        let from = all[number].begins().0;
        let one = plain.iter().filter(|one| one.ends().1 - one.ends().0 >= window).nth(number).unwrap();
        near(utilisation(g as f64, window), one.sum(start, start + window) / window as f64, "what the window says");
        assert!(start >= from);
        assert!(i == 0 || worst[i - 1].2 <= g, "in order");
        let overlaps = |other: &(usize, i64, i128)| other.0 == number && (other.1 - start).abs() < window;
        assert!(!worst[..i].iter().any(overlaps), "disjoint");
        // Nothing that does not overlap those before is worse.
        for (n, other) in plain.iter().filter(|one| one.ends().1 - one.ends().0 >= window).enumerate() {
            let taken: Vec<i64> = worst[..i].iter().filter(|w| w.0 == n).map(|w| w.1).collect();
            let mut moments = other.moments(window);
            moments.extend(taken.iter().flat_map(|&ts| [ts - window, ts + window]));
            let (first, last) = other.ends();
            moments.retain(|&ts| first <= ts && ts + window <= last);
            for ts in moments.into_iter().filter(|ts| taken.iter().all(|other| (other - ts).abs() >= window)) {
                let mean = other.sum(ts, ts + window) / window as f64;
                assert!(mean >= utilisation(g as f64, window) - 1e-9, "{mean} at {ts} is worse than number {i}");
            }
        }
    }
}

fn random_function(random: &mut Random, count: usize, values: i64, gap: usize) -> (Steps, Plain) {
    let mut ts = random.below(1000) as i64;
    let mut steps = Vec::new();
    for _ in 0..count {
        steps.push((ts, ONE * random.below(values as usize + 1) as i64 / values));
        ts += 1 + random.below(gap) as i64;
    }
    let plain = Plain {
        at: steps.iter().map(|step| step.0).chain([ts]).collect(),
        value: steps.iter().map(|step| step.1 as f64 / ONE as f64).collect(),
    };
    (Steps::new(steps, ts).unwrap(), plain)
}

#[test]
fn random_functions() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let functions = 1 + random.below(3);
        let (values, gap) = ([1, 2, 3, 4, 7, 64][random.below(6)], [1, 10, 1000, 1_000_000][random.below(4)]);
        let counts = [1, 2, 40, 150];
        let (steps, plain): (Vec<_>, Vec<_>) = (0..functions)
            .map(|_| {
                let count = counts[random.below(4)];
                random_function(&mut random, count, values, gap)
            })
            .unzip();
        let whole = steps.iter().map(Steps::duration).max().unwrap();
        for window in [1, 2, 3, whole / 100, whole / 10, whole / 3, whole - 1, whole, whole + 1] {
            check(&steps, &plain, window.max(1));
        }
    }
}

/// The least and the most of the steps between two, however many levels of the pyramid that takes.
#[test]
fn extremes_of_any_part() {
    let values: Vec<i64> = (0..5000).map(|i: i64| i * 7919 % 5003 * (1 + i % 17)).collect();
    let steps = Steps::new((0..).zip(values.iter().copied()), 5000).unwrap();
    assert_eq!(steps.len(), values.len(), "no two neighbours are equal");
    let mut random = Random::new(7);
    for _ in 0..2000 {
        let (a, b) = (random.below(steps.len()), random.below(steps.len()));
        let part = &values[a.min(b)..=a.max(b)];
        let wanted = (*part.iter().min().unwrap(), *part.iter().max().unwrap());
        assert_eq!(steps.extremes(a.min(b), a.max(b)), wanted, "{a} {b}");
    }
}

/// What the collector does at a moment, asked of every range and span.
struct Asked<'t> {
    trace: &'t Trace,
    options: MmuOptions,
    ranges: Vec<(Class, RangeScope, String, i64, i64)>,
    /// Begin and end of what background workers do, and where.
    workers: Vec<(ProcIdx, i64, i64)>,
    spans: Vec<(GoIdx, ProcIdx, i64, i64)>,
}

impl<'t> Asked<'t> {
    fn new(trace: &'t Trace, options: &MmuOptions) -> Self {
        let text = |name| trace.symbols().string(name).to_owned();
        let ranges = trace.ranges().iter().map(|range| {
            let life = match range.scope {
                RangeScope::Go(go) => (trace.go_lane(go).begin(), trace.go_lane(go).end),
                RangeScope::Global | RangeScope::Proc(_) => (trace.start(), trace.end()),
            };
            let (start, end) = (range.start.unwrap_or(life.0), range.end.unwrap_or(life.1));
            (range.class, range.scope, text(range.name), start, end)
        });
        let (mut spans, mut workers) = (Vec::new(), Vec::new());
        for go in (0..trace.goroutines().len() as u32).map(GoIdx) {
            let lane = trace.go_lane(go);
            for i in 0..lane.len() {
                let span = trace.go_spans().get(go, i);
                if !matches!(span.class, Class::Running | Class::Syscall) {
                    continue;
                }
                let end = lane.end_of(i);
                spans.push((go, span.proc, span.start, end));
                let is_here = |ts: i64| span.start <= ts && ts < end;
                let label = trace.labels().iter().filter(|label| label.go == go && is_here(label.ts)).last();
                let is_open = i == 0 && trace.goroutines()[go.index()].created.is_none();
                let is_worker =
                    trace.symbols().string(trace.goroutines()[go.index()].function) == "runtime.gcBgMarkWorker";
                let counts = match label.map(|label| text(label.label)).as_deref() {
                    Some("GC (dedicated)") => options.view == View::System,
                    Some("GC (fractional)") => true,
                    Some(_) => false,
                    None => is_open && is_worker,
                };
                if counts {
                    workers.push((span.proc, span.start, end));
                }
            }
        }
        Self { trace, options: options.clone(), ranges: ranges.collect(), workers, spans }
    }

    fn is_stopped(&self, ts: i64) -> bool {
        self.ranges.iter().any(|(class, _, name, start, end)| {
            let counts = match self.options.stw {
                StopsThatCount::Gc => name.starts_with("stop-the-world (GC"),
                StopsThatCount::All => true,
                StopsThatCount::None => false,
            };
            *class == Class::StopTheWorld && counts && *start <= ts && ts < *end
        })
    }

    fn is_taken(&self, proc: ProcIdx, ts: i64) -> bool {
        let options = &self.options;
        let by_range = self.ranges.iter().any(|&(class, scope, _, start, end)| {
            (start <= ts && ts < end)
                && match (class, scope) {
                    (Class::Sweep, RangeScope::Proc(of)) => options.sweep && of == proc,
                    (Class::Assist, RangeScope::Go(go)) => {
                        let here = |s: &(GoIdx, ProcIdx, i64, i64)| s.0 == go && s.1 == proc && s.2 <= ts && ts < s.3;
                        options.assist && self.spans.iter().any(here)
                    }
                    _ => false,
                }
        });
        let here = |work: &(ProcIdx, i64, i64)| work.0 == proc && work.1 <= ts && ts < work.2;
        by_range || (options.background && self.workers.iter().any(here))
    }

    /// As many procs as the last change says, or the first if there was none; all if there is none at all.
    fn procs(&self, ts: i64) -> u64 {
        let points: Vec<_> = self.trace.metrics().gomaxprocs.iter().collect();
        match points.iter().rev().find(|point| point.ts <= ts).or(points.first()) {
            Some(point) => point.value,
            None => self.trace.procs().iter().map(|proc| proc.id.0 + 1).max().unwrap_or(1),
        }
    }

    /// The functions by asking between all moments at which anything changes.
    fn plain(&self) -> Vec<(ProcIdx, Plain)> {
        let trace = self.trace;
        let mut at: Vec<i64> = self.ranges.iter().flat_map(|range| [range.3, range.4]).collect();
        at.extend(self.workers.iter().flat_map(|work| [work.1, work.2]));
        let assists: Vec<GoIdx> = self
            .ranges
            .iter()
            .filter_map(|range| match range.1 {
                RangeScope::Go(go) if range.0 == Class::Assist => Some(go),
                RangeScope::Go(_) | RangeScope::Global | RangeScope::Proc(_) => None,
            })
            .collect();
        at.extend(self.spans.iter().filter(|span| assists.contains(&span.0)).flat_map(|span| [span.2, span.3]));
        at.extend(trace.metrics().gomaxprocs.iter().map(|point| point.ts));
        at.extend([trace.start(), trace.end()]);
        at.sort_unstable();
        at.dedup();
        at.retain(|&ts| trace.start() <= ts && ts <= trace.end());
        let procs: Vec<(ProcIdx, u64)> = (0..).map(ProcIdx).zip(trace.procs().iter().map(|proc| proc.id.0)).collect();
        let moments = &at[..at.len() - 1];
        match self.options.view {
            View::System => {
                let value = |&ts: &i64| {
                    let count = self.procs(ts) as f64;
                    let taken = procs.iter().filter(|(proc, _)| self.is_taken(*proc, ts)).count() as f64;
                    if self.is_stopped(ts) { 0.0 } else { 1.0 - taken.min(count) / count }
                };
                let value = moments.iter().map(value).collect();
                vec![(ProcIdx::NONE, Plain { at, value })]
            }
            View::Proc => {
                let mut found = Vec::new();
                for &(proc, id) in &procs {
                    let mut open: Option<Plain> = None;
                    for (i, &ts) in moments.iter().enumerate() {
                        if id >= self.procs(ts) {
                            found.extend(open.take().map(|plain| (proc, plain)));
                            continue;
                        }
                        let value = if self.is_stopped(ts) || self.is_taken(proc, ts) { 0.0 } else { 1.0 };
                        let plain = open.get_or_insert_with(|| Plain { at: vec![ts], value: Vec::new() });
                        plain.at.push(at[i + 1]);
                        plain.value.push(value);
                    }
                    found.extend(open.map(|plain| (proc, plain)));
                }
                found
            }
        }
    }
}

fn options(number: usize) -> MmuOptions {
    let bit = |place: usize| number >> place & 1 == 1;
    MmuOptions {
        view: if bit(0) { View::Proc } else { View::System },
        stw: [StopsThatCount::Gc, StopsThatCount::All, StopsThatCount::None][number / 16 % 3],
        background: bit(1),
        assist: bit(2),
        sweep: bit(3),
        ..MmuOptions::default()
    }
}

/// Every choice of what counts, on a whole trace.
#[track_caller]
fn check_trace(trace: &Trace, choices: impl IntoIterator<Item = usize>) {
    for number in choices {
        let options = options(number);
        let plain = Asked::new(trace, &options).plain();
        let found = series(trace, &options, (trace.start(), trace.end()));
        assert_eq!(found.len(), plain.len(), "{options:?}");
        for (one, (proc, plain)) in found.iter().zip(&plain) {
            assert_eq!((one.proc, one.steps.first(), one.steps.last()), (*proc, plain.ends().0, plain.ends().1));
        }
        let steps: Vec<Steps> = found.into_iter().map(|one| one.steps).collect();
        let plain: Vec<Plain> = plain.into_iter().map(|(_, plain)| plain).collect();
        let whole = trace.end() - trace.start();
        for window in [whole / 5000, whole / 50, whole / 3, whole] {
            check_least(&steps, &plain, window.max(1));
        }
    }
}

/// Least and mean only: trying all windows of a long trace takes too long for the rest.
#[track_caller]
fn check_least(steps: &[Steps], plain: &[Plain], window: i64) {
    let found = steps
        .iter()
        .filter_map(|one| Windows::new(one, window))
        .map(|windows| windows.least(windows.begins().0, windows.begins().1))
        .min();
    match (found, least(plain, window)) {
        (Some(found), Some(wanted)) => near(utilisation(found as f64, window), wanted, &format!("window {window}")),
        (found, wanted) => assert_eq!(found.is_some(), wanted.is_some(), "window {window}"),
    }
}

#[test]
fn traces_by_hand_and_at_random() {
    check_trace(&fixtures::request(), 0..48);
    for seed in 0..6 {
        check_trace(&fixtures::random(seed, 3, 12, 600), 0..48);
    }
}

#[test]
fn recorded_traces() {
    for name in ["mix-1.19", "mix-1.21", "mix-1.22", "mix-1.25", "mix-1.27", "flight-1.27"] {
        check_trace(&fixtures::recorded(&format!("{name}.trace.zst")), [6, 7, 15, 30]);
    }
}

/// What the options leave of a trace by hand: two procs, and what the collector did on them.
fn of_text(text: &str, options: &MmuOptions) -> Mmu {
    mmu(&fixtures::read(text), &Filter::default(), options).unwrap()
}

/// A worker that starts again says its mode again, and is counted once: in Go it would be counted twice and stay for ever.
#[test]
fn a_worker_that_starts_again_counts_once() {
    let text = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatusStack g=1 m=-1 gstatus=Waiting stack=[runtime.gopark; runtime.gcBgMarkWorker] at=1000
ProcsChange procs_value=2 at=1000
GoUnblock g=1 g_seq=1 at=1010
GoStart g=1 g_seq=2 at=1100
GoLabel label_string="GC (dedicated)" at=1101
GoStop reason_string="preempted" stack=[runtime.gcBgMarkWorker] at=1150
GoStart g=1 g_seq=3 at=1200
GoLabel label_string="GC (dedicated)" at=1201
GoBlock reason_string="system goroutine wait" stack=[runtime.gcBgMarkWorker] at=1300
GoUnblock g=1 g_seq=4 at=1400
GoStart g=1 g_seq=5 at=1500
GoLabel label_string="GC (idle)" at=1501
GoBlock reason_string="system goroutine wait" stack=[runtime.gcBgMarkWorker] at=1600
HeapAlloc heapalloc_value=1 at=2000
"#;
    let found = of_text(text, &MmuOptions { points: 2, shortest: Some(50), ..MmuOptions::default() });
    let curve: Vec<_> = found.curve.iter().map(|point| (point.window, point.mmu)).collect();
    // Half of the procs for 150 of 1000 ns, to the end of the trace.
    assert_eq!(curve, [(50, Some(0.5)), (1000, Some(1.0 - 0.5 * 0.15))]);
    let alone = of_text(text, &MmuOptions { view: View::Proc, points: 1, shortest: Some(50), ..MmuOptions::default() });
    assert_eq!(alone.curve[0].mmu, Some(1.0), "a dedicated worker delays nobody on its proc");
}

/// The number of procs changes, a proc goes and comes back; a stop of the world for that is not the collector's.
#[test]
fn procs_come_and_go() {
    let text = r#"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
ProcsChange procs_value=4 at=1000
GCSweepBegin stack=[runtime.mallocgc] at=1100
GCSweepEnd swept_value=1 reclaimed_value=1 at=1200
STWBegin kind_string="GOMAXPROCS" stack=[runtime.GOMAXPROCS] at=1300
ProcsChange procs_value=1 at=1350
STWEnd at=1400
GCSweepBegin stack=[runtime.mallocgc] at=1500
GCSweepEnd swept_value=1 reclaimed_value=1 at=1550
ProcsChange procs_value=2 at=1600
HeapAlloc heapalloc_value=1 at=2000
EventBatch m=2 time=1000
ProcStatus p=1 pstatus=Idle at=1005
ProcStatus p=3 pstatus=Idle at=1006
"#;
    let swept = MmuOptions { sweep: true, points: 2, shortest: Some(100), ..MmuOptions::default() };
    let window = |options: &MmuOptions| of_text(text, options).curve.iter().map(|p| p.mmu).collect::<Vec<_>>();
    // Worst: 50 ns of sweep on the only proc; in all 100 ns on one of four, and these 50.
    assert_eq!(window(&swept), [Some(0.5), Some(0.925)]);
    let all = MmuOptions { stw: StopsThatCount::All, ..swept.clone() };
    assert_eq!(window(&all)[0], Some(0.0));
    // Proc 1 is there from 0 to 350 and from 600 to 1000, and windows longer than that only of proc 0.
    let procs = MmuOptions { view: View::Proc, window: Some(380), worst: 9, ..all };
    let worst = of_text(text, &procs).worst.unwrap();
    let rows: Vec<_> = worst.rows.iter().map(|row| (row.proc.unwrap().id, row.start, row.end)).collect();
    assert_eq!(rows, [(0, 20, 400), (0, 400, 780), (1, 600, 980)]);
    let known = of_text(text, &swept).gomaxprocs;
    assert_eq!(known, ProcCount { value: 2, known: true });
}

/// A trace that does not say how many procs there are has as many as are seen, and is no reason to give up.
#[test]
fn without_a_number_of_procs() {
    let text = r"Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus p=0 pstatus=Running at=1000
GoStatus g=1 m=1 gstatus=Running at=1000
GCMarkAssistBegin stack=[runtime.mallocgc] at=1100
GCMarkAssistEnd at=1200
HeapAlloc heapalloc_value=1 at=2000
EventBatch m=2 time=1000
ProcStatus p=1 pstatus=Idle at=1005
";
    let found = of_text(text, &MmuOptions { points: 1, shortest: Some(100), ..MmuOptions::default() });
    assert_eq!((found.gomaxprocs, found.curve[0].mmu), (ProcCount { value: 2, known: false }, Some(0.5)));
}

/// The worst windows are where they are said to be, in times since the start of the trace.
#[test]
fn worst_windows_have_places() {
    let options = MmuOptions { window: Some(20), worst: 3, ..MmuOptions::default() };
    let found = mmu(&fixtures::request(), &Filter::default(), &options).unwrap();
    let rows: Vec<_> = found.worst.unwrap().rows.iter().map(|w| (w.start, w.end, w.utilisation)).collect();
    assert_eq!(rows, [(810, 830, 0.0), (840, 860, 0.5), (0, 20, 1.0)]);
    let late = Filter::parse("from=835ns to=1us").unwrap();
    let found = mmu(&fixtures::request(), &late, &options).unwrap();
    assert_eq!(found.worst.unwrap().rows[0].start, 840);
    assert_eq!((found.from, found.to), (835, 920));
}

/// No window reaches into what is lost, and that much is told.
#[test]
fn what_is_lost_is_left_out() {
    for seed in 0..24 {
        let trace = fixtures::damaged("mix-1.27.trace.zst", seed);
        for view in [View::System, View::Proc] {
            let options = MmuOptions { view, window: Some(1000), worst: 100, points: 20, ..MmuOptions::default() };
            let found = mmu(&trace, &Filter::default(), &options).unwrap();
            assert_eq!(found.lost > 0, trace.lost().iter().any(|(from, to)| from < to && *from < trace.end()));
            for row in found.worst.unwrap().rows {
                assert!(trace.lost().iter().all(|&(from, to)| row.end <= from || to <= row.start), "{row:?}");
            }
        }
    }
}

#[test]
fn only_times_are_for_the_utilisation() {
    let error = mmu(&fixtures::request(), &Filter::parse("func=main").unwrap(), &MmuOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "func does not apply to mmu, which knows only from, to");
    assert_eq!("both".parse::<View>().unwrap_err().to_string(), "\"both\" is no choice: use one of system, proc");
}
