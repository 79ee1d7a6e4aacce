//! The commands that make a trace of others: cut, merge, anonymize, repair.

use crate::cli::Reading;
use crate::console;
use crate::failure::Failure;
use crate::input::{self, Content};
use crate::numbers;
use crate::output;
use crate::progress::Progress;
use crate::sniff;
use crate::store::Bytes;
use anyhow::{Result, anyhow};
use goroscope_edit::{
    CutError, Diagnostic, Edited, Forced, Gap, MergeError, Merged, Mismatch, Pseudonyms, Severity, Window,
};
use std::fmt::Write as _;
use std::path::Path;

/// Problems that are printed before "and more".
const SHOWN: usize = 5;

/// A trace to be made something of.
struct Loaded {
    name: String,
    bytes: Bytes,
    problem: Option<String>,
}

fn load(reading: &Reading, path: &Path, progress: &mut Progress) -> Result<Loaded> {
    let input = input::open(path, reading.options())?;
    let name = input.name.clone();
    let Content { bytes, problem } = input.load(&mut |phase, done, total| progress.report(phase, done, total))?;
    Ok(Loaded { name, bytes, problem })
}

/// `goroscope cut`
pub fn cut(reading: &Reading, window: Window, from: &Path, to: &Path) -> Result<(), Failure> {
    let place = output::prepare(to, &[from])?;
    let mut progress = Progress::new(reading);
    let input = load(reading, from, &mut progress)?;
    let edited = goroscope_edit::cut(
        &input.bytes,
        reading.options(),
        window,
        &mut goroscope_edit::Progress::new(&mut |done, total| {
            progress.say("cutting", done, Some(total));
        }),
    )
    .map_err(|error| match error {
        CutError::Open(error) => refused(&input, error),
        CutError::Beyond { .. } if window.from == i64::MIN => anyhow!("{}: nothing happens in it", input.name),
        CutError::Beyond { end } => anyhow!(
            "{}: nothing happens from {} on: the trace ends at {}",
            input.name,
            numbers::duration(window.from),
            numbers::duration(end)
        ),
    })?;
    output::write(&place, &edited.bytes)?;
    drop(progress);
    tell_damage(&input, &edited.diagnostics);
    tell_version(&edited);
    tell_experiments(&edited);
    let Window { from, to } = edited.window;
    let events = numbers::count(edited.counts.kept);
    let (from, to) = (numbers::duration(from), numbers::duration(to));
    console::note(reading, &format!("{from} to {to}: {events} events, {}", numbers::bytes(edited.bytes.len() as u64)));
    tell_steering(&edited);
    Ok(())
}

/// `goroscope anonymize`
pub fn anonymize(reading: &Reading, names: Pseudonyms, from: &Path, to: &Path) -> Result<(), Failure> {
    let place = output::prepare(to, &[from])?;
    let mut progress = Progress::new(reading);
    let input = load(reading, from, &mut progress)?;
    let edited = goroscope_edit::anonymize(
        &input.bytes,
        reading.options(),
        names,
        &mut goroscope_edit::Progress::new(&mut |done, total| {
            progress.say("anonymizing", done, Some(total));
        }),
    )
    .map_err(|error| refused(&input, error))?;
    output::write(&place, &edited.bytes)?;
    drop(progress);
    tell_damage(&input, &edited.diagnostics);
    tell_version(&edited);
    if edited.experimental_left_out > 0 {
        let count = numbers::count(edited.experimental_left_out);
        console::note(reading, &format!("{count} experimental batches are left out: they may contain names"));
    }
    tell_steering(&edited);
    Ok(())
}

/// `goroscope repair`
pub fn repair(reading: &Reading, from: &Path, to: &Path) -> Result<(), Failure> {
    let place = output::prepare(to, &[from])?;
    let mut progress = Progress::new(reading);
    let input = load(reading, from, &mut progress)?;
    let edited = goroscope_edit::repair(
        &input.bytes,
        reading.options(),
        &mut goroscope_edit::Progress::new(&mut |done, total| {
            progress.say("repairing", done, Some(total));
        }),
    )
    .map_err(|error| refused(&input, error))?;
    output::write(&place, &edited.bytes)?;
    drop(progress);
    let kept = numbers::count(edited.counts.kept);
    if edited.diagnostics.is_empty() && input.problem.is_none() {
        console::note(reading, &format!("nothing was wrong: all {kept} events are written"));
        tell_version(&edited);
        return Ok(());
    }
    console::tell(&repaired(&input, &edited, &kept));
    Ok(())
}

/// `goroscope merge`
pub fn merge(reading: &Reading, from: &[&Path], to: &Path) -> Result<(), Failure> {
    if from.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::usage("standard input can be read only once"));
    }
    let place = output::prepare(to, from)?;
    let mut progress = Progress::new(reading);
    let inputs = from.iter().map(|path| load(reading, path, &mut progress)).collect::<Result<Vec<_>>>()?;
    let files: Vec<&[u8]> = inputs.iter().map(|input| &*input.bytes).collect();
    let merged = goroscope_edit::merge(
        &files,
        reading.options(),
        &mut goroscope_edit::Progress::new(&mut |done, total| {
            progress.say("merging", done, Some(total));
        }),
    )
    .map_err(|error| unmergeable(&inputs, error))?;
    output::write(&place, &merged.edited.bytes)?;
    drop(progress);
    console::tell(&gaps(&merged));
    for input in &inputs {
        if let Some(problem) = &input.problem {
            console::tell(&format!("{}: {problem}\n", input.name));
        }
    }
    tell_version(&merged.edited);
    tell_experiments(&merged.edited);
    for (input, taken) in inputs.iter().zip(&merged.taken) {
        console::note(reading, &format!("{}: {}", input.name, numbers::counted(*taken as u64, "generation")));
    }
    let doubled = merged.doubled as u64;
    let bytes = numbers::bytes(merged.edited.bytes.len() as u64);
    let events = numbers::count(merged.edited.counts.kept);
    console::note(
        reading,
        &format!("{events} events, {bytes}; {} in several files", numbers::counted(doubled, "generation")),
    );
    Ok(())
}

fn refused(input: &Loaded, error: goroscope_edit::OpenError) -> anyhow::Error {
    anyhow!("{}: {}", input.name, sniff::refusal(error, &input.bytes[..input.bytes.len().min(512)], None))
}

/// What is wrong with the input, which its reader did not ask for.
fn tell_damage(input: &Loaded, diagnostics: &[Diagnostic]) {
    let mut text = String::new();
    if let Some(problem) = &input.problem {
        let _ = writeln!(text, "{}: {problem}", input.name);
    }
    let losses = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Loss).count();
    if losses > 0 {
        let problems = numbers::counted(losses as u64, "problem");
        let _ = writeln!(text, "{}: the trace is damaged: {problems}; what could be read is written", input.name);
    }
    console::tell(&text);
}

/// What another version cannot say.
fn tell_version(edited: &Edited) {
    if let Some(Forced { header_minor, read_as }) = edited.forced {
        let read_as = read_as.minor();
        let mut text = format!("the header says go 1.{header_minor}, which is not known: read as go 1.{read_as}");
        if let Some(unknown) = unknown(edited) {
            let _ = write!(text, "; left out: {unknown}");
        }
        console::tell(&(text + "\n"));
    }
    if let Some(text) = shortened(edited) {
        console::tell(&format!("{text}\n"));
    }
}

fn shortened(edited: &Edited) -> Option<String> {
    let count = edited.counts.shortened;
    let verb = if count == 1 { "is" } else { "are" };
    (count > 0)
        .then(|| format!("{} {verb} cut to the 1,024 bytes that the format allows", numbers::counted(count, "text")))
}

fn frames(edited: &Edited) -> Option<String> {
    let count = edited.counts.frames_left_out;
    (count > 0)
        .then(|| format!("{} of stacks left out: their address or line is lost", numbers::counted(count, "frame")))
}

/// Which batches of experiments are not kept, where they should be.
fn tell_experiments(edited: &Edited) {
    if let Some(text) = experiments(edited) {
        console::tell(&format!("{text}\n"));
    }
}

fn experiments(edited: &Edited) -> Option<String> {
    let count = edited.experimental_left_out;
    let batches = if count == 1 { "batch" } else { "batches" };
    (count > 0).then(|| format!("left out: {} {batches} of unknown experiments", numbers::count(count)))
}

fn unknown(edited: &Edited) -> Option<String> {
    let parts = [(edited.counts.unknown, "event"), (edited.unknown_tables, "table")];
    let parts: Vec<String> =
        parts.into_iter().filter(|part| part.0 > 0).map(|(count, what)| numbers::counted(count, what)).collect();
    (!parts.is_empty()).then(|| format!("{} that no known version has", parts.join(" and ")))
}

/// What a damaged trace made necessary.
fn tell_steering(edited: &Edited) {
    for text in [frames(edited), steering(edited)].into_iter().flatten() {
        console::tell(&format!("{text}\n"));
    }
}

fn steering(edited: &Edited) -> Option<String> {
    let counts = edited.counts;
    let left_out = (counts.left_out > 0)
        .then(|| format!("{} left out: what is known contradicts them", numbers::counted(counts.left_out, "event")));
    let put_in = (counts.put_in > 0).then(|| {
        format!(
            "{} put in, to get from what was known before to what was seen behind",
            numbers::counted(counts.put_in, "event")
        )
    });
    let parts: Vec<String> = left_out.into_iter().chain(put_in).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// What a repair left out.
fn repaired(input: &Loaded, edited: &Edited, kept: &str) -> String {
    let bytes: u64 = edited.diagnostics.iter().map(|diagnostic| diagnostic.lost_bytes).sum();
    let total = input.bytes.len() as u64;
    let mut text = format!("{}: {}\n", input.name, numbers::counted(edited.diagnostics.len() as u64, "problem"));
    let lines = input.problem.iter().cloned().chain(edited.diagnostics.iter().map(ToString::to_string));
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "  {line}");
    }
    if lines.len() > SHOWN {
        let more = numbers::count((lines.len() - SHOWN) as u64);
        let _ = writeln!(text, "  and {more} more; goroscope info lists all");
    }
    let _ = writeln!(text, "kept: {kept} events");
    let _ =
        writeln!(text, "lost: {} ({}) that could not be read", numbers::bytes(bytes), numbers::percent(bytes, total));
    for hole in &edited.holes {
        let _ = writeln!(text, "lost: all of {}", span(*hole));
    }
    for part in &edited.incomplete {
        let _ = writeln!(text, "lost: parts of {}", span(*part));
    }
    if let Some(unknown) = unknown(edited) {
        let _ = writeln!(text, "lost: {unknown}");
    }
    for line in [experiments(edited), shortened(edited), frames(edited), steering(edited)].into_iter().flatten() {
        let _ = writeln!(text, "{line}");
    }
    if edited.counts.kept == 0 {
        text += "nothing is left: the output is a trace without events\n";
    }
    text
}

fn gaps(merged: &Merged) -> String {
    let mut text = String::new();
    for (Gap { before, behind }, hole) in merged.gaps.iter().zip(&merged.edited.holes) {
        let _ = writeln!(text, "no file has what lies between generations {before} and {behind}: {}", span(*hole));
    }
    text
}

fn unmergeable(inputs: &[Loaded], error: MergeError) -> anyhow::Error {
    let name = |number: usize| inputs.get(number).map_or("", |input| input.name.as_str());
    match error {
        MergeError::Open(number, error) => {
            inputs.get(number).map_or_else(|| anyhow!("no trace"), |input| refused(input, error))
        }
        MergeError::Old(number, version) => anyhow!(
            "{}: a trace in the format of Go 1.{} is always whole: there is nothing to merge it with",
            name(number),
            version.minor()
        ),
        MergeError::Several(number, at) => anyhow!(
            "{}: another trace, of another process, begins at byte {at}; `tail -c +{}` of the file is that trace, \
             `head -c {at}` what is before it",
            name(number),
            at + 1
        ),
        MergeError::Empty(number) => anyhow!("{}: there is no generation in it", name(number)),
        MergeError::Foreign(a, b, mismatch) => {
            anyhow!("{} and {} are not of one process: {}", name(a), name(b), reason(&mismatch))
        }
    }
}

fn reason(mismatch: &Mismatch) -> String {
    match mismatch {
        Mismatch::Version(a, b) => format!("their formats are those of Go 1.{a} and Go 1.{b}"),
        Mismatch::Generation(number) => format!("generation {number} begins at different times"),
        Mismatch::Order(higher, lower) => {
            format!("generation {higher} of one begins before generation {lower} of the other")
        }
        Mismatch::Boot(seconds) => format!("their clocks are {} apart", numbers::counted(*seconds, "second")),
        Mismatch::Threads => "no thread is in both".to_owned(),
        Mismatch::Program(pc, a, b) => format!("address {pc:#x} is in {a} and in {b}"),
        Mismatch::Goroutine(go) => format!("both created goroutine {go}, at different times"),
    }
}

fn span(window: Window) -> String {
    let length = numbers::duration(window.to - window.from);
    format!("{length} from {} on", numbers::duration(window.from))
}
