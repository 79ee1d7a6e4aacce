//! Searches of a small trace, and pages of a larger one.

#![expect(clippy::needless_raw_string_hashes, reason = "the expectations are written by a tool")]

use super::*;
use crate::fixtures;
use expect_test::{Expect, expect};
use std::fmt::Write;

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), kinds: Vec::new(), offset: 0, limit: 100 }
}

#[track_caller]
fn check(text: &str, wanted: &Expect) {
    let found = search(&fixtures::request(), &query(text));
    let mut lines = format!("{:?}\n", found.counts);
    for hit in &found.hits {
        let Hit { kind, label, detail, lane, start, end, class } = hit;
        writeln!(lines, "{kind:?} {label} | {detail} | {lane} {start}..{end} {class:?}").unwrap();
    }
    wanted.assert_eq(&lines);
    assert_eq!(found.total, found.hits.len() as u64);
}

#[test]
fn texts() {
    check(
        "g2",
        &expect![[r#"
        HitCounts { goroutine: 1, function: 0, counter: 0, task: 0, region: 0, log: 0, frame: 0 }
        Goroutine G2 | main.worker | go:2 100..500 Running
    "#]],
    );
    check(
        "3",
        &expect![[r#"
        HitCounts { goroutine: 1, function: 0, counter: 0, task: 0, region: 0, log: 0, frame: 0 }
        Goroutine G3 | main.serve | go:1 0..920 Running
    "#]],
    );
    check(
        "WORKER",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 1, counter: 0, task: 0, region: 0, log: 0, frame: 1 }
        Function main.worker | 1 goroutine | group:1 100..500 Running
        Frame main.worker | G2 main.worker, runnable | go:2 100..250 Runnable
    "#]],
    );
    check(
        "half",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 0, region: 0, log: 1, frame: 0 }
        Log half | step | go:2 300..300 Unknown
    "#]],
    );
    check(
        "request",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 1, region: 0, log: 0, frame: 0 }
        Task request #1 | G2 main.worker | task:0 260..450 Task
    "#]],
    );
    check(
        "write",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 0, region: 1, log: 0, frame: 1 }
        Region write | G2 main.worker | regions:2:0 270..400 Region
        Frame syscall.Write | G1 main.main, syscall | go:0 700..800 Syscall
    "#]],
    );
    check(
        "encode",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 0, region: 1, log: 0, frame: 0 }
        Region encode | G2 main.worker | regions:2:1 280..320 Region
    "#]],
    );
    check(
        "  ",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 0, region: 0, log: 0, frame: 0 }
    "#]],
    );
    check(
        "nowhere",
        &expect![[r#"
        HitCounts { goroutine: 0, function: 0, counter: 0, task: 0, region: 0, log: 0, frame: 0 }
    "#]],
    );
}

/// The hits of a page are those of the whole list, however it is cut, and the counts are of all.
#[test]
fn pages() {
    let trace = fixtures::random(7, 4, 50, 6_000);
    for text in ["f1", "parse", "message", "wait", "w", "1"] {
        let whole = search(&trace, &SearchQuery { limit: usize::MAX, ..query(text) });
        assert_eq!(whole.hits.len() as u64, whole.total, "{text}");
        assert!(whole.total > 10 || text == "1", "{text}: {}", whole.total);
        assert!(whole.hits.windows(2).all(|pair| (pair[0].kind, 0) <= (pair[1].kind, 0)), "{text}");
        for offset in [0, 1, 5, whole.hits.len() - 1, whole.hits.len(), usize::MAX] {
            for limit in [0, 1, 7, 100] {
                let page = search(&trace, &SearchQuery { offset, limit, ..query(text) });
                let wanted: Vec<_> = whole.hits.iter().skip(offset).take(limit).cloned().collect();
                assert_eq!(page.hits, wanted, "{text} {offset} {limit}");
                assert_eq!((page.total, page.counts), (whole.total, whole.counts), "{text} {offset} {limit}");
            }
        }
        for kind in HitKind::ALL {
            let only = search(&trace, &SearchQuery { kinds: vec![kind], limit: usize::MAX, ..query(text) });
            let wanted: Vec<_> = whole.hits.iter().filter(|hit| hit.kind == kind).cloned().collect();
            assert_eq!(only.hits, wanted, "{text} {kind:?}");
        }
    }
}
