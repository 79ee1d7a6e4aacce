//! From an input to a trace: reads it, understands it, and knows what is wrong with it.

use crate::index::{Cache, Found};
use crate::input::{Content, Input};
use crate::numbers;
use crate::sniff;
use crate::summary;
use crate::watch::Watch;
use anyhow::{Result, anyhow};
use goroscope_analysis::Loss;
use goroscope_model::{Diagnostic, Memory, ReadOptions, Severity, Storage, Trace};
use std::fmt::Write as _;

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

/// Reads the trace, or opens its index. The bytes of the file are given back before anything else happens.
pub fn read(input: Input, options: ReadOptions, cache: Option<&Cache>, mut watch: Watch) -> Result<Opened> {
    let name = input.name.clone();
    let mut storage: Box<dyn Storage> = Box::new(Memory::default());
    let mut outcome = None;
    if let (Some(cache), Some((file, stamp))) = (cache, input.file()) {
        match cache.find(file, stamp) {
            Found::Trace(trace) => return Ok(Opened { name, trace: *trace, problem: None }),
            Found::Nothing(Some(why)) => watch.note(&why),
            Found::Nothing(None) => {}
        }
        let (new, told) = cache.storage(file, stamp);
        (storage, outcome) = (new, Some(told));
    }
    let Content { bytes, problem } = input.load(&mut |phase, done, total| watch.bytes(phase, done, total))?;
    let total = bytes.len() as u64;
    if problem.is_some() {
        // An index knows nothing of the packing.
        (storage, outcome) = (Box::new(Memory::default()), None);
    }
    let head = bytes[..bytes.len().min(512)].to_vec();
    let trace = Trace::read_into(bytes, options, storage, &mut |progress| watch.events(&progress, total))
        .map_err(|error| anyhow!("{name}: {}", sniff::refusal(error, &head, None)))?;
    if let Some(told) = outcome
        && let Ok(mut told) = told.lock()
        && let Some(Err(error)) = told.take()
    {
        watch.note(&format!("no index was written, so the next opening takes as long: {error}"));
    }
    Ok(Opened { name, trace, problem })
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug)]
pub struct Damage<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What is wrong with its packing.
    pub problem: Option<&'a str>,
    /// What is wrong with the trace.
    pub diagnostics: &'a [Diagnostic],
    /// How much is lost.
    pub loss: Loss,
    /// How large the file is.
    pub file_bytes: u64,
}

impl Damage<'_> {
    /// It in a line, if there is any. What could be read is `shown`, or what else was done with it.
    pub fn verdict(&self, shown: &str) -> Option<String> {
        let count = self.diagnostics.len() + usize::from(self.problem.is_some());
        if count == 0 {
            return None;
        }
        let problems = numbers::counted(count as u64, "problem");
        let serious =
            self.problem.is_some() || self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Loss);
        if !serious {
            return Some(format!("{}: {problems}, but nothing is lost\n", self.name));
        }
        let lost = summary::lost(&self.loss, self.file_bytes).map_or(String::new(), |lost| format!(", lost: {lost}"));
        Some(format!("{}: the trace is damaged: {problems}{lost}; what could be read is {shown}\n", self.name))
    }
}

/// What is wrong with the file in a line, if anything is.
pub fn verdict(opened: &Opened) -> Option<String> {
    let damage = Damage {
        name: &opened.name,
        problem: opened.problem.as_deref(),
        diagnostics: opened.trace.diagnostics(),
        loss: goroscope_analysis::loss(&opened.trace),
        file_bytes: opened.trace.file_bytes(),
    };
    damage.verdict("shown")
}

/// What is missing in the recording of a Rust program, line by line.
pub fn cautions(opened: &Opened) -> String {
    let warnings = goroscope_analysis::recording(&opened.trace).map_or(Vec::new(), |recording| recording.warnings);
    let mut text = String::new();
    for warning in warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {}", opened.name, warning.text);
    }
    text
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
