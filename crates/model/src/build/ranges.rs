//! Range events to ranges.
//!
//! A range that is found active began before: `start` is `None`. One that is open at the end of the trace, or where a
//! stretch was lost, has no known end: `end` is `None`.

use goroscope_reader::{Event, Scope};
use rustc_hash::FxHashMap;

use super::scheduling::{RootSource, Scheduling};
use crate::{Class, GoIdx, ProcIdx, Range, RangeScope, StackIdx, StringIdx};

/// Ranges so far.
#[derive(Default)]
pub(crate) struct Ranges {
    pub rows: Vec<Range>,
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

    fn add(&mut self, range: Range) {
        self.open.insert((range.scope, range.name), self.rows.len() as u32);
        self.rows.push(range);
    }
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
pub(crate) fn renumber(rows: &mut [Range], order: &[u32]) {
    for range in rows {
        if let RangeScope::Proc(proc) = &mut range.scope
            && proc.get().is_some()
        {
            *proc = ProcIdx(order[proc.index()]);
        }
    }
}
