//! The collector, the procs and the threads.

use super::check;
use expect_test::expect;

#[test]
fn the_collector() {
    check(
        &[
            "api/gc",
            "api/gc?table=stops&filter=from%3D100ns",
            "api/heap?cells=2",
            "api/heap?cells=4&filter=from%3D100ns+to%3D200ns",
            "api/heap?filter=func%3Dmain",
            "api/mmu?points=2&window=50&worst=2",
            "api/mmu?points=1&percentiles=on&view=proc&sweep=on&stw=none",
            "api/gc?table=pauses",
            "api/gc?sort=name",
            "api/gc?limit=1001",
            "api/mmu?assist=1",
            "api/mmu?window=0s",
            "api/mmu?filter=func%3Dmain",
        ],
        &expect![[r#"
            GET api/gc
            200 OK
            assists: {"offset":0,"rows":[],"total":0}
            causes: []
            cycles: {"offset":0,"rows":[{"assist_ns":0,"assist_running_ns":0,"assists":0,"dedicated_ns":0,"duration":100,"end":700,"forced":null,"fractional_ns":0,"gc_share":0.0,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"goal":4000,"heap_after":null,"heap_before":1000,"heap_mark_end":1000,"heap_peak":1000,"idle_ns":0,"idle_share":0.0,"key":"gc","longest_pause":0,"next_goal":null,"number":1,"open_end":false,"open_start":false,"pause_ns":0,"pauses":[],"phases":[{"end":700,"phase":"mark","start":600},{"end":900,"phase":"sweep","start":700}],"reclaimed_bytes":0,"stack":[{"file":"mgc.go","function":"runtime.gcStart","line":1}],"start":600,"sweep_ns":0,"sweeper_ns":0,"sweeps":0,"swept_bytes":0,"unlabelled_ns":0}],"total":1}
            from: 0
            gomaxprocs: {"known":true,"value":2}
            lost: 0
            stops: {"offset":0,"rows":[],"total":0}
            to: 900
            total: {"assist_ns":0,"assist_running_ns":0,"assists":0,"cycle_ns":100,"cycles":1,"dedicated_ns":0,"fractional_ns":0,"gc_share":0.0,"idle_ns":0,"longest_pause":0,"pause_ns":0,"pauses":0,"reclaimed_bytes":0,"stop_ns":0,"stops":0,"sweep_ns":0,"sweeper_ns":0,"sweeps":0,"swept_bytes":0,"unlabelled_ns":0}

            GET api/gc?table=stops&filter=from%3D100ns
            200 OK
            assists: {"offset":0,"rows":[],"total":0}
            causes: []
            cycles: {"offset":0,"rows":[],"total":1}
            from: 100
            gomaxprocs: {"known":true,"value":2}
            lost: 0
            stops: {"offset":0,"rows":[],"total":0}
            to: 900
            total: {"assist_ns":0,"assist_running_ns":0,"assists":0,"cycle_ns":100,"cycles":1,"dedicated_ns":0,"fractional_ns":0,"gc_share":0.0,"idle_ns":0,"longest_pause":0,"pause_ns":0,"pauses":0,"reclaimed_bytes":0,"stop_ns":0,"stops":0,"sweep_ns":0,"sweeper_ns":0,"sweeps":0,"swept_bytes":0,"unlabelled_ns":0}

            GET api/heap?cells=2
            200 OK
            cells: 2
            from: 0
            goal: [4000,4000]
            heap: [1000,1000]
            width: 512

            GET api/heap?cells=4&filter=from%3D100ns+to%3D200ns
            200 OK
            cells: 4
            from: 96
            goal: [4000,4000,4000,4000]
            heap: [1000,1000,1000,1000]
            width: 32

            GET api/heap?filter=func%3Dmain
            400 Bad Request
            error: "parameter filter: func does not apply to heap, which knows only from, to, min, max"

            GET api/mmu?points=2&window=50&worst=2
            200 OK
            assist: true
            background: true
            changes: 0
            curve:
              {"mmu":1.0,"p95":null,"p99":null,"p99_9":null,"window":900}
            from: 0
            gomaxprocs: {"known":true,"value":2}
            lost: 0
            mean: 1.0
            stw: "gc"
            sweep: false
            to: 900
            view: "system"
            worst: {"rows":[{"end":50,"key":"gc","proc":null,"start":0,"utilisation":1.0},{"end":100,"key":"gc","proc":null,"start":50,"utilisation":1.0}],"window":50}

            GET api/mmu?points=1&percentiles=on&view=proc&sweep=on&stw=none
            200 OK
            assist: true
            background: true
            changes: 0
            curve:
              {"mmu":1.0,"p95":1.0,"p99":1.0,"p99_9":1.0,"window":900}
            from: 0
            gomaxprocs: {"known":true,"value":2}
            lost: 0
            mean: 1.0
            stw: "none"
            sweep: true
            to: 900
            view: "proc"
            worst: null

            GET api/gc?table=pauses
            400 Bad Request
            error: "parameter table or sort: \"pauses\" is no choice: use one of cycles, stops, assists"

            GET api/gc?sort=name
            400 Bad Request
            error: "parameter table or sort: \"name\" is no choice: use one of number, start, duration, pause_ns, assist_ns, gc_share, heap_before"

            GET api/gc?limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 0 to 1000"

            GET api/mmu?assist=1
            400 Bad Request
            error: "parameter assist: use on or off"

            GET api/mmu?window=0s
            400 Bad Request
            error: "parameter window must be above 0"

            GET api/mmu?filter=func%3Dmain
            400 Bad Request
            error: "parameter filter: func does not apply to mmu, which knows only from, to"

        "#]],
    );
}

#[test]
fn the_scheduler() {
    check(
        &[
            "api/procs?cells=2&worst=1",
            "api/latency?worst=1&limit=1&sort=max&order=asc",
            "api/threads?limit=1&calls=1",
            "api/procs?cells=4097",
            "api/procs?sort=id",
            "api/latency?filter=state%3Drunning",
            "api/threads?order=up",
        ],
        &expect![[r#"
            GET api/procs?cells=2&worst=1
            200 OK
            cells: 2
            changes:
              {"ts":0,"value":2}
            from: 0
            gomaxprocs: {"known":true,"value":2}
            lost: 0
            over_time: {"active":[1.0,1.0],"busy":[0.8888888888888888,0.6666666666666666],"gomaxprocs":[2.0,2.0],"runnable_max":[1,1],"runnable_mean":[0.5555555555555556,0.4444444444444444]}
            rows: {"offset":0,"rows":[{"cells":{"idle":[0,0],"running":[400,300],"running_gc":[0,0],"running_runtime":[0,0],"scheduler":[50,150],"syscall":[0,0],"unknown":[0,0]},"end":900,"idle":0,"lifetime":900,"proc":{"id":0,"key":"proc:0","row":0},"retakes":0,"running":700,"running_gc":0,"running_runtime":0,"scheduler":200,"start":0,"starts":0,"stops":0,"syscall":0,"thread_changes":0,"unknown":0}],"total":1}
            short: {"count":3,"longest":200,"missed":450,"ns":450,"rows":[{"duration":200,"end":550,"idle":1.0,"idle_max":1,"key":"all","missed":200,"runnable":1.0,"runnable_max":1,"start":350,"stopped_ns":0}],"stopped_ns":0}
            to: 900
            total: {"idle":0,"lifetime":900,"retakes":0,"running":700,"running_gc":0,"running_runtime":0,"scheduler":200,"starts":0,"stops":0,"syscall":0,"thread_changes":0,"unknown":0}
            width: 450

            GET api/latency?worst=1&limit=1&sort=max&order=asc
            200 OK
            causes:
              {"cause":"created","count":1,"max":150,"mean":150.0,"ns":150,"p50":150,"p90":150,"p99":150,"p99_9":150}
              {"cause":"unblocked","count":1,"max":200,"mean":200.0,"ns":200,"p50":200,"p90":200,"p99":200,"p99_9":200}
              {"cause":"preempted","count":1,"max":100,"mean":100.0,"ns":100,"p50":100,"p90":100,"p99":100,"p99_9":100}
            from: 0
            groups: {"offset":0,"rows":[{"count":1,"histogram":[{"count":1,"from":128,"ns":150,"to":256}],"key":"group:1","label":"main.worker","max":150,"mean":150.0,"ns":150,"open":0,"open_ns":0,"p50":150,"p90":150,"p99":150,"p99_9":150}],"total":2}
            histogram:
              {"count":1,"from":64,"ns":100,"to":128}
              {"count":2,"from":128,"ns":350,"to":256}
            to: 900
            total: {"count":3,"max":200,"mean":150.0,"ns":450,"open":0,"open_ns":0,"p50":150,"p90":200,"p99":200,"p99_9":200}
            worst:
              {"by":{"function":"main.worker","id":2,"key":"go:1","row":1},"cause":"unblocked","duration":200,"end":550,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"key":"go:0","proc":{"id":0,"key":"proc:0","row":0},"reason":"","start":350}

            GET api/threads?limit=1&calls=1
            200 OK
            count: 1
            from: 0
            functions: []
            offset: 0
            rows:
              {"end":900,"functions":[],"idle":0,"lifetime":900,"longest_syscall":null,"name":null,"open_syscall":false,"running":700,"running_gc":0,"running_runtime":0,"scheduler":200,"start":0,"syscall":0,"syscall_blocked":0,"syscall_ns":0,"syscalls":0,"thread":{"id":101,"key":"thread:0","row":0},"unknown":0}
            to: 900
            total: {"idle":0,"lifetime":900,"running":700,"running_gc":0,"running_runtime":0,"scheduler":200,"syscall":0,"syscall_blocked":0,"syscall_ns":0,"syscalls":0,"unknown":0}

            GET api/procs?cells=4097
            400 Bad Request
            error: "parameter cells must be an integer from 1 to 4096"

            GET api/procs?sort=id
            400 Bad Request
            error: "unknown parameter \"sort\"; allowed: filter, order, offset, limit, cells, worst"

            GET api/latency?filter=state%3Drunning
            400 Bad Request
            error: "parameter filter: state does not apply to latency, which knows only from, to, goroutine, func, task, region, min, max"

            GET api/threads?order=up
            400 Bad Request
            error: "parameter order: use one of asc, desc"

        "#]],
    );
}
