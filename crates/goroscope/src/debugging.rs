//! `-d=MODE`: what is in a file, record by record, as `go tool trace` prints it.
//!
//! Of a damaged file everything is printed that can be read, where Go's tool ends at the first problem; the problems are
//! told on standard error, and the exit code says that there were any, as that of Go's tool does.

use crate::cli::Reading;
use crate::console::{self, LongAnswer, Taker};
use crate::failure::Failure;
use crate::input::{self, Content};
use crate::numbers;
use crate::progress::Progress;
use crate::sniff;
use anyhow::{Context, Result, anyhow};
use goroscope_model::{OpenError, ReadOptions, Severity, Version};
use goroscope_reader::listing::{Footprint, Parsed, RecordSizes, Wire};
use goroscope_reader::{Diagnostic, LostTime, ReadAhead, Reader, find_header, read_ahead};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;
use std::str::FromStr;

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The ordered events.
    Parsed,
    /// The records as they stand in the file.
    Wire,
    /// What the kinds of records take.
    Footprint,
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "parsed" => Ok(Self::Parsed),
            "wire" => Ok(Self::Wire),
            "footprint" => Ok(Self::Footprint),
            _ => Err(format!("invalid debug mode {word}, want one of: parsed, wire, footprint")),
        }
    }
}

/// Problems of records that are told one by one.
const MOST: usize = 1000;

/// Prints a file, or standard input for `-`.
pub fn run(reading: &Reading, mode: Mode, path: &Path) -> Result<(), Failure> {
    let input = input::open(path, reading.options())?;
    let name = input.name.clone();
    let mut progress = Progress::new(reading);
    let content = input.load(&mut |phase, done, total| progress.report(phase, done, total))?;
    drop(progress);
    let mut answer = LongAnswer::new();
    let printed = match mode {
        Mode::Parsed => parsed(&content.bytes, reading.options(), &mut answer),
        Mode::Wire => wire(&content.bytes, reading.options(), &mut answer),
        Mode::Footprint => footprint(&content.bytes, reading.options(), &mut answer),
    };
    let problems = match printed {
        Ok(problems) => problems,
        Err(Trouble::Open(error)) => {
            let reason = sniff::refusal(error, &content.bytes[..content.bytes.len().min(512)], None);
            return Err(anyhow!("{name}: {reason}").into());
        }
        Err(Trouble::Output(error)) => return Err(anyhow!(error).context("standard output").into()),
    };
    if answer.flush().context("standard output")? == Taker::Gone {
        return Ok(());
    }
    Ok(tell(&name, &content, &problems)?)
}

/// Why nothing more is printed.
enum Trouble {
    Open(OpenError),
    Output(std::io::Error),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

/// What is wrong with the file. Nothing, if nobody takes what is printed.
type Problems = Vec<Diagnostic>;

fn parsed(file: &[u8], options: ReadOptions, answer: &mut LongAnswer) -> Result<Problems, Trouble> {
    let zone = TimeZone::system();
    let offset = move |second| Timestamp::from_second(second).map_or(0, |at| zone.to_offset(at).seconds());
    read_ahead(file, options, ReadAhead::default(), |reader| {
        let mut listing = Parsed::new(reader, offset);
        while listing.next(&mut answer.text) {
            if answer.go_on()? == Taker::Gone {
                return Ok(Vec::new());
            }
        }
        Ok(listing.finish().diagnostics)
    })
    .map_err(Trouble::Open)?
}

/// A trace in the file: its bytes, where they begin, and the version that they are to be read as.
struct Part<'a> {
    bytes: &'a [u8],
    offset: u64,
    version: Version,
}

/// The traces in the file, and what is to be said of their begins. Most files hold one.
fn parts(file: &[u8], options: ReadOptions) -> Result<(Vec<Part<'_>>, Unreadable), Trouble> {
    let reader = Reader::open(file, options).map_err(Trouble::Open)?;
    let (header, read_as) = (reader.header_minor(), reader.version());
    let mut problems = Unreadable::default();
    if header != read_as.minor() {
        let message = format!("the header says go 1.{header}, which is not known: read as go 1.{}", read_as.minor());
        problems.told.push(Diagnostic::note(0, message));
    }
    if find_header(file, 1, file.len()).is_none() {
        return Ok((vec![Part { bytes: file, offset: 0, version: read_as }], problems));
    }
    let finished = reader.finish();
    let begins: Vec<u64> = finished.traces.iter().map(|trace| trace.offset).collect();
    let is_joint = |problem: &Diagnostic| problem.offset > 0 && begins.contains(&problem.offset);
    // Of several problems at one place, the begin of the trace is told first.
    let mut joints: Vec<Diagnostic> = finished.diagnostics.into_iter().filter(is_joint).collect();
    joints.dedup_by_key(|problem| problem.offset);
    problems.told.extend(joints);
    let ends = begins.iter().skip(1).copied().chain([file.len() as u64]);
    let parts = finished.traces.iter().zip(ends).map(|(trace, end)| {
        let bytes = file.get(trace.offset as usize..end as usize).unwrap_or_default();
        Part { bytes, offset: trace.offset, version: trace.version }
    });
    Ok((parts.collect(), problems))
}

fn wire(file: &[u8], options: ReadOptions, answer: &mut LongAnswer) -> Result<Problems, Trouble> {
    let (parts, mut problems) = parts(file, options)?;
    for part in parts {
        let mut printer = Wire::as_version(part.bytes, part.version);
        let mut start = printer.offset();
        while let Some(record) = printer.next(&mut answer.text) {
            let next = printer.offset();
            if let Err(error) = record {
                problems.add(part.offset + error.offset, next - start, &error);
            }
            start = next;
            if answer.go_on()? == Taker::Gone {
                return Ok(Vec::new());
            }
        }
    }
    Ok(problems.finish(file.len() as u64))
}

/// A table for each trace.
fn footprint(file: &[u8], options: ReadOptions, answer: &mut LongAnswer) -> Result<Problems, Trouble> {
    let (parts, mut problems) = parts(file, options)?;
    for part in parts {
        let mut records = RecordSizes::as_version(part.bytes, part.version);
        let mut footprint = Footprint::new(part.version, part.bytes.len() as u64);
        let mut start = records.offset();
        while let Some(record) = records.next() {
            let next = records.offset();
            match record {
                Ok(record) => footprint.add(record),
                Err(error) => problems.add(part.offset + error.offset, next - start, &error),
            }
            start = next;
        }
        if part.offset > 0 {
            answer.text.push(b'\n');
        }
        footprint.push_table(&mut answer.text);
    }
    Ok(problems.finish(file.len() as u64))
}

/// Stretches of the file that are no records.
#[derive(Default)]
struct Unreadable {
    told: Problems,
    more: u64,
    more_bytes: u64,
}

impl Unreadable {
    /// Some bytes cannot be read because of what is at `offset`.
    fn add(&mut self, offset: u64, lost_bytes: u64, why: &dyn std::fmt::Display) {
        if self.told.len() < MOST {
            let message = format!("{why}; what follows is left out up to the next batch");
            self.told.push(loss(offset, lost_bytes, message));
        } else {
            self.more += 1;
            self.more_bytes += lost_bytes;
        }
    }

    fn finish(mut self, end: u64) -> Problems {
        if self.more > 0 {
            self.told.push(loss(end, self.more_bytes, format!("{} more problems", numbers::count(self.more))));
        }
        self.told
    }
}

fn loss(offset: u64, lost_bytes: u64, message: String) -> Diagnostic {
    Diagnostic { lost_bytes, lost_time: LostTime::Unknown, ..Diagnostic::loss(offset, message) }
}

/// Tells what is wrong; an error if something could not be printed because of it.
fn tell(name: &str, content: &Content, problems: &[Diagnostic]) -> Result<()> {
    for problem in problems {
        let lost = match problem.lost_bytes {
            0 => String::new(),
            bytes => format!(" ({} lost)", numbers::bytes(bytes)),
        };
        console::tell(&format!("{name}: {problem}{lost}\n"));
    }
    if let Some(problem) = &content.problem {
        console::tell(&format!("{name}: {problem}\n"));
    }
    if content.problem.is_none() && problems.iter().all(|problem| problem.severity == Severity::Note) {
        return Ok(());
    }
    Err(anyhow!("{name}: the trace is damaged; what could be read was printed"))
}
