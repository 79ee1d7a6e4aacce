//! Details of spans and goroutines of a small trace, as the page gets them.

#![expect(clippy::too_many_lines, reason = "the expectations are data")]

use crate::fixtures::{self, go};
use crate::{Lane, Trace, goroutine, span_at};
use expect_test::{Expect, expect};
use goroscope_model::GoIdx;
use serde_json::Value;

/// Compares what is not absent.
#[track_caller]
fn check(answer: impl serde::Serialize, wanted: &Expect) {
    let mut value = serde_json::to_value(answer).unwrap();
    shorten(&mut value);
    wanted.assert_eq(&serde_json::to_string_pretty(&value).unwrap());
}

/// Takes away what is absent, and puts references and frames on one line.
fn shorten(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(shorten);
            fields.retain(|_, value| !is_absent(value));
            if let (Some(function), Some(file), Some(line)) =
                (fields.get("function"), fields.get("file"), fields.get("line"))
            {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                *value = format!("{} {}:{line}", text(function), text(file)).into();
            } else if let (Some(key), Some(id)) = (fields.get("key"), fields.get("id")) {
                let name = fields.get("function").or(fields.get("name")).and_then(Value::as_str).unwrap_or("");
                *value = format!("{} #{id} {name}", key.as_str().unwrap()).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn lane(trace: &Trace, id: u64) -> Lane {
    Lane::Go(go(trace, id))
}

#[test]
fn a_wait_names_who_ended_it() {
    let trace = fixtures::request();
    check(
        span_at(&trace, lane(&trace, 1), 250),
        &expect![[r#"
        {
          "class": 4,
          "dur": 150,
          "effects_total": 0,
          "end": 350,
          "go": "go:0 #1 main.main",
          "lane": "go:0",
          "lane_label": "G1 main.main",
          "next": {
            "class": 2,
            "end": 600,
            "row": 2,
            "start": 350,
            "title": "runnable"
          },
          "prev": {
            "class": 1,
            "end": 200,
            "row": 0,
            "start": 0,
            "title": "running"
          },
          "reason": "chan receive",
          "row": 1,
          "stack": [
            "runtime.chanrecv1 chan.go:5",
            "main.main main.go:11"
          ],
          "start": 200,
          "state": "waiting",
          "title": "chan receive",
          "woken_by": {
            "go": "go:2 #2 main.worker",
            "kind": "unblock",
            "lane": "go:2",
            "lane_label": "G2 main.worker",
            "proc": "proc:0 #0 ",
            "span_start": 250,
            "stack": [
              "main.worker main.go:23"
            ],
            "ts": 350
          }
        }"#]],
    );
}

#[test]
fn a_runnable_span_names_its_waker_and_where_it_stood() {
    let trace = fixtures::request();
    check(
        span_at(&trace, lane(&trace, 1), 400),
        &expect![[r#"
        {
          "cause": {
            "go": "go:2 #2 main.worker",
            "kind": "unblock",
            "lane": "go:2",
            "lane_label": "G2 main.worker",
            "proc": "proc:0 #0 ",
            "span_start": 250,
            "stack": [
              "main.worker main.go:23"
            ],
            "ts": 350
          },
          "class": 2,
          "dur": 250,
          "effects_total": 0,
          "end": 600,
          "go": "go:0 #1 main.main",
          "lane": "go:0",
          "lane_label": "G1 main.main",
          "next": {
            "class": 1,
            "end": 700,
            "row": 3,
            "start": 600,
            "title": "running"
          },
          "prev": {
            "class": 4,
            "end": 350,
            "row": 1,
            "start": 200,
            "title": "chan receive"
          },
          "proc": "proc:0 #0 ",
          "row": 2,
          "stack": [
            "runtime.chanrecv1 chan.go:5",
            "main.main main.go:11"
          ],
          "start": 350,
          "state": "runnable",
          "thread": "thread:0 #101 ",
          "title": "runnable"
        }"#]],
    );
}

#[test]
fn a_running_span_has_the_cause_of_the_runnable_one_before_it() {
    let trace = fixtures::request();
    check(
        span_at(&trace, lane(&trace, 2), 300),
        &expect![[r#"
            {
              "cause": {
                "go": "go:0 #1 main.main",
                "kind": "create",
                "lane": "go:0",
                "lane_label": "G1 main.main",
                "proc": "proc:0 #0 ",
                "span_start": 0,
                "stack": [
                  "main.main main.go:10"
                ],
                "ts": 100
              },
              "class": 1,
              "dur": 250,
              "effects": [
                {
                  "go": "go:0 #1 main.main",
                  "kind": "unblock",
                  "lane": "go:0",
                  "lane_label": "G1 main.main",
                  "ts": 350
                }
              ],
              "effects_total": 1,
              "end": 500,
              "go": "go:2 #2 main.worker",
              "lane": "go:2",
              "lane_label": "G2 main.worker",
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
              "prev": {
                "class": 2,
                "end": 250,
                "row": 13,
                "start": 100,
                "title": "runnable"
              },
              "proc": "proc:0 #0 ",
              "regions": [
                {
                  "depth": 0,
                  "end": 400,
                  "lane": "regions:2:0",
                  "name": "write",
                  "start": 270
                },
                {
                  "depth": 1,
                  "end": 320,
                  "lane": "regions:2:1",
                  "name": "encode",
                  "start": 280
                }
              ],
              "row": 14,
              "stack": [
                "main.worker main.go:20"
              ],
              "start": 250,
              "state": "running",
              "task": "task:0 #1 request",
              "thread": "thread:0 #101 ",
              "title": "running"
            }"#]],
    );
}

#[test]
fn what_no_goroutine_woke_says_so() {
    let trace = fixtures::request();
    let cause = |ts| span_at(&trace, lane(&trace, 3), ts).unwrap().cause.unwrap();
    check(
        [cause(510), cause(755)],
        &expect![[r#"
        [
          {
            "kind": "timer or runtime",
            "proc": "proc:1 #1 ",
            "ts": 500
          },
          {
            "kind": "network",
            "proc": "proc:1 #1 ",
            "ts": 750
          }
        ]"#]],
    );
    check(
        span_at(&trace, lane(&trace, 3), 800),
        &expect![[r#"
        {
          "class": 7,
          "dur": 150,
          "effects_total": 0,
          "end": 920,
          "go": "go:1 #3 main.serve",
          "lane": "go:1",
          "lane_label": "G3 main.serve",
          "open_end": true,
          "prev": {
            "class": 1,
            "end": 770,
            "row": 11,
            "start": 760,
            "title": "running"
          },
          "reason": "sleep",
          "row": 12,
          "stack": [
            "time.Sleep sleep.go:2",
            "main.serve main.go:42"
          ],
          "start": 770,
          "state": "waiting",
          "title": "sleep"
        }"#]],
    );
}

#[test]
fn a_proc_shows_the_goroutine_that_ran() {
    let trace = fixtures::request();
    check(
        span_at(&trace, Lane::parse("proc:0").unwrap(), 300),
        &expect![[r#"
            {
              "cause": {
                "go": "go:0 #1 main.main",
                "kind": "create",
                "lane": "go:0",
                "lane_label": "G1 main.main",
                "proc": "proc:0 #0 ",
                "span_start": 0,
                "stack": [
                  "main.main main.go:10"
                ],
                "ts": 100
              },
              "class": 1,
              "dur": 250,
              "effects": [
                {
                  "go": "go:0 #1 main.main",
                  "kind": "unblock",
                  "lane": "go:0",
                  "lane_label": "G1 main.main",
                  "ts": 350
                }
              ],
              "effects_total": 1,
              "end": 500,
              "go": "go:2 #2 main.worker",
              "lane": "proc:0",
              "lane_label": "Proc 0",
              "logs": [
                {
                  "category": "step",
                  "message": "half",
                  "ts": 300
                }
              ],
              "next": {
                "class": 14,
                "end": 600,
                "row": 3,
                "start": 500,
                "title": "scheduler"
              },
              "next_effect": {
                "go": "go:0 #1 main.main",
                "kind": "unblock",
                "lane": "go:0",
                "lane_label": "G1 main.main",
                "ts": 350
              },
              "prev": {
                "class": 14,
                "end": 250,
                "row": 1,
                "start": 200,
                "title": "scheduler"
              },
              "proc": "proc:0 #0 ",
              "regions": [
                {
                  "depth": 0,
                  "end": 400,
                  "lane": "regions:2:0",
                  "name": "write",
                  "start": 270
                },
                {
                  "depth": 1,
                  "end": 320,
                  "lane": "regions:2:1",
                  "name": "encode",
                  "start": 280
                }
              ],
              "row": 2,
              "stack": [
                "main.worker main.go:20"
              ],
              "start": 250,
              "state": "running",
              "task": "task:0 #1 request",
              "thread": "thread:0 #101 ",
              "title": "G2 main.worker"
            }"#]],
    );
}

#[test]
fn a_thread_in_a_system_call() {
    let trace = fixtures::request();
    check(
        span_at(&trace, Lane::parse("thread:0").unwrap(), 750),
        &expect![[r#"
        {
          "class": 10,
          "dur": 100,
          "effects_total": 0,
          "end": 800,
          "go": "go:0 #1 main.main",
          "lane": "thread:0",
          "lane_label": "Thread 101",
          "next": {
            "class": 1,
            "end": 920,
            "row": 6,
            "start": 800,
            "title": "G1 main.main"
          },
          "prev": {
            "class": 1,
            "end": 700,
            "row": 4,
            "start": 600,
            "title": "G1 main.main"
          },
          "proc": "proc:0 #0 ",
          "row": 5,
          "stack": [
            "syscall.Write syscall.go:9",
            "main.main main.go:12"
          ],
          "start": 700,
          "state": "syscall",
          "thread": "thread:0 #101 ",
          "title": "G1 main.main"
        }"#]],
    );
}

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

#[test]
fn where_nothing_is_there_are_no_details() {
    let trace = fixtures::request();
    for (key, ts) in [("gc", 10), ("stw", 10), ("all", 10), ("group:0", 10), ("tasktype:0", 300), ("task:0", 10)] {
        assert_eq!(span_at(&trace, Lane::parse(key).unwrap(), ts), None, "{key}");
    }
    assert_eq!(span_at(&trace, lane(&trace, 2), 99), None);
    assert_eq!(span_at(&trace, lane(&trace, 2), 501), None);
}

#[test]
fn a_goroutines_life() {
    let trace = fixtures::request();
    check(
        goroutine(&trace, go(&trace, 1)),
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
            }
          ],
          "reasons": [
            {
              "class": 4,
              "longest": 150,
              "longest_ts": 200,
              "ns": 150,
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
              "spans": 3
            },
            {
              "class": 2,
              "longest": 250,
              "longest_ts": 350,
              "ns": 250,
              "spans": 1
            },
            {
              "class": 4,
              "longest": 150,
              "longest_ts": 200,
              "ns": 150,
              "spans": 1
            },
            {
              "class": 10,
              "longest": 100,
              "longest_ts": 700,
              "ns": 100,
              "spans": 1
            }
          ],
          "woken_by": [
            {
              "count": 1,
              "go": "go:2 #2 main.worker"
            }
          ]
        }"#]],
    );
    check(
        goroutine(&trace, go(&trace, 2)),
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
              "spans": 1
            },
            {
              "class": 2,
              "longest": 150,
              "longest_ts": 100,
              "ns": 150,
              "spans": 1
            }
          ],
          "woke": [
            {
              "count": 1,
              "go": "go:0 #1 main.main"
            }
          ]
        }"#]],
    );
    assert_eq!(goroutine(&trace, GoIdx(u32::MAX)), None);
}
