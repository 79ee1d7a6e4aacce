//! A first picture of a trace that is still being read: how long goroutines were in which state, in equal cells.
//!
//! The cells begin with the trace and are a power of two of a nanosecond wide. Where a span reaches past the last cell,
//! pairs of cells become one and the width doubles, as often as it takes: so the memory is fixed, and nothing has to be
//! known of the trace's length.
//!
//! ```text
//!            ┌────────── a span ──────────┐
//!   cells  │    ▒▒▒▒│████████│████████│▒▒      │
//!   added       part                  part        to the cells of its two ends: so many ns
//!   noted            +1                −1         for the cells between, which it covers: a step up, a step down
//! ```
//!
//! So a span costs the same however long it is. The steps are summed up only when cells are merged or looked at.

use crate::Class;

/// The most cells.
const CELLS: usize = 1024;
/// The states of goroutines: the classes up to this one.
const STATES: usize = Class::SyscallBlocked as usize + 1;
/// The first cells are 2^10 ns wide, and all of them hold a millisecond.
const FIRST_LEVEL: u32 = 10;

/// Time of goroutines by state and cell, of the spans so far.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    /// Cells are 2^level ns wide.
    level: u32,
    /// The latest end of a span, ns.
    end: i64,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// ns in each state, of spans that begin or end in this cell. A float, because the clock of a damaged trace may be
    /// so far off that no integer holds the sum; below 2^53 ns, which is 104 days, it is exact.
    part: [f64; STATES],
    /// Spans in each state that cover the cells from this one on, less those that did up to this one.
    steps: [i64; STATES],
}

/// How long goroutines were in which state, so far.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewCells {
    /// How wide a cell is, ns.
    pub width: i64,
    /// How far the trace reaches, ns: within the last cell or at its end.
    pub end: i64,
    /// By cell, from the start of the trace on, and class: ns, summed over goroutines.
    pub time: Vec<[f64; Class::COUNT]>,
}

impl Default for Preview {
    fn default() -> Self {
        Self { level: FIRST_LEVEL, end: 0, cells: vec![Cell::EMPTY; CELLS] }
    }
}

impl Cell {
    const EMPTY: Self = Self { part: [0.0; STATES], steps: [0; STATES] };
}

impl Preview {
    /// Adds a span of a goroutine. What lies before the start of the trace is left out.
    pub fn add(&mut self, class: Class, from: i64, to: i64) {
        let (state, from) = (class as usize, from.max(0));
        if to <= from || state >= STATES {
            return;
        }
        self.reach(to);
        let (first, last) = ((from >> self.level) as usize, ((to - 1) >> self.level) as usize);
        if first == last {
            self.cells[first].part[state] += (to - from) as f64;
            return;
        }
        self.cells[first].part[state] += (((first as i64 + 1) << self.level) - from) as f64;
        self.cells[last].part[state] += (to - ((last as i64) << self.level)) as f64;
        if first + 1 < last {
            self.cells[first + 1].steps[state] += 1;
            self.cells[last].steps[state] -= 1;
        }
    }

    /// Makes the cells so wide that they reach to `end`.
    pub fn reach(&mut self, end: i64) {
        self.end = self.end.max(end);
        while (end - 1) >> self.level >= CELLS as i64 {
            let times = self.times();
            for (cell, pair) in self.cells.iter_mut().zip(times.chunks_exact(2)) {
                *cell = Cell::EMPTY;
                cell.part = std::array::from_fn(|state| pair[0][state] + pair[1][state]);
            }
            self.cells[CELLS / 2..].fill(Cell::EMPTY);
            self.level += 1;
        }
    }

    /// The picture so far.
    pub fn cells(&self) -> PreviewCells {
        let width = 1 << self.level;
        let used = if self.end > 0 { ((self.end - 1) >> self.level) as usize + 1 } else { 0 };
        let mut time = vec![[0.0; Class::COUNT]; used];
        for (cell, states) in time.iter_mut().zip(self.times()) {
            cell[..STATES].copy_from_slice(&states);
        }
        PreviewCells { width, end: self.end, time }
    }

    /// ns in each cell and state, the steps summed up.
    fn times(&self) -> Vec<[f64; STATES]> {
        let width = (1_i64 << self.level) as f64;
        let mut covering = [0_i64; STATES];
        let time = |cell: &Cell| {
            let mut time = cell.part;
            for state in 0..STATES {
                covering[state] += cell.steps[state];
                time[state] += covering[state] as f64 * width;
            }
            time
        };
        self.cells.iter().map(time).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// Spans as `(class, from, to)`; what the cells are, those without time left out.
    fn check(spans: &[(Class, i64, i64)], expected: &str) {
        let mut preview = Preview::default();
        for &(class, from, to) in spans {
            preview.add(class, from, to);
        }
        let PreviewCells { width, end, time } = preview.cells();
        let mut found = format!("{} of {width} to {end}", time.len());
        for (cell, time) in time.iter().enumerate() {
            for class in Class::ALL.into_iter().filter(|&class| time[class as usize] > 0.0) {
                write!(found, "; {cell} {class:?} {}", time[class as usize]).expect("memory");
            }
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn spans_in_cells() {
        use Class::{Runnable, Running, WaitChannel};
        check(&[], "0 of 1024 to 0");
        check(&[(Running, 10, 10), (Running, -9, 0), (Class::GcMark, 0, 9)], "0 of 1024 to 0");
        check(&[(Running, -9, 24)], "1 of 1024 to 24; 0 Running 24");
        check(&[(Running, 24, 1024), (Runnable, 0, 24)], "1 of 1024 to 1024; 0 Running 1000; 0 Runnable 24");
        check(&[(Running, 1000, 1025)], "2 of 1024 to 1025; 0 Running 24; 1 Running 1");
        check(
            &[(WaitChannel, 1000, 4097), (WaitChannel, 1024, 3072)],
            "5 of 1024 to 4097; 0 WaitChannel 24; 1 WaitChannel 2048; 2 WaitChannel 2048; 3 WaitChannel 1024; \
             4 WaitChannel 1",
        );
        // The second span does not fit into a millisecond: what was noted of the first goes into wider cells.
        check(
            &[(Running, 1000, 5120), (Runnable, (1 << 20) + 7, (1 << 20) + 9)],
            "513 of 2048 to 1048585; 0 Running 1048; 1 Running 2048; 2 Running 1024; 512 Runnable 2",
        );
    }

    #[test]
    fn a_clock_that_is_far_off_is_borne() {
        let mut preview = Preview::default();
        for _ in 0..9 {
            preview.add(Class::Running, 5, i64::MAX);
        }
        let cells = preview.cells();
        assert_eq!((cells.width, cells.time.len()), (1 << 53, 1024));
        assert!(cells.time.iter().all(|time| time[Class::Running as usize] > 8.9 * (1_i64 << 53) as f64));
    }

    proptest! {
        /// Every cell has what the spans have in it, whatever the order in which they came.
        #[test]
        fn cells_have_the_time_of_the_spans(spans in prop::collection::vec((0_i64..1 << 24, 0_i64..1 << 22), 1..60)) {
            let mut preview = Preview::default();
            for &(from, length) in &spans {
                preview.add(Class::Running, from, from + length);
            }
            let cells = preview.cells();
            for (cell, time) in cells.time.iter().enumerate() {
                let (begin, end) = (cell as i64 * cells.width, (cell as i64 + 1) * cells.width);
                let within = |&(from, length): &(i64, i64)| ((from + length).min(end) - from.max(begin)).max(0);
                let expected: i64 = spans.iter().map(within).sum();
                prop_assert_eq!(time[Class::Running as usize] as i64, expected);
            }
        }
    }
}
