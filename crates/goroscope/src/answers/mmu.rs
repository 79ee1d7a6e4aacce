//! `goroscope mmu`: how little the collector left of the procs at worst.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{Mmu, MmuOptions, Words, WorstWindows, mmu};
use std::fmt::Write as _;

const CURVE: [Column; 6] = [
    Column { title: "Window", name: "window_ns" },
    Column { title: "Least", name: "mmu" },
    Column { title: "", name: "mmu_bar" },
    Column { title: "99.9 % reach", name: "p99_9" },
    Column { title: "99 % reach", name: "p99" },
    Column { title: "95 % reach", name: "p95" },
];

fn worst_columns(words: &Words) -> [Column; 4] {
    [
        Column { title: "Worst windows", name: "utilisation" },
        Column { title: "From", name: "start_ns" },
        Column { title: "To", name: "end_ns" },
        Column { title: words.proc_title, name: "proc" },
    ]
}

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, options: &MmuOptions) -> Result<Answer, Failure> {
    let body = mmu(asking.trace, asking.filter, options).map_err(|error| refused(&error))?;
    asking.answer(("mmu", 1), &body, curve, |body, table| {
        let mut text = summary(body, asking.words);
        if let Some(found) = &body.worst {
            let _ = write!(text, "\n{}", worst(found, asking.words).aligned(asking.look));
        }
        format!("{text}\n{table}")
    })
}

fn summary(body: &Mmu, words: &Words) -> String {
    let mean = body.mean.map_or("unknown".to_owned(), |mean| format!("{:.2} %", mean * 100.0));
    let seen = if body.gomaxprocs.known { "" } else { " seen, the trace does not say how many there are" };
    let procs = numbers::counted(body.gomaxprocs.value, words.proc);
    let mut text = format!("mutator utilisation {mean} in the mean; {procs}{seen}\n");
    if body.lost > 0 {
        let _ = writeln!(text, "{} are lost: no window reaches into that", numbers::duration(body.lost as i64));
    }
    text
}

fn curve(body: &Mmu) -> Table {
    let mut table = Table::new(&CURVE);
    let share = |share: Option<f64>| share.map_or(Cell::Nothing, Cell::Share);
    for point in &body.curve {
        table.push(vec![
            Cell::Time(point.window),
            share(point.mmu),
            point.mmu.map_or(Cell::Nothing, Cell::Bar),
            share(point.p99_9),
            share(point.p99),
            share(point.p95),
        ]);
    }
    table
}

fn worst(found: &WorstWindows, words: &Words) -> Table {
    let mut table = Table::new(&worst_columns(words));
    for row in &found.rows {
        table.push(vec![
            Cell::Share(row.utilisation),
            Cell::Time(row.start),
            Cell::Time(row.end),
            row.proc.map_or(Cell::Nothing, |proc| Cell::Count(proc.id)),
        ]);
    }
    table
}
