//! What is listed one by one is what the profile adds up.

use super::*;
use crate::fixtures;
use crate::profile::views::{About, Body, Direction, Show, view};
use crate::profile::{StackOf, profile};

const STATES: [&str; 9] = ["net", "sync", "syscall", "syscall-block", "sched", "blocking", "sleep", "off-cpu", "wall"];

/// Every row of the profile's stacks, and all of it, has as many places as it counts, and they last as long.
fn check(trace: &Trace, filter: &str) {
    let filter = Filter::parse(filter).unwrap();
    for (kind, stack_of) in STATES.iter().map(|kind| (*kind, StackOf::Goroutine)).chain([("sched", StackOf::Waker)]) {
        let options = Options { stack_of, ..Options::new(Kind::parse(kind).unwrap()) };
        let made = profile(trace, &filter, &options).unwrap();
        let listed = |wanted: &Wanted| {
            let page = (PlaceOrder::Longest, 0, usize::MAX);
            places(trace, &filter, &options, &Lens::default(), wanted, page).unwrap().unwrap()
        };
        let all = listed(&Wanted::default());
        let sums = made.samples().fold([0, 0], |[count, ns], one| [count + one.values[0], ns + one.values[1]]);
        assert_eq!([all.total as i64, all.ns as i64], sums, "{kind}");
        assert!(all.rows.is_sorted_by_key(|row| Falling(row.duration)), "{kind}");
        for row in stack_rows(&made) {
            let found = listed(&Wanted {
                functions: row.frames.iter().map(|frame| (frame.name.clone(), Some(frame.line))).collect(),
                labels: row.labels.iter().map(|label| (label.key.clone(), label.text.clone())).collect(),
            });
            // Others may be between the frames, so that a longer stack may have them, too.
            assert!(found.total as i64 >= row.values[0], "{kind} {row:?}");
        }
    }
}

#[test]
fn places_add_up_to_the_profile() {
    let trace = fixtures::request();
    for filter in ["", "from=100ns to=500ns", "func=worker", "state=waiting", "min=100ns"] {
        check(&trace, filter);
    }
}

#[test]
fn a_function_has_its_places() {
    let trace = fixtures::request();
    let options = Options::new(Kind::parse("wall").unwrap());
    let made = profile(&trace, &Filter::default(), &options).unwrap();
    let about = About { kind: "wall", from: 0, to: 0, min: None };
    let show = Show::Flame { width: 1000, direction: Direction::FromRoot };
    let Body::Flame(flame) = view(about, &made, &Lens::default(), &show).unwrap().body else { panic!("a flame") };
    for one in flame.boxes.iter().filter(|one| one.depth == 1) {
        let wanted = Wanted { functions: vec![(one.name.clone(), None)], labels: Vec::new() };
        let page = (PlaceOrder::Earliest, 0, 1);
        let found = places(&trace, &Filter::default(), &options, &Lens::default(), &wanted, page).unwrap().unwrap();
        assert_eq!((found.ns as i64, found.rows.len()), (one.value, 1), "{}", one.name);
    }
}

#[test]
fn orders() {
    for (sort, order, expected) in [
        ("duration", "desc", Ok(PlaceOrder::Longest)),
        ("start", "asc", Ok(PlaceOrder::Earliest)),
        ("start", "down", Err("the order must be asc or desc")),
        ("size", "asc", Err("the sort must be duration or start")),
    ] {
        assert_eq!(PlaceOrder::parse(sort, order), expected, "{sort} {order}");
    }
}
