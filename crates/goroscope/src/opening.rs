//! From a name to a trace: reads it, understands it, and knows what is wrong with it.

use crate::cli::Reading;
use crate::demo::Demo;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::numbers;
use crate::packing::Packing;
use crate::progress::Progress;
use crate::sniff;
use anyhow::{Result, anyhow};
use goroscope_model::{OpenError, Severity, Trace};
use std::fmt::Write as _;
use std::path::Path;

/// Problems that are printed before "and more".
const SHOWN: usize = 5;

/// A trace and what it is called.
#[derive(Debug)]
pub struct Opened {
    /// The path as given, `standard input`, or the demo's name.
    pub name: String,
    /// The trace.
    pub trace: Trace,
    /// What is wrong with the packing of the file.
    pub problem: Option<String>,
}

/// Opens a file, or standard input for `-`.
pub fn open_file(reading: &Reading, path: &Path) -> Result<Opened, Failure> {
    let mut progress = Progress::new(reading);
    let input = input::read(path, &mut progress)?;
    Ok(understand(input, &mut progress)?)
}

/// Opens an embedded trace.
pub fn open_demo(reading: &Reading, which: Demo) -> Result<Opened, Failure> {
    let mut progress = Progress::new(reading);
    let input = input::embedded(which.name(), which.bytes())?;
    Ok(understand(input, &mut progress)?)
}

/// Reads the trace. The bytes of the file are given back before anything else happens.
fn understand(input: Input, progress: &mut Progress) -> Result<Opened> {
    let Input { name, bytes, packing, problem } = input;
    let total = bytes.len() as u64;
    let trace = Trace::read(&bytes, &mut |at| progress.report("reading", at.bytes, total))
        .map_err(|error| anyhow!("{name}: {}", refusal(error, &bytes, packing)))?;
    Ok(Opened { name, trace, problem })
}

/// Why these bytes are not read, and what to do.
pub fn refusal(error: OpenError, bytes: &[u8], packing: Option<Packing>) -> String {
    match error {
        OpenError::NotATrace => format!("not an execution trace: {}", sniff::describe(bytes, packing)),
        OpenError::OldVersion(minor) => old_version(minor),
        OpenError::NewVersion(minor) => format!(
            "the header says go 1.{minor}, a format that this goroscope does not know; look for a newer goroscope"
        ),
    }
}

fn old_version(minor: u16) -> String {
    let writer = if minor == 5 { "Go 1.5 or 1.6".to_owned() } else { format!("Go 1.{minor}") };
    format!(
        "the header says go 1.{minor}: written by {writer}, in a format older than that of Go 1.11, which is the oldest \
         that goroscope reads; record it with a newer Go, or use the go tool trace of that release"
    )
}

/// What is wrong with the file in a line, if anything is.
pub fn verdict(opened: &Opened) -> Option<String> {
    let diagnostics = opened.trace.diagnostics();
    let count = diagnostics.len() + usize::from(opened.problem.is_some());
    if count == 0 {
        return None;
    }
    let problems =
        if count == 1 { "1 problem".to_owned() } else { format!("{} problems", numbers::count(count as u64)) };
    let serious =
        opened.problem.is_some() || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss);
    if !serious {
        return Some(format!("{}: {problems}, but nothing is lost\n", opened.name));
    }
    let bytes: u64 = diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
    let share = numbers::percent(bytes, opened.trace.file_bytes());
    let lost = if bytes == 0 { String::new() } else { format!(", {} ({share}) lost", numbers::bytes(bytes)) };
    Some(format!("{}: the trace is damaged: {problems}{lost}; what could be read is shown\n", opened.name))
}

/// The verdict and the first problems.
pub fn damage(opened: &Opened) -> Option<String> {
    let mut text = verdict(opened)?;
    let mut lines = opened.problem.iter().cloned().chain(opened.trace.diagnostics().iter().map(ToString::to_string));
    for line in lines.by_ref().take(SHOWN) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {line}");
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(text, "  and {} more; goroscope info lists all", numbers::count(more as u64));
    }
    Some(text)
}
