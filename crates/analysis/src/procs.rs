//! What each proc did, and whether goroutines could run while procs were idle.

mod rows;
mod short;
#[cfg(test)]
mod tests;

pub use self::rows::{ProcCells, ProcRow, ProcTime};
pub use self::short::{Short, ShortMoment};

use crate::gomaxprocs::{Gomaxprocs, ProcChange, ProcCount};
use crate::pages::{OrderedPage, Paged};
use crate::paging::Order;
use crate::{Filter, FilterError, Subject, mmu};
use goroscope_model::{ProcIdx, Trace, each_in_parallel};
use serde::Serialize;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcsOptions {
    /// How many buckets of time.
    pub cells: usize,
    /// Which procs are listed.
    pub page: OrderedPage,
    /// How many of the moments at which procs were missed most.
    pub worst: usize,
}

/// The most buckets.
pub const MAX_PROC_CELLS: usize = 4096;
/// The most moments.
pub const MAX_SHORT_MOMENTS: usize = 1000;

impl Default for ProcsOptions {
    fn default() -> Self {
        Self { cells: 64, page: OrderedPage::default(), worst: 10 }
    }
}

/// The procs of a trace in a stretch of time. Times in ns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Procs {
    /// Begin of the stretch.
    pub from: i64,
    /// End of it.
    pub to: i64,
    /// How wide buckets are.
    pub width: i64,
    /// How many there are; the last may be cut by the end.
    pub cells: usize,
    /// How much of the stretch is lost.
    pub lost: u64,
    /// How many procs there are at the end.
    pub gomaxprocs: ProcCount,
    /// How many from when on, the first from the begin of the stretch.
    pub changes: Vec<ProcChange>,
    /// The sums of all procs.
    pub total: ProcTime,
    /// The procs, by id.
    pub rows: Paged<ProcRow>,
    /// How it went, by bucket.
    pub over_time: OverTime,
    /// Moments at which procs were idle while goroutines could run.
    pub short: Short,
}

/// Numbers by bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OverTime {
    /// Mean number of procs that threads hold.
    pub active: Vec<f64>,
    /// Mean number of procs that run a goroutine or are in a system call.
    pub busy: Vec<f64>,
    /// Mean of GOMAXPROCS.
    pub gomaxprocs: Vec<f64>,
    /// Mean number of goroutines that could run.
    pub runnable_mean: Vec<f64>,
    /// Most goroutines that could run at once.
    pub runnable_max: Vec<u64>,
}

/// Adjacent buckets of one width, of which the last may be cut.
#[derive(Clone, Copy, Debug)]
struct Buckets {
    from: i64,
    to: i64,
    width: i64,
    count: usize,
}

impl Buckets {
    fn new((from, to): (i64, i64), cells: usize) -> Self {
        let ns = (to - from) as u64;
        let width = ns.div_ceil(cells.clamp(1, MAX_PROC_CELLS) as u64).max(1);
        Self { from, to, width: width as i64, count: ns.div_ceil(width) as usize }
    }

    /// How long they are together, ns.
    fn ns_in_all(&self) -> u64 {
        (self.to - self.from) as u64
    }

    /// Begin and end of a bucket.
    fn bounds(&self, number: usize) -> (i64, i64) {
        let from = self.from + number as i64 * self.width;
        (from, (from + self.width).min(self.to))
    }

    /// The bucket of a moment.
    fn of(&self, ts: i64) -> usize {
        ((ts - self.from) / self.width) as usize
    }

    /// How long a bucket is, ns.
    fn ns(&self, number: usize) -> f64 {
        let (from, to) = self.bounds(number);
        (to - from) as f64
    }
}

/// What procs did within `from` and `to`; `min` and `max` are about the moments at which procs were missed.
pub fn procs(trace: &Trace, filter: &Filter, options: &ProcsOptions) -> Result<Procs, FilterError> {
    Subject::Procs.allows(filter)?;
    let (from, to) = filter.window(trace);
    let buckets = Buckets::new((from, to), options.cells);
    let gomaxprocs = Gomaxprocs::of(trace);
    let all: Vec<ProcRow> = each_in_parallel(trace.procs().len(), |i| rows::row(trace, ProcIdx(i as u32), &buckets))
        .into_iter()
        .flatten()
        .collect();
    let mut total = ProcTime::default();
    for row in &all {
        total.add(&row.time);
    }
    let (short, queue) = short::short(trace, filter, &buckets, &gomaxprocs, options.worst.min(MAX_SHORT_MOMENTS));
    let sum = |cells: &dyn Fn(&ProcCells) -> [&Vec<u64>; 4], number: usize| {
        let of_row = |row: &ProcRow| cells(&row.cells).iter().map(|cells| cells[number]).sum::<u64>();
        all.iter().map(of_row).sum::<u64>() as f64 / buckets.ns(number)
    };
    let busy: Vec<f64> = (0..buckets.count).map(|i| sum(&ProcCells::busy, i)).collect();
    let looking =
        |number: usize| all.iter().map(|row| row.cells.scheduler[number]).sum::<u64>() as f64 / buckets.ns(number);
    let over_time = OverTime {
        active: busy.iter().enumerate().map(|(i, busy)| busy + looking(i)).collect(),
        busy,
        gomaxprocs: mean_procs(&gomaxprocs, &buckets),
        runnable_mean: queue.mean,
        runnable_max: queue.max,
    };
    Ok(Procs {
        from,
        to,
        width: buckets.width,
        cells: buckets.count,
        lost: mmu::lost(trace, from, to),
        gomaxprocs: gomaxprocs.count(to),
        changes: gomaxprocs.within(from, to),
        total,
        rows: Paged::of(all, &options.page, Order::Ascending, |a, b| a.proc.id.cmp(&b.proc.id)),
        over_time,
        short,
    })
}

fn mean_procs(gomaxprocs: &Gomaxprocs, buckets: &Buckets) -> Vec<f64> {
    let mean = |number: usize| {
        let (from, to) = buckets.bounds(number);
        let changes = gomaxprocs.within(from, to);
        let ends = changes.iter().skip(1).map(|change| change.ts).chain([to]);
        let sum: f64 =
            changes.iter().zip(ends).map(|(change, end)| change.value as f64 * (end - change.ts) as f64).sum();
        sum / buckets.ns(number)
    };
    (0..buckets.count).map(mean).collect()
}
