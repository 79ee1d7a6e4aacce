//! Call graphs, in the language of Graphviz, which the page lays out itself.

use goroscope_profile::graph::{Style, Trim, trimmed};
use goroscope_profile::units::{Shown, percentage};
use goroscope_profile::view::{NodeIdx, Seen};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Who calls whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphView {
    /// The picture to be.
    pub dot: String,
    /// The functions in it.
    pub nodes: Vec<GraphRow>,
    /// The calls in it.
    pub edges: Vec<GraphEdge>,
    /// How many functions are not in it.
    pub hidden_nodes: usize,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphRow {
    /// What the picture calls it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its file, if frames are told apart by that.
    pub file: String,
    /// What it is worth itself.
    pub flat: i64,
    /// With all it called.
    pub cum: i64,
}

/// Calls of one function by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphEdge {
    /// The caller.
    pub from: String,
    /// The called.
    pub to: String,
    /// What the calls are worth.
    pub value: i64,
    /// Whether functions between the two are not in the picture.
    pub residual: bool,
}

pub(super) fn of(seen: &Seen, nodes: usize) -> GraphView {
    let trimmed = trimmed(seen, &Trim { nodes, ..Trim::default() }, Style::Picture);
    let graph = &trimmed.graph;
    let ids: HashMap<NodeIdx, String> =
        graph.nodes.iter().enumerate().map(|(place, node)| (node.node, format!("N{}", place + 1))).collect();
    let id = |node: NodeIdx| ids.get(&node).cloned().unwrap_or_default();
    let rows: Vec<GraphRow> = (graph.nodes.iter())
        .map(|node| GraphRow {
            id: id(node.node),
            name: seen.name(node.node).to_owned(),
            file: seen.profile().text(seen.nodes()[node.node.row()].file).to_owned(),
            flat: node.flat.shown(),
            cum: node.cum.shown(),
        })
        .collect();
    let outgoing = graph.nodes.iter().flat_map(|node| &node.outgoing);
    let edges: Vec<GraphEdge> = outgoing
        .filter_map(|&row| graph.edges.get(row))
        .filter(|edge| ids.contains_key(&edge.from) && ids.contains_key(&edge.to))
        .map(|edge| GraphEdge {
            from: id(edge.from),
            to: id(edge.to),
            value: edge.weight.shown(),
            residual: edge.residual,
        })
        .collect();
    let hidden_nodes = seen.nodes().len().saturating_sub(rows.len());
    GraphView { dot: dot(seen, &rows, &edges), nodes: rows, edges, hidden_nodes }
}

/// The larger what a function is worth, the larger its text; the more it is worth with all it called, the redder its box.
fn dot(seen: &Seen, rows: &[GraphRow], edges: &[GraphEdge]) -> String {
    let total = seen.total().unsigned_abs().max(1) as f64;
    let largest = rows.iter().map(|row| row.flat.unsigned_abs()).max().unwrap_or_default().max(1) as f64;
    let value = |value: i64| seen.label(value, &Shown::Auto);
    let share = |value: i64| percentage(value, seen.total()).trim().to_owned();
    let mut text =
        String::from("digraph calls {\nnode [shape=box fontname=\"sans-serif\"]\nedge [fontname=\"sans-serif\"]\n");
    for row in rows {
        let mut label = quoted(&row.name);
        if row.flat != 0 {
            let _ = write!(label, "\\n{} ({})", value(row.flat), share(row.flat));
        }
        if row.cum != row.flat {
            let of = if row.flat == 0 { "0 of" } else { "of" };
            let _ = write!(label, "\\n{of} {} ({})", value(row.cum), share(row.cum));
        }
        let size = 8.0 + (16.0 * (row.flat.unsigned_abs() as f64 / largest).sqrt()).ceil();
        let heat = (row.cum.unsigned_abs() as f64 / total).min(1.0).powf(0.3);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} [id=\"{}\" label=\"{label}\" tooltip=\"{} ({})\" fontsize={size} style=filled color=\"0.0 {heat:.3} 0.7\" \
             fillcolor=\"0.0 {:.3} 0.93\"]",
            row.id,
            row.id,
            quoted(&row.name),
            value(row.cum),
            heat * 0.2,
        );
    }
    for edge in edges {
        let part = edge.value.unsigned_abs() as f64 / total;
        let style = if edge.residual { " style=dotted" } else { "" };
        let _ = writeln!(
            text,
            "{} -> {} [label=\" {}\" weight={} penwidth={:.2}{style}]",
            edge.from,
            edge.to,
            value(edge.value),
            1 + (100.0 * part).min(100.0) as u32,
            1.0 + (5.0 * part).min(5.0),
        );
    }
    text + "}\n"
}

/// A text as it stands between double quotes.
fn quoted(text: &str) -> String {
    text.chars().fold(String::new(), |mut quoted, c| {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
        quoted
    })
}
