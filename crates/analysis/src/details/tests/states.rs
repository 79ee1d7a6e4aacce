//! Spans of goroutines, procs and threads.

use super::{check, lane};
use crate::fixtures;
use crate::{Lane, span_at};
use expect_test::expect;

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
