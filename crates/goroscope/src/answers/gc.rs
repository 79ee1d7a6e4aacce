//! `goroscope gc`: cycles of the garbage collector and stops of the world.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{AssistRow, Cycle, Gc, GcPhase, GcTable, OrderedPage, Stop, StopCause, Trigger, gc};
use std::fmt::Write as _;

const CYCLES: [Column; 23] = [
    Column { title: "Cycle", name: "number" },
    Column { title: "Begin", name: "start_ns" },
    Column { title: "End", name: "end_ns" },
    Column { title: "Duration", name: "duration_ns" },
    Column { title: "By", name: "forced" },
    Column { title: "Sweep term.", name: "sweep_termination_ns" },
    Column { title: "Mark", name: "mark_ns" },
    Column { title: "Mark term.", name: "mark_termination_ns" },
    Column { title: "Heap before", name: "heap_before_bytes" },
    Column { title: "Peak", name: "heap_peak_bytes" },
    Column { title: "After", name: "heap_after_bytes" },
    Column { title: "Goal", name: "goal_bytes" },
    Column { title: "Assists", name: "assists" },
    Column { title: "Assist time", name: "assist_ns" },
    Column { title: "Dedicated", name: "dedicated_ns" },
    Column { title: "Fractional", name: "fractional_ns" },
    Column { title: "Idle", name: "idle_ns" },
    Column { title: "Mode unknown", name: "unlabelled_ns" },
    Column { title: "Sweeps", name: "sweeps" },
    Column { title: "Sweep time", name: "sweep_ns" },
    Column { title: "Swept", name: "swept_bytes" },
    Column { title: "Freed", name: "reclaimed_bytes" },
    Column { title: "Procs taken", name: "gc_share" },
];

const STOPS: [Column; 8] = [
    Column { title: "Cause", name: "cause" },
    Column { title: "Begin", name: "start_ns" },
    Column { title: "End", name: "end_ns" },
    Column { title: "Duration", name: "duration_ns" },
    Column { title: "Cycle", name: "cycle" },
    Column { title: "Goroutine", name: "goroutine" },
    Column { title: "Function", name: "function" },
    Column { title: "By", name: "stack" },
];

const ASSISTS: [Column; 7] = [
    Column { title: "Goroutine", name: "goroutine" },
    Column { title: "Function", name: "function" },
    Column { title: "Assists", name: "count" },
    Column { title: "Time", name: "ns" },
    Column { title: "Running", name: "running_ns" },
    Column { title: "Longest", name: "longest_ns" },
    Column { title: "At", name: "longest_start_ns" },
];

const CAUSES: [Column; 6] = [
    Column { title: "Stops of the world", name: "cause" },
    Column { title: "Count", name: "count" },
    Column { title: "Total", name: "ns" },
    Column { title: "Median", name: "p50_ns" },
    Column { title: "99 %", name: "p99_ns" },
    Column { title: "Longest", name: "max_ns" },
];

/// What a filter by time means here.
const REACH: &str =
    "cycles, stops and assists that reach beyond the filter's times are whole; workers and shares are cut\n";

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, table: GcTable, page: &OrderedPage) -> Result<Answer, Failure> {
    let body = gc(asking.trace, asking.filter, table, page).map_err(|error| refused(&error))?;
    let rows = |body: &Gc| match table {
        GcTable::Cycles(_) => cycles(&body.cycles.rows),
        GcTable::Stops(_) => stops(&body.stops.rows),
        GcTable::Assists(_) => assists(&body.assists.rows),
    };
    asking.answer(("gc", 1), &body, rows, |body, table| {
        let reach = if asking.filter.from.is_some() || asking.filter.to.is_some() { REACH } else { "" };
        format!("{}{reach}\n{}\n{table}", summary(body), causes(&body.causes).aligned(asking.look))
    })
}

fn summary(body: &Gc) -> String {
    let total = &body.total;
    let mut text = format!(
        "{}, {} by the collector, {} together, {} the longest\n",
        numbers::counted(total.cycles, "cycle"),
        numbers::counted(total.pauses, "pause"),
        numbers::duration(total.pause_ns as i64),
        numbers::duration(total.longest_pause as i64),
    );
    let effort = &total.effort;
    let _ = writeln!(
        text,
        "workers: {} dedicated, {} fractional, {} idle; {} took {}",
        numbers::duration(effort.dedicated_ns as i64),
        numbers::duration(effort.fractional_ns as i64),
        numbers::duration(effort.idle_ns as i64),
        numbers::counted(effort.assists, "assist"),
        numbers::duration(effort.assist_ns as i64),
    );
    if let Some(share) = total.gc_share {
        let _ = writeln!(text, "{:.2} % of the time of all procs was taken from the program", share * 100.0);
    }
    let of = [(&body.cycles.rows.len(), body.cycles.total), (&body.stops.rows.len(), body.stops.total)];
    for (shown, all) in of {
        if *shown > 0 && *shown < all {
            let _ =
                writeln!(text, "{shown} of {} rows are listed: see --offset and --limit", numbers::count(all as u64));
        }
    }
    text
}

fn causes(causes: &[StopCause]) -> Table {
    let mut table = Table::new(&CAUSES);
    for row in causes {
        table.push(vec![
            Cell::Text(row.cause.clone()),
            Cell::Count(row.count),
            Cell::Duration(row.ns),
            Cell::Duration(row.p50),
            Cell::Duration(row.p99),
            Cell::Duration(row.max),
        ]);
    }
    table
}

fn cycles(rows: &[Cycle]) -> Table {
    let mut table = Table::new(&CYCLES);
    for row in rows {
        let phase = |phase: GcPhase| {
            let found = row.phases.iter().find(|one| one.phase == phase);
            found.map_or(Cell::Nothing, |phase| Cell::Duration((phase.end - phase.start) as u64))
        };
        let bytes = |bytes: Option<u64>| bytes.map_or(Cell::Nothing, Cell::Bytes);
        let effort = &row.effort;
        table.push(vec![
            Cell::Count(row.number),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration),
            row.forced.map_or(Cell::Nothing, |trigger: Trigger| Cell::Text(trigger.name().to_owned())),
            phase(GcPhase::SweepTermination),
            phase(GcPhase::Mark),
            phase(GcPhase::MarkTermination),
            bytes(row.heap_before),
            bytes(row.heap_peak),
            bytes(row.heap_after),
            bytes(row.goal),
            Cell::Count(effort.assists),
            Cell::Duration(effort.assist_ns),
            Cell::Duration(effort.dedicated_ns),
            Cell::Duration(effort.fractional_ns),
            Cell::Duration(effort.idle_ns),
            if effort.unlabelled_ns == 0 { Cell::Nothing } else { Cell::Duration(effort.unlabelled_ns) },
            Cell::Count(effort.sweeps),
            Cell::Duration(effort.sweep_ns),
            Cell::Bytes(effort.swept_bytes),
            Cell::Bytes(effort.reclaimed_bytes),
            row.gc_share.map_or(Cell::Nothing, Cell::Bar),
        ]);
    }
    table
}

fn stops(rows: &[Stop]) -> Table {
    let mut table = Table::new(&STOPS);
    for row in rows {
        // The first function that is not the runtime's says more than those inside it.
        let by = row.stack.iter().find(|frame| !frame.function.starts_with("runtime.")).or(row.stack.first());
        table.push(vec![
            Cell::Text(row.cause.clone()),
            Cell::Time(row.start),
            Cell::Time(row.end),
            Cell::Duration(row.duration),
            row.cycle.map_or(Cell::Nothing, Cell::Count),
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(format!("G{}", go.id))),
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(go.function.clone())),
            by.map_or(Cell::Nothing, |frame| Cell::Text(frame.function.clone())),
        ]);
    }
    table
}

fn assists(rows: &[AssistRow]) -> Table {
    let mut table = Table::new(&ASSISTS);
    for row in rows {
        table.push(vec![
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(format!("G{}", go.id))),
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(go.function.clone())),
            Cell::Count(row.count),
            Cell::Duration(row.ns),
            Cell::Duration(row.running_ns),
            Cell::Duration((row.longest.end - row.longest.start) as u64),
            Cell::Time(row.longest.start),
        ]);
    }
    table
}
