//! `goroscope procs`: what each proc did, and whether it was idle while goroutines could run.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{ProcTime, Procs, ProcsOptions, Short, Words, procs};
use std::fmt::Write as _;

fn columns(words: &Words) -> [Column; 17] {
    [
        Column { title: words.proc_title, name: "proc" },
        Column { title: "Name", name: "name" },
        Column { title: "First seen", name: "start_ns" },
        Column { title: "Last seen", name: "end_ns" },
        Column { title: "Busy", name: "busy" },
        Column { title: "Over time", name: "over_time" },
        Column { title: words.running_title, name: "running_ns" },
        Column { title: "GC worker", name: "running_gc_ns" },
        Column { title: "Runtime", name: "running_runtime_ns" },
        Column { title: words.syscall_title, name: "syscall_ns" },
        Column { title: "Scheduler", name: "scheduler_ns" },
        Column { title: "Idle", name: "idle_ns" },
        Column { title: "Unknown", name: "unknown_ns" },
        Column { title: "Starts", name: "starts" },
        Column { title: "Stops", name: "stops" },
        Column { title: "Thread changes", name: "thread_changes" },
        Column { title: "Retaken", name: "retakes" },
    ]
}

const OVER_TIME: [Column; 3] = [
    Column { title: "Over time", name: "what" },
    Column { title: "", name: "spark" },
    Column { title: "Most", name: "most" },
];

fn short_columns(words: &Words) -> [Column; 7] {
    [
        Column { title: "Missed most", name: "missed_ns" },
        Column { title: "From", name: "start_ns" },
        Column { title: "To", name: "end_ns" },
        Column { title: "Duration", name: "duration_ns" },
        Column { title: "World stopped", name: "stopped_ns" },
        Column { title: words.ready_title, name: "runnable" },
        Column { title: words.idle_title, name: "idle" },
    ]
}

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, options: &ProcsOptions) -> Result<Answer, Failure> {
    let words = asking.words;
    let body = procs(asking.trace, asking.filter, options).map_err(|error| refused(&error))?;
    asking.answer(
        ("procs", 1),
        &body,
        |body| table(words, body),
        |body, table| {
            let mut text = summary(words, body);
            for part in [over_time(words, body), short(words, &body.short)] {
                let _ = write!(text, "\n{}", part.aligned(asking.look));
            }
            format!("{text}\n{table}")
        },
    )
}

fn summary(words: &Words, body: &Procs) -> String {
    let seen = if body.gomaxprocs.known { "" } else { " seen, the trace does not say how many there are" };
    let mut text = format!(
        "{}{seen}, which ran {} for {} of the time\n",
        numbers::counted(body.gomaxprocs.value, words.proc),
        words.goroutines,
        numbers::percent(body.total.busy(), body.total.lifetime),
    );
    let short = &body.short;
    let _ = writeln!(
        text,
        "{} {} could run while {} were idle: for {}, in which these could have run for {}",
        numbers::times(short.count),
        words.goroutines,
        words.procs,
        numbers::duration(short.ns as i64),
        numbers::duration(short.missed as i64),
    );
    if body.changes.len() > 1 {
        let changes = body.changes.iter().skip(1).take(20);
        let later: Vec<String> =
            changes.map(|change| format!("{} at {}", change.value, numbers::duration(change.ts))).collect();
        let more = if body.changes.len() > 21 { ", …" } else { "" };
        let _ =
            writeln!(text, "{} was {}, then {}{more}", words.proc_count_title, body.changes[0].value, later.join(", "));
    }
    if body.lost > 0 {
        let _ = writeln!(text, "{} are lost", numbers::duration(body.lost as i64));
    }
    text
}

fn over_time(words: &Words, body: &Procs) -> Table {
    let mut table = Table::new(&OVER_TIME);
    let procs = body.over_time.gomaxprocs.iter().copied().fold(1.0, f64::max);
    let queue = body.over_time.runnable_max.iter().copied().max().unwrap_or(0).max(1) as f64;
    let row = |values: &[f64], whole: f64| {
        let most = values.iter().copied().fold(0.0, f64::max);
        [Cell::Spark(values.iter().map(|value| value / whole).collect()), Cell::Text(format!("{most:.1}"))]
    };
    let max: Vec<f64> = body.over_time.runnable_max.iter().map(|&count| count as f64).collect();
    for (name, values, whole) in [
        (format!("{} held", words.procs), &body.over_time.active, procs),
        (format!("{} busy", words.procs), &body.over_time.busy, procs),
        (format!("ready {}, mean", words.goroutines), &body.over_time.runnable_mean, queue),
        (format!("ready {}, most", words.goroutines), &max, queue),
    ] {
        let [spark, most] = row(values, whole);
        table.push(vec![Cell::Text(name), spark, most]);
    }
    table
}

fn short(words: &Words, short: &Short) -> Table {
    let mut table = Table::new(&short_columns(words));
    for row in &short.rows {
        table.push(vec![
            Cell::Duration(row.missed),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration),
            if words.has_collector() { Cell::Duration(row.stopped_ns) } else { Cell::Nothing },
            Cell::Text(format!("{:.1}, at most {}", row.runnable, row.runnable_max)),
            Cell::Text(format!("{:.1}, at most {}", row.idle, row.idle_max)),
        ]);
    }
    table
}

fn table(words: &Words, body: &Procs) -> Table {
    let mut table = Table::new(&columns(words));
    for row in &body.rows.rows {
        let cells = &row.cells;
        let busy = |i: usize| (cells.running[i] + cells.running_gc[i] + cells.running_runtime[i]) as f64;
        let spark = (0..body.cells).map(|i| busy(i) / body.width as f64).collect();
        let name = row.name.clone().map_or(Cell::Nothing, Cell::Text);
        let mut line = vec![Cell::Count(row.proc.id), name, Cell::Time(row.start), Cell::Time(row.end)];
        line.extend(of_time(&row.time, spark));
        table.push(line);
    }
    table
}

fn of_time(time: &ProcTime, spark: Vec<f64>) -> [Cell; 13] {
    let share = if time.lifetime == 0 { 0.0 } else { time.busy() as f64 / time.lifetime as f64 };
    [
        Cell::Bar(share),
        Cell::Spark(spark),
        Cell::Duration(time.running),
        Cell::Duration(time.running_gc),
        Cell::Duration(time.running_runtime),
        Cell::Duration(time.syscall),
        Cell::Duration(time.scheduler),
        Cell::Duration(time.idle),
        if time.unknown == 0 { Cell::Nothing } else { Cell::Duration(time.unknown) },
        Cell::Count(time.starts),
        Cell::Count(time.stops),
        Cell::Count(time.thread_changes),
        Cell::Count(time.retakes),
    ]
}
