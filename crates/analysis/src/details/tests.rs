//! Details of spans and goroutines of a small trace, as the page gets them.

use crate::fixtures::{self, go};
use crate::{Lane, Trace, goroutine, span_at};
use expect_test::{Expect, expect};
use goroscope_model::GoIdx;
use serde_json::Value;

/// Compares what is not absent.
#[track_caller]
fn check(answer: impl serde::Serialize, wanted: Expect) {
    let mut value = serde_json::to_value(answer).unwrap();
    shorten(&mut value);
    wanted.assert_eq(&serde_json::to_string_pretty(&value).unwrap());
}

/// Takes away what is absent, and puts references and frames on one line.
fn shorten(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(shorten);
            fields.retain(|_, value| !is_absent(value));
            if let (Some(function), Some(file), Some(line)) =
                (fields.get("function"), fields.get("file"), fields.get("line"))
            {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                *value = format!("{} {}:{line}", text(function), text(file)).into();
            } else if let (Some(key), Some(id)) = (fields.get("key"), fields.get("id")) {
                let name = fields.get("function").or(fields.get("name")).and_then(Value::as_str).unwrap_or("");
                *value = format!("{} #{id} {name}", key.as_str().unwrap()).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn lane(trace: &Trace, id: u64) -> Lane {
    Lane::Go(go(trace, id))
}

#[test]
fn a_wait_names_who_ended_it() {
    let trace = fixtures::request();
    check(span_at(&trace, lane(&trace, 1), 250), expect![[""]]);
}

#[test]
fn a_runnable_span_names_its_waker_and_where_it_stood() {
    let trace = fixtures::request();
    check(span_at(&trace, lane(&trace, 1), 400), expect![[""]]);
}

#[test]
fn a_running_span_has_the_cause_of_the_runnable_one_before_it() {
    let trace = fixtures::request();
    check(span_at(&trace, lane(&trace, 2), 300), expect![[""]]);
}

#[test]
fn what_no_goroutine_woke_says_so() {
    let trace = fixtures::request();
    let cause = |ts| span_at(&trace, lane(&trace, 3), ts).unwrap().cause.unwrap();
    check([cause(510), cause(755)], expect![[""]]);
    check(span_at(&trace, lane(&trace, 3), 800), expect![[""]]);
}

#[test]
fn a_proc_shows_the_goroutine_that_ran() {
    let trace = fixtures::request();
    check(span_at(&trace, Lane::parse("proc:0").unwrap(), 300), expect![[""]]);
}

#[test]
fn a_thread_in_a_system_call() {
    let trace = fixtures::request();
    check(span_at(&trace, Lane::parse("thread:0").unwrap(), 750), expect![[""]]);
}

#[test]
fn ranges_regions_and_tasks() {
    let trace = fixtures::request();
    let at = |key: &str, ts| span_at(&trace, Lane::parse(key).unwrap(), ts);
    check(at("gc", 850), expect![[""]]);
    check(at("stw", 815), expect![[""]]);
    check(at("procranges:0", 915), expect![[""]]);
    check(span_at(&trace, Lane::GoRanges(go(&trace, 1)), 850), expect![[""]]);
    check(span_at(&trace, Lane::Regions(go(&trace, 2), 1), 290), expect![[""]]);
    check(at("task:0", 300), expect![[""]]);
}

#[test]
fn where_nothing_is_there_are_no_details() {
    let trace = fixtures::request();
    for (key, ts) in [("gc", 10), ("stw", 10), ("all", 10), ("group:0", 10), ("tasktype:0", 300), ("task:0", 10)] {
        assert_eq!(span_at(&trace, Lane::parse(key).unwrap(), ts), None, "{key}");
    }
    assert_eq!(span_at(&trace, lane(&trace, 2), 99), None);
    assert_eq!(span_at(&trace, lane(&trace, 2), 501), None);
}

#[test]
fn a_goroutines_life() {
    let trace = fixtures::request();
    check(goroutine(&trace, go(&trace, 1)), expect![[""]]);
    check(goroutine(&trace, go(&trace, 2)), expect![[""]]);
    assert_eq!(goroutine(&trace, GoIdx(u32::MAX)), None);
}
