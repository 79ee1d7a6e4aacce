//! `goroscope latency`: how long goroutines that could run waited until they ran.

use super::{Answer, Asking, refused};
use crate::failure::Failure;
use crate::numbers;
use crate::table::{Cell, Column, Table};
use goroscope_analysis::{LatencyOptions, ReadyCause, SchedLatency, Spread, SpreadBucket, Words, WorstWait, latency};
use std::fmt::Write as _;

fn group_columns(words: &Words) -> [Column; 12] {
    [
        Column { title: words.function_title, name: "function" },
        Column { title: "Waits", name: "count" },
        Column { title: "Total", name: "ns" },
        Column { title: "Mean", name: "mean_ns" },
        Column { title: "Median", name: "p50_ns" },
        Column { title: "90 %", name: "p90_ns" },
        Column { title: "99 %", name: "p99_ns" },
        Column { title: "99.9 %", name: "p99_9_ns" },
        Column { title: "Longest", name: "max_ns" },
        Column { title: "Open", name: "open" },
        Column { title: "Open for", name: "open_ns" },
        Column { title: "1 ns … 1 s", name: "histogram" },
    ]
}

const CAUSES: [Column; 9] = [
    Column { title: "Cause", name: "cause" },
    Column { title: "Waits", name: "count" },
    Column { title: "Total", name: "ns" },
    Column { title: "Mean", name: "mean_ns" },
    Column { title: "Median", name: "p50_ns" },
    Column { title: "90 %", name: "p90_ns" },
    Column { title: "99 %", name: "p99_ns" },
    Column { title: "99.9 %", name: "p99_9_ns" },
    Column { title: "Longest", name: "max_ns" },
];

fn worst_columns(words: &Words) -> [Column; 7] {
    [
        Column { title: "Longest waits", name: "duration_ns" },
        Column { title: "From", name: "start_ns" },
        Column { title: "To", name: "end_ns" },
        Column { title: words.goroutine_title, name: "goroutine" },
        Column { title: "Function", name: "function" },
        Column { title: "Cause", name: "cause" },
        Column { title: "By", name: "by" },
    ]
}

/// Answers.
pub(super) fn answer(asking: &Asking<'_>, options: &LatencyOptions) -> Result<Answer, Failure> {
    let words = asking.words;
    let body = latency(asking.trace, asking.filter, options).map_err(|error| refused(&error))?;
    asking.answer(
        ("latency", 1),
        &body,
        |body| groups(body, words),
        |body, table| {
            let mut text = summary(body, words);
            for part in [causes(body, words), histogram(&body.histogram), worst(&body.worst, words)] {
                let _ = write!(text, "\n{}", part.aligned(asking.look));
            }
            format!("{text}\n{table}")
        },
    )
}

fn summary(body: &SchedLatency, words: &Words) -> String {
    let total = &body.total;
    format!(
        "{} of {} that could run: {} together, half up to {}, 99 % up to {}, the longest {}; {} more did not begin or end in the trace\n",
        numbers::counted(total.waits.count, "wait"),
        words.goroutines,
        numbers::duration(total.waits.ns as i64),
        numbers::duration(total.waits.p50 as i64),
        numbers::duration(total.waits.p99 as i64),
        numbers::duration(total.waits.max as i64),
        numbers::count(total.open),
    )
}

fn of_waits(waits: &Spread) -> [Cell; 8] {
    [
        Cell::Count(waits.count),
        Cell::Duration(waits.ns),
        Cell::Duration(waits.mean.round() as u64),
        Cell::Duration(waits.p50),
        Cell::Duration(waits.p90),
        Cell::Duration(waits.p99),
        Cell::Duration(waits.p99_9),
        Cell::Duration(waits.max),
    ]
}

/// Why something was ready, in the words of the trace.
fn cause(cause: ReadyCause, words: &Words) -> Cell {
    let name = match cause {
        ReadyCause::Unblocked if !words.has_collector() => "woken",
        ReadyCause::Syscall if !words.has_collector() => "blocking",
        ReadyCause::Created
        | ReadyCause::Unblocked
        | ReadyCause::Preempted
        | ReadyCause::Yielded
        | ReadyCause::Syscall
        | ReadyCause::Unknown => cause.name(),
    };
    Cell::Text(name.to_owned())
}

fn causes(body: &SchedLatency, words: &Words) -> Table {
    let mut table = Table::new(&CAUSES);
    for row in &body.causes {
        let mut cells = vec![cause(row.cause, words)];
        cells.extend(of_waits(&row.waits));
        table.push(cells);
    }
    table
}

fn groups(body: &SchedLatency, words: &Words) -> Table {
    let mut table = Table::new(&group_columns(words));
    for row in &body.groups.rows {
        let mut cells = vec![Cell::Text(row.label.clone())];
        cells.extend(of_waits(&row.sum.waits));
        cells.extend([Cell::Count(row.sum.open), Cell::Duration(row.sum.open_ns), spark(&row.histogram)]);
        table.push(cells);
    }
    table
}

/// Waits by powers of two, up to a second: as high as the root of how many, so that few are seen beside many.
fn spark(histogram: &[SpreadBucket]) -> Cell {
    let most = histogram.iter().map(|bucket| bucket.count).max().unwrap_or(1).max(1) as f64;
    let height = |power: u32| {
        let bucket = histogram.iter().find(|bucket| bucket.to == 2 << power);
        bucket.map_or(0.0, |bucket| (bucket.count as f64 / most).sqrt())
    };
    Cell::Spark((0..30).map(height).collect())
}

fn histogram(buckets: &[SpreadBucket]) -> Table {
    let mut table = Table::new(&[
        Column { title: "At least", name: "from_ns" },
        Column { title: "Below", name: "to_ns" },
        Column { title: "Waits", name: "count" },
        Column { title: "Total", name: "ns" },
        Column { title: "Share of waits", name: "share" },
    ]);
    let all: u64 = buckets.iter().map(|bucket| bucket.count).sum();
    for bucket in buckets {
        table.push(vec![
            Cell::Time(bucket.from as i64),
            Cell::Time(bucket.to as i64),
            Cell::Count(bucket.count),
            Cell::Duration(bucket.ns),
            Cell::Bar(bucket.count as f64 / all.max(1) as f64),
        ]);
    }
    table
}

fn worst(rows: &[WorstWait], words: &Words) -> Table {
    let mut table = Table::new(&worst_columns(words));
    for row in rows {
        table.push(vec![
            Cell::Duration(row.duration),
            Cell::Time(row.start),
            Cell::Time(row.end),
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(format!("{}{}", words.goroutine_letter, go.id))),
            row.go.as_ref().map_or(Cell::Nothing, |go| Cell::Text(go.function.clone())),
            cause(row.cause, words),
            row.by
                .as_ref()
                .map_or(Cell::Nothing, |go| Cell::Text(format!("{}{} {}", words.goroutine_letter, go.id, go.function))),
        ]);
    }
    table
}
