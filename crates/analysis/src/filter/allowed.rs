//! Which terms of a filter mean something to which answer. That is known before a trace is read, which may take long.

use super::{FILTER_KEYS, Filter, FilterError};

/// An answer that takes a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Counters.
    Counters,
    /// What happened, in order.
    Events,
    /// The collector.
    Gc,
    /// One goroutine.
    Goroutine,
    /// Goroutines, in groups or one by one.
    Goroutines,
    /// Waits to run.
    Latency,
    /// Messages.
    Logs,
    /// What the collector left.
    Mmu,
    /// Procs.
    Procs,
    /// Regions and their types.
    Regions,
    /// Tasks and their types.
    Tasks,
    /// Threads.
    Threads,
}

/// What most answers follow that list what has a goroutine and lasts.
const WITH_DURATIONS: &[&str] = &["from", "to", "goroutine", "func", "task", "region", "min", "max"];

impl Subject {
    const ALL: [Self; 12] = [
        Self::Counters,
        Self::Events,
        Self::Gc,
        Self::Goroutine,
        Self::Goroutines,
        Self::Latency,
        Self::Logs,
        Self::Mmu,
        Self::Procs,
        Self::Regions,
        Self::Tasks,
        Self::Threads,
    ];

    /// Refuses a filter with terms that this answer could only ignore.
    pub fn allows(self, filter: &Filter) -> Result<(), FilterError> {
        filter.allow(self.name(), self.keys(filter))
    }

    /// The answer of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.name() == name)
    }

    /// The keys of a filter that it may follow, some of them only beside others.
    pub fn possible_keys(self) -> &'static [&'static str] {
        match self {
            Self::Logs => WITH_DURATIONS,
            Self::Counters
            | Self::Events
            | Self::Gc
            | Self::Goroutine
            | Self::Goroutines
            | Self::Latency
            | Self::Mmu
            | Self::Procs
            | Self::Regions
            | Self::Tasks
            | Self::Threads => self.keys(&Filter::default()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Counters => "counters",
            Self::Events => "events",
            Self::Gc => "gc",
            Self::Goroutine => "goroutine",
            Self::Goroutines => "goroutines",
            Self::Latency => "latency",
            Self::Logs => "logs",
            Self::Mmu => "mmu",
            Self::Procs => "procs",
            Self::Regions => "regions",
            Self::Tasks => "tasks",
            Self::Threads => "threads",
        }
    }

    fn keys(self, filter: &Filter) -> &'static [&'static str] {
        // A message has no duration: its region or task has.
        let has_durations = filter.region.is_some() || filter.task.is_some();
        match self {
            Self::Events | Self::Goroutines => &FILTER_KEYS,
            Self::Gc | Self::Procs => &["from", "to", "min", "max"],
            Self::Goroutine => &[],
            Self::Logs if !has_durations => &["from", "to", "goroutine", "func", "task", "region"],
            Self::Latency | Self::Logs | Self::Regions => WITH_DURATIONS,
            Self::Counters | Self::Mmu | Self::Threads => &["from", "to"],
            Self::Tasks => &["from", "to", "goroutine", "func", "task", "min", "max"],
        }
    }
}
