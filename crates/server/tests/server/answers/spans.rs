//! Spans and goroutines, one by one.

use super::check;
use expect_test::expect;

#[test]
fn spans() {
    check(
        &[
            "api/span?lane=go:0&ts=300",
            "api/span?lane=go:0&row=0",
            "api/span?lane=proc:0&ts=300",
            "api/span?lane=gc&ts=650",
            "api/span?lane=go:0&ts=-9223372036854775808",
            "api/span?lane=go:0&row=4294967295",
            "api/span?lane=go:0&row=4294967296",
            "api/span?lane=go:0",
            "api/span?ts=0",
        ],
        &expect![[r#"
            GET api/span?lane=go:0&ts=300
            200 OK
            cause: null
            class: 4
            dur: 150
            effects: []
            effects_total: 0
            end: 350
            end_stack: []
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            lane: "go:0"
            lane_label: "G1 main.main"
            logs: []
            next: {"class":2,"end":550,"row":2,"start":350,"title":"runnable"}
            next_effect: null
            open_end: false
            open_start: false
            prev: {"class":1,"end":200,"row":0,"start":0,"title":"running"}
            proc: null
            reason: "chan receive"
            regions: []
            row: 1
            stack:
              {"file":"chan.go","function":"runtime.chanrecv1","line":5}
              {"file":"main.go","function":"main.main","line":11}
            start: 200
            state: "waiting"
            task: null
            thread: null
            title: "chan receive"
            values: []
            woken_by: {"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"unblock","lane":"go:1","lane_label":"G2 main.worker","proc":{"id":0,"key":"proc:0","row":0},"span_start":250,"stack":[{"file":"main.go","function":"main.worker","line":23}],"ts":350}

            GET api/span?lane=go:0&row=0
            200 OK
            cause: null
            class: 1
            dur: 200
            effects:
              {"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"create","lane":"go:1","lane_label":"G2 main.worker","ts":100}
            effects_total: 1
            end: 200
            end_stack:
              {"file":"chan.go","function":"runtime.chanrecv1","line":5}
              {"file":"main.go","function":"main.main","line":11}
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            lane: "go:0"
            lane_label: "G1 main.main"
            logs: []
            next: {"class":4,"end":350,"row":1,"start":200,"title":"chan receive"}
            next_effect: {"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"create","lane":"go:1","lane_label":"G2 main.worker","ts":100}
            open_end: false
            open_start: true
            prev: null
            proc: {"id":0,"key":"proc:0","row":0}
            reason: ""
            regions: []
            row: 0
            stack: []
            start: 0
            state: "running"
            task: null
            thread: {"id":101,"key":"thread:0","row":0}
            title: "running"
            values: []
            woken_by: null

            GET api/span?lane=proc:0&ts=300
            200 OK
            cause: {"go":{"function":"main.main","id":1,"key":"go:0","row":0},"kind":"create","lane":"go:0","lane_label":"G1 main.main","proc":{"id":0,"key":"proc:0","row":0},"span_start":0,"stack":[{"file":"main.go","function":"main.main","line":10}],"ts":100}
            class: 1
            dur: 250
            effects:
              {"go":{"function":"main.main","id":1,"key":"go:0","row":0},"kind":"unblock","lane":"go:0","lane_label":"G1 main.main","ts":350}
            effects_total: 1
            end: 500
            end_stack: []
            go: {"function":"main.worker","id":2,"key":"go:1","row":1}
            lane: "proc:0"
            lane_label: "Proc 0"
            logs:
              {"category":"step","message":"half","ts":300}
            next: {"class":14,"end":550,"row":3,"start":500,"title":"scheduler"}
            next_effect: {"go":{"function":"main.main","id":1,"key":"go:0","row":0},"kind":"unblock","lane":"go:0","lane_label":"G1 main.main","ts":350}
            open_end: false
            open_start: false
            prev: {"class":14,"end":250,"row":1,"start":200,"title":"scheduler"}
            proc: {"id":0,"key":"proc:0","row":0}
            reason: ""
            regions:
              {"depth":0,"end":400,"lane":"regions:1:0","name":"write","start":270}
            row: 2
            stack:
              {"file":"main.go","function":"main.worker","line":20}
            start: 250
            state: "running"
            task: {"id":1,"key":"task:0","name":"request"}
            thread: {"id":101,"key":"thread:0","row":0}
            title: "G2 main.worker"
            values: []
            woken_by: null

            GET api/span?lane=gc&ts=650
            200 OK
            cause: null
            class: 16
            dur: 100
            effects: []
            effects_total: 0
            end: 700
            end_stack: []
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            lane: "gc"
            lane_label: "GC"
            logs: []
            next: null
            next_effect: null
            open_end: false
            open_start: false
            prev: null
            proc: null
            reason: ""
            regions: []
            row: 0
            stack:
              {"file":"mgc.go","function":"runtime.gcStart","line":1}
            start: 600
            state: "range"
            task: null
            thread: null
            title: "GC concurrent mark phase"
            values: []
            woken_by: null

            GET api/span?lane=go:0&ts=-9223372036854775808
            404 Not Found
            error: "no span on lane go:0 of this trace at -9223372036854775808 ns"

            GET api/span?lane=go:0&row=4294967295
            404 Not Found
            error: "no span with row 4294967295 on lane go:0 of this trace"

            GET api/span?lane=go:0&row=4294967296
            400 Bad Request
            error: "parameter row must be an integer from 0 to 4294967295"

            GET api/span?lane=go:0
            400 Bad Request
            error: "parameter ts or row is missing"

            GET api/span?ts=0
            400 Bad Request
            error: "parameter lane is missing"

        "#]],
    );
}

#[test]
fn goroutines() {
    check(
        &["api/goroutine?go=1", "api/goroutine?go=2", "api/goroutine", "api/goroutine?go=main"],
        &expect![[r#"
            GET api/goroutine?go=1
            200 OK
            children: []
            children_total: 0
            created: 100
            creation_stack:
              {"file":"main.go","function":"main.main","line":10}
            creator: {"function":"main.main","id":1,"key":"go:0","row":0}
            end: 500
            ended: 500
            first_run: 150
            go: {"function":"main.worker","id":2,"key":"go:1","row":1}
            group: "group:1"
            label: ""
            lifetime: 400
            logs: 1
            ranges: []
            reasons: []
            regions: 1
            samples: 0
            spans: 2
            start: 100
            time:
              {"class":1,"longest":250,"longest_ts":250,"ns":250,"p50":250,"p90":250,"p99":250,"spans":1}
              {"class":2,"longest":150,"longest_ts":100,"ns":150,"p50":150,"p90":150,"p99":150,"spans":1}
            woke:
              {"count":1,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"kind":"unblock","longest":150,"longest_ts":200,"own":0,"stack":[{"file":"main.go","function":"main.worker","line":23}],"stacks":1,"waited":150}
            woke_total: 1
            woken_by: []
            woken_by_total: 0

            GET api/goroutine?go=2
            404 Not Found
            error: "no goroutine with row 2 in this trace"

            GET api/goroutine
            400 Bad Request
            error: "parameter go is missing"

            GET api/goroutine?go=main
            400 Bad Request
            error: "parameter go must be an integer from 0 to 4294967295"

        "#]],
    );
}
