//! Goroutine-time against the sum of the lanes' own.

use proptest::prelude::*;

use super::*;
use crate::StringIdx;
use crate::zoom::tests::{Plan, naive, table};

fn check(plans: &[Plan], from: i64, width: i64, cells: usize, cores: usize) {
    let (spans, zoom) = table(plans);
    let members = (0..plans.len() as u32).map(GoIdx).collect();
    let group = Group { function: StringIdx(0), members, peak: 0, region_depth: 0, has_ranges: false };
    let population = Population::new(&group.members, Lives { spans: &spans, zoom: &zoom }, cores);
    let population = Population::of_bytes(&population.bytes()).expect("it was just written");
    let leaf = 1i64 << population.shift;
    // As it comes; then as tiles have it: one leaf, and several.
    for (from, width) in [(from, width), (from.div_euclid(leaf) * leaf, leaf), (from.div_euclid(leaf) * leaf, 4 * leaf)]
    {
        let mut expected = vec![NO_TIME; cells];
        for (cell, times) in expected.iter_mut().enumerate() {
            let begin = from + cell as i64 * width;
            for plan in plans {
                for (time, more) in times.iter_mut().zip(naive(plan, begin, begin + width).0) {
                    *time += more;
                }
            }
        }
        let mut out = vec![NO_TIME; cells];
        population.add_cells(&group, Lives { spans: &spans, zoom: &zoom }, from, width, &mut out);
        assert_eq!(out, expected, "{from} {width}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_population_is_the_sum_of_its_lanes(
        lanes in proptest::collection::vec(
            (-50_i64..500, proptest::collection::vec((0_i64..40, 0_usize..4), 1..120)), 0..40),
        from in -50_i64..600, width in 0_i64..900, cells in 1_usize..8, cores in 1_usize..4,
    ) {
        check(&lanes, from, width, cells, cores);
    }

    #[test]
    fn long_gaps_do_not_overflow(
        lanes in proptest::collection::vec(
            (0_i64..500, proptest::collection::vec((0_i64..30_000_000_000, 0_usize..4), 1..40)), 9..12),
        from in 0_i64..90_000_000_000, width in 0_i64..90_000_000_000, cells in 1_usize..8,
    ) {
        check(&lanes, from, width, cells, 1);
    }
}

#[test]
fn blocks_stand_by_window() {
    // Lanes of 1 to 241 spans of 1 ns: of one block, or of two of which the second begins at 128.
    let plans: Vec<Plan> = (0..30).map(|i| (0, vec![(1, 0); 1 + i % 7 * 40])).collect();
    let (spans, _) = table(&plans);
    let members: Vec<GoIdx> = (0..30).map(GoIdx).collect();
    let blocks = in_time(&members, &spans, 3, |ts| usize::from(ts > 100) * 2);
    let first = members.iter().map(|&go| (go, 0));
    let second = members.iter().filter(|go| go.0 % 7 >= 4).map(|&go| (go, 1));
    assert_eq!(blocks, first.chain(second).collect::<Vec<_>>());
}
