//! Profiles from all sides, and as a file.

use super::check;
use crate::site::Site;
use expect_test::expect;

#[test]
fn tables() {
    check(
        &[
            "api/profile?kind=wall",
            "api/profile?kind=sync&view=traces",
            "api/profile?kind=wall&sort=name&order=desc&offset=1&limit=1&focus=main&type=contentions&granularity=lines",
            "api/profile?kind=sched&by=waker&labels=goroutine&filter=func%3Dworker&view=traces",
            "api/profile?kind=sync&view=flame&root=leaf",
            "api/profile?kind=sync&view=flame&root=foot",
            "api/places?kind=sync",
            "api/places?kind=wall&stack=main.main&sort=start&order=desc&limit=2",
            "api/places?kind=sync&stack=runtime.chanrecv1%0Amain.main:11&having=reason%3Dchan+receive",
            "api/places?kind=sync&stack=main.main:12",
            "api/places?kind=sync&ignore=main",
            "api/places?kind=cpu",
            "api/places?kind=sync&sort=size",
        ],
        &expect![[r#"
            GET api/profile?kind=wall
            200 OK
            body: {"offset":0,"rows":[{"cum":[6,1050],"file":"","flat":[3,550],"line":0,"name":"main.main"},{"cum":[2,400],"file":"","flat":[2,400],"line":0,"name":"main.worker"},{"cum":[2,350],"file":"","flat":[2,350],"line":0,"name":"runtime.chanrecv1"},{"cum":[3,700],"file":"","flat":[0,0],"line":0,"name":"[running]"},{"cum":[3,450],"file":"","flat":[0,0],"line":0,"name":"[runnable]"},{"cum":[1,150],"file":"","flat":[0,0],"line":0,"name":"[channel]"}],"total":6}
            comments: ["wall profile of an execution trace: every state, which is the outermost frame","format go 1.26"]
            from: 0
            kind: "wall"
            min: null
            samples: 7
            shown: [7,1300]
            stacks: 7
            to: 900
            total: [7,1300]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "top"

            GET api/profile?kind=sync&view=traces
            200 OK
            body: {"offset":0,"rows":[{"frames":[{"file":"chan.go","line":5,"name":"runtime.chanrecv1"},{"file":"main.go","line":11,"name":"main.main"}],"labels":[{"key":"reason","text":"chan receive"}],"own":1,"values":[1,150]}],"total":1}
            comments: ["sync profile of an execution trace: waits for channels, select, mutexes and the like","format go 1.26"]
            from: 0
            kind: "sync"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "traces"

            GET api/profile?kind=wall&sort=name&order=desc&offset=1&limit=1&focus=main&type=contentions&granularity=lines
            200 OK
            body: {"offset":1,"rows":[{"cum":[1,150],"file":"main.go","flat":[1,150],"line":20,"name":"main.worker main.go:20"}],"total":11}
            comments: ["wall profile of an execution trace: every state, which is the outermost frame","format go 1.26"]
            from: 0
            kind: "wall"
            min: null
            samples: 7
            shown: [7,1300]
            stacks: 7
            to: 900
            total: [7,1300]
            type: 0
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "top"

            GET api/profile?kind=sched&by=waker&labels=goroutine&filter=func%3Dworker&view=traces
            200 OK
            body: {"offset":0,"rows":[{"frames":[{"file":"main.go","line":10,"name":"main.main"}],"labels":[{"key":"cause","text":"created"},{"key":"goroutine","text":"2"}],"own":0,"values":[1,150]}],"total":1}
            comments: ["sched profile of an execution trace: ready, waiting for a proc","format go 1.26","filter: func=worker"]
            from: 0
            kind: "sched"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "traces"

            GET api/profile?kind=sync&view=flame&root=leaf
            200 OK
            body: {"boxes":[{"depth":0,"file":"","name":"root","parent":null,"rest":false,"self":0,"value":150,"x":0},{"depth":1,"file":"","name":"runtime.chanrecv1","parent":0,"rest":false,"self":0,"value":150,"x":0},{"depth":2,"file":"","name":"main.main","parent":1,"rest":false,"self":150,"value":150,"x":0}],"depth":3}
            comments: ["sync profile of an execution trace: waits for channels, select, mutexes and the like","format go 1.26"]
            from: 0
            kind: "sync"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "flame"

            GET api/profile?kind=sync&view=flame&root=foot
            400 Bad Request
            error: "parameter root: only leaf"

            GET api/places?kind=sync
            200 OK
            ns: 150
            offset: 0
            rows:
              {"class":4,"duration":150,"end":350,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"inferred":null,"key":"go:0","leaf":{"file":"chan.go","line":5,"name":"runtime.chanrecv1"},"own":{"file":"main.go","line":11,"name":"main.main"},"reason":"chan receive","start":200,"state":"channel"}
            total: 1

            GET api/places?kind=wall&stack=main.main&sort=start&order=desc&limit=2
            200 OK
            ns: 1050
            offset: 0
            rows:
              {"class":2,"duration":100,"end":900,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"inferred":null,"key":"go:0","leaf":{"file":"main.go","line":12,"name":"main.main"},"own":null,"reason":"preempted","start":800,"state":"runnable"}
              {"class":1,"duration":250,"end":800,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"inferred":null,"key":"go:0","leaf":{"file":"main.go","line":0,"name":"main.main"},"own":null,"reason":"","start":550,"state":"running"}
            total: 6

            GET api/places?kind=sync&stack=runtime.chanrecv1%0Amain.main:11&having=reason%3Dchan+receive
            200 OK
            ns: 150
            offset: 0
            rows:
              {"class":4,"duration":150,"end":350,"go":{"function":"main.main","id":1,"key":"go:0","row":0},"inferred":null,"key":"go:0","leaf":{"file":"chan.go","line":5,"name":"runtime.chanrecv1"},"own":{"file":"main.go","line":11,"name":"main.main"},"reason":"chan receive","start":200,"state":"channel"}
            total: 1

            GET api/places?kind=sync&stack=main.main:12
            200 OK
            ns: 0
            offset: 0
            rows: []
            total: 0

            GET api/places?kind=sync&ignore=main
            200 OK
            ns: 0
            offset: 0
            rows: []
            total: 0

            GET api/places?kind=cpu
            400 Bad Request
            error: "parameter kind: cpu counts no states, which could be listed"

            GET api/places?kind=sync&sort=size
            400 Bad Request
            error: "parameters sort and order: the sort must be duration or start"

        "#]],
    );
}

#[test]
fn pictures() {
    check(
        &[
            "api/profile?kind=wall&view=flame",
            "api/profile?kind=off-cpu&view=sandwich&function=main.main",
            "api/profile?kind=sync&view=graph",
        ],
        &expect![[r#"
            GET api/profile?kind=wall&view=flame
            200 OK
            body: {"boxes":[{"depth":0,"file":"","name":"root","parent":null,"rest":false,"self":0,"value":1300,"x":0},{"depth":1,"file":"","name":"[running]","parent":0,"rest":false,"self":0,"value":700,"x":0},{"depth":1,"file":"","name":"[runnable]","parent":0,"rest":false,"self":0,"value":450,"x":700},{"depth":1,"file":"","name":"[channel]","parent":0,"rest":false,"self":0,"value":150,"x":1150},{"depth":2,"file":"","name":"main.main","parent":1,"rest":false,"self":450,"value":450,"x":0},{"depth":2,"file":"","name":"main.worker","parent":1,"rest":false,"self":250,"value":250,"x":450},{"depth":2,"file":"","name":"main.main","parent":2,"rest":false,"self":100,"value":450,"x":700},{"depth":3,"file":"","name":"runtime.chanrecv1","parent":6,"rest":false,"self":200,"value":200,"x":700},{"depth":3,"file":"","name":"main.worker","parent":6,"rest":false,"self":150,"value":150,"x":900},{"depth":2,"file":"","name":"main.main","parent":3,"rest":false,"self":0,"value":150,"x":1150},{"depth":3,"file":"","name":"runtime.chanrecv1","parent":9,"rest":false,"self":150,"value":150,"x":1150}],"depth":4}
            comments: ["wall profile of an execution trace: every state, which is the outermost frame","format go 1.26"]
            from: 0
            kind: "wall"
            min: null
            samples: 7
            shown: [7,1300]
            stacks: 7
            to: 900
            total: [7,1300]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "flame"

            GET api/profile?kind=off-cpu&view=sandwich&function=main.main
            200 OK
            body: {"callees":{"boxes":[{"depth":0,"file":"","name":"main.main","parent":null,"rest":false,"self":100,"value":600,"x":0},{"depth":1,"file":"","name":"runtime.chanrecv1","parent":0,"rest":false,"self":350,"value":350,"x":0},{"depth":1,"file":"","name":"main.worker","parent":0,"rest":false,"self":150,"value":150,"x":350}],"depth":2},"callers":{"boxes":[{"depth":0,"file":"","name":"main.main","parent":null,"rest":false,"self":600,"value":600,"x":0}],"depth":1},"function":"main.main"}
            comments: ["off-cpu profile of an execution trace: everything but running","format go 1.26"]
            from: 0
            kind: "off-cpu"
            min: null
            samples: 4
            shown: [4,600]
            stacks: 3
            to: 900
            total: [4,600]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "sandwich"

            GET api/profile?kind=sync&view=graph
            200 OK
            body: {"dot":"digraph calls {\nnode [shape=box fontname=\"sans-serif\"]\nedge [fontname=\"sans-serif\"]\nN1 [id=\"N1\" label=\"runtime.chanrecv1\\n150ns (100%)\" tooltip=\"runtime.chanrecv1 (150ns)\" fontsize=24 style=filled color=\"0.0 1.000 0.7\" fillcolor=\"0.0 0.200 0.93\"]\nN2 [id=\"N2\" label=\"main.main\\n0 of 150ns (100%)\" tooltip=\"main.main (150ns)\" fontsize=8 style=filled color=\"0.0 1.000 0.7\" fillcolor=\"0.0 0.200 0.93\"]\nN2 -> N1 [label=\" 150ns\" weight=101 penwidth=6.00]\n}\n","edges":[{"from":"N2","residual":false,"to":"N1","value":150}],"hidden_nodes":0,"nodes":[{"cum":150,"file":"","flat":150,"id":"N1","name":"runtime.chanrecv1"},{"cum":150,"file":"","flat":0,"id":"N2","name":"main.main"}]}
            comments: ["sync profile of an execution trace: waits for channels, select, mutexes and the like","format go 1.26"]
            from: 0
            kind: "sync"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "graph"

        "#]],
    );
}

/// Texts of files that frames name, as far as whoever started the server has them.
#[test]
fn source() {
    check(
        &["api/profile?kind=sync&view=list&match=main", "api/profile?kind=sync&view=list&match=chanrecv"],
        &expect![[r#"
            GET api/profile?kind=sync&view=list&match=main
            200 OK
            body: {"functions":[{"cum":150,"file":"main.go","flat":0,"lines":[{"cum":0,"flat":0,"line":6,"text":"line"},{"cum":0,"flat":0,"line":7,"text":"line"},{"cum":0,"flat":0,"line":8,"text":"line"},{"cum":0,"flat":0,"line":9,"text":"line"},{"cum":0,"flat":0,"line":10,"text":"line"},{"cum":150,"flat":0,"line":11,"text":"line"},{"cum":0,"flat":0,"line":12,"text":"line"},{"cum":0,"flat":0,"line":13,"text":"line"},{"cum":0,"flat":0,"line":14,"text":"line"},{"cum":0,"flat":0,"line":15,"text":"line"},{"cum":0,"flat":0,"line":16,"text":"line"}],"name":"main.main","source":true}],"more":0}
            comments: ["sync profile of an execution trace: waits for channels, select, mutexes and the like","format go 1.26"]
            from: 0
            kind: "sync"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "list"

            GET api/profile?kind=sync&view=list&match=chanrecv
            200 OK
            body: {"functions":[{"cum":150,"file":"chan.go","flat":150,"lines":[{"cum":0,"flat":0,"line":1,"text":null},{"cum":0,"flat":0,"line":2,"text":null},{"cum":0,"flat":0,"line":3,"text":null},{"cum":0,"flat":0,"line":4,"text":null},{"cum":150,"flat":150,"line":5,"text":null},{"cum":0,"flat":0,"line":6,"text":null},{"cum":0,"flat":0,"line":7,"text":null},{"cum":0,"flat":0,"line":8,"text":null},{"cum":0,"flat":0,"line":9,"text":null},{"cum":0,"flat":0,"line":10,"text":null}],"name":"runtime.chanrecv1","source":false}],"more":0}
            comments: ["sync profile of an execution trace: waits for channels, select, mutexes and the like","format go 1.26"]
            from: 0
            kind: "sync"
            min: null
            samples: 1
            shown: [1,150]
            stacks: 1
            to: 900
            total: [1,150]
            type: 1
            types:
              {"kind":"contentions","unit":"count"}
              {"kind":"delay","unit":"nanoseconds"}
            view: "list"

        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        &[
            "api/profile",
            "api/profile?kind=io",
            "api/profile?kind=net&view=picture",
            "api/profile?kind=net&view=sandwich",
            "api/profile?kind=net&view=sandwich&function=nobody",
            "api/profile?kind=net&view=list&match=(",
            "api/profile?kind=net&focus=(",
            "api/profile?kind=net&type=bytes",
            "api/profile?kind=net&by=waker",
            "api/profile?kind=net&labels=proc",
            "api/profile?kind=cpu&filter=state%3Drunning",
            "api/profile?kind=net&slowest=3%25",
            "api/profile?kind=net&slowest=0%25&filter=region%3Dx",
            "api/profile?kind=net&limit=1001",
            "api/profile?kind=net&granularity=x",
            "api/profile?kind=net&sort=x",
            "api/profile?kind=net&order=x",
            "api/profile.pb.gz?kind=net&view=top",
        ],
        &expect![[r#"
            GET api/profile
            400 Bad Request
            error: "parameter kind is missing"

            GET api/profile?kind=io
            400 Bad Request
            error: "parameter kind: \"io\" is no kind of profile: use net, sync, syscall, syscall-block, sched, blocking, sleep, gc-assist, off-cpu, wall, create, cpu"

            GET api/profile?kind=net&view=picture
            400 Bad Request
            error: "parameter view must be one of top, flame, sandwich, graph, traces, list"

            GET api/profile?kind=net&view=sandwich
            400 Bad Request
            error: "parameter function is missing"

            GET api/profile?kind=net&view=sandwich&function=nobody
            404 Not Found
            error: "no function nobody in this profile"

            GET api/profile?kind=net&view=list&match=(
            400 Bad Request
            error: "parameter match: expression `(`: unclosed group"

            GET api/profile?kind=net&focus=(
            400 Bad Request
            error: "parameter focus: expression `(`: unclosed group"

            GET api/profile?kind=net&type=bytes
            400 Bad Request
            error: "parameter type: this profile has contentions, delay"

            GET api/profile?kind=net&by=waker
            400 Bad Request
            error: "parameter by: only waker, and only for sched"

            GET api/profile?kind=net&labels=proc
            400 Bad Request
            error: "parameter labels: \"proc\" is no label: use goroutine, function, task or region"

            GET api/profile?kind=cpu&filter=state%3Drunning
            400 Bad Request
            error: "parameter filter: state does not apply to cpu, which knows only from, to, goroutine, func, task, region"

            GET api/profile?kind=net&slowest=3%25
            400 Bad Request
            error: "parameter filter: slowest is about regions or tasks: name them with region or task"

            GET api/profile?kind=net&slowest=0%25&filter=region%3Dx
            400 Bad Request
            error: "parameter slowest: slowest=0%: write a part such as 3%"

            GET api/profile?kind=net&limit=1001
            400 Bad Request
            error: "parameter limit must be an integer from 0 to 1000"

            GET api/profile?kind=net&granularity=x
            400 Bad Request
            error: "parameter granularity must be one of functions, filefunctions, files, lines"

            GET api/profile?kind=net&sort=x
            400 Bad Request
            error: "parameter sort: \"x\" is no order: use flat, cum or name"

            GET api/profile?kind=net&order=x
            400 Bad Request
            error: "parameter order must be asc or desc"

            GET api/profile.pb.gz?kind=net&view=top
            400 Bad Request
            error: "unknown parameter \"view\"; allowed: kind, filter, slowest, by, labels, rate, focus, ignore, hide, show"

        "#]],
    );
}

/// The slowest half of one region is that region.
#[test]
fn the_slowest() {
    check(
        &["api/profile?kind=wall&view=traces&limit=1&slowest=50%25&filter=region%3D."],
        &expect![[r#"
        GET api/profile?kind=wall&view=traces&limit=1&slowest=50%25&filter=region%3D.
        200 OK
        body: {"offset":0,"rows":[{"frames":[{"file":"","line":0,"name":"main.worker"},{"file":"","line":0,"name":"[running]"}],"labels":[],"own":0,"values":[1,130]}],"total":1}
        comments: ["wall profile of an execution trace: every state, which is the outermost frame","format go 1.26","filter: region=. min=130ns"]
        from: 0
        kind: "wall"
        min: 130
        samples: 1
        shown: [1,130]
        stacks: 1
        to: 900
        total: [1,130]
        type: 1
        types:
          {"kind":"contentions","unit":"count"}
          {"kind":"delay","unit":"nanoseconds"}
        view: "traces"

    "#]],
    );
}

#[test]
fn a_file() {
    let site = Site::start();
    let reply = site.get("api/profile.pb.gz?kind=off-cpu");
    let name = reply.header("content-disposition");
    assert_eq!(name, Some("attachment; filename=\"trace.out.off-cpu.pb.gz\""));
    assert_eq!(reply.body[..2], [0x1f, 0x8b], "gzip");
}
