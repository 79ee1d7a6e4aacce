//! Where on the timeline is what a profile sums up: the states of one stack, or with one function, one by one.
//!
//! 1. The states are those that the profile counts, walked over in the same way.
//! 2. States of one stack with one set of labels are one sample of it: whether that is asked for is found out once for
//!    each, by the names that the sample has in the profile, so that both agree in what they call the same. All threads
//!    share what was found out.
//! 3. Of all that are found, no more are kept than the page's last row needs, on each thread and of all threads together.

#[cfg(test)]
mod tests;

use super::views::{Lens, TraceFrame, TraceRow, stack_rows};
use super::weights::{Key, Reason};
use super::{Options, PARTS, frames, states};
use crate::{Filter, FilterError, GoRef, Lane, Scope, Stretch, class_name};
use goroscope_model::{Class, GoIdx, Trace, each_in_parallel};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

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
    /// What tells the reason if that is not recorded: `stack` or `waker`.
    pub inferred: Option<&'static str>,
    /// The innermost function of the stack that the profile has for it, as far as that is shown.
    pub leaf: Option<TraceFrame>,
    /// The first function of it that is the program's own, if it is not the innermost one.
    pub own: Option<TraceFrame>,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// How long of it passes the filter, ns.
    pub duration: i64,
}

/// A state that was found. The first of an order is the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Where it stands in the order: the less, the earlier.
    rank: i64,
    go: GoIdx,
    /// Which of its spans.
    number: u32,
    ns: i64,
    key: Key,
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
    if !options.kind.counts_states() {
        return Ok(None);
    }
    filter.allow(options.kind.name(), options.kind.keys(filter))?;
    let scope = Scope::of(trace, filter);
    let goroutines: Vec<GoIdx> = scope.goroutines().map(|(go, _)| go).collect();
    let parts = PARTS.min(goroutines.len());
    let most = if limit == 0 { 0 } else { offset.saturating_add(limit) };
    let naming = Naming { trace, options, lens };
    let (known, all) = (Mutex::default(), Mutex::new(Best::of(most)));
    each_in_parallel(parts, |part| {
        let mut matcher = Matcher { naming, wanted, shared: &known, own: FxHashMap::default() };
        let mut found = Gathered { order, last: None, best: Best::of(most) };
        for &go in goroutines.iter().skip(part).step_by(parts) {
            states::each(&scope, options, go, |key, part, continues| {
                if matcher.matches(&key) {
                    found.add(key, part, continues);
                }
            });
        }
        // A thread that panicked takes the answer with it: what it left here is never looked at.
        all.lock().unwrap_or_else(PoisonError::into_inner).join(found.finish());
    });
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (total, ns) = (all.total, all.ns);
    let rows = all.first.into_sorted_vec().iter().skip(offset).filter_map(|one| row(naming, one)).collect();
    Ok(Some(Places { total, ns, offset, rows }))
}

/// How many were found, how long they last together, and the first of them in the order.
struct Best {
    /// At most so many are kept.
    most: usize,
    total: usize,
    ns: u64,
    /// The last of them at the top.
    first: BinaryHeap<Found>,
}

impl Best {
    fn of(most: usize) -> Self {
        Self { most, total: 0, ns: 0, first: BinaryHeap::new() }
    }

    fn add(&mut self, one: Found) {
        self.total += 1;
        self.ns += one.ns as u64;
        self.keep(one);
    }

    fn keep(&mut self, one: Found) {
        if self.first.len() < self.most {
            self.first.push(one);
        } else if let Some(mut last) = self.first.peek_mut()
            && one < *last
        {
            *last = one;
        }
    }

    fn join(&mut self, other: Self) {
        self.total += other.total;
        self.ns += other.ns;
        for one in other.first {
            self.keep(one);
        }
    }
}

/// States put together from their parts.
struct Gathered {
    order: PlaceOrder,
    /// The state whose parts are still coming, with its begin.
    last: Option<(Found, i64)>,
    best: Best,
}

impl Gathered {
    /// Adds a part of a state; one that goes on with what was added last is a part of that, unless that is another state,
    /// because the parts between were not asked for.
    fn add(&mut self, key: Key, part: &Stretch, continues: states::Continues) {
        match (continues, &mut self.last) {
            (states::Continues::Yes, Some((last, _)))
                if last.go == part.go && part.number - last.number as usize <= 1 =>
            {
                last.ns += part.to - part.from;
            }
            _ => {
                self.flush();
                let found = Found { rank: 0, go: part.go, number: part.number as u32, ns: part.to - part.from, key };
                self.last = Some((found, part.span.start));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((found, start)) = self.last.take() {
            let rank = match self.order {
                // The complement turns an order around as the sign does, and exists of every number.
                PlaceOrder::Longest => !found.ns,
                PlaceOrder::Shortest => found.ns,
                PlaceOrder::Earliest => start,
                PlaceOrder::Latest => !start,
            };
            self.best.add(Found { rank, ..found });
        }
    }

    fn finish(mut self) -> Best {
        self.flush();
        self.best
    }
}

fn row(naming: Naming<'_>, found: &Found) -> Option<PlaceRow> {
    let trace = naming.trace;
    let (lane, number) = (trace.go_lane(found.go), found.number as usize);
    let span = trace.go_spans().iter_from(found.go, number).next()?;
    let loses = span.class == Class::Syscall
        && number + 1 < lane.len()
        && lane.class(number + 1) == Class::SyscallBlocked
        && found.ns > lane.end_of(number) - lane.start(number);
    let name = class_name(span.class);
    let (leaf, own) = naming.row(&found.key).map(ends).unwrap_or_default();
    let (reason, inferred) = match (found.key.reason, found.key.inferred.name()) {
        (Reason::Ours(told), Some(inferred)) => (told, Some(inferred)),
        (Reason::None | Reason::Recorded(_) | Reason::Ours(_), _) => (trace.symbols().string(span.reason), None),
    };
    Some(PlaceRow {
        key: Lane::Go(found.go),
        go: GoRef::new(trace, found.go)?,
        class: span.class as u8,
        state: name.key,
        reason: reason.to_owned(),
        inferred,
        leaf,
        own,
        start: lane.start(number),
        end: lane.end_of(number + usize::from(loses)),
        duration: found.ns,
    })
}

/// The innermost frame of a stack, and the first that is the program's own, if that is another one.
fn ends(mut row: TraceRow) -> (Option<TraceFrame>, Option<TraceFrame>) {
    let own = (row.own > 0 && row.own < row.frames.len()).then(|| row.frames.swap_remove(row.own));
    (row.frames.into_iter().next(), own)
}

/// What a sample is called in the profile.
#[derive(Clone, Copy)]
struct Naming<'a> {
    trace: &'a Trace,
    options: &'a Options,
    lens: &'a Lens,
}

impl Naming<'_> {
    /// The sample as it is seen through the lens; `None` if it is not.
    fn row(self, key: &Key) -> Option<TraceRow> {
        let profile = frames::sample(self.trace, self.options.kind, key);
        stack_rows(&self.lens.filtered(&profile)).into_iter().next()
    }
}

/// Knows which samples are asked for.
struct Matcher<'a> {
    naming: Naming<'a>,
    wanted: &'a Wanted,
    /// What all threads found out.
    shared: &'a Mutex<FxHashMap<Key, bool>>,
    /// What was needed here: looked up without waiting.
    own: FxHashMap<Key, bool>,
}

impl Matcher<'_> {
    fn matches(&mut self, key: &Key) -> bool {
        if let Some(&known) = self.own.get(key) {
            return known;
        }
        let of_others = self.shared.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        let matches = of_others.unwrap_or_else(|| {
            // Not while others wait: if two of them find it out at once, they find the same.
            let matches = self.naming.row(key).is_some_and(|row| is_wanted(&row, self.wanted));
            self.shared.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, matches);
            matches
        });
        self.own.insert(*key, matches);
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
