//! The whole trace in a few hundred equal buckets: how many goroutines did what, beside the heap and the collector.

use crate::{ClassKind, Filter, FilterError, Lane, classes, intervals};
use goroscope_model::{Class, Point, Trace};
use serde::Serialize;

/// The most buckets.
pub const MAX_CELLS: usize = 4096;

/// A heap goal above this is "no limit", not a number to draw.
pub(crate) const UNLIMITED_GOAL: u64 = 1 << 50;

/// The whole trace in equal buckets. Arrays have one entry per bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// Begin of the first bucket, ns: at or shortly before the start of the trace.
    pub from: i64,
    /// Width of a bucket, ns: a power of two, so that the sums are exact and quick.
    pub width: i64,
    /// How many buckets reach from the start to the end of the trace: at most as many as were asked for.
    pub cells: usize,
    /// Mean number of goroutines that ran.
    pub running: Vec<f64>,
    /// Mean number of goroutines that were runnable.
    pub runnable: Vec<f64>,
    /// Mean number of goroutines that waited.
    pub waiting: Vec<f64>,
    /// Mean number of goroutines that were in a system call.
    pub syscall: Vec<f64>,
    /// Mean of GOMAXPROCS; `None` if it is not recorded. The first value holds from the start.
    pub gomaxprocs: Vec<Option<f64>>,
    /// Largest size of the heap, bytes; `None` before it is first recorded.
    pub heap: Vec<Option<u64>>,
    /// Largest heap goal, bytes; `None` before it is first recorded and where there is no limit.
    pub goal: Vec<Option<u64>>,
    /// Largest of `heap` and `goal`, bytes.
    pub heap_max: u64,
    /// Largest of `waiting`.
    pub waiting_max: f64,
    /// When the collector marked, ns; merged where closer than a bucket.
    pub gc: Vec<(i64, i64)>,
    /// When the world was stopped, ns; merged where closer than a bucket.
    pub stw: Vec<(i64, i64)>,
}

/// The whole trace in `cells` equal buckets (1 to [`MAX_CELLS`]; others are taken as the nearest).
pub fn overview(trace: &Trace, cells: usize) -> Overview {
    let grid = Grid::of(trace, cells);
    let mut time = vec![[0; Class::COUNT]; grid.cells];
    trace.all_cells(grid.from, grid.width, &mut time);
    let mean = |kind: ClassKind| -> Vec<f64> {
        (0..grid.cells)
            .map(|cell| classes::sum_of_kind(&time[cell], kind) as f64 / grid.duration(cell) as f64)
            .collect()
    };
    let waiting = mean(ClassKind::Wait);
    let metrics = trace.metrics();
    let heap = largest(metrics.heap_live.iter(), &grid, u64::MAX);
    let goal = largest(metrics.heap_goal.iter(), &grid, UNLIMITED_GOAL);
    Overview {
        from: grid.from,
        width: grid.width,
        cells: grid.cells,
        running: mean(ClassKind::Run),
        runnable: mean(ClassKind::Ready),
        syscall: mean(ClassKind::Syscall),
        gomaxprocs: means(metrics.gomaxprocs.iter(), &grid),
        heap_max: heap.iter().chain(&goal).flatten().copied().max().unwrap_or(0),
        heap,
        goal,
        waiting_max: waiting.iter().copied().fold(0.0, f64::max),
        waiting,
        gc: merged(trace, Lane::Gc, grid.width),
        stw: merged(trace, Lane::Stw, grid.width),
    }
}

/// The heap over a stretch of time in equal buckets. Arrays have one entry per bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Heap {
    /// Begin of the first bucket, ns: at or shortly before the begin of the stretch.
    pub from: i64,
    /// Width of a bucket, ns: a power of two.
    pub width: i64,
    /// How many buckets reach over the stretch: at most as many as were asked for.
    pub cells: usize,
    /// Largest size of the heap, bytes; `None` before it is first recorded.
    pub heap: Vec<Option<u64>>,
    /// Largest heap goal, bytes; `None` before it is first recorded and where there is no limit.
    pub goal: Vec<Option<u64>>,
}

/// The heap within the times of a filter in `cells` equal buckets (1 to [`MAX_CELLS`]; others are taken as the nearest).
pub fn heap(trace: &Trace, filter: &Filter, cells: usize) -> Result<Heap, FilterError> {
    filter.allow("heap", &["from", "to", "min", "max"])?;
    let grid = Grid::over(filter.window(trace), cells);
    let metrics = trace.metrics();
    Ok(Heap {
        from: grid.from,
        width: grid.width,
        cells: grid.cells,
        heap: largest(metrics.heap_live.iter(), &grid, u64::MAX),
        goal: largest(metrics.heap_goal.iter(), &grid, UNLIMITED_GOAL),
    })
}

/// The most goroutines that lived at once.
pub(crate) fn peak(trace: &Trace) -> u32 {
    let mut begins = Vec::with_capacity(trace.goroutines().len());
    let mut ends = Vec::with_capacity(trace.goroutines().len());
    for go in 0..trace.goroutines().len() as u32 {
        let spans = trace.go_lane(goroscope_model::GoIdx(go));
        if !spans.is_empty() {
            begins.push(spans.begin());
            ends.push(spans.end);
        }
    }
    begins.sort_unstable();
    ends.sort_unstable();
    let mut ended = 0;
    let mut peak = 0;
    for (begun, &begin) in begins.iter().enumerate() {
        while ends[ended] <= begin && ended < begun {
            ended += 1;
        }
        peak = peak.max(begun + 1 - ended);
    }
    peak as u32
}

/// Equal buckets over the trace.
pub(crate) struct Grid {
    /// Where the trace starts, in the first bucket.
    start: i64,
    pub(crate) from: i64,
    to: i64,
    pub(crate) width: i64,
    pub(crate) cells: usize,
}

impl Grid {
    fn of(trace: &Trace, cells: usize) -> Self {
        Self::over((trace.start(), trace.end()), cells)
    }

    pub(crate) fn over((from, to): (i64, i64), cells: usize) -> Self {
        let to = to.max(from + 1);
        let wanted = cells.clamp(1, MAX_CELLS) as i64;
        let mut width = ((to - from - 1) / wanted + 1) as u64;
        // As wide as cells of tiles are, and where they are: sums over these are kept.
        loop {
            width = width.next_power_of_two();
            let step = i64::try_from(width).unwrap_or(i64::MAX);
            let (first, last) = (from.div_euclid(step), (to - 1).div_euclid(step));
            if last - first < wanted {
                return Self { start: from, from: first * step, to, width: step, cells: (last - first + 1) as usize };
            }
            width += 1;
        }
    }

    pub(crate) fn begin(&self, cell: usize) -> i64 {
        (self.from + cell as i64 * self.width).max(self.start)
    }

    /// The last bucket ends with the trace.
    pub(crate) fn end(&self, cell: usize) -> i64 {
        (self.from + (cell as i64 + 1) * self.width).min(self.to)
    }

    fn duration(&self, cell: usize) -> i64 {
        self.end(cell) - self.begin(cell)
    }
}

/// The largest value of a series in each bucket, the one it enters with included; values above `limit` are none.
fn largest(series: impl Iterator<Item = Point>, grid: &Grid, limit: u64) -> Vec<Option<u64>> {
    let below = |value: u64| if value <= limit { Some(value) } else { None };
    let mut series = series.peekable();
    let mut held = None;
    (0..grid.cells)
        .map(|cell| {
            // A value from the very beginning of the bucket replaces the one before it.
            while let Some(point) = series.next_if(|point| point.ts <= grid.begin(cell)) {
                held = below(point.value);
            }
            let mut largest = held;
            let is_last = cell + 1 == grid.cells;
            let is_within = |ts| ts < grid.end(cell) || (is_last && ts <= grid.to);
            while let Some(point) = series.next_if(|point| is_within(point.ts)) {
                held = below(point.value);
                largest = largest.max(held);
            }
            largest
        })
        .collect()
}

/// The mean of a series over each bucket; its first value holds from the start.
fn means(series: impl Iterator<Item = Point>, grid: &Grid) -> Vec<Option<f64>> {
    let mut series = series.peekable();
    let Some(first) = series.peek() else { return vec![None; grid.cells] };
    let mut held = first.value;
    (0..grid.cells)
        .map(|cell| {
            let mut now = grid.begin(cell);
            let mut sum = 0.0;
            while let Some(point) = series.next_if(|point| point.ts < grid.end(cell)) {
                let ts = point.ts.max(now);
                sum += held as f64 * (ts - now) as f64;
                now = ts;
                held = point.value;
            }
            sum += held as f64 * (grid.end(cell) - now) as f64;
            Some(sum / grid.duration(cell) as f64)
        })
        .collect()
}

/// The intervals of a lane, those closer than `gap` as one.
fn merged(trace: &Trace, lane: Lane, gap: i64) -> Vec<(i64, i64)> {
    let mut merged: Vec<(i64, i64)> = Vec::new();
    intervals::visit(trace, lane, trace.start(), trace.end().saturating_add(1), &mut |interval| {
        match merged.last_mut() {
            Some(last) if interval.start - last.1 < gap => last.1 = last.1.max(interval.end),
            Some(_) | None => merged.push((interval.start, interval.end)),
        }
        std::ops::ControlFlow::Continue(())
    });
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_in_buckets() {
        let grid = Grid { start: 0, from: 0, to: 95, width: 10, cells: 10 };
        let series =
            |points: &[(i64, u64)]| -> Vec<Point> { points.iter().map(|&(ts, value)| Point { ts, value }).collect() };
        let points = series(&[(5, 4), (20, 2), (21, 9), (22, 3), (55, 1 << 60)]);
        assert_eq!(
            largest(points.into_iter(), &grid, 1 << 50),
            [Some(4), Some(4), Some(9), Some(3), Some(3), Some(3), None, None, None, None]
        );
        let points = series(&[(5, 4), (20, 2), (25, 8)]);
        assert_eq!(means(points.into_iter(), &grid), [4.0, 4.0, 5.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0].map(Some));
        assert_eq!(means(std::iter::empty(), &grid), [None; 10]);
        assert_eq!(largest(std::iter::empty(), &grid, 1), [None; 10]);
    }
}
