//! `goroscope goroutines`: what goroutines did, in groups or one by one.
//!
//! People get the columns that matter, programs all of them.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{
    BlockedTime, Distribution, GoTimes, GoroutineGroup, GoroutineGroups, GoroutineList, GoroutineRow, GoroutineSum,
    GroupQuery, Grouping, ListQuery, Words, goroutines, groups,
};

/// Columns of times for people.
fn shown_columns(words: &Words) -> [Column; 12] {
    [
        Column { title: "Lifetime", name: "" },
        Column { title: words.running_title, name: "" },
        Column { title: "Runnable", name: "" },
        Column { title: "Waiting", name: "" },
        Column { title: "Most for", name: "" },
        Column { title: words.syscall_title, name: "" },
        Column { title: "Blocked syscall", name: "" },
        Column { title: "Unknown", name: "" },
        Column { title: "Assist", name: "" },
        Column { title: "Sweep", name: "" },
        Column { title: "STW", name: "" },
        Column { title: "CPU samples", name: "" },
    ]
}

/// Columns of times for programs.
const ALL: [&str; 20] = [
    "lifetime_ns",
    "running_ns",
    "runnable_ns",
    "waiting_ns",
    "syscall_ns",
    "syscall_blocked_ns",
    "unknown_ns",
    "network_ns",
    "channel_ns",
    "sync_ns",
    "select_ns",
    "sleep_ns",
    "gc_wait_ns",
    "other_wait_ns",
    "assist_ns",
    "sweep_ns",
    "stw_ns",
    "other_range_ns",
    "samples",
    "blocked_ns_by_reason",
];

/// Columns of a group's distributions for programs.
const SPREADS: [&str; 12] = [
    "lifetime_p50_ns",
    "lifetime_p90_ns",
    "lifetime_p99_ns",
    "lifetime_max_ns",
    "running_p50_ns",
    "running_p90_ns",
    "running_p99_ns",
    "running_max_ns",
    "runnable_p50_ns",
    "runnable_p90_ns",
    "runnable_p99_ns",
    "runnable_max_ns",
];

/// Answers with groups.
pub(super) fn of_groups(asking: &Asking<'_>, query: &GroupQuery) -> Result<Answer, Failure> {
    let body = groups(asking.trace, asking.filter, query).map_err(|error| refused(&error))?;
    check_reason(query.sort.reason(), &body.sum)?;
    let title = match query.grouping {
        Grouping::Function => asking.words.function_title,
        Grouping::Creation => "Created at",
        Grouping::Task => asking.words.user_task_title,
        Grouping::Pattern(_) => "Match",
    };
    let table = |body: &GoroutineGroups| {
        if asking.format.csv { all_of_groups(body) } else { shown_groups(asking.words, body, title) }
    };
    asking.answer(("groups", 1), &body, table, |body, table| {
        let rows = rows(body.offset, body.rows.len(), body.total, "groups");
        format!("{}; {rows}\n\n{table}", sentence(asking.words, &body.sum))
    })
}

/// Answers with a list.
pub(super) fn of_list(asking: &Asking<'_>, query: &ListQuery) -> Result<Answer, Failure> {
    let body = goroutines(asking.trace, asking.filter, query).map_err(|error| refused(&error))?;
    check_reason(query.sort.reason(), &body.sum)?;
    let table =
        |body: &GoroutineList| if asking.format.csv { all_of_list(body) } else { shown_list(asking.words, body) };
    asking.answer(("goroutines", 1), &body, table, |body, table| {
        let rows = rows(body.offset, body.rows.len(), body.total, asking.words.goroutines);
        format!("{}; {rows}\n\n{table}", sentence(asking.words, &body.sum))
    })
}

/// Refuses to sort by waits that none of them has: all rows would be alike.
fn check_reason(reason: Option<&str>, sum: &GoroutineSum) -> Result<(), Failure> {
    let Some(reason) = reason else { return Ok(()) };
    let reasons: Vec<&str> = sum.blocked.iter().map(|blocked| blocked.reason.as_str()).collect();
    if reasons.contains(&reason) || sum.count == 0 {
        return Ok(());
    }
    let there_are =
        if reasons.is_empty() { "nor for any other".to_owned() } else { format!("but for {}", reasons.join(", ")) };
    Err(Failure::usage(&format!("--sort reason:{reason}: nothing here waits for that, {there_are}")))
}

fn sentence(words: &Words, sum: &GoroutineSum) -> String {
    let there = numbers::duration(sum.times.lifetime as i64);
    let [running, runnable, waiting] = [sum.times.running, sum.times.runnable, sum.times.waiting]
        .map(|part| numbers::percent(part, sum.times.lifetime));
    let goroutines = numbers::counted(sum.count, words.goroutine);
    format!("{goroutines}, there for {there} together: {running} running, {runnable} runnable, {waiting} waiting")
}

fn rows(offset: usize, rows: usize, total: usize, what: &str) -> String {
    let count = |number: usize| numbers::count(number as u64);
    match rows {
        0 => format!("none of {} {what}", count(total)),
        _ if rows == total => format!("all {} {what}", count(total)),
        _ => format!("{what} {} to {} of {}", count(offset + 1), count(offset + rows), count(total)),
    }
}

fn shown_groups(words: &Words, body: &GoroutineGroups, title: &'static str) -> Table {
    let mut columns =
        vec![Column { title, name: "" }, Column { title: "Count", name: "" }, Column { title: "Of running", name: "" }];
    columns.extend(shown_columns(words));
    columns.extend(["Lifetime p50", "p99", "max"].map(|title| Column { title, name: "" }));
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![Cell::Text(row.label.clone()), Cell::Count(row.sum.count), Cell::Bar(row.running_share)];
        cells.extend(shown(&row.sum.times, &row.sum.blocked, &body.sum.times));
        let Distribution { p50, p99, max, .. } = row.distribution.lifetime;
        cells.extend([p50, p99, max].map(Cell::Duration));
        table.push(cells);
    }
    table
}

fn shown_list(words: &Words, body: &GoroutineList) -> Table {
    let titles = [words.goroutine_title, words.function_title, "Created", "Ended", "First run after"];
    let mut columns = titles.map(|title| Column { title, name: "" }).to_vec();
    columns.extend(shown_columns(words));
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![
            Cell::Text(format!("{}{}", words.goroutine_letter, row.goroutine.id)),
            Cell::Text(row.goroutine.function.clone()),
            moment(row.created),
            moment(row.ended),
            moment(row.first_run),
        ];
        cells.extend(shown(&row.times, &row.blocked, &body.sum.times));
        table.push(cells);
    }
    table
}

/// What no row of the whole answer has is not worth a column.
fn shown(times: &GoTimes, blocked: &[BlockedTime], sum: &GoTimes) -> [Cell; 12] {
    let rare = |read: fn(&GoTimes) -> u64| match read(sum) {
        0 => Cell::Nothing,
        _ => Cell::Duration(read(times)),
    };
    [
        Cell::Duration(times.lifetime),
        Cell::Duration(times.running),
        Cell::Duration(times.runnable),
        Cell::Duration(times.waiting),
        blocked.first().map_or(Cell::Nothing, |most| Cell::Text(most.reason.clone())),
        rare(|times| times.syscall),
        rare(|times| times.syscall_blocked),
        rare(|times| times.unknown),
        rare(|times| times.assist),
        rare(|times| times.sweep),
        rare(|times| times.stw),
        if sum.samples == 0 { Cell::Nothing } else { Cell::Count(times.samples) },
    ]
}

fn moment(ts: Option<i64>) -> Cell {
    ts.map_or(Cell::Nothing, Cell::Time)
}

fn named<'n>(names: impl IntoIterator<Item = &'n &'static str>) -> Vec<Column> {
    names.into_iter().map(|&name| Column { title: name, name }).collect()
}

fn all_of_groups(body: &GoroutineGroups) -> Table {
    let first = ["group", "file", "lane", "start_ns", "end_ns", "count", "running_share"];
    let mut table = Table::new(&named(first.iter().chain(&ALL).chain(&SPREADS)));
    for row in &body.rows {
        let GoroutineGroup { label, file, key, start, end, sum, running_share, distribution, .. } = row;
        let mut cells = vec![
            Cell::Text(label.clone()),
            Cell::Text(file.clone()),
            Cell::Text(key.to_string()),
            Cell::Time(*start),
            Cell::Time(*end),
            Cell::Count(sum.count),
            Cell::Share(*running_share),
        ];
        cells.extend(all(&sum.times, &sum.blocked));
        for spread in [distribution.lifetime, distribution.running, distribution.runnable] {
            cells.extend([spread.p50, spread.p90, spread.p99, spread.max].map(Cell::Duration));
        }
        table.push(cells);
    }
    table
}

fn all_of_list(body: &GoroutineList) -> Table {
    let first = ["id", "lane", "function", "created_ns", "ended_ns", "start_ns", "end_ns", "first_run_ns"];
    let mut table = Table::new(&named(first.iter().chain(&ALL)));
    for row in &body.rows {
        let GoroutineRow { goroutine, created, ended, start, end, first_run, times, blocked } = row;
        let mut cells = vec![
            Cell::Count(goroutine.id),
            Cell::Text(goroutine.key.to_string()),
            Cell::Text(goroutine.function.clone()),
            moment(*created),
            moment(*ended),
            Cell::Time(*start),
            Cell::Time(*end),
            moment(*first_run),
        ];
        cells.extend(all(times, blocked));
        table.push(cells);
    }
    table
}

/// The last cell has every reason: `chan receive=300;select=20`.
fn all(times: &GoTimes, blocked: &[BlockedTime]) -> [Cell; ALL.len()] {
    let reasons: Vec<String> = blocked.iter().map(|row| format!("{}={}", row.reason, row.ns)).collect();
    [
        Cell::Duration(times.lifetime),
        Cell::Duration(times.running),
        Cell::Duration(times.runnable),
        Cell::Duration(times.waiting),
        Cell::Duration(times.syscall),
        Cell::Duration(times.syscall_blocked),
        Cell::Duration(times.unknown),
        Cell::Duration(times.network),
        Cell::Duration(times.channel),
        Cell::Duration(times.sync),
        Cell::Duration(times.select),
        Cell::Duration(times.sleep),
        Cell::Duration(times.gc_wait),
        Cell::Duration(times.other_wait),
        Cell::Duration(times.assist),
        Cell::Duration(times.sweep),
        Cell::Duration(times.stw),
        Cell::Duration(times.other_range),
        Cell::Count(times.samples),
        Cell::Text(reasons.join(";")),
    ]
}
