//! What happened, in order: states that goroutines took on, regions, tasks, logs, ranges, samples.
//!
//! The model keeps what happened lane by lane. To list it by time without holding all of it, time is cut into slices: of
//! each slice everything is gathered and sorted, and the next is made longer or shorter by how much there was.

mod gather;
mod row;
#[cfg(test)]
mod tests;

use crate::{Filter, Scope};
use goroscope_model::Trace;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

use self::gather::Gatherer;
pub use self::row::EventRow;

/// What happens that can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventTopic {
    /// A goroutine takes on a state, or ends.
    State,
    /// A region begins or ends.
    Region,
    /// A task begins or ends.
    Task,
    /// A log message.
    Log,
    /// A range of the runtime begins or ends.
    Range,
    /// A CPU profile sample.
    Sample,
}

impl EventTopic {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::State, Self::Region, Self::Task, Self::Log, Self::Range, Self::Sample];

    fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Region => "region",
            Self::Task => "task",
            Self::Log => "log",
            Self::Range => "range",
            Self::Sample => "sample",
        }
    }
}

impl fmt::Display for EventTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no topic of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTopic;

impl fmt::Display for UnknownTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no kind of event: use state, region, task, log, range or sample")
    }
}

impl std::error::Error for UnknownTopic {}

impl FromStr for EventTopic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        Self::ALL.into_iter().find(|topic| topic.name() == text).ok_or(UnknownTopic)
    }
}

/// Where a page of events begins: behind the first `skip` of those that happen at `ts`, ns, or later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cursor {
    /// Not before this time, ns.
    pub ts: i64,
    /// How many of those to leave out.
    pub skip: usize,
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Events {
    /// The page, by time.
    pub rows: Vec<EventRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// The events that pass a filter, by time, a page at a time.
///
/// `min` and `max` are about how long a state lasts, unless the filter names regions or tasks; `state` and `reason` leave
/// only states. Of what has no goroutine (the garbage collector's phases, procs' sweeping) nothing passes a filter of
/// goroutines, tasks or regions.
#[derive(Debug)]
pub struct EventList<'t> {
    gatherer: Gatherer<'t>,
}

impl<'t> EventList<'t> {
    /// The events of these topics, of all if there are none.
    pub fn new(trace: &'t Trace, filter: &Filter, topics: &[EventTopic]) -> Self {
        Self { gatherer: Gatherer::new(Scope::of(trace, filter), topics) }
    }

    /// The first place.
    pub fn first(&self) -> Cursor {
        Cursor { ts: self.gatherer.window().0, skip: 0 }
    }

    /// At most `limit` events from a place on.
    pub fn page(&mut self, from: Cursor, limit: usize) -> Events {
        let (found, next) = self.gatherer.page(from, limit);
        let trace = self.gatherer.trace();
        Events { rows: found.iter().filter_map(|found| row::of(trace, found)).collect(), next }
    }
}

/// The same as one answer, for those who want a page.
pub fn events(trace: &Trace, filter: &Filter, topics: &[EventTopic], from: Option<Cursor>, limit: usize) -> Events {
    let mut list = EventList::new(trace, filter, topics);
    let from = from.unwrap_or_else(|| list.first());
    list.page(from, limit)
}
