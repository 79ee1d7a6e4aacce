//! The garbage collector: its cycles with their phases, pauses, heap sizes and cost, every stop of the world, and who had
//! to help marking.

mod cycles;
mod effort;
mod stops;
#[cfg(test)]
mod tests;
mod trigger;

pub use self::cycles::{Cycle, GcPhase, PhaseTime};
pub use self::effort::Effort;
pub use self::stops::{Place, Stop, StopCause};
pub use self::trigger::Trigger;

use self::effort::{Assist, Efforts};
use crate::choice::choice;
use crate::gomaxprocs::{Gomaxprocs, ProcCount};
use crate::pages::{OrderedPage, Paged};
use crate::paging::Order;
use crate::refs::GoRef;
use crate::{Filter, FilterError, Lane, Subject, UnknownChoice, mmu};
use goroscope_model::{GoIdx, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

choice! {
    /// How cycles are sorted.
    pub enum CycleSort {
        /// By number.
        Number = "number",
        /// By begin.
        Start = "start",
        /// By duration.
        Duration = "duration",
        /// By how long the world was stopped.
        Pause = "pause_ns" | "pause",
        /// By how long mark assists lasted.
        Assist = "assist_ns" | "assist",
        /// By the share of all procs.
        Share = "gc_share" | "share",
        /// By the live heap at the begin.
        Heap = "heap_before" | "heap",
    }
}

choice! {
    /// How stops of the world are sorted.
    pub enum StopSort {
        /// By begin.
        Start = "start",
        /// By duration.
        Duration = "duration",
        /// By cause.
        Cause = "cause",
    }
}

choice! {
    /// How goroutines that assisted are sorted.
    pub enum AssistSort {
        /// By how long.
        Time = "ns" | "time",
        /// By how often.
        Count = "count",
        /// By the longest.
        Longest = "longest",
    }
}

/// Which rows are listed, in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcTable {
    /// The cycles.
    Cycles(CycleSort),
    /// All stops of the world.
    Stops(StopSort),
    /// The goroutines that assisted.
    Assists(AssistSort),
}

impl GcTable {
    /// The table of this name, sorted by what is called this.
    pub fn parse(table: Option<&str>, sort: Option<&str>) -> Result<Self, UnknownChoice> {
        Ok(match table.unwrap_or("cycles") {
            "cycles" => Self::Cycles(sort.map_or(Ok(CycleSort::default()), str::parse)?),
            "stops" => Self::Stops(sort.map_or(Ok(StopSort::default()), str::parse)?),
            "assists" => Self::Assists(sort.map_or(Ok(AssistSort::default()), str::parse)?),
            other => return Err(UnknownChoice::new(other, &["cycles", "stops", "assists"])),
        })
    }
}

/// What the collector did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gc {
    /// Begin of the stretch, ns.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// How much of it is lost, ns.
    pub lost: u64,
    /// How many procs there are at the end.
    pub gomaxprocs: ProcCount,
    /// All together.
    pub total: GcTotal,
    /// Why the world was stopped, the longest in all first.
    pub causes: Vec<StopCause>,
    /// The cycles.
    pub cycles: Paged<Cycle>,
    /// The stops.
    pub stops: Paged<Stop>,
    /// Who assisted.
    pub assists: Paged<AssistRow>,
}

/// Sums over what touches a stretch. Times in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct GcTotal {
    /// Cycles.
    pub cycles: u64,
    /// How long they lasted.
    pub cycle_ns: u64,
    /// Stops by the collector.
    pub pauses: u64,
    /// How long they lasted.
    pub pause_ns: u64,
    /// The longest.
    pub longest_pause: u64,
    /// Stops for whatever cause.
    pub stops: u64,
    /// How long they lasted.
    pub stop_ns: u64,
    /// What was done.
    #[serde(flatten)]
    pub effort: Effort,
    /// The share of all procs that was taken from the program in the stretch, 0 to 1; null if nothing of it is known.
    pub gc_share: Option<f64>,
}

/// The mark assists of a goroutine. Times in ns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssistRow {
    /// Which.
    pub go: Option<GoRef>,
    /// How many.
    pub count: u64,
    /// How long they lasted.
    pub ns: u64,
    /// How long of it they ran on a proc.
    pub running_ns: u64,
    /// Where the longest is.
    pub longest: Place,
}

/// What the collector did within `from` and `to`: all that touches the stretch, whole. `min` and `max` are about how long
/// what is listed lasts.
pub fn gc(trace: &Trace, filter: &Filter, table: GcTable, page: &OrderedPage) -> Result<Gc, FilterError> {
    Subject::Gc.allows(filter)?;
    let (from, to) = filter.window(trace);
    let mut all_stops = stops::stops(trace);
    let all = cycles::cycles(trace, &mut all_stops);
    let efforts = Efforts::of(trace);
    let touches = |start: i64, end: i64| start < to && (end > from || start >= from);

    let in_stretch: Vec<usize> = (0..all.len()).filter(|&i| all[i].touches(from, to)).collect();
    let stopped: Vec<_> = all_stops.iter().filter(|stop| touches(stop.start, stop.end)).copied().collect();
    let assists: Vec<&Assist> = efforts.assists.iter().filter(|assist| touches(assist.start, assist.end)).collect();

    let mut effort = Effort { sweeper_ns: efforts.sweeper(trace, from, to), ..Effort::default() };
    for assist in &assists {
        effort.add_assist(assist);
    }
    for work in &efforts.work {
        effort.add_work(work, (from, to));
    }
    for sweep in efforts.sweeps.iter().filter(|sweep| touches(sweep.start, sweep.end)) {
        effort.add_sweep(sweep);
    }
    let pauses = || stopped.iter().filter(|stop| stop.is_gc()).map(stops::BareStop::duration);
    let total = GcTotal {
        cycles: in_stretch.len() as u64,
        cycle_ns: in_stretch.iter().map(|&i| (all[i].end - all[i].start) as u64).sum(),
        pauses: pauses().count() as u64,
        pause_ns: pauses().sum(),
        longest_pause: pauses().max().unwrap_or(0),
        stops: stopped.len() as u64,
        stop_ns: stopped.iter().map(stops::BareStop::duration).sum(),
        effort,
        gc_share: mmu::taken(trace, &[(from, to)])[0],
    };

    let listed: Vec<usize> = in_stretch.into_iter().filter(|&i| filter.lasts(all[i].end - all[i].start)).collect();
    let listed_stops: Vec<_> = stopped.iter().filter(|stop| filter.lasts(stop.end - stop.start)).copied().collect();
    let rows = assist_rows(assists.into_iter().filter(|assist| filter.lasts(assist.end - assist.start)));
    let of = |wanted: bool| if wanted { *page } else { OrderedPage::NONE };
    let cycle_sort = match table {
        GcTable::Cycles(sort) => Some(sort),
        GcTable::Stops(_) | GcTable::Assists(_) => None,
    };
    Ok(Gc {
        from,
        to,
        lost: mmu::lost(trace, from, to),
        gomaxprocs: Gomaxprocs::of(trace).count(to),
        total,
        causes: stops::causes(&stopped),
        cycles: match cycle_sort {
            Some(sort) => sorted_cycles(cycles::in_full(trace, &all, &listed, &all_stops, &efforts), sort, page),
            None => Paged { total: listed.len(), offset: 0, rows: Vec::new() },
        },
        stops: sorted_stops(trace, listed_stops, table, &of(matches!(table, GcTable::Stops(_)))),
        assists: sorted_assists(trace, rows, table, &of(matches!(table, GcTable::Assists(_)))),
    })
}

fn sorted_cycles(rows: Vec<Cycle>, sort: CycleSort, page: &OrderedPage) -> Paged<Cycle> {
    let usual = match sort {
        CycleSort::Number | CycleSort::Start => Order::Ascending,
        CycleSort::Duration | CycleSort::Pause | CycleSort::Assist | CycleSort::Share | CycleSort::Heap => {
            Order::Descending
        }
    };
    Paged::of(rows, page, usual, |a, b| match sort {
        CycleSort::Number => a.number.cmp(&b.number),
        CycleSort::Start => a.start.cmp(&b.start),
        CycleSort::Duration => a.duration.cmp(&b.duration),
        CycleSort::Pause => a.pause_ns.cmp(&b.pause_ns),
        CycleSort::Assist => a.effort.assist_ns.cmp(&b.effort.assist_ns),
        CycleSort::Share => a.gc_share.unwrap_or(-1.0).total_cmp(&b.gc_share.unwrap_or(-1.0)),
        CycleSort::Heap => a.heap_before.cmp(&b.heap_before),
    })
}

fn sorted_stops(trace: &Trace, rows: Vec<stops::BareStop<'_>>, table: GcTable, page: &OrderedPage) -> Paged<Stop> {
    let sort = match table {
        GcTable::Stops(sort) => sort,
        GcTable::Cycles(_) | GcTable::Assists(_) => StopSort::default(),
    };
    let usual = match sort {
        StopSort::Start | StopSort::Cause => Order::Ascending,
        StopSort::Duration => Order::Descending,
    };
    let Paged { total, offset, rows } = Paged::of(rows, page, usual, |a, b| match sort {
        StopSort::Start => a.start.cmp(&b.start),
        StopSort::Duration => a.duration().cmp(&b.duration()),
        StopSort::Cause => a.cause.cmp(b.cause),
    });
    Paged { total, offset, rows: rows.iter().map(|stop| stop.in_full(trace)).collect() }
}

/// A goroutine's mark assists.
struct BareAssists {
    go: GoIdx,
    count: u64,
    ns: u64,
    running: u64,
    longest: (i64, i64),
}

fn assist_rows<'a>(assists: impl Iterator<Item = &'a Assist>) -> Vec<BareAssists> {
    let mut rows: BTreeMap<GoIdx, BareAssists> = BTreeMap::new();
    for &Assist { go, start, end, running } in assists {
        let empty = BareAssists { go, count: 0, ns: 0, running: 0, longest: (start, start) };
        let row = rows.entry(go).or_insert(empty);
        row.count += 1;
        row.ns += (end - start) as u64;
        row.running += running;
        if end - start > row.longest.1 - row.longest.0 {
            row.longest = (start, end);
        }
    }
    rows.into_values().collect()
}

fn sorted_assists(trace: &Trace, rows: Vec<BareAssists>, table: GcTable, page: &OrderedPage) -> Paged<AssistRow> {
    let sort = match table {
        GcTable::Assists(sort) => sort,
        GcTable::Cycles(_) | GcTable::Stops(_) => AssistSort::default(),
    };
    let longest = |row: &BareAssists| row.longest.1 - row.longest.0;
    let Paged { total, offset, rows } = Paged::of(rows, page, Order::Descending, |a, b| match sort {
        AssistSort::Time => a.ns.cmp(&b.ns),
        AssistSort::Count => a.count.cmp(&b.count),
        AssistSort::Longest => longest(a).cmp(&longest(b)),
    });
    let row = |row: BareAssists| AssistRow {
        go: GoRef::new(trace, row.go),
        count: row.count,
        ns: row.ns,
        running_ns: row.running,
        longest: Place { key: Lane::GoRanges(row.go), start: row.longest.0, end: row.longest.1 },
    };
    Paged { total, offset, rows: rows.into_iter().map(row).collect() }
}
