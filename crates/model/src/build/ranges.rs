//! Range events to ranges.
//!
//! A range that is found active began before: `start` is `None`. One that is open at the end of the trace, or where a
//! stretch was lost, has no known end: `end` is `None`.

use goroscope_reader::{Event, Scope};
use rustc_hash::FxHashMap;

use super::scheduling::{RootSource, Scheduling};
use crate::rules;
use crate::{Class, GoIdx, Goroutine, Proc, ProcIdx, Range, RangeScope, StackIdx, StringIdx, Symbols};

/// Ranges so far.
#[derive(Default)]
pub(crate) struct Ranges {
    rows: Vec<Range>,
    open: FxHashMap<(RangeScope, StringIdx), u32>,
}

impl Ranges {
    /// A range begins.
    pub fn begin(&mut self, event: &Event, scope: Scope, name: StringIdx, scheduling: &mut Scheduling) {
        let scope = scope_of(scope, scheduling);
        let go = scheduling.go(event.go);
        scheduling.saw_stack(go, event.stack, RootSource::Executor);
        let start = Some(own_time(scope, event.ts.0, scheduling));
        self.add(Range { start, go, stack: event.stack, ..unknown(scope, name) });
    }

    /// A range is active already.
    pub fn active(&mut self, scope: Scope, name: StringIdx, scheduling: &mut Scheduling) {
        let scope = scope_of(scope, scheduling);
        if !self.open.contains_key(&(scope, name)) {
            self.add(unknown(scope, name));
        }
    }

    /// A range ends.
    pub fn end(
        &mut self,
        event: &Event,
        scope: Scope,
        name: StringIdx,
        sweep: Option<(u64, u64)>,
        scheduling: &mut Scheduling,
    ) {
        let scope = scope_of(scope, scheduling);
        let row = self.open.remove(&(scope, name)).unwrap_or_else(|| {
            self.rows.push(unknown(scope, name));
            self.rows.len() as u32 - 1
        });
        let ts = own_time(scope, event.ts.0, scheduling);
        let range = &mut self.rows[row as usize];
        range.end = Some(range.start.map_or(ts, |start| scheduling.backwards.clamp(ts, start)));
        range.sweep = sweep;
    }

    /// A stretch is lost: what is open has no known end.
    pub fn lost(&mut self) {
        self.open.clear();
    }

    /// All ranges in order of begin, those of unknown begin first; tells goroutines and procs that they have some.
    pub fn finish(
        self,
        proc_order: Option<&[u32]>,
        goroutines: &mut [Goroutine],
        procs: &mut [Proc],
        symbols: &Symbols,
    ) -> RangeTables {
        let mut rows = self.rows;
        if let Some(order) = proc_order {
            renumber(&mut rows, order);
        }
        set_classes(&mut rows, symbols);
        if !rows.is_sorted_by_key(|range| range.start) {
            rows.sort_by_key(|range| range.start);
        }
        for range in &rows {
            let flag = match range.scope {
                RangeScope::Global => None,
                RangeScope::Go(go) => goroutines.get_mut(go.index()).map(|row| &mut row.has_ranges),
                RangeScope::Proc(proc) => procs.get_mut(proc.index()).map(|row| &mut row.has_ranges),
            };
            if let Some(flag) = flag {
                *flag = true;
            }
        }
        let mut by_scope: Vec<u32> = (0..rows.len() as u32).collect();
        by_scope.sort_by_key(|&row| rows[row as usize].scope);
        let stops = rows_of_class(&rows, Class::StopTheWorld);
        RangeTables { rows, by_scope, stops }
    }

    fn add(&mut self, range: Range) {
        self.open.insert((range.scope, range.name), self.rows.len() as u32);
        self.rows.push(range);
    }
}

/// Ranges as they stay.
#[derive(Debug)]
pub(crate) struct RangeTables {
    pub rows: Vec<Range>,
    /// Rows by scope, then begin.
    pub by_scope: Vec<u32>,
    /// Rows that stop the world.
    pub stops: Vec<u32>,
}

/// A range of which nothing is known but that it was. Its class is found by its name at the end.
fn unknown(scope: RangeScope, name: StringIdx) -> Range {
    Range {
        scope,
        name,
        class: Class::OtherRange,
        start: None,
        end: None,
        go: GoIdx::NONE,
        stack: StackIdx(0),
        sweep: None,
    }
}

fn scope_of(scope: Scope, scheduling: &mut Scheduling) -> RangeScope {
    match scope {
        Scope::Global => RangeScope::Global,
        Scope::Go(go) => RangeScope::Go(scheduling.go_or_unknown(go)),
        Scope::Proc(proc) => RangeScope::Proc(scheduling.proc_or_unknown(proc)),
    }
}

/// The time on the clock of the goroutine, if the range is one's.
fn own_time(scope: RangeScope, ts: i64, scheduling: &mut Scheduling) -> i64 {
    match scope {
        RangeScope::Go(go) => scheduling.go_time(go, ts),
        RangeScope::Global | RangeScope::Proc(_) => ts,
    }
}

/// Gives procs their final numbers.
fn renumber(rows: &mut [Range], order: &[u32]) {
    for range in rows {
        if let RangeScope::Proc(proc) = &mut range.scope
            && proc.get().is_some()
        {
            *proc = ProcIdx(order[proc.index()]);
        }
    }
}

/// Gives ranges their classes by their names.
fn set_classes(ranges: &mut [Range], symbols: &Symbols) {
    let mut classes: FxHashMap<StringIdx, Class> = FxHashMap::default();
    for range in ranges.iter_mut() {
        range.class = *classes.entry(range.name).or_insert_with(|| rules::range_class(symbols.string(range.name)));
    }
}

fn rows_of_class(ranges: &[Range], class: Class) -> Vec<u32> {
    let rows = ranges.iter().enumerate().filter(|(_, range)| range.class == class);
    rows.map(|(row, _)| row as u32).collect()
}
