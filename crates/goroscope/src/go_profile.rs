//! `-pprof=TYPE`: the profiles of `go tool trace`, written as it writes them.
//!
//! Of a damaged trace everything counts that can be read, where Go's tool stops before the damage or refuses the trace.
//! Standard error says what is missing, and that Go's numbers are others; the exit code is 0 all the same.

use crate::cli::Reading;
use crate::console::LongAnswer;
use crate::failure::Failure;
use crate::input::{self, Content};
use crate::opening::Damage;
use crate::progress::Progress;
use crate::{console, sniff};
use anyhow::{Context, Result, anyhow};
use goroscope_analysis::Loss;
use goroscope_analysis::profile::{GoKind, go_profile};
use goroscope_profile::{Profile, encode};
use goroscope_reader::{ReadAhead, Severity, read_ahead};
use std::path::Path;

/// The kind that the flag names.
pub fn kind(name: &str) -> Result<GoKind> {
    GoKind::parse(name).ok_or_else(|| anyhow!("unknown pprof type {name}, want one of: net, sync, syscall, sched"))
}

/// Writes the profile of a file, or of standard input for `-`, to standard output.
pub fn run(reading: &Reading, kind: GoKind, path: &Path) -> Result<(), Failure> {
    let profile = read(reading, kind, None, path)?;
    let mut answer = LongAnswer::new();
    answer.text = encode(&profile);
    answer.flush().context("standard output")?;
    Ok(())
}

/// The profile of a file, of goroutines with this start function if there is a name; tells what is wrong with the file.
pub fn read(reading: &Reading, kind: GoKind, name: Option<&str>, path: &Path) -> Result<Profile> {
    let input = input::open(path, reading.options())?;
    let file = input.name.clone();
    let mut progress = Progress::new(reading);
    let Content { bytes, problem } = input.load(&mut |phase, done, total| progress.report(phase, done, total))?;
    drop(progress);
    let made = read_ahead(&bytes, reading.options(), ReadAhead::default(), |reader| go_profile(reader, kind, name))
        .map_err(|error| anyhow!("{file}: {}", sniff::refusal(error, &bytes[..bytes.len().min(512)], None)))?;
    let diagnostics = &made.finished.diagnostics;
    let stretches: Vec<(i64, i64)> = made.finished.lost.iter().map(|&(from, to)| (from.0, to.0)).collect();
    let loss = Loss::of(diagnostics, &stretches);
    let damage = Damage { name: &file, problem: problem.as_deref(), diagnostics, loss, file_bytes: bytes.len() as u64 };
    if let Some(text) = damage.verdict("counted") {
        console::tell(&text);
    }
    if problem.is_some() || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss) {
        console::note(reading, "go tool trace stops before the damage, or refuses the trace: its numbers are others");
    }
    made.profile.ok_or_else(|| match name {
        Some(name) => anyhow!("{file}: no goroutine starts with {name}"),
        None => anyhow!("{file}: no goroutine in this trace"),
    })
}
