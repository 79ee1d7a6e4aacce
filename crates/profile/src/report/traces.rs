//! Every sample by itself.

use super::header;
use crate::profile::{LabelValue, LabelsIdx};
use crate::units::{self, Shown};
use crate::view::{Frame, Seen};
use std::collections::BTreeMap;

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

/// All of them as text.
pub fn traces_text(seen: &Seen) -> String {
    let shown = &seen.view.shown;
    let mut lines = header::profile_lines(seen, shown);
    for trace in traces(seen) {
        lines.push(RULER.to_owned());
        lines.extend(label_lines(seen, trace.labels));
        for (depth, frame) in trace.frames.iter().enumerate() {
            let value = if depth == 0 { seen.label(trace.value, shown) } else { String::new() };
            let mark = if frame.inlined { " (inline)" } else { "" };
            lines.push(format!("{value:>10}   {}{mark}", seen.name(frame.node)));
        }
    }
    lines.push(RULER.to_owned());
    lines.join("\n") + "\n"
}

/// A line for each key, those of texts first.
fn label_lines(seen: &Seen, labels: LabelsIdx) -> Vec<String> {
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
    let mut all = lines(texts);
    all.extend(lines(numbers));
    all
}
