//! Goroutines: in groups, one by one, and one in full.

use super::check;
use expect_test::expect;

#[test]
fn groups() {
    check(
        &[
            "api/groups",
            "api/groups?group=creation&sort=name&filter=from%3D150ns",
            "api/groups?group=regex%3D(work)&sort=lifetime.p99&order=asc&limit=1&offset=1",
            "api/groups?group=regex%3D(",
            "api/groups?group=func&sort=id",
            "api/groups?order=down",
            "api/groups?limit=1001",
            "api/groups?filter=func%3D(",
        ],
        &expect![[r#"
            GET api/groups
            200 OK
            from: 0
            group: "func"
            offset: 0
            order: "desc"
            rows:
              {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":1,"distribution":{"lifetime":{"max":900,"p50":900,"p90":900,"p99":900},"runnable":{"max":300,"p50":300,"p90":300,"p99":300},"running":{"max":450,"p50":450,"p90":450,"p99":450}},"end":900,"file":"","gc_wait":0,"histogram":[{"count":1,"from":631,"to":1000}],"key":"group:0","label":"main.main","lifetime":900,"name":"main.main","network":0,"other_range":0,"other_wait":0,"runnable":300,"running":450,"running_share":0.6428571428571429,"samples":0,"select":0,"sleep":0,"start":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
              {"assist":0,"blocked":[],"channel":0,"count":1,"distribution":{"lifetime":{"max":400,"p50":400,"p90":400,"p99":400},"runnable":{"max":150,"p50":150,"p90":150,"p99":150},"running":{"max":250,"p50":250,"p90":250,"p99":250}},"end":500,"file":"","gc_wait":0,"histogram":[{"count":1,"from":399,"to":631}],"key":"group:1","label":"main.worker","lifetime":400,"name":"main.worker","network":0,"other_range":0,"other_wait":0,"runnable":150,"running":250,"running_share":0.35714285714285715,"samples":0,"select":0,"sleep":0,"start":100,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
            sort: "running"
            sum: {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":2,"gc_wait":0,"lifetime":1300,"network":0,"other_range":0,"other_wait":0,"runnable":450,"running":700,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            to: 900
            total: 2

            GET api/groups?group=creation&sort=name&filter=from%3D150ns
            200 OK
            from: 150
            group: "creation"
            offset: 0
            order: "asc"
            rows:
              {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":1,"distribution":{"lifetime":{"max":750,"p50":750,"p90":750,"p99":750},"runnable":{"max":300,"p50":300,"p90":300,"p99":300},"running":{"max":300,"p50":300,"p90":300,"p99":300}},"end":900,"file":"","gc_wait":0,"histogram":[{"count":1,"from":631,"to":1000}],"key":"go:0","label":"(creation not in this trace)","lifetime":750,"name":"","network":0,"other_range":0,"other_wait":0,"runnable":300,"running":300,"running_share":0.5454545454545454,"samples":0,"select":0,"sleep":0,"start":150,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
              {"assist":0,"blocked":[],"channel":0,"count":1,"distribution":{"lifetime":{"max":350,"p50":350,"p90":350,"p99":350},"runnable":{"max":100,"p50":100,"p90":100,"p99":100},"running":{"max":250,"p50":250,"p90":250,"p99":250}},"end":500,"file":"main.go","gc_wait":0,"histogram":[{"count":1,"from":252,"to":399}],"key":"go:1","label":"main.main:10","lifetime":350,"name":"main.main:10","network":0,"other_range":0,"other_wait":0,"runnable":100,"running":250,"running_share":0.4545454545454546,"samples":0,"select":0,"sleep":0,"start":150,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
            sort: "name"
            sum: {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":2,"gc_wait":0,"lifetime":1100,"network":0,"other_range":0,"other_wait":0,"runnable":400,"running":550,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            to: 900
            total: 2

            GET api/groups?group=regex%3D(work)&sort=lifetime.p99&order=asc&limit=1&offset=1
            200 OK
            from: 0
            group: "regex=(work)"
            offset: 1
            order: "asc"
            rows:
              {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":1,"distribution":{"lifetime":{"max":900,"p50":900,"p90":900,"p99":900},"runnable":{"max":300,"p50":300,"p90":300,"p99":300},"running":{"max":450,"p50":450,"p90":450,"p99":450}},"end":900,"file":"","gc_wait":0,"histogram":[{"count":1,"from":631,"to":1000}],"key":"go:0","label":"(no match)","lifetime":900,"name":"","network":0,"other_range":0,"other_wait":0,"runnable":300,"running":450,"running_share":0.6428571428571429,"samples":0,"select":0,"sleep":0,"start":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            sort: "lifetime.p99"
            sum: {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":2,"gc_wait":0,"lifetime":1300,"network":0,"other_range":0,"other_wait":0,"runnable":450,"running":700,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            to: 900
            total: 2

            GET api/groups?group=regex%3D(
            400 Bad Request
            error: "parameter group: no regular expression: unclosed group"

            GET api/groups?group=func&sort=id
            400 Bad Request
            error: "parameter sort: not a column: use one of name, start, end, count, lifetime, running, runnable, waiting, syscall, syscall_blocked, unknown, network, channel, sync, select, sleep, gc_wait, other_wait, assist, sweep, stw, other_range, samples, lifetime.p50, lifetime.p90, lifetime.p99, lifetime.max, running.p50, running.p90, running.p99, running.max, runnable.p50, runnable.p90, runnable.p99, runnable.max, reason:TEXT"

            GET api/groups?order=down
            400 Bad Request
            error: "parameter order: use one of asc, desc"

            GET api/groups?limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 0 to 1000"

            GET api/groups?filter=func%3D(
            400 Bad Request
            error: "parameter filter: func=(: no regular expression: unclosed group"

        "#]],
    );
}

#[test]
fn lists() {
    check(
        &[
            "api/goroutines?sort=first_run",
            "api/goroutines?group=func&of=main.worker&sort=reason:chan%20receive&limit=1",
            "api/goroutines?group=func&of=nothing",
            "api/goroutines?of=main.worker",
            "api/goroutines?group=func",
            "api/goroutines?group=all&of=x",
            "api/goroutines?sort=count",
        ],
        &expect![[r#"
            GET api/goroutines?sort=first_run
            200 OK
            from: 0
            group: null
            of: null
            offset: 0
            order: "desc"
            rows:
              {"assist":0,"blocked":[],"channel":0,"created":100,"end":500,"ended":500,"first_run":150,"gc_wait":0,"goroutine":{"function":"main.worker","id":2,"key":"go:1","row":1},"lifetime":400,"network":0,"other_range":0,"other_wait":0,"runnable":150,"running":250,"samples":0,"select":0,"sleep":0,"start":100,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
              {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"created":null,"end":900,"ended":null,"first_run":null,"gc_wait":0,"goroutine":{"function":"main.main","id":1,"key":"go:0","row":0},"lifetime":900,"network":0,"other_range":0,"other_wait":0,"runnable":300,"running":450,"samples":0,"select":0,"sleep":0,"start":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            sort: "first_run"
            sum: {"assist":0,"blocked":[{"class":4,"ns":150,"reason":"chan receive","spans":1}],"channel":150,"count":2,"gc_wait":0,"lifetime":1300,"network":0,"other_range":0,"other_wait":0,"runnable":450,"running":700,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":150}
            to: 900
            total: 2

            GET api/goroutines?group=func&of=main.worker&sort=reason:chan%20receive&limit=1
            200 OK
            from: 0
            group: "func"
            of: "main.worker"
            offset: 0
            order: "desc"
            rows:
              {"assist":0,"blocked":[],"channel":0,"created":100,"end":500,"ended":500,"first_run":150,"gc_wait":0,"goroutine":{"function":"main.worker","id":2,"key":"go:1","row":1},"lifetime":400,"network":0,"other_range":0,"other_wait":0,"runnable":150,"running":250,"samples":0,"select":0,"sleep":0,"start":100,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
            sort: "reason:chan receive"
            sum: {"assist":0,"blocked":[],"channel":0,"count":1,"gc_wait":0,"lifetime":400,"network":0,"other_range":0,"other_wait":0,"runnable":150,"running":250,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
            to: 900
            total: 1

            GET api/goroutines?group=func&of=nothing
            200 OK
            from: 0
            group: "func"
            of: "nothing"
            offset: 0
            order: "desc"
            rows: []
            sort: "running"
            sum: {"assist":0,"blocked":[],"channel":0,"count":0,"gc_wait":0,"lifetime":0,"network":0,"other_range":0,"other_wait":0,"runnable":0,"running":0,"samples":0,"select":0,"sleep":0,"stw":0,"sweep":0,"sync":0,"syscall":0,"syscall_blocked":0,"unknown":0,"waiting":0}
            to: 900
            total: 0

            GET api/goroutines?of=main.worker
            400 Bad Request
            error: "parameter group is missing"

            GET api/goroutines?group=func
            400 Bad Request
            error: "parameter of is missing: the group's name"

            GET api/goroutines?group=all&of=x
            400 Bad Request
            error: "parameter group: use func, creation, task or regex=EXPRESSION"

            GET api/goroutines?sort=count
            400 Bad Request
            error: "parameter sort: not a column: use one of id, function, created, ended, start, end, first_run, lifetime, running, runnable, waiting, syscall, syscall_blocked, unknown, network, channel, sync, select, sleep, gc_wait, other_wait, assist, sweep, stw, other_range, samples, reason:TEXT"

        "#]],
    );
}

#[test]
fn children_are_paged() {
    check(
        &["api/goroutine?go=0&limit=1", "api/goroutine?go=0&offset=1", "api/goroutine?go=0&limit=0"],
        &expect![[r#"
            GET api/goroutine?go=0&limit=1
            200 OK
            children:
              {"created":100,"end":500,"function":"main.worker","id":2,"key":"go:1","row":1,"running":250}
            children_total: 1
            created: null
            creation_stack: []
            creator: null
            end: 900
            ended: null
            first_run: null
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            group: "group:0"
            label: ""
            lifetime: 900
            logs: 0
            ranges: []
            reasons:
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"reason":"chan receive","spans":1}
            regions: 0
            samples: 0
            spans: 6
            start: 0
            time:
              {"class":1,"longest":250,"longest_ts":550,"ns":450,"p50":200,"p90":250,"p99":250,"spans":3}
              {"class":2,"longest":200,"longest_ts":350,"ns":300,"p50":100,"p90":200,"p99":200,"spans":2}
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"spans":1}
            woke: []
            woke_total: 0
            woken_by:
              {"count":1,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"unblock","longest":150,"longest_ts":200,"own":0,"stack":[{"file":"main.go","function":"main.worker","line":23}],"stacks":1,"waited":150}
            woken_by_total: 1

            GET api/goroutine?go=0&offset=1
            200 OK
            children: []
            children_total: 1
            created: null
            creation_stack: []
            creator: null
            end: 900
            ended: null
            first_run: null
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            group: "group:0"
            label: ""
            lifetime: 900
            logs: 0
            ranges: []
            reasons:
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"reason":"chan receive","spans":1}
            regions: 0
            samples: 0
            spans: 6
            start: 0
            time:
              {"class":1,"longest":250,"longest_ts":550,"ns":450,"p50":200,"p90":250,"p99":250,"spans":3}
              {"class":2,"longest":200,"longest_ts":350,"ns":300,"p50":100,"p90":200,"p99":200,"spans":2}
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"spans":1}
            woke: []
            woke_total: 0
            woken_by:
              {"count":1,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"unblock","longest":150,"longest_ts":200,"own":0,"stack":[{"file":"main.go","function":"main.worker","line":23}],"stacks":1,"waited":150}
            woken_by_total: 1

            GET api/goroutine?go=0&limit=0
            200 OK
            children: []
            children_total: 1
            created: null
            creation_stack: []
            creator: null
            end: 900
            ended: null
            first_run: null
            go: {"function":"main.main","id":1,"key":"go:0","row":0}
            group: "group:0"
            label: ""
            lifetime: 900
            logs: 0
            ranges: []
            reasons:
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"reason":"chan receive","spans":1}
            regions: 0
            samples: 0
            spans: 6
            start: 0
            time:
              {"class":1,"longest":250,"longest_ts":550,"ns":450,"p50":200,"p90":250,"p99":250,"spans":3}
              {"class":2,"longest":200,"longest_ts":350,"ns":300,"p50":100,"p90":200,"p99":200,"spans":2}
              {"class":4,"longest":150,"longest_ts":200,"ns":150,"p50":150,"p90":150,"p99":150,"spans":1}
            woke: []
            woke_total: 0
            woken_by:
              {"count":1,"go":{"function":"main.worker","id":2,"key":"go:1","row":1},"kind":"unblock","longest":150,"longest_ts":200,"own":0,"stack":[{"file":"main.go","function":"main.worker","line":23}],"stacks":1,"waited":150}
            woken_by_total: 1

        "#]],
    );
}
