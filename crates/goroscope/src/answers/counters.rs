//! `goroscope counters`: values over time that a Rust program or its recorder told.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{CounterRow, Counters, counters};

const COLUMNS: [Column; 8] = [
    Column { title: "Counter", name: "name" },
    Column { title: "", name: "unit" },
    Column { title: "Values", name: "points" },
    Column { title: "Least", name: "min" },
    Column { title: "Mean", name: "mean" },
    Column { title: "Most", name: "max" },
    Column { title: "Last", name: "last" },
    Column { title: "Over time", name: "over_time" },
];

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, cells: usize) -> Result<Answer, Failure> {
    let body = counters(asking.trace, asking.filter, cells).map_err(|error| refused(&error))?;
    asking.answer(("counters", 1), &body, table, |body, table| match body.rows.len() {
        0 => "no counters are in this trace\n".to_owned(),
        count => format!("{}\n\n{table}", numbers::counted(count as u64, "counter")),
    })
}

fn table(body: &Counters) -> Table {
    let mut table = Table::new(&COLUMNS);
    for row in &body.rows {
        let number = |value: Option<i64>| value.map_or(Cell::Nothing, |value| Cell::Text(value.to_string()));
        let mean = row.mean.map_or(Cell::Nothing, |mean| Cell::Text(rounded(mean)));
        table.push(vec![
            Cell::Text(row.name.clone()),
            if row.unit.is_empty() { Cell::Nothing } else { Cell::Text(row.unit.to_owned()) },
            Cell::Count(row.points),
            number(row.min),
            mean,
            number(row.max),
            number(row.last),
            Cell::Spark(spark(row)),
        ]);
    }
    table
}

/// The largest value of each cell as a part of the largest of all.
fn spark(row: &CounterRow) -> Vec<f64> {
    let most = row.max.unwrap_or(0).max(1) as f64;
    row.most.iter().map(|value| value.map_or(0.0, |value| value as f64 / most)).collect()
}

fn rounded(mean: f64) -> String {
    let text = format!("{mean:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
