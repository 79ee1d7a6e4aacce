//! `goroscope info`: what is in a file, for people and for programs.

use crate::numbers;
use crate::opening::Opened;
use anyhow::{Context, Result};
use goroscope_analysis::{self as analysis, DiagnosticRow, Info, Loss, LostTimeRow};
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(flatten)]
    info: Info,
    /// What is wrong with the packing of the file, or null.
    packing_problem: Option<&'a str>,
}

/// The whole answer, with the last line's end.
pub fn of(opened: &Opened, json: bool) -> Result<String> {
    let info = analysis::info(&opened.trace);
    if json {
        let named = Named { name: &opened.name, info, packing_problem: opened.problem.as_deref() };
        return Ok(serde_json::to_string_pretty(&named).context("cannot write the answer as JSON")? + "\n");
    }
    let mut text = format!("{}\n", opened.name);
    facts(&mut text, &info);
    counts(&mut text, &info);
    events(&mut text, &info);
    problems(&mut text, &info, opened.problem.as_deref());
    Ok(text)
}

/// Adds a line to a text. Writing to a string cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => { let _ = writeln!($text, $($argument)*); };
}

fn facts(text: &mut String, info: &Info) {
    let mut fact = |name: &str, value: String| {
        line!(text, "  {name:<14}{value}");
    };
    fact("format", format!("{} ({})", info.format, writer(&info.format)));
    fact("size", format!("{} ({} bytes), unpacked", numbers::bytes(info.bytes), numbers::count(info.bytes)));
    fact("duration", numbers::duration(info.duration));
    let wall = info.wall.map_or("not recorded (Go 1.25 and newer do)".to_owned(), |wall| {
        let start = i128::from(wall.sec) * 1_000_000_000 + i128::from(wall.nsec) - i128::from(wall.ts);
        match u64::try_from(start / 1_000_000_000) {
            Ok(sec) if start >= 0 => numbers::wall_clock(sec, (start % 1_000_000_000) as u32),
            Ok(_) | Err(_) => "before 1970".to_owned(),
        }
    });
    fact("started", wall);
    fact("GOMAXPROCS", info.gomaxprocs.map_or("not recorded".to_owned(), |count| count.to_string()));
    if let Some(lost) = lost(&info.loss, info.bytes) {
        fact("lost", lost);
    }
}

/// `4.1 kB (0.3 %), 2.50 ms, an unknown time at 2 places`, as far as something was lost of a file of so many bytes.
pub fn lost(loss: &Loss, of: u64) -> Option<String> {
    let bytes =
        (loss.bytes > 0).then(|| format!("{} ({})", numbers::bytes(loss.bytes), numbers::percent(loss.bytes, of)));
    let time = (loss.time > 0).then(|| numbers::duration(loss.time));
    let unknown = match loss.unknown_times {
        0 => None,
        1 => Some("an unknown time".to_owned()),
        many => Some(format!("an unknown time at {} places", numbers::count(many))),
    };
    let parts: Vec<String> = [bytes, time, unknown].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Which releases of Go write a format.
fn writer(format: &str) -> &'static str {
    match format {
        "go 1.11" => "written by Go 1.11 to 1.18",
        "go 1.19" => "written by Go 1.19 and 1.20",
        "go 1.21" => "written by Go 1.21",
        "go 1.22" => "written by Go 1.22",
        "go 1.23" => "written by Go 1.23 and 1.24",
        "go 1.25" => "written by Go 1.25",
        "go 1.26" => "written by Go 1.26 and 1.27",
        _ => "not known",
    }
}

fn counts(text: &mut String, info: &Info) {
    let counts = &info.counts;
    let rows = [
        ("events", counts.events),
        ("goroutines", counts.goroutines),
        ("functions", counts.groups),
        ("procs", counts.procs),
        ("threads", counts.threads),
        ("generations", counts.generations),
        ("ranges", counts.ranges),
        ("tasks", counts.tasks),
        ("regions", counts.regions),
        ("logs", counts.logs),
        ("CPU samples", counts.samples),
        ("experimental", counts.experimental),
    ];
    let unknown = (counts.unknown > 0).then_some(("unknown", counts.unknown));
    line!(text, "\ncontains");
    for (name, count) in rows.into_iter().chain(unknown) {
        line!(text, "  {name:<14}{:>15}", numbers::count(count));
    }
}

fn events(text: &mut String, info: &Info) {
    let all: u64 = info.events.iter().map(|event| event.bytes).sum();
    line!(text, "\n{:<24}{:>15}{:>15}{:>9}", "records by kind", "count", "bytes", "share");
    for event in &info.events {
        let (count, bytes) = (numbers::count(event.count), numbers::count(event.bytes));
        line!(text, "  {:<22}{count:>15}{bytes:>15}{:>9}", event.name, numbers::percent(event.bytes, all));
    }
    for experiment in &info.experiments {
        let (batches, bytes) = (numbers::count(experiment.batches), numbers::bytes(experiment.bytes));
        line!(text, "  experiment {}: {batches} batches, {bytes}", experiment.experiment);
    }
}

fn problems(text: &mut String, info: &Info, packing: Option<&str>) {
    if info.diagnostics.is_empty() && packing.is_none() {
        line!(text, "\nproblems: none");
        return;
    }
    let count = info.diagnostics.len() + usize::from(packing.is_some());
    line!(text, "\nproblems: {}", numbers::count(count as u64));
    if let Some(packing) = packing {
        line!(text, "  {packing}");
    }
    for problem in &info.diagnostics {
        line!(text, "  {}", problem_line(problem));
    }
}

/// A problem in a line.
pub fn problem_line(problem: &DiagnosticRow) -> String {
    let bytes = (problem.lost_bytes > 0).then(|| numbers::bytes(problem.lost_bytes));
    let time = problem.lost_time.and_then(|time| match time {
        LostTimeRow::Between(from, to) => (to > from).then(|| numbers::duration(to - from)),
        LostTimeRow::Unknown(_) => Some("an unknown time".to_owned()),
    });
    let parts: Vec<String> = [bytes, time].into_iter().flatten().collect();
    let lost = if parts.is_empty() { String::new() } else { format!(" ({} lost)", parts.join(" and ")) };
    format!("{}: {}{lost}", problem.severity, problem.text)
}
