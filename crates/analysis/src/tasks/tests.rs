//! Identities of tasks over random, recorded and damaged traces, and what `go tool trace` tells otherwise.

use super::*;
use crate::{Completeness, Filter, Lane, Order, Paging, Scope, SortKey, TaskIdx, fixtures};
use expect_test::expect;
use goroscope_model::Trace;
use std::fmt::Write as _;

fn traces() -> Vec<Trace> {
    let random = (0..12).map(|seed| fixtures::random(seed, 3, 8, 400));
    let recorded = ["mix-1.21", "steps-1.27", "flight-1.27", "misuse-1.27"];
    let recorded = recorded.map(|name| fixtures::recorded(&format!("{name}.trace.zst")));
    let damaged = (0..24).map(|seed| fixtures::damaged("steps-1.23.trace.zst", seed));
    random.chain(recorded).chain(damaged).chain([fixtures::request()]).collect()
}

fn all(trace: &Trace, filter: &Filter) -> Tasks {
    let paging = Paging { limit: usize::MAX, ..Paging::default() };
    tasks(trace, filter, &TaskQuery { paging, ..TaskQuery::default() }).unwrap()
}

fn all_types(trace: &Trace, filter: &Filter) -> TaskTypes {
    task_types(trace, filter, &Paging { limit: usize::MAX, ..Paging::default() }).unwrap()
}

/// Tasks add up to their types, whatever passes, and each type's filter lists its tasks again.
#[test]
fn tasks_add_up_to_their_types() {
    for trace in traces() {
        for text in ["", "min=2us", "goroutine=1,3", "from=1us to=400us", "func=main"] {
            let filter = Filter::parse(text).unwrap();
            let (rows, types) = (all(&trace, &filter).rows, all_types(&trace, &filter));
            assert_eq!(types.tasks, rows.len() as u64);
            for kind in &types.rows {
                let of_kind: Vec<&TaskRow> = rows.iter().filter(|row| row.name == kind.name).collect();
                let sum = |of: fn(&TaskRow) -> u64| of_kind.iter().map(|row| of(row)).sum::<u64>();
                assert_eq!(kind.count, of_kind.len() as u64, "{kind:?}");
                assert_eq!(kind.complete, of_kind.iter().filter(|row| row.complete).count() as u64);
                assert_eq!(kind.ns, sum(|row| row.ns));
                assert_eq!(kind.subtasks, sum(|row| row.subtasks));
                assert_eq!(kind.regions, sum(|row| row.regions));
                assert_eq!(kind.logs, sum(|row| row.logs));
                assert_eq!(kind.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), kind.complete);
                let again = Filter::parse(kind.filter.as_deref().unwrap()).unwrap();
                assert_eq!(all(&trace, &again).rows.len() as u64, kind.count, "{kind:?}");
                for bucket in &kind.histogram {
                    let text = format!("min={}ns max={}ns", bucket.min, bucket.max);
                    let within = Filter::parse(&text).unwrap();
                    let narrowed = Filter { min: within.min, max: within.max, ..again.clone() };
                    if filter.min.is_none() {
                        let query = TaskQuery { complete: Completeness::Complete, ..TaskQuery::default() };
                        assert_eq!(tasks(&trace, &narrowed, &query).unwrap().total as u64, bucket.count, "{text}");
                    }
                }
            }
        }
    }
}

/// Types count what the trace has; with no filter their peaks are those of the timeline.
#[test]
fn types_are_those_of_the_trace() {
    for trace in traces() {
        let types = all_types(&trace, &Filter::default());
        assert_eq!(types.tasks, trace.tasks().len() as u64);
        for kind in &types.rows {
            let Lane::TaskType(row) = kind.key else { panic!("{kind:?}") };
            assert_eq!(kind.peak, trace.task_types()[row.index()].peak, "{kind:?}");
        }
        let regions = types.rows.iter().map(|row| row.regions).sum::<u64>() + types.background.regions;
        let logs = types.rows.iter().map(|row| row.logs).sum::<u64>() + types.background.logs;
        assert_eq!((regions, logs), (trace.regions().len() as u64, trace.logs().len() as u64));
    }
}

/// What goroutines did for a task is what a filter with that task lets pass.
#[test]
fn time_is_that_of_the_filter() {
    for trace in traces() {
        for row in all(&trace, &Filter::default()).rows {
            if trace.tasks().iter().filter(|task| task.id.0 == row.id).count() > 1 {
                continue;
            }
            let scope = Scope::of(&trace, &Filter::parse(&format!("task=#{}", row.id)).unwrap());
            let mut ns = 0;
            for (go, _) in scope.goroutines() {
                scope.spans(go, |stretch| ns += stretch.ns());
            }
            assert_eq!(row.time.total(), ns, "{row:?}");
        }
    }
}

/// Two halves of the time add up to the whole.
#[test]
fn halves_add_up() {
    for trace in traces() {
        let middle = i64::midpoint(trace.start(), trace.end());
        // Goroutines may take part in a task before it begins and after it ends, so not the same tasks are in a half.
        let sums = |filter: Filter| all(&trace, &filter).rows.iter().map(|row| row.ns).sum::<u64>();
        let first = sums(Filter { to: Some(middle), ..Filter::default() });
        let second = sums(Filter { from: Some(middle), ..Filter::default() });
        assert_eq!(first + second, sums(Filter::default()));
    }
}

/// Where the time of a task went adds up to its duration; its goroutines to its row; its rows to what it has.
#[test]
fn stories_add_up() {
    for trace in traces() {
        for task in (0..trace.tasks().len() as u32).map(TaskIdx) {
            let story = task_story(&trace, task, 0, usize::MAX).unwrap();
            assert_eq!(story.wall.iter().map(|part| part.ns).sum::<u64>(), story.task.duration, "{:?}", story.wall);
            assert_eq!(story.goroutines_total, story.task.goroutines);
            if story.goroutines_total == story.goroutines.len() {
                let time = story.goroutines.iter().map(|row| row.time.total()).sum::<u64>();
                assert_eq!(time, story.task.time.total());
            }
            let mut of_family = [0; 3];
            for row in &story.rows {
                of_family[row.kind as usize] += 1;
                assert_eq!(row.parent.map_or(0, |parent| story.rows[parent].depth + 1), row.depth, "{row:?}");
                assert!(row.since.is_none_or(|since| since >= 0), "{row:?}");
            }
            let family = share::family(&trace, task);
            let regions = trace.regions().iter().filter(|region| family.contains(&region.task)).count();
            let logs = family.iter().map(|&task| trace.task_logs(task).len()).sum();
            assert_eq!(of_family, [family.len(), regions, logs]);
            let pages =
                (0..story.total.div_ceil(5)).flat_map(|page| task_story(&trace, task, page * 5, 5).unwrap().rows);
            assert_eq!(pages.take(40).collect::<Vec<_>>(), story.rows[..story.total.min(40)]);
        }
        assert_eq!(task_story(&trace, TaskIdx(u32::MAX), 0, 9), None);
    }
}

/// Pages put together are the list.
#[test]
fn pages_add_up_to_the_list() {
    let trace = fixtures::recorded("steps-1.27.trace.zst");
    for &(name, sort, _) in TaskSort::ALL {
        for order in [None, Some(Order::Ascending), Some(Order::Descending)] {
            let page = |offset, limit| {
                let paging = Paging { sort, order, offset, limit };
                tasks(&trace, &Filter::default(), &TaskQuery { paging, ..TaskQuery::default() }).unwrap()
            };
            let whole = page(0, 1000);
            let parts: Vec<TaskRow> =
                (0..whole.total.div_ceil(3)).flat_map(|number| page(number * 3, 3).rows).collect();
            assert_eq!(parts, whole.rows, "{name} {order:?}");
        }
    }
}

#[track_caller]
fn check(text: &str, id: u64, expected: &expect_test::Expect) {
    let trace = fixtures::read(text);
    let story = task_story(&trace, find_task(&trace, id).unwrap(), 0, 100).unwrap();
    let mut shown = format!("{} #{} {}\n", story.task.name, story.task.id, story.task.duration);
    for part in &story.wall {
        let class = part.class.map_or("nobody", |class| crate::class_name(class).key);
        writeln!(shown, "{class} {:?} {}", part.reason, part.ns).unwrap();
    }
    for row in &story.goroutines {
        let id = row.go.as_ref().map_or(0, |go| go.id);
        writeln!(
            shown,
            "G{id} {}–{}: {} running, {} waiting",
            row.start,
            row.end,
            row.time.running,
            row.time.waiting()
        )
        .unwrap();
    }
    for row in &story.rows {
        let indent = "  ".repeat(row.depth as usize);
        let go = row.go.as_ref().map_or(0, |go| go.id);
        let open = if row.open_end { " …" } else { "" };
        writeln!(
            shown,
            "{:>4} +{:<3} G{go} {indent}{:?} {}{open}",
            row.start,
            row.since.unwrap_or(0),
            row.kind,
            row.name
        )
        .unwrap();
    }
    expected.assert_eq(&shown);
}

/// A request whose goroutine waits for one that does a part of the work, sleeps, and is kept from running.
#[test]
fn where_the_time_went() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
UserTaskBegin at=110 task=1 name_string="request" stack=[main.main main.go:9]
UserRegionBegin at=112 task=1 name_string="wait" stack=[main.main main.go:10]
GoCreate new_g=2 new_stack=[main.worker main.go:20] stack=[main.main main.go:12] at=115
GoBlock reason_string="sync" stack=[main.main] at=120
GoStart g=2 g_seq=1 at=140
UserTaskBegin at=145 task=2 parent_task=1 name_string="part" stack=[main.worker main.go:21]
UserLog at=150 task=2 key_string="step" value_string="half" stack=[main.worker main.go:22]
GoBlock reason_string="sleep" stack=[main.worker] at=160
GoUnblock g=2 g_seq=2 at=190
GoStart g=2 g_seq=3 at=200
UserTaskEnd at=210 task=2
GoUnblock g=1 g_seq=1 at=215
GoDestroy at=220
GoStart g=1 g_seq=2 at=230
UserRegionEnd at=240 task=1 name_string="wait"
UserTaskEnd at=250 task=1
GoBlock reason_string="sync" stack=[main.main] at=260
"#,
        1,
        &expect![[r#"
            request #1 140
            running "" 55
            sleep "sleep" 30
            sync "sync" 30
            runnable "" 25
            G1 10–150: 30 running, 95 waiting
            G2 45–110: 25 running, 30 waiting
              10 +0   G1 Task request
              12 +2   G1   Region wait
              45 +33  G2   Task part
              50 +5   G2     Log half
        "#]],
    );
}

/// A task keeps its duration over the end of a generation, where `go tool trace` moves the begin behind the latest event
/// of the generation before, and shows 1 ns.
#[test]
fn durations_are_by_the_clock() {
    check(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
EventBatch m=-1 time=100
GoStatus g=7 m=-1 gstatus=Waiting at=9000
Generation 2
EventBatch m=1 time=2000
ProcStatus p=0 pstatus=Running at=2000
GoStatus g=1 m=1 gstatus=Running at=2001
UserTaskBegin at=2010 task=1 name_string="request" stack=[main.main main.go:9]
UserTaskEnd at=8010 task=1
HeapAlloc heapalloc_value=1 at=9500
"#,
        1,
        &expect![[r#"
            request #1 6000
            running "" 6000
            G1 1910–7910: 6000 running, 0 waiting
            1910 +0   G1 Task request
        "#]],
    );
}

/// A task that began before the trace, one that another goroutine ends, one that never ends, one that ends twice, and a
/// parent of which nothing else is known.
#[test]
fn tasks_in_every_condition() {
    let trace = fixtures::read(
        r#"Trace Go1.26
Generation 1
EventBatch m=1 time=100
ProcStatus p=0 pstatus=Running at=100
GoStatus g=1 m=1 gstatus=Running at=101
UserTaskEnd at=110 task=9
UserTaskBegin at=120 task=1 parent_task=77 name_string="passed on" stack=[main.main main.go:9]
UserTaskBegin at=130 task=2 parent_task=1 name_string="never" stack=[main.main main.go:10]
UserTaskBegin at=140 task=3 name_string="twice" stack=[main.main main.go:11]
UserTaskEnd at=150 task=3
UserTaskEnd at=160 task=3
GoCreate new_g=2 new_stack=[main.worker main.go:20] stack=[main.main main.go:12] at=170
GoBlock reason_string="sync" stack=[main.main] at=180
GoStart g=2 g_seq=1 at=190
UserTaskEnd at=195 task=1
GoDestroy at=200
"#,
    );
    let mut shown = String::new();
    for row in all(&trace, &Filter::default()).rows {
        let id = |go: Option<crate::GoRef>| go.map_or(0, |go| go.id);
        let parent = row.parent.map_or(0, |parent| parent.id);
        let open = (row.open_start, row.open_end);
        let (go, end_go) = (id(row.go), id(row.end_go));
        writeln!(
            shown,
            "#{} {:?} below {parent}: {}–{} {open:?} G{go} G{end_go}",
            row.id, row.name, row.start, row.end
        )
        .unwrap();
    }
    expect![[r#"
        #9 "" below 0: 0–10 (true, false) G0 G1
        #77 "" below 0: 0–100 (true, true) G0 G0
        #1 "passed on" below 77: 20–95 (false, false) G1 G2
        #2 "never" below 1: 30–100 (false, true) G1 G0
        #3 "twice" below 0: 40–50 (false, false) G1 G1
    "#]]
    .assert_eq(&shown);
}

#[test]
fn text_is_found_in_types_regions_and_messages() {
    let trace = fixtures::request();
    for (text, wanted) in [("REQ", 1), ("encode", 1), ("step", 1), ("Half", 1), ("nothing", 0), ("", 1)] {
        let query = TaskQuery { text: Some(text.to_owned()), ..TaskQuery::default() };
        assert_eq!(tasks(&trace, &Filter::default(), &query).unwrap().total, wanted, "{text}");
    }
}
