//! Numbers that must agree, and the filters and columns of these answers.

#![expect(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

mod agrees_with_go;
mod beside_go;

use super::*;
use crate::{ClassKind, Filter, Lane, Order, Page, classes, fixtures, goroutine, states};
use expect_test::{Expect, expect};
use goroscope_model::{Class, GoIdx, ProcIdx, RangeScope, Trace};
use std::fmt::Write as _;

const ALL: Page = Page { offset: 0, limit: usize::MAX };

fn list(trace: &Trace, filter: &str, membership: Option<Membership>) -> GoroutineList {
    let query = ListQuery { membership, sort: "id".parse().unwrap(), order: Order::Ascending, page: ALL };
    goroutines(trace, &Filter::parse(filter).unwrap(), &query).unwrap()
}

fn grouped(trace: &Trace, filter: &str, group: &str) -> GoroutineGroups {
    let sort = "name".parse().unwrap();
    let query = GroupQuery { grouping: group.parse().unwrap(), sort, order: Order::Ascending, page: ALL };
    groups(trace, &Filter::parse(filter).unwrap(), &query).unwrap()
}

fn traces() -> Vec<Trace> {
    let recorded = ["mix-1.19", "mix-1.22", "mix-1.26", "steps-1.27", "flight-1.27", "callback-1.25", "coro-1.27"];
    let recorded = recorded.map(|name| fixtures::recorded(&format!("{name}.trace.zst")));
    let random = (0..6).map(|seed| fixtures::random(seed, 3, 20, 2000));
    random.chain([fixtures::request()]).chain(recorded).collect()
}

fn damaged() -> impl Iterator<Item = Trace> {
    (0..12).map(|seed| fixtures::damaged("mix-1.27.trace.zst", seed))
}

const GROUPINGS: [&str; 4] = ["func", "creation", "regex=^main", "regex=^([a-z]+)"];

#[track_caller]
fn check_times(times: &GoTimes, blocked: &[BlockedTime]) {
    let parts = times.running + times.runnable + times.waiting + times.syscall + times.syscall_blocked + times.unknown;
    assert_eq!(parts, times.lifetime);
    let waits = [times.network, times.channel, times.sync, times.select, times.sleep, times.gc_wait, times.other_wait];
    assert_eq!(waits.iter().sum::<u64>(), times.waiting);
    assert_eq!(blocked.iter().map(|row| row.ns).sum::<u64>(), times.waiting);
}

/// The states of a goroutine sum to its life, goroutines to groups, and groups to all, whatever makes a group.
fn rows_add_up(trace: &Trace) {
    let all = list(trace, "", None);
    assert_eq!(all.total, trace.goroutines().len());
    let mut sum = GoTimes::default();
    for row in &all.rows {
        check_times(&row.times, &row.blocked);
        let ranges = row.times.assist + row.times.sweep + row.times.stw + row.times.other_range;
        let details = goroutine(trace, GoIdx(row.goroutine.row), Page::default()).unwrap();
        assert_eq!(details.lifetime as u64, row.times.lifetime);
        assert_eq!((details.start, details.end, details.first_run), (row.start, row.end, row.first_run));
        assert_eq!(details.samples as u64, row.times.samples);
        assert_eq!(details.ranges.iter().map(|range| range.ns).sum::<u64>(), ranges, "{:?}", row.goroutine);
        let of =
            |kind| details.time.iter().filter(|row| classes::kind(row.class) == kind).map(|row| row.ns).sum::<u64>();
        assert_eq!((of(ClassKind::Run), of(ClassKind::Wait)), (row.times.running, row.times.waiting));
        for reason in details.reasons.iter().filter(|reason| reason.ns > 0) {
            let same = row.blocked.iter().find(|row| row.reason == reason.reason).unwrap();
            assert_eq!((same.ns, same.spans), (reason.ns, reason.spans));
        }
        sum.add(&row.times);
    }
    check_times(&all.sum.times, &all.sum.blocked);
    assert_eq!(sum, all.sum.times);
    for group in GROUPINGS {
        let groups = grouped(trace, "", group);
        let mut sum = GoTimes::default();
        for row in &groups.rows {
            check_times(&row.sum.times, &row.sum.blocked);
            assert_eq!(row.histogram.iter().map(|bucket| bucket.count).sum::<u64>(), row.sum.count);
            assert!(row.key.exists(trace) && row.start <= row.end);
            sum.add(&row.sum.times);
        }
        assert_eq!(groups.rows.iter().map(|row| row.sum.count).sum::<u64>(), all.total as u64, "{group}");
        assert_eq!((&sum, &groups.sum), (&all.sum.times, &all.sum), "{group}");
    }
}

/// A group's sum is that of its members.
fn groups_are_their_members(trace: &Trace, filter: &str) {
    for group in GROUPINGS.into_iter().chain(["task"]) {
        for row in grouped(trace, filter, group).rows {
            let membership = Membership { grouping: group.parse().unwrap(), name: row.name.clone() };
            let members = list(trace, filter, Some(membership));
            assert_eq!(members.sum, row.sum, "{group} {}", row.label);
            let most = members.rows.iter().map(|row| row.times.lifetime).max();
            assert_eq!(most, Some(row.distribution.lifetime.max));
        }
    }
}

/// What two halves of a trace have is what the whole has.
fn halves_add_up(trace: &Trace) {
    let middle = i64::midpoint(trace.start(), trace.end());
    let mut sum = list(trace, &format!("to={middle}ns"), None).sum.times;
    sum.add(&list(trace, &format!("from={middle}ns"), None).sum.times);
    assert_eq!(sum, list(trace, "", None).sum.times);
}

/// As much runs on the procs as goroutines run.
fn procs_run_what_goroutines_run(trace: &Trace) {
    let procs = (0..trace.procs().len() as u32).map(|proc| Lane::Proc(ProcIdx(proc)));
    let time = procs.map(|proc| states::time(trace, proc, trace.start(), trace.end()));
    let busy: u64 = time.map(|time| classes::sum_of_kind(&time, ClassKind::Run)).sum();
    assert_eq!(grouped(trace, "", "func").sum.times.running, busy);
}

/// What one goroutine waited for another is what the other let it wait.
fn wakers_and_woken_agree(trace: &Trace) {
    let details: Vec<_> =
        (0..trace.goroutines().len() as u32).filter_map(|row| goroutine(trace, GoIdx(row), Page::default())).collect();
    for one in &details {
        for by in one.woken_by.iter().filter_map(|by| Some((by.go.as_ref()?.row, by))) {
            let waker = details.iter().find(|other| other.go.row == by.0).unwrap();
            let same = |woke: &&crate::WakeCount| woke.go.as_ref().map(|go| go.row) == Some(one.go.row);
            match waker.woke.iter().find(same) {
                Some(woke) => assert_eq!(woke, &crate::WakeCount { go: woke.go.clone(), ..by.1.clone() }),
                None => assert!(waker.woke_total > waker.woke.len(), "{:?}", by.1),
            }
        }
    }
}

#[test]
fn whole_traces() {
    for trace in traces() {
        rows_add_up(&trace);
        procs_run_what_goroutines_run(&trace);
        groups_are_their_members(&trace, "");
        groups_are_their_members(&trace, "state=network,sync reason=^sync");
        halves_add_up(&trace);
        wakers_and_woken_agree(&trace);
    }
}

#[test]
fn damaged_traces() {
    for trace in damaged() {
        rows_add_up(&trace);
        groups_are_their_members(&trace, "");
        halves_add_up(&trace);
    }
}

/// The goroutines of a task type are those that the filter of that name leaves, and outside of tasks is the rest.
#[test]
fn tasks_are_what_the_filter_says() {
    for trace in traces() {
        let groups = grouped(&trace, "", "task");
        for row in groups.rows.iter().filter(|row| !row.name.is_empty() && !row.name.starts_with('(')) {
            let name = row.name.replace('\\', r"\\").replace('"', "\\\"");
            let of_filter = list(&trace, &format!("task=\"^{name}$\""), None).sum;
            assert_eq!(of_filter, row.sum, "{}", row.label);
        }
        let inside = list(&trace, "task=\"\"", None).sum.times.lifetime;
        let outside = groups.rows.iter().filter(|row| row.label == "(no task)").map(|row| row.sum.times.lifetime);
        assert_eq!(inside + outside.sum::<u64>(), groups.sum.times.lifetime);
    }
}

/// Sorting shows the same rows in another order, and a page a part of them.
#[test]
fn pages_and_columns() {
    let trace = fixtures::recorded("mix-1.26.trace.zst");
    let all = list(&trace, "", None);
    let columns = times::COLUMNS.map(|(name, _)| name);
    let fields = ["id", "function", "created", "ended", "start", "end", "first_run", "reason:chan receive"];
    for column in columns.into_iter().chain(fields) {
        let sort: ListColumn = column.parse().unwrap();
        assert_eq!(sort.to_string(), column);
        let page = |order, page| {
            let query = ListQuery { membership: None, sort: sort.clone(), order, page };
            goroutines(&trace, &Filter::default(), &query).unwrap()
        };
        for order in [Order::Ascending, Order::Descending] {
            let whole = page(order, ALL);
            let mut same = whole.rows.clone();
            same.sort_by_key(|row| (row.goroutine.id, row.goroutine.row));
            assert_eq!(same, all.rows, "{column}");
            let part = page(order, Page { offset: 3, limit: 5 });
            assert_eq!((part.total, &part.rows[..]), (all.total, &whole.rows[3..8]), "{column}");
        }
    }
    let running = |order| {
        let query = ListQuery { membership: None, sort: ListColumn::default(), order, page: ALL };
        goroutines(&trace, &Filter::default(), &query).unwrap().rows.iter().map(|row| row.times.running).collect()
    };
    let (up, down): (Vec<u64>, Vec<u64>) = (running(Order::Ascending), running(Order::Descending));
    assert!(up.is_sorted() && down.is_sorted_by(|a, b| a >= b));
    for column in columns.into_iter().chain(["name", "start", "end", "count", "lifetime.p99", "runnable.max"]) {
        let sort: GroupColumn = column.parse().unwrap();
        assert_eq!(sort.to_string(), column);
    }
    for column in ["", "id", "lifetime.p12", "sleeping", "reason"] {
        assert!(column.parse::<GroupColumn>().is_err(), "{column}");
    }
    assert!("count".parse::<ListColumn>().is_err());
}

/// `name count lifetime running runnable waiting`, and what is not 0 of the rest.
fn check(trace: &Trace, filter: &str, group: &str, expected: &Expect) {
    let mut found = String::new();
    for row in grouped(trace, filter, group).rows {
        let GoroutineGroup { label, key, start, end, sum, .. } = row;
        let GoTimes { lifetime, running, runnable, waiting, .. } = sum.times;
        write!(found, "{label} [{key} {start}..{end}] × {}: {lifetime} = {running} running", sum.count).unwrap();
        write!(found, " + {runnable} runnable + {waiting} waiting").unwrap();
        for (name, read) in &times::COLUMNS[4..] {
            if read(&sum.times) > 0 {
                write!(found, ", {name} {}", read(&sum.times)).unwrap();
            }
        }
        found.push('\n');
    }
    expected.assert_eq(&found);
}

#[test]
fn groups_of_a_request() {
    let trace = fixtures::request();
    check(
        &trace,
        "",
        "func",
        &expect![[r#"
        main.main [group:0 0..920] × 1: 920 = 420 running + 250 runnable + 150 waiting, syscall 100, channel 150, assist 20, sweep 10, stw 20
        main.serve [group:2 0..920] × 1: 920 = 110 running + 60 runnable + 750 waiting, network 100, sleep 150, other_wait 500
        main.worker [group:1 100..500] × 1: 400 = 250 running + 150 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "",
        "creation",
        &expect![[r#"
        (creation not in this trace) [go:0 0..920] × 2: 1840 = 530 running + 310 runnable + 900 waiting, syscall 100, network 100, channel 150, sleep 150, other_wait 500, assist 20, sweep 10, stw 20
        main.main:10 [go:2 100..500] × 1: 400 = 250 running + 150 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "",
        "task",
        &expect![[r#"
        (no task) [go:0 0..920] × 3: 2050 = 590 running + 460 runnable + 900 waiting, syscall 100, network 100, channel 150, sleep 150, other_wait 500, assist 20, sweep 10, stw 20
        request [tasktype:0 260..450] × 1: 190 = 190 running + 0 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "",
        "regex=main\\.([mw])",
        &expect![[r#"
        (no match) [go:1 0..920] × 1: 920 = 110 running + 60 runnable + 750 waiting, network 100, sleep 150, other_wait 500
        m [go:0 0..920] × 1: 920 = 420 running + 250 runnable + 150 waiting, syscall 100, channel 150, assist 20, sweep 10, stw 20
        w [go:2 100..500] × 1: 400 = 250 running + 150 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "from=260ns to=1us",
        "func",
        &expect![[r#"
        main.main [group:0 260..920] × 1: 660 = 220 running + 250 runnable + 90 waiting, syscall 100, channel 90, assist 20, sweep 10, stw 20
        main.serve [group:2 260..920] × 1: 660 = 110 running + 60 runnable + 490 waiting, network 100, sleep 150, other_wait 240
        main.worker [group:1 260..500] × 1: 240 = 240 running + 0 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "region=encode",
        "func",
        &expect![[r#"
        main.worker [group:1 280..320] × 1: 40 = 40 running + 0 runnable + 0 waiting, samples 1
    "#]],
    );
    check(
        &trace,
        "state=sleep,syscall",
        "func",
        &expect![[r#"
        main.main [group:0 0..920] × 1: 920 = 420 running + 250 runnable + 150 waiting, syscall 100, channel 150, assist 20, sweep 10, stw 20
        main.serve [group:2 0..920] × 1: 920 = 110 running + 60 runnable + 750 waiting, network 100, sleep 150, other_wait 500
    "#]],
    );
    check(
        &trace,
        "reason=chan",
        "func",
        &expect![[r#"
        main.main [group:0 0..920] × 1: 920 = 420 running + 250 runnable + 150 waiting, syscall 100, channel 150, assist 20, sweep 10, stw 20
    "#]],
    );
    check(
        &trace,
        "max=500ns",
        "func",
        &expect![[r#"
        main.worker [group:1 100..500] × 1: 400 = 250 running + 150 runnable + 0 waiting, samples 1
    "#]],
    );
}

/// Every goroutine that went through a state, and what the state was.
#[test]
fn sweeps_are_of_who_begins_and_ends_them() {
    for trace in traces() {
        let mut swept = 0;
        sweeps::each_sweep(&trace, |go, interval| {
            swept += 1;
            let runs = states::time(&trace, Lane::Go(go), interval.start, interval.end);
            let lasts = (interval.end - interval.start) as u64;
            assert!(runs[Class::Running as usize] <= lasts, "{go:?}");
        });
        let all: usize =
            (0..trace.procs().len() as u32).map(|proc| trace.scope_ranges(RangeScope::Proc(ProcIdx(proc))).len()).sum();
        assert!(swept <= all);
    }
}
