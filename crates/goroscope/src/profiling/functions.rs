//! `goroscope profile --csv`: the functions of a profile as lines, with the numbers of `--json`.

use crate::table::{Cell, Column, Table};
use goroscope_analysis::profile::views::{Body, ProfileView};

const COLUMNS: [Column; 7] = [
    Column { title: "Function", name: "function" },
    Column { title: "File", name: "file" },
    Column { title: "Line", name: "line" },
    Column { title: "Type", name: "type" },
    Column { title: "Unit", name: "unit" },
    Column { title: "Flat", name: "flat" },
    Column { title: "Cum", name: "cum" },
];

/// A line for each function and type of value.
pub(super) fn csv(view: &ProfileView) -> String {
    let mut table = Table::new(&COLUMNS);
    let Body::Top(top) = &view.body else { return table.csv() };
    let value = |value: i64| Cell::Time(value);
    for row in &top.rows {
        for ((of, &flat), &cum) in view.types.iter().zip(&row.flat).zip(&row.cum) {
            table.push(vec![
                Cell::Text(row.name.clone()),
                Cell::Text(row.file.clone()),
                if row.line == 0 { Cell::Nothing } else { value(row.line) },
                Cell::Text(of.kind.clone()),
                Cell::Text(of.unit.clone()),
                value(flat),
                value(cum),
            ]);
        }
    }
    table.csv()
}
