//! What goroutines did all their lives.

use super::check;
use crate::Page;
use crate::fixtures::{self, go};
use crate::goroutine;
use expect_test::expect;
use goroscope_model::GoIdx;

#[test]
fn a_goroutines_life() {
    let trace = fixtures::request();
    check(
        goroutine(&trace, go(&trace, 1), Page::default()),
        &expect![[r#"
            {
              "children": [
                "go:2 #2 main.worker"
              ],
              "children_total": 1,
              "end": 920,
              "go": "go:0 #1 main.main",
              "group": "group:0",
              "lifetime": 920,
              "logs": 0,
              "ranges": [
                {
                  "count": 1,
                  "name": "GC mark assist",
                  "ns": 20
                },
                {
                  "count": 1,
                  "name": "stop-the-world (GC sweep termination)",
                  "ns": 20
                },
                {
                  "count": 1,
                  "name": "GC incremental sweep",
                  "ns": 10
                }
              ],
              "reasons": [
                {
                  "class": 4,
                  "longest": 150,
                  "longest_ts": 200,
                  "ns": 150,
                  "p50": 150,
                  "p90": 150,
                  "p99": 150,
                  "reason": "chan receive",
                  "spans": 1
                }
              ],
              "regions": 0,
              "samples": 0,
              "spans": 6,
              "start": 0,
              "time": [
                {
                  "class": 1,
                  "longest": 200,
                  "longest_ts": 0,
                  "ns": 420,
                  "p50": 120,
                  "p90": 200,
                  "p99": 200,
                  "spans": 3
                },
                {
                  "class": 2,
                  "longest": 250,
                  "longest_ts": 350,
                  "ns": 250,
                  "p50": 250,
                  "p90": 250,
                  "p99": 250,
                  "spans": 1
                },
                {
                  "class": 4,
                  "longest": 150,
                  "longest_ts": 200,
                  "ns": 150,
                  "p50": 150,
                  "p90": 150,
                  "p99": 150,
                  "spans": 1
                },
                {
                  "class": 10,
                  "longest": 100,
                  "longest_ts": 700,
                  "ns": 100,
                  "p50": 100,
                  "p90": 100,
                  "p99": 100,
                  "spans": 1
                }
              ],
              "woke_total": 0,
              "woken_by": [
                {
                  "count": 1,
                  "go": "go:2 #2 main.worker",
                  "kind": "unblock",
                  "longest": 150,
                  "longest_ts": 200,
                  "own": 0,
                  "stack": [
                    "main.worker main.go:23"
                  ],
                  "stacks": 1,
                  "waited": 150
                }
              ],
              "woken_by_total": 1
            }"#]],
    );
    check(
        goroutine(&trace, go(&trace, 2), Page::default()),
        &expect![[r#"
            {
              "children_total": 0,
              "created": 100,
              "creation_stack": [
                "main.main main.go:10"
              ],
              "creator": "go:0 #1 main.main",
              "end": 500,
              "ended": 500,
              "first_run": 150,
              "go": "go:2 #2 main.worker",
              "group": "group:1",
              "lifetime": 400,
              "logs": 1,
              "regions": 2,
              "samples": 1,
              "spans": 2,
              "start": 100,
              "time": [
                {
                  "class": 1,
                  "longest": 250,
                  "longest_ts": 250,
                  "ns": 250,
                  "p50": 250,
                  "p90": 250,
                  "p99": 250,
                  "spans": 1
                },
                {
                  "class": 2,
                  "longest": 150,
                  "longest_ts": 100,
                  "ns": 150,
                  "p50": 150,
                  "p90": 150,
                  "p99": 150,
                  "spans": 1
                }
              ],
              "woke": [
                {
                  "count": 1,
                  "go": "go:0 #1 main.main",
                  "kind": "unblock",
                  "longest": 150,
                  "longest_ts": 200,
                  "own": 0,
                  "stack": [
                    "main.worker main.go:23"
                  ],
                  "stacks": 1,
                  "waited": 150
                }
              ],
              "woke_total": 1,
              "woken_by_total": 0
            }"#]],
    );
    assert_eq!(goroutine(&trace, GoIdx(u32::MAX), Page::default()), None);
}
