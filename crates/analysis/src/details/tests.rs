//! Details of spans and goroutines of a small trace, as the page gets them.

#![expect(clippy::too_many_lines, reason = "the expectations are data")]

mod intervals;
mod lives;
mod states;

use crate::fixtures::{self, go};
use crate::{Lane, Trace, span_at};
use expect_test::Expect;
use serde_json::Value;

/// Compares what is not absent.
#[track_caller]
fn check(answer: impl serde::Serialize, wanted: &Expect) {
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
fn where_nothing_is_there_are_no_details() {
    let trace = fixtures::request();
    for (key, ts) in [("gc", 10), ("stw", 10), ("all", 10), ("group:0", 10), ("tasktype:0", 300), ("task:0", 10)] {
        assert_eq!(span_at(&trace, Lane::parse(key).unwrap(), ts), None, "{key}");
    }
    assert_eq!(span_at(&trace, lane(&trace, 2), 99), None);
    assert_eq!(span_at(&trace, lane(&trace, 2), 501), None);
}
