//! Every endpoint: what it answers, and what it says to wrong parameters.

use crate::site::Site;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn check(paths: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut found = String::new();
    for path in paths {
        writeln!(found, "GET {path}\n{}", site.get(path).show()).expect("memory");
    }
    expected.assert_eq(&found);
}

fn check_post(path: &str, bodies: &[&str], expected: &Expect) {
    let site = Site::start();
    let mut found = String::new();
    for body in bodies {
        writeln!(found, "POST {body}\n{}", site.post(path, body).show()).expect("memory");
    }
    expected.assert_eq(&found);
}

#[test]
fn the_trace() {
    check(
        &["api/trace", "api/trace?x=1"],
        &expect![[r#"
            GET api/trace
            200 OK
            api: 1
            bytes: 433
            classes:
              {"id":0,"key":"unknown","kind":"unknown","label":"Unknown"}
              {"id":1,"key":"running","kind":"run","label":"Running"}
              {"id":2,"key":"runnable","kind":"ready","label":"Runnable"}
              {"id":3,"key":"network","kind":"wait","label":"Network"}
              {"id":4,"key":"channel","kind":"wait","label":"Channel"}
              {"id":5,"key":"sync","kind":"wait","label":"Mutex or sync"}
              {"id":6,"key":"select","kind":"wait","label":"Select"}
              {"id":7,"key":"sleep","kind":"wait","label":"Sleep"}
              {"id":8,"key":"gc_wait","kind":"wait","label":"Garbage collector"}
              {"id":9,"key":"other_wait","kind":"wait","label":"Other wait"}
              {"id":10,"key":"syscall","kind":"syscall","label":"System call"}
              {"id":11,"key":"syscall_blocked","kind":"syscall","label":"Blocked system call"}
              {"id":12,"key":"running_gc","kind":"run","label":"Running GC worker"}
              {"id":13,"key":"running_runtime","kind":"run","label":"Running runtime"}
              {"id":14,"key":"scheduler","kind":"idle","label":"Scheduler"}
              {"id":15,"key":"idle","kind":"idle","label":"Idle"}
              {"id":16,"key":"gc_mark","kind":"range","label":"GC mark"}
              {"id":17,"key":"stw","kind":"range","label":"Stop the world"}
              {"id":18,"key":"sweep","kind":"range","label":"Sweep"}
              {"id":19,"key":"assist","kind":"range","label":"Mark assist"}
              {"id":20,"key":"other_range","kind":"range","label":"Other range"}
              {"id":21,"key":"region","kind":"user","label":"Region"}
              {"id":22,"key":"task","kind":"user","label":"Task"}
            counts: {"events":22,"experimental":0,"generations":1,"goroutines":2,"groups":2,"logs":1,"procs":1,"ranges":1,"regions":1,"samples":0,"tasks":1,"threads":1,"unknown":0}
            diagnostics: []
            end: 900
            format: "go 1.26"
            gomaxprocs: 2
            loss: {"bytes":0,"time":0,"unknown_times":0}
            lost: []
            name: "trace.out"
            start: 0
            wall: {"nsec":5,"sec":1700000000,"ts":0}

            GET api/trace?x=1
            400 Bad Request
            error: "unknown parameter \"x\"; allowed: none"

        "#]],
    );
}

#[test]
fn the_lanes() {
    check(
        &["api/lanes"],
        &expect![[r#"
        GET api/lanes
        200 OK
        sections:
          {"id":"runtime","lanes":[{"key":"gc","label":"GC","ranges":false},{"key":"stw","label":"Stop the world","ranges":false}],"title":"Runtime"}
          {"id":"procs","lanes":[{"key":"proc:0","label":"Proc 0","ranges":false}],"title":"Procs"}
          {"id":"threads","lanes":[{"key":"thread:0","label":"Thread 101","ranges":false}],"title":"Threads"}
          {"groups":[{"count":1,"depth":0,"key":"group:0","label":"main.main","peak":1,"ranges":false,"running":450},{"count":1,"depth":1,"key":"group:1","label":"main.worker","peak":1,"ranges":false,"running":250}],"id":"goroutines","title":"Goroutines"}
          {"groups":[{"count":1,"depth":0,"key":"tasktype:0","label":"request","peak":1,"ranges":false}],"id":"tasks","title":"Tasks"}

    "#]],
    );
}

#[test]
fn members_of_groups() {
    check(
        &[
            "api/members?key=group:0",
            "api/members?key=group:1&offset=0&limit=1&sort=running",
            "api/members?key=tasktype:0&offset=5",
            "api/members",
            "api/members?key=go:0",
            "api/members?key=group:99",
            "api/members?key=group:0&limit=1001",
            "api/members?key=group:0&offset=-1",
            "api/members?key=group:0&sort=name",
            "api/members?key=%3Cscript%3E",
        ],
        &expect![[r#"
            GET api/members?key=group:0
            200 OK
            offset: 0
            rows:
              {"depth":0,"end":900,"key":"go:0","label":"G1","ranges":false,"start":0}
            total: 1

            GET api/members?key=group:1&offset=0&limit=1&sort=running
            200 OK
            offset: 0
            rows:
              {"depth":1,"end":500,"key":"go:1","label":"G2","ranges":false,"start":100}
            total: 1

            GET api/members?key=tasktype:0&offset=5
            200 OK
            offset: 5
            rows: []
            total: 1

            GET api/members
            400 Bad Request
            error: "parameter key is missing"

            GET api/members?key=go:0
            404 Not Found
            error: "no group or task type go:0 in this trace"

            GET api/members?key=group:99
            404 Not Found
            error: "no group or task type group:99 in this trace"

            GET api/members?key=group:0&limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 1 to 1000"

            GET api/members?key=group:0&offset=-1
            400 Bad Request
            error: "parameter offset must be an integer from 0 to 4294967295"

            GET api/members?key=group:0&sort=name
            400 Bad Request
            error: "parameter sort: not an order: use id, start, running or duration"

            GET api/members?key=%3Cscript%3E
            400 Bad Request
            error: "\"<script>\" is not a lane; lanes are gc, stw, all, proc:0, go:17, regions:17:0, …"

        "#]],
    );
}

#[test]
fn places_of_lanes() {
    check(
        &["api/locate?lane=go:1", "api/locate?lane=task:0&sort=start", "api/locate?lane=gc", "api/locate?lane=go:77"],
        &expect![[r#"
            GET api/locate?lane=go:1
            200 OK
            group: "group:1"
            label: "G2 main.worker"
            offset: 0

            GET api/locate?lane=task:0&sort=start
            200 OK
            group: "tasktype:0"
            label: "request #1"
            offset: 0

            GET api/locate?lane=gc
            404 Not Found
            error: "no lane gc that stands in a group of this trace"

            GET api/locate?lane=go:77
            404 Not Found
            error: "no lane go:77 that stands in a group of this trace"

        "#]],
    );
}

#[test]
fn the_overview() {
    check(
        &["api/overview?cells=3", "api/overview?cells=0", "api/overview?cells=4097", "api/overview?cells=x"],
        &expect![[r#"
            GET api/overview?cells=3
            200 OK
            cells: 2
            from: 0
            gc: [[600,700]]
            goal: [4000,4000]
            gomaxprocs: [2.0,2.0]
            heap: [1000,1000]
            heap_max: 4000
            runnable: [0.609375,0.3556701030927835]
            running: [0.87890625,0.6443298969072165]
            stw: []
            syscall: [0.0,0.0]
            waiting: [0.29296875,0.0]
            waiting_max: 0.29296875
            width: 512

            GET api/overview?cells=0
            400 Bad Request
            error: "parameter cells must be an integer from 1 to 4096"

            GET api/overview?cells=4097
            400 Bad Request
            error: "parameter cells must be an integer from 1 to 4096"

            GET api/overview?cells=x
            400 Bad Request
            error: "parameter cells must be an integer from 1 to 4096"

        "#]],
    );
}

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
          {"class":1,"longest":250,"longest_ts":250,"ns":250,"spans":1}
          {"class":2,"longest":150,"longest_ts":100,"ns":150,"spans":1}
        woke:
          {"count":1,"go":{"function":"main.main","id":1,"key":"go:0","row":0}}
        woken_by: []

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

#[test]
fn search() {
    check(
        &[
            "api/search?q=WORK",
            "api/search?q=g2&limit=1",
            "api/search?q=half&kinds=log,task",
            "api/search?q=",
            "api/search",
            "api/search?q=x&kinds=log,thread",
            "api/search?q=x&limit=0",
        ],
        &expect![[r#"
            GET api/search?q=WORK
            200 OK
            counts: {"frame":1,"function":1,"goroutine":0,"log":0,"region":0,"task":0}
            hits:
              {"class":1,"detail":"1 goroutine","end":500,"kind":"function","label":"main.worker","lane":"group:1","start":100}
              {"class":2,"detail":"G2 main.worker, runnable","end":250,"kind":"frame","label":"main.worker","lane":"go:1","start":100}
            q: "WORK"
            total: 2

            GET api/search?q=g2&limit=1
            200 OK
            counts: {"frame":0,"function":0,"goroutine":1,"log":0,"region":0,"task":0}
            hits:
              {"class":1,"detail":"main.worker","end":500,"kind":"goroutine","label":"G2","lane":"go:1","start":100}
            q: "g2"
            total: 1

            GET api/search?q=half&kinds=log,task
            200 OK
            counts: {"frame":0,"function":0,"goroutine":0,"log":1,"region":0,"task":0}
            hits:
              {"class":0,"detail":"step","end":300,"kind":"log","label":"half","lane":"go:1","start":300}
            q: "half"
            total: 1

            GET api/search?q=
            200 OK
            counts: {"frame":0,"function":0,"goroutine":0,"log":0,"region":0,"task":0}
            hits: []
            q: ""
            total: 0

            GET api/search
            400 Bad Request
            error: "parameter q is missing"

            GET api/search?q=x&kinds=log,thread
            400 Bad Request
            error: "parameter kinds: not a kind: use goroutine, function, task, region, log or frame"

            GET api/search?q=x&limit=0
            400 Bad Request
            error: "parameter limit must be an integer from 1 to 1000"

        "#]],
    );
}

#[test]
fn selections() {
    check_post(
        "api/select",
        &[
            r#"{"from":0,"to":900,"lanes":["all"]}"#,
            r#"{"from":200,"to":400,"lanes":["go:0","go:77","gc"]}"#,
            r#"{"from":0,"to":0,"lanes":[]}"#,
            r#"{"from":-9223372036854775808,"to":9223372036854775807,"lanes":["all"]}"#,
            r#"{"from":1,"to":0,"lanes":[]}"#,
            r#"{"from":0,"to":1,"lanes":["goroutine"]}"#,
            r#"{"from":0,"to":1}"#,
            r#"{"from":0,"to":1,"lanes":[],"more":1}"#,
            "",
            "from=0&to=1",
        ],
        &expect![[r#"
            POST {"from":0,"to":900,"lanes":["all"]}
            200 OK
            dur: 900
            from: 0
            lane_time: 1300
            lanes: 2
            reasons:
              {"class":4,"ns":150,"reason":"chan receive","spans":1}
            time:
              {"class":1,"ns":700,"share":0.5384615384615384}
              {"class":2,"ns":450,"share":0.34615384615384615}
              {"class":4,"ns":150,"share":0.1153846153846154}
            to: 900
            top:
              {"class":1,"label":"G1 main.main","lane":"go:0","ns":450}
              {"class":1,"label":"G2 main.worker","lane":"go:1","ns":250}

            POST {"from":200,"to":400,"lanes":["go:0","go:77","gc"]}
            404 Not Found
            error: "no lane go:77 in this trace"

            POST {"from":0,"to":0,"lanes":[]}
            200 OK
            dur: 0
            from: 0
            lane_time: 0
            lanes: 0
            reasons: []
            time: []
            to: 0
            top: []

            POST {"from":-9223372036854775808,"to":9223372036854775807,"lanes":["all"]}
            200 OK
            dur: 9223372036854775807
            from: -9223372036854775808
            lane_time: 1300
            lanes: 2
            reasons:
              {"class":4,"ns":150,"reason":"chan receive","spans":1}
            time:
              {"class":1,"ns":700,"share":0.5384615384615384}
              {"class":2,"ns":450,"share":0.34615384615384615}
              {"class":4,"ns":150,"share":0.1153846153846154}
            to: 9223372036854775807
            top:
              {"class":1,"label":"G1 main.main","lane":"go:0","ns":450}
              {"class":1,"label":"G2 main.worker","lane":"go:1","ns":250}

            POST {"from":1,"to":0,"lanes":[]}
            400 Bad Request
            error: "to must not be before from"

            POST {"from":0,"to":1,"lanes":["goroutine"]}
            400 Bad Request
            error: "\"goroutine\" is not a lane; lanes are gc, stw, all, proc:0, go:17, regions:17:0, …"

            POST {"from":0,"to":1}
            400 Bad Request
            error: "the body is malformed: missing field `lanes` at line 1 column 17"

            POST {"from":0,"to":1,"lanes":[],"more":1}
            400 Bad Request
            error: "the body is malformed: unknown field `more`, expected one of `from`, `to`, `lanes` at line 1 column 34"

            POST 
            400 Bad Request
            error: "the body is malformed: EOF while parsing a value at line 1 column 0"

            POST from=0&to=1
            400 Bad Request
            error: "the body is malformed: expected ident at line 1 column 2"

        "#]],
    );
}

#[test]
fn a_selection_has_a_bounded_number_of_lanes() {
    let site = Site::start();
    let lanes = vec!["\"gc\""; 100_001].join(",");
    let found = site.post("api/select", &format!(r#"{{"from":0,"to":1,"lanes":[{lanes}]}}"#));
    expect![[r#"
        400 Bad Request
        error: "100001 lanes, at most 100000 are allowed"
    "#]]
    .assert_eq(&found.show());
}

#[test]
fn methods_and_paths() {
    let site = Site::start();
    let mut found = String::new();
    for line in [
        "POST /TOKEN/api/trace",
        "GET /TOKEN/api/select",
        "DELETE /TOKEN/",
        "HEAD /TOKEN/api/lanes",
        "GET /TOKEN/api/nothing",
        "GET /TOKEN/nothing",
        "GET /TOKEN/../Cargo.toml",
        "GET /TOKEN/%2e%2e/Cargo.toml",
        "GET /TOKEN",
    ] {
        let request =
            format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        writeln!(found, "{line}\n{}", site.exchange(site.fill(&request).as_bytes()).show()).expect("memory");
    }
    expect![[r#"
        POST /TOKEN/api/trace
        405 Method Not Allowed
        error: "only GET is allowed here"

        GET /TOKEN/api/select
        405 Method Not Allowed
        error: "only POST is allowed here"

        DELETE /TOKEN/
        405 Method Not Allowed
        error: "only GET is allowed here"

        HEAD /TOKEN/api/lanes
        200 OK


        GET /TOKEN/api/nothing
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/nothing
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/../Cargo.toml
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN/%2e%2e/Cargo.toml
        404 Not Found
        error: "no such path; the interface is described in docs/http-api.md"

        GET /TOKEN
        308 Permanent Redirect


    "#]]
    .assert_eq(&found);
}
