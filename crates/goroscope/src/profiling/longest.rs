//! `goroscope profile --longest`: what a profile counts, one by one, each with its place on the timeline.

use crate::answers::as_json;
use crate::cli::asking::Format;
use crate::console;
use crate::failure::Failure;
use crate::numbers;
use crate::opening::Opened;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::profile::Places;
use goroscope_analysis::{Filter, Words};

fn columns(words: &Words) -> [Column; 9] {
    [
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: "Function", name: "function" },
        Column { title: "State", name: "state" },
        Column { title: "Reason", name: "reason" },
        Column { title: "Begin", name: "start_ns" },
        Column { title: "End", name: "end_ns" },
        Column { title: "Duration", name: "duration_ns" },
        Column { title: "In", name: "leaf" },
        Column { title: "Called by", name: "own" },
    ]
}

/// The states in the form that is asked for, with the name of the trace and the filter.
pub(super) fn text(found: &Places, format: Format, (opened, filter): (&Opened, &Filter)) -> Result<String, Failure> {
    if format.json {
        return as_json(("longest", 1), &opened.name, filter, found);
    }
    let table = table(Words::of(&opened.trace), found);
    if format.csv {
        return Ok(table.csv());
    }
    let (total, shown) = (found.total as u64, found.rows.len() as u64);
    let (count, all) = (numbers::count(total), numbers::duration(found.ns as i64));
    let head = match total {
        0 => return Ok("nothing that this profile counts\n".to_owned()),
        _ if shown == 0 => return Ok(format!("{count} that last {all} together\n")),
        _ if shown == total => format!("{count} that last {all} together"),
        _ => format!("{count} that last {all} together; the {} longest", numbers::count(shown)),
    };
    Ok(format!("{head}\n\n{}", table.aligned(console::look())))
}

fn table(words: &Words, found: &Places) -> Table {
    let text = |text: &str| if text.is_empty() { Cell::Nothing } else { Cell::Text(text.to_owned()) };
    let mut table = Table::new(&columns(words));
    for row in &found.rows {
        table.push(vec![
            Cell::Text(row.go.id.to_string()),
            text(&row.go.function),
            Cell::Text(row.state.to_owned()),
            text(&row.reason),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration as u64),
            row.leaf.as_ref().map_or(Cell::Nothing, |leaf| text(&leaf.name)),
            row.own.as_ref().map_or(Cell::Nothing, |own| text(&own.name)),
        ]);
    }
    table
}
