//! `goroscope threads`: what each thread did.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{CallFunction, ThreadTime, Threads, ThreadsOptions, Words, threads};

fn columns(words: &Words) -> [Column; 16] {
    [
        Column { title: "Thread", name: "thread" },
        Column { title: "Name", name: "name" },
        Column { title: "First seen", name: "start_ns" },
        Column { title: "Last seen", name: "end_ns" },
        Column { title: "Busy", name: "busy" },
        Column { title: words.running_title, name: "running_ns" },
        Column { title: "GC worker", name: "running_gc_ns" },
        Column { title: "Runtime", name: "running_runtime_ns" },
        Column { title: words.syscall_title, name: "syscall_ns" },
        Column { title: "Blocked syscall", name: "syscall_blocked_ns" },
        Column { title: "Scheduler", name: "scheduler_ns" },
        Column { title: "Idle", name: "idle_ns" },
        Column { title: "Off processor", name: "off_cpu_ns" },
        Column { title: if words.has_collector() { "Syscalls" } else { "Calls" }, name: "syscalls" },
        Column { title: "Longest", name: "longest_syscall_ns" },
        Column { title: "Most in", name: "function" },
    ]
}

const FUNCTIONS: [Column; 4] = [
    Column { title: "System calls", name: "function" },
    Column { title: "Count", name: "count" },
    Column { title: "Total", name: "ns" },
    Column { title: "Longest", name: "longest_ns" },
];

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, options: &ThreadsOptions) -> Result<Answer, Failure> {
    let body = threads(asking.trace, asking.filter, options).map_err(|error| refused(&error))?;
    asking.answer(
        ("threads", 1),
        &body,
        |body| table(asking.words, body),
        |body, table| {
            let (count, total) = (body.count as u64, &body.total);
            let existed = numbers::duration(total.lifetime as i64);
            let busy = numbers::percent(total.busy(), total.lifetime);
            let calls = functions(&body.functions).aligned(asking.look);
            // A Rust trace knows no system calls.
            let calls = if calls.trim().is_empty() { String::new() } else { format!("{calls}\n") };
            format!(
                "{}, which were there for {existed} together and ran {} for {busy} of it\n\n{calls}{table}",
                numbers::counted(count, "thread"),
                asking.words.goroutines,
            )
        },
    )
}

fn table(words: &Words, body: &Threads) -> Table {
    let mut table = Table::new(&columns(words));
    for row in &body.rows {
        let name = row.name.clone().map_or(Cell::Nothing, Cell::Text);
        let mut cells = vec![Cell::Text(row.thread.id.to_string()), name, Cell::Time(row.start), Cell::Time(row.end)];
        cells.extend(of_time(&row.time));
        let longest = row.longest_syscall.as_ref();
        cells.extend([
            row.off_cpu.map_or(Cell::Nothing, Cell::Duration),
            Cell::Count(row.time.syscalls),
            longest.map_or(Cell::Nothing, |call| Cell::Duration(call.duration)),
            row.functions.first().map_or(Cell::Nothing, |most| Cell::Text(most.function.clone())),
        ]);
        table.push(cells);
    }
    table
}

fn functions(rows: &[CallFunction]) -> Table {
    let mut table = Table::new(&FUNCTIONS);
    for row in rows {
        let name = if row.function.is_empty() { "(no stack)" } else { &row.function };
        table.push(vec![
            Cell::Text(name.to_owned()),
            Cell::Count(row.count),
            Cell::Duration(row.ns),
            Cell::Duration(row.longest),
        ]);
    }
    table
}

fn of_time(time: &ThreadTime) -> [Cell; 8] {
    let share = if time.lifetime == 0 { 0.0 } else { time.busy() as f64 / time.lifetime as f64 };
    [
        Cell::Bar(share),
        Cell::Duration(time.running),
        Cell::Duration(time.running_gc),
        Cell::Duration(time.running_runtime),
        Cell::Duration(time.syscall),
        Cell::Duration(time.syscall_blocked),
        Cell::Duration(time.scheduler),
        Cell::Duration(time.idle),
    ]
}
