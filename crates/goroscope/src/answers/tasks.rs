//! `goroscope tasks`: the types of user tasks, the tasks, or one of them.

use super::{Answer, Asking, class_time, refused, task_story};
use crate::cli::listing::TaskQuestion;
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{TaskTypes, Tasks, Words, task_types, tasks};

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, question: &TaskQuestion) -> Result<Answer, Failure> {
    match question {
        TaskQuestion::Types(paging) => {
            let body = task_types(asking.trace, asking.filter, paging).map_err(|error| refused(&error))?;
            asking.answer(
                ("task_types", 1),
                &body,
                |body| type_table(asking.words, body),
                |body, table| {
                    let shown = class_time::shown(body.offset, body.rows.len(), body.total);
                    let tasks = numbers::counted(body.tasks, asking.words.user_task);
                    let task = asking.words.user_task;
                    let types = numbers::counted(body.total as u64, "type");
                    let regions = numbers::counted(body.background.regions, "region");
                    let logs = numbers::counted(body.background.logs, "message");
                    format!("{tasks} of {types}{shown}; of no {task}: {regions}, {logs}\n\n{table}")
                },
            )
        }
        TaskQuestion::List(query) => {
            let body = tasks(asking.trace, asking.filter, query).map_err(|error| refused(&error))?;
            let table = |body: &Tasks| list_table(asking, body);
            asking.answer(("tasks", 1), &body, table, |body, table| {
                let shown = class_time::shown(body.offset, body.rows.len(), body.total);
                format!("{}{shown}\n\n{table}", numbers::counted(body.total as u64, asking.words.user_task))
            })
        }
        TaskQuestion::One { id, offset, limit } => task_story::answer(asking, *id, *offset, *limit),
    }
}

fn type_table(words: &Words, body: &TaskTypes) -> Table {
    let mut columns = vec![
        Column { title: "Type", name: "type" },
        Column { title: words.user_tasks_title, name: "count" },
        Column { title: "Complete", name: "complete" },
        Column { title: "Open", name: "incomplete" },
        Column { title: "Total", name: "total_ns" },
        Column { title: "Peak", name: "peak" },
    ];
    columns.extend(class_time::LATENCY_COLUMNS);
    columns.extend([
        Column { title: "Histogram", name: "histogram" },
        Column { title: "Subtasks", name: "subtasks" },
        Column { title: "Regions", name: "regions" },
        Column { title: "Logs", name: "logs" },
    ]);
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![
            Cell::Text(row.name.clone()),
            Cell::Count(row.count),
            Cell::Count(row.complete),
            Cell::Count(row.incomplete),
            Cell::Duration(row.ns),
            Cell::Count(row.peak.into()),
        ];
        cells.extend(class_time::latencies(row.latency.as_ref()));
        cells.push(class_time::spark(&row.histogram));
        cells.extend([row.subtasks, row.regions, row.logs].map(Cell::Count));
        table.push(cells);
    }
    table
}

fn list_table(asking: &Asking<'_>, body: &Tasks) -> Table {
    let words = asking.words;
    let mut columns = vec![
        Column { title: words.user_task_title, name: "id" },
        Column { title: "Type", name: "type" },
        Column { title: "Parent", name: "parent" },
        Column { title: "Start", name: "start_ns" },
        Column { title: "End", name: "end_ns" },
        Column { title: "Duration", name: "duration_ns" },
        Column { title: "Open", name: "open" },
        Column { title: "Begun by", name: "go" },
        Column { title: "Ended by", name: "end_go" },
        Column { title: words.goroutines_title, name: "goroutines" },
        Column { title: "Subtasks", name: "subtasks" },
        Column { title: "Regions", name: "regions" },
        Column { title: "Logs", name: "logs" },
    ];
    columns.extend(class_time::COLUMNS);
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![
            Cell::Text(row.id.to_string()),
            Cell::Text(row.name.clone()),
            class_time::task(row.parent.as_ref()),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration),
            open((row.open_start, row.open_end)),
            class_time::go(words, row.go.as_ref()),
            class_time::go(words, row.end_go.as_ref()),
        ];
        cells.extend([row.goroutines as u64, row.subtasks, row.regions, row.logs].map(Cell::Count));
        cells.extend(class_time::cells(asking, &row.time, body.rows.iter().map(|row| &row.time)));
        table.push(cells);
    }
    table
}

/// Which ends of a task or region are not in the trace.
pub(super) fn open(ends: (bool, bool)) -> Cell {
    match ends {
        (false, false) => Cell::Nothing,
        (true, false) => Cell::Text("begin".to_owned()),
        (false, true) => Cell::Text("end".to_owned()),
        (true, true) => Cell::Text("begin, end".to_owned()),
    }
}
