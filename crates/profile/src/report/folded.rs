//! Collapsed stacks: a line for each, `root;…;leaf value`, as flame graph scripts read them.

use crate::graph::name_ranks;
use crate::view::{Frame, NodeIdx, Seen};
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
    let all = summed(seen).into_iter();
    all.map(|(frames, value)| Folded { frames: frames.iter().map(|frame| frame.node()).collect(), value }).collect()
}

/// The same as rows of the view.
fn summed(seen: &Seen) -> Vec<(&[Frame], i64)> {
    let ranks = name_ranks(seen, |_| true);
    let rank = |frame: &Frame| ranks[frame.node().row()];
    let by_node = |a: &[Frame], b: &[Frame]| a.iter().map(|frame| frame.node()).cmp(b.iter().map(|frame| frame.node()));
    let with_frames = seen.stacks().filter(|(frames, _)| !frames.is_empty());
    let mut all: Vec<(&[Frame], i64)> = with_frames.map(|(frames, weight)| (frames, weight.value)).collect();
    all.sort_unstable_by(|(a, _), (b, _)| a.iter().map(rank).cmp(b.iter().map(rank)).then_with(|| by_node(a, b)));
    all.dedup_by(|(next, value), (last, sum)| {
        let is_same = by_node(next, last).is_eq();
        if is_same {
            *sum = sum.wrapping_add(*value);
        }
        is_same
    });
    all
}

/// The stacks as text. A `;` or the end of a line in a name would end a frame, so they become `:` and a space.
pub fn folded_text(seen: &Seen) -> String {
    let names: Vec<String> = seen.names.iter().map(|name| name.replace(';', ":").replace(['\n', '\r'], " ")).collect();
    let mut text = String::new();
    for (frames, value) in summed(seen) {
        for (depth, frame) in frames.iter().enumerate() {
            text.push_str(if depth == 0 { "" } else { ";" });
            text.push_str(&names[frame.node().row()]);
        }
        // Writing to a text cannot fail.
        let _ = writeln!(text, " {value}");
    }
    text
}
