//! How long a lane showed each class in any window, exactly, however many spans are in it.
//!
//! The sum over a window has three parts: the span that its beginning cuts, the spans that begin in it, and what its end
//! cuts off the last of them. The middle is a range of rows. In lanes with many spans, sums per class up to every 64th
//! row are kept, so that a range of rows needs at most two scans of less than 64 rows each:
//!
//! ```text
//! rows      i .....|64·k .................... 64·l|.... j
//!           scan   sums[l] - sums[k]                scan
//! ```
//!
//! Times of a damaged trace may be anything, so sums over goroutines are modulo 2^64.
//!
//! Adjacent cells share their boundaries. From one boundary to the next the row is found by galloping: steps that double
//! until they are past it, then bisection. So cells cost by the distance between boundaries, not by the lane's length.

use crate::{Class, LaneSpans, Lanes};

/// Rows between two sums.
const STEP: usize = 64;
/// Lanes up to this many spans are scanned.
const SCANNED: usize = 4096;

/// Time of each class.
pub(crate) type Times = [u64; Class::COUNT];

/// Nothing.
pub(crate) const NO_TIME: Times = [0; Class::COUNT];

/// Sums of the long lanes of a table of spans.
#[derive(Debug, Default)]
pub(crate) struct ZoomIndex {
    /// Numbers of the long lanes, ascending.
    lanes: Vec<u32>,
    sums: Vec<LaneSums>,
}

/// Sums of one lane.
#[derive(Debug)]
pub(crate) struct LaneSums {
    /// The classes that the lane shows.
    classes: Vec<Class>,
    /// For every [`STEP`]th row, the time of each of `classes` before it.
    sums: Vec<u64>,
}

impl ZoomIndex {
    /// Sums up the long lanes.
    pub fn new(lanes: &Lanes, start: &[i64], class: &[Class]) -> Self {
        let mut index = Self::default();
        for (i, range) in lanes.first.windows(2).enumerate() {
            let rows = range[0] as usize..range[1] as usize;
            if rows.len() > SCANNED {
                index.lanes.push(i as u32);
                index.sums.push(LaneSums::new(&start[rows.clone()], &class[rows]));
            }
        }
        index
    }

    /// The sums of a lane, if it is long.
    pub fn lane(&self, lane: u32) -> Option<&LaneSums> {
        self.lanes.binary_search(&lane).ok().map(|at| &self.sums[at])
    }
}

impl LaneSums {
    fn new(start: &[i64], class: &[Class]) -> Self {
        let mut present = [false; Class::COUNT];
        for &class in class {
            present[class as usize] = true;
        }
        let classes: Vec<Class> = Class::ALL.into_iter().filter(|&class| present[class as usize]).collect();
        let mut sums = Vec::with_capacity((start.len() / STEP + 1) * classes.len());
        let mut times = NO_TIME;
        for row in 0..start.len() {
            if row % STEP == 0 {
                sums.extend(classes.iter().map(|&class| times[class as usize]));
            }
            if row + 1 < start.len() {
                times[class[row] as usize] += start[row + 1].abs_diff(start[row]);
            }
        }
        Self { classes, sums }
    }

    /// Adds the time of rows `STEP * from..STEP * to`.
    fn add(&self, from: usize, to: usize, times: &mut Times) {
        let n = self.classes.len();
        let before = &self.sums[from * n..][..n];
        let after = &self.sums[to * n..][..n];
        for ((&class, before), after) in self.classes.iter().zip(before).zip(after) {
            let time = &mut times[class as usize];
            *time = time.wrapping_add(after - before);
        }
    }
}

/// Fills `out` with the time of each class in adjacent cells of `width` ns from `from`, and `begins` with the number of
/// spans that begin in each.
pub(crate) fn cells(
    lane: LaneSpans<'_>,
    sums: Option<&LaneSums>,
    from: i64,
    width: i64,
    out: &mut [Times],
    begins: &mut [u32],
) {
    let mut walk = Walk::new(lane, sums, from);
    let mut begins = begins.iter_mut();
    for (i, times) in out.iter_mut().enumerate() {
        *times = NO_TIME;
        let count = walk.advance(boundary(from, width, i + 1), times);
        if let Some(begins) = begins.next() {
            *begins = count;
        }
    }
}

/// Adds the time of each class to adjacent cells of `width` ns from `from`.
pub(crate) fn add_cells(lane: LaneSpans<'_>, sums: Option<&LaneSums>, from: i64, width: i64, out: &mut [Times]) {
    let mut walk = Walk::new(lane, sums, from);
    for (i, times) in out.iter_mut().enumerate() {
        walk.advance(boundary(from, width, i + 1), times);
    }
}

/// Where cell `i` begins. Cells past the end of time are empty.
pub(crate) fn boundary(from: i64, width: i64, i: usize) -> i64 {
    from.saturating_add(width.max(0).saturating_mul(i as i64))
}

/// The time of each class in `[from, to)`.
pub(crate) fn time(lane: LaneSpans<'_>, sums: Option<&LaneSums>, from: i64, to: i64) -> Times {
    let mut times = NO_TIME;
    Walk::new(lane, sums, from).advance(to.max(from), &mut times);
    times
}

/// A moment on a lane, moving forward.
struct Walk<'a> {
    lane: LaneSpans<'a>,
    sums: Option<&'a LaneSums>,
    at: i64,
    /// First row that does not begin before `at`.
    row: usize,
}

impl<'a> Walk<'a> {
    fn new(lane: LaneSpans<'a>, sums: Option<&'a LaneSums>, from: i64) -> Self {
        let row = lane.start.partition_point(|&start| start < from);
        Self { lane, sums, at: from, row }
    }

    /// Moves on to `to` and adds the time until then. How many spans begin until then.
    fn advance(&mut self, to: i64, times: &mut Times) -> u32 {
        let LaneSpans { start, class, end, .. } = self.lane;
        let row = self.row;
        let next = gallop(start, row, to);
        if row > 0 {
            let stop = if row < next { start[row] } else { to.min(end) };
            add(times, class[row - 1], self.at, stop);
        }
        if row < next {
            self.add_rows(row, next - 1, times);
            add(times, class[next - 1], start[next - 1], to.min(end));
        }
        self.at = to;
        self.row = next;
        (next - row) as u32
    }

    /// Adds the whole time of rows `from..to`, none of which is the lane's last.
    fn add_rows(&self, from: usize, to: usize, times: &mut Times) {
        match self.sums {
            Some(sums) if to - from >= 2 * STEP => {
                let (first, last) = (from.div_ceil(STEP), to / STEP);
                self.scan(from, first * STEP, times);
                sums.add(first, last, times);
                self.scan(last * STEP, to, times);
            }
            Some(_) | None => self.scan(from, to, times),
        }
    }

    fn scan(&self, from: usize, to: usize, times: &mut Times) {
        if from >= to {
            return;
        }
        let starts = &self.lane.start[from..=to];
        for (pair, &class) in starts.windows(2).zip(&self.lane.class[from..to]) {
            let time = &mut times[class as usize];
            *time = time.wrapping_add(pair[1].abs_diff(pair[0]));
        }
    }
}

fn add(times: &mut Times, class: Class, from: i64, to: i64) {
    if to > from {
        let time = &mut times[class as usize];
        *time = time.wrapping_add(to.abs_diff(from));
    }
}

/// The first place from `from` on whose value is not below `value`.
pub(crate) fn gallop(sorted: &[i64], from: usize, value: i64) -> usize {
    let mut low = from;
    let mut step = 1;
    while low + step <= sorted.len() && sorted[low + step - 1] < value {
        low += step;
        step *= 2;
    }
    let high = sorted.len().min(low + step);
    low + sorted[low..high].partition_point(|&at| at < value)
}

#[cfg(test)]
mod tests;
