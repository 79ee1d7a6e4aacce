//! `goroscope goroutine`: one goroutine in full.

use super::{Answer, Asking};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use anyhow::anyhow;
use goroscope_analysis::goroutine;
use goroscope_analysis::{
    FrameView, GoIdx, GoroutineDetails, Page, ReasonSpans, StateTime, WakeCount, class_name, own_frame, place,
};
use serde::Serialize;
use std::fmt::Write as _;

/// Every life of a goroutine's id.
#[derive(Serialize)]
struct Lives {
    /// By time: the runtime may have used the id again.
    lives: Vec<GoroutineDetails>,
}

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, id: u64) -> Result<Answer, Failure> {
    let rows = (0..).zip(asking.trace.goroutines()).filter(|(_, row)| row.id.0 == id).map(|(row, _)| GoIdx(row));
    let lives: Vec<GoroutineDetails> = rows.filter_map(|go| goroutine(asking.trace, go, Page::default())).collect();
    if lives.is_empty() {
        return Err(Failure::Trouble(anyhow!(
            "no {} {id} in this trace; goroscope goroutines --list has them",
            asking.words.goroutine
        )));
    }
    asking.answer(
        ("goroutine", 1),
        &Lives { lives },
        |body| times(&body.lives),
        |body, _| body.lives.iter().map(|life| text(asking, life)).collect::<Vec<_>>().join("\n"),
    )
}

/// What all lives did, for programs.
fn times(lives: &[GoroutineDetails]) -> Table {
    let names =
        ["lane", "state", "reason", "time_ns", "spans", "p50_ns", "p90_ns", "p99_ns", "longest_ns", "longest_at_ns"];
    let mut table = Table::new(&names.map(|name| Column { title: name, name }));
    for life in lives {
        for row in &life.time {
            table.push([vec![Cell::Text(life.go.key.to_string())], of_class(row)].concat());
        }
        for row in &life.reasons {
            table.push([vec![Cell::Text(life.go.key.to_string())], of_reason(row)].concat());
        }
    }
    table
}

fn of_class(row: &StateTime) -> Vec<Cell> {
    let StateTime { class, ns, spans, p50, p90, p99, longest, longest_ts } = *row;
    let mut cells = vec![Cell::Text(class_name(class).key.to_owned()), Cell::Nothing];
    cells.extend([Cell::Duration(ns), Cell::Count(spans)]);
    cells.extend([p50, p90, p99, longest].map(Cell::Duration));
    cells.push(Cell::Time(longest_ts));
    cells
}

fn of_reason(row: &ReasonSpans) -> Vec<Cell> {
    let ReasonSpans { ref reason, class, ns, spans, p50, p90, p99, longest, longest_ts } = *row;
    let mut cells = of_class(&StateTime { class, ns, spans, p50, p90, p99, longest, longest_ts });
    cells[1] = Cell::Text(reason.clone());
    cells
}

/// For people.
fn text(asking: &Asking<'_>, life: &GoroutineDetails) -> String {
    let letter = asking.words.goroutine_letter;
    let mut text = String::new();
    let mut push = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<14}{value}");
    };
    let time = |ts: Option<i64>, else_: &str| ts.map_or_else(|| else_.to_owned(), numbers::duration);
    push("created", &time(life.created, "before the trace"));
    if let Some(creator) = &life.creator {
        push("by", &format!("{letter}{} {}{}", creator.id, creator.function, at(&life.creation_stack)));
    }
    push(
        "first run",
        &life.first_run.map_or_else(|| "not known".to_owned(), |ns| format!("{} later", numbers::duration(ns))),
    );
    push("ended", &time(life.ended, "not in the trace"));
    push("lifetime", &numbers::duration(life.lifetime));
    for range in &life.ranges {
        push(
            "",
            &format!("{} in {} × {}", numbers::duration(range.ns as i64), numbers::count(range.count), range.name),
        );
    }
    let created = format!("created {}", asking.words.goroutine);
    let counts = [
        (life.children_total, created.as_str()),
        (life.regions, "region"),
        (life.logs, "log message"),
        (life.samples, "CPU sample"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        push("", &numbers::counted(count as u64, what));
    }
    let head = format!("{letter}{} {} ({})", life.go.id, life.go.function, life.go.key);
    let states = states(life).aligned(asking.look);
    let mut text = format!("{head}\n{text}\n{states}");
    for (title, total, wakes) in
        [("Ended its waits", life.woken_by_total, &life.woken_by), ("Waited for it", life.woke_total, &life.woke)]
    {
        if total > 0 {
            let shown = wakes_table((title, letter), wakes).aligned(asking.look);
            let _ = write!(text, "\n{shown}");
        }
        if total > wakes.len() {
            let _ = writeln!(text, "… and {} more", numbers::count((total - wakes.len()) as u64));
        }
    }
    text
}

fn states(life: &GoroutineDetails) -> Table {
    let titles = ["State", "For", "Time", "Spans", "p50", "p90", "p99", "Longest", "At"];
    let mut table = Table::new(&titles.map(|title| Column { title, name: "" }));
    for row in &life.time {
        let mut cells = of_class(row);
        cells[0] = Cell::Text(class_name(row.class).label.to_owned());
        table.push(cells);
    }
    for row in &life.reasons {
        let mut cells = of_reason(row);
        cells[0] = Cell::Text("of these".to_owned());
        table.push(cells);
    }
    table
}

fn wakes_table((title, letter): (&'static str, &str), wakes: &[WakeCount]) -> Table {
    let titles = [title, "Waited", "Waits", "Longest", "At", "Mostly from"];
    let mut table = Table::new(&titles.map(|title| Column { title, name: "" }));
    for wake in wakes {
        let who = match &wake.go {
            Some(go) => format!("{letter}{} {}", go.id, go.function),
            None => wake.kind.key().to_owned(),
        };
        let place = wake
            .stack
            .first()
            .map_or(Cell::Nothing, |_| Cell::Text(at(&wake.stack).trim_start_matches(" at ").to_owned()));
        table.push(vec![
            Cell::Text(who),
            Cell::Duration(wake.waited),
            Cell::Count(wake.count),
            Cell::Duration(wake.longest),
            Cell::Time(wake.longest_ts),
            place,
        ]);
    }
    table
}

/// ` at main.worker:12`: the innermost frame of the program, else of the runtime.
fn at(stack: &[FrameView]) -> String {
    own_frame(stack).map_or_else(String::new, |frame| format!(" at {}", place(&frame.function, frame.line)))
}
