//! How many of a set of goroutines were in each state, over time: their transitions merged, with checkpoints.
//!
//! The goroutine-time of a window is the integral of the counts. Every 256 transitions there is a checkpoint of the
//! counts and of the integral so far, so that an answer is exact and costs at most 256 transitions per boundary.

use crate::zoom::{STATES, first_not_before};
use crate::{Class, LaneSpans};

const SPACING: usize = 256;
/// "Does not exist": before a lane's first span and after its end.
const ABSENT: u8 = u8::MAX;

/// The merged transitions of a set of lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Population {
    ts: Vec<i64>,
    leaves: Vec<u8>,
    enters: Vec<u8>,
    checkpoints: Vec<Counts>,
    peak: u32,
}

/// Counts from `since` on, and the integral up to `since`.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    since: i64,
    count: [u32; STATES],
    integral: [u64; STATES],
}

impl Counts {
    fn move_to(&mut self, ts: i64) {
        let step = (ts - self.since).max(0) as u64;
        for (integral, &count) in self.integral.iter_mut().zip(&self.count) {
            *integral += u64::from(count) * step;
        }
        self.since = self.since.max(ts);
    }

    fn change(&mut self, leaves: u8, enters: u8) {
        if let Some(count) = self.count.get_mut(leaves as usize) {
            *count -= 1;
        }
        if let Some(count) = self.count.get_mut(enters as usize) {
            *count += 1;
        }
    }
}

impl Population {
    /// Merges the lanes.
    pub(crate) fn new<'a>(lanes: impl Iterator<Item = LaneSpans<'a>>) -> Self {
        let mut changes: Vec<(i64, u8, u8)> = Vec::new();
        for lane in lanes {
            let mut leaves = ABSENT;
            for (&start, &class) in lane.start.iter().zip(lane.class) {
                changes.push((start, leaves, class as u8));
                leaves = class as u8;
            }
            if leaves != ABSENT {
                changes.push((lane.end, leaves, ABSENT));
            }
        }
        // Stable: the changes of one lane at one moment keep their order. The lanes are sorted runs, which it merges.
        changes.sort_by_key(|change| change.0);
        Self::from_sorted(&changes)
    }

    fn from_sorted(changes: &[(i64, u8, u8)]) -> Self {
        let mut population = Self {
            ts: changes.iter().map(|change| change.0).collect(),
            leaves: changes.iter().map(|change| change.1).collect(),
            enters: changes.iter().map(|change| change.2).collect(),
            checkpoints: Vec::with_capacity(changes.len() / SPACING + 1),
            peak: 0,
        };
        let mut now = Counts { since: changes.first().map_or(0, |change| change.0), ..Counts::default() };
        let mut alive = 0_u32;
        for (row, &(ts, leaves, enters)) in changes.iter().enumerate() {
            if row % SPACING == 0 {
                population.checkpoints.push(now);
            }
            now.move_to(ts);
            now.change(leaves, enters);
            alive += u32::from(leaves == ABSENT);
            alive -= u32::from(enters == ABSENT);
            population.peak = population.peak.max(alive);
        }
        population
    }

    /// The most that existed at once.
    pub(crate) fn peak(&self) -> u32 {
        self.peak
    }

    /// Goroutine-time of each class in each of `out.len()` buckets of `width` ns from `from`.
    pub(crate) fn cells(&self, from: i64, width: i64, out: &mut [[u64; Class::COUNT]]) {
        let mut at = first_not_before(&self.ts, 0, from);
        let mut counts = self.counts_at(at, from);
        let mut boundary = from;
        for cell in out {
            boundary = boundary.saturating_add(width);
            let next = first_not_before(&self.ts, at, boundary);
            let before = counts.integral;
            if next - at < SPACING {
                self.replay(&mut counts, at, next);
                counts.move_to(boundary);
            } else {
                counts = self.counts_at(next, boundary);
            }
            for (time, (after, before)) in cell.iter_mut().zip(counts.integral.iter().zip(before)) {
                *time = after - before;
            }
            at = next;
        }
    }

    /// Counts and integral at `ts`; `row` is the first transition that is not before `ts`.
    fn counts_at(&self, row: usize, ts: i64) -> Counts {
        let checkpoint = row / SPACING;
        let (mut counts, first) = match self.checkpoints.get(checkpoint).or(self.checkpoints.last()) {
            Some(counts) => (*counts, checkpoint.min(self.checkpoints.len() - 1) * SPACING),
            None => (Counts::default(), 0),
        };
        self.replay(&mut counts, first, row);
        counts.move_to(ts);
        counts
    }

    fn replay(&self, counts: &mut Counts, from: usize, to: usize) {
        for row in from..to {
            counts.move_to(self.ts[row]);
            counts.change(self.leaves[row], self.enters[row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(lanes: &[(i64, Vec<i64>)], from: i64, width: i64, cells: usize) {
        let classes = [Class::Running, Class::Runnable, Class::WaitChannel];
        let columns: Vec<(Vec<i64>, Vec<Class>, i64)> = lanes
            .iter()
            .map(|(begin, durations)| {
                let mut at = *begin;
                let start: Vec<i64> = durations.iter().map(|duration| (at, at += duration).0).collect();
                let class = (0..start.len()).map(|row| classes[(row * 7 / 2) % 3]).collect();
                (start, class, at)
            })
            .collect();
        let spans = || columns.iter().map(|(start, class, end)| LaneSpans { first_row: 0, start, class, end: *end });
        let population = Population::new(spans());
        let mut out = vec![[0; Class::COUNT]; cells];
        population.cells(from, width, &mut out);
        for (cell, found) in out.iter().enumerate() {
            let (begin, mut expected) = (from + cell as i64 * width, [0_u64; Class::COUNT]);
            for lane in spans() {
                for row in 0..lane.start.len() {
                    let end = lane.start.get(row + 1).copied().unwrap_or(lane.end).min(begin + width);
                    expected[lane.class[row] as usize] += (end - lane.start[row].max(begin)).max(0) as u64;
                }
            }
            assert_eq!(*found, expected, "cell {cell}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn goroutine_time_equals_a_walk(
            lanes in proptest::collection::vec(
                (0_i64..500, proptest::collection::vec(0_i64..40, 0..120)), 0..20),
            from in -50_i64..600, width in 1_i64..900, cells in 1_usize..8,
        ) {
            check(&lanes, from, width, cells);
        }
    }

    #[test]
    fn the_peak_counts_who_exists_at_once() {
        let lane = |start: &'static [i64], end| LaneSpans { first_row: 0, start, class: &[Class::Running], end };
        let population = Population::new([lane(&[0], 10), lane(&[5], 9), lane(&[10], 12)].into_iter());
        assert_eq!(population.peak(), 2);
    }
}
