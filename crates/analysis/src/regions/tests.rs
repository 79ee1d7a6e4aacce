//! Identities of regions over random, recorded and damaged traces, and what `go tool trace` counts otherwise.

use super::*;
use crate::{Completeness, Paging, ReasonShare, fixtures, intervals};
use expect_test::expect;
use std::fmt::Write as _;

fn traces() -> Vec<Trace> {
    let random = (0..12).map(|seed| fixtures::random(seed, 3, 8, 400));
    let recorded = ["mix-1.21", "steps-1.27", "flight-1.27", "misuse-1.27"];
    let recorded = recorded.map(|name| fixtures::recorded(&format!("{name}.trace.zst")));
    let damaged = (0..40).map(|seed| fixtures::damaged("steps-1.23.trace.zst", seed));
    random.chain(recorded).chain(damaged).chain([fixtures::request()]).collect()
}

fn all(trace: &Trace, filter: &Filter) -> Regions {
    let paging = Paging { limit: usize::MAX, ..Paging::default() };
    regions(trace, filter, &RegionQuery { paging, ..RegionQuery::default() }).unwrap()
}

fn all_types(trace: &Trace, filter: &Filter) -> RegionTypes {
    region_types(trace, filter, &Paging { limit: usize::MAX, ..Paging::default() }).unwrap()
}

/// One walk over a goroutine's regions finds what a look at each finds.
#[test]
fn the_walk_agrees_with_single_regions() {
    for trace in traces() {
        for row in all(&trace, &Filter::default()).rows {
            let interval = intervals::region(&trace, row.row);
            assert_eq!((row.start, row.end), (interval.start, interval.end), "{row:?}");
        }
    }
}

/// What the goroutine did inside a region adds up to it, and so do the reasons of its waits.
#[test]
fn classes_add_up_to_the_duration() {
    for trace in traces() {
        for row in all(&trace, &Filter::default()).rows {
            assert_eq!(row.time.total(), row.duration, "{row:?}");
            assert_eq!(row.ns, row.duration);
            assert!(row.self_ns <= row.ns);
            assert_eq!(row.reasons.iter().map(|reason| reason.ns).sum::<u64>(), row.time.waiting(), "{row:?}");
        }
    }
}

/// Rows add up to their types, whatever passes, and each type's filter and place list its rows again.
#[test]
fn regions_add_up_to_their_types() {
    for trace in traces() {
        for text in ["", "min=2us", "goroutine=1,3", "region=^w from=1us", "task=. to=400us"] {
            let filter = Filter::parse(text).unwrap();
            let (rows, types) = (all(&trace, &filter).rows, all_types(&trace, &filter));
            assert_eq!(types.regions, rows.len() as u64);
            for kind in &types.rows {
                let of_kind: Vec<&RegionRow> =
                    rows.iter().filter(|row| (&row.name, &row.at) == (&kind.name, &kind.at)).collect();
                let mut time = ClassTime::default();
                for row in &of_kind {
                    time.add(&row.time);
                }
                assert_eq!(kind.count, of_kind.len() as u64, "{kind:?}");
                assert_eq!(kind.complete, of_kind.iter().filter(|row| row.complete).count() as u64);
                assert_eq!(kind.ns, of_kind.iter().map(|row| row.ns).sum::<u64>());
                assert_eq!(kind.self_ns, of_kind.iter().map(|row| row.self_ns).sum::<u64>());
                assert_eq!(kind.time, time);
                assert_eq!(kind.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), kind.complete);
                let again = Filter::parse(kind.filter.as_deref().unwrap()).unwrap();
                let query = RegionQuery { at: Some(kind.at.clone()), ..RegionQuery::default() };
                assert_eq!(regions(&trace, &again, &query).unwrap().total as u64, kind.count, "{kind:?}");
            }
        }
    }
}

/// A bucket of a histogram, as a filter, lists what it counts.
#[test]
fn buckets_are_filters() {
    for trace in traces() {
        for kind in all_types(&trace, &Filter::default()).rows {
            for bucket in &kind.histogram {
                let text = format!("{} min={}ns max={}ns", kind.filter.clone().unwrap(), bucket.min, bucket.max);
                let complete = Completeness::Complete;
                let query = RegionQuery { at: Some(kind.at.clone()), complete, ..RegionQuery::default() };
                let listed = regions(&trace, &Filter::parse(&text).unwrap(), &query).unwrap();
                assert_eq!(listed.total as u64, bucket.count, "{text}");
            }
        }
    }
}

/// Two halves of the time add up to the whole, nested regions included.
#[test]
fn halves_add_up() {
    for trace in traces() {
        let middle = i64::midpoint(trace.start(), trace.end());
        let sums = |filter: Filter| {
            let rows = all(&trace, &filter).rows;
            let sum = |of: fn(&RegionRow) -> u64| rows.iter().map(of).sum::<u64>();
            let waits = rows.iter().flat_map(|row| &row.reasons).map(|reason: &ReasonShare| reason.ns).sum::<u64>();
            [sum(|row| row.ns), sum(|row| row.self_ns), sum(|row| row.time.running), waits]
        };
        let first = sums(Filter { to: Some(middle), ..Filter::default() });
        let second = sums(Filter { from: Some(middle), ..Filter::default() });
        let whole = sums(Filter::default());
        let both: Vec<u64> = first.into_iter().zip(second).map(|(first, second)| first + second).collect();
        assert_eq!(both, whole);
    }
}

/// Pages put together are the list.
#[test]
fn pages_add_up_to_the_list() {
    let trace = fixtures::recorded("steps-1.27.trace.zst");
    for &(name, sort, _) in <RegionSort as crate::SortKey>::ALL {
        for order in [None, Some(crate::Order::Ascending), Some(crate::Order::Descending)] {
            let page = |offset, limit| {
                let paging = Paging { sort, order, offset, limit };
                regions(&trace, &Filter::default(), &RegionQuery { paging, ..RegionQuery::default() }).unwrap()
            };
            let whole = page(0, 1000);
            let parts: Vec<RegionRow> =
                (0..whole.total.div_ceil(7)).flat_map(|number| page(number * 7, 7).rows).collect();
            assert_eq!(parts, whole.rows, "{name} {order:?}");
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &expect_test::Expect) {
    let trace = fixtures::read(text);
    let mut shown = String::new();
    for row in all_types(&trace, &Filter::default()).rows {
        let RegionTypeRow { name, at, count, complete, incomplete, ns, self_ns, histogram, .. } = row;
        let buckets: Vec<String> = histogram.iter().map(|it| format!("{}–{}: {}", it.min, it.max, it.count)).collect();
        let buckets = buckets.join(", ");
        writeln!(shown, "{name} at {at:?}: {count} ({complete} + {incomplete}), {ns} ({self_ns}) [{buckets}]").unwrap();
    }
    expected.assert_eq(&shown);
}

/// Go takes the root of the stack for where a region begins, so that the two kinds of work were one; the frames of
/// `runtime/trace` are nobody's place; the nameless region that a new goroutine inherits from its creator is none.
#[test]
fn the_place_is_where_the_program_begins_a_region() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
UserRegionBegin at=110 task=0 name_string="work" stack=[main.parse main.go:30; main.main main.go:10]
GoCreate new_g=2 new_stack=[main.worker main.go:20] stack=[main.main main.go:12]
UserRegionEnd at=120 task=0 name_string="work"
UserRegionBegin at=130 task=0 name_string="work" stack=[runtime/trace.WithRegion annotation.go:9; main.store main.go:40; main.main main.go:10]
UserRegionEnd at=150 task=0 name_string="work"
GoBlock reason_string="sync" stack=[main.main] at=160
GoStart g=2 g_seq=1 at=170
GoDestroy at=180
"#,
        &expect![[r#"
            work at "main.store:40": 1 (1 + 0), 20 (20) [16–25: 1]
            work at "main.parse:30": 1 (1 + 0), 10 (10) [10–15: 1]
        "#]],
    );
}

/// Go counts regions that stay open among the complete ones, with the end of the trace for their end.
#[test]
fn open_regions_are_in_no_histogram() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
UserRegionEnd at=105 task=0 name_string="before"
UserRegionBegin at=110 task=0 name_string="outer" stack=[main.main main.go:10]
UserRegionBegin at=120 task=0 name_string="inner" stack=[main.main main.go:11]
UserRegionEnd at=140 task=0 name_string="inner"
UserRegionBegin at=150 task=0 name_string="inner" stack=[main.main main.go:11]
GoDestroy at=200
HeapAlloc heapalloc_value=1 at=900
"#,
        &expect![[r#"
            outer at "main.main:10": 1 (0 + 1), 90 (20) []
            inner at "main.main:11": 2 (1 + 1), 70 (70) [16–25: 1]
            before at "": 1 (0 + 1), 5 (5) []
        "#]],
    );
}

#[test]
fn states_are_not_for_regions() {
    let filter = Filter::parse("state=running").unwrap();
    let error = region_types(&fixtures::request(), &filter, &Paging::default()).unwrap_err();
    expect!["state does not apply to regions, which knows only from, to, goroutine, func, task, region, min, max"]
        .assert_eq(&error.to_string());
}
