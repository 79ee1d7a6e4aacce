//! Whom a sample is about: the labels that are only there if somebody asks for them, as they multiply samples.

use super::weights::Subject;
use crate::{filter, intervals};
use goroscope_model::{GoIdx, StringIdx, TaskIdx, Trace};
use std::collections::BTreeMap;

/// A label that is there on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelKey {
    /// The goroutine's id.
    Goroutine,
    /// Its start function.
    Function,
    /// The task that it worked for, and its id.
    Task,
    /// The innermost region that it was in.
    Region,
}

/// The labels and their keys.
const KEYS: [(LabelKey, &str); 4] = [
    (LabelKey::Goroutine, "goroutine"),
    (LabelKey::Function, "function"),
    (LabelKey::Task, "task"),
    (LabelKey::Region, "region"),
];

impl LabelKey {
    /// The labels that these keys, separated by commas, mean.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let key = |word: &str| {
            let found = KEYS.iter().find(|(_, key)| *key == word).map(|&(label, _)| label);
            found.ok_or_else(|| format!("{word:?} is no label: use goroutine, function, task or region"))
        };
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(key).collect()
    }
}

/// Finds whom samples are about.
#[derive(Debug)]
pub(super) struct Subjects<'t> {
    trace: &'t Trace,
    wanted: Vec<LabelKey>,
    /// When each goroutine takes part in tasks, by begin.
    tasks: BTreeMap<GoIdx, Vec<(i64, i64, TaskIdx)>>,
    /// When the task or region of each goroutine may become another, in order.
    turns: BTreeMap<GoIdx, Vec<i64>>,
}

impl<'t> Subjects<'t> {
    pub(super) fn new(trace: &'t Trace, wanted: &[LabelKey]) -> Self {
        let mut tasks: BTreeMap<GoIdx, Vec<(i64, i64, TaskIdx)>> = BTreeMap::new();
        if wanted.contains(&LabelKey::Task) {
            for ((go, task), (from, to)) in filter::participation(trace, |_| true) {
                tasks.entry(go).or_default().push((from, to, task));
            }
            for parts in tasks.values_mut() {
                parts.sort_unstable();
            }
        }
        let mut turns: BTreeMap<GoIdx, Vec<i64>> = BTreeMap::new();
        for (&go, parts) in &tasks {
            turns.entry(go).or_default().extend(parts.iter().flat_map(|&(from, to, _)| [from, to]));
        }
        if wanted.contains(&LabelKey::Region) {
            for row in 0..trace.regions().len() as u32 {
                let interval = intervals::region(trace, row);
                let go = trace.regions().at(row as usize).go;
                turns.entry(go).or_default().extend([interval.start, interval.end]);
            }
        }
        for moments in turns.values_mut() {
            moments.sort_unstable();
            moments.dedup();
        }
        Self { trace, wanted: wanted.to_vec(), tasks, turns }
    }

    /// Cuts what a goroutine does in a stretch of time where its task or region becomes another: gives each piece's
    /// subject and how long it is, ns.
    pub(super) fn pieces(&self, go: GoIdx, (from, to): (i64, i64), mut give: impl FnMut(Subject, u64)) {
        let turns = self.turns.get(&go).map_or(&[][..], Vec::as_slice);
        let inside = turns.partition_point(|&turn| turn <= from);
        let mut begin = from;
        for &end in turns[inside..].iter().take_while(|&&turn| turn < to).chain([&to]) {
            give(self.at(go, begin), (end - begin) as u64);
            begin = end;
        }
    }

    /// Whom something is about that a goroutine begins to do at a moment.
    pub(super) fn at(&self, go: GoIdx, ts: i64) -> Subject {
        let mut subject = Subject::NOBODY;
        let Some(row) = self.trace.goroutines().get(go.index()) else { return subject };
        for key in &self.wanted {
            match key {
                LabelKey::Goroutine => subject.go = go,
                LabelKey::Function => subject.function = row.function,
                LabelKey::Task => subject.task = self.task(go, ts),
                LabelKey::Region => subject.region = region(self.trace, go, ts),
            }
        }
        subject
    }

    /// The task that the goroutine took up last of those it works for.
    fn task(&self, go: GoIdx, ts: i64) -> TaskIdx {
        let Some(parts) = self.tasks.get(&go) else { return TaskIdx::NONE };
        let begun = parts.partition_point(|&(from, ..)| from <= ts);
        parts[..begun].iter().rev().find(|&&(_, to, _)| ts < to).map_or(TaskIdx::NONE, |&(.., task)| task)
    }
}

/// The type of the innermost region of a goroutine at a moment, or the empty string.
fn region(trace: &Trace, go: GoIdx, ts: i64) -> StringIdx {
    let rows = trace.go_regions(go);
    let begun = intervals::partition(rows.len(), |i| trace.regions().at(rows.start + i).start <= Some(ts));
    // Regions nest: looking back, one that holds all others is the last that can hold this moment.
    for row in (rows.start..rows.start + begun).rev() {
        let region = trace.regions().at(row);
        if intervals::region(trace, row as u32).end > ts {
            return region.name;
        }
        if region.depth == 0 && region.start.is_some() {
            break;
        }
    }
    StringIdx(0)
}
