//! What the program itself said around a span: regions, tasks, logs.

use crate::refs::TaskRef;
use crate::{Lane, intervals};
use goroscope_model::{GoIdx, Trace};
use serde::Serialize;

/// The most regions or logs of one answer.
const LIMIT: usize = 50;

/// A region of the goroutine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionRef {
    /// Its type.
    pub name: String,
    /// Begin, ns.
    pub start: i64,
    /// End, ns.
    pub end: i64,
    /// Nesting, from 0.
    pub depth: u16,
    /// Its lane.
    pub lane: Lane,
}

/// A log message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// When, ns.
    pub ts: i64,
    /// Its category, or empty.
    pub category: String,
    /// Its text.
    pub message: String,
}

/// The rows of regions of a goroutine that touch `[from, to]`, by begin: the first few.
pub(super) fn regions_around(trace: &Trace, go: GoIdx, from: i64, to: i64) -> Vec<u32> {
    if go.index() >= trace.goroutines().len() {
        return Vec::new();
    }
    let rows = trace.go_regions(go);
    let (first, after) = (rows.start as u32, rows.end as u32);
    let begins = |row: u32| trace.regions().at(row as usize).start;
    let inside = first + intervals::partition(rows.len(), |i| begins(first + i as u32) <= Some(from)) as u32;
    // Regions nest: those still open are found going back until the one that holds all others.
    let mut found = Vec::new();
    for row in (first..inside).rev() {
        if intervals::region(trace, row).end > from {
            found.push(row);
        }
        if trace.regions().at(row as usize).depth == 0 {
            break;
        }
    }
    found.reverse();
    found.extend((inside..after).take_while(|&row| begins(row) < Some(to)).take(LIMIT));
    found.truncate(LIMIT);
    found
}

/// A row of the regions as an answer.
pub(super) fn region_ref(trace: &Trace, row: u32) -> RegionRef {
    let interval = intervals::region(trace, row);
    let region = trace.regions().at(row as usize);
    RegionRef {
        name: trace.symbols().string(region.name).to_owned(),
        start: interval.start,
        end: interval.end,
        depth: region.depth,
        lane: Lane::Regions(region.go, region.depth),
    }
}

/// The task of the innermost of these regions that holds at a moment, or else of the first that has one.
pub(super) fn task_at(trace: &Trace, regions: &[u32], ts: i64) -> Option<TaskRef> {
    let task = |&row: &u32| trace.regions().at(row as usize).task.get();
    let innermost = regions.iter().rev().filter(|&&row| intervals::region(trace, row).holds_at(ts)).find_map(task);
    TaskRef::new(trace, innermost.or_else(|| regions.iter().find_map(task))?)
}

/// Of these rows of the logs those in `[from, to]`: the first few.
pub(super) fn logs_within(trace: &Trace, rows: &[u32], from: i64, to: i64) -> Vec<LogLine> {
    let logs = trace.logs();
    let first = rows.partition_point(|&row| logs.at(row as usize).ts < from);
    rows[first..]
        .iter()
        .map(|&row| logs.at(row as usize))
        .take_while(|log| log.ts <= to)
        .take(LIMIT)
        .map(|log| LogLine {
            ts: log.ts,
            category: trace.symbols().string(log.category).to_owned(),
            message: trace.symbols().string(log.message).to_owned(),
        })
        .collect()
}
