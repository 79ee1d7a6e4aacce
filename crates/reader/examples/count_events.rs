//! Counts the events of a trace by kind, and says what of the file could not be read.
//!
//! `cargo run --release -p goroscope-reader --example count_events -- trace.out`
#![expect(clippy::print_stdout, reason = "a program")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use goroscope_reader::{EventKind, OpenError, Reader};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        println!("usage: count_events trace.out");
        return ExitCode::from(2);
    };
    let report = std::fs::read(&path).map_err(|error| error.to_string());
    match report.and_then(|file| report_on(&file).map_err(|error| format!("{error:?}"))) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// A line for each kind, the most frequent first; then a line for each problem of the file.
pub fn report_on(file: &[u8]) -> Result<String, OpenError> {
    let mut reader = Reader::new(file)?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    while let Some(event) = reader.next() {
        *counts.entry(name(&event.kind)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let mut report = format!("go 1.{} trace\n", reader.version().minor());
    for (name, count) in counts {
        let _ = writeln!(report, "{count:>10} {name}");
    }
    for problem in reader.finish().diagnostics {
        let _ = writeln!(report, "{problem}");
    }
    Ok(report)
}

/// Without a `_`: a kind that a later version brings is then a message of the compiler instead of a wrong number.
fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Sync { .. } => "sync",
        EventKind::Lost => "lost",
        EventKind::AnotherTrace => "another trace",
        EventKind::Metric { .. } => "metric",
        EventKind::Label { .. } => "label",
        EventKind::Sample => "CPU sample",
        EventKind::RangeBegin { .. } => "range begins",
        EventKind::RangeActive { .. } => "range is active",
        EventKind::RangeEnd { .. } => "range ends",
        EventKind::TaskBegin { .. } => "task begins",
        EventKind::TaskEnd { .. } => "task ends",
        EventKind::RegionBegin { .. } => "region begins",
        EventKind::RegionEnd { .. } => "region ends",
        EventKind::Log { .. } => "log",
        EventKind::Go { .. } => "goroutine changes its state",
        EventKind::Proc { .. } => "proc changes its state",
        EventKind::Experimental { .. } => "experimental",
        EventKind::Unknown { .. } => "of an unknown number",
    }
}
