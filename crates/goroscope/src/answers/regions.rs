//! `goroscope regions`: the types of user regions, or the regions.

use super::tasks::open;
use super::{Answer, Asking, class_time, refused};
use crate::cli::listing::RegionQuestion;
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{RangeTime, RegionTypes, Regions, region_types, regions};

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, question: &RegionQuestion) -> Result<Answer, Failure> {
    match question {
        RegionQuestion::Types(paging) => {
            let body = region_types(asking.trace, asking.filter, paging).map_err(|error| refused(&error))?;
            let table = |body: &RegionTypes| type_table(asking, body);
            asking.answer(("region_types", 1), &body, table, |body, table| {
                let shown = class_time::shown(body.offset, body.rows.len(), body.total);
                let regions = numbers::counted(body.regions, "region");
                let types = numbers::counted(body.total as u64, "type");
                format!("{regions} of {types}{shown}\n\n{table}")
            })
        }
        RegionQuestion::List(query) => {
            let body = regions(asking.trace, asking.filter, query).map_err(|error| refused(&error))?;
            let table = |body: &Regions| list_table(asking, body);
            asking.answer(("regions", 1), &body, table, |body, table| {
                let shown = class_time::shown(body.offset, body.rows.len(), body.total);
                format!("{}{shown}\n\n{table}", numbers::counted(body.total as u64, "region"))
            })
        }
    }
}

fn type_table(asking: &Asking<'_>, body: &RegionTypes) -> Table {
    let words = asking.words;
    let mut columns = vec![
        Column { title: "Type", name: "type" },
        Column { title: "Begun at", name: "at" },
        Column { title: "Regions", name: "count" },
        Column { title: "Complete", name: "complete" },
        Column { title: "Open", name: "incomplete" },
        Column { title: words.goroutines_title, name: "goroutines" },
        Column { title: "Total", name: "total_ns" },
        Column { title: "Self", name: "self_ns" },
    ];
    columns.extend(class_time::LATENCY_COLUMNS);
    columns.push(Column { title: "Histogram", name: "histogram" });
    columns.extend(class_time::COLUMNS);
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![
            Cell::Text(row.name.clone()),
            if row.at.is_empty() { Cell::Nothing } else { Cell::Text(row.at.clone()) },
            Cell::Count(row.count),
            Cell::Count(row.complete),
            Cell::Count(row.incomplete),
            Cell::Count(row.goroutines),
            Cell::Duration(row.ns),
            Cell::Duration(row.self_ns),
        ];
        cells.extend(class_time::latencies(row.latency.as_ref()));
        cells.push(class_time::spark(&row.histogram));
        cells.extend(class_time::cells(asking, &row.time, body.rows.iter().map(|row| &row.time)));
        table.push(cells);
    }
    table
}

fn list_table(asking: &Asking<'_>, body: &Regions) -> Table {
    let words = asking.words;
    let mut columns = vec![
        Column { title: "Type", name: "type" },
        Column { title: "Begun at", name: "at" },
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: words.user_task_title, name: "task" },
        Column { title: "Start", name: "start_ns" },
        Column { title: "End", name: "end_ns" },
        Column { title: "Duration", name: "duration_ns" },
        Column { title: "Open", name: "open" },
        Column { title: "Depth", name: "depth" },
        Column { title: "Self", name: "self_ns" },
    ];
    columns.extend(class_time::COLUMNS);
    columns.extend([Column { title: "Waits", name: "reasons" }, Column { title: "Ranges", name: "ranges" }]);
    let mut table = Table::new(&columns);
    for row in &body.rows {
        let mut cells = vec![
            Cell::Text(row.name.clone()),
            if row.at.is_empty() { Cell::Nothing } else { Cell::Text(row.at.clone()) },
            class_time::go(words, row.go.as_ref()),
            class_time::task(row.task.as_ref()),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration),
            open((row.open_start, row.open_end)),
            Cell::Count(row.depth.into()),
            Cell::Duration(row.self_ns),
        ];
        cells.extend(class_time::cells(asking, &row.time, body.rows.iter().map(|row| &row.time)));
        cells.extend([class_time::reasons(&row.reasons), ranges(&row.ranges)]);
        table.push(cells);
    }
    table
}

/// `GC mark assist 1.20 ms`
fn ranges(ranges: &[RangeTime]) -> Cell {
    let range = |range: &RangeTime| format!("{} {}", range.name, numbers::duration(range.ns as i64));
    Cell::list(ranges.iter().map(range).collect())
}
