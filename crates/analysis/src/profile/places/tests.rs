//! What is listed one by one is what the profile adds up.

use super::*;
use crate::fixtures;
use crate::profile::views::{About, Body, Direction, Show, view};
use crate::profile::{Kind, StackOf, profile};
use std::cmp::Reverse as Falling;

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

/// Pages are parts of the whole list, wherever they are cut, and say how many there are and how long they last.
#[test]
fn pages_are_parts_of_the_list() {
    let trace = fixtures::request();
    let options = Options::new(Kind::Wall);
    let wanted = Wanted::default();
    for order in [PlaceOrder::Longest, PlaceOrder::Shortest, PlaceOrder::Earliest, PlaceOrder::Latest] {
        let listed = |offset, limit| {
            let page = (order, offset, limit);
            places(&trace, &Filter::default(), &options, &Lens::default(), &wanted, page).unwrap().unwrap()
        };
        let all = listed(0, usize::MAX);
        let is_sorted = match order {
            PlaceOrder::Longest => all.rows.is_sorted_by_key(|row| Falling(row.duration)),
            PlaceOrder::Shortest => all.rows.is_sorted_by_key(|row| row.duration),
            PlaceOrder::Earliest => all.rows.is_sorted_by_key(|row| row.start),
            PlaceOrder::Latest => all.rows.is_sorted_by_key(|row| Falling(row.start)),
        };
        assert!(is_sorted && all.rows.len() == all.total && all.total > 5, "{order:?}");
        for (offset, limit) in [(0, 0), (0, 1), (1, 3), (3, usize::MAX), (all.total, 2), (usize::MAX, 1)] {
            let rows = all.rows.iter().skip(offset).take(limit).cloned().collect();
            assert_eq!(listed(offset, limit), Places { offset, rows, ..all.clone() }, "{order:?} {offset} {limit}");
        }
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
