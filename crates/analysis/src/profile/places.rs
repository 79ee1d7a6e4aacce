//! Where on the timeline is what a profile sums up: the states of one stack, or with one function, one by one.
//!
//! 1. The states are those that the profile counts, walked over in the same way.
//! 2. States of one stack with one set of labels are one sample of it: whether that is asked for is found out once for
//!    each, by the names that the sample has in the profile, so that both agree in what they call the same.
//! 3. Of all that are found, sixteen bytes each are kept until those of the page are known.

#[cfg(test)]
mod tests;

use super::views::{Lens, TraceRow, stack_rows};
use super::weights::{Key, Weight, Weights};
use super::{Kind, Options, PARTS, frames, states};
use crate::{Filter, FilterError, GoRef, Lane, Scope, Stretch, class_name};
use goroscope_model::{Class, GoIdx, Trace, each_in_parallel};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cmp::Reverse as Falling;

/// Which states are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Functions of the stack, leaf first; others may be between them. Without a line, any line of it is meant.
    pub functions: Vec<(String, Option<i64>)>,
    /// Labels with their texts.
    pub labels: Vec<(String, String)>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlaceOrder {
    /// The longest first.
    #[default]
    Longest,
    /// The shortest first.
    Shortest,
    /// By begin.
    Earliest,
    /// By begin, the last first.
    Latest,
}

impl PlaceOrder {
    /// That of these words.
    pub fn parse(sort: &str, order: &str) -> Result<Self, &'static str> {
        match (sort, order) {
            ("duration", "desc") => Ok(Self::Longest),
            ("duration", "asc") => Ok(Self::Shortest),
            ("start", "asc") => Ok(Self::Earliest),
            ("start", "desc") => Ok(Self::Latest),
            ("duration" | "start", _) => Err("the order must be asc or desc"),
            _ => Err("the sort must be duration or start"),
        }
    }
}

/// States, one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Places {
    /// How many there are.
    pub total: usize,
    /// How long they last together, as far as the filter lets them pass, ns.
    pub ns: u64,
    /// The first row's place.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<PlaceRow>,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceRow {
    /// The lane that it is on.
    pub key: Lane,
    /// Whose it is.
    pub go: GoRef,
    /// Its class.
    pub class: u8,
    /// The class's name.
    pub state: &'static str,
    /// Why it waits, in Go's words; empty if that is not said.
    pub reason: String,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// How long of it passes the filter, ns.
    pub duration: i64,
}

/// A state that was found.
#[derive(Clone, Copy)]
struct Found {
    go: GoIdx,
    /// Which of its spans.
    number: u32,
    ns: i64,
}

/// The states of a profile that are asked for; `None` if it does not count states.
pub fn places(
    trace: &Trace,
    filter: &Filter,
    options: &Options,
    lens: &Lens,
    wanted: &Wanted,
    (order, offset, limit): (PlaceOrder, usize, usize),
) -> Result<Option<Places>, FilterError> {
    if matches!(options.kind, Kind::GcAssist | Kind::Cpu | Kind::Create) {
        return Ok(None);
    }
    filter.allow(options.kind.name(), options.kind.keys(filter))?;
    let scope = Scope::of(trace, filter);
    let goroutines: Vec<GoIdx> = scope.goroutines().map(|(go, _)| go).collect();
    let parts = PARTS.min(goroutines.len());
    let found = each_in_parallel(parts, |part| {
        let mut matcher = Matcher { trace, options, lens, wanted, known: FxHashMap::default() };
        let mut found = Vec::new();
        for &go in goroutines.iter().skip(part).step_by(parts) {
            states::each(&scope, options, go, |key, part, continues| {
                if matcher.matches(&key) {
                    keep(&mut found, go, part, continues);
                }
            });
        }
        found
    });
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    let start = |one: &Found| trace.go_lane(one.go).start(one.number as usize);
    let tie = |one: &Found| (one.go, one.number);
    match order {
        PlaceOrder::Longest => found.sort_unstable_by_key(|one| (Falling(one.ns), tie(one))),
        PlaceOrder::Shortest => found.sort_unstable_by_key(|one| (one.ns, tie(one))),
        PlaceOrder::Earliest => found.sort_by_cached_key(|one| (start(one), tie(one))),
        PlaceOrder::Latest => found.sort_by_cached_key(|one| (Falling(start(one)), tie(one))),
    }
    let rows = found.iter().skip(offset).take(limit).filter_map(|one| row(trace, one)).collect();
    let ns = found.iter().map(|one| one.ns as u64).sum();
    Ok(Some(Places { total: found.len(), ns, offset, rows }))
}

/// Adds a part of a state; one that goes on with what was added last is a part of that, unless that is another state,
/// because the parts between were not asked for.
fn keep(found: &mut Vec<Found>, go: GoIdx, part: &Stretch, continues: states::Continues) {
    match (continues, found.last_mut()) {
        (states::Continues::Yes, Some(last)) if last.go == go && part.number - last.number as usize <= 1 => {
            last.ns += part.to - part.from;
        }
        _ => found.push(Found { go, number: part.number as u32, ns: part.to - part.from }),
    }
}

fn row(trace: &Trace, found: &Found) -> Option<PlaceRow> {
    let (lane, number) = (trace.go_lane(found.go), found.number as usize);
    let span = trace.go_spans().iter_from(found.go, number).next()?;
    let loses = span.class == Class::Syscall
        && number + 1 < lane.len()
        && lane.class(number + 1) == Class::SyscallBlocked
        && found.ns > lane.end_of(number) - lane.start(number);
    let name = class_name(span.class);
    Some(PlaceRow {
        key: Lane::Go(found.go),
        go: GoRef::new(trace, found.go)?,
        class: span.class as u8,
        state: name.key,
        reason: trace.symbols().string(span.reason).to_owned(),
        start: lane.start(number),
        end: lane.end_of(number + usize::from(loses)),
        duration: found.ns,
    })
}

/// Knows which samples are asked for.
struct Matcher<'a> {
    trace: &'a Trace,
    options: &'a Options,
    lens: &'a Lens,
    wanted: &'a Wanted,
    known: FxHashMap<Key, bool>,
}

impl Matcher<'_> {
    fn matches(&mut self, key: &Key) -> bool {
        if let Some(&known) = self.known.get(key) {
            return known;
        }
        let mut weights = Weights::default();
        weights.add(*key, Weight { count: 1, ns: 1 });
        let profile = frames::build(self.trace, &Filter::default(), self.options, weights);
        let rows = stack_rows(&self.lens.filtered(&profile));
        let matches = rows.first().is_some_and(|row| is_wanted(row, self.wanted));
        self.known.insert(*key, matches);
        matches
    }
}

fn is_wanted(row: &TraceRow, wanted: &Wanted) -> bool {
    let has = |(key, text): &(String, String)| row.labels.iter().any(|label| label.key == *key && label.text == *text);
    let mut frames = row.frames.iter();
    wanted.labels.iter().all(has)
        && (wanted.functions.iter())
            .all(|(name, line)| frames.any(|frame| frame.name == *name && line.is_none_or(|line| frame.line == line)))
}
