//! Which nodes and edges of a graph are shown.
//!
//! 1. Nodes whose cum is below a share of all flats go; the graph is made again of the others.
//! 2. The rest is sorted, and if there may only be so many nodes, edges below their share go first, as they count in
//!    the order of pictures; the graph is made again of the first nodes.
//! 3. Edges below their share go. Of a picture, so do residual edges between nodes that are joined in another way.

use super::order::{self, Order};
use super::pictured;
use super::{Graph, GraphNode};
use crate::view::{NodeIdx, Seen};
use std::collections::VecDeque;

/// How much of a graph is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trim {
    /// The most nodes; 0 for no limit.
    pub nodes: usize,
    /// Nodes with a smaller share are not shown.
    pub node_fraction: f64,
    /// Edges with a smaller share are not shown.
    pub edge_fraction: f64,
    /// The order of tables.
    pub order: Order,
}

impl Default for Trim {
    fn default() -> Self {
        Trim { nodes: 0, node_fraction: 0.005, edge_fraction: 0.001, order: Order::Flat }
    }
}

impl Trim {
    /// Everything.
    pub const NOTHING: Trim = Trim { nodes: 0, node_fraction: 0.0, edge_fraction: 0.0, order: Order::Flat };
}

/// What the graph is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A table.
    Table,
    /// A picture: other nodes are of interest, labels take room, and it must not be cluttered.
    Picture,
}

/// A graph and what is not shown of it.
#[derive(Clone, Debug)]
pub struct Trimmed {
    /// What is shown.
    pub graph: Graph,
    /// How many nodes are large enough to be shown.
    pub candidates: usize,
    /// How many are not.
    pub dropped_nodes: usize,
    /// How many edges are not.
    pub dropped_edges: usize,
    /// The share below which a node was dropped.
    pub node_fraction: f64,
    /// The share below which an edge was dropped.
    pub edge_fraction: f64,
}

/// The part of the graph that is worth showing.
pub fn trimmed(seen: &Seen, trim: &Trim, style: Style) -> Trimmed {
    let build = |kept: Option<&[bool]>| {
        let mut graph = Graph::new(seen, kept);
        if style == Style::Picture {
            pictured::add_tags(seen, &mut graph, kept);
        }
        graph
    };
    let mut graph = build(None);
    let sum = graph.flat_sum();
    let (node_cut, edge_cut) = (cut(sum, trim.node_fraction), cut(sum, trim.edge_fraction));
    let mut dropped_nodes = 0;
    if node_cut > 0 {
        let kept: Vec<NodeIdx> =
            graph.nodes.iter().filter(|node| size(node.cum.value) >= node_cut).map(|node| node.node).collect();
        dropped_nodes = graph.nodes.len() - kept.len();
        if dropped_nodes > 0 {
            graph = build(Some(&marks(seen, &kept)));
        }
    }
    let candidates = graph.nodes.len();
    let sort = |graph: &mut Graph| match style {
        Style::Table => order::sort(seen, graph, trim.order),
        Style::Picture => order::sort_for_picture(seen, graph),
    };
    sort(&mut graph);
    if trim.nodes > 0 {
        pictured::drop_tags(&mut graph, node_cut);
        drop_edges(&mut graph, edge_cut);
        let room = match style {
            Style::Table => trim.nodes,
            Style::Picture => pictured::nodes_in(&graph, trim.nodes),
        };
        if room < graph.nodes.len() {
            let kept: Vec<NodeIdx> = graph.nodes[..room].iter().map(|node| node.node).collect();
            graph = build(Some(&marks(seen, &kept)));
            sort(&mut graph);
        }
    }
    pictured::drop_tags(&mut graph, node_cut);
    let dropped_edges = drop_edges(&mut graph, edge_cut);
    if style == Style::Picture {
        drop_redundant(seen, &mut graph);
    }
    let Trim { node_fraction, edge_fraction, .. } = *trim;
    Trimmed { graph, candidates, dropped_nodes, dropped_edges, node_fraction, edge_fraction }
}

/// The value that a share of a total is.
pub(crate) fn cut(total: i64, fraction: f64) -> i64 {
    ((total as f64 * fraction) as i64).wrapping_abs()
}

pub(super) fn size(value: i64) -> i64 {
    value.wrapping_abs()
}

fn marks(seen: &Seen, kept: &[NodeIdx]) -> Vec<bool> {
    let mut marks = vec![false; seen.nodes.len()];
    for node in kept {
        marks[node.row()] = true;
    }
    marks
}

/// Takes edges below the cut out of the lists of their nodes. Those of nodes that are not shown are not counted.
fn drop_edges(graph: &mut Graph, edge_cut: i64) -> usize {
    let mut dropped = vec![false; graph.edges.len()];
    for node in &graph.nodes {
        for row in &node.incoming {
            dropped[*row] = size(graph.edges[*row].weight.value) < edge_cut;
        }
    }
    for node in &mut graph.nodes {
        node.incoming.retain(|row| !dropped[*row]);
        node.outgoing.retain(|row| !dropped[*row]);
    }
    dropped.iter().filter(|dropped| **dropped).count()
}

/// Drops residual edges whose ends are joined in another way: from the last node up, from the lightest edge up, until
/// one that is not residual.
fn drop_redundant(seen: &Seen, graph: &mut Graph) {
    let mut rows: Vec<Option<usize>> = vec![None; seen.nodes.len()];
    for (row, node) in graph.nodes.iter().enumerate() {
        rows[node.node.row()] = Some(row);
    }
    for at in (0..graph.nodes.len()).rev() {
        for edge in graph.nodes[at].incoming.clone().into_iter().rev() {
            if !graph.edges[edge].residual {
                break;
            }
            if !joined_otherwise(graph, &rows, edge) {
                continue;
            }
            let from = rows[graph.edges[edge].from.row()];
            graph.nodes[at].incoming.retain(|row| *row != edge);
            if let Some(from) = from {
                graph.nodes[from].outgoing.retain(|row| *row != edge);
            }
        }
    }
}

/// Whether the callee of an edge is reached from its caller without it.
fn joined_otherwise(graph: &Graph, rows: &[Option<usize>], edge: usize) -> bool {
    let (from, to) = (graph.edges[edge].from, graph.edges[edge].to);
    let incoming = |node: NodeIdx| -> &[usize] {
        rows[node.row()].map_or(&[], |row| {
            let node: &GraphNode = &graph.nodes[row];
            &node.incoming
        })
    };
    let mut seen = vec![false; rows.len()];
    seen[to.row()] = true;
    let mut queue = VecDeque::from([to]);
    while let Some(node) = queue.pop_front() {
        for row in incoming(node).iter().filter(|row| **row != edge) {
            let caller = graph.edges[*row].from;
            if caller == from {
                return true;
            }
            if !std::mem::replace(&mut seen[caller.row()], true) {
                queue.push_back(caller);
            }
        }
    }
    false
}
