//! The trace, its lanes and where they are.

use super::check;
use expect_test::expect;

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
              {"id":23,"key":"preempted","kind":"off","label":"Preempted"}
              {"id":24,"key":"slept","kind":"off","label":"Slept in the kernel"}
              {"id":25,"key":"counter","kind":"value","label":"Counter"}
            counts: {"events":22,"experimental":0,"generations":1,"goroutines":2,"groups":2,"logs":1,"procs":1,"ranges":1,"regions":1,"samples":0,"tasks":1,"threads":1,"unknown":0}
            diagnostics: []
            end: 900
            format: "go 1.26"
            gomaxprocs: 2
            loss: {"bytes":0,"time":0,"unknown_times":0}
            lost: []
            name: "trace.out"
            others: []
            recording: null
            start: 0
            wall: {"nsec":5,"sec":1700000000,"ts":0}
            words: {"function_title":"Start function","goroutine":"goroutine","goroutine_letter":"G","goroutine_title":"Goroutine","goroutines":"goroutines","goroutines_title":"Goroutines","idle_title":"Idle procs","language":"go","proc":"proc","proc_count_title":"GOMAXPROCS","proc_letter":"P","proc_title":"Proc","procs":"procs","procs_title":"Procs","ready_title":"Ready goroutines","running_title":"Running","syscall_title":"Syscall","user_task":"task","user_task_title":"Task","user_tasks":"tasks","user_tasks_title":"Tasks"}

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
          {"id":"counters","lanes":[{"curve":{"least":1000,"most":1000,"unit":"bytes"},"key":"counter:0","label":"Heap","ranges":false},{"curve":{"least":4000,"most":4000,"unit":"bytes"},"key":"counter:1","label":"Heap goal","ranges":false}],"title":"Counters"}
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
            error: "parameter limit must be an integer from 0 to 1000"

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
