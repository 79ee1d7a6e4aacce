//! Gathers what happens in a slice of time.

use super::{Cursor, EventTopic};
use crate::filter::Passing;
use crate::{Lane, Scope, intervals, states};
use goroscope_model::{GoIdx, ProcIdx, TaskIdx, Trace};
use std::ops::ControlFlow;

/// Something that happened: where it stands in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// When, ns.
    pub(super) ts: i64,
    /// What.
    pub(super) what: What,
}

/// What happened. At one moment what ends comes before what begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A region ends: its row.
    RegionEnd(u32),
    /// A range ends: its row.
    RangeEnd(u32),
    /// A task ends.
    TaskEnd(TaskIdx),
    /// A goroutine takes on the state of its span of this number.
    State(GoIdx, u32),
    /// A goroutine ends.
    GoEnd(GoIdx),
    /// A task begins.
    TaskBegin(TaskIdx),
    /// A range begins: its row.
    RangeBegin(u32),
    /// A region begins: its row.
    RegionBegin(u32),
    /// A log message: its row.
    Log(u32),
    /// A sample: its row.
    Sample(u32),
}

/// How much a slice is to hold, at least: enough that looking into every lane is worth it.
const SLICE: usize = 16_384;

/// Gathers slices.
#[derive(Debug)]
pub(super) struct Gatherer<'t> {
    scope: Scope<'t>,
    topics: [bool; EventTopic::ALL.len()],
    /// Begins and ends of tasks that pass, by time: they overlap as they like, so that nothing finds those of a slice.
    tasks: Vec<Found>,
    window: (i64, i64),
    /// How long the next slice is, ns.
    length: i64,
}

impl<'t> Gatherer<'t> {
    pub(super) fn new(scope: Scope<'t>, topics: &[EventTopic]) -> Self {
        let trace = scope.trace();
        let filter = scope.filter();
        let only_states = !filter.states.is_all() || filter.reason.is_some();
        let topics = EventTopic::ALL.map(|topic| {
            (topics.is_empty() || topics.contains(&topic)) && (topic == EventTopic::State || !only_states)
        });
        // What happens at the last moment of the trace is part of it.
        let window = (
            filter.from.unwrap_or(i64::MIN).max(trace.start()),
            match filter.to {
                Some(to) => to.min(trace.end().saturating_add(1)),
                None => trace.end().saturating_add(1),
            },
        );
        let spans = trace.go_spans().len().max(1) as i64;
        let length = ((trace.end() - trace.start()) / spans).saturating_add(1).saturating_mul(SLICE as i64);
        let mut gatherer = Self { scope, topics, tasks: Vec::new(), window, length };
        gatherer.tasks = gatherer.of_tasks();
        gatherer
    }

    pub(super) fn trace(&self) -> &'t Trace {
        self.scope.trace()
    }

    /// From when to when something can be found, the end not included.
    pub(super) fn window(&self) -> (i64, i64) {
        self.window
    }

    /// At most `limit` from a place on, and the place behind them if there is more.
    pub(super) fn page(&mut self, from: Cursor, limit: usize) -> (Vec<Found>, Option<Cursor>) {
        let mut found: Vec<Found> = Vec::new();
        let mut at = from.ts.max(self.window.0);
        let skip = if from.ts < self.window.0 { 0 } else { from.skip };
        let wanted = skip.saturating_add(limit);
        // One more than wanted tells whether there is a next page.
        while at < self.window.1 && found.len() <= wanted {
            let to = at.saturating_add(self.length).min(self.window.1);
            let before = found.len();
            self.slice(at, to, &mut found);
            found[before..].sort_unstable();
            self.fit(found.len() - before);
            at = to;
        }
        let next = found.get(wanted).map(|next| {
            let same = found[..wanted].iter().rev().take_while(|found| found.ts == next.ts).count();
            // All at that moment that were found, those skipped included, come before it.
            Cursor { ts: next.ts, skip: same }
        });
        found.truncate(wanted);
        (found.split_off(skip.min(found.len())), next)
    }

    /// Makes the next slice longer or shorter.
    fn fit(&mut self, found: usize) {
        let wanted = SLICE.max(self.trace().goroutines().len());
        if found > 4 * wanted {
            self.length = (self.length / 2).max(1);
        } else if found < wanted {
            self.length = self.length.saturating_mul(2);
        }
    }

    fn has(&self, topic: EventTopic) -> bool {
        EventTopic::ALL.into_iter().zip(self.topics).any(|(one, is_wanted)| one == topic && is_wanted)
    }

    /// Everything in `[from, to)`, in no order.
    fn slice(&self, from: i64, to: i64, found: &mut Vec<Found>) {
        if self.has(EventTopic::State) {
            let mut passing = self.scope.passing();
            for (go, stretches) in self.scope.goroutines() {
                for &(begin, end) in stretches {
                    self.states(go, (begin.max(from), end, to), &mut passing, found);
                }
            }
        }
        if self.has(EventTopic::Region) {
            self.regions(from, to, found);
        }
        if self.has(EventTopic::Range) {
            self.ranges(from, to, found);
        }
        let tasks = &self.tasks;
        let between = |ts: i64| tasks.partition_point(|found| found.ts < ts);
        found.extend_from_slice(&tasks[between(from)..between(to)]);
        if self.has(EventTopic::Log) {
            let logs = self.trace().logs();
            let first = intervals::partition(logs.len(), |row| logs.at(row).ts < from);
            let rows = (first..logs.len()).map(|row| (row, logs.at(row))).take_while(|(_, log)| log.ts < to);
            let meant = rows.filter(|(_, log)| self.is_meant(log.go, log.ts));
            found.extend(meant.map(|(row, log)| Found { ts: log.ts, what: What::Log(row as u32) }));
        }
        if self.has(EventTopic::Sample) {
            let samples = self.trace().samples();
            let first = intervals::partition(samples.len(), |row| samples.at(row).ts < from);
            let rows = (first..samples.len()).map(|row| (row, samples.at(row))).take_while(|(_, it)| it.ts < to);
            let meant = rows.filter(|(_, sample)| self.is_meant(sample.go, sample.ts));
            found.extend(meant.map(|(row, sample)| Found { ts: sample.ts, what: What::Sample(row as u32) }));
        }
    }

    /// Spans of a goroutine that begin in a stretch `[begin, end]` of it, before `to`; and its end.
    fn states(
        &self,
        go: GoIdx,
        (begin, end, to): (i64, i64, i64),
        passing: &mut Passing<'_, '_>,
        found: &mut Vec<Found>,
    ) {
        let Some(lane) = states::of(self.trace(), Lane::Go(go)) else { return };
        // A last state without duration begins where its goroutine's life ends.
        let until = if end == lane.end { end.saturating_add(1) } else { end }.min(to);
        let filter = self.scope.filter();
        let lasts = |ns: i64| filter.region.is_some() || filter.task.is_some() || filter.lasts(ns);
        let (first, last) = (lane.count_before(begin), lane.count_before(until));
        let ends = lane.iter_from(first).map(|(_, end, _)| end);
        let spans = self.trace().go_spans().iter_from(go, first).zip(ends);
        for (number, (span, span_end)) in (first..last).zip(spans) {
            if lasts(span_end - span.start) && passing.has(span.class, span.reason) {
                found.push(Found { ts: span.start, what: What::State(go, number as u32) });
            }
        }
        let ended = self.trace().goroutines()[go.index()].ended;
        let every_state =
            filter.states.is_all() && filter.reason.is_none() && filter.min.is_none() && filter.max.is_none();
        if let Some(ts) = ended.filter(|&ts| every_state && begin <= ts && ts <= end && ts < to) {
            found.push(Found { ts, what: What::GoEnd(go) });
        }
    }

    fn regions(&self, from: i64, to: i64, found: &mut Vec<Found>) {
        for (go, _) in self.scope.goroutines() {
            for depth in 0..self.trace().goroutines()[go.index()].region_depth {
                intervals::visit(self.trace(), Lane::Regions(go, depth), just_before(from), to, &mut |interval| {
                    let region = self.trace().regions().at(interval.row as usize);
                    let ends = (region.start, region.end);
                    let whats = (What::RegionBegin(interval.row), What::RegionEnd(interval.row));
                    self.both_ends(go, ends, whats, (from, to), found);
                    ControlFlow::Continue(())
                });
            }
        }
    }

    fn ranges(&self, from: i64, to: i64, found: &mut Vec<Found>) {
        let trace = self.trace();
        let goroutines = self.scope.goroutines().filter(|(go, _)| trace.goroutines()[go.index()].has_ranges);
        let goroutines = goroutines.map(|(go, _)| Lane::GoRanges(go));
        let procs = (0..trace.procs().len() as u32).map(|proc| Lane::ProcRanges(ProcIdx(proc)));
        let others = procs.chain([Lane::Gc]).filter(|_| self.scope.is_all_goroutines());
        for lane in goroutines.chain(others) {
            intervals::visit(trace, lane, just_before(from), to, &mut |interval| {
                let range = trace.ranges().at(interval.row as usize);
                let go = if let Lane::GoRanges(go) = lane { go } else { GoIdx::NONE };
                let whats = (What::RangeBegin(interval.row), What::RangeEnd(interval.row));
                self.both_ends(go, (range.start, range.end), whats, (from, to), found);
                ControlFlow::Continue(())
            });
        }
    }

    fn of_tasks(&self) -> Vec<Found> {
        let mut found = Vec::new();
        if self.has(EventTopic::Task) {
            for (task, row) in (0..).map(TaskIdx).zip(self.trace().tasks()) {
                let mut one = |go: GoIdx, ts: Option<i64>, what: What| {
                    let ts = ts.filter(|&ts| self.is_meant(go, ts));
                    found.extend(ts.map(|ts| Found { ts, what }));
                };
                one(row.go, row.start, What::TaskBegin(task));
                one(row.end_go, row.end, What::TaskEnd(task));
            }
            found.sort_unstable();
        }
        found
    }

    /// Begin and end of an interval, as far as they are in `[from, to)` and meant.
    fn both_ends(
        &self,
        go: GoIdx,
        ends: (Option<i64>, Option<i64>),
        whats: (What, What),
        (from, to): (i64, i64),
        found: &mut Vec<Found>,
    ) {
        for (ts, what) in [(ends.0, whats.0), (ends.1, whats.1)] {
            let ts = ts.filter(|&ts| from <= ts && ts < to && self.is_meant(go, ts));
            found.extend(ts.map(|ts| Found { ts, what }));
        }
    }

    /// Whether something that a goroutine did at a moment is meant.
    fn is_meant(&self, go: GoIdx, ts: i64) -> bool {
        if go.get().is_none() || self.scope.is_everything() {
            return self.scope.is_all_goroutines();
        }
        let stretches = self.scope.stretches(go);
        let behind = stretches.partition_point(|&(from, _)| from <= ts);
        // The end counts: what ends an interval happens there.
        behind.checked_sub(1).is_some_and(|i| ts <= stretches[i].1)
    }
}

/// What ends at a moment touches the one before it.
fn just_before(ts: i64) -> i64 {
    ts.saturating_sub(1)
}
