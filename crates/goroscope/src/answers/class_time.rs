//! Columns that tables about goroutines have in common.

use super::Asking;
use crate::table::{Cell, Column};
use goroscope_analysis::{ClassTime, GoRef, Latency, ReasonShare, TaskRef, Words};

/// Columns of [`cells`].
pub(super) const COLUMNS: [Column; 12] = [
    Column { title: "Running", name: "running_ns" },
    Column { title: "Runnable", name: "runnable_ns" },
    Column { title: "Network", name: "network_ns" },
    Column { title: "Channel", name: "channel_ns" },
    Column { title: "Sync", name: "sync_ns" },
    Column { title: "Select", name: "select_ns" },
    Column { title: "Sleep", name: "sleep_ns" },
    Column { title: "GC wait", name: "gc_wait_ns" },
    Column { title: "Other wait", name: "other_wait_ns" },
    Column { title: "Syscall", name: "syscall_ns" },
    Column { title: "Blocked syscall", name: "syscall_blocked_ns" },
    Column { title: "Unknown", name: "unknown_ns" },
];

fn parts(time: &ClassTime) -> [u64; 12] {
    [
        time.running,
        time.runnable,
        time.network,
        time.channel,
        time.sync,
        time.select,
        time.sleep,
        time.gc_wait,
        time.other_wait,
        time.syscall,
        time.syscall_blocked,
        time.unknown,
    ]
}

/// What goroutines did, by class. People are not shown columns in which none of all rows has any time.
pub(super) fn cells<'a>(asking: &Asking<'_>, time: &ClassTime, all: impl Iterator<Item = &'a ClassTime>) -> [Cell; 12] {
    let mut shown = [asking.format.csv; 12];
    for time in all {
        for (shown, ns) in shown.iter_mut().zip(parts(time)) {
            *shown |= ns > 0;
        }
    }
    let mut shown = shown.into_iter();
    parts(time).map(|ns| if shown.next() == Some(true) { Cell::Duration(ns) } else { Cell::Nothing })
}

/// Columns of [`latencies`].
pub(super) const LATENCY_COLUMNS: [Column; 7] = [
    Column { title: "Min", name: "min_ns" },
    Column { title: "Mean", name: "mean_ns" },
    Column { title: "p50", name: "p50_ns" },
    Column { title: "p90", name: "p90_ns" },
    Column { title: "p95", name: "p95_ns" },
    Column { title: "p99", name: "p99_ns" },
    Column { title: "Max", name: "max_ns" },
];

/// How long the complete ones of a type last.
pub(super) fn latencies(latency: Option<&Latency>) -> [Cell; 7] {
    let of = |of: fn(&Latency) -> u64| latency.map_or(Cell::Nothing, |latency| Cell::Duration(of(latency)));
    [
        of(|latency| latency.min),
        of(|latency| latency.mean),
        of(|latency| latency.p50),
        of(|latency| latency.p90),
        of(|latency| latency.p95),
        of(|latency| latency.p99),
        of(|latency| latency.max),
    ]
}

/// A histogram as people see it: each bucket against the largest.
pub(super) fn spark(histogram: &[goroscope_analysis::LatencyBucket]) -> Cell {
    let most = histogram.iter().map(|bucket| bucket.count).max().unwrap_or(0).max(1);
    if histogram.is_empty() {
        return Cell::Nothing;
    }
    Cell::Spark(histogram.iter().map(|bucket| bucket.count as f64 / most as f64).collect())
}

/// `G17`
pub(super) fn go(words: &Words, go: Option<&GoRef>) -> Cell {
    go.map_or(Cell::Nothing, |go| Cell::Text(format!("{}{}", words.goroutine_letter, go.id)))
}

/// `request #3`
pub(super) fn task(task: Option<&TaskRef>) -> Cell {
    task.map_or(Cell::Nothing, |task| Cell::Text(format!("{} #{}", task.name, task.id).trim_start().to_owned()))
}

/// `sync 1.20 ms, sleep 100 µs`
pub(super) fn reasons(reasons: &[ReasonShare]) -> Cell {
    let reason = |row: &ReasonShare| format!("{} {}", row.reason, crate::numbers::duration(row.ns as i64));
    Cell::list(reasons.iter().map(reason).collect())
}

/// `, of which the first 100 are shown`
pub(super) fn shown(offset: usize, rows: usize, total: usize) -> String {
    if rows == total {
        return String::new();
    }
    if rows == 0 {
        return format!(", none of them behind the first {offset}");
    }
    format!(", of which {} to {} are shown", offset + 1, offset + rows)
}
