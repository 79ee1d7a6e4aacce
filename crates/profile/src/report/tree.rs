//! Frames with their callers and callees.

use super::{header, unit_for};
use crate::graph::{Calls, Edge, Order, Style, Trim, Trimmed, trimmed_with};
use crate::pattern::Pattern;
use crate::units::{Shown, percentage};
use crate::view::{NodeIdx, Seen};

/// A frame and what is next to it.
#[derive(Clone, Debug)]
pub struct Neighbours {
    /// Which frame.
    pub node: NodeIdx,
    /// What it is worth itself.
    pub flat: i64,
    /// What it is worth with all it called.
    pub cum: i64,
    /// The calls that led to it, the heaviest first.
    pub callers: Vec<Edge>,
    /// The calls it made, likewise.
    pub callees: Vec<Edge>,
}

/// Frames and what is next to them.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The frames.
    pub frames: Vec<Neighbours>,
    /// The graph they are of, with the calls of these frames.
    pub trimmed: Trimmed,
    /// The unit for all values.
    pub shown: Shown,
}

/// All frames of the trimmed graph.
pub fn tree(seen: &Seen, trim: &Trim) -> Tree {
    frames(seen, trim, Calls::All, |_| true)
}

/// The frames whose names match, of the whole graph; `None` if there is none.
pub fn peek(seen: &Seen, pattern: &Pattern, order: Order) -> Option<Tree> {
    let marks: Vec<bool> = seen.node_handles().map(|node| pattern.matches(seen.name(node))).collect();
    let found = frames(seen, &Trim { order, ..Trim::NOTHING }, Calls::Around(&marks), |node| marks[node.row()]);
    (!found.frames.is_empty()).then_some(found)
}

fn frames(seen: &Seen, trim: &Trim, calls: Calls<'_>, wanted: impl Fn(NodeIdx) -> bool) -> Tree {
    let trimmed = trimmed_with(seen, trim, Style::Table, calls);
    let graph = &trimmed.graph;
    let edges = |rows: &[usize]| rows.iter().map(|row| graph.edges[*row]).collect();
    let frames = graph.nodes.iter().filter(|node| wanted(node.node)).map(|node| Neighbours {
        node: node.node,
        flat: node.flat.shown(),
        cum: node.cum.shown(),
        callers: edges(&node.incoming),
        callees: edges(&node.outgoing),
    });
    let frames = frames.collect();
    let shown = unit_for(seen, &graph.nodes);
    Tree { frames, trimmed, shown }
}

const RULER: &str = "----------------------------------------------------------+-------------";
const LEGEND: &str = "      flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 ";

/// The frames as text. What went along a call is a sum even if values are means, as in pprof.
pub fn tree_text(seen: &Seen, tree: &Tree) -> String {
    let mut lines = header::graph_lines(seen, &tree.trimmed, &tree.shown);
    lines.extend([RULER, LEGEND].map(str::to_owned));
    let value = |value: i64| seen.label(value, &tree.shown);
    let mut sum = 0_i64;
    for frame in &tree.frames {
        let call = |edge: &Edge, other: NodeIdx| {
            let mark = if edge.inlined { " (inline)" } else { "" };
            let weight = edge.weight.value;
            let share = percentage(weight, frame.cum);
            format!("{:>50} {share} |   {}{mark}", value(weight), seen.name(other))
        };
        lines.push(RULER.to_owned());
        lines.extend(frame.callers.iter().map(|edge| call(edge, edge.from)));
        sum = sum.wrapping_add(frame.flat);
        lines.push(format!(
            "{:>10} {} {} {:>10} {}                | {}",
            value(frame.flat),
            percentage(frame.flat, seen.total),
            percentage(sum, seen.total),
            value(frame.cum),
            percentage(frame.cum, seen.total),
            seen.name(frame.node),
        ));
        lines.extend(frame.callees.iter().map(|edge| call(edge, edge.to)));
    }
    if !tree.trimmed.graph.nodes.is_empty() {
        lines.push(RULER.to_owned());
    }
    lines.join("\n") + "\n"
}
