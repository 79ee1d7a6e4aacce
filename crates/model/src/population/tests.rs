//! Goroutine-time against the sum of the lanes' own.

use proptest::prelude::*;

use super::*;
use crate::zoom;

const CLASSES: [Class; 4] = [Class::Running, Class::Runnable, Class::WaitChannel, Class::Unknown];

/// When a lane begins, and the durations and classes of its spans.
type Lane = (i64, Vec<(i64, usize)>);

fn check(lanes: &[Lane], from: i64, width: i64, cells: usize) {
    let columns: Vec<(Vec<i64>, Vec<Class>, i64)> = lanes
        .iter()
        .map(|(begin, spans)| {
            let mut at = *begin;
            let start = spans.iter().map(|(duration, _)| (at, at += duration).0).collect();
            (start, spans.iter().map(|&(_, class)| CLASSES[class]).collect(), at)
        })
        .collect();
    let spans: Vec<_> =
        columns.iter().map(|(start, class, end)| LaneSpans { first_row: 0, start, class, end: *end }).collect();
    let mut expected = vec![NO_TIME; cells];
    for &lane in &spans {
        zoom::add_cells(lane, None, from, width, &mut expected);
    }
    let mut out = vec![NO_TIME; cells];
    Population::new(&spans).add_cells(from, width, &mut out);
    assert_eq!(out, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_population_is_the_sum_of_its_lanes(
        lanes in proptest::collection::vec(
            (0_i64..500, proptest::collection::vec((0_i64..40, 0_usize..4), 0..120)), 0..20),
        from in -50_i64..600, width in 0_i64..900, cells in 1_usize..8,
    ) {
        check(&lanes, from, width, cells);
    }

    #[test]
    fn long_gaps_do_not_overflow(
        lanes in proptest::collection::vec(
            (0_i64..500, proptest::collection::vec((0_i64..30_000_000_000, 0_usize..4), 0..40)), 0..4),
        from in 0_i64..90_000_000_000, width in 0_i64..90_000_000_000, cells in 1_usize..8,
    ) {
        check(&lanes, from, width, cells);
    }
}

#[test]
fn a_block_may_begin_amid_one_moment() {
    // Nearly everything happens at once, so that blocks are cut there whatever the order.
    let spans: Vec<_> =
        (0..3).map(|i| (0, i)).chain([(10, 1)]).chain((0..90).map(|i| (0, i % 3))).chain([(7, 2)]).collect();
    let lanes: Vec<Lane> = (0..40).map(|begin| (begin / 20, spans.clone())).collect();
    check(&lanes, -1, 4, 7);
}
