//! Where a text occurs: goroutines, functions, tasks, regions, logs and the frames of stacks.
//!
//! 1. Every string of the trace is compared once; each table then asks only for its string's row.
//! 2. Each kind counts all its matches and keeps only those that the page can show, earliest first.
//! 3. The page is cut out of the kinds in their fixed order.

mod matching;
mod sources;

#[cfg(test)]
mod tests;

use crate::{Lane, classes};
use goroscope_model::{Class, Trace};
use matching::Matches;
pub(crate) use matching::Needle;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// The text; matches everything that contains it in any case. `G17`, `g17` and `17` also match goroutine 17.
    pub text: String,
    /// Kinds of hits wanted; empty is all.
    pub kinds: Vec<HitKind>,
    /// How many hits to leave out.
    pub offset: usize,
    /// How many hits to give.
    pub limit: usize,
}

/// What was found, in the order of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    /// A goroutine, by its id or label.
    Goroutine,
    /// A start function: a group.
    Function,
    /// A counter, by its name.
    Counter,
    /// A task, by its type.
    Task,
    /// A region, by its type.
    Region,
    /// A log message, by its category or text.
    Log,
    /// A span of a goroutine, by the functions of its stack.
    Frame,
}

impl HitKind {
    /// All kinds in the order of answers.
    pub const ALL: [Self; 7] =
        [Self::Goroutine, Self::Function, Self::Counter, Self::Task, Self::Region, Self::Log, Self::Frame];
}

/// The text does not name a kind of hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownHitKind;

impl fmt::Display for UnknownHitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a kind: use goroutine, function, counter, task, region, log or frame")
    }
}

impl std::error::Error for UnknownHitKind {}

impl FromStr for HitKind {
    type Err = UnknownHitKind;

    fn from_str(text: &str) -> Result<Self, UnknownHitKind> {
        match text {
            "goroutine" => Ok(Self::Goroutine),
            "function" => Ok(Self::Function),
            "counter" => Ok(Self::Counter),
            "task" => Ok(Self::Task),
            "region" => Ok(Self::Region),
            "log" => Ok(Self::Log),
            "frame" => Ok(Self::Frame),
            _ => Err(UnknownHitKind),
        }
    }
}

/// What was found: all of it counted, a page of it shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// What was looked for.
    pub q: String,
    /// All hits.
    pub total: u64,
    /// All hits by kind.
    pub counts: HitCounts,
    /// The page: by kind, then by time.
    pub hits: Vec<Hit>,
}

/// Hits by kind; 0 for kinds that were not wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HitCounts {
    /// Goroutines.
    pub goroutine: u64,
    /// Start functions.
    pub function: u64,
    /// Counters.
    pub counter: u64,
    /// Tasks.
    pub task: u64,
    /// Regions.
    pub region: u64,
    /// Logs.
    pub log: u64,
    /// Spans.
    pub frame: u64,
}

impl HitCounts {
    fn of(&mut self, kind: HitKind) -> &mut u64 {
        match kind {
            HitKind::Goroutine => &mut self.goroutine,
            HitKind::Function => &mut self.function,
            HitKind::Counter => &mut self.counter,
            HitKind::Task => &mut self.task,
            HitKind::Region => &mut self.region,
            HitKind::Log => &mut self.log,
            HitKind::Frame => &mut self.frame,
        }
    }
}

/// A place in the trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its name.
    pub label: String,
    /// What it belongs to.
    pub detail: String,
    /// Where it is drawn.
    pub lane: Lane,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// What is drawn there.
    #[serde(serialize_with = "classes::class_number")]
    pub class: Class,
}

/// Finds a text. An empty text is found nowhere.
pub fn search(trace: &Trace, query: &SearchQuery) -> Hits {
    let mut hits = Hits { q: query.text.clone(), total: 0, counts: HitCounts::default(), hits: Vec::new() };
    let text = query.text.trim();
    if text.is_empty() {
        return hits;
    }
    let matches = Matches::of(trace, text);
    let mut skip = query.offset;
    for kind in HitKind::ALL {
        if !query.kinds.is_empty() && !query.kinds.contains(&kind) {
            continue;
        }
        let missing = query.limit - hits.hits.len();
        let wanted = if missing == 0 { 0 } else { skip.saturating_add(missing) };
        let found = sources::find(trace, kind, &matches, wanted);
        *hits.counts.of(kind) = found.count;
        hits.total += found.count;
        hits.hits.extend(found.rows.iter().skip(skip).map(|&row| sources::hit(trace, kind, &matches, row)));
        skip = skip.saturating_sub(usize::try_from(found.count).unwrap_or(usize::MAX));
    }
    hits
}
