//! The notes of goroscope-recorder to a [`Recording`] and its series.
//!
//! The lines come from the file, in the order of its generations. Of a plain fact the last one holds; series go on from
//! line to line. A line that makes no sense is left out and counted.

use std::collections::{BTreeMap, HashSet};

use goroscope_reader::{Diagnostic, Points, Slices};

use crate::recording::{Heard, Recording};
use crate::series::{CounterPoint, OffCpu, write_counter, write_off_cpu};
use crate::storage::Arena;

/// What the lines say, before it is packed.
#[derive(Debug, Default)]
struct Lines {
    facts: BTreeMap<String, String>,
    threads: BTreeMap<u64, String>,
    maps: BTreeMap<u64, String>,
    counters: BTreeMap<String, Vec<CounterPoint>>,
    off_cpu: BTreeMap<u64, Vec<OffCpu>>,
    /// Lines that make no sense.
    strange: u64,
    /// What is at 0 on the clock of the file's events.
    zero: i64,
}

/// What the notes say, and the sections of the series: of each its directory and what is kept of its blocks.
pub(super) fn hear(
    notes: &[Box<str>],
    zero: i64,
    arena: &Arena,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Heard, Vec<[Vec<u8>; 2]>) {
    let mut lines = Lines { zero, ..Lines::default() };
    // Snapshots of one recording that were joined have the same series twice.
    let mut known = HashSet::new();
    for note in notes {
        let is_new = !note.starts_with("series.") || known.insert(&**note);
        if is_new && lines.take(note).is_none() {
            lines.strange += 1;
        }
    }
    if !lines.facts.contains_key("recorder") {
        return (Heard::default(), Vec::new());
    }
    if lines.strange > 0 {
        let message = format!("{} lines of goroscope-recorder about the recording make no sense", lines.strange);
        diagnostics.push(Diagnostic::note(0, message));
    }
    let Lines { facts, threads, maps, mut counters, mut off_cpu, .. } = lines;
    let mut sections = Vec::new();
    for points in counters.values_mut() {
        points.sort_by_key(|point| point.ts);
        sections.push(write_counter(points, arena));
    }
    for slices in off_cpu.values_mut() {
        slices.sort_by_key(|slice| slice.start);
        sections.push(write_off_cpu(&apart(slices), arena));
    }
    let recording = Recording {
        facts: facts.into_iter().collect(),
        threads: threads.into_iter().collect(),
        maps: maps.into_values().collect(),
    };
    let heard = Heard {
        recording: Some(recording),
        counters: counters.into_keys().collect(),
        off_cpu: off_cpu.into_keys().collect(),
    };
    (heard, sections)
}

/// Slices none of which begins before the one before it ended.
fn apart(slices: &[OffCpu]) -> Vec<OffCpu> {
    let mut free = i64::MIN;
    let mut kept = Vec::with_capacity(slices.len());
    for &slice in slices {
        let (start, end) = (slice.start.max(free), slice.end());
        if start < end {
            kept.push(OffCpu { start, dur: start.abs_diff(end), ..slice });
            free = end;
        }
    }
    kept
}

impl Lines {
    /// Takes in a line; `None` if it makes no sense, or only up to a point.
    fn take(&mut self, line: &str) -> Option<()> {
        if let Some(rest) = line.strip_prefix("series.counter.") {
            let (name, data) = named(rest)?;
            let points = self.counters.entry(name.to_owned()).or_default();
            for point in Points::new(data).ok()? {
                let point = point.ok()?;
                points.push(CounterPoint { ts: since(point.time, self.zero)?, value: point.value });
            }
            return Some(());
        }
        if let Some(rest) = line.strip_prefix("series.off_cpu.") {
            let (thread, data) = named(rest)?;
            let slices = self.off_cpu.entry(thread.parse().ok()?).or_default();
            for slice in Slices::new(data).ok()? {
                let slice = slice.ok()?;
                let start = since(slice.time, self.zero)?;
                slices.push(OffCpu { start, dur: slice.dur, preempted: slice.kind == 1 });
            }
            return Some(());
        }
        let (key, value) = named(line)?;
        if key.starts_with("series.") {
            // Of a kind that is not known yet.
            return Some(());
        }
        if let Some(number) = key.strip_prefix("thread.") {
            self.threads.insert(number.parse().ok()?, value.to_owned());
        } else if let Some(number) = key.strip_prefix("map.") {
            self.maps.insert(number.parse().ok()?, value.to_owned());
        } else {
            self.facts.insert(key.to_owned(), value.to_owned());
        }
        Some(())
    }
}

/// What is before and behind the first `=`.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty() && !name.chars().any(char::is_control);
    is_name.then_some((name, value))
}

/// A time of the file as one of the trace.
fn since(time: u64, zero: i64) -> Option<i64> {
    i64::try_from(time).ok()?.checked_sub(zero)
}
