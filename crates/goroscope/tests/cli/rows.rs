//! Rows of all answers: names to sort by are fields, no rows are no mistake, and wrong arguments are told before the trace
//! is looked at.

use crate::program::{Folder, recorded};
use serde_json::Value;

/// Every list: how it is asked for, and where its rows are.
const LISTS: [(&[&str], &str); 13] = [
    (&["gc"], "/cycles/rows"),
    (&["gc", "--table", "stops"], "/stops/rows"),
    (&["gc", "--table", "assists"], "/assists/rows"),
    (&["goroutines"], "/rows"),
    (&["goroutines", "--list"], "/rows"),
    (&["latency"], "/groups/rows"),
    (&["logs"], "/rows"),
    (&["procs"], "/rows/rows"),
    (&["regions"], "/rows"),
    (&["regions", "--list"], "/rows"),
    (&["tasks"], "/rows"),
    (&["tasks", "--list"], "/rows"),
    (&["threads"], "/rows"),
];

fn asked(folder: &Folder, arguments: &[&str], more: &[&str]) -> (String, String) {
    let ended = folder.run(&[arguments, more, &["trace.out"]].concat(), b"");
    (ended.stdout, ended.stderr)
}

fn rows(folder: &Folder, (arguments, place): (&[&str], &str), more: &[&str]) -> Vec<Value> {
    let (json, error) = asked(folder, arguments, &[more, &["--json"]].concat());
    let answer: Value =
        serde_json::from_str(&json).unwrap_or_else(|why| panic!("{arguments:?} {more:?}: {why}\n{error}"));
    answer.pointer(place).and_then(Value::as_array).unwrap_or_else(|| panic!("{arguments:?} has no {place}")).clone()
}

/// The names that a wrong one is told of.
fn sorts(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let (_, error) = asked(folder, arguments, &["--sort", "nothing"]);
    let first = error.lines().next().unwrap_or_default();
    let known = first.split_once("use one of ").map_or("", |(_, known)| known);
    assert!(error.contains("nothing") || error.contains("--sort"), "{error}");
    known.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What a row has under this name: a field, or one of what it names, what it lasted or what was done in it.
fn field(row: &Value, name: &str) -> Value {
    let sum = |fields: &[&str]| {
        let of = |field: &&str| row.get("time").unwrap_or(row).get(*field).and_then(Value::as_u64).unwrap_or(0);
        Value::from(fields.iter().map(of).sum::<u64>())
    };
    match name {
        "busy" => return sum(&["running", "running_gc", "running_runtime"]),
        "waiting" if row.get("waiting").is_none() => {
            return sum(&["network", "channel", "sync", "select", "sleep", "gc_wait", "other_wait"]);
        }
        "longest" | "longest_syscall" => {
            let place = &row[name];
            return place.get("duration").cloned().unwrap_or_else(|| {
                Value::from(place["end"].as_i64().unwrap_or(0) - place["start"].as_i64().unwrap_or(0))
            });
        }
        "goroutine" => return row["go"]["id"].clone(),
        _ => {}
    }
    // Of types of which none is complete.
    if row.get("latency") == Some(&Value::Null) && row.get(name).is_none() {
        return Value::Null;
    }
    if let Some(part) = name.strip_prefix("reason:") {
        let blocked = row["blocked"].as_array().expect("reasons");
        return blocked.iter().find(|one| one["reason"] == part).map_or(Value::from(0), |one| one["ns"].clone());
    }
    let outer = [&Value::Null, &row["time"], &row["latency"], &row["thread"], &row["goroutine"], &row["proc"]];
    let path = format!("/{}", name.replace('.', "/"));
    let inside = outer.iter().skip(1).find_map(|part| part.pointer(&path));
    let found = row.pointer(&path).or_else(|| row["distribution"].pointer(&path)).or(inside);
    found.unwrap_or_else(|| panic!("no field {name} in {row}")).clone()
}

/// Numbers and texts as they are sorted; what is missing comes last or first, as it likes.
fn is_in_order(values: &[Value], before: std::cmp::Ordering) -> bool {
    let there: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    there.windows(2).all(|pair| {
        let order = match (pair[0].as_f64(), pair[1].as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => pair[0].as_str().cmp(&pair[1].as_str()),
        };
        order.is_eq() || order == before
    })
}

#[test]
fn names_to_sort_by_are_fields() {
    let folder = Folder::new("names_to_sort_by_are_fields");
    folder.write("trace.out", &recorded("mix-1.27.trace.zst"));
    let mut several = 0;
    for list in LISTS {
        let names = sorts(&folder, list.0);
        assert!(!names.is_empty() || list.0 == ["procs"], "{list:?} tells no names");
        for name in names {
            let column = if name == "reason:TEXT" { "reason:chan receive" } else { &name };
            for (order, before) in [("asc", std::cmp::Ordering::Less), ("desc", std::cmp::Ordering::Greater)] {
                let rows = rows(&folder, list, &["--sort", column, "--order", order]);
                let values: Vec<Value> = rows.iter().map(|row| field(row, column)).collect();
                assert!(is_in_order(&values, before), "{list:?} by {column} {order}: {values:?}");
                several += usize::from(rows.len() > 1);
            }
        }
    }
    assert!(several > 100, "only {several} lists have rows to sort");
}

/// No rows asked for: how many there are is told all the same.
#[test]
fn no_rows() {
    let folder = Folder::new("no_rows");
    folder.write("trace.out", &recorded("mix-1.27.trace.zst"));
    for list in LISTS.into_iter().chain([(&["events"][..], "/rows"), (&["tasks", "--id", "1"], "/rows")]) {
        assert_eq!(rows(&folder, list, &["--limit", "0"]), Vec::<Value>::new(), "{list:?}");
        let (csv, error) = asked(&folder, list.0, &["--limit", "0", "--csv"]);
        assert!(csv.lines().count() == 1 && error.is_empty(), "{list:?}: {csv}{error}");
        let (text, error) = asked(&folder, list.0, &["--limit", "0"]);
        assert!(!text.is_empty() && error.is_empty(), "{list:?}: {error}");
    }
}

/// There is no such file, but what is wrong with the arguments comes first.
#[test]
fn mistakes_come_before_the_trace() {
    let folder = Folder::new("mistakes_come_before_the_trace");
    for (arguments, expected) in [
        (&["gc", "--func", "main"][..], "func does not apply to gc, which knows only from, to, min, max"),
        (&["goroutine", "1", "--from", "1ms"], "from does not apply to goroutine, which knows no filter"),
        (&["latency", "--state", "running"], "state does not apply to latency"),
        (&["logs", "--min", "1ms"], "min does not apply to logs"),
        (&["mmu", "--min", "1ms"], "min does not apply to mmu"),
        (&["procs", "--task", "x"], "task does not apply to procs"),
        (&["regions", "--reason", "x"], "reason does not apply to regions"),
        (&["tasks", "--list", "--region", "x"], "region does not apply to tasks"),
        (&["threads", "--goroutine", "1"], "goroutine does not apply to threads"),
        (&["events", "--from", "NaN"], "from=NaN: not a duration: try 620ms or 1.5s"),
        (&["profile", "--kind", "net", "--from", "NaN"], "from=NaN: not a duration: try 620ms or 1.5s"),
        (&["profile", "--kind", "create", "--task", "x"], "task does not apply to create"),
        (&["profile", "--kind", "cpu", "--min", "1ms"], "min does not apply to cpu"),
        (&["profile", "--kind", "gc-assist", "--state", "running"], "state does not apply to gc-assist"),
        (&["profile", "--kind", "net", "--slowest", "3%"], "slowest is about regions or tasks"),
        (
            &["profile", "--kind", "net", "--slowest", "3%", "--region", "x", "--min", "1s"],
            "slowest and min say the same",
        ),
        (&["profile", "--kind", "net", "--slowest", "NaN%", "--region", "x"], "slowest=NaN%: write a part such as 3%"),
    ] {
        let ended = folder.run(&[arguments, &["nowhere.out"]].concat(), b"");
        let is_told = ended.stderr.starts_with(&format!("error: {expected}"));
        assert!(is_told && ended.code == Some(2), "{arguments:?}: {} {:?}", ended.stderr, ended.code);
    }
}
