//! Stops of the world: who stopped it, why and for how long.

use crate::refs::{FrameView, GoRef, frames};
use crate::spread::Spread;
use crate::tally::Tally;
use crate::{Lane, intervals};
use goroscope_model::Trace;
use serde::Serialize;
use std::collections::BTreeMap;

/// A stop of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Its row among the ranges of the trace.
    pub row: u32,
    /// Its lane.
    pub key: Lane,
    /// Why.
    pub cause: String,
    /// Whether the collector did it.
    pub gc: bool,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// Whether it began before what is known.
    pub open_start: bool,
    /// Whether it ended after what is known.
    pub open_end: bool,
    /// How long it is known to have lasted, ns.
    pub duration: u64,
    /// The goroutine that stopped the world.
    pub go: Option<GoRef>,
    /// Where it did so.
    pub stack: Vec<FrameView>,
    /// The cycle to which it belongs.
    pub cycle: Option<u64>,
}

/// All stops for one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StopCause {
    /// Why.
    pub cause: String,
    /// Whether the collector did it.
    pub gc: bool,
    /// How often.
    pub count: u64,
    /// How long in all, ns.
    pub ns: u64,
    /// Half of them were no longer, ns.
    pub p50: u64,
    /// 99 % of them were no longer, ns.
    pub p99: u64,
    /// The longest, ns.
    pub max: u64,
    /// Where that is.
    pub longest: Place,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The lane.
    pub key: Lane,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
}

/// A stop without its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct BareStop<'t> {
    pub row: u32,
    pub cause: &'t str,
    pub start: i64,
    pub end: i64,
    /// Of the cycles of the trace, which.
    pub cycle: Option<usize>,
}

/// The stops of a trace, by begin.
pub(super) fn stops(trace: &Trace) -> Vec<BareStop<'_>> {
    let bare = |&row: &u32| {
        let range = trace.ranges().at(row as usize);
        let (start, end) = intervals::of_range(trace, &range);
        BareStop { row, cause: cause(trace.symbols().string(range.name)), start, end, cycle: None }
    };
    let mut stops: Vec<BareStop<'_>> = trace.stw_ranges().iter().map(bare).collect();
    stops.sort_by_key(|stop| (stop.start, stop.row));
    stops
}

/// What stands in brackets behind the name of the range.
fn cause(name: &str) -> &str {
    match name.split_once('(') {
        Some((_, cause)) => cause.trim_end_matches(')'),
        None => name,
    }
}

impl BareStop<'_> {
    pub fn duration(&self) -> u64 {
        (self.end - self.start) as u64
    }

    pub fn is_gc(&self) -> bool {
        intervals::is_gc_stop(self.cause)
    }

    /// With all that is known of it.
    pub fn in_full(&self, trace: &Trace) -> Stop {
        let range = trace.ranges().at(self.row as usize);
        Stop {
            row: self.row,
            key: Lane::Stw,
            cause: self.cause.to_owned(),
            gc: self.is_gc(),
            start: self.start,
            end: self.end,
            open_start: range.start.is_none(),
            open_end: range.end.is_none(),
            duration: self.duration(),
            go: GoRef::new(trace, range.go),
            stack: frames(trace, range.stack),
            cycle: self.cycle.map(|cycle| cycle as u64 + 1),
        }
    }
}

/// The causes of these stops, the longest in all first.
pub(super) fn causes(stops: &[BareStop<'_>]) -> Vec<StopCause> {
    let mut by_cause: BTreeMap<&str, Vec<&BareStop<'_>>> = BTreeMap::new();
    for stop in stops {
        by_cause.entry(stop.cause).or_default().push(stop);
    }
    let mut rows: Vec<StopCause> = by_cause
        .into_iter()
        .filter_map(|(cause, stops)| {
            let durations: Tally = stops.iter().map(|stop| stop.duration()).collect();
            let all = Spread::of(&durations.into_sorted());
            // The first of the longest.
            let longest = stops.iter().rev().max_by_key(|stop| stop.duration())?;
            Some(StopCause {
                cause: cause.to_owned(),
                gc: intervals::is_gc_stop(cause),
                count: all.count,
                ns: all.ns,
                p50: all.p50,
                p99: all.p99,
                max: all.max,
                longest: Place { key: Lane::Stw, start: longest.start, end: longest.end },
            })
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.ns));
    rows
}
