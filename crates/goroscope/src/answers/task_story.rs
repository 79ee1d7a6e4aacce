//! `goroscope tasks --id`: one task as a tree on one timeline.

use super::{Answer, Asking, class_time};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use anyhow::anyhow;
use goroscope_analysis::{StoryKind, StoryRow, TaskStory, Words, class_name, find_task, marking_frame, task_story};
use std::fmt::Write as _;

/// Goroutines that people are shown.
const GOROUTINES: usize = 10;

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, id: u64, offset: usize, limit: usize) -> Result<Answer, Failure> {
    let story = find_task(asking.trace, id).and_then(|task| task_story(asking.trace, task, offset, limit));
    let body = story.ok_or_else(|| anyhow!("no task has the id {id} in this trace"))?;
    let table =
        |body: &TaskStory| if asking.format.csv { csv_table(asking.words, body) } else { tree(asking.words, body) };
    asking.answer(("task", 1), &body, table, |body, table| text(asking, body, &table))
}

fn csv_columns(words: &Words) -> [Column; 9] {
    [
        Column { title: "Start", name: "start_ns" },
        Column { title: "Since", name: "since_ns" },
        Column { title: "Duration", name: "duration_ns" },
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: "Depth", name: "depth" },
        Column { title: "Kind", name: "kind" },
        Column { title: "What", name: "name" },
        Column { title: "Category", name: "category" },
        Column { title: "Place", name: "place" },
    ]
}

fn csv_table(words: &Words, body: &TaskStory) -> Table {
    let mut table = Table::new(&csv_columns(words));
    for row in &body.rows {
        table.push(vec![
            Cell::Time(row.start),
            row.since.map_or(Cell::Nothing, Cell::Time),
            Cell::Duration((row.end - row.start) as u64),
            class_time::go(words, row.go.as_ref()),
            Cell::Count(row.depth.into()),
            Cell::Text(kind(row.kind).to_owned()),
            Cell::Text(row.name.clone()),
            Cell::Text(row.category.clone()),
            place(row),
        ]);
    }
    table
}

/// The same for people: what stands in something is moved to the right, not counted.
fn tree(words: &Words, body: &TaskStory) -> Table {
    let columns = [0, 1, 2, 3, 6, 8].map(|column| csv_columns(words)[column]);
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let duration = match row.kind {
            StoryKind::Log => Cell::Nothing,
            StoryKind::Task | StoryKind::Region => Cell::Duration((row.end - row.start) as u64),
        };
        table.push(vec![
            Cell::Time(row.start),
            row.since.map_or(Cell::Nothing, Cell::Time),
            duration,
            class_time::go(words, row.go.as_ref()),
            Cell::Text(format!("{}{}", "  ".repeat(row.depth.min(20) as usize), what(row))),
            place(row),
        ]);
    }
    table
}

fn kind(kind: StoryKind) -> &'static str {
    match kind {
        StoryKind::Task => "task",
        StoryKind::Region => "region",
        StoryKind::Log => "log",
    }
}

/// `region "parse"`, `log status: 200`
fn what(row: &StoryRow) -> String {
    let open = match (row.open_start, row.open_end) {
        (false, false) => "",
        (true, false) => " (begins before the trace)",
        (false, true) => " (does not end in the trace)",
        (true, true) => " (neither begins nor ends in the trace)",
    };
    match row.kind {
        StoryKind::Task => {
            let id = row.task.as_ref().map_or(0, |task| task.id);
            format!("task {:?} #{id}{open}", row.name)
        }
        StoryKind::Region => format!("region {:?}{open}", row.name),
        StoryKind::Log if row.category.is_empty() => format!("log {:?}", row.name),
        StoryKind::Log => format!("log {}: {:?}", row.category, row.name),
    }
}

/// Where the program stood, without the functions that mark on its behalf.
fn place(row: &StoryRow) -> Cell {
    let frame = marking_frame(&row.stack);
    frame.map_or(Cell::Nothing, |frame| Cell::Text(goroscope_analysis::place(&frame.function, frame.line)))
}

fn text(asking: &Asking<'_>, body: &TaskStory, rows: &str) -> String {
    let (task, words) = (&body.task, asking.words);
    let mut text = String::new();
    let duration = numbers::duration(task.duration as i64);
    let (from, to) = (numbers::duration(task.start), numbers::duration(task.end));
    let lasts = match (task.open_start, task.open_end) {
        (false, false) => format!("lasts {duration}, from {from} to {to}"),
        (true, false) => format!("began before the trace and ends at {to}"),
        (false, true) => format!("begins at {from} and does not end in the trace"),
        (true, true) => "neither begins nor ends in the trace".to_owned(),
    };
    let _ = writeln!(text, "{} {:?} #{} {lasts}", words.user_task_title, task.name, task.id);
    if let Some(parent) = &task.parent {
        let _ = writeln!(text, "It is part of {:?} #{}", parent.name, parent.id);
    }
    let _ = writeln!(text, "\nWhere its time went\n");
    let mut wall = Table::new(&[
        Column { title: "State", name: "state" },
        Column { title: "Reason", name: "reason" },
        Column { title: "Time", name: "ns" },
        Column { title: "Share", name: "share" },
        Column { title: "", name: "bar" },
    ]);
    let nobody = format!("No {} takes part", words.goroutine);
    for row in &body.wall {
        let state = row.class.map_or(nobody.as_str(), |class| class_name(class).label);
        wall.push(vec![
            Cell::Text(state.to_owned()),
            if row.reason.is_empty() { Cell::Nothing } else { Cell::Text(row.reason.clone()) },
            Cell::Duration(row.ns),
            Cell::Share(row.share),
            Cell::Bar(row.share),
        ]);
    }
    text += &wall.aligned(asking.look);
    let total = body.goroutines_total;
    let first = if total > GOROUTINES { format!(", the first {GOROUTINES}") } else { String::new() };
    let _ = writeln!(text, "\n{} that take part: {}{first}\n", words.goroutines_title, numbers::count(total as u64));
    text += &goroutines(asking, body).aligned(asking.look);
    let shown = class_time::shown(body.offset, body.rows.len(), body.total);
    let _ = write!(
        text,
        "\n{}, regions and messages: {}{shown}\n\n{rows}",
        words.user_tasks_title,
        numbers::count(body.total as u64)
    );
    text
}

fn goroutines(asking: &Asking<'_>, body: &TaskStory) -> Table {
    let words = asking.words;
    let mut columns = vec![
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: "Function", name: "function" },
        Column { title: "From", name: "start_ns" },
        Column { title: "To", name: "end_ns" },
    ];
    columns.extend(class_time::COLUMNS);
    columns.push(Column { title: "Waits", name: "reasons" });
    let mut table = Table::new(&columns);
    let shown = &body.goroutines[..body.goroutines.len().min(GOROUTINES)];
    for row in shown {
        let function = row.go.as_ref().map_or("", |go| &go.function);
        let mut cells = vec![
            class_time::go(words, row.go.as_ref()),
            Cell::Text(function.to_owned()),
            Cell::Time(row.start),
            Cell::Time(row.end),
        ];
        cells.extend(class_time::cells(asking, &row.time, shown.iter().map(|row| &row.time)));
        cells.push(class_time::reasons(&row.reasons));
        table.push(cells);
    }
    table
}
