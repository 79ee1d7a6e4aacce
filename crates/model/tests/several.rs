//! Files of several traces: each alone gives the same goroutines, tasks, regions, logs and samples, at other times.

mod support;

use std::fmt::Write as _;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use goroscope_model::{GoIdx, StackIdx, StringIdx, TaskIdx, Trace};
use support::{check_always, read};

fn recorded(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(format!("{name}.trace.zst"));
    let packed = std::fs::read(path).expect("a readable file");
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).expect("a zstd file");
    let mut file = Vec::new();
    decoder.read_to_end(&mut file).expect("a whole zstd file");
    file
}

/// What there is of some goroutines, with times since `base`.
fn goroutines(trace: &Trace, rows: Range<usize>, base: i64) -> Vec<String> {
    let text = |row: StringIdx| trace.symbols().string(row);
    let stack = |row: StackIdx| {
        let frames = trace.symbols().stack(row).iter().map(|&frame| text(trace.symbols().frame(frame).function));
        frames.collect::<Vec<_>>().join(";")
    };
    let name = |go: GoIdx| go.get().map(|go| go.index() - rows.start);
    let since = |ts: Option<i64>| ts.map(|ts| ts - base);
    let goroutine = |row: usize| {
        let go = GoIdx(row as u32);
        let it = &trace.goroutines()[row];
        let mut out = format!("{} {} {}", it.id.0, text(it.function), text(it.label));
        let _ = write!(out, " {:?} {:?} by {:?}", since(it.created), since(it.ended), name(it.creator));
        for span in trace.go_spans().iter_from(go, 0) {
            let proc = span.proc.get().map(|proc| trace.procs()[proc.index()].id);
            let thread = span.thread.get().map(|thread| trace.threads()[thread.index()].id);
            let _ = write!(out, "\n {} {:?} {}", span.start - base, span.class, text(span.reason));
            let _ = write!(out, " {proc:?} {thread:?} by {:?}", name(span.cause));
            let _ = write!(out, " {} {}", stack(span.stack), stack(span.cause_stack));
        }
        let _ = write!(out, "\n until {}", trace.go_lane(go).end - base);
        out
    };
    rows.clone().map(goroutine).collect()
}

/// Tasks, regions, logs and samples of some goroutines, each with its time since `base`.
fn annotations(trace: &Trace, rows: &Range<usize>, base: i64) -> Vec<String> {
    let text = |row: StringIdx| trace.symbols().string(row);
    let is_own = |go: GoIdx| go.get().is_some_and(|go| rows.contains(&go.index()));
    let name = |go: GoIdx| go.get().map(|go| go.index() - rows.start);
    let since = |ts: Option<i64>| ts.map(|ts| ts - base);
    let task_of = |task: TaskIdx| task.get().map(|task| trace.tasks()[task.index()].id);
    let mut out = Vec::new();
    for task in trace.tasks().iter().filter(|task| is_own(task.go) || is_own(task.end_go)) {
        let ends = format!("{:?} {:?} {:?}", since(task.start), since(task.end), name(task.end_go));
        out.push(format!("task {:?} {} {:?} {ends}", task.id, text(task.name), task_of(task.parent)));
    }
    for region in trace.regions().iter().filter(|region| is_own(region.go)) {
        let ends = format!("{:?} {:?} {}", since(region.start), since(region.end), region.depth);
        out.push(format!("region {:?} {} {:?} {ends}", name(region.go), text(region.name), task_of(region.task)));
    }
    for log in trace.logs().iter().filter(|log| is_own(log.go)) {
        out.push(format!("log {} {:?} {} {}", log.ts - base, name(log.go), text(log.message), text(log.category)));
    }
    for sample in trace.samples().iter().filter(|sample| is_own(sample.go)) {
        out.push(format!("sample {} {:?}", sample.ts - base, name(sample.go)));
    }
    out
}

fn check(names: &[&str]) {
    let files: Vec<_> = names.iter().map(|name| recorded(name)).collect();
    let joined = read(&files.concat());
    check_always(&joined);
    let (mut row, mut generation) = (0, 0);
    for (number, file) in files.iter().enumerate() {
        let alone = read(file);
        let base = joined.generations()[generation].start.0;
        let rows = row..row + alone.goroutines().len();
        let found = goroutines(&joined, rows.clone(), base);
        let expected = goroutines(&alone, 0..alone.goroutines().len(), 0);
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "trace {number} of {names:?}");
        }
        let found = annotations(&joined, &rows, base);
        assert_eq!(found, annotations(&alone, &(0..rows.len()), 0), "trace {number} of {names:?}");
        row = rows.end;
        generation += alone.generations().len();
        if number > 0 {
            let hole = joined.lost().iter().find(|(_, to)| *to == base).expect("a hole before it");
            assert!(base - hole.0 >= 1_000_000, "{hole:?}");
        }
        let others = number > 0;
        let clocks = joined.generations()[generation - alone.generations().len()..generation].iter();
        assert!(!others || clocks.into_iter().all(|generation| generation.clock.is_none()), "times are made up");
    }
    assert_eq!(joined.goroutines().len(), row, "{names:?}");
}

#[test]
fn each_is_as_it_is_alone() {
    check(&["mix-1.19", "mix-1.21"]);
    check(&["tasks-1.21", "tasks-1.21", "tasks-1.21"]);
    check(&["names-1.21", "mix-1.22"]);
    check(&["tasks-1.27", "tasks-1.21", "mix-1.19"]);
    check(&["mix-1.19", "late-1.25", "steps-1.27", "tasks-1.21"]);
}

/// Every goroutine of the first trace ends with it, and none of the second one does anything before that begins.
#[test]
fn nothing_goes_on_from_one_to_the_next() {
    let first = recorded("mix-1.21");
    let alone = read(&first);
    let joined = read(&[&first[..], &first].concat());
    let middle = joined.generations()[1].start.0;
    let count = alone.goroutines().len();
    for row in 0..joined.goroutines().len() {
        let lane = joined.go_lane(GoIdx(row as u32));
        let first = joined.go_spans().get(GoIdx(row as u32), 0).start;
        assert!(if row < count { lane.end <= alone.end() } else { first >= middle }, "goroutine row {row}");
    }
    let twice = joined.find_goroutine(joined.goroutines()[0].id);
    assert_eq!(twice.len(), 2, "one id, two goroutines");
}
