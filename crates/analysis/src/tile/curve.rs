//! Tiles of a curve: all points where they are few, else the least and the largest value of each cell.

use super::window::Window;
use super::{BandTile, CELLS, EXACT_LIMIT, StepTile, Tile};
use crate::curves::Curve;

/// What of a curve is within the window; empty before its first point.
pub(super) fn build(curve: &Curve<'_>, window: &Window) -> Tile {
    let first = curve.count_before(window.from);
    let after = curve.count_before(window.to);
    let begin = first.saturating_sub(1);
    if begin >= after {
        return Tile::Empty;
    }
    if after - first <= EXACT_LIMIT {
        return Tile::Steps(StepTile { points: curve.iter_from(begin).take(after - begin).collect() });
    }
    let mut cells = vec![None; CELLS];
    for cell in window.cells() {
        let (from, to) = window.bounds(cell);
        cells[cell] = curve.within(from, to);
    }
    Tile::Band(BandTile { cells })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::CurveIdx;
    use crate::tile::tile;
    use crate::{Lane, fixtures, span_at};
    use std::fmt::Write as _;

    /// A heap that changes every 7 ns from 100 on, and a goal that has no limit until 500.
    fn heap(points: u64) -> (goroscope_model::Trace, Vec<(i64, i64)>) {
        let mut text = String::from("Trace Go1.25\nGeneration 1\nEventBatch m=1 time=100\n");
        text.push_str("ProcStatus p=0 pstatus=Running at=100\nHeapGoal heapgoal_value=18446744073709551615 at=110\n");
        let mut values = Vec::new();
        for i in 0..points {
            let value = i * 7919 % 1009;
            values.push((100 + 7 * i as i64, value as i64));
            let _ = writeln!(text, "HeapAlloc heapalloc_value={value} at={}", 200 + 7 * i);
            if i == 100 {
                let _ = writeln!(text, "HeapGoal heapgoal_value=4096 at={}", 200 + 7 * i);
            }
        }
        (fixtures::read(&text), values)
    }

    fn plain(values: &[(i64, i64)], from: i64, to: i64) -> Option<(i64, i64)> {
        let held = values.iter().rev().find(|(ts, _)| *ts <= from);
        let told = values.iter().filter(|(ts, _)| (from..to).contains(ts));
        let all: Vec<i64> = told.chain(held).map(|&(_, value)| value).collect();
        all.iter().min().copied().zip(all.iter().max().copied())
    }

    #[test]
    fn tiles_show_what_a_plain_recomputation_shows() {
        let (trace, values) = heap(1500);
        let lane = Lane::Counter(CurveIdx(0));
        let (mut steps, mut bands) = (0, 0);
        for (level, x) in [(0, 0), (0, 1), (1, 3), (3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (10, 0), (62, 0)] {
            let width = 1i64 << level;
            let origin = x * CELLS as i64 * width;
            match tile(&trace, lane, level, x) {
                Tile::Steps(tile) => {
                    steps += 1;
                    let to = origin + CELLS as i64 * width;
                    let entered = values.iter().rposition(|(ts, _)| *ts < origin).into_iter();
                    let inside = (0..values.len()).filter(|&i| (origin..to).contains(&values[i].0));
                    let wanted: Vec<_> = entered.chain(inside).map(|i| (values[i].0, Some(values[i].1))).collect();
                    assert_eq!(tile.points, wanted, "level {level}, tile {x}");
                }
                Tile::Band(tile) => {
                    bands += 1;
                    for (cell, found) in tile.cells.iter().enumerate() {
                        let from = i128::from(origin) + i128::from(width) * cell as i128;
                        let to = (from + i128::from(width)).min(i128::from(trace.end()) + 1) as i64;
                        let wanted = i64::try_from(from).ok().filter(|&from| from < to);
                        let wanted = wanted.and_then(|from| plain(&values, from, to));
                        assert_eq!(*found, wanted, "level {level}, tile {x}, cell {cell}");
                    }
                }
                Tile::Empty | Tile::Exact(_) | Tile::Strip(_) => panic!("level {level}, tile {x}"),
            }
        }
        assert!(steps > 3 && bands > 2, "{steps} and {bands}");
    }

    #[test]
    fn where_there_is_no_value_is_nothing() {
        let (trace, _) = heap(300);
        assert_eq!(tile(&trace, Lane::Counter(CurveIdx(2)), 0, 0), Tile::Empty);
        let goal = Lane::Counter(CurveIdx(1));
        let Tile::Steps(steps) = tile(&trace, goal, 12, 0) else { panic!("few points") };
        assert_eq!(steps.points, [(10, None), (800, Some(4096))]);
        assert!(span_at(&trace, goal, 400).is_none());
        let span = span_at(&trace, goal, 900).unwrap();
        assert_eq!((span.start, span.title.as_str(), span.open_end), (800, "4096", true));
        assert!(span.prev.is_none());
    }
}
