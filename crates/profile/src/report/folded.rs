//! Collapsed stacks: a line for each, `root;…;leaf value`, as flame graph scripts read them.

use crate::view::{NodeIdx, Seen};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A stack of frames, the root first, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The frames.
    pub frames: Vec<NodeIdx>,
    /// Their value.
    pub value: i64,
}

/// Every different stack of the view once, in the order of names. Stacks without frames are left out, as they cannot be
/// written.
pub fn folded(seen: &Seen) -> Vec<Folded> {
    let mut sums: BTreeMap<Vec<NodeIdx>, i64> = BTreeMap::new();
    for (frames, weight) in seen.stacks() {
        if !frames.is_empty() {
            let sum = sums.entry(frames.iter().map(|frame| frame.node).collect()).or_default();
            *sum = sum.wrapping_add(weight.value);
        }
    }
    let mut all: Vec<Folded> = sums.into_iter().map(|(frames, value)| Folded { frames, value }).collect();
    all.sort_by(|a, b| {
        let names = |one: &Folded| one.frames.iter().map(|node| seen.name(*node).to_owned()).collect::<Vec<_>>();
        names(a).cmp(&names(b)).then_with(|| a.frames.cmp(&b.frames))
    });
    all
}

/// The stacks as text. A `;` or the end of a line in a name would end a frame, so they become `:` and a space.
pub fn folded_text(seen: &Seen) -> String {
    let mut text = String::new();
    for stack in folded(seen) {
        let names: Vec<String> =
            stack.frames.iter().map(|node| seen.name(*node).replace(';', ":").replace(['\n', '\r'], " ")).collect();
        let _ = writeln!(text, "{} {}", names.join(";"), stack.value);
    }
    text
}
