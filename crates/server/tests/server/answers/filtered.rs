//! Answers that take a filter.

use super::check;
use expect_test::expect;

#[test]
fn events() {
    check(
        &[
            "api/events?limit=2",
            "api/events?limit=2&ts=0&skip=2",
            "api/events?kinds=log,task&filter=goroutine%3D2",
            "api/events?filter=func%3D(",
            "api/events?kinds=all",
            "api/events?limit=1001",
            "api/events?ts=99999",
        ],
        &expect![[r#"
            GET api/events?limit=2
            200 OK
            next: {"skip":0,"ts":200}
            rows:
              {"cause":null,"dur":200,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"lane":"go:0","proc":{"id":0,"key":"proc:0","row":0},"stack":[],"task":null,"text":"running","thread":{"id":101,"key":"thread:0","row":0},"topic":"state","ts":0}
              {"cause":{"function":"main.main","id":1,"key":"go:0","row":0},"dur":150,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"lane":"go:1","proc":{"id":0,"key":"proc:0","row":0},"stack":[{"file":"main.go","function":"main.main","line":10}],"task":null,"text":"created, runnable","thread":{"id":101,"key":"thread:0","row":0},"topic":"state","ts":100}

            GET api/events?limit=2&ts=0&skip=2
            200 OK
            next: {"skip":0,"ts":260}
            rows:
              {"cause":null,"dur":150,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"lane":"go:0","proc":null,"stack":[{"file":"chan.go","function":"runtime.chanrecv1","line":5},{"file":"main.go","function":"main.main","line":11}],"task":null,"text":"waiting: chan receive","thread":null,"topic":"state","ts":200}
              {"cause":null,"dur":250,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"lane":"go:1","proc":{"id":0,"key":"proc:0","row":0},"stack":[],"task":null,"text":"running","thread":{"id":101,"key":"thread:0","row":0},"topic":"state","ts":250}

            GET api/events?kinds=log,task&filter=goroutine%3D2
            200 OK
            next: null
            rows:
              {"cause":null,"dur":190,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"lane":"task:0","proc":null,"stack":[{"file":"main.go","function":"main.worker","line":21}],"task":{"id":1,"key":"task:0","name":"request"},"text":"task request #1 begins","thread":null,"topic":"task","ts":260}
              {"cause":null,"dur":null,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"lane":"go:1","proc":null,"stack":[{"file":"main.go","function":"main.encode","line":31}],"task":{"id":1,"key":"task:0","name":"request"},"text":"step: half","thread":null,"topic":"log","ts":300}
              {"cause":null,"dur":null,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"lane":"task:0","proc":null,"stack":[{"file":"main.go","function":"main.worker","line":25}],"task":{"id":1,"key":"task:0","name":"request"},"text":"task request #1 ends","thread":null,"topic":"task","ts":450}

            GET api/events?filter=func%3D(
            400 Bad Request
            error: "parameter filter: func=(: no regular expression: unclosed group"

            GET api/events?kinds=all
            400 Bad Request
            error: "parameter kinds: no kind of event: use state, region, task, log, range or sample"

            GET api/events?limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 0 to 1000"

            GET api/events?ts=99999
            200 OK
            next: null
            rows: []

        "#]],
    );
}

#[test]
fn threads() {
    check(
        &["api/threads?filter=to%3D200ns", "api/threads?filter=region%3Dx", "api/threads?from=1"],
        &expect![[r#"
            GET api/threads?filter=to%3D200ns
            200 OK
            count: 1
            from: 0
            functions: []
            offset: 0
            rows:
              {"end":200,"functions":[],"idle":0,"lifetime":200,"longest_syscall":null,"name":null,"open_syscall":false,"running":200,"running_gc":0,"running_runtime":0,"scheduler":0,"start":0,"syscall":0,"syscall_blocked":0,"syscall_ns":0,"syscalls":0,"thread":{"id":101,"key":"thread:0","row":0},"unknown":0}
            to: 200
            total: {"idle":0,"lifetime":200,"running":200,"running_gc":0,"running_runtime":0,"scheduler":0,"syscall":0,"syscall_blocked":0,"syscall_ns":0,"syscalls":0,"unknown":0}

            GET api/threads?filter=region%3Dx
            400 Bad Request
            error: "parameter filter: region does not apply to threads, which knows only from, to"

            GET api/threads?from=1
            400 Bad Request
            error: "unknown parameter \"from\"; allowed: filter, sort, order, offset, limit, calls"

        "#]],
    );
}
