//! Which order records get, and what happens to those that come too late or never.

use super::super::names::Names;
use super::*;
use crate::record::Head;

/// A record: time, kind, task, sequence number.
type Told = (u64, Kind, u64, u64);

/// The order of the records of threads 0, 1, …, told in several calls, as `thread:time`.
fn order_of(calls: &[(&[&[Told]], u64, Patience)]) -> (String, Order) {
    let mut order = Order::default();
    let mut shown = Vec::new();
    for (threads, horizon, patience) in calls {
        for (thread, records) in (0_u64..).zip(*threads) {
            if order.stream(thread).is_none() {
                order.add(thread);
            }
            for &(time, kind, task, seq) in *records {
                push(&mut order, thread, Head { a: task, long: seq, ..Head::new(kind, time) });
            }
        }
        order.advance(*horizon, *patience, |thread, event| shown.push(format!("{thread}:{}", event.head.time)));
        shown.push("|".to_owned());
    }
    (shown.join(" "), order)
}

fn push(order: &mut Order, thread: u64, head: Head) {
    order.stream(thread).unwrap().fill(|slots| slots.push(head.slot()), &mut Names::default(), |_| {});
}

fn check(calls: &[(&[&[Told]], u64, Patience)], expected: &str) {
    assert_eq!(order_of(calls).0, expected);
}

const PATIENT: Patience = Patience::Calls(2);

#[test]
fn the_earliest_comes_first() {
    let threads: &[&[Told]] = &[&[(1, Kind::Park, 0, 0), (5, Kind::Unpark, 0, 0)], &[(3, Kind::Park, 0, 0)]];
    check(&[(threads, 10, PATIENT)], "0:1 1:3 0:5 |");
    check(&[(threads, 3, PATIENT), (&[], 9, PATIENT)], "0:1 1:3 | 0:5 |");
}

#[test]
fn numbers_rule_over_clocks() {
    let threads: &[&[Told]] = &[
        &[(1, Kind::Create, 7, 1), (9, Kind::Wake, 7, 4)],
        &[(2, Kind::Start, 7, 2), (3, Kind::Block, 7, 3), (5, Kind::Start, 7, 5), (6, Kind::Park, 0, 0)],
    ];
    check(&[(threads, 10, PATIENT)], "0:1 1:2 1:3 0:9 1:5 1:6 |");
}

#[test]
fn what_is_missing_is_waited_for() {
    let first: &[&[Told]] = &[&[(1, Kind::Create, 7, 1)], &[(4, Kind::Start, 7, 3), (5, Kind::Park, 0, 0)]];
    let second: &[&[Told]] = &[&[(2, Kind::Wake, 7, 2)]];
    check(&[(first, 10, PATIENT), (second, 20, PATIENT)], "0:1 | 0:2 1:4 1:5 |");
}

#[test]
fn but_not_for_ever() {
    let threads: &[&[Told]] = &[&[(4, Kind::Start, 7, 3), (5, Kind::Park, 0, 0)], &[(6, Kind::Start, 8, 2)]];
    let calls = [(threads, 10, PATIENT), (&[], 10, PATIENT), (&[], 10, PATIENT)];
    check(&calls, "| | 0:4 0:5 1:6 |");
    check(&[(threads, 10, Patience::None)], "0:4 0:5 1:6 |");
    let late: &[&[Told]] = &[&[], &[], &[(2, Kind::Create, 7, 1), (3, Kind::Wake, 7, 2)]];
    let (shown, order) = order_of(&[(threads, 10, Patience::None), (late, 10, PATIENT)]);
    assert_eq!((shown.as_str(), order.gaps, order.late), ("0:4 0:5 1:6 | 2:2 2:3 |", 2, 0));
}

#[test]
fn calls_that_do_not_count_are_endured() {
    let threads: &[&[Told]] = &[&[(4, Kind::Start, 7, 3), (5, Kind::Park, 0, 0)]];
    let more: (&[&[Told]], u64, Patience) = (&[], 10, Patience::More);
    let counted: (&[&[Told]], u64, Patience) = (&[], 10, PATIENT);
    check(&[(threads, 10, PATIENT), more, counted, more, more, counted], "| | | | | 0:4 0:5 |");
}

#[test]
fn a_task_that_is_over_is_forgotten() {
    let threads: &[&[Told]] =
        &[&[(1, Kind::Create, 7, 1), (2, Kind::Start, 7, 2), (3, Kind::Destroy, 7, 3), (4, Kind::Park, 0, 0)]];
    let (_, mut order) = order_of(&[(threads, 10, PATIENT)]);
    assert_eq!(order.next.keys().count(), 0);
    assert!(order.remove(0) && !order.remove(0));
}

/// A release of number `a`, and what tells of one.
fn claims(kind: Kind, task: u64, seq: u64, release: u64) -> Head {
    Head { a: task, long: seq, b: release, ..Head::new(kind, 0) }
}

/// Thread 0 has a release between two records, thread 1 the task that may claim it.
fn check_claims(calls: u32, told: &[(u32, Head)], expected: &str) {
    let mut order = Order::default();
    let mut shown = Vec::new();
    let threads: [&[Told]; 2] = [
        &[(1, Kind::Park, 0, 0), (4, Kind::Release, 90, 0), (5, Kind::Unpark, 0, 0)],
        &[(2, Kind::Create, 7, 1), (3, Kind::Wait, 7, 2)],
    ];
    for (thread, records) in (0_u64..).zip(threads) {
        order.add(thread);
        for &(time, kind, a, long) in records {
            push(&mut order, thread, Head { long, a, ..Head::new(kind, time) });
        }
    }
    for call in 0..calls {
        for (_, head) in told.iter().filter(|(at, _)| *at == call) {
            order.heed(head);
            push(&mut order, 1, Head { time: 6, ..*head });
        }
        order.advance(10, Patience::Calls(100), |_, event| shown.push(format!("{:?}", event.head.kind)));
        shown.push("|".to_owned());
    }
    shown.dedup();
    assert_eq!(shown.join(" "), expected);
    assert_eq!((order.gaps, order.late, order.claims.len()), (0, 0, 0));
}

#[test]
fn releases_wait_to_be_claimed() {
    let goes_on = claims(Kind::GoOn, 7, 4, 90);
    let dismissed = claims(Kind::Dismiss, 90, 0, 0);
    check_claims(1, &[(0, goes_on)], "Park Create Wait Released Unpark GoOn |");
    check_claims(3, &[(2, goes_on)], "Park Create Wait | Released Unpark GoOn |");
    check_claims(1, &[(0, dismissed)], "Park Create Wait Unpark |");
    check_claims(3, &[(2, dismissed)], "Park Create Wait | Unpark |");
    // Too late: it goes on, and nobody let it.
    check_claims(40, &[(30, goes_on)], "Park Create Wait | Unpark | GoOn |");
    check_claims(40, &[(30, dismissed)], "Park Create Wait | Unpark |");
}
