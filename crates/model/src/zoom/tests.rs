//! Sums against a walk over every span for every cell.

use proptest::prelude::*;

use super::*;

const CLASSES: [Class; 5] = [Class::Running, Class::Runnable, Class::WaitSync, Class::Idle, Class::Scheduler];

/// A lane with spans of these durations and classes.
fn lane_of(begin: i64, spans: &[(i64, usize)]) -> (Vec<i64>, Vec<Class>, i64) {
    let mut at = begin;
    let mut start = Vec::new();
    for (duration, _) in spans {
        start.push(at);
        at += duration;
    }
    (start, spans.iter().map(|&(_, class)| CLASSES[class % CLASSES.len()]).collect(), at)
}

fn naive(lane: LaneSpans<'_>, from: i64, to: i64) -> (Times, u32) {
    let mut times = NO_TIME;
    let mut begins = 0;
    for row in 0..lane.start.len() {
        let end = lane.start.get(row + 1).copied().unwrap_or(lane.end);
        times[lane.class[row] as usize] += (end.min(to) - lane.start[row].max(from)).max(0) as u64;
        begins += u32::from((from..to).contains(&lane.start[row]));
    }
    (times, begins)
}

fn check(begin: i64, spans: &[(i64, usize)], from: i64, width: i64, cells: usize) {
    let (start, class, end) = lane_of(begin, spans);
    let lane = LaneSpans { first_row: 0, start: &start, class: &class, end };
    let lanes = Lanes { first: vec![0, start.len() as u32], end: vec![end] };
    let index = ZoomIndex::new(&lanes, &start, &class);
    assert_eq!(index.lane(0).is_some(), spans.len() > SCANNED);
    let mut out = vec![[1; Class::COUNT]; cells];
    let mut begins = vec![1; cells];
    super::cells(lane, index.lane(0), from, width, &mut out, &mut begins);
    for cell in 0..cells {
        let begin = from + cell as i64 * width;
        assert_eq!((out[cell], begins[cell]), naive(lane, begin, begin + width), "cell {cell}");
    }
    let to = from + cells as i64 * width;
    assert_eq!(time(lane, index.lane(0), from, to), naive(lane, from, to).0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn short_lanes_equal_a_walk(
        begin in -20_i64..20,
        spans in proptest::collection::vec((0_i64..50, 0_usize..5), 0..60),
        from in -100_i64..900, width in 0_i64..400, cells in 1_usize..12,
    ) {
        check(begin, &spans, from, width, cells);
    }

    #[test]
    fn long_lanes_equal_a_walk(
        spans in proptest::collection::vec((0_i64..9, 0_usize..5), 4090..6000),
        from in -100_i64..20_000, width in 1_i64..9000, cells in 1_usize..6,
    ) {
        check(7, &spans, from, width, cells);
    }

    #[test]
    fn galloping_equals_bisection(
        mut values in proptest::collection::vec(0_i64..200, 0..300), from in 0_usize..300, value in -5_i64..205,
    ) {
        values.sort_unstable();
        let from = from.min(values.partition_point(|&at| at < value));
        prop_assert_eq!(gallop(&values, from, value), values.partition_point(|&at| at < value));
    }
}

#[test]
fn windows_may_reach_beyond_time() {
    let (start, class, end) = lane_of(0, &[(10, 0), (10, 1)]);
    let lane = LaneSpans { first_row: 0, start: &start, class: &class, end };
    let whole = naive(lane, 0, 20).0;
    assert_eq!(time(lane, None, i64::MIN, i64::MAX), whole);
    assert_eq!(time(lane, None, 20, 10), NO_TIME);
    let mut out = [NO_TIME; 3];
    cells(lane, None, -1, i64::MAX, &mut out, &mut [0; 3]);
    assert_eq!(out, [whole, NO_TIME, NO_TIME]);
}
