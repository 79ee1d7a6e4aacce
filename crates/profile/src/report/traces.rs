//! Every sample by itself.

use super::header;
use crate::profile::{LabelValue, LabelsIdx};
use crate::units::{self, Shown};
use crate::view::{Frame, Seen};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One sample that has a stack.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What it is worth.
    pub value: i64,
    /// Its labels.
    pub labels: LabelsIdx,
    /// Its frames, the leaf first.
    pub frames: Vec<Frame>,
}

/// The samples that have a stack, in the order they were recorded.
pub fn traces(seen: &Seen) -> impl Iterator<Item = Trace> {
    seen.profile.samples().filter_map(|sample| {
        let frames: Vec<Frame> = seen.stack_frames(sample.stack).collect();
        let trace = Trace { value: seen.weight(sample.values).shown(), labels: sample.labels, frames };
        (!trace.frames.is_empty()).then_some(trace)
    })
}

const RULER: &str = "-----------+-------------------------------------------------------";

/// What is before the names of callers: as much room as a value takes, and what is behind it.
const NO_VALUE: &str = "             ";

/// All of them as text.
pub fn traces_text(seen: &Seen) -> String {
    let shown = &seen.view.shown;
    let mut text = header::profile_lines(seen, shown).iter().fold(String::new(), |text, line| text + line + "\n");
    let mut labels: Vec<Option<String>> = vec![None; seen.profile.label_sets.len()];
    for sample in seen.profile.samples() {
        let mut frames = seen.stack_frames(sample.stack).peekable();
        if frames.peek().is_none() {
            continue;
        }
        let value = seen.label(seen.weight(sample.values).shown(), shown);
        let own = labels[sample.labels.row()].get_or_insert_with(|| label_lines(seen, sample.labels));
        // Writing to a text cannot fail.
        let _ = write!(text, "{RULER}\n{own}{value:>10}");
        for (depth, frame) in frames.enumerate() {
            text.push_str(if depth == 0 { "   " } else { NO_VALUE });
            text.push_str(seen.name(frame.node()));
            text.push_str(if frame.is_inlined() { " (inline)\n" } else { "\n" });
        }
    }
    text.push_str(RULER);
    text.push('\n');
    text
}

/// A line for each key, those of texts first.
fn label_lines(seen: &Seen, labels: LabelsIdx) -> String {
    let profile = &seen.profile;
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut numbers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for label in profile.labels(labels) {
        let key = profile.text(label.key);
        match label.value {
            LabelValue::Text(text) => texts.entry(key).or_default().push(profile.text(text).to_owned()),
            // What was written as no number at all is not shown, as in pprof.
            LabelValue::Number(0, unit) if unit.is_empty() => {}
            LabelValue::Number(value, _) => {
                let text = units::label(value, seen.label_units.get(label.key), &Shown::Auto);
                numbers.entry(key).or_default().push(text);
            }
        }
    }
    let lines = |labels: BTreeMap<&str, Vec<String>>| {
        let mut lines: Vec<String> =
            labels.into_iter().map(|(key, values)| format!("{key:>10}:  {}", values.join(" "))).collect();
        lines.sort();
        lines
    };
    lines(texts).iter().chain(&lines(numbers)).fold(String::new(), |text, line| text + line + "\n")
}
