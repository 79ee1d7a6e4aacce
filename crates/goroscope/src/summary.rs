//! `goroscope info`: what is in a file, for people and for programs.

use crate::numbers;
use crate::opening::Opened;
use anyhow::{Context, Result};
use goroscope_analysis::{self as analysis, DiagnosticRow, Info, Loss, LostTimeRow, RecordingFacts, Words};
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
    let words = Words::of(&opened.trace);
    if json {
        let named = Named { name: &opened.name, info, packing_problem: opened.problem.as_deref() };
        return Ok(serde_json::to_string_pretty(&named).context("cannot write the answer as JSON")? + "\n");
    }
    let mut text = format!("{}\n", opened.name);
    facts(&mut text, &info, words);
    if let Some(recording) = &info.recording {
        recorded(&mut text, recording);
    }
    counts(&mut text, &info, words);
    events(&mut text, &info);
    problems(&mut text, &info, opened.problem.as_deref());
    Ok(text)
}

/// Adds a line to a text. Writing to a string cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => { let _ = writeln!($text, $($argument)*); };
}

fn facts(text: &mut String, info: &Info, words: &Words) {
    let mut fact = |name: &str, value: String| {
        line!(text, "  {name:<14}{value}");
    };
    let by = match &info.recording {
        Some(recording) => format!("written by {}", recording.recorder),
        None => writer(&info.format).to_owned(),
    };
    fact("format", format!("{} ({by})", info.format));
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
    if info.gomaxprocs.is_some() || info.recording.is_none() {
        let count = info.gomaxprocs.map_or("not recorded".to_owned(), |count| count.to_string());
        fact(words.proc_count_title, count);
    }
    if let Some(lost) = lost(&info.loss, info.bytes) {
        fact("lost", lost);
    }
}

/// How a Rust program was recorded, in words.
fn recorded(text: &mut String, recording: &RecordingFacts) {
    line!(text, "\nrecording");
    for (name, value) in sentences(recording) {
        line!(text, "  {name:<16}{}", shown(&value));
    }
    for (key, value) in &recording.others {
        line!(text, "  {:<16}{}", shown(&key.replace('_', " ")), shown(value));
    }
    for thread in &recording.threads {
        line!(text, "  {:<16}{}", format!("thread {}", thread.id), shown(&thread.name));
    }
    for warning in &recording.warnings {
        line!(text, "  ! {}", warning.text);
    }
}

/// What the recorder says of itself, each under a name. What it does not say is left out.
fn sentences(recording: &RecordingFacts) -> Vec<(&'static str, String)> {
    let RecordingFacts { program, pid, clock, stacks, frame_pointers, symbols, perf, hooks, .. } = recording;
    let count = |number: Option<u64>| number.filter(|&number| number > 0);
    let mut said = Vec::new();
    let mut say = |name, parts: Vec<Option<String>>| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            said.push((name, parts.join(", ")));
        }
    };
    say("program", vec![program.clone(), pid.map(|pid| format!("process {pid}"))]);
    say("clock", vec![clock.clone()]);
    let taken = |by: &str| if by == "none" { "none were taken".to_owned() } else { format!("taken by {by}") };
    let pointers = |known: &str| match known {
        "works" => "frame pointers work".to_owned(),
        "absent" => "the program has no frame pointers".to_owned(),
        other => format!("frame pointers {other}"),
    };
    say("stacks", vec![stacks.as_deref().map(taken), frame_pointers.as_deref().map(pointers)]);
    let named = |symbols: &str| match symbols {
        "resolved" => "have their names".to_owned(),
        "addresses" => "are addresses, which goroscope symbolize names".to_owned(),
        other => other.to_owned(),
    };
    say("functions", vec![symbols.as_deref().map(named)]);
    let told = |perf: &str| if perf == "off" { "was not asked".to_owned() } else { perf.to_owned() };
    say("kernel", vec![perf.as_deref().map(told)]);
    let used = |hooks: &str| match hooks {
        "stable" => "those of stable tokio".to_owned(),
        "unstable" => "those of tokio_unstable, too".to_owned(),
        other => other.to_owned(),
    };
    say("tokio's hooks", vec![hooks.as_deref().map(used)]);
    let traced = recording.tasks.map(|tasks| format!("{} traced", numbers::count(tasks)));
    // Only unstable hooks count all of them.
    let others = |tasks| match (tasks, hooks.as_deref()) {
        (_, Some("unstable")) => format!("{} not traced", numbers::count(tasks)),
        (0, _) => "no others known".to_owned(),
        (_, _) => format!("at least {} not traced", numbers::count(tasks)),
    };
    say("tasks", vec![traced, recording.untraced_tasks.map(others)]);
    let unheard =
        count(recording.unheard_wakes).map(|of| format!("{} of them without a known wake", numbers::count(of)));
    say("polls", vec![recording.polls.map(numbers::count), unheard]);
    let needless = |wakes| format!("{} of tasks that were runnable already", numbers::counted(wakes, "wake"));
    say("needless", vec![count(recording.superfluous_wakes).map(needless)]);
    let outside = |marks| {
        let kinds = if marks == 1 { "region, message or user task" } else { "regions, messages or user tasks" };
        format!("{} {kinds} outside of what was traced", numbers::count(marks))
    };
    let outside = count(recording.outside_annotations).map(outside);
    let dropped =
        count(recording.dropped).map(|records| format!("{} for want of memory", numbers::counted(records, "record")));
    let repaired =
        count(recording.repaired).map(|places| format!("made up for at {}", numbers::counted(places, "place")));
    let forgotten = |generations| format!("{} to keep within bounds", numbers::counted(generations, "generation"));
    let parts = vec![dropped, repaired, count(recording.forgotten_generations).map(forgotten), outside];
    let is_whole = recording.dropped.is_some() && parts.iter().all(Option::is_none);
    say("left out", if is_whole { vec![Some("nothing".to_owned())] } else { parts });
    say("counters", vec![count(Some(recording.counters)).map(numbers::count)]);
    said
}

/// A text of the file without what would move the cursor.
fn shown(text: &str) -> String {
    text.chars().map(numbers::still).collect()
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

fn counts(text: &mut String, info: &Info, words: &Words) {
    let counts = &info.counts;
    let rows = [
        ("events", counts.events),
        (words.goroutines, counts.goroutines),
        ("functions", counts.groups),
        (words.procs, counts.procs),
        ("threads", counts.threads),
        ("generations", counts.generations),
        ("ranges", counts.ranges),
        (words.user_tasks, counts.tasks),
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
