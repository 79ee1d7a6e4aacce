//! From a name to a trace: reads it, understands it, and says what is wrong with it.

use crate::cli::Reading;
use crate::console;
use crate::demo::Demo;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::numbers;
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
    let opened = understand(input, &mut progress)?;
    drop(progress);
    if let Some(text) = damage(&opened) {
        console::tell(&text);
    }
    Ok(opened)
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
    let trace = Trace::read(&bytes, &mut |at| progress.report("reading", at.bytes, total)).map_err(|error| {
        let reason = match error {
            OpenError::NotATrace => format!("not an execution trace: {}", sniff::describe(&bytes, packing)),
            OpenError::OldVersion(minor) => old_version(minor),
            OpenError::NewVersion(minor) => format!(
                "the header says go 1.{minor}, a format that this goroscope does not know; look for a newer goroscope"
            ),
        };
        anyhow!("{name}: {reason}")
    })?;
    Ok(Opened { name, trace, problem })
}

fn old_version(minor: u16) -> String {
    let writer = match minor {
        11 => "Go 1.11 to 1.18".to_owned(),
        19 => "Go 1.19 or 1.20".to_owned(),
        21 => "Go 1.21".to_owned(),
        other => format!("Go 1.{other}"),
    };
    format!(
        "the header says go 1.{minor}: written by {writer}, in the format before Go 1.22, which goroscope does not read \
         yet; record it with Go 1.22 or newer, or use go tool trace"
    )
}

/// The summary of what is wrong with the file, if anything is.
fn damage(opened: &Opened) -> Option<String> {
    let diagnostics = opened.trace.diagnostics();
    let lost = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Loss).count();
    if diagnostics.is_empty() && opened.problem.is_none() {
        return None;
    }
    let mut text = String::new();
    let count = diagnostics.len() + usize::from(opened.problem.is_some());
    let problems = if count == 1 { "problem" } else { "problems" };
    let verdict = if lost > 0 || opened.problem.is_some() {
        let bytes: u64 = diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
        let whole = opened.trace.file_bytes();
        format!(
            "damaged: {count} {problems}, {} ({}) lost; the rest is shown",
            numbers::bytes(bytes),
            numbers::percent(bytes, whole)
        )
    } else {
        format!("unusual in {count} places; nothing is lost")
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}: {verdict}", opened.name);
    let lines = opened.problem.iter().cloned().chain(diagnostics.iter().map(ToString::to_string));
    for line in lines.take(SHOWN) {
        let _ = writeln!(text, "  {line}");
    }
    if count > SHOWN {
        let _ = writeln!(text, "  and {} more; goroscope info lists all", numbers::count((count - SHOWN) as u64));
    }
    Some(text)
}
