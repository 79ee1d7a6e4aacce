//! Tasks, regions and messages.

use super::check;
use expect_test::expect;

#[test]
fn types_of_tasks() {
    check(
        &["api/task_types", "api/task_types?sort=size", "api/task_types?filter=task%3Dother&order=asc"],
        &expect![[r#"
            GET api/task_types
            200 OK
            background: {"logs":0,"regions":0}
            from: 0
            offset: 0
            rows:
              {"complete":1,"count":1,"end":450,"filter":"task=^request$","histogram":[{"count":1,"max":251,"min":159}],"incomplete":0,"key":"tasktype:0","latency":{"count":1,"max":190,"mean":190,"min":190,"p50":190,"p90":190,"p95":190,"p99":190},"logs":1,"name":"request","ns":190,"peak":1,"regions":1,"start":260,"subtasks":0}
            tasks: 1
            to: 900
            total: 1

            GET api/task_types?sort=size
            400 Bad Request
            error: "parameter sort: use one of ns, count, incomplete, mean, p50, p99, max, peak, name"

            GET api/task_types?filter=task%3Dother&order=asc
            200 OK
            background: {"logs":0,"regions":0}
            from: 0
            offset: 0
            rows: []
            tasks: 0
            to: 900
            total: 0

        "#]],
    );
}

#[test]
fn tasks() {
    check(
        &[
            "api/tasks?sort=duration&limit=5",
            "api/tasks?complete=no",
            "api/tasks?complete=perhaps",
            "api/tasks?filter=region%3Dwrite",
        ],
        &expect![[r#"
            GET api/tasks?sort=duration&limit=5
            200 OK
            from: 0
            offset: 0
            rows:
              {"complete":true,"depth":0,"duration":190,"end":450,"end_go":{"function":"main.worker","id":2,"key":"go:1","row":1},"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"goroutines":1,"id":1,"key":"task:0","logs":1,"name":"request","ns":190,"open_end":false,"open_start":false,"parent":null,"regions":1,"start":260,"subtasks":0,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":190,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            to: 900
            total: 1

            GET api/tasks?complete=no
            200 OK
            from: 0
            offset: 0
            rows: []
            to: 900
            total: 0

            GET api/tasks?complete=perhaps
            400 Bad Request
            error: "parameter complete: use one of yes, no, any"

            GET api/tasks?filter=region%3Dwrite
            400 Bad Request
            error: "parameter filter: region does not apply to tasks, which knows only from, to, goroutine, func, task, min, max"

        "#]],
    );
}

#[test]
fn one_task() {
    check(
        &["api/task?id=1", "api/task?key=task:0&offset=2&limit=1", "api/task?key=go:0", "api/task?id=77", "api/task"],
        &expect![[r#"
            GET api/task?id=1
            200 OK
            goroutines:
              {"end":450,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"parts":1,"reasons":[],"start":260,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":190,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            goroutines_total: 1
            offset: 0
            rows:
              {"category":"","depth":0,"end":450,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"task:0","kind":"task","name":"request","open_end":false,"open_start":false,"parent":null,"row":0,"since":null,"stack":[{"file":"main.go","function":"main.worker","line":21}],"start":260,"task":{"id":1,"key":"task:0","name":"request"}}
              {"category":"","depth":1,"end":400,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"regions:1:0","kind":"region","name":"write","open_end":false,"open_start":false,"parent":0,"row":1,"since":10,"stack":[{"file":"main.go","function":"main.worker","line":22}],"start":270,"task":{"id":1,"key":"task:0","name":"request"}}
              {"category":"step","depth":2,"end":300,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"go:1","kind":"log","name":"half","open_end":false,"open_start":false,"parent":1,"row":2,"since":30,"stack":[{"file":"main.go","function":"main.encode","line":31}],"start":300,"task":{"id":1,"key":"task:0","name":"request"}}
            task: {"complete":true,"depth":0,"duration":190,"end":450,"end_go":{"function":"main.worker","id":2,"key":"go:1","row":1},"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"goroutines":1,"id":1,"key":"task:0","logs":1,"name":"request","ns":190,"open_end":false,"open_start":false,"parent":null,"regions":1,"start":260,"subtasks":0,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":190,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            total: 3
            wall:
              {"class":1,"ns":190,"reason":"","share":1.0}

            GET api/task?key=task:0&offset=2&limit=1
            200 OK
            goroutines:
              {"end":450,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"parts":1,"reasons":[],"start":260,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":190,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            goroutines_total: 1
            offset: 2
            rows:
              {"category":"step","depth":2,"end":300,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"go:1","kind":"log","name":"half","open_end":false,"open_start":false,"parent":1,"row":2,"since":30,"stack":[{"file":"main.go","function":"main.encode","line":31}],"start":300,"task":{"id":1,"key":"task:0","name":"request"}}
            task: {"complete":true,"depth":0,"duration":190,"end":450,"end_go":{"function":"main.worker","id":2,"key":"go:1","row":1},"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"goroutines":1,"id":1,"key":"task:0","logs":1,"name":"request","ns":190,"open_end":false,"open_start":false,"parent":null,"regions":1,"start":260,"subtasks":0,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":190,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            total: 3
            wall:
              {"class":1,"ns":190,"reason":"","share":1.0}

            GET api/task?key=go:0
            400 Bad Request
            error: "go:0 is not the lane of a task: task:3"

            GET api/task?id=77
            404 Not Found
            error: "no task with id 77 in this trace"

            GET api/task
            400 Bad Request
            error: "parameter key is missing"

        "#]],
    );
}

#[test]
fn types_of_regions() {
    check(
        &["api/region_types", "api/region_types?filter=min%3D1ms"],
        &expect![[r#"
        GET api/region_types
        200 OK
        from: 0
        offset: 0
        regions: 1
        rows:
          {"at":"main.worker:22","complete":1,"count":1,"filter":"region=^write$","frame":{"file":"main.go","function":"main.worker","line":22},"goroutines":1,"histogram":[{"count":1,"max":158,"min":100}],"incomplete":0,"latency":{"count":1,"max":130,"mean":130,"min":130,"p50":130,"p90":130,"p95":130,"p99":130},"name":"write","ns":130,"self_ns":130,"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":130,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
        to: 900
        total: 1

        GET api/region_types?filter=min%3D1ms
        200 OK
        from: 0
        offset: 0
        regions: 0
        rows: []
        to: 900
        total: 0

    "#]],
    );
}

#[test]
fn regions() {
    check(
        &["api/regions?limit=1", "api/regions?at=main.other:1", "api/regions?limit=1001", "api/regions?order=up"],
        &expect![[r#"
            GET api/regions?limit=1
            200 OK
            from: 0
            offset: 0
            rows:
              {"at":"main.worker:22","complete":true,"depth":0,"duration":130,"end":400,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"regions:1:0","name":"write","ns":130,"open_end":false,"open_start":false,"ranges":[],"reasons":[],"row":0,"self_ns":130,"start":270,"task":{"id":1,"key":"task:0","name":"request"},"time":{"channel":0,"gc_wait":0,"network":0,"other_wait":0,"runnable":0,"running":130,"select":0,"sleep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0}}
            to: 900
            total: 1

            GET api/regions?at=main.other:1
            200 OK
            from: 0
            offset: 0
            rows: []
            to: 900
            total: 0

            GET api/regions?limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 0 to 1000"

            GET api/regions?order=up
            400 Bad Request
            error: "parameter order: use one of asc, desc"

        "#]],
    );
}

#[test]
fn logs() {
    check(
        &["api/logs", "api/logs?category=step&text=HALF", "api/logs?text=whole"],
        &expect![[r#"
        GET api/logs
        200 OK
        from: 0
        offset: 0
        rows:
          {"category":"step","end":300,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"go:1","message":"half","row":0,"stack":[{"file":"main.go","function":"main.encode","line":31}],"start":300,"task":{"id":1,"key":"task:0","name":"request"},"ts":300}
        to: 900
        total: 1

        GET api/logs?category=step&text=HALF
        200 OK
        from: 0
        offset: 0
        rows:
          {"category":"step","end":300,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"key":"go:1","message":"half","row":0,"stack":[{"file":"main.go","function":"main.encode","line":31}],"start":300,"task":{"id":1,"key":"task:0","name":"request"},"ts":300}
        to: 900
        total: 1

        GET api/logs?text=whole
        200 OK
        from: 0
        offset: 0
        rows: []
        to: 900
        total: 0

    "#]],
    );
}
