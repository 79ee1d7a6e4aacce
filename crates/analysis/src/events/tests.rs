//! Events in order, by page and by filter.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use super::*;
use crate::fixtures;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn all(trace: &Trace, filter: &Filter, topics: &[EventTopic], limit: usize) -> Vec<EventRow> {
    let mut list = EventList::new(trace, filter, topics);
    let (mut rows, mut next) = (Vec::new(), Some(list.first()));
    while let Some(from) = next {
        let page = list.page(from, limit);
        assert!(page.rows.len() == limit || page.next.is_none(), "only the last page may be short");
        rows.extend(page.rows);
        next = page.next;
    }
    rows
}

#[track_caller]
fn check(trace: &Trace, filter: &str, topics: &[EventTopic], expected: &Expect) {
    let mut text = String::new();
    for row in all(trace, &Filter::parse(filter).unwrap(), topics, 1000) {
        let go = row.go.map_or(String::from("-"), |go| format!("G{}", go.id));
        let cause = row.cause.map(|go| format!(", by G{}", go.id)).unwrap_or_default();
        let dur = row.dur.map(|ns| format!(", {ns} ns")).unwrap_or_default();
        let leaf = row.stack.first().map(|frame| format!(" at {}", frame.function)).unwrap_or_default();
        writeln!(text, "{} {go} {}{cause}{dur}{leaf} [{}]", row.ts, row.text, row.lane).unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn a_request() {
    check(
        &fixtures::request(),
        "",
        &[],
        &expect![[r#"
        0 G1 running, 200 ns [go:0]
        0 G3 waiting: reason not in this trace, 500 ns at internal/poll.runtime_pollWait [go:1]
        100 G2 created, runnable, by G1, 150 ns at main.main [go:2]
        200 G1 waiting: chan receive, 150 ns at runtime.chanrecv1 [go:0]
        250 G2 running, 250 ns [go:2]
        260 G2 task request #1 begins, 190 ns at main.worker [task:0]
        270 G2 region "write" begins, 130 ns at main.worker [regions:2:0]
        280 G2 region "encode" begins, 40 ns at main.encode [regions:2:1]
        290 G2 CPU sample at main.encode [go:2]
        300 G2 step: half at main.encode [go:2]
        320 G2 region "encode" ends at main.encode [regions:2:1]
        350 G1 runnable, by G2, 250 ns at main.worker [go:0]
        400 G2 region "write" ends at main.worker [regions:2:0]
        450 G2 task request #1 ends at main.worker [task:0]
        500 G3 runnable, 50 ns [go:1]
        500 G2 ends [go:2]
        550 G3 running, 100 ns [go:1]
        600 G1 running, 100 ns [go:0]
        650 G3 waiting: network, 100 ns at internal/poll.runtime_pollWait [go:1]
        700 G1 syscall, 100 ns at syscall.Write [go:0]
        750 G3 runnable, 10 ns [go:1]
        760 G3 running, 10 ns [go:1]
        770 G3 waiting: sleep, 150 ns at time.Sleep [go:1]
        800 G1 running, 120 ns [go:0]
        810 G1 stop-the-world (GC sweep termination) begins, 20 ns at runtime.gcStart [goranges:0]
        820 G1 GC concurrent mark phase begins, 80 ns at runtime.gcStart [gc]
        830 G1 stop-the-world (GC sweep termination) ends [goranges:0]
        840 G1 GC mark assist begins, 20 ns at runtime.mallocgc [goranges:0]
        860 G1 GC mark assist ends [goranges:0]
        900 G1 GC concurrent mark phase ends [gc]
        910 G1 GC incremental sweep begins, 10 ns at runtime.mallocgc [procranges:0]
        920 G1 GC incremental sweep ends, 8192 bytes swept, 4096 reclaimed [procranges:0]
    "#]],
    );
}

#[test]
fn filtered() {
    let trace = fixtures::request();
    check(
        &trace,
        "goroutine=3 from=700ns",
        &[],
        &expect![[r#"
        750 G3 runnable, 10 ns [go:1]
        760 G3 running, 10 ns [go:1]
        770 G3 waiting: sleep, 150 ns at time.Sleep [go:1]
    "#]],
    );
    check(
        &trace,
        "state=waiting min=100ns",
        &[],
        &expect![[r#"
        0 G3 waiting: reason not in this trace, 500 ns at internal/poll.runtime_pollWait [go:1]
        200 G1 waiting: chan receive, 150 ns at runtime.chanrecv1 [go:0]
        650 G3 waiting: network, 100 ns at internal/poll.runtime_pollWait [go:1]
        770 G3 waiting: sleep, 150 ns at time.Sleep [go:1]
    "#]],
    );
    check(
        &trace,
        "region=encode",
        &[],
        &expect![[r#"
        280 G2 region "encode" begins, 40 ns at main.encode [regions:2:1]
        290 G2 CPU sample at main.encode [go:2]
        300 G2 step: half at main.encode [go:2]
        320 G2 region "encode" ends at main.encode [regions:2:1]
    "#]],
    );
    check(
        &trace,
        "",
        &[EventTopic::Log, EventTopic::Task],
        &expect![[r#"
        260 G2 task request #1 begins, 190 ns at main.worker [task:0]
        300 G2 step: half at main.encode [go:2]
        450 G2 task request #1 ends at main.worker [task:0]
    "#]],
    );
}

/// Pages of whatever size are the whole, every span is there, and two halves in time are the whole.
#[test]
fn pages_and_halves_are_the_whole() {
    let recorded = ["mix-1.27.trace.zst", "names-1.21.trace.zst"].map(fixtures::recorded);
    for trace in (0..8).map(|seed| fixtures::random(seed, 3, 8, 200)).chain(recorded) {
        let everything = all(&trace, &Filter::default(), &[], 1000);
        assert!(everything.is_sorted_by_key(|row| row.ts));
        let states = everything.iter().filter(|row| row.topic == EventTopic::State && row.text != "ends").count();
        assert_eq!(states, trace.go_spans().len());
        let of_topic = |topic| everything.iter().filter(|row| row.topic == topic).count();
        assert_eq!(of_topic(EventTopic::Log), trace.logs().len());
        assert_eq!(of_topic(EventTopic::Sample), trace.samples().len());
        for limit in [1, 7, 64] {
            let few = everything.len().min(500);
            let mut list = EventList::new(&trace, &Filter::default(), &[]);
            let (mut rows, mut from) = (Vec::new(), list.first());
            while rows.len() < few {
                let page = list.page(from, limit);
                rows.extend(page.rows);
                match page.next {
                    Some(next) => from = next,
                    None => break,
                }
            }
            let differ = rows.iter().zip(&everything).find(|(one, other)| one != other);
            assert_eq!(differ, None, "limit {limit}");
        }
        let middle = i64::midpoint(trace.start(), trace.end());
        let mut halves = all(&trace, &Filter { to: Some(middle), ..Filter::default() }, &[], 1000);
        halves.extend(all(&trace, &Filter { from: Some(middle), ..Filter::default() }, &[], 1000));
        assert_eq!(halves.len(), everything.len());
        assert_eq!(halves.iter().zip(&everything).find(|(one, other)| one != other), None);
    }
}
