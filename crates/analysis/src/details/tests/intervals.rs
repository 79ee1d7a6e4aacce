//! Ranges, regions and tasks.

use super::check;
use crate::fixtures::{self, go};
use crate::{Lane, span_at};
use expect_test::expect;

#[test]
fn ranges_regions_and_tasks() {
    let trace = fixtures::request();
    let at = |key: &str, ts| span_at(&trace, Lane::parse(key).unwrap(), ts);
    check(
        at("gc", 850),
        &expect![[r#"
        {
          "class": 16,
          "dur": 80,
          "effects_total": 0,
          "end": 900,
          "go": "go:0 #1 main.main",
          "lane": "gc",
          "lane_label": "GC",
          "row": 1,
          "stack": [
            "runtime.gcStart mgc.go:8"
          ],
          "start": 820,
          "state": "range",
          "title": "GC concurrent mark phase"
        }"#]],
    );
    check(
        at("stw", 815),
        &expect![[r#"
        {
          "class": 17,
          "dur": 20,
          "effects_total": 0,
          "end": 830,
          "go": "go:0 #1 main.main",
          "lane": "stw",
          "lane_label": "Stop the world",
          "row": 0,
          "stack": [
            "runtime.gcStart mgc.go:7"
          ],
          "start": 810,
          "state": "range",
          "title": "stop-the-world (GC sweep termination)"
        }"#]],
    );
    check(
        at("procranges:0", 915),
        &expect![[r#"
        {
          "class": 18,
          "dur": 10,
          "effects_total": 0,
          "end": 920,
          "go": "go:0 #1 main.main",
          "lane": "procranges:0",
          "lane_label": "Proc 0 ranges",
          "proc": "proc:0 #0 ",
          "row": 3,
          "stack": [
            "runtime.mallocgc malloc.go:4"
          ],
          "start": 910,
          "state": "range",
          "title": "GC incremental sweep",
          "values": [
            [
              "swept bytes",
              "8192"
            ],
            [
              "reclaimed bytes",
              "4096"
            ]
          ]
        }"#]],
    );
    check(
        span_at(&trace, Lane::GoRanges(go(&trace, 1)), 850),
        &expect![[r#"
        {
          "class": 19,
          "dur": 20,
          "effects_total": 0,
          "end": 860,
          "go": "go:0 #1 main.main",
          "lane": "goranges:0",
          "lane_label": "G1 main.main ranges",
          "prev": {
            "class": 17,
            "end": 830,
            "row": 0,
            "start": 810,
            "title": "stop-the-world (GC sweep termination)"
          },
          "row": 2,
          "stack": [
            "runtime.mallocgc malloc.go:3",
            "main.main main.go:13"
          ],
          "start": 840,
          "state": "range",
          "title": "GC mark assist"
        }"#]],
    );
    check(
        span_at(&trace, Lane::Regions(go(&trace, 2), 1), 290),
        &expect![[r#"
        {
          "class": 21,
          "dur": 40,
          "effects_total": 0,
          "end": 320,
          "end_stack": [
            "main.encode main.go:32"
          ],
          "go": "go:2 #2 main.worker",
          "lane": "regions:2:1",
          "lane_label": "G2 main.worker · regions, depth 1",
          "logs": [
            {
              "category": "step",
              "message": "half",
              "ts": 300
            }
          ],
          "next_effect": {
            "go": "go:0 #1 main.main",
            "kind": "unblock",
            "lane": "go:0",
            "lane_label": "G1 main.main",
            "ts": 350
          },
          "regions": [
            {
              "depth": 0,
              "end": 400,
              "lane": "regions:2:0",
              "name": "write",
              "start": 270
            }
          ],
          "row": 1,
          "stack": [
            "main.encode main.go:30"
          ],
          "start": 280,
          "state": "region",
          "task": "task:0 #1 request",
          "title": "encode"
        }"#]],
    );
    check(
        at("task:0", 300),
        &expect![[r#"
        {
          "class": 22,
          "dur": 190,
          "effects_total": 0,
          "end": 450,
          "end_stack": [
            "main.worker main.go:25"
          ],
          "go": "go:2 #2 main.worker",
          "lane": "task:0",
          "lane_label": "request #1",
          "logs": [
            {
              "category": "step",
              "message": "half",
              "ts": 300
            }
          ],
          "row": 0,
          "stack": [
            "main.worker main.go:21"
          ],
          "start": 260,
          "state": "task",
          "task": "task:0 #1 request",
          "title": "request #1"
        }"#]],
    );
}
