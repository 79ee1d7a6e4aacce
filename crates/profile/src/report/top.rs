//! The table of frames.

use super::{header, unit_for};
use crate::graph::{Calls, Style, Trim, Trimmed, trimmed_with};
use crate::units::{Shown, percentage};
use crate::view::{NodeIdx, Seen};

/// How a frame came to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineMark {
    /// Never inlined.
    Never,
    /// Inlined by some callers.
    Partly,
    /// By all.
    Always,
}

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopRow {
    /// Which.
    pub node: NodeIdx,
    /// What it is worth itself.
    pub flat: i64,
    /// What this row and all above it are worth.
    pub sum: i64,
    /// What it is worth with all it called.
    pub cum: i64,
    /// Whether it was inlined.
    pub inlined: InlineMark,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Top {
    /// The frames, in the order that was asked for.
    pub rows: Vec<TopRow>,
    /// The graph they are of, without the calls of frames that were never inlined.
    pub trimmed: Trimmed,
    /// The unit for all values.
    pub shown: Shown,
}

/// Makes the table.
pub fn top(seen: &Seen, trim: &Trim) -> Top {
    let trimmed = trimmed_with(seen, trim, Style::Table, Calls::OfInlined);
    let graph = &trimmed.graph;
    let mut sum = 0_i64;
    let rows = graph.nodes.iter().map(|node| {
        let inlined = node.incoming.iter().filter(|row| graph.edges[**row].inlined).count();
        let (flat, cum) = (node.flat.shown(), node.cum.shown());
        sum = sum.wrapping_add(flat);
        let inlined = match inlined {
            0 => InlineMark::Never,
            count if count == node.incoming.len() => InlineMark::Always,
            _ => InlineMark::Partly,
        };
        TopRow { node: node.node, flat, sum, cum, inlined }
    });
    let rows = rows.collect();
    let shown = unit_for(seen, &graph.nodes);
    Top { rows, trimmed, shown }
}

/// The table as text.
pub fn top_text(seen: &Seen, top: &Top) -> String {
    let mut lines = header::graph_lines(seen, &top.trimmed, &top.shown);
    lines.push(format!("{:>10} {:>5}% {:>5}% {:>10} {:>5}%", "flat", "flat", "sum", "cum", "cum"));
    for row in &top.rows {
        let value = |value: i64| seen.label(value, &top.shown);
        let share = |value: i64| percentage(value, seen.total);
        let mark = match row.inlined {
            InlineMark::Never => "",
            InlineMark::Partly => " (partial-inline)",
            InlineMark::Always => " (inline)",
        };
        lines.push(format!(
            "{:>10} {} {} {:>10} {}  {}{mark}",
            value(row.flat),
            share(row.flat),
            share(row.sum),
            value(row.cum),
            share(row.cum),
            seen.name(row.node),
        ));
    }
    lines.join("\n") + "\n"
}
