//! `goroscope logs`: what the program logged into the trace.

use super::{Answer, Asking, class_time, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{LogQuery, Logs, Words, logs, marking_frame, place};

fn columns(words: &Words) -> [Column; 6] {
    [
        Column { title: "Time", name: "ts_ns" },
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: words.user_task_title, name: "task" },
        Column { title: "Category", name: "category" },
        Column { title: "Message", name: "message" },
        Column { title: "Place", name: "place" },
    ]
}

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, query: &LogQuery) -> Result<Answer, Failure> {
    let body = logs(asking.trace, asking.filter, query).map_err(|error| refused(&error))?;
    asking.answer(
        ("logs", 1),
        &body,
        |body| table(asking.words, body),
        |body, table| {
            let shown = class_time::shown(body.offset, body.rows.len(), body.total);
            format!("{}{shown}\n\n{table}", numbers::counted(body.total as u64, "message"))
        },
    )
}

fn table(words: &Words, body: &Logs) -> Table {
    let mut table = Table::new(&columns(words));
    for row in &body.rows {
        // The functions that log on behalf of the program say nothing.
        let frame = marking_frame(&row.stack);
        table.push(vec![
            Cell::Time(row.ts),
            class_time::go(words, row.go.as_ref()),
            class_time::task(row.task.as_ref()),
            Cell::Text(row.category.clone()),
            Cell::Text(row.message.clone()),
            frame.map_or(Cell::Nothing, |frame| Cell::Text(place(&frame.function, frame.line))),
        ]);
    }
    table
}
