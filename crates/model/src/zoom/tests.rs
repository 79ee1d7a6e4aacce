//! Sums against a walk over every span for every cell.

use proptest::prelude::*;

use super::*;
use crate::go_walk::GoWalk;
use crate::lanes::{LaneTable, LaneWriter, Raw};
use crate::storage::{Arena, Memory};

const CLASSES: [Class; 5] = [Class::Running, Class::Runnable, Class::WaitSync, Class::Idle, Class::Scheduler];

/// A lane's begin, and the durations and classes of its spans.
pub(crate) type Plan = (i64, Vec<(i64, usize)>);

/// A table of such lanes, and its sums.
pub(crate) fn table(plans: &[Plan]) -> (LaneTable, ZoomIndex) {
    let arena = Arena::new(Box::new(Memory::default()));
    let mut writer = LaneWriter::<2, 1>::new(&arena);
    for _ in plans {
        writer.add_lane();
    }
    for (lane, (begin, spans)) in (0..).zip(plans) {
        let mut at = *begin;
        for &(duration, class) in spans {
            let entry = [CLASSES[class % CLASSES.len()] as u32, class as u32];
            *writer.next(lane) = Raw { start: at, entry, more: [lane] };
            at += duration;
        }
        writer.end(lane, at);
    }
    let (directory, zoom) = writer.end_all(0).wait().directory();
    let blocks = arena.blocks();
    let len = (*blocks).as_ref().len();
    let table = LaneTable {
        first_row: Bytes::owned(directory.first_row),
        first_block: Bytes::owned(directory.first_block),
        end: Bytes::owned(directory.end),
        block_start: Bytes::owned(directory.block_start),
        block_at: Bytes::owned(directory.block_at),
        blocks: Bytes::new(&blocks, 0..len),
    };
    (table, zoom)
}

/// Time of each class in `[from, to)`, and how many spans begin there.
pub(crate) fn naive((begin, spans): &Plan, from: i64, to: i64) -> (Times, u32) {
    let mut times = NO_TIME;
    let mut begins = 0;
    let mut at = *begin;
    for &(duration, class) in spans {
        let end = at + duration;
        times[CLASSES[class % CLASSES.len()] as usize] += (end.min(to) - at.max(from)).max(0) as u64;
        begins += u32::from((from..to).contains(&at));
        at = end;
    }
    (times, begins)
}

fn check(plan: &Plan, from: i64, width: i64, cells: usize) {
    let (table, index) = table(&[(0, Vec::new()), plan.clone()]);
    let (lane, sums) = (table.lane(1), index.lane(1));
    assert_eq!(sums.is_some(), plan.1.len() > BLOCK);
    let mut out = vec![[1; Class::COUNT]; cells];
    let mut begins = vec![1; cells];
    super::cells(lane, sums, from, width, &mut out, &mut begins);
    let mut added = vec![NO_TIME; cells];
    add_cells(lane, sums, from, width, &mut added);
    assert_eq!(added, out);
    for cell in 0..cells {
        let begin = from + cell as i64 * width;
        assert_eq!((out[cell], begins[cell]), naive(plan, begin, begin + width), "cell {cell}");
    }
    let to = from + cells as i64 * width;
    assert_eq!(time(lane, sums, from, to), naive(plan, from, to).0);
    for ts in [from, to, plan.0] {
        let expected = naive(plan, i64::MIN / 2, ts).1 as usize;
        assert_eq!(lane.count_before(ts), expected);
        assert_eq!(lane.count_before_from(expected / 2, ts), expected);
    }
}

/// Many stretches of one walk, in whatever order they are asked for.
fn check_stretches(plan: &Plan, stretches: &[(i64, i64)]) {
    let (table, index) = table(std::slice::from_ref(plan));
    let (lane, sums) = (table.lane(0), index.lane(0));
    let mut walk = GoWalk::new(lane, sums);
    for &(from, lasts) in stretches {
        assert_eq!(walk.time(from, from + lasts), naive(plan, from, from + lasts).0, "{from} for {lasts}");
        let (mut walked, mut fresh) = (Vec::new(), Vec::new());
        walk.add_reasons(from, from + lasts, &mut walked);
        GoWalk::new(lane, sums).add_reasons(from, from + lasts, &mut fresh);
        assert_eq!(walked, fresh, "{from} for {lasts}");
        let mut by_class = NO_TIME;
        for sum in walked {
            by_class[sum.class as usize] += sum.ns;
        }
        assert_eq!(by_class, naive(plan, from, from + lasts).0, "{from} for {lasts}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stretches_in_any_order(
        spans in proptest::collection::vec((0_i64..9, 0_usize..5), 0..1500),
        mut stretches in proptest::collection::vec((-100_i64..6000, 0_i64..700), 1..60),
    ) {
        check_stretches(&(7, spans.clone()), &stretches);
        stretches.sort_unstable();
        check_stretches(&(7, spans), &stretches);
    }

    #[test]
    fn short_lanes_equal_a_walk(
        begin in -20_i64..20,
        spans in proptest::collection::vec((0_i64..50, 0_usize..5), 0..60),
        from in -100_i64..900, width in 0_i64..400, cells in 1_usize..60,
    ) {
        check(&(begin, spans), from, width, cells);
    }

    #[test]
    fn long_lanes_equal_a_walk(
        spans in proptest::collection::vec((0_i64..9, 0_usize..5), 100..3000),
        from in -100_i64..10_000, width in 1_i64..4000, cells in 1_usize..9,
    ) {
        check(&(7, spans), from, width, cells);
    }

    #[test]
    fn many_cells_equal_a_walk(
        spans in proptest::collection::vec((0_i64..9, 0_usize..5), 100..1500),
        from in -100_i64..5_000, width in 1_i64..60, cells in 40_usize..200,
    ) {
        check(&(7, spans), from, width, cells);
    }
}

#[test]
fn many_spans_may_begin_at_once() {
    for at_once in [127, 128, 129, 500] {
        let spans: Vec<_> = (0..at_once).map(|i| (0, i)).chain([(5, 1)]).chain((0..at_once).map(|i| (0, i))).collect();
        check(&(3, spans), 0, 3, 4);
    }
}

#[test]
fn windows_may_reach_beyond_time() {
    let plan = (0, vec![(10, 0), (10, 1)]);
    let table = table(std::slice::from_ref(&plan));
    let lane = table.0.lane(0);
    let whole = naive(&plan, 0, 20).0;
    assert_eq!(time(lane, None, i64::MIN, i64::MAX), whole);
    assert_eq!(time(lane, None, 20, 10), NO_TIME);
    let mut out = [NO_TIME; 3];
    cells(lane, None, -1, i64::MAX, &mut out, &mut [0; 3]);
    assert_eq!(out, [whole, NO_TIME, NO_TIME]);
    assert_eq!(time(table.0.lane(9), None, i64::MIN, i64::MAX), NO_TIME);
}
