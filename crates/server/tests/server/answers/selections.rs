//! Selections and searches.

use super::{check, check_post};
use crate::site::Site;
use expect_test::expect;

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
            counts: {"counter":0,"frame":1,"function":1,"goroutine":0,"log":0,"region":0,"task":0}
            hits:
              {"class":1,"detail":"1 goroutine","end":500,"kind":"function","label":"main.worker","lane":"group:1","start":100}
              {"class":2,"detail":"G2 main.worker, runnable","end":250,"kind":"frame","label":"main.worker","lane":"go:1","start":100}
            q: "WORK"
            total: 2

            GET api/search?q=g2&limit=1
            200 OK
            counts: {"counter":0,"frame":0,"function":0,"goroutine":1,"log":0,"region":0,"task":0}
            hits:
              {"class":1,"detail":"main.worker","end":500,"kind":"goroutine","label":"G2","lane":"go:1","start":100}
            q: "g2"
            total: 1

            GET api/search?q=half&kinds=log,task
            200 OK
            counts: {"counter":0,"frame":0,"function":0,"goroutine":0,"log":1,"region":0,"task":0}
            hits:
              {"class":0,"detail":"step","end":300,"kind":"log","label":"half","lane":"go:1","start":300}
            q: "half"
            total: 1

            GET api/search?q=
            200 OK
            counts: {"counter":0,"frame":0,"function":0,"goroutine":0,"log":0,"region":0,"task":0}
            hits: []
            q: ""
            total: 0

            GET api/search
            400 Bad Request
            error: "parameter q is missing"

            GET api/search?q=x&kinds=log,thread
            400 Bad Request
            error: "parameter kinds: not a kind: use goroutine, function, counter, task, region, log or frame"

            GET api/search?q=x&limit=0
            200 OK
            counts: {"counter":0,"frame":0,"function":0,"goroutine":0,"log":0,"region":0,"task":0}
            hits: []
            q: "x"
            total: 0

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
            counters: []
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
            counters: []
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
            counters: []
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
