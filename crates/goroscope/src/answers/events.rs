//! `goroscope events`: what happened, in order.

use super::{Answer, Asking};
use crate::console::{LongAnswer, Taker};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use anyhow::Context;
use goroscope_analysis::{Cursor, EventList, EventRow, EventTopic, Events, Words};

/// Rows that are asked for at a time.
const PAGE: usize = 4096;

fn columns(words: &Words) -> [Column; 11] {
    [
        Column { title: "Time", name: "ts_ns" },
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: words.function_title, name: "function" },
        Column { title: "What", name: "text" },
        Column { title: "For", name: "dur_ns" },
        Column { title: "By", name: "cause" },
        Column { title: "At", name: "leaf" },
        Column { title: words.proc_title, name: "proc" },
        Column { title: "Thread", name: "thread" },
        Column { title: words.user_task_title, name: "task" },
        Column { title: "Kind", name: "topic" },
    ]
}

/// Answers. As CSV, what there is is printed page by page, because it may be long; the rest of it is the answer.
pub(super) fn answer(
    asking: &Asking<'_>,
    topics: &[EventTopic],
    (offset, limit): (usize, usize),
) -> Result<Answer, Failure> {
    let mut list = EventList::new(asking.trace, asking.filter, topics);
    let first = Cursor { skip: offset, ..list.first() };
    if asking.format.csv {
        return csv(&mut list, (first, limit), asking.words);
    }
    let body = list.page(first, limit);
    asking.answer(
        ("events", 1),
        &body,
        |body| table(&body.rows, asking.words),
        |body, table| format!("{table}{}", more(body, offset)),
    )
}

fn csv(list: &mut EventList<'_>, (first, limit): (Cursor, usize), words: &Words) -> Result<Answer, Failure> {
    let mut printed = LongAnswer::new();
    printed.text.extend_from_slice(table(&[], words).csv().as_bytes());
    let (mut left, mut next) = (limit, Some(first));
    while let (Some(from), 1..) = (next, left) {
        let page = list.page(from, left.min(PAGE));
        left -= page.rows.len();
        next = page.next;
        printed.text.extend_from_slice(table(&page.rows, words).csv_rows().as_bytes());
        if printed.go_on().context("standard output")? == Taker::Gone {
            return Ok(Answer { text: String::new() });
        }
    }
    printed.flush().context("standard output")?;
    Ok(Answer { text: String::new() })
}

fn more(body: &Events, offset: usize) -> String {
    let Some(next) = body.next else { return String::new() };
    let count = |number: usize| numbers::count(number as u64);
    let shown = match offset {
        0 => format!("the first {}", count(body.rows.len())),
        _ => format!("{} to {}", count(offset + 1), count(offset + body.rows.len())),
    };
    format!("\nThese are {shown}; more from {} on: use --limit, --offset or --from\n", numbers::duration(next.ts))
}

fn table(rows: &[EventRow], words: &Words) -> Table {
    let mut table = Table::new(&columns(words));
    let or_nothing = |text: Option<String>| text.map_or(Cell::Nothing, Cell::Text);
    for row in rows {
        table.push(vec![
            Cell::Time(row.ts),
            or_nothing(row.go.as_ref().map(|go| format!("{}{}", words.goroutine_letter, go.id))),
            or_nothing(row.go.as_ref().map(|go| go.function.clone()).filter(|function| !function.is_empty())),
            Cell::Text(row.text.clone()),
            row.dur.map_or(Cell::Nothing, Cell::Duration),
            or_nothing(row.cause.as_ref().map(|go| format!("{}{}", words.goroutine_letter, go.id))),
            or_nothing(row.stack.first().map(|frame| frame.function.clone())),
            or_nothing(row.proc.map(|proc| proc.id.to_string())),
            or_nothing(row.thread.map(|thread| thread.id.to_string())),
            or_nothing(row.task.as_ref().map(|task| format!("#{}", task.id))),
            Cell::Text(row.topic.to_string()),
        ]);
    }
    table
}
