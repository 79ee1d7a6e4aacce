//! Searches of a small trace, and pages of a larger one.

use super::*;
use crate::fixtures;
use expect_test::{Expect, expect};

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), kinds: Vec::new(), offset: 0, limit: 100 }
}

#[track_caller]
fn check(text: &str, wanted: Expect) {
    let found = search(&fixtures::request(), &query(text));
    let mut lines = format!("{:?}\n", found.counts);
    for hit in &found.hits {
        let Hit { kind, label, detail, lane, start, end, class } = hit;
        lines += &format!("{kind:?} {label} | {detail} | {lane} {start}..{end} {class:?}\n");
    }
    wanted.assert_eq(&lines);
    assert_eq!(found.total, found.hits.len() as u64);
}

#[test]
fn texts() {
    check("g2", expect![[""]]);
    check("3", expect![[""]]);
    check("WORKER", expect![[""]]);
    check("half", expect![[""]]);
    check("request", expect![[""]]);
    check("write", expect![[""]]);
    check("encode", expect![[""]]);
    check("  ", expect![[""]]);
    check("nowhere", expect![[""]]);
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
