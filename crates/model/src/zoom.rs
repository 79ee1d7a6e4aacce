//! How long a lane was in each state, in any window, without walking its spans.
//!
//! 1. Every 256 spans of a long lane there is a checkpoint: the time of each state from the lane's begin to there.
//! 2. The time up to a moment is the checkpoint before it plus at most 255 spans.
//! 3. A window's time is the difference of two such sums, so the answer is exact, never a sample.
//! 4. Adjacent buckets share a boundary; the row of the next boundary is found by galloping from the last.

use crate::{Class, LaneSpans};

/// Classes that a state lane can show: `Unknown` to `Idle`.
pub(crate) const STATES: usize = 16;
const SPACING: usize = 256;
/// Lanes up to this length are walked.
const SHORT: usize = 4096;

/// Checkpoints of one lane; none if the lane is short.
#[derive(Clone, Debug, Default)]
pub(crate) struct LaneIndex {
    sums: Vec<[u64; STATES]>,
}

impl LaneIndex {
    /// The checkpoints of a lane.
    pub(crate) fn new(lane: LaneSpans<'_>) -> Self {
        if lane.start.len() <= SHORT {
            return Self::default();
        }
        let mut sums = Vec::with_capacity(lane.start.len() / SPACING + 1);
        let mut sum = [0; STATES];
        for row in 0..lane.start.len() {
            if row % SPACING == 0 {
                sums.push(sum);
            }
            add(&mut sum, lane, row, span_end(lane, row));
        }
        Self { sums }
    }

    /// Time of each class in `[from, to)`, ns.
    pub(crate) fn time(&self, lane: LaneSpans<'_>, from: i64, to: i64) -> [u64; Class::COUNT] {
        let mut out = [[0; Class::COUNT]];
        let mut begins = [0];
        if to > from {
            self.cells(lane, from, to.saturating_sub(from), &mut out, &mut begins);
        }
        out[0]
    }

    /// Time of each class in each of `out.len()` buckets of `width` ns from `from`, and how many spans begin in it.
    pub(crate) fn cells(
        &self,
        lane: LaneSpans<'_>,
        from: i64,
        width: i64,
        out: &mut [[u64; Class::COUNT]],
        begins: &mut [u32],
    ) {
        let mut at = first_not_before(lane.start, 0, from);
        let mut before = self.up_to(lane, at, from);
        let mut boundary = from;
        for (cell, begins) in out.iter_mut().zip(begins) {
            boundary = boundary.saturating_add(width);
            let next = first_not_before(lane.start, at, boundary);
            *begins = (next - at) as u32;
            let after = if next - at < SPACING {
                walk(lane, before, at, next, boundary - width, boundary)
            } else {
                self.up_to(lane, next, boundary)
            };
            for (time, (after, before)) in cell.iter_mut().zip(after.iter().zip(before)) {
                *time = after - before;
            }
            (at, before) = (next, after);
        }
    }

    /// Time of each state from the lane's begin to `ts`; `row` is the first span that does not begin before `ts`.
    fn up_to(&self, lane: LaneSpans<'_>, row: usize, ts: i64) -> [u64; STATES] {
        let Some(last) = row.checked_sub(1) else {
            return [0; STATES];
        };
        let checkpoint = last / SPACING;
        let (mut sum, first) = match self.sums.get(checkpoint) {
            Some(sum) => (*sum, checkpoint * SPACING),
            None => ([0; STATES], 0),
        };
        for span in first..last {
            add(&mut sum, lane, span, span_end(lane, span));
        }
        add(&mut sum, lane, last, span_end(lane, last).min(ts));
        sum
    }
}

/// The sums at `to`, from those at `from`: the span that was open at `from`, then those that begin until `to`.
fn walk(lane: LaneSpans<'_>, mut sum: [u64; STATES], at: usize, next: usize, from: i64, to: i64) -> [u64; STATES] {
    if let Some(open) = at.checked_sub(1) {
        let end = span_end(lane, open).min(to);
        sum[lane.class[open] as usize % STATES] += (end - from).max(0) as u64;
    }
    for row in at..next {
        add(&mut sum, lane, row, span_end(lane, row).min(to));
    }
    sum
}

fn add(sum: &mut [u64; STATES], lane: LaneSpans<'_>, row: usize, end: i64) {
    sum[lane.class[row] as usize % STATES] += (end - lane.start[row]).max(0) as u64;
}

fn span_end(lane: LaneSpans<'_>, row: usize) -> i64 {
    lane.start.get(row + 1).copied().unwrap_or(lane.end)
}

/// The first row from `row` on whose time is not before `ts`, by steps that double and then halve.
pub(crate) fn first_not_before(times: &[i64], row: usize, ts: i64) -> usize {
    let mut step = 1;
    let mut low = row;
    while let Some(&time) = times.get(low + step - 1) {
        if time >= ts {
            break;
        }
        low += step;
        step *= 2;
    }
    let high = (low + step).min(times.len());
    low + times[low..high].partition_point(|&time| time < ts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLASSES: [Class; 4] = [Class::Running, Class::Runnable, Class::WaitSync, Class::Idle];

    /// The same by walking every span for every bucket.
    fn naive(lane: LaneSpans<'_>, from: i64, to: i64) -> ([u64; Class::COUNT], u32) {
        let mut time = [0; Class::COUNT];
        let mut begins = 0;
        for row in 0..lane.start.len() {
            let (start, end) = (lane.start[row].max(from), span_end(lane, row).min(to));
            time[lane.class[row] as usize] += (end - start).max(0) as u64;
            begins += u32::from((from..to).contains(&lane.start[row]));
        }
        (time, begins)
    }

    fn check(durations: &[i64], tail: i64, from: i64, width: i64, cells: usize) {
        let mut at = 7;
        let mut start = Vec::new();
        for duration in durations {
            start.push(at);
            at += duration;
        }
        let class: Vec<Class> = (0..start.len()).map(|row| CLASSES[(row * row / 3) % 4]).collect();
        let lane = LaneSpans { first_row: 0, start: &start, class: &class, end: at + tail };
        let index = LaneIndex::new(lane);
        let mut out = vec![[0; Class::COUNT]; cells];
        let mut begins = vec![0; cells];
        index.cells(lane, from, width, &mut out, &mut begins);
        for cell in 0..cells {
            let begin = from + cell as i64 * width;
            let (time, count) = naive(lane, begin, begin + width);
            assert_eq!((out[cell], begins[cell]), (time, count), "cell {cell}");
        }
        let whole = from + width * cells as i64;
        assert_eq!(index.time(lane, from, whole), naive(lane, from, whole).0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn short_lanes_equal_a_walk(
            durations in proptest::collection::vec(0_i64..50, 0..60),
            tail in 0_i64..20, from in -100_i64..900, width in 1_i64..400, cells in 1_usize..12,
        ) {
            check(&durations, tail, from, width, cells);
        }

        #[test]
        fn long_lanes_equal_a_walk(
            durations in proptest::collection::vec(0_i64..9, 4090..6000),
            from in -100_i64..20_000, width in 1_i64..9000, cells in 1_usize..6,
        ) {
            check(&durations, 3, from, width, cells);
        }
    }
}
