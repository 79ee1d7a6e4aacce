//! A first picture of a trace that is still being read: how many goroutines were in which state, in equal cells.
//!
//! The cells begin with the trace and are a power of two of a nanosecond wide. Where a transition is past the last cell,
//! pairs of cells become one and the width doubles, as often as it takes: so the memory is fixed, and nothing has to be
//! known of the trace's length.
//!
//! A transition touches only the cell that it is in. There the new state gets the time up to the cell's end, which the
//! old state loses, as if nothing followed; and it is noted that from the next cell on there is one more goroutine in
//! the new state and one less in the old. The notes are summed up when the picture is looked at:
//!
//! ```text
//!   cells       │        t▒▒▒▒│████████│████████│████████│
//!   in its cell             + part, and one more from the next on
//! ```

use crate::Class;

/// The most cells.
const CELLS: usize = 1024;
/// The states of goroutines: the classes up to this one.
const STATES: usize = Class::SyscallBlocked as usize + 1;
/// Places for states, and for what is none.
const PLACES: usize = 16;
/// The state of a goroutine before its begin and after its end.
pub(crate) const NO_STATE: u32 = STATES as u32;
/// The first cells are 2^10 ns wide, and all of them hold a millisecond.
const FIRST_LEVEL: u32 = 10;

/// Goroutines by state and time, of the transitions so far.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    /// Cells are 2^level ns wide.
    level: u32,
    cells: Box<[Cell; CELLS]>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// ns in each state up to the cell's end, that the transitions in it brought or took. A float, because the clock of
    /// a damaged trace may be so far off that no integer holds the sum; below 2^53 ns, which is 104 days, it is exact.
    part: [f64; PLACES],
    /// Goroutines that these transitions brought into each state, less those that they took.
    change: [i64; PLACES],
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
        let cells = vec![Cell::EMPTY; CELLS].into_boxed_slice();
        Self { level: FIRST_LEVEL, cells: cells.try_into().expect("as many as asked for") }
    }
}

impl Cell {
    const EMPTY: Self = Self { part: [0.0; PLACES], change: [0; PLACES] };
}

impl Preview {
    /// A goroutine goes from the state with this number to another, which are classes or `NO_STATE`. What is before the
    /// start of the trace is taken for its start. Transitions may come in any order.
    #[inline]
    pub fn change(&mut self, at: i64, from: u32, to: u32) {
        let at = at.max(0);
        if at >> self.level >= CELLS as i64 {
            self.widen(at);
        }
        let cell = at >> self.level;
        let width = 1 << self.level;
        let left = (width - (at & (width - 1))) as f64;
        let cell = &mut self.cells[cell as usize % CELLS];
        // A goroutine has no class that is above the places.
        let (from, to) = (from as usize % PLACES, to as usize % PLACES);
        cell.part[from] -= left;
        cell.change[from] -= 1;
        cell.part[to] += left;
        cell.change[to] += 1;
    }

    /// Makes the cells so wide that the last one reaches beyond `at`.
    #[cold]
    fn widen(&mut self, at: i64) {
        while at >> self.level >= CELLS as i64 {
            let width = (1_i64 << self.level) as f64;
            for pair in 0..CELLS / 2 {
                let (left, right) = (self.cells[2 * pair], self.cells[2 * pair + 1]);
                self.cells[pair] = Cell {
                    part: std::array::from_fn(|state| {
                        left.part[state] + left.change[state] as f64 * width + right.part[state]
                    }),
                    change: std::array::from_fn(|state| left.change[state] + right.change[state]),
                };
            }
            self.cells[CELLS / 2..].fill(Cell::EMPTY);
            self.level += 1;
        }
    }

    /// The picture up to `end`, before which all transitions were.
    pub fn cells(&self, end: i64) -> PreviewCells {
        let mut wide = self.clone();
        wide.widen((end - 1).max(0));
        let width = 1_i64 << wide.level;
        let used = if end > 0 { ((end - 1) >> wide.level) as usize + 1 } else { 0 };
        let mut time = vec![[0.0; Class::COUNT]; used];
        let mut count = [0; STATES];
        for (time, cell) in time.iter_mut().zip(wide.cells.iter()) {
            for state in 0..STATES {
                time[state] = cell.part[state] + count[state] as f64 * width as f64;
                count[state] += cell.change[state];
            }
        }
        if let Some(last) = time.last_mut() {
            let beyond = (width - 1) - ((end - 1) & (width - 1));
            for state in 0..STATES {
                last[state] -= count[state] as f64 * beyond as f64;
            }
        }
        PreviewCells { width, end, time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// Spans as `(class, from, to)`; what the cells up to the last end are, those without time left out.
    fn check(spans: &[(Class, i64, i64)], expected: &str) {
        let mut preview = Preview::default();
        for &(class, from, to) in spans {
            preview.change(from, NO_STATE, class as u32);
            preview.change(to, class as u32, NO_STATE);
        }
        let end = spans.iter().map(|span| span.2).max().unwrap_or_default();
        let PreviewCells { width, end, time } = preview.cells(end);
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
        check(&[(Running, 10, 10), (Running, -9, 0)], "1 of 1024 to 10");
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
    fn a_goroutine_stays_in_its_state_up_to_the_end() {
        let mut preview = Preview::default();
        preview.change(1000, NO_STATE, Class::Runnable as u32);
        preview.change(1500, Class::Runnable as u32, Class::Running as u32);
        let time = |end: i64, class: Class| -> Vec<i64> {
            preview.cells(end).time.iter().map(|time| time[class as usize] as i64).collect()
        };
        assert_eq!((time(1500, Class::Runnable), time(1500, Class::Running)), (vec![24, 476], vec![0, 0]));
        assert_eq!((time(2100, Class::Runnable), time(2100, Class::Running)), (vec![24, 476, 0], vec![0, 548, 52]));
    }

    #[test]
    fn a_clock_that_is_far_off_is_borne() {
        let mut preview = Preview::default();
        for _ in 0..9 {
            preview.change(5, NO_STATE, Class::Running as u32);
            preview.change(i64::MAX - 1, Class::Running as u32, NO_STATE);
        }
        let cells = preview.cells(i64::MAX);
        assert_eq!((cells.width, cells.time.len()), (1 << 53, 1024));
        assert!(cells.time[..1023].iter().all(|time| time[Class::Running as usize] > 8.9 * (1_i64 << 53) as f64));
    }

    proptest! {
        /// Every cell has what the spans have in it, whatever the order in which they came.
        #[test]
        fn cells_have_the_time_of_the_spans(spans in prop::collection::vec((0_i64..1 << 24, 0_i64..1 << 22), 1..60)) {
            let mut preview = Preview::default();
            for &(from, length) in &spans {
                preview.change(from, NO_STATE, Class::Running as u32);
                preview.change(from + length, Class::Running as u32, NO_STATE);
            }
            let end = spans.iter().map(|(from, length)| from + length).max().unwrap_or_default();
            let cells = preview.cells(end);
            for (cell, time) in cells.time.iter().enumerate() {
                let (begin, end) = (cell as i64 * cells.width, (cell as i64 + 1) * cells.width);
                let within = |&(from, length): &(i64, i64)| ((from + length).min(end) - from.max(begin)).max(0);
                let expected: i64 = spans.iter().map(within).sum();
                prop_assert_eq!(time[Class::Running as usize] as i64, expected);
            }
        }
    }
}
