//! The regions of a goroutine with what is nested in each, in one walk.
//!
//! Regions are sorted by begin, and those of a goroutine nest, so a stack of the open ones is enough:
//!
//! 1. When a region begins, those that are as deep or deeper are over: they ended before, or never will, and then hold
//!    until here.
//! 2. What is over is told, and covers a part of the one around it, which is then not that one's own.
//!
//! Those whose begin is not in the trace stand first in the table. They are put where they are known to hold from, around
//! what is deeper; they began before, so they end nothing.

use crate::intervals;
use goroscope_model::{GoIdx, Region, Trace};

/// A region as far as it is known to hold, with its own part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its row.
    pub(crate) row: u32,
    /// What the trace says of it.
    pub(crate) region: Region,
    /// Begin, ns.
    pub(crate) start: i64,
    /// End, ns.
    pub(crate) end: i64,
    /// How much of it is in the window, ns.
    pub(crate) ns: u64,
    /// How much of that is in no region inside it, ns.
    pub(crate) self_ns: u64,
}

struct Open {
    row: u32,
    region: Region,
    start: i64,
    /// The latest that it can hold.
    end: i64,
    /// How much the regions inside cover within the window, and until when.
    covered: u64,
    until: i64,
}

/// Calls `visit` for every region of a goroutine, when it is over.
pub(crate) fn walk(trace: &Trace, go: GoIdx, window: (i64, i64), visit: &mut dyn FnMut(&Placed)) {
    let rows = trace.go_regions(go);
    let life = intervals::life(trace, go);
    let place = |(row, region): (usize, Region)| {
        let (start, end) = intervals::as_far_as_known(trace, (region.start, region.end), life);
        Open { row: row as u32, region, start, end, covered: 0, until: i64::MIN }
    };
    let mut known = rows.clone().zip(trace.regions().iter_from(rows.start)).map(place).peekable();
    let mut without_begin: Vec<Open> = Vec::new();
    while let Some(one) = known.next_if(|one| one.region.start.is_none()) {
        without_begin.push(one);
    }
    without_begin.sort_by_key(|one| (one.start, one.region.depth, one.row));
    let mut without_begin = without_begin.into_iter().peekable();
    let mut open: Vec<Open> = Vec::new();
    loop {
        let is_earlier = |one: &Open| known.peek().is_none_or(|other| one.start <= other.start);
        let Some(next) = without_begin.next_if(is_earlier).or_else(|| known.next()) else { break };
        let depth = next.region.depth;
        let ends_others = next.region.start.is_some();
        let is_over = |one: &mut Open| one.end < next.start || (ends_others && one.region.depth >= depth);
        while let Some(over) = open.pop_if(is_over) {
            close(over, ends_others.then_some(next.start), open.last_mut(), window, visit);
        }
        let place = if ends_others { open.len() } else { open.partition_point(|one| one.region.depth < depth) };
        open.insert(place, next);
    }
    while let Some(over) = open.pop() {
        close(over, None, open.last_mut(), window, visit);
    }
}

/// What is over holds to its end, or to that of the region around it, or until the next begins.
fn close(
    mut over: Open,
    next: Option<i64>,
    around: Option<&mut Open>,
    (from, to): (i64, i64),
    visit: &mut dyn FnMut(&Placed),
) {
    if over.region.end.is_none() {
        let until = [around.as_ref().and_then(|around| around.region.end), next];
        over.end = until.into_iter().flatten().fold(over.end, i64::min).max(over.start);
    }
    let ns = (over.end.min(to) - over.start.max(from)).max(0) as u64;
    visit(&Placed {
        row: over.row,
        region: over.region,
        start: over.start,
        end: over.end,
        ns,
        self_ns: ns - over.covered.min(ns),
    });
    if let Some(around) = around {
        let start = over.start.max(around.start).max(around.until).max(from);
        let end = over.end.min(around.end).min(to);
        around.covered += (end - start).max(0) as u64;
        around.until = around.until.max(over.end);
    }
}
