//! Which time a tile and its cells cover. Parameters come from outside, so this is where the arithmetic is wide.

use super::{CELLS, MAX_LEVEL};
use goroscope_model::Trace;
use std::ops::RangeInclusive;

/// A tile's time, cut to the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Begin of cell 0, ns.
    origin: i128,
    /// Width of a cell, ns.
    width: i64,
    /// First moment of the trace in the tile, ns.
    pub(super) from: i64,
    /// After the last moment of the trace in the tile, ns.
    pub(super) to: i64,
}

impl Window {
    /// The window of a tile; `None` if the level does not exist or the tile is outside the trace.
    pub(super) fn new(trace: &Trace, level: u8, x: i64) -> Option<Self> {
        Self::within(trace.start(), trace.end(), level, x)
    }

    /// The same for a trace from `first` to `last`, both included.
    fn within(first: i64, last: i64, level: u8, x: i64) -> Option<Self> {
        if level > MAX_LEVEL {
            return None;
        }
        let width = 1_i64 << level;
        let length = i128::from(width) * CELLS as i128;
        let origin = i128::from(x).checked_mul(length)?;
        let from = origin.max(i128::from(first));
        let to = (origin + length).min(i128::from(last) + 1);
        if from >= to {
            return None;
        }
        let to = i64::try_from(to).unwrap_or(i64::MAX);
        Some(Self { origin, width, from: i64::try_from(from).ok()?, to })
    }

    /// The cells that the trace reaches.
    pub(super) fn cells(&self) -> RangeInclusive<usize> {
        self.cell(self.from)..=self.cell(self.to.max(self.from + 1) - 1)
    }

    /// The cell of a moment in the window.
    pub(super) fn cell(&self, ts: i64) -> usize {
        let cell = (i128::from(ts) - self.origin).div_euclid(i128::from(self.width));
        cell.clamp(0, CELLS as i128 - 1) as usize
    }

    /// Width of a cell, ns.
    pub(super) fn width(&self) -> i64 {
        self.width
    }

    /// Begin and width of the cells that the trace reaches, as a grid for the model.
    ///
    /// The grid may not fit into 64 bits where it has only one cell (or the trace lasts for a century); then it is one
    /// cell cut to the trace, which holds the same spans.
    pub(super) fn grid(&self) -> Grid {
        let cells = self.cells();
        let from = self.origin + *cells.start() as i128 * i128::from(self.width);
        let count = cells.end() - cells.start() + 1;
        let end = from + count as i128 * i128::from(self.width);
        match (i64::try_from(from), i64::try_from(end)) {
            (Ok(from), Ok(_)) => Grid { from, width: self.width, first: *cells.start(), count },
            (Ok(_) | Err(_), Ok(_) | Err(_)) => {
                Grid { from: self.from, width: self.to - self.from, first: *cells.start(), count: 1 }
            }
        }
    }

    /// A cell's begin and end, cut to the window.
    pub(super) fn bounds(&self, cell: usize) -> (i64, i64) {
        let start = self.origin + cell as i128 * i128::from(self.width);
        let end = start + i128::from(self.width);
        (clamp(start, self.from, self.to), clamp(end, self.from, self.to))
    }
}

/// Adjacent cells of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Begin of the first, ns.
    pub(super) from: i64,
    /// Width of each, ns.
    pub(super) width: i64,
    /// Which cell of the tile the first is.
    pub(super) first: usize,
    /// How many.
    pub(super) count: usize,
}

fn clamp(ts: i128, from: i64, to: i64) -> i64 {
    ts.clamp(i128::from(from), i128::from(to)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(level: u8, x: i64, wanted: Option<(i64, i64, usize, usize)>) {
        let window = Window::within(-5, 1000, level, x);
        let found = window.map(|window| (window.from, window.to, *window.cells().start(), *window.cells().end()));
        assert_eq!(found, wanted, "level {level}, tile {x}");
    }

    #[test]
    fn windows() {
        check(0, 0, Some((0, 512, 0, 511)));
        check(0, 1, Some((512, 1001, 0, 488)));
        check(0, 2, None);
        check(0, -1, Some((-5, 0, 507, 511)));
        check(0, -2, None);
        check(1, 0, Some((0, 1001, 0, 500)));
        check(62, 0, Some((0, 1001, 0, 0)));
        check(62, -1, Some((-5, 0, 511, 511)));
        check(62, 1, None);
        check(63, 0, None);
        check(255, i64::MIN, None);
        check(62, i64::MIN, None);
        check(62, i64::MAX, None);
        check(0, i64::MAX, None);
    }

    #[test]
    fn grids_fit_into_64_bits() {
        for level in 0..=MAX_LEVEL {
            for (first, last) in [(0, 0), (-5, 1000), (0, 1 << 61), (-(1 << 61), 1 << 61), (0, i64::MAX - 1)] {
                for x in [-1, 0, 1] {
                    let Some(window) = Window::within(first, last, level, x) else { continue };
                    let grid = window.grid();
                    let end = i128::from(grid.from) + i128::from(grid.width) * grid.count as i128;
                    assert!(grid.from <= window.from && end >= i128::from(window.to), "level {level}, tile {x}");
                    assert!(end <= i128::from(i64::MAX), "level {level}, tile {x}");
                }
            }
        }
    }
}
