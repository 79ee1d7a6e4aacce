//! The slowest few of the regions or tasks that a filter names: a part of them, resolved to a duration.

use super::scope::{chosen_tasks, is_named, regions_meant, with_children};
use super::{Filter, FilterError};
use crate::intervals;
use goroscope_model::{TaskIdx, Trace};
use std::cmp::Reverse;

/// A part of all, above 0 and at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slowest(f64);

impl Slowest {
    /// The part that a text such as `3%` is.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        match percent {
            Some(percent) if percent > 0.0 && percent <= 100.0 => Ok(Self(percent / 100.0)),
            Some(_) | None => Err(FilterError(format!("slowest={text}: write a part such as 3%"))),
        }
    }

    /// Refuses a filter that names no regions or tasks, or has a `min` already.
    pub fn allows(self, filter: &Filter) -> Result<(), FilterError> {
        if filter.region.is_none() && filter.task.is_none() {
            return Err(FilterError("slowest is about regions or tasks: name them with region or task".to_owned()));
        }
        if filter.min.is_some() {
            return Err(FilterError("slowest and min say the same: leave one of them out".to_owned()));
        }
        Ok(())
    }

    /// The filter that lets only the slowest of its regions or tasks pass: with the `min` that this part of them has at
    /// least. Those that last equally long are all among them, or all not.
    pub fn of(self, trace: &Trace, filter: &Filter) -> Result<Filter, FilterError> {
        self.allows(filter)?;
        let mut durations = durations(trace, filter);
        durations.sort_unstable_by_key(|&ns| Reverse(ns));
        let count = (durations.len() as f64 * self.0).ceil() as usize;
        // Without any there is nothing that could pass.
        let min = count.checked_sub(1).and_then(|last| durations.get(last)).copied();
        Ok(Filter { min, ..filter.clone() })
    }
}

/// How long the regions or tasks last that the filter is about, and that touch its stretch of time, ns.
fn durations(trace: &Trace, filter: &Filter) -> Vec<i64> {
    let (from, to) = filter.window(trace);
    let tasks = filter.task.as_ref().map(|choice| chosen_tasks(trace, choice));
    let mut durations = Vec::new();
    if filter.region.is_some() {
        let tasks = tasks.map(|tasks| with_children(trace, tasks));
        regions_meant(trace, filter, tasks.as_deref(), |go, (start, end)| {
            if start < to && end > from && is_named(trace, filter, go) {
                durations.push(end - start);
            }
        });
        return durations;
    }
    for (task, is_chosen) in (0..).map(TaskIdx).zip(tasks.unwrap_or_default()) {
        let interval = intervals::task(trace, task);
        if is_chosen && interval.start < to && interval.end > from {
            durations.push(interval.end - interval.start);
        }
    }
    durations.retain(|&ns| filter.lasts(ns));
    durations
}
