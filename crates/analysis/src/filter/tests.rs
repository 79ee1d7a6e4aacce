//! Filters as text, and what they let pass.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use super::*;
use crate::fixtures;
use expect_test::{Expect, expect};
use goroscope_model::Trace;
use std::fmt::Write as _;

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filter.to_string(), expected, "{text}");
    assert_eq!(Filter::parse(expected), Ok(filter), "{expected}");
}

#[track_caller]
fn check_error(text: &str, expected: &Expect) {
    match Filter::parse(text) {
        Ok(filter) => panic!("{text} is {filter:?}"),
        Err(error) => expected.assert_eq(&error.to_string()),
    }
}

#[test]
fn texts() {
    check_text("", "");
    check_text("  from=620ms   to=1.5s ", "from=620ms to=1.5s");
    check_text("goroutine=G17,18", "goroutine=17,18");
    check_text(r"func=main\.worker", r"func=main\.worker");
    check_text(r#"func="a b\\.c""#, r#"func="a b\\.c""#);
    check_text(r#"reason="say \"so\"""#, r#"reason="say \"so\"""#);
    check_text("state=waiting,running", "state=running,waiting");
    check_text("state=network,channel,sync,select,sleep,gc_wait,other_wait", "state=waiting");
    check_text("state=sleep,syscall_blocked", "state=sleep,syscall_blocked");
    check_text("task=#3 min=1ms", "task=#3 min=1ms");
    check_text("max=2us task=request", "task=request max=2us");
    check_text("region=\"\"", "region=\"\"");
}

#[test]
fn mistakes() {
    check_error(
        "main",
        &expect![[
            r#""main" is no term: write key=value, with one of from, to, goroutine, func, state, reason, task, region, min, max"#
        ]],
    );
    check_error(
        "fun=main",
        &expect![
            "fun is no key of a filter: use one of from, to, goroutine, func, state, reason, task, region, min, max"
        ],
    );
    check_error("from=12", &expect![[r#"from=12: "12" has no unit: ns, us, ms, s, m or h"#]]);
    check_error("from=2s to=1s", &expect!["from is not before to"]);
    check_error("min=2s max=1s", &expect!["min is above max"]);
    check_error("min=2s min=1s", &expect!["min stands there twice"]);
    check_error("goroutine=x", &expect![[r#"goroutine=x: "x" is no goroutine: write 17 or G17, several with commas"#]]);
    check_error(
        "state=idle",
        &expect![[
            r#"state=idle: "idle" is no state: use running, runnable, waiting, syscall, unknown, network, channel, sync, select, sleep, gc_wait, other_wait, syscall_blocked"#
        ]],
    );
    check_error("func=(", &expect!["func=(: no regular expression: unclosed group"]);
    check_error("func=a{999}{999}{999}", &expect!["func=a{999}{999}{999}: this regular expression is too large"]);
    check_error("func=\"a", &expect!["a quote is not closed"]);
    check_error("task=#x", &expect![[r#"task=#x: "x" is no id of a task: write #3"#]]);
}

/// Every part of a span that passes.
#[track_caller]
fn check(trace: &Trace, filter: &str, expected: &Expect) {
    let scope = Scope::of(trace, &Filter::parse(filter).unwrap());
    let mut text = String::new();
    for (go, _) in scope.goroutines() {
        scope.spans(go, |part| {
            let name = crate::names::go_short(trace, go);
            let class = crate::class_name(part.span.class).key;
            writeln!(text, "{name} {}..{} {class}", part.from, part.to).unwrap();
        });
    }
    expected.assert_eq(&text);
}

#[test]
fn goroutines_and_times() {
    let trace = fixtures::request();
    check(
        &trace,
        "goroutine=2",
        &expect![[r#"
        G2 100..250 runnable
        G2 250..500 running
    "#]],
    );
    check(
        &trace,
        "func=worker$ from=200ns to=260ns",
        &expect![[r#"
        G2 200..250 runnable
        G2 250..260 running
    "#]],
    );
    check(&trace, "func=nobody", &expect![""]);
    check(&trace, "from=1h", &expect![""]);
}

#[test]
fn states_and_reasons() {
    let trace = fixtures::request();
    check(
        &trace,
        "state=waiting",
        &expect![[r#"
        G1 200..350 channel
        G3 0..500 other_wait
        G3 650..750 network
        G3 770..920 sleep
    "#]],
    );
    check(
        &trace,
        "reason=^net",
        &expect![[r#"
        G3 650..750 network
    "#]],
    );
    check(
        &trace,
        "state=network,channel from=300ns to=700ns",
        &expect![[r#"
        G1 300..350 channel
        G3 650..700 network
    "#]],
    );
}

#[test]
fn tasks_and_regions() {
    let trace = fixtures::request();
    let write = expect![[r#"
        G2 270..400 running
    "#]];
    check(&trace, "region=write", &write);
    check(&trace, "region=e", &write);
    check(&trace, "region=write task=request", &write);
    check(&trace, "region=write task=other", &expect![""]);
    check(
        &trace,
        "region=e min=40ns max=40ns",
        &expect![[r#"
        G2 280..320 running
    "#]],
    );
    check(
        &trace,
        "task=#1",
        &expect![[r#"
        G2 260..450 running
    "#]],
    );
    check(&trace, "task=request max=100ns", &expect![""]);
}

/// A goroutine that does one task after the other, one with a task below it, and a worker that ends a task.
#[test]
fn who_takes_part_in_a_task() {
    let trace = fixtures::read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=100
GoCreate new_g=2 new_stack=[main.worker] stack=[main.main] at=110
UserTaskBegin task=1 name_string="first" at=120
UserTaskBegin task=2 parent_task=1 name_string="below" at=130
UserTaskBegin task=3 name_string="second" at=150
UserTaskEnd task=2 at=155
GoBlock reason_string="sync" stack=[main.main] at=160
GoStart g=2 g_seq=1 at=170
UserLog task=1 key_string="k" value_string="v" at=180
UserTaskEnd task=1 at=190
UserTaskEnd task=3 at=195
GoBlock reason_string="sync" stack=[main.worker] at=200
"#,
    );
    check(
        &trace,
        "task=first",
        &expect![[r#"
            G1 20..55 running
            G2 80..90 running
        "#]],
    );
    check(
        &trace,
        "task=below",
        &expect![[r#"
        G1 30..55 running
    "#]],
    );
    check(
        &trace,
        "task=second",
        &expect![[r#"
        G1 50..60 running
        G1 60..95 sync
    "#]],
    );
}

/// With nothing filtered, the parts are the spans of all goroutines.
#[test]
fn everything_is_everything() {
    for seed in 0..20 {
        let trace = fixtures::random(seed, 3, 8, 300);
        let scope = Scope::of(&trace, &Filter::default());
        for go in (0..trace.goroutines().len() as u32).map(goroscope_model::GoIdx) {
            let mut sum = [0_u64; goroscope_model::Class::COUNT];
            scope.spans(go, |part| sum[part.span.class as usize] += part.ns());
            assert_eq!(sum, trace.go_time(go, trace.start(), trace.end()), "seed {seed}, {go:?}");
        }
    }
}
