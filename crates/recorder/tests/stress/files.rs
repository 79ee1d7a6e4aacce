//! Reads files with the strict reader and with Go's tools, and compares them with what was expected.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::process::{Command, Stdio};

use goroscope_reader::{EventKind, GoState, Reader, Validator};

use crate::options::{Says, Tool};

/// Numbers that a file is about.
pub type Facts = BTreeMap<String, u64>;

/// Reads a file that must be without fault.
pub fn read(bytes: &[u8]) -> Result<Facts, String> {
    let mut facts = Facts::new();
    let mut reader = Reader::new(bytes).map_err(|error| error.to_string())?;
    let mut validator = Validator::default();
    let (mut created, mut finished, mut runs, mut rises) = (0, 0, 0, 0_u64);
    let (mut left, mut events) = (0_u64, 0);
    while let Some(event) = reader.next() {
        validator.push(&event);
        // Versions of Go have seams of generations in different places.
        events += u64::from(!matches!(event.kind, EventKind::Sync { .. }));
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
    let counted = [("created", created), ("finished", finished), ("runs", runs), ("rises", rises), ("left", left)];
    for (key, value) in counted.into_iter().chain([("events", events)]) {
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
    while let Some(event) = reader.next() {
        events += u64::from(!matches!(event.kind, EventKind::Sync { .. }));
    }
    Ok(events)
}

/// Checks that what can be read of a file begins with all that can be read of its first part.
pub fn begins(bytes: &[u8], part: &[u8]) -> Result<(), String> {
    let [mut all, mut first] = [bytes, part].map(|bytes| Reader::new(bytes).unwrap());
    let mut at = 0;
    while let Some(expected) = next(&mut first) {
        let found = next(&mut all);
        if found.as_ref() != Some(&expected) {
            return Err(format!("event {at} is {found:?} with what follows, and {expected:?} without"));
        }
        at += 1;
    }
    Ok(())
}

/// The next event that is no seam of generations, in words.
fn next(reader: &mut Reader<'_>) -> Option<String> {
    loop {
        let event = reader.next()?;
        if !matches!(event.kind, EventKind::Sync { .. }) {
            return Some(format!("{event:?}"));
        }
    }
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
    let events = facts.get("events").copied().unwrap_or_default();
    ask(path, &bytes, events, tools)
}

/// Checks that Go's tools find so many events in a file, and say nothing else.
pub fn ask(path: &Path, bytes: &[u8], events: u64, tools: &[Tool]) -> Result<(), String> {
    for tool in tools.iter().filter(|tool| is_read_by(bytes, tool)) {
        let (theirs, trouble) = tool.events(path)?;
        if !trouble.is_empty() || theirs != events {
            return Err(format!("Go 1.{}: {theirs} events where there are {events}, {trouble}", tool.minor));
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
    /// How many events the tool finds, and what else it says. What it prints of each is not kept.
    pub fn events(&self, path: &Path) -> Result<(u64, String), String> {
        self.run(path).map_err(|error| format!("{}: {error}", self.path.display()))
    }

    fn run(&self, path: &Path) -> std::io::Result<(u64, String)> {
        let mut command = Command::new(&self.path);
        match self.says {
            Says::Events if self.minor < 24 => command.arg("-d=1"),
            Says::Events => command.arg("-d=parsed"),
            Says::Number => &mut command,
        };
        // A file, as nobody reads it until all events are there.
        let mut errors = tempfile::tempfile()?;
        command.arg(path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors.try_clone()?);
        let mut child = command.spawn()?;
        let printed = BufReader::new(child.stdout.take().unwrap());
        let events = match self.says {
            Says::Events => printed_events(printed)?,
            Says::Number => printed.lines().next().transpose()?.and_then(|line| line.parse().ok()).unwrap_or_default(),
        };
        let status = child.wait()?;
        let mut said = said_in(&mut errors)?;
        if !status.success() && said.is_empty() {
            said = status.to_string();
        }
        Ok((events, said))
    }
}

/// Every event has a line that begins with its thread; more lines of it do not.
fn printed_events(mut printed: impl BufRead) -> std::io::Result<u64> {
    let (mut events, mut line) = (0, Vec::new());
    while printed.read_until(b'\n', &mut line)? > 0 {
        let is_seam = line.split(|byte| *byte == b' ').nth(3) == Some(b"Sync");
        events += u64::from(line.starts_with(b"M=") && !is_seam);
        line.clear();
    }
    Ok(events)
}

/// The beginning of what was said, which may be long.
fn said_in(errors: &mut File) -> std::io::Result<String> {
    let mut said = Vec::new();
    errors.rewind()?;
    errors.take(4096).read_to_end(&mut said)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}
