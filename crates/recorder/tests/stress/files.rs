//! Reads files with the strict reader and with Go's tools, and compares them with what was expected.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use goroscope_reader::{EventKind, GoState, Reader, Validator};

use crate::options::Tool;

/// Numbers that a file is about.
pub type Facts = BTreeMap<String, u64>;

/// Reads a file that must be without fault.
pub fn read(bytes: &[u8]) -> Result<Facts, String> {
    let mut facts = Facts::new();
    let mut reader = Reader::new(bytes).map_err(|error| error.to_string())?;
    let mut validator = Validator::default();
    let (mut created, mut finished, mut runs, mut rises) = (0, 0, 0, 0_u64);
    let mut left = 0_u64;
    while let Some(event) = reader.next() {
        validator.push(&event);
        let EventKind::Go { from, to, .. } = event.kind else { continue };
        match (from, to) {
            (GoState::NotExist, _) => {
                created += 1;
                left = left.wrapping_add(1);
            }
            (GoState::Running, GoState::NotExist) => {
                finished += 1;
                left = left.wrapping_sub(1);
            }
            (GoState::Runnable, GoState::Running) => runs += 1,
            (GoState::Waiting | GoState::Running, GoState::Runnable) => rises += 1,
            _ => {}
        }
    }
    let done = reader.finish();
    if !done.diagnostics.is_empty() {
        return Err(format!("{:?}", done.diagnostics));
    }
    let verdict = validator.finish(&done);
    if !verdict.is_valid() || verdict.misused_regions > 0 {
        return Err(format!("{:?}, {} misused regions", verdict.violations, verdict.misused_regions));
    }
    for (key, value) in [("created", created), ("finished", finished), ("runs", runs), ("rises", rises), ("left", left)]
    {
        facts.insert(key.to_owned(), value);
    }
    facts.insert("generations".to_owned(), done.generations.len() as u64);
    Ok(facts)
}

/// Reads what there is of a file that was cut short, which must not be worse than that; says how many events there are.
pub fn read_cut(bytes: &[u8]) -> Result<u64, String> {
    if bytes.len() < 16 {
        return Ok(0);
    }
    let mut reader = Reader::new(bytes).map_err(|error| error.to_string())?;
    let mut events = 0;
    while reader.next().is_some() {
        events += 1;
    }
    Ok(events)
}

/// Checks one file: without fault, as expected, and read by Go without a word.
pub fn check(path: &Path, expected: &Facts, tools: &[Tool]) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if expected.contains_key("cut") {
        return read_cut(&bytes).map(drop);
    }
    let facts = read(&bytes)?;
    for (key, value) in expected {
        if facts.get(key) != Some(value) {
            return Err(format!("{key} is {:?}, but the program counted {value}", facts.get(key)));
        }
    }
    for tool in tools.iter().filter(|tool| is_read_by(&bytes, tool)) {
        let (lines, trouble) = tool.events(path)?;
        if !trouble.is_empty() || lines == 0 {
            return Err(format!("Go 1.{}: {lines} lines, {trouble}", tool.minor));
        }
    }
    Ok(())
}

/// Whether the file's version is not newer than the tool.
pub fn is_read_by(bytes: &[u8], tool: &Tool) -> bool {
    let minor = bytes.get(5..7).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|text| text.parse().ok());
    minor.is_some_and(|minor: u64| tool.minor >= minor)
}

impl Tool {
    /// How many events the tool prints, and what else it says.
    pub fn events(&self, path: &Path) -> Result<(usize, String), String> {
        let mode = if self.minor < 24 { "-d=1" } else { "-d=parsed" };
        let mut command = Command::new(&self.path);
        command.arg(mode).arg(path).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("{}: {error}", self.path.display()))?;
        let lines = output.stdout.split(|byte| *byte == b'\n').count() - 1;
        let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() && said.is_empty() {
            said = output.status.to_string();
        }
        Ok((lines, said))
    }
}
