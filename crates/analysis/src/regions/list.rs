//! Regions one by one, with what their goroutine did inside.

use super::{Chosen, Doings, Placed, place, start_frame};
use crate::class_time::ClassTime;
use crate::completeness::Completeness;
use crate::details::RangeTime;
use crate::paging::{Order, Paging, Picking, Rank, SortKey};
use crate::refs::{GoRef, TaskRef};
use crate::select::{ReasonShare, Reasons};
use crate::{Filter, FilterError, Lane, Subject, intervals};
use goroscope_model::{Class, GoIdx, StackIdx, StringIdx, Trace};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Which regions are listed, beside what the filter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionQuery {
    /// Whether begin and end are in the trace.
    pub complete: Completeness,
    /// Only those that begin at this place: [`super::RegionTypeRow::at`].
    pub at: Option<String>,
    /// Which page.
    pub paging: Paging<RegionSort>,
}

/// A page of regions. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// Begin of the stretch that is asked about.
    pub from: i64,
    /// Its end.
    pub to: i64,
    /// How many regions.
    pub total: usize,
    /// Which row the page begins with.
    pub offset: usize,
    /// The page.
    pub rows: Vec<RegionRow>,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionRow {
    /// Its lane.
    pub key: Lane,
    /// Its row.
    pub row: u32,
    /// Its name.
    pub name: String,
    /// Where the program began it; empty if that is not in the trace.
    pub at: String,
    /// Its goroutine.
    pub go: Option<GoRef>,
    /// Its task, if it has one.
    pub task: Option<TaskRef>,
    /// Begin.
    pub start: i64,
    /// End.
    pub end: i64,
    /// From begin to end.
    pub duration: u64,
    /// Nesting, from 0.
    pub depth: u16,
    /// Whether begin and end are in the trace.
    pub complete: bool,
    /// The true begin is not in the trace.
    pub open_start: bool,
    /// The true end is not in the trace.
    pub open_end: bool,
    /// How much of it is within the stretch.
    pub ns: u64,
    /// The same without the regions nested in it.
    pub self_ns: u64,
    /// What the goroutine did in that time.
    pub time: ClassTime,
    /// Why it waited, longest first.
    pub reasons: Vec<ReasonShare>,
    /// Ranges of the goroutine itself in that time (mark assist, sweep, stopping the world), longest first; they overlap
    /// with the time above.
    pub ranges: Vec<RangeTime>,
}

/// What regions can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RegionSort {
    /// The begin.
    #[default]
    Start,
    /// The duration.
    Duration,
    /// The time without nested regions.
    SelfNs,
    /// The name.
    Name,
    /// The id of the goroutine.
    Goroutine,
    /// The nesting.
    Depth,
    /// Time running.
    Running,
    /// Time ready.
    Runnable,
    /// Time blocked, but for system calls.
    Waiting,
    /// Time in system calls, holding a proc.
    Syscall,
    /// Time in system calls that had lost their proc.
    SyscallBlocked,
}

impl SortKey for RegionSort {
    const ALL: &'static [(&'static str, Self, Order)] = &[
        ("start", Self::Start, Order::Ascending),
        ("duration", Self::Duration, Order::Descending),
        ("self_ns", Self::SelfNs, Order::Descending),
        ("name", Self::Name, Order::Ascending),
        ("goroutine", Self::Goroutine, Order::Ascending),
        ("depth", Self::Depth, Order::Descending),
        ("running", Self::Running, Order::Descending),
        ("runnable", Self::Runnable, Order::Descending),
        ("waiting", Self::Waiting, Order::Descending),
        ("syscall", Self::Syscall, Order::Descending),
        ("syscall_blocked", Self::SyscallBlocked, Order::Descending),
    ];
}

/// What is kept of a region until the page is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    row: u32,
    start: i64,
    end: i64,
    ns: u64,
    self_ns: u64,
}

/// A page of the regions that pass.
pub fn regions(trace: &Trace, filter: &Filter, query: &RegionQuery) -> Result<Regions, FilterError> {
    Subject::Regions.allows(filter)?;
    let (from, to) = filter.window(trace);
    let mut picking = Picking::new(&query.paging);
    let mut places: BTreeMap<StackIdx, bool> = BTreeMap::new();
    let mut is_there = |stack: StackIdx| {
        let Some(at) = &query.at else { return true };
        *places.entry(stack).or_insert_with(|| place(trace, start_frame(trace, stack)) == *at)
    };
    let chosen = Chosen::of(trace, filter);
    let mut doings = Doings::new(trace, (from, to));
    chosen.each(&chosen.goroutines, &mut |placed| {
        let Placed { row, region, start, end, ns, self_ns } = *placed;
        if query.complete.has(region.start, region.end) && is_there(region.stack) {
            let found = Found { row, start, end, ns, self_ns };
            picking.push(rank(trace, placed, query.paging.sort, &mut doings), found);
        }
    });
    let (total, page) = picking.into_page();
    let sweeps = sweeps(trace, &page);
    let rows = page.into_iter().map(|found| row(trace, found, (from, to), &sweeps)).collect();
    Ok(Regions { from, to, total, offset: query.paging.offset, rows })
}

fn rank<'t>(trace: &'t Trace, placed: &Placed, sort: RegionSort, doings: &mut Doings<'_>) -> Rank<'t> {
    let region = &placed.region;
    let mut time = || doings.inside(placed);
    match sort {
        RegionSort::Start => Rank::of(placed.start),
        RegionSort::Duration => Rank::of(placed.end - placed.start),
        RegionSort::SelfNs => Rank::of(placed.self_ns),
        RegionSort::Name => Rank::Text(trace.symbols().string(region.name)),
        RegionSort::Goroutine => Rank::of(trace.goroutines().get(region.go.index()).map_or(0, |go| go.id.0)),
        RegionSort::Depth => Rank::of(region.depth),
        RegionSort::Running => Rank::of(time().running),
        RegionSort::Runnable => Rank::of(time().runnable),
        RegionSort::Waiting => Rank::of(time().waiting()),
        RegionSort::Syscall => Rank::of(time().syscall),
        RegionSort::SyscallBlocked => Rank::of(time().syscall_blocked),
    }
}

fn row(trace: &Trace, found: Found, (from, to): (i64, i64), sweeps: &Sweeps) -> RegionRow {
    let region = trace.regions().at(found.row as usize);
    let (first, last) = (found.start.max(from), found.end.min(to));
    let mut reasons = Reasons::default();
    reasons.add(trace, region.go, first, last);
    RegionRow {
        key: Lane::Regions(region.go, region.depth),
        row: found.row,
        name: trace.symbols().string(region.name).to_owned(),
        at: place(trace, start_frame(trace, region.stack)),
        go: GoRef::new(trace, region.go),
        task: TaskRef::new(trace, region.task),
        start: found.start,
        end: found.end,
        duration: (found.end - found.start) as u64,
        depth: region.depth,
        complete: region.start.is_some() && region.end.is_some(),
        open_start: region.start.is_none(),
        open_end: region.end.is_none(),
        ns: found.ns,
        self_ns: found.self_ns,
        time: ClassTime::of(&trace.go_time(region.go, first, last)),
        reasons: reasons.into_rows(trace),
        ranges: ranges(trace, region.go, (first, last), sweeps),
    }
}

/// Sweeps by the goroutine that did them, by begin: the trace has them by proc.
type Sweeps = BTreeMap<GoIdx, Vec<intervals::Interval>>;

/// The sweeps of the goroutines whose regions these are.
fn sweeps(trace: &Trace, page: &[Found]) -> Sweeps {
    let wanted: BTreeSet<GoIdx> = page.iter().map(|found| trace.regions().at(found.row as usize).go).collect();
    let mut sweeps = Sweeps::new();
    if wanted.is_empty() {
        return sweeps;
    }
    for (row, range) in (0..).zip(trace.ranges().iter()) {
        if range.class == Class::Sweep && wanted.contains(&range.go) {
            sweeps.entry(range.go).or_default().push(intervals::range(trace, row));
        }
    }
    for of_go in sweeps.values_mut() {
        of_go.sort_by_key(|sweep| sweep.start);
    }
    sweeps
}

/// Time of a goroutine's own ranges in `[from, to)` by name, longest first.
fn ranges(trace: &Trace, go: GoIdx, (from, to): (i64, i64), sweeps: &Sweeps) -> Vec<RangeTime> {
    let mut by_name: BTreeMap<StringIdx, (u64, u64)> = BTreeMap::new();
    let mut add = |interval: intervals::Interval| {
        let ns = interval.time_within(from, to);
        if ns > 0 {
            let sum = by_name.entry(trace.ranges().at(interval.row as usize).name).or_default();
            *sum = (sum.0 + ns, sum.1 + 1);
        }
        ControlFlow::Continue(())
    };
    intervals::visit(trace, Lane::GoRanges(go), from, to, &mut add);
    let of_go = sweeps.get(&go).map_or(&[][..], Vec::as_slice);
    // A goroutine does one sweep after the other.
    let first = of_go.partition_point(|sweep| sweep.end <= from);
    let _ = of_go[first..].iter().take_while(|sweep| sweep.start < to).try_for_each(|sweep| add(*sweep));
    let row = |(name, (ns, count)): (StringIdx, (u64, u64))| RangeTime {
        name: trace.symbols().string(name).to_owned(),
        ns,
        count,
    };
    let mut rows: Vec<RangeTime> = by_name.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.ns));
    rows
}
