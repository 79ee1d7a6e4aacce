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

impl Subject {
    /// Refuses a filter with terms that this answer could only ignore.
    pub fn allows(self, filter: &Filter) -> Result<(), FilterError> {
        filter.allow(self.name(), self.keys(filter))
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
            Self::Latency | Self::Logs | Self::Regions => {
                &["from", "to", "goroutine", "func", "task", "region", "min", "max"]
            }
            Self::Counters | Self::Mmu | Self::Threads => &["from", "to"],
            Self::Tasks => &["from", "to", "goroutine", "func", "task", "min", "max"],
        }
    }
}
