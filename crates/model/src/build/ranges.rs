//! Range events to ranges.
//!
//! A range that is found active began before: `start` is `None`. One that is open at the end of the trace, or where a
//! stretch was lost, has no known end: `end` is `None`.

use std::collections::VecDeque;

use goroscope_reader::{Event, Scope};
use rustc_hash::FxHashMap;

use super::naming::RootSource;
use super::scheduling::Scheduling;
use crate::storage::Arena;
use crate::table::TableWriter;
use crate::{Class, GoIdx, Range, RangeScope, StackIdx, StringIdx};

/// Ranges so far. Those whose end is not known yet, and all that began after the first of them, are not packed.
#[derive(Default)]
pub(crate) struct Ranges {
    written: TableWriter<Range>,
    /// How many are written.
    count: u64,
    waiting: VecDeque<Waiting>,
    /// Numbers of the open ones.
    open: FxHashMap<(RangeScope, StringIdx), u64>,
}

struct Waiting {
    range: Range,
    is_open: bool,
}

impl Ranges {
    /// A range begins.
    pub fn begin(&mut self, event: &Event, scope: Scope, name: StringIdx, scheduling: &mut Scheduling) {
        let scope = scope_of(scope, scheduling);
        let go = scheduling.go(event.go);
        scheduling.saw_stack(go, event.stack, RootSource::Executor);
        let start = Some(own_time(scope, event.ts.0, scheduling));
        self.open(Range { start, go, stack: event.stack, ..unknown(scope, name) }, scheduling);
    }

    /// A range is active already.
    pub fn active(&mut self, scope: Scope, name: StringIdx, scheduling: &mut Scheduling) {
        let scope = scope_of(scope, scheduling);
        if !self.open.contains_key(&(scope, name)) {
            self.open(unknown(scope, name), scheduling);
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
        let number = self.open.remove(&(scope, name)).unwrap_or_else(|| self.add(unknown(scope, name), scheduling));
        let ts = own_time(scope, event.ts.0, scheduling);
        let at = number.checked_sub(self.count).and_then(|at| usize::try_from(at).ok());
        if let Some(waiting) = at.and_then(|at| self.waiting.get_mut(at)) {
            let range = &mut waiting.range;
            range.end = Some(range.start.map_or(ts, |start| scheduling.backwards.clamp(ts, start)));
            range.sweep = sweep;
            waiting.is_open = false;
        }
        self.write_closed(&scheduling.arena);
    }

    /// A stretch is lost: what is open has no known end.
    pub fn lost(&mut self, arena: &Arena) {
        self.open.clear();
        for waiting in &mut self.waiting {
            waiting.is_open = false;
        }
        self.write_closed(arena);
    }

    /// Packs what is left: the directory of all ranges in the order of events.
    pub fn finish(mut self, arena: &Arena) -> Vec<u8> {
        self.lost(arena);
        self.written.finish(arena)
    }

    /// Adds a range that is open; its number.
    fn add(&mut self, mut range: Range, scheduling: &mut Scheduling) -> u64 {
        range.class = scheduling.naming.lexicon.range_class(range.name);
        match range.scope {
            RangeScope::Global => {}
            RangeScope::Go(go) => {
                if let Some(goroutine) = scheduling.goroutines.get_mut(go.index()) {
                    goroutine.has_ranges = true;
                }
            }
            RangeScope::Proc(proc) => {
                if let Some(proc) = scheduling.procs.get_mut(proc.index()) {
                    proc.has_ranges = true;
                }
            }
        }
        self.waiting.push_back(Waiting { range, is_open: true });
        self.count + self.waiting.len() as u64 - 1
    }

    /// Opens a range; one of the same name that is open already never ends.
    fn open(&mut self, range: Range, scheduling: &mut Scheduling) {
        let number = self.add(range, scheduling);
        if let Some(before) = self.open.insert((range.scope, range.name), number)
            && let Some(waiting) = self.waiting.get_mut((before - self.count) as usize)
        {
            waiting.is_open = false;
        }
        self.write_closed(&scheduling.arena);
    }

    fn write_closed(&mut self, arena: &Arena) {
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| !waiting.is_open) {
            self.written.push(&waiting.range, arena);
            self.count += 1;
        }
    }
}

/// A range of which nothing is known but that it was. Its class is found by its name.
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
