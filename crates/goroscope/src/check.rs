//! `goroscope check-file`: whether a trace is whole, what was lost, and whether its events keep the rules.
//!
//! The events are read once and kept nowhere. The JSON is described in `docs/check-file.md`.

use crate::cli::Reading;
use crate::failure::Failure;
use crate::input::{self, Content};
use crate::numbers;
use crate::progress::Progress;
use crate::sniff;
use crate::summary::{lost, problem_line};
use anyhow::{Context, Result, anyhow};
use goroscope_analysis::{DiagnosticRow, Loss};
use goroscope_reader::{ClockSteps, ReadAhead, Severity, Validator, Violation, read_ahead};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// Number of the JSON's form.
const SCHEMA: u32 = 1;
/// Violations that are printed as text.
const SHOWN: usize = 20;
/// Events that are checked at a time, after which progress is reported.
const STEP: usize = 1 << 12;

/// What was found in a file.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    schema: u32,
    name: String,
    format: String,
    read_as: String,
    bytes: u64,
    verdict: &'static str,
    packing_problem: Option<String>,
    loss: Loss,
    lost: Vec<(i64, i64)>,
    diagnostics: Vec<DiagnosticRow>,
    validator: Found,
}

/// What the validator found.
#[derive(Clone, Debug, Serialize)]
struct Found {
    events: u64,
    violations: u64,
    first: Vec<ViolationRow>,
    clock_steps: Steps,
    misused_regions: u64,
}

#[derive(Clone, Debug, Serialize)]
struct ViolationRow {
    event: Option<u64>,
    ts: i64,
    thread: Option<u64>,
    rule: &'static str,
    message: String,
    text: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Steps {
    count: u64,
    worst: u64,
    event: Option<u64>,
}

impl Checked {
    /// Whether nothing is lost and no rule broken.
    pub fn is_sound(&self) -> bool {
        self.verdict == "valid"
    }
}

/// Reads and checks a file, or standard input for `-`.
pub fn read(reading: &Reading, path: &Path) -> Result<Checked, Failure> {
    let mut progress = Progress::new(reading);
    let input = input::open(path, reading.options())?;
    let name = input.name.clone();
    let Content { bytes, problem } = input.load(&mut |phase, done, total| progress.report(phase, done, total))?;
    let total = bytes.len() as u64;
    let read = read_ahead(&bytes, reading.options(), ReadAhead::default(), |mut reader| {
        let versions = (reader.header_minor(), reader.version().minor());
        let mut validator = Validator::default();
        let mut events = Vec::new();
        while reader.fill(&mut events, STEP) {
            for event in &events {
                validator.push(event);
            }
            progress.say("checking", reader.position(), Some(total));
        }
        let finished = reader.finish();
        (versions, validator.finish(&finished), finished)
    });
    let ((format, read_as), verdict, finished) =
        read.map_err(|error| anyhow!("{name}: {}", sniff::refusal(error, &bytes[..bytes.len().min(512)], None)))?;
    let is_lost = problem.is_some() || finished.diagnostics.iter().any(|it| it.severity == Severity::Loss);
    let spans: Vec<(i64, i64)> = finished.lost.iter().map(|(from, to)| (from.0, to.0)).collect();
    Ok(Checked {
        schema: SCHEMA,
        name,
        format: format!("go 1.{format}"),
        read_as: format!("go 1.{read_as}"),
        bytes: total,
        verdict: match (is_lost, verdict.is_valid()) {
            (true, _) => "damaged",
            (false, false) => "invalid",
            (false, true) => "valid",
        },
        packing_problem: problem,
        loss: Loss::of(&finished.diagnostics, &spans),
        lost: spans,
        diagnostics: finished.diagnostics.iter().map(DiagnosticRow::new).collect(),
        validator: Found {
            events: verdict.events,
            violations: verdict.violations.len() as u64 + verdict.more,
            first: verdict.violations.iter().map(ViolationRow::new).collect(),
            clock_steps: Steps::new(verdict.clocks),
            misused_regions: verdict.misused_regions,
        },
    })
}

impl ViolationRow {
    fn new(violation: &Violation) -> Self {
        Self {
            event: (violation.event > 0).then_some(violation.event),
            ts: violation.ts.0,
            thread: violation.thread.get(),
            rule: violation.rule.name(),
            message: violation.message.clone(),
            text: violation.to_string(),
        }
    }
}

impl Steps {
    fn new(steps: ClockSteps) -> Self {
        Self { count: steps.count, worst: steps.worst, event: (steps.count > 0).then_some(steps.event) }
    }
}

/// Adds a line to a text. Writing to a string cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => { let _ = writeln!($text, $($argument)*); };
}

/// The whole answer, with the last line's end.
pub fn report(checked: &Checked, json: bool) -> Result<String> {
    if json {
        return Ok(serde_json::to_string_pretty(checked).context("cannot write the answer as JSON")? + "\n");
    }
    let Checked { name, format, read_as, bytes, verdict, validator, .. } = checked;
    let read_as = if format == read_as { String::new() } else { format!(", read as {read_as}") };
    let misused = validator.misused_regions;
    let refusal = if misused > 0 { ", but go tool trace refuses it" } else { "" };
    let refusal = if *verdict == "valid" { refusal } else { "" };
    let mut text = format!("{name}: {format}{read_as}, {}: {verdict}{refusal}\n", numbers::bytes(*bytes));
    let count = checked.diagnostics.len() + usize::from(checked.packing_problem.is_some());
    if count == 0 {
        line!(text, "problems: none");
    } else {
        line!(text, "problems: {}", numbers::count(count as u64));
    }
    if let Some(problem) = &checked.packing_problem {
        line!(text, "  {problem}");
    }
    for problem in &checked.diagnostics {
        line!(text, "  {}", problem_line(problem));
    }
    let nothing = if *verdict == "damaged" { "neither bytes nor time, but what the problems say" } else { "nothing" };
    line!(text, "lost: {}", lost(&checked.loss, *bytes).unwrap_or_else(|| nothing.to_owned()));
    let events = numbers::count(validator.events);
    match validator.violations {
        0 => {
            line!(text, "rules: kept by all {events} events");
        }
        1 => {
            line!(text, "rules: broken once by {events} events");
        }
        broken => {
            line!(text, "rules: broken {} times by {events} events", numbers::count(broken));
        }
    }
    for violation in validator.first.iter().take(SHOWN) {
        line!(text, "  {}", violation.text);
    }
    let more = validator.violations.saturating_sub(SHOWN as u64);
    if more > 0 {
        line!(text, "  and {} more; --json lists the first 1,000", numbers::count(more));
    }
    if misused > 0 {
        let regions = if misused == 1 { "region that ends" } else { "regions that end" };
        line!(
            text,
            "go tool trace: refuses the file (misuse of region), for {} {regions} while another one is open inside, \
             as a rule by a mistake of the program; goroscope repair makes a trace that it opens",
            numbers::count(misused)
        );
    }
    let Steps { count, worst, event } = validator.clock_steps;
    if let Some(event) = event {
        let times = numbers::times(count);
        line!(
            text,
            "clock: contradicts the order {times}, by {} at most (event {event}); threads have clocks of their own",
            numbers::duration(worst as i64)
        );
    }
    Ok(text)
}
