//! Values over time: counters that a Rust program or its recorder told, what Go's runtime told of its heap; how they went.

use crate::curves::{self, Curve};
use crate::overview::Grid;
use crate::{Filter, FilterError, Subject};
use goroscope_model::Trace;
use serde::Serialize;

/// The counters of a trace in a stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counters {
    /// Begin of the stretch, ns.
    pub from: i64,
    /// End of the stretch, ns.
    pub to: i64,
    /// Begin of the first cell, ns: at or shortly before the begin of the stretch.
    pub start: i64,
    /// Width of a cell, ns: a power of two.
    pub width: i64,
    /// How many cells reach over the stretch: at most as many as were asked for.
    pub cells: usize,
    /// In the order of their lanes: counters by name.
    pub rows: Vec<CounterRow>,
}

/// A counter. A value holds until the next one; absent is what was before the first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CounterRow {
    /// Its name.
    pub name: String,
    /// `bytes`, `ns`, or empty.
    pub unit: &'static str,
    /// How many values were told within the stretch.
    pub points: u64,
    /// The least value in the stretch, the one that it enters with included.
    pub min: Option<i64>,
    /// The mean over the time for which there is a value.
    pub mean: Option<f64>,
    /// The largest value.
    pub max: Option<i64>,
    /// The value at the end of the stretch.
    pub last: Option<i64>,
    /// The least value in each cell.
    pub least: Vec<Option<i64>>,
    /// The largest value in each cell.
    pub most: Vec<Option<i64>>,
}

/// The counters within `from` and `to`, the only keys that this answer knows, in `cells` cells.
pub fn counters(trace: &Trace, filter: &Filter, cells: usize) -> Result<Counters, FilterError> {
    Subject::Counters.allows(filter)?;
    let (from, to) = filter.window(trace);
    let grid = Grid::over((from, to), cells);
    let rows = curves::all(trace).map(|(_, curve)| row(&curve, (from, to), &grid)).collect();
    Ok(Counters { from, to, start: grid.from, width: grid.width, cells: grid.cells, rows })
}

fn row(curve: &Curve<'_>, (from, to): (i64, i64), grid: &Grid) -> CounterRow {
    let last_cell = grid.cells.saturating_sub(1);
    // What happens at the very end is within.
    let end_of = |cell| if cell == last_cell { to.saturating_add(1) } else { grid.end(cell) };
    let (mut least, mut most) = (Vec::with_capacity(grid.cells), Vec::with_capacity(grid.cells));
    for cell in 0..grid.cells {
        let extremes = curve.within(grid.begin(cell), end_of(cell));
        least.push(extremes.map(|(least, _)| least));
        most.push(extremes.map(|(_, most)| most));
    }
    CounterRow { least, most, ..brief(curve, from, to) }
}

/// A counter in a stretch of time, without its cells.
pub(crate) fn brief(curve: &Curve<'_>, from: i64, to: i64) -> CounterRow {
    let inside = curve.count_before(from)..curve.count_before(to.saturating_add(1));
    let extremes = curve.within(from, to.saturating_add(1));
    CounterRow {
        name: curve.name().to_owned(),
        unit: curve.unit(),
        points: inside.len() as u64,
        min: extremes.map(|(least, _)| least),
        mean: mean(curve, from, to),
        max: extremes.map(|(_, most)| most),
        last: curve.value_at(to),
        least: Vec::new(),
        most: Vec::new(),
    }
}

fn mean(curve: &Curve<'_>, from: i64, to: i64) -> Option<f64> {
    let mut held = curve.value_at(from);
    let (mut now, mut sum, mut time) = (from, 0.0, 0.0);
    let mut add = |value: Option<i64>, until: i64| {
        if let Some(value) = value {
            let dur = (until - now) as f64;
            sum += value as f64 * dur;
            time += dur;
        }
        now = until;
    };
    for (ts, value) in curve.iter_from(curve.count_before(from)).take_while(|point| point.0 <= to) {
        add(held, ts);
        held = value;
    }
    add(held, to);
    if time > 0.0 { Some(sum / time) } else { held.map(|value| value as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    /// Depth is 3 from 20, 2 from 25, 4 from 116; `size_bytes` never changes.
    fn trace() -> Trace {
        fixtures::read(
            r#"Trace Go1.25
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running
GoStatus g=1 m=1 gstatus=Running
GoBlock reason_string="sync" at=260
EventBatch m=- time=100
Strings
String id=101 data="goroscope-recorder: recorder=goroscope-recorder 0.1.0"
String id=102 data="goroscope-recorder: series.counter.depth=eAYFAQ"
String id=103 data="goroscope-recorder: series.counter.depth=2AEI"
String id=104 data="goroscope-recorder: series.counter.size_bytes=AFQ"
"#,
        )
    }

    #[test]
    fn values_hold_until_the_next_one() {
        let trace = trace();
        let all = counters(&trace, &Filter::default(), 5).unwrap();
        assert_eq!((all.start, all.width, all.cells, all.to), (0, 32, 5, 160));
        let depth = &all.rows[0];
        assert_eq!((depth.name.as_str(), depth.unit, depth.points), ("depth", "", 3));
        assert_eq!((depth.min, depth.max, depth.last), (Some(2), Some(4), Some(4)));
        assert_eq!(depth.least, [2, 2, 2, 2, 4].map(Some));
        assert_eq!(depth.most, [3, 2, 2, 4, 4].map(Some));
        let expected = f64::from(3 * 5 + 2 * 91 + 4 * 44) / 140.0;
        assert!((depth.mean.unwrap() - expected).abs() < 1e-9);
        let size = &all.rows[1];
        assert_eq!((size.unit, size.min, size.max, size.mean), ("bytes", Some(42), Some(42), Some(42.0)));

        let part = counters(&trace, &Filter { from: Some(0), to: Some(10), ..Filter::default() }, 4).unwrap();
        assert_eq!((part.rows[0].points, part.rows[0].min, part.rows[0].mean), (0, None, None));
        assert!(part.rows[0].most.iter().all(Option::is_none));
    }
}
